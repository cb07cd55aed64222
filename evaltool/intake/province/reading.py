"""A province-wide table that came among the files of a round: a row a county, and a sheet a list.

Every cell is read by the same `SheetReader` as in a county's workbook, at its own address, and every county is checked
by itself. What a table adds is told once for the table: heads, rows that belong to nobody, totals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaltool.books import book as books
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.intake.entries.readings import legible
from evaltool.intake.hiding import hide
from evaltool.intake.opened import Book, Sheet, anchored
from evaltool.intake.province.county import CountyRows
from evaltool.intake.province.lists import ListTable, open_list
from evaltool.intake.province.opening import open_page
from evaltool.intake.province.page import CODE, NAME, Page, heads_row, lists_of, own_words
from evaltool.intake.province.rows import Owners, sort_rows
from evaltool.intake.province.totals import check_totals
from evaltool.intake.questions.consistency import check
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.tables.delimited import Undelimited, records
from evaltool.intake.tables.heads import Heads, plain_head
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme

if TYPE_CHECKING:
    from evaltool.intake.taking import Round

ENOUGH = 6  # heads that make a sheet a table of the round, where the edition asks for that many
MOST_CELLS = 4_000_000  # of a CSV file


@dataclass
class ProvinceRead:
    """What a province-wide table says.

    counties  code → what its row and its rows of lists say; a county whose row is empty has returned nothing
    problems  everything noticed, that of the counties too
    refused   counties that stand in the table and cannot be taken: two rows claim to be theirs
    stopped   the table as a whole is refused; why stands in `problems`
    """

    counties: dict[str, CountyRead] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    stopped: bool = False


def read_province(round_: Round, book: Book) -> ProvinceRead | None:
    """The counties in a book that is a province-wide table, or None where it is none. Never raises on bad data.

    It is one where it bears our stamp, or where a visible sheet has, within its first 15 rows, a row of heads with a
    code or a name and six (or half) of the edition's fields.
    """
    kind, scheme = book.stamp.get("kind", ""), round_.scheme
    own = kind == layout.PROVINCE_BOOK
    if (kind and not own) or (not own and not layout.county_fields(scheme)):
        return None
    if own and (problem := _of_another_round(scheme, book)):
        return ProvinceRead(problems=[problem], stopped=True)
    table = _Table(round_, book, own)
    if not table.open_pages():
        return None if not own else ProvinceRead(problems=table.reader.problems, stopped=True)
    return table.read()


def province_csv(round_: Round, data: bytes, name: str, sha256: str = "") -> ProvinceRead | None:
    """The same from a CSV file, whose cells are text."""
    try:
        lines = records(data)
    except Undelimited as error:
        what, why = f"{name} 读不出：{error}", "整个文件都没有读"
        return ProvinceRead(problems=[Problem("W102", what, why, "改好后再报", Place(name))], stopped=True)
    if sum(map(len, lines)) > MOST_CELLS:
        what, do = f"{name} 有 {sum(map(len, lines))} 格，超过 {MOST_CELLS} 格", "只留本轮各县的行"
        return ProvinceRead(problems=[Problem("W111", what, "整个文件都没有读", do, Place(name))], stopped=True)
    return read_province(round_, csv_book(lines, name, sha256))


def csv_book(lines: list[list[str]], name: str, sha256: str = "") -> Book:
    """The records as a book of one sheet, each at the address at which Excel would show it."""
    cells = {
        (row, column): books.Cell(text)
        for row, line in enumerate(lines, 1)
        for column, text in enumerate(line, 1)
        if text.strip()
    }
    return anchored(books.Book(name, sha256, "csv", [books.Sheet(name.rpartition(".")[0] or name, 0, cells)]))


def _of_another_round(scheme: Scheme, book: Book) -> Problem | None:
    mark, edition = book.stamp, scheme.edition.valid_from.isoformat()
    do = "用本轮下发的汇总表重新填报"
    if (mark.get("scheme"), mark.get("valid_from")) != (scheme.id, edition):
        theirs = "@".join(legible(mark.get(key) or "") or "（空）" for key in ("scheme", "valid_from"))
        what = f"{book.file} 不是本轮“{scheme.name}”（{scheme.key}）的汇总表，是 {theirs} 的"
        return Problem("W104", what, "两个版本问的项目不同", do, Place(book.file))
    if (mark.get("format"), mark.get("digest")) != (layout.FORMAT, scheme.digest):
        what = f"{book.file} 的版本校验 {legible(mark.get('digest', '')[:16])} 与本轮 {scheme.digest[:16]} 不同"
        return Problem("W104", what, "汇总表发出后指标定义改过，各项含义可能不同", do, Place(book.file))
    return None


def table_heads(scheme: Scheme) -> Heads:
    """The heads of a table: the county's fields, their evidence, self scores, and the numbers of list rows."""
    words, fields = own_words(scheme), layout.county_fields(scheme)
    for key, item in fields.items():
        name = item.name
        words[f"evidence:{key}"] = [
            f"佐证:{key}",
            f"佐证:{name}",
            f"{name}佐证",
            f"{name}佐证材料",
            f"{name}（佐证材料）",
        ]
    for key in scheme.leaves():
        name = scheme.indicators[key].name
        words[f"self:{key}"] = [
            f"自评分:{key}",
            f"{key}自评分",
            f"{name}自评分",
            f"{name}（自评分）",
            f"自评分（{name}）",
        ]
    for key, rows in scheme.filled_lists.items():
        if rows.rows_from == "subject":
            name = rows.name
            words[f"count:{key}"] = [f"填报行数:{key}", f"填报行数:{name}", f"{name}填报行数", f"填报行数（{name}）"]
    return Heads(fields, words)


def table_anchors(heads: Heads) -> dict[str, str]:
    """Anchor of our own sheet → key of the head."""
    keys = {head for head in heads.known.values() if head.partition(":")[0] in ("evidence", "self", "count")}
    return {CODE: CODE, NAME: NAME} | {f"value:{key}": key for key in heads.items} | {key: key for key in keys}


class _Table:
    """One table while it is being read."""

    def __init__(self, round_: Round, book: Book, own: bool) -> None:
        self.round, self.scheme, self.book, self.own = round_, round_.scheme, book, own
        self.reader = SheetReader(self.scheme, book, "", round_.on)
        self.heads, self.fields = table_heads(self.scheme), layout.county_fields(self.scheme)
        self.pages: list[Page] = []
        self.where: dict[str, Page] = {}
        self.lists: dict[str, ListTable] = {}

    def open_pages(self) -> bool:
        """Finds the sheets with a row a county. False where no sheet has enough of the edition's fields."""
        wanted = frozenset(self.fields)
        enough = min(ENOUGH, -(-len(wanted) // 2))
        titles, found, hidden = lists_of(self.scheme), list[tuple[Sheet, int, int]](), list[Sheet]()
        self.named: dict[str, list[Sheet]] = {}
        for sheet in self.book.sheets:
            list_id = self._list_of(sheet, titles)
            if list_id:
                self.named.setdefault(list_id, []).append(sheet)
                continue
            if self.own:
                row = (sheet.rows.get(layout.LABELS) or [0])[0] if sheet.name in layout.PROVINCE_SHEETS else 0
                found += [(sheet, row, enough if sheet.name == layout.PROVINCE else 0)] if row else []
                continue
            row, most = heads_row(sheet, self.heads, frozenset(self.heads.known.values()) - {CODE, NAME})
            if most and sheet.state != "visible":
                hidden.append(sheet)
            elif most:
                found.append((sheet, row, heads_row(sheet, self.heads, wanted)[1]))
        self.sure = self.own or any(most >= ENOUGH for _, _, most in found)
        if not any(most >= enough for _, _, most in found):
            if self.own:
                self.reader.one_sheet(layout.PROVINCE, layout.TITLES[layout.PROVINCE], "整张汇总表都没有读")
            return False
        for sheet in hidden:
            what = f"“{sheet.title}”是隐藏的，没有读"
            self.reader.complain("W125", what, "汇总表只读看得见的表", "要报的就取消隐藏，不要的就删去", sheet=sheet)
        anchors = table_anchors(self.heads) if self.own else None
        for sheet, row, _ in found:
            page = open_page(self.reader, sheet, row, self.heads, anchors)
            if {CODE, NAME} & set(page.columns):
                self.pages.append(page)
        return True

    def _list_of(self, sheet: Sheet, titles: dict[str, str]) -> str:
        if self.own:
            return sheet.name.removeprefix("list:") if sheet.name.startswith("list:") else ""
        return titles.get(plain_head(sheet.title), "") if sheet.state == "visible" else ""

    def read(self) -> ProvinceRead | None:
        reader, owners = self.reader, Owners(self.round.roster)
        for page in self.pages:
            sort_rows(reader, page, owners, self.fields)
        self._settle_columns()
        for list_id in self.scheme.filled_lists:
            table = open_list(reader, list_id, self.named.get(list_id, []), owners, self.own)
            if table is not None:
                self.lists[list_id] = table
        self._tell_missing()
        doubled = self._doubled()
        order = list(dict.fromkeys(code for page in self.pages for code in page.rows))
        rows_only = [code for table in self.lists.values() for code in table.page.rows]
        codes = [code for code in dict.fromkeys([*order, *rows_only]) if code not in doubled]
        rows = CountyRows(reader, self.pages, self.where, self.lists, self.name)
        counties = {code: rows.read(code) for code in codes}
        self._tell_empty(counties)
        for page in self.pages:
            check_totals(reader, page, self.heads, rows.summands(page, counties))
        if not (counties or doubled or self.sure or any(page.empty for page in self.pages)):
            return None  # a few heads alone, and no county of ours: some other list
        problems = [*reader.problems, *(problem for one in counties.values() for problem in one.problems)]
        problems = hide(self.scheme, counties, problems, self.book.file)
        for code, one in counties.items():
            checks = check(self.scheme, code, one)
            one.problems += checks
            problems += checks
        return ProvinceRead(counties, problems, tuple(sorted(doubled)))

    def _settle_columns(self) -> None:
        """Which sheet each column is read from; what stands on two sheets is read from none."""
        places: dict[str, list[Page]] = {}
        for page in self.pages:
            for key in page.columns:
                if key not in (CODE, NAME):
                    places.setdefault(key, []).append(page)
        self.where = {key: found[0] for key, found in places.items() if len(found) == 1}
        twice = [key for key, found in places.items() if len(found) > 1]
        if twice:
            names = "、".join(f"“{self.heads.names.get(key, key)}”" for key in twice[:5])
            more = f"等 {len(twice)} 列" if len(twice) > 5 else ""
            sheets = "、".join(f"“{page.sheet.title}”" for page in places[twice[0]])
            what, why = f"{names}{more}在 {sheets} 里都有", "不知道以哪一张表为准，这些列都没有采用"
            second = places[twice[0]][1]
            at = (second.head, second.columns[twice[0]])
            self.reader.complain("W112", what, why, "只留一张表", sheet=second.sheet, at=at)

    def _tell_missing(self) -> None:
        sheet = self.pages[0].sheet
        lost = [item.name for key, item in self.fields.items() if key not in self.where]
        if lost:
            shown = "、".join(f"“{name}”" for name in lost[:10]) + (f"等 {len(lost)} 项" if len(lost) > 10 else "")
            what, why = f"汇总表没有这些项目的列：{shown}", "各县的这些项目都没有读"
            self.reader.complain("W108", what, why, "补上列，列名写项目的名称或编号", sheet=sheet)
        absent = [item.name for key, item in self.scheme.filled_lists.items() if not self.named.get(key)]
        if absent:
            names = "、".join(f"“{name}”" for name in absent)
            what, do = f"汇总表里没有清单的工作表：{names}", "各加一张同名的工作表，一行一件，写明代码或名称"
            self.reader.complain("W107", what, "这些清单都没有读", do, sheet=None)

    def _doubled(self) -> set[str]:
        """Counties of which a sheet has two rows: nobody knows which one holds."""
        doubled: set[str] = set()
        for page in self.pages:
            for code, rows in page.rows.items():
                if len(rows) > 1:
                    doubled.add(code)
                    numbers = "、".join(str(row) for row in rows)
                    what = f"{self.name(code)}在“{page.sheet.title}”里有 {len(rows)} 行（第 {numbers} 行）"
                    self.reader.complain("W119", what, "不替人选，该行的内容都没有采用", "只留一行", sheet=page.sheet,
                                         at=(rows[1], 1), subject=code)  # fmt: skip
            doubled |= self._shifted(page) if self.reader.book.kind == "csv" else set()
        return doubled

    def _shifted(self, page: Page) -> set[str]:
        """Counties whose line has more cells than there are heads: a comma too many moves every figure behind it."""
        last = max(column for row, column in page.sheet.cells if row == page.head)
        longer = {row for row, column in page.sheet.cells if column > last}
        shifted = {code: row for code, rows in page.rows.items() for row in rows if row in longer}
        for code, row in shifted.items():
            what = f"{self.name(code)}第 {row} 行比表头多出几格，多半是数里的逗号没有加引号，后面的数移了位"
            self.reader.complain("W119", what, "该行的内容都没有采用", "数里不写千分位的逗号，再存一次", sheet=page.sheet,
                                 at=(row, last + 1), subject=code)  # fmt: skip
        return set(shifted)

    def _tell_empty(self, counties: dict[str, CountyRead]) -> None:
        empty = {code: (page, row) for page in self.pages for code, row in page.empty.items() if code not in counties}
        if empty:
            names = "、".join(self.name(code) for code in list(empty)[:5])
            names += f"等 {len(empty)} 个" if len(empty) > 5 else ""
            page, row = next(iter(empty.values()))
            what, why = f"{names}的行里一项也没有填", "当作没有报送"
            self.reader.complain("W117", what, why, "请这些县填报", sheet=page.sheet, at=(row, 1))

    def name(self, code: str) -> str:
        return f"“{self.round.roster['name'].to_numpy()[self.round.roster.index.get_loc(code)]}”（{code}）"
