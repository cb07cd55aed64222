"""Reading the columns of tables: which head is which field, whose row is whose, and every problem in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd

from evaltool.facts import Origin, State, Table
from evaltool.intake import direct
from evaltool.intake.purposes import purposes
from evaltool.intake.tabular import Tabular
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

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

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._names: list[str] = []
        self._found: list[tuple[tuple[int, int, int], Problem]] = []

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in sorted(self._found, key=lambda pair: pair[0])]

    def complain(
        self, code: str, what: str, why: str, do: str, table: Tabular, row: int = -1, column: int = -1, *,
        key: str = "", subject: str = "", item: FieldDef | None = None,
    ) -> None:  # fmt: skip
        """A problem at a row and column of a table (positions from 0); `item` is the field `key` that it is about."""
        head = table.heads[column] if column >= 0 else ""
        place = Place(table.name, table.row(row) if row >= 0 else "", head, key, subject)
        problem = Problem(code, what, why, do, place)
        if item is not None:
            list_id, _, name = key.rpartition(".")
            rule = self.scheme.place(*(("lists", list_id, "columns", name) if list_id else ("fields", name)))
            clause = str(self.scheme.citation(item.cite[0])) if item.cite else ""
            problem = Problem(code, what, why or purposes(self.scheme).sentence(key), do, place, rule, clause)
        if table.name not in self._names:
            self._names.append(table.name)
        self._found.append(((self._names.index(table.name), row, column), problem))

    def columns(self, table: Tabular, wanted: Mapping[str, str], code: str) -> dict[str, int]:
        """Where each wanted id (→ its name) stands; nothing where the table does not say in `code` whose rows they are.

        Heads that nobody knows, and those that stand twice, are told.
        """
        if table.broken:
            self.complain("W118", f"{table.name} 读不出：{table.broken}", "整张表没有采用", "改好后再读", table)
            return {}
        places = table.columns_of(wanted)
        if code not in places:
            why, do = "不知道各行是谁的，整张表没有采用", f"第一行写列名，其中一列是“{code}”，写各行的代码"
            self.complain("W118", f"{table.name} 没有“{code}”列", why, do, table)
            return {}
        for column in places.pop("", []):
            head = table.heads[column]
            near = get_close_matches(head, [*wanted, *wanted.values()], 1, 0.6)
            do = f"是不是“{near[0]}”？" if near else "改成字段的编号或名称；用不着的列不管它"
            if head:
                self.complain("W117", f"不认识列“{head}”", "这一列没有采用", do, table, column=column)
        for key, columns in places.items():
            if len(columns) > 1:
                what, why = f"“{wanted[key]}”有 {len(columns)} 列", "不知道以哪一列为准，都没有采用"
                self.complain("W118", what, why, "只留一列", table, column=columns[1], key="" if key == code else key)
        found = {key: columns[0] for key, columns in places.items() if len(columns) == 1}
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
            what, why = f"{numbered(table, rows)}的代码 {one} 不在{known}里", "没有采用"
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
        if table is not None and column is not None:
            here = block.rows >= 0
            rows = block.rows[here]
            cells[here] = np.fromiter(table.cells[column], object, len(table))[rows]
            cells[block.spoiled] = WORD[State.UNREADABLE]
            names = repeat(table.name), table.labels[rows].tolist(), repeat(table.heads[column])
            block.origins[here, j] = np.fromiter(map(Origin, *names), object, len(rows))
        told = block.preset != None  # noqa: E711 – cell by cell
        cells[told] = block.preset[told]
        remarks = direct.fill(cells.tolist(), direct.meaning(item, empty), block.values[:, j], block.states[:, j])
        for position, slip, note in remarks:
            assert table is not None  # words of states leave nothing to say
            assert column is not None
            if note:
                block.origins[position, j] = block.origins[position, j]._replace(note=note)
            if slip is not None:
                row, subject = int(block.rows[position]), block.whose(position)
                self.complain(
                    slip.code, slip.what, "", slip.do, table, row, column, key=key, subject=subject, item=item
                )


def numbered(table: Tabular, rows: Sequence[int]) -> str:
    """`第 3、7 行`; of many rows the first few and how many they are."""
    names = "、".join(str(row + table.first) for row in rows[:SHOWN])
    return f"第 {names} 行" + (f"等 {len(rows)} 行" if len(rows) > SHOWN else "")


def keys_of(table: Tabular, columns: Sequence[tuple[int, FieldDef]]) -> list[tuple[Any, ...]]:
    """What each row says in some columns, understood."""
    read = []
    for column, item in columns:
        meant = direct.meaning(item, State.BLANK)
        read.append([meant(cell)[0] for cell in table.cells[column]])
    return list(zip(*read, strict=True))
