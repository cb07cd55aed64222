"""The package around the cells: where parts lie, what is hidden or merged, and what is broken."""

from __future__ import annotations

import re

import pytest
from xlsx_by_hand import (
    HEAD,
    MAIN,
    OFFICE,
    STRICT,
    STRICT_OFFICE,
    opened,
    parts,
    relations,
    sheet_of,
    worksheet,
    zipped,
)  # fmt: skip

from evaltool.books.book import BookError
from evaltool.books.xlsx import read_xlsx

ROWS = '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" s="1"><v>0.985</v></c></row>'
BOOK = "xl/workbook.xml"
LISTED = "xl/_rels/workbook.xml.rels"


def plain() -> dict[str, str | bytes]:
    return parts({"表": worksheet(ROWS)}, ("<t>甲</t>",))


def told(found: dict[str, str | bytes]) -> str:
    with pytest.raises(BookError) as caught:
        opened(found)
    assert re.search("[一-龥]", str(caught.value))
    return str(caught.value)


def read(found: dict[str, str | bytes]) -> list[object]:
    (sheet,) = opened(found).sheets
    return [(at, cell.raw, cell.format) for at, cell in sheet.cells.items()]


EXPECTED = read(plain())


def test_what_is_expected_below():
    assert EXPECTED == [((2, 2), "甲", "General"), ((2, 3), 0.985, "0.00%")]


def test_a_strict_workbook_reads_the_same():
    found = plain()
    strict = {
        name: text.replace(MAIN, STRICT).replace(OFFICE, STRICT_OFFICE)
        for name, text in found.items()
        if isinstance(text, str)
    }
    assert read({**found, **strict}) == EXPECTED


def test_prefixes_do_not_matter():
    found = plain()
    for name in (BOOK, "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        text = re.sub(r"<(/?)(\w)", r"<\1x:\2", str(found[name]).replace(HEAD, "")).replace("xmlns=", "xmlns:x=")
        found[name] = HEAD + text
    assert "<x:c r=" in str(found["xl/worksheets/sheet1.xml"])
    assert read(found) == EXPECTED


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "./worksheets/../worksheets/sheet1.xml",
               "Worksheets/Sheet1.xml", "worksheets\\sheet1.xml", "worksheets/sheet%31.xml"],
)  # fmt: skip
def test_targets_are_found_however_they_are_written(target):
    found = plain()
    found[LISTED] = relations(
        ("worksheet", target), ("styles", "/xl/styles.xml"), ("sharedStrings", "sharedstrings.xml")
    )
    assert read(found) == EXPECTED


def test_the_workbook_may_lie_elsewhere():
    found = plain()
    moved = {name.replace("xl/", "data/").replace("workbook.xml", "book2.xml"): text for name, text in found.items()}
    moved["_rels/.rels"] = relations(("officeDocument", "/data/book2.xml"))
    assert read(moved) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_parts_in_other_encodings_are_read(encoding):
    found = plain()
    for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        found[name] = str(found[name]).replace("UTF-8", encoding[:6]).replace("utf-8-", "utf-8").encode(encoding)
    assert read(found) == EXPECTED


def test_a_wrong_dimension_does_not_matter():
    found = plain()
    found["xl/worksheets/sheet1.xml"] = worksheet(ROWS, '<dimension ref="A1"/>')
    assert read(found) == EXPECTED


def test_a_workbook_without_styles_or_texts_is_read():
    found = parts({"表": worksheet('<row r="1"><c r="A1" s="0"><v>1</v></c><c r="B1"><v>2</v></c></row>')})
    del found["xl/styles.xml"]
    found[LISTED] = relations(("worksheet", "worksheets/sheet1.xml"))
    assert read(found) == [((1, 1), 1, "General"), ((1, 2), 2, "General")]


def test_a_style_that_got_lost_is_not_taken_for_none():
    """98.5% would read as 0.985 where nothing says how the cell is shown."""
    found = plain()
    found[LISTED] = relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
    assert "样式 1" in told(found)
    del found["xl/styles.xml"]
    assert "样式 1" in told(found)
    found[LISTED] = plain()[LISTED]
    assert "xl/styles.xml" in told(found)
    found = plain()
    found["xl/styles.xml"] = str(found["xl/styles.xml"]).replace('numFmtId="10"', 'numFmtId="165"')
    assert "样式 1" in told(found)


def test_sheets_stand_in_the_order_of_the_workbook_with_their_state():
    found = parts({name: worksheet(f'<row r="1"><c t="str"><v>{name}</v></c></row>') for name in "甲乙丙"})
    listed = '<sheets><sheet name="丙" sheetId="9" state="veryHidden" r:id="rId3"/>'
    listed += '<sheet name="甲" sheetId="1" r:id="rId1"/>'
    listed += '<sheet name="乙" sheetId="2" state="hidden" r:id="rId2"/></sheets>'
    found[BOOK] = re.sub("<sheets>.*</sheets>", listed, str(found[BOOK]))
    sheets = opened(found).sheets
    assert [(s.title, s.index, s.state, s.cells[1, 1].raw) for s in sheets] == [
        ("丙", 0, "veryHidden", "丙"), ("甲", 1, "visible", "甲"), ("乙", 2, "hidden", "乙"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["chartsheet", "dialogsheet"])
def test_sheets_without_cells_are_passed_over(kind):
    found = parts({"图": f'<{kind} xmlns="{MAIN}"/>', "表": worksheet(ROWS)}, ("<t>甲</t>",))
    (sheet,) = opened(found).sheets
    assert (sheet.title, sheet.index) == ("表", 1)


def test_hidden_rows_and_columns():
    rows = '<row r="1" hidden="1"><c><v>1</v></c></row><row r="2" ht="0" customHeight="1"/><row r="3" ht="15"/>'
    rows += '<row r="4" hidden="true"/><row r="5" hidden="0"><c r="F5"><v>1</v></c></row>'
    columns = '<cols><col min="1" max="2" hidden="1"/><col min="3" max="3" width="9"/><col min="4" max="4" width="0"/>'
    sheet = sheet_of(rows, before=columns + '<col min="6" max="16384" hidden="1"/></cols>')
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1, 2, 4}, {1, 2, 4, 6})


def test_merged_ranges_reach_as_far_as_cells_stand():
    rows = '<row r="1"><c><v>1</v></c></row><row r="3"><c r="D3"><v>2</v></c></row>'
    merged = (
        '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="$C$3:$XFD$1048576"/><mergeCell ref="D1:D1"/></mergeCells>'
    )
    sheet = sheet_of(rows, after=merged)
    assert sheet.merges == {
        (1, 1): "A1:B2", (1, 2): "A1:B2", (2, 1): "A1:B2", (2, 2): "A1:B2",
        (3, 3): "C3:XFD1048576", (3, 4): "C3:XFD1048576",
    }  # fmt: skip
    assert sheet.cell(1, 1).merged == "A1:B2"
    assert sheet.text(2, 2) == "1"


def test_other_files_and_programs_that_are_asked_are_told():
    found = plain()
    found[LISTED] = relations(
        ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml"),
        ("externalLink", "externalLinks/externalLink1.xml"), ("externalLink", "externalLinks/externalLink2.xml"),
    )  # fmt: skip
    found["xl/externalLinks/externalLink1.xml"] = f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'
    outside = f'<Relationship Id="rId9" Type="{OFFICE}/externalLinkPath" TargetMode="External" '
    outside += 'Target="file:///D:/去年.xlsx"/>'
    found["xl/externalLinks/_rels/externalLink1.xml.rels"] = relations(more=outside)
    dde = f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    found["xl/externalLinks/externalLink2.xml"] = dde
    assert opened(found).links == ("file:///D:/去年.xlsx", "cmd|/c calc")
    assert opened(plain()).links == ()


# --- long parts are read in pieces ---


def test_a_long_sheet_reads_as_a_short_one(monkeypatch):
    rows = "".join(
        f'<row r="{r}">{"".join(f"<c><v>{r * c}</v></c>" for c in range(1, 9))}<c t="s"><v>0</v></c></row>'
        for r in range(1, 900)
    )
    found = parts({"表": worksheet(rows, after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')}, ("<t>甲</t>",))
    short = opened(found)
    monkeypatch.setattr("evaltool.books.xlsx_parts._SHORT", 10)
    monkeypatch.setattr("evaltool.books.xlsx_parts._CHUNK", 97)
    long = opened(found)
    assert long == short
    assert len(long.sheets[0].cells) == 899 * 9


# --- what is broken ---


def test_a_sheet_that_is_listed_and_not_there():
    found = plain()
    del found["xl/worksheets/sheet1.xml"]
    assert "“表”" in told(found)
    found = plain()
    found[BOOK] = str(found[BOOK]).replace('r:id="rId1"', 'r:id=""')
    assert "“表”" in told(found)


@pytest.mark.parametrize("part", [BOOK, LISTED, "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_part_that_breaks_off_is_named(part):
    found = plain()
    found[part] = str(found[part])[:-9]
    assert part.lower() in told(found)


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", BOOK])
def test_a_part_of_another_kind_is_refused(part):
    found = plain()
    found[part] = '<html xmlns="http://www.w3.org/1999/xhtml"/>'
    assert told(found)


def test_two_relations_of_one_id_and_two_sheets_of_one_name_are_refused():
    found = plain()
    more = f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="styles.xml"/>'
    found[LISTED] = relations(("worksheet", "worksheets/sheet1.xml"), more=more)
    assert "rId1" in told(found)
    found = parts({"Abc": worksheet(ROWS), "aBC": worksheet(ROWS)}, ("<t>甲</t>",))
    assert "aBC" in told(found)
    assert "没有名字" in told(parts({"": worksheet(ROWS)}, ("<t>甲</t>",)))


def test_merges_and_arrays_out_of_bounds_are_refused():
    for ref in ("", "A", "A0:B1", "A1:B1048577", "1:2", "A1:B2:C3", "XFE1:XFE2"):
        found = parts({"表": worksheet("", after=f'<mergeCells><mergeCell ref="{ref}"/></mergeCells>')})
        assert re.search("区域|这一列", told(found)), ref
    rows = '<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1</f></c><c r="XFD1"><v>1</v></c></row>'
    assert "数组公式" in told(parts({"表": worksheet(rows)}))
    far = '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    assert "合并" in told(
        parts({"表": worksheet(far, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')})
    )


def test_sizes_of_columns_that_are_nonsense_are_refused():
    row = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    for columns in ('<col min="x" max="2" hidden="1"/>', '<col min="1" max="16384" hidden="1"/>' * 3):
        assert "“表”" in told(parts({"表": worksheet(row, f"<cols>{columns}</cols>")}))


def test_bytes_lost_on_the_way_are_told():
    data = bytearray(zipped(plain()))
    at = data.find(b"xl/worksheets/sheet1.xml") + 40
    data[at] ^= 0xFF
    with pytest.raises(BookError, match="传送中损坏"):
        read_xlsx(bytes(data), "某县.xlsx", "")
    with pytest.raises(BookError, match="没有传完"):
        read_xlsx(bytes(data[: len(data) // 2]), "某县.xlsx", "")
