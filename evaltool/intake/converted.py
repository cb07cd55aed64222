"""A county's .xls or .et as a workbook that can be marked, filled in further and sent again.

Where its sheets stand as in a fresh template, the county's cells are laid over one, so that drop-downs, protection and
colours are there again; elsewhere the cells are taken over one by one with formats, merges and what is hidden.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from copy import copy
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.books.biff import UNDECODED
from evaltool.books.book import At, Book, Cell, Piece, Sheet
from evaltool.books.expressions import take_apart
from evaltool.intake import layout
from evaltool.intake.opened import anchored
from evaltool.intake.templates import styling as look
from evaltool.intake.templates.county_template import build
from evaltool.scheme import Scheme

NARROWEST, WIDEST = 6, 48  # of columns, in characters
_LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_WRAP = Alignment(wrap_text=True, vertical="center")


def as_workbook(book: Book, scheme: Scheme | None = None) -> Workbook:
    """The cells of `book` as an .xlsx. Formulas come without stored values; who opens it has them worked out."""
    fresh = _template(book, scheme) if scheme is not None else None
    if fresh is None:
        made = Workbook()
        made.remove(made.worksheets[0])
    else:
        made = fresh
    for sheet in book.sheets:
        if sheet.title in made.sheetnames:
            _lay_over(made[sheet.title], sheet)
        else:
            _take_over(made.create_sheet(sheet.title), sheet)
    if all(page.sheet_state != "visible" for page in made.worksheets):
        made.worksheets[0].sheet_state = "visible"
    return made


def _template(book: Book, scheme: Scheme) -> Workbook | None:
    """A fresh template of the same county, or None where the county's workbook does not stand like one."""
    ours = anchored(book)
    stamp = ours.stamp
    if (stamp.get("kind"), stamp.get("digest")) != (layout.COUNTY_BOOK, scheme.digest):
        return None
    fresh = build(scheme, {key: stamp.get(key, "") for key in ("code", "name", "city")}, {})
    sheets = {sheet.title: sheet for sheet in ours.sheets}
    for page in fresh.worksheets:
        if page.title == layout.STAMP_SHEET:
            if page.title not in (sheet.title for sheet in book.sheets):
                return None
            continue
        sheet = sheets.get(page.title)
        down = _anchors((int(cell.row or 0), cell.value) for cell in page["A"])
        across = _anchors((int(cell.column or 0), cell.value) for cell in page[1])
        corner = {str(page.cell(1, 1).value): [1]}
        if sheet is None or (corner | sheet.rows, corner | sheet.columns) != (down, across):
            return None
        if sheet.name != str(page.cell(1, 1).value).removeprefix("sheet:") or (1, 1) not in sheet.cells:
            return None
    return fresh


def _anchors(cells: Iterable[tuple[int, Any]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, value in cells:
        if value is not None:
            found.setdefault(str(value), []).append(place)
    return found


def _lay_over(page: Worksheet, sheet: Sheet) -> None:
    """The county's cells on a page of the template; what the county has emptied is empty."""
    merged, theirs = {str(part) for part in page.merged_cells.ranges}, set(sheet.merges.values())
    for name in sorted(merged - theirs):
        page.unmerge_cells(name)
    _merge(page, sheet, theirs - merged)
    there: dict[At, Any] = page._cells  # noqa: SLF001 – those that stand there, and no others
    for at, cell in list(there.items()):
        if cell.value is not None and at not in sheet.cells and not isinstance(cell, MergedCell):
            cell.value = None
    for at, theirs_cell in sheet.cells.items():
        _put(page.cell(*at), theirs_cell, sheet.pieces.get(at, ()))
    _hide(page, sheet)


def _take_over(page: Worksheet, sheet: Sheet) -> None:
    """The county's cells on an empty page."""
    widths: dict[int, int] = {}
    for at, cell in sheet.cells.items():
        made = page.cell(*at)
        _put(made, cell, sheet.pieces.get(at, ()))
        made.alignment = _WRAP
        if not sheet.merges.get(at):
            widths[at[1]] = max(widths.get(at[1], 0), look.text_width(str(cell.raw if cell.raw is not None else "")))
    for column, width in widths.items():
        page.column_dimensions[get_column_letter(column)].width = min(max(width + 2, NARROWEST), WIDEST)
    _merge(page, sheet, set(sheet.merges.values()))
    _hide(page, sheet)


def _merge(page: Worksheet, sheet: Sheet, names: set[str]) -> None:
    """The county's merged ranges, as far as cells stand: openpyxl makes a cell of every place in them."""
    spans: dict[str, list[At]] = {}
    for at, name in sheet.merges.items():
        if name in names:
            spans.setdefault(name, []).append(at)
    for places in spans.values():
        (top, bottom), (left, right) = ((min(side), max(side)) for side in zip(*places, strict=True))
        if (top, left) != (bottom, right):
            page.merge_cells(start_row=top, end_row=bottom, start_column=left, end_column=right)


def _hide(page: Worksheet, sheet: Sheet) -> None:
    state: Any = sheet.state
    page.sheet_state = state if page.title != layout.STAMP_SHEET else "veryHidden"
    last = max(sheet.filled_rows, default=0)
    for row in sorted(sheet.hidden_rows):
        if row <= last:
            page.row_dimensions[row].hidden = True
    for column in sorted(sheet.hidden_columns):
        page.column_dimensions[get_column_letter(column)].hidden = True


def _put(made: Any, cell: Cell, pieces: tuple[Piece, ...]) -> None:
    """One cell as the county has it; text stays text whatever it looks like."""
    if isinstance(made, MergedCell):
        return
    raw = cell.raw
    if cell.formula and cell.formula != UNDECODED:
        made.value = kept_formula(cell.formula)
        made.data_type = "f" if made.value == cell.formula else "s"
    elif isinstance(raw, str):
        put_text(made, cell, pieces)
    else:
        made.value = raw
    if made.number_format != cell.format and not (cell.format == "General" and isinstance(raw, dt.date | dt.time)):
        made.number_format = cell.format
    if cell.struck == "all" or (cell.struck and not pieces):
        font = copy(made.font)
        font.strike = True  # all of it, where nobody knows which part: what is refused is so in the copy too
        made.font = font


def put_text(made: Any, cell: Cell, pieces: tuple[Piece, ...]) -> None:
    """A text, with what is struck out or raised in it; an error as one that spreadsheet programs know."""
    raw = str(cell.raw)
    if cell.error:
        made.value, made.data_type = (raw if raw in ERROR_CODES else "#VALUE!"), "e"
    elif pieces:
        made.value = CellRichText([TextBlock(_font(piece), written(piece.text)) for piece in pieces if piece.text])
    else:
        made.value = written(raw)
        made.data_type = "s"


def _font(piece: Piece) -> InlineFont:
    return InlineFont(strike=piece.struck, vertAlign="superscript" if piece.raised else None)


def written(text: str) -> str:
    """A text as an .xlsx spells it: a character that XML cannot hold, or that it changes, by its number."""
    text = _LIKE_ESCAPED.sub("_x005F_", text).replace("\r", "_x000D_")
    return ILLEGAL_CHARACTERS_RE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def kept_formula(formula: str) -> str:
    """A formula as it may stand in a copy: one that needs another file becomes text, since the copy keeps no links."""
    return f"公式 {formula}" if take_apart(formula).foreign else formula
