"""The marked copy: what is wrong is coloured, explained and listed; what the county filled in stays."""

from __future__ import annotations

import re
import zipfile

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from evaltool.intake import mark
from evaltool.intake.marked import AUTHOR, TITLE
from evaltool.problems import Place, Problem


@pytest.fixture
def messy(hubei, county, answers):
    fields = {"fund_total": "690万", "villages": "１００", "towns": "=5+5"}
    return county(hubei, answers(hubei, fields=fields, counts={"sites": 9}))


def test_every_problem_is_on_its_cell_and_in_the_list(messy, tmp_path):
    book = load_workbook(mark(messy.path, messy.facts, tmp_path / "m.xlsx"))
    page = book.worksheets[0]
    assert page.title == TITLE
    text = "\n".join(str(cell.value) for row in page for cell in row if cell.value)
    for problem in messy.problems:
        cell = book[problem.place.sheet][problem.place.cell]
        assert cell.comment.author == AUTHOR
        assert problem.what in cell.comment.text
        assert problem.do in cell.comment.text
        assert cell.fill.start_color.rgb == ("FFFFE699" if problem.level == "note" else "FFFFC7CE")
        for part in (problem.code, problem.what, problem.do, problem.clause):
            assert part in text
    links = {cell.hyperlink.location for row in page for cell in row if cell.hyperlink}
    assert links == {f"'{p.place.sheet}'!{p.place.cell}" for p in messy.problems}


def test_what_was_filled_in_stays_and_reads_the_same(hubei, messy, tmp_path, reread):
    before = load_workbook(messy.path)
    path = mark(messy.path, messy.facts, tmp_path / "m" / "甲县.xlsx")
    after = load_workbook(path)
    for sheet in before.worksheets:
        for row in sheet:
            for cell in row:
                assert after[sheet.title][cell.coordinate].value == cell.value
        assert after[sheet.title].protection.sheet
        count = [len(s.data_validations.dataValidation) for s in (sheet, after[sheet.title])]
        assert count[0] == count[1]
    assert after["基础数据"]["E8"].value == "=5+5"
    again = reread(path, hubei)
    assert [(p.code, p.place.cell) for p in again.problems] == [(p.code, p.place.cell) for p in messy.problems]


def test_marking_again_takes_the_old_marks_off(hubei, messy, tmp_path, reread):
    """The county corrects the copy, sends it again, and only what is still wrong is marked."""
    book = load_workbook(messy.path)
    own = next(p for p in messy.problems if p.place.field == "fund_total").place
    book[own.sheet][own.cell].comment = Comment("县里的批注", "张三")
    book.save(messy.path)
    path = mark(messy.path, messy.facts, tmp_path / "m" / "甲县.xlsx")
    book = load_workbook(path)
    assert "县里的批注" in book[own.sheet][own.cell].comment.text
    book[own.sheet][own.cell].value = 2000
    book.save(path)
    again = reread(path, hubei)
    book = load_workbook(mark(path, again.facts, tmp_path / "n" / "甲县.xlsx"))
    assert book.sheetnames.count(TITLE) == 1
    cell = book[own.sheet][own.cell]
    assert (cell.comment.text, cell.fill.start_color.rgb) == ("县里的批注", "FFFFF8DC")
    marked = [c for s in book.worksheets for row in s for c in row if c.comment and c.comment.author == AUTHOR]
    assert len(marked) == len({p.place.cell for p in again.problems if p.place.cell})


def test_a_file_that_cannot_be_opened_has_no_marked_copy(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"PK broken")
    assert mark(tmp_path / "x.xlsx", [], tmp_path / "y.xlsx") is None
    assert not (tmp_path / "y.xlsx").exists()


def test_county_text_never_becomes_a_formula(messy, tmp_path):
    problem = Problem("D101", "=HYPERLINK(1)", "=1+1", "=2", Place("甲县.xlsx", "基础数据", "E8"))
    page = load_workbook(mark(messy.path, [problem], tmp_path / "m.xlsx")).worksheets[0]
    assert {cell.data_type for row in page for cell in row if isinstance(cell.value, str)} == {"s"}


def test_same_inputs_same_bytes(messy, tmp_path):
    one, two = (mark(messy.path, messy.facts, tmp_path / name).read_bytes() for name in ("1.xlsx", "2.xlsx"))
    assert one == two


def test_a_stray_cell_in_the_last_row_costs_nothing(messy, tmp_path):
    book = load_workbook(messy.path)
    book["基础数据"].cell(1_048_576, 20).value = "x"
    book.save(messy.path)
    marked = load_workbook(mark(messy.path, messy.facts, tmp_path / "m.xlsx"))
    assert len(marked["基础数据"]._cells) < 10_000
    page = marked.worksheets[0]
    page.cell(1_048_576, 30).value = "x"  # and one in the list itself
    marked.save(tmp_path / "n.xlsx")
    assert mark(tmp_path / "n.xlsx", [], tmp_path / "o.xlsx") is not None


def test_nothing_that_needs_another_file_stays_in_the_copy(messy, tmp_path):
    book = load_workbook(messy.path)
    page = book["基础数据"]
    page["E8"].value = "=[1]一!A1*2"
    page["E9"].value = "=SUM(E6:E7)"
    book.defined_names["外"] = DefinedName("外", attr_text="[1]一!$A$1")
    book.defined_names["内"] = DefinedName("内", attr_text="基础数据!$A$1")
    check = DataValidation(type="list", formula1="[1]一!$A$1:$A$3")
    check.add("E8")
    page.add_data_validation(check)
    before = len(page.data_validations.dataValidation)
    book.save(messy.path)
    marked = load_workbook(mark(messy.path, messy.facts, tmp_path / "m.xlsx"))
    page = marked["基础数据"]
    assert (page["E8"].value, page["E8"].data_type) == ("公式 =[1]一!A1*2", "s")
    assert page["E9"].value == "=SUM(E6:E7)"
    assert list(marked.defined_names) == ["内"]
    assert len(page.data_validations.dataValidation) == before - 1


def test_a_problem_inside_a_merged_range_is_marked_where_it_is_seen(messy, tmp_path):
    book = load_workbook(messy.path)
    book["基础数据"].merge_cells("D8:E8")
    book.save(messy.path)
    problem = Problem("D108", "合并", "", "取消合并", Place("甲县.xlsx", "基础数据", "E8"))
    path = mark(messy.path, [problem], tmp_path / "甲县.xlsx")
    cell = load_workbook(path)["基础数据"]["D8"]
    assert "取消合并" in cell.comment.text
    again = load_workbook(mark(path, [], tmp_path / "n.xlsx"))["基础数据"]["D8"]
    assert again.comment is None
    assert again.fill.start_color.rgb != "FFFFC7CE"


def test_what_a_county_writes_into_the_list_does_no_harm(messy, tmp_path):
    path = mark(messy.path, messy.facts, tmp_path / "甲县.xlsx")
    book = load_workbook(path)
    page = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[1] if cell.value}
    for row, (place, colour) in enumerate(
        [("基础数据!ZZZ9999999", "FF0000FF"), ("基础数据!E8", "红色"), ("没有!A1", "")], 5
    ):
        page.cell(row, columns["at"]).value, page.cell(row, columns["fill"]).value = place, colour
    book.save(path)
    again = load_workbook(mark(path, [], tmp_path / "n.xlsx"))
    assert again["基础数据"]["E8"].fill.fill_type is None


def test_a_workbook_that_openpyxl_cannot_load_is_copied_cell_by_cell(messy, tmp_path, reread, hubei):
    """A style that is not there: Excel opens such a file, openpyxl does not."""
    with zipfile.ZipFile(messy.path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/styles.xml"] = re.sub(rb'(<xf [^>]*?)fontId="\d+"', rb'\1fontId="9999"', parts["xl/styles.xml"])
    with zipfile.ZipFile(messy.path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    with pytest.raises(IndexError):
        load_workbook(messy.path)
    path = mark(messy.path, messy.facts, tmp_path / "m" / "甲县.xlsx")
    book = load_workbook(path)
    assert "抄进本件" in book.worksheets[0]["B3"].value
    assert book["基础数据"].data_validations.dataValidation
    again = reread(path, hubei)
    assert [(p.code, p.place.cell) for p in again.problems] == [(p.code, p.place.cell) for p in messy.problems]
