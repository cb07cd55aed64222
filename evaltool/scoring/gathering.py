"""Sums, means, extremes, percentiles and deviations of many rows by their owner.

A row may be only possibly there (out, or of a block that nobody has read): then the result spans every set of rows that
it can be. Of no row at all a sum is 0 (`top` and `bottom` are sums too); everything else is unknown, and the caller
says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from evaltool.quantities import Exact, divide
from evaltool.scoring.columns import (
    INF,
    Array,
    Num,
    Numbers,
    Truth,
    as_singles,
    choose,
    full,
    interval,
    number,
    numbers,
    take,
)  # fmt: skip
from evaltool.scoring.functions import root_of
from evaltool.scoring.groups import joined

Group = tuple[list[Any], list[Any], Array]  # lowest, highest, whether each row is surely there


def gather(
    function: str, column: Num, owner: Array, n: int, there: Truth | None = None, share: Exact = Fraction(1, 2)
) -> tuple[Num, Array]:
    """`function` of the rows of each owner.

    function  sum, mean, min, max, median, percentile (with `share`), top or bottom (so many) or std
    owner     position of the owner of each row, 0 … n − 1
    there     whether each row counts; None: all do
    returns   one row for each owner, and a mask of the owners with surely too few rows to compute anything from
    """
    if there is not None and not there.hi.all():
        kept = there.hi
        column, owner, there = take(column, kept), owner[kept], take(there, kept)
    sure = np.ones(len(owner), bool) if there is None else there.lo
    if function == "sum":
        return total(column, owner, n, sure), np.zeros(n, bool)
    few = np.bincount(owner, minlength=n) < (2 if function == "std" else 1)
    if function in ("top", "bottom"):
        result = _each(lambda group: _RANGES[function](group, share), column, owner, n, sure, few)
        return choose(few, number(0, n, numbers(result.lo)), result), np.zeros(n, bool)
    if function in ("min", "max"):
        return _extreme(function, column, owner, n, sure, few), few
    if function == "mean" and sure.all():
        some = np.maximum(np.bincount(owner, minlength=n), 1)
        ends = [_over_counts(end, some) for end in _sums(column, owner, n)]
        return _opened(interval(*ends), few), few
    one = _RANGES[function]
    share = Fraction(1, 2) if function == "median" else share
    return _each(lambda group: one(group, share), column, owner, n, sure, few), few


def total(column: Num, owner: Array, n: int, sure: Array) -> Num:
    """The sum of the rows of each owner; a row that is only possibly there adds its value or nothing."""
    if sure.all():
        lo, hi = _sums(column, owner, n)
    else:
        low = np.where(sure, column.lo, np.minimum(column.lo, 0))
        high = np.where(sure, column.hi, np.maximum(column.hi, 0))
        lo, hi = _sums(Num(low, high), owner, n)
    return Num(lo, lo) if lo is hi else interval(lo, hi)


def _sums(column: Num, owner: Array, n: int) -> tuple[Array, Array]:
    lo = reduced(np.add, column.lo, owner, n, 0)
    return lo, lo if column.hi is column.lo else reduced(np.add, column.hi, owner, n, 0)


def reduced(function: np.ufunc, values: Array, owner: Array, n: int, empty: float) -> Array:
    """`function` over the values of each owner; `empty` where it has none."""
    owners, found = joined(values, owner, function)
    result = full(n, empty, numbers(values))
    result[owners] = found
    return result


def _over_counts(sums: Array, counts: Array) -> Array:
    if numbers(sums) is not Numbers.SINGLES:
        return sums / counts
    result = np.empty(len(sums), object)
    result[:] = [x if abs(x) == INF else divide(x, int(k)) for x, k in zip(sums, counts, strict=True)]
    return result


def _opened(result: Num, few: Array) -> Num:
    """Nothing is known of the owners with too few rows."""
    if not few.any():
        return result
    lo, hi = result.lo.copy(), result.hi.copy()
    lo[few], hi[few] = -INF, INF
    return interval(lo, hi)


def _extreme(function: str, column: Num, owner: Array, n: int, sure: Array, few: Array) -> Num:
    """The least or greatest of the rows: those surely there bound it on one side, any that may be on the other."""
    pick, other = (np.minimum, np.maximum) if function == "min" else (np.maximum, np.minimum)
    worst = INF if function == "min" else -INF
    near, far = (column.lo, column.hi) if function == "min" else (column.hi, column.lo)
    reach = reduced(pick, near, owner, n, worst)
    if sure.all():
        bound = reach if column.hi is column.lo else reduced(pick, far, owner, n, worst)
    else:
        bound = reduced(pick, far[sure], owner[sure], n, worst)
        open_ = np.bincount(owner[sure], minlength=n) == 0  # any single row may be the only one
        bound[open_] = reduced(other, far, owner, n, -worst)[open_]
    ends = (reach, bound) if function == "min" else (bound, reach)
    return _opened(Num(reach, reach) if reach is bound else interval(*ends), few)


def groups(owner: Array, n: int) -> Iterator[tuple[int, Array]]:
    """(owner, positions of its rows) of every owner that has any."""
    order = np.argsort(owner, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(owner, minlength=n))[:-1]) if n else []
    yield from ((i, part) for i, part in enumerate(parts) if len(part))


def _each(one: Callable[[Group], tuple[Any, Any]], column: Num, owner: Array, n: int, sure: Array, few: Array) -> Num:
    column = as_singles(column)
    lo, hi = np.full(n, -INF, column.lo.dtype), np.full(n, INF, column.lo.dtype)
    for i, rows in groups(owner, n):
        if not few[i]:
            lo[i], hi[i] = one(([*column.lo[rows]], [*column.hi[rows]], sure[rows]))
    return interval(lo, hi)


def quotient(a: Any, b: Any) -> Any:
    """a ÷ b of numbers of either arithmetic, b not zero."""
    return divide(a, b) if isinstance(a, int | Fraction) and isinstance(b, int | Fraction) else a / b


# mean


def _mean(group: Group, _: Exact) -> tuple[Any, Any]:
    low, high, sure = group
    ones = [1] * len(low)
    return weighted_end(low, ones, sure, -1), weighted_end(high, ones, sure, 1)


def weighted_end(values: list[Any], weights: list[Any], sure: Array, sign: int) -> Any:
    """The greatest (`sign` 1) or least (−1) weighted mean over every set of rows that can be there.

    Rows that are only possibly there are taken as long as they still pull the mean that way. None: no weight at all.
    """
    inside = [(x, w) for x, w, here in zip(values, weights, sure, strict=True) if here]
    maybe = [(x, w) for x, w, here in zip(values, weights, sure, strict=True) if not here and w]
    if any(abs(x) == INF and w for x, w in inside):
        ends = {x for x, w in inside if abs(x) == INF and w}
        return sign * INF if sign * INF in ends else ends.pop()
    weight = sum(w for _, w in inside)
    mass = sum(x * w for x, w in inside if w)
    for x, w in sorted(maybe, key=lambda pair: -sign * pair[0]):
        if weight and sign * (x * weight - mass) <= 0:
            break
        if abs(x) == INF:
            return x
        mass, weight = mass + x * w, weight + w
    return quotient(mass, weight) if weight else None


# percentile


def _ordered(pick: Callable[[list[Any], Exact], Any]) -> Callable[[Group, Exact], tuple[Any, Any]]:
    """Something taken from the numbers in ascending order that only grows with each of them."""

    def ends(group: Group, share: Exact) -> tuple[Any, Any]:
        low, high, sure = group
        return _ordered_end(pick, low, sure, share, 1), _ordered_end(pick, high, sure, share, -1)

    return ends


def _ordered_end(
    pick: Callable[[list[Any], Exact], Any], values: list[Any], sure: Array, share: Exact, sign: int
) -> Any:
    """The least (`sign` 1) or greatest (−1) of it: rows that may be there are added from that side, one by one."""
    inside = sorted(x for x, here in zip(values, sure, strict=True) if here)
    maybe = sorted((x for x, here in zip(values, sure, strict=True) if not here), reverse=sign < 0)
    first = 0 if inside or pick in (_top, _bottom) else 1  # a sum of none is 0
    found = [pick(sorted([*inside, *maybe[:count]]), share) for count in range(first, len(maybe) + 1)]
    return min(found) if sign > 0 else max(found)


def _top(ordered: list[Any], count: Exact) -> Any:
    return sum(ordered[-int(count) :])


def _bottom(ordered: list[Any], count: Exact) -> Any:
    return sum(ordered[: int(count)])


def _mean_of(pick: Callable[[list[Any], Exact], Any]) -> Callable[[list[Any], Exact], Any]:
    """The mean of the largest or smallest, or of those there are."""
    return lambda ordered, count: quotient(pick(ordered, count), min(int(count), len(ordered)))


def _nearest(ordered: list[Any], share: Exact) -> Any:
    """The first number that at least this share of all numbers does not exceed."""
    return ordered[max(math.ceil(Fraction(share) * len(ordered)), 1) - 1]


def _averaged(ordered: list[Any], share: Exact) -> Any:
    """Like `_nearest`, but the mean with the next number where the share falls between the two."""
    place = Fraction(share) * len(ordered)
    if place.denominator == 1 and 0 < place < len(ordered):
        return _between(ordered[int(place) - 1], ordered[int(place)], Fraction(1, 2))
    return _nearest(ordered, share)


def _exclusive(ordered: list[Any], share: Exact) -> Any:
    """On the straight line between the numbers at places 1/(n+1), 2/(n+1) …; the first and last beyond them."""
    place = min(max(Fraction(share) * (len(ordered) + 1), Fraction(1)), Fraction(len(ordered)))
    below = place.numerator // place.denominator
    part = place - below
    return _between(ordered[below - 1], ordered[below], part) if part else ordered[below - 1]


def percentile(ordered: list[Any], share: Exact) -> Any:
    """The percentile of numbers in ascending order: both ends included, on the straight line between two of them."""
    place = Fraction(share) * (len(ordered) - 1)
    below = place.numerator // place.denominator
    part = place - below
    if not part:
        return ordered[below]
    return _between(ordered[below], ordered[below + 1], part)


def _between(low: Any, high: Any, part: Fraction) -> Any:
    """The number at a part of the way from one to the other."""
    if low == high or abs(low) == INF or abs(high) == INF:
        return low if low == high or low == -INF else high
    return low + (high - low) * (part if isinstance(low, int | Fraction) else float(part))


# deviation


def _deviation(group: Group, less: int) -> tuple[Any, Any]:
    """The standard deviation (squares divided by the count less `less`) of numbers that lie anywhere in their ranges.

    The sum of squares around any centre is never less than around the mean, so the middle of the ranges gives an upper
    end; the lower end is the least that any centre gives.
    """
    low, high, sure = group
    if any(abs(x) == INF for x in (*low, *high)):
        return 0, INF
    if not all(sure):  # two rows alone may deviate as much as they lie apart
        return 0, max(high) - min(low)
    count = len(low)
    middle = quotient(sum(low) + sum(high), 2 * count)
    most = sum(max((x - middle) ** 2, (y - middle) ** 2) for x, y in zip(low, high, strict=True))
    upper = root_of(quotient(most, count - less))
    if low == high:
        return upper
    return root_of(quotient(_least_squares(low, high), count - less))[0], upper[1]


def _least_squares(low: list[Any], high: list[Any]) -> Any:
    """The least sum of squared distances from one centre to numbers in the ranges: 0 where all ranges meet.

    The pull of the ranges on the centre only grows from left to right: the stretch where it turns is found by halves.
    """
    ends = sorted({*low, *high})

    def pull(centre: Any) -> Any:
        return sum(centre - x for x in high if x < centre) - sum(x - centre for x in low if x > centre)

    first, last = 0, len(ends) - 1
    while first < last:
        half = (first + last) // 2
        first, last = (first, half) if pull(ends[half]) >= 0 else (half + 1, last)
    stop = ends[first]
    start = ends[max(first - 1, 0)]
    above, below = [x for x in low if x >= stop], [x for x in high if x <= start]
    centre = quotient(sum(above) + sum(below), len(above) + len(below)) if above or below else stop
    centre = min(max(centre, start), stop)
    return sum((x - centre) ** 2 for x in low if x > centre) + sum((x - centre) ** 2 for x in high if x < centre)


_RANGES: dict[str, Callable[[Group, Exact], tuple[Any, Any]]] = {
    "mean": _mean,
    "median": _ordered(percentile),
    "percentile": _ordered(percentile),
    "percentile inclusive": _ordered(percentile),
    "percentile exclusive": _ordered(_exclusive),
    "percentile nearest": _ordered(_nearest),
    "percentile averaged": _ordered(_averaged),
    "top": _ordered(_top),
    "bottom": _ordered(_bottom),
    "top mean": _ordered(_mean_of(_top)),
    "bottom mean": _ordered(_mean_of(_bottom)),
    "std": lambda group, _: _deviation(group, 1),
    "stdp": lambda group, _: _deviation(group, 0),
}
