"""What is run again and what is not: poison counties, retries, what changed, what was tampered with."""

from __future__ import annotations

import shutil

import pytest

from evaltool.batch.ledger import SET_ASIDE
from evaltool.batch.task import FAILED, OK
from tests.batch import rig

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not rig.LINUX, reason="runs notebooks in forked processes"),
]


def ran(bench):
    return sorted(outcome.key for outcome in bench.told.outcomes)


def changed(bench, key, mark):
    bench.tasks[key] = (bench.tasks[key][0], mark)


def counted(folder):
    """A cell that counts how often it was run, and fails until there is a file “free”."""
    return (
        f"import os\nwith open({str(folder)!r} + '/runs-' + name, 'a') as file: file.write('x')\n"
        f"if name == 'bad' and not os.path.exists({str(folder / 'free')!r}): raise ValueError('还不行')"
    )


def runs(folder, key):
    path = folder / f"runs-{key}"
    return len(path.read_text()) if path.exists() else 0


def test_poison_is_set_aside_and_brought_back(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.add("good", counted(tmp_path))
    bench.add("bad", counted(tmp_path))
    for number in (1, 2):
        assert bench.run()["bad"].state == FAILED
        assert runs(tmp_path, "bad") == number
        assert ran(bench) == (["bad", "good"] if number == 1 else ["bad"])  # the good one is up to date
    third = bench.run()["bad"]
    assert third.state == SET_ASIDE
    assert "还不行" in third.reason
    assert "怎么办" in third.reason
    assert bench.run()["bad"].attempts == 0
    assert bench.run(failed_only=True)["bad"].state == SET_ASIDE
    assert bench.run(retries=5)["bad"].state == SET_ASIDE
    assert (runs(tmp_path, "bad"), runs(tmp_path, "good")) == (3, 1)
    assert rig.tree(bench.root).keys() == {"f-good/report.ipynb", "f-bad/failed.ipynb"}
    (tmp_path / "free").touch()
    assert bench.run()["bad"].state == SET_ASIDE
    outcomes = bench.run(again=True)
    assert {one.state for one in outcomes.values()} == {OK}
    assert (runs(tmp_path, "bad"), runs(tmp_path, "good")) == (4, 2)
    assert rig.tree(bench.root).keys() == {"f-good/report.ipynb", "f-bad/report.ipynb"}
    assert ran(bench) == ["bad", "good"]
    assert bench.run()["bad"].attempts == 0
    assert bench.told.left == 0


def test_retries_in_one_run_and_a_new_fingerprint(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.add("bad", counted(tmp_path))
    first = bench.run(retries=1)["bad"]
    assert (first.state, first.attempts, runs(tmp_path, "bad")) == (FAILED, 2, 2)
    assert any("再试第 2 次" in note for note in bench.told.notes)
    assert bench.run(retries=5)["bad"].state == SET_ASIDE
    assert runs(tmp_path, "bad") == 3
    changed(bench, "bad", "2")  # another notebook, other data: all tries again
    assert bench.run()["bad"].state == FAILED
    (tmp_path / "free").touch()
    assert bench.run(failed_only=True)["bad"].state == OK
    assert runs(tmp_path, "bad") == 5


def test_only_what_changed_or_was_tampered_with_is_done_again(tmp_path):
    bench = rig.Bench(tmp_path, finish=f"{rig.HERE}:finish")
    for key in "abcdefg":
        bench.add(key, counted(tmp_path), "open('report.json', 'w').write('{\"name\": \"' + name + '\"}')")
    assert ran(bench) == []
    bench.run()
    right = rig.tree(bench.root)
    assert len(right) == 3 * 7
    bench.run()
    assert (ran(bench), bench.told.left) == ([], 0)
    changed(bench, "a", "2")
    with (bench.final("b") / "report.json").open("r+b") as file:  # one byte, the same length
        file.seek(2)
        file.write(b"N")
    (bench.final("c") / "report.html").unlink()
    (bench.final("d") / "report.ipynb").write_bytes(right["f-d/report.ipynb"][:-20])
    shutil.rmtree(bench.final("e"))
    (bench.final("f") / "别的.txt").write_text("不碍事", "utf-8")
    bench.run(failed_only=True)
    assert ran(bench) == []
    bench.run()
    assert ran(bench) == ["a", "b", "c", "d", "e"]
    assert rig.tree(bench.root) == {**right, "f-f/别的.txt": "不碍事".encode()}
    bench.run(again=True)
    assert ran(bench) == list("abcdefg")
    one = dict(list(bench.tasks.items())[:1])
    bench.tasks = one
    bench.run()
    assert bench.told.total == 1
    assert len(rig.states(bench.root)) == 7


def test_a_damaged_ledger_is_set_beside_and_all_is_done_again(tmp_path):
    bench = rig.Bench(tmp_path)
    bench.add("a", counted(tmp_path))
    bench.run()
    ledger = bench.root / ".run" / "ledger.sqlite"
    ledger.write_bytes(b"\0" * 5000)
    assert bench.run()["a"].state == OK
    assert runs(tmp_path, "a") == 2
    assert bench.told.notes
    assert any("台账" in note for note in bench.told.notes)
