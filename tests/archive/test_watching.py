"""`evaltool read --watch`: files are taken as they arrive, each once it has come whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import islice

import pytest

from evaltool.archive.watching import arrivals


def test_a_file_is_taken_once_two_looks_see_it_the_same(tmp_path):
    steps = iter(
        [
            lambda: (tmp_path / "甲.xlsx").write_bytes(b"half"),
            lambda: (tmp_path / "甲.xlsx").write_bytes(b"half and half"),  # still being copied
            lambda: None,
            lambda: (tmp_path / "~$乙.xlsx").write_bytes(b"lock file"),
            lambda: (tmp_path / "乙.xlsx").write_bytes(b"whole"),
            lambda: None,
            lambda: (tmp_path / "甲.xlsx").write_bytes(b"sent once more"),
            lambda: None,
        ]
    )
    rests = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        next(steps)()

    found = [[file.name for file in batch] for batch in islice(arrivals(tmp_path, 0.5, rest), 3)]
    assert found == [["甲.xlsx"], ["乙.xlsx"], ["甲.xlsx"]]
    assert set(rests) == {0.5}


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_the_command_takes_files_as_they_arrive_and_stops_when_told(rnd, book, tmp_path):
    inbox = tmp_path / "收件箱"
    inbox.mkdir()
    command = [sys.executable, "-m", "evaltool.cli", "read", str(rnd.folder), "--watch", str(inbox)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    try:
        for i, code in enumerate(("990001", "990002"), 1):
            book(code, f"{code}.xlsx").rename(inbox / f"{code}.xlsx")
            deadline = time.monotonic() + 120
            while len(rnd.came) < i or not (rnd.folder / "intake" / "marked" / f"{code}.xlsx").is_file():
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        out = running.communicate(timeout=60)[0].decode()
    finally:
        running.kill()
    assert running.returncode == 0
    assert "停了；共收到 2 个文件" in out
    assert "名册 3 个县 = 已报送 2 + 未采到 1" in out
