"""A batch: every task run once, several at a time, the ledger and a person told, and an end whatever happens."""

from __future__ import annotations

import contextlib
import getpass
import queue
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from evaltool.batch.hands import LOGS, RUN
from evaltool.batch.ledger import PENDING, Entry, Ledger, Lost, Unwritten
from evaltool.batch.placing import PART, are_whole
from evaltool.batch.task import OK, Outcome, Task

LEDGER = "ledger.sqlite"
_BEAT = 5.0  # seconds between two looks at the ledger while nothing comes in


class Hands(Protocol):
    """What runs tasks: forked processes here, plain processes, or other machines."""

    @property
    def slots(self) -> int:
        """How many tasks at once; on a cluster it changes while a batch runs."""

    def submit(self, task: Task) -> Future[tuple[Outcome, Mapping[str, str]]]:
        """Begins a task. The result: how it went, and name → sha256 of its outputs under their final names."""

    def close(self) -> None:
        """Ends everything that is running."""


class Watcher(Protocol):
    """Who is told how a batch goes."""

    def begin(self, total: int, left: int) -> None: ...

    def heard(self, outcome: Outcome) -> None: ...

    def note(self, text: str) -> None: ...

    def end(self, stopped: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the tasks are to be run.

    again        all, also those that are up to date or set aside
    failed_only  those whose last end was a failure; with `again` also those that are set aside
    retries      how often a task that failed is tried again at once
    """

    again: bool = False
    failed_only: bool = False
    retries: int = 0


def operator() -> str:
    """Who runs this, as the ledger names him."""
    with contextlib.suppress(Exception):
        return getpass.getuser()
    return "未知用户"


def run_batch(
    tasks: Sequence[tuple[Task, str]],
    root: Path,
    hands: Callable[[], Hands],
    watcher: Watcher,
    choice: Choice = Choice(),
    note: str = "",
) -> list[Outcome]:
    """`run_held` by itself: the batch under `root` is held while it runs, and no longer."""
    with held(root, watcher, note) as ledger:
        return run_held(tasks, root, ledger, hands, watcher, choice)


@contextlib.contextmanager
def held(root: Path, watcher: Watcher, note: str = "") -> Iterator[Ledger]:
    """The ledger of the batch under `root`, held for this process, with signs of life however long anything takes.

    note    what the run is, for whoever comes second
    Raises ledger.Busy where somebody else runs the same batch; ledger.Lost where somebody has taken it over meanwhile,
    at the latest in the end: whoever writes anything first asks `Ledger.still_ours`.
    """
    with Ledger(root / RUN / LEDGER) as ledger:
        ledger.claim(operator(), note, watcher.note)
        for said in ledger.notes:
            watcher.note(said)
        done = threading.Event()
        beating = threading.Thread(target=_beat, args=(ledger, done), name="signs of life", daemon=True)
        beating.start()
        try:
            yield ledger
        finally:
            done.set()
            beating.join()
        _told(watcher, ledger.release)  # what could not be written is made again; all the rest of this run stands


def _beat(ledger: Ledger, done: threading.Event) -> None:
    while not done.wait(_BEAT):
        with contextlib.suppress(Exception):  # nobody would hear it here; who writes next meets the same
            ledger.heartbeat()


def run_held(
    tasks: Sequence[tuple[Task, str]],
    root: Path,
    ledger: Ledger,
    hands: Callable[[], Hands],
    watcher: Watcher,
    choice: Choice = Choice(),
) -> list[Outcome]:
    """Runs those of `tasks` that are due and returns how all of them stand, in their order.

    tasks   (task, fingerprint of all that it is made from)
    ledger  from `held`
    hands   makes what runs them; called only if there is anything to run

    An outcome with attempts 0 was not run: it is up to date, set aside, or not asked for. Ctrl-C ends everything that
    is running, says how many are left, and is raised again. Raises ledger.Lost.
    """
    sweep(root)
    ledger.begin_run([(task.key, task.name, mark) for task, mark in tasks])
    folders = {task.key: root / task.folder for task, _ in tasks}

    def whole(entry: Entry) -> bool:
        return are_whole(folders[entry.key], dict(entry.outputs))

    due = ledger.todo(
        list(folders), failed_only=choice.failed_only, again=choice.again, retries=choice.retries, whole=whole
    )
    if choice.again and not choice.failed_only:
        due = list(folders)
    wanted = set(due)
    watcher.begin(len(tasks), len(due))
    stopped = True
    tries: dict[str, int] = {}
    try:
        if due:
            _run([pair for pair in tasks if pair[0].key in wanted], ledger, hands, watcher, tries)
        stopped = False
    finally:
        with contextlib.suppress(Lost):
            ledger.still_ours()
            sweep(root)  # what those have left who were killed in this run
        watcher.end(stopped)
    known = {entry.key: entry for entry in ledger.standing()}
    return [
        _standing(task, known[task.key], tries.get(task.key, 0), choice.failed_only and not whole(known[task.key]))
        for task, _ in tasks
    ]


def _run(
    tasks: Sequence[tuple[Task, str]],
    ledger: Ledger,
    make_hands: Callable[[], Hands],
    watcher: Watcher,
    tries: dict[str, int],
) -> None:
    """Runs them all; `tries` is filled with how often each was."""
    marks = {task.key: mark for task, mark in tasks}
    waiting = [task for task, _ in reversed(tasks)]
    ended: queue.SimpleQueue[tuple[Task, Future[Any]]] = queue.SimpleQueue()
    running = 0
    hands = make_hands()
    try:
        while waiting or running:
            while waiting and running < hands.slots:
                task = waiting.pop()
                _told(watcher, partial(ledger.started, task.key))
                tries[task.key] = tries.get(task.key, 0) + 1
                hands.submit(task).add_done_callback(partial(_put, ended, task))
                running += 1
            try:
                task, done = ended.get(timeout=_BEAT)
            except queue.Empty:
                ledger.heartbeat()
                continue
            running -= 1
            outcome, outputs = done.result()
            outcome = replace(outcome, attempts=tries[task.key])
            _told(watcher, partial(ledger.finished, outcome, marks[task.key], outputs))
            if outcome.state != OK and _may_retry(ledger, task.key):
                waiting.append(task)
                watcher.note(f"{outcome.name}：{outcome.reason}；再试第 {tries[task.key] + 1} 次")
                continue
            watcher.heard(outcome)
    finally:
        hands.close()


def _put(ended: queue.SimpleQueue[tuple[Task, Future[Any]]], task: Task, done: Future[Any]) -> None:
    ended.put((task, done))


def _may_retry(ledger: Ledger, key: str) -> bool:
    with contextlib.suppress(Unwritten):
        return ledger.may_retry(key)
    return False


def _told(watcher: Watcher, write: Callable[[], None]) -> None:
    """Writes to the ledger; that it cannot be written just now stops no report, but is said."""
    try:
        write()
    except Unwritten as error:
        watcher.note(str(error))


def _standing(task: Task, entry: Entry, attempts: int, broken: bool) -> Outcome:
    """What the ledger says. `broken`: files of it are not there."""
    if entry.state == OK and broken:
        return Outcome(task.key, task.name, PENDING, reason="文件少了或被改过，还没有重做", attempts=0, folder=task.folder)
    return Outcome(
        task.key, task.name, entry.state, entry.cell, entry.reason, entry.seconds, entry.cpu, entry.memory_mb,
        entry.engine, attempts, task.folder,
    )  # fmt: skip


def sweep(root: Path) -> None:
    """Removes what a run that was killed has left behind. Only for who holds the ledger's claim."""
    for folder in root.glob(f"{PART}*"):
        shutil.rmtree(folder, ignore_errors=True)
    for log in (root / RUN / LOGS).glob(f"{PART}*"):  # of workers of a cluster
        log.unlink(missing_ok=True)
