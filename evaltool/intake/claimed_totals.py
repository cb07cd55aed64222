"""What the score sheet shows as the total of indicators that simply add up their parts."""

from __future__ import annotations

from evaltool.books.formulas import Kind
from evaltool.facts import Origin
from evaltool.intake.entries.readings import QUOTED
from evaltool.intake.opened import Sheet, address
from evaltool.intake.sheet_reading import SheetReader
from evaltool.quantities import Exact, parse_entered

# a spreadsheet worked these out; of the others nobody can say that they are what the county reckons
_CALCULATED = (Kind.SAME, Kind.UNKNOWN)


def read_totals(reader: SheetReader, sheet: Sheet, column: int) -> dict[str, tuple[Exact, Origin]]:
    """Indicator → the number in its cell and where that stands. Nobody is asked for these cells, so one that is empty,
    struck out or no number, and a formula whose value no spreadsheet worked out, is passed over without a word."""
    scheme, found = reader.scheme, {}
    leaves = set(scheme.leaves())
    for _, key in scheme.tree():
        rows = sheet.rows.get(f"indicator:{key}", [])
        if key in leaves or len(rows) != 1 or not scheme.adds_up(key):
            continue
        cell = sheet.cell(rows[0], column)
        claimed = not (cell.error or cell.merged or cell.struck)
        if cell.formula and claimed:
            claimed = reader.recalculation.examine(sheet, (rows[0], column)).kind in _CALCULATED
        value = _number(cell.raw) if claimed else None
        if value is not None:
            found[key] = (value, Origin(reader.book.file, sheet.title, address(rows[0], column)))
    return found


def _number(raw: object) -> Exact | None:
    if raw is None or isinstance(raw, bool) or (isinstance(raw, str) and len(raw) > QUOTED):
        return None
    try:  # a float is taken as it is printed with 12 digits: what a formula adds up ends in binary dust
        return parse_entered(f"{raw:.12g}" if isinstance(raw, float) else str(raw))
    except ValueError:
        return None
