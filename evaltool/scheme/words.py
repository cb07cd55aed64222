"""Rules, formulas and limits in plain Chinese, made from the definition that scores."""

from __future__ import annotations

from collections.abc import Callable

from evaltool.quantities import POINT_UNIT, SHARE_UNIT, decimal_text, quantity_text
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Call, Column, Formula, Name, Node, Num, Operation, Text
from evaltool.scheme.models import Indicator, Override
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.values import Quantity

_COMPARE = {">=": "不低于", ">": "超过", "<=": "不超过", "<": "低于", "==": "等于", "!=": "不等于"}
_SIGN = {"+": "＋", "-": "－", "*": "×", "/": "÷"}
_COMBINE = {
    "sum": "各项相加", "mean": "各项平均", "max": "取各项最高", "min": "取各项最低",
    "count": "成立的项数", "all": "各项全部成立", "any": "任一项成立",
}  # fmt: skip


def name_of(scheme: Scheme, key: str, row_of: str | None = None) -> str:
    """The Chinese name of a field, column, list, indicator or event."""
    edition = scheme.edition
    if row_of and key in edition.lists[row_of].columns:
        return edition.lists[row_of].columns[key].name
    if row_of and key == "due":
        return "应报日期"
    for room in (edition.fields, edition.lists, edition.indicators, edition.events):
        if key in room:
            return str(room[key].name)
    return key


def formula_text(scheme: Scheme, formula: Formula | Node, row_of: str | None = None) -> str:
    """The formula with names instead of ids: “已建站点的乡镇数 ÷ 乡镇数”."""
    node = formula.tree if isinstance(formula, Formula) else formula
    return _say(scheme, node, row_of, 0)


def _say(scheme: Scheme, node: Node, row_of: str | None, depth: int) -> str:
    def inner(part: Node) -> str:
        return _say(scheme, part, row_of, depth + 1)

    match node:
        case Num(value=value, share=share):
            return quantity_text(value, SHARE_UNIT if share else "")
        case Text(value=value):
            return f"“{value}”"
        case Name(id=name):
            return name_of(scheme, name, row_of)
        case Column(list=owner, id=column):
            return name_of(scheme, column, owner)
        case Operation(op="and" | "or" as op):
            word = "且" if op == "and" else "或"
            text = word.join(inner(part) for part in node.parts)
            return f"（{text}）" if depth else text
        case Operation(op="not"):
            part = node.parts[0]
            if isinstance(part, Name) and part.id in scheme.edition.events:
                return f"没有“{inner(part)}”的情形"
            return f"“{inner(part)}”为否" if isinstance(part, Name | Column) else f"不满足{inner(part)}"
        case Operation(op="neg"):
            return f"负{inner(node.parts[0])}"
        case Operation(op=op) if op in _COMPARE:
            left, right = node.parts
            if isinstance(right, Text) and op in ("==", "!="):
                return f"{inner(left)}{'为' if op == '==' else '不是'}{inner(right)}"
            if isinstance(right, Num) and not right.share:
                return f"{inner(left)}{_COMPARE[op]} {quantity_text(right.value, _unit_of(scheme, left, row_of))}"
            return f"{inner(left)}{_COMPARE[op]}{inner(right)}"
        case Operation(op=op):
            text = f"{inner(node.parts[0])} {_SIGN[op]} {inner(node.parts[1])}"
            return f"（{text}）" if depth else text
        case Call():
            return _call(scheme, node, inner)
    raise TypeError(node)


def _unit_of(scheme: Scheme, node: Node, row_of: str | None) -> str:
    """The unit of a field or column that a plain literal is compared with; empty for anything else."""
    edition = scheme.edition
    owner, key = (node.list, node.id) if isinstance(node, Column) else (row_of, getattr(node, "id", ""))
    items = edition.lists[owner].columns if owner and key in edition.lists[owner].columns else edition.fields
    unit = items[key].unit if key in items else ""
    return "" if unit == "row" else unit


def _call(scheme: Scheme, node: Call, inner: Callable[[Node], str]) -> str:
    first = node.parts[0]
    if node.function == "count":
        bare = isinstance(first, Name) and first.id in scheme.edition.lists
        said = _say(scheme, first, None, 0).replace("“", "‘").replace("”", "’")  # quotes inside quotes
        return f"{inner(first)}行数" if bare else f"“{said}”的行数"
    if node.function == "days":
        return f"{inner(first)}距{inner(node.parts[1])}的天数"
    if len(node.parts) > 1:
        word = "较小者" if node.function == "min" else "较大者"
        return "、".join(inner(part) for part in node.parts) + f"的{word}"
    word = {"sum": "合计", "mean": "平均", "min": "最小", "max": "最大"}[node.function]
    return f"{inner(first)}{word}"


def rule_sentence(scheme: Scheme, key: str) -> str:
    """How an indicator is scored, in one or a few Chinese sentences, with every number of the rule."""
    item = scheme.indicators[key]
    parts = [_made(scheme, key, item)]
    if isinstance(item.rule, r.ByRule):
        by = name_of(scheme, item.rule.by, item.per)
        parts += [f"{by}为“{label}”时，{_rule(scheme, key, item, rule)}" for label, rule in item.rule.branches.items()]
    elif item.rule is not None:
        parts.append(_rule(scheme, key, item, item.rule))
    elif item.value is not None and item.points is not None:
        truth = scheme.values[key].sort == "truth"
        parts.append("是得满分，否不得分" if truth else "按所填分数计")
    parts += [override_text(scheme, key, override) for override in item.overrides]
    if item.floor not in (None, "none"):
        parts.append(f"最低 {decimal_text(item.floor)} 分")
    if item.cap is not None:
        parts.append("不设上限" if item.cap == "none" else f"最高 {decimal_text(item.cap)} 分")
    if item.round is not None:
        mode = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "truncate": "舍去尾数"}[item.round.mode]
        parts.append(f"保留 {item.round.places} 位小数，{mode}")
    return "；".join(part for part in parts if part) + "。"


def override_text(scheme: Scheme, key: str, override: Override) -> str:
    """An exception: “到验收期的项目行数等于 0 的，得满分”."""
    most = override.at_most
    what = f"最多 {decimal_text(most)} 分" if most is not None else _gives(override.gives or "")
    when = formula_text(scheme, override.when, scheme.indicators[key].per)
    return f"{when}{' ' if when[-1].isascii() else ''}的，{what}"


def _made(scheme: Scheme, key: str, item: Indicator) -> str:
    if item.combine is not None:
        return _COMBINE[item.combine]
    if item.value is None or (item.rule is None and scheme.values[key].sort == "truth"):
        return "" if item.value is None else f"看{formula_text(scheme, item.value, item.per)}"
    return f"看{formula_text(scheme, item.value, item.per)}"


def _gives(text: str) -> str:
    if text == "full":
        return "得满分"
    return f"得 {text} 分" if text.replace(".", "").isdigit() else f"定为“{text}”"


def parameter_text(scheme: Scheme, part: Quantity | Formula, unit: str, row_of: str | None) -> str:
    """A target or limit with its unit."""
    return quantity_text(part.value, unit) if isinstance(part, Quantity) else formula_text(scheme, part, row_of)


def _unit(scheme: Scheme, key: str) -> str:
    unit = scheme.values[key].unit if key in scheme.values else ""
    return "" if not unit or unit.startswith("row:") else unit


def _points(item: Indicator) -> str:
    return "该行分值" if isinstance(item.points, str) else f"{decimal_text(item.points)} 分"


def step_condition(scheme: Scheme, key: str, step: r.Step) -> str:
    """The condition of one step: “不低于 85 分”."""
    unit = _unit(scheme, key)
    for name, word in (("at_least", "不低于"), ("more_than", "超过"), ("at_most", "不超过"), ("less_than", "低于")):
        limit = getattr(step, name)
        if limit is not None:
            return f"{word} {quantity_text(limit.value, unit)}"
    return "其余" if step.when is None else formula_text(scheme, step.when, scheme.indicators[key].per)


def _rule(scheme: Scheme, key: str, item: Indicator, rule: r.RuleModel) -> str:
    unit = _unit(scheme, key)
    match rule:
        case r.Checklist():
            items = "，".join(f"{name_of(scheme, k, item.per)} {decimal_text(v)} 分" for k, v in rule.items.items())
            must = "、".join(name_of(scheme, k, item.per) for k in rule.mandatory)
            return f"逐项计分：{items}" + (f"；缺“{must}”的不得分" if must else "")
        case r.Levels():
            return "，".join(f"{label} {_level(part)}" for label, part in rule.levels.items())
        case r.Steps():
            said = "{}得 {} 分" if item.points is not None else "{}为{}"
            return "，".join(said.format(step_condition(scheme, key, step), step.gives) for step in rule.steps)
        case r.Proportional():
            target = parameter_text(scheme, rule.target, unit, item.per)
            if rule.inverse:
                return f"不超过目标（{target}）得满分，超过的按 {_points(item)} × 目标 ÷ 实际 计"
            return f"达到 {target} 得满分，未达到的按 {_points(item)} × 实际 ÷ {target} 计"
        case r.Linear():
            ends = (quantity_text(rule.zero_at.value, unit), quantity_text(rule.full_at.value, unit))
            return f"{ends[0]} 得 0 分，{ends[1]} 得满分，其间按直线比例计"
        case r.PerUnit():
            return _per_unit(scheme, item, rule, unit)
        case r.Delegated():
            return f"评分标准未定（{rule.note}），在 0 与满分之间待定"
    raise TypeError(rule)


def _level(part: object) -> str:
    if not isinstance(part, r.Interval):
        return f"{decimal_text(part)} 分"  # type: ignore[arg-type]
    low = f"{part.at_least}（含）" if part.at_least else f"{part.more_than}（不含）"
    high = f"{part.at_most}（含）" if part.at_most else f"{part.less_than}（不含）"
    return f"得分值的 {low}至 {high}"


def _per_unit(scheme: Scheme, item: Indicator, rule: r.PerUnit, unit: str) -> str:
    size = quantity_text(rule.per.value if rule.per else 1, POINT_UNIT if unit == SHARE_UNIT else unit)
    around = parameter_text(scheme, rule.around, unit, item.per) if rule.around is not None else quantity_text(0, unit)
    start = _points(item) if rule.start is None else f"{decimal_text(rule.start)} 分"
    said = [f"{around}{' ' if around[-1] == '%' else ''}得 {start}"]
    for word, change in (("多", rule.more), ("少", rule.fewer)):
        if change is not None:
            verb = "加" if change > 0 else "扣"
            said.append(f"每{word} {size}{verb} {decimal_text(abs(change))} 分")
    if rule.part is not None:
        said.append("不足一个单位的不算" if rule.part == "whole" else "不足一个单位的按比例算")
    return "，".join(said)
