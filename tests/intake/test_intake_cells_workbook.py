"""Cells as they stand in workbooks: struck out, hidden, calculated, drawn with a unit; texts of the template that changed."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import fill, layout, read
from evaltool.intake.filling import Places


def edited(change):
    """A change of the workbook, made the way a person makes it: open, change, save."""

    def done(path):
        book = load_workbook(path)
        change(book, Places(book))
        book.save(path)

    return done


def at(places, sheet, row, column):
    return places.sheets[sheet].cell(places.rows[sheet][row], places.columns[sheet][column])


def field(places, key, column="value"):
    return at(places, layout.FIELDS, f"field:{key}", column)


def stored(path, cell, value):
    """Puts a stored value beside the formula in `cell`, as spreadsheet programs do and openpyxl does not; and takes away
    the word that all formulas must be worked out anew."""
    number = load_workbook(path).sheetnames.index(cell.parent.title) + 1
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == f"xl/worksheets/sheet{number}.xml":
                before, after = data.split(f'r="{cell.coordinate}"'.encode(), 1)
                own, rest = after.split(b"</c>", 1)
                own = own.replace(b"<v/>", b"").replace(b"<v></v>", b"").replace(b"<v />", b"")
                data = before + f'r="{cell.coordinate}"'.encode() + own + f"<v>{value}</v></c>".encode() + rest
            if name == "xl/workbook.xml":
                data = data.replace(b'fullCalcOnLoad="1"', b"")
            target.writestr(name, data)


def formula(key, text, value):
    """One input becomes a formula with a stored value."""

    def change(path):
        book = load_workbook(path)
        cell = field(Places(book), key)
        cell.value = text
        book.save(path)
        stored(path, cell, value)

    return change


# --- the cell itself ---


def test_what_is_struck_out_is_not_read(hubei, county, answers):
    def change(book, places):
        field(places, "towns").font = Font(strike=True)
        part = InlineFont(strike=True)
        field(places, "fund_total").value = CellRichText(TextBlock(part, "1900"), TextBlock(InlineFont(), "2000"))

    done = county(hubei, answers(hubei), edited(change))
    assert [(p.code, p.place.field) for p in done.problems if p.level == "count"] == [
        ("D124", "towns"), ("D124", "fund_total"),
    ]  # fmt: skip
    assert "整个" in done.problems[0].what
    for key in ("towns", "fund_total"):
        assert done.facts.cell(SELF, "甲县", key)[:2] == (None, State.UNREADABLE)


def test_an_empty_cell_that_is_struck_out_is_empty(hubei, county, answers):
    def change(book, places):
        field(places, "towns").font = Font(strike=True)

    done = county(hubei, answers(hubei, fields={"towns": None}), edited(change))
    assert done.codes == ["D100"]


def test_hidden_rows_and_columns_are_read_and_told_once(hubei, county, answers):
    def change(book, places):
        sheet = places.sheets[layout.FIELDS]
        for key in ("towns", "villages"):
            sheet.row_dimensions[places.rows[layout.FIELDS][f"field:{key}"]].hidden = True
        payments = places.sheets["list:payments"]
        column = places.columns["list:payments"]["column:paid"]
        payments.column_dimensions[payments.cell(1, column).column_letter].hidden = True

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["D125"] * 3
    value, state, origin = done.facts.cell(SELF, "甲县", "towns")
    assert (value, state) == (10, State.FILLED)
    assert "隐藏" in origin.note
    assert "行是隐藏的" in done.problems[0].what
    assert "列是隐藏的" in done.problems[2].what


def test_hidden_sheets_are_told_once(hubei, county, answers):
    def change(book, places):
        places.sheets["list:payments"].sheet_state = "hidden"
        book.create_sheet("旧数据").cell(1, 1, "320")
        book["旧数据"].sheet_state = "veryHidden"

    done = county(hubei, answers(hubei), edited(change))
    assert sorted(done.codes) == ["D125", "W125"]
    assert done.facts.layers[SELF].lists["payments"].table.states["paid"].tolist()[0] == State.FILLED


@pytest.mark.parametrize(
    ("text", "value", "code", "state", "said"),
    [
        ("=4+6", "10", None, State.FILLED, ""),
        ("=4+6", "11", "D123", State.UNREADABLE, "重新计算得 10"),
        ("=TODAY()-44000", "10", "D123", State.UNREADABLE, "TODAY"),
        ("=RAND()*10", "10", "D123", State.UNREADABLE, "每次打开都会变"),
        ("=[1]Sheet1!A1", "10", "D123", State.UNREADABLE, "别的文件"),
        ("=LAMBDA(x,x)(10)", "10", "D122", State.FILLED, "没有核算"),
        ("=10+1E-15*3", "10.000000000000002", "D110", State.UNREADABLE, "10.000000000000002"),
    ],
)
def test_stored_values_of_formulas(hubei, county, answers, text, value, code, state, said):
    done = county(hubei, answers(hubei), formula("towns", text, value))
    assert done.codes == ([code] if code else [])
    found, now, origin = done.facts.cell(SELF, "甲县", "towns")
    assert (found, now) == (10 if state == State.FILLED else None, state)
    if state == State.FILLED:
        assert text in origin.note
    assert all(said in p.what and p.do and p.place.cell == origin.cell for p in done.problems)


def test_a_formula_with_binary_dust_is_read_and_told(hubei, county, answers):
    done = county(hubei, answers(hubei), formula("fund_total", "=2000.1+0.2", "2000.3000000000002"))
    assert done.codes == ["D121"]
    assert done.facts.cell(SELF, "甲县", "fund_total")[0] == Fraction("2000.3000000000002")
    assert "2000.3，" in done.problems[0].what


@pytest.mark.parametrize(
    ("key", "raw", "shape", "value", "code"),
    [
        ("fund_total", 2000.6, "0", Fraction("2000.6"), "D121"),
        ("fund_total", 20000000, '#,##0"元"', 2000, "D109"),
        ("fund_total", 2000, '0"万元"', 2000, None),
        ("fund_total", 20000000, '0!.0,"万"', None, "D126"),
        ("fund_total", 2000000, "#,##0,", None, "D126"),
        ("fund_total", "二千万元", "@", 2000, "D109"),
        ("retail_growth", 0.2155, "0.0%", Fraction("0.2155"), "D121"),
        ("retail_growth", 9.55, "0%", Fraction("9.55"), "D121"),
        ("towns", 10.4, "0", None, "D110"),
    ],
)
def test_number_formats(hubei, county, answers, key, raw, shape, value, code):
    def change(book, places):
        field(places, key).value, field(places, key).number_format = raw, shape

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ([code] if code else [])
    assert done.facts.cell(SELF, "甲县", key)[0] == value
    if value is not None and code:
        assert done.facts.cell(SELF, "甲县", key)[2].note


def test_numbers_of_list_rows_and_counts_are_understood_alike(hubei, county, answers):
    filled = answers(hubei)
    rows = [dict(row) for row in filled["lists"]["payments"]]
    rows[0]["paid"] = "５万元"
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": "两行"}))
    assert sorted(done.codes) == ["D102", "D109"]  # a count of 项, not of 行
    assert done.facts.layers[SELF].lists["payments"].table.values["paid"].tolist()[0] == 5
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": "２"}))
    assert sorted(done.codes) == ["D109", "D109"]


# --- what the template says ---


def test_another_unit_in_the_header_makes_its_figures_unreadable(hubei, county, answers):
    def change(book, places):
        at(places, layout.FIELDS, "labels", "value").value = "填报值（元）"
        at(places, "list:payments", "labels", "column:paid").value = "支付金额（元）"

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["D126"] * 2
    money = [key for key, item in layout.county_fields(hubei).items() if item.unit == "万元"]
    assert len(money) > 2
    for key in money:
        assert done.facts.cell(SELF, "甲县", key)[:2] == (None, State.UNREADABLE)
    assert done.facts.cell(SELF, "甲县", "towns")[0] == 10
    assert set(done.facts.layers[SELF].lists["payments"].table.states["paid"]) == {State.UNREADABLE}


@pytest.mark.parametrize(
    ("key", "column", "text", "code"),
    [
        ("fund_total", "unit", "元", "D126"),
        ("fund_total", "unit", "万元 ", None),
        ("fund_total", "unit", "萬元", None),
        ("fund_total", "unit", None, "W109"),
        ("towns", "unit", "家", "D126"),
        ("depot", "unit", "有/无", "W109"),
        ("fund_total", "name", "{}（元）", "D126"),
        ("fund_total", "name", "{}（万元）", "W109"),
        ("fund_total", "name", "资金总额", "W109"),
        ("towns", "name", "街道数", "W109"),
        ("towns", "name", "  {} ", None),
    ],
)
def test_changed_units_and_names(hubei, county, answers, key, column, text, code):
    def change(book, places):
        field(places, key, column).value = text and text.format(hubei.edition.fields[key].name)

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ([code] if code else [])
    assert all(p.place.field == key and p.do for p in done.problems)
    state = done.facts.cell(SELF, "甲县", key)[1]
    assert state == (State.UNREADABLE if code == "D126" else State.FILLED)


def test_rows_sorted_without_their_anchors_are_unreadable(hubei, county, answers):
    def change(book, places):
        for column in ("name", "value", "evidence"):
            one, other = field(places, "towns", column), field(places, "villages", column)
            one.value, other.value = other.value, one.value

    done = county(hubei, answers(hubei), edited(change))
    assert [(p.code, p.place.field) for p in done.problems] == [("D127", "towns"), ("D127", "villages")]
    for key in ("towns", "villages"):
        assert done.facts.cell(SELF, "甲县", key)[:2] == (None, State.UNREADABLE)


def test_headers_that_changed_places_make_their_columns_unreadable(hubei, county, answers):
    def change(book, places):
        one, other = (at(places, "list:payments", "labels", f"column:{key}") for key in ("by_deed", "by_invoice"))
        one.value, other.value = other.value, one.value

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["D127"] * 2
    table = done.facts.layers[SELF].lists["payments"].table
    assert set(table.states["by_deed"]) == set(table.states["by_invoice"]) == {State.UNREADABLE}
    assert table.states["paid"].tolist()[0] == State.FILLED


def test_fixed_rows_that_changed_places_are_unreadable(hubei, county, answers):
    def change(book, places):
        one, other = (at(places, "list:reports", f"row:2019-0{month}", "period") for month in (7, 8))
        one.value, other.value = other.value, one.value

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["D127"] * 2
    assert done.facts.layers[SELF].lists["reports"].table.states["to_city"].tolist()[:3] == [
        State.UNREADABLE, State.UNREADABLE, State.FILLED,
    ]  # fmt: skip


def test_traditional_characters_are_noted_and_read(hubei, county, answers):
    name = hubei.edition.fields["fund_total"].name.translate(str.maketrans("资总额", "資總額"))

    def change(book, places):
        field(places, "fund_total", "name").value = name

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["W109"]
    assert f"写成“{name}”" in done.problems[0].what
    assert done.facts.cell(SELF, "甲县", "fund_total")[1] == State.FILLED


def test_a_changed_full_mark_is_told_and_does_not_count(hubei, county, answers):
    def change(book, places):
        at(places, layout.SCORES, "indicator:N1", "points").value = 50

    done = county(hubei, answers(hubei, scores={"N1": 20}), edited(change))
    assert [p.code for p in done.problems] == ["W109", "D116"]
    assert "被改成“50”" in done.problems[0].what


# --- the 省级认定表 ---


@pytest.fixture
def official(hubei, round_folder, answers):
    """official(change, entries): the 认定表 of a round with some entries and a change, read."""

    def made(change=None, entries=()):
        folder = round_folder(hubei)
        path = folder / "省级认定表.xlsx"
        fill(path, {"entries": [{"county": "429901", "who": "核查员", "when": "2020-07-20", **one} for one in entries]})
        if change:
            edited(change)(path)
        facts = read(folder, hubei)
        return facts, [p for p in facts.problems if p.place.workbook == path.name]

    return made
