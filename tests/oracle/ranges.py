"""Ranges of plain numbers for the oracles, written for them alone: nothing of evaltool is used here.

A range is a pair (lowest, highest). A truth that nobody knows is `None`.
"""

from __future__ import annotations

from fractions import Fraction

INF = float("inf")
Range = tuple[Fraction | float, Fraction | float]


NOT_SAID = frozenset({"未填", "读不出", "超出范围", "待认定"})


def unknown(value: object) -> bool:
    """Whether a cell (or a whole list) holds no answer: nothing at all, or a word for why there is none."""
    return value is None or (isinstance(value, str) and value in NOT_SAID)


def truth(value: object) -> bool | None:
    return None if unknown(value) else bool(value)


def all_true(*truths: bool | None) -> bool | None:
    return False if any(t is False for t in truths) else None if None in truths else True


def any_true(*truths: bool | None) -> bool | None:
    return True if any(t is True for t in truths) else None if None in truths else False


def opposite(one: bool | None) -> bool | None:
    return None if one is None else not one


def tally(truths: list[bool | None]) -> Range:
    """How many hold, surely and possibly."""
    sure = sum(1 for t in truths if t is True)
    return Fraction(sure), Fraction(sure + truths.count(None))


def checked(points: dict[str, Fraction], sheet: dict, must: str = "") -> Range:
    """Points of the items answered yes; without the item `must` nothing counts."""
    low = high = Fraction(0)
    for key, worth in points.items():
        answer = truth(sheet.get(key))
        low += worth if answer is True else 0
        high += 0 if answer is False else worth
    if must:
        answer = truth(sheet.get(must))
        low = low if answer is True else Fraction(0)
        high = Fraction(0) if answer is False else high
    return low, high


def yes(points: Fraction, sheet: dict, key: str) -> Range:
    return checked({key: points}, sheet)


def portion(points: Fraction, top: Range, below: Range) -> tuple[Range, bool]:
    """points × top ÷ below, between 0 and points, for amounts never negative; and whether below is surely zero.

    An amount below that may be zero may also be as small as you like, unless it is surely zero: then nobody can say.
    """
    if below == (0, 0):
        return (Fraction(0), points), True
    if top[1] == 0:
        low = high = Fraction(0)
    else:
        low = Fraction(0) if below[1] == INF or top[0] == 0 else points * Fraction(top[0]) / Fraction(below[1])
        high = points if below[0] == 0 or top[1] == INF else points * Fraction(top[1]) / Fraction(below[0])
    return (min(low, points), min(high, points)), False


def amount(value: object) -> Range:
    """A count or a sum of money: from zero up where nobody knows it."""
    return (Fraction(0), INF) if unknown(value) else (Fraction(value), Fraction(value))  # type: ignore[arg-type]


def rated(
    points: Fraction, ends: dict[str, tuple[Fraction, Fraction, bool]], level: object, share: object
) -> tuple[Range, bool]:
    """A share of the points that must lie in the interval (lowest, highest, highest included) of its level.

    A share that fits none of the levels still possible is not believed: the range of the levels stands, and a fault.
    """
    possible = [ends[level]] if not unknown(level) else list(ends.values())  # type: ignore[index]
    low, high = min(e[0] for e in possible), max(e[1] for e in possible)
    if unknown(share):
        return (points * low, points * high), False
    given = Fraction(share)  # type: ignore[arg-type]
    if any(a <= given and (given <= b if included else given < b) for a, b, included in possible):
        return (points * given, points * given), False
    return (points * low, points * high), True


def total(parts: list[Range]) -> Range:
    return sum((p[0] for p in parts), Fraction(0)), sum((p[1] for p in parts), Fraction(0))
