"""Facts from plain Python values, without workbooks: for the cases beside the schemes, benchmarks and oracle tests.

Values are written as a person would type them (`95%`, `690`, `是`, `2020-06-05`) or given as exact numbers, truth values
and dates. The words in `WORDS` stand for states. Nothing needs openpyxl.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from evaltool.facts import OFFICIAL, SELF, Facts, Layer, Rows, State, Table
from evaltool.intake import layout
from evaltool.intake.entries.entry import Slip, printed, understand
from evaltool.intake.hiding import hide_layers
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef, ListDef

WORDS = {
    "未填": State.BLANK,
    "读不出": State.UNREADABLE,
    "超出范围": State.OUT_OF_RANGE,
    "待认定": State.PENDING,
    "不问": State.NOT_ASKED,
    "未报送": State.ABSENT,
}
Told = list[tuple[str, str, Slip]]  # subject, field, what is wrong
Remark = tuple[int, Slip | None, str]  # row, what is wrong, what was normalised
Meant = Callable[[Any], tuple[Any, int, Slip | None, str]]  # value, state, what is wrong, what was normalised


def from_values(
    scheme: Scheme,
    values: Mapping[str, Mapping[str, Any] | None],
    roster: pd.DataFrame | None = None,
    official: Mapping[str, Mapping[str, Any]] | None = None,
    previous: Facts | None = None,
) -> Facts:
    """Facts of the subjects in `values`, both layers alike.

    values    code → {field: value, 'lists': {list: [{column: value}]}, 'scores': {indicator: self score}};
              None for a subject that returned nothing
    roster    as in Facts; default: every code is its own name
    official  code → {field: value}, laid over the values in 认定 only
    previous  the round before, where formulas look back at it
    raises    KeyError for an id that the scheme does not have

    A field that is not given is blank, or pending where somebody else than the county fills it in. Rows of a calendar
    or of a list with fixed rows stand in the edition's order. A list that is not given is blank, `[]` is known to be
    empty.
    """
    codes = [str(code) for code in values]
    if roster is None:
        roster = plain_roster(codes)
    given = [values.get(code) for code in (str(c) for c in roster.index)]
    _refuse_unknown(scheme, given, official)
    told: Told = []
    table = _fields(scheme, roster.index, given, told)
    lists = {key: _list(scheme, key, roster.index, given, told) for key in scheme.filled_lists}
    over = _overlaid(scheme, roster.index, table, official, told) if official else table
    columns = layout.claimed_columns(scheme)
    claims = np.full((len(given), len(columns)), None, object)
    for i, one in enumerate(given):
        for key, score in (one or {}).get("scores", {}).items():
            claims[i, columns.index(key)] = understand(FieldDef(name=key, type="points"), score).value
    problems = [
        Problem(slip.code, slip.what, do=slip.do, place=Place(field=key, subject=who)) for who, key, slip in told
    ]
    layers = {SELF: Layer(table, lists), OFFICIAL: Layer(over, lists)}
    came = [one is not None for one in given]
    return assembled(scheme, roster, layers, came, problems, claims=claims, previous=previous)


def plain_roster(codes: Sequence[str]) -> pd.DataFrame:
    """A roster in which every code is its own name."""
    columns = {"name": list(codes), "city": "", "batch": "", "type": "", "funds": None}
    return pd.DataFrame(columns, index=pd.Index(list(codes), dtype="object", name="code"), dtype=object)


def assembled(
    scheme: Scheme,
    roster: pd.DataFrame,
    layers: Mapping[str, Layer],
    returned: Sequence[bool],
    problems: Sequence[Problem],
    *,
    claims: np.ndarray | None = None,
    previous: Facts | None = None,
) -> Facts:
    """Facts that came without workbooks: no evidence, and no self scores unless `claims` are given."""
    columns = layout.claimed_columns(scheme)
    if claims is None:
        claims = np.full((len(roster), len(columns)), None, object)
    fields = [*scheme.edition.fields, *scheme.filled_lists]
    return Facts(
        scheme=scheme,
        roster=roster,
        layers=layers,
        returned=np.array(returned, bool),
        claimed=pd.DataFrame(claims, roster.index, columns, dtype=object),
        claimed_origins=pd.DataFrame(np.full(claims.shape, None, object), roster.index, columns, dtype=object),
        evidence=pd.DataFrame(np.full((len(roster), len(fields)), "", object), roster.index, fields, dtype=object),
        problems=tuple(hide_layers(scheme, layers.values(), problems)),
        previous=previous,
    )


def _refuse_unknown(
    scheme: Scheme, given: Sequence[Mapping[str, Any] | None], official: Mapping[str, Mapping[str, Any]] | None
) -> None:
    known = set(scheme.edition.fields) | {"lists", "scores"}
    for one in given:
        if one is not None and not known.issuperset(one):
            raise KeyError(f"{scheme.key} has no field {sorted(set(one) - known)}")
        if one is not None and not set(scheme.filled_lists).issuperset(one.get("lists", ())):
            raise KeyError(f"{scheme.key} has no list {sorted(set(one['lists']) - set(scheme.filled_lists))}")
    for one in (official or {}).values():
        if not set(scheme.edition.fields).issuperset(one):
            raise KeyError(f"{scheme.key} has no field {sorted(set(one) - set(scheme.edition.fields))}")


def meaning(item: FieldDef, empty: State) -> Meant:
    """A reader of values for one field that remembers what it has seen: counties repeat each other."""
    seen: dict[tuple[type, Any], tuple[Any, int, Slip | None, str]] = {}

    def meant(raw: Any) -> tuple[Any, int, Slip | None, str]:
        key = (raw.__class__, raw)
        found = seen.get(key)
        if found is None:
            if raw is None:
                found = (None, int(empty), None, "")
            elif isinstance(raw, str) and raw in WORDS:
                found = (None, int(WORDS[raw]), None, "")
            elif isinstance(raw, bool) and item.type == "yesno":
                found = (raw, int(State.FILLED), None, "")
            else:
                number = isinstance(raw, int | float | Decimal | Fraction) and not isinstance(raw, bool)
                plain = printed(item, raw) if isinstance(raw, str) else None
                reading = plain or understand(item, raw, percent=number and item.type == "share")
                state = reading.state if reading.state != State.BLANK else empty
                found = (reading.value, int(state), reading.slip, reading.note)
            seen[key] = found
        return found

    return meant


def fill(cells: Sequence[Any], meant: Meant, values: np.ndarray, states: np.ndarray) -> list[Remark]:
    """One column of values and states from raw cells; what there is to say about some of them."""
    remarks: list[Remark] = []
    for i, raw in enumerate(cells):
        values[i], states[i], slip, note = meant(raw)
        if slip is not None or note:
            remarks.append((i, slip, note))
    return remarks


def fill_given(item: ListDef, columns: Sequence[str], values: np.ndarray, states: np.ndarray) -> None:
    """What the edition itself writes in its rows: each owner has all of them, in the edition's order."""
    fixed = layout.fixed_rows(item)
    brought = [layout.given_values(item, row) for row in fixed]
    for j, key in enumerate(columns):
        if brought and len(values) and (key in item.given or key in ("period", "due")):
            cells = [row.get(key) for row in brought]
            values[:, j] = _column(cells * (len(values) // len(fixed)))
            found = [int(State.BLANK if cell is None else State.FILLED) for cell in cells]
            states[:, j] = found * (len(values) // len(fixed))


def framed(
    index: pd.Index, columns: list[str], values: np.ndarray, states: np.ndarray, origins: np.ndarray | None = None
) -> Table:
    """The three frames of a table; without origins where the values did not stand in any file."""
    if origins is None:
        origins = np.full(values.shape, None, object)
    return Table(
        pd.DataFrame(values, index, columns, dtype=object),
        pd.DataFrame(states, index, columns),
        pd.DataFrame(origins, index, columns, dtype=object),
    )


def _tell(told: Told, remarks: list[Remark], who: Sequence[str], key: str) -> None:
    told += [(who[i], key, slip) for i, slip, _ in remarks if slip is not None]


def _fields(scheme: Scheme, index: pd.Index, given: Sequence[Mapping[str, Any] | None], told: Told) -> Table:
    fields, mine = scheme.edition.fields, layout.county_fields(scheme)
    who = [str(code) for code in index]
    values, states = np.full((len(who), len(fields)), None, object), np.zeros((len(who), len(fields)), np.int8)
    absent = [one is None for one in given]
    for j, (key, item) in enumerate(fields.items()):
        empty = State.BLANK if key in mine else State.PENDING
        cells = [None if one is None else one.get(key) for one in given]
        _tell(told, fill(cells, meaning(item, empty), values[:, j], states[:, j]), who, key)
        if key in mine:
            states[absent, j] = int(State.ABSENT)
    return framed(index, list(fields), values, states)


def _overlaid(
    scheme: Scheme, index: pd.Index, table: Table, official: Mapping[str, Mapping[str, Any]], told: Told
) -> Table:
    values, states = table.values.to_numpy(object).copy(), table.states.to_numpy().copy()
    columns = {key: j for j, key in enumerate(scheme.edition.fields)}
    places = {str(code): i for i, code in enumerate(index)}
    for code, entries in official.items():
        for key, raw in entries.items():
            value, state, slip, _ = meaning(scheme.edition.fields[key], State.PENDING)(raw)
            values[places[code], columns[key]], states[places[code], columns[key]] = value, state
            if slip is not None:
                told.append((code, key, slip))
    return framed(index, list(columns), values, states)


def _list(scheme: Scheme, list_id: str, index: pd.Index, given: Sequence[Mapping[str, Any] | None], told: Told) -> Rows:
    """The rows of one list: all rows of all owners as one table, filled column by column."""
    item = scheme.edition.lists[list_id]
    fixed = layout.fixed_rows(item)
    owner: list[int] = []
    flat: list[Mapping[str, Any]] = []
    states = np.zeros(len(given), np.int8)
    for i, one in enumerate(given):
        rows = None if one is None else one.get("lists", {}).get(list_id)
        if one is None or rows is None or isinstance(rows, str):
            state = State.ABSENT if one is None else WORDS[rows] if isinstance(rows, str) else State.BLANK
            states[i] = int(State.FILLED if fixed and state == State.BLANK else state)
            mine: list[Mapping[str, Any]] = [{}] * len(fixed)
            if fixed and state != State.BLANK:
                word = next(word for word, of in WORDS.items() if of == state)
                mine = [dict.fromkeys(item.columns, word) for _ in fixed]
        else:
            mine = [*rows, *([{}] * (len(fixed) - len(rows)))]
            if fixed and len(mine) > len(fixed):
                raise ValueError(f"{list_id} has {len(fixed)} rows, {len(rows)} given")
        flat += mine
        owner += [i] * len(mine)
    for row in flat:
        if not row.keys() <= item.columns.keys():
            raise KeyError(f"list {list_id} has no column {sorted(set(row) - set(item.columns))}")
    columns = layout.fact_columns(item)
    values, cell_states = np.full((len(flat), len(columns)), None, object), np.zeros((len(flat), len(columns)), np.int8)
    who = [str(index[i]) for i in owner]
    for j, key in enumerate(columns):
        if key in item.columns and key not in item.given:
            column = item.columns[key]
            meant = meaning(column, State.BLANK if column.filled_by == "county" else State.PENDING)
            remarks = fill([row.get(key) for row in flat], meant, values[:, j], cell_states[:, j])
            _tell(told, remarks, who, f"{list_id}.{key}")
    fill_given(item, columns, values, cell_states)
    table = framed(pd.RangeIndex(len(flat)), columns, values, cell_states)
    return Rows(table, np.array(owner, np.int64), states)


def _column(values: list[str | dt.date | None]) -> np.ndarray:
    made = np.full(len(values), None, object)
    made[:] = values
    return made
