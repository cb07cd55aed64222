"""One bad file costs its own place: processes that hang, eat memory, die or fail are replaced, the others go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jobs import add, fail_once, misbehave, whose

from evaltool.books.bounded import Limits, Overrun, close_all, each


def test_answers_come_in_order_from_several_processes():
    assert each(add, 100, [(i,) for i in range(50)], workers=2) == list(range(100, 150))


def test_nothing_to_do_starts_nothing():
    assert each(add, 1, []) == []


def test_a_process_is_used_again_and_told_what_is_shared_now():
    close_all()
    first = each(whose, None, [()])
    assert each(whose, None, [()]) == first
    assert each(add, 7, [(1,)]) == [8]
    assert each(add, 9, [(1,)]) == [10]
    assert each(whose, None, [()]) == first
    assert first[0] != os.getpid()


@pytest.mark.parametrize(("how", "why"), [("sleep", "time"), ("exit", "died"), ("raise", "fault")])
def test_what_gives_no_answer_is_told_and_the_others_are_not_touched(how, why):
    limits = Limits(seconds=2.0)
    jobs = [("a",), (how,), ("b",), ("print",), ("c",)]
    first, bad, *rest = each(misbehave, "", jobs, limits, workers=1)
    assert isinstance(bad, Overrun)
    assert bad.why == why
    assert [first, *rest] == ["a", "b", "print", "c"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux keeps to the limit")
def test_memory_is_bounded():
    first, bad, last = each(misbehave, "", [("a",), ("memory",), ("b",)], Limits(60, 256), workers=1)
    assert (first, bad, last) == ("a", Overrun("memory", "256"), "b")


def test_a_process_that_dies_by_accident_is_tried_again(tmp_path):
    assert each(fail_once, str(tmp_path / "mark"), [()]) == ["second time"]


def test_who_watches_is_told_of_each(monkeypatch):
    told: list[int] = []
    each(add, 1, [(i,) for i in range(5)], done=told.append)
    assert sorted(told) == [0, 1, 2, 3, 4]


def test_a_watcher_that_fails_stops_the_work():
    def fail(number: int) -> None:
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        each(add, 1, [(0,)], done=fail)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_no_process_outlives_the_one_that_asked(tmp_path):
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from jobs import whose\nfrom evaltool.books.bounded import each\n"
        "print(each(whose, None, [()])[0], flush=True)\nimport os; os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    child = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the process is still there")
