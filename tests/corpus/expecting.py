"""What must happen to a kind, and the oracle that holds for every kind: no figure is wrong in silence.

    same()                        every figure as typed; nothing refused, nothing to mend
    reads("sales", 12, …)         this figure is read so, and its cell or its origin says what was understood
    refused_cell("sales", "D102") this figure is not read and a problem points to its cell; every other figure as typed
    reads_or_refuses("sales", 12, "D102")   either of the two
    lost("payments", "W107")      what begins so is not read, and a problem says why; every other figure as typed
    noted("W109", …)              every figure as typed, and this is noted
    question("D130", …)           the same: a question is asked
    refused_file("W101")          the file is refused with this code, and nothing of it is used
    set_aside("W114")             the same, but the file counts as set aside
Expectations join with `&`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, range_boundaries

from evaltool.facts import LAYERS, SELF, Facts, Origin, State, Table
from evaltool.problems import Problem
from tests.corpus.base import COUNTY, NOTES, Truth

STRUCTURE = ("W107", "W108", "W112", "W109", "D126", "D127")  # of a sheet, row or column rather than of one cell
PROGRAM_WORDS = re.compile(
    r"[A-Za-z]*(Error|Exception|Traceback|BadZip\w*)\b|\bNone\b|\bnan\b|NoneType|Fraction\(|0x[0-9a-f]{6}"
)


class Got(NamedTuple):
    """One figure as read: its value, state and the cell it came from; `field` as problems name it."""

    value: Any
    state: State
    origin: Origin | None
    field: str


@dataclass(frozen=True)
class Must:
    """What must happen; see the functions."""

    file: str = "accepted"
    codes: tuple[str, ...] = ()
    read: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    either: dict[str, tuple[Any, tuple[str, ...]]] = field(default_factory=dict)
    lost: dict[str, tuple[str, ...]] = field(default_factory=dict)
    told: tuple[tuple[str, ...], ...] = ()
    any_order: bool = False
    quiet: bool = False

    def __and__(self, other: Must) -> Must:
        return replace(
            self,
            file=self.file if other.file == "accepted" else other.file,
            codes=self.codes + other.codes,
            read=self.read | other.read,
            refused=self.refused | other.refused,
            either=self.either | other.either,
            lost=self.lost | other.lost,
            told=self.told + other.told,
            any_order=self.any_order or other.any_order,
            quiet=self.quiet and other.quiet,
        )


@dataclass(frozen=True)
class OneOf:
    """Several readings that are each right, as long as the cell says which was taken."""

    values: tuple[Any, ...]

    def __eq__(self, other: object) -> bool:
        return any(equal(other, value) for value in self.values)

    def __hash__(self) -> int:
        return hash(self.values)


def same(*, any_order: bool = False) -> Must:
    return Must(quiet=True, any_order=any_order)


def reads(key: str, value: Any) -> Must:
    return Must(read={key: value})


def refused_cell(key: str, *codes: str) -> Must:
    return Must(refused={key: codes})


def reads_or_refuses(key: str, value: Any, *codes: str) -> Must:
    return Must(either={key: (value, codes)})


def told_or_refused(key: str, *values: Any) -> Must:
    """One of these values with a word about it, or refused at the cell."""
    return Must(either={key: (OneOf(values), ())})


def lost(key: str, *codes: str) -> Must:
    return Must(lost={key: codes})


def noted(*codes: str) -> Must:
    return Must(told=(codes,))


question = noted


def refused_file(*codes: str) -> Must:
    return Must(file="refused", codes=codes)


def set_aside(*codes: str) -> Must:
    return Must(file="aside", codes=codes)


def anything(*codes: str) -> Must:
    """Read in full, or refused as a file with one of these codes: both are right."""
    return Must(file="any", codes=codes)


# --- what was read ---


def first(facts: Facts) -> int:
    """The position of 甲县, or of the only county of the roster."""
    return facts.position(COUNTY["code"]) if COUNTY["code"] in facts.codes else 0


def figures(facts: Facts, layer: str = SELF, subject: str = "") -> dict[str, Got]:
    """Every figure of one county by the keys of `Truth.figures`; the state of a list under its name."""
    at = facts.position(subject) if subject else first(facts)
    made: dict[str, Got] = {}
    table = facts.layers[layer].table
    for key, value, state, origin in cells(table, at):
        made[key] = Got(value, state, origin, key)
    for name, rows in facts.layers[layer].lists.items():
        made[name] = Got(None, State(int(rows.states[at])), None, name)
        for number, position in enumerate([i for i, owner in enumerate(rows.owner) if owner == at], 1):
            for column, value, state, origin in cells(rows.table, position):
                made[f"{name}[{number}].{column}"] = Got(value, state, origin, f"{name}.{column}")
    if layer == SELF:
        claimed = zip(
            facts.claimed.columns, facts.claimed.to_numpy()[at], facts.claimed_origins.to_numpy()[at], strict=True
        )
        for key, value, origin in claimed:
            made[f"score:{key}"] = Got(value, State.BLANK if value is None else State.FILLED, origin, key)
    return made


def cells(table: Table, row: int) -> Iterator[tuple[str, Any, State, Origin | None]]:
    """Column, value, state and origin of one row; through numpy, because frames are slow cell by cell."""
    values, states, origins = (frame.to_numpy()[row] for frame in (table.values, table.states, table.origins))
    for column, value, state, origin in zip(table.values.columns, values, states, origins, strict=True):
        yield str(column), value, State(int(state)), origin


def complaints(facts: Facts, must: Must, truth: Truth, spots: dict[str, Any]) -> list[str]:
    """What is wrong with `facts`, each in a line; empty where all is as it must be."""
    found = list(messages(facts.problems))
    if must.file in ("refused", "aside"):
        found += file_refused(facts, must)
        return found + (
            accepted(facts, must, truth, spots) if must.file == "aside" and facts.returned[first(facts)] else []
        )
    if must.file == "any" and not facts.returned[first(facts)]:
        return found + file_refused(facts, replace(must, file="refused"))
    return found + accepted(facts, must, truth, spots)


def file_refused(facts: Facts, must: Must) -> list[str]:
    found = []
    codes = [p.code for p in facts.problems]
    states = [one.state for one in facts.submissions]
    if must.file == "refused" and (facts.returned.any() or "已接收" in states):
        found.append(f"the file was accepted: {states}")
    if must.file == "refused" and not any(p.level == "stop" and p.place.workbook for p in facts.problems):
        found.append(f"no problem refuses the file: {codes}")
    if must.codes and not set(must.codes) & set(codes):
        found.append(f"wanted one of {must.codes}, got {codes}")
    if must.file == "aside" and not any(state not in ("已接收", "认定表") for state in states):
        found.append(f"nothing was set aside: {states}")
    if must.file == "refused":
        for layer in LAYERS:
            used = [key for key, got in figures(facts, layer).items() if got.state == State.FILLED and got.origin]
            found += [f"used although refused: {key}" for key in used]
    return found


def accepted(facts: Facts, must: Must, truth: Truth, spots: dict[str, Any]) -> list[str]:
    stops = [p for p in facts.problems if p.level == "stop"]
    if not facts.returned[first(facts)]:
        return [f"a workbook that should be read was refused: {[str(p) for p in stops] or facts.problems[:3]}"]
    found = []
    for layer in LAYERS:
        found += [line for line in compare(facts, must, truth, spots, layer) if line not in found]
    codes = {p.code for p in facts.problems}
    found += [f"not noted: one of {wanted}; got {sorted(codes)}" for wanted in must.told if not set(wanted) & codes]
    if must.quiet:
        found += [f"a complaint about what is right: {p}" for p in facts.problems if p.level != "note"]
    return found


def compare(facts: Facts, must: Must, truth: Truth, spots: dict[str, Any], layer: str) -> Iterable[str]:
    got, wanted = figures(facts, layer), truth.figures()
    if layer != SELF:
        wanted = {key: value for key, value in wanted.items() if not key.startswith("score:")}
    if must.any_order:
        yield from rows_in_any_order(got, truth)
        wanted = {key: value for key, value in wanted.items() if "[" not in key}
    for name, rows in truth.lists.items():
        listed = {int(key[len(name) + 1 :].split("]")[0]) for key in got if key.startswith(f"{name}[")}
        if got[name].state == State.FILLED and len(listed) != len(rows):
            yield f"{name}: {len(listed)} rows read, {len(rows)} there"
        elif got[name].state != State.FILLED and not is_lost(name, must):
            yield f"{name}: the list was not read ({got[name].state.name}); {said(facts, name)}"
    for key, value in wanted.items():
        if "[" in key and got[key.split("[")[0]].state != State.FILLED and must.lost:
            continue  # the list is not known as a whole, so nobody uses its rows
        one = got.get(key, Got(None, State.ABSENT, None, re.sub(r"\[\d+\]", "", key)))
        yield from figure(facts, must, key, value, one, spots, layer)


def figure(
    facts: Facts, must: Must, key: str, value: Any, one: Got, spots: dict[str, Any], layer: str
) -> Iterable[str]:
    """What is wrong with one figure."""
    filled, right = one.state == State.FILLED, equal(one.value, must.read.get(key, value))
    if key in must.read:
        if not filled or not right:
            yield f"{key}: wanted {must.read[key]!r}, got {show(one)}; {said(facts, key)}"
        elif not is_told(facts, one):
            yield f"{key}: read as {one.value} without a word"
    elif key in must.either:
        value, codes = must.either[key]
        if filled and not equal(one.value, value):
            yield f"{key}: WRONG IN SILENCE? wanted {value!r} or a refusal, got {show(one)}; {said(facts, key)}"
        elif filled and not is_told(facts, one):
            yield f"{key}: read as {one.value} without a word"
        elif not filled:
            yield from refusal(facts, key, one, codes, spots, layer)
    elif key in must.refused:
        if filled:
            yield f"{key}: WRONG IN SILENCE? wanted a refusal, got {show(one)}; {said(facts, key)}"
        else:
            yield from refusal(facts, key, one, must.refused[key], spots, layer)
    elif filled and not right:
        yield f"{key}: WRONG IN SILENCE: wanted {value!r}, got {show(one)}; {said(facts, key)}"
    elif not filled and value in (None, ""):
        return
    elif not filled and is_lost(key, must):
        if not pointed(facts, key, one, spots) and one.field.rpartition(".")[2] not in NOTES:
            yield f"{key}: lost and nothing points to it"
    elif not filled:
        yield f"{key}: a good figure was not read ({one.state.name}); {said(facts, key)}"


def refusal(
    facts: Facts, key: str, one: Got, codes: tuple[str, ...], spots: dict[str, Any], layer: str
) -> Iterable[str]:
    at = [p for p in facts.problems if p.place.field == one.field and (not codes or p.code in codes)]
    if not at:
        yield f"{key}: refused, but no {'/'.join(codes) or 'problem'} names it; {said(facts, key)}"
        return
    if layer != SELF or any(p.code in STRUCTURE for p in at):
        return
    place = spots.get(key)
    if place is not None and not any((p.place.sheet, p.place.cell) == (place.sheet, place.address) for p in at):
        yield f"{key}: stands in {place.sheet}!{place.address}, the problem points to {[str(p.place) for p in at]}"
    if not any(p.level in ("count", "stop") for p in at) and not key.startswith("score:"):
        yield f"{key}: refused with a mere note: {[str(p) for p in at]}"


def rows_in_any_order(got: dict[str, Got], truth: Truth) -> Iterable[str]:
    for name, rows in truth.lists.items():
        columns = rows[0]
        read = sorted(
            [
                tuple(show_plain(got[f"{name}[{i}].{c}"].value) for c in columns)
                for i in range(1, 99)
                if f"{name}[{i}].{next(iter(columns))}" in got
            ]
        )
        if read != sorted(tuple(show_plain(v) for v in row.values()) for row in rows):
            yield f"{name}: other rows: {read}"


def show_plain(value: Any) -> str:
    return str(value)


def is_lost(key: str, must: Must) -> bool:
    return any(key == part or key.startswith((f"{part}[", f"{part}.", f"{part}:")) for part in must.lost) or (
        "*" in must.lost
    )


def pointed(facts: Facts, key: str, one: Got, spots: dict[str, Any]) -> bool:
    """Whether a problem says why a figure is not there: at its field, its cell, its list, or its whole sheet."""
    name = key.split("[", maxsplit=1)[0].split(".", maxsplit=1)[0].removeprefix("score:")
    at = (one.origin.sheet, one.origin.cell) if one.origin else ("", "")
    if one.origin is None and key in spots:
        at = (spots[key].sheet, spots[key].address)
    for p in facts.problems:
        names = (one.field, name, "goals") if key == "score:C3" else (one.field, name)  # C3 adds up the rows of goals
        if p.place.field in names or (p.place.field == "" and p.code in STRUCTURE):
            return True
        if at[1] and (p.place.sheet, p.place.cell) == at:
            return True
        if at[1] and p.place.sheet == at[0] and p.code == "D108" and covered(at[1], p.what):
            return True
    return False


def covered(cell: str, what: str) -> bool:
    """Whether a message about a merged range means this cell too."""
    ranges = re.findall(r"\b([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)\b", what)
    column, row = coordinate_from_string(cell)
    at = column_index_from_string(column)
    bounds = [range_boundaries(found) for found in ranges]
    return any(left <= at <= right and top <= row <= bottom for left, top, right, bottom in bounds)


def is_told(facts: Facts, one: Got) -> bool:
    if one.origin is not None and one.origin.note:
        return True
    return any(
        one.origin is not None and (p.place.sheet, p.place.cell) == (one.origin.sheet, one.origin.cell)
        for p in facts.problems
    )


def equal(a: Any, b: Any) -> bool:
    if isinstance(b, OneOf):
        return b == a
    if isinstance(b, bool) or isinstance(a, bool):
        return a is b
    if isinstance(b, int | Fraction) and isinstance(a, int | Fraction):
        return Fraction(a) == Fraction(b)
    if isinstance(b, date) and isinstance(a, date):
        return a == b
    if b is None or b == "":
        return a is None or a == ""
    return type(a) is type(b) and a == b


def show(one: Got) -> str:
    return f"{one.value!s} ({one.state.name}{'; ' + one.origin.note if one.origin and one.origin.note else ''})"


def said(facts: Facts, key: str) -> str:
    name = re.sub(r"\[\d+\]", "", key).removeprefix("score:")
    lines = [f"[{p.code}] {p.what}" for p in facts.problems if p.place.field in (name, name.split(".")[0])]
    return "said: " + (" | ".join(lines[:2]) or f"nothing of it, but {sorted({p.code for p in facts.problems})}")


def messages(problems: Iterable[Problem]) -> Iterable[str]:
    """Every problem is in plain Chinese, says what to do, and names a place."""
    for p in problems:
        text = f"{p.what}{p.why}{p.do}"
        if not p.what or not re.search("[\u4e00-\u9fff]", p.what):
            yield f"[{p.code}] says nothing: {p.what!r}"
        if p.level != "note" and not p.do:
            yield f"[{p.code}] does not say what to do: {p.what}"
        if slip := PROGRAM_WORDS.search(re.sub("“.*?”", "", text, flags=re.DOTALL)):  # what is quoted is the county's
            yield f"[{p.code}] speaks the programmer's language ({slip[0]}): {p.what}"
        if re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[0-9X](?!\d)", text) and p.code.startswith("D"):
            yield f"[{p.code}] prints a telephone or identity number: {p.what}"
        if len(p.what) > 400:
            yield f"[{p.code}] is too long to read: {len(p.what)} characters"
        if re.search("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", text):
            yield f"[{p.code}] carries invisible characters into the message: {p.what!r}"
        if not (p.place.workbook or p.place.subject or p.code.startswith("W113")):
            yield f"[{p.code}] has no place: {p.what}"
