"""What fields, results, parents and overrides must be so that everything the engine asks of them makes sense."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from evaltool.quantities import Exact, decimal_text
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Choice, Formula, Num
from evaltool.scheme.given_checks import check_override, check_steps_give
from evaltool.scheme.inference import Mismatch, Scope
from evaltool.scheme.looks import Path_, needed_names, rules_of, steps_of
from evaltool.scheme.models import Edition, Indicator
from evaltool.scheme.resolve import Work, nearest
from evaltool.scheme.rule_checks import check_branches
from evaltool.scheme.rules import Steps
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.values import Quantity

NUMBERS = ("count", "money", "number", "share", "points")
MEANINGS = {
    "zero": (*NUMBERS, "yesno"), "no": ("yesno",), "never": ("date",), "out": (*NUMBERS, "yesno", "choice", "date"),
}  # fmt: skip


def check_fields(work: Work) -> None:
    """What an empty cell means must be something that the field can say."""
    rooms: list[tuple[Path_, dict[str, FieldDef]]] = [(("fields",), work.edition.fields)]
    rooms += [(("lists", key, "columns"), item.columns) for key, item in work.edition.lists.items()]
    for at, items in rooms:
        for key, item in items.items():
            if item.between is not None and item.between[0].value > item.between[1].value:
                work.complain("S209", (*at, key, "between"), "between 的低端高于高端", do="写成 [低, 高]")
            means = item.blank.means if item.blank else "pending"
            if means != "pending" and item.type not in MEANINGS[means]:
                what = f"{item.type} 字段的空白不能当作 {means}"
                work.complain("S209", (*at, key, "blank", "means"), what, do="改成 pending，或这种字段说得通的含义")


def check_node(work: Work, scheme: Scheme, key: str, item: Indicator) -> None:
    """An indicator apart from its rule: parent by column, overrides, a value that can stand as points."""
    at: Path_ = ("indicators", key)
    check_branches(work, key, item)
    _parent(work, key, item)
    if key in work.failed:
        return
    _weights(work, scheme, key, item)
    _picked(work, scheme, key, item)
    _carried(work, scheme, key, item)
    value = scheme.values.get(key)
    if item.rule is None and item.points is not None and value is not None and value.sort not in ("truth", "number"):
        work.complain("S214", (*at, "value"), "没有规则时，value 要是真假或分数", do="写 rule，或改 value")
    top = item.cap if isinstance(item.cap, int | Fraction) else None if item.cap == "none" else item.points
    for name, given in (
        ("floor", item.floor),
        *((f"overrides.{i}.at_most", o.at_most) for i, o in enumerate(item.overrides)),
    ):
        if isinstance(top, int | Fraction) and isinstance(given, int | Fraction) and given > top:
            path = tuple(int(part) if part.isdigit() else part for part in name.split("."))
            work.complain("S204", (*at, *path), f"{decimal_text(given)} 高于上限 {decimal_text(top)}", do="改正这个数")
    for i, override in enumerate(item.overrides):
        check_override(work, (*at, "overrides", i), item, scheme.kinds[key], override)
    for path, rule in rules_of(item):
        if isinstance(rule, Steps):
            check_steps_give(work, item, (*at, *path), rule, scheme.kinds[key])


def _parent(work: Work, key: str, item: Indicator) -> None:
    if not isinstance(item.parent, dict):
        return
    at: Path_ = ("indicators", key, "in")
    if item.per not in work.edition.lists:
        work.complain("S209", at, "按列归到各上级只用于清单的行（per）", do="写 per，或写一个上级")
        return
    by = item.parent.get("by", "")
    scope = Scope(work.edition, work.kinds, item.per)
    try:
        options = scope.selects(by)
    except Mismatch:
        choices = [name for name, column in work.edition.lists[item.per].columns.items() if column.type == "choice"]
        work.complain("S200", (*at, "by"), f"“{by}”不是本清单的选项列", do=nearest(by, choices, "写 type: choice 的列"))
        return
    if set(options) != set(item.parent) - {"by"}:
        work.complain("S207", at, f"各上级要与“{by}”的选项一一对应", do="核对 in 与 options")


def _weights(work: Work, scheme: Scheme, key: str, item: Indicator) -> None:
    """The weights of the parts of a mean: all or none, adding to 100%."""
    parts = {child: work.edition.indicators[child] for child in scheme.children.get(key, ())}
    weighted = [child for child, part in parts.items() if part.weight is not None]
    if weighted and item.combine != "mean":
        for child in weighted:
            work.complain(
                "S209", ("indicators", child, "weight"), "weight 只用于求平均的下级", do=f"去掉，或把 {key} 改成 mean"
            )
        return
    for child in weighted:
        _weight(work, child, parts[child])
    told = [part.weight for part in parts.values() if isinstance(part.weight, Quantity | Formula)]
    given = [one for weight in told for _, one in _branches(weight)]
    shares = [one for one in given if one.share]
    if weighted and len(weighted) != len(parts):
        missing = "、".join(child for child in parts if child not in weighted)
        work.complain(
            "S209", ("indicators", key, "combine"), f"下级要么都写 weight，要么都不写；没写的：{missing}", do="补上"
        )
    elif shares and len(shares) < len(given):
        work.complain("S209", ("indicators", key, "combine"), "下级的权重有的写比例有的写数", do="写成同一种")
    elif given and len(told) == len(parts):
        for which, total in _totals(told):
            if not shares and total <= 0:
                what = f"下级的权重{which}合计要大于零"
                work.complain("S209", ("indicators", key, "combine"), what, do="改正权重")
            elif shares and total != 1:
                what = f"下级的权重{which}合计 {decimal_text(total * 100)}%，不是 100%"
                work.complain("S204", ("indicators", key, "combine"), what, do="改到 100%")


def _branches(weight: Quantity | Formula) -> list[tuple[str, Quantity | Num]]:
    """(value of what chooses, weight) of a choice among weights; of a plain one itself."""
    if isinstance(weight, Quantity):
        return [("", weight)]
    assert isinstance(weight.tree, Choice)
    return [(label, part) for label, part in weight.tree.branches if isinstance(part, Num)]


def _totals(weights: Sequence[Quantity | Formula]) -> Iterator[tuple[str, Exact]]:
    """(which case, sum of the weights) for every case that the choices among weights can make together."""
    asked = [weight.tree for weight in weights if isinstance(weight, Formula) and isinstance(weight.tree, Choice)]
    cases = {choice.by.id: [label for label, _ in choice.branches] for choice in asked}
    for labels in itertools.product(*cases.values()):
        case = dict(zip(cases, labels, strict=True))
        total: Exact = 0
        for weight in weights:
            by = weight.tree.by.id if isinstance(weight, Formula) and isinstance(weight.tree, Choice) else ""
            total += dict(_branches(weight)).get(case.get(by, ""), Num(0)).value
        yield "".join(f"（{by} 为“{label}”时）" for by, label in case.items()), total


def _picked(work: Work, scheme: Scheme, key: str, item: Indicator) -> None:
    """Where only the best (or worst) parts count, it must not matter which of two equal ones is taken."""
    if item.picks is None:
        return
    at: Path_ = ("indicators", key, "best" if item.worst is None else "worst")
    parts = {child: work.edition.indicators[child] for child in scheme.children.get(key, ())}
    given = {part.points for part in parts.values()}
    if item.picks > len(parts) and not any(part.per for part in parts.values()):
        work.complain("S209", at, f"下级只有 {len(parts)} 项", do="改正项数")
    elif any(part.weight is not None for part in parts.values()):
        work.complain("S209", at, "只算几项时，下级不能有权重：并列的取哪一项会改变结果", do="去掉 weight")
    elif item.combine == "sum" and (len(given) > 1 or any(isinstance(one, str) for one in given)):
        what = "只算几项相加时，下级的满分要相同：否则并列的取哪一项会改变结果"
        work.complain("S209", at, what, do="改成 combine: mean（按得分率）")
    elif item.combine == "sum" and item.missing == "spread":
        do = "改成 combine: mean（计入的各项按得分率平均，再乘满分），或 missing: skip"
        work.complain("S209", ("indicators", key, "missing"), "只算几项相加时，分值不能摊给其余", do=do)


def _carried(work: Work, scheme: Scheme, key: str, item: Indicator) -> None:
    """Points go to the others only where parts have any."""
    parts = [work.edition.indicators[child] for child in scheme.children.get(key, ())]
    if (item.combine, item.missing) == ("sum", "spread") and all(part.points is None for part in parts):
        what = "下级都没有满分，没有分值可以摊给其余"
        work.complain("S209", ("indicators", key, "missing"), what, do="给下级写 points，或改成 skip、zero、out")


def _weight(work: Work, key: str, item: Indicator) -> None:
    if isinstance(item.weight, str):
        columns = work.edition.lists[item.per].columns if item.per in work.edition.lists else {}
        numbers = [name for name, column in columns.items() if column.type in NUMBERS]
        if item.weight not in numbers:
            do = nearest(item.weight, numbers, "写 25% 这样的比例，或本清单的数字列")
            work.complain("S200", ("indicators", key, "weight"), f"“{item.weight}”不是本清单的数字列", do=do)


def check_missing(work: Work, scheme: Scheme) -> None:
    """A parent says what happens as soon as a part can be out (不计)."""
    edition = work.edition
    out = {key for key, item in edition.fields.items() if _blank_out(edition, item)}
    for list_id, rows in edition.lists.items():
        out |= {f"{list_id}.{key}" for key, item in rows.columns.items() if _blank_out(edition, item)}
    for key in scheme.order:
        item = edition.indicators.get(key)
        if item is None:
            continue
        parts = [child for child in scheme.children.get(key, ()) if child in out]
        if item.combine and parts and item.missing is None:
            what = f"下级“{edition.indicators[parts[0]].name}”可能不计，要写明那时怎么办"
            do = "写 missing: out（本级也不计）、skip（跳过）、zero（算零）或 spread（分值摊给其余）"
            work.complain("S209", ("indicators", key), what, do=do, key=True)
        bare = needed_names(item, ("previous", "counted"))
        names = {f"{item.per}.{name}" if item.per else name for name in bare} | bare
        mine = (item.missing == "out" or item.need is not None) and bool(parts)
        gone = mine or "out" in [*(one.gives for one in item.overrides), *(step.gives for step in steps_of(item))]
        if gone or (not item.combine and not names.isdisjoint(out)) or (item.missing in ("skip", "spread") and parts):
            out.add(key)


def _blank_out(edition: Edition, item: FieldDef) -> bool:
    blank = item.blank or (edition.blank if item.filled_by == "county" else None)
    return blank is not None and blank.means == "out"


def check_results(work: Work) -> None:
    """`results:` names a total with points and a grade with labels."""
    edition = work.edition
    for name, wanted in (("total", "number"), ("grade", "label")):
        key = getattr(edition.results, name)
        if key is None or key in work.failed:
            continue
        if key not in edition.indicators:
            do = nearest(key, edition.indicators, "写已有的指标")
            work.complain("S200", ("results", name), f"没有指标“{key}”", do=do)
        elif work.kinds[key].sort != wanted or (name == "total" and edition.indicators[key].points is None):
            what = "total 要是有满分的指标" if name == "total" else "grade 要是给出等次名称的指标"
            work.complain("S214", ("results", name), what, do="核对 results")
