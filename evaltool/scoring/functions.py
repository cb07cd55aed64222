"""Absolute values, roots, logarithms and powers of columns, exact where the result is rational.

Where it is not, the result is the interval between its decimal numbers of fifty digits below and above: a decision that
is closer than that stays open and is never taken by an approximation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from evaltool.quantities import Exact, divide, exact
from evaltool.scoring.columns import INF, Array, Num, interval, lift, over

DIGITS = 50
LARGEST_POWER = 1000  # beyond it one end stays open: such a number has more digits than anybody writes
_INSIDE = Context(prec=DIGITS + 10, Emax=MAX_EMAX, Emin=MIN_EMIN)
_DOWN = Context(prec=DIGITS + 10, rounding=ROUND_FLOOR, Emax=MAX_EMAX, Emin=MIN_EMIN)
_UP = Context(prec=DIGITS + 10, rounding=ROUND_CEILING, Emax=MAX_EMAX, Emin=MIN_EMIN)
_SHORT_DOWN = Context(prec=DIGITS, rounding=ROUND_FLOOR, Emax=MAX_EMAX, Emin=MIN_EMIN)
_SHORT_UP = Context(prec=DIGITS, rounding=ROUND_CEILING, Emax=MAX_EMAX, Emin=MIN_EMIN)
Ends = tuple[Any, Any]


def absolute(a: Num) -> Num:
    """|a|."""

    def ranged(x: Num) -> Num:
        straddles = np.asarray((x.lo < 0) & (x.hi > 0), bool)
        ends = [abs(x.lo), abs(x.hi)]
        return Num(np.where(straddles, 0, np.minimum(*ends)), np.maximum(*ends))

    return lift([a], np.abs, ranged)


def root_ends(x: Exact) -> Ends:
    """The square root of a number that is not negative: twice the root itself, or decimals just below and above."""
    top, below = x.numerator, x.denominator
    a, b = math.isqrt(top), math.isqrt(below)
    if a * a == top and b * b == below:
        return (root := divide(a, b)), root
    digits = DIGITS + max(0, (below.bit_length() - top.bit_length()) // 6)  # a small root has zeros in front
    scaled = math.isqrt(top * 10 ** (2 * digits) // below)
    return divide(scaled, 10**digits), divide(scaled + 1, 10**digits)


def _through(x: Exact, function: Callable[[Decimal, Context], Decimal]) -> Ends:
    """A growing function of an exact number, between decimals."""
    top, below = Decimal(x.numerator), Decimal(x.denominator)
    low, high = function(_DOWN.divide(top, below), _INSIDE), function(_UP.divide(top, below), _INSIDE)
    ends = _SHORT_DOWN.plus(low.next_minus(_INSIDE)), _SHORT_UP.plus(high.next_plus(_INSIDE))
    return exact(ends[0]), exact(ends[1])


def _logarithm_ends(x: Exact) -> Ends:
    return (0, 0) if x == 1 else _through(x, Decimal.ln)


def _power_ends(x: Exact) -> Ends:
    if x > LARGEST_POWER:
        return _power_ends(LARGEST_POWER)[0], INF
    if x < -LARGEST_POWER:
        return 0, _power_ends(-LARGEST_POWER)[1]
    return (1, 1) if x == 0 else _through(x, Decimal.exp)


_ENDS: dict[str, Callable[[Exact], Ends]] = {"sqrt": root_ends, "ln": _logarithm_ends, "exp": _power_ends}
_FLOATS: dict[str, Callable[[Array], Array]] = {"sqrt": np.sqrt, "ln": np.log, "exp": np.exp}
_LEAST = {"sqrt": 0, "ln": 0, "exp": -INF}
_LOWEST = {"sqrt": 0, "ln": -INF, "exp": 0}


def apply(function: str, a: Num) -> tuple[Num, Array]:
    """sqrt, ln or exp of a column, and a mask of the rows where it surely cannot be asked (root of less than zero).

    Where it may be that it cannot be asked, the part that can be asked stands.
    """
    least, lowest = _LEAST[function], _LOWEST[function]
    wrong = np.asarray(a.hi <= least if function == "ln" else a.hi < least, bool)
    floor = np.asarray(a.lo <= least, bool) if function != "sqrt" else np.asarray(a.lo < 0, bool)
    lo, hi = np.full(len(a.lo), lowest, a.lo.dtype), np.full(len(a.lo), INF, a.lo.dtype)
    below, above = ~floor, ~wrong
    if a.lo.dtype != object:
        with np.errstate(over="ignore"):
            lo[below], hi[above] = _FLOATS[function](a.lo[below]), _FLOATS[function](a.hi[above])
        return interval(lo, hi), wrong
    seen: dict[Any, Ends] = {}

    def ends(x: Any) -> Ends:
        if x not in seen:
            seen[x] = (INF, INF) if x == INF else (lowest, lowest) if x == -INF else _ENDS[function](x)
        return seen[x]

    for i in np.flatnonzero(below):
        lo[i] = ends(a.lo[i])[0]
    for i in np.flatnonzero(above):
        hi[i] = ends(a.hi[i])[1]
    return interval(lo, hi), wrong


def power(a: Num, exponent: Exact) -> tuple[Num, Array]:
    """A column to a constant power, and a mask of the rows where it surely has none.

    Exact for whole powers and where the root is rational; else decimals of fifty digits below and above. Below zero
    only whole powers are asked.
    """
    if exponent < 0:
        positive, wrong = power(a, -exponent)
        one = Num(np.full(len(a.lo), 1, a.lo.dtype), np.full(len(a.lo), 1, a.lo.dtype))
        result, zero = over(one, positive)
        return result, wrong | zero
    whole = isinstance(exponent, int)
    even = whole and exponent % 2 == 0
    wrong = np.zeros(len(a.lo), bool) if whole else np.asarray(a.hi < 0, bool)
    least = a if whole else interval(np.maximum(a.lo, 0), np.maximum(a.hi, 0))
    if wrong.any():  # nothing is known of a root that there is not
        least = Num(least.lo, np.where(wrong, INF, least.hi))
    low = [_power_pair(x, exponent) for x in least.lo]
    high = low if least.hi is least.lo else [_power_pair(x, exponent) for x in least.hi]
    lo, hi = np.empty(len(low), a.lo.dtype), np.empty(len(low), a.lo.dtype)
    lo[:], hi[:] = [pair[0] for pair in low], [pair[1] for pair in high]
    if even:  # falls below zero and rises above it
        straddles = np.asarray((a.lo < 0) & (a.hi > 0), bool)
        lo, hi = np.where(straddles, 0, np.minimum(lo, hi)), np.maximum(lo, hi)
    return interval(lo, hi), wrong


def _power_pair(x: Any, exponent: Exact) -> Ends:
    """x to a power that is not negative, between its ends; x is not negative unless the power is whole."""
    if not isinstance(x, int | Fraction) or isinstance(exponent, int):
        far = abs(x) == INF
        value = x ** (exponent if isinstance(x, int | Fraction) or far else float(exponent))
        return (exact(value), exact(value)) if isinstance(value, int | Fraction) else (value, value)
    if x == 0:
        return 0, 0
    raised = exact(Fraction(x) ** exponent.numerator)
    roots = [_whole_root(part, exponent.denominator) for part in (raised.numerator, raised.denominator)]
    if None not in roots:
        return (root := divide(*roots)), root  # type: ignore[arg-type]
    return _through(raised, lambda number, context: context.power(number, context.divide(1, exponent.denominator)))


def _whole_root(x: int, n: int) -> int | None:
    """The whole n-th root of a positive whole number, or None."""
    low, high = 1, 1 << (x.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**n <= x else (low, middle - 1)
    return low if low**n == x else None


def root_of(value: Exact | float) -> Ends:
    """Both ends of a square root, in the arithmetic of the number."""
    if isinstance(value, int | Fraction):
        return root_ends(value)
    return (root := math.sqrt(value)), root
