"""A county's workbook sent back: problem cells coloured and commented, all problems listed on a sheet of their own.

What the county filled in stays as it is, formulas included; the copy can be filled in further and returned. openpyxl
keeps no pictures and no stored formula values (the county's program works them out again on opening); the file as it
came is kept elsewhere.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.books.gate import gate
from evaltool.facts import Facts
from evaltool.files import write_bytes
from evaltool.intake import layout
from evaltool.intake import styling as look
from evaltool.problems import LEVELS, Problem

PAGE, TITLE, AUTHOR = "problems", "问题清单", "evaltool"
WAS = "\n—— 原批注 ——\n"
FILLS = {
    "stop": PatternFill("solid", start_color="FFFFC7CE"),
    "count": PatternFill("solid", start_color="FFFFC7CE"),
    "note": PatternFill("solid", start_color="FFFFE699"),
}
LINK = Font(name=look.BODY, size=10, color="FF0563C1", underline="single")
COLUMNS = {
    "no": ("序号", 5), "level": ("程度", 8), "code": ("代码", 7), "sheet": ("工作表", 16), "cell": ("单元格", 9),
    "what": ("问题", 46), "why": ("为什么要紧", 34), "do": ("怎么办", 34), "clause": ("依据条款", 30),
    "at": ("", 5), "fill": ("", 5),
}  # fmt: skip


def mark(source: str | Path, problems: Facts | Iterable[Problem], target: str | Path) -> Path | None:
    """Writes the marked copy of the workbook `source`; None where the file cannot be opened at all (encrypted, broken).

    problems   those of this workbook are picked out by its file name
    """
    path = Path(source)
    data = path.read_bytes()
    found = problems.problems if isinstance(problems, Facts) else problems
    mine = [problem for problem in found if problem.place.workbook == path.name]
    if gate(data, path.name):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts that openpyxl does not keep
            book = load_workbook(io.BytesIO(data), keep_links=False)
    except Exception:  # noqa: BLE001 – openpyxl raises whatever the broken part leads it to
        return None
    _unmark(book)
    fills = _colour(book, mine)
    _list_page(book, mine, fills)
    return write_bytes(target, look.workbook_bytes(book))


def _unmark(book: Workbook) -> None:
    """Takes an earlier marking off: colours as they were, our comments gone, the list removed."""
    for sheet in list(book.worksheets):
        if sheet.cell(1, 1).value != layout.corner(PAGE):
            continue
        columns = {str(cell.value): cell.column for cell in sheet[1] if cell.value}
        for row in range(2, sheet.max_row + 1):
            title, _, address = str(sheet.cell(row, columns.get("at", 1)).value or "").rpartition("!")
            if title in book.sheetnames and re.fullmatch(r"[A-Z]{1,3}\d{1,7}", address):
                colour = str(sheet.cell(row, columns["fill"]).value or "")
                book[title][address].fill = PatternFill("solid", start_color=colour) if colour else PatternFill()
        book.remove(sheet)
    for page in book.worksheets:
        for cells in page.iter_rows():
            for cell in cells:
                if cell.comment and cell.comment.author == AUTHOR:
                    own = cell.comment.text.partition(WAS)[2]
                    cell.comment = Comment(own, "") if own else None


def _colour(book: Workbook, problems: list[Problem]) -> dict[tuple[str, str], str]:
    """Colours and comments the cells; returns what colour each was."""
    by_cell: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        if problem.place.sheet in book.sheetnames and problem.place.cell:
            by_cell.setdefault((problem.place.sheet, problem.place.cell), []).append(problem)
    fills = {}
    for (title, address), found in by_cell.items():
        cell = book[title][address]
        solid = cell.fill.fill_type == "solid" and isinstance(cell.fill.start_color.rgb, str)
        fills[title, address] = cell.fill.start_color.rgb if solid else ""
        cell.fill = FILLS[min((p.level for p in found), key=list(LEVELS).index)]
        text = "\n\n".join(_comment(problem) for problem in found)
        if cell.comment and cell.comment.text:
            text += WAS + cell.comment.text
        cell.comment = Comment(text, AUTHOR, width=340, height=40 + 17 * look.lines(text, 44))
    return fills


def _comment(problem: Problem) -> str:
    parts = [f"【{LEVELS[problem.level]} {problem.code}】{problem.what}"]
    parts += [f"{label}：{text}" for label, text in (("原因", problem.why), ("怎么办", problem.do)) if text]
    return "\n".join(parts)


def _list_page(book: Workbook, problems: list[Problem], fills: dict[tuple[str, str], str]) -> None:
    title = TITLE
    while title in book.sheetnames:
        title += "_"
    sheet: Worksheet = book.create_sheet(title, 0)
    places = look.anchor_column(sheet, PAGE, [(key, width) for key, (_, width) in COLUMNS.items()])
    levels = [problem.level for problem in problems]
    counts = "，".join(f"{word} {levels.count(level)}" for level, word in LEVELS.items() if level in levels)
    note = f"{counts or '没有问题'}。红色的格要补正，黄色的格请核对；改好后保存本文件再报，本页不用删。"
    look.heading(sheet, TITLE, note, len(places) - 1)
    look.head_row(sheet, 4, [(places[key], label) for key, (label, _) in COLUMNS.items() if label])
    for number, problem in enumerate(problems, 1):
        row, place = 4 + number, problem.place
        texts = {
            "no": number, "level": LEVELS[problem.level], "code": problem.code, "sheet": place.sheet,
            "cell": place.cell,
            "what": problem.what, "why": problem.why, "do": problem.do, "clause": problem.clause,
        }  # fmt: skip
        for key, text in texts.items():
            align = look.CENTRE if key in ("no", "level", "code", "cell") else look.WRAP
            fill = FILLS[problem.level] if key == "level" else None
            look.put(sheet, row, places[key], text, align=align, fill=fill)
        if (place.sheet, place.cell) in fills:
            cell = sheet.cell(row, places["cell"])
            quoted = place.sheet.replace("'", "''")
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{place.cell}", display=place.cell)
            cell.font = LINK
            sheet.cell(row, places["at"]).value = f"{place.sheet}!{place.cell}"
            sheet.cell(row, places["fill"]).value = fills[place.sheet, place.cell]
        most = max(look.lines(str(texts[key]), COLUMNS[key][1]) for key in ("sheet", "what", "why", "do", "clause"))
        sheet.row_dimensions[row].height = max(20.0, 13.5 * most + 5)
    for key in ("at", "fill"):
        sheet.column_dimensions[get_column_letter(places[key])].hidden = True
    sheet.freeze_panes = "A5"
    look.finish(sheet, landscape=True, titles="4:4", footer=TITLE)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    book.active = sheet
