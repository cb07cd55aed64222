"""Cells are found by their anchors: sorting, inserting, moving and renaming change nothing."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from evaltool.facts import SELF
from evaltool.intake import layout


def facts_of(done, scheme):
    layer = done.facts.layers[SELF]
    return (
        layer.table.values.to_numpy().tolist(),
        layer.table.states.to_numpy().tolist(),
        {key: rows.table.values.to_numpy().tolist() for key, rows in layer.lists.items()},
        done.facts.claimed.to_numpy().tolist(),
        done.facts.evidence.to_numpy().tolist(),
        done.codes,
    )


def reverse_rows(sheet, first, last):
    """Sorts the rows the other way round, anchors and all, as sorting in a spreadsheet does."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first, max_row=last)]
    for merged in list(sheet.merged_cells.ranges):
        if merged.min_row >= first:
            sheet.unmerge_cells(str(merged))
    formats = [[cell.number_format for cell in row] for row in sheet.iter_rows(min_row=first, max_row=last)]
    for number, (row, shapes) in enumerate(zip(reversed(rows), reversed(formats), strict=True), first):
        for column, (value, shape) in enumerate(zip(row, shapes, strict=True), 1):
            cell = sheet.cell(number, column)
            cell.value, cell.number_format = value, shape


def sorted_(book):
    sheet = book["基础数据"]
    reverse_rows(sheet, 5, sheet.max_row)
    if "自评打分" in book.sheetnames:
        reverse_rows(book["自评打分"], 5, book["自评打分"].max_row)


def inserted(book):
    for title in book.sheetnames[:3]:
        sheet = book[title]
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.insert_rows(8)
        sheet.insert_rows(6)
        sheet.insert_rows(2)


def renamed(book):
    for number, title in enumerate(book.sheetnames):
        if not title.startswith("_"):
            book[title].title = f"第{number}张（改）"


def reordered(book):
    book.move_sheet(book.worksheets[1], 3)
    book.move_sheet(book.worksheets[-1], -3)


def moved(book):
    """The value column is moved to the end, columns are inserted before the hidden one and inside."""
    sheet = book["基础数据"]
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    column = next(cell.column for cell in sheet[1] if cell.value == "value")
    last = sheet.max_column + 2
    for row in range(1, sheet.max_row + 1):
        old, new = sheet.cell(row, column), sheet.cell(row, last)
        new.value, new.number_format = old.value, old.number_format
        old.value = None
    sheet.insert_cols(3)
    sheet.insert_cols(1)


@pytest.mark.parametrize("change", [sorted_, inserted, renamed, reordered, moved])
def test_nothing_is_lost_or_changed(scheme, county, answers, reread, change):
    done = county(scheme, answers(scheme))
    before = facts_of(done, scheme)
    book = load_workbook(done.path)
    change(book)
    book.save(done.path)
    assert facts_of(reread(done.path, scheme), scheme) == before


def test_rows_inserted_into_a_list_count(hubei, county, answers, reread):
    done = county(hubei, answers(hubei))
    book = load_workbook(done.path)
    sheet = book["项目支出"]
    first = next(row[0].row for row in sheet.iter_rows() if row[0].value == layout.LABELS) + 1
    sheet.insert_rows(first + 1)
    for column, value in enumerate(("插进来的", 7, "是", "是", "票"), 3):
        sheet.cell(first + 1, column).value = value
    sheet.cell(first - 2, 3).value = 3
    book.save(done.path)
    again = reread(done.path, hubei)
    assert again.codes == []
    assert again.facts.layers[SELF].lists["payments"].table.values["paid"].tolist()[1] == 7


def test_one_value_in_the_last_cell_of_a_sheet_does_no_harm(hubei, county, answers, reread):
    done = county(hubei, answers(hubei))
    before = facts_of(done, hubei)
    book = load_workbook(done.path)
    book["基础数据"]["XFD1048576"] = "x"
    book.save(done.path)
    assert facts_of(reread(done.path, hubei), hubei) == before
