"""What a file is, by its content, before any library opens it.

Excel and WPS files under any name come in four shapes: a zip with `xl/workbook.xml` (wanted), an OLE2 container with
`EncryptedPackage` (a password), another OLE2 container (.xls, .et), and things that only bear the name.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from evaltool.problems import Place, Problem

MOST_MEMBERS = 2000
MOST_BYTES = 50 * 2**20  # unpacked; a filled template is under 2 MB
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS = "在 Excel 或 WPS 里打开下发的模板填写，保存为 .xlsx 再报"


def gate(
    data: bytes, name: str, part: str = "xl/workbook.xml", wanted: str = "Excel 工作簿", old: str = ".xls 或 .et"
) -> Problem | None:
    """Why the file cannot be taken, or None. `part` is what a package of the wanted kind holds."""

    def refuse(code: str, what: str, do: str) -> Problem:
        return Problem(code, what, "整个文件都没有读，里面的数一个也没有采用", do, Place(name))

    if data.startswith(_OLE2):
        if _ENCRYPTED in data:
            return refuse("W101", f"{name} 设了打开密码", "在 Excel 或 WPS 里去掉打开密码，保存后再报")
        return refuse("W100", f"{name} 是旧格式（{old}）", "另存为 .xlsx 再报")
    if not data:
        return refuse("W102", f"{name} 是空文件", "重新保存或重新导出后再报")
    if not data.startswith(b"PK"):
        return refuse("W100", f"{name} 不是 {wanted}，而是{_looks_like(data)}", _SAVE_AS)
    try:
        return _zip(zipfile.ZipFile(io.BytesIO(data)), name, part, wanted, refuse)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return refuse("W102", f"{name} 打不开：压缩包已损坏或不完整", "重新保存或重新传送后再报")
    except Exception as error:  # noqa: BLE001 – a hostile zip finds ever new ways (zlib.error, struct.error …)
        return refuse("W102", f"{name} 打不开（{type(error).__name__}）", "重新保存或重新传送后再报")


def _zip(
    package: zipfile.ZipFile, name: str, part: str, wanted: str, refuse: Callable[[str, str, str], Problem]
) -> Problem | None:
    members = package.infolist()
    names = [member.filename for member in members]
    if part not in names:
        return refuse("W100", f"{name} 不是 {wanted}，而是{_package_kind(names)}", _SAVE_AS)
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        what = f"{name} 展开后超过 {MOST_BYTES // 2**20} MB 或 {MOST_MEMBERS} 个部件"
        return refuse("W111", what, "删去无关的表、图片和整列的格式后再报")
    if len(set(names)) != len(names):
        return refuse("W102", f"{name} 的压缩包里有同名部件", "重新保存后再报")
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with package.open(member) as opened:
                head = opened.read(65536)
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"<!\0D\0O\0C\0T" in head:
                return refuse("W102", f"{name} 的 {member.filename} 里有不允许的声明", "从模板重新填写后再报")
    return None


def _looks_like(data: bytes) -> str:
    head = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"%pdf"):
        return " PDF"
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        return "网页或 XML 文件"
    if head.startswith((b"\xff\xd8", b"\x89png")):
        return "图片"
    return "别的文件" if b"\0" in data[:4096] else "文本文件（如 csv）"


def _package_kind(names: list[str]) -> str:
    if "xl/workbook.bin" in names:
        return "二进制工作簿（.xlsb）"
    if "xl/workbook.xml" in names:
        return " Excel 工作簿"
    if "word/document.xml" in names:
        return " Word 文件"
    return " OpenDocument 文件（.ods）" if "content.xml" in names else "别的压缩包"
