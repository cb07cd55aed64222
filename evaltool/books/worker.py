"""The other end of `bounded`: a process that does one job after the other, and ends when nobody asks any more."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from typing import Any, BinaryIO

from evaltool.books.bounded import SIZE
from evaltool.books.collecting import uncollected

IDLE_SECONDS = 300


def serve(megabytes: int) -> None:
    """Answers messages until the other side closes the pipe, or says nothing for a while.

    megabytes  what a job may take above what the process has once it holds what is shared
    """
    into, out = _streams()
    shared: Any = None
    while _asked(into) and len(size := into.read(SIZE)) == SIZE:
        kind, said = pickle.loads(into.read(int.from_bytes(size, "big")))  # noqa: S301 – ours
        if kind == "share":
            shared = pickle.loads(said)  # noqa: S301 – ours
            gc.collect()
            gc.freeze()  # what is shared lives as long as the process and is not looked through again and again
            _bound(megabytes)
            answer = pickle.dumps(None)
        else:
            answer = _do(shared, *said)
        out.write(len(answer).to_bytes(SIZE, "big") + answer)
        out.flush()


def _do(shared: Any, function: Any, job: tuple[Any, ...]) -> bytes:
    try:
        with uncollected():
            return pickle.dumps(("done", function(shared, *job)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", ""))
    except RecursionError:
        return pickle.dumps(("fault", "RecursionError"))
    except Exception as error:  # noqa: BLE001 – told to the caller, who goes on with the other files
        return pickle.dumps(("fault", f"{type(error).__name__}: {error}"))


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The pipe, out of the way of whatever a library prints."""
    out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return sys.stdin.buffer, out


def _asked(into: BinaryIO) -> bool:
    """Waits for the next message, as long as is worth while where the system can wait on a pipe."""
    if os.name != "posix":
        return True
    import select

    return bool(select.select([into], [], [], IDLE_SECONDS)[0])


def _bound(megabytes: int) -> None:
    """Sets the limit on memory, where the system keeps to it."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (ImportError, OSError):
        return
    most = pages * resource.getpagesize() + megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
