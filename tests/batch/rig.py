"""Batches for the tests of faults: notebooks made of a few lines, a coordinator of its own, and a look at processes.

    python -m tests.batch.rig PLAN    # runs the batch that a file of JSON describes, as `evaltool report` would
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

MARK = "EVALTOOL_TEST_MARK"
ROOT = Path(__file__).resolve().parents[2]
HERE = "tests.batch.rig"
LINUX = Path("/proc/self").is_dir()


def book(path: Path, *codes: str, parameters: str = 'name = ""', minor: int = 5, **metadata: Any) -> Path:
    """A notebook with a cell of parameters and one cell for each of `codes`."""
    cells: list[dict[str, Any]] = []
    for number, source in enumerate((parameters, *codes)):
        tags = {"tags": ["parameters"]} if number == 0 else {}
        cell = {"cell_type": "code", "execution_count": None, "metadata": tags, "outputs": [], "source": source}
        cells.append(cell | ({"id": f"cell-{number}"} if minor >= 5 else {}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text = {"cells": cells, "metadata": {"kernelspec": kernel, **metadata}, "nbformat": 4, "nbformat_minor": minor}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(text), "utf-8")
    return path


class Lent:
    """One warm server for many tests: to make one takes longer than most of them. Started when first needed."""

    server: Any = None
    folder: Any = None

    @classmethod
    def lend(cls) -> Lent:
        if cls.server is None:
            from evaltool.batch.client import ForkServer
            from evaltool.batch.hands import same_everywhere

            cls.folder = tempfile.TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True)
            cls.server = ForkServer(same_everywhere(Path(cls.folder.name)))
            atexit.register(cls.server.close)
        return cls()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.server, name)

    def close(self) -> None:
        """Others still need it."""


class Told:
    """A watcher that keeps what it hears."""

    def __init__(self) -> None:
        self.outcomes: list[Any] = []
        self.notes: list[str] = []
        self.total = self.left = -1
        self.stopped: bool | None = None

    def begin(self, total: int, left: int) -> None:
        self.total, self.left = total, left

    def heard(self, outcome: Any) -> None:
        self.outcomes.append(outcome)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def end(self, stopped: bool) -> None:
        self.stopped = stopped


@dataclasses.dataclass
class Bench:
    """A batch of small notebooks under one root. `level` is forced on all of them; "worker" is the way without fork.

    own  a server of its own, for who looks for its processes or ends them; without it the one that tests share
    """

    folder: Path
    level: str = "direct"
    slots: int = 3
    limits: Mapping[str, Any] = dataclasses.field(
        default_factory=lambda: {"seconds": 600, "cell_seconds": 300, "memory_mb": 400, "output_mb": 16}
    )
    finish: str = ""
    own: bool = False
    tasks: dict[str, tuple[Any, str]] = dataclasses.field(default_factory=dict)
    told: Told = dataclasses.field(default_factory=Told)

    @property
    def root(self) -> Path:
        return self.folder / "out"

    def add(self, key: str, *codes: str, mark: str = "1", folder: str = "", **options: Any) -> Path:
        """A task with a notebook of its own."""
        path = book(self.folder / "books" / f"{len(self.tasks)}.ipynb", *codes, **options)
        self.give(key, path, mark=mark, folder=folder)
        return path

    def give(self, key: str, path: Path, mark: str = "1", folder: str = "", parameters: Any = None) -> None:
        from evaltool.batch.task import Task

        given = {"name": key} if parameters is None else parameters
        self.tasks[key] = (Task(key, f"县{key}", str(path), given, folder or f"f-{key}", self.finish), mark)

    def local(self) -> Any:
        from evaltool.batch.hands import Local
        from evaltool.batch.levels import Level
        from evaltool.batch.task import Limits

        local = Local(self.root, self.slots, Limits(**self.limits))
        if not self.own and self.level != "worker":
            local._servers = [Lent.lend()]
        if self.level in ("forked", "plain"):
            for task, _ in self.tasks.values():
                local.levels[task.notebook] = Level(self.level, "给测试用")
        return local

    def run(self, **choice: Any) -> dict[str, Any]:
        """key → outcome of all tasks; what was run now is in `told`."""
        from evaltool.batch import hands
        from evaltool.batch.running import Choice, run_batch

        self.told = Told()
        before = hands.can_fork
        if self.level == "worker":
            hands.can_fork = lambda: "给测试用"
        try:
            outcomes = run_batch(list(self.tasks.values()), self.root, self.local, self.told, Choice(**choice))
        finally:
            hands.can_fork = before
        return {outcome.key: outcome for outcome in outcomes}

    def plan(self, **choice: Any) -> Path:
        """The same batch as a file for a coordinator of its own."""
        path = self.folder / f"plan-{uuid.uuid4().hex[:8]}.json"
        tasks = [[task.record(), mark] for task, mark in self.tasks.values()]
        known = {"folder": str(self.folder), "level": self.level, "slots": self.slots, "limits": dict(self.limits)}
        path.write_text(json.dumps({**known, "finish": self.finish, "tasks": tasks, "choice": choice}), "utf-8")
        return path

    def start(self, mark: str, **choice: Any) -> subprocess.Popen[bytes]:
        """A coordinator of its own, in a session of its own; its words go to `folder`/said."""
        with (self.folder / "said").open("ab") as said:
            return coordinator([sys.executable, "-m", HERE, str(self.plan(**choice))], mark, said)

    def final(self, key: str) -> Path:
        return self.root / self.tasks[key][0].folder

    def log(self, key: str) -> str:
        from evaltool.batch.hands import log_name

        return (self.root / ".run" / "logs" / log_name(self.tasks[key][0].folder)).read_text("utf-8", "replace")


def coordinator(command: Sequence[str], mark: str, said: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    environment = {**os.environ, MARK: mark, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": ""}
    return subprocess.Popen(
        command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
    )


def finish(notebook: Any, folder: Path, options: dict[str, Any]) -> tuple[int, str]:
    """A last step as a report has one, in two pieces, so that half of it could be seen."""
    with (folder / "report.html").open("w", encoding="utf-8") as page:
        page.write("<html>" + "甲" * 30_000)
        page.flush()
        page.write("乙" * 30_000 + "</html>")
    return 0, ""


def tree(root: Path) -> dict[str, bytes]:
    """Every output under its final name: path → bytes."""
    found = {}
    for folder, inside, files in os.walk(root):  # a folder that goes away meanwhile is no error to it
        inside[:] = sorted(name for name in inside if name != ".run" and not name.startswith(".part-"))
        for name in sorted(files):
            path = Path(folder, name)
            found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def parts(root: Path) -> list[str]:
    return [path.name for path in root.glob(".part-*")]


def states(root: Path) -> dict[str, str]:
    from evaltool.batch.ledger import Ledger

    with Ledger(root / ".run" / "ledger.sqlite") as ledger:
        return {entry.key: entry.state for entry in ledger.entries()}


# --- processes ---


def marked(mark: str) -> list[int]:
    """All living processes that were started with the mark in their environment, or by one that was."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0") and _lives(folder):
                found.append(int(folder.name))
    return found


def _lives(folder: Path) -> bool:
    return (folder / "stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return _lives(Path("/proc", str(pid)))
    return False


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def below(pid: int) -> list[int]:
    """The process and everything below it."""
    return [pid, *(deeper for child in children(pid) for deeper in below(child))]


def resident_mb(pid: int) -> float:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    return 0.0


def wait_for(what: Callable[[], Any], seconds: float = 120.0) -> Any:
    """What `what` gives once it is true; its last value if it never is."""
    until = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.01)
    return found


def all_gone(mark: str) -> list[int]:
    """Those that are still there after a while; none is what is wanted."""
    wait_for(lambda: not marked(mark), 30)
    return marked(mark)


def kill(*pids: int, how: int = signal.SIGKILL) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, how)


@contextlib.contextmanager
def sampling(look: Callable[[], int]) -> Iterator[list[int]]:
    """Calls `look` as fast as it can in a thread; gives [calls, sum of what it returned]. Its errors come out here."""
    seen, wrong, over = [0, 0], list[BaseException](), threading.Event()

    def go() -> None:
        while not over.is_set():
            try:
                seen[1] += look()
                seen[0] += 1
            except BaseException as error:  # noqa: BLE001 – raised again below
                wrong.append(error)
                return
            time.sleep(0.0005)  # what is looked at needs the processor too

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    if wrong:
        raise wrong[0]


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    from evaltool.batch.task import Task

    tasks = {task["key"]: (Task(**task), mark) for task, mark in plan.pop("tasks")}
    choice = plan.pop("choice")
    bench = Bench(Path(plan.pop("folder")), tasks=tasks, own=True, **plan)
    for outcome in bench.run(**choice).values():
        print(outcome.key, outcome.state, outcome.cell, outcome.reason, flush=True)


if __name__ == "__main__":
    main()
