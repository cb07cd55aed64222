"""Whether the value stored beside a formula can be believed: the formula is worked out again, in exact numbers.

The figure that counts stays the stored one. It is held against what the formula comes to from the values of the cells
that it names; cells that are formulas themselves are worked out first. Only cells that exist are looked at, each once,
and the work for one book is bounded. Not followed: names, array formulas, several sheets at once, and functions outside
`functions.FUNCTIONS` – their stored value is taken for what it says and the verdict is 不会算.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from openpyxl.utils.datetime import to_excel

from evaltool.books.arithmetic import ErrorFound, written
from evaltool.books.book import At, Cell, address
from evaltool.books.expressions import Area, CannotTell, Error, Formula, take_apart
from evaltool.books.functions import VOLATILE, value

MOST_STEPS = 200_000  # cells looked at for one book, with what taking the formulas apart costs
_TOO_MUCH = "这份工作簿的公式太多、太长"
_NEAR = Fraction(1, 10**9)  # as part of the value: what doubles may differ by
_NOISE = Fraction(4, 10**15)  # as part of the largest number on the way: what is left where numbers cancel out


class Kind(StrEnum):
    """What became of working a formula out again."""

    SAME = "一致"
    STALE = "不一致"
    VOLATILE = "易变"
    FOREIGN = "引用别的文件"
    PARTIAL = "漏算"
    UNCALCULATED = "没有算过"
    UNKNOWN = "不会算"
    CIRCULAR = "循环"


_WORST = [Kind.SAME, Kind.UNKNOWN, Kind.PARTIAL, Kind.UNCALCULATED, Kind.CIRCULAR, Kind.VOLATILE, Kind.FOREIGN]


class Verdict(NamedTuple):
    """kind; the stored value and the one worked out again, as text; what else is to be said (function, cell, file)."""

    kind: Kind
    stored: str = ""
    worked: str = ""
    why: str = ""


class Page(Protocol):
    """As much of a sheet as is needed."""

    @property
    def title(self) -> str: ...
    @property
    def cells(self) -> Mapping[At, Cell]: ...


class Pages(Protocol):
    """As much of a book as is needed."""

    @property
    def sheets(self) -> Sequence[Page]: ...
    @property
    def uncalculated(self) -> bool: ...
    @property
    def links(self) -> Sequence[str]: ...


class _Outcome(NamedTuple):
    """A cell worked out: its value, how far it can be trusted and why not further, and the largest number on the way.

    told  whether `value` was worked out here and not just taken from the file
    """

    value: Any
    kind: Kind = Kind.SAME
    why: str = ""
    largest: float = 0.0
    told: bool = True


_Key = tuple[str, At]


def examine(book: Pages, sheet: Page, at: At) -> Verdict:
    """Whether the value of the formula at `at` can be believed. For many cells of one book make one `Recalculation`."""
    return Recalculation(book).examine(sheet, at)


class Recalculation:
    """Works out the formulas of one book, each once."""

    def __init__(self, book: Pages) -> None:
        self.book = book
        self.known: dict[_Key, _Outcome] = {}
        self.formulas: dict[_Key, Formula] = {}
        self.steps = 0
        self._pages = {page.title.casefold(): _Columns(page) for page in book.sheets}

    def examine(self, sheet: Page, at: At) -> Verdict:
        cell = sheet.cells[at]
        found = self._work_out((sheet.title.casefold(), at))
        stored, worked = _shown(cell.raw), _shown(found.value) if found.told else ""
        if cell.raw is None:
            return Verdict(Kind.UNCALCULATED, "", worked, found.why)
        if found.kind not in (Kind.SAME, Kind.UNKNOWN):
            return Verdict(found.kind, stored, "", found.why)
        if found.told and not _alike(_plain(cell), found):
            kind = Kind.UNCALCULATED if self.book.uncalculated else Kind.STALE
            return Verdict(kind, stored, worked, found.why)
        if found.kind == Kind.UNKNOWN:
            return Verdict(Kind.UNCALCULATED if self.book.uncalculated else Kind.UNKNOWN, stored, worked, found.why)
        return Verdict(Kind.SAME, stored, worked)

    def _work_out(self, wanted: _Key) -> _Outcome:
        """The outcome of a formula cell; what it needs is worked out before it, without recursion."""
        stack: list[_Key] = [wanted]
        open_: set[_Key] = set()
        needs: dict[_Key, list[_Key]] = {}
        circular: set[_Key] = set()
        while stack:
            key = stack[-1]
            if key in self.known:
                stack.pop()
            elif key not in open_:
                open_.add(key)
                needs[key] = self._needs(key)
                if any(need in open_ and need not in self.known for need in needs[key]):
                    circular.add(key)
                stack += [need for need in needs[key] if need not in self.known and need not in open_]
            else:
                self.known[key] = self._outcome(key, needs[key], key in circular)
                stack.pop()
        return self.known[wanted]

    def _needs(self, key: _Key) -> list[_Key]:
        """The formula cells that a formula names."""
        found: dict[_Key, None] = {}
        text = self._cell(key).formula
        if self.steps >= MOST_STEPS:
            self.formulas[key] = Formula(None, _TOO_MUCH, (), frozenset(), "")
            return []
        self.steps += 20 + len(text) // 4  # taking one apart takes as long as looking at some twenty cells
        self.formulas[key] = take_apart(text)
        for area in self.formulas[key].areas:
            title = area.sheet.casefold() or key[0]
            for at in self._pages[title].within(area, formulas=True) if title in self._pages else ():
                self.steps += 1
                found[title, at] = None
                if self.steps >= MOST_STEPS:
                    return list(found)
        return list(found)

    def _cell(self, key: _Key) -> Cell:
        return self._pages[key[0]].page.cells[key[1]]

    def _outcome(self, key: _Key, needs: list[_Key], circular: bool) -> _Outcome:
        cell = self._cell(key)
        formula = self.formulas[key]
        kind, why = self._trust(formula, needs, circular, key)
        if kind in (Kind.SAME, Kind.UNKNOWN):
            run = _Run(self, key[0])
            try:
                if formula.tree is None:
                    raise CannotTell(formula.why)
                found = _result(formula, run)
                if run.doubts and not isinstance(found, Error):
                    return _Outcome(found, Kind.PARTIAL, "；".join(list(run.doubts)[:3]), run.largest)
                return _Outcome(found, kind, why, run.largest)
            except CannotTell as reason:
                why = str(reason) or why
        if cell.raw is None and kind in (Kind.SAME, Kind.UNKNOWN):
            return _Outcome(None, Kind.UNCALCULATED, f"{address(*key[1])} 没有算过", told=False)
        return _Outcome(_plain(cell), kind if kind != Kind.SAME else Kind.UNKNOWN, why, told=False)

    def _file(self, named: str) -> str:
        """The other file; an .xlsx names it by its number."""
        number = int(named) if named.isascii() and named.isdigit() and len(named) < 4 else 0
        return self.book.links[number - 1] if 0 < number <= len(self.book.links) else named

    def _trust(self, formula: Formula, needs: list[_Key], circular: bool, key: _Key) -> tuple[Kind, str]:
        """The worst of what the formula itself holds and of the cells it rests on."""
        found = [(Kind.SAME, "")]
        if formula.foreign:
            found.append((Kind.FOREIGN, self._file(formula.foreign)))
        if volatile := formula.calls & VOLATILE:
            found.append((Kind.VOLATILE, min(volatile)))
        if circular:
            found.append((Kind.CIRCULAR, address(*key[1])))
        for need in needs:
            if need in self.known:
                outcome = self.known[need]
                found.append((outcome.kind, outcome.why))
        return max(found, key=lambda pair: _WORST.index(pair[0]))


def _result(formula: Formula, run: _Run) -> Any:
    assert formula.tree is not None
    try:
        found = value(formula.tree, run)
    except ErrorFound as error:
        return error.code
    if found is None:
        run.doubt("引用的格是空的，公式当作 0")
        return Fraction(0)
    return found


@dataclass
class _Run:
    """One formula being worked out: finds the cells it names and keeps in mind how large the numbers were."""

    whole: Recalculation
    home: str
    largest: float = 0.0
    doubts: dict[str, None] = field(default_factory=dict)

    def within(self, area: Area) -> Iterator[tuple[int, int, Any]]:
        title = area.sheet.casefold() or self.home
        page = self.whole._pages.get(title)  # noqa: SLF001 – one of its own
        if page is None:
            raise CannotTell(f"没有叫“{area.sheet}”的工作表")
        for at in page.within(area):
            self.whole.steps += 1
            if self.whole.steps > MOST_STEPS:
                raise CannotTell(_TOO_MUCH)
            outcome = self.whole.known.get((title, at))
            if outcome is not None:
                self.largest = max(self.largest, outcome.largest)
            found = outcome.value if outcome is not None else page.plain(at)
            if page.page.cells[at].struck:
                self.doubt(f"{address(*at)} 里有划掉或抬高的字")
            if found is not None:
                yield *at, found

    def doubt(self, why: str) -> None:
        self.doubts[why] = None

    def noticed(self, number: Fraction) -> Fraction:
        self.largest = max(self.largest, abs(number.numerator / number.denominator))
        return number


class _Columns:
    """The cells of a sheet by column, so that a block is found without going over its addresses."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._all: dict[int, list[int]] | None = None
        self._formulas: dict[int, list[int]] = {}
        self._plain: dict[At, Any] = {}

    def plain(self, at: At) -> Any:
        if at not in self._plain:
            self._plain[at] = _plain(self.page.cells[at])
        return self._plain[at]

    def within(self, area: Area, *, formulas: bool = False) -> Iterator[At]:
        """The cells that stand in `area`; only those that are formulas if so asked."""
        if area.single:
            cell = self.page.cells.get((area.first, area.left))
            if cell is not None and (cell.formula or not formulas):
                yield area.first, area.left
            return
        columns = self._sorted(formulas=formulas)
        wide = area.right - area.left + 1 > len(columns)
        for column in sorted(columns) if wide else range(area.left, area.right + 1):
            if not area.left <= column <= area.right or column not in columns:
                continue
            rows = columns[column]
            for number in range(bisect_left(rows, area.first), bisect_right(rows, area.last)):
                yield rows[number], column

    def _sorted(self, *, formulas: bool) -> dict[int, list[int]]:
        if self._all is None:
            self._all = {}
            for (row, column), cell in sorted(self.page.cells.items()):
                self._all.setdefault(column, []).append(row)
                if cell.formula:
                    self._formulas.setdefault(column, []).append(row)
        return self._formulas if formulas else self._all


def _plain(cell: Cell) -> Any:
    """A cell's value as formulas see it: dates and times are numbers of days."""
    raw = cell.raw
    if isinstance(raw, str):
        return Error(raw) if cell.error else raw
    if raw is None or isinstance(raw, bool):
        return raw
    if isinstance(raw, dt.datetime | dt.date | dt.time | dt.timedelta):
        raw = to_excel(raw)  # type: ignore[no-untyped-call]
    try:
        return Fraction(repr(raw))
    except ValueError:  # nan and inf
        return Error("#NUM!")


def _alike(stored: Any, found: _Outcome) -> bool:
    """Whether a stored value is what the formula comes to, as far as doubles go."""
    worked = found.value
    stored, worked = (Fraction(each) if isinstance(each, bool) else each for each in (stored, worked))
    if isinstance(stored, Error) and isinstance(worked, Error):
        return True  # programs differ in which one it is
    if isinstance(stored, str) or isinstance(worked, str):
        if stored == "" and isinstance(worked, Fraction):
            return not worked and not found.largest  # a reference to a blank cell is stored as 0 or as empty
        return type(stored) is type(worked) and bool(stored == worked)
    gap, size = abs(stored - worked), max(abs(stored), abs(worked))
    return bool(gap <= _NEAR * size or gap <= _NOISE * Fraction(found.largest))


def _shown(found: Any) -> str:
    if isinstance(found, int | float) and not isinstance(found, bool):
        return repr(found)
    if isinstance(found, Fraction):
        return str(int(found)) if found.denominator == 1 else f"{float(found):.12g}"
    if isinstance(found, dt.datetime) and found.time() == dt.time():
        found = found.date()
    return ("TRUE" if found else "FALSE") if isinstance(found, bool) else written(found)
