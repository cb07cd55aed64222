"""papermill's engine “evaltool”: `papermill --engine evaltool in.ipynb out.ipynb -p name value`.

papermill loads the notebook, puts the parameters in, keeps the book and raises the errors as ever; only the cells are
run elsewhere, in a forked process of a warm server that lives as long as this process.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine

from evaltool.batch.client import ForkServer
from evaltool.batch.levels import level_of
from evaltool.batch.order import JOURNAL, Order, finished_cell
from evaltool.batch.task import ENGINES, OK, PLAIN, TIMEOUT, Limits

log = logging.getLogger("papermill")
_server: ForkServer | None = None
_lock = threading.Lock()


def server() -> ForkServer:
    """The one server of this process."""
    global _server  # noqa: PLW0603 – papermill makes its engines by itself, and has nowhere to keep one
    with _lock:
        if _server is None:
            _server = ForkServer()
            atexit.register(_server.close)
        return _server


class Engine(NBClientEngine):  # type: ignore[misc]
    """Registered as papermill.engine: evaltool. Falls back by itself, and says so in papermill's log."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        level = level_of(nb_man.nb, kernel_name)
        log.info("evaltool: %s%s", ENGINES[level.name], f"（{level.why}）" if level.why else "")
        if level.name != PLAIN:
            try:
                with tempfile.TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True) as folder:
                    _Run(nb_man, Path(folder), dict(options)).run(kernel_name, level.name)
            except _NoServer as error:
                log.info("evaltool: %s（%s）", ENGINES[PLAIN], error)
            else:
                return nb_man.nb
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


class _NoServer(Exception):
    """The server died before it could serve; no cell has run."""


class _Run:
    """One notebook through the server, each finished cell put where papermill expects it."""

    def __init__(self, nb_man: Any, folder: Path, options: dict[str, Any]) -> None:
        self._nb_man, self._folder = nb_man, folder
        self._limit = options.pop("execution_timeout", None)
        for name in ("input_path", "stdout_file", "stderr_file"):
            options.pop(name, None)
        self._options = {name: value for name, value in options.items() if _plain(value)}
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._at = 0
        self._offset = 0

    def run(self, kernel_name: str, level: str) -> None:
        cells = self._folder / "notebook.json"
        cells.write_text(json.dumps(self._nb_man.nb), encoding="utf-8")
        limits = Limits(0, self._limit or 0, 1 << 20, 1 << 20)
        order = Order(
            0, level, limits, str(self._folder), os.devnull, cwd=str(Path.cwd()), cells=str(cells),
            options={**self._options, "kernel_name": kernel_name},
        )  # fmt: skip
        future = server().submit(order, self._events.put)
        future.add_done_callback(lambda _: self._events.put(None))
        while (event := self._events.get()) is not None:
            self._heard(event)
        self._end(future.result())

    def _heard(self, event: Any) -> None:
        cells = self._nb_man.nb.cells
        if "level" in event:
            log.info("evaltool: %s（%s）", ENGINES[event["level"]], event["why"])
            self._offset = 0
        elif "start" in event:
            self._at = event["start"]
            self._nb_man.cell_start(cells[self._at], self._at)
        elif "failed" in event:
            self._take()
            self._nb_man.cell_exception(cells[event["failed"]], cell_index=event["failed"])
        elif "done" in event:
            self._take()
            self._nb_man.cell_complete(cells[event["done"]], cell_index=event["done"])

    def _take(self) -> None:
        """Reads what the journal has more than before."""
        with suppress(OSError), (self._folder / JOURNAL).open("rb") as journal:
            journal.seek(self._offset)
            for line in journal:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                said = finished_cell(line.decode("utf-8", "replace"))
                if said and said[0] < len(self._nb_man.nb.cells):
                    self._put(said[0], _node(said[1]))

    def _put(self, index: int, done: Any) -> None:
        cell = self._nb_man.nb.cells[index]
        book = cell.metadata.papermill
        cell.update(done)
        cell.metadata = {**done.metadata, "papermill": book}
        self._nb_man.nb.cells[index] = _node(cell)

    def _end(self, end: dict[str, Any]) -> None:
        if end.get("never"):
            raise _NoServer(end["reason"])
        self._take()
        self._nb_man.nb.metadata.update(end.get("metadata", {}))
        if end["state"] == TIMEOUT:
            cell = self._nb_man.nb.cells[self._at]
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", int(self._limit or 0), cell)
        if end["state"] != OK:
            raise DeadKernelError(end["reason"])


def _node(cell: Any) -> Any:
    return nbformat.from_dict(cell)  # type: ignore[no-untyped-call]


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool | list | dict)
