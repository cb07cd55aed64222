"""Hostile or broken parts of a sound zip: refused by their own code, in words that name the sheet, cell or part."""

from __future__ import annotations

import re

import pytest
import xlsx_by_hand as hand
from gate_making import (
    BOOK,
    NOISE,
    RELATED,
    ROWS,
    SHEET,
    TYPES,
    Case,
    another,
    cells,
    changed,
    loose,
    parts,
    refused,
    related,
    stored,
    typed,
    with_part,
    with_sheet,
    without,
)  # fmt: skip

from evaltool.books import counting

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "bbbb">]>'
OFFICE = "application/vnd.openxmlformats-officedocument"
MACRO = "application/vnd.ms-excel.{}.macroEnabled.main+xml"
WORKSHEET = f'{hand.OFFICE}/worksheet" Target="worksheets/sheet2.xml"'
OUTSIDE = f'{WORKSHEET} TargetMode="External"'
MACRO_SHEET = WORKSHEET.replace("/worksheet", "/xlMacrosheet", 1)
SHEET_XML, BOOK_XML, TYPES_XML = (str(parts()[name]) for name in (SHEET, BOOK, TYPES))
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"


def below(xml: str) -> bytes:
    """A sheet with something behind its cells."""
    return with_sheet(ROWS, after=xml)


def merged(reference: str, count: int = 1) -> bytes:
    return below("<mergeCells>" + f'<mergeCell ref="{reference}"/>' * count + "</mergeCells>")


def row(inside: str) -> bytes:
    return with_sheet(f'<row r="1">{inside}</row>')


def full_rows(count: int) -> bytes:
    """As many rows of 100 cells, sound ones."""
    columns = [counting.address(1, column)[:-1] for column in range(1, 101)]
    return with_sheet(
        "".join(f'<row r="{r}">' + "".join(f'<c r="{c}{r}"/>' for c in columns) + "</row>" for r in range(1, count + 1))
    )


def in_book(xml: str) -> bytes:
    return changed(BOOK, "</workbook>", xml + "</workbook>")


def styled(xml: str) -> bytes:
    return with_part(STYLES, f'<styleSheet xmlns="{hand.MAIN}">{xml}</styleSheet>')


def titled(first: str, second: str) -> bytes:
    return hand.zipped(hand.parts({first: hand.worksheet(ROWS), second: hand.worksheet(ROWS)}, ("<t>字</t>",)))


def encoded(content: str, encoding: str) -> bytes:
    """The first sheet in another encoding, as it declares itself."""
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    return with_part(SHEET, re.sub(r"^<\?xml.*?\?>\n?", declared, content).encode(encoding))


def declaring(name: str, before: str, declared: str = DOCTYPE) -> bytes:
    return changed(name, before, declared + before)


def two_main() -> bytes:
    both = hand.relations(("officeDocument", "xl/workbook.xml"), ("officeDocument", "xl/styles.xml"))
    return with_part("_rels/.rels", both)


def nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


SIZES: tuple[Case, ...] = (
    ("two million cells", lambda: loose("<row>" + "<c/>" * 2_000_000 + "</row>"), "W111", "“甲”的单元格和行超过"),
    ("half a million cells and more", lambda: full_rows(5001), "W111", "“甲”的单元格超过 500000 个"),
    ("too many rows", lambda: with_sheet("<row/>" * (counting.MOST_ROWS + 1)), "W111", "600001 行"),
    ("too many rows of cells without names", lambda: loose("<row><c/></row>" * 600_001), "W111", "“甲”"),
    ("too many merged ranges", lambda: merged("A1:B1", 20_001), "W111", "20001 处合并单元格"),
    ("a merge over everything", lambda: merged("A1:XFD1048576"), "W111", "被合并的单元格"),
    ("a merge over everything, turned round", lambda: merged("xfd1048576:a1"), "W111", "被合并的单元格"),
    ("too many conditional formats", lambda: below("<conditionalFormatting/>" * 20_001), "W111", "20001 条条件格式"),
    ("too many validations", lambda: below("<dataValidation/>" * 65_535), "W111", "65535 条数据有效性"),
    ("too many hyperlinks", lambda: below("<hyperlink/>" * 65_531), "W111", "65531 个超链接"),
    ("too many columns", lambda: with_sheet(ROWS, before='<col min="1"/>' * 16_385), "W111", "16385 段列格式"),
    ("too many cell styles", lambda: styled("<xf/>" * 140_000), "W111", "140000 种单元格格式"),
    ("too many number formats", lambda: styled("<numFmt/>" * 20_001), "W111", "20001 种数字格式"),
    ("too many fonts", lambda: styled("<x:font/>" * 65_491), "W111", "65491 种字体"),
    ("too many texts", lambda: stored(STRINGS, hand.strings(*[""] * 1_000_001)), "W111", "1000001 条文字"),
    ("too many names", lambda: in_book("<definedName/>" * 60_001), "W111", "60001 个名称"),
    ("too many comments", lambda: typed("xl/c.xml", "a/comments+xml", "<comment/>" * 20_001), "W111", "20001 条批注"),
    ("900,000 elements in the workbook", lambda: in_book("<a/>" * 900_000), "W111", "标签"),
    ("nested 50,000 deep in a sheet", lambda: below(nested(50_000)), "W111", "嵌套"),
    ("nested 50,000 deep with siblings", lambda: below("<a><b/>" * 50_000 + "</a>" * 50_000), "W111", "嵌套"),
    ("nested 100,000 deep in the workbook", lambda: in_book(nested(100_000)), "W111", "嵌套"),
    ("an attribute of 3 MB", lambda: row(f'<c r="A1" x="{NOISE.hex()}{NOISE.hex()}"/>'), "W111", "属性"),
)  # fmt: skip
CELLS: tuple[Case, ...] = (
    ("right of XFD", lambda: cells("A1", "XFE1"), "W102", "XFE1"),
    ("far right", lambda: cells("ZZZ1"), "W102", "ZZZ1"),
    ("four letters", lambda: cells("AAAA1"), "W102", "AAAA1"),
    ("a row below the last", lambda: with_sheet('<row r="1048577"/>'), "W102", "1048577"),
    ("a row far below", lambda: with_sheet('<row r="99999999999"/>'), "W102", "99999999999"),
    ("row zero", lambda: with_sheet('<row r="0"/>'), "W102", "行号是“0”"),
    ("a negative row", lambda: with_sheet('<row r="-1"/>'), "W102", "行号是“-1”"),
    ("a row in words", lambda: with_sheet('<row r="一"/>'), "W102", "行号是“一”"),
    ("a cell in row zero", lambda: cells("A0"), "W102", "A0"),
    ("a cell without a column", lambda: cells("1"), "W102", "地址是“1”"),
    ("a cell without a row", lambda: cells("A"), "W102", "地址是“A”"),
    ("small letters", lambda: cells("a1"), "W102", "地址是“a1”"),
    ("dollars", lambda: cells("$A$1"), "W102", "$A$1"),
    ("an empty address", lambda: cells(""), "W102", "地址是“”"),
    ("a range", lambda: cells("A1:B2"), "W102", "A1:B2"),
    ("17 digits", lambda: cells("A11111111111111111"), "W102", "A1111111"),
    ("of another row", lambda: cells("A1", "B2"), "W102", "“甲”第 1 行里有单元格自称是 B2"),
    ("twice", lambda: cells("A1", "B1", "A1"), "W102", "“甲”里 A1 有两个"),
    ("a row twice", lambda: with_sheet('<row r="1"/><row r="2"/><row r="1"/>'), "W102", "第 1 行有两个"),
    ("twice, in two rows of one number", lambda: with_sheet('<row r="1"><c r="A1"/></row>' * 2), "W102", "第 1 行"),
    ("twice, once without address", lambda: row('<c/><c r="A1"/>'), "W102", "A1 有两个"),
    ("twice, once in single quotes", lambda: row("<c r=\"A1\"/><c r='A1'/>"), "W102", "A1 有两个"),
    ("twice, once with a prefix", lambda: row(f'<c r="A1"/><x:c xmlns:x="{hand.MAIN}" r="A1"/>'), "W102", "A1 有两个"),
    ("twice, once in entities", lambda: row('<c r="A1"/><c r="&#65;1"/>'), "W102", "A1 有两个"),
    ("twice, behind a comment", lambda: row('<c r="A1"/><!-- > --><c r="A1"/>'), "W102", "A1 有两个"),
    ("twice, behind a > in an attribute", lambda: row('<c r="A1"/><c x=">" r="A1"/>'), "W102", "A1 有两个"),
)  # fmt: skip
STRUCTURE: tuple[Case, ...] = (
    ("two sheets of one title", lambda: changed(BOOK, "乙", "甲"), "W102", "都叫“甲”"),
    ("titles that differ by capitals", lambda: titled("Ab", "aB"), "W102", "都叫"),
    ("two sheets of one part", lambda: changed(RELATED, "sheet2.xml", "sheet1.xml"), "W102", "同一份内容"),
    ("a sheet without its part", lambda: without(SHEET), "W102", "“甲”"),
    ("a sheet without its relation", lambda: changed(BOOK, '"rId2"', '"rId99"'), "W102", "“乙”"),
    ("a sheet that lies outside", lambda: changed(RELATED, WORKSHEET, OUTSIDE), "W102", "乙"),
    ("two relations of one id", lambda: changed(RELATED, 'Id="rId2"', 'Id="rId1"'), "W102", "rId1"),
    ("no sheets", lambda: with_part(BOOK, f'<workbook xmlns="{hand.MAIN}"/>'), "W102", "一张工作表也没有"),
    ("a workbook of another namespace", lambda: changed(BOOK, hand.MAIN, "urn:x"), "W102", "一张工作表也没有"),
    ("two main parts", two_main, "W102", "2 个主部件"),
    ("without content types", lambda: without(TYPES), "W102", "[Content_Types].xml"),
    ("without relations of the package", lambda: without("_rels/.rels"), "W102", "_rels/.rels"),
    ("without relations of the workbook", lambda: without(RELATED), "W102", "“甲”"),
    ("the workbook cut off", lambda: with_part(BOOK, BOOK_XML[:-5]), "W102", "写坏"),
    ("the workbook empty", lambda: with_part(BOOK, ""), "W102", "写坏"),
    ("content types cut off", lambda: with_part(TYPES, TYPES_XML[:-9]), "W102", "写坏"),
    ("relations cut off", lambda: changed(RELATED, "</Relationships>", ""), "W102", "写坏"),
)  # fmt: skip
DECLARED: tuple[Case, ...] = (
    ("in the workbook", lambda: declaring(BOOK, "<workbook"), "W123", "DOCTYPE"),
    ("in a sheet", lambda: declaring(SHEET, "<worksheet"), "W123", "DOCTYPE"),
    ("in the texts", lambda: declaring(STRINGS, "<sst"), "W123", "DOCTYPE"),
    ("in relations", lambda: declaring(RELATED, "<Relationships"), "W123", "DOCTYPE"),
    ("in content types", lambda: declaring(TYPES, "<Types"), "W123", "DOCTYPE"),
    ("in a part that nobody reads", lambda: with_part("customXml/item1.xml", DOCTYPE + "<a/>"), "W123", "DOCTYPE"),
    ("in a part of another ending", lambda: with_part("xl/a.dat", DOCTYPE + "<a/>"), "W123", "DOCTYPE"),
    ("behind 100 KB of spaces", lambda: declaring(SHEET, "<worksheet", " " * 10**5 + DOCTYPE), "W123", "DOCTYPE"),
    ("an external one", lambda: declaring(SHEET, "<worksheet", '<!DOCTYPE a SYSTEM "file:///a">'), "W123", "DOCTYPE"),
    ("in UTF-16", lambda: encoded(SHEET_XML.replace("<works", DOCTYPE + "<works"), "utf-16"), "W123", "DOCTYPE"),
    ("unread, in UTF-16", lambda: with_part("docProps/a.xml", (DOCTYPE + "<a/>").encode("utf-16")), "W123", "DOCTYPE"),
    ("UTF-7", lambda: encoded(SHEET_XML, "utf-7"), "W102", "utf-7"),
    ("GBK", lambda: encoded(SHEET_XML, "gbk"), "W102", "gbk"),
    ("an encoding that is none", lambda: with_part(SHEET, '<?xml version="1.0" encoding="x"?><a/>'), "W102", "（x）"),
    ("UTF-32", lambda: with_part(SHEET, SHEET_XML.encode("utf-32")), "W102", "零字符"),
    ("half a UTF-16 character", lambda: with_part(SHEET, SHEET_XML.encode("utf-16") + b"<"), "W102", "UTF-16"),
    ("half a UTF-16 pair", lambda: with_part(SHEET, SHEET_XML.encode("utf-16") + b"\x00\xd8"), "W102", "UTF-16"),
    ("a zero character", lambda: changed(SHEET, "<v>1</v>", "<v>1\0</v>"), "W102", "零字符"),
)  # fmt: skip
ACTIVE: tuple[Case, ...] = (
    ("VBA by its type", lambda: typed("xl/v.bin", "application/vnd.ms-office.vbaProject"), "W120", "宏"),
    ("VBA by its name", lambda: with_part("xl/vbaProject.bin"), "W120", "宏"),
    ("VBA in capitals", lambda: with_part("XL\\VBAPROJECT.BIN"), "W120", "宏"),
    ("VBA by its relation", lambda: related("vbaProject", "evil.bin"), "W120", "宏"),
    ("a macro of WPS", lambda: with_part("xl/JDEData.bin", "<a/>"), "W120", "宏"),
    ("one of WPS by its relation", lambda: related("jdeExtension", "a.bin", "<a/>"), "W120", "宏"),
    ("a macro workbook", lambda: typed(BOOK, MACRO.format("sheet"), BOOK_XML), "W120", "宏"),
    ("a macro template", lambda: typed(BOOK, MACRO.format("template"), BOOK_XML), "W120", "宏"),
    ("an Excel 4 macro sheet", lambda: typed("xl/m.xml", "application/vnd.ms-excel.macrosheet+xml"), "W120", "宏"),
    ("one by its relation", lambda: changed(RELATED, WORKSHEET, MACRO_SHEET), "W120", "宏"),
    ("a DDE link", lambda: related("externalLink", "l.xml", "<a><ddeLink/></a>"), "W123", "DDE"),
    ("an OLE link", lambda: related("externalLink", "l.xml", "<a><oleLink/></a>"), "W123", "OLE"),
    ("DDE in a formula", lambda: row("<c r=\"A1\"><f>cmd|' /C calc'!A0</f></c>"), "W123", "“甲”的公式"),
    ("DDE with a sign", lambda: row("<c r=\"A1\"><f>=+MSEXCEL|'\\..\\a.exe'!A0</f></c>"), "W123", "“甲”的公式"),
    ("a program in an object", lambda: with_part("xl/embeddings/oleObject1.bin", OLE2 + b"a.EXE\0"), "W123", "程序"),
    ("an object under a picture's name", lambda: with_part("xl/media/a.png", OLE2), "W123", "嵌入"),
    ("a control's data", lambda: with_part("xl/activeX/activeX1.bin"), "W123", "ActiveX"),
    ("a program", lambda: with_part("xl/media/a.png", b"MZ\x90"), "W123", "程序"),
    ("a control", lambda: typed("xl/x.xml", "application/vnd.ms-office.activeX+xml", "<a/>"), "W123", "ActiveX"),
)  # fmt: skip
OTHERS: tuple[Case, ...] = (
    ("Word", lambda: another("word/document.xml", f"{OFFICE}.wordprocessingml.document.main+xml"), "W100", "Word"),
    ("slides", lambda: another("ppt/p.xml", f"{OFFICE}.presentationml.presentation.main+xml"), "W100", "演示文稿"),
    ("Visio", lambda: another("visio/d.xml", "application/vnd.ms-visio.drawing.main+xml"), "W100", "别的办公文件"),
    ("xlsb", lambda: another("xl/workbook.bin", MACRO.format("sheet.binary")), "W100", ".xlsb"),
    ("ods", lambda: hand.zipped({"mimetype": "a.spreadsheet", "content.xml": "<a/>"}), "W100", ".ods"),
    ("ods without its type", lambda: hand.zipped({"content.xml": "<a/>"}), "W100", ".ods"),
    ("odt", lambda: hand.zipped({"mimetype": "a.text", "content.xml": "<a/>"}), "W100", "OpenDocument 文件"),
    ("Numbers", lambda: hand.zipped({"Index/Document.iwa": b"x"}), "W100", "Numbers"),
    ("workbooks in a zip", lambda: hand.zipped({"a/甲.xlsx": b"x", "乙.xls": b"x"}), "W100", "里面有 2 个工作簿"),
    ("pictures in a zip", lambda: hand.zipped({"1.jpg": b"x"}), "W100", "压缩包"),
)  # fmt: skip


def ids(cases: tuple[Case, ...]) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize("case", SIZES, ids=ids(SIZES))
def test_a_workbook_that_holds_too_much_is_refused_by_its_count(case):
    refused(case)


@pytest.mark.parametrize("case", CELLS, ids=ids(CELLS))
def test_a_cell_that_stands_nowhere_or_twice_is_refused_at_its_address(case):
    refused(case)


@pytest.mark.parametrize("case", STRUCTURE, ids=ids(STRUCTURE))
def test_a_workbook_whose_sheets_cannot_be_told_apart_or_found_is_refused(case):
    refused(case)


@pytest.mark.parametrize("case", DECLARED, ids=ids(DECLARED))
def test_declarations_and_encodings_that_no_spreadsheet_program_writes_are_refused(case):
    refused(case)


@pytest.mark.parametrize("case", ACTIVE, ids=ids(ACTIVE))
def test_what_could_run_is_refused(case):
    refused(case)


@pytest.mark.parametrize("case", OTHERS, ids=ids(OTHERS))
def test_other_packages_are_refused_by_name(case):
    refused(case)
