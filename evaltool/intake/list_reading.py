"""Reading the sheet of one list: which rows there are, whether their number agrees, and every cell of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.entries.entry import shown
from evaltool.intake.entries.readings import legible, line
from evaltool.intake.opened import Sheet, address
from evaltool.intake.sheet_reading import Asked, Read, SheetReader
from evaltool.intake.template_texts import check_given, check_heads, word
from evaltool.intake.templates.list_sheet import COUNT_FIELD, SELF_FIELD, labels
from evaltool.quantities import Exact, decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef, ListDef

_TOTAL = re.compile(
    r"(?:本页|本表|本县|全县|以上)?(?:合计|总计|小计|共计|累计|总和)数?(?:\([^()]*\))?:?|(?:sub|grand)?totals?:?|sum:?"
)
MOST_ROWS = 20_000  # of one county; the longest real lists, of trainees, have some thousands
WITHOUT_ROWS = "行数不明时，用这张清单的指标都待定"


@dataclass
class RowRead:
    """One row: its cells, its reasons, its self scores (exact, with the cell) and its evidence with its cell."""

    cells: dict[str, Read]
    number: int = 0  # of the row in the sheet
    claimed: dict[str, tuple[Exact, Origin]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    evidence: tuple[str, Origin] | None = None


@dataclass
class ListRead:
    """The rows of one list. Only FILLED says that these are all rows there are."""

    state: State
    rows: list[RowRead] = field(default_factory=list)
    evidence: str = ""


def read_list(reader: SheetReader, list_id: str) -> ListRead:
    """The list as filled in.

    Rows without a 填报行数 stand for themselves. Where both are missing the list is blank, never empty; where they differ
    the rows are kept, but nobody knows whether they are all.
    """
    item = reader.scheme.edition.lists[list_id]
    title = layout.list_label(reader.scheme, list_id)
    sheet = reader.one_sheet(layout.list_sheet(list_id), title, f"“{item.name}”没有读")
    if sheet is None:
        return ListRead(State.UNREADABLE)
    heads = {key: label for key, (label, _) in labels(reader.scheme, list_id).items()}
    places: dict[str, int | None] = {}
    for key, label in heads.items():
        wanted = key.partition(":")[0] in ("column", "reason")
        places[key] = reader.one_column(sheet, key, label, "这一列没有读") if wanted else reader.column(sheet, key)
    items: dict[str, FieldDef | None] = {f"column:{key}": column for key, column in item.columns.items()}
    items |= {key: SELF_FIELD for key in heads if key.startswith("self:")}
    check_heads(reader, sheet, heads, items)
    asked = {
        key: reader.asked(f"{list_id}.{key}", column, column.cite or item.cite) for key, column in item.columns.items()
    }
    page = ListPage(reader, sheet, list_id, item, places, asked)
    made = page.own_rows() if item.rows_from == "subject" else page.fixed_rows()
    made.evidence = page.evidence(made.rows)
    return made


class Brought(NamedTuple):
    """A row that the edition brings: its anchor, its name for people, the texts that the template writes in it (column
    key → text), what such columns say in all the rows, and its values."""

    key: str
    label: str
    texts: dict[str, str]
    others: dict[str, set[str]]
    values: dict[str, Any]


def brought_rows(scheme: Scheme, list_id: str) -> list[Brought]:
    """The fixed rows of a list, worked out once an edition."""
    if (scheme.digest, list_id) not in _brought:
        item, others = scheme.edition.lists[list_id], dict[str, set[str]]()
        made = _brought[scheme.digest, list_id] = []
        for fixed in layout.fixed_rows(item):
            texts = {f"given:{key}": text for key, text in fixed.given.items() if key in item.given}
            texts |= {"period": fixed.period} if fixed.period else {}
            for key, text in texts.items():
                others.setdefault(key, set()).add(word(text))
            label = fixed.period or "、".join(fixed.given.values()) or fixed.key
            made.append(Brought(fixed.key, label, texts, others, layout.given_values(item, fixed)))
    return _brought[scheme.digest, list_id]


_brought: dict[tuple[str, str], list[Brought]] = {}
_named: dict[tuple[str, str, str], FieldDef] = {}
MOST_NAMED = 20_000


@dataclass
class ListPage:
    """One list's sheet while it is being read: `places` header key → column number, `asked` column → what is asked."""

    reader: SheetReader
    sheet: Sheet
    list_id: str
    item: ListDef
    places: dict[str, int | None]
    asked: dict[str, Asked]

    def own_rows(self) -> ListRead:
        """Every row below the header in which something was entered."""
        head = self.reader.one_row(self.sheet, layout.LABELS, "表头", self.list_id)
        if head is None:
            return ListRead(State.UNREADABLE)
        inputs = ("column", "reason", "self", "evidence")
        columns = [at for key, at in self.places.items() if at and key.partition(":")[0] in inputs]
        rows = [n for n in self.sheet.filled_rows if n > head and any(self._entered(n, at) for at in columns)]
        if len(rows) > MOST_ROWS:
            what = f"“{self.item.name}”填了 {len(rows)} 行，最多读 {MOST_ROWS} 行"
            do = "只留本轮的行；确实有这么多的，用汇总表或 CSV 报"
            self.reader.complain("D115", what, WITHOUT_ROWS, do, sheet=self.sheet, at=(rows[0], 1), key=self.list_id)
            return ListRead(State.UNREADABLE)
        made = [self.row(n, f"第 {i} 行") for i, n in enumerate(rows, 1)]
        return ListRead(State.UNREADABLE if self._totals(rows) else self._counted(len(rows)), made)

    def _totals(self, rows: list[int]) -> bool:
        """Whether one of the rows is a total, which is no row of the list (D115)."""
        columns = sorted(at for places in self.sheet.columns.values() for at in places)
        for n in rows:
            at = next((column for column in columns if _TOTAL.fullmatch(self._text(n, column))), None)
            if at is not None:
                what = f"“{self.item.name}”第 {n} 行写的是“{line(self.sheet.text(n, at))}”，合计不是清单里的一行"
                do = "删去合计行，改正填报行数"
                self.reader.complain("D115", what, WITHOUT_ROWS, do, sheet=self.sheet, at=(n, at), key=self.list_id)
                return True
        return False

    def _text(self, row: int, column: int) -> str:
        raw = self.sheet.cell(row, column).raw
        return word(raw).lower() if isinstance(raw, str) and len(raw) < 20 else ""

    def fixed_rows(self) -> ListRead:
        """The rows that the edition brings; one that cannot be found is unreadable."""
        made, brought = [], brought_rows(self.reader.scheme, self.list_id)
        for one in brought:
            n = self.reader.one_row(self.sheet, one.key, one.label)
            lost = {key: Read(None, State.UNREADABLE, None) for key in layout.county_columns(self.item)}
            if n is not None:
                check_given(self.reader, self.sheet, n, one.texts, one.others, self.list_id)
            made.append(self.row(n, one.label) if n is not None else RowRead(lost))
            for key, value in one.values.items():
                made[-1].cells[key] = Read(value, State.FILLED, None)
        return ListRead(State.FILLED, made)

    def _entered(self, row: int, column: int) -> bool:
        """Whether anything was entered; a formula that comes to an empty text is nothing."""
        cell = self.sheet.cell(row, column)
        return shown(cell.raw) != "" or (cell.raw is None and bool(cell.formula))

    def _counted(self, rows: int) -> State:
        """Whether the rows found are all the rows there are."""
        clause = str(self.reader.scheme.citation(self.item.cite[0])) if self.item.cite else ""
        row = self.reader.one_row(self.sheet, layout.COUNT, "填报行数", self.list_id, clause)
        first = next(at for key, at in self.places.items() if key.startswith("column:"))
        if row is None or first is None:
            return State.FILLED if rows else State.UNREADABLE
        number = COUNT_FIELD.model_copy(update={"name": f"{self.item.name}的填报行数", "unit": "行"})
        found = self.reader.read(self.sheet, row, first, Asked(self.list_id, number, WITHOUT_ROWS, clause))
        if found.state == State.BLANK and rows:
            return State.FILLED
        if found.state == State.BLANK:
            what, do = "一行也没有填，也没有填“填报行数”", "逐行补填；确实没有的，填报行数写 0"
        elif found.state == State.FILLED and found.value == rows:
            return State.FILLED
        elif found.state == State.FILLED:
            what = f"填报行数写 {decimal_text(found.value)}，表里有内容的是 {rows} 行"
            do = "核对行数，补上缺的行或改正行数"
        else:
            return State.UNREADABLE
        what = f"“{self.item.name}”{what}"
        self.reader.complain("D115", what, WITHOUT_ROWS, do, sheet=self.sheet, at=(row, first), key=self.list_id,
                             clause=clause)  # fmt: skip
        return State.BLANK if found.state == State.BLANK else State.UNREADABLE

    def row(self, n: int, where: str) -> RowRead:
        made = RowRead({}, n)
        for key, place, silent in self._inputs:
            if place is None:
                made.cells[key] = Read(None, State.UNREADABLE, None)
                continue
            asked = self.asked[key]
            question = Asked(asked.key, self._named(asked, where), asked.why, asked.clause)
            made.cells[key] = self.reader.read(self.sheet, n, place, question, blank_matters=not silent)
            if asked.item.reason:
                self._reason(made, key, question)
        self._one_way_of_writing(made, where)
        for key, at in self.places.items():
            kind, _, indicator = key.partition(":")
            if kind == "self" and at:
                self._self_score(made, indicator, at, where)
        return made

    @cached_property
    def _inputs(self) -> list[tuple[str, int | None, bool]]:
        """The columns that the county fills in: where each stands, and whether a blank is no shortfall."""
        found = []
        for key, column in layout.county_columns(self.item).items():
            silent = column.asked_when is not None or column.type == "text"
            silent = silent or layout.asked_later(self.reader.scheme, column, self.reader.on)
            silent = silent or (column.blank is not None and column.blank.means == "never")
            found.append((key, self.places[f"column:{key}"], silent))
        return found

    def _named(self, asked: Asked, where: str) -> FieldDef:
        """What is asked, called by its row: `第 3 行的支付金额`. Workbooks ask the same again and again."""
        key = (self.reader.scheme.digest, asked.key, where)
        if key not in _named:
            if len(_named) > MOST_NAMED:
                _named.clear()
            _named[key] = asked.item.model_copy(update={"name": f"{where}的{asked.item.name}"})
        return _named[key]

    def _reason(self, made: RowRead, key: str, question: Asked) -> None:
        place = self.places.get(f"reason:{key}")
        text = self.sheet.text(made.number, place) if place else ""
        if text:
            made.reasons[key] = text
        elif place and made.cells[key].state == State.FILLED:
            what = f"“{question.item.name}”没有写理由"
            self.reader.complain("D112", what, "没有理由的不采用", "补写理由", sheet=self.sheet, at=(made.number, place),
                                 key=question.key, clause=question.clause)  # fmt: skip
            made.cells[key].value, made.cells[key].state = None, State.PENDING

    def _one_way_of_writing(self, made: RowRead, where: str) -> None:
        """Values in the row's own unit are compared with each other, so 100 beside 95% in one row is refused (D118)."""
        columns = self.item.columns
        keys = [key for key, cell in made.cells.items() if columns[key].unit == "row" and cell.state == State.FILLED]
        signed = [key for key in keys if made.cells[key].percent]
        bare = [key for key in keys if not made.cells[key].percent and made.cells[key].value != 0]
        if not signed or not bare:
            return
        others = "、".join(f"{columns[key].name}“{legible(made.cells[key].shown)}”" for key in signed)
        for key in bare:
            cell, asked = made.cells[key], self.asked[key]
            what = f"“{where}的{columns[key].name}”写的是“{legible(cell.shown)}”，同一行的{others}带百分号"
            at = (made.number, self.places[f"column:{key}"] or 1)
            self.reader.complain("D118", what, asked.why, "同一行要么都带百分号，要么都不带", sheet=self.sheet, at=at,
                                 key=asked.key, clause=asked.clause)  # fmt: skip
            cell.value, cell.state = None, State.UNREADABLE

    def _self_score(self, made: RowRead, indicator: str, column: int, where: str) -> None:
        points = self.reader.scheme.indicators[indicator].points
        why = "自评分用来与计算得分核对"
        question = Asked(indicator, self._named(Asked(f"self:{indicator}", SELF_FIELD), where), why)
        found = self.reader.read(self.sheet, made.number, column, question)
        if found.state != State.FILLED or found.origin is None:
            return
        made.claimed[indicator] = (found.value, found.origin)
        brought = made.cells.get(points) if isinstance(points, str) else None
        most = brought.value if brought else points
        if most is not None and not isinstance(most, str) and found.value > most:
            what = f"{where}自评 {decimal_text(found.value)} 分，该行满分 {decimal_text(most)} 分"
            at = (made.number, column)
            self.reader.complain("D116", what, why, "核对自评分", sheet=self.sheet, at=at, key=indicator)

    def evidence(self, rows: list[RowRead]) -> str:
        """Evidence is entered row by row; the rows that claim something without any are named in one note (D117)."""
        column = self.places.get("evidence")
        if not column:
            return ""
        texts, without = [], []
        for number, row in enumerate(rows, 1):
            text = self.sheet.text(row.number, column) if row.number else ""
            if text:
                texts.append((number, text))
                row.evidence = (text, Origin(self.reader.book.file, self.sheet.title, address(row.number, column)))
            elif any(
                _claims(self.item.columns[key], cell) for key, cell in row.cells.items() if key in self.item.columns
            ):
                without.append((number, row.number))
        if without:
            what = f"“{self.item.name}”第 {'、'.join(str(number) for number, _ in without)} 行没有列佐证材料"
            why, at = "没有佐证，核查时可能不予认定", (without[0][1], column)
            self.reader.complain("D117", what, why, "写上文件名、文号或页码", sheet=self.sheet, at=at, key=self.list_id)
        return "；".join(f"第 {_span(numbers)} 行：{text}" for numbers, text in _runs(texts))


def _runs(texts: list[tuple[int, str]]) -> list[tuple[list[int], str]]:
    """Rows that follow each other with the same text, together."""
    runs: list[tuple[list[int], str]] = []
    for number, text in texts:
        if runs and runs[-1][1] == text and runs[-1][0][-1] == number - 1:
            runs[-1][0].append(number)
        else:
            runs.append(([number], text))
    return runs


def _span(numbers: list[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}～{numbers[-1]}"


def _claims(column: FieldDef, cell: Read) -> bool:
    return bool(column.evidence) and cell.state == State.FILLED and cell.value not in (False, 0)
