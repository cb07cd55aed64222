"""The sheets of a workbook as tables."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from evaltool.importing.tables import Cell, Table, clean

MOST_ROWS, MOST_COLUMNS = 5000, 100  # what lies further out is no indicator table


def read_workbook(data: bytes) -> tuple[list[Table], list[str]]:
    """Every visible sheet that holds something, and the names of the hidden ones. openpyxl's errors go through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that openpyxl does not keep; none of them is read here
        values = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    tables, hidden = [], []
    for sheet in values.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        table = _table(sheet, formulas[sheet.title])
        if table.cells:
            tables.append(table)
    return tables, hidden


def _table(sheet: Any, formulas: Any) -> Table:
    """The sheet with its merged cells spread out; a hidden row or column is read like any other."""
    cells: dict[tuple[int, int], Cell] = {}
    for (row, column), cell in formulas._cells.items():  # noqa: SLF001 – iterating over rows would make a million cells
        if cell.value is None or row > MOST_ROWS or column > MOST_COLUMNS:
            continue
        text, fault = _said(sheet.cell(row, column), cell)
        if text or fault:
            where = f"{get_column_letter(column)}{row}"
            cells[row - 1, column - 1] = Cell(text, where, row - 1, column - 1, fault=fault)
    height = max((row for row, _ in cells), default=-1) + 1
    width = max((column for _, column in cells), default=-1) + 1
    for part in sheet.merged_cells.ranges:
        top, left = part.min_row - 1, part.min_col - 1
        if top >= height or left >= width:
            continue
        bottom, right = min(part.max_row, height), min(part.max_col, width)
        first = cells.get((top, left)) or Cell("", f"{get_column_letter(left + 1)}{top + 1}", top, left)
        whole = Cell(first.text, first.where, top, left, bottom - top, right - left, first.fault)
        cells.update({(r, c): whole for r in range(top, bottom) for c in range(left, right)})
    return Table(sheet.title, cells, height, width)


def _said(value: Any, formula: Any) -> tuple[str, str]:
    """What a cell shows, and why it cannot be read."""
    raw = value.value
    if formula.data_type == "f" and raw is None:
        return "", "公式没有算过的值"
    if value.data_type == "e":
        return "", f"单元格是错误值 {raw}"
    if isinstance(raw, bool):
        return ("是" if raw else "否"), ""
    if isinstance(raw, dt.datetime | dt.date | dt.time):
        return str(raw), "单元格被存成了日期"
    if isinstance(raw, int | float):
        return _number(raw, value.number_format), ""
    return clean(str(raw)), ""


def _number(raw: float, number_format: str) -> str:
    """The number as a person sees it, as far as a binary number says: 15 digits, percent where the cell shows it."""
    shown = re.sub(r'"[^"]*"|\\.', "", number_format or "")
    percent = "%" in shown
    text = f"{raw * 100 if percent else raw:.12g}"
    if "e" in text:
        text = str(raw)
    return text + ("%" if percent else "")
