"""The formula of a cell, taken apart: numbers, texts, references, functions and signs, as Excel, WPS and LibreOffice
write them into a file (always with English function names). Nothing is worked out here.

Binding, tightest first: sign, %, ^, * and /, + and -, &, comparison; signs of one rank from left to right, so
`-2^2` is 4 and `2^3^2` is 64, as in every spreadsheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_CHARACTERS, DEEPEST = 8192, 80
# no part of the patterns can be matched in two ways, so that no text takes longer than its length
_SHEET = r"(?P<sheet>'(?:[^']|'')++'|(?:\[[^\[\]]*+\])?[^\W\d][\w.]*+(?::[^\W\d][\w.]*+)?|\[[^\[\]]*+\])!"
_TOKEN = re.compile(
    rf"""(?P<space>[\s\n]+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<error>\#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!))
    |(?:{_SHEET})?(?P<cells>
        \$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}}(?::\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}})?
        |\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}
        |\$?[1-9]\d{{0,6}}:\$?[1-9]\d{{0,6}}
        )(?![\w.(!:\[])
    |{_SHEET.replace("?P<sheet>", "?P<foreign>")}(?P<missing>\#REF!|[\w.\\]+)
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d][\w.]*)(?P<call>\()?
    |(?P<sign><=|>=|<>|[-+*/^&=<>%(),])
    |(?P<else>'.*|\[[^\[\]]*+\]?|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLACE = re.compile(r"\$?([A-Za-z]*)\$?(\d*)")
_RANKS = {"=": 1, "<>": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}


class CannotTell(Exception):
    """A formula, or a part of one, that is not worked out here: why, in Chinese."""


class Area(NamedTuple):
    """A cell or a block of cells; `sheet` is empty for the formula's own."""

    sheet: str
    first: int
    left: int
    last: int
    right: int

    @property
    def single(self) -> bool:
        return (self.first, self.left) == (self.last, self.right)


class Error(str):
    """An error value such as #DIV/0!."""

    __slots__ = ()


class Call(NamedTuple):
    """A function with its arguments; None stands for an argument left empty."""

    name: str
    parts: tuple[Node | None, ...]


class Sign(NamedTuple):
    """A sign with what it joins: one part for a sign in front or %, else two."""

    sign: str
    parts: tuple[Node, ...]


Node = Fraction | bool | str | Area | Call | Sign


@dataclass(frozen=True)
class Formula:
    """A formula taken apart.

    tree     None where it holds something that is not worked out here
    why      what that is
    areas    every cell and block that it names, also where there is no tree
    calls    every function that it names
    foreign  the other file that it names, or empty
    """

    tree: Node | None
    why: str
    areas: tuple[Area, ...]
    calls: frozenset[str]
    foreign: str


def take_apart(text: str) -> Formula:
    """The formula in `text`, which begins with `=`. Never raises."""
    if len(text) > MOST_CHARACTERS:
        return Formula(None, "公式太长", (), frozenset(), "")
    tokens = [found for found in _TOKEN.finditer(text.strip().removeprefix("=")) if not found["space"]]
    foreign = next((file for found in tokens if (file := _other_file(found))), "")
    areas, why = [], ""
    for found in tokens:
        if found["cells"] and not _other_file(found):
            try:
                areas.append(_area(found))
            except CannotTell as reason:
                why = str(reason)
    calls = frozenset(_function(found["name"]) for found in tokens if found["call"])
    tree = None
    if not foreign and not why:
        try:
            tree = _Parser(tokens).whole()
        except CannotTell as reason:
            why = str(reason)
    return Formula(tree, why, tuple(areas), calls, foreign)


def _function(name: str) -> str:
    return re.sub(r"^(_XLFN\.|_XLWS\.)+", "", name.upper())


def _other_file(found: re.Match[str]) -> str:
    sheet = found["sheet"] or found["foreign"] or ""
    inside = re.search(r"\[([^\]]*)\]", sheet)
    return (inside[1] or "1") if inside else ""


def _area(found: re.Match[str]) -> Area:
    sheet = found["sheet"] or ""
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    if ":" in sheet:
        raise CannotTell("引用了一连几张表")
    start, _, end = found["cells"].partition(":")
    first, second = _PLACE.fullmatch(start), _PLACE.fullmatch(end or start)
    assert first is not None
    assert second is not None
    rows = sorted(int(place[2]) for place in (first, second)) if first[2] else [1, LAST_ROW]
    columns = sorted(_column(place[1]) for place in (first, second)) if first[1] else [1, LAST_COLUMN]
    if rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
        raise CannotTell("引用了表外的格")
    return Area(sheet, rows[0], columns[0], rows[1], columns[1])


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class _Parser:
    """Reads tokens into a tree, by how tightly the signs bind."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def whole(self) -> Node:
        tree = self._joined(1)
        if self.at < len(self.tokens):
            raise CannotTell(f"公式里有“{self.tokens[self.at][0]}”")
        return tree

    def _sign(self) -> str:
        return (self.tokens[self.at]["sign"] or "") if self.at < len(self.tokens) else ""

    def _joined(self, rank: int) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise CannotTell("公式套得太深")
        left = self._signed()
        while (mine := _RANKS.get(sign := self._sign(), 0)) >= rank:
            self.at += 1
            left = Sign(sign, (left, self._joined(mine + 1)))
        self.depth -= 1
        return left

    def _signed(self) -> Node:
        signs = []
        while (sign := self._sign()) in ("+", "-"):
            signs.append(sign)
            self.at += 1
        node = self._plain()
        if signs.count("-") % 2:
            node = Sign("neg", (node,))
        elif signs.count("-"):
            node = Sign("neg", (Sign("neg", (node,)),))
        while self._sign() == "%":
            self.at += 1
            node = Sign("%", (node,))
        return node

    def _plain(self) -> Node:
        if self.at >= len(self.tokens):
            raise CannotTell("公式不完整")
        found = self.tokens[self.at]
        self.at += 1
        if found["number"]:
            return _exact(found["number"])
        if found["text"]:
            return str(found["text"][1:-1].replace('""', '"'))
        if found["cells"]:
            return _area(found)
        if found["error"] or found["missing"] == "#REF!":
            return Error(found["error"] or "#REF!")
        if found["call"]:
            return Call(_function(found["name"]), self._parts())
        if found["name"] and found["name"].upper() in ("TRUE", "FALSE"):
            return found["name"].upper() == "TRUE"
        if found["sign"] == "(":
            inside = self._joined(1)
            if self._sign() != ")":
                raise CannotTell("公式里有并列的区域")
            self.at += 1
            return inside
        raise CannotTell(f"公式里有{'名称' if found['name'] else ''}“{found[0]}”")

    def _parts(self) -> tuple[Node | None, ...]:
        """The arguments up to the closing bracket."""
        parts: list[Node | None] = []
        if self._sign() == ")":
            self.at += 1
            return ()
        while True:
            parts.append(None if self._sign() in (",", ")") else self._joined(1))
            sign = self._sign()
            self.at += 1
            if sign == ")":
                return tuple(parts)
            if sign != ",":
                raise CannotTell("公式不完整")


def _exact(text: str) -> Fraction:
    digits, _, power = text.lower().partition("e")
    if len(power) > 4 or abs(int(power or 0)) > 400 or len(digits) > 400:
        raise CannotTell(f"公式里的数 {text[:20]} 太大或太小")
    return Fraction(digits if not digits.endswith(".") else digits + "0") * Fraction(10) ** int(power or 0)
