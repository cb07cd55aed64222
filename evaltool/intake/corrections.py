"""Reading the corrections of the 省级认定表: which cell, old value, new value, why, who, when. They apply in 认定 only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evaltool.books.formulas import Kind
from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.intake.entries.readings import legible
from evaltool.intake.opened import Sheet
from evaltool.intake.privacy import masked
from evaltool.intake.sheet_reading import Read, SheetReader
from evaltool.scheme.fields import FieldDef

WHEN = FieldDef(name="日期", type="date")
ROW = FieldDef(name="行号", type="count", unit="项")
LABELS = {
    "county": "代码或名称",
    "item": "更正的项目",
    "row": "清单行号",
    "old": "原值",
    "new": "新值",
    "why": "理由",
    "who": "更正人",
    "when": "日期",
}


@dataclass
class Correction:
    """One correction; `row` counts the list's rows as filled in, from 1 (0 for a plain field). `signed` says who and on
    which day; one that was changed without signing anew is pending."""

    code: str
    list_id: str
    key: str
    row: int
    value: Any
    origin: Origin
    reason: str
    signed: tuple[str, str]
    state: State = State.FILLED


class NotApplied(Exception):
    """Why a correction is not taken: the part at fault, what is wrong, what to do, and what is known of its target."""

    def __init__(self, part: str, what: str, do: str, code: str = "", target: str = "") -> None:
        super().__init__(what)
        self.part, self.what, self.do, self.code, self.target = part, what, do, code, target


def signed(reader: SheetReader, sheet: Sheet, row: int, places: Mapping[str, int]) -> tuple[str, str]:
    """Who signed and on which day; empty where missing, struck out, not a day, or a formula that gives another day
    tomorrow."""
    who, when = (sheet.cell(row, places[part]) for part in ("who", "when"))
    day = reader.understood(when, WHEN)
    trusted = not when.formula or reader.recalculation.examine(sheet, (row, places["when"])).kind is Kind.SAME
    known = day.state == State.FILLED and trusted and not when.struck
    name = "" if who.struck or who.error else sheet.text(row, places["who"])
    return name, day.value.isoformat() if known else ""


def read_corrections(
    reader: SheetReader, sheet: Sheet, roster: pd.DataFrame, counties: Mapping[str, CountyRead]
) -> list[Correction]:
    """The corrections that can be applied; each of the others has its problem (D114)."""
    found = {part: reader.one_column(sheet, part, label, "更正都没有读") for part, label in LABELS.items()}
    places = {part: at for part, at in found.items() if at is not None}
    head = reader.one_row(sheet, layout.LABELS, "表头")
    if head is None or len(places) < len(LABELS):
        return []
    page = CorrectionPage(reader, sheet, places, roster, counties)
    made: dict[tuple[str, str, str, int], Correction] = {}
    for row in sheet.filled_rows:
        if row <= head or not any(sheet.text(row, at) for at in places.values()):
            continue
        try:
            one = page.correction(row)
            target = (one.code, one.list_id, one.key, one.row) if one else None
            if target in made:
                raise NotApplied("item", "前面已有一行更正同一项", "一项只留一行更正", one.code if one else "")
            if one and target:
                made[target] = one
        except NotApplied as slip:
            what = f"更正第 {row} 行：{slip.what}"
            reader.complain("D114", what, "这一行更正没有采用", slip.do, sheet=sheet, at=(row, places[slip.part]),
                            key=slip.target, subject=slip.code)  # fmt: skip
    return list(made.values())


@dataclass
class CorrectionPage:
    """The sheet of corrections while it is being read."""

    reader: SheetReader
    sheet: Sheet
    places: dict[str, int]
    roster: pd.DataFrame
    counties: Mapping[str, CountyRead]

    def correction(self, row: int) -> Correction | None:
        """The correction of one row; None where its new value is unreadable and says so itself. Raises NotApplied."""
        texts = {part: self.sheet.text(row, at) for part, at in self.places.items()}
        who, day = signed(self.reader, self.sheet, row, self.places)
        needed = {part: text for part, text in texts.items() if part != "row"} | {"who": who, "when": day}
        missing = [part for part, text in needed.items() if not text]
        if missing:
            raise NotApplied(missing[0], f"缺{'、'.join(LABELS[part] for part in missing)}", "补全后再报")
        code = self._county(texts["county"])
        labels = layout.correction_labels(self.reader.scheme)
        target = labels.get(texts["item"], texts["item"] if texts["item"] in labels.values() else "")
        if not target:
            raise NotApplied("item", f"没有“{legible(texts['item'])}”这一项", "从下拉列表里选", code)
        list_id, _, key = target.rpartition(".")
        edition = self.reader.scheme.edition
        item = edition.lists[list_id].columns[key] if list_id else edition.fields[key]
        number, was = self._old(row, code, list_id, key)
        if was is None:
            what = f"没有清单行号“{legible(texts['row'])}”" if list_id else "没有报送，没有可更正的数"
            raise NotApplied("row" if list_id else "county", what, "核对后再报", code, target)
        if not self._same(row, item, was, texts["old"]):
            what = f"原值写“{legible(texts['old'])}”，自评表里填的是“{legible(was.shown) or '未填'}”"
            raise NotApplied("old", what, "核对是不是同一项、同一稿", code, target)
        self.reader.subject = code
        new = self.reader.read(self.sheet, row, self.places["new"], self.reader.asked(target, item, item.cite))
        self.reader.subject = ""
        if new.state != State.FILLED or new.origin is None:
            return None
        note = f"更正：原值 {was.shown or '未填'} → 新值 {new.shown}，{texts['why']}，{who}，{day}"
        origin = Origin(new.origin.workbook, new.origin.sheet, new.origin.cell, note)
        reason = f"{texts['why']}（{who}，{day}；原值 {was.shown or '未填'}）"
        return Correction(code, list_id, key, number, new.value, origin, reason, (who, day))

    def _county(self, text: str) -> str:
        codes = [str(code) for code, name in self.roster["name"].items() if text in (str(code), name)]
        if len(codes) != 1:
            what = f"名册里{'找不到' if not codes else f'有 {len(codes)} 个'}“{legible(text)}”"
            raise NotApplied("county", what, "写名册里的代码")
        return codes[0]

    def _old(self, row: int, code: str, list_id: str, key: str) -> tuple[int, Read | None]:
        """The list row meant (0 for a plain field) and what the county filled in; None where there is no such cell."""
        county = self.counties.get(code)
        if county is None:
            return 0, None
        if not list_id:
            return 0, county.fields.get(key)
        cell = self.sheet.cell(row, self.places["row"])
        number = self.reader.understood(cell, ROW).value
        rows = county.lists[list_id].rows
        if number is None or not 1 <= number <= len(rows):
            return 0, None
        return int(number), rows[int(number) - 1].cells.get(key)

    def _same(self, row: int, item: FieldDef, was: Read, text: str) -> bool:
        """Whether the old value is what the county filled in: the same value, or the same unreadable text."""
        if was.state == State.BLANK:
            return text == "未填"
        cell = self.sheet.cell(row, self.places["old"])
        old = self.reader.understood(cell, item)
        if item.type != "text" and was.state == State.FILLED and old.state == State.FILLED:
            return bool(old.value == was.value)
        return was.shown != "" and masked(text)[0] == was.shown  # which was masked when it was read
