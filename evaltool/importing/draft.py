"""The three files of a draft edition, as text with its remarks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from evaltool.importing.outline import Outline
from evaltool.importing.plan import TABLE, Plan, one_line
from evaltool.importing.proposal import Field
from evaltool.importing.writing import block, comment, flow, scalar
from evaltool.quantities import Exact, decimal_text

_WHOLE = f"{TABLE}/总"
_LABELS = {"explain": "指标解释", "content": "评价内容", "standard": "评分标准", "target": "目标值", "site": "现场检查",
           "evidence": "佐证材料", "remark": "备注"}  # fmt: skip


@dataclass
class Target:
    """What the draft is to be called."""

    id: str
    day: dt.date
    subject: str = "县"


def files(outline: Outline, made: list[Plan], points: Exact | None, target: Target) -> dict[str, str]:
    """File name → text of the draft."""
    asked = _Asked(made, points, target)
    return {
        "scheme.yaml": _scheme(outline, made, points, target, asked),
        "sources.yaml": _sources(outline, made),
        "cases.yaml": "# 规则核对以后写算例：每条分数线两个，正好在线上，和差最小一个单位。\nformat: 1\nbase: {}\ncases: []\n",
    }


class _Asked:
    """The open questions, numbered; each indicator knows the numbers of its own."""

    def __init__(self, made: list[Plan], points: Exact | None, target: Target) -> None:
        self.lines: list[str] = []
        self.of: dict[str, list[str]] = {}
        self._add(_WHOLE, "没有填的项怎样计分，导入时没有读到", "待补，不按零计")
        self._add(_WHOLE, "评的是县、乡镇、企业还是项目，导入时没有判断", f"草稿先写{target.subject}")
        if points is None:
            self._add(_WHOLE, "总分是多少，表里没有写分值", None)
        proposed = [plan.id for plan in made if plan.proposed]
        if proposed:
            many = "、".join(proposed)
            self._add(_WHOLE, f"这些指标的规则是按句子拟的建议，没有人核对过：{many}", None)
        for plan in made:
            for question, reading in plan.asked:
                self.of.setdefault(plan.id, []).append(self._add(plan.clause, question, reading))

    def _add(self, clause: str, question: str, reading: str | None) -> str:
        key = f"Q{len(self.lines) + 1}"
        parts = {"clause": clause, "question": one_line(question), "reading": reading}
        self.lines.append(f"  {key}: {flow(parts)}")
        return key


def _scheme(outline: Outline, made: list[Plan], points: Exact | None, target: Target, asked: _Asked) -> str:
    name = one_line(outline.title).split("；")[0][:60] or outline.file
    head = [
        comment(f"草稿：由 {outline.file} 导入，没有人核对过。标着“建议”的规则要对照 sources.yaml 里的原句。"),
        "format: 1",
        f"id: {target.id}",
        f"name: {scalar(f'{name}（导入草稿）')}",
        f"valid_from: {target.day.isoformat()}",
        "valid_to: null",
        "status: draft",
        f"subject: {scalar(target.subject)}",
        "results: {total: TOTAL}" if points is not None else "results: {}",
        "blank: {means: pending, question: Q1}",
        "",
    ]
    fields = [line for plan in made for line in _fields(plan)]
    head += ["fields:", *fields] if fields else ["fields: {}"]
    body = ["", "indicators:", *_total(points)]
    for plan in made:
        body += _indicator(plan, asked.of.get(plan.id, []))
    tail = ["", "open_questions:", *asked.lines]
    if outline.remarks:
        tail += ["", "not_scored:"]
        tail += [f"  {TABLE}/注{i}: 导入时没有解读，见原文" for i in range(1, len(outline.remarks) + 1)]
    return "\n".join([*head, *body, *tail]) + "\n"


def _total(points: Exact | None) -> list[str]:
    lines = ["  TOTAL:", "    name: 总分"]
    if points is not None:
        lines.append(f"    points: {decimal_text(points)}")
    return [*lines, "    combine: sum", f"    cite: [{_WHOLE}]"]


def _fields(plan: Plan) -> list[str]:
    parts = plan.proposal.fields if plan.proposal else []
    return [f"  {plan.field_id(part.suffix)}: {flow(_field(plan, part))}" for part in parts]


def _field(plan: Plan, part: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"name": part.name, "type": part.type}
    if part.unit:
        made["unit"] = part.unit
    if part.options:
        made["options"] = part.options
    if part.between:
        made["between"] = part.between.strip("[]").split(", ")
    if part.judged:
        made["filled_by"] = "reviewer"
        if part.type == "points":
            made["reason"] = "required"
    elif plan.evidence:
        made["evidence"] = plan.evidence
    if part.note:
        made["note"] = one_line(part.note)
    return made | {"blank": {"means": "pending", "question": "Q1"}, "cite": [plan.clause]}


def _indicator(plan: Plan, questions: list[str]) -> list[str]:
    node, proposal = plan.node, plan.proposal
    lines = [f"name: {scalar(node.name)}"]
    if node.code:
        lines.append(f"code: {scalar(node.code)}")
    lines.append(f"in: {plan.parent}")
    if node.points is not None and node.block == "base":
        mark = f"  {comment(node.points_from)}" if node.points_from else ""
        lines.append(f"points: {decimal_text(node.points)}{mark}")
    if proposal is None or proposal.children:
        lines += _parent(plan)
    else:
        lines += _rule(plan, questions)
    if plan.evidence and not (proposal and any(not part.judged for part in proposal.fields)):
        lines.append(f"evidence: {flow(plan.evidence)}")
    if node.texts.get("site"):
        lines.append(f"site_check: {scalar(one_line(node.text('site')))}")
    notes = plan.notes + ([f"待定问题 {'、'.join(questions)}"] if questions else [])
    if notes:
        lines.append(f"note: {scalar(one_line('；'.join(notes)))}")
    lines.append(f"cite: [{plan.clause}]")
    return [f"  {plan.id}:", *(f"    {line}" for line in lines)]


def _parent(plan: Plan) -> list[str]:
    node, proposal = plan.node, plan.proposal
    lines = []
    if proposal is not None:
        lines.append(comment(f"建议：{proposal.reading}，请核对"))
    lines.append("combine: sum")
    if proposal is not None and proposal.floor:
        lines.append(f"floor: {proposal.floor}")
    if node.block == "bonus" and node.points is not None:
        lines.append(f"cap: {decimal_text(node.points)}")
    if node.block == "deduct" and node.points is not None:
        lines.append(f"floor: -{decimal_text(node.points)}")
    return lines


def _rule(plan: Plan, questions: list[str]) -> list[str]:
    """The value and the rule with the remark that they are a proposal; a slot says why it is one."""
    proposal = plan.proposal
    assert proposal is not None
    names = {part.suffix: plan.field_id(part.suffix) for part in proposal.fields}
    mark = "  " + comment(f"建议：{proposal.reading}，请核对")
    lines = []
    if proposal.value:
        alone = not proposal.rule or proposal.rule["kind"] == "yesno"
        lines.append(f"value: {_put(proposal.value, names)}" + (mark if alone and not proposal.unread else ""))
        if proposal.unit:
            lines.append(f"unit: {proposal.unit}")
    if proposal.overrides:
        lines.append(f"overrides: [{{when: {_put(proposal.overrides, names)}, gives: full}}]")
    if proposal.unread and not proposal.value:
        note = proposal.unread if proposal.delegated else f"没有解读：{proposal.unread}"
        lines.append(f"rule: {flow({'kind': 'delegated', 'note': note})}  {comment('要核对：原句在 sources.yaml')}")
    elif proposal.rule and proposal.rule["kind"] != "yesno":
        rule = dict(proposal.rule)
        if "part" in rule and questions:
            rule["question"] = questions[0]
        lines.append(f"rule: {flow(_filled(rule, names))}{mark}")
    lines += [f"{key}: {value}" for key, value in (("floor", proposal.floor), ("cap", proposal.cap)) if value]
    return lines


def _put(text: str, names: dict[str, str]) -> str:
    for suffix, name in names.items():
        text = text.replace(f"{{{suffix}}}", name)
    return text


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {_put(key, names): _filled(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, names) for part in value]
    return _put(value, names) if isinstance(value, str) else value


def _sources(outline: Outline, made: list[Plan]) -> str:
    lines = [
        comment("导入的表，一行一条。gist 要用自己的话写；text 是原句，只在单位内部使用时保留。"),
        "format: 1",
        f"{TABLE}:",
        f"  title: {scalar(one_line(outline.title)[:200] or outline.file)}",
        "  number: unknown",
        "  issuer: unknown",
        f"  note: {scalar(f'导入自 {outline.file}')}",
        "  clauses:",
        "    总: {gist: 满分和分成几块}",
    ]
    for plan in made:
        if plan.item:
            continue
        what = "分值" if plan.proposal is None else "分值和计分办法"
        lines.append(f"    {plan.id}:")
        lines.append(f"      gist: {scalar(f'“{plan.node.name}”的{what}（概括待写）')}")
        text = _original(plan)
        if text:
            lines.append(f"      text: {block(text, 8)}")
    for i, (text, place) in enumerate(outline.remarks, 1):
        lines += [f"    注{i}:", f"      gist: {scalar(f'表外的话（{place.sheet} {place.cell}，概括待写）')}"]
        lines.append(f"      text: {block(text, 8)}")
    return "\n".join(lines) + "\n"


def _original(plan: Plan) -> str:
    """The sentences of the row as they stand; labelled where there is more than the rule."""
    texts = plan.node.texts
    said = [(label, plan.node.text(role)) for role, label in _LABELS.items() if texts.get(role)]
    if len(said) == 1 and said[0][0] == "评分标准":
        return said[0][1]
    return "\n".join(f"{label}：{text}" for label, text in said)
