"""The run ledger when the machine is against it: kill -9, full disk, locked files, read-only folders."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from evaltool.batch.ledger import (
    RUNNING,
    Ledger,
    Unwritten,
)
from evaltool.batch.task import FAILED, OK, Outcome
from tests.batch.ledgers import MEMORY, TASKS, counts, end, filled, states

# --- kill -9 ---

WORK = """
import hashlib, sys
from pathlib import Path
from evaltool.batch.ledger import Ledger
from evaltool.batch.task import Outcome
from evaltool.files import write_text
root = Path(sys.argv[1])
ledger = Ledger(root / "ledger.sqlite")
ledger.claim("王工")
keys = [str(i) for i in range(200)]
ledger.begin_run([(key, "县" + key, "f") for key in keys])
print("ready", flush=True)
for key in ledger.todo(keys, whole=lambda entry: True):
    ledger.started(key)
    write_text(root / key / "report.json", key * 100)
    digest = hashlib.sha256((key * 100).encode()).hexdigest()
    ledger.finished(Outcome(key, "县" + key, "ok", folder=key), "f", {"report.json": digest})
ledger.release()
"""


def test_killed_at_any_moment_every_row_is_old_or_new_and_ok_means_there(tmp_path):
    """Killed again and again at random; in the end all is done, and no ok was ever said of a file that is not there."""
    chance, kills, before = random.Random(5), 0, 0
    while True:
        with subprocess.Popen([sys.executable, "-c", WORK, tmp_path], stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout.readline() == "ready\n"
            if kills < 6:
                time.sleep(chance.uniform(0, 0.06))
                worker.kill()
            worker.wait()
        rows = states(tmp_path / "ledger.sqlite")
        assert len(rows) == 200
        assert sum(state == RUNNING for state, *_ in rows) <= 1
        for state, attempts, outputs, started, ended in rows:
            if state == OK:
                assert attempts == 1
                assert started <= ended
            else:
                assert (attempts, outputs, ended) == (0, "{}", 0)
        with Ledger(tmp_path / "ledger.sqlite") as reader:
            done = [entry for entry in reader.entries() if entry.state == OK]
            for entry in done:
                content = (tmp_path / entry.folder / "report.json").read_bytes()
                assert hashlib.sha256(content).hexdigest() == entry.outputs["report.json"]
        assert len(done) >= before
        before = len(done)
        if worker.returncode == 0:
            break
        kills += 1
    assert before == 200
    assert kills >= 3


def test_a_kill_within_a_commit_is_undone_by_the_next_run(path):
    """The moment no random kill is sure to hit: new pages are in the file, the journal is not yet cleared."""
    filled(path)
    old = states(path)
    script = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = TRUNCATE")
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE tasks SET reason = printf('%.5000c', 'x'), state = 'ok'")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script, path]).returncode == -9
    assert Path(f"{path}-journal").stat().st_size
    with Ledger(path) as ledger:
        ledger.claim("王工")
        assert counts(ledger) == {OK: 100, "pending": 100}
        assert ledger.notes == []
    assert states(path) == old


# --- locked ---


def test_a_ledger_held_by_another_program(path):
    """What came meanwhile is said at once, kept, and written with the next task."""
    filled(path, TASKS[:4])
    other = sqlite3.connect(path, isolation_level=None)
    with Ledger(path, patience=0.05) as ledger:
        ledger.claim("王工")
        ledger.started("2")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unwritten, match=r"县2：单元出错，除数是零.*占着.*怎么办") as told:
            ledger.finished(Outcome("2", "县2", FAILED, reason="除数是零"), "f", {})
        assert told.value.kind == "locked"
        with pytest.raises(Unwritten):
            ledger.started("3")
        assert ledger.state("2").state == RUNNING
        assert not ledger.may_retry("2")
        other.execute("ROLLBACK")
        ledger.started("3")
        assert (ledger.state("2").state, ledger.state("2").attempts) == (FAILED, 1)
        assert ledger.state("3").state == RUNNING
    other.close()


def test_a_reader_that_does_not_let_go_holds_up_the_commit_only(path):
    filled(path, TASKS[:40])
    other = sqlite3.connect(path, isolation_level=None)
    rows = other.execute("SELECT * FROM tasks")
    rows.fetchone()
    with Ledger(path, patience=0.05) as ledger:
        with pytest.raises(Unwritten, match="占着"):
            ledger.claim("王工")
        rows.close()
        ledger.claim("王工")
        rows = other.execute("SELECT * FROM tasks")
        rows.fetchone()
        with pytest.raises(Unwritten):
            ledger.finished(Outcome("30", "县30", OK), "f", {})
        rows.close()
    with Ledger(path) as ledger:
        assert ledger.state("30").state == OK  # written as the round was given back
    other.close()


def test_what_ends_while_the_file_can_not_even_be_read_is_written_later(ledger, path):
    ledger._file.patience = 0.05
    ledger.started("1")
    other = sqlite3.connect(path, isolation_level=None)
    ledger._file._db.execute("PRAGMA busy_timeout = 50")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unwritten, match="没能记进台账"):
        end_of_one(ledger)
    other.execute("ROLLBACK")
    other.close()
    ledger.release()
    assert ledger.state("1").state == OK


def end_of_one(ledger):
    ledger.finished(Outcome("1", "甲县", OK, folder="甲"), "f", {"report.html": "a"})


def test_a_sign_of_life_waits_for_a_better_moment(path):
    now = [1000.0]
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path, isolation_level=None)
    with Ledger(path, patience=0.05, clock=lambda: now[0]) as ledger:
        ledger.claim("王工")
        now[0] += 60
        other.execute("BEGIN IMMEDIATE")
        assert not ledger.heartbeat()
        other.execute("ROLLBACK")
        now[0] += 60
        assert ledger.heartbeat()
    other.close()


# --- no room, no right ---


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB that is really full when it is full."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small tmpfs")
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mount: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill_up(folder):
    with (folder / "big").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def test_a_full_disk(small_disk):
    with Ledger(small_disk / "ledger.sqlite") as ledger:
        ledger.claim("王工")
        ledger.begin_run(TASKS[:20])
        end(ledger, "0")
        ledger.started("1", "2")
        fill_up(small_disk)
        for key in "12":
            with pytest.raises(Unwritten, match=f"县{key}：完成.*磁盘满了.*怎么办") as told:
                ledger.finished(Outcome(key, f"县{key}", OK), "f", {})
            assert told.value.kind == "full"
        assert counts(ledger) == {OK: 1, "pending": 17, RUNNING: 2}  # still readable
        (small_disk / "big").unlink()
        ledger.started("3")
        assert counts(ledger) == {OK: 3, "pending": 16, RUNNING: 1}
    assert len(states(small_disk / "ledger.sqlite")) == 20


def test_a_disk_that_was_full_from_the_start(small_disk):
    fill_up(small_disk)
    with pytest.raises(Unwritten, match="怎么办"):
        Ledger(small_disk / ".run" / "ledger.sqlite")
    (small_disk / "big").unlink()
    with Ledger(small_disk / ".run" / "ledger.sqlite") as ledger:
        ledger.claim("王工")


def test_a_disk_that_stays_full_leaves_the_claim_to_be_taken_over(small_disk):
    path = small_disk / "ledger.sqlite"
    ledger = Ledger(path)
    ledger.claim("王工")
    ledger.begin_run(TASKS[:20])
    ledger.started("1")
    fill_up(small_disk)
    with pytest.raises(Unwritten, match="磁盘满了"), ledger:
        pass
    (small_disk / "big").unlink()
    with Ledger(path) as ledger:
        ledger.claim("王工")  # the same process, which goes on
        assert counts(ledger) == {"pending": 20}


def test_a_folder_one_may_only_read(path):
    filled(path, TASKS[:4])
    script = """
import os, sys
from pathlib import Path
from evaltool.batch.ledger import Ledger, Unwritten
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    Ledger(Path(sys.argv[1]).with_name("new") / "ledger.sqlite")
except Unwritten as error:
    print("new", error.kind, error)
with Ledger(Path(sys.argv[1])) as ledger:
    print([entry.state for entry in ledger.entries()])
    try:
        ledger.claim("王工")
    except Unwritten as error:
        print("old", error.kind, error)
"""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:  # pytest's own folder is closed to other users
        shared = Path(folder)
        copy = Path(shutil.copy(path, shared / "ledger.sqlite"))
        copy.chmod(0o444)
        shared.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", script, copy], capture_output=True, text=True)
        shared.chmod(0o755)
    assert done.returncode == 0, done.stderr
    first, second, third = done.stdout.splitlines()
    assert first.startswith("new closed ")
    assert second == "['ok', 'ok', 'pending', 'pending']"
    assert third.startswith("old closed ")
    assert "怎么办" in first
    assert "只读" in third


def test_a_path_that_is_a_folder_or_lies_under_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "ledger.sqlite"):
        with pytest.raises(Unwritten, match="怎么办"):
            Ledger(path)
