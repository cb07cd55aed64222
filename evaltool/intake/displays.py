"""What a spreadsheet shows for a number under its number format: `84.6` under `0` is shown as 85, 3 under `0"万"` as 3万.

Understood are the formats that people use for figures: General, 0, 0.00, #,##0.00, percent, currency signs, literal
text, brackets for negative numbers, sections, and the commas and drawn points that show a number by thousands smaller.
Of everything else (fractions, exponents, conditions, dates) nothing is claimed. General is taken as the 15 digits that
the formula bar shows; how many of them fit into the width of the column says nothing about the figure.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from evaltool.quantities import Exact, exact, round_exact

DIGITS = 15  # that a spreadsheet keeps of what is typed, and shows at most
_LONG = Context(prec=DIGITS)
_CURRENCY = frozenset("¥￥$€£")
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[(?P<tag>[^\]]*)\]'
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
    before, within, after = "", "", ""
    digits = decimals = percents = commas = 0
    point = general = currency = False
    for token in tokens:
        kind, text = token.lastgroup or "", token[token.lastgroup or 0]
        if kind in ("digit", "general"):
            if after or (general and digits):
                within, after = within + after, ""
            digits, general, commas = digits + 1, general or kind == "general", 0
            decimals += point
        elif kind == "mark" and text == ".":
            point = True
        elif kind == "mark" and text == ",":
            commas += bool(digits)
        elif kind == "mark" and text == "%":
            percents += 1
        elif kind == "mark":  # @: as it stands
            general, digits = True, digits + 1
        elif kind in ("quoted", "escaped", "sign"):
            currency = currency or any(ch in _CURRENCY for ch in text)
            literal = "".join(ch for ch in text if ch not in _CURRENCY)
            before, after = (before, after + literal) if digits else (before + literal, after)
        elif kind == "tag":
            if not _COLOURS.fullmatch(text):
                return None  # a condition, elapsed time, other digits
        elif kind == "plain":
            if text in _CURRENCY:
                currency = True
            elif text not in " ()+-（）　":
                return None  # dates, exponents, fractions, words
            elif text == "-" and digits:
                after += text
    if general and (percents or commas or point):
        return None
    bare = [re.sub(r"[\s()（）+-]", "", part) for part in (before, after)]
    if not digits:  # a dash instead of nought, nothing at all, or words
        return None if bare[0] else Shape(decimals=0, currency=currency, empty="-" not in before)
    return Shape(-1 if general else decimals, percents, commas, *bare, "".join(within.split()), currency)
