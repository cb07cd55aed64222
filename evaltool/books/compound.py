"""The OLE2 container in which .xls, WPS .et and encrypted workbooks come: its directory and one stream out of it.

Every chain of sectors is followed once only and every number is held against the length of the file, so that a crafted
container costs no more than its own size. (xlrd's own reader walks a directory tree whose entries point at one another
without end, and chains of short sectors likewise.)
"""

from __future__ import annotations

import struct
from typing import NamedTuple

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA  # sector numbers from here on end a chain or mark a free sector
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_NONE = 0xFFFFFFFF


class CompoundError(Exception):
    """A container that contradicts itself."""


class Entry(NamedTuple):
    """One entry of the directory: its name, kind (1 storage, 2 stream, 5 root), neighbours, first sector and size."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class Container:
    """An OLE2 container. Raises CompoundError where it cannot be followed."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE) or len(data) < 512:
            raise CompoundError("the header is missing or cut off")
        self.data = data
        shift, short = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or short != 6:
            raise CompoundError(f"sectors of 2^{shift} and 2^{short} bytes")
        self.sector = 1 << shift
        self.sectors = -(-(len(data) - 512) // self.sector)
        (fat, directory, _, self.cutoff, short_fat, short_count, more, more_count) = struct.unpack_from("<8I", data, 44)
        self.fat = self._table(self._fat_sectors(fat, more, more_count))
        self.entries = self._directory(directory)
        self.short_fat: list[int] = []
        self.short = b""
        root = self.entries[0]
        if short_count and root.size:
            self.short_fat = self._table(self._chain(short_fat, self.fat))
            self.short = b"".join(map(self._read, self._chain(root.start, self.fat)))

    def top(self) -> dict[str, list[Entry]]:
        """The streams and storages directly in the container, by their names in small letters."""
        seen: set[int] = set()
        ahead = [self.entries[0].child]
        found: dict[str, list[Entry]] = {}
        while ahead:
            number = ahead.pop()
            if number >= len(self.entries) or number in seen:
                continue
            seen.add(number)
            entry = self.entries[number]
            ahead += [entry.left, entry.right]
            if entry.kind in (_STORAGE, _STREAM):
                found.setdefault(entry.name.lower(), []).append(entry)
        return found

    def stream(self, entry: Entry) -> bytes:
        """The bytes of a stream, exactly as many as the directory says."""
        if entry.size > len(self.data):
            raise CompoundError(f"{entry.name} says {entry.size} bytes, the file has {len(self.data)}")
        if entry.size < self.cutoff:
            chain = self._chain(entry.start, self.short_fat)
            data = b"".join(self.short[64 * number : 64 * number + 64] for number in chain)
        else:
            data = b"".join(map(self._read, self._chain(entry.start, self.fat)))
        if len(data) < entry.size:
            raise CompoundError(f"{entry.name} is cut off after {len(data)} of {entry.size} bytes")
        return data[: entry.size]

    def _read(self, number: int) -> bytes:
        start = (number + 1) * self.sector  # the header takes the place of one sector
        return self.data[start : start + self.sector]

    def _chain(self, number: int, table: list[int]) -> list[int]:
        found: list[int] = []
        seen: set[int] = set()
        while number < _LAST:
            if number in seen or number >= len(table):
                raise CompoundError(f"the chain of sectors breaks at {number}")
            seen.add(number)
            found.append(number)
            number = table[number]
        return found

    def _table(self, sectors: list[int]) -> list[int]:
        data = b"".join(map(self._read, sectors))
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _fat_sectors(self, count: int, more: int, more_count: int) -> list[int]:
        listed = list(struct.unpack_from("<109I", self.data, 76))
        seen: set[int] = set()
        while more_count and more < _LAST:
            if more in seen or more >= self.sectors:
                raise CompoundError(f"the list of table sectors breaks at {more}")
            seen.add(more)
            *part, more = self._table([more]) or [_NONE]
            listed += part
        found = [number for number in listed if number < _LAST]
        if len(found) > self.sectors or len(set(found)) != len(found) or any(n >= self.sectors for n in found):
            raise CompoundError(f"{len(found)} table sectors ({count} announced) in a file of {self.sectors}")
        return found

    def _directory(self, start: int) -> list[Entry]:
        data = b"".join(map(self._read, self._chain(start, self.fat)))
        entries = []
        for at in range(0, len(data) - 127, 128):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            left, right, child = struct.unpack_from("<3I", data, at + 68)
            first, size = struct.unpack_from("<2I", data, at + 116)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            entries.append(Entry(name, kind, left, right, child, first, size))
        if not entries or entries[0].kind != _ROOT:
            raise CompoundError("the directory has no root")
        return entries
