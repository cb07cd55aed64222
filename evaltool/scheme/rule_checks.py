"""What the rules of an indicator must be: points that add up, steps without holes, limits in the way of the value."""

from __future__ import annotations

from evaltool.quantities import POINT_UNIT, SHARE_UNIT, Exact, decimal_text, parse_plain
from evaltool.scheme.formula import Formula
from evaltool.scheme.models import Indicator
from evaltool.scheme.resolve import Path_, Work, nearest
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
        parts = _parts(work, scheme, key)
        if any(part.per or isinstance(part.points, str) for part in parts.values()):
            return  # points that rows bring are added up as a check on the data
        total: Exact = sum(part.points or 0 for part in parts.values())
        # where a part does not agree with its own parts, that is said there, and may be all that is wrong
        below: Exact = sum(_below(work, scheme, name, part) for name, part in parts.items())
        if item.points not in (total, below):
            what = f"“{key}”满分 {decimal_text(item.points)}，下级合计 {decimal_text(total)}"
            work.complain("S204", (*at, "points"), what, do="改到相等")


def _parts(work: Work, scheme: Scheme, key: str) -> dict[str, Indicator]:
    return {child: work.edition.indicators[child] for child in scheme.children.get(key, ())}


def _below(work: Work, scheme: Scheme, key: str, item: Indicator) -> Exact:
    """The full marks of an indicator as its parts or the items of its checklist give them, else its own."""
    parts = _parts(work, scheme, key)
    if item.points is None:
        return 0
    if item.combine == "sum" and parts and not any(part.per or isinstance(part.points, str) for part in parts.values()):
        return sum(part.points or 0 for part in parts.values())
    if isinstance(item.rule, Checklist):
        return sum(item.rule.items.values())
    points: Exact = item.points
    return points


def check_rule(work: Work, scheme: Scheme, key: str, at: Path_, rule: RuleModel) -> None:
    """The parameters of one rule: what it looks at, units, order, ends."""
    item = work.edition.indicators[key]
    value = scheme.values.get(key)
    if isinstance(getattr(rule, "value", None), Formula):
        value = work.kind(rule.value, (*at, "value"), item.per)  # type: ignore[attr-defined]
    unit = value.unit if value else None
    if isinstance(rule, Proportional | Linear | PerUnit) and (value is None or value.sort != "number"):
        work.complain("S214", at, f"“{key}”的规则要看一个数，value 不是数", do="写 value", key=True)
        return
    if isinstance(rule, Proportional | Linear) and item.points is None:
        work.complain("S209", at, "按比例计分的指标要有满分", do="补上 points", key=True)
    match rule:
        case Checklist():
            _checklist(work, item, at, rule)
        case Levels():
            _levels(work, item, at, rule, value)
        case Steps():
            _steps(work, item, at, rule, value)
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
            truths = [key for key, field in names.items() if field.type == "yesno"]
            do = nearest(name, truths, "改成 type: yesno 的字段")
            work.complain("S200", (*at, "items", name), f"“{name}”不是是/否字段", do=do, key=True)
    for i, name in enumerate(rule.mandatory):
        if name not in rule.items:
            do = nearest(name, rule.items, "核对 mandatory")
            work.complain("S200", (*at, "mandatory", i), f"“{name}”不在 items 里", do=do)


def _ends(work: Work, at: Path_, part: Interval) -> None:
    low = part.at_least or part.more_than
    high = part.at_most or part.less_than
    if low and high and not 0 <= low.value <= high.value <= 1:
        work.complain("S207", at, "区间要在 0% 与 100% 之间，下端不高于上端", do="改正区间", key=True)


def _threshold(step: Step) -> tuple[str, Quantity, bool, bool] | None:
    """(key, limit, looks upwards, includes the limit) of a step with a threshold."""
    for name, up, included in (
        ("at_least", True, True), ("more_than", True, False), ("at_most", False, True), ("less_than", False, False),
    ):  # fmt: skip
        limit = getattr(step, name)
        if limit is not None:
            return name, limit, up, included
    return None


def _steps(work: Work, item: Indicator, at: Path_, rule: Steps, value: Kind | None) -> None:
    previous: tuple[str, Quantity, bool, bool] | None = None
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
        if value is None or value.sort != "number":
            work.complain("S214", (*path, now[0]), "这一档要比一个数，value 不是数", do="写 value，或用 when")
            return
        _quantity(work, (*path, now[0]), now[1], value.unit)
        if previous is not None:
            if previous[2] != now[2]:
                work.complain("S207", path, "各档的方向不一", do="全用 at_least/more_than，或全用 at_most/less_than")
            else:
                gap = (now[1].value - previous[1].value) * (-1 if now[2] else 1)
                if gap < 0 or (gap == 0 and not (now[3] and not previous[3])):
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


def check_branches(work: Work, key: str, item: Indicator) -> None:
    """A rule for every option of the column that a `by:` rule looks at."""
    rule = item.rule
    if not isinstance(rule, ByRule):
        return
    columns = work.edition.lists[item.per].columns if item.per else work.edition.fields
    if rule.by not in columns or columns[rule.by].type != "choice":
        choices = [name for name, field in columns.items() if field.type == "choice"]
        do = nearest(rule.by, choices, "写 type: choice 的列")
        work.complain("S200", ("indicators", key, "rule", "by"), f"“{rule.by}”不是选项列", do=do)
    elif set(columns[rule.by].options) != set(rule.branches):
        work.complain(
            "S207", ("indicators", key, "rule"), f"各分支要与“{rule.by}”的选项一一对应", do="核对分支与 options"
        )
