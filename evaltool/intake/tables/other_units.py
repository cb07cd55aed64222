"""A cell of a column whose head states another unit than the field's own."""

from __future__ import annotations

from evaltool.facts import State
from evaltool.intake.opened import Sheet
from evaltool.intake.sheet_reading import Asked, Read, SheetReader
from evaltool.intake.tables.heads import converted
from evaltool.scheme.fields import FieldDef


def in_own_unit(
    reader: SheetReader, found: Read, item: FieldDef, unit: str, asked: Asked, at: tuple[Sheet, int, int]
) -> None:
    """Turns what was read in `unit` into the field's own unit, exactly and with a note in its origin."""
    if found.state != State.FILLED:
        return
    made = converted(item, unit, found.value)
    if made.slip is not None:
        reader.complain(made.slip.code, made.slip.what, asked.why, made.slip.do, sheet=at[0], at=at[1:], key=asked.key,
                        clause=asked.clause)  # fmt: skip
    if found.origin is not None:
        note = "；".join(part for part in (found.origin.note, made.note) if part)
        found.origin = found.origin._replace(note=note)
    found.value, found.state = made.value, made.state
