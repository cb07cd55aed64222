"""What explanations say of places, shares of the best, bent lines, parts that are out, choices; and that it is true."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from evaltool.facts import OFFICIAL
from evaltool.quantities import parse_entered
from evaltool.scoring import Num
from scoring.editions import edition, scored

BODY = """
fields:
  a: {name: 收入, type: money, unit: 万元}
  b: {name: 成本, type: number, unit: 天, blank: {means: out, question: Q1}}
  g: {name: 类, type: choice, options: [东, 西]}
  na: {name: 不适用, type: yesno}
  v: {name: 数, type: count, unit: 个, confirmed_by: [city]}
indicators:
  PLACE: {name: 收入名次, value: a, unit: 万元, rule: {kind: rank, order: high_first, ties: min, gives: place}}
  QUOTA: {name: 名次占比, value: a, unit: 万元, rule: {kind: rank, order: high_first, ties: min, gives: share}}
  BEST: {name: 收入与最好, value: a, unit: 万元, rule: {kind: relative, to: best, times: 100}}
  FAIR: {name: 收入与平均, value: a, unit: 万元, rule: {kind: relative, to: mean}}
  PART: {name: 收入占比, value: a, unit: 万元, rule: {kind: relative, to: sum}}
  CHEAP: {name: 最省, value: a, unit: 万元, rule: {kind: relative, to: best, better: lower}}
  T: {name: 合, points: 40, combine: sum, missing: spread}
  P1: {name: 名次分, in: T, points: 10, value: PLACE, unit: 名,
    rule: {kind: steps, steps: [{at_most: 1, gives: 10}, {at_most: 2, gives: 5}, {otherwise: true, gives: 0}]}}
  P2: {name: 占比分, in: T, points: 10, value: BEST, unit: 分, rule: {kind: proportional, target: 90}}
  P3: {name: 折线分, in: T, points: 10, value: b, unit: 天, rule: {kind: linear, zero_at: {by: g, 东: 10, 西: 20},
    full_at: 2, better: lower, line: [1, 9], outside: [0, 10]}}
  P4: {name: 分位分, in: T, points: 10, value: QUOTA, unit: 占比, rule: {kind: linear, zero_at: 100%, full_at: 0%},
    overrides: [{when: na, gives: out}]}
  M: {name: 均, points: 100, combine: mean, missing: skip, need: 1}
  M1: {name: 甲, in: M, points: 10, weight: 60%, value: FAIR, unit: 占比, rule: {kind: proportional, target: 150%}}
  M2: {name: 乙, in: M, points: 4, weight: 40%, value: b, unit: 天,
    rule: {kind: range, low: 3, high: 5, below: zero, above: {loses: 1, part: share}}}
  S: {name: 合计分, points: 4, value: PART, unit: 占比, rule: {kind: proportional, target: 50%}}
  C: {name: 最省分, points: 4, value: CHEAP, unit: 占比, rule: {kind: proportional, target: 90%}}
  CH: {name: 择, points: 5, value: {by: g, 东: a / 100, 西: a / 200}, unit: 万元, rule: {kind: proportional, target: 2}}
  SQ: {name: 根, value: sqrt(v)}
"""
SHEETS: list[dict[str, Any]] = [
    {"a": 100, "b": 7, "g": "东", "na": "否", "v": 2, "v_by_city": "是"},
    {"a": 150, "b": "4", "g": "西", "na": "是", "v": 4},
    {"a": 120, "g": "东", "na": "否", "v": 4, "v_by_city": "是"},
    {"a": 200, "b": 3, "g": "读不出", "na": "否", "v": 9, "v_by_city": "是"},
]


@pytest.fixture(scope="module")
def scheme(tmp_path_factory):
    return edition(tmp_path_factory.mktemp("told"), BODY)


@pytest.fixture(scope="module")
def scores(scheme):
    return scored(scheme, *SHEETS)


@pytest.mark.parametrize(
    ("who", "key", "arithmetic", "advice"),
    [
        ("0", "PLACE", "100 万元；在 4 个对象中排第 4", ""),
        ("0", "QUOTA", "100 万元；在 4 个对象中名次占比 100%", ""),
        ("0", "BEST", "100 万元；最高值 200，得 50 分", ""),
        ("0", "FAIR", "100 万元；平均 142.5，得 ≈70.1754%", ""),
        ("0", "P1", "4 名；得 0 分", "收入名次降到 2 名，可得 5 分（现在 4 名，差 2 名）；即名次再进 2 位"),
        ("0", "P2", "50 分；10 × 50 分 ÷ 90 分，封顶 10，得 ≈5.555555 分",
         "收入与最好达到 90 分，可得满分（现在 50 分，差 40 分）；其他不变时，收入由 100 万元 变为 180 万元"),
        ("0", "P3", "7 天；在 10 与 2 天 之间按直线，两端之外按规定，得 4 分",
         "成本降到 2 天，可得满分（现在 7 天，差 5 天）；其他不变时，成本由 7 天 变为 2 天"),
        ("0", "P4", "100%；10 ×（100% － 100%）÷（0% － 100%），在 0 与 10 之间，得 0 分",
         "名次占比降到 0%，可得满分（现在 100%，差 100 个百分点）；即名次再进 3 位"),
        ("0", "M", "≈4.678362 / 10、2 / 4 的平均（按权重） = ≈48.070175", "失分最多的是甲（≈31.929824 分）、乙（20 分）"),
        ("0", "M2", "7 天；区间 3 天 至 5 天，得 2 分",
         "成本降到 5 天，可得满分（现在 7 天，差 2 天）；其他不变时，成本由 7 天 变为 5 天"),
        ("0", "CH", "100 万元 ÷ 100 = 1 万元；5 × 1 万元 ÷ 2 万元，封顶 5，得 2.5 分",
         "收入 ÷ 100 达到 2 万元，可得满分（现在 1 万元，差 1 万元）；其他不变时，收入由 100 万元 变为 200 万元"),
        ("1", "T", "5 + ≈8.333333 + ≈8.111111，由计入的各项分担全部分值 = ≈28.592592；“分位分”不计，分值或权重由其余各项分担",
         "失分最多的是名次分（≈6.666666 分）、折线分（≈2.518518 分）、占比分（≈2.222222 分）"),
        ("1", "P4", "不适用的，不计；不计", ""),
        ("2", "P3", "“成本”不计；不计", ""),
        ("2", "M", "≈5.614035 / 10 的平均（按权重） = ≈56.140350；“乙”不计，跳过", "失分最多的是甲（≈43.859649 分）"),
    ],
)  # fmt: skip
def test_arithmetic_and_advice(scores, who, key, arithmetic, advice):
    trace = scores.explain(who, key)
    assert (trace.arithmetic, trace.next_step) == (arithmetic, advice)


def test_what_a_result_waits_for(scores):
    from evaltool.scoring.asked import roots

    assert [*roots(scores, OFFICIAL, "SQ", 1)] == ["v_by_city"]
    assert [*roots(scores, OFFICIAL, "P3", 3)] == ["g"]
    assert scores.explain("0", "SQ").result == "≈1.414213"


def test_a_place_waits_for_the_figures_of_others(scheme):
    from evaltool.scoring.asked import roots

    scores = scored(scheme, SHEETS[0], {**SHEETS[1], "a": "读不出"})
    assert [*roots(scores, OFFICIAL, "PLACE", 0)] == ["a"]
    assert scores.explain("0", "P1").result == "5 ～ 10"


def test_advice_that_looks_at_the_others_is_true(scheme):
    """The figure that is named, put into one sheet while everybody else stays, earns what was promised."""
    rng, tried = Random(8), 0
    for _ in range(25):
        sheets = [{**SHEETS[0], "a": rng.randrange(1, 300), "b": rng.randrange(1, 20)} for _ in range(4)]
        scores = scored(scheme, *sheets)
        for key in ("P2", "M1", "S", "C", "M2", "P3", "CH"):
            text = scores.explain("0", key).next_step
            moved = re.search(r"可得(满分| [\d.]+ 分)（.*；其他不变时，(收入|成本)由 .+? 变为 ≈?([\d.]+)", text)
            if moved is None or "≈" in text.partition("变为")[2]:
                continue
            changed = {**sheets[0], {"收入": "a", "成本": "b"}[moved[2]]: parse_entered(moved[3])}
            column = scored(scheme, changed, *sheets[1:]).column(OFFICIAL, key)
            assert isinstance(column, Num)
            full = scheme.indicators[key].points
            promise = full if moved[1] == "满分" else Fraction(moved[1].strip(" 分"))
            assert column.lo[0] >= promise, (key, text, sheets)
            tried += 1
    assert tried > 50
