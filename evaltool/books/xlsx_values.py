"""What is stored in a cell of an .xlsx → number, truth value, date, text or error. Nothing stored is dropped."""

from __future__ import annotations

import datetime as dt
import math
import re

from openpyxl.utils.datetime import ISO_DURATION, ISO_REGEX, MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from evaltool.books.xlsx_parts import Look, unescaped

_FEIGNED = 60  # the 29 February 1900, which the 1900 system counts and the calendar does not have
_SMALLER_THAN_ANY = re.compile("[^1-9eE]*[1-9]")  # of a text that a float makes nought: its digits are not all nought
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}
Moment = dt.datetime | dt.date | dt.time | dt.timedelta


def plain_number(text: str) -> int | float | None:
    """A number of XML Schema: an int where it is written as one, else a float; None for all else, also for `NaN` and
    for what no float holds (`1e400`, `1e-400`). Python alone would also take `1_000` and `１２`."""
    if not text.isascii() or "_" in text:
        return None
    if text.isdigit() and len(text) < 300:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number) or (number == 0 and _SMALLER_THAN_ANY.match(text)):
        return None
    return number if "." in text or "e" in text or "E" in text else int(text)


def moment(number: float, look: Look, epoch: dt.datetime) -> Moment | float:
    """What a serial number means in a cell that shows dates, or the number itself where it means none (negative, past
    the year 9999, the 29 February 1900)."""
    if number < 0 or (math.floor(number) == _FEIGNED and epoch == WINDOWS_EPOCH and not look.duration):
        return number
    try:
        found: Moment = from_excel(number, epoch, timedelta=look.duration)
    except (OverflowError, ValueError):
        return number
    return found


def other_value(kind: str, stored: str | None, look: Look, epoch: dt.datetime) -> tuple[object, bool, str]:
    """Value, whether it is an error, and the number as it is written.

    kind  `t` of the cell: n, b, e, d, str or inlineStr; shared texts are looked up elsewhere
    """
    if not stored:
        return ("" if kind == "str" and stored is not None else None), False, ""
    if kind == "n":
        number = plain_number(stored)
        if number is None:
            return stored, True, stored
        return (moment(number, look, epoch) if look.date else number), False, stored
    if kind in ("str", "inlineStr"):
        return unescaped(stored), False, ""
    if kind == "b" and stored in _TRUTHS:
        return _TRUTHS[stored], False, ""
    if kind == "d" and (ISO_REGEX.fullmatch(stored) or ISO_DURATION.fullmatch(stored)):
        try:
            return from_ISO8601(stored), False, ""  # type: ignore[no-untyped-call]
        except ValueError:
            return stored, True, ""
    return stored, True, ""


def epoch_of(system_1904: bool) -> dt.datetime:
    """What dates count from."""
    return MAC_EPOCH if system_1904 else WINDOWS_EPOCH
