"""The marked copy: what is wrong is coloured, explained and listed; what the county filled in stays."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

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
    book[own.sheet][own.cell].value = 690
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
