"""Hostile and careless province-wide tables: everything is read right, read with a note, or refused where it stands."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

from evaltool.books.looking import look
from evaltool.books.opening import read_book
from evaltool.facts import State
from evaltool.intake.opened import anchored
from evaltool.intake.province import rows as province_rows
from evaltool.intake.province.reading import ProvinceRead, province_csv, read_province
from evaltool.intake.province.template import province_template
from evaltool.intake.taking import Round
from evaltool.intake.templates.filling import typed
from evaltool.problems import Problem
from evaltool.scheme import Scheme
from tests.scoring.editions import edition

BODY = """
fields:
  people: {name: 人数, type: count, unit: 人}
  money: {name: 县域内基金支出, type: money, unit: 万元}
  rate: {name: 比例, type: share}
  ok: {name: 是否达标, type: yesno, evidence: [台账]}
  area: {name: 面积, type: number, unit: 平方米}
  day: {name: 日期, type: date, blank: {means: never, question: Q1}}
lists:
  works:
    name: 项目
    rows_from: subject
    columns:
      title: {name: 项目名, type: text}
      cost: {name: 金额, type: money, unit: 万元}
  goals:
    name: 目标
    rows_from: edition
    given: [goal]
    columns:
      goal: {name: 目标名, type: text}
      wanted: {name: 目标值, type: number, unit: row}
      actual: {name: 实际值, type: number, unit: row}
    rows:
      - {goal: 甲目标}
      - {goal: 乙目标}
  reports:
    name: 月报
    rows_from: calendar
    every: month
    from: 2024-01-01
    to: 2024-02-29
    due_day: 5
    columns:
      sent: {name: 报送日期, type: date, blank: {means: never, question: Q1}}
indicators:
  A: {name: 甲, points: 5, value: people * rate, unit: 人}
  B: {name: 乙, value: ok}
  C: {name: 丙, value: count(reports.sent <= reports.due), unit: 份}
  D: {name: 丁, value: "day <= '2024-01-01'"}
  E: {name: 戊, value: sum(works.cost) + money, unit: 万元}
  F: {name: 己, value: area, unit: 平方米}
  row: {name: 行, per: goals, value: actual / wanted, unit: 占比}
"""
HEADS = ["代码", "县名", "人数", "县域内基金支出（万元）", "比例", "是否达标", "面积", "日期"]
ONE = ["010001", "松影县", 12, 3.5, "65%", "是", 8, "2024-01-01"]
TWO = ["010002", "禾川县", 20, 4, "70%", "否", 9, "2024-01-02"]
Rows = list[list[Any]]


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return edition(tmp_path / "edition", BODY)


@pytest.fixture
def roster() -> pd.DataFrame:
    names = {"010001": "松影县", "010002": "禾川县", "010003": "乐都区"}
    table = pd.DataFrame({"name": names, "city": "示例市", "batch": "", "type": "", "funds": None}, dtype=object)
    table.index.name = "code"
    return table


Taken = Callable[..., ProvinceRead | None]


@pytest.fixture
def take(scheme: Scheme, roster: pd.DataFrame, tmp_path: Path) -> Taken:
    """take({sheet: rows}, change): a workbook of these rows, changed, and what is read of it."""

    def made(sheets: dict[str, Rows], change: Callable[[Workbook], Any] | None = None) -> ProvinceRead | None:
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for number, row in enumerate(rows, 1):
                for column, entered in enumerate(row, 1):
                    typed(sheet.cell(number, column), entered)
        if change:
            change(book)
        book.save(tmp_path / "汇总.xlsx")
        return again(scheme, roster, tmp_path / "汇总.xlsx")

    return made


def again(scheme: Scheme, roster: pd.DataFrame, path: Path) -> ProvinceRead | None:
    return read_province(Round(scheme, roster), anchored(read_book(look(path), path.name)))


def told(found: ProvinceRead, *but: str) -> list[str]:
    """The codes of the problems, in order; the lists have no sheets here, which is told first."""
    left = {"W107", "D117", *but}
    return [problem.code for problem in found.problems if problem.code not in left]


def the(found: ProvinceRead, code: str) -> Problem:
    return next(problem for problem in found.problems if problem.code == code)


def value(found: ProvinceRead, field: str, code: str = "010001") -> Any:
    read = found.counties[code].fields[field]
    return read.value if read.state == State.FILLED else read.state


def test_every_kind_of_field_is_read(take):
    found = take({"汇总": [HEADS, ONE, TWO]})
    assert [value(found, key) for key in ("people", "money", "ok", "area")] == [12, Fraction(7, 2), True, 8]
    assert value(found, "rate", "010002") == Fraction(7, 10)
    assert found.counties["010001"].fields["money"].origin[:3] == ("汇总.xlsx", "汇总", "D2")
    assert not found.refused


OTHERS: dict[str, Rows] = {
    "no county field": [["代码", "名称", "备注一", "备注二"], ["010001", "松影县", 1, 2]],
    "too few": [["代码", "名称", "人数", "面积"], ["010001", "松影县", 1, 2]],
    "nobody's rows": [["人数", "县域内基金支出", "比例", "是否达标"], [1, 2, "3%", "是"]],
    "half of the heads and no county": [["名称", *HEADS[2:5]], ["某乡", 1, 2, "3%"], ["某村", 1, 2, "3%"]],
    "heads too far down": [*([["", "说明"]] * 15), HEADS, ONE],
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_workbooks_are_no_table(take, name):
    assert take({"汇总": OTHERS[name]}) is None


HEAD_FORMS = {
    "人数（人）": "people", " 人 数 ": "people", "人\n数": "people", "人數": "people", "３．人数": "people", "PEOPLE": "people",
    "面积（㎡）": "area", "面積（平方米）": "area", "比例（%）": "rate", "是否达标（是/否）": "ok",
    "县域内基金支出/万元": "money", "縣域內基金支出(萬元)": "money",
}  # fmt: skip


@pytest.mark.parametrize("head", HEAD_FORMS)
def test_heads_in_other_forms(take, head):
    key = HEAD_FORMS[head]
    place = ["", "", "people", "money", "rate", "ok", "area"].index(key)
    heads = [head if i == place else text for i, text in enumerate(HEADS)]
    found = take({"汇总": [heads, ONE]})
    assert value(found, key) == value(take({"汇总": [HEADS, ONE]}), key)
    assert told(found) == []


@pytest.mark.parametrize(
    ("head", "entered", "expected", "codes"),
    [
        ("县域内基金支出（元）", 35000, Fraction(7, 2), []),
        ("县域内基金支出（亿元）", 0.00035, Fraction(7, 2), []),
        ("县域内基金支出（单位：元）", 35000, Fraction(7, 2), []),
        ("县域内基金支出（千元）", 35, Fraction(7, 2), []),
        ("县域内基金支出（美元）", 35, State.UNREADABLE, ["D126", "W108"]),
        ("县域内基金支出（户）", 35, State.UNREADABLE, ["D126", "W108"]),
        ("县域内基金支出（截至 6 月）", 35, State.UNREADABLE, ["D126", "W108"]),
    ],
)
def test_a_unit_in_the_head_is_converted_exactly_or_refuses_its_column(take, head, entered, expected, codes):
    found = take({"汇总": [[*HEADS[:3], head, *HEADS[4:]], [*ONE[:3], entered, *ONE[4:]]]})
    assert value(found, "money") == expected
    assert sorted(told(found, "D139")) == codes
    if not codes:
        assert "折算为 3.5 万元" in found.counties["010001"].fields["money"].origin.note


def test_a_count_in_ten_thousands_must_come_out_whole(take):
    heads = [*HEADS[:2], "人数（万人）", *HEADS[3:]]
    found = take({"汇总": [heads, [*ONE[:2], 1.2, *ONE[3:]], [*TWO[:2], 0.00005, *TWO[3:]]]})
    assert (value(found, "people"), value(found, "people", "010002")) == (12000, State.UNREADABLE)
    assert "D110" in told(found)


def test_a_unit_above_the_heads_holds_for_the_money_whose_heads_say_nothing(take):
    bare = [*HEADS[:3], "县域内基金支出", *HEADS[4:]]
    found = take({"汇总": [["各县汇总", "", "", "金额单位：元"], bare, [*ONE[:3], 35000, *ONE[4:]]]})
    assert value(found, "money") == Fraction(7, 2)
    assert the(found, "D109").place.cell == "D1"
    assert value(take({"汇总": [["单位：元"], HEADS, ONE]}), "money") == Fraction(7, 2)  # its own head says 万元
    below = take({"汇总": [bare, [*ONE[:3], 35000, *ONE[4:]], ["注：表中金额单位为元。"]]})
    assert value(below, "money") == Fraction(7, 2)
    both = take({"汇总": [["单位：元、万元"], bare, ONE]})
    assert value(both, "money") == State.UNREADABLE
    assert "D126" in told(both)


def test_six_heads_make_a_table_even_if_nobody_in_it_is_known(take):
    found = take({"汇总": [HEADS, ["990009", "生造县", *ONE[2:]]]})
    assert (found.counties, told(found)) == ({}, ["W119"])


def test_a_row_of_units_under_the_heads(take):
    bare = [text.partition("（")[0] for text in HEADS]
    units = ["", "单位", "人", "元", "%", "", "平方米", ""]
    found = take({"汇总": [bare, units, [*ONE[:3], 35000, *ONE[4:]]]})
    assert (value(found, "people"), value(found, "money")) == (12, Fraction(7, 2))
    wrong = take({"汇总": [bare, ["", "单位", "户", "万元", "%", "", "平方米", ""], ONE]})
    assert (value(wrong, "people"), value(wrong, "money")) == (State.UNREADABLE, Fraction(7, 2))
    assert "D126" in told(wrong)


def test_titles_groups_and_merged_heads(take):
    def merge(book: Workbook) -> None:
        sheet = book.active
        sheet.merge_cells("A1:H1")
        sheet.merge_cells("C2:D2")
        for letter in "ABEFGH":
            sheet.merge_cells(f"{letter}2:{letter}3")

    upper = ["代码", "县名", "规模", None, "比例", "是否达标", "面积", "日期"]
    lower = [None, None, "人数", "县域内基金支出（万元）", None, None, None, None]
    found = take({"汇总": [["各县汇总表"], upper, lower, ONE, TWO]}, merge)
    assert [value(found, key) for key in ("people", "money", "ok", "area")] == [12, Fraction(7, 2), True, 8]
    assert told(found) == []


def test_a_head_of_two_rows_that_is_repeated_on_every_page(take):
    found = take({"汇总": [HEADS, ONE, HEADS, TWO, ["栏次", "甲", 1, 2, 3, 4, 5, 6]]})
    assert list(found.counties) == ["010001", "010002"]
    assert told(found) == ["W117"]


TOTALS: list[tuple[Rows, list[str]]] = [
    ([ONE, TWO, ["", "合计", 32, 7.5, "", "", "", ""]], []),
    ([["", "全省合计", 32, 7.5, "", "", "", ""], ONE, TWO], []),
    ([ONE, TWO, ["", "合计", 33, 7.5, "", "", "", ""]], ["D133"]),
    ([ONE, ["", "示例市小计", 12, 3.5], TWO, ["", "小计", 20, 4], ["合 计", "", 32, 7.5]], []),
    ([ONE, ["", "小计", 12, 3.5], TWO, ["", "小计", 32, 9], ["总计", "", 32, 7.5]], ["D133"]),
    ([ONE, [*TWO[:2], "约二十", *TWO[3:]], ["", "合计", 12, 7.5]], ["D102"]),  # an open sum is compared with nothing
    ([ONE, TWO, ["", "平均", 16, 3.75]], []),
]


@pytest.mark.parametrize(("rows", "codes"), TOTALS)
def test_totals_are_left_aside_and_checked(take, rows, codes):
    found = take({"汇总": [HEADS, *rows]})
    assert sorted(found.counties) == ["010001", "010002"]
    assert [code for code in told(found) if code.startswith("D")] == codes
    assert "W117" in told(found)


def test_two_rows_of_one_county_refuse_it(take):
    found = take({"汇总": [HEADS, ONE, TWO, [*ONE[:2], 13, *ONE[3:]]]})
    assert (list(found.counties), found.refused) == (["010002"], ("010001",))
    assert "第 2、4 行" in the(found, "W119").what
    assert the(found, "W119").place.subject == "010001"


WHOSE: dict[str, tuple[Any, Any, str | None, list[str]]] = {
    "code alone": ("010001", None, "010001", []),
    "name alone": (None, "松影县", "010001", []),
    "zeros lost": (10001, "松影县", "010001", ["W126"]),
    "zeros lost in text": ("10001", None, "010001", ["W126"]),
    "as a number with decimals": (10001.0, None, "010001", ["W126"]),
    "of a village": ("010001000000", "松影县", "010001", ["W126"]),
    "traditional": ("010001", "松影縣", "010001", ["W126"]),
    "unknown code": ("010009", "生造县", None, ["W119"]),
    "code of another": ("010002", "松影县", None, ["W119"]),
    "name of the roster, strange code": ("999999", "松影县", None, ["W119"]),
    "nobody": (None, None, None, ["W119"]),
    "an error": ("#REF!", "#REF!", None, ["W119"]),
}


def test_a_table_of_strangers_is_told_without_comparing_every_name_with_every_county(take, monkeypatch):
    compared = []
    real = province_rows.county_in
    monkeypatch.setattr(province_rows, "_MOST_COMPARED", 0)
    monkeypatch.setattr(province_rows, "county_in", lambda *asked: compared.append(asked) or real(*asked))
    strangers = [[None, f"生造{number}县", *ONE[2:]] for number in range(120)]
    found = take({"汇总": [HEADS, ONE, *strangers]})
    assert (list(found.counties), len(compared)) == (["010001"], 50)
    lost = [problem for problem in found.problems if problem.code == "W119"]
    assert (len(lost), lost[-1].what.startswith("另有 100 行")) == (21, True)


@pytest.mark.parametrize("name", WHOSE)
def test_whose_a_row_is(take, name):
    code, county, expected, codes = WHOSE[name]
    found = take({"汇总": [HEADS, [code, county, *ONE[2:]]]})
    assert list(found.counties) == ([expected] if expected else [])
    assert told(found) == codes


CELLS: dict[str, tuple[int, Any, str, Any, str | None]] = {
    "wan in the cell": (3, "3.5万元", "General", Fraction(7, 2), None),
    "a percentage without sign": (5, 65, "General", State.UNREADABLE, "D118"),
    "a true percentage": (5, 0.65, "0%", Fraction(13, 20), ""),
    "a word": (3, "若干", "General", State.UNREADABLE, "D101"),
    "a range": (3, "3-5", "General", State.UNREADABLE, "D102"),
    "an error value": (3, "#DIV/0!", "General", State.UNREADABLE, "D107"),
    "a formula without a value": (3, "=1+A1", "General", State.UNREADABLE, "D106"),
    "an unknown option": (6, "大概", "General", State.UNREADABLE, "D103"),
    "negative": (3, -1, "General", State.OUT_OF_RANGE, "D105"),
    "blank": (3, None, "General", State.BLANK, "D100"),
    "spaces": (3, "  ", "General", State.BLANK, "D100"),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_are_read_as_in_a_countys_own_workbook(take, name):
    column, entered, shape, expected, code = CELLS[name]
    key = ["", "code", "name", "people", "money", "rate", "ok"][column]
    if name.startswith("wan"):
        column, key = 4, "money"

    def change(book: Workbook) -> None:
        cell = book.active.cell(2, column)
        cell.value, cell.number_format = entered, shape

    found = take({"汇总": [HEADS, list(ONE), TWO]}, change)
    assert value(found, key) == expected
    placed = [problem for problem in found.problems if problem.place.field == key and problem.place.subject == "010001"]
    if code:
        assert [(problem.code, problem.place.cell) for problem in placed] == [(code, f"{'_ABCDEFGH'[column]}2")]
        assert all(problem.do and problem.rule.line for problem in placed)
    elif code == "":
        assert placed == []


def test_merged_inputs_and_hidden_rows(take):
    def change(book: Workbook) -> None:
        book.active.merge_cells("C2:C3")
        book.active.row_dimensions[3].hidden = True

    found = take({"汇总": [HEADS, ONE, [*TWO[:2], None, *TWO[3:]]]}, change)
    assert [value(found, "people", code) for code in ("010001", "010002")] == [State.UNREADABLE] * 2
    assert {(p.code, p.place.subject) for p in found.problems} >= {
        ("D108", "010001"), ("D108", "010002"), ("D125", "010002"),
    }  # fmt: skip


def test_heads_twice_unknown_and_missing(take):
    twice = take({"汇总": [[*HEADS, "人数"], [*ONE, 13]]})
    assert value(twice, "people") == State.UNREADABLE
    assert sorted(told(twice)) == ["W108", "W112"]
    unknown = take({"汇总": [[*HEADS, "农民人数"], [*ONE, 13]]})
    assert (told(unknown), value(unknown, "people")) == (["W117"], 12)
    many = take({"汇总": [[*HEADS, *(f"附表{number}" for number in range(100))], ONE]})
    assert told(many) == ["W117"] * 31
    lacking = take({"汇总": [[head for head in HEADS if head != "面积"], [*ONE[:6], ONE[7]]]})
    assert (told(lacking), value(lacking, "area")) == (["W108"], State.UNREADABLE)


def test_fields_on_two_sheets_and_a_copy_of_the_sheet(take):
    parts = take({
        "一": [HEADS[:5], ONE[:5], TWO[:5]],
        "二": [["名称", *HEADS[5:]], ["禾川县", *TWO[5:]], ["松影县", *ONE[5:]]],
    })  # fmt: skip
    assert [value(parts, key) for key in ("people", "ok", "area")] == [12, True, 8]
    lost = take({"一": [HEADS[:5], ONE[:5], TWO[:5]], "二": [["名称", *HEADS[5:]], ["松影县", *ONE[5:]]]})
    assert value(lost, "ok", "010002") == State.UNREADABLE
    assert the(lost, "W119").place.subject == "010002"
    copied = take({"一": [HEADS, ONE], "一 (2)": [HEADS, ONE]})
    assert value(copied, "people") == State.UNREADABLE
    assert "W112" in told(copied)
    hidden = take({"一": [HEADS, ONE], "旧": [HEADS, TWO]}, lambda book: setattr(book["旧"], "sheet_state", "hidden"))
    assert (list(hidden.counties), value(hidden, "people"), told(hidden)) == (["010001"], 12, ["W125"])


def test_evidence_and_self_scores(take):
    heads = [*HEADS, "自评分:A", "佐证:ok", "乙自评分"]
    found = take({"汇总": [heads, [*ONE, 4.5, "台账第 3 页", 1], [*TWO[:5], "是", *TWO[6:], 6, None, None]]})
    one = found.counties["010001"]
    assert (one.claimed["A"][0], one.evidence["ok"]) == (Fraction(9, 2), "台账第 3 页")
    assert one.evidence_at["ok"].cell == "J2"
    assert [(p.code, p.place.cell) for p in found.problems if p.code in ("D116", "D117")] == [
        ("D116", "I3"),
        ("D117", "J3"),
    ]


WORKS = [["县名", "项目名", "金额（元）"], ["松影县", "路", 15000], ["松影县", "桥", 20000]]
GOALS = [["代码", "目标名", "目标值", "实际值"], ["010001", "乙目标", 4, 3], ["010001", "甲目标", 2, 1]]
REPORTS = [["代码", "月份", "报送日期"], ["010001", "2024年2月", "2024-03-05"], ["010001", "2024-01", "2024-02-05"]]


def test_lists_stand_on_sheets_of_their_names(take):
    counted = [*HEADS, "项目填报行数"]
    found = take({
        "汇总": [counted, [*ONE, 2], [*TWO, 0]], "项目": WORKS, "goals": GOALS, " 月报": REPORTS,
    })  # fmt: skip
    one, two = found.counties["010001"].lists, found.counties["010002"].lists
    assert [row.cells["cost"].value for row in one["works"].rows] == [Fraction(3, 2), 2]
    assert [row.cells["actual"].value for row in one["goals"].rows] == [1, 3]
    assert [row.cells["goal"].value for row in one["goals"].rows] == ["甲目标", "乙目标"]
    assert [str(row.cells["sent"].value) for row in one["reports"].rows] == ["2024-02-05", "2024-03-05"]
    assert (two["works"].state, two["works"].rows) == (State.FILLED, [])
    assert [row.cells["actual"].state for row in two["goals"].rows] == [State.BLANK] * 2
    assert [(p.code, p.place.subject) for p in found.problems if p.code == "D115"] == [("D115", "010002")] * 2


LISTS: dict[str, tuple[dict[str, Rows], str, State, str]] = {
    "no rows and no number": ({"项目": [WORKS[0], ["禾川县", "路", 1]]}, "works", State.BLANK, "D115"),
    "no sheet": ({}, "works", State.UNREADABLE, "W107"),
    "sheet without heads": ({"项目": [["a", "b"], [1, 2]]}, "works", State.UNREADABLE, "W118"),
    "rows not told apart": ({"目标": [["代码", "目标值", "实际值"], *[["010001", 1, 2]] * 2]}, "goals", State.UNREADABLE, "W118"),
    "row of nobody": ({"项目": [*WORKS, ["生造县", "塔", 1]]}, "works", State.FILLED, "W119"),
    "unknown row": ({"目标": [*GOALS, ["010001", "丙目标", 1, 2]]}, "goals", State.FILLED, "W119"),
    "row twice": ({"目标": [*GOALS, GOALS[1]]}, "goals", State.FILLED, "W112"),
    "two sheets": ({"项目": WORKS, "works": WORKS}, "works", State.UNREADABLE, "W112"),
    "no column": ({"项目": [["县名", "项目名"], ["松影县", "路"]]}, "works", State.FILLED, "W108"),
    "two ways of writing": ({"目标": [GOALS[0], ["010001", "甲目标", "90%", 1]]}, "goals", State.FILLED, "D118"),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_careless_lists(take, name):
    sheets, key, state, code = LISTS[name]
    found = take({"汇总": [HEADS, ONE], **sheets})
    assert found.counties["010001"].lists[key].state == state
    assert code in told(found) or code == "W107"
    if name == "row twice":
        assert found.counties["010001"].lists[key].rows[1].cells["actual"].state == State.UNREADABLE


@pytest.mark.parametrize("sheets", [{"汇总": [HEADS, ONE, TWO]}])
def test_the_template_is_read_by_its_anchors(scheme, roster, tmp_path, take, sheets):
    from openpyxl import load_workbook

    path = province_template(scheme, roster, tmp_path / "模板.xlsx")
    assert path.read_bytes() == province_template(scheme, roster, tmp_path / "又.xlsx").read_bytes()
    empty = again(scheme, roster, path)
    assert (empty.counties, told(empty)) == ({}, ["W117"])
    book = load_workbook(path)
    sheet = book["汇总表"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for key, entered in zip(("people", "money", "rate", "ok", "area"), (12, 3.5, 0.65, "是", 8), strict=True):
        sheet.cell(6, at[f"value:{key}"]).value = entered
    sheet.cell(6, at["count:works"]).value = 1
    works, goals, scores = book["项目"], book["目标"], book["自评打分汇总"]
    for column, entered in ((3, "松影县"), (4, "路"), (5, 2)):
        works.cell(5, column).value = entered
    columns = {cell.value: cell.column for cell in goals[1]}
    goals.cell(5, columns["column:actual"]).value = 3
    scores.cell(6, {cell.value: cell.column for cell in scores[1]}["self:A"]).value = 4
    sheet.move_range(
        f"A1:{sheet.cell(1, sheet.max_column).column_letter}{sheet.max_row}", rows=2, cols=1
    )  # moved as a whole
    sheet.title = "汇总表（已填）"
    book.save(path)
    found = again(scheme, roster, path)
    one = found.counties["010001"]
    assert [value(found, key) for key in ("people", "money", "rate", "ok", "area")] == [
        12,
        3.5,
        Fraction(13, 20),
        True,
        8,
    ]
    assert [row.cells["cost"].value for row in one.lists["works"].rows] == [2]
    assert one.lists["goals"].rows[0].cells["actual"].value == 3
    assert one.claimed["A"][0] == 4
    assert list(found.counties) == ["010001"]


def test_a_template_that_was_changed(scheme, roster, tmp_path):
    from openpyxl import load_workbook

    def changed(change: Callable[[Any, dict[Any, int]], Any]) -> ProvinceRead:
        path = province_template(scheme, roster, tmp_path / "模板.xlsx")
        book = load_workbook(path)
        sheet = book["汇总表"]
        at = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(6, at["value:people"]).value = 12
        sheet.cell(6, at["value:money"]).value = 35000
        change(book, at)
        book.save(path)
        return again(scheme, roster, path)

    def head(at: str, text: str) -> Callable[[Any, dict[Any, int]], Any]:
        return lambda book, places: setattr(book["汇总表"].cell(5, places[at]), "value", text)

    unit = changed(head("value:money", "县域内基金支出（元）"))
    assert value(unit, "money") == Fraction(7, 2)
    other = changed(head("value:people", "面积（平方米）"))
    assert (value(other, "people"), the(other, "D127").place.field) == (State.UNREADABLE, "people")
    renamed = changed(head("value:people", "人头"))
    assert (value(renamed, "people"), the(renamed, "W109").level) == (12, "note")
    foreign = changed(lambda book, _: setattr(book["_evaltool"].cell(6, 2), "value", "0" * 64))
    assert (foreign.stopped, the(foreign, "W104").level) == (True, "stop")
    gone = changed(lambda book, _: book.remove(book["汇总表"]))
    assert (gone.stopped, the(gone, "W107").code) == (True, "W107")


def test_csv_files_of_all_kinds(scheme, roster):
    def read(data: bytes) -> ProvinceRead | None:
        return province_csv(Round(scheme, roster), data, "汇总.csv")

    lines = [",".join(str(cell) for cell in row) for row in (HEADS, ONE, TWO)]
    text = "\r\n".join(["各县汇总表", "", *lines])
    found = read(text.encode("gb18030"))
    assert [value(found, key) for key in ("people", "money", "rate")] == [12, Fraction(7, 2), Fraction(13, 20)]
    assert found.counties["010001"].fields["people"].origin[:3] == ("汇总.csv", "汇总", "C4")
    assert told(found) == []
    grouped = read(text.replace(",12,", ',"1,200",').encode())
    assert value(grouped, "people") == 1200
    quoted = read(text.replace("010001", '="010001"').encode())
    assert list(quoted.counties) == ["010001", "010002"]
    nul = read(text.replace("松影", "松\0影").encode())
    assert (nul.stopped, the(nul, "W102").level) == (True, "stop")
    assert read(b"a,b\n1,2\n") is None
