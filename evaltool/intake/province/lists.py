"""The lists of a province-wide table: a sheet a list, each row with the code or name of its county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from evaltool.facts import State
from evaltool.intake import layout
from evaltool.intake.entries.entry import understand
from evaltool.intake.entries.readings import legible
from evaltool.intake.list_reading import WITHOUT_ROWS, ListPage, ListRead, RowRead
from evaltool.intake.opened import Sheet
from evaltool.intake.province.opening import open_page
from evaltool.intake.province.page import ASIDE, CODE, NAME, Page, heads_row, own_words, period_of
from evaltool.intake.province.rows import Owners, sort_rows
from evaltool.intake.sheet_reading import Asked, Read, SheetReader
from evaltool.intake.tables.heads import Heads, asked_in
from evaltool.intake.tables.other_units import in_own_unit
from evaltool.intake.templates.list_sheet import COUNT_FIELD, labels
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme

_EVIDENCE = ("佐证材料", "佐证", "佐证材料（文件名、文号、页码）")


def list_heads(scheme: Scheme, list_id: str) -> Heads:
    """The heads of a list's sheet: what the edition brings, what a county enters, its reasons and self scores."""
    item = scheme.edition.lists[list_id]
    words = own_words(scheme)
    if item.rows_from == "calendar":
        words |= {"period": [layout.PERIODS[item.every or "month"], "期间", "period"]}
        words[ASIDE] = [*words[ASIDE], "应报日期", "due"]
    given = {key: item.columns[key] for key in item.given}
    for key, column in layout.county_columns(item).items():
        if column.reason:
            words[f"reason:{key}"] = [f"{column.name}的理由", f"{column.name}理由"]
    for key in layout.row_scores(scheme, list_id):
        words[f"self:{key}"] = [f"自评分（{scheme.indicators[key].name}）", f"自评分:{key}", "自评分"]
    if layout.wants_evidence(item):
        words["evidence"] = list(_EVIDENCE)
    return Heads({**given, **layout.county_columns(item)}, words)


def list_anchors(scheme: Scheme, list_id: str) -> dict[str, str]:
    """Anchor of our own sheet → key of the head."""
    anchors = {CODE: CODE, NAME: NAME}
    for key in labels(scheme, list_id):
        kind, _, name = key.partition(":")
        anchors[key] = {"column": name, "given": name, "no": ASIDE, "due": ASIDE}.get(kind, key)
    return anchors


@dataclass
class ListTable:
    """The sheet of one list for all counties; `which` number of a sheet's row → position among the edition's rows."""

    list_id: str
    page: Page
    heads: Heads
    asked: dict[str, Asked]
    which: dict[int, int]

    @property
    def places(self) -> dict[str, int | None]:
        """Where each column stands, under the keys that a list's sheet has in a county's workbook."""
        own: dict[str, int | None] = {}
        for key in self.heads.items:
            own[f"column:{key}"] = self.page.columns.get(key)
        return own | {key: at for key, at in self.page.columns.items() if key.partition(":")[0] in _EXTRA}

    @staticmethod
    def lost(reader: SheetReader, list_id: str, count: tuple[Sheet, int, int] | None) -> ListRead:
        """A list without a sheet: unreadable, unless the county says that it has no rows."""
        quiet = reader.of(reader.subject)  # the missing sheet is told already
        known = count is not None and _counted(quiet, list_id, 0, count) == State.FILLED
        return ListRead(State.FILLED if known else State.UNREADABLE)

    def row(self, page: ListPage, number: int, where: str) -> RowRead:
        """One row; what stands in a column of another unit is converted."""
        made = page.row(number, where)
        for key, unit in self.page.units.items():
            if key in made.cells:
                at = (page.sheet, number, self.page.columns[key])
                in_own_unit(page.reader, made.cells[key], page.item.columns[key], unit, self.asked[key], at)
        return made

    def read(self, reader: SheetReader, code: str, count: tuple[Sheet, int, int] | None) -> ListRead:
        """The county's rows. A county without any says so by its 填报行数 (`count`), or nobody knows."""
        item = reader.scheme.edition.lists[self.list_id]
        page = ListPage(reader, self.page.sheet, self.list_id, item, self.places, self.asked)
        rows = self.page.rows.get(code, [])
        if item.rows_from == "subject":
            made = ListRead(
                _counted(reader, self.list_id, len(rows), count),
                [self.row(page, n, f"第 {i} 行") for i, n in enumerate(rows, 1)],
            )
        else:
            made = self._fixed(reader, page, rows)
        for key in self.unreasoned:
            for row in made.rows:
                if row.cells[key].state == State.FILLED:  # what has no reason is not adopted
                    row.cells[key].value, row.cells[key].state = None, State.PENDING
        made.evidence = page.evidence(made.rows) if page.places.get("evidence") else ""
        return made

    @property
    def unreasoned(self) -> list[str]:
        """Columns that want a reason, where the sheet has no column for it."""
        wanting = (key for key, item in self.heads.items.items() if item.reason)
        return [key for key in wanting if f"reason:{key}" not in self.page.columns]

    def _fixed(self, reader: SheetReader, page: ListPage, rows: list[int]) -> ListRead:
        """The edition's rows, each with what the county says in it; a row that is not there is blank, one that stands
        there twice is unreadable."""
        item, found = page.item, dict[int, list[int]]()
        for row in rows:
            if row in self.which:
                found.setdefault(self.which[row], []).append(row)
        made, missing = [], []
        for i, fixed in enumerate(layout.fixed_rows(item)):
            label = fixed.period or "、".join(fixed.given.values()) or fixed.key
            at = found.get(i, [])
            if len(at) == 1:
                made.append(self.row(page, at[0], label))
            else:
                state = State.UNREADABLE if at else State.BLANK
                made.append(RowRead({key: Read(None, state, None) for key in layout.county_columns(item)}))
                missing += [] if at else [label]
            if len(at) > 1:
                numbers = "、".join(str(row) for row in at)
                what = f"“{label}”有 {len(at)} 行（第 {numbers} 行）"
                reader.complain("W112", what, "不知道以哪一行为准，都没有采用", "只留一行", sheet=page.sheet,
                                at=(at[1], 1), key=self.list_id)  # fmt: skip
            for key, value in layout.given_values(item, fixed).items():
                made[-1].cells[key] = Read(value, State.FILLED, None)
        if missing:
            shown = "、".join(missing[:5]) + (f"等 {len(missing)} 行" if len(missing) > 5 else "")
            what = f"“{item.name}”没有这些行：{shown}"
            reader.complain("D115", what, "这些行当作未填", "补上缺的行", sheet=page.sheet, key=self.list_id)
        return ListRead(State.FILLED, made)


_EXTRA = frozenset({"reason", "self", "evidence"})


def _counted(reader: SheetReader, list_id: str, rows: int, count: tuple[Sheet, int, int] | None) -> State:
    """Whether the rows that stand there are all there are: as in a county's workbook, rows stand for themselves, but
    no row and no 填报行数 is not an empty list."""
    item = reader.scheme.edition.lists[list_id]
    clause = str(reader.scheme.citation(item.cite[0])) if item.cite else ""
    found = Read(None, State.BLANK, None)
    at = None
    if count is not None:
        sheet, *at = count
        named = COUNT_FIELD.model_copy(update={"name": f"{item.name}的填报行数"})
        found = reader.read(sheet, at[0], at[1], Asked(list_id, named, WITHOUT_ROWS, clause))
    if (found.state == State.BLANK and rows) or (found.state == State.FILLED and found.value == rows):
        return State.FILLED
    if found.state == State.BLANK:
        what = "一行也没有，也没有填报行数"
        do = f"逐行补填；确实没有的，在“{item.name}填报行数”列写 0"
    elif found.state == State.FILLED:
        what = f"填报行数写 {decimal_text(found.value)}，表里有内容的是 {rows} 行"
        do = "核对行数，补上缺的行或改正行数"
    else:
        return State.UNREADABLE
    reader.complain("D115", f"“{item.name}”{what}", WITHOUT_ROWS, do, sheet=count[0] if count else None,
                    at=(at[0], at[1]) if at else None, key=list_id, clause=clause)  # fmt: skip
    return State.BLANK if found.state == State.BLANK else State.UNREADABLE


def open_list(
    reader: SheetReader, list_id: str, sheets: Iterable[Sheet], owners: Owners, own: bool
) -> ListTable | None:
    """The table of a list among the sheets that bear its name; None where there is none or more than one."""
    scheme, item = reader.scheme, reader.scheme.edition.lists[list_id]
    heads, title = list_heads(scheme, list_id), layout.list_label(scheme, list_id)
    columns = frozenset(layout.county_columns(item))
    found = []
    for sheet in sheets:
        labels_row = sheet.rows.get(layout.LABELS, []) if own else []
        row = labels_row[0] if len(labels_row) == 1 else heads_row(sheet, heads, columns)[0]
        if row:
            found.append((sheet, row))
        else:
            what = f"“{sheet.title}”的前 15 行里没有写列名的一行（代码或名称，加上“{item.name}”的列）"
            reader.complain("W118", what, f"“{item.name}”没有读", "写上列名", sheet=sheet, key=list_id)
    if len(found) != 1:
        if len(found) > 1:
            names = "、".join(f"“{sheet.title}”" for sheet, _ in found)
            what, do = f"“{title}”有 {len(found)} 张：{names}", "只留填好的一张"
            reader.complain("W112", what, f"“{item.name}”没有读", do, sheet=found[0][0], key=list_id)
        return None
    sheet, row = found[0]
    page = open_page(reader, sheet, row, heads, list_anchors(scheme, list_id) if own else None)
    if not {CODE, NAME} & set(page.columns):
        return None
    mine = layout.county_columns(item)
    missing = [column.name for key, column in mine.items() if key not in page.columns]
    wanting = [key for key, column in mine.items() if column.reason and f"reason:{key}" not in page.columns]
    missing += [f"{mine[key].name}的理由" for key in wanting]
    if missing:
        what = f"“{sheet.title}”没有这些列：{'、'.join(missing)}"
        reader.complain("W108", what, "这些列都没有读", "补上列，列名照清单写", sheet=sheet, key=list_id)
    page.brought = frozenset(page.columns[key] for key in (*item.given, "period") if key in page.columns)
    sort_rows(reader, page, owners, heads.items)
    asked = {
        key: reader.asked(f"{list_id}.{key}", column, column.cite or item.cite) for key, column in item.columns.items()
    }
    for key, unit in page.units.items():
        asked[key] = replace(asked[key], item=asked_in(asked[key].item, unit))
    table = ListTable(list_id, page, heads, asked, {})
    if item.rows_from != "subject" and not _which(reader, table):
        return None
    return table


def _which(reader: SheetReader, table: ListTable) -> bool:
    """Finds which of the edition's rows each row of the sheet is; says so where the columns do not tell them apart."""
    item = reader.scheme.edition.lists[table.list_id]
    page, sheet = table.page, table.page.sheet
    fixed = layout.fixed_rows(item)
    keys = [key for key in (*item.given, "period") if key in page.columns]
    brought = [layout.given_values(item, row) for row in fixed]
    known = {tuple(row.get(key) for key in keys): i for i, row in enumerate(brought)}
    if len(known) < len(fixed):
        period = layout.PERIODS[item.every or "month"]
        wanted = "、".join(item.columns[key].name for key in item.given) or period
        what, why = f"“{sheet.title}”的列认不出各行是清单里的哪一行", f"“{item.name}”没有读"
        reader.complain("W118", what, why, f"补上列：{wanted}（能分清各行就够）", sheet=sheet, key=table.list_id)
        return False
    meant: Mapping[str, int] = page.columns
    for row in page.data:
        said = []
        for key in keys:
            cell = sheet.cell(row, meant[key])
            if key == "period":
                said.append(period_of(cell.raw, item.every))
            else:
                said.append(understand(item.columns[key], cell.raw, cell.percent).value)
        if tuple(said) in known:
            table.which[row] = known[tuple(said)]
        else:
            text = legible("、".join(str(part or "") for part in said))
            what = f"第 {row} 行的“{text}”不在清单“{item.name}”里"
            reader.complain("W119", what, "这一行没有采用", "照清单写", sheet=sheet, at=(row, meant[keys[0]]),
                            key=table.list_id)  # fmt: skip
    return True
