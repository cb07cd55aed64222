"""An .xls comes in, is marked as .xlsx, and reads the same when it is sent again."""

from __future__ import annotations

import pytest
import xlwt
from openpyxl import load_workbook
from xls_making import as_xls

from evaltool.books.book import Book, Cell, Piece, Sheet
from evaltool.books.looking import look
from evaltool.books.opening import read_book
from evaltool.facts import SELF
from evaltool.intake import mark, template
from evaltool.intake.converted import as_workbook
from evaltool.intake.marked import AUTHOR, TITLE
from evaltool.intake.templates.styling import workbook_bytes


def figures(facts, scheme):
    layer = facts.layers[SELF]
    tables = [layer.table, *(layer.lists[key].table for key in scheme.edition.lists)]
    claimed = facts.claimed.to_numpy().tolist() if facts.claimed is not None else None
    return [(one.values.to_numpy().tolist(), one.states.to_numpy().tolist()) for one in tables], claimed


def opened(path):
    return read_book(look(path), path.name)


def saved(book, path):
    path.write_bytes(workbook_bytes(book))
    return path


def test_an_xls_reads_as_the_xlsx_it_was_made_from(scheme, county, answers, reread, tmp_path):
    done = county(scheme, answers(scheme))
    old = reread(as_xls(done.path, tmp_path / "甲县.xls"), scheme)
    assert old.codes == done.codes
    assert figures(old.facts, scheme) == figures(done.facts, scheme)


def test_laid_over_a_fresh_template_and_taken_over_plainly_it_reads_the_same(scheme, county, answers, reread, tmp_path):
    done = county(scheme, answers(scheme))
    book = opened(as_xls(done.path, tmp_path / "甲县.xls"))
    for known, name in ((scheme, "甲县.xlsx"), (None, "乙县.xlsx")):
        made = as_workbook(book, known)
        again = reread(saved(made, tmp_path / name), scheme)
        assert again.codes == done.codes
        assert figures(again.facts, scheme) == figures(done.facts, scheme)
        checks = sum(len(page.data_validations.dataValidation) for page in made.worksheets)
        assert bool(checks) == bool(known)
        assert all(page.protection.sheet == bool(known) for page in made.worksheets)


def test_an_xlsx_may_be_converted_too(hubei, county, answers, reread, tmp_path):
    done = county(hubei, answers(hubei))
    again = reread(saved(as_workbook(opened(done.path), hubei), tmp_path / "副本.xlsx"), hubei)
    assert figures(again.facts, hubei) == figures(done.facts, hubei)


def test_rows_that_were_moved_are_taken_over_as_they_stand(hubei, county, answers, reread, tmp_path):
    def move(path):
        book = load_workbook(path)
        page = book["基础数据"]
        page.insert_rows(6, 2)
        page.merged_cells.ranges.clear()
        book.save(path)

    done = county(hubei, answers(hubei), move)
    book = opened(as_xls(done.path, tmp_path / "甲县.xls"))
    made = as_workbook(book, hubei)
    assert not any(page.data_validations.dataValidation for page in made.worksheets)
    again = reread(saved(made, tmp_path / "副本.xlsx"), hubei)
    assert figures(again.facts, hubei) == figures(done.facts, hubei)


def test_what_a_county_emptied_renamed_or_added_stays_so(hubei, tmp_path):
    path = template(hubei, tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县"})
    book = load_workbook(path)
    book["基础数据"]["C6"].value = None
    book["基础数据"]["E6"].value = 7
    book["基础数据"].merge_cells("E7:F7")
    book["自评打分"].unmerge_cells(str(next(iter(book["自评打分"].merged_cells.ranges))))
    book["基础数据"].row_dimensions[9].hidden = True
    book.create_sheet("附表")["B2"] = "另附"
    book["填报说明"].sheet_state = "hidden"
    book.save(path)
    plain = opened(path)
    made = as_workbook(plain, hubei)
    again = opened(saved(made, tmp_path / "副本.xlsx"))
    assert [sheet.title for sheet in again.sheets] == [*(s.title for s in plain.sheets if s.title != "附表"), "附表"]
    by_title = {sheet.title: sheet for sheet in again.sheets}
    for sheet in plain.sheets:
        other = by_title[sheet.title]
        assert {at: (c.raw, c.formula, c.format) for at, c in sheet.cells.items()} == {
            at: (c.raw, c.formula, c.format) for at, c in other.cells.items()
        }
        assert (sheet.state, set(sheet.merges.values())) == (other.state, set(other.merges.values()))
        assert sheet.hidden_rows <= other.hidden_rows
    assert made["基础数据"].data_validations.dataValidation


@pytest.mark.parametrize(
    ("cell", "value", "kind"),
    [
        (Cell("=1+1"), "=1+1", "s"),
        (Cell("#N/A", error=True), "#N/A", "e"),
        (Cell("#N/A"), "#N/A", "s"),
        (Cell("nan", error=True), "#VALUE!", "e"),
        (Cell("a\x07b"), "a_x0007_b", "s"),
        (Cell("_x0041_"), "_x005F_x0041_", "s"),
        (Cell(5, formula="=A1+1"), "=A1+1", "f"),
        (Cell(5, formula="='[预算.xls]一'!A1"), "公式 ='[预算.xls]一'!A1", "s"),
        (Cell(5, formula="=（.xls 的公式）"), 5, "n"),
        (Cell(True), True, "b"),
    ],
)
def test_one_cell_taken_over(cell, value, kind):
    made = as_workbook(Book("甲县.xls", "", "xls", [Sheet("表", 0, {(3, 2): cell})])).worksheets[0]["B3"]
    assert (made.value, made.data_type) == (value, kind)


def test_what_is_struck_out_or_raised_is_so_in_the_copy(tmp_path):
    """Otherwise what was refused would be a figure when the copy comes back."""
    cells = {
        (1, 1): Cell("1215", struck="part"),
        (2, 1): Cell(12, struck="all"),
        (3, 1): Cell("12901", struck="raised"),
        (4, 1): Cell("1\n5 ", struck="part"),
    }
    pieces = {
        (1, 1): (Piece("12", struck=True), Piece("15")),
        (3, 1): (Piece("1290"), Piece("1", raised=True)),
    }
    made = as_workbook(Book("甲县.xls", "", "xls", [Sheet("表", 0, cells, pieces=pieces)]))
    again = opened(saved(made, tmp_path / "副本.xlsx")).sheets[0]
    assert [(cell.raw, cell.struck) for cell in again.cells.values()] == [
        ("1215", "part"), (12, "all"), ("12901", "raised"), ("1\n5 ", "all"),
    ]  # fmt: skip
    assert again.pieces == pieces


def test_a_marked_xls_keeps_what_is_struck_out_in_part(hubei, county, answers, reread, tmp_path):
    gone, kept = xlwt.easyxf("font: struck_out on"), xlwt.easyxf("font: escapement superscript")

    def odd(sheets):
        sheets["基础数据"].write_rich_text(5, 4, [("1", gone.font), ("15", xlwt.easyxf("").font)])
        sheets["基础数据"].write_rich_text(6, 4, [("12", xlwt.easyxf("").font), ("1", kept.font)])

    done = county(hubei, answers(hubei))
    old = reread(as_xls(done.path, tmp_path / "甲县.xls", odd), hubei)
    assert [p.place.cell for p in old.problems if p.code == "D124"] == ["E6", "E7"]
    again = reread(mark(old.path, old.facts, tmp_path / "m" / "甲县.xls"), hubei)
    assert [(p.code, p.place.cell, p.what) for p in again.problems] == [
        (p.code, p.place.cell, p.what) for p in old.problems
    ]
    assert figures(again.facts, hubei) == figures(old.facts, hubei)


def test_a_marked_xls_is_an_xlsx_with_its_drop_downs_and_all_problems(hubei, county, answers, reread, tmp_path):
    done = county(hubei, answers(hubei, fields={"fund_total": "690万", "towns": "约3个"}))
    old = reread(as_xls(done.path, tmp_path / "甲县.xls"), hubei)
    cells = {(p.place.sheet, p.place.cell) for p in old.problems if p.place.cell}
    assert cells
    path = mark(old.path, old.facts, tmp_path / "m" / "甲县.xls")
    assert path.name == "甲县.xls.xlsx"
    book = load_workbook(path)
    assert book.worksheets[0].title == TITLE
    assert "甲县.xls" in book.worksheets[0]["B3"].value
    for sheet, cell in cells:
        assert book[sheet][cell].comment.author == AUTHOR
    assert book["基础数据"].data_validations.dataValidation
    again = reread(path, hubei)
    assert sorted((p.code, p.place.cell) for p in again.problems) == sorted(
        (p.code, p.place.cell) for p in old.problems
    )
    assert figures(again.facts, hubei) == figures(old.facts, hubei)


def test_a_formula_in_an_xls_that_nobody_worked_out_is_asked_for_again(hubei, county, answers, reread, tmp_path):
    done = county(hubei, answers(hubei))
    old = as_xls(done.path, tmp_path / "甲县.xls", lambda sheets: sheets["基础数据"].write(7, 4, xlwt.Formula("5+5")))
    found = reread(old, hubei)
    assert "D106" in found.codes
    book = load_workbook(mark(old, found.facts, tmp_path / "m.xls"))
    assert book["基础数据"]["E8"].value == "=5+5"


def test_a_range_merged_down_to_the_last_row_is_merged_as_far_as_cells_stand():
    merges = dict.fromkeys(((row, 1) for row in range(1, 21)), "A1:A65536")
    made = as_workbook(Book("甲县.xls", "", "xls", [Sheet("表", 0, {(1, 1): Cell("上")}, merges)])).worksheets[0]
    assert [str(part) for part in made.merged_cells.ranges] == ["A1:A20"]
