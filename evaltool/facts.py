"""What is known about the subjects of a round, in layers, with the state and the origin of every cell.

A layer is what one party says: 自评 the county, 认定 the province and its reviewers. Per layer the plain fields are a
wide frame (subject × field); beside it lie a frame of states and a frame of origins of the same shape. A list is a
long table with the position of its owner. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from html import escape
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from evaltool.problems import LEVELS, Problem
from evaltool.scheme import Scheme

SELF, OFFICIAL = "自评", "认定"
LAYERS = (SELF, OFFICIAL)
NOT_RETURNED = "未报送"
# what became of a file: three kinds are read, one is sent back, two are set aside and kept
ACCEPTED, OFFICIAL_BOOK, TABLE, SENT_BACK, SET_ASIDE, REPLACED = "已接收", "认定表", "汇总表", "退回", "搁置", "已替代"


class State(IntEnum):
    """What a cell is. Only FILLED has a value; every other state keeps the result open, and none of them is zero."""

    FILLED = 0
    BLANK = 1
    UNREADABLE = 2
    OUT_OF_RANGE = 3
    PENDING = 4  # somebody else fills it in and has not, or has not signed
    NOT_ASKED = 5  # blank, and its question does not arise
    ABSENT = 6  # the subject returned nothing


STATE_NAMES = {
    State.FILLED: "已填",
    State.BLANK: "未填",
    State.UNREADABLE: "读不出",
    State.OUT_OF_RANGE: "超出范围",
    State.PENDING: "待认定",
    State.NOT_ASKED: "不问",
    State.ABSENT: "未报送",
}


class Origin(NamedTuple):
    """The cell a value was read from; `note` says what was normalised or corrected."""

    workbook: str
    sheet: str
    cell: str
    note: str = ""

    def __str__(self) -> str:
        place = " · ".join(part for part in (self.workbook, self.sheet, self.cell) if part)
        return f"{place}（{self.note}）" if self.note else place


@dataclass(frozen=True)
class Table:
    """Three frames of one shape and one index: values (object: int, Fraction, str, bool, date or None), states (int8 of
    `State`), origins (object: Origin or None)."""

    values: pd.DataFrame
    states: pd.DataFrame
    origins: pd.DataFrame

    @classmethod
    def empty(cls, index: pd.Index, columns: list[str], state: State) -> Table:
        """A table with no value at all, every cell in `state`."""
        shape = (len(index), len(columns))
        return cls(
            pd.DataFrame(np.full(shape, None, object), index, columns, dtype=object),
            pd.DataFrame(np.full(shape, int(state), np.int8), index, columns),
            pd.DataFrame(np.full(shape, None, object), index, columns, dtype=object),
        )


@dataclass(frozen=True)
class Rows:
    """The rows of one list for all subjects.

    table   one row per list row, ordered by owner and then as filled in
    owner   position of the owner in the roster, ascending, one per row
    states  one State per subject: FILLED where its rows are known (none is a known number too), else why not
    """

    table: Table
    owner: np.ndarray
    states: np.ndarray


@dataclass(frozen=True)
class Layer:
    """One party's facts: plain fields and lists."""

    table: Table
    lists: Mapping[str, Rows]


@dataclass(frozen=True)
class Submission:
    """One file as it came: `state` 已接收, 认定表, 汇总表, 退回, 搁置 or 已替代, and the hash under which it is kept."""

    file: str
    sha256: str
    subject: str
    name: str
    state: str


@dataclass(frozen=True)
class Facts:
    """Everything read for one round. Frozen; prints as a card.

    scheme       the edition
    roster       index code (text); columns name, city, batch, type, funds
    layers       自评: what the counties say; 认定: the same with the province's entries and corrections laid over it
    returned     bool per subject: a workbook was accepted
    claimed      self scores as entered (subject × leaf indicator, exact or None), and their origins in claimed_origins
    evidence     text entered as evidence (subject × field)
    reasons      (subject, field) → reason, who and when of an entry of the 认定表 or a correction
    problems     everything noticed, in reading order
    previous     the last round (its own edition and roster), where formulas look back at it
    """

    scheme: Scheme
    roster: pd.DataFrame
    layers: Mapping[str, Layer]
    returned: np.ndarray
    claimed: pd.DataFrame
    claimed_origins: pd.DataFrame
    evidence: pd.DataFrame
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
    submissions: tuple[Submission, ...] = ()
    problems: tuple[Problem, ...] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)  # open question → who accepted our reading, and when
    previous: Facts | None = None

    @property
    def codes(self) -> pd.Index:
        return self.roster.index

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {str(code): i for i, code in enumerate(self.roster.index)}

    def position(self, subject: str) -> int:
        """The roster position of a code or a name. Raises KeyError."""
        if subject in self._positions:
            return self._positions[subject]
        places = np.flatnonzero((self.roster["name"] == subject).to_numpy())
        if len(places) != 1:
            raise KeyError(
                f"名册里没有“{subject}”" if not len(places) else f"名册里有 {len(places)} 个“{subject}”，请用代码"
            )
        return int(places[0])

    def absence(self, subject: str) -> str:
        """Why there is nothing of a subject: 退回 where a workbook of it came and was refused, 搁置 where several came and
        nobody has said which one counts, else 未报送."""
        code = str(self.codes[self.position(subject)])
        states = {one.state for one in self.submissions if one.subject == code}
        if SET_ASIDE in states or any(p.code == "W106" and p.place.subject == code for p in self.problems):
            return SET_ASIDE
        return SENT_BACK if SENT_BACK in states else NOT_RETURNED

    def cell(self, layer: str, subject: str, name: str) -> tuple[Any, State, Origin | None]:
        """Value, state and origin of one plain field."""
        table, row = self.layers[layer].table, self.position(subject)
        cells: list[Any] = [frame[name].iloc[row] for frame in (table.values, table.states, table.origins)]
        return cells[0], State(int(cells[1])), cells[2]

    def __repr__(self) -> str:
        counts = pd.Series([p.level for p in self.problems], dtype=object).value_counts()
        problems = "，".join(f"{LEVELS[level]} {counts[level]}" for level in LEVELS if level in counts) or "无"
        absent = [str(code) for code, came in zip(self.codes, self.returned, strict=True) if not came]
        missing = [f"{self.roster['name'][code]}（{self.absence(code)}）" for code in absent]
        lines = [
            f"{self.scheme.name}：名册 {len(self.roster)}，已报送 {int(self.returned.sum())}",
            f"未采到：{'、'.join(missing) or '无'}",
            f"问题：{problems}",
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *rest = repr(self).splitlines()
        return (
            f"<div class='evaltool-card'><b>{escape(head)}</b>"
            + "".join(f"<p>{escape(r)}</p>" for r in rest)
            + "</div>"
        )
