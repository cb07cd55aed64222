"""Characters that are another way of writing plain ones, or cannot be seen at all."""

from __future__ import annotations

import re

SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe0e\ufe0f\ufeff]")
_RIGHT_TO_LEFT = re.compile(r"[\u061c\u200f\u202b\u2067]")  # marks and embeddings
_REVERSED = "\u202e"
# full-width forms, Arabic digits and separators, minus and percent signs
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ARABIC = {start + i: 0x30 + i for start in (0x660, 0x6F0) for i in range(10)}
_SIGNS = {0x66A: "%", 0x66B: ".", 0x66C: ",", 0x2212: "-", 0xFE63: "-", 0xFE6A: "%", 0xFE62: "+"}
_BRACKETS = str.maketrans("〔[【〈{〕]】〉}", "((((()))))")
_PLAIN: dict[int, int | str] = {**_WIDTH, **_ARABIC, **_SIGNS}


def visible(text: str) -> str:
    """The text without what cannot be seen, and without what surrounds it; every kind of space is a plain one."""
    return SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def halfwidth(text: str) -> str:
    """Full-width letters, digits and signs as plain ones, Arabic digits as ours."""
    return text.translate(_PLAIN)


def reads_backwards(text: str) -> bool:
    """Whether marks in a figure make a person see other digits, or another order, than the text holds."""
    if _REVERSED in text:
        return True
    return bool(_RIGHT_TO_LEFT.search(text)) and not re.fullmatch(r"[0-9]+([.,][0-9]+)*", halfwidth(visible(text)))


def folded(text: str) -> str:
    """The text for comparing words: no spaces, nothing invisible, one kind of brackets and signs, no full stop at its
    end. The characters themselves stay: 繁體 is another text than 繁体."""
    found = halfwidth(visible(text)).translate(_BRACKETS)
    return "".join(found.split()).rstrip("。.;,、")
