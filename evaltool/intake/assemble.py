"""From what single workbooks say to the facts of a round: frames of values, states and origins, one pair of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from evaltool.facts import OFFICIAL, SELF, Facts, Layer, Origin, Rows, State, Submission, Table
from evaltool.intake import layout
from evaltool.intake.corrections import Correction
from evaltool.intake.county_book import CountyRead
from evaltool.intake.official_reading import OfficialRead
from evaltool.intake.sheet_reading import Read
from evaltool.problems import Problem
from evaltool.scheme import Scheme

Told = tuple[Any, State, Origin | None]


def assemble(
    scheme: Scheme,
    roster: pd.DataFrame,
    counties: Mapping[str, CountyRead],
    official: OfficialRead,
    submissions: Sequence[Submission] = (),
    problems: Sequence[Problem] = (),
) -> Facts:
    """The facts of the counties that returned a workbook, with the province's entries laid over them."""
    codes = [str(code) for code in roster.index]
    own = _own_table(scheme, codes, counties)
    lists = {key: _rows(scheme, key, codes, counties) for key in scheme.filled_lists}
    table, reasons = _official_table(own, codes, official)
    corrected, more = _corrected_lists(lists, codes, official)
    reasons |= more
    claimed, claimed_origins = _claimed(scheme, codes, counties)
    return Facts(
        scheme=scheme,
        roster=roster,
        layers={SELF: Layer(own, lists), OFFICIAL: Layer(table, corrected)},
        returned=np.array([code in counties for code in codes], bool),
        claimed=claimed,
        claimed_origins=claimed_origins,
        evidence=_evidence(scheme, codes, counties),
        reasons=reasons,
        submissions=tuple(submissions),
        problems=tuple(problems),
    )


def frames(index: pd.Index, columns: list[str], cells: list[list[Told]]) -> Table:
    """Three frames from rows of cells."""
    shape = (len(index), len(columns))
    values, origins = np.full(shape, None, object), np.full(shape, None, object)
    states = np.zeros(shape, np.int8)
    for i, row in enumerate(cells):
        for j, (value, state, origin) in enumerate(row):
            values[i, j], states[i, j], origins[i, j] = value, int(state), origin
    return Table(
        pd.DataFrame(values, index, columns, dtype=object),
        pd.DataFrame(states, index, columns),
        pd.DataFrame(origins, index, columns, dtype=object),
    )


def _told(cell: Read) -> Told:
    return cell.value, cell.state, cell.origin


def _own_table(scheme: Scheme, codes: list[str], counties: Mapping[str, CountyRead]) -> Table:
    """自评: the county's cells; what others fill in is pending; a county that returned nothing is absent."""
    mine = layout.county_fields(scheme)
    cells = []
    for code in codes:
        read = counties.get(code)
        row: list[Told] = []
        for key in scheme.edition.fields:
            if key not in mine:
                row.append((None, State.PENDING, None))
            elif read is None:
                row.append((None, State.ABSENT, None))
            else:
                row.append(_told(read.fields[key]))
        cells.append(row)
    return frames(pd.Index(codes, dtype=object, name="code"), list(scheme.edition.fields), cells)


def _rows(scheme: Scheme, list_id: str, codes: list[str], counties: Mapping[str, CountyRead]) -> Rows:
    """A list of all counties. The rows that the edition fixes exist for absent counties too, with absent cells."""
    item = scheme.edition.lists[list_id]
    columns, fixed = layout.fact_columns(item), layout.fixed_rows(item)
    mine = layout.county_columns(item)
    cells: list[list[Told]] = []
    owner: list[int] = []
    states: list[int] = []
    for place, code in enumerate(codes):
        read = counties[code].lists[list_id] if code in counties else None
        states.append(int(read.state if read else State.ABSENT))
        if read is not None and (read.rows or not fixed):
            made = [{key: _told(cell) for key, cell in row.cells.items()} for row in read.rows]
        else:  # absent, or the sheet is missing
            gap: Told = (None, State.UNREADABLE if read else State.ABSENT, None)
            brought = [layout.given_values(item, row) for row in fixed]
            made = [dict.fromkeys(mine, gap) | {k: (v, State.FILLED, None) for k, v in row.items()} for row in brought]
        for row in made:
            owner.append(place)
            cells.append([row.get(key, (None, State.PENDING, None)) for key in columns])
    return Rows(frames(pd.RangeIndex(len(cells)), columns, cells), np.array(owner, np.int64), np.array(states, np.int8))


def _copy(table: Table) -> Table:
    return Table(table.values.copy(), table.states.copy(), table.origins.copy())


def _set(table: Table, row: int, column: int, value: Any, state: State, origin: Origin | None) -> None:
    cells: Any = (table.values, table.states, table.origins)
    for frame, part in zip(cells, (value, int(state), origin), strict=True):
        frame.iloc[row, column] = part


def _official_table(own: Table, codes: list[str], official: OfficialRead) -> tuple[Table, dict[tuple[str, str], str]]:
    """认定: 自评 with the province's entries, round values for every county, and corrections."""
    table, reasons = _copy(own), {}
    places = {code: i for i, code in enumerate(codes)}
    columns = {key: j for j, key in enumerate(own.values.columns)}
    for (code, key), entry in official.entries.items():
        _set(table, places[code], columns[key], entry.value, entry.state, entry.origin)
        if entry.reason:
            reasons[code, key] = entry.reason
    for key, entry in official.round_values.items():
        for code, place in places.items():
            _set(table, place, columns[key], entry.value, entry.state, entry.origin)
            if entry.reason:
                reasons[code, key] = entry.reason
    for correction in official.corrections:
        if not correction.list_id:
            at = (places[correction.code], columns[correction.key])
            _set(table, *at, correction.value, correction.state, correction.origin)
            reasons[correction.code, correction.key] = correction.reason
    return table, reasons


def _corrected_lists(
    lists: Mapping[str, Rows], codes: list[str], official: OfficialRead
) -> tuple[dict[str, Rows], dict[tuple[str, str], str]]:
    """The lists of 认定: the county's rows with the corrected cells."""
    made, reasons = dict(lists), {}
    touched: dict[str, list[Correction]] = {}
    for correction in official.corrections:
        if correction.list_id:
            touched.setdefault(correction.list_id, []).append(correction)
    for list_id, corrections in touched.items():
        rows = lists[list_id]
        table = _copy(rows.table)
        for correction in corrections:
            mine = np.flatnonzero(rows.owner == codes.index(correction.code))
            column = list(table.values.columns).index(correction.key)
            _set(table, int(mine[correction.row - 1]), column, correction.value, correction.state, correction.origin)
            reasons[correction.code, f"{list_id}.{correction.key}#{correction.row}"] = correction.reason
        made[list_id] = Rows(table, rows.owner, rows.states)
    return made, reasons


def _claimed(scheme: Scheme, codes: list[str], counties: Mapping[str, CountyRead]) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = layout.claimed_columns(scheme)
    index = pd.Index(codes, dtype=object, name="code")
    shape = (len(codes), len(columns))
    values, origins = np.full(shape, None, object), np.full(shape, None, object)
    for i, code in enumerate(codes):
        for j, key in enumerate(columns):
            if code in counties and key in counties[code].claimed:
                values[i, j], origins[i, j] = counties[code].claimed[key]
    return pd.DataFrame(values, index, columns, dtype=object), pd.DataFrame(origins, index, columns, dtype=object)


def _evidence(scheme: Scheme, codes: list[str], counties: Mapping[str, CountyRead]) -> pd.DataFrame:
    """Evidence as entered, by field; that of a list stands under the list's id, row by row."""
    columns = [*scheme.edition.fields, *scheme.filled_lists]
    texts = [[counties[code].evidence.get(key, "") if code in counties else "" for key in columns] for code in codes]
    return pd.DataFrame(texts, pd.Index(codes, dtype=object, name="code"), columns, dtype=object)
