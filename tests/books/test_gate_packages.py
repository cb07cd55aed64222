"""Hostile and broken packages: each refused by its own code and in words that name what is wrong, before it is read."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
import xlsx_by_hand as hand
from gate_making import (
    BOOK, RELATED, ROWS, SHEET, TYPES, Entry, added, changed, members, parts, raw_zip, spoiled, typed, with_sheet,
)  # fmt: skip

from evaltool.books import counting
from evaltool.books.gate import gate, judge

MAIN, WORD = hand.MAIN, "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "bbbb">]>'


def without(name: str) -> bytes:
    return hand.zipped({key: value for key, value in parts().items() if key != name})


def replaced(name: str, content: str | bytes) -> bytes:
    return hand.zipped(parts() | {name: content})


def booked(kind: str) -> bytes:
    """A workbook whose main part is of another content type."""
    return typed(BOOK, kind, parts()[BOOK])


def doubled(first: str, second: str) -> bytes:
    return raw_zip([*members(), Entry(first.encode(), b"<a/>"), Entry(second.encode(), b"<b/>")])


def cells(*places: str) -> bytes:
    return with_sheet('<row r="1">' + "".join(f'<c r="{place}"><v>1</v></c>' for place in places) + "</row>")


def nested(depth: int) -> str:
    return ROWS + "<a>" * depth + "</a>" * depth


def many(element: str, count: int) -> str:
    return element * count


def declared(name: str, content: str, encoding: str) -> bytes:
    """A part in another encoding, as it declares itself."""
    return replaced(name, re.sub(r"^<\?xml.*?\?>\n?", f'<?xml version="1.0" encoding="{encoding}"?>', content).encode(encoding))


def rows_of(count: int) -> str:
    return "".join(f'<row r="{i}"><c r="A{i}"/></row>' for i in range(1, count + 1))


BOMB = b"<worksheet>" + b" " * (47 * 2**20)
SHEET_XML = str(parts()[SHEET])
# name → the file, the code, what its message must name
HOSTILE = {
    # the zip itself
    "cut in half": (lambda: hand.zipped(parts())[:900], "W102", "没有传完"),
    "without its last byte": (lambda: hand.zipped(parts())[:-1], "W102", "没有传完"),
    "only the first bytes": (lambda: b"PK\3\4", "W102", "没有传完"),
    "an empty zip": (lambda: raw_zip([]), "W100", "空的压缩包"),
    "a volume of several": (lambda: raw_zip(members(), disk=1), "W102", "分卷"),
    "starts as a spanned volume": (lambda: b"PK\7\x08" + hand.zipped(parts()), "W100", "分卷"),
    "a program before the zip": (lambda: b"MZ" + bytes(200) + hand.zipped(parts()), "W100", "程序"),
    "text before the zip": (lambda: "说明".encode() * 50 + hand.zipped(parts()), "W102", "前面带有别的内容"),
    "another zip before the zip": (lambda: hand.zipped(parts()) + hand.zipped(parts()), "W102", "夹着别的内容"),
    "hidden bytes before the directory": (lambda: raw_zip(members(), gap=b"PK\1\2" * 9)[:-6] + b"\0" * 6, "W102", ""),
    "100 KB after the end": (lambda: hand.zipped(parts()) + bytes(100_000), "W102", "结尾"),
    "announces more members": (lambda: raw_zip(members(), count=40), "W102", "目录不完整"),
    "announces fewer members and hides one": (lambda: raw_zip(members(), count=0), "W100", ""),
    "2,001 members": (lambda: raw_zip(members() + [Entry(b"m/%d" % i, b"") for i in range(2001)]), "W111", "部件"),
    "the same name twice": (lambda: doubled("xl/a.xml", "xl/a.xml"), "W102", "同名部件"),
    "names that differ by capitals": (lambda: doubled("xl/A.xml", "xl/a.xml"), "W102", "同名部件"),
    "names that differ by the slash": (lambda: doubled("xl/a.xml", "xl\\a.xml"), "W102", "同名部件"),
    "a second sheet of one name": (lambda: raw_zip([*members(), Entry(SHEET.encode(), b"<a/>")]), "W102", "同名部件"),
    "an absolute name": (lambda: doubled("/etc/passwd", "b"), "W102", "指向外面"),
    "a name that climbs": (lambda: doubled("xl/../../a", "b"), "W102", "指向外面"),
    "a name that climbs by backslashes": (lambda: doubled("..\\a", "b"), "W102", "指向外面"),
    "a name on a drive": (lambda: doubled("C:\\a", "b"), "W102", "指向外面"),
    "a name with a zero": (lambda: doubled("xl/a\0b", "b"), "W102", "指向外面"),
    "a name that is no text": (lambda: raw_zip([*members(), Entry(b"\xff\xfe", b"", flags=0x800)]), "W102", "不成文字"),
    "a locked member": (lambda: raw_zip(spoiled(SHEET, flags=1)), "W101", "密码"),
    "an unusual compression": (lambda: raw_zip(spoiled(SHEET, method=12)), "W102", "压缩方法"),
    "stored with two sizes": (lambda: raw_zip(spoiled(SHEET, method=0, size=5)), "W102", "压缩方法"),
    "a wrong checksum": (lambda: raw_zip(spoiled(SHEET, crc=1)), "W102", "校验码"),
    "a wrong checksum of a picture": (lambda: raw_zip([*members(), Entry(b"xl/media/1.png", b"x", crc=1)]), "W102", "校验码"),
    "larger than it says": (lambda: raw_zip(spoiled(SHEET, size=20)), "W111", "比它自己声明的大"),
    "smaller than it says": (lambda: raw_zip(spoiled(SHEET, size=20_000)), "W102", "校验码"),
    "its header says another size": (lambda: raw_zip(spoiled(SHEET, local_size=9)), "W102", "不一致"),
    "its header says another name": (lambda: raw_zip(spoiled(SHEET, local_name=b"xl/worksheets/sheet9.xml")), "W102", "没有这个部件"),
    "points past the end": (lambda: raw_zip(spoiled(SHEET, offset=10**6)), "W102", "没有这个部件"),
    "compressed bytes cut off": (lambda: raw_zip(spoiled(SHEET, packed=30)), "W102", "不完整"),
    "compressed bytes run over": (lambda: raw_zip(spoiled(SHEET, packed=10**6)), "W102", "不完整"),
    "two members share bytes": (lambda: overlapping(), "W102", "重叠"),
    "a locator without Zip64": (lambda: broken_zip64(), "W102", "Zip64"),
    "Zip64 sizes without their field": (lambda: raw_zip(spoiled(SHEET, size=0xFFFFFFFF)), "W102", "Zip64"),
    # sizes
    "a part of 47 MB of nothing": (lambda: replaced(SHEET, BOMB), "W111", "几乎全是重复的内容"),
    "a part of 60 MB": (lambda: added(xl__media__a_DOT_png=bytes(60 * 2**20)), "W111", "MB"),
    "many parts of 20 MB": (lambda: hand.zipped(parts() | {f"m/{i}.bin": NOISE * 20 for i in range(7)}), "W111", "展开后共有"),
    "47 MB that call themselves 10 KB": (lambda: raw_zip([*members(), Entry(b"xl/a.xml", BOMB, size=10_000)]), "W111", "声明的大"),
    "a million cells": (lambda: with_sheet("<row>" + "<c/>" * 2_000_000 + "</row>"), "W111", "甲"),
    "half a million cells and one": (lambda: with_sheet(wide_rows(counting.MOST_CELLS // 100 + 1)), "W111", "个单元格"),
    "too many rows": (lambda: with_sheet(many("<row/>", counting.MOST_ROWS + 1)), "W111", "行"),
    "too many merged ranges": (lambda: with_sheet(ROWS, after=merged("A1:B1", 20_001)), "W111", "合并"),
    "a merge over everything": (lambda: with_sheet(ROWS, after=merged("A1:XFD1048576")), "W111", "合并"),
    "a merge over everything, in small letters": (lambda: with_sheet(ROWS, after=merged("xfd1048576:a1")), "W111", "合并"),
    "too many conditional formats": (lambda: with_sheet(ROWS, after=many("<conditionalFormatting/>", 20_001)), "W111", "条件格式"),
    "too many validations": (lambda: with_sheet(ROWS, after=many("<dataValidation/>", 65_535)), "W111", "数据有效性"),
    "too many hyperlinks": (lambda: with_sheet(ROWS, after=many("<hyperlink/>", 65_531)), "W111", "超链接"),
    "too many columns": (lambda: with_sheet(ROWS, before=many('<col min="1" max="16384"/>', 16_385)), "W111", "列格式"),
    "too many cell styles": (lambda: styled(many("<xf/>", 140_000)), "W111", "单元格格式"),
    "too many number formats": (lambda: styled(many("<numFmt/>", 20_001)), "W111", "数字格式"),
    "too many fonts": (lambda: styled(many("<font/>", 65_491)), "W111", "字体"),
    "too many texts": (lambda: replaced("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{many("<si/>", 1_000_001)}</sst>'), "W111", "文字"),
    "too many names": (lambda: changed(BOOK, "</workbook>", many("<definedName/>", 60_001) + "</workbook>"), "W111", "名称"),
    "too many comments": (lambda: added(xl__comments1_DOT_xml=b""), "", ""),
    "a million empty elements in the workbook": (lambda: changed(BOOK, "</workbook>", many("<a/>", 900_000) + "</workbook>"), "W111", "标签"),
    "nested 5,000 deep": (lambda: with_sheet(nested(5_000)), "W111", "嵌套"),
    "nested 100,000 deep in the workbook": (lambda: changed(BOOK, "</workbook>", f"{'<a>' * 100_000}{'</a>' * 100_000}</workbook>"), "W111", "嵌套"),
    "an attribute of 3 MB": (lambda: with_sheet(f'<row r="1" x="{NOISE_TEXT}"/>'), "W111", "属性"),
    # cells
    "a cell right of XFD": (lambda: cells("A1", "XFE1"), "W102", "XFE1"),
    "a cell far right": (lambda: cells("ZZZ1"), "W102", "ZZZ1"),
    "a cell with four letters": (lambda: cells("AAAA1"), "W102", "AAAA1"),
    "a row below the last": (lambda: with_sheet('<row r="1048577"/>'), "W102", "1048577"),
    "a row far below": (lambda: with_sheet('<row r="99999999999"/>'), "W102", "行号"),
    "row zero": (lambda: with_sheet('<row r="0"/>'), "W102", "“0”"),
    "a negative row": (lambda: with_sheet('<row r="-1"/>'), "W102", "“-1”"),
    "a cell in row zero": (lambda: with_sheet('<row r="1"><c r="A0"/></row>'), "W102", "A0"),
    "a cell without a column": (lambda: cells("1"), "W102", "“1”"),
    "a cell without a row": (lambda: cells("A"), "W102", "“A”"),
    "a cell in small letters": (lambda: cells("a1"), "W102", "“a1”"),
    "an address with dollars": (lambda: cells("$A$1"), "W102", "$A$1"),
    "an empty address": (lambda: cells(""), "W102", "“”"),
    "a range as an address": (lambda: cells("A1:B2"), "W102", "A1:B2"),
    "a cell of another row": (lambda: cells("A1", "B2"), "W102", "第 1 行里有单元格自称是 B2"),
    "a cell twice": (lambda: cells("A1", "B1", "A1"), "W102", "A1 有两个"),
    "a cell twice, in two rows of one number": (lambda: with_sheet('<row r="1"><c r="A1"/></row>' * 2), "W102", "第 1 行有两个"),
    "a row twice": (lambda: with_sheet('<row r="1"/><row r="2"/><row r="1"/>'), "W102", "第 1 行有两个"),
    "a cell twice, once without address": (lambda: with_sheet('<row r="1"><c/><c r="A1"/></row>'), "W102", "A1 有两个"),
    "a cell twice, once single-quoted": (lambda: with_sheet("<row r=\"1\"><c r=\"A1\"/><c r='A1'/></row>"), "W102", "A1 有两个"),
    "a cell twice, once with a prefix": (lambda: with_sheet(f'<row r="1"><c r="A1"/><x:c xmlns:x="{MAIN}" r="A1"/></row>'), "W102", "A1 有两个"),
    "a cell twice, written as characters": (lambda: with_sheet('<row r="1"><c r="A1"/><c r="&#65;1"/></row>'), "W102", "A1 有两个"),
    "a cell twice, behind a comment": (lambda: with_sheet('<row r="1"><c r="A1"/><!-- > --><c r="A1"/></row>'), "W102", "A1 有两个"),
    "a cell twice, behind an attribute with >": (lambda: with_sheet('<row r="1"><c r="A1"/><c x=">" r="A1"/></row>'), "W102", "A1 有两个"),
    "17 digits of row": (lambda: cells("A11111111111111111"), "W102", "A1111111"),
    # the workbook
    "two sheets of one title": (lambda: changed(BOOK, 'name="乙"', 'name="甲"'), "W102", "都叫“甲”"),
    "two sheets whose titles differ by capitals": (lambda: changed(BOOK, 'name="甲" ', 'name="a" ').replace(b"", b"") and titled("Ab", "aB"), "W102", "都叫"),
    "two sheets of one part": (lambda: changed(RELATED, "sheet2.xml", "sheet1.xml"), "W102", "同一份内容"),
    "a sheet without its part": (lambda: without(SHEET), "W102", "“甲”"),
    "a sheet without a relation": (lambda: changed(BOOK, 'r:id="rId2"', 'r:id="rId99"'), "W102", "“乙”"),
    "a sheet that lies outside": (lambda: changed(RELATED, 'sheet2.xml"', 'sheet2.xml" TargetMode="External"'), "W102", "“乙”"),
    "two relations of one id": (lambda: changed(RELATED, 'Id="rId2"', 'Id="rId1"'), "W102", "rId1"),
    "no sheets": (lambda: replaced(BOOK, f'<workbook xmlns="{MAIN}"/>'), "W102", "一张工作表也没有"),
    "sheets of another language": (lambda: changed(BOOK, MAIN, "urn:x"), "W102", "一张工作表也没有"),
    "two main parts": (lambda: two_main(), "W102", "主部件"),
    "without content types": (lambda: without(TYPES), "W102", "[Content_Types].xml"),
    "without relations of the package": (lambda: without("_rels/.rels"), "W102", "_rels/.rels"),
    "without relations of the workbook": (lambda: without(RELATED), "W102", "“甲”"),
    "the workbook cut off": (lambda: changed(BOOK, "</workbook>", ""), "W102", "写坏"),
    "the workbook empty": (lambda: replaced(BOOK, ""), "W102", "写坏"),
    "relations cut off": (lambda: changed(RELATED, "</Relationships>", ""), "W102", "写坏"),
    "content types cut off": (lambda: changed(TYPES, "</Types>", ""), "W102", "写坏"),
    # declarations and encodings
    "an entity in the workbook": (lambda: changed(BOOK, "<workbook", DOCTYPE + "<workbook"), "W123", "DOCTYPE"),
    "an entity in a sheet": (lambda: changed(SHEET, "<worksheet", DOCTYPE + "<worksheet"), "W123", "DOCTYPE"),
    "an entity in a relation": (lambda: changed(RELATED, "<Relationships", DOCTYPE + "<Relationships"), "W123", "DOCTYPE"),
    "an entity in a part that nobody reads": (lambda: added(customXml__item1_DOT_xml=DOCTYPE + "<a/>"), "W123", "DOCTYPE"),
    "an entity in a part with another ending": (lambda: added(xl__a_DOT_dat=DOCTYPE + "<a/>"), "W123", "DOCTYPE"),
    "an entity behind 100 KB of spaces": (lambda: changed(SHEET, "<worksheet", " " * 10**5 + DOCTYPE + "<worksheet"), "W123", "DOCTYPE"),
    "an entity in UTF-16": (lambda: declared(SHEET, SHEET_XML.replace("<worksheet", DOCTYPE + "<worksheet"), "utf-16"), "W123", "DOCTYPE"),
    "an entity in UTF-16 of a part that nobody reads": (lambda: added(docProps__app_DOT_xml=(DOCTYPE + "<a/>").encode("utf-16")), "W123", "DOCTYPE"),
    "an external entity": (lambda: changed(SHEET, "<worksheet", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><worksheet'), "W123", "DOCTYPE"),
    "UTF-7": (lambda: declared(SHEET, SHEET_XML, "utf-7"), "W102", "utf-7"),
    "GBK": (lambda: declared(SHEET, SHEET_XML, "gbk"), "W102", "gbk"),
    "UTF-32": (lambda: replaced(SHEET, SHEET_XML.encode("utf-32")), "W102", "字"),
    "half a UTF-16 character": (lambda: replaced(SHEET, SHEET_XML.encode("utf-16") + b"<"), "W102", "UTF-16"),
    "half a pair in UTF-16": (lambda: replaced(SHEET, SHEET_XML.encode("utf-16") + b"\x00\xd8"), "W102", "UTF-16"),
    "a zero character": (lambda: changed(SHEET, "<v>1</v>", "<v>1\0</v>"), "W102", "零字符"),
    # what could run
    "a VBA project by its type": (lambda: typed("xl/v.bin", "application/vnd.ms-office.vbaProject"), "W120", "宏"),
    "a VBA project by its name": (lambda: added(xl__vbaProject_DOT_bin=b"x"), "W120", "宏"),
    "a VBA project in capitals": (lambda: added(XL__VBAPROJECT_DOT_BIN=b"x"), "W120", "宏"),
    "a VBA project by its relation": (lambda: related("vbaProject", "evil.bin"), "W120", "宏"),
    "a macro workbook": (lambda: booked("application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "W120", "宏"),
    "a macro template": (lambda: booked("application/vnd.ms-excel.template.macroEnabled.main+xml"), "W120", "宏"),
    "an Excel 4 macro sheet": (lambda: typed("xl/m.xml", "application/vnd.ms-excel.macrosheet+xml", "<a/>"), "W120", "宏"),
    "an Excel 4 macro sheet by its relation": (lambda: changed(RELATED, f"{hand.OFFICE}/worksheet\" Target=\"worksheets/sheet2", "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet\" Target=\"worksheets/sheet2"), "W120", "宏"),
    "a DDE link": (lambda: related("externalLink", "externalLinks/externalLink1.xml", b"<externalLink><ddeLink/></externalLink>"), "W123", "DDE"),
    "an OLE link": (lambda: related("externalLink", "externalLinks/externalLink1.xml", b"<externalLink><oleLink/></externalLink>"), "W123", "OLE"),
    "DDE in a formula": (lambda: with_sheet("<row r=\"1\"><c r=\"A1\"><f>cmd|' /C calc'!A0</f></c></row>"), "W123", "DDE"),
    "DDE in a formula with a sign": (lambda: with_sheet("<row r=\"1\"><c r=\"A1\"><f>=+MSEXCEL|'\\..\\a.exe'!A0</f></c></row>"), "W123", "DDE"),
    "an embedded object": (lambda: added(xl__embeddings__oleObject1_DOT_bin=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "W123", "嵌入"),
    "an embedded object under a picture's name": (lambda: added(xl__media__a_DOT_png=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "W123", "嵌入"),
    "an embedded program": (lambda: added(xl__media__a_DOT_png=b"MZ\x90"), "W123", "程序"),
    "an ActiveX control": (lambda: typed("xl/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml", "<a/>"), "W123", "ActiveX"),
    # other packages
    "a Word file": (lambda: other("word/document.xml", WORD), "W100", "Word"),
    "a presentation": (lambda: other("ppt/presentation.xml", WORD.replace("wordprocessingml.document", "presentationml.presentation")), "W100", "演示文稿"),
    "an xlsb": (lambda: other("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "W100", ".xlsb"),
    "an ods": (lambda: hand.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}), "W100", ".ods"),
    "an odt": (lambda: hand.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), "W100", "OpenDocument 文件"),
    "Numbers": (lambda: hand.zipped({"Index/Document.iwa": b"x"}), "W100", "Numbers"),
    "a zip of workbooks": (lambda: hand.zipped({"a/甲.xlsx": hand.zipped(parts()), "乙.xls": b"x"}), "W100", "里面有 2 个工作簿"),
    "a zip of pictures": (lambda: hand.zipped({"1.jpg": b"x"}), "W100", "压缩包"),
    "another Office file": (lambda: other("visio/document.xml", "application/vnd.ms-visio.drawing.main+xml"), "W100", "别的办公文件"),
}  # fmt: skip
del HOSTILE["too many comments"], HOSTILE["two sheets whose titles differ by capitals"], HOSTILE["hidden bytes before the directory"]
