"""Recommendations of a round: what the paper says follows from each result, with clause and 应 or 可. A person signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

import pandas as pd

from evaltool.decisions.duties import DutyFinding, check_duties
from evaltool.decisions.funds import FundCheck, check_funds
from evaltool.facts import OFFICIAL
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Name, Node, Operation, walk
from evaltool.scheme.models import Consequence
from evaltool.scheme.vocabulary import words_of
from evaltool.scheme.words import formula_text, name_of
from evaltool.scoring import Label, Scores
from evaltool.scoring.asked import roots
from evaltool.scoring.formulas import truth
from evaltool.scoring.scores import text_of
from evaltool.scoring.space import Space

VERBS = {"shall": "应", "may": "可"}
STATES = {"applies": "成立", "waits": "待定"}
UNSIGNED = "以下是按条款列出的建议，不是决定；由负责人核对并签字后才生效。"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing the paper says follows.

    action, action_name  id of indicators/vocab.yaml and its Chinese name; empty where the paper states no consequence
    verb                 应, 可, or empty
    state                applies (the condition surely holds) or waits (it may hold, and waits for `waits_for`)
    because              the condition in words, with what was found
    within               time limit: as the paper says it, “文件未规定期限”, or empty
    clauses              the clauses, in words
    """

    subject: str
    name: str
    action: str
    action_name: str
    verb: str
    state: Literal["applies", "waits"]
    because: str
    within: str = ""
    waits_for: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        if not self.action:
            return f"{self.note}（{'、'.join(self.clauses)}）"
        limit = f"（期限：{self.within}）" if self.within else ""
        wait = f"；待定，等：{'、'.join(self.waits_for)}" if self.state == "waits" else ""
        return f"{self.verb}{self.action_name}{limit}：{self.because}{wait}。依据{'、'.join(self.clauses)}"


def decide(scores: Scores) -> Decisions:
    """Every consequence that holds or may hold for each subject, on the 认定 layer only, and the fund checks.

    A consequence whose condition waits for something is listed as 待定 with what it waits for. A subject that returned
    nothing has no score and no grade; only what the province's own findings make certain (a veto) is listed for it.
    Nothing here is a decision.
    """
    space = scores.outcomes[OFFICIAL].space
    found: list[Recommendation] = []
    for consequence in scores.scheme.edition.consequences:
        found += _follow(scores, consequence, space)
    position = {code: i for i, code in enumerate(scores.facts.codes)}
    found.sort(key=lambda item: position[item.subject])
    return Decisions(scores, tuple(found), tuple(check_funds(scores, space)), tuple(check_duties(scores)))


def _follow(scores: Scores, consequence: Consequence, space: Space) -> Iterator[Recommendation]:
    facts, scheme = scores.facts, scores.scheme
    holds = truth(consequence.when.tree, space)
    clauses = tuple(str(scheme.citation(cite)) for cite in consequence.cite)
    names = words_of(scheme.edition).actions
    within = "文件未规定期限" if consequence.within == "unset" else consequence.within or ""
    for row in (holds.lo | (holds.hi & facts.returned)).nonzero()[0]:
        subject, sure = str(facts.codes[row]), bool(holds.lo[row])
        waits = () if sure else tuple(dict.fromkeys(_unknown(scores, consequence.when.tree, int(row))))
        because = _because(scheme, consequence.when.tree, space, int(row), sure)
        for action in consequence.do or [""]:
            yield Recommendation(
                subject, str(facts.roster["name"].iloc[row]), action, names.get(action, ""),
                VERBS.get(consequence.verb or "", ""), "applies" if sure else "waits", because,
                within if action == "rectify" or len(consequence.do) == 1 else "", waits, clauses, consequence.note,
            )  # fmt: skip


def _unknown(scores: Scores, node: Node, row: int) -> Iterator[str]:
    """Chinese names of what a condition still waits for: the unread or unfilled fields behind its unknown names."""
    scheme, space = scores.scheme, scores.outcomes[OFFICIAL].space
    names = [part.id for part in walk(node) if isinstance(part, Name)]
    for name in dict.fromkeys(names):
        if name in space.subjects and not space.settled(name)[row]:
            behind = list(roots(scores, OFFICIAL, name, row)) or [name]
            yield from (name_of(scheme, root) for root in behind)


def _because(scheme: Scheme, node: Node, space: Space, row: int, sure: bool) -> str:
    """The condition in words, with what was found beside each name that decides it."""
    if isinstance(node, Operation) and node.op == "or":
        found = [truth(part, space) for part in node.parts]
        holding = [part for part, one in zip(node.parts, found, strict=True) if (one.lo if sure else one.hi)[row]]
        return "；".join(_because(scheme, part, space, row, sure) for part in holding)
    if sure and isinstance(node, Name) and node.id in scheme.edition.events:
        event = scheme.edition.events[node.id]
        return f"{event.name}（{_because(scheme, event.when.tree, space, row, True)}）"
    said = formula_text(scheme, node)
    labels = [part.id for part in walk(node) if isinstance(part, Name) and isinstance(space.subjects[part.id], Label)]
    now = [f"{name_of(scheme, key)}为{text_of(space.subjects[key], row)}" for key in dict.fromkeys(labels)]
    return said if sure or not now else f"{said}（现在{'，'.join(now)}）"


@dataclass(frozen=True)
class Decisions:
    """Recommendations, fund checks and duties of a round. Frozen; prints as a card. Nothing takes effect unsigned."""

    scores: Scores
    recommendations: tuple[Recommendation, ...]
    funds: tuple[FundCheck, ...]
    duties: tuple[DutyFinding, ...] = ()

    def of(self, subject: str) -> list[Recommendation]:
        """The recommendations of one subject (code or name), in the order of the paper."""
        facts = self.scores.facts
        code = str(facts.codes[facts.position(subject)])
        return [item for item in self.recommendations if item.subject == code]

    def funds_of(self, subject: str) -> list[FundCheck]:
        """The fund checks of one subject (code or name)."""
        facts = self.scores.facts
        code = str(facts.codes[facts.position(subject)])
        return [item for item in self.funds if item.subject == code]

    def duties_of(self, subject: str) -> list[DutyFinding]:
        """The judged duties of one subject (code or name)."""
        facts = self.scores.facts
        code = str(facts.codes[facts.position(subject)])
        return [item for item in self.duties if item.subject == code]

    def table(self) -> pd.DataFrame:
        """One row a recommendation, for people."""
        columns = ["代码", "名称", "等次", "应/可", "处理建议", "期限", "状态", "原因", "等待", "依据"]
        facts = self.scores.facts
        records = [
            (
                item.subject, item.name, self.scores.grade_text(OFFICIAL, item.subject), item.verb,
                item.action_name or item.note, item.within, STATES[item.state], item.because,
                "、".join(item.waits_for), "；".join(item.clauses),
            )
            for item in self.recommendations
        ]  # fmt: skip
        told = {item.subject for item in self.recommendations}
        missing = [
            (code, name)
            for code, name, came in zip(facts.codes, facts.roster["name"], facts.returned, strict=True)
            if not came and code not in told
        ]
        records += [
            (code, name, facts.absence(str(code)), "", "无得分，不提建议", "", "", "", "自评工作簿", "")
            for code, name in missing
        ]
        return pd.DataFrame(records, columns=columns)

    def __repr__(self) -> str:
        return "\n".join([UNSIGNED, self.table().drop(columns=["依据"]).to_string(index=False)])

    def _repr_html_(self) -> str:
        table = self.table().to_html(index=False, escape=True, border=0)
        return f"<div class='evaltool-card'><p>{escape(UNSIGNED)}</p>{table}</div>"
