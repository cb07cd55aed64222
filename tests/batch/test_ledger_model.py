"""The run ledger against a model of a few lines, through any order of what can happen to it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evaltool.batch import claims
from evaltool.batch.ledger import INTERRUPTIONS, PENDING, RUNNING, SET_ASIDE, TRIES, Ledger, Unwritten
from evaltool.batch.task import DISK, OK, STATES, Outcome

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
KEYS = ["甲", "乙'", "", "\0"]
FAILURES = [state for state in STATES if state != OK]
keys = st.sampled_from(KEYS)
marks = st.sampled_from("fg")


class Row:
    def __init__(self, mark, last=""):
        self.mark, self.last, self.state = mark, last, PENDING
        self.attempts = self.tries = self.interruptions = 0


class LedgerMachine(RuleBasedStateMachine):
    """What was ended while the file was locked is written with whatever is written next, and lost by a kill."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        self.path = self.folder / "ledger.sqlite"
        self.rows, self.late, self.failed, self.retries, self.locked = {}, [], {}, 0, None
        self.open()

    def open(self):
        self.ledger = Ledger(self.path, patience=0.0)
        self.ledger.claim("王工")
        self.failed = {}

    def teardown(self):
        self.unlock()
        self.ledger.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    def unlock(self):
        if self.locked:
            self.locked.close()
            self.locked = None

    def write(self, action):
        """Do it, with what came too late before; False where the file is locked."""
        if self.locked:
            with pytest.raises(Unwritten):
                action()
            return False
        action()
        self.settle()
        return True

    def settle(self):
        for key, state, mark in self.late:
            row = self.rows[key]
            if row.mark != mark:
                row.mark, row.attempts, row.tries = mark, 0, 0
            row.attempts += 1
            row.tries = 0 if state == OK else row.tries + (state != DISK)
            row.state = SET_ASIDE if row.tries >= TRIES else state
            row.last, row.interruptions = state, 0
        self.late = []

    @rule()
    def lock(self):
        if not self.locked:
            self.locked = sqlite3.connect(self.path, isolation_level=None)
            self.locked.execute("BEGIN IMMEDIATE")

    @rule()
    def let_go(self):
        self.unlock()

    @rule(given=st.dictionaries(keys, marks))
    def begin_run(self, given):
        if self.write(lambda: self.ledger.begin_run([(key, key, mark) for key, mark in given.items()])):
            for key, mark in given.items():
                row = self.rows.get(key)
                if row is None or row.mark != mark:
                    self.rows[key] = Row(mark, row.last if row else "")
            self.failed = {}

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def started(self, data):
        key = data.draw(st.sampled_from(sorted(self.rows)))
        if self.write(lambda: self.ledger.started(key)):
            row = self.rows[key]
            if row.state == SET_ASIDE:
                row.tries = row.interruptions = 0
            row.state = RUNNING

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), state=st.sampled_from([OK, OK, *FAILURES]), same=st.booleans())
    def finished(self, data, state, same):
        key = data.draw(st.sampled_from(sorted(self.rows)))
        mark = self.rows[key].mark if same else "h"
        self.late.append((key, state, mark))
        if state != OK:
            self.failed[key] = self.failed.get(key, 0) + 1
        self.write(lambda: self.ledger.finished(Outcome(key, key, state), mark, {}))

    @rule()
    def killed(self):
        self.unlock()
        claims.HELD.discard(self.ledger._token)
        self.ledger._file.close()
        self.late = []
        self.open()
        for row in self.rows.values():
            if row.state == RUNNING:
                row.interruptions += 1
                row.state = SET_ASIDE if row.interruptions >= INTERRUPTIONS else PENDING

    @rule()
    def released(self):
        self.unlock()
        with self.ledger:
            pass
        self.settle()
        for row in self.rows.values():
            row.state = PENDING if row.state == RUNNING else row.state
        self.open()

    @rule(failed_only=st.booleans(), again=st.booleans(), retries=st.integers(0, 4), lost=st.sets(keys))
    def todo(self, failed_only, again, retries, lost):
        expected = []
        for key in reversed(KEYS):
            row = self.rows.get(key)
            if row is None:
                due = not failed_only
            elif row.state in (SET_ASIDE, RUNNING):
                due = row.state == SET_ASIDE and again
            elif row.state == OK:
                due = key in lost and not failed_only
            else:
                due = row.last in FAILURES or not failed_only
            expected += [key] * due
        options = {"failed_only": failed_only, "again": again, "retries": retries}
        assert self.ledger.todo(KEYS[::-1], whole=lambda entry: entry.key not in lost, **options) == expected
        self.retries = retries

    @rule(key=keys)
    def may_retry(self, key):
        row, failed = self.rows.get(key), self.failed.get(key, 0)
        waiting = any(key == late for late, *_ in self.late)
        expected = row is not None and row.state in FAILURES and 0 < failed <= self.retries and not waiting
        if self.ledger._retries == self.retries:
            assert self.ledger.may_retry(key) == expected

    @invariant()
    def the_rows_are_the_same(self):
        found = {
            entry.key: (entry.fingerprint, entry.state, entry.last, entry.attempts, entry.tries, entry.interruptions)
            for entry in self.ledger.entries()
        }
        assert found == {
            key: (row.mark, row.state, row.last, row.attempts, row.tries, row.interruptions)
            for key, row in self.rows.items()
        }


LedgerMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestLedgerMachine = LedgerMachine.TestCase
