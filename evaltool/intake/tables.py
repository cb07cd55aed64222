"""Facts from tables instead of workbooks: one row a subject, and one table for each list.

Cells are understood as in workbooks and as in `from_values`; what is wrong with the data becomes a located problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from evaltool.facts import OFFICIAL, SELF, Facts, Layer
from evaltool.intake import direct
from evaltool.intake.table_reading import TableReader
from evaltool.intake.tabular import opened
from evaltool.scheme import Scheme
from evaltool.scheme.models import FieldDef

ROSTER = {"name": "名称", "city": "市州", "batch": "批次", "type": "类型", "funds": "资金"}
CODE = "代码"
CALENDAR = {"period": FieldDef(name="月份", type="text"), "due": FieldDef(name="应报日期", type="date")}
Source = str | Path | pd.DataFrame


def read_table(
    scheme: Scheme,
    subjects: Source,
    lists: Mapping[str, Source] | None = None,
    *,
    code: str = "code",
    roster: pd.DataFrame | None = None,
) -> Facts:
    """Facts of the subjects in a table, both layers alike; never raises on bad data.

    subjects  a frame or the path of a CSV file: a row a subject, a column a field (its id or its name), besides the
              subject's code and, if wanted, name, city, batch, type, funds
    lists     list id → a frame or CSV file: a row a list row, with the subject's code and a column a list column. Rows
              that the edition fixes are found by the given columns (or the period) that stand in the table, in any
              order; one that does not stand there is blank. Of other lists a subject has the rows that stand there,
              which may be none
    code      head of the column that says whose row it is, in every table (代码 is understood too)
    roster    as in Facts; a subject of it without a row has returned nothing. Default: the subjects of the table
    raises    KeyError for a list that the scheme does not have, ValueError for one that it makes itself, OSError for a
              file that cannot be opened

    A CSV file is read as text, numbers exactly as they are written; a share needs its %. A frame's float is taken as
    the shortest decimal that gives it back, and a number in a share's column as the share itself (0.65 is 65%). An
    empty cell, NaN and None are blank. Codes should be text, or their leading zeros are lost. Two rows for the same
    subject (or row of a list) are both unreadable, since nobody knows which one holds.
    """
    for key in lists or {}:
        if scheme.edition.lists[key].rows_from == "groups":
            raise ValueError(f"list {key} is put together from another one and takes no table")
    reader = TableReader(scheme)
    heads = {code: CODE} | {key: item.name for key, item in scheme.edition.fields.items()}
    heads = {key: name for key, name in ROSTER.items() if key not in heads} | heads
    table = opened(subjects, "对象表")
    found = reader.columns(table, heads, code)
    whose = table.texts(found[code]) if code in found else [""] * len(table)
    if roster is None:
        roster = _roster(
            table, whose, {key: found[key] for key in ROSTER if key in found and key not in heads.keys() - ROSTER}
        )
    place = {str(one): i for i, one in enumerate(roster.index)}
    owner = reader.owners(table, whose, place, "名册") if code in found else np.full(len(table), -1)
    came = np.zeros(len(place), bool)
    came[owner[owner >= 0]] = True
    layer = Layer(_fields(reader, table, found, owner, roster.index, came), {})
    rows = {}
    for key in scheme.edition.lists:
        own = opened(lists[key], scheme.edition.lists[key].name) if lists and key in lists else None
        rows[key] = _rows(reader, key, own, code, place, came)
    layer = Layer(layer.table, rows)
    return direct.assembled(scheme, roster, {SELF: layer, OFFICIAL: layer}, came.tolist(), reader.problems)
