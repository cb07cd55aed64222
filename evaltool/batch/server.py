"""A warm process with one thread that forks a child for every notebook, watches it and tells how it ended.

Started as `python -m evaltool.batch.server`. Orders come as lines of JSON on the standard input, events go back as
lines of JSON on the standard output; when the input ends, so does everything that was started here.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import selectors
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaltool.batch.order import STOPPED, Order, order_of
from evaltool.batch.orphans import adopt, end_children
from evaltool.batch.partial import write_partial
from evaltool.batch.run import AGAIN, REPORT
from evaltool.batch.task import DIRECT, FORKED, KILLED, MEMORY, OK, OUTPUT, STATES, TIMEOUT

GRACE = 5.0  # seconds between an interruption and the end
_TICK = 0.5  # seconds between two looks at the clock while something runs
_NO_TIME = {"seconds": 0.0, "cpu": 0.0}
_MB = 1 << 20
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
_MOST_CELLS = 1 << 31  # no notebook has as many; what is beyond does not fit into the ledger


@dataclass(slots=True)
class Running:
    """A child: what it was asked, what it has said, and since when."""

    order: Order
    pid: int
    pipe: int
    began: float
    cell: int = -1
    cell_began: float = 0.0
    stopped: tuple[str, str] | None = None  # state and reason, once it is interrupted
    log_began: int = 0  # bytes
    stopped_at: float = 0.0
    killed_at: float = 0.0
    said: bytes = b""
    end: dict[str, Any] | None = None


class Server:
    """The loop. `app` is the kernel that every child gets a copy of."""

    def __init__(self, app: Any, orders: int, events: int) -> None:
        self._app = app
        self._orders, self._events = orders, events
        self._running: dict[int, Running] = {}
        self._text = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(orders, selectors.EVENT_READ, self._read_orders)
        wake_in, wake_out = os.pipe()
        for descriptor in (wake_in, wake_out):
            os.set_blocking(descriptor, False)
        self._selector.register(wake_in, selectors.EVENT_READ, lambda: os.read(wake_in, 4096))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._leave)
        signal.set_wakeup_fd(wake_out)
        self._open = True

    def _leave(self, *_: Any) -> None:
        self._open = False

    def serve(self) -> None:
        """Until the client goes away."""
        try:
            while self._open:
                for key, _ in self._selector.select(_TICK if self._running else None):
                    key.data()
                self._reap()
                self._watch_clock()
        finally:
            self._end_all()

    def _tell(self, said: dict[str, Any]) -> None:
        data = json.dumps(said).encode() + b"\n"  # all ASCII: there may be half characters, which are no UTF-8
        try:
            while data:
                data = data[os.write(self._events, data) :]
        except BrokenPipeError:
            self._open = False

    def _read_orders(self) -> None:
        data = os.read(self._orders, 1 << 16)
        if not data:
            self._open = False
            return
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "warm" in said:
                self._tell({"warm": warm(said["warm"], said.get("arguments", [])), "threads": _threads()})
            else:
                self._start(order_of(said))

    def _start(self, order: Order, began: float = 0.0) -> None:
        """`began`: when, if it is run for the second time."""
        inner, outer = os.pipe()
        here = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(inner)
            os.close(outer)
            self._tell({"number": order.number, "end": {**_ended(KILLED, f"不能新建进程：{error.strerror}"), **_NO_TIME}})
            return
        if pid == 0:
            from evaltool.batch.child import live

            for running in self._running.values():
                os.close(running.pipe)
            os.close(inner)
            os.close(self._orders)
            os.close(self._events)
            live(order, outer, self._app, here)
        os.close(outer)
        os.set_blocking(inner, False)
        running = Running(order, pid, inner, began or time.monotonic(), log_began=_size(order.log))
        self._running[pid] = running
        self._selector.register(inner, selectors.EVENT_READ, lambda: self._listen(running))
        self._tell({"number": order.number, "started": pid})

    def _listen(self, running: Running) -> None:
        """What a child says. A child that closed its pipe is looked after by `_reap`."""
        try:
            data = os.read(running.pipe, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            with suppress(KeyError):
                self._selector.unregister(running.pipe)
            return
        *lines, running.said = (running.said + data).split(b"\n")
        for line in lines:
            said = _understood(line, running.order)
            if "end" in said:
                running.end = said["end"]
                continue
            if not said:
                continue
            running.cell = said.get("start", running.cell)
            running.cell_began = time.monotonic()  # a cell that is done leaves its time to what follows
            self._tell({"number": running.order.number, **said})

    def _reap(self) -> None:
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            running = self._running.pop(pid, None)
            if running is not None:  # else an orphan of a notebook, which has come to us
                self._finished(running, os.waitstatus_to_exitcode(status), used)

    def _finished(self, running: Running, code: int, used: Any) -> None:
        self._listen(running)
        with suppress(KeyError):
            self._selector.unregister(running.pipe)
        os.close(running.pipe)
        self._clear_up(running.pid)
        order, end = running.order, running.end
        if end is not None and end["state"] == AGAIN and not running.stopped:
            again = replace(order, level=FORKED)
            _empty(Path(order.folder), order.cells)
            self._tell({"number": order.number, "level": FORKED, "why": end["reason"]})
            self._start(again, running.began)
            return
        if end is not None and end["state"] == OK and order.task is not None:
            end = end if (Path(order.folder) / REPORT).is_file() else None  # a cell may say so; the report is made last
        if end is None:
            end = _ended(*_why_dead(running, code, used.ru_maxrss / 1024))
        elif running.stopped and (end["state"] != OK or order.task is None):
            end |= _ended(*running.stopped, end["cell"] or running.cell + 1)
        elif end["state"] == MEMORY:  # it may have been too short of memory to say where
            end["cell"] = end["cell"] or running.cell + 1
        if end["state"] != OK and order.task is not None:
            write_partial(Path(order.folder), end)
        end |= {
            "seconds": round(time.monotonic() - running.began, 3),
            "cpu": round(used.ru_utime + used.ru_stime, 3),
            "engine": order.level,
        }
        self._tell({"number": order.number, "end": end})

    def _clear_up(self, pid: int) -> None:
        """Ends what a notebook has left running: its group, and what has come to us by its death."""
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        end_children(self._running)

    def _watch_clock(self) -> None:
        now = time.monotonic()
        for running in self._running.values():
            limits = running.order.limits
            if running.stopped:
                if not running.killed_at and now > running.stopped_at + GRACE:
                    running.killed_at = now
                    with suppress(OSError):
                        os.killpg(running.pid, signal.SIGKILL)
                continue
            if limits.seconds and now - running.began > limits.seconds:
                self._interrupt(running, TIMEOUT, f"超过了每份 {limits.seconds:g} 秒的时限")
            elif limits.cell_seconds and running.cell >= 0 and now - running.cell_began > _patience(running.order):
                self._interrupt(running, TIMEOUT, f"超过了每个单元 {limits.cell_seconds:g} 秒的时限")
            elif _size(running.order.log) - running.log_began > limits.output_mb * _MB:
                self._interrupt(running, OUTPUT, f"写到日志的输出超过 {limits.output_mb} MB")

    def _interrupt(self, running: Running, state: str, why: str) -> None:
        running.stopped, running.stopped_at = (state, why), time.monotonic()
        with suppress(OSError):
            (Path(running.order.folder) / STOPPED).write_text(why, encoding="utf-8")
        with suppress(OSError):
            os.kill(running.pid, signal.SIGINT)

    def _end_all(self) -> None:
        for running in self._running.values():
            with suppress(OSError):
                os.killpg(running.pid, signal.SIGKILL)
        end_children()


def _patience(order: Order) -> float:
    """Seconds for a cell. Where a kernel is asked through a channel, its client interrupts it first."""
    return order.limits.cell_seconds + (0 if order.level == DIRECT else 2 * GRACE)


def _ended(state: str, reason: str, cell: int = 0) -> dict[str, Any]:
    return {"state": state, "cell": cell, "reason": reason}


def _why_dead(running: Running, code: int, most_mb: float) -> tuple[str, str, int]:
    """State, reason and cell of a child that could not say it itself; `most_mb`: memory that it once had."""
    cell = running.cell + 1
    if running.stopped:
        return *running.stopped, cell
    if code == -signal.SIGKILL and _out_of_memory(running.pid):
        return MEMORY, "内存不足，被系统结束", cell
    if -code in _CRASHES and most_mb > 0.9 * running.order.limits.memory_mb:  # what is refused memory may crash in C
        return MEMORY, f"内存用到了限度，进程因此崩溃（{_signal_name(-code)}）", cell
    if code < 0:
        return KILLED, f"进程被信号 {_signal_name(-code)} 结束", cell
    return KILLED, f"进程自己退出（退出码 {code}）", cell


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # one of the real-time signals
        return str(number)


def _understood(line: bytes, order: Order) -> dict[str, Any]:
    """What a child has said; empty for anything else. A cell can write into every descriptor that it finds."""
    with suppress(ValueError, RecursionError):
        said = json.loads(line)
        if isinstance(said, dict) and "end" in said:
            return _end_of(said["end"], order)
        if isinstance(said, dict):
            return {key: said[key] for key in ("start", "failed", "done") if _is_index(said.get(key))}
    return {}


def _end_of(end: Any, order: Order) -> dict[str, Any]:
    """What may be believed of an end: nothing that only the server or the client says, and nothing that would harm who
    writes it down. Empty for what is no end."""
    match end:
        case {"state": str(state), "cell": cell, "reason": str(reason)} if _is_index(cell):
            if state not in STATES and (state, order.level) != (AGAIN, DIRECT):
                return {}
            known = _ended(state, reason.encode("utf-8", "replace").decode(), cell)
            if isinstance(taken := end.get("memory_mb"), float) and 0 <= taken < math.inf:
                known["memory_mb"] = taken
            if order.task is None and isinstance(metadata := end.get("metadata"), dict):
                known["metadata"] = metadata
            return {"end": known}
    return {}


def _is_index(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST_CELLS


def _size(path: str) -> int:
    with suppress(OSError):
        return Path(path).stat().st_size
    return 0


def _out_of_memory(pid: int) -> bool:
    """Whether the system's log names the process as killed for want of memory; often it may not be read."""
    with suppress(OSError):
        log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        try:
            os.lseek(log, 0, os.SEEK_SET)
            while True:
                if f"Killed process {pid} ".encode() in os.read(log, 8192):
                    return True
        except BlockingIOError:
            pass
        finally:
            os.close(log)
    return False


def _empty(folder: Path, kept: str) -> None:
    """As it was before the first try, as far as a notebook has left that possible. `kept`: what is to be run."""
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        for item in folder.iterdir():
            if str(item) == kept:
                continue
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item, ignore_errors=True)
            else:
                item.unlink(missing_ok=True)


def warm(function: str, arguments: list[Any]) -> str:
    """Calls "module:function" before any fork, so that every child has what it made. Returns what went wrong, if so:
    the children are then merely slower."""
    module, _, name = function.partition(":")
    try:
        getattr(importlib.import_module(module), name)(*arguments)
    except Exception as error:  # noqa: BLE001 – only a head start
        return f"{type(error).__name__}：{error}"
    finally:
        gc.collect()
        gc.freeze()
    return ""


def _threads() -> int:
    """How many this process has; one that is just ending is given a moment for it."""
    for _ in range(10):
        if (found := len(list(Path("/proc/self/task").iterdir()))) == 1:
            break
        time.sleep(0.01)
    return found


def main() -> None:
    """Makes itself warm, says so, and serves."""
    sys.path.pop(0)  # where this was started; a kernel has none
    orders, events = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    adopt()
    from evaltool.batch.kernel import forget_builtins, make_app
    from evaltool.batch.warming import warm_imports

    app = make_app()
    with app.shell.builtin_trap:  # pandas and others look, when they are imported, whether they are in a notebook
        warm_imports()
    forget_builtins()
    gc.collect()
    gc.freeze()
    server = Server(app, orders, events)
    server._tell({"ready": os.getpid(), "threads": _threads()})
    server.serve()


if __name__ == "__main__":
    if sys.platform.startswith("linux"):
        main()
