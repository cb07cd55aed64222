"""Which figures of an edition say how much was done of what was planned, received or aimed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaltool.intake.questions.insides import PLANNED
from evaltool.intake.questions.measures import Measure, comparable, definition, measure_of
from evaltool.quantities import SHARE_UNIT, Exact
from evaltool.question_lines import FULL_MARK
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Formula, Name, Operation
from evaltool.scheme.looks import rules_of
from evaltool.scheme.models import Indicator
from evaltool.scheme.rules import ByRule, Linear, PerUnit, Proportional, Range, RuleModel
from evaltool.scheme.values import Quantity

SPENT = re.compile(r"用于|安排")  # what a use is called; what a pot is made of (配套、自筹) is called otherwise


@dataclass(frozen=True, slots=True)
class Completion:
    """What was done, over what was planned; without a plan `done` is itself the share that was done."""

    done: tuple[Measure, ...]
    plan: Measure | None
    why: str
    node: str = ""  # indicator
    cites: tuple[str, ...] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class RowCompletion:
    """In each row of a list whose `by` column says one of `labels` (all rows without): done over planned."""

    list: str
    done: str
    plan: str
    indicator: str
    by: str = ""
    labels: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


def full_mark(item: Indicator) -> Exact | None:
    """The share from which an indicator gives all its points, where its rule is a line up to a fixed one."""
    marks = [_full_mark(rule) for _, rule in rules_of(item)]
    return marks[0] if marks and len(set(marks)) == 1 else None


def _full_mark(rule: RuleModel) -> Exact | None:
    part = None
    if isinstance(rule, Proportional) and not rule.inverse:
        part = rule.target
    elif isinstance(rule, Linear):
        part = rule.full_at
    elif isinstance(rule, Range):
        part = rule.low
    elif isinstance(rule, PerUnit) and rule.fewer is not None:
        part = rule.around
    return part.value if isinstance(part, Quantity) and part.share else None


def all_completions(scheme: Scheme) -> Iterator[Completion]:
    for key, item in scheme.indicators.items():
        if item.per is not None:
            continue
        yield from _full_at(scheme, key, item)
        mark = full_mark(item)
        if item.value is None or mark is None or mark < FULL_MARK:
            continue
        tree, cites = item.value.tree, tuple(item.cite)
        if isinstance(tree, Name) and tree.id in scheme.edition.fields and mark == 1:
            if scheme.edition.fields[tree.id].type == "share":
                yield Completion((Measure(tree.id),), None, f"{key} {item.name}到 100% 得满分", key, cites)
        elif isinstance(tree, Operation) and tree.op == "/" and item.unit == SHARE_UNIT:
            done, plan = (measure_of(part) for part in tree.parts)
            if done and plan and _is_plan(scheme, done, plan):
                yield Completion((done,), plan, f"{key} {item.name}用前者除以后者", key, cites)
    for pot in scheme.edition.funds.values():
        top = tuple(Measure(use.amount) for use in pot.uses.values() if not use.inside)
        names = [scheme.edition.fields[part.id].name for part in top if comparable(scheme, part, Measure(pot.total))]
        if len(names) == len(top) > 1 and all(SPENT.search(name) for name in names):
            called = f"{pot.name}的 {len(top)} 项用途"
            yield Completion(top, Measure(pot.total), f"各项用途合起来是{pot.name}的支出", "", tuple(pot.cite), called)


def _full_at(scheme: Scheme, key: str, item: Indicator) -> Iterator[Completion]:
    """“arrived >= planned gives full”."""
    for override in item.overrides:
        tree = override.when.tree
        if override.gives == "full" and isinstance(tree, Operation) and tree.op in (">=", ">"):
            done, plan = (measure_of(part) for part in tree.parts)
            if done and plan and _is_plan(scheme, done, plan):
                cites = tuple(override.cite or item.cite)
                yield Completion((done,), plan, f"{key} {item.name}看前者到没到后者", key, cites)


def _is_plan(scheme: Scheme, done: Measure, plan: Measure) -> bool:
    """Money against money, or something counted against a plan that says so."""
    one, other = definition(scheme, done), definition(scheme, plan)
    if one is None or other is None or not comparable(scheme, done, plan):
        return False
    return one.type == other.type == "money" or bool(PLANNED.search(other.name))


def all_row_completions(scheme: Scheme) -> Iterator[RowCompletion]:
    """Row indicators that measure one column against another: points × actual ÷ target."""
    for key, item in scheme.indicators.items():
        if item.per is None:
            continue
        listed = scheme.edition.lists[item.per]
        source = listed.of or item.per  # of groups: the rows they are put together from
        found: dict[tuple[str, str], list[str]] = {}
        for path, rule in rules_of(item):
            if isinstance(rule, Proportional):
                value = rule.value or item.value
                pair = (value.tree if value else None, rule.target.tree if isinstance(rule.target, Formula) else None)
                if isinstance(pair[0], Name) and isinstance(pair[1], Name):
                    found.setdefault((pair[0].id, pair[1].id), []).append(str(path[-1]))
        columns = scheme.edition.lists[source].columns
        for (done, plan), labels in found.items():
            if done in columns and plan in columns:
                by = item.rule.by if isinstance(item.rule, ByRule) and item.rule.by in columns else ""
                yield RowCompletion(source, done, plan, key, by, tuple(labels) if by else (), tuple(item.cite))


def explains(item: FieldDef) -> bool:
    """Whether a column asks for the reason of a deviation."""
    return item.type == "text" and "原因" in item.name
