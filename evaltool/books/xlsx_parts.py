"""What the cells of an .xlsx rest on: the package's parts and their relations, its texts, and its styles."""

from __future__ import annotations

import io
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import unquote

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from evaltool.books.book import BookError

MAIN = (
    "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}",
    "{http://purl.oclc.org/ooxml/spreadsheetml/main}",  # "Strict Open XML workbook"
)
_CHUNK = 1 << 16
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
    """Whatever goes wrong inside becomes a BookError that names the part. Memory is the caller's business."""
    try:
        yield
    except (BookError, MemoryError):
        raise
    except ET.ParseError as error:
        line, column = error.position
        raise BookError(f"部件 {part} 的第 {line} 行第 {column + 1} 个字符处写坏了") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BookError(f"部件 {part} 的压缩数据已损坏") from error
    except Exception as error:
        raise BookError(f"部件 {part} 读不通（{type(error).__name__}：{error}）") from error


class Relation(NamedTuple):
    """What a part refers to: `kind` is the last word of the relation's type, `target` a part or, outside, an address."""

    kind: str
    target: str
    outside: bool


class Package:
    """The parts of a package by name; names are compared as Office does, without regard to case."""

    def __init__(self, data: bytes) -> None:
        with reading("（整个压缩包）"):
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.members: dict[str, str] = {}
        for name in self.zip.namelist():
            key = name.replace("\\", "/").lstrip("/").casefold()
            if key in self.members:
                raise BookError(f"压缩包里有两个部件 {name}")
            self.members[key] = name

    def has(self, part: str) -> bool:
        return part.casefold() in self.members

    def read(self, part: str) -> bytes:
        if not self.has(part):
            raise BookError(f"缺少部件 {part}")
        with reading(part):
            return self.zip.read(self.members[part.casefold()])

    def root(self, part: str) -> ET.Element:
        """The whole of a part."""
        with reading(part):
            return ET.XML(self.read(part))

    def elements(self, part: str) -> Iterator[ET.Element]:
        """Every element of a part when it ends; the caller clears what it is done with, so a long part costs little."""
        if not self.has(part):
            raise BookError(f"缺少部件 {part}")
        parser = ET.XMLPullParser(("end",))
        with reading(part), self.zip.open(self.members[part.casefold()]) as stream:
            while chunk := stream.read(_CHUNK):
                parser.feed(chunk)
                for _, element in parser.read_events():
                    yield element
            parser.close()
            for _, element in parser.read_events():
                yield element

    def relations(self, part: str) -> dict[str, Relation]:
        """By id, what `part` refers to (`""` is the package itself); none where it has no list of them."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(listed):
            return {}
        found: dict[str, Relation] = {}
        for each in self.root(listed):
            if local(each.tag) != "Relationship":
                continue
            key, target = each.get("Id", ""), each.get("Target", "")
            if key in found:
                raise BookError(f"部件 {listed} 里有两个 {key}")
            outside = each.get("TargetMode") == "External"
            if not outside:
                target = self._resolved(folder, target.replace("\\", "/"))
            found[key] = Relation(each.get("Type", "").rpartition("/")[2], target, outside)
        return found

    def _resolved(self, folder: str, target: str) -> str:
        path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
        return path if self.has(path) else unquote(path)


class Text(NamedTuple):
    """A text and how it is struck out: in a cell whose font is plain, and in one whose font is struck out."""

    text: str
    plain: str = ""
    struck: str = "all"


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
    if len(element) == 1 and element[0].tag.endswith("}t"):
        text = element[0].text or ""
        return Text(unescaped(text) if "_x" in text else text)
    runs: list[tuple[str, bool | None]] = []  # and whether it is struck out; None: as the cell's font
    for part in element:
        name = local(part.tag)
        if name == "t":
            runs.append((unescaped(part.text or ""), None))
        elif name == "r":
            own = next((each for each in part if local(each.tag) == "rPr"), None)
            text = "".join(each.text or "" for each in part if local(each.tag) == "t")
            runs.append((unescaped(text), None if own is None else struck_out(own)))
    shown = [struck for text, struck in runs if text.strip()]
    return Text("".join(text for text, _ in runs), _extent(shown, font=False), _extent(shown, font=True))


def _extent(runs: list[bool | None], *, font: bool) -> str:
    struck = [font if run is None else run for run in runs]
    if all(struck):
        return "all" if struck or font else ""
    return "part" if any(struck) else ""


def struck_out(font: ET.Element) -> bool:
    """Whether `<font>` or `<rPr>` strikes out."""
    return any(local(each.tag) == "strike" and truth(each.get("val", "1")) for each in font)


def shared_strings(package: Package, part: str) -> list[Text]:
    """The texts that cells name by number."""
    found: list[Text] = []
    for element in package.elements(part):
        if element.tag.endswith("}si"):
            found.append(text_of(element))
            element.clear()
    return found


class Look(NamedTuple):
    """How a cell is shown: the format's code, whether numbers in it are dates or durations, whether it is struck out."""

    format: str = "General"
    date: bool = False
    duration: bool = False
    struck: bool = False


def looks(package: Package, part: str) -> list[Look]:
    """By number, how cells are shown (`cellXfs`)."""
    groups: dict[str, ET.Element] = {local(group.tag): group for group in package.root(part)}
    own = {each.get("numFmtId", ""): each.get("formatCode", "") for each in groups.get("numFmts", ())}
    struck = [struck_out(font) for font in groups.get("fonts", ())]
    made: dict[str, Look] = {}
    found = []
    with reading(part):
        for xf in groups.get("cellXfs", ()):
            number, font = xf.get("numFmtId", "0"), int(xf.get("fontId", "0"))
            if number not in made:
                code = own.get(number) or BUILTIN_FORMATS.get(int(number)) or _CHINESE_FORMATS.get(int(number))
                made[number] = _look(code or "General")
            look = made[number]
            found.append(look._replace(struck=True) if font < len(struck) and struck[font] else look)
    return found


def _look(code: str) -> Look:
    return Look(code, is_date_format(code), is_timedelta_format(code))
