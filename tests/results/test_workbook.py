"""results.xlsx: text stays text, numbers have every digit, open results have no place, LibreOffice opens it."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from evaltool.facts import OFFICIAL
from evaltool.quantities import decimal_text
from evaltool.results import write_workbook
from evaltool.sheets.look import FIRST, line_count
from evaltool.sheets.tables import Undecided, number

from .conftest import CLEAN, HOSTILE, LINK, NAMES, OPEN, SILENT, THIRD, made

SHEETS = ["排名", "指标得分", "建议", "职责核对", "资金", "问题清单", "待定问题", "指标说明"]


@pytest.fixture(scope="session")
def path(decisions, tmp_path_factory):
    return write_workbook(tmp_path_factory.mktemp("book") / "results.xlsx", decisions)


@pytest.fixture(scope="session")
def book(path):
    return load_workbook(path)


def table(book: Any, title: str) -> list[dict[str, Any]]:
    """Rows under the header, by its words."""
    head, *rows = book[title].iter_rows(min_row=FIRST - 1)
    return [{name.value: cell for name, cell in zip(head, row, strict=True)} for row in rows]


def test_sheets(book):
    assert book.sheetnames == SHEETS


def test_no_cell_is_a_formula_and_dangerous_text_is_quoted(book):
    found = set()
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f", f"{sheet.title}!{cell.coordinate}"
            if isinstance(cell.value, str) and cell.value[0] in "=+-@'":
                assert cell.quotePrefix, f"{sheet.title}!{cell.coordinate}"
                found.add(cell.value)
    assert {LINK, "+1", "-1", "@未报县", "@x.xlsx", "=填报", "=1", "=1+1", "'2019", "=张三，2020-07-01"} <= found


def test_a_control_character_of_a_roster_does_not_stop_it(book):
    assert {row["类型"].value for row in table(book, "排名")} == {"\ufffd贫困县"}


def test_an_open_total_has_a_range_of_places(book, decisions):
    rows = {row["代码"].value: row for row in table(book, "排名")}
    assert rows[SILENT]["认定总分"].value == rows[SILENT]["自评分"].value == rows[SILENT]["等次"].value == "未报送"
    assert rows[SILENT]["名次"].value is None
    assert rows[SILENT]["还在等什么"].value == "报送自评表"
    low, high = decisions.scores.total(OFFICIAL, OPEN)
    assert rows[OPEN]["认定总分"].value == f"{decimal_text(low)} ～ {decimal_text(high)}"
    assert rows[OPEN]["名次"].value == "1～4"
    assert rows[OPEN]["认定总分"].fill.start_color.rgb == "FFFFF2CC"
    assert list(rows)[-1] == SILENT
    assert [rows[code]["名次"].value for code in (CLEAN, HOSTILE)] == [1, 1]


def test_points_are_numbers_where_a_spreadsheet_holds_them(book, decisions):
    rows = {row["指标"].value: row for row in table(book, "指标得分")}
    n2 = rows["N2"]
    assert (n2[NAMES[CLEAN]].value, n2[NAMES[CLEAN]].data_type) == (6, "n")
    assert n2[NAMES[THIRD]].value == "≈5.142857"
    assert n2[NAMES[SILENT]].value == "未报送"
    assert rows["N2"]["满分"].value == 6
    for key, row in rows.items():
        column = decisions.scores.column(OFFICIAL, key)
        for place, name in enumerate(NAMES.values()):
            cell = row[name]
            if isinstance(cell.value, int | float):
                assert Fraction(str(cell.value)) == column.lo[place] == column.hi[place]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (85, 85), (0, 0), (Fraction(84995, 1000), 84.995), (Fraction(-1, 2), -0.5), (Fraction(1, 3), "≈0.333333"),
        (Fraction(84999999999, 10**9), 84.999999999), (10**15, "1000000000000000"), (10**15 - 1, 10**15 - 1),
        (Fraction(10**14 + 1, 100), 1000000000000.01), (Fraction(1, 10**7), 1e-07), (float("inf"), "无上限"),
    ],
)  # fmt: skip
def test_numbers(value, shown):
    assert number(value) == shown
    assert type(number(value)) is type(shown)


def test_no_number_is_rounded_by_how_it_is_shown(tmp_path):
    """General in a narrow column shows 84.99999999 as 85; a format with every digit does not."""
    from openpyxl import Workbook

    from evaltool.sheets.look import add_sheet, add_styles
    from evaltool.sheets.tables import Column, Sheet

    book = Workbook()
    add_styles(book)
    rows = [[84.995, 84.99999999, 1e-07, 85, Undecided("80 ～ 85"), "字" * 5000]]
    add_sheet(book, Sheet("表", "注", [Column("甲&乙", 6, True)] * 6, rows, 1, 2), "题", "章&", "脚&")
    sheet = book["表"]
    assert [cell.number_format for cell in sheet[FIRST]][:4] == ["0.000", "0.00000000", "0.0000000", "0"]
    assert sheet.column_dimensions["B"].width >= len("84.99999999") + 1
    assert sheet.row_dimensions[FIRST].height == 409
    assert sheet.oddFooter.left.text == "脚&&"
    assert [brk.id for brk in sheet.col_breaks.brk] == [3, 5]


def test_lines_of_wrapped_text():
    assert line_count("", 10) == 1
    assert line_count("一二三四五", 10) == 1
    assert line_count("一二三四五六", 10) == 2
    assert line_count("a\nb", 10) == 2


def test_two_runs_give_the_same_bytes(path, tmp_path):
    assert write_workbook(tmp_path / "again.xlsx", made()).read_bytes() == path.read_bytes()


def test_every_page_says_what_must_be_said(book, decisions):
    for sheet in book:
        assert sheet["A2"].value == decisions.scores.stamp
        assert sheet.page_setup.paperSize == "9" or sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows in ("$1:$4", "$4:$4")
        if sheet.print_title_rows == "$4:$4":
            assert decisions.scores.stamp in sheet.oddHeader.left.text


def test_recommendations_have_an_empty_place_to_sign(book, decisions):
    rows = table(book, "建议")
    assert len(rows) == len(decisions.recommendations)
    assert {row["负责人意见和签字"].value for row in rows} == {None}
    assert "不是决定" in book["建议"]["A3"].value


def test_many_counties_go_on_several_papers(tmp_path):
    from evaltool.decisions import decide
    from evaltool.intake import from_values
    from evaltool.scheme import load
    from evaltool.scoring import score

    scheme = load("shili/jiceng")
    facts = from_values(scheme, {f"99{i:04d}": dict(scheme.cases.base) for i in range(15)})
    book = load_workbook(write_workbook(tmp_path / "x.xlsx", decide(score(facts))))
    sheet = book["指标得分"]
    assert [brk.id for brk in sheet.col_breaks.brk] == [8, 13]
    assert sheet.print_title_cols == "$A:$C"
    assert "资金" not in book.sheetnames


@pytest.mark.office
@pytest.mark.xdist_group("office")
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_saves_and_prints_it(path: Path, tmp_path: Path) -> None:
    for kind in ("pdf", "xlsx"):
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = tmp_path / "results.pdf"
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    assert "###" not in text
    assert "Err:" not in text
    assert "点我" in text
    info = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Page size:\s+841\.\d+ x 595", info)
    saved = load_workbook(tmp_path / "results.xlsx")
    assert saved.sheetnames == SHEETS
    cells = [cell for sheet in saved for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert LINK in {cell.value for cell in cells}
    totals = {row["代码"].value: row["认定总分"].value for row in table(saved, "排名")}
    assert totals == {row["代码"].value: row["认定总分"].value for row in table(load_workbook(path), "排名")}
