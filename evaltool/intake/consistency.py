"""A county's data against itself, where the scheme says what belongs together. Notes only; nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.facts import State
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.intake.sheet_reading import Read
from evaltool.problems import Place, Problem
from evaltool.quantities import SHARE_UNIT, Exact, quantity_text
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Name, Operation


def whole_and_part(scheme: Scheme) -> Iterator[tuple[str, str, str, list[str]]]:
    """(part, whole, what says so, cites): quotients of two fields that are shares, and the uses of a pot."""
    fields = scheme.edition.fields
    for key, item in scheme.indicators.items():
        tree = item.value.tree if item.value is not None else None
        if not isinstance(tree, Operation) or tree.op != "/" or item.unit != SHARE_UNIT:
            continue
        a, b = tree.parts
        if not isinstance(a, Name) or not isinstance(b, Name) or a.id not in fields or b.id not in fields:
            continue
        if fields[a.id].unit == fields[b.id].unit:
            yield a.id, b.id, f"{key} {item.name}用前者除以后者", item.cite
    for pot in scheme.edition.funds.values():
        for use in pot.uses.values():
            whole = pot.uses[use.inside].amount if use.inside else pot.total
            if use.amount in fields and whole in fields:
                yield use.amount, whole, f"前者是{pot.name}里后者的一部分", use.cite


def check(scheme: Scheme, subject: str, read: CountyRead) -> list[Problem]:
    """D119 and D120 of one county."""
    return [*_parts(scheme, subject, read), *_row_points(scheme, subject, read)]


def _value(read: Read | None) -> Exact | None:
    return read.value if read is not None and read.state == State.FILLED else None


def _place(read: Read, subject: str, key: str) -> Place:
    at = read.origin
    return Place(at.workbook, at.sheet, at.cell, key, subject) if at else Place(field=key, subject=subject)


def _parts(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    told = set()
    for part, whole, why, cites in whole_and_part(scheme):
        a, b = _value(read.fields.get(part)), _value(read.fields.get(whole))
        if a is None or b is None or a <= b or (part, whole) in told:
            continue
        told.add((part, whole))
        one, other = scheme.edition.fields[part], scheme.edition.fields[whole]
        what = f"“{one.name}”{quantity_text(a, one.unit)}，大于“{other.name}”{quantity_text(b, other.unit)}"
        clause = str(scheme.citation(cites[0])) if cites else ""
        place = _place(read.fields[part], subject, part)
        yield Problem("D119", what, why, "核对两个数；确实如此的不用改", place, scheme.place("fields", part), clause)


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
        points = [_value(row.cells.get(brought)) for row in mine]
        known = [value for value in points if value is not None]
        if not rows.rows or len(known) != len(points) or sum(known) == full:
            continue
        node, cites = scheme.indicators[parent], scheme.indicators[parent].cite
        name = scheme.edition.lists[list_id].columns[brought].name
        what = f"“{node.name}”各行{name}合计 {quantity_text(sum(known), '分')}，规定 {quantity_text(full, '分')}"
        # a block without a row has no cell of its own: the first row shows where the rows stand
        row, column = (mine[0], brought) if mine else (rows.rows[0], by or brought)
        place = _place(row.cells[column], subject, f"{list_id}.{column}")
        clause = str(scheme.citation(cites[0])) if cites else ""
        yield Problem(
            "D120", what, "得分按各行所填分值相加", "核对各行分值", place, scheme.place("indicators", parent), clause
        )
