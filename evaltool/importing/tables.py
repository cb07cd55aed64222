"""A table as it stands on paper: a grid in which a merged cell stands at every place that it covers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# what YAML cannot hold, and what nobody sees: control characters, half surrogates, zero-width marks
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ud800-\udfff\ufeff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Text without unseen characters, its lines without spaces at their ends, and without empty lines."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, the same object at every place that a merged one covers.

    where   how a person finds it: `C4`, or 第3行第2列 in a Word file
    row     its first row in the grid, from 0; `height` rows from there are its own, and the same for columns
    fault   why what stands in it cannot be read, or empty
    """

    text: str
    where: str
    row: int
    column: int
    height: int = 1
    width: int = 1
    fault: str = ""

    @property
    def flat(self) -> str:
        """The text on one line, without spaces."""
        return re.sub(r"\s+", "", self.text)


@dataclass
class Table:
    """One sheet of a workbook, or one table of a Word file, with what stands above it."""

    name: str
    cells: dict[tuple[int, int], Cell]
    height: int
    width: int
    above: list[str] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell | None:
        return self.cells.get((row, column))

    def text(self, row: int, column: int) -> str:
        cell = self.cell(row, column)
        return cell.text if cell else ""

    def row(self, row: int) -> list[Cell]:
        """The different cells of a row from left to right that hold something."""
        found = [self.cells[row, column] for column in range(self.width) if (row, column) in self.cells]
        return [cell for cell in dict.fromkeys(found) if cell.text or cell.fault]
