"""Rows beside the same row of the other subjects, and among the rows of their own subject."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from statistics import median
from typing import Any

import numpy as np
import pytest

from evaltool.cases import depends_on_cohort
from evaltool.coverage import coverage
from evaltool.facts import OFFICIAL
from evaltool.mutations import mutated, mutations
from evaltool.scheme import reload
from evaltool.scheme.sentences import rule_sentence
from evaltool.scoring import Label, Num, Truth
from evaltool.scoring.asked import roots
from evaltool.scoring.engine import Outcome, score_layer
from scoring.editions import complaints, edition, facts, scored

F = Fraction
SIZE = 3
BODY = """
fields:
  g: {name: 类, type: choice, options: [东, 西]}
  big: {name: 大, type: yesno}
lists:
  m:
    name: 测量
    rows_from: edition
    given: [title, w]
    rows: [{title: 甲, w: 1}, {title: 乙, w: 2}, {title: 丙, w: 3}]
    columns:
      title: {name: 名, type: text}
      w: {name: 权, type: number, unit: 无}
      x: {name: 率, type: number, unit: 次, between: [-5, 9], blank: {means: out, question: Q1}}
      k: {name: 好, type: yesno}
  own:
    name: 自加的
    rows_from: subject
    columns:
      v: {name: 数, type: count, unit: 个, between: [0, 9]}
      c: {name: 种, type: choice, options: [一, 二]}
indicators:
  MEAN: {name: 均, per: m, across: all, value: mean(x), unit: 次}
  SD: {name: 标准差, per: m, across: all, value: stdp(x), unit: 次}
  MED: {name: 中位, per: m, across: g, value: median(x) * w, unit: 次}
  TOP: {name: 前二, per: m, across: k, value: "top(x, 2)", unit: 次}
  LOW: {name: 低线, per: m, across: all, value: "percentile(x, 25%)", unit: 次}
  HIGH: {name: 高, per: m, across: big, value: max(x) + min(x), unit: 次}
  N: {name: 数, per: m, across: all, value: "count(x >= 3 and counted(x)) + count(big) + sum(w)", unit: 无}
  keep: {name: 缩尾, per: m, value: "max(x, LOW)", unit: 次}
  dev: {name: 离差, per: m, value: keep - MEAN, unit: 次}
  PLACE: {name: 名次, per: m, value: x, unit: 次,
    rule: {kind: rank, order: high_first, ties: min, gives: place, among: same, within: g}}
  SHARE: {name: 占比, per: m, value: x, unit: 次,
    rule: {kind: rank, order: low_first, ties: mean, gives: share, among: same, within: k}}
  MINE: {name: 自己的名次, per: m, value: x, unit: 次,
    rule: {kind: rank, order: high_first, ties: dense, gives: place, among: own}}
  BEST: {name: 占最好, per: m, value: x, unit: 次, rule: {kind: relative, to: best, among: same, times: 100}}
  ROW: {name: 行名次, per: own, value: v, unit: 个,
    rule: {kind: rank, order: low_first, ties: max, gives: place, among: own, within: c}}
  PART: {name: 行占比, per: own, value: v, unit: 个, rule: {kind: relative, to: sum, among: own}}
  THREE: {name: 前二名的数, value: sum(first), unit: 个}
  first: {name: 前二, per: own, value: v, unit: 个, overrides: [{when: ROW > 2, gives: 0}]}
  TOTAL: {name: 总, combine: mean, missing: skip, best: 2}
  part: {name: 项, per: m, in: TOTAL, value: dev, unit: 次}
"""
NUMBERS = ("MEAN", "MED", "TOP", "LOW", "HIGH", "N", "PLACE", "SHARE", "MINE", "BEST")


@pytest.fixture(scope="module")
def scheme(tmp_path_factory):
    return edition(tmp_path_factory.mktemp("rows"), BODY)


def row(rng: Random) -> dict[str, Any]:
    return {"x": rng.choice((-5, 0, 1, 3, 3, 8, None)), "k": rng.random() < 0.6}


def sheet(rng: Random) -> dict[str, Any]:
    own = [{"v": rng.choice((0, 1, 1, 4, 9)), "c": rng.choice("一二")} for _ in range(rng.randrange(4))]
    return {
        "g": rng.choice("东东西"),
        "big": rng.random() < 0.5,
        "lists": {"m": [row(rng) for _ in range(SIZE)], "own": own},
    }


# --- known rounds, computed by themselves ---


def quarter(values: list[int]) -> F:
    ordered, at = sorted(values), F(len(values) - 1, 4)
    low = int(at)
    return F(ordered[low]) + (at - low) * (F(ordered[min(low + 1, len(ordered) - 1)]) - ordered[low])


def expected(sheets: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Row by row; None where it is not counted, "?" where it cannot be computed."""
    found: dict[str, list[Any]] = {key: [] for key in NUMBERS}
    for one in sheets:
        for i, mine in enumerate(one["lists"]["m"]):
            pairs = [(other, other["lists"]["m"][i]) for other in sheets]
            there = [(other, r["x"], r["k"]) for other, r in pairs if r["x"] is not None]
            all_ = [x for _, x, _ in there]
            group = [x for other, x, _ in there if other["g"] == one["g"]]
            alike = [x for _, x, k in there if k == mine["k"]]
            size = [x for other, x, _ in there if other["big"] == one["big"]]
            found["MEAN"].append(F(sum(all_), len(all_)) if all_ else None)
            found["MED"].append(F(median(map(F, group))) * (i + 1) if group else None)
            found["TOP"].append(sum(sorted(alike)[-2:]))
            found["LOW"].append(quarter(all_) if all_ else None)
            found["HIGH"].append(max(size) + min(size) if size else None)
            found["N"].append(sum(x >= 3 for x in all_) + sum(other["big"] for other in sheets) + len(sheets) * (i + 1))
            x, own = mine["x"], [r["x"] for r in one["lists"]["m"] if r["x"] is not None]
            if x is None:
                for key in ("PLACE", "SHARE", "MINE", "BEST"):
                    found[key].append(None)
                continue
            found["PLACE"].append(1 + sum(other > x for other in group))
            below = sum(other < x for other in alike) + F(sum(other == x for other in alike) - 1, 2)
            found["SHARE"].append(below / (len(alike) - 1) if len(alike) > 1 else "?")
            found["MINE"].append(1 + len({other for other in own if other > x}))
            found["BEST"].append(F(100 * x, max(all_)) if max(all_) else "?")
    return found


def shown(outcome: Outcome, key: str) -> list[Any]:
    column, out = outcome.results[key], outcome.outs.get(key)
    assert isinstance(column, Num)
    wrong = np.zeros(len(column.lo), bool)
    for fault in outcome.faults:
        wrong |= fault.mask if fault.indicator == key else False
    gone = np.zeros(len(column.lo), bool) if out is None else out.lo
    ends = zip(column.lo, column.hi, gone, wrong, strict=True)
    return [None if none else "?" if bad else low if low == high else (low, high) for low, high, none, bad in ends]


@pytest.mark.parametrize("fast", [True, False])
def test_known_rounds_come_out_as_computed_by_hand(scheme, fast):
    rng = Random(21)
    for _ in range(25):
        sheets = [sheet(rng) for _ in range(rng.randrange(1, 7))]
        outcome = score_layer(scheme, facts(scheme, *sheets).layers[OFFICIAL], fast=fast)
        for key, wanted in expected(sheets).items():
            assert shown(outcome, key) == wanted, (key, sheets)


def test_own_rows_have_places_and_shares_among_themselves(scheme):
    def own(*rows: tuple[Any, str]) -> dict[str, Any]:
        return {"g": "东", "big": True, "lists": {"m": [], "own": [{"v": v, "c": c} for v, c in rows]}}

    sheets = [own((4, "一"), (1, "一"), (1, "一"), (0, "二")), own(), own(("读不出", "一"), (9, "读不出"), (3, "二"))]
    scores = scored(scheme, *sheets)
    texts = {key: [scores.text(OFFICIAL, key, i) for i in range(7)] for key in ("ROW", "PART")}
    assert texts == {
        "ROW": ["3", "2", "2", "1", "1 ～ 2", "2", "1"],
        "PART": [
            "≈0.666666",
            "≈0.166666",
            "≈0.166666",
            "0",
            "0 ～ ≈0.428571",
            "≈0.428571 ～ 0.75",
            "≈0.142857 ～ 0.25",
        ],
    }
    assert [scores.result_text(OFFICIAL, str(i), "THREE") for i in range(3)] == ["2", "0", "12 ～ 21"]


# --- unknown cells ---


def inside(bare: Outcome, done: Outcome, key: str, wrong: np.ndarray) -> int:
    column, then, out = bare.results[key], done.results[key], done.outs.get(key)
    count = 0
    for at in np.flatnonzero(~wrong):
        if out is not None and out.lo[at]:
            assert bare.outs[key].hi[at], (key, at)
            continue
        if isinstance(column, Label):
            continue
        assert isinstance(column, Num | Truth)
        assert isinstance(then, Num | Truth)
        assert column.lo[at] <= then.lo[at] <= then.hi[at] <= column.hi[at], (key, at)
        count += 1
    return count


def test_ranges_span_every_completion_of_anybody(scheme):
    rng, compared = Random(22), 0
    for _ in range(30):
        full = [sheet(rng) for _ in range(rng.randrange(1, 5))]
        family = [full, *([{**one, "lists": {k: [dict(r) for r in rows] for k, rows in one["lists"].items()}}
                           for one in full] for _ in range(6))]  # fmt: skip
        for i, one in enumerate(full):
            for key in ("g", "big"):
                if rng.random() < 0.15:
                    for j, other in enumerate(family[1:]):
                        other[i][key] = sheet(rng)[key] if j else "读不出"
            for list_id, rows in one["lists"].items():
                for number, cells in enumerate(rows):
                    for key in cells:
                        if rng.random() < 0.15:
                            for j, other in enumerate(family[1:]):
                                new = {
                                    "x": row(rng)["x"],
                                    "k": rng.random() < 0.5,
                                    "v": rng.randrange(10),
                                    "c": rng.choice("一二"),
                                }
                                other[i]["lists"][list_id][number][key] = new[key] if j else "读不出"
        bare, *done = [
            score_layer(scheme, facts(scheme, *sheets).layers[OFFICIAL]) for sheets in (family[1], full, *family[2:])
        ]
        for outcome in done:
            faulty: dict[str | None, np.ndarray] = {}
            for fault in outcome.faults:
                faulty[fault.row_of] = faulty.get(fault.row_of, False) | fault.mask
            for key, column in outcome.results.items():
                per = scheme.indicators[key].per
                size = outcome.space.size(per)
                wrong = faulty.get(per, np.zeros(size, bool))
                if per is None and "m" in faulty:  # a row of it may be among those that cannot be computed
                    wrong = wrong | outcome.space.seen_from(faulty["m"], "m", None)
                assert len(column.lo) == size
                compared += inside(bare, outcome, key, wrong)
    assert compared > 10_000


def test_a_list_that_nobody_could_read_opens_the_places_of_the_others(scheme):
    known = {"g": "东", "big": True, "lists": {"m": [{"x": 1}, {"x": 2}, {"x": None}], "own": []}}
    scores = scored(scheme, known, {"g": "东", "big": True, "lists": {"m": "读不出", "own": []}})
    assert [scores.text(OFFICIAL, "PLACE", i) for i in range(3)] == ["1 ～ 2", "1 ～ 2", "不计"]
    assert [scores.text(OFFICIAL, "MINE", i) for i in range(3)] == ["2", "1", "不计"]
    assert {*roots(scores, OFFICIAL, "TOTAL", 0)} == {"m"}


def test_floats_agree(scheme):
    rng = Random(23)
    sheets = [sheet(rng) for _ in range(12)]
    layer = facts(scheme, *sheets).layers[OFFICIAL]
    exact, floats = score_layer(scheme, layer), score_layer(scheme, layer, exact=False)
    for key in (*NUMBERS, "SD", "dev", "ROW", "PART", "TOTAL"):
        one, other = exact.results[key], floats.results[key]
        assert isinstance(one, Num)
        assert isinstance(other, Num)
        for ours, theirs in ((one.lo, other.lo), (one.hi, other.hi)):
            np.testing.assert_allclose(theirs, np.array([float(x) for x in ours]), rtol=1e-9, err_msg=key)


# --- what is said ---


def test_sentences(scheme):
    said = {key: rule_sentence(scheme, key) for key in ("MEAN", "MED", "TOP", "PLACE", "ROW", "PART", "SHARE", "N")}
    assert said == {
        "MEAN": "在全部对象的同一行中计算率平均。",
        "MED": "在同一类的对象的同一行中计算率中位数 × 权。",
        "TOP": "在同一好的对象的同一行中计算率最大的 2 个之和。",
        "PLACE": "看率；在同一类的对象的同一行中从高到低排，并列取靠前名次，取名次。",
        "ROW": "看数；在本对象同一种的各行中从低到高排，并列取靠后名次，取名次。",
        "PART": "看数；除以本对象的各行的合计。",
        "SHARE": "看率；在同一好的对象的同一行中从低到高排，并列取平均名次，取（名次－1）÷（行数－1）。",
        "N": "在全部对象的同一行中计算（“率不低于 3 次且率计入”的行数 ＋ “大”的行数） ＋ 权合计。",
    }
    assert depends_on_cohort(scheme)


def test_a_single_row_has_no_share_of_places(tmp_path):
    body = """
    lists:
      own: {name: 表, rows_from: subject, columns: {v: {name: 数, type: count, unit: 个}}}
    indicators:
      S: {name: 占比, per: own, value: v, unit: 个,
        rule: {kind: rank, order: low_first, ties: mean, gives: share, among: own}}
    """
    scheme = edition(tmp_path, body)
    scores = scored(scheme, {"lists": {"own": [{"v": 1}]}})
    assert [(p.code, p.what) for p in scores.problems] == [("P100", "“占比”没有可比的行")]
    assert not depends_on_cohort(scheme)


def test_edges_and_slips_of_the_pen_can_be_asked(scheme):
    assert [shown_.boundary.path for shown_ in coverage(scheme)] == [
        ("indicators", "N", "value"), ("indicators", "first", "overrides", 0, "when"),
    ]  # fmt: skip
    changed = [reload(scheme, mutated(scheme, one)) for one in mutations(scheme)]
    assert len(changed) > 10
    assert any(one is not None for one in changed)


# --- what is refused ---


SLIPS = [
    ("S209", "gives: place, among: same, within: g", "gives: place, within: g", "among: same"),
    ("S105", "gives: place, among: same, within: g", "gives: place, among: all, within: g", "same"),
    ("S209", "ties: max, gives: place, among: own", "ties: max, gives: place, among: same", "各对象自己加"),
    ("S209", "{kind: relative, to: sum, among: own}", "{kind: relative, to: sum}", "among"),
    ("S200", "among: same, within: k", "among: same, within: x", "类别"),
    ("S209", "THREE: {name: 前二名的数, value: sum(first), unit: 个}",
     """THREE: {name: 前二名的数, value: sum(first), unit: 个,
    rule: {kind: rank, order: low_first, ties: min, gives: place, among: own}}""",
     "去掉 among"),
    ("S209", "per: own, value: v, unit: 个, overrides", "per: own, across: all, value: sum(v), unit: 个, overrides",
     "自己加"),
    ("S214", "value: mean(x), unit", "value: mean(x) - x, unit", "每个对象不同"),
    ("S214", "value: mean(x), unit", "value: mean(m.x), unit", "写成 x"),
    ("S214", "value: mean(x), unit", "value: mean(w) * 1 + count(m), unit", "清单"),
    ("S214", "across: big, value: max(x)", "across: big, value: keep + max(x)", "每个对象不同"),
    ("S200", "across: big,", "across: bigg,", "big"),
    ("S105", "value: max(x) + min(x), unit: 次}",
     "value: max(x) + min(x), unit: 次, rule: {kind: per_unit, start: 0, more: 1}}",
     "不写 rule"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "says"), SLIPS, ids=range(len(SLIPS)))
def test_one_slip_gives_one_complaint(tmp_path, code, old, new, says):
    assert BODY.count(old) == 1
    found = [problem for problem in complaints(tmp_path, BODY.replace(old, new)) if problem.level == "stop"]
    assert [problem.code for problem in found] == [code], [str(problem) for problem in found]
    assert says in found[0].what + found[0].do
    assert found[0].rule is not None
    assert found[0].rule.line > 1
