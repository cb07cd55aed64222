"""Places of a round by official total, the best and the worst still possible. For information: no paper asks."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from evaltool.facts import OFFICIAL
from evaltool.quantities import Exact
from evaltool.scoring import Scores


@dataclass(frozen=True, slots=True)
class Standing:
    """Best and worst place (1 is best) while totals are pending; `tied` where another total is equal for certain."""

    best: int
    worst: int
    tied: bool = False

    def __str__(self) -> str:
        if self.best != self.worst:
            return f"第 {self.best} ～ {self.worst} 位"
        return f"{'并列' if self.tied else ''}第 {self.best} 位"


def standings(
    totals: Mapping[str, tuple[Exact | float, Exact | float]], unsure: Collection[str] = ()
) -> dict[str, Standing]:
    """Code → place, from code → (lowest, highest) total. Ties share the better place.

    unsure  codes whose total may turn out not to count (不计): they are never surely ahead of anybody

    A total is surely behind every other whose lowest lies above its highest, and may be behind every other whose
    highest lies above its lowest.
    """
    sure = [pair for code, pair in totals.items() if code not in unsure]
    lows, highs = sorted(low for low, _ in sure), sorted(high for _, high in totals.values())
    equal = Counter(sure)
    found = {}
    for code, (low, high) in totals.items():
        ahead, maybe = len(lows) - bisect_right(lows, high), len(highs) - bisect_right(highs, low)
        mine = 0 if low == high else 1  # an open total lies above its own lowest end
        found[code] = Standing(1 + ahead, 1 + maybe - mine, low == high and code not in unsure and equal[low, high] > 1)
    return found


def places(scores: Scores) -> dict[str, Standing]:
    """The place of every subject that has an official total, decided or open."""
    totals = {code: scores.total(OFFICIAL, code) for code in map(str, scores.facts.codes)}
    known = {code: pair for code, pair in totals.items() if pair is not None}
    out = scores.out(OFFICIAL, scores.scheme.total) if scores.scheme.total else None
    unsure = {code for code in known if out is not None and not out.known[scores.facts.position(code)]}
    return standings(known, unsure)
