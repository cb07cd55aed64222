"""Where nothing is left to compute from: bonuses without marks, groups of nobody, empty lists, roots that do not exist;
and the units of means."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from evaltool.facts import OFFICIAL
from evaltool.quantities import exact, round_to
from evaltool.scoring import Scores
from evaltool.scoring.columns import INF, Num, Truth, rounded_floats
from evaltool.scoring.functions import power
from evaltool.scoring.gathering import gather
from scoring.editions import complaints, edition, scored

F = Fraction

FIELDS = """
fields:
  a: {name: 甲, type: points, between: [0, 10], blank: {means: out, question: Q1}}
  b: {name: 加分, type: count, unit: 个, blank: {means: out, question: Q1}}
  g: {name: 类, type: choice, options: [东, 西]}
  x: {name: 数, type: number, unit: 无}
  n: {name: 个数, type: count, unit: 个}
  m: {name: 全部, type: count, unit: 个}
lists:
  t:
    name: 表
    rows_from: subject
    columns:
      stars: {name: 星, type: number, unit: 无, between: [-5, 5], blank: {means: out, question: Q1}}
      beds: {name: 床, type: count, unit: 个}
indicators:
"""
USE = """
  U: {name: 用, value: x}
  V: {name: 用, value: n / m}
  Y: {name: 用, value: a, overrides: [{when: g == '东', gives: 0}]}
  Z: {name: 用, value: b}
  W: {name: 用, value: sum(t.beds)}
  S: {name: 用, value: sum(t.stars)}
"""


def made(tmp_path: Any, body: str, *sheets: dict[str, Any]) -> Scores:
    return scored(edition(tmp_path, FIELDS + body + USE), *sheets)


def told(scores: Scores, key: str) -> list[str]:
    return [scores.result_text(OFFICIAL, str(i), key) for i in range(len(scores.facts.codes))]


def codes(scores: Scores, key: str) -> list[str]:
    return [problem.code for problem in scores.problems if problem.place and problem.place.field == key]


@pytest.mark.parametrize("need", ["", ", need: 1"])
def test_a_bonus_alone_carries_no_points(tmp_path, need):
    body = f"""
  T: {{name: 合, points: 20, combine: sum, missing: spread{need}, cap: none}}
  A: {{name: 一, in: T, points: 20, value: a, rule: {{kind: proportional, target: 10}}}}
  B: {{name: 加分, in: T, value: b, unit: 个, rule: {{kind: per_unit, start: 0, more: 1}}}}
"""
    scores = made(tmp_path, body, {"a": 5, "b": 3}, {"b": 3}, {"a": 5}, {}, {"a": "读不出", "b": 3})
    assert told(scores, "T") == ["13", "不计", "10", "不计", "3 ～ 23，或不计"]
    assert codes(scores, "T") == []


def test_points_are_spread_only_where_parts_have_any(tmp_path):
    body = "  T: {name: 合, combine: sum, missing: spread}\n  A: {name: 一, in: T, value: a}\n"
    found = complaints(tmp_path, FIELDS + body + USE)
    assert [problem.code for problem in found] == ["S209"]
    assert "没有满分" in found[0].what


def test_a_group_in_which_nobody_counts_has_no_mean(tmp_path):
    body = """
  M: {name: 同类平均, across: g, value: mean(a)}
  L: {name: 全体最低, across: all, value: min(a)}
  C: {name: 同类个数, across: g, value: count(a >= 0)}
  O: {name: 好, across: g, value: mean(a) >= 3}
  D: {name: 差, value: 5 - M}
"""
    sheets: list[dict[str, Any]] = [
        {"g": "东", "a": 4}, {"g": "西"}, {"g": "东", "a": 2}, {"g": "西"},
    ]  # fmt: skip
    scores = made(tmp_path, body, *sheets)
    assert told(scores, "M") == ["3", "不计", "3", "不计"]
    assert told(scores, "L") == ["2"] * 4
    assert told(scores, "C") == ["2", "0", "2", "0"]
    assert told(scores, "O") == ["是", "不计", "是", "不计"]
    assert told(scores, "D") == ["2", "不计", "2", "不计"]
    assert codes(scores, "M") == []
    open_ = made(tmp_path / "open", body, *sheets[:3], {"g": "西", "a": "读不出"}, {"g": "读不出"})
    assert told(open_, "M") == ["3", "0 ～ 10，或不计", "3", "0 ～ 10，或不计", "0 ～ 10，或不计"]
    nobody = made(tmp_path / "none", body, {"g": "东"}, {"g": "西"})
    assert told(nobody, "L") == ["不计", "不计"]


def test_the_largest_of_no_rows_are_none(tmp_path):
    body = """
  T: {name: 最大三个, value: "top(t.stars, 3)"}
  B: {name: 最小三个, value: "bottom(t.stars, 3)"}
"""
    lists = [[], [{"stars": 3}], [{"stars": "读不出"}], [{}], [{"stars": -1}, {"stars": "读不出"}]]
    scores = made(tmp_path, body, *[{"lists": {"t": rows}} for rows in lists])
    assert told(scores, "T") == ["0", "3", "-5 ～ 5", "0", "-6 ～ 4"]
    assert told(scores, "B") == ["0", "3", "-5 ～ 5", "0", "-6 ～ 4"]
    assert codes(scores, "T") == []


def test_sums_of_the_largest_span_every_set_of_rows():
    column = Num(np.array([-3, 2, 5], object), np.array([-3, 2, 5], object))
    there = Truth(np.array([False, False, False]), np.ones(3, bool))
    result, few = gather("top", column, np.zeros(3, int), 2, there, 2)
    assert ([*result.lo], [*result.hi], few.any()) == ([-3, 0], [7, 0], False)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("power(x, 1/3)", "数的 （1 ÷ 3） 次方”要对非负数计算"),
        ("power(x, -1/3)", "要对正数计算"),
        ("power(x + 8, -1)", "要对不是零的数计算"),
        ("sqrt(x)", "要对非负数计算"),
        ("power(x, 2) + sqrt(x)", "数的平方根”要对非负数计算"),
    ],
)
def test_a_root_that_does_not_exist_is_not_known_and_told(tmp_path, formula, said):
    scores = made(tmp_path, f"  X: {{name: 项, value: '{formula}'}}\n", {"x": -8})
    (problem,) = (one for one in scores.problems if one.code == "P102")
    assert said in problem.why
    column = scores.column(OFFICIAL, "X")
    assert isinstance(column, Num)
    assert column.hi[0] == INF


def test_the_root_of_a_range_is_open_only_where_there_is_none():
    result, wrong = power(Num(np.array([-9, -9, 4], object), np.array([-1, 9, 9], object)), F(1, 2))
    assert ([*result.lo], [*result.hi], wrong.tolist()) == ([0, 0, 2], [INF, 3, 3], [True, False, False])


def test_a_mean_weighed_by_counts_has_the_unit_of_what_is_averaged(tmp_path):
    body = """
  STARS: {name: 平均星级, value: sum(t.stars * t.beds) / sum(t.beds)}
  GOOD: {name: 好, value: STARS >= 4}
  HELD: {name: 合计, value: sum(t.stars * t.beds)}
  AGAIN: {name: 再算, value: HELD / sum(t.beds) > 3.5}
  SHARE: {name: 得分率, value: sum(t.stars * t.beds) / sum(t.beds), unit: 占比}
  PLAIN: {name: 占比, value: n / m >= 50%}
"""
    rows = [{"stars": 5, "beds": 3}, {"stars": 1, "beds": 1}]
    scores = made(tmp_path, body, {"n": 1, "m": 2, "lists": {"t": rows}})
    assert [told(scores, key) for key in ("STARS", "GOOD", "AGAIN", "PLAIN")] == [["4"], ["是"], ["是"], ["是"]]


@pytest.mark.parametrize(
    "written", ["value: n / m >= 0.5", "value: sum(t.stars * t.beds) / sum(t.beds) >= 50%", "value: n / m, unit: 无 "]
)
def test_other_ratios_stay_shares(tmp_path, written):
    found = complaints(tmp_path, FIELDS + f"  X: {{name: 项, {written}}}\n" + USE)
    assert [problem.code for problem in found] == ([] if "无" in written else ["S106" if "0.5" in written else "S205"])


def test_so_many_per_cent_for_each(tmp_path):
    body = """
  EACH: {name: 每个加百分之一, value: n * 1%, unit: 占比}
  ALL: {name: 合计, value: EACH + m / m}
"""
    scores = made(tmp_path, body, {"n": 3, "m": 7})
    assert told(scores, "ALL") == ["1.03"]
    for wrong in ("value: n * 2, unit: 占比", "value: n * 1%, unit: 分"):
        found = complaints(tmp_path, FIELDS + f"  X: {{name: 项, {wrong}}}\n" + USE)
        assert [problem.code for problem in found] == ["S205"]


@pytest.mark.parametrize("need", ["1.5", "0", "-1", "'50%'"])
def test_need_is_a_number_of_parts(tmp_path, need):
    body = f"""
  T: {{name: 合, combine: sum, missing: skip, need: {need}}}
  A: {{name: 一, in: T, value: a}}
"""
    assert [problem.code for problem in complaints(tmp_path, FIELDS + body + USE)] == ["S105"]


def test_floats_are_rounded_as_exact_numbers_are():
    rng = np.random.default_rng(5)
    values = np.concatenate([np.round(rng.uniform(-1000, 1000, 300), 3), [0.285, 2.675, -0.5, 1.5, 2.5, INF, -INF]])
    for step in (F(1, 100), F(1, 2), 10, F(1, 10**6)):
        for mode in ("half_up", "half_even", "truncate", "ceiling", "floor"):
            found = rounded_floats(values, step, mode)
            expected = [x if abs(x) == INF else float(round_to(exact(repr(float(x))), step, mode)) for x in values]
            assert np.allclose(found[:-2], expected[:-2], rtol=0, atol=1e-9)
            assert [*found[-2:]] == [INF, -INF]
