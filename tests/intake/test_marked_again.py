"""A marked copy that comes back as it went out says what the original said: no figure more, none less."""

from __future__ import annotations

import zipfile

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula

from evaltool.books.looking import look
from evaltool.books.opening import read_book
from evaltool.facts import SELF, State
from evaltool.intake import mark

PAGE = "基础数据"
STRUCK, RAISED = InlineFont(strike=True), InlineFont(vertAlign="superscript")


def typed(**cells):
    """Cells of the sheet of figures: value, or value and number format."""

    def change(path):
        book = load_workbook(path)
        for place, value in cells.items():
            cell = book[PAGE][place]
            cell.value, cell.number_format = value if isinstance(value, tuple) else (value, "General")
        book.save(path)

    return change


def changed(change):
    def saved(path):
        book = load_workbook(path)
        change(book[PAGE])
        book.save(path)

    return saved


def rewritten(*pairs):
    """Texts exchanged in the sheet's XML, for what openpyxl would not write."""

    def change(path):
        typed(E6=111, E7=222, E8="书")(path)
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        name = next(name for name, data in parts.items() if b"<v>111</v>" in data and b"<v>222</v>" in data)
        for old, new in pairs:
            assert old in parts[name], old
            parts[name] = parts[name].replace(old, new)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for key, data in parts.items():
                package.writestr(key, data)

    return change


def struck_whole(page):
    page["E6"].value, page["E6"].font = 12, Font(strike=True)
    page["E7"].value, page["E7"].font = "13", Font(strike=True)


def hidden_and_merged(page):
    page.row_dimensions[7].hidden = True
    page.column_dimensions["E"].hidden = True
    page.merge_cells("E8:F8")
    page["E9"].comment = Comment("县里的批注", "张三")


BOLD = TextBlock(InlineFont(b=True, rFont="楷体", sz=14), "34")
ODD = {
    "struck out in part": typed(E6=CellRichText(TextBlock(STRUCK, "1"), "1500"), E7=CellRichText("12", BOLD)),
    "all runs struck out": typed(E6=CellRichText(TextBlock(STRUCK, "1"), TextBlock(STRUCK, "5"))),
    "a raised mark": typed(E6=CellRichText("1290", TextBlock(RAISED, "1"))),
    "a raised blank": typed(E7=CellRichText("8", TextBlock(RAISED, " "))),
    "the whole cell struck out": changed(struck_whole),
    "formulas": typed(E6="=5+5", E7="=E6*2", E8=ArrayFormula("E8:E8", "=SUM(E6:E7)"), E9='="一"&"二"'),
    "dates and percentages": typed(
        E6=(0.985, "0.0%"), E7=(43983.25, "yyyy-mm-dd"), E8=(0.5, "h:mm"), E9=(-5, "yyyy-mm-dd")
    ),
    "hidden, merged and commented": changed(hidden_and_merged),
    "texts": typed(E6=" 12 ", E7="１２", E8="1,200\n", E9="_x0031_2"),
    "all digits of a number": rewritten((b"<v>111</v>", b"<v>0.30000000000000004</v>"), (b"<v>222</v>", b"<v>1e2</v>")),
    "a number in full-width digits": rewritten((b"<v>111</v>", "<v>１２</v>".encode())),
    "a number that is none": rewritten((b"<v>111</v>", b"<v>1e999</v>")),
    "escaped characters": rewritten(("书".encode(), b"_x005F_x0031_2_x000D_"), (b"<v>111</v>", b"<v>5</v>")),
    "formulas with stored values": rewritten(
        (b"<v>111</v>", b"<f>VLOOKUP(1,B:C,2,0)</f><v>1215</v>"),
        (b"<v>222</v>", b"<f>1/0</f><v>#DIV/0!</v>"),
    ),
    "a date written out": rewritten((b"<v>111</v>", b"<v>2024-03-05</v>"), (b' t="n"><v>2024', b' t="d"><v>2024')),
    "a value under a merged range": rewritten(
        (b"</mergeCells>", b'<mergeCell ref="D6:E6"/></mergeCells>')
    ),
}  # fmt: skip


def told(facts, scheme):
    """Every value and state, self scores claimed, and the problems at their cells."""
    layer = facts.layers[SELF]
    tables = [layer.table, *(layer.lists[key].table for key in scheme.edition.lists)]
    return (
        [(repr(one.values.to_numpy().tolist()), one.states.to_numpy().tolist()) for one in tables],
        repr(facts.claimed.to_numpy().tolist()),
        sorted((problem.code, problem.place.cell) for problem in facts.problems),
    )


@pytest.mark.parametrize("name", ODD)
def test_a_marked_copy_reads_as_the_original_and_so_does_its_own(name, hubei, county, answers, reread, tmp_path):
    done = county(hubei, answers(hubei), ODD[name])
    once = reread(mark(done.path, done.facts, tmp_path / "m" / "甲县.xlsx"), hubei)
    assert told(once.facts, hubei) == told(done.facts, hubei)
    twice = reread(mark(once.path, once.facts, tmp_path / "n" / "甲县.xlsx"), hubei)
    assert told(twice.facts, hubei) == told(done.facts, hubei)


def test_struck_out_and_raised_digits_never_become_figures(hubei, county, answers, reread, tmp_path):
    """1~~2~~ and 12¹ are refused, before and after."""
    odd = typed(E6=CellRichText(TextBlock(STRUCK, "1"), "15"), E7=CellRichText("12", TextBlock(RAISED, "1")))
    done = county(hubei, answers(hubei), odd)
    path = mark(done.path, done.facts, tmp_path / "m" / "甲县.xlsx")
    cells = next(sheet for sheet in read_book(look(path), "甲县.xlsx").sheets if sheet.title == PAGE).cells
    assert [(cells[row, 5].raw, cells[row, 5].struck) for row in (6, 7)] == [("115", "part"), ("121", "raised")]
    again = reread(path, hubei)
    refused = [State(s).name for s in again.facts.layers[SELF].table.states.to_numpy().ravel()]
    assert refused.count("UNREADABLE") == 2
    assert [p.place.cell for p in again.problems if p.code == "D124"] == ["E6", "E7"]


def test_runs_keep_their_fonts(hubei, county, answers, tmp_path):
    done = county(hubei, answers(hubei), typed(E7=CellRichText("12", BOLD)))
    book = load_workbook(mark(done.path, done.facts, tmp_path / "m.xlsx"), rich_text=True)
    plain, bold = book[PAGE]["E7"].value
    assert (plain, bold.text, bold.font.b, bold.font.rFont, bold.font.sz) == ("12", "34", True, "楷体", 14)
