"""Facts made from typed answers, without workbooks, for the tests of scoring and decisions.

A sheet is a dict: field → value, with `lists` → list id → rows. A value is typed (int, Fraction, bool, date, option), or
written as a person would (`是`, `95%`, `2020-06-30`), or a `State` for a cell that has no value. A field that is not in the
sheet is blank. A list that is a `State` was not read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evaltool.facts import OFFICIAL, SELF, Facts, Layer, Origin, Rows, State, Table
from evaltool.quantities import exact, parse_entered
from evaltool.scheme import Scheme
from evaltool.scheme.models import FieldDef

Sheet = Mapping[str, Any]


def facts_of(scheme: Scheme, sheets: Mapping[str, Sheet], absent: Iterable[str] = (), claimed: Any = None) -> Facts:
    """The same facts in both layers; `absent` subjects returned nothing."""
    codes = pd.Index(list(sheets), dtype=object)
    absent = set(absent)
    roster = pd.DataFrame({"name": [f"县{code}" for code in codes], "city": "", "batch": "", "type": "", "funds": ""}, codes)
    table = _table(scheme.edition.fields, list(sheets.values()), codes, "县级", [code in absent for code in codes])
    lists = {key: _rows(scheme, key, list(sheets.values())) for key in scheme.edition.lists}
    layer = Layer(table, lists)
    blank = pd.DataFrame(index=codes) if claimed is None else pd.DataFrame(claimed, index=codes, dtype=object)
    returned = np.array([code not in absent for code in codes], bool)
    return Facts(
        scheme, roster, {SELF: layer, OFFICIAL: layer}, returned, blank, pd.DataFrame(index=codes), pd.DataFrame(index=codes)
    )


def cell_of(item: FieldDef, given: Any) -> tuple[Any, State]:
    """The typed value and its state."""
    if given is None or given == "未填":
        return None, State.BLANK if item.filled_by == "county" else State.PENDING
    if isinstance(given, State):
        return None, given
    if not isinstance(given, str) or item.type in ("choice", "text"):
        return (given if isinstance(given, bool | dt.date | str) else exact(given)), State.FILLED
    if item.type == "yesno":
        return {"是": True, "否": False}[given], State.FILLED
    if item.type == "date":
        return dt.date.fromisoformat(given), State.FILLED
    return parse_entered(given), State.FILLED


def _table(items: Mapping[str, FieldDef], answers: list[Sheet], index: pd.Index, sheet: str, absent: list[bool]) -> Table:
    shape = (len(answers), len(items))
    values, states = np.full(shape, None, object), np.zeros(shape, np.int8)
    origins = np.full(shape, None, object)
    for j, (key, item) in enumerate(items.items()):
        for i, answer in enumerate(answers):
            values[i, j], states[i, j] = (None, State.ABSENT) if absent[i] else cell_of(item, answer.get(key))
            origins[i, j] = Origin(f"{index[i]}.xlsx", sheet, f"D{j + 2}")
    columns = list(items)
    frames = (pd.DataFrame(part, index, columns, dtype=kind) for part, kind in ((values, object), (states, np.int8), (origins, object)))
    return Table(*frames)


def _rows(scheme: Scheme, key: str, sheets: list[Sheet]) -> Rows:
    item = scheme.edition.lists[key]
    owner, answers, states = [], [], np.zeros(len(sheets), np.int8)
    due = list(calendar_of(item)) if item.rows_from == "calendar" else []
    for i, sheet in enumerate(sheets):
        rows = sheet.get("lists", {}).get(key, [{} for _ in due])
        if isinstance(rows, State):
            states[i] = rows
            continue
        owner += [i] * len(rows)
        answers += [{**row, "due": day} for row, day in zip(rows, due, strict=True)] if due else rows
    table = _table(item.columns, answers, pd.RangeIndex(len(answers)), item.name, [False] * len(answers))
    if due:
        table.values["due"] = np.array([answer["due"] for answer in answers], object)
        table.values["period"] = np.array([f"{answer['due']:%Y-%m}" for answer in answers], object)
    return Rows(table, np.array(owner, int), states)


def calendar_of(item: Any) -> Iterable[dt.date]:
    """Due dates of a calendar list: the given day of the month after each month from `from` to `to`."""
    month = item.start.year * 12 + item.start.month - 1
    while month <= item.end.year * 12 + item.end.month - 1:
        yield dt.date((month + 1) // 12, (month + 1) % 12 + 1, item.due_day)
        month += 1
