"""What the cells of an .xlsx rest on: the XML of its parts, its texts, and its styles."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE, is_date_format, is_timedelta_format

from evaltool.books.book import BookError, Piece
from evaltool.books.markup import characters
from evaltool.books.ooxml import SPREADSHEET
from evaltool.books.package import Package, Refusal

MAIN = tuple(f"{{{name}}}" for name in SPREADSHEET)
_CHUNK = 1 << 16
_SHORT = 1 << 20  # bytes: some 20,000 cells, 20 MB as a tree
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Formats that a Chinese Excel or WPS names by number alone, without writing them down (ECMA-376 part 1, 18.8.30)
_YEAR_MONTH, _MONTH_DAY = 'yyyy"年"m"月"', 'm"月"d"日"'
_NOON, _NOON_SECONDS = '上午/下午h"时"mm"分"', '上午/下午h"时"mm"分"ss"秒"'
_CHINESE_FORMATS = {
    27: _YEAR_MONTH, 28: _MONTH_DAY, 29: _MONTH_DAY, 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"', 34: _NOON, 35: _NOON_SECONDS, 36: _YEAR_MONTH, 50: _YEAR_MONTH, 51: _MONTH_DAY,
    52: _YEAR_MONTH, 53: _MONTH_DAY, 54: _MONTH_DAY, 55: _NOON, 56: _NOON_SECONDS, 57: _YEAR_MONTH, 58: _MONTH_DAY,
}  # fmt: skip


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


def truth(text: str | None) -> bool:
    """An attribute's truth value; absent is false."""
    return text is not None and text.strip() in ("1", "true", "on")


@contextmanager
def reading(part: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes a BookError that names the part; want of memory stays what it is."""
    try:
        yield
    except (BookError, MemoryError):
        raise
    except ET.ParseError as error:
        line, column = error.position
        raise BookError(f"部件 {part} 的第 {line} 行第 {column + 1} 个字符处写坏了") from error
    except Refusal as error:
        raise BookError(error.what) from error
    except Exception as error:
        raise BookError(f"部件 {part} 里有写坏的内容（{type(error).__name__}）") from error


def content(package: Package, part: str) -> bytes:
    """A part's XML. Raises BookError where there is none."""
    if part not in package.parts:
        raise BookError(f"缺少部件 {part}")
    return characters(package.read(part), part)


def root(package: Package, part: str, name: str) -> ET.Element:
    """The whole of a part, whose outermost element has this name."""
    with reading(part):
        whole = ET.XML(content(package, part))
    expect(whole, part, name)
    return whole


def expect(whole: ET.Element | None, part: str, name: str) -> None:
    """Raises BookError where the outermost element is another one."""
    if whole is None or not whole.tag.startswith(MAIN) or local(whole.tag) != name:
        raise BookError(f"部件 {part} 里不是应有的内容（{name}）")


def elements(package: Package, part: str, tags: Collection[str]) -> Iterator[ET.Element]:
    """The elements of a part with these tags, and at the end its root whatever its tag.

    A long part is read in pieces, so that what the caller clears is gone; a short one at once, which is quicker.
    """
    with reading(part):
        data = content(package, part)
        if len(data) <= _SHORT:
            whole = ET.XML(data)
            for tag in tags:
                yield from whole.iter(tag)
            yield whole
            return
        parser: Any = ET.XMLPullParser(("end",))
        element: ET.Element | None = None
        for at in range(0, len(data), _CHUNK):
            parser.feed(data[at : at + _CHUNK])
            for _, element in parser.read_events():
                if element.tag in tags:
                    yield element
        parser.close()
        if element is not None:
            yield element


class Text(NamedTuple):
    """A text and what is struck out of it (as in `Cell.struck`): in a cell whose font is plain, and in one whose font
    is struck out. `runs`: text, whether it is struck out (None: as the cell's font), whether it is raised or lowered.
    """

    text: str
    plain: str = ""
    struck: str = "all"
    runs: tuple[tuple[str, bool | None, bool], ...] = ()

    def pieces(self, struck: bool) -> tuple[Piece, ...]:
        """Its runs in a cell whose font is struck out or not."""
        return tuple(Piece(text, struck if out is None else out, raised) for text, out, raised in self.runs)


def unescaped(text: str) -> str:
    """`_x000D_` → the character it stands for (ST_Xstring)."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def text_of(element: ET.Element) -> Text:
    """The text of `<si>` or `<is>`: plain or in runs, without how it is pronounced (`rPh`)."""
    if len(element) == 1 and element[0].tag.endswith("}t") and not len(element[0]):
        text = element[0].text or ""
        return Text(unescaped(text) if "_x" in text else text)
    runs: list[tuple[str, bool | None, bool]] = []
    for part in element:
        name = local(part.tag)
        if name == "t" and len(part):
            raise BookError(f"文字“{part.text or ''}”里有不认识的内容 {local(part[0].tag)}")
        if name == "t":
            runs.append((unescaped(part.text or ""), None, False))
        elif name == "r":
            own = next((each for each in part if local(each.tag) == "rPr"), None)
            text = "".join(each.text or "" for each in part if local(each.tag) == "t")
            struck, high = (None, False) if own is None else (struck_out(own), _raised(own))
            runs.append((unescaped(text), struck, high))
    whole, kept = "".join(text for text, _, _ in runs), tuple(runs)
    raised = [high for text, _, high in runs if text.strip()]
    if any(raised) and not all(raised):  # 12345.67¹: the mark of a footnote is no digit
        return Text(whole, "raised", "raised", kept)
    shown = [struck for text, struck, _ in runs if text.strip()]
    return Text(whole, _extent(shown, font=False), _extent(shown, font=True), kept)


def _extent(runs: list[bool | None], *, font: bool) -> str:
    struck = [font if run is None else run for run in runs]
    if all(struck):
        return "all" if struck or font else ""
    return "part" if any(struck) else ""


def _raised(font: ET.Element) -> bool:
    """Whether `<rPr>` raises or lowers the line."""
    return any(local(each.tag) == "vertAlign" and each.get("val") in ("superscript", "subscript") for each in font)


def struck_out(font: ET.Element) -> bool:
    """Whether `<font>` or `<rPr>` strikes out."""
    return any(local(each.tag) == "strike" and truth(each.get("val", "1")) for each in font)


def shared_strings(package: Package, part: str) -> list[Text]:
    """The texts that cells name by number."""
    found: list[Text] = []
    tags, element = {f"{main}si" for main in MAIN}, None
    for element in elements(package, part, tags):
        if element.tag in tags:
            found.append(text_of(element))
            element.clear()
    expect(element, part, "sst")
    return found


class Look(NamedTuple):
    """How a cell is shown: the format's code, whether it makes numbers dates or durations, whether it is struck out."""

    format: str = "General"
    date: bool = False
    duration: bool = False
    struck: bool = False


def looks(package: Package, part: str) -> list[Look | None]:
    """By number, how cells are shown (`cellXfs`); None for a format of the file's own that it does not spell out."""
    groups: dict[str, ET.Element] = {local(group.tag): group for group in root(package, part, "styleSheet")}
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in groups.get("numFmts", ())}
    struck = [struck_out(font) for font in groups.get("fonts", ())]
    made: dict[str, Look | None] = {}
    found: list[Look | None] = []
    with reading(part):
        for xf in groups.get("cellXfs", ()):
            number, font = xf.get("numFmtId", "0"), int(xf.get("fontId", "0"))
            if number not in made:
                lost = int(number) >= BUILTIN_FORMATS_MAX_SIZE and number not in own
                made[number] = None if lost else look_of(int(number), own.get(number))
            look = made[number]
            found.append(look._replace(struck=True) if look and font < len(struck) and struck[font] else look)
    return found


def look_of(number: int, own: str | None = None) -> Look:
    """How number format `number` shows a cell; `own` is its code where the file spells it out."""
    return _look(own or BUILTIN_FORMATS.get(number) or _CHINESE_FORMATS.get(number) or "General")


@lru_cache(maxsize=1000)
def _look(code: str) -> Look:
    return Look(code, is_date_format(code), is_timedelta_format(code))
