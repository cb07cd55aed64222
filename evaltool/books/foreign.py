"""What a file is that is neither a zip package nor an old Office container, by its first bytes and its text."""

from __future__ import annotations

import re

from evaltool.books.package import Refusal

MOST_TEXT = 16 * 2**20  # a province-wide table of 200 counties × 500 columns has about 1 MB
_TEMPLATE = "在 Excel 或 WPS 里打开下发的模板填写，保存为 .xlsx 再报"
_AS_XLSX = "在 Excel 或 WPS 里打开它，另存为“Excel 工作簿（.xlsx）”再报"
_AS_UTF8 = "在 Excel 里另存为“CSV UTF-8（逗号分隔）”或 .xlsx 再报"
_UNPACK = "解压后把里面的工作簿直接报送"
_ORIGINAL = "报送工作簿本身，不要报快捷方式"
_PICTURE = "图片里的数读不出；把内容填进下发的模板再报"
# first bytes → what the file is and what to do
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "是 PDF", "把内容填进下发的 Excel 模板再报；PDF 可作佐证材料另附"),
    (b"\x89PNG", "是图片（PNG）", _PICTURE),
    (b"\xff\xd8\xff", "是图片（JPEG）", _PICTURE),
    (b"GIF8", "是图片（GIF）", _PICTURE),
    (b"BM", "是图片（BMP）", _PICTURE),
    (b"II*\0", "是图片（TIFF）", _PICTURE),
    (b"MM\0*", "是图片（TIFF）", _PICTURE),
    (b"Rar!", "是压缩包（RAR）", _UNPACK),
    (b"7z\xbc\xaf", "是压缩包（7z）", _UNPACK),
    (b"\x1f\x8b", "是压缩包（gzip）", _UNPACK),
    (b"BZh", "是压缩包（bzip2）", _UNPACK),
    (b"\xfd7zXZ", "是压缩包（xz）", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "是压缩包（zstd）", _UNPACK),
    (b"L\0\0\0\x01\x14\x02\0", "是 Windows 快捷方式（.lnk）", _ORIGINAL),
    (b"bplist00", "是苹果系统的快捷方式或设置文件", _ORIGINAL),
    (b"\0\x05\x16\x07", "是苹果系统的附带文件（文件名以 ._ 开头），里面没有内容", "不用报它，报同名的工作簿"),
    (b"\x78\x9f\x3e\x22", "是邮件的附件包（winmail.dat）", "在邮件里把附件里的工作簿存下来再报"),
    (b"{\\rtf", "是 RTF 文档", _TEMPLATE),
    (b"MZ", "是程序", _TEMPLATE),
    (b"\x7fELF", "是程序", _TEMPLATE),
    (b"SQLite format 3", "是数据库", _TEMPLATE),
    (b"PAR1", "是 Parquet 数据文件", _AS_XLSX),
)
# in the first characters of a text, small letters → the same; the first that is found counts
_TEXTS: tuple[tuple[str, str, str], ...] = (
    (r"\A\[internetshortcut\]", "是网址快捷方式（.url）", _ORIGINAL),
    (r"\A\[desktop entry\]", "是桌面快捷方式（.desktop）", _ORIGINAL),
    (r"\Aid;p", "是 SYLK 文件（.slk）", _AS_XLSX),
    (r"\Atable\r?\n0,1", "是 DIF 文件（.dif）", _AS_XLSX),
    (r"\A[^<]{0,4000}content-type:\s*multipart/related", "是单个文件的网页（.mht）", _AS_XLSX),
    (
        r"\A(?:(?:received|return-path|from|to|subject|date|message-id|x-[\w-]+): [^\n]*\n(?:[ \t][^\n]*\n)*){2}",
        "是存下来的邮件（.eml）",
        "打开邮件，把附件里的工作簿存下来再报",
    ),
)
# the same in one that starts with `<`
_MARKED_UP: tuple[tuple[str, str, str], ...] = (
    (r"<!doctype plist|<plist\b", "是苹果系统的快捷方式（.webloc）或设置文件", _ORIGINAL),
    (r"urn:schemas-microsoft-com:office:spreadsheet|progid=.excel\.sheet", "是“XML 电子表格 2003”", _AS_XLSX),
    (r"<office:document\b", "是 OpenDocument 的单个 XML 文件（.fods）", _AS_XLSX),
    (r"schemas\.microsoft\.com/office/word|progid=.word\.document", "是 XML 格式的 Word 文件", _TEMPLATE),
    (r"<!doctype html|<html\b|<table\b|<head\b|<meta\b|<body\b", "是网页（HTML），不是工作簿", _AS_XLSX),
    ("", "是 XML 文件", _TEMPLATE),
)
_TABLES = (".csv", ".txt")
_CONTROL = re.compile("[\0-\x08\x0e-\x19\x1b-\x1f]")


def foreign(data: bytes, suffix: str) -> str:
    """`csv` for a text table under its own name. Raises Refusal that names everything else."""
    for start, what, do in _SIGNATURES:
        if data.startswith(start) and (len(start) > 2 or b"\0" in data[:64]):  # a table may well start with “BM”
            raise Refusal("W100", what, do)
    if data[4:8] == b"ftyp":
        raise Refusal("W100", "是照片或视频（HEIC、MP4 一类）", _PICTURE)
    if data.startswith(b"RIFF"):
        raise Refusal("W100", "是图片、录音或视频（RIFF）", _PICTURE)
    if not data.strip(b"\0"):
        raise Refusal("W102", f"里面 {len(data)} 个字节全是零，多半没有传完", "请原单位重新传送")
    if b"PK\5\6" in data[-(2**16) :]:
        raise Refusal("W102", "是前面带有别的内容的压缩包（如自解压程序）", "只报工作簿本身，另存为 .xlsx 再报")
    return _text(data, suffix)


def _text(data: bytes, suffix: str) -> str:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = _decoded(data[: 2**16], wide=wide, cut=3 if len(data) > 2**16 else 0)
    if text is None and suffix in _TABLES and b"\0" not in data[: 2**16]:
        raise Refusal("W102", "里面的文字既不是 UTF-8 也不是 GB18030 编码", _AS_UTF8)
    if text is None or _CONTROL.search(text):
        raise Refusal("W100", "不是工作簿，也认不出是什么文件", _TEMPLATE)
    head = text.lstrip("\ufeff \t\r\n").lower()
    for pattern, what, do in _MARKED_UP if head.startswith("<") else _TEXTS:
        if re.search(pattern, head):
            raise Refusal("W100", what, do)
    if not head:
        raise Refusal("W102", "里面只有空白", "重新保存或重新导出后再报")
    if suffix not in _TABLES:
        called = _called(head)
        raise Refusal("W100", f"名为 {suffix or '（无扩展名）'}，内容却是{called}", _AS_XLSX)
    if len(data) > MOST_TEXT:
        what = f"有 {len(data) / 2**20:.0f} MB，文本表格最多读 {MOST_TEXT // 2**20} MB"
        raise Refusal("W111", what, "只留要报的行和列，再报")
    whole = _decoded(data, wide=wide, cut=0)
    if whole is None or _CONTROL.search(whole):
        raise Refusal("W102", "后面有不成字的字节，多半损坏了", _AS_UTF8)
    return "csv"


def _decoded(data: bytes, *, wide: bool, cut: int) -> str | None:
    """The text in UTF-8, GB18030 or UTF-16; up to `cut` bytes at the end may belong to a character that goes on."""
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        for shorter in range(cut + 1):
            try:
                return data[: len(data) - shorter].decode(encoding)
            except UnicodeDecodeError as error:
                if error.start < len(data) - 4:
                    break
    return None


def _called(head: str) -> str:
    first = head[:4000]
    if first.count("\t") > first.count(","):
        return "用制表符分隔的文本"
    return "用逗号分隔的文本（csv）" if "," in first else "文本"
