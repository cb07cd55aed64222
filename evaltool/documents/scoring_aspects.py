"""How an indicator is scored, point by point: its value, its rule with every parameter, its exceptions and limits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from evaltool.documents.aspects import Aspect, Aspects, Part, Side
from evaltool.documents.wording import points_text
from evaltool.quantities import POINT_UNIT, SHARE_UNIT, quantity_text
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Formula
from evaltool.scheme.models import Indicator
from evaltool.scheme.sentences import override_text, picked_text, rounded, rule_sentence, step_condition, weight_text
from evaltool.scheme.values import Quantity, is_number
from evaltool.scheme.words import name_of, parameter_text, term_text

_LABELS = {
    "value": "看什么", "target": "目标", "inverse": "方向", "zero_at": "零分点", "full_at": "满分点", "line": "两端的得分",
    "outside": "两端以外的得分", "better": "方向", "low": "范围的下端", "high": "范围的上端", "below": "低于范围的",
    "above": "高于范围的", "start": "起点得分", "around": "起算点", "more": "每多一个单位", "fewer": "每少一个单位",
    "per": "一个单位的大小", "part": "不足一个单位的", "mandatory": "必备项", "chosen": "在区间里定分的字段",
    "order": "排序", "ties": "并列的", "gives": "结果", "among": "一行与哪些行比", "within": "在谁当中比", "to": "与什么比",
    "times": "乘数", "note": "说明",
    "question": "待定问题",
}  # fmt: skip
_WORDS = {
    "high_first": "从高到低", "low_first": "从低到高", "min": "取靠前名次", "max": "取靠后名次", "mean": "平均",
    "dense": "不占名次", "place": "名次", "share": "按比例", "whole": "不算", "best": "最好的", "sum": "合计",
    "same": "各对象的同一行", "own": "本对象的各行", "higher": "越大越好", "lower": "越小越好", "zero": "不得分", "full": "得满分",
    "proportional": "按比例",
}  # fmt: skip
_COMBINE = {
    "sum": "相加",
    "mean": "平均",
    "max": "取最高",
    "min": "取最低",
    "count": "数成立的",
    "all": "全部成立",
    "any": "任一成立",
}
_MISSING = {"out": "本级也不计", "skip": "跳过", "zero": "按零", "spread": "分值摊给其余"}
_THINGS = ("chosen", "within")
_MEASURED = ("target", "zero_at", "full_at", "low", "high", "around")  # in the unit of the value; the rest are points


def of_indicator(side: Side, key: str) -> Aspects:
    scheme = side.scheme
    item = scheme.indicators[key]
    per, parent = item.per, item.parent
    found = {
        "name": side.words("名称", item.name),
        "code": side.words("纸面编号", item.code),
        "in": Aspect("所属", _parent(side, item), _parent_text(side, item)),
        "points": Aspect("分值", _points(side, item), _with_unit(points_text(scheme, key), item.points)),
        "per": Aspect("按哪张清单逐行算", per, scheme.edition.lists[per].name if per else ""),
        "across": side.thing("在谁当中算", item.across if item.across != "all" else None),
        "value": side.formula("看什么", item.value, per),
        "combine": Aspect("怎样合并", item.combine, _COMBINE.get(item.combine or "", "")),
        "best": Aspect("只算哪几项", (item.best, item.worst), picked_text(item)),
        "missing": Aspect("不计的项", item.missing, _MISSING.get(item.missing or "", "")),
        "need": Aspect("至少要有几项", item.need, f"{item.need} 项" if item.need is not None else ""),
        "weight": _weight(side, item),
        "unit": side.words("单位", item.unit),
        "overrides": _overrides(side, key, item),
        "floor": _bound(side, key, item, "floor", "最低"),
        "cap": _bound(side, key, item, "cap", "最高"),
        "round": Aspect("舍入", side.value(item.round), rounded(item.round) if item.round is not None else ""),
        "evidence": side.some("佐证", item.evidence),
        "site_check": side.words("现场核查", item.site_check),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }
    assert parent is None or found["in"].text
    if item.across == "all":
        found["across"] = Aspect("在谁当中算", "all", "全部对象")
    return found | dict(_rules(side, key, item))


def _parent(side: Side, item: Indicator) -> Any:
    if isinstance(item.parent, dict):
        return frozenset(
            (label, side.name(node, item.per if label == "by" else None)) for label, node in item.parent.items()
        )
    return side.name(item.parent)


def _parent_text(side: Side, item: Indicator) -> str:
    known = side.scheme.indicators
    if isinstance(item.parent, dict):
        return "、".join(f"{label}归“{known[node].name}”" for label, node in item.parent.items() if label != "by")
    return known[item.parent].name if item.parent else ""


def _points(side: Side, item: Indicator) -> Any:
    return side.name(item.points, item.per) if isinstance(item.points, str) else side.value(item.points, item.per)


def _with_unit(text: str, points: Any) -> str:
    return f"{text} 分" if isinstance(points, int | Fraction) else text


def _weight(side: Side, item: Indicator) -> Aspect:
    if isinstance(item.weight, str):
        return side.thing("权重", item.weight, item.per)
    told = "" if item.weight is None else weight_text(side.scheme, item.weight, item.per)
    return Aspect("权重", side.value(item.weight, item.per), told)


def _bound(side: Side, key: str, item: Indicator, name: str, label: str) -> Aspect:
    part = getattr(item, name)
    if part in (None, "none"):
        return Aspect(label, part, "" if part is None else "不限")
    unit = side.scheme.kinds[key].unit or ""
    return Aspect(label, side.value(part, item.per), term_text(side.scheme, part, item.per, unit))


def _overrides(side: Side, key: str, item: Indicator) -> Aspect:
    parts: list[Part] = []
    for one in item.overrides:
        when, _, gives = override_text(side.scheme, key, one).rpartition("的，")
        result = side.value(one.gives, item.per), side.value(one.at_most, item.per)
        parts.append((side.value(one.when, item.per), f"{when.strip()}的", result, gives))
    value = tuple((part[0], part[2]) for part in parts)
    return Aspect("例外", value, "；".join(f"{p[1]}{p[3]}" for p in parts), tuple(parts))


# --- rules ---


def _rules(side: Side, key: str, item: Indicator) -> Iterator[tuple[str, Aspect]]:
    said = rule_sentence(side.scheme, key) if item.rule is not None else ""
    if isinstance(item.rule, r.ByRule):
        by = side.name(item.rule.by, item.per), frozenset(item.rule.branches)
        yield "rule.kind", Aspect("计分办法", by, said)
        for label, rule in item.rule.branches.items():
            yield from _rule(side, key, item, rule, f"rule.{label}", f"“{label}”的", said)
    else:
        kind = getattr(item.rule, "kind", "") if item.rule is not None else ""
        yield "rule.kind", Aspect("计分办法", kind, said)
        if item.rule is not None:
            yield from _rule(side, key, item, item.rule, "rule", "", said)


def _rule(
    side: Side, key: str, item: Indicator, rule: r.RuleModel, at: str, who: str, said: str
) -> Iterator[tuple[str, Aspect]]:
    scheme, per = side.scheme, item.per
    if at != "rule":
        yield f"{at}.kind", Aspect(f"{who}计分办法", rule.kind, said)  # type: ignore[attr-defined]
    for name in type(rule).model_fields:
        part = getattr(rule, name)
        label = who + _LABELS.get(name, name)
        if name == "steps":
            yield f"{at}.steps", _steps(side, key, item, part, who)
        elif name == "items":
            for one, points in part.items():
                path = f"{at}.items.{side.name(one, per)}"
                text = term_text(scheme, points, per)
                yield path, Aspect(f"{who}“{name_of(scheme, one, per)}”一项", side.value(points, per), text)
        elif name == "levels":
            for level, points in part.items():
                text = _level(side, points, per)
                yield f"{at}.levels.{level}", Aspect(f"{who}“{level}”一级", side.value(points, per), text)
        elif name == "mandatory":
            names = [side.name(one, per) for one in part]
            yield f"{at}.{name}", Aspect(label, frozenset(names), "、".join(name_of(scheme, one, per) for one in part))
        elif name in _THINGS:
            yield f"{at}.{name}", side.thing(label, part, per)
        elif name == "question":
            yield f"{at}.{name}", side.question(part)
        elif name != "kind":
            yield f"{at}.{name}", Aspect(label, side.value(part, per), _text(side, key, item, name, part))


def _text(side: Side, key: str, item: Indicator, name: str, part: Any) -> str:
    """One parameter in words."""
    scheme, unit = side.scheme, side.scheme.values[key].unit if key in side.scheme.values else ""
    unit = "" if not unit or unit.startswith("row:") else unit
    if part is None or part == "":
        return ""
    if name == "inverse":
        return "越小越好" if part else "越大越好"
    if isinstance(part, r.Loss):
        size = quantity_text(part.per.value, POINT_UNIT if unit == SHARE_UNIT else unit) if part.per else f"1 {unit}"
        rest = f"，不足一个单位的{_WORDS[part.part]}" if part.part else ""
        return f"每差 {size.strip()}扣 {term_text(scheme, part.loses, item.per)}{rest}"
    if isinstance(part, list):
        return "、".join(term_text(scheme, one, item.per) for one in part)
    if name == "per":
        return quantity_text(part.value, POINT_UNIT if unit == SHARE_UNIT else unit)
    if isinstance(part, Quantity) or (isinstance(part, Formula) and (name in _MEASURED or name == "value")):
        return parameter_text(scheme, part, unit, item.per)
    if isinstance(part, str):
        return _WORDS.get(part, part)
    return term_text(scheme, part, item.per, "" if name == "times" else "分")


def _level(side: Side, part: Any, per: str | None) -> str:
    if not isinstance(part, r.Interval):
        return term_text(side.scheme, part, per)
    low = f"{part.at_least}（含）" if part.at_least is not None else f"{part.more_than}（不含）"
    high = f"{part.at_most}（含）" if part.at_most is not None else f"{part.less_than}（不含）"
    return f"分值的 {low}至 {high}"


def _steps(side: Side, key: str, item: Indicator, steps: list[r.Step], who: str) -> Aspect:
    parts: list[Part] = []
    for step in steps:
        condition = step.model_copy(update={"gives": ""})
        unit = " 分" if item.points is not None and isinstance(step.gives, str) and is_number(step.gives) else ""
        gives = step.gives if isinstance(step.gives, str) else term_text(side.scheme, step.gives, item.per)
        gives = {"full": "满分", "out": "不计"}.get(gives, gives)
        told = step_condition(side.scheme, key, step)
        parts.append(
            (_frozen(side.value(condition, item.per)), told, side.value(step.gives, item.per), f"{gives}{unit}")
        )
    value = tuple((part[0], part[2]) for part in parts)
    return Aspect(f"{who}分档", value, "；".join(f"{part[1]} {part[3]}" for part in parts), tuple(parts))


def _frozen(value: dict[str, Any]) -> Any:
    return tuple(sorted((key, one) for key, one in value.items() if one is not None and one != ""))
