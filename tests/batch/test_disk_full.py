"""A disk that is really full: a small tmpfs, filled up before, during and after; then there is room, and it goes on."""

from __future__ import annotations

import os
import subprocess

import pytest

from evaltool.batch.ledger import LedgerError
from evaltool.batch.task import DISK, OK, TIMEOUT
from tests.batch import rig

pytestmark = [pytest.mark.notebook, pytest.mark.slow, pytest.mark.timeout(1800)]
MB = 1 << 20
# 120 KiB a county: figures, and the same number of signs in the notebook's output
CELLS = (
    "import json, random\ntext = json.dumps([random.random() for _ in range(3000)])",
    "with open('report.json', 'w') as file: file.write(text)",
    "print(text)",
)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 3 MB at tmp_path/disk."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip(f"cannot mount a tmpfs (root needed): {done.stderr.decode()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def filled(folder, books, number=12):
    bench = rig.Bench(folder, slots=2, finish=f"{rig.HERE}:finish")
    path = rig.book(books / "book.ipynb", *CELLS)
    for place in range(number):
        bench.give(f"{place:02}", path)
    return bench


def fill_up(place, leave):
    """All but `leave` bytes."""
    room = os.statvfs(place)
    free = room.f_bavail * room.f_frsize
    with (place / "ballast").open("wb") as file:
        file.write(b"\0" * max(0, free - leave))
    return place / "ballast"


def check_whole(bench, right):
    for name, content in rig.tree(bench.root).items():
        if name in right:
            assert content == right[name], name
        else:
            assert name.endswith("failed.ipynb")
            assert content.rstrip().endswith(b"}"), name


@pytest.mark.parametrize("leave", [1_400_000, 300_000])
def test_it_gets_full_in_the_middle(tmp_path, small_disk, leave):
    """Those that could not be written are told as such, nothing partial lies anywhere, and it goes on with room."""
    calm = filled(tmp_path / "calm", tmp_path, 12)
    assert {one.state for one in calm.run().values()} == {OK}
    right = rig.tree(calm.root)
    bench = filled(small_disk, tmp_path, 12)
    bench.root.mkdir()
    ballast = fill_up(small_disk, leave)
    with rig.sampling(lambda: check_whole(bench, right) or 1) as seen:
        outcomes = bench.run()
    states = [one.state for one in outcomes.values()]
    print(f"{leave} bytes of room: {states.count(OK)} done, {states.count(DISK)} not; {seen[0]} looks")
    assert set(states) <= {OK, DISK}
    assert DISK in states
    assert all("写不了文件" in one.reason for one in outcomes.values() if one.state == DISK)
    assert all(one.state == OK for one in outcomes.values() if (bench.final(one.key) / "report.json").exists())
    check_whole(bench, right)
    assert rig.parts(bench.root) == []
    rig.states(bench.root)  # the ledger can be read
    for _ in range(3):  # a full disk is no county's fault: none is set aside
        assert set(rig.states(bench.root).values()) <= {OK, DISK, "pending"}
        with rig.contextlib.suppress(LedgerError):
            bench.run()
    ballast.unlink()
    small = filled(small_disk, tmp_path, 8)
    small.tasks = {key: bench.tasks[key] for key in list(bench.tasks)[:8]}
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert {one.state for one in bench.run().values()} == {OK}
    assert rig.tree(bench.root) == right


def test_no_room_at_all(tmp_path, small_disk):
    """Not even for the ledger: nothing is begun, and it is said why and what to do."""
    bench = filled(small_disk, tmp_path)
    bench.root.mkdir()
    ballast = fill_up(small_disk, 0)
    with pytest.raises((LedgerError, OSError)) as found:
        bench.run()
    assert isinstance(found.value, LedgerError), found.value
    assert "磁盘" in str(found.value)
    assert rig.tree(bench.root) == {}
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert {one.state for one in bench.run().values()} == {OK}


def test_a_county_that_fills_the_disk_does_not_fail_the_others_for_good(tmp_path, small_disk):
    bench = filled(small_disk, tmp_path, 4)
    bench.slots = 1
    bench.add("glutton", "with open('big', 'wb') as file:\n    while True: file.write(b'x' * 100_000)")
    bench.tasks = {"glutton": bench.tasks.pop("glutton"), **bench.tasks}
    outcomes = bench.run()
    assert outcomes["glutton"].state == DISK
    assert "写不了文件" in outcomes["glutton"].reason
    assert outcomes["glutton"].state != TIMEOUT
    assert {one.state for key, one in outcomes.items() if key != "glutton"} == {OK}
    assert rig.parts(bench.root) == []
