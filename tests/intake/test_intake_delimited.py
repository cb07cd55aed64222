"""CSV files as programs and people write them: read right, or told why not."""

from __future__ import annotations

import codecs
import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import evaltool as ev
from evaltool.facts import SELF, State
from evaltool.intake.tables.delimited import Undelimited, decoded, records
from evaltool.scheme import Scheme
from tests.intake.test_intake_tables import BODY
from tests.scoring.editions import edition

TEXT = "code,人数\r\n001,12\r\n002,3\r\n"
LINES = [["code", "人数"], ["001", "12"], ["002", "3"]]


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return edition(tmp_path / "edition", BODY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_separator_and_line_end(encoding, ends, separator):
    text = TEXT.replace("\r\n", ends).replace(",", separator)
    assert records(text.encode(encoding)) == LINES


def test_byte_order_marks_of_both_kinds():
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        assert records(mark + TEXT.replace(",", "\t").encode(encoding)) == LINES
    assert records(("\ufeff\ufeff" + TEXT).encode()) == LINES  # two programs, two marks


GOOD: dict[str, tuple[str, list[list[str]]]] = {
    "empty": ("", []),
    "one column": ("code\n001\n", [["code"], ["001"]]),
    "quotes": ('a,b\n"x, ""y""",2\n', [["a", "b"], ['x, "y"', "2"]]),
    "a line break in a cell": ('a,b\n"x\ny",2\n', [["a", "b"], ["x\ny", "2"]]),
    "a lone return in a quoted cell": ('a,b\n"x\ry",2\n', [["a", "b"], ["x\ry", "2"]]),
    "kept as text by a formula": ('a,b\n="007",2\n"=""0,8""",3\n', [["a", "b"], ["007", "2"], ["0,8", "3"]]),
    "a real formula": ("a,b\n=1+2,3\n", [["a", "b"], ["=1+2", "3"]]),
    "separator told": ("sep=;\na;b\n1,5;2\n", [[], ["a", "b"], ["1,5", "2"]]),
    "decimal commas": ("a;b;c\n1,5;2,5;3\n1,6;2;3\n", [["a", "b", "c"], ["1,5", "2,5", "3"], ["1,6", "2", "3"]]),
    "a stray semicolon": ("a,b\n1;x,2\n3,4\n", [["a", "b"], ["1;x", "2"], ["3", "4"]]),
    "a title above": ("表\na,b\n1,2;3\n", [["表"], ["a", "b"], ["1", "2;3"]]),
    "a blank line": ("a,b\n\n1,2\n", [["a", "b"], [], ["1", "2"]]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_read_is_read(name):
    text, expected = GOOD[name]
    assert records(text.encode()) == expected


BAD: dict[str, tuple[bytes, str]] = {
    "an open quote": (b'a,b\n1,"2\n', "引号没有配对"),
    "text behind a quote": (b'a,b\n1,"2"x\n', "引号没有配对"),
    "a cell without end": (b'a,b\n1,"' + b"x" * 140_000, "引号没有配对"),
    "NUL": (b"a,b\n1,\x002\n", "空字节"),
    "UTF-16 without its mark": ("a,b\n1,2\n".encode("utf-16-le"), "空字节"),
    "a spoiled byte": ("代码,人数和面积\n".encode() + b"00\xff,1\n", "坏字节"),
    "bytes of no encoding": (b"a,b\n\xff\xff\xff\x01,1\n", "坏字节"),
    "an odd UTF-16 file": (codecs.BOM_UTF16_LE + b"a\0b", "坏字节"),
    "two separators": (b"a,b;c\n1,2;3\n", "逗号、分号都像"),
    "a lone return": (b"a,b\n1,2\r3\n4,5\n", "第 2 行中间有单独的回车"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_unclear_is_told_and_not_guessed(scheme, tmp_path, name):
    data, why = BAD[name]
    with pytest.raises(Undelimited, match=why):
        records(data)
    (tmp_path / "坏.csv").write_bytes(data)
    facts = ev.read_table(scheme, tmp_path / "坏.csv")
    assert [problem.code for problem in facts.problems] == ["W118"]
    assert why in facts.problems[0].what


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(data):
    lines: list[list[str]] = []
    with suppress(Undelimited):
        lines = records(data)
    assert all(isinstance(cell, str) and "\0" not in cell for line in lines for cell in line)


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=60))
def test_text_comes_back_from_utf_8_as_it_was(text):
    assert decoded(text.encode()) == text


READ: dict[str, tuple[str, object, list[str]]] = {
    "a comma at the end of every row": ("code,人数\n001,12,\n", 12, []),
    "and of the heads": ("code,人数,\n001,12,\n", 12, []),
    "thousands": ('code,人数\n001,"1,200"\n', 1200, ["D109"]),
    "a title above the heads": ("各县汇总\n\ncode,人数\n001,12\n", 12, []),
    "the heads twice": ("code,人数\n001,12\ncode,人数\n002,3\n", 12, ["W117"]),
    "a unit in the head": ("code,人数（人）\n001,12\n", 12, []),
    "another unit": ("code,人数（万人）\n001,1.2\n", 12000, []),
    "no unit of it": ("code,人数（户）\n001,12\n", None, ["D126"]),
    "traditional heads": ("代碼,人數\n001,12\n", 12, []),
    "kept as text": ('code,人数\n="001",="12"\n', 12, []),
}


@pytest.mark.parametrize("name", READ)
def test_tables_with_such_files(scheme, tmp_path, name):
    text, expected, codes = READ[name]
    (tmp_path / "表.csv").write_text(text, "utf-8")
    facts = ev.read_table(scheme, tmp_path / "表.csv")
    assert [problem.code for problem in facts.problems] == codes
    value, state, origin = facts.cell(SELF, "001", "people")
    assert value == expected
    assert (state == State.FILLED) == (expected is not None)
    if name == "another unit":
        assert "折算为 12000 人" in origin.note
    if name == "a title above the heads":
        assert origin.cell == "人数"
        assert origin.sheet == "第 4 行"


def test_a_packed_file_that_is_broken(scheme, tmp_path):
    whole = gzip.compress(TEXT.encode())
    for data in (whole[:-9], whole[:12] + b"xx" + whole[14:]):
        (tmp_path / "表.csv.gz").write_bytes(data)
        facts = ev.read_table(scheme, tmp_path / "表.csv.gz")
        assert [problem.what for problem in facts.problems] == ["表.csv.gz 读不出：压缩文件损坏"]
