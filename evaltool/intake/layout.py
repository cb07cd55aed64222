"""What the workbooks consist of, and the anchors by which template, reader and marked copy find each other's cells.

Every sheet that is read has a hidden row and a hidden column that cross in a *corner*: the corner names the sheet
(`sheet:fields`), the cells to the right of it name columns (`value`, `column:sign`), the cells below it name rows
(`field:towns`, `labels`, `count`). A reader that follows the anchors does not care where a row or column has moved or
what a sheet is called now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from evaltool.intake.entries.entry import understand
from evaltool.quantities import Exact
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef, ListDef
from evaltool.scheme.formula import Name, walk
from evaltool.scheme.looks import parents_of
from evaltool.scheme.models import Indicator

FORMAT = "1"
STAMP_SHEET = "_evaltool"
STAMP = "evaltool"  # in A1 of the stamp sheet
COUNTY_BOOK, OFFICIAL_BOOK, PROVINCE_BOOK = "county", "official", "province"
LABELS, COUNT = "labels", "count"
OWN_ROWS = 200  # unlocked rows of a list that brings its own rows; more may be inserted
SHOWN_ROWS = 40  # of which so many are drawn (and printed) while they are empty
CORRECTION_ROWS = 60

COVER, FIELDS, SCORES = "cover", "fields", "scores"
VETO, JUDGED, OUTCOME, ROUND, CORRECTIONS = "veto", "judged", "outcome", "round", "corrections"
PROVINCE, PROVINCE_SCORES = "province", "province_scores"
PROVINCE_SHEETS = (PROVINCE, PROVINCE_SCORES)  # those with a row a county
TITLES = {
    COVER: "填报说明",
    FIELDS: "基础数据",
    SCORES: "自评打分",
    VETO: "否决核查",
    JUDGED: "评审认定",
    OUTCOME: "结果与整改",
    ROUND: "外部数据",
    CORRECTIONS: "更正",
    PROVINCE: "汇总表",
    PROVINCE_SCORES: "自评打分汇总",
}
YES, NO = "是", "否"
FOUND, CLEARED = "有", "经核查无"


def corner(sheet: str) -> str:
    return f"sheet:{sheet}"


def list_sheet(list_id: str) -> str:
    return f"list:{list_id}"


def county_fields(scheme: Scheme) -> dict[str, FieldDef]:
    """The plain fields that a county fills in."""
    return {key: item for key, item in scheme.fields_by("county").items() if item.scope == "subject"}


def county_columns(item: ListDef) -> dict[str, FieldDef]:
    """The columns of a list that a county fills in: neither given by the edition nor somebody else's."""
    return {key: col for key, col in item.columns.items() if col.filled_by == "county" and key not in item.given}


def fact_columns(item: ListDef) -> list[str]:
    """The columns of the facts of a list; a calendar adds its period and due date."""
    return (["period", "due"] if item.rows_from == "calendar" else []) + list(item.columns)


def wants_evidence(item: ListDef) -> bool:
    return any(column.evidence for column in item.columns.values())


def list_label(scheme: Scheme, list_id: str) -> str:
    """The name of a list as a sheet title: short enough, without forbidden characters, and no other sheet's name."""
    taken = {*TITLES.values(), STAMP_SHEET}
    for key, item in scheme.filled_lists.items():
        name = "".join(ch for ch in item.name if ch not in "[]:*?/\\'")[:28] or key
        while name in taken:
            name = f"{name[:26]}_{len(taken)}"
        taken.add(name)
        if key == list_id:
            return name
    raise KeyError(list_id)


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A row that the edition brings: its key, what is written in it, and the calendar's period and due date."""

    key: str
    given: dict[str, str]
    period: str = ""
    due: dt.date | None = None


def fixed_rows(item: ListDef) -> list[FixedRow]:
    """The rows of a list that the edition fixes, none for a list of own rows.

    A calendar's report on a period is due on `due_day` of the month after it (cut to that month's length), or on the
    later date to which the edition says that it was shifted.
    """
    if item.rows_from == "edition":
        return [FixedRow(f"row:{i}", dict(row)) for i, row in enumerate(item.rows, 1)]
    if item.rows_from != "calendar" or item.start is None or item.end is None or item.every is None:
        return []
    rows, first, months = [], _period_start(item.start, MONTHS[item.every]), MONTHS[item.every]
    while first <= item.end:
        following = _months_on(first, months)
        length = (_months_on(following, 1) - following).days
        due = following.replace(day=min(int(item.due_day or 1), length))
        period = _period(first, item.every)
        rows.append(FixedRow(f"row:{period}", {}, period, item.shifted.get(due, due)))
        first = following
    return rows


MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def _period_start(day: dt.date, months: int) -> dt.date:
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _months_on(day: dt.date, months: int) -> dt.date:
    """The first of a month, `months` later."""
    count = day.year * 12 + day.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def _period(first: dt.date, every: str) -> str:
    match every:
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year} 年第 {(first.month + 2) // 3} 季度"
        case "half_year":
            return f"{first.year} 年{'上' if first.month == 1 else '下'}半年"
    return f"{first.year} 年"


def given_values(item: ListDef, fixed: FixedRow) -> dict[str, Any]:
    """What the edition itself says in a row: given columns, period and due date."""
    values: dict[str, Any] = {key: understand(item.columns[key], fixed.given.get(key)).value for key in item.given}
    if item.rows_from == "calendar":
        values |= {"period": fixed.period, "due": fixed.due}
    return values


PERIODS = {"month": "月份", "quarter": "季度", "half_year": "半年", "year": "年度"}


def stage_text(scheme: Scheme, item: FieldDef) -> str:
    """From when on a field is asked: “到验收阶段填报”; empty for what is asked from the beginning."""
    if item.stage is None:
        return ""
    stage = scheme.edition.stages[item.stage]
    name = stage.name if stage.name.endswith(("阶段", "期")) else f"{stage.name}阶段"
    return f"到{name}{f'（{stage.start} 起）' if stage.start else ''}填报"


def asked_later(scheme: Scheme, item: FieldDef, on: dt.date | None) -> bool:
    """Whether a field belongs to a stage of which nobody can say that it has begun, so that a blank is no shortfall."""
    if item.stage is None:
        return False
    stage = scheme.edition.stages[item.stage]
    begun = stage.start or stage.end
    return on is None or begun is None or on < begun


def most_points(item: Indicator) -> Exact | None:
    """The most that an indicator can come to; None where that is not one number, or where there is no cap."""
    most = item.points if item.cap is None else item.cap
    return most if isinstance(most, int | Fraction) else None


def row_scores(scheme: Scheme, list_id: str) -> list[str]:
    """The row indicators of a list that carry points: a county scores itself on them row by row."""
    return [key for key, item in scheme.indicators.items() if item.per == list_id and item.points is not None]


def gathered(scheme: Scheme) -> Iterator[tuple[str, str, str, str]]:
    """(parent, row indicator, list, label of the `by` column or "") for every parent that gathers scored rows."""
    for list_id in scheme.filled_lists:
        for key in row_scores(scheme, list_id):
            parent = scheme.indicators[key].parent
            if isinstance(parent, dict):
                yield from ((node, key, list_id, label) for label, node in parent.items() if label != "by")
            else:
                yield from ((node, key, list_id, "") for node in parents_of(scheme.indicators[key]))


def claimed_columns(scheme: Scheme) -> list[str]:
    """What a county scores itself on: the leaves, and the indicators that gather scored rows."""
    leaves = scheme.leaves()
    return leaves + [node for node in dict.fromkeys(g[0] for g in gathered(scheme)) if node not in leaves]


def after_results(scheme: Scheme, item: FieldDef) -> bool:
    """Whether the question arises only once an indicator or band is known."""
    if item.asked_when is None:
        return False
    return any(isinstance(node, Name) and node.id in scheme.indicators for node in walk(item.asked_when.tree))


def official_sheets(scheme: Scheme) -> dict[str, list[str]]:
    """Which sheet of the 省级认定表 asks for which field; sheets without a field are left out."""
    vetoes = {name for event in scheme.edition.events.values() for name in event.when.names()}
    sheets: dict[str, list[str]] = {VETO: [], JUDGED: [], OUTCOME: [], ROUND: []}
    for key, item in scheme.edition.fields.items():
        if item.scope == "round":
            sheets[ROUND].append(key)
        elif item.filled_by == "county":
            continue
        elif key in vetoes and item.type == "yesno":
            sheets[VETO].append(key)
        else:
            sheets[OUTCOME if after_results(scheme, item) else JUDGED].append(key)
    return {sheet: keys for sheet, keys in sheets.items() if keys}


def correction_labels(scheme: Scheme) -> dict[str, str]:
    """What may be corrected, as it reads in the drop-down: label → `field` or `list.column`."""
    labels: dict[str, str] = {}
    for key, item in county_fields(scheme).items():
        if item.private:
            continue  # a correction would bring back what was hidden
        labels[item.name if item.name not in labels else f"{item.name}（{key}）"] = key
    for list_id, rows in scheme.filled_lists.items():
        for column, item in county_columns(rows).items():
            if item.private:
                continue
            label = f"{rows.name}·{item.name}"
            labels[label if label not in labels else f"{label}（{column}）"] = f"{list_id}.{column}"
    return labels
