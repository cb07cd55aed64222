"""The files of a round as they came: kept under their hash, never overwritten, with a list of what came when."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from evaltool.archive.record import NAME, RoundError
from evaltool.books.looking import fetch
from evaltool.files import write_bytes, write_text
from evaltool.intake.privacy import masked

LIST = "received.json"
SKIPPED = ("~$", ".~", ".")
BOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".csv")


@dataclass(frozen=True, slots=True)
class Received:
    """One file: its name in the round, its hash, and the deliveries (1, 2, …) it came in.

    came_as  the name it came under; another one had that name already where the two differ
    refused  code, what, why and what to do about a thing that is no file of which bytes could be kept (a pipe, a link)
    """

    name: str
    sha256: str
    deliveries: tuple[int, ...]
    came_as: str
    folder: Path
    refused: tuple[str, ...] = ()

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
            Received(
                item["name"], item["sha256"], tuple(item["deliveries"]), item.get("came_as", item["name"]), folder,
                tuple(item.get("refused", ())),
            )
            for item in json.loads(file.read_text("utf-8"))
        ]  # fmt: skip
    except (ValueError, TypeError, KeyError):
        raise RoundError(f"{file} 读不出；从备份恢复它，或新建一轮重新收表") from None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one delivery brought: how many files were new, and which lie deeper in its folders and are no workbooks."""

    new: int
    passed_over: tuple[str, ...]


def take(folder: Path, files: Iterable[Path]) -> Delivery:
    """Keep `files` (folders are looked into) as one delivery.

    Bytes that came before under the same name are not kept twice, only noted. Other bytes under a name that is taken
    get a name of their own: 甲县（2）.xlsx.
    """
    known = {(item.sha256, item.came_as): item for item in received(folder)}
    names = {item.name.casefold() for item in known.values()}
    delivery = max((item.deliveries[-1] for item in known.values()), default=0) + 1
    before = len(known)
    wanted, passed_over = spread(files)
    for file in wanted:
        data, problem = fetch(file)
        refused = (problem.code, problem.what, problem.why, problem.do) if problem else ()
        key = digest, came_as = "" if problem else hashlib.sha256(data).hexdigest(), _safe(file.name)
        item = known.get(key) or Received(_free(came_as, names), digest, (), came_as, folder, refused)
        if item.deliveries[-1:] != (delivery,):
            known[key] = replace(item, deliveries=(*item.deliveries, delivery))
        names.add(item.name.casefold())
        if not problem and not item.path.exists():
            write_bytes(item.path, data)
    write_text(folder / LIST, json.dumps([_row(one) for one in known.values()], ensure_ascii=False, indent=1) + "\n")
    return Delivery(len(known) - before, tuple(passed_over))


def _row(item: Received) -> dict[str, object]:
    row: dict[str, object] = {"name": item.name, "sha256": item.sha256, "deliveries": item.deliveries}
    if item.came_as != item.name:
        row["came_as"] = item.came_as
    return row | ({"refused": item.refused} if item.refused else {})


def spread(files: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """Every file named; of every folder named the files but for rosters, notes and lock files, and the workbooks that
    lie deeper in it (a folder a county). What else lies deeper, evidence for the most part, is named."""
    found: list[Path] = []
    passed_over: list[str] = []
    for path in files:
        if path.is_symlink() or not path.is_dir():
            found.append(path)
            continue
        rounds = {mark.parent for mark in path.rglob(NAME)}  # what is written in a round has not come from a county
        passed_over += [f"{root.relative_to(path).as_posix()}/（一轮评价的文件夹）" for root in sorted(rounds)]
        for file in sorted(path.rglob("*")):
            parts = file.relative_to(path).parts
            if rounds.intersection(file.parents):
                continue
            if (file.is_dir() and not file.is_symlink()) or any(part.startswith(SKIPPED) for part in parts):
                continue
            if len(parts) > 1 and file.suffix.lower() not in BOOKS:
                passed_over.append("/".join(parts))
            elif file.name != "roster.csv" and file.suffix.lower() != ".md":
                found.append(file)
    return found, passed_over


def _free(name: str, taken: set[str]) -> str:
    """`name`, or `name（2）` and so on where it is taken."""
    stem, suffix = Path(name).stem, Path(name).suffix
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem}（{number}）{suffix}"
    return free


def _safe(name: str) -> str:
    """A name that stays in its folder, that any system can write, and that nobody's telephone number stands in."""
    name = name.encode("utf-8", "replace").decode("utf-8")
    return masked(re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", name).strip(". "))[0] or "_"
