"""What a report of a county costs, by four roads: paired, interleaved, medians; CPU of all processes, and the clock.

    python benchmarks/batch.py ROUND [--repeats 5] [--counties 40] [--nation ROUND …]

(a) the loop of a shell: `papermill` and `jupyter nbconvert`, a process each, one county after the other
(b) the best that papermill's own API gives: a pool of two warm processes, no saving of single cells, kernels ended at
    once
(c) `evaltool report`: forked children of a warm server, two at a time, with ledger, logs and final names
(d) the forked floor: a plain function that makes the same charts, tables and page without a notebook (floor.py)

ROUND is a scored round of 100 counties or more (benchmarks/nation.py makes one). PLOTLY_RENDERER is the same on all
roads. (c) is the slope between a small and a large run, so that the start of the server is told apart. --nation: whole
rounds by (c) once each, with the memory of the server as it goes; of several, also the same number of counties of each
in turn, because the machine's speed drifts more over a whole round than the size of a round should matter.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self

# one thread in this process, or it must not fork; and the same on all roads
os.environ.update(
    OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", JE_ARROW_MALLOC_CONF="background_thread:false",
    PLOTLY_RENDERER="plotly_mimetype", PYTHONUTF8="1",
)  # fmt: skip

from evaltool.batch.hands import Local
from evaltool.batch.progress import Calls
from evaltool.batch.running import run_batch
from evaltool.batch.task import OK, Limits, Outcome, Task
from evaltool.report.finishing import FINISH, WARM
from evaltool.report.notebooks import COUNTY, notebook_path
from evaltool.report.shared_round import reading_of

NOTEBOOK = notebook_path(COUNTY)
LOAD = "evaltool.batch.run:load"
Cost = tuple[float, float]  # CPU and wall seconds a county


def cpu_so_far() -> float:
    """CPU seconds of this process and of all its children that have ended and been waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class Meter:
    """CPU and wall between `with` and its end, divided by the number of counties."""

    def __init__(self, counties: int) -> None:
        self._counties = counties

    def __enter__(self) -> Self:
        self._cpu, self._wall = cpu_so_far(), time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.cost = (cpu_so_far() - self._cpu) / self._counties, (time.monotonic() - self._wall) / self._counties


def loop(round_folder: Path, codes: Sequence[str], out: Path) -> tuple[Cost, Cost]:
    """(a): the notebook alone, and with HTML."""
    programs = Path(sys.executable).parent
    with Meter(len(codes)) as notebooks:
        for code in codes:
            parameters = ["-p", "round_folder", str(round_folder), "-r", "county_code", code]
            command = [programs / "papermill", NOTEBOOK, out / f"{code}.ipynb", *parameters]
            subprocess.run(command, check=True, capture_output=True, cwd=out)
    with Meter(len(codes)) as pages:
        for code in codes:
            command = [programs / "jupyter", "nbconvert", "--to", "html", out / f"{code}.ipynb"]
            subprocess.run(command, check=True, capture_output=True, cwd=out)
    return notebooks.cost, (notebooks.cost[0] + pages.cost[0], notebooks.cost[1] + pages.cost[1])


def _pooled(round_folder: str, code: str, out: str, page: bool) -> None:
    import papermill
    from nbconvert import HTMLExporter

    notebook = papermill.execute_notebook(
        str(NOTEBOOK), None, {"round_folder": round_folder, "county_code": code}, progress_bar=False,
        autosave_cell_every=0, request_save_on_cell_execute=False, shutdown_kernel="immediate", record_timing=False,
        cwd=out,
    )  # fmt: skip
    if page:
        Path(out, f"{code}.html").write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")


def pool(round_folder: Path, codes: Sequence[str], out: Path, *, page: bool) -> Cost:
    """(b). The processes have made one report each before the clock starts."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        first = [workers.submit(_pooled, str(round_folder), code, str(out), page) for code in codes[:2]]
        for one in first:
            one.result()
        before = _children_cpu()
        start = time.monotonic()
        for one in [workers.submit(_pooled, str(round_folder), code, str(out), page) for code in codes[2:]]:
            one.result()
        wall, spent = time.monotonic() - start, _children_cpu() - before
    return spent / len(codes[2:]), wall / len(codes[2:])


def _children_cpu() -> float:
    """CPU seconds of the living children of this process, and of what they have waited for (Linux)."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15])) / ticks
    return total


def ours(round_folder: Path, codes: Sequence[str], out: Path, *, page: bool) -> tuple[float, float, list[Outcome]]:
    """(c): CPU and wall seconds of a whole run, start of the server included, and what came out."""
    tasks = [
        Task(code, code, str(NOTEBOOK), {"round_folder": str(round_folder), "county_code": code}, code,
             FINISH if page else "", {"title": code})
        for code in codes
    ]  # fmt: skip
    warm: list[tuple[str, Sequence[Any]]] = [(WARM, [str(round_folder), "light"]), (LOAD, [str(NOTEBOOK)])]
    with Meter(1) as spent:
        outcomes = run_batch(
            [(task, "x") for task in tasks], out, lambda: Local(out, 2, Limits(), warm), Calls(lambda *_: None)
        )
    bad = [item for item in outcomes if item.state != OK]
    if bad:
        raise RuntimeError(f"{bad[0].name}: {bad[0].reason}")
    return *spent.cost, outcomes


def slope(round_folder: Path, codes: Sequence[str], folder: Path, *, page: bool) -> tuple[Cost, list[Outcome]]:
    """(c) a county, from a run of a few and a run of many."""
    few = codes[:4]
    small = ours(round_folder, few, fresh(folder), page=page)
    large = ours(round_folder, codes, fresh(folder), page=page)
    more = len(codes) - len(few)
    return ((large[0] - small[0]) / more, (large[1] - small[1]) / more), large[2]


def shadow(round_folder: Path, folder: Path) -> Path:
    """A round whose files are those of `round_folder`, with reports/ of its own: nothing of the round is touched."""
    folder.mkdir(parents=True)
    for item in round_folder.resolve().iterdir():
        if item.name != "reports":
            (folder / item.name).symlink_to(item)
    return folder


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def spread(codes: Sequence[str], size: int) -> list[str]:
    """So many codes, evenly over the roster."""
    return list(codes[:: max(1, len(codes) // size)][:size])


def compare(round_folder: Path, repeats: int, counties: int, folder: Path) -> None:
    """All four roads, once a repeat, and the ratios of their medians and of each repeat."""
    round_folder = shadow(round_folder, folder / "round")
    codes = list(reading_of(round_folder).codes)
    found: dict[str, list[Cost]] = {}
    floors: list[float] = []
    memory = 0.0
    for repeat in range(repeats):
        some = spread(codes[repeat:], 3)
        notebook, page = loop(round_folder, some[:2], fresh(folder / "a"))
        found.setdefault("a", []).append(notebook)
        found.setdefault("a+html", []).append(page)
        for name, paged in (("b", False), ("b+html", True)):
            pooled = pool(round_folder, spread(codes[repeat:], 6), fresh(folder / "b"), page=paged)
            found.setdefault(name, []).append(pooled)
        for name, paged in (("c", False), ("c+html", True)):
            many = spread(codes[repeat:], counties)
            cost, outcomes = slope(round_folder, many, round_folder / "reports", page=paged)
            found.setdefault(name, []).append(cost)
            memory = max(memory, *(item.memory_mb for item in outcomes))
        floors.append(_floor(round_folder, spread(codes[repeat:], 20), fresh(folder / "d")))
        print(f"  repeat {repeat + 1} of {repeats} done", file=sys.stderr)
    found["d+html"] = [(floor, 0.0) for floor in floors]
    _report(found, memory)


def _floor(round_folder: Path, codes: Sequence[str], out: Path) -> float:
    """(d) in a process of its own: what it has warmed must not make (c) look better, nor its memory worse."""
    code = (
        "import sys, json, statistics; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from floor import floor\n"
        "spent = floor(Path(sys.argv[2]), json.loads(sys.argv[3]), Path(sys.argv[4]))\n"
        "print(statistics.median(one.cpu for one in spent))"
    )
    here = str(Path(__file__).resolve().parent)
    command = [sys.executable, "-c", code, here, str(round_folder), json.dumps(list(codes)), str(out)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _report(found: dict[str, list[Cost]], memory: float) -> None:
    print(f"{'':8} {'CPU s':>8} {'wall s':>8}   a county, medians of {len(found['a'])}")
    for name, costs in found.items():
        cpu, wall = (statistics.median(values) for values in zip(*costs, strict=True))
        print(f"{name:8} {cpu:8.3f} {wall:8.3f}" if wall else f"{name:8} {cpu:8.3f}")
    for above, below in (("a", "c"), ("a+html", "c+html"), ("b", "c"), ("b+html", "c+html"), ("c+html", "d+html")):
        ratios = [one[0] / other[0] for one, other in zip(found[above], found[below], strict=True)]
        said = f"{above} ÷ {below}: CPU {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        if found[below][0][1]:
            walls = [one[1] / other[1] for one, other in zip(found[above], found[below], strict=True)]
            said += f", wall {statistics.median(walls):.1f} ({min(walls):.1f} to {max(walls):.1f})"
        print(said)
    print(f"private memory of a child: {memory:.0f} MiB at most")


def whole(round_folder: Path, folder: Path) -> None:
    """A whole round by (c), and the memory of the server along the way."""
    round_folder = shadow(round_folder, folder / round_folder.name)
    folder = round_folder / "reports"
    codes = list(reading_of(round_folder).codes)
    resident: list[float] = []
    stop = threading.Event()
    watcher = threading.Thread(target=_watch_server, args=(resident, stop))
    watcher.start()
    cpu, wall, outcomes = ours(round_folder, codes, fresh(folder), page=True)
    stop.set()
    watcher.join()
    pages = [(folder / code / "report.html").stat().st_size / 1024 for code in codes]
    third = max(1, len(resident) // 3)
    print(
        f"{len(codes)} counties: {wall:.0f} s by the clock, {1000 * cpu / len(codes):.0f} ms CPU a county with the "
        f"start of the server; children {1000 * statistics.mean(item.cpu for item in outcomes):.0f} ms; server "
        f"{statistics.mean(resident[third // 2 : third]):.0f} → {statistics.mean(resident[-third:]):.0f} MB; "
        f"child {max(item.memory_mb for item in outcomes):.0f} MiB; page {max(pages):.0f} KiB at most"
    )


def sizes(rounds: Sequence[Path], repeats: int, counties: int, folder: Path) -> None:
    """What a county costs in rounds of different sizes, by (c): CPU of its own process, rounds taking turns."""
    known = [shadow(one, folder / one.name) for one in rounds]
    costs: dict[int, list[float]] = {}
    for repeat in range(repeats):
        for one in known:
            codes = list(reading_of(one).codes)
            _, _, outcomes = ours(one, spread(codes[repeat:], counties), fresh(one / "reports"), page=True)
            costs.setdefault(len(codes), []).extend(item.cpu for item in outcomes)
    said = "; ".join(f"of {number} {1000 * statistics.median(found):.0f} ms" for number, found in costs.items())
    print(f"a county in turn, medians of {repeats * counties}: in a round {said}")


def _watch_server(resident: list[float], stop: threading.Event) -> None:
    while not stop.wait(1.0):
        for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            resident.extend(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("round", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--counties", type=int, default=40)
    parser.add_argument("--nation", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="bench-") as out:
        folder = Path(out).resolve()
        if given.repeats:
            compare(given.round.resolve(), given.repeats, given.counties, folder)
        for nation in given.nation:
            whole(nation.resolve(), folder / "nation")
        if len(given.nation) > 1:
            sizes([nation.resolve() for nation in given.nation], given.repeats or 5, given.counties, folder / "sizes")


if __name__ == "__main__":
    main()
