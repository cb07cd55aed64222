"""Files as they arrive in a folder. The folder is looked at again and again: that works on network shares too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from evaltool.archive.received import spread

PAUSE = 2.0  # seconds between two looks
Look = dict[Path, tuple[int, int]]


def arrivals(folder: Path, pause: float = PAUSE, rest: Callable[[float], None] = time.sleep) -> Iterator[list[Path]]:
    """Batches of files that are new or have changed, each as soon as two looks in a row see it the same: a file that is
    still being copied is left alone. Never ends by itself."""
    taken: Look = {}
    before: Look = {}
    while True:
        now = _look(folder)
        ready = [file for file, stamp in now.items() if before.get(file) == stamp and taken.get(file) != stamp]
        taken |= {file: now[file] for file in ready}
        before = now
        if ready:
            yield ready
        else:
            rest(pause)


def _look(folder: Path) -> Look:
    seen: Look = {}
    for file in spread([folder])[0]:
        try:
            stat = file.lstat()
        except OSError:  # gone between the listing and the look
            continue
        seen[file] = (stat.st_size, stat.st_mtime_ns)
    return seen
