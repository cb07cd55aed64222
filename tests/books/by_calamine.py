"""Reads workbooks with calamine in a process of its own (a hostile file can abort it): `python by_calamine.py FILE…`.

Prints for each file its sheets, for each sheet `A1 → kind and value` of what stands in it, as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import Any

from python_calamine import CalamineWorkbook

from evaltool.books.book import address


def plain(value: Any) -> tuple[str, Any]:
    """Kind and value of what a cell holds, as JSON has it; a date and its midnight are the same."""
    if isinstance(value, bool):
        return "truth", value
    if isinstance(value, int | float):
        return "number", float(value)
    if isinstance(value, dt.datetime):
        return "date", value.isoformat()
    if isinstance(value, dt.date):
        return "date", f"{value.isoformat()}T00:00:00"
    if isinstance(value, dt.time):
        return "time", value.isoformat()
    if isinstance(value, dt.timedelta):
        return "duration", round(value.total_seconds(), 3)
    return "text", value


def sheets(path: str) -> dict[str, dict[str, tuple[str, Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {
        title: {
            address(row, column): plain(value)
            for row, values in enumerate(book.get_sheet_by_name(title).to_python(skip_empty_area=False), 1)
            for column, value in enumerate(values, 1)
            if value != ""
        }
        for title in book.sheet_names
    }


if __name__ == "__main__":
    json.dump([sheets(path) for path in sys.argv[1:]], sys.stdout)
