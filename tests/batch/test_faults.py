"""Seven ways for a county's notebook to fail, told apart on every way of running it, and the others unharmed."""

from __future__ import annotations

import nbformat
import pytest

from evaltool.batch.task import EXITED, FAILED, INCOMPLETE, KILLED, MEMORY, OK, OUTPUT, TIMEOUT
from evaltool.batch.verdict import ANCHOR
from tests.batch import rig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
LINUX = pytest.mark.skipif(not rig.LINUX, reason="looks at processes in /proc")

SHOWN = "from IPython.display import display, HTML\nfor _ in range(500): display(HTML('x' * (1 << 20)))"
PIPED = "import subprocess; subprocess.run(\"head -c 500000000 /dev/zero | tr '\\\\0' x\", shell=True)"
NAMED = "import subprocess, sys; subprocess.run(['head', '-c', '500000000', '/dev/zero'], stdout=sys.stdout.fileno())"
CRASH = """
import ctypes
x = []
try:
    while True: x.append([str(len(x))] * 50)
except MemoryError:
    x.clear()
    ctypes.string_at(0)
"""
# kind → (what the fifth cell says (the second are the parameters given), state, word of the reason)
QUICK = {
    "raise": ("1/0", FAILED, "ZeroDivisionError：division by zero"),
    "dies 0": ("import os; os._exit(0)", KILLED, ""),
    "dies 3": ("import os; os._exit(3)", KILLED, ""),
    "signal": ("import os; os.kill(os.getpid(), 11)", KILLED, ""),
    "kill -9": ("import os; os.kill(os.getpid(), 9)", KILLED, ""),
    "real-time signal": ("import os; os.kill(os.getpid(), 37)", KILLED, ""),
    "exit 0": ("import sys; sys.exit(0)", EXITED, "sys.exit(0)"),
    "exit words": ("raise SystemExit('够了')", EXITED, "够了"),
    "numpy": ("import numpy; a = numpy.ones(1 << 30)", MEMORY, "内存"),
    "bytes": ("b = bytearray(8 << 30)", MEMORY, "内存"),
    "objects": ("x = []\nwhile True: x.append([str(len(x))] * 50)", MEMORY, "内存"),
    "objects, crash": (CRASH, MEMORY, "SIGSEGV"),
    "print": ("for _ in range(500): print('x' * (1 << 20))", OUTPUT, "16 MB"),
    "print, no other thread": (
        "import sys; sys.setswitchinterval(1000)\nfor _ in range(500): print('x' * (1 << 20))", OUTPUT, "16 MB",
    ),
    "display": (SHOWN, OUTPUT, "16 MB"),
    "program": (PIPED, OUTPUT, "16 MB"),
    "descriptor": (NAMED, OUTPUT, "16 MB"),
    "warning": ("import warnings; warnings.warn('小心')", OK, ""),
    "plain": ("print('好')", OK, ""),
}
LOOPS = {
    "loop": "while True: pass",
    "loop that swallows": (
        "import time\nwhile True:\n    try:\n        while True: time.sleep(0.01)\n    except BaseException: pass"
    ),
    "sleep in C": "import time; time.sleep(1e6)",
    "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
}


def filled(folder, level, kinds, **limits):
    bench = rig.Bench(folder, level, own=True)
    bench.limits = {**bench.limits, **limits}
    for key, code in kinds.items():
        bench.add(key, "print('第一格', name)", "value = 41", code, "print('最后', value + 1)")
        final = bench.final(key)
        final.mkdir(parents=True)
        for name in ("report.ipynb", "report.json", "report.html", "failed.ipynb"):
            (final / name).write_text("旧的")
        (final / "别的.txt").write_text("不是这里做的")
    return bench


def files(bench, key):
    return sorted(path.name for path in bench.final(key).iterdir())


def check_failed(bench, outcome, state, cell, word):
    """A failure is told with its cell, and the partial notebook is one that anybody can read."""
    key = outcome.key
    assert (outcome.state, outcome.cell) == (state, cell), outcome
    assert word in outcome.reason
    assert outcome.reason
    assert files(bench, key) == ["failed.ipynb", "别的.txt"]
    notebook = nbformat.read(bench.final(key) / "failed.ipynb", as_version=4)
    nbformat.validate(notebook)
    top, anchors = notebook.cells[0], [c for c in notebook.cells if f'<a id="{ANCHOR}">' in c.source]
    assert f"](#{ANCHOR})" in top.source
    assert f"第 {cell} 个单元" in top.source
    assert len(anchors) == 1
    place = notebook.cells.index(anchors[0])
    assert notebook.cells[place + 1].source == bench.source(key)
    assert notebook.cells[place - 2].outputs[0].text == f"第一格 {key}\n"
    assert notebook.cells[-1].outputs == []
    bench.log(key)


def check_done(bench, outcome):
    key = outcome.key
    assert (outcome.state, outcome.cell, outcome.reason) == (OK, 0, ""), outcome
    assert files(bench, key) == ["report.ipynb", "别的.txt"]
    notebook = nbformat.read(bench.final(key) / "report.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[-1].outputs[0].text == "最后 42\n"


@LINUX
@pytest.mark.parametrize("level", ["direct", pytest.param("forked", marks=pytest.mark.long)])
def test_seven_kinds_of_failure_are_told_apart(tmp_path, monkeypatch, level):
    """Also: none of them takes the machine's memory, leaves a process behind, or harms another county."""
    monkeypatch.setenv(rig.MARK, mark := rig.uuid.uuid4().hex)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # or ipykernel would leave the descriptors alone
    # A kernel that has no memory left for an answer falls silent: its county still fails, but by another name.
    kinds = {key: kind for key, kind in QUICK.items() if level == "direct" or "objects" not in key}
    bench = filled(tmp_path, level, {key: code for key, (code, *_) in kinds.items()})
    bench.source = lambda key: QUICK[key][0]
    largest = [0.0]

    def look():
        largest[0] = max([largest[0], *(rig.resident_mb(pid) for pid in rig.marked(mark))])
        return 1

    with rig.sampling(look) as seen:
        outcomes = bench.run()
    for key, (_, state, word) in kinds.items():
        if state == OK:
            check_done(bench, outcomes[key])
        else:
            # beside a kernel of its own, the memory for so much text may end first
            if level == "forked" and state == OUTPUT and outcomes[key].state == MEMORY:
                state, word = MEMORY, "内存"
            check_failed(bench, outcomes[key], state, 5, word)
        assert outcomes[key].engine == level
    warned = (bench.final("warning") / "report.ipynb").read_text("utf-8")
    assert "UserWarning: 小心" in warned
    assert rig.all_gone(mark) == []
    assert rig.parts(bench.root) == []
    assert rig.states(bench.root) == {key: outcomes[key].state for key in kinds}
    print(f"{level}: {len(kinds)} notebooks; largest process {largest[0]:.0f} MB in {seen[0]} looks")
    assert 0 < largest[0] < 1200


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("level", ["worker", pytest.param("plain", marks=pytest.mark.long)])
def test_seven_kinds_by_plain_papermill(tmp_path, monkeypatch, level):
    """Where processes cannot be forked nothing limits memory; all else is told in the same way."""
    monkeypatch.setenv(rig.MARK, mark := rig.uuid.uuid4().hex)
    kinds = ["raise", "dies 0", "signal", "exit 0", "print", "display", "warning", "plain"]
    kinds += ["bytes", "program"] if level == "plain" else []
    bench = filled(tmp_path, level, {key: QUICK[key][0] for key in kinds})
    bench.source = lambda key: QUICK[key][0]
    outcomes = bench.run()
    for key in kinds:
        _, state, word = QUICK[key]
        if state == OK:
            check_done(bench, outcomes[key])
        else:
            check_failed(bench, outcomes[key], state, 5, word)
        assert outcomes[key].engine == "plain"
    assert rig.all_gone(mark) == []


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize(
    "level", ["direct", "worker", *(pytest.param(one, marks=pytest.mark.long) for one in ("forked", "plain"))]
)
def test_an_endless_loop_ends(tmp_path, monkeypatch, level):
    monkeypatch.setenv(rig.MARK, mark := rig.uuid.uuid4().hex)
    bench = filled(tmp_path, level, LOOPS, cell_seconds=10)
    bench.source = LOOPS.get
    outcomes = bench.run()
    for outcome in outcomes.values():
        check_failed(bench, outcome, TIMEOUT, 5, "每个单元 10 秒的时限")
    assert rig.all_gone(mark) == []
    print(level, {key: one.seconds for key, one in outcomes.items()})


@LINUX
@pytest.mark.slow
def test_many_quick_cells_end_with_the_limit_of_the_whole(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.limits = {**bench.limits, "seconds": 12}
    bench.add("a", *["import time; time.sleep(2)"] * 200)
    outcome = bench.run()["a"]
    assert outcome.state == TIMEOUT
    assert "每份 12 秒的时限" in outcome.reason
    assert 1 < outcome.cell < 30


@LINUX
def test_what_ran_but_is_not_whole_is_no_report(tmp_path):
    """A notebook without its last figures, with a skipped cell, or of the wrong kind is told as such."""
    bench = rig.Bench(tmp_path, finish="evaltool.report.finishing:finish")
    bench.add("no figures", "print(1)")
    bench.add("left over", "from pathlib import Path; Path('report.json').write_text('{}')")
    bench.tasks = {
        key: (rig.dataclasses.replace(task, options={"title": key, "figures": True}), mark)
        for key, (task, mark) in bench.tasks.items()
    }
    outcomes = bench.run()
    for outcome in outcomes.values():
        assert (outcome.state, outcome.cell) == (INCOMPLETE, 3)
        assert "report.json" in outcome.reason
        assert files(bench, outcome.key) == ["failed.ipynb"]
