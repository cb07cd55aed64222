"""Notebooks that are none, odd names, and cells that fight the process they run in: each harms itself only."""

from __future__ import annotations

import json

import nbformat
import pytest

from evaltool.batch.task import DIRECT, DISK, FAILED, FORKED, INCOMPLETE, KILLED, OK, OUTPUT, REFUSED
from tests.batch import rig

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not rig.LINUX, reason="runs notebooks in forked processes"),
]

JUNK = r"""
import os
for descriptor in range(3, 64):
    for junk in (b"junk\n", b"[1]\n", b'{"start": "x"}\n', b'{"end": {}}\n', b'{"end": 5}\n', b"null\n\xff\n"):
        try: os.write(descriptor, junk)
        except OSError: pass
"""
JOURNAL_JUNK = r"""
import os
with open('.cells.jsonl', 'a') as journal:
    journal.write('[]\n5\n{"index": 99, "cell": {}}\n{"index": 1, "cell": 3}\n{"index": -1}\n{\n"half')
os._exit(1)
"""
# Says through every pipe that it finds how it ended, and is gone; `{}` is the line of JSON.
FORGED = """
import os, stat
for descriptor in range(3, 64):
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode): os.write(descriptor, {!r})
    except OSError: pass
os._exit(0)
"""


def forged(state: object = "failed", cell: object = 2, reason: object = "假话", **more: object) -> str:
    end = {"state": state, "cell": cell, "reason": reason, **more}
    return FORGED.format(json.dumps({"end": end}).encode() + b"\n")


# key → (code, state wanted, what must stand in the reason)
CELLS = {
    "deletes its folder": ("import os, shutil; shutil.rmtree(os.getcwd())", INCOMPLETE, "工作文件夹"),
    "goes away": ("import os; os.chdir('/')", OK, ""),
    "closes 0 to 2": ("import os; os.closerange(0, 3); print('还在')", OK, ""),
    "closes all": ("import os; os.closerange(0, 4096)", KILLED, "退出"),
    "writes junk": (JUNK, {OK, FAILED, KILLED}, ""),
    "junk in the journal": (JOURNAL_JUNK, KILLED, "退出码 1"),
    "forged: great": (forged("great"), KILLED, "退出码 0"),
    "forged: again": (forged("again"), KILLED, "终止"),  # that is believed once
    "forged: again, homeless": (f"import os, shutil; shutil.rmtree(os.getcwd()){forged('again')}", INCOMPLETE, "文件夹"),
    "forged: ok": (forged("ok"), KILLED, "退出码 0"),
    "forged: list": (forged(["ok"]), KILLED, "退出码 0"),
    "forged: half a character": (forged(reason="半\ud800个"), FAILED, "半?个"),
    "forged: no reason": (forged(reason=5), KILLED, "退出码 0"),
    "forged: no cell": (forged(cell=-1), KILLED, "退出码 0"),
    "forged: far cell": (forged(cell=10**30), KILLED, "退出码 0"),
    "forged: memory": (forged(memory_mb=10**400), FAILED, "假话"),
    "forged: the server's": (forged("killed", lost=True, never=True), KILLED, "假话"),
    "forged: deep": (FORGED.format(b"[" * 50_000 + b"\n"), KILLED, "退出码 0"),
    "copies itself": ("import os; os.fork()", OK, ""),
    "many copies": ("import os\nfor _ in range(4): os.fork()", OK, ""),
    "a copy that fails": ("import os\nif os.fork() == 0: raise ValueError('副本')", OK, ""),
    "a copy that exits": ("import os, sys\nif os.fork() == 0: sys.exit(3)", OK, ""),
    "kills its group": ("import os, signal; os.killpg(0, signal.SIGKILL)", KILLED, "SIGKILL"),
    "ends itself": ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", KILLED, "SIGTERM"),
    "no signals": (
        "from signal import *\nfor one in (SIGINT, SIGTERM, SIGHUP, SIGCHLD): signal(one, SIG_IGN)",
        OK,
        "",
    ),
    "deep": ("def deeper(): deeper()\ndeeper()", FAILED, "RecursionError"),
    "crashes in C": ("import ctypes; ctypes.string_at(0)", KILLED, "SIGSEGV"),
    "long complaint": ("raise ValueError('长' * 3_000_000 + '\\n' * 1000)", {FAILED, OUTPUT}, ""),
    "odd complaint": ("raise ValueError('\\x1b[2J\\x00</script><script>alert(1)</script>`![x](y)')", FAILED, ""),
    "half a character in it": ("raise ValueError('\\ud800')", FAILED, "没有留下错误信息"),
    "half a character": ("print('\\ud83d')", {OK, FAILED}, ""),
    "no streams": ("import sys; sys.stdout = sys.stderr = None", {OK, FAILED, KILLED}, ""),
    "disk quota": ("raise OSError(28, 'No space left on device')", DISK, "Errno 28"),
    "links": ("import os; os.symlink('/etc/passwd', 'report.html'); os.symlink('/', 'all'); os.mkfifo('pipe')", OK, ""),
    "exits late": ("import atexit, os; atexit.register(os._exit, 7)", OK, ""),
    "not interrupted": ("import signal; signal.signal(signal.SIGINT, lambda *_: None)", OK, ""),
    "plain": ("print('好')", OK, ""),
}


def test_cells_that_fight_their_process_harm_only_themselves(tmp_path, monkeypatch):
    monkeypatch.setenv(rig.MARK, mark := rig.uuid.uuid4().hex)
    bench = rig.Bench(tmp_path, own=True)
    bench.limits = {**bench.limits, "memory_mb": 800, "cell_seconds": 120}
    outside = tmp_path / "outside"
    counted = f"import os\nwith open({str(outside)!r} + '-' + name.replace(' ', '_'), 'a') as file: file.write('x')"
    for key, (code, *_) in CELLS.items():
        bench.add(key, "print('第一格')", code, counted)
    outcomes = bench.run()
    for key, (_, wanted, word) in CELLS.items():
        one = outcomes[key]
        assert one.state in ({wanted} if isinstance(wanted, str) else wanted), one
        assert word in one.reason, one
        made = sorted(path.name for path in bench.final(key).iterdir())
        name = "report.ipynb" if one.state == OK else "failed.ipynb"
        assert name in made, (key, made)
        assert ({"report.ipynb", "failed.ipynb"} - {name}).isdisjoint(made)
        nbformat.validate(nbformat.read(bench.final(key) / name, as_version=4))
        assert not (bench.final(key) / "report.html").is_symlink()
        last = tmp_path / f"outside-{key.replace(' ', '_')}"
        if one.state == OK:  # the rest ran once: no copy went on with it
            assert last.read_text() == "x", key
    assert rig.all_gone(mark) == []
    assert rig.parts(bench.root) == []


@pytest.mark.parametrize("level", ["direct", pytest.param("forked", marks=pytest.mark.long)])
def test_a_cell_that_kills_the_server_is_told_and_the_others_are_done(tmp_path, monkeypatch, level):
    """Those that were running with it are run again by themselves: they are not to blame."""
    monkeypatch.setenv(rig.MARK, mark := rig.uuid.uuid4().hex)
    bench = rig.Bench(tmp_path, level, slots=3, own=True)
    parent = "os.getppid()" if level == "direct" else "int(open(f'/proc/{os.getppid()}/stat').read().split()[3])"
    for key in "abcd":
        bench.add(key, "import time; time.sleep(0.5)", "print(name)")
        if key == "b":
            killing = f"import os, signal; os.kill({parent}, signal.SIGKILL)"
            bench.add("killer", "print('第一格')", killing, "import time; time.sleep(60)")
    outcomes = bench.run()
    assert {key: one.state for key, one in outcomes.items()} == {**dict.fromkeys("abcd", OK), "killer": KILLED}
    assert outcomes["killer"].cell in (4, 5)
    assert "服务进程" in outcomes["killer"].reason
    notebook = nbformat.read(bench.final("killer") / "failed.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "第一格\n" in [output.text for cell in notebook.cells for output in cell.get("outputs", [])]
    assert rig.all_gone(mark) == []
    assert rig.parts(bench.root) == []


def test_files_that_are_no_notebooks(tmp_path):
    bench = rig.Bench(tmp_path)
    book = rig.book(tmp_path / "right.ipynb", "print(name)")
    one = json.loads(book.read_text("utf-8"))
    third = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [], "metadata": {}}]}
    contents = {
        "empty": b"", "no json": b"\x89PNG\r\n", "cut": book.read_bytes()[:-40], "list": b"[]", "null": b"null",
        "number": b"5", "no cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "latin": b"\xff\xfe{}",
        "future": json.dumps({**one, "nbformat": 9}).encode(), "third": json.dumps(third).encode(),
        "cells of text": json.dumps({**one, "cells": ["print(1)"]}).encode(),
        "deep": b"[" * 100_000, "nothing to run": json.dumps({**one, "cells": []}).encode(),
    }  # fmt: skip
    for key, content in contents.items():
        path = tmp_path / "books" / f"{key}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        bench.give(key, path)
    bench.give("missing", tmp_path / "nowhere.ipynb")
    bench.give("folder", tmp_path)
    bench.give("no such parameter", book, parameters={"name": "x", "other": "y"})
    bench.give("not text", book, parameters={"name": 5})
    bench.give("right", book)
    outcomes = bench.run()
    assert outcomes.pop("right").state == OK
    for key, one in outcomes.items():
        assert one.state == REFUSED, one
        assert one.reason
        assert any("一" <= sign <= "鿿" for sign in one.reason), one
        assert "Traceback" not in one.reason
        assert not list(bench.final(key).glob("report.*"))
    assert rig.parts(bench.root) == []


def test_an_older_notebook_gives_the_same_bytes_in_every_run(tmp_path):
    """Format 4.4 has no ids of cells; ids drawn by chance would differ from run to run."""
    bench = rig.Bench(tmp_path)
    bench.add("old", "print(name)", minor=4)
    bench.add("old fails", "1/0", minor=4)
    made = []
    for _ in range(2):
        outcomes = bench.run(again=True)
        assert (outcomes["old"].state, outcomes["old fails"].state) == (OK, FAILED)
        made.append({name: content for name, content in rig.tree(bench.root).items() if name.endswith("/report.ipynb")})
        for name in rig.tree(bench.root):
            nbformat.validate(json.loads((bench.root / name).read_text("utf-8")))
    assert made[0] == made[1]
    assert len(made[0]) == 1


def test_a_big_notebook(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.limits = {**bench.limits, "memory_mb": 1000}
    bench.add("long source", "text = '" + "x" * 20_000_000 + "'", "print(len(text))")
    bench.add("many cells", *["1"] * 1500)
    outcomes = bench.run()
    assert {one.state for one in outcomes.values()} == {OK}, outcomes


def test_odd_names_of_folders(tmp_path):
    bench = rig.Bench(tmp_path)
    path = rig.book(tmp_path / "甲 {1} 'x\".ipynb", "print(name)", "open('report.json', 'w').write('{}')")
    names = ["县 {0} %s", "a'b\"c$(touch hit)`", "-rf", "&|;<>", "名" * 80, "长" * 84 + "abc", "\u202e县", "a\nb", ".a"]
    names.append("inner/deep")
    for name in names:
        bench.give(name, path, folder=name)
    outcomes = bench.run()
    assert {one.state for one in outcomes.values()} == {OK}, [one for one in outcomes.values() if one.state != OK]
    for name in names:
        assert sorted(one.name for one in (bench.root / name).iterdir()) == ["report.ipynb", "report.json"]
        bench.log(name)
    assert not list(tmp_path.rglob("hit"))
    bench.run()
    assert bench.told.left == 0


def test_a_name_too_long_for_the_disk_fails_alone(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.add("long", "1", folder="长" * 100)
    bench.add("right", "1")
    outcomes = bench.run()
    assert (outcomes["long"].state, outcomes["right"].state) == (DISK, OK)
    assert "写不了文件" in outcomes["long"].reason


def test_widgets_found_on_the_way_are_run_by_a_real_kernel(tmp_path):
    """And what was tried first leaves nothing: neither files nor a second life of its processes."""
    bench = rig.Bench(tmp_path)
    opening = "import comm\none = getattr(comm, 'create_' + 'comm')(target_name='x')"  # so that reading does not tell
    bench.add("hidden", "open('first.txt', 'a').write('x')", opening)
    bench.add("plain", "print(1)")
    outcomes = bench.run()
    assert {one.state for one in outcomes.values()} == {OK}, outcomes
    assert (outcomes["hidden"].engine, outcomes["plain"].engine) == (FORKED, DIRECT)
    assert (bench.final("hidden") / "first.txt").read_text() == "x"


def test_what_swells_is_stopped_by_its_size_as_text(tmp_path):
    """Outputs that would pack to nothing count as they are; a file that is packed does not: it is the county's own."""
    bench = rig.Bench(tmp_path)
    bench.add("swells", "from IPython.display import display\ndisplay({'a/b': ['0' * 1000] * 100_000}, raw=True)")
    bench.add("packs", "import gzip\nwith gzip.open('a.gz', 'wb') as file: file.write(b'0' * 50_000_000)")
    outcomes = bench.run()
    assert (outcomes["swells"].state, outcomes["packs"].state) == (OUTPUT, OK), outcomes
    assert (bench.final("packs") / "a.gz").stat().st_size < 1_000_000
