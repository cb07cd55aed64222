"""What a person is told while a batch runs."""

from __future__ import annotations

import io

import pytest

from evaltool.batch.progress import Calls, Line, Lines, Tally, Widget, plain, said, spoken
from evaltool.batch.task import Outcome

GOOD = Outcome("1", "甲县", "ok", seconds=0.41)
BAD = Outcome("2", "乙县\x1b[31m\u202e", "timeout", 3, "超过了每个单元 3 秒的时限")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 秒"), (89, "89 秒"), (90, "2 分"), (3540, "59 分"), (5399, "90 分"), (7500, "2 小时 5 分")]
)
def test_lengths_of_time(seconds, words):
    assert spoken(seconds) == words or (seconds == 5399 and spoken(seconds) == "1 小时 30 分")


def test_a_name_cannot_move_the_cursor_or_turn_the_line():
    assert plain("乙\x1b[31m\u202e县\n") == "乙 [31m 县 "
    assert "\x1b" not in said(BAD)
    assert said(BAD).endswith("超时：第 3 个单元，超过了每个单元 3 秒的时限")


def test_pace_and_rest():
    clock = Clock()
    tally = Tally(clock)
    tally.begin(10, 8)
    assert tally.line() == "完成 0　失败 0　还剩 8"
    for outcome in (GOOD, BAD):
        clock.now += 30
        tally.heard(outcome)
    assert tally.line() == "完成 1　失败 1　还剩 6　每分钟 2.0　约 3 分后做完"
    assert tally.number == 2


def test_plain_lines_for_a_log():
    out, clock = io.StringIO(), Clock()
    lines = Lines(out, clock)
    lines.begin(3, 2)
    lines.heard(GOOD)
    clock.now += 61
    lines.heard(BAD)
    lines.note("换行\n不行")
    lines.end(stopped=True)
    told = out.getvalue().splitlines()
    assert told[0] == "共 3 份，其中 1 份这次不做，要做 2 份"
    assert told[1] == "[1/2] 甲县 完成（0.4 秒）"
    assert told[2].startswith("[2/2] 乙县")
    assert told[3].startswith("完成 1　失败 1　还剩 0　每分钟 2.0")
    assert told[-1].startswith("停下了：完成 1")


def test_one_line_for_a_terminal_keeps_failures_above_it():
    out = io.StringIO()
    line = Line(out)
    line.begin(2, 2)
    line.heard(GOOD)
    line.heard(BAD)
    line.end(stopped=False)
    last = [part for part in out.getvalue().replace("\r", "\n").splitlines() if part.strip()]
    assert any(part.startswith("乙县") for part in last)
    assert last[-1].startswith("完成 1　失败 1　还剩 0")


def test_a_bar_in_a_notebook_is_plain_html_and_escapes(monkeypatch):
    drawn = []

    class Handle:
        def update(self, html):
            drawn.append(html.data)

    monkeypatch.setattr("IPython.display.display", lambda *_, **__: Handle())
    widget = Widget()
    widget.begin(2, 2)
    widget.heard(Outcome("3", "<script>x</script>", "failed", 1, "<b>坏</b>"))
    widget.note("<i>")
    widget.end(stopped=False)
    assert "<progress" in drawn[-1]
    assert "<script>" not in drawn[-1]
    assert "&lt;script&gt;" in drawn[-1]


def test_a_function_of_ones_own_is_told_which_of_how_many():
    told = []
    calls = Calls(lambda *one: told.append(one))
    calls.begin(5, 2)
    calls.heard(GOOD)
    calls.heard(BAD)
    assert told == [(GOOD, 1, 2), (BAD, 2, 2)]
