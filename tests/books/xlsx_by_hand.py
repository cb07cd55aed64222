"""Workbooks written part by part, to say what no library would."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from evaltool.books.book import Book, Sheet
from evaltool.books.xlsx import read_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
# number formats by style: 0 General, 1 0.00%, 2 yyyy-mm-dd, 3 [h]:mm, 4 General struck out, 5 number 31 by name only
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
    '<fonts count="3"><font/><font><strike/></font><font><strike val="0"/></font></fonts><cellXfs count="6">'
    '<xf numFmtId="0" fontId="0"/><xf numFmtId="10" fontId="2"/><xf numFmtId="164"/><xf numFmtId="46"/>'
    '<xf numFmtId="0" fontId="1"/><xf numFmtId="31" fontId="0"/></cellXfs></styleSheet>'
)


def relations(*each: tuple[str, str], kind: str = OFFICE, more: str = "") -> str:
    """Kind and target of each; ids count from rId1."""
    inside = "".join(
        f'<Relationship Id="rId{i}" Type="{kind}/{name}" Target="{target}"/>'
        for i, (name, target) in enumerate(each, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}">{inside}{more}</Relationships>'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def worksheet(rows: str, before: str = "", after: str = "", main: str = MAIN) -> str:
    return f'{HEAD}<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def strings(*items: str) -> str:
    """Each the inside of an `<si>`."""
    return f'{HEAD}<sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def parts(
    sheets: dict[str, str], texts: tuple[str, ...] = (), book: str = "", after: str = "", state: str = "visible",
) -> dict[str, str | bytes]:  # fmt: skip
    """The parts of a workbook: title → XML of the sheet; `book` and `after` stand before and after its `<sheets>`."""
    listed = "".join(
        f'<sheet name="{title}" sheetId="{i}" state="{state}" r:id="rId{i}"/>' for i, title in enumerate(sheets, 1)
    )
    targets = [("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)]
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}<sheets>{listed}</sheets>{after}</workbook>'
        ),
        "xl/_rels/workbook.xml.rels": relations(
            *targets, ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/styles.xml": STYLES,
    }
    if texts:
        found["xl/sharedStrings.xml"] = strings(*texts)
    for i, xml in enumerate(sheets.values(), 1):
        found[f"xl/worksheets/sheet{i}.xml"] = xml
    return found


def opened(found: dict[str, str | bytes]) -> Book:
    return read_xlsx(zipped(found), "某县.xlsx", "")


def sheet_of(rows: str, *texts: str, before: str = "", after: str = "", **more: Any) -> Sheet:
    """One sheet with these rows, read."""
    return opened(parts({"表": worksheet(rows, before, after)}, texts, **more)).sheets[0]


def cell_of(xml: str, *texts: str) -> Any:
    """The cell that `xml` (a `<c>` at A1) reads as; None where it holds nothing."""
    return sheet_of(f'<row r="1">{xml}</row>', *texts).cells.get((1, 1))
