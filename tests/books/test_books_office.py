"""LibreOffice as the judge: what it works out we work out too; what it saves as .xls reads the same."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from formula_making import MIXED, NUMBERS, mixed_formula, random_formula, rounded
from openpyxl import Workbook

from evaltool.books.biff import read_xls
from evaltool.books.book import Book, Cell
from evaltool.books.formulas import Kind, Recalculation
from evaltool.books.xlsx import read_xlsx
from evaltool.facts import SELF
from evaltool.intake import read
from evaltool.scheme import load

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.xdist_group("office"),
]
BY_HAND = [
    "=-2^2", "=2^3^2", "=10%*50", "=1/3", "=0.5-0.4-0.1", "=INT(-2.5)", "=ROUND(2.675,2)", "=ROUND(-0.5,0)",
    "=ROUNDUP(-2.001,2)",
    "=ROUNDDOWN(2.999,1)", "=TRUNC(-8.9)", '=IF(A1>2,"是","否")', '=A12&"个"&A1', "=SUM(A1:A20)", "=SUM(A:A)",
    "=COUNTA(A1:A20)",
    "=COUNT(A1:A20)", "=AVERAGE(A1:A20)", "=MAX(A11:A14)", "=MIN(A1:A20)", "=PRODUCT(A1:A5)", "=AND(A1>0,A2<1)",
    "=OR(A1<0,A2>1)",
    "=NOT(A1>0)", '=IFERROR(A1/0,"没有")', "=IFERROR(1/4,0)", "=SUMPRODUCT(A1:A5,A6:A10)", '=SUMIF(A1:A10,">5")',
    '=SUMIF(A1:A10,">5",B1:B10)', "=COUNTIF(A1:A10,8)", '=COUNTIF(A1:A14,"文字")', "=A15", "=A15+1", '=IF(A15="","",A15)',
    "=A13*2", "=SUM(A1,TRUE,2)", '="a"="A"', "=A12>5", "=1=1", "=ABS(A4)", '=VALUE("12.5")', "=0.1+0.2=0.3", "=100*1.1",
    "=1.1*1.1*1.1", "=明细!A1*2", "=SUM(明细!A1:A3)", "=$A$1+A$2+$A3", "=SUM(A1:A3,A5,7)", "=--A1", "=2*-3",
    "=IF(A1>100,1)",
    "=ROUND(A2*1234.5678,2)", "=ROUND(84.995,2)", "=INT(0.1*3*10)", "=A1+A14", "=50%", "=4^0.5",
    "=SUM(B1:B10)/COUNT(B1:B10)",
]  # fmt: skip


def convert(paths: list[Path], to: str, out: Path) -> list[Path]:
    command = ["soffice", f"-env:UserInstallation=file://{out}/profile", "--headless", "--convert-to", to]
    command += ["--outdir", str(out / to), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    made = [out / to / f"{path.stem}.{to}" for path in paths]
    assert all(path.is_file() for path in made)
    return made


def opened(path: Path) -> Book:
    reader = read_xls if path.suffix == ".xls" else read_xlsx
    return reader(path.read_bytes(), path.name, "")


@pytest.fixture(scope="module")
def calculated(tmp_path_factory) -> list[Book]:
    """Some thousand formulas worked out by LibreOffice, once saved as .xlsx and once as .xls."""
    chance = random.Random(20261122)
    formulas = list(BY_HAND)
    while len(formulas) < 1000:
        try:
            formulas += ["=" + random_formula(chance)[0], "=" + rounded(chance)]
        except (ZeroDivisionError, OverflowError):
            formulas.append(f"=IFERROR(A{len(formulas) % 10 + 1}/0,7)")
    book = Workbook()
    sheet = book.active
    sheet.title = "表"
    for row, value in enumerate([*NUMBERS, None, 12, "7", "文字"], 1):
        sheet.cell(row, 1).value = value
    for row in range(1, 11):
        sheet.cell(row, 2).value = row / 4
    for row, text in enumerate(formulas, 1):
        sheet.cell(row, 4).value = text
    for row in range(2, 40):
        sheet.cell(row, 6).value = "=A1" if row == 2 else f"=F{row - 1}*1.01+D{row}*0+B$3"
    other = book.create_sheet("明细")
    for row, value in enumerate((1.5, 2.5, "=A1+A2"), 1):
        other.cell(row, 1).value = value
    mixed = book.create_sheet("杂")
    for row, value in enumerate(MIXED, 1):
        mixed.cell(row, 1).value, mixed.cell(row, 2).value = value, round(chance.uniform(-10, 10), 3)
        if isinstance(value, str):
            mixed.cell(row, 1).data_type = "s"
    for row in range(1, 1501):
        mixed.cell(row, 4).value = "=" + mixed_formula(chance)
    out = tmp_path_factory.mktemp("office")
    path = out / "公式.xlsx"
    book.save(path)
    return [opened(convert([path], kind, out)[0]) for kind in ("xlsx", "xls")]


def test_libreoffice_and_we_come_to_the_same(calculated):
    for book in calculated:
        again = Recalculation(book)
        found = {sheet.title: Counter() for sheet in book.sheets}
        for sheet in book.sheets:
            for at, cell in sheet.cells.items():
                if cell.formula:
                    verdict = again.examine(sheet, at)
                    assert verdict.kind in (Kind.SAME, Kind.UNKNOWN, Kind.PARTIAL), (book.kind, cell.formula, verdict)
                    found[sheet.title][verdict.kind] += 1
        assert found["表"][Kind.SAME] > 1000
        assert found["表"][Kind.UNKNOWN] < 12, found
        assert found["杂"][Kind.SAME] > 750  # where programs differ, or text would have to be guessed at, none is told


def test_formulas_of_an_xls_come_back_as_they_are_in_the_xlsx(calculated):
    one, other = (
        {at: cell.formula for at, cell in book.sheets[0].cells.items() if cell.formula} for book in calculated
    )
    assert one.keys() == other.keys()
    same = sum(one[at].replace("$", "").upper() == plain(other[at]) for at in one)
    assert same > 0.95 * len(one), next(
        (one[at], other[at]) for at in one if one[at].replace("$", "").upper() != plain(other[at])
    )


def plain(text: str) -> str:
    return text.replace("$", "").replace("'表'!", "表!").replace("'明细'!", "明细!").upper()


def test_a_changed_source_makes_what_rests_on_it_stale(calculated):
    for book in calculated:
        sheet = book.sheets[0]
        was = dict(sheet.cells)
        sheet.cells[1, 1] = Cell(4)
        again = Recalculation(book)
        direct = [
            at
            for at, cell in was.items()
            if cell.formula in ("=A1+A14", "=ABS(A1)", "=SUM(A:A)", "=SUM(A1,TRUE,2)", "=--A1")
        ]
        assert len(direct) >= 3
        kinds = {was[at].formula: again.examine(sheet, at).kind for at in direct}
        sheet.cells[1, 1] = was[1, 1]
        kinds.pop("=A1+A14", None)  # an error value either way
        assert Kind.STALE in set(kinds.values()) <= {Kind.STALE, Kind.PARTIAL}, kinds


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> list[tuple[Path, Path]]:
    out = tmp_path_factory.mktemp("sample")
    paths = sorted(SAMPLE.glob("99*.xlsx"))[:4]
    return list(zip(convert(paths, "xlsx", out), convert(paths, "xls", out), strict=True))


def test_an_xls_saved_by_libreoffice_holds_the_same_cells_as_the_xlsx(sample):
    for one, other in sample:
        for left, right in zip(opened(one).sheets, opened(other).sheets, strict=True):
            assert left.title == right.title
            assert {at: cell._replace(formula="") for at, cell in left.cells.items()} == {
                at: cell._replace(formula="") for at, cell in right.cells.items()
            }
            assert (left.merges, left.state, left.hidden_rows, left.hidden_columns) == (
                right.merges, right.state, right.hidden_rows, right.hidden_columns,
            )  # fmt: skip


def test_a_county_may_send_the_template_saved_as_xls(sample):
    scheme = load("hubei/ecommerce_rural")
    facts = [read([pair[i] for pair in sample], scheme, SAMPLE / "roster.csv") for i in (0, 1)]
    tables = [one.layers[SELF].table for one in facts]
    assert tables[0].values.to_numpy().tolist() == tables[1].values.to_numpy().tolist()
    assert tables[0].states.to_numpy().tolist() == tables[1].states.to_numpy().tolist()
    assert facts[0].claimed.to_numpy().tolist() == facts[1].claimed.to_numpy().tolist()
    for key in scheme.edition.lists:
        one, other = (each.layers[SELF].lists[key].table.values.to_numpy().tolist() for each in facts)
        assert one == other
