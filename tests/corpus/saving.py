"""One workbook saved in many ways: other libraries, other programs, other spellings of the same thing."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
import xlwt
from openpyxl import Workbook, load_workbook

from tests.corpus.workshop import Workshop


def by_openpyxl(data: bytes) -> bytes:
    book = load_workbook(io.BytesIO(data))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_openpyxl_twice(data: bytes) -> bytes:
    return by_openpyxl(by_openpyxl(data))


def _numbers(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


def by_xlsxwriter(data: bytes) -> bytes:
    """Every cell written anew by XlsxWriter: values, formats, formulas (with its zeros), merges, hidden parts."""
    source, buffer = _numbers(data), io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats: dict[tuple[str, bool], Any] = {}
    for sheet in source.worksheets:
        made = book.add_worksheet(sheet.title)
        if sheet.sheet_state == "veryHidden":
            made.very_hidden()
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                key = (cell.number_format, bool(cell.font.strike))
                if key not in formats:
                    formats[key] = book.add_format(
                        {"num_format": key[0], **({"font_strikeout": True} if key[1] else {})}
                    )
                place, style = (cell.row - 1, cell.column - 1), formats[key]
                value = cell.value
                if cell.data_type == "f":
                    made.write_formula(*place, value, style)
                elif isinstance(value, bool):
                    made.write_boolean(*place, value, style)
                elif isinstance(value, dt.date):
                    made.write_datetime(*place, value, style)
                elif isinstance(value, int | float):
                    made.write_number(*place, value, style)
                else:
                    made.write_string(*place, str(value), style)
        made.set_column(0, 0, 13, None, {"hidden": True})
        made.set_row(0, None, None, {"hidden": True})
    book.close()
    return buffer.getvalue()


def by_pandas(data: bytes) -> bytes:
    """A frame a sheet, written by pandas: looks are lost, so percentages become typed text."""
    source, buffer = _numbers(data), io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        for sheet in source.worksheets:
            rows = [[shown(cell) for cell in row] for row in sheet.iter_rows()]
            pd.DataFrame(rows, dtype=object).to_excel(writer, sheet_name=sheet.title, header=False, index=False)
    return buffer.getvalue()


def shown(cell: Any) -> Any:
    if cell.data_type == "f":
        return None
    if isinstance(cell.value, int | float) and "%" in cell.number_format:
        return f"{cell.value * 100:.10g}%"
    return cell.value


def by_xlwt(data: bytes) -> bytes:
    """The old .xls."""
    source, book = _numbers(data), xlwt.Workbook(encoding="utf-8")
    formats: dict[str, Any] = {}
    for sheet in source.worksheets:
        made = book.add_sheet(sheet.title, cell_overwrite_ok=True)
        made.visibility = {"visible": 0, "hidden": 1, "veryHidden": 2}[sheet.sheet_state]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                code = "General" if cell.number_format == "General" else cell.number_format
                style = formats.setdefault(code, xlwt.easyxf(num_format_str=code))
                value = cell.value
                if cell.data_type == "f":
                    value = None
                elif isinstance(value, str):
                    value = value[:32_000]
                made.write(cell.row - 1, cell.column - 1, value, style)
        for merged in sheet.merged_cells.ranges:
            if merged.min_row > 1:
                value = sheet.cell(merged.min_row, merged.min_col).value
                made.write_merge(merged.min_row - 1, merged.max_row - 1, merged.min_col - 1, merged.max_col - 1, value)
        made.row(0).hidden = True
        made.col(0).hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def in_xml(*makers: str) -> Callable[[bytes], bytes]:
    """The package rewritten by kinds of `kinds_packages`."""

    def made(data: bytes) -> bytes:
        from tests.corpus import kinds_packages

        shop = Workshop(Path(), data)
        for maker in makers:
            getattr(kinds_packages, maker)(shop)
        return shop.packed()

    return made


def stored(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as made:
        for name in package.namelist():
            made.writestr(name, package.read(name))
    return buffer.getvalue()


def turned_about(data: bytes) -> bytes:
    """Members in another order, other dates, other compression."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as package,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
    ):
        for name in reversed(package.namelist()):
            made.writestr(zipfile.ZipInfo(name, (1990, 1, 1, 0, 0, 0)), package.read(name))
    return buffer.getvalue()


def rebuilt(data: bytes) -> bytes:
    """Into a new openpyxl workbook cell by cell, as scripts copy: values, number formats, nothing else."""
    source, book = _numbers(data), Workbook()
    del book[book.sheetnames[0]]
    for sheet in source.worksheets:
        made = book.create_sheet(sheet.title)
        made.sheet_state = sheet.sheet_state
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and cell.data_type != "f":
                    made[cell.coordinate].value = cell.value
                    made[cell.coordinate].number_format = copy(cell.number_format)
                    if isinstance(cell.value, str):
                        made[cell.coordinate].data_type = "s"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def without_row_addresses(data: bytes) -> bytes:
    """Rows say their number, cells count for themselves: gaps are filled with empty cells."""
    shop = Workshop(Path(), data)
    from tests.corpus.kinds_packages import counted

    for part in list(shop.parts):
        if part.startswith("xl/worksheets/sheet"):
            shop.parts[part] = counted(shop.text_of(part)).encode()
    return shop.packed()


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "as_it_came": lambda data: data,
    "openpyxl": by_openpyxl,
    "openpyxl_twice": by_openpyxl_twice,
    "xlsxwriter": by_xlsxwriter,
    "rebuilt": rebuilt,
    "shared_strings": in_xml(),
    "inline_strings": in_xml("inline_strings"),
    "no_addresses": without_row_addresses,
    "prefixed": in_xml("prefixed_elements"),
    "strict": in_xml("strict_namespace"),
    "dimension_a1": in_xml("dimension_a1", "attributes_in_another_order"),
    "stored": stored,
    "turned_about": turned_about,
    "pandas": by_pandas,
    "xls": by_xlwt,
}
SUFFIX = {"xls": ".xls"}
LOSE_LOOKS = ("pandas",)  # what these change is told, because the looks said part of the meaning
