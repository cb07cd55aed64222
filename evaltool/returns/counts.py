"""Counts that close: files in = accepted + refused + set aside; counties = returned + missing; and for each county that
returned, indicators = scored + open + not applicable."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from evaltool.facts import ACCEPTED, OFFICIAL_BOOK, REPLACED, SELF, SENT_BACK, SET_ASIDE, TABLE
from evaltool.problems import LEVELS
from evaltool.scoring import Scores

READ, ASIDE = (ACCEPTED, OFFICIAL_BOOK, TABLE), (SET_ASIDE, REPLACED)


class CountsError(AssertionError):
    """Counts that do not close: something was lost on the way, and nothing of the round may be used."""


@dataclass(frozen=True, slots=True)
class CountyCount:
    """One county of the roster.

    state       已报送, or why there is nothing of it (未报送, 退回, 搁置)
    files       names of the files that speak for it, those set aside too
    problems    how many of each level, stop, count, note
    indicators  how many there are; scored, open and out (不计) add up to them. All 0 for a county that is missing
    """

    code: str
    name: str
    state: str
    files: tuple[str, ...]
    problems: tuple[int, ...]
    indicators: int
    scored: int
    open: int
    out: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The three equations of a round."""

    files: int
    read: int
    refused: int
    aside: int
    roster: int
    returned: int
    missing: int
    counties: tuple[CountyCount, ...]

    def equations(self, who: str) -> list[str]:
        """The equations as sentences; `who` is what a subject is called (县)."""
        here = [one for one in self.counties if one.indicators]
        totals = [sum(getattr(one, part) for one in here) for part in ("indicators", "scored", "open", "out")]
        return [
            f"收到文件 {self.files} 个 = 采用 {self.read} + 退回 {self.refused} + 搁置 {self.aside}",
            f"名册 {self.roster} 个{who} = 已报送 {self.returned} + 未采到 {self.missing}",
            f"已报送各{who}的指标合计 {totals[0]} 项 = 已得分 {totals[1]} + 待定 {totals[2]} + 不计 {totals[3]}",
        ]


def count(scores: Scores, files: Collection[str] | None = None) -> Counts:
    """The counts of a round.

    files   names of the files that came, as somebody else knows them; default: as the facts say
    raises  CountsError where an equation does not hold: a file, a county or an indicator was lost
    """
    facts = scores.facts
    states = Counter(one.state for one in facts.submissions)
    named = sorted(one.file for one in facts.submissions)
    made = Counts(
        files=len(named) if files is None else len(files),
        read=sum(states[state] for state in READ),
        refused=states[SENT_BACK],
        aside=sum(states[state] for state in ASIDE),
        roster=len(facts.roster),
        returned=int(facts.returned.sum()),
        missing=int((~facts.returned).sum()),
        counties=tuple(_counties(scores)),
    )
    _close(scores, made, named if files is None else sorted(files), named)
    return made


def _counties(scores: Scores) -> Iterator[CountyCount]:
    facts = scores.facts
    levels: dict[str, Counter[str]] = defaultdict(Counter)
    for problem in (*facts.problems, *scores.problems):
        levels[problem.place.subject][problem.level] += 1
    files: dict[str, list[str]] = defaultdict(list)
    for one in facts.submissions:
        files[one.subject].append(one.file)
    found = _indicators(scores)
    for row, (label, name) in enumerate(facts.roster["name"].items()):
        code = str(label)
        state = "已报送" if facts.returned[row] else facts.absence(code)
        of = tuple(levels[code][level] for level in LEVELS)
        scored, open_, out = (int(number) for number in found[row])
        keys = len(scores.scheme.leaves()) if facts.returned[row] else 0
        yield CountyCount(code, str(name), state, tuple(files[code]), of, keys, scored, open_, out)


def _indicators(scores: Scores) -> np.ndarray:
    """Per county: how many leaf indicators have a result, are open, do not count (自评 layer); 0 for who is missing."""
    made = np.zeros((len(scores.facts.roster), 3), np.int64)
    for key in scores.scheme.leaves():
        known, out = np.asarray(scores.column(SELF, key).known, bool), scores.out(SELF, key)
        gone = np.zeros(len(made), bool) if out is None else np.asarray(out.lo, bool)
        sure = known if out is None else known & np.asarray(out.known, bool)
        for j, which in enumerate((sure & ~gone, ~sure & ~gone, gone)):
            made[:, j] += which
    made[~scores.facts.returned] = 0
    return made


def _close(scores: Scores, made: Counts, came: list[str], named: list[str]) -> None:
    facts, who = scores.facts, scores.scheme.edition.subject
    if came != named:
        lost, more = sorted(set(came) - set(named)), sorted(set(named) - set(came))
        raise CountsError(f"收到的文件与读过的文件对不上：没有读 {lost or '无'}，多出 {more or '无'}")
    if made.files != made.read + made.refused + made.aside:
        raise CountsError(made.equations(who)[0].replace("=", "≠"))
    if made.roster != made.returned + made.missing:
        raise CountsError(made.equations(who)[1].replace("=", "≠"))
    told = {problem.place.subject for problem in facts.problems}
    silent = [
        one.name for one in made.counties if not one.indicators and one.state != "已报送" and one.code not in told
    ]
    if silent and facts.submissions:  # facts that came without files bring no explanations
        raise CountsError(f"没有采到数、又没有说明原因的{who}：{'、'.join(silent)}")
    for one in made.counties:
        if one.indicators != one.scored + one.open + one.out:
            raise CountsError(f"“{one.name}”的指标 {one.indicators} ≠ {one.scored} + {one.open} + {one.out}")
