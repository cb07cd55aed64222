"""The strings of a .xls: shared strings, labels and formula results, which run on over CONTINUE records."""

from __future__ import annotations

import struct
from typing import NamedTuple

from evaltool.books.book import Piece

_WIDE, _PHONETIC, _RICH = 0x01, 0x04, 0x08
_HEAD = struct.Struct("<HB")


class Rich(NamedTuple):
    """A text with the places (in UTF-16 units) from which on another font holds."""

    text: str
    runs: tuple[tuple[int, int], ...] = ()


class Line(NamedTuple):
    """How a font draws: struck out, raised or lowered."""

    struck: bool = False
    raised: bool = False


class StringError(ValueError):
    """A string that runs over the end of its records."""


class Reading:
    """Reads through one record and those that continue it, never past their end. Every step uses bytes up."""

    def __init__(self, parts: list[bytes], at: int = 0) -> None:
        self.parts, self.number, self.at = parts, 0, at

    def string(self, wide_count: bool = True) -> Rich:
        """A string with its count of characters (two bytes, or one), its flags, and what else comes with it."""
        part, at = self.parts[self.number], self.at
        if wide_count and at + 3 <= len(part):  # the usual one: plain and in one piece
            count, flags = _HEAD.unpack_from(part, at)
            end = at + 3 + count * (1 + (flags & _WIDE))
            if end <= len(part) and not flags & (_RICH | _PHONETIC):
                self.at = end
                return Rich(part[at + 3 : end].decode("utf-16-le" if flags & _WIDE else "latin-1", "replace"))
        return self._any(wide_count)

    def _any(self, wide_count: bool) -> Rich:
        count = struct.unpack("<H", self._take(2))[0] if wide_count else self._take(1)[0]
        if not count and self._left() == 0 and self.number == len(self.parts) - 1:
            return Rich("")  # an empty string may come without flags
        flags = self._take(1)[0]
        runs = struct.unpack("<H", self._take(2))[0] if flags & _RICH else 0
        phonetic = struct.unpack("<I", self._take(4))[0] if flags & _PHONETIC else 0
        text = self._characters(count, flags)
        found = [struct.unpack("<HH", self._take(4)) for _ in range(runs)]
        if phonetic:
            self._take(phonetic)
        return Rich(text, tuple(found))

    def _characters(self, count: int, flags: int) -> str:
        texts: list[bytes] = []
        while True:
            size = 2 if flags & _WIDE else 1
            here = min(count, self._left() // size)
            raw = self._take(here * size)
            texts.append(raw if size == 2 else raw.decode("latin-1").encode("utf-16-le"))
            count -= here
            if not count:
                return b"".join(texts).decode("utf-16-le", "replace")
            self._go_on()
            flags = self._take(1)[0]  # each record says anew how wide its characters are

    def _left(self) -> int:
        return len(self.parts[self.number]) - self.at

    def _go_on(self) -> None:
        self.number, self.at = self.number + 1, 0
        if self.number >= len(self.parts):
            raise StringError("a string runs over the end of its records")

    def _take(self, length: int) -> bytes:
        found = []
        while length > self._left():
            length -= self._left()
            found.append(self.parts[self.number][self.at :])
            self._go_on()
        found.append(self.parts[self.number][self.at : self.at + length])
        self.at += length
        return b"".join(found)


def shared_strings(parts: list[bytes]) -> list[Rich]:
    """The table of shared strings from its SST record and those that continue it."""
    if len(parts[0]) < 8:
        return []
    count = struct.unpack_from("<I", parts[0], 4)[0]
    if count * 3 > sum(map(len, parts)):
        raise StringError(f"{count} strings in {sum(map(len, parts))} bytes")
    reading = Reading(parts, 8)
    return [reading.string() for _ in range(count)]


def pieces(text: str, runs: tuple[tuple[int, int], ...], own: Line, lines: list[Line]) -> tuple[Piece, ...]:
    """The runs of a text.

    own    how the cell's own font draws
    lines  the same of each font
    """
    raw = text.encode("utf-16-le", "replace")
    borders = [(0, own), *((at, lines[font] if font < len(lines) else Line()) for at, font in runs)]
    ends = [at for at, _ in borders[1:]] + [len(raw) // 2]
    found = [
        Piece(raw[2 * start : 2 * end].decode("utf-16-le", "ignore"), *line)
        for (start, line), end in zip(borders, ends, strict=True)
    ]
    return tuple(piece for piece in found if piece.text)


def struck(runs: tuple[Piece, ...], whole: bool) -> str:
    """What counts less in a text, as in `Cell.struck`; `whole`: whether the cell's own font strikes out."""
    shown = [run for run in runs if run.text.strip()]
    raised = [run.raised for run in shown]
    if any(raised) and not all(raised):
        return "raised"
    if all(run.struck for run in shown):
        return "all" if shown or whole else ""
    return "part" if any(run.struck for run in shown) else ""
