"""Reading the 省级认定表: each entry with who and when, outside values with their source, corrections with old and new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.corrections import Correction, read_corrections, signed
from evaltool.intake.county_book import CountyRead
from evaltool.intake.hiding import hide_official
from evaltool.intake.opened import Book, Sheet
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.template_texts import check_given, check_head, check_row, word
from evaltool.intake.templates.county_template import unit_of
from evaltool.problems import Problem
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

_CONCLUSIONS: dict[str, bool] = {"有": True, "是": True, "经核查无": False, "经核查否": False}


@dataclass
class Entry:
    """One accepted or waiting entry of the province; `signed` says who and on which day."""

    value: Any
    state: State
    origin: Origin | None
    reason: str = ""
    signed: tuple[str, str] = ("", "")


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
        made.corrections = read_corrections(reader, sheet, roster, counties)
    reader.about_book()
    made.problems = reader.problems
    hide_official(scheme, made)
    return made


def _entries(
    reader: SheetReader, made: OfficialRead, sheet: Sheet, name: str, keys: list[str], roster: pd.DataFrame
) -> None:
    fields = reader.scheme.edition.fields
    columns: dict[str, int | None] = {}
    for key in keys:
        for part in parts_of(name, fields[key]):
            label = f"{fields[key].name}·{PARTS[part]}"
            columns[f"{part}:{key}"] = reader.one_column(sheet, f"{part}:{key}", label, "这一列没有读")
    _check_titles(reader, sheet, name, {key: columns[f"value:{key}"] for key in keys})
    shown = {"code": {word(str(code)) for code in roster.index}, "name": {word(str(one)) for one in roster["name"]}}
    for code, county in roster["name"].items():
        reader.subject = str(code)
        row = reader.one_row(sheet, f"subject:{code}", f"{county}（{code}）")
        if row is None:
            continue
        check_given(reader, sheet, row, {"code": str(code), "name": str(county)}, shown)
        for key in keys:
            found = {part: columns[f"{part}:{key}"] for part in parts_of(name, fields[key])}
            places = {part: at for part, at in found.items() if at is not None}
            if len(places) == len(found):
                entry = _entry(reader, sheet, row, places, key, veto=name == layout.VETO)
                if entry is not None:
                    made.entries[str(code), key] = entry
    reader.subject = ""
    _outside_roster(reader, sheet, roster, [at for at in columns.values() if at is not None])


def title_of(sheet: str, item: FieldDef) -> str:
    """What stands above the columns of one field."""
    if sheet == layout.VETO or item.type in ("yesno", "choice"):
        return item.name
    return f"{item.name}（{unit_of(item)}）"


def _check_titles(reader: SheetReader, sheet: Sheet, name: str, places: Mapping[str, int | None]) -> None:
    """The titles of the fields, which stand in the row above that of the labels."""
    rows, fields = sheet.rows.get(layout.LABELS, []), reader.scheme.edition.fields
    titles = {key: title_of(name, fields[key]) for key in places}
    for key, column in places.items():
        if len(rows) != 1 or column is None:
            continue
        at = (rows[0] - 1, column)
        now = sheet.text(*at).partition("\n")[0].strip()
        if now != titles[key] and word(now) != word(titles[key]):
            others = {word(title) for other, title in titles.items() if other != key}
            check_head(reader, sheet, at, (titles[key], now), others, fields[key])


def _outside_roster(reader: SheetReader, sheet: Sheet, roster: pd.DataFrame, columns: list[int]) -> None:
    """Entries for a county that the roster does not have are told, not dropped in silence."""
    for anchor, rows in sheet.rows.items():
        code = anchor.removeprefix("subject:")
        if code != anchor and code not in roster.index and any(sheet.text(rows[0], at) for at in columns):
            what = f"“{sheet.title}”第 {rows[0]} 行的代码 {code} 不在名册里"
            reader.complain(
                "W115", what, "这一行没有采用", "核对名册，或删去这一行", sheet=sheet, at=(rows[0], columns[0])
            )


PARTS = {"value": "结论", "reason": "理由", "source": "来源", "who": "核查人", "when": "日期"}


def parts_of(sheet: str, item: FieldDef) -> list[str]:
    """The columns of one entry."""
    if sheet == layout.ROUND:
        return ["value", "source", "who", "when"]
    return ["value", *(["reason"] if item.reason else []), "who", "when"]


def _conclusion(item: FieldDef) -> FieldDef:
    """In the veto sheet a conclusion says that somebody checked: 有 or 经核查无. A bare 无 is no conclusion."""
    return item.model_copy(update={"type": "choice", "options": list(_CONCLUSIONS)})


def _entry(
    reader: SheetReader, sheet: Sheet, row: int, places: dict[str, int], key: str, *, veto: bool
) -> Entry | None:
    """The entry; None where the cell is empty; pending where it does not say who, when, why or from where."""
    item = reader.scheme.edition.fields[key]
    asked = reader.asked(key, _conclusion(item) if veto else item, item.cite)
    found = reader.read(sheet, row, places["value"], asked)
    if found.state == State.BLANK:
        return None
    value = _CONCLUSIONS[found.value] if veto and found.state == State.FILLED else found.value
    if found.state != State.FILLED:
        return Entry(None, found.state, found.origin)
    who, day = signed(reader, sheet, row, places)
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
    whole = f"{said}（{who}，{day}）" if said else f"{who}，{day}"
    return Entry(value, State.FILLED, found.origin, whole, (who, day))


def _round_value(reader: SheetReader, made: OfficialRead, sheet: Sheet, key: str) -> None:
    item, fields = reader.scheme.edition.fields[key], reader.scheme.edition.fields
    row = reader.one_row(sheet, f"field:{key}", item.name, key)
    if row is not None:
        names = {word(one.name) for one in fields.values() if one.scope == "round"}
        check_row(reader, sheet, row, item.name, names, key, item, unit_of(item))
    parts = parts_of(layout.ROUND, item)
    found = {part: reader.one_column(sheet, part, PARTS[part], "外部数据没有读") for part in parts}
    places = {part: at for part, at in found.items() if at is not None}
    if row is None or len(places) < len(parts):
        return
    entry = _entry(reader, sheet, row, places, key, veto=False)
    if entry is not None:
        made.round_values[key] = entry
