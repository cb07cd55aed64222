"""Workbooks that cost time, memory, or both: each must end in a refusal or be read."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from fractions import Fraction

from tests.corpus.expecting import Must, anything, same, told_or_refused
from tests.corpus.kinds import kind
from tests.corpus.workshop import BOOK, STRINGS, STYLES, TYPES, Workshop

BOMBS, HUGE = "bombs", "huge but honest"
TOO_MUCH = ("W111", "W121", "W102", "W123")
SHEET = "xl/worksheets/sheet2.xml"
BOMB = anything(*TOO_MUCH)
IN_A_CELL = Must(file="any", codes=TOO_MUCH, lost={"sales": (), "opened": (), "index": ()})


def stop() -> Must:
    return Must(file="refused", codes=TOO_MUCH)


def grown(shop: Workshop, part: str, before: str, filling: Iterator[bytes]) -> None:
    """Hands in the package with `filling` streamed into `part` in front of `before`."""
    head, tail = shop.parts[part].split(before.encode(), 1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in shop.parts.items():
            if name != part:
                package.writestr(name, data)
        with package.open(zipfile.ZipInfo(part), "w", force_zip64=True) as member:
            member._compressobj = __import__("zlib").compressobj(1, 8, -15)
            member.write(head)
            for piece in filling:
                member.write(piece)
            member.write(before.encode() + tail)
    shop.hand_in(buffer.getvalue())


@kind(BOMBS, stop(), slow=True)
def rows_of_297_mb(shop: Workshop) -> None:
    row = b'<row><c t="n"><v>1</v></c></row>' * 10_000
    grown(shop, SHEET, "</sheetData>", (row for _ in range(929)))


@kind(BOMBS, stop(), slow=True)
def rows_of_60_mb(shop: Workshop) -> None:
    row = b'<row><c t="n"><v>1</v></c></row>' * 10_000
    grown(shop, SHEET, "</sheetData>", (row for _ in range(190)))


@kind(BOMBS, stop())
def one_million_empty_rows(shop: Workshop) -> None:
    grown(
        shop,
        SHEET,
        "</sheetData>",
        (b"".join(b'<row r="%d"/>' % (i + j) for j in range(1000)) for i in range(100, 1_048_000, 1000)),
    )


@kind(BOMBS, stop(), slow=True)
def zeros_of_2_gb(shop: Workshop) -> None:
    """A member of nothing but spaces that unpacks to 2 GB from 2 MB."""
    grown(shop, "docProps/app.xml", "</Properties>", (b" " * 2**20 for _ in range(2048)))


@kind(BOMBS, stop(), slow=True)
def unused_member_of_200_mb(shop: Workshop) -> None:
    shop.parts["xl/media/picture.bin"] = bytes(200 * 2**20)


@kind(BOMBS, BOMB)
def ten_thousand_members(shop: Workshop) -> None:
    for number in range(10_000):
        shop.parts[f"xl/media/p{number}.png"] = b"x"


@kind(BOMBS, stop())
def sixty_thousand_merges(shop: Workshop) -> None:
    merges = "".join(f'<mergeCell ref="J{i}:K{i}"/>' for i in range(1, 60_001))
    shop.parts[SHEET] = _merged(shop, merges)


def _merged(shop: Workshop, merges: str) -> bytes:
    text = shop.text_of(SHEET)
    return text.replace("</mergeCells>", f"{merges}</mergeCells>", 1).encode()


@kind(BOMBS, BOMB)
def one_merge_over_everything(shop: Workshop) -> None:
    shop.parts[SHEET] = _merged(shop, '<mergeCell ref="K1:XFD1048576"/>')


@kind(BOMBS, Must(file="any", codes=TOO_MUCH, lost={"*": ()}))
def one_merge_over_all_inputs(shop: Workshop) -> None:
    shop.parts[SHEET] = _merged(shop, '<mergeCell ref="A1:XFD1048576"/>')


@kind(BOMBS, Must(file="any", codes=TOO_MUCH, lost={"*": ()}))
def a_thousand_whole_sheet_merges(shop: Workshop) -> None:
    shop.parts[SHEET] = _merged(shop, '<mergeCell ref="A1:XFD1048576"/>' * 1000)


@kind(BOMBS, BOMB)
def sixty_thousand_styles(shop: Workshop) -> None:
    shop.replace(
        STYLES, "</cellXfs>", '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' * 60_000 + "</cellXfs>"
    )


@kind(BOMBS, stop())
def two_million_styles(shop: Workshop) -> None:
    shop.replace(STYLES, "</cellXfs>", '<xf numFmtId="0"/>' * 2_000_000 + "</cellXfs>")


@kind(BOMBS, BOMB)
def hundred_thousand_number_formats(shop: Workshop) -> None:
    formats = "".join(f'<numFmt numFmtId="{i}" formatCode="0.{"0" * (i % 90)}"/>' for i in range(1000, 101_000))
    shop.replace(STYLES, "</numFmts>", formats + "</numFmts>")


@kind(BOMBS, IN_A_CELL)
def one_endless_number_format(shop: Workshop) -> None:
    shop.number("index", "1.08", '"a' * 200_000 + '"0.00')


@kind(BOMBS, IN_A_CELL)
def number_format_of_brackets(shop: Workshop) -> None:
    shop.number("index", "1.08", "[" * 30_000 + "0.00")


@kind(BOMBS, BOMB)
def shared_string_of_30_mb(shop: Workshop) -> None:
    shop.string(f"<t>{'长' * 10_000_000}</t>")


@kind(BOMBS, BOMB)
def million_shared_strings(shop: Workshop) -> None:
    shop.replace(STRINGS, "</sst>", "<si><t>x</t></si>" * 1_000_000 + "</sst>")


@kind(BOMBS, IN_A_CELL)
def text_of_a_million_characters(shop: Workshop) -> None:
    shop.text("sales", "1" * 1_000_000)


@kind(BOMBS, IN_A_CELL)
def number_of_a_million_digits(shop: Workshop) -> None:
    shop.put("sales", f"<v>{'9' * 1_000_000}</v>")


@kind(BOMBS, anything(*TOO_MUCH) & told_or_refused("sales", Fraction("0.3333333333333333"), Fraction(1, 3)))
def decimals_of_a_million_digits(shop: Workshop) -> None:
    shop.put("sales", f"<v>0.{'3' * 1_000_000}</v>")


@kind(BOMBS, IN_A_CELL)
def exponent_of_nine_digits(shop: Workshop) -> None:
    """Exact arithmetic would write a number of a thousand million digits."""
    shop.put("sales", "<v>1E999999999</v>")


@kind(BOMBS, IN_A_CELL)
def minus_exponent_of_nine_digits(shop: Workshop) -> None:
    shop.put("sales", "<v>1E-999999999</v>")


@kind(BOMBS, IN_A_CELL)
def typed_exponent_of_nine_digits(shop: Workshop) -> None:
    shop.text("sales", "1e999999999")


@kind(BOMBS, IN_A_CELL)
def chinese_number_without_end(shop: Workshop) -> None:
    shop.text("sales", "亿" * 5000)


@kind(BOMBS, IN_A_CELL)
def chinese_digits_without_end(shop: Workshop) -> None:
    shop.text("sales", "九千九百" * 20_000)


@kind(BOMBS, IN_A_CELL)
def groups_without_end(shop: Workshop) -> None:
    """Thousands separators for a backtracking pattern."""
    shop.text("sales", "1," + "000," * 50_000 + "x")


@kind(BOMBS, IN_A_CELL)
def spaces_without_end(shop: Workshop) -> None:
    shop.text("sales", "1" + " " * 300_000 + "x")


@kind(BOMBS, IN_A_CELL)
def date_without_end(shop: Workshop) -> None:
    shop.text("opened", "2024年" + "1" * 100_000 + "月")


@kind(BOMBS, IN_A_CELL)
def combining_marks_without_end(shop: Workshop) -> None:
    shop.text("sales", "1" + "\u0301" * 200_000)


@kind(BOMBS, IN_A_CELL)
def letter_that_grows_eighteenfold(shop: Workshop) -> None:
    """NFKC makes eighteen letters of U+FDFA."""
    shop.text("sales", "\ufdfa" * 30_000)


@kind(BOMBS, BOMB)
def nesting_of_100_000(shop: Workshop) -> None:
    shop.replace(SHEET, "</worksheet>", "<a>" * 100_000 + "</a>" * 100_000 + "</worksheet>")


@kind(BOMBS, BOMB)
def nesting_in_the_strings(shop: Workshop) -> None:
    shop.string("<r>" * 50_000 + "<t>x</t>" + "</r>" * 50_000)


@kind(BOMBS, BOMB)
def nesting_in_the_relationships(shop: Workshop) -> None:
    shop.replace(
        "xl/_rels/workbook.xml.rels", "</Relationships>", "<a>" * 100_000 + "</a>" * 100_000 + "</Relationships>"
    )


@kind(BOMBS, BOMB)
def attributes_of_10_mb(shop: Workshop) -> None:
    shop.replace(SHEET, "<sheetData>", f'<sheetData x="{"y" * 10_000_000}">')


@kind(BOMBS, BOMB)
def hundred_thousand_attributes(shop: Workshop) -> None:
    many = " ".join(f"a{i}='1'" for i in range(100_000))
    shop.replace(SHEET, "<sheetData>", f"<sheetData {many}>")


@kind(BOMBS, BOMB)
def hundred_thousand_namespaces(shop: Workshop) -> None:
    many = " ".join(f"xmlns:a{i}='u{i}'" for i in range(100_000))
    shop.replace(SHEET, "<sheetData>", f"<sheetData {many}>")


@kind(BOMBS, BOMB)
def column_ranges_without_end(shop: Workshop) -> None:
    cols = '<col min="1" max="16384" width="9" hidden="1"/>' * 100_000
    shop.replace(SHEET, "</cols>", cols + "</cols>")


@kind(BOMBS, BOMB)
def five_thousand_sheets(shop: Workshop) -> None:
    sheets = "".join(f'<sheet name="s{i}" sheetId="{i}" r:id="rId2"/>' for i in range(100, 5100))
    shop.replace(BOOK, "</sheets>", sheets + "</sheets>")


@kind(BOMBS, BOMB)
def hundred_thousand_names(shop: Workshop) -> None:
    names = "".join(f'<definedName name="n{i}">基础数据!$A$1</definedName>' for i in range(100_000))
    shop.replace(BOOK, "</definedNames>", names + "</definedNames>")


@kind(BOMBS, IN_A_CELL)
def names_that_double(shop: Workshop) -> None:
    """Each defined name calls the one before it twice, and a formula the last one."""
    names = '<definedName name="n0">1</definedName>'
    names += "".join(f'<definedName name="n{i}">n{i - 1}+n{i - 1}</definedName>' for i in range(1, 60))
    shop.replace(BOOK, "</definedNames>", names + "</definedNames>")
    shop.formula("sales", "n59", "12345.67")


@kind(BOMBS, IN_A_CELL)
def formula_nested_5000_deep(shop: Workshop) -> None:
    shop.formula("sales", "(" * 5000 + "12345.67" + ")" * 5000, "12345.67")


@kind(BOMBS, IN_A_CELL)
def formula_of_minus_signs(shop: Workshop) -> None:
    shop.formula("sales", "-" * 7000 + "12345.67", "12345.67")


@kind(BOMBS, IN_A_CELL)
def formula_of_powers(shop: Workshop) -> None:
    shop.formula("sales", "9^9^9^9^9", "12345.67")


@kind(BOMBS, IN_A_CELL)
def formula_that_repeats_text(shop: Workshop) -> None:
    shop.formula("sales", 'LEN(REPT("x",2000000000))', "12345.67")


@kind(BOMBS, IN_A_CELL)
def formula_over_whole_columns(shop: Workshop) -> None:
    shop.formula("sales", "SUM(A:XFD)+SUM($A$1:$XFD$1048576)", "12345.67")


@kind(BOMBS, IN_A_CELL)
def formulas_that_double(shop: Workshop) -> None:
    """Each cell adds the one above it twice: 2^200 steps for whoever works it out without remembering."""
    cells = '<row r="500"><c r="J500"><f>1</f><v>1</v></c></row>'
    cells += "".join(f'<row r="{i}"><c r="J{i}"><f>J{i - 1}+J{i - 1}</f><v>1</v></c></row>' for i in range(501, 700))
    shop.replace(SHEET, "</sheetData>", cells + "</sheetData>")
    shop.formula("sales", "J699*0+12345.67", "12345.67")


@kind(BOMBS, IN_A_CELL)
def formulas_in_a_long_chain(shop: Workshop) -> None:
    cells = '<row r="500"><c r="J500"><v>12345.67</v></c></row>'
    cells += "".join(f'<row r="{i}"><c r="J{i}"><f>J{i - 1}</f><v>12345.67</v></c></row>' for i in range(501, 20_000))
    shop.replace(SHEET, "</sheetData>", cells + "</sheetData>")
    shop.formula("sales", "J19999", "12345.67")


@kind(BOMBS, IN_A_CELL)
def array_over_everything(shop: Workshop) -> None:
    shop.formula("sales", "12345.67", "12345.67", attributes='t="array" ref="A1:XFD1048576"')


@kind(BOMBS, BOMB)
def hundred_thousand_shared_formulas(shop: Workshop) -> None:
    cells = "".join(
        f'<row r="{i}"><c r="J{i}"><f t="shared" si="{i}" ref="J1:XFD1048576">A1</f><v>1</v></c></row>'
        for i in range(500, 60_000)
    )
    shop.replace(SHEET, "</sheetData>", cells + "</sheetData>")


@kind(BOMBS, BOMB)
def validations_without_end(shop: Workshop) -> None:
    more = '<dataValidation type="whole" sqref="A1:XFD1048576"><formula1>1</formula1></dataValidation>' * 50_000
    shop.replace(SHEET, "</dataValidations>", more + "</dataValidations>")


@kind(BOMBS, stop())
def sizes_that_lie(shop: Workshop) -> None:
    """The directory says that a member of 100 MB unpacks to ten bytes."""
    shop.parts["xl/media/x.xml"] = b" " * (100 * 2**20)
    data = bytearray(shop.packed())
    name = b"xl/media/x.xml"
    at = data.find(b"PK\x01\x02" + data[data.rfind(b"PK\x01\x02") + 4 : data.rfind(b"PK\x01\x02") + 4])
    last = data.rfind(name)
    struct.pack_into("<I", data, last - 46 + 24, 10)
    assert at >= 0
    shop.hand_in(bytes(data))


@kind(BOMBS, Must(file="any", codes=TOO_MUCH, lost={"*": ()}))
def sheet_size_that_lies(shop: Workshop) -> None:
    """The sheet itself claims to be smaller than it is."""
    data = bytearray(shop.packed())
    last = data.rfind(SHEET.encode())
    struct.pack_into("<I", data, last - 46 + 24, 1000)
    shop.hand_in(bytes(data))


@kind(BOMBS, stop())
def members_that_overlap(shop: Workshop) -> None:
    """Many directory entries for the same compressed bytes: 40 KB that unpack to gigabytes."""
    kernel = __import__("zlib").compressobj(9, 8, -15)
    squeezed = kernel.compress(b" " * (20 * 2**20)) + kernel.flush()
    crc = __import__("zlib").crc32(b" " * (20 * 2**20))
    data = bytearray(shop.packed())
    end = data.rfind(b"PK\x05\x06")
    count, _, size, start = struct.unpack_from("<HHII", data, end + 8)
    directory = bytes(data[start : start + size])
    body = data[:start]
    more, at = b"", len(body)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(squeezed), 20 * 2**20, 1, 0) + b"a"
    body += local + squeezed
    for number in range(200):
        name = f"xl/{number}.xml".encode()
        more += (
            struct.pack(
                "<4sHHHHHHIIIHHHHHII",
                b"PK\x01\x02",
                20,
                20,
                0,
                8,
                0,
                0,
                crc,
                len(squeezed),
                20 * 2**20,
                len(name),
                0,
                0,
                0,
                0,
                0,
                at,
            )
            + name
        )
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count + 200, count + 200, size + len(more), len(body), 0)
    shop.hand_in(bytes(body) + directory + more + tail)


@kind(BOMBS, anything(*TOO_MUCH))
def content_types_without_end(shop: Workshop) -> None:
    shop.replace(TYPES, "</Types>", '<Default Extension="a" ContentType="b"/>' * 300_000 + "</Types>")


@kind(BOMBS, Must(file="any", codes=TOO_MUCH, lost={"payments": ()}), slow=True)
def list_of_100_000_rows(shop: Workshop) -> None:
    """A list that goes on for a hundred thousand real rows."""
    spot = shop.spots["payments[1].amount"]
    first, column = spot.address, spot.address.rstrip("0123456789")
    assert first
    rows = b"".join(
        b'<row r="%d"><c r="%s%d"><v>1</v></c></row>' % (i, column.encode(), i) for i in range(300, 100_300)
    )
    grown(shop, spot.part, "</sheetData>", iter([rows]))


# --- much, but honest: must be read ---


def _pasted(shop: Workshop, cells: int, columns: int = 20) -> None:
    """A whole export pasted beside the inputs, on a sheet of its own."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    rows = "".join("<row>" + "<c><v>12.5</v></c>" * columns + "</row>" for _ in range(cells // columns))
    shop.parts["xl/worksheets/sheet99.xml"] = f"{head}{rows}</sheetData></worksheet>".encode()
    shop.replace(
        TYPES, "</Types>",
        '<Override PartName="/xl/worksheets/sheet99.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/></Types>',
    )  # fmt: skip
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    shop.replace(
        "xl/_rels/workbook.xml.rels", "</Relationships>",
        f'<Relationship Id="rId99" Type="{relation}" Target="worksheets/sheet99.xml"/></Relationships>',
    )  # fmt: skip
    shop.replace(BOOK, "</sheets>", '<sheet name="台账" sheetId="99" r:id="rId99"/></sheets>')


@kind(HUGE, same())
def pasted_20_000_cells(shop: Workshop) -> None:
    _pasted(shop, 20_000)


@kind(HUGE, same(), slow=True)
def pasted_200_000_cells(shop: Workshop) -> None:
    _pasted(shop, 200_000)


@kind(HUGE, same(), slow=True)
def pictures_of_20_mb(shop: Workshop) -> None:
    """Scanned stamps and screenshots: random bytes, as pictures are."""
    import random

    shop.parts["xl/media/image1.png"] = random.Random(4).randbytes(20 * 2**20)


@kind(HUGE, same())
def column_formatted_to_the_bottom(shop: Workshop) -> None:
    """Somebody formatted 20 000 empty rows."""
    rows = "".join(f'<row r="{i}"><c r="I{i}" s="5"/></row>' for i in range(100, 20_100))
    shop.replace(SHEET, "</sheetData>", rows + "</sheetData>")


@kind(HUGE, same())
def four_thousand_styles(shop: Workshop) -> None:
    """Excel's own limit is 65 490; years of copying leave thousands."""
    shop.replace(
        STYLES, "</cellXfs>", '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' * 4000 + "</cellXfs>"
    )


@kind(HUGE, same())
def two_hundred_merges_elsewhere(shop: Workshop) -> None:
    shop.parts[SHEET] = _merged(shop, "".join(f'<mergeCell ref="J{i}:K{i}"/>' for i in range(100, 300)))
