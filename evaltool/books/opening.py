"""From a path to a `Book`: the file is looked at first and opened only if the gate lets it through."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import load_workbook

from evaltool.books.book import Book, BookError, Cell, Sheet
from evaltool.books.gate import gate
from evaltool.problems import Place, Problem


class Sealed(NamedTuple):
    """A file that was looked at and not yet opened.

    data     its bytes, empty where it could not be read
    sha256   of its bytes
    kind     xlsx, xls or csv; empty where it is refused
    problem  why it is refused, or None
    """

    data: bytes
    sha256: str
    kind: str
    problem: Problem | None


def look(path: Path) -> Sealed:
    """What a file is, by its content and before any library opens it. Never raises on a bad file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"{path.name} 读不出（{type(error).__name__}）"
        return Sealed(b"", "", "", Problem("W102", what, "", "核对文件和权限后再报", Place(path.name)))
    digest = hashlib.sha256(data).hexdigest()
    refused = gate(data, path.name)
    return Sealed(data, digest, "" if refused else "xlsx", refused)


def read_book(sealed: Sealed, name: str) -> Book:
    """The workbook that the gate let through. Raises BookError where it turns out to be broken."""
    try:
        values, formulas = _load(sealed.data, values=True), _load(sealed.data, values=False)
        sheets = [_sheet(formulas[title], values[title], i) for i, title in enumerate(formulas.sheetnames)]
    except Exception as error:
        raise BookError(f"工作簿内部有损坏（{type(error).__name__}）") from error
    return Book(name, sealed.sha256, sealed.kind, sheets)


def _load(data: bytes, *, values: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(data), data_only=values, keep_links=False)


def _sheet(sheet: Any, values: Any, index: int) -> Sheet:
    cells = {}
    stored = getattr(values, "_cells", {})
    for at, cell in getattr(sheet, "_cells", {}).items():
        if cell.value is None:
            continue
        raw, kind, formula = cell.value, cell.data_type, ""
        if kind == "f":
            formula = str(getattr(raw, "text", raw) or "=")
            beside = stored.get(at)
            raw, kind = (beside.value, beside.data_type) if beside is not None else (None, "n")
        number = isinstance(raw, int | float) and not isinstance(raw, bool)
        cells[at] = Cell(raw, cell.number_format, formula, kind == "e", repr(raw) if number else "")
    merges = {}
    last_row, last_column = max((r for r, _ in cells), default=0), max((c for _, c in cells), default=0)
    for part in getattr(sheet, "merged_cells", ()) and sheet.merged_cells.ranges:
        for row in range(part.min_row, min(part.max_row, last_row, 2000) + 1):
            for column in range(part.min_col, min(part.max_col, last_column, 2000) + 1):
                merges[row, column] = part.coord
    return Sheet(sheet.title, index, cells, merges, sheet.sheet_state)
