"""Fund checks: every verdict, on the limits and just beside them, in both readings of a tolerance."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from scoring.editions import HEAD, edition, scored

from evaltool.decisions import decide
from evaltool.decisions.funds import VERDICTS, FundCheck

F = Fraction

FIELDS = """
fields:
  all: {name: 总额, type: money, unit: 万元}
  road: {name: 修路, type: money, unit: 万元}
  feast: {name: 宴请, type: money, unit: 万元}
  filed: {name: 已备案, type: yesno, filled_by: province}
lists:
  bills:
    name: 支付
    rows_from: subject
    columns:
      sum: {name: 金额, type: money, unit: 万元}
      paper: {name: 有发票, type: yesno}
funds:
  pot:
    name: 专项资金
    total: all
"""


PAYMENT = "name: 无票付款, breaches: count(bills.sum >= 5 and not bills.paper)"


@pytest.fixture
def check(tmp_path):
    def checked(use: str, given: dict[str, Any], pot: str = "") -> FundCheck:
        body = FIELDS + pot + f"    uses:\n      road: {{name: 修路, amount: road, cite: [T/1]{use}}}\n"
        body += "    bans: {feast: [T/1]}\n"
        body += f"    payments:\n      - {{{PAYMENT}, cite: [T/1]}}\n"
        if "when: filed" not in body:
            body = body.replace("  filed: {name: 已备案, type: yesno, filled_by: province}\n", "")
        scheme = edition(tmp_path, body)
        found = decide(scored(scheme, {"all": 1000, "feast": 0, "lists": {"bills": []}} | given)).funds_of("0")
        return {item.use: item for item in found}["road"]

    return checked


@pytest.mark.parametrize(
    ("limits", "road", "verdict"),
    [
        (", at_least: 60%", 600, "符合"),
        (", at_least: 60%", "599.99", "低于下限"),
        (", at_least: 60%", 1000, "符合"),
        (", at_most: 25%", 250, "符合"),
        (", at_most: 25%", "250.01", "高于上限"),
        (", at_most: 25%", 0, "符合"),
        (", at_least: 20%, at_most: 25%", 200, "符合"),
        (", at_least: 20%, at_most: 25%", "199.99", "低于下限"),
        (", at_least: 20%, at_most: 25%", "250.01", "高于上限"),
        (", at_least: 60%", "未填", "待定"),
        (", at_most: 25%", "未填", "待定"),
        ("", 600, "未规定比例"),
        ("", "未填", "未规定比例"),
        (", at_most: masked, question: Q1", 600, "界限未公布"),
        (", at_most: unset, question: Q1", 600, "界限未公布"),
        (", at_least: 60%, at_most: masked, question: Q1", 600, "界限未公布"),
        (", at_least: 60%, at_most: masked, question: Q1", "599.99", "低于下限"),
        (", at_least: 60%, at_most: masked, question: Q1", "未填", "待定"),
    ],
)  # fmt: skip
def test_limits(check, limits, road, verdict):
    item = check(limits, {"road": road})
    assert item.verdict == verdict
    assert item.clauses == ("《试验办法》1",)
    if road == "未填":
        assert item.amount == (0, float("inf"))
    else:
        assert item.share == (F(str(road)) / 1000,) * 2


def test_a_masked_limit_is_never_zero(check):
    item = check(", at_most: masked, question: Q1", {"road": 0})
    assert (item.verdict, str(item.at_most), item.note) == ("界限未公布", "文件未公布", "文件未公布")
    item = check(", at_most: unset, question: Q1", {"road": 0})
    assert (item.verdict, item.note) == ("界限未公布", "文件未规定")


def test_a_total_of_zero_is_open(check):
    item = check(", at_least: 60%", {"road": 0, "all": 0})
    assert (item.verdict, item.note) == ("待定", "总额为零")


def test_an_unknown_total_may_still_settle_a_ceiling(check):
    assert check(", at_most: 25%", {"road": 0, "all": "未填"}).verdict == "符合"
    assert check(", at_most: 25%", {"road": 1, "all": "未填"}).verdict == "待定"


def test_how_far_a_share_is_off(check):
    assert check(", at_least: 60%", {"road": 590}).note == "偏离 1 个百分点"
    assert check(", at_most: 25%", {"road": "250.5"}).note == "偏离 0.05 个百分点"


def test_in_principle_asks_for_reasons(check):
    pot = "    in_principle: true\n"
    assert check(", at_least: 60%", {"road": 590}, pot).note == "偏离 1 个百分点；文件用语为“原则上”，须说明理由"
    assert check(", at_least: 60%, in_principle: false", {"road": 590}, pot).note == "偏离 1 个百分点"
    assert check(", at_least: 60%", {"road": 600}, pot).note == ""


def tolerance(of: str, more: str = "") -> str:
    return f"    tolerance: {{by: 5%, of: {of}, when: filed, cite: [T/1]{more}}}\n"


READINGS = {"points": (550, "549.99"), "item": (570, "569.99")}  # 60% less 5 points, or less a twentieth of itself


@pytest.mark.parametrize(("of", "edge", "beyond"), [(of, *pair) for of, pair in READINGS.items()])
@pytest.mark.parametrize(
    ("filed", "verdict"), [("是", "在允许调整幅度内（已备案）"), ("否", "超出界限，尚未备案"), ("未填", "待定")]
)
def test_each_reading_of_a_tolerance(check, of, edge, beyond, filed, verdict):
    limit = ", at_least: 60%"
    assert check(limit, {"road": edge, "filed": filed}, tolerance(of)).verdict == verdict
    assert check(limit, {"road": "599.99", "filed": filed}, tolerance(of)).verdict == verdict
    assert check(limit, {"road": 600, "filed": filed}, tolerance(of)).verdict == "符合"
    assert check(limit, {"road": beyond, "filed": filed}, tolerance(of)).verdict == "低于下限"


@pytest.mark.parametrize(
    ("road", "verdict"),
    [
        (570, "在允许调整幅度内（已备案）"), ("569.99", "取决于待定问题"), (550, "取决于待定问题"), ("549.99", "低于下限"),
    ],
)  # fmt: skip
def test_where_the_paper_does_not_say_both_readings_are_tried(check, road, verdict):
    item = check(", at_least: 60%", {"road": road, "filed": "是"}, tolerance("unset", ", question: Q1"))
    assert item.verdict == verdict
    assert ("Q1：空白" in item.note) == (verdict == "取决于待定问题")


@pytest.mark.parametrize(
    ("road", "verdict"),
    [
        ("262.5", "在允许调整幅度内（已备案）"),
        ("262.51", "取决于待定问题"),
        (300, "取决于待定问题"),
        ("300.01", "高于上限"),
    ],
)
def test_tolerance_above_a_ceiling(check, road, verdict):
    assert (
        check(", at_most: 25%", {"road": road, "filed": "是"}, tolerance("unset", ", question: Q1")).verdict == verdict
    )


def test_a_tolerance_without_a_condition_claims_no_filing(check):
    item = check(", at_least: 60%", {"road": 590}, "    tolerance: {by: 5%, of: points, cite: [T/1]}\n")
    assert item.verdict == "在允许调整幅度内"


def others(tmp_path, **given: Any) -> dict[str, FundCheck]:
    body = FIELDS.replace("  filed: {name: 已备案, type: yesno, filled_by: province}\n", "")
    body += "    uses: {}\n    bans: {feast: [T/1]}\n"
    body += f"    payments:\n      - {{{PAYMENT}, note: 五万元以上要票, cite: [T/1]}}\n"
    body += "consequences:\n  - {when: road >= 0, do: [], note: 无, cite: [T/1]}\n"
    found = decide(scored(edition(tmp_path, body, head=HEAD), {"all": 1000, "road": 1} | given)).funds_of("0")
    return {item.use: item for item in found}


@pytest.mark.parametrize(("feast", "verdict"), [(0, "符合"), ("0.01", "列支了禁止用途"), ("未填", "待定")])
def test_banned_uses(tmp_path, feast, verdict):
    item = others(tmp_path, feast=feast)["feast"]
    assert (item.verdict, item.note, item.at_most) == (verdict, "禁止列支", 0)


@pytest.mark.parametrize(
    ("rows", "verdict", "note"),
    [
        ([], "符合", "五万元以上要票"),
        ([{"sum": 5, "paper": "是"}, {"sum": "4.99", "paper": "否"}], "符合", "五万元以上要票"),
        ([{"sum": 5, "paper": "否"}, {"sum": 9, "paper": "否"}], "不符合", "不符合 2 条；五万元以上要票"),
        ([{"sum": 5, "paper": "否"}, {"sum": 9, "paper": "未填"}], "不符合", "不符合 1 ～ 2 条；五万元以上要票"),
        ([{"sum": 5, "paper": "未填"}], "待定", "不符合 0 ～ 1 条；五万元以上要票"),
        ("读不出", "待定", "条数未知；五万元以上要票"),
    ],
)
def test_payment_rules(tmp_path, rows, verdict, note):
    item = others(tmp_path, lists={"bills": rows})["无票付款"]
    assert (item.verdict, item.note, item.unit) == (verdict, note, "条")


def test_every_verdict_has_a_test():
    told = Path(__file__).read_text("utf-8")
    assert not [verdict for verdict in VERDICTS if f'"{verdict}"' not in told]
