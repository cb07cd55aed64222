"""A workbook as it came, opened so that nothing in it stops the reader: cells, stored values, merges, anchors."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from evaltool.intake import layout
from evaltool.intake.gate import gate
from evaltool.problems import Place, Problem

_MERGED_WITHIN = 2000  # rows and columns in which merged cells are looked at
_CORNER_WITHIN = 60  # rows and columns in which the corner of a sheet is looked for


class Cell(NamedTuple):
    """One cell: what stands in it, how it is shown, and whether it can be trusted.

    raw       typed value; of a formula the value that was stored when the file was last saved
    percent   shown as a percentage
    formula   the formula as text, or empty
    error     the value is an Excel error such as #DIV/0!
    merged    the merged range that the cell lies in, or empty
    """

    raw: Any = None
    percent: bool = False
    formula: str = ""
    error: bool = False
    merged: str = ""


EMPTY = Cell()


@dataclass
class Sheet:
    """One sheet with its anchors.

    name      what its corner says (`fields`, `list:sites`), empty without a corner
    rows      anchor → row numbers (more than one is a fault)
    columns   anchor → column numbers
    """

    title: str
    index: int
    cells: dict[tuple[int, int], Cell]
    merges: dict[tuple[int, int], str]
    stored: Stored
    name: str = ""
    rows: dict[str, list[int]] = field(default_factory=dict)
    columns: dict[str, list[int]] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        found = self.cells.get((row, column), EMPTY)
        if found.formula:
            raw, error = self.stored.value(self.title, (row, column))
            found = found._replace(raw=raw, error=error)
        merged = self.merges.get((row, column), "")
        return found._replace(merged=merged) if merged else found

    def text(self, row: int, column: int) -> str:
        """The text of a cell; in a merged range the text of the range."""
        at = (row, column)
        if at not in self.cells and (merged := self.merges.get(at)):
            at = next((part for part, name in self.merges.items() if name == merged and part in self.cells), at)
        raw = self.cell(*at).raw
        return "" if raw is None else str(raw).strip()

    @cached_property
    def filled_rows(self) -> list[int]:
        """Rows in which anything stands, in order."""
        return sorted({row for row, _ in self.cells})


class Stored:
    """The values that were stored beside the formulas. The file is opened a second time when the first is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def book(self) -> Workbook | None:
        try:
            return _load(self.data, values=True)
        except Exception:  # noqa: BLE001 – what has opened once and does not now has no stored values
            return None

    def value(self, title: str, at: tuple[int, int]) -> tuple[Any, bool]:
        """The stored value (None where there is none) and whether it is an error value."""
        cell = _grid(self.book[title]).get(at) if self.book is not None else None
        return (None, False) if cell is None else (cell.value, cell.data_type == "e")


@dataclass
class Book:
    """One workbook: the file's name and hash, its stamp (empty if it is not ours) and its sheets."""

    file: str
    sha256: str
    stamp: dict[str, str]
    sheets: list[Sheet]

    def named(self, name: str) -> list[Sheet]:
        return [sheet for sheet in self.sheets if sheet.name == name]


def address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def open_book(path: Path) -> tuple[Book | None, Problem | None, str]:
    """The workbook, or why it cannot be taken; and the hash of its bytes."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = Problem(
            "W102", f"{path.name} 读不出（{type(error).__name__}）", "", "核对文件和权限后再报", Place(path.name)
        )
        return None, problem, ""
    digest = hashlib.sha256(data).hexdigest()
    if refused := gate(data, path.name):
        return None, refused, digest
    try:
        formulas = _load(data, values=False)
        stored = Stored(data)
        sheets = [_sheet(formulas[title], i, stored) for i, title in enumerate(formulas.sheetnames)]
    except Exception as error:  # noqa: BLE001 – openpyxl raises whatever the broken part leads it to
        what = f"{path.name} 打不开：工作簿内部有损坏（{type(error).__name__}）"
        do = "用 Excel 或 WPS 打开修复，重新保存后再报"
        return None, Problem("W102", what, "整个文件都没有读", do, Place(path.name)), digest
    stamp = next((_stamp(sheet) for sheet in sheets if sheet.text(1, 1) == layout.STAMP), {})
    return Book(path.name, digest, stamp, [s for s in sheets if s.text(1, 1) != layout.STAMP]), None, digest


def _load(data: bytes, *, values: bool) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that openpyxl does not keep; none of them is read here
        return load_workbook(io.BytesIO(data), data_only=values, keep_links=False)


def _grid(sheet: Any) -> dict[tuple[int, int], Any]:
    """The cells that exist: iterating over rows would make a million of them for one value in the last row."""
    cells: dict[tuple[int, int], Any] = getattr(sheet, "_cells", {})  # chart sheets have none
    return cells


def _sheet(sheet: Any, index: int, stored: Stored) -> Sheet:
    cells = {}
    for at, cell in _grid(sheet).items():
        if cell.value is None:
            continue
        raw, kind, formula = cell.value, cell.data_type, ""
        if kind == "f":
            raw, formula = None, str(getattr(raw, "text", raw) or "=")
        cells[at] = Cell(raw, _shown_as_percent(cell.number_format), formula, kind == "e")
    last_row = max((row for row, _ in cells if row <= _MERGED_WITHIN), default=0)
    last_column = max((column for _, column in cells if column <= _MERGED_WITHIN), default=0)
    merges = {}
    for part in sheet.merged_cells.ranges if cells else ():  # beyond the last cell nothing is read
        for row in range(part.min_row, min(part.max_row, last_row) + 1):
            columns = range(part.min_col, min(part.max_col, last_column) + 1)
            merges.update({(row, column): part.coord for column in columns})
    made = Sheet(sheet.title, index, cells, merges, stored)
    _find_anchors(made)
    return made


def _shown_as_percent(number_format: str | None) -> bool:
    """Whether the format multiplies by 100; a quoted or escaped % (`0"%"`) is only drawn beside the number."""
    return "%" in re.sub(r'"[^"]*"|\\.', "", number_format or "")


def _find_anchors(sheet: Sheet) -> None:
    corners = [
        at
        for at, cell in sheet.cells.items()
        if max(at) <= _CORNER_WITHIN and isinstance(cell.raw, str) and cell.raw.startswith("sheet:")
    ]
    if len(corners) != 1:
        return
    row, column = corners[0]
    sheet.name = str(sheet.cells[row, column].raw).removeprefix("sheet:")
    rows, columns = defaultdict(list), defaultdict(list)
    for (r, c), cell in sorted(sheet.cells.items()):
        if c == column and r != row and isinstance(cell.raw, str):
            rows[cell.raw.strip()].append(r)
        elif r == row and c != column and isinstance(cell.raw, str):
            columns[cell.raw.strip()].append(c)
    sheet.rows, sheet.columns = dict(rows), dict(columns)


def _stamp(sheet: Sheet) -> dict[str, str]:
    rows = {row for row, column in sheet.cells if column == 1}
    return {sheet.text(row, 1): sheet.text(row, 2) for row in sorted(rows)}
