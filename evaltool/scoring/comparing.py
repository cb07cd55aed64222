"""What a place or a share of the cohort would have taken: one subject beside the others of the round."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from evaltool.quantities import Exact, decimal_text, divide
from evaltool.scheme import rules as r
from evaltool.scoring.asked import Asked
from evaltool.scoring.cohort import cohorts
from evaltool.scoring.columns import Num


def others_of(asked: Asked) -> list[Exact] | None:
    """The values of everybody else in the cohort; None while one of them, or who belongs to it, is not known."""
    rule = asked.rule
    assert isinstance(rule, r.Rank | r.Relative)
    outcome = asked.scores.outcomes[asked.layer]
    column, space = outcome.values[asked.key], outcome.space
    assert isinstance(column, Num)
    group = None if rule.within is None else space.name(rule.within, None)
    mine = [one for one in cohorts(group, outcome.outs.get(asked.key), space.n) if asked.row in one.mine]
    if len(mine) != 1 or not mine[0].sure.all():
        return None
    rows = mine[0].inside[mine[0].inside != asked.row]
    return column.lo[rows].tolist() if bool(np.all(column.known[rows])) else None


def standing_text(asked: Asked) -> str:
    """Beside whom somebody stands: “3 个对象中” or “最高值 20”; empty while that is open."""
    others, rule, own = others_of(asked), asked.rule, asked.value()
    if others is None or own is None:
        return ""
    if isinstance(rule, r.Rank):
        return f"在 {len(others) + 1} 个对象中"
    assert isinstance(rule, r.Relative)
    all_ = [*others, own]
    if rule.to == "best":
        best = max(all_) if rule.better == "higher" else min(all_)
        return f"{'最高' if rule.better == 'higher' else '最低'}值 {decimal_text(best)}"
    beside = divide(Fraction(sum(all_)), len(all_)) if rule.to == "mean" else sum(all_)
    return f"{'平均' if rule.to == 'mean' else '合计'} {decimal_text(beside)}"


def among_others(asked: Asked, target: Exact, upward: bool, strict: bool) -> tuple[str, Exact | None]:
    """What reaching `target` takes: a place in words, or (for a share of the cohort) the value that would bring it.

    Everybody else stays as he is. Nothing where somebody's value is open, or where no value would bring it.
    """
    rule, others = asked.rule, others_of(asked)
    if others is None or not others:
        return "", None
    if isinstance(rule, r.Rank):
        return _places(asked, rule, target, upward, strict, len(others)), None
    assert isinstance(rule, r.Relative)
    factor = asked.term(rule.times)
    if not upward or not factor or factor < 0 or min(others) < 0:
        return "", None
    return "", _wanted(rule, divide(Fraction(target), Fraction(factor)), others)


def _places(asked: Asked, rule: r.Rank, target: Exact, upward: bool, strict: bool, others: int) -> str:
    """How many places further to the front a place or a share of places would be."""
    now = asked.result()[0]
    if upward:
        return ""
    if rule.gives == "share":
        now, target = now * others + 1, target * others + 1
    place = math.ceil(target) - 1 if strict else math.floor(target)
    steps = math.ceil(now - place)
    return f"即名次再进 {steps} 位" if steps > 0 and place >= 1 else ""


def _wanted(rule: r.Relative, share: Exact, others: list[Exact]) -> Exact | None:
    """The own value that makes the share of the best, mean or sum what is asked for."""
    total, count = sum(others), len(others) + 1
    if share <= 0:
        return None
    if rule.to == "best":
        best = max(others) if rule.better == "higher" else min(others)
        if share > 1 or not best:
            return None
        return share * best if rule.better == "higher" else divide(Fraction(best), Fraction(share))
    below = count - share if rule.to == "mean" else 1 - share
    return divide(Fraction(share * total), Fraction(below)) if below > 0 and total else None
