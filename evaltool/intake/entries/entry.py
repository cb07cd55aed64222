"""One entered value → what it means: value, state, what was normalised, what is wrong. Never raises, never guesses.

A number cell of a workbook is a binary float; it is read as the shortest decimal that gives this float back
(`Decimal(repr(x))`), which is what the person typed as long as it had no more than 15 significant digits. Where its
number format shows another number, both are named (D121); a unit drawn by the format counts as if it were typed.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from evaltool.facts import State
from evaltool.intake.entries.answers import choice, truth
from evaltool.intake.entries.characters import visible
from evaltool.intake.entries.days import day
from evaltool.intake.entries.displays import DIGITS, Shape, fifteen_digits, places_shown, shown_under
from evaltool.intake.entries.figures import LONGEST, NOTHING, PLAIN, NotAFigure, figure
from evaltool.intake.entries.numerals import CHARACTERS
from evaltool.intake.entries.readings import Reading, Slip, legible, refused, understood
from evaltool.quantities import SCORE_UNIT, Exact, decimal_text, divide, exact, parse_plain, parse_share
from evaltool.scheme.fields import FieldDef

__all__ = ["Reading", "Slip", "printed", "shown", "understand"]
_SIZES = frozenset("十百千万亿萬億")
_FIGURES, _TIMES = (int, float, Decimal, Fraction), (dt.date, dt.time, dt.timedelta)
NUMBERS = ("count", "money", "number", "share", "points")
MOST = 10**15  # from here on a spreadsheet no longer holds every whole number
LEAST = 10**9  # below one part of it a number is nothing but what binary arithmetic leaves over
GREAT_SHARE = 2  # a percentage from which a slip of the decimal point is asked about (this tool's line)


def shown(raw: Any, percent: bool = False) -> str:
    """The value as a person sees it in the cell; nothing where there is nothing to see."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        text = raw.strip()
        return text if text.isascii() or visible(text) else ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(" ")
    if isinstance(raw, (int, float)) and 1 <= abs(raw) * LEAST < MOST * LEAST:
        return _short(raw, percent)
    if isinstance(raw, _FIGURES):
        number = _exact(raw)
        return str(raw) if number is None else _plain(number, percent)
    return _hours(raw) if isinstance(raw, dt.timedelta) else str(raw).strip()


def understand(item: FieldDef, raw: Any, percent: bool = False, shape: str = "") -> Reading:
    """What `raw` (number, text, date, truth value or None) means as an answer to `item`.

    percent   the number stands in a cell that shows it as a percentage
    shape     the number format of the cell; empty for a value that does not stand in a cell
    """
    text = shown(raw, percent)
    if text == "":
        return Reading(None, State.BLANK)
    if item.type in NUMBERS:
        found = _entered(item, raw, text) if isinstance(raw, str) else _number(item, raw, percent, text, shape)
    elif item.type == "yesno":
        found = truth(item, raw, text)
    elif item.type == "choice":
        found = choice(item, text)
    elif item.type == "date":
        found = day(item, raw, text, shape)
    else:
        found = Reading(text, State.FILLED)
    return found if found.shown == text else found._replace(shown=text)


def printed(item: FieldDef, text: str) -> Reading | None:
    """What `understand` makes of a number written as on paper (`12`, `-0.5`, `65%`), where text is the normal thing and
    needs no note; None for everything else."""
    if item.type not in NUMBERS or len(text) > LONGEST or not PLAIN.fullmatch(text):
        return None
    percent = text.endswith("%")
    return _checked(item, parse_share(text) if percent else parse_plain(text), percent, text)


def _short(raw: float, percent: bool) -> str:
    """The text of a number that is neither very large nor very small, faster than through fractions."""
    digits = repr(raw)
    if not percent and "e" not in digits:
        return digits.removesuffix(".0")
    number = Decimal(digits)
    text = format(number * 100 if percent else number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}%" if percent else text


def _hours(length: dt.timedelta) -> str:
    """25:55:12, as a spreadsheet writes a length of time."""
    seconds = abs(round(length.total_seconds()))
    sign = "-" if length < dt.timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _plain(number: Exact, percent: bool) -> str:
    return decimal_text(exact(number * 100), 12) + "%" if percent else decimal_text(number, 12)


def _wanted(item: FieldDef) -> str:
    if item.type == "share":
        return "填百分数"
    return f"填数字（单位{item.unit}，单位不写进格里）" if item.unit and item.unit != "row" else "填数字"


def _unit(item: FieldDef) -> str:
    return {"points": SCORE_UNIT, "share": ""}.get(item.type, item.unit)


def _exact(raw: float | Decimal | Fraction) -> Exact | None:
    if isinstance(raw, float):
        return _decimal(repr(raw)) if math.isfinite(raw) else None
    if isinstance(raw, Decimal) and not raw.is_finite():
        return None
    return exact(raw)


def _decimal(digits: str) -> Exact:
    """The number that the digits of a float say, faster than through Decimal where they have no exponent."""
    if "e" in digits:
        return exact(Decimal(digits))
    whole, _, decimals = digits.partition(".")
    return int(whole) if decimals == "0" else divide(int(whole + decimals), 10 ** len(decimals))


def _entered(item: FieldDef, raw: str, text: str) -> Reading:
    """A number that was typed as text."""
    try:
        found = figure(raw, _unit(item))
    except NotAFigure as error:
        what = f"“{item.name}”要{_wanted(item)}，现在是“{legible(text)}”{'，' if error.why else ''}{error.why}"
        return refused(error.code, what, "写成 95% 的样子" if item.type == "share" else error.do)
    checked = _checked(item, found.number, found.percent, text)
    if checked.state != State.FILLED:
        return checked
    plain = _plain(found.number, found.percent)
    if found.plain and not found.percent:
        return checked._replace(note=f"文字“{legible(text)}”读作 {plain}")
    told = understood(item.name, found.number, text, _with_unit(item, plain, found.percent))
    return told._replace(percent=found.percent, slip=told.slip if checked.slip is None else checked.slip)


def _with_unit(item: FieldDef, plain: str, percent: bool) -> str:
    return plain if percent or item.unit in ("", "row") else f"{plain} {item.unit}"


def _number(item: FieldDef, raw: Any, percent: bool, text: str, shape: str) -> Reading:
    """A number cell, or what stands in a cell instead of a number."""
    number = _exact(raw) if isinstance(raw, _FIGURES) and not isinstance(raw, bool) else None
    if number is None:
        return _no_number(item, raw, text)
    text = repr(raw) if text.startswith("≈") else text
    if not shape or _shown_whole(raw, shape):
        return _checked(item, number, percent, text, tiny=isinstance(raw, float))
    return _displayed(item, number, percent, text, shape)


def _no_number(item: FieldDef, raw: Any, text: str) -> Reading:
    wanted = f"“{item.name}”要{_wanted(item)}"
    if isinstance(raw, bool):
        return refused("D101", f"{wanted}，现在是 {text}", "只填数字")
    if isinstance(raw, _TIMES):
        do = "把单元格格式改为常规，再填数字（键入 3-5 会被表格软件当成日期）"
        return refused("D101", f"{wanted}，现在是{'日期' if isinstance(raw, dt.date) else '时间'} {text}", do)
    return refused("D101", f"{wanted}，现在是 {text}", f"只填数字；{NOTHING}")


def _shown_whole(raw: Any, number_format: str) -> bool:
    """Whether the format surely shows every digit of the number, and nothing else."""
    places = places_shown(number_format)
    if places < 0 or not isinstance(raw, int | float):
        return False
    digits = repr(raw)
    if "e" in digits:
        return False
    whole, _, decimals = digits.partition(".")
    return len(whole) + len(decimals) <= DIGITS and (decimals in ("", "0") or len(decimals) <= places)


def _displayed(item: FieldDef, number: Exact, percent: bool, text: str, number_format: str) -> Reading:
    """A number in a cell whose format may show another one, or draw a unit beside it."""
    view = shown_under(number, number_format)
    if view is not None and view.shape.text is not None and (number or view.shape.text != "-"):
        if view.shape.text:
            return _unit_changed(item, text, f"“{legible(view.shape.text)}”")
        return _remarked(item, _checked(item, number, percent, text), f"存储的是 {text}，格式使它不显示")
    if view is None or not (view.shape.before or view.shape.after or view.shape.scaled or view.shape.currency):
        if view is not None and view.shape.percents > 1:
            return _unit_changed(item, text, "几个百分号")
        seen = number if view is None or view.shape.text is not None else view.number
        seen = fifteen_digits(seen) if view is None or view.shape.decimals < 0 else seen
        found = _checked(item, number, percent, text, tiny=True)
        if seen == number:
            return found
        sees = _plain(seen, percent)
        if found.slip is not None and found.state != State.FILLED:
            slip = found.slip._replace(what=f"{found.slip.what}（格里显示 {sees}）")
            return found._replace(slip=slip)
        return _remarked(item, found, f"存储的是 {text}，格里显示 {sees}，按存储的数读")
    return _with_drawn_unit(item, number, percent, text, view.shape)


def _remarked(item: FieldDef, found: Reading, note: str) -> Reading:
    if found.state != State.FILLED:
        return found
    return found._replace(note=note, slip=Slip("D121", f"“{item.name}”{note}", "核对该数；要报显示的数，就直接填它"))


def _with_drawn_unit(item: FieldDef, number: Exact, percent: bool, text: str, shape: Shape) -> Reading:
    """A number beside which the format draws something, or which it shows by thousands smaller."""
    drawn = f"{shape.before}{decimal_text(number, 12)}{shape.after}"
    if "%" in shape.after:  # only drawn: a share without its sign
        share = item.type == "share"
        return _checked(item, number, percent, text) if share else _unit_changed(item, text, f"“{drawn}”")
    if any(ch.isdigit() or ch in CHARACTERS - _SIZES for ch in shape.before + shape.after) or (
        not CHARACTERS.isdisjoint(shape.before)
    ):
        return _unit_changed(item, text, f"“{drawn}”")
    if shape.scaled or percent:
        return _unit_changed(item, text, f"缩小后的数{'，带“' + shape.after + '”' if shape.after else ''}")
    try:
        found = figure(drawn, _unit(item))
    except NotAFigure:
        return _unit_changed(item, text, f"“{drawn}”")
    checked = _checked(item, found.number, percent, text, tiny=True)
    if checked.state != State.FILLED or (found.number == number and not shape.currency):
        return checked
    return understood(item.name, found.number, f"{'¥' if shape.currency else ''}{drawn}",
                      _with_unit(item, _plain(found.number, percent), percent))  # fmt: skip


def _unit_changed(item: FieldDef, text: str, drawn: str) -> Reading:
    what = f"“{item.name}”存储的是 {text}，单元格格式把它显示成{drawn}，分不清单位"
    return refused("D126", what, f"把单元格格式改为常规，{f'按{item.unit}' if item.unit else ''}重新填写")


def _checked(item: FieldDef, number: Exact, percent: bool, text: str, *, tiny: bool = False) -> Reading:
    """The number as an answer to `item`, or why it cannot be one; `tiny`: it may be dust of binary arithmetic."""
    name, top, under = item.name, number.numerator, number.denominator  # comparing fractions is slow
    if item.type == "share" and not percent and top:
        what = f"“{name}”是占比，要带百分号，现在是“{legible(text)}”"
        return refused("D118", what, f"写成 95% 的样子：要么 {legible(text)}%，要么 {_plain(number, True)}")
    if item.type in ("count", "money", "points") and percent and top:
        return refused("D102", f"“{name}”要{_wanted(item)}，现在是百分数“{legible(text)}”", "去掉百分号，只填数字")
    if not -MOST * under < top < MOST * under:
        what = f"“{name}”是“{legible(text)}”，有 16 位以上，表格软件存不下这么多位"
        return refused("D105", what, "核对该数", State.OUT_OF_RANGE)
    if tiny and top and -under < top * LEAST < under:
        what = f"“{name}”是“{legible(text)}”，小得像公式算剩的尾差"
        return refused("D105", what, f"核对该数；{NOTHING}", State.OUT_OF_RANGE)
    if item.type == "count" and under != 1:
        return refused("D110", f"“{name}”要填整数，现在是“{legible(text)}”", "填整数")
    if item.type in ("count", "money", "points") and top < 0:
        return refused("D105", f"“{name}”不会是负数，现在是“{legible(text)}”", "核对该数", State.OUT_OF_RANGE)
    if item.between:
        low, high = item.between
        if number < low.value or number > high.value:
            what = f"“{name}”要在 {low} 到 {high} 之间，现在是“{legible(text)}”"
            return refused("D105", what, "核对该数", State.OUT_OF_RANGE)
    note, slip = "", None
    if item.type == "share" and not -GREAT_SHARE * under < top < GREAT_SHARE * under:
        note = f"读作 {_plain(number, True)}"
        slip = Slip("D109", f"“{name}”{note}", f"核对：是不是 {_plain(number, False)}%")
    return Reading(number, State.FILLED, note, slip, text, percent)
