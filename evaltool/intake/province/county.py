"""One county in a province-wide table: its fields, evidence, self scores and lists, cell by cell as in its own
workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.county_book import LOST, CountyRead, above_full, gather
from evaltool.intake.entries.entry import printed
from evaltool.intake.opened import Book, Sheet, address
from evaltool.intake.province.lists import ListTable
from evaltool.intake.province.page import Page
from evaltool.intake.sheet_reading import Asked, Read, SheetReader
from evaltool.intake.tables.heads import asked_in
from evaltool.intake.tables.other_units import in_own_unit
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef


@dataclass
class CountyRows:
    """The rows of the counties.

    pages  the sheets with a row a county; where  key of a column → the sheet from which it is read
    lists  list → its sheet; name  what messages call a county
    """

    reader: SheetReader
    pages: list[Page]
    where: Mapping[str, Page]
    lists: Mapping[str, ListTable]
    name: Callable[[str], str]

    @property
    def scheme(self) -> Scheme:
        return self.reader.scheme

    @property
    def book(self) -> Book:
        return self.reader.book

    @cached_property
    def fields(self) -> dict[str, FieldDef]:
        return layout.county_fields(self.scheme)

    @cached_property
    def asked(self) -> dict[str, Asked]:
        return {key: self.reader.asked(key, item, item.cite) for key, item in self.fields.items()}

    def read(self, code: str) -> CountyRead:
        """Everything that the table says of one county, with its problems. Never raises on bad data."""
        reader = self.reader.of(code)
        made = CountyRead(dict.fromkeys(self.fields, LOST))
        for page in self.pages:
            lost = [self.fields[key].name for key in page.columns if key in self.fields and self.where.get(key) is page]
            if lost and code not in page.rows and code not in page.empty:
                what, why = f"“{page.sheet.title}”里没有 {self.name(code)} 的行", f"该表里的 {len(lost)} 项都没有读"
                reader.complain("W119", what, why, "补上这一行", sheet=page.sheet)
        for key, item in self.fields.items():
            if (at := self._at(key, code)) is not None:
                self._field(reader, made, at, key, item)
        for key in self.scheme.leaves():
            if (at := self._at(f"self:{key}", code)) is not None:
                self._score(reader, made, at, key)
        for list_id in self.scheme.filled_lists:
            count = self._at(f"count:{list_id}", code)
            if list_id in self.lists:
                made.lists[list_id] = self.lists[list_id].read(reader, code, count)
            else:
                made.lists[list_id] = ListTable.lost(reader, list_id, count)
            if made.lists[list_id].evidence:
                made.evidence[list_id] = made.lists[list_id].evidence
        if layout.claimed_columns(self.scheme):
            gather(self.scheme, made)
        self.reader.told |= {one for one in reader.told if one[0] == "D125"}
        made.problems = reader.problems
        return made

    def _at(self, key: str, code: str) -> tuple[Sheet, int, int] | None:
        """The cell of a column in the county's row."""
        page = self.where.get(key)
        if page is None:
            return None
        rows = page.rows.get(code) or ([page.empty[code]] if code in page.empty else [])
        return (page.sheet, rows[0], page.columns[key]) if rows else None

    def _field(
        self, reader: SheetReader, made: CountyRead, at: tuple[Sheet, int, int], key: str, item: FieldDef
    ) -> None:
        (sheet, row, _), asked = at, self.asked[key]
        silent = item.asked_when is not None or layout.asked_later(self.scheme, item, self.reader.on)
        silent = silent or (item.blank is not None and item.blank.means == "never")
        unit = self.where[key].units.get(key, "")
        made.fields[key] = found = self.cell(reader, at, asked, unit, blank_matters=not silent)
        beside = self.where.get(f"evidence:{key}")
        if beside is not self.where[key]:
            return
        place = beside.columns[f"evidence:{key}"]
        text = made.evidence[key] = sheet.text(row, place)
        if text:
            made.evidence_at[key] = Origin(self.book.file, sheet.title, address(row, place))
        elif item.evidence and found.state == State.FILLED and found.value not in (False, 0):
            what = f"“{item.name}”没有列佐证材料（{'、'.join(item.evidence)}）"
            why = "没有佐证，核查时可能不予认定"
            reader.complain("D117", what, why, "写上文件名、文号或页码", sheet=sheet, at=(row, place), key=key,
                            clause=asked.clause)  # fmt: skip

    def cell(
        self, reader: SheetReader, at: tuple[Sheet, int, int], asked: Asked, unit: str = "", *,
        blank_matters: bool = False,
    ) -> Read:  # fmt: skip
        """One cell as in a county's workbook; of a column in another unit, converted as its head says."""
        sheet, row, column = at
        if unit:
            asked = Asked(asked.key, asked_in(asked.item, unit), asked.why, asked.clause)
        if self.book.kind == "csv":  # text is the normal thing there
            raw = sheet.cell(row, column).raw
            plain = printed(asked.item, raw.strip()) if isinstance(raw, str) else None
            if plain is not None and plain.slip is None:
                origin = Origin(self.book.file, sheet.title, address(row, column), plain.note)
                found = Read(plain.value, plain.state, origin, raw, plain.percent)
            else:
                found = reader.read(sheet, row, column, asked, blank_matters=blank_matters)
        else:
            found = reader.read(sheet, row, column, asked, blank_matters=blank_matters)
        if unit:
            in_own_unit(reader, found, self.fields[asked.key], unit, asked, at)
        return found

    def _score(self, reader: SheetReader, made: CountyRead, at: tuple[Sheet, int, int], key: str) -> None:
        item = self.scheme.indicators[key]
        clause = str(self.scheme.citation(item.cite[0])) if item.cite else ""
        field_ = FieldDef(name=f"{item.name}的自评分", type="points")
        asked = Asked(key, field_, "自评分用来与计算得分核对", clause)
        found = self.cell(reader, at, asked)
        if found.state != State.FILLED or found.origin is None:
            return
        made.claimed[key] = (found.value, found.origin)
        if what := above_full(item, found.value):
            reader.complain("D116", what, asked.why, "核对自评分", sheet=at[0], at=at[1:], key=key, clause=clause)

    def summands(self, page: Page, counties: Mapping[str, CountyRead]) -> dict[str, dict[int, Read]]:
        """Field → number of the row → what was read there, for what can be added up."""
        parts: dict[str, dict[int, Read]] = {}
        for key in page.columns:
            item = self.fields.get(key)
            if item is None or item.type not in ("count", "money") or self.where.get(key) is not page:
                continue
            rows = {row: code for code, found in page.rows.items() for row in found}
            parts[key] = {row: counties[code].fields[key] for row, code in rows.items() if code in counties}
            quiet = self.reader.of("")
            for row in page.totals:
                at = (page.sheet, row, page.columns[key])
                parts[key][row] = self.cell(quiet, at, self.asked[key], page.units.get(key, ""))
        return parts
