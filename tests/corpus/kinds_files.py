"""Files that are no workbook, or another one than their name says."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Callable

from openpyxl import load_workbook

from tests.corpus import base
from tests.corpus.compound import compound
from tests.corpus.expecting import anything, refused_file, same
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import TYPES, Workshop

NOT, NAMED, PATHS = "not a workbook", "named otherwise", "paths"
NOT_ONE = ("W100", "W102", "W123", "W127", "W103")
ODS = {
    "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
    "content.xml": b'<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:'
    b'office:1.0"><office:body><office:spreadsheet/></office:body></office:document-content>',
    "META-INF/manifest.xml": b"<manifest/>",
}


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return buffer.getvalue()


def csv_text() -> str:
    return "项目,单位,填报值\n乡镇总数,个,12\n网络零售额,万元,12345.67\n"


HTML = (
    "<html><head><meta charset='utf-8'></head><body><table><tr><td>乡镇总数</td><td>12</td></tr></table></body></html>"
)
SPREADSHEET_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell><Data>12</Data></Cell></Row>
</Table></Worksheet></Workbook>"""
MHT = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n<p></p>\n--x--"
LINK = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(80)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)

for _name, _data, _codes in [
    ("empty", b"", ("W102", "W100")),
    ("one_byte", b"P", NOT_ONE),
    ("only_pk", b"PK\x03\x04", NOT_ONE),
    ("zeros", bytes(40_000), NOT_ONE),
    ("empty_zip", b"PK\x05\x06" + bytes(18), NOT_ONE),
    ("csv_utf8", csv_text().encode("utf-8"), ()),
    ("csv_bom", csv_text().encode("utf-8-sig"), ()),
    ("csv_gbk", csv_text().encode("gb18030"), ()),
    ("csv_utf16", csv_text().encode("utf-16"), ()),
    ("html", HTML.encode(), NOT_ONE),
    ("html_after_spaces", b"\xef\xbb\xbf\r\n\r\n  " + HTML.encode(), NOT_ONE),
    ("xml_2003", SPREADSHEET_2003.encode(), NOT_ONE),
    ("mht", MHT.encode(), NOT_ONE),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF", NOT_ONE),
    ("png", PNG, NOT_ONE),
    ("jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(64), NOT_ONE),
    ("rtf", b"{\\rtf1\\ansi 12}", NOT_ONE),
    ("json", b'{"towns": 12}', NOT_ONE),
    ("text", "乡镇总数 12".encode(), NOT_ONE),
    ("sqlite", b"SQLite format 3\0" + bytes(100), NOT_ONE),
    ("shortcut_lnk", LINK, NOT_ONE),
    ("shortcut_url", b"[InternetShortcut]\r\nURL=http://example.com/\r\n", NOT_ONE),
    ("rar", b"Rar!\x1a\x07\x01\0" + bytes(64), NOT_ONE),
    ("seven_zip", b"7z\xbc\xaf\x27\x1c" + bytes(64), NOT_ONE),
    ("programme", b"MZ" + bytes(200), NOT_ONE),
    ("ole_without_anything", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), NOT_ONE),
    ("ole_cut", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NOT_ONE),
    ("git_lfs_pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", NOT_ONE),
]:  # fmt: skip
    register(NOT, f"file_{_name}", lambda shop, data=_data: shop.hand_in(data), refused_file(*_codes))

for _name, _make, _codes in [
    ("ods", lambda: zipped(ODS), NOT_ONE),
    ("docx", lambda: zipped({TYPES: b"<Types/>", "word/document.xml": b"<document/>"}), NOT_ONE),
    ("pptx", lambda: zipped({TYPES: b"<Types/>", "ppt/presentation.xml": b"<p/>"}), NOT_ONE),
    (
        "xlsb",
        lambda: zipped({TYPES: b"<Types/>", "xl/workbook.bin": b"\x83\x01\0", "xl/worksheets/sheet1.bin": b"x"}),
        NOT_ONE,
    ),
    ("zip_of_a_workbook", lambda: zipped({"甲县.xlsx": base.base()}), NOT_ONE),
    ("zip_of_nothing_known", lambda: zipped({"readme.txt": b"hello"}), NOT_ONE),
    ("gzip", lambda: gzip.compress(base.base()), NOT_ONE),
    ("password", lambda: compound({"EncryptionInfo": bytes(200), "EncryptedPackage": bytes(8000)}), ("W101",)),
    ("password_small", lambda: compound({"EncryptedPackage": bytes(64), "EncryptionInfo": bytes(64)}), ("W101",)),
    ("word_97", lambda: compound({"WordDocument": bytes(5000), "1Table": bytes(5000)}), NOT_ONE),
    ("powerpoint_97", lambda: compound({"PowerPoint Document": bytes(5000)}), NOT_ONE),
    ("outlook_mail", lambda: compound({"__properties_version1.0": bytes(5000)}), NOT_ONE),
    ("installer", lambda: compound({"SummaryInformation": bytes(5000)}), NOT_ONE),
    ("ole_workbook_of_zeros", lambda: compound({"Workbook": bytes(8000)}), NOT_ONE),
    ("half", lambda: base.base()[: len(base.base()) // 2], ("W102", "W100")),
    ("last_byte_gone", lambda: base.base()[:-1], ("W102", "W100")),
    ("first_kb_gone", lambda: base.base()[1024:], ("W102", "W100")),
    ("ascii_transfer", lambda: base.base().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), ("W102", "W100")),
    ("mangled_as_utf8", lambda: base.base().decode("utf-8", "replace").encode(), ("W102", "W100")),
    ("base64", lambda: __import__("base64").b64encode(base.base()), NOT_ONE),
    ("middle_zeroed", lambda: base.base()[:9000] + bytes(9000) + base.base()[18000:], ("W102",)),
]:
    register(NOT, f"file_{_name}", lambda shop, make=_make: shop.hand_in(make()), refused_file(*_codes))


@kind(NOT, refused_file("W120"))
def macros(shop: Workshop) -> None:
    """An .xlsm: the content type says so and the project is there."""
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    shop.replace(TYPES, main, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    shop.replace(
        TYPES, "</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    )
    shop.parts["xl/vbaProject.bin"] = compound({"VBA": bytes(2000), "PROJECT": bytes(2000)})
    shop.name = "甲县.xlsm"


@kind(NOT, refused_file("W120", "W123"))
def macros_named_xlsx(shop: Workshop) -> None:
    macros(shop)
    shop.name = "甲县.xlsx"


@kind(NOT, refused_file("W120", "W123"))
def macro_project_without_its_type(shop: Workshop) -> None:
    shop.parts["xl/vbaProject.bin"] = compound({"VBA": bytes(2000), "PROJECT": bytes(2000)})


@kind(NOT, refused_file("W120", "W123"))
def macro_sheet(shop: Workshop) -> None:
    """An Excel 4 macro sheet beside the others."""
    shop.parts["xl/macrosheets/sheet1.xml"] = (
        b'<xm:macrosheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"/>'
    )
    shop.replace(
        TYPES,
        "</Types>",
        '<Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/>'
        "</Types>",
    )
    relation = '<Relationship Id="rIdM" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"'
    shop.replace(
        "xl/_rels/workbook.xml.rels",
        "</Relationships>",
        f'{relation} Target="macrosheets/sheet1.xml"/></Relationships>',
    )
    shop.replace("xl/workbook.xml", "</sheets>", '<sheet name="Macro1" sheetId="99" r:id="rIdM"/></sheets>')


@kind(NOT, refused_file("W103", "W127"))
def another_workbook(shop: Workshop) -> None:
    """Evidence: somebody's own table, saved as a workbook."""
    book = load_workbook(io.BytesIO(base.base()))
    for name in book.sheetnames[1:]:
        del book[name]
    sheet = book.active
    sheet.delete_rows(1, 100)
    sheet.append(["姓名", "培训日期"])
    sheet.append(["张某", "2024-03-05"])
    buffer = io.BytesIO()
    book.save(buffer)
    shop.hand_in(buffer.getvalue(), "培训名单.xlsx")


# --- the same workbook under another name: the content decides ---

for _name, _file in {
    "xls_suffix": "甲县.xls", "et_suffix": "甲县.et", "no_suffix": "甲县", "capital_suffix": "甲县.XLSX",
    "txt_suffix": "甲县.txt",
    "csv_suffix": "甲县.csv", "two_suffixes": "甲县.xlsx.xlsx", "bak": "甲县.xlsx.bak", "spaces": " 甲 县 （终稿） .xlsx",
    "long": "甲" * 70 + ".xlsx", "emoji": "甲县😀.xlsx", "quotes": "甲县'\"“”.xlsx", "percent": "甲县%20%s{0}.xlsx",
    "line_break": "甲县\n终稿.xlsx", "right_to_left": "甲县\u202exslx.xlsx", "other_county": "乙县.xlsx", "dash": "-甲县.xlsx",
    "html_in_name": "<b>甲县</b>.xlsx", "formula_in_name": "=1+1.xlsx", "copy": "甲县 - 副本 (2).xlsx",
}.items():  # fmt: skip

    def _named(shop: Workshop, file: str = _file) -> None:
        shop.name = file.replace("/", "∕")

    register(NAMED, f"name_{_name}", _named, same())


@kind(PATHS, refused_file("W122", "W102"))
def directory(shop: Workshop) -> None:
    path = shop.folder / "甲县.xlsx"
    path.mkdir()
    shop.paths.append(path)


@kind(PATHS, refused_file("W122", "W102"))
def unpacked_workbook(shop: Workshop) -> None:
    path = shop.folder / "甲县.xlsx"
    with zipfile.ZipFile(io.BytesIO(base.base())) as package:
        package.extractall(path)
    shop.paths.append(path)


@kind(PATHS, refused_file("W122", "W102"), apart=True)
def named_pipe(shop: Workshop) -> None:
    path = shop.folder / "甲县.xlsx"
    os.mkfifo(path)
    shop.paths.append(path)


def _linked(target: str) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        path = shop.folder / "甲县.xlsx"
        if target == "good":
            (shop.folder / "real.xlsx").write_bytes(shop.packed())
        path.symlink_to(
            {"good": "real.xlsx", "gone": "nowhere.xlsx", "loop": "甲县.xlsx", "folder": "."}.get(target, target)
        )
        shop.paths.append(path)

    return make


for _name, _target in {
    "link": "good", "dead_link": "gone", "link_to_itself": "loop", "link_to_folder": "folder",
    "link_to_zeros": "/dev/zero",
    "link_to_random": "/dev/urandom", "link_to_terminal": "/dev/tty", "link_to_null": "/dev/null",
    "link_to_memory": "/proc/self/mem",
    "link_to_passwords": "/etc/passwd",
}.items():  # fmt: skip
    register(
        PATHS,
        _name,
        _linked(_target),
        refused_file("W122", "W102", "W100"),
    )


@kind(PATHS, refused_file("W122", "W102"))
def vanished(shop: Workshop) -> None:
    """The file is gone between the listing and the reading."""
    shop.hand_in(b"x").unlink()


@kind(PATHS, refused_file("W111", "W121", "W122", "W102", "W100"))
def sparse_giant(shop: Workshop) -> None:
    """Ten gigabytes of nothing."""
    path = shop.hand_in(b"PK\x03\x04")
    os.truncate(path, 10 * 2**30)


# --- odd zips around a good workbook ---


@kind(NAMED, anything("W102", "W123"))
def bytes_after_the_end(shop: Workshop) -> None:
    shop.hand_in(base.base() + b"\0" * 300)


@kind(NAMED, anything("W102", "W100", "W123"))
def bytes_before_the_start(shop: Workshop) -> None:
    shop.hand_in(b"GIF89a" + bytes(20) + base.base())


@kind(NAMED, same())
def with_a_zip_comment(shop: Workshop) -> None:
    buffer = io.BytesIO(base.base())
    with zipfile.ZipFile(buffer, "a") as package:
        package.comment = "甲县报送".encode()
    shop.hand_in(buffer.getvalue())


@kind(NAMED, same())
def stored_without_compression(shop: Workshop) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name, data in shop.parts.items():
            package.writestr(name, data)
    shop.hand_in(buffer.getvalue())


@kind(NAMED, same())
def streamed_zip(shop: Workshop) -> None:
    """Sizes follow the data, as programs write that save to a pipe."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            self.data += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in shop.parts.items():
            package.writestr(name, data)
    shop.hand_in(bytes(pipe.data))


for _name, _method in {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}.items():

    def _packed_with(shop: Workshop, method: int = _method) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as package:
            for name, data in shop.parts.items():
                package.writestr(name, data)
        shop.hand_in(buffer.getvalue())

    register(NAMED, f"packed_with_{_name}", _packed_with, anything("W102", "W123"))


@kind(NOT, refused_file("W101", "W102", "W123"))
def zip_password(shop: Workshop) -> None:
    """Every member says that it is encrypted."""
    data = bytearray(shop.packed())
    at = 0
    while (at := data.find(b"PK\x03\x04", at)) >= 0:
        struct.pack_into("<H", data, at + 6, struct.unpack_from("<H", data, at + 6)[0] | 1)
        at += 4
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        struct.pack_into("<H", data, at + 8, struct.unpack_from("<H", data, at + 8)[0] | 1)
        at += 4
    shop.hand_in(bytes(data))


@kind(NAMED, anything("W100", "W102", "W123"))
def template_type(shop: Workshop) -> None:
    """Saved as .xltx."""
    shop.replace(TYPES, "spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")
    shop.name = "甲县.xltx"
