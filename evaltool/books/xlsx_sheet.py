"""The cells of one sheet of an .xlsx, in one pass over its XML."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError

from evaltool.books.book import IN_PART, At, BookError, Cell, Piece, Sheet, address
from evaltool.books.package import Package
from evaltool.books.xlsx_parts import MAIN, Look, Text, elements, expect, local, reading, text_of, truth
from evaltool.books.xlsx_values import other_value, plain_number

LAST_ROW, LAST_COLUMN = 1048576, 16384
MOST_MERGED = 200_000  # cells marked as merged; a filled template has a few hundred
WITHOUT_CELLS = ("chartsheet", "dialogsheet", "macrosheet")
MOST_ARRAYED = 1_000_000  # cells of array formulas, looked up one by one
MOST_TRANSLATED = 1_000_000  # characters of shared formulas written out for other cells
SHARED = "=…（共享公式）"  # a shared formula that could not be written out for its cell
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANGE = re.compile(r"([A-Za-z]+)([0-9]{1,7})(?::([A-Za-z]+)([0-9]{1,7}))?")
_new = tuple.__new__  # a Cell without the detour over its keywords: a round has half a million of them


class _Columns(dict[str, int]):
    """`AB` → 28. Raises BookError where it is no column."""

    def __missing__(self, letters: str) -> int:
        number = 0
        if 1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha():
            for letter in letters.upper():
                number = number * 26 + ord(letter) - 64
        if not 1 <= number <= LAST_COLUMN:
            raise BookError(f"没有“{letters}”这一列")
        self[letters] = number
        return number


_COLUMNS = _Columns()


class Ground(NamedTuple):
    """What all sheets of a book share: texts and looks by number, and what its dates count from."""

    texts: list[Text]
    looks: list[Look | None]
    epoch: dt.datetime


class _Looks(dict[str | None, Look]):
    """By the text of a cell's `s`. Raises BookError for a style that is not there."""

    def __init__(self, looks: list[Look | None]) -> None:
        super().__init__({str(i): look for i, look in enumerate(looks) if look is not None})
        self[None] = looks[0] if looks and looks[0] else Look()
        self.without = not looks

    def __missing__(self, number: str | None) -> Look:
        if self.without and number == "0":
            return self[None]
        raise BookError(f"用了没有定义的样式 {number}")


class SheetXml:
    """The XML of one sheet while it is read."""

    def __init__(self, package: Package, part: str, ground: Ground) -> None:
        self.package, self.part, self.ground = package, part, ground
        self.looks = _Looks(ground.looks)
        self.cells: dict[At, Cell] = {}
        self.pieces: dict[At, tuple[Piece, ...]] = {}
        self.row = 0
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[str] = []
        self.arrays: list[tuple[str, str]] = []  # range and formula
        self.shared: dict[str, tuple[str, str]] = {}  # number → formula and its cell
        self.translators: dict[str, Translator] = {}
        self.translated = 0

    def read(self, title: str, index: int, state: str) -> Sheet | None:
        """The sheet; None where the part is a chart, a dialog or the like, which have no cells."""
        try:
            with reading(self.part):
                if not self._read():
                    return None
                last_row, _ = max(self.cells, default=(0, 0))
                last_column = max(map(itemgetter(1), self.cells), default=0)
                merges, hidden = self._merges(last_row, last_column), self._hidden(last_column)
                self._spread_arrays()
        except BookError as error:
            raise BookError(f"工作表“{title}”读不通：{error}") from error
        return Sheet(title, index, self.cells, merges, state, frozenset(self.hidden_rows), hidden, self.pieces)

    def _read(self) -> bool:
        """Goes through the part; whether it is a worksheet."""
        handlers: dict[str, Callable[[Any], None]] = {f"{main}row": self._row for main in MAIN}
        handlers |= {f"{main}col": self._column for main in MAIN}
        handlers |= {f"{main}mergeCell": self._merge for main in MAIN}
        element = None
        for element in elements(self.package, self.part, handlers.keys()):
            handle = handlers.get(element.tag)
            if handle is not None:
                handle(element)
                element.clear()
        if element is not None and local(element.tag) in WITHOUT_CELLS:
            return False
        expect(element, self.part, "worksheet")
        return True

    def _column(self, column: ET.Element) -> None:
        if truth(column.get("hidden")) or _zero(column.get("width")):
            first, last = (int(column.get(side, "0")) for side in ("min", "max"))
            self.hidden_columns.append((max(first, 1), min(last, LAST_COLUMN)))

    def _merge(self, merged: ET.Element) -> None:
        self.merged.append(merged.get("ref", "").replace("$", ""))

    def _row(self, row: ET.Element) -> None:
        """Adds the cells of one row. Addresses may be left out, as the schema allows: then they count on."""
        number = self._row_number(row)
        if truth(row.get("hidden")) or _zero(row.get("ht")):
            self.hidden_rows.add(number)
        main = row.tag[:-3]
        cell_tag, value_tag, inline_tag = f"{main}c", f"{main}v", f"{main}is"
        ending, last, since = str(number), "", 0
        cut, cells, looks, texts, epoch = -len(ending), self.cells, self.looks, self.ground.texts, self.ground.epoch
        for element in row:
            get = element.get
            if element.tag != cell_tag:
                _only_an_extension(element, number)
                continue
            if (where := get("r")) is None:
                since += 1
            else:
                last, since = where, 0
            if not len(element):
                continue
            if last and not last.endswith(ending):
                raise BookError(f"第 {number} 行里有单元格 {last}")
            column = (_COLUMNS[last[:cut]] if last else 0) + since
            if column > LAST_COLUMN:
                raise BookError(f"第 {number} 行超出了最后一列")
            at, kind, look = (number, column), get("t", "n"), looks[get("s")]
            formula, stored, text = "", None, None
            part = element[0]
            if len(element) == 1 and part.tag == value_tag and not len(part):
                stored = part.text
            elif len(element) == 1 and part.tag == inline_tag:
                text = text_of(part)
            else:
                formula, stored, text = self._parts(element, at)
            if not (stored or formula or text):
                continue
            made: tuple[object, ...]
            if kind == "s" and stored and text is None:
                text = _shared_text(texts, stored, at)
            if text is not None:
                struck = self._struck(at, text, look) if text.runs or look.struck else text.plain
                made = (text.text, look.format, formula, False, "", struck, "")
            elif kind == "n" and stored and not look.date and (found := plain_number(stored)) is not None:
                made = (found, look.format, formula, False, stored, "all" if look.struck else "", "")
            else:
                raw, error, written = other_value(kind, stored, look, epoch)
                made = (raw, look.format, formula, error, written, "all" if look.struck else "", "")
            if at in cells:
                raise BookError(f"{address(*at)} 写了两次")
            cells[at] = _new(Cell, made)

    def _struck(self, at: At, text: Text, look: Look) -> str:
        """What is struck out of a text (as in `Cell.struck`); where it is a part, its runs are kept."""
        struck = text.struck if look.struck else text.plain
        if struck in IN_PART:
            self.pieces[at] = text.pieces(look.struck)
        return struck

    def _row_number(self, row: ET.Element) -> int:
        written = row.get("r")
        if written is None and len(row) and (first := row[0].get("r")):
            written = first.lstrip(_LETTERS)
        number = self.row + 1
        if written is not None:
            number = int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0
        if not 1 <= number <= LAST_ROW:
            raise BookError(f"没有第 {written or number} 行")
        self.row = number
        return number

    def _parts(self, cell: ET.Element, at: At) -> tuple[str, str | None, Text | None]:
        """A cell's formula, stored value and text of its own. Raises BookError where one of them stands twice."""
        formula, stored, text = "", None, None
        names = [local(part.tag) for part in cell]
        if len(set(names)) != len(names):
            raise BookError(f"{address(*at)} 里的内容写了两次")
        for name, part in zip(names, cell, strict=True):
            if name in ("f", "v") and len(part):
                raise BookError(f"{address(*at)} 里有不认识的内容 {local(part[0].tag)}")
            if name == "f":
                formula = self._formula(part, at)
            elif name == "v":
                stored = part.text or ""
            elif name == "is":
                text = text_of(part)
        if text is not None and stored:
            raise BookError(f"{address(*at)} 里有两个值")
        return formula, stored, text

    def _formula(self, formula: ET.Element, at: At) -> str:
        """The formula's text; one that is shared is written out for its cell."""
        written, number, kind = f"={formula.text or ''}", formula.get("si", ""), formula.get("t")
        if kind == "dataTable":
            written = f"=TABLE({formula.get('r1', '')},{formula.get('r2', '')})"
        if kind in ("array", "dataTable") and (spread := formula.get("ref")):
            self.arrays.append((spread.replace("$", ""), written))
        if kind != "shared":
            return written
        if written != "=":
            if number not in self.shared or formula.get("ref"):
                self.shared[number] = (written, address(*at))
                self.translators.pop(number, None)
            return written
        first, where = self.shared.get(number, ("", ""))
        self.translated += len(first)
        if not first or self.translated > MOST_TRANSLATED:
            return SHARED
        try:
            if number not in self.translators:
                self.translators[number] = Translator(first, where)
            return str(self.translators[number].translate_formula(address(*at)))
        except (TranslatorError, TokenizerError, ValueError, IndexError):
            return SHARED

    def _hidden(self, last_column: int) -> frozenset[int]:
        """The hidden columns, as far as cells stand."""
        ranges = [range(first, min(last, last_column) + 1) for first, last in self.hidden_columns]
        if sum(map(len, ranges)) > 2 * LAST_COLUMN:
            raise BookError("同一列的宽度写了多次")
        return frozenset().union(*ranges)

    def _merges(self, last_row: int, last_column: int) -> dict[At, str]:
        """Cell → merged range, as far as cells stand."""
        found: dict[At, str] = {}
        spent = 0
        for name in self.merged:
            left, top, right, bottom = _corners(name)
            rows, columns = range(top, min(bottom, last_row) + 1), range(left, min(right, last_column) + 1)
            spent += len(rows) * len(columns)
            if spent > MOST_MERGED:
                raise BookError(f"合并的单元格超过 {MOST_MERGED} 个")
            if (left, top) != (right, bottom):
                found.update(((row, column), name) for row in rows for column in columns)
        return found

    def _spread_arrays(self) -> None:
        """Gives the cells of an array its formula, which only the first one names: their values are calculated too."""
        spent = 0
        for name, formula in self.arrays:
            left, top, right, bottom = _corners(name)
            spent += (right - left + 1) * (bottom - top + 1)
            if spent > MOST_ARRAYED:
                raise BookError(f"数组公式的单元格超过 {MOST_ARRAYED} 个")
            for at in ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)):
                cell = self.cells.get(at)
                if cell is not None and not cell.formula:
                    self.cells[at] = cell._replace(formula=formula)


def _corners(name: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a range."""
    match = _RANGE.fullmatch(name)
    if match is None:
        raise BookError(f"区域“{name}”写坏了")
    left, right = _COLUMNS[match[1]], _COLUMNS[match[3] or match[1]]
    top, bottom = int(match[2]), int(match[4] or match[2])
    if not (1 <= top <= LAST_ROW and 1 <= bottom <= LAST_ROW):
        raise BookError(f"区域“{name}”写坏了")
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def _only_an_extension(element: ET.Element, row: int) -> None:
    """Raises BookError for what might hold cells that nobody would read."""
    if local(element.tag) != "extLst":
        raise BookError(f"第 {row} 行里有不认识的内容 {local(element.tag)}")


def _shared_text(texts: list[Text], stored: str, at: At) -> Text:
    number = int(stored) if stored.isascii() and stored.isdigit() else -1
    if not 0 <= number < len(texts):
        raise BookError(f"{address(*at)} 指向第 {stored} 条文字，文件里只有 {len(texts)} 条")
    return texts[number]


def _zero(size: str | None) -> bool:
    """Whether a height or width is given and nothing."""
    return size is not None and plain_number(size) == 0
