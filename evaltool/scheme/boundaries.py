"""Every boundary of an edition: where a rule, a condition or a limit of money changes its mind.

Each is a pair of formulas that are equal exactly on the boundary, and the side on which the answer is another one. The
cases beside the edition must show both (`evaltool.coverage`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaltool.quantities import Exact
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Call, Choice, Formula, Name, Node, Num, Operation, Text, gathers
from evaltool.scheme.inference import Mismatch, Scope, kind_of, list_of
from evaltool.scheme.looks import Path_, formulas_of, rules_of
from evaltool.scheme.models import Indicator, Pot, Tolerance
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.values import Quantity

Side = Literal["below", "above", "either"]
_STEPS: dict[str, Side] = {"at_least": "below", "more_than": "above", "at_most": "above", "less_than": "below"}
_TURNED: dict[Side, Side] = {"below": "above", "above": "below", "either": "either"}
_SIDES: dict[str, Side] = {">=": "below", ">": "above", "<=": "above", "<": "below", "==": "either", "!=": "either"}


@dataclass(frozen=True, slots=True)
class Boundary:
    """One boundary.

    path    where it is written in scheme.yaml
    node    the indicator, event, duty or pot it belongs to
    row_of  the list over whose rows both formulas run, or None
    left    the formula that is compared; None: the value of the indicator `node` (a combination)
    right   what it is compared with
    side    where, beside the boundary, another answer comes out
    when    (name, label): it counts only where the name has that value (a branch of a `by`)
    across  what is gathered in both formulas runs over all subjects: `all`, or the name that tells the groups
    """

    path: Path_
    node: str
    row_of: str | None
    left: Node | None
    right: Node
    side: Side
    when: tuple[tuple[str, str], ...] = ()
    across: str | None = None


def boundaries(scheme: Scheme) -> list[Boundary]:
    """Every boundary of the edition, in the order of the file."""
    found: list[Boundary] = []
    edition = scheme.edition
    for key, item in edition.indicators.items():
        at: Path_ = ("indicators", key)
        for path, rule in rules_of(item):
            when = ((item.rule.by, str(path[1])),) if isinstance(item.rule, r.ByRule) else ()
            found += _of_rule(key, item, (*at, *path), rule, when)
        for path, formula, _ in formulas_of(item):
            across = item.across if path == ("value",) else None
            found += _compared(scheme, key, (*at, *path), formula.tree, item.per, across)
    for key, event in edition.events.items():
        found += _compared(scheme, key, ("events", key, "when"), event.when.tree, None)
    for key, duty in edition.duties.items():
        if duty.met is not None:
            found += _compared(scheme, key, ("duties", key, "met"), duty.met.tree, None)
    for i, consequence in enumerate(edition.consequences):
        found += _compared(scheme, f"consequences.{i}", ("consequences", i, "when"), consequence.when.tree, None)
    for key, pot in edition.funds.items():
        found += _of_pot(scheme, key, pot)
    return found


def _of_rule(
    key: str, item: Indicator, at: Path_, rule: r.RuleModel, when: tuple[tuple[str, str], ...]
) -> Iterator[Boundary]:
    value = getattr(rule, "value", None) or item.value
    left = value.tree if value is not None else None

    for path, part, side in _limits(rule):
        for more, right in _branches(part):
            yield Boundary((*at, *path), key, item.per, left, right, side, (*when, *more))
    if isinstance(rule, r.Levels) and rule.chosen is not None:
        yield from _of_levels(key, item, at, rule, when)


def _limits(rule: r.RuleModel) -> Iterator[tuple[Path_, Quantity | Formula, Side]]:
    """(path, limit, side with another answer) of every limit that a rule compares its value with."""
    match rule:
        case r.Steps():
            for i, step in enumerate(rule.steps):
                for name, side in _STEPS.items():
                    if (part := getattr(step, name)) is not None:
                        yield ("steps", i, name), part, side
        case r.Proportional():
            yield ("target",), rule.target, "above" if rule.inverse else "below"
        case r.Linear():
            up, jump = _upward(rule), rule.outside is not None  # with ends of their own both sides are different
            yield ("zero_at",), rule.zero_at, "either" if jump else "above" if up else "below"
            yield ("full_at",), rule.full_at, "below" if up else "above"
        case r.Curve():
            for i, point in enumerate(rule.through):
                yield ("through", i, "at"), point.at, "below" if i else "above"
        case r.Range():
            if rule.below != "full":
                yield ("low",), rule.low, "below"
            if rule.above != "full":
                yield ("high",), rule.high, "above"
        case r.PerUnit():
            around = rule.around if rule.around is not None else Quantity(0)
            if rule.more is not None:
                yield ("around",), around, "above"
            if rule.fewer is not None:
                yield ("around",), around, "below"


def _of_levels(
    key: str, item: Indicator, at: Path_, rule: r.Levels, when: tuple[tuple[str, str], ...]
) -> Iterator[Boundary]:
    """The ends of the interval of each level, asked of the share that was chosen."""
    value = rule.value or item.value
    if value is None or not isinstance(value.tree, Name):
        return
    for label, part in rule.levels.items():
        if isinstance(part, r.Interval):
            for name, side in _STEPS.items():
                end = getattr(part, name)
                if end is not None and 0 < end.value < 1:  # nobody can choose less than nothing or more than all
                    here = (*when, (value.tree.id, label))
                    yield Boundary(
                        (*at, "levels", label, name), key, item.per, Name(str(rule.chosen)), Num(end.value), side, here
                    )


def _upward(rule: r.Linear) -> bool:
    if rule.better is not None:
        return rule.better == "higher"
    assert isinstance(rule.zero_at, Quantity) and isinstance(rule.full_at, Quantity)  # noqa: PT018
    return bool(rule.full_at.value > rule.zero_at.value)


def _branches(part: Quantity | Formula) -> Iterator[tuple[tuple[tuple[str, str], ...], Node]]:
    if isinstance(part, Quantity):
        yield (), Num(part.value, part.share)
    elif isinstance(part.tree, Choice):
        for label, node in part.tree.branches:
            yield ((part.tree.by.id, label),), node
    else:
        yield (), part.tree


def _compared(
    scheme: Scheme, key: str, at: Path_, node: Node, row_of: str | None, across: str | None = None
) -> Iterator[Boundary]:
    """Every comparison of numbers or dates inside a formula, with the rows over which it runs."""
    if isinstance(node, Operation) and node.op in _SIDES:
        left, right = node.parts
        side = _SIDES[node.op]
        if isinstance(left, Text | Num):
            left, right, side = right, left, _TURNED[side]
        try:
            sort = kind_of(left, Scope(scheme.edition, scheme.kinds, row_of)).sort
        except Mismatch:  # over all subjects: numbers in any case
            sort = "number"
        if sort in ("number", "date"):
            yield Boundary(at, key, row_of, left, right, side, across=across)
    inner = row_of
    if isinstance(node, Call) and gathers(node):
        if across is None and not _bare_list(scheme, node.parts[0]):
            inner = list_of(node.parts[0], scheme.edition)
        across = None  # each subject (or row) by itself
    parts = node.parts if isinstance(node, Operation | Call) else ()
    if isinstance(node, Choice):
        parts = tuple(part for _, part in node.branches)
    for part in parts:
        yield from _compared(scheme, key, at, part, inner, across)


def _bare_list(scheme: Scheme, node: Node) -> bool:
    return isinstance(node, Name) and node.id in scheme.edition.lists


def _of_pot(scheme: Scheme, key: str, pot: Pot) -> Iterator[Boundary]:
    for use_id, use in pot.uses.items():
        share = Operation("/", (Name(use.amount), Name(pot.total)))
        for name in ("at_least", "at_most"):
            limit = getattr(use, name)
            side: Side = "above" if name == "at_most" else "below"
            if isinstance(limit, Quantity):
                at: Path_ = ("funds", key, "uses", use_id, name)
                yield Boundary(at, key, None, share, Num(limit.value, True), side)
                for edge in _tolerated(pot.tolerance, limit.value, side):
                    yield Boundary(("funds", key, "tolerance", "by"), key, None, share, Num(edge, True), side)
    for name in pot.bans:
        yield Boundary(("funds", key, "bans", name), key, None, Name(name), Num(0), "above")
    for i, payment in enumerate(pot.payments):
        yield from _compared(scheme, key, ("funds", key, "payments", i, "breaches"), payment.breaches.tree, None)


def _tolerated(tolerance: Tolerance | None, limit: Exact, side: Side) -> set[Exact]:
    """The edges of what is tolerated beyond a limit; both readings where the paper does not say its whole."""
    if tolerance is None:
        return set()
    by: Exact = tolerance.by.value
    readings = {"points": {by}, "item": {by * limit}, "unset": {by, by * limit}}[tolerance.of]
    return {limit + reading if side == "above" else limit - reading for reading in readings}
