"""One entered value → what it means: value, state, what was normalised, what is wrong. Never raises, never guesses.

A number cell of a workbook is a binary float; it is read as the shortest decimal that gives this float back
(`Decimal(repr(x))`), which is what the person typed as long as it had no more than 15 significant digits.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from evaltool.facts import State
from evaltool.quantities import Exact, decimal_text, exact, normalise, parse_entered, parse_plain, parse_share
from evaltool.scheme.fields import FieldDef

YES = frozenset({"是", "有", "√"})
NO = frozenset({"否", "无", "×"})
NUMBERS = ("count", "money", "number", "share", "points")
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)"
)
_PRINTED = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")
_MINUS = "−﹣"


class Slip(NamedTuple):
    """What is wrong with one entered value: code, what it is, what to do."""

    code: str
    what: str
    do: str


class Reading(NamedTuple):
    """What an entered value means. `value` is None unless `state` is FILLED; `slip` may be a mere note (D109).

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


def shown(raw: Any, percent: bool = False) -> str:
    """The value as a person sees it in the cell."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(" ")
    if isinstance(raw, int | float | Decimal | Fraction):
        number = _exact(raw)
        if number is None:
            return str(raw)
        return _plain(number, percent)
    return str(raw).strip()


def understand(item: FieldDef, raw: Any, percent: bool = False) -> Reading:
    """What `raw` (number, text, date, truth value or None) means as an answer to `item`.

    percent   the number stands in a cell that shows it as a percentage
    """
    text = shown(raw, percent)
    if text == "":
        return Reading(None, State.BLANK)
    if item.type in NUMBERS:
        found = _number(item, raw, percent, text)
    elif item.type == "yesno":
        found = _truth(item, raw, text)
    elif item.type == "choice":
        found = _choice(item, text)
    elif item.type == "date":
        found = _date(item, raw, text)
    else:
        found = Reading(text, State.FILLED)
    return found._replace(shown=text)


def printed(item: FieldDef, text: str) -> Reading | None:
    """What `understand` makes of a number written as on paper (`12`, `-0.5`, `65%`), where text is the normal thing and
    needs no note; None for everything else."""
    if item.type not in NUMBERS or not _PRINTED.fullmatch(text):
        return None
    percent = text.endswith("%")
    number = parse_share(text) if percent else parse_plain(text)
    return _checked(item, number, percent, text, "", None)


def _plain(number: Exact, percent: bool) -> str:
    return decimal_text(exact(number * 100), 12) + "%" if percent else decimal_text(number, 12)


def _refused(code: str, what: str, do: str, state: State = State.UNREADABLE) -> Reading:
    return Reading(None, state, slip=Slip(code, what, do))


def _wanted(item: FieldDef) -> str:
    if item.type == "share":
        return "填百分数"
    return f"填数字（单位{item.unit}，单位不写进格里）" if item.unit and item.unit != "row" else "填数字"


def _exact(raw: float | Decimal | Fraction) -> Exact | None:
    if isinstance(raw, float):
        return exact(Decimal(repr(raw))) if math.isfinite(raw) else None
    if isinstance(raw, Decimal) and not raw.is_finite():
        return None
    return exact(raw)


def _plain_characters(text: str) -> bool:
    """Only ASCII, its full-width forms, spaces and minus signs: NFKC would also turn 10² into 102 and ① into 1."""
    return all(ch < "\x7f" or "！" <= ch <= "～" or ch in "\u3000\xa0" + _MINUS for ch in text)


def _number(item: FieldDef, raw: Any, percent: bool, text: str) -> Reading:
    name, note, slip = item.name, "", None
    if isinstance(raw, bool):
        return _refused("D101", f"“{name}”要{_wanted(item)}，现在是 {text}", "只填数字")
    if isinstance(raw, dt.date | dt.time | dt.timedelta):
        what = f"“{name}”要{_wanted(item)}，现在是日期 {text}"
        return _refused("D101", what, "把单元格格式改为常规，再填数字（键入 3-5 会被表格软件当成日期）")
    if isinstance(raw, str):
        try:
            if not _plain_characters(text):
                raise ValueError(text)
            number = parse_entered(text)
        except ValueError:
            return _not_a_number(item, text)
        percent = normalise(text).endswith("%")
        plain = _plain(number, percent)
        note = f"文字“{text}”读作 {plain}"
        if percent or not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
            slip = Slip("D109", f"“{name}”写的是文字“{text}”，读作 {plain}", f"核对：是 {plain} 就不用改")
    else:
        found = _exact(raw)
        if found is None:
            return _refused("D101", f"“{name}”要{_wanted(item)}，现在是 {text}", "只填数字")
        number = found
        if item.type == "share" and percent and not -10 < number < 10:
            slip = Slip("D109", f"“{name}”读作 {text}", f"核对：是不是 {_plain(number, False)}%")
    return _checked(item, number, percent, text, note, slip)


def _checked(item: FieldDef, number: Exact, percent: bool, text: str, note: str, slip: Slip | None) -> Reading:
    name = item.name
    if item.type == "share" and not percent and number != 0:
        what = f"“{name}”是占比，要带百分号，现在是“{text}”"
        return _refused("D118", what, f"写成 95% 的样子：要么 {text}%，要么 {_plain(number, True)}")
    if item.type in ("count", "money", "points") and percent and number != 0:
        return _refused("D102", f"“{name}”要{_wanted(item)}，现在是百分数“{text}”", "去掉百分号，只填数字")
    if item.type == "count" and not isinstance(number, int):
        return _refused("D110", f"“{name}”要填整数，现在是“{text}”", "填整数")
    if item.type in ("count", "money", "points") and number < 0:
        return _refused("D105", f"“{name}”不会是负数，现在是“{text}”", "核对该数", State.OUT_OF_RANGE)
    if item.between:
        low, high = item.between
        if number < low.value or number > high.value:
            what = f"“{name}”要在 {low} 到 {high} 之间，现在是“{text}”"
            return _refused("D105", what, "核对该数", State.OUT_OF_RANGE)
    return Reading(number, State.FILLED, note, slip, percent=percent)


def _not_a_number(item: FieldDef, text: str) -> Reading:
    what = f"“{item.name}”要{_wanted(item)}，现在是“{text}”"
    if re.search(r"\d", normalise(text)):
        bare = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([^\d.,~\-—至到]+)", normalise(text))
        if bare and bare[2] == item.unit:
            return _refused("D102", what, f"只填 {bare[1]}")
        unit = f"按{item.unit}算好，" if item.unit and item.unit != "row" else ""
        return _refused("D102", what, f"{unit}只填一个确定的数，不带单位、约字、范围和指数")
    return _refused("D101", what, "只填数字；确实没有的填 0" if item.type != "share" else "写成 95% 的样子")


def _truth(item: FieldDef, raw: Any, text: str) -> Reading:
    if isinstance(raw, bool):
        return Reading(raw, State.FILLED, f"{text} 读作{'是' if raw else '否'}")
    if text in YES or text in NO:
        return Reading(
            text in YES, State.FILLED, "" if text in "是否" else f"“{text}”读作{'是' if text in YES else '否'}"
        )
    return _refused("D103", f"“{item.name}”要填 是 或 否，现在是“{text}”", "从下拉列表里选")


def _choice(item: FieldDef, text: str) -> Reading:
    if text in item.options:
        return Reading(text, State.FILLED)
    return _refused("D103", f"“{item.name}”的可选项是{'、'.join(item.options)}，现在是“{text}”", "从下拉列表里选")


def _date(item: FieldDef, raw: Any, text: str) -> Reading:
    if isinstance(raw, dt.datetime):
        return Reading(raw.date(), State.FILLED)
    if isinstance(raw, dt.date):
        return Reading(raw, State.FILLED)
    if isinstance(raw, str):
        match = _DATE.fullmatch(re.sub(r"\s+", "", normalise(text))) if _date_characters(text) else None
        if match:
            numbers = [int(part) for part in match.groups() if part is not None]
            try:
                day = dt.date(*numbers)
            except ValueError:
                return _refused("D104", f"“{item.name}”写的“{text}”不是日历上的日子", "核对日期")
            return Reading(day, State.FILLED, "" if text == day.isoformat() else f"“{text}”读作 {day}")
    what = f"“{item.name}”要填日期，现在是“{text}”"
    return _refused("D104", what, "按 2020-06-05 的样子填")


def _date_characters(text: str) -> bool:
    return _plain_characters(re.sub("[年月日]", "", text))
