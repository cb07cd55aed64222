"""What fields, results, parents and overrides must be so that everything the engine asks of them makes sense."""

from __future__ import annotations

from evaltool.quantities import parse_plain
from evaltool.scheme.models import FieldDef, Indicator, Override
from evaltool.scheme.resolve import Path_, Work, nearest
from evaltool.scheme.rule_checks import check_branches
from evaltool.scheme.scheme import Kind, Scheme

NUMBERS = ("count", "money", "number", "share", "points")
MEANINGS = {"zero": (*NUMBERS, "yesno"), "no": ("yesno",), "never": ("date",)}


def check_fields(work: Work) -> None:
    """What an empty cell means must be something that the field can say."""
    rooms: list[tuple[Path_, dict[str, FieldDef]]] = [(("fields",), work.edition.fields)]
    rooms += [(("lists", key, "columns"), item.columns) for key, item in work.edition.lists.items()]
    for at, items in rooms:
        for key, item in items.items():
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
    value = scheme.values.get(key)
    if item.rule is None and item.points is not None and value is not None and value.sort not in ("truth", "number"):
        work.complain("S214", (*at, "value"), "没有规则时，value 要是真假或分数", do="写 rule，或改 value")
    for i, override in enumerate(item.overrides):
        _override(work, (*at, "overrides", i), item, scheme.kinds[key], override)


def _parent(work: Work, key: str, item: Indicator) -> None:
    if not isinstance(item.parent, dict):
        return
    at: Path_ = ("indicators", key, "in")
    columns = work.edition.lists[item.per].columns if item.per in work.edition.lists else {}
    by = item.parent.get("by", "")
    if by not in columns or columns[by].type != "choice":
        choices = [name for name, column in columns.items() if column.type == "choice"]
        work.complain("S200", (*at, "by"), f"“{by}”不是本清单的选项列", do=nearest(by, choices, "写 type: choice 的列"))
    elif set(columns[by].options) != set(item.parent) - {"by"}:
        work.complain("S207", at, f"各上级要与“{by}”的选项一一对应", do="核对 in 与 options")


def _override(work: Work, at: Path_, item: Indicator, kind: Kind, override: Override) -> None:
    gives = override.gives
    if gives is None:
        if kind.sort != "number":
            work.complain("S214", (*at, "at_most"), "at_most 只能限制分数", do="改用 gives")
    elif kind.sort == "label":
        return  # any label: one that no step gives is reached by this condition alone
    elif kind.sort != "number":
        work.complain("S214", (*at, "gives"), "overrides 只用于分数和等次", do="把条件写进 value")
    elif gives == "full":
        if item.points is None:
            work.complain("S209", (*at, "gives"), "没有满分的指标不能给 full", do="写出分数")
    else:
        _points(work, (*at, "gives"), item, gives)


def _points(work: Work, at: Path_, item: Indicator, gives: str) -> None:
    try:
        given = parse_plain(gives)
    except ValueError:
        work.complain("S105", at, f"要给分数或 full，不是“{gives}”", do="改成数字或 full")
        return
    if isinstance(item.points, int) and given > item.points and item.cap is None:
        work.complain("S204", at, f"{gives} 分超过满分 {item.points}", do="改正分数")


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
