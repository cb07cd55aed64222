"""A table as it is handed in, as a CSV file or a pandas frame: heads, columns of raw cells, and what a row is called.

A CSV file is taken as text, cell by cell: nothing turns `010001` into a number or `NA` into nothing. In a frame a float
is taken as the shortest decimal that gives it back, in its own precision; NaN, NaT, NA and None are blank.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evaltool.intake.cells import shown
from evaltool.quantities import normalise

FIRST_ROW = 2  # of a file: row 1 holds the heads


_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}")


def _machine(text: str, blanks: Collection[str]) -> str | None:
    plain = text.strip()
    if plain in blanks:
        return None
    return format(Decimal(plain), "f") if _EXPONENT.fullmatch(plain) else text


@dataclass(frozen=True, eq=False)
class Tabular:
    """One table, column by column.

    name     file name, or what a frame is called in messages
    heads    as written
    cells    one list of raw values a column: text, numbers, dates, truth values or None
    first    number of the first row as a person counts them
    shifted  rows with more cells than there are heads
    broken   why the file could not be read to its end, else nothing
    """

    name: str
    heads: tuple[str, ...]
    cells: tuple[list[Any], ...]
    first: int
    shifted: frozenset[int] = frozenset()
    broken: str = ""

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def row(self, i: int) -> str:
        """The name of row i for people."""
        return f"第 {i + self.first} 行"

    @cached_property
    def labels(self) -> np.ndarray:
        """The names of all rows, `第 2 行`."""
        return np.array([self.row(i) for i in range(len(self))], object)

    def plain(self, blanks: Collection[str]) -> Tabular:
        """The same table as a machine wrote it: its words for nothing are blank, `1.2E-05` is 0.000012."""
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

    def columns_of(self, wanted: Mapping[str, str]) -> dict[str, list[int]]:
        """Where each wanted id stands, under the id itself or under its name; under a key "" what nobody wants.

        A name that several ids share stands for none of them.
        """
        names: dict[str, list[str]] = {}
        for key, name in wanted.items():
            names.setdefault(normalise(name), []).append(key)
        known = {name: keys[0] for name, keys in names.items() if len(keys) == 1} | {key: key for key in wanted}
        found: dict[str, list[int]] = {}
        for column, head in enumerate(self.heads):
            found.setdefault(known.get(normalise(head), ""), []).append(column)
        return found


def opened(table: str | Path | pd.DataFrame, name: str) -> Tabular:
    """The table in a CSV file (UTF-8, else GB18030; also gzipped) or in a frame, which messages call `name`.

    Raises OSError for a file that cannot be opened.
    """
    return _frame(table, name) if isinstance(table, pd.DataFrame) else _file(Path(table))


def _file(path: Path) -> Tabular:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return Tabular(path.name, (), (), FIRST_ROW, broken="压缩文件损坏")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    lines: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines.extend(reader)
    except csv.Error:
        return Tabular(path.name, (), (), FIRST_ROW, broken=f"到第 {reader.line_num} 行，引号没有配对")
    heads = [head.strip() for head in lines[0]] if lines else []
    width, rows = len(heads), lines[1:]
    # a comma too many moves every cell behind it: nobody knows which
    shifted = frozenset(i for i, row in enumerate(rows) if any(cell.strip() for cell in row[width:]))
    padded = [row if len(row) == width else [*row, *([""] * width)][:width] for row in rows]
    cells = tuple(list(column) for column in zip(*padded, strict=True)) if rows else tuple([] for _ in heads)
    return Tabular(path.name, tuple(heads), cells, FIRST_ROW, shifted)


def _frame(frame: pd.DataFrame, name: str) -> Tabular:
    if any(frame.index.names):  # an index with a name is a column too
        frame = frame.reset_index()
    cells = tuple(_raw(frame.iloc[:, j]) for j in range(frame.shape[1]))
    return Tabular(name, tuple(str(head).strip() for head in frame.columns), cells, 1)


def _raw(column: pd.Series[Any]) -> list[Any]:
    """The cells of one column as Python values."""
    single = column.dtype.kind == "f" and column.dtype != np.float64  # would grow digits on the way to a float
    values = column.astype(object).where(column.notna(), None).tolist()
    if single:
        return [None if value is None else Decimal(str(column.dtype.type(value))) for value in values]
    return [_plain(value) if isinstance(value, np.generic) else value for value in values]


def _plain(value: np.generic) -> Any:
    return Decimal(str(value)) if isinstance(value, np.floating) else value.item()
