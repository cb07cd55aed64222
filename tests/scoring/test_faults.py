"""What cannot be computed is a located problem and a range, never zero by accident."""

from __future__ import annotations

import pytest

from evaltool.scoring import score
from scoring.editions import edition, facts, results, scored

FIELDS = """
fields:
  a: {name: 甲数, type: count, unit: 个, cite: [T/1]}
  b: {name: 乙数, type: count, unit: 个}
  p: {name: 一, type: yesno}
lists:
  t:
    name: 表
    rows_from: subject
    columns:
      u: {name: 分值, type: points}
      v: {name: 数, type: count, unit: 个}
      w: {name: 目标, type: count, unit: 个}
      k: {name: 成, type: yesno}
"""


def problems(tmp_path, indicators: str, *sheets: dict, events: str = ""):
    """(code, subject, field, what) of everything found, and the scores."""
    scores = scored(edition(tmp_path, FIELDS + "indicators:\n" + indicators + events), *sheets)
    return [(p.code, p.place.subject, p.place.field, p.what) for p in scores.problems], scores


STEP = "{kind: steps, steps: [{when: p, gives: 1}, {otherwise: true, gives: 0}]}"
USE = f"  U: {{name: 用, value: count(t.k) + a + b, rule: {STEP}, unit: 个}}\n"
RATIO = (
    "  X: {name: 占比, points: 5, value: a / b, unit: 占比, rule: {kind: proportional, target: 100%}, cite: [T/1]}\n"
    + USE
)


def test_a_zero_divisor_is_a_problem_and_a_range(tmp_path):
    found, scores = problems(tmp_path, RATIO, {"a": 0, "b": 0}, {"a": 3, "b": 0}, {"a": 3, "b": 4})
    assert found == [("P100", "0", "X", "“占比”的分母为零"), ("P100", "1", "X", "“占比”的分母为零")]
    assert results(scores, "X")[:2] == [(0, 5), (0, 5)]
    problem = scores.problems[0]
    assert problem.why == "按“甲数 ÷ 乙数”计算，除数是 0"
    assert problem.clause == "《试验办法》1"
    assert (problem.rule.file, problem.rule.node) == ("scheme.yaml", "X")


def test_who_returned_nothing_has_no_problems(tmp_path):
    scheme = edition(tmp_path, FIELDS + "indicators:\n" + RATIO)
    round_ = facts(scheme, {"a": 0, "b": 0})
    round_.returned[0] = False
    assert score(round_).problems == ()


def test_a_replaced_value_is_never_computed(tmp_path):
    item = RATIO.replace("cite: [T/1]", "overrides: [{when: b == 0, gives: full}], cite: [T/1]")
    found, scores = problems(tmp_path, item, {"a": 0, "b": 0})
    assert (found, results(scores, "X")) == ([], [5])


def test_a_limited_value_is_computed_all_the_same(tmp_path):
    item = RATIO.replace("cite: [T/1]", "overrides: [{when: p, at_most: 2}, {when: b == 0, gives: full}], cite: [T/1]")
    found, scores = problems(tmp_path, item, {"a": 0, "b": 0, "p": "是"}, {"a": 0, "b": 0, "p": "否"})
    assert [(code, who) for code, who, *_ in found] == [("P100", "0")]
    assert results(scores, "X") == [(0, 2), 5]


def test_a_zero_divisor_in_a_condition_is_told(tmp_path):
    item = "  X: {name: 项, points: 5, value: p, overrides: [{when: a / b > 50%, gives: 0}]}\n" + USE
    found, scores = problems(tmp_path, item, {"a": 1, "b": 0, "p": "是"}, {"a": 1, "b": 1, "p": "是"})
    assert found == [("P100", "0", "X", "“项”的分母为零")]
    assert results(scores, "X") == [(0, 5), 0]


def test_a_zero_divisor_in_an_event_is_told(tmp_path):
    found, scores = problems(
        tmp_path, USE, {"a": 1, "b": 0}, {"a": 1, "b": 1}, events="events:\n  V: {name: 过低, when: a / b < 50%}\n"
    )
    assert found == [("P100", "0", "V", "“过低”的分母为零")]
    assert [scores.result_text("认定", who, "V") for who in "01"] == ["待定", "否"]


def test_a_zero_divisor_in_a_row_is_told_once_where_the_row_counts(tmp_path):
    item = (
        "  T: {name: 和, combine: sum}\n"
        "  X: {name: 行, per: t, in: T, points: u, value: v / w, unit: 占比, overrides: [{when: not k, gives: 0}],"
        " rule: {kind: proportional, target: 100%}}\n" + USE
    )
    rows = [
        {"u": 4, "v": 1, "w": 0, "k": "是"},
        {"u": 4, "v": 1, "w": 0, "k": "否"},
        {"u": 4, "v": 1, "w": 2, "k": "是"},
    ]
    found, scores = problems(tmp_path, item, {"lists": {"t": rows}}, {"lists": {"t": rows[1:]}})
    assert found == [("P100", "0", "X", "“行”的分母为零")]
    assert results(scores, "T") == [(2, 6), 2]


@pytest.mark.parametrize(("function", "said"), [("mean", "数平均"), ("min", "数最小"), ("max", "数最大")])
def test_nothing_of_no_rows_is_told_unless_the_list_was_not_read(tmp_path, function, said):
    item = (
        f"  X: {{name: 项, points: 5, value: {function}(t.v), unit: 个,"
        " rule: {kind: linear, zero_at: 0, full_at: 10}}\n" + USE
    )
    found, scores = problems(
        tmp_path, item, {"lists": {"t": []}}, {"lists": {"t": "读不出"}}, {"lists": {"t": [{"v": 4}]}}
    )
    assert found == [("P100", "0", "X", "“项”没有可算的行")]
    assert scores.problems[0].why == f"按“{said}”计算，清单里一行也没有"
    assert results(scores, "X") == [(0, 5), (0, 5), 2]


@pytest.mark.parametrize(("inverse", "target", "expected"), [("false", 0, (0, 4)), ("true", 0, 0)])
def test_an_impossible_target_is_p102(tmp_path, inverse, target, expected):
    item = (
        "  T: {name: 和, combine: sum}\n"
        "  X: {name: 行, per: t, in: T, points: u, value: v,"
        f" rule: {{kind: proportional, target: w, inverse: {inverse}}}}}\n" + USE
    )
    rows = [{"u": 4, "v": 3, "w": target, "k": "是"}]
    found, scores = problems(tmp_path, item, {"lists": {"t": rows}})
    assert results(scores, "T") == [expected]
    assert found == ([] if expected == 0 else [("P102", "0", "X", "“行”这一行的目标值不成立")])


def test_a_choice_outside_its_level_is_p103(tmp_path):
    fields = FIELDS.replace(
        "lists:", "  l: {name: 档, type: choice, options: [好, 差]}\n  s: {name: 占, type: share}\nlists:"
    )
    item = """\
  X:
    name: 项
    points: 10
    value: l
    rule: {kind: levels, chosen: s, levels: {好: {at_least: 60%, at_most: 100%}, 差: {at_least: 0%, less_than: 60%}}}
"""
    scores = scored(
        edition(tmp_path, fields + "indicators:\n" + item + USE), {"l": "差", "s": "60%"}, {"l": "好", "s": "60%"}
    )
    assert [(p.code, p.place.subject, p.level) for p in scores.problems] == [("P103", "0", "count")]
    assert results(scores, "X") == [(0, 6), 6]


def test_a_self_score_that_its_own_data_do_not_give_is_p101(tmp_path):
    scheme = edition(tmp_path, FIELDS + "indicators:\n" + RATIO)
    sheets = [{"a": 3, "b": 4, "scores": {"X": claim}} for claim in ("3.75", "4", None)]
    sheets += [{"b": 4, "scores": {"X": claim}} for claim in ("5", "5.01")]  # open between 0 and 5
    scores = scored(scheme, *sheets)
    assert [(p.code, p.place.subject, p.level) for p in scores.problems] == [
        ("P101", "1", "note"),
        ("P101", "4", "note"),
    ]
    assert scores.problems[0].what == "“占比”自评 4 分，按所填数据是 3.75 分"
    assert scores.problems[1].what == "“占比”自评 5.01 分，按所填数据是 0 至 5 分"
