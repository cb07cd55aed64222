"""Reading the columns of tables: which head is which field, whose row is whose, and every problem in its place.

The cells of a workbook's sheet are read by `SheetReader`, as in any workbook; those of CSV files and frames by meaning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from evaltool.facts import Origin, State, Table
from evaltool.intake import layout
from evaltool.intake.entries.entry import Slip
from evaltool.intake.entries.readings import legible, line
from evaltool.intake.purposes import purposes
from evaltool.intake.sheet_reading import Asked, SheetReader, fill_in
from evaltool.intake.tables import direct
from evaltool.intake.tables.heads import Heads, asked_in, converted, factor
from evaltool.intake.tables.other_units import in_own_unit
from evaltool.intake.tables.tabular import Grid, Tabular
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

NAMED = 30  # so many unknown heads are named one by one
SHOWN = 5  # so many rows are named where many have the same fault
WORD = {state: word for word, state in direct.WORDS.items()}
Array = np.ndarray


class Block:
    """A table of facts being filled in, column by column.

    rows     the row of the source table that stands at each position, or -1
    whose    position → code of its subject
    preset   position → word of a state that all its cells have, or None
    spoiled  bool per position: what the source table says of it cannot be trusted
    """

    def __init__(self, columns: Sequence[str], rows: Array, whose: Callable[[int], str]) -> None:
        self.columns, self.rows, self.whose = list(columns), rows, whose
        shape = (len(rows), len(self.columns))
        self.values, self.origins = np.full(shape, None, object), np.full(shape, None, object)
        self.states = np.zeros(shape, np.int8)
        self.preset = np.full(len(rows), None, object)
        self.spoiled = np.zeros(len(rows), bool)

    def table(self, index: pd.Index) -> Table:
        return direct.framed(index, self.columns, self.values, self.states, self.origins)


class TableReader:
    """Reads the tables of one round and collects their problems in reading order."""

    def __init__(self, scheme: Scheme, *, complete: bool = False, on: dt.date | None = None) -> None:
        self.scheme, self.complete, self.on = scheme, complete, on
        self._units: dict[tuple[int, int], str] = {}  # (id of the table, column) → unit that its head states
        self._readers: dict[int, SheetReader] = {}
        self._names: dict[str, int] = {}
        self._found: list[tuple[tuple[int, int, int], Problem]] = []

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in sorted(self._found, key=lambda pair: pair[0])]

    def complain(
        self, code: str, what: str, why: str, do: str, table: Tabular, row: int = -1, column: int = -1, *,
        key: str = "", subject: str = "", item: FieldDef | None = None,
    ) -> None:  # fmt: skip
        """A problem at a row and column of a table (positions from 0); `item` is the field `key` that it is about."""
        head = line(table.heads[column]) if column >= 0 else ""
        place = Place(table.name, table.row(row) if row >= 0 else "", head, key, subject)
        if table.grid is not None:
            place = Place(table.name, table.grid.sheet.title, table.grid.address(row, column), key, subject)
        problem = Problem(code, what, why, do, place)
        if item is not None:
            list_id, _, name = key.rpartition(".")
            rule = self.scheme.place(*(("lists", list_id, "columns", name) if list_id else ("fields", name)))
            clause = str(self.scheme.citation(item.cite[0])) if item.cite else ""
            problem = Problem(code, what, why or purposes(self.scheme).sentence(key), do, place, rule, clause)
        self._found.append(((self._rank(table.name, table.grid), row, column), problem))

    def _rank(self, name: str, grid: Grid | None) -> int:
        """The place of a table among those that were read: problems are told in that order."""
        name = f"{name}\0{grid.sheet.title if grid else ''}"
        return self._names.setdefault(name, len(self._names))

    def columns(self, table: Tabular, heads: Heads, code: str) -> dict[str, int]:
        """Where each id stands; nothing where the table does not say in `code` whose rows they are.

        Heads that nobody knows, that stand twice, or that state a unit of another kind are told.
        """
        if table.broken:
            self.complain("W118", f"{table.name} 读不出：{table.broken}", "整张表没有采用", "改好后再读", table)
            return {}
        said = [heads.find(head) if head else None for head in table.heads]
        if not any(head and head.key == code for head in said):
            why, do = "不知道各行是谁的，整张表没有采用", f"第一行写列名，其中一列是“{code}”，写各行的代码"
            self.complain("W118", f"{table.name} 没有“{code}”列", why, do, table)
            return {}
        places: dict[str, list[int]] = {}
        strange: list[int] = []
        for column, (head, text) in enumerate(zip(said, table.heads, strict=True)):
            if head is not None:
                places.setdefault(head.key, []).append(column)
            elif text:
                strange.append(column)
        do = "改成字段的编号或名称；用不着的列不管它"
        for column in strange[:NAMED]:
            text = table.heads[column]
            near = get_close_matches(text[:60], [*heads.names, *heads.names.values()], 1, 0.6)
            remedy = f"是不是“{near[0]}”？" if near else do
            self.complain("W117", f"不认识列“{line(text)}”", "这一列没有采用", remedy, table, column=column)
        if len(strange) > NAMED:
            what, why = f"另有 {len(strange) - NAMED} 列不认识", "这些列没有采用"
            self.complain("W117", what, why, do, table, column=strange[NAMED])
        for row in table.again:
            self.complain("W117", f"{table.row(row)}又是列名", "这一行没有读", "不用处理", table, row)
        found = {}
        for key, columns in places.items():
            head, first = said[columns[0]], columns[0]
            if len(columns) > 1:
                what, why = f"“{heads.names.get(key, key)}”有 {len(columns)} 列", "不知道以哪一列为准，都没有采用"
                self.complain("W118", what, why, "只留一列", table, column=columns[1], key="" if key == code else key)
            elif head is not None and head.wrong:
                item = heads.items[key]
                what = f"列“{line(table.heads[first])}”写的单位是“{line(head.wrong)}”，“{item.name}”的单位是“{item.unit or '无'}”"
                why, do = "单位换算不了，整列没有采用", "按规定的单位填，并改正列名"
                self.complain("D126", what, why, do, table, column=first, key=key)
                self._units[id(table), first] = head.wrong
                found[key] = first
            else:
                found[key] = first
                if head is not None and head.unit:
                    self._units[id(table), first] = head.unit
        return found if code in found else {}

    def owners(self, table: Tabular, codes: Sequence[str], place: Mapping[str, int], known: str) -> Array:
        """The position of each row's subject, or -1; rows without a code and with an unknown one are told."""
        nameless = [i for i, one in enumerate(codes) if not one and not table.is_blank(i)]
        if nameless:
            what, why = f"{numbered(table, nameless)}没有代码", "不知道是谁的，没有采用"
            self.complain("W119", what, why, "补上代码", table, nameless[0])
        strangers: dict[str, list[int]] = {}
        for i, one in enumerate(codes):
            if one and one not in place:
                strangers.setdefault(one, []).append(i)
        for one, rows in strangers.items():
            what, why = f"{numbered(table, rows)}的代码 {legible(one)} 不在{known}里", "没有采用"
            near = get_close_matches(one, list(place), 1, 0.8) if len(strangers) <= SHOWN else []
            do = f"是不是“{near[0]}”？" if near else f"核对代码，或把它加进{known}"
            self.complain("W119", what, why, do, table, rows[0], subject=one)
        shifted = sorted(table.shifted)
        if shifted:
            what, why = f"{numbered(table, shifted)}的格比列名多", "分不清哪一格是哪一列，这些行当作读不出"
            self.complain("W119", what, why, "含逗号的数和文字加双引号，或去掉逗号", table, shifted[0])
        return np.array([place.get(one, -1) for one in codes], np.int64)

    def settle(self, block: Block, table: Tabular, at: Array, what: Callable[[int], str]) -> None:
        """Says which row of the table stands where (`at`: its position in the block, or -1).

        Where two rows claim one place both are unreadable, which is told once a subject; `what` names the place.
        """
        rows = np.flatnonzero(at >= 0)
        block.rows[at[rows[::-1]]] = rows[::-1]
        doubled: dict[str, list[int]] = {}
        for position in np.flatnonzero(np.bincount(at[rows], minlength=len(block.rows)) > 1).tolist():
            block.spoiled[position] = True
            doubled.setdefault(block.whose(position), []).append(position)
        where: dict[int, list[int]] = {}
        for row in rows[block.spoiled[at[rows]]].tolist():
            where.setdefault(int(at[row]), []).append(row)
        for subject, positions in doubled.items():
            names = "、".join(what(position) for position in positions[:SHOWN])
            more = f" 等 {len(positions)} 项" if len(positions) > SHOWN else ""
            told = [row for position in positions for row in where[position]]
            message = f"{names}{more}不止一行：{numbered(table, told)}"
            do, why = "只留一行", "不知道以哪一行为准，都当作读不出"
            self.complain("W119", message, why, do, table, where[positions[0]][1], subject=subject)
        block.spoiled |= np.isin(block.rows, sorted(table.shifted))

    def read(
        self, block: Block, key: str, item: FieldDef, empty: State, table: Tabular | None, column: int | None
    ) -> None:
        """Fills in the column of the block that belongs to `key` (a field, or list.column) from a column of the table,
        or leaves it empty where the table has none."""
        j = block.columns.index(key.rpartition(".")[2])
        cells = np.full(len(block.rows), None, object)
        here = np.zeros(len(block.rows), bool)
        if table is not None and column is not None:
            here = block.rows >= 0
            rows = block.rows[here]
            cells[here] = np.fromiter(table.cells[column], object, len(table))[rows]
            cells[block.spoiled] = WORD[State.UNREADABLE]
            names = repeat(table.name), table.labels[rows].tolist(), repeat(table.heads[column])
            block.origins[here, j] = np.fromiter(map(Origin, *names), object, len(rows))
        told = block.preset != None  # noqa: E711 – cell by cell
        cells[told] = block.preset[told]
        unit = self._units.get((id(table), column), "") if column is not None else ""
        if unit and factor(item, unit) is None:
            cells[here & ~told] = WORD[State.UNREADABLE]
        seen = here & ~told & ~block.spoiled & (cells != WORD[State.UNREADABLE])
        if table is not None and table.grid is not None:
            cells[seen] = None  # read where they stand, below
        meant = _in_unit(item, unit, empty) if unit else direct.meaning(item, empty)
        remarks = direct.fill(cells.tolist(), meant, block.values[:, j], block.states[:, j])
        if table is None or column is None:
            return
        if table.grid is not None:
            self._cells(block, j, (key, item, unit), table.grid, column, np.flatnonzero(seen))
            return
        for position, slip, note in remarks:
            if note:
                block.origins[position, j] = block.origins[position, j]._replace(note=note)
            if slip is not None:
                self._slip(block, position, slip, table, column, key, item)
        if self.complete and _must(self.scheme, item, self.on):
            for position in np.flatnonzero(seen & (block.states[:, j] == int(State.BLANK))).tolist():
                slip = Slip("D100", f"“{item.name}”没有填", fill_in(item))
                self._slip(block, position, slip, table, column, key, item)

    def one_way_of_writing(self, block: Block, table: Tabular, list_id: str, columns: Mapping[str, int]) -> None:
        """Values in a row's own unit are compared with each other, so 100 beside 95% in one row is refused (D118)."""
        if len(columns) < 2:
            return
        item, rows = self.scheme.edition.lists[list_id], np.where(block.rows >= 0, block.rows, 0)
        places = [block.columns.index(key) for key in columns]
        written = [
            np.array([_percent(table, column, i) for i in range(len(table))], bool) for column in columns.values()
        ]
        if not len(rows) or not any(column.any() for column in written):
            return
        filled = (block.states[:, places] == int(State.FILLED)) & (block.rows >= 0)[:, None]
        signed = np.stack([column[rows] for column in written], axis=1) & filled
        bare = filled & ~signed & (block.values[:, places] != 0)
        for position in np.flatnonzero(signed.any(axis=1) & bare.any(axis=1)).tolist():
            for j, (key, column) in enumerate(columns.items()):
                if bare[position, j]:
                    text = table.text(column, int(block.rows[position]))
                    what = f"“{item.columns[key].name}”写的是“{legible(text)}”，同一行的别的数带百分号"
                    slip = Slip("D118", what, "同一行要么都带百分号，要么都不带")
                    block.values[position, places[j]] = None
                    block.states[position, places[j]] = int(State.UNREADABLE)
                    self._slip(block, position, slip, table, column, f"{list_id}.{key}", item.columns[key])

    def _slip(
        self, block: Block, position: int, slip: Slip, table: Tabular, column: int, key: str, item: FieldDef
    ) -> None:
        row, subject = int(block.rows[position]), block.whose(position)
        self.complain(slip.code, slip.what, "", slip.do, table, row, column, key=key, subject=subject, item=item)

    def _cells(
        self, block: Block, j: int, about: tuple[str, FieldDef, str], grid: Grid, column: int, positions: Array
    ) -> None:
        """Reads the cells of a workbook's sheet where they stand."""
        key, item, unit = about
        asked = Asked(key, asked_in(item, unit) if unit else item, purposes(self.scheme).sentence(key), "")
        if item.cite:
            asked = replace(asked, clause=str(self.scheme.citation(item.cite[0])))
        must, rank = self.complete and _must(self.scheme, item, self.on), self._rank(grid.book.file, grid)
        base = self._readers.setdefault(id(grid.book), SheetReader(self.scheme, grid.book, "", self.on))
        for position in positions.tolist():
            row = int(block.rows[position])
            reader = base.of(block.whose(position))
            found = reader.read(grid.sheet, grid.rows[row], grid.columns[column], asked, blank_matters=must)
            if unit:
                in_own_unit(reader, found, item, unit, asked, (grid.sheet, grid.rows[row], grid.columns[column]))
            self._found += [((rank, row, column), problem) for problem in reader.problems]
            block.values[position, j], block.states[position, j] = found.value, int(found.state)
            block.origins[position, j] = found.origin


def _percent(table: Tabular, column: int, row: int) -> bool:
    """Whether a number is written as a percentage."""
    if table.grid is not None and table.grid.sheet.cell(table.grid.rows[row], table.grid.columns[column]).percent:
        return True
    raw = table.cells[column][row]
    return isinstance(raw, str) and raw.rstrip().endswith(("%", "％"))


def _must(scheme: Scheme, item: FieldDef, on: dt.date | None) -> bool:
    """Whether a blank of the field is a shortfall."""
    silent = item.asked_when is not None or layout.asked_later(scheme, item, on) or item.type == "text"
    return item.filled_by == "county" and not silent and (item.blank is None or item.blank.means != "never")


def _in_unit(item: FieldDef, unit: str, empty: State) -> direct.Meant:
    """The reader of values of a column whose head states another unit."""
    inner, known = direct.meaning(asked_in(item, unit), empty), factor(item, unit)

    def meant(raw: Any) -> tuple[Any, int, Slip | None, str]:
        value, state, slip, note = inner(raw)
        if known is None or state != State.FILLED:
            return value, state, slip, note
        made = converted(item, unit, value)
        return made.value, int(made.state), made.slip or slip, "；".join(one for one in (note, made.note) if one)

    return meant


def numbered(table: Tabular, rows: Sequence[int]) -> str:
    """`第 3、7 行`; of many rows the first few and how many they are."""
    names = "、".join(str(table.number(row)) for row in rows[:SHOWN])
    return f"第 {names} 行" + (f"等 {len(rows)} 行" if len(rows) > SHOWN else "")


def keys_of(table: Tabular, columns: Sequence[tuple[int, FieldDef]]) -> list[tuple[Any, ...]]:
    """What each row says in some columns, understood."""
    read = []
    for column, item in columns:
        meant = direct.meaning(item, State.BLANK)
        read.append([meant(cell)[0] for cell in table.cells[column]])
    return list(zip(*read, strict=True))
