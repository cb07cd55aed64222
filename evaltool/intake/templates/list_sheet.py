"""The sheet of one list: own rows, rows that the edition fixes, or a calendar with its due dates."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.formatting.rule import FormulaRule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.intake import layout
from evaltool.intake.purposes import purposes
from evaltool.intake.templates import styling as look
from evaltool.intake.templates.clauses import short_clauses
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef, ListDef
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import formula_text

SELF_FIELD = FieldDef(name="自评分", type="points")
COUNT_FIELD = FieldDef(name="填报行数", type="count", unit="项")


def labels(scheme: Scheme, list_id: str) -> dict[str, tuple[str, float]]:
    """Header key → (visible label, width), in the order of the sheet."""
    item = scheme.edition.lists[list_id]
    found: dict[str, tuple[str, float]] = {"no": ("序号", 10)}
    if item.rows_from == "calendar":
        wide = 10 if item.every in ("month", "year") else 18
        found |= {"period": (layout.PERIODS[item.every or "month"], wide), "due": ("应报日期", 12)}
    found |= {f"given:{key}": (item.columns[key].name, 24) for key in item.given}
    for key, column in layout.county_columns(item).items():
        found[f"column:{key}"] = (_label(column), _width(column))
        if column.reason:
            found[f"reason:{key}"] = (f"{column.name}的理由", 26)
    for key in layout.row_scores(scheme, list_id):
        name = scheme.indicators[key].name
        found[f"self:{key}"] = (f"自评分（{name}）", 10)
    if layout.wants_evidence(item):
        found["evidence"] = ("佐证材料（文件名、文号、页码）", 30)
    return found


def _label(column: FieldDef) -> str:
    unit = {"share": "%", "points": "分"}.get(column.type, column.unit)
    return f"{column.name}\n（{unit}）" if unit and unit != "row" else column.name


def _width(column: FieldDef) -> float:
    if column.type == "text":
        return 24
    longest = max((look.text_width(option) for option in column.options), default=0)
    return max(11, min(18, look.text_width(_label(column)) * 0.6), longest + 3)


def list_page(sheet: Worksheet, scheme: Scheme, list_id: str, footer: str) -> dict[str, str]:
    """Writes the sheet; returns the ranges of self scores (`goal` → $H$7:$H$206) and their `by` columns (`by:goal`)."""
    item = scheme.edition.lists[list_id]
    heads = labels(scheme, list_id)
    places = look.anchor_column(sheet, layout.list_sheet(list_id), [(key, width) for key, (_, width) in heads.items()])
    look.heading(sheet, item.name, _note(scheme, list_id), len(places) + 1)
    row = 4
    own = item.rows_from == "subject"
    if own:
        _count_row(sheet, row, places, item)
        row += 1
    sheet.cell(row, 1).value = layout.LABELS
    tallest = max(look.lines(label, width) for label, width in heads.values())
    names = [(places[key], label) for key, (label, _) in heads.items()]
    look.head_row(sheet, row, names, max(30.0, 14.0 * tallest + 6))
    sheet.freeze_panes = sheet.cell(row + 1, places["no"] + 1).coordinate
    first = row + 1
    rows = layout.fixed_rows(item)
    last = row + (layout.OWN_ROWS if own else len(rows))
    for number in range(1, last - row + 1):
        fixed = None if own else rows[number - 1]
        if number <= layout.SHOWN_ROWS or not own:
            _row(sheet, row + number, places, item, number, fixed)
        else:
            _spare_row(sheet, row + number, places, item)
    _checks(sheet, places, item, scheme, list_id, first, last)
    look.finish(sheet, landscape=True, titles=f"{row}:{row}", footer=footer)
    if own:
        _draw_when_reached(sheet, places, row + layout.SHOWN_ROWS, last)
    ranges = {}
    for key in layout.row_scores(scheme, list_id):
        ranges[key] = _range(places[f"self:{key}"], first, last)
        rule = scheme.indicators[key]
        by = rule.parent.get("by") if isinstance(rule.parent, dict) else None
        column = places.get(f"column:{by}") or places.get(f"given:{by}")
        if column:
            ranges[f"by:{key}"] = _range(column, first, last)
    return ranges


def _range(column: int, first: int, last: int) -> str:
    letter = get_column_letter(column)
    return f"${letter}${first}:${letter}${last}"


def first_input(places: dict[str, int]) -> int:
    """The column of the first list column, under which the number of rows is entered."""
    return next(place for key, place in places.items() if key.startswith("column:"))


def _count_row(sheet: Worksheet, row: int, places: dict[str, int], item: ListDef) -> None:
    sheet.cell(row, 1).value = layout.COUNT
    look.put(sheet, row, places["no"], "填报行数（没有填 0）", look.BOLD, look.CENTRE, fill=look.HEAD_FILL)
    cell = look.put_input(sheet, row, first_input(places), centred=True)
    checks = look.Choices(sheet)
    checks.field(cell.coordinate, COUNT_FIELD, f"“{item.name}”填了几行就写几；一行都没有写 0")
    sheet.row_dimensions[row].height = 42


def _row(
    sheet: Worksheet, row: int, places: dict[str, int], item: ListDef, number: int, fixed: layout.FixedRow | None
) -> None:
    look.put(sheet, row, places["no"], number, look.SMALL, look.CENTRE)
    if fixed:
        sheet.cell(row, 1).value = fixed.key
    lines = 1
    for key, column in places.items():
        kind, _, name = key.partition(":")
        if kind == "period" and fixed:
            look.put(sheet, row, column, fixed.period, align=look.CENTRE)
        elif kind == "due" and fixed:
            look.put(sheet, row, column, fixed.due, align=look.CENTRE).number_format = look.DAY
        elif kind == "given" and fixed:
            text = fixed.given.get(name, "")
            look.put(sheet, row, column, text)
            lines = max(lines, look.lines(text, 24))
        elif kind == "column":
            value = fixed.given.get(name) if fixed else None
            field = item.columns[name]
            look.put_input(sheet, row, column, look.number_format(field), value, centred=look.answered(field))
        elif kind in ("reason", "evidence"):
            look.put_input(sheet, row, column, look.TEXT)
        elif kind == "self":
            look.put_input(sheet, row, column)
    sheet.row_dimensions[row].height = max(20.0, 13.0 * lines + 5)


def _spare_row(sheet: Worksheet, row: int, places: dict[str, int], item: ListDef) -> None:
    """An unlocked row that is neither drawn nor printed before the rows above it are used up."""
    for key, column in places.items():
        kind, _, name = key.partition(":")
        if kind in ("column", "reason", "evidence", "self"):
            shape = look.number_format(item.columns[name]) if kind == "column" else "General"
            look.dress(sheet.cell(row, column), look.PLAIN, look.WRAP, shape=shape, border=False, locked=False)


def _draw_when_reached(sheet: Worksheet, places: dict[str, int], first: int, last: int) -> None:
    """Spare rows get colour and lines as soon as the row above them is filled in."""
    left = get_column_letter(first_input(places))
    right = get_column_letter(max(places.values()))
    rule = FormulaRule(  # type: ignore[no-untyped-call]
        [f"COUNTA(${left}{first}:${right}{first + 1})>0"], fill=look.SPARE_FILL, border=look.BORDER
    )
    sheet.conditional_formatting.add(f"{left}{first + 1}:{right}{last}", rule)


def _checks(
    sheet: Worksheet, places: dict[str, int], item: ListDef, scheme: Scheme, list_id: str, first: int, last: int
) -> None:
    checks = look.Choices(sheet)
    for key, column in places.items():
        kind, _, name = key.partition(":")
        letter = get_column_letter(column)
        if kind == "column":
            field = item.columns[name]
            prompt = "；".join(part for part in (field.note, purposes(scheme).sentence(f"{list_id}.{name}")) if part)
            checks.field(f"{letter}{first}:{letter}{last}", field, prompt)
        elif kind == "self":
            checks.field(f"{letter}{first}:{letter}{last}", SELF_FIELD)


def _note(scheme: Scheme, list_id: str) -> str:
    """What the list is for: its note, what evidence is wanted, the rule of its rows, its clause."""
    item = scheme.edition.lists[list_id]
    parts = [item.note]
    if item.rows_from == "subject":
        parts.append("一行一件；序号不用改，行数不够时在中间插入行")
    parts += [f"{due} 应报的顺延到 {later}" for due, later in item.shifted.items()]
    for column in item.columns.values():
        said = "；".join(text for text in (layout.stage_text(scheme, column), column.note) if text)
        parts += [f"{column.name}：{said}"] if said else []
    kinds = {column.name: "、".join(column.evidence) for column in item.columns.values() if column.evidence}
    if kinds:
        parts.append("佐证：" + "，".join(f"{name}附{words}" for name, words in kinds.items()))
    parts += _grouped(scheme, list_id)
    for key in layout.row_scores(scheme, list_id):
        parts.append("评分规则：" + rule_sentence(scheme, key).rstrip("。"))
    uses = [key for column in item.columns for key in purposes(scheme).indicators.get(f"{list_id}.{column}", [])]
    named = [scheme.indicators[key] for key in dict.fromkeys(uses) if not scheme.indicators[key].per]
    if named:
        parts.append("用于 " + "、".join(indicator.name for indicator in named))
    cites = dict.fromkeys([*item.cite, *(cite for column in item.columns.values() for cite in column.cite)])
    if cites:
        parts.append(f"依据条款：{short_clauses(scheme, list(cites))}")
    return "；".join(part for part in parts if part) + "。"


def _grouped(scheme: Scheme, list_id: str) -> Iterator[str]:
    """How rows are put together in groups before anything is scored, and how a group is scored."""
    for key, item in scheme.edition.lists.items():
        if item.of != list_id:
            continue
        source = scheme.edition.lists[list_id].columns
        same = "、".join(source[name].name for name in item.by)
        made = [
            f"{column.name}{formula_text(scheme, column.value, list_id)}"
            for column in item.columns.values()
            if column.value is not None
        ]
        yield f"{same}都相同的行先汇总再计分：{'；'.join(made)}"
        for indicator in layout.row_scores(scheme, key):
            yield "汇总后的评分规则：" + rule_sentence(scheme, indicator).rstrip("。")
