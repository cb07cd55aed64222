"""How large a figure can be by itself: the lines of D139 that a field is measured by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaltool.quantities import MONEY, SHARE_UNIT, Exact, divide, quantity_text
from evaltool.question_lines import (
    HIGHEST_SHARE,
    LOWEST_SHARE,
    MOST_COUNT,
    MOST_MONEY,
    MOST_OF_UNIT,
    MOST_PEOPLE,
    MOST_TOWNS,
    MOST_VILLAGES,
    PEOPLE,
    in_words,
)
from evaltool.scheme.fields import FieldDef

_PLACES = (
    (re.compile(r"(行政村|村)(（社区）)?数?$"), MOST_VILLAGES, "行政村"),
    (re.compile(r"乡镇(（街道）)?数?$"), MOST_TOWNS, "乡镇"),
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A line, and in words what lies beyond it; `below`: it is the lower end."""

    end: Exact
    line: str
    below: bool = False

    def crossed(self, value: Exact) -> bool:
        return value < self.end if self.below else value > self.end


def limits(item: FieldDef) -> list[Limit]:
    """The lines for a field, by its type and unit; only 乡镇 and 村 are known by name, where the unit is 个."""
    if item.type == "share":
        if item.between is not None:
            return []
        high, low = (quantity_text(end, SHARE_UNIT) for end in (HIGHEST_SHARE, LOWEST_SHARE))
        return [Limit(HIGHEST_SHARE, f"高于 {high}"), Limit(LOWEST_SHARE, f"低于 {low}", below=True)]
    if item.type == "money":
        end = quantity_text(divide(MOST_MONEY, MONEY["亿元"]), "亿元")
        return [Limit(divide(MOST_MONEY, MONEY[item.unit]), f"超过 {end}")]
    if item.unit in MOST_OF_UNIT:
        most = MOST_OF_UNIT[item.unit]
        return [Limit(most, f"超过 {quantity_text(most, item.unit)}"), Limit(0, "小于零", below=True)]
    return [_most_counted(item)] if item.type == "count" else []


def _most_counted(item: FieldDef) -> Limit:
    if item.unit in PEOPLE:
        return Limit(MOST_PEOPLE, f"超过 {in_words(MOST_PEOPLE)}{item.unit}")
    for pattern, most, what in _PLACES:
        if item.unit == "个" and pattern.search(item.name):
            return Limit(most, f"{what}超过 {most} 个")
    return Limit(MOST_COUNT, f"超过 {in_words(MOST_COUNT)}{item.unit}")
