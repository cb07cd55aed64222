"""What one subject is among the others: its place, and its value beside the best, the mean or the sum of all.

A cohort is all subjects, or those of one group. Somebody whose group nobody knows may be in each of them; whoever is out
(不计) is in none. Every result spans what it can be, whatever the unknown values of anybody turn out to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from evaltool.quantities import divide
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth, hull, interval, multiply, number, over, take
from evaltool.scoring.gathering import gather, quotient


@dataclass(frozen=True, slots=True)
class Cohort:
    """Positions of those who may belong to one group, and which of them surely count in it.

    mine   positions of all whose group this may be
    inside positions of all who may count in it (not surely out), and beside each whether it surely does
    """

    mine: Array
    inside: Array
    sure: Array


def cohorts(group: Col | None, out: Truth | None, n: int) -> list[Cohort]:
    """All subjects as one cohort, or one for each label (or 是 and 否) of `group`."""
    if group is None:
        masks: Sequence[tuple[Array, Array]] = [(np.ones(n, bool), np.ones(n, bool))]
    elif isinstance(group, Label):
        bits = [1 << i for i in range(len(group.options))]
        masks = [((group.mask & bit) != 0, group.mask == bit) for bit in bits]
    elif isinstance(group, Truth):
        masks = [(group.hi, group.lo), (~group.lo, ~group.hi)]
    else:
        raise TypeError("a cohort is told by a label or a yes/no")
    found = []
    for possible, sure in masks:
        inside = np.flatnonzero(possible if out is None else possible & ~out.lo)
        certain = sure[inside] if out is None else sure[inside] & ~out.hi[inside]
        if possible.any():
            found.append(Cohort(np.flatnonzero(possible), inside, certain))
    return found


def spread(parts: Sequence[tuple[Cohort, Num]], n: int, exact: bool) -> Num:
    """One column from a result for each of `mine` of every cohort; the hull where somebody may belong to several."""
    lo, hi = np.full(n, INF, object if exact else float), np.full(n, -INF, object if exact else float)
    for cohort, part in parts:
        lo[cohort.mine] = np.minimum(lo[cohort.mine], part.lo)
        hi[cohort.mine] = np.maximum(hi[cohort.mine], part.hi)
    none = np.asarray(lo > hi, bool)
    lo[none] = hi[none] = 0  # of no group at all: out
    return interval(lo, hi)


def across(function: str, column: Num, all_: Sequence[Cohort], share: Any) -> tuple[Num, Array]:
    """sum, mean, … of the values of each cohort, as everybody of it sees it; and who sees one of surely too few."""
    n = len(column.lo)
    parts, few = [], np.ones(n, bool)
    for cohort in all_:
        owner = np.zeros(len(cohort.inside), int)
        there = Truth(cohort.sure, np.ones(len(owner), bool))
        result, none = gather(function, take(column, cohort.inside), owner, 1, there, share)
        parts.append((cohort, take(result, np.zeros(len(cohort.mine), int))))
        few[cohort.mine] &= none[0]
    return spread(parts, n, column.lo.dtype == object), few


# places


def rank(value: Num, all_: Sequence[Cohort], low_first: bool, ties: str, share: bool) -> tuple[Num, Array]:
    """The place of everybody in his cohort, 1 the first; with `share` (place − 1) ÷ (n − 1).

    ties     min, max or mean of the places that equals take up together, or dense: no place is left out after them
    returns  column of places, and a mask of those who are surely alone, so that there is no share
    source   form 22
    """
    ranked = Num(-value.hi, -value.lo) if low_first else value
    exact = value.lo.dtype == object
    parts, alone = [], np.ones(len(value.lo), bool)
    for cohort in all_:
        lo, hi = _places(ranked, cohort, ties)
        result = interval(*(_numbers(end, exact) for end in (lo, hi)))
        if share:
            result = _shared(result, cohort)
            alone[cohort.mine] &= len(np.setdiff1d(cohort.inside, cohort.mine[:1])) == 0
        parts.append((cohort, result))
    return spread(parts, len(value.lo), exact), alone if share else np.zeros(len(value.lo), bool)


def _numbers(values: Array, exact: bool) -> Array:
    """Places and halves of places: exact numbers of small size."""
    if not exact:
        return values.astype(float)
    result = np.empty(len(values), object)
    result[:] = [divide(int(2 * x), 2) for x in values]
    return result


def _places(value: Num, cohort: Cohort, ties: str) -> tuple[Array, Array]:
    """Best and worst possible place of each of `mine`, the highest value first."""
    low, high = value.lo[cohort.mine], value.hi[cohort.mine]
    sure_low = np.sort(value.lo[cohort.inside[cohort.sure]])
    any_high = np.sort(value.hi[cohort.inside])
    counted, certain = np.isin(cohort.mine, cohort.inside), np.isin(cohort.mine, cohort.inside[cohort.sure])
    itself = np.asarray(low == high, bool)
    if ties == "dense":
        return _dense(value, cohort, low, high, counted & ~itself)
    # who is surely above, and who may be above; the second also counts oneself where one is open
    above = len(sure_low) - np.searchsorted(sure_low, high, "right")
    may_be_above = len(any_high) - np.searchsorted(any_high, low, "right") - (counted & ~itself)
    level = len(sure_low) - np.searchsorted(sure_low, high, "left") - (certain & itself)
    may_be_level = len(any_high) - np.searchsorted(any_high, low, "left") - counted
    if ties == "min":
        return 1 + above, 1 + may_be_above
    if ties == "max":
        return 1 + level, 1 + may_be_level
    return 1 + (above + level) / 2, 1 + (may_be_above + may_be_level) / 2


def _dense(value: Num, cohort: Cohort, low: Array, high: Array, open_self: Array) -> tuple[Array, Array]:
    """How few and how many different values may lie above."""
    picks: list[Any] = []
    sure = cohort.inside[cohort.sure]
    for i in sorted(sure, key=lambda i: value.lo[i], reverse=True):
        if not picks or value.hi[i] < picks[-1]:  # not met by a value that is needed anyway
            picks.append(value.lo[i])
    fewest = np.array(sorted(picks), value.lo.dtype)
    known = np.asarray(value.lo[cohort.inside] == value.hi[cohort.inside], bool)
    different = np.array(sorted(set(value.lo[cohort.inside[known]])), value.lo.dtype)
    unknown = np.sort(value.hi[cohort.inside[~known]])
    best = 1 + len(fewest) - np.searchsorted(fewest, high, "right")
    worst = 1 + len(different) - np.searchsorted(different, low, "right")
    return best, worst + len(unknown) - np.searchsorted(unknown, low, "right") - open_self


def _shared(place: Num, cohort: Cohort) -> Num:
    """(place − 1) ÷ (n − 1) for every size that the cohort can have; without anybody else it is anything."""
    least = len(set(cohort.inside[cohort.sure].tolist()))
    own = np.isin(cohort.mine, cohort.inside[cohort.sure])
    most = len(cohort.inside) + ~np.isin(cohort.mine, cohort.inside)
    exact = place.lo.dtype == object

    def over_others(end: Array, others: Array) -> Array:
        kind: Any = (lambda x: x) if exact else float
        shares = [min(quotient(x - 1, int(k)), kind(1)) if k > 0 else None for x, k in zip(end, others, strict=True)]
        result = np.empty(len(end), place.lo.dtype)
        result[:] = [fallback if x is None else x for x, fallback in zip(shares, _fallback(end is place.lo, shares))]
        return result

    return interval(over_others(place.lo, most - 1), over_others(place.hi, least - own))


def _fallback(lowest: bool, like: list[Any]) -> list[int]:
    return [0 if lowest else 1] * len(like)


def _iterate() -> Iterator[int]:
    yield from ()


_ = (Fraction, hull, multiply, number, over)
