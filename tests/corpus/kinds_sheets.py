"""Sheets renamed, moved, copied, deleted; rows and columns the same; anchors and stamp changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from fractions import Fraction
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from tests.corpus.expecting import Must, lost, reads_or_refuses, refused_file, same
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import BOOK, Workshop

SHEETS, ROWS, COLUMNS, ANCHORS = "sheets", "rows", "columns", "anchors"
PAY, DATA, MARKS = "资金拨付明细", "基础数据", "自评打分"
NAMES = {"fields": DATA, "payments": PAY, "goals": "年度目标", "reports": "半年里的月报", "scores": MARKS}


def with_book(change: Callable[[Any, Any], object]) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        with shop.opened() as (book, places):
            change(book, places)

    return make


def book_kind(group: str, name: str, change: Callable[[Any, Any], object], must: Must) -> None:
    register(group, name, with_book(change), must)


# --- sheets ---

for _key, _title in NAMES.items():
    book_kind(SHEETS, f"renamed_{_key}", lambda book, _, t=_title: setattr(book[t], "title", "Sheet1"), same())
    book_kind(SHEETS, f"moved_{_key}", lambda book, _, t=_title: book.move_sheet(t, 9), same())
    _all = {"fields": "*", "scores": "score"}.get(_key, _key)
    if _key in ("payments", "goals"):
        book_kind(
            SHEETS,
            f"deleted_{_key}",
            lambda book, _, t=_title: book.remove(book[t]),
            lost(_key, "W107") & lost("score:C3"),
        )
        book_kind(
            SHEETS,
            f"copied_{_key}",
            lambda book, _, t=_title: book.copy_worksheet(book[t]),
            lost(_key, "W112") & lost("score:C3"),
        )
book_kind(SHEETS, "deleted_fields", lambda book, _: book.remove(book[DATA]), lost("*", "W107"))
book_kind(SHEETS, "deleted_reports", lambda book, _: book.remove(book[NAMES["reports"]]), lost("reports", "W107"))
book_kind(SHEETS, "deleted_scores", lambda book, _: book.remove(book[MARKS]), lost("score", "W107"))
book_kind(SHEETS, "copied_fields", lambda book, _: book.copy_worksheet(book[DATA]), lost("*", "W112"))
book_kind(SHEETS, "reversed_order", lambda book, _: setattr(book, "_sheets", list(reversed(book._sheets))), same())
book_kind(SHEETS, "extra_blank_sheet", lambda book, _: book.create_sheet("Sheet1"), same())
book_kind(SHEETS, "twenty_extra_sheets", lambda book, _: [book.create_sheet(f"s{i}") for i in range(20)], same())
book_kind(SHEETS, "extra_chart_sheet", lambda book, _: book.create_chartsheet("图表"), same())
book_kind(SHEETS, "cover_deleted", lambda book, _: book.remove(book["填报说明"]), Must())
book_kind(SHEETS, "stamp_deleted", lambda book, _: book.remove(book["_evaltool"]), refused_file("W103"))
book_kind(
    SHEETS,
    "all_sheets_hidden",
    lambda book, _: [setattr(sheet, "sheet_state", "hidden") for sheet in book.worksheets[1:]],
    Must(),
)
book_kind(SHEETS, "sheet_emptied", lambda book, _: book[PAY].delete_rows(1, 400), lost("payments"))
book_kind(SHEETS, "title_with_spaces", lambda book, _: setattr(book[DATA], "title", " 基础数据 "), same())


@kind(SHEETS, lost("*", "W112"))
def copy_with_other_figures(shop: Workshop) -> None:
    """A copy of the data sheet in which somebody tried other figures: nobody knows which one counts."""
    with shop.opened() as (book, _):
        other = book.copy_worksheet(book[DATA])
        other[shop.spots["sales"].address] = 99999


@kind(SHEETS, lost("*", "W112"))
def old_copy_hidden(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        other = book.copy_worksheet(book[DATA])
        other[shop.spots["sales"].address] = 99999
        other.sheet_state = "hidden"


@kind(SHEETS, same())
def copy_without_anchors(shop: Workshop) -> None:
    """Only the values were pasted to a sheet of their own."""
    with shop.opened() as (book, _):
        other = book.create_sheet("备份")
        for row in book[DATA].iter_rows(min_row=4, min_col=2):
            for cell in row:
                other.cell(cell.row, cell.column).value = cell.value


@kind(SHEETS, Must(file="any", codes=("W102", "W123"), lost={"*": ()}))
def two_sheets_of_one_name(shop: Workshop) -> None:
    shop.parts[BOOK] = shop.text_of(BOOK).replace('name="年度目标"', f'name="{PAY}"').encode()


@kind(SHEETS, Must(file="any", codes=("W102", "W123"), lost={"*": ()}))
def sheet_without_name(shop: Workshop) -> None:
    shop.parts[BOOK] = shop.text_of(BOOK).replace('name="年度目标"', 'name=""').encode()


@kind(SHEETS, Must(file="any", codes=("W102", "W123", "W103"), lost={"*": ()}))
def sheet_without_data(shop: Workshop) -> None:
    part = shop.sheet("payments[1].amount")
    shop.parts[part] = re.sub(r"<sheetData>.*</sheetData>", "", shop.text_of(part), flags=re.DOTALL).encode()


# --- rows ---


def empty_row_above(key: str) -> Callable[[Workshop], None]:
    """As Excel inserts it: cells, merges and all move down together."""

    def make(shop: Workshop) -> None:
        spot = shop.spots[key]
        with shop.opened() as (book, _):
            shift(book[spot.sheet], spot.row, rows=1)

    return make


def shift(sheet: Worksheet, at: int, rows: int = 0, columns: int = 0) -> None:
    """insert_rows or insert_cols, with the merges moved as a spreadsheet program moves them."""
    for merged in list(sheet.merged_cells.ranges):
        if rows and merged.min_row >= at:
            merged.shift(0, rows)
        if columns and merged.min_col >= at:
            merged.shift(columns, 0)
    if rows:
        sheet.insert_rows(at, rows)
    if columns:
        sheet.insert_cols(at, columns)


for _key in (
    "towns",
    "sales",
    "payments[1].title",
    "payments[3].title",
    "goals[2].title",
    "reports[4].sent",
    "score:A5",
    "payments.count",
):
    register(ROWS, f"row_inserted_above_{_key}", empty_row_above(_key), same())


@kind(ROWS, same())
def rows_inserted_at_the_top(shop: Workshop) -> None:
    """A title typed above everything, so that the anchors no longer stand in row 1."""
    with shop.opened() as (book, _):
        for title in (DATA, PAY):
            shift(book[title], 1, rows=2)
            book[title]["B1"] = "甲县2024年度报送表"


def delete_row(key: str) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        spot = shop.spots[key]
        with shop.opened() as (book, _):
            for merged in list(book[spot.sheet].merged_cells.ranges):
                if merged.min_row > spot.row:
                    merged.shift(0, -1)
            book[spot.sheet].delete_rows(spot.row)

    return make


register(ROWS, "field_row_deleted", delete_row("sales"), lost("sales", "W108"))
register(ROWS, "score_row_deleted", delete_row("score:A4"), lost("score:A4", "W108"))
register(ROWS, "report_row_deleted", delete_row("reports[3].sent"), lost("reports[3]", "W108"))
register(ROWS, "list_row_deleted", delete_row("payments[2].title"), lost("payments", "D115"))
register(ROWS, "list_row_deleted_2", delete_row("goals[2].title"), lost("goals", "D115") & lost("score:C3"))
register(ROWS, "header_row_deleted", delete_row("payments.labels.no"), lost("payments"))
register(ROWS, "count_row_deleted", delete_row("payments.count"), Must(lost={"payments": ()}))


def swap_rows(sheet: Worksheet, first: int, second: int, columns: range) -> None:
    for column in columns:
        a, b = sheet.cell(first, column), sheet.cell(second, column)
        looks = copy(b._style), copy(a._style)  # before a date brings its own look
        a.value, b.value = b.value, a.value
        a._style, b._style = looks


def swapped(first: str, second: str, *, anchors: bool) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        a, b = shop.spots[first], shop.spots[second]
        with shop.opened() as (book, _):
            swap_rows(book[a.sheet], a.row, b.row, range(1 if anchors else 2, 10))

    return make


register(ROWS, "rows_swapped_with_anchors", swapped("sales", "petty", anchors=True), same())
register(ROWS, "report_rows_swapped_with_anchors", swapped("reports[1].sent", "reports[5].sent", anchors=True), same())
register(ROWS, "rows_swapped_without_anchors", swapped("sales", "petty", anchors=False),
         reads_or_refuses("sales", Fraction("12345.67"), "D127", "W109", "W108", "W112", "D126")
         & reads_or_refuses("petty", 86400, "D127", "W109", "W108", "W112", "D126"))  # fmt: skip
register(ROWS, "similar_rows_swapped_without_anchors", swapped("budget", "paid", anchors=False),
         reads_or_refuses("budget", 2000, "D127", "W109", "W108", "W112")
         & reads_or_refuses("paid", Fraction("1834.5"), "D127", "W109", "W108", "W112"))  # fmt: skip
register(ROWS, "score_rows_swapped_without_anchors", swapped("score:A1", "score:A2", anchors=False),
         lost("score:A1") & lost("score:A2"))  # fmt: skip
register(ROWS, "report_rows_swapped_without_anchors", swapped("reports[1].sent", "reports[5].sent", anchors=False),
         Must(lost={"reports": ()}))  # fmt: skip
register(
    ROWS, "list_rows_swapped", swapped("payments[1].title", "payments[4].title", anchors=False), same(any_order=True)
)


@kind(ROWS, lost("*"))
def data_sorted_without_anchors(shop: Workshop) -> None:
    """Somebody sorted the visible part by its names: no figure may land in another item."""
    with shop.opened() as (book, _):
        sheet = book[DATA]
        for merged in list(sheet.merged_cells.ranges):
            if merged.min_row > 4:
                sheet.unmerge_cells(merged.coord)
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=32, min_col=2, max_col=8)]
        rows.sort(key=lambda row: str(row[1] or ""), reverse=True)
        for number, row in enumerate(rows, 5):
            for column, value in enumerate(row, 2):
                sheet.cell(number, column).value = value


@kind(ROWS, lost("*"))
def data_shifted_by_a_row(shop: Workshop) -> None:
    """Pasted one row too low: every figure stands beside another name."""
    with shop.opened() as (book, _):
        sheet = book[DATA]
        keys = ["towns", "stations", "trained", "budget", "paid", "sales", "petty"]
        values = [sheet[shop.spots[key].address].value for key in keys]
        for key, value in zip(keys, [None, *values[:-1]], strict=True):
            sheet[shop.spots[key].address] = value
    shop.truth.fields |= {"towns": None, "stations": 12, "trained": 9, "budget": 3456, "paid": 2000}
    shop.truth.fields |= {"sales": Fraction("1834.5"), "petty": Fraction("12345.67")}


def copy_row(key: str, *, anchor: bool = True) -> Callable[[Workshop], None]:
    """The row once more, directly below."""

    def make(shop: Workshop) -> None:
        spot = shop.spots[key]
        with shop.opened() as (book, _):
            sheet = book[spot.sheet]
            shift(sheet, spot.row + 1, rows=1)
            for column in range(1 if anchor else 2, 10):
                sheet.cell(spot.row + 1, column).value = sheet.cell(spot.row, column).value

    return make


register(ROWS, "field_row_twice", copy_row("sales"), lost("sales", "W112"))
register(ROWS, "field_row_twice_without_anchor", copy_row("sales", anchor=False), Must(lost={"sales": ()}))
register(ROWS, "list_row_twice", copy_row("payments[2].title"), lost("payments", "D115"))
register(ROWS, "report_row_twice", copy_row("reports[2].sent"), lost("reports[2]", "W112"))
register(ROWS, "score_row_twice", copy_row("score:A3"), lost("score:A3", "W112"))


def typed_below(*values: object, gap: int = 0) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        spot = shop.spots["payments[4].title"]
        with shop.opened() as (book, _):
            for column, value in enumerate(values):
                book[PAY].cell(spot.row + 1 + gap, spot.column + column).value = value

    return make


register(ROWS, "total_row_in_a_list", typed_below("合计", 1834.5), lost("payments", "D115"))
register(ROWS, "note_below_a_list", typed_below("注：以上为拨付数", gap=3), lost("payments", "D115"))
register(ROWS, "spaces_below_a_list", typed_below("  ", gap=1), same())
register(ROWS, "empty_formula_below_a_list", typed_below('=""', gap=1), Must(lost={"payments": ()}))


@kind(ROWS, same())
def gaps_between_list_rows(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        sheet, first = book[PAY], shop.spots["payments[1].title"].row
        for number in (4, 3, 2):
            for column in range(3, 9):
                sheet.cell(first + 2 * (number - 1), column).value = sheet.cell(first + number - 1, column).value
                sheet.cell(first + 2 * (number - 1), column).number_format = sheet.cell(
                    first + number - 1, column
                ).number_format
                sheet.cell(first + number - 1, column).value = None


@kind(ROWS, lost("payments", "D115"))
def total_counted_as_a_row(shop: Workshop) -> None:
    """The total row was counted too, so the number of rows agrees: only the word gives it away."""
    typed_below("合计", 1834.5)(shop)
    with shop.opened() as (book, _):
        book[PAY][shop.spots["payments.count"].address] = 5


for _name, _value in {"too_few": 3, "too_many": 5, "zero": 0, "about": "约4", "negative": -4, "half": 4.5}.items():

    def _count(shop: Workshop, value: object = _value) -> None:
        shop.text("payments.count", value) if isinstance(value, str) else shop.number("payments.count", str(value))

    register(ROWS, f"row_count_{_name}", _count, lost("payments"))
register(ROWS, "row_count_text", lambda shop: shop.text("payments.count", "4"), Must())
register(ROWS, "row_count_wide", lambda shop: shop.text("payments.count", "４"), Must())
register(ROWS, "row_count_with_unit", lambda shop: shop.text("payments.count", "4项"), Must(lost={"payments": ()}))
register(ROWS, "row_count_chinese", lambda shop: shop.text("payments.count", "四"), Must(lost={"payments": ()}))
register(ROWS, "row_count_blank", lambda shop: shop.put("payments.count"), Must())


# --- columns ---


@kind(COLUMNS, same())
def columns_swapped_with_anchors(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        sheet = book[PAY]
        for row in (1, *range(5, 210)):
            a, b = sheet.cell(row, 4), sheet.cell(row, 6)
            a.value, b.value = b.value, a.value
            a._style, b._style = copy(b._style), copy(a._style)


@kind(COLUMNS, lost("payments"))
def columns_swapped_without_anchors(shop: Workshop) -> None:
    """Header and data of two columns changed places, the hidden row did not."""
    with shop.opened() as (book, _):
        sheet = book[PAY]
        for row in range(5, 210):
            a, b = sheet.cell(row, 4), sheet.cell(row, 6)
            a.value, b.value = b.value, a.value
            a._style, b._style = copy(b._style), copy(a._style)


@kind(COLUMNS, lost("goals") & lost("score:C3"))
def alike_columns_swapped_without_anchors(shop: Workshop) -> None:
    """目标值 and 完成值 changed places, header and all: nothing but the header tells."""
    with shop.opened() as (book, _):
        sheet = book["年度目标"]
        for row in range(5, 210):
            a, b = sheet.cell(row, 4), sheet.cell(row, 5)
            a.value, b.value = b.value, a.value


def insert_column(sheet: str, at: int) -> Callable[[Workshop], None]:
    return with_book(lambda book, _: shift(book[sheet], at, columns=1))


register(COLUMNS, "column_inserted_in_fields", insert_column(DATA, 4), same())
register(COLUMNS, "column_inserted_before_anchors", insert_column(DATA, 1), same())
register(COLUMNS, "column_inserted_in_list", insert_column(PAY, 5), same())
register(COLUMNS, "column_inserted_in_scores", insert_column(MARKS, 3), same())


def delete_column(sheet: str, at: int) -> Callable[[Workshop], None]:
    def change(book: Any, _: Any) -> None:
        for merged in list(book[sheet].merged_cells.ranges):
            book[sheet].unmerge_cells(merged.coord)
        book[sheet].delete_cols(at)

    return with_book(change)


register(COLUMNS, "value_column_deleted", delete_column(DATA, 5), lost("*", "W108"))
register(COLUMNS, "unit_column_deleted", delete_column(DATA, 4), Must(lost={"*": ()}))
register(COLUMNS, "evidence_column_deleted", delete_column(DATA, 6), Must())
register(COLUMNS, "note_column_deleted", delete_column(DATA, 7), same())
register(COLUMNS, "name_column_deleted", delete_column(DATA, 3), Must(lost={"*": ()}))
register(COLUMNS, "list_column_deleted", delete_column(PAY, 4), lost("payments", "W108"))
register(COLUMNS, "number_column_deleted", delete_column(PAY, 2), Must(lost={"payments": ()}))
register(COLUMNS, "score_column_deleted", delete_column(MARKS, 8), lost("score", "W108"))
register(
    COLUMNS,
    "extra_column_filled",
    with_book(lambda book, _: [book[PAY].cell(r, 10, "备注") for r in range(5, 10)]),
    same(),
)


# --- anchors and stamp ---


def anchor(sheet: str, row: int, column: int, value: str | None) -> Callable[[Workshop], None]:
    return with_book(lambda book, _: setattr(book[sheet].cell(row, column), "value", value))


register(ANCHORS, "row_anchor_removed", anchor(DATA, 14, 1, None), lost("sales", "W108"))
register(ANCHORS, "row_anchor_twice", anchor(DATA, 16, 1, "field:sales"), lost("sales", "W112") & lost("petty", "W108"))
register(ANCHORS, "row_anchor_unknown", anchor(DATA, 14, 1, "field:nothing"), lost("sales", "W108"))
register(ANCHORS, "row_anchor_spaced", anchor(DATA, 14, 1, " field:sales "), Must(lost={"sales": ()}))
register(ANCHORS, "row_anchor_capitals", anchor(DATA, 14, 1, "FIELD:SALES"), Must(lost={"sales": ()}))
register(ANCHORS, "row_anchor_wide_colon", anchor(DATA, 14, 1, "field：sales"), Must(lost={"sales": ()}))
register(ANCHORS, "column_anchor_removed", anchor(DATA, 1, 5, None), lost("*", "W108"))
register(ANCHORS, "column_anchor_twice", anchor(DATA, 1, 6, "value"), lost("*", "W112"))
register(ANCHORS, "list_column_anchor_removed", anchor(PAY, 1, 4, None), lost("payments", "W108"))
register(ANCHORS, "list_column_anchor_unknown", anchor(PAY, 1, 4, "column:nothing"), lost("payments", "W108"))
register(ANCHORS, "corner_removed", anchor(DATA, 1, 1, None), lost("*", "W107"))
register(
    ANCHORS,
    "corner_of_another_sheet",
    anchor(PAY, 1, 1, "sheet:list:goals"),
    lost("payments", "W107") & lost("goals", "W112") & lost("score:C3"),
)
register(ANCHORS, "corner_twice", anchor(PAY, 1, 9, "sheet:list:payments"), Must(lost={"payments": ()}))
register(ANCHORS, "labels_anchor_removed", anchor(PAY, 5, 1, None), lost("payments"))
register(ANCHORS, "count_anchor_removed", anchor(PAY, 4, 1, None), Must(lost={"payments": ()}))
register(ANCHORS, "unknown_anchor_added", anchor(DATA, 40, 1, "field:bonus"), Must())
register(ANCHORS, "notes_in_the_anchor_column", anchor(DATA, 40, 1, "请甲县核对"), Must())
register(ANCHORS, "anchor_column_deleted", delete_column(DATA, 1), lost("*", "W107"))


@kind(ANCHORS, lost("*", "W107"))
def anchor_row_deleted(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        for merged in list(book[DATA].merged_cells.ranges):
            book[DATA].unmerge_cells(merged.coord)
        book[DATA].delete_rows(1)


@kind(ANCHORS, lost("sales") & lost("petty"))
def anchors_swapped(shop: Workshop) -> None:
    """Only the hidden anchors of two rows changed places; what is seen is as it was."""
    with shop.opened() as (book, _):
        sheet = book[DATA]
        a, b = sheet.cell(shop.spots["sales"].row, 1), sheet.cell(shop.spots["petty"].row, 1)
        a.value, b.value = b.value, a.value


@kind(ANCHORS, lost("payments"))
def column_anchors_swapped(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        a, b = book[PAY].cell(1, 4), book[PAY].cell(1, 6)
        a.value, b.value = b.value, a.value


@kind(ANCHORS, lost("goals") & lost("score:C3"))
def alike_column_anchors_swapped(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        a, b = book["年度目标"].cell(1, 4), book["年度目标"].cell(1, 5)
        a.value, b.value = b.value, a.value


def stamp(key: str, value: str) -> Callable[[Workshop], None]:
    def change(book: Any, _: Any) -> None:
        sheet = book["_evaltool"]
        for row in range(1, 12):
            if sheet.cell(row, 1).value == key:
                sheet.cell(row, 2).value = value

    return with_book(change)


for _key, _value, _codes in [
    ("digest", "0" * 64, ("W104",)), ("scheme", "yuliao/other", ("W104",)), ("valid_from", "2023-01-01", ("W104",)),
    ("format", "99", ("W104",)), ("kind", "nonsense", ("W103",)), ("kind", "", ("W103",)),
    ("code", "429999", ("W105",)),
    ("name", "丙县", ("W105",)), ("evaltool", "x", ()), ("digest", "", ("W104",)),
]:  # fmt: skip
    register(
        ANCHORS,
        f"stamp_{_key}_{_value[:7] or 'emptied'}",
        stamp(_key, _value),
        refused_file(*_codes) if _codes else Must(),
    )
register(
    ANCHORS, "stamp_emptied", with_book(lambda book, _: book["_evaltool"].delete_rows(1, 20)), refused_file("W103")
)


@kind(ANCHORS, refused_file("W103", "W104"))
def stamp_without_its_edition(shop: Workshop) -> None:
    """The row of the edition's id is gone; found by the fuzzer."""
    with shop.opened() as (book, _):
        sheet = book["_evaltool"]
        for row in range(1, 12):
            if sheet.cell(row, 1).value == "scheme":
                sheet.cell(row, 1).value = None


@kind(ANCHORS, Must(file="any", codes=("W103", "W105", "W104", "W112"), lost={"*": ()}))
def two_stamps(shop: Workshop) -> None:
    """A second stamp sheet, of another county: whose workbook is it?"""
    with shop.opened() as (book, _):
        other = book.copy_worksheet(book["_evaltool"])
        for row in range(1, 12):
            if other.cell(row, 1).value == "code":
                other.cell(row, 2).value = "429902"
            if other.cell(row, 1).value == "name":
                other.cell(row, 2).value = "乙县"
