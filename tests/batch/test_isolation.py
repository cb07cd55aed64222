"""Counties share a warm server and nothing else: what one does to its process, no other sees; memory stays flat."""

from __future__ import annotations

import json
import os

import pytest

from evaltool.batch.task import OK
from tests.batch import rig

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not rig.LINUX, reason="looks at processes in /proc"),
]

# What a notebook can spoil for those after it, and how it looks where nobody has.
SPOIL = """
import builtins, decimal, gc, locale, logging, math, os, random, signal, sqlite3, sys, threading, warnings
import numpy, pandas
import plotly.io
math.pi = 3
math.sin = None
builtins.spoilt = True
builtins.len_ = len
sys.modules["spoilt"] = sys
sys.path.insert(0, "/spoilt")
sys.setrecursionlimit(4321)
os.environ["SPOILT"] = "1"
os.environ["PLOTLY_RENDERER"] = "spoilt"
os.umask(0o077)
os.chdir("/")
decimal.getcontext().prec = 5
warnings.simplefilter("error")
logging.root.setLevel(1)
logging.root.addHandler(logging.NullHandler())
pandas.options.display.max_rows = 3
numpy.set_printoptions(precision=1)
plotly.io.templates.default = "none"
random.seed(1); numpy.random.seed(1)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
threading.Thread(target=threading.Event().wait, daemon=True).start()
gc.disable()
locale.setlocale(locale.LC_ALL, "C")
os.nice(1)
connection = sqlite3.connect(":memory:")
get_ipython().ast_node_interactivity = "all"
get_ipython().display_formatter.active_types = ["text/plain"]
globals()["left_over"] = True
"""
LOOK = """
import builtins, decimal, gc, json, locale, logging, math, os, random, signal, sys, threading, warnings
import numpy, pandas
import plotly.io
seen = {
    "pi": math.pi, "sin": str(math.sin), "modules": "spoilt" in sys.modules,
    "builtins": [hasattr(builtins, "spoilt"), hasattr(builtins, "_")],
    "path": "/spoilt" in sys.path, "recursion": sys.getrecursionlimit(), "environment": os.environ.get("SPOILT"),
    "renderer": os.environ.get("PLOTLY_RENDERER"), "umask": os.umask(0o022), "here": os.path.basename(os.getcwd())[:6],
    "decimal": decimal.getcontext().prec, "filters": [list(map(str, one)) for one in warnings.filters],
    "logging": [logging.root.level, len(logging.root.handlers)], "rows": pandas.options.display.max_rows,
    "precision": numpy.get_printoptions()["precision"], "template": plotly.io.templates.default,
    "signal": str(signal.getsignal(signal.SIGUSR1)), "threads": [one.name for one in threading.enumerate()],
    "gc": gc.isenabled(), "locale": locale.setlocale(locale.LC_ALL), "nice": os.nice(0),
    "left": sorted(key for key in globals() if key in ("left_over", "connection", "seen")),
    "interactivity": get_ipython().ast_node_interactivity, "count": get_ipython().execution_count,
    "types": get_ipython().display_formatter.active_types == ["text/plain"],
    "open": sorted(os.readlink(f"/proc/self/fd/{one}").split("/")[-1][:6] for one in os.listdir("/proc/self/fd")
                   if os.path.exists(f"/proc/self/fd/{one}") and "/proc/" not in os.readlink(f"/proc/self/fd/{one}")
                   and os.path.isfile(f"/proc/self/fd/{one}")
                   and not os.readlink(f"/proc/self/fd/{one}").endswith(".log")),
}
drawn = [random.random(), float(numpy.random.random()), [random.getrandbits(8) for _ in range(4)]]
with open("report.json", "w") as file:
    file.write(json.dumps({"seen": seen, "drawn": drawn}))
"""
UNFLUSHED = """
import atexit, gzip, io, json
late = open("late.txt", "w", encoding="utf-8")
late.write("没有冲刷" * 10)
raw = open("raw.bin", "wb", buffering=1 << 16)
raw.write(b"x" * 1000)
atexit.register(lambda: open("atexit.txt", "w").write("出来了"))
"""


def looked(bench, key):
    return json.loads((bench.final(key) / "report.json").read_text("utf-8"))


@pytest.mark.parametrize("level", ["direct", pytest.param("forked", marks=pytest.mark.long)])
def test_nothing_goes_from_one_county_to_the_next(tmp_path, level):
    """One looks, one spoils all it can, others look: before, beside and after; and once more in another run."""
    bench = rig.Bench(tmp_path, level, slots=1)
    bench.add("before", LOOK)
    for place in range(3):
        bench.add(f"spoils {place}", SPOIL, "1")
    bench.add("after", LOOK)
    bench.add("again", LOOK)
    outcomes = bench.run()
    assert {one.state for one in outcomes.values()} == {OK}, outcomes
    before, after, again = (looked(bench, key) for key in ("before", "after", "again"))
    assert before["seen"] == after["seen"] == again["seen"]
    assert before["seen"]["pi"] == pytest.approx(3.14159, abs=1e-4)
    assert before["seen"]["environment"] is None
    assert before["seen"]["here"] == ".part-"
    assert before["seen"]["left"] == []
    assert before["seen"]["umask"] == os.umask(0o022)
    first = rig.tree(bench.root)
    bench.run(again=True)
    assert bench.told.left == 6
    assert rig.tree(bench.root) == first


def test_random_numbers_are_a_county_s_own_and_the_same_in_every_run(tmp_path):
    bench = rig.Bench(tmp_path, slots=3)
    path = rig.book(tmp_path / "book.ipynb", LOOK)
    for place in range(12):
        bench.give(str(place), path)
    assert {one.state for one in bench.run().values()} == {OK}
    first = [looked(bench, key)["drawn"] for key in bench.tasks]
    assert len({json.dumps(one) for one in first}) == 12
    assert len({one[0] for one in first}) == len({one[1] for one in first}) == 12
    bench.slots = 1
    bench.tasks = dict(reversed(bench.tasks.items()))
    bench.run(again=True)
    assert [looked(bench, str(place))["drawn"] for place in range(12)] == first


def test_files_left_open_are_written_at_the_end(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.add("a", UNFLUSHED, "import os; os.path.getsize('late.txt')")
    outcome = bench.run()["a"]
    assert outcome.state == OK, outcome
    assert (bench.final("a") / "late.txt").read_text("utf-8") == "没有冲刷" * 10
    assert (bench.final("a") / "raw.bin").read_bytes() == b"x" * 1000
    assert (bench.final("a") / "atexit.txt").read_text("utf-8") == "出来了"


@pytest.mark.slow
def test_the_server_stays_as_it_was_over_three_hundred_counties(tmp_path, monkeypatch):
    """Its memory, descriptors, threads, children; and a county at the end takes no more than one at the beginning."""
    bench = rig.Bench(tmp_path, slots=2, own=True)
    cells = ("x = list(range(100_000))", "print(name)", "1/0 if int(name) % 10 == 3 else 1")
    path = rig.book(tmp_path / "book.ipynb", *cells)
    for place in range(300):
        bench.give(str(place), path)
    seen = []
    local = bench.local

    def watched():
        hands = local()
        submit = hands.submit

        def submitting(task):
            pid = hands._servers[0].pid
            if pid is not None and int(task.key) % 20 == 0 and int(task.key) >= 20:
                fds = len(list(rig.Path(f"/proc/{pid}/fd").iterdir()))
                threads = len(list(rig.Path(f"/proc/{pid}/task").iterdir()))
                seen.append((rig.resident_mb(pid), fds, threads, len(rig.children(pid))))
            return submit(task)

        hands.submit = submitting
        return hands

    bench.local = watched
    outcomes = bench.run()
    assert sum(one.state == OK for one in outcomes.values()) == 270
    memory, fds, threads, children = zip(*seen, strict=True)
    print(f"server: {memory[0]:.1f} → {memory[-1]:.1f} MB over 300 notebooks, descriptors {fds[0]} → {fds[-1]}")
    assert len(seen) == 14
    assert max(memory) - memory[0] < 8
    assert max(fds) - min(fds) <= 2
    assert set(threads) == {1}
    assert max(children) <= 2
    late = sorted(one.memory_mb for one in list(outcomes.values())[-40:] if one.state == OK)
    early = sorted(one.memory_mb for one in list(outcomes.values())[:40] if one.state == OK)
    assert late[len(late) // 2] - early[len(early) // 2] < 3
