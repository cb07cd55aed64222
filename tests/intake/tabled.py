"""Filled county workbooks put together into one table: a workbook with a row a county, CSV texts, or frames."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook, load_workbook

from evaltool.intake import layout
from evaltool.intake.templates.filling import Places
from evaltool.scheme import Scheme

Cell = tuple[Any, str]  # value as openpyxl has it, number format
Row = dict[str, Cell]


@dataclass
class Tabled:
    """What the workbooks of a round say, as they say it.

    main    a row a county: code, name, field → cell, `count:LIST`, `self:LEAF`, `evidence:FIELD`
    lists   list → a row a row: code, name, column, given or period
    heads   key → what is written over the column
    """

    scheme: Scheme
    main: list[Row] = field(default_factory=list)
    lists: dict[str, list[Row]] = field(default_factory=dict)


def tabled(scheme: Scheme, books: Iterable[Path]) -> Tabled:
    """The cells of filled workbooks, raw value and format, found by their anchors."""
    made = Tabled(scheme, lists={key: [] for key in scheme.filled_lists})
    for path in books:
        book = load_workbook(path)
        places = Places(book)
        county = {row[0].value: row[1].value for row in book[layout.STAMP_SHEET].iter_rows(max_col=2)}
        who: Row = {"code": (county["code"], "@"), "name": (county["name"], "General")}
        row = dict(who)

        def take(sheet: str, number: int, column: str, places: Places = places) -> Cell:
            cell = places.sheets[sheet].cell(number, places.columns[sheet][column])
            return cell.value, cell.number_format

        for key in layout.county_fields(scheme):
            row[key] = take(layout.FIELDS, places.rows[layout.FIELDS][f"field:{key}"], "value")
            row[f"evidence:{key}"] = take(layout.FIELDS, places.rows[layout.FIELDS][f"field:{key}"], "evidence")
        for key in scheme.leaves() if layout.claimed_columns(scheme) else []:
            row[f"self:{key}"] = take(layout.SCORES, places.rows[layout.SCORES][f"indicator:{key}"], "self")
        for key, item in scheme.filled_lists.items():
            sheet = layout.list_sheet(key)
            rows = places.rows[sheet]
            columns = [c for c in places.columns[sheet] if c not in ("no", "due") and not c.startswith("sheet:")]
            if item.rows_from == "subject":
                first = next(column for column in columns if column.startswith("column:"))
                row[f"count:{key}"] = take(sheet, rows[layout.COUNT], first)
                numbers = range(rows[layout.LABELS] + 1, places.sheets[sheet].max_row + 1)
            else:
                numbers = [number for anchor, number in rows.items() if anchor.startswith("row:")]
            for number in numbers:
                one = {c.removeprefix("column:").removeprefix("given:"): take(sheet, number, c) for c in columns}
                if item.rows_from != "subject" or any(value is not None for value, _ in one.values()):
                    made.lists[key].append({**who, **one})
        made.main.append(row)
    return made


def heads_of(scheme: Scheme, list_id: str = "") -> dict[str, str]:
    """What a clerk writes over the columns."""
    own = {"code": "代码", "name": f"{scheme.edition.subject}名称"}
    if list_id:
        item = scheme.edition.lists[list_id]
        own |= {key: column.name for key, column in item.columns.items()}
        own |= {f"reason:{key}": f"{column.name}的理由" for key, column in item.columns.items()}
        own |= {f"self:{key}": f"自评分（{scheme.indicators[key].name}）" for key in layout.row_scores(scheme, list_id)}
        return own | {"period": layout.PERIODS[item.every or "month"], "evidence": "佐证材料"}
    for key, item in layout.county_fields(scheme).items():
        own[key] = f"{item.name}（{item.unit}）" if item.type == "money" else item.name
        own[f"evidence:{key}"] = f"佐证:{key}"
    own |= {f"self:{key}": f"自评分:{key}" for key in scheme.leaves()}
    return own | {f"count:{key}": f"{item.name}填报行数" for key, item in scheme.filled_lists.items()}


Change = Callable[[list[str], list[Row]], tuple[list[str], list[Row]]]


def workbook(
    made: Tabled, path: Path, *, titles: Sequence[str] = (), order: Change | None = None,
    sheets: Callable[[list[str]], list[str]] | None = None, heads: dict[str, str] | None = None,
) -> Path:  # fmt: skip
    """One workbook: the table and a sheet a list. `titles` rows above the heads; `order` other columns and rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    parts: dict[str, list[Row]] = {"": made.main, **made.lists}
    names = sheets(list(parts)) if sheets else list(parts)
    for name in names:
        title = layout.list_label(made.scheme, name) if name else "各县汇总"
        sheet = book.create_sheet(title)
        labels = heads_of(made.scheme, name) | (heads or {} if not name else {})
        keys = list(dict.fromkeys(key for row in parts[name] for key in row)) or ["code"]
        rows = parts[name]
        if order:
            keys, rows = order(keys, rows)
        for number, title in enumerate(titles, 1):
            sheet.cell(number, 1, title)
            sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=max(2, len(keys)))
        top = len(titles) + 1
        for column, key in enumerate(keys, 1):
            sheet.cell(top, column, labels[key])
            for number, row in enumerate(rows, top + 1):
                value, shape = row.get(key, (None, "General"))
                cell = sheet.cell(number, column)
                cell.value, cell.number_format = value, shape
                if isinstance(value, str) and not value.startswith("="):
                    cell.data_type = "s"
    book.save(path)
    return path


def text_of(cell: Cell) -> str:
    """The cell as it stands in a CSV file."""
    value, shape = cell
    if value is None:
        return ""
    if isinstance(value, dt.date | dt.datetime):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(repr(value))
        return f"{number * 100:f}%" if "%" in shape else f"{number:f}"
    return str(value)


def csv_text(rows: list[Row], heads: dict[str, str], separator: str = ",") -> str:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow([heads[key] for key in keys])
    writer.writerows([[text_of(row[key]) if key in row else "" for key in keys] for row in rows])
    return out.getvalue()


def frame(rows: list[Row], keys: Iterable[str]) -> pd.DataFrame:
    """Values as pandas would hold them: numbers, texts, dates, None."""
    return pd.DataFrame({key: [row.get(key, (None, ""))[0] for row in rows] for key in keys}, dtype=object)
