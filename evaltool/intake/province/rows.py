"""Whose each row of a province-wide table is: a county's, a total, the heads once more, a remark, or nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from evaltool.intake.entries.readings import legible, line
from evaltool.intake.names import TRADITIONAL, county_in, plain, simplified
from evaltool.intake.opened import Sheet
from evaltool.intake.province.page import CODE, NAME, Page, Texts
from evaltool.intake.province.units import unit_of_table
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.tables.heads import plain_head
from evaltool.scheme.fields import FieldDef

_TOTAL = re.compile(
    r".{0,12}?(合计|总计|共计|小计|总和|汇总|累计|平均|均值|平均值|平均数|最大值|最小值|中位数)(数|值)?[:：]?"
)
_NUMBERS_ROW = frozenset({"栏次", "列次", "栏目", "甲", "行次"})
_MOST_COMPARED = (
    150_000  # names compared by spelling; a table of strangers would take minutes, and is told all the same
)
_SHOWN = 20


class Owners:
    """Finds the county of the roster that a row means by its code and name, each spelling once."""

    def __init__(self, roster: pd.DataFrame) -> None:
        self.roster = roster
        self.names = {str(code): str(name) for code, name in roster["name"].items()}
        self.by_name: dict[str, list[str]] = {}
        for code, name in self.names.items():
            self.by_name.setdefault(plain(name), []).append(code)
        self.whole: dict[str, list[str]] = {}  # codes without the zeros that a number loses
        for code in self.names:
            self.whole.setdefault(code.lstrip("0"), []).append(code)
        self.by_form: dict[str, list[str]] = {}
        for name, codes in self.by_name.items():
            self.by_form.setdefault(simplified(name), []).extend(codes)
        self.searched = 0
        self.known: dict[tuple[str, str], tuple[str, str]] = {}

    def find(self, code: str, name: str) -> tuple[str, str]:
        """(code in the roster or "", what was understood or why nothing fits)."""
        key = (plain(code).removesuffix(".0"), plain(name))
        if key not in self.known:
            self.known[key] = self._find(*key, name)
        return self.known[key]

    def _find(self, code: str, name: str, written: str) -> tuple[str, str]:
        told = ""
        if code and code not in self.names:
            code, told = self._longer(code)
        if code in self.names and (not name or name == plain(self.names[code])):
            return code, told
        if not code and len(fits := self.by_name.get(name, [])) == 1:
            return fits[0], ""
        alike = self.by_form.get(simplified(name), []) if name else []
        if len(alike) == 1 and code in ("", alike[0]):
            how = f"“{line(written)}”按名册读作“{self.names[alike[0]]}”（{TRADITIONAL}）"
            return alike[0], "；".join(part for part in (told, how) if part)
        self.searched += 1
        if self.searched > max(50, _MOST_COMPARED // max(1, len(self.names))):
            return "", "名册里没有"
        match = county_in(self.roster, code, written)
        if match.code:
            how = f"“{line(written)}”按名册读作“{self.names[match.code]}”（{match.how}）" if match.how else ""
            return match.code, "；".join(part for part in (told, how) if part)
        if match.candidates:
            return "", f"名册里有 {len(match.candidates)} 个对得上：{'、'.join(match.candidates[:5])}"
        if code in self.names:
            return "", f"代码 {code} 在名册里是“{self.names[code]}”"
        if code and len(fits := self.by_name.get(name, [])) == 1:
            return "", f"名册里没有代码 {legible(code)}，“{line(written)}”的代码是 {fits[0]}"
        return "", "名册里没有"

    def _longer(self, code: str) -> tuple[str, str]:
        """A code that lost its leading zeros as a number, or that has the twelve places of a village's."""
        fits = self.whole.get(code, []) if code.isdigit() else []
        if len(fits) == 1:
            return fits[0], f"代码 {code} 按名册读作 {fits[0]}（缺了前面的 0）"
        if len(code) == 12 and code.endswith("000000") and code[:6] in self.names:
            return code[:6], f"代码 {code} 读作 {code[:6]}"
        return code, ""


def sort_rows(reader: SheetReader, page: Page, owners: Owners, items: Mapping[str, FieldDef]) -> None:
    """Finds out what each row below the heads is: a county's, a total, a repeated head, a remark.

    Rows with values that belong to nobody, and rows whose county is spelled otherwise, are told.
    """
    sheet, texts, values = page.sheet, Texts(page.sheet), page.values
    ids = [page.columns[key] for key in (CODE, NAME) if key in page.columns]
    others = sorted({column for _, column in sheet.cells} - set(values))
    lost: list[tuple[int, str]] = []
    remarks: list[int] = []
    spelled: set[str] = set()
    for row in [row for row in sheet.filled_rows if row > page.head]:
        code, name = (texts.at(row, page.columns[key]) if key in page.columns else "" for key in (CODE, NAME))
        entered = [column for column in values if _entered(sheet, row, column)]
        words = [plain_head(texts.at(row, column)) for column in others]
        if {code, name} & _NUMBERS_ROW or _repeats(texts, page.labels, row, ids):
            remarks.append(row)
            continue
        found, told = owners.find(code, name) if code or name else ("", "")
        if not found and any(_TOTAL.fullmatch(word) for word in words):
            page.totals.append(row)
        elif not entered:
            if found:
                page.empty.setdefault(found, row)
            elif any(words):
                remarks.append(row)
        elif found:
            page.data.append(row)
            page.rows.setdefault(found, []).append(row)
            if told and found not in spelled:
                spelled.add(found)
                reader.complain("W126", f"第 {row} 行的{told}", "按名册上的县读", "核对是不是同一个县；代码按文本填",
                                sheet=sheet, at=(row, ids[0]), subject=found)  # fmt: skip
        else:
            page.data.append(row)
            named = "、".join(part for part in (code, name) if part)
            lost.append((row, f"“{legible(named)}”不能对上名册：{told}" if named else "没有代码，也没有名称"))
    unit_of_table(reader, page, items, remarks)
    _tell_lost(reader, page, lost, ids[0])
    if remarks:
        what = f"“{sheet.title}”{_rows(remarks)}不是哪个县的数据（说明、重复的表头或栏次）"
        reader.complain("W117", what, "这些行没有读", "不用处理", sheet=sheet, at=(remarks[0], ids[0]))
    if page.totals:
        what = f"“{sheet.title}”{_rows(page.totals)}是合计或平均，不是哪个县的数据"
        reader.complain("W117", what, "不采用，只用来核对", "不用处理", sheet=sheet, at=(page.totals[0], ids[0]))


def _tell_lost(reader: SheetReader, page: Page, lost: list[tuple[int, str]], column: int) -> None:
    do = "核对代码和名称，或把它加进名册；不是县的数据就删去这一行"
    for row, why in lost[:_SHOWN]:
        what = f"第 {row} 行{why}"
        reader.complain("W119", what, "不知道是谁的，这一行没有采用", do, sheet=page.sheet, at=(row, column))
    if len(lost) > _SHOWN:
        what = f"另有 {len(lost) - _SHOWN} 行对不上名册（{_rows([row for row, _ in lost[_SHOWN:]])}）"
        at = (lost[_SHOWN][0], column)
        reader.complain("W119", what, "不知道是谁的，这些行没有采用", do, sheet=page.sheet, at=at)


def _rows(rows: list[int]) -> str:
    names = "、".join(str(row) for row in rows[:5])
    return f"第 {names} 行" + (f"等 {len(rows)} 行" if len(rows) > 5 else "")


def _entered(sheet: Sheet, row: int, column: int) -> bool:
    cell = sheet.cells.get((row, column))
    return cell is not None and (bool(cell.formula) or (cell.raw is not None and str(cell.raw).strip() != ""))


def _repeats(texts: Texts, head: int, row: int, ids: Iterable[int]) -> bool:
    """Whether the row is the heads once more, as on every printed page."""
    said = [(plain_head(texts.at(head, column)), plain_head(texts.at(row, column))) for column in ids]
    return all(one == other for one, other in said)
