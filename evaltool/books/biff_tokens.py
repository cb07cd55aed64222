"""The formula of a .xls cell, stored as tokens in reverse order, as the text that was typed.

xlrd can do it too, but leaves brackets out (`A1-(B1-C1)` comes back as `A1-B1-C1`).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

from xlrd.biffh import error_text_from_code
from xlrd.formula import func_defs  # type: ignore[attr-defined]

from evaltool.books.biff_strings import Reading
from evaltool.books.book import At, address

# how tightly a piece holds together; what holds less is put in brackets
_LEAF, _SIGN, _SHARE, _POWER, _TIMES, _PLUS, _JOIN, _COMPARE = 9, 7, 6, 5, 4, 3, 2, 1
_BINARY = {
    0x03: ("+", _PLUS), 0x04: ("-", _PLUS), 0x05: ("*", _TIMES), 0x06: ("/", _TIMES), 0x07: ("^", _POWER),
    0x08: ("&", _JOIN), 0x09: ("<", _COMPARE), 0x0A: ("<=", _COMPARE), 0x0B: ("=", _COMPARE), 0x0C: (">=", _COMPARE),
    0x0D: (">", _COMPARE), 0x0E: ("<>", _COMPARE),
}  # fmt: skip
_USER_FUNCTION = 255
_MOST_BYTES = 2048  # Excel stops at 1,800


class Undecoded(ValueError):
    """A formula with a token that is not known here."""


class Target(NamedTuple):
    """What a number of EXTERNSHEET stands for.

    sheet  what stands in front of the `!`, None where it is no sheet (add-ins, deleted sheets)
    names  the names that are kept there
    """

    sheet: str | None
    names: Sequence[str]


class Names(NamedTuple):
    """What the tokens of a workbook point at by number: places, and its defined names."""

    targets: Sequence[Target]
    names: Sequence[str]


class _Piece(NamedTuple):
    text: str
    holds: int = _LEAF

    def inside(self, least: int) -> str:
        return self.text if self.holds >= least else f"({self.text})"


def decode(tokens: bytes, at: At, names: Names, *, shared: bool = False) -> str:
    """The text after the `=`. `shared`: addresses count from the cell `at`. Raises Undecoded."""
    if len(tokens) > _MOST_BYTES:
        raise Undecoded("more than a formula may have")
    stack: list[_Piece] = []
    place = 0
    try:
        while place < len(tokens):
            place += _token(tokens, place, stack, at, names, shared)
    except (IndexError, KeyError, struct.error, ValueError) as error:
        raise Undecoded(str(error)) from error
    if len(stack) != 1:
        raise Undecoded(f"{len(stack)} pieces are left")
    return stack[0].text


def _token(data: bytes, at: int, stack: list[_Piece], cell: At, names: Names, shared: bool) -> int:
    """Puts one token on the stack; returns how many bytes it took."""
    code = data[at] if data[at] < 0x20 else data[at] & 0x1F | 0x20
    if code in _BINARY:
        right, left = stack.pop(), stack.pop()
        sign, holds = _BINARY[code]
        stack.append(_Piece(f"{left.inside(holds)}{sign}{right.inside(holds + 1)}", holds))
        return 1
    if code in _PLAIN:
        return _PLAIN[code](data, at, stack)
    if code == 0x22:  # a function with as many arguments as it says
        count, number = struct.unpack_from("<BH", data, at + 1)
        _call(stack, count & 0x7F, number & 0x7FFF)
        return 4
    if code == 0x23:
        stack.append(_Piece(names.names[struct.unpack_from("<H", data, at + 1)[0] - 1]))
        return 5
    if code == 0x39:
        target, number = struct.unpack_from("<HH", data, at + 1)
        stack.append(_Piece(names.targets[target].names[number - 1]))
        return 7
    if code in (0x24, 0x2C):
        stack.append(_Piece(_reference(data, at + 1, cell, relative=shared or code == 0x2C)))
        return 5
    if code in (0x25, 0x2D):
        stack.append(_Piece(_area(data, at + 1, cell, relative=shared or code == 0x2D)))
        return 9
    if code in (0x3A, 0x3B):
        sheet_name = names.targets[struct.unpack_from("<H", data, at + 1)[0]].sheet
        if sheet_name is None:
            raise Undecoded("a reference without a sheet")
        part = _reference if code == 0x3A else _area
        stack.append(_Piece(f"{sheet_name}!{part(data, at + 3, cell, relative=shared)}"))
        return 7 if code == 0x3A else 11
    if code in (0x2A, 0x2B, 0x3C, 0x3D):
        stack.append(_Piece("#REF!"))
        return {0x2A: 5, 0x2B: 9, 0x3C: 7, 0x3D: 11}[code]
    raise Undecoded(f"token {data[at]:#04x}")


def _reference(data: bytes, at: int, cell: At, *, relative: bool) -> str:
    row, column = struct.unpack_from("<HH", data, at)
    return _address(row, column, cell, relative)


def _area(data: bytes, at: int, cell: At, *, relative: bool) -> str:
    first, last, left, right = struct.unpack_from("<HHHH", data, at)
    if not relative and (first, last) == (0, 0xFFFF):
        return f"{_letters(left)}:{_letters(right)}"
    return f"{_address(first, left, cell, relative)}:{_address(last, right, cell, relative)}"


def _letters(column: int) -> str:
    return ("" if column & 0x4000 else "$") + address(1, (column & 0xFF) + 1).rstrip("1")


def _address(row: int, column: int, cell: At, relative: bool) -> str:
    row_moves, column_moves, column = bool(column & 0x8000), bool(column & 0x4000), column & 0xFF
    if relative:  # addresses run round at the edges of the sheet
        row = (row + cell[0] - 1) & 0xFFFF if row_moves else row
        column = (column + cell[1] - 1) & 0xFF if column_moves else column
    letters = address(1, column + 1)[:-1]
    return f"{'' if column_moves else '$'}{letters}{'' if row_moves else '$'}{row + 1}"


def _call(stack: list[_Piece], count: int, number: int) -> None:
    parts = [stack.pop() for _ in range(count)][::-1]
    if number == _USER_FUNCTION:
        name, parts = parts[0].text.removeprefix("_xlfn."), parts[1:]
    else:
        name = func_defs[number][0]
    if not re.fullmatch(r"[\w.]+", name):
        raise Undecoded(f"a function called {name}")
    stack.append(_Piece(f"{name}({','.join(part.text for part in parts)})"))


def _fixed_call(data: bytes, at: int, stack: list[_Piece]) -> int:
    number = struct.unpack_from("<H", data, at + 1)[0]
    _call(stack, func_defs[number][1], number)
    return 3


def _attribute(data: bytes, at: int, stack: list[_Piece]) -> int:
    kind, size = struct.unpack_from("<BH", data, at + 1)
    if kind & 0x10:
        stack.append(_Piece(f"SUM({stack.pop().text})"))
    return 2 * size + 6 if kind & 0x04 else 4  # the jump table of CHOOSE, else spaces and shortcuts


def _text(data: bytes, at: int, stack: list[_Piece]) -> int:
    reading = Reading([data], at + 1)
    quoted = reading.string(wide_count=False).text.replace('"', '""')
    stack.append(_Piece(f'"{quoted}"'))
    return reading.at - at


def _number(data: bytes, at: int, stack: list[_Piece]) -> int:
    value = struct.unpack_from("<d", data, at + 1)[0]
    stack.append(_Piece(str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)))
    return 9


def _sign(sign: str) -> Callable[[bytes, int, list[_Piece]], int]:
    def put(_data: bytes, _at: int, stack: list[_Piece]) -> int:
        stack.append(_Piece(f"{sign}{stack.pop().inside(_SHARE)}", _SIGN))
        return 1

    return put


def _share(_data: bytes, _at: int, stack: list[_Piece]) -> int:
    stack.append(_Piece(f"{stack.pop().inside(_SHARE)}%", _SHARE))
    return 1


def _brackets(_data: bytes, _at: int, stack: list[_Piece]) -> int:
    stack.append(_Piece(f"({stack.pop().text})"))
    return 1


def _leaf(size: int, text: Callable[[bytes], str]) -> Callable[[bytes, int, list[_Piece]], int]:
    def put(data: bytes, at: int, stack: list[_Piece]) -> int:
        if at + size > len(data):
            raise Undecoded("the tokens end too early")
        stack.append(_Piece(text(data[at + 1 : at + size])))
        return size

    return put


_PLAIN: dict[int, Callable[[bytes, int, list[_Piece]], int]] = {
    0x12: _sign("+"),
    0x13: _sign("-"),
    0x14: _share,
    0x15: _brackets,
    0x16: _leaf(1, lambda _: ""),
    0x17: _text,
    0x19: _attribute,
    0x1C: _leaf(2, lambda raw: str(error_text_from_code[raw[0]])),
    0x1D: _leaf(2, lambda raw: "TRUE" if raw[0] else "FALSE"),
    0x1E: _leaf(3, lambda raw: str(int.from_bytes(raw, "little"))),
    0x1F: _number,
    0x21: _fixed_call,
}


def sheet_prefix(first: str, last: str, file: str = "") -> str:
    """What stands in front of the `!` for one sheet or a run of sheets, here or in another file."""
    name = (f"[{file}]" if file else "") + (first if first == last else f"{first}:{last}")
    return "'" + name.replace("'", "''") + "'"
