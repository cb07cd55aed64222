"""Tables as they really come: headers, merges, subtotals, page breaks, contradictions."""

from __future__ import annotations

import datetime as dt

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

from . import making
from .conftest import kind, points
from .making import LEFT, UP

HEAD = ["一级指标", "二级指标", "分值", "评分标准"]


@pytest.mark.parametrize("file", ["xlsx", "docx"])
def test_a_header_over_two_rows(imported, file):
    rows = [
        ["序号", "评价指标", LEFT, LEFT, "分值（100分）", "评分细则", "得分情况", LEFT],
        [UP, "一级指标", "二级指标", "三级指标", UP, UP, "甲", "乙"],
        [1, "投入", "资金", "到位率", 60, "达到90%得满分，未达到的按比例得分", 50, 40],
        [2, "产出", "数量", "站点数", 40, "5个以上得40分，3-4个得20分，3个以下不得分", 40, 20],
    ]
    done = imported(rows, kind=file)
    assert points(done.items) == {
        "TOTAL": "100",
        "A": "60",
        "A1": "60",
        "A1a": "60",
        "B": "40",
        "B1": "40",
        "B1a": "40",
    }
    assert kind(done.items["A1a"]) == "proportional"
    assert [step.gives for step in done.items["B1a"].rule.steps] == ["40", "20", "0"]
    assert done.codes["I210"] == 2


@pytest.mark.parametrize("file", ["xlsx", "docx"])
def test_a_points_column_at_every_level(imported, file):
    rows = [
        ["一级指标", "分值", "二级指标", "分值", "三级指标", "分值", "计分办法"],
        ["甲", 60, "甲一", 40, "子", 30, "有得30分，没有不得分"],
        [UP, UP, UP, UP, "丑", 10, "酌情给分"],
        [UP, UP, "甲二", 20, "寅", 20, "每少1个扣2分，扣完为止"],
        ["乙", 40, "乙一", 40, "卯", 40, "优秀40分，良好30分，一般0分"],
    ]
    done = imported(rows, kind=file)
    assert points(done.items) == {
        "TOTAL": "100", "A": "60", "A1": "40", "A1a": "30", "A1b": "10", "A2": "20", "A2a": "20", "B": "40",
        "B1": "40", "B1a": "40",
    }  # fmt: skip
    assert done.codes["I214"] == 0


def test_points_merged_over_several_indicators_are_not_split(imported):
    rows = [HEAD, ["甲（30分）", "甲一", 30, "有得分"], [UP, "甲二", UP, ""], ["乙", "乙一", 30, ""], ["丙（40分）", "丙一", 40, ""],
            [UP, "丙二", UP, ""], [UP, "丙三", "", ""]]  # fmt: skip
    done = imported(rows)
    assert done.items["A"].points == 30
    assert points(done.items) == {"TOTAL": "100", "A": "30", "A1": "30", "B": "30", "B1": "30", "C": "40", "C1": "40"}
    assert [done.items[key].name for key in ("A1", "A1a", "A1b")] == ["分值没有写的 2 项", "甲一", "甲二"]
    assert [done.items[key].points for key in ("A1a", "A1b", "C1a")] == [None] * 3  # only what they have together
    assert done.codes["I219"] == 1  # 40 beside two of three


def test_names_that_are_repeated_instead_of_merged_and_empty_cells_below(imported):
    rows = [HEAD, ["甲", "甲一", 10, "有得10分，没有不得分"], ["甲", "甲二", 20, "酌情扣分"], ["", "甲三", 30, "齐全30分，不齐全0分"],
            ["乙", "乙一", 40, "优40分，良20分，差0分"]]  # fmt: skip
    done = imported(rows)
    assert points(done.items) == {"TOTAL": "100", "A": "60", "A1": "10", "A2": "20", "A3": "30", "B": "40", "B1": "40"}


def test_subtotal_rows_fill_and_are_compared(imported):
    rows = [
        HEAD,
        ["甲", "甲一", 20, "有得20分，没有不得分"],
        [UP, "甲二", 30, "有得30分，没有不得分"],
        [UP, "小计", 60, ""],
        ["乙", "乙一", 50, "有得50分，没有不得分"],
        ["小计", LEFT, 50, ""],
        ["总分", LEFT, 100, ""],
    ]
    done = imported(rows)
    said = [(problem.what, problem.place.cell) for problem in done.problems if problem.code == "I214"]
    assert said == [
        ("“总分”写 100 分，下级合计 110 分", "A7"),
        ("“甲”写 60 分，下级合计只有 50 分", "A2"),
    ]
    assert points(done.items) == {"TOTAL": "110", "A": "60", "A1": "20", "A2": "30", "A3": "10", "B": "50", "B1": "50"}
    assert done.items["A3"].name == "没有读到的 10 分"


def test_contradicting_points_are_said_and_asked(imported):
    rows = [
        HEAD,
        ["甲（17分）", "甲一", 9, "有得9分"],
        [UP, "甲二", 9, "有得9分"],
        ["乙（82分）", "乙一（80分）", 82, "有得82分"],
    ]
    done = imported(rows)
    assert points(done.items) == {"TOTAL": "100", "A": "18", "A1": "9", "A2": "9", "B": "82", "B1": "82"}
    said = [problem.what for problem in done.problems if problem.code == "I214"]
    assert said == ["“乙一”的分值有两种写法：名称后面 80，分值列 82", "“甲”写 17 分，下级合计 18 分"]
    (question,) = [item for item in done.questions.values() if "以哪个为准" in item.question]
    assert (question.clause, question.reading) == ("表/A", "草稿用 18")


@pytest.mark.parametrize(
    ("cell", "code"),
    [("5-10", "I213"), ("十分", "I213"), ("=C9", "I213"), ("#REF!", "I213"), (dt.date(2020, 1, 2), "I213")],
)
def test_a_points_cell_that_cannot_be_read(imported, tmp_path, cell, code):
    book = Workbook()
    sheet = book.active
    for row in [HEAD, ["甲", "甲一", cell, "有得分"], ["乙", "乙一", 60, "有得60分"]]:
        sheet.append(row)
    if cell == "#REF!":
        sheet["C2"].data_type = "e"
    path = tmp_path / "x.xlsx"
    book.save(path)
    done = imported(path=path)
    (found,) = [problem for problem in done.problems if problem.code == code]
    assert (found.place.sheet, found.place.cell) == ("Sheet", "C2")
    assert done.items["A1"].points is None
    assert done.codes["I212"] == 1


def test_an_unreadable_name_and_a_row_without_one(imported, tmp_path):
    path = making.workbook(tmp_path / "x.xlsx", [HEAD, ["", "", 10, "有得10分"], ["甲", "x", 90, "有得90分"]])
    book = load_workbook(path)
    book.active["B3"] = "=A1"
    book.save(path)
    done = imported(path=path)
    assert [p.place.cell for p in done.problems if p.code == "I221"] == ["C2"]
    assert [p.place.cell for p in done.problems if p.code == "I222"] == ["B3"]
    assert done.scheme.edition.not_scored == {"表/注1": "导入时没有解读，见原文"}


def test_weights_in_percent_are_points_of_a_hundred(imported, tmp_path):
    rows = [["指标", "权重", "评分标准"], ["甲", 0.6, "有得分"], ["乙", "40%", "有得分"]]
    path = making.workbook(tmp_path / "x.xlsx", rows)
    book = load_workbook(path)
    book.active["B2"].number_format = "0%"
    book.save(path)
    done = imported(path=path)
    assert points(done.items) == {"TOTAL": "100", "A": "60", "B": "40"}
    assert done.codes["I224"] == 2
    done = imported([["指标", "权重", "评分标准"], ["甲", 0.55, "有得分"], ["乙", 0.45, "有得分"]])
    assert points(done.items) == {"TOTAL": "100", "A": "55", "B": "45"}


def test_an_unknown_column_is_kept_as_text(imported):
    rows = [[*HEAD, "口径"], ["甲", "甲一", 100, "有得100分", "只算当年"]]
    done = imported(rows)
    (found,) = [problem for problem in done.problems if problem.code == "I211"]
    assert found.place.cell == "E1"
    assert "口径：只算当年" in done.items["A1"].note


def test_evidence_without_a_word_stays_as_text(imported):
    rows = [[*HEAD, "佐证材料"], ["甲", "甲一", 100, "有得100分", "会议纪要、锦旗"]]
    done = imported(rows)
    assert done.fields["a1_ok"].evidence == ["会议纪要"]
    assert "没有对上词表的佐证：锦旗" in done.items["A1"].note
    assert done.codes["I217"] == 1


def test_remarks_signatures_and_headings(imported):
    rows = [
        HEAD,
        ["一、基础分（100分）", LEFT, LEFT, LEFT],
        ["甲", "甲一", 100, "有得100分"],
        ["二、扣分项（5分）", LEFT, LEFT, LEFT],
        ["安全", "事故", "", "每发生1起扣2分"],
        ["注：本表由县级填写。", LEFT, LEFT, LEFT],
        ["填表人签字：", LEFT, "日期：", ""],
    ]
    done = imported(rows)
    assert points(done.items) == {"TOTAL": "100", "A": "100", "A1": "100"}
    minus = done.items["MINUS"]
    assert (minus.points, minus.floor) == (None, -5)
    assert (done.items["MINUS1a"].rule.start, done.items["MINUS1a"].rule.more) == (0, -2)
    assert done.fields["minus1a_count"].note == "纸上的单位是“起”"
    assert done.clauses["注1"].text == "注：本表由县级填写。"
    assert done.codes["I218"] == 1


def test_a_table_broken_by_the_page(imported):
    first = [HEAD, ["甲（60分）", "甲一", 20, "有得20分"], [UP, "甲二", 10, "有得10分"]]
    second = [HEAD, ["", "甲三", 30, "有得30分"], ["乙", "乙一", 30, "有得30分"]]
    third = [["", "乙二", 10, "酌情扣分"]]
    done = imported(first, second, third, kind="docx", above=["某县绩效评价指标体系", "（满分100分）"])
    assert points(done.items) == {"TOTAL": "100", "A": "60", "A1": "20", "A2": "10", "A3": "30", "B": "40", "B1": "30",
                                  "B2": "10"}  # fmt: skip
    assert done.codes["I225"] == 1
    assert done.scheme.edition.name == "某县绩效评价指标体系（导入草稿）"


def test_several_sheets_hidden_ones_and_the_choice_of_one(imported, tmp_path):
    path = making.workbook(
        tmp_path / "x.xlsx", [HEAD, ["甲", "甲一", 60, "有得60分"]], [HEAD, ["乙", "乙一", 40, "有得40分"]],
        [["名单", "电话"], ["某人", "1"]], [HEAD, ["丙", "丙一", 9, "有得9分"]], names=["一", "二", "三", "四"],
    )  # fmt: skip
    book = load_workbook(path)
    book["四"].sheet_state = "hidden"
    book.save(path)
    done = imported(path=path)
    assert points(done.items) == {"TOTAL": "100", "A": "60", "A1": "60", "B": "40", "B1": "40"}
    assert sorted(p.place.sheet for p in done.problems if p.code == "I220") == ["三", "四"]
    done = imported(path=path, sheets=["二"])
    assert points(done.items) == {"TOTAL": "40", "A": "40", "A1": "40"}
    assert done.codes["I223"] == 1
    with pytest.raises(ValueError, match="没有“五”"):
        imported(path=path, sheets=["五"])


def test_a_table_without_points_loads_without_a_total(imported):
    done = imported([["类别", "验收内容", "评价标准"], ["中心", "面积", "600平方米以上"], [UP, "设备", "有电脑"]])
    assert done.scheme.edition.results.total is None
    assert done.codes["I212"] == 1
    assert kind(done.items["A1"]) == "delegated"


def test_rows_with_points_of_their_own_below_one_name(imported):
    rows = [["指标", "评分标准", "分值"], ["甲", "有制度", 30], [UP, "有台账", 20], ["乙", "90%以上得50分", 50], [UP, "60%-90%得20分", ""],
            [UP, "60%以下不得分", ""]]  # fmt: skip
    done = imported(rows)
    assert points(done.items) == {"TOTAL": "100", "A": "50", "A1": "30", "A2": "20", "B": "50"}
    assert kind(done.items["B"]) == "steps"
    assert done.clauses["B"].text == "90%以上得50分\n60%-90%得20分\n60%以下不得分"


def test_automatic_numbers_and_struck_text_of_word(imported, tmp_path):
    made = Document()
    table = made.add_table(2, 3)
    for cell, text in zip(table.rows[0].cells, ["指标", "分值", "评分标准"], strict=True):
        cell.text = text
    table.rows[1].cells[0].text, table.rows[1].cells[1].text = "甲", "100"
    cell = table.rows[1].cells[2]
    cell.paragraphs[0].text = "有方案得60分"
    cell.paragraphs[0].style = "List Number"
    cell.add_paragraph("有台账得40分", style="List Number")
    for paragraph in cell.paragraphs:  # as Word writes it: the number stands in the properties, not in the text
        numbers = paragraph.paragraph_format.element.get_or_add_pPr().get_or_add_numPr()
        numbers.get_or_add_numId().val = 1
    path = tmp_path / "x.docx"
    made.save(path)
    done = imported(path=path)
    assert done.items["A"].rule.items == {"a_1": 60, "a_2": 40}


def test_points_that_only_the_sentence_names(imported):
    rows = [["一级指标", "二级指标", "评分标准"], ["甲", "甲一", "按规定制定的，得60分"], [UP, "甲二", "1.方案（10分）2.台账（10分）"],
            ["乙", "乙一", "健全20分，不健全0分"]]  # fmt: skip
    done = imported(rows)
    assert points(done.items) == {"TOTAL": "100", "A": "80", "A1": "60", "A2": "20", "B": "20", "B1": "20"}
    assert done.codes["I212"] == 3  # each is said, and asked
    assert sum("取自评分标准" in item.question for item in done.questions.values()) == 3


def test_a_long_sentence_is_left_alone(imported):
    done = imported([HEAD, ["甲", "甲一", 100, "，得" * 2000 + "100分"]])
    assert "太长" in done.items["A1"].rule.note
