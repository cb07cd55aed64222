"""Files that are no indicator table: refused with a code, never an exception, never a half-written draft."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

from evaltool.importing import opening
from evaltool.importing.tables import clean

from . import making

HEAD = ["一级指标", "二级指标", "分值", "评分标准"]
ROW = ["甲", "甲一", 100, "有得100分"]


def package(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return made.getvalue()


WORD = "word__document_xml"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.xlsx", b"", "I202"),
        ("x.docx", b"", "I202"),
        ("x.pdf", b"%PDF-1.7", "I200"),
        ("x.docx", b"hello", "I200"),
        ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "I200"),
        ("x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "I201"),
        ("x.xlsx", b"PK\x03\x04 cut off", "I202"),
        ("x.docx", package(other_xml="<a/>"), "I200"),
        ("x.docx", package(**{WORD: "<not closed"}), "I202"),
        ("x.docx", package(**{WORD: "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "I202"),
        ("x.docx", package(**{WORD: b"<a>" + b"b" * (opening.MOST_PART + 1)}), "I203"),
        ("x.docx", package(**{WORD: b"<a>" + b"b" * 60 * 2**20}), "I203"),
    ],
)
def test_a_file_that_cannot_be_taken(imported, tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    done = imported(path=path)
    assert done.made.folder is None
    (problem,) = done.problems
    assert (problem.code, problem.level, problem.place.workbook) == (code, "stop", name)
    assert problem.do


def test_the_content_decides_and_not_the_name(imported, tmp_path):
    path = making.workbook(tmp_path / "x.docx", [HEAD, ROW])
    assert imported(path=path).items["A1"].points == 100


def test_a_merge_over_everything_is_refused_before_it_fills_the_memory(imported, tmp_path):
    path = making.workbook(tmp_path / "a.xlsx", [HEAD, ROW])
    source = zipfile.ZipFile(path)
    bomb = tmp_path / "b.xlsx"
    with zipfile.ZipFile(bomb, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                merge = b'<mergeCells count="1"><mergeCell ref="F1:XFD1048576"/></mergeCells>'
                content = content.replace(b"</sheetData>", b"</sheetData>" + merge)
            target.writestr(name, content)
    (problem,) = imported(path=bomb).problems
    assert problem.code == "I203"


def test_a_cell_far_out_does_not_slow_the_reading(imported, tmp_path):
    path = making.workbook(tmp_path / "x.xlsx", [HEAD, ROW])
    book = load_workbook(path)
    book.active["XFD1048576"] = "x"
    book.save(path)
    assert imported(path=path).items["A1"].points == 100


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_no_indicator_table(imported, tmp_path, kind):
    done = imported([["姓名", "电话"], ["某人", "1"]], kind=kind)
    assert done.made.folder is None
    assert done.problems[-1].code == "I204"


def test_no_table_at_all(imported, tmp_path):
    Document().save(tmp_path / "x.docx")
    Workbook().save(tmp_path / "x.xlsx")
    for name in ("x.docx", "x.xlsx"):
        assert [p.code for p in imported(path=tmp_path / name).problems] == ["I204"]


@pytest.mark.parametrize(
    "text",
    ["null", "~", "- a", "# x", "a: b", "a #b", "'", '"', "{x}", "[x", "*x", "&x", "!x", "%x", "@x", "`x", "|", ">",
     "\\", "true", "是", "1.10", "甲\x85\u2028\ufeff乙", "a, b", "甲：乙", "?", "? a", "------", "𠀀", "...", "=1"],
)  # fmt: skip
def test_any_text_can_stand_anywhere(imported, text):
    head = ["一级指标", "二级指标", "分值", "评分标准", "备注", "佐证材料"]
    rows = [["分值指标评价表"], head, [f"{text}甲", f"{text}", 40, f"{text}\n{text}40分", text, text],
            [f"{text}甲", "乙", 60, f"{text}甲60分，{text}乙30分，{text}丙0分", "", ""]]  # fmt: skip
    assert imported(rows, kind="docx").items["TOTAL"].points == 100


def test_what_yaml_cannot_hold_is_taken_out():
    assert clean(" 甲\x00\x85\u2028\ufeff\ud800乙\r\n\n  丙\u3000丁 ") == "甲乙\n丙 丁"
