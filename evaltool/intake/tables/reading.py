"""Facts from tables instead of workbooks: one row a subject, and one table for each list.

Cells are understood as in workbooks and as in `from_values`; what is wrong with the data becomes a located problem.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from evaltool.facts import OFFICIAL, SELF, Facts, Layer, Rows, State, Table
from evaltool.intake import layout
from evaltool.intake.entries.readings import legible
from evaltool.intake.tables import direct
from evaltool.intake.tables.checks import checked
from evaltool.intake.tables.columns import WORD, Array, Block, TableReader, keys_of, numbered
from evaltool.intake.tables.heads import Heads, plain_head
from evaltool.intake.tables.tabular import Tabular, in_book, opened
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef, ListDef

ROSTER = {"name": ["名称"], "city": ["市州"], "batch": ["批次"], "type": ["类型"], "funds": ["资金"]}
CODE = "代码"
CODES = ("行政区划代码", "区划代码", "编码")
CALENDAR = {"period": FieldDef(name="月份", type="text"), "due": FieldDef(name="应报日期", type="date")}
Source = str | Path | pd.DataFrame


def read_table(
    scheme: Scheme,
    subjects: Source,
    lists: Mapping[str, Source] | None = None,
    *,
    code: str = "code",
    roster: pd.DataFrame | None = None,
    previous: Facts | None = None,
    blanks: Collection[str] = (),
    returned: bool = False,
    on: dt.date | None = None,
) -> Facts:
    """Facts of the subjects in a table, both layers alike; never raises on bad data.

    subjects  a frame or the path of a CSV file or a workbook: a row a subject, a column a field (its id or its name),
              besides the subject's code and, if wanted, name, city, batch, type, funds
    lists     list id → the same: a row a list row, with the subject's code and a column a list column. Rows
              that the edition fixes are found by the given columns (or the period) that stand in the table, in any
              order; one that does not stand there is blank. Of other lists a subject has the rows that stand there,
              which may be none
    code      head of the column that says whose row it is, in every table (代码 is understood too)
    roster    as in Facts; a subject of it without a row has returned nothing. Default: the subjects of the table
    previous  the round before, where formulas look back at it
    blanks    words by which the table says that there is nothing, such as `Not Available`
    returned  whether the table stands for workbooks that counties returned: then what they left blank is told (D100)
              and questions are asked of their figures; a machine's table is full of blanks
    on        the day on which the round stands: before a stage a blank of its fields is no shortfall
    raises    KeyError for a list that the scheme does not have, ValueError for one that it makes itself or a `code`
              that is a field, OSError for a file that cannot be opened

    A head may state a unit: a column in 元 of a field in 万元 is converted, exactly and with a note; one of another kind
    is refused. A CSV file is read as text, numbers exactly as they are written; a share needs its %. The cells of a
    workbook are read as in any workbook, and a list that `lists` does not name from the sheet that bears its name. A
    frame's float is taken as the shortest decimal that gives it back, and a number in a share's column as the share
    itself (0.65 is 65%). An empty cell, NaN and None are blank. Codes should be text, or their leading zeros are lost.
    Two rows for the same subject (or row of a list) are both unreadable, since nobody knows which one holds.
    """
    for key in lists or {}:
        if scheme.edition.lists[key].rows_from == "groups":
            raise ValueError(f"list {key} is put together from another one and takes no table")
    if any(code in items for items in (scheme.edition.fields, *(x.columns for x in scheme.edition.lists.values()))):
        raise ValueError(f"{code} is a field of {scheme.key} and cannot name the subjects")
    reader = TableReader(scheme, complete=returned, on=on)
    heads = _heads({**ROSTER, code: [CODE, *CODES]}, scheme.edition.fields)
    table = opened(subjects, "对象表", heads.meaning).plain(blanks)
    found = reader.columns(table, heads, code)
    whose = table.texts(found[code]) if found else [""] * len(table)
    if roster is None:
        told = {key: found[key] for key in ROSTER if key in found and key not in {code, *scheme.edition.fields}}
        roster = _roster(table, whose, told)
    place = {str(one): i for i, one in enumerate(roster.index)}
    at = reader.owners(table, whose, place, "名册") if found else np.full(len(table), -1)
    came = np.zeros(len(place), bool)
    came[at[at >= 0]] = True
    plain = _fields(reader, table, found, at, roster.index, came)
    rows = {}
    for key in scheme.filled_lists:
        # where nobody knows the subjects, no row of a list is anybody's: told once
        own = _list_table(scheme, key, (lists or {}).get(key), table, code) if found else None
        rows[key] = _rows(reader, key, own and own.plain(blanks), code, place, came)
    layer = Layer(plain, rows)
    layers = {SELF: layer, OFFICIAL: layer}
    facts = direct.assembled(scheme, roster, layers, came.tolist(), reader.problems, previous=previous)
    return replace(facts, problems=(*facts.problems, *checked(facts, layer, returned=returned, on=on)))


def _heads(own: Mapping[str, Collection[str]], fields: Mapping[str, FieldDef]) -> Heads:
    """The heads that may stand in a table: a field comes before a word of ours that reads the same."""
    return Heads(fields, {key: words for key, words in own.items() if key not in fields})


def _list_heads(item: ListDef, code: str) -> Heads:
    extra = CALENDAR if item.rows_from == "calendar" else {}
    return _heads({code: [CODE, *CODES]}, {**item.columns, **extra})


def _list_table(scheme: Scheme, key: str, source: Source | None, subjects: Tabular, code: str) -> Tabular | None:
    """The table of a list: the one that is given, else the sheet beside the subjects' that bears its name."""
    item = scheme.edition.lists[key]
    heads = _list_heads(item, code)
    if source is not None:
        return opened(source, item.name, heads.meaning)
    if subjects.grid is None:
        return None
    titles = {plain_head(title) for title in (key, item.name, layout.list_label(scheme, key))}
    sheets = [sheet for sheet in subjects.grid.book.sheets if plain_head(sheet.title) in titles]
    return in_book(subjects.grid.book, sheets, heads.meaning) if sheets else None


def _roster(table: Tabular, whose: Sequence[str], found: Mapping[str, int]) -> pd.DataFrame:
    """The subjects of the table in its order, with what it says of their name, city, batch, type and funds."""
    first = {one: i for i, one in reversed(list(enumerate(whose))) if one}
    roster = direct.plain_roster(list(dict.fromkeys(one for one in whose if one)))
    for key, column in found.items():
        if key == "funds":
            meant = direct.meaning(FieldDef(name=ROSTER[key][0], type="money", unit="万元"), State.BLANK)
            cells = [meant(table.cells[column][first[one]])[0] for one in roster.index]
        else:
            texts = table.texts(column)
            cells = [texts[first[one]] or (one if key == "name" else "") for one in roster.index]
        roster[key] = pd.Series(cells, roster.index, dtype=object)
    return roster


def _fields(
    reader: TableReader, table: Tabular, found: Mapping[str, int], at: Array, index: pd.Index, came: Array
) -> Table:
    fields, mine = reader.scheme.edition.fields, layout.county_fields(reader.scheme)
    block = Block(list(fields), np.full(len(index), -1), lambda i: str(index[i]))
    reader.settle(block, table, at, lambda i: str(index[i]))
    for j, (key, item) in enumerate(fields.items()):
        reader.read(block, key, item, State.BLANK if key in mine else State.PENDING, table, found.get(key))
        if key in mine:
            block.states[~came, j] = int(State.ABSENT)
    return block.table(index)


def _rows(
    reader: TableReader, list_id: str, table: Tabular | None, code: str, place: Mapping[str, int], came: Array
) -> Rows:
    """The rows of one list for all subjects, from its table if there is one."""
    item = reader.scheme.edition.lists[list_id]
    fixed = layout.fixed_rows(item)
    codes, owner_of = list(place), np.full(0, -1)
    here = {one: i for one, i in place.items() if came[i]}
    found: dict[str, int] = {}
    if table is not None:
        found = reader.columns(table, _list_heads(item, code), code)
        if found:
            owner_of = reader.owners(table, table.texts(found[code]), here, "对象表")
    states = np.where(came, int(State.FILLED if fixed else State.BLANK), int(State.ABSENT)).astype(np.int8)
    if fixed:
        owner = np.repeat(np.arange(len(codes)), len(fixed))
        block = Block(layout.fact_columns(item), np.full(len(owner), -1), lambda i: codes[owner[i]])
        block.preset[~came[owner]] = WORD[State.ABSENT]
        which = _which(reader, item, table, found, code) if table is not None and found else None
        if table is not None and which is None:
            block.preset[came[owner]] = WORD[State.UNREADABLE]
        elif table is not None and which is not None:
            at = np.where((owner_of >= 0) & (which >= 0), owner_of * len(fixed) + which, -1)
            reader.settle(block, table, at, lambda i: f"{codes[owner[i]]} 的“{_name(fixed[i % len(fixed)])}”")
    else:
        rows = np.flatnonzero(owner_of >= 0)
        if table is not None:
            rows = np.array([i for i in rows.tolist() if not table.is_blank(i, but=found[code])], np.int64)
            states[came] = int(State.FILLED if found else State.UNREADABLE)
        rows = rows[np.argsort(owner_of[rows], kind="stable")]
        owner = owner_of[rows]
        block = Block(layout.fact_columns(item), rows, lambda i: codes[owner[i]])
        if table is not None:
            block.spoiled = np.isin(rows, sorted(table.shifted))
    for key, column in item.columns.items():
        if key not in item.given:
            empty = State.BLANK if column.filled_by == "county" else State.PENDING
            reader.read(block, f"{list_id}.{key}", column, empty, table, found.get(key))
    direct.fill_given(item, block.columns, block.values, block.states)
    if table is not None:
        own = {key: found[key] for key, column in item.columns.items() if column.unit == "row" and key in found}
        reader.one_way_of_writing(block, table, list_id, own)
    return Rows(block.table(pd.RangeIndex(len(owner))), owner, states)


def _which(reader: TableReader, item: ListDef, table: Tabular, found: Mapping[str, int], code: str) -> Array | None:
    """Which of the edition's rows each row of the table is, or -1; None where the table does not tell them apart."""
    fixed, columns = layout.fixed_rows(item), {**CALENDAR, **item.columns}
    given = [key for key in (*CALENDAR, *item.given) if key in found]
    brought = [layout.given_values(item, row) for row in fixed]
    known = {tuple(row[key] for key in given): i for i, row in enumerate(brought)}
    if len(known) < len(fixed):
        wanted = "、".join(columns[key].name for key in (item.given or ["period"]))
        what, why = f"{table.name} 的列认不出各行是清单里的哪一行", "整张表没有采用，当作读不出"
        reader.complain("W118", what, why, f"补上列：{wanted}（能分清各行就够）", table)
        return None
    which = [known.get(key, -1) for key in keys_of(table, [(found[key], columns[key]) for key in given])]
    strangers: dict[str, list[int]] = {}
    texts = [table.texts(found[key]) for key in given]
    for row, position in enumerate(which):
        if position < 0 and not table.is_blank(row, but=found[code]):
            strangers.setdefault("、".join(text[row] for text in texts), []).append(row)
    names = ["、".join(str(row.given.get(key, row.period)) for key in given) for row in fixed]
    for name, rows in strangers.items():
        near = get_close_matches(name, names, 1, 0.6)
        do = f"是不是“{near[0]}”？" if near else f"照清单写，如“{names[0]}”"
        wrong = f"的“{legible(name)}”不在清单“{item.name}”里" if name.strip("、") else "没有写是清单的哪一行"
        reader.complain("W119", numbered(table, rows) + wrong, "没有采用", do, table, rows[0], found[given[0]])
    return np.array(which, np.int64)


def _name(row: layout.FixedRow) -> str:
    return row.period or next(iter(row.given.values()), row.key)
