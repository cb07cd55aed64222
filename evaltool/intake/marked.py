"""A county's workbook sent back: problem cells coloured and commented, all problems listed on a sheet of their own.

What the county filled in stays as it is, formulas and their stored values included; the copy can be filled in further
and returned, and read without a change it says what the original says. openpyxl keeps no pictures and no embedded
documents; the file as it came is kept elsewhere. An .xls or .et comes back as .xlsx. Nothing that needs
another file stays in the copy.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as OneCell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.books.book import Book, BookError
from evaltool.books.looking import Sealed, look, shown_name
from evaltool.books.opening import read_book
from evaltool.books.xlsx_parts import unescaped
from evaltool.facts import Facts
from evaltool.files import write_bytes
from evaltool.intake import layout
from evaltool.intake.converted import as_workbook, kept_formula, put_text
from evaltool.intake.stored_values import with_stored_values
from evaltool.intake.templates import styling
from evaltool.problems import LEVELS, Problem
from evaltool.scheme import Scheme

PAGE, TITLE, AUTHOR = "problems", "问题清单", "evaltool"
WAS = "\n—— 原批注 ——\n"
FILLS = {
    "stop": PatternFill("solid", start_color="FFFFC7CE"),
    "count": PatternFill("solid", start_color="FFFFC7CE"),
    "note": PatternFill("solid", start_color="FFFFE699"),
}
LINK = Font(name=styling.BODY, size=10, color="FF0563C1", underline="single")
COLUMNS = {
    "no": ("序号", 5), "level": ("程度", 8), "code": ("代码", 7), "sheet": ("工作表", 16), "cell": ("单元格", 9),
    "what": ("问题", 46), "why": ("为什么要紧", 34), "do": ("怎么办", 34), "clause": ("依据条款", 30),
    "at": ("", 5), "fill": ("", 5),
}  # fmt: skip


def mark(
    source: str | Path, problems: Facts | Iterable[Problem], target: str | Path, scheme: Scheme | None = None
) -> Path | None:
    """Writes the marked copy of the workbook `source`; None where the file cannot be opened at all (encrypted, broken).

    problems   those of this workbook are picked out by its file name
    target     an .xls or .et is written as `target` with .xlsx behind it
    scheme     of the facts if they are given; with it an .xls gets the drop-downs and colours of its template back
    """
    path, target = Path(source), Path(target)
    name = shown_name(path)
    found = problems.problems if isinstance(problems, Facts) else problems
    mine = [problem for problem in found if problem.place.workbook == name]
    sealed = look(path)
    if sealed.problem is not None or sealed.kind not in ("xlsx", "xls"):
        return None
    try:
        known = read_book(sealed, name)
    except BookError:
        known = None
    book, kept = _opened(sealed, known, problems.scheme if isinstance(problems, Facts) else scheme)
    if book is None:
        return None
    if not kept:
        target = target.with_name(f"{target.name}.xlsx") if sealed.kind == "xls" else target
    _unmark(book)
    _cut_links(book)
    fills = _colour(book, mine)
    was = (
        ""
        if kept
        else f"原件 {name} {'是旧格式' if sealed.kind == 'xls' else '的写法少见'}，内容已抄进本件，请在本件上改。"
    )
    _list_page(book, mine, fills, was)
    data = styling.workbook_bytes(book)
    return write_bytes(target, data if known is None else with_stored_values(data, book, known))


def _opened(sealed: Sealed, known: Book | None, scheme: Scheme | None) -> tuple[Workbook | None, bool]:
    """The workbook, and whether it is the county's own and not one into which its cells were copied.

    known  what our reader reads in it, None where it cannot
    """
    if sealed.kind == "xlsx":
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about parts that openpyxl does not keep
                book = load_workbook(io.BytesIO(sealed.data), keep_links=False, rich_text=True)
                if known is not None:
                    _as_read(book, known)
                return book, True
        except Exception:  # noqa: BLE001, S110 – openpyxl raises anything over an unusual part; our reader may do
            pass
    return (None, False) if known is None else (as_workbook(known, scheme), False)


def _as_read(book: Workbook, known: Book) -> None:
    """Puts right what openpyxl reads otherwise than our reader does: what is written must read the same again."""
    for sheet in known.sheets:
        page = book[sheet.title]
        for at, cell in sheet.cells.items():
            made: Any = page._cells.get(at)  # noqa: SLF001
            if made is None or isinstance(made, MergedCell):  # a value under a merged range, which openpyxl leaves out
                made = page._cells[at] = OneCell(page, *at)  # noqa: SLF001
                made.number_format = cell.format
            if cell.formula:
                continue  # openpyxl keeps them; what it holds of an array is what was stored
            if isinstance(cell.raw, str):
                if cell.error or made.data_type != "s" or unescaped(str(made.value)) != cell.raw:
                    put_text(made, cell, sheet.pieces.get(at, ()))
            elif cell.written:
                made._value, made.data_type = cell.written, "n"  # noqa: SLF001 – openpyxl cuts to 16 digits
            elif isinstance(cell.raw, dt.date | dt.time | dt.timedelta):
                made.value = cell.raw  # written out as a date, which openpyxl would make a bare number


def _cut_links(book: Workbook) -> None:
    """Takes out what needs a file that the copy does not bring along: Excel would call the copy damaged."""
    for page in book.worksheets:
        for cell in _cells(page):
            if cell.data_type == "f" and isinstance(cell.value, str) and kept_formula(cell.value) != cell.value:
                cell.value, cell.data_type = kept_formula(cell.value), "s"
        checks = page.data_validations
        checks.dataValidation = [
            check
            for check in checks.dataValidation
            if not _elsewhere(check.formula1) and not _elsewhere(check.formula2)
        ]
    for names in (book.defined_names, *(page.defined_names for page in book.worksheets)):
        for key in [key for key, defined in names.items() if _elsewhere(defined.value)]:
            del names[key]


def _elsewhere(formula: str | None) -> bool:
    return bool(formula) and kept_formula(f"={formula}") != f"={formula}"


def _cells(page: Worksheet) -> list[Any]:
    """The cells that exist. Going over rows would make a million where one stands in the last."""
    return list(page._cells.values())  # noqa: SLF001


def _unmark(book: Workbook) -> None:
    """Takes an earlier marking off: colours as they were, our comments gone, the list removed."""
    pages = {page.title: page for page in book.worksheets}
    for sheet in list(book.worksheets):
        said = {(cell.row, cell.column): str(cell.value or "") for cell in _cells(sheet)}
        if said.get((1, 1)) != layout.corner(PAGE):
            continue
        columns = {text: column for (row, column), text in said.items() if row == 1}
        for (row, column), text in said.items():
            title, _, place = text.rpartition("!")
            page = pages.get(title)
            if column != columns.get("at") or page is None or _place(place) not in page._cells:  # noqa: SLF001
                continue  # what a county writes into the list makes no new cells
            colour = said.get((row, columns.get("fill", 0)), "")
            solid = re.fullmatch(r"[0-9A-F]{8}", colour)
            _shown(page, place).fill = PatternFill("solid", start_color=colour) if solid else PatternFill()
        if len(book.worksheets) > 1:
            book.remove(sheet)
    for page in book.worksheets:
        for cell in _cells(page):
            if not isinstance(cell, MergedCell) and cell.comment and cell.comment.author == AUTHOR:
                own = cell.comment.text.partition(WAS)[2]
                cell.comment = Comment(own, "") if own else None


def _place(address: str) -> tuple[int, int]:
    """Row and column of an address, (0, 0) for what is none."""
    found = re.fullmatch(r"([A-Z]{1,3})([1-9]\d{0,6})", address)
    return (int(found[2]), column_index_from_string(found[1])) if found else (0, 0)


def _colour(book: Workbook, problems: list[Problem]) -> dict[tuple[str, str], str]:
    """Colours and comments the cells; returns what colour each was."""
    pages = {page.title: page for page in book.worksheets}
    by_cell: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        if problem.place.sheet in pages and problem.place.cell:
            by_cell.setdefault((problem.place.sheet, problem.place.cell), []).append(problem)
    fills = {}
    for (title, address), found in by_cell.items():
        cell = _shown(pages[title], address)
        solid = cell.fill.fill_type == "solid" and isinstance(cell.fill.start_color.rgb, str)
        fills[title, address] = cell.fill.start_color.rgb if solid else ""
        cell.fill = FILLS[min((p.level for p in found), key=list(LEVELS).index)]
        text = "\n\n".join(_comment(problem) for problem in found)
        if cell.comment and cell.comment.text:
            text += WAS + cell.comment.text
        cell.comment = Comment(text, AUTHOR, width=340, height=40 + 17 * styling.lines(text, 44))
    return fills


def _shown(page: Worksheet, address: str) -> Any:
    """The cell at an address; in a merged range the one that is seen."""
    cell: Any = page[address]
    if isinstance(cell, MergedCell):
        part = next(part for part in page.merged_cells.ranges if address in part)
        cell = page.cell(part.min_row, part.min_col)
    return cell


def _comment(problem: Problem) -> str:
    parts = [f"【{LEVELS[problem.level]} {problem.code}】{problem.what}"]
    parts += [f"{label}：{text}" for label, text in (("原因", problem.why), ("怎么办", problem.do)) if text]
    return "\n".join(parts)


def _list_page(book: Workbook, problems: list[Problem], fills: dict[tuple[str, str], str], was: str) -> None:
    """The first sheet: all problems with links to their cells; `was` says what became of the original."""
    title = TITLE
    while title in book.sheetnames:
        title += "_"
    sheet: Worksheet = book.create_sheet(title, 0)
    places = styling.anchor_column(sheet, PAGE, [(key, width) for key, (_, width) in COLUMNS.items()])
    levels = [problem.level for problem in problems]
    counts = "，".join(f"{word} {levels.count(level)}" for level, word in LEVELS.items() if level in levels)
    note = f"{counts or '没有问题'}。红色的格要补正，黄色的格请核对；改好后保存本文件再报，本页不用删。{was}"
    styling.heading(sheet, TITLE, note, len(places) - 1)
    styling.head_row(sheet, 4, [(places[key], label) for key, (label, _) in COLUMNS.items() if label])
    for number, problem in enumerate(problems, 1):
        row, place = 4 + number, problem.place
        texts = {
            "no": number, "level": LEVELS[problem.level], "code": problem.code, "sheet": place.sheet,
            "cell": place.cell,
            "what": problem.what, "why": problem.why, "do": problem.do, "clause": problem.clause,
        }  # fmt: skip
        for key, text in texts.items():
            align = styling.CENTRE if key in ("no", "level", "code", "cell") else styling.WRAP
            fill = FILLS[problem.level] if key == "level" else None
            styling.put(sheet, row, places[key], text, align=align, fill=fill)
        if (place.sheet, place.cell) in fills:
            cell = sheet.cell(row, places["cell"])
            quoted = place.sheet.replace("'", "''")
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{place.cell}", display=place.cell)
            cell.font = LINK
            sheet.cell(row, places["at"]).value = f"{place.sheet}!{place.cell}"
            sheet.cell(row, places["fill"]).value = fills[place.sheet, place.cell]
        most = max(styling.lines(str(texts[key]), COLUMNS[key][1]) for key in ("sheet", "what", "why", "do", "clause"))
        sheet.row_dimensions[row].height = max(20.0, 13.5 * most + 5)
    for key in ("at", "fill"):
        sheet.column_dimensions[get_column_letter(places[key])].hidden = True
    sheet.freeze_panes = "A5"
    styling.finish(sheet, landscape=True, titles="4:4", footer=TITLE)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = sheet
