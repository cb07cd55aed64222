"""Chinese numerals: 三百二十, 〇一二, 壹佰贰拾, 廿三, 三点五, 3万5千, 1.2亿 → exact numbers.

Only what has one meaning is read. 一百二 (102 or 120?), 三五 (35 or three to five?), 十七八 and 三万五 are refused, and so is
everything that is not a numeral from its first character to its last.
"""

from __future__ import annotations

import re
from itertools import pairwise

from evaltool.quantities import Exact, divide, exact, parse_plain

_DIGITS = {ch: i for i, row in enumerate(("零〇○", "一壹弌", "二贰貳两兩", "三叁參叄", "四肆", "五伍", "六陆陸", "七柒", "八捌",
                                            "九玖")) for ch in row}  # fmt: skip
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"亿": 10**8, "億": 10**8, "万": 10**4, "萬": 10**4}
_MAGNITUDE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:([十百千])?([万亿])?)")
CHARACTERS = frozenset([*_DIGITS, *_TENS, *_PLACES, *_MYRIADS, "点", "點", "负", "負"])
LARGE = frozenset(_MYRIADS)


class Ambiguous(ValueError):
    """A numeral with more than one meaning; says which."""


def numeral(text: str) -> Exact:
    """The number that `text` writes in Chinese characters, or in figures with 十百千万亿 behind them.

    Raises Ambiguous where it has more than one meaning, ValueError where it is no numeral.
    """
    if text[:1] in ("负", "負"):
        return -numeral(text[1:])
    lone = _MAGNITUDE.fullmatch(text)
    if lone:
        return exact(parse_plain(lone[1]) * _PLACES.get(lone[2], 1) * _MYRIADS.get(lone[3], 1))
    whole, point, decimals = text.replace("點", "点").partition("点")
    if point:
        return _with_decimals(whole, decimals)
    if len(text) > 1 and all(ch in _DIGITS for ch in text):
        return _digits(text)
    return _large(text)


def _with_decimals(whole: str, decimals: str) -> Exact:
    """三点五, 十二点五, 三点五万."""
    factor = 1
    while decimals[-1:] in _MYRIADS:
        factor, decimals = factor * _MYRIADS[decimals[-1]], decimals[:-1]
    if not decimals or any(ch not in _DIGITS or ch in "两兩" for ch in decimals):
        raise ValueError(f"no decimals: {decimals!r}")
    tail = int("".join(str(_DIGITS[ch]) for ch in decimals))
    return exact((_section(whole) + divide(tail, 10 ** len(decimals))) * factor)


def _digits(text: str) -> int:
    """二〇二〇 → 2020, 〇一二 → 12. Two or three digits that follow each other are said of a rough number (三五个, 七八个)."""
    if any(ch in "两兩" for ch in text):
        raise Ambiguous("“两”后面的数字是约数，还是一位一位写的")
    found = [_DIGITS[ch] for ch in text]
    if len(found) <= 3 and found[0] and all(0 < b - a <= 2 for a, b in pairwise(found)):
        raise Ambiguous(f"“{text}”是 {''.join(map(str, found))}，还是约数")
    return int("".join(map(str, found)))


def _large(text: str) -> int:
    """A numeral with 亿 and 万; what stands behind each of them is smaller and says its own places."""
    for name, size in (("亿億", 10**8), ("万萬", 10**4)):
        at = max(text.rfind(ch) for ch in name)
        if at < 0:
            continue
        before, after = text[:at], text[at + 1 :]
        if not before:
            raise ValueError(f"nothing before {text[at]!r}")
        return _large(before) * size + (_behind(after, size) if after else 0)
    return _section(text)


def _behind(text: str, size: int) -> int:
    """What stands behind 万 or 亿: 零五, 五千, 0 to `size`; a bare 五 is 五 or 五千."""
    bare = text[1:] if text[0] in "零〇○" else text
    if not bare:
        raise ValueError("a zero behind which nothing stands")
    found = _large(bare)
    if bare == text and all(ch in _DIGITS or ch.isdigit() for ch in text) and found * 10 < size:
        raise Ambiguous(f"末位的“{text}”后面没有写千、百、十，分不清是多少")
    if not 0 < found < size or (bare != text and found * 10 >= size):
        raise ValueError(f"no number behind {size}: {text!r}")
    return found


def _section(text: str) -> int:
    """A numeral below 10,000 in Chinese characters, or with figures before its places: 三百二十, 两千零五, 十二, 5千."""
    if text.isdigit() and text.isascii():
        return int(text)
    if text in ("零", "〇", "○"):
        return 0
    total, last, i = 0, 10**4, 0  # last: the place that was named last
    while i < len(text):
        ch = text[i]
        if ch in "零〇○":
            _after_zero(text, i, last)
            i += 1
            continue
        if ch in _TENS:
            digit, place, i = _TENS[ch] // 10, 10, i + 1
        elif ch in ("十", "拾") and (i == 0 or text[i - 1] in "零〇○"):
            digit, place, i = 1, 10, i + 1
        elif ch in _DIGITS or (ch.isdigit() and ch.isascii()):
            digit = _DIGITS[ch] if ch in _DIGITS else int(ch)
            place = _PLACES.get(text[i + 1], 0) if i + 1 < len(text) else 1
            if place == 1 and last > 10 and i and text[i - 1] not in "零〇○":
                raise Ambiguous(f"末位的“{ch}”后面没有写百、十，分不清是 {total + digit * last // 10} 还是 {total + digit}")
            if place == 10 and ch in "两兩":
                raise ValueError("no numeral: 两十")
            i += 1 if place == 1 else 2
        else:
            raise ValueError(f"no numeral: {text!r}")
        if not 0 < place < last or digit == 0:
            raise ValueError(f"places out of order: {text!r}")
        total, last = total + digit * place, place
    if not text:
        raise ValueError("no numeral")
    return total


def _after_zero(text: str, i: int, last: int) -> None:
    """A 零 inside a numeral stands for places left out, which must really be left out: 一千零二十, not 一百零二十."""
    rest = text[i + 1 :]
    places = [_PLACES[ch] for ch in rest[:2] if ch in _PLACES] or ([10] if rest[:1] in _TENS else [1])
    if i == 0 or not rest or places[0] * 10 >= last:
        raise ValueError(f"a zero where no place is left out: {text!r}")
