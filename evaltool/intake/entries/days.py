"""Dates as people write them: 2020-06-05, 2020/6/5, 2020.6.5, 2020年6月5日, 二〇二〇年六月五日, 20200605.

A day is read only where year, month and day are written in this order, the year in four digits. Nothing is supplied: a
month without a day, a day without a year and 05/06/2020 are refused.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any

from evaltool.facts import State
from evaltool.intake.entries.characters import halfwidth, reads_backwards, visible
from evaltool.intake.entries.figures import LONGEST
from evaltool.intake.entries.numerals import numeral
from evaltool.intake.entries.readings import Reading, Slip, legible, refused, understood
from evaltool.scheme.fields import FieldDef

EARLIEST, LATEST = 1950, 2100  # years of days that anybody is asked for
_PLAIN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})\.(\d{1,2})\.(\d{1,2})", re.ASCII)
_WORDS = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号號]", re.ASCII)
_CHINESE = re.compile(r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十廿卅]{1,3})[日号號]")
_RUN = re.compile(r"((?:19|20)\d\d)([01]\d)([0-3]\d)", re.ASCII)
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?", re.ASCII)
_SERIAL = range(1, 73051)  # what spreadsheets count as days, to the end of 2099
_AS = "按 2020-06-05 的样子填"


def day(item: FieldDef, raw: Any, text: str, shape: str = "") -> Reading:
    """The day that a cell says; `text` is the value as it stands in the cell, `shape` its number format."""
    if isinstance(raw, dt.datetime):
        found = _likely(item, raw.date(), text)
        hidden = _not_shown(shape)
        if hidden and found.state == State.FILLED:
            note = f"存储的是 {text}，格里不显示{hidden}，按存储的日子读"
            slip = Slip("D121", f"“{item.name}”{note}", f"核对{hidden}；{_AS}")
            return found._replace(note=note, slip=slip)
        if raw.time() == dt.time() or found.state != State.FILLED:
            return found
        return understood(item.name, raw.date(), text, raw.date().isoformat())
    if isinstance(raw, dt.date):
        return _likely(item, raw, text)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _from_number(item, raw, text)
    if isinstance(raw, str) and len(raw) <= LONGEST and not reads_backwards(raw):
        return _from_text(item, text)
    return _no_day(item, text)


@lru_cache(1024)
def _not_shown(shape: str) -> str:
    """What a date's format leaves out: the year (typing 6-5 takes this year's), the day; else nothing."""
    parts = re.sub(r'"[^"]*"|[\\!_*].|\[[^\]]*\]', "", shape).partition(";")[0].lower()
    if not parts or parts == "general" or parts == "@":
        return ""
    lacking = [name for letter, name in (("y", "年份"), ("m", "月份"), ("d", "日子")) if letter not in parts]
    return "、".join(lacking) if "e" not in parts else ""


def _no_day(item: FieldDef, text: str, do: str = _AS) -> Reading:
    return refused("D104", f"“{item.name}”要填日期，现在是“{legible(text)}”", do)


def _likely(item: FieldDef, found: dt.date, text: str) -> Reading:
    if EARLIEST <= found.year < LATEST:
        return Reading(found, State.FILLED)
    do = f"{_AS}；在日期格里键入 5 这样的数，会变成 1900 年的日子" if found.year <= 1900 else "核对年份"
    what = f"“{item.name}”的年份不像是真的：{legible(text)}"
    return refused("D105", what, do, State.OUT_OF_RANGE)


def _from_number(item: FieldDef, raw: float, text: str) -> Reading:
    """20200605 is a day; 43987 may be one, as the spreadsheet counts them, and may be anything else."""
    if _RUN.fullmatch(text):
        return _from_text(item, text)
    if raw in _SERIAL and raw != 60:  # 29 February 1900, which spreadsheets count and no calendar has
        meant = dt.date(1899, 12, 30 if raw > 60 else 31) + dt.timedelta(int(raw))
        return _no_day(item, text, f"{_AS}；如果是日期的序号，它是 {meant}，把单元格格式改为日期")
    return _no_day(item, text)


def _from_text(item: FieldDef, text: str) -> Reading:
    body = halfwidth(visible(text))
    time = _TIME.search(body)
    if time and time.end() == len(body):
        body = body[: time.start()]
    body = "".join(body.split()) if "年" in body else body
    plain, chinese = _PLAIN.fullmatch(body), _CHINESE.fullmatch(body)
    match = plain or _WORDS.fullmatch(body) or _RUN.fullmatch(body)
    if match:
        numbers = [int(part) for part in match.groups() if part]
    elif chinese:
        try:
            numbers = [int(numeral(part)) for part in chinese.groups()]
        except ValueError:
            return _no_day(item, text)
    else:
        return _no_day(item, text)
    try:
        found = dt.date(*numbers)
    except ValueError:
        return refused("D104", f"“{item.name}”写的“{legible(text)}”不是日历上的日子", "核对日期")
    likely = _likely(item, found, text)
    if likely.state != State.FILLED or text == found.isoformat():
        return likely
    if plain and body == text:
        return likely._replace(note=f"“{text}”读作 {found}")
    return understood(item.name, found, text, found.isoformat())
