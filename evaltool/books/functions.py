"""What the functions of formulas come to. Each takes its arguments as they stand and works out those that it needs.

In sums over cells text and truth values are left out, as in Excel, WPS and LibreOffice.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Protocol

from evaltool.books.arithmetic import (
    COMPARISONS,
    PLAIN_NUMBER,
    ErrorFound,
    compared,
    kept,
    number,
    truth,
    worked,
    written,
)
from evaltool.books.book import address
from evaltool.books.expressions import Area, Call, CannotTell, Error, Node, Sign

VOLATILE = frozenset(("NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "OFFSET", "INDIRECT", "CELL", "INFO"))
# text that a person takes for a figure and a spreadsheet leaves out of a sum; a year is a heading
_FIGURE = re.compile(r"(?!(?:19|20)\d\d年)\s*[约近超≥≤<>]?\s*[+-]?(?:\d[\d,. ]*|[零〇一二两三四五六七八九十百千万亿]+)\s*\D{0,4}")
_CRITERION = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)


class Cells(Protocol):
    """Where a formula finds the cells that it names."""

    def within(self, area: Area) -> Iterator[tuple[int, int, Any]]:
        """Row, column and value of the cells that hold something, row by row."""

    def noticed(self, number: Fraction) -> Fraction:
        """Keeps in mind how large the numbers were; returns `number`."""

    def doubt(self, why: str) -> None:
        """Keeps in mind that something was left out or taken as zero that a person would not leave out."""


def value(node: Node | None, cells: Cells) -> Any:
    """What a part of a formula comes to. Raises ErrorFound and CannotTell."""
    match node:
        case Error():
            raise ErrorFound(node)
        case Area():
            return _single(node, cells)
        case Sign():
            return _signed(node, cells)
        case Call():
            function = FUNCTIONS.get(node.name)
            if function is None:
                raise CannotTell(f"不会算函数 {node.name}")
            found = function(node.parts, cells)
            return cells.noticed(kept(found)) if isinstance(found, Fraction) else found
        case Fraction():
            return cells.noticed(node)
    return node


def _single(area: Area, cells: Cells) -> Any:
    if not area.single:
        raise CannotTell("把一片区域当一个数用")
    found = next((found for _, _, found in cells.within(area)), None)
    if isinstance(found, Error):
        raise ErrorFound(found)
    return cells.noticed(found) if isinstance(found, Fraction) else found


def _signed(node: Sign, cells: Cells) -> Any:
    """A long sum hangs together on its left side, sign inside sign: that side is gone down without recursion."""
    chain = [node]
    while isinstance(inner := chain[-1].parts[0], Sign):
        chain.append(inner)
    found = value(inner, cells)
    if chain[-1].sign == "&":
        _joinable(inner, found)
    for one in reversed(chain):
        right = value(one.parts[1], cells) if len(one.parts) == 2 else found
        if one.sign == "&":
            _joinable(one.parts[1], right)
        if one.sign == "&":
            found = written(found) + written(right)
        elif one.sign in COMPARISONS:
            found = compared(one.sign, found, right)
        else:
            two = _given(inner, found, cells), _given(one.parts[-1], right, cells)
            found = cells.noticed(kept(worked(one.sign, *two)))
    return found


def _given(node: Node | None, found: Any, cells: Cells) -> Fraction:
    """A value used as a number; a blank cell is taken as zero, as spreadsheets do, and not without a word."""
    if found is None and isinstance(node, Area):
        cells.doubt(f"{address(node.first, node.left)} 是空的，公式当作 0")
    return number(found)


def _joinable(node: Node | None, found: Any) -> None:
    if found is None and isinstance(node, Call):
        raise CannotTell("把函数给出的空格当数或文字用")


Parts = tuple[Node | None, ...]


def _numbers(parts: Parts, cells: Cells) -> Iterator[Fraction]:
    """The numbers in the arguments: of cells only what is a number, of what is written out also TRUE and "5"."""
    some = not any(isinstance(part, Area) for part in parts)
    for part in parts:
        if isinstance(part, Area):
            blank = True
            for row, column, found in cells.within(part):
                blank = False
                if isinstance(found, Error):
                    raise ErrorFound(found)
                if isinstance(_no_truth(found), Fraction):
                    some = True
                    yield cells.noticed(found)
                _left_out(found, row, column, cells)
            if blank and part.single:
                cells.doubt(f"{address(part.first, part.left)} 是空的，公式当作 0")
        else:
            some = True
            one = value(part, cells)
            _joinable(part, one)
            if isinstance(one, str) and not isinstance(part, str):
                raise CannotTell("把算出的文字当数用")
            yield number(one)
    if not some:
        cells.doubt("要算的格里一个数也没有")


def _left_out(found: Any, row: int, column: int, cells: Cells) -> None:
    if isinstance(found, str) and _FIGURE.fullmatch(unicodedata.normalize("NFKC", found)):
        cells.doubt(f"{address(row, column)} 是文字“{found[:20]}”，公式没有算它")


def _no_truth(found: Any) -> Any:
    """A value out of a block of cells: LibreOffice counts TRUE as 1 there, Excel and WPS leave it out."""
    if isinstance(found, bool):
        raise CannotTell("区域里有真假值，各软件算法不同")
    return found


def _sum(parts: Parts, cells: Cells) -> Fraction:
    return sum(_numbers(parts, cells), Fraction(0))


def _average(parts: Parts, cells: Cells) -> Fraction:
    found = list(_numbers(parts, cells))
    if not found:
        raise ErrorFound("#DIV/0!")
    return sum(found, Fraction(0)) / len(found)


def _product(parts: Parts, cells: Cells) -> Fraction:
    found = list(_numbers(parts, cells))
    product = Fraction(1) if found else Fraction(0)
    for one in found:
        product = kept(product * one)
    return product


def _count(parts: Parts, cells: Cells) -> Fraction:
    count = 0
    for part in parts:
        if isinstance(part, Area):
            for row, column, found in cells.within(part):
                count += isinstance(_no_truth(found), Fraction)
                _left_out(found, row, column, cells)
            continue
        try:
            number(value(part, cells))
            count += 1
        except ErrorFound:
            pass
    return Fraction(count)


def _count_all(parts: Parts, cells: Cells) -> Fraction:
    count = 0
    for part in parts:
        count += sum(found is not None for _, _, found in cells.within(part)) if isinstance(part, Area) else 1
    return Fraction(count)


def _least(parts: Parts, cells: Cells) -> Fraction:
    return min(_numbers(parts, cells), default=Fraction(0))


def _most(parts: Parts, cells: Cells) -> Fraction:
    return max(_numbers(parts, cells), default=Fraction(0))


def _rounded(how: Callable[[Fraction], int]) -> Callable[[Parts, Cells], Fraction]:
    def rounded(parts: Parts, cells: Cells) -> Fraction:
        _expect(parts, 1, 2)
        exact = number(value(parts[0], cells))
        places = int(number(value(parts[1], cells))) if len(parts) == 2 else 0
        if abs(places) > 30:
            raise CannotTell("舍入到很多位")
        scale = Fraction(10) ** places
        whole = how(abs(exact) * scale) / scale
        return whole if exact > 0 else -whole

    return rounded


def _half_up(size: Fraction) -> int:
    return math.floor(size + Fraction(1, 2))


def _integer(parts: Parts, cells: Cells) -> Fraction:
    _expect(parts, 1, 1)
    return Fraction(math.floor(number(value(parts[0], cells))))


def _size(parts: Parts, cells: Cells) -> Fraction:
    _expect(parts, 1, 1)
    return abs(number(value(parts[0], cells)))


def _if(parts: Parts, cells: Cells) -> Any:
    _expect(parts, 2, 3)
    if truth(value(parts[0], cells)):
        return _branch(parts[1], cells)
    return _branch(parts[2], cells) if len(parts) == 3 else False


def _branch(part: Node | None, cells: Cells) -> Any:
    """One left empty is 0; a blank cell stays blank."""
    return Fraction(0) if part is None else value(part, cells)


def _if_error(parts: Parts, cells: Cells) -> Any:
    _expect(parts, 2, 2)
    try:
        return _branch(parts[0], cells)
    except ErrorFound:
        return _branch(parts[1], cells)


def _conditions(parts: Parts, cells: Cells) -> list[bool]:
    found: list[bool] = []
    for part in parts:
        if isinstance(part, Area):
            for _, _, one in cells.within(part):
                if isinstance(one, Error):
                    raise ErrorFound(one)
                if isinstance(one, bool | Fraction):
                    found.append(bool(one))
        else:
            found.append(truth(value(part, cells)))
    if not found:
        raise ErrorFound("#VALUE!")
    return found


def _not(parts: Parts, cells: Cells) -> bool:
    _expect(parts, 1, 1)
    return not truth(value(parts[0], cells))


def _number_of(parts: Parts, cells: Cells) -> Fraction:
    _expect(parts, 1, 1)
    return number(_no_truth(value(parts[0], cells)))


def _sum_product(parts: Parts, cells: Cells) -> Fraction:
    areas = [part for part in parts if isinstance(part, Area)]
    if len(areas) != len(parts) or not areas:
        raise CannotTell("SUMPRODUCT 里有逐格的计算")
    if len({(area.last - area.first, area.right - area.left) for area in areas}) > 1:
        raise ErrorFound("#VALUE!")
    products: dict[tuple[int, int], Fraction] | None = None
    for area in areas:
        here: dict[tuple[int, int], Fraction] = {}
        for row, column, found in cells.within(area):
            if isinstance(found, Error):
                raise ErrorFound(found)
            if isinstance(_no_truth(found), Fraction):
                here[row - area.first, column - area.left] = cells.noticed(found)
        products = here if products is None else {at: products[at] * here[at] for at in products.keys() & here.keys()}
    return sum((products or {}).values(), Fraction(0))


def _meets(criterion: Any) -> Callable[[Any], bool]:
    """What a criterion of SUMIF or COUNTIF lets through."""
    sign, wanted = "=", criterion
    if isinstance(criterion, str):
        parted = _CRITERION.fullmatch(criterion)
        assert parted is not None
        sign, wanted = parted[1] or "=", parted[2]
        if PLAIN_NUMBER.fullmatch(wanted):
            wanted = Fraction(wanted.strip())
        elif sign != "=" or not wanted or re.search(r"[*?~]|\d", wanted):
            raise CannotTell(f"条件“{criterion[:20]}”")
    if not isinstance(wanted, Fraction | str):
        raise CannotTell("SUMIF、COUNTIF 的条件不是数也不是文字")

    def meets(found: Any) -> bool:
        if isinstance(wanted, str):
            return isinstance(found, str) and found.casefold() == wanted.casefold()
        if isinstance(found, str) and PLAIN_NUMBER.fullmatch(found):
            raise CannotTell("按条件数的格里有文字写的数")
        if not isinstance(_no_truth(found), Fraction):
            return sign == "<>"
        return compared(sign, found, wanted)

    return meets


def _count_if(parts: Parts, cells: Cells) -> Fraction:
    _expect(parts, 2, 2)
    if not isinstance(parts[0], Area):
        raise CannotTell("COUNTIF 的区域不是区域")
    meets = _meets(value(parts[1], cells))
    if meets(None):
        raise CannotTell("COUNTIF 连空格也要数")
    return Fraction(sum(meets(found) for _, _, found in cells.within(parts[0])))


def _sum_if(parts: Parts, cells: Cells) -> Fraction:
    _expect(parts, 2, 3)
    area = parts[0]
    if not isinstance(area, Area):
        raise CannotTell("SUMIF 的区域不是区域")
    meets = _meets(value(parts[1], cells))
    if meets(None):
        raise CannotTell("SUMIF 连空格也要看")
    added = parts[2] if len(parts) == 3 else area
    if not isinstance(added, Area):
        raise CannotTell("SUMIF 的区域不是区域")
    chosen = {(row - area.first, column - area.left) for row, column, found in cells.within(area) if meets(found)}
    height, width = area.last - area.first, area.right - area.left
    added = added._replace(last=added.first + height, right=added.left + width)
    total = Fraction(0)
    for row, column, found in cells.within(added):
        if (row - added.first, column - added.left) in chosen:
            if isinstance(found, Error):
                raise ErrorFound(found)
            if isinstance(_no_truth(found), Fraction):
                total += cells.noticed(found)
    return total


def _constant(found: bool) -> Callable[[Parts, Cells], bool]:
    def constant(parts: Parts, _: Cells) -> bool:
        _expect(parts, 0, 0)
        return found

    return constant


def _expect(parts: Parts, least: int, most: int) -> None:
    if not least <= len(parts) <= most:
        raise CannotTell("函数的参数个数不对")


FUNCTIONS: dict[str, Callable[[Parts, Cells], Any]] = {
    "SUM": _sum,
    "AVERAGE": _average,
    "PRODUCT": _product,
    "COUNT": _count,
    "COUNTA": _count_all,
    "MIN": _least,
    "MAX": _most,
    "ROUND": _rounded(_half_up),
    "ROUNDUP": _rounded(math.ceil),
    "ROUNDDOWN": _rounded(math.floor),
    "TRUNC": _rounded(math.floor),
    "INT": _integer,
    "ABS": _size,
    "IF": _if,
    "IFERROR": _if_error,
    "AND": lambda parts, cells: all(_conditions(parts, cells)),
    "OR": lambda parts, cells: any(_conditions(parts, cells)),
    "NOT": _not,
    "TRUE": _constant(True),
    "FALSE": _constant(False),
    "VALUE": _number_of,
    "SUMPRODUCT": _sum_product,
    "SUMIF": _sum_if,
    "COUNTIF": _count_if,
}
