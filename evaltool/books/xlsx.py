"""An .xlsx → `Book`, read from the package itself.

Why not through openpyxl, which this tool writes with: a county's figure has to be judged by what is stored, how it is
typed, how it is shown and by which formula it came, all of one cell at once. openpyxl gives either the formula or the
stored value, so it has to read every file twice (30 ms where this takes 4); it turns a number whose text is broken, an
undefined date or a text of a formula that is empty into something else or into nothing; it knows no struck-out runs,
no `_x000D_`, no Strict workbook, no Chinese date formats that are named by number alone. And what a reader of tables
(pandas, calamine) leaves out, nobody can ask about any more.
What is worth borrowing is borrowed: the tables of number formats, what is a date format, serial number → date, and
writing a shared formula out for its cell. That both read the same from good files is tested on many of them.
The gate has been passed before: no DOCTYPE, no bombs, no two members of one name.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from evaltool.books.book import Book, BookError, Sheet
from evaltool.books.ooxml import Relation, main_part, relations
from evaltool.books.package import Package
from evaltool.books.xlsx_parts import local, looks, reading, root, shared_strings, truth
from evaltool.books.xlsx_sheet import Ground, SheetXml
from evaltool.books.xlsx_values import epoch_of

USUAL = "xl/workbook.xml"
_STATES = ("visible", "hidden", "veryHidden")


def read_xlsx(data: bytes, name: str, sha256: str) -> Book:
    """The workbook. Raises BookError, in Chinese and with the part, wherever the package does not hold together."""
    with reading("（整个压缩包）"):
        package = Package(data)
        part = main_part(package) or USUAL
    with reading(part):
        workbook = root(package, part, "workbook")
        related = relations(package, part)
        groups = {local(group.tag): group for group in workbook}
        properties, calculation = groups.get("workbookPr"), groups.get("calcPr")
        texts, styles = _one(related, "sharedStrings"), _one(related, "styles")
        ground = Ground(
            shared_strings(package, texts) if texts in package.parts else [],  # some writers list an empty one only
            looks(package, styles) if styles else [],
            epoch_of(properties is not None and truth(properties.get("date1904"))),
        )
        sheets = _sheets(package, groups.get("sheets"), related, ground)
        links = _links(package, related)
    return Book(name, sha256, "xlsx", sheets, _uncalculated(calculation), links)


def _one(related: dict[str, Relation], kind: str) -> str:
    """The part of this kind, empty where there is none."""
    return next((each.target for each in related.values() if each.kind == kind and not each.outside), "")


def _sheets(package: Package, listed: ET.Element | None, related: dict[str, Relation], ground: Ground) -> list[Sheet]:
    found: list[Sheet] = []
    titles: set[str] = set()
    for index, entry in enumerate(listed if listed is not None else ()):
        title, state = entry.get("name", ""), entry.get("state", "visible")
        if not title:
            raise BookError(f"第 {index + 1} 张工作表没有名字")
        if title.casefold() in titles:
            raise BookError(f"有两张工作表都叫“{title}”")
        titles.add(title.casefold())
        key = next((value for name, value in entry.attrib.items() if name.startswith("{") and local(name) == "id"), "")
        relation = related.get(key)
        if relation is None or relation.outside or relation.target not in package.parts:
            raise BookError(f"工作簿列出了工作表“{title}”，文件里却没有它")
        state = state if state in _STATES else "hidden"
        sheet = SheetXml(package, relation.target, ground).read(title, index, state)
        if sheet is not None:
            found.append(sheet)
    if not found:
        raise BookError("里面没有工作表")
    return found


def _links(package: Package, related: dict[str, Relation]) -> tuple[str, ...]:
    """The files and programs (DDE) that the workbook takes values from."""
    found = []
    for link in related.values():
        if link.kind != "externalLink":
            continue
        if link.outside:
            found.append(link.target)
            continue
        found += [each.target for each in relations(package, link.target).values() if each.outside]
        servers = (each for each in root(package, link.target, "externalLink") if local(each.tag) == "ddeLink")
        found += [f"{each.get('ddeService', '')}|{each.get('ddeTopic', '')}" for each in servers]
    return tuple(found)


def _uncalculated(calculation: ET.Element | None) -> bool:
    """Whether the file was left for the next program to calculate.

    Libraries that write `0` (XlsxWriter) or nothing (openpyxl) beside their formulas ask for it with `fullCalcOnLoad`;
    Excel takes that off when it has calculated, and writes calcCompleted="0" where it was stopped.
    """
    if calculation is None:
        return False
    return truth(calculation.get("fullCalcOnLoad")) or not truth(calculation.get("calcCompleted", "1"))
