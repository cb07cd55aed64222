"""What a file is, by its content, and whether a library may open it. Nothing is opened here and no name is believed.

A file passes as `xlsx`, `xls` (BIFF, from Excel or WPS under any name) or `csv`; everything else is refused by name,
with what to do. Each check bounds what the next one costs: sizes as declared, sizes as unpacked, counts, addresses.
"""

from __future__ import annotations

import logging
import re
from pathlib import PurePath
from typing import NamedTuple

from evaltool.books import counting
from evaltool.books.compound import SIGNATURE
from evaltool.books.containers import biff, container, holds_program, starts_biff
from evaltool.books.foreign import foreign
from evaltool.books.markup import characters, shallow, undeclared
from evaltool.books.ooxml import Workbook, main_part, type_of, types, workbook
from evaltool.books.package import Package, Refusal
from evaltool.problems import Place, Problem

_WHY = "整个文件都没有读，里面的数一个也没有采用"
_ARCHIVE = "压缩包"
_TEMPLATE = "在 Excel 或 WPS 里打开下发的模板填写，保存为 .xlsx 再报"
_AS_XLSX = "在 Excel 或 WPS 里打开它，另存为“Excel 工作簿（.xlsx）”再报"
_WITHOUT_MACROS = "在 Excel 或 WPS 里另存为不带宏的 .xlsx（“Excel 工作簿”），再报"
_WITHOUT_OBJECTS = "把对象另存成单独的文件随附，从表里删去，保存后再报"
# what the workbook uses a part for → limits, and where the part's contents are said to be
_COUNTED = {
    "styles": (counting.STYLE_LIMITS, "样式里"),
    "sharedStrings": (counting.STRING_LIMITS, "共享文字里"),
    "comments": (counting.COMMENT_LIMITS, "批注里"),
}
# a link to a program in a formula: cmd|' /c …'!A1
_CALLS = re.compile(rb"<(?:[^\s<>/:=]++:)?+f(?:\s[^<>]*)?>[=+@\s-]*(?:&apos;|')?[\w.]+\|")
_BEFORE_TAGS = b"\xef\xbb\xbf\xff\xfe\0 \r\n\t"  # marks of byte order and white space
# in content types and kinds of relation; the last two are the JavaScript macros of WPS
_MACROS = ("macroenabled", "vbaproject", "macrosheet", "jsproject", "jdeextension")
_CONTROLS = "activex"
_DOCUMENTS = "oleobject"


class Wanted(NamedTuple):
    """What kind of package is wanted: a part it has, what it is called and what its old formats are."""

    part: str
    called: str
    old: str


WORKBOOK = Wanted("xl/workbook.xml", " Excel 工作簿", ".xls 或 .et")


def gate(
    data: bytes, name: str, part: str = WORKBOOK.part, wanted: str = "Excel 工作簿", old: str = WORKBOOK.old
) -> Problem | None:
    """Why the file is no package of the wanted kind that may be opened, or None. `part` is what such a one holds."""
    kind, problem = judge(data, name, Wanted(part, f" {wanted}", old))
    if problem is None and kind != "xlsx":
        what = f"是旧格式（{old}）" if kind == "xls" else "是文本表格（csv）"
        return _problem(name, Refusal("W100", what, _AS_XLSX))
    return problem


def judge(data: bytes, name: str, wanted: Wanted = WORKBOOK) -> tuple[str, Problem | None]:
    """What the file is (xlsx, xls, csv; empty where it is refused) and why it is refused. Never raises."""
    try:
        return _kind(data, PurePath(name).suffix.lower(), wanted), None
    except Refusal as refusal:
        return "", _problem(name, refusal)
    except Exception as error:  # hostile files find ever new ways; none may cost more than its own file
        logging.getLogger(__name__).warning("%s: %r", name, error, exc_info=error)
        return "", _problem(name, Refusal("W102", "打不开，里面有认不出的损坏", _AS_XLSX))


def _problem(name: str, refusal: Refusal) -> Problem:
    return Problem(refusal.code, f"{name} {refusal.what}", _WHY, refusal.do, Place(name))


def _kind(data: bytes, suffix: str, wanted: Wanted) -> str:
    if not data:
        raise Refusal("W102", "是空文件", "重新保存或重新导出后再报")
    if data.startswith(SIGNATURE):
        if wanted.part != WORKBOOK.part and "EncryptedPackage".encode("utf-16-le") not in data:
            raise Refusal("W100", f"是旧格式（{wanted.old}）", "另存为新格式再报")
        container(data)
        return "xls"
    if data.startswith(b"PK\3\4"):
        _package(Package(data), wanted)
        return "xlsx"
    if data.startswith((b"PK\5\6", b"PK\7\x08")):
        raise Refusal("W100", "是空的压缩包，或分卷压缩包的一卷", "把里面的工作簿直接报送")
    if starts_biff(data):
        biff(data)
        return "xls"
    return foreign(data, suffix)


def _package(package: Package, wanted: Wanted) -> None:
    main = main_part(package)
    listed = types(package) if main else {}
    kind = type_of(main, listed).lower()
    if wanted.part != WORKBOOK.part:
        if wanted.part not in package.parts:
            raise Refusal("W100", f"不是{wanted.called}，而是{_called(package, kind)}", _TEMPLATE)
        for name in package.parts:
            undeclared(package.read(name), name)
        return
    if not _spreadsheet(kind, main):
        raise _other(package, main, kind)
    book = workbook(package, main)
    _active(package, listed, book)
    if book.names > counting.MOST_NAMES:
        what = f"定义了 {book.names} 个名称，最多读 {counting.MOST_NAMES} 个"
        raise Refusal("W111", what, "在“公式—名称管理器”里删去不用的名称，另存一份再报")
    _parts(package, listed, book)


def _parts(package: Package, listed: dict[str, str], book: Workbook) -> None:
    """Every part, unpacked once: what will be read is counted, of the rest only what it could do is looked at."""
    sheets = {sheet.part: sheet.title for sheet in book.sheets if sheet.kind == "worksheet"}
    total = counting.Size()
    for name, member in package.parts.items():
        if (title := sheets.get(name)) is not None:
            data = characters(counting.bounded(package.chunks(member), member.size, title), name)
            if b"|" in data and _CALLS.search(data):
                raise Refusal("W123", f"工作表“{title}”的公式调用别的程序（DDE）", "把公式改成直接填写的数再报")
            total = total.plus(counting.measured(data, name, title))
            counting.within(total, "全部工作表")
            shallow(data, name)
            continue
        data, kind = package.read(name), type_of(name, listed).lower()
        if not name.endswith((".xml", ".rels", ".vml")) and data[:64].lstrip(_BEFORE_TAGS)[:1] != b"<":
            documents = "/embeddings/" in name or _DOCUMENTS in kind or book.roles.get(name, "").lower() == _DOCUMENTS
            _unknown(name, data, documents)
            continue
        role = book.roles.get(name, "comments" if kind.endswith("comments+xml") else "")
        if role in _COUNTED:
            data = characters(data, name)
            counting.counted(data, *_COUNTED[role])
            shallow(data, name)
        undeclared(data, name)
        if (role == "externalLink" or "externallink" in kind) and (b"ddeLink" in data or b"oleLink" in data):
            raise Refusal("W123", "里面有调用别的程序的链接（DDE 或 OLE 链接）", "删去链接，改成直接填写的数再报")


def _active(package: Package, listed: dict[str, str], book: Workbook) -> None:
    """Macros and controls. Refused although nothing here would run them: whoever opens the file next may.

    What goes through, because it cannot run by itself and nothing of it is read: pictures, charts, comments, form
    controls, printer settings, pivot tables, queries and connections, links to other workbooks (the reader reports
    them), signatures, and documents dropped onto a sheet (the scan of an approval) that are no programs.
    """
    for name in package.parts:
        kind = type_of(name, listed).lower()
        role = book.roles.get(name, "").lower()
        if any(word in kind or word in role for word in _MACROS) or name.endswith(("vbaproject.bin", "jdedata.bin")):
            raise Refusal("W120", f"带有宏（{name}）", _WITHOUT_MACROS)
        if _CONTROLS in kind or f"{_CONTROLS}/" in name:
            raise Refusal("W123", f"里面有 ActiveX 控件（{name}），打开时会运行程序", _WITHOUT_OBJECTS)


def _unknown(name: str, data: bytes, documents: bool) -> None:
    """A part that is no XML: pictures and printer settings are harmless, and so are OLE containers where documents are
    embedded; programs are not."""
    if data.startswith(b"MZ") or (data.startswith(SIGNATURE) and (not documents or holds_program(data))):
        raise Refusal("W123", f"里面嵌入了程序，或换了名字的别的文件（{name}）", _WITHOUT_OBJECTS)


def _spreadsheet(kind: str, main: str) -> bool:
    """Whether the main part is a workbook in XML; some writers give it no type of its own."""
    if "binary" in kind or main.endswith(".bin"):
        return False
    untyped = kind in ("", "application/xml", "text/xml") and main.startswith("xl/")
    return "spreadsheetml" in kind or "ms-excel" in kind or untyped


def _other(package: Package, main: str, kind: str) -> Refusal:
    """What a package is that is no workbook, and what to do."""
    if not main and WORKBOOK.part in package.parts:
        return Refusal("W102", "缺少部件 _rels/.rels，找不到工作簿的主部件", _AS_XLSX)
    inside = [name for name in package.parts if name.endswith((".xlsx", ".xls", ".et", ".csv"))]
    called = _called(package, kind)
    if inside and called == _ARCHIVE:
        return Refusal("W100", f"是压缩包，里面有 {len(inside)} 个工作簿", "解压后把里面的工作簿直接报送")
    return Refusal("W100", f"不是{WORKBOOK.called}，而是{called}", _AS_XLSX if "表格" in called else _TEMPLATE)


def _called(package: Package, kind: str) -> str:
    parts = package.parts
    if "binary" in kind or "xl/workbook.bin" in parts:
        return "二进制的 Excel 表格（.xlsb）"
    if "wordprocessingml" in kind or "word/document.xml" in parts:
        return " Word 文件"
    if "presentationml" in kind or "ppt/presentation.xml" in parts:
        return "演示文稿"
    if "spreadsheetml" in kind or WORKBOOK.part in parts:
        return WORKBOOK.called
    if "content.xml" in parts or "mimetype" in parts:
        said = package.read("mimetype") if "mimetype" in parts else b"spreadsheet"
        return " OpenDocument 表格（.ods）" if b"spreadsheet" in said else " OpenDocument 文件"
    if any(name.endswith(".iwa") for name in parts):
        return "苹果 Numbers 表格或 Pages 文稿"
    return "别的办公文件" if kind else _ARCHIVE
