"""不计: what does not count is no zero. Where it comes from, where it goes, and what a parent makes of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from evaltool.facts import OFFICIAL
from evaltool.scoring import score
from scoring.editions import edition, facts, scored

F = Fraction
YES, NO, OPEN = "是", "否", "读不出"

FIELDS = """
fields:
  a: {name: 甲, type: points, between: [0, 10], blank: {means: out, question: Q1}}
  b: {name: 乙, type: points, between: [0, 10]}
  c: {name: 丙, type: points, between: [0, 10]}
  p: {name: 是一, type: yesno, blank: {means: out, question: Q1}}
  q: {name: 是二, type: yesno}
  na: {name: 不适用, type: yesno}
  g: {name: 类, type: choice, options: [东, 西]}
lists:
  t:
    name: 表
    rows_from: subject
    columns:
      v: {name: 数, type: count, unit: 个, blank: {means: out, question: Q1}}
      w: {name: 权, type: money, unit: 万元}
      m: {name: 分值, type: points}
      k: {name: 成, type: yesno}
      h: {name: 块, type: choice, options: [上, 下]}
"""
USE = """
  U: {name: 用, rule: {kind: checklist, items: {p: 1, q: 1, na: 1}}}
  USE: {name: 用, value: "a + b + c + sum(t.m)", overrides: [{when: g == '东' or count(t.k) > 1 or count(t.h == '上') > 1,
    gives: 0}]}
  USED: {name: 用, value: sum(t.v) + 0}
  MONEY: {name: 用, value: sum(t.w)}
"""


def told(tmp_path: Any, body: str, key: str, *sheets: dict[str, Any], events: str = "") -> list[str]:
    scores = scored(edition(tmp_path, FIELDS + "indicators:\n" + body + USE + events), *sheets)
    return [scores.result_text(OFFICIAL, str(i), key) for i in range(len(sheets))]


def test_a_blank_that_means_out_and_what_uses_it(tmp_path):
    body = "  X: {name: 项, value: a + b}\n  Y: {name: 项, value: X * 2}\n"
    sheets: list[dict[str, Any]] = [{"a": 1, "b": 2}, {"b": 2}, {"a": OPEN, "b": 2}, {"a": OPEN}]
    assert told(tmp_path, body, "Y", *sheets) == ["6", "不计", "4 ～ 24，或不计", "0 ～ 40，或不计"]


def test_overrides_take_out_and_bring_back_in(tmp_path):
    body = """
  X: {name: 项, value: a, overrides: [{when: q, gives: 3}, {when: na, gives: out}]}
"""
    sheets: list[dict[str, Any]] = [
        {"q": NO, "na": NO, "a": 1}, {"q": NO, "na": YES, "a": 1}, {"q": YES, "na": YES, "a": 1}, {"q": YES, "na": NO},
        {"q": NO, "na": OPEN, "a": 1}, {"q": OPEN, "na": NO}, {"q": OPEN, "na": YES, "a": 1},
    ]  # fmt: skip
    assert told(tmp_path, body, "X", *sheets) == [
        "1", "不计", "3", "3", "1，或不计", "0 ～ 3，或不计", "1 ～ 3，或不计",
    ]  # fmt: skip


def test_a_limit_leaves_out_what_is_out(tmp_path):
    body = "  X: {name: 项, value: a, overrides: [{when: q, at_most: 3}, {when: na, gives: out}]}\n"
    sheets: list[dict[str, Any]] = [{"q": YES, "na": NO}, {"q": YES, "na": YES, "a": 5}]
    assert told(tmp_path, body, "X", *sheets) == ["不计", "3"]  # the first that holds wins


def test_comparisons_with_what_is_out_do_not_hold(tmp_path):
    body = """
  X: {name: 项, value: b, overrides: [{when: a >= 0 or p, gives: 9}, {when: not (a >= 0), gives: 8}]}
  G: {name: 等, value: a, rule: {kind: steps, steps: [{at_least: 5, gives: 好}, {otherwise: true, gives: 差}]}}
"""
    events = "events:\n  E: {name: 事, when: G != '好'}\n  P: {name: 是, when: X == 9}\n"
    sheets: list[dict[str, Any]] = [{"a": 3, "p": NO}, {"b": 1, "p": YES}, {"b": 1}]
    assert told(tmp_path, body, "X", *sheets) == ["9", "9", "8"]
    assert told(tmp_path / "e", body, "E", *sheets, events=events) == ["是", "否", "否"]
    assert told(tmp_path / "g", body, "G", *sheets) == ["差", "不计", "不计"]


def test_only_the_chosen_branch_counts(tmp_path):
    body = """
  X: {name: 项, value: {by: g, 东: a, 西: b}}
  Y: {name: 项, points: 10, rule: {by: g, 东: {kind: proportional, value: a, target: 10}, 西: {kind: delegated, note: 无}}}
"""
    sheets: list[dict[str, Any]] = [{"g": "东", "b": 2}, {"g": "西", "b": 2}, {"g": OPEN, "b": 2}]
    assert told(tmp_path, body, "X", *sheets) == ["不计", "2", "2，或不计"]
    assert told(tmp_path / "y", body, "Y", *sheets) == ["不计", "0 ～ 10", "0 ～ 10，或不计"]


PARTS = """
  X: {{name: 合, combine: {how}, missing: {missing}{more}}}
  A: {{name: 一, in: X, points: 10, {wa}value: a, rule: {{kind: proportional, target: 10}}}}
  B: {{name: 二, in: X, points: 20, {wb}value: b, rule: {{kind: proportional, target: 10}}}}
  C: {{name: 三, in: X, points: 30, {wc}value: c, rule: {{kind: proportional, target: 10}},
    overrides: [{{when: na, gives: out}}]}}
"""
ALL = {"a": 5, "b": 10, "c": 0, "na": NO}
NO_A = {"b": 10, "c": 0, "na": NO}
ONLY_B = {"b": 10, "c": 0, "na": YES}
MAYBE = {"a": 5, "b": 10, "c": 0, "na": OPEN}


@pytest.mark.parametrize(
    ("how", "missing", "more", "expected"),
    [
        ("sum", "out", "", ["25", "不计", "不计", "25，或不计"]),
        ("sum", "skip", "", ["25", "20", "20", "25"]),
        ("sum", "zero", "", ["25", "20", "20", "25"]),
        ("sum", "spread", "", ["25", "24", "60", "25 ～ 50"]),
        ("sum", "skip", ", need: 2", ["25", "20", "不计", "25"]),
        ("mean", "skip", "", ["0.5", "0.5", "1", "0.5 ～ 0.75"]),
        ("mean", "zero", "", ["0.5", "≈0.333333", "≈0.333333", "0.5"]),
        ("mean", "skip", ", points: 6", ["3", "3", "6", "3 ～ 4.5"]),
        ("max", "skip", "", ["20", "20", "20", "20"]),
        ("min", "skip", "", ["0", "0", "20", "0 ～ 5"]),
        ("min", "zero", "", ["0", "0", "0", "0"]),
    ],
)
def test_a_parent_says_what_becomes_of_a_missing_part(tmp_path, how, missing, more, expected):
    body = PARTS.format(how=how, missing=missing, more=more, wa="", wb="", wc="")
    assert told(tmp_path, body, "X", ALL, NO_A, ONLY_B, MAYBE) == expected


def test_weights_of_a_mean(tmp_path):
    body = PARTS.format(how="mean", missing="skip", more="", wa="weight: 20%, ", wb="weight: 30%, ", wc="weight: 50%, ")
    assert told(tmp_path, body, "X", ALL, NO_A, ONLY_B, MAYBE) == ["0.4", "0.375", "1", "0.4 ～ 0.8"]


def test_what_is_all_out_is_out(tmp_path):
    body = PARTS.format(how="sum", missing="skip", more="", wa="", wb="", wc="").replace("value: b", "value: a")
    assert told(tmp_path, body, "X", ONLY_B, {"na": OPEN, "c": 5}) == ["不计", "0 ～ 15，或不计"]


YESNO = """
  X: {{name: 合, combine: {how}, missing: {missing}}}
  A: {{name: 一, in: X, value: p}}
  B: {{name: 二, in: X, value: q}}
"""


@pytest.mark.parametrize(
    ("how", "missing", "expected"),
    [
        ("count", "skip", ["2", "1", "0", "1 ～ 2"]),
        ("all", "skip", ["是", "是", "否", "待定"]),
        ("all", "zero", ["是", "否", "否", "待定"]),
        ("any", "skip", ["是", "是", "否", "是"]),
        ("any", "out", ["是", "不计", "不计", "是，或不计"]),
    ],
)
def test_yes_and_no_of_missing_parts(tmp_path, how, missing, expected):
    sheets: list[dict[str, Any]] = [{"p": YES, "q": YES}, {"q": YES}, {"q": NO}, {"p": OPEN, "q": YES}]
    assert told(tmp_path, YESNO.format(how=how, missing=missing), "X", *sheets) == expected


def rows(*values: Any) -> dict[str, Any]:
    return {"lists": {"t": [dict(zip("vwmkh", row, strict=True)) for row in values]}}


def test_rows_that_are_out_are_left_out(tmp_path):
    body = """
  S: {name: 和, value: sum(t.v)}
  N: {name: 数, value: count(t.v >= 0) + count(t)}
  M: {name: 均, value: mean(t.v)}
"""
    sheets = [rows((3, 1, 5, YES, "上"), (None, 1, 5, YES, "上"), (5, 1, 5, YES, "上"))]
    assert [told(tmp_path / key, body, key, *sheets) for key in "SNM"] == [["8"], ["5"], ["4"]]


LIST = """
  X: {{name: 合, points: 60, combine: {how}, missing: {missing}}}
  r: {{name: 行, per: t, in: X, points: m, {weight}value: v, unit: 个, rule: {{kind: proportional, target: 10}}}}
"""


@pytest.mark.parametrize(
    ("how", "missing", "weight", "expected"),
    [
        ("sum", "skip", "", ["15", "60", "0 ～ 60，或不计", "0"]),
        ("sum", "spread", "", ["30", "60", "0 ～ 60，或不计", "0"]),
        ("mean", "skip", "", ["45", "60", "0 ～ 60，或不计", "0 ～ 60"]),
        ("mean", "skip", "weight: w, ", ["40", "60", "0 ～ 60，或不计", "0 ～ 60"]),
        ("sum", "zero", "", ["15", "60", "0 ～ 60", "0"]),
    ],
)
def test_a_parent_of_rows(tmp_path, how, missing, weight, expected):
    sheets = [
        rows((10, 1, 10, YES, "上"), (5, 2, 10, YES, "上"), (None, 9, 20, YES, "上")),
        rows((10, 1, 60, YES, "上")),
        {"lists": {"t": OPEN}},
        rows(),
    ]
    if how == "sum" and missing == "spread":
        sheets[0] = rows((10, 1, 10, YES, "上"), (5, 2, 10, YES, "上"), (None, 9, 20, YES, "上"))
    found = told(tmp_path, LIST.format(how=how, missing=missing, weight=weight), "X", *sheets)
    assert found[:3] == expected[:3]
    assert found[3] == expected[3] or (how == "mean" and found[3] == "待定")


def test_a_total_that_is_out_is_no_number(tmp_path):
    body = """
  TOTAL: {name: 总, points: 10, value: a}
  GRADE: {name: 等, value: TOTAL, rule: {kind: steps, steps: [{at_least: 5, gives: 好}, {otherwise: true, gives: 差}]}}
"""
    from scoring.editions import HEAD

    head = HEAD.replace("results: {}", "results: {total: TOTAL, grade: GRADE}")
    scheme = edition(tmp_path, FIELDS + "indicators:\n" + body + USE, head=head)
    scores = score(facts(scheme, {"a": 6}, {}, {"a": OPEN}))
    assert [scores.total(OFFICIAL, who) for who in "012"] == [(6, 6), None, (0, 10)]
    assert [scores.total_text(OFFICIAL, who) for who in "012"] == ["6", "不计", "0 ～ 10，或不计"]
    assert [scores.grade_text(OFFICIAL, who) for who in "012"] == ["好", "不计", "待定（好或差或不计）"]
    assert [scores.possible_grades(OFFICIAL, who) for who in "012"] == [("好",), (), ("好", "差")]
    assert [*scores.points(OFFICIAL)[0]["TOTAL"]] == [6, None, 0]
    assert scores.waits("2") == ["甲"]
    assert scores.table()["认定"].tolist() == ["6", "不计", "0 ～ 10，或不计"]


def test_who_is_out_leaves_the_cohort(tmp_path):
    body = """
  X: {name: 名, value: b, rule: {kind: rank, order: high_first, ties: min, gives: place},
    overrides: [{when: na, gives: out}]}
  AVG: {name: 均, across: all, value: mean(a)}
"""
    sheets: list[dict[str, Any]] = [
        {"b": 9, "na": YES, "a": 1}, {"b": 8, "na": NO, "a": 3}, {"b": 7, "na": OPEN}, {"b": 6, "na": NO, "a": 8},
    ]  # fmt: skip
    assert told(tmp_path, body, "X", *sheets) == ["不计", "1", "2，或不计", "2 ～ 3"]
    assert told(tmp_path / "a", body, "AVG", *sheets) == ["4"] * 4
