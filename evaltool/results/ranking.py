"""Places of a round: by official total, ties share the better place; who has no decided total has no place."""

from __future__ import annotations

from evaltool.facts import OFFICIAL
from evaltool.quantities import Exact
from evaltool.scoring import Scores


def places(scores: Scores) -> dict[str, int]:
    """Code → place (1 is best) among the subjects whose official total is decided. No paper asks for it."""
    totals: dict[str, Exact] = {}
    for code in map(str, scores.facts.codes):
        pair = scores.total(OFFICIAL, code)
        if pair is not None and pair[0] == pair[1]:
            totals[code] = pair[0]
    first: dict[Exact, int] = {}
    for place, total in enumerate(sorted(totals.values(), reverse=True), 1):
        first.setdefault(total, place)
    return {code: first[total] for code, total in totals.items()}
