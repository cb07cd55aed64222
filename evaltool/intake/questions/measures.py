"""What can be compared in one county's data: a plain field, a list's rows counted, a column of a list added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from evaltool.facts import Origin, State
from evaltool.intake.county_book import CountyRead
from evaltool.intake.list_reading import RowRead
from evaltool.intake.sheet_reading import Read
from evaltool.problems import Place
from evaltool.quantities import MONEY, SHARE_UNIT, Exact, divide, magnitude, quantity_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Call, Column, Name, Node

NUMBERS = ("count", "money", "number", "share")
OWN_UNIT = "row"  # each row brings its own unit


@dataclass(frozen=True, slots=True)
class Measure:
    """A field (`id`), or of a list its rows (no `id`) or the sum of a column."""

    id: str
    list: str = ""

    @property
    def key(self) -> str:
        return ".".join(part for part in (self.list, self.id) if part)


class Found(NamedTuple):
    """A known number and the cell that stands for it."""

    value: Exact
    origin: Origin | None


def unit_of(item: FieldDef) -> str:
    return SHARE_UNIT if item.type == "share" else item.unit


def place_of(origin: Origin | None, subject: str, key: str) -> Place:
    if origin is None:
        return Place(field=key, subject=subject)
    return Place(origin.workbook, origin.sheet, origin.cell, key, subject)


def known(read: Read | None) -> Exact | None:
    """The number in a cell, if there is one."""
    if read is None or read.state != State.FILLED or isinstance(read.value, bool):
        return None
    return read.value if hasattr(read.value, "numerator") else None


def definition(scheme: Scheme, measure: Measure) -> FieldDef | None:
    """The field or column of a measure; None for rows that are counted, and for what the edition does not have."""
    if not measure.list:
        return scheme.edition.fields.get(measure.id)
    item = scheme.edition.lists.get(measure.list)
    return item.columns.get(measure.id) if item is not None else None


def name(scheme: Scheme, measure: Measure) -> str:
    """“乡镇数”, “建设项目”的行数, “建设项目”各行合同金额合计."""
    item = definition(scheme, measure)
    if not measure.list:
        return f"“{item.name if item else measure.id}”"
    owner = scheme.edition.lists[measure.list].name
    return f"“{owner}”各行{item.name}合计" if item else f"“{owner}”的行数"


def unit(scheme: Scheme, measure: Measure) -> str:
    item = definition(scheme, measure)
    return unit_of(item) if item is not None else "行"


def said(scheme: Scheme, measure: Measure, value: Exact) -> str:
    return quantity_text(value, unit(scheme, measure))


def figure(scheme: Scheme, measure: Measure, value: Exact) -> str:
    """The name with the number: “乡镇数”12 个."""
    return f"{name(scheme, measure)}{' ' if measure.list else ''}{said(scheme, measure, value)}"


def filled(scheme: Scheme, measure: Measure, value: Exact) -> str:
    """The same as a statement: “乡镇数”填 12 个, “建设项目”的行数是 3 行."""
    return f"{name(scheme, measure)}{'是' if measure.list else '填'} {said(scheme, measure, value)}"


def comparable(scheme: Scheme, a: Measure, b: Measure) -> bool:
    """Whether two measures count in the same unit, or both in money; rows are counted in any unit of a count."""
    one, other = definition(scheme, a), definition(scheme, b)
    if one is None or other is None:
        return all(item is None or item.type == "count" for item in (one, other))
    if one.type not in NUMBERS or other.type not in NUMBERS or OWN_UNIT in (one.unit, other.unit):
        return False
    return unit_of(one) == unit_of(other) or {one.unit, other.unit} <= set(MONEY)


def in_unit(value: Exact, of: str, wanted: str) -> Exact:
    """Money of one unit in another; anything else as it is."""
    return divide(value * MONEY[of], MONEY[wanted]) if of != wanted and {of, wanted} <= set(MONEY) else value


def find(read: CountyRead, measure: Measure) -> Found | None:
    """The number, or None where any part of it is not known."""
    if not measure.list:
        cell = read.fields.get(measure.id)
        value = known(cell)
        return None if value is None or cell is None else Found(value, cell.origin)
    rows = read.lists.get(measure.list)
    if rows is None or rows.state != State.FILLED or not rows.rows:
        return None
    if not measure.id:
        return Found(len(rows.rows), _first(rows.rows[0]))
    return total(rows.rows, measure.id)


def total(rows: list[RowRead], column: str) -> Found | None:
    """The sum of a column where every cell of it is known, at the cell of its largest part."""
    cells = [row.cells.get(column) for row in rows]
    values = [known(cell) for cell in cells]
    parts = [value for value in values if value is not None]
    if not parts or len(parts) != len(rows):
        return None
    largest = max(range(len(parts)), key=lambda i: magnitude(parts[i]))
    cell = cells[largest]
    return Found(sum(parts), cell.origin if cell else None)


def _first(row: RowRead) -> Origin | None:
    return next((cell.origin for cell in row.cells.values() if cell.origin is not None), None)


def measure_of(node: Node) -> Measure | None:
    """The measure that a formula names: `towns`, `count(sites)`, `sum(projects.paid)`; None for anything else."""
    match node:
        case Name(id=key):
            return Measure(key)
        case Call(function="count", parts=(Name(id=owner),)):
            return Measure("", owner)
        case Call(function="sum", parts=(Column(list=owner, id=column),)):
            return Measure(column, owner)
    return None


def numeric(item: FieldDef) -> bool:
    """Whether a field is a number in a unit that is always the same."""
    return item.type in NUMBERS and item.unit != OWN_UNIT
