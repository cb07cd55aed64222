"""Cells as they stand in workbooks: struck out, hidden, calculated, with units drawn; texts of the template changed."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from fractions import Fraction

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from evaltool.books.book import Cell
from evaltool.books.looking import look
from evaltool.books.opening import read_book
from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import fill, layout, read
from evaltool.intake.county_book import read_county
from evaltool.intake.opened import Book, anchored
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.templates.filling import Places


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
    """Puts a stored value beside the formula in `cell`, as spreadsheet programs do and openpyxl does not, and takes
    away the word that all formulas must be worked out anew."""
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


def formulas(texts):
    """Inputs become formulas with stored values: field → (formula, value)."""

    def change(path):
        book = load_workbook(path)
        cells = {key: field(Places(book), key) for key in texts}
        for key, (text, _) in texts.items():
            cells[key].value = text
        book.save(path)
        for key, (_, value) in texts.items():
            stored(path, cells[key], value)

    return change


def own(done):
    """The problems without the questions that are asked across cells (D13x)."""
    return [problem for problem in done.problems if not problem.code.startswith("D13")]


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


def test_a_raised_mark_is_no_digit(hubei, county, answers):
    def change(book, places):
        mark = TextBlock(InlineFont(vertAlign="superscript"), "1")
        field(places, "fund_total").value = CellRichText(TextBlock(InlineFont(), "2000"), mark)

    done = county(hubei, answers(hubei), edited(change))
    assert [p.code for p in own(done)] == ["D124"]
    assert "上标" in own(done)[0].what
    assert done.facts.cell(SELF, "甲县", "fund_total")[:2] == (None, State.UNREADABLE)


def test_a_number_too_small_to_be_kept_is_no_nought(hubei):
    reader = SheetReader(hubei, Book("甲.xlsx", "", "xlsx", {}, []), "429901")
    item = hubei.edition.fields["fund_total"]
    assert reader.understood(Cell(0.0, written="1E-999999999"), item).state == State.OUT_OF_RANGE
    assert reader.understood(Cell(0.0, written="0.00E-9"), item).value == 0
    assert reader.understood(Cell(0, written="0"), item).value == 0


def test_a_total_is_no_row_of_a_list(hubei, county, answers):
    filled = answers(hubei)
    rows = [*filled["lists"]["payments"], {"paid_for": "合 计", "paid": 100}]
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": len(rows)}))
    assert "D115" in done.codes
    assert "合 计" in next(p.what for p in done.problems if p.code == "D115")
    assert done.facts.layers[SELF].lists["payments"].states.tolist() == [State.UNREADABLE]


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


# field, formula, stored value, value as read, code, a piece of what is said
CALCULATED = [
    ("towns", "=4+6", "10", 10, None, ""),
    ("town_stations", "=4+6", "11", None, "D123", "重新计算得 10"),
    ("villages", "=TODAY()-44000", "10", None, "D123", "TODAY"),
    ("delivered", "=RAND()*10", "10", None, "D123", "每次打开都会变"),
    ("fund_spent", "=[1]Sheet1!A1", "10", None, "D123", "别的文件"),
    ("use_centre", "=LAMBDA(x,x)(10)", "10", 10, "D122", "没有核算"),
    ("fund_total", "=2000.1+0.2", "2000.3000000000002", Fraction("2000.3000000000002"), "D121", "2000.3，"),
]


def test_stored_values_of_formulas(hubei, county, answers):
    done = county(hubei, answers(hubei), formulas({line[0]: (line[1], line[2]) for line in CALCULATED}))
    told = {problem.place.field: problem for problem in own(done)}
    assert {key: problem.code for key, problem in told.items()} == {line[0]: line[4] for line in CALCULATED if line[4]}
    for key, text, _, value, code, said in CALCULATED:
        found, now, origin = done.facts.cell(SELF, "甲县", key)
        assert (found, now) == (value, State.UNREADABLE if value is None else State.FILLED)
        assert value is None or text in origin.note
        if code:
            assert said in told[key].what
            assert told[key].place.cell == origin.cell
            assert told[key].do


# field, what is entered, format, value as read, code
FORMATTED = [
    ("fund_total", 2000.6, "0", Fraction("2000.6"), "D121"),
    ("fund_spent", 20000000, '#,##0"元"', 2000, "D109"),
    ("use_centre", 20, '0"万元"', 20, None),
    ("use_station", 20000000, '0!.0,"万"', None, "D126"),
    ("use_train", 2000000, "#,##0,", None, "D126"),
    ("use_flow", "二十万元", "@", 20, "D109"),
    ("retail_growth", 0.2155, "0.0%", Fraction("0.2155"), "D121"),
    ("farm_growth", 9.55, "0%", Fraction("9.55"), "D109"),
    ("towns", 10.4, "0", None, "D110"),
]


def test_number_formats(hubei, county, answers):
    def change(book, places):
        for key, raw, shape, _, _ in FORMATTED:
            field(places, key).value, field(places, key).number_format = raw, shape

    done = county(hubei, answers(hubei), edited(change))
    told = {problem.place.field: problem.code for problem in own(done) if problem.code != "D119"}
    assert told == {line[0]: line[4] for line in FORMATTED if line[4]}
    for key, _, _, value, code in FORMATTED:
        found, _, origin = done.facts.cell(SELF, "甲县", key)
        assert found == value
        assert value is None or not code or origin.note


def test_numbers_of_list_rows_and_counts_are_understood_alike(hubei, county, answers):
    filled = answers(hubei)
    rows = [dict(row) for row in filled["lists"]["payments"]]
    rows[0]["paid"] = "５万元"
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": "两项"}))
    assert sorted(done.codes) == ["D102", "D109"]
    assert done.facts.layers[SELF].lists["payments"].table.values["paid"].tolist()[0] == 5
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": "两行"}))
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


# field, column, its new text ({}: the old one), code
TEXTS = [
    ("fund_total", "unit", "元", "D126"),
    ("fund_spent", "unit", "万元 ", None),
    ("use_centre", "unit", "萬元", None),
    ("use_station", "unit", None, "W109"),
    ("towns", "unit", "家", "D126"),
    ("depot", "unit", "有/无", "W109"),
    ("use_train", "name", "{}（元）", "D126"),
    ("use_flow", "name", "{}（万元）", "W109"),
    ("villages", "name", "街道数", "W109"),
    ("delivered", "name", "  {} ", None),
]


def test_changed_units_and_names(hubei, county, answers):
    def change(book, places):
        for key, column, text, _ in TEXTS:
            field(places, key, column).value = text and text.format(hubei.edition.fields[key].name)

    done = county(hubei, answers(hubei), edited(change))
    told = {problem.place.field: problem for problem in done.problems if problem.code in ("W109", "D126", "D127")}
    assert {key: problem.code for key, problem in told.items()} == {line[0]: line[3] for line in TEXTS if line[3]}
    assert len(told) == len(own(done))
    for key, _, _, code in TEXTS:
        assert done.facts.cell(SELF, "甲县", key)[1] == (State.UNREADABLE if code == "D126" else State.FILLED)


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


SIGNED = {"who": "李四", "when": "2020-11-05"}


def test_entries_of_the_province_are_read_as_strictly(hubei, round_folder):
    folder = round_folder(hubei)
    path = folder / "省级认定表.xlsx"
    entries = {
        "429901": {"fake": {"value": "经核查无。", **SIGNED}, "accident": {"value": "有", **SIGNED}},
        "429902": {"fake": {"value": "有", "who": "李四", "when": "二〇二〇年十一月五日"}, "accident": {"value": "有", **SIGNED}},
        "429903": {"fake": {"value": "有", **SIGNED}},
    }
    fill(path, {"entries": entries, "round": {"nat_retail": {"value": "百分之十九点一", "source": "公报", **SIGNED}}})

    def change(book, places):
        at(places, layout.VETO, "subject:429901", "value:accident").font = Font(strike=True)
        at(places, layout.VETO, "subject:429902", "who:accident").font = Font(strike=True)
        at(places, layout.VETO, "subject:429902", "code").value = "429903"
        at(places, layout.VETO, "subject:429903", "when:fake").value = "=TODAY()"

    edited(change)(path)
    facts = read(folder, hubei)
    told = [(p.code, p.place.subject) for p in facts.problems if p.place.workbook == path.name]
    assert sorted(told) == [
        ("D109", ""), ("D109", "429901"), ("D111", "429903"), ("D124", "429901"), ("D127", "429902"),
    ]  # fmt: skip
    assert facts.cell(OFFICIAL, "甲县", "fake")[:2] == (False, State.FILLED)
    assert facts.cell(OFFICIAL, "甲县", "accident")[1] == State.UNREADABLE
    assert facts.cell(OFFICIAL, "乙县", "fake")[:2] == (None, State.UNREADABLE)
    assert facts.cell(OFFICIAL, "丙县", "fake")[:2] == (None, State.PENDING)
    assert facts.cell(OFFICIAL, "甲县", "nat_retail")[0] == Fraction(191, 1000)


def test_titles_and_units_of_the_province(hubei, round_folder):
    folder = round_folder(hubei)
    path = folder / "省级认定表.xlsx"
    fill(path, {"entries": {"429901": {key: {"value": "有", **SIGNED} for key in ("fake", "accident")}}})

    def change(book, places):
        sheet, columns = places.sheets[layout.VETO], places.columns[layout.VETO]
        one, other = (sheet.cell(4, columns[f"value:{key}"]) for key in ("fake", "accident"))
        one.value, other.value = other.value, one.value
        at(places, layout.ROUND, "field:nat_retail", "name").value = "别的增速"

    edited(change)(path)
    facts = read(folder, hubei)
    assert [p.code for p in facts.problems if p.place.workbook == path.name] == ["D127", "D127", "W109"]
    assert facts.cell(OFFICIAL, "甲县", "fake")[:2] == (None, State.UNREADABLE)


def test_links_to_other_files_are_told_where_no_input_uses_them(hubei, county, answers):
    path = county(hubei, answers(hubei)).path
    book = replace(anchored(read_book(look(path), path.name)), links=("去年.xlsx", "模板.xlsx"))
    (problem,) = read_county(book, hubei, "429901").problems
    assert problem.code == "W124"
    assert "去年.xlsx、模板.xlsx" in problem.what
    assert problem.place.workbook == path.name
    change = formulas({"towns": ("=[1]Sheet1!A1", "10")})
    path = county(hubei, answers(hubei), change).path
    linked = replace(anchored(read_book(look(path), path.name)), links=("去年.xlsx",))
    assert [problem.code for problem in read_county(linked, hubei, "429901").problems] == ["D123"]
