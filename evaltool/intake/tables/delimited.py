"""From the bytes of a CSV file to its records: the encoding, the separator and the line ends are found, never guessed.

Excel alone writes five kinds: UTF-8 with a mark, the local code page (GB18030), UTF-16 with tabs (“Unicode 文本”),
semicolons where the system's list separator says so, and lone carriage returns from old Macs.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from contextlib import suppress

SEPARATORS = ",;\t"
SEPARATOR_NAMES = {",": "逗号", ";": "分号", "\t": "制表符"}
_SAMPLE = 60  # records by which the separator is found
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')  # ="007": how Excel is made to keep a text as it is
_SAVE_AS = "另存为“CSV UTF-8（逗号分隔）”再用"


class Undelimited(Exception):
    """Why a file cannot be taken apart, in Chinese."""


def records(data: bytes) -> list[list[str]]:
    """Every record of the file, blank ones too, so that the number of a record is the number of its row in Excel.

    Raises Undelimited where the encoding, the separator, the quotes or the line ends are unclear.
    """
    text = decoded(data)
    told = _SEP_LINE.match(text)
    separator = told[1] if told else _separator(text)
    _line_ends(text)
    made: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        made.extend(reader)
    except csv.Error as error:
        if "field larger" in str(error):
            what = f"到第 {reader.line_num} 行，一格超过 {csv.field_size_limit()} 个字符，多半是引号没有配对"
            raise Undelimited(what) from error
        raise Undelimited(f"到第 {reader.line_num} 行，引号没有配对") from error
    if told:
        made[0] = []
    if '="' in text or '"=""' in text:
        made = [[_bare(cell) for cell in record] for record in made]
    return made


def decoded(data: bytes) -> str:
    """The text of the file. Raises Undelimited where bytes are left that no encoding explains."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    try:
        text = data.decode(marked) if marked else _unmarked(data)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Undelimited(f"第 {line} 行附近有坏字节，不是完整的文本；{_SAVE_AS}") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Undelimited(f"第 {line} 行有空字节（NUL），不是普通的 CSV；{_SAVE_AS}")
    return text.lstrip("\ufeff")


def _unmarked(data: bytes) -> str:
    """UTF-8 where it is, else GB18030; a UTF-8 file with a few spoiled bytes is neither."""
    if b"\0" in data[:4096]:
        return data.decode("latin-1")  # told as NUL; a UTF-16 file without its mark too
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        loose = data.decode("utf-8", errors="replace")
        whole = sum(ch > "\x7f" and ch != "\ufffd" for ch in loose)
        if whole > 10 * loose.count("\ufffd"):
            raise
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            raise error from None


def _separator(text: str) -> str:
    """The one separator by which the first records fall into columns. Raises Undelimited where several do."""
    sample = text[: 1 << 18]
    possible = [mark for mark in SEPARATORS if mark in sample]
    if len(possible) < 2:
        return possible[0] if possible else ","
    common, strict = [], []
    for mark in possible:
        widths = _widths(sample, mark)
        counts = Counter(widths)
        width = min(counts, key=lambda one: (-counts[one], one))
        if width > 1:
            common.append(mark)
            if len(counts) == 1:
                strict.append(mark)
    for found in (strict, common):
        if len(found) == 1:
            return found[0]
    if not common:
        return ","
    names = "、".join(SEPARATOR_NAMES[mark] for mark in common)
    raise Undelimited(f"分不清各列是用哪个符号隔开的（{names}都像）；{_SAVE_AS}")


def _widths(sample: str, mark: str) -> list[int]:
    """How many columns the first records have, blank ones aside."""
    widths: list[int] = []
    with suppress(csv.Error):  # what is wrong is told when the whole is read
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=mark):
            if any(cell.strip() for cell in record):
                widths.append(len(record))
            if len(widths) == _SAMPLE:
                break
    return widths or [1]


def _line_ends(text: str) -> None:
    """A lone carriage return among proper line ends would cut a row in two."""
    if "\r" not in text or not re.search(r"\r(?!\n)", text):
        return
    bare = _QUOTED.sub('""', text)
    lone = re.search(r"\r(?!\n)", bare)
    if lone and "\n" in bare:
        line = bare[: lone.start()].count("\n") + 1
        raise Undelimited(f"第 {line} 行中间有单独的回车，分不清是换行还是格里的内容；删去它，或给这一格加双引号")


def _bare(cell: str) -> str:
    found = _AS_TEXT.fullmatch(cell) if cell.startswith("=") else None
    return found[1].replace('""', '"') if found else cell
