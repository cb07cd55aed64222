"""Files that are no Office package: refused as what they are by their content, whatever they are called."""

from __future__ import annotations

import gate_making
import pytest

from evaltool.books.gate import gate, judge

TABLE = "code,name,towns\n990101,松影县,10\n"
HTML = "<html><head><meta charset=gbk></head><table><tr><td>1</td></tr></table></html>"
SPREADSHEET = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:'
MAIL = "From: a@example.com\r\nTo: b@example.com\r\nSubject: =?gbk?B?sai3xA==?=\r\n\r\n见附件"
PLIST = '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "a" "b"><plist><dict><key>URL</key></dict></plist>'
# content, code, word in the message, word in what to do
KINDS = {
    "nothing": (b"", "W102", "空文件", "重新保存"),
    "zeros": (bytes(5000), "W102", "全是零", "重新传送"),
    "white space": (b" \r\n" * 9, "W102", "空白", "重新保存"),
    "PDF": (b"%PDF-1.7\n\xe2\xe3", "W100", "PDF", "佐证材料"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "W100", "PNG", "填进下发的模板"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "W100", "JPEG", "填进下发的模板"),
    "GIF": (b"GIF89a\1\0", "W100", "GIF", "填进下发的模板"),
    "BMP": (b"BM6\0\x0c\0\0\0\0\0", "W100", "BMP", "填进下发的模板"),
    "TIFF": (b"II*\0\x08\0", "W100", "TIFF", "填进下发的模板"),
    "TIFF, the other way round": (b"MM\0*\0\0\0\x08", "W100", "TIFF", "填进下发的模板"),
    "WebP": (b"RIFF\x24\0\0\0WEBPVP8 ", "W100", "图片", "填进下发的模板"),
    "HEIC": (b"\0\0\0\x18ftypheic", "W100", "HEIC", "填进下发的模板"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "W100", "RAR", "解压"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "W100", "7z", "解压"),
    "gzip": (b"\x1f\x8b\x08\0", "W100", "gzip", "解压"),
    "bzip2": (b"BZh91AY&SY", "W100", "bzip2", "解压"),
    "xz": (b"\xfd7zXZ\0", "W100", "xz", "解压"),
    "zstd": (b"\x28\xb5\x2f\xfd\0", "W100", "zstd", "解压"),
    "a Windows shortcut": (b"L\0\0\0\x01\x14\x02\0" + bytes(60), "W100", "快捷方式", "工作簿本身"),
    "an internet shortcut": (b"[InternetShortcut]\r\nURL=file:///x", "W100", "快捷方式", "工作簿本身"),
    "a desktop shortcut": (b"[Desktop Entry]\nType=Link", "W100", "快捷方式", "工作簿本身"),
    "an Apple shortcut": (PLIST.encode(), "W100", "快捷方式", "工作簿本身"),
    "a binary Apple shortcut": (b"bplist00\xd1\1\2", "W100", "快捷方式", "工作簿本身"),
    "an Apple double": (b"\0\x05\x16\x07\0\2\0\0Mac OS X", "W100", "附带文件", "同名的工作簿"),
    "a bag of attachments": (b"\x78\x9f\x3e\x22\1\0", "W100", "winmail.dat", "附件"),
    "a mail": (MAIL.encode(), "W100", "邮件", "附件"),
    "RTF": (b"{\\rtf1\\ansi", "W100", "RTF", "模板"),
    "a program": (b"MZ\x90\0\3\0", "W100", "程序", "模板"),
    "a program of Linux": (b"\x7fELF\2\1", "W100", "程序", "模板"),
    "a database": (b"SQLite format 3\0", "W100", "数据库", "模板"),
    "Parquet": (b"PAR1\x15\4", "W100", "Parquet", ".xlsx"),
    "a web page": (HTML.encode("gbk"), "W100", "网页", "另存为"),
    "a web page after blank lines": (b"\xef\xbb\xbf\r\n\r\n" + HTML.encode(), "W100", "网页", "另存为"),
    "a web page in UTF-16": (HTML.encode("utf-16"), "W100", "网页", "另存为"),
    "a bare table": (b"<table><tr><td>1</td></tr></table>", "W100", "网页", "另存为"),
    "a web archive": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a\r\n", "W100", ".mht", "另存为"),
    "an XML spreadsheet": (SPREADSHEET.encode(), "W100", "XML 电子表格 2003", "另存为"),
    "a flat ods": (b'<?xml version="1.0"?><office:document xmlns:office="a">', "W100", ".fods", "另存为"),
    "a Word XML": (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "W100", "Word", "模板"),
    "some XML": (b"<?xml version='1.0'?><a/>", "W100", "XML 文件", "模板"),
    "SYLK": (b"ID;PWXL;N;E\r\nP;PGeneral", "W100", "SYLK", "另存为"),
    "DIF": (b'TABLE\r\n0,1\r\n"EXCEL"', "W100", "DIF", "另存为"),
    "a table in disguise": (TABLE.encode(), "W100", "名为 .xlsx，内容却是用逗号分隔的文本（csv）", "另存为"),
    "a table in disguise, in GBK": (TABLE.encode("gbk"), "W100", "用逗号分隔", "另存为"),
    "a table with tabs in disguise": (TABLE.replace(",", "\t").encode(), "W100", "制表符", "另存为"),
    "a letter": ("各县：请报送。".encode(), "W100", "内容却是文本", "另存为"),
    "noise": (bytes(range(256)) * 40, "W100", "认不出", "模板"),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_workbook_is_refused_by_its_own_name(name):
    data, code, word, remedy = KINDS[name]
    kind, problem = judge(data, "某县.xlsx")
    assert (kind, problem.code, problem.place.workbook) == ("", code, "某县.xlsx")
    assert word in problem.what
    assert remedy in problem.do
    assert problem.why == "整个文件都没有读，里面的数一个也没有采用"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["汇总.csv", "汇总.CSV", "汇总.txt"])
def test_a_text_table_under_its_own_name_passes(name, encoding):
    assert judge((TABLE * 9000).encode(encoding), name) == ("csv", None)
    assert gate(TABLE.encode(encoding), name).code == "W100"  # where only a package will do


def test_a_table_may_start_with_the_letters_of_a_picture_or_a_program():
    for start in ("BM", "MZ"):
        assert judge(f"{start},name\n1,甲\n".encode(), "a.csv") == ("csv", None)


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (HTML.encode(), "W100", "网页"),
        ((TABLE * 9000).encode("utf-16") + b"x", "W102", "损坏"),
        (TABLE.encode() + b"\xb7\xff,", "W102", "既不是 UTF-8 也不是 GB18030"),
        (TABLE.encode("utf-32"), "W100", "认不出"),
        (TABLE.encode() + b"\0", "W100", "认不出"),
        (TABLE.encode() * 9000 + b"\xff\xff", "W102", "损坏"),
        (b"a,b\n" * (5 * 2**20), "W111", "20 MB"),
    ],
)
def test_what_is_called_a_text_table_and_is_none_is_refused(data, code, word):
    kind, problem = judge(data, "汇总.csv")
    assert (kind, problem.code) == ("", code)
    assert word in problem.what


def test_an_error_that_nobody_thought_of_costs_only_its_file(monkeypatch, caplog):
    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("evaltool.books.gate.foreign", failing)
    kind, problem = judge(b"?", "某县.xlsx")
    assert (kind, problem.code, problem.what) == ("", "W102", "某县.xlsx 打不开，里面有认不出的损坏")
    assert "ZeroDivisionError" in caplog.text  # for whoever mends the gate


def test_whatever_is_wanted_is_named_and_the_rest_refused():
    """The same gate stands before Word files; there nothing but the package is asked for."""

    word = gate_making.another("word/document.xml", "a.wordprocessingml.b")
    asked = ("word/document.xml", "Word 文件", ".doc 或 .wps")
    assert gate(word, "a.docx", *asked) is None
    assert "不是 Word 文件，而是 Excel 工作簿" in gate(gate_making.with_part("a", "b"), "a.docx", *asked).what
    assert (
        gate(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc", *asked).what == "a.doc 是旧格式（.doc 或 .wps）"
    )
    declared = gate_making.hand.zipped({"word/document.xml": "<!DOCTYPE a><a/>"})
    assert gate(declared, "a.docx", *asked).code == "W123"
