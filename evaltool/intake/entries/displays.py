"""What a spreadsheet shows for a number under its number format: `84.6` under `0` is shown as 85, 3 under `0"万"` as 3万.

Understood are the formats that people use for figures: General, 0, 0.00, #,##0.00, percent, 0.0E+00, currency signs,
literal text, brackets for negative numbers, sections and their conditions, and the commas and drawn points that show a
number by thousands smaller. Of everything else (fractions, dates) nothing is claimed. General is taken as the 15 digits
that the formula bar shows; how many of them fit into the width of the column says nothing about the figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

from evaltool.quantities import Exact, exact, magnitude, parse_plain, round_exact

DIGITS = 15  # that a spreadsheet keeps of what is typed, and shows at most
_CURRENCY = frozenset("¥￥")
_OTHER_UNITS = frozenset("$€£‰")  # drawn beside a figure they make it one of another kind
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)'
    r"|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[(?P<tag>[^\]]*)\]"
    r"|(?P<exponent>E[+-]0+)|(?P<general>General|G/通用格式)|(?P<end>;)|(?P<digit>[0#?])|(?P<mark>[.,%@])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=) ?(-?[0-9]+(?:\.[0-9]+)?)")
_COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|[黑蓝青绿洋红白黄].?色?|颜色 ?\d+")


class Shape(NamedTuple):
    """One section of a number format, as far as it is for figures.

    decimals   digits behind the point; -1 for General
    percents   how often it multiplies by 100
    thousands  how often it divides by 1,000
    before, after  literal text, without brackets, signs and spaces; `within`: drawn between the digits
    currency   with a currency sign
    minus      draws a minus sign or brackets
    significant  digits of a number with an exponent, else 0
    text       shows this, and no digits at all; None where it shows digits
    condition  for which numbers a section is, as (sign, number), where it says so
    """

    decimals: int = -1
    percents: int = 0
    thousands: int = 0
    before: str = ""
    after: str = ""
    within: str = ""
    currency: bool = False
    minus: bool = False
    significant: int = 0
    text: str | None = None
    condition: tuple[str, Exact] | None = None

    @property
    def scaled(self) -> bool:
        """Whether it shows another figure than the number itself, as if in a larger unit."""
        return bool(self.thousands or self.within)


class Shown(NamedTuple):
    """What is shown: the number to which the visible digits amount (a percentage as the share), and how."""

    number: Exact
    shape: Shape


def shown_under(number: Exact, number_format: str) -> Shown | None:
    """What a spreadsheet shows for `number`; None where this module makes no claim."""
    shapes = shapes_of(number_format)
    if shapes is None:
        return None
    shape, own_sign = _section_for(shapes, number)
    seen = number if shape.decimals < 0 else _rounded(number, shape)
    if not own_sign:  # a section for negative numbers shows a sign only where it draws one
        seen = magnitude(seen)
    return Shown(-seen if shape.minus and seen > 0 else seen, shape)


_TESTS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}


def _section_for(shapes: tuple[Shape, ...], number: Exact) -> tuple[Shape, bool]:
    """The section that shows a number, and whether the program puts a minus before a negative one."""
    if any(shape.condition for shape in shapes):
        for i, shape in enumerate(shapes):
            if shape.condition:
                fits = _TESTS[shape.condition[0]](number, shape.condition[1])
            else:
                fits = i == len(shapes) - 1 or (number < 0 if i else number > 0)
            if fits:
                return shape, True
        return shapes[-1], True
    if len(shapes) > 1 and number < 0:
        return shapes[1], False
    return shapes[2 if len(shapes) > 2 and number == 0 else 0], True


@lru_cache(1024)
def places_shown(number_format: str) -> int:
    """So many decimals of a number of up to 15 digits are shown as they are, with nothing drawn beside them; -1 where a
    closer look is needed."""
    shapes = shapes_of(number_format)
    if shapes is None or any(s != Shape(s.decimals, s.percents) or s.percents > 1 for s in shapes) or len(shapes) > 1:
        return -1
    return min(DIGITS if s.decimals < 0 else s.decimals + 2 * s.percents for s in shapes)


def fifteen_digits(number: Exact) -> Exact:
    """`number` to the 15 significant digits that a spreadsheet shows at most."""
    return _to_digits(number, DIGITS)


def _to_digits(number: Exact, digits: int) -> Exact:
    rounding = Context(prec=digits, rounding=ROUND_HALF_UP)
    return exact(rounding.divide(Decimal(number.numerator), Decimal(number.denominator)))


def _rounded(number: Exact, shape: Shape) -> Exact:
    if shape.significant:
        return _to_digits(number, shape.significant)
    return round_exact(fifteen_digits(number), shape.decimals + 2 * shape.percents - 3 * shape.thousands, "half_up")


@lru_cache(1024)
def shapes_of(number_format: str) -> tuple[Shape, ...] | None:
    """The sections of a format; None where one of them is not understood."""
    sections: list[list[re.Match[str]]] = [[]]
    number_format = number_format or "General"
    for token in _TOKEN.finditer(number_format):
        if token.lastgroup == "end":
            sections.append([])
        else:
            sections[-1].append(token)
    if len(sections) == 4:  # the fourth is for text
        sections.pop()
    if len(sections) > 3:
        return None
    shapes = [_shape(section) for section in sections]
    known = tuple(shape for shape in shapes if shape is not None)
    return known if len(known) == len(shapes) else None


def _shape(tokens: list[re.Match[str]]) -> Shape | None:
    """One section; None where it is not for figures, or has more in it than is understood."""
    section = _Section()
    known = all(section.take(token.lastgroup or "", token[token.lastgroup or 0]) for token in tokens)
    return section.shape() if known else None


@dataclass
class _Section:
    """A section while it is being read, part by part."""

    before: str = ""
    within: str = ""
    after: str = ""
    digits: int = 0
    decimals: int = 0
    percents: int = 0
    commas: int = 0  # behind the last digit: each divides by 1,000
    point: bool = False
    general: bool = False
    currency: bool = False
    exponent: bool = False
    condition: tuple[str, Exact] | None = None

    def take(self, kind: str, text: str) -> bool:
        """The next part; False where it is none for figures."""
        if kind in ("digit", "general") or text == "@":
            self.within, self.after = self.within + self.after, ""
            self.digits, self.commas = self.digits + 1, 0
            self.decimals += self.point
            self.general = self.general or kind != "digit"
        elif kind == "mark":
            self.point = self.point or text == "."
            self.commas += text == "," and self.digits > 0
            self.percents += text == "%"
        elif kind in ("quoted", "escaped", "sign"):
            self._literal(text)
        elif kind == "exponent":
            self.exponent = True
        elif kind == "tag":  # a colour or a condition; else elapsed time, other digits
            condition = _CONDITION.fullmatch(text)
            self.condition = (condition[1], parse_plain(condition[2])) if condition else self.condition
            return bool(condition or _COLOURS.fullmatch(text))
        elif kind == "plain":
            self._literal(text)
            # a Chinese character needs no quotes; else dates, exponents, fractions, words
            return text in " ()+-（）　" or text in _CURRENCY | _OTHER_UNITS or "\u4e00" <= text <= "\u9fff"
        return True

    def _literal(self, text: str) -> None:
        self.currency = self.currency or any(ch in _CURRENCY for ch in text)
        text = "".join(ch for ch in text if ch not in _CURRENCY)
        if self.digits:
            self.after += text
        else:
            self.before += text

    def shape(self) -> Shape | None:
        if self.general and (self.percents or self.commas or self.point or self.digits > 1):
            return None
        before, after = (re.sub(r"[\s()（）+-]", "", part) for part in (self.before, self.after))
        minus = "-" in self.before or ("(" in self.before and ")" in self.after)
        if not self.digits:  # words, nothing at all, or a dash instead of nought
            return Shape(text=self.before.strip(), condition=self.condition)
        if self.exponent and (self.digits - self.decimals != 1 or self.percents or self.commas):
            return None
        decimals, within = -1 if self.general else self.decimals, "".join(self.within.split())
        digits = self.decimals + 1 if self.exponent else 0
        return Shape(
            decimals, self.percents, self.commas, before, after, within, self.currency, minus, digits, None,
            self.condition,
        )  # fmt: skip
