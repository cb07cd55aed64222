"""From a path to the bytes of a file and what they are, before any library opens it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from evaltool.books.gate import gate
from evaltool.problems import Place, Problem


class Sealed(NamedTuple):
    """A file that was looked at and not yet opened.

    data     its bytes, empty where it could not be read
    sha256   of its bytes
    kind     xlsx, xls or csv; empty where it is refused
    problem  why it is refused, or None
    """

    data: bytes
    sha256: str
    kind: str
    problem: Problem | None


def fetch(path: Path) -> tuple[bytes, Problem | None]:
    """The bytes of a regular file, or why they were not read. Never raises on a bad file."""
    try:
        return path.read_bytes(), None
    except OSError as error:
        what = f"{path.name} 读不出（{type(error).__name__}）"
        return b"", Problem("W102", what, "", "核对文件和权限后再报", Place(path.name))


def look(path: Path) -> Sealed:
    """What a file is, by its content and before any library opens it. Never raises on a bad file."""
    data, problem = fetch(path)
    if problem:
        return Sealed(b"", "", "", problem)
    digest = hashlib.sha256(data).hexdigest()
    refused = gate(data, path.name)
    return Sealed(data, digest, "" if refused else "xlsx", refused)
