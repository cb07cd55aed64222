"""Outputs under their final names: made in a folder beside, made durable, renamed one by one."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from evaltool.batch.order import JOURNAL, STOPPED
from evaltool.batch.run import PARTIAL, REPORT

PART = ".part-"
# What a run makes and an earlier one may have left; whatever else lies in a folder is left alone.
MADE = (REPORT, "report.json", "report.html", "report.pdf", PARTIAL)


def part_folder(root: Path) -> Path:
    """An empty folder for one run, on the disk where its outputs will lie."""
    root.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=PART, dir=root))


def place(part: Path, final: Path, *, good: bool) -> dict[str, str]:
    """Moves the outputs of one run from `part` into `final` and returns name → sha256 of what lies there now.

    After a failure only the partial notebook is moved, and no older report stays that could be taken for the new one.
    Raises OSError; each name then holds the old bytes or the new ones.
    """
    final.mkdir(parents=True, exist_ok=True)
    names = sorted(_outputs(part)) if good else [PARTIAL] if (part / PARTIAL).is_file() else []
    placed = {}
    for name in names:
        placed[name] = _durable(part / name)
    for name in names:
        (final / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).replace(final / name)
    for name in MADE:
        if name not in placed:
            (final / name).unlink(missing_ok=True)
    _sync(final)
    return placed


def _outputs(part: Path) -> Iterator[str]:
    for path in part.rglob("*"):
        name = path.relative_to(part).as_posix()
        if path.is_file() and not path.is_symlink() and name not in (JOURNAL, STOPPED, PARTIAL):
            yield name


def _durable(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _sync(folder: Path) -> None:
    """The renames themselves; not every system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def are_whole(folder: Path, outputs: dict[str, str]) -> bool:
    """Whether every output lies there with the bytes that were placed."""
    try:
        return bool(outputs) and all(_sha256(folder / name) == mark for name, mark in outputs.items())
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
