"""Who runs the tasks of a batch on this machine: forked children of a warm server, or plain processes without fork."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evaltool.batch.client import ForkServer
from evaltool.batch.levels import Level, can_fork, level_of
from evaltool.batch.notebooks import read_notebook
from evaltool.batch.order import Order
from evaltool.batch.partial import stopped_in, write_partial
from evaltool.batch.placing import part_folder, place
from evaltool.batch.task import DIRECT, DISK, ENGINES, FAILED, KILLED, OK, PLAIN, Limits, Outcome, Task

RUN, LOGS = ".run", "logs"
NO_TIME = {"seconds": 0.0, "cpu": 0.0}
_LONGEST = 250  # bytes of a name without its ending; 255 is what nearly every file system takes


def same_everywhere(folder: Path) -> dict[str, str]:
    """What a report's notebook finds in its environment beside what every notebook finds: nothing of the user's own
    IPython settings, and sets in the same order in every run. `folder` is for what kernels write."""
    found = {"IPYTHONDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder), "PYTHONHASHSEED": "0"}
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):  # or every kernel would compile every module anew
        found |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    return found


@dataclass(slots=True)
class _Asked:
    task: Task
    result: Future[tuple[Outcome, Mapping[str, str]]] = field(default_factory=Future)
    lost: bool = False  # its server has died under it once


class Local:
    """Tasks on this machine; `root` is where their folders lie.

    levels  how each notebook is run: asked once, and lowered for good when a run shows that it needs more
    """

    def __init__(
        self,
        root: Path,
        slots: int,
        limits: Limits,
        warm: Sequence[tuple[str, Sequence[Any]]] = (),
    ) -> None:
        self.slots = slots
        self._root, self._logs, self._limits = root, root / RUN / LOGS, limits
        self._logs.mkdir(parents=True, exist_ok=True)
        self._own = tempfile.TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True)
        self._environment = same_everywhere(Path(self._own.name))
        self._plain = can_fork()  # why nothing is forked, if so
        self._servers = self._workers() if self._plain else [ForkServer(self._environment, warm)]
        self._left: list[ForkServer] = []  # given up, because they could not be started
        self.levels: dict[str, Level] = {}
        self._lock = threading.Lock()
        self._waiting: deque[_Asked] = deque()
        self._suspects: deque[_Asked] = deque()  # were running when a server died: one of them may have killed it
        self._running = 0
        self._alone = self._closing = False

    def _workers(self) -> list[ForkServer]:
        """What runs notebooks without forking: plain processes, one for each slot."""
        return [ForkServer(self._environment, (), "evaltool.batch.worker") for _ in range(self.slots)]

    def submit(self, task: Task) -> Future[tuple[Outcome, Mapping[str, str]]]:
        """Begins a task in a child of its own. If the server dies under it, it is run once more, with nothing beside
        it, so that only the one that kills servers fails by that."""
        asked = _Asked(task)
        with self._lock:
            self._waiting.append(asked)
        self._go_on()
        return asked.result

    def _go_on(self) -> None:
        while True:
            with self._lock:
                if self._alone or self._closing or (self._suspects and self._running):
                    return
                queue = self._suspects or self._waiting
                if not queue:
                    return
                self._alone = bool(self._suspects)
                asked = queue.popleft()
                self._running += 1
            self._begin(asked)

    def _begin(self, asked: _Asked) -> None:
        task = asked.task
        part = None
        try:
            part = part_folder(self._root)
            log = self._logs / log_name(task.folder)
            level = self._level(task)
            server = min(self._servers, key=lambda one: one.running)
            said = [f"{task.name}：{ENGINES[level.name]}{f'，因为{level.why}' if level.why else ''}\n"]
            said += [f"{why}\n" for why in server.complaints]
            log.write_text("".join(said), encoding="utf-8")
            order = Order(0, level.name, self._limits, str(part), str(log), task=task)
            done = server.submit(order, lambda event: self._heard(task, event))
        except OSError as error:
            self._ended(asked, part, {"state": DISK, "cell": 0, "reason": unwritten(error), **NO_TIME})
            return
        done.add_done_callback(lambda end: self._ended(asked, part, end.result()))

    def _level(self, task: Task) -> Level:
        if self._plain:
            return Level(PLAIN, self._plain)
        if task.notebook not in self.levels:
            try:
                self.levels[task.notebook] = level_of(read_notebook(Path(task.notebook)))
            except (OSError, ValueError):  # the child says what is wrong with it
                self.levels[task.notebook] = Level(DIRECT)
        return self.levels[task.notebook]

    def _heard(self, task: Task, event: Mapping[str, Any]) -> None:
        if "level" in event:
            self.levels[task.notebook] = Level(event["level"], event["why"])

    def _ended(self, asked: _Asked, part: Path | None, end: dict[str, Any]) -> None:
        task = asked.task
        with self._lock:
            self._running -= 1
            self._alone = False
            again = bool(end.get("lost")) and not asked.lost and not self._closing
            if again and end["never"] and not self._plain:  # nothing has run yet: it is no notebook's fault
                self._plain = end["reason"]
                self._left, self._servers = self._servers, self._workers()
                self._waiting.appendleft(asked)
            elif again:
                asked.lost = True
                self._suspects.append(asked)
        outcome = Outcome(
            task.key, task.name, end["state"], end["cell"], end["reason"], end["seconds"], end["cpu"],
            end.get("memory_mb", 0.0), end.get("engine", DIRECT), 1, task.folder,
        )  # fmt: skip
        placed: Mapping[str, str] = {}
        if not again and part is not None and not self._closing:  # who is interrupted keeps what he had
            try:
                if end.get("lost"):
                    cell = stopped_in(part) or outcome.cell
                    outcome = replace(outcome, cell=cell, reason=f"{outcome.reason}；单独重试也一样，多半是这份笔记本造成的")
                    write_partial(part, outcome.record())
                placed = place(part, self._root / task.folder, good=outcome.state == OK)
            except OSError as error:
                outcome = replace(outcome, state=DISK, cell=0, reason=unwritten(error))
            except Exception as error:  # noqa: BLE001 – not heard in a callback; the batch would wait for ever
                outcome = replace(outcome, state=FAILED, cell=0, reason=f"{type(error).__name__}：{error}")
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
        if not again:
            asked.result.set_result((outcome, placed))
        self._go_on()

    def close(self) -> None:
        with self._lock:
            self._closing = True
            left = [*self._suspects, *self._waiting]
            self._suspects.clear()
            self._waiting.clear()
        for server in (*self._left, *self._servers):
            server.close()
        for asked in left:
            task = asked.task
            asked.result.set_result((Outcome(task.key, task.name, KILLED, reason="没有开始", folder=task.folder), {}))
        self._own.cleanup()


def log_name(folder: str) -> str:
    """The log of a task; for a folder whose name leaves no room for “.log”, a shorter one."""
    name = folder.replace("/", "_")
    if len(name.encode()) > _LONGEST:
        mark = hashlib.sha256(name.encode()).hexdigest()[:16]
        name = f"{name.encode()[: _LONGEST - 17].decode(errors='ignore')}-{mark}"
    return f"{name}.log"


def unwritten(error: OSError) -> str:
    """Why something could not be written, for a person."""
    return f"写不了文件：{error.strerror or error}"
