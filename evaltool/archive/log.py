"""log.jsonl: what was done in a round and when; each line carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

FIRST = "0" * 64


def lines(path: Path) -> list[bytes]:
    """The lines of the log as bytes, without their ends; none where there is no log."""
    return path.read_bytes().removesuffix(b"\n").split(b"\n") if path.is_file() and path.stat().st_size else []


def append(path: Path, when: str, event: str, **details: Any) -> None:
    """Add a line. `when` is an ISO time given by the caller; nothing here looks at a clock."""
    so_far = lines(path)
    before = hashlib.sha256(so_far[-1]).hexdigest() if so_far else FIRST
    line = json.dumps({"when": when, "event": event, **details, "before": before}, ensure_ascii=False, sort_keys=True)
    torn = bool(so_far) and not path.read_bytes().endswith(b"\n")  # a crash left half a line: it stays, on its own
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n" * torn + line + "\n")
        file.flush()
        os.fsync(file.fileno())


def last(path: Path, event: str, **details: Any) -> dict[str, Any] | None:
    """The last line that tells of `event` with these details; None where there is none."""
    for line in reversed(lines(path)):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("event") == event and details.items() <= said.items():
            return said
    return None


def broken_lines(path: Path) -> list[int]:
    """Numbers (from 1) of the lines that do not carry the hash of the line before them."""
    broken, before = [], FIRST
    for number, line in enumerate(lines(path), 1):
        try:
            said = json.loads(line).get("before")
        except (ValueError, AttributeError):
            said = None
        if said != before:
            broken.append(number)
        before = hashlib.sha256(line).hexdigest()
    return broken
