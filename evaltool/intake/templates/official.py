"""The 省级认定表: what no county says of itself, a row a county, each entry with who and when."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.files import write_bytes
from evaltool.intake import layout
from evaltool.intake.corrections import LABELS as CORRECTION_LABELS
from evaltool.intake.corrections import WHEN
from evaltool.intake.official_reading import PARTS, parts_of, title_of
from evaltool.intake.roster import roster_of
from evaltool.intake.templates import styling as look
from evaltool.intake.templates.county_template import note_of, unit_of
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

_WIDTHS = {"value": 12, "reason": 28, "source": 36, "who": 10, "when": 12}
_OPTIONS = "options"  # the hidden sheet of drop-down words too many for a cell
_NOTES = {
    layout.VETO: "每项都要写结论：有 或 经核查无。空着就是还没有核查，处理待定。结论要有核查人和日期，否则不采用。",
    layout.JUDGED: "空着就是待认定。每项要有评审人和日期；有“理由”一栏的要写理由，否则不采用。",
    layout.OUTCOME: "等次出来以后再填；空着就是待定。每项要有核查人和日期。",
    layout.ROUND: "全部对象共用的外部数据，一项一行，要有来源、填报人和日期，否则不采用。",
    layout.CORRECTIONS: "一行更正一个数。原值照自评表里填的写（没有填的写“未填”）；清单要写第几行。缺项或原值不符的不采用。",
}


def official_template(scheme: Scheme, roster: pd.DataFrame, path: str | Path) -> Path:
    """Writes the empty 省级认定表 for the counties of `roster`; the same inputs give the same bytes."""
    table, _ = roster_of(roster)
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.title = layout.TITLES[layout.COVER]
    footer = f"{scheme.name} · 省级认定表 · {scheme.key}"
    sheets = layout.official_sheets(scheme)
    for name, keys in sheets.items():
        sheet = book.create_sheet(layout.TITLES[name])
        if name == layout.ROUND:
            _round_page(sheet, scheme, keys, footer)
        else:
            _county_page(sheet, scheme, name, keys, table, footer)
    labels = list(layout.correction_labels(scheme))
    _corrections_page(book.create_sheet(layout.TITLES[layout.CORRECTIONS]), table, len(labels), footer)
    words = book.create_sheet(f"_{_OPTIONS}")
    for number, label in enumerate(labels, 1):
        words.cell(number, 1, label).data_type = "s"
    for number, name in enumerate(table["name"], 1):
        words.cell(number, 2, name).data_type = "s"  # a name is never a formula
    words.sheet_state = "veryHidden"
    _cover(cover, scheme, [*sheets, layout.CORRECTIONS], len(table), footer)
    look.stamp(book, scheme, layout.OFFICIAL_BOOK, {})
    return write_bytes(path, look.workbook_bytes(book))


def _cover(sheet: Worksheet, scheme: Scheme, names: list[str], counties: int, footer: str) -> None:
    look.anchor_column(sheet, layout.COVER, [("label", 18), ("value", 70)])
    look.heading(sheet, "省级认定表", scheme.name, 3)
    rows = [
        ("指标版本", f"{scheme.edition.valid_from.isoformat()} 起施行（{scheme.key}）"),
        ("版本状态", scheme.status_text),
        ("版本校验", scheme.digest[:16]),
        (f"{scheme.edition.subject}数", str(counties)),
        *((layout.TITLES[name], _NOTES[name]) for name in names),
        ("保存", "不要删除隐藏的行、列和工作表；保存为 .xlsx，不设打开密码。"),
    ]
    for row, (label, text) in enumerate(rows, 4):
        look.put(sheet, row, 2, label, look.BOLD, fill=look.HEAD_FILL)
        look.put(sheet, row, 3, text)
        sheet.row_dimensions[row].height = max(22.0, 14.0 * look.lines(text, 68) + 6)
    look.finish(sheet, landscape=False, footer=footer)


def _part_label(name: str, part: str) -> str:
    if part == "value" and name != layout.VETO:
        return "认定值"
    return {"who": "评审人"}.get(part, PARTS[part]) if name == layout.JUDGED else PARTS[part]


def _county_page(
    sheet: Worksheet, scheme: Scheme, name: str, keys: list[str], roster: pd.DataFrame, footer: str
) -> None:
    fields = scheme.edition.fields
    columns = [("code", 9.0), ("name", 16.0)]
    for key in keys:
        columns += [(f"{part}:{key}", float(_width(part, fields[key]))) for part in parts_of(name, fields[key])]
    places = look.anchor_column(sheet, name, columns)
    for column, label in ((2, "代码"), (3, "名称")):
        sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
        look.put(sheet, 4, column, label, look.BOLD, look.CENTRE, fill=look.HEAD_FILL)
        look.put(sheet, 5, column, None, fill=look.HEAD_FILL)
    checks, last = look.Choices(sheet), 5 + len(roster)
    breaks, used = [], 25.0
    for key in keys:
        parts = parts_of(name, fields[key])
        first = places[f"value:{key}"]
        width = sum(_width(part, fields[key]) for part in parts)
        if used + width > 135 and used > 25:
            breaks.append(first - 1)
            used = 25.0
        used += width
        _field_head(sheet, scheme, name, key, first, parts)
        if roster.empty:
            continue
        item = fields[key]
        words = (layout.FOUND, layout.CLEARED) if name == layout.VETO else (layout.YES, layout.NO)
        checks.field(_span(first, 6, last), item, note_of(scheme, key, item), words)
        checks.field(_span(places[f"when:{key}"], 6, last), WHEN)
    look.heading(sheet, layout.TITLES[name], _NOTES[name], breaks[0] if breaks else len(places) + 1, first=4)
    sheet.row_dimensions[4].height = 46
    for row, (code, county) in enumerate(roster["name"].items(), 6):
        sheet.cell(row, 1).value = f"subject:{code}"
        look.put(sheet, row, 2, str(code), align=look.CENTRE).number_format = look.TEXT
        look.put(sheet, row, 3, str(county))
        for anchor, column in list(places.items())[2:]:
            part, _, key = anchor.partition(":")
            shape = {"value": look.number_format(fields[key]), "when": look.DAY}.get(part, look.TEXT)
            look.put_input(sheet, row, column, shape, centred=part == "value" and look.answered(fields[key]))
        sheet.row_dimensions[row].height = 30 if "reason" in "".join(places) else 22
    sheet.cell(5, 1).value = layout.LABELS
    sheet.freeze_panes = "D6"
    for column in breaks:
        sheet.col_breaks.append(Break(id=column))
    look.finish(sheet, landscape=True, titles="4:5", footer=footer, pages_wide=len(breaks) + 1)
    sheet.print_title_cols = "B:C"


def _width(part: str, item: FieldDef) -> float:
    longest = max((look.text_width(option) for option in item.options), default=0)
    return max(_WIDTHS[part], longest + 3 if part == "value" else 0)


def _span(column: int, first: int, last: int) -> str:
    letter = get_column_letter(column)
    return f"{letter}{first}:{letter}{last}"


def _field_head(sheet: Worksheet, scheme: Scheme, name: str, key: str, first: int, parts: list[str]) -> None:
    item = scheme.edition.fields[key]
    clause = str(scheme.citation(item.cite[0]).clause) if item.cite else ""
    title = title_of(name, item)
    sheet.merge_cells(start_row=4, end_row=4, start_column=first, end_column=first + len(parts) - 1)
    for offset, part in enumerate(parts):
        lines = (title, layout.stage_text(scheme, item), clause)
        text = "\n".join(line for line in lines if line) if offset == 0 else None
        look.put(sheet, 4, first + offset, text, look.BOLD, look.CENTRE, fill=look.HEAD_FILL)
        look.put(sheet, 5, first + offset, _part_label(name, part), look.BOLD, look.CENTRE, fill=look.HEAD_FILL)


def _round_page(sheet: Worksheet, scheme: Scheme, keys: list[str], footer: str) -> None:
    parts = ("value", "source", "who", "when")
    columns = [("name", 34.0), ("unit", 8.0), *((part, float(_WIDTHS[part])) for part in parts), ("note", 40.0)]
    places = look.anchor_column(sheet, layout.ROUND, columns)
    look.heading(sheet, layout.TITLES[layout.ROUND], _NOTES[layout.ROUND], len(places) + 1)
    sheet.cell(4, 1).value = layout.LABELS
    words = ("项目", "单位", "值", "来源（机关、文件、日期）", "填报人", "日期", "说明")
    look.head_row(sheet, 4, list(zip(places.values(), words, strict=True)))
    checks = look.Choices(sheet)
    for row, key in enumerate(keys, 5):
        item = scheme.edition.fields[key]
        note = "；".join(part for part in (item.source, note_of(scheme, key, item)) if part)
        sheet.cell(row, 1).value = f"field:{key}"
        look.put(sheet, row, places["name"], item.name)
        look.put(sheet, row, places["unit"], unit_of(item), align=look.CENTRE)
        look.put(sheet, row, places["note"], note, look.SMALL)
        for part in ("value", "source", "who", "when"):
            shape = {"value": look.number_format(item), "when": look.DAY}.get(part, look.TEXT)
            look.put_input(sheet, row, places[part], shape)
        checks.field(sheet.cell(row, places["value"]).coordinate, item)
        checks.field(sheet.cell(row, places["when"]).coordinate, WHEN)
        sheet.row_dimensions[row].height = max(30.0, 13.0 * look.lines(note, 44) + 5)
    look.finish(sheet, landscape=True, titles="4:4", footer=footer)


def _corrections_page(sheet: Worksheet, roster: pd.DataFrame, labels: int, footer: str) -> None:
    widths = {"county": 18, "item": 36, "row": 9, "old": 14, "new": 14, "why": 40, "who": 10, "when": 12}
    places = look.anchor_column(sheet, layout.CORRECTIONS, [(part, float(widths[part])) for part in CORRECTION_LABELS])
    look.heading(sheet, layout.TITLES[layout.CORRECTIONS], _NOTES[layout.CORRECTIONS], len(places) + 1)
    sheet.cell(4, 1).value = layout.LABELS
    look.head_row(sheet, 4, [(places[part], label) for part, label in CORRECTION_LABELS.items()])
    last = 4 + layout.CORRECTION_ROWS
    for row in range(5, last + 1):
        for part, column in places.items():
            shape = look.DAY if part == "when" else "General" if part in ("old", "new", "row") else look.TEXT
            look.put_input(sheet, row, column, shape)
        sheet.row_dimensions[row].height = 20
    checks = look.Choices(sheet)
    if labels:
        checks.reference(_span(places["item"], 5, last), f"_{_OPTIONS}!$A$1:$A${labels}")
    if len(roster):
        checks.reference(_span(places["county"], 5, last), f"_{_OPTIONS}!$B$1:$B${len(roster)}")
    checks.field(_span(places["when"], 5, last), WHEN)
    sheet.freeze_panes = "B5"
    look.finish(sheet, landscape=True, titles="4:4", footer=footer)
    sheet.print_area = f"B2:{get_column_letter(len(places) + 1)}{last}"
