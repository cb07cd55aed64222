"""Reading .xls and WPS .et: the BIFF records of each sheet, cell by cell, into a `Book`.

The container is followed by `compound`, fonts and formats are read by xlrd, the cells here: so it is known which cell
is a formula, whether its stored value was ever worked out, and no record can cost more than its own length.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import Any

from xlrd.biffh import error_text_from_code

from evaltool.books.biff_globals import BOF, CONTINUE, EOF, Globals, Where, read_globals, records
from evaltool.books.biff_strings import Line, Reading, Rich, StringError, pieces, struck
from evaltool.books.biff_tokens import Undecoded, decode
from evaltool.books.book import IN_PART, At, Book, BookError, Cell, Sheet, address
from evaltool.books.compound import SIGNATURE, CompoundError, Container
from evaltool.books.counting import MOST_CELLS
from evaltool.books.xlsx_parts import Look
from evaltool.books.xlsx_values import epoch_of, moment

MOST_MERGED = 200_000  # cells in merged ranges
UNDECODED = "=（.xls 的公式）"
(
    _NUMBER, _RK, _MULRK, _LABELSST, _LABEL, _RSTRING, _BOOLERR, _STRING, _SHRFMLA, _ARRAY,
    _ROW, _DEFAULTROWHEIGHT, _COLINFO, _MERGEDCELLS, _UNCALCED,
) = (
    0x0203, 0x027E, 0x00BD, 0x00FD, 0x0204, 0x00D6, 0x0205, 0x0207, 0x04BC, 0x0221,
    0x0208, 0x0225, 0x007D, 0x00E5, 0x005E,
)  # fmt: skip
_FORMULAS = (0x0006, 0x0206, 0x0406)  # the later two are of Excel 3 and 4; some programs go on writing them
_ON_LOAD = 0x0002  # of a formula: to be worked out when the file is opened
_SHARED_FORMULA = 0x01


@dataclass
class _Page:
    """One sheet while it is being read.

    formulas  cell → tokens
    shared    cell in which a shared or array formula is kept → its tokens and whether addresses are relative
    """

    sheet: Sheet
    whole: Globals
    formulas: dict[At, bytes] = field(default_factory=dict)
    shared: dict[At, tuple[bytes, bool]] = field(default_factory=dict)
    rows: dict[int, bool] = field(default_factory=dict)
    columns: set[int] = field(default_factory=set)
    rows_hidden: bool = False
    stored: bool = False
    uncalculated: bool = False
    waiting: At | None = None

    def put(self, row: int, column: int, xf: int, raw: Any, *, formula: bool = False, error: bool = False,
            runs: tuple[tuple[int, int], ...] = ()) -> None:  # fmt: skip
        """One cell, row and column from 0."""
        at = (row + 1, column + 1)
        look = self.whole.looks[xf] if xf < len(self.whole.looks) else Look()
        out, written = "all" if look.struck else "", ""
        if isinstance(raw, float):
            raw, written, error = _amount(raw, look, self.whole)
        elif isinstance(raw, str) and not error:
            parts = pieces(raw, runs, self.whole.own[xf] if xf < len(self.whole.own) else Line(), self.whole.lines)
            out = struck(parts, look.struck)
            if out in IN_PART:
                self.sheet.pieces[at] = parts
        cell = Cell(raw, look.format, UNDECODED if formula else "", error, written, out)
        if at in self.sheet.cells and self.sheet.cells[at] != cell:
            raise BookError(f"工作表“{self.sheet.title}”的 {address(*at)} 在文件里写了两次，分不清哪个算数")
        self.sheet.cells[at] = cell


def _amount(value: float, look: Look, whole: Globals) -> tuple[Any, str, bool]:
    """A stored double as date, whole number or float; as it is written; whether it is no number at all."""
    if not math.isfinite(value):
        return str(value), str(value), True
    plain = int(value) if value.is_integer() and abs(value) < 1e16 else value
    raw = moment(value, look, epoch_of(whole.since_1904)) if look.date else plain
    return plain if raw == value else raw, repr(plain), False


def read_xls(data: bytes, name: str, sha256: str) -> Book:
    """The workbook in `data`. Raises BookError, with why in Chinese, for everything that cannot be read."""
    try:
        stream = _workbook(data)
        whole = read_globals(stream)
        pages = []
        for number, where in enumerate(whole.sheets):
            end = min((other.start for other in whole.sheets if other.start > where.start), default=len(stream))
            pages.append(_page(stream, where, number, end, whole))
            if sum(len(page.sheet.cells) for page in pages) > MOST_CELLS:
                raise BookError(f"填了超过 {MOST_CELLS // 10000} 万格，不像是人填的表")
        calculated = whole.calculated or any(page.stored for page in pages)
        for page in pages:
            _finish(page, calculated)
    except BookError:
        raise
    except StringError as error:
        raise BookError("文字的内容不完整，与它自己写的长度对不上") from error
    except (IndexError, struct.error) as error:
        raise BookError("单元格的内容不完整，或指着文件里没有的文字") from error
    except Exception as error:  # xlrd raises whatever a broken font or format leads it to
        raise BookError("工作簿的内容已损坏") from error
    formulas = any(page.formulas for page in pages)
    uncalculated = formulas and (not calculated or any(page.uncalculated for page in pages))
    return Book(name, sha256, "xls", [page.sheet for page in pages], uncalculated, whole.links)


def _workbook(data: bytes) -> bytes:
    """The stream that holds the workbook; a file without a container is that stream itself."""
    if not data.startswith(SIGNATURE):
        return data
    try:
        container = Container(data)
        top = container.top()
        found = [entry for name in ("workbook", "book") for entry in top.get(name, [])]
        if not found:
            raise BookError("里面没有工作簿，像是改了后缀的别的文件")
        if len(found) > 1 and found[0].name.lower() == found[1].name.lower():
            raise BookError("里面有两个同名的工作簿")
        return container.stream(found[0])
    except CompoundError as error:
        raise BookError("文件不完整或已损坏") from error


def _page(stream: bytes, where: Where, number: int, end: int, whole: Globals) -> _Page:
    page = _Page(Sheet(where.title, number, {}, state=where.state), whole)
    depth = 0
    text: list[bytes] = []
    for record in records(stream, where.start):
        if record.start >= end:
            raise BookError(f"工作表“{where.title}”的内容与另一张表重叠")
        if record.start == where.start and record.number != BOF:
            raise BookError(f"找不到工作表“{where.title}”的内容")
        if text and record.number != CONTINUE:
            _stored_text(page, text)
            text = []
        if record.number == BOF:
            depth += 1
        elif record.number == EOF:
            depth -= 1
            if not depth:
                return page
        elif depth == 1 and record.number == _STRING:
            text = [record.data]
        elif depth == 1 and record.number == CONTINUE and text:
            text.append(record.data)
        elif depth == 1 and record.number in _READERS:
            _READERS[record.number](page, record.data)
        if len(page.sheet.cells) > MOST_CELLS:
            break
    return page


def _stored_text(page: _Page, parts: list[bytes]) -> None:
    """The text that the formula before it came to."""
    if page.waiting is None:
        return
    cell = page.sheet.cells[page.waiting]
    text = Reading(parts).string().text if page.whole.wide else _narrow(page, parts[0], 0)
    page.sheet.cells[page.waiting] = cell._replace(raw=text)
    page.stored = page.stored or bool(text)
    page.waiting = None


def _narrow(page: _Page, data: bytes, at: int) -> str:
    """A string of Excel 5 and 95, in the code page of the file."""
    length = struct.unpack_from("<H", data, at)[0]
    return data[at + 2 : at + 2 + length].decode(page.whole.encoding, "replace")


def _number(page: _Page, data: bytes) -> None:
    page.put(*struct.unpack_from("<HHHd", data))


def _rk(page: _Page, data: bytes) -> None:
    row, column, xf = struct.unpack_from("<HHH", data)
    page.put(row, column, xf, _short(data, 6))


def _several(page: _Page, data: bytes) -> None:
    row, first = struct.unpack_from("<HH", data)
    for number in range((len(data) - 6) // 6):
        page.put(row, first + number, struct.unpack_from("<H", data, 4 + 6 * number)[0], _short(data, 6 + 6 * number))


def _short(data: bytes, at: int) -> float:
    """A number packed into four bytes: a double's upper 30 bits, or a whole number; either perhaps in hundredths."""
    packed = struct.unpack_from("<i", data, at)[0]
    if packed & 2:
        value = float(packed >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value


def _label(page: _Page, data: bytes) -> None:
    row, column, xf = struct.unpack_from("<HHH", data)
    found = Reading([data], 6).string() if page.whole.wide else Rich(_narrow(page, data, 6))
    page.put(row, column, xf, found.text)


def _rich_label(page: _Page, data: bytes) -> None:
    row, column, xf, length = struct.unpack_from("<HHHH", data)
    if not page.whole.wide:
        at = 9 + length
        runs = [(data[at + 2 * i], data[at + 2 * i + 1]) for i in range(data[at - 1] if at <= len(data) else 0)]
        return page.put(row, column, xf, _narrow(page, data, 6), runs=tuple(runs))
    reading = Reading([data], 6)
    text = reading.string().text
    count = struct.unpack_from("<H", data, reading.at)[0] if reading.at + 2 <= len(data) else 0
    found = tuple(struct.unpack_from("<HH", data, reading.at + 2 + 4 * i) for i in range(count))
    return page.put(row, column, xf, text, runs=found)


def _shared_label(page: _Page, data: bytes) -> None:
    row, column, xf, number = struct.unpack_from("<HHHI", data)
    found = page.whole.strings[number]
    page.put(row, column, xf, found.text, runs=found.runs)


def _truth(page: _Page, data: bytes) -> None:
    row, column, xf, value, error = struct.unpack_from("<HHHBB", data)
    page.put(row, column, xf, _error(value) if error else bool(value), error=bool(error))


def _error(code: int) -> str:
    return str(error_text_from_code.get(code, "#N/A"))


def _formula(page: _Page, data: bytes) -> None:
    row, column, xf = struct.unpack_from("<HHH", data)
    flags, _, length = struct.unpack_from("<HIH", data, 14)
    at = (row + 1, column + 1)
    kind, value, marked = data[6], data[8], data[12:14] == b"\xff\xff"
    raw: Any = struct.unpack_from("<d", data, 6)[0]
    error = marked and kind == 2
    page.waiting = None
    if marked:
        raw = {0: "", 1: bool(value), 2: _error(value), 3: ""}.get(kind)
    page.stored = page.stored or raw not in (0.0, "", None)
    page.put(row, column, xf, None if flags & _ON_LOAD and raw in (0.0, "") else raw, formula=True, error=error)
    if marked and kind == 0:
        page.waiting = at
    page.formulas[at] = data[22 : 22 + length]


def _shared(page: _Page, data: bytes) -> None:
    """A shared formula; it is kept once, at the first cell that uses it."""
    length = struct.unpack_from("<H", data, 8)[0]
    first = next(reversed(page.formulas), None)
    if first is not None:
        page.shared[first] = (data[10 : 10 + length], True)


def _array(page: _Page, data: bytes) -> None:
    row, _, column = struct.unpack_from("<HHB", data)
    length = struct.unpack_from("<H", data, 12)[0]
    page.shared[row + 1, column + 1] = (data[14 : 14 + length], False)


def _row(page: _Page, data: bytes) -> None:
    number, _, _, height = struct.unpack_from("<4H", data)
    page.rows[number + 1] = bool(data[12] & 0x20) or not height & 0x7FFF


def _default_row(page: _Page, data: bytes) -> None:
    page.rows_hidden = len(data) >= 4 and bool(data[0] & 0x02)


def _columns(page: _Page, data: bytes) -> None:
    first, last, width, _, flags = struct.unpack_from("<5H", data)
    if flags & 1 or width == 0:
        page.columns |= set(range(first + 1, min(last, 255) + 2))


def _merged(page: _Page, data: bytes) -> None:
    for at in range(2, min(len(data) - 7, 2 + 8 * struct.unpack_from("<H", data)[0]), 8):
        first, last, left, right = struct.unpack_from("<4H", data, at)
        name = f"{address(first + 1, left + 1)}:{address(last + 1, right + 1)}"
        if last < first or right < left or right > 255:
            raise BookError(f"工作表“{page.sheet.title}”的合并区 {name} 不成立")
        if (first, left) == (last, right):
            continue  # one cell merged with nothing
        last = min(last, 2000)
        if len(page.sheet.merges) + (last - first + 1) * (right - left + 1) > MOST_MERGED:
            raise BookError(f"工作表“{page.sheet.title}”的合并区太多太大，不像是人填的表")
        for row in range(first + 1, last + 2):
            page.sheet.merges.update({(row, column): name for column in range(left + 1, right + 2)})


def _uncalculated(page: _Page, _: bytes) -> None:
    page.uncalculated = True


_READERS = {
    **dict.fromkeys(_FORMULAS, _formula),
    _NUMBER: _number, _RK: _rk, _MULRK: _several, _LABELSST: _shared_label, _LABEL: _label,
    _RSTRING: _rich_label, _BOOLERR: _truth, _SHRFMLA: _shared, _ARRAY: _array, _ROW: _row,
    _DEFAULTROWHEIGHT: _default_row, _COLINFO: _columns, _MERGEDCELLS: _merged, _UNCALCED: _uncalculated,
}  # fmt: skip


def _finish(page: _Page, calculated: bool) -> None:
    """Formulas as text, values that were never worked out taken away, texts that are not there left out."""
    sheet = page.sheet
    for at, tokens in page.formulas.items():
        cell = sheet.cells[at]
        raw = None if cell.raw == "" and not calculated else cell.raw
        sheet.cells[at] = cell._replace(raw=raw, formula=_typed(page, at, tokens))
    for at in [at for at, cell in sheet.cells.items() if cell.raw == "" and not cell.formula]:
        del sheet.cells[at]
    filled = {row for row, _ in sheet.cells}
    hidden = {row for row, out in page.rows.items() if out}
    if page.rows_hidden:
        hidden |= filled - set(page.rows)
    sheet.hidden_rows, sheet.hidden_columns = frozenset(hidden), frozenset(page.columns)


def _typed(page: _Page, at: At, tokens: bytes) -> str:
    """The formula as text."""
    if not page.whole.wide:
        return UNDECODED
    relative = False
    if len(tokens) >= 5 and tokens[0] == _SHARED_FORMULA:
        row, column = struct.unpack_from("<HH", tokens, 1)
        tokens, relative = page.shared.get((row + 1, column + 1), (b"", False))
    try:
        return "=" + decode(tokens, at, page.whole.names, shared=relative)
    except Undecoded:
        return UNDECODED
