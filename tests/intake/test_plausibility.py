"""Questions about sizes: against the last round (D130), the other counties (D131), and by themselves (D139).

Every line is tried on it and one step off it.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool import question_lines as line
from evaltool.facts import Facts
from evaltool.intake import from_values
from evaltool.problems import Problem
from evaltool.scheme import Scheme, load
from tests.every_edition import EDITIONS, roster_of, sheets_of
from tests.plausible_rounds import asked, reads_of
from tests.scoring.editions import HEAD, edition

FIELDS = """\
fields:
  towns:    {name: 乡镇数, type: count, unit: 个}
  villages: {name: 行政村数, type: count, unit: 个}
  shops:    {name: 网店数, type: count, unit: 家}
  people:   {name: 培训人次, type: count, unit: 人次}
  paid:     {name: 已拨付资金, type: money, unit: 万元}
  growth:   {name: 零售额增速, type: share}
  part:     {name: 覆盖率, type: share, between: [0%, 2000%]}
  area:     {name: 中心面积, type: number, unit: 平方米}
lists:
  works:
    name: 建设项目
    rows_from: subject
    columns:
      work: {name: 项目, type: text}
      sum:  {name: 合同金额, type: money, unit: 万元}
      size: {name: 建筑面积, type: number, unit: 平方米}
"""
NAMES = ["towns", "villages", "shops", "people", "paid", "growth", "part", "area"]
USED = "".join(f"  U{i}: {{name: 用到{i}, value: {name}}}\n" for i, name in enumerate(NAMES))
USED += "  UA: {name: 用到甲, value: sum(works.sum)}\n  UB: {name: 用到乙, value: sum(works.size)}\n"


def made(folder: Any, fields: str = FIELDS, head: str = HEAD) -> Scheme:
    return edition(folder, fields + "indicators:\n" + USED, head=head)


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> Scheme:
    return made(tmp_path_factory.mktemp("now"))


def sheet(**values: Any) -> dict[str, Any]:
    works = values.pop("works", [])
    return {**values, "lists": {"works": [{"work": f"项目{i}", **row} for i, row in enumerate(works)]}}


def one(scheme: Scheme, now: dict[str, Any], before: Facts | dict[str, Any] | None = None) -> list[Problem]:
    """What one county is asked, with or without a last round."""
    last = from_values(scheme, {"1": before}) if isinstance(before, dict) else before
    return asked(from_values(scheme, {"1": now}), previous=last)["1"]


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


# --- D130 ---


@pytest.mark.parametrize(
    ("field", "before", "now", "asks"),
    [
        ("paid", 10, 499, False), ("paid", 10, 500, True), ("paid", 10, 2000, True), ("paid", 10, 2001, False),
        ("paid", 10, 49_999, False), ("paid", 10, 50_000, True), ("paid", 10, 100_000_000, True),
        ("paid", 500, 10, True), ("paid", 499, 10, False), ("paid", 50_000, 10, True), ("paid", 0, 50_000, False),
        ("shops", 9, 900, False), ("shops", 10, 1000, True), ("shops", 1000, 10, True), ("shops", 1, 5_000, True),
        ("growth", "0.2%", "20%", True), ("growth", "20%", "21%", False), ("growth", "-0.2%", "-20%", True),
        ("growth", "-0.2%", "20%", False), ("area", 40, 4000, True), ("area", 40, 1999, False),
    ],
)  # fmt: skip
def test_a_jump_against_the_last_round_is_asked_about(scheme, field, before, now, asks):
    assert codes(one(scheme, sheet(**{field: now}), sheet(**{field: before}))) == ["D130"] * asks


def test_the_question_names_both_figures_the_line_and_what_to_do(scheme):
    (problem,) = one(scheme, sheet(paid=16_000_000), sheet(paid=1600))
    assert problem.what == "“已拨付资金”填 16000000 万元，上一轮是 1600 万元，本轮是上一轮的约 10000 倍"
    assert problem.why == "像是元和万元填混了；提示线：相差 5000 倍以上；本工具提示线，非政策规定"
    assert problem.do == "核对单位；确实如此的不用改"
    assert problem.level == "note"
    assert (problem.place.workbook, problem.place.sheet, problem.place.cell) == ("1.xlsx", "基础数据", "E9")
    assert (problem.place.field, problem.place.subject, problem.rule.node) == ("paid", "1", "paid")


def test_a_lost_per_cent_sign_is_told_as_one(scheme):
    (problem,) = one(scheme, sheet(growth="0.2%"), sheet(growth="20%"))
    assert problem.what == "“零售额增速”填 0.2%，上一轮是 20%，本轮是上一轮的约 1/100"
    assert problem.why.startswith("像是百分号或小数点错了位；提示线：相差 50 至 200 倍；")


def test_money_of_a_column_is_compared_as_a_sum_at_its_largest_cell(scheme):
    before = sheet(works=[{"sum": 300}, {"sum": 200}])
    (problem,) = one(scheme, sheet(works=[{"sum": 200}, {"sum": 3_000_000}]), before)
    assert problem.code == "D130"
    assert problem.what.startswith("“建设项目”各行合同金额合计是 3000200 万元，上一轮是 500 万元")
    assert (problem.place.sheet, problem.place.cell, problem.place.field) == ("建设项目", "B7", "works.sum")
    assert not one(scheme, sheet(works=[{"sum": 200}, {"sum": "未填"}]), before), "a sum with a gap is no sum"


def test_another_edition_is_compared_where_type_and_unit_agree(scheme, tmp_path):
    """`was:` names the field of the edition before; money is converted, other units are not compared."""
    changed = FIELDS.replace("paid:     {", "cash: {was: paid, ").replace("单位", "").replace("万元", "元")
    changed = changed.replace("shops:    {name: 网店数, type: count, unit: 家}",
                              "shops: {name: 网店数, type: count, unit: 个}")  # fmt: skip
    new = edition(tmp_path, changed + "indicators:\n" + USED.replace("value: paid", "value: cash"))
    before = from_values(scheme, {"1": sheet(paid=100, shops=10, works=[{"sum": 5}])})
    assert not one(new, sheet(cash=1_000_000, works=[{"sum": 50_000}]), before), "the same money in 元"
    (problem,) = one(new, sheet(cash=100), before)
    assert problem.what == "“已拨付资金”填 100 元，上一轮是 100 万元，本轮是上一轮的约 1/10000"
    assert not one(new, sheet(shops=100_000), before), "家 is not 个"


def test_a_county_that_the_last_round_did_not_have_is_not_asked(scheme):
    before = from_values(scheme, {"2": sheet(paid=1)})
    assert not one(scheme, sheet(paid=10_000), before)


# --- D131 ---


def among(scheme: Scheme, field: str, value: Any, others: int = line.FEWEST_COUNTIES - 1, usual: Any = 30) -> list[str]:
    """What the one county out of line is asked."""
    sheets = {str(i): sheet(**{field: usual}) for i in range(others)}
    return codes(asked(from_values(scheme, {**sheets, "x": sheet(**{field: value})}))["x"])


@pytest.mark.parametrize(
    ("field", "value", "asks"),
    [
        ("paid", 30 * line.APART, True), ("paid", 30 * line.APART - 1, False),
        ("paid", Fraction(30, line.APART), True), ("paid", Fraction(31, line.APART), False),
        ("shops", 30 * line.APART, True), ("shops", 30 * line.APART - 1, False), ("shops", 0, False),
        ("area", 30 * line.APART, False),
    ],
)  # fmt: skip
def test_a_county_far_from_all_others_is_asked(scheme, field, value, asks):
    assert among(scheme, field, value) == ["D131"] * asks


@pytest.mark.parametrize(("value", "asks"), [("0.4%", True), ("0.41%", False), ("999%", False), ("0%", False)])
def test_a_share_with_its_point_out_of_place_is_asked(scheme, value, asks):
    """What a spreadsheet keeps when 0.2 is typed into a cell of per cent."""
    assert among(scheme, "growth", value, usual="20%") == ["D131"] * asks


def test_too_few_counties_have_no_median(scheme):
    assert among(scheme, "paid", 300_000) == ["D131"]
    assert among(scheme, "paid", 300_000, others=line.FEWEST_COUNTIES - 2) == []


def test_the_median_is_named_with_its_counties(scheme):
    sheets = {str(i): sheet(paid=1000 + i) for i in range(9)}
    found = asked(from_values(scheme, {**sheets, "x": sheet(paid=10_000_000)}))
    (problem,) = found["x"]
    assert problem.what == (
        "“已拨付资金”填 10000000 万元，本轮 10 个县（填零的不算）的中位数是 1004.5 万元，本数是中位数的约 9955 倍"
    )
    assert problem.why == "像是元和万元填混了；提示线：与中位数相差 3000 倍以上；本工具提示线，非政策规定"
    assert not any(found[code] for code in sheets)


# --- D139 ---


@pytest.mark.parametrize(
    ("field", "last", "said"),
    [
        ("people", line.MOST_PEOPLE, "超过 1000 万人次"),
        ("shops", line.MOST_COUNT, "超过 1 亿家"),
        ("villages", line.MOST_VILLAGES, "行政村超过 2000 个"),
        ("towns", line.MOST_TOWNS, "乡镇超过 100 个"),
        ("paid", line.MOST_MONEY // 10_000, "超过 1000 亿元"),
        ("area", line.MOST_OF_UNIT["平方米"], "超过 1000000 平方米"),
    ],
)
def test_a_figure_that_no_county_has_is_asked_about(scheme, field, last, said):
    assert one(scheme, sheet(**{field: last})) == []
    (problem,) = one(scheme, sheet(**{field: last + 1}))
    assert problem.code == "D139"
    assert problem.why == f"提示线：{said}；本工具提示线，非政策规定"
    assert str(last + 1) in problem.what


def test_a_share_has_two_ends_unless_the_edition_gives_it_its_own(scheme):
    assert codes(one(scheme, sheet(growth="1000%"))) == []
    assert codes(one(scheme, sheet(growth="1000.01%"))) == ["D139"]
    assert codes(one(scheme, sheet(growth="-100%"))) == []
    assert codes(one(scheme, sheet(growth="-100.01%"))) == ["D139"]
    assert codes(one(scheme, sheet(part="1500%"))) == []


def test_single_cells_of_a_list_are_looked_at_too(scheme):
    (large, below) = one(scheme, sheet(works=[{"size": 5}, {"size": 1_000_001}, {"size": -1}, {"size": 0}]))
    assert large.what == "“建设项目”第 2 行“建筑面积”填 1000001 平方米"
    assert below.what == "“建设项目”第 3 行“建筑面积”填 -1 平方米"
    assert large.place.cell == "C7"


def test_a_cell_is_asked_about_its_unit_once(scheme):
    """Against the last round first, then against the others, then by itself."""
    sheets = {str(i): sheet(paid=100) for i in range(9)}
    facts = from_values(scheme, {**sheets, "x": sheet(paid=20_000_000)})
    assert codes(asked(facts)["x"]) == ["D131"]
    last = from_values(scheme, {"x": sheet(paid=2000)})
    assert codes(asked(facts, previous=last)["x"]) == ["D130"]


# --- properties ---

AMOUNT = st.fractions(min_value=Fraction(1, 100), max_value=10**6, max_denominator=100)


@given(before=AMOUNT, drift=st.fractions(min_value=Fraction(1, 2), max_value=2, max_denominator=50))
@settings(max_examples=60, deadline=None)
def test_a_figure_ten_thousand_times_too_large_is_always_asked_about(scheme, before, drift):
    """Whatever it was, and if it has doubled or halved since."""
    now = sheet(paid=before * drift)
    slipped = sheet(paid=before * drift * 10_000)
    last = sheet(paid=before)
    assert "D130" not in codes(one(scheme, now, last))
    assert codes(one(scheme, slipped, last)) == ["D130"]


@given(
    values=st.lists(
        st.fixed_dictionaries(
            {}, optional={name: st.integers(0, 10**12) for name in ("towns", "shops", "people", "paid", "area")}
        ),
        min_size=1,
        max_size=10,
    )
)
@settings(max_examples=40, deadline=None)
def test_questions_change_nothing_and_come_out_the_same_twice(scheme, values):
    facts = from_values(scheme, {str(i): sheet(**one) for i, one in enumerate(values)})
    reads = reads_of(facts)
    before = repr(reads)
    found = asked(facts, previous=facts)
    assert reads_of(facts) == reads
    assert repr(reads) == before
    assert asked(facts, previous=facts) == found
    assert {problem.level for one in found.values() for problem in one} <= {"note"}
    assert all(line.OURS in problem.why for one in found.values() for problem in one)
    assert all("D130" not in codes(one) for one in found.values()), "nothing has jumped since itself"


@pytest.mark.parametrize("key", EDITIONS)
def test_plain_data_are_not_asked_about(key):
    """The complete example of every edition, against itself as the last round."""
    name, _, day = key.partition("@")
    scheme = load(name, day)
    base = next(iter(sheets_of(scheme).values()))
    facts = from_values(scheme, {"990201": base}, roster_of(scheme).iloc[:1])
    assert asked(facts, previous=facts, on=dt.date(2024, 6, 30)) == {"990201": []}


def test_a_roster_without_funds_is_enough(scheme):
    facts = from_values(scheme, {"1": sheet(paid=1)})
    roster = pd.DataFrame({"name": ["甲县"]}, index=pd.Index(["1"], name="code"))
    from evaltool.intake.questions.plausibility import questions

    assert questions(scheme, reads_of(facts), roster) == {"1": []}


def test_the_lines_stand_in_the_docs():
    """`python -m evaltool.question_lines > docs/questions.md`"""
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "questions.md").read_text("utf-8")
    assert text == line.document()
    told = [row[0] for row in line.table()]
    assert told == ["D119", *(f"D{number}" for number in range(130, 140))]
