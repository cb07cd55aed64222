"""What holds for all sheets of a .xls: which sheets there are, number formats, fonts, shared strings, other files.

xlrd reads fonts, formats and code pages from a copy of the records that holds nothing else: its own reading of names,
drawings and notes can be led astray without end.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import xlrd

from evaltool.books.biff_strings import Line, Reading, Rich, shared_strings
from evaltool.books.biff_tokens import Names, Target, sheet_prefix
from evaltool.books.book import BookError
from evaltool.books.xlsx_parts import Look, look_of

BOF, EOF, CONTINUE = 0x0809, 0x000A, 0x003C
_FILEPASS, _BOUNDSHEET, _SST, _SUPBOOK, _EXTERNSHEET, _EXTERNNAME, _NAME, _DATEMODE, _RECALCID = (
    0x002F, 0x0085, 0x00FC, 0x01AE, 0x0017, 0x0023, 0x0018, 0x0022, 0x01C1,
)  # fmt: skip
_CODEPAGE, _FONT, _FORMAT, _XF = 0x0042, 0x0031, 0x041E, 0x00E0
_FOR_XLRD = {BOF, EOF, _CODEPAGE, _FONT, _FORMAT, _XF}
MOST_SHEETS, MOST_LOOKS = 256, 20_000
_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}


class Record(NamedTuple):
    """One record: its number, where it starts, and its content."""

    number: int
    start: int
    data: bytes


class Where(NamedTuple):
    """A sheet: its title, where its records start, visible, hidden or veryHidden."""

    title: str
    start: int
    state: str


@dataclass
class Globals:
    """All of it. `looks` and `own` by XF number; `lines` by font number; `calculated`: a spreadsheet program says it
    did."""

    wide: bool
    encoding: str
    sheets: list[Where]
    looks: list[Look]
    own: list[Line]
    lines: list[Line]
    strings: list[Rich]
    names: Names
    since_1904: bool = False
    calculated: bool = False
    links: tuple[str, ...] = ()


@dataclass
class _Found:
    """The records of the globals, sorted by what they are."""

    records: dict[int, list[bytes]] = field(default_factory=dict)
    strings: list[bytes] = field(default_factory=list)
    books: list[tuple[bytes, list[bytes]]] = field(default_factory=list)  # SUPBOOK and the EXTERNNAMEs after it


def records(stream: bytes, start: int) -> Iterator[Record]:
    """The records from `start` on. Raises BookError where the stream ends within one."""
    while True:
        if start < 0 or start + 4 > len(stream):
            raise BookError("文件不完整，表的内容到一半就断了")
        number, size = struct.unpack_from("<HH", stream, start)
        data = stream[start + 4 : start + 4 + size]
        if len(data) < size:
            raise BookError("文件不完整，表的内容到一半就断了")
        yield Record(number, start, data)
        start += 4 + size


def read_globals(stream: bytes) -> Globals:
    """Raises BookError, and struct.error, ValueError, IndexError or what xlrd raises where the file is broken."""
    if struct.unpack_from("<H", stream)[0] in (0x0009, 0x0209, 0x0409):
        raise BookError("是 Excel 4.0 或更早的格式")
    found = _sorted(stream)
    version = struct.unpack_from("<H", found.records[BOF][0])[0]
    if version not in (0x0500, 0x0600):
        raise BookError("不是能认的 .xls 格式")
    wide = version == 0x0600
    known = _through_xlrd(stream)
    sheets, titles = _sheets(found.records.get(_BOUNDSHEET, []), wide, known.encoding)
    lines = [Line(bool(font.struck_out), font.escapement in (1, 2)) for font in known.font_list]
    targets, links = _targets(found, titles) if wide else ([], _links_before_97(found))
    return Globals(
        wide,
        known.encoding or "utf-16-le",
        sheets,
        _looks(known),
        [lines[xf.font_index] if xf.font_index < len(lines) else Line() for xf in known.xf_list],
        lines,
        shared_strings(found.strings) if found.strings else [],
        Names(targets, [_defined_name(data) for data in found.records.get(_NAME, [])] if wide else []),
        found.records.get(_DATEMODE, [b"\0\0"])[-1][:1] == b"\1",
        _RECALCID in found.records,
        links,
    )


def _sorted(stream: bytes) -> _Found:
    found, last = _Found(), 0
    for record in records(stream, 0):
        if record.start == 0 and record.number != BOF:
            raise BookError("开头不是工作簿的内容")
        if record.number == EOF:
            return found
        if record.number == _FILEPASS:
            raise BookError("设了打开密码，在 Excel 或 WPS 里去掉打开密码再存")
        if record.number == _SST or (record.number == CONTINUE and last == _SST):
            found.strings.append(record.data)
        elif record.number == _SUPBOOK:
            found.books.append((record.data, []))
        elif record.number == _EXTERNNAME and found.books:
            found.books[-1][1].append(record.data)
        elif record.number == CONTINUE and last == _EXTERNSHEET:
            found.records[_EXTERNSHEET][-1] += record.data
        else:
            found.records.setdefault(record.number, []).append(record.data)
        if record.number != CONTINUE:
            last = record.number
    raise BookError("文件不完整")


def _through_xlrd(stream: bytes) -> Any:
    """xlrd's book with the fonts, formats and the code page only."""
    kept, count = [], 0
    for record in records(stream, 0):
        if record.number in _FOR_XLRD:
            kept.append(struct.pack("<HH", record.number, len(record.data)) + record.data)
            count += 1
        if record.number == EOF:
            break
    if count > MOST_LOOKS:
        raise BookError(f"有 {count} 种格式，不像是人填的表")
    return xlrd.open_workbook(file_contents=b"".join(kept), logfile=io.StringIO(), formatting_info=True, on_demand=True)


def _looks(known: Any) -> list[Look]:
    own = {shape.format_key: shape.format_str for shape in known.format_list}
    looks = []
    for xf in known.xf_list:
        font = known.font_list[xf.font_index] if xf.font_index < len(known.font_list) else None
        look = look_of(xf.format_key, own.get(xf.format_key))
        looks.append(look._replace(struck=bool(font and font.struck_out)))
    return looks


def _sheets(found: list[bytes], wide: bool, encoding: str) -> tuple[list[Where], list[str]]:
    """The worksheets, and the titles of all sheets by their numbers."""
    sheets, titles = [], []
    for data in found:
        start, state, kind = struct.unpack_from("<IBB", data)
        if wide:
            title = Reading([data], 6).string(wide_count=False).text
        else:
            title = data[7 : 7 + data[6]].decode(encoding or "latin-1", "replace")
        titles.append(title)
        if kind == 1:
            raise BookError(f"有宏表“{title}”（Excel 4.0 宏），把内容填进下发的模板再报")
        if kind == 0:
            sheets.append(Where(title, start, _STATES.get(state & 3, "hidden")))
    if not sheets:
        raise BookError("里面没有工作表")
    if len(titles) > MOST_SHEETS:
        raise BookError(f"有 {len(titles)} 张表，不像是人填的表")
    if len({title.lower() for title in titles}) != len(titles):
        raise BookError("有两张同名的工作表")
    if len({sheet.start for sheet in sheets}) != len(sheets):
        raise BookError("两张工作表指着同一处内容")
    return sheets, titles


def _targets(found: _Found, titles: list[str]) -> tuple[list[Target], tuple[str, ...]]:
    """What each number of EXTERNSHEET stands for, and the other files."""
    own = [_defined_name(data) for data in found.records.get(_NAME, [])]
    books: list[tuple[str, list[str], list[str]]] = []  # file (empty: this one, or add-ins), its sheets, its names
    for data, names in found.books:
        count, kind = struct.unpack_from("<HH", data)
        kept = [Reading([name], 6).string(wide_count=False).text for name in names]
        if kind == 0x0401:
            books.append(("", titles, own))
        elif kind == 0x3A01:
            books.append(("", [], kept))
        else:
            reading = Reading([data], 2)
            file = _file_name(reading.string().text)
            sheets = [reading.string().text for _ in range(min(count, len(data)))]
            books.append((file, sheets, [f"'[{file}]'!{name}" for name in kept]))
    targets = []
    for data in found.records.get(_EXTERNSHEET, []):
        for at in range(2, min(len(data) - 5, 2 + 6 * struct.unpack_from("<H", data)[0]), 6):
            number, first, last = struct.unpack_from("<HHH", data, at)
            file, sheets, names = books[number] if number < len(books) else ("", [], [])
            prefix = sheet_prefix(sheets[first], sheets[last], file) if max(first, last) < len(sheets) else None
            targets.append(Target(f"'[{file}]'" if file and prefix is None else prefix, names))
    return targets, tuple(dict.fromkeys(file for file, _, _ in books if file))


def _links_before_97(found: _Found) -> tuple[str, ...]:
    names = [
        data[2 : 2 + data[0]].decode("latin-1") for data in found.records.get(_EXTERNSHEET, []) if data[1:2] == b"\1"
    ]
    return tuple(dict.fromkeys(_file_name(name) for name in names))


def _file_name(encoded: str) -> str:
    """The name of a file as the record keeps it: control characters stand for drives and folders."""
    return re.split(r"[\x00-\x1f/\\]", encoded.rstrip("\x00"))[-1].strip("[]") or "别的文件"


def _defined_name(data: bytes) -> str:
    count = data[3]
    flags = data[14]
    raw = data[15 : 15 + count * (2 if flags & 1 else 1)]
    return raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")
