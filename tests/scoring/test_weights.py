"""Weights of the parts of a mean that are different for every kind of subject."""

from __future__ import annotations

from typing import Any

import pytest

from evaltool.facts import OFFICIAL
from evaltool.scheme.sentences import rule_sentence
from scoring.editions import complaints, edition, scored

BODY = """
fields:
  a: {{name: 甲, type: points, between: [0, 10]}}
  b: {{name: 乙, type: points, between: [0, 10], blank: {{means: out, question: Q1}}}}
  g: {{name: 类, type: choice, options: [东, 西]}}
  poor: {{name: 困难, type: yesno}}
indicators:
  X: {{name: 合, points: 100, combine: mean, missing: skip}}
  A: {{name: 一, in: X, points: 10, value: a, weight: {one}}}
  B: {{name: 二, in: X, points: 10, value: b, weight: {two}}}
  U: {{name: 用, value: poor, overrides: [{{when: g == '东', gives: 是}}]}}
"""
ONE, TWO = "{by: g, 东: 60%, 西: 25%}", "{by: g, 东: 40%, 西: 75%}"


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (ONE, TWO, ["60", "25", "0 ～ 100", "100"]),
        ("{by: g, 东: 3, 西: 1}", "{by: g, 东: 2, 西: 3}", ["60", "25", "0 ～ 100", "100"]),
        ("{by: g, 东: 3, 西: 1}", "1", ["75", "50", "0 ～ 100", "100"]),
    ],
)
def test_each_kind_has_its_weights(tmp_path, one, two, expected):
    sheets: list[dict[str, Any]] = [
        {"a": 10, "b": 0, "g": "东"}, {"a": 10, "b": 0, "g": "西"}, {"a": 10, "b": 0, "g": "读不出"}, {"a": 10, "g": "西"},
    ]  # fmt: skip
    scores = scored(edition(tmp_path, BODY.format(one=one, two=two)), *sheets)
    assert [scores.result_text(OFFICIAL, str(i), "X") for i in range(4)] == expected
    if one == ONE:
        assert scores.explain("0", "X").next_step == "失分最多的是二（40 分）"


def test_how_weights_by_kind_read(tmp_path):
    said = rule_sentence(edition(tmp_path, BODY.format(one=ONE, two=TWO)), "X")
    assert said == "加权平均（权重：一 按类（东 60%，西 25%），二 按类（东 40%，西 75%）），不计的项跳过。"


@pytest.mark.parametrize(
    ("code", "one", "two", "said"),
    [
        ("S204", ONE, "40%", "“西”时）合计 65%"),
        ("S204", ONE, "{by: poor, 是: 40%, 否: 40%}", "合计"),
        ("S209", ONE, "{by: g, 东: 2, 西: 3}", "同一种"),
        ("S209", "{by: g, 东: 0, 西: 1}", "{by: g, 东: 0, 西: 1}", "“东”时）合计要大于零"),
        ("S207", "{by: g, 东: 60%}", "40%", "一一对应"),
        ("S105", "{by: g, 东: a, 西: 1}", "1", "各类写"),
        ("S105", "{东: 1, 西: 1}", "1", "by"),
        ("S200", "[1, 2]", "1", "数字列"),
    ],
)
def test_weights_by_kind_that_do_not_add_up(tmp_path, code, one, two, said):
    found = complaints(tmp_path, BODY.format(one=one, two=two))
    assert {problem.code for problem in found if problem.code != "S203"} == {code}, [str(one) for one in found]
    assert said in found[0].what + found[0].do
