"""Packages for the gate: sound ones to spoil, and a zip written byte by byte so that it can lie."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import xlsx_by_hand as hand

SHEET, BOOK, RELATED, TYPES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
ROWS = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
Parts = dict[str, str | bytes]


def parts(rows: str = ROWS, *, before: str = "", after: str = "") -> Parts:
    """A sound workbook with two sheets."""
    sheets = {"甲": hand.worksheet(rows, before, after), "乙": hand.worksheet(ROWS)}
    return hand.parts(sheets, ("<t>字</t>",))


def with_sheet(rows: str, *, before: str = "", after: str = "") -> bytes:
    return hand.zipped(parts(rows, before=before, after=after))


def changed(name: str, old: str, new: str) -> bytes:
    """A sound workbook with one text exchanged in one part."""
    made = parts()
    content = made[name]
    assert isinstance(content, str)
    assert old in content
    return hand.zipped(made | {name: content.replace(old, new)})


def added(**more: str | bytes) -> bytes:
    """A sound workbook with more parts; `__` stands for `/` and `_DOT_` for `.`."""
    return hand.zipped(parts() | {name.replace("__", "/").replace("_DOT_", "."): data for name, data in more.items()})


def typed(name: str, kind: str, content: str | bytes = b"x") -> bytes:
    """A sound workbook with one more part of this content type."""
    made = parts()
    override = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    return hand.zipped(made | {TYPES: str(made[TYPES]).replace("</Types>", override), name: content})


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
    extra: bytes = b""
    descriptor: bool = False


def raw_zip(
    entries: Iterable[Entry], *, before: bytes = b"", after: bytes = b"", gap: bytes = b"", count: int | None = None,
    comment: bytes = b"", disk: int = 0, zip64: bool = False,
) -> bytes:  # fmt: skip
    """A zip that says what it is told to say."""
    body, listed, number = before, b"", 0
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
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, entry.method, 0, 33, *own, len(name), len(entry.extra))
        body += name + entry.extra + stored
        if entry.descriptor:
            body += struct.pack("<4s3L", b"PK\7\x08", crc, packed, size)
        wide = struct.pack("<2H3Q", 1, 24, size, packed, offset) if zip64 else b""
        said = (0xFFFFFFFF,) * 3 if zip64 else (packed, size, offset)
        listed += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, flags, entry.method, 0, 33, crc, said[0], said[1],
            len(entry.name), len(wide), 0, 0, 0, 0, said[2],
        ) + entry.name + wide  # fmt: skip
        number += 1
    body += gap
    start = len(body)
    count = number if count is None else count
    body += listed
    if zip64:
        end = len(body)
        body += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(listed), start)
        body += struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    body += struct.pack("<4s4H2LH", b"PK\5\6", disk, 0, count, count, len(listed), start, len(comment)) + comment
    return body + after


def members(found: Parts | None = None) -> list[Entry]:
    """The members of a sound workbook, to be spoiled."""
    found = parts() if found is None else found
    return [Entry(n.encode(), c.encode() if isinstance(c, str) else c) for n, c in found.items()]


def spoiled(name: str, **lies: object) -> list[Entry]:
    """The members of a sound workbook, one of which lies."""
    found = [replace(each, **lies) if each.name == name.encode() else each for each in members()]  # type: ignore[arg-type]
    assert found != members()
    return found


def rezipped(data: bytes, change: Callable[[zipfile.ZipInfo, bytes], tuple[str, bytes] | None], method: int = 8) -> bytes:
    """A package written anew, each member as `change` gives it back."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(kept, "w", method) as target:
        for info in source.infolist():
            made = change(info, source.read(info))
            if made is not None:
                target.writestr(*made)
    return kept.getvalue()
