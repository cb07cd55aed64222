"""What other readers find in a good workbook, ours finds too: openpyxl (opened twice), calamine, LibreOffice's copy.

Known differences, left out or made equal below:
openpyxl  leaves `_x000D_` as it is; has None for a formula's empty text; empties merged cells but the first; makes
          #VALUE! of a serial number that is no date; knows no formula in the other cells of an array
calamine  has neither formulas nor formats; nothing where an error or no value stands; a date for its midnight
"""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import shutil
import string
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from by_calamine import plain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from evaltool.books.book import Book, address
from evaltool.books.xlsx import read_xlsx

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = sorted((ROOT / "data/sample").glob("*.xlsx"))
FORMATS = [
    "General", "0.00%", "0%", "#,##0.00", '0"万元"', "@", "[DBNum2][$-804]General", "yyyy-mm-dd", "m/d/yyyy", "h:mm:ss",
    "[h]:mm", 'yyyy"年"m"月"d"日"', "0_ ", "#,##0.00_);[Red]\\(#,##0.00\\)",
]  # fmt: skip
DATES = ("yyyy-mm-dd", "m/d/yyyy", "h:mm:ss", "[h]:mm", 'yyyy"年"m"月"d"日"')
# No control characters (openpyxl refuses them), no surrogates, no `_x` (openpyxl does not decode what it stands for)
TEXT = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2FFFF, exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="_"
    ),
    max_size=12,
).filter(lambda text: not text.startswith(("=", "{")))
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e15, 1e15, allow_nan=False)
FIRST, LAST = dt.datetime(1904, 1, 2), dt.datetime(2100, 1, 1)  # noqa: DTZ001 – a cell has no time zone
DAYS = st.datetimes(FIRST, LAST).map(lambda day: day.replace(microsecond=0))
FORMULAS = st.sampled_from(["=1+1", '=A1&"甲"', "=SUM(A1:B3)", "=IF(A1>0,1,NA())"])
ERRORS = st.sampled_from(["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"])
PLAIN = TEXT | NUMBERS | st.booleans()
CELL = st.tuples(PLAIN | FORMULAS | ERRORS, st.sampled_from(FORMATS[:7])) | st.tuples(DAYS, st.sampled_from(DATES[:2]))
SHEET = st.dictionaries(st.tuples(st.integers(1, 30), st.integers(1, 30)), CELL, max_size=25)
TITLES = ["基础数据", "Sheet 2", "汇总（甲）"]
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def by_openpyxl(data: bytes) -> dict[str, dict[str, tuple[Any, str, str, bool]]]:
    """Title → address → stored value, format, formula, whether it is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values, formulas = (openpyxl.load_workbook(io.BytesIO(data), data_only=flag) for flag in (True, False))
    found = {}
    for title in formulas.sheetnames:
        cells = {}
        for row in formulas[title].iter_rows():
            for cell in row:
                stored = values[title][cell.coordinate]
                formula = cell.value if cell.data_type == "f" else ""
                if isinstance(formula, ArrayFormula):
                    formula = formula.text
                if cell.value is not None:
                    cells[cell.coordinate] = (stored.value, cell.number_format, str(formula), stored.data_type == "e")
        found[title] = cells
    return found


def ours(book: Book) -> dict[str, dict[str, tuple[Any, str, str, bool]]]:
    return {
        sheet.title: {
            address(*at): (cell.raw, cell.format, cell.formula, cell.error) for at, cell in sheet.cells.items()
        }
        for sheet in book.sheets
    }


def same_as_openpyxl(data: bytes) -> Book:
    """Our book, once everything in it is as openpyxl has it."""
    book = read_xlsx(data, "某县.xlsx", "")
    mine, theirs = ours(book), by_openpyxl(data)
    assert mine == theirs
    for title, cells in mine.items():
        assert {at: type(cell[0]) for at, cell in cells.items()} == {at: type(theirs[title][at][0]) for at in cells}
    there = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in book.sheets:
        its = there[sheet.title]
        assert (sheet.state, sheet.hidden_rows) == (
            its.sheet_state,
            {row for row, size in its.row_dimensions.items() if size.hidden},
        )
        last = max((column for _, column in sheet.cells), default=0)
        sizes = [size for size in its.column_dimensions.values() if size.hidden]
        assert sheet.hidden_columns == {c for size in sizes for c in range(size.min, min(size.max, last) + 1)}
        areas = {area.coord for area in its.merged_cells.ranges}
        assert set(sheet.merges.values()) <= areas
        first = {area.coord for area in areas_with_cells(its)}
        assert first <= set(sheet.merges.values())
    return book


def areas_with_cells(sheet: Any) -> list[Any]:
    """Merged ranges of more than one cell whose first cell holds something."""
    ranges = sheet.merged_cells.ranges
    return [area for area in ranges if area.size != {"columns": 1, "rows": 1} and sheet[area.coord.split(":")[0]].value]


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@QUIET
@given(st.lists(SHEET, min_size=1, max_size=3), st.booleans())
def test_what_openpyxl_writes(sheets, system_1904):
    book = openpyxl.Workbook()
    book.remove(book.active)
    if system_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for title, cells in zip(TITLES, sheets, strict=False):
        sheet = book.create_sheet(title)
        for (row, column), (value, number_format) in cells.items():
            cell = sheet.cell(row, column)
            cell.value, cell.number_format = value, number_format
    same_as_openpyxl(saved(book))


@QUIET
@given(st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 30)), CELL, max_size=25), NUMBERS | TEXT)
def test_what_xlsxwriter_writes(cells, result):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("基础数据")
    for (row, column), (value, number_format) in cells.items():
        style = book.add_format({"num_format": number_format})
        if isinstance(value, str) and value.startswith("="):
            sheet.write_formula(row, column, value, style, result)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, style)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, column, value, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        else:
            sheet.write_number(row, column, value, style)
    book.close()
    found = read_xlsx(out.getvalue(), "某县.xlsx", "")
    assert found.uncalculated
    theirs = by_openpyxl(out.getvalue())
    mine = ours(found)
    for at, cell in mine["基础数据"].items():
        if cell[0] == "" and cell[2]:
            mine["基础数据"][at] = (None, *cell[1:])
    assert mine == theirs


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.name[:6])
def test_the_sample(path):
    same_as_openpyxl(path.read_bytes())


def test_merges_and_hidden_things_as_openpyxl_has_them():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 12):
        for column in range(1, 9):
            sheet.cell(row, column, row * column)
    sheet.merge_cells("B2:C4")
    sheet.merge_cells("E1:E2")
    sheet.row_dimensions[3].hidden = sheet.column_dimensions["D"].hidden = True
    sheet.column_dimensions.group("F", "G", hidden=True)
    book.create_sheet("藏").sheet_state = "veryHidden"
    found = same_as_openpyxl(saved(book))
    assert (found.sheets[0].hidden_rows, found.sheets[0].hidden_columns) == ({3}, {4, 6, 7})
    assert set(found.sheets[0].merges.values()) == {"B2:C4", "E1:E2"}
    assert len(found.sheets[0].merges) == 8


def random_book(path: Path, seed: int, places: int = 17) -> Path:
    """A workbook of XlsxWriter with all kinds of cells and stored values of formulas."""
    luck = random.Random(seed)
    book = xlsxwriter.Workbook(path, {"strings_to_urls": False, "constant_memory": seed % 2 == 1})
    styles = [book.add_format({"num_format": code}) for code in FORMATS]
    letters = string.ascii_letters + "零一二三　 ％．，１２３\n\r\t_x&<>'\"é😀"
    for title in TITLES[: luck.randint(1, 3)]:
        sheet = book.add_worksheet(title)
        for row in range(luck.randint(1, 40)):
            for column in range(luck.randint(0, 9)):
                text = "".join(luck.choices(letters, k=luck.randint(1, 9)))
                style = luck.choice(styles[:7])
                number = luck.choice([luck.randint(-999, 10**9), round(luck.uniform(-1e6, 1e6), places), 0.985])
                kind = luck.randrange(8)
                if kind == 0:
                    sheet.write_string(row, column, text, style)
                elif kind == 1:
                    sheet.write_boolean(row, column, luck.random() < 0.5, style)
                elif kind == 2:
                    sheet.write_formula(row, column, "=A1*2", style, number)
                elif kind == 3:
                    sheet.write_formula(row, column, "=A1&B1", None, text.strip() or "空")
                elif kind == 4:
                    sheet.write_number(row, column, luck.randint(61, 60000) + luck.choice([0, 0.5]), styles[7])
                elif kind == 5:
                    sheet.write_blank(row, column, None, style)
                else:
                    sheet.write_number(row, column, number, style)
    book.close()
    return path


def as_calamine_has_it(book: Book) -> dict[str, dict[str, Any]]:
    return {
        sheet.title: {
            address(*at): list(plain(cell.raw))
            for at, cell in sheet.cells.items()
            if not cell.error and cell.raw is not None and cell.raw != ""
        }
        for sheet in book.sheets
    }


def test_calamine_finds_the_same_values(tmp_path):
    paths = [*SAMPLE, *(random_book(tmp_path / f"{seed}.xlsx", seed) for seed in range(40))]
    script = Path(__file__).with_name("by_calamine.py")
    done = subprocess.run(
        [sys.executable, script, *paths], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    cells = 0
    for path, theirs in zip(paths, json.loads(done.stdout), strict=True):
        mine = as_calamine_has_it(read_xlsx(path.read_bytes(), path.name, ""))
        assert mine == theirs, path.name
        cells += sum(map(len, mine.values()))
    assert cells > 10_000


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.xdist_group("office")
def test_what_libreoffice_saves_again(tmp_path):
    for seed in range(6):
        random_book(tmp_path / f"{seed}.xlsx", seed, places=6)  # LibreOffice keeps 15 digits
    for number, path in enumerate(SAMPLE[:3]):
        shutil.copy(path, tmp_path / f"s{number}.xlsx")
    originals = sorted(tmp_path.glob("*.xlsx"))
    out = tmp_path / "out"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(out), *map(str, originals)], check=True, capture_output=True, timeout=240)
    for path in originals:
        data = (out / path.name).read_bytes()
        mine, theirs = ours(read_xlsx(data, path.name, "")), by_openpyxl(data)
        assert mine == theirs, path.name
        before = read_xlsx(path.read_bytes(), path.name, "")
        for sheet, again in zip(before.sheets, read_xlsx(data, path.name, "").sheets, strict=True):
            kept = {at: cell.raw for at, cell in sheet.cells.items() if not cell.formula and cell.raw != ""}
            assert {at: again.cells[at].raw for at in kept} == kept
