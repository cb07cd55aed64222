"""Processes that notebooks leave behind: whose they are, and that none outlives who has to answer for it.

Every process of a batch carries a mark in its environment, and every notebook's process adopts what its children leave
behind; so at its death all of that comes to the server, whatever groups and sessions it has made for itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

MARK = "EVALTOOL_SERVER"  # a variable with another value for each server
_PATIENCE = 5.0  # seconds after which a process that cannot be ended is left alone (it waits for a dead network drive)
_SET_PDEATHSIG, _SET_SUBREAPER = 1, 36  # of prctl


def adopt() -> None:
    """From now on this process is the parent of all below it that have lost theirs."""
    ctypes.CDLL(None).prctl(_SET_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """This process is killed when `parent`, which has forked it, dies."""
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died in between
        os._exit(1)


def end_children(keep: Container[int] = ()) -> None:
    """Ends all children of this process but `keep`, and what comes to it by their death, until there is none."""
    until = time.monotonic() + _PATIENCE
    while (left := [pid for pid in _children() if pid not in keep]) and time.monotonic() < until:
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            with suppress(OSError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)


def _children() -> list[int]:
    with suppress(OSError):
        return [int(pid) for pid in Path("/proc/self/task", str(os.getpid()), "children").read_text().split()]
    return []


def end_marked(mark: str) -> None:
    """Ends every process of this user that was started with `mark`, but not this one. For who was not its parent: the
    server has been killed."""
    said = f"{MARK}={mark}".encode()
    until = time.monotonic() + _PATIENCE
    while (left := _marked(said)) and time.monotonic() < until:
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _marked(said: bytes) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or gone by now
            if said in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found
