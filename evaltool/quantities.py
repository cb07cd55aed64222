"""Exact numbers: reading them from text, rounding them as declared, writing them for people.

An *exact number* is an `int` or a `fractions.Fraction` whose denominator is not 1. Floats never enter: a total that
lies on a band's edge must lie on it exactly. Whole numbers stay `int` because arithmetic on them is some thirty times
faster than on `Fraction` and just as exact.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Exact = int | Fraction
RoundMode = Literal["half_up", "half_even", "truncate", "ceiling", "floor"]

_PLAIN = re.compile(r"[+-]?(\d+)(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?")
MONEY: dict[str, int] = {"元": 1, "万元": 10**4, "亿元": 10**8}
SHARE_UNIT, POINT_UNIT, SCORE_UNIT, DATE_UNIT, PLACE_UNIT = "占比", "百分点", "分", "日期", "名"


def exact(number: int | Fraction | Decimal | str) -> Exact:
    """The exact number, as an `int` where it is whole. Raises ValueError for text that is not a plain number."""
    if isinstance(number, bool):
        raise ValueError("a truth value is not a number")
    if isinstance(number, int):
        return number
    value = Fraction(number)
    return value.numerator if value.denominator == 1 else value


def divide(a: Exact, b: Exact) -> Exact:
    """a / b exactly. Raises ZeroDivisionError."""
    value = Fraction(a, b)
    return value.numerator if value.denominator == 1 else value


def parse_plain(text: str) -> Exact:
    """The number written as on paper (`12`, `-0.5`). Raises ValueError for anything else, exponents included."""
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"not a plain number: {text!r}")
    whole, _, decimals = text.partition(".")
    return divide(int(whole + decimals), 10 ** len(decimals)) if decimals else int(whole)


def parse_share(text: str) -> Exact:
    """The share written with its sign (`65%` → 13/20). Raises ValueError without the sign."""
    if not text.endswith("%"):
        raise ValueError(f"a share is written with %: {text!r}")
    return divide(parse_plain(text[:-1].strip()), 100)


def parse_number(text: str) -> Exact:
    """The number, share or fraction written as on paper: `12`, `-0.5`, `65%`, `1/3`. Raises ValueError for anything
    else."""
    top, stroke, below = text.partition("/")
    if not stroke:
        return parse_share(text) if text.endswith("%") else parse_plain(text)
    divisor = parse_plain(below.strip())
    if divisor <= 0:
        raise ValueError(f"not a fraction: {text!r}")
    return divide(parse_plain(top.strip()), divisor)


def normalise(text: str) -> str:
    """Text of a numeric cell with full-width digits and signs made plain; spaces at the ends go."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").replace("﹣", "-").strip()


def parse_entered(text: str) -> Exact:
    """The number a person typed: full-width digits and thousands separators are understood, `95%` becomes 19/20.

    Raises ValueError for everything that would have to be guessed (`690万`, `约300`, `1e3`, `3-5`).
    """
    plain = normalise(text)
    percent = plain.endswith("%")
    if percent:
        plain = plain[:-1].rstrip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "").replace(" ", "")
    number = parse_plain(plain)
    return divide(number, 100) if percent else number


def magnitude(value: Exact) -> Exact:
    """|value|."""
    return -value if value < 0 else value


def round_exact(value: Exact, places: int, mode: RoundMode) -> Exact:
    """`value` rounded to `places` decimals (negative: to tens, hundreds …)."""
    return round_to(value, exact(Fraction(10) ** -places), mode)


def round_to(value: Exact, step: Exact, mode: RoundMode) -> Exact:
    """`value` rounded to a whole number of steps (0.01, 0.5, 100): half_up is 四舍五入 away from zero, half_even to the
    even neighbour, truncate towards zero, ceiling to the next above, floor to the next below."""
    scaled = divide(value, step)
    if isinstance(scaled, int):
        return value
    if mode in ("ceiling", "floor"):
        return exact((math.ceil(scaled) if mode == "ceiling" else math.floor(scaled)) * step)
    sign = -1 if scaled < 0 else 1
    size = magnitude(scaled)
    whole = size.numerator // size.denominator
    rest = size - whole
    up = rest > Fraction(1, 2) or (
        rest == Fraction(1, 2) and (mode == "half_up" or (mode == "half_even" and whole % 2 == 1))
    )
    return exact(sign * (whole + (1 if up and mode != "truncate" else 0)) * step)


def decimal_text(value: Exact, places: int = 6) -> str:
    """The number for people: every digit if it ends within `places`+6 decimals, else `≈` with `places` of them.

    An approximated number is never printed as if it stood on the other side of a shorter one: the digits are cut, not
    rounded, so 84.9999999… never reads 85.
    """
    if isinstance(value, float):  # only an end that is missing is ever one
        return "无上限" if value > 0 else "无下限"
    if value.denominator == 1:
        return str(int(value))
    sign = "-" if value < 0 else ""
    digits = places + 6
    scaled, rest = divmod(magnitude(value.numerator) * 10**digits, value.denominator)
    if not rest:
        return sign + _fixed(scaled, digits).rstrip("0").rstrip(".")
    return f"≈{sign}{_fixed(scaled // 10**6, places)}"


def _fixed(scaled: int, places: int) -> str:
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}" if places else str(scaled)


def quantity_text(value: Exact, unit: str = "") -> str:
    """The number with its unit; a 占比 is written in per cent, a 百分点 in percentage points."""
    if value in (float("inf"), float("-inf")):
        return decimal_text(value)
    if unit == SHARE_UNIT:
        return f"{decimal_text(value * 100, 4)}%"
    if unit == POINT_UNIT:
        return f"{decimal_text(value * 100, 4)} 个百分点"
    return f"{decimal_text(value)} {unit}".rstrip()
