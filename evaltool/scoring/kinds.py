"""What each kind of rule computes, over columns, in exact or float arithmetic. Clamping and rounding come after.

Every function takes known or partly known columns and gives the smallest interval that surely holds the result
(ends that a rule leaves out are included: never too narrow). Sources: the forty forms of rule collected from real
systems, listed in indicators/README.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from evaltool.quantities import Exact, divide
from evaltool.scoring.columns import (
    INF,
    Array,
    Label,
    Num,
    Truth,
    add,
    choose,
    hull,
    interval,
    multiply,
    number,
    over,
    take,
)  # fmt: skip

T = TypeVar("T")
End = tuple[Exact, bool]  # (end of an interval, whether the end itself belongs to it)


def zeros(n: int, exact: bool) -> Array:
    """n zeros in the arithmetic asked for."""
    return np.zeros(n, object if exact else float)


def weigh(truth: Truth, points: Exact, exact: bool) -> Num:
    """`points` where the condition holds, else 0."""
    amount: Any = points if exact else float(points)
    lo = np.where(truth.lo, amount, zeros(len(truth.lo), exact))
    return Num(lo, lo) if bool(np.all(truth.known)) else interval(lo, np.where(truth.hi, amount, zeros(len(lo), exact)))


def checklist(items: Sequence[tuple[Truth, Exact]], mandatory: Sequence[Truth], n: int, exact: bool) -> Num:
    """Sum of the points of the items that hold; nothing where a mandatory item does not.

    items      (condition per row, points)
    returns    column of points
    """
    total = number(0, n, exact)
    for truth, points in items:
        total = add(total, weigh(truth, points, exact))
    for truth in mandatory:
        nothing = number(0, n, exact)
        total = choose(truth.lo, total, choose(truth.hi, hull([total, nothing]), nothing))
    return total


def steps(conditions: Sequence[Truth], gives: Sequence[Exact], n: int, exact: bool) -> Num:
    """What the first step that holds gives; the hull over all steps that may be the first."""
    lo, hi = np.full(n, INF, object if exact else float), np.full(n, -INF, object if exact else float)
    for possible, given in _possible(conditions, gives, n):
        amount: Any = given if exact else float(given)
        lo[possible] = np.minimum(lo[possible], amount)
        hi[possible] = np.maximum(hi[possible], amount)
    return interval(lo, hi)


def labelled_steps(conditions: Sequence[Truth], gives: Sequence[str], options: tuple[str, ...], n: int) -> Label:
    """The label of the first step that holds; every label of a step that may be the first."""
    mask = np.zeros(n, np.int64)
    for possible, given in _possible(conditions, gives, n):
        mask[possible] |= 1 << options.index(given)
    return Label(mask, options)


def _possible(conditions: Sequence[Truth], gives: Sequence[T], n: int) -> list[tuple[Array, T]]:
    open_ = np.ones(n, bool)
    found = []
    for truth, given in zip(conditions, gives, strict=True):
        found.append((open_ & truth.hi, given))
        open_ = open_ & ~truth.lo
    return found


def levels(level: Label, gives: Mapping[str, Num]) -> Num:
    """What the level gives; the hull over the levels still possible."""
    first = next(iter(gives.values()))
    lo, hi = np.full(len(level.mask), INF, first.lo.dtype), np.full(len(level.mask), -INF, first.lo.dtype)
    for i, option in enumerate(level.options):
        possible = (level.mask & (1 << i)) != 0
        lo[possible] = np.minimum(lo[possible], gives[option].lo[possible])
        hi[possible] = np.maximum(hi[possible], gives[option].hi[possible])
    return interval(lo, hi)


def labelled(level: Label, gives: Mapping[str, Label]) -> Label:
    """The label that the level's own rule gives; every label of the levels still possible."""
    mask = np.zeros(len(level.mask), np.int64)
    for i, option in enumerate(level.options):
        possible = (level.mask & (1 << i)) != 0
        mask[possible] |= gives[option].mask[possible]
    return Label(mask, next(iter(gives.values())).options)


def proportional(actual: Num, target: Num, points: Num, inverse: bool) -> tuple[Num, Array]:
    """points × actual ÷ target, or with `inverse` points × target ÷ actual where actual 0 (or less) is full.

    actual, target  columns of one unit; a target that is not positive (inverse: negative) makes no sense
    returns         column of points (not clamped), and a mask of the rows whose target makes no sense
    source          forms 9 to 11
    """
    if not inverse:
        wrong = np.asarray(target.hi <= 0, bool)
        if target.hi is target.lo and not wrong.any() and _all_one(target.lo):
            return multiply(points, actual), wrong
        ratio, _ = over(actual, target)
        return multiply(points, ratio), wrong
    wrong = np.asarray(target.hi < 0, bool)
    none = np.asarray(actual.hi <= 0, bool)
    maybe = np.asarray(actual.lo <= 0, bool) & ~none
    result = points
    some = ~none
    if some.any():
        ratio, _ = over(take(target, some), _positive(take(actual, some)))
        part = multiply(take(points, some), ratio)
        lo, hi = points.lo.copy(), points.hi.copy()
        lo[some], hi[some] = part.lo, part.hi
        hi[maybe] = np.maximum(hi[maybe], points.hi[maybe])
        lo[maybe] = np.minimum(lo[maybe], points.lo[maybe])
        result = interval(lo, hi)
    return result, wrong


def _all_one(column: Array) -> bool:
    return bool(np.all(column == 1))


def _positive(column: Num) -> Num:
    """A column whose lower ends below zero are lifted to zero: the part at or below zero is judged by the caller."""
    return interval(np.maximum(column.lo, 0), column.hi)


def linear(value: Num, zero_at: Exact, full_at: Exact, points: Num) -> Num:
    """Points on the straight line from `zero_at` (0) to `full_at` (`points`), not yet clamped.

    value             column, n rows, in the unit of the rule
    zero_at, full_at  numbers of the same unit, either order; equal is refused (S209)
    source            form 12
    """
    exact = value.lo.dtype == object
    n = len(value.lo)
    scale = divide(1, Fraction(full_at) - zero_at)
    distance = add(value, number(-zero_at if exact else -float(zero_at), n, exact))
    return multiply(points, multiply(distance, number(scale if exact else float(scale), n, exact)))


def per_unit(
    value: Num, around: Num, start: Num, more: Exact | None, fewer: Exact | None, per: Exact, whole: bool
) -> Num:
    """`start` at `around`, then `more` points for each `per` above it and `fewer` for each `per` below it.

    whole    only whole units count (a part unit is dropped)
    source   forms 16 to 18
    """
    exact = value.lo.dtype == object
    size = per if exact else float(per)

    def at(distance: Array) -> Array:
        units = _units(abs(distance), size, whole)
        up = more if more is not None else 0
        down = fewer if fewer is not None else 0
        return np.where(distance >= 0, _scaled(units, up, exact), _scaled(units, down, exact))

    if value.hi is value.lo and around.hi is around.lo:
        change = at(value.lo - around.lo)
        return add(start, Num(change, change))
    ends = [at(value.lo - around.hi), at(value.hi - around.lo)]
    lo, hi = np.minimum.reduce(ends), np.maximum.reduce(ends)
    may_meet = np.asarray((value.lo <= around.hi) & (value.hi >= around.lo), bool)
    lo[may_meet], hi[may_meet] = np.minimum(lo[may_meet], 0), np.maximum(hi[may_meet], 0)
    return add(start, interval(lo, hi))


def _units(distance: Array, per: Exact | float, whole: bool) -> Array:
    if per == 1 and not whole:
        return distance
    if distance.dtype != object:
        units = distance / per
        return np.floor(units) if whole else units

    def count(x: Exact | float) -> Exact | float:
        if x == INF:
            return INF
        units = divide(x, per)  # type: ignore[arg-type]
        return math.floor(units) if whole else units

    return np.array([count(x) for x in distance], object)


def _scaled(units: Array, factor: Exact, exact: bool) -> Array:
    """units × factor with ∞ × 0 = 0."""
    return zeros(len(units), exact) if factor == 0 else units * (factor if exact else float(factor))


def chosen_in(level: Label, ends: Mapping[str, tuple[End, End]], chosen: Num, points: Num) -> tuple[Num, Array]:
    """The chosen share of the points where it lies in the interval of its level.

    ends     level → lower and upper end of the share, each with whether it belongs to the level
    returns  column of points, and a mask of the rows whose choice lies in none of the levels that are still possible
    source   form 6
    """
    exact = chosen.lo.dtype == object
    n = len(chosen.lo)
    kind: Callable[[Exact], Exact | float] = (lambda x: x) if exact else float
    fits = np.zeros(n, bool)
    bounds: dict[str, Num] = {}
    for i, option in enumerate(level.options):
        (low, with_low), (high, with_high) = ends[option]
        below, above = kind(low), kind(high)
        bounds[option] = interval(number(below, n, exact).lo, number(above, n, exact).lo)
        over_low = (chosen.hi >= below) if with_low else (chosen.hi > below)
        under_high = (chosen.lo <= above) if with_high else (chosen.lo < above)
        fits |= ((level.mask & (1 << i)) != 0) & np.asarray(over_low, bool) & np.asarray(under_high, bool)
    inside = levels(level, bounds)
    lo = np.where(fits, np.maximum(chosen.lo, inside.lo), inside.lo)
    hi = np.where(fits, np.minimum(chosen.hi, inside.hi), inside.hi)
    return multiply(points, interval(lo, hi)), ~fits
