"""Full marks of an indicator against those of its parts, level by level."""

from __future__ import annotations

from collections.abc import Mapping

from evaltool.quantities import Exact, decimal_text
from evaltool.scheme.formula import Formula
from evaltool.scheme.looks import Path_
from evaltool.scheme.models import Indicator
from evaltool.scheme.resolve import Work
from evaltool.scheme.rules import Checklist
from evaltool.scheme.scheme import Scheme


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
    if item.points is not None and item.points <= 0:
        work.complain("S209", (*at, "points"), "满分要大于零", do="改正满分；扣分项不写 points")
        return
    if item.points is not None and item.combine == "sum":
        parts = _parts(work, scheme, key)
        total = _added(item, parts)
        if total is None:
            return  # points that rows bring are added up as a check on the data
        # where a part does not agree with its own parts, that is said there, and may be all that is wrong
        below = total if item.picks else sum(_below(work, scheme, name, part) for name, part in parts.items())
        if item.points not in (total, below):
            counted = "" if item.picks is None else f"计入的 {item.picks} 项"
            what = f"“{key}”满分 {decimal_text(item.points)}，下级{counted}合计 {decimal_text(total)}"
            work.complain("S204", (*at, "points"), what, do="改到相等")


def _added(item: Indicator, parts: Mapping[str, Indicator]) -> Exact | None:
    """The points of the parts that count; None where rows bring them, or where they are not fit to be picked from."""
    rows, points = any(part.per for part in parts.values()), [part.points or 0 for part in parts.values()]
    if any(isinstance(one, str) for one in points) or (rows and item.picks is None):
        return None
    total: Exact = sum(points)
    if item.picks is not None:
        if len(set(points)) > 1 or (item.picks > len(points) and not rows):
            return None
        total = points[0] * item.picks
    return total


def _parts(work: Work, scheme: Scheme, key: str) -> dict[str, Indicator]:
    return {child: work.edition.indicators[child] for child in scheme.children.get(key, ())}


def _below(work: Work, scheme: Scheme, key: str, item: Indicator) -> Exact:
    """The full marks of an indicator as its parts or the items of its checklist give them, else its own."""
    parts = _parts(work, scheme, key)
    if item.points is None:
        return 0
    total = _added(item, parts) if item.combine == "sum" and parts else None
    if total is not None:
        return total
    if isinstance(item.rule, Checklist) and not any(isinstance(part, Formula) for part in item.rule.items.values()):
        return sum(item.rule.items.values())
    points: Exact = item.points
    return points
