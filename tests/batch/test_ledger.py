"""The run ledger: what is done again and what is not, what is set aside, what an early end leaves."""

from __future__ import annotations

import pytest

from evaltool.batch.ledger import (
    INTERRUPTIONS,
    PENDING,
    SET_ASIDE,
    TRIES,
    Ledger,
)
from evaltool.batch.task import DISK, FAILED, OK, STATES, TIMEOUT, Outcome
from tests.batch.ledgers import OUTPUTS, counts, die, end, todo

# --- what has to run ---


def test_all_is_to_do_at_first_in_the_order_asked_for(ledger):
    assert todo(ledger, "312") == ["3", "1", "2"]
    assert counts(ledger) == {PENDING: 3}


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
    assert counts(ledger) == {PENDING: 3}


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
    ledger.release()
    ledger.claim("王工")
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
        ledger.release()
        ledger.claim("王工")
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
        ledger.release()
        ledger.claim("王工")
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
