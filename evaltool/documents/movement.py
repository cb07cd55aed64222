"""Whose points and band change where the same facts are scored by another edition."""

from __future__ import annotations

from dataclasses import dataclass

from evaltool.documents.differences import renames
from evaltool.documents.translation import translated
from evaltool.documents.wording import indicator_tree
from evaltool.facts import OFFICIAL, Facts
from evaltool.scheme import Scheme
from evaltool.scoring import Scores, score

NONE = "没有这一项"


@dataclass(frozen=True, slots=True)
class Move:
    """One result of one subject that is another one under the later edition."""

    subject: str
    name: str
    indicator: str
    indicator_name: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.indicator_name} {self.old} → {self.new}"


@dataclass(frozen=True)
class Movement:
    """What scoring a round by two editions comes to.

    lacking  of each of the two, in words, what the round does not hold (it counts as 待定)
    counted  subjects that were scored
    moves    every result outside lists that differs, by subject; the total and the band come first
    """

    before: Scheme
    after: Scheme
    lacking: tuple[tuple[str, ...], tuple[str, ...]]
    counted: int
    moves: tuple[Move, ...]

    def subjects(self, indicator: str | None = None) -> list[str]:
        """Who has a different result (of one indicator)."""
        return list(dict.fromkeys(m.subject for m in self.moves if indicator in (None, m.indicator)))


def movement(facts: Facts, before: Scheme, after: Scheme) -> Movement:
    """The round's facts scored by both editions, on the 认定 layer."""
    one, lacking_one = translated(facts, before)
    two, lacking_two = translated(facts, after)
    old, new = score(one), score(two)
    back = {now: was for was, now in renames(before.indicators, after.indicators).items()}
    found = [
        Move(str(code), str(facts.roster["name"].iloc[row]), key, after.indicators[key].name, was, now)
        for row, code in enumerate(facts.codes)
        if facts.returned[row]
        for key in _asked(after)
        for was, now in [(_text(old, back.get(key, key), row), _text(new, key, row))]
        if was != now
    ]
    lacking = tuple(lacking_one), tuple(lacking_two)
    return Movement(before, after, lacking, int(facts.returned.sum()), tuple(found))


def _asked(scheme: Scheme) -> list[str]:
    first = [key for key in (scheme.total, scheme.grade) if key]
    rest = [key for _, key in indicator_tree(scheme) if not scheme.indicators[key].per]
    return list(dict.fromkeys([*first, *rest]))


def _text(scores: Scores, key: str, row: int) -> str:
    item = scores.scheme.indicators.get(key)
    return NONE if item is None or item.per else scores.text(OFFICIAL, key, row)
