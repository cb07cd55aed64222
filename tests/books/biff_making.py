"""Small .xls files put together record by record, for what no library writes."""

from __future__ import annotations

import io
import struct
from typing import Any

import xlwt

BOF, EOF, CONTINUE, BOUNDSHEET, FILEPASS, SST, FORMULA, STRING = 0x809, 0x0A, 0x3C, 0x85, 0x2F, 0xFC, 0x06, 0x207


def record(number: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def cell(number: int, row: int, column: int, data: bytes, xf: int = 0) -> bytes:
    return record(number, struct.pack("<HHH", row, column, xf) + data)


def number(row: int, column: int, value: float) -> bytes:
    return cell(0x203, row, column, struct.pack("<d", value))


def formula(row: int, column: int, result: bytes | float, tokens: bytes, flags: int = 0) -> bytes:
    stored = struct.pack("<d", result) if isinstance(result, float) else result
    return cell(FORMULA, row, column, stored + struct.pack("<HIH", flags, 0, len(tokens)) + tokens)


def result(kind: int, value: int = 0) -> bytes:
    """A stored result that is no number: 0 text, 1 truth value, 2 error, 3 empty text."""
    return bytes([kind, 0, value, 0, 0, 0]) + b"\xff\xff"


def wide(text: str, *, long: bool = True) -> bytes:
    """A text with its length and flags."""
    raw = text.encode("utf-16-le")
    return struct.pack("<HB" if long else "<BB", len(raw) // 2, 1) + raw


def stream(sheets: dict[str, bytes], before: bytes = b"", *, version: int = 0x600, kind: int = 0) -> bytes:
    """The stream of a workbook: each sheet's cells by its title."""
    old = version != 0x600
    start = record(BOF, struct.pack("<HHHHII", version, 5, 0x0DBB, 1996, 0, 6))
    names = [
        (bytes([len(raw := t.encode("gbk"))]) + raw) if old else wide(t, long=False) for t in sheets
    ]  # fmt: skip
    size = len(start) + len(before) + sum(4 + 6 + len(name) for name in names) + 4
    listed, pages = b"", b""
    for name, cells in zip(names, sheets.values(), strict=True):
        listed += record(BOUNDSHEET, struct.pack("<IBB", size + len(pages), 0, kind) + name)
        pages += record(BOF, struct.pack("<HHHHII", version, 0x10, 0x0DBB, 1996, 0, 6)) + cells + record(EOF)
    return start + before + listed + record(EOF) + pages


def saved(book: xlwt.Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def written(rows: list[list[Any]], title: str = "表") -> bytes:
    """A workbook of xlwt with these cells; None leaves one out."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(title)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is not None:
                sheet.write(row, column, value)
    return saved(book)


def contained(data: bytes, name: str = "Workbook") -> bytes:
    """A stream in a container of its own, with room for tampering: 512-byte sectors, no short streams."""
    data = data.ljust(max(4096, -(-len(data) // 512) * 512), b"\0")
    count = len(data) // 512
    fat = [*range(1, count), 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFD]  # the stream, the directory, the table itself
    assert len(fat) <= 128
    table = struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<8I", 1, count, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", count + 1, *[0xFFFFFFFF] * 108)
    entries = entry("Root Entry", 5, child=1) + entry(name, 2, start=0, size=len(data)) + bytes(256)
    return head + data + entries + table


def entry(
    name: str, kind: int, *, left: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF,
    start: int = 0, size: int = 0,
) -> bytes:  # fmt: skip
    """One entry of a container's directory."""
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBB3I", len(raw), kind, 1, left, right, child)
    return head.ljust(116, b"\0") + struct.pack("<III", start, size, 0)
