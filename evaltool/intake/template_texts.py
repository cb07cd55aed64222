"""What a template says beside and above the inputs, against what stands there now.

The hidden anchors say what a row or column was made for; the visible texts say what the county answered. Where only the
spelling differs the anchor holds and a note says so (W109). Where the text now asks for another unit (D126), or is the
text of another row or column of the sheet (D127), nobody knows what the figures beside it mean: they are not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from evaltool.intake.entries.characters import folded
from evaltool.intake.entries.entry import NUMBERS
from evaltool.intake.entries.figures import is_unit, same_unit
from evaltool.intake.entries.readings import line, turned_into
from evaltool.intake.names import simplified
from evaltool.intake.opened import Sheet
from evaltool.intake.sheet_reading import SheetReader
from evaltool.quantities import decimal_text, exact
from evaltool.scheme.fields import FieldDef

AS_MADE = "仍按模板原来的意思读"
RESTORE = "恢复模板原文；如果填的不是原来问的，请改填"
UNREAD = "分不清是哪种单位，这些数没有读"
_BRACKETED = re.compile(r"\(([^()]*)\)")


@lru_cache(4096)
def word(text: str) -> str:
    """A label for comparing: without spaces, width, kinds of brackets and traditional characters."""
    return simplified(folded(text))


def stated_unit(text: str, units: Collection[str] = ()) -> str:
    """The unit that a label states, in brackets or behind “单位”; empty where it states none.

    units   names of units beyond those of money, area and the like
    """
    plain = word(text)
    parts = _BRACKETED.findall(plain) + re.findall(r"单位[:为是]?(.+)$", plain)
    for part in parts:
        for piece in re.split(r"[/、,，:;]|单位", part):
            if piece and (piece in units or is_unit(piece)):
                return str(piece)
    return ""


def check_heads(
    reader: SheetReader, sheet: Sheet, heads: Mapping[str, str], items: Mapping[str, FieldDef | None]
) -> None:
    """The header of a sheet: column key → the template's label; `items`: the columns of inputs with what is asked in
    them, None where that differs from row to row."""
    rows = sheet.rows.get("labels", [])
    if len(rows) != 1:
        return
    for key, label in heads.items():
        column = reader.column(sheet, key)
        now = sheet.text(rows[0], column) if column else label
        if column is None or now == label:
            continue
        at = (rows[0], column)
        if key in items and word(now) != word(label):
            others = {word(other) for name, other in heads.items() if name != key}
            check_head(reader, sheet, at, (label, now), others, items[key])
        elif folded(now) != folded(label):
            _note(reader, sheet, at, f"表头“{line(label)}”{turned_into(now)}", "")


def check_head(
    reader: SheetReader, sheet: Sheet, at: tuple[int, int], labels: tuple[str, str], others: Collection[str],
    item: FieldDef | None,
) -> None:  # fmt: skip
    """The changed header of a column of inputs.

    labels   as it was and as it is now;  others  the labels of the other columns, as `word` makes them
    item     what is asked, None where that differs from row to row
    """
    what = f"表头“{line(labels[0])}”{turned_into(labels[1])}"
    unit, was = stated_unit(labels[1], reader.units), stated_unit(labels[0], reader.units)
    if labels[1] and word(labels[1]) in others:
        why, do = "分不清这一列填的是哪一项，没有读", "恢复模板原文，把数填回各自的列"
        reader.complain("D127", f"{what}，是另一列的表头", why, do, sheet=sheet, at=at)
        reader.spoiled.add((sheet.index, 0, at[1]))
    elif not unit or same_unit(unit, was) or (item is not None and item.type not in NUMBERS):
        _note(reader, sheet, at, what, "")
        reader.remarks[sheet.index, 0, at[1]] = f"{what}，{AS_MADE}"
    elif item is None:
        reader.stated[sheet.index, at[1]] = unit
        reader.complain("D126", what, f"按别的单位问的项{UNREAD}", "恢复模板原文，按“单位”一列填数", sheet=sheet, at=at)
    else:
        reader.spoiled.add((sheet.index, 0, at[1]))
        reader.complain("D126", what, UNREAD, f"恢复模板原文，按{was or '原来的单位'}填数", sheet=sheet, at=at)


def check_row(
    reader: SheetReader, sheet: Sheet, row: int, name: str, others: Collection[str], key: str = "",
    item: FieldDef | None = None, unit: str = "",
) -> None:  # fmt: skip
    """The name of a row, which may have become that of another row (`others`: all of them, as `word` makes them), and
    its unit.

    item, unit   what is asked in the row, and what the template writes in its unit column
    """
    column = reader.column(sheet, "name")
    now = sheet.text(row, column) if column else name
    if now != name and folded(now) != folded(name):
        at, what = (row, column or 1), f"项目名称“{name}”{turned_into(now)}"
        stated = stated_unit(now, reader.units)
        if word(now) == word(name):
            _note(reader, sheet, at, f"项目名称“{name}”写成“{line(now)}”", key)
        elif word(now) in others:
            what += "，是另一行的名称"
            do = "恢复模板原文，把数填回各自的行（不要连名称一起排序）"
            reader.complain("D127", what, "分不清这一行填的是哪一项，没有读", do, sheet=sheet, at=at, key=key)
            reader.spoiled.add((sheet.index, row, 0))
            return
        elif item is not None and item.type in NUMBERS and stated and not same_unit(stated, unit):
            _other_unit(reader, sheet, at, what, unit, key)
            return
        else:
            _note(reader, sheet, at, what, key)
            reader.remarks[sheet.index, row, 0] = f"{what}，{AS_MADE}"
    column = reader.column(sheet, "unit")
    now = sheet.text(row, column) if column else unit
    if column and item is not None and now != unit and not same_unit(now, unit):
        what = f"“{name}”的单位“{unit}”{turned_into(now)}"
        if now and item.type in NUMBERS:
            _other_unit(reader, sheet, (row, column or 1), what, unit, key)
        else:
            _note(reader, sheet, (row, column or 1), what, key)
            reader.remarks[sheet.index, row, 0] = f"{what}，{AS_MADE}"


def _other_unit(reader: SheetReader, sheet: Sheet, at: tuple[int, int], what: str, unit: str, key: str) -> None:
    reader.complain("D126", what, UNREAD, f"恢复模板的单位，按{unit or '原来的单位'}填数", sheet=sheet, at=at, key=key)
    reader.spoiled.add((sheet.index, at[0], 0))


def check_given(
    reader: SheetReader, sheet: Sheet, row: int, given: Mapping[str, str], others: Mapping[str, Collection[str]],
    key: str = "",
) -> None:  # fmt: skip
    """The cells of a row that the template itself filled in, so that people know the row: column key → text.

    others   column key → the texts of all such rows, as `word` makes them
    """
    for name, text in given.items():
        column = reader.column(sheet, name)
        now = sheet.text(row, column) if column else text
        if now == text or folded(now) == folded(text):
            continue
        what = f"“{line(text)}”{turned_into(now)}"
        if word(now) != word(text) and word(now) in others.get(name, ()):
            why, do = "分不清这一行填的是哪一项，没有读", "恢复模板原文，把数填回各自的行"
            reader.complain("D127", f"{what}，是另一行的", why, do, sheet=sheet, at=(row, column or 1), key=key)
            reader.spoiled.add((sheet.index, row, 0))
            return
        _note(reader, sheet, (row, column or 1), what, key)


def check_points(reader: SheetReader, sheet: Sheet, row: int, name: str, points: Any, key: str) -> None:
    """The full mark that the template states beside an indicator."""
    column = reader.column(sheet, "points")
    if not column:
        return
    now, full = sheet.text(row, column), "" if points is None else points
    if not isinstance(full, str):
        full = decimal_text(exact(full))
    shown = decimal_text(exact(str(now))) if re.fullmatch(r"\d+(\.\d+)?", now) else now
    if word(shown) != word(full):
        what = f"“{name}”的满分“{full}”{turned_into(now)}"
        why = f"仍按规定的满分 {full} 计分" if full else AS_MADE
        reader.complain("W109", what, why, "恢复模板原文", sheet=sheet, at=(row, column), key=key)


def _note(reader: SheetReader, sheet: Sheet, at: tuple[int, int], what: str, key: str) -> None:
    reader.complain("W109", what, AS_MADE, RESTORE, sheet=sheet, at=at, key=key)
