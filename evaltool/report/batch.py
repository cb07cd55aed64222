"""One notebook a county, several at a time; one county's failure stops no other, and every outcome is told."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from evaltool.files import write_text
from evaltool.report.index import write_index
from evaltool.report.names import OVERVIEW_FOLDER, folder_name
from evaltool.report.notebooks import COUNTY, OVERVIEW, notebook_path
from evaltool.report.page import write_assets
from evaltool.report.tables import clean

if TYPE_CHECKING:
    from evaltool.archive import Round

DONE, FAILED = "ok", "failed"
FILES = ("report.json", "report.ipynb", "report.html")
UP = "../.."  # from a report's own folder to the round: the notebook can be opened and run again where it lies


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one report went. `state` is ok or failed, `cell` counts from 1, `folder` is under reports/."""

    code: str
    name: str
    state: str
    cell: int
    reason: str
    seconds: float
    folder: str

    def __str__(self) -> str:
        if self.state == DONE:
            return f"{clean(self.name)} 完成（{self.seconds:.1f} 秒）"
        where = f"第 {self.cell} 个单元，" if self.cell else ""
        return f"{clean(self.name)} 失败：{where}{self.reason}"


@dataclass(frozen=True, slots=True)
class _Task:
    code: str
    name: str
    notebook: Path
    parameters: dict[str, str]
    folder: str
    title: str


Progress = Callable[[Outcome, int, int], None]


def report(
    rnd: Round,
    counties: Iterable[str] | None = None,
    jobs: int = 2,
    progress: Progress | bool = True,
    notebook: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Runs the county notebook for each county (codes or names; all of the roster by default), then the overview.

    Writes `reports/` of the round: a folder a county, the overview, index.html, assets and run.json. Returns a frame
    with a row a report: code, name, state (ok or failed), cell, reason, seconds, folder.

    progress  True: a bar for a person at a terminal, else plain lines; a function gets (outcome, done, of how many)
    notebook  another notebook for the counties, with the same parameters
    raises    KeyError for an unknown county, before anything is run
    """
    reports = Path(rnd.folder) / "reports"
    source = Path(notebook) if notebook is not None else notebook_path(COUNTY)
    names = {str(code): str(name) for code, name in zip(rnd.counties()["code"], rnd.counties()["name"], strict=True)}
    wanted = list(names) if counties is None else [_code(names, county) for county in counties]
    tasks = [
        _Task(
            code,
            names[code],
            source,
            {"round_folder": UP, "county_code": code},
            folder_name(code, names[code]),
            f"{names[code]}　绩效评价报告",
        )
        for code in dict.fromkeys(wanted)
    ]
    overview = _Task("", "总体情况", notebook_path(OVERVIEW), {"round_folder": UP}, OVERVIEW_FOLDER, "总体情况")
    write_assets(reports / "assets")
    with _progress(progress, len(tasks) + 1) as tell, _workers(min(jobs, len(tasks))) as workers:
        outcomes = _run(workers, tasks, reports, tell, 0, len(tasks) + 1)
        outcomes += _run(workers[:1], [overview], reports, tell, len(tasks), len(tasks) + 1)
    write_index(rnd, reports, {item.code: item.reason for item in outcomes if item.state == FAILED})
    record: dict[str, Any] = {
        "format": "1",
        "reports": [{field: getattr(item, field) for field in Outcome.__slots__} for item in outcomes],
    }
    write_text(reports / "run.json", json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    rnd.sign_off()
    return pd.DataFrame(record["reports"], columns=list(Outcome.__slots__))


def _code(names: dict[str, str], county: str) -> str:
    if county in names:
        return county
    found = [code for code, name in names.items() if name == county]
    if len(found) != 1:
        raise KeyError(f"名册里没有“{county}”" if not found else f"名册里有 {len(found)} 个“{county}”，请用代码")
    return found[0]


def _in_notebook() -> bool:
    """Whether this code runs in a kernel; that some other code has imported one does not count."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


@contextmanager
def _progress(progress: Progress | bool, total: int) -> Iterator[Progress]:
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda *_: None
    elif sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=total, unit="份", desc="报告", file=sys.stderr) as bar:

            def shown(outcome: Outcome, *_: int) -> None:
                if outcome.state == FAILED:
                    bar.write(str(outcome), file=sys.stderr)
                bar.set_postfix_str(clean(outcome.name))
                bar.update()

            yield shown
    else:
        out = sys.stdout if _in_notebook() else sys.stderr  # a notebook shows what comes on stderr in red
        yield lambda outcome, done, total: print(f"[{done}/{total}] {outcome}", file=out, flush=True)


@contextmanager
def _workers(count: int) -> Iterator[list[_Worker]]:
    """Processes that make reports, ended whatever happens."""
    with tempfile.TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True) as compiled:
        workers = [_Worker(Path(compiled)) for _ in range(max(1, count))]
        try:
            yield workers
        finally:
            for worker in workers:
                worker.close()


def _run(
    workers: Sequence[_Worker], tasks: Sequence[_Task], reports: Path, tell: Progress, done: int, total: int
) -> list[Outcome]:
    """All tasks, one at a time in each worker; the outcomes in the order of the tasks."""
    waiting: queue.SimpleQueue[tuple[int, _Task]] = queue.SimpleQueue()
    for item in enumerate(tasks):
        waiting.put(item)
    outcomes: dict[int, Outcome] = {}
    lock, stop = threading.Lock(), threading.Event()

    def serve(worker: _Worker) -> None:
        while not stop.is_set():
            try:
                number, task = waiting.get_nowait()
            except queue.Empty:
                return
            outcome = _one(worker, task, reports)
            with lock:
                outcomes[number] = outcome
                if not stop.is_set():
                    tell(outcome, done + len(outcomes), total)

    threads = [threading.Thread(target=serve, args=(worker,), daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
    return [outcomes[number] for number in sorted(outcomes)]


def _one(worker: _Worker, task: _Task, reports: Path) -> Outcome:
    """One report, made in a folder beside the final one and moved into place file by file."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".part-", dir=reports, ignore_cleanup_errors=True) as beside:
        answer = worker.ask(
            {
                "notebook": str(task.notebook.resolve()),
                "parameters": task.parameters,
                "folder": beside,
                "title": task.title,
            }
        )
        final = reports / task.folder
        try:
            _publish(Path(beside), final, failed=bool(answer["why"]))
        except OSError as error:
            answer = {"why": f"不能写入 {final.name}：{error.strerror}", "cell": 0}
    seconds = round(time.monotonic() - began, 2)
    return Outcome(
        task.code,
        task.name,
        FAILED if answer["why"] else DONE,
        int(answer["cell"]),
        str(answer["why"]),
        seconds,
        task.folder,
    )


def _publish(beside: Path, final: Path, failed: bool) -> None:
    """The new files under their final names; after a failure no older report stays that could be taken for it."""
    final.mkdir(parents=True, exist_ok=True)
    for name in ("failed.ipynb",) if failed else FILES:
        if (beside / name).exists():
            (beside / name).replace(final / name)
    for name in FILES if failed else ("failed.ipynb",):
        (final / name).unlink(missing_ok=True)


class _Worker:
    """A worker process, started when first asked, and again after it has died."""

    def __init__(self, compiled: Path) -> None:
        self._compiled = compiled
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def _start(self) -> subprocess.Popen[bytes]:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 – closed in close()
        environment = dict(os.environ)
        package = Path(__file__).resolve().parents[2]
        if package.name != "site-packages":  # run from a checkout: the worker and its kernels find the same evaltool
            known = environment.get("PYTHONPATH", "")
            environment["PYTHONPATH"] = os.pathsep.join(part for part in (str(package), known) if part)
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):  # or every kernel would compile every module anew
            environment["PYTHONPYCACHEPREFIX"] = str(self._compiled)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "evaltool.report.worker"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=sys.platform != "win32",  # Ctrl-C is for us; we end the worker
        )

    def ask(self, task: dict[str, Any]) -> dict[str, Any]:
        """The answer to one task. The worker's death is this task's failure; the next task gets a new worker."""
        if self._process is None:
            self._process = self._start()
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.write(json.dumps(task, ensure_ascii=False).encode() + b"\n")
            process.stdin.flush()
        line = process.stdout.readline()
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        code, said = process.wait(), self._last_words()
        self.close()
        return {"why": f"生成报告的进程意外终止（退出码 {code}）{said}", "cell": 0}

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return f"：{lines[-1]}" if lines else ""

    def close(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if self._log is not None:
            self._log.close()
            self._log = None


def clear(reports: Path) -> None:
    """Removes folders that an interrupted run left behind."""
    for folder in reports.glob(".part-*"):
        shutil.rmtree(folder, ignore_errors=True)
