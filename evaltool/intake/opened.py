"""A workbook with its anchors: which sheet is which, and where each row and column of the template has gone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from evaltool.books import book
from evaltool.books.book import Cell, address
from evaltool.intake import layout

__all__ = ["Book", "Cell", "Sheet", "address", "anchored"]
_CORNER_WITHIN = 60  # rows and columns in which the corner of a sheet is looked for


@dataclass
class Sheet(book.Sheet):
    """One sheet with its anchors.

    name      what its corner says (`fields`, `list:sites`), empty without a corner
    rows      anchor → row numbers (more than one is a fault)
    columns   anchor → column numbers
    """

    name: str = ""
    rows: dict[str, list[int]] = field(default_factory=dict)
    columns: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class Book:
    """One workbook: its stamp (empty if it is not ours) and its sheets, the stamp's own left out."""

    file: str
    sha256: str
    kind: str
    stamp: dict[str, str]
    sheets: list[Sheet]
    uncalculated: bool = False
    links: tuple[str, ...] = ()

    def named(self, name: str) -> list[Sheet]:
        return [sheet for sheet in self.sheets if sheet.name == name]


def anchored(plain: book.Book) -> Book:
    """`plain` with the anchors of its sheets found."""
    sheets = [_sheet(sheet) for sheet in plain.sheets]
    stamp = next((_stamp(sheet) for sheet in sheets if sheet.text(1, 1) == layout.STAMP), {})
    own = [sheet for sheet in sheets if sheet.text(1, 1) != layout.STAMP]
    return Book(plain.file, plain.sha256, plain.kind, stamp, own, plain.uncalculated, plain.links)


def _sheet(plain: book.Sheet) -> Sheet:
    sheet = Sheet(
        plain.title, plain.index, plain.cells, plain.merges, plain.state, plain.hidden_rows, plain.hidden_columns
    )
    corners = [
        at
        for at, cell in sheet.cells.items()
        if isinstance(cell.raw, str) and cell.raw.startswith("sheet:") and max(at) <= _CORNER_WITHIN
    ]
    if len(corners) != 1:
        return sheet
    row, column = corners[0]
    sheet.name = str(sheet.cells[row, column].raw).removeprefix("sheet:")
    rows, columns = defaultdict(list), defaultdict(list)
    for (r, c), cell in sorted(sheet.cells.items()):
        if c == column and r != row and isinstance(cell.raw, str):
            rows[cell.raw.strip()].append(r)
        elif r == row and c != column and isinstance(cell.raw, str):
            columns[cell.raw.strip()].append(c)
    sheet.rows, sheet.columns = dict(rows), dict(columns)
    return sheet


def _stamp(sheet: Sheet) -> dict[str, str]:
    rows = {row for row, column in sheet.cells if column == 1}
    return {sheet.text(row, 1): sheet.text(row, 2) for row in sorted(rows)}
