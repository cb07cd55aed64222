"""Columns of values that may be only partly known, and the operations on them, alike for exact numbers and floats.

A number column is a pair (lowest, highest) per row; where the two are equal the value is known. `Numbers` says how they
are kept; ±inf stands for “no bound” in each way. A truth column is a pair of booleans (false..true is unknown), which
makes `and`, `or`, `not` Kleene's. A label column is the set of labels that are still possible, one bit each.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from typing import Any

import numpy as np

from evaltool.quantities import Exact, RoundMode
from evaltool.scoring import ratios, wholes
from evaltool.scoring.ratios import DIVIDE, Ratios

INF = ratios.INF
Array = wholes.Array
_identical: Any = np.frompyfunc(operator.is_, 2, 1)


class Numbers(IntEnum):
    """How numbers are kept. As a truth value: whether they are exact."""

    FLOATS = 0  # float64, for simulation
    SINGLES = 1  # object arrays of int and Fraction: best for a few rows, and the witness of the other exact way
    RATIOS = 2  # `Ratios`: whole columns at once, from some ten rows on


def numbers(values: Any) -> Numbers:
    """How these are kept."""
    return Numbers.RATIOS if isinstance(values, Ratios) else Numbers(values.dtype == object)


def full(n: int, value: Any, way: Numbers) -> Array:
    """n times the same number."""
    if way is Numbers.RATIOS:
        return Ratios.full(n, value)  # type: ignore[return-value]
    return np.full(n, value if way else float(value), object if way else float)


@dataclass(frozen=True, slots=True)
class Num:
    """Lowest and highest possible number per row; `hi is lo` says that the whole column is known."""

    lo: Array
    hi: Array

    @property
    def known(self) -> Array:
        """bool per row."""
        known = ~self.apart
        return known if known.all() else np.asarray(self.lo == self.hi, bool)

    @property
    def apart(self) -> Array:
        """Rows whose two ends are kept apart: every unknown row, perhaps a known one. Much cheaper to ask than `known`,
        because exact ends that are the same object need no comparison of Fractions."""
        if self.hi is self.lo:
            return np.zeros(len(self.lo), bool)
        if Numbers.SINGLES in (numbers(self.lo), numbers(self.hi)):
            return ~_identical(self.lo, self.hi).astype(bool)
        return np.asarray(self.lo != self.hi, bool)


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether it surely holds (lo) and whether it possibly holds (hi)."""

    lo: Array
    hi: Array

    @property
    def known(self) -> Array:
        return self.lo == self.hi


@dataclass(frozen=True, slots=True)
class Label:
    """The labels still possible: bit i of `mask` stands for `options[i]`."""

    mask: Array
    options: tuple[str, ...]

    @property
    def known(self) -> Array:
        return (self.mask & (self.mask - 1)) == 0


Col = Num | Truth | Label


def number(value: Any, n: int, way: Numbers) -> Num:
    """A known column with the same number in every row."""
    lo = full(n, value, way)
    return Num(lo, lo)


def as_ratios(column: Any) -> Any:
    """A number column in `Ratios`, if it can be; any other as it is."""
    if not isinstance(column, Num):
        return column
    lo, hi = Ratios.of(column.lo), None if column.hi is column.lo else Ratios.of(column.hi)
    if lo is None or (hi is None and column.hi is not column.lo):
        return column
    return Num(lo, lo if hi is None else hi)  # type: ignore[arg-type]


def as_singles(column: Any) -> Any:
    """A number column of `Ratios` in object arrays; any other as it is."""
    if not isinstance(column, Num):
        return column
    lo = np.asarray(column.lo)
    return Num(lo, lo if column.hi is column.lo else np.asarray(column.hi))


def interval(lo: Array, hi: Array) -> Num:
    """A pair, kept as one array where every row is known, and with one object for both ends of each known row."""
    pair = Num(lo, hi)
    rows = np.flatnonzero(pair.apart)
    if len(rows) and numbers(hi) is Numbers.SINGLES:
        rows = rows[np.asarray(lo[rows] == hi[rows], bool)]
        if len(rows):
            hi = hi.copy()
            hi[rows] = lo[rows]
            pair = Num(lo, hi)
    return pair if hi is not lo and bool(pair.apart.any()) else Num(lo, lo)


def lift(parts: list[Num], plain: Callable[..., Array], ranged: Callable[..., Num]) -> Num:
    """A function of numbers, row by row: `plain` where every part is known, `ranged` on the other rows."""
    if all(part.hi is part.lo for part in parts):
        lo = plain(*(part.lo for part in parts))
        return Num(lo, lo)
    apart = reduce(np.logical_or, (part.apart for part in parts))
    known = ~apart
    sure = plain(*(part.lo[known] for part in parts))
    some = ranged(*(Num(part.lo[apart], part.hi[apart]) for part in parts))
    return interval(_placed(known, sure, some.lo), _placed(known, sure, some.hi))


def _placed(known: Array, sure: Array, other: Array) -> Array:
    """`sure` in the known rows, `other` in the rest."""
    result = full(len(known), 0, min(numbers(sure), numbers(other)))
    result[known], result[~known] = sure, other
    return result


def hull(parts: Iterable[Num]) -> Num:
    """The smallest interval around all parts, row by row."""
    first, *rest = parts
    lo, hi = first.lo, first.hi
    for part in rest:
        lo, hi = np.minimum(lo, part.lo), np.maximum(hi, part.hi)
    return interval(lo, hi)


def take(column: Any, rows: Array) -> Any:
    """The rows of a column, by position or by mask."""
    if isinstance(column, Label):
        return Label(column.mask[rows], column.options)
    lo = column.lo[rows]
    return type(column)(lo, lo if column.hi is column.lo else column.hi[rows])


def choose(mask: Array, a: Num, b: Num) -> Num:
    """`a` where the mask holds, else `b`."""
    lo = np.where(mask, a.lo, b.lo)
    return Num(lo, lo) if a.hi is a.lo and b.hi is b.lo else interval(lo, np.where(mask, a.hi, b.hi))


def add(a: Num, b: Num) -> Num:
    return lift([a, b], operator.add, lambda x, y: Num(x.lo + y.lo, x.hi + y.hi))


def negate(a: Num) -> Num:
    return lift([a], operator.neg, lambda x: Num(-x.hi, -x.lo))


def subtract(a: Num, b: Num) -> Num:
    return lift([a, b], operator.sub, lambda x, y: Num(x.lo - y.hi, x.hi - y.lo))


def _corners(a: Num, b: Num, function: Callable[[Array, Array], Array]) -> Num:
    four = [function(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    return Num(reduce(np.minimum, four), reduce(np.maximum, four))


def _times(x: Any, y: Any) -> Array:
    """x·y with 0·∞ = 0: an unbounded factor times a certain zero is zero."""
    product: Any = x.times(y) if isinstance(x, Ratios) else None
    if product is not None:
        return product
    with np.errstate(invalid="ignore"):
        product = x * y
    return np.where((x == 0) | (y == 0), 0, product)


def multiply(a: Num, b: Num) -> Num:
    return lift([a, b], operator.mul, lambda x, y: _corners(x, y, _times))


def _over(x: Any, y: Any) -> Array:
    """x/y for y ≠ 0, with anything finite over ∞ = 0 and ∞/∞ taken as its ends 0 and ∞ by the caller's corners."""
    if x.dtype != object:
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(y), 0.0, x / y)
    if isinstance(x, Ratios) or isinstance(y, Ratios):
        return x / y
    finite = np.array([abs(v) != INF for v in x], bool) & np.array([abs(v) != INF for v in y], bool)
    result = np.empty(len(x), object)
    result[finite] = DIVIDE(x[finite], y[finite])
    for i in np.flatnonzero(~finite):
        result[i] = 0 if abs(y[i]) == INF else (INF if (x[i] > 0) == (y[i] > 0) else -INF)
    return result


def divided(x: Array, y: Array) -> Array:
    """x ÷ y of known numbers, y ≠ 0, however they are kept."""
    return DIVIDE(x, y) if numbers(x) is numbers(y) is Numbers.SINGLES else x / y


def over(a: Num, b: Num) -> tuple[Num, Array]:
    """a / b, and a mask of the rows whose divisor is certainly zero.

    Where the divisor may be zero the result is unbounded on the side (or sides) it can run to.
    """
    zero = np.asarray(b.lo == 0, bool) & b.known
    if not zero.any():
        return lift([a, b], divided, _over_range), zero
    some, _ = over(take(a, ~zero), take(b, ~zero))
    lo, hi = (full(len(zero), end, numbers(some.lo)) for end in (-INF, INF))
    lo[~zero], hi[~zero] = some.lo, some.hi
    return Num(lo, hi), zero


def _over_range(a: Num, b: Num) -> Num:
    """a / b where the divisor is not certainly zero."""
    maybe = np.asarray((b.lo <= 0) & (b.hi >= 0), bool)
    lo, hi = (full(len(maybe), end, numbers(a.lo)) for end in (-INF, INF))
    safe = ~maybe
    if safe.any():
        part = _corners(take(a, safe), take(b, safe), _over)
        lo[safe], hi[safe] = part.lo, part.hi
    upward, downward = maybe & np.asarray(b.lo >= 0, bool), maybe & np.asarray(b.hi <= 0, bool)
    for side, far, low_end, high_end, flip in ((upward, b.hi, a.lo, a.hi, 1), (downward, b.lo, a.hi, a.lo, -1)):
        if side.any():  # the divisor keeps its sign, so one end of the result may still be known
            near, top, bottom = far[side], high_end[side], low_end[side]
            lo[side] = np.where(bottom * flip >= 0, _over(bottom, near), -INF)
            hi[side] = np.where(top * flip <= 0, _over(top, near), INF)
    return Num(lo, hi)


def smaller(a: Num, b: Num) -> Num:
    return lift([a, b], np.minimum, lambda x, y: Num(np.minimum(x.lo, y.lo), np.minimum(x.hi, y.hi)))


def larger(a: Num, b: Num) -> Num:
    return lift([a, b], np.maximum, lambda x, y: Num(np.maximum(x.lo, y.lo), np.maximum(x.hi, y.hi)))


def _compared(a: Num, b: Num, test: Callable[[Array, Array], Array]) -> Truth:
    """A comparison that only grows with a and falls with b; asked once where both are known."""
    apart = a.apart | b.apart
    lo = np.asarray(test(a.lo, b.hi), bool)
    if not apart.any():
        return Truth(lo, lo)
    hi = lo.copy()
    hi[apart] = np.asarray(test(a.hi[apart], b.lo[apart]), bool)
    return Truth(lo, hi)


def at_least(a: Num, b: Num) -> Truth:
    """a ≥ b."""
    return _compared(a, b, operator.ge)


def more_than(a: Num, b: Num) -> Truth:
    """a > b."""
    return _compared(a, b, operator.gt)


def equal(a: Num, b: Num) -> Truth:
    apart = a.apart | b.apart
    same = np.asarray(a.lo == b.lo, bool)
    if not apart.any():
        return Truth(same, same)
    sure = same & a.known & b.known
    return Truth(sure, np.where(apart, np.asarray((a.lo <= b.hi) & (b.lo <= a.hi), bool), same))


def rounded_floats(column: Array, step: Exact, mode: RoundMode) -> Array:
    """Floats rounded to a whole number of steps; what lies a hair off a half or a whole is taken to lie on it."""
    with np.errstate(invalid="ignore"):
        scaled = column * step.denominator / step.numerator
        halves = np.round(scaled * 2) / 2
        scaled = np.where(np.isclose(scaled, halves, rtol=1e-15, atol=1e-9), halves, scaled)
        size = np.abs(scaled)
        whole = np.floor(size)
        rest = size - whole
        match mode:
            case "ceiling" | "floor":
                found = np.ceil(scaled) if mode == "ceiling" else np.floor(scaled)
            case "truncate":
                found = np.sign(scaled) * whole
            case "half_up":
                found = np.sign(scaled) * (whole + (rest >= 0.5))
            case "half_even":
                found = np.round(scaled)
    return np.where(np.isinf(column), column, found * step.numerator / step.denominator)


def both(a: Truth, b: Truth) -> Truth:
    return Truth(a.lo & b.lo, a.hi & b.hi)


def either(a: Truth, b: Truth) -> Truth:
    return Truth(a.lo | b.lo, a.hi | b.hi)


def invert(a: Truth) -> Truth:
    return Truth(~a.hi, ~a.lo)


def is_label(a: Label, label: str) -> Truth:
    bit = 1 << a.options.index(label)
    possible = (a.mask & bit) != 0
    return Truth(possible & ((a.mask & ~bit) == 0), possible)
