"""Self scores against what the data give: what went wrong is said where it can be told (D136, D137), else only that
they differ (P101). Never two of them about one self score."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from evaltool.problems import Problem
from evaltool.question_lines import OURS
from tests.scoring.editions import edition, scored

FIELDS = """\
fields:
  done: {name: 已拨付, type: money, unit: 万元}
  all:  {name: 下达, type: money, unit: 万元}
  n:    {name: 站点数, type: count, unit: 个}
indicators:
"""
RULES = {
    "line": "{kind: proportional, target: 90%}",
    "between": "{kind: linear, zero_at: 60%, full_at: 75%}",
    "steps": "{kind: steps, steps: [{at_least: 65%, gives: 10}, {at_least: 45%, gives: 5}, "
    "{otherwise: true, gives: 0}]}",
}


def found(tmp_path: Any, sheet: dict[str, Any], claim: Any, rule: str = "line", points: str = "10") -> list[Problem]:
    """What is said about one self score of X, which looks at done ÷ all."""
    x = f"  X: {{name: 拨付率, points: {points}, value: done / all, unit: 占比, rule: {RULES[rule]}}}\n"
    n = "  N: {name: 站点, points: 10, value: n, unit: 个, rule: {kind: proportional, target: 90}}\n"
    scores = scored(edition(tmp_path, FIELDS + x + n), {**sheet, "scores": claim})
    return [problem for problem in scores.problems if problem.code in ("P101", "D136", "D137")]


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_ratio_to_all_instead_of_to_the_target(tmp_path):
    (problem,) = found(tmp_path, {"done": 72, "all": 100}, {"X": "7.2"})
    assert (problem.code, problem.level, problem.place.field) == ("D136", "note", "X")
    assert problem.what == "“拨付率”自评 7.2 分，按所填数据是 8 分；10 分 × 72% 正好是自评分"
    assert problem.why.startswith("像是按 100% 折算的；规则：")
    assert problem.why.endswith(f"提示线：按 100% 折算与自评分相等；{OURS}")
    assert problem.do == "按规则里的目标值折算；得分以按数据计算的为准"


@pytest.mark.parametrize(
    ("done", "claim", "said"),
    [
        (72, 8, []),  # what the data give
        (72, "7.1", ["P101"]),
        (72, "7.3", ["P101"]),
        (Fraction(200, 3), "6.67", ["D136"]),  # rounded to its own decimals
        (Fraction(200, 3), "6.7", ["D136"]),
        (Fraction(200, 3), 7, ["P101"]),  # too many products round to a whole number
        (70, 7, ["D136"]),  # exactly
        (0, 1, ["P101"]),
        (120, "9.9", ["P101"]),  # at and above all of it both ways give all points
    ],
)
def test_a_step_off_the_product_only_differs(tmp_path, done, claim, said):
    assert codes(found(tmp_path, {"done": done, "all": 100}, {"X": claim})) == said


@pytest.mark.parametrize(
    ("rule", "done", "claim"), [("between", 69, "6.9"), ("steps", 50, "5.0"), ("steps", 63, "6.3")]
)
def test_other_rules_with_a_target_of_their_own(tmp_path, rule, done, claim):
    expected = [] if (rule, done) == ("steps", 50) else ["D136"]
    assert codes(found(tmp_path, {"done": done, "all": 100}, {"X": claim}, rule)) == expected


def test_what_looks_at_no_share_has_no_ratio_to_all(tmp_path):
    assert codes(found(tmp_path, {"n": 72}, {"N": "7.2"})) == ["P101"]


@pytest.mark.parametrize(("done", "said"), [(81, ["D137"]), ("81.01", ["P101"]), (90, []), (0, ["D137"])])
def test_full_marks_where_the_data_come_to_clearly_less(tmp_path, done, said):
    """81% of 90% are nine of ten points: nine tenths of the points is on the line, more is not clearly less."""
    problems = found(tmp_path, {"done": done, "all": 100}, {"X": 10})
    assert codes(problems) == said
    if said == ["D137"]:
        assert problems[0].why.endswith(f"提示线：自评满分，按数据不超过满分的 90%；{OURS}")
        assert "自评 10 分，按所填数据是 " in problems[0].what


def test_open_data_are_taken_at_their_best(tmp_path):
    """Half of the figures missing: what may still come to all points is not clearly less."""
    assert codes(found(tmp_path, {"all": 100}, {"X": 10})) == []
    assert codes(found(tmp_path, {"done": 50, "all": 100, "n": None}, {"X": 10, "N": 10})) == ["D137"]


def test_points_that_are_no_full_marks_only_differ(tmp_path):
    assert codes(found(tmp_path, {"done": 10, "all": 100}, {"X": "9.99"})) == ["P101"]
