"""What a workbook is checked for beyond its cells, for facts that came as tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from evaltool.facts import Facts, Layer, State, Table
from evaltool.problems import Problem
from evaltool.scheme import Scheme

if TYPE_CHECKING:
    from evaltool.intake.county_book import CountyRead


def checked(facts: Facts, layer: Layer, *, returned: bool, on: dt.date | None) -> list[Problem]:
    """D119 and D120 of every subject, in the order of the roster; with `returned` also the questions that are asked of
    workbooks (`plausibility`). A scheme in which nothing hangs together costs nothing."""
    # imported here: they know workbooks, and facts can be made without
    from evaltool.intake.questions.consistency import check
    from evaltool.intake.questions.plausibility import questions

    if not returned and not _hangs_together(facts.scheme):
        return []
    counties = _as_read(facts, layer)
    problems = [problem for code, read in counties.items() for problem in check(facts.scheme, code, read)]
    if returned:
        asked = questions(facts.scheme, counties, facts.roster, facts.previous, on)
        problems += [problem for code in counties for problem in asked[code]]
    return problems


def _hangs_together(scheme: Scheme) -> bool:
    from evaltool.intake import layout
    from evaltool.intake.questions.relations import relations

    found = relations(scheme)
    points = (scheme.indicators[indicator].points for _, indicator, _, _ in layout.gathered(scheme))
    return bool(found.inside or found.rows_inside or any(isinstance(one, str) for one in points))


def _as_read(facts: Facts, layer: Layer) -> dict[str, CountyRead]:
    """Every subject that returned something, as if read from a workbook."""
    from evaltool.intake.county_book import CountyRead
    from evaltool.intake.list_reading import ListRead, RowRead
    from evaltool.intake.sheet_reading import Read

    def rows_of(table: Table) -> list[dict[str, Read]]:
        parts = (table.values.to_numpy(), table.states.to_numpy(), table.origins.to_numpy())
        columns = list(table.values.columns)
        return [
            {key: Read(value, State(state), origin) for key, value, state, origin in zip(columns, *row, strict=True)}
            for row in zip(*parts, strict=True)
        ]

    codes = [str(code) for code in facts.codes]
    fields = rows_of(layer.table)
    made = {code: CountyRead(fields[i]) for i, code in enumerate(codes) if facts.returned[i]}
    for key, rows in layer.lists.items():
        cells = rows_of(rows.table)
        mine: list[list[RowRead]] = [[] for _ in codes]
        for owner, row in zip(np.asarray(rows.owner).tolist(), cells, strict=True):
            mine[owner].append(RowRead(row))
        for i, code in enumerate(codes):
            if code in made:
                made[code].lists[key] = ListRead(State(int(rows.states[i])), mine[i])
    return made
