"""kill -9 at random: of the coordinator, the fork server, a child, or all at once; then resumed to the same bytes."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from evaltool.batch.ledger import SET_ASIDE
from evaltool.batch.task import OK
from tests.batch import rig

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not rig.LINUX, reason="looks at processes in /proc"),
]

# Written in pieces with pauses: a reader of a half-written file would see it.
FIGURES = """
import json, time
rows = [{"name": name, "row": number, "value": number * number} for number in range(600)]
text = json.dumps({"rows": rows, "end": "whole"}, ensure_ascii=False)
with open("report.json", "w") as file:
    for start in range(0, len(text), 10_000):
        file.write(text[start : start + 10_000])
        file.flush()
        time.sleep(0.005)
"""
CELLS = ("total = sum(ord(sign) for sign in name)", "print(name, total)", FIGURES, "print('完')")
TARGETS = {"coordinator": 15, "server": 20, "child": 50, "tree": 15}


def filled(folder: Path, number: int) -> rig.Bench:
    bench = rig.Bench(folder, slots=2, finish=f"{rig.HERE}:finish")
    path = rig.book(folder / "books" / "book.ipynb", *CELLS)
    for place in range(number):
        bench.give(f"{place:03}", path)
    return bench


def undisturbed(folder: Path, number: int) -> dict[str, bytes]:
    bench = filled(folder, number)
    outcomes = bench.run()
    assert {outcome.state for outcome in outcomes.values()} == {OK}
    return rig.tree(bench.root)


class Look:
    """Whatever lies under a final name is whole, and is what an undisturbed run makes. `watched`: what a run makes."""

    def __init__(self, root: Path, right: dict[str, bytes]) -> None:
        self.root, self.right = root, right
        self.moments = 0

    def __call__(self) -> int:
        seen = 0
        for name, content in self.right.items():
            try:
                found = (self.root / name).read_bytes()
            except FileNotFoundError:
                continue
            assert found == content, f"{name}: {len(found)} of {len(content)} bytes"
            seen += 1
        return seen


def whole(right: dict[str, bytes]) -> None:
    """The bytes that all else is compared with are whole themselves."""
    for name, content in right.items():
        if name.endswith(".json"):
            assert json.loads(content)["end"] == "whole"
        elif name.endswith(".html"):
            assert content.endswith(b"</html>")
        else:
            assert json.loads(content)["nbformat"] == 4


class Killer:
    """Kills what belongs to one coordinator. It knows the server as the coordinator's child and notebooks as its."""

    def __init__(self, seed: int, *kinds: str) -> None:
        """`kinds`: what is killed, in any order; without them, drawn from TARGETS."""
        self.chance = random.Random(seed)
        self.kinds = self.chance.sample(kinds, len(kinds))
        self.killed: Counter[str] = Counter()
        self.moments: Counter[str] = Counter()

    def strike(self, run: subprocess.Popen[bytes]) -> bool:
        """Kills something at a random moment; False if the run ended before."""
        kind = self.kinds[0] if self.kinds else self.chance.choices(list(TARGETS), list(TARGETS.values()))[0]
        early = kind != "child" and self.chance.random() < 0.15  # while the server is still starting
        ready = rig.wait_for(lambda: run.poll() is not None or early or self._notebooks(run), 300)
        assert ready, "nothing is ever run"
        time.sleep(self.chance.uniform(0, 0.4))
        if run.poll() is not None:
            return False
        servers, notebooks = rig.children(run.pid), self._notebooks(run)
        if kind == "child" and not notebooks:
            kind = "server"
        if kind == "server" and not servers:
            kind = "coordinator"
        victims = {
            "coordinator": [run.pid],
            "server": servers[:1],
            "child": [self.chance.choice(notebooks)] if notebooks else [],
            "tree": rig.below(run.pid),
        }[kind]
        rig.kill(*victims)
        del self.kinds[:1]
        self.killed[kind] += 1
        self.moments["in a notebook" if notebooks else "between"] += 1
        if kind in ("coordinator", "tree"):
            run.wait()
        elif kind == "server":  # what it ran goes with it
            rig.wait_for(lambda: not any(rig.alive(pid) for pid in notebooks), 30)
            assert not any(rig.alive(pid) for pid in notebooks)
        return True

    @staticmethod
    def _notebooks(run: subprocess.Popen[bytes]) -> list[int]:
        return [child for server in rig.children(run.pid) for child in rig.children(server)]


def killed_and_resumed(tmp_path: Path, number: int, kills: int, seed: int, *kinds: str) -> None:
    right = undisturbed(tmp_path / "right", number)
    assert len(right) == 3 * number
    whole(right)
    bench, killer = filled(tmp_path / "killed", number), Killer(seed, *kinds)
    bench.root.mkdir()
    mark, look, again = rig.uuid.uuid4().hex, Look(bench.root, right), False
    runs = 0
    with rig.sampling(look) as seen:
        while killer.killed.total() < kills:
            run = bench.start(mark, again=again)
            runs += 1
            again = False
            while killer.killed.total() < kills and run.poll() is None:
                killer.strike(run)
            if run.poll() is None:
                run.kill()
            run.wait()
            assert rig.all_gone(mark) == [], "orphans"
            if set(rig.states(bench.root).values()) <= {OK, SET_ASIDE}:
                again = True  # nothing is left to do: from the beginning
        for _ in range(4):  # a task whose process was killed thrice is set aside, until asked for
            bench.start(mark, again=SET_ASIDE in rig.states(bench.root).values()).wait()
            if set(rig.states(bench.root).values()) == {OK}:
                break
    said = (bench.folder / "said").read_text("utf-8", "replace")
    print(
        f"\n{kills} × kill -9 in runs of {number} notebooks, seed {seed}: {dict(killer.killed)}; "
        f"{dict(killer.moments)}; {runs} coordinators; {seen[1]} looks at files under final names in {seen[0]} rounds, "
        "all whole"
    )
    assert "Traceback" not in said, said[-3000:]
    assert set(rig.states(bench.root).values()) == {OK}
    assert rig.tree(bench.root) == right
    assert rig.parts(bench.root) == []
    assert rig.all_gone(mark) == []
    assert seen[1] > 10 * number
    assert killer.killed.total() == kills


@pytest.mark.slow
def test_a_dozen_kills_then_resumed_to_the_same_bytes(tmp_path):
    killed_and_resumed(tmp_path, 20, 12, 5, "tree", "coordinator", "server", *["child"] * 9)


@pytest.mark.long
@pytest.mark.parametrize("seed", [int(os.environ.get("EVALTOOL_KILL_SEED", "2024"))])
def test_a_hundred_kills_then_resumed_to_the_same_bytes(tmp_path, seed):
    killed_and_resumed(tmp_path, 60, 100, seed)


@pytest.mark.long
def test_the_reports_of_a_round_killed_five_times_are_the_same(tmp_path):
    """By the command that a person types, with real reports: figures, charts, pages, index."""
    from tests.report.conftest import hubei_facts, made_round

    right = made_round(tmp_path / "right" / "round", hubei_facts()).folder
    other = Path(shutil.copytree(right, tmp_path / "other" / "round"))
    command = [sys.executable, "-m", "evaltool.cli", "report"]
    mark, killer = rig.uuid.uuid4().hex, Killer(7)
    said = (tmp_path / "said").open("wb")
    assert rig.coordinator([*command, str(right)], mark, said).wait() == 0, (tmp_path / "said").read_text("utf-8")
    made = rig.tree(Path(right) / "reports")
    assert sum(name.endswith("report.html") for name in made) == 5
    reports = {name: content for name, content in made.items() if name.count("/") == 1 and "/report." in name}
    kills = 0
    with rig.sampling(Look(other / "reports", reports)) as seen:
        while kills < 5:
            run = rig.coordinator([*command, str(other)], mark, said)
            while run.poll() is None and kills < 5:
                kills += killer.strike(run)
            rig.kill(run.pid)
            run.wait()
            assert rig.all_gone(mark) == []
            if kills < 5:
                for folder in (other / "reports").glob("*/report.json"):  # so that there is something left to do
                    folder.unlink()
                    break
        assert rig.coordinator([*command, str(other)], mark, said).wait() == 0
    said.close()
    print(f"\nevaltool report: {dict(killer.killed)}; {seen[1]} files looked at in {seen[0]} rounds")
    assert rig.tree(other / "reports") == made
    assert set(rig.states(other / "reports").values()) == {OK}
    assert rig.parts(other / "reports") == []
    assert rig.all_gone(mark) == []
