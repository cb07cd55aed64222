"""The facts of a round as another edition sees them: fields by their id or by what they were called before.

What the round does not have, or has in another type or unit, is open; nothing is converted and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evaltool.documents.differences import renames
from evaltool.facts import Facts, Layer, Rows, State, Table
from evaltool.intake import layout
from evaltool.intake.tables.direct import assembled, fill_given, framed
from evaltool.scheme import Scheme
from evaltool.scheme.confirmations import confirmation
from evaltool.scheme.fields import FieldDef, ListDef

OPEN = int(State.UNREADABLE)  # open whatever a blank means


def translated(facts: Facts, scheme: Scheme) -> tuple[Facts, list[str]]:
    """The facts for `scheme`, and what of it they do not hold, in words."""
    if facts.scheme.digest == scheme.digest:
        return facts, []
    lacking: list[str] = []
    source = _sources(facts.scheme, scheme, lacking)
    layers: dict[str, Layer] = {}
    for name, layer in facts.layers.items():
        told = lacking if not layers else []  # the layers lack the same
        lists = {key: _rows(facts, scheme, key, layer, told) for key in scheme.filled_lists}
        layers[name] = Layer(_table(layer.table, scheme.edition.fields, source), lists)
    made = assembled(scheme, facts.roster, layers, [bool(one) for one in facts.returned], ())
    return replace(made, previous=facts.previous), lacking


def _sources(old: Scheme, new: Scheme, lacking: list[str]) -> dict[str, str]:
    """Field of the new edition → the field of the old one that holds its answers."""
    before, after = old.edition.fields, new.edition.fields
    renamed = renames(before, after)
    for was, now in list(renamed.items()):
        renamed |= {confirmation(was, role): confirmation(now, role) for role in after[now].confirmed_by}
    return _matched(before, after, renamed, "", lacking)


def _matched(
    before: Mapping[str, FieldDef], after: Mapping[str, FieldDef], renamed: Mapping[str, str], where: str,
    lacking: list[str],
) -> dict[str, str]:  # fmt: skip
    back = {now: was for was, now in renamed.items()}
    found = {}
    for key, item in after.items():
        was = back.get(key, key)
        why = (
            "这一轮没有" if was not in before or was in renamed.keys() - {back.get(key)} else _unlike(before[was], item)
        )
        if why:
            lacking.append(f"{where}{item.name}（{why}）")
        else:
            found[key] = was
    return found


def _unlike(old: FieldDef, new: FieldDef) -> str:
    if old.type != new.type:
        return "类型不同"
    if old.unit != new.unit:
        return f"单位不同，由 {old.unit} 改为 {new.unit}"
    return "" if set(old.options) <= set(new.options) else "选项不同"


def _table(
    table: Table, items: Mapping[str, FieldDef], source: Mapping[str, str], columns: list[str] | None = None
) -> Table:
    names = list(items) if columns is None else columns
    shape = (len(table.values), len(names))
    values, states = np.full(shape, None, object), np.full(shape, OPEN, np.int8)
    origins = np.full(shape, None, object)
    for j, key in enumerate(names):
        if key in source:
            values[:, j] = table.values[source[key]].to_numpy(object)
            states[:, j] = table.states[source[key]].to_numpy()
            origins[:, j] = table.origins[source[key]].to_numpy(object)
            item = items.get(key)
            if item is not None and item.between is not None:
                _keep_between(item, values[:, j], states[:, j])
    return framed(table.values.index, names, values, states, origins)


def _keep_between(item: FieldDef, values: np.ndarray, states: np.ndarray) -> None:
    """What lies outside the limits of the new edition is not believed by it."""
    assert item.between is not None
    low, high = (end.value for end in item.between)
    for i in (states == int(State.FILLED)).nonzero()[0]:
        if not low <= values[i] <= high:
            values[i], states[i] = None, int(State.OUT_OF_RANGE)


def _rows(facts: Facts, scheme: Scheme, key: str, layer: Layer, lacking: list[str]) -> Rows:
    item, old = scheme.edition.lists[key], facts.scheme.filled_lists.get(key)
    columns, fixed = layout.fact_columns(item), layout.fixed_rows(item)
    if old is None or layout.fixed_rows(old) != fixed:
        lacking.append(f"清单“{item.name}”（{'这一轮没有' if old is None else '定好的行不同'}）")
        return _unknown(facts, item, columns, len(fixed))
    mine = layer.lists[key]
    renamed = renames(old.columns, item.columns)
    source = _matched(old.columns, item.columns, renamed, f"{item.name}·", lacking)
    source |= {one: one for one in columns if one not in item.columns}
    table = _table(mine.table, item.columns, source, columns)
    values, states = table.values.to_numpy(object).copy(), table.states.to_numpy().copy()
    fill_given(item, columns, values, states)
    made = framed(table.values.index, columns, values, states, table.origins.to_numpy(object))
    return Rows(made, mine.owner, mine.states)


def _unknown(facts: Facts, item: ListDef, columns: list[str], fixed: int) -> Rows:
    """A list of which nobody knows anything: no rows, or the fixed ones with nothing in them."""
    n = len(facts.roster)
    shape = (n * fixed, len(columns))
    values, states = np.full(shape, None, object), np.full(shape, OPEN, np.int8)
    fill_given(item, columns, values, states)
    known = np.full(n, OPEN if not fixed else int(State.FILLED), np.int8)
    table = framed(pd.RangeIndex(n * fixed), columns, values, states)
    return Rows(table, np.repeat(np.arange(n, dtype=np.int64), fixed), known)
