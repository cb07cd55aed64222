"""The rows of the run ledger: what is kept of a task, what an end makes of its row, and when it is due again."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from evaltool.batch.task import DISK, OK, STATES, Outcome

PENDING, RUNNING, SET_ASIDE = "pending", "running", "set_aside"
FAILURES = tuple(state for state in STATES if state != OK)
WORDS = {PENDING: "还没做", RUNNING: "正在做", **STATES, SET_ASIDE: "放到一边"}
TRIES = 3  # failed tries with the same fingerprint after which a task is set aside
INTERRUPTIONS = 5  # runs in a row that died while this task was running
LONGEST = 2000  # characters of a reason that are kept
CHANGED = "资料、笔记本、程序或选项变了，还没有重做"
AGAIN = "资料或笔记本改过以后会自动再做；不改也要再试，运行时加 --again"

TASKS = """
    key TEXT PRIMARY KEY,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    last TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    cpu REAL NOT NULL DEFAULT 0,
    memory_mb REAL NOT NULL DEFAULT 0,
    cell INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    engine TEXT NOT NULL DEFAULT '',
    folder TEXT NOT NULL DEFAULT '',
    started REAL NOT NULL DEFAULT 0,
    ended REAL NOT NULL DEFAULT 0,
    outputs TEXT NOT NULL DEFAULT '{}',
    failures TEXT NOT NULL DEFAULT '[]'
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of a task.

    state          pending, running, ok, a failure (`task.STATES`) or set_aside
    last           how it last came to an end, whatever it was made from; empty if it never did
    attempts       how often it came to an end with this fingerprint, over all runs
    tries          how many of them failed since the last success
    interruptions  how many runs in a row died while it was running
    seconds, cpu, memory_mb (MiB), cell, reason, engine, folder   of the last end
    started, ended seconds since 1970, or 0
    outputs        name of each file, relative to the folder → sha256
    """

    key: str
    name: str
    state: str
    attempts: int
    seconds: float
    cpu: float
    memory_mb: float
    cell: int
    reason: str
    engine: str
    fingerprint: str
    started: float
    ended: float
    outputs: Mapping[str, str]
    last: str
    tries: int
    interruptions: int
    folder: str


NAMES = [item.name for item in fields(Entry)]
COLUMNS, OUTPUTS = ", ".join(NAMES), NAMES.index("outputs")


def fingerprint(parts: Mapping[str, Any]) -> str:
    """sha256 (hex) of what a task is made from: JSON with sorted keys, so that their order does not matter and any
    other change does. Errors: TypeError for what JSON has no form for and for keys that are no text, ValueError for
    NaN and infinity."""
    _only_text_keys(parts)
    text = json.dumps(dict(parts), sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _only_text_keys(value: Any) -> None:
    """json would write the keys 1 and "1" alike."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key of a fingerprint is text, not {key!r}")
            _only_text_keys(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _only_text_keys(item)


def due(entry: Entry | None, busy: bool, failed_only: bool, again: bool, whole: Callable[[Entry], bool]) -> bool:
    """Whether a task has to run; see `Ledger.todo`. busy: `running` is being done by a living run."""
    if entry is None:
        return not failed_only
    if entry.state == SET_ASIDE:
        return again
    if entry.state == RUNNING and busy:
        return False
    if failed_only:
        return entry.state != OK and entry.last in FAILURES
    return entry.state != OK or not whole(entry)


def record(db: sqlite3.Connection, outcome: Outcome, mark: str, outputs: str, when: float) -> None:
    """Write an end into its row. `mark`: fingerprint; `outputs`: JSON; `when`: seconds since 1970."""
    found = "SELECT fingerprint, attempts, failures FROM tasks WHERE key = ?"
    before, attempts, text = db.execute(found, (outcome.key,)).fetchone()
    failures = _failures(text)
    if before != mark:
        attempts, failures = 0, []
    if outcome.state == OK:
        failures = []
    elif outcome.state != DISK:
        failures.append([outcome.state, outcome.cell, plain_text(outcome.reason)[:300]])
    state, reason = outcome.state, plain_text(outcome.reason)[:LONGEST]
    if len(failures) >= TRIES and outcome.state != OK:
        state, reason = SET_ASIDE, _aside(failures)
    db.execute(
        "UPDATE tasks SET state = ?, last = ?, attempts = ?, tries = ?, interruptions = 0, seconds = ?, cpu = ?, "
        "memory_mb = ?, cell = ?, reason = ?, engine = ?, fingerprint = ?, folder = ?, ended = ?, outputs = ?, "
        "failures = ? WHERE key = ?",
        (
            state, outcome.state, attempts + 1, len(failures), _number(outcome.seconds), _number(outcome.cpu),
            _number(outcome.memory_mb), int(outcome.cell), reason, plain_text(outcome.engine), mark,
            plain_text(outcome.folder), when, outputs, json.dumps(failures, ensure_ascii=False), outcome.key,
        ),
    )  # fmt: skip


def with_end(entry: Entry, outcome: Outcome, mark: str, outputs: str, when: float) -> Entry:
    """The entry as it will be, but for the counts, once that end can be written."""
    return replace(
        entry, state=outcome.state, last=outcome.state, seconds=outcome.seconds, cpu=outcome.cpu,
        memory_mb=outcome.memory_mb, cell=outcome.cell, reason=outcome.reason, engine=outcome.engine, fingerprint=mark,
        folder=outcome.folder, ended=when, outputs=json.loads(outputs),
    )  # fmt: skip


def _aside(failures: list[list[Any]]) -> str:
    told = []
    for state, cell, reason in failures:
        where = f"（第 {cell} 格）" if cell else ""
        told.append(f"{STATES.get(state, state)}{where}{'：' if reason else ''}{reason}".rstrip("。；"))
    if len(set(told)) == 1:
        said = f"每次都是{told[0]}"
    else:
        said = "；".join(f"第 {number} 次{one}" for number, one in enumerate(told, 1))
    return f"试了 {len(failures)} 次都没有做成，先放到一边。{said}。怎么办：按上面的原因改；{AGAIN}"


def plain_text(value: str) -> str:
    """Text that SQLite can hold: half a surrogate pair (a file name that is no text) is written out."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _number(value: float) -> float:
    """SQLite would store NaN as NULL."""
    return float(value) if math.isfinite(value) else 0.0


def _failures(text: str) -> list[list[Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # bytes changed on the disk
        return []
    return [one for one in found if isinstance(one, list) and len(one) == 3] if isinstance(found, list) else []


def read_entries(db: sqlite3.Connection, which: str, values: Sequence[Any] = ()) -> list[Entry]:
    """The rows that a WHERE or ORDER BY asks for."""
    found = []
    for row in db.execute(f"SELECT {COLUMNS} FROM tasks {which}", values).fetchall():  # noqa: S608 – names of fields
        values_of = list(row)
        values_of[OUTPUTS] = _outputs(row[OUTPUTS])
        found.append(Entry(*values_of))
    return found


def _outputs(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # bytes changed on the disk: then no output is whole
        return {}
    return {name: str(mark) for name, mark in found.items()} if isinstance(found, dict) else {}
