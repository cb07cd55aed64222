"""Reading single cells of a located sheet: from the cell to a `Reading`, with every problem placed and explained."""

from __future__ import annotations

import datetime as dt
import re
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evaltool.books.formulas import Kind, Recalculation
from evaltool.facts import Origin, State
from evaltool.intake.entries.entry import NUMBERS, Reading, shown, understand
from evaltool.intake.entries.figures import puts_in_doubt
from evaltool.intake.entries.readings import legible, line, refused
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


@dataclass(slots=True)  # a round holds half a million of them
class Read:
    """An entered value with the place it came from."""

    value: Any
    state: State
    origin: Origin | None
    shown: str = ""
    percent: bool = False


@dataclass
class SheetReader:
    """Reads the cells of one workbook for one subject and collects its problems in reading order.

    told     what is said once only: (code, sheet index, row or merged range or other place)
    spoiled  (sheet index, row, 0) and (sheet index, 0, column) whose figures mean nobody knows what
    linked   a formula of an input takes its value from another file
    remarks  the same keys → what was read as if the template had not been changed
    stated   (sheet index, column) → the unit that its changed header states
    """

    scheme: Scheme
    book: Book
    subject: str
    on: dt.date | None = None
    found: list[tuple[tuple[int, int, int], Problem]] = field(default_factory=list)
    told: set[tuple[str, int, Any]] = field(default_factory=set)
    spoiled: set[tuple[int, int, int]] = field(default_factory=set)
    remarks: dict[tuple[int, int, int], str] = field(default_factory=dict)
    stated: dict[tuple[int, int], str] = field(default_factory=dict)
    linked: bool = False

    def of(self, subject: str) -> SheetReader:
        """A reader of the same book for another subject; what was worked out of the book is shared, and of hidden
        columns and sheets each is told once."""
        other = copy(self)
        other.__dict__["recalculation"] = self.recalculation
        other.subject, other.found, other.linked = subject, [], False
        other.told = {one for one in self.told if one[0] == "D125" and not (isinstance(one[2], tuple) and one[2][0])}
        return other

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

    @cached_property
    def recalculation(self) -> Recalculation:
        return Recalculation(self.book)

    @cached_property
    def units(self) -> frozenset[str]:
        """Every unit in which the edition asks for something."""
        edition = self.scheme.edition
        items = [*edition.fields.values(), *(c for rows in edition.lists.values() for c in rows.columns.values())]
        return frozenset(item.unit for item in items if item.unit not in ("", "row"))

    def read(self, sheet: Sheet, row: int, column: int, asked: Asked, *, blank_matters: bool = False) -> Read:
        """The cell as an answer to `asked`; `blank_matters` reports an empty one (D100)."""
        cell, at = sheet.cell(row, column), (row, column)
        found = self._distrusted(sheet, at, cell, asked) or self.understood(cell, asked.item)
        note = found.note
        if cell.formula and found.state == State.FILLED:
            note = "；".join(part for part in (f"公式 {cell.formula} 存储的值", note) if part)
        if found.slip:
            self._tell(found.slip.code, found.slip.what, found.slip.do, sheet, at, asked)
        elif found.state == State.BLANK and blank_matters:
            self._tell("D100", f"“{asked.item.name}”没有填", fill_in(asked.item), sheet, at, asked)
        if found.state != State.BLANK and self._hidden(sheet, at):
            note = "；".join(part for part in (note, "填在隐藏的行、列或表里") if part)
        if self.remarks and found.state != State.BLANK:
            own = [self.remarks.get(key, "") for key in ((sheet.index, row, 0), (sheet.index, 0, column))]
            note = "；".join(part for part in (note, *own) if part)
        origin = Origin(self.book.file, sheet.title, address(row, column), note)
        return Read(found.value, found.state, origin, found.shown, found.percent)

    def understood(self, cell: Cell, item: FieldDef) -> Reading:
        """What a cell means by itself, whether or not it can be trusted."""
        if cell.raw == 0 and re.match(r"[-+0.]*[1-9]", cell.written):
            what = f"“{item.name}”在文件里写作 {legible(cell.written)}，小得存不下"
            return refused("D105", what, "核对该数；没有就写 0，不知道就留空", State.OUT_OF_RANGE)
        return understand(item, cell.raw, cell.percent, cell.format)

    def _tell(self, code: str, what: str, do: str, sheet: Sheet, at: tuple[int, int], asked: Asked) -> None:
        self.complain(code, what, asked.why, do, sheet=sheet, at=at, key=asked.key, clause=asked.clause)

    def once(self, code: str, sheet: Sheet | None, place: Any) -> bool:
        """Whether this is the first time that `code` is told of a place."""
        key = (code, sheet.index if sheet else -1, place)
        first = key not in self.told
        self.told.add(key)
        return first

    def _hidden(self, sheet: Sheet, at: tuple[int, int]) -> bool:
        """Whether a cell cannot be seen; told once a row, column or sheet (D125)."""
        if sheet.state == "visible" and at[0] not in sheet.hidden_rows and at[1] not in sheet.hidden_columns:
            return False
        what, place = f"第 {at[0]} 行是隐藏的", (at[0], 0)
        if sheet.state != "visible":
            what, place = "整张表是隐藏的", (0, 0)
        elif at[0] not in sheet.hidden_rows:
            what, place = f"{address(1, at[1]).rstrip('1')} 列是隐藏的", (0, at[1])
        if self.once("D125", sheet, place):
            what, why = f"“{sheet.title}”{what}，里面填了内容", "隐藏的内容照样读了"
            self.complain("D125", what, why, "取消隐藏，核对里面的内容是不是要报的", sheet=sheet, at=at)
        return True

    def _distrusted(self, sheet: Sheet, at: tuple[int, int], cell: Cell, asked: Asked) -> Reading | None:
        """An unreadable cell whose content cannot be trusted at all: merged, an error value, a formula that was never
        calculated, struck out, in a row or column of which nobody knows what was asked."""
        plain = not (cell.merged or cell.error or cell.formula or cell.struck)
        if plain and not self.spoiled and not self.stated:
            return None
        unreadable, name = Reading(None, State.UNREADABLE, shown=shown(cell.raw, cell.percent)), asked.item.name
        if {(sheet.index, at[0], 0), (sheet.index, 0, at[1])} & self.spoiled:
            return unreadable
        stated = self.stated.get((sheet.index, at[1]), "")
        if stated and asked.item.type in NUMBERS and puts_in_doubt(stated, asked.item.unit) and unreadable.shown:
            return unreadable
        if cell.merged:
            if self.once("D108", sheet, cell.merged):
                what = f"“{name}”的填报格在合并区 {cell.merged} 里，分不清数是哪一项的"
                self._tell("D108", what, "取消合并，在各自的格里填写", sheet, at, asked)
            return unreadable
        if cell.error:
            what, do = f"“{name}”在文件里存的不是数字，是“{legible(str(cell.raw))}”", "删去这一格，重新键入"
            if str(cell.raw).startswith("#"):
                what, do = f"“{name}”是错误值 {legible(str(cell.raw))}", _enter(asked.item)
                do = f"改正公式，或{do}" if cell.formula else do
            self._tell("D107", what, do, sheet, at, asked)
            return unreadable
        if cell.struck and unreadable.shown:
            part = {"all": "整个划掉了", "raised": "有上标或下标"}.get(cell.struck, "有一部分划掉了")
            what = f"“{name}”写的是“{legible(unreadable.shown)}”，{part}，分不清报不报"
            do = "删去划掉的内容和上下标，只留要报的；都要报就去掉删除线"
            self._tell("D124", what, do, sheet, at, asked)
            return unreadable
        if cell.formula and not self._calculated(sheet, at, cell, asked):
            return unreadable
        return None

    def _calculated(self, sheet: Sheet, at: tuple[int, int], cell: Cell, asked: Asked) -> bool:
        """Whether the value stored beside a formula can be taken; it is worked out again (D106, D122, D123)."""
        verdict = self.recalculation.examine(sheet, at)
        what = f"“{asked.item.name}”是公式 {legible(cell.formula)}，"
        because = f"（{verdict.why}）" if verdict.why else ""
        if verdict.kind is Kind.SAME:
            return True
        if verdict.kind is Kind.UNKNOWN:
            what += f"存储的值是 {legible(verdict.stored)}，本工具没有核算它{because}"
            self._tell("D122", what, f"核对这个值，或{_enter(asked.item)}", sheet, at, asked)
            return True
        if verdict.kind is Kind.UNCALCULATED:
            what += "文件里没有它算出的值" if cell.raw is None else f"存储的值 {legible(verdict.stored)} 不是表格软件算出的{because}"
            self._tell("D106", what, f"在 Excel 或 WPS 里打开、保存一次，或{_enter(asked.item)}", sheet, at, asked)
            return False
        self.linked = self.linked or verdict.kind is Kind.FOREIGN
        worked = f"，重新计算得 {legible(verdict.worked)}" if verdict.worked else ""
        says = {
            Kind.STALE: "两个数不一致",
            Kind.PARTIAL: f"没有把该算的都算进去{because}",
            Kind.VOLATILE: f"每次打开都会变{because}",
            Kind.FOREIGN: f"取自别的文件{because}，报来的文件里核不到",
            Kind.CIRCULAR: f"引用了自己{because}",
        }[verdict.kind]
        what += f"存储的值是 {legible(verdict.stored)}{worked}，{says}"
        self._tell("D123", what, f"核对后{_enter(asked.item)}，不用公式", sheet, at, asked)
        return False

    def about_book(self) -> None:
        """What is to be said of the workbook as a whole: hidden sheets that are not the template's, other files that it
        refers to (W125, W124). Called when everything in it has been read."""
        hidden = [s.title for s in self.book.sheets if s.state != "visible" and not s.name and s.cells]
        strange = [title for title in hidden if not title.startswith("_")]  # the template's own word lists
        if strange:
            what = f"隐藏的工作表：{'、'.join(strange[:5])}{f' 等 {len(strange)} 张' if len(strange) > 5 else ''}"
            self.complain("W125", what, "不是模板里的表，没有读", "里面有要报的就填进模板的表里", sheet=None)
        if self.book.links and not self.linked:
            files = "、".join(legible(link) for link in self.book.links[:3])
            what = f"工作簿引用了别的文件：{files}{f' 等 {len(self.book.links)} 个' if len(self.book.links) > 3 else ''}"
            self.complain("W124", what, "填报格没有用到这些文件", "在表格软件里断开链接", sheet=None)

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
        places, label = sheet.columns.get(key, []), line(label)
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


def _enter(item: FieldDef) -> str:
    return {"yesno": "从下拉列表里选", "choice": "从下拉列表里选", "date": "按 2020-06-05 的样子填"}.get(
        item.type, "直接填数字" if item.type in NUMBERS else "直接填写"
    )


def fill_in(item: FieldDef) -> str:
    """What to do about a cell that is empty."""
    return {"yesno": "从下拉列表里选“是”或“否”", "choice": "从下拉列表里选", "date": "按 2020-06-05 的样子补填"}.get(
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
