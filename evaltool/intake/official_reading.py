"""Reading the 省级认定表: each entry with who and when, outside values with their source, corrections with old and new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.cells import understand
from evaltool.intake.county_book import CountyRead
from evaltool.intake.opened import Book, Sheet
from evaltool.intake.sheet_reading import Read, SheetReader
from evaltool.problems import Problem
from evaltool.scheme import Scheme
from evaltool.scheme.models import FieldDef

WHEN = FieldDef(name="日期", type="date")
_CONCLUSIONS: dict[str, bool] = {"有": True, "是": True, "经核查无": False, "经核查否": False}


@dataclass
class Entry:
    """One accepted or waiting entry of the province."""

    value: Any
    state: State
    origin: Origin | None
    reason: str = ""


@dataclass
class Correction:
    """One accepted correction; `row` counts the list's rows as filled in, from 1."""

    code: str
    list_id: str
    key: str
    row: int
    value: Any
    origin: Origin
    reason: str


@dataclass
class OfficialRead:
    """What the 省级认定表 says."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    round_values: dict[str, Entry] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_official(book: Book, scheme: Scheme, roster: pd.DataFrame, counties: Mapping[str, CountyRead]) -> OfficialRead:
    """Every entry, with its problems in reading order. An empty entry is pending without a word."""
    reader, made = SheetReader(scheme, book, ""), OfficialRead()
    for name, keys in layout.official_sheets(scheme).items():
        sheet = reader.one_sheet(name, layout.TITLES[name], f"表里 {len(keys)} 项都待认定")
        if sheet is None:
            continue
        if name == layout.ROUND:
            for key in keys:
                _round_value(reader, made, sheet, key)
        else:
            _entries(reader, made, sheet, name, keys, roster)
    sheet = reader.one_sheet(layout.CORRECTIONS, layout.TITLES[layout.CORRECTIONS], "更正都没有读")
    if sheet is not None:
        _corrections(reader, made, sheet, roster, counties)
    made.problems = reader.problems
    return made


def _entries(
    reader: SheetReader, made: OfficialRead, sheet: Sheet, name: str, keys: list[str], roster: pd.DataFrame
) -> None:
    fields = reader.scheme.edition.fields
    columns: dict[str, int | None] = {}
    for key in keys:
        for part in parts_of(name, fields[key]):
            columns[f"{part}:{key}"] = reader.one_column(sheet, f"{part}:{key}", f"{fields[key].name}·{PARTS[part]}", "这一列没有读")
    for code, county in roster["name"].items():
        reader.subject = str(code)
        row = reader.one_row(sheet, f"subject:{code}", f"{county}（{code}）")
        if row is None:
            continue
        for key in keys:
            places = {part: columns[f"{part}:{key}"] for part in parts_of(name, fields[key])}
            if all(places.values()):
                entry = _entry(reader, sheet, row, {part: int(at or 0) for part, at in places.items()}, key, name == layout.VETO)
                if entry is not None:
                    made.entries[str(code), key] = entry
    reader.subject = ""


PARTS = {"value": "结论", "reason": "理由", "source": "来源", "who": "核查人", "when": "日期"}


def parts_of(sheet: str, item: FieldDef) -> list[str]:
    """The columns of one entry."""
    if sheet == layout.ROUND:
        return ["value", "source", "who", "when"]
    return ["value", *(["reason"] if item.reason else []), "who", "when"]


def _conclusion(item: FieldDef) -> FieldDef:
    """In the veto sheet a conclusion says that somebody checked: 有 or 经核查无. A bare 无 is no conclusion."""
    return item.model_copy(update={"type": "choice", "options": list(_CONCLUSIONS)})


def _entry(reader: SheetReader, sheet: Sheet, row: int, places: dict[str, int], key: str, veto: bool) -> Entry | None:
    """The entry; None where the cell is empty; pending where it does not say who, when, why or from where."""
    item = reader.scheme.edition.fields[key]
    asked = reader.asked(key, _conclusion(item) if veto else item, item.cite)
    found = reader.read(sheet, row, places["value"], asked)
    if found.state == State.BLANK:
        return None
    value = _CONCLUSIONS[found.value] if veto and found.state == State.FILLED else found.value
    if found.state != State.FILLED:
        return Entry(None, found.state, found.origin)
    who, day = _signed(reader, sheet, row, places)
    reason = sheet.text(row, places["reason"]) if "reason" in places else ""
    source = sheet.text(row, places["source"]) if "source" in places else ""
    lacking = []
    if not who or not day:
        missing = "、".join(label for label, there in (("核查人", who), ("日期", day)) if not there)
        lacking.append(("D111", f"“{item.name}”填了结论，没有{missing}", "补上核查人和日期", "when" if who else "who"))
    if "reason" in places and not reason:
        lacking.append(("D112", f"“{item.name}”没有写理由", "补写理由", "reason"))
    if "source" in places and not source:
        lacking.append(("D113", f"“{item.name}”没有来源（{item.source}）", "补上来源", "source"))
    for code, what, do, part in lacking:
        why = "不采用，该项待认定"
        reader.complain(code, what, why, do, sheet=sheet, at=(row, places[part]), key=key, clause=asked.clause)
    if lacking:
        return Entry(None, State.PENDING, found.origin)
    said = "；".join(part for part in (reason, source) if part)
    return Entry(value, State.FILLED, found.origin, f"{said}（{who}，{day}）" if said else f"{who}，{day}")


def _signed(reader: SheetReader, sheet: Sheet, row: int, places: Mapping[str, int]) -> tuple[str, str]:
    """Who signed and on which day; empty where missing or not a day."""
    cell = sheet.cell(row, places["when"])
    day = understand(WHEN, cell.raw, cell.percent)
    return sheet.text(row, places["who"]), day.value.isoformat() if day.state == State.FILLED else ""


def _round_value(reader: SheetReader, made: OfficialRead, sheet: Sheet, key: str) -> None:
    item = reader.scheme.edition.fields[key]
    row = reader.one_row(sheet, f"field:{key}", item.name, key)
    places = {part: reader.column(sheet, part) for part in parts_of(layout.ROUND, item)}
    if row is None:
        return
    if not all(places.values()):
        for part, at in places.items():
            if not at:
                reader.one_column(sheet, part, PARTS[part], "外部数据没有读")
        return
    entry = _entry(reader, sheet, row, {part: int(at or 0) for part, at in places.items()}, key, veto=False)
    if entry is not None:
        made.round_values[key] = entry


CORRECTION_LABELS = {
    "county": "县（代码或名称）", "item": "更正的项目", "row": "清单行号", "old": "原值", "new": "新值", "why": "理由",
    "who": "更正人", "when": "日期",
}  # fmt: skip


def _corrections(
    reader: SheetReader, made: OfficialRead, sheet: Sheet, roster: pd.DataFrame, counties: Mapping[str, CountyRead]
) -> None:
    places: dict[str, int] = {}
    for part, label in CORRECTION_LABELS.items():
        at = reader.one_column(sheet, part, label, "更正都没有读")
        if at is not None:
            places[part] = at
    head = reader.one_row(sheet, layout.LABELS, "表头")
    if head is None or len(places) < len(CORRECTION_LABELS):
        return
    seen: dict[tuple[str, str, int], int] = {}
    for row in sheet.filled_rows:
        texts = {part: sheet.text(row, at) for part, at in places.items()}
        if row <= head or not any(texts.values()):
            continue
        made_one = _correction(reader, sheet, row, places, texts, roster, counties)
        if made_one is None:
            continue
        target = (made_one.code, f"{made_one.list_id}.{made_one.key}", made_one.row)
        if target in seen:
            _not_applied(reader, sheet, row, places["item"], f"与第 {seen[target]} 行更正同一项", "一项只留一行更正", made_one.code)
            continue
        seen[target] = row
        made.corrections.append(made_one)


def _not_applied(reader: SheetReader, sheet: Sheet, row: int, column: int, what: str, do: str, code: str = "", key: str = "") -> None:
    reader.complain("D114", f"更正第 {row} 行：{what}", "这一行更正没有采用", do, sheet=sheet, at=(row, column), key=key, subject=code)


def _correction(
    reader: SheetReader, sheet: Sheet, row: int, places: dict[str, int], texts: dict[str, str], roster: pd.DataFrame,
    counties: Mapping[str, CountyRead],
) -> Correction | None:  # fmt: skip
    """The correction of one row, or None with the complaint noted."""
    who, day = _signed(reader, sheet, row, places)
    needed = {part: text for part, text in texts.items() if part != "row"} | {"when": day, "who": who}
    if missing := [CORRECTION_LABELS[part] for part, text in needed.items() if not text]:
        first = next(part for part, text in needed.items() if not text)
        _not_applied(reader, sheet, row, places[first], f"缺{'、'.join(missing)}", "补全后再报")
        return None
    codes = [str(c) for c, name in roster["name"].items() if texts["county"] in (str(c), name)]
    if len(codes) != 1:
        _not_applied(reader, sheet, row, places["county"], f"名册里找不到“{texts['county']}”", "写名册里的代码或名称")
        return None
    code = codes[0]
    labels = layout.correction_labels(reader.scheme)
    target = labels.get(texts["item"], texts["item"] if texts["item"] in labels.values() else "")
    if not target:
        _not_applied(reader, sheet, row, places["item"], f"没有“{texts['item']}”这一项", "从下拉列表里选", code)
        return None
    list_id, _, key = target.rpartition(".")
    edition = reader.scheme.edition
    item = edition.lists[list_id].columns[key] if list_id else edition.fields[key]
    number, was = _old(sheet, row, places, counties.get(code), list_id, key)
    if was is None:
        where = f"清单行号“{texts['row']}”" if list_id else "该县的这一项"
        _not_applied(reader, sheet, row, places["row" if list_id else "county"], f"找不到{where}", "核对后再报", code, target)
        return None
    old_cell = sheet.cell(row, places["old"])
    old = understand(item, old_cell.raw, old_cell.percent)
    same = was.state == State.FILLED and old.state == State.FILLED and old.value == was.value
    same = same or (was.state != State.BLANK and was.shown != "" and texts["old"] == was.shown)
    same = same or (was.state == State.BLANK and texts["old"] == "未填")
    if not same:
        what = f"原值写“{old.shown}”，县里填的是“{was.shown or '未填'}”"
        _not_applied(reader, sheet, row, places["old"], what, "核对是不是同一项、同一稿", code, target)
        return None
    reader.subject = code
    new = reader.read(sheet, row, places["new"], reader.asked(target, item, item.cite))
    reader.subject = ""
    if new.state != State.FILLED or new.origin is None:
        return None
    note = f"更正：原值 {was.shown or '未填'} → 新值 {new.shown}，{texts['why']}，{who}，{day}"
    origin = Origin(new.origin.workbook, new.origin.sheet, new.origin.cell, note)
    reason = f"{texts['why']}（{who}，{day}；原值 {was.shown or '未填'}）"
    return Correction(code, list_id, key, number, new.value, origin, reason)


def _old(
    sheet: Sheet, row: int, places: dict[str, int], county: CountyRead | None, list_id: str, key: str
) -> tuple[int, Read | None]:
    """The list row meant (0 for a plain field) and what the county filled in there; None where there is no such cell."""
    if county is None:
        return 0, None
    if not list_id:
        return 0, county.fields.get(key)
    cell = sheet.cell(row, places["row"])
    number = understand(FieldDef(name="行号", type="count", unit="项"), cell.raw, cell.percent).value
    rows = county.lists[list_id].rows
    if number is None or not 1 <= number <= len(rows):
        return 0, None
    return int(number), rows[int(number) - 1].cells.get(key)
