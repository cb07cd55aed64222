"""Random formulas, each with what it comes to worked out beside it in plain floats, and books that hold them."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable
from typing import Any

from evaltool.books.book import At, Book, Cell, Sheet

NUMBERS = [3, 0.1, 250.75, -12, 8, 0.005, 1000000, 0, 45.5, 7]  # column A, rows 1 to 10


def book(
    cells: dict[At, Cell], *, uncalculated: bool = False, links: tuple[str, ...] = (), **more: dict[At, Cell]
) -> Book:
    sheets = [Sheet(title, i, found) for i, (title, found) in enumerate({"表": cells, **more}.items())]
    return Book("甲县.xlsx", "0" * 64, "xlsx", sheets, uncalculated, links)


def numbers() -> dict[At, Cell]:
    return {(row, 1): Cell(value) for row, value in enumerate(NUMBERS, 1)}


def random_formula(chance: random.Random, deep: int = 4) -> tuple[str, float]:
    """A formula over column A in brackets where they are needed, and its value. Raises ZeroDivisionError, as it may."""
    if deep == 0 or chance.random() < 0.15:
        return _leaf(chance)
    return chance.choice(_WAYS)(chance, deep - 1)


def _leaf(chance: random.Random) -> tuple[str, float]:
    if chance.random() < 0.5:
        row = chance.randrange(1, 11)
        return chance.choice((f"A{row}", f"$A${row}", f"表!A{row}")), NUMBERS[row - 1]
    number = round(chance.uniform(0, 100), chance.choice((0, 1, 2)))
    return (str(int(number)), int(number)) if number == int(number) else (str(number), number)


def _joined(chance: random.Random, deep: int) -> tuple[str, float]:
    (left, a), (right, b) = random_formula(chance, deep), random_formula(chance, deep)
    sign = chance.choice("+-*/")
    found = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[sign]()
    return f"({left}){sign}({right})", found


def _flat(chance: random.Random, deep: int) -> tuple[str, float]:
    """Without brackets: Python binds + - * / as spreadsheets do."""
    parts = [_leaf(chance) for _ in range(chance.randrange(2, 6))]
    signs = [chance.choice("+-*/") for _ in parts[1:]]
    text = parts[0][0] + "".join(sign + part[0] for sign, part in zip(signs, parts[1:], strict=True))
    terms = repr(parts[0][1]) + "".join(sign + repr(part[1]) for sign, part in zip(signs, parts[1:], strict=True))
    del deep
    return text, _worked(terms)


def _worked(terms: str) -> float:
    """Products first, then sums, from left to right."""
    total, product, sign, pending = 0.0, 1.0, 1, "*"
    number = ""
    for ch in [*terms, "+"]:
        if ch not in "+-*/" or (ch in "+-" and (not number or number.endswith("e"))):
            number += ch
            continue
        product = product * float(number) if pending == "*" else product / float(number)
        number = ""
        if ch in "+-":
            total, product, sign, pending = total + sign * product, 1.0, 1 if ch == "+" else -1, "*"
        else:
            pending = ch
    return total


def _negative(chance: random.Random, deep: int) -> tuple[str, float]:
    text, found = random_formula(chance, deep)
    return f"-({text})", -found


def _share(chance: random.Random, deep: int) -> tuple[str, float]:
    text, found = random_formula(chance, deep)
    return f"({text})%", found / 100


def _power(chance: random.Random, deep: int) -> tuple[str, float]:
    text, found = _leaf(chance)
    del deep
    return f"({text})^2", found**2


def _function(chance: random.Random, deep: int) -> tuple[str, float]:
    text, found = random_formula(chance, deep)
    first, last = sorted((chance.randrange(1, 11), chance.randrange(1, 11)))
    inside = NUMBERS[first - 1 : last]
    area = f"A{first}:A{last}"
    made: dict[str, Callable[[], float]] = {
        f"SUM({area},{text})": lambda: math.fsum([*inside, found]),
        f"AVERAGE({area})": lambda: math.fsum(inside) / len(inside),
        f"MIN({area},{text})": lambda: min([*inside, found]),
        f"MAX({area},{text})": lambda: max([*inside, found]),
        f"COUNT({area},{text})": lambda: len(inside) + 1,
        f"ABS({text})": lambda: abs(found),
        f"IF({text}>50,1,({text})*2)": lambda: 1 if found > 50 else found * 2,
        f"SUMPRODUCT({area},{area})": lambda: math.fsum(each * each for each in inside),
        f'COUNTIF({area},">5")': lambda: sum(each > 5 for each in inside),
        f'SUMIF({area},">5")': lambda: math.fsum(each for each in inside if each > 5),
        f"IFERROR(1/0,{text})": lambda: found,
    }
    chosen = chance.choice(list(made))
    return chosen, made[chosen]()


_WAYS: list[Callable[[random.Random, int], tuple[str, float]]] = [
    _joined, _joined, _flat, _flat, _negative, _share, _power, _function, _function,
]  # fmt: skip


def rounded(chance: random.Random) -> str:
    """A formula that rounds, for which floats are no judge: only a spreadsheet program is."""
    text, _ = random_formula(chance, 1)
    name = chance.choice(("ROUND", "ROUNDUP", "ROUNDDOWN", "INT"))
    return f"{name}({text})" if name == "INT" else f"{name}({text},{chance.randrange(-1, 4)})"


def raws(cells: dict[At, Cell]) -> dict[At, Any]:
    return {at: cell.raw for at, cell in cells.items()}


# --- over cells of every kind, as counties fill them in ---

MIXED: list[Any] = [
    3, 0.1, None, "5", "文字", True, False, None, -2.5, dt.date(2020, 6, 5), 1e6, 0, " 7 ", "12%", "2020-01-01", "１２",
    1e-9, "TRUE", 99.5, 0.285, 1.005, 84.995, 2.5, -0.5, "1,200", "-3", "1e3",
]  # fmt: skip
_CRITERIA = ("3", '">1"', '"文字"', "A5", '"<=0"')


def mixed_formula(chance: random.Random, deep: int = 3) -> str:
    """A formula over MIXED in column A and numbers in column B, of which only a spreadsheet program knows the value."""
    if not deep:
        cells = (f"A{chance.randrange(1, 30)}", f"B{chance.randrange(1, 28)}")
        return chance.choice((*cells, str(round(chance.uniform(-5, 5), 2)), str(chance.randrange(-3, 9))))
    first, second, third = (mixed_formula(chance, chance.randrange(deep)) for _ in range(3))
    top, bottom = sorted((chance.randrange(1, 28), chance.randrange(1, 28)))
    area, beside = f"A{top}:A{bottom}", f"B{top}:B{bottom}"
    summing = chance.choice(("SUM", "AVERAGE", "COUNT", "COUNTA", "MIN", "MAX", "PRODUCT", "AND", "OR"))
    return chance.choice((
        f"{first}{chance.choice('+-*/^&')}{second}",
        f"({first}){chance.choice(('=', '<>', '<', '>', '<=', '>='))}({second})",
        f"{summing}({area},{first})",
        f"{summing}({area})",
        f"{chance.choice(('ROUND', 'ROUNDUP', 'ROUNDDOWN'))}({first},{chance.randrange(-2, 5)})",
        f"{chance.choice(('INT', 'ABS', 'NOT', 'VALUE', 'TRUNC'))}({first})",
        f"IF({first},{second},{third})",
        f"IFERROR({first},{second})",
        f"SUMPRODUCT({area},{beside})",
        f"SUMIF({area},{chance.choice(_CRITERIA)},B1:B27)",
        f"COUNTIF({area},{chance.choice(_CRITERIA)})",
        f"-({first})%",
    ))  # fmt: skip
