"""From a path to the bytes of a file and what they are, before any library opens it."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from pathlib import Path
from typing import NamedTuple

from evaltool.books.gate import judge
from evaltool.problems import Place, Problem

MOST_FILE = 64 * 2**20  # a workbook full of photographs has some 20 MB; a filled template 0.1
_WHY = "文件没有打开，里面的数一个也没有采用"
_UNUSUAL = (
    (stat.S_ISLNK, "是链接，指向别处的文件"),
    (stat.S_ISDIR, "是文件夹"),
    (stat.S_ISFIFO, "是管道，读它会一直等下去"),
    (stat.S_ISSOCK, "是套接字"),
    (stat.S_ISBLK, "是磁盘设备"),
    (stat.S_ISCHR, "是设备"),
)
# of Unix; Windows has neither pipes nor devices among its files, and reads text unless told otherwise
FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)  # fmt: skip


class Sealed(NamedTuple):
    """A file that was looked at and not yet opened.

    data     its bytes, empty where it could not be read
    sha256   of its bytes, empty where they could not be read
    kind     xlsx, xls or csv; empty where it is refused
    problem  why it is refused, or None
    """

    data: bytes
    sha256: str
    kind: str
    problem: Problem | None


def look(path: Path) -> Sealed:
    """What a file is, by its content and before any library opens it. Never raises on a bad file."""
    data, problem = fetch(path)
    if problem is not None:
        return Sealed(b"", "", "", problem)
    kind, problem = judge(data, shown_name(path))
    return Sealed(data, hashlib.sha256(data).hexdigest(), kind, problem)


def fetch(path: Path) -> tuple[bytes, Problem | None]:
    """The bytes of a regular file, or why they were not read. Never blocks and never reads more than MOST_FILE."""
    name = shown_name(path)

    def refused(code: str, what: str, do: str) -> tuple[bytes, Problem]:
        return b"", Problem(code, f"{name} {what}", _WHY, do, Place(name))

    try:
        before = path.lstat()
        if (what := unusual(before.st_mode)) is not None:
            return refused("W122", what, "报送文件本身，放在收件的文件夹里")
        if before.st_size > MOST_FILE:
            what = f"有 {before.st_size / 2**20:.0f} MB，最多读 {MOST_FILE // 2**20} MB"
            return refused("W111", what, "删去无关的图片和表后另存一份再报；图片作为佐证材料另附")
        handle = os.open(path, FLAGS)
        with os.fdopen(handle, "rb") as opened:
            now = os.fstat(handle)
            if not stat.S_ISREG(now.st_mode):  # exchanged since it was looked at
                return refused("W122", "在读的时候被换成了别的东西", "放好之后再收一次")
            data = opened.read(MOST_FILE + 1)
            after = os.fstat(handle)
    except FileNotFoundError:
        return refused("W102", "在读的时候不见了", "放回收件的文件夹里，再收一次")
    except PermissionError:
        return refused("W102", "没有读取的权限，或者正被别的程序占用", "关闭正在使用它的程序、核对权限后再收一次")
    except (OSError, ValueError) as error:  # ValueError: a name with a zero character
        return refused("W102", f"读不出（{type(error).__name__}）", "核对文件和磁盘后再收一次")
    if len(data) != now.st_size or (now.st_size, now.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return refused("W102", "在读的时候还在变，多半没有传完", "等它传完，再收一次")
    return data, None


def shown_name(path: Path) -> str:
    """The name of a file so that it can be written down; one in the code page of Chinese Windows is read as that."""
    name = path.name
    if any("\ud800" <= character <= "\udfff" for character in name):
        name = os.fsencode(name).decode("gb18030", "replace")
    return "".join(each if each.isprintable() or unicodedata.category(each) == "Zs" else "\ufffd" for each in name)


def unusual(mode: int) -> str | None:
    """What a thing in a folder is that is no regular file."""
    if stat.S_ISREG(mode):
        return None
    return next((what for test, what in _UNUSUAL if test(mode)), "不是普通文件")
