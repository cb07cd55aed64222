"""The workbook that one county fills in: cover, basic data, self scores, one sheet a list, all from the scheme."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.files import write_bytes
from evaltool.intake import layout
from evaltool.intake.purposes import purposes
from evaltool.intake.templates import styling as look
from evaltool.intake.templates.clauses import legend, short_clauses
from evaltool.intake.templates.list_sheet import list_page
from evaltool.intake.templates.score_sheet import score_page
from evaltool.quantities import SCORE_UNIT, SHARE_UNIT
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

LABELS = {
    "no": ("序号", 5),
    "name": ("项目", 34),
    "unit": ("单位", 7),
    "value": ("填报值", 15),
    "evidence": ("佐证材料（文件名、文号、页码）", 32),
    "note": ("填写说明", 46),
    "clause": ("依据条款", 18),
}


def county_of(county: str | Mapping[str, str] | None) -> dict[str, str]:
    """Code, name and city of the county a workbook is made for; a plain text is its name."""
    if isinstance(county, str):
        county = {"name": county}
    return {key: str((county or {}).get(key) or "") for key in ("code", "name", "city")}


def template(
    scheme: Scheme,
    path: str | Path,
    county: str | Mapping[str, str] | None = None,
    prefill: Mapping[str, Any] | None = None,
) -> Path:
    """Writes the empty workbook of one county; the same inputs give the same bytes.

    county    code, name and city as in the roster (or just the name)
    prefill   field → value that is already known, written into the input cell for the county to check
    """
    return write_bytes(path, look.workbook_bytes(build(scheme, county_of(county), prefill or {})))


def build(scheme: Scheme, county: dict[str, str], prefill: Mapping[str, Any]) -> Workbook:
    """The template as a workbook in memory."""
    book = Workbook()
    footer = f"{scheme.name} · {county['name'] or '（名称）'} · {scheme.key}"
    cover = book.active
    assert cover is not None
    cover.title = layout.TITLES[layout.COVER]
    fields = book.create_sheet(layout.TITLES[layout.FIELDS])
    field_page(fields, scheme, prefill, footer)
    pages = [fields.title]
    scores = None
    if layout.claimed_columns(scheme):
        scores = book.create_sheet(layout.TITLES[layout.SCORES])
        pages.append(scores.title)
    selves: dict[str, tuple[str, dict[str, str]]] = {}
    for list_id in scheme.filled_lists:
        sheet = book.create_sheet(layout.list_label(scheme, list_id))
        selves[list_id] = (sheet.title, list_page(sheet, scheme, list_id, footer))
        pages.append(sheet.title)
    if scores is not None:
        score_page(scores, scheme, selves, footer)
    cover_page(cover, scheme, county, pages, footer)
    look.stamp(book, scheme, layout.COUNTY_BOOK, county)
    return book


def cover_page(sheet: Worksheet, scheme: Scheme, county: dict[str, str], pages: list[str], footer: str) -> None:
    """What this workbook is, how it is filled in, and who signs."""
    places = look.anchor_column(sheet, layout.COVER, [("label", 16), ("value", 30), ("label2", 16), ("value2", 30)])
    look.heading(sheet, scheme.name, "", 5)
    row = 4
    facts = [
        ("name", f"{scheme.edition.subject}名称", county["name"]),
        ("code", "代码", county["code"]),
        ("city", "所属市州", county["city"]),
        ("edition", "指标版本", f"{scheme.edition.valid_from.isoformat()} 起施行（{scheme.key}）"),
        ("status", "版本状态", scheme.status_text),
        ("stamp", "版本校验", scheme.digest[:16]),
        ("sources", "依据文件", "\n".join(legend(scheme))),
    ]
    for key, label, value in facts:
        sheet.cell(row, 1).value = key
        look.put(sheet, row, places["label"], label, look.BOLD, fill=look.HEAD_FILL)
        sheet.merge_cells(start_row=row, end_row=row, start_column=3, end_column=5)
        for column in (3, 4, 5):
            look.put(sheet, row, column, value if column == 3 else None)
        sheet.row_dimensions[row].height = max(20.0, 14.0 * look.lines(value, 76) + 6)
        row += 1
    row += 1
    for number, text in enumerate(_how_to(scheme, pages), 1):
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=5)
        look.put(sheet, row, 2, f"{number}. {text}", border=False)
        sheet.row_dimensions[row].height = 14.0 * look.lines(f"{number}. {text}", 92) + 4
        row += 1
    row += 1
    for left, right in (("填报人", "联系电话"), ("审核人", "填报日期"), ("负责人", "单位（公章）")):
        for column, label in ((2, left), (4, right)):
            look.put(sheet, row, column, label, look.BOLD, fill=look.HEAD_FILL)
            look.put_input(sheet, row, column + 1, look.DAY if label == "填报日期" else look.TEXT)
        sheet.row_dimensions[row].height = 60 if "公章" in right else 28
        row += 1
    look.finish(sheet, landscape=False, footer=footer)


def _how_to(scheme: Scheme, pages: list[str]) -> list[str]:
    edition = scheme.edition
    kinds = {item.type for item in edition.fields.values()}
    kinds |= {item.type for rows in scheme.filled_lists.values() for item in rows.columns.values()}
    texts = [
        f"请依次填写：{'、'.join(pages)}。只填浅黄色的格子，其余格子已锁定。",
        "数字只填数，单位按表头，不写进格里；不填“约”“左右”、范围和合计式。填 0 和不填不是一回事：确实没有的填 0。",
    ]
    if "share" in kinds:
        texts.append("占比、增速带百分号，如 95%、21.3%。")
    if "yesno" in kinds or "choice" in kinds or "date" in kinds:
        texts.append("是与否、可选项从下拉列表里选；日期按 2020-06-05 的样子填。")
    if scheme.filled_lists:
        texts.append("清单一行一件，并在表上方填“填报行数”；一件都没有的填 0。不够时在中间插入行。")
    if layout.claimed_columns(scheme):
        texts.append("自评分只填最末一级指标，合计自动算出。")
    texts += [
        "佐证材料写文件名、文号或页码，一格写不下可另附目录。",
        "不要删除或改动隐藏的行、列和工作表，不要合并单元格；程序靠它们找到各项。",
        "填完后保存为 .xlsx，不设打开密码，报回原件（不要转成 PDF）。打印盖章件另报。",
    ]
    return texts


def field_page(sheet: Worksheet, scheme: Scheme, prefill: Mapping[str, Any], footer: str) -> None:
    """One row a field that the county fills in, under the heading of what uses it."""
    places = look.anchor_column(sheet, layout.FIELDS, [(key, width) for key, (_, width) in LABELS.items()])
    look.heading(sheet, layout.TITLES[layout.FIELDS], "浅黄色的格子由填报单位填写。", len(places) + 1)
    row = 4
    sheet.cell(row, 1).value = layout.LABELS
    look.head_row(sheet, row, [(places[key], label) for key, (label, _) in LABELS.items()])
    sheet.freeze_panes = sheet.cell(row + 1, places["unit"]).coordinate
    uses, checks = purposes(scheme), look.Choices(sheet)
    groups: dict[str, list[str]] = {}
    for key in layout.county_fields(scheme):
        groups.setdefault(uses.group(key), []).append(key)
    number = 0
    for title, keys in groups.items():
        row += 1
        for column in places.values():
            look.put(sheet, row, column, title if column == places["no"] else None, look.BOLD, fill=look.GROUP_FILL)
        sheet.merge_cells(start_row=row, end_row=row, start_column=places["no"], end_column=places["clause"])
        sheet.row_dimensions[row].height = 20
        for key in keys:
            row, number = row + 1, number + 1
            sheet.cell(row, 1).value = f"field:{key}"
            _field_row(sheet, row, places, scheme, key, number, prefill.get(key))
            prompt = note_of(scheme, key, scheme.edition.fields[key])
            checks.field(sheet.cell(row, places["value"]).coordinate, scheme.edition.fields[key], prompt)
    look.finish(sheet, landscape=True, titles="4:4", footer=footer)


def _field_row(
    sheet: Worksheet, row: int, places: dict[str, int], scheme: Scheme, key: str, number: int, value: Any
) -> None:
    item = scheme.edition.fields[key]
    note = note_of(scheme, key, item)
    clauses = short_clauses(scheme, item.cite)
    look.put(sheet, row, places["no"], number, align=look.CENTRE)
    look.put(sheet, row, places["name"], item.name)
    look.put(sheet, row, places["unit"], unit_of(item), align=look.CENTRE)
    look.put_input(sheet, row, places["value"], look.number_format(item), value, centred=look.answered(item))
    look.put_input(sheet, row, places["evidence"], look.TEXT)
    look.put(sheet, row, places["note"], note, look.SMALL)
    look.put(sheet, row, places["clause"], clauses, look.SMALL)
    most = max(look.lines(item.name, 34), look.lines(note, 48), look.lines(clauses, 18))
    sheet.row_dimensions[row].height = max(20.0, 13.0 * most + 5)


def unit_of(item: FieldDef) -> str:
    """What stands in the unit column."""
    shown = {"share": "%", "points": SCORE_UNIT, "yesno": "是/否", "choice": "选项", "date": "日期", "text": "文字"}
    return item.unit if item.unit and item.unit != SHARE_UNIT else shown.get(item.type, "")


def note_of(scheme: Scheme, key: str, item: FieldDef) -> str:
    """What the county is told about a field or `list.column`: the note of the scheme, its use, evidence, site check."""
    parts = [layout.stage_text(scheme, item), item.note]
    if item.options:
        parts.append("可选：" + "、".join(item.options))
    if item.between:
        parts.append(f"在 {item.between[0]} 到 {item.between[1]} 之间")
    parts.append(purposes(scheme).sentence(key))
    if item.evidence:
        parts.append(f"佐证：{'、'.join(item.evidence)}")
    if item.site_check:
        parts.append(f"现场检查：{item.site_check}")
    return "；".join(part for part in parts if part)
