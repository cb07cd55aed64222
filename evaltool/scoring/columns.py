"""Columns of values that may be only partly known, and the operations on them, alike for exact numbers and floats.

A number column is a pair (lowest, highest) per row; where the two are equal the value is known. Exact columns are
object arrays of `int` and `Fraction`; float columns are float64. ±inf stands for “no bound” in both. A truth column
is a pair of booleans (false..true is unknown), which makes `and`, `or`, `not` Kleene's. A label column is the set
of labels that are still possible, one bit each.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from evaltool.quantities import divide

INF = float("inf")
Array = np.ndarray[Any, Any]
_divide: Any = np.frompyfunc(divide, 2, 1)
_identical: Any = np.frompyfunc(operator.is_, 2, 1)


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
        if self.lo.dtype != object:
            return np.asarray(self.lo != self.hi, bool)
        return ~_identical(self.lo, self.hi).astype(bool)


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


def number(values: Any, n: int, exact: bool) -> Num:
    """A known column with the same number in every row."""
    lo = np.full(n, values, object if exact else float)
    return Num(lo, lo)


def interval(lo: Array, hi: Array) -> Num:
    """A pair, kept as one array where every row is known, and with one object for both ends of each known row."""
    pair = Num(lo, hi)
    rows = np.flatnonzero(pair.apart)
    if len(rows):
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
    lo = np.empty(len(apart), parts[0].lo.dtype)
    lo[known] = plain(*(part.lo[known] for part in parts))
    hi = lo.copy()
    some = ranged(*(Num(part.lo[apart], part.hi[apart]) for part in parts))
    lo[apart], hi[apart] = some.lo, some.hi
    return interval(lo, hi)


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
    return Num(np.minimum.reduce(four), np.maximum.reduce(four))


def _times(x: Array, y: Array) -> Array:
    """x·y with 0·∞ = 0: an unbounded factor times a certain zero is zero."""
    with np.errstate(invalid="ignore"):
        product = x * y
    return np.where((x == 0) | (y == 0), 0, product)


def multiply(a: Num, b: Num) -> Num:
    return lift([a, b], operator.mul, lambda x, y: _corners(x, y, _times))


def _over(x: Array, y: Array) -> Array:
    """x/y for y ≠ 0, with anything finite over ∞ = 0 and ∞/∞ taken as its ends 0 and ∞ by the caller's corners."""
    if x.dtype != object:
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(y), 0.0, x / y)
    finite = np.array([abs(v) != INF for v in x], bool) & np.array([abs(v) != INF for v in y], bool)
    result = np.empty(len(x), object)
    result[finite] = _divide(x[finite], y[finite])
    for i in np.flatnonzero(~finite):
        result[i] = 0 if abs(y[i]) == INF else (INF if (x[i] > 0) == (y[i] > 0) else -INF)
    return result


def over(a: Num, b: Num) -> tuple[Num, Array]:
    """a / b, and a mask of the rows whose divisor is certainly zero.

    Where the divisor may be zero the result is unbounded on the side (or sides) it can run to.
    """
    exact = a.lo.dtype == object
    zero = np.asarray(b.lo == 0, bool) & b.known
    if not zero.any():
        return lift([a, b], _divide if exact else operator.truediv, _over_range), zero
    n = len(a.lo)
    lo, hi = np.full(n, -INF, a.lo.dtype), np.full(n, INF, a.lo.dtype)
    some, _ = over(take(a, ~zero), take(b, ~zero))
    lo[~zero], hi[~zero] = some.lo, some.hi
    return Num(lo, hi), zero


def _over_range(a: Num, b: Num) -> Num:
    """a / b where the divisor is not certainly zero."""
    n = len(a.lo)
    maybe = np.asarray((b.lo <= 0) & (b.hi >= 0), bool)
    lo, hi = np.full(n, -INF, a.lo.dtype), np.full(n, INF, a.lo.dtype)
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
