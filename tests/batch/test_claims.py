"""Who holds a round: the second operator, dead holders, holders on other machines."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys

import pytest

from evaltool.batch import claims
from evaltool.batch.ledger import (
    PENDING,
    RUNNING,
    Busy,
    Ledger,
    Lost,
)
from evaltool.batch.task import FAILED, OK, Outcome
from tests.batch.ledgers import OUTPUTS, Clock, die, end, todo

HOLD = """
import sys, time
from pathlib import Path
from evaltool.batch.ledger import Busy, Ledger
ledger = Ledger(Path(sys.argv[1]))
ledger.claim("李工", "evaltool report 2024")
ledger.begin_run([("1", "甲县", "f")])
ledger.started("1")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(path):
    """Another process that holds the round and runs task 1."""
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_operator_is_told_who_and_since_when(path, holder):
    with Ledger(path) as second:
        with pytest.raises(Busy) as told:
            second.claim("王工")
        busy = told.value
        assert (busy.who, busy.pid, busy.host) == (f"李工@{socket.gethostname()}", holder.pid, socket.gethostname())
        for words in (busy.who, str(holder.pid), claims.spoken(busy.since), "evaltool report 2024", "怎么办", "Ctrl-C"):
            assert words in str(busy)
        assert todo(second, "1") == []  # it is being done
        assert second.state("1").state == RUNNING  # readable all the while
        with pytest.raises(RuntimeError):
            second.started("1")


def test_a_killed_holder_is_followed_at_once(path, holder):
    holder.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # dead, but not fetched: a zombie still has its number
    with Ledger(path) as second:
        second.claim("王工")
        assert second.state("1").state == PENDING
        assert todo(second, "1") == ["1"]
        assert any("李工" in note for note in second.notes)


def test_a_number_used_again_by_another_process_is_no_holder(path, holder):
    with sqlite3.connect(path) as db:
        db.execute("UPDATE claim SET born = born - 1")
    db.close()
    with Ledger(path) as second:
        second.claim("王工")


def test_a_holder_of_our_own_process_is_told_from_one_left_behind(path):
    first = Ledger(path)
    first.claim("王工")
    first.claim("王工")  # holding twice is holding
    with Ledger(path) as second:
        with pytest.raises(Busy):
            second.claim("王工")
        die(first)
        second.claim("王工")


def test_only_one_of_many_gets_the_round(path):
    script = HOLD.replace('ledger.claim("李工"', 'sys.stdin.readline()\ntry: ledger.claim("李工"').replace(
        'ledger.begin_run([("1"', 'except Busy: print("busy", flush=True); sys.exit()\nledger.begin_run([("1"'
    )
    Ledger(path)._file.close()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    several = [subprocess.Popen([sys.executable, "-c", script, path], **pipes) for _ in range(4)]
    try:
        for process in several:
            process.stdin.write("go\n")
            process.stdin.flush()
        assert sorted(process.stdout.readline() for process in several) == ["busy\n"] * 3 + ["held\n"]
    finally:
        for process in several:
            process.kill()
            process.communicate()


def foreign(path, clock, age):
    """A claim as another machine, or a copy of the folder from there, leaves it."""
    with Ledger(path, clock=clock) as ledger:
        ledger.claim("李工")
        ledger.begin_run([("1", "甲县", "f")])
        ledger.started("1")
        die(ledger)
        claims.HELD.discard(ledger._token)
        ledger._token = ""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE claim SET host = '省厅-2', machine = 'other', pid = 1, beat = ?", (clock.now - age,))
    db.close()


@pytest.mark.parametrize("age", [0, 60, 119])
def test_a_holder_on_another_machine_is_alive_while_it_is_heard_of(path, age):
    clock = Clock()
    foreign(path, clock, age)
    waited = []
    with Ledger(path, clock=clock, pause=waited.append) as second, pytest.raises(Busy, match="李工@省厅-2"):
        second.claim("王工")
    assert waited == []


@pytest.mark.parametrize("age", [120, 86_400, -1, -86_400], ids=["just silent", "a day", "clock back", "a day ahead"])
def test_a_silent_holder_on_another_machine_is_watched_and_then_followed(path, age):
    clock, waited, told = Clock(), [], []
    foreign(path, clock, age)
    with Ledger(path, clock=clock, pause=waited.append) as second:
        second.claim("王工", tell=told.append)
        assert sum(waited) == claims.WATCH > 2 * claims.BEAT
        assert len(told) == 1
        assert "李工@省厅-2" in told[0]
        assert todo(second, "1") == ["1"]


@pytest.mark.parametrize("age", [300, -300])
def test_a_holder_whose_clock_differs_is_found_alive_by_watching(path, age):
    clock, waited = Clock(), []
    foreign(path, clock, age)

    def pause(seconds):
        waited.append(seconds)
        if len(waited) == 7:
            with sqlite3.connect(path) as db:
                db.execute("UPDATE claim SET beats = beats + 1")
            db.close()

    with Ledger(path, clock=clock, pause=pause) as second:
        with pytest.raises(Busy):
            second.claim("王工")
        assert len(waited) == 7


def test_a_holder_that_ends_while_it_is_watched_is_followed(path):
    clock = Clock()
    foreign(path, clock, 300)

    def pause(_):
        with sqlite3.connect(path) as db:
            db.execute("DELETE FROM claim")
        db.close()

    with Ledger(path, clock=clock, pause=pause) as second:
        second.claim("王工")
        assert todo(second, "1") == ["1"]


def test_signs_of_life_are_few_and_go_on_when_the_clock_is_set_back(path):
    clock = Clock()
    with Ledger(path, clock=clock) as ledger:
        assert not ledger.heartbeat()
        ledger.claim("王工")
        beats = []
        for step in (0, 14, 1, 1, -3600, 14, 1):
            clock.now += step
            beats.append(ledger.heartbeat())
        assert beats == [False, False, True, False, True, False, True]
        with sqlite3.connect(path) as db:
            assert db.execute("SELECT beats, beat FROM claim").fetchone() == (3, clock.now)
        db.close()


def test_who_was_taken_over_stops_writing(path):
    clock = Clock()
    first = Ledger(path, clock=clock)
    first.claim("李工")
    first.begin_run([("1", "甲县", "f")])
    first.started("1")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE claim SET machine = 'other', beat = beat - 1000")
    db.close()
    with Ledger(path, clock=clock, pause=lambda _: None) as second:
        second.claim("王工")
        clock.now += 1000
        for write in (
            first.heartbeat,
            lambda: first.started("1"),
            lambda: first.finished(Outcome("1", "甲县", OK), "f", OUTPUTS),
            first.release,
        ):
            with pytest.raises(Lost, match="王工"):
                write()
        assert second.state("1").state == PENDING
        end(second, "1", FAILED)
        assert second.state("1").state == FAILED
    first._file.close()


def test_a_forked_child_cannot_write(ledger):
    child = os.fork()
    if not child:
        try:
            ledger.started("1")
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert ledger.state("1").state == PENDING
