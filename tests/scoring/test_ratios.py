"""Columns of ratios give what `int`, `Fraction` and ±inf give one by one, whatever their size."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool.quantities import divide, exact, round_to
from evaltool.scoring.groups import joined, order_of
from evaltool.scoring.ratios import GRID, GRIDS, INF, Ratios, quotient, where
from evaltool.scoring.wholes import LIMIT

# numerators and denominators that fit easily, only just, only after reducing, or not at all
EDGES = [0, 1, 2, 10, 2**30, 2**31, GRID - 1, GRID, LIMIT - 1, LIMIT, LIMIT + 1, 2**63 - 1, 2**63, 2**64, 10**40]
small = st.integers(-100, 100)
whole = st.one_of(
    small, st.integers(-(2**33), 2**33), st.sampled_from(EDGES).flatmap(lambda x: st.sampled_from([x, -x]))
)
decimal = st.builds(divide, small | st.integers(-(10**9), 10**9), st.sampled_from([1, 10, 100, 10**6]))
ratio = st.builds(lambda p, q: divide(p, abs(q) or 1), whole, whole)
endless = st.sampled_from([INF, -INF])
KINDS = [small, whole, decimal, ratio, small | decimal | ratio]
columns = st.integers(0, 12).flatmap(
    lambda n: st.sampled_from(KINDS).flatmap(lambda kind: st.lists(kind, min_size=n, max_size=n))
)


@st.composite
def pairs(draw: Any, ends: bool = False) -> tuple[list[Any], list[Any]]:
    """Two lists of one length."""
    n = draw(st.integers(1, 12))
    kinds = [draw(st.sampled_from(KINDS)) for _ in range(2)]
    a, b = (draw(st.lists(kind | endless if ends else kind, min_size=n, max_size=n)) for kind in kinds)
    return a, b


def objects(values: list[Any]) -> np.ndarray:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def of(values: list[Any]) -> Ratios:
    column = Ratios.of(objects(values))
    assert column is not None
    return column


def same(column: Any, values: list[Any]) -> None:
    """The column has these values, in the form in which exact numbers are kept, and holds int64 where it can."""
    assert isinstance(column, Ratios)
    assert column.tolist() == values
    assert [column[i] for i in range(len(values))] == values
    for value in column.tolist():
        assert type(value) is int or (type(value) is Fraction and value.denominator != 1) or abs(value) == INF
    for whole_numbers in (column.num, column.den):
        if isinstance(whole_numbers, np.ndarray):
            assert whole_numbers.shape == (len(values),)
            large = any(abs(x) >= LIMIT for x in whole_numbers.tolist())
            assert whole_numbers.dtype == (object if large else np.int64)
    assert (np.asarray(column.den) > 0).all()


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@given(columns)
def test_there_and_back(values):
    same(of(values), values)
    column = of(values)
    same(column.reduced(), values)
    same(-column, [-x for x in values])
    same(abs(column), [abs(x) for x in values])
    same(np.floor(column), [x // 1 for x in values])
    assert np.asarray(column).tolist() == values
    same(pickle.loads(pickle.dumps(column)), values)


@given(pairs())
def test_arithmetic(both):
    a, b = both
    x, y = of(a), of(b)
    for function in (operator.add, operator.sub, operator.mul):
        expected = [exact(function(p, q)) for p, q in zip(a, b, strict=True)]
        same(function(x, y), expected)
        same(function(x, objects(b)), expected)
        same(function(objects(a), y), expected)
        same(function(x, b[0]), [exact(function(p, b[0])) for p in a])
        same(function(a[0], y), [exact(function(a[0], q)) for q in b])
        same(function(x, np.broadcast_to(objects(b[:1]), len(a))), [exact(function(p, b[0])) for p in a])
    same(np.minimum(x, y), [min(p, q) for p, q in zip(a, b, strict=True)])
    same(np.maximum(x, y), [max(p, q) for p, q in zip(a, b, strict=True)])
    same(np.minimum(x, b[0]), [min(p, b[0]) for p in a])


@given(pairs(ends=True))
def test_comparisons(both):
    a, b = both
    x, y = of(a), of(b)
    for test in COMPARISONS:
        expected = [test(p, q) for p, q in zip(a, b, strict=True)]
        for found in (test(x, y), test(x, objects(b)), test(objects(a), y)):
            assert found.dtype == bool
            assert found.tolist() == expected
        assert test(x, b[0]).tolist() == [test(p, b[0]) for p in a]
        assert test(a[0], y).tolist() == [test(a[0], q) for q in b]
    same(np.minimum(x, y), [min(p, q) for p, q in zip(a, b, strict=True)])
    same(np.maximum(x, y), [max(p, q) for p, q in zip(a, b, strict=True)])


@given(pairs())
def test_quotients(both):
    a, b = both
    b = [q or 1 for q in b]
    expected = [divide(p, q) for p, q in zip(a, b, strict=True)]
    same(quotient(of(a), of(b)), expected)
    same(of(a) / of(b), expected)
    same(of(a) / b[0], [divide(p, b[0]) for p in a])
    with pytest.raises(ZeroDivisionError):
        quotient(of(a), of([0, *b[1:]]))


def plain(function: Callable[[Any, Any], Any], p: Any, q: Any) -> Any:
    try:
        return function(p, q)
    except OverflowError:  # Python makes a float of a large number beside ±inf, and may fail
        return None


@given(pairs(ends=True))
def test_without_bounds(both):
    """±inf: as Python has it, or an object array where Python has no number."""
    a, b = both
    x, y = of(a), of(b)
    for function in (operator.add, operator.sub, operator.mul):
        expected = [plain(function, p, q) for p, q in zip(a, b, strict=True)]
        if not any(e is None or e != e for e in expected):
            assert function(x, y).tolist() == expected
    product = [0 if 0 in (p, q) else plain(operator.mul, p, q) for p, q in zip(a, b, strict=True)]
    if None not in product:
        same(x.times(y), product)
    same(-x, [-p for p in a])
    same(abs(x), [abs(p) for p in a])
    divisors = [q or 1 for q in b]
    same(
        quotient(x, of(divisors)),
        [
            0 if abs(q) == INF else (p if q > 0 else -p) if abs(p) == INF else divide(p, q)
            for p, q in zip(a, divisors, strict=True)
        ],
    )


def test_infinity_less_infinity_is_left_to_objects():
    with np.errstate(invalid="ignore"):
        found = of([INF, 1]) - of([INF, 1])
    assert isinstance(found, np.ndarray)
    assert found[1] == 0
    assert of([0, 2]).times(of([INF, INF])).tolist() == [0, INF]


MODES = st.sampled_from(["half_up", "half_even", "truncate", "ceiling", "floor"])
STEPS = st.sampled_from(
    [1, 100, Fraction(1, 10), Fraction(1, 100), Fraction(1, 2), Fraction(5, 3), 10**12, divide(1, 10**30)]
)


@given(columns, STEPS, MODES)
def test_rounding(values, step, mode):
    same(of(values).rounded(step, mode), [round_to(x, step, mode) for x in values])


@given(st.lists(st.integers(-60, 60)), STEPS, MODES)
def test_rounding_exact_halves(halves, step, mode):
    values = [exact(Fraction(x, 4) * step) for x in halves]
    same(of(values).rounded(step, mode), [round_to(x, step, mode) for x in values])
    beside = [x + Fraction(1, 10**40) for x in values]
    same(of(beside).rounded(step, mode), [round_to(x, step, mode) for x in beside])


def test_rounding_keeps_infinity():
    same(of([INF, Fraction(1, 2), -INF]).rounded(1, "half_up"), [INF, 1, -INF])


@given(pairs(ends=True), st.data())
def test_rows(both, data):
    a, b = both
    n = len(a)
    mask = objects(data.draw(st.lists(st.booleans(), min_size=n, max_size=n))).astype(bool)
    x, y = of(a), of(b)
    same(x[mask], objects(a)[mask].tolist())
    same(x[1:], a[1:])
    same(x[np.flatnonzero(mask)[::-1]], objects(a)[mask][::-1].tolist())
    chosen = np.where(mask, objects(a), objects(b)).tolist()
    same(np.where(mask, x, y), chosen)
    same(np.where(mask, x, objects(b)), chosen)
    same(np.where(mask, x, b[0]), np.where(mask, objects(a), b[0]).tolist())
    for value in (y[mask], objects(b)[mask], b[0]):
        expected = objects(a)
        expected[mask] = value if not isinstance(value, Ratios) else value.to_objects()
        copied = x.copy()
        copied[mask] = value
        same(copied, expected.tolist())
        same(x, a)
    same(np.concatenate([x, y]), [*a, *b])
    same(np.concatenate([objects(a), y, np.broadcast_to(objects(a[:1]), n)]), [*a, *b, *a[:1] * n])
    copied = x.copy()
    copied[n - 1] = b[0]
    same(copied, [*a[:-1], b[0]])
    same(Ratios.full(3, b[0]), [b[0]] * 3)


@given(columns, st.data())
def test_groups(values, data):
    n = len(values)
    owner = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), int)
    mine = {int(group): [v for v, o in zip(values, owner, strict=True) if o == group] for group in sorted(set(owner))}
    for combine, by_hand in ((operator.add, sum), (np.minimum, min), (np.maximum, max)):
        groups, found = joined(of(values), owner, combine)
        assert groups.tolist() == list(mine)
        same(found, [exact(by_hand(part)) for part in mine.values()])
        groups, found = joined(objects(values), owner, combine)
        assert found.tolist() == [by_hand(part) for part in mine.values()]


@given(st.lists(ratio | decimal | endless | st.builds(lambda x: divide(2**61 + x, 2**61 - 1), st.integers(0, 9))))
def test_order(values):
    expected = [sorted(set(values)).index(x) for x in values]
    assert order_of(of(values)).tolist() == expected
    assert order_of(objects(values)).tolist() == expected


def test_the_sum_of_many_denominators():
    """More denominators than a grid joins, and their sum beyond int64."""
    values = [divide(1, q) for q in range(1, 3 * GRIDS)]
    column = of(values)
    assert isinstance(column.den, np.ndarray)
    (_,), total = joined(column, np.zeros(len(values), int), operator.add)
    same(total, [exact(sum(values))])


def test_small_numbers_stay_on_one_grid():
    """What scoring does most never leaves int64 on one denominator."""
    hundredths, thousandths = of([divide(1, 100), 3]), of([divide(7, 1000), 2])
    for column in (hundredths + thousandths, hundredths - 1, hundredths * thousandths, np.minimum(hundredths, 1)):
        assert isinstance(column.den, int)
        assert column.num.dtype == np.int64
    assert np.where(np.array([True, False]), hundredths, thousandths).den == 1000


@pytest.mark.parametrize("value", ["1", None, 1.5, float("nan"), True, np.int64(1)])
def test_what_is_no_exact_number_is_left_to_objects(value):
    assert Ratios.of(objects([1, value])) is None


def test_what_numpy_does_otherwise_is_done_on_objects():
    column = of([1, Fraction(1, 2)])
    assert (column * np.array([0.5, 0.5])).tolist() == [0.5, 0.25]
    assert np.add.reduce(column) == Fraction(3, 2)
    assert np.concatenate([column, np.array([0.5])]).tolist() == [1, Fraction(1, 2), 0.5]
    assert [type(x) for x in of([1, 2]) / objects([2, True])] == [Fraction, int]  # numpy's own would give floats
    assert np.minimum.reduce([column, -column]).tolist() == [-1, Fraction(-1, 2)]
    assert column.astype(float).tolist() == [1.0, 0.5]
    assert (column == "a").tolist() == [False, False]
    assert (bool(np.any(column)), bool(np.all(column)), bool(np.any(of([0])))) == (True, True, False)
    assert repr(column) == "Ratios([1, Fraction(1, 2)])"
    with pytest.raises(TypeError):
        column[0] = 1.5


@settings(max_examples=20)
@given(st.lists(pairs(), min_size=1, max_size=6))
def test_a_long_way(steps):
    """Several operations after one another, so that reduced, widened and narrowed columns meet."""
    values = list(steps[0][0])
    column = of(values)
    for a, b in steps:
        n = min(len(values), len(a))
        values = [exact(p * q - r) for p, q, r in zip(values[:n], a[:n], b[:n], strict=True)]
        column = column[:n] * of(a[:n]) - of(b[:n])
        same(column, values)
        same(where(column > 0, column, -column), [abs(v) for v in values])
