"""A figure as somebody typed it → the exact number in the unit that is asked for, or why it is none.

Read is what has one meaning only: digits of every width, thousands grouped by threes, Chinese numerals, the unit that
is asked for or another one with an exact factor. Everything else is refused: 690万 where 万元 is asked (690 or 690 万?),
约300, 300余, ≥100, 3-5, 1/2, 1e3, (5).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from evaltool.intake.entries.characters import BREAKS, halfwidth, reads_backwards, visible
from evaltool.intake.entries.numerals import CHARACTERS, LARGE, Ambiguous, numeral
from evaltool.intake.names import simplified
from evaltool.quantities import MONEY, Exact, divide, exact, parse_plain

LONGEST = 100  # characters that a figure may have
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?%?")
NOTHING = "没有就写 0，不知道就留空"
ERRORS = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)(?:\.[0-9]+)?")
_SIGNED = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_MULTIPLES = {
    "十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_MULTIPLE = re.compile("(" + "|".join(sorted(_MULTIPLES, key=len, reverse=True)) + ")(?!分点|分比)(.+)")
# units of one kind: how many of the smallest each is
_KINDS: tuple[dict[str, Exact], ...] = (
    {"元": 1, "圆": 1, "元整": 1, "圆整": 1, "元正": 1, "元人民币": 1},
    {"平方米": 1, "㎡": 1, "m²": 1, "m2": 1, "平米": 1, "公顷": 10**4, "平方公里": 10**6, "平方千米": 10**6},
    {"米": 1, "公里": 1000, "千米": 1000, "km": 1000},
    {"千克": 1, "公斤": 1, "kg": 1, "斤": divide(1, 2), "吨": 1000},
)
_CURRENCY = re.compile(r"(?:[¥￥]|人民币|RMB) ?", re.IGNORECASE)
_WHY = (
    (re.compile(r"^="), "是没有生效的公式"),
    (re.compile(r"[约近余多几来许]|左右|上下|大概|将近|接近|差不多|若干|[±≈～]"), "是约数"),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), "是网页代码"),
    (re.compile(r"[≥≤≧≦]|[<>]\s*=?\s*[0-9]|[0-9]\s*[<>]|以上|以下|以内|超过|不足|不低于|不少于|至少|最多|大于|小于"), "只说了界限"),
    (re.compile(r"\d\s*[-~—–至到]+\s*\d"), "是范围"),
    (re.compile(r"\d\s*[+*×]\s*\d|合计|其中"), "是算式"),
    (re.compile(r"\d\s*[/／]\s*\d|[½⅓¼¾]|分之|成|半"), "是分数或成数"),
    (re.compile(r"^[+-]?\d+(\.\d+)?[eE][+-]?\d+$"), "是指数"),
    (re.compile(r"^\(.*\)$"), "带括号，分不清是不是负数"),
    (re.compile(r"^[+-]?[\d.,' ’]+%?$"), "小数点或分隔号的位置不对"),
    (re.compile(r"个?百分点"), "是百分点，不是百分数"),
)


class Figure(NamedTuple):
    """A figure in the unit that is asked for.

    percent   it was written as a percentage
    plain     it was plainly written: digits, a point, a percent sign
    """

    number: Exact
    percent: bool = False
    plain: bool = False


class NotAFigure(Exception):
    """Why a text is no figure: problem code, what is wrong with it (follows the quoted text), what to do."""

    def __init__(self, code: str, why: str, do: str) -> None:
        super().__init__(why)
        self.code, self.why, self.do = code, why, do


def figure(text: str, unit: str) -> Figure:
    """The figure that `text` writes, in `unit` (empty: a number without unit; `row`: a unit that only the row knows).

    Raises NotAFigure.
    """
    if len(text) > LONGEST:
        raise _unreadable(text[:LONGEST], unit, f"有 {len(text)} 个字，不像一个数")
    if PLAIN.fullmatch(text):
        percent = text[-1] == "%"
        number = parse_plain(text[:-1] if percent else text)
        return Figure(divide(number, 100) if percent else number, percent, plain=True)
    if reads_backwards(text):
        raise NotAFigure("D102", "里面有使文字反向显示的控制符，看到的和存储的不是一个数", "删去该格，重新键入数字")
    body = halfwidth(visible(text))
    if BREAKS.search(body):
        raise NotAFigure("D102", "不止一行，分不清是哪一个数", "只填一个数")
    if body.upper() in ERRORS:
        raise NotAFigure("D107", "是错误值", "删去它，直接填数字")
    try:
        return _share(body) or _in_unit(simplified(body.removeprefix("'")), unit)
    except Ambiguous as error:
        raise NotAFigure("D102", f"不止一种读法：{error}", _do(unit)) from None
    except (ValueError, ZeroDivisionError):
        raise _unreadable(body, unit) from None


def _share(body: str) -> Figure | None:
    """95%, 95.5 %, 百分之九十五; None for what is no percentage."""
    if body.startswith("百分之") and body[-1] != "%":
        part = body.removeprefix("百分之")
        return Figure(divide(100 if part == "百" else _amount(part)[0], 100), percent=True)
    if not body.endswith("%"):
        return None
    number, large = _amount(body[:-1].rstrip())
    if large:
        raise ValueError(body)
    return Figure(divide(number, 100), percent=True)


def _in_unit(body: str, unit: str) -> Figure:
    bracketed = re.fullmatch(r"(.+?) ?\(([^()0-9]+)\)", body)
    if bracketed:  # 690（万元）
        body = bracketed[1] + bracketed[2]
    currency = _CURRENCY.match(body)
    if currency:
        body = body[currency.end() :]
    for name, factor in _units(unit):
        if body.endswith(name) and len(body) > len(name):
            try:
                return Figure(exact(_amount(body[: -len(name)].rstrip())[0] * factor))
            except Ambiguous:
                raise
            except ValueError:
                continue
    number, large = _amount(body)
    if currency and unit != "元":
        raise Ambiguous(f"货币符号说的是元，还是{unit or '别的单位'}")
    if large and (unit == "row" or _parts(unit)[0] != 1):
        raise Ambiguous(f"{body}的单位没有写" if unit == "row" else f"{body}{_parts(unit)[1]}，还是 {body}个“{unit}”")
    return Figure(number)


def _amount(text: str) -> tuple[Exact, bool]:
    """The number, and whether it is written with 万, 亿, or with 十, 百, 千 behind figures. Raises ValueError."""
    if _SIGNED.fullmatch(text):
        return parse_plain(text), False
    if _GROUPED.fullmatch(text):
        return parse_plain(text.replace(",", "").replace(" ", "")), False
    if not text or not CHARACTERS.intersection(text):
        raise ValueError(text)
    large = not LARGE.isdisjoint(text) or any(ch.isdigit() and ch.isascii() for ch in text)
    return numeral(text), large


@lru_cache(256)
def _units(unit: str) -> tuple[tuple[str, Exact], ...]:
    """The units in which a figure may be given where `unit` is asked, each with its factor, longest first."""
    if unit in ("", "row"):
        return ()
    multiple, base = _parts(unit)
    found: dict[str, Exact] = {unit: 1, base: divide(1, multiple)}
    for kind in _KINDS:
        if base in kind:
            found |= {name: divide(exact_many, kind[base] * multiple) for name, exact_many in kind.items()}
        elif unit in kind:
            found |= {name: divide(exact_many, kind[unit]) for name, exact_many in kind.items()}
    if base == "分" or "百分点" in unit:
        found = {unit: 1}
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


@lru_cache(256)
def _parts(unit: str) -> tuple[int, str]:
    """万元 → (10000, 元), 个 → (1, 个); 千米 and 千克 are units by themselves."""
    match = _MULTIPLE.fullmatch(unit)
    if match is None or any(unit in kind for kind in _KINDS):
        return 1, unit
    return _MULTIPLES[match[1]], match[2]


def same_unit(a: str, b: str) -> bool:
    """Whether two names mean one unit: 平方米 and ㎡, 萬元 and 万元."""
    a, b = simplified(halfwidth(visible(a))), simplified(halfwidth(visible(b)))
    return a == b or any(name == b and factor == 1 for name, factor in _units(a))


def same_kind(a: str, b: str) -> bool:
    """Whether two units measure one thing: 元 and 万元, 人 and 万人, 平方米 and 公顷."""
    return any(name == _parts(b)[1] for name, _ in _units(a)) or same_unit(a, b)


def puts_in_doubt(stated: str, unit: str) -> bool:
    """Whether a unit that a header states for figures of many units puts those in `unit` in doubt."""
    return not same_unit(stated, unit) and (stated in _MULTIPLES or same_kind(stated, unit))


def is_unit(text: str) -> bool:
    """Whether a text is a unit of money, area, length or weight, a percentage or a bare 万 or 亿."""
    return text in _BARE or any(_parts(text)[1] in kind or text in kind for kind in _KINDS)


_BARE = {*_MULTIPLES, "%", "‰", "百分点", "个百分点", "美元", "角"}


def _do(unit: str) -> str:
    return f"{_own(unit)}只填一个确定的数，不带单位、约字、范围和指数"


def _own(unit: str) -> str:
    return f"按{unit}算好，" if unit in MONEY else ""


def _unreadable(body: str, unit: str, why: str = "") -> NotAFigure:
    if any(ch.isdigit() for ch in body) or any(ch in CHARACTERS or ch in "半几" for ch in body):
        why = why or next((why for pattern, why in _WHY if pattern.search(body)), "")
        return NotAFigure("D102", why, _do(unit))
    return NotAFigure("D101", why, f"只填数字；{NOTHING}")
