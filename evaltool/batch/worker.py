"""A process that runs notebooks one after another, each by papermill as it is: where processes cannot be forked.

Started as `python -m evaltool.batch.worker`; it speaks like the server. It is a program of its own and no
`multiprocessing` child: it starts alike on every system, and its death shows as the end of its output.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from evaltool.batch.here import Here, settle
from evaltool.batch.order import JOURNAL, Order, order_of
from evaltool.batch.partial import write_partial
from evaltool.batch.run import PARTIAL, run_task
from evaltool.batch.task import OK, PLAIN, REFUSED, TIMEOUT
from evaltool.batch.verdict import Verdict

_TICK = 0.5  # seconds between two looks at a run that is over its time


def main() -> None:
    """Reads orders until the input ends. What notebooks or libraries print cannot mix with the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(said: Mapping[str, Any]) -> None:
        answers.write(json.dumps(said) + "\n")  # in ASCII: a cell's error may hold half a character
        answers.flush()

    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    while True:
        said = json.loads(orders.get())
        if "task" in said:
            _serve(order_of(said), tell)


def _read(orders: queue.SimpleQueue[bytes]) -> None:
    """Takes orders; once nobody can give any, this process ends in the middle of whatever it does, and a kernel that
    finds itself without it ends as well."""
    for line in sys.stdin.buffer:
        orders.put(line)
    os._exit(0)


def _serve(order: Order, tell: Any) -> None:
    began, used = time.monotonic(), time.process_time()
    with Path(order.log or os.devnull).open("ab") as log:  # of the kernel and of libraries, as a forked process has it
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    tell({"number": order.number, "started": 0})
    try:
        with tempfile.TemporaryDirectory(prefix="ev-", ignore_cleanup_errors=True) as runtime:
            os.environ.clear()
            os.environ.update(order.environment, JUPYTER_RUNTIME_DIR=runtime)
            verdict = _run(order, lambda event: tell({"number": order.number, **event}))
    except Exception as error:  # noqa: BLE001 – this task's failure; the next one is run
        traceback.print_exc()
        verdict = Verdict(REFUSED, 0, f"{type(error).__name__}：{error}")
    end = {"state": verdict.state, "cell": verdict.cell, "reason": verdict.reason, "engine": PLAIN}
    if verdict.state != OK:
        write_partial(Path(order.folder), end)
    spent = {"seconds": round(time.monotonic() - began, 3), "cpu": round(time.process_time() - used, 3)}
    tell({"number": order.number, "end": end | spent})


def _run(order: Order, tell: Any) -> Verdict:
    assert order.task is not None
    folder, home = Path(order.folder), Path.cwd()
    limits = order.limits
    here = Here(
        PLAIN, None, tell, folder / JOURNAL, limits.output_mb << 20, lambda _: None, limits.cell_seconds
    )  # fmt: skip
    settle(here)
    os.chdir(folder)
    try:
        with _limited(limits.seconds) as late:
            verdict = run_task(order.task, folder, here, lambda: "")
    finally:
        os.chdir(home)
    if verdict.state == OK or not late.is_set():
        return verdict
    (folder / PARTIAL).unlink(missing_ok=True)  # it says that the kernel has died; it is written anew
    return Verdict(TIMEOUT, verdict.cell, f"超过了每份 {limits.seconds:g} 秒的时限")


@contextmanager
def _limited(seconds: float) -> Iterator[threading.Event]:
    """After so many seconds (0: none) the kernel is killed, which ends the run, also one that is started only then.
    Gives what is set by that."""
    late, over = threading.Event(), threading.Event()

    def watch() -> None:
        if over.wait(min(seconds, threading.TIMEOUT_MAX)):
            return
        late.set()
        while True:
            _end_below()
            if over.wait(_TICK):
                return

    watching = threading.Thread(target=watch, name="limit", daemon=True)
    if seconds:
        watching.start()
    try:
        yield late
    finally:
        over.set()
        if seconds:
            watching.join()  # or it could end the next run's kernel


def _end_below() -> None:
    """Kills what this process has started, and all that still hangs on that: the kernel and its own processes."""
    below = []
    with suppress(psutil.Error, OSError):
        below = psutil.Process().children(recursive=True)
    for process in below:
        with suppress(psutil.Error, OSError):
            if sys.platform != "win32" and os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)  # also what has lost its parent
            process.kill()


if __name__ == "__main__":
    main()
