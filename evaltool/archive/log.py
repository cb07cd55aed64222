"""log.jsonl: what was done in a round and when; each line carries the hash of the one before, so a changed line shows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

FIRST = "0" * 64


def append(path: Path, when: str, event: str, **details: Any) -> None:
    """Add a line. `when` is an ISO time given by the caller; nothing here looks at a clock."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    before = hashlib.sha256(lines[-1].encode("utf-8")).hexdigest() if lines else FIRST
    line = json.dumps({"when": when, "event": event, **details, "before": before}, ensure_ascii=False, sort_keys=True)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line + "\n")


def broken_lines(path: Path) -> list[int]:
    """Numbers (from 1) of the lines that do not carry the hash of the line before them."""
    broken, before = [], FIRST
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            said = json.loads(line).get("before")
        except (ValueError, AttributeError):
            said = None
        if said != before:
            broken.append(number)
        before = hashlib.sha256(line.encode("utf-8")).hexdigest()
    return broken
