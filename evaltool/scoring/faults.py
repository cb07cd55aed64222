"""From the engine's masks to located problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from evaltool.facts import Facts, Origin, Rows
from evaltool.problems import Place, Problem, RulePlace
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Call, Column, Formula, Name, Operation, gathers, walk
from evaltool.scheme.inference import constant
from evaltool.scheme.looks import formulas_of, rules_of
from evaltool.scheme.models import Indicator
from evaltool.scheme.rules import Levels, Range, Rank, Relative
from evaltool.scheme.words import formula_text
from evaltool.scoring.engine import Fault, Outcome


def problems_of(facts: Facts, layer: str, outcome: Outcome) -> Iterator[Problem]:
    """A problem for each subject that returned a workbook and has an indicator that could not be computed."""
    for fault in outcome.faults:
        if fault.row_of is None:
            for row in map(int, np.flatnonzero(fault.mask & facts.returned)):
                yield _problem(facts, fault, row, _plain_origin(facts, layer, fault.indicator, row))
        else:
            rows = None if fault.row_of in outcome.space.grouped else facts.layers[layer].lists[fault.row_of]
            owner = outcome.space.owners[fault.row_of]
            for line in map(int, np.flatnonzero(fault.mask)):
                row = int(owner[line])
                if facts.returned[row]:
                    origin = None if rows is None else _row_origin(facts, rows, fault, line)
                    yield _problem(facts, fault, row, origin)


def _problem(facts: Facts, fault: Fault, row: int, origin: Origin | None) -> Problem:
    scheme = facts.scheme
    name, cites, rule_place = _defined(scheme, fault.indicator)
    what, why, do = {
        "P100": _nothing_below,
        "P102": _senseless,
        "P103": lambda *_: (
            f"“{name}”所选得分不在该等次的区间里",
            "每个等次只能在规定的区间里给分",
            "改等次，或改所选得分",
        ),
    }[fault.code](scheme, fault.indicator, name)
    place = Place(subject=str(facts.codes[row]), field=fault.indicator)
    if origin is not None:
        place = Place(origin.workbook, origin.sheet, origin.cell, fault.indicator, str(facts.codes[row]))
    clause = str(scheme.citation(cites[0])) if cites else ""
    return Problem(fault.code, what, why, do, place, rule_place, clause)


def _defined(scheme: Scheme, key: str) -> tuple[str, list[str], RulePlace]:
    """Name, clauses and place in the file of an indicator, event, duty or column of groups."""
    edition = scheme.edition
    rooms: tuple[tuple[str, Any], ...] = (
        ("indicators", edition.indicators), ("events", edition.events), ("duties", edition.duties),
    )  # fmt: skip
    for room, items in rooms:
        if key in items:
            return items[key].name, items[key].cite, scheme.place(room, key)
    list_id = _list_of_column(scheme, key)
    column = edition.lists[list_id].columns[key]
    return column.name, column.cite or edition.lists[list_id].cite, scheme.place("lists", list_id, "columns", key)


def _list_of_column(scheme: Scheme, key: str) -> str:
    return next(list_id for list_id, item in scheme.edition.lists.items() if key in item.columns)


def _formulas(scheme: Scheme, key: str) -> list[Formula]:
    """Every formula of an indicator, event, duty or column of groups."""
    edition = scheme.edition
    if key in edition.indicators:
        return [formula for _, formula, _ in formulas_of(edition.indicators[key])]
    if key in edition.events:
        return [edition.events[key].when]
    own = (
        edition.duties[key].met
        if key in edition.duties
        else (edition.lists[_list_of_column(scheme, key)].columns[key].value)
    )
    return [] if own is None else [own]


def _row_of(scheme: Scheme, key: str) -> str | None:
    if key in scheme.indicators:
        return scheme.indicators[key].per
    return None if key in scheme.edition.events or key in scheme.edition.duties else _list_of_column(scheme, key)


def _divisors(formula: Formula) -> Iterator[str]:
    for node in walk(formula.tree):
        if isinstance(node, Operation) and node.op == "/":
            for part in walk(node.parts[1]):
                if isinstance(part, Name | Column):
                    yield part.id


def _nothing_below(scheme: Scheme, key: str, name: str) -> tuple[str, str, str]:
    """What to say where something was divided by zero, or an average was asked of no rows."""
    row_of, item = _row_of(scheme, key), scheme.indicators.get(key)
    for formula in _formulas(scheme, key):
        if any(True for _ in _divisors(formula)):
            said = formula_text(scheme, formula, row_of)
            return f"“{name}”的分母为零", f"按“{said}”计算，除数是 0", "核对分母；确无对象的请说明"
    for _, rule in rules_of(item) if item is not None else ():
        if isinstance(rule, Relative):
            return f"“{name}”的分母为零", "与全体比较时，除数是 0", "核对各对象的数据"
        if isinstance(rule, Rank) and rule.among == "own":
            return f"“{name}”没有可比的行", "名次的占比要除以其余各行的行数，现在一行也没有", "核对清单"
        if isinstance(rule, Rank):
            return f"“{name}”没有可比的对象", "名次的占比要除以其余对象的个数，现在一个也没有", "核对分组和名册"
    if item is not None and item.combine:
        return f"“{name}”没有可算的行", "下级清单里一行也没有", "补填清单；确无对象的请说明"
    said = "；".join(formula_text(scheme, formula, row_of) for formula in _formulas(scheme, key))
    calls = [node for formula in _formulas(scheme, key) for node in walk(formula.tree) if isinstance(node, Call)]
    if item is not None and item.across is not None:
        return f"“{name}”没有可算的对象", f"按“{said}”计算，计入的对象不够", "核对名册和各对象的数据"
    if any(call.function == "std" for call in calls):
        return f"“{name}”可算的行不够", f"按“{said}”计算，标准差至少要两行", "补填清单；确无对象的请说明"
    if not any(gathers(call) for call in calls):
        return f"“{name}”的分母为零", f"按“{said}”计算，除数是 0", "核对分母；确无对象的请说明"
    return f"“{name}”没有可算的行", f"按“{said}”计算，清单里一行也没有", "补填清单；确无对象的请说明"


def _senseless(scheme: Scheme, key: str, name: str) -> tuple[str, str, str]:
    """What to say where a parameter, or what a root or logarithm is taken of, makes no sense."""
    item = scheme.indicators.get(key)
    rules = [rule for _, rule in rules_of(item)] if item is not None else []
    for formula in _formulas(scheme, key):
        for node in walk(formula.tree):
            if isinstance(node, Call) and (of := _asks(node)):
                said = formula_text(scheme, node, _row_of(scheme, key))
                return f"“{name}”算不出", f"“{said}”要对{of}计算", "核对这个数"
    if any(isinstance(rule, Range) for rule in rules):
        return f"“{name}”的区间不成立", "下限不能高于上限，按比例计分的界限要大于零", "核对区间的上下限"
    which = "这一行" if item is not None and item.per is not None else ""
    return f"“{name}”{which}的目标值不成立", "目标要大于零才能按比例计分", "核对目标值"


def _asks(node: Call) -> str:
    """Of what a root, a logarithm or a power can be taken; empty: of any number."""
    if node.function in ("sqrt", "ln"):
        return "正数" if node.function == "ln" else "非负数"
    exponent = constant(node.parts[1]) if node.function == "power" else None
    if exponent is None or (isinstance(exponent, int) and exponent >= 0):
        return ""
    return "不是零的数" if isinstance(exponent, int) else "非负数" if exponent > 0 else "正数"


def _plain_origin(facts: Facts, layer: str, key: str, row: int) -> Origin | None:
    origins = facts.layers[layer].table.origins
    item = facts.scheme.indicators.get(key)
    names = [name for formula in _formulas(facts.scheme, key) for name in _divisors(formula)]
    names += _parameters(item) if item else []
    for name in names:
        found: Any = origins[name].iloc[row] if name in origins.columns else None
        if isinstance(found, Origin):
            return found
    return None


def _parameters(item: Indicator) -> Iterator[str]:
    """The names that the ends of a range or a line depend on, and a chosen share."""
    for _, rule in rules_of(item):
        if isinstance(rule, Levels) and rule.chosen:
            yield rule.chosen
        for part in ("target", "low", "high", "zero_at", "full_at"):
            formula = getattr(rule, part, None)
            if isinstance(formula, Formula):
                yield from formula.names()


def _row_origin(facts: Facts, rows: Rows, fault: Fault, line: int) -> Origin | None:
    item = facts.scheme.indicators.get(fault.indicator)
    if fault.code == "P100" or item is None:
        wanted = [name for formula in _formulas(facts.scheme, fault.indicator) for name in _divisors(formula)]
    else:
        wanted = [*_parameters(item)]
    for name in wanted:
        found: Any = rows.table.origins[name].iloc[line] if name in rows.table.origins.columns else None
        if isinstance(found, Origin):
            return found
    return None
