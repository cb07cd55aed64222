"""From a sentence to a rule in the language: proposed where it is plain, left open where it is not."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from evaltool.importing import thresholds
from evaltool.importing.outline import shortened
from evaltool.importing.per_unit import propose_each
from evaltool.importing.points import marked_points
from evaltool.importing.proposal import Field, Proposal, unread
from evaltool.importing.sentences import Part, Sentence, flat, numbered, read_sentence
from evaltool.importing.thresholds import Threshold
from evaltool.quantities import Exact, decimal_text, magnitude

_LONGEST_LABEL = 24
_LONGEST = 800
_SHORT = 6  # 齐全, 符合要求: says nothing without the name of the indicator


def propose(text: str, points: Exact | None, name: str, target: str = "", *, item: bool = False) -> Proposal:
    """A rule for an indicator of `points` that the sentence `text` scores.

    `item` says that the points stand behind the sentence itself: then what it describes is asked for as it stands.
    """
    if not text.strip():
        return unread("纸上没有计分办法")
    if len(text) > _LONGEST:
        return unread(f"原句有 {len(text)} 字，太长")
    if made := _items(text, points):
        return made
    sentence = read_sentence(text)
    if sentence.unread:
        return unread(sentence.unread)
    if not sentence.parts:
        if item:
            return _yesno(flat(text), points, name)
        return unread("句子里没有说怎样给分")
    return _rule(sentence, points, name, target)


def points_in(text: str) -> Exact | None:
    """The full marks that a sentence itself names: its items added up, or the most that it gives."""
    told = [_with_points(part)[1] for part in numbered(text) or _marked_items(text)]
    if told:
        return None if any(value is None for value in told) else sum(value for value in told if value is not None)
    return _with_points(text)[1] if len(text) <= _LONGEST else None


def _items(text: str, points: Exact | None) -> Proposal | None:
    """A list of items with points of their own that add up: a checklist, or an indicator for each item."""
    parts = numbered(text) or _marked_items(text)
    if len(parts) < 2:
        return None
    told = [_with_points(part) for part in parts]
    if any(value is None for _, value in told):
        return _counted_items(parts, points)
    total = sum(value for _, value in told if value is not None)
    if points is not None and total != points:
        return unread(f"各小项合计 {decimal_text(total)} 分，满分 {decimal_text(points)} 分")
    made = [propose(part, value, part, item=True) for part, value in told]
    if all(isinstance(one.rule, dict) and one.rule.get("kind") == "yesno" for one in made):
        fields = [Field(str(i), one.fields[0].name, "yesno") for i, one in enumerate(made, 1)]
        items = {f"{{{i}}}": value for i, (_, value) in enumerate(told, 1)}
        return Proposal(f"{len(parts)} 小项各自给分，相加", fields=fields, rule={"kind": "checklist", "items": items})
    pieces = [(_called(part), value, one) for (part, value), one in zip(told, made, strict=True)]
    return Proposal(f"{len(parts)} 小项分别计分，相加", children=pieces)


def _called(part: str) -> str:
    """A name for an item: what its first condition speaks of."""
    parts = read_sentence(part).parts
    cond = parts[0].cond if parts and parts[0].cond else part
    limit = thresholds.read(cond)
    return shortened(limit.of if limit is not None and limit.of else cond)


def _marked_items(text: str) -> list[str]:
    """Items without numbers, each ending in points in brackets: `…方案（0.5）；…记录（0.5）`."""
    told = flat(text)
    found = [part.strip(";。,") for part in re.findall(r".+?[(]\d+(?:\.\d+)?分?[)]", told)]
    rest = re.sub(r".+?[(]\d+(?:\.\d+)?分?[)]", "", told).strip(";。,")
    return found if len(found) > 1 and not rest else []


def _with_points(part: str) -> tuple[str, Exact | None]:
    """An item and its points: in brackets behind it, or the most that its sentence gives."""
    text, value = marked_points(part)
    if value is not None:
        return text, value
    sentence = read_sentence(part)
    given = [p.points for p in sentence.of("gives") if p.points is not None]
    return (part, max(given)) if given and not sentence.unread else (part, None)


def _counted_items(parts: list[str], points: Exact | None) -> Proposal | None:
    """Items without points of their own under one sentence: `每缺一项扣1分`, as many points as items."""
    last = parts[-1]
    found = re.search(
        r"[;。,](?:以上)?(?:各项)?[,]?(每(?:缺少|缺|少|有|具备|完成)?(?:1|一)?[项条个](?:的)?(?:扣|得|计).*)$", last
    )
    if not found or points is None:
        return None
    said = read_sentence(found[1])
    each = said.parts[0] if len(said.parts) == 1 and not said.unread else None
    share = magnitude(each.points) if each is not None and each.points is not None else 0
    if each is None or each.sort != "each" or share * len(parts) != points:
        return None
    parts = [*parts[:-1], last[: found.start()]]
    fields = [Field(str(i), part[:_LONGEST_LABEL], "yesno") for i, part in enumerate(parts, 1)]
    items = {f"{{{i}}}": share for i in range(1, len(parts) + 1)}
    return Proposal(
        f"{len(parts)} 项各 {decimal_text(share)} 分", fields=fields, rule={"kind": "checklist", "items": items}
    )


def _rule(sentence: Sentence, points: Exact | None, name: str, target: str) -> Proposal:
    """The form that all parts of the sentence together have, or why they have none."""
    if sentence.of("delegated"):
        if len(sentence.parts) == 1:
            return Proposal(delegated=True, unread=f"纸上写明“{sentence.parts[0].cond[:40]}”")
        return unread("一部分留给别人定，一部分没有")
    judged = sentence.of("judged")
    if judged:
        return _judged(sentence, judged, points, name, target)
    full = [part for part in sentence.of("gives") if part.points is not None]
    most = max((part.points for part in full if part.points is not None), default=None)
    if points is not None and most is not None and most > points:
        return unread(f"句子里给 {decimal_text(most)} 分，超过满分 {decimal_text(points)} 分")
    if sentence.of("share"):
        return _shares(sentence)
    if sentence.of("each"):
        return propose_each(sentence, points, name, target)
    if sentence.of("ratio"):
        return _ratio(sentence, points, name, target)
    if sentence.of("adds"):
        return _adds(sentence, points)
    return _fixed(sentence, points, name)


def _fixed(sentence: Sentence, points: Exact | None, name: str) -> Proposal:
    """Nothing but fixed points: steps of a number, yes or no, or named levels."""
    gives = [part for part in sentence.of("gives") if _worth(part, points) is not None]
    if not gives:
        return unread("只说怎样扣分，没有说怎样得分" if sentence.of("loses") else "没有说得几分")
    limits = [thresholds.read(part.cond) for part in gives]
    if all(limits):
        return _steps(
            sentence, [(limit, part) for limit, part in zip(limits, gives, strict=True) if limit], points, name
        )
    full = [part for part in gives if _worth(part, points) == points or points is None]
    rest = [part for part in sentence.parts if part not in full]
    if len(full) == 1 and all(_worth(part, points) == 0 for part in rest):
        return _yesno(full[0].cond or name, points if points is not None else _worth(full[0], points), name)
    return _levels(sentence, points, name)


def _worth(part: Part, points: Exact | None) -> Exact | None:
    """The points that a part leaves, or None where that cannot be said."""
    if part.sort == "gives":
        return points if part.points is None else part.points
    if part.sort == "nothing":
        return 0
    if part.sort == "loses" and points is not None and part.points is not None and part.points <= points:
        return points - part.points
    return None


def _yesno(condition: str, points: Exact | None, name: str) -> Proposal:
    condition = condition.rstrip("的,;。")[:80]
    short = len(condition) <= _SHORT and condition not in name and name not in condition
    asked = Field("ok", f"{name}：{condition}" if short else condition, "yesno")
    return Proposal(
        "做到得满分，没有做到不得分", fields=[asked], value="{ok}", rule={"kind": "yesno", "points": points}
    )


def _levels(sentence: Sentence, points: Exact | None, name: str) -> Proposal:
    """健全 10, 基本健全 6, 不健全 0."""
    levels = {part.cond: _worth(part, points) for part in sentence.parts}
    if len(levels) != len(sentence.parts) or "" in levels or any(value is None for value in levels.values()):
        return unread("各种情形说得不全或有重复")
    if points is not None and max(value for value in levels.values() if value is not None) != points:
        return unread(f"最高一级不是满分 {decimal_text(points)} 分")
    numbers = any(re.search(r"[<>≤≥=]|\d%|以上|以下", label) for label in levels)
    if max(map(len, levels)) > _LONGEST_LABEL or len(levels) < 2 or numbers:
        return unread("看不出是哪几个等级")
    made = Proposal("分级给分", value="{level}", rule={"kind": "levels", "levels": levels})
    made.fields = [Field("level", f"{name}：属于哪一级", "choice", options=list(levels))]
    if 0 not in levels.values():
        made.questions.append("别的情形给几分没有写")
    return made


def _steps(sentence: Sentence, limits: list[tuple[Threshold, Part]], points: Exact | None, name: str) -> Proposal:
    """达到 90% 以上得 10 分，80%-90% 得 8 分，低于 80% 不得分."""
    worth = [(limit, _worth(part, points)) for limit, part in limits]
    low = [part for part in sentence.parts if all(part is not other for _, other in limits)]
    made = thresholds.ladder([(limit, value) for limit, value in worth if value is not None], [
        (thresholds.read(part.cond), _worth(part, points)) for part in low
    ])  # fmt: skip
    if isinstance(made, str):
        return unread(made)
    steps, below = made
    measured = thresholds.measure(limits[0][0], name)
    if points is not None and max(value for _, value in worth if value is not None) != points:
        return unread(f"最高一档不是满分 {decimal_text(points)} 分")
    if below is None:
        open_ = unread("够不到最低一档时给几分没有写")
        if points is not None:  # what is written down is certain: from the highest limit on, full points
            sign = ">=" if steps[0][1] == "at_least" else ">"
            open_.fields, open_.overrides = [measured], f"{{{measured.suffix}}} {sign} {steps[0][0]}"
        return open_
    rows: list[dict[str, Any]] = [{key: limit, "gives": value} for limit, key, value in steps]
    rows.append({"otherwise": "true", "gives": below})
    made_of = Proposal("按数值分档", fields=[measured], value=f"{{{measured.suffix}}}", unit=measured.measured_in)
    made_of.rule = {"kind": "steps", "steps": rows}
    if any(limit.vague for limit, _ in limits):
        made_of.questions.append("分档的端点算在哪一档没有写明，草稿按上一档含本数")
    return made_of


def _shares(sentence: Sentence) -> Proposal:
    """达成 100%-80%（含 80%），部分达成 80%-50%（含 50%），未达成 50%-0%: a level, then a share chosen inside it."""
    parts = sentence.of("share")
    if len(parts) != len(sentence.parts) or len(parts) < 2:
        return unread("区间以外还有别的给分办法")
    ordered = sorted(parts, key=lambda part: part.ends[1] if part.ends else 0, reverse=True)
    ends = [part.ends for part in ordered if part.ends]
    joined = all(high[0] == low[1] for high, low in pairwise(ends))
    labels = [part.cond for part in ordered]
    if not joined or ends[0][1] != 100 or ends[-1][0] != 0 or "" in labels or len(set(labels)) != len(labels):
        return unread("各区间不相连，或没有写是哪一级")
    if max(map(len, labels)) > _LONGEST_LABEL:
        return unread("看不出是哪几个等级")
    levels: dict[str, Any] = {}
    vague = False
    for i, (label, (low, high, has_low, _)) in enumerate(zip(labels, ends, strict=True)):
        vague |= not has_low and low != 0
        top = "at_most" if i == 0 else "less_than"
        levels[label] = {"at_least": f"{decimal_text(low)}%", top: f"{decimal_text(high)}%"}
    fields = [
        Field("level", "达成等级", "choice", options=labels, judged=True),
        Field("share", "在等级的区间里定的比例", "share", between="[0%, 100%]", judged=True),
    ]
    rule = {"kind": "levels", "levels": levels, "chosen": "{share}"}
    made = Proposal("先定等级，再在区间里定分", fields=fields, value="{level}", rule=rule)
    if vague:
        made.questions.append("区间的端点算在哪一级没有写明，草稿算在上一级")
    return made


def _ratio(sentence: Sentence, points: Exact | None, name: str, target: str) -> Proposal:
    """Points × actual ÷ target, or a line between a zero point and a full point."""
    gives, nothing = sentence.of("gives"), sentence.of("nothing")
    if len(sentence.parts) != len(gives) + len(nothing) + len(sentence.of("ratio")) or len(gives) > 1:
        return unread("按比例以外还有别的给分办法")
    if points is None:
        return unread("按比例计分要有满分")
    if gives and _worth(gives[0], points) != points:
        return unread(f"句子里的满分不是 {decimal_text(points)} 分")
    top = thresholds.read(gives[0].cond) if gives else None
    top = top or thresholds.read(target)
    if nothing and any(thresholds.read(part.cond) is not None for part in nothing):
        bottom = thresholds.read(nothing[0].cond)
        if top is None or bottom is None or len(nothing) > 1 or not top.up or bottom.up or top.unit != bottom.unit:
            return unread("零分和满分的两条线看不清")
        measured = thresholds.measure(top, name)
        rule: dict[str, Any] = {"kind": "linear", "zero_at": bottom.text, "full_at": top.text}
        return Proposal("两条线之间按直线", fields=[measured], value=f"{{{measured.suffix}}}",
                        unit=measured.measured_in, rule=rule)  # fmt: skip
    if nothing:
        return unread("哪一段按比例、哪一段不得分看不清")
    measured = thresholds.measure(top, name) if top else Field("rate", f"{name}（实际占目标的比例）", "share")
    rule = {"kind": "proportional", "target": top.text if top else "100%"}
    if top is not None and not top.up:
        rule["inverse"] = "true"
    how = sentence.of("ratio")[0].of
    measured.note = measured.note or (f"算法：{how}" if re.search(r"[*×x/÷]", how) else "")
    made = Proposal("按实际与目标的比例给分，到满分为止", fields=[measured], value=f"{{{measured.suffix}}}",
                    unit=measured.measured_in, rule=rule)  # fmt: skip
    if top is None:
        made.questions.append("按什么的比例没有写明，草稿按实际占目标的比例，到 100% 得满分")
    return made


def _adds(sentence: Sentence, points: Exact | None) -> Proposal:
    """加N分, once: each condition its own item."""
    adds = sentence.of("adds")
    if len(adds) != len(sentence.parts):
        return unread("加分以外还有别的给分办法")
    top = sentence.cap if sentence.cap is not None else points
    if any(not part.cond for part in adds) or (top is not None and sum(part.points or 0 for part in adds) > top):
        return unread("几项加分合起来超过上限，或没有写条件")
    if points is not None and sum(part.points or 0 for part in adds) != points:
        return unread(f"几项加分合起来不是满分 {decimal_text(points)} 分")
    fields = [Field(str(i), part.cond[:80], "yesno") for i, part in enumerate(adds, 1)]
    items = {f"{{{i}}}": part.points for i, part in enumerate(adds, 1)}
    made = Proposal("符合就加分", fields=fields, rule={"kind": "checklist", "items": items})
    made.questions.append("同一种有几个时是不是只加一次没有写，草稿只加一次")
    return made


def _judged(sentence: Sentence, judged: list[Part], points: Exact | None, name: str, target: str) -> Proposal:
    """酌情扣分: a person enters the points, with a reason. Beside levels or steps it becomes an indicator of its own."""
    if len(judged) > 1 or points is None:
        return unread("酌情给分的情形不止一种，或没有满分")
    part = judged[0]
    if part.points is not None and part.points > points:
        return unread("酌情的分数超过满分")
    between = f"[0, {decimal_text(part.points if part.points is not None else points)}]"
    if part.way == "more":
        if len(sentence.parts) > 1:
            return unread("酌情给分以外还有别的给分办法")
        scored = Field("score", f"{name}：评定的得分", "points", between=between, judged=True, note=part.cond)
        return Proposal("由评价人定分，写明理由", fields=[scored], value="{score}")
    cut = Field("cut", f"{name}：酌情扣的分", "points", between=between, judged=True, note=part.cond)
    rest = [other for other in sentence.parts if other is not part]
    plain = [other for other in rest if other.sort == "gives" and _worth(other, points) == points]
    if len(plain) == len(rest) <= 1:
        full = decimal_text(points)
        return Proposal(
            "满分减去评价人酌情扣的分，写明理由", fields=[cut], value=f"{full} - {{cut}}", floor="0", cap=full
        )
    other = _rule(Sentence(rest, sentence.floor, sentence.most, sentence.capped, sentence.cap), points, name, target)
    if other.unread or other.children:
        return unread("酌情扣分以外的部分没有看懂")
    taken = Proposal("评价人酌情扣的分，写明理由", fields=[cut], value="0 - {cut}")
    children: list[tuple[str, Exact | None, Proposal]] = [(name, points, other), (f"{name}：酌情扣分", None, taken)]
    return Proposal("先按等级给分，再减酌情扣的分，扣完为止", floor="0", children=children)
