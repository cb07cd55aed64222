"""The fork server seen from the process that gives orders: started when first needed, and again after it has died."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import IO, Any, Self

from evaltool.batch.order import Order
from evaltool.batch.orphans import MARK, end_marked
from evaltool.batch.task import KILLED

Event = Mapping[str, Any]
Heard = Callable[[Event], None]

_SIGKILL = 9  # `signal` does not name it on every system
# One thread in the server and in numerical libraries: a process with more cannot be forked safely, and so many children
# with more would fight for the cores.
_ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
# Chosen when plotly is imported, so it must be set before; and what a kernel would otherwise ask or print.
SAME_FOR_ALL = {
    "PLOTLY_RENDERER": "plotly_mimetype",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONUTF8": "1",
}


@dataclass(slots=True)
class _Pending:
    future: Future[dict[str, Any]]
    heard: Heard | None
    cell: int = 0  # which it is at, from 1


@dataclass(slots=True)
class _Live:
    """One server process with the thread that reads from it."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    pending: dict[int, _Pending] = field(default_factory=dict)
    threads: int = 1  # in the server; it may have no others when it forks
    reader: threading.Thread | None = None


@cache
def _installed(package: Path) -> bool:
    """Whether another interpreter of this installation finds this very package by itself."""
    if package.name == "site-packages":
        return True
    with suppress(PackageNotFoundError, ValueError, KeyError):
        said = json.loads(distribution("evaltool").read_text("direct_url.json") or "{}")
        return bool(said["dir_info"].get("editable")) and said["url"] == package.as_uri()
    return False


class ForkServer:
    """Runs orders in forked processes of a warm server. May be used from several threads.

    environment  added to this process's for the server and every notebook
    warm         [("module:function", [arguments]), …] called in the server before its first fork
    program      what is started; `evaltool.batch.worker` speaks the same where there is no fork
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        warm: Sequence[tuple[str, Sequence[Any]]] = (),
        program: str = "evaltool.batch.server",
    ) -> None:
        self._program = program
        self._mark = uuid.uuid4().hex
        self._environment = {**(environment or {}), MARK: self._mark}
        self._warm = list(warm)
        self._live: _Live | None = None
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []  # what went wrong while it was warmed
        self.running = 0  # orders that have not ended
        self._has_served = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a notebook finds in its environment."""
        found = {**os.environ, **SAME_FOR_ALL, **_ONE_THREAD, **self._environment}
        paths = [str(Path(part).absolute()) for part in found.get("PYTHONPATH", "").split(os.pathsep) if part]
        package = Path(__file__).resolve().parents[2]
        if not _installed(package):  # run from a checkout: server and kernels find the same evaltool
            paths.insert(0, str(package))
        return found | ({"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))} if paths else {})

    @property
    def pid(self) -> int | None:
        return self._live.process.pid if self._live is not None else None

    def submit(self, order: Order, heard: Heard | None = None) -> Future[dict[str, Any]]:
        """Begins a run at once; its end is {"state", "cell", "reason", "seconds", "cpu", "memory_mb", "engine"}. If the
        server dies under it, also {"lost": True, "never": whether it cannot serve here at all}.

        heard  gets each event of the run: started, start, failed, done, level; called in another thread
        """
        with self._lock:
            live = self._live if self._live is not None and self._live.process.poll() is None else self._start()
            number = next(self._numbers)
            order = replace(order, number=number, environment=dict(order.environment) or self.environment)
            self._send(live, order.record())  # may raise, so nothing is counted before it; answers wait for the lock
            pending = live.pending[number] = _Pending(Future(), heard)
            self.running += 1
            return pending.future

    def close(self) -> None:
        """Ends the server and everything that it runs."""
        with self._lock:
            live, self._live = self._live, None
        if live is None:
            return
        reader = live.reader
        assert live.process.stdin is not None
        with suppress(OSError):
            live.process.stdin.close()
        try:
            live.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            live.process.kill()
            live.process.wait()
        if reader is not None and reader is not threading.current_thread():
            reader.join(10)

    def _start(self) -> _Live:
        log = tempfile.TemporaryFile()  # noqa: SIM115 – closed by the thread that reads
        process = subprocess.Popen(
            [sys.executable, "-m", self._program], cwd=Path(sys.executable).anchor,  # nothing there to be imported
            env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            start_new_session=sys.platform != "win32",  # Ctrl-C is for us; we end the server
        )  # fmt: skip
        live = _Live(process, log)
        self._live = live
        live.reader = threading.Thread(target=self._read, args=(live,), name="fork server", daemon=True)
        live.reader.start()
        for function, arguments in self._warm:
            self._send(live, {"warm": function, "arguments": list(arguments)})
        return live

    @staticmethod
    def _send(live: _Live, said: Mapping[str, Any]) -> None:
        assert live.process.stdin is not None
        line = json.dumps(said).encode() + b"\n"  # all ASCII: a variable that is no UTF-8 comes as half characters
        with suppress(OSError, ValueError):  # its death shows as the end of its output; the pipe may be closed by then
            live.process.stdin.write(line)
            live.process.stdin.flush()

    def _read(self, live: _Live) -> None:
        assert live.process.stdout is not None
        for line in live.process.stdout:
            if line.endswith(b"\n"):
                self._heard(live, json.loads(line))
        self._died(live)

    def _heard(self, live: _Live, said: dict[str, Any]) -> None:
        if "ready" in said or "warm" in said:
            self._has_served |= "ready" in said
            self._warmed(live, said.get("warm", ""), said["threads"])
            return
        with self._lock:
            pending = live.pending.pop(said["number"], None) if "end" in said else live.pending.get(said["number"])
            if pending is None:
                return
            if "end" in said:
                self.running -= 1
        pending.cell = said["start"] + 1 if "start" in said else pending.cell
        if "end" in said:
            pending.future.set_result(said["end"])
        elif pending.heard is not None:
            pending.heard(said)

    def _warmed(self, live: _Live, wrong: str, threads: int) -> None:
        found = [f"没有能预先读入，这份会慢一些：{wrong}"] if wrong else []
        if threads > live.threads:  # told once for those that stay
            live.threads = threads
            found.append(f"预先读入时开了线程（现在共 {threads} 个），带着别的线程分叉不安全，报告可能卡住")
        self.complaints += [one for one in found if one not in self.complaints]  # a second server has the same

    def _died(self, live: _Live) -> None:
        """Whatever the server still had is killed with it, and told so."""
        code = live.process.wait()
        live.log.seek(0)
        words = live.log.read().decode("utf-8", "replace").strip().splitlines()
        live.log.close()
        assert live.process.stdin is not None
        assert live.process.stdout is not None
        with suppress(OSError):
            live.process.stdin.close()
        live.process.stdout.close()
        with self._lock:
            left, live.pending = list(live.pending.values()), {}
            self.running -= len(left)
        said = f"：{words[-1]}" if words and code > 0 else ""
        never = not self._has_served and code != -_SIGKILL  # which somebody else has sent: the next one may serve
        if left and sys.platform == "linux":
            end_marked(self._mark)
        for pending in left:
            reason = f"分叉服务进程意外终止（退出码 {code}）{said}"
            lost = {"state": KILLED, "cell": pending.cell, "reason": reason, "seconds": 0.0, "cpu": 0.0}
            pending.future.set_result({**lost, "lost": True, "never": never})
