"""Questions about one county against itself: parts and wholes (D119), the same thing twice (D133), shares of one whole
(D134), done and planned (D138). Every line is tried on it and one step off it."""

from __future__ import annotations

from typing import Any

import pytest

from evaltool.intake import from_values
from evaltool.intake.questions.relations import plain_name, relations
from evaltool.problems import Problem
from evaltool.question_lines import OURS
from evaltool.scheme import Scheme, load
from tests.every_edition import sheets_of
from tests.plausible_rounds import asked
from tests.scoring.editions import edition

GIVEN = "本工具提示线，非政策规定"


def ask(scheme: Scheme, sheet: dict[str, Any], roster: Any = None) -> list[Problem]:
    return asked(from_values(scheme, {"1": sheet}, roster))["1"]


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


@pytest.fixture(scope="module")
def hubei() -> Scheme:
    return load("hubei/ecommerce_rural")


@pytest.fixture
def county(hubei) -> dict[str, Any]:
    """A county whose data are plain."""
    return dict(next(iter(sheets_of(hubei).values())))


# --- D119 ---


@pytest.mark.parametrize(
    ("changed", "part", "said"),
    [
        ({"town_stations": 13, "towns": 12}, "town_stations", "“已建服务站点的乡镇数”13 个，大于“乡镇数”12 个"),
        (
            {"use_banned": 2001, "fund_total": 2000},
            "use_banned",
            "金、购买流量”2001 万元，大于“实际下达资金总额”2000 万元",
        ),
    ],
)
def test_a_part_larger_than_its_whole(hubei, county, changed, part, said):
    plain = {key: min(changed.values()) for key in changed}
    assert not ask(hubei, county | plain), "as large as the whole is possible"
    found = [problem for problem in ask(hubei, county | changed) if problem.place.field == part]
    assert codes(found) == ["D119"]
    assert found[0].what.endswith(said[-20:])
    assert found[0].why.endswith(f"提示线：部分大于全体；{GIVEN}")
    assert found[0].do == "核对两个数；确实如此的不用改"


def test_parts_that_together_are_larger_than_their_whole(hubei, county):
    """Each use is below the use that it is inside of, and only the sum is not."""
    county |= {"use_public": 400, "use_centre": 250, "use_station": 150}
    assert not ask(hubei, county)
    (problem,) = ask(hubei, county | {"use_station": 151})
    assert problem.what == (
        "“其中公共服务中心”250 万元、“其中服务站点”151 万元，合计 401 万元，大于“用于公共服务中心和站点”400 万元"
    )
    assert problem.place.field == "use_centre"
    assert codes(ask(hubei, county | {"use_station": "未填"})) == [], "one part alone is no sum"
    assert codes(ask(hubei, county | {"use_centre": 500})) == ["D119"], "the one that is too large, and not the sum too"


def test_rows_of_a_list_have_parts_too(hubei, county):
    row = dict(county["lists"]["projects"][0])
    for first, found in ((row["contract_sum"], []), (int(row["contract_sum"]) + 1, ["D119"])):
        lists = county["lists"] | {"projects": [row | {"first_paid": first, "all_paid": row["contract_sum"]}]}
        problems = ask(hubei, county | {"lists": lists})
        assert codes(problems) == found
        for problem in problems:
            assert problem.what.startswith("“建设项目”第 1 行“首期预拨”")
            assert problem.place.field == "projects.first_paid"


PARTS = """\
fields:
  able:    {name: 有劳动能力的, type: count, unit: 人}
  away:    {name: 其中外出务工, type: count, unit: 人}
  trained: {name: 培训人数, type: count, unit: 人}
  all:     {name: 建设资金, type: money, unit: 亿元}
  roads:   {name: 其中道路, type: money, unit: 万元}
  done:    {name: 实际培训场次, type: count, unit: 场}
  plan:    {name: 计划培训场次, type: count, unit: 场}
  sites:   {name: 站点数, type: count, unit: 个}
lists:
  spots:
    name: 站点名册
    rows_from: subject
    columns:
      spot: {name: 名称, type: text}
indicators:
  A: {name: 培训面, value: trained / (able - away), unit: 占比, rule: {kind: proportional, target: 50%}, points: 5}
  B: {name: 用到, value: all}
  E: {name: 用到戊, value: roads}
  C: {name: 完成率, value: done / plan, unit: 占比, rule: {kind: proportional, target: 100%}, points: 5}
  D: {name: 有名册的, value: count(spots) / sites, unit: 占比}
"""


def test_formulas_and_names_say_what_is_a_part(tmp_path):
    scheme = edition(tmp_path, PARTS)
    assert not ask(scheme, {"able": 10, "away": 10, "all": 1, "roads": 10_000, "trained": 10})
    assert codes(ask(scheme, {"able": 10, "away": 11})) == ["D119"]
    assert codes(ask(scheme, {"able": 10, "trained": 11})) == ["D119"]
    (problem,) = ask(scheme, {"all": 1, "roads": 10_001})
    assert problem.what == "“其中道路”10001 万元，大于“建设资金”1 亿元"
    assert problem.why.startswith("前者的名称写明是后者的其中一项；")
    rows = [{"spot": "甲"}, {"spot": "乙"}]
    assert not ask(scheme, {"sites": 2, "lists": {"spots": rows}})
    (problem,) = ask(scheme, {"sites": 1, "lists": {"spots": rows}})
    assert (problem.code, problem.what) == ("D119", "“站点名册”的行数 2 行，大于“站点数”1 个")


def test_money_beside_a_pot_is_no_part_of_it():
    """Matching and invested money is measured against the pot and may be more."""
    whole = {(one.parts[0].id, one.whole.id) for one in relations(load("shanxi/qinxian_etown")).inside}
    assert ("county_money", "prov_money") not in whole
    assert ("invested", "guide_money") not in whole
    assert ("county_award", "county_money") in whole


# --- D138 ---


@pytest.mark.parametrize(
    ("spent", "said"),
    [(1600, ""), (1599, "D138"), (2000, ""), (2001, "D119"), (2400, "D119"), (2401, "D138"), (0, "D138")],
)
def test_execution_is_asked_about_beyond_a_fifth(hubei, county, spent, said):
    county |= {"fund_total": 2000, "fund_spent": spent}
    for key in ("use_flow", "use_public", "use_train"):
        county[key] = "未填"
    found = ask(hubei, county)
    assert codes(found) == [said] * bool(said)
    assert all(problem.place.field == "fund_spent" for problem in found)


def test_execution_names_the_ratio_and_the_line(hubei, county):
    (problem,) = ask(hubei, county | {"fund_total": 2000, "fund_spent": 1599})
    assert problem.what == "“已拨付资金”1599 万元，是“实际下达资金总额”2000 万元的 79.9%"
    assert problem.why == f"J4 资金拨付率用前者除以后者；提示线：低于 80%；{OURS}"
    assert problem.do == "核对两个数；确实如此的，写明原因"


def test_a_pot_of_which_little_is_used_is_asked_about_once(hubei, county):
    county |= {"fund_total": 2000, "fund_spent": 1800, "use_flow": 1000, "use_public": 400, "use_train": 200}
    county |= dict.fromkeys(("use_system", "use_process", "use_depot", "use_centre", "use_station"), 100)
    assert not ask(hubei, county)
    low = county | {"use_train": 199}
    (problem,) = ask(hubei, low)
    assert problem.what == "中央财政资金的 3 项用途合计 1599 万元，是“实际下达资金总额”2000 万元的 79.9%"
    (problem,) = ask(hubei, low | {"fund_spent": 100})
    assert problem.place.field == "fund_spent", "one question for one pot"


def test_more_done_than_planned_is_no_part_of_it(tmp_path):
    scheme = edition(tmp_path, PARTS)
    assert not ask(scheme, {"done": 12, "plan": 10})
    assert codes(ask(scheme, {"done": 13, "plan": 10})) == ["D138"]
    assert codes(ask(scheme, {"done": 7, "plan": 10})) == ["D138"]
    assert not ask(scheme, {"done": 8, "plan": 10})
    assert not ask(scheme, {"done": 8, "plan": 0})


def test_a_share_that_is_full_at_all_of_it_and_money_that_must_arrive():
    moa, anhui = load("moa/project_evaluation"), load("anhui/ecommerce_livelihood")
    for share, found in (("80%", []), ("79.9%", ["D138"]), ("120%", []), ("120.1%", ["D138"])):
        assert codes(ask(moa, {"built_share": share})) == found, share
    assert not ask(anhui, {"fund_planned": 100, "fund_arrived": 80})
    (problem,) = ask(anhui, {"fund_planned": 100, "fund_arrived": 79})
    assert problem.why.startswith("ARRIVED 奖补资金到位率看前者到没到后者；")


def test_low_full_marks_ask_for_no_completion():
    """县域内支出率 is full at 75%: 70% of the fund is a good figure and no slow execution."""
    assert not ask(load("shili/jiceng"), {"local_spend": 70, "all_spend": 100})


@pytest.mark.parametrize(
    ("actual", "op", "asks"),
    [(80, "≥", False), (79, "≥", True), (120, "≥", False), (121, "≥", True), (121, "≤", True), (121, "定性", False)],
)
def test_rows_are_asked_by_their_own_target(actual, op, asks):
    scheme = load("mof/project_self_evaluation")
    row = {"block": "产出指标", "title": "甲", "op": op, "target": 100, "actual": actual, "marks": 50}
    sheet = {"budget": 10, "spent": 10, "lists": {"goals": [row]}}
    found = [problem for problem in ask(scheme, sheet) if problem.code == "D138"]
    assert len(found) == asks
    if asks:
        of = {79: "79", 121: "121"}[actual]
        assert found[0].what == f"“绩效指标”第 1 行“实际完成值”{of}，是“年度指标值”100 的 {of}%"
        assert found[0].place.field == "goals.actual"
    explained = {"goals": [row | {"why": "雨季停工"}]}
    assert "D138" not in codes(ask(scheme, sheet | {"lists": explained})), "the reason stands beside it"


# --- D134 ---


def test_full_marks_of_rows_beside_others_are_no_more_than_what_is_left():
    """keji: 100 in all, 20 of them for execution; the ten for satisfaction may not apply. One goal counts once."""
    scheme = load("keji/project_self_evaluation")

    def rows(*marks: int, parts: int = 1) -> dict[str, Any]:
        goal = {"nature": "绝对值", "op": "≥", "applies": "是", "target": 1, "actual": 1, "money": 1}
        made = [{**goal, "title": f"指标{i}", "marks": mark} for i, mark in enumerate(marks) for _ in range(parts)]
        return {"lists": {"parts": made}}

    assert not ask(scheme, rows(50, 30))
    assert not ask(scheme, rows(50, 30, parts=3))
    (problem,) = ask(scheme, rows(50, 31))
    assert (problem.code, problem.place.field) == ("D134", "parts.marks")
    assert problem.what == "“各课题完成情况”各行分值合计 81 分，超过 80 分"
    assert problem.why.startswith("连同别的 2 项，“总分”的满分是 100 分；")


WEIGHTS = """\
lists:
  t:
    name: 子项目
    rows_from: subject
    columns:
      v: {name: 进度, type: share}
      w: {name: 权重, type: %s}
indicators:
  X: {name: 总进度, combine: mean}
  Y: {name: 进度, per: t, in: X, value: v, weight: w}
"""
SHARES = """\
lists:
  t:
    name: 分项
    rows_from: subject
    columns:
      v: {name: 占总投资比重, type: share}
indicators:
  X: {name: 合计, value: sum(t.v), unit: 占比}
"""


@pytest.mark.parametrize(
    ("body", "column", "fine", "over"),
    [
        (WEIGHTS % "number, unit: 无", "w", [60, 40], [60, "40.1"]),
        (WEIGHTS % "share", "w", ["60%", "40%"], ["60%", "40.1%"]),
        (SHARES, "v", ["60%", "40%"], ["60%", "40.1%"]),
    ],
)
def test_weights_and_shares_of_one_whole_are_no_more_than_all_of_it(tmp_path, body, column, fine, over):
    scheme = edition(tmp_path, body)
    assert not ask(scheme, {"lists": {"t": [{column: value} for value in fine]}})
    (problem,) = ask(scheme, {"lists": {"t": [{column: value} for value in over]}})
    assert (problem.code, problem.place.field, problem.place.cell[1:]) == ("D134", f"t.{column}", "6")
    assert "100.1" in problem.what
    assert GIVEN in problem.why


def test_exact_marks_are_refused_and_not_asked_about(hubei):
    """Where nothing stands beside the rows, D120 says more."""
    scheme = load("hubei/project_self_evaluation")
    row = {"block": "产出", "title": "甲", "op": "≥", "target": 1, "actual": 1}
    found = ask(scheme, {"lists": {"goals": [row | {"marks": 81}]}})
    assert codes(found) == ["D120"]


# --- D133 ---

TWICE = """\
fields:
  a:     {name: 全县行政村数, type: count, unit: 个}
  b:     {name: 行政村总数, type: count, unit: 个}
  c:     {name: 建有站点的行政村数, type: count, unit: 个}
  works: {name: 建设项目数, type: count, unit: 个}
  deals: {name: 合同金额, type: money, unit: 亿元}
lists:
  t:
    name: 建设项目
    rows_from: subject
    columns:
      w: {name: 项目, type: text}
      s: {name: 合同金额, type: money, unit: 万元}
indicators:
  X: {name: 用到, value: a + b + c + works}
  Y: {name: 用到乙, value: deals}
  Z: {name: 用到丙, value: sum(t.s)}
"""


def test_one_thing_told_twice(tmp_path):
    scheme = edition(tmp_path, TWICE)
    rows = {"t": [{"w": "甲", "s": 4000}, {"w": "乙", "s": 6000}]}
    assert not ask(scheme, {"a": 200, "b": 200, "c": 150, "works": 2, "deals": 1, "lists": rows})
    (villages,) = ask(scheme, {"a": 200, "b": 201})
    assert villages.what == "“全县行政村数”填 200 个（基础数据 E5），“行政村总数”是 201 个"
    assert villages.why == f"两处的名称相同；提示线：两个数不相等；{OURS}"
    assert villages.place.field == "b"
    works, deals = ask(scheme, {"works": 3, "deals": 2, "lists": rows})
    assert works.what == "“建设项目数”填 3 个（基础数据 E8），“建设项目”的行数是 2 行"
    assert deals.what == "“合同金额”填 2 亿元（基础数据 E9），“建设项目”各行合同金额合计是 10000 万元"
    assert {works.code, deals.code} == {"D133"}


def test_names_are_compared_without_the_words_for_number_of():
    assert plain_name("全县行政村数") == plain_name("行政村 总数") == plain_name("（行政村）数量") == "行政村"
    assert plain_name("建有站点的行政村数") != plain_name("行政村数")


def test_the_roster_names_the_money_once(hubei, county):
    county |= {"fund_total": 2000, "fund_spent": 1800}
    facts = from_values(hubei, {"1": county})
    for funds, found in ((None, []), (2000, []), (1999, ["D133"])):
        roster = facts.roster.assign(funds=[funds])
        problems = ask(hubei, county, roster)
        assert codes(problems) == found, funds
    assert problems[0].what == "“实际下达资金总额”填 2000 万元，名册里的资金是 1999 万元"
    assert problems[0].place.field == "fund_total"


def test_the_roster_may_mean_any_pot():
    scheme = load("qinghai/ecommerce_rural")
    facts = from_values(scheme, {"1": {"fund_total": 1500, "invest_total": 2000}})
    for funds, found in ((1500, []), (2000, []), (1600, ["D133"])):
        assert (
            codes(ask(scheme, {"fund_total": 1500, "invest_total": 2000}, facts.roster.assign(funds=[funds]))) == found
        )
