"""Recommendations of the Hubei edition: what follows from each grade and veto, with verb and clause, no more."""

from __future__ import annotations

from typing import Any

import pytest
from scoring.editions import edition, scored

from evaltool.decisions import decide
from evaltool.intake import from_values
from evaltool.scheme import load
from evaltool.scoring import score

SCHEME = load("hubei/ecommerce_rural")
BASE: dict[str, Any] = dict(SCHEME.cases.base)
LOWER = {"retail_growth": "19.1%", "farm_growth": "27%", "special_acct": "否", "ledger": "否", "outstanding": "未填"}
GOOD = LOWER | {"fund_spent": "1700"}
FAIR = GOOD | {"depot": "否", "delivered": "0", "centre_built": "否", "train_jobs": "否"}
POOR = FAIR | {"train_record": "否", "train_incub": "否", "town_stations": "0"}
VETO = [("应", "通报"), ("应", "取消示范资格"), ("应", "收回已拨付资金"), ("应", "移送纪检机关")]


def decided(**changes: Any):
    return decide(score(from_values(SCHEME, {"420000": {**BASE, **changes}})))


def said(state: str, **changes: Any) -> list[tuple[str, str]]:
    return [
        (item.verb, item.action_name) for item in decided(**changes).of("420000") if item.state == state and item.action
    ]


@pytest.mark.parametrize(
    ("given", "grade", "applies", "waits"),
    [
        ({}, "优秀", [("可", "奖励")], []),
        ({"outstanding": "否"}, "优秀", [], []),
        ({"outstanding": "未填"}, "优秀", [], [("可", "奖励")]),
        (GOOD, "良好", [], []),
        (FAIR, "一般", [("可", "减少支持"), ("应", "限期整改")], []),
        (POOR, "较差", [("可", "减少支持"), ("应", "限期整改")], [("应", "取消示范资格"), ("应", "收回已拨付资金")]),
        (POOR | {"rectified": "是"}, "较差", [("可", "减少支持"), ("应", "限期整改")], []),
        (POOR | {"rectified": "否"}, "较差",
         [("可", "减少支持"), ("应", "限期整改"), ("应", "取消示范资格"), ("应", "收回已拨付资金")], []),
    ],
)  # fmt: skip
def test_each_grade_has_its_consequences(given, grade, applies, waits):
    decisions = decided(**given)
    assert decisions.scores.grade_text("认定", "420000") == grade
    assert said("applies", **given) == applies
    assert said("waits", **given) == waits


def test_a_good_county_hears_that_the_paper_says_nothing():
    (item,) = decided(**GOOD).of("420000")
    assert (item.action, item.verb, item.state, item.note) == ("", "", "applies", "文件没有规定后果")
    assert "七（四）" in str(item)


def test_every_recommendation_names_its_clause_and_condition():
    for given in ({}, GOOD, FAIR, POOR, {"fake": "是"}, {"slow_or_left": "是"}):
        for item in decided(**given).of("420000"):
            assert item.clauses, item
            assert all("湖北省" in clause and "（" in clause for clause in item.clauses)
            assert item.because
    (reward,) = decided().of("420000")
    assert reward.because == "等次为“优秀”且扶贫和产销衔接等成绩突出"
    rectify = next(item for item in decided(**FAIR).of("420000") if item.action == "rectify")
    assert (rectify.verb, rectify.within, rectify.because) == ("应", "文件未规定期限", "等次为“一般”")


@pytest.mark.parametrize("fact", ["changed_plan", "accident", "great_loss", "audit_major", "fraud_money", "fake"])
def test_each_veto_calls_for_the_four_measures_and_leaves_the_grade(fact):
    decisions = decided(**{fact: "是"})
    assert decisions.scores.grade_text("认定", "420000") == "优秀"
    assert said("applies", **{fact: "是"}) == [("可", "奖励"), *VETO]
    because = next(item.because for item in decisions.of("420000") if item.action == "notify")
    assert SCHEME.edition.fields[fact].name in because
    assert said("waits", **{fact: "未填"}) == VETO
    assert said("waits", **{fact: "读不出"}) == VETO
    waiting = next(item for item in decided(**{fact: "未填"}).of("420000") if item.action == "notify")
    assert waiting.waits_for == (SCHEME.edition.fields[fact].name,)


@pytest.mark.parametrize(
    ("far_behind", "force_majeure", "state"),
    [
        ("是", "否", "applies"), ("是", "是", ""), ("是", "未填", "waits"), ("未填", "否", "waits"), ("未填", "是", ""),
        ("未填", "未填", "waits"), ("否", "未填", ""), ("否", "否", ""),
    ],
)  # fmt: skip
def test_force_majeure_excuses_delay_and_only_delay(far_behind, force_majeure, state):
    given = {"far_behind": far_behind, "force_majeure": force_majeure}
    assert said("applies", **given) == [("可", "奖励"), *(VETO if state == "applies" else [])]
    assert said("waits", **given) == (VETO if state == "waits" else [])
    assert said("applies", **given, fake="是") == [("可", "奖励"), *VETO]


def test_waiting_names_every_field_it_waits_for():
    waiting = next(
        item
        for item in decided(far_behind="未填", force_majeure="未填", fake="未填").of("420000")
        if item.state == "waits"
    )
    assert set(waiting.waits_for) == {"项目建设进度严重滞后", "滞后系不可抗力", "弄虚作假"}
    assert "待定，等：" in str(waiting)


def test_an_open_total_waits_for_the_cells_behind_it():
    given = LOWER | {
        "depot": "否",
        "delivered": "未填",
        "centre_built": "否",
        "train_jobs": "否",
    }  # 70 to 75 points: good for sure
    assert {item.state for item in decided(**given).of("420000")} == {"applies"}
    given |= {"fund_spent": "1700"}  # 69.5 to 74.5: good or fair
    items = decided(**given).of("420000")
    assert {item.state for item in items} == {"waits"}
    for item in items:
        assert item.waits_for == ("三级配送体系通达的行政村数",), item
        assert "现在等次为待定（良好或一般）" in item.because


def test_money_may_be_moved_whatever_the_grade():
    assert said("applies", slow_or_left="是", **GOOD) == [("可", "调整资金")]
    assert said("waits", slow_or_left="未填", **GOOD) == [("可", "调整资金")]


def test_who_returned_nothing_gets_no_recommendation():
    decisions = decide(score(from_values(SCHEME, {"1": None, "2": BASE})))
    assert decisions.of("1") == []
    assert decisions.funds_of("1") == []
    row = decisions.table().set_index("代码").loc["1"]
    assert (row["等次"], row["处理建议"], row["等待"]) == ("未报送", "无得分，不提建议", "自评工作簿")
    with pytest.raises(KeyError, match="名册里没有"):
        decisions.of("3")


def test_nothing_takes_effect_unsigned():
    decisions = decided()
    for shown in (repr(decisions), decisions._repr_html_()):
        assert "不是决定" in shown
        assert "签字" in shown


def test_county_text_is_escaped():
    import pandas as pd

    roster = pd.DataFrame(
        {"name": ["<script>x</script>"], "city": "", "batch": "", "type": "", "funds": None}, index=["1"], dtype=object
    )
    decisions = decide(score(from_values(SCHEME, {"1": BASE}, roster)))
    assert "<script>" not in decisions._repr_html_()
    assert "<script>" not in decisions.scores._repr_html_()
    assert "<script>" not in decisions.scores.explain("1")._repr_html_()


def test_recommendations_use_the_official_layer_only():
    facts = from_values(SCHEME, {"1": {**BASE, "fake": "否"}}, official={"1": {"fake": "是"}})
    decisions = decide(score(facts))
    assert "notify" in {item.action for item in decisions.of("1")}
    assert decisions.scores.result_text("自评", "1", "V5") == "否"


def test_time_limits_as_the_paper_says_them(tmp_path):
    scheme = edition(tmp_path, """
    fields:
      p: {name: 有问题, type: yesno}
    events:
      V: {name: 问题, when: p, cite: [T/1]}
    consequences:
      - {when: V, do: [rectify], verb: shall, within: 三个月, cite: [T/1]}
      - {when: not V, do: [continue], verb: shall, cite: [T/1]}
    """)  # fmt: skip
    decisions = decide(scored(scheme, {"p": "是"}, {"p": "否"}, {}))
    assert [str(item) for item in decisions.of("0")] == [
        "应限期整改（期限：三个月）：问题（有问题）。依据《试验办法》1"
    ]
    assert [(item.action_name, item.state) for item in decisions.of("1")] == [("继续支持", "applies")]
    assert [(item.action_name, item.state, item.waits_for) for item in decisions.of("2")] == [
        ("限期整改", "waits", ("有问题",)), ("继续支持", "waits", ("有问题",)),
    ]  # fmt: skip
