"""Reading single cells of a located sheet: from the cell to a `Reading`, with every problem placed and explained."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from evaltool.facts import Origin, State
from evaltool.intake.cells import Reading, understand
from evaltool.intake.opened import Book, Cell, Sheet, address
from evaltool.intake.purposes import purposes
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef


@dataclass(frozen=True)
class Asked:
    """What is asked in a cell: field id (`towns`, `sites.sign`, `N1`), its definition, and the clause it rests on."""

    key: str
    item: FieldDef
    why: str = ""
    clause: str = ""


@dataclass
class Read:
    """An entered value with the place it came from."""

    value: Any
    state: State
    origin: Origin | None
    shown: str = ""
    percent: bool = False


@dataclass
class SheetReader:
    """Reads the cells of one workbook for one subject and collects its problems in reading order."""

    scheme: Scheme
    book: Book
    subject: str
    on: dt.date | None = None
    found: list[tuple[tuple[int, int, int], Problem]] = field(default_factory=list)
    merges_told: set[tuple[str, str]] = field(default_factory=set)

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in sorted(self.found, key=lambda pair: pair[0])]

    def asked(self, key: str, item: FieldDef, cites: list[str]) -> Asked:
        clause = str(self.scheme.citation(cites[0])) if cites else ""
        return Asked(key, item, purposes(self.scheme).sentence(key), clause)

    def complain(
        self, code: str, what: str, why: str, do: str, *, sheet: Sheet | None, at: tuple[int, int] | None = None,
        key: str = "", clause: str = "", subject: str | None = None,
    ) -> None:  # fmt: skip
        place = Place(
            self.book.file,
            sheet.title if sheet else "",
            address(*at) if at else "",
            key,
            self.subject if subject is None else subject,
        )
        order = (sheet.index if sheet else -1, *(at or (0, 0)))
        rule = self.scheme.place(*_rule_path(self.scheme, key)) if key else Problem(code, what).rule
        self.found.append((order, Problem(code, what, why, do, place, rule, clause)))

    def read(self, sheet: Sheet, row: int, column: int, asked: Asked, *, blank_matters: bool = False) -> Read:
        """The cell as an answer to `asked`; `blank_matters` reports an empty one (D100)."""
        cell = sheet.cell(row, column)
        at = (row, column)
        found = self._distrusted(sheet, at, cell, asked) or understand(asked.item, cell.raw, cell.percent)
        note = found.note
        if cell.formula and found.state == State.FILLED:
            note = "；".join(part for part in (f"公式 {cell.formula} 存储的值", note) if part)
            if isinstance(cell.raw, float) and len(repr(cell.raw).replace(".", "").replace("-", "").lstrip("0")) > 15:
                what = f"“{asked.item.name}”的公式算得 {found.shown}，有二进制尾差"
                self.complain("D109", what, asked.why, "核对该数；应是整齐的数就直接填数字", sheet=sheet, at=at,
                              key=asked.key, clause=asked.clause)  # fmt: skip
        if found.slip:
            self.complain(found.slip.code, found.slip.what, asked.why, found.slip.do, sheet=sheet, at=at,
                          key=asked.key, clause=asked.clause)  # fmt: skip
        elif found.state == State.BLANK and blank_matters:
            self.complain("D100", f"“{asked.item.name}”没有填", asked.why, _fill_in(asked.item), sheet=sheet, at=at,
                          key=asked.key, clause=asked.clause)  # fmt: skip
        origin = Origin(self.book.file, sheet.title, address(row, column), note)
        return Read(found.value, found.state, origin, found.shown, found.percent)

    def _distrusted(self, sheet: Sheet, at: tuple[int, int], cell: Cell, asked: Asked) -> Reading | None:
        """An unreadable cell whose content cannot be trusted at all: merged, error value, formula never calculated."""
        unreadable = Reading(None, State.UNREADABLE, shown=str(cell.raw or ""))
        name = asked.item.name
        if cell.merged:
            if (sheet.title, cell.merged) not in self.merges_told:
                self.merges_told.add((sheet.title, cell.merged))
                what = f"“{name}”的填报格在合并区 {cell.merged} 里，分不清数是哪一项的"
                self.complain("D108", what, asked.why, "取消合并，在各自的格里填写", sheet=sheet, at=at, key=asked.key,
                              clause=asked.clause)  # fmt: skip
            return unreadable
        if cell.error:
            what = f"“{name}”是错误值 {cell.raw}"
            self.complain(
                "D107",
                what,
                asked.why,
                "改正公式，或直接填数字",
                sheet=sheet,
                at=at,
                key=asked.key,
                clause=asked.clause,
            )
            return unreadable
        if cell.formula and cell.raw is None:
            what = f"“{name}”是公式 {cell.formula}，文件里没有它算出的值"
            self.complain("D106", what, asked.why, "在 Excel 或 WPS 里打开、保存一次，或直接填数字", sheet=sheet, at=at,
                          key=asked.key, clause=asked.clause)  # fmt: skip
            return unreadable
        return None

    def evidence(self, sheet: Sheet, row: int, key: str = "evidence") -> str:
        column = self.column(sheet, key)
        return sheet.text(row, column) if column else ""

    def evidence_at(self, sheet: Sheet, row: int, key: str = "evidence") -> Origin | None:
        """The cell in which `evidence` stands."""
        column = self.column(sheet, key)
        return Origin(self.book.file, sheet.title, address(row, column)) if column else None

    def column(self, sheet: Sheet, key: str) -> int | None:
        places = sheet.columns.get(key, [])
        return places[0] if len(places) == 1 else None

    def one_sheet(self, name: str, title: str, loses: str) -> Sheet | None:
        """The sheet with this corner; complains where there is none (W107) or more than one (W112)."""
        found = self.book.named(name)
        if len(found) == 1:
            return found[0]
        if not found:
            self.complain(
                "W107", f"缺少工作表“{title}”，或它左上角的隐藏标记被删", loses, "从模板把该表补回来", sheet=None
            )
        else:
            titles = "、".join(f"“{sheet.title}”" for sheet in found)
            self.complain(
                "W112", f"“{title}”有 {len(found)} 张：{titles}", loses, "只留填好的一张，别的删去", sheet=found[0]
            )
        return None

    def one_column(self, sheet: Sheet, key: str, label: str, loses: str) -> int | None:
        places = sheet.columns.get(key, [])
        if len(places) == 1:
            return places[0]
        code, what, do = "W108", f"“{sheet.title}”缺少“{label}”一列", "从模板把该列补回来，不要删隐藏行"
        if places:
            cells = "、".join(address(1, column).rstrip("1") for column in places)
            code, what, do = "W112", f"“{sheet.title}”的“{label}”有 {len(places)} 列（{cells}）", "只留一列"
        self.complain(code, what, loses, do, sheet=sheet)
        return None

    def one_row(self, sheet: Sheet, anchor: str, label: str, key: str = "", clause: str = "") -> int | None:
        places = sheet.rows.get(anchor, [])
        if len(places) == 1:
            return places[0]
        loses = "这一项没有读"
        if places:
            rows = "、".join(str(row) for row in places)
            what = f"“{label}”有 {len(places)} 行（第 {rows} 行）"
            self.complain("W112", what, loses, "只留一行", sheet=sheet, at=(places[0], 1), key=key, clause=clause)
        else:
            what = f"“{sheet.title}”找不到“{label}”一行的标记"
            self.complain("W108", what, loses, "从模板把该行补回来，不要删隐藏列", sheet=sheet, key=key, clause=clause)
        return None

    def check_labels(self, sheet: Sheet, expected: dict[str, str]) -> None:
        """Compares the visible header with the template's (W109)."""
        rows = sheet.rows.get("labels", [])
        if len(rows) != 1:
            return
        for key, label in expected.items():
            column = self.column(sheet, key)
            if column and (now := sheet.text(rows[0], column)) != label:
                what = f"表头“{label}”被改成“{now}”"
                why = "仍按模板原来的意思读"
                self.complain(
                    "W109", what, why, "恢复模板原文；如果填的不是原来问的，请改填", sheet=sheet, at=(rows[0], column)
                )


def _fill_in(item: FieldDef) -> str:
    return {"yesno": "从下拉列表里选 是 或 否", "choice": "从下拉列表里选", "date": "按 2020-06-05 的样子补填"}.get(
        item.type, "补填；确实没有的填 0"
    )


def _rule_path(scheme: Scheme, key: str) -> tuple[str, ...]:
    edition = scheme.edition
    head, _, tail = key.partition(".")
    if head in edition.lists:
        return ("lists", head, "columns", tail) if tail in edition.lists[head].columns else ("lists", head)
    if key in edition.fields:
        return ("fields", key)
    return ("indicators", key) if key in edition.indicators else ()
