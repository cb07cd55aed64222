"""What the tests of the run ledger share: ends of tasks, a clock to set, a ledger half done."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

from evaltool.batch import claims
from evaltool.batch.ledger import Ledger
from evaltool.batch.task import OK, Outcome

OUTPUTS = {"report.html": "a" * 64, "report.ipynb": "b" * 64}
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
TASKS = [(str(i), f"县{i}", "f") for i in range(200)]


class Clock:
    def __init__(self, now=1_700_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


def whole(entry):
    return True


def todo(ledger, keys=("1", "2", "3"), **options):
    return ledger.todo(list(keys), **{"whole": whole, **options})


def counts(ledger):
    return dict(sorted(Counter(entry.state for entry in ledger.entries()).items()))


def end(ledger, key, state=OK, mark="f", reason="", **more):
    ledger.started(key)
    ledger.finished(Outcome(key, f"县{key}", state, reason=reason, **more), mark, OUTPUTS if state == OK else {})


def die(ledger):
    """What kill -9 leaves, within one process: the file as it stands, the claim not given back."""
    claims.HELD.discard(ledger._token)
    ledger._file.close()


def filled(path, tasks=TASKS):
    """A ledger with the first half of its tasks done."""
    with Ledger(path) as ledger:
        ledger.claim("王工")
        ledger.begin_run(tasks)
        ledger._file._db.execute("PRAGMA synchronous = OFF")
        for key, *_ in tasks[: len(tasks) // 2]:
            end(ledger, key)


def states(path):
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute("SELECT state, attempts, outputs, started, ended FROM tasks").fetchall()
    finally:
        db.close()
