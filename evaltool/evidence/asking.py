"""What an edition asks for as evidence, item by item, and whether a county claims anything that needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaltool.facts import SELF, Facts, State
from evaltool.intake.purposes import purposes
from evaltool.scheme import Scheme
from evaltool.scheme.words import number_of


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs evidence: a field, a list or an indicator that names its own evidence.

    key         id of the field, list or indicator;  name  as the county reads it
    kinds       the kinds of evidence that the edition asks for, none where it asks for none
    indicators  ids of the indicators that it serves, in the order of the edition;  titles  their numbers and names
    """

    key: str
    name: str
    kinds: tuple[str, ...]
    indicators: tuple[str, ...]
    titles: tuple[str, ...]


def items_of(scheme: Scheme) -> list[Item]:
    """Everything for which a county can name evidence, in reading order."""
    edition, used = scheme.edition, purposes(scheme).indicators
    order = {key: i for i, key in enumerate(scheme.indicators)}

    def made(key: str, name: str, kinds: list[str], names: list[str]) -> Item:
        served = sorted({one for name in names for one in used.get(name, ())}, key=lambda one: order.get(one, 0))
        titles = tuple(
            f"{number_of(one, scheme.indicators[one])} {scheme.indicators[one].name}".strip() for one in served
        )
        return Item(key, name, tuple(dict.fromkeys(kinds)), tuple(served), titles)

    found = [
        made(key, item.name, item.evidence, [key]) for key, item in edition.fields.items() if item.filled_by == "county"
    ]
    for key, rows in scheme.filled_lists.items():
        kinds = [kind for column in rows.columns.values() for kind in column.evidence]
        found.append(made(key, rows.name, kinds, [key, *(f"{key}.{column}" for column in rows.columns)]))
    for key, indicator in scheme.indicators.items():
        if indicator.evidence:
            title = f"{number_of(key, indicator)} {indicator.name}".strip()
            found.append(Item(key, indicator.name, tuple(indicator.evidence), (key,), (title,)))
    return found


def claims(facts: Facts, item: Item, position: int) -> bool:
    """Whether the county at `position` says something that needs this evidence: neither nothing, nor “no”, nor zero."""
    layer, edition = facts.layers[SELF], facts.scheme.edition
    if item.key in edition.fields:
        state, value = (frame[item.key].iloc[position] for frame in (layer.table.states, layer.table.values))
        return bool(state == State.FILLED) and value not in (False, 0)
    if item.key in edition.lists:
        rows = layer.lists[item.key]
        lines = np.flatnonzero(rows.owner == position)
        return any(
            _claimed(rows.table.states[key].iloc[lines], rows.table.values[key].iloc[lines])
            for key in _asked(facts, item)
        )
    return True  # an indicator that names its own evidence asks every county for it


def _asked(facts: Facts, item: Item) -> Iterator[str]:
    columns = facts.layers[SELF].lists[item.key].table.states.columns
    return (
        key
        for key, column in facts.scheme.edition.lists[item.key].columns.items()
        if column.evidence and key in columns
    )


def _claimed(states: Iterator[int], values: Iterator[object]) -> bool:
    return any(state == State.FILLED and value not in (False, 0) for state, value in zip(states, values, strict=True))
