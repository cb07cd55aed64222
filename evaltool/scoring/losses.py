"""Where an indicator lost most, in its own points, told by its parts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from evaltool.quantities import Exact, decimal_text, divide, exact
from evaltool.scoring.asked import Asked
from evaltool.scoring.columns import Num


def largest_losses(asked: Asked) -> str:
    """The parts that lost most, in points of this indicator."""
    lost = sorted(_lost(asked), key=lambda pair: -pair[0])
    return "" if not lost else "失分最多的是" + "、".join(f"{name}（{decimal_text(gap)} 分）" for gap, name in lost[:3])


def _lost(asked: Asked) -> Iterator[tuple[Exact, str]]:
    """(points lost, name) of each part that is in; where parts carry others or are weighed, by what they weigh here."""
    how, missing = asked.item.combine, asked.item.missing
    parts = []
    for child in asked.scheme.children.get(asked.key, ()):
        part = Asked(asked.scores, asked.layer, child, asked.row)
        plain = isinstance(part.item.points, int | Fraction) and part.item.per is None
        if plain and isinstance(asked.scores.column(asked.layer, child), Num):
            parts.append((part, part.is_out()))
    inside = [part for part, out in parts if not out]
    if how not in ("sum", "mean") or (how == "mean" and len(parts) < len(asked.scheme.children[asked.key])):
        return
    if asked.item.picks is not None:
        if missing != "zero" and len(parts) == len(asked.scheme.children[asked.key]):
            yield from _lost_where_picked(asked, inside)
        return
    told = {part.key: 1 if part.item.weight is None else part.term(part.item.weight) for part in inside}
    weigh = {key: weight for key, weight in told.items() if weight is not None}
    if len(weigh) < len(told):
        return
    for part in inside:
        gap: Exact = part.item.points - part.result()[0]
        if how == "mean":
            all_ = sum(weigh.values()) if missing != "zero" else len(parts)
            gap = divide(Fraction(gap) / part.item.points * asked.item.points * weigh[part.key], all_)
        elif missing == "spread":
            all_, there = (sum(one.item.points for one in ones) for ones in ([one for one, _ in parts], inside))
            gap = divide(gap * all_, there)
        if gap > 0:
            yield gap, part.item.name


def _lost_where_picked(asked: Asked, parts: list[Asked]) -> Iterator[tuple[Exact, str]]:
    """(what full marks in it alone would add here, name) of each part, where only the best or worst ones count."""
    best, count = asked.item.worst is None, asked.item.picks
    shares = [Fraction(part.result()[0]) / part.item.points for part in parts]

    def together(all_: list[Fraction]) -> Fraction:
        counted = sorted(all_, reverse=best)[:count]
        whole = Fraction(asked.item.points)
        return whole * sum(counted) / (len(counted) if asked.item.combine == "mean" else int(count or 1))

    for i, part in enumerate(parts):
        gain = together([*shares[:i], Fraction(1), *shares[i + 1 :]]) - together(shares)
        if gain > 0:
            yield exact(gain), part.item.name
