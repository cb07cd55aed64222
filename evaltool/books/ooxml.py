"""What an Office package says it is: content types, relations, and the sheets that a workbook lists."""

from __future__ import annotations

import posixpath
from typing import NamedTuple
from urllib.parse import unquote

from evaltool.books.markup import characters, walk
from evaltool.books.package import Package, Refusal, normal

SPREADSHEET = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # Excel's “Strict Open XML workbook”
)
_DOCUMENT = "officeDocument"  # the last word of the relation's type, Transitional and Strict
_TYPES = "[content_types].xml"
_MEND = "在 Excel 或 WPS 里打开修复，另存为 .xlsx 再报"


class Relation(NamedTuple):
    """What a part refers to: `kind` is the type's last word, `target` a normalised part or, outside, an address."""

    kind: str
    target: str
    outside: bool


class Listed(NamedTuple):
    """One sheet as the workbook lists it: title, kind of its relation (worksheet, chartsheet …), part."""

    title: str
    kind: str
    part: str


class Workbook(NamedTuple):
    """What the workbook part says: its sheets, how many names it defines, and by part what it uses it for."""

    sheets: list[Listed]
    names: int
    roles: dict[str, str]


def types(package: Package) -> dict[str, str]:
    """Content types by part; by `.` and extension the defaults."""
    if _TYPES not in package.parts:
        raise Refusal("W102", "缺少部件 [Content_Types].xml，各部件认不出是什么", _MEND)
    found: dict[str, str] = {}

    def start(_: str, name: str, attributes: dict[str, str]) -> None:
        if name == "Override":
            found[normal(attributes.get("PartName", "").lstrip("/\\"))] = attributes.get("ContentType", "")
        elif name == "Default":
            found["." + attributes.get("Extension", "").lower()] = attributes.get("ContentType", "")

    walk(characters(package.read(_TYPES), _TYPES), _TYPES, start)
    return found


def type_of(part: str, listed: dict[str, str]) -> str:
    return listed.get(part) or listed.get("." + part.rpartition(".")[2], "")


def relations(package: Package, part: str) -> dict[str, Relation]:
    """By id what `part` (empty: the package itself) refers to; none where nothing is listed."""
    folder, name = posixpath.split(part)
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, Relation] = {}
    if source not in package.parts:
        return found

    def start(_: str, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        key, target = attributes.get("Id", ""), attributes.get("Target", "")
        if key in found:
            raise Refusal("W102", f"部件 {source} 里有两个 {key}，分不清用哪一个", _MEND)
        outside = attributes.get("TargetMode", "").lower() == "external"
        target = target if outside else _resolved(package, folder, target)
        found[key] = Relation(attributes.get("Type", "").rpartition("/")[2], target, outside)

    walk(characters(package.read(source), source), source, start)
    return found


def main_part(package: Package) -> str:
    """The part that the package is about, by its relation; empty where it has none."""
    related = relations(package, "").values()
    targets = sorted({each.target for each in related if each.kind == _DOCUMENT and not each.outside})
    if len(targets) > 1:
        raise Refusal("W102", f"里面有 {len(targets)} 个主部件（{'、'.join(targets)[:200]}），分不清读哪一个", _MEND)
    return targets[0] if targets and targets[0] in package.parts else ""


def workbook(package: Package, part: str) -> Workbook:
    """The sheets as listed. Raises Refusal where two have one title, or one has no part."""
    related = relations(package, part)
    sheets: list[Listed] = []
    names = 0

    def start(namespace: str, name: str, attributes: dict[str, str]) -> None:
        nonlocal names
        if namespace not in SPREADSHEET:
            return
        if name == "definedName":
            names += 1
        if name != "sheet":
            return
        title = attributes.get("name", "")
        key = next((value for at, value in attributes.items() if at.endswith("/relationships}id")), "")
        one = related.get(key)
        if one is None or one.outside or one.target not in package.parts:
            raise Refusal("W102", f"工作表“{title}”列在目录里，内容却不在文件里", _MEND)
        sheets.append(Listed(title, one.kind, one.target))

    walk(characters(package.read(part), part), part, start)
    if not sheets:
        raise Refusal("W102", "里面一张工作表也没有", "把内容填进下发的模板再报")
    titles: dict[str, str] = {}
    parts: dict[str, str] = {}
    for sheet in sheets:
        if sheet.title.casefold() in titles:
            what = f"有两张工作表都叫“{sheet.title}”，分不清读哪一张"
            raise Refusal("W102", what, "给其中一张改名，或删去多余的一张，另存后再报")
        if sheet.part in parts:
            raise Refusal("W102", f"工作表“{parts[sheet.part]}”和“{sheet.title}”指向同一份内容", _MEND)
        titles[sheet.title.casefold()] = parts[sheet.part] = sheet.title
    roles = {each.target: each.kind for each in related.values() if not each.outside}
    return Workbook(sheets, names, roles)


def _resolved(package: Package, folder: str, target: str) -> str:
    path = normal(target)
    path = posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path))
    return path if path in package.parts else unquote(path)
