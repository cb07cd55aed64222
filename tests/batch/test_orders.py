"""What passes between the process that gives orders and its server, and what the server itself may do."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from evaltool.batch.client import ForkServer
from evaltool.batch.order import Order
from evaltool.batch.task import MEMORY, OK, Limits, Task
from tests.batch import rig

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not rig.LINUX, reason="runs notebooks in forked processes"),
]
THREADS = """
import threading
def stay(): threading.Thread(target=threading.Event().wait, daemon=True).start()
def pass_by():
    for _ in range(50):
        one = threading.Thread(target=len, args=("",))
        one.start()
        one.join()
"""
LIMITED = """
import resource, sys
sys.path.insert(0, {root!r})
resource.setrlimit(resource.RLIMIT_DATA, ({most}, {most}))
from tests.batch.rig import main
sys.argv[1:] = [{plan!r}]
main()
"""


def test_a_variable_that_is_no_utf8_comes_to_the_notebook_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "ODD", "a\udcffb")
    bench = rig.Bench(tmp_path, own=True)
    bench.add("one", "import os\nassert os.environb[b'ODD'] == b'a\\xffb'")
    assert bench.run()["one"].state == OK


def test_an_order_that_cannot_be_sent_is_not_counted(tmp_path):
    with ForkServer() as server:
        with pytest.raises(TypeError):
            server.submit(Order(0, options={"no JSON": object()}))
        assert server.running == 0
        assert server._live is not None
        assert not server._live.pending


def test_a_thread_that_warming_has_left_is_complained_of(tmp_path, monkeypatch):
    (tmp_path / "with_threads.py").write_text(THREADS, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    names = ("pass_by", "stay", "pass_by")
    with ForkServer(warm=[(f"with_threads:{name}", []) for name in names]) as server:
        _run_one(server, tmp_path)
        assert len(server.complaints) == 1, server.complaints
        assert "预先读入时开了线程（现在共 2 个）" in server.complaints[0]
    with ForkServer(warm=[("with_threads:pass_by", []), ("with_threads:missing", [])]) as server:
        _run_one(server, tmp_path)
        assert ["AttributeError" in one for one in server.complaints] == [True]


def _run_one(server: ForkServer, folder) -> None:
    book, out = rig.book(folder / "one.ipynb", "1"), folder / f"out-{time.monotonic_ns()}"
    out.mkdir()
    task = Task("one", "one", str(book), {"name": "x"}, "one")
    order = Order(0, limits=Limits(), folder=str(out), log=str(folder / "log"), task=task)
    assert server.submit(order).result(60)["state"] == OK
    assert server.running == 0


def test_under_a_hard_limit_of_memory_reports_are_run_and_one_that_takes_too_much_is_told(tmp_path):
    """`ulimit -d`: who may not raise it keeps within it, and still has the spare to write what went wrong."""
    bench = rig.Bench(tmp_path, slots=1, limits={"memory_mb": 4096})
    bench.add("small", "print(name)")
    bench.add("big", "kept = []\nwhile True: kept.append(bytearray(10_000_000))")
    code = LIMITED.format(root=str(rig.ROOT), most=1_500_000_000, plan=str(bench.plan()))
    done = subprocess.run([sys.executable, "-c", code], cwd=rig.ROOT, capture_output=True, text=True, check=False)
    said = dict(line.split()[:2] for line in done.stdout.splitlines())
    assert said == {"small": OK, "big": MEMORY}, (done.stdout, done.stderr)
    assert (bench.final("big") / "failed.ipynb").is_file()
