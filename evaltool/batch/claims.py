"""Who runs a round: one claim in the ledger, and how to tell a living holder from a dead one.

On the same machine the process itself is asked after (number and start time, so that a number used again by another
process does not count). Of another machine only signs of life are known: the holder counts one up every few seconds.
The clocks of two machines may differ by minutes and may be set back, so a claim that looks old by the clock is watched
for a while, and only one that does not count on is taken over.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from evaltool.batch.ledger_file import LedgerError, Lost

SILENCE = 120.0  # seconds without a sign of life after which the holder on another machine may be dead
BEAT = 15.0  # seconds between two signs of life
WATCH = 45  # seconds for which a silent claim is watched before it is taken over: three signs of life

CLAIM = """
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token TEXT NOT NULL,
    operator TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    machine TEXT NOT NULL,
    born TEXT NOT NULL,
    since REAL NOT NULL,
    beat REAL NOT NULL,
    beats INTEGER NOT NULL,
    note TEXT NOT NULL
"""

# tokens of the claims of this process: a claim with our own number that is not among them was left by an earlier run
# of the same process (a notebook that went on after an error)
HELD: set[str] = set()


@dataclass(frozen=True, slots=True)
class Holder:
    """The row of a claim. Times are seconds since 1970 by the holder's own clock; `machine` and `born` are compared
    for equality only and empty where the system does not tell."""

    token: str
    operator: str
    host: str
    pid: int
    machine: str
    born: str
    since: float
    beat: float
    beats: int
    note: str


COLUMNS = ", ".join(item.name for item in fields(Holder))


class Busy(LedgerError):
    """Another run holds the round. who: user@host; since: seconds since 1970; pid and host as text for a person."""

    def __init__(self, holder: Holder, now: float) -> None:
        self.who = f"{holder.operator}@{holder.host}"
        self.since, self.pid, self.host, self.note = holder.since, holder.pid, holder.host, holder.note
        doing = f"，{holder.note}" if holder.note else ""
        quiet = max(0, int(now - holder.beat))
        super().__init__(
            f"这一轮正由 {self.who} 运行（进程 {self.pid}，{spoken(self.since)} 开始，{quiet} 秒前还有动静{doing}）。"
            "两边同时写会互相覆盖，所以这一次没有开始。怎么办：等它做完再运行；要让它停，在那台机器的那个窗口里按 Ctrl-C"
            f"（窗口已不在，就在那台机器上结束进程 {self.pid}）。那台机器若已关机或断网，"
            f"{int(SILENCE)} 秒后再运行，会自动接手"
        )


def spoken(seconds: float) -> str:
    """A time as a person reads it, by the clock of this machine."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "时间不明"


def this_machine() -> str:
    """What two processes share that can ask after each other by number: the same start of the same kernel and the same
    numbering of processes (containers have their own); empty where that cannot be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_bytes().decode().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except (OSError, ValueError):
        return "" if sys.platform == "win32" else f"{sys.platform} {socket.gethostname()}"


def born(pid: int) -> str | None:
    """When a process started, in the kernel's own count; empty for one that has ended but was not fetched by its
    parent, None where the system does not tell."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    if len(after_name) < 20:
        return None
    return "" if after_name[0] in (b"Z", b"X") else after_name[19].decode("ascii", "replace")


def living(holder: Holder, now: float) -> Literal["alive", "dead", "silent"]:
    """Whether the holder of a claim still runs. silent: only watching can tell."""
    if holder.machine and holder.machine == this_machine():
        if holder.pid == os.getpid() and holder.born == (born(holder.pid) or ""):
            return "alive" if holder.token in HELD else "dead"
        found = _process(holder)
        if found is not None:
            return "alive" if found else "dead"
    return "alive" if 0 <= now - holder.beat < SILENCE else "silent"


def _process(holder: Holder) -> bool | None:
    """Whether a process of this machine is still the one that made the claim; None where that cannot be told."""
    try:
        os.kill(holder.pid, 0)  # /proc alone would not do: it may hide the processes of other users
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # it is there, but not ours to signal
    started = born(holder.pid)
    return None if started is None or not holder.born else started == holder.born


def read_holder(db: sqlite3.Connection) -> Holder | None:
    """The claim as it stands; None where nobody holds the round."""
    row = db.execute(f"SELECT {COLUMNS} FROM claim").fetchone()  # noqa: S608 – names of fields
    return Holder(*row) if row else None


def take(db: sqlite3.Connection, holder: Holder) -> None:
    """Write the claim in place of whatever claim there is."""
    marks = ", ".join("?" * len(fields(Holder)))
    values = [getattr(holder, item.name) for item in fields(Holder)]
    db.execute(f"INSERT OR REPLACE INTO claim (id, {COLUMNS}) VALUES (1, {marks})", values)  # noqa: S608


def sign_of_life(db: sqlite3.Connection, token: str, now: float) -> None:
    """Count one up, in the transaction of whatever else is written. Errors: Lost, if the claim is another's by now
    (this machine slept, or its network was away)."""
    done = db.execute("UPDATE claim SET beat = ?, beats = beats + 1 WHERE token = ?", (now, token))
    if done.rowcount != 1:
        raise _lost(read_holder(db))


def check(db: sqlite3.Connection, token: str) -> None:
    """Errors: Lost, if the claim is another's by now."""
    holder = read_holder(db)
    if holder is None or holder.token != token:
        raise _lost(holder)


def _lost(other: Holder | None) -> Lost:
    by = f"现在由 {other.operator}@{other.host}（进程 {other.pid}）运行" if other else "台账被换过或清过"
    return Lost(
        f"本次运行太久没有动静，或台账被换掉了：{by}。为免两边互相覆盖，本次运行不再记账。"
        "怎么办：让那一次做完；要在这里做，等它结束后再运行同一条命令"
    )


def new_claim(operator: str, note: str, token: str, now: float) -> Holder:
    """A claim of this process."""
    host = "本机"
    with suppress(OSError):
        host = socket.gethostname() or host
    pid = os.getpid()
    return Holder(token, operator, host, pid, this_machine(), born(pid) or "", now, now, 0, note)
