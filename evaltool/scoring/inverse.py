"""What would have earned more: each rule asked backwards, the answer carried down to the field that moves it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from evaltool.facts import State
from evaltool.quantities import (
    POINT_UNIT,
    SHARE_UNIT,
    Exact,
    decimal_text,
    divide,
    magnitude,
    parse_plain,
    quantity_text,
)
from evaltool.scheme import Scheme
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Call, Column, Formula, Name, Node, Operation, walk
from evaltool.scheme.looks import looks_at
from evaltool.scheme.models import FieldDef, Indicator
from evaltool.scheme.sentences import override_text
from evaltool.scheme.values import Quantity
from evaltool.scheme.words import formula_text, name_of
from evaltool.scoring.columns import Num, Truth
from evaltool.scoring.formulas import amount, truth
from evaltool.scoring.scores import Scores
from evaltool.scoring.space import Space


@dataclass(frozen=True)
class Asked:
    """One indicator of one subject, with everything its rule looked at."""

    scores: Scores
    layer: str
    key: str
    row: int

    @property
    def scheme(self) -> Scheme:
        return self.scores.scheme

    @property
    def item(self) -> Indicator:
        return self.scheme.indicators[self.key]

    @property
    def space(self) -> Space:
        """What formulas see of this one subject: its columns have one row."""
        return self.scores.alone(self.layer, self.row)

    @property
    def unit(self) -> str:
        return (self.scheme.values[self.key].unit or "") if self.key in self.scheme.values else ""

    def known(self, node: Node) -> Exact | None:
        """The number that a formula comes to for this subject, or None while it is not known."""
        column = amount(node, self.space)
        return column.lo[0] if column.lo[0] == column.hi[0] else None

    def result(self) -> tuple[Exact, Exact]:
        column = self.scores.column(self.layer, self.key)
        assert isinstance(column, Num)
        return column.lo[self.row], column.hi[self.row]


def next_step(asked: Asked) -> str:
    """One or a few sentences; empty where nothing more can be earned or nobody can say."""
    if asked.key == asked.scheme.grade:
        return _next_band(asked)
    if asked.item.points is None or asked.item.per is not None:
        return ""
    low, _ = asked.result()
    if low >= asked.item.points:
        return "已得满分"
    if asked.item.combine is not None:
        return _largest_losses(asked)
    rule = asked.item.rule
    if isinstance(rule, r.Delegated):
        return f"评分标准未定：{rule.note}"
    waits = list(dict.fromkeys(waiting_for(asked)))
    if waits:
        return f"先补齐：{'、'.join(name_of(asked.scheme, name) for name in waits)}"
    if exception := _exception(asked):
        return exception
    if isinstance(asked.item.cap, int | Fraction) and asked.item.cap < asked.item.points:
        return ""
    return _asked_backwards(asked, rule)


def _asked_backwards(asked: Asked, rule: object) -> str:
    """What the rule itself would have asked for."""
    match rule:
        case None:
            if asked.item.value is None or asked.scheme.values[asked.key].sort != "truth":
                return "由评审人按标准给分"
            return f"“{formula_text(asked.scheme, asked.item.value)}”做到了，可得 {decimal_text(asked.item.points)} 分"
        case r.Checklist():
            return _checklist(asked, rule)
        case r.Levels():
            return _levels(asked, rule)
        case r.Steps():
            return _steps(asked, rule)
        case r.Proportional():
            return _proportional(asked, rule)
        case r.Linear():
            return _reach(
                asked, rule.full_at.value, upward=rule.full_at.value > rule.zero_at.value, strict=False, gain="满分"
            )
        case r.PerUnit():
            return _per_unit(asked, rule)
    return ""


def waiting_for(asked: Asked) -> Iterator[str]:
    """Fields the indicator looks at that are not known for this subject, in reading order."""
    for name in looks_at(asked.scheme, asked.key):
        if name in asked.scheme.edition.lists:
            if _rows_open(asked, name):
                yield name
        elif name in asked.scheme.edition.fields and not asked.space.subjects[name].known[0]:
            yield name


def roots(scores: Scores, layer: str, key: str, row: int) -> Iterator[str]:
    """Fields and lists behind one unknown field, event or indicator."""
    scheme, space = scores.scheme, scores.outcomes[layer].space
    if key in scheme.edition.fields:
        yield key
    elif key in scheme.edition.events:
        for part in walk(scheme.edition.events[key].when.tree):
            if isinstance(part, Name) and not space.subjects[part.id].known[row]:
                yield from roots(scores, layer, part.id, row)
    else:
        asked = Asked(scores, layer, key, row)
        yield from waiting_for(asked)
        below = [*scheme.children.get(key, ()), *(asked.item.value.names() if asked.item.value else ())]
        for child in below:
            if child in scheme.indicators and (scheme.indicators[child].per or not space.subjects[child].known[row]):
                yield from roots(scores, layer, child, row)


def _rows_open(asked: Asked, list_id: str) -> bool:
    """Whether the subject's rows were not read, or hold a cell that has no value and should have one."""
    rows = asked.scores.facts.layers[asked.layer].lists[list_id]
    if int(rows.states[asked.row]) != State.FILLED:
        return True
    cells = rows.table.states.to_numpy()[rows.owner == asked.row]
    return bool(np.isin(cells, (State.BLANK, State.UNREADABLE, State.OUT_OF_RANGE, State.PENDING)).any())


def exception_of(asked: Asked) -> str:
    """The override that surely holds for this subject, in words."""
    for part in asked.item.overrides:
        condition = truth(part.when.tree, asked.space)
        if condition.hi[0]:
            return override_text(asked.scheme, asked.key, part) if condition.lo[0] else ""
    return ""


def _exception(asked: Asked) -> str:
    """While an exception holds, moving the value earns nothing."""
    exception = exception_of(asked)
    return f"现按例外处理：{exception}" if exception else ""


def _checklist(asked: Asked, rule: r.Checklist) -> str:
    names = {name: name_of(asked.scheme, name) for name in rule.items}
    missing = [name for name in rule.items if not _holds(asked, name)]
    must = [name for name in rule.mandatory if name in missing]
    said = []
    if must:
        got: Exact = sum(points for name, points in rule.items.items() if name not in missing or name in must)
        said.append(f"“{'”和“'.join(names[name] for name in must)}”做到了整项才计分，可得 {decimal_text(got)} 分")
    again = "再做到" if must else "做到"
    others = [name for name in missing if name not in must]
    said += [f"{again}“{names[name]}”可加 {decimal_text(rule.items[name])} 分" for name in others]
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
    given = {name: part for name, part in rule.levels.items() if not isinstance(part, r.Interval) and part > low}
    return "；".join(f"评为“{name}”可得 {decimal_text(part)} 分" for name, part in given.items())


def _steps(asked: Asked, rule: r.Steps) -> str:
    low, _ = asked.result()
    for step in reversed(rule.steps):
        given = parse_plain(step.gives)
        if given <= low:
            continue
        for name, upward, strict in (
            ("at_least", True, False), ("more_than", True, True), ("at_most", False, False), ("less_than", False, True),
        ):  # fmt: skip
            limit = getattr(step, name)
            if limit is not None:
                return _reach(asked, limit.value, upward, strict, f"{decimal_text(given)} 分")
        if step.when is not None:
            return f"{formula_text(asked.scheme, step.when)}的，得 {decimal_text(given)} 分"
    return ""


def _proportional(asked: Asked, rule: r.Proportional) -> str:
    target = rule.target.value if isinstance(rule.target, Quantity) else asked.known(rule.target.tree)
    if target is None or target <= 0:
        return "" if target is None else "先核对目标值"
    return _reach(asked, target, not rule.inverse, False, "满分")


def _per_unit(asked: Asked, rule: r.PerUnit) -> str:
    around = (
        0
        if rule.around is None
        else rule.around.value
        if isinstance(rule.around, Quantity)
        else asked.known(rule.around.tree)
    )
    value = _value(asked)
    if value is None or around is None:
        return ""
    points = asked.item.points
    start = points if rule.start is None else rule.start
    per = 1 if rule.per is None else rule.per.value
    low, _ = asked.result()
    more, fewer = rule.more or 0, rule.fewer or 0
    if low < start and value > around and more < 0:
        return _reach(asked, around, False, False, f"{decimal_text(start)} 分")
    if low < start and value < around and fewer < 0:
        return _reach(asked, around, True, False, f"{decimal_text(start)} 分")
    if more > 0 and low < points:
        steps = math.ceil(divide(points - start, more))
        return _reach(asked, around + steps * per, True, False, "满分")
    return ""


def _value(asked: Asked) -> Exact | None:
    column = asked.scores.outcomes[asked.layer].values.get(asked.key)
    if not isinstance(column, Num) or column.lo[asked.row] != column.hi[asked.row]:
        return None
    value: Exact = column.lo[asked.row]
    return value


def _reach(asked: Asked, target: Exact, upward: bool, strict: bool, gain: str) -> str:
    """“X 要达到 T 才得 GAIN（现在 V，还差 D）” and, where one field moves the value, what that field would have to be."""
    value = _value(asked)
    if value is None:
        return f"先核对数据：“{formula_text(asked.scheme, _formula(asked))}”算不出"
    word = {(True, False): "达到", (True, True): "超过", (False, False): "降到", (False, True): "低于"}[upward, strict]
    unit = asked.unit
    gap_unit = POINT_UNIT if unit == SHARE_UNIT else unit
    now, gap = quantity_text(value, unit), magnitude(target - value)
    here = f"现在 {now}，差 {quantity_text(gap, gap_unit)}" if gap else f"现在正好 {now}"
    said = (
        f"{formula_text(asked.scheme, _formula(asked))}{word} {quantity_text(target, unit)}，"
        f"可得{gain if gain == '满分' else f' {gain}'}（{here}）"
    )
    moved = _field_for(asked, _formula(asked).tree, target, upward, strict)
    return f"{said}；{moved}" if moved else said


def _formula(asked: Asked) -> Formula:
    own = getattr(asked.item.rule, "value", None)
    formula = own if isinstance(own, Formula) else asked.item.value
    assert formula is not None
    return formula


def _field_for(asked: Asked, node: Node, target: Exact, upward: bool, strict: bool) -> str:
    """What the field that drives the value would have to be, the rest staying as it is."""
    match node:
        case Name(id=name) if name in asked.scheme.edition.fields:
            return _moved(asked, name, target, upward, strict)
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
    """What the target, the middle or an exception depends on."""
    formulas = [getattr(asked.item.rule, name, None) for name in ("target", "around")]
    formulas += [part.when for part in asked.item.overrides]
    return {name for part in formulas if isinstance(part, Formula) for name in _names(part.tree)}


def _whole(target: Exact, upward: bool, strict: bool) -> int:
    if upward:
        return math.floor(target) + 1 if strict else math.ceil(target)
    return math.ceil(target) - 1 if strict else math.floor(target)


def _largest_losses(asked: Asked) -> str:
    lost = []
    for child in asked.scheme.children.get(asked.key, ()):
        part = asked.scheme.indicators[child]
        column = asked.scores.outcomes[asked.layer].results[child]
        if part.points is None or part.per is not None or not isinstance(column, Num):
            continue
        gap = part.points - column.lo[asked.row]
        if gap > 0:
            lost.append((gap, part.name))
    lost.sort(key=lambda pair: -pair[0])
    return "" if not lost else "失分最多的是" + "、".join(f"{name}（{decimal_text(gap)} 分）" for gap, name in lost[:3])


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
