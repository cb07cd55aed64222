"""The zip container of an .xlsx: its directory, held against the bytes, and its parts, inflated within bounds.

`zipfile` trusts the directory at the end of the file and reads what it points at. Here the directory must agree with
the headers before the parts, no two parts may share bytes or a name, and no part may be larger than it says: what this
reads, every other reader reads alike.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

MOST_MEMBERS = 2000  # our largest template has 16; a workbook of photographs has a few hundred
MOST_PART = 48 * 2**20  # of one part, unpacked: 500,000 cells take about 30 MB
MOST_BYTES = 128 * 2**20  # of all parts, unpacked
MOST_TRAILING = 2**16  # mail gateways append a few bytes; `zipfile` finds the end within the last 64 KB
CHUNK = 2**20
_FLAT, _FLAT_FROM = 200, 4 * 2**20  # a part that shrinks 200-fold and is over 4 MB is made of nothing
_PICTURE_FROM = 16 * 2**20  # drawings (.emf, .bmp) of white paper shrink as much
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8 = 0x1, 0x800
_FULL = 0xFFFFFFFF  # "look into the Zip64 extra field"
_SAVE = "在 Excel 或 WPS 里打开，另存为 .xlsx 再报；打不开就请原单位重新传送"


class Refusal(Exception):
    """Why a file is refused: the problem's code, what was found (in Chinese, without the file's name), what to do."""

    def __init__(self, code: str, what: str, do: str = _SAVE) -> None:
        super().__init__(what)
        self.code, self.what, self.do = code, what, do


class Member(NamedTuple):
    """One part: its name as written, how it is packed, where its bytes lie, their length packed and unpacked."""

    name: str
    method: int
    start: int
    packed: int
    size: int
    crc: int


def normal(name: str) -> str:
    """The name under which a part is looked up: some writers use `\\` or other capitals than they refer to."""
    return name.replace("\\", "/").lower()


class Package:
    """A zip package. Raises Refusal where its directory cannot be relied upon.

    parts  normalised name → member, directories left out
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        start, count = _end(data)
        if count > MOST_MEMBERS:
            shrink = "删去无关的图片和表后另存一份再报"
            raise Refusal("W111", f"里面有 {count} 个部件，最多读 {MOST_MEMBERS} 个", shrink)
        self.parts: dict[str, Member] = {}
        taken = []
        for member, offset in _directory(data, start, count):
            taken.append((offset, member.start + member.packed, member.name))
            key = normal(member.name)
            if key in self.parts:
                raise Refusal("W102", f"压缩包里有两个同名部件（{member.name}），分不清用哪一个")
            if not key.endswith("/"):
                self.parts[key] = member
        taken.sort()
        for (_, ends, one), (begins, _, other) in pairwise(taken):
            if begins < ends:
                raise Refusal("W102", f"压缩包里 {one} 与 {other} 的内容互相重叠")
        self._weigh()

    def read(self, name: str) -> bytes:
        """A part, unpacked. KeyError if there is none; Refusal if it is not what the directory says."""
        return b"".join(self.chunks(self.parts[normal(name)]))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The unpacked bytes in pieces of at most CHUNK; never more than the directory says."""
        crc, total = 0, 0
        for piece in self._unpacked(member):
            crc, total = zlib.crc32(piece, crc), total + len(piece)
            if total > member.size:
                raise Refusal("W111", f"部件 {member.name} 展开后比它自己声明的大")
            yield piece
        if total != member.size or crc != member.crc:
            raise Refusal("W102", f"部件 {member.name} 的内容与校验码不符，传送中损坏了")

    def _unpacked(self, member: Member) -> Iterator[bytes]:
        ends = member.start + member.packed
        if member.method == _STORED:
            for at in range(member.start, ends, CHUNK):
                yield self.data[at : min(at + CHUNK, ends)]
            return
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        for at in range(member.start, ends, 2**16):
            packed = self.data[at : min(at + 2**16, ends)]
            while True:
                try:
                    piece = inflate.decompress(packed, CHUNK)
                except zlib.error as error:
                    raise Refusal("W102", f"部件 {member.name} 解不开，传送中损坏了") from error
                if piece:
                    yield piece
                packed = inflate.unconsumed_tail
                if not packed and len(piece) < CHUNK:
                    break
        if not inflate.eof:
            raise Refusal("W102", f"部件 {member.name} 不完整，传送中损坏了")

    def _weigh(self) -> None:
        """Sizes as declared, before anything is unpacked; `chunks` then holds every part to its own declaration."""
        shrink = "删去无关的表、图片和整列的格式后另存一份再报"
        for member in self.parts.values():
            if member.size > MOST_PART:
                size = f"{member.size / 2**20:.0f} MB，最多读 {MOST_PART // 2**20} MB"
                raise Refusal("W111", f"部件 {member.name} 展开后有 {size}", shrink)
            least = _PICTURE_FROM if "/media/" in normal(member.name) else _FLAT_FROM
            if member.size > least and member.size > _FLAT * member.packed:
                what = f"部件 {member.name} 从 {member.packed} 字节展开成 {member.size} 字节，几乎全是重复的内容"
                raise Refusal("W111", what, shrink)
        total = sum(member.size for member in self.parts.values())
        if total > MOST_BYTES:
            raise Refusal("W111", f"展开后共有 {total // 2**20} MB，最多读 {MOST_BYTES // 2**20} MB", shrink)


def _end(data: bytes) -> tuple[int, int]:
    """Where the directory starts and how many entries it has."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - 2 * MOST_TRAILING))
    if at < 0 or at + 22 > len(data):
        raise Refusal("W102", "压缩包没有结尾，多半没有传完", "请原单位重新传送")
    disk, first, here, count, size, start, comment = struct.unpack_from("<4H2LH", data, at + 4)
    if at + 22 + comment > len(data) or len(data) - at - 22 > MOST_TRAILING:
        raise Refusal("W102", "压缩包结尾后面还有别的内容，或者结尾不完整")
    if at >= 76 and data.startswith(b"PK\6\7", at - 20):
        at -= 76
        if not data.startswith(b"PK\6\6", at):
            raise Refusal("W102", "压缩包的目录（Zip64）不完整")
        disk, first, here, count, size, start = struct.unpack_from("<2L4Q", data, at + 16)
    if disk or first or here != count:
        raise Refusal("W102", "是分卷压缩包的一卷", "把各卷合并解压后，报里面的工作簿")
    if start + size != at:
        raise Refusal("W102", "压缩包的目录与文件长度不符：前面或中间夹着别的内容，或者缺了一段")
    return start, count


def _directory(data: bytes, start: int, count: int) -> Iterator[tuple[Member, int]]:
    """Each member with the offset of its own header."""
    at = start
    for _ in range(count):
        if not data.startswith(b"PK\1\2", at) or at + 46 > len(data):
            raise Refusal("W102", f"压缩包的目录不完整：声明 {count} 个部件，实际没有这么多")
        flags, method, _, _, crc, packed, size, named, extra, comment, disk, _, _, offset = struct.unpack_from(
            "<4H3L5H2L", data, at + 8
        )
        raw = data[at + 46 : at + 46 + named]
        if _FULL in (packed, size, offset):
            size, packed, offset = _zip64(data[at + 46 + named : at + 46 + named + extra], size, packed, offset)
        name = _name(raw, flags)
        if disk:
            raise Refusal("W102", "是分卷压缩包的一卷", "把各卷合并解压后，报里面的工作簿")
        if flags & _ENCRYPTED:
            raise Refusal("W101", f"里面的部件 {name} 设了压缩密码", "去掉密码，保存后再报")
        if method not in (_STORED, _DEFLATED) or (method == _STORED and packed != size):
            raise Refusal("W102", f"部件 {name} 的压缩方法（{method}）不是办公软件用的")
        first = _content(data, start, offset, raw, (flags, method, packed, size))
        yield Member(name, method, first, packed, size, crc), offset
        at += 46 + named + extra + comment


def _content(data: bytes, limit: int, offset: int, raw: bytes, said: tuple[int, int, int, int]) -> int:
    """Where the packed bytes start; the header before them must say what the directory says."""
    flags, method, packed, size = said
    ends = offset + 30 + len(raw)
    if ends > limit or not data.startswith(b"PK\3\4", offset) or not data.startswith(raw, offset + 30):
        raise Refusal("W102", "压缩包的目录指到了没有这个部件的地方")
    own_flags, own_method, _, _, _, own_packed, own_size, named, extra = struct.unpack_from("<4H3L2H", data, offset + 6)
    same = (own_flags & _ENCRYPTED, own_method, named) == (flags & _ENCRYPTED, method, len(raw))
    if not same or own_packed not in (packed, 0, _FULL) or own_size not in (size, 0, _FULL):
        raise Refusal("W102", "压缩包的目录与部件前的说明不一致，分不清哪个是真的")
    if ends + extra + packed > limit:
        raise Refusal("W102", "压缩包里有部件不完整")
    return ends + extra


def _name(raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError as error:
        raise Refusal("W102", "压缩包里有部件名不成文字") from error
    path = normal(name)
    if not path or "\0" in path or path.startswith("/") or ":" in path or ".." in path.split("/"):
        raise Refusal("W102", f"压缩包里有指向外面的部件名（“{name[:80]}”）", "把内容填进下发的模板再报")
    return name


def _zip64(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{length // 8}Q", extra[at + 4 : at + 4 + length].ljust(length, b"\0")))
            try:
                size, packed, offset = (next(numbers) if n == _FULL else n for n in (size, packed, offset))
            except RuntimeError as error:  # StopIteration inside a generator
                raise Refusal("W102", "压缩包的目录（Zip64）不完整") from error
            return size, packed, offset
        at += 4 + length
    raise Refusal("W102", "压缩包的目录（Zip64）不完整")
