"""Cells of an .xlsx as the file writes them: values, texts, formulas, dates, and what is broken in them."""

from __future__ import annotations

import datetime as dt

import pytest
from xlsx_by_hand import cell_of, opened, parts, sheet_of, worksheet

from evaltool.books.book import BookError, Cell


def moment(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # noqa: DTZ001 – a cell has no time zone


def refused(rows: str, *texts: str, **more: str) -> str:
    with pytest.raises(BookError) as caught:
        sheet_of(rows, *texts, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ("12", 12), ("-0", 0), ("007", 7), ("84.99499999999999", 84.99499999999999), ("1e3", 1000.0),
        ("0e9", 0.0), ("-0.00", 0.0), ("5.", 5.0),
        (".5", 0.5), ("1E+2", 100.0), ("+3", 3), ("1e308", 1e308), ("1234567890123456789", 1234567890123456789),
        (" 12 ", 12), ("0.98499999999999999", 0.985),
    ],
)  # fmt: skip
def test_a_number_keeps_its_digits(written, raw):
    for kind in ("", ' t="n"'):
        cell = cell_of(f'<c r="A1"{kind}><v>{written}</v></c>')
        assert cell == Cell(raw, written=written)
        assert type(cell.raw) is type(raw)


@pytest.mark.parametrize(
    "written",
    ["NaN", "nan", "INF", "-Infinity", "1e400", "1e-400", "-12.5E-999999999", "1_000", "１２", "1,000", "12元", "0x10"],
)
def test_what_is_no_number_is_an_error_and_not_nothing(written):
    assert cell_of(f'<c r="A1" t="n"><v>{written}</v></c>') == Cell(written, error=True, written=written)


@pytest.mark.parametrize(
    ("xml", "raw", "error"),
    [
        ('t="b"><v>1</v>', True, False),
        ('t="b"><v>false</v>', False, False),
        ('t="b"><v>2</v>', "2", True),
        ('t="e"><v>#DIV/0!</v>', "#DIV/0!", True),
        ('t="e"><v>#SPILL!</v>', "#SPILL!", True),
        ('t="d"><v>2020-06-05</v>', dt.date(2020, 6, 5), False),
        ('t="d"><v>2020-06-05T08:30:00</v>', moment(2020, 6, 5, 8, 30), False),
        ('t="d"><v>2020-06-31</v>', "2020-06-31", True),
        ('t="d"><v>2020-06-05到期</v>', "2020-06-05到期", True),
        ('t="money"><v>12</v>', "12", True),
        ('t="str"><v>12</v>', "12", False),
        ('t="inlineStr"><is><t>十二</t></is>', "十二", False),
        ('t="inlineStr"><v>十二</v>', "十二", False),
        ("><is><t>十二</t></is>", "十二", False),
    ],
)
def test_every_type_is_read(xml, raw, error):
    cell = cell_of(f'<c r="A1" {xml}</c>')
    assert (cell.raw, cell.error, cell.formula) == (raw, error, "")
    assert type(cell.raw) is type(raw)


def test_cells_with_a_style_only_are_left_out():
    sheet = sheet_of(
        '<row r="1"><c r="A1" s="1"/><c r="B1"><v></v></c><c r="C1" t="s"><v/></c><c r="D1"><v>1</v></c></row>'
    )
    assert list(sheet.cells) == [(1, 4)]


def test_spaces_stay():
    cell = cell_of('<c r="A1" t="inlineStr"><is><t xml:space="preserve">  \n </t></is></c>')
    assert cell.raw == "  \n "


# --- texts ---


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<t>第一行_x000D_\n第二行</t>", "第一行\r\n第二行"),
        ("<t>_x005F_x000D_</t>", "_x000D_"),
        ("<t>_x4E2D_</t>", "中"),
        ("<t>_xD83D__xDE00_</t>", "😀"),
        ("<t>a_xD83D_b</t>", "a\ufffdb"),
        ("<t>_x12_ _xyz_</t>", "_x12_ _xyz_"),
        ("<t>\ufeff12</t>", "\ufeff12"),
        ("<t>长治</t><rPh sb='0' eb='2'><t>チョウチ</t></rPh><phoneticPr fontId='1'/>", "长治"),
        ("<r><t>三</t></r><r><rPr><b/></rPr><t xml:space='preserve'>十 </t></r>", "三十 "),
        ("<t/>", ""),
        ("", ""),
        ("<t><![CDATA[<12>]]></t>", "<12>"),
        ("<t>1<!-- 夹着的话 -->2</t>", "12"),
    ],
)
def test_a_text_is_what_a_person_sees(item, text):
    assert cell_of('<c r="A1" t="s"><v>1</v></c>', "<t>别的</t>", item).raw == text
    inline = cell_of(f'<c r="A1" t="inlineStr"><is>{item}</is></c>')
    assert inline.raw == text


STRUCK, BOLD = "<rPr><strike/></rPr>", "<rPr><b/></rPr>"


@pytest.mark.parametrize(
    ("item", "plain", "struck"),
    [
        ("<t>320</t>", "", "all"),
        (f"<r>{STRUCK}<t>320</t></r><r>{BOLD}<t>350</t></r>", "part", "part"),
        (f"<r><t>320</t></r><r>{STRUCK}<t>350</t></r>", "part", "all"),
        (f"<r>{STRUCK}<t>320</t></r><r>{STRUCK}<t>350</t></r>", "all", "all"),
        (f"<r>{BOLD}<t>320</t></r>", "", ""),
        (f"<r>{STRUCK}<t xml:space='preserve'>  </t></r><r><t>350</t></r>", "", "all"),
        ("<r><rPr><strike val='0'/></rPr><t>320</t></r>", "", ""),
        ("<r><rPr><strike val='true'/></rPr><t>320</t></r>", "all", "all"),
    ],
)
def test_struck_out_runs_are_told(item, plain, struck):
    for style, expected in (("0", plain), ("4", struck)):
        assert cell_of(f'<c r="A1" s="{style}" t="s"><v>0</v></c>', item).struck == expected
        assert cell_of(f'<c r="A1" s="{style}" t="inlineStr"><is>{item}</is></c>').struck == expected


def test_a_struck_out_number_is_told():
    assert cell_of('<c r="A1" s="4"><v>320</v></c>') == Cell(320, written="320", struck="all")
    assert cell_of('<c r="A1" s="1"><v>0.5</v></c>') == Cell(0.5, "0.00%", written="0.5")


def test_a_text_that_is_not_there_stops_the_workbook():
    for number in ("2", "-1", "x", "1.0"):
        row = f'<row r="1"><c r="A1" t="s"><v>{number}</v></c></row>'
        assert "A1 指向第" in refused(row, "<t>一</t>", "<t>二</t>")


# --- formulas ---


@pytest.mark.parametrize(
    ("xml", "formula", "raw", "error"),
    [
        ("><f>A2+1</f><v>12</v>", "=A2+1", 12, False),
        ("><f>A2+1</f>", "=A2+1", None, False),
        ("><f>A2+1</f><v></v>", "=A2+1", None, False),
        ('t="str"><f>A2&amp;""</f><v></v>', '=A2&""', "", False),
        ('t="str"><f>T(A2)</f><v>甲_x000D_</v>', "=T(A2)", "甲\r", False),
        ('t="e"><f>1/0</f><v>#DIV/0!</v>', "=1/0", "#DIV/0!", True),
        ('t="b"><f>TRUE()</f><v>1</v>', "=TRUE()", True, False),
        ('t="array"><f>1</f>', "=1", None, False),
        ("><f/><v>3</v>", "=", 3, False),
        ("><f><![CDATA[1<2]]></f>", "=1<2", None, False),
    ],
)
def test_a_formula_stands_beside_its_stored_value(xml, formula, raw, error):
    cell = cell_of(f'<c r="A1" {xml}</c>')
    assert (cell.formula, cell.raw, cell.error) == (formula, raw, error)


def test_a_shared_formula_is_written_out_for_each_cell():
    sheet = sheet_of(
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$C$1</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="3"><c r="B3"><f t="shared" si="0"/></c><c r="C3"><f t="shared" si="7"/><v>9</v></c></row>'
        '<row r="4"><c r="B4"><f t="shared" si="0">A9</f><v>2</v></c></row>'
    )
    found = {at: (cell.formula, cell.raw) for at, cell in sheet.cells.items()}
    assert found == {
        (1, 2): ("=A1*$C$1", 1), (2, 2): ("=A2*$C$1", 2), (3, 2): ("=A3*$C$1", None),
        (3, 3): ("=…（共享公式）", 9), (4, 2): ("=A9", 2),
    }  # fmt: skip


def test_a_shared_formula_keeps_to_its_own_first_cell():
    rows = "".join(
        f'<row r="{r}"><c r="A{r}"><f t="shared" ref="A{r}:B{r}" si="0">C{r}+{r}</f></c>'
        f'<c r="B{r}"><f t="shared" si="0"/></c></row>'
        for r in (1, 2)
    )
    formulas = [cell.formula for cell in sheet_of(rows).cells.values()]
    assert formulas == ["=C1+1", "=D1+1", "=C2+2", "=D2+2"]


def test_shared_formulas_are_not_written_out_without_end(monkeypatch):
    monkeypatch.setattr("evaltool.books.xlsx_sheet.MOST_TRANSLATED", 12)
    cells = "".join(f'<c r="{column}1"><f t="shared" si="0"/></c>' for column in "BCDE")
    sheet = sheet_of(f'<row r="1"><c r="A1"><f t="shared" ref="A1:E1" si="0">A2+1</f></c>{cells}</row>')
    shared = "=…（共享公式）"
    assert [cell.formula for cell in sheet.cells.values()] == ["=A2+1", "=B2+1", "=C2+1", shared, shared]


def test_extensions_of_a_row_are_passed_over():
    assert list(sheet_of('<row r="1"><c r="A1"><v>1</v></c><extLst><ext/></extLst></row>').cells) == [(1, 1)]


def test_all_cells_of_an_array_are_calculated():
    """Excel and XlsxWriter name the formula in the first cell only; the others look like typed numbers."""
    sheet = sheet_of(
        '<row r="1"><c r="A1"><f t="array" ref="A1:B2">C1:D2*2</f><v>1</v></c><c r="B1"><v>2</v></c>'
        '<c r="C1"><v>7</v></c></row>'
        '<row r="2"><c r="A2"><v>0</v></c><c r="B2"><f>9</f><v>9</v></c></row>'
        '<row r="5"><c r="A5"><f t="dataTable" ref="A5:A6" r1="C1" dt2D="0"/><v>1</v></c></row>'
        '<row r="6"><c r="A6"><v>3</v></c></row>'
    )
    array, table = "=C1:D2*2", "=TABLE(C1,)"
    assert {at: cell.formula for at, cell in sheet.cells.items()} == {
        (1, 1): array, (1, 2): array, (1, 3): "", (2, 1): array, (2, 2): "=9", (5, 1): table, (6, 1): table,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("calculation", "uncalculated"),
    [
        ("", False),
        ('<calcPr calcId="191029"/>', False),
        ('<calcPr calcId="124519" fullCalcOnLoad="1"/>', True),
        ('<calcPr fullCalcOnLoad="true"/>', True),
        ('<calcPr fullCalcOnLoad="0"/>', False),
        ('<calcPr calcMode="manual" calcCompleted="0"/>', True),
        ('<calcPr calcCompleted="1" forceFullCalc="1"/>', False),
    ],
)
def test_a_workbook_that_nobody_calculated_says_so(calculation, uncalculated):
    book = opened(parts({"表": worksheet("")}, after=calculation))
    assert book.uncalculated is uncalculated


# --- dates ---


@pytest.mark.parametrize(
    ("style", "written", "raw"),
    [
        ("2", "43987", moment(2020, 6, 5)),
        ("2", "43987.5", moment(2020, 6, 5, 12)),
        ("2", "0.25", dt.time(6)),
        ("2", "59", moment(1900, 2, 28)),
        ("2", "60", 60),
        ("2", "60.5", 60.5),
        ("2", "61", moment(1900, 3, 1)),
        ("2", "-1", -1),
        ("2", "2958466", 2958466),
        ("2", "1e300", 1e300),
        ("3", "60", dt.timedelta(days=60)),
        ("3", "1.5", dt.timedelta(days=1, hours=12)),
        ("3", "-1.5", -1.5),
        ("3", "1e300", 1e300),
        ("5", "43987", moment(2020, 6, 5)),
    ],
)
def test_a_number_shown_as_a_date_is_one_if_it_can_be(style, written, raw):
    cell = cell_of(f'<c r="A1" s="{style}"><v>{written}</v></c>')
    assert (cell.raw, type(cell.raw), cell.written, cell.error) == (raw, type(raw), written, False)


def test_dates_of_1904():
    rows = '<row r="1"><c r="A1" s="2"><v>42525</v></c><c r="B1" s="2"><v>60</v></c></row>'
    book = opened(parts({"表": worksheet(rows)}, book='<workbookPr date1904="1"/>'))
    assert [cell.raw for cell in book.sheets[0].cells.values()] == [moment(2020, 6, 5), moment(1904, 3, 1)]


def test_chinese_formats_named_by_number_alone_are_known():
    assert cell_of('<c r="A1" s="5"><v>43987</v></c>').format == 'yyyy"年"m"月"d"日"'


# --- addresses ---


def test_left_out_addresses_count_on():
    one = '<c t="n"><v>1</v></c>'
    sheet = sheet_of(
        f'<row>{one}{one}</row><row r="5">{one}<c r="D5"><v>1</v></c><c s="1"/>{one}</row><row>{one}</row>'
        f'<row><c r="C9"><v>1</v></c>{one}</row>'
    )
    assert list(sheet.cells) == [(1, 1), (1, 2), (5, 1), (5, 4), (5, 6), (6, 1), (9, 3), (9, 4)]


def test_rows_and_cells_may_come_in_any_order():
    sheet = sheet_of(
        '<row r="5"><c r="c5"><v>1</v></c><c r="A5"><v>2</v></c></row><row r="2"><c r="XFD2"><v>3</v></c></row>'
        '<row r="5"><c r="B5"><v>4</v></c></row>'
    )
    assert {at: cell.raw for at, cell in sheet.cells.items()} == {(5, 3): 1, (5, 1): 2, (2, 16384): 3, (5, 2): 4}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "A1 写了两次"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1" t="str"><v>1</v></c></row>', "A1 写了两次"),
        ('<row r="1"><c r="A2"><v>1</v></c></row>', "第 1 行里有单元格 A2"),
        ('<row r="1"><c r="AAAA1"><v>1</v></c></row>', "没有“AAAA”这一列"),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "没有“XFE”这一列"),
        ('<row r="1"><c r="Ａ1"><v>1</v></c></row>', "没有“Ａ”这一列"),
        ('<row r="1"><c r="1"><v>1</v></c></row>', "没有“”这一列"),
        ('<row r="1048577"><c><v>1</v></c></row>', "没有第 1048577 行"),
        ('<row r="0"><c><v>1</v></c></row>', "没有第 0 行"),
        ('<row r="-1"/>', "没有第 -1 行"),
        ('<row r="１"/>', "没有第 １ 行"),
        ('<row r="1"><c r="XFD1"/><c><v>1</v></c></row>', "超出了最后一列"),
        ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "A1 里的内容写了两次"),
        ('<row r="1"><c r="A1"><v>1</v><is><t>2</t></is></c></row>', "A1 里有两个值"),
        ('<row r="1"><c r="A1"><v>1<x/>2</v></c></row>', "A1 里有不认识的内容 x"),
        ('<row r="1"><c r="A1"><f>1<x/>2</f></c></row>', "A1 里有不认识的内容 x"),
        ('<row r="1"><c r="A1"><is><t>1<x/>2</t></is></c></row>', "不认识的内容 x"),
        ('<row r="1"><d r="A1"><v>1</v></d></row>', "不认识的内容 d"),
        ('<row r="1"><c r="A1" s="6"><v>1</v></c></row>', "没有定义的样式 6"),
    ],
)
def test_what_could_be_read_in_two_ways_is_not_read(row, says):
    assert says in refused(row)
