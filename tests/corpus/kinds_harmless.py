"""What people and programs do to a workbook that must not change a figure and must not be complained about."""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from collections.abc import Callable
from typing import Any

from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table

from tests.corpus.expecting import Must, anything, same
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import BOOK, STYLES, TYPES, Workshop

LOOKS, THINGS, SETTINGS = "harmless looks", "harmless things", "harmless settings"
DATA, PAY = "基础数据", "资金拨付明细"


def book_kind(group: str, name: str, change: Callable[[Any], object], must: Must = same()) -> None:  # noqa: B008
    def make(shop: Workshop) -> None:
        with shop.opened() as (book, _):
            change(book)

    register(group, name, make, must)


def every_cell(change: Callable[[Any], object]) -> Callable[[Any], None]:
    def changed(book: Any) -> None:
        for row in book[DATA].iter_rows(min_row=5, min_col=2):
            for cell in row:
                if type(cell).__name__ == "Cell":
                    change(cell)

    return changed


for _name, _change in {
    "fonts": lambda cell: setattr(cell, "font", Font(name="楷体", size=14, bold=True, italic=True, underline="single")),
    "colours": lambda cell: setattr(cell, "fill", PatternFill("solid", start_color="FFFF0000")),
    "borders": lambda cell: setattr(cell, "border", Border(diagonal=Side(style="thick"), diagonalUp=True)),
    "alignment": lambda cell: setattr(
        cell, "alignment", Alignment(horizontal="right", text_rotation=90, shrink_to_fit=True)
    ),
    "unlocked": lambda cell: setattr(cell, "protection", Protection(locked=False, hidden=True)),
}.items():
    book_kind(LOOKS, f"other_{_name}", every_cell(_change))


def widths(book: Any) -> None:
    for sheet in book.worksheets:
        for column in range(2, 9):
            sheet.column_dimensions[get_column_letter(column)].width = 3
        for row in range(5, 20):
            sheet.row_dimensions[row].height = 90


book_kind(LOOKS, "other_widths", widths)
book_kind(LOOKS, "outline_groups", lambda book: book[DATA].row_dimensions.group(6, 9, hidden=False))
book_kind(LOOKS, "zoom_and_view", lambda book: setattr(book[DATA].sheet_view, "zoomScale", 250))
book_kind(LOOKS, "right_to_left_sheet", lambda book: setattr(book[DATA].sheet_view, "rightToLeft", True))
book_kind(LOOKS, "formulas_shown", lambda book: setattr(book[DATA].sheet_view, "showFormulas", True))
book_kind(LOOKS, "zeros_not_shown", lambda book: setattr(book[DATA].sheet_view, "showZeros", False))
book_kind(LOOKS, "unfrozen", lambda book: setattr(book[DATA], "freeze_panes", None))
book_kind(LOOKS, "frozen_elsewhere", lambda book: setattr(book[DATA], "freeze_panes", "B3"))
book_kind(LOOKS, "tab_colour", lambda book: setattr(book[DATA].sheet_properties, "tabColor", "FF0000"))
book_kind(
    LOOKS,
    "colour_scale",
    lambda book: book[DATA].conditional_formatting.add(
        "E6:E40", ColorScaleRule("min", None, "FFFFFFFF", "max", None, "FFFF0000")
    ),
)
book_kind(
    LOOKS,
    "conditional_red",
    lambda book: book[DATA].conditional_formatting.add(
        "E6:E40", CellIsRule("greaterThan", ["10"], font=Font(color="FFFF0000"))
    ),
)
book_kind(
    LOOKS,
    "conditional_formula",
    lambda book: book[PAY].conditional_formatting.add(
        "C6:G9", FormulaRule(["$D6>400"], fill=PatternFill(bgColor="FFFFFF00"))
    ),
)


def formatted_columns(book: Any) -> None:
    """A colour on whole columns, as a click on the column's head gives."""
    for column in "IJKLMNOP":
        book[DATA].column_dimensions[column].fill = PatternFill("solid", start_color="FFEEEEEE")
        book[DATA].column_dimensions[column].number_format = "0.00"


book_kind(LOOKS, "whole_columns_formatted", formatted_columns)
book_kind(
    LOOKS,
    "a_thousand_empty_rows_formatted",
    lambda book: [
        setattr(book[PAY].cell(r, 9), "fill", PatternFill("solid", start_color="FFEEEEEE")) for r in range(210, 1210)
    ],
)

# --- things laid on the sheet ---


def picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(24) for _ in range(8)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@kind(THINGS, same())
def stamp_picture(shop: Workshop) -> None:
    """The county's seal as a picture on the data sheet."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    shop.parts["xl/media/image1.png"] = picture()
    shop.parts["xl/drawings/drawing1.xml"] = (
        b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'
    )
    shop.parts["xl/drawings/_rels/drawing1.xml.rels"] = (
        f'{rels} Type="{relation}image" Target="../media/image1.png"/></Relationships>'.encode()
    )
    shop.parts["xl/worksheets/_rels/sheet2.xml.rels"] = (
        f'{rels} Type="{relation}drawing" Target="../drawings/drawing1.xml"/></Relationships>'.encode()
    )
    shop.replace(shop.sheet("sales"), "</worksheet>", f'<drawing xmlns:r="{relation[:-1]}" r:id="rId1"/></worksheet>')
    drawing = "application/vnd.openxmlformats-officedocument.drawing+xml"
    more = '<Default Extension="png" ContentType="image/png"/>'
    more += f'<Override PartName="/xl/drawings/drawing1.xml" ContentType="{drawing}"/>'
    shop.replace(TYPES, "</Types>", more + "</Types>")


def chart(book: Any) -> None:
    made = BarChart()
    made.add_data(Reference(book[PAY], min_col=4, min_row=5, max_row=9), titles_from_data=True)
    book[PAY].add_chart(made, "J5")


def commented(book: Any) -> None:
    for row in (6, 7, 9, 11, 12, 14):
        book[DATA].cell(row, 5).comment = Comment("数据来自统计局\n已核对，应为 99999", "张科长")


def drop_down(book: Any) -> None:
    check = DataValidation(type="list", formula1='"1,2,3"', showErrorMessage=True)
    book[DATA].add_data_validation(check)
    check.add("E6:E40")


def linked_words(book: Any) -> None:
    book[DATA]["G6"].hyperlink = "http://127.0.0.1/说明.html"


def a_table(book: Any) -> None:
    sheet = book.create_sheet("台账")
    for row in (["村", "数"], ["一", 1], ["二", 2]):
        sheet.append(row)
    sheet.add_table(Table(displayName="台账表", ref="A1:B3"))


book_kind(THINGS, "chart", chart)
book_kind(THINGS, "comments", commented)
book_kind(THINGS, "other_validation", drop_down)
book_kind(THINGS, "hyperlink", linked_words, Must())
book_kind(THINGS, "table", a_table)
book_kind(THINGS, "filter", lambda book: setattr(book[PAY].auto_filter, "ref", "B5:H9"))
book_kind(THINGS, "validations_removed", lambda book: setattr(book[DATA].data_validations, "dataValidation", []))
book_kind(
    THINGS,
    "cover_signed",
    lambda book: [
        setattr(cell, "value", "张三")
        for row in book["填报说明"]["C30:C36"]
        for cell in row
        if type(cell).__name__ == "Cell"
    ],
    Must(),
)
book_kind(THINGS, "remarks_beside", lambda book: [setattr(book[DATA].cell(r, 10), "value", "核") for r in range(6, 20)])
book_kind(
    THINGS, "sums_beside", lambda book: [setattr(book[PAY].cell(r, 11), "value", f"=D{r}*2") for r in range(6, 10)]
)
book_kind(
    THINGS, "errors_beside", lambda book: [setattr(book[DATA].cell(r, 11), "value", "=1/0") for r in range(6, 10)]
)
book_kind(
    THINGS,
    "score_remarks",
    lambda book: [setattr(book["自评打分"].cell(r, 9), "value", "见附件") for r in range(6, 10)],
    Must(),
)

# --- settings ---


def names(book: Any) -> None:
    book.defined_names["总额"] = DefinedName("总额", attr_text="基础数据!$E$11")
    book.defined_names["坏"] = DefinedName("坏", attr_text="#REF!")


def printing(book: Any) -> None:
    book[DATA].print_area = "B2:F20"
    book[DATA].row_breaks.append(Break(id=10))
    book[DATA].oddHeader.center.text = "甲县"


def properties(book: Any) -> None:
    book.properties.creator, book.properties.title = "王科员", "甲县报送表"
    book.properties.modified = dt.datetime(1999, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
    book.properties.keywords = "<x>&"


def protected(book: Any) -> None:
    for sheet in book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.password = "1234"
    book.security.workbookPassword = "1234"
    book.security.lockStructure = True


book_kind(SETTINGS, "defined_names", names)
book_kind(SETTINGS, "print_settings", printing)
book_kind(SETTINGS, "document_properties", properties)
book_kind(SETTINGS, "protected_with_password", protected)
book_kind(
    SETTINGS, "unprotected", lambda book: [setattr(sheet.protection, "sheet", False) for sheet in book.worksheets]
)
book_kind(SETTINGS, "other_active_sheet", lambda book: setattr(book, "active", 3))
book_kind(SETTINGS, "calculation_finished", lambda book: setattr(book.calculation, "fullCalcOnLoad", False))
book_kind(SETTINGS, "calculated_by_hand", lambda book: setattr(book.calculation, "calcMode", "manual"))
book_kind(SETTINGS, "iterating", lambda book: setattr(book.calculation, "iterate", True))


@kind(SETTINGS, same())
def read_only_recommended(shop: Workshop) -> None:
    shop.replace(BOOK, "<workbookPr", '<fileSharing readOnlyRecommended="1" userName="x"/><workbookPr')


@kind(SETTINGS, same())
def styles_with_an_extension(shop: Workshop) -> None:
    shop.replace(STYLES, "</styleSheet>", '<extLst><ext uri="{EB79DEF2}"/></extLst></styleSheet>')


@kind(SETTINGS, same())
def custom_properties_and_xml(shop: Workshop) -> None:
    shop.parts["docProps/custom.xml"] = (
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
    )
    shop.parts["customXml/item1.xml"] = b"<x/>"


@kind(SETTINGS, same())
def printer_settings(shop: Workshop) -> None:
    shop.parts["xl/printerSettings/printerSettings1.bin"] = bytes(5000)


@kind(SETTINGS, same())
def calculation_chain(shop: Workshop) -> None:
    shop.parts["xl/calcChain.xml"] = b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'


@kind(SETTINGS, same())
def threaded_comments(shop: Workshop) -> None:
    shop.parts["xl/threadedComments/threadedComment1.xml"] = b"<ThreadedComments/>"
    shop.parts["xl/persons/person.xml"] = b"<personList/>"


@kind(SETTINGS, anything("W123"))
def embedded_document(shop: Workshop) -> None:
    """A scanned approval dropped on the sheet."""
    shop.parts["xl/embeddings/oleObject1.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)


@kind(SETTINGS, same())
def wps_marks(shop: Workshop) -> None:
    """What WPS leaves behind."""
    shop.replace("docProps/app.xml", "</Properties>", "<Company/></Properties>")
    shop.parts["docProps/custom.xml"] = b'<Properties><property name="KSOProductBuildVer"/></Properties>'
    shop.replace(BOOK, "</workbook>", '<extLst><ext uri="{7523E5D3-25F3-A5E0-1632-64F254C22452}"/></extLst></workbook>')
