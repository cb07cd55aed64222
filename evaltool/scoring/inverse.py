"""What would have earned more: each rule asked backwards, the answer carried down to the field that moves it."""

from __future__ import annotations

import math
from itertools import pairwise

from evaltool.quantities import (
    POINT_UNIT,
    SHARE_UNIT,
    Exact,
    decimal_text,
    divide,
    magnitude,
    parse_number,
    quantity_text,
)
from evaltool.scheme import rules as r
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Call, Choice, Column, Formula, Name, Node, Operation, walk
from evaltool.scheme.looks import formulas_of
from evaltool.scheme.words import formula_text, name_of
from evaltool.scoring.asked import Asked, exception_of, waiting_for
from evaltool.scoring.columns import Num, Truth
from evaltool.scoring.comparing import among_others
from evaltool.scoring.losses import largest_losses


def next_step(asked: Asked) -> str:
    """One or a few sentences; empty where nothing more can be earned or nobody can say."""
    if asked.is_out():
        return ""
    if asked.key == asked.scheme.grade:
        return _next_band(asked)
    if asked.item.points is None or asked.item.per is not None:
        return ""
    low, _ = asked.result()
    if low >= asked.item.points:
        return "已得满分"
    if asked.item.combine is not None:
        return largest_losses(asked)
    rule = asked.rule
    if isinstance(rule, r.Delegated):
        return f"评分标准未定：{rule.note}"
    waits = list(dict.fromkeys(waiting_for(asked)))
    if waits:
        return f"先补齐：{'、'.join(name_of(asked.scheme, name) for name in waits)}"
    if exception := _exception(asked):
        return exception
    cap = None if asked.item.cap in (None, "none") else asked.term(asked.item.cap)
    if cap is not None and cap < asked.item.points:
        return ""
    return _asked_backwards(asked, rule)


def _asked_backwards(asked: Asked, rule: object) -> str:
    """What the rule itself would have asked for."""
    match rule:
        case None:
            formula = asked.item.value
            if isinstance(asked.item.rule, r.ByRule):
                return ""
            if formula is None or asked.scheme.values[asked.key].sort != "truth":
                return "由评审人按标准给分"
            return f"“{formula_text(asked.scheme, formula)}”做到了，可得 {decimal_text(asked.item.points)} 分"
        case r.Checklist():
            return _checklist(asked, rule)
        case r.Levels():
            return _levels(asked, rule)
        case r.Steps():
            return _steps(asked, rule)
        case r.Proportional():
            return _proportional(asked, rule)
        case r.Linear():
            return _linear(asked, rule)
        case r.Curve():
            return _curve(asked, rule)
        case r.Range():
            return _range(asked, rule)
        case r.PerUnit():
            return _per_unit(asked, rule)
    return ""


def _exception(asked: Asked) -> str:
    """While an exception holds, moving the value earns nothing."""
    exception = exception_of(asked)
    return f"现按例外处理：{exception}" if exception else ""


def _checklist(asked: Asked, rule: r.Checklist) -> str:
    names = {name: name_of(asked.scheme, name) for name in rule.items}
    worth = {name: asked.term(points) for name, points in rule.items.items()}
    missing = [name for name in rule.items if not _holds(asked, name)]
    must = [name for name in rule.mandatory if name in missing]
    said = []
    if must:
        parts = [points for name, points in worth.items() if name not in missing or name in must]
        got = None if None in parts else sum(part for part in parts if part is not None)
        earned = "" if got is None else f"，可得 {decimal_text(got)} 分"
        said.append(f"“{'”和“'.join(names[name] for name in must)}”做到了整项才计分{earned}")
    again = "再做到" if must else "做到"
    for name in missing:
        points = worth[name]
        if name not in must and points is not None:
            said.append(f"{again}“{names[name]}”可加 {decimal_text(points)} 分")
    return "；".join(said)


def _holds(asked: Asked, name: str) -> bool:
    column = asked.space.subjects[name]
    assert isinstance(column, Truth)
    return bool(column.lo[0])


def _levels(asked: Asked, rule: r.Levels) -> str:
    if rule.chosen is not None:
        ends = {
            name: part.at_most or part.less_than for name, part in rule.levels.items() if isinstance(part, r.Interval)
        }
        best = max(ends, key=lambda name: ends[name].value if ends[name] is not None else 0)  # type: ignore[union-attr]
        return f"评为“{best}”并在区间内给到更高的比例，可得更多分"
    low, _ = asked.result()
    given = {name: asked.term(part) for name, part in rule.levels.items() if not isinstance(part, r.Interval)}
    return "；".join(
        f"评为“{name}”可得 {decimal_text(part)} 分" for name, part in given.items() if part is not None and part > low
    )


def _steps(asked: Asked, rule: r.Steps) -> str:
    low, _ = asked.result()
    for step in reversed(rule.steps):
        given = _given(asked, step.gives)
        if given is None or given <= low:
            continue
        for name, upward, strict in (
            ("at_least", True, False), ("more_than", True, True), ("at_most", False, False), ("less_than", False, True),
        ):  # fmt: skip
            limit = getattr(step, name)
            if limit is not None:
                target = asked.term(limit)
                return "" if target is None else _reach(asked, target, upward, strict, f"{decimal_text(given)} 分")
        if step.when is not None:
            return f"{formula_text(asked.scheme, step.when)}的，得 {decimal_text(given)} 分"
    return ""


def _given(asked: Asked, gives: str | Formula) -> Exact | None:
    """The points that a step gives; None while they are not known, and where it does not count."""
    if gives in ("full", "out"):
        return asked.item.points if gives == "full" else None
    return asked.term(gives) if isinstance(gives, Formula) else parse_number(gives)


def _proportional(asked: Asked, rule: r.Proportional) -> str:
    target = asked.term(rule.target)
    if target is None or target <= 0:
        return "" if target is None else "先核对目标值"
    return _reach(asked, target, not rule.inverse, False, "满分")


def _linear(asked: Asked, rule: r.Linear) -> str:
    """The full end, and what lies beyond it."""
    start, target = asked.term(rule.zero_at), asked.term(rule.full_at)
    if start is None or target is None:
        return ""
    given = rule.outside or rule.line
    best = asked.item.points if given is None else asked.term(given[1])
    upward = rule.better != "lower" if rule.better else target > start
    if best is None or best <= asked.result()[0]:
        return ""
    return _reach(asked, target, upward, False, "满分" if best == asked.item.points else f"{decimal_text(best)} 分")


def _curve(asked: Asked, rule: r.Curve) -> str:
    """The nearest corner that gives the most; where it is less on the other side, that it is exactly there."""
    value, points = asked.value(), asked.item.points
    corners = [(asked.term(point.at), asked.term(point.gives)) for point in rule.through]
    known = [(at, gives) for at, gives in corners if at is not None and gives is not None]
    if value is None or len(known) != len(corners) or any(stop <= start for (start, _), (stop, _) in pairwise(known)):
        return ""
    best = min(max(gives for _, gives in known), points)
    if best <= asked.result()[0]:
        return ""
    target = min((at for at, gives in known if gives >= best), key=lambda at: magnitude(at - value))
    upward = target > value
    gain = "满分" if best == points else f"{decimal_text(best)} 分"
    if all(gives >= best for at, gives in known if (at > target if upward else at < target)):
        return _reach(asked, target, upward, False, gain)
    assert asked.formula is not None
    said, there = formula_text(asked.scheme, asked.branch(asked.formula.tree)), quantity_text(target, asked.unit)
    where = f"{_apart(said)}正好 {_apart(there)}时最多"
    return f"{where}，可得{gain if gain == '满分' else f' {gain}'}（现在 {quantity_text(value, asked.unit)}）"


def _apart(text: str) -> str:
    """With a space behind it, if it ends in a letter or a digit."""
    return f"{text} " if text[-1:].isascii() else text


def _range(asked: Asked, rule: r.Range) -> str:
    """The nearer end of the range."""
    value, low, high = asked.value(), asked.term(rule.low), asked.term(rule.high)
    if value is None or low is None or high is None:
        return ""
    if low > high:
        return "先核对区间的上下限"
    if value < low:
        return _reach(asked, low, True, False, "满分")
    return _reach(asked, high, False, False, "满分") if value > high else ""


def _per_unit(asked: Asked, rule: r.PerUnit) -> str:
    value, points = asked.value(), asked.item.points
    parts = (rule.around or 0, points if rule.start is None else rule.start, rule.more or 0, rule.fewer or 0)
    around, start, more, fewer = (asked.term(part) for part in parts)
    if value is None or around is None or start is None or more is None or fewer is None:
        return ""
    per = 1 if rule.per is None else rule.per.value
    low, _ = asked.result()
    if low < start and value > around and more < 0:
        return _reach(asked, around, False, False, f"{decimal_text(start)} 分")
    if low < start and value < around and fewer < 0:
        return _reach(asked, around, True, False, f"{decimal_text(start)} 分")
    if more > 0 and low < points:
        steps = math.ceil(divide(points - start, more))
        return _reach(asked, around + steps * per, True, False, "满分")
    return ""


def _reach(asked: Asked, target: Exact, upward: bool, strict: bool, gain: str) -> str:
    """“X 要达到 T 才得 GAIN（现在 V，还差 D）” and, where one field moves the value, what that field would have to be."""
    value, formula = asked.value(), asked.formula
    assert formula is not None
    node = asked.branch(formula.tree)
    said = formula_text(asked.scheme, node)
    if value is None:
        return f"先核对数据：“{said}”算不出"
    word = {(True, False): "达到", (True, True): "超过", (False, False): "降到", (False, True): "低于"}[upward, strict]
    unit = asked.unit
    gap_unit = POINT_UNIT if unit == SHARE_UNIT else unit
    now, gap = quantity_text(value, unit), magnitude(target - value)
    here = f"现在 {now}，差 {quantity_text(gap, gap_unit)}" if gap else f"现在正好 {now}"
    reached = f"{_apart(said)}{word} {quantity_text(target, unit)}"
    said = f"{reached}，可得{gain if gain == '满分' else f' {gain}'}（{here}）"
    moved = _field_for(asked, node, target, upward, strict)
    return f"{said}；{moved}" if moved else said


def _field_for(asked: Asked, node: Node, target: Exact, upward: bool, strict: bool) -> str:
    """What the field that drives the value would have to be, the rest staying as it is."""
    match node:
        case Name(id=name) if name in asked.scheme.edition.fields:
            return _moved(asked, name, target, upward, strict)
        case Name(id=name) if name in asked.scheme.indicators:
            return _through(asked, name, target, upward, strict)
        case Choice():
            chosen = asked.branch(node)
            return "" if chosen is node else _field_for(asked, chosen, target, upward, strict)
        case Call(function="count"):
            now = asked.known(node)
            wanted = _whole(target, upward, strict)
            return (
                ""
                if now is None
                else f"即{formula_text(asked.scheme, node)}由 {decimal_text(now)} 变为 {decimal_text(wanted)}"
            )
        case Operation(op="/" | "-", parts=(top, below)) if not _names(top).isdisjoint(_names(below)):
            return ""  # the field that is moved would move both
        case Operation(op="/", parts=(top, below)):
            divisor = asked.known(below)
            return "" if divisor is None or divisor <= 0 else _field_for(asked, top, target * divisor, upward, strict)
        case Operation(op="-", parts=(top, below)):
            taken = asked.known(below)
            return "" if taken is None else _field_for(asked, top, target + taken, upward, strict)
    return ""


def _through(asked: Asked, name: str, target: Exact, upward: bool, strict: bool) -> str:
    """The same through another indicator: a place, a share of the cohort, or a number made by a formula alone."""
    behind = Asked(asked.scores, asked.layer, name, asked.row)
    if behind.item.overrides or behind.item.round is not None or behind.is_out():
        return ""
    if isinstance(behind.rule, r.Rank | r.Relative):
        said, wanted = among_others(behind, target, upward, strict)
        upwards = getattr(behind.rule, "better", "higher") == "higher"
        formula = behind.formula
        if wanted is None or formula is None:
            return said
        moved = _field_for(behind, behind.branch(formula.tree), wanted, upwards, strict)
        return "；".join(part for part in (said, moved) if part)
    plain = behind.item.rule is None and behind.item.points is None and behind.item.across is None
    formula = behind.item.value if plain and behind.item.floor is None and behind.item.cap is None else None
    return "" if formula is None else _field_for(behind, behind.branch(formula.tree), target, upward, strict)


def _moved(asked: Asked, name: str, target: Exact, upward: bool, strict: bool) -> str:
    item: FieldDef = asked.scheme.edition.fields[name]
    now = asked.known(Name(name))
    if now is None or name in _parameters(asked):
        return ""
    unit = SHARE_UNIT if item.type == "share" else item.unit
    if item.type == "count":
        target, strict = _whole(target, upward, strict), False
    if item.between is not None and not item.between[0].value <= target <= item.between[1].value:
        return ""
    word = "超过 " if strict and upward else "低于 " if strict else " "
    return f"其他不变时，{item.name}由 {quantity_text(now, unit)} 变为{word}{quantity_text(target, unit)}"


def _names(node: Node) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, Name)} | {
        p.list for p in walk(node) if isinstance(p, Column)
    }


def _parameters(asked: Asked) -> set[str]:
    """What the parameters of the rule, or an exception, depend on; also what chooses a branch."""
    found = {
        name for path, formula, _ in formulas_of(asked.item) if path[-1] != "value" for name in _names(formula.tree)
    }
    if isinstance(asked.item.rule, r.ByRule):
        found.add(asked.item.rule.by)
    return found


def _whole(target: Exact, upward: bool, strict: bool) -> int:
    if upward:
        return math.floor(target) + 1 if strict else math.ceil(target)
    return math.ceil(target) - 1 if strict else math.floor(target)


def _next_band(asked: Asked) -> str:
    total = asked.scheme.total
    bands = [(label, limit) for label, limit in asked.scheme.bands() if limit is not None]
    if total is None or not bands:
        return ""
    column = asked.scores.column(asked.layer, total)
    assert isinstance(column, Num)
    if exception := _exception(asked):
        return exception
    low, high = column.lo[asked.row], column.hi[asked.row]
    above = [(label, limit) for label, limit in bands if limit > low]
    if not above:
        return "已是最高等次"
    label, limit = above[-1]
    least = "" if low == high else "按现在能确定的最低分算，"
    return f"{least}再得 {decimal_text(limit - low)} 分（到 {decimal_text(limit)} 分）为“{label}”"
