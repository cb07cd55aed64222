"""What comes of reading one entered value, and how a value is quoted in messages."""

from __future__ import annotations

import unicodedata
from typing import Any, NamedTuple

from evaltool.facts import State

QUOTED = 40  # so many characters of an entered text are quoted


class Slip(NamedTuple):
    """What is wrong with one entered value, or what was understood of it: code, what it is, what to do."""

    code: str
    what: str
    do: str


class Reading(NamedTuple):
    """What an entered value means. `value` is None unless `state` is FILLED; `slip` may be a mere note (D109, D121).

    note     what was normalised, for the origin
    shown    the value as it stands in the cell, for messages and for matching corrections
    percent  it was written as a percentage
    """

    value: Any
    state: State
    note: str = ""
    slip: Slip | None = None
    shown: str = ""
    percent: bool = False


def refused(code: str, what: str, do: str, state: State = State.UNREADABLE) -> Reading:
    return Reading(None, state, slip=Slip(code, what, do))


def understood(name: str, value: Any, text: str, plain: str) -> Reading:
    """A value that was not plainly written: read as `plain`, and said so."""
    written = legible(text)
    slip = Slip("D109", f"“{name}”写的是“{written}”，读作 {plain}", f"核对：{as_read(plain)}就不用改")
    return Reading(value, State.FILLED, f"“{written}”读作 {plain}", slip)


def as_read(plain: str) -> str:
    """是 12.5%, 是 3 万元 or 是“二级”: the condition under which nothing needs to be done."""
    if not plain[0].isascii():
        return f"是“{plain}”"
    return f"是 {plain}" + (" " if plain[-1].isascii() else "")


def line(text: str) -> str:
    """A label in one line, cut where it is long: line breaks in it are the template's or the county's layout."""
    made = ""
    for part in filter(None, map(str.strip, text.splitlines())):
        between = " " if made and made[-1].isascii() and part[0].isascii() else ""
        made += between + part
    return legible(made)


def turned_into(now: str) -> str:
    """What became of a text of the template."""
    return f"被改成“{line(now)}”" if now else "被清空"


def legible(text: str) -> str:
    """The text with what cannot be seen made visible, cut where it is long."""
    shown = "".join(_seen(ch) for ch in text[:QUOTED])
    return shown + ("…" if len(text) > QUOTED else "")


def _seen(ch: str) -> str:
    if ch in "\r\n\v\f\x85\u2028\u2029":
        return "⏎"
    if ch.isprintable() or ch in " \u3000":
        return ch
    return " " if unicodedata.category(ch) == "Zs" else f"[U+{ord(ch):04X}]"
