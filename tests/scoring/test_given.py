"""What steps and exceptions give: numbers (fractions too), labels, `full` and `out`; and what does not load."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from evaltool.facts import OFFICIAL
from evaltool.scheme.sentences import rule_sentence
from scoring.editions import complaints, edition, scored

F = Fraction

FIELDS = """
fields:
  a: {name: 甲, type: points, between: [0, 10]}
  b: {name: 乙, type: points}
  q: {name: 是否, type: yesno}
  g: {name: 类, type: choice, options: [东, 西]}
indicators:
"""
USE = "  USE: {name: 用, value: a + b, overrides: [{when: q, gives: 0}, {when: g == '东', gives: 1}]}\n"


def told(tmp_path: Any, body: str, key: str, *sheets: dict[str, Any]) -> list[str]:
    scores = scored(edition(tmp_path, FIELDS + body + USE), *sheets)
    assert not [problem for problem in scores.problems if problem.code.startswith("P1")]
    return [scores.result_text(OFFICIAL, str(i), key) for i in range(len(sheets))]


def test_an_exception_may_give_a_label_that_nothing_else_gives(tmp_path):
    body = """
  L: {name: 等, value: a, rule: {kind: steps, steps: [{at_least: 5, gives: 好}, {otherwise: true, gives: 差}]}}
  M: {name: 定等, value: L, overrides: [{when: q, gives: 未定}]}
  N: {name: 定类, value: g, overrides: [{when: q, gives: 北}]}
  P: {name: 分, value: {by: M, 好: 3, 差: 1, 未定: 0}}
  Q: {name: 分, value: {by: N, 东: 3, 西: 1, 北: 0}}
"""
    sheets: list[dict[str, Any]] = [
        {"a": 6, "q": "否", "g": "东"}, {"a": 6, "q": "是", "g": "西"}, {"a": 6, "q": "读不出", "g": "西"},
    ]  # fmt: skip
    assert told(tmp_path, body, "M", *sheets) == ["好", "未定", "待定（好或未定）"]
    assert told(tmp_path / "n", body, "N", *sheets) == ["东", "北", "待定（西或北）"]
    assert told(tmp_path / "p", body, "P", *sheets) == ["3", "0", "0 ～ 3"]
    assert told(tmp_path / "q", body, "Q", *sheets) == ["3", "0", "0 ～ 1"]


OUT = """
  X: {name: 项, points: 6, value: a, rule: {kind: steps, steps: [{at_least: 8, gives: full}, {at_least: 3, gives: 1/3},
    {at_least: 1, gives: 0}, {otherwise: true, gives: out}]}}
  Y: {name: 加一, value: X + 1}
  Z: {name: 等, value: a, rule: {kind: steps, steps: [{at_least: 8, gives: 好}, {at_least: 3, gives: out},
    {otherwise: true, gives: 差}]}}
  B: {name: 分支, points: 6, rule: {by: g, 东: {kind: steps, value: a, steps: [{at_least: 5, gives: full},
    {otherwise: true, gives: out}]}, 西: {kind: proportional, value: a, target: 10}}}
  T: {name: 合, combine: sum, missing: skip}
  T1: {name: 一, in: T, value: X}
  T2: {name: 二, in: T, value: b}
"""
SHEETS: list[dict[str, Any]] = [
    {"a": 8, "b": 1, "g": "东"}, {"a": 3, "b": 1, "g": "东"}, {"a": 0, "b": 1, "g": "西"},
    {"a": "读不出", "b": 1, "g": "读不出"}, {"a": 0, "b": 1, "g": "读不出"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("X", ["6", "≈0.333333", "不计", "0 ～ 6，或不计", "不计"]),
        ("Y", ["7", "≈1.333333", "不计", "1 ～ 7，或不计", "不计"]),
        ("Z", ["好", "不计", "差", "待定（好或差或不计）", "差"]),
        ("B", ["6", "不计", "0", "0 ～ 6，或不计", "0，或不计"]),
        ("T", ["7", "≈1.333333", "1", "1 ～ 7", "1"]),
    ],
)
def test_steps_give_full_marks_fractions_and_nothing(tmp_path, key, expected):
    assert told(tmp_path, OUT, key, *SHEETS) == expected


def test_a_third_is_exact_wherever_points_stand(tmp_path):
    body = """
  X: {name: 项, points: 1, value: a,
    rule: {kind: steps, steps: [{at_least: 8, gives: 2/2}, {otherwise: true, gives: 1/3}]},
    overrides: [{when: q, gives: 2/3}]}
  L: {name: 级, points: 1, value: g, rule: {kind: levels, levels: {东: 1, 西: 1/3}}}
  C: {name: 表, points: 1, rule: {kind: checklist, items: {q: 2/3, r: 1/3}}}
  r: {name: 另一, value: a >= 5}
"""
    scheme = edition(tmp_path, FIELDS + body + USE)
    scores = scored(
        scheme, {"a": 0, "q": "否", "g": "西"}, {"a": 9, "q": "是", "g": "东"}, {"a": 9, "q": "否", "g": "东"}
    )
    exact = {key: [*scores.column(OFFICIAL, key).lo] for key in ("X", "L", "C")}
    assert exact == {"X": [F(1, 3), F(2, 3), 1], "L": [F(1, 3), 1, 1], "C": [0, 1, F(1, 3)]}
    assert rule_sentence(scheme, "X") == "看甲；不低于 8 分得 2/2 分，其余得 1/3 分；是否的，得 2/3 分。"


def test_how_full_and_out_read(tmp_path):
    scheme = edition(tmp_path, FIELDS + OUT + USE)
    assert rule_sentence(scheme, "X") == "看甲；不低于 8 分得满分，不低于 3 分得 1/3 分，不低于 1 分得 0 分，其余不计。"
    scores = scored(scheme, {"a": 0, "b": 1, "g": "西"}, {"a": 1, "b": 1, "g": "西"})
    assert scores.explain("0", "X").next_step == ""
    assert scores.explain("1", "X").next_step.startswith("甲达到 3 分，可得 ≈0.333333 分（现在 1 分，差 2 分）")


STEPS = "value: a, rule: {kind: steps, steps: [{at_least: 8, gives: %s}, {otherwise: true, gives: %s}]}"


@pytest.mark.parametrize(
    ("code", "written", "said"),
    [
        ("S105", STEPS % (5, "未评"), "又给数"),
        ("S105", STEPS % ("好", "'= a + 1'"), "又给数"),
        ("S105", STEPS % ("好", "差") + ", overrides: [{when: q, gives: 5}]", "又给数"),
        ("S105", STEPS % ("好", "差") + ", overrides: [{when: q, gives: '= a'}]", "又给数"),
        ("S209", STEPS % ("好", "差") + ", overrides: [{when: q, gives: full}]", "满分"),
        ("S209", STEPS % ("full", 0), "满分"),
        ("S209", STEPS % ("out", "out"), "每一档都是不计"),
        ("S209", "points: 5, " + STEPS % ("out", "out"), "每一档都是不计"),
        ("S105", STEPS % ("+.5", 0), "0.5"),
        ("S105", STEPS % (".5", 0), "0.5"),
        ("S105", STEPS % ("'1,000'", 0), "0.5"),
        ("S105", STEPS % ("1/0", 0), "1/3"),
        ("S105", STEPS % ("1/3/3", 0), "1/3"),
        ("S105", "points: 5, " + STEPS % ("50%", 0), "要给分数"),
        ("S204", "points: 5, " + STEPS % (5, "-1/3"), "不在 0 与满分"),
        ("S204", "points: 5, " + STEPS % (5, 0) + ", overrides: [{when: q, gives: 16/3}]", "超过满分"),
        ("S105", "points: {by: g, 东: 3, 西: 5}, value: q", "列的名称"),
        ("S105", "points: [1, 2], value: q", "列的名称"),
        ("S105", "points: 2O, value: q", "列的名称"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_does_not_load(tmp_path, code, written, said):
    found = complaints(tmp_path, f"{FIELDS}  X: {{name: 项, {written}}}\n{USE}")
    assert [problem.code for problem in found if problem.code != "S203"] == [code], [str(problem) for problem in found]
    assert said in found[0].what + found[0].do
    assert found[0].rule is not None
    assert found[0].rule.line > 1
