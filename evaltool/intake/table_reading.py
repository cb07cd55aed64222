"""Reading the columns of tables: which head is which field, whose row is whose, and every problem in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from evaltool.intake import direct
from evaltool.intake.tabular import Tabular
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.models import FieldDef

SHOWN = 5  # so many rows are named where many have the same fault
WORD = {state: word for word, state in direct.WORDS.items()}


class Block:
    """Values, states and origins of one table being filled in, column by column."""

    def __init__(self, rows: int, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        shape = (rows, len(self.columns))
        self.values, self.origins = np.full(shape, None, object), np.full(shape, None, object)
        self.states = np.zeros(shape, np.int8)

    def __len__(self) -> int:
        return len(self.values)


class TableReader:
    """Reads the tables of one round and collects their problems in reading order."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._tables: list[Tabular] = []
        self._found: list[tuple[tuple[int, int, int], Problem]] = []

    @property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in sorted(self._found, key=lambda pair: pair[0])]

    def complain(
        self, code: str, what: str, why: str, do: str, table: Tabular, row: int = -1, column: int = -1, *,
        key: str = "", subject: str = "", item: FieldDef | None = None,
    ) -> None:  # fmt: skip
        """A problem at a row (position from 0) and column of a table; `item` is the field `key` it is about."""
        place = Place(
            table.name, table.row(row) if row >= 0 else "", table.heads[column] if column >= 0 else "", key, subject
        )
        if table not in self._tables:
            self._tables.append(table)
        clause = str(self.scheme.citation(item.cite[0])) if item is not None and item.cite else ""
        problem = Problem(code, what, why, do, place, clause=clause)
        if item is not None:
            parts = key.split(".")
            path = ("fields", key) if len(parts) == 1 else ("lists", parts[0], "columns", parts[1])
            problem = Problem(code, what, why, do, place, self.scheme.place(*path), clause)
        self._found.append(((self._tables.index(table), row, column), problem))

    def columns(self, table: Tabular, wanted: Mapping[str, str], code: str) -> dict[str, int]:
        """Where each wanted id (→ its name) stands in the table; heads nobody knows, and those that stand twice, are
        told. Without the column `code` nothing can be read."""
        if table.broken:
            self.complain("W118", f"{table.name} 读不出：{table.broken}", "整张表没有采用", "改好后再读", table)
            return {}
        places = table.columns_of(wanted)
        for column in places.pop("", []):
            head = table.heads[column]
            near = get_close_matches(head, [*wanted, *wanted.values()], 1, 0.6)
            do = f"是不是“{near[0]}”？" if near else "改成字段的编号或名称；用不着的列不管它"
            if any(cell not in (None, "") for cell in table.cells[column]) or head:
                self.complain("W117", f"{table.name} 的列“{head}”不认识", "这一列没有采用", do, table, column=column)
        found = {}
        for key, columns in places.items():
            if len(columns) > 1:
                what = f"{table.name} 里“{wanted[key]}”有 {len(columns)} 列"
                self.complain(
                    "W118", what, "不知道以哪一列为准，都没有采用", "只留一列", table, column=columns[1], key=key
                )
            else:
                found[key] = columns[0]
        if code not in places:
            what = f"{table.name} 缺少列“{code}”"
            self.complain("W118", what, "不知道各行是谁的，整张表没有采用", f"补上列“{code}”", table)
        return found
