"""The tasks of a batch on a Dask cluster: each worker runs them through a fork server of its own (`station`).

Results come back through the folder of the batch where a worker sees it, else through the scheduler; either way only
this process puts them under their final names. Needs the extra `evaltool[dask]`.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaltool.batch import calls
from evaltool.batch.bundle import Bundle, places_of, unpack
from evaltool.batch.hands import LOGS, RUN
from evaltool.batch.placing import part_folder, place
from evaltool.batch.station import BASE, MARK, Run
from evaltool.batch.task import DISK, KILLED, OK, REFUSED, Limits, Outcome, Task, outcome_of
from evaltool.batch.versions import versions

__all__ = ["BASE", "Cluster", "ClusterError", "require_distributed"]

PATIENCE = 60.0  # seconds without any worker, or without a word from the scheduler, after which a run stops
_CONNECT = 5.0  # seconds for the scheduler's first answer
_WORKERS = 10.0  # seconds for the first worker to be there
_PERFORMS = 6  # how often one task is sent out again because its worker was not ready or stopped
_SEEN = 5.0  # seconds until what a worker wrote must be seen here; network storage may lag
_COLLECTORS = 4  # threads that fetch and place
_LOCALLY = "或去掉 --scheduler，在本机出报告"


class ClusterError(RuntimeError):
    """The cluster cannot be used, or no longer; the message says what, why and what to do."""


def require_distributed() -> Any:
    """The package `distributed`. Raises ClusterError where it is not installed."""
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(
            f"没有安装 distributed（{error}）：用 --scheduler 把报告分给几台机器做，要靠它与 Dask 调度器通信；"
            f"运行 pip install 'evaltool[dask]'，{_LOCALLY}"
        ) from None
    return distributed


@dataclass(slots=True)
class _Sent:
    """A task on its way, with what the batch waits for."""

    task: Task
    result: Future[tuple[Outcome, Mapping[str, str]]]
    future: Any = None
    times: int = 0


class Cluster:
    """Runs tasks on the workers of a Dask scheduler. May be called from one thread.

    root       folder of the outputs, absolute; its parent has the data
    scheduler  tcp://host:port
    warm       as for `Local`; the argument station.BASE stands for the folder of the data on each machine
    files      what a run reads, relative to the parent of `root`: sent to workers that do not see that folder
    notebooks  absolute paths of the notebooks of all tasks

    Raises ClusterError if the scheduler does not answer, has no workers, or one of them has other versions.
    """

    def __init__(
        self,
        root: Path,
        scheduler: str,
        limits: Limits,
        warm: Sequence[tuple[str, Sequence[Any]]] = (),
        files: Sequence[str] = (),
        notebooks: Iterable[str] = (),
    ) -> None:
        distributed = require_distributed()
        self._root, self._address, self._files = root, scheduler, list(files)
        self._places = places_of(notebooks)
        given = [(name, list(arguments)) for name, arguments in warm]
        self._run = Run(secrets.token_hex(16), str(root), limits, given, versions())
        self._numbers = itertools.count(1)
        self._out: dict[str, _Sent] = {}
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._bundle: Bundle | None = None
        self._supplied: dict[str, int] = {}  # address → how often the data was sent there
        self._threads = 0
        self._lost: ClusterError | None = None
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(_COLLECTORS, "collect")
        self._log = logging.getLogger("distributed")
        self._said = self._log.level
        self._log.setLevel(logging.CRITICAL)  # what it would say is said here, in one line
        self._client = _connected(distributed, scheduler)
        try:
            self._lay_out()
            self._meet()
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._watch, name="cluster", daemon=True).start()

    @property
    def slots(self) -> int:
        """Threads of all workers there are now. Raises ClusterError once the cluster is lost."""
        if self._lost is not None:
            raise self._lost
        return self._threads

    def submit(self, task: Task) -> Future[tuple[Outcome, Mapping[str, str]]]:
        """Begins a task on the cluster. The result raises ClusterError if the cluster is lost meanwhile."""
        sent = _Sent(task, Future())
        self._send(sent)
        return sent.result

    def close(self) -> None:
        """Cancels what is running, ends the servers of this run, and leaves the cluster as it was."""
        self._closing.set()
        with self._lock:
            sent, self._out = list(self._out.values()), {}
        futures = [one.future for one in sent if one.future is not None]
        if self._client.status == "running":
            _within(10, lambda: self._client.cancel(futures, force=True) if futures else None)
            _within(30, lambda: self._client.run(calls.stop, self._run.token, on_error="ignore"))
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._run.meeting, ignore_errors=True)
        _within(10, lambda: self._client.close(timeout=5))
        self._log.setLevel(self._said)

    def _sweep(self) -> None:
        """Removes what earlier coordinators have left. We hold the claim on the batch."""
        for folder in self._run.meeting.parent.glob("cluster-*"):
            shutil.rmtree(folder, ignore_errors=True)

    # --- before the first task ---

    def _lay_out(self) -> None:
        """For workers that see our folder: a mark to know it by, and the notebooks, which may lie elsewhere."""
        self._sweep()
        meeting = self._run.meeting
        (meeting.parent / LOGS).mkdir(parents=True, exist_ok=True)
        meeting.mkdir()
        (meeting / MARK).write_text(self._run.token, encoding="utf-8")
        for source, place_there in self._places.items():
            (meeting / place_there).parent.mkdir(parents=True)
            shutil.copyfile(source, meeting / place_there)

    def _meet(self) -> None:
        """Asks every worker for its versions and whether it sees our folder, and sends the data to those that do
        not."""
        try:
            self._client.run_on_scheduler(calls.known)
        except Exception as error:  # noqa: BLE001 – whatever it is, tasks would fail by it
            raise ClusterError(
                f"调度器 {self._address} 不能用 evaltool（{type(error).__name__}：{error}）：任务要经过它，它得认识 evaltool；"
                f"在它的环境里装上同一版 evaltool，重新启动 dask scheduler，{_LOCALLY}"
            ) from None
        deadline = time.monotonic() + _WORKERS
        while not (threads := self._client.nthreads()):
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"调度器 {self._address} 没有工作进程，没有谁来做报告；"
                    f"在各台机器上运行 dask worker {self._address}，{_LOCALLY}"
                )
            time.sleep(0.2)
        self._threads = sum(threads.values())
        answers = self._client.run(calls.introduce, self._run.record(), on_error="return")
        self._check(answers)
        self._supply([address for address, answer in answers.items() if isinstance(answer, dict) and "wants" in answer])

    def _check(self, answers: Mapping[str, Any]) -> None:
        """Raises ClusterError if a worker has other versions or none at all."""
        wrong = []
        for address, answer in answers.items():
            if isinstance(answer, ImportError | AttributeError):
                wrong.append(f"{address} 没有装 evaltool，或是更早的版本（{answer}）")
            elif isinstance(answer, Mapping) and "other" in answer:
                wrong.append(f"{address} 的版本不同（{'；'.join(answer['other'])}）")
        if wrong:
            raise ClusterError(
                "工作进程与这边不是同一套程序，做出来的报告会不一样：\n"
                + "\n".join(wrong)
                + f"\n在那些机器上装同样的版本，重新启动 dask worker，再运行一次，{_LOCALLY}"
            )

    def _supply(self, addresses: Sequence[str]) -> None:
        """Sends the data to workers that want it, all at once. Raises ClusterError where it cannot be kept."""
        if not addresses:
            return
        run, token = self._client.run, self._run.token
        try:
            self._bundle = pack = self._bundle or Bundle(self._root.parent, self._files, self._places)
            answers = run(calls.offered, token, pack.name, workers=list(addresses), on_error="return")
            wanting = [address for address, answer in answers.items() if answer is True]
            if wanting:
                for place_there, offset, data in pack.chunks():
                    _kept(run(calls.take, token, place_there, offset, data, workers=wanting, on_error="return"))
                manifest = pack.manifest()
                _kept(run(calls.complete, token, pack.name, manifest, workers=wanting, on_error="return"))
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"数据送不到看不见“{self._root.parent}”的工作进程：{error}；"
                f"把它放到各台机器都能看到的共享文件夹（路径相同），{_LOCALLY}"
            ) from None

    # --- tasks ---

    def _send(self, sent: _Sent) -> None:
        sent.times += 1
        key = f"evaltool-{self._run.token}-{next(self._numbers)}"
        task = replace(sent.task, notebook=self._places[sent.task.notebook])
        with self._lock:
            if self._closing.is_set() or self._lost is not None:
                sent.result.set_exception(self._lost or ClusterError("已停止"))
                return
            self._out[key] = sent
        try:
            run, record = self._run.record(), task.record()
            sent.future = self._client.submit(calls.perform, run, record, key, key=key, pure=False)
            sent.future.add_done_callback(lambda _: self._collect_later(key))
        except Exception as error:  # noqa: BLE001 – the client has lost its scheduler
            self._lose(f"{type(error).__name__}：{error}")

    def _collect_later(self, key: str) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self._pool.submit(self._collect, key)

    def _collect(self, key: str) -> None:
        """The end of one sending: placed, or sent again. Nothing that happens here may be lost in a thread."""
        with self._lock:
            sent = self._out.get(key)
        if sent is None or self._closing.is_set():
            return
        try:
            ended = self._ended(sent)
        except ClusterError as error:
            self._fail(error)
            return
        except ImportError as error:  # of a worker that has joined since
            self._lose(f"有一个工作进程没有装 evaltool，或是更早的版本（{error}）")
            return
        except CancelledError:
            if not self._closing.is_set():
                self._lose("它不再认得交给它的任务")
            return
        except Exception as error:  # noqa: BLE001 – this task's own failure
            ended = _failed(sent.task, error), {}
        with self._lock:
            mine = self._out.pop(key, None)
        if mine is not None:
            mine.future.release()
            if ended is None:
                self._send(mine)
            else:
                mine.result.set_result(ended)

    def _ended(self, sent: _Sent) -> tuple[Outcome, Mapping[str, str]] | None:
        """None if the task is to be sent again."""
        answer = sent.future.result()
        self._check({answer["worker"]: answer})
        if "wants" in answer:
            with self._sending:
                self._supply([answer["worker"]])
        if "outcome" in answer:
            return self._placed(sent.task, answer)
        if sent.times < _PERFORMS:
            return None
        why = f"{answer.get('again', '工作进程拿不到数据')}（试了 {sent.times} 次）"
        return Outcome(sent.task.key, sent.task.name, KILLED, 0, why, folder=sent.task.folder), {}

    def _placed(self, task: Task, answer: Mapping[str, Any]) -> tuple[Outcome, Mapping[str, str]]:
        """Outputs of a worker under their final names. Raises OSError."""
        outcome, said = outcome_of(answer["outcome"]), answer["outputs"]
        if "part" in answer:
            part = self._root / answer["part"]
            _wait_until_seen(part, said)
            log = self._root / RUN / LOGS / f"{part.name}.log"
            words = log.read_bytes() if log.is_file() else b""
            log.unlink(missing_ok=True)
        else:
            part = part_folder(self._root)
            unpack(answer["files"], part)
            words = answer["log"]
        try:
            if words:
                with (self._root / RUN / LOGS / f"{task.folder}.log").open("ab") as file:
                    file.write(words)
            placed = place(part, self._root / task.folder, good=outcome.state == OK)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        if placed != said:
            raise OSError(f"{answer['worker']} 写的文件在这边读出来不一样，共享文件夹靠不住")
        return outcome, placed

    # --- the cluster itself ---

    def _watch(self) -> None:
        """How many threads there are, and whether there still is a cluster."""
        heard = time.monotonic()
        while not self._closing.wait(1):
            try:
                threads = self._client.nthreads() if self._client.status == "running" else {}
            except Exception:  # noqa: BLE001 – no answer; perhaps there is one later
                threads = {}
            self._threads = sum(threads.values())
            heard = time.monotonic() if threads else heard
            if self._client.status == "closed" or time.monotonic() - heard > PATIENCE:
                gone = "调度器断了" if self._client.status != "running" else f"{PATIENCE:g} 秒没有一个工作进程"
                self._lose(gone)
                return

    def _lose(self, why: str) -> None:
        self._fail(
            ClusterError(
                f"集群 {self._address} 不能再用：{why}；已做完的报告都在，"
                f"重新启动 dask scheduler 和 dask worker 后再运行一次，会接着做，{_LOCALLY}"
            )
        )

    def _fail(self, error: ClusterError) -> None:
        """The run ends: everything that is waited for raises."""
        with self._lock:
            self._lost = self._lost or error
            sent, self._out = list(self._out.values()), {}
        for one in sent:
            one.result.set_exception(self._lost)


def _connected(distributed: Any, scheduler: str) -> Any:
    try:
        return distributed.Client(scheduler, timeout=_CONNECT, set_as_default=False, name="evaltool")
    except (OSError, ValueError, TypeError) as error:  # no answer; no address; no such protocol
        raise ClusterError(
            f"连不上调度器 {scheduler}（{_CONNECT:g} 秒内没有应答：{error}）；"
            f"核对地址（tcp://主机:8786）和防火墙，在那台机器上运行 dask scheduler，{_LOCALLY}"
        ) from None


def _kept(answers: Mapping[str, Any]) -> None:
    """Raises OSError if a worker could not keep what was sent; one that is lost does not count."""
    for address, answer in answers.items():
        if isinstance(answer, str) and answer:
            raise OSError(f"{address}：{answer}")


def _failed(task: Task, error: Exception) -> Outcome:
    """How a task ended whose result did not come."""
    if type(error).__name__ == "KilledWorker":
        state, reason = KILLED, f"运行它的工作进程一再终止（{getattr(error, 'allowed_failures', 0) + 1} 次）"
    elif isinstance(error, OSError):
        state, reason = DISK, f"写不了文件：{error.strerror or error}"
    else:
        state, reason = REFUSED, f"{type(error).__name__}：{error}"
    return Outcome(task.key, task.name, state, 0, reason, folder=task.folder)


def _wait_until_seen(part: Path, names: Iterable[str]) -> None:
    """Raises OSError if what a worker wrote does not come into sight."""
    deadline = time.monotonic() + _SEEN
    while missing := [name for name in names if not (part / name).is_file()]:
        if time.monotonic() > deadline:
            raise OSError(f"共享文件夹里看不到工作进程写的 {'、'.join(missing)}")
        time.sleep(0.1)


def _within(seconds: float, call: Callable[[], Any]) -> None:
    """Calls what may never come back from a cluster that is gone; its failure does not matter then."""

    def quietly() -> None:
        with suppress(Exception):
            call()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    thread.join(seconds)
