"""Only the best or the worst parts count; and whether something counts at all."""

from __future__ import annotations

import itertools
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from evaltool.facts import OFFICIAL
from evaltool.scheme.sentences import rule_sentence
from evaltool.scoring import Num, Truth, score
from evaltool.scoring.engine import score_layer
from scoring.editions import complaints, edition, facts, results, scored

F = Fraction
INF = float("inf")
COUNT, PARTS = 2, 4
WAYS = [
    (how, word, missing, marked)
    for how, word, missing, marked in itertools.product(
        ("sum", "mean"), ("best", "worst"), ("out", "skip", "zero", "spread"), (True, False)
    )
    if (how, missing) != ("sum", "spread")
]


def name_of(how: str, word: str, missing: str, marked: bool) -> str:
    return f"{how}_{word}_{missing}_{'p' if marked else 'n'}"


def body() -> str:
    fields = [
        f"  f{i}: {{name: 分{i}, type: points, between: [0, 10], blank: {{means: out, question: Q1}}}}"
        for i in range(PARTS)
    ]
    fields += [f"  g{i}: {{name: 数{i}, type: number, unit: 个, between: [-3, 5], blank: {{means: out, question: Q1}}}}"
               for i in range(PARTS)]  # fmt: skip
    made = []
    for way in WAYS:
        how, word, missing, marked = way
        top = name_of(*way)
        points = ", points: 20" if marked else ""
        made.append(f"  {top}: {{name: 合, combine: {how}, {word}: {COUNT}, missing: {missing}{points}}}")
        for i in range(PARTS):
            full = "points: 10, value: f" if marked else "value: g"
            made.append(f"  {top}{i}: {{name: 项{i}, in: {top}, {full}{i}}}")
    return "\n".join(["fields:", *fields, "indicators:", *made])


@pytest.fixture(scope="module")
def scheme(tmp_path_factory):
    return edition(tmp_path_factory.mktemp("picked"), "\n" + body() + "\n")


def together(values: list[Any], how: str, word: str, missing: str, marked: bool) -> Any:
    """The same by itself: None where it is out."""
    if missing == "out" and None in values:
        return None
    inside = [F(0) if x is None else F(x) for x in values if x is not None or missing == "zero"]
    if not inside:
        return None
    counted = sorted(inside, reverse=word == "best")[:COUNT]
    total = sum(counted)
    return total if how == "sum" else total / len(counted) * (2 if marked else 1)


def test_every_way_of_picking_comes_out_and_ranges_are_neither_narrow_nor_wide(scheme):
    rng = Random(11)
    sheets, opened = [], []
    for _ in range(150):
        sheet: dict[str, Any] = {}
        for i in range(PARTS):
            sheet[f"f{i}"] = rng.choice((0, 3, 3, 7, 10, None, "读不出"))
            sheet[f"g{i}"] = rng.choice((-3, -1, 0, 2, 5, None, "读不出"))
        sheets.append(sheet)
        opened.append(sum(cell == "读不出" for cell in sheet.values()))
    scores = scored(scheme, *sheets)
    assert min(opened) == 0
    assert max(opened) >= 4
    for way in WAYS:
        key, letter, options = name_of(*way), "f" if way[3] else "g", (0, 10, None) if way[3] else (-3, 0, 5, None)
        column, out = scores.column(OFFICIAL, key), scores.out(OFFICIAL, key)
        assert isinstance(column, Num)
        gone = Truth(np.zeros(len(sheets), bool), np.zeros(len(sheets), bool)) if out is None else out
        for row, sheet in enumerate(sheets):
            cells = [sheet[f"{letter}{i}"] for i in range(PARTS)]
            completions = itertools.product(*(options if cell == "读不出" else (cell,) for cell in cells))
            all_ = [together(list(values), *way) for values in completions]
            there = [x for x in all_ if x is not None]
            assert (gone.lo[row], gone.hi[row]) == (not there, None in all_), (key, cells)
            if there:
                assert (column.lo[row], column.hi[row]) == (min(there), max(there)), (key, cells)


def test_all_arithmetics_agree(scheme):
    rng = Random(12)
    sheets = [
        {f"{letter}{i}": rng.choice((0, 1, 5, None, "读不出")) for letter in "fg" for i in range(PARTS)}
        for _ in range(60)
    ]
    layer = facts(scheme, *sheets).layers[OFFICIAL]
    fast, slow, floats = (score_layer(scheme, layer, **how) for how in ({}, {"fast": False}, {"exact": False}))
    for way in WAYS:
        one, two, three = (outcome.results[name_of(*way)] for outcome in (fast, slow, floats))
        assert list(one.lo) == list(two.lo)
        assert list(one.hi) == list(two.hi)
        np.testing.assert_allclose(three.lo, np.array([float(x) for x in one.lo]))
        np.testing.assert_allclose(three.hi, np.array([float(x) for x in one.hi]))


ROWS = """
fields:
  x: {name: 别项, type: points, between: [0, 10]}
lists:
  t:
    name: 作品
    rows_from: subject
    columns:
      v: {name: 分, type: points, between: [0, 10], blank: {means: out, question: Q1}}
      w: {name: 值, type: number, unit: 个, blank: {means: out, question: Q1}}
indicators:
  TOP: {name: 最好三件, points: 30, combine: sum, best: 3, missing: skip}
  one: {name: 一件, per: t, in: TOP, points: 10, value: v}
  other: {name: 别项, in: TOP, points: 10, value: x}
  LOW: {name: 最差两件, combine: mean, worst: 2, missing: skip, need: 1}
  each: {name: 值, per: t, in: LOW, value: w}
"""


def test_rows_are_picked_with_plain_parts(tmp_path):
    scheme = edition(tmp_path, ROWS)

    def rows(*values: Any) -> dict[str, Any]:
        return {"t": [{"v": v, "w": v} for v in values]}

    scores = scored(
        scheme, {"x": 4, "lists": rows(9, 2, 7, 4)}, {"x": 4, "lists": rows()}, {"x": 4, "lists": {"t": "读不出"}},
        {"x": 9, "lists": rows(3, "读不出", None)}, {"x": "读不出", "lists": rows(8, 8, 8, 8)},
    )  # fmt: skip
    assert results(scores, "TOP") == [20, 4, (0, 30), (12, 22), (24, 26)]
    assert results(scores, "LOW")[0] == 3
    assert results(scores, "LOW")[2:] == [(-INF, INF), (-INF, INF), 8]
    assert scores.result_text(OFFICIAL, "1", "LOW") == "不计"
    trace = scores.explain("0", "TOP")
    assert trace.sentence == "取最高的 3 项相加，不计的项跳过。"
    assert "中最高的 3 项合计 20" in trace.arithmetic
    assert rule_sentence(scheme, "LOW") == "取最低的 2 项平均，不计的项跳过，至少要有 1 项。"


ADVICE = """
fields:
  a: {name: 甲, type: points, between: [0, 10]}
  b: {name: 乙, type: points, between: [0, 10]}
  c: {name: 丙, type: points, between: [0, 10]}
indicators:
  T: {name: 合, points: 20, combine: sum, best: 2}
  A: {name: 甲项, in: T, points: 10, value: a}
  B: {name: 乙项, in: T, points: 10, value: b}
  C: {name: 丙项, in: T, points: 10, value: c}
"""


def test_the_next_step_names_what_would_count(tmp_path):
    """Full marks in the part that is named, the others as they are, add what was said."""
    scheme = edition(tmp_path, ADVICE)
    scores = scored(scheme, {"a": 9, "b": 6, "c": 1})
    assert scores.explain("0", "T").next_step == "失分最多的是乙项（4 分）、丙项（4 分）、甲项（1 分）"
    for key, gain in (("a", 1), ("b", 4), ("c", 4)):
        assert results(scored(scheme, {"a": 9, "b": 6, "c": 1, key: 10}), "T") == [15 + gain]


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("best: 2", "best: 0", "S105", "要写个数"),
        ("best: 2", "best: 1.5", "S105", "要写个数"),
        ("best: 2", "best: 2, worst: 1", "S105", "只写一个"),
        ("combine: sum, best: 2", "combine: max, best: 2", "S105", "只用于"),
        ("best: 2", "best: 4", "S209", "下级只有 3 项"),
        ("points: 20", "points: 30", "S204", "计入的 2 项合计 20"),
        ("in: T, points: 10, value: c", "in: T, points: 5, value: c", "S209", "满分要相同"),
        ("in: T, points: 10, value: c", "in: T, value: c", "S209", "满分要相同"),
        ("best: 2", "best: 2, missing: spread", "S209", "不能摊给其余"),
        ("combine: sum, best: 2}", "combine: mean, best: 2}", "", ""),
    ],
)
def test_what_cannot_be_picked_is_refused(tmp_path, old, new, code, says):
    assert ADVICE.count(old) == 1
    found = complaints(tmp_path, ADVICE.replace(old, new))
    assert [problem.code for problem in found if problem.level == "stop"] == ([code] if code else [])
    assert not code or says in found[0].what
    assert not code or found[0].rule is not None


def test_weights_are_refused_where_only_some_parts_count(tmp_path):
    weighed = ADVICE.replace("combine: sum", "combine: mean")
    for part, weight in (("a", 50), ("b", 30), ("c", 20)):
        weighed = weighed.replace(f"value: {part}}}", f"value: {part}, weight: {weight}%}}")
    found = complaints(tmp_path, weighed)
    assert [(problem.code, "权重" in problem.what) for problem in found if problem.level == "stop"] == [("S209", True)]


COUNTED = """
fields:
  a: {name: 甲, type: number, unit: 个, between: [0, 5], blank: {means: out, question: Q1}}
  b: {name: 乙, type: number, unit: 个}
lists:
  t:
    name: 表
    rows_from: subject
    columns: {v: {name: 数, type: number, unit: 个, blank: {means: out, question: Q1}}}
indicators:
  OUT: {name: 剔, value: b, unit: 个, overrides: [{when: b > 3, gives: out}]}
  IN: {name: 计入, points: 2, value: counted(a)}
  BOTH: {name: 都计入, value: counted(a) and counted(OUT)}
  N: {name: 行数, value: count(counted(t.v)), unit: 个}
  X: {name: 代用, value: "a", unit: 个, overrides: [{when: not counted(a), gives: "= b"}]}
  S: {name: 合, combine: count}
  S1: {name: 一, in: S, value: counted(a)}
events:
  E: {name: 缺, when: not counted(a)}
"""


def test_counted_is_known_where_the_value_is_not(tmp_path):
    scheme = edition(tmp_path, COUNTED)
    scores = scored(
        scheme, {"a": 1, "b": 2, "lists": {"t": [{"v": 1}, {"v": None}]}}, {"a": None, "b": 4, "lists": {"t": []}},
        {"a": "读不出", "b": 3, "lists": {"t": [{"v": "读不出"}, {"v": 2}]}}, {"a": 5, "b": "读不出", "lists": {"t": "读不出"}},
    )  # fmt: skip
    shown = {
        key: [scores.result_text(OFFICIAL, str(i), key) for i in range(4)] for key in ("IN", "BOTH", "N", "X", "S")
    }
    assert shown == {
        "IN": ["2", "0", "0 ～ 2", "2"], "BOTH": ["是", "否", "待定", "待定"], "N": ["1", "0", "1 ～ 2", "≥ 0"],
        "X": ["1", "4", "0 ～ 5，或不计", "5"], "S": ["1", "0", "0 ～ 1", "1"],
    }  # fmt: skip
    assert rule_sentence(scheme, "IN") == "看甲计入；是得满分，否不得分。"
    assert "甲不计的，得" in rule_sentence(scheme, "X")
    pending = scored(scheme, {"a": 3, "b": "待认定"})
    assert pending.result_text(OFFICIAL, "0", "IN") == "2"


@pytest.mark.parametrize("wrong", ["counted(a + b)", "counted(a, b)", "counted(t)", "counted(zz)", "counted(3)"])
def test_counted_takes_one_name(tmp_path, wrong):
    found = complaints(tmp_path, COUNTED.replace("points: 2, value: counted(a)", f'points: 2, value: "{wrong}"'))
    assert found[0].code in ("S107", "S200", "S214")
    assert found[0].rule is not None


def test_scoring_number_by_number_gives_the_same(tmp_path):
    sheets = [
        {"a": 1, "b": 2, "lists": {"t": [{"v": 1}]}},
        {"a": "读不出", "b": "读不出", "lists": {"t": [{"v": None}]}},
    ]
    round_ = facts(edition(tmp_path, COUNTED), *sheets)
    fast, slow = score(round_), score(round_, fast=False)
    for key in ("IN", "N", "X"):
        assert results(fast, key) == results(slow, key)
