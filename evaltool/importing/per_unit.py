"""每少 1 家扣 5 分, 每多 1 个加 10 分, 每减少 1 个百分点扣 1 分: points for each unit away from a target."""

from __future__ import annotations

from typing import Any

from evaltool.importing import thresholds
from evaltool.importing.proposal import Proposal, unread
from evaltool.importing.sentences import Part, Sentence, flat
from evaltool.importing.thresholds import Threshold
from evaltool.quantities import Exact, decimal_text

_PERCENT = ("%", "百分点")


def propose_each(sentence: Sentence, points: Exact | None, name: str, target: str) -> Proposal:
    """A `per_unit` rule, if all units of the sentence are of one kind and what it gives besides is its start."""
    each = sentence.of("each")
    fixed = [part for part in sentence.parts if part not in each]
    if any(part.sort not in ("gives", "nothing", "adds") for part in fixed) or len({part.unit for part in each}) > 1:
        return unread("每差一个扣分以外还有别的给分办法")
    if len({part.n for part in each}) > 1 or len(each) > 2:
        return unread("几种“每……”的大小不一")
    losing = [part for part in each if (part.points or 0) < 0]
    gaining = [part for part in each if (part.points or 0) > 0]
    if len(losing) > 1 or len(gaining) > 1:
        return unread("几种情形分别扣分，没有替它拟规则")
    if points is None:
        return _outside(sentence, each, fixed, name)
    gives = [part for part in fixed if part.sort == "gives"]
    if len(gives) > 1 or any(part.points not in (None, points) for part in gives):
        return unread(f"句子里的分数不是满分 {decimal_text(points)} 分")
    goal = _goal(each, gives, name, target)
    if each[0].unit in _PERCENT:
        return _percent(each, goal, fixed, name)
    lacking = any(part.sort == "nothing" for part in fixed)
    if goal is not None and goal.unit in (each[0].unit, "") and (gives or losing):
        return _around(sentence, losing, gaining, goal, name, points, lacking=lacking)
    if lacking:
        return unread("没有写目标是多少")
    if gaining and losing:
        return unread("没有写目标是多少")
    return _counted(sentence, each[0], bool(gives), name, points)


def _goal(each: list[Part], gives: list[Part], name: str, target: str) -> Threshold | None:
    """The number that more and fewer are counted from: in the conditions, the target or the name."""
    places = [*(part.cond for part in gives), *(part.cond for part in each), target, name]
    for text in places:
        limit = thresholds.read(text) or _plain_goal(text, each[0].unit)
        if limit is not None and limit.unit in (each[0].unit, "%" if each[0].unit == "百分点" else each[0].unit):
            return limit
    return None


def _plain_goal(text: str, unit: str) -> Threshold | None:
    """`有1个淘宝村`, `2家企业`: a number of the unit that stands alone in the text."""
    found = thresholds.plain_count(flat(text), unit)
    return None if found is None else Threshold("", unit, low=found)


def _percent(each: list[Part], goal: Threshold | None, fixed: list[Part], name: str) -> Proposal:
    if any(part.sort != "gives" for part in fixed):
        return unread("每差一个百分点扣分以外还有别的给分办法")
    if goal is None:
        return unread("没有写从百分之几起扣分")
    measured = thresholds.measure(goal, name)
    rule: dict[str, Any] = {"kind": "per_unit", "around": goal.text}
    for part in each:
        rule[_way(part, goal)] = part.points
    rule |= {"per": f"{decimal_text(each[0].n)}%", "part": "whole"}
    made = Proposal(
        "从目标起，每差一个单位加减", fields=[measured], value=f"{{{measured.suffix}}}", unit="占比", rule=rule
    )
    made.questions.append("不足一个单位算不算没有写，草稿不算")
    return made


def _way(part: Part, goal: Threshold) -> str:
    """Which side of the target counts: as the word says; where it says nothing, the worse one loses."""
    if part.way:
        return part.way
    worse = "fewer" if goal.up else "more"
    return worse if (part.points or 0) < 0 else {"fewer": "more", "more": "fewer"}[worse]


def _around(
    sentence: Sentence, losing: list[Part], gaining: list[Part], goal: Threshold, name: str, points: Exact,
    *, lacking: bool,
) -> Proposal:  # fmt: skip
    """A count with a target: so much less for each one short, so much more for each one beyond."""
    one = (losing or gaining)[0]
    measured = thresholds.counted("count", _called(one, name), one.unit)
    rule: dict[str, Any] = {"kind": "per_unit", "around": goal.text}
    if lacking and losing:
        return unread("又说没有不得分，又说每少一个扣几分")
    if not lacking and not losing:
        return unread("达不到目标时得几分没有写")
    for part in [*losing, *gaining]:
        rule[_way(part, goal)] = part.points
    if lacking:
        if goal.text != "1":
            return unread("一个都没有时不得分，差一些时得几分没有写")
        rule["fewer"] = -points
    made = Proposal("以目标为准，多的加、少的扣", fields=[measured], value="{count}", unit=measured.unit, rule=rule)
    _sized(made, one)
    if gaining:
        _capped(made, sentence, None)
    return made


def _counted(sentence: Sentence, each: Part, has_full: bool, name: str, points: Exact) -> Proposal:
    """No target is named: what is short, or what was found, is counted itself."""
    rule: dict[str, Any] = {"kind": "per_unit", "more": each.points}
    if (each.points or 0) < 0:
        what = f"缺少的{each.unit}数" if each.way == "fewer" else f"{each.of or '扣分'}的{each.unit}数"
        counted = thresholds.counted("lack" if each.way == "fewer" else "found", f"{name}：{what}", each.unit)
        made = Proposal(
            "每有一个扣几分，扣完为止", fields=[counted], value=f"{{{counted.suffix}}}", unit=counted.unit, rule=rule
        )
        if sentence.most is not None:
            made.floor = decimal_text(points - sentence.most)
    else:
        if has_full:
            return unread("从多少起每多一个加分没有写")
        rule["start"] = 0
        counted = thresholds.counted("count", _called(each, name), each.unit)
        made = Proposal("每有一个得几分", fields=[counted], value="{count}", unit=counted.unit, rule=rule)
        _capped(made, sentence, points)
    _sized(made, each)
    return made


def _outside(sentence: Sentence, each: list[Part], fixed: list[Part], name: str) -> Proposal:
    """Outside the hundred: nothing to start from, each one adds or takes away."""
    if fixed or len(each) > 1 or each[0].unit in _PERCENT:
        return unread("加分或扣分的情形不止一种")
    part = each[0]
    counted = thresholds.counted("count", _called(part, name), part.unit)
    rule = {"kind": "per_unit", "start": 0, "more": part.points}
    made = Proposal("每有一个加减几分", fields=[counted], value="{count}", unit=counted.unit, rule=rule)
    _sized(made, part)
    if (part.points or 0) > 0:
        _capped(made, sentence, None)
    elif sentence.most is not None:
        made.floor = decimal_text(-sentence.most)
    return made


def _called(part: Part, name: str) -> str:
    of = part.of.strip("以上的")
    return f"{name}：{of}" if of and of not in name else name


def _sized(made: Proposal, part: Part) -> None:
    """A unit of more than one, or of money, can be reached in part."""
    assert made.rule is not None
    if part.n != 1 or part.unit in ("元", "万元", "亿元", "平方米"):
        made.rule |= {"per": part.n, "part": "whole"}
        made.questions.append("不足一个单位算不算没有写，草稿不算")


def _capped(made: Proposal, sentence: Sentence, points: Exact | None) -> None:
    """How far additions may go: as the sentence says, else to the full points, else without end, which is asked."""
    if sentence.cap is not None:
        made.cap = decimal_text(sentence.cap)
    elif points is None and not sentence.capped:
        made.cap = "none"
        made.questions.append("加分有没有上限没有写，草稿不封顶")
