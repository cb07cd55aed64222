"""Indicators that look at the whole round, at the last one, at groups of rows, and at figures that wait for a word."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from evaltool.facts import OFFICIAL, SELF, Facts
from evaltool.intake import from_values
from evaltool.scoring import Num, score
from evaltool.scoring.engine import score_layer
from scoring.editions import edition, facts, results, scored

F = Fraction

COHORT = """
fields:
  a: {name: 数, type: count, unit: 个, between: [0, 9]}
  x: {name: 差额, type: number, unit: 天, between: [-5, 5]}
  g: {name: 类, type: choice, options: [东, 西]}
  na: {name: 不适用, type: yesno}
indicators:
  AVG: {name: 均, across: all, value: mean(x), unit: 天}
  SD: {name: 标准差, across: all, value: std(a), unit: 个}
  TOP: {name: 组高, across: g, value: max(a) - min(a), unit: 个}
  CUT: {name: 线, across: all, value: "percentile(a, 75%)", unit: 个}
  N: {name: 人数, across: g, value: count(a >= 3) + sum(a), unit: 个}
  Z: {name: 标准分, value: (a - CUT) / SD, overrides: [{when: SD == 0, gives: 0}]}
  PLACE: {name: 名次, value: x, unit: 天, rule: {kind: rank, order: high_first, ties: mean, gives: place, within: g},
    overrides: [{when: na, gives: out}]}
  SHARE: {name: 名次占比, value: a, unit: 个, rule: {kind: rank, order: low_first, ties: dense, gives: share}}
  BEST: {name: 占最好, value: a, unit: 个, rule: {kind: relative, to: best, times: 100}}
  LEAST: {name: 最省, value: a, unit: 个, rule: {kind: relative, to: best, better: lower, within: g}}
  PART: {name: 占合计, value: a, unit: 个, rule: {kind: relative, to: sum}}
  OFMEAN: {name: 比均, value: x, unit: 天, rule: {kind: relative, to: mean, times: a}}
  PTS: {name: 得分, points: 10, value: SHARE, unit: 占比, rule: {kind: linear, zero_at: 100%, full_at: 0%}}
"""


def person(rng: Random) -> dict[str, Any]:
    return {
        "a": rng.choice((0, 1, 3, 3, 5, 9)), "x": rng.choice((-5, -1, 0, 2, 2, 5)), "g": rng.choice("东东西"),
        "na": rng.random() < 0.2,
    }  # fmt: skip


def test_results_of_a_cohort_span_every_completion_of_anybody(tmp_path):
    rng, scheme = Random(5), edition(tmp_path, COHORT)
    compared = 0
    for _ in range(60):
        full = [person(rng) for _ in range(rng.randrange(1, 6))]
        cells = [(i, key) for i, one in enumerate(full) for key in one if rng.random() < 0.2]
        rounds = [[dict(one) for one in full] for _ in range(7)]
        for i, key in cells:
            rounds[0][i][key] = "读不出"
            for other in rounds[2:]:
                other[i][key] = person(rng)[key]
        outcomes = [score_layer(scheme, facts(scheme, *sheets).layers[OFFICIAL]) for sheets in rounds]
        bare = outcomes[0]
        for key, column in bare.results.items():
            assert isinstance(column, Num)
            for done in outcomes[1:]:
                wrong = np.zeros(len(full), bool)
                for fault in done.faults:
                    if fault.indicator in (key, "SD", "CUT") or (key == "PTS" and fault.indicator == "SHARE"):
                        wrong |= fault.mask
                then, out = done.results[key], done.outs.get(key)
                assert isinstance(then, Num)
                for row in np.flatnonzero(~wrong):
                    if out is not None and out.lo[row]:
                        assert bare.outs[key].hi[row]
                    else:
                        assert column.lo[row] <= then.lo[row]
                        assert then.hi[row] <= column.hi[row], (key, row, rounds[0])
                        compared += 1
    assert compared > 10_000


def test_what_everybody_sees_of_a_known_round(tmp_path):
    sheets: list[dict[str, Any]] = [
        {"a": 1, "x": 2, "g": "东", "na": "否"}, {"a": 3, "x": 5, "g": "东", "na": "否"},
        {"a": 5, "x": 5, "g": "西", "na": "否"}, {"a": 9, "x": -4, "g": "东", "na": "是"},
    ]  # fmt: skip
    scores = scored(edition(tmp_path, COHORT), *sheets)
    assert [results(scores, key) for key in ("AVG", "TOP", "CUT", "N", "SHARE", "BEST", "PART", "PTS")] == [
        [2] * 4, [8, 8, 0, 8], [6] * 4, [15, 15, 6, 15], [0, F(1, 3), F(2, 3), 1],
        [F(100, 9), F(100, 3), F(500, 9), 100],
        [F(1, 18), F(1, 6), F(5, 18), F(1, 2)], [10, F(20, 3), F(10, 3), 0],
    ]  # fmt: skip
    assert [scores.result_text(OFFICIAL, str(i), "PLACE") for i in range(4)] == ["2", "1", "1", "不计"]
    assert scores.result_text(OFFICIAL, "0", "Z") == "≈-1.463850"


GROUPS = """
fields:
  f: {name: 系数, type: share}
lists:
  rows:
    name: 指标
    rows_from: subject
    columns:
      item: {name: 项, type: text}
      nature: {name: 性质, type: choice, options: [绝对值, 相对值]}
      actual: {name: 实际, type: number, unit: 个}
      money: {name: 资金, type: money, unit: 万元}
  merged:
    name: 合并
    rows_from: groups
    of: rows
    by: [item, nature]
    columns:
      item: {name: 项, type: text}
      nature: {name: 性质, type: choice, options: [绝对值, 相对值]}
      done:
        name: 合并实际
        type: number
        unit: 个
        value: {by: nature, 绝对值: sum(rows.actual), 相对值: sum(rows.actual * rows.money) / sum(rows.money)}
      spent: {name: 合并资金, type: money, unit: 万元, value: sum(rows.money)}
indicators:
  TOTAL: {name: 总, combine: mean}
  score: {name: 得分, per: merged, in: TOTAL, points: 10, weight: spent, value: done, unit: 个,
    rule: {kind: proportional, target: 8}}
  MOST: {name: 最多, value: max(merged.done) * f, unit: 个}
  N: {name: 组数, value: count(merged)}
"""


def row(item: str, nature: str, actual: Any, money: Any) -> dict[str, Any]:
    return {"item": item, "nature": nature, "actual": actual, "money": money}


def test_rows_are_put_together_before_they_are_scored(tmp_path):
    first = [
        row("甲", "绝对值", 1, 10), row("乙", "相对值", 4, 30), row("甲", "绝对值", 3, 20), row("乙", "相对值", 8, 10),
    ]  # fmt: skip
    sheets: list[dict[str, Any]] = [
        {"f": "100%", "lists": {"rows": first}},
        {"f": "200%", "lists": {"rows": [row("甲", "绝对值", 6, 5)]}},
        {"f": "100%", "lists": {"rows": [*first, row("读不出", "绝对值", 6, 5)]}},
        {"f": "100%", "lists": {"rows": []}},
        {"f": "100%", "lists": {"rows": "读不出"}},
        {"f": "100%", "lists": {"rows": [row("乙", "相对值", 4, 0)]}},
        {"f": "100%", "lists": {"rows": [row("甲", "绝对值", "读不出", 5), row("甲", "绝对值", 2, 5)]}},
    ]
    scores = scored(edition(tmp_path, GROUPS), *sheets)
    space = scores.outcomes[OFFICIAL].space
    assert space.owners["merged"].tolist() == [0, 0, 1, 5, 6]
    assert space.rows["merged"]["done"].lo.tolist()[:3] == [4, 5, 6]
    assert space.rows["merged"]["spent"].lo.tolist()[:3] == [30, 40, 5]
    # 甲 half of ten, 乙 five eighths of ten, weighed by thirty and forty
    assert results(scores, "TOTAL")[:3] == [(F(1, 2) * 30 + F(5, 8) * 40) / 70, F(3, 4), (0, 1)]
    assert results(scores, "N")[:5] == [2, 1, (0, float("inf")), 0, (0, float("inf"))]
    assert results(scores, "MOST")[:2] == [5, 12]
    assert results(scores, "MOST")[2][1] == float("inf")
    told = {(p.code, p.place.subject, p.place.field) for p in scores.problems}
    assert told == {("P100", "3", "TOTAL"), ("P100", "3", "MOST"), ("P100", "5", "done"), ("P100", "5", "TOTAL")}


BEFORE = """
fields:
  v: {name: 数, type: count, unit: 个, was: old_v}
  k: {name: 另数, type: count, unit: 个}
indicators:
  X: {name: 增长, value: v / previous(v) - 100%, unit: 占比}
  Y: {name: 比去年, value: TOTAL - previous(TOTAL), unit: 分}
  TOTAL: {name: 总, points: 10, value: k, unit: 个, was: OLD, rule: {kind: proportional, target: 10}}
"""
OLD = """
fields:
  old_v: {name: 数, type: count, unit: 个}
  k: {name: 另数, type: count, unit: 个, blank: {means: out, question: Q1}}
indicators:
  OLD: {name: 总, points: 20, value: k + old_v, unit: 个, rule: {kind: proportional, target: 20}}
"""


def test_the_last_round_is_looked_at_by_code_and_former_name(tmp_path):
    old = from_values(
        edition(tmp_path / "old", OLD), {"3": {"old_v": 4, "k": 2}, "1": {"old_v": 0, "k": 5}, "2": {"k": None}}
    )
    now = from_values(edition(tmp_path, BEFORE), {code: {"v": 5, "k": 8} for code in ("1", "2", "3", "4")})
    scores = score(dataclasses.replace(now, previous=old))
    assert [scores.result_text(OFFICIAL, code, "X") for code in "1234"] == ["待定", "≥ -1", "0.25", "≥ -1"]
    assert [scores.result_text(OFFICIAL, code, "Y") for code in "1234"] == ["3", "不计", "2", "待定"]
    assert [(p.code, p.place.subject, p.place.field) for p in scores.problems] == [("P100", "1", "X")]
    without: Facts = now
    assert score(without).result_text(OFFICIAL, "3", "Y") == "待定"


def test_a_figure_counts_once_it_is_confirmed(tmp_path):
    body = """
    fields:
      v: {name: 数, type: count, unit: 个, confirmed_by: [city], blank: {means: zero, question: Q1}}
    indicators:
      X: {name: 项, value: v, unit: 个}
    """
    scheme = edition(tmp_path, body)
    sheets = [{"v": 5, "v_by_city": word} for word in ("是", "否", None)]
    scores = scored(scheme, *sheets)
    assert [scores.result_text(OFFICIAL, who, "X") for who in "012"] == ["5", "≥ 0", "≥ 0"]
    assert [scores.result_text(SELF, who, "X") for who in "012"] == ["5", "5", "5"]
    assert scores.explain("1", "X").next_step == "" or "确认" in scores.explain("1", "X").next_step


def test_duties_are_judged_like_events(tmp_path):
    body = """
    fields:
      v: {name: 数, type: count, unit: 个, cite: [T/1]}
    indicators:
      X: {name: 项, value: v, unit: 个}
    duties:
      D: {name: 报送, who: county, kind: duty, met: v / (v - 2) >= 150%, cite: [T/1]}
    """
    scores = scored(edition(tmp_path, body), {"v": 5}, {"v": 1}, {}, {"v": 2})
    met = scores.outcomes[OFFICIAL].duties["D"]
    assert list(zip(met.lo.tolist(), met.hi.tolist(), strict=True)) == [
        (True, True), (False, False), (False, True), (False, True),
    ]  # fmt: skip
    assert [(p.code, p.place.field, p.what) for p in scores.problems] == [("P100", "D", "“报送”的分母为零")]
