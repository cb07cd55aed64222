"""What was signed stays as it was signed: conclusions, reasons and corrections change only by signing anew, later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from evaltool.facts import Origin, State
from evaltool.intake.corrections import Correction
from evaltool.intake.official_reading import Entry, OfficialRead
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme

Key = tuple[str, str, str, int]  # county (empty for a value of the round), list, field or column, row of the list


class _Signed(NamedTuple):
    """What somebody has signed: value, whole reason, name and day, the cell, and whether it is a correction."""

    value: Any
    reason: str
    who: str
    day: str
    origin: Origin | None
    correction: bool

    def says_the_same_as(self, other: _Signed) -> bool:
        anew = (self.who, self.day) != (other.who, other.day)
        return self.value == other.value and (anew or self.reason == other.reason)


def keep_to_signatures(scheme: Scheme, books: Sequence[OfficialRead]) -> list[Problem]:
    """Sets back to 待认定 whatever the last of `books` says otherwise than what was signed before, unless it was signed on
    a later day; what was signed and is gone is 待认定 too. Each is told: D128 where it is refused, W130 where it stands.

    books  all 认定表 in the order in which they came, the one that counts last; that one is changed in place
    """
    *earlier, now = books
    held: dict[Key, _Signed] = {}
    for book in earlier:
        for key, one in _signed(book):
            if key not in held or one.day > held[key].day or one.says_the_same_as(held[key]):
                held[key] = one
    mine = dict(_signed(now))
    problems = []
    for key, before in held.items():
        said = mine.get(key)
        if said is None and key in _waiting(now):
            continue  # it was touched and is not signed as it must be: that has its own problem
        if said is None or not said.says_the_same_as(before):
            stands = said is not None and said.day > before.day
            problems.append(_told(scheme, key, before, said, stands))
            if not stands:
                _set_back(now, key, before)
    return problems


def _signed(book: OfficialRead) -> Iterator[tuple[Key, _Signed]]:
    for key, entry in _entries(book):
        if entry.state == State.FILLED:
            yield key, _Signed(entry.value, entry.reason, *entry.signed, entry.origin, correction=False)
    for one in book.corrections:
        key = (one.code, one.list_id, one.key, one.row)
        yield key, _Signed(one.value, one.reason, *one.signed, one.origin, correction=True)


def _entries(book: OfficialRead) -> Iterator[tuple[Key, Entry]]:
    for (code, field), entry in book.entries.items():
        yield (code, "", field, 0), entry
    for field, entry in book.round_values.items():
        yield ("", "", field, 0), entry


def _waiting(book: OfficialRead) -> set[Key]:
    return {key for key, entry in _entries(book) if entry.state != State.FILLED}


def _set_back(now: OfficialRead, key: Key, before: _Signed) -> None:
    code, list_id, field, row = key
    if before.correction:
        kept = [one for one in now.corrections if (one.code, one.list_id, one.key, one.row) != key]
        origin = before.origin or Origin("", "", "")
        signature = (before.who, before.day)
        waiting = Correction(code, list_id, field, row, None, origin, before.reason, signature, State.PENDING)
        now.corrections[:] = [*kept, waiting]
        return
    entries: dict[Any, Entry] = now.entries if code else now.round_values
    name = (code, field) if code else field
    if name in entries:
        entries[name] = replace(entries[name], value=None, state=State.PENDING)


def _told(scheme: Scheme, key: Key, before: _Signed, said: _Signed | None, stands: bool) -> Problem:
    code, list_id, field, _ = key
    edition = scheme.edition
    fields: Mapping[str, Any] = edition.lists[list_id].columns if list_id else edition.fields
    item, thing = fields[field], "更正" if before.correction else "结论"
    about = f"“{item.name}”由{before.who}在 {before.day} 签的{thing}"
    origin = said.origin if said is not None and said.origin else before.origin
    name = f"{list_id}.{field}" if list_id else field
    place = Place(field=name, subject=code)
    if origin is not None:
        place = Place(origin.workbook, origin.sheet, origin.cell, name, code)
    rule = scheme.place(*(("lists", list_id, "columns", field) if list_id else ("fields", field)))
    clause = str(scheme.citation(item.cite[0])) if item.cite else ""
    if stands and said is not None:
        what = f"{about}，由{said.who}在 {said.day} 重新签过，与原来不同"
        return Problem("W130", what, "用后签的", "核对是不是核查人本人改的", place, rule, clause)
    what = f"{about}{'没有了' if said is None else '被改了，没有重新签名、写更晚的日期'}"
    do = "恢复原来签的；确实要改的，由核查人重新签名，写更晚的日期"
    return Problem("D128", what, "不采用，该项待认定", do, place, rule, clause)
