"""Which figures an edition makes parts of others.

Read from formulas and pots of money; a name decides only where it says so outright (“其中…”).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaltool.intake.questions.measures import Measure, comparable, definition, measure_of
from evaltool.quantities import SHARE_UNIT
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Call, Column, Formula, Node, Num, Operation, walk
from evaltool.scheme.looks import formulas_of
from evaltool.scheme.models import Use
from evaltool.scheme.values import Quantity

OF_WHICH = re.compile(r"^其中")
PLANNED = re.compile(r"计划|目标|任务|预算|批复|下达|应[完到报发收]")


@dataclass(frozen=True, slots=True)
class Inside:
    """`parts` (one, or several added up) that together are no more than `whole`."""

    parts: tuple[Measure, ...]
    whole: Measure
    why: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowInside:
    """In each row of a list, one column is no more than another."""

    list: str
    part: str
    whole: str
    why: str
    cites: tuple[str, ...] = ()


def all_inside(scheme: Scheme) -> Iterator[Inside]:
    told: set[tuple[tuple[Measure, ...], Measure]] = set()
    for one in (*_divided(scheme), *_of_pots(scheme), *_of_which(scheme)):
        if (one.parts, one.whole) not in told and all(comparable(scheme, part, one.whole) for part in one.parts):
            told.add((one.parts, one.whole))
            yield one


def _divided(scheme: Scheme) -> Iterator[Inside]:
    """Quotients that are shares, and comparisons with a share of something: `a >= b * 50%`."""
    for key, item in scheme.indicators.items():
        if item.value is None or item.per is not None:
            continue
        why, cites = f"{key} {item.name}用前者除以后者", tuple(item.cite)
        for a, b in _quotients(item.value.tree, item.unit == SHARE_UNIT):
            part, whole = measure_of(a), measure_of(_without_limit(b))
            if isinstance(b, Operation) and b.op == "-":  # of what is left, both are parts
                whole, less = measure_of(b.parts[0]), measure_of(b.parts[1])
                if less and whole and _known_to(scheme, less, whole):
                    yield Inside((less,), whole, f"{key} {item.name}用后者减去前者", cites)
            if part and whole and _known_to(scheme, part, whole) and _is_part(scheme, whole):
                yield Inside((part,), whole, why, cites)


def _quotients(node: Node, top: bool) -> Iterator[tuple[Node, Node]]:
    """(part, whole) of divisions that are the value itself or are compared, and of comparisons with a share."""
    if not isinstance(node, Operation):
        return
    if node.op == "/" and top:
        yield node.parts[0], node.parts[1]
    elif node.op in ("and", "or", "not"):
        for part in node.parts:
            yield from _quotients(part, False)
    elif node.op in (">=", ">", "<=", "<"):
        left, right = node.parts
        yield from _quotients(left, True)
        if isinstance(right, Operation) and right.op == "*":
            base, share = right.parts
            if isinstance(share, Num) and share.share and share.value <= 1:
                yield left, base


def _without_limit(node: Node) -> Node:
    """`villages` of `min(villages, 200)`."""
    if isinstance(node, Call) and node.function == "min" and len(node.parts) == 2 and isinstance(node.parts[1], Num):
        return node.parts[0]
    return node


def _known_to(scheme: Scheme, *measures: Measure) -> bool:
    """Whether the measures are fields and lists of the edition, and not other results."""
    return all(definition(scheme, one) is not None or one.list in scheme.filled_lists for one in measures)


def _is_part(scheme: Scheme, whole: Measure) -> bool:
    """A plan that is more than fulfilled is no whole that is too small; money is never spent twice."""
    planned = definition(scheme, whole)
    return not (planned is not None and planned.type == "count" and PLANNED.search(planned.name))


def _of_pots(scheme: Scheme) -> Iterator[Inside]:
    for pot in scheme.edition.funds.values():
        above: dict[str, list[str]] = {}
        for use in pot.uses.values():
            if not is_spent(scheme, use):
                continue
            whole = pot.uses[use.inside].amount if use.inside else pot.total
            above.setdefault(whole, []).append(use.amount)
            why = f"前者是{pot.name}里后者的一部分"
            yield Inside((Measure(use.amount),), Measure(whole), why, tuple(use.cite))
        for whole, amounts in above.items():
            if len(amounts) > 1:
                why = f"各项是{pot.name}里后者的各部分"
                parts = tuple(Measure(amount) for amount in amounts)
                yield Inside(parts, Measure(whole), why, tuple(pot.cite))
        for ban, cites in pot.bans.items():
            yield Inside((Measure(ban),), Measure(pot.total), f"前者是从{pot.name}里支出的", tuple(cites))


def is_spent(scheme: Scheme, use: Use) -> bool:
    """Whether a use is a part of its pot: not what is only measured against it, such as matching money, which may be
    more than the pot and is often the total of another one."""
    least = use.at_least
    against = isinstance(least, Quantity) and least.value >= 1
    return not against and all(use.amount != pot.total for pot in scheme.edition.funds.values())


def _of_which(scheme: Scheme) -> Iterator[Inside]:
    """A field whose name begins with 其中 is a part of the one that stands before it."""
    whole: str | None = None
    for key, item in scheme.edition.fields.items():
        if not OF_WHICH.match(item.name):
            whole = key
        elif whole is not None and item.type in ("count", "money"):
            yield Inside((Measure(key),), Measure(whole), "前者的名称写明是后者的其中一项", tuple(item.cite))


def all_rows_inside(scheme: Scheme) -> Iterator[RowInside]:
    """`projects.first_paid > projects.contract_sum * 40%`: the first is a share of the second; and 其中 among columns."""
    for cites, formula in conditions(scheme):
        for node in walk(formula.tree):
            if not isinstance(node, Operation) or node.op not in (">=", ">", "<=", "<"):
                continue
            left, right = node.parts
            base, share = right.parts if isinstance(right, Operation) and right.op == "*" else (None, None)
            if not (isinstance(share, Num) and share.share and share.value <= 1):
                continue
            if isinstance(left, Column) and isinstance(base, Column) and left.list == base.list:
                yield from _row_inside(scheme, left.list, left.id, base.id, "评价时按前者占后者的比例核对", cites)
    for list_id, item in scheme.filled_lists.items():
        whole = ""
        for key, column in item.columns.items():
            if not OF_WHICH.match(column.name):
                whole = key
            elif whole:
                yield from _row_inside(scheme, list_id, key, whole, "前者的名称写明是后者的其中一项", tuple(item.cite))


def _row_inside(
    scheme: Scheme, list_id: str, part: str, whole: str, why: str, cites: tuple[str, ...]
) -> Iterator[RowInside]:
    if list_id in scheme.filled_lists and comparable(scheme, Measure(part, list_id), Measure(whole, list_id)):
        yield RowInside(list_id, part, whole, why, cites)


def conditions(scheme: Scheme) -> Iterator[tuple[tuple[str, ...], Formula]]:
    """Every formula of the indicators, duties and payment rules, with its clauses."""
    edition = scheme.edition
    for item in edition.indicators.values():
        yield from ((tuple(item.cite), formula) for _, formula, _ in formulas_of(item))
    for duty in edition.duties.values():
        if duty.met is not None:
            yield tuple(duty.cite), duty.met
    for pot in edition.funds.values():
        yield from ((tuple(payment.cite), payment.breaches) for payment in pot.payments)
