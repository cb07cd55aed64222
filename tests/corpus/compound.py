"""An OLE2 container by bytes: what Excel wraps an encrypted workbook in, and what .xls, .doc and .msg are."""

from __future__ import annotations

import struct

SECTOR, FREE, END, FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
LEAST = 4096  # a stream below this size would belong into the mini stream; padding keeps it out


def compound(streams: dict[str, bytes]) -> bytes:
    """The container with these streams; every stream is padded to 4096 bytes, so that no mini stream is needed."""
    names = list(streams)
    data = [streams[name].ljust(LEAST, b"\0") for name in names]
    lengths = [-(-len(one) // SECTOR) for one in data]
    directory_sectors = -(-(len(names) + 1) // 4)
    body = sum(lengths) + directory_sectors
    fat_sectors = 1
    while fat_sectors * (SECTOR // 4) < body + fat_sectors:
        fat_sectors += 1
    fat = [FAT] * fat_sectors
    first_directory = len(fat)
    fat += chain(first_directory, directory_sectors)
    starts = []
    for length in lengths:
        starts.append(len(fat))
        fat += chain(len(fat), length)
    fat += [FREE] * (fat_sectors * (SECTOR // 4) - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, first_directory, 0, LEAST, END, 0, END, 0
    )
    header += struct.pack("<109I", *range(fat_sectors), *[FREE] * (109 - fat_sectors))
    entries = [entry("Root Entry", 5, 1 if names else FREE, END, 0)]
    for number, name in enumerate(names):
        following = number + 2 if number + 1 < len(names) else FREE
        entries.append(entry(name, 2, FREE, starts[number], len(data[number]), right=following))
    listing = b"".join(entries).ljust(directory_sectors * SECTOR, b"\0")
    body_bytes = b"".join(one.ljust(-(-len(one) // SECTOR) * SECTOR, b"\0") for one in data)
    return header + struct.pack(f"<{len(fat)}I", *fat) + listing + body_bytes


def chain(first: int, length: int) -> list[int]:
    return [*range(first + 1, first + length), END] if length else []


def entry(name: str, kind: int, child: int, start: int, size: int, right: int = FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    made = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, FREE, right, child)
    return made + bytes(36) + struct.pack("<IQ", start, size)
