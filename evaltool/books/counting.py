"""How much a workbook holds, and whether every cell stands where it says: counted in the bytes, before they are read.

The limits lie far above any template (the largest has 6,200 cells) and above what people make by pasting rows and
formatting whole columns, and below what would keep a reader busy for more than a few seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from evaltool.books.book import address
from evaltool.books.markup import MOST_ELEMENTS, walk
from evaltool.books.ooxml import SPREADSHEET
from evaltool.books.package import Refusal

MOST_CELLS = 500_000  # of the workbook, empty but formatted ones included
MOST_ROWS = 600_000  # of the workbook: rows that are only formatted cost a reader about 2 µs each
MOST_MERGED = 2**20 + 100_000  # cells covered by merged ranges: one whole column, and more
LAST_ROW, LAST_COLUMN = 2**20, 2**14  # Excel's
_BLANK = "（空白但设了格式的也算）"
_SHRINK = "删去空白的格式行列和无关的表（选中多余的行或列，右键删除），另存一份再报"
_MEND = "在 Excel 或 WPS 里打开修复，另存为 .xlsx 再报"
_ADDRESS = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
# every cell and row with its address, empty where it has none or writes it unusually
_PLACES = re.compile(rb"<(?:c|row)\b(?:[^<>']*?\sr=\"([A-Z0-9]*)\")?")
_PREFIX = re.compile(rb":(?:c|row)[\s/>]")
_PREFIXED = re.compile(rb"<(?:[^\s<>/:=]++:)?+(?:c|row)\b(?:[^<>']*?\sr=\"([A-Z0-9]*)\")?")
# the addresses in order: each row's number, then the cells of that row, all within Excel's limits
_IN_PLACE = re.compile(
    rb"(?:([1-9]\d{0,5}|10[0-3]\d{4}|104[0-7]\d{3}|1048[0-4]\d\d|10485[0-6]\d|104857[0-6]) "
    rb"(?:(?:[A-Z]{1,2}|[A-W][A-Z]{2}|X[A-E][A-Z]|XF[A-D])\1 )*+)*+"
)
_MERGED = re.compile(rb"mergeCell\s[^<>]*?ref\s*=\s*[\"']\$?([A-Za-z]+)\$?(\d+)(?::\$?([A-Za-z]+)\$?(\d+))?[\"']")
_SLACK = 400_000  # elements whose names only start like those of cells and rows
_USUAL = b"<c r="
_TAGS = (b"<c", b":c", b"<row", b":row")


class Limit(NamedTuple):
    """Of elements of one name in one part: how many at most and what they are called."""

    element: bytes
    most: int
    called: str


# in a sheet
SHEET_LIMITS = (
    Limit(b"c", MOST_CELLS, f"个单元格{_BLANK}"),
    Limit(b"row", MOST_ROWS, f"行{_BLANK}"),
    Limit(b"mergeCell", 20_000, "处合并单元格"),  # 60,000 keep openpyxl busy for a minute
    Limit(b"conditionalFormatting", 20_000, "条条件格式"),
    Limit(b"cfRule", 40_000, "条条件格式规则"),
    Limit(b"dataValidation", 65_534, "条数据有效性"),  # Excel's own limit
    Limit(b"hyperlink", 65_530, "个超链接"),  # Excel's own limit
    Limit(b"col", 16_384, "段列格式"),  # Excel's own limit: one for each column
)
# in the styles
STYLE_LIMITS = (
    Limit(b"xf", 2 * 65_490, "种单元格格式"),  # Excel's own limit, once for cells and once for named styles
    Limit(b"numFmt", 20_000, "种数字格式"),
    Limit(b"font", 65_490, "种字体"),
    Limit(b"dxf", 65_490, "种条件格式的样子"),
)
STRING_LIMITS = (Limit(b"si", 1_000_000, "条文字"),)
COMMENT_LIMITS = (Limit(b"comment", 20_000, "条批注"),)
MOST_NAMES = 60_000  # workbooks copied from one another for years collect names by the ten thousand


class Size(NamedTuple):
    """Of one sheet or of several."""

    cells: int = 0
    rows: int = 0
    merged: int = 0

    def plus(self, other: Size) -> Size:
        return Size(self.cells + other.cells, self.rows + other.rows, self.merged + other.merged)


def counted(data: bytes, limits: tuple[Limit, ...], where: str) -> None:
    """Raises Refusal where a part has more of something than its limit."""
    for element, most, called in limits:
        shortest = len(element) + 3
        if len(data) // shortest <= most or data.count(element) <= most:  # both see too many rather than too few
            continue
        found = len(re.findall(rb"<(?:[^\s<>/:=]++:)?+" + element + rb"[\s/>]", data))
        if found > most:
            raise Refusal("W111", f"{where}有 {found} {called}，最多读 {most}", _SHRINK)


def within(size: Size, where: str) -> None:
    """Raises Refusal where there are too many cells, rows or merged cells."""
    limits = (MOST_CELLS, f"个单元格{_BLANK}"), (MOST_ROWS, f"行{_BLANK}"), (MOST_MERGED, "个被合并的单元格")
    for number, (most, called) in zip(size, limits, strict=True):
        if number > most:
            raise Refusal("W111", f"{where}有 {number} {called}，最多读 {most}", _SHRINK)


def bounded(chunks: Iterable[bytes], size: int, title: str) -> bytes:
    """The pieces of a sheet of `size` bytes put together. Raises Refusal as soon as they hold far too much."""
    if size < 2**20:
        return b"".join(chunks)  # has no room for so much
    kept: list[bytes] = []
    tags = cells = 0
    for chunk in chunks:
        kept.append(chunk)
        cells += chunk.count(_USUAL)
        tags += sum(map(chunk.count, _TAGS))
        if cells > MOST_CELLS:
            raise Refusal("W111", f"工作表“{title}”的单元格超过 {MOST_CELLS} 个{_BLANK}", _SHRINK)
        if tags > MOST_CELLS + MOST_ROWS + _SLACK:
            what = f"工作表“{title}”的单元格和行超过 {tags} 个{_BLANK}，最多读 {MOST_CELLS} 个单元格"
            raise Refusal("W111", what, _SHRINK)
    return b"".join(kept)


def measured(data: bytes, part: str, title: str) -> Size:
    """The size of a sheet. Raises Refusal for a cell beyond Excel's limits, outside its row, or there twice."""
    where = f"工作表“{title}”"
    counted(data, SHEET_LIMITS, where)
    first = data.find(b"mergeCell")
    merged = sum(_area(*found) for found in _MERGED.findall(data, first)) if first >= 0 else 0
    size = _plain(data) or _careful(data, part, where)
    size = size._replace(merged=merged)
    within(size, where)
    return size


def _plain(data: bytes) -> Size | None:
    """The size of a sheet that is written as the usual programs write it and has nothing wrong; else None."""
    if b"<!" in data or data.count(b"<?") > 1:
        return None  # a comment or CDATA may hide or imitate cells
    places = (_PREFIXED if _PREFIX.search(data) else _PLACES).findall(data)
    in_order = b" ".join([*places, b""])
    if len(set(places)) != len(places) or not _IN_PLACE.fullmatch(in_order):
        return None
    rows = sum(map(bytes.isdigit, places))
    return Size(len(places) - rows, rows)


def _careful(data: bytes, part: str, where: str) -> Size:
    """The size of a sheet written in any way that XML allows; here it is said what is wrong.

    That there are not too many cells and rows is known before.
    """
    rows: set[int] = set()
    cells: set[tuple[int, int]] = set()
    row = column = 0

    def start(namespace: str, name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        if namespace not in SPREADSHEET or name not in ("row", "c"):
            return
        if name == "row":
            row, column = _row(attributes.get("r"), row, where), 0
            if row in rows:
                raise Refusal("W102", f"{where}里第 {row} 行有两个，分不清用哪一个", _MEND)
            rows.add(row)
        else:
            column = _column(attributes.get("r"), row, column, where)
            if (row, column) in cells:
                raise Refusal("W102", f"{where}里 {address(row, column)} 有两个，分不清用哪一个", _MEND)
            cells.add((row, column))

    walk(data, part, start, MOST_ELEMENTS)
    return Size(len(cells), len(rows))


def _row(said: str | None, before: int, where: str) -> int:
    if said is None:
        row = before + 1
    elif re.fullmatch("[1-9][0-9]{0,9}", said):
        row = int(said)
    else:
        raise Refusal("W102", f"{where}里有一行的行号是“{said[:20]}”", _MEND)
    if row > LAST_ROW:
        raise Refusal("W102", f"{where}里有第 {row} 行，Excel 只到第 {LAST_ROW} 行", _MEND)
    return row


def _column(said: str | None, row: int, before: int, where: str) -> int:
    """The column of a cell, which stands in `row`."""
    if said is None:
        column = before + 1
    else:
        found = _ADDRESS.fullmatch(said)
        if found is None:
            raise Refusal("W102", f"{where}里有单元格的地址是“{said[:20]}”", _MEND)
        if int(found[2]) != row:
            raise Refusal("W102", f"{where}第 {row} 行里有单元格自称是 {said}", _MEND)
        column = _number(found[1])
    if column > LAST_COLUMN:
        raise Refusal("W102", f"{where}里有单元格 {said or address(row, column)}，超出了 Excel 的最后一列 XFD", _MEND)
    return column


def _number(letters: str) -> int:
    """`AB` → 28."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _area(left: bytes, top: bytes, right: bytes, bottom: bytes) -> int:
    """Cells of a merged range, however its corners are given; one that reaches too far counts as far as it reaches."""
    across = abs(_number((right or left).decode()[:4]) - _number(left.decode()[:4])) + 1
    return across * (abs(int((bottom or top)[:8]) - int(top[:8])) + 1)
