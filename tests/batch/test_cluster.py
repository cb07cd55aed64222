"""A batch on Dask: scheduler and workers are processes of their own here, are killed, and may not see our files."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaltool.batch.hands import Local
from evaltool.batch.running import Choice, run_batch
from evaltool.batch.task import OK, Task
from tests.batch.farm import (
    LIMITS,
    ROOT,
    Farm,
    Watching,
    environment,
    kill_all,
    made_notebook,
    made_round,
    marked,
    outputs,
    running,
    servers,
    tasks_of,
    tree,
    wait_for,
)

pytest.importorskip("distributed", reason="没有安装 distributed（evaltool[dask]）")
from evaltool.batch.cluster import Cluster, ClusterError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # distributed closes its sockets when it likes


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Path]:
    """A folder for all; what one process has compiled, the others find there."""
    folder = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(folder / "compiled"))
        yield folder


@pytest.fixture(scope="module")
def notebook(place) -> Path:
    return made_notebook(place / "我的报告.ipynb")


@pytest.fixture(scope="module")
def expected(place, notebook) -> dict[str, bytes]:
    """What this machine makes without a cluster."""
    folder = made_round(place / "here")
    root = folder / "reports"
    done = run_batch(tasks_of(notebook, 14), root, lambda: Local(root, 2, LIMITS), Watching())
    assert [item.state for item in done] == [OK] * 14
    found = outputs(folder)
    assert len(found) == 28
    return found


@pytest.fixture(scope="module")
def farm(place, expected) -> Iterator[Farm]:
    """A scheduler with two workers, each one process with two threads."""
    one = Farm(place / "farm")
    one.worker()
    one.worker()
    try:
        assert one.ready(2)
        yield one
    finally:
        one.close()
    assert wait_for(lambda: not marked(), 10), "processes are left"


def on(farm: Farm, folder: Path, notebook: Path) -> Callable[[], Cluster]:
    files = ["data/numbers.csv", "empty.txt"]
    return lambda: Cluster(folder / "reports", farm.address, LIMITS, (), files, [str(notebook)])


def some(expected: dict[str, bytes], number: int) -> dict[str, bytes]:
    return dict(itertools.islice(expected.items(), 2 * number))


def left_behind(folder: Path) -> list[str]:
    reports = folder / "reports"
    return [path.name for path in (*reports.glob(".part-*"), *(reports / ".run").rglob("cluster-*"))] + [
        path.name for path in (reports / ".run" / "logs").glob(".part-*")
    ]


# --- the same as here ---


def test_workers_that_see_our_folder_make_the_same_reports(farm, place, notebook, expected):
    folder = made_round(place / "shared")
    watching = Watching()
    done = run_batch(tasks_of(notebook, 6), folder / "reports", on(farm, folder, notebook), watching)
    assert [item.state for item in done] == [OK] * 6, watching.outcomes
    assert outputs(folder) == some(expected, 6)
    assert left_behind(folder) == []
    assert not list(farm.folder.rglob("evaltool-*")), "the data was sent although it was seen"
    assert wait_for(lambda: not servers()), "the servers of a run end with it"
    assert run_batch(tasks_of(notebook, 6), folder / "reports", pytest.fail, Watching())[0].attempts == 0


def test_the_same_task_twice_at_once_and_a_failing_one_do_no_harm(farm, place, notebook, expected):
    folder = made_round(place / "twice")
    task = tasks_of(notebook, 1)[0][0]
    bad = Task("bad", "坏县", str(notebook), {"county_code": "x", "round_folder": "/nowhere"}, "bad_县")
    hands = on(farm, folder, notebook)()
    try:
        assert hands.slots == 4
        twice = [hands.submit(task), hands.submit(task)]
        failed, kept = hands.submit(bad).result(timeout=60)
        ends = [one.result(timeout=60) for one in twice]
    finally:
        hands.close()
    assert [outcome.state for outcome, _ in ends] == [OK, OK]
    assert ends[0][1] == ends[1][1]
    assert (failed.state, failed.cell, failed.folder) == ("failed", 4, "bad_县")  # papermill's cell is the second
    assert list(kept) == ["failed.ipynb"]
    found = outputs(folder)
    assert found.pop("bad_县/failed.ipynb")
    assert found == some(expected, 1)


def test_workers_that_do_not_see_our_folder_are_sent_the_data_once(farm, place, notebook, expected):
    if why := no_mounts():
        pytest.skip(why)
    folder = made_round(place / "unseen")
    away = Farm(place / "away")
    hidden = ("unshare", "-m", "sh", "-c", f'mount -t tmpfs none "{folder}" && exec "$@"', "sh")
    try:
        name = away.worker(before=hidden)
        assert away.ready(1)
        for number in (3, 5):  # a second run finds the data there
            watching = Watching()
            done = run_batch(tasks_of(notebook, number), folder / "reports", on(away, folder, notebook), watching)
            assert [item.state for item in done] == [OK] * number, watching.outcomes
            assert outputs(folder) == some(expected, number)
            bundles = list((away.folder / name).rglob("evaltool-*"))
            assert len(bundles) == 1
            assert (bundles[0] / "data" / "numbers.csv").read_text() == "1,2,3\n"
            assert not list((bundles[0] / "reports").glob("[!.]*")), "outputs stay in the worker"
        assert left_behind(folder) == []
    finally:
        away.close()


# --- what is lost ---


def test_killed_workers_lose_no_report_and_leave_no_process(farm, place, notebook, expected):
    """Whole trees of processes, or a worker alone whose server must notice; later workers take part."""
    folder = made_round(place / "killed")
    rng, killed = random.Random(7), []
    names = [*farm.workers]

    def kill() -> None:
        if len(watching.outcomes) in (3, 7):
            process = farm.workers.pop(names.pop(rng.randrange(len(names))))
            own = tree(process.pid)
            kill_all([process.pid] if killed else own)
            killed.extend(own)
            process.wait()
            farm.worker()

    watching = Watching(kill)
    tasks, hands = tasks_of(notebook, 14), on(farm, folder, notebook)
    done = run_batch(tasks, folder / "reports", hands, watching, Choice(retries=2))
    assert [item.state for item in done] == [OK] * 14, watching.outcomes
    assert len(killed) >= 4, "a worker, its server and what they ran, twice"
    assert farm.ready(2)
    assert outputs(folder) == expected
    assert left_behind(folder) == []
    assert wait_for(lambda: not set(killed) & set(marked())), "a process outlived its worker"
    assert wait_for(lambda: not servers())


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_coordinator_that_is_stopped_leaves_the_cluster_usable(farm, place, notebook, expected, how):
    folder = made_round(place / f"stopped{how}")
    program = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from tests.batch.test_cluster import *\n"
        "farm = type('Farm', (), {'address': sys.argv[2]})\n"
        "folder, notebook = Path(sys.argv[3]), Path(sys.argv[4])\n"
        "said = Watching(lambda: print('one', flush=True))\n"
        "run_batch(tasks_of(notebook, 8), folder / 'reports', on(farm, folder, notebook), said)\n"
    )
    given = [str(ROOT), farm.address, str(folder), str(notebook)]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *given], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline() == b"one\n", process.communicate()
    process.send_signal(how)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode != 0
    if how == signal.SIGINT:
        assert said.rstrip().endswith("KeyboardInterrupt"), said
        assert left_behind(folder) == []
    assert wait_for(lambda: not running()), "what it had begun goes on"
    have = outputs(folder)
    assert 2 <= len(have) < 16
    assert have.items() <= some(expected, 8).items()
    done = run_batch(tasks_of(notebook, 8), folder / "reports", on(farm, folder, notebook), Watching())
    assert [item.state for item in done] == [OK] * 8
    assert 0 in [item.attempts for item in done], "nothing was kept"
    assert outputs(folder) == some(expected, 8)
    assert left_behind(folder) == []


@pytest.mark.long
def test_a_scheduler_without_workers_and_one_that_is_lost_are_said(place, notebook, monkeypatch):
    monkeypatch.setattr("evaltool.batch.cluster.PATIENCE", 3.0)
    monkeypatch.setattr("evaltool.batch.cluster._WORKERS", 0.5)
    folder = made_round(place / "lost")
    short = Farm(place / "short")
    try:
        assert wait_for(lambda: "Scheduler at" in (short.folder / "scheduler.log").read_text("utf-8"))
        with pytest.raises(ClusterError, match=r"没有工作进程.*dask worker tcp://"):
            on(short, folder, notebook)()
        assert left_behind(folder) == []
        short.worker()
        assert short.ready(1)

        def gone() -> None:
            kill_all([short.scheduler.pid])

        with pytest.raises(ClusterError, match=r"集群 .* 不能再用：.*再运行一次，会接着做"):
            run_batch(tasks_of(notebook, 8), folder / "reports", on(short, folder, notebook), Watching(gone))
        assert outputs(folder)
        assert wait_for(lambda: not servers()), "the worker goes on without a scheduler"
    finally:
        short.close()


# --- what is refused ---


@pytest.mark.long
def test_workers_with_other_versions_are_named_before_anything_runs(farm, place, notebook):
    folder = made_round(place / "versions")
    other = place / "other" / "papermill-9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: papermill\nVersion: 9.9\n")
    wrong = farm.worker(PYTHONPATH=os.pathsep.join([str(other.parent), str(ROOT)]))
    try:
        assert farm.ready(3)
        with pytest.raises(ClusterError, match=r"papermill：那边 9\.9，这边 ") as caught:
            run_batch(tasks_of(notebook, 2), folder / "reports", on(farm, folder, notebook), Watching())
        assert "ipykernel" not in str(caught.value)
        assert str(caught.value).count("版本不同") == 1
        assert left_behind(folder) == []
    finally:
        process = farm.workers.pop(wrong)
        kill_all(tree(process.pid))
        process.wait()
        assert farm.ready(2)


def test_a_scheduler_that_does_not_answer_is_said_within_seconds(place, notebook):
    folder = made_round(place / "nobody")
    with socket.socket() as taken:  # nobody listens there
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError, match=r"连不上调度器 .*dask scheduler.*去掉 --scheduler"):
            Cluster(folder / "reports", address, LIMITS)
    with pytest.raises(ClusterError, match="连不上调度器 nonsense://x"):
        Cluster(folder / "reports", "nonsense://x", LIMITS)


def test_without_the_extra_it_says_what_to_install(place):
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from pathlib import Path\n"
        "from evaltool.batch.cluster import Cluster, Limits\n"
        "Cluster(Path('/nowhere'), 'tcp://x:1', Limits())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, check=False)
    assert "ClusterError: 没有安装 distributed" in done.stderr.decode()
    assert "pip install 'evaltool[dask]'" in done.stderr.decode()


# --- hosts of their own ---


def no_mounts() -> str:
    """Why no process can be kept from seeing a folder here; empty if it can."""
    if shutil.which("unshare") is None:
        return "没有 unshare，不能让工作进程看不见文件夹"
    done = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return f"不许建挂载名字空间：{done.stderr.decode().strip()}" if done.returncode else ""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def hosts(place) -> Iterator[list[tuple[str, str]]]:
    """(name, address) of three hosts on one network, which this machine is on too."""
    if shutil.which("ip") is None:
        pytest.skip("没有 ip（iproute2），不能建网络名字空间")
    mark = uuid.uuid4().hex[:6]
    net, bridge = f"10.{random.SystemRandom().randrange(100, 250)}.77", f"evb{mark}"
    made = []
    try:
        try:
            ip("link", "add", bridge, "type", "bridge")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"不许建网桥：{error.stderr.decode().strip()}")
        ip("addr", "add", f"{net}.1/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for number in range(3):
            name, address = f"ev{mark}{number}", f"{net}.{number + 2}"
            ip("netns", "add", name)
            made.append((name, address))
            ip("link", "add", f"{name}o", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"{name}o", "master", bridge, "up")
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield made
    finally:
        for name, _ in made:
            ip("netns", "del", name)
        subprocess.run(["ip", "link", "del", bridge], check=False, capture_output=True)


def test_hosts_with_networks_of_their_own(hosts, place, notebook, expected):
    """The scheduler on one host, a worker that sees our folder on the second, one that does not on the third."""
    folder = made_round(place / "hosts")
    (first, address), (second, _), (third, _) = hosts
    inside = {name: ("ip", "netns", "exec", name) for name, _ in hosts}
    far = Farm(place / "far", address, inside[first])
    hidden = (*inside[third], "unshare", "-m", "sh", "-c", f'mount -t tmpfs none "{folder}" && exec "$@"', "sh")
    try:
        near, blind = far.worker(inside[second], 1), far.worker(hidden, 1)
        assert far.ready(2)
        done = run_batch(tasks_of(notebook, 8), folder / "reports", on(far, folder, notebook), Watching())
        assert [item.state for item in done] == [OK] * 8
        assert outputs(folder) == some(expected, 8)
        assert left_behind(folder) == []
        assert not list((far.folder / near).rglob("evaltool-*"))
        assert list((far.folder / blind).rglob("evaltool-*"))
    finally:
        far.close()
    assert wait_for(lambda: not servers())
