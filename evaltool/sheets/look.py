"""How sheets look and print: what is a number, what stays text, heights, widths, pages."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.files import steady_zip, write_bytes
from evaltool.sheets.tables import Sheet, Undecided

FACE = "微软雅黑"
PAGE = 112.0  # characters that A4 landscape takes at full size in LibreOffice; Excel takes a third more
TALLEST = 409.0  # the highest row that Excel allows
FIRST = 5  # the first row below title, stamp, note and header
_LINE = Border(*(Side("thin", color="FFBFBFBF"),) * 4)
_WRAP, _CENTRE = Alignment(vertical="center", wrap_text=True), Alignment("center", "center", wrap_text=True)
HEAD, TEXT, CENTRE, OPEN = "evaltool 表头", "evaltool 文字", "evaltool 居中", "evaltool 未定"


def write_book(path: str | Path, sheets: Sequence[Sheet], name: str, stamp: str, footer: str) -> Path:
    """A workbook of `sheets`, each headed by `name` and its title. The same sheets give the same bytes."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    add_styles(book)
    for sheet in sheets:
        add_sheet(book, sheet, f"{name}　{sheet.title}", stamp, footer)
    target = io.BytesIO()
    book.save(target)
    return write_bytes(path, steady_zip(target.getvalue()))


def add_styles(book: Workbook) -> None:
    """The four looks of a cell, by name: asked for by name, they cost no time for each cell."""
    plain, bold = Font(name=FACE, size=10), Font(name=FACE, size=10, bold=True)
    blue, yellow = (PatternFill("solid", start_color=colour) for colour in ("FFDCE6F1", "FFFFF2CC"))
    looks = [(HEAD, bold, _CENTRE, blue), (TEXT, plain, _WRAP, None)]
    looks += [(CENTRE, plain, _CENTRE, None), (OPEN, plain, _CENTRE, yellow)]
    for name, font, align, fill in looks:
        style = NamedStyle(name, font=font, alignment=align, border=_LINE, number_format="0")
        if fill is not None:
            style.fill = fill
        book.add_named_style(style)


def add_sheet(book: Workbook, sheet: Sheet, heading: str, stamp: str, footer: str) -> None:
    """The table under its title, stamp and note: frozen, filtered, ready for A4 landscape."""
    page = book.create_sheet(sheet.title)
    columns, count = list(sheet.columns), len(sheet.columns)
    shown = min(count, sheet.fixed + sheet.across) if sheet.across else count
    for i, column in enumerate(columns, 1):
        page.column_dimensions[get_column_letter(i)].width = column.wide
        put(page.cell(FIRST - 1, i), column.name, HEAD)
    last = FIRST - 1
    for last, row in enumerate(sheet.rows, FIRST):
        lines = 1
        for i, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            cell = page.cell(last, i)
            put(cell, value, OPEN if isinstance(value, Undecided) else CENTRE if column.centre else TEXT)
            lines = max(lines, line_count(str(value), column.wide)) if isinstance(value, str) else lines
            if isinstance(value, float) and len(_written(value)) + 2 > page.column_dimensions[cell.column_letter].width:
                page.column_dimensions[cell.column_letter].width = len(_written(value)) + 2.0  # or it would read ####
        page.row_dimensions[last].height = min(TALLEST, 14.5 * lines + 3.5)
    page.row_dimensions[FIRST - 1].height = 14.5 * max(line_count(c.name, c.wide) for c in columns) + 5
    wide = sum(column.wide for column in columns[:shown])
    for row_number, (text, size) in enumerate(((heading, 14), (stamp, 10), (sheet.note, 9)), 1):
        page.merge_cells(start_row=row_number, start_column=1, end_row=row_number, end_column=shown)
        cell = page.cell(row_number, 1)
        put(cell, text, "Normal")
        cell.font, cell.alignment = Font(name=FACE, size=size, bold=row_number == 1), _WRAP
        page.row_dimensions[row_number].height = (size * 1.5) * line_count(text, wide * 10 / size) + 3
    page.freeze_panes = page.cell(FIRST, sheet.fixed + 1).coordinate
    page.auto_filter.ref = f"A{FIRST - 1}:{get_column_letter(count)}{last}"
    _pages(page, sheet, wide, f"{heading}　{stamp}　{sheet.note}", footer)


def _pages(page: Worksheet, sheet: Sheet, wide: float, head: str, foot: str) -> None:
    """A4 landscape. A table of many counties goes on several sheets of paper, each with the fixed columns."""
    page.page_setup.paperSize, page.page_setup.orientation = 9, "landscape"
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = (0.85 if sheet.across else 0.4), 0.6
    page.page_margins.header = page.page_margins.footer = 0.3
    assert page.oddFooter is not None
    assert page.oddHeader is not None
    page.oddFooter.left.text, page.oddFooter.right.text = _plain(foot), "第 &P 页，共 &N 页"
    count = len(sheet.columns)
    if not sheet.across:
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        page.print_title_rows = f"1:{FIRST - 1}"
        return
    page.page_setup.scale = max(10, min(100, int(100 * PAGE / wide)))
    page.oddHeader.left.text, page.oddHeader.left.size = _plain(head)[:240], 8
    page.print_area = f"A{FIRST - 1}:{get_column_letter(count)}{page.max_row}"
    page.print_title_rows = f"{FIRST - 1}:{FIRST - 1}"
    page.print_title_cols = f"A:{get_column_letter(sheet.fixed)}"
    for column in range(sheet.fixed + sheet.across, count, sheet.across):
        page.col_breaks.append(Break(id=column))


def _plain(text: str) -> str:
    """Text of a page's head or foot, in which & begins an instruction."""
    return text.replace("&", "&&")


def put(cell: Cell | Any, value: Any, style: str) -> None:
    """Text goes in as text, never as a formula; numbers with every digit they have."""
    cell.style = style
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        cell.value = text or None
        if text:
            cell.data_type = "s"
            if text[0] in "=+-@'":
                cell.quotePrefix = True
        return
    cell.value = value
    if isinstance(value, float):
        # General would round to what the column holds, so that 84.99999999 reads 85
        cell.number_format = "0." + "0" * len(_written(value).partition(".")[2])


def _written(value: float) -> str:
    """Every digit of a number that `number` made."""
    return format(Decimal(repr(value)), "f")


def line_count(text: str, wide: float) -> int:
    """Lines that `text` takes in a column `wide` characters wide; a Chinese character takes nearly two."""
    return sum(max(1, ceil(_width(line) / max(wide, 1.0))) for line in text.split("\n"))


def _width(line: str) -> float:
    return sum(1.95 if unicodedata.east_asian_width(char) in "WFA" else 1.0 for char in line)
