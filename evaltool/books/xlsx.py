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
from evaltool.books.xlsx_parts import MAIN, Package, Relation, local, looks, reading, shared_strings, truth
from evaltool.books.xlsx_sheet import Ground, SheetXml
from evaltool.books.xlsx_values import epoch_of

USUAL = "xl/workbook.xml"
_STATES = ("visible", "hidden", "veryHidden")


def read_xlsx(data: bytes, name: str, sha256: str) -> Book:
    """The workbook. Raises BookError, in Chinese and with the part, wherever the package does not hold together."""
    package = Package(data)
    part = _one(package.relations(""), "officeDocument") or USUAL
    with reading(part):
        workbook = package.root(part)
        if local(workbook.tag) != "workbook" or not workbook.tag.startswith(MAIN):
            raise BookError(f"部件 {part} 不是工作簿")
        relations = package.relations(part)
        groups = {local(group.tag): group for group in workbook}
        properties, calculation = groups.get("workbookPr"), groups.get("calcPr")
        texts = _one(relations, "sharedStrings")
        styles = _one(relations, "styles")
        ground = Ground(
            shared_strings(package, texts) if texts else [],
            looks(package, styles) if styles else [],
            epoch_of(properties is not None and truth(properties.get("date1904"))),
        )
        sheets = _sheets(package, groups.get("sheets"), relations, ground)
        links = _links(package, relations)
    return Book(name, sha256, "xlsx", sheets, _uncalculated(calculation), links)


def _one(relations: dict[str, Relation], kind: str) -> str:
    """The part of this kind, empty where there is none."""
    return next((each.target for each in relations.values() if each.kind == kind and not each.outside), "")


def _sheets(
    package: Package, listed: ET.Element | None, relations: dict[str, Relation], ground: Ground
) -> list[Sheet]:
    found, titles = [], set()
    for index, entry in enumerate(listed if listed is not None else ()):
        title, state = entry.get("name", ""), entry.get("state", "visible")
        if title.casefold() in titles:
            raise BookError(f"有两张工作表都叫“{title}”")
        titles.add(title.casefold())
        key = next((value for name, value in entry.attrib.items() if name.startswith("{") and local(name) == "id"), "")
        relation = relations.get(key)
        if relation is None or relation.outside or not package.has(relation.target):
            raise BookError(f"工作簿列出了工作表“{title}”，文件里却没有它")
        sheet = SheetXml(package, relation.target, ground).read(title, index, state if state in _STATES else "hidden")
        if sheet is not None:
            found.append(sheet)
    if not found:
        raise BookError("里面没有工作表")
    return found


def _links(package: Package, relations: dict[str, Relation]) -> tuple[str, ...]:
    """The files (and DDE servers) that the workbook takes values from."""
    found = []
    for link in relations.values():
        if link.kind != "externalLink":
            continue
        found += [each.target for each in package.relations(link.target).values() if each.outside]
        if not link.outside and package.has(link.target):
            servers = (each for each in package.root(link.target) if local(each.tag) == "ddeLink")
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
