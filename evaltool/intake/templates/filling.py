"""Filling a template by program, with what a person would type: for samples, tests, figures from published forms."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.files import write_bytes
from evaltool.intake import layout
from evaltool.intake.templates.county_template import build, county_of
from evaltool.intake.templates.styling import DAY, PERCENT, TEXT, workbook_bytes
from evaltool.scheme import Scheme


class Raw(str):
    """A text put into the cell as it is, as when somebody pastes text: never turned into a number, date or formula."""

    __slots__ = ()


class Places:
    """The anchors of a workbook in memory: where a row and a column of a named sheet cross."""

    def __init__(self, book: Workbook) -> None:
        self.sheets: dict[str, Worksheet] = {}
        for sheet in book.worksheets:
            name = str(sheet.cell(1, 1).value or "")
            if name.startswith("sheet:"):
                self.sheets[name.removeprefix("sheet:")] = sheet
        self.rows = {n: {str(c.value): c.row for c in s["A"] if c.value} for n, s in self.sheets.items()}
        self.columns = {n: {str(c.value): c.column for c in s[1] if c.value} for n, s in self.sheets.items()}

    def type(self, sheet: str, row: str | int, column: str, value: Any) -> None:
        """Types `value` where the row and the column cross. Raises KeyError for an anchor that is not there."""
        number = row if isinstance(row, int) else self.rows[sheet][row]
        typed(self.sheets[sheet].cell(number, self.columns[sheet][column]), value)


def typed(cell: Any, value: Any) -> None:
    """What typing makes of a value: `95%` a percentage, `690` a number, `2020-06-05` a date, `=…` a formula.

    Everything else (`1,200`, `690万`, full-width digits) stays text, and so does all that is typed into a text cell.
    """
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = DAY
    elif isinstance(value, Raw) or cell.number_format == TEXT:
        cell.value, cell.number_format, cell.data_type = str(value), TEXT, "s"
    elif re.fullmatch(r"[+-]?\d+(\.\d+)?%", value):
        number = float(f"{float(value[:-1]) / 100:.15g}")  # as spreadsheets do: 15 significant digits
        cell.value, cell.number_format = number, PERCENT
    elif re.fullmatch(r"[+-]?(0|[1-9]\d*)(\.\d+)?", value):
        cell.value = int(value) if re.fullmatch(r"[+-]?\d+", value) else float(value)
    elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        cell.value, cell.number_format = dt.date.fromisoformat(value), DAY
    else:
        cell.value = value


def fill(
    source: Scheme | str | Path,
    answers: Mapping[str, Any],
    path: str | Path | None = None,
    county: str | Mapping[str, str] | None = None,
) -> Path:
    """Types `answers` into a workbook and saves it (same inputs, same bytes).

    source    an edition (a fresh template for `county` is filled) or an existing workbook
    answers   of a county: fields, evidence, scores (by id); lists: id → rows of column → value, where `evidence`,
              `reason:COLUMN` and `self:INDICATOR` are allowed too; counts: list → 填报行数 (default: the number of rows).
              of the 省级认定表: entries: code → field → {value, who, when, reason}; round: field → {value, source, who,
              when}; corrections: rows of {county, item, row, old, new, why, who, when}
    path      where to save; default: the workbook itself
    """
    if isinstance(source, Scheme):
        if path is None:
            raise ValueError("filling a fresh template needs a path")
        book = build(source, county_of(county), {})
    else:
        book, path = load_workbook(source), path or source
    places = Places(book)
    known = {"fields", "evidence", "scores", "lists", "counts", "entries", "round", "corrections"}
    if unknown := set(answers) - known:
        raise KeyError(f"fill() does not know {sorted(unknown)}")
    for key, value in answers.get("fields", {}).items():
        places.type(layout.FIELDS, f"field:{key}", "value", value)
    for key, value in answers.get("evidence", {}).items():
        places.type(layout.FIELDS, f"field:{key}", "evidence", value)
    for key, value in answers.get("scores", {}).items():
        places.type(layout.SCORES, f"indicator:{key}", "self", value)
    for list_id, rows in answers.get("lists", {}).items():
        _list(places, list_id, rows, answers.get("counts", {}))
    for list_id, number in answers.get("counts", {}).items():
        _count(places, list_id, number)
    _official(places, answers)
    return write_bytes(path, workbook_bytes(book))


def _list(places: Places, list_id: str, rows: list[Mapping[str, Any]], counts: Mapping[str, Any]) -> None:
    sheet = layout.list_sheet(list_id)
    anchors = places.rows[sheet]
    fixed = [row for anchor, row in anchors.items() if anchor.startswith("row:")]
    first = anchors[layout.LABELS] + 1
    for number, row in enumerate(rows):
        for key, value in row.items():
            column = key if key == "evidence" or ":" in key else f"column:{key}"
            places.type(sheet, fixed[number] if fixed else first + number, column, value)
    if not fixed and list_id not in counts:
        _count(places, list_id, len(rows))


def _count(places: Places, list_id: str, number: Any) -> None:
    sheet = layout.list_sheet(list_id)
    column = next(key for key in places.columns[sheet] if key.startswith("column:"))
    places.type(sheet, layout.COUNT, column, number)


def _official(places: Places, answers: Mapping[str, Any]) -> None:
    for code, entries in answers.get("entries", {}).items():
        for key, entry in entries.items():
            sheet = next(name for name, columns in places.columns.items() if f"value:{key}" in columns)
            for part, value in entry.items():
                places.type(sheet, f"subject:{code}", f"{part}:{key}", value)
    for key, entry in answers.get("round", {}).items():
        for part, value in entry.items():
            places.type(layout.ROUND, f"field:{key}", part, value)
    for number, row in enumerate(answers.get("corrections", []), 1):
        for part, value in row.items():
            places.type(layout.CORRECTIONS, places.rows[layout.CORRECTIONS][layout.LABELS] + number, part, value)
