"""Ranges, bent lines, formulas in the place of numbers, roots and percentiles: on their edges and just beside them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from evaltool.facts import OFFICIAL
from evaltool.scoring.columns import INF, Num
from evaltool.scoring.functions import DIGITS, absolute, apply
from scoring.editions import edition, one, results, scored

F = Fraction
NUMBER = "a: {name: 数, type: number, unit: 天}"
TWO = NUMBER + "\nb: {name: 别数, type: number, unit: 天}"
BY = TWO + "\ng: {name: 类, type: choice, options: [东, 西]}"
GROUPED = BY + "\np: {name: 甲, type: yesno}"


def values(*numbers: object) -> list[dict[str, object]]:
    return [{"a": number} for number in numbers]


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ("below: zero, above: full", [0, 0, 6, 6, 6, 6, 6]),
        ("below: full, above: zero", [6, 6, 6, 6, 6, 0, 0]),
        ("below: proportional, above: proportional", [0, F(57, 10), 6, 6, 6, F(240, 41), 3]),
        ("below: {loses: 2, part: share}, above: {loses: 1, per: 0.4, part: whole}", [0, 5, 6, 6, 6, 5, 0]),
        ("below: {loses: 2, part: whole}, above: {loses: 1, per: 0.4, part: share}", [0, 6, 6, 6, 6, F(19, 4), 0]),
    ],
)
def test_a_range_includes_its_ends(tmp_path, sides, expected):
    rule = f"points: 6\nvalue: a\nunit: 天\nrule: {{kind: range, low: 10, high: 20, {sides}}}"
    assert one(tmp_path, rule, NUMBER, *values(0, "9.5", 10, 15, 20, "20.5", 40)) == expected


def test_a_range_of_what_nobody_knows(tmp_path):
    rule = "points: 6\nvalue: a\nunit: 天\nrule: {kind: range, low: 10, high: b, below: zero, above: {loses: 1}}"
    sheets: list[dict[str, Any]] = [{"a": 12, "b": 11}, {"a": 12}, {"b": 11}, {"a": 9}, {"a": 12, "b": 9}]
    assert one(tmp_path, rule, TWO, *sheets) == [5, (0, 6), (0, 6), 0, (0, 6)]


def test_a_line_whose_ends_lie_the_wrong_way_round_asks_for_the_zero_end_first(tmp_path):
    rule = "points: 6\nvalue: a\nunit: 天\nrule: {kind: linear, zero_at: b, full_at: 5, better: higher}"
    sheets: list[dict[str, Any]] = [
        {"a": 7, "b": 8},
        {"a": 8, "b": 8},
        {"a": 9, "b": 8},
        {"a": 5, "b": 5},
        {"a": 6, "b": 5},
    ]
    assert one(tmp_path, rule, TWO, *sheets) == [0, 0, 6, 0, 6]


def test_a_senseless_range_is_told(tmp_path):
    body = f"""
    fields: {{{", ".join(GROUPED.splitlines())}}}
    indicators:
      X: {{name: 甲项, points: 6, value: a, unit: 天, rule: {{kind: range, low: b, high: 5, below: zero, above: zero}}}}
      Z: {{name: 丙项, value: sqrt(a) + ln(b)}}
      W: {{name: 丁项, points: 1, value: p, overrides: [{{when: g == '东', gives: 0}}]}}
    """
    sheets = [{"a": 3, "b": 6, "p": "是", "g": "西"}, {"a": -1, "b": 0, "p": "是", "g": "西"}]
    scores = scored(edition(tmp_path, body), *sheets)
    assert [(p.code, p.place.subject, p.what) for p in scores.problems] == [
        ("P102", "0", "“甲项”的区间不成立"), ("P102", "1", "“丙项”算不出"),
    ]  # fmt: skip
    assert results(scores, "X") == [(0, 6), 0]


def test_the_order_of_tests_on_a_line(tmp_path):
    rule = """
    points: 10
    value: a
    unit: 天
    rule: {kind: linear, zero_at: 10, full_at: 20, line: [0.5, 9.5], outside: [0, 10]}
    """
    assert one(tmp_path, rule, NUMBER, *values("9.99", 10, 15, "19.9", 20, 25)) == [
        0, F(1, 2), 5, F(941, 100), 10, 10,
    ]  # fmt: skip
    down = rule.replace("zero_at: 10, full_at: 20", "zero_at: 20, full_at: 10")
    assert one(tmp_path / "down", down, NUMBER, *values(21, 20, 15, 10, 3)) == [0, F(1, 2), 5, 10, 10]


def test_ends_of_a_line_may_be_formulas(tmp_path):
    rule = """
    points: 10
    value: a
    unit: 天
    rule: {kind: linear, zero_at: b, full_at: {by: g, 东: b + 10, 西: b + 20}, better: higher}
    """
    sheets: list[dict[str, Any]] = [
        {"a": 5, "b": 0, "g": "东"}, {"a": 5, "b": 0, "g": "西"}, {"a": 5, "b": 0}, {"a": 5, "g": "东"},
        {"b": 0, "g": "东"},
    ]  # fmt: skip
    assert one(tmp_path, rule, BY, *sheets) == [5, F(5, 2), (F(5, 2), 5), (0, 10), (0, 10)]


def test_a_line_without_a_cap_does_not_run_on(tmp_path):
    rule = "points: 10\nvalue: a\nunit: 天\ncap: none\nfloor: none\nrule: {kind: linear, zero_at: 0, full_at: 10}"
    assert one(tmp_path, rule, NUMBER, *values(-5, 20)) == [0, 10]


def test_terms_stand_where_numbers_do(tmp_path):
    rule = """
    points: 10
    value: a
    unit: 天
    floor: {by: g, 东: 1, 西: 0}
    cap: 8 + 1
    rule: {kind: per_unit, start: b, around: {by: g, 东: 2, 西: 4}, more: {by: p, 是: 2, 否: -1}}
    overrides:
      - {when: a == 100, gives: = b * 2}
      - {when: a == 50, at_most: {by: g, 东: 5, 西: 6}}
      - {when: a == 70, gives: {by: g, 东: 7, 西: 8}}
    """
    base = {"b": 3, "g": "东", "p": "是"}
    sheets = [{**base, "a": a} for a in (2, 4, 7, 100, 50, 70)]
    sheets += [{**base, "a": 70, "g": "西"}, {**base, "a": 7, "p": "否"}, {**base, "a": 6, "g": "未填"}]
    assert one(tmp_path, rule, GROUPED, *sheets) == [3, 7, 9, 6, 5, 7, 8, 1, (7, 9)]


def test_by_may_ask_a_yes_or_no_and_only_the_chosen_branch_can_fail(tmp_path):
    body = f"""
    fields: {{{", ".join(GROUPED.splitlines())}}}
    indicators:
      X: {{name: 甲项, points: 6, value: {{by: p, 是: a / b, 否: 50%}}, unit: 占比,
        rule: {{by: p, 是: {{kind: proportional, target: 100%}}, 否: {{kind: linear, zero_at: 0%, full_at: 100%}}}}}}
      W: {{name: 丁项, points: 1, value: p, overrides: [{{when: g == '东', gives: 0}}]}}
    """
    sheets: list[dict[str, Any]] = [
        {"a": 3, "b": 6, "p": "是"}, {"a": 3, "b": 0, "p": "否"}, {"a": 3, "b": 0, "p": "是"}, {"a": 6, "b": 6},
    ]  # fmt: skip
    scores = scored(edition(tmp_path, body), *sheets)
    assert results(scores, "X") == [3, 3, (0, 6), (3, 6)]
    assert [(p.code, p.place.subject) for p in scores.problems] == [("P100", "2")]


def test_a_yes_or_no_may_be_replaced(tmp_path):
    body = f"""
    fields: {{{", ".join(GROUPED.splitlines())}}}
    indicators:
      X: {{name: 甲项, value: a > 5, overrides: [{{when: p, gives: 是}}, {{when: g == '东', gives: 否}}]}}
      W: {{name: 丁项, value: b}}
    """
    sheets: list[dict[str, Any]] = [
        {"a": 1, "p": "是", "g": "东"}, {"a": 9, "p": "否", "g": "东"}, {"a": 9, "p": "否", "g": "西"}, {"a": 9, "g": "西"},
        {"a": 1, "g": "西"},
    ]  # fmt: skip
    scores = scored(edition(tmp_path, body), *sheets)
    assert [scores.result_text(OFFICIAL, str(i), "X") for i in range(5)] == ["是", "否", "是", "是", "待定"]


def known(*numbers: Any) -> Num:
    lo = np.empty(len(numbers), object)
    lo[:] = numbers
    return Num(lo, lo)


def test_roots_are_exact_where_they_can_be_and_fifty_digits_else():
    found, wrong = apply("sqrt", known(4, F(9, 16), 2, 0, -1))
    assert [(a, b) for a, b in zip(found.lo, found.hi, strict=True)][:2] == [(2, 2), (F(3, 4), F(3, 4))]
    assert wrong.tolist() == [False] * 4 + [True]
    assert found.lo[2] ** 2 < 2 < found.hi[2] ** 2
    assert found.hi[2] - found.lo[2] <= F(1, 10**DIGITS)
    logs, wrong = apply("ln", known(1, 10, 0))
    assert (logs.lo[0], logs.hi[0]) == (0, 0)
    assert wrong.tolist() == [False, False, True]
    power, _ = apply("exp", Num(logs.lo[1:2], logs.hi[1:2]))
    assert power.lo[0] < 10 < power.hi[0]
    assert power.hi[0] - power.lo[0] < F(1, 10**45)
    far, _ = apply("exp", known(5000, -5000))
    assert (far.hi[0], far.lo[1]) == (INF, 0)


def test_what_is_not_decided_by_fifty_digits_stays_open(tmp_path):
    steps = "{kind: steps, steps: [{at_least: 2, gives: 好}, {otherwise: true, gives: 差}]}"
    body = f"fields: {{{NUMBER}}}\nindicators:\n  X: {{name: 项, value: exp(ln(a)), rule: {steps}}}\n"
    scheme = edition(tmp_path, body)
    scores = scored(scheme, {"a": 4}, {"a": 2}, {"a": "1.999"}, {"a": "2.001"})
    assert [scores.result_text(OFFICIAL, str(i), "X") for i in range(4)] == ["好", "待定（好或差）", "差", "好"]


def test_absolute_values_of_ranges():
    low, high = known(-3, -3, 1).lo, known(-1, 2, 4).lo
    found = absolute(Num(low, high))
    assert list(zip(found.lo, found.hi, strict=True)) == [(1, 3), (0, 3), (1, 4)]


def test_medians_and_percentiles_of_rows(tmp_path):
    body = """
    lists:
      t: {name: 表, rows_from: subject, columns: {v: {name: 数, type: number, unit: 个}}}
    fields: {}
    indicators:
      MED: {name: 中, value: median(t.v), unit: 个}
      P75: {name: 分位, value: "percentile(t.v, 75%)", unit: 个}
      STD: {name: 差, value: std(t.v), unit: 个}
    """
    lists = [{"lists": {"t": [{"v": v} for v in numbers]}} for numbers in ((1, 2, 4, 9), (5,), (2, 4), ())]
    scores = scored(edition(tmp_path, body), *lists)
    assert results(scores, "MED")[:3] == [3, 5, 3]
    assert results(scores, "P75")[:3] == [F(21, 4), 5, F(7, 2)]
    low, high = results(scores, "STD")[2]
    assert low**2 < 2 < high**2
    assert scores.result_text(OFFICIAL, "2", "STD") == "≈1.414213"
    assert [(p.code, p.place.subject, p.what) for p in scores.problems] == [
        ("P100", "3", "“中”没有可算的行"), ("P100", "3", "“分位”没有可算的行"),
        ("P100", "1", "“差”可算的行不够"), ("P100", "3", "“差”可算的行不够"),
    ]  # fmt: skip
