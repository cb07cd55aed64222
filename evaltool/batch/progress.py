"""How a batch is going, told to whoever watches: a person at a terminal, a notebook in JupyterLab, or a log."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from html import escape
from typing import Any, TextIO

from evaltool.batch.task import OK, STATES, Outcome

_WINDOW = 60  # outcomes over which the pace is taken
_SAYS_PACE = 60.0  # seconds between two lines about the pace in a log

Told = Callable[[Outcome, int, int], None]


def plain(value: str) -> str:
    """Text for one line of a terminal: nothing that moves the cursor, colours, or turns the reading direction."""
    return "".join(sign if sign.isprintable() else " " for sign in value)


def said(outcome: Outcome) -> str:
    """One outcome in one line."""
    if outcome.state == OK:
        return f"{plain(outcome.name)} 完成（{outcome.seconds:.1f} 秒）"
    where = f"第 {outcome.cell} 个单元，" if outcome.cell else ""
    return f"{plain(outcome.name)} {STATES.get(outcome.state, outcome.state)}：{where}{plain(outcome.reason)}"


def spoken(seconds: float) -> str:
    """A length of time as a person says it: 40 秒, 18 分, 2 小时 5 分."""
    if seconds < 90:
        return f"{max(1, round(seconds))} 秒"
    minutes = round(seconds / 60)
    return f"{minutes} 分" if minutes < 90 else f"{minutes // 60} 小时 {minutes % 60} 分"


class Tally:
    """Counts and pace. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.total = self.left = self.done = self.failed = 0
        self.began = clock()
        self._ends: deque[float] = deque(maxlen=_WINDOW)

    def begin(self, total: int, left: int) -> None:
        self.total, self.left = total, left
        self.began = self._clock()
        self._ends.append(self.began)

    def heard(self, outcome: Outcome) -> None:
        self.left -= 1
        self.done += outcome.state == OK
        self.failed += outcome.state != OK
        self._ends.append(self._clock())

    @property
    def number(self) -> int:
        """Which outcome this was, of how many that are to be made."""
        return self.done + self.failed

    @property
    def a_minute(self) -> float:
        """Outcomes a minute, over the last ones; 0 before there are any."""
        span = self._ends[-1] - self._ends[0] if len(self._ends) > 1 else 0.0
        return 60 * (len(self._ends) - 1) / span if span > 0 else 0.0

    def line(self) -> str:
        """完成 118　失败 2　还剩 2724　每分钟 146　约 19 分后做完."""
        parts = [f"完成 {self.done}", f"失败 {self.failed}", f"还剩 {self.left}"]
        pace = self.a_minute
        if pace:
            parts.append(f"每分钟 {pace:.0f}" if pace >= 10 else f"每分钟 {pace:.1f}")
            if self.left:
                parts.append(f"约 {spoken(60 * self.left / pace)}后做完")
        return "　".join(parts)


class Lines:
    """Plain lines, for a log or a pipe: one an outcome, and now and then the pace."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._clock = out, clock
        self._tally = Tally(clock)
        self._spoke = clock()

    def begin(self, total: int, left: int) -> None:
        self._tally.begin(total, left)
        if left < total:
            self._say(f"共 {total} 份，其中 {total - left} 份这次不做，要做 {left} 份")

    def heard(self, outcome: Outcome) -> None:
        self._tally.heard(outcome)
        self._say(f"[{self._tally.number}/{self._tally.number + self._tally.left}] {said(outcome)}")
        if self._clock() - self._spoke >= _SAYS_PACE:
            self._spoke = self._clock()
            self._say(self._tally.line())

    def note(self, text: str) -> None:
        self._say(plain(text))

    def end(self, stopped: bool) -> None:
        if stopped:
            self._say(f"停下了：{self._tally.line()}")

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class Line:
    """One line that is written over, for a person at a terminal; failures and notes stay above it."""

    def __init__(self, out: TextIO) -> None:
        from tqdm import tqdm

        self._out, self._tally = out, Tally()
        self._bar = tqdm(total=0, file=out, leave=False, bar_format="{l_bar}{bar:20}| {postfix}", dynamic_ncols=True)

    def begin(self, total: int, left: int) -> None:
        self._tally.begin(total, left)
        self._bar.reset(total=left)
        if left < total:
            self.note(f"共 {total} 份，其中 {total - left} 份这次不做，要做 {left} 份")

    def heard(self, outcome: Outcome) -> None:
        self._tally.heard(outcome)
        if outcome.state != OK:
            self.note(said(outcome))
        self._bar.set_postfix_str(self._tally.line(), refresh=False)
        self._bar.update()

    def note(self, text: str) -> None:
        self._bar.write(plain(text), file=self._out)

    def end(self, stopped: bool) -> None:
        self._bar.close()
        print(("停下了：" if stopped else "") + self._tally.line(), file=self._out, flush=True)


class Widget:
    """A bar below the cell in JupyterLab, drawn anew in place; it needs no extension, and stays in a saved notebook."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html, self._tally, self._notes = HTML, Tally(), list[str]()
        self._drawn = 0.0
        self._handle = display(HTML(""), display_id=True)

    def begin(self, total: int, left: int) -> None:
        self._tally.begin(total, left)
        self._draw()

    def heard(self, outcome: Outcome) -> None:
        self._tally.heard(outcome)
        if outcome.state != OK:
            self._notes.append(said(outcome))
        if time.monotonic() - self._drawn > 0.2:  # a notebook need not be told 20 times a second
            self._draw()

    def note(self, text: str) -> None:
        self._notes.append(plain(text))
        self._draw()

    def end(self, stopped: bool) -> None:
        if stopped:
            self._notes.append("停下了，做完的都留着；再运行一次就接着做")
        self._draw()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        of = self._tally.number + self._tally.left
        shown = "".join(f"<div>{escape(note)}</div>" for note in self._notes[-8:])
        how_far = f'value="{self._tally.number}" max="{max(1, of)}"'
        bar = f'<progress {how_far} style="width:20em" aria-label="进度"></progress>'
        self._handle.update(self._html(f"<div>{bar} {escape(self._tally.line())}</div>{shown}"))


class Calls:
    """A function of the caller's own: (outcome, which one, of how many)."""

    def __init__(self, told: Told) -> None:
        self._told, self._tally = told, Tally()

    def begin(self, total: int, left: int) -> None:
        self._tally.begin(total, left)

    def heard(self, outcome: Outcome) -> None:
        self._tally.heard(outcome)
        self._told(outcome, self._tally.number, self._tally.number + self._tally.left)

    def note(self, text: str) -> None:
        pass

    def end(self, stopped: bool) -> None:
        pass


def in_notebook() -> bool:
    """Whether this code runs in a kernel; that some other code has imported one does not count."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def watcher(progress: Told | bool) -> Any:
    """True: whatever suits where this runs. False: nobody. A function: that function."""
    if callable(progress):
        return Calls(progress)
    if not progress:
        return Calls(lambda *_: None)
    if in_notebook():
        return Widget()
    return Line(sys.stderr) if sys.stderr.isatty() else Lines(sys.stderr)
