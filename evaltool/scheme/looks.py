"""What an indicator looks at: its rules, its formulas, and every name in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from evaltool.scheme.formula import Call, Choice, Column, Formula, Name, Node, Operation, walk
from evaltool.scheme.models import Indicator
from evaltool.scheme.rules import ByRule, Checklist, Levels, Rank, Relative, RuleModel, Step, Steps
from evaltool.scheme.scheme import Scheme

Path_ = tuple[str | int, ...]


def rules_of(item: Indicator) -> Iterator[tuple[Path_, RuleModel]]:
    """Every plain rule of an indicator with its path below the indicator; branches of a `by:` rule one by one."""
    if isinstance(item.rule, ByRule):
        for label, rule in item.rule.branches.items():
            yield ("rule", label), rule
    elif item.rule is not None:
        yield ("rule",), item.rule


def steps_of(item: Indicator) -> Iterator[Step]:
    """Every step of its rules."""
    for _, rule in rules_of(item):
        yield from rule.steps if isinstance(rule, Steps) else ()


def formulas_of(item: Indicator) -> Iterator[tuple[Path_, Formula, str]]:
    """(path, formula, wanted sort) of every formula of an indicator, in the order in which they are asked."""
    for i, override in enumerate(item.overrides):
        yield from formulas_within(override, ("overrides", i))
    if item.value is not None:
        yield ("value",), item.value, ""
    for path, rule in rules_of(item):
        yield from formulas_within(rule, path)
    for name in ("floor", "cap", "weight"):
        part = getattr(item, name)
        if isinstance(part, Formula):
            yield (name,), part, "number"


def formulas_within(part: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Formula, str]]:
    """(path, formula, wanted sort) of every formula inside a rule, an exception or any other part of an edition."""
    if isinstance(part, Formula):
        yield path, part, {"when": "truth", "value": ""}.get(str(path[-1]), "number")
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from formulas_within(getattr(part, name), (*path, name))
    elif isinstance(part, list):
        for i, one in enumerate(part):
            yield from formulas_within(one, (*path, i))
    elif isinstance(part, dict):
        for name, one in part.items():
            yield from formulas_within(one, (*path, name))


def bare_names(item: Indicator) -> Iterator[tuple[Path_, str]]:
    """(path, name) of every name that an indicator writes outside a formula: what a `by` asks, items, columns."""
    if isinstance(item.rule, ByRule):
        yield ("rule", "by"), item.rule.by
    for path, rule in rules_of(item):
        if isinstance(rule, Checklist):
            for name in rule.items:
                yield (*path, "items", name), name
        if isinstance(rule, Levels) and rule.chosen:
            yield (*path, "chosen"), rule.chosen
        if isinstance(rule, Rank | Relative) and rule.within:
            yield (*path, "within"), rule.within
    if isinstance(item.parent, dict):
        yield ("in", "by"), item.parent.get("by", "")
    for key in ("points", "weight"):
        part = getattr(item, key)
        if isinstance(part, str):
            yield (key,), part
    if item.across not in (None, "all"):
        yield ("across",), str(item.across)


def names_of(item: Indicator) -> list[str]:
    """Every name that an indicator looks at, in reading order; lists stand for their columns."""
    names = [name for _, formula, _ in formulas_of(item) for name in formula.names()]
    return list(dict.fromkeys([*names, *(name for _, name in bare_names(item))]))


def needed_names(item: Indicator, besides: tuple[str, ...] = ("previous",)) -> set[str]:
    """The names that must be known before the indicator: what `previous` asks is known from the last round."""
    found = {name for _, formula, _ in formulas_of(item) for name in now(formula.tree, besides)}
    return found | {name for _, name in bare_names(item)}


def now(node: Node, besides: tuple[str, ...] = ("previous",)) -> Iterator[str]:
    """The plain names in a formula that mean this round; none that stand in the functions `besides`."""
    if isinstance(node, Name):
        yield node.id
    elif isinstance(node, Operation | Call):
        if not (isinstance(node, Call) and node.function in besides):
            for part in node.parts:
                yield from now(part, besides)
    elif isinstance(node, Choice):
        for inner in (node.by, *(part for _, part in node.branches)):
            yield from now(inner, besides)


def looks_at(scheme: Scheme, key: str) -> list[str]:
    """Every name that an indicator or event looks at itself (fields, lists, other results), in reading order."""
    if key in scheme.edition.events:
        return list(dict.fromkeys(scheme.edition.events[key].when.names()))
    item = scheme.indicators[key]
    columns = scheme.edition.lists[item.per].columns if item.per else {}
    return [name for name in names_of(item) if name not in columns]


def columns_of(scheme: Scheme, key: str, list_id: str) -> list[str]:
    """The columns of a list that the formulas of an indicator or event name, in reading order."""
    event = scheme.edition.events.get(key)
    formulas = [event.when] if event else [formula for _, formula, _ in formulas_of(scheme.indicators[key])]
    nodes = [node for formula in formulas for node in walk(formula.tree)]
    return list(dict.fromkeys(node.id for node in nodes if isinstance(node, Column) and node.list == list_id))


def parents_of(item: Indicator) -> tuple[str, ...]:
    """The indicators that this one is a part of."""
    if isinstance(item.parent, dict):
        return tuple(v for k, v in item.parent.items() if k != "by")
    return (item.parent,) if item.parent else ()
