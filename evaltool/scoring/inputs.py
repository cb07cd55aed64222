"""From facts to columns: what each cell says, or the interval in which it must lie as long as it says nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaltool.facts import Layer, Rows, State
from evaltool.scheme import Scheme
from evaltool.scheme.confirmations import confirmation
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.looks import now
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Numbers, Truth, interval

FILLED, BLANK = int(State.FILLED), int(State.BLANK)
UNCONFIRMED = int(State.UNREADABLE)  # whatever a blank means, a figure that waits for somebody's word is open
TYPES_FROM_ZERO = ("count", "money", "points")


def veto_fields(scheme: Scheme) -> frozenset[str]:
    """Fields whose value an event looks at: their blanks stay pending whatever the edition says of blanks."""
    return frozenset(
        name
        for event in scheme.edition.events.values()
        for name in now(event.when.tree, ("counted",))
        if name in scheme.edition.fields
    )


def blank_means(scheme: Scheme, item: FieldDef, veto: bool) -> str:
    """pending, zero, no, never or out: the field's word, else the edition's (it speaks of what a county fills in)."""
    if veto:
        return "pending"
    if item.blank is not None:
        return item.blank.means
    return scheme.edition.blank.means if item.filled_by == "county" else "pending"


def column(
    scheme: Scheme, item: FieldDef, values: Array, states: Array, way: Numbers, veto: bool = False
) -> Col | None:
    """One field of all rows as a column; None for text, which no formula uses.

    values   object array of int, Fraction, str, bool, date or None
    states   int8 array of `State`
    """
    if item.type == "text":
        return None
    means = blank_means(scheme, item, veto)
    filled = states == FILLED
    silent = _silent(item, states)
    if item.type == "yesno":
        lo = np.zeros(len(values), bool)
        lo[filled] = values[filled].astype(bool)
        open_ = ~filled & ~(silent & (means in ("no", "zero")))
        return Truth(lo, lo | open_)
    if item.type == "choice":
        return _choice(item, values, filled)
    return _number(item, values, filled, silent, means, way)


def _silent(item: FieldDef, states: Array) -> Array:
    """Whoever fills it in, a cell that was asked and left empty takes the declared meaning; all others stay open."""
    empty = np.isin(states, (BLANK, int(State.NOT_ASKED)))
    result: Array = empty | ((states == int(State.PENDING)) & (item.blank is not None))
    return result


def _choice(item: FieldDef, values: Array, filled: Array) -> Label:
    options = tuple(item.options)
    bits = {option: 1 << i for i, option in enumerate(options)}
    mask = np.full(len(values), (1 << len(options)) - 1, np.int64)
    mask[filled] = [bits[value] for value in values[filled]]
    return Label(mask, options)


def _number(item: FieldDef, values: Array, filled: Array, silent: Array, means: str, way: Numbers) -> Num:
    dtype = object if way else float
    if item.type == "date":
        values = np.array([v.toordinal() if isinstance(v, dt.date) else v for v in values], object)
    if bool(filled.all()):
        lo = values.astype(dtype)
        return Num(lo, lo)
    low, high = bounds(item)
    lo, hi = np.full(len(values), low, dtype), np.full(len(values), high, dtype)
    lo[filled] = hi[filled] = values[filled].astype(dtype)
    # no date is not a day; it may mean that nothing ever came, but an edition's "zero" says nothing about days
    stands = silent & (means == "never" if item.type == "date" else means in ("zero", "no"))
    if stands.any():
        lo[stands] = hi[stands] = INF if item.type == "date" else 0
    return interval(lo, hi)


def bounds(item: FieldDef) -> tuple[object, object]:
    """Where a value must lie that nobody knows: `between:`, else from zero up for counts, money and points."""
    if item.between is not None:
        return item.between[0].value, item.between[1].value
    return (0 if item.type in TYPES_FROM_ZERO else -INF), INF


def fields(
    scheme: Scheme, layer: Layer, way: Numbers, confirmed: bool = False
) -> tuple[dict[str, Col], dict[str, Truth]]:
    """Every plain field that a formula can use, and where those that can be are out.

    confirmed  what must be confirmed counts only where it was (认定)
    """
    values, states = layer.table.values, layer.table.states
    asked = {key: item.confirmed_by for key, item in scheme.edition.fields.items() if item.confirmed_by}
    if confirmed and asked:
        states = states.copy()
        for key, roles in asked.items():
            for role in roles:
                by = confirmation(key, role)
                yes = (states[by] == FILLED) & (values[by] == True)  # noqa: E712
                states.loc[~yes, key] = UNCONFIRMED
    return _columns(scheme, scheme.edition.fields, values, states, way, veto_fields(scheme))


def rows(scheme: Scheme, list_id: str, rows_: Rows, way: Numbers) -> tuple[dict[str, Col], dict[str, Truth]]:
    """Every column of a list, row by row, and where it is out; a calendar's `due` as day numbers."""
    item = scheme.edition.lists[list_id]
    values, states = rows_.table.values, rows_.table.states
    found, outs = _columns(scheme, item.columns, values, states, way, frozenset())
    if item.rows_from == "calendar":
        days = np.array([day.toordinal() for day in values["due"]], object if way else float)
        found["due"] = Num(days, days)
    return found, outs


def _columns(
    scheme: Scheme,
    items: Mapping[str, FieldDef],
    values: pd.DataFrame,
    states: pd.DataFrame,
    way: Numbers,
    vetoes: frozenset[str],
) -> tuple[dict[str, Col], dict[str, Truth]]:
    found, outs = {}, {}
    for key, item in items.items():
        cells, state = values[key].to_numpy(), states[key].to_numpy()
        made = column(scheme, item, cells, state, way, key in vetoes)
        if made is None:
            continue
        if blank_means(scheme, item, key in vetoes) == "out":
            # what nobody can read may turn out to have been left empty on purpose
            outs[key] = Truth(_silent(item, state), state != FILLED)
            made = without(made, outs[key])
        found[key] = made
    return found, outs


def without(column: Col, out: Truth | None) -> Col:
    """The column with nothing left in the rows that are surely out: 0, 否, or no label at all."""
    if out is None or not out.lo.any():
        return column
    if isinstance(column, Label):
        return Label(np.where(out.lo, 0, column.mask), column.options)
    if isinstance(column, Truth):
        return Truth(column.lo & ~out.lo, column.hi & ~out.lo)
    lo = np.where(out.lo, 0, column.lo)
    return Num(lo, lo) if column.hi is column.lo else interval(lo, np.where(out.lo, 0, column.hi))
