"""Rounds for the questions on plausibility: what counties' workbooks would say, made from facts without workbooks."""

from __future__ import annotations

from typing import Any

from evaltool.facts import SELF, Facts, Origin, State, Table
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.intake.list_reading import ListRead, RowRead
from evaltool.intake.questions.consistency import check
from evaltool.intake.questions.plausibility import questions
from evaltool.intake.sheet_reading import Read
from evaltool.problems import Problem

FIELDS = "基础数据"


def reads_of(facts: Facts) -> dict[str, CountyRead]:
    """What the workbook of each county that returned one would say: every value in a cell of its own."""
    scheme, layer, reads = facts.scheme, facts.layers[SELF], {}
    mine = {key: row for row, key in enumerate(layout.county_fields(scheme), 5)}
    for place, code in enumerate(map(str, facts.codes)):
        if not facts.returned[place]:
            continue
        made = reads[code] = CountyRead()
        for key, row in mine.items():
            made.fields[key] = _cell(layer.table, place, key, Origin(f"{code}.xlsx", FIELDS, f"E{row}"))
            made.evidence[key] = str(facts.evidence[key].iloc[place])
        for list_id, rows in layer.lists.items():
            listed = made.lists[list_id] = ListRead(State(int(rows.states[place])))
            columns = layout.county_columns(scheme.edition.lists[list_id])
            title = scheme.edition.lists[list_id].name
            for number, row in enumerate((rows.owner == place).nonzero()[0], 1):
                cells = {
                    key: _cell(rows.table, row, key, Origin(f"{code}.xlsx", title, f"{chr(65 + i)}{number + 5}"))
                    for i, key in enumerate(columns)
                }
                listed.rows.append(RowRead(cells, number + 5))
    return reads


def _cell(table: Table, row: Any, key: str, origin: Origin) -> Read:
    return Read(table.values[key].iloc[row], State(int(table.states[key].iloc[row])), origin)


def asked(facts: Facts, **given: Any) -> dict[str, list[Problem]]:
    """Everything that is asked of the counties of a round: D119, D120 and the questions."""
    reads = reads_of(facts)
    found = questions(facts.scheme, reads, facts.roster, **given)
    return {code: check(facts.scheme, code, read) + found[code] for code, read in reads.items()}
