"""The files below a folder, one by one, hashed as a stream. No link is followed, nothing that could block is opened."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaltool.books.looking import FLAGS, shown_name, unusual

_CHUNK = 1 << 20
_DEEPEST = 30
_SYSTEM = {"thumbs.db", "desktop.ini", ".ds_store", "__macosx"}
_SHORTCUTS = (".lnk", ".url", ".desktop", ".webloc")


@dataclass(frozen=True, slots=True)
class Found:
    """One file (or what lies there instead of one).

    parts    its path below the folder, name by name, so that it can be written down
    refused  why it is no evidence; empty where it was read to its end
    """

    parts: tuple[str, ...]
    size: int
    sha256: str = ""
    refused: str = ""


def files_below(folder: Path) -> Iterator[Found]:
    """Everything below `folder` that is no folder, in the order of the names. Raises NotADirectoryError.

    Only one folder's names are held at a time, and a megabyte of one file.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"没有这个文件夹：{folder}")
    yield from _below(folder, ())


def _below(folder: Path, above: tuple[str, ...]) -> Iterator[Found]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield Found((*above, "（打不开的文件夹）"), 0, refused=f"文件夹打不开（{type(error).__name__}）")
        return
    for entry in entries:
        parts = (*above, shown_name(Path(entry.name)))
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name.lower() not in _SYSTEM:
            if len(parts) > _DEEPEST:
                yield Found(parts, 0, refused=f"文件夹套了 {_DEEPEST} 层以上，没有再往里看")
            else:
                yield from _below(Path(entry.path), parts)
        else:
            yield _one(Path(entry.path), parts)


def _one(path: Path, parts: tuple[str, ...]) -> Found:
    name = parts[-1].lower()
    try:
        before = path.lstat()
        if name in _SYSTEM or name.startswith((".", "~$")):
            return Found(parts, before.st_size, refused="系统或临时文件，不是材料")
        if (what := unusual(before.st_mode)) is not None:
            return Found(parts, 0, refused=what)
        if name.endswith(_SHORTCUTS):
            return Found(parts, before.st_size, refused="是快捷方式，不是材料本身")
        if before.st_size == 0:
            return Found(parts, 0, refused="是空文件")
        return _hashed(path, parts)
    except (OSError, ValueError) as error:
        return Found(parts, 0, refused=f"读不出（{type(error).__name__}）")


def _hashed(path: Path, parts: tuple[str, ...]) -> Found:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, FLAGS), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            return Found(parts, 0, refused="在读的时候被换成了别的东西")
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Found(parts, size, digest.hexdigest())
