"""How an indicator is scored, in Chinese sentences, with every number of its rule."""

from __future__ import annotations

from evaltool.quantities import POINT_UNIT, SHARE_UNIT, decimal_text, quantity_text
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Choice, Formula
from evaltool.scheme.models import Indicator, Override, Rounding
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.values import Quantity, is_number
from evaltool.scheme.words import formula_text, name_of, parameter_text, term_text

_COMBINE = {
    "sum": "各项相加", "mean": "各项平均", "max": "取各项最高", "min": "取各项最低",
    "count": "成立的项数", "all": "各项全部成立", "any": "任一项成立",
}  # fmt: skip
_MISSING = {
    "out": "有一项不计则本级不计", "skip": "不计的项跳过", "zero": "不计的项按零", "spread": "不计的项，分值摊给其余各项",
}  # fmt: skip
_MODES = {
    "half_up": "四舍五入",
    "half_even": "四舍六入五成双",
    "truncate": "舍去尾数",
    "ceiling": "往大处进",
    "floor": "往小处舍",
}
_TIES = {"min": "并列取靠前名次", "max": "并列取靠后名次", "mean": "并列取平均名次", "dense": "并列不占名次"}


def rule_sentence(scheme: Scheme, key: str) -> str:
    """How an indicator is scored, in one or a few Chinese sentences, with every number of the rule."""
    item = scheme.indicators[key]
    parts = [_made(scheme, item)]
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
        parts.append(f"最低 {term_text(scheme, item.floor, item.per, _result_unit(scheme, key))}")
    if item.cap is not None:
        limit = "" if item.cap == "none" else term_text(scheme, item.cap, item.per, _result_unit(scheme, key))
        parts.append(f"最高 {limit}" if limit else "不设上限")
    if item.round is not None:
        parts.append(rounded(item.round))
    return "；".join(part for part in parts if part) + "。"


def rounded(rounding: Rounding) -> str:
    if rounding.places is not None and rounding.places >= 0:
        return f"保留 {rounding.places} 位小数，{_MODES[rounding.mode]}"
    return f"以 {decimal_text(rounding.step)} 为单位取整，{_MODES[rounding.mode]}"


def _made(scheme: Scheme, item: Indicator) -> str:
    """The value, or how the parts are put together."""
    if item.combine is not None:
        weights = [_weight(scheme, child) for child in _parts(scheme, item)]
        said = "，".join(weight for weight in weights if weight)
        text = f"加权平均（权重：{said}）" if said else _combined(item)
        if item.missing is not None:
            text += f"，{_MISSING[item.missing]}"
        return text + (f"，至少要有 {item.need} 项" if item.need is not None else "")
    if item.value is None:
        return ""
    said_value = formula_text(scheme, item.value, item.per)
    if item.across is None:
        return f"看{said_value}"
    group = "全部对象" if item.across == "all" else f"同一{name_of(scheme, item.across, item.per)}的对象"
    return f"在{group}{'的同一行' if item.per else ''}中计算{said_value}"


def _combined(item: Indicator) -> str:
    if item.picks is None:
        return _COMBINE[item.combine or ""]
    return f"取{picked_text(item)}{'相加' if item.combine == 'sum' else '平均'}"


def picked_text(item: Indicator) -> str:
    """Which parts count: “最高的 3 项”; empty where all do."""
    if item.picks is None:
        return ""
    return f"{'最高' if item.worst is None else '最低'}的 {decimal_text(item.picks)} 项"


def _weight(scheme: Scheme, key: str) -> str:
    part = scheme.indicators[key]
    if part.weight is None:
        return ""
    if isinstance(part.weight, str):
        return f"{part.name} {name_of(scheme, part.weight, part.per)}"
    return f"{part.name} {weight_text(scheme, part.weight, part.per)}"


def weight_text(scheme: Scheme, weight: Quantity | Formula, per: str | None) -> str:
    """“25%”, “3”, or one for each value of what chooses."""
    if isinstance(weight, Formula) and isinstance(weight.tree, Choice):
        return term_text(scheme, weight, per, SHARE_UNIT if getattr(weight.tree.branches[0][1], "share", False) else "")
    return str(weight)


def _parts(scheme: Scheme, item: Indicator) -> tuple[str, ...]:
    key = next(key for key, one in scheme.indicators.items() if one is item)
    return scheme.children.get(key, ())


def override_text(scheme: Scheme, key: str, override: Override) -> str:
    """An exception: “到验收期的项目行数等于 0 的，得满分”."""
    per, unit = scheme.indicators[key].per, _result_unit(scheme, key)
    when = formula_text(scheme, override.when, per)
    if override.at_most is not None:
        what = f"最多 {term_text(scheme, override.at_most, per, unit)}"
    else:
        what = _gives(scheme, key, override.gives or "")
    return f"{when}{' ' if when[-1].isascii() else ''}的，{what}"


def _gives(scheme: Scheme, key: str, given: str | Formula) -> str:
    unit = _result_unit(scheme, key)
    if isinstance(given, Formula):
        return f"得 {term_text(scheme, given, scheme.indicators[key].per, unit)}"
    if given in ("full", "out"):
        return {"full": "得满分", "out": "不计"}[given]
    return f"得 {given} {'' if given.endswith('%') else unit}".rstrip() if is_number(given) else f"定为“{given}”"


def _result_unit(scheme: Scheme, key: str) -> str:
    return scheme.kinds[key].unit or ""


def _unit(scheme: Scheme, key: str) -> str:
    unit = scheme.values[key].unit if key in scheme.values else ""
    return "" if not unit or unit.startswith("row:") else unit


def _points(scheme: Scheme, item: Indicator) -> str:
    return "该行分值" if isinstance(item.points, str) else term_text(scheme, item.points, item.per)


def step_condition(scheme: Scheme, key: str, step: r.Step) -> str:
    """The condition of one step: “不低于 85 分”."""
    unit, per = _unit(scheme, key), scheme.indicators[key].per
    for name, word in (("at_least", "不低于"), ("more_than", "超过"), ("at_most", "不超过"), ("less_than", "低于")):
        limit = getattr(step, name)
        if limit is not None:
            return f"{word} {parameter_text(scheme, limit, unit, per)}"
    return "其余" if step.when is None else formula_text(scheme, step.when, per)


def _rule(scheme: Scheme, key: str, item: Indicator, rule: r.RuleModel) -> str:
    unit, per = _unit(scheme, key), item.per
    match rule:
        case r.Checklist():
            items = "，".join(f"{name_of(scheme, k, per)} {term_text(scheme, v, per)}" for k, v in rule.items.items())
            must = "、".join(name_of(scheme, k, per) for k in rule.mandatory)
            return f"逐项计分：{items}" + (f"；缺“{must}”的不得分" if must else "")
        case r.Levels():
            return "，".join(f"{label} {_level(scheme, part, per)}" for label, part in rule.levels.items())
        case r.Steps():
            return "，".join(_step(scheme, key, item, step) for step in rule.steps)
        case r.Proportional():
            target = parameter_text(scheme, rule.target, unit, per)
            points = _points(scheme, item)
            if rule.inverse:
                return f"不超过目标（{target}）得满分，超过的按 {points} × 目标 ÷ 实际 计"
            return f"达到 {target} 得满分，未达到的按 {points} × 实际 ÷ {target} 计"
        case r.Linear():
            return _linear(scheme, key, item, rule)
        case r.Curve():
            gained = _result_unit(scheme, key)
            corners = [
                f"{parameter_text(scheme, point.at, unit, per)} 得 {term_text(scheme, point.gives, per, gained)}"
                for point in rule.through
            ]
            return "，".join(corners) + "；相邻两点之间按直线计，两头以外同两头"
        case r.Range():
            return _range(scheme, key, item, rule)
        case r.PerUnit():
            return _per_unit(scheme, item, rule, unit)
        case r.Rank():
            return _rank(scheme, rule, per)
        case r.Relative():
            return _relative(scheme, rule, per)
        case r.Delegated():
            return f"评分标准未定（{rule.note}），在 0 与满分之间待定"
    raise TypeError(rule)


def _step(scheme: Scheme, key: str, item: Indicator, step: r.Step) -> str:
    condition, given = step_condition(scheme, key, step), step.gives
    if isinstance(given, Formula):
        return f"{condition}{_gives(scheme, key, given)}"
    condition += " " if condition[-1].isascii() else ""
    if given in ("full", "out"):
        return f"{condition}{_gives(scheme, key, given)}"
    return f"{condition}得 {given} 分" if item.points is not None else f"{condition}为{given}"


def _linear(scheme: Scheme, key: str, item: Indicator, rule: r.Linear) -> str:
    unit = _unit(scheme, key)
    ends = [parameter_text(scheme, end, unit, item.per) for end in (rule.zero_at, rule.full_at)]
    if rule.line is None and rule.outside is None:
        return f"{ends[0]} 得 0 分，{ends[1]} 得满分，其间按直线比例计"
    line = rule.line or [0, item.points]
    given = [term_text(scheme, one, item.per, _result_unit(scheme, key)) for one in line]
    beyond = [term_text(scheme, one, item.per, _result_unit(scheme, key)) for one in rule.outside or line]
    return (
        f"{ends[0]} 至 {ends[1]} 之间，由 {given[0]}到 {given[1]}按直线计；"
        f"差于 {ends[0]} 的 {beyond[0]}，达到或好于 {ends[1]} 的 {beyond[1]}"
    )


def _range(scheme: Scheme, key: str, item: Indicator, rule: r.Range) -> str:
    unit = _unit(scheme, key)
    low, high = (parameter_text(scheme, end, unit, item.per) for end in (rule.low, rule.high))
    points = _points(scheme, item)
    said = [f"{low} 至 {high}（含两端）得满分"]
    for word, side, end, ratio in (
        ("低于", rule.below, low, f"{points} × 实际 ÷ {low}"), ("高于", rule.above, high, f"{points} × {high} ÷ 实际"),
    ):  # fmt: skip
        if isinstance(side, r.Loss):
            size = _size(side.per, unit)
            lost = term_text(scheme, side.loses, item.per)
            text = f"每{'少' if word == '低于' else '多'} {size}扣 {lost}{_part(side.part)}"
        else:
            text = {"zero": "不得分", "full": "也得满分", "proportional": f"按 {ratio} 计"}[side]
        said.append(f"{word} {end} 的{text}")
    return "，".join(said)


def _group(scheme: Scheme, rule: r.Rank | r.Relative, per: str | None) -> str:
    """Among whom a place or a share is told."""
    within = name_of(scheme, rule.within, per) if rule.within else ""
    if rule.among == "own":
        return f"本对象同一{within}的各行" if within else "本对象的各行"
    group = f"同一{within}的对象" if within else "全部对象"
    return f"{group}的同一行" if rule.among == "same" else group


def _rank(scheme: Scheme, rule: r.Rank, per: str | None) -> str:
    order = "从高到低" if rule.order == "high_first" else "从低到高"
    what = "取名次" if rule.gives == "place" else f"取（名次－1）÷（{'行' if per else '对象'}数－1）"
    return f"在{_group(scheme, rule, per)}中{order}排，{_TIES[rule.ties]}，{what}"


def _relative(scheme: Scheme, rule: r.Relative, per: str | None) -> str:
    group = _group(scheme, rule, per)
    if rule.to == "best":
        text = f"与{group}的{'最高' if rule.better == 'higher' else '最低'}值相比"
        text += "" if rule.better == "higher" else "（最低值 ÷ 本值）"
    else:
        text = f"除以{group}的{'平均' if rule.to == 'mean' else '合计'}"
    return text + ("" if rule.times == 1 else f"，再乘 {term_text(scheme, rule.times, per, '')}")


def _level(scheme: Scheme, part: object, per: str | None) -> str:
    if not isinstance(part, r.Interval):
        return term_text(scheme, part, per)  # type: ignore[arg-type]
    low = f"{part.at_least}（含）" if part.at_least else f"{part.more_than}（不含）"
    high = f"{part.at_most}（含）" if part.at_most else f"{part.less_than}（不含）"
    return f"得分值的 {low}至 {high}"


def _size(per: Quantity | None, unit: str) -> str:
    return quantity_text(per.value if per else 1, POINT_UNIT if unit == SHARE_UNIT else unit)


def _part(part: str | None) -> str:
    return {"whole": "，不足一个单位的不算", "share": "，不足一个单位的按比例算", None: ""}[part]


def _per_unit(scheme: Scheme, item: Indicator, rule: r.PerUnit, unit: str) -> str:
    size = _size(rule.per, unit)
    around = parameter_text(scheme, rule.around, unit, item.per) if rule.around is not None else quantity_text(0, unit)
    start = _points(scheme, item) if rule.start is None else term_text(scheme, rule.start, item.per)
    said = [f"{around}{' ' if around[-1] == '%' else ''}得 {start}"]
    for word, change in (("多", rule.more), ("少", rule.fewer)):
        if isinstance(change, Formula):
            said.append(f"每{word} {size}加 {term_text(scheme, change, item.per)}")
        elif change is not None:
            verb = "加" if change > 0 else "扣"
            said.append(f"每{word} {size}{verb} {term_text(scheme, abs(change), item.per)}")
    return "，".join(said) + _part(rule.part)
