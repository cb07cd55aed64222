"""An .xls or .et as it stands: every kind of cell, what was never worked out, and what is crafted or broken."""

from __future__ import annotations

import datetime as dt
import io
import random
import struct

import pytest
import xlrd
import xlwt
from biff_making import (
    BOF,
    CONTINUE,
    FILEPASS,
    SST,
    STRING,
    cell,
    contained,
    entry,
    formula,
    number,
    record,
    result,
    saved,
    stream,
    wide,
    written,
)  # fmt: skip

from evaltool.books.biff import UNDECODED, read_xls
from evaltool.books.book import Book, BookError, Cell, Piece, Sheet
from evaltool.books.formulas import Kind, examine


def day(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # noqa: DTZ001 – a cell has no time zone


def read(data: bytes) -> Book:
    return read_xls(data, "甲县.xls", "0" * 64)


def page(cells: bytes, before: bytes = b"") -> Sheet:
    return read(stream({"表": cells}, before)).sheets[0]


# --- what people write ---


def test_every_kind_of_cell_keeps_value_type_and_format():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("基础数据")
    shapes = {
        "0.00%": 0.985, 'yyyy"年"m"月"d"日"': dt.date(2020, 6, 5), "h:mm": dt.time(13, 30), "@": "007", '0"%"': 95,
        "yyyy-mm-dd": day(2020, 6, 5, 8, 30), "General": 12345678901, "0.0": 84.99499999999999,
    }  # fmt: skip
    for row, (shape, value) in enumerate(shapes.items()):
        sheet.write(row, 0, value, xlwt.easyxf(num_format_str=shape))
    for row, value in enumerate([True, False, "文字\n两行", -0.5, 3.0, 1e300, "", None, "𠮷😀"]):
        sheet.write(row, 1, value)
    sheet.row(20).set_cell_error(0, "#DIV/0!")
    made = read(saved(book))
    cells = made.sheets[0].cells
    assert made.kind == "xls"
    assert not made.uncalculated
    assert [cells[row, 1] for row in (1, 4, 5, 7, 8)] == [
        Cell(0.985, "0.00%", written="0.985"),
        Cell("007", "@"),
        Cell(95, '0"%"', written="95"),
        Cell(12345678901, written="12345678901"),
        Cell(84.99499999999999, "0.0", written="84.99499999999999"),
    ]
    assert cells[1, 1].percent
    assert not cells[5, 1].percent
    assert [cells[row, 1].raw for row in (2, 3, 6)] == [
        day(2020, 6, 5), dt.time(13, 30), day(2020, 6, 5, 8, 30),
    ]  # fmt: skip
    assert [cells[row, 2].raw for row in range(1, 7)] == [True, False, "文字\n两行", -0.5, 3, 1e300]
    assert isinstance(cells[1, 2].raw, bool)
    assert isinstance(cells[5, 2].raw, int)
    assert (7, 2) not in cells
    assert cells[9, 2].raw == "𠮷😀"
    assert cells[21, 1] == Cell("#DIV/0!", error=True)


def test_chinese_dates_may_be_named_by_number_alone():
    """Number format 31 is 2020年6月5日; Excel does not spell it out in the file."""
    looks = record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 134, 0) + wide("宋体", long=False))
    looks += record(0xE0, struct.pack("<2H", 0, 31).ljust(20, b"\0"))
    assert page(cell(0x203, 0, 0, struct.pack("<d", 43987.0)), looks).cells[1, 1] == Cell(
        day(2020, 6, 5), 'yyyy"年"m"月"d"日"', written="43987"
    )


def test_dates_of_the_1904_system_are_the_same_days():
    book = xlwt.Workbook()
    book.dates_1904 = True
    book.add_sheet("表").write(0, 0, 42525, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    assert read(saved(book)).sheets[0].cells[1, 1].raw == day(2020, 6, 5)


def test_hidden_merged_and_struck_out():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    sheet.write_merge(1, 2, 1, 3, "合并")
    sheet.write(5, 0, "隐藏行")
    sheet.row(5).hidden = True
    sheet.col(4).hidden = True
    gone, kept = xlwt.easyxf("font: struck_out on"), xlwt.easyxf("")
    sheet.write(6, 0, 12, gone)
    sheet.write(7, 0, "划掉", gone)
    sheet.write_rich_text(8, 0, [("12", gone.font), ("15", kept.font)], kept)
    sheet.write_rich_text(9, 0, [("12", kept.font), ("  ", gone.font)], kept)
    sheet.write_rich_text(10, 0, [("一", gone.font), ("二", gone.font)], kept)
    other, third = book.add_sheet("藏"), book.add_sheet("深藏")
    other.visibility, third.visibility = 1, 2
    made = read(saved(book))
    first = made.sheets[0]
    assert first.hidden_rows == {6}
    assert first.hidden_columns == {5}
    assert set(first.merges) == {(row, column) for row in (2, 3) for column in (2, 3, 4)}
    assert first.cell(3, 3).merged == "B2:D3"
    assert first.text(3, 4) == "合并"
    assert [first.cells[row, 1].struck for row in (6, 7, 8, 9, 10, 11)] == ["", "all", "all", "part", "", "all"]
    assert [sheet.state for sheet in made.sheets] == ["visible", "hidden", "veryHidden"]


def test_raised_and_lowered_runs():
    """12901 in the cell is 1290 and the mark of a footnote."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    plain, high, low = (xlwt.easyxf(f"font: escapement {how}") for how in ("none", "superscript", "subscript"))
    sheet.write_rich_text(0, 0, [("1290", plain.font), ("1", high.font)], plain)
    sheet.write_rich_text(1, 0, [("12", plain.font), ("2", low.font)], plain)
    sheet.write_rich_text(2, 0, [("12", high.font), ("15", high.font)], plain)
    sheet.write_rich_text(3, 0, ["1", ("290", plain.font)], high)
    sheet.write_rich_text(4, 0, [("12", plain.font), (" ", high.font)], plain)
    made = read(saved(book)).sheets[0]
    assert [made.cells[row, 1].struck for row in range(1, 6)] == ["raised", "raised", "", "raised", ""]
    assert made.pieces[1, 1] == (Piece("1290"), Piece("1", raised=True))
    assert set(made.pieces) == {(1, 1), (2, 1), (4, 1)}


def test_rows_may_be_hidden_by_default_or_have_no_height():
    rows = record(0x225, struct.pack("<HH", 2, 255))
    rows += b"".join(
        record(0x208, struct.pack("<8H", row, 0, 1, height, 0, 0, flags, 15))
        for row, height, flags in ((0, 255, 0), (1, 0, 0), (2, 255, 0x20))
    )
    assert page(rows + b"".join(number(row, 0, 1.0) for row in range(4))).hidden_rows == {2, 3, 4}
    columns = record(0x7D, struct.pack("<6H", 1, 2, 0, 0, 0, 0)) + record(0x7D, struct.pack("<6H", 5, 5, 2000, 0, 1, 0))
    assert page(columns).hidden_columns == {2, 3, 6}


def test_a_formula_that_nobody_worked_out_has_no_value():
    """xlwt writes an empty text beside every formula, other libraries a zero."""
    made = read(
        written([[5, xlwt.Formula("A1*2"), xlwt.Formula("SUM(A1:A1)-(3-1)"), xlwt.Formula('IF(A1>1,"是","否")')]])
    )
    assert made.uncalculated
    assert [made.sheets[0].cells[1, column] for column in (2, 3, 4)] == [
        Cell(None, formula="=A1*2"),
        Cell(None, formula="=SUM(A1:A1)-(3-1)"),
        Cell(None, formula='=IF(A1>1,"是","否")'),
    ]
    zeros = read(stream({"表": formula(0, 0, 0.0, b"\x1e\x05\0") + formula(1, 0, 0.0, b"\x1e\x05\0", flags=2)}))
    assert zeros.uncalculated
    assert [each.raw for each in zeros.sheets[0].cells.values()] == [0, None]


def test_a_formula_with_its_stored_value():
    two = b"\x1e\x02\0"
    cells = (
        formula(0, 0, 12.5, two)
        + formula(1, 0, result(0), two)
        + record(STRING, wide("县" * 3000)[:5003])
        + record(CONTINUE, b"\x01" + wide("县" * 3000)[5003:])
        + formula(2, 0, result(1, 1), two)
        + formula(3, 0, result(2, 0x2A), two)
        + formula(4, 0, result(3), two)
    )
    made = read(stream({"表": cells}))
    assert not made.uncalculated
    found = made.sheets[0].cells
    assert found[1, 1] == Cell(12.5, formula="=2", written="12.5")
    assert found[2, 1].raw == "县" * 3000
    assert found[3, 1].raw is True
    assert found[4, 1] == Cell("#N/A", formula="=2", error=True)
    assert found[5, 1] == Cell("", formula="=2")
    assert read(stream({"表": formula(0, 0, 12.5, two) + record(0x5E, b"\0\0")})).uncalculated


def test_shared_and_array_formulas_are_written_out_for_their_cells():
    """A1*2 shared by B1:B2; the array {=A1:A2*2} in C1:C2."""
    pointer = struct.pack("<BHH", 1, 0, 1)
    relative = b"\x4c" + struct.pack("<HH", 0, 0xC0FF) + b"\x1e\x02\0\x05"  # the cell to the left, times 2
    array = b"\x65" + struct.pack("<HHHH", 0, 1, 0xC000, 0xC000) + b"\x1e\x02\0\x05"
    pointed = struct.pack("<BHH", 1, 0, 2)
    cells = (
        number(0, 0, 3.0)
        + formula(0, 1, 6.0, pointer, flags=8)
        + record(0x4BC, struct.pack("<HHBBBBH", 0, 1, 1, 1, 0, 2, len(relative)) + relative)
        + formula(1, 1, 8.0, pointer, flags=8)
        + formula(0, 2, 6.0, pointed)
        + record(0x221, struct.pack("<HHBBHIH", 0, 1, 2, 2, 0, 0, len(array)) + array)
        + formula(1, 2, 8.0, pointed)
    )
    found = page(cells).cells
    assert [found[at].formula for at in ((1, 2), (2, 2), (1, 3), (2, 3))] == ["=A1*2", "=A2*2", "=A1:A2*2", "=A1:A2*2"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("=1-(2-3)", b"\x1e\x01\0\x1e\x02\0\x1e\x03\0\x04\x15\x04"),
        ("=1-(2-3)", b"\x1e\x01\0\x1e\x02\0\x1e\x03\0\x04\x04"),  # brackets that the writer left out
        ("=(1+2)*3", b"\x1e\x01\0\x1e\x02\0\x03\x1e\x03\0\x05"),
        ("=-50%", b"\x1e\x32\0\x14\x13"),
        ('="a""b"&TRUE', b'\x17\x03\0a"b\x1d\x01\x08'),
        ("=0.1", b"\x1f" + struct.pack("<d", 0.1)),
        ("=ROUND($A$1,2)", b"\x44\0\0\0\0\x1e\x02\0\x41\x1b\0"),
        ("=SUM(A:B)", b"\x25\0\0\xff\xff\0\xc0\x01\xc0\x19\x10\0\0"),
        ("=IF(TRUE,1,)", b"\x1d\x01\x1e\x01\0\x16\x42\x03\x01\0"),
        ("=#REF!", b"\x1c\x17"),
        (UNDECODED, b"\x20\0\0\0\0\0\0\0"),  # an array written out
        (UNDECODED, b"\x23\x09\0\0\0"),  # a name that is not there
        (UNDECODED, b"\x1e\x01"),
        (UNDECODED, b"\x03"),
        (UNDECODED, b"\x1e\x01\0\x1e\x02\0"),
        (UNDECODED, b"\x1e\x01\0" + b"\x15" * 60_000),
    ],
)  # fmt: skip
def test_formulas_come_back_as_they_were_typed(text, tokens):
    assert page(formula(0, 0, 1.0, tokens)).cells[1, 1].formula == text


def test_a_formula_names_other_sheets_and_other_files():
    own = record(0x1AE, struct.pack("<HH", 2, 0x0401))
    other = record(0x1AE, struct.pack("<H", 1) + wide("\x01\x01C数据\x03预算.xls") + wide("表1"))
    sheets = record(0x17, struct.pack("<H", 4) + struct.pack("<12H", 0, 1, 1, 1, 0, 0, 0, 0xFFFF, 0xFFFF, 0, 0, 1))
    cells = b"".join(
        formula(row, 0, 1.0, b"\x3a" + struct.pack("<HHH", row, 4, 0xC002)) for row in range(4)
    )  # C5 of the four
    made = read(stream({"一": cells, "县's": b""}, own + other + sheets))
    assert made.links == ("预算.xls",)
    found = [each.formula for each in made.sheets[0].cells.values()]
    assert found == ["='县''s'!C5", "='[预算.xls]表1'!C5", UNDECODED, "='一:县''s'!C5"]


def test_libreoffice_names_another_file_without_its_sheets():
    other = record(0x1AE, struct.pack("<H", 0) + wide("\x01\x02tmp\x03子目录\x03预算.xlsx"))
    sheets = record(0x17, struct.pack("<4H", 1, 0, 0xFFFF, 0xFFFF))
    made = read(stream({"一": formula(0, 0, 7.0, b"\x3a" + struct.pack("<HHH", 0, 0, 0xC000))}, other + sheets))
    assert made.links == ("预算.xlsx",)
    found = examine(made, made.sheets[0], (1, 1))
    assert (found.kind, found.why) == (Kind.FOREIGN, "预算.xlsx")


def test_numbers_in_four_bytes_and_rich_labels():
    packed = [(0x3FF00000, 1.0), (0x405EDCCD, 1.2345), (12 << 2 | 2, 12), (-5 << 2 | 3, -0.05), (0xC0590000, -100)]
    rk = b"".join(cell(0x27E, row, 0, struct.pack("<I", value & 0xFFFFFFFF)) for row, (value, _) in enumerate(packed))
    several = record(0xBD, struct.pack("<HHHIHIH", 9, 1, 0, 7 << 2 | 2, 0, 8 << 2 | 2, 2))
    rich = cell(0xD6, 10, 0, wide("甲乙") + struct.pack("<HHH", 1, 1, 0))
    found = page(rk + several + rich + cell(0x204, 11, 0, wide("标签"))).cells
    assert [found[row + 1, 1].raw for row in (0, 2, 3, 4)] == [1, 12, -0.05, -100]
    assert (found[10, 2].raw, found[10, 3].raw, found[11, 1].raw, found[12, 1].raw) == (7, 8, "甲乙", "标签")


def test_shared_strings_run_over_records_and_change_their_width_there():
    texts = struct.pack("<II", 3, 3) + wide("一二三")[:7]
    rest = b"\x01" + "三".encode("utf-16-le") + struct.pack("<HB", 4, 0) + b"ab"
    last = b"\x01" + "丙丁".encode("utf-16-le") + struct.pack("<HBH", 1, 9, 1) + "戊".encode("utf-16-le") + bytes(4)
    before = record(SST, texts) + record(CONTINUE, rest) + record(CONTINUE, last)
    cells = b"".join(cell(0xFD, row, 0, struct.pack("<I", row)) for row in range(3))
    assert [each.raw for each in page(cells, before).cells.values()] == ["一二三", "ab丙丁", "戊"]


def test_excel_95_in_the_code_page_of_its_file():
    before = record(0x42, struct.pack("<H", 936))
    text = "松影县".encode("gbk")
    cells = (
        cell(0x204, 0, 0, struct.pack("<H", len(text)) + text) + number(1, 0, 690.0) + formula(2, 0, 5.0, b"\x1e\x05\0")
    )
    made = read(stream({"基础数据": cells}, before, version=0x500))
    assert made.sheets[0].title == "基础数据"
    assert [each.raw for each in made.sheets[0].cells.values()] == ["松影县", 690, 5]
    assert made.sheets[0].cells[3, 1].formula == UNDECODED


def test_the_same_cells_as_xlrd_reads():
    random.seed(7)
    kinds = (
        lambda: random.random() * 10 ** random.randint(-5, 12),
        lambda: random.randint(-9, 10**9),
        lambda: "字" * random.randint(1, 40),
        lambda: random.random() < 0.5,
    )
    rows = [[random.choice(kinds)() for _ in range(12)] for _ in range(200)]
    data = written(rows)
    sheet = xlrd.open_workbook(file_contents=data, logfile=io.StringIO()).sheet_by_index(0)
    cells = read(data).sheets[0].cells
    assert len(cells) == 2400
    for (row, column), each in cells.items():
        assert each.raw == sheet.cell_value(row - 1, column - 1)


# --- what is broken or crafted ends as BookError, and soon ---


def broken(data: bytes) -> str:
    with pytest.raises(BookError) as caught:
        read(data)
    return str(caught.value)


def test_what_cannot_be_read_says_so():
    good = stream({"表": number(0, 0, 1.0)})
    assert "密码" in broken(good[:20] + record(FILEPASS, bytes(6)) + good[20:])
    assert "宏表" in broken(stream({"Macro1": b""}, kind=1))
    assert "4.0" in broken(record(0x409, struct.pack("<HHH", 0, 0x10, 0)) + record(0x0A))
    assert "没有工作表" in broken(stream({"图": b""}, kind=2))
    assert "没有工作簿" in broken(contained(good, "WordDocument"))
    assert "写了两次" in broken(stream({"表": number(0, 0, 1.0) + number(0, 0, 2.0)}))
    assert "同名" in broken(twice_named())
    assert "不完整" in broken(good[:-3])
    assert "不完整" in broken(contained(good)[:3000])
    assert "合并区" in broken(stream({"表": record(0xE5, struct.pack("<5H", 1, 5, 2, 0, 0))}))
    assert "没有的文字" in broken(stream({"表": cell(0xFD, 0, 0, struct.pack("<I", 7))}))
    assert broken(b"")
    assert broken(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))


def twice_named() -> bytes:
    data = stream({"甲": b"", "乙": b""})
    return data.replace("乙".encode("utf-16-le"), "甲".encode("utf-16-le"))


def test_sheets_that_share_their_records_are_refused():
    """Otherwise a thousand small entries could have one large sheet read a thousand times."""
    data = stream({"甲": number(0, 0, 1.0), "乙": number(0, 0, 2.0)})
    at = data.index(record(BOF)[:2], 4)
    first, second = (struct.pack("<I", start) for start in (at, data.index(record(BOF)[:2], at + 4)))
    assert "同一处" in broken(data.replace(second, first))
    assert "找不到" in broken(data.replace(first, struct.pack("<I", 4)))
    assert "重叠" in broken(data.replace(second, struct.pack("<I", at + 20)))


def test_a_container_that_runs_in_circles_ends_soon():
    """xlrd walks sixty entries that point twice at their next for 2^60 steps, a circle of short sectors forever."""
    good = contained(stream({"表": number(0, 0, 1.0)}))
    assert read(good).sheets[0].cells[1, 1].raw == 1
    directory = good.index("Root Entry".encode("utf-16-le"))
    looped = bytearray(good)
    looped[directory + 128 : directory + 256] = entry("Workbook", 2, left=1, right=1, start=0, size=4096)
    assert read(bytes(looped)).sheets[0].cells[1, 1].raw == 1
    table = len(good) - 512
    for first, second in ((0, 0), (3, 1), (7, 0), (8, 8), (2, 500)):
        circle = bytearray(good)
        struct.pack_into("<I", circle, table + 4 * first, second)
        assert broken(bytes(circle))


def test_counts_that_lie_cost_nothing():
    lying = record(SST, struct.pack("<II", 2**31, 2**31 - 1) + wide("一") * 3)
    assert "对不上" in broken(stream({"表": b""}, lying))
    back = record(SST, struct.pack("<II", 9, 9) + struct.pack("<HBI", 1, 5, 0xFFFFFFF0) + b"a\0" + bytes(60))
    assert "对不上" in broken(stream({"表": b""}, back))
    merged = record(0xE5, struct.pack("<H", 900) + struct.pack("<4H", 0, 65535, 0, 255) * 900)
    assert "合并区" in broken(stream({"表": merged}))
    far = page(number(65535, 255, 1.0))
    assert list(far.cells) == [(65536, 256)]


def test_a_thousand_damaged_files_are_read_or_refused():
    book = xlwt.Workbook(encoding="utf-8")
    for title in ("基础数据", "自评打分"):
        sheet = book.add_sheet(title)
        sheet.write_merge(0, 0, 0, 3, "标题")
        for row in range(1, 12):
            sheet.write(row, 0, f"项目{row}")
            sheet.write(row, 1, row * 1.5, xlwt.easyxf(num_format_str="0.00%"))
            sheet.write(row, 2, xlwt.Formula(f"B{row}*2"))
    data = saved(book)
    random.seed(11)
    outcomes = set()
    for _ in range(1000):
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 3, 20))):
            changed[random.randrange(len(changed))] = random.choice((0, 1, 0xFF, random.randrange(256)))
        if random.random() < 0.1:
            del changed[random.randrange(len(changed)) :]
        try:
            outcomes.add(type(read(bytes(changed))))
        except BookError:
            outcomes.add(BookError)
    assert outcomes == {Book, BookError}
