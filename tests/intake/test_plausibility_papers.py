"""Questions about what stands beside the figures: years in the evidence (D132) and totals of self scores (D135)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from openpyxl import load_workbook

from evaltool.books.book import Cell
from evaltool.facts import Origin, State
from evaltool.intake import from_values
from evaltool.intake.claimed_totals import read_totals
from evaltool.intake.county_book import CountyRead
from evaltool.intake.list_reading import ListRead, RowRead
from evaltool.intake.opened import Book, Sheet
from evaltool.intake.questions.evidence_years import earliest, years
from evaltool.intake.questions.plausibility import questions
from evaltool.intake.roster import roster_of
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.taking import Round, take_one
from evaltool.problems import Problem
from evaltool.question_lines import OURS
from evaltool.scheme import load
from tests.plausible_rounds import reads_of

ON = dt.date(2020, 6, 30)


# --- D132 ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("鄂商〔2018〕12号", (2018,)),
        ("〔２０１８〕", (2018,)),
        ("二〇二〇年五月，二零一九年，二○一八年", (2020, 2019, 2018)),
        ("一九九八年", (1998,)),
        ("20190605会议纪要，2019-06，2019.5.1，2019/6，201906", (2019, 2019, 2019, 2019, 2019)),
        ("照片IMG_20200101.jpg", (2020,)),
        ("2021—2025年规划，2019年至2022年台账", (2021, 2019)),
        ("《电子商务法》（2018年8月）", (2018,)),
        ("《2012年工作规划》第2页", ()),
        ("第2019页，2019号，共2020份，发票No2019，编号2020", ()),
        ("电话13920201234，身份证420601198001012019", ()),
        ("培训2015人次，2100 户，2019万元，2050%", ()),
        ("20201301", ()),
        ("", ()),
    ],
)
def test_years_are_read_as_clerks_write_them(text, found):
    assert years(text) == found


def asked(text: str, on: dt.date | None = ON, key: str = "leading_group") -> list[Problem]:
    """What one text of evidence is asked."""
    scheme = load("hubei/ecommerce_rural")
    facts = from_values(scheme, {"1": {}})
    reads = reads_of(facts)
    reads["1"].evidence[key] = text
    reads["1"].evidence_at[key] = Origin("1.xlsx", "基础数据", "F20")
    return questions(scheme, reads, facts.roster, None, on)["1"]


def test_the_work_of_an_edition_begins_with_its_first_day():
    """In force, first report or first stage, whichever is earliest."""
    assert earliest(load("hubei/ecommerce_rural")) == 2019
    assert earliest(load("qinghai/ecommerce_rural")) == 2018
    assert earliest(load("shanxi/qinxian_etown")) == 2022


@pytest.mark.parametrize(
    ("text", "on", "asks"),
    [
        ("鄂商〔2016〕1号", ON, False),
        ("鄂商〔2015〕1号", ON, True),
        ("鄂商〔2015〕1号、2019年补发", ON, False),
        ("2020年12月通报", ON, False),
        ("2021年1月通报", ON, True),
        ("2019年、2021年通报", ON, True),
        ("2021年1月通报", None, False),
        ("《2012年规划》", ON, False),
        ("附件三", ON, False),
    ],
)
def test_evidence_of_another_time_is_asked_about(text, on, asks):
    assert [problem.code for problem in asked(text, on)] == ["D132"] * asks


def test_the_question_names_both_years_and_stands_at_the_evidence():
    (early,) = asked("鄂商〔2014〕1号，附〔2015〕3号")
    assert early.what == "“已成立领导小组”的佐证写的是 2015 年，本轮评价的工作从 2019 年开始"
    assert early.why == f"写的是“鄂商〔2014〕1号，附〔2015〕3号”；提示线：最晚的比 2019 年早超过 3 年；{OURS}"
    assert early.do == "核对是不是本轮的材料；确实用它的不用改"
    assert (early.place.cell, early.place.field, early.level) == ("F20", "leading_group", "note")
    (late,) = asked("2021年1月通报")
    assert late.what == "“已成立领导小组”的佐证写着 2021 年，本轮的基准日是 2020-06-30"


def test_rows_of_a_list_have_evidence_of_their_own():
    scheme = load("hubei/ecommerce_rural")
    rows = [
        RowRead({}, n, evidence=(text, Origin("1.xlsx", "项目点", f"H{n}")))
        for n, text in ((7, "2012年照片"), (8, "2020年"))
    ]
    read = CountyRead(lists={"sites": ListRead(State.FILLED, rows)})
    facts = from_values(scheme, {"1": {}})
    (problem,) = questions(scheme, {"1": read}, facts.roster, None, ON)["1"]
    assert (problem.code, problem.place.cell, problem.place.field) == ("D132", "H7", "sites")
    assert problem.what.startswith("“中央资金支持的项目点”的佐证写的是 2012 年，")


# --- D135 ---


@pytest.fixture
def returned(county, hubei, answers, roster):
    """returned({row anchor: score or formula}): the questions about a workbook whose score sheet was typed over."""
    scores = dict.fromkeys(hubei.leaves(), 1)

    def made(changes: dict[str, Any], left_out: tuple[str, ...] = ()) -> list[Problem]:
        mine = {key: value for key, value in scores.items() if key not in left_out}
        filled = answers(hubei) | {"scores": mine}

        def change(path: Any) -> None:
            book = load_workbook(path)
            sheet = book["自评打分"]
            column = next(cell.column for cell in sheet[1] if cell.value == "self")
            for row in sheet.iter_rows(min_col=1, max_col=1):
                key = str(row[0].value).removeprefix("indicator:")
                if key in changes:
                    sheet.cell(row[0].row, column).value = changes[key]
            book.save(path)

        path = county(hubei, filled, change).path
        table, _ = roster_of(roster.iloc[:1])
        came = take_one(Round(hubei, table, ON), path)
        assert came.county is not None
        found = questions(hubei, {came.subject: came.county}, table, None, ON)[came.subject]
        return [problem for problem in found if problem.code == "D135"]

    return made


def test_a_total_that_its_items_do_not_give(returned):
    """N has six items of one point each (N5 two of them)."""
    assert returned({}) == [], "the template's own sums have no stored value"
    assert returned({"N5": 2, "N": 6}) == []
    (problem,) = returned({"N5": 2, "N": 7})
    assert problem.what == "“农村电子商务内生发展能力培养”的自评合计写 7 分，各项自评分相加是 6 分"
    assert problem.why == f"合计由各项简单相加；提示线：不相等；{OURS}"
    assert problem.do == "核对各项自评分；合计由表里的公式算出，不另外填"
    assert (problem.place.sheet, problem.place.field, problem.level) == ("自评打分", "N", "note")
    assert problem.place.cell


def test_only_the_sum_that_is_wrong_is_asked_about(returned):
    """A total above it that adds up what stands there is right by itself."""
    found = returned({"N": 7, "Z": 10, "J": 5, "TOTAL": 22})
    assert [problem.place.field for problem in found] == ["N"]


def test_items_without_a_self_score_leave_room(returned):
    """N1 may be anything from nothing to its five points."""
    for total, asks in ((5, 0), (10, 0), (11, 1), (4, 1)):
        found = returned({"N": total}, left_out=("N1",))
        assert len(found) == asks, total
    assert found[0].what.endswith("各项自评分相加是 5 分，没有自评的各项都得满分也只有 10 分")


def test_a_total_that_is_no_number_is_passed_over(returned):
    assert returned({"N": "六分", "Z": "=SUM(", "J": None}) == []


@pytest.mark.parametrize(
    ("cell", "total"),
    [
        (Cell(7), 7),
        (Cell("7"), 7),
        (Cell(7, formula="=3+4"), 7),
        (Cell(7, formula="=NEUEFUNKTION(1)"), 7),
        (Cell(0, formula="=3+4"), None),
        (Cell(7, formula="=TODAY()-44000"), None),
        (Cell(7, struck="all"), None),
        (Cell("7" * 400), None),
    ],
)
def test_a_total_is_claimed_where_it_was_typed_or_calculated(hubei, cell, total):
    """A program that writes formulas without working them out stores 0 beside them; that is nobody's claim."""
    sheet = Sheet("自评打分", 0, {(5, 2): cell}, rows={"indicator:N": [5]})
    reader = SheetReader(hubei, Book("甲.xlsx", "", "xlsx", {}, [sheet]), "429901")
    assert {key: value for key, (value, _) in read_totals(reader, sheet, 2).items()} == ({"N": total} if total else {})
