"""What was signed stays as it was signed: a conclusion is changed only by signing anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from evaltool.facts import State
from evaltool.intake.official_reading import Entry, OfficialRead
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme


def keep_to_signatures(scheme: Scheme, before: OfficialRead, now: OfficialRead) -> list[Problem]:
    """Sets back to 待认定 every entry of `now` that says something else than `before` under the same name and day, and
    tells each (D128). So is told what was signed before and is gone without a word. Values that were signed anew, by
    somebody else or on a later day, stand."""
    problems = []
    for told, entries in ((before.entries, now.entries), (before.round_values, now.round_values)):
        for key, old, new in list(_changed(told, entries)):
            code, field = key if isinstance(key, tuple) else ("", key)
            item = scheme.edition.fields[field]
            was, day = old.signed
            if new is None:
                what = f"“{item.name}”由{was}在 {day} 签过的结论没有了"
            else:
                what = f"“{item.name}”由{was}在 {day} 签的结论被改了，签名和日期没有变"
            origin = (new or old).origin
            place = Place(field=field, subject=code)
            if origin is not None:
                place = Place(origin.workbook, origin.sheet, origin.cell, field, code)
            clause = str(scheme.citation(item.cite[0])) if item.cite else ""
            do = "恢复原来的结论；确实要改的，由核查人重新签名、写新的日期"
            problems.append(
                Problem("D128", what, "不采用，该项待认定", do, place, scheme.place("fields", field), clause)
            )
            if new is not None:
                entries[key] = replace(new, value=None, state=State.PENDING)
    return problems


def _changed(before: Mapping[Any, Entry], now: Mapping[Any, Entry]) -> Iterator[tuple[Any, Entry, Entry | None]]:
    for key, old in before.items():
        new = now.get(key)
        if old.state != State.FILLED:
            continue
        if new is None or (new.signed == old.signed and (new.state, new.value) != (old.state, old.value)):
            yield key, old, new
