"""The process that runs notebooks where none can be forked: its limit of time, and what it serves after that."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from evaltool.batch.client import ForkServer
from evaltool.batch.hands import same_everywhere
from evaltool.batch.order import Order
from evaltool.batch.task import FAILED, OK, PLAIN, TIMEOUT, Limits, Task
from evaltool.batch.verifying import WORKER
from evaltool.batch.worker import _limited
from tests.batch import rig

CHILDREN = "import subprocess, os\nsubprocess.Popen(['sleep', '500'])\nos.system('sleep 500 &')"


def test_a_run_within_its_time_is_left_alone():
    with _limited(0) as late:
        pass
    assert not late.is_set()
    with _limited(600) as late:
        pass
    assert not late.is_set()


def test_what_is_started_after_the_time_is_over_is_ended_too():
    with _limited(0.1) as late:
        assert late.wait(30)
        time.sleep(0.1)
        started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(500)"])
        assert started.wait(30) != 0
    assert not [one for one in threading.enumerate() if one.name == "limit"]


@pytest.mark.notebook
@pytest.mark.skipif(not rig.LINUX, reason="looks at /proc")
class TestWithAKernel:
    def run(self, server: ForkServer, folder: Path, book: Path, seconds: float) -> dict:
        folder.mkdir()
        task = Task("1", "县", str(book), {"name": "1"}, "f")
        order = Order(0, PLAIN, Limits(seconds, 60), str(folder), str(folder / ".log"), task=task)
        return server.submit(order).result(120)

    def test_the_limit_of_the_whole_holds_and_the_next_is_served(self, tmp_path, monkeypatch):
        monkeypatch.setenv(rig.MARK, mark := rig.uuid.uuid4().hex)
        slow = rig.book(tmp_path / "slow.ipynb", CHILDREN, *["import time; time.sleep(1); print('甲')"] * 100)
        quick = rig.book(tmp_path / "quick.ipynb", "print(1)")
        with ForkServer(same_everywhere(tmp_path), program=WORKER) as server:
            end = self.run(server, tmp_path / "a", slow, 8)
            assert (end["state"], end["reason"]) == (TIMEOUT, "超过了每份 8 秒的时限")
            assert 2 < end["cell"] < 40
            assert end["seconds"] < 30
            text = (tmp_path / "a" / "failed.ipynb").read_text("utf-8")
            assert "超过了每份 8 秒的时限" in text
            assert "甲" in text
            assert "内核中途终止" not in text
            worker = server.pid
            assert rig.wait_for(lambda: rig.marked(mark) == [worker], 10), rig.marked(mark)
            end = self.run(server, tmp_path / "b", quick, 60)
            assert (end["state"], end["reason"]) == (OK, "")
            assert server.pid == worker
        assert rig.all_gone(mark) == []

    def test_a_kernel_that_never_answers_is_ended(self, tmp_path, monkeypatch):
        spec = tmp_path / "share" / "kernels" / "silent"
        spec.mkdir(parents=True)
        kernel = {"argv": ["sleep", "500"], "display_name": "x", "language": "python"}
        (spec / "kernel.json").write_text(json.dumps(kernel), "utf-8")
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
        silent = {"name": "silent", "display_name": "x", "language": "python"}
        book = rig.book(tmp_path / "book.ipynb", "1", kernelspec=silent)
        with ForkServer(same_everywhere(tmp_path), program=WORKER) as server:
            end = self.run(server, tmp_path / "a", book, 4)
        assert (end["state"], end["reason"]) == (TIMEOUT, "超过了每份 4 秒的时限")
        assert end["seconds"] < 20

    def test_half_a_character_in_an_error_is_told(self, tmp_path):
        book = rig.book(tmp_path / "book.ipynb", "raise ValueError('\\ud800')")
        with ForkServer(same_everywhere(tmp_path), program=WORKER) as server:
            end = self.run(server, tmp_path / "a", book, 60)
        assert (end["state"], end["cell"]) == (FAILED, 3)
        assert "没有留下错误信息" in end["reason"]
