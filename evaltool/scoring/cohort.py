"""What one subject is among the others: its place, and its value beside the best, the mean or the sum of all.

A cohort is all subjects, or those of one group. Somebody whose group nobody knows may be in each of them; whoever is
out (不计) is in none. Every result spans what it can be, whatever the unknown values of anybody turn out to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaltool.quantities import divide
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth, as_singles, interval, multiply, over, take
from evaltool.scoring.gathering import gather, quotient
from evaltool.scoring.groups import order_of


@dataclass(frozen=True, slots=True)
class Cohort:
    """Positions of those who may belong to one group, and which of them surely count in it.

    mine   positions of all whose group this may be
    inside positions of all who may count in it (not surely out), and beside each whether it surely does
    """

    mine: Array
    inside: Array
    sure: Array


def cohorts(group: Col | None, out: Truth | None, n: int, cells: Array | None = None) -> list[Cohort]:
    """All subjects as one cohort, or one for each label (or 是 and 否) of `group`.

    cells  of rows: what keeps them apart whatever their group, their number in the list or their owner
    """
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
        for mine in _apart(np.flatnonzero(possible), cells):
            inside = mine if out is None else mine[~out.lo[mine]]
            found.append(Cohort(mine, inside, sure[inside] if out is None else sure[inside] & ~out.hi[inside]))
    return found


def nobody(all_: Sequence[Cohort], out: Truth) -> Truth:
    """Who is in a cohort in which nobody counts."""
    lo, hi = np.ones(len(out.lo), bool), np.zeros(len(out.lo), bool)
    for cohort in all_:
        lo[cohort.mine] &= not len(cohort.inside)
        if not cohort.sure.any():  # one that nobody is sure to count in: unless one counts oneself
            hi[cohort.mine] |= out.hi[cohort.mine]
    return Truth(lo & hi, hi)


def _apart(rows: Array, cells: Array | None) -> Sequence[Array]:
    """The rows of each cell; nothing where there are no rows."""
    if cells is None or not len(rows):
        return [rows] if len(rows) else []
    rows = rows[np.argsort(cells[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(cells[rows])) + 1)


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
    column, n = as_singles(column), len(column.lo)  # cohorts may be many and small
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
    exact, n = value.lo.dtype == object, len(value.lo)
    order = order_of(np.concatenate([value.lo, value.hi]))  # places ask for nothing but the order
    ranked = Num(-order[n:], -order[:n]) if low_first else Num(order[:n], order[n:])
    parts, alone = [], np.ones(n, bool)
    for cohort in all_:
        lo, hi = _places(ranked, cohort, ties)
        result = interval(*(_numbers(end, exact) for end in (lo, hi)))
        if share:
            result, none = _shared(result, cohort)
            alone[cohort.mine] &= none
        parts.append((cohort, result))
    return spread(parts, n, exact), alone if share else np.zeros(n, bool)


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


def _shared(place: Num, cohort: Cohort) -> tuple[Num, Array]:
    """(place − 1) ÷ the number of the others, for every number that they can be; and who surely has none."""
    fewest, most = _others(cohort)
    exact = place.lo.dtype == object
    lo, hi = _numbers(np.zeros(len(most)), exact), _numbers(np.ones(len(most)), exact)
    for i in np.flatnonzero(most):
        lo[i] = quotient(place.lo[i] - 1, int(most[i]))
    for i in np.flatnonzero(fewest):
        hi[i] = min(quotient(place.hi[i] - 1, int(fewest[i])), hi[i])
    return interval(lo, hi), most == 0


def _others(cohort: Cohort) -> tuple[Array, Array]:
    """How many others there are beside each of `mine`, surely and possibly."""
    sure = cohort.inside[cohort.sure]
    return len(sure) - np.isin(cohort.mine, sure), len(cohort.inside) - np.isin(cohort.mine, cohort.inside)


# shares of the best, the mean, the sum


def relative(value: Num, all_: Sequence[Cohort], to: str, lower: bool, times: Num) -> tuple[Num, Array]:
    """value ÷ the best, mean or sum of its cohort, times a factor; with `lower` the least ÷ value.

    Where no value is negative the ends are taken with one's own value in the divisor too; else they span more.
    returns  column, and a mask of the rows whose divisor is surely zero
    source   form 23
    """
    value, parts, zero = as_singles(value), [], np.ones(len(value.lo), bool)
    for cohort in all_:
        negative = np.any(np.asarray(value.lo[np.union1d(cohort.inside, cohort.mine)] < 0, bool))
        wide = negative or (to == "mean" and not cohort.sure.all())
        result, none = _wide(value, cohort, to, lower) if wide else _TIGHT[to](value, cohort, lower)
        parts.append((cohort, result))
        zero[cohort.mine] &= none
    return multiply(spread(parts, len(value.lo), value.lo.dtype == object), times), zero


def _wide(value: Num, cohort: Cohort, to: str, lower: bool) -> tuple[Num, Array]:
    """The range of the divisor under the range of the value, as if the two had nothing to do with each other."""
    n = len(cohort.mine)
    function = to if to != "best" else "min" if lower else "max"
    there = Truth(cohort.sure, np.ones(len(cohort.inside), bool))
    owner = np.zeros(len(cohort.inside), int)
    beside = take(gather(function, take(value, cohort.inside), owner, 1, there)[0], np.zeros(n, int))
    own = take(value, cohort.mine)
    return over(beside, own) if to == "best" and lower else over(own, beside)


def _ends_of_others(value: Num, cohort: Cohort, pick: np.ufunc, none: float) -> tuple[Array, Array]:
    """The extreme of everybody else's values, beside each of `mine`: of the lowest ends and of the highest.

    pick  np.maximum: those surely there bound it from below, any that may be there from above; np.minimum: conversely
    """
    sure = cohort.inside[cohort.sure]
    low, high = (sure, cohort.inside) if pick is np.maximum else (cohort.inside, sure)
    return _without(value.lo, low, cohort.mine, pick, none), _without(value.hi, high, cohort.mine, pick, none)


def _without(values: Array, inside: Array, mine: Array, pick: np.ufunc, none: float) -> Array:
    """The extreme of `inside` without each of `mine` himself."""
    result = np.full(len(mine), none, values.dtype)
    if len(inside):
        first = max(inside, key=lambda i: values[i]) if pick is np.maximum else min(inside, key=lambda i: values[i])
        rest = inside[inside != first]
        result[:] = values[first]
        result[mine == first] = pick.reduce(values[rest]) if len(rest) else none
    return result


def _divided(top: Array, below: Array) -> Array:
    """top ÷ below for amounts of which neither is negative and below is not zero; nothing over ∞ is 0, ∞ over it 1."""
    result = np.empty(len(top), top.dtype)
    for i, (x, y) in enumerate(zip(top, below, strict=True)):
        result[i] = (1 if x == INF else 0) if y == INF else quotient(x, y)
    return result


def _to_best(value: Num, cohort: Cohort, lower: bool) -> tuple[Num, Array]:
    low, high = value.lo[cohort.mine], value.hi[cohort.mine]
    one = np.ones(len(low)) if low.dtype != object else _numbers(np.ones(len(low)), True)
    lo, hi = one.copy(), one.copy()
    if lower:  # least ÷ value: 1 for whoever has the least
        least_low, least_high = _ends_of_others(value, cohort, np.minimum, INF)
        behind, surely = np.asarray(high > least_low, bool), np.asarray(low > least_high, bool)
        lo[behind], hi[surely] = _divided(least_low[behind], high[behind]), _divided(least_high[surely], low[surely])
        zero = np.asarray(high == 0, bool)
    else:
        best_low, best_high = _ends_of_others(value, cohort, np.maximum, -INF)
        behind, surely = np.asarray(low < best_high, bool), np.asarray(high < best_low, bool)
        lo[behind], hi[surely] = _divided(low[behind], best_high[behind]), _divided(high[surely], best_low[surely])
        zero = np.asarray((high == 0) & (best_high <= 0), bool)
        hi[np.asarray(high == 0, bool) & ~zero] = 0
        lo[np.asarray(low == 0, bool)] = 0
    lo[zero] = 0
    return interval(lo, hi), zero


def _to_sum(value: Num, cohort: Cohort, _: bool, mean: bool = False) -> tuple[Num, Array]:
    low, high = value.lo[cohort.mine], value.hi[cohort.mine]
    sure = cohort.inside[cohort.sure]
    least, most = (
        _sum_without(end, inside, cohort.mine) for end, inside in ((value.lo, sure), (value.hi, cohort.inside))
    )
    factor = _others(cohort)[1] + 1 if mean else np.ones(len(low), int)
    lo, hi = (_numbers(np.zeros(len(low)), low.dtype == object) for _ in range(2))
    some = np.asarray(low > 0, bool)
    lo[some] = _divided(low[some], (low + most)[some])
    some = np.asarray(high > 0, bool)
    hi[some] = _divided(high[some], (high + least)[some])
    zero = ~some & np.asarray(most == 0, bool)
    hi[zero] = 1
    return interval(lo * factor, hi * factor), zero


def _to_mean(value: Num, cohort: Cohort, lower: bool) -> tuple[Num, Array]:
    return _to_sum(value, cohort, lower, mean=True)


def _sum_without(values: Array, inside: Array, mine: Array) -> Array:
    """The sum of `inside` without each of `mine` himself; endless values are counted apart."""
    endless = inside[np.asarray(values[inside] == INF, bool)]
    plain = np.setdiff1d(inside, endless)
    own = np.where(np.isin(mine, plain), values[mine], 0)
    result = sum(values[plain].tolist()) - own
    result[len(endless) - np.isin(mine, endless) > 0] = INF
    return result


_TIGHT: dict[str, Callable[[Num, Cohort, bool], tuple[Num, Array]]] = {
    "best": _to_best,
    "sum": _to_sum,
    "mean": _to_mean,
}
