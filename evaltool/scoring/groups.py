"""Values joined within groups of rows, and their order, for columns of every arithmetic (`Ratios`, object, float64)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from evaltool.scoring.ratios import Ratios
from evaltool.scoring.wholes import Array


def joined(column: Any, owner: Array, combine: Callable[[Any, Any], Any]) -> tuple[Array, Any]:
    """The values of each group put together, two neighbours at a time: one step for each doubling of the largest group.

    owner    the group of each row, in any order
    combine  of two columns, row by row; it must not matter how the values are bracketed (sum, smaller, larger)
    returns  the groups that have rows, ascending, and one value for each
    """
    if (owner[1:] < owner[:-1]).any():
        order = np.argsort(owner, kind="stable")
        column, owner = column[order], owner[order]
    while True:
        first = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
        if first.all():
            return owner, column
        rows = np.arange(len(owner))
        stays = (rows - np.maximum.accumulate(np.where(first, rows, 0))) % 2 == 0
        goes = np.flatnonzero(~stays)
        column = column.copy()
        column[goes - 1] = combine(column[goes - 1], column[goes])
        column, owner = column[stays], owner[stays]


def order_of(column: Any) -> Array:
    """The place of each value among the different values, from 0 for the lowest; equal values have the same.

    Exact columns are sorted by what floats say and every neighbour is then compared exactly; where one does not lie
    right, all are sorted exactly.
    """
    if not isinstance(column, Ratios):
        return _exact_order(column)
    if isinstance(column.den, int):
        near = column.num
    elif object in (column.num.dtype, column.den.dtype):
        return _exact_order(column.to_objects())
    else:
        near = column.num / column.den
    rows = np.argsort(near, kind="stable") if column.inf is None else np.lexsort((near, column.inf))
    ascending = column[rows]
    if (ascending[1:] < ascending[:-1]).any():
        return _exact_order(column.to_objects())
    place = np.empty(len(rows), np.int64)
    place[rows] = np.append(0, np.cumsum(ascending[1:] != ascending[:-1]))[: len(rows)]
    return place


def _exact_order(values: Array) -> Array:
    return np.unique(values, return_inverse=True)[1]
