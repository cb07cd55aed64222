"""What a spreadsheet shows for a number under its number format: `84.6` under `0` is shown as 85, 3 under `0"万"` as 3万.

Understood are the formats that people use for figures: General, 0, 0.00, #,##0.00, percent, currency signs, literal
text, brackets for negative numbers, sections, and the commas and drawn points that show a number by thousands smaller.
Of everything else (fractions, exponents, conditions, dates) nothing is claimed. General is taken as the 15 digits that
the formula bar shows; how many of them fit into the width of the column says nothing about the figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from evaltool.quantities import Exact, exact, round_exact

DIGITS = 15  # that a spreadsheet keeps of what is typed, and shows at most
_LONG = Context(prec=DIGITS, rounding=ROUND_HALF_UP)
_CURRENCY = frozenset("¥￥$€£")
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)'
    r"|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[(?P<tag>[^\]]*)\]"
    r"|(?P<general>General|G/通用格式)|(?P<end>;)|(?P<digit>[0#?])|(?P<mark>[.,%@])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|[黑蓝青绿洋红白黄].?色?|颜色 ?\d+")


class Shape(NamedTuple):
    """One section of a number format, as far as it is for figures.

    decimals   digits behind the point; -1 for General
    percents   how often it multiplies by 100
    thousands  how often it divides by 1,000
    before, after  literal text, without brackets, signs and spaces; `within`: drawn between the digits
    currency   with a currency sign
    empty      shows nothing at all
    """

    decimals: int = -1
    percents: int = 0
    thousands: int = 0
    before: str = ""
    after: str = ""
    within: str = ""
    currency: bool = False
    empty: bool = False

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
    shape = shapes[0]
    if len(shapes) > 1 and number < 0:
        shape = shapes[1]
    if len(shapes) > 2 and number == 0:
        shape = shapes[2]
    return Shown(number if shape.decimals < 0 else _rounded(number, shape), shape)


@lru_cache(1024)
def places_shown(number_format: str) -> int:
    """So many decimals of a number of up to 15 digits are shown as they are, with nothing drawn beside them; -1 where a
    closer look is needed."""
    shapes = shapes_of(number_format)
    if shapes is None or any(s.before or s.after or s.scaled or s.currency or s.empty for s in shapes):
        return -1
    return min(DIGITS if s.decimals < 0 else s.decimals + 2 * s.percents for s in shapes)


def fifteen_digits(number: Exact) -> Exact:
    """`number` to the 15 significant digits that a spreadsheet shows at most."""
    value = Fraction(number)
    return exact(_LONG.divide(Decimal(value.numerator), Decimal(value.denominator)))


def _rounded(number: Exact, shape: Shape) -> Exact:
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
        elif kind == "tag":  # a colour; else a condition, elapsed time, other digits
            return bool(_COLOURS.fullmatch(text))
        elif kind == "plain":
            self._literal(text)
            return text in " ()+-（）　" or text in _CURRENCY  # else dates, exponents, fractions, words
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
        if not self.digits:  # a dash instead of nought, nothing at all, or words
            return None if before else Shape(decimals=0, currency=self.currency, empty="-" not in self.before)
        decimals, within = -1 if self.general else self.decimals, "".join(self.within.split())
        return Shape(decimals, self.percents, self.commas, before, after, within, self.currency)
