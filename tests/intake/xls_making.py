"""A filled template as somebody's old program saves it: .xls, with xlwt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlwt
from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter


def as_xls(source: Path, target: Path, change: Any = None) -> Path:
    """`source` as .xls: values, formats, merges, what is hidden. `change(sheets)` adds to xlwt's sheets."""
    book, made = load_workbook(source), xlwt.Workbook(encoding="utf-8")
    looks: dict[str, xlwt.XFStyle] = {}
    sheets = {page.title: made.add_sheet(page.title, cell_overwrite_ok=True) for page in book.worksheets}
    for page in book.worksheets:
        sheet = sheets[page.title]
        sheet.visibility = {"visible": 0, "hidden": 1, "veryHidden": 2}[page.sheet_state]
        for part in page.merged_cells.ranges:
            sheet.merge(part.min_row - 1, part.max_row - 1, part.min_col - 1, part.max_col - 1)
        for row in page.iter_rows():
            for cell in row:
                if cell.value is None or isinstance(cell, MergedCell):
                    continue
                look = looks.setdefault(cell.number_format, xlwt.easyxf(num_format_str=cell.number_format))
                value = xlwt.Formula(cell.value[1:]) if cell.data_type == "f" else cell.value
                sheet.write(cell.row - 1, cell.column - 1, value, look)
        for number in range(1, page.max_row + 1):
            if page.row_dimensions[number].hidden:
                sheet.row(number - 1).hidden = True
        for number in range(1, page.max_column + 1):
            if page.column_dimensions[get_column_letter(number)].hidden:
                sheet.col(number - 1).hidden = True
    if change:
        change(sheets)
    made.save(str(target))
    return target
