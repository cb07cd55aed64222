"""One notebook in this process: through papermill to its end, and what is made of it."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from papermill.utils import nb_kernel_name

from evaltool.batch.here import ENGINE, Here, HereEngine
from evaltool.batch.notebooks import check_cells, check_parameters, notebook_text, readable, steady_ids
from evaltool.batch.task import DIRECT, DISK, FAILED, INCOMPLETE, KILLED, MEMORY, OUTPUT, REFUSED, TIMEOUT, Task
from evaltool.batch.verdict import GOOD, Verdict, first_line, judged, mark
from evaltool.files import write_text

AGAIN = "again"  # a state between child and client: run it once more, the way that `reason` names
REPORT, PARTIAL = "report.ipynb", "failed.ipynb"
_LAST_WORDS = 1 << 16  # bytes of the log


def run_task(task: Task, folder: Path, here: Here, stopped: Callable[[], str]) -> Verdict:
    """Runs a task with `folder` as its working folder and leaves its files there: report.ipynb and what `finish` makes,
    or failed.ipynb with a note where it stopped.

    stopped  why the process was interrupted from outside, empty if it was not
    """
    try:
        notebook = _taken(task.notebook)
        check_parameters(notebook, task.parameters)
    except OSError as error:
        return Verdict(REFUSED, 0, f"读不了笔记本 {task.notebook}：{error.strerror or error}")
    except (ValueError, TypeError) as error:
        return Verdict(REFUSED, 0, str(error))
    failure = _through_papermill(notebook, task, folder, here)
    here.after()
    if failure.state == AGAIN:
        return failure
    if not folder.is_dir():
        folder.mkdir()
        failure = Verdict(INCOMPLETE, 0, "笔记本删掉了它自己的工作文件夹")
    done = remove_error_markers(here.notebook if here.notebook is not None else notebook)  # they shift the numbers
    verdict = judged(done, stopped()) if here.notebook is not None else failure  # what never ran says nothing
    if verdict == GOOD or verdict.state == INCOMPLETE:  # what papermill says counts only where the cells say nothing
        verdict = failure if failure != GOOD else verdict
    os.chdir(folder)
    take_out_times(done)
    try:
        if verdict == GOOD and task.finish:
            verdict = _finish(task, done, folder)
        if verdict == GOOD:
            write_text(folder / REPORT, notebook_text(done))
        else:
            write_text(folder / PARTIAL, notebook_text(mark(done, verdict)))
    except OSError as error:
        return Verdict(DISK, 0, f"写不了文件：{error.strerror or error}")
    return verdict


_loaded: dict[str, Any] = {}


def load(path: str) -> None:
    """Reads a notebook before a fork, so that each child finds it at hand. Raises ValueError and OSError."""
    with readable(Path(path)):
        notebook = load_notebook_node(path)
        check_cells(notebook)
        steady_ids(notebook, Path(path))
        _loaded[path] = notebook


def _taken(path: str) -> Any:
    """The notebook for this run alone: nobody else in this process gets it."""
    if path not in _loaded:
        load(path)
    return _loaded.pop(path)


def _through_papermill(notebook: Any, task: Task, folder: Path, here: Here) -> Verdict:
    """What papermill.execute_notebook does, but that it writes the notebook again and again (46 times a county)."""
    try:
        if task.parameters:
            notebook = parameterize_notebook(notebook, dict(task.parameters), engine_name=ENGINE)
        notebook = prepare_notebook_metadata(notebook, task.notebook, None)
        os.chdir(folder)
        name = nb_kernel_name(notebook)
        notebook = HereEngine.execute_notebook(remove_error_markers(notebook), name, start_timeout=120)
        raise_for_execution_errors(notebook, None)
    except PapermillExecutionError:
        pass  # the error stands in the notebook, and is read from there
    except Exception as error:  # noqa: BLE001 – a dead kernel, a time-out, no kernel at all: one task's failure
        return _said(error, here)
    return GOOD


def _said(error: Exception, here: Here) -> Verdict:
    cell = here.cell + 1
    if here.flooded:
        return Verdict(OUTPUT, cell, f"输出超过 {here.most >> 20} MB")
    if here.level == DIRECT:
        from evaltool.batch.kernel import WidgetsWanted

        if isinstance(error, WidgetsWanted):
            return Verdict(AGAIN, cell, str(error))
    match error:
        case DeadKernelError() if here.level == DIRECT:
            return Verdict(KILLED, cell, "上一个单元让内核退出（exit 或 quit），后面的单元没有运行")
        case DeadKernelError() if _had_no_memory():
            return Verdict(MEMORY, cell, "内存超限，内核因此终止")
        case DeadKernelError():
            return Verdict(KILLED, cell, "内核中途终止（被系统结束、内存不足或程序自己退出）")
        case CellTimeoutError():
            return Verdict(TIMEOUT, cell, f"超过了每个单元 {here.cell_seconds:g} 秒的时限")
        case MemoryError():
            return Verdict(MEMORY, cell, "内存超限")
        case OSError():
            return Verdict(DISK, cell, f"写不了文件：{error.strerror or error}")
    return Verdict(FAILED, cell, f"{type(error).__name__}：{first_line(str(error))}")


def _had_no_memory() -> bool:
    """Whether that is among the last words of a kernel that has died; they stand in the log of this process."""
    with suppress(OSError), Path("/proc/self/fd/2").open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_WORDS))
        return b"MemoryError" in log.read()
    return False


def _finish(task: Task, notebook: Any, folder: Path) -> Verdict:
    """The task's own last step. It returns (cell, why) if the notebook's work is not whole."""
    module, _, name = task.finish.partition(":")
    cell, why = getattr(importlib.import_module(module), name)(notebook, folder, dict(task.options))
    return Verdict(INCOMPLETE, cell, why) if why else GOOD


def run_cells(path: str, options: Any, here: Here) -> tuple[Verdict, dict[str, Any]]:
    """Runs a notebook that papermill has loaded and parameterised in another process; cells go back by the journal.

    Errors of cells are not judged here: that is papermill's business there.
    """
    notebook = nbformat.from_dict(json.loads(Path(path).read_text("utf-8")))  # type: ignore[no-untyped-call]
    options = dict(options)
    try:
        HereEngine.execute_notebook(notebook, options.pop("kernel_name"), **options)
    except Exception as error:  # noqa: BLE001 – told as it is
        verdict = _said(error, here)
        return verdict, {"error": type(error).__name__}
    known = here.notebook.metadata
    return GOOD, {"metadata": {name: known[name] for name in ("language_info", "widgets") if name in known}}


def take_out_times(notebook: Any) -> None:
    """Clock times and random ids: without them the same inputs give the same notebook."""
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = f"injected-{number}"
    notebook.metadata["papermill"] = {"parameters": notebook.metadata.get("papermill", {}).get("parameters", {})}
