"""The outcome of scoring a round: points, totals and bands of every layer, as frames and as cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from evaltool.facts import OFFICIAL, SELF, Facts, State
from evaltool.problems import Problem
from evaltool.quantities import PLACE_UNIT, POINT_UNIT, SCORE_UNIT, SHARE_UNIT, Exact, decimal_text, quantity_text
from evaltool.scheme import Scheme
from evaltool.scheme.scheme import OURS
from evaltool.scheme.words import name_of
from evaltool.scoring.claims import check_claims
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth
from evaltool.scoring.engine import Last, Outcome, asks_last_round, score_layer
from evaltool.scoring.faults import problems_of
from evaltool.scoring.space import Space

if TYPE_CHECKING:
    from evaltool.scoring.trace import Trace

PENDING, OUT = "待定", "不计"


def score(facts: Facts, *, fast: bool = True) -> Scores:
    """Points, totals and bands of every layer, exactly. Data that cannot be computed becomes a problem and a range.

    fast  by whole columns; else number by number, which gives the same and takes longer
    """
    last = score(facts.previous, fast=fast) if facts.previous is not None and asks_last_round(facts.scheme) else None
    outcomes = {
        layer: score_layer(
            facts.scheme, facts.layers[layer], confirmed=layer == OFFICIAL, last=_seen(facts, last, layer), fast=fast
        )
        for layer in facts.layers
    }
    problems = [problem for layer in facts.layers for problem in problems_of(facts, layer, outcomes[layer])]
    problems += check_claims(facts, outcomes[SELF])
    return Scores(facts, outcomes, tuple(dict.fromkeys(problems)))


def _seen(facts: Facts, last: Scores | None, layer: str) -> Last | None:
    """The last round as the subjects of this one see it: by their codes."""
    if last is None or layer not in last.outcomes:
        return None
    return Last(last.outcomes[layer].space, last.facts.codes.get_indexer(facts.codes))


def number_text(lo: Exact, hi: Exact) -> str:
    """“84.995”, or “80 ～ 85” for a range, “≥ 80” where there is no upper bound.

    A root or a logarithm is known to so many digits that both ends read alike; it is written once.
    """
    if lo == hi:
        return decimal_text(lo)
    if hi == INF:
        return f"≥ {decimal_text(lo)}" if lo != -INF else PENDING
    low, high = decimal_text(lo), decimal_text(hi)
    return low if low == high else f"{low} ～ {high}"


def measured_text(lo: Exact, hi: Exact, unit: str) -> str:
    """The same with its unit: “98%”, “60% ～ 80%”, “第 3 名”, “12 家”; points stand without."""
    said = number_text(lo, hi)
    if said == PENDING or unit in ("", SCORE_UNIT) or unit.startswith("row:"):
        return said
    if unit == PLACE_UNIT:
        return f"第 {said} 名"
    if unit not in (SHARE_UNIT, POINT_UNIT):
        return f"{said} {unit}"
    low, high = quantity_text(lo, unit), quantity_text(hi, unit)
    return low if low == high else f"≥ {low}" if hi == INF else f"{low} ～ {high}"


@dataclass(frozen=True)
class Scores:
    """Results per layer. Frozen; prints as a card.

    outcomes  layer → results of indicators and events, and the values their rules looked at, as columns over the roster
    problems  what could not be computed, located
    """

    facts: Facts
    outcomes: Mapping[str, Outcome]
    problems: tuple[Problem, ...]

    @property
    def scheme(self) -> Scheme:
        return self.facts.scheme

    @cached_property
    def nodes(self) -> list[str]:
        """Indicators with points outside lists, from the total down."""
        return [key for _, key in self.scheme.tree()]

    @cached_property
    def findings(self) -> list[str]:
        """Results besides points and the grade: labels, 是/否 and numbers outside lists."""
        return [key for _, key in self.scheme.findings()]

    def alone(self, layer: str, row: int) -> Space:
        """What formulas see of one subject; the last one asked for is kept: its indicators are asked one by one."""
        if (layer, row) not in self._alone:
            self._alone.clear()
            self._alone[layer, row] = self.outcomes[layer].space.alone(row)
        return self._alone[layer, row]

    @cached_property
    def _alone(self) -> dict[tuple[str, int], Space]:
        return {}

    def column(self, layer: str, key: str) -> Col:
        """The result of an indicator or event for every subject."""
        return self.outcomes[layer].results[key]

    def out(self, layer: str, key: str) -> Truth | None:
        """Where a result is out (不计); None: nowhere."""
        return self.outcomes[layer].outs.get(key)

    def is_out(self, layer: str, key: str, row: int) -> bool:
        """Whether a result surely does not count."""
        out = self.out(layer, key)
        return out is not None and bool(out.lo[row])

    def settled(self, layer: str, key: str, row: int) -> bool:
        """Whether nothing about a result is open: neither what it is nor whether it counts."""
        out = self.out(layer, key)
        return bool(self.column(layer, key).known[row] and (out is None or out.known[row]))

    def points(self, layer: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Lowest and highest points, subject × indicator (exact, object dtype); None where it does not count."""
        frames = []
        for end in ("lo", "hi"):
            data = {key: self._ends(layer, key, end) for key in self.nodes}
            frames.append(pd.DataFrame(data, index=self.facts.codes, dtype=object))
        return frames[0], frames[1]

    def _ends(self, layer: str, key: str, end: str) -> Array:
        values: Array = getattr(self.column(layer, key), end)
        out = self.out(layer, key)
        if out is not None:
            values = values.astype(object)
            values[out.lo] = None
        return values

    def result_text(self, layer: str, subject: str, key: str) -> str:
        """One result for people: points or number (or range), 是/否/待定, the labels still possible, or 不计."""
        return self.text(layer, key, self.facts.position(subject))

    def text(self, layer: str, key: str, row: int) -> str:
        """The same by position: of a subject, or of a row of the list that an indicator runs over."""
        return text_of(self.column(layer, key), row, self.out(layer, key))

    def shown(self, layer: str, key: str, row: int) -> str:
        """The same with its unit where it is no number of points: “98%”, “第 3 名”."""
        unit = self.scheme.kinds[key].unit or ""
        return text_of(self.column(layer, key), row, self.out(layer, key), unit)

    def total(self, layer: str, subject: str) -> tuple[Exact, Exact] | None:
        """Lowest and highest total; None for who returned nothing, for a total that is out (不计), or without one."""
        row = self.facts.position(subject)
        if self.scheme.total is None or not self.facts.returned[row] or self.is_out(layer, self.scheme.total, row):
            return None
        column = self.column(layer, self.scheme.total)
        assert isinstance(column, Num)
        return column.lo[row], column.hi[row]

    def total_text(self, layer: str, subject: str) -> str:
        """The total for people: “84.995”, a range, 不计, 未报送 or 退回; empty for an edition without a total."""
        row = self.facts.position(subject)
        if not self.facts.returned[row]:
            return self.facts.absence(subject)
        return "" if self.scheme.total is None else self.text(layer, self.scheme.total, row)

    def possible_grades(self, layer: str, subject: str) -> tuple[str, ...]:
        """The grades still possible, best first; one if it is decided, none for who returned nothing or is out."""
        row = self.facts.position(subject)
        if self.scheme.grade is None or not self.facts.returned[row] or self.is_out(layer, self.scheme.grade, row):
            return ()
        column = self.column(layer, self.scheme.grade)
        assert isinstance(column, Label)
        return tuple(label for i, label in enumerate(column.options) if int(column.mask[row]) & (1 << i))

    def grade_text(self, layer: str, subject: str) -> str:
        """“优秀”, “待定（优秀或良好）”, “不计”, “未报送”, or “退回” where a workbook came and was refused."""
        row = self.facts.position(subject)
        if not self.facts.returned[row]:
            return self.facts.absence(subject)
        return "" if self.scheme.grade is None else self.text(layer, self.scheme.grade, row)

    def waits(self, subject: str, layer: str = OFFICIAL) -> list[str]:
        """Chinese names of the fields and lists that keep the total or the grade of one subject open."""
        from evaltool.scoring.asked import roots

        row = self.facts.position(subject)
        open_ = [key for key in (self.scheme.grade, self.scheme.total) if key and not self.settled(layer, key, row)]
        names = list(dict.fromkeys(name for key in open_ for name in roots(self, layer, key, row)))
        lacking = [name for name in names if not self._filled(layer, subject, name)]
        if names and not lacking:  # a comparison with others, who have not returned theirs or are open themselves
            return [f"其他{self.scheme.edition.subject}的数据"]
        return [name_of(self.scheme, name) for name in lacking]

    def _filled(self, layer: str, subject: str, name: str) -> bool:
        """Whether a field of one subject has a value that waits for nobody's confirmation."""
        item = self.scheme.edition.fields.get(name)
        return item is not None and not item.confirmed_by and self.facts.cell(layer, subject, name)[1] == State.FILLED

    def claimed_total(self, subject: str) -> Exact | None:
        """The sum of the self scores as entered; None where one is missing."""
        claims = self.facts.claimed.loc[self.facts.codes[self.facts.position(subject)]]
        return None if not len(claims) or any(claim is None for claim in claims) else sum(claims)

    def claimed_text(self, subject: str) -> str:
        """The self score for people: 待定 where an item was left empty, 未报送 or 退回 where there is none."""
        if not self.facts.returned[self.facts.position(subject)]:
            return self.facts.absence(subject)
        claimed = self.claimed_total(subject)
        return PENDING if claimed is None else decimal_text(claimed)

    def table(self, layer: str = OFFICIAL) -> pd.DataFrame:
        """One row a subject for people: code, name, self score claimed, computed from its data, official, grade."""
        records = []
        for code, name in self.facts.roster["name"].items():
            shown = {key: self.total_text(key, str(code)) for key in (SELF, OFFICIAL)}
            records.append(
                {
                    "代码": code, "名称": name,
                    "自评分": self.claimed_text(str(code)),
                    "按自评数据计算": shown[SELF], "认定": shown[OFFICIAL],
                    "等次": self.grade_text(layer, str(code)),
                }
            )  # fmt: skip
        empty = [] if self.scheme.grade else ["等次"]
        empty += [] if self.scheme.total else ["按自评数据计算", "认定"]
        empty += [] if len(self.facts.claimed.columns) and self.scheme.adds_up() else ["自评分"]
        return pd.DataFrame(records).drop(columns=empty)

    def explain(self, subject: str, indicator: str | None = None, layer: str = OFFICIAL) -> Trace:
        """Why one result is what it is: clause, cells, arithmetic, and what would have earned more."""
        from evaltool.scoring.trace import trace

        return trace(self, subject, indicator or self.scheme.total or next(iter(self.nodes), ""), layer)

    @property
    def stamp(self) -> str:
        """What every page must say: 参考权重 where points are ours, 暂定 while an open question is not accepted."""
        edition = self.scheme.edition
        words = [OURS[part] for part in edition.ours]
        if edition.status == "draft":
            words.append("草稿：指标体系不完整，不能用于认定")
        waiting = [key for key in edition.open_questions if key not in self.facts.accepted]
        if waiting:
            words.append(f"暂定：{len(waiting)} 个待定问题尚无人确认")
        return "；".join(words)

    def __repr__(self) -> str:
        head = [f"{self.scheme.name}（{self.scheme.key}）", self.stamp]
        return "\n".join([*(line for line in head if line), self.table().to_string(index=False)])

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.scheme.name)}</b><p>{escape(self.stamp)}</p>"
        return f"<div class='evaltool-card'>{head}{self.table().to_html(index=False, escape=True, border=0)}</div>"


def text_of(column: Col, row: int, out: Truth | None = None, unit: str = "") -> str:
    """One cell of a result column for people; `out` says where it does not count, `unit` stands beside a number."""
    if out is not None and out.lo[row]:
        return OUT
    or_out = [OUT] if out is not None and out.hi[row] else []
    if isinstance(column, Label):
        possible = [label for i, label in enumerate(column.options) if int(column.mask[row]) & (1 << i)] + or_out
        return possible[0] if len(possible) == 1 else f"{PENDING}（{'或'.join(possible)}）"
    if isinstance(column, Truth):
        said = PENDING if column.lo[row] != column.hi[row] else "是" if column.lo[row] else "否"
    else:
        said = measured_text(column.lo[row], column.hi[row], unit)
    return f"{said}，或{OUT}" if or_out else said
