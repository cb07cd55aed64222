"""What the rules of an indicator must be: points that add up, steps without holes, limits in the way of the value."""

from __future__ import annotations

from fractions import Fraction

from evaltool.quantities import POINT_UNIT, SHARE_UNIT, Exact, decimal_text, parse_number
from evaltool.scheme.formula import Choice, Formula, Num
from evaltool.scheme.inference import Mismatch, Scope, same
from evaltool.scheme.looks import Path_
from evaltool.scheme.models import Indicator
from evaltool.scheme.resolve import Work, nearest
from evaltool.scheme.rules import (
    ByRule,
    Checklist,
    Curve,
    Interval,
    Levels,
    Linear,
    Loss,
    PerUnit,
    Proportional,
    Range,
    Rank,
    Relative,
    RuleModel,
    Step,
    Steps,
)  # fmt: skip
from evaltool.scheme.scheme import Kind, Scheme
from evaltool.scheme.values import Quantity, is_number


def check_rule(work: Work, scheme: Scheme, key: str, at: Path_, rule: RuleModel) -> None:
    """The parameters of one rule: what it looks at, units, order, ends."""
    item = work.edition.indicators[key]
    value = scheme.values.get(key)
    if isinstance(getattr(rule, "value", None), Formula):
        value = work.kind(rule.value, (*at, "value"), item.per)  # type: ignore[attr-defined]
    unit = value.unit if value else None
    if isinstance(rule, Proportional | Linear | Curve | Range | PerUnit | Rank | Relative) and (
        value is None or value.sort != "number"
    ):
        work.complain("S214", at, f"“{key}”的规则要看一个数，value 不是数", do="写 value", key=True)
        return
    if isinstance(rule, Proportional | Range) and item.points is None:
        work.complain("S209", at, "按比例计分的指标要有满分", do="补上 points", key=True)
    match rule:
        case Checklist():
            _checklist(work, item, at, rule)
        case Levels():
            _levels(work, item, at, rule, value)
        case Steps():
            _steps(work, item, at, rule, value)
        case Proportional():
            _limit(work, item, (*at, "target"), rule.target, unit)
            if any(value <= 0 for value in _constants(rule.target).values()):
                work.complain("S209", (*at, "target"), "目标要大于零", do="改正目标")
        case Linear():
            _linear(work, item, at, rule, unit)
        case Curve():
            _curve(work, item, at, rule, unit)
        case Range():
            _range(work, item, at, rule, unit)
        case PerUnit():
            _per_unit(work, item, at, rule, unit)
        case Rank() | Relative():
            _cohort(work, item, at, rule)


def _linear(work: Work, item: Indicator, at: Path_, rule: Linear, unit: str | None) -> None:
    _limit(work, item, (*at, "zero_at"), rule.zero_at, unit)
    _limit(work, item, (*at, "full_at"), rule.full_at, unit)
    if rule.line is not None:
        _reaches(work, item, (*at, "line"), [*rule.line, *(rule.outside or [])])
    for i, beyond in enumerate(rule.outside or []):
        _within(work, item, (*at, "outside", i), beyond)
    if item.points is None and rule.line is None:
        work.complain("S209", at, "没有满分的指标要写 line（两端各得多少）", do="补上 line 或 points", key=True)
    if not isinstance(rule.zero_at, Quantity) or not isinstance(rule.full_at, Quantity):
        if rule.better is None:
            why = "两端不都是数，看不出哪个方向更好"
            work.complain("S209", at, "要写 better: higher 或 lower", why, "补上 better", key=True)
    elif rule.zero_at.value == rule.full_at.value:
        work.complain("S209", (*at, "full_at"), "zero_at 与 full_at 相同", do="改正两端")
    elif rule.better is not None and (rule.better == "higher") != (rule.full_at.value > rule.zero_at.value):
        work.complain("S209", (*at, "better"), "better 与两端的方向相反", do="改正 better，或改正两端")


def _curve(work: Work, item: Indicator, at: Path_, rule: Curve, unit: str | None) -> None:
    _reaches(work, item, (*at, "through"), [point.gives for point in rule.through])
    for i, point in enumerate(rule.through):
        _within(work, item, (*at, "through", i, "gives"), point.gives)
    for i, point in enumerate(rule.through):
        _limit(work, item, (*at, "through", i, "at"), point.at, unit)
        before = rule.through[i - 1].at if i else None
        if isinstance(before, Quantity) and isinstance(point.at, Quantity) and point.at.value <= before.value:
            work.complain("S207", (*at, "through", i, "at"), "折线的各点要从小到大", do="按 at 从小到大写")


def _range(work: Work, item: Indicator, at: Path_, rule: Range, unit: str | None) -> None:
    _limit(work, item, (*at, "low"), rule.low, unit)
    _limit(work, item, (*at, "high"), rule.high, unit)
    ends = (rule.low, rule.high)
    if all(isinstance(end, Quantity) for end in ends) and rule.low.value > rule.high.value:  # type: ignore[union-attr]
        work.complain("S209", (*at, "high"), "high 低于 low", do="改正两端")
    for name in ("below", "above"):
        side = getattr(rule, name)
        if isinstance(side, Loss):
            _unit_size(work, (*at, name), side.per, side.part, unit)


def _reaches(work: Work, item: Indicator, at: Path_, given: list[object]) -> None:
    """The best that a rule gives is the full marks; else nobody can ever have them."""
    if isinstance(item.points, int | Fraction) and all(isinstance(part, int | Fraction) for part in given):
        best = max(part for part in given if isinstance(part, int | Fraction))
        if best < item.points:
            what = f"最多得 {decimal_text(best)} 分，满分写的是 {decimal_text(item.points)} 分"
            work.complain("S204", at, what, do="改到相等", key=True)


def _within(work: Work, item: Indicator, at: Path_, given: object) -> None:
    """What a rule gives is not more than the full marks, which would be cut off without a word."""
    limits = item.cap is None and isinstance(item.points, int | Fraction)
    if limits and isinstance(given, int | Fraction) and given > item.points:
        work.complain("S204", at, f"{decimal_text(given)} 分超过满分 {decimal_text(item.points)} 分", do="改正分数")


def _cohort(work: Work, item: Indicator, at: Path_, rule: Rank | Relative) -> None:
    if item.points is not None:
        what = "排位和与别人相比得出的是数，不是得分"
        work.complain("S209", at, what, do="去掉 points，另设一个指标按这个数计分", key=True)
    if item.per is None and rule.among is not None:
        work.complain("S209", (*at, "among"), "among 只用于清单的行（per）", do="去掉 among")
    elif item.per is not None and rule.among is None:
        what = "清单的行要写在谁当中比"
        work.complain("S209", at, what, do="写 among: same（各对象的同一行）或 own（本对象的各行）", key=True)
    elif item.per is not None and rule.among == "same" and not work.edition.lists[item.per].fixed:
        what = f"清单“{item.per}”的行由各对象自己加，各对象没有同一行可比"
        work.complain("S209", (*at, "among"), what, do="改成 own，或用版本定好行的清单")
    if rule.within is not None:
        _selects(work, item, (*at, "within"), rule.within)


def _selects(work: Work, item: Indicator, at: Path_, name: str) -> tuple[str, ...]:
    """The values of what a `by`, `within` or `across` names; empty, and complained about, where it cannot choose."""
    scope = Scope(work.edition, work.kinds, item.per)
    try:
        return scope.selects(name)
    except Mismatch as slip:
        choices = [one for one in scope.known() if _can_choose(scope, one)]
        work.complain(
            "S200", at, f"“{name}”不是选项、是否或类别：{slip}", do=nearest(name, choices, "改成选项字段或列")
        )
        return ()


def _can_choose(scope: Scope, name: str) -> bool:
    try:
        return bool(scope.selects(name))
    except Mismatch:
        return False


def _levels(work: Work, item: Indicator, at: Path_, rule: Levels, value: Kind | None) -> None:
    if value is None or value.sort != "label" or set(value.options) != set(rule.levels):
        work.complain("S207", (*at, "levels"), "各级要与字段的选项一一对应", do="核对 levels 与 options")
    if rule.chosen is not None:
        if item.points is None:
            work.complain("S209", at, "在区间里定分的指标要有满分", do="补上 points", key=True)
        fields = work.edition.lists[item.per].columns if item.per else work.edition.fields
        scores = [name for name, field in fields.items() if field.type in ("share", "points")]
        if rule.chosen not in scores:
            do = nearest(rule.chosen, scores, "改成 type: share 或 points 的字段")
            work.complain("S200", (*at, "chosen"), f"“{rule.chosen}”不是比例或分值字段", do=do)
    if rule.chosen is None and rule.levels:
        _reaches(work, item, (*at, "levels"), list(rule.levels.values()))
    for name, part in rule.levels.items():
        if isinstance(part, Interval):
            _ends(work, (*at, "levels", name), part)
        elif isinstance(item.points, int | Fraction) and not isinstance(part, Formula) and not 0 <= part <= item.points:
            work.complain("S204", (*at, "levels", name), f"{decimal_text(part)} 分不在 0 与满分之间", do="改正分数")


def _checklist(work: Work, item: Indicator, at: Path_, rule: Checklist) -> None:
    plain = [part for part in rule.items.values() if not isinstance(part, Formula)]
    total: Exact = sum(plain)
    if item.points is not None and len(plain) == len(rule.items) and total != item.points:
        what = f"各项合计 {decimal_text(total)}，满分 {decimal_text(item.points)}"
        work.complain("S204", (*at, "items"), what, do="改到相等", key=True)
    scope = Scope(work.edition, work.kinds, item.per)
    for name in rule.items:
        if not _is_truth(scope, name):
            do = nearest(name, [known for known in scope.known() if _is_truth(scope, known)], "改成 type: yesno 的字段")
            work.complain("S200", (*at, "items", name), f"“{name}”不是是/否字段", do=do, key=True)
    for i, name in enumerate(rule.mandatory):
        if name not in rule.items:
            do = nearest(name, rule.items, "核对 mandatory")
            work.complain("S200", (*at, "mandatory", i), f"“{name}”不在 items 里", do=do)


def _is_truth(scope: Scope, name: str) -> bool:
    try:
        return scope.name(name).sort == "truth"
    except Mismatch:
        return False


def _ends(work: Work, at: Path_, part: Interval) -> None:
    low = part.at_least or part.more_than
    high = part.at_most or part.less_than
    if low and high and not 0 <= low.value <= high.value <= 1:
        work.complain("S207", at, "区间要在 0% 与 100% 之间，下端不高于上端", do="改正区间", key=True)


Threshold = tuple[str, Quantity | Formula, bool, bool]


def _threshold(step: Step) -> Threshold | None:
    """(key, limit, looks upwards, includes the limit) of a step with a threshold."""
    for name, up, included in (
        ("at_least", True, True), ("more_than", True, False), ("at_most", False, True), ("less_than", False, False),
    ):  # fmt: skip
        limit = getattr(step, name)
        if limit is not None:
            return name, limit, up, included
    return None


def _steps(work: Work, item: Indicator, at: Path_, rule: Steps, value: Kind | None) -> None:
    gives = [step.gives for step in rule.steps if step.gives != "out"]
    if gives and all(isinstance(part, str) and is_number(part) and not part.endswith("%") for part in gives):
        _reaches(work, item, (*at, "steps"), [parse_number(str(part)) for part in gives])
    previous: Threshold | None = None
    for i, step in enumerate(rule.steps):
        path = (*at, "steps", i)
        if (step.otherwise is not None) != (i == len(rule.steps) - 1):
            work.complain(
                "S207",
                path,
                "最后一档（且只有最后一档）写 otherwise",
                why="否则有的数不落在任何一档",
                do="补上 otherwise",
            )
        now = _threshold(step)
        if now is None:
            continue
        if value is None or value.sort != "number":
            work.complain("S214", (*path, now[0]), "这一档要比一个数，value 不是数", do="写 value，或用 when")
            return
        _limit(work, item, (*path, now[0]), now[1], value.unit)
        if previous is not None:
            if previous[2] != now[2]:
                work.complain("S207", path, "各档的方向不一", do="全用 at_least/more_than，或全用 at_most/less_than")
            elif any(gap < 0 or (gap == 0 and not (now[3] and not previous[3])) for gap in _gaps(previous, now)):
                work.complain("S207", path, "这一档被前一档盖住，或顺序颠倒", do="从最高档写到最低档")
        previous = now


def _gaps(previous: Threshold, now: Threshold) -> list[Exact]:
    """How far each limit lies beyond the one before it, for every branch of a choice; none where a formula decides."""
    one, other = _constants(previous[1]), _constants(now[1])
    sign = -1 if now[2] else 1
    pairs = [(one.get(label, one.get("")), other.get(label, other.get(""))) for label in {*one, *other}]
    return [(b - a) * sign for a, b in pairs if a is not None and b is not None]


def _constants(limit: Quantity | Formula) -> dict[str, Exact]:
    """label → number of a choice among numbers, `""` → the number of a plain one; nothing for a formula."""
    if isinstance(limit, Quantity):
        return {"": limit.value}
    branches = limit.tree.branches if isinstance(limit.tree, Choice) else ()
    return {label: part.value for label, part in branches if isinstance(part, Num)}


def _limit(work: Work, item: Indicator, path: Path_, part: Quantity | Formula, unit: str | None) -> None:
    """A limit, target or end must be in the unit of the value."""
    if isinstance(part, Quantity):
        _quantity(work, path, part, unit)
        return
    kind = work.kind(part, path, item.per, "number")
    if kind is None or unit is None or "row:" in str(unit) or "row:" in str(kind.unit):
        return
    try:
        same(Kind("number", unit), kind)
    except Mismatch as slip:
        work.complain(slip.code, path, f"“{part}”：{slip}", do="改成 value 的单位")


def _quantity(work: Work, path: Path_, quantity: Quantity, unit: str | None) -> None:
    """A limit must be written in the way of the value: shares with %, everything else without."""
    share = unit in (SHARE_UNIT, POINT_UNIT)
    if share and not quantity.share:
        work.complain("S106", path, f"这里比的是{unit}，要写成 65% 的形式", do="补上 %")
    if not share and quantity.share and not (unit or "").count("每"):
        work.complain("S205", path, f"这里比的是{unit or '数'}，不是比例", do="去掉 %，或核对 value")


def _per_unit(work: Work, item: Indicator, at: Path_, rule: PerUnit, unit: str | None) -> None:
    if rule.around is not None:
        _limit(work, item, (*at, "around"), rule.around, unit)
    _unit_size(work, at, rule.per, rule.part, unit)
    if rule.start is not None:
        _within(work, item, (*at, "start"), rule.start)
    gains = [
        name
        for name in ("more", "fewer")
        if isinstance(getattr(rule, name), int | Fraction) and getattr(rule, name) > 0
    ]
    if gains and rule.start is None and item.points is not None and item.cap is None:
        why = "从满分起，到满分为止，加不上去"
        do = "扣分写负数；要从零加起写 start: 0；可以超过满分写 cap: none"
        work.complain("S209", (*at, gains[0]), f"{gains[0]} 是加分，可起点已是满分", why, do)
    if rule.start is None and item.points is None:
        work.complain("S209", at, "没有满分的指标要写 start", do="补上 start", key=True)


def _unit_size(work: Work, at: Path_, per: Quantity | None, part: str | None, unit: str | None) -> None:
    share = unit in (SHARE_UNIT, POINT_UNIT)
    if share and per is None:
        work.complain("S209", at, "按占比计分要写 per（多少算一个单位，如 1%）", do="补上 per", key=True)
    if (share or per is not None) and part is None:
        work.complain(
            "S209", at, "不足一个单位算不算要写明：part: whole（不算）或 share（按比例）", do="补上 part", key=True
        )
    if per is not None and per.value <= 0:
        work.complain("S209", (*at, "per"), "per 要大于零", do="改正 per")


def check_branches(work: Work, key: str, item: Indicator) -> None:
    """A rule for every value of what a `by:` rule looks at; groups of a cohort."""
    if item.across is not None and item.per in work.edition.lists and not work.edition.lists[str(item.per)].fixed:
        what = f"清单“{item.per}”的行由各对象自己加，各对象没有同一行可算"
        do = "去掉 across，或用版本定好行的清单（rows_from: edition 或 calendar）"
        work.complain("S209", ("indicators", key, "across"), what, do=do)
    if item.across not in (None, "all"):
        _selects(work, item, ("indicators", key, "across"), str(item.across))
    rule = item.rule
    if not isinstance(rule, ByRule):
        return
    options = _selects(work, item, ("indicators", key, "rule", "by"), rule.by)
    if options and set(options) != set(rule.branches):
        work.complain(
            "S207", ("indicators", key, "rule"), f"各分支要与“{rule.by}”的值一一对应：{'、'.join(options)}",
            do="核对分支",
        )  # fmt: skip
