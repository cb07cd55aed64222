"""From the engine's masks to located problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from evaltool.facts import Facts, Origin, Rows
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Column, Formula, Name, Operation, walk
from evaltool.scheme.looks import formulas_of, rules_of
from evaltool.scheme.rules import Levels
from evaltool.scheme.words import formula_text, name_of
from evaltool.scoring.engine import Fault, Outcome


def problems_of(facts: Facts, layer: str, outcome: Outcome) -> Iterator[Problem]:
    """A problem for each subject that returned a workbook and has an indicator that could not be computed."""
    for fault in outcome.faults:
        if fault.row_of is None:
            for row in map(int, np.flatnonzero(fault.mask & facts.returned)):
                yield _problem(facts, fault, row, _plain_origin(facts, layer, fault.indicator, row))
        else:
            rows = facts.layers[layer].lists[fault.row_of]
            for line in map(int, np.flatnonzero(fault.mask)):
                row = int(rows.owner[line])
                if facts.returned[row]:
                    yield _problem(facts, fault, row, _row_origin(facts, rows, fault, line))


def _problem(facts: Facts, fault: Fault, row: int, origin: Origin | None) -> Problem:
    scheme = facts.scheme
    item = scheme.indicators.get(fault.indicator) or scheme.edition.events[fault.indicator]
    name = name_of(scheme, fault.indicator)
    what, why, do = {
        "P100": _nothing_below(scheme, fault.indicator, name),
        "P102": (f"“{name}”这一行的目标值不成立", "目标要大于零才能按比例计分", "核对目标值"),
        "P103": (f"“{name}”所选得分不在该等次的区间里", "每个等次只能在规定的区间里给分", "改等次，或改所选得分"),
    }[fault.code]
    place = Place(subject=str(facts.codes[row]), field=fault.indicator)
    if origin is not None:
        place = Place(origin.workbook, origin.sheet, origin.cell, fault.indicator, str(facts.codes[row]))
    clause = str(scheme.citation(item.cite[0])) if item.cite else ""
    room = "indicators" if fault.indicator in scheme.indicators else "events"
    return Problem(fault.code, what, why, do, place, scheme.place(room, fault.indicator), clause)


def _formulas(scheme: Scheme, key: str) -> list[Formula]:
    """Every formula of an indicator or event."""
    if key in scheme.edition.events:
        return [scheme.edition.events[key].when]
    return [formula for _, formula, _ in formulas_of(scheme.indicators[key])]


def _divisors(formula: Formula) -> Iterator[str]:
    for node in walk(formula.tree):
        if isinstance(node, Operation) and node.op == "/":
            for part in walk(node.parts[1]):
                if isinstance(part, Name | Column):
                    yield part.id


def _nothing_below(scheme: Scheme, key: str, name: str) -> tuple[str, str, str]:
    """What to say where something was divided by zero, or an average was asked of no rows."""
    row_of = scheme.indicators[key].per if key in scheme.indicators else None
    for formula in _formulas(scheme, key):
        if any(True for _ in _divisors(formula)):
            said = formula_text(scheme, formula, row_of)
            return f"“{name}”的分母为零", f"按“{said}”计算，除数是 0", "核对分母；确无对象的请说明"
    said = "；".join(formula_text(scheme, formula, row_of) for formula in _formulas(scheme, key))
    return f"“{name}”没有可算的行", f"按“{said}”计算，清单里一行也没有", "补填清单；确无对象的请说明"


def _plain_origin(facts: Facts, layer: str, indicator: str, row: int) -> Origin | None:
    origins = facts.layers[layer].table.origins
    names = [name for formula in _formulas(facts.scheme, indicator) for name in _divisors(formula)]
    item = facts.scheme.indicators.get(indicator)
    names += (
        [str(rule.chosen) for _, rule in rules_of(item) if isinstance(rule, Levels) and rule.chosen] if item else []
    )
    for name in names:
        found: Any = origins[name].iloc[row] if name in origins.columns else None
        if isinstance(found, Origin):
            return found
    return None


def _row_origin(facts: Facts, rows: Rows, fault: Fault, line: int) -> Origin | None:
    wanted = [name for formula in _formulas(facts.scheme, fault.indicator) for name in _divisors(formula)]
    if fault.code != "P100":
        wanted = []
        for _, rule in rules_of(facts.scheme.indicators[fault.indicator]):
            part = getattr(rule, "target" if fault.code == "P102" else "chosen", None)
            wanted += list(part.names()) if isinstance(part, Formula) else [part] if isinstance(part, str) else []
    for name in wanted:
        found: Any = rows.table.origins[name].iloc[line] if name in rows.table.origins.columns else None
        if isinstance(found, Origin):
            return found
    return None
