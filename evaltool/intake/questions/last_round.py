"""The figures of the round before as this round's edition asks for them: by id or `was:`, where type and unit agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaltool.facts import OFFICIAL, Facts, State, Table
from evaltool.intake.questions.measures import OWN_UNIT, Measure, definition, unit_of
from evaltool.quantities import MONEY, Exact, quantity_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef


@dataclass(frozen=True, slots=True)
class Then:
    """A figure of the last round in the unit in which it was asked."""

    value: Exact
    unit: str

    @property
    def text(self) -> str:
        return quantity_text(self.value, self.unit)


class LastRound:
    """What the round before knew in the end (认定), county by county; a county that it did not have is left out."""

    def __init__(self, scheme: Scheme, facts: Facts) -> None:
        self.scheme, self.facts = scheme, facts
        self._codes = [str(code) for code in facts.codes]

    def column(self, measure: Measure) -> dict[str, Then]:
        """Code → the figure; empty where the last round did not ask for it in this type and unit."""
        item = definition(self.scheme, measure)
        if item is None:
            return {}
        before = Measure(item.was or measure.id, measure.list)
        asked = definition(self.facts.scheme, before)
        if asked is None or not _alike(item, asked):
            return {}
        found = self._sums(before) if measure.list else self._fields(before.id)
        return {code: Then(value, unit_of(asked)) for code, value in found}

    def _fields(self, key: str) -> Iterator[tuple[str, Exact]]:
        values, states = _cells(self.facts.layers[OFFICIAL].table, key)
        for code, value, state in zip(self._codes, values, states, strict=True):
            if state == State.FILLED:
                yield code, value

    def _sums(self, measure: Measure) -> Iterator[tuple[str, Exact]]:
        """The sum of a column for each county of whose rows every one is known."""
        rows = self.facts.layers[OFFICIAL].lists.get(measure.list)
        if rows is None or measure.id not in rows.table.values.columns:
            return
        values, states = _cells(rows.table, measure.id)
        starts = np.searchsorted(rows.owner, np.arange(len(self._codes) + 1))
        for i, code in enumerate(self._codes):
            mine = slice(int(starts[i]), int(starts[i + 1]))
            if rows.states[i] == State.FILLED and len(values[mine]) and (states[mine] == State.FILLED).all():
                yield code, sum(values[mine])


def _cells(table: Table, key: str) -> tuple[np.ndarray, np.ndarray]:
    return table.values[key].to_numpy(), table.states[key].to_numpy()


def _alike(one: FieldDef, other: FieldDef) -> bool:
    """Whether two editions ask for the same kind of number, in one unit or both in money."""
    if one.type != other.type or OWN_UNIT in (one.unit, other.unit):
        return False
    return unit_of(one) == unit_of(other) or {one.unit, other.unit} <= set(MONEY)
