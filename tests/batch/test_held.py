"""A batch and its claim: what is told when the ledger cannot be written, and when somebody has taken the batch over."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import Future
from functools import partial

import pytest

from evaltool.batch import running
from evaltool.batch.hands import RUN
from evaltool.batch.ledger import Ledger, Lost
from evaltool.batch.placing import PART
from evaltool.batch.running import LEDGER, Choice, held, run_batch, run_held
from evaltool.batch.task import FAILED, OK, Outcome, Task
from tests.batch.rig import Told

FILES = {"report.ipynb": "a" * 64}


class Hands:
    """Ends every task at once, as it is told to."""

    slots = 1

    def __init__(self, state=OK, meanwhile=lambda: None):
        self.state = state
        meanwhile()

    def submit(self, task):
        done = Future()
        good = self.state == OK
        outcome = Outcome(task.key, task.name, self.state, reason="" if good else "坏了", folder=task.folder)
        done.set_result((outcome, FILES if good else {}))
        return done

    def close(self):
        pass


def tasks():
    return [(Task(key, f"县{key}", "n.ipynb", {}, key), "f") for key in "12"]


def states(outcomes):
    return [(item.key, item.state, item.attempts) for item in outcomes]


@pytest.fixture
def root(tmp_path):
    for key in "12":
        (tmp_path / key).mkdir()
    return tmp_path


@pytest.fixture
def other(root):
    """Another program with the ledger open."""
    with held(root, Told()):
        db = sqlite3.connect(root / RUN / LEDGER, isolation_level=None, check_same_thread=False)
    yield db
    db.close()


def impatient(ledger):
    ledger._file.patience = 0.05
    ledger._file._db.execute("PRAGMA busy_timeout = 50")
    return ledger


def test_what_could_not_be_written_is_told_as_it_ended(root, other):
    assert states(run_batch(tasks(), root, Hands, Told())) == [("1", OK, 1), ("2", OK, 1)]
    told = Told()
    with held(root, told) as ledger:
        impatient(ledger)
        locked = partial(Hands, FAILED, partial(other.execute, "BEGIN IMMEDIATE"))
        done = run_held(tasks(), root, ledger, locked, told, Choice(again=True))
        assert states(done) == [("1", FAILED, 1), ("2", FAILED, 1)]
        assert [entry.state for entry in ledger.entries()] == [OK, OK]
        assert [(entry.state, entry.reason) for entry in ledger.standing()] == [(FAILED, "坏了")] * 2
        other.execute("ROLLBACK")
    assert any("没能记进台账" in note for note in told.notes)
    with Ledger(root / RUN / LEDGER) as ledger:
        assert [entry.state for entry in ledger.entries()] == [FAILED, FAILED]


def test_a_ledger_locked_to_the_end_is_told_and_takes_nothing_away(root, other):
    told = Told()
    with held(root, told) as ledger:
        impatient(ledger)
        done = run_held(tasks(), root, ledger, partial(Hands, OK, partial(other.execute, "BEGIN IMMEDIATE")), told)
    assert states(done) == [("1", OK, 1), ("2", OK, 1)]
    assert "台账" in told.notes[-1]
    other.execute("ROLLBACK")


def test_whoever_has_taken_over_is_left_alone(root, other):
    theirs = root / f"{PART}of-the-other"

    def begun():
        other.execute("UPDATE claim SET token = 'another', operator = '李工'")
        theirs.mkdir()
        raise ZeroDivisionError

    def the_whole():
        with held(root, Told()) as ledger:
            ledger.still_ours()
            with pytest.raises(ZeroDivisionError):
                run_held(tasks(), root, ledger, begun, Told())
            with pytest.raises(Lost, match="李工"):
                ledger.still_ours()

    with pytest.raises(Lost, match="李工"):
        the_whole()
    assert theirs.is_dir()


def test_signs_of_life_go_on_whatever_one_of_them_meets(root, monkeypatch):
    monkeypatch.setattr(running, "_BEAT", 0.01)
    beats, enough = [], threading.Event()

    def heartbeat(ledger):
        beats.append(threading.current_thread().name)
        if len(beats) == 3:
            enough.set()
        raise (Lost("x") if len(beats) == 1 else sqlite3.ProgrammingError("y"))

    monkeypatch.setattr(Ledger, "heartbeat", heartbeat)
    with held(root, Told()):
        assert enough.wait(30)
    assert set(beats) == {"signs of life"}
    assert not [one for one in threading.enumerate() if one.name == "signs of life"]
