"""What the heads of a table mean: an id or a name, in any width and script, with its unit in brackets or another one.

A unit that stands in the head is a statement, so a column in 元 of a field in 万元 is converted, exactly and with a
note; a unit of another kind is refused with its column. Nothing else is ever converted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from evaltool.facts import State
from evaltool.intake.entries.entry import Reading, Slip
from evaltool.intake.names import simplified
from evaltool.quantities import Exact, decimal_text, divide, exact
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.values import Quantity

_UNSEEN = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_WITH_UNIT = re.compile(r"(.+?)(?:\(([^()]+)\)|\[([^\[\]]+)\]|【([^【】]+)】|[/:,]([^/:,]+))")
_UNIT_WORD = re.compile(r"(?:计量|金额|数量)?单位:?")
_NUMBERED = re.compile(r"\d{1,3}[.、)](?=\D)")
_SCALES = {"百万": 10**6, "千万": 10**7, "百亿": 10**10, "万": 10**4, "亿": 10**8, "千": 1000, "百": 100}
_SAME = {"m2": "平方米", "平米": "平方米", "￥": "元", "rmb": "元", "人民币元": "元"}
# how heads say of what kind the answers are; what is no number has no unit to be mistaken
_KINDS = {
    "share": {"%", "百分比", "百分数", "占比"},
    "points": {"分"},
    "yesno": {"是/否", "是否", "是、否", "是或否", "选项", "√"},
    "choice": {"选项", "下拉选择", "单选"},
    "date": {"日期", "年月日", "年-月-日", "yyyy-mm-dd"},
    "text": {"文字", "文本"},
}


class Head(NamedTuple):
    """What a head means: the key, and the unit that it states where that is not the field's own. `wrong` is a unit in
    which nothing of the kind can be told."""

    key: str
    unit: str = ""
    wrong: str = ""


@lru_cache(1 << 14)
def plain_head(text: str) -> str:
    """A head without width, spaces, line breaks and signs that nobody sees."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).lower()


class Heads:
    """The heads that a table may have.

    items  key → field; its id and its name are heads of it, with or without its unit
    words  key → other words that stand for it (`code` → 代码)
    A word that stands for several keys stands for none of them, but an id always for its own.
    """

    def __init__(self, items: Mapping[str, FieldDef], words: Mapping[str, Iterable[str]] | None = None) -> None:
        self.items, words = items, words or {}
        self.names = {key: item.name for key, item in items.items()}
        self.ids = {*items, *words}
        keys: dict[str, set[str]] = {}
        for key, item in items.items():
            keys.setdefault(plain_head(item.name), set()).add(key)
        # a field comes before a word of ours that reads the same
        for key, texts in words.items():
            for text in {plain_head(one) for one in texts} - {text for text in keys if keys[text] & items.keys()}:
                keys.setdefault(text, set()).add(key)
        spelled: dict[str, set[str]] = {}
        for key in self.ids:
            spelled.setdefault(plain_head(key), set()).add(key)
        keys |= spelled
        self.known = {text: next(iter(found)) for text, found in keys.items() if len(found) == 1}

    def find(self, text: str) -> Head | None:
        """What a head means, or None."""
        if (key := text.strip()) in self.ids:
            return Head(key)
        plain = plain_head(text)
        return self._read(plain) or (self._read(simple) if (simple := simplified(plain)) != plain else None)

    def meaning(self, text: str) -> str:
        """The key that a head means, or nothing."""
        found = self.find(text)
        return found.key if found else ""

    def bare(self, text: str) -> bool:
        """Whether a head that means something says nothing of a unit."""
        plain = plain_head(text)
        forms = (plain, simplified(plain))
        return any(form in self.known or _NUMBERED.sub("", form, count=1) in self.known for form in forms)

    def _read(self, plain: str) -> Head | None:
        for one in (plain, _NUMBERED.sub("", plain, count=1)):
            if one in self.known:
                return Head(self.known[one])
            found = _WITH_UNIT.fullmatch(one)
            if found and found[1] in self.known:
                key = self.known[found[1]]
                unit = next(part for part in found.groups()[1:] if part)
                if key in self.items:
                    return stated(key, self.items[key], unit)
        return None


def stated(key: str, item: FieldDef, unit: str) -> Head:
    """What a unit beside the head of a field says (`万元`, `单位:元`): nothing new, another one that can be converted, or a
    wrong one."""
    unit = _UNIT_WORD.sub("", unit)
    unit = _SAME.get(unit, unit)
    if unit in _KINDS.get(item.type, ()) or unit == plain_head(item.unit):
        return Head(key)
    return Head(key, unit) if factor(item, unit) is not None else Head(key, wrong=unit)


def factor(item: FieldDef, unit: str) -> Exact | None:
    """How much of the field's own unit one `unit` is: 1/10000 for 元 where 万元 is asked; None where nobody can say."""
    if item.type not in ("count", "money", "number") or not item.unit or item.unit == "row":
        return None
    (size, base), (own, same) = _scaled(_SAME.get(unit, unit)), _scaled(item.unit)
    return divide(size, own) if base == same else None


def _scaled(unit: str) -> tuple[int, str]:
    """`万元` → 10,000 and 元."""
    for word, size in _SCALES.items():
        if unit.startswith(word) and len(unit) > len(word):
            return size, unit[len(word) :]
    return 1, unit


def asked_in(item: FieldDef, unit: str) -> FieldDef:
    """The field as it is asked where the head states another unit: a count of 万人 may have decimals."""
    size = factor(item, unit)
    if size is None:
        return item
    between = [Quantity(divide(one.value, size), one.share) for one in item.between] if item.between else None
    kind = "money" if item.type == "count" else item.type
    return item.model_copy(update={"unit": unit, "between": between, "type": kind})


def converted(item: FieldDef, unit: str, value: Exact) -> Reading:
    """A value of a column in `unit` in the field's own one; a count that does not come out whole is refused (D110)."""
    made = exact(Fraction(value) * Fraction(factor(item, unit) or 1))
    if item.type == "count" and not isinstance(made, int):
        what = f"“{item.name}”要填整数，表头写的单位是{unit}，折算后是 {decimal_text(made)} {item.unit}"
        return Reading(None, State.UNREADABLE, slip=Slip("D110", what, "核对该数和表头的单位"))
    note = f"表头的单位是{unit}，{decimal_text(value)} {unit}折算为 {decimal_text(made)} {item.unit}"
    return Reading(made, State.FILLED, note, shown=decimal_text(value))
