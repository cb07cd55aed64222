"""Columns of exact numbers as two columns of whole numbers, so that numpy adds, compares and rounds them at once.

A `Ratios` stands where an object array of `int` and `Fraction` (and ±inf) stands and gives the same results, always. A
value is num ÷ den; a column whose values lie on one grid (two decimals, say) keeps that one denominator and is then
added and compared as plain int64. Before each operation the largest magnitudes say whether its whole numbers fit into
int64. If they may not, the operands are brought to lowest terms; if that is not enough, the operation runs on Python's
own integers, which have no limit, and the result comes back to int64 if its lowest terms fit. No float takes part in
any of this: floats other than ±inf send an operation back to object arrays.

numpy's functions reach here through `__array_ufunc__` and `__array_function__`; one that is not listed there works on
the object array instead: never wrong, only slower.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial, reduce
from numbers import Rational
from typing import Any

import numpy as np

from evaltool.quantities import Exact, RoundMode, divide
from evaltool.scoring.wholes import LIMIT, Array, most, narrow, put, whole

INF = float("inf")
DIVIDE: Any = np.frompyfunc(divide, 2, 1)
GRID, GRIDS = 2**40, 256  # values are brought to one grid if it stays below GRID and joins at most GRIDS denominators


class Ratios(np.lib.mixins.NDArrayOperatorsMixin):
    """A column of exact numbers.

    num     n whole numbers, int64 or (where one of them is too large) object
    den     their positive denominators, n in the same way, or one `int` below LIMIT for all
    inf     None, or int8: 1 and -1 where the value is ±inf (its num is 0 then)
    lowest  nothing is to be gained from reducing it
    kept    its object array, once that was asked for

    The arrays inside are never written to: setting rows replaces them, so copies cost nothing.
    """

    __slots__ = ("den", "inf", "kept", "lowest", "num")
    dtype, ndim = np.dtype(object), 1

    def __init__(self, num: Array, den: Array | int, inf: Array | None = None, lowest: bool = False) -> None:
        self.num, self.den, self.inf, self.lowest = num, den, inf, lowest
        self.kept: Array | None = None

    @classmethod
    def of(cls, values: Any) -> Ratios | None:
        """The values of an object array or list as a column; None if one of them is not int, Fraction or ±inf."""
        if isinstance(values, Ratios):
            return values
        items, inf = list(values), None
        if not set(map(type, items)) <= {int, Fraction}:
            inf = np.array([(x > 0) - (x < 0) if isinstance(x, float) else 0 for x in items], np.int8)
            items = [0 if isinstance(x, float) and abs(x) == INF else x for x in items]
            if not set(map(type, items)) <= {int, Fraction}:
                return None
        return _joined(whole([x.numerator for x in items]), whole([x.denominator for x in items]), inf)

    @classmethod
    def full(cls, n: int, value: Exact | float) -> Ratios:
        """n times the same number."""
        one = _operand(value)
        assert one is not None, value
        return one[np.zeros(n, np.intp)]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.num.shape

    def __len__(self) -> int:
        return len(self.num)

    def __repr__(self) -> str:
        return f"Ratios({self.tolist()})"

    def __iter__(self) -> Iterator[Exact | float]:
        return iter(self.tolist())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self.to_objects().astype(dtype or object, copy=bool(copy))

    def __getitem__(self, key: Any) -> Any:
        """One value as int, Fraction or ±inf; or the rows of a mask, slice or array of positions as a column."""
        if isinstance(key, int | np.integer):
            return self.to_objects()[key]
        den = self.den if isinstance(self.den, int) else self.den[key]
        return _made(self.num[key], den, None if self.inf is None else self.inf[key], self.lowest)

    def __setitem__(self, key: Any, value: Any) -> None:
        other = _operand(value)
        if other is None:
            raise TypeError(f"not exact numbers: {value!r}")
        key = [key] if isinstance(key, int | np.integer) else key
        a, b = _on_one_grid(self, other)
        num, den = put(a.num, key, b.num), a.den
        if not (isinstance(a.den, int) and isinstance(b.den, int) and a.den == b.den):
            den = put(_spread(a), key, b.den if isinstance(b.den, np.ndarray) else whole([b.den]))
        signs = None if a.inf is None and b.inf is None else put(_signs(a, len(a)), key, _signs(b, 1))
        made = _made(num, den, signs)
        self.num, self.den, self.inf, self.lowest, self.kept = made.num, made.den, made.inf, made.lowest, None

    def copy(self) -> Ratios:
        return Ratios(self.num, self.den, self.inf, self.lowest)

    def astype(self, dtype: Any, copy: bool = True) -> Array:
        """An ordinary array."""
        return self.to_objects().astype(dtype, copy=copy)

    def tolist(self) -> list[Exact | float]:
        return list(self.to_objects())

    def to_objects(self) -> Array:
        """The object array of int, Fraction and ±inf, read-only: it is made once."""
        if self.kept is None:
            self.kept = self._objects()
            self.kept.flags.writeable = False
        return self.kept

    def _objects(self) -> Array:
        below = self.num // self.den
        out = below.astype(object)
        rows = np.flatnonzero(below * self.den != self.num)
        num, den = self.num[rows], _spread(self)[rows]
        if object not in (num.dtype, den.dtype):  # values repeat: equal neighbours in order are made once
            order = np.lexsort((num, den))
            rows, num, den = rows[order], num[order], den[order]
        first = np.append(True, (num[1:] != num[:-1]) | (den[1:] != den[:-1]))[: len(rows)]
        made = [divide(p, q) for p, q in zip(num[first].tolist(), den[first].tolist(), strict=True)]
        out[rows] = _array(made)[np.cumsum(first) - 1]
        if self.inf is not None:
            out[self.inf > 0], out[self.inf < 0] = INF, -INF
        return out

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and ufunc in UFUNCS and not kwargs:
            operands = [_operand(x) for x in inputs]
            if all(x is not None for x in operands):
                found = UFUNCS[ufunc](*operands)
                if found is not None:
                    return found
        ufunc = DIVIDE if ufunc is np.true_divide else ufunc  # two whole numbers would give a float
        return getattr(ufunc, method)(*(_plain(x) for x in inputs), **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.where and len(args) == 3:
            a, b = _operand(args[1]), _operand(args[2])
            if a is not None and b is not None:
                return where(np.asarray(args[0], bool), a, b)
        if function is np.concatenate and len(args) == 1:
            columns = [_operand(x if isinstance(x, Ratios) else np.array(x)) for x in args[0]]
            exact = [column for column in columns if column is not None]
            if len(exact) == len(columns):
                return reduce(_under, exact)
        return function(*(_plain(x) for x in args), **{key: _plain(x) for key, x in kwargs.items()})

    def reduced(self) -> Ratios:
        """The same values, each in lowest terms, or all on one small grid."""
        if self.lowest:
            return self
        column = self if max(most(self.num), most(self.den)) < LIMIT else self.wide()
        common = np.gcd(column.num, column.den)
        found = _joined(narrow(column.num // common), narrow(column.den // common), self.inf)
        found.lowest = True
        return found

    def wide(self) -> Ratios:
        """The same values in Python's own integers."""
        den = self.den if isinstance(self.den, int) else self.den.astype(object)
        return Ratios(self.num.astype(object), den, self.inf, self.lowest)

    def times(self, other: Any) -> Ratios | None:
        """The product with 0 · ∞ = 0; None where `other` is not of exact numbers."""
        b = _operand(other)
        return None if b is None else _product(self, b, zero_wins=True)

    def rounded(self, step: Exact, mode: RoundMode) -> Ratios:
        """Rounded to a whole number of steps as `round_to` does; ±inf stays."""
        p, q = step.numerator, step.denominator
        (column,) = _ready(lambda a: max(most(a.num) * q + p, 2 * most(a.den) * p), self)
        size, unit = column.num * q, column.den * p
        below = size // unit
        rest = size - below * unit
        match mode:
            case "floor":
                up = np.zeros(len(rest), bool)
            case "ceiling":
                up = rest > 0
            case "truncate":
                up = (rest > 0) & (size < 0)
            case "half_up":
                up = (rest * 2 > unit) | ((rest * 2 == unit) & (size > 0))
            case "half_even":
                up = (rest * 2 > unit) | ((rest * 2 == unit) & (below % 2 == 1))
        return _made((below + up) * p, q, column.inf)


def where(mask: Array, a: Ratios, b: Ratios) -> Ratios:
    """`a` where the mask holds, else `b`."""
    a, b = _on_one_grid(a, b)
    same = isinstance(a.den, int) and isinstance(b.den, int) and a.den == b.den
    den = a.den if same else np.where(mask, a.den, b.den)
    inf = None if a.inf is None and b.inf is None else np.where(mask, _signs(a), _signs(b))
    return _made(np.where(mask, a.num, b.num), den, inf)


def _under(a: Ratios, b: Ratios) -> Ratios:
    """The rows of `a` and then those of `b`."""
    a, b = _on_one_grid(a, b)
    same = isinstance(a.den, int) and isinstance(b.den, int) and a.den == b.den
    den = a.den if same else np.concatenate([_spread(a), _spread(b)])
    inf = None if a.inf is None and b.inf is None else np.concatenate([_signs(a), _signs(b)])
    return _made(np.concatenate([a.num, b.num]), den, inf)


def _sum(a: Ratios, b: Ratios, sign: int = 1) -> Ratios | None:
    inf = None
    if a.inf is not None or b.inf is not None:
        one, other = _signs(a), _signs(b) * sign
        if (one * other < 0).any():
            return None
        inf = np.where(one != 0, one, other)
    a, b = _ready(_reach, a, b)
    left_factor, right_factor = _factors(a, b)
    left, right = a.num * left_factor, b.num * right_factor
    return _made(left + right if sign > 0 else left - right, a.den * left_factor, inf)


def _product(a: Ratios, b: Ratios, zero_wins: bool = False) -> Ratios | None:
    inf = None
    if a.inf is not None or b.inf is not None:
        endless = (_signs(a) != 0) | (_signs(b) != 0)
        inf = np.where(endless, _sign(a) * _sign(b), 0).astype(np.int8)
        if not zero_wins and (endless & (inf == 0)).any():
            return None
    a, b = _ready(lambda x, y: max(most(x.num) * most(y.num), most(x.den) * most(y.den)), a, b)
    return _made(a.num * b.num, a.den * b.den, inf)


def quotient(a: Ratios, b: Ratios) -> Ratios:
    """a ÷ b exactly; anything ÷ ±inf is 0. Raises ZeroDivisionError if one divisor is 0."""
    finite = _signs(b) == 0
    if ((b.num == 0) & finite).any():
        raise ZeroDivisionError("division of a column by a column with a zero")
    a, b = _ready(_reach, a, b)
    left_factor, right_factor = _factors(a, b)
    top, bottom = a.num * left_factor, b.num * right_factor
    if b.inf is not None:
        top, bottom = np.where(finite, top, 0), np.where(finite, bottom, 1)
    sign = np.where(bottom < 0, -1, 1)
    inf = None if a.inf is None else (a.inf * sign * finite).astype(np.int8)
    return _made(top * sign, np.abs(bottom), inf)


def _compared(test: Any, a: Ratios, b: Ratios) -> Array:
    """A comparison as bool per row; `test` is numpy's own."""
    left, right = _ready(_reach, a, b)
    left_factor, right_factor = _factors(left, right)
    found = np.asarray(test(left.num * left_factor, right.num * right_factor), bool)
    if a.inf is not None or b.inf is not None:
        one, other = _signs(a), _signs(b)
        found = np.where(one != other, test(one, other), found)
    return found


def _negative(a: Ratios) -> Ratios:
    return Ratios(-a.num, a.den, None if a.inf is None else -a.inf, a.lowest)


def _absolute(a: Ratios) -> Ratios:
    return Ratios(np.abs(a.num), a.den, None if a.inf is None else np.abs(a.inf), a.lowest)


UFUNCS: dict[Any, Callable[..., Any]] = {
    np.add: _sum,
    np.subtract: lambda a, b: _sum(a, b, -1),
    np.multiply: _product,
    np.true_divide: quotient,
    np.negative: _negative,
    np.absolute: _absolute,
    np.floor: lambda a: _made(a.num // a.den, 1, a.inf),
    np.minimum: lambda a, b: where(_compared(np.less_equal, a, b), a, b),
    np.maximum: lambda a, b: where(_compared(np.greater_equal, a, b), a, b),
}
TESTS = (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
UFUNCS |= {test: partial(_compared, test) for test in TESTS}


# one denominator, room in int64


def _factors(a: Ratios, b: Ratios) -> tuple[Array | int, Array | int]:
    """What to multiply the numerators of a and of b with to bring them over one denominator."""
    if isinstance(a.den, int) and isinstance(b.den, int):
        common = math.gcd(a.den, b.den)
        return b.den // common, a.den // common
    return (1, 1) if a.den is b.den or np.array_equal(a.den, b.den) else (b.den, a.den)


def _reach(a: Ratios, b: Ratios) -> int:
    """A bound for what adding or comparing a and b meets on its way."""
    left, right = (most(factor) for factor in _factors(a, b))
    return max(most(a.num) * left + most(b.num) * right, most(a.den) * left)


def _ready(bound: Callable[..., int], *columns: Ratios) -> tuple[Ratios, ...]:
    """The columns as they are if the operation's bound lies below LIMIT, else reduced, else in Python's integers."""
    if bound(*columns) < LIMIT:
        return columns
    reduced = tuple(column.reduced() for column in columns)
    return reduced if bound(*reduced) < LIMIT else tuple(column.wide() for column in reduced)


# building columns


def _made(num: Array, den: Array | int, inf: Array | None, lowest: bool = False) -> Ratios:
    """The column in its best form: one denominator if all are alike, int64 if it fits, no `inf` without need."""
    if inf is not None:
        inf = inf if inf.any() else None
        num = num if inf is None else np.where(inf != 0, 0, num)
    if isinstance(den, np.ndarray) and den.dtype != object and (not len(den) or (den == den[0]).all()):
        den = int(den[0]) if len(den) else 1
    if isinstance(den, int):
        if den < LIMIT and num.dtype != object:
            return Ratios(num, den, inf, lowest)
        den = np.full(num.shape, den, object)
    num, den = np.broadcast_arrays(num, den)
    if object in (num.dtype, den.dtype):
        return Ratios(num, den, inf).reduced()
    return Ratios(num, den, inf, lowest)


def _joined(num: Array, den: Array, inf: Array | None) -> Ratios:
    """The column on one grid, if its denominators are few and allow a small one."""
    if not len(den) or (most(den) < LIMIT and (den == den[0]).all()):
        return Ratios(num, int(den[0]) if len(den) else 1, inf)
    if den.dtype != object and len(np.unique(den[: 2 * GRIDS])) <= GRIDS:
        different = np.unique(den)
        grid = math.lcm(*different[:GRIDS].tolist())
        if len(different) <= GRIDS and grid * most(num) < GRID:
            return Ratios(num * (grid // den), grid, inf)
    return Ratios(num, den, inf)


def _on_one_grid(a: Ratios, b: Ratios) -> tuple[Ratios, Ratios]:
    """Both over one denominator where each has one and the common one is small."""
    if isinstance(a.den, int) and isinstance(b.den, int) and a.den != b.den and _reach(a, b) < GRID:
        left, right = _factors(a, b)
        return Ratios(a.num * left, a.den * left, a.inf), Ratios(b.num * right, b.den * right, b.inf)
    return a, b


def _signs(a: Ratios, n: int | None = None) -> Array:
    """1 and -1 where the value is ±inf, else 0."""
    return np.zeros(len(a) if n is None else n, np.int8) if a.inf is None else a.inf


def _sign(a: Ratios) -> Array:
    """1, 0 or -1 for the sign of each value."""
    sign = (a.num > 0).astype(np.int8) - (a.num < 0).astype(np.int8)
    return sign if a.inf is None else sign + a.inf


def _spread(a: Ratios) -> Array:
    """One denominator per row."""
    return np.full(len(a), a.den) if isinstance(a.den, int) else a.den


def _operand(x: Any) -> Ratios | None:
    """What stands in an operation as a column (one row for a single number); None if it is not of exact numbers."""
    if isinstance(x, Ratios):
        return x
    if isinstance(x, np.ndarray):
        if x.ndim != 1:
            return _operand(x.item()) if x.ndim == 0 else None
        x = x[:1] if x.strides == (0,) else x  # the same number in every row
        return Ratios(narrow(x), 1) if x.dtype.kind in "bi" else Ratios.of(x) if x.dtype == object else None
    if isinstance(x, Rational | np.integer):
        return Ratios.of([divide(int(x.numerator), int(x.denominator))])
    return Ratios.of([float(x)]) if isinstance(x, float) and abs(x) == INF else None


def _array(values: list[Any]) -> Array:
    """The object array of these values."""
    out = np.empty(len(values), object)
    out[:] = values
    return out


def _plain(x: Any) -> Any:
    """The same with object arrays for columns, also inside lists."""
    if isinstance(x, list | tuple):
        return type(x)(_plain(part) for part in x)
    return x.to_objects() if isinstance(x, Ratios) else x
