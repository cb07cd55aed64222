"""Formulas over columns: rows of subjects, or rows of one list with the subject's values beside each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from evaltool.facts import State
from evaltool.scheme import Scheme
from evaltool.scheme.formula import ARITHMETIC, Call, Column, Name, Node, Operation, Text
from evaltool.scheme.formula import Num as Literal
from evaltool.scheme.inference import list_of
from evaltool.scoring import columns as c
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth


@dataclass
class Space:
    """Everything a formula may look at while one layer is scored.

    n         subjects
    subjects  fields, and the indicators and events scored so far, by name
    rows      list → its columns and row indicators by name
    owners    list → position of the owner of each row
    listed    list → one `State` per subject: whether its rows are known
    zero      where something was divided by zero just now: list (None: subjects) → mask of its rows
    """

    scheme: Scheme
    n: int
    exact: bool
    subjects: dict[str, Col] = field(default_factory=dict)
    rows: dict[str, dict[str, Col]] = field(default_factory=dict)
    owners: dict[str, Array] = field(default_factory=dict)
    listed: Mapping[str, Array] = field(default_factory=dict)
    zero: dict[str | None, Array] = field(default_factory=dict)

    def alone(self, row: int) -> Space:
        """The space of one subject, so that explaining one does not compute all."""
        mine = {list_id: np.flatnonzero(owner == row) for list_id, owner in self.owners.items()}
        space = Space(
            self.scheme, 1, self.exact, {key: c.take(column, np.array([row])) for key, column in self.subjects.items()}
        )
        space.rows = {
            list_id: {k: c.take(v, mine[list_id]) for k, v in columns.items()} for list_id, columns in self.rows.items()
        }
        space.owners = {list_id: np.zeros(len(lines), int) for list_id, lines in mine.items()}
        space.listed = {list_id: states[row : row + 1] for list_id, states in self.listed.items()}
        return space

    def size(self, row_of: str | None) -> int:
        return self.n if row_of is None else len(self.owners[row_of])

    def name(self, name: str, row_of: str | None) -> Col:
        if row_of is not None:
            if name in self.rows[row_of]:
                return self.rows[row_of][name]
            column: Col = c.take(self.subjects[name], self.owners[row_of])
            return column
        return self.subjects[name]

    def pop_zero(self) -> dict[str | None, Array]:
        """Where something was divided by zero since the last call."""
        zero, self.zero = self.zero, {}
        return zero

    def note_zero(self, mask: Array, row_of: str | None) -> None:
        if mask.any():
            self.zero[row_of] = self.zero.get(row_of, False) | mask


def truth(node: Node, space: Space, row_of: str | None = None) -> Truth:
    """A condition. The scheme's checks have made sure that it is one."""
    column = evaluate(node, space, row_of)
    assert isinstance(column, Truth)
    return column


def amount(node: Node, space: Space, row_of: str | None = None) -> Num:
    """A number or a date."""
    column = evaluate(node, space, row_of)
    assert isinstance(column, Num)
    return column


def evaluate(node: Node, space: Space, row_of: str | None = None) -> Col:
    """What `node` comes to for every subject, or for every row of the list `row_of`."""
    match node:
        case Literal(value=value):
            return c.number(value if space.exact else float(value), space.size(row_of), space.exact)
        case Name(id=name):
            return space.name(name, row_of)
        case Column(list=owner, id=name):
            return space.rows[owner][name]
        case Operation(op="and" | "or" as op):
            parts = [truth(part, space, row_of) for part in node.parts]
            result = parts[0]
            for part in parts[1:]:
                result = c.both(result, part) if op == "and" else c.either(result, part)
            return result
        case Operation(op="not"):
            return c.invert(truth(node.parts[0], space, row_of))
        case Operation(op="neg"):
            return c.negate(amount(node.parts[0], space, row_of))
        case Operation(op=op) if op in ARITHMETIC:
            return _arithmetic(node, space, row_of)
        case Operation():
            return _compare(node, space, row_of)
        case Call():
            return _call(node, space, row_of)
        case _:
            raise TypeError(f"a text stands alone in a formula: {node}")


def _arithmetic(node: Operation, space: Space, row_of: str | None) -> Num:
    a, b = (amount(part, space, row_of) for part in node.parts)
    match node.op:
        case "+":
            return c.add(a, b)
        case "-":
            return c.subtract(a, b)
        case "*":
            return c.multiply(a, b)
    result, zero = c.over(a, b)
    if zero.any():
        space.note_zero(zero, row_of)
    return result


def _compare(node: Operation, space: Space, row_of: str | None) -> Truth:
    left, right = node.parts
    op = node.op
    if isinstance(left, Text):
        left, right, op = right, left, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
    a = evaluate(left, space, row_of)
    if isinstance(a, Label):
        assert isinstance(right, Text)
        same = c.is_label(a, right.value)
        return same if op == "==" else c.invert(same)
    assert isinstance(a, Num)
    if isinstance(right, Text):
        day = dt.date.fromisoformat(right.value).toordinal()
        b = c.number(day, len(a.lo), space.exact)
    else:
        b = amount(right, space, row_of)
    match op:
        case ">=":
            return c.at_least(a, b)
        case ">":
            return c.more_than(a, b)
        case "<=":
            return c.at_least(b, a)
        case "<":
            return c.more_than(b, a)
        case "==":
            return c.equal(a, b)
        case _:
            return c.invert(c.equal(a, b))


def _call(node: Call, space: Space, row_of: str | None) -> Num:
    function, parts = node.function, node.parts
    if function == "days":
        later, earlier = (_day(part, space, row_of) for part in parts)
        return c.subtract(later, earlier)
    if function in ("min", "max") and len(parts) > 1:
        pick = c.smaller if function == "min" else c.larger
        result = amount(parts[0], space, row_of)
        for part in parts[1:]:
            result = pick(result, amount(part, space, row_of))
        return result
    bare = isinstance(parts[0], Name) and parts[0].id in space.scheme.edition.lists
    list_id = parts[0].id if bare else list_of(parts[0], space.scheme.edition)  # type: ignore[union-attr]
    if function == "count":
        every = np.ones(space.size(list_id), bool)
        result = count(Truth(every, every) if bare else truth(parts[0], space, list_id), space, list_id)
    else:
        result = gather(function, amount(parts[0], space, list_id), space, list_id)
    return result if row_of is None else c.take(result, space.owners[row_of])


def _day(part: Node, space: Space, row_of: str | None) -> Num:
    if isinstance(part, Text):
        return c.number(dt.date.fromisoformat(part.value).toordinal(), space.size(row_of), space.exact)
    return amount(part, space, row_of)


def count(holds: Truth, space: Space, list_id: str) -> Num:
    """How many rows of each subject hold: surely (lowest) and possibly (highest)."""
    owner, dtype = space.owners[list_id], object if space.exact else float
    lo = np.bincount(owner[holds.lo], minlength=space.n).astype(dtype)
    hi = lo if bool(np.all(holds.known)) else np.bincount(owner[holds.hi], minlength=space.n).astype(dtype)
    return unlisted(c.interval(lo, hi), space, list_id, 0)


def gather(function: str, column: Num, space: Space, list_id: str) -> Num:
    """sum, mean, min or max of the rows of each subject. Of no row, a sum is 0 and the others are unknown."""
    step: dict[str, Callable[[object, object], object]] = {"min": min, "max": max}  # type: ignore[dict-item]
    owner = space.owners[list_id]
    sizes = np.bincount(owner, minlength=space.n)
    ends = []
    for end, empty in ((column.lo, -INF), (column.hi, INF)):
        out = np.zeros(space.n, object if space.exact else float)
        seen = np.zeros(space.n, bool)
        for row, value in zip(owner, end, strict=True):
            if not seen[row]:
                out[row], seen[row] = value, True
            else:
                out[row] = step[function](out[row], value) if function in step else out[row] + value
        if function != "sum":
            out[sizes == 0] = empty
        ends.append(out)
    result = c.interval(*ends)
    if function == "mean":
        some = np.maximum(sizes, 1).astype(object if space.exact else float)
        result, _ = c.over(result, Num(some, some))
    if function != "sum":
        space.note_zero((sizes == 0) & (space.listed[list_id] == int(State.FILLED)), None)
    return unlisted(result, space, list_id, -INF)


def unlisted(result: Num, space: Space, list_id: str, lowest: float, highest: object = INF) -> Num:
    """`result`, opened to (lowest, highest) for the subjects whose rows nobody has read."""
    unread = space.listed[list_id] != int(State.FILLED)
    if not unread.any():
        return result
    lo, hi = result.lo.copy(), result.hi.copy()
    lo[unread], hi[unread] = lowest, highest
    return c.interval(lo, hi)
