"""What a table for people is: columns with widths, rows, a note. Nothing here needs openpyxl."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evaltool.quantities import Exact, decimal_text

DIGITS = 15  # a spreadsheet keeps 15 significant digits; longer numbers are written as text
Row = Sequence[Any]


class Undecided(str):
    """Text of a result that is still open; its cell is coloured."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: header, width in characters, and whether its cells stand in the middle."""

    name: str
    wide: float
    centre: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `fixed` columns stay in view and on every page; `across` further columns go on a page (0: all)."""

    title: str
    note: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    fixed: int = 2
    across: int = 0


def number(value: Exact) -> int | float | str:
    """A number that a spreadsheet holds without loss, else text."""
    text = decimal_text(value)
    digits = len(text.lstrip("-0.").replace(".", ""))
    if not re.fullmatch(r"-?\d+(\.\d+)?", text) or digits > DIGITS:
        return text
    return int(text) if "." not in text else float(text)
