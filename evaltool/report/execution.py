"""One notebook through papermill, in a kernel of this Python, and a verdict that is not papermill's word."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import remove_error_markers

from evaltool.report.notebooks import check_parameters

ENGINE = "evaltool-plain"
SECONDS_A_CELL = 600
_LONGEST_SOCKET = 90  # bytes of a Unix socket's path that are surely allowed everywhere, of about 104
_OURS = {
    "PLOTLY_RENDERER": "plotly_mimetype",  # chosen when plotly is imported, so it must be set before
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True, slots=True)
class Executed:
    """The notebook as far as it came. `failure` is empty if every cell ran; else where and why it stopped."""

    notebook: Any
    failure: str = ""
    cell: int = 0


class _Kernel(AsyncKernelManager):
    """A kernel of the running interpreter, whatever kernel a user has registered as “python3”."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        start = [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection_file]
        return [*start, *(extra_arguments or [])]


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine; it leaves the notebook in `kept`, which otherwise is lost when a kernel dies."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, kept: list[Any] | None = None, **options: Any
    ) -> Any:
        if kept is not None:
            kept.append(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register(ENGINE, _Engine)


@contextmanager
def _environment() -> Iterator[bool]:
    """Variables of one run, put back afterwards; yields whether sockets can be files (IPC) here."""
    before = dict(os.environ)
    with TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True) as folder:
        os.environ.update(_OURS, IPYTHONDIR=folder, JUPYTER_RUNTIME_DIR=folder)
        try:
            yield (
                sys.platform == "linux" and len(os.fsencode(folder)) + len("/kernel-.json-ipc-5") + 36 < _LONGEST_SOCKET
            )
        finally:
            os.environ.clear()
            os.environ.update(before)


def execute(
    notebook: Any, parameters: Mapping[str, str], folder: Path, seconds_a_cell: int = SECONDS_A_CELL
) -> Executed:
    """Runs a notebook with `folder` as its working folder. Raises only for wrong parameters."""
    check_parameters(notebook, parameters)
    kept: list[Any] = []
    failure = ""
    with _environment() as ipc:
        try:
            papermill.execute_notebook(
                copy.deepcopy(notebook), None, dict(parameters),
                engine_name=ENGINE, kept=kept, progress_bar=False, cwd=str(folder), autosave_cell_every=0,
                execution_timeout=seconds_a_cell, start_timeout=120,
                kernel_manager_class=_IPC if ipc else _Kernel, shutdown_kernel="immediate", record_timing=False,
                extra_arguments=["--HistoryManager.hist_file=:memory:"],
            )  # fmt: skip
        except PapermillExecutionError:
            pass  # the error stands in the notebook, and is read from there
        except Exception as error:  # noqa: BLE001 – a dead kernel, a time-out, no kernel at all: one county's failure
            failure = _said(error, seconds_a_cell)
    done = remove_error_markers(
        kept[0] if kept else copy.deepcopy(notebook)
    )  # papermill's marks shift the numbers of cells
    judged = _judged(done, failure)
    _take_out_times(done)
    return judged


class _IPC(_Kernel):
    """Sockets as files: no ports to race for, and nobody else on the machine can connect."""

    def __init__(self, **options: Any) -> None:
        super().__init__(transport="ipc", **options)


def _judged(notebook: Any, failure: str) -> Executed:
    """Looks at every code cell: an error, or a cell that never ran, is a failure whatever papermill said."""
    code = [(number, cell) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    for number, cell in code:
        for output in cell.outputs:
            if output.output_type == "error":
                why = f"{output.ename}：{_first_line(output.evalue)}" if output.evalue else output.ename
                if output.ename == "SystemExit":
                    why = f"单元自行退出（sys.exit({output.evalue})），后面的单元没有运行"
                return Executed(notebook, why, number)
    if failure:  # the last cell that was begun never answered; its own count may be lost
        begun = [number for number, cell in code if cell.metadata.get("papermill", {}).get("start_time")]
        return Executed(notebook, failure, begun[-1] if begun else 1)
    for number, cell in code:
        if cell.execution_count is None and cell.source.strip():
            return Executed(notebook, "单元没有运行", number)
    return Executed(notebook)


def _said(error: Exception, seconds: int) -> str:
    if isinstance(error, DeadKernelError):
        return "内核中途终止（被系统结束、内存不足或程序自己退出）"
    if isinstance(error, CellTimeoutError):
        return f"超过了每个单元 {seconds} 秒的时限"
    return f"{type(error).__name__}：{_first_line(str(error))}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _take_out_times(notebook: Any) -> None:
    """Clock times and random ids: without them the same inputs give the same notebook."""
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = f"injected-{number}"
    notebook.metadata["papermill"] = {"parameters": notebook.metadata.get("papermill", {}).get("parameters", {})}
