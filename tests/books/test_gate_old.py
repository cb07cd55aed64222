"""Old formats: .xls and .et pass, and every other OLE2 container, password, macro or impossible cell is refused."""

from __future__ import annotations

import struct

import biff_making as making
import pytest
import xlwt
from biff_making import BOF, EOF, FILEPASS, contained, number, record, stream, wide

from evaltool.books import containers
from evaltool.books.gate import gate, judge

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SOUND = {"表": number(0, 0, 1.0) + number(0, 1, 2.0)}
EXTERN = b"\x17\0\7\0"  # a record of 7 bytes
MULRK = record(0xBD, struct.pack("<HHHiHiH", 0, 1, 0, 6, 0, 6, 2))  # B1 and C1


def container(*names: str, data: bytes = b"", kind: int = 2) -> bytes:
    """A container with these streams or storages at its top; the first holds `data`."""
    made = contained(data or stream(SOUND), names[0])
    directory = made.index("Root Entry".encode("utf-16-le"))
    more = b""
    for i, name in enumerate(names[1:], 2):
        more += making.entry(name, kind, right=i + 1 if i < len(names) else 0xFFFFFFFF)
    first = made[directory + 128 : directory + 256]
    if more:
        first = first[:72] + struct.pack("<I", 2) + first[76:]
    return made[: directory + 128] + first + more + made[directory + 256 + len(more) :]


def supbook(name: str) -> bytes:
    """A link to another workbook with two sheets, or with none (to a program)."""
    return record(0x1AE, struct.pack("<H", 2 * (".xls" in name)) + wide(name))


def bof(kind: int, version: int = 0x600) -> bytes:
    return record(BOF, struct.pack("<HHHHII", version, kind, 0x0DBB, 1996, 0, 6))


REFUSED = {
    "a container of zeros": (lambda: SIGNATURE + bytes(600), "W102", "损坏"),
    "a container cut off": (lambda: contained(stream(SOUND))[:3000], "W102", "损坏"),
    "the head of a container": (lambda: SIGNATURE, "W102", "损坏"),
    "an encrypted workbook": (lambda: container("EncryptedPackage", "EncryptionInfo"), "W101", "密码"),
    "a damaged encrypted workbook": (lambda: SIGNATURE + "EncryptedPackage".encode("utf-16-le"), "W101", "密码"),
    "a workbook under rights management": (lambda: container("\tDRMContent"), "W101", "密码"),
    "an encrypted .xls": (lambda: contained(stream(SOUND, record(FILEPASS, bytes(54)))), "W101", "保护工作簿"),
    "Word": (lambda: container("WordDocument", "1Table"), "W100", ".wps"),
    "PowerPoint": (lambda: container("PowerPoint Document"), "W100", ".dps"),
    "a mail of Outlook": (lambda: container("__properties_version1.0"), "W100", "邮件"),
    "Visio": (lambda: container("VisioDocument"), "W100", "Visio"),
    "something else": (lambda: container("Contents"), "W100", "不是工作簿"),
    "two workbooks in one": (lambda: container("Workbook", "WORKBOOK"), "W102", "两个"),
    "VBA": (lambda: container("Workbook", "_VBA_PROJECT_CUR", kind=1), "W120", "宏"),
    "VBA beside other storages": (lambda: container("Workbook", "\5Summary", "_VBA_PROJECT_CUR", kind=1), "W120", "宏"),
    "a program in an object": (lambda: container("Workbook", "MBD0012AB34", "a.exe", kind=1) + b".exe\0", "W123", "程序"),
    "a linked object": (lambda: container("Workbook", "LNK0012AB34", kind=1), "W123", "链接"),
    "a control": (lambda: container("Workbook", "Ctls"), "W123", "ActiveX"),
    "a macro sheet in the list": (lambda: contained(stream(SOUND, kind=1)), "W120", "宏"),
    "a VBA module in the list": (lambda: contained(stream(SOUND, kind=6)), "W120", "宏"),
    "a macro sheet behind the sheets": (lambda: contained(stream(SOUND) + bof(0x40) + record(EOF)), "W120", "宏表"),
    "a DDE link": (lambda: contained(stream(SOUND, supbook("\1cmd\3/c calc"))), "W123", "DDE"),
    "a DDE link of Excel 5": (lambda: contained(stream(SOUND, EXTERN + b"\6cmd\3/c", version=0x500)), "W123", "DDE"),
    "two sheets of one title": (lambda: contained(stream({"Ab": b"", "ab": b""}, version=0x500)), "W102", "都叫"),
    "a cell twice": (lambda: contained(stream({"表": number(1, 1, 1.0) * 2})), "W102", "B2 有两个"),
    "a cell twice, once among several": (lambda: contained(stream({"表": number(0, 2, 1.0) + MULRK})), "W102", "C1 有两个"),
    "a cell right of IV": (lambda: contained(stream({"表": number(0, 256, 1.0)})), "W102", "IW1"),
    "a stream without its end": (lambda: contained(stream(SOUND)[:-4]), "W102", "后半截"),
    "a stream that starts in the middle": (lambda: contained(number(0, 0, 1.0)), "W102", "开头"),
    "a record cut off": (lambda: contained(stream(SOUND)[:-4] + b"\x03\x02\xff\xff"), "W102", "不完整"),
    "a bare stream cut off": (lambda: bof(0x10, 0x500) + number(0, 0, 1.0), "W102", "后半截"),
    "too many merged cells": (lambda: contained(stream({"表": record(0xE5, b"\xff\xff") * 20})), "W111", "合并"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_old_file_that_must_not_be_opened_is_refused_by_name(name):
    made, code, word = REFUSED[name]
    kind, problem = judge(made(), "某县.xls")
    assert (kind, problem.code, problem.place.workbook) == ("", code, "某县.xls")
    assert word in problem.what
    assert problem.do


def test_too_many_cells(monkeypatch):
    """The limit of the workbook holds for all its sheets together."""
    monkeypatch.setattr("evaltool.books.counting.MOST_CELLS", 5)
    monkeypatch.setattr("evaltool.books.containers.MOST_CELLS", 5)
    pages = {str(i): number(0, 0, 1.0) + number(1, 0, 1.0) for i in range(3)}
    assert judge(contained(stream(pages)), "a.xls")[1].code == "W111"
    assert (
        judge(contained(stream({"表": number(0, 0, 1.0) + MULRK + number(0, 9, 1.0) * 9})), "a.xls")[1].code == "W102"
    )
    assert judge(making.written([list(range(9))]), "a.xls")[1].code == "W111"
    del pages["0"]
    assert judge(contained(stream(pages)), "a.xls") == ("xls", None)


def chart() -> bytes:
    """A chart keeps the values of its series as cells of one column, one series over the other."""
    return bof(0x20) + number(0, 0, 1.0) + number(0, 0, 2.0) + record(EOF)


def linked() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write(0, 0, xlwt.Formula("1+1"))
    sheet.write_merge(1, 3, 0, 2, "合并")
    sheet.set_horz_split_pos(1)
    book.add_sheet("二").write(0, 0, xlwt.Formula("'表'!A1"))
    return making.saved(book)


PASSING = {
    "xlwt": lambda: making.written([["县", 1, 2.5, True], [None, "x"]]),
    "xlwt with formulas, merges and references": linked,
    "5,000 cells": lambda: making.written([[i * j for j in range(50)] for i in range(100)]),
    "a chart in a sheet": lambda: contained(stream({"表": number(0, 0, 1.0) + chart()})),
    "a chart sheet behind": lambda: contained(stream(SOUND) + chart()),
    "a stream called Book": lambda: container("Book"),
    "a document dropped onto a sheet": lambda: container("Workbook", "MBD0012AB34", kind=1),
    "with a summary": lambda: container("Workbook", "\5SummaryInformation"),
    "a reference to another workbook": lambda: contained(stream(SOUND, supbook("\1\1C目录\3预算.xls"))),
    "one of Excel 5": lambda: contained(stream(SOUND, EXTERN + b"\6\1a\3b.x", version=0x500)),
    "BIFF5": lambda: contained(stream(SOUND, version=0x500), "Book"),
    "BIFF5 without a container": lambda: stream(SOUND, version=0x500),
    "BIFF4 without a container": lambda: record(0x409, struct.pack("<HHH", 0, 0x10, 0)) + SOUND["表"] + record(EOF),
    "BIFF2 without a container": lambda: record(0x009, struct.pack("<HH", 0, 0x10)) + record(EOF),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("called", ["某县.xls", "某县.et", "某县.xlsx", "某县"])
def test_an_old_workbook_passes_under_any_name(name, called):
    data = PASSING[name]()
    assert judge(data, called) == ("xls", None)
    assert gate(data, called).what == f"{called} 是旧格式（.xls 或 .et）"  # where only a package will do


def test_every_byte_of_a_small_container_may_be_wrong_without_a_crash():
    data = contained(stream(SOUND))
    for at in [*range(512), *range(len(data) - 1024, len(data))]:
        for change in (0xFF, 1):
            kind, problem = judge(data[:at] + bytes([data[at] ^ change]) + data[at + 1 :], "a.xls")
            assert (kind == "xls") == (problem is None)
            assert problem is None or "认不出的损坏" not in problem.what, (at, problem.what)


def test_the_encoded_name_of_a_link_is_taken_as_text():
    """七 has a byte that is the mark of a link, in the wide form in which Excel writes Chinese names."""
    assert judge(contained(stream(SOUND, supbook("七月"))), "a.xls") == ("xls", None)
    assert containers.starts_biff(b"\x09\x08\x10\0\0\6\5\0")
    assert not containers.starts_biff(b"\x09\x08")
