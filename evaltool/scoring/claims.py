"""Self scores as entered against what the county's own data come to.

Where it can be told what went wrong, that is said (D136, D137) instead of the bare difference (P101); the lines these
two draw stand in `evaltool.question_lines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evaltool.facts import Facts, Origin
from evaltool.problems import Place, Problem
from evaltool.quantities import SHARE_UNIT, Exact, decimal_text, quantity_text, round_exact
from evaltool.question_lines import CLEARLY_LESS, ours
from evaltool.scheme import Scheme
from evaltool.scheme.looks import rules_of
from evaltool.scheme.rules import Curve, Linear, PerUnit, Proportional, Range, Steps
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import name_of
from evaltool.scoring.columns import Num
from evaltool.scoring.engine import Outcome

_MEASURED = (Proportional, Linear, Curve, Range, Steps, PerUnit)  # rules that look at how large a share is
_MOST_PLACES = 4  # decimals to which a score may have been rounded


@dataclass(frozen=True, slots=True)
class Claim:
    """A self score and what the data give: points from `low` to `high`, for the share `value` where the rule looks at
    one."""

    key: str
    score: Exact
    low: Exact
    high: Exact
    full: Exact | None
    value: Exact | None

    @property
    def computed(self) -> str:
        low = decimal_text(self.low)
        return low if self.low == self.high else f"{low} 至 {decimal_text(self.high)}"


def check_claims(facts: Facts, outcome: Outcome) -> Iterator[Problem]:
    """A note for each self score that its own data, as far as they are known, cannot come to (自评 layer)."""
    scheme = facts.scheme
    for key in facts.claimed.columns:
        column = outcome.results.get(key)
        item = scheme.indicators[key]
        if not isinstance(column, Num) or item.per is not None:
            continue
        out = outcome.outs.get(key)
        full = item.points if item.points is not None and not isinstance(item.points, str) else None
        shares = _shares(scheme, key, outcome)
        for row, score in enumerate(facts.claimed[key]):
            if out is not None and out.hi[row]:
                continue  # what does not count has no points to compare
            if score is None or not facts.returned[row] or column.lo[row] <= score <= column.hi[row]:
                continue
            value = shares.lo[row] if shares is not None and shares.lo[row] == shares.hi[row] else None
            claim = Claim(key, score, column.lo[row], column.hi[row], full, value)
            yield _problem(facts, row, claim)


def _shares(scheme: Scheme, key: str, outcome: Outcome) -> Num | None:
    """The shares that an indicator's rule measures against a target; None where it looks at anything else."""
    rules = [rule for _, rule in rules_of(scheme.indicators[key])]
    measured = bool(rules) and all(isinstance(rule, _MEASURED) for rule in rules)
    kind, values = scheme.values.get(key), outcome.values.get(key)
    return values if measured and isinstance(values, Num) and kind is not None and kind.unit == SHARE_UNIT else None


def _problem(facts: Facts, row: int, claim: Claim) -> Problem:
    scheme, key = facts.scheme, claim.key
    origin = facts.claimed_origins[key].iloc[row]
    place = Place(subject=str(facts.codes[row]), field=key)
    if isinstance(origin, Origin):
        place = Place(origin.workbook, origin.sheet, origin.cell, key, str(facts.codes[row]))
    rule = f"规则：{rule_sentence(scheme, key).rstrip('。')}"
    what = f"“{name_of(scheme, key)}”自评 {decimal_text(claim.score)} 分，按所填数据是 {claim.computed} 分"
    code, why, do = "P101", rule, "核对自评分或所填数据；得分以按数据计算的为准"
    if to_hundred(claim):
        assert claim.value is not None
        assert claim.full is not None
        share = quantity_text(claim.value, SHARE_UNIT)
        what += f"；{decimal_text(claim.full)} 分 × {share} 正好是自评分"
        code, why = "D136", f"像是按 100% 折算的；{rule}；{ours('按 100% 折算与自评分相等')}"
        do = "按规则里的目标值折算；得分以按数据计算的为准"
    elif full_too_early(claim):
        line = f"自评满分，按数据不超过满分的 {quantity_text(CLEARLY_LESS, SHARE_UNIT)}"
        code, why = "D137", f"{rule}；{ours(line)}"
    cites = scheme.indicators[key].cite
    clause = str(scheme.citation(cites[0])) if cites else ""
    return Problem(code, what, why, do, place, scheme.place("indicators", key), clause)


def to_hundred(claim: Claim) -> bool:
    """Whether the self score is points × share, as if the target were 100%: exactly, or rounded to its own decimals. A
    whole number is taken only if it is exact, since so many products round to one."""
    if claim.value is None or claim.full is None or not 0 < claim.value < 1:
        return False
    product = claim.full * claim.value
    if claim.score == product:
        return True
    places = next((n for n in range(1, _MOST_PLACES + 1) if (claim.score * 10**n).denominator == 1), None)
    whole = claim.score.denominator == 1
    return places is not None and not whole and round_exact(product, places, "half_up") == claim.score


def full_too_early(claim: Claim) -> bool:
    """Whether all points are claimed and the data come to clearly less."""
    return claim.full is not None and claim.score == claim.full > 0 and claim.high <= claim.full * CLEARLY_LESS
