"""Whether the cases beside an edition show every boundary: one case exactly on it, one the smallest unit beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaltool.cases import decided, rounds
from evaltool.facts import OFFICIAL
from evaltool.problems import Problem
from evaltool.quantities import Exact, divide, exact, magnitude, parse_entered
from evaltool.scheme import Scheme
from evaltool.scheme.boundaries import Boundary, boundaries
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Name, Node, Text
from evaltool.scheme.looks import needed_names, now
from evaltool.scheme.papers import Case
from evaltool.scoring import Label, Num, Scores, Truth
from evaltool.scoring.formulas import evaluate
from evaltool.scoring.space import Space

SMALLEST: dict[str, Exact] = {  # the smallest unit by which a case may lie beside a boundary
    "count": 1, "date": 1, "share": divide(1, 10000), "money": divide(1, 100), "number": divide(1, 100),
    "points": divide(1, 100),
}  # fmt: skip
ROOT_WIDTH = divide(1, 10**30)
Leaf = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the cases show of one boundary: names of cases on it, and of cases beside it that differ in one field."""

    boundary: Boundary
    on: tuple[str, ...]
    beside: tuple[str, ...]


def coverage(scheme: Scheme) -> list[Shown]:
    """Every boundary of the edition with the cases that stand on it and just beside it."""
    bounds = boundaries(scheme)
    above = _dependents(scheme)
    on: list[list[_Seen]] = [[] for _ in bounds]
    off: list[list[_Seen]] = [[] for _ in bounds]
    for one in rounds(scheme):
        scores = decided(scheme, one).scores
        space = scores.outcomes[OFFICIAL].space
        leaves = [_leaves(one.sheets[code]) for _, _, code in one.members]
        for i, boundary in enumerate(bounds):
            difference = _difference(scores, space, boundary)
            for row, (case, member, _) in enumerate(one.members):
                name = scheme.cases.cases[case].name
                if not _says(scheme, scheme.cases.cases[case], member, boundary, above):
                    continue
                side = _sides(difference, row)
                if 0 in side:
                    on[i].append(_Seen(name, leaves[row]))
                if any(_beside(boundary, value) for value in side):
                    off[i].append(_Seen(name, leaves[row]))
    return [_shown(scheme, boundary, on[i], off[i]) for i, boundary in enumerate(bounds)]


def uncovered(scheme: Scheme) -> list[Problem]:
    """A problem for each boundary without a case on it, or without one just beside it."""
    found = []
    for shown in coverage(scheme):
        if not shown.on or not shown.beside:
            what = "没有正好在线上的算例" if not shown.on else "没有紧挨着线的算例"
            where = ".".join(map(str, shown.boundary.path))
            when = "".join(f"（{name} 为“{label}”时）" for name, label in shown.boundary.when)
            do = "补一个正好在线上的算例" if not shown.on else "补一个只改一格、差最小一个单位的算例"
            found.append(
                Problem("S218", f"{where}{when}{what}", do=do, rule=scheme.document.place(shown.boundary.path))
            )
    return found


def _dependents(scheme: Scheme) -> dict[str, set[str]]:
    """Node → itself and every result that it goes into, over any number of steps."""
    edition = scheme.edition
    needs = {key: set(needed_names(item)) for key, item in edition.indicators.items()}
    needs |= {key: set(now(event.when.tree)) for key, event in edition.events.items()}
    for key, parts in scheme.children.items():
        needs[key] |= set(parts)
    found = {key: {key} for key in needs}
    for key in scheme.order:  # each after everything it needs
        for reached in found.values():
            if not reached.isdisjoint(needs[key]):
                reached.add(key)
    return found


def _says(scheme: Scheme, case: Case, member: str, boundary: Boundary, above: Mapping[str, set[str]]) -> bool:
    """Whether a case says what must come out of what the boundary decides."""
    root, edition = str(boundary.path[0]), scheme.edition
    if root == "duties":
        return boundary.node in case.expect_duties
    if root == "funds":
        return bool(case.expect_funds)
    done = case.expect_do is not None or case.expect_maybe is not None
    if root == "consequences":
        return done
    reached = above.get(boundary.node, set())
    if case.each is not None:
        return not reached.isdisjoint(case.each.expect)
    expected = case.expect.get(member, {}) if case.cohort else case.expect
    asked = {name for item in edition.consequences for name in item.when.names()}
    judged = {name for key in case.expect_duties if (met := edition.duties[key].met) for name in met.names()}
    return not reached.isdisjoint({*expected, *judged}) or (done and not reached.isdisjoint(asked))


@dataclass(frozen=True, slots=True)
class _Seen:
    case: str
    leaves: Mapping[Leaf, Any]


def _shown(scheme: Scheme, boundary: Boundary, on: list[_Seen], off: list[_Seen]) -> Shown:
    beside = [other.case for other in off if any(_next_to(scheme, one.leaves, other.leaves) for one in on)]
    return Shown(boundary, tuple(dict.fromkeys(one.case for one in on)), tuple(dict.fromkeys(beside)))


def _difference(scores: Scores, space: Space, boundary: Boundary) -> tuple[Num, np.ndarray, np.ndarray]:
    """left − right per row, which rows count, and the subject of each row."""
    row_of = boundary.row_of
    left = scores.outcomes[OFFICIAL].values[boundary.node] if boundary.left is None else None
    space.across = boundary.across
    a = left if left is not None else _number(boundary.left, space, row_of)
    b = _number(boundary.right, space, row_of)
    space.across = None
    assert isinstance(a, Num)
    counts = np.array([_settled(*ends) for ends in zip(a.lo, a.hi, b.lo, b.hi, strict=True)], bool)
    for name, label in boundary.when:
        counts &= _is(space, name, label, row_of)
    owner = np.arange(space.n) if row_of is None else space.owners[row_of]
    difference = np.full(len(owner), None, object)
    difference[counts] = np.asarray(a.lo[counts], object) - np.asarray(b.lo[counts], object)
    return Num(difference, difference), counts, owner


def _settled(a_low: Exact, a_high: Exact, b_low: Exact, b_high: Exact) -> bool:
    """Whether both numbers are known; a root or a logarithm is, to fifty digits."""
    return a_high - a_low + b_high - b_low < ROOT_WIDTH


def _number(node: Node | None, space: Space, row_of: str | None) -> Num:
    if isinstance(node, Text):
        day = dt.date.fromisoformat(node.value).toordinal()
        return Num(np.full(space.size(row_of), day, object), np.full(space.size(row_of), day, object))
    assert node is not None
    column = evaluate(node, space, row_of)
    space.pop()
    assert isinstance(column, Num)
    return column


def _is(space: Space, name: str, label: str, row_of: str | None) -> np.ndarray:
    column = evaluate(Name(name), space, row_of)
    if isinstance(column, Truth):
        return column.lo if label == "是" else ~column.hi
    assert isinstance(column, Label)
    return np.asarray(column.mask == 1 << column.options.index(label), bool)


def _sides(difference: tuple[Num, np.ndarray, np.ndarray], row: int) -> list[Exact]:
    """The differences of one subject: one, or one for each of its rows."""
    values, counts, owner = difference
    return [value for value in values.lo[(owner == row) & counts] if abs(value) != float("inf")]


def _beside(boundary: Boundary, difference: Exact) -> bool:
    if boundary.side == "either":
        return difference != 0
    return difference < 0 if boundary.side == "below" else difference > 0


def _leaves(sheet: Mapping[str, Any]) -> dict[Leaf, Any]:
    """Every single cell of a case: fields, and the cells of lists row by row."""
    found: dict[Leaf, Any] = {(key,): value for key, value in sheet.items() if key != "lists"}
    for list_id, rows in (sheet.get("lists") or {}).items():
        found[list_id, "rows"] = len(rows) if isinstance(rows, list) else rows
        for i, row in enumerate(rows if isinstance(rows, list) else []):
            found |= {(list_id, i, key): value for key, value in row.items()}
    return found


def _next_to(scheme: Scheme, one: Mapping[Leaf, Any], other: Mapping[Leaf, Any]) -> bool:
    """Whether two cases differ in one cell only, and there by the smallest unit (or in one more or one fewer row)."""
    changed = [leaf for leaf in {**one, **other} if one.get(leaf) != other.get(leaf)]
    rows = [leaf for leaf in changed if leaf[-1] == "rows"]
    if rows:
        more = [leaf for leaf in changed if len(leaf) == 3]
        sizes = [one.get(rows[0]), other.get(rows[0])]
        return len(rows) == 1 and _apart(sizes) == 1 and all(leaf[0] == rows[0][0] for leaf in more)
    if len(changed) != 1:
        return False
    item = _field(scheme, changed[0])
    if item.type in ("yesno", "choice"):
        return True
    distance = _apart([one.get(changed[0]), other.get(changed[0])])
    smallest = 1 if item.unit == "row" else SMALLEST.get(item.type, 1)
    return distance is not None and distance <= smallest


def _field(scheme: Scheme, leaf: Leaf) -> FieldDef:
    return (
        scheme.edition.fields[str(leaf[0])]
        if len(leaf) == 1
        else scheme.edition.lists[str(leaf[0])].columns[str(leaf[2])]
    )


def _apart(pair: list[Any]) -> Exact | None:
    """The distance between two cells, or None where one is not a number or a day."""
    try:
        a, b = (_value(one) for one in pair)
    except (ValueError, TypeError):
        return None
    return magnitude(a - b)


def _value(cell: Any) -> Exact:
    if isinstance(cell, int):
        return exact(cell)
    text = str(cell)
    return dt.date.fromisoformat(text).toordinal() if text.count("-") == 2 else parse_entered(text)
