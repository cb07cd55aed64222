"""Scoring one layer: every indicator and event in order of dependence, each over all subjects at once.

The five steps of an indicator: conditions of its overrides, value or combine, rule, floor and cap, rounding. The
same code serves exact numbers (everything official) and floats (simulation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evaltool.facts import Layer
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Call, Formula, walk
from evaltool.scheme.looks import formulas_of
from evaltool.scoring import formulas, inputs
from evaltool.scoring.columns import Col, Numbers, Truth
from evaltool.scoring.grouped import put_together
from evaltool.scoring.node import Node
from evaltool.scoring.space import Fault, Last, Space

__all__ = ["Fault", "Last", "Outcome", "asks_last_round", "open_space", "score_layer"]


@dataclass
class Outcome:
    """What scoring one layer gives: results of indicators and events, the values their rules looked at, and faults.

    space   everything that formulas outside the indicators (consequences, payment rules) may look at afterwards
    outs    indicator → where it is out (不计); one that is not named here never is
    duties  duty with a condition → whether it is met
    """

    space: Space
    results: dict[str, Col] = field(default_factory=dict)
    values: dict[str, Col] = field(default_factory=dict)
    outs: dict[str, Truth] = field(default_factory=dict)
    duties: dict[str, Truth] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def open_space(
    scheme: Scheme, layer: Layer, exact: bool = True, *, confirmed: bool = False, last: Last | None = None
) -> Space:
    """What formulas may look at before anything is scored: the fields and list rows of one layer."""
    return _opened(scheme, layer, Numbers.RATIOS if exact else Numbers.FLOATS, confirmed, last).space


def _opened(scheme: Scheme, layer: Layer, way: Numbers, confirmed: bool, last: Last | None) -> Outcome:
    space = Space(scheme, len(layer.table.values), way, last=last)
    found, outs = inputs.fields(scheme, layer, way, confirmed)
    space.subjects.update((key, space.keep(column)) for key, column in found.items())
    if outs:
        space.outs[None] = outs
    for list_id, rows in layer.lists.items():
        found, outs = inputs.rows(scheme, list_id, rows, way)
        space.rows[list_id] = {key: space.keep(column) for key, column in found.items()}
        if outs:
            space.outs[list_id] = outs
    space.owners = {list_id: rows.owner for list_id, rows in layer.lists.items()}
    space.listed = {list_id: rows.states for list_id, rows in layer.lists.items()}
    outcome = Outcome(space)
    for list_id, item in scheme.edition.lists.items():
        if item.rows_from == "groups":
            outcome.faults += put_together(space, list_id, layer.lists[str(item.of)])
    return outcome


def score_layer(
    scheme: Scheme,
    layer: Layer,
    exact: bool = True,
    *,
    confirmed: bool = False,
    last: Last | None = None,
    fast: bool = True,
) -> Outcome:
    """Every indicator and event of the scheme for every subject (or list row) of the layer.

    exact      exact numbers; else floats, for simulation
    confirmed  what must be confirmed counts only where it was (认定)
    last       the last round of the same layer, for `previous`
    fast       exact numbers by whole columns; else one by one, which gives the same and takes longer
    """
    way = Numbers.FLOATS if not exact else Numbers.RATIOS if fast else Numbers.SINGLES
    outcome = _opened(scheme, layer, way, confirmed, last)
    space = outcome.space
    for key in scheme.order:
        if key in scheme.edition.events:
            outcome.results[key] = holds = _holds(scheme.edition.events[key].when, key, outcome)
            space.put(key, None, holds, None)
        else:
            node = Node(key, space)
            outcome.results[key] = node.result
            outcome.faults += node.faults
            if node.value is not None:
                outcome.values[key] = node.value
            if node.out is not None:
                outcome.outs[key] = node.out
            space.put(key, node.row_of, node.result, node.out)
    for key, duty in scheme.edition.duties.items():
        if duty.met is not None:
            outcome.duties[key] = _holds(duty.met, key, outcome)
    return outcome


def _holds(condition: Formula, key: str, outcome: Outcome) -> Truth:
    """Whether a condition holds; what could not be computed on the way is a fault of `key`."""
    outcome.space.pop()
    result = formulas.truth(condition.tree, outcome.space)
    outcome.faults += [Fault(code, key, frame, mask) for (code, frame), mask in outcome.space.pop().items()]
    return result


def asks_last_round(scheme: Scheme) -> bool:
    """Whether any formula looks at the last round."""
    return any(
        isinstance(node, Call) and node.function == "previous"
        for formula in _formulas(scheme)
        for node in walk(formula.tree)
    )


def _formulas(scheme: Scheme) -> Iterator[Formula]:
    edition = scheme.edition
    for item in edition.indicators.values():
        yield from (formula for _, formula, _ in formulas_of(item))
    yield from (event.when for event in edition.events.values())
    yield from (duty.met for duty in edition.duties.values() if duty.met is not None)
    yield from (consequence.when for consequence in edition.consequences)
    yield from (payment.breaches for pot in edition.funds.values() for payment in pot.payments)
