"""A table as it is handed in, as a CSV file, a workbook's sheet or a pandas frame: heads, columns of raw cells, and
what a row is called.

A CSV file is taken as text, cell by cell: nothing turns `010001` into a number or `NA` into nothing. In a frame a float
is taken as the shortest decimal that gives it back, in its own precision; NaN, NaT, NA and None are blank.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evaltool.books.book import address
from evaltool.intake.entries.entry import shown
from evaltool.intake.tables.delimited import Undelimited, records

if TYPE_CHECKING:
    from evaltool.intake.opened import Book, Sheet

HEAD_WITHIN = 15  # rows in which the heads are looked for
MOST_BYTES = 1 << 30  # of an unpacked .gz
_PLAIN = str | int | float | Decimal | Fraction | dt.date | dt.time | dt.timedelta
_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}")
_LARGEST = 400  # digits of a Decimal that is taken as a number
Known = Callable[[str], str]  # head → what it means, empty where nobody wants it


def _machine(text: str, blanks: Collection[str]) -> str | None:
    plain = text.strip()
    if plain in blanks:
        return None
    return format(Decimal(plain), "f") if _EXPONENT.fullmatch(plain) else text


@dataclass(frozen=True, eq=False)
class Grid:
    """The sheet in which a table stands: its cells are read there, at their own addresses."""

    book: Book
    sheet: Sheet
    head: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def address(self, row: int, column: int) -> str:
        """Of a row and a column of the table, from 0; -1 stands for the heads and for the first column."""
        return address(self.rows[row] if row >= 0 else self.head, self.columns[max(column, 0)]) if self.columns else ""


@dataclass(frozen=True, eq=False)
class Tabular:
    """One table, column by column.

    name     file name, or what a frame is called in messages
    heads    as written
    cells    one list of raw values a column: text, numbers, dates, truth values or None
    first    number of the first row as a person counts them
    shifted  rows with more cells than there are heads
    again    rows in which the heads stand once more
    broken   why the file could not be read to its end, else nothing
    grid     the sheet of a workbook; None for CSV files and frames
    """

    name: str
    heads: tuple[str, ...]
    cells: tuple[list[Any], ...]
    first: int
    shifted: frozenset[int] = frozenset()
    again: tuple[int, ...] = ()
    broken: str = ""
    grid: Grid | None = None

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def number(self, i: int) -> int:
        """The number of row i as a person counts them."""
        return self.grid.rows[i] if self.grid else i + self.first

    def row(self, i: int) -> str:
        """The name of row i for people."""
        return f"第 {self.number(i)} 行"

    @cached_property
    def labels(self) -> np.ndarray:
        """The names of all rows, `第 2 行`."""
        return np.array([self.row(i) for i in range(len(self))], object)

    def plain(self, blanks: Collection[str]) -> Tabular:
        """The same table as a machine wrote it: its words for nothing are blank, `1.2E-05` is 0.000012."""
        if self.grid is not None:
            return self
        cells = []
        for column in self.cells:
            told = {raw: _machine(raw, blanks) for raw in {raw for raw in column if isinstance(raw, str)}}
            cells.append([told[raw] if isinstance(raw, str) else raw for raw in column])
        return replace(self, cells=tuple(cells))

    def is_blank(self, i: int, but: int = -1) -> bool:
        """Whether row i says nothing, column `but` aside."""
        return all(column == but or shown(cells[i]) == "" for column, cells in enumerate(self.cells))

    def texts(self, column: int) -> list[str]:
        """One column as text, stripped; blank where nothing stands."""
        return [raw.strip() if isinstance(raw, str) else shown(raw) for raw in self.cells[column]]

    def text(self, column: int, row: int) -> str:
        """One cell as text."""
        return shown(self.cells[column][row])


def opened(table: str | Path | pd.DataFrame, name: str, known: Known | None = None) -> Tabular:
    """The table in a CSV file (any that `delimited` reads; also gzipped), in a workbook or in a frame.

    name   what messages call a frame
    known  tells the heads; the row with the most of them is the row of heads. Default: the first row that says anything
    raises OSError for a file that cannot be opened
    """
    return _frame(table, name) if isinstance(table, pd.DataFrame) else _file(Path(table), known)


def _broken(name: str, why: str) -> Tabular:
    return Tabular(name, (), (), 2, broken=why)


def _file(path: Path, known: Known | None) -> Tabular:
    with path.open("rb") as file:
        start = file.read(8)
    if start[:4] == b"PK\x03\x04" or start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _workbook(path, known)
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            return _broken(path.name, "压缩文件损坏")
        if len(data) > MOST_BYTES:
            return _broken(path.name, f"展开后超过 {MOST_BYTES >> 20} MB")
    try:
        lines = records(data)
    except Undelimited as error:
        return _broken(path.name, str(error))
    head = _head_of(lines, known)
    heads = [cell.strip() for cell in lines[head]] if lines else []
    width, rows = len(heads), lines[head + 1 :]
    # a comma too many moves every cell behind it: nobody knows which
    shifted = frozenset(i for i, row in enumerate(rows) if len(row) > width and any(map(str.strip, row[width:])))
    again = tuple(i for i, row in enumerate(rows) if row and row[0].strip() == heads[0] and _bare(row) == _bare(heads))
    for i in again:
        rows[i] = []
    padded = [row if len(row) == width else [*row, *([""] * width)][:width] for row in rows]
    cells = tuple(list(column) for column in zip(*padded, strict=True)) if rows else tuple([] for _ in heads)
    return Tabular(path.name, tuple(heads), cells, head + 2, shifted, again)


def _bare(row: list[str]) -> list[str]:
    """The cells of a row without blank ones at its end."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _head_of(lines: list[list[str]], known: Known | None) -> int:
    """Which of the first rows holds the heads."""
    filled = [i for i, line in enumerate(lines) if any(cell.strip() for cell in line)][:HEAD_WITHIN]
    if not filled:
        return 0
    return max(filled, key=lambda i: (_count(lines[i], known), -i)) if known else filled[0]


def _count(cells: Collection[str], known: Known) -> int:
    return len({meant for cell in cells if cell.strip() and (meant := known(cell))})


def _workbook(path: Path, known: Known | None) -> Tabular:
    from evaltool.books.book import BookError
    from evaltool.books.looking import look
    from evaltool.books.opening import read_book
    from evaltool.intake.opened import anchored

    sealed = look(path)
    if sealed.problem is not None:
        return _broken(path.name, sealed.problem.what)
    try:
        book = anchored(read_book(sealed, path.name))
    except BookError as error:
        return _broken(path.name, str(error))
    return in_book(book, book.sheets, known)


def in_book(book: Book, sheets: Sequence[Sheet], known: Known | None) -> Tabular:
    """The one among some sheets of a book that has the most heads that are known."""
    found = [(sheet, *_head_in(sheet, known)) for sheet in sheets if sheet.state == "visible" and sheet.cells]
    most = max((count for *_, count in found), default=0)
    best = [(sheet, row) for sheet, row, count in found if count == most]
    if not best:
        return _broken(book.file, "没有看得见的工作表")
    if len(best) > 1:
        names = "、".join(f"“{sheet.title}”" for sheet, _ in best)
        return _broken(book.file, f"有 {len(best)} 张表都像（{names}），不知道以哪一张为准；只留一张")
    return sheet_table(book, *best[0])


def _head_in(sheet: Sheet, known: Known | None) -> tuple[int, int]:
    """The row of heads of a sheet, and how many of them are known."""
    best = (sheet.filled_rows[0], 0)
    for row in [row for row in sheet.filled_rows if row <= HEAD_WITHIN] if known else []:
        texts = [shown(cell.raw) for at, cell in sheet.cells.items() if at[0] == row]
        count = _count(texts, known) if known else 0
        best = (row, count) if count > best[1] else best
    return best


def sheet_table(book: Book, sheet: Sheet, head: int) -> Tabular:
    """The rows below row `head` of a sheet."""
    columns = tuple(sorted(column for row, column in sheet.cells if row == head))
    rows = tuple(row for row in sheet.filled_rows if row > head)
    heads = tuple(sheet.text(head, column) for column in columns)
    cells = tuple([sheet.cell(row, column).raw for row in rows] for column in columns)
    kept = [i for i, row in enumerate(rows) if [sheet.text(row, column) for column in columns] != list(heads)]
    if len(kept) < len(rows):
        rows, cells = tuple(rows[i] for i in kept), tuple([column[i] for i in kept] for column in cells)
    return Tabular(book.file, heads, cells, head + 1, grid=Grid(book, sheet, head, rows, columns))


def _frame(frame: pd.DataFrame, name: str) -> Tabular:
    """The columns of a frame; an index with a name is a column too, unless a column says the same."""
    columns: list[tuple[str, list[Any]]] = []
    for level, label in enumerate(frame.index.names):
        if label is None:
            continue
        cells = _raw(pd.Series(frame.index.get_level_values(level)))
        twins = [j for j in range(frame.shape[1]) if _head(frame.columns[j]) == _head(label)]
        if not any(_raw(frame.iloc[:, j]) == cells for j in twins):
            columns.append((_head(label), cells))
    columns += [(_head(frame.columns[j]), _raw(frame.iloc[:, j])) for j in range(frame.shape[1])]
    return Tabular(name, tuple(head for head, _ in columns), tuple(cells for _, cells in columns), 1)


def _head(label: Any) -> str:
    """The head of a frame's column; the levels of a MultiIndex that say anything, one above the other."""
    parts = [str(part).strip() for part in label] if isinstance(label, tuple) else [str(label).strip()]
    return "／".join(part for part in parts if part)


def _raw(column: pd.Series[Any]) -> list[Any]:
    """The cells of one column as Python values."""
    single = column.dtype.kind == "f" and column.dtype != np.float64  # would grow digits on the way to a float
    values = column.astype(object).where(column.notna(), None).tolist()
    if single:
        return [None if value is None else Decimal(str(column.dtype.type(value))) for value in values]
    return [value if value is None or value.__class__ in _QUICK else _plain(value) for value in values]


_QUICK = frozenset({str, int, float, bool})


def _plain(value: Any) -> Any:
    """A value of another kind as one that cells have; what is none becomes a text that no number is read from."""
    if isinstance(value, np.floating):
        return Decimal(str(value))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) > _LARGEST:
        return str(value)
    return value if isinstance(value, _PLAIN) else str(value)
