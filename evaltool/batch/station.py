"""A Dask worker's side of a batch: one warm fork server for each run, and tasks that may run twice without harm.

A task never writes under a final name: it leaves its outputs in a folder
of its own, and only the coordinator, who holds the claim on the batch, moves them. So a task that is run again after a
worker was lost, or that a lost worker goes on with, leaves at most a folder that is swept.
"""

from __future__ import annotations

import atexit
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from evaltool.batch import bundle
from evaltool.batch.hands import LOGS, RUN, Local
from evaltool.batch.placing import PART, part_folder
from evaltool.batch.task import Limits, Task
from evaltool.batch.versions import differing, versions

BASE = "{base}"  # as an argument of `warm`: the folder of the data, wherever it lies on that machine
IDLE = 30.0  # seconds without a task after which a server is closed: it is soon warm again
MARK = "here"  # the file by which a worker knows that it sees the coordinator's folder
_LOOK = 0.5  # seconds between two looks whether a task is still wanted
_LOG_BYTES = 1 << 16  # of the end of a log that travel
_OVER = ("closing", "closed", "failed")  # states of a worker that is going away


@dataclass(frozen=True, slots=True)
class Run:
    """What all tasks of one run have in common; nothing of the coordinator's environment is in it.

    token     new for each run
    root      the coordinator's folder of outputs; its parent has the data
    warm      [("module:function", [arguments]), …]; BASE stands for the folder of the data
    versions  that a worker must have
    """

    token: str
    root: str
    limits: Limits = field(default_factory=Limits)
    warm: Sequence[tuple[str, Sequence[Any]]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def meeting(self) -> Path:
        """What the coordinator lays out for workers that see its folder."""
        return Path(self.root) / RUN / f"cluster-{self.token}"


def run_of(record: Mapping[str, Any]) -> Run:
    """The run that `Run.record` wrote."""
    return Run(**{**record, "limits": Limits(**record["limits"])})


class Station:
    """The server of one run in this process.

    root       folder under which tasks are run: the coordinator's own, or that beside the bundle
    notebooks  folder to which the tasks' notebooks are relative
    """

    def __init__(self, run: Run, root: Path, notebooks: Path, slots: int, *, shared: bool) -> None:
        warm = [(name, [str(root.parent) if one == BASE else one for one in given]) for name, given in run.warm]
        self._hands = Local(root, slots, run.limits, warm)
        self._root, self._notebooks = root, notebooks
        self.shared = shared
        self._lock = threading.Lock()
        self._busy, self._last = 0, time.monotonic()
        self._closed = threading.Event()

    def is_closed(self) -> bool:
        """Whether its server has been ended; nothing is begun here any more."""
        return self._closed.is_set()

    @property
    def idle(self) -> float:
        """Seconds since the last task; 0 while one is running."""
        return 0.0 if self._busy else time.monotonic() - self._last

    def perform(self, task: Task, unwanted: Callable[[], bool]) -> dict[str, Any]:
        """Runs a task to its end: {"outcome", "outputs", and "part" or "files", "log"}; {"again"} if it was stopped.

        unwanted  whether nobody waits for it any more: then everything of the run is ended here
        """
        name = f"{PART}{uuid.uuid4().hex}"
        with self._lock:
            if self.is_closed():
                return {"again": "这个工作进程已停"}
            notebook = str(self._notebooks / task.notebook)
            done = self._hands.submit(replace(task, notebook=notebook, folder=name))
            self._busy += 1
        try:
            while not wait([done], timeout=_LOOK).done:
                if unwanted():
                    self.close()
            outcome, outputs = done.result()
        finally:
            with self._lock:  # one for each slot of the worker come here
                self._busy -= 1
                self._last = time.monotonic()
        log = self._root / RUN / LOGS / f"{name}.log"
        if self.is_closed():
            self._clear(name, log)
            return {"again": "工作进程在中途停了"}
        answer = {"outcome": replace(outcome, folder=task.folder).record(), "outputs": dict(outputs)}
        if self.shared:
            return {**answer, "part": name}
        try:
            return {**answer, "files": bundle.packed(self._root / name, outputs), "log": _tail(log)}
        finally:
            self._clear(name, log)

    def _clear(self, name: str, log: Path) -> None:
        shutil.rmtree(self._root / name, ignore_errors=True)
        log.unlink(missing_ok=True)

    def close(self) -> None:
        """Ends the server and all that it runs."""
        with self._lock:
            if self.is_closed():
                return
            self._closed.set()
        self._hands.close()


def _tail(log: Path) -> bytes:
    with suppress(OSError):
        return log.read_bytes()[-_LOG_BYTES:]
    return b""


_stations: dict[str, Station] = {}
_over: set[str] = set()  # tokens of runs that have ended here
_lock = threading.Lock()
_watched: list[threading.Thread] = []


# --- what the coordinator calls, through `calls` ---


def introduce(run: Mapping[str, Any], worker: Any) -> dict[str, Any]:
    """Makes this worker ready for a run: {"shared"}, whether it sees the coordinator's folder; or {"wants"}: the data
    has to be sent; or {"other"}: what has other versions here."""
    found = _ready(run_of(run), worker)
    return {"shared": found.shared} if isinstance(found, Station) else found


def perform(run: Mapping[str, Any], task: Mapping[str, Any], key: str, worker: Any) -> dict[str, Any]:
    """Runs one task: what `Station.perform` returns, or what `introduce` does where this worker cannot run it yet; and
    "worker", its address. `key` is Dask's name of the task."""
    found = _ready(run_of(run), worker)
    if not isinstance(found, Station):
        return {**found, "worker": worker.address}
    answer = found.perform(Task(**task), lambda: _unwanted(worker, key))
    return {**answer, "worker": worker.address}


def stop(token: str) -> None:
    """Ends a run in this worker; a task of it that comes later is not begun."""
    with _lock:
        _over.add(token)
        station = _stations.pop(token, None)
    if station is not None:
        station.close()
    bundle.leave(token)


def _ready(run: Run, worker: Any) -> Station | dict[str, Any]:
    with _lock:
        if run.token in _over:
            return {"again": "这一次运行已经结束"}
        station = _stations.get(run.token)
        if station is not None and not station.is_closed():
            return station
        if other := differing(run.versions, versions()):
            return {"other": other}
        slots = int(worker.state.nthreads)
        if _sees(run):
            station = Station(run, Path(run.root), run.meeting, slots, shared=True)
        elif (folder := bundle.folder_of(run.token)) is not None:
            station = Station(run, folder / Path(run.root).name, folder, slots, shared=False)
        else:
            return {"wants": True}
        _stations[run.token] = station
        _watch(worker)
        return station


def _sees(run: Run) -> bool:
    """Whether the coordinator's folder is seen here, and may be written."""
    try:
        if (run.meeting / MARK).read_text("utf-8") != run.token:
            return False
        part_folder(Path(run.root)).rmdir()
    except OSError:
        return False
    return True


def _unwanted(worker: Any, key: str) -> bool:
    """Whether the task was cancelled (Ctrl-C, or the coordinator is gone), or the worker itself is going away."""
    state = worker.state.tasks.get(key)
    return (state is not None and state.state == "cancelled") or worker.status.name in _OVER


def _watch(worker: Any) -> None:
    """A thread that closes what nobody uses any more; it ends with the last station."""
    if _watched and _watched[0].is_alive():
        return
    _watched[:] = [threading.Thread(target=_look_after, args=(worker,), name="evaltool stations", daemon=True)]
    _watched[0].start()


def _look_after(worker: Any) -> None:
    while True:
        time.sleep(2)
        with _lock:
            over = worker.status.name in _OVER
            leaving = [token for token, one in _stations.items() if over or one.is_closed() or one.idle > IDLE]
            stations = [_stations.pop(token) for token in leaving]
            last = not _stations
            if last:
                _watched.clear()
        for station in stations:
            station.close()
        if last:
            return


@atexit.register
def _close_all() -> None:
    for station in list(_stations.values()):
        station.close()
