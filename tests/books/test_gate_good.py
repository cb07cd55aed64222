"""What must go through: workbooks as the usual programs write them, and every unusual way that is still a good one."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from gate_making import (
    BOOK,
    RELATED,
    ROWS,
    SHEET,
    TYPES,
    Entry,
    hand,
    loose,
    members,
    parts,
    raw_zip,
    related,
    typed,
    with_part,
    with_sheet,
)  # fmt: skip
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from evaltool.books.gate import gate, judge
from evaltool.books.looking import Sealed
from evaltool.books.opening import read_book

SAMPLE = Path(__file__).resolve().parent.parent.parent / "data" / "sample"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
MAIN = hand.MAIN
NUMBERS = [[1, 2], ["字", None]]  # what every workbook here says on its first sheet
SHEET_XML, BOOK_XML = str(parts()[SHEET]), str(parts()[BOOK])
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
OLE_TYPE = "application/vnd.openxmlformats-officedocument.oleObject"
LINK = f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in NUMBERS:
        sheet.append(row)
    sheet["A1"].comment = Comment("核对", "审核")
    sheet.merge_cells("D1:E9")
    sheet.conditional_formatting.add("A1:B9", CellIsRule(operator="lessThan", formula=["0"], fill=PatternFill("solid")))
    choice = DataValidation(type="list", formula1='"是,否"')
    choice.add("F1:F900")
    sheet.add_data_validation(choice)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    sheet.add_chart(chart, "H1")
    sheet["B9"] = None
    sheet.column_dimensions.group("A", "XFD", hidden=False)
    book.create_sheet("很隐蔽").sheet_state = "veryHidden"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def by_xlsxwriter(**options: bool) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("甲")
        for row, values in enumerate(NUMBERS):
            sheet.write_row(row, 0, [value for value in values if value is not None])
        sheet.insert_image("H1", "a.png", {"image_data": io.BytesIO(PNG)})
        sheet.write_comment("A1", "核对")
        sheet.write_url("A9", "https://example.com/a|b")
        sheet.write_rich_string("A8", "甲", book.add_format({"bold": True}), "乙")
        sheet.write_formula("A7", '=IF(1>0,"a|b","c")')
        sheet.add_sparkline("B7", {"range": "A1:B1"})
        sheet.insert_textbox("J1", "说明")
        sheet.insert_checkbox("K1", True) if hasattr(sheet, "insert_checkbox") else None
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=甲!$A$1:$B$1"})
        book.add_chartsheet("图").set_chart(chart)
    return kept.getvalue()


def prefixed() -> bytes:
    """Everything of the main namespace under a prefix, as some server programs write it."""
    found = parts()
    for name in (SHEET, "xl/worksheets/sheet2.xml", BOOK, "xl/sharedStrings.xml", "xl/styles.xml"):
        xml = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", str(found[name]))
        found[name] = xml.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    return hand.zipped(found)


def strict() -> bytes:
    exchanged = {MAIN: hand.STRICT, hand.OFFICE: hand.STRICT_OFFICE}
    found = parts()
    for name, content in found.items():
        for old, new in exchanged.items():
            content = str(content).replace(old, new)
        found[name] = content
    return hand.zipped(found)


def renamed(**names: str) -> bytes:
    """A workbook whose parts and what refers to them are called otherwise."""
    made = {}
    for name, content in parts().items():
        for old, new in names.items():
            content = re.sub(rf'(?<=[/"]){old}\.xml', new, str(content))
            name = re.sub(rf"(?<=/){old}\.xml(?=$|\.rels$)", new, name)
        made[name] = content
    return hand.zipped(made)


def members_as(**same: object) -> bytes:
    return raw_zip(replace(each, **same) for each in members())


def spelled(change: str) -> bytes:
    """Part names as some zip programs write them."""
    exchange = {"upper": str.upper, "backslash": lambda name: name.replace("/", "\\")}[change]
    return hand.zipped({exchange(name): content for name, content in parts().items()})


def absolute() -> bytes:
    found = parts()
    found[RELATED] = str(found[RELATED]).replace('Target="', 'Target="/xl/')
    found["_rels/.rels"] = str(found["_rels/.rels"]).replace('Target="', 'Target="/')
    return hand.zipped(found)


def wide() -> bytes:
    return with_part(SHEET, SHEET_XML.replace("UTF-8", "UTF-16").encode("utf-16"))


def with_folders() -> bytes:
    return raw_zip([Entry(b"xl/", b"", method=0), Entry(b"xl/worksheets/", b"", method=0), *members()])


GOOD = {
    "by openpyxl, with all that it can": by_openpyxl,
    "by xlsxwriter, with all that it can": by_xlsxwriter,
    "by xlsxwriter in Zip64": lambda: by_xlsxwriter(use_zip64=True),
    "by hand": lambda: hand.zipped(parts()),
    "with prefixes": prefixed,
    "Strict Open XML": strict,
    "without any address": lambda: with_sheet(re.sub(r' r="\w+"', "", ROWS)),
    "without some addresses": lambda: with_sheet(ROWS.replace(' r="B1"', "")),
    "with addresses in single quotes": lambda: with_sheet(re.sub(r'r="(\w+)"', r"r = '\1'", ROWS)),
    "with comments, CDATA and instructions": lambda: with_sheet(f"<!-- <c r='A1'/> --><?x <c r='A1'/>?>{ROWS}"),
    "with a > in a text": lambda: with_sheet(ROWS, after='<a b="x > y">a /> b</a>'),
    "stored": lambda: members_as(method=0),
    "with sizes behind the parts": lambda: members_as(descriptor=True),
    "in Zip64": lambda: raw_zip(members(), zip64=True),
    "with a comment of the zip": lambda: raw_zip(members(), comment="导出".encode()),
    "with bytes that a mail gateway appended": lambda: hand.zipped(parts()) + b"\r\n\r\n",
    "with folders as members": with_folders,
    "in another order": lambda: raw_zip(reversed(members())),
    "names in capitals": lambda: spelled("upper"),
    "names with backslashes": lambda: spelled("backslash"),
    "absolute targets": absolute,
    "the workbook under another name": lambda: renamed(workbook="workbook2.xml"),
    "a sheet under a Chinese name": lambda: renamed(sheet1="表一.xml"),
    "a sheet that is not called .xml": lambda: renamed(sheet1="sheet1.dat"),
    "a sheet in UTF-16": wide,
    "with a byte order mark": lambda: with_part(SHEET, "\ufeff" + SHEET_XML),
    "in ISO-8859-1": lambda: with_part(SHEET, SHEET_XML.replace("UTF-8", "iso-8859-1")),
    "without a declaration": lambda: with_part(SHEET, SHEET_XML.split("\n", 1)[1]),
    "a template": lambda: typed(BOOK, "application/vnd.openxmlformats.spreadsheetml.template.main+xml", BOOK_XML),
    "a link to another workbook": lambda: related("externalLink", "externalLinks/externalLink1.xml", LINK),
    "a data connection": lambda: related("connections", "connections.xml", "<connections/>"),
    "a query": lambda: with_part("xl/queryTables/queryTable1.xml", "<queryTable/>"),
    "a pivot table": lambda: related("pivotCacheDefinition", "pivotCache/p.xml", "<pivotCacheDefinition/>"),
    "printer settings": lambda: with_part("xl/printerSettings/printerSettings1.bin", bytes(2000)),
    "a form control": lambda: typed("xl/ctrlProps/c.xml", "application/vnd.ms-excel.controlproperties+xml", "<a/>"),
    "an embedded Word file": lambda: with_part("xl/embeddings/a.docx", hand.zipped({"word/document.xml": "<a/>"})),
    "a scan dropped onto a sheet": lambda: with_part("xl/embeddings/oleObject1.bin", OLE2),
    "a document by its type": lambda: typed("xl/a.dat", OLE_TYPE, OLE2),
    "a picture": lambda: with_part("xl/media/image1.png", PNG),
    "a white drawing of 10 MB": lambda: with_part("xl/media/image1.emf", b"\1\0\0\0" + bytes(10 * 2**20)),
    "a drawing that is no sound XML": lambda: with_part("xl/drawings/vmlDrawing1.vml", "<xml><br></xml>"),
    "a note in GBK": lambda: with_part("customXml/item1.xml", '<?xml version="1.0" encoding="gbk"?><a/>'.encode("gbk")),
    "a signature": lambda: with_part("_xmlsignatures/sig1.xml", "<Signature/>"),
    "a thumbnail": lambda: with_part("docProps/thumbnail.jpeg", b"\xff\xd8\xff"),
    "rules that name cells": lambda: with_sheet(ROWS, after='<cfRule r="A1"/><x:cfRule xmlns:x="u" r="A1"/>'),
    "1,000 columns of formats": lambda: with_sheet(ROWS, before='<col min="1" max="16384"/>' * 1000),
    "a merged column": lambda: with_sheet(ROWS, after='<mergeCell ref="D1:D1048576"/>'),
    "the last cell of all": lambda: with_sheet(ROWS + '<row r="1048576"><c r="XFD1048576"/></row>'),
    "rows out of order": lambda: with_sheet('<row r="9"/>' + ROWS),
    "no rows at all": lambda: with_sheet(""),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_good_workbook_passes_and_is_read(name):
    data = GOOD[name]()
    assert judge(data, "某县.xlsx") == ("xlsx", None)
    assert gate(data, "某县.xls") is None
    sheet = read_book(Sealed(data, "", "xlsx", None), "某县.xlsx").sheets[0]
    if name != "no rows at all":
        assert [[sheet.cell(r, c).raw for c in (1, 2)] for r in (1, 2)] == NUMBERS


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("*.xlsx")), ids=lambda path: path.stem)
def test_the_sample_passes(path):
    assert judge(path.read_bytes(), path.name) == ("xlsx", None)


@pytest.mark.parametrize("rows", [3000, 300_000])
def test_what_people_make_by_pasting_and_formatting_passes(rows):
    """300,000 formatted cells in 100 columns, or in one."""
    columns = ["A"] if rows == 300_000 else [f"{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
    inside = ("".join(f'<c r="{column}{row}" s="3"/>' for column in columns) for row in range(1, rows + 1))
    whole = "".join(f'<row r="{row}">{cells}</row>' for row, cells in enumerate(inside, 1))
    assert judge(loose(whole), "某县.xlsx") == ("xlsx", None)


def test_half_a_million_formatted_rows_pass():
    rows = "".join(f'<row r="{r}" ht="15" customHeight="1"/>' for r in range(1, 500_001))
    assert judge(loose(rows), "某县.xlsx") == ("xlsx", None)


def test_long_sheets_with_tags_in_their_texts_pass():
    assert judge(loose(ROWS + "<row/>" * 20_000 + '<row><c t="str"><v>a /> b</v></c></row>'), "a.xlsx") == (
        "xlsx",
        None,
    )


def test_cells_without_addresses_pass_by_the_hundred_thousand():
    assert judge(loose(("<row>" + "<c><v>1</v></c>" * 100 + "</row>") * 1000), "某县.xlsx") == ("xlsx", None)


def test_a_content_type_may_be_missing():
    """Some exports leave out what Office can tell from the relation alone."""
    types = re.sub(r"<Default.*?/>", "", hand.TYPES)
    assert judge(hand.zipped(parts() | {TYPES: types}), "某县.xlsx") == ("xlsx", None)
