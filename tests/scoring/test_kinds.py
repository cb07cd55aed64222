"""Each kind of rule, on its edges and just beside them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from evaltool.scoring.columns import INF
from scoring.editions import HEAD, edition, one, results, scored

F = Fraction

COUNT = "a: {name: 数, type: count, unit: 个}"
TWO = COUNT + "\nb: {name: 全, type: count, unit: 个}"
NUMBER = "a: {name: 数, type: number, unit: 天}"
YES = "p: {name: 甲, type: yesno}\nq: {name: 乙, type: yesno}\nr: {name: 丙, type: yesno}"


def values(*numbers: object) -> list[dict[str, object]]:
    return [{"a": number} for number in numbers]


def test_without_a_rule_yes_is_all_points(tmp_path):
    assert one(tmp_path, "points: 4\nvalue: p and not q or r", YES,
               {"p": "是", "q": "否", "r": "否"}, {"p": "是", "q": "是", "r": "否"}, {"p": "否", "r": "是"},
               {"p": "未填", "q": "否", "r": "否"}, {"p": "否", "r": "否"}) == [4, 0, 4, (0, 4), 0]  # fmt: skip


def test_without_a_rule_a_score_stands_as_it_is(tmp_path):
    assert one(tmp_path, "points: 4\nvalue: a", "a: {name: 分, type: points}", *values("3.25", "0", "未填")) == [
        F(13, 4),
        0,
        (0, INF),
    ]


def test_checklist_adds_and_a_mandatory_item_decides(tmp_path):
    rule = "points: 5\nrule: {kind: checklist, items: {p: 2, q: 2, r: 1}, mandatory: [p]}"
    yes, no, open_ = "是", "否", "未填"
    assert one(tmp_path, rule, YES,
               {"p": yes, "q": yes, "r": yes}, {"p": yes, "q": no, "r": yes}, {"p": no, "q": yes, "r": yes},
               {"p": open_, "q": yes, "r": no}, {"p": yes, "q": open_, "r": no}, {"p": no, "q": open_, "r": open_},
               {}) == [5, 3, 0, (0, 4), (2, 4), 0, (0, 5)]  # fmt: skip


def test_checklist_with_two_mandatory_items(tmp_path):
    rule = "points: 5\nrule: {kind: checklist, items: {p: 2, q: 2, r: 1}, mandatory: [p, q]}"
    assert one(tmp_path, rule, YES, {"p": "是", "q": "否", "r": "是"}, {"p": "是", "q": "未填", "r": "是"},
               {"p": "未填", "q": "否", "r": "是"}) == [0, (0, 5), 0]  # fmt: skip


STEPS = """
points: 10
value: a / b
unit: 占比
rule:
  kind: steps
  steps:
    - {at_least: 90%, gives: 10}
    - {more_than: 50%, gives: 4.5}
    - {otherwise: true, gives: 0}
"""


def test_steps_at_least_includes_and_more_than_does_not(tmp_path):
    sheets = [{"a": a, "b": 1000} for a in (1000, 900, 899, 501, 500, 499, 0)]
    assert one(tmp_path, STEPS, TWO, *sheets) == [10, 10, F(9, 2), F(9, 2), 0, 0, 0]


def test_steps_of_a_range_span_every_step_it_touches(tmp_path):
    sheets = [{"a": "未填", "b": 10}, {"a": 8, "b": "未填"}, {"a": 9}]
    assert one(tmp_path, STEPS, TWO, *sheets) == [(0, 10)] * 3


def test_steps_downwards(tmp_path):
    rule = """
    points: 5
    value: a
    unit: 天
    rule:
      kind: steps
      steps:
        - {less_than: 1, gives: 5}
        - {at_most: 3, gives: 3}
        - {otherwise: true, gives: 0}
    """
    assert one(tmp_path, rule, NUMBER, *values("0.999", "1", "3", "3.001", "-7")) == [5, 3, 3, 0, 5]


def test_steps_on_conditions_take_the_first_that_holds(tmp_path):
    rule = """
    points: 3
    rule:
      kind: steps
      steps:
        - {when: a >= 3 and a <= 5, gives: 3}
        - {when: a >= 3, gives: 1}
        - {otherwise: true, gives: 0}
    """
    assert one(tmp_path, rule, COUNT, *values(2, 3, 5, 6, "未填")) == [0, 3, 3, 1, (0, 3)]


def test_a_bounded_field_narrows_the_steps(tmp_path):
    rule = "points: 3\nvalue: a\nunit: 天\n"
    rule += (
        "rule: {kind: steps, steps: [{at_least: 5, gives: 3}, {at_least: 2, gives: 2}, {otherwise: true, gives: 0}]}"
    )
    assert one(tmp_path, rule, "a: {name: 数, type: number, unit: 天, between: [2, 4]}", {}) == [2]


LEVELS = "a: {name: 档, type: choice, options: [好, 中, 差]}"


def test_levels(tmp_path):
    rule = "points: 6\nvalue: a\nrule: {kind: levels, levels: {好: 6, 中: 2.5, 差: 0}}"
    assert one(tmp_path, rule, LEVELS, *values("好", "中", "差", "未填")) == [6, F(5, 2), 0, (0, 6)]


def test_chosen_levels_include_and_leave_out_their_ends(tmp_path):
    fields = LEVELS + "\nc: {name: 得分占比, type: share, between: [0%, 100%]}"
    rule = """
    points: 10
    value: a
    rule:
      kind: levels
      chosen: c
      levels:
        好: {at_least: 80%, at_most: 100%}
        中: {more_than: 40%, less_than: 80%}
        差: {at_least: 0%, at_most: 40%}
    """
    given = [("好", "80%"), ("好", "100%"), ("中", "40.01%"), ("中", "79.99%"), ("差", "40%"), ("差", "0%")]
    assert one(tmp_path, rule, fields, *({"a": a, "c": c} for a, c in given)) == [
        8,
        10,
        F(4001, 1000),
        F(7999, 1000),
        4,
        0,
    ]
    refused = [("好", "79.99%"), ("中", "40%"), ("中", "80%"), ("差", "40.01%")]
    sheets = [{"a": a, "c": c} for a, c in refused]
    assert one(tmp_path, rule, fields, *sheets) == [(8, 10), (4, 8), (4, 8), (0, 4)]
    open_ = [{"a": "未填", "c": "85%"}, {"a": "中"}, {}]
    assert one(tmp_path, rule, fields, *open_) == [F(17, 2), (4, 8), (0, 10)]


def test_chosen_may_be_points(tmp_path):
    fields = LEVELS + "\nc: {name: 得分, type: points}"
    levels = (
        "{好: {at_least: 80%, at_most: 100%}, 中: {at_least: 40%, less_than: 80%}, 差: {at_least: 0%, less_than: 40%}}"
    )
    rule = f"points: 5\nvalue: a\nrule: {{kind: levels, chosen: c, levels: {levels}}}"
    given = [("好", "4"), ("好", "3.99"), ("中", "2"), ("差", "1.99"), ("差", "2")]
    assert one(tmp_path, rule, fields, *({"a": a, "c": c} for a, c in given)) == [4, (4, 5), 2, F(199, 100), (0, 2)]


def test_proportional(tmp_path):
    rule = "points: 6\nvalue: a\nunit: 天\nrule: {kind: proportional, target: 30}"
    assert one(tmp_path, rule, NUMBER, *values(30, 29, 31, 0, -1, "未填")) == [6, F(29, 5), 6, 0, 0, (0, 6)]


def test_proportional_inverse(tmp_path):
    rule = "points: 6\nvalue: a\nunit: 天\nrule: {kind: proportional, target: 30, inverse: true}"
    assert one(tmp_path, rule, NUMBER, *values(30, 31, 29, 60, 0, -1, "未填")) == [6, F(180, 31), 6, 3, 6, 6, (0, 6)]


def test_linear_between_its_ends(tmp_path):
    rule = "points: 9\nvalue: a\nunit: 天\nrule: {kind: linear, zero_at: 10, full_at: 1}"
    assert one(tmp_path, rule, NUMBER, *values(10, "9.99", 11, 1, "1.01", 0, 4, "未填")) == [
        0, F(1, 100), 0, 9, F(899, 100), 9, 6, (0, 9)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "expected"),
    [("whole", [10, 10, 8, 8, 6, 0]), ("share", [10, F(99, 10), 8, F(79, 10), 6, 0])],
)
def test_per_unit_with_whole_or_shared_part_units(tmp_path, part, expected):
    fields = "a: {name: 率, type: share}"
    rule = f"points: 10\nvalue: a\nunit: 占比\nrule: {{kind: per_unit, around: 90%, fewer: -2, per: 1%, part: {part}}}"
    sheets = values("90%", "89.95%", "89%", "88.95%", "88%", "10%")
    assert one(tmp_path, rule, fields, *sheets) == expected


def test_per_unit_on_both_sides(tmp_path):
    rule = "points: 10\nvalue: a\nunit: 天\ncap: none\nfloor: none\n"
    rule += "rule: {kind: per_unit, start: 8, around: 5, more: 1, fewer: -3}"
    assert one(tmp_path, rule, NUMBER, *values(5, 6, 4, 9, 2, 0)) == [8, 9, 5, 12, -1, -7]


def test_per_unit_counts_up_to_the_points(tmp_path):
    rule = "points: 3\nvalue: a\nunit: 个\nrule: {kind: per_unit, start: 0, more: 1}"
    assert one(tmp_path, rule, COUNT, *values(0, 1, 3, 4, "未填")) == [0, 1, 3, 3, (0, 3)]


def test_per_unit_around_a_number_nobody_knows(tmp_path):
    rule = "points: 10\nvalue: a\nunit: 个\nrule: {kind: per_unit, around: b, fewer: -1, more: -2}"
    sheets = [{"a": 4, "b": 4}, {"a": 3, "b": 4}, {"a": 5, "b": 4}, {"a": 5}, {"b": 4}, {}]
    assert one(tmp_path, rule, TWO, *sheets) == [10, 9, 8, (0, 10), (0, 10), (0, 10)]


def test_delegated_is_open_between_zero_and_the_points(tmp_path):
    assert one(tmp_path, "points: 7\nrule: {kind: delegated, note: 由省里定}", "{}", {}) == [(0, 7)]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", ["0.13", "-0.13", "0.12"]),
        ("half_even", ["0.12", "-0.12", "0.12"]),
        ("truncate", ["0.12", "-0.12", "0.12"]),
    ],
)
def test_rounding_modes(tmp_path, mode, expected):
    rule = f"value: a\nunit: 天\nround: {{places: 2, mode: {mode}}}"
    assert one(tmp_path, rule, NUMBER, *values("0.125", "-0.125", "0.1249")) == [F(text) for text in expected]


def test_rounding_of_a_range_rounds_both_ends(tmp_path):
    rule = "value: a\nunit: 天\nround: {places: 0, mode: half_up}"
    assert one(tmp_path, rule, "a: {name: 数, type: number, unit: 天, between: [0.5, 2.4]}", {}) == [(1, 2)]


def test_floor_and_cap(tmp_path):
    rule = "value: a\nunit: 天\nfloor: -2\ncap: 4.5"
    assert one(tmp_path, rule, NUMBER, *values(-3, -2, 4, "4.5", 5, "未填")) == [
        -2,
        -2,
        4,
        F(9, 2),
        F(9, 2),
        (-2, F(9, 2)),
    ]


def test_combine(tmp_path):
    parts = {"SUM": "ab", "MEAN": "ab", "MAX": "ab", "MIN": "ab", "ALL": "pq", "ANY": "pq", "COUNT": "pq"}
    body = """
fields:
  a: {name: 甲, type: points, between: [0, 10]}
  b: {name: 乙, type: points, between: [0, 10]}
  p: {name: 丙, type: yesno}
  q: {name: 丁, type: yesno}
indicators:
"""
    for parent, keys in parts.items():
        body += f"  {parent}: {{name: 合, combine: {parent.lower()}}}\n"
        body += "".join(f"  {parent}_{key}: {{name: 部, in: {parent}, value: {key}}}\n" for key in keys)
    scheme = edition(tmp_path, body)
    scores = scored(scheme, {"a": 3, "b": 4, "p": "是", "q": "否"}, {"a": 3, "p": "是"})
    assert [results(scores, key) for key in ("SUM", "MEAN", "MAX", "MIN", "COUNT")] == [
        [7, (3, 13)], [F(7, 2), (F(3, 2), F(13, 2))], [4, (3, 10)], [3, (0, 3)], [1, (1, 2)],
    ]  # fmt: skip
    assert [scores.result_text("认定", who, key) for key in ("ALL", "ANY") for who in "01"] == [
        "否",
        "待定",
        "是",
        "是",
    ]


def test_overrides_come_first_and_the_first_that_holds_wins(tmp_path):
    rule = """
    points: 10
    value: a
    unit: 天
    rule: {kind: proportional, target: 10}
    overrides:
      - {when: p, at_most: 5}
      - {when: q, gives: full}
      - {when: r, gives: 1}
    """
    fields = NUMBER + "\n" + YES
    yes, no, open_ = "是", "否", "未填"
    sheets = [
        ({"a": 3, "p": no, "q": no, "r": no}, 3),
        ({"a": 8, "p": yes, "q": no, "r": no}, 5),
        ({"a": 3, "p": yes, "q": yes, "r": yes}, 3),  # the first that holds only limits: nothing replaces the 3
        ({"a": 3, "p": no, "q": yes, "r": yes}, 10),
        ({"a": 3, "p": no, "q": no, "r": yes}, 1),
        ({"a": 8, "p": open_, "q": no, "r": no}, (5, 8)),
        ({"a": 3, "p": no, "q": open_, "r": no}, (3, 10)),
        ({"a": 3, "p": no, "q": open_, "r": yes}, (1, 10)),
        ({"a": 3, "p": open_, "q": yes, "r": no}, (3, 10)),
    ]
    assert one(tmp_path, rule, fields, *(sheet for sheet, _ in sheets)) == [wanted for _, wanted in sheets]


def test_by_takes_the_rule_of_its_branch(tmp_path):
    fields = "g: {name: 类, type: choice, options: [东, 西]}\n" + NUMBER
    rule = """
    points: 10
    value: a
    unit: 天
    rule:
      by: g
      东: {kind: proportional, target: 20}
      西: {kind: per_unit, start: 0, more: 1}
    """
    sheets = [{"g": "东", "a": 10}, {"g": "西", "a": 9}, {"a": 9}, {"g": "东"}]
    assert one(tmp_path, rule, fields, *sheets) == [5, 9, (F(9, 2), 9), (0, 10)]


def test_by_may_give_labels(tmp_path):
    scheme = edition(tmp_path, """
    fields:
      g: {name: 类, type: choice, options: [东, 西]}
      a: {name: 数, type: count, unit: 个}
    indicators:
      X:
        name: 等次
        value: a
        unit: 个
        rule:
          by: g
          东: {kind: steps, steps: [{at_least: 9, gives: 甲}, {otherwise: true, gives: 乙}]}
          西: {kind: steps, steps: [{at_least: 5, gives: 甲}, {otherwise: true, gives: 丙}]}
    """)  # fmt: skip
    scores = scored(scheme, {"g": "东", "a": 7}, {"g": "西", "a": 7}, {"a": 7}, {"g": "西"})
    assert [scores.result_text("认定", who, "X") for who in "0123"] == ["乙", "甲", "待定（甲或乙）", "待定（甲或丙）"]


@pytest.mark.parametrize(
    ("means", "count", "yes", "on_time"),
    [("zero", 0, "否", "待定"), ("no", 0, "否", "待定"), ("pending", (0, INF), "待定", "待定")],
)
def test_what_an_empty_cell_means(tmp_path, means, count, yes, on_time):
    """The edition's word holds for what a county fills in; a date never becomes a day, and a veto is always open."""
    head = HEAD.replace("means: pending", f"means: {means}")
    scheme = edition(tmp_path, """
    fields:
      a: {name: 数, type: count, unit: 个}
      p: {name: 有, type: yesno}
      d: {name: 交, type: date}
      v: {name: 假, type: yesno}
      w: {name: 评, type: count, unit: 个, filled_by: reviewer}
    indicators:
      A: {name: 甲, value: a + w, unit: 个}
      B: {name: 乙, value: a, unit: 个}
      P: {name: 丙, value: p}
      D: {name: 丁, value: d <= '2020-01-01'}
    events:
      V: {name: 假, when: v}
    """, head=head)  # fmt: skip
    scores = scored(scheme, {}, {"a": "读不出", "p": "读不出"})
    assert results(scores, "B") == [count, (0, INF)]
    assert results(scores, "A")[0] == (0, INF)
    assert [scores.result_text("认定", "0", key) for key in "PDV"] == [yes, on_time, "待定"]
    assert scores.result_text("认定", "1", "P") == "待定"


def test_a_field_says_for_itself_what_empty_means(tmp_path):
    scheme = edition(tmp_path, """
    fields:
      d: {name: 交, type: date, blank: {means: never, question: Q1}}
      a: {name: 数, type: count, unit: 个, blank: {means: zero, question: Q1}}
      p: {name: 有, type: yesno, filled_by: province, blank: {means: no, question: Q1}}
    indicators:
      D: {name: 丁, value: d <= '2020-01-01'}
      A: {name: 甲, value: a, unit: 个}
      P: {name: 丙, value: p}
    """)  # fmt: skip
    scores = scored(scheme, {}, {"d": "读不出", "a": "读不出", "p": "读不出"})
    assert [scores.result_text("认定", "0", key) for key in "DAP"] == ["否", "0", "否"]
    assert [scores.result_text("认定", "1", key) for key in "DAP"] == ["待定", "≥ 0", "待定"]
