"""What a county leaves running ends with it, whatever ends it; Ctrl-C and its like; two people at one batch."""

from __future__ import annotations

import os
import signal
import time

import pytest

from evaltool.batch.ledger import Busy
from evaltool.batch.task import FAILED, KILLED, OK, TIMEOUT
from tests.batch import rig

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not rig.LINUX, reason="looks at processes in /proc"),
]

DAEMON = """
import os, time
if os.fork() == 0:  # twice, with a session of its own: nobody's child, in nobody's group
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        for _ in range(3000): time.sleep(0.1)
    os._exit(0)
os.wait()
"""
LEAVING = {
    "program": "import subprocess; subprocess.Popen(['sleep', '300'])",
    "program of its own": "import subprocess; subprocess.Popen(['setsid', 'sleep', '300'], start_new_session=True)",
    "without environment": (
        "import subprocess; subprocess.Popen(['/bin/sh', '-c', 'setsid sleep 300 & sleep 300'], env={},"
        " start_new_session=True)"
    ),
    "daemon": DAEMON,
    "pool": (
        "import multiprocessing, time\npool = multiprocessing.get_context('fork').Pool(2)\n"
        "later = pool.map_async(time.sleep, [300, 300])"
    ),
    "threads": (
        "import threading, time\nfor daemon in (True, False):\n"
        "    threading.Thread(target=time.sleep, args=(300,), daemon=daemon).start()"
    ),
    "copy": "import os, time\nif os.fork() == 0:\n    time.sleep(300)",
    "tree": "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 300 & (sleep 300 & sleep 300) & wait'])",
}


def session_of(pid):
    with rig.contextlib.suppress(OSError):
        return os.getsid(pid)
    return 0


def by_hand(*values: str):
    return [pytest.param(value, marks=pytest.mark.long) for value in values]


@pytest.fixture
def mark(monkeypatch):
    value = rig.uuid.uuid4().hex
    monkeypatch.setenv(rig.MARK, value)
    yield value
    rig.kill(*rig.marked(value))


def named(word):
    """All processes on the machine whose command line has the word: also those without any environment."""
    found = []
    for folder in rig.Path("/proc").glob("[0-9]*"):
        with rig.contextlib.suppress(OSError):
            if word.encode() in (folder / "cmdline").read_bytes() and rig.alive(int(folder.name)):
                found.append(int(folder.name))
    return found


def own_sleep(code, seconds):
    """The same cell, with a number of seconds that no other process on the machine sleeps."""
    return code.replace("300", str(seconds))


@pytest.mark.parametrize("level", ["direct", pytest.param("forked", marks=pytest.mark.long)])
def test_what_a_county_leaves_running_ends_with_it(tmp_path, mark, level):
    """At its end, after an error, after a sudden death and after a time-out; while another county's processes live."""
    seconds = 100_000 + os.getpid()
    bench = rig.Bench(tmp_path, level, slots=4, own=True)
    bench.limits = {**bench.limits, "cell_seconds": 30}
    ways = {"ends": ("print('完')", OK), "fails": ("1/0", FAILED), "dies": ("import os; os._exit(1)", KILLED)}
    ways["hangs"] = ("import time; time.sleep(1000)", TIMEOUT)
    wanted = {}
    for way, (code, state) in ways.items():
        for kind in LEAVING if way == "ends" else ["daemon", "program of its own", "without environment"]:
            bench.add(f"{way} {kind}", own_sleep(LEAVING[kind], seconds), code)
            wanted[f"{way} {kind}"] = state
    bench.add("own", "import subprocess\none = subprocess.Popen(['sleep', '5'])", "one.wait()")
    outcomes = bench.run()
    assert {key: one.state for key, one in outcomes.items()} == {**wanted, "own": OK}, outcomes
    assert rig.all_gone(mark) == []
    rig.wait_for(lambda: not named(str(seconds)), 10)
    assert named(str(seconds)) == []


def started(bench, mark, number=2):
    """A coordinator whose notebooks are at work: (coordinator, server, notebooks, all processes)."""
    run = bench.start(mark)

    def at_work():
        return [bench.root / f".at-work-{key}" for key in bench.tasks if (bench.root / f".at-work-{key}").exists()]

    assert rig.wait_for(lambda: run.poll() is not None or len(at_work()) >= number, 300)
    assert run.poll() is None, (bench.folder / "said").read_text("utf-8")
    (server,) = rig.children(run.pid)
    return run, server, rig.children(server), rig.marked(mark)


def hanging(folder, seconds, number=2):
    """Notebooks that have left all kinds of processes behind and now wait."""
    bench = rig.Bench(folder, slots=number, own=True)
    for place in range(number + 2):
        kinds = [own_sleep(LEAVING[kind], seconds) for kind in ("program of its own", "daemon", "pool", "tree")]
        bench.add(
            str(place), *kinds, f"open({str(bench.root)!r} + '/.at-work-' + name, 'w').close()",
            f"import os, time\nif not os.path.exists({str(folder / 'free')!r}): time.sleep(1000)", "print('完')",
        )  # fmt: skip
    return bench


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["server", "a notebook", *by_hand("coordinator", "everything")])
def test_kill_9_leaves_nothing_of_what_counties_have_started(tmp_path, mark, victim):
    seconds = 200_000 + os.getpid()
    bench = hanging(tmp_path, seconds)
    run, server, notebooks, everything = started(bench, mark)
    assert len(everything) > 10
    (tmp_path / "free").touch()
    targets = {"coordinator": [run.pid], "server": [server], "a notebook": notebooks[:1], "everything": everything}
    rig.kill(*targets[victim])
    if victim in ("coordinator", "everything"):
        run.wait()
        assert rig.all_gone(mark) == []
        assert named(str(seconds)) == []
        assert bench.start(mark).wait() == 0
    else:
        begun = {pid for pid in everything if pid not in (run.pid, server)}
        mine = begun if victim == "server" else {pid for pid in begun if session_of(pid) == notebooks[0]}
        rig.wait_for(lambda: not any(rig.alive(pid) for pid in mine), 30)
        assert [pid for pid in mine if rig.alive(pid)] == []
        rig.kill(run.pid, how=signal.SIGINT)
        run.wait()
        assert bench.start(mark).wait() == 0
    assert set(rig.states(bench.root).values()) == {OK}
    assert rig.all_gone(mark) == []
    assert named(str(seconds)) == []
    assert rig.parts(bench.root) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["Ctrl-C", *by_hand("SIGINT", "SIGTERM", "SIGHUP")])
def test_a_person_stops_it_and_goes_on_later(tmp_path, mark, how):
    """Ctrl-C goes to the whole group of the terminal; the others to the coordinator alone."""
    seconds = 300_000 + os.getpid()
    bench = hanging(tmp_path, seconds)
    for key in bench.tasks:
        bench.final(key).mkdir(parents=True)
        (bench.final(key) / "report.ipynb").write_text("旧的", "utf-8")
    run, *_ = started(bench, mark)
    if how == "Ctrl-C":
        os.killpg(run.pid, signal.SIGINT)
    else:
        rig.kill(run.pid, how=getattr(signal, "SIGINT" if how == "SIGINT" else how))
    began = time.monotonic()
    assert run.wait(60) != 0
    assert rig.all_gone(mark) == []
    took = time.monotonic() - began
    assert named(str(seconds)) == []
    for key in bench.tasks:  # who stops keeps what he had
        assert (bench.final(key) / "report.ipynb").read_text("utf-8") == "旧的"
    assert not {"failed", "killed"} & set(rig.states(bench.root).values())
    (tmp_path / "free").touch()
    assert bench.start(mark).wait() == 0
    assert set(rig.states(bench.root).values()) == {OK}
    assert rig.parts(bench.root) == []
    print(f"{how}: all had ended after {took:.1f} s")


@pytest.mark.slow
def test_the_second_operator_is_told_who_runs_it(tmp_path, mark):
    bench = hanging(tmp_path, 400_000 + os.getpid())
    run, _, _, before = started(bench, mark)
    with pytest.raises(Busy) as found:
        bench.run()
    assert found.value.pid == run.pid
    assert f"进程 {run.pid}" in str(found.value)
    assert "怎么办" in str(found.value)
    assert [pid for pid in before if not rig.alive(pid)] == []  # and it has harmed nothing
    assert len(rig.parts(bench.root)) == 2
    rig.kill(run.pid)
    run.wait()
    assert rig.all_gone(mark) == []
    (tmp_path / "free").touch()
    assert {one.state for one in bench.run().values()} == {OK}
