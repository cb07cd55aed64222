"""Whatever bytes come, the gate answers; what it lets through, every reader finds alike."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import biff_making
import pytest
from gate_making import SHEET, Entry, hand, members, parts, raw_zip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaltool.books import counting
from evaltool.books.gate import judge
from evaltool.books.package import Package, Refusal

CODES = {"W100", "W101", "W102", "W111", "W120", "W123"}
GOOD = hand.zipped(parts())
OLD = biff_making.contained(biff_making.stream({"表": biff_making.number(0, 0, 1.0)}))
many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PLACES = ["A1", "B1", "A2", "B2", "XFD1", "XFE1", "a1", "A0", "A01", "", "1"]
SHAPES = [
    'r="{}"', "r='{}'", 's="1" r="{}"', "s='>' r=\"{}\"", 'r = "{}"', "", 'xr="{}"',
]  # fmt: skip
starts = st.sampled_from(
    [b"", b"PK\3\4", b"PK\5\6", OLD[:512], GOOD[:200], b"<html", b"\x09\x08", b"\xff\xfe", b"ID;P"]
)


def answered(data: bytes, name: str = "某县.xlsx") -> str:
    """What the gate says of the file; asserts that it is said in words, not by the name of an error."""
    kind, problem = judge(data, name)
    assert (kind in ("xlsx", "xls", "csv")) == (problem is None)
    if problem is not None:
        assert problem.code in CODES
        assert problem.do
        assert "认不出的损坏" not in problem.what, problem.what  # the last resort, for what nobody thought of
    return kind


@many
@given(starts, st.binary(max_size=2000), st.sampled_from(["a.xlsx", "a.csv", "a.txt", "a"]))
def test_any_bytes_are_answered(start, rest, name):
    answered(start + rest, name)


@many
@given(st.data())
def test_a_spoiled_package_is_refused_or_read_alike_by_the_standard_library(data):
    """Bits flipped, stretches cut out, doubled or exchanged, the end cut off."""
    spoiled = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(spoiled) - 1)))
        length = data.draw(st.integers(1, 60))
        change = data.draw(st.sampled_from(["flip", "cut", "double", "exchange", "end"]))
        if change == "flip":
            spoiled[at : at + 1] = bytes([spoiled[at] ^ 1 << data.draw(st.integers(0, 7))]) if spoiled else b""
        elif change == "cut":
            del spoiled[at : at + length]
        elif change == "double":
            spoiled[at:at] = spoiled[at : at + length]
        elif change == "exchange":
            spoiled[at : at + length] = data.draw(st.binary(min_size=1, max_size=length))
        else:
            del spoiled[at:]
    made = bytes(spoiled)
    if answered(made) == "xlsx":
        package = Package(made)
        with zipfile.ZipFile(io.BytesIO(made)) as library:
            assert sorted(library.namelist()) == sorted(member.name for member in package.parts.values())
            for name in library.namelist():
                assert library.read(name) == package.read(name)


@many
@given(st.data())
def test_an_old_file_spoiled_anywhere_is_answered(data):
    spoiled = bytearray(OLD)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(spoiled) - 1))
        spoiled[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    answered(bytes(spoiled), "某县.xls")


@many
@given(
    st.permutations(range(len(members()))),
    st.sampled_from([0, 8]),
    st.booleans(),
    st.booleans(),
    st.binary(max_size=30).filter(lambda each: b"PK" not in each),
)
def test_order_compression_and_comments_of_the_zip_do_not_matter(order, method, descriptor, zip64, comment):
    found = members()
    entries = [replace(found[i], method=method, descriptor=descriptor) for i in order]
    assert judge(raw_zip(entries, zip64=zip64, comment=comment), "某县.xlsx") == ("xlsx", None)


@many
@given(st.lists(st.sampled_from(PLACES), max_size=6), st.data())
def test_the_quick_look_at_a_sheet_never_passes_what_the_careful_one_refuses(places, data):
    """Sheets in every way of writing: what `_plain` counts, `_careful` counts alike and finds nothing wrong with."""
    xml, row = "", data.draw(st.sampled_from(["1", "2", "0", "01", "1048576", "1048577"]))
    for place in places:
        tag = data.draw(st.sampled_from(["c", "x:c", "c ", "c\n"]))
        shape = data.draw(st.sampled_from(SHAPES)).format(place)
        xml += f"<{tag} {shape}/>" + data.draw(st.sampled_from(["", "", "<!--<c r='A1'/>-->", "<v>:c r</v>"]))
    rows = data.draw(st.sampled_from(['<row r="{0}">{1}</row>', "<row>{1}</row>", '<x:row s="1" r="{0}">{1}</x:row>']))
    rows = rows.format(row, xml) * data.draw(st.integers(1, 2))
    sheet = f'<worksheet xmlns="{hand.MAIN}" xmlns:x="{hand.MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    quick = counting._plain(sheet.encode())
    if quick is not None:
        assert counting._careful(sheet.encode(), SHEET, "表") == quick


def test_every_part_may_be_any_bytes():
    for name in parts():
        for content in (b"", b"\0", b"<", b"\xff\xfe<", b"<a>" * 40, b"\xef\xbb\xbf", GOOD, bytes(range(256))):
            made = [replace(each, content=content) if each.name == name.encode() else each for each in members()]
            answered(raw_zip(made))


def test_a_part_is_never_given_out_larger_than_it_says():
    package = Package(raw_zip([Entry(b"a", b"x" * 10_000, size=100)]))
    with pytest.raises(Refusal, match="比它自己声明的大"):
        package.read("a")
    with pytest.raises(KeyError):
        package.read("b")
