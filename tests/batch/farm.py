"""A Dask scheduler and workers as processes of their own, and a round without a county for them."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import nbformat

from evaltool.batch.task import Limits, Outcome, Task

ROOT = Path(__file__).resolve().parents[2]
MARKER = f"EVALTOOL_TEST={uuid.uuid4().hex}"  # in the environment of every process that is started here
LIMITS = Limits(seconds=60, cell_seconds=60)
CELLS = (
    'county_code = ""\nround_folder = ""',
    "import random, time\nfrom pathlib import Path",
    "numbers = (Path(round_folder) / 'data' / 'numbers.csv').read_text()\nprint(county_code, numbers, random.random())",
    "time.sleep(0.4)\nPath('report.json').write_text(county_code)",
)


class Watching:
    """Collects what a watcher is told."""

    def __init__(self, each: Callable[[], None] = lambda: None) -> None:
        self.outcomes: list[Outcome] = []
        self.notes: list[str] = []
        self._each = each

    def begin(self, total: int, left: int) -> None: ...

    def heard(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._each()

    def note(self, text: str) -> None:
        self.notes.append(text)

    def end(self, stopped: bool) -> None: ...


def made_round(folder: Path) -> Path:
    """A folder with data, and beside it, where no worker need see it, the notebook."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "numbers.csv").write_text("1,2,3\n", encoding="utf-8")
    (folder / "empty.txt").touch()
    return folder


def made_notebook(path: Path) -> Path:
    cells = [nbformat.v4.new_code_cell(text, id=f"cell{number}") for number, text in enumerate(CELLS)]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def tasks_of(notebook: Path, number: int) -> list[tuple[Task, str]]:
    codes = [f"33{index:04}" for index in range(number)]
    return [
        (Task(code, f"县{code}", str(notebook), {"county_code": code, "round_folder": "../.."}, f"{code}_县"), "same")
        for code in codes
    ]


def outputs(folder: Path) -> dict[str, bytes]:
    """All files under final names."""
    reports = folder / "reports"
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in sorted(reports.rglob("*"))
        if path.is_file() and not path.relative_to(reports).parts[0].startswith((".run", ".part-"))
    }


def environment(**more: str) -> dict[str, str]:
    name, _, value = MARKER.partition("=")
    return {**os.environ, "PYTHONPATH": str(ROOT), name: value, **more}


def marked() -> dict[int, str]:
    """pid → command of every living process that was started here."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if MARKER.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def tree(pid: int) -> list[int]:
    """A process and all that it has started."""
    pids = [pid]
    for one in pids:
        with suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                pids += [int(child) for child in (thread / "children").read_text().split()]
    return pids


def kill_all(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for(what: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def servers() -> list[int]:
    return [pid for pid, command in marked().items() if "evaltool.batch.server" in command]


def running() -> list[int]:
    """What the servers have forked; a server alone may stay a while where nobody could tell it to go."""
    return [child for server in servers() for child in tree(server)[1:]]


class Farm:
    """A scheduler and its workers. `before` is put before a command, to run it somewhere else."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", before: tuple[str, ...] = ()) -> None:
        self.folder = folder
        folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://{host}:{port}"
        self._numbers = itertools.count(1)
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.scheduler = self._start("scheduler", ["--host", host, "--port", str(port)], before)

    def worker(self, before: tuple[str, ...] = (), threads: int = 2, more: tuple[str, ...] = (), **env: str) -> str:
        name = f"worker{next(self._numbers)}"
        local = ["--local-directory", str(self.folder / name), "--nthreads", str(threads), "--memory-limit", "0"]
        self.workers[name] = self._start("worker", [self.address, *local, "--no-nanny", *more], before, name, **env)
        return name

    def _start(self, what: str, given: list[str], before: tuple[str, ...], name: str = "scheduler", **env: str):
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [*before, sys.executable, "-m", "distributed.cli.dask_" + what, *given, "--no-dashboard"],
                env=environment(**env), stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip

    def joined(self) -> int:
        """How many workers there are now."""
        log = (self.folder / "scheduler.log").read_text("utf-8")
        return log.count("Register worker addr") - log.count("Remove worker addr")

    def ready(self, number: int) -> bool:
        """Waits until there are so many workers."""
        return wait_for(lambda: self.joined() == number, 120)

    def close(self) -> None:
        started = [self.scheduler, *self.workers.values()]
        kill_all([pid for process in started for pid in tree(process.pid)])
        for process in started:
            process.wait()
