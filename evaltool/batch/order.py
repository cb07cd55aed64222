"""One run as the server is asked for it, and the names of the files that both sides know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from evaltool.batch.task import DIRECT, Limits, Task

JOURNAL = ".cells.jsonl"  # the notebook as it began, and each finished cell
STOPPED = ".stopped"  # why the server interrupts the process


@dataclass(frozen=True, slots=True)
class Order:
    """number       the client's number of this run
    level        direct, forked or plain
    folder       an empty folder for this run only
    log          where the process writes what is no output of a cell
    environment  of the process; without it the server's
    cwd          working folder of the notebook; `folder` without it
    task         a task of a batch; without it:
    cells        a file with a notebook that papermill has prepared elsewhere, whose cells go back through the journal
    options      for papermill's engine
    """

    number: int
    level: str = DIRECT
    limits: Limits = field(default_factory=Limits)
    folder: str = ""
    log: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    task: Task | None = None
    cells: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return asdict(self)


def order_of(record: Mapping[str, Any]) -> Order:
    """The order that `Order.record` wrote."""
    task = record.get("task")
    return Order(**{**record, "limits": Limits(**record["limits"]), "task": Task(**task) if task else None})


def finished_cell(line: str) -> tuple[int, dict[str, Any]] | None:
    """Index and content of a cell, by a line of the journal; None for any other line, and one that was cut off."""
    with suppress(ValueError, RecursionError):
        match json.loads(line) if line.endswith("\n") else None:
            case {"index": int(index), "cell": {"cell_type": "code", "source": str(), "outputs": list()} as cell}:
                return (index, cell) if index >= 0 else None
    return None
