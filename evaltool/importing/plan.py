"""What each indicator of the outline becomes: its rule or an open slot, its evidence, and what has to be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from evaltool.importing import evidence
from evaltool.importing.outline import Node, Outline
from evaltool.importing.points import marked_points
from evaltool.importing.proposal import Field, Proposal, unread
from evaltool.importing.proposals import propose
from evaltool.quantities import decimal_text
from evaltool.scheme.vocabulary import vocabulary

TABLE = "表"  # the short name of the imported table in sources.yaml


@dataclass
class Plan:
    """One indicator as it will be written; `asked` are its open questions (question, our reading or None)."""

    node: Node
    proposal: Proposal | None  # None: its parts are added up
    parent: str = "TOTAL"
    item: bool = False  # one of several items of the sentence of its parent, whose clause it cites
    evidence: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def clause(self) -> str:
        return f"{TABLE}/{self.parent if self.item else self.node.id}"

    @property
    def proposed(self) -> bool:
        return self.proposal is not None and not self.proposal.unread

    def field_id(self, suffix: str) -> str:
        return f"{self.node.id.lower()}_{suffix}"


def plans(outline: Outline, refused: Iterable[str] = ()) -> list[Plan]:
    """Every indicator in reading order. Those in `refused` have been proposed once and did not pass the checks."""
    made: list[Plan] = []
    for node in outline.top:
        _plan(node, "TOTAL", outline, set(refused), made)
    return made


def _plan(node: Node, parent: str, outline: Outline, refused: set[str], made: list[Plan]) -> None:
    plan = Plan(node, None, parent)
    made.append(plan)
    _texts(plan, outline)
    _points_asked(plan)
    if node.slot:
        plan.proposal = unread("纸上没有写，或没有读到")
    elif not node.children:
        plan.proposal = _proposal(node, refused)
        _rule_asked(plan, outline)
        if plan.proposal.children:
            _split(plan, plan.proposal, outline, made)
            return
    for child in node.children:
        _plan(child, node.id, outline, refused, made)


def _proposal(node: Node, refused: set[str]) -> Proposal:
    if node.id in refused:
        return _open(node, "按句子拟的规则没有通过检查")
    text = node.text("standard") or node.text("content")
    if not text and node.marked:
        text = node.text("explain") or node.name
    if node.marked:
        text = marked_points(text)[0]
    if node.block == "base" and node.points is None:
        return unread("没有分值，没有替它拟规则")
    points = node.points if node.block == "base" else None
    found = propose(text, points, node.name, node.text("target"), item=node.marked)
    if found.children and any(part in refused for part in _part_ids(node, found)):
        found = unread("按小项拟的规则没有通过检查")
    if node.block == "base":
        return found
    if found.unread or found.children:
        return _open(node, found.unread or "小项分开计分")
    return _bounded(found, node)


def _bounded(found: Proposal, node: Node) -> Proposal:
    """A rule outside the hundred: what the points cell says is how far it may go."""
    rule = found.rule or {}
    if rule.get("kind") == "yesno":
        worth = rule.get("points") if rule.get("points") is not None else node.points
        if worth is None:
            return _open(node, "加几分或扣几分没有写")
        found.rule = {"kind": "checklist", "items": {"{ok}": worth}}
        found.value = ""
    losing = rule.get("kind") == "per_unit" and rule.get("more", 0) < 0
    if losing != (node.block == "deduct") and not (node.block == "deduct" and not found.rule):
        return _open(node, "在加分或扣分的部分里，句子说的方向不对")
    if node.points is not None:
        size = decimal_text(node.points)
        if node.block == "deduct":
            found.floor = f"-{size}"
        elif found.cap in ("", "none"):
            found.cap = size
            found.questions = [question for question in found.questions if "不封顶" not in question]
    return found


def _open(node: Node, why: str) -> Proposal:
    """A slot. Outside the hundred a deduction has no full marks to lie below, so a person enters it."""
    made = unread(why)
    if node.block == "deduct":
        most = f"[0, {decimal_text(node.points)}]" if node.points is not None else ""
        made.fields = [Field("cut", f"{node.name}：扣的分", "points", between=most, judged=True)]
        made.value = "0 - {cut}"
    elif node.block == "bonus" and node.points is not None:
        made.cap = decimal_text(node.points)
    return made


def _part_ids(node: Node, proposal: Proposal) -> list[str]:
    return [f"{node.id}_{i}" for i in range(1, len(proposal.children) + 1)]


def _split(plan: Plan, proposal: Proposal, outline: Outline, made: list[Plan]) -> None:
    """The items of one sentence as indicators of their own; they cite the clause of the whole sentence."""
    node = plan.node
    for key, (name, points, part) in zip(_part_ids(node, proposal), proposal.children, strict=True):
        child = Node(name, node.where, points=points, points_from="写在句子里", block=node.block, id=key)
        inner = Plan(child, part, node.id, item=True)
        _rule_asked(inner, outline)
        made.append(inner)


def _texts(plan: Plan, outline: Outline) -> None:
    node = plan.node
    listed = node.text("evidence")
    if listed:
        words, rest = evidence.match(listed)
        known = vocabulary().evidence
        plan.evidence = [word for word in words if word in known]
        rest += [word for word in words if word not in known]
        plan.notes.append(f"佐证材料（原文）：{listed}")
        if rest:
            plan.notes.append(f"没有对上词表的佐证：{'、'.join(rest)}")
            what = f"“{node.name}”的佐证没有对上词表：{'、'.join(rest)[:60]}"
            outline.note(
                "I217", what, "原文留在 note 里", "从词表里选，或先把新词加进 indicators/vocab.yaml", node.where
            )
    if node.texts.get("remark"):
        plan.notes.append(f"备注：{node.text('remark')}")
    plan.notes += node.texts.get("note", []) + node.texts.get("unknown", [])


def _points_asked(plan: Plan) -> None:
    node = plan.node
    if node.slot:
        plan.asked.append((f"“{node.name}”各是多少分、怎样计分", None))
    elif node.claimed is not None:
        written, added = decimal_text(node.claimed), decimal_text(node.points or 0)
        plan.asked.append((f"“{node.name}”纸上写 {written} 分，下级合计 {added} 分，以哪个为准", f"草稿用 {added}"))
    elif node.doubtful:
        plan.asked.append(
            (f"“{node.name}”是多少分（{node.points_from}）", f"草稿先写 {decimal_text(node.points or 0)}")
        )
    elif node.points is None and node.block == "base":
        plan.asked.append((f"“{node.name}”是多少分", None))


def _rule_asked(plan: Plan, outline: Outline) -> None:
    """The open questions and the problems that a rule, or the lack of one, gives rise to."""
    node, proposal = plan.node, plan.proposal
    assert proposal is not None
    if proposal.unread:
        plan.asked.append((f"“{node.name}”怎样计分：{proposal.unread}", None))
        what = f"“{node.name}”的计分办法没有解读：{proposal.unread}"
        do = "由谁定就请谁定，写进草稿" if proposal.delegated else "对照原句写规则"
        outline.note("I215", what, "草稿里是待填的空位", do.replace("请谁", "让谁"), node.where)
        return
    what = f"“{node.name}”的规则是建议：{proposal.reading}"
    outline.note("I216", what, "", "对照原句核对，核对后删去旁边的注释", node.where)
    for question in proposal.questions:
        asked, _, reading = question.partition("，草稿")
        plan.asked.append((f"“{node.name}”：{asked}", f"草稿{reading}" if reading else None))


def one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", "；", text.strip())
