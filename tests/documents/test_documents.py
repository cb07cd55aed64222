"""Dictionary and review: complete, safe against whatever text stands in an edition, the same bytes each time."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from evaltool.documents.markdown import escaped, page, table
from evaltool.documents.publishing import MOST_LINES, Documents, folder_name
from evaltool.documents.shown import shown
from evaltool.scheme import Scheme, entries, load_folder
from evaltool.sheets.look import FIRST, line_count
from evaltool.sheets.tables import Column, Sheet

from .making import edition

EDITIONS = Path(__file__).resolve().parents[2] / "docs" / "editions"
HOSTILE = "=1+1 | <b>x</b> `rm` [a](http://b) *c* _d_ & # ~"
FOLDERS = {"-".join(entry.folder.parts[-3:]): entry.folder for entry in entries()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Scheme:
    return edition(tmp_path_factory.mktemp("whole") / "whole")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Scheme:
    """Names, notes, options, gists and answers that would be formulas, rows or markup."""
    quoted = HOSTILE.replace('"', '\\"')
    return edition(
        tmp_path_factory.mktemp("hostile") / "whole",
        ("name: 行政村数", f'name: "{quoted}"'),
        ("note: 以印发为准", "note: \"=cmd|' /C calc'!A0\\n| 二行 |\\r三\""),
        ("name: 弄虚作假", 'name: "+1"'),
        ("within: 三十日", 'within: "-2 | 3"'),
        ("question: 保留几位小数", 'question: "@x\\u0007"'),
        ("T/5: 附则", 'T/5: "\'附则|"'),
        sources=("gist: 资金比例", 'gist: "=1|2"'),
    )


# --- what stands in them ---


def test_the_dictionary_names_everything_of_the_edition(whole):
    text, plain = Documents(whole).pages()["dictionary.md"], whole.edition
    things = [*plain.fields, *plain.lists, *plain.indicators, *plain.events, *plain.stages, *plain.duties]
    things += [f"{key}.{column}" for key, item in plain.lists.items() for column in item.columns]
    things += [
        *plain.open_questions,
        "T 5",
        "上限文件未公布",
        "indicators.COVER.rule.target",
        "超付",
        "招待支出",
        "修桥",
    ]
    assert [thing for thing in things if f"| {thing} |" not in text and thing not in text] == []
    for said in (
        "| built | 建成站点 | 个数 | 个 |", "台账、现场照片", "县级填，市级确认后才算", "待定（否决核查用，不当作没有）",
        "1 个 至 900 个，超出的不采信", "到“建设”阶段", "COVER 村级站点覆盖率", "每月一行，期末次月 5 日前报",
        "达到 70% 得满分", "可奖励", "应限期整改（期限：三十日）", "还没有读法", "本版本已给出",
    ):  # fmt: skip
        assert said in text, said


def test_the_review_has_rule_gist_examples_and_room_to_sign(whole):
    text = Documents(whole).pages()["review.md"]
    row = next(line for line in text.splitlines() if line.startswith("| COVER "))
    assert "| T 2 | 各项指标 | 20 |" in row
    assert "照底表 → 得 20 分<br>填 建成站点=69 → 得 ≈19.714285 分" in row
    assert row.endswith("| □ 一致<br>□ 不一致 |  |  |  |")
    happy = next(line for line in text.splitlines() if line.startswith("| HAPPY "))
    assert "填 满意率=89.99% → 得 10 分" in happy
    assert "正好在线上：没有算例" in happy  # 60 per cent, and the exception at six times
    assert "填 月报第 1 行 报送日期=2024-02-06 → 没有做到" in text
    assert "填 项目第 1 行 已付=10.01 → 不符合" in text
    assert "填 造假=是 → 应限期整改" in text
    assert "| 行政村数 | 100 |" in text  # the base that the examples differ from


def test_what_is_shown_is_everything_in_words(whole):
    text = shown(whole)
    for word in (
        "满分 100　合格 ≥60",
        "　　COVER 村级站点覆盖率（20 分）",
        "【职责】",
        "【资金】",
        "上限文件未公布",
        "【待定问题】",
    ):
        assert word in text, word


# --- whatever text stands in them ---


@pytest.mark.parametrize(
    "text", ["a|b", "a\nb", "a\r\nb", "a\rb", "\\|", "|\\", "<td>", "# x", "`|`", "&lt;", "\x07a", "＝1"]
)
def test_a_cell_of_markdown_is_one_cell(text):
    line = table(["甲", "乙"], [(text, "z")])[-1]
    assert "\n" not in line
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3
    assert "<td" not in escaped(text)


def test_an_indented_name_keeps_its_indent():
    assert table(["甲"], [("　　乙",)])[-1] == "| 　　乙 |"


def test_every_table_row_has_as_many_cells_as_its_head(hostile):
    for text in Documents(hostile).pages().values():
        heads = 0
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not cells or cells == (heads or cells)
            heads = cells
        assert "<b>" not in text
        assert "\x07" not in text


def test_no_cell_of_a_workbook_is_a_formula(hostile, tmp_path):
    seen = set()
    for path in Documents(hostile).write(tmp_path):
        for sheet in load_workbook(path) if path.suffix == ".xlsx" else ():
            assert sheet.page_setup.orientation == "landscape"
            assert sheet.page_setup.fitToWidth == 1
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f", f"{path.name} {sheet.title}!{cell.coordinate}"
                if isinstance(cell.value, str) and cell.value[0] in "=+-@'":
                    assert cell.quotePrefix
                    seen.add(cell.value)
    assert {HOSTILE, "=1|2", "+1"} <= seen


def test_a_row_that_is_too_high_for_a_spreadsheet_goes_on_in_the_next(tmp_path, monkeypatch, whole):
    many = "\n".join(f"填 甲={i} → 得 {i} 分" for i in range(70))
    sheet = Sheet(
        "指标", "", [Column("编号", 9), Column("分值", 6), Column("算例", 40)], [("A", 5, many), ("B", 6, "x")]
    )
    documents = Documents(whole)
    monkeypatch.setitem(documents.__dict__, "review", [sheet])
    documents.write(tmp_path)
    rows = [
        [cell.value for cell in row] for row in load_workbook(tmp_path / "review.xlsx")["指标"].iter_rows(min_row=FIRST)
    ]
    assert [row[0] for row in rows] == ["A", "A（续）", "A（续）", "B"]
    assert "\n".join(row[2] for row in rows[:-1]) == many
    assert all(line_count(row[2], 40) <= MOST_LINES for row in rows)
    assert rows[-1][1] == 6  # a number where nothing was split


def test_the_same_edition_gives_the_same_bytes(whole, tmp_path):
    for name in ("one", "two"):
        Documents(whole).write(tmp_path / name)
    names = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert [str(name) for name in names if "schema" not in str(name)] == [
        "dictionary.md", "dictionary.xlsx", "review.md", "review.xlsx",
    ]  # fmt: skip
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)


def test_a_page_without_tables_is_a_page():
    assert page("题", ["一"], []) == "# 题\n\n一  \n"


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason="needs LibreOffice")
def test_it_prints_on_a4_landscape(whole, tmp_path):
    Documents(whole).write(tmp_path)
    for name in ("review", "dictionary"):
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to", "pdf"]
        subprocess.run([*command, f"{name}.xlsx"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
        said = subprocess.run(
            ["pdfinfo", f"{name}.pdf"], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout
        assert re.search(r"Page size:\s+841\.\d+ x 595", said)
        text = subprocess.run(
            ["pdftotext", f"{name}.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout
        assert "###" not in text


# --- the committed copies ---


@pytest.mark.parametrize("name", FOLDERS)
def test_the_committed_copies_are_the_generated_ones(name):
    scheme = load_folder(FOLDERS[name])
    assert name == folder_name(scheme)
    for file, text in Documents(scheme).pages().items():
        assert (EDITIONS / name / file).read_text("utf-8") == text, "make generated"


def test_no_copies_of_editions_that_are_gone():
    assert {path.name for path in EDITIONS.iterdir()} == set(FOLDERS)
