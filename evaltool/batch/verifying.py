"""The same notebook once more by plain papermill, and every difference: what makes the fast way worth trusting."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaltool.batch.client import ForkServer
from evaltool.batch.comparing import differences
from evaltool.batch.hands import same_everywhere
from evaltool.batch.notebooks import read_notebook
from evaltool.batch.order import Order
from evaltool.batch.placing import part_folder
from evaltool.batch.run import REPORT
from evaltool.batch.task import OK, PLAIN, Limits, Task

WORKER = "evaltool.batch.worker"


@dataclass(frozen=True, slots=True)
class Verified:
    """One task run again: what differs, in Chinese; nothing if it came out the same."""

    task: Task
    differences: list[str]


def verify(
    tasks: Sequence[Task],
    root: Path,
    number: int,
    limits: Limits,
    seed: int | None = None,
    outputs: Mapping[str, Collection[str]] | None = None,
) -> list[Verified]:
    """Runs `number` of `tasks`, drawn at random, by plain papermill in a started kernel, and compares its notebook and
    its other outputs with those that lie under `root`, which stay as they are.

    outputs  task key → names of the files that its run has made (`Entry.outputs` of the ledger): papermill has to make
             them as well. Without it only what papermill makes is compared, for a folder may hold other files, too
    """
    root = root.resolve()  # the process that runs them is elsewhere
    drawn = random.Random(seed).sample(list(tasks), min(number, len(tasks)))
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(tempfile.TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True))
        server = stack.enter_context(ForkServer(same_everywhere(Path(own)), program=WORKER))
        made = outputs or {}
        return [Verified(task, _one(server, task, root, limits, made.get(task.key, ()))) for task in drawn]


def _one(server: ForkServer, task: Task, root: Path, limits: Limits, made: Collection[str]) -> list[str]:
    part = part_folder(root)
    try:
        order = Order(0, PLAIN, limits, str(part), str(part / ".log"), task=task)
        end: dict[str, Any] = server.submit(order).result()
        if end["state"] != OK:
            return [f"papermill 没有做完：第 {end['cell']} 个单元，{end['reason']}"]
        return _compared(root / task.folder, part, made)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _compared(ours: Path, plain: Path, made: Collection[str] = ()) -> list[str]:
    """`made`: the files of `ours` that papermill has to make as well."""
    try:
        found = differences(read_notebook(ours / REPORT), read_notebook(plain / REPORT))
    except (OSError, ValueError) as error:
        return [f"{REPORT}：读不出（{error}）"]
    for path in sorted(plain.rglob("*")):
        name = path.relative_to(plain).as_posix()
        if not path.is_file() or name.startswith(".") or name == REPORT:
            continue
        if not (ours / name).is_file():
            found.append(f"{name}：papermill 写了，这里没有")
        elif (ours / name).read_bytes() != path.read_bytes():
            found.append(f"{name}：内容不同")
    found += [f"{name}：这里写了，papermill 没有写" for name in sorted(made) if not (plain / name).is_file()]
    return found
