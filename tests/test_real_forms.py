"""Published facts of real forms, typed into the project's own templates and run through the commands a province uses.

Sources are named at each test. Targets are never entered as actuals; what was not published stays unknown.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaltool.archive import Round, open_round
from evaltool.cli import cli
from evaltool.decisions import decide
from evaltool.facts import OFFICIAL, SELF
from evaltool.intake import fill


def run(*args: Any) -> str:
    done = CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def whole_way(tmp_path: Path, scheme: str, on: str, answers: dict[str, tuple[str, dict[str, Any]]]) -> Round:
    """new → template → (typing) → read → score, as typed on the command line."""
    roster = tmp_path / "roster.csv"
    with roster.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "city", "batch", "type", "funds"])
        writer.writerows([code, name, "", "", "", ""] for code, (name, _) in answers.items())
    folder = tmp_path / "round"
    run("new", folder, "--scheme", scheme, "--on", on, "--roster", roster)
    run("template", folder)
    back = tmp_path / "back"
    back.mkdir()
    for code, (_, typed) in answers.items():
        [blank] = (folder / "templates").glob(f"{code}*.xlsx")
        (back / blank.name).write_bytes(blank.read_bytes())
        fill(back / blank.name, typed)
    run("read", folder, back)
    run("score", folder)
    return open_round(folder)


def test_r1_fishing_ban_project(tmp_path: Path) -> None:
    """2020 长江禁捕 project, https://1wenmi.com/doc/330418.html: every goal met, printed total 100.

    The page shows a direction for 满意度 only (≥ 90%); the form cannot be filled without one, and with target and actual
    equal every direction gives the same points. Levels above the goals were not published and stay empty.
    """
    block = {"op": "≥"}
    goals = [
        {**block, "title": "补贴渔船数", "target": 6, "unit_name": "艘", "actual": 6, "marks": 20},
        {**block, "title": "补贴资金发放率", "target": 100, "unit_name": "%", "actual": 100, "marks": 10},
        {**block, "title": "12 月底前完成", "target": 100, "unit_name": "%", "actual": 100, "marks": 10},
        {**block, "title": "满意度", "target": 90, "unit_name": "%", "actual": 90, "marks": 40},
    ]
    typed = {"fields": {"budget": 1.56, "spent": 1.56}, "lists": {"goals": goals}}
    rnd = whole_way(tmp_path, "hubei/project_self_evaluation", "2020-12-31", {"990001": ("长江禁捕", typed)})
    scores = rnd.scores()
    assert scores.total(SELF, "990001") == (100, 100)
    assert [scores.result_text(SELF, "990001", key) for key in ("EXE", "GOALS")] == ["20", "80"]
    assert [problem for problem in scores.facts.problems if problem.level != "note"] == []


MOF = "mof/project_self_evaluation"


def test_r2_workshop_form_read_as_published(tmp_path: Path) -> None:
    """南华县 罗家屯 workshop, https://www.ynnh.gov.cn/info/17693/347777.htm: what is typed wrong on the page is seen.

    The output rows read: decimal weights that add up to 50.0; an actual value that is a condition (`≥100%`); a row
    whose columns slipped (target 550, actual 20). The
    rest of the table was cut off and stays away, the actual value that the
    page does not show stays unknown, and the direction of rows without a sign is not known: `≥` is assumed.
    """
    output = {"block": "产出指标", "op": "≥"}
    goals = [
        {**output, "title": "冷库仓储建设", "target": 1290.3, "actual": 1290.3, "unit_name": "平方米", "marks": 10.3},
        {**output, "title": "烘干设备购置", "target": 550, "actual": 20, "unit_name": "万元", "marks": 9.3},
        {**output, "title": "变压器", "target": 3, "unit_name": "台", "marks": 9.3},
        {**output, "title": "奖补资金兑付率", "target": 100, "actual": "≥100%", "unit_name": "%", "marks": 10.8},
        {**output, "title": "任务完成时限", "target": 10, "actual": 10, "unit_name": "月", "marks": 10.3},
    ]
    typed = {"fields": {"budget": 1100, "spent": 1100}, "lists": {"goals": goals}}
    rnd = whole_way(tmp_path, MOF, "2022-12-31", {"532324": ("罗家屯车间", typed)})
    scores = rnd.scores()
    assert scores.result_text(SELF, "532324", "EXE") == "10"
    # 10.3 + 10.3 sure, 9.3 × 20 ÷ 550 for the slipped row, 9.3 and 10.8 open
    slipped = Fraction(93, 10) * 20 / 550
    out = scores.column(SELF, "OUT")
    assert (out.lo[0], out.hi[0]) == (Fraction(206, 10) + slipped, Fraction(407, 10) + slipped)
    problems = scores.facts.problems
    [unread] = [problem for problem in problems if problem.place and problem.place.field == "goals.actual"
                and "≥100%" in problem.what]  # fmt: skip
    assert unread.level == "count"
    assert "D120" not in {problem.code for problem in problems if "产出指标" in problem.what}


def test_r3_weights_that_depart_are_a_finding(tmp_path: Path) -> None:
    """A unit's wages project, https://dyrmt.com/article-132779-22.html: four rows of 22.5, no satisfaction.

    67.5 + 22.5 + 0 depart from 50 + 30 + 10: each block is named as a finding, nothing is refused, and the rows' own
    points decide. What was achieved was not published, so every row stays open.
    """
    row = {"marks": 22.5}
    goals = [
        {**row, "block": "产出指标", "title": "足额保障率", "op": "=", "target": 100, "unit_name": "%"},
        {**row, "block": "产出指标", "title": "科目调整次数", "op": "≤", "target": 10, "unit_name": "次"},
        {**row, "block": "产出指标", "title": "按时发放率", "op": "=", "target": 100, "unit_name": "%"},
        {**row, "block": "效益指标", "title": "结余率", "op": "≤", "target": 5, "unit_name": "%"},
    ]
    rnd = whole_way(tmp_path, MOF, "2022-12-31", {"990001": ("工资项目", {"lists": {"goals": goals}})})
    scores = rnd.scores()
    findings = {problem.what for problem in scores.facts.problems if problem.code == "D120"}
    assert findings == {
        "“产出指标”各行分值合计 67.5 分，规定 50 分",
        "“效益指标”各行分值合计 22.5 分，规定 30 分",
        "“满意度指标”各行分值合计 0 分，规定 10 分",
    }
    assert {problem.level for problem in scores.facts.problems} <= {"note", "count"}
    ends = {key: scores.column(SELF, key) for key in ("EXE", "OUT", "EFF", "SAT", "TOTAL")}
    assert {key: (column.lo[0], column.hi[0]) for key, column in ends.items()} == {
        "EXE": (0, 10), "OUT": (0, Fraction(135, 2)), "EFF": (0, Fraction(45, 2)), "SAT": (0, 0), "TOTAL": (0, 100),
    }  # fmt: skip


LUAN = ["霍邱", "金寨", "霍山", "舒城", "金安", "裕安", "叶集"]


def test_r4_luan_seven_counties(tmp_path: Path) -> None:
    """六安 2019, http://swj.luan.gov.cn/ztzl/msgc/4148851.html: every row of 项目申报管理 read has full points, 13 of 13.

    The page's other rows were not read, so each total stays open.
    """
    from evaltool.scheme import load

    scheme = load("anhui/ecommerce_livelihood")
    apply_fields = {
        name: "是"
        for key in scheme.children["APPLY"]
        for name in getattr(scheme.indicators[key].rule, "items", None) or list(scheme.indicators[key].value.names())
    }
    county = {name for name, item in scheme.edition.fields.items() if item.filled_by == "county"}
    typed = {"fields": {name: value for name, value in apply_fields.items() if name in county}}
    answers = {f"9900{i:02d}": (name, typed) for i, name in enumerate(LUAN, 1)}
    rnd = whole_way(tmp_path, "anhui/ecommerce_livelihood", "2019-12-31", answers)
    said = {"value": "是", "who": "六安市公布的评分表", "when": "2019-12-31"}
    province = {name: said for name in apply_fields if name not in county}
    if province:
        [table] = (tmp_path / "round" / "templates").glob("*认定表*.xlsx")
        fill(table, {"entries": dict.fromkeys(answers, province)})
        run("read", tmp_path / "round", table)
        run("score", tmp_path / "round")
        rnd = open_round(tmp_path / "round")
    scores = rnd.scores()
    for code in answers:
        assert scores.result_text(OFFICIAL, code, "APPLY") == "13"
        low, high = scores.total(OFFICIAL, code) or (0, 0)
        assert low >= 13
        assert high > low, "the rest was never read: the total must stay open"


@pytest.fixture
def laohekou(tmp_path: Path) -> Round:
    plan = {
        "plan_total": 1500, "plan_centre": 225, "plan_flow": 450, "plan_commerce": 375, "plan_supply": 150,
        "plan_train": 150, "plan_poverty": 75, "plan_new": 75,
    }  # fmt: skip
    typed = {"fields": plan}
    return whole_way(tmp_path, "hubei/laohekou", "2022-03-01", {"420682": ("老河口市", typed)})


def test_r6_laohekou_plan_meets_every_limit_exactly(laohekou: Round) -> None:
    """老河口 2022 fund plan (clause 五 and annex of seed 003): every floor and ceiling is met exactly at its edge."""
    checks = {check.use: check for check in decide(laohekou.scores()).funds}
    shares = {"centre": 15, "flow": 30, "commerce": 25, "supply": 10, "train": 10, "poverty": 5, "new": 5}
    for use, percent in shares.items():
        share = checks[use].share
        assert share == (Fraction(percent, 100), Fraction(percent, 100))
        limits = [limit for limit in (checks[use].at_least, checks[use].at_most) if limit is not None]
        assert checks[use].verdict == ("符合" if limits else "未规定比例")
        assert all(limit == Fraction(percent, 100) for limit in limits)
    assert sum(check.amount[0] for check in checks.values()) == 1500


def test_r6_one_yuan_beside_the_edge_is_seen(tmp_path: Path) -> None:
    plan = {
        "plan_total": 1500, "plan_centre": "225.0001", "plan_flow": "449.9999", "plan_commerce": 375,
        "plan_supply": 150, "plan_train": 150, "plan_poverty": 75, "plan_new": 75,
    }  # fmt: skip
    rnd = whole_way(tmp_path, "hubei/laohekou", "2022-03-01", {"420682": ("老河口市", {"fields": plan})})
    verdicts = {check.use: check.verdict for check in decide(rnd.scores()).funds}
    assert (verdicts["centre"], verdicts["flow"], verdicts["commerce"]) == ("高于上限", "低于下限", "符合")
