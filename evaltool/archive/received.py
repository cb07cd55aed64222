"""The workbooks of a round as they came: kept under their hash, never overwritten, with a list of what came when."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evaltool.files import write_bytes, write_text

LIST = "received.json"
SKIPPED = ("~$", ".~", ".")


@dataclass(frozen=True, slots=True)
class Received:
    """One file: its name as it came, its hash, and the number of the delivery (1, 2, …) it first came in."""

    name: str
    sha256: str
    delivery: int
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / self.sha256[:16] / self.name


def received(folder: Path) -> list[Received]:
    """What has come so far, in the order in which it came."""
    file = folder / LIST
    if not file.is_file():
        return []
    return [
        Received(item["name"], item["sha256"], item["delivery"], folder) for item in json.loads(file.read_text("utf-8"))
    ]


def take(folder: Path, files: Iterable[Path]) -> list[Received]:
    """Keep `files` (folders are looked into) as one delivery; bytes that came before are not kept twice."""
    known = received(folder)
    seen = {(item.sha256, item.name) for item in known}
    delivery = max((item.delivery for item in known), default=0) + 1
    for file in _spread(files):
        data = file.read_bytes()
        item = Received(_safe(file.name), hashlib.sha256(data).hexdigest(), delivery, folder)
        if (item.sha256, item.name) in seen:
            continue
        seen.add((item.sha256, item.name))
        if not item.path.exists():
            write_bytes(item.path, data)
        known.append(item)
    rows = [{"name": item.name, "sha256": item.sha256, "delivery": item.delivery} for item in known]
    write_text(folder / LIST, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return known


def _spread(files: Iterable[Path]) -> list[Path]:
    """Every file named, and every file in a folder named, but for rosters, notes and lock files."""
    found: list[Path] = []
    for path in files:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith(SKIPPED))
            found += [file for file in inside if file.name != "roster.csv" and file.suffix.lower() != ".md"]
        else:
            found.append(path)
    return found


def _safe(name: str) -> str:
    return re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", name).strip(". ") or "_"
