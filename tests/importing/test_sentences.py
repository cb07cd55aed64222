"""Which rule a sentence becomes; what is not plain stays open and says why."""

from __future__ import annotations

from fractions import Fraction

import pytest

from evaltool.importing.evidence import match
from evaltool.importing.points import read_points, split_code, split_points
from evaltool.importing.proposals import propose
from evaltool.importing.thresholds import read

HALF = Fraction(1, 2)


def steps(*rows):
    *upper, last = rows
    told = [{key: limit, "gives": gives} for key, limit, gives in upper]
    return {"kind": "steps", "steps": [*told, {"otherwise": "true", "gives": last}]}


@pytest.mark.parametrize(
    ("text", "full", "rule"),
    [
        ("按规定制定奖补政策的，得6分", 6, {"kind": "yesno", "points": 6}),
        ("齐全2分；不齐全扣2分", 2, {"kind": "yesno", "points": 2}),
        ("完成全部任务得满分，否则不得分", 10, {"kind": "yesno", "points": 10}),
        ("健全10分，基本健全6分，不健全0分", 10, {"kind": "levels", "levels": {"健全": 10, "基本健全": 6, "不健全": 0}}),
        ("相符10分；基本相符扣4分；不符不得分", 10, {"kind": "levels", "levels": {"相符": 10, "基本相符": 6, "不符": 0}}),
        ("≥90%得10分；80%（含）-90%得8分；低于80%不得分", 10, steps(("at_least", "90%", 10), ("at_least", "80%", 8), 0)),
        ("达到95%及以上得5分，低于95%不得分", 5, steps(("at_least", "95%", 5), 0)),
        ("超过50%得5分，30%-50%（含）得3分，30%（含）以下得1分", 5,
         steps(("more_than", "50%", 5), ("more_than", "30%", 3), 1)),
        ("90%≤完成率得10分，其余不得分", 10, {"kind": "yesno", "points": 10}),
        ("满意度≥90%得10分，80%≤满意度<90%得6分，其他不得分", 10, steps(("at_least", "90%", 10), ("at_least", "80%", 6), 0)),
        ("达到5家得5分，3-4家得3分，3家以下不得分", 5, steps(("at_least", "5", 5), ("at_least", "3", 3), 0)),
        ("达到90%得满分，未达到的按相应比例计分", 10, {"kind": "proportional", "target": "90%"}),
        ("得分=分值×实际完成值÷目标值", 10, {"kind": "proportional", "target": "100%"}),
        ("不超过10次得满分，超过的按比例折算", 10, {"kind": "proportional", "target": "10", "inverse": "true"}),
        ("达到90%得满分，低于60%不得分，之间按比例得分", 10, {"kind": "linear", "zero_at": "60%", "full_at": "90%"}),
        ("100%得20分，每减少1个百分点扣1分，扣完为止", 20,
         {"kind": "per_unit", "around": "100%", "fewer": -1, "per": "1%", "part": "whole"}),
        ("大于等于95%得5分，每下降5个百分点扣0.5分", 5,
         {"kind": "per_unit", "around": "95%", "fewer": -HALF, "per": "5%", "part": "whole"}),
        ("少于2家的，每少1家扣5分；每多1家加3分", 10, {"kind": "per_unit", "around": "2", "fewer": -5, "more": 3}),
        ("至少有1个得20分，没有不得分，每多一个加10分", 20, {"kind": "per_unit", "around": "1", "fewer": -20, "more": 10}),
        ("每发现1处问题扣2分，扣完为止", 10, {"kind": "per_unit", "more": -2}),
        ("每少一个扣1分", 16, {"kind": "per_unit", "more": -1}),
        ("每新增1家得2分，最高10分", 10, {"kind": "per_unit", "more": 2, "start": 0}),
        ("每增加100万元得1分", 10, {"kind": "per_unit", "more": 1, "start": 0, "per": 100, "part": "whole"}),
        ("1.制定方案2分；2.申报合规2分", 4, {"kind": "checklist", "items": {"{1}": 2, "{2}": 2}}),
        ("①有方案（1.5分）②有制度（0.5分）", 2, {"kind": "checklist", "items": {"{1}": Fraction(3, 2), "{2}": HALF}}),
        ("有方案（0.5）；有记录（0.5）", 1, {"kind": "checklist", "items": {"{1}": HALF, "{2}": HALF}}),
        ("1.领导小组；2.制度；3.台账。每缺一项扣1分", 3, {"kind": "checklist", "items": {"{1}": 1, "{2}": 1, "{3}": 1}}),
    ],
)  # fmt: skip
def test_a_plain_sentence_is_a_rule(text, full, rule):
    made = propose(text, full, "某项")
    assert made.unread == ""
    assert made.rule == rule


def test_judged_points_ask_for_a_person_and_a_reason():
    made = propose("符合要求7分；不符合视情况扣分，扣完7为止", 7, "报告")
    assert (made.value, made.floor, made.cap) == ("7 - {cut}", "0", "7")
    assert [(f.suffix, f.type, f.judged, f.between) for f in made.fields] == [("cut", "points", True, "[0, 7]")]
    made = propose("由评价人酌情给分", 5, "报告")
    assert (made.value, made.fields[0].suffix) == ("{score}", "score")


def test_levels_that_give_a_part_of_the_points():
    made = propose("完成得100%-80%（含80%）；部分完成得80%-50%（含50%）；未完成50%-0%", 10, "定性指标")
    assert made.rule == {
        "kind": "levels",
        "levels": {
            "完成": {"at_least": "80%", "at_most": "100%"},
            "部分完成": {"at_least": "50%", "less_than": "80%"},
            "未完成": {"at_least": "0%", "less_than": "50%"},
        },
        "chosen": "{share}",
    }
    assert all(part.judged for part in made.fields)


def test_items_that_are_scored_differently_become_indicators():
    made = propose("1.制度健全得2分，不健全不得分；2.资金到位率达到100%得3分，每少1个百分点扣0.5分", 5, "某项")
    assert [(name, points, part.rule["kind"]) for name, points, part in made.children] == [
        ("制度健全", 2, "yesno"), ("资金到位率", 3, "per_unit"),
    ]  # fmt: skip


def test_what_is_certain_of_a_sentence_that_stops_short():
    made = propose("到位率达到100%得2分", 2, "到位率")
    assert made.unread == "够不到最低一档时给几分没有写"
    assert made.overrides == "{rate} >= 100%"


@pytest.mark.parametrize(
    ("text", "full", "why"),
    [
        ("", 5, "纸上没有计分办法"),
        ("建立台账并及时更新", 5, "没有说怎样给分"),
        ("较好完成得8-10分", 10, "8-10分"),
        ("得6分", 5, "超过满分 5 分"),
        ("建立制度得3分，执行到位得2分", 5, "最高一级不是满分"),
        ("1.制度2分；2.台账2分", 5, "各小项合计 4 分，满分 5 分"),
        ("无违规得5分；出现违规一票否决", 5, "一票否决"),
        ("到位率达到100%2分，……", 2, "省略号"),
        ("90%以上得10分，70%-80%得5分，70%以下不得分", 10, "接不上"),
        ("每少1个扣1分，每错1次扣2分", 10, "大小不一|还有别的"),
        ("发现1处扣2分", 10, "没有说怎样得分"),
        ("每多1家加3分，达到5家得10分", 10, "达不到目标时"),
        ("按名次得分，第1名10分，每降1位扣0.5分", 10, ""),
    ],
)
def test_what_is_not_plain_stays_open(text, full, why):
    made = propose(text, full, "某项")
    assert made.unread
    assert not made.delegated
    assert any(part in made.unread for part in why.split("|"))


@pytest.mark.parametrize("text", ["由各省自行制定", "评分标准由市级主管部门另行制定", "另行通知"])
def test_what_the_paper_leaves_to_somebody(text):
    made = propose(text, 20, "某项")
    assert made.delegated
    assert made.unread


def test_what_is_left_unsaid_is_asked():
    assert propose("每新增1家加3分", None, "企业").questions == ["加分有没有上限没有写，草稿不封顶"]
    assert "端点" in propose("90%以上得10分，80%-90%得8分，80%以下不得分", 10, "率").questions[0]
    assert propose("按完成比例得分", 5, "x").questions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17", (17, False)), ("１７分", (17, False)), ("（6分）", (6, False)), ("1.5", (Fraction(3, 2), False)),
        ("6%", (6, True)), ("最高5分", (5, False)), ("+5", (5, False)), ("-5", (-5, False)), ("—", (None, False)),
        ("", (None, False)),
    ],
)  # fmt: skip
def test_points_cells(text, expected):
    found = read_points(text)
    assert (found.value, found.percent, found.fault) == (*expected, "")


def test_points_and_numbers_beside_names():
    assert [split_points(name)[0] for name in ("组织管理（17分）", "组织管理 17分", "可行性报告（申报书）", "2022年工作")] == [
        "组织管理", "组织管理", "可行性报告（申报书）", "2022年工作",
    ]  # fmt: skip
    assert split_points("投入【0.5】")[1].value == HALF
    assert split_points("得5分")[1].value is None
    codes = {
        name: split_code(name)
        for name in ("一、投入", "（二）过程", "1.1 产出", "A1.2效果", "3.满意", "2022年工作", "2个中心")
    }
    assert codes == {
        "一、投入": ("一", "投入"), "（二）过程": ("二", "过程"), "1.1 产出": ("1.1", "产出"), "A1.2效果": ("A1.2", "效果"),
        "3.满意": ("3", "满意"), "2022年工作": ("", "2022年工作"), "2个中心": ("", "2个中心"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "low", "high", "has_low", "has_high"),
    [
        ("达到90%以上", Fraction(90), None, True, False),
        ("超过5家", 5, None, False, False),
        ("低于80%", None, 80, True, False),
        ("不超过10次", None, 10, True, True),
        ("80%（不含）-90%（含）", 80, 90, False, True),
        ("3-4家", 3, 4, True, False),
    ],
)
def test_limits(text, low, high, has_low, has_high):
    found = read(text)
    assert (found.low, found.high, found.has_low, found.has_high) == (low, high, has_low, has_high)


def test_evidence_words():
    assert match("1.领导小组文件；2.会议纪要、现场照片等") == (["印发文件", "会议纪要", "现场照片"], [])
    assert match("锦旗") == ([], ["锦旗"])
