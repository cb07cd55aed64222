"""The values of formulas: what counts as a number, a text or a condition, how values compare, what signs make of them.

A value is a Fraction, a text, a truth value, an `Error`, or None for a blank cell. Text that stands for a number
counts as that number in arithmetic, as in Excel, WPS and LibreOffice; text with digits in any other shape (dates,
percentages) is not guessed at: CannotTell.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

from evaltool.books.expressions import CannotTell, Error

COMPARISONS = frozenset(("=", "<>", "<", "<=", ">", ">="))
PLAIN_NUMBER = re.compile(r"\s*[+-]?([0-9]{1,300}(\.[0-9]{0,300})?|\.[0-9]{1,300})\s*")
_MOST_BITS, _KEPT_BITS = 1200, 300


class ErrorFound(Exception):
    """A part of the formula came to an error value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = Error(code)


def kept(number: Fraction) -> Fraction:
    """The number, cut to about ninety digits where it has grown out of all proportion."""
    size = abs(number)
    if size >= Fraction(10) ** 308:
        raise ErrorFound("#NUM!")
    if max(number.numerator.bit_length(), number.denominator.bit_length()) <= _MOST_BITS:
        return number
    shift = _KEPT_BITS - (number.numerator.bit_length() - number.denominator.bit_length())
    return Fraction(round(number * Fraction(2) ** shift)) / Fraction(2) ** shift


def number(found: Any) -> Fraction:
    """A value used as a number."""
    if found is None:
        return Fraction(0)
    if isinstance(found, bool):
        return Fraction(int(found))
    if isinstance(found, Fraction):
        return found
    text = str(found)
    if PLAIN_NUMBER.fullmatch(text):
        return Fraction(text.strip())
    if text.strip().upper() in ("TRUE", "FALSE") or any(ch.isnumeric() for ch in text):
        raise CannotTell(f"把文字“{text[:20]}”当数用")
    raise ErrorFound("#VALUE!")


def written(found: Any) -> str:
    """A value joined to a text."""
    if found is None:
        return ""
    if isinstance(found, bool):
        raise CannotTell("把真假值接成文字")
    if isinstance(found, Fraction):
        if found.denominator == 1 and abs(found) < 10**11:
            return str(int(found))
        text = f"{float(found):.10g}"
        if "e" in text or Fraction(text) != found:
            raise CannotTell("把很长的数接成文字")
        return text
    return str(found)


def truth(found: Any) -> bool:
    """A value used as a condition."""
    if isinstance(found, str):
        if found.strip().upper() in ("TRUE", "FALSE") or any(ch.isnumeric() for ch in found):
            raise CannotTell(f"把文字“{found[:20]}”当条件用")
        raise ErrorFound("#VALUE!")
    return bool(found)


def worked(sign: str, left: Fraction, right: Fraction) -> Fraction:
    match sign:
        case "neg":
            return -left
        case "%":
            return left / 100
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if not right:
                raise ErrorFound("#DIV/0!")
            return left / right
    return _power(left, right)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if not base and not exponent:
        raise CannotTell("0 的 0 次方，各软件算法不同")
    if not base and exponent < 0:
        raise ErrorFound("#DIV/0!")
    if exponent.denominator == 1 and abs(exponent) <= 64 and base.numerator.bit_length() <= 128:
        return base ** int(exponent)
    try:
        found = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        raise ErrorFound("#NUM!") from None
    if not found:
        raise CannotTell("小到存不下的数")
    if isinstance(found, complex) or not math.isfinite(found):
        raise ErrorFound("#NUM!")
    return Fraction(found)


def fifteen(exact: Fraction) -> Fraction:
    """To fifteen digits, as far as spreadsheets compare."""
    return Fraction(f"{float(exact):.14e}") if exact else exact


def compared(sign: str, left: Any, right: Any) -> bool:
    """Numbers before texts; a blank cell is whatever the other side is when empty."""
    left, right = _blank_as(left, right), _blank_as(right, left)
    ranks = [2 if isinstance(part, bool) else 1 if isinstance(part, str) else 0 for part in (left, right)]
    if ranks[0] != ranks[1]:
        if 2 in ranks:  # LibreOffice holds truth values for numbers
            raise CannotTell("把真假值和别的比较")
        order = ranks[0] - ranks[1]
    elif ranks[0] == 1:
        same = left.casefold() == right.casefold()
        if not same and sign not in ("=", "<>"):
            raise CannotTell("比较文字的先后")
        order = 0 if same else 1
    else:
        a, b = (fifteen(part) if isinstance(part, Fraction) else part for part in (left, right))
        order = (a > b) - (a < b)
    return {"=": order == 0, "<>": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[sign]


def _blank_as(found: Any, other: Any) -> Any:
    if found is not None:
        return found
    return "" if isinstance(other, str) else False if isinstance(other, bool) else Fraction(0)
