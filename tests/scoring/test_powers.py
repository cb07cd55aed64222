"""Powers, percentile definitions, sums of the largest, deviations: exact where rational, never too narrow."""

from __future__ import annotations

from fractions import Fraction as Q

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaltool.scheme import load_folder
from evaltool.scoring.columns import Num
from evaltool.scoring.functions import power
from evaltool.scoring.gathering import gather
from tests.scoring.editions import complaints, edition, one, results, scored

NUMBER = "a: {name: 数, type: number, unit: 无, cite: [T/1]}"


def column(*values):
    lo = np.array(values, object)
    return Num(lo, lo)


@pytest.mark.parametrize(
    ("x", "c", "expected"),
    [(2, 10, 1024), (Q(1331, 1000), Q(1, 3), Q(11, 10)), (Q(4, 9), Q(3, 2), Q(8, 27)), (0, Q(1, 2), 0),
     (-2, 3, -8), (-2, 2, 4),
     (4, Q(-1, 2), Q(1, 2)), (5, 0, 1), (10**30, Q(1, 3), 10**10)],
)  # fmt: skip
def test_a_rational_power_is_exact(x, c, expected):
    result, wrong = power(column(x), c)
    assert (result.lo[0], result.hi[0], wrong[0]) == (expected, expected, False)


@given(st.fractions(Q(1, 1000), 1000), st.integers(2, 7))
def test_any_other_power_lies_between_its_ends(x, n):
    result, _ = power(column(x), Q(1, n))
    low, high = result.lo[0], result.hi[0]
    assert low**n <= x <= high**n
    assert high - low < Q(1, 10**40)


def test_the_root_of_less_than_zero_is_told():
    _, wrong = power(column(-1, 1), Q(1, 2))
    assert wrong.tolist() == [True, False]


def test_the_power_of_a_range_with_zero_inside():
    result, _ = power(Num(np.array([-3], object), np.array([2], object)), 2)
    assert (result.lo[0], result.hi[0]) == (0, 9)


def test_average_growth_of_exactly_ten_per_cent_a_year(tmp_path):
    steps = "[{at_least: 0.1, gives: 5}, {otherwise: true, gives: 0}]"
    rule = f"points: 5\nvalue: power(a, 1/3) - 1\nunit: 无\nrule: {{kind: steps, steps: {steps}}}"
    assert one(tmp_path, rule, NUMBER, {"a": "1.331"}, {"a": "1.3309"}) == [5, 0]


WAYS = {  # 15 20 35 40 50: textbook values
    "percentile": [20, 35, 40], "percentile nearest": [20, 35, 40], "percentile averaged": [20, 35, 40],
    "percentile exclusive": [Q(35, 2), 35, 45],
}  # fmt: skip


@pytest.mark.parametrize("way", list(WAYS))
def test_percentiles_by_definition(way):
    numbers = column(15, 20, 35, 40, 50)
    found = [gather(way, numbers, np.zeros(5, int), 1, share=share)[0].lo[0] for share in (Q(1, 4), Q(1, 2), Q(3, 4))]
    assert found == WAYS[way]


def test_percentiles_where_the_share_falls_between_two():
    numbers = column(1, 2, 3, 4)
    ways = ("percentile", "percentile nearest", "percentile averaged", "percentile exclusive")
    found = [gather(way, numbers, np.zeros(4, int), 1, share=Q(1, 4))[0].lo[0] for way in ways]
    assert found == [Q(7, 4), 1, Q(3, 2), Q(5, 4)]
    ends = [gather(way, numbers, np.zeros(4, int), 1, share=share)[0].lo[0] for way in ways for share in (0, 1)]
    assert ends == [1, 4] * 4


def test_sums_of_the_largest_and_smallest(tmp_path):
    body = """
    lists:
      j: {name: 评分, rows_from: subject, columns: {s: {name: 分, type: points}}}
    indicators:
      X: {name: 最好三个, value: "top(j.s, 3)", unit: 分}
      Y: {name: 去掉最高最低, value: "(sum(j.s) - top(j.s, 1) - bottom(j.s, 1)) / (count(j) - 2)", unit: 分}
      Z: {name: 总体标准差, value: "stdp(j.s)", unit: 分}
    """
    rows = [{"s": n} for n in (9, 7, 8, 10, 6)]
    scores = scored(
        edition(tmp_path, body),
        {"lists": {"j": rows}},
        {"lists": {"j": rows[:2]}},
        {"lists": {"j": [*rows[:2], {"s": "读不出"}]}},
    )
    assert results(scores, "X") == [27, 16, (16, float("inf"))]
    assert results(scores, "Y")[0] == 8
    low, high = results(scores, "Z")[0]
    assert low**2 <= 2 <= high**2
    assert results(scores, "Z")[1] == 1


@pytest.mark.parametrize(
    ("formula", "words"),
    [("power(a, a)", "要写数"), ("power(a)", "2 个参数"), ("percentile(a, 75%)", "一张清单"), ("top(a)", "写个数")],
)
def test_what_cannot_be_meant_is_refused(tmp_path, formula, words):
    found = complaints(tmp_path, f'fields:\n  {NUMBER}\nindicators:\n  X: {{name: 项, value: "{formula}", unit: 无}}\n')
    assert words in found[0].what


def test_shares_stand_where_results_are_shares(tmp_path):
    body = f"""
    fields:
      {NUMBER}
      m: {{name: 款, type: money, unit: 万元, cite: [T/1]}}
    indicators:
      CUT:
        name: 扣减
        value: a
        unit: 无
        rule: {{kind: steps, steps: [{{at_least: 60, gives: 0%}}, {{otherwise: true, gives: 1.5%}}]}}
      PAY: {{name: 付款, value: m * (100% - CUT), unit: 万元, round: {{to: 0.05, mode: ceiling}}}}
    """
    scores = scored(edition(tmp_path, body), {"a": 60, "m": 100}, {"a": 59, "m": "100.01"})
    assert results(scores, "CUT") == [0, Q(3, 200)]
    assert results(scores, "PAY") == [100, Q(1971, 20)]
    assert load_folder(tmp_path).kinds["CUT"].unit == "占比"
