"""Self scores as entered against what the county's own data come to."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.facts import Facts, Origin
from evaltool.problems import Place, Problem
from evaltool.quantities import decimal_text
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import name_of
from evaltool.scoring.columns import Num
from evaltool.scoring.engine import Outcome


def check_claims(facts: Facts, outcome: Outcome) -> Iterator[Problem]:
    """A note for each self score that its own data, as far as they are known, cannot come to (自评 layer)."""
    scheme = facts.scheme
    for key in facts.claimed.columns:
        column = outcome.results.get(key)
        if not isinstance(column, Num) or scheme.indicators[key].per is not None:
            continue
        out = outcome.outs.get(key)
        for row, claim in enumerate(facts.claimed[key]):
            if out is not None and out.hi[row]:
                continue  # what does not count has no points to compare
            if claim is None or not facts.returned[row] or column.lo[row] <= claim <= column.hi[row]:
                continue
            low, high = column.lo[row], column.hi[row]
            computed = decimal_text(low) if low == high else f"{decimal_text(low)} 至 {decimal_text(high)}"
            origin = facts.claimed_origins[key].iloc[row]
            place = Place(subject=str(facts.codes[row]), field=key)
            if isinstance(origin, Origin):
                place = Place(origin.workbook, origin.sheet, origin.cell, key, str(facts.codes[row]))
            yield Problem(
                "P101",
                f"“{name_of(scheme, key)}”自评 {decimal_text(claim)} 分，按所填数据是 {computed} 分",
                f"规则：{rule_sentence(scheme, key).rstrip('。')}",
                "核对自评分或所填数据；得分以按数据计算的为准",
                place,
                scheme.place("indicators", key),
                str(scheme.citation(scheme.indicators[key].cite[0])) if scheme.indicators[key].cite else "",
            )
