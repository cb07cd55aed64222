"""Packages for the gate: sound ones to spoil, and a zip written byte by byte so that it can lie."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import xlsx_by_hand as hand

from evaltool.books.gate import judge

SHEET, BOOK, TYPES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"
RELATED = "xl/_rels/workbook.xml.rels"
ROWS = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
NOISE = random.Random(0).randbytes(2**20)
Parts = dict[str, str | bytes]
Case = tuple[str, Callable[[], bytes], str, str]  # name, the file, the code, what its message names


def refused(case: Case) -> None:
    """Asserts that the file of a case is refused as the case says, in words for a clerk."""
    name, made, code, word = case
    kind, problem = judge(made(), "某县.xlsx")
    assert kind == "", name
    assert problem is not None
    assert (problem.code, problem.level, problem.place.workbook) == (code, "stop", "某县.xlsx"), (name, problem)
    assert word in problem.what, (name, problem.what)
    assert problem.what.startswith("某县.xlsx ")
    assert len(problem.what) < 300
    assert problem.why == "整个文件都没有读，里面的数一个也没有采用"
    assert problem.do


def parts(rows: str = ROWS, *, before: str = "", after: str = "") -> Parts:
    """A sound workbook with two sheets."""
    sheets = {"甲": hand.worksheet(rows, before, after), "乙": hand.worksheet(ROWS)}
    return hand.parts(sheets, ("<t>字</t>",))


def with_sheet(rows: str, *, before: str = "", after: str = "") -> bytes:
    return hand.zipped(parts(rows, before=before, after=after))


def cells(*places: str) -> bytes:
    """A sheet with cells at these addresses, all in row 1."""
    return with_sheet('<row r="1">' + "".join(f'<c r="{place}"><v>1</v></c>' for place in places) + "</row>")


def changed(name: str, old: str, new: str) -> bytes:
    """A sound workbook with one text exchanged in one part."""
    made = parts()
    content = made[name]
    assert isinstance(content, str)
    assert old in content
    return hand.zipped(made | {name: content.replace(old, new)})


def with_part(name: str, content: str | bytes = b"x") -> bytes:
    """A sound workbook with one part more, or with another one of that name."""
    return hand.zipped(parts() | {name: content})


def without(name: str) -> bytes:
    return hand.zipped({key: value for key, value in parts().items() if key != name})


def typed(name: str, kind: str, content: str | bytes = b"x") -> bytes:
    """A sound workbook with a part of this content type."""
    made = parts()
    override = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    return hand.zipped(made | {TYPES: str(made[TYPES]).replace("</Types>", override), name: content})


def related(kind: str, target: str, content: str | bytes = b"x") -> bytes:
    """A sound workbook that refers to one more part."""
    made = parts()
    more = f'<Relationship Id="rId77" Type="{hand.OFFICE}/{kind}" Target="{target}"/></Relationships>'
    return hand.zipped(made | {RELATED: str(made[RELATED]).replace("</Relationships>", more), f"xl/{target}": content})


def another(main: str, kind: str) -> bytes:
    """A package about something else."""
    types = hand.TYPES.replace("</Types>", f'<Override PartName="/{main}" ContentType="{kind}"/></Types>')
    return hand.zipped({TYPES: types, "_rels/.rels": hand.relations(("officeDocument", main)), main: "<a/>"})


@dataclass(frozen=True)
class Entry:
    """One member as its own header and the directory say it; None: the truth."""

    name: bytes
    content: bytes
    method: int = 8
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    packed: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    offset: int | None = None
    descriptor: bool = False


def raw_zip(
    entries: Iterable[Entry], *, count: int | None = None, comment: bytes = b"", disk: int = 0, zip64: bool = False
) -> bytes:
    """A zip that says what it is told to say."""
    body, listed, number = bytearray(), b"", 0
    for entry in entries:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        stored = squeeze.compress(entry.content) + squeeze.flush() if entry.method == 8 else entry.content
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        size = len(entry.content) if entry.size is None else entry.size
        packed = len(stored) if entry.packed is None else entry.packed
        flags = entry.flags | (8 if entry.descriptor else 0)
        own = (0, 0, 0) if entry.descriptor else (crc, packed, size if entry.local_size is None else entry.local_size)
        offset = len(body) if entry.offset is None else entry.offset
        name = entry.name if entry.local_name is None else entry.local_name
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, entry.method, 0, 33, *own, len(name), 0)
        body += name + stored
        if entry.descriptor:
            body += struct.pack("<4s3L", b"PK\7\x08", crc, packed, size)
        wide = struct.pack("<2H3Q", 1, 24, size, packed, offset) if zip64 else b""
        said = (0xFFFFFFFF,) * 3 if zip64 else (packed, size, offset)
        listed += struct.pack("<4s6H", b"PK\1\2", 20, 20, flags, entry.method, 0, 33)
        listed += struct.pack("<3L5H2L", crc, said[0], said[1], len(entry.name), len(wide), 0, 0, 0, 0, said[2])
        listed += entry.name + wide
        number += 1
    start = len(body)
    count = number if count is None else count
    body += listed
    if zip64:
        end = len(body)
        body += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(listed), start)
        body += struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", disk, 0, count, count, len(listed), start, len(comment))
    return bytes(body) + end + comment


def members(found: Parts | None = None) -> list[Entry]:
    """The members of a sound workbook, to be spoiled."""
    found = parts() if found is None else found
    return [Entry(n.encode(), c.encode() if isinstance(c, str) else c) for n, c in found.items()]


def more(*names: str) -> bytes:
    """A sound workbook with members of these names besides."""
    return raw_zip([*members(), *(Entry(name.encode(), b"<a/>") for name in names)])


def spoiled(name: str, **lies: Any) -> bytes:
    """A sound workbook with one member that lies."""
    found = [replace(each, **lies) if each.name == name.encode() else each for each in members()]
    assert found != members()
    return raw_zip(found)


def stored(name: str, content: str) -> bytes:
    """A sound workbook with another part, nothing in it compressed."""
    return raw_zip(replace(each, method=0) for each in members(parts() | {name: content}))


def loose(rows: str) -> bytes:
    return stored(SHEET, hand.worksheet(rows))
