"""Numbers that belong to a person – telephone, resident ID, bank card – hidden in any text.

What is hidden, and what that costs:

mobile      11 digits from 13 to 19: solid, or in up to five pieces with spaces, dashes, dots or brackets between; with
            or without +86; in any digits of Unicode or in 〇一二…; several written into one another. A code of 11
            digits that begins with 13 to 19 looks just the same and is hidden too; an amount (…元) is not
landline    area code and 7 or 8 digits; without an area code only after 电话, 手机 and the like
resident ID 18 or 15 digits with a province and a birthday up to 2012 inside: a mistyped one, whose check digit is
            wrong, is somebody's too. With a later day, as in project codes, the check digit decides
bank card   16 to 19 digits that fit the Luhn sum; one in ten other codes of that length does too, and is hidden

Links and hash sums stay as they are, but for what a link calls tel, phone, mobile or idcard.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

MOBILE, LANDLINE, RESIDENT, CARD = "〔手机号已隐去〕", "〔电话号码已隐去〕", "〔身份证号已隐去〕", "〔银行卡号已隐去〕"
_PIECE = re.compile(r"\d+(?:[XxＸｘ](?![A-Za-z\d]))?")
_GAP = re.compile(r"[\s\-‐‑‒–—－_.．·・()（）\u200b-\u200f\u2060\ufeff]{1,3}")  # what people put between the digits
_FEWEST, _MOST_PIECES = 7, 5  # digits of a text with a number in it; pieces that a number is written in
_SHORTEST = 11  # digits of a number that is known without a word such as 电话 before it
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
_HASH = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9A-Za-z])"
)
_TOLD_IN_LINK = re.compile(r"(?:tel|phone|mobile|idcard)[^0-9]{0,3}$", re.IGNORECASE)
_MONEY = re.compile(r"(?:\.\d+)?\s*[万亿]?元(?:$|[\W_整])")
_LABELLED = re.compile(
    r"((?:电话|手机|联系方式|座机|传真|热线|phone|mobile|tel|fax)(?:号码?)?[\s:：()（）是为]{0,3})(?:\d{3,4}[\s-]?\d{4}|\d{7,8})(?!\d)",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"(?<![〇○零幺一二三四五六七八九])[一幺][三四五六七八九][〇○零幺一二三四五六七八九]{9}(?![〇○零幺一二三四五六七八九])"
)
_REGIONS = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83]
)
_SPACED = re.compile(r"[1-6]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dX]?|(?:(?:00)?86)?1[3-9]\d{9}")
_AREA = r"(?:10|2\d|[3-9]\d\d)"
_YOUNGEST, _OLDEST_SHORT = 2012, 1930  # of persons in such rolls; later days are those of projects
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

Piece = tuple[int, int, str]  # start, end, ASCII digits (X at the end)


def masked(text: str) -> tuple[str, int]:
    """The text with every private number replaced by a word for what it was, and how many there were."""
    if len(text) < _FEWEST or (sum(map(str.isdecimal, text)) < _FEWEST and not _IN_WORDS.search(text)):
        return text, 0
    made, at, count = [], 0, 0
    for start, end, word in _found(text):
        made += [text[at:start], word]
        at, count = end, count + 1
    new = "".join(made) + text[at:]
    new, labelled = _LABELLED.subn(rf"\g<1>{LANDLINE}", new)
    new, spelled = _IN_WORDS.subn(MOBILE, new)
    return new, count + labelled + spelled


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    pieces = [(*found.span(), _ascii(found[0])) for found in _PIECE.finditer(text)]
    kept, first = _kept(text), 0
    while first < len(pieces):
        start = pieces[first][0]
        before = bisect_right(kept, (start, len(text))) - 1
        if before >= 0 and start < kept[before][1] and not _TOLD_IN_LINK.search(text[max(0, start - 12) : start]):
            first += 1
            continue
        last = first
        while (
            last + 1 < len(pieces)
            and len(pieces[last + 1][2]) == len(pieces[last][2]) == 1
            and _near(text, pieces, last)
        ):
            last += 1
        if last - first >= _MOST_PIECES:  # 1 3 8 1 2 3 …
            yield from _spaced(pieces[first : last + 1])
            first = last + 1
            continue
        last = min(first + _MOST_PIECES, len(pieces)) - 1
        last = next((at for at in range(first, last) if not _near(text, pieces, at)), last)
        for stop in range(last, first - 1, -1):
            window = pieces[first : stop + 1]
            if word := _what(text, window):
                yield start, window[-1][1], word
                first = stop
                break
        first += 1


def _near(text: str, pieces: list[Piece], at: int) -> bool:
    """Whether a piece and the next may be parts of one number."""
    return _GAP.fullmatch(text, pieces[at][1], pieces[at + 1][0]) is not None


def _spaced(pieces: list[Piece]) -> Iterator[tuple[int, int, str]]:
    """The numbers in a row of single digits."""
    digits = "".join(part for *_, part in pieces)
    for found in _SPACED.finditer(digits):
        yield pieces[found.start()][0], pieces[found.end() - 1][1], MOBILE if len(found[0]) < 14 else RESIDENT


def _kept(text: str) -> list[tuple[int, int]]:
    """Where links and hash sums stand, in order, none inside another."""
    made: list[tuple[int, int]] = []
    for span in sorted(found.span() for pattern in (_LINK, _HASH) for found in pattern.finditer(text)):
        if not made or span[0] >= made[-1][1]:
            made.append(span)
    return made


def _ascii(digits: str) -> str:
    return "".join(str(unicodedata.decimal(char)) if char not in "XxＸｘ" else "X" for char in digits)


def _what(text: str, window: list[Piece]) -> str:
    """The word for the number that the pieces make, or empty."""
    start, end = window[0][0], window[-1][1]
    digits = "".join(part for *_, part in window)
    if len(digits) < _SHORTEST:
        return ""
    solid = len(window) == 1
    gaps = [text[a[1] : b[0]] for a, b in pairwise(window)]
    if _resident(digits, solid):
        return RESIDENT
    if _card(digits) and (solid or (digits[0] in "34569" and all(len(part) == 4 for *_, part in window[:-1]))):
        return CARD
    if solid and (re.search(r"(?<![\d.])[0０][.．]$", text[max(0, start - 3) : start]) or _MONEY.match(text, end)):
        return ""  # 0.138… or an amount
    if gaps in (["."], ["．"]):
        return ""
    if re.fullmatch(r"(?:(?:00)?86)?0?1[3-9]\d{9}", digits) and (solid or _begins(window)):
        return MOBILE
    if solid and len(digits) > 18 and _glued(digits):
        return RESIDENT if len(digits) % 11 else MOBILE
    if re.fullmatch(rf"0{_AREA}\d{{7,8}}", digits) and len(digits) > 10 and (solid or len(window[0][2]) in (3, 4)):
        return LANDLINE
    if re.fullmatch(rf"(?:00)?86{_AREA}\d{{7,8}}", digits) and not solid:
        return LANDLINE
    return ""


def _begins(window: list[Piece]) -> bool:
    """Pieces as telephone numbers are written: 138 1234 5678, +86 138-1234-5678; not 13 800 000 000."""
    sizes = [len(part) for *_, part in window]
    return sizes[0] >= 3 or (window[0][2] in ("86", "0") and sizes[1] >= 3)


def _resident(digits: str, solid: bool) -> bool:
    if not digits[:2].isdigit() or int(digits[:2]) not in _REGIONS:
        return False
    if len(digits) == 15 and digits.isdigit():
        return solid and (_day(f"19{digits[6:12]}") or dt.date.min).year >= _OLDEST_SHORT
    if len(digits) != 18 or not digits[:17].isdigit():
        return False
    day = _day(digits[6:14])
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return day is not None and day.year >= 1900 and (day.year <= _YOUNGEST or "10X98765432"[rest] == digits[17])


def _day(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _card(digits: str) -> bool:
    if not digits.isdigit() or not 16 <= len(digits) <= 19:
        return False
    doubled = [int(digit) * (2 - i % 2) for i, digit in enumerate(reversed(digits), 1)]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _glued(digits: str) -> bool:
    """Whether the digits are nothing but mobile and ID numbers written into one another."""
    ends = {0}
    for at in range(len(digits)):
        if at in ends:
            ends |= {at + 11} if re.match(r"1[3-9]\d{9}", digits[at : at + 11]) else set()
            ends |= {at + size for size in (15, 18) if _resident(digits[at : at + size], solid=True)}
    return len(digits) in ends
