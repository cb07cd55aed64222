"""An XML part before a reader sees it: its characters, what it declares, whether it is whole and how deep it nests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from evaltool.books.package import Refusal

DEEPEST = 64  # elements inside one another; a chart has about 20
_FEW = 20_000  # tags that no reader minds, however they nest
MOST_ELEMENTS = 4_000_000  # of a part that holds cells or texts
_MOST_LISTED = 400_000  # of a part that lists sheets, names, relations
_LONGEST_TAG = 2**20  # a conditional format may list thousands of ranges, about 100 KB
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_DECLARED = re.compile(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"'<>]*)[\"'][^>]*\?>")
_ENCODINGS = {b"utf-8", b"us-ascii", b"iso-8859-1"}  # those that expat knows and in which `<` is one byte
_LONG_TAG = re.compile(rb"<[^<>]{%d}" % 60000)
_MEND = "在 Excel 或 WPS 里打开修复，另存为 .xlsx 再报"
_AFRESH = "把内容填进下发的模板再报"
_KEPT = bytes(set(range(256)) - set(b"<\1\2"))
Start = Callable[[str, str, dict[str, str]], None]


def characters(data: bytes, part: str) -> bytes:
    """The part in an encoding in which tags are ASCII. Raises Refusal for others, and for declarations of types."""
    if (wide := _wide(data)) is not None:
        try:
            text = data.decode(wide).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise Refusal("W102", f"部件 {part} 的文字不成字（UTF-16 不完整）", _MEND) from error
        data = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8")
    elif (found := _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))) and found[1].lower() not in _ENCODINGS:
        named = found[1][:40].decode("ascii", "replace")
        raise Refusal("W102", f"部件 {part} 声明的编码（{named}）不是办公软件用的", _MEND)
    undeclared(data, part)
    if b"\0" in data:
        raise Refusal("W102", f"部件 {part} 里有零字符", _MEND)
    return data


def undeclared(data: bytes, part: str) -> None:
    """Raises Refusal where a document type is declared, in whatever encoding of those that start with a `<`."""
    for declared in ("<!DOCTYPE", "<!ENTITY"):
        wide = _wide(data)
        if (declared.encode() if wide is None else declared.encode(wide)) in data:
            what = f"部件 {part} 里有文档类型声明（DOCTYPE），可用来引入外部文件或无限展开"
            raise Refusal("W123", what, _AFRESH)


def _wide(data: bytes) -> str | None:
    return _BOMS.get(data[:2])


def shallow(data: bytes, part: str) -> None:
    """Raises Refusal if a part of many tags nests too deep or has endless ones. `data` as `characters` gives it.

    Whether it is well-formed is not asked: the reader goes through every character anyway and says where it breaks.
    """
    endless = len(data) > _LONGEST_TAG and _LONG_TAG.search(data) is not None
    if endless or (data.count(b"<") > _FEW and not _cancels(data)):
        walk(data, part, _nothing, MOST_ELEMENTS)


def walk(data: bytes, part: str, start: Start, most: int = _MOST_LISTED) -> None:
    """Calls `start(namespace, name, attributes)` for every element. Raises Refusal where the part
    is not well-formed or nests too deep.

    Costs 5 ms for 250 KB, so it is for short parts and for those that look odd.
    """
    if (tags := data.count(b"<")) > 2 * most:
        raise Refusal("W111", f"部件 {part} 里有 {tags} 个标签，最多读 {2 * most} 个", _AFRESH)
    depth = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Refusal("W111", f"部件 {part} 的元素嵌套超过 {DEEPEST} 层", _AFRESH)
        if sum(map(len, attributes.values())) > _LONGEST_TAG:
            raise Refusal("W111", f"部件 {part} 里有超过 {_LONGEST_TAG // 2**20} MB 的属性", _AFRESH)
        namespace, _, name = tag.rpartition("}")
        start(namespace, name, attributes)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser: Any = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _broken(part, error) from error


def _nothing(namespace: str, name: str, attributes: dict[str, str]) -> None:
    """Nothing but depth is asked."""


def _broken(part: str, error: expat.ExpatError) -> Refusal:
    return Refusal("W102", f"部件 {part} 第 {error.lineno} 行第 {error.offset + 1} 个字符处写坏了，后面读不下去", _MEND)


def _cancels(data: bytes) -> bool:
    """Whether a part surely nests at most DEEPEST deep: its tags, stripped to `<`, are cancelled from inside.

    May say no of a shallow part (one with `/>` in a text).
    """
    tags = data[data.find(b"?>") + 2 :] if b"<?xml" in data[:8] else data
    tags = tags.replace(b"</", b"\1").replace(b"/>", b"\2").translate(None, _KEPT)
    for _ in range(DEEPEST):
        if not tags:
            return True
        before = len(tags)
        tags = tags.replace(b"<\2", b"").replace(b"<\1", b"")
        if len(tags) == before:
            return False
    return not tags
