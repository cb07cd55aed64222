"""Arrays of whole numbers: int64 as long as all of them lie below `LIMIT`, else Python's own in an object array."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
LIMIT = 2**62


def most(x: Array | int) -> int:
    """The largest magnitude, at least 1."""
    if isinstance(x, int):
        return max(abs(x), 1)
    return max(int(x.max()), -int(x.min()), 1) if len(x) else 1


def whole(values: list[int]) -> Array:
    """The array of these numbers."""
    try:
        return narrow(np.array(values, np.int64))
    except OverflowError:
        return np.array(values, object)


def narrow(x: Array) -> Array:
    """The same numbers, as int64 if they fit."""
    return x.astype(np.int64 if most(x) < LIMIT else object, copy=False)


def put(column: Array, key: Any, values: Array) -> Array:
    """A copy of the column with these rows set."""
    column = column.astype(np.result_type(column, values))
    column[key] = values
    return column
