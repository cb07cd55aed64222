"""The sheet on which a county scores itself: the tree of indicators with points, rule, clause and running totals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.styles import Alignment, Protection
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.intake import layout
from evaltool.intake.templates import styling as look
from evaltool.intake.templates.clauses import short_clauses
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import number_of

LABELS = {
    "no": ("编号", 8),
    "name": ("指标", 32),
    "points": ("满分", 7),
    "rule": ("评分规则", 58),
    "clause": ("依据条款", 18),
    "site": ("现场检查", 18),
    "self": ("自评分", 9),
    "remark": ("自评说明", 24),
}


def score_page(
    sheet: Worksheet, scheme: Scheme, selves: Mapping[str, tuple[str, Mapping[str, str]]], footer: str
) -> None:
    """selves   list → (sheet title, key → range) of the self scores entered row by row; `by:KEY` of what sorts them"""
    places = look.anchor_column(sheet, layout.SCORES, [(key, width) for key, (_, width) in LABELS.items()])
    note = "只填浅黄色的格子；由下级简单相加的上级指标自动算出，其余不算。自评分不作为计分依据，用来与按数据计算的得分核对。"
    look.heading(sheet, layout.TITLES[layout.SCORES], note, len(places) + 1)
    sheet.cell(4, 1).value = layout.LABELS
    look.head_row(sheet, 4, [(places[key], label) for key, (label, _) in LABELS.items()])
    sheet.freeze_panes = sheet.cell(5, places["points"]).coordinate
    nodes = list(scheme.tree())
    rows = {key: row for row, (_, key) in enumerate(nodes, 5)}
    leaves, checks = set(scheme.leaves()), look.Choices(sheet)
    for depth, key in nodes:
        item, row = scheme.indicators[key], rows[key]
        leaf = key in leaves
        sheet.cell(row, 1).value = f"indicator:{key}"
        font, fill = (look.PLAIN, None) if leaf else (look.BOLD, look.GROUP_FILL)
        rule = "；".join(part for part in (rule_sentence(scheme, key).rstrip("。"), item.note) if part) + "。"
        clauses = short_clauses(scheme, item.cite)
        look.put(sheet, row, places["no"], number_of(key, item), font, look.CENTRE, fill=fill)
        indent = Alignment(wrap_text=True, vertical="center", indent=max(0, depth - 1))
        look.put(sheet, row, places["name"], item.name, font, indent, fill=fill)
        look.put(sheet, row, places["points"], _points(item.points), font, look.CENTRE, fill=fill)
        look.put(sheet, row, places["rule"], rule, look.SMALL, fill=fill)
        look.put(sheet, row, places["clause"], clauses, look.SMALL, fill=fill)
        look.put(sheet, row, places["site"], item.site_check or _site(scheme, key), look.SMALL, fill=fill)
        look.put(sheet, row, places["remark"], None, fill=fill)
        if leaf:
            cell = look.put_input(sheet, row, places["self"])
            look.put_input(sheet, row, places["remark"], look.TEXT)
            most = layout.most_points(item)
            if most is not None:
                full = decimal_text(most)
                within = {"name": "自评分", "type": "points", "between": ["0", full]}
                checks.field(cell.coordinate, FieldDef.model_validate(within), f"0 到 {full} 分")
        else:
            formula = _gathered(scheme, key, rows, places["self"], sheet, selves)
            cell = look.put(sheet, row, places["self"], formula, font, look.CENTRE, fill=fill, formula=True)
            cell.protection = Protection(locked=True)
        lines = max(look.lines(rule, 60), look.lines(clauses, 18), look.lines(item.name, 30 - 2 * depth))
        sheet.row_dimensions[row].height = max(20.0, 13.0 * lines + 5)
    look.finish(sheet, landscape=True, titles="4:4", footer=footer)


def _points(points: Any) -> Any:
    if isinstance(points, int) or points is None:
        return points
    return points if isinstance(points, str) else float(points)


def _site(scheme: Scheme, key: str) -> str:
    """The site checks of the fields that the indicator looks at."""
    item = scheme.indicators[key]
    names = list(item.value.names()) if item.value is not None else []
    names += list(getattr(item.rule, "items", {}))
    checks = [scheme.edition.fields[name].site_check for name in names if name in scheme.edition.fields]
    return "；".join(dict.fromkeys(check for check in checks if check))


def _gathered(
    scheme: Scheme,
    key: str,
    rows: Mapping[str, int],
    column: int,
    sheet: Worksheet,
    selves: Mapping[str, tuple[str, Mapping[str, str]]],
) -> str | None:
    """The running total of a node: its parts added up, and the rows of the lists that it gathers; nothing where the
    parts are not simply added up, or nobody scores all of them."""
    if not scheme.adds_up(key):
        return None
    parts = [sheet.cell(rows[child], column).coordinate for child in scheme.children.get(key, ()) if child in rows]
    for parent, indicator, list_id, label in layout.gathered(scheme):
        if parent == key:
            title, ranges = selves[list_id]
            place = f"'{title}'!{ranges[indicator]}"
            if label:
                parts.append(f"SUMIF('{title}'!{ranges['by:' + indicator]},\"{label}\",{place})")
            else:
                parts.append(place)
    return f"=SUM({','.join(parts)})" if parts else None
