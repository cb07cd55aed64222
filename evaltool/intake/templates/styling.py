"""How the sheets look and print: fonts, borders, inputs, drop-downs, protection, A4, deterministic bytes."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from copy import copy
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.files import steady_zip
from evaltool.intake import layout
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.values import Quantity

BODY, HEAD = "宋体", "黑体"
_LINE = Side(style="thin", color="FF9AA5B1")
BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
INPUT_FILL = PatternFill("solid", start_color="FFFFF8DC")
SPARE_FILL = PatternFill(bgColor="FFFFF8DC")  # conditional formats take their colour from the background
HEAD_FILL = PatternFill("solid", start_color="FFDCE6F1")
GROUP_FILL = PatternFill("solid", start_color="FFEEF2F7")
PLAIN, BOLD, SMALL = (
    Font(name=BODY, size=10),
    Font(name=BODY, size=10, bold=True),
    Font(name=BODY, size=9, color="FF555555"),
)
TITLE = Font(name=HEAD, size=16)
WRAP = Alignment(wrap_text=True, vertical="center")
CENTRE = Alignment(wrap_text=True, vertical="center", horizontal="center")
NUMBER = Alignment(wrap_text=True, vertical="center", horizontal="right")
UNLOCKED = Protection(locked=False)
PERCENT, DAY, TEXT = "0.00##%", "yyyy-mm-dd", "@"


def text_width(text: str) -> int:
    """Columns that the longest line takes; a Chinese character takes two."""
    wide = unicodedata.east_asian_width
    return max(sum(2 if wide(ch) in "WF" else 1 for ch in line) for line in text.split("\n"))


def lines(text: str, width: float) -> int:
    """Lines that `text` needs in a column `width` characters wide."""
    return sum(max(1, -(-text_width(line) // max(1, int(width - 1)))) for line in text.split("\n"))


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Any,
    font: Font = PLAIN,
    align: Alignment = WRAP,
    *,
    fill: PatternFill | None = None,
    border: bool = True,
    formula: bool = False,
) -> Any:
    """A locked cell. Text is always text: a leading = never makes a formula unless `formula` says so."""
    cell: Any = sheet.cell(row, column)
    if value is not None:
        cell.value = value
    if isinstance(value, str) and value.startswith("=") and not formula:
        cell.data_type = "s"
    return dress(cell, font, align, fill, border=border)


# workbook → looks already registered there: registering one costs more than all else in making a cell
_known: WeakKeyDictionary[Workbook, dict[tuple[Any, ...], tuple[Any, ...]]] = WeakKeyDictionary()


def dress(
    cell: Any, font: Font, align: Alignment, fill: PatternFill | None = None, shape: str = "General", *,
    border: bool = True, locked: bool = True,
) -> Any:  # fmt: skip
    """Gives a cell its look, the same for every cell that asks for the same."""
    looks = _known.setdefault(cell.parent.parent, {})
    key = (id(font), id(align), id(fill), shape, border, locked)
    if key in looks:
        cell._style = copy(looks[key][0])  # noqa: SLF001 – openpyxl's own way to share a style
        return cell
    cell.font, cell.alignment, cell.number_format = font, align, shape
    if border:
        cell.border = BORDER
    if fill:
        cell.fill = fill
    if not locked:
        cell.protection = UNLOCKED
    looks[key] = (copy(cell._style), font, align, fill)  # noqa: SLF001 – holds the parts, so that no id is used again
    return cell


def number_format(item: FieldDef) -> str:
    return {"share": PERCENT, "date": DAY, "text": TEXT}.get(item.type, "General")


def put_input(
    sheet: Worksheet, row: int, column: int, shape: str = "General", value: Any = None, *, centred: bool = False
) -> Any:
    """An unlocked cell that somebody fills in."""
    cell: Any = sheet.cell(row, column)
    cell.value = value
    align = CENTRE if centred or shape == DAY else WRAP if shape == TEXT else NUMBER
    return dress(cell, PLAIN, align, INPUT_FILL, shape, locked=False)


def answered(item: FieldDef) -> bool:
    """Whether an answer is a word out of few, which stands in the middle of its cell."""
    return item.type in ("yesno", "choice")


def head_row(sheet: Worksheet, row: int, labels: Sequence[tuple[int, str]], height: float = 30) -> None:
    for column, label in labels:
        put(sheet, row, column, label, BOLD, CENTRE, fill=HEAD_FILL)
    sheet.row_dimensions[row].height = height


def anchor_column(sheet: Worksheet, name: str, columns: Sequence[tuple[str, float]]) -> dict[str, int]:
    """Writes the corner and the hidden header row, sets the widths; returns key → column number."""
    sheet.cell(1, 1).value = layout.corner(name)
    places = {}
    for number, (key, width) in enumerate(columns, 2):
        sheet.cell(1, number).value = key
        sheet.column_dimensions[get_column_letter(number)].width = width
        places[key] = number
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].hidden = True
    return places


def heading(sheet: Worksheet, text: str, note: str, columns: int, first: int = 2) -> None:
    """The visible title in row 2 and a note under it in row 3, over the columns from `first` on."""
    for row, value, font, height in ((2, text, TITLE, 28.0), (3, note, SMALL, 0)):
        sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=columns)
        put(sheet, row, first, value, font, CENTRE if row == 2 else WRAP, border=False)
        width = sum(sheet.column_dimensions[get_column_letter(c)].width for c in range(first, columns + 1))
        sheet.row_dimensions[row].height = height or 13.5 * lines(note, width) + 4


class Choices:
    """The drop-downs and input checks of one sheet, one validation a kind, shared by many cells."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.known: dict[tuple[Any, ...], DataValidation] = {}

    def add(self, address: str, key: tuple[Any, ...], **settings: Any) -> None:
        if key not in self.known:
            validation = DataValidation(allow_blank=True, **settings)
            validation.showErrorMessage = validation.showInputMessage = True
            self.sheet.add_data_validation(validation)
            self.known[key] = validation
        self.known[key].add(address)

    def options(self, address: str, options: Sequence[str], prompt: str = "") -> None:
        text = ",".join(options)
        if len(text) > 250 or any("," in option or '"' in option for option in options):
            return  # does not fit into a drop-down; the reader still checks it
        error = {"errorTitle": "不在可选项里", "error": f"请选：{'、'.join(options)}"[:220]}
        self.add(
            address, ("list", text, prompt), type="list", formula1=f'"{text}"', prompt=prompt[:250] or None, **error
        )

    def reference(self, address: str, formula: str) -> None:
        self.add(
            address,
            ("ref", formula),
            type="list",
            formula1=formula,
            errorTitle="不在可选项里",
            error="请从下拉列表里选",
        )

    def field(
        self, address: str, item: FieldDef, prompt: str = "", yesno: Sequence[str] = (layout.YES, layout.NO)
    ) -> None:
        """The check that fits a field's type; it warns and lets through what the reader will judge."""
        prompt = prompt[:250]
        if item.type == "yesno":
            self.options(address, yesno, prompt)
        elif item.type == "choice":
            self.options(address, item.options, prompt)
        elif item.type == "date":
            settings = {"type": "date", "operator": "between", "formula1": "36526", "formula2": "73050"}
            self.add(
                address,
                ("date", prompt),
                **settings,
                prompt=prompt or None,
                error="按 2020-06-05 的样子填",
                errorStyle="warning",
            )
        elif item.type in ("count", "money", "points", "number", "share"):
            low, high = _limits(item)
            kind = "whole" if item.type == "count" else "decimal"
            error = {"share": "填百分数，如 95%", "count": "填整数，不带单位"}.get(item.type, "只填数字，不带单位")
            settings = {"type": kind, "operator": "between", "formula1": low, "formula2": high}
            self.add(
                address, (kind, low, high, prompt), **settings, prompt=prompt or None, error=error, errorStyle="warning"
            )


def _limits(item: FieldDef) -> tuple[str, str]:
    if item.between:
        return _plain(item.between[0]), _plain(item.between[1])
    return ("0" if item.type in ("count", "money", "points") else "-1000000000000"), "1000000000000"


def _plain(amount: Quantity) -> str:
    return repr(float(amount.value))


def finish(sheet: Worksheet, *, landscape: bool, titles: str = "", footer: str = "", pages_wide: int = 1) -> None:
    """Protection without a password, A4, fit to width, repeated header rows, page numbers."""
    guard = sheet.protection
    guard.sheet = True
    guard.formatColumns = guard.formatRows = guard.insertRows = guard.sort = guard.autoFilter = False  # False = allowed
    setup = sheet.page_setup
    setup.paperSize, setup.orientation = "9", "landscape" if landscape else "portrait"
    if pages_wide == 1:
        setup.fitToWidth, setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    else:  # fitting would ignore the breaks between columns
        setup.scale = 85
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.6, 0.7
    if titles:
        sheet.print_title_rows = titles
    foot: Any = sheet.oddFooter
    foot.left.text, foot.right.text = footer.replace("&", "&&"), "第 &P 页，共 &N 页"
    foot.left.size = foot.right.size = 8
    sheet.sheet_view.showGridLines = False


def stamp(book: Workbook, scheme: Scheme, kind: str, county: dict[str, str]) -> Worksheet:
    """The very hidden sheet that says for which edition and which county the workbook was made."""
    sheet = book.create_sheet(layout.STAMP_SHEET)
    rows = {
        layout.STAMP: "本页供程序核对，请勿改动",
        "format": layout.FORMAT,
        "kind": kind,
        "scheme": scheme.id,
        "valid_from": scheme.edition.valid_from.isoformat(),
        "digest": scheme.digest,
        **{key: county.get(key, "") for key in ("code", "name", "city")},
    }
    for number, (key, value) in enumerate(rows.items(), 1):
        sheet.cell(number, 1).value = key
        cell = sheet.cell(number, 2)
        cell.value, cell.number_format, cell.data_type = value, TEXT, "s"
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True
    return sheet


def workbook_bytes(book: Workbook) -> bytes:
    """The saved workbook; the same content gives the same bytes.

    It does not ask for a full calculation: a program that kept the request on saving would make every formula of the
    county one that nobody has worked out. Formulas without a stored value are calculated on opening anyway.
    """
    book.calculation.fullCalcOnLoad = False
    buffer = io.BytesIO()
    book.save(buffer)
    return steady_zip(buffer.getvalue())
