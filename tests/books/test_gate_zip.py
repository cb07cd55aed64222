"""The zip of a hostile or broken package: refused by its own code, in words that name what is wrong."""

from __future__ import annotations

import struct

import pytest
import xlsx_by_hand as hand
from gate_making import NOISE, SHEET, Case, Entry, members, more, parts, raw_zip, refused, spoiled, with_part

from evaltool.books.gate import judge

GOOD = hand.zipped(parts())
NOTHING = b"<worksheet>" + b" " * (47 * 2**20)
PICTURE = "xl/media/1.png"


def overlapping() -> bytes:
    """A second member whose bytes are those of the first (a bomb that counts its bytes many times)."""
    inner = raw_zip([Entry(b"b", b"b" * 50, method=0)])[:81]  # a header, a name and 50 bytes
    return raw_zip([Entry(b"a", inner, method=0), Entry(b"b", b"b" * 50, method=0, offset=31)])


def broken_zip64() -> bytes:
    made = raw_zip(members(), zip64=True)
    return made.replace(b"PK\6\6", b"PK\6\5")


def wide_field(kind: int, length: int) -> bytes:
    """Every member's own sizes in a field of this kind and length."""
    return raw_zip(members(), zip64=True).replace(struct.pack("<2H", 1, 24), struct.pack("<2H", kind, length))


def many_parts() -> bytes:
    """No part too large, nothing repeated, and 140 MB together."""
    return raw_zip([*members(), *(Entry(b"m/%d" % i, NOISE * 20, method=0) for i in range(7))])


def pointing_back() -> bytes:
    """A directory that is counted from the start of a second zip behind the first."""
    return GOOD + GOOD


CASES: tuple[Case, ...] = (
    ("cut in half", lambda: GOOD[: len(GOOD) // 2], "W102", "没有传完"),
    ("without its last byte", lambda: GOOD[:-1], "W102", "没有传完"),
    ("only the first bytes", lambda: b"PK\3\4", "W102", "没有传完"),
    ("the middle is missing", lambda: GOOD[:400] + GOOD[500:], "W102", "缺了一段"),
    ("an empty zip", lambda: raw_zip([]), "W100", "空的压缩包"),
    ("one volume of several", lambda: raw_zip(members(), disk=1), "W102", "分卷"),
    ("starts as a spanned volume", lambda: b"PK\7\x08" + GOOD, "W100", "分卷"),
    ("a program before the zip", lambda: b"MZ" + bytes(200) + GOOD, "W100", "程序"),
    ("a text before the zip", lambda: "说明".encode() * 50 + GOOD, "W102", "前面带有别的内容"),
    ("another zip before the zip", pointing_back, "W102", "夹着别的内容"),
    ("100 KB after the end", lambda: GOOD + bytes(100_000), "W102", "结尾"),
    ("a comment that runs past the end", lambda: GOOD[:-2] + b"\xff\x00", "W102", "结尾"),
    ("announces more members than it has", lambda: raw_zip(members(), count=40), "W102", "没有这么多"),
    ("2,001 members", lambda: more(*(f"m/{i}" for i in range(2001))), "W111", "个部件"),
    ("one name twice", lambda: more("xl/a.xml", "xl/a.xml"), "W102", "同名部件"),
    ("a second sheet of one name", lambda: more(SHEET), "W102", "同名部件"),
    ("names that differ by capitals", lambda: more("xl/A.xml", "xl/a.xml"), "W102", "同名部件"),
    ("names that differ by the slash", lambda: more("xl/a.xml", "xl\\a.xml"), "W102", "同名部件"),
    ("an absolute name", lambda: more("/etc/passwd"), "W102", "指向外面"),
    ("a name that climbs", lambda: more("xl/../../a"), "W102", "指向外面"),
    ("a name that climbs by backslashes", lambda: more("..\\a"), "W102", "指向外面"),
    ("a name on a drive", lambda: more("C:\\a"), "W102", "指向外面的部件名（“C:\\a”）"),
    ("a name with a zero", lambda: more("xl/a\0b"), "W102", "指向外面"),
    ("an empty name", lambda: more(""), "W102", "指向外面"),
    ("a name that is no text", lambda: raw_zip([*members(), Entry(b"\xff", b"", flags=0x800)]), "W102", "不成文字"),
    ("a locked member", lambda: spoiled(SHEET, flags=1), "W101", "密码"),
    ("LZMA", lambda: spoiled(SHEET, method=14), "W102", "压缩方法（14）"),
    ("Deflate64", lambda: spoiled(SHEET, method=9), "W102", "压缩方法（9）"),
    ("stored with two sizes", lambda: spoiled(SHEET, method=0, size=5), "W102", "压缩方法"),
    ("a wrong checksum", lambda: spoiled(SHEET, crc=1), "W102", "校验码"),
    ("a picture spoiled", lambda: raw_zip([*members(), Entry(PICTURE.encode(), b"x", crc=1)]), "W102", "校验码"),
    ("larger than it says", lambda: spoiled(SHEET, size=20), "W111", "比它自己声明的大"),
    ("smaller than it says", lambda: spoiled(SHEET, size=20_000), "W102", "校验码"),
    ("its header says another size", lambda: spoiled(SHEET, local_size=9), "W102", "不一致"),
    ("its header says another name", lambda: spoiled(SHEET, local_name=SHEET[:-5].encode() + b"7.xml"), "W102", "目录"),
    ("points past the end", lambda: spoiled(SHEET, offset=10**6), "W102", "没有这个部件"),
    ("points into another member", lambda: spoiled(SHEET, offset=30), "W102", "没有这个部件"),
    ("its bytes are cut off", lambda: spoiled(SHEET, packed=30), "W102", "损坏"),
    ("its bytes run over", lambda: spoiled(SHEET, packed=10**6), "W102", "不完整"),
    ("two members share their bytes", overlapping, "W102", "重叠"),
    ("a Zip64 end that is none", broken_zip64, "W102", "Zip64"),
    ("a Zip64 field that is too short", lambda: wide_field(1, 8), "W102", "Zip64"),
    ("another field instead of Zip64's", lambda: wide_field(2, 24), "W102", "Zip64"),
    ("Zip64 sizes without their field", lambda: spoiled(SHEET, size=0xFFFFFFFF), "W102", "Zip64"),
    # sizes
    ("47 MB of nothing", lambda: with_part(SHEET, NOTHING), "W111", "几乎全是重复的内容"),
    ("a picture of 60 MB of nothing", lambda: with_part(PICTURE, bytes(60 * 2**20)), "W111", "60 MB"),
    ("a picture of 47 MB of nothing", lambda: with_part(PICTURE, bytes(47 * 2**20)), "W111", "重复"),
    ("many parts of 20 MB", many_parts, "W111", "140 MB"),
    ("47 MB that say 10 KB", lambda: spoiled(SHEET, content=NOTHING, size=10_000), "W111", "声明的大"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_zip_that_cannot_be_relied_upon_is_refused(case):
    refused(case)


def test_every_single_byte_of_the_directory_may_be_wrong_without_a_crash():
    """Whatever byte of directory and end is changed, the file is either refused or still read alike."""
    start = struct.unpack("<L", GOOD[-6:-2])[0]
    for at in range(start, len(GOOD)):
        changed = GOOD[:at] + bytes([GOOD[at] ^ 0xFF]) + GOOD[at + 1 :]
        kind, problem = judge(changed, "某县.xlsx")
        assert (kind == "xlsx") == (problem is None)
        if problem is not None:
            assert problem.code in ("W100", "W101", "W102", "W111")
            assert "认不出的损坏" not in problem.what, (at, problem.what)  # the last resort, for what nobody thought of
