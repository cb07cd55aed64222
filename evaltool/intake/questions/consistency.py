"""A county's data against itself, where the scheme says what belongs together. Nothing is refused here."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.facts import State
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.intake.questions.asking import CHECK_BOTH, ask
from evaltool.intake.questions.insides import Inside
from evaltool.intake.questions.measures import Found, Measure, figure, find, in_unit, known, place_of, said, unit
from evaltool.intake.questions.relations import relations
from evaltool.problems import Problem
from evaltool.quantities import quantity_text
from evaltool.question_lines import COMPLETION
from evaltool.scheme import Scheme

LINE = "部分大于全体"
MOST_NAMED = 3  # parts that are named one by one


def check(scheme: Scheme, subject: str, read: CountyRead) -> list[Problem]:
    """D119 and D120 of one county."""
    return [
        *_parts(scheme, subject, read),
        *_parts_of_rows(scheme, subject, read),
        *_row_points(scheme, subject, read),
    ]


def _parts(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    told: set[Measure] = set()
    completed = {(one.done, one.plan) for one in relations(scheme).completions}
    for one in relations(scheme).inside:
        whole = find(read, one.whole)
        parts = {part: found for part in one.parts if (found := find(read, part)) is not None}
        if whole is None or not parts or (len(one.parts) > 1 and (len(parts) < 2 or one.whole in told)):
            continue
        counted = unit(scheme, one.whole)
        amounts = {part: in_unit(found.value, unit(scheme, part), counted) for part, found in parts.items()}
        together = sum(amounts.values())
        if together <= whole.value:
            continue
        if (one.parts, one.whole) in completed and together > whole.value * COMPLETION[1]:
            continue  # that is asked as a completion (D138)
        told.add(one.whole)
        largest = max(amounts, key=lambda part: amounts[part])
        what = f"{_called(scheme, one, parts)}，大于{figure(scheme, one.whole, whole.value)}"
        yield ask(
            scheme, subject, "D119", (what, one.why, LINE, CHECK_BOTH), parts[largest], largest, one.cites
        )  # fmt: skip


def _called(scheme: Scheme, one: Inside, parts: dict[Measure, Found]) -> str:
    named = [figure(scheme, part, found.value) for part, found in parts.items()]
    if len(one.parts) == 1:
        return named[0]
    counted = unit(scheme, one.whole)
    total = sum(in_unit(found.value, unit(scheme, part), counted) for part, found in parts.items())
    shown = "、".join(named[:MOST_NAMED]) + (f"等 {len(named)} 项" if len(named) > MOST_NAMED else "")
    return f"{shown}，合计 {quantity_text(total, counted)}"


def _parts_of_rows(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    for one in relations(scheme).rows_inside:
        rows = read.lists.get(one.list)
        part, whole = Measure(one.part, one.list), Measure(one.whole, one.list)
        columns = scheme.edition.lists[one.list].columns
        for number, row in enumerate(rows.rows if rows is not None else (), 1):
            a, b = known(row.cells.get(one.part)), known(row.cells.get(one.whole))
            if a is None or b is None or in_unit(a, unit(scheme, part), unit(scheme, whole)) <= b:
                continue
            what = (
                f"“{scheme.edition.lists[one.list].name}”第 {number} 行“{columns[one.part].name}”"
                f"{said(scheme, part, a)}，大于“{columns[one.whole].name}”{said(scheme, whole, b)}"
            )
            at = Found(a, row.cells[one.part].origin)
            yield ask(scheme, subject, "D119", (what, one.why, LINE, CHECK_BOTH), at, part, one.cites)


def _row_points(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    for parent, indicator, list_id, label in layout.gathered(scheme):
        brought, full = scheme.indicators[indicator].points, scheme.indicators[parent].points
        rows = read.lists[list_id]
        children = [child for child in scheme.children.get(parent, ()) if child != indicator]
        if (
            not isinstance(brought, str)
            or full is None
            or isinstance(full, str)
            or children
            or rows.state != State.FILLED
        ):
            continue
        above = scheme.indicators[indicator].parent
        by = above.get("by", "") if isinstance(above, dict) else ""
        mine = [row for row in rows.rows if not label or (by in row.cells and row.cells[by].value == label)]
        points = [known(row.cells.get(brought)) for row in mine]
        filled = [value for value in points if value is not None]
        if not rows.rows or len(filled) != len(points) or sum(filled) == full:
            continue
        node, cites = scheme.indicators[parent], scheme.indicators[parent].cite
        title = scheme.edition.lists[list_id].columns[brought].name
        what = f"“{node.name}”各行{title}合计 {quantity_text(sum(filled), '分')}，规定 {quantity_text(full, '分')}"
        # a block without a row has no cell of its own: the first row shows where the rows stand
        row, column = (mine[0], brought) if mine else (rows.rows[0], by or brought)
        place = place_of(row.cells[column].origin, subject, f"{list_id}.{column}")
        clause = str(scheme.citation(cites[0])) if cites else ""
        yield Problem(
            "D120", what, "得分按各行所填分值相加", "核对各行分值", place, scheme.place("indicators", parent), clause
        )
