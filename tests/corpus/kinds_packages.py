"""What is wrong inside the package: parts, relationships, declarations, references; quick to make and to refuse."""

from __future__ import annotations

import re
import warnings
import zipfile

from tests.corpus.expecting import Must, anything, refused_file, same
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import BOOK, MAIN, RELATIONS, STRINGS, STYLES, TYPES, Workshop

DECLARED, PARTS, PATHS, SHAPES = "declarations", "parts", "paths in the package", "other spellings of XML"
BAD = ("W102", "W123", "W111", "W121", "W100", "W103")
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
PARTS_OF_A_BOOK = {
    "types": TYPES,
    "relationships": "_rels/.rels",
    "workbook": BOOK,
    "book_relationships": RELATIONS,
    "styles": STYLES,
    "strings": STRINGS,
    "theme": "xl/theme/theme1.xml",
    "sheet": "xl/worksheets/sheet2.xml",
    "properties": "docProps/core.xml",
}


def declared(shop: Workshop, part: str, declaration: str) -> None:
    text = re.sub(r"^<\?xml.*?\?>\s*", "", shop.text_of(part))
    shop.parts[part] = ('<?xml version="1.0" encoding="UTF-8"?>' + declaration + text).encode()


for _name, _part in PARTS_OF_A_BOOK.items():
    register(
        DECLARED,
        f"laughs_in_{_name}",
        lambda shop, part=_part: declared(shop, part, LAUGHS),
        refused_file("W123", "W102"),
    )
    register(DECLARED, f"outside_entity_in_{_name}", lambda shop, part=_part: declared(shop, part, OUTSIDE),
             refused_file("W123", "W102"))  # fmt: skip


@kind(DECLARED, refused_file("W123", "W102"))
def laughs_used(shop: Workshop) -> None:
    declared(shop, "xl/worksheets/sheet2.xml", LAUGHS)
    shop.put("remark", "<is><t>&j;</t></is>", "inlineStr")


@kind(DECLARED, refused_file("W123", "W102"))
def outside_entity_used(shop: Workshop) -> None:
    declared(shop, "xl/worksheets/sheet2.xml", OUTSIDE)
    shop.put("remark", "<is><t>&e;</t></is>", "inlineStr")


@kind(DECLARED, refused_file("W123", "W102"))
def parameter_entity(shop: Workshop) -> None:
    declared(shop, STRINGS, '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>')


@kind(DECLARED, refused_file("W123", "W102"))
def declaration_behind_a_long_comment(shop: Workshop) -> None:
    declared(shop, STRINGS, f"<!--{'x' * 200_000}-->{LAUGHS}")


@kind(DECLARED, refused_file("W123", "W102"))
def declaration_in_small_letters(shop: Workshop) -> None:
    declared(shop, STRINGS, LAUGHS.replace("<!DOCTYPE", "<!doctype"))


@kind(DECLARED, refused_file("W123", "W102"))
def declaration_in_utf16(shop: Workshop) -> None:
    text = re.sub(r"^<\?xml.*?\?>\s*", "", shop.text_of(STRINGS))
    shop.parts[STRINGS] = ('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS + text).encode("utf-16")


@kind(DECLARED, refused_file("W123", "W102"))
def declaration_in_utf7(shop: Workshop) -> None:
    text = re.sub(r"^<\?xml.*?\?>\s*", "", shop.text_of(STRINGS))
    hidden = LAUGHS.replace("<", "+ADw-").replace(">", "+AD4-")
    shop.parts[STRINGS] = ('<?xml version="1.0" encoding="UTF-7"?>' + hidden + text).encode()


@kind(DECLARED, refused_file("W123", "W102"))
def quadratic_blowup(shop: Workshop) -> None:
    declared(shop, "xl/worksheets/sheet2.xml", f'<!DOCTYPE x [<!ENTITY a "{"y" * 50_000}">]>')
    shop.put("remark", f"<is><t>{'&a;' * 5000}</t></is>", "inlineStr")


@kind(DECLARED, anything(*BAD))
def declaration_as_text(shop: Workshop) -> None:
    """The words stand in a cell as text, escaped: harmless."""
    shop.text("remark", "<!DOCTYPE x [<!ENTITY a 'b'>]> &a;")
    shop.truth.fields["remark"] = "<!DOCTYPE x [<!ENTITY a 'b'>]> &a;"


# --- the same book in other encodings and shapes: right XML, so the same figures ---


def _encoded(shop: Workshop, encoding: str) -> None:
    for part in ("xl/worksheets/sheet2.xml", STRINGS):
        text = re.sub(r"^<\?xml.*?\?>\s*", "", shop.text_of(part))
        shop.parts[part] = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)


def _marked(shop: Workshop) -> None:
    for part in shop.parts:
        shop.parts[part] = b"\xef\xbb\xbf" + shop.parts[part]


register(SHAPES, "xml_in_utf16", lambda shop: _encoded(shop, "UTF-16"), anything("W102", "W123"))
register(SHAPES, "xml_in_gb18030", lambda shop: _encoded(shop, "GB18030"), anything("W102", "W123"))
register(SHAPES, "xml_with_bom", lambda shop: _marked(shop), same())


@kind(SHAPES, same())
def prefixed_elements(shop: Workshop) -> None:
    """x:row, x:c, x:v: as some exporters write."""
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet") or part == STRINGS:
            text = re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", shop.text_of(part))
            shop.parts[part] = text.replace("xmlns=", "xmlns:x=").encode()


@kind(SHAPES, same())
def spaces_between_elements(shop: Workshop) -> None:
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            shop.parts[part] = shop.text_of(part).replace("><c ", ">\n   <c ").replace("<row", "\n <row").encode()


@kind(SHAPES, same())
def single_quotes(shop: Workshop) -> None:
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            shop.parts[part] = re.sub(
                r"<(c|row) ([^>]*)>", lambda m: m[0].replace('"', "'"), shop.text_of(part)
            ).encode()


@kind(SHAPES, same())
def attributes_in_another_order(shop: Workshop) -> None:
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            text = re.sub(r'<c r="(\w+)" s="(\d+)" t="s"', r'<c t="s" s="\2" r="\1"', shop.text_of(part))
            shop.parts[part] = text.encode()


@kind(SHAPES, same())
def without_addresses(shop: Workshop) -> None:
    """Neither rows nor cells say where they are; every cell is there, so that counting finds them."""
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            shop.parts[part] = counted(shop.text_of(part)).encode()


def counted(text: str) -> str:
    """Cells without r: gaps filled with empty cells."""
    head, body, tail = re.split(r"(<sheetData>.*</sheetData>)", text, maxsplit=1, flags=re.DOTALL)
    rows, last = [], 0
    for match in re.finditer(r'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', body, re.DOTALL):
        rows += ["<row></row>"] * (int(match[1]) - last - 1)
        last, cells, at = int(match[1]), [], 0
        for cell in re.finditer(r'<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>)', match[3] or "", re.DOTALL):
            column = 0
            for letter in cell[1]:
                column = column * 26 + ord(letter) - 64
            cells += ["<c/>"] * (column - at - 1)
            at = column
            cells.append(f"<c{cell[2]}>{cell[3] or ''}</c>")
        rows.append(f"<row{match[2]}>{''.join(cells)}</row>")
    return f"{head}<sheetData>{''.join(rows)}</sheetData>{tail}"


@kind(SHAPES, same())
def dimension_a1(shop: Workshop) -> None:
    """As WPS may write it."""
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            shop.parts[part] = re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1"', shop.text_of(part)).encode()


@kind(SHAPES, same())
def dimension_gone(shop: Workshop) -> None:
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            shop.parts[part] = re.sub(r"<dimension [^>]*/>", "", shop.text_of(part)).encode()


@kind(SHAPES, same())
def dimension_huge(shop: Workshop) -> None:
    part = "xl/worksheets/sheet2.xml"
    shop.parts[part] = re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', shop.text_of(part)).encode()


@kind(SHAPES, same())
def strict_namespace(shop: Workshop) -> None:
    """Strict Open XML, a choice in Excel's own save dialogue."""
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    for part, data in shop.parts.items():
        text = data.decode().replace(MAIN, strict)
        text = text.replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        shop.parts[part] = text.encode()


@kind(SHAPES, same())
def parts_with_other_names(shop: Workshop) -> None:
    """Sheets and strings lie elsewhere; relationships and content types say where."""
    moves = {"xl/worksheets/sheet2.xml": "xl/worksheets/ark.xml", STRINGS: "xl/texts.xml"}
    for old, new in moves.items():
        shop.parts[new] = shop.parts.pop(old)
        for part in (TYPES, RELATIONS):
            shop.parts[part] = shop.text_of(part).replace(old.removeprefix("xl/"), new.removeprefix("xl/")).encode()


@kind(SHAPES, same())
def workbook_part_with_another_name(shop: Workshop) -> None:
    shop.parts["xl/book.xml"] = shop.parts.pop(BOOK)
    shop.parts["xl/_rels/book.xml.rels"] = shop.parts.pop(RELATIONS)
    shop.replace(TYPES, "/xl/workbook.xml", "/xl/book.xml")
    shop.replace("_rels/.rels", "xl/workbook.xml", "xl/book.xml")


@kind(SHAPES, same())
def absolute_targets(shop: Workshop) -> None:
    text = re.sub(r'Target="(?!/)', 'Target="/xl/', shop.text_of(RELATIONS))
    shop.parts[RELATIONS] = text.encode()


@kind(SHAPES, anything("W102", "W123"))
def backslash_names(shop: Workshop) -> None:
    """Some .NET zippers write xl\\workbook.xml."""
    for part in list(shop.parts):
        shop.parts[part.replace("/", "\\")] = shop.parts.pop(part)


@kind(SHAPES, anything("W102", "W123", "W100"))
def capital_names(shop: Workshop) -> None:
    """Part names differ in case from what refers to them; Excel does not mind."""
    shop.parts["xl/worksheets/Sheet2.xml"] = shop.parts.pop("xl/worksheets/sheet2.xml")


@kind(SHAPES, same())
def rich_text_everywhere(shop: Workshop) -> None:
    runs = r'<si><r><t>\1</t></r><r><rPr><b/></rPr><t xml:space="preserve">\2</t></r></si>'
    text = re.sub(r"<si><t[^>]*>(.)(.*?)</t></si>", runs,
                  shop.text_of(STRINGS), flags=re.DOTALL)  # fmt: skip
    shop.parts[STRINGS] = text.encode()


@kind(SHAPES, same())
def phonetic_guides(shop: Workshop) -> None:
    guide = '<rPh sb="0" eb="1"><t>xian</t></rPh><phoneticPr fontId="1"/></si>'
    shop.parts[STRINGS] = shop.text_of(STRINGS).replace("</si>", guide).encode()


@kind(SHAPES, same())
def inline_strings(shop: Workshop) -> None:
    """Texts in the cells themselves, as openpyxl and many exporters write them."""
    items = re.findall(r"<si>(.*?)</si>", shop.text_of(STRINGS), re.DOTALL)
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            text = re.sub(
                r'<c ([^>]*?) t="s"><v>(\d+)</v></c>',
                lambda m: f'<c {m[1]} t="inlineStr"><is>{items[int(m[2])]}</is></c>',
                shop.text_of(part),
            )
            shop.parts[part] = text.encode()


@kind(SHAPES, same())
def string_results(shop: Workshop) -> None:
    """Texts as t="str" without a formula."""
    items = [re.sub(r"<[^>]*>", "", item) for item in re.findall(r"<si>(.*?)</si>", shop.text_of(STRINGS), re.DOTALL)]
    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            text = re.sub(r'<c ([^>]*?) t="s"><v>(\d+)</v></c>',
                          lambda m: f'<c {m[1]} t="str"><v>{items[int(m[2])]}</v></c>',
                          shop.text_of(part))  # fmt: skip
            shop.parts[part] = text.encode()


@kind(SHAPES, same())
def comments_and_instructions(shop: Workshop) -> None:
    part = "xl/worksheets/sheet2.xml"
    shop.parts[part] = (
        shop.text_of(part)
        .replace("<sheetData>", "<!-- row --><?x y?><sheetData><!-- <c r='E6'><v>99</v></c> -->")
        .encode()
    )


@kind(SHAPES, anything("W102", "W123"))
def extension_lists(shop: Workshop) -> None:
    """A cell inside an extension list is no cell of the sheet."""
    part = "xl/worksheets/sheet2.xml"
    more = f'<extLst><ext uri="{{X}}"><c xmlns="{MAIN}" r="E6"><v>99</v></c></ext></extLst></worksheet>'
    shop.replace(part, "</worksheet>", more)


@kind(SHAPES, same())
def alternate_content(shop: Workshop) -> None:
    part, mc = "xl/worksheets/sheet2.xml", "http://schemas.openxmlformats.org/markup-compatibility/2006"
    choice = '<mc:Choice Requires="x14"><controls/></mc:Choice>'
    more = f'<mc:AlternateContent xmlns:mc="{mc}">{choice}</mc:AlternateContent></worksheet>'
    shop.replace(part, "</worksheet>", more)


# --- parts missing, twice, elsewhere ---

for _name, _part, _must in [
    ("types", TYPES, anything(*BAD)),
    ("relationships", "_rels/.rels", anything(*BAD)),
    ("workbook", BOOK, refused_file(*BAD)),
    ("book_relationships", RELATIONS, refused_file(*BAD)),
    ("styles", STYLES, anything(*BAD)),
    ("strings", STRINGS, refused_file(*BAD)),
    ("theme", "xl/theme/theme1.xml", same()),
    ("properties", "docProps/core.xml", anything(*BAD)),
    ("stamp_sheet", "xl/worksheets/sheet7.xml", refused_file(*BAD)),
]:

    def _without(shop: Workshop, part: str = _part) -> None:
        del shop.parts[part]
        if part == STYLES:  # percentages and dates cannot be told from numbers any more: nothing of it may be used
            shop.truth.fields |= dict.fromkeys(("growth", "satisfied", "opened"))

    if _name == "styles":
        _must = refused_file(*BAD)
    register(PARTS, f"without_{_name}", _without, _must)

for _name, _part in PARTS_OF_A_BOOK.items():
    if _name in ("theme", "properties"):
        continue

    def _cut(shop: Workshop, part: str = _part) -> None:
        shop.parts[part] = shop.parts[part][: len(shop.parts[part]) * 2 // 3]

    register(
        PARTS, f"cut_{_name}", _cut, refused_file(*BAD) if _name not in ("types", "relationships") else anything(*BAD)
    )

    def _emptied(shop: Workshop, part: str = _part) -> None:
        shop.parts[part] = b""

    register(
        PARTS,
        f"emptied_{_name}",
        _emptied,
        refused_file(*BAD) if _name not in ("types", "relationships") else anything(*BAD),
    )


@kind(PARTS, refused_file(*BAD))
def fields_sheet_part_missing(shop: Workshop) -> None:
    del shop.parts["xl/worksheets/sheet2.xml"]


@kind(PARTS, refused_file("W102", "W123"))
def duplicate_member(shop: Workshop) -> None:
    """Two members of one name with other figures: which one counts is anybody's guess."""
    good = shop.packed()
    shop.number("sales", "99999")
    path = shop.hand_in(good)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as package:
        warnings.simplefilter("ignore")
        package.writestr("xl/worksheets/sheet2.xml", shop.parts["xl/worksheets/sheet2.xml"])


@kind(PARTS, refused_file("W102", "W123"))
def duplicate_member_in_capitals(shop: Workshop) -> None:
    good = shop.packed()
    shop.number("sales", "99999")
    path = shop.hand_in(good)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("XL/Worksheets/Sheet2.xml", shop.parts["xl/worksheets/sheet2.xml"])


@kind(PARTS, refused_file(*BAD))
def one_part_for_two_sheets(shop: Workshop) -> None:
    """The scores sheet points to the part of the fields sheet."""
    text = re.sub(r'Target="[^"]*sheet3.xml"', 'Target="worksheets/sheet2.xml"', shop.text_of(RELATIONS))
    shop.parts[RELATIONS] = text.encode()


@kind(PARTS, refused_file(*BAD))
def sheet_without_relationship(shop: Workshop) -> None:
    shop.parts[BOOK] = shop.text_of(BOOK).replace('r:id="rId2"', 'r:id="rId99"').encode()


@kind(PARTS, anything(*BAD))
def relationships_in_a_circle(shop: Workshop) -> None:
    circle = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    )
    kind_ = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    shop.parts["xl/worksheets/_rels/sheet2.xml.rels"] = (
        f'{circle}Type="{kind_}" Target="sheet2.xml"/></Relationships>'.encode()
    )


@kind(PARTS, refused_file(*BAD))
def workbook_points_to_itself(shop: Workshop) -> None:
    shop.parts[RELATIONS] = re.sub(
        r'Target="[^"]*sheet\d.xml"', 'Target="workbook.xml"', shop.text_of(RELATIONS)
    ).encode()


@kind(PARTS, refused_file(*BAD))
def relationship_ids_twice(shop: Workshop) -> None:
    shop.parts[RELATIONS] = shop.text_of(RELATIONS).replace('Id="rId3"', 'Id="rId2"').encode()


@kind(PARTS, refused_file(*BAD))
def sheet_outside_the_package(shop: Workshop) -> None:
    text = re.sub(
        r'Target="[^"]*sheet2.xml"',
        'Target="http://127.0.0.1:9/sheet2.xml" TargetMode="External"',
        shop.text_of(RELATIONS),
    )
    shop.parts[RELATIONS] = text.encode()


@kind(PARTS, refused_file(*BAD))
def sheet_in_the_file_system(shop: Workshop) -> None:
    shop.parts[RELATIONS] = re.sub(
        r'Target="[^"]*sheet2.xml"', 'Target="../../../../etc/passwd"', shop.text_of(RELATIONS)
    ).encode()


@kind(PARTS, refused_file(*BAD))
def no_sheets_at_all(shop: Workshop) -> None:
    shop.parts[BOOK] = re.sub(r"<sheets>.*</sheets>", "<sheets/>", shop.text_of(BOOK)).encode()


@kind(PARTS, refused_file(*BAD))
def string_number_too_high(shop: Workshop) -> None:
    """A text cell refers to a shared string that is not there."""
    shop.put("remark", "<v>999999</v>", "s")


@kind(PARTS, refused_file(*BAD))
def string_number_negative(shop: Workshop) -> None:
    """Python would count from the end."""
    shop.put("level", "<v>-1</v>", "s")


@kind(PARTS, refused_file(*BAD))
def style_number_too_high(shop: Workshop) -> None:
    spot = shop.spots["growth"]
    shop.put_at(spot.part, spot.address, "<v>0.155</v>", style=99999)


@kind(PARTS, refused_file(*BAD))
def style_number_negative(shop: Workshop) -> None:
    shop.put("growth", "<v>0.155</v>", style=-1)


@kind(PARTS, anything(*BAD))
def string_table_count_lies(shop: Workshop) -> None:
    shop.parts[STRINGS] = re.sub(
        r'count="\d+" uniqueCount="\d+"', 'count="4000000000" uniqueCount="4000000000"', shop.text_of(STRINGS)
    ).encode()


@kind(PARTS, Must(file="any", codes=BAD, lost={"sales": ()}))
def unknown_cell_type(shop: Workshop) -> None:
    shop.put("sales", "<v>12345.67</v>", "zz")


for _name, _path in {
    "traversal": "../../../evil.xml", "absolute": "/etc/evil.xml", "drive": "C:\\evil.xml",
    "windows": "..\\..\\evil.xml",
    "null_in_name": "xl/a\0b.xml", "very_long": "xl/" + "a" * 5000 + ".xml", "device": "xl/CON.xml",
}.items():  # fmt: skip

    def _with_path(shop: Workshop, path: str = _path) -> None:
        shop.parts[path] = b"<x/>"

    register(
        PATHS,
        f"path_{_name}",
        _with_path,
        anything(*BAD) if _name in ("device", "very_long", "null_in_name") else Must(file="any", codes=BAD),
    )


# --- cells of one address, addresses that are none ---

CELLS = "addresses"


def _second(shop: Workshop, address: str | None = None, value: str = "99999") -> None:
    """A second cell behind the one of the sales figure."""
    spot = shop.spots["sales"]
    text = shop.text_of(spot.part)
    where = re.search(rf'<c r="{spot.address}"[^>]*>.*?</c>', text)
    assert where is not None
    where_to = (address or spot.address).format(row=spot.row, next=spot.row + 1)
    more = f'<c r="{where_to}"><v>{value}</v></c>'
    shop.parts[spot.part] = (text[: where.end()] + more + text[where.end() :]).encode()


UNSURE = Must(file="any", codes=BAD, lost={"sales": (), "petty": ()})
for _name, _address, _must in [
    ("twice", None, UNSURE),
    ("small_letters", "e{row}", UNSURE),
    ("absolute", "$E${row}", UNSURE),
    ("other_row", "E{next}", UNSURE),
    ("beyond_the_last_column", "XFE{row}", refused_file(*BAD)),
    ("beyond_the_last_row", "E1048577", refused_file(*BAD)),
    ("row_zero", "E0", refused_file(*BAD)),
    ("no_row", "E", refused_file(*BAD)),
    ("no_column", "{row}", refused_file(*BAD)),
    ("negative", "E-{row}", refused_file(*BAD)),
    ("huge_row", "E99999999999999999999", refused_file(*BAD)),
    ("huge_column", "ZZZZZZZZZZ{row}", refused_file(*BAD)),
    ("wide_letters", "Ｅ{row}", refused_file(*BAD)),
    ("words", "销售额", refused_file(*BAD)),
]:
    register(CELLS, f"address_{_name}", lambda shop, address=_address: _second(shop, address), _must)


@kind(CELLS, Must(file="any", codes=BAD, lost={"*": ()}))
def row_number_twice(shop: Workshop) -> None:
    """Two rows of one number with other figures."""
    spot = shop.spots["sales"]
    text = shop.text_of(spot.part)
    row = re.search(rf'<row r="{spot.row}".*?</row>', text, re.DOTALL)
    assert row is not None
    again = row[0].replace("12345.67", "99999")
    shop.parts[spot.part] = (text[: row.end()] + again + text[row.end() :]).encode()


@kind(CELLS, same())
def rows_in_another_order(shop: Workshop) -> None:
    """Rows say their number, so their order in the file says nothing."""
    part = shop.sheet("sales")
    text = shop.text_of(part)
    head, body, tail = re.split(r"<sheetData>(.*)</sheetData>", text, maxsplit=1, flags=re.DOTALL)
    rows = re.findall(r"<row .*?</row>|<row [^>]*/>", body, re.DOTALL)
    shop.parts[part] = f"{head}<sheetData>{''.join(reversed(rows))}</sheetData>{tail}".encode()


@kind(CELLS, same())
def cell_in_the_last_corner(shop: Workshop) -> None:
    """A forgotten space in XFD1048576: aborts one reader's whole process."""
    shop.replace(
        shop.sheet("sales"), "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
