"""What the rules of an indicator must be: points that add up, steps without holes, limits in the way of the value."""

from __future__ import annotations

from evaltool.quantities import POINT_UNIT, SHARE_UNIT, Exact, decimal_text, parse_plain
from evaltool.scheme.formula import Formula
from evaltool.scheme.models import Indicator
from evaltool.scheme.resolve import Path_, Work
from evaltool.scheme.rules import (
    ByRule,
    Checklist,
    Interval,
    Levels,
    Linear,
    PerUnit,
    Proportional,
    RuleModel,
    Step,
    Steps,
)
from evaltool.scheme.scheme import Kind, Scheme
from evaltool.scheme.values import Quantity


def check_points(work: Work, scheme: Scheme, key: str, item: Indicator) -> None:
    """Full marks of an indicator against those of its parts, or the column that brings them."""
    at: Path_ = ("indicators", key)
    if isinstance(item.points, str):
        columns = work.edition.lists[item.per].columns if item.per else {}
        if item.points not in columns or columns[item.points].type != "points":
            work.complain(
                "S200", (*at, "points"), f"“{item.points}”不是本清单的分值列", do="写数字或 type: points 的列"
            )
        return
    if item.points is not None and item.combine == "sum":
        parts = [work.edition.indicators[child] for child in scheme.children.get(key, ())]
        if not any(part.per for part in parts):
            total: Exact = sum(part.points for part in parts if part.points is not None)
            if total != item.points:
                what = f"“{key}”满分 {decimal_text(item.points)}，下级合计 {decimal_text(total)}"
                work.complain("S204", (*at, "points"), what, do="改到相等")


def check_rule(work: Work, scheme: Scheme, key: str, at: Path_, rule: RuleModel) -> None:
    """The parameters of one rule: what it looks at, units, order, ends."""
    item = work.edition.indicators[key]
    value = scheme.values.get(key)
    if isinstance(getattr(rule, "value", None), Formula):
        value = work.kind(rule.value, (*at, "value"), item.per)  # type: ignore[attr-defined]
    unit = value.unit if value else None
    if isinstance(rule, Proportional | Linear | PerUnit) and (value is None or value.sort != "number"):
        work.complain("S214", at, f"“{key}”的规则要看一个数，value 不是数", do="写 value", key=True)
    match rule:
        case Checklist():
            _checklist(work, item, at, rule)
        case Levels():
            _levels(work, item, at, rule, value)
        case Steps():
            _steps(work, item, at, rule, unit)
        case Proportional() if isinstance(rule.target, Quantity):
            _quantity(work, (*at, "target"), rule.target, unit)
            if rule.target.value <= 0:
                work.complain("S209", (*at, "target"), "目标要大于零", do="改正目标")
        case Linear():
            _quantity(work, (*at, "zero_at"), rule.zero_at, unit)
            _quantity(work, (*at, "full_at"), rule.full_at, unit)
            if rule.zero_at.value == rule.full_at.value:
                work.complain("S209", (*at, "full_at"), "zero_at 与 full_at 相同", do="改正两端")
        case PerUnit():
            _per_unit(work, item, at, rule, unit)
    if isinstance(item.rule, ByRule):
        _branches(work, key, item)


def _levels(work: Work, item: Indicator, at: Path_, rule: Levels, value: Kind | None) -> None:
    if value is None or value.sort != "label" or set(value.options) != set(rule.levels):
        work.complain("S207", (*at, "levels"), "各级要与字段的选项一一对应", do="核对 levels 与 options")
    for name, part in rule.levels.items():
        if isinstance(part, Interval):
            _ends(work, (*at, "levels", name), part)
        elif item.points is not None and not 0 <= part <= item.points:
            work.complain("S204", (*at, "levels", name), f"{decimal_text(part)} 分不在 0 与满分之间", do="改正分数")


def _checklist(work: Work, item: Indicator, at: Path_, rule: Checklist) -> None:
    total: Exact = sum(rule.items.values())
    if item.points is not None and total != item.points:
        what = f"各项合计 {decimal_text(total)}，满分 {decimal_text(item.points)}"
        work.complain("S204", (*at, "items"), what, do="改到相等", key=True)
    names = work.edition.lists[item.per].columns if item.per else work.edition.fields
    for name in rule.items:
        if name not in names or names[name].type != "yesno":
            work.complain(
                "S200", (*at, "items", name), f"“{name}”不是是/否字段", do="改成 type: yesno 的字段", key=True
            )
    for name in set(rule.mandatory) - set(rule.items):
        work.complain("S200", (*at, "mandatory"), f"“{name}”不在 items 里", do="核对 mandatory")


def _ends(work: Work, at: Path_, part: Interval) -> None:
    low = part.at_least or part.more_than
    high = part.at_most or part.less_than
    if low and high and not 0 <= low.value <= high.value <= 1:
        work.complain("S207", at, "区间要在 0% 与 100% 之间，下端不高于上端", do="改正区间", key=True)


def _threshold(step: Step) -> tuple[Quantity, bool, bool] | None:
    """(limit, looks upwards, includes the limit) of a step with a threshold."""
    for name, up, included in (
        ("at_least", True, True), ("more_than", True, False), ("at_most", False, True), ("less_than", False, False),
    ):  # fmt: skip
        limit = getattr(step, name)
        if limit is not None:
            return limit, up, included
    return None


def _steps(work: Work, item: Indicator, at: Path_, rule: Steps, unit: str | None) -> None:
    previous: tuple[Quantity, bool, bool] | None = None
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
        _given(work, item, (*path, "gives"), step.gives)
        now = _threshold(step)
        if now is None:
            continue
        _quantity(work, path, now[0], unit)
        if previous is not None:
            if previous[1] != now[1]:
                work.complain("S207", path, "各档的方向不一", do="全用 at_least/more_than，或全用 at_most/less_than")
            else:
                gap = (now[0].value - previous[0].value) * (-1 if now[1] else 1)
                if gap < 0 or (gap == 0 and not (now[2] and not previous[2])):
                    work.complain("S207", path, "这一档被前一档盖住，或顺序颠倒", do="从最高档写到最低档")
        previous = now


def _given(work: Work, item: Indicator, at: Path_, gives: str) -> None:
    if item.points is None or isinstance(item.points, str):
        return
    try:
        points = parse_plain(gives)
    except ValueError:
        work.complain("S105", at, f"有满分的指标要给分数，不是“{gives}”", do="改成数字")
        return
    if not 0 <= points <= item.points:
        work.complain("S204", at, f"{gives} 分不在 0 与满分 {decimal_text(item.points)} 之间", do="改正分数")


def _quantity(work: Work, path: Path_, quantity: Quantity, unit: str | None) -> None:
    """A limit must be written in the way of the value: shares with %, everything else without."""
    share = unit in (SHARE_UNIT, POINT_UNIT)
    if share and not quantity.share:
        work.complain("S106", path, f"这里比的是{unit}，要写成 65% 的形式", do="补上 %")
    if not share and quantity.share and not (unit or "").count("每"):
        work.complain("S205", path, f"这里比的是{unit or '数'}，不是比例", do="去掉 %，或核对 value")


def _per_unit(work: Work, item: Indicator, at: Path_, rule: PerUnit, unit: str | None) -> None:
    share = unit in (SHARE_UNIT, POINT_UNIT)
    if share and rule.per is None:
        work.complain("S209", at, "按占比计分要写 per（多少算一个单位，如 1%）", do="补上 per", key=True)
    if (share or rule.per is not None) and rule.part is None:
        work.complain(
            "S209", at, "不足一个单位算不算要写明：part: whole（不算）或 share（按比例）", do="补上 part", key=True
        )
    if rule.per is not None and rule.per.value <= 0:
        work.complain("S209", (*at, "per"), "per 要大于零", do="改正 per")
    if rule.start is None and item.points is None:
        work.complain("S209", at, "没有满分的指标要写 start", do="补上 start", key=True)


def _branches(work: Work, key: str, item: Indicator) -> None:
    rule = item.rule
    assert isinstance(rule, ByRule)
    columns = work.edition.lists[item.per].columns if item.per else work.edition.fields
    if rule.by not in columns or columns[rule.by].type != "choice":
        work.complain("S200", ("indicators", key, "rule", "by"), f"“{rule.by}”不是选项列", do="写 type: choice 的列")
    elif set(columns[rule.by].options) != set(rule.branches):
        work.complain(
            "S207", ("indicators", key, "rule"), f"各分支要与“{rule.by}”的选项一一对应", do="核对分支与 options"
        )
