"""One sheet of a province-wide table: which row holds its heads, and what its rows and columns are."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from evaltool.intake import layout
from evaltool.intake.entries.entry import shown
from evaltool.intake.names import plain, simplified
from evaltool.intake.opened import Sheet
from evaltool.intake.tables.heads import Heads, plain_head
from evaltool.scheme import Scheme

HEAD_WITHIN = 15  # rows in which the heads are looked for
CODE, NAME, ASIDE = "code", "name", "aside"
_CODES = "code 代码 编码 行政区划代码 区划代码 行政代码 县代码 区县代码 县区代码 县市区代码 县（市、区）代码 单位代码 地区代码"
_NAMES = (
    "name 名称 县名 县名称 县 县区 区县 县市 县（市） 县市区 县（市、区） 县（区、市） 市县 区县名称 县市区名称 县区名称 "
    "县（市、区）名称 示范县 示范县名称 单位 单位名称 填报单位 报送单位 申报单位 地区 地区名称 行政区划 行政区划名称"
)
# what the roster says, and what no reader needs
_ASIDE = "序号 序 编号 no 备注 说明 市州 所属市州 所属地市 地市 市（州） 市 city 批次 batch 类型 type 联系人 联系电话 电话 填报人 审核人 填报日期"


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
    unitless keys of sums of money whose heads say nothing of a unit
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
    unitless: list[str] = field(default_factory=list)

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
