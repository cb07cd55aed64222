"""Figures of an unlikely size: against the last round, against the other counties of this one, by themselves.

Floats only find what may lie beyond a line (cells hold no number of more than 15 digits); the line itself is drawn with
exact numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evaltool.facts import Facts
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.intake.questions.asking import ask, times
from evaltool.intake.questions.last_round import LastRound
from evaltool.intake.questions.measures import (
    Found,
    Measure,
    definition,
    filled,
    find,
    in_unit,
    known,
    name,
    numeric,
    said,
    unit,
)
from evaltool.intake.questions.plausible import Limit, limits
from evaltool.problems import Problem
from evaltool.quantities import Exact, divide, magnitude
from evaltool.question_lines import (
    APART,
    AS_IT_IS,
    FEWEST_COUNTIES,
    HUNDREDFOLD,
    SHARES_APART,
    SMALL_COUNT,
    TEN_THOUSANDFOLD,
)
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

_NEAR = 1.001  # a float this near to a line is looked at exactly


class Sizes:
    """The questions about the sizes of one round's figures, worked out figure by figure for all counties at once."""

    def __init__(self, scheme: Scheme, counties: Mapping[str, CountyRead], previous: Facts | None = None) -> None:
        self.scheme, self.counties = scheme, counties
        self._last = LastRound(scheme, previous) if previous is not None else None
        self._found: dict[str, list[Problem]] = {code: [] for code in counties}
        self._asked: set[tuple[str, str, str]] = set()  # code, sheet, cell
        for key, item in layout.county_fields(scheme).items():
            if numeric(item):
                self._figure(Measure(key), item)
        for list_id, rows in scheme.filled_lists.items():
            for key, item in layout.county_columns(rows).items():
                if item.type == "money" and numeric(item):
                    self._figure(Measure(key, list_id), item)
            self._cells(list_id)

    def of(self, code: str) -> list[Problem]:
        return self._found[code]

    def _figure(self, measure: Measure, item: FieldDef) -> None:
        """One field (or sum of a column) of every county."""
        column = {code: at for code, read in self.counties.items() if (at := find(read, measure)) is not None}
        if self._last is not None:
            self._against_last_round(measure, item, column)
        if item.type in ("money", "count", "share"):
            self._against_the_others(measure, item, column)
        own = [] if measure.list else limits(item)
        for code, at in column.items() if own else ():
            self._by_itself(code, measure, own, at, name(self.scheme, measure))

    def _cells(self, list_id: str) -> None:
        """The single cells of a list, by themselves."""
        columns = layout.county_columns(self.scheme.edition.lists[list_id])
        own = {key: limits(item) for key, item in columns.items() if numeric(item)}
        owner = self.scheme.edition.lists[list_id].name
        for code, read in self.counties.items():
            rows = read.lists.get(list_id)
            for number, row in enumerate(rows.rows if rows is not None else (), 1):
                for key, lines in own.items():
                    cell = row.cells.get(key)
                    value = known(cell)
                    if cell is not None and value is not None:
                        called = f"“{owner}”第 {number} 行“{columns[key].name}”"
                        self._by_itself(code, Measure(key, list_id), lines, Found(value, cell.origin), called)

    def _ask(self, code: str, problem: str, said_: tuple[str, str, str, str], at: Found, measure: Measure) -> None:
        """One question about its size for each cell; what came without cells is told apart by its name."""
        cell = (code, at.origin.sheet, at.origin.cell) if at.origin else (code, measure.key, said_[0].split("填")[0])
        if cell in self._asked:
            return
        self._asked.add(cell)
        item = definition(self.scheme, measure)
        cites = item.cite if item is not None else []
        self._found[code].append(ask(self.scheme, code, problem, said_, at, measure, cites))

    # --- D130 ---

    def _against_last_round(self, measure: Measure, item: FieldDef, column: Mapping[str, Found]) -> None:
        assert self._last is not None
        for code, then in self._last.column(measure).items():
            at = column.get(code)
            if at is None or then.value == 0 or at.value == 0 or (then.value > 0) != (at.value > 0):
                continue
            now, before = magnitude(at.value), magnitude(in_unit(then.value, then.unit, unit(self.scheme, measure)))
            if now < before * HUNDREDFOLD[0] and before < now * HUNDREDFOLD[0]:
                continue  # before anything is divided: most figures are of one size in two rounds
            line = _jump(item, now, before)
            if not line:
                continue
            what = f"{filled(self.scheme, measure, at.value)}，上一轮是 {then.text}，本轮是上一轮{times(now, before)}"
            self._ask(code, "D130", (what, _cause(item, now, before), line, AS_IT_IS), at, measure)

    # --- D131 ---

    def _against_the_others(self, measure: Measure, item: FieldDef, column: Mapping[str, Found]) -> None:
        """Every county that is not zero, against the median of them all."""
        large = [(code, at) for code, at in column.items() if at.value > 0]
        if len(large) < FEWEST_COUNTIES:
            return
        sizes = np.array([float(at.value) for _, at in large])
        rough = float(np.median(sizes))
        apart = SHARES_APART if item.type == "share" else APART
        far = (sizes * _NEAR >= rough * apart) | (sizes * apart <= rough * _NEAR)
        if not far.any():
            return
        middle = _median([at.value for _, at in large])
        who = f"本轮 {len(large)} 个{self.scheme.edition.subject}（填零的不算）的中位数"
        for place in np.flatnonzero(far):
            code, at = large[int(place)]
            if max(divide(at.value, middle), divide(middle, at.value)) < apart:
                continue
            what = (
                f"{filled(self.scheme, measure, at.value)}，{who}是 "
                f"{said(self.scheme, measure, middle)}，本数是中位数{times(at.value, middle)}"
            )
            line = f"与中位数相差 {apart} 倍以上"
            self._ask(code, "D131", (what, _cause(item, at.value, middle), line, AS_IT_IS), at, measure)

    # --- D139 ---

    def _by_itself(self, code: str, measure: Measure, lines: list[Limit], at: Found, called: str) -> None:
        for limit in lines:
            if limit.crossed(at.value):
                what = f"{called}填 {said(self.scheme, measure, at.value)}"
                self._ask(code, "D139", (what, "", limit.line, "核对该数和单位；确实如此的不用改"), at, measure)
                return


def _jump(item: FieldDef, now: Exact, before: Exact) -> str:
    """The line that a figure crosses against the last round, in words; empty where it crosses none."""
    ratio = max(divide(now, before), divide(before, now))
    low, high = HUNDREDFOLD
    if ratio >= TEN_THOUSANDFOLD:
        return f"相差 {TEN_THOUSANDFOLD} 倍以上"
    small = item.type == "count" and min(now, before) < SMALL_COUNT
    return f"相差 {low} 至 {high} 倍" if low <= ratio <= high and not small else ""


def _cause(item: FieldDef, one: Exact, other: Exact) -> str:
    """What usually makes a difference of this size."""
    far = max(divide(one, other), divide(other, one)) >= APART
    if item.type == "share":
        return "像是百分号或小数点错了位"
    if far and item.type == "money":
        return "像是元和万元填混了"
    return "像是单位填错了，如把“万”当成个位" if far else "像是小数点错了位，或单位填错了"


def _median(values: list[Exact]) -> Exact:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else divide(ordered[half - 1] + ordered[half], 2)
