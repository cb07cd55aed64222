"""The run ledger: what every task of a batch came to, in one SQLite file that outlives kill -9 at any moment.

What may be relied on:
- `finished(OK)` is called after the outputs lie under their final names. A kill in between leaves `running`, and the
  task is done again: the ledger never says ok of what is not there, and `todo` looks at the outputs once more.
- Every row is the old one or the new one. A `running` row of a run that has died becomes `pending` again when the next
  run claims the round; that is counted as an interruption, not as a failed try. After INTERRUPTIONS in a row, none of
  which came to an end, the task is set aside: it may be what takes the machine down.
- After TRIES failed tries with the same fingerprint, over all runs, a task is set aside; a new fingerprint or `again`
  brings it back with all its tries. DISK does not count: a full disk is no task's fault.
- `started` and `finished` each wait for the disk, together about 1 ms of CPU and 2 ms by the clock. A power cut may at
  most take back the last commit: then a task is done again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType
from typing import TYPE_CHECKING, Self

from evaltool.batch import claims
from evaltool.batch.claims import BEAT, HELD, WATCH, Busy, Holder, living, read_holder
from evaltool.batch.ledger_file import PATIENCE, LedgerError, LedgerFile, Lost, Newer, Unwritten
from evaltool.batch.ledger_rows import (
    AGAIN,
    CHANGED,
    FAILURES,
    INTERRUPTIONS,
    PENDING,
    RUNNING,
    SET_ASIDE,
    TASKS,
    TRIES,
    WORDS,
    Entry,
    due,
    fingerprint,
    plain_text,
    read_entries,
    record,
    with_end,
)  # fmt: skip
from evaltool.batch.task import OK, STATES, Outcome

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CHANGED", "INTERRUPTIONS", "PENDING", "RUNNING", "SET_ASIDE", "TRIES", "WORDS", "Busy", "Entry", "Ledger",
    "LedgerError", "Lost", "Newer", "Unwritten", "fingerprint",
]  # fmt: skip
FRAME = [
    "key", "name", "state", "attempts", "seconds", "cpu", "memory_mb", "cell", "reason", "engine", "fingerprint",
    "when", "outputs",
]  # fmt: skip


class Ledger:
    """The ledger at `path`, made if missing; a damaged file is set beside and `notes` says so.

    Reading needs no claim; whatever writes does (RuntimeError without). `clock` gives seconds since 1970, `pause`
    waits so many seconds.
    Errors: Newer, Unwritten (of opening); see the methods. As a context manager it releases the claim and closes.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], object] = time.sleep,
        patience: float = PATIENCE,
    ) -> None:
        self._file = LedgerFile(Path(path), {"claim": claims.CLAIM, "tasks": TASKS}, patience)
        self.notes = self._file.notes  # for a person: set beside, taken over, interrupted
        self._clock, self._pause = clock, pause
        self._guard = threading.RLock()
        self._token, self._pid, self._beat, self._retries = "", 0, 0.0, 0
        self._late: list[tuple[Outcome, str, str, float]] = []  # ended, but could not be written yet
        self._failed: dict[str, int] = {}  # key → failed tries in this run

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            with suppress(*((LedgerError,) if error is not None else ())):  # it must not hide what went wrong
                self.release()
        finally:
            self._file.close()

    # --- who runs the round ---

    def claim(self, operator: str, note: str = "", tell: Callable[[str], object] | None = None) -> None:
        """Hold the round for this process. A dead holder's claim is taken over; what it left running is pending again.

        Where only silence speaks for the holder's death (another machine), this waits up to WATCH seconds; `tell` hears
        why. Errors: Busy, Unwritten, Lost (the file was removed).
        """
        if self._token:
            return
        token = uuid.uuid4().hex
        HELD.add(token)
        try:
            watched: Holder | None = None
            who = plain_text(operator), plain_text(note)
            while not self._try_claim(claims.new_claim(*who, token, self._clock()), watched):
                with self._file.reading() as db:
                    watched = read_holder(db)
                if watched is not None:
                    self._watch(watched, tell)
        except BaseException:
            HELD.discard(token)
            raise
        self._token, self._pid, self._beat = token, os.getpid(), self._clock()
        self._failed.clear()

    def _try_claim(self, mine: Holder, watched: Holder | None) -> bool:
        """True: taken. False: the holder is silent and has to be watched. Errors: Busy."""
        with self._file.writing() as db:
            holder = read_holder(db)
            found = living(holder, self._clock()) if holder else "dead"
            if found == "silent" and watched is not None:
                found = "dead" if holder == watched else "alive"
            if holder and found == "alive":
                raise Busy(holder, self._clock())
            if found == "silent":
                return False
            claims.take(db, mine)
            left = self._interruptions(db)
        if holder:
            self.notes.append(
                f"{holder.operator}@{holder.host}（进程 {holder.pid}）的上一次运行没有正常结束，已接手；"
                f"{left} 个做到一半的重做"
            )
        return True

    def _interruptions(self, db: sqlite3.Connection) -> int:
        said = "上一次运行中断，没有做完"
        changed = "UPDATE tasks SET state = ?, reason = ?, interruptions = interruptions + 1 WHERE state = ?"
        left = db.execute(changed, (PENDING, said, RUNNING)).rowcount
        said = (
            f"连着 {INTERRUPTIONS} 次运行都在做它的时候整个中断（断电、死机或被强行结束），先放到一边。"
            f"可能是它拖垮了机器，也可能只是碰巧。怎么办：看看它的资料是否特别大；{AGAIN}"
        )
        aside = "UPDATE tasks SET state = ?, reason = ? WHERE state = ? AND interruptions >= ?"
        number = db.execute(aside, (SET_ASIDE, said, PENDING, INTERRUPTIONS)).rowcount
        if number:
            self.notes.append(f"{number} 个连着 {INTERRUPTIONS} 次运行都在做它时中断，先放到一边；{AGAIN}")
        return left

    def _watch(self, holder: Holder, tell: Callable[[str], object] | None) -> None:
        """Wait until a silent holder gives a sign of life, or long enough that it would have."""
        if tell:
            tell(f"{holder.operator}@{holder.host} 的上一次运行好久没有动静；再看 {WATCH} 秒，确实停了就接手")
        for _ in range(WATCH):
            self._pause(1.0)
            with self._file.reading() as db:
                if read_holder(db) != holder:
                    return

    def heartbeat(self) -> bool:
        """A sign of life, to be called as often as one likes; True if one was due and written. A file that cannot be
        written just now is no error here: the next task will tell. Errors: Lost."""
        # abs: the clock may have been set back
        if not self._token or abs(self._clock() - self._beat) < BEAT:
            return False
        try:
            with self._writing():
                pass
        except Unwritten:
            self._beat = self._clock()
            return False
        return True

    def still_ours(self) -> None:
        """Errors: Lost. A file that cannot be read just now is no error here."""
        with suppress(Unwritten), self._file.reading() as db:
            claims.check(db, self._token)

    def release(self) -> None:
        """Give the round back; what still runs is pending again, without blame. Errors: Unwritten, Lost; then too the
        claim counts as dead."""
        if not self._token:
            return
        try:
            with self._writing() as db:
                db.execute("UPDATE tasks SET state = 'pending', reason = '运行停下时还没有做完' WHERE state = 'running'")
                db.execute("DELETE FROM claim WHERE token = ?", (self._token,))
        finally:
            HELD.discard(self._token)
            self._token = ""

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the holder, with a sign of life and whatever could not be written before."""
        if not self._token or self._pid != os.getpid():
            raise RuntimeError("the ledger is written by the process that has claimed the round")
        with self._guard:
            now, late = self._clock(), len(self._late)
            with self._file.writing() as db:
                claims.sign_of_life(db, self._token, now)
                for known in self._late:
                    record(db, *known)
                yield db
            del self._late[:late]
            self._beat = now

    # --- what has to run ---

    def begin_run(self, tasks: Sequence[tuple[str, str, str]]) -> None:
        """(key, name, fingerprint) of each task, in order. New ones and those of another fingerprint become pending;
        the rest, and tasks that are not given, stay. Errors: ValueError for a key that comes twice or cannot be written
        (half of a surrogate pair); Unwritten, Lost."""
        keys = [key for key, _, _ in tasks]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key comes twice: {sorted({key for key in keys if keys.count(key) > 1})}")
        for key in keys:
            if key != plain_text(key):
                raise ValueError(f"a key is text that UTF-8 can hold, not {key!r}")
        with self._writing() as db:
            known = dict(db.execute("SELECT key, fingerprint FROM tasks"))
            (place,) = db.execute("SELECT coalesce(max(place) + 1, 0) FROM tasks").fetchone()
            new = [(key, plain_text(name), mark) for key, name, mark in tasks if key not in known]
            rows = [(key, place + i, name, mark) for i, (key, name, mark) in enumerate(new)]
            db.executemany("INSERT INTO tasks (key, place, name, fingerprint) VALUES (?, ?, ?, ?)", rows)
            names = [(plain_text(name), key, plain_text(name)) for key, name, _ in tasks if key in known]
            db.executemany("UPDATE tasks SET name = ? WHERE key = ? AND name <> ?", names)
            changed = [(mark, CHANGED, key) for key, _, mark in tasks if known.get(key, mark) != mark]
            db.executemany(
                "UPDATE tasks SET fingerprint = ?, state = 'pending', attempts = 0, tries = 0, interruptions = 0, "
                "seconds = 0, cpu = 0, memory_mb = 0, cell = 0, reason = ?, engine = '', outputs = '{}', "
                "failures = '[]', started = 0, ended = 0 WHERE key = ?",
                changed,
            )
        self._failed.clear()

    def todo(
        self,
        keys: Iterable[str],
        *,
        failed_only: bool = False,
        again: bool = False,
        retries: int = 0,
        whole: Callable[[Entry], bool],
    ) -> list[str]:
        """Those of `keys` that have to run, in their order: never run, changed, interrupted, failed with tries left,
        and ok whose outputs `whole` does not find. What is set aside only with `again`. What is being done now, by this
        or another living run, is left out.

        failed_only: those whose last end was a failure, also where they were changed or interrupted since.
        retries: how often `may_retry` lets a task be tried again in this run. Errors: Unwritten.
        """
        self._retries = retries
        known = {entry.key: entry for entry in self.entries()}
        busy = bool(self._token) or self._held()
        return [key for key in keys if due(known.get(key), busy, failed_only, again, whole)]

    def _held(self) -> bool:
        with self._file.reading() as db:
            holder = read_holder(db)
        return holder is not None and living(holder, self._clock()) != "dead"

    def may_retry(self, key: str) -> bool:
        """Whether a task that has just failed is to be tried again in this run: at most `retries` failures in it so
        far, and not set aside. Errors: Unwritten."""
        failed = self._failed.get(key, 0)
        if not 0 < failed <= self._retries or any(outcome.key == key for outcome, *_ in self._late):
            return False
        entry = self.state(key)
        return entry is not None and entry.state in FAILURES

    # --- how it goes ---

    def started(self, *keys: str) -> None:
        """These tasks are running now. What was set aside starts with all its tries.
        Errors: KeyError, Unwritten, Lost."""
        with self._writing() as db:
            for key in keys:
                done = db.execute(
                    "UPDATE tasks SET tries = iif(state = 'set_aside', 0, tries), "
                    "interruptions = iif(state = 'set_aside', 0, interruptions), "
                    "failures = iif(state = 'set_aside', '[]', failures), "
                    "state = 'running', started = ?, ended = 0, reason = '' WHERE key = ?",
                    (self._clock(), key),
                )
                if not done.rowcount:
                    raise KeyError(key)

    def finished(self, outcome: Outcome, fingerprint: str, outputs: Mapping[str, str]) -> None:
        """A task came to an end. Call it after the outputs (name relative to the folder → sha256) have final names.

        `fingerprint`: what it was made from. Errors: KeyError for an unknown task, ValueError for an unknown state or a
        path that is not relative; Lost; Unwritten, after which the outcome is kept and written with the next one.
        """
        if outcome.state not in STATES:
            raise ValueError(f"an end is one of {', '.join(STATES)}, not {outcome.state!r}")
        windows = PureWindowsPath(outcome.folder).anchor  # of outputs, D:\x.csv may be the very name, where that can be
        for path in (outcome.folder, *outputs):
            if windows or PurePosixPath(path).is_absolute():
                raise ValueError(f"the ledger travels with its folder: {path!r} must be relative")
        with self._guard:
            with suppress(Unwritten):  # if it cannot be read now, it is written later all the same
                if self.state(outcome.key) is None:
                    raise KeyError(outcome.key)
            if outcome.state != OK:
                self._failed[outcome.key] = self._failed.get(outcome.key, 0) + 1
            written = json.dumps({plain_text(name): mark for name, mark in outputs.items()}, ensure_ascii=False)
            self._late.append((outcome, fingerprint, written, self._clock()))
            try:
                with self._writing():
                    pass
            except Unwritten as error:
                said = f"{outcome.name}：{STATES[outcome.state]}{'，' if outcome.reason else ''}{outcome.reason}"
                raise Unwritten(error.kind, f"{said}。但这一条没能记进台账：{error}") from error

    # --- what it says ---

    def state(self, key: str) -> Entry | None:
        """What is known of a task; None for an unknown one. Errors: Unwritten."""
        found = self._rows("WHERE key = ?", (key,)) if key == plain_text(key) else []
        return found[0] if found else None

    def entries(self) -> list[Entry]:
        """All tasks, in the order in which they first came. Errors: Unwritten."""
        return self._rows("ORDER BY place, key")

    def standing(self) -> list[Entry]:
        """`entries`, with what has ended but could not be written yet. Errors: Unwritten."""
        with self._guard:
            late = {end[0].key: end for end in self._late}
            return [with_end(item, *late[item.key]) if item.key in late else item for item in self.entries()]

    def _rows(self, which: str, values: Sequence[str] = ()) -> list[Entry]:
        with self._file.reading() as db:
            return read_entries(db, which, values)

    def frame(self) -> pd.DataFrame:
        """One row a task; `when` is the time of its end (or start) in UTC, NaT for none; `outputs` names joined by 、.
        Errors: Unwritten."""
        import pandas as pd

        entries = self.entries()
        rows = [[getattr(entry, name, None) for name in FRAME] for entry in entries]
        table = pd.DataFrame(rows, columns=FRAME)
        moments = [entry.ended or entry.started or None for entry in entries]
        table["when"] = pd.to_datetime(pd.Series(moments, dtype=float), unit="s", utc=True)
        table["outputs"] = ["、".join(entry.outputs) for entry in entries]
        return table
