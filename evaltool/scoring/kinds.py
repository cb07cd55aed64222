"""What each kind of rule computes, over columns, in exact or float arithmetic. Clamping and rounding come after.

Every function takes known or partly known columns and gives the smallest interval that surely holds the result
(ends that a rule leaves out are included: never too narrow). Sources: the forty forms of rule collected from real
systems, listed in indicators/README.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from evaltool.quantities import Exact, divide
from evaltool.scoring.columns import (
    INF,
    Array,
    Label,
    Num,
    Numbers,
    Truth,
    add,
    at_least,
    choose,
    divided,
    equal,
    full,
    hull,
    interval,
    larger,
    lift,
    more_than,
    multiply,
    negate,
    number,
    numbers,
    over,
    smaller,
    subtract,
    take,
)  # fmt: skip

T = TypeVar("T")
End = tuple[Exact, bool]  # (end of an interval, whether the end itself belongs to it)


@dataclass(frozen=True, slots=True)
class Lost:
    """Points lost for each `per` outside a range; `whole`: a part unit is dropped."""

    loses: Num
    per: Exact
    whole: bool


Side = Lost | str


def weigh(truth: Truth, points: Num, way: Numbers) -> Num:
    """`points` where the condition holds, else 0."""
    if points.hi is points.lo:
        lo = np.where(truth.lo, points.lo, 0)
        if bool(np.all(truth.known)):
            return Num(lo, lo)
        hi = np.where(truth.hi, points.lo, 0)
        return interval(lo, hi) if bool((points.lo >= 0).all()) else hull([Num(lo, lo), Num(hi, hi)])
    none = number(0, len(truth.lo), way)
    return choose(truth.lo, points, choose(truth.hi, hull([points, none]), none))


def checklist(items: Sequence[tuple[Truth, Num]], mandatory: Sequence[Truth], n: int, way: Numbers) -> Num:
    """Sum of the points of the items that hold; nothing where a mandatory item does not.

    items      (condition per row, column of points)
    returns    column of points
    """
    total = number(0, n, way)
    for truth, points in items:
        total = add(total, weigh(truth, points, way))
    for truth in mandatory:
        nothing = number(0, n, way)
        total = choose(truth.lo, total, choose(truth.hi, hull([total, nothing]), nothing))
    return total


def steps(conditions: Sequence[Truth], gives: Sequence[Num | None], n: int) -> Num:
    """What the first step that holds gives; the hull over all steps that may be the first. None gives nothing: out."""
    found = [(possible, given) for possible, given in first_of(conditions, gives, n) if given is not None]
    return branches([possible for possible, _ in found], [given for _, given in found])


def labelled_steps(conditions: Sequence[Truth], gives: Sequence[str], options: tuple[str, ...], n: int) -> Label:
    """The label of the first step that holds; every label of a step that may be the first."""
    mask = np.zeros(n, np.int64)
    for possible, given in first_of(conditions, gives, n):
        if given != "out":
            mask[possible] |= 1 << options.index(given)
    return Label(mask, options)


def first_of(conditions: Sequence[Truth], gives: Sequence[T], n: int) -> list[tuple[Array, T]]:
    """Where each step may be the first that holds, and what it gives."""
    open_ = np.ones(n, bool)
    found = []
    for truth, given in zip(conditions, gives, strict=True):
        found.append((open_ & truth.hi, given))
        open_ = open_ & ~truth.lo
    return found


def levels(level: Label, gives: Mapping[str, Num]) -> Num:
    """What the level gives; the hull over the levels still possible (of none, which is out: 0)."""
    return branches(
        [(level.mask & (1 << i)) != 0 for i in range(len(level.options))], [gives[o] for o in level.options]
    )


def branches(possible: Sequence[Array], parts: Sequence[Num]) -> Num:
    """The hull of the parts that are possible in each row; 0 where none is, which is out."""
    lo, hi = (full(len(possible[0]), end, numbers(parts[0].lo)) for end in (INF, -INF))
    for mask, part in zip(possible, parts, strict=True):
        lo[mask] = np.minimum(lo[mask], part.lo[mask])
        hi[mask] = np.maximum(hi[mask], part.hi[mask])
    none = ~np.logical_or.reduce(possible)
    lo[none] = hi[none] = 0
    return interval(lo, hi)


def labelled(possible: Sequence[Array], parts: Sequence[Label]) -> Label:
    """Every label of the parts that are possible in each row."""
    mask = np.zeros(len(parts[0].mask), np.int64)
    for here, part in zip(possible, parts, strict=True):
        mask[here] |= part.mask[here]
    return Label(mask, parts[0].options)


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


def linear(value: Num, zero_at: Num, full_at: Num, line: tuple[Num, Num], outside: tuple[Num, Num], lower: bool) -> Num:
    """The straight line from `line[0]` at `zero_at` to `line[1]` at `full_at`; beyond the ends what `outside` says.

    Worse than the zero end comes first, so there is an answer too where the ends lie the wrong way round (a county that
    was already better than the goal): whatever is better than the zero end is beyond the full end.

    value             column, n rows, in the unit of the rule
    zero_at, full_at  columns of the same unit; the zero end itself lies on the line, the full end beyond it
    lower             smaller is better: the zero end lies above the full end
    returns           column of points (not clamped)
    source            form 12
    """
    if lower:
        value, zero_at, full_at = (negate(x) for x in (value, zero_at, full_at))
    worse, beyond, exactly = more_than(zero_at, value), at_least(value, full_at), equal(value, zero_at)
    open_, possible = np.ones(len(value.lo), bool), []
    for test in (worse, exactly, beyond):
        possible.append(open_ & test.hi)
        open_ = open_ & ~test.lo
    share = lift(
        [value, zero_at, full_at],
        lambda v, start, stop: _part(v, start, stop, 0),
        lambda v, start, stop: Num(_part(v.lo, start.hi, stop.hi, 0), _part(v.hi, start.lo, stop.lo, 1)),
    )
    between = add(line[0], multiply(share, subtract(line[1], line[0])))
    return branches([*possible, open_], [outside[0], line[0], outside[1], between])


def _part(value: Array, start: Array, stop: Array, otherwise: int) -> Array:
    """How far along the line, from 0 to 1; `otherwise` where the line has no length or no end."""
    result = full(len(value), otherwise, numbers(value))
    ends = np.asarray((abs(value) != INF) & (abs(start) != INF) & (abs(stop) != INF), bool)
    some = np.asarray(start < stop, bool) & ends
    share = divided(value[some] - start[some], stop[some] - start[some])
    result[some] = np.minimum(np.maximum(share, 0), 1)
    return result


def curve(value: Num, corners: Sequence[tuple[Num, Num]]) -> tuple[Num, Array]:
    """Straight lines from corner to corner, level before the first and after the last.

    corners   (value, result) in ascending order of value, columns of n rows
    returns   column of results (not clamped), and a mask of the rows whose corners are surely out of order
    source    form 12
    """
    result, wrong = corners[0][1], np.zeros(len(value.lo), bool)
    for (start, before), (stop, after) in pairwise(corners):
        wrong = wrong | at_least(start, stop).lo
        share = lift(
            [value, start, stop],
            lambda v, a, b: _part(v, a, b, 0),
            lambda v, a, b: Num(_part(v.lo, a.hi, b.hi, 0), _part(v.hi, a.lo, b.lo, 1)),
        )
        result = add(result, multiply(share, subtract(after, before)))
    return (choose(wrong, hull([gives for _, gives in corners]), result) if wrong.any() else result), wrong


def in_range(value: Num, low: Num, high: Num, points: Num, below: Side, above: Side) -> tuple[Num, Array]:
    """All points from `low` to `high`, both included; outside what each side says.

    below, above  `zero`, `full`, `proportional` (points × value ÷ low, points × high ÷ value), or points lost per unit
    returns       column of points (not clamped), and a mask of the rows whose range makes no sense
    source        form 13
    """
    wrong = more_than(low, high).lo
    wrong = wrong | (np.asarray(low.hi <= 0, bool) if below == "proportional" else False)
    wrong = wrong | (np.asarray(high.hi < 0, bool) if above == "proportional" else False)
    under, over_ = more_than(low, value), more_than(value, high)
    nothing = number(0, len(value.lo), numbers(value.lo))
    parts: list[Num] = []
    for side, top, bottom, gap in (
        (below, value, low, subtract(low, value)),
        (above, high, value, subtract(value, high)),
    ):
        match side:
            case "zero":
                parts.append(nothing)
            case "full":
                parts.append(points)
            case "proportional":
                share = smaller(over(top, bottom)[0], number(1, len(value.lo), numbers(value.lo)))
                parts.append(multiply(points, larger(share, nothing) if top is high else share))
            case Lost(loses=loses, per=per, whole=whole):
                away = larger(gap, nothing)
                units = lift([away], *_counted(per, whole))
                parts.append(subtract(points, multiply(units, loses)))
    result = branches([under.hi, over_.hi & ~under.lo, ~under.lo & ~over_.lo], [*parts, points])
    return choose(wrong, hull([nothing, points]), result) if wrong.any() else result, wrong


def per_unit(value: Num, around: Num, start: Num, more: Num | None, fewer: Num | None, per: Exact, whole: bool) -> Num:
    """`start` at `around`, then `more` points for each `per` above it and `fewer` for each `per` below it.

    whole    only whole units count (a part unit is dropped)
    source   forms 16 to 18
    """
    nothing = number(0, len(value.lo), numbers(value.lo))
    changes, possible = [], []
    for gap, factor in ((subtract(value, around), more), (subtract(around, value), fewer)):
        possible.append(np.asarray(gap.hi >= 0, bool))
        if factor is None or not possible[-1].any():
            changes.append(nothing)
        else:
            changes.append(multiply(lift([larger(gap, nothing)], *_counted(per, whole)), factor))
    return add(start, branches(possible, changes))


def _counted(per: Exact, whole: bool) -> tuple[Callable[[Array], Array], Callable[[Num], Num]]:
    """How many units a distance is, for known and for partly known columns."""

    def one(distance: Array) -> Array:
        return _units(distance, per if distance.dtype == object else float(per), whole)

    return one, lambda a: Num(one(a.lo), one(a.hi))


def _units(distance: Array, per: Exact | float, whole: bool) -> Array:
    if per == 1 and not whole:
        return distance
    if numbers(distance) is not Numbers.SINGLES:
        units = distance / per
        return np.floor(units) if whole else units

    def count(x: Exact | float) -> Exact | float:
        if x == INF:
            return INF
        units = divide(x, per)  # type: ignore[arg-type]
        return math.floor(units) if whole else units

    return np.array([count(x) for x in distance], object)


def chosen_in(level: Label, ends: Mapping[str, tuple[End, End]], chosen: Num, points: Num) -> tuple[Num, Array]:
    """The chosen share of the points where it lies in the interval of its level.

    ends     level → lower and upper end of the share, each with whether it belongs to the level
    returns  column of points, and a mask of the rows whose choice lies in none of the levels that are still possible
    source   form 6
    """
    way = numbers(chosen.lo)
    n = len(chosen.lo)
    kind: Callable[[Exact], Exact | float] = (lambda x: x) if way else float
    fits = np.zeros(n, bool)
    bounds: dict[str, Num] = {}
    for i, option in enumerate(level.options):
        (low, with_low), (high, with_high) = ends[option]
        below, above = kind(low), kind(high)
        bounds[option] = interval(number(below, n, way).lo, number(above, n, way).lo)
        over_low = (chosen.hi >= below) if with_low else (chosen.hi > below)
        under_high = (chosen.lo <= above) if with_high else (chosen.lo < above)
        fits |= ((level.mask & (1 << i)) != 0) & np.asarray(over_low, bool) & np.asarray(under_high, bool)
    inside = levels(level, bounds)
    lo = np.where(fits, np.maximum(chosen.lo, inside.lo), inside.lo)
    hi = np.where(fits, np.minimum(chosen.hi, inside.hi), inside.hi)
    return multiply(points, interval(lo, hi)), ~fits
