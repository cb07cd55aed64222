"""papermill's engine as it runs inside the process of one notebook: three ways to the same notebook.

Each finished cell goes into a journal, so that whoever watches the process has the notebook as far as it came, whatever
becomes of the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.log import logger

from evaltool.batch.task import DIRECT, FORKED

ENGINE = "evaltool-here"
_LONGEST_SOCKET = 90  # bytes of a Unix socket's path that are surely allowed everywhere, of about 104

Tell = Callable[[Mapping[str, Any]], None]


@dataclass(slots=True)
class Here:
    """The process that this is: how it runs cells, and whom it tells.

    app       the kernel made in this process, for the direct way
    tell      takes {"start": index}, {"failed": index} and {"done": index}
    journal   a file that gets a line of JSON with the notebook, and one a finished cell
    most      bytes of output after which `too_much` is called, which ends the process where it can
    cell_seconds  for a cell whose kernel is asked through a channel; the direct way is watched from outside
    after         called when the last cell has ended, however it did
    key           of the task; random numbers are drawn by it
    notebook  the notebook being run; papermill loses it when a kernel dies
    """

    level: str
    app: Any
    tell: Tell
    journal: Path
    most: int
    too_much: Callable[[int], None]
    cell_seconds: float = 0
    after: Callable[[], None] = lambda: None
    cell: int = 0
    notebook: Any = None
    flooded: bool = False
    key: str | None = None


HERE: Here | None = None


def settle(here: Here) -> None:
    """Says once what this process is."""
    global HERE  # noqa: PLW0603 – a process runs one notebook, and papermill makes its engines by itself
    HERE = here


def seed(key: str | None) -> None:
    """Forked processes would all draw the parent's numbers. A task draws by its key, the same in every run."""
    random.seed(os.urandom(32) if key is None else key)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(None if key is None else random.Random(key).getrandbits(32))


def _here() -> Here:
    assert HERE is not None, "only in the process of one notebook"
    return HERE


class _Book(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's book-keeping, told on cell by cell."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        here = _here()
        here.notebook = self.nb
        self._journal = here.journal.open("w", encoding="utf-8")
        self._journal.write(json.dumps({"notebook": self.nb}) + "\n")  # with its parameters, before the first cell
        self.updated = here.level != DIRECT  # whether a cell may have changed an earlier one's output

    def cell_start(self, cell: Any, cell_index: int | None = None, **options: Any) -> None:
        super().cell_start(cell, cell_index, **options)
        _here().cell = cell_index or 0
        _here().tell({"start": cell_index})

    def cell_exception(self, cell: Any, cell_index: int | None = None, **options: Any) -> None:
        super().cell_exception(cell, cell_index, **options)
        _here().tell({"failed": cell_index})

    def cell_complete(self, cell: Any, cell_index: int | None = None, **options: Any) -> None:
        super().cell_complete(cell, cell_index, **options)
        if cell.cell_type == "code":
            self._write(cell_index, cell)
        _here().tell({"done": cell_index})

    def notebook_complete(self, **options: Any) -> None:
        super().notebook_complete(**options)
        if self.updated:
            for index, cell in enumerate(self.nb.cells):
                if cell.cell_type == "code" and cell.outputs:
                    self._write(index, cell)

    def _write(self, index: int | None, cell: Any) -> None:
        self._journal.write(json.dumps({"index": index, "cell": cell}) + "\n")
        self._journal.flush()


class HereEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine, or the same notebook client with a kernel in this process."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, log_output: bool = False, **options: Any) -> Any:
        for name in ("output_path", "progress_bar", "autosave_cell_every"):
            options.pop(name, None)
        manager = _Book(nb, None, log_output=log_output, progress_bar=False, autosave_cell_every=0)
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, **options)
        finally:
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        here = _here()
        if here.level != DIRECT:
            manager = _ForkedKernels if here.level == FORKED else AsyncKernelManager
            if kernel_name == "python3" and here.level != FORKED:
                manager = _OwnKernels
            options |= {"timeout": int(here.cell_seconds) or None, "startup_timeout": options.pop("start_timeout", 60)}
            for name in ("input_path", "execution_timeout"):
                options.pop(name, None)
            return _LimitedClient(
                nb_man, kernel_name=kernel_name, kernel_manager_class=manager, shutdown_kernel="immediate", log=logger,
                **options,
            ).execute()  # fmt: skip
        from evaltool.batch.kernel import DirectClient, launcher_arguments
        from evaltool.batch.wires import Wires

        for name in ("input_path", "start_timeout", "execution_timeout"):  # watched from outside, or not used
            options.pop(name, None)
        sys.argv = launcher_arguments()
        here.app.settle()
        wires = Wires(here.app.session, here.most, lambda: here.too_much(here.cell))
        here.app.redirect(wires)
        return DirectClient(nb_man, here.app, wires, kernel_name=kernel_name, log=logger, **options).execute()


class _LimitedClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client of a distant kernel, which ends the kernel once there is too much output."""

    _bytes = 0

    def process_message(self, msg: Any, *arguments: Any, **options: Any) -> Any:
        from evaltool.batch.wires import bytes_of

        here = _here()
        if msg["msg_type"] not in ("status", "execute_input"):
            self._bytes += bytes_of(msg["content"])
        if self._bytes <= here.most:
            return super().process_message(msg, *arguments, **options)
        if not here.flooded:
            here.flooded = True
            here.too_much(here.cell)
            self._ending = asyncio.ensure_future(self.km.shutdown_kernel(now=True))
        return None


class _OwnKernels(AsyncKernelManager):  # type: ignore[misc]
    """A kernel of the running interpreter, whatever kernel a user has registered as “python3”; sockets as files, so
    that there are no ports to race for, and nobody else on the machine can connect."""

    def __init__(self, **options: Any) -> None:
        if _sockets_as_files():
            options["transport"] = "ipc"
        super().__init__(**options)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        start = [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection_file]
        return [*start, *(extra_arguments or [])]


class _ForkedKernels(_OwnKernels):
    """The same, forked from this warm process instead of started."""

    @property
    def kernel_spec(self) -> Any:
        spec = super().kernel_spec
        spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": "evaltool-forked"}}
        return spec


def _sockets_as_files() -> bool:
    folder = os.environ.get("JUPYTER_RUNTIME_DIR", "")
    longest = len(os.fsencode(folder)) + len("/kernel-.json-ipc-5") + 36
    return sys.platform == "linux" and bool(folder) and longest < _LONGEST_SOCKET


papermill_engines.register(ENGINE, HereEngine)
