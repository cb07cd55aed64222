"""A file as it came: what it is, whether it can be taken, and the tables in it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl.utils import range_boundaries

from evaltool.books.gate import gate
from evaltool.importing.document import read_document
from evaltool.importing.tables import Table
from evaltool.importing.workbook import read_workbook
from evaltool.problems import Place, Problem

MOST_PART = 20 * 2**20  # of one part, unpacked; an indicator table of 500 rows is under 1 MB
MOST_MERGED = 10**6
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]+)"')
_CODES = {"W100": "I200", "W101": "I201", "W102": "I202", "W111": "I203", "W120": "I200", "W123": "I202"}
_KINDS = {
    "I200": "把指标表另存为 .xlsx 或 .docx 再导入",
    "I201": "去掉打开密码，保存后再导入",
    "I202": "在办公软件里打开、另存一次，再导入",
    "I203": "只留指标表，另存一份再导入",
}


def open_tables(path: Path) -> tuple[list[Table], list[Problem]]:
    """The tables of a .xlsx or .docx, whatever its name says; one that cannot be taken is a problem of level stop."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return [], [_refused("I202", f"{path.name} 读不出（{type(error).__name__}）", path)]
    word = _is_word(data) or (path.suffix.lower() in (".docx", ".doc", ".wps") and not data.startswith(b"PK"))
    if word:
        found = gate(data, path.name, "word/document.xml", "Word 文件", ".doc 或 .wps")
    else:
        found = gate(data, path.name)
    if found is not None:
        return [], [_refused(_CODES[found.code], found.what, path)]
    try:
        if big := _too_big(data):
            return [], [_refused("I203", f"{path.name} 的 {big}", path)]
        tables, hidden = (read_document(data), []) if word else read_workbook(data)
    except Exception as error:  # noqa: BLE001 – a broken part leads the libraries to errors of every kind
        return [], [_refused("I202", f"{path.name} 打不开：内部有损坏（{type(error).__name__}）", path)]
    notes = [
        Problem("I220", f"工作表“{name}”是隐藏的，没有读", do="要读就取消隐藏再导入", place=Place(path.name, name))
        for name in hidden
    ]
    return tables, notes


def _too_big(data: bytes) -> str:
    """A part that would fill the memory: by its own size, or by merged cells, each of which openpyxl makes."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for member in package.infolist():
            name = member.filename
            if not name.endswith(".xml"):
                continue
            if member.file_size > MOST_PART:
                return f"{name} 展开后超过 {MOST_PART // 2**20} MB"
            if name.startswith("xl/worksheets/"):
                merged = sum(_area(found[1]) for found in _MERGED.finditer(package.read(member)))
                if merged > MOST_MERGED:
                    return f"{name} 里合并的单元格超过 {MOST_MERGED} 格"
    return ""


def _area(reference: bytes) -> int:
    left, top, right, bottom = range_boundaries(reference.decode("ascii", "replace"))
    return (int(right or 0) - int(left or 0) + 1) * (int(bottom or 0) - int(top or 0) + 1)


def _is_word(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "word/document.xml" in package.namelist()
    except Exception:  # noqa: BLE001 – what is no zip is looked at by the gate
        return False


def _refused(code: str, what: str, path: Path) -> Problem:
    return Problem(code, what, "整个文件都没有读", _KINDS[code], Place(path.name))
