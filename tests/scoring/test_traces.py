"""Explanations as an official reads them: a few in full, and what each kind of rule says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from evaltool.intake import from_values
from evaltool.scheme import load
from evaltool.scheme.sentences import rule_sentence
from evaltool.scoring import score
from scoring import all_kinds
from scoring.editions import edition, scored

HUBEI = load("hubei/ecommerce_rural")
BASE: dict[str, Any] = dict(HUBEI.cases.base)
PAYMENTS = [{"paid": "5", "by_deed": "否", "by_invoice": "是"}, {"paid": "7"}]
GIVEN = {
    "town_stations": "7", "centre_built": "否", "poverty_level": "有一定成效", "poverty_share": "66%", "fund_spent": "未填",
    "far_behind": "是", "retail_growth": "19.1%",
    "lists": {**BASE["lists"], "projects": [], "payments": PAYMENTS},
}  # fmt: skip


@pytest.fixture(scope="module")
def scores():
    return score(from_values(HUBEI, {"420000": {**BASE, **GIVEN}, "420001": None}))


def told(scores, key: str, *wanted: str) -> list[str]:
    """The lines of a trace that begin with one of the wanted words."""
    return [line for line in str(scores.explain("420000", key)).splitlines() if line.split("　")[0] in wanted]


def test_a_ratio_in_full(scores):
    lines = str(scores.explain("420000", "N2")).splitlines()
    assert lines[0] == "420000（420000）认定　N2 乡镇服务站点覆盖率：4.2 / 6"
    assert lines[1].startswith("说明　参考权重")
    assert lines[2] == "规则　看已建服务站点的乡镇数 ÷ 乡镇数；达到 100% 得满分，未达到的按 6 分 × 实际 ÷ 100% 计。"
    assert lines[3].startswith("依据　《湖北省")
    assert lines[4:] == [
        "数据　已建服务站点的乡镇数 = 7 个",
        "数据　乡镇数 = 10 个",
        "算式　7 个 ÷ 10 个 = 70%；6 × 70% ÷ 100%，封顶 6，得 4.2 分",
        (
            "提高　已建服务站点的乡镇数 ÷ 乡镇数达到 100%，可得满分（现在 70%，差 30 个百分点）；"
            "其他不变时，已建服务站点的乡镇数由 7 个 变为 10 个"
        ),
    ]


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("N1", ["算式　县级公共服务中心已建成运营 否 0，中心用的是闲置厂房或现有园区等场地 是 1，缺“县级公共服务中心已建成运营”，整项不得分，得 0 分",
                "提高　“县级公共服务中心已建成运营”做到了整项才计分，可得 5 分"]),
        ("Z7", ["算式　“已到验收期或已申请验收”的行数等于 0 的，得满分；得 5 分", "提高　已得满分"]),
        ("Z8", ["算式　1 ～ 2（金额不低于 5 万元且不满足（附有合同且附有发票）） = 1 笔 ～ 2 笔；得 1 ～ 2 分", "提高　先补齐：项目支出"]),
        ("J1", ["算式　19.1% － 19.1% = 0 个百分点；得 0 分",
                ("提高　农村网络零售额增速 － 全国农村网络零售额增速超过 0 个百分点，可得 6 分（现在正好 0 个百分点）；"
                 "其他不变时，农村网络零售额增速由 19.1% 变为超过 19.1%")]),
        ("J3", ["算式　6 × 66%，得 3.96 分", "提高　评为“成效明显”并在区间内给到更高的比例，可得更多分"]),
        ("J4", ["算式　未知 ÷ 2000 万元 = 未知；9 × 未知 ÷ 90%，封顶 9，得 0 ～ 9 分", "提高　先补齐：已拨付资金"]),
        ("GRADE", ["算式　70.16 分 ～ 84.16 分", "提高　按现在能确定的最低分算，再得 14.84 分（到 85 分）为“优秀”"]),
    ],
)  # fmt: skip
def test_arithmetic_and_advice(scores, key, lines):
    assert told(scores, key, "算式", "提高") == lines


def test_the_total_shows_its_parts_and_ranges_in_brackets(scores):
    assert told(scores, "TOTAL", "算式", "其中") == [
        "算式　23.2 + （34 ～ 39） + （12.96 ～ 21.96） = 70.16 ～ 84.16",
        "其中　N 农村电子商务内生发展能力培养：23.2 / 30",
        "其中　Z 组织与实施情况：34 ～ 39 / 40",
        "其中　J 工作绩效：12.96 ～ 21.96 / 30",
    ]


def test_a_veto(scores):
    lines = str(scores.explain("420000", "V4")).splitlines()
    assert lines[0].endswith("V4 非因不可抗力严重滞后：待定")
    assert lines[2] == "规则　项目建设进度严重滞后且“滞后系不可抗力”为否。"
    assert lines[-2:] == ["数据　项目建设进度严重滞后 = 是", "数据　滞后系不可抗力 = —［待认定］"]


def test_who_returned_nothing(scores):
    lines = str(scores.explain("420001", "TOTAL")).splitlines()
    assert lines[0].endswith("TOTAL 总分：未报送 / 100")
    assert lines[-1] == "提高　请该县报送"


def test_what_is_not_there_is_told_in_chinese(scores):
    for arguments, said in (
        (("429999",), "名册里没有"),
        (("420000", "N99"), "没有指标"),
        (("420000", "N1", "市级"), "没有“市级”这一层"),
    ):
        with pytest.raises(KeyError, match=said):
            scores.explain(*arguments)


def test_a_veto_that_holds_is_the_reason_for_the_grade():
    scheme = load("shili/jiceng")
    scores_ = score(from_values(scheme, {"1": {**scheme.cases.base, "fake_data": "是"}}))
    lines = str(scores_.explain("1", "GRADE")).splitlines()
    assert lines[0].endswith("GRADE 等次：较差")
    assert [line for line in lines if line[:2] in ("算式", "提高")] == [
        "算式　造假的，定为“较差”；较差",
        "提高　现按例外处理：造假的，定为“较差”",
    ]


def test_a_zero_divisor_asks_to_check_the_data(scores):
    assert told(scores, "Z10", "提高") == [
        "提高　先核对数据：““经招标采购或专家评审选定承办单位且承办单位已公示且无异议”的行数 ÷ 建设项目行数”算不出"
    ]


RULES = {
    "LINE": "看甲款 ÷ 乙款；20% 得 0 分，90% 得满分，其间按直线比例计。",
    "INV": "看甲数；不超过目标（乙数）得满分，超过的按 5 分 × 目标 ÷ 实际 计。",
    "OVER": "看甲数 ÷ （甲数 ＋ 乙数）；达到 60% 得满分，未达到的按 9 分 × 实际 ÷ 60% 计。",
    "WHOLE": "看率；50% 得 3 分，每多 7 个百分点加 1 分，每少 7 个百分点扣 2 分，不足一个单位的不算。",
    "STEPS": "看某数 － 别数；不低于 3 天得 6 分，超过 0 天得 2.5 分，其余得 0 分。",
    "WHEN": "一且“二”为否得 6 分，甲数超过乙数或三得 1 分，其余得 0 分。",
    "CHECK": "逐项计分：一 1 分，二 2 分，三 3 分；缺“二”的不得分。",
    "LEVEL": "看档；好 4 分，中 1.5 分，差 0 分。",
    "OPEN": "评分标准未定（未定），在 0 与满分之间待定。",
    "LATE": "看（0、交件距“2020-06-30”的天数中的较大者）；0 天得 5 分，每多 1 天扣 0.5 分。",
    "BY": "看甲数；类为“东”时，达到 8 个 得满分，未达到的按 5 分 × 实际 ÷ 8 个 计；类为“中”时，0 个得 0 分，每多 1 个加 1 分；"
    "类为“西”时，不低于 4 个得 5 分，其余得 1 分。",
    "EXCEPT": "看甲数 ÷ 乙数；达到 100% 得满分，未达到的按 10 分 × 实际 ÷ 100% 计；一且二的，最多 4 分；乙数等于 0 个的，得满分；三的，得 1 分；"
    "保留 2 位小数，舍去尾数。",
    "TOTAL": "各项相加；最高 150 分；保留 1 位小数，四舍五入。",
    "FREE": "看某数；0 天得 1 分，每多 1 天加 1 分，每少 1 天加 0.5 分；不设上限。",
}


def test_what_each_rule_says_of_itself(tmp_path):
    scheme = edition(tmp_path, all_kinds.BODY)
    assert {key: rule_sentence(scheme, key) for key in RULES} == RULES


def test_every_explanation_can_be_made(tmp_path):
    from random import Random

    rng = Random(5)
    scheme = edition(tmp_path, all_kinds.BODY)
    made = scored(scheme, *(all_kinds.opened(rng, all_kinds.sheet(rng), 0.2)[0] for _ in range(25)))
    for who in range(25):
        for key in [*scheme.indicators, *scheme.edition.events]:
            text = str(made.explain(str(who), key))
            for word in ("None", "nan", "Fraction", "inf", "State."):
                assert word not in text, (key, text)
