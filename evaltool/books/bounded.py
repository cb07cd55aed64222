"""Work on files that nobody trusts, in a few processes of their own that are reused: bounded in time and in memory.

A file that takes too long, wants too much memory or brings its process down costs its own place and nothing else: that
process is replaced and the other files go on. The processes are started plainly and speak over a pipe, so this works
the same in a notebook, under a test runner, on Windows, and in a process that may not have children of
`multiprocessing`. Memory is bounded where the system can do it (Linux); elsewhere the gate's counts bound it.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

MOST_WORKERS = 4
FILES_A_WORKER = 8  # below so many files another process costs more than it saves
SIZE = 8  # bytes of a message's length
_START = "import sys; sys.path[:] = {path!r}; from evaltool.books.worker import serve; serve({megabytes})"


class Limits(NamedTuple):
    """What one file may cost: wall seconds, and megabytes above what an idle process has."""

    seconds: float = 30.0
    megabytes: int = 1024


LIMITS = Limits()


class Overrun(NamedTuple):
    """What became of a file that gave no answer.

    why     time, memory, died (its process was gone, twice) or fault (an error that the code does not expect)
    detail  the error, or the limit
    """

    why: Literal["time", "memory", "died", "fault"]
    detail: str


class _Gone(Exception):
    """The process ended without an answer."""


class Worker:
    """One process. `ask` is called by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        code = _START.format(path=[part or str(Path.cwd()) for part in sys.path], megabytes=limits.megabytes)
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **threads}, start_new_session=os.name == "posix",
        )  # fmt: skip
        self.known = b""  # hash of what it was given to share

    def ask(self, message: bytes) -> Any:
        """The answer to one message. Raises TimeoutError, _Gone."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(self.limits.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(message)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            if late.is_set():
                raise TimeoutError from error
            raise _Gone from error
        finally:
            timer.cancel()

    def _exchange(self, message: bytes) -> Any:
        into, out = self.process.stdin, self.process.stdout
        assert into is not None
        assert out is not None
        into.write(len(message).to_bytes(SIZE, "big") + message)
        into.flush()
        size = out.read(SIZE)
        if len(size) < SIZE:
            raise EOFError
        return pickle.loads(out.read(int.from_bytes(size, "big")))  # noqa: S301 – ours

    def close(self) -> None:
        """Let it end by itself, or end it."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was still to be written finds nobody
                    stream.close()
        self.process.wait()


_IDLE: list[Worker] = []
_LOCK = threading.Lock()
_PARENTS: list[Worker] = []  # of a process that has forked: they answer to it, not to the child


def _borrow(limits: Limits) -> Worker:
    with _LOCK:
        while _IDLE:
            worker = _IDLE.pop()
            if worker.process.poll() is None and worker.limits == limits:
                return worker
            worker.close()
    return Worker(limits)


def _give_back(worker: Worker) -> None:
    with _LOCK:
        _IDLE.append(worker)


@atexit.register
def close_all() -> None:
    """Ends the idle processes."""
    with _LOCK:
        while _IDLE:
            _IDLE.pop().close()


def _forget() -> None:
    _PARENTS.extend(_IDLE)
    _IDLE.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def each(
    function: Callable[..., Any],
    shared: Any,
    jobs: Sequence[tuple[Any, ...]],
    limits: Limits = LIMITS,
    workers: int | None = None,
    done: Callable[[int], None] | None = None,
) -> list[Any]:
    """`function(shared, *job)` for every job, in their order; an `Overrun` for each that gave no answer.

    function  of a module, so that another process can import it
    shared    sent to a process once and kept there until something else is sent
    workers   how many processes; by default as many as there are processors and work for
    done      is told the number of each job that is finished
    """
    count = workers or max(1, min(MOST_WORKERS, os.cpu_count() or 1, -(-len(jobs) // FILES_A_WORKER)))
    run = _Run(function, pickle.dumps(shared, pickle.HIGHEST_PROTOCOL), jobs, limits, done)
    threads = [threading.Thread(target=run.work, daemon=True) for _ in range(min(count, len(jobs)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        run.stop()
        raise
    if run.failed is not None:
        raise run.failed
    return run.results


class _Run:
    """One call of `each` while it goes on."""

    def __init__(
        self, function: Callable[..., Any], shared: bytes, jobs: Sequence[tuple[Any, ...]], limits: Limits,
        done: Callable[[int], None] | None,
    ) -> None:  # fmt: skip
        self.function, self.jobs, self.limits, self.done = function, jobs, limits, done
        self.shared, self.key = shared, hashlib.sha256(shared).digest()
        self.results: list[Any] = [None] * len(jobs)
        self.todo = iter(range(len(jobs)))
        self.lock = threading.Lock()
        self.busy: set[Worker] = set()
        self.stopped = False
        self.failed: BaseException | None = None

    def work(self) -> None:
        """Does jobs until none is left."""
        worker = None
        try:
            while (number := self._next()) is not None:
                worker, self.results[number] = self._answer(worker, self.jobs[number])
                if self.done is not None:
                    self.done(number)
        except BaseException as error:  # noqa: BLE001 – goes on in the caller's thread
            self.failed = error
        if worker is not None:
            self.busy.discard(worker)
            _give_back(worker)

    def _next(self) -> int | None:
        with self.lock:
            return None if self.stopped or self.failed else next(self.todo, None)

    def _answer(self, worker: Worker | None, job: tuple[Any, ...]) -> tuple[Worker | None, Any]:
        """The answer to one job, and the process that is left to go on with."""
        for attempt in (1, 2):
            if worker is None:
                worker = _borrow(self.limits)
                self.busy.add(worker)
            try:
                if worker.known != self.key:
                    worker.ask(pickle.dumps(("share", self.shared)))
                    worker.known = self.key
                kind, said = worker.ask(pickle.dumps(("do", (self.function, job))))
            except (TimeoutError, _Gone) as error:
                self._drop(worker)
                worker = None
                if isinstance(error, TimeoutError):
                    return None, Overrun("time", f"{self.limits.seconds:g}")
                if attempt == 2 or self.stopped:
                    return None, Overrun("died", "")
                continue
            if kind == "done":
                return worker, said
            self._drop(worker)  # after an error nobody knows what it still holds
            return None, Overrun("memory", str(self.limits.megabytes)) if kind == "memory" else Overrun("fault", said)
        raise AssertionError("two attempts end in an answer")

    def _drop(self, worker: Worker) -> None:
        self.busy.discard(worker)
        worker.close()

    def stop(self) -> None:
        """Ends all work at once."""
        self.stopped = True
        for worker in list(self.busy):
            worker.process.kill()
