"""One sheet of a province-wide table: where its heads are, what they mean, and whose each row is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import pandas as pd

from evaltool.intake import layout
from evaltool.intake.cells import shown
from evaltool.intake.heads import Head, Heads, factor, plain_head, stated
from evaltool.intake.names import county_in, plain, simplified
from evaltool.intake.opened import Sheet, address
from evaltool.intake.sheet_reading import SheetReader
from evaltool.quantities import MONEY
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

HEAD_WITHIN = 15  # rows in which the heads are looked for
CODE, NAME, ASIDE = "code", "name", "aside"
_CODES = "code 代码 编码 行政区划代码 区划代码 行政代码 县代码 区县代码 县区代码 县市区代码 县（市、区）代码 单位代码 地区代码"
_NAMES = (
    "name 名称 县名 县名称 县 县区 区县 县市 县（市） 县市区 县（市、区） 县（区、市） 市县 区县名称 县市区名称 县区名称 "
    "县（市、区）名称 示范县 示范县名称 单位 单位名称 填报单位 报送单位 申报单位 地区 地区名称 行政区划 行政区划名称"
)
# what the roster says, and what no reader needs
_ASIDE = "序号 序 编号 no 备注 说明 市州 所属市州 所属地市 地市 市（州） 市 city 批次 batch 类型 type 联系人 联系电话 电话 填报人 审核人 填报日期"
MONEY_FIELD = FieldDef(name="金额", type="money", unit="元")
_TOTAL = re.compile(
    r".{0,12}?(合计|总计|共计|小计|总和|汇总|累计|平均|均值|平均值|平均数|最大值|最小值|中位数)(数|值)?[:：]?"
)
_NUMBERS_ROW = frozenset({"栏次", "列次", "栏目", "甲", "行次"})
_UNIT_ROW = frozenset({"", "单位", "计量单位"})
_TABLE_UNIT = re.compile(r"(?:金额|计量|数量)?单位[:：]([^()（）]{1,40})")
_MOST_SPELLINGS = 400  # so many names are looked for in other spellings; a table with more is no table of this round
_SHOWN = 20


def own_words(scheme: Scheme) -> dict[str, list[str]]:
    """The heads of code and name, and those that are known and not needed."""
    who = scheme.edition.subject
    return {
        CODE: [*_CODES.split(), f"{who}代码", f"{who}编码"],
        NAME: [*_NAMES.split(), who, f"{who}名称"],
        ASIDE: _ASIDE.split(),
    }


@dataclass
class Page:
    """A sheet with its heads.

    labels   number of the row in which the heads stand; head  of the last row above the data
    columns  key → column; units  key → unit that the head states, where it is not the field's own
    rows     county → numbers of its rows, the county's own order
    totals   numbers of rows that add up others
    data     all rows below the heads in which a value stands, totals aside
    empty    counties whose row says nothing, with its number
    brought  columns that say which row it is and are no entry
    """

    sheet: Sheet
    labels: int
    head: int
    columns: dict[str, int]
    units: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    data: list[int] = field(default_factory=list)
    empty: dict[str, int] = field(default_factory=dict)
    brought: frozenset[int] = frozenset()

    @property
    def values(self) -> list[int]:
        """The columns in which something is entered."""
        return [
            column for key, column in self.columns.items() if key not in (CODE, NAME) and column not in self.brought
        ]


class Texts:
    """The visible texts of a sheet, merged ranges included."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.first: dict[str, tuple[int, int]] = {}
        for at in sorted(sheet.merges):
            if at in sheet.cells:
                self.first.setdefault(sheet.merges[at], at)

    def at(self, row: int, column: int) -> str:
        sheet, here = self.sheet, (row, column)
        if here not in sheet.cells and here in sheet.merges:
            here = self.first.get(sheet.merges[here], here)
        cell = sheet.cells.get(here)
        return "" if cell is None or cell.error else shown(cell.raw)


def heads_row(sheet: Sheet, heads: Heads, wanted: frozenset[str]) -> tuple[int, int]:
    """The row with the most heads that are wanted (0 where there is none) beside a code or name, and how many."""
    texts, best, most = Texts(sheet), 0, 0
    columns = sorted({column for row, column in (*sheet.cells, *sheet.merges) if row <= HEAD_WITHIN})
    for row in range(1, HEAD_WITHIN + 1):
        found = {head.key for column in columns if (text := texts.at(row, column)) and (head := heads.find(text))}
        if found & {CODE, NAME} and len(found & wanted) > most:
            best, most = row, len(found & wanted)
    return best, most


def open_page(
    reader: SheetReader, sheet: Sheet, head: int, heads: Heads, anchors: Mapping[str, str] | None = None
) -> Page:
    """The columns of a sheet: by its anchors (anchor → key) where it is our own, else by its heads.

    Heads that nobody knows, that stand twice or state a unit of another kind are told and left out.
    """
    texts, found, plainly = Texts(sheet), dict[str, list[tuple[int, Head]]](), list[str]()
    columns = sorted({column for row, column in (*sheet.cells, *sheet.merges) if row == head})
    named = {column: anchor for anchor, places in sheet.columns.items() for column in places} if anchors else {}
    # a head over several rows reaches down to where its range ends
    last = max([head, *(row for row, column in sheet.merges if _spans_head(sheet, row, column, head))])
    for column in columns:
        text = texts.at(head, column)
        said = (_leading(heads, text) if anchors is not None else heads.find(text)) if text else None
        if anchors is not None:
            key = anchors.get(named.get(column, ""), "")
            meant = _anchored(reader, sheet, (head, column), key, text, said) if key else None
            if meant is not None:
                found.setdefault(key, []).append((column, meant))
        elif said is not None:
            found.setdefault(said.key, []).append((column, said))
        elif text:
            _unknown(reader, sheet, (head, column), text, heads)
    page = Page(sheet, head, last, {})
    for key, places in found.items():
        if key == ASIDE:
            continue
        if len(places) > 1:
            name = heads.names.get(key, texts.at(head, places[0][0]))
            cells = "、".join(address(head, column) for column, _ in places)
            what, why = f"“{name}”有 {len(places)} 列（{cells}）", "不知道以哪一列为准，都没有采用"
            reader.complain("W112", what, why, "只留一列", sheet=sheet, at=(head, places[1][0]), key=_field(heads, key))
            continue
        column, said = places[0]
        if said.wrong:
            item = heads.items[key]
            what = f"表头“{texts.at(head, column)}”写的单位是“{said.wrong}”，“{item.name}”的单位是“{item.unit or '无'}”"
            reader.complain("D126", what, "单位换算不了，整列没有采用", "按规定的单位填，并改正表头", sheet=sheet,
                            at=(head, column), key=_field(heads, key))  # fmt: skip
            continue
        page.columns[key] = column
        if said.unit:
            page.units[key] = said.unit
        elif key in heads.items:
            plainly += [key] if heads.bare(texts.at(head, column)) else []
    if anchors is None:
        below = next((row for row in sheet.filled_rows if row > last), 0)
        names = "".join(texts.at(below, page.columns[key]) for key in (CODE, NAME) if key in page.columns)
        if below and plain_head(names) in _UNIT_ROW and _unit_row(reader, page, below, heads, texts):
            page.head = below
            plainly = [key for key in plainly if key in page.columns and not texts.at(below, page.columns[key])]
        _unit_of_table(reader, page, heads, texts, [key for key in plainly if heads.items[key].unit in MONEY], head)
    return page


def _unit_of_table(reader: SheetReader, page: Page, heads: Heads, texts: Texts, keys: list[str], head: int) -> None:
    """A line such as `单位：元` above the heads holds for the sums of money whose own heads say nothing."""
    sheet, said = page.sheet, dict[str, tuple[int, int]]()
    for row, column in sorted(at for at in sheet.cells if at[0] < head):
        found = _TABLE_UNIT.search(texts.at(row, column).replace(" ", ""))
        for unit in re.split("[、，,/和;；]", plain_head(found[1])) if found else ():
            if factor(MONEY_FIELD, unit) is not None:
                said.setdefault(unit, (row, column))
    others = {unit for unit in said for key in keys if unit != heads.items[key].unit}
    if len(said) > 1:
        names = "、".join(f"“{heads.items[key].name}”" for key in keys[:5])
        what = f"表头上面写了几种金额单位（{'、'.join(said)}），分不清{names}等用哪一种"
        reader.complain("D126", what, "这些列都没有采用", "把单位写进各列的表头，如“…（万元）”", sheet=sheet,
                        at=next(iter(said.values())))  # fmt: skip
        for key in keys:
            del page.columns[key]
    elif others:
        unit, at = next(iter(said.items()))
        changed = [key for key in keys if heads.items[key].unit != unit]
        page.units |= dict.fromkeys(changed, unit)
        names = "、".join(f"“{heads.items[key].name}”" for key in changed[:5])
        what = f"表头上面写着单位是{unit}，{names}等 {len(changed)} 列按{unit}读，折算成规定的单位"
        reader.complain("D109", what, "差一个单位就差一万倍", "核对：确是这个单位就不用改", sheet=sheet, at=at)


def _leading(heads: Heads, text: str) -> Head | None:
    """What the head of our own sheet says: its first lines, below which stand clause and stage."""
    lines = text.split("\n")
    found = (heads.find("".join(lines[:count])) for count in range(len(lines), 0, -1))
    return next((head for head in found if head is not None), None)


def _spans_head(sheet: Sheet, row: int, column: int, head: int) -> bool:
    return row > head and sheet.merges.get((head, column)) == sheet.merges[row, column]


def _field(heads: Heads, key: str) -> str:
    return key if key in heads.items else ""


def _anchored(
    reader: SheetReader, sheet: Sheet, at: tuple[int, int], key: str, text: str, said: Head | None
) -> Head | None:
    """What a column of our own table means: its anchor says which it is, its head may say in which unit; nothing where
    the head says that it is another one."""
    if said is not None and said.key == key:
        return said
    if said is not None and said.key != ASIDE:
        what, why = f"表头“{text}”换成了别的项目，这一列原来问的不是它", "分不清填的是哪一项，整列没有采用"
        reader.complain("D127", what, why, "恢复模板原文，把数填回各自的列", sheet=sheet, at=at, key=key)
        return None
    if key != ASIDE:
        what, why = f"表头被改成“{text}”", "仍按模板原来的意思读"
        reader.complain("W109", what, why, "恢复模板原文；如果填的不是原来问的，请改填", sheet=sheet, at=at, key=key)
    return Head(key)


def _unknown(reader: SheetReader, sheet: Sheet, at: tuple[int, int], text: str, heads: Heads) -> None:
    near = get_close_matches(text, [*heads.names.values(), *heads.names], 1, 0.6)
    do = f"是不是“{near[0]}”？" if near else "改成字段的名称或编号；用不着的列不管它"
    reader.complain("W117", f"不认识列“{text[:60]}”", "这一列没有采用", do, sheet=sheet, at=at)


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
        if len(self.known) > _MOST_SPELLINGS + 2 * len(self.names):
            return "", "名册里没有"
        match = county_in(self.roster, code, written)
        if match.code:
            how = f"“{written}”按名册读作“{self.names[match.code]}”（{match.how}）" if match.how else ""
            return match.code, "；".join(part for part in (told, how) if part)
        if match.candidates:
            return "", f"名册里有 {len(match.candidates)} 个对得上：{'、'.join(match.candidates[:5])}"
        if code in self.names:
            return "", f"代码 {code} 在名册里是“{self.names[code]}”"
        if code and len(fits := self.by_name.get(name, [])) == 1:
            return "", f"名册里没有代码 {code}，“{written}”的代码是 {fits[0]}"
        return "", "名册里没有"

    def _longer(self, code: str) -> tuple[str, str]:
        """A code that lost its leading zeros as a number, or that has the twelve places of a village's."""
        fits = self.whole.get(code, []) if code.isdigit() else []
        if len(fits) == 1:
            return fits[0], f"代码 {code} 按名册读作 {fits[0]}（缺了前面的 0）"
        if len(code) == 12 and code.endswith("000000") and code[:6] in self.names:
            return code[:6], f"代码 {code} 读作 {code[:6]}"
        return code, ""


def sort_rows(reader: SheetReader, page: Page, owners: Owners, heads: Heads) -> None:
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
            lost.append((row, f"“{named}”不能对上名册：{told}" if named else "没有代码，也没有名称"))
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


def _unit_row(reader: SheetReader, page: Page, row: int, heads: Heads, texts: Texts) -> bool:
    """Whether the row under the heads says the units; if so, they hold as if they stood in the heads."""
    said = {key: plain_head(texts.at(row, column)).strip("()") for key, column in page.columns.items()}
    units = {key: stated(key, heads.items[key], text) for key, text in said.items() if text and key in heads.items}
    good = [head for head in units.values() if not head.wrong]
    if not good or 2 * len(good) < len(units):
        return False
    for key, head in units.items():
        if head.wrong:
            item = heads.items[key]
            what = f"“{item.name}”下面写的单位是“{head.wrong}”，规定的单位是“{item.unit or '无'}”"
            reader.complain("D126", what, "单位换算不了，整列没有采用", "按规定的单位填，并改正单位", sheet=page.sheet,
                            at=(row, page.columns.pop(key)), key=key)  # fmt: skip
        elif head.unit:
            page.units[key] = head.unit
    return True


def period_of(raw: object, every: str | None) -> str:
    """The period that a cell means: a spreadsheet makes a date of `2024-01`."""
    if isinstance(raw, dt.date) and every == "month" and raw.day == 1:
        return f"{raw:%Y-%m}"
    text = simplified(plain(shown(raw)))
    month = re.fullmatch(r"(\d{4})(?:年|-|/|\.)(\d{1,2})月?", text)
    return f"{month[1]}-{int(month[2]):02}" if month and every == "month" else text


def lists_of(scheme: Scheme) -> dict[str, str]:
    """The title under which each list may stand, plain → list."""
    titles: dict[str, str] = {}
    for key, item in scheme.filled_lists.items():
        for title in (key, item.name, layout.list_label(scheme, key)):
            titles[plain_head(title)] = key
    return titles
