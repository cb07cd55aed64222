"""What decides that two machines would make the same report: versions, and the files of this package."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("evaltool", "ipykernel", "ipython", "nbclient", "nbconvert", "nbformat", "pandas", "papermill", "plotly")
PROGRAM = "evaltool 的程序文件"
_SUFFIXES = (".py", ".j2", ".css", ".js", ".yaml", ".csv")


def versions() -> dict[str, str]:
    """Name → version here; `PROGRAM` → the beginning of the hash of this package's files, empty what is missing."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}, PROGRAM: program()[:12]}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def program() -> str:
    """The hash of this package: only the very same program makes the very same report."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in _SUFFIXES:
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def differing(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """What is not the same on another machine, in Chinese, one text each; empty if all is."""
    return [
        f"{name}：那边 {there.get(name) or '没有'}，这边 {mine or '没有'}"
        for name, mine in here.items()
        if there.get(name) != mine
    ]
