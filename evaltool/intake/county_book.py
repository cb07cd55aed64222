"""Reading one county's workbook: plain fields, evidence and self scores; its lists are read by `list_reading`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.claimed_totals import read_totals
from evaltool.intake.list_reading import ListRead, read_list
from evaltool.intake.opened import Book, Sheet
from evaltool.intake.sheet_reading import Asked, Read, SheetReader
from evaltool.intake.template_texts import check_heads, check_points, check_row, word
from evaltool.intake.templates.county_template import LABELS as FIELD_LABELS
from evaltool.intake.templates.county_template import unit_of
from evaltool.intake.templates.list_sheet import SELF_FIELD
from evaltool.intake.templates.score_sheet import LABELS as SCORE_LABELS
from evaltool.problems import Problem
from evaltool.quantities import Exact, decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.models import Indicator

LOST = Read(None, State.UNREADABLE, None)


@dataclass
class CountyRead:
    """What one county's workbook says.

    evidence     text by field, and by list (row by row in one text)
    evidence_at  the cell it stands in, by field; that of a list's row stands in the row
    totals       indicator put together by simple adding → what its own cell on the score sheet shows
    """

    fields: dict[str, Read] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    evidence_at: dict[str, Origin] = field(default_factory=dict)
    claimed: dict[str, tuple[Exact, Origin]] = field(default_factory=dict)
    totals: dict[str, tuple[Exact, Origin]] = field(default_factory=dict)
    lists: dict[str, ListRead] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_county(book: Book, scheme: Scheme, subject: str, on: dt.date | None = None) -> CountyRead:
    """Everything in the workbook, with its problems in reading order. Never raises on bad data.

    on  the day on which the round stands: before a stage a blank of its fields is no shortfall
    """
    reader, made = SheetReader(scheme, book, subject, on), CountyRead()
    _fields(reader, made)
    for list_id in scheme.filled_lists:
        made.lists[list_id] = read_list(reader, list_id)
        if made.lists[list_id].evidence:
            made.evidence[list_id] = made.lists[list_id].evidence
    if layout.claimed_columns(scheme):
        _scores(reader, made)
    reader.about_book()
    made.problems = reader.problems
    return made


def _fields(reader: SheetReader, made: CountyRead) -> None:
    scheme, title = reader.scheme, layout.TITLES[layout.FIELDS]
    wanted = layout.county_fields(scheme)
    if not wanted:
        return
    made.fields = dict.fromkeys(wanted, LOST)
    sheet = reader.one_sheet(layout.FIELDS, title, f"表里 {len(wanted)} 项都没有读")
    column = reader.one_column(sheet, "value", "填报值", f"表里 {len(wanted)} 项都没有读") if sheet else None
    if sheet is None or column is None:
        return
    check_heads(reader, sheet, {key: label for key, (label, _) in FIELD_LABELS.items()}, {"value": None})
    names = {word(item.name) for item in wanted.values()}
    for key, item in wanted.items():
        asked = reader.asked(key, item, item.cite)
        row = reader.one_row(sheet, f"field:{key}", item.name, key, asked.clause)
        if row is None:
            continue
        check_row(reader, sheet, row, item.name, names, key, item, unit_of(item))
        silent = item.asked_when is not None or layout.asked_later(scheme, item, reader.on)
        silent = silent or (item.blank is not None and item.blank.means == "never")
        found = reader.read(sheet, row, column, asked, blank_matters=not silent)
        made.fields[key] = found
        made.evidence[key] = evidence = reader.evidence(sheet, row)
        if evidence and (at := reader.evidence_at(sheet, row)):
            made.evidence_at[key] = at
        if item.evidence and found.state == State.FILLED and found.value not in (False, 0) and not evidence:
            place = reader.column(sheet, "evidence")
            what = f"“{item.name}”没有列佐证材料（{'、'.join(item.evidence)}）"
            why = "没有佐证，核查时可能不予认定"
            reader.complain("D117", what, why, "写上文件名、文号或页码", sheet=sheet, at=(row, place or column), key=key,
                            clause=asked.clause)  # fmt: skip


def _scores(reader: SheetReader, made: CountyRead) -> None:
    scheme = reader.scheme
    sheet = reader.one_sheet(layout.SCORES, layout.TITLES[layout.SCORES], "自评分没有读，不影响按数据计分")
    column = reader.one_column(sheet, "self", "自评分", "自评分没有读，不影响按数据计分") if sheet else None
    if sheet is not None and column is not None:
        check_heads(reader, sheet, {key: label for key, (label, _) in SCORE_LABELS.items()}, {"self": SELF_FIELD})
        names = {word(item.name) for item in scheme.indicators.values()}
        for key in scheme.leaves():
            _score(reader, made, sheet, column, key, names)
        made.totals = read_totals(reader, sheet, column)
    gather(scheme, made)


def _score(reader: SheetReader, made: CountyRead, sheet: Sheet, column: int, key: str, names: set[str]) -> None:
    item = reader.scheme.indicators[key]
    clause = str(reader.scheme.citation(item.cite[0])) if item.cite else ""
    row = reader.one_row(sheet, f"indicator:{key}", item.name, key, clause)
    if row is None:
        return
    check_row(reader, sheet, row, item.name, names, key)
    check_points(reader, sheet, row, item.name, item.points, key)
    field = FieldDef(name=f"{item.name}的自评分", type="points")
    asked = Asked(key, field, "自评分用来与计算得分核对", clause)
    found = reader.read(sheet, row, column, asked)
    if found.state != State.FILLED or found.origin is None:
        return
    made.claimed[key] = (found.value, found.origin)
    above = above_full(item, found.value)
    if above:
        reader.complain("D116", above, asked.why, "核对自评分", sheet=sheet, at=(row, column), key=key, clause=clause)


def above_full(item: Indicator, score: Exact) -> str:
    """What is wrong with a self score above all that the indicator can come to; empty where it is not."""
    most = layout.most_points(item)
    if most is None or score <= most:
        return ""
    return f"“{item.name}”自评 {decimal_text(score)} 分，最多 {decimal_text(most)} 分"


def gather(scheme: Scheme, made: CountyRead) -> None:
    """The self score of an indicator that gathers scored rows: their sum, where every row has one."""
    sums: dict[str, list[tuple[Exact, Origin] | None]] = {}
    for parent, indicator, list_id, label in layout.gathered(scheme):
        above = scheme.indicators[indicator].parent
        by = above.get("by", "") if isinstance(above, dict) else ""
        whole = made.lists[list_id].state == State.FILLED
        if not whole:  # nobody knows whether these are all rows
            sums.setdefault(parent, []).append(None)
        for row in made.lists[list_id].rows:
            if not label or (by in row.cells and row.cells[by].value == label):
                sums.setdefault(parent, []).append(row.claimed.get(indicator))
    for parent, parts in sums.items():
        known = [part for part in parts if part is not None]
        if known and len(known) == len(parts):
            first = known[0][1]
            note = f"{len(known)} 行自评分之和"
            made.claimed[parent] = (
                sum(value for value, _ in known),
                Origin(first.workbook, first.sheet, first.cell, note),
            )
