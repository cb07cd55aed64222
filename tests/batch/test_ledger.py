"""The run ledger: what is done again and what is not, what is set aside, who holds the round."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool.batch import claims
from evaltool.batch.ledger import (
    FRAME,
    INTERRUPTIONS,
    PENDING,
    RUNNING,
    SET_ASIDE,
    TRIES,
    WORDS,
    Busy,
    Ledger,
    Lost,
    fingerprint,
)
from evaltool.batch.ledger_rows import LONGEST
from evaltool.batch.task import DISK, FAILED, OK, STATES, TIMEOUT, Outcome

OUTPUTS = {"report.html": "a" * 64, "report.ipynb": "b" * 64}


class Clock:
    def __init__(self, now=1_700_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reports" / ".run" / "ledger.sqlite"


@pytest.fixture
def ledger(path):
    with Ledger(path) as opened:
        opened.claim("王工")
        opened.begin_run([("1", "甲县", "f"), ("2", "乙县", "f"), ("3", "丙县", "f")])
        yield opened


def whole(entry):
    return True


def todo(ledger, keys=("1", "2", "3"), **options):
    return ledger.todo(list(keys), **{"whole": whole, **options})


def end(ledger, key, state=OK, mark="f", reason="", **more):
    ledger.started(key)
    ledger.finished(Outcome(key, f"县{key}", state, reason=reason, **more), mark, OUTPUTS if state == OK else {})


def die(ledger):
    """What kill -9 leaves, within one process: the file as it stands, the claim not given back."""
    claims.HELD.discard(ledger._token)
    ledger._file.close()


# --- fingerprint ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def turned(value):
    """The same, with the keys of every mapping the other way round."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in reversed(value.items())}
    return [turned(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_order_of_parts_does_not_matter(parts):
    assert fingerprint(parts) == fingerprint(turned(parts))


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.dictionaries(st.text(), JSON, max_size=4))
def test_any_change_of_parts_matters(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (repr(sorted_all(one)) == repr(sorted_all(other)))


def sorted_all(value):
    if isinstance(value, dict):
        return [(key, sorted_all(item)) for key, item in sorted(value.items())], dict
    return [sorted_all(item) for item in value] if isinstance(value, list) else value


def test_values_that_only_look_alike_differ():
    values = [1, 1.0, "1", True, None, "", [], {}, [1], {"1": 1}, ["1"], "é", "e\u0301", "\ud800"]
    assert len({fingerprint({"x": value}) for value in values}) == len(values)


@pytest.mark.parametrize("part", [float("nan"), float("inf"), b"x", {1, 2}, Path("x"), {1: "x"}, [{"a": {2: 3}}]])
def test_what_has_no_one_form_has_no_fingerprint(part):
    with pytest.raises((TypeError, ValueError)):
        fingerprint({"x": part})


# --- what has to run ---


def test_all_is_to_do_at_first_in_the_order_asked_for(ledger):
    assert todo(ledger, "312") == ["3", "1", "2"]
    assert ledger.counts() == {PENDING: 3}


def test_what_is_done_is_not_done_again(ledger):
    end(ledger, "2", seconds=1.5, cpu=0.4, memory_mb=60.0, folder="乙县 2")
    assert todo(ledger) == ["1", "3"]
    entry = ledger.state("2")
    assert (entry.state, entry.attempts, entry.seconds, entry.cpu, entry.memory_mb) == (OK, 1, 1.5, 0.4, 60.0)
    assert (entry.outputs, entry.folder, entry.last) == (OUTPUTS, "乙县 2", OK)
    ledger.begin_run([("1", "甲县", "f"), ("2", "乙县", "f")])
    assert todo(ledger) == ["1", "3"]


def test_outputs_that_are_gone_are_made_again(ledger):
    end(ledger, "1")
    end(ledger, "2")
    assert todo(ledger, whole=lambda entry: entry.key != "2" or entry.outputs != OUTPUTS) == ["2", "3"]


def test_a_new_fingerprint_is_done_again_and_the_rest_stays(ledger):
    for key in "123":
        end(ledger, key)
    ledger.begin_run([("2", "乙县（改名）", "g"), ("4", "丁县", "f")])
    assert todo(ledger, "1234") == ["2", "4"]
    entry = ledger.state("2")
    assert (entry.state, entry.name, entry.attempts, entry.outputs) == (PENDING, "乙县（改名）", 0, {})
    assert [entry.key for entry in ledger.entries()] == ["1", "2", "3", "4"]


def test_an_end_counts_for_what_it_was_made_from(ledger):
    """The material changed while the task ran: the next begin_run sees the old fingerprint and does it again."""
    ledger.begin_run([("1", "甲县", "new")])
    end(ledger, "1", mark="old")
    ledger.begin_run([("1", "甲县", "new")])
    assert todo(ledger, "1") == ["1"]


def test_an_unknown_task_is_to_do_and_cannot_be_written(ledger):
    assert todo(ledger, "9") == ["9"]
    assert todo(ledger, "9", failed_only=True) == []
    assert ledger.state("9") is None
    with pytest.raises(KeyError):
        ledger.started("9")
    with pytest.raises(KeyError):
        ledger.finished(Outcome("9", "某县", OK), "f", {})
    assert ledger.counts() == {PENDING: 3}


@pytest.mark.parametrize("state", [state for state in STATES if state != OK])
def test_every_failure_is_tried_again_by_the_next_run(ledger, state):
    end(ledger, "1", state, reason="原因", cell=7)
    end(ledger, "2")
    assert todo(ledger) == ["1", "3"]
    assert todo(ledger, failed_only=True) == ["1"]
    entry = ledger.state("1")
    assert (entry.state, entry.reason, entry.cell, entry.attempts) == (state, "原因", 7, 1)


def test_failed_only_means_those_whose_last_end_was_a_failure(ledger):
    end(ledger, "1", FAILED)
    end(ledger, "2", FAILED)
    end(ledger, "3")
    ledger.started("1")
    ledger.interrupted()
    ledger.begin_run([("2", "乙县", "corrected"), ("3", "丙县", "corrected"), ("4", "丁县", "f")])
    assert todo(ledger, "1234", failed_only=True) == ["1", "2"]
    end(ledger, "2", mark="corrected")
    assert todo(ledger, "1234", failed_only=True) == ["1"]


# --- retries, set aside ---


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_retries_within_a_run(ledger, retries):
    assert todo(ledger, retries=retries) == ["1", "2", "3"]
    assert not ledger.may_retry("1")
    tries = 1
    end(ledger, "1", TIMEOUT)
    while ledger.may_retry("1"):
        end(ledger, "1", TIMEOUT)
        tries += 1
    assert tries == min(retries + 1, TRIES)
    assert not ledger.may_retry("2")


def test_no_retry_after_it_went_well(ledger):
    todo(ledger, retries=2)
    end(ledger, "1", FAILED)
    assert ledger.may_retry("1")
    end(ledger, "1")
    assert not ledger.may_retry("1")


def fail_in_runs(path, number, state=FAILED, mark="f"):
    for i in range(number):
        with Ledger(path) as ledger:
            ledger.claim("王工")
            ledger.begin_run([("1", "甲县", mark)])
            end(ledger, "1", state, mark, reason=f"错误{i}", cell=i)


def test_three_failures_over_all_runs_set_a_task_aside(path):
    fail_in_runs(path, TRIES - 1)
    with Ledger(path) as ledger:
        assert todo(ledger, "1") == ["1"]
    fail_in_runs(path, 1, TIMEOUT)
    with Ledger(path) as ledger:
        entry = ledger.state("1")
        assert (entry.state, entry.last, entry.tries, entry.attempts) == (SET_ASIDE, TIMEOUT, TRIES, TRIES)
        for words in ("第 1 次单元出错：错误0", "第 2 次单元出错（第 1 格）：错误1", "第 3 次超时：错误0", "--again"):
            assert words in entry.reason
        assert todo(ledger, "1") == todo(ledger, "1", failed_only=True) == []
        assert todo(ledger, "1", again=True) == todo(ledger, "1", again=True, failed_only=True) == ["1"]


def test_the_same_failure_is_told_once(ledger):
    for _ in range(TRIES):
        end(ledger, "1", FAILED, reason="除数是零。")
    assert "每次都是单元出错：除数是零。怎么办" in ledger.state("1").reason


def test_more_retries_than_tries_end_with_the_tries(ledger):
    todo(ledger, retries=9)
    for tries in range(1, TRIES + 1):
        end(ledger, "1", FAILED)
        assert ledger.may_retry("1") == (tries < TRIES)


def test_again_gives_all_tries_back(path):
    fail_in_runs(path, TRIES)
    for tries in range(1, TRIES + 1):
        fail_in_runs(path, 1)
        with Ledger(path) as ledger:
            entry = ledger.state("1")
            assert (entry.tries, entry.state) == (tries, SET_ASIDE if tries == TRIES else FAILED)


def test_a_new_fingerprint_gives_all_tries_back(path):
    fail_in_runs(path, TRIES)
    fail_in_runs(path, TRIES - 1, mark="g")
    with Ledger(path) as ledger:
        assert todo(ledger, "1") == ["1"]


def test_tries_count_for_what_they_were_made_from(ledger):
    """Also where the material changed while the task ran."""
    for mark in "ffgg":
        end(ledger, "1", FAILED, mark)
    assert (ledger.state("1").state, ledger.state("1").tries, ledger.state("1").attempts) == (FAILED, 2, 2)


def test_success_gives_all_tries_back(ledger):
    for state in (FAILED, FAILED, OK, FAILED, FAILED):
        end(ledger, "1", state)
    assert (ledger.state("1").state, ledger.state("1").tries) == (FAILED, 2)


def test_a_full_disk_is_no_tasks_fault(path):
    fail_in_runs(path, 2 * TRIES, DISK)
    with Ledger(path) as ledger:
        assert (ledger.state("1").state, ledger.state("1").tries) == (DISK, 0)
        assert todo(ledger, "1") == ["1"]


# --- ended early ---


def test_ctrl_c_blames_nobody(ledger):
    for _ in range(INTERRUPTIONS + 1):
        ledger.started("1", "2")
        assert todo(ledger) == ["3"]
        ledger.interrupted()
    assert todo(ledger) == ["1", "2", "3"]
    assert ledger.state("1").interruptions == 0


def test_an_error_in_the_coordinator_gives_the_round_back(path):
    def coordinate():
        with Ledger(path) as ledger:
            ledger.claim("王工")
            ledger.begin_run([("1", "甲县", "f")])
            ledger.started("1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        coordinate()
    with Ledger(path) as ledger:
        assert ledger.state("1").state == PENDING
        ledger.claim("李工")
        assert ledger.notes == []


def test_what_a_dead_run_left_running_is_done_again_until_that_happens_too_often(path):
    for number in range(1, INTERRUPTIONS + 1):
        ledger = Ledger(path)
        ledger.claim("王工")
        ledger.begin_run([("1", "甲县", "f"), ("2", "乙县", "f")])
        assert todo(ledger, "12") == ["1", "2"]
        ledger.started("1")
        die(ledger)
        with Ledger(path) as ledger:
            assert todo(ledger, "12") == ["1", "2"]  # `running`, but nobody runs
            ledger.claim("王工")
            entry = ledger.state("1")
            assert (entry.interruptions, entry.tries) == (number, 0)
            assert any("1 个做到一半的重做" in note for note in ledger.notes)
    with Ledger(path) as ledger:
        assert ledger.state("1").state == SET_ASIDE
        assert "--again" in ledger.state("1").reason
        assert todo(ledger, "12") == ["2"]
        ledger.claim("王工")
        assert todo(ledger, "12", again=True) == ["1", "2"]
        ledger.started("1")
        ledger.interrupted()
        assert (ledger.state("1").state, ledger.state("1").interruptions) == (PENDING, 0)


def test_an_end_of_any_kind_forgets_interruptions(path):
    for _ in range(2):
        ledger = Ledger(path)
        ledger.claim("王工")
        ledger.begin_run([("1", "甲县", "f")])
        ledger.started("1")
        die(ledger)
    with Ledger(path) as ledger:
        ledger.claim("王工")
        assert ledger.state("1").interruptions == 2
        end(ledger, "1", FAILED)
        assert ledger.state("1").interruptions == 0


# --- who holds the round ---

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


# --- texts, tables ---


@settings(max_examples=25, deadline=None)
@given(keys=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=4))
def test_keys_may_be_any_text(keys):
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.sqlite") as ledger:
        ledger.claim("王工")
        ledger.begin_run([(key, key, key) for key in keys])
        for key in keys:
            end(ledger, key, FAILED, mark=key, reason=key)
        assert [entry.key for entry in ledger.entries()] == keys
        assert todo(ledger, keys) == keys
        assert [ledger.state(key).reason for key in keys] == keys


def test_a_key_that_is_no_text_is_refused_and_other_texts_are_written_out(ledger):
    with pytest.raises(ValueError, match="UTF-8"):
        ledger.begin_run([("\ud800", "甲县", "f")])
    assert ledger.state("\ud800") is None
    ledger.begin_run([("4", "丁\udcff县", "f")])
    end(ledger, "4", FAILED, reason="找不到 \udcff.xlsx", seconds=float("nan"))
    assert (ledger.state("4").name, ledger.state("4").reason) == ("丁\\udcff县", "找不到 \\udcff.xlsx")
    assert ledger.state("4").seconds == 0


def test_a_key_may_not_come_twice(ledger):
    with pytest.raises(ValueError, match="twice"):
        ledger.begin_run([("7", "甲县", "f"), ("7", "乙县", "f")])
    assert ledger.state("7") is None


def test_a_long_reason_is_cut(ledger):
    for _ in range(TRIES):
        end(ledger, "1", FAILED, reason="长" * 1_000_000)
        assert len(ledger.state("1").reason) <= LONGEST


@pytest.mark.parametrize("name", ["/srv/report.html", "C:\\报告\\report.html", "\\\\host\\share\\x"])
def test_only_relative_paths_are_kept(ledger, name):
    ledger.started("1")
    for folder, outputs in (("甲县", {name: "a"}), (name, {})):
        with pytest.raises(ValueError, match="relative"):
            ledger.finished(Outcome("1", "甲县", OK, folder=folder), "f", outputs)
    assert ledger.state("1").state == RUNNING


@pytest.mark.parametrize("state", [PENDING, RUNNING, SET_ASIDE, "", "okay"])
def test_an_end_is_one_of_the_known_ends(ledger, state):
    with pytest.raises(ValueError, match="one of"):
        ledger.finished(Outcome("1", "甲县", state), "f", {})


def test_every_state_has_a_word():
    assert set(WORDS) == {PENDING, RUNNING, SET_ASIDE, *STATES}
    assert len(set(WORDS.values())) == len(WORDS)


def test_the_table(ledger):
    end(ledger, "1", seconds=1.5)
    end(ledger, "2", TIMEOUT, reason="超过 600 秒", cell=4)
    table = ledger.frame()
    assert list(table) == FRAME
    assert table["key"].tolist() == ["1", "2", "3"]
    assert table["state"].tolist() == [OK, TIMEOUT, PENDING]
    assert table["outputs"].tolist() == ["report.html、report.ipynb", "", ""]
    assert table["when"].isna().tolist() == [False, False, True]
    assert table["when"][0].timestamp() == pytest.approx(ledger.state("1").ended)
    assert ledger.counts() == {OK: 1, PENDING: 1, TIMEOUT: 1}


def test_the_table_of_an_empty_ledger(path):
    with Ledger(path) as ledger:
        assert ledger.frame().empty
        assert ledger.counts() == {}
        assert list(ledger.frame()) == FRAME


def test_who_only_reads_needs_no_claim_and_leaves_none(path, ledger):
    with Ledger(path) as reader:
        assert len(reader.entries()) == 3
        for write in (lambda: reader.begin_run([]), reader.interrupted, lambda: reader.started("1")):
            with pytest.raises(RuntimeError, match="claim"):
                write()
        reader.release()
        assert not reader.heartbeat()
    end(ledger, "1")
    assert ledger.state("1").state == OK
