"""What an OLE2 container (.xls, .et, .doc, .wps, encrypted …) or a bare BIFF stream is, before a reader opens it."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from evaltool.books.book import address
from evaltool.books.compound import CompoundError, Container
from evaltool.books.counting import MOST_CELLS, Size, within
from evaltool.books.package import Refusal

_MEND = "在 Excel 或 WPS 里打开，另存为 .xlsx 再报；打不开就请原单位重新传送"
_PLAIN = "在 Excel 或 WPS 里另存为不带宏的 .xlsx（“Excel 工作簿”），再报"
_SEPARATE = "把对象另存成单独的文件随附，从表里删去，另存为 .xlsx 再报"
# a stream at the top of the container → what the file is and what to do
_NAMED = {
    "worddocument": ("是 Word 或 WPS 文字的文件（.doc、.wps）", "把要报的内容填进下发的 Excel 模板再报"),
    "powerpoint document": ("是演示文稿（.ppt、.dps）", "把要报的内容填进下发的 Excel 模板再报"),
    "__properties_version1.0": ("是 Outlook 存下来的邮件（.msg）", "打开邮件，把附件里的工作簿存下来再报"),
    "visiodocument": ("是 Visio 图", "把要报的内容填进下发的 Excel 模板再报"),
}
_ENCRYPTED_STREAMS = ("encryptedpackage", "\tdrmcontent")
_MACROS = ("_vba_project_cur", "_vba_project", "vba", "macros")
_ACTIVE_CONTROLS = "ctls"
_PROGRAM = re.compile(rb"\.(?:exe|scr|bat|cmd|pif|vbs|vbe|jse|wsf|hta|lnk|msi|ps1)\0", re.IGNORECASE)
# BIFF records
_FILEPASS, _BOUNDSHEET, _SUPBOOK, _EXTERNSHEET, _ROW, _MULRK, _MULBLANK, _MERGED = (
    0x2F, 0x85, 0x1AE, 0x17, 0x208, 0xBD, 0xBE, 0xE5,
)  # fmt: skip
_BOF = {0x0009: 2, 0x0209: 3, 0x0409: 4, 0x0809: 8}  # record → BIFF version (0x0809: 5 or 8, as it says itself)
_CELLS = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x201, 0x203, 0x204, 0x205, 0x206, 0x406, 0x27E, 0xFD, 0xD6}
_EOF = 0x0A
_MACRO_SHEET, _MODULE, _CHART = 0x40, 0x06, 0x20  # what a stream is, in its BOF
_LISTED_MACRO, _LISTED_MODULE = 1, 6  # the same, in the list of sheets
_LINK = "\x03"  # parts a program from its topic: a DDE or OLE link


def encrypted() -> Refusal:
    what = "设了密码（打开密码，或者“保护工作簿”时加的密码）"
    return Refusal("W101", what, "在 Excel 或 WPS 里去掉打开密码和工作簿保护，另存为 .xlsx 再报")


def container(data: bytes) -> None:
    """Raises Refusal unless an OLE2 container holds a workbook without macros, programs or a password."""
    try:
        opened = Container(data)
        top = opened.top()
        if any(name in top for name in _ENCRYPTED_STREAMS):
            raise encrypted()
        entries = top.get("workbook") or top.get("book")
        if not entries:
            what, do = next(
                (named for name, named in _NAMED.items() if name in top), ("是旧式的别种文件，不是工作簿", _MEND)
            )
            raise Refusal("W100", what, do)
        if len(entries) > 1:
            raise Refusal("W102", "里面有两个同名的工作簿数据流，分不清读哪一个", _MEND)
        if any(name in top for name in _MACROS):
            raise Refusal("W120", "带有宏（VBA 工程）", _PLAIN)
        if _ACTIVE_CONTROLS in top:
            raise Refusal("W123", "里面有 ActiveX 控件，打开时会运行程序", _SEPARATE)
        if any(name.startswith("lnk") for name in top):
            raise Refusal("W123", "里面有链接到别的文件的对象（OLE 链接）", _SEPARATE)
        if any(name.startswith("mbd") for name in top) and holds_program(data):  # a scan dropped onto a sheet may stay
            raise Refusal("W123", "里面嵌入了程序（OLE 对象）", _SEPARATE)
        stream = opened.stream(entries[0])
    except CompoundError as error:
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise encrypted() from error
        raise Refusal("W102", "是旧格式（.xls、.et 一类）的文件，但已损坏或不完整", _MEND) from error
    biff(stream)


def holds_program(data: bytes) -> bool:
    """Whether an OLE container holds a file that is named like a program (the label of an embedded package)."""
    return _PROGRAM.search(data) is not None


def starts_biff(data: bytes) -> bool:
    """Whether the bytes start like a workbook of Excel 2 to 5 that was written without a container."""
    if len(data) < 8:
        return False
    record, length, _, kind = struct.unpack_from("<4H", data)
    return record in _BOF and 4 <= length <= 16 and kind in (0x05, 0x10, 0x20, _MACRO_SHEET, 0x100)


def biff(stream: bytes) -> None:
    """Raises Refusal for a BIFF stream with a password, macros, links to programs, or impossible or too many cells."""
    titles: set[str] = set()
    sheets: list[set[tuple[int, int]] | None] = []  # of every substream that is open, its cells; None of a chart
    size, version = Size(), 0
    for record, body in _records(stream):
        if record in _BOF:
            version = _version(record, body)
            kind = _at(body, 2)
            if kind in (_MACRO_SHEET, _MODULE):
                raise Refusal("W120", "带有宏（Excel 4.0 宏表）", _PLAIN)
            sheets.append(None if kind == _CHART else set())  # a chart keeps its series as cells, one over another
        elif record == _EOF:
            size = size.plus(Size(cells=len(sheets.pop() or ())))
        elif record == _FILEPASS:
            raise encrypted()
        elif record == _BOUNDSHEET and len(body) > 8:
            _listed(body, version, titles)
        elif _calls(record, body, version):
            raise Refusal("W123", "里面有调用别的程序的链接（DDE 或 OLE 链接）", "删去链接，改成直接填写的数再报")
        elif record == _ROW:
            size = size.plus(Size(rows=1))
        elif record == _MERGED:
            size = size.plus(Size(merged=_at(body, 0)))
        elif (cells := sheets[-1]) is not None:
            _add(cells, _places(record, body))
            if len(cells) > MOST_CELLS:
                break
    within(size.plus(Size(sum(len(cells or ()) for cells in sheets))), "全部工作表")
    if not version:
        raise Refusal("W102", "是旧格式的文件，但开头损坏", _MEND)
    if sheets:
        raise Refusal("W102", "是旧格式的文件，但后半截缺失", _MEND)


def _listed(body: bytes, version: int, titles: set[str]) -> None:
    """One sheet in the list of sheets."""
    if body[5] in (_LISTED_MACRO, _LISTED_MODULE):
        raise Refusal("W120", "带有宏（宏表或 VBA 模块）", _PLAIN)
    title = _text(body[7:], body[6], version)
    if title.casefold() in titles:
        raise Refusal("W102", f"有两张工作表都叫“{title}”，分不清读哪一张", _MEND)
    titles.add(title.casefold())


def _add(cells: set[tuple[int, int]], places: Iterator[tuple[int, int]]) -> None:
    for at in places:
        if at[1] > 0xFF:
            what = f"里面有单元格 {address(at[0] + 1, at[1] + 1)}，超出了旧格式的最后一列 IV"
            raise Refusal("W102", what, _MEND)
        if at in cells:
            raise Refusal("W102", f"同一张表里 {address(at[0] + 1, at[1] + 1)} 有两个，分不清用哪一个", _MEND)
        cells.add(at)


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Every record up to the end of the last substream, behind which a writer may leave zeros."""
    at, depth = 0, 0
    while at + 4 <= len(stream):
        record, length = struct.unpack_from("<2H", stream, at)
        if at + 4 + length > len(stream):
            raise Refusal("W102", "是旧格式的文件，但有记录不完整", _MEND)
        if depth <= 0 and record not in _BOF:
            return
        depth += 1 if record in _BOF else -1 if record == _EOF else 0
        yield record, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _places(record: int, body: bytes) -> Iterator[tuple[int, int]]:
    """Where the cells of a record stand, row and column from 0."""
    if record in _CELLS and len(body) >= 4:
        yield struct.unpack_from("<2H", body)
    elif record in (_MULRK, _MULBLANK) and len(body) >= 6:
        row, first = struct.unpack_from("<2H", body)
        each = 6 if record == _MULRK else 2
        for i in range((len(body) - 6) // each):
            yield row, first + i


def _version(record: int, body: bytes) -> int:
    version = _BOF[record]
    return 5 if version == 8 and _at(body, 0) == 0x0500 else version


def _at(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 2], "little")


def _text(body: bytes, length: int, version: int) -> str:
    """A text of `length` characters; before BIFF8 in the code page of Chinese Windows."""
    if version < 8:
        return body[:length].decode("gb18030", "replace")
    wide = bool(body[:1] and body[0] & 1)
    return body[1 : 1 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def _calls(record: int, body: bytes, version: int) -> bool:
    """Whether a record links to a program: DDE or OLE. In a path to a workbook the same mark parts its folders."""
    if record == _SUPBOOK and len(body) > 4:
        sheets, length = struct.unpack_from("<2H", body)
        return sheets == 0 and length < 0x400 and _LINK in _text(body[4:], length, 8)
    return record == _EXTERNSHEET and version < 8 and body[1:2] > b"\4" and _LINK in _text(body[1:], body[0], 5)
