"""Old .xls and WPS .et files, made with xlwt and by bytes; and the same workbook saved in other ways."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import xlwt
from openpyxl import load_workbook

from tests.corpus.compound import compound
from tests.corpus.expecting import (
    Must,
    anything,
    reads,
    reads_or_refuses,
    refused_cell,
    refused_file,
    same,
    told_or_refused,
)
from tests.corpus.kinds import kind, register
from tests.corpus.saving import LOSE_LOOKS, SUFFIX, WAYS, by_xlwt
from tests.corpus.workshop import Workshop

OLD, SAVED = "old .xls", "saved in other ways"

for _name, _way in WAYS.items():
    if _name == "as_it_came":
        continue

    def _saved(shop: Workshop, way: Callable[[bytes], bytes] = _way, name: str = _name) -> None:
        shop.hand_in(way(shop.data), f"甲县{SUFFIX.get(name, '.xlsx')}")

    register(SAVED, f"saved_by_{_name}", _saved, Must() if _name in LOSE_LOOKS else same())

for _suffix in (".et", ".xlsx", ".ett", ".XLS", ""):
    register(
        OLD,
        f"xls_named_{_suffix.strip('.') or 'nothing'}",
        lambda shop, s=_suffix: shop.hand_in(by_xlwt(shop.data), f"甲县{s}"),
        same(),
    )


def written(key: str, value: Any, code: str = "General", **looks: Any) -> Callable[[Workshop], None]:
    """An .xls with another value in one cell."""

    def make(shop: Workshop) -> None:
        spot = shop.spots[key]
        book = rewritten(
            shop,
            {
                (spot.sheet, spot.row - 1, spot.column - 1): (
                    value,
                    xlwt.easyxf(looks.get("look", ""), num_format_str=code),
                )
            },
        )
        shop.hand_in(book, "甲县.xls")

    return make


def rewritten(shop: Workshop, cells: dict[tuple[str, int, int], tuple[Any, Any]]) -> bytes:
    source, book, styles = load_workbook(io.BytesIO(shop.data)), xlwt.Workbook(encoding="utf-8"), {}
    for sheet in source.worksheets:
        made = book.add_sheet(sheet.title, cell_overwrite_ok=True)
        made.visibility = {"visible": 0, "hidden": 1, "veryHidden": 2}[sheet.sheet_state]
        for row in sheet.iter_rows():
            for cell in row:
                place = (sheet.title, cell.row - 1, cell.column - 1)
                if cell.value is not None and cell.data_type != "f" and place not in cells:
                    style = styles.setdefault(cell.number_format, xlwt.easyxf(num_format_str=cell.number_format))
                    made.write(cell.row - 1, cell.column - 1, cell.value, style)
        for (title, row_at, column_at), (value, style) in cells.items():
            if title == sheet.title:
                if isinstance(value, tuple):
                    made.write_rich_text(row_at, column_at, list(value), style)
                else:
                    made.write(row_at, column_at, value, style)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


STRUCK = xlwt.easyfont("struck_out true")
SALES = Fraction("12345.67")
for _name, _key, _value, _code, _must in [
    ("text_number", "sales", "12,345.67", "General", reads("sales", SALES)),
    ("unit", "sales", "1.234567亿元", "General", reads_or_refuses("sales", SALES)),
    ("about", "sales", "约300", "General", refused_cell("sales")),
    ("blank", "sales", "", "General", refused_cell("sales", "D100")),
    ("true", "towns", True, "General", refused_cell("towns")),
    ("true_yes", "plan", True, "General", reads("plan", True)),
    ("date_in_number", "towns", dt.date(2024, 3, 5), "yyyy-mm-dd", refused_cell("towns")),
    ("month_day", "index", dt.date(2024, 3, 5), 'm"月"d"日"', refused_cell("index")),
    ("percent_955", "satisfied", 955, "0%", refused_cell("satisfied")),
    ("general_share", "growth", 0.155, "General", refused_cell("growth")),
    ("drawn_percent", "growth", 15.5, '0.0"%"', refused_cell("growth")),
    ("unit_in_format", "petty", 8.64, '0.00"万元"', told_or_refused("petty", 86400)),
    ("rounded", "paid", 1834.5, "0", told_or_refused("paid", Fraction("1834.5"))),
    ("formula", "sales", xlwt.Formula("12000+345.67"), "General", reads_or_refuses("sales", SALES)),
    ("formula_reference", "sales", xlwt.Formula("E11+10345.67"), "General", reads_or_refuses("sales", SALES)),
    ("formula_today", "sales", xlwt.Formula("TODAY()-33000"), "General", refused_cell("sales")),
    ("formula_error", "sales", xlwt.Formula("1/0"), "General", refused_cell("sales")),
    ("formula_text", "sales", xlwt.Formula('"12345"&".67"'), "General", reads_or_refuses("sales", SALES)),
    ("struck_part", "sales", (("9999", STRUCK), "12345.67"), "General", told_or_refused("sales", SALES)),
    ("serial_general", "opened", 45356, "General", told_or_refused("opened", dt.date(2024, 3, 5))),
    ("text_day", "opened", "2024年3月5日", "General", reads("opened", dt.date(2024, 3, 5))),
    ("traditional_choice", "level", "二級", "General", reads_or_refuses("level", "二级")),
    ("huge", "sales", 1e308, "General", told_or_refused("sales", 10**308)),
    ("tail", "growth", 0.1 + 0.2, "0.0%", told_or_refused("growth", Fraction("0.3"), Fraction("0.30000000000000004"))),
    ("zero_width", "sales", "12\u200b345.67", "General", reads_or_refuses("sales", SALES)),
]:
    register(OLD, f"xls_{_name}", written(_key, _value, _code), _must)
register(
    OLD,
    "xls_struck",
    written("sales", 12345.67, "General", look="font: struck_out true"),
    refused_cell("sales", "D124"),
)


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


BAD = ("W102", "W100", "W101", "W103", "W121", "W123")
register(OLD, "xls_half", lambda shop: shop.hand_in(cut(by_xlwt(shop.data), 0.5), "甲县.xls"), refused_file(*BAD))
register(
    OLD, "xls_first_sectors", lambda shop: shop.hand_in(cut(by_xlwt(shop.data), 0.05), "甲县.xls"), refused_file(*BAD)
)
register(OLD, "xls_without_end", lambda shop: shop.hand_in(by_xlwt(shop.data)[:-512], "甲县.xls"), anything(*BAD))
register(
    OLD,
    "xls_cut_at_a_sector",
    lambda shop: shop.hand_in(by_xlwt(shop.data)[: 512 * 40], "甲县.xls"),
    refused_file(*BAD),
)


def stream(data: bytes) -> bytes:
    """The Workbook stream in an .xls."""
    import xlrd

    return xlrd.compdoc.CompDoc(data, logfile=io.StringIO()).get_named_stream("Workbook")


@kind(OLD, refused_file("W101"))
def xls_with_password(shop: Workshop) -> None:
    """A FILEPASS record behind the first BOF: the rest is encrypted."""
    data = stream(by_xlwt(shop.data))
    first = 4 + int.from_bytes(data[2:4], "little")
    locked = data[:first] + b"\x2f\x00\x06\x00\x00\x00\x12\x34\x56\x78" + bytes(b ^ 0x5A for b in data[first:])
    shop.hand_in(compound({"Workbook": locked}), "甲县.xls")


@kind(OLD, refused_file("W120", "W123"))
def xls_with_macros(shop: Workshop) -> None:
    shop.hand_in(
        compound({"Workbook": stream(by_xlwt(shop.data)), "_VBA_PROJECT_CUR": bytes(5000), "VBA": bytes(5000)}),
        "甲县.xls",
    )


@kind(OLD, same())
def xls_with_other_streams(shop: Workshop) -> None:
    shop.hand_in(compound({"Workbook": stream(by_xlwt(shop.data)), "\x05SummaryInformation": bytes(5000)}), "甲县.xls")


@kind(OLD, anything("W102", "W100"))
def xls_stream_without_container(shop: Workshop) -> None:
    """BIFF records bare, as some programs export."""
    shop.hand_in(stream(by_xlwt(shop.data)), "甲县.xls")


for _share in (0.1, 0.3, 0.5, 0.7, 0.9):

    def _flipped(shop: Workshop, share: float = _share) -> None:
        data = bytearray(by_xlwt(shop.data))
        at = int(len(data) * share)
        data[at : at + 64] = bytes(b ^ 0xFF for b in data[at : at + 64])
        shop.hand_in(bytes(data), "甲县.xls")

    register(OLD, f"xls_flipped_at_{int(_share * 100)}", _flipped, Must(file="any", codes=BAD, lost={"*": ()}))

for _name, _head in {"biff2": b"\x09\x00\x04\x00\x02\x00\x10\x00", "biff3": b"\x09\x02\x06\x00\x00\x00\x10\x00\x00\x00",
                     "biff4": b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00"}.items():  # fmt: skip
    register(
        OLD, f"xls_{_name}", lambda shop, h=_head: shop.hand_in(h + b"\x0a\x00\x00\x00", "甲县.xls"), refused_file(*BAD)
    )


@kind(OLD, refused_file(*BAD))
def xls_directory_in_a_circle(shop: Workshop) -> None:
    data = bytearray(compound({"Workbook": stream(by_xlwt(shop.data))}))
    start = (int.from_bytes(data[48:52], "little") + 1) * 512
    data[start + 128 + 68 : start + 128 + 80] = b"\x01\0\0\0" * 3
    data[start + 128 : start + 128 + 4] = b"X\0Y\0"
    shop.hand_in(bytes(data), "甲县.xls")


@kind(OLD, Must(file="any", codes=BAD, lost={"*": ()}))
def xls_sectors_in_a_circle(shop: Workshop) -> None:
    data = bytearray(compound({"Workbook": stream(by_xlwt(shop.data))}))
    fat = 512
    at = fat + 4 * 10
    data[at : at + 4] = (9).to_bytes(4, "little")
    shop.hand_in(bytes(data), "甲县.xls")
