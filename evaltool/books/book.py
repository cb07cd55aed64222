"""A workbook as it stands in its file: every cell with what is written, how it is shown and whether it can be trusted.

Both readers (`xlsx` and `biff`) make these. Nothing here knows what a cell is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

At = tuple[int, int]  # row and column, from 1
IN_PART = ("part", "raised")  # of `Cell.struck`: a part of the text counts less than the rest


class Cell(NamedTuple):
    """One cell that holds something.

    raw       text, int, float, truth value, date, datetime, time or timedelta; of a formula the value that was stored
              when the file was last saved, None where there is none
    format    the number format's code, `General` by default
    formula   the formula as text (`=A1+B1`), or empty
    error     the value is an error value such as #DIV/0!, which stands in `raw` as text
    written   a number as the file writes it (`84.99499999999999`), else empty
    struck    `all` where the whole text is struck out, `part` where some of it is; `raised` where a part of the text is
              a raised or lowered mark; else empty
    merged    the merged range that the cell lies in, or empty
    """

    raw: Any = None
    format: str = "General"
    formula: str = ""
    error: bool = False
    written: str = ""
    struck: str = ""
    merged: str = ""

    @property
    def percent(self) -> bool:
        """Whether it is shown as a percentage."""
        return shown_as_percent(self.format)


EMPTY = Cell()


class Piece(NamedTuple):
    """A run of a cell's text: whether it is struck out, and whether it is a raised or lowered mark."""

    text: str
    struck: bool = False
    raised: bool = False


@cache
def shown_as_percent(number_format: str) -> bool:
    """Whether the format multiplies by 100; a quoted or escaped % (`0"%"`, `0!%`) is only drawn beside the number, and
    `_%` leaves room for one."""
    return "%" in re.sub(r'"[^"]*"|[\\!_*].', "", number_format)


@dataclass
class Sheet:
    """One sheet.

    index           its place in the book, from 0
    merges          cell → the merged range it lies in, as far as cells stand
    state           visible, hidden or veryHidden
    hidden_rows, hidden_columns  numbers from 1
    pieces          cell → its runs, where it is struck out in part or has raised marks
    """

    title: str
    index: int
    cells: dict[At, Cell]
    merges: dict[At, str] = field(default_factory=dict)
    state: str = "visible"
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    pieces: dict[At, tuple[Piece, ...]] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        found = self.cells.get((row, column), EMPTY)
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


@dataclass
class Book:
    """One workbook.

    kind     xlsx or xls
    uncalculated  the file itself says that its formulas must be worked out anew when it is opened, so what is stored
             beside them was not worked out by a spreadsheet program
    links    other files that it refers to
    """

    file: str
    sha256: str
    kind: str
    sheets: list[Sheet]
    uncalculated: bool = False
    links: tuple[str, ...] = ()


class BookError(Exception):
    """A workbook that cannot be read: why, in Chinese."""


def address(row: int, column: int) -> str:
    """`(7, 5)` → `E7`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
