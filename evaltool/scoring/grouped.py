"""Rows of a list put together in groups before anything is scored: several projects or years of one subject."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaltool.facts import Rows, State
from evaltool.scoring import columns as c
from evaltool.scoring import formulas, inputs
from evaltool.scoring.space import Fault, Space

FILLED = int(State.FILLED)


def put_together(space: Space, list_id: str, source: Rows) -> Iterator[Fault]:
    """The groups of a list: what tells them is copied, every other column is computed from the rows of each group.

    Yields what could not be computed. A row whose key nobody can read may belong to any group, so all groups of that
    subject stay open.
    """
    item = space.scheme.edition.lists[list_id]
    of = str(item.of)
    keys = source.table.values[item.by].to_numpy(object)
    unread = (source.table.states[item.by].to_numpy() != FILLED).any(axis=1)
    listed = source.states.copy()
    spoilt = np.zeros(space.n, bool)
    spoilt[source.owner[unread]] = True
    listed[spoilt & (listed == FILLED)] = int(State.UNREADABLE)
    group = np.full(len(source.owner), -1)
    places: dict[tuple[object, ...], int] = {}
    first: list[int] = []
    for row in map(int, np.flatnonzero(listed[source.owner] == FILLED)):
        group[row] = place = places.setdefault((int(source.owner[row]), *keys[row]), len(places))
        if place == len(first):
            first.append(row)
    rows = np.array(first, int)
    space.owners[list_id] = source.owner[rows]
    space.listed = {**space.listed, list_id: listed}
    space.grouped[list_id] = group
    space.rows[list_id] = {key: c.take(space.rows[of][key], rows) for key in item.by if key in space.rows[of]}
    for key, column in item.columns.items():
        if column.value is not None:
            out = formulas.out_of(column.value.tree, space, list_id)
            found = formulas.evaluate(column.value.tree, space, list_id)
            space.put(key, list_id, space.keep(inputs.without(found, out)), out)
            yield from (Fault(code, key, frame, mask) for (code, frame), mask in space.pop().items())
