"""What a county clerk reads about a cell: sentences, people's words, and never more of a text than can be read."""

from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import load_workbook

from evaltool.books.book import Cell
from evaltool.facts import SELF, State
from evaltool.intake import layout
from evaltool.intake.entries.entry import understand
from evaltool.intake.entries.readings import QUOTED, line
from evaltool.intake.opened import Book, Sheet
from evaltool.intake.sheet_reading import SheetReader, fill_in
from evaltool.intake.templates.filling import Places
from evaltool.scheme.fields import FieldDef

MONEY = FieldDef(name="零售额", type="money", unit="万元")
PEOPLE = FieldDef(name="培训", type="count", unit="人次")
DAY = FieldDef(name="运营日期", type="date")
YES = FieldDef(name="方案已印发", type="yesno")
GRADE = FieldDef.model_validate({"name": "等级", "type": "choice", "options": ["一级", "二级"]})

SAID = [
    (MONEY, "123\u202e76.54", "现在是“123[U+202E]76.54”，里面有使文字反向显示的控制符，看到的和存储的不是一个数"),
    (MONEY, "1" * 100_000, f"现在是“{'1' * QUOTED}…”，有 100000 个字，不像一个数"),
    (MONEY, "12,00", "现在是“12,00”，小数点或分隔号的位置不对"),
    (MONEY, "<script>alert(1)</script>", "现在是“<script>alert(1)</script>”，是网页代码"),
    (MONEY, "<b>1</b>", "现在是“<b>1</b>”，是网页代码"),
    (MONEY, "<100", "现在是“<100”，只说了界限"),
    (MONEY, "100>", "现在是“100>”，只说了界限"),
    (MONEY, "1万2", "不止一种读法：末位的“2”后面没有写千、百、十，分不清是多少"),
    (MONEY, dt.timedelta(days=1, hours=1, minutes=55, seconds=12), "现在是时间 25:55:12"),
    (MONEY, dt.timedelta(minutes=-90), "现在是时间 -1:30:00"),
    (PEOPLE, "零", "“培训”写的是“零”，读作 0 人次"),
    (YES, "√", "“方案已印发”写的是“√”，读作 是"),
]


@pytest.mark.parametrize(("item", "raw", "said"), SAID)
def test_a_reason_is_a_sentence(item, raw, said):
    slip = understand(item, raw).slip
    assert slip is not None
    assert said in slip.what
    assert not slip.what.endswith("？")


@pytest.mark.parametrize(
    ("item", "raw", "do"),
    [
        (PEOPLE, "零", "核对：是 0 人次就不用改"),
        (MONEY, "6900000元", "核对：是 690 万元就不用改"),
        (FieldDef(name="增速", type="share"), "百分之五", "核对：是 5% 就不用改"),
        (YES, "×", "核对：是“否”就不用改"),
        (GRADE, "二級", "核对：是“二级”就不用改"),
        (MONEY, "#DIV/0!", "删去它，直接填数字"),
    ],
)
def test_what_to_do_is_said_in_words(item, raw, do):
    slip = understand(item, raw).slip
    assert slip is not None
    assert slip.do == do


def told(scheme, cell, item):
    """The one problem of a cell that stands by itself."""
    sheet = Sheet("基础数据", 0, {(2, 2): cell})
    reader = SheetReader(scheme, Book("甲.xlsx", "", "xlsx", {}, [sheet]), "429901")
    assert reader.read(sheet, 2, 2, reader.asked("fund_total", item, [])).state == State.UNREADABLE
    (problem,) = reader.problems
    return problem


@pytest.mark.parametrize("raw", ["Infinity", "abc", "１２３４５", "9" * 1_000_000])
def test_what_is_stored_in_place_of_a_number_is_no_formula(hubei, raw):
    problem = told(hubei, Cell(raw, error=True), MONEY)
    assert problem.code == "D107"
    assert problem.what.startswith("“零售额”在文件里存的不是数字，是“" + raw[:QUOTED])
    assert problem.do == "删去这一格，重新键入"
    assert len(problem.what) < 80


@pytest.mark.parametrize(
    ("item", "formula", "do"),
    [
        (MONEY, "=1/0", "改正公式，或直接填数字"),
        (MONEY, "", "直接填数字"),
        (DAY, "=DATE(1,2,3)", "改正公式，或按 2020-06-05 的样子填"),
        (YES, "", "从下拉列表里选"),
    ],
)
def test_the_remedy_of_an_error_fits_what_stands_there(hubei, item, formula, do):
    problem = told(hubei, Cell("#VALUE!", formula=formula, error=True), item)
    assert (problem.code, problem.what, problem.do) == ("D107", f"“{item.name}”是错误值 #VALUE!", do)


def test_a_label_is_told_in_one_line(hubei):
    assert line("拨付金额\n（万元）") == "拨付金额（万元）"
    assert line(" Total \r\n paid ") == "Total paid"
    assert line("合 计") == "合 计"
    assert line("很长" * 100) == "很长" * (QUOTED // 2) + "…"
    sheet = Sheet("清单", 0, {})
    reader = SheetReader(hubei, Book("甲.xlsx", "", "xlsx", {}, [sheet]), "429901")
    assert reader.one_column(sheet, "column:paid", "拨付金额\n（万元）", "这一列没有读") is None
    assert reader.problems[0].what == "“清单”缺少“拨付金额（万元）”一列"


def change(path, edit):
    book = load_workbook(path)
    edit(Places(book))
    book.save(path)


def test_a_text_of_the_template_that_is_gone_is_told_as_gone(hubei, county, answers):
    def edit(places):
        row = places.rows[layout.FIELDS]["field:fund_total"]
        for column in ("unit", "name"):
            places.sheets[layout.FIELDS].cell(row, places.columns[layout.FIELDS][column]).value = None

    done = county(hubei, answers(hubei), lambda path: change(path, edit))
    whats = [problem.what for problem in done.problems if problem.code == "W109"]
    assert len(whats) == 2
    assert all(what.endswith("被清空") for what in whats)
    assert done.facts.cell(SELF, "甲县", "fund_total")[1] == State.FILLED


@pytest.mark.parametrize("text", ["长" * 400, "1" * 400, "12.5万元、" * 90])
def test_no_message_quotes_more_than_can_be_read(hubei, county, answers, text):
    def edit(places):
        for name, sheet in places.sheets.items():
            if name == layout.COVER:
                continue
            corner = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value) == f"sheet:{name}")
            for row in sheet.iter_rows(min_row=corner.row + 1, min_col=corner.column + 1):
                for cell in row:
                    if cell.value is not None and not hasattr(cell, "_merged"):
                        cell.value = text

    done = county(hubei, answers(hubei), lambda path: change(path, edit))
    own = [problem for problem in done.problems if text[:5] in problem.what + problem.why + problem.do]
    assert {problem.code for problem in own} >= {"D102" if text[0] == "1" else "D101", "W109"}
    assert max(len(part) for problem in done.problems for part in (problem.what, problem.why, problem.do)) < 300


@pytest.mark.parametrize("word", ["合计：", "Total", "Sub total:", "合 计", "小计（万元）", "全县合计", "總計", "合计数"])
def test_a_sum_is_no_row_of_a_list_however_it_is_written(hubei, county, answers, word):
    rows = [*answers(hubei)["lists"]["payments"], {"paid_for": word, "paid": 100}]
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": len(rows)}))
    assert [f"写的是“{word}”，合计不是清单里的一行" in p.what for p in done.problems if p.code == "D115"] == [True]
    assert done.facts.layers[SELF].lists["payments"].states.tolist() == [State.UNREADABLE]


@pytest.mark.parametrize("word", ["合计办公楼", "总计划", "Total站"])
def test_a_name_that_begins_like_a_sum_is_a_row(hubei, county, answers, word):
    rows = [*answers(hubei)["lists"]["payments"], {"paid_for": word, "paid": 100}]
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": len(rows)}))
    assert done.facts.layers[SELF].lists["payments"].states.tolist() == [State.FILLED]


@pytest.mark.parametrize(("shape", "value"), [("0.00万", 86400), ("#,##0.00元", 8), ("0.00亿元", 864_000_000)])
def test_a_unit_that_a_format_draws_needs_no_quotes(shape, value):
    found = understand(FieldDef(name="经费", type="money", unit="元"), 8.64 if value != 8 else 8, False, shape)
    assert found.value == value
    assert (found.slip is None) == (value == 8)


def test_an_empty_cell_is_filled_in_as_its_kind_asks():
    assert fill_in(MONEY) == "补填；确实没有的填 0"
    assert fill_in(DAY) == "按 2020-06-05 的样子补填"
    assert fill_in(YES) == "从下拉列表里选“是”或“否”"
    slip = understand(YES, "或许").slip
    assert slip is not None
    assert (slip.what, slip.do) == ("“方案已印发”要填“是”或“否”，现在是“或许”", "从下拉列表里选")


@pytest.mark.parametrize("shape", ["$#,##0.00", '"$"0', "[$€-407] 0.00", "0‰", "[$$-409]#,##0"])
def test_a_figure_drawn_in_another_currency_or_per_mille_is_refused(shape):
    found = understand(FieldDef(name="资金", type="money", unit="万元"), 1290, shape=shape)
    assert found.value is None
    assert found.slip.code == "D126"
