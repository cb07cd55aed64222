"""The workbooks of a round as they came: kept under their hash, never overwritten, with a list of what came when."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from evaltool.archive.record import RoundError
from evaltool.files import write_bytes, write_text

LIST = "received.json"
SKIPPED = ("~$", ".~", ".")
BOOKS = (".xlsx", ".xlsm", ".xls", ".et")


@dataclass(frozen=True, slots=True)
class Received:
    """One file: its name in the round, its hash, and the deliveries (1, 2, …) it came in.

    came_as  the name it came under; another one had that name already where the two differ
    """

    name: str
    sha256: str
    deliveries: tuple[int, ...]
    came_as: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / self.sha256[:16] / self.name


def received(folder: Path) -> list[Received]:
    """What has come so far, in the order in which it came. Raises RoundError where the list cannot be read."""
    file = folder / LIST
    if not file.is_file():
        return []
    try:
        return [
            Received(item["name"], item["sha256"], tuple(item["deliveries"]), item.get("came_as", item["name"]), folder)
            for item in json.loads(file.read_text("utf-8"))
        ]
    except (ValueError, TypeError, KeyError):
        raise RoundError(f"{file} 读不出；从备份恢复它，或新建一轮重新收表") from None


def take(folder: Path, files: Iterable[Path]) -> int:
    """Keep `files` (folders are looked into) as one delivery, and return how many were new.

    Bytes that came before under the same name are not kept twice, only noted. Other bytes under a name that is taken
    get a name of their own: 甲县（2）.xlsx.
    """
    known = {(item.sha256, item.came_as): item for item in received(folder)}
    names = {item.name.casefold() for item in known.values()}
    delivery = max((item.deliveries[-1] for item in known.values()), default=0) + 1
    before = len(known)
    for file in _spread(files):
        data = file.read_bytes()
        key = digest, came_as = hashlib.sha256(data).hexdigest(), _safe(file.name)
        item = known.get(key) or Received(_free(came_as, names), digest, (), came_as, folder)
        if item.deliveries[-1:] != (delivery,):
            known[key] = replace(item, deliveries=(*item.deliveries, delivery))
        names.add(item.name.casefold())
        if not item.path.exists():
            write_bytes(item.path, data)
    rows = [
        {"name": item.name, "sha256": item.sha256, "deliveries": item.deliveries}
        | ({"came_as": item.came_as} if item.came_as != item.name else {})
        for item in known.values()
    ]
    write_text(folder / LIST, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return len(known) - before


def _spread(files: Iterable[Path]) -> Iterator[Path]:
    """Every file named; of every folder named the files but for rosters, notes and lock files, and the workbooks that
    lie deeper in it (a folder a county)."""
    for path in files:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(path.rglob("*")):
            parts = file.relative_to(path).parts
            if not file.is_file() or any(part.startswith(SKIPPED) for part in parts):
                continue
            wanted = file.name != "roster.csv" and file.suffix.lower() != ".md"
            if wanted if len(parts) == 1 else file.suffix.lower() in BOOKS:
                yield file


def _free(name: str, taken: set[str]) -> str:
    """`name`, or `name（2）` and so on where it is taken."""
    stem, suffix = Path(name).stem, Path(name).suffix
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem}（{number}）{suffix}"
    return free


def _safe(name: str) -> str:
    return re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", name).strip(". ") or "_"
