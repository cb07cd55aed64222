"""What happens in the process of one notebook, from the fork to its end.

It never returns into the server's code: it tells through a pipe what it does, and leaves by `os._exit`.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import logging
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from evaltool.batch.here import Here, seed, settle
from evaltool.batch.order import JOURNAL, STOPPED, Order
from evaltool.batch.orphans import adopt, die_with
from evaltool.batch.run import run_cells, run_task
from evaltool.batch.task import DISK, MEMORY, OUTPUT, REFUSED, Task
from evaltool.batch.verdict import Verdict, first_line

MB = 1 << 20
_SPARE = 64 * MB


def live(order: Order, descriptor: int, app: Any, parent: int) -> None:
    """The whole life of a child. `descriptor` is the end of the pipe to write to, `parent` the server. Never
    returns."""
    code = 1
    try:

        home = os.getpid()

        def tell(said: Mapping[str, Any]) -> None:
            if os.getpid() != home:  # a copy that a cell has forked: only one of them speaks for the notebook
                os._exit(0)
            data = json.dumps(said).encode() + b"\n"
            while data:
                data = data[os.write(descriptor, data) :]

        try:
            _become_own(order, parent)
            verdict, more = _work(order, tell, app)
        except BaseException as error:  # noqa: BLE001 – whatever it is, it is told as this task's failure
            _use_spare_memory()
            verdict, more = _broken(error), {}
        tell({"end": {"state": verdict.state, "cell": verdict.cell, "reason": verdict.reason, **_taken(), **more}})
        _leave()
        code = 0
    finally:
        os._exit(code)


def _broken(error: BaseException) -> Verdict:
    """What went wrong outside of the cells: theirs stands in the notebook."""
    with suppress(BaseException):  # there may be no memory, disk or descriptor for it
        traceback.print_exc(file=sys.__stderr__)
    match error:
        case MemoryError():
            return Verdict(MEMORY, 0, "内存超限")
        case OSError():
            return Verdict(DISK, 0, f"写不了文件：{error.strerror or error}")
    return Verdict(REFUSED, 0, f"{type(error).__name__}：{first_line(str(error))}")


def _work(order: Order, tell: Any, app: Any) -> tuple[Verdict, dict[str, Any]]:
    folder = Path(order.folder)

    def too_much(index: int) -> None:
        """Nothing more is wanted of a notebook whose output has passed its limit: the process ends here."""
        reason = f"输出超过 {order.limits.output_mb} MB"
        tell({"end": {"state": OUTPUT, "cell": index + 1, "reason": reason, **_taken()}})
        os._exit(0)

    most, patience = order.limits.output_mb * MB, order.limits.cell_seconds
    here = Here(order.level, app, tell, folder / JOURNAL, most, too_much, patience, _use_spare_memory)
    here.key = order.task.key if order.task else None
    settle(here)
    if isinstance(order.task, Task):
        return run_task(order.task, folder, here, lambda: _stopped(folder)), {}
    return run_cells(order.cells, order.options, here)


def _use_spare_memory() -> None:
    """A notebook that has taken all it may still has to be told of, and written."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _stopped(folder: Path) -> str:
    """Why the server has interrupted this process; empty if it has not."""
    with suppress(OSError):
        return (folder / STOPPED).read_text("utf-8")
    return ""


def _become_own(order: Order, parent: int) -> None:
    """A process of its own: group, signals, limits, working folder, log, environment, random numbers."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for name in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with(parent)
    adopt()
    atexit._clear()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_memory(order.limits.memory_mb * MB)
    with suppress(OSError):  # if memory runs out on the whole machine, rather this process than the server
        Path("/proc/self/oom_score_adj").write_text("500")
    log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    os.close(log)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    os.chdir(order.cwd or order.folder)
    for handler in list(logging.root.handlers):
        logging.root.removeHandler(handler)
    seed(order.task.key if order.task else None)


def _limit_memory(more: int) -> None:
    """`more` bytes beside what the process has from its parent, and the spare; but never more than it was allowed
    (`ulimit -d`): of that the spare is kept back as well."""
    most = _data_bytes() + more + _SPARE
    allowed, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if allowed != resource.RLIM_INFINITY:
        most = min(most, allowed)
    resource.setrlimit(resource.RLIMIT_DATA, (max(0, most - _SPARE), most))


def _data_bytes() -> int:
    """Private writable memory that the process has from its parent; RLIMIT_DATA counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def _taken() -> dict[str, Any]:
    """Private memory of this process, in MB."""
    with suppress(OSError):
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        kilobytes = sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
        return {"memory_mb": round(kilobytes / 1024, 1)}
    return {}


def _leave() -> None:
    """What the end of an interpreter does for a notebook: exit functions, and files that were left open."""
    with suppress(BaseException):
        atexit._run_exitfuncs()
    if not _files_open():
        return
    for item in gc.get_objects():  # only what was made after the fork: the server has frozen the rest
        if isinstance(item, io.IOBase):
            with suppress(Exception):
                item.flush()


def _files_open() -> bool:
    """Whether a file is open that a cell may have written to: the search for it costs as much as a chart."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            place = str(descriptor.readlink())
            if int(descriptor.name) > 2 and place.startswith("/") and not place.endswith((".log", JOURNAL)):
                return True
    return False


