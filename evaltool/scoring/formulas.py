"""Formulas over columns: rows of subjects, or rows of one list with the subject's values beside each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from functools import reduce

import numpy as np

from evaltool.facts import State
from evaltool.quantities import Exact
from evaltool.scheme.formula import ARITHMETIC, ROOTS, Call, Choice, Column, Name, Node, Operation, Text, gathers
from evaltool.scheme.formula import Num as Literal
from evaltool.scheme.inference import ALL, YES_NO, constant, list_of
from evaltool.scoring import columns as c
from evaltool.scoring import functions, kinds
from evaltool.scoring.cohort import Cohort, across, cohorts, nobody
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth
from evaltool.scoring.gathering import gather
from evaltool.scoring.inputs import bounds
from evaltool.scoring.space import Space

_OF_NONE = ("sum", "count", "top", "bottom")  # what is 0 where nothing is gathered


def truth(node: Node, space: Space, row_of: str | None = None) -> Truth:
    """A condition: what is out (不计) does not hold, nor does a comparison with it."""
    column = evaluate(node, space, row_of)
    assert isinstance(column, Truth)
    return column if isinstance(node, Operation) else _counted(column, out_of(node, space, row_of))


def amount(node: Node, space: Space, row_of: str | None = None) -> Num:
    """A number or a date."""
    column = evaluate(node, space, row_of)
    assert isinstance(column, Num)
    return column


def evaluate(node: Node, space: Space, row_of: str | None = None) -> Col:
    """What `node` comes to for every subject, or for every row of the list `row_of`."""
    match node:
        case Literal(value=value):
            return c.number(value, space.size(row_of), space.way)
        case Name(id=name):
            return space.name(name, row_of)
        case Column(list=owner, id=name):
            return space.rows[owner][name]
        case Operation(op="and" | "or" as op):
            parts = [truth(part, space, row_of) for part in node.parts]
            return reduce(c.both if op == "and" else c.either, parts)
        case Operation(op="not"):
            return c.invert(truth(node.parts[0], space, row_of))
        case Operation(op="neg"):
            return c.negate(amount(node.parts[0], space, row_of))
        case Operation(op=op) if op in ARITHMETIC:
            return _arithmetic(node, space, row_of)
        case Operation():
            return _counted(_compare(node, space, row_of), out_of(node, space, row_of))
        case Choice():
            return _chosen(node, space, row_of)
        case Call(function="counted"):
            every = np.ones(space.size(row_of), bool)
            out = out_of(node.parts[0], space, row_of)
            return Truth(every, every) if out is None else c.invert(out)
        case Call():
            return _call(node, space, row_of)
        case _:
            raise TypeError(f"a text stands alone in a formula: {node}")


# --- out (不计) ---


def out_of(node: Node, space: Space, row_of: str | None = None) -> Truth | None:
    """Where `node` uses something that is out; None: nowhere. Of rows that are gathered each is left out alone."""
    if not space.outs and space.last is None:
        return None
    match node:
        case Name(id=name):
            return space.out(name, row_of)
        case Column(list=owner, id=name):
            return space.out(name, owner)
        case Call(function="previous", parts=(Name(id=name), *_)):
            return _previously_out(name, space)
        case Call() if gathers(node) or node.function == "counted":
            asked = space.across is not None and gathers(node) and node.function not in _OF_NONE
            return _of_nobody(node.parts[0], space, row_of) if asked else None
        case Operation(parts=parts) | Call(parts=parts):
            return any_out(out_of(part, space, row_of) for part in parts)
        case Choice(by=by, branches=branches):
            masks = possible(space.name(by.id, row_of))
            outs = [(masks[label], out_of(part, space, row_of)) for label, part in branches]
            return any_out([space.out(by.id, row_of), chosen_out(outs)])
    return None


def _of_nobody(node: Node, space: Space, row_of: str | None) -> Truth | None:
    """Where everybody over whom the formula of an indicator `across` runs is out."""
    group, space.across = space.across, None
    try:
        out = any_out([out_of(node, space, row_of), _out_of_groups(group, space, row_of)])
    finally:
        space.across = group
    return None if out is None else nobody(_cohorts(group, out, space, row_of), out)


def any_out(parts: Iterable[Truth | None]) -> Truth | None:
    """Where any of the parts is out."""
    found = [part for part in parts if part is not None]
    return reduce(c.either, found) if found else None


def chosen_out(parts: Iterable[tuple[Array, Truth | None]]) -> Truth | None:
    """Where the chosen part is out, given where each may be chosen."""
    parts = list(parts)
    if all(out is None for _, out in parts):
        return None
    sure, maybe = np.ones(len(parts[0][0]), bool), np.zeros(len(parts[0][0]), bool)
    for mask, out in parts:
        sure &= ~mask | (False if out is None else out.lo)
        maybe |= mask & (False if out is None else out.hi)
    return Truth(sure & maybe, maybe)


def _counted(column: Truth, out: Truth | None) -> Truth:
    return column if out is None else Truth(column.lo & ~out.hi, column.hi & ~out.lo)


# --- choices ---


def possible(column: Col) -> dict[str, Array]:
    """Label, or 是 and 否, → the rows in which it is possible."""
    if isinstance(column, Truth):
        return dict(zip(YES_NO, (column.hi, ~column.lo), strict=True))
    assert isinstance(column, Label)
    return {option: (column.mask & (1 << i)) != 0 for i, option in enumerate(column.options)}


def _chosen(node: Choice, space: Space, row_of: str | None) -> Col:
    masks = possible(space.name(node.by.id, row_of))
    outs = [out_of(part, space, row_of) for _, part in node.branches]
    # a branch that is out leaves nothing to choose: it widens no range
    where = [
        masks[label] if out is None else masks[label] & ~out.lo
        for (label, _), out in zip(node.branches, outs, strict=True)
    ]
    parts = [
        space.only(mask, row_of, lambda part=part: evaluate(part, space, row_of))  # type: ignore[misc]
        for mask, (_, part) in zip(where, node.branches, strict=True)
    ]
    if all(isinstance(part, Num) for part in parts):
        return kinds.branches(where, parts)  # type: ignore[arg-type]
    truths = [part for part in parts if isinstance(part, Truth)]
    sure = reduce(np.logical_and, (~mask | part.lo for mask, part in zip(where, truths, strict=True)))
    maybe = reduce(np.logical_or, (mask & part.hi for mask, part in zip(where, truths, strict=True)))
    return Truth(sure & maybe, maybe)


# --- arithmetic and comparisons ---


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
    space.note("P100", zero, row_of)
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
        b = c.number(day, len(a.lo), space.way)
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


# --- functions ---


def _call(node: Call, space: Space, row_of: str | None) -> Num:
    function, parts = node.function, node.parts
    if gathers(node):
        return _gathered(node, space, row_of)
    if function == "previous":
        assert isinstance(parts[0], Name)
        return _previous(parts[0].id, space)
    if function == "days":
        later, earlier = (_day(part, space, row_of) for part in parts)
        return c.subtract(later, earlier)
    if function == "power":
        exponent = constant(parts[1])
        assert exponent is not None
        result, wrong = functions.power(amount(parts[0], space, row_of), exponent)
        space.note("P102", wrong, row_of)
        return result
    numbers = [amount(part, space, row_of) for part in parts]
    if function in ROOTS:
        result, wrong = functions.apply(function, numbers[0])
        space.note("P102", wrong, row_of)
        return result
    if function == "abs":
        return functions.absolute(numbers[0])
    return reduce(c.smaller if function == "min" else c.larger, numbers)


def _day(part: Node, space: Space, row_of: str | None) -> Num:
    if isinstance(part, Text):
        return c.number(dt.date.fromisoformat(part.value).toordinal(), space.size(row_of), space.way)
    return amount(part, space, row_of)


def _gathered(node: Call, space: Space, row_of: str | None) -> Num:
    """sum, count, mean … of the rows of each subject (or group), or of all subjects as each of them sees it."""
    function, first = node.function, node.parts[0]
    last = node.parts[-1]
    share: Exact = Fraction(1, 2)
    if len(node.parts) > 1 and isinstance(
        node.parts[1], Literal
    ):  # the share of a percentile, the number of the largest
        share = node.parts[1].value
    if isinstance(last, Text):
        function = f"{function} {last.value}"
    if space.across is not None:
        return _across(function, first, share, space, row_of)
    bare = isinstance(first, Name) and first.id in space.scheme.edition.lists
    list_id = first.id if bare else list_of(first, space.scheme.edition)  # type: ignore[union-attr]
    inside = row_of is not None and space.scheme.edition.lists[row_of].of == list_id
    frame = row_of if inside else None
    owner = space.grouped[row_of] if inside else space.owners[list_id]  # type: ignore[index]
    column, there = _column(function, first, bare, space, list_id)
    if inside and (owner < 0).any():
        kept = owner >= 0
        owner, column, there = owner[kept], c.take(column, kept), None if there is None else c.take(there, kept)
    result, few = gather("sum" if function == "count" else function, column, owner, space.size(frame), there, share)
    if frame is None:
        few = few & (space.listed[list_id] == int(State.FILLED))
        result = unlisted(result, space, list_id, 0 if function in ("count", "std") else -INF)
    space.note("P100", few, frame)
    return result if row_of is None or inside else c.take(result, space.owners[row_of])


def _column(function: str, node: Node, bare: bool, space: Space, row_of: str | None) -> tuple[Num, Truth | None]:
    """What is gathered, row by row (1 for each that is counted), and which rows are not out."""
    one = c.number(1, space.size(row_of), space.way)
    if bare:
        return one, None
    out = out_of(node, space, row_of)
    there = None if out is None else c.invert(out)
    wanted = np.ones(space.size(row_of), bool) if there is None else there.hi
    if function == "count":
        holds = space.only(wanted, row_of, lambda: truth(node, space, row_of))
        return kinds.weigh(holds, one, space.way), there
    return space.only(wanted, row_of, lambda: amount(node, space, row_of)), there


def _across(function: str, node: Node, share: Exact, space: Space, row_of: str | None) -> Num:
    """Over all subjects, or over the same row of each; of all, or of those of one group."""
    group, space.across = space.across, None
    try:
        column, there = _column(function, node, False, space, row_of)
    finally:
        space.across = group
    out = any_out([None if there is None else c.invert(there), _out_of_groups(group, space, row_of)])
    all_ = _cohorts(group, out, space, row_of)
    result, few = across("sum" if function == "count" else function, column, all_, share)
    space.note("P100", few, row_of)
    return result


def _out_of_groups(group: str | None, space: Space, row_of: str | None) -> Truth | None:
    return None if group in (None, ALL) else space.out(str(group), row_of)


def _cohorts(group: str | None, out: Truth | None, space: Space, row_of: str | None) -> list[Cohort]:
    cells = None if row_of is None else space.number_of(row_of)
    told = None if group in (None, ALL) else space.name(str(group), row_of)
    return cohorts(told, out, space.size(row_of), cells)


def unlisted(result: Num, space: Space, list_id: str, lowest: float, highest: object = INF) -> Num:
    """`result`, opened to (lowest, highest) for the subjects whose rows nobody has read."""
    unread = space.listed[list_id] != int(State.FILLED)
    if not unread.any():
        return result
    lo, hi = result.lo.copy(), result.hi.copy()
    lo[unread], hi[unread] = lowest, highest
    return c.interval(lo, hi)


# --- the last round ---


def _then(name: str, space: Space) -> str:
    """What a field or indicator was called in the last round."""
    edition = space.scheme.edition
    item = edition.fields.get(name) or edition.indicators.get(name)
    return (item.was if item is not None else None) or name


def _previous(name: str, space: Space) -> Num:
    """The last round's number of the same subject; unknown for who was not in it."""
    item = space.scheme.edition.fields.get(name)
    low, high = (-INF, INF) if item is None else bounds(item)
    lo, hi = (c.full(space.n, end, space.way) for end in (low, high))
    column = space.last.space.subjects.get(_then(name, space)) if space.last is not None else None
    if space.last is not None and isinstance(column, Num):
        here = space.last.place >= 0
        then = c.take(column, space.last.place[here])
        lo[here], hi[here] = then.lo, then.hi
    return c.interval(lo, hi)


def _previously_out(name: str, space: Space) -> Truth | None:
    out = space.last.space.out(_then(name, space), None) if space.last is not None else None
    if out is None or space.last is None:
        return None
    here = space.last.place >= 0
    lo, hi = np.zeros(space.n, bool), np.zeros(space.n, bool)
    lo[here], hi[here] = out.lo[space.last.place[here]], out.hi[space.last.place[here]]
    return Truth(lo, hi)
