"""Marked copies of all workbooks of a round, made in bounded processes and only where something has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from evaltool.books.bounded import each
from evaltool.files import write_text
from evaltool.intake.marked import mark
from evaltool.problems import Problem
from evaltool.scheme import Scheme

MADE = "marked.json"
FORMAT = 2  # of marked copies; raised when the same problems would be marked in another way


def mark_all(
    folder: Path, scheme: Scheme, files: Mapping[str, tuple[Path, str]], problems: Iterable[Problem]
) -> dict[str, str]:
    """Writes folder/marked and returns name of the workbook → name of its marked copy; what cannot be opened has none.

    files  name → where it is kept, and its hash
    """
    mine: dict[str, list[Problem]] = {name: [] for name in files}
    for problem in problems:
        if problem.place.workbook in mine:
            mine[problem.place.workbook].append(problem)
    before = _made_before(folder)
    keys = {name: _key(sha256, mine[name]) for name, (_, sha256) in files.items()}
    after = {
        name: before[name]
        for name in files
        if before.get(name, {}).get("key") == keys[name] and _stands(folder, before[name]["copy"])
    }
    todo = [name for name in files if name not in after]
    jobs = [(files[name][0], mine[name], folder / "marked" / name) for name in todo]
    for name, copy in zip(todo, each(_mark_one, scheme, jobs), strict=True):
        done = isinstance(copy, str)  # one that took too much is tried again next time
        after[name] = {"key": keys[name] if done else "", "copy": copy if done else ""}
    kept = {one["copy"] for one in after.values()}
    for old in (folder / "marked").glob("*"):  # of files that do not count any more
        if old.name not in kept:
            old.unlink()
    rows = {name: after[name] for name in sorted(after)}
    write_text(folder / MADE, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return {name: one["copy"] for name, one in after.items() if one["copy"]}


def _mark_one(scheme: Scheme, source: Path, problems: list[Problem], target: Path) -> str:
    """The name of the marked copy, or nothing. Runs in a process of its own: the workbook is opened once more."""
    made = mark(source, problems, target, scheme)
    return "" if made is None else made.name


def _made_before(folder: Path) -> dict[str, dict[str, str]]:
    try:
        said = json.loads((folder / MADE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # every copy is made anew
    good = isinstance(said, dict) and all(
        isinstance(one, dict) and {"key", "copy"} <= one.keys() for one in said.values()
    )
    return said if good else {}


def _stands(folder: Path, copy: str) -> bool:
    return not copy or (folder / "marked" / copy).is_file()


def _key(sha256: str, problems: list[Problem]) -> str:
    said = [(p.code, p.what, p.why, p.do, p.clause, p.place.sheet, p.place.cell) for p in problems]
    return hashlib.sha256(json.dumps([FORMAT, sha256, said], ensure_ascii=False).encode()).hexdigest()
