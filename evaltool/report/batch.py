"""The reports of a round: one notebook a county and the overview, run as a batch; every outcome is told and kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from evaltool.batch.hands import RUN, Local
from evaltool.batch.ledger import CHANGED, PENDING, RUNNING, Ledger, LedgerError, fingerprint
from evaltool.batch.notebooks import parameters_of, read_notebook
from evaltool.batch.progress import Told, watcher
from evaltool.batch.running import LEDGER, Choice, Hands, held, run_held
from evaltool.batch.task import OK, Limits, Outcome, Task
from evaltool.batch.versions import PROGRAM, program, versions
from evaltool.report.afterwards import check, print_pages
from evaltool.report.finishing import FINISH, WARM
from evaltool.report.index import write_index
from evaltool.report.names import OVERVIEW_FOLDER, folder_name
from evaltool.report.notebooks import COUNTY, OVERVIEW, notebook_path
from evaltool.report.page import write_assets
from evaltool.report.printing import find_browser

if TYPE_CHECKING:
    from evaltool.archive import Round

LOAD = "evaltool.batch.run:load"
UP = "../.."  # from a report's own folder to the round: the notebook can be opened and run again where it lies
COLUMNS = [
    "code", "name", "state", "cell", "reason", "seconds", "cpu", "memory_mb", "engine", "attempts", "folder", "pdf",
    "verified",
]  # fmt: skip


def report(
    rnd: Round,
    counties: Iterable[str] | None = None,
    jobs: int = 2,
    progress: Told | bool = True,
    notebook: str | os.PathLike[str] | None = None,
    *,
    again: bool = False,
    failed_only: bool = False,
    retries: int = 0,
    look: str = "light",
    self_contained: bool = False,
    pdf: bool = False,
    verify: int = 0,
    limits: Limits | None = None,
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Runs the county notebook for each county (codes or names; all of the roster by default), then the overview.

    Writes `reports/` of the round: a folder a county, the overview, index.html and assets. What is up to date is not
    made again. Returns a frame with a row a report: code, name, state (`evaltool.batch.task.STATES`, set_aside, or
    pending: not asked for now), cell, reason, seconds, cpu, memory_mb, engine, attempts (0: not run now), folder, pdf
    (why there is none), verified (相同, or what differs; empty if it was not drawn).

    jobs            notebooks at a time
    progress        True: a line for a person at a terminal, a bar in JupyterLab, else plain lines; a function gets
                    (outcome, which one, of how many)
    notebook        another notebook for the counties; it takes county_code, and round_folder if it has such a parameter
    again           also what is up to date or was set aside after three failures
    failed_only     only what failed last time
    retries         how often a report that fails is tried again at once
    look            light, or lab: as JupyterLab shows a notebook
    self_contained  each page a single file that can be sent alone
    pdf             also report.pdf, through the Chromium, Chrome or Edge of this machine
    verify          how many reports, drawn at random, are made once more by plain papermill and compared
    limits          `evaltool.batch.task.Limits`
    scheduler       address of a Dask scheduler, tcp://…: the reports are made by its workers
                    raises evaltool.batch.cluster.ClusterError where it cannot be used
    raises          before anything is run: KeyError for an unknown county, ValueError for a name that two have
                    and for a notebook without county_code, evaltool.report.printing.NoBrowser,
                    evaltool.batch.ledger.Busy where somebody else is making the reports of this round; later
                    evaltool.batch.ledger.Lost where somebody has taken that over
    """
    if pdf:
        find_browser()  # rather now than after all that is to be printed has been made
    reports = Path(rnd.folder) / "reports"
    source = Path(notebook).resolve() if notebook is not None else notebook_path(COUNTY)
    tasks = _tasks(rnd, counties, source, own=notebook is not None, look=look, self_contained=self_contained)
    limits, told = limits or Limits(), watcher(progress)
    write_assets(reports / "assets", look)
    inputs = _inputs(rnd)
    with held(reports, told, source.name) as ledger, _indexed(rnd, reports, ledger, inputs):
        outcomes = run_held(
            _marked(tasks, inputs), reports, ledger, _hands(rnd, reports, jobs, limits, look, scheduler, tasks), told,
            Choice(again, failed_only, retries),
        )  # fmt: skip
        printed = print_pages(reports, outcomes, told, ledger) if pdf else {}
        verified = check(tasks, outcomes, reports, verify, limits, told, ledger) if verify else {}
    return frame(outcomes, printed, verified)


@contextmanager
def _indexed(rnd: Round, reports: Path, ledger: Ledger, inputs: str) -> Iterator[None]:
    """Whatever ends a run, index.html tells what there is then; unless somebody else is writing the reports."""
    try:
        yield
    except BaseException:
        with suppress(LedgerError, OSError):  # they must not hide what went wrong
            _index(rnd, reports, ledger, inputs)
        raise
    _index(rnd, reports, ledger, inputs)


def _index(rnd: Round, reports: Path, ledger: Ledger, inputs: str) -> None:
    """index.html by what the ledger knows, also of earlier runs for other counties. Errors: LedgerError, OSError."""
    ledger.still_ours()
    known = ledger.standing()
    old = {item.key for item in known if item.state in (PENDING, RUNNING) or _is_old(item.fingerprint, inputs)}
    failed = {item.key: item.reason for item in known if item.state not in (OK, PENDING, RUNNING)}
    write_index(rnd, reports, failed, old - failed.keys())
    rnd.sign_off()


def frame(outcomes: Sequence[Outcome], printed: Mapping[str, str], verified: Mapping[str, str]) -> pd.DataFrame:
    """The outcomes as a frame, a row a report."""
    rows = [
        item.record()
        | {"code": item.key, "pdf": printed.get(item.key, ""), "verified": verified.get(item.key, "")}
        for item in outcomes
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def ledger_of(rnd: Round) -> pd.DataFrame:
    """What the run ledger of the round knows of each report; empty before the first run."""
    path = Path(rnd.folder) / "reports" / RUN / LEDGER
    if not path.is_file():
        return pd.DataFrame()
    with Ledger(path) as ledger:
        found = ledger.frame()
        found.attrs["notes"] = list(ledger.notes)
    inputs = _inputs(rnd)
    old = found["state"].eq(OK) & found["fingerprint"].map(lambda mark: _is_old(mark, inputs)).astype(bool)
    found.loc[old, ["state", "reason"]] = [PENDING, CHANGED]
    return found


def _tasks(
    rnd: Round, counties: Iterable[str] | None, source: Path, *, own: bool, look: str, self_contained: bool
) -> list[Task]:
    """One task a county, in the order of the roster, and the overview."""
    known = rnd.counties()
    names = {str(code): str(name) for code, name in zip(known["code"], known["name"], strict=True)}
    wanted = set(names) if counties is None else {_code(names, county) for county in counties}
    parameters = _parameters(source)
    codes = list(names)
    shared = {"look": look, "self_contained": self_contained}
    tasks = []
    for place, code in enumerate(codes):
        if code not in wanted:
            continue
        beside = {
            name: _link(codes[place + step], names) if 0 <= place + step < len(codes) else None
            for name, step in (("before", -1), ("after", 1))
        }
        options = {"title": f"{names[code]}　绩效评价报告", "figures": not own, **shared, **beside}
        given = {name: value.format(code) for name, value in parameters.items()}
        tasks.append(Task(code, names[code], str(source), given, folder_name(code, names[code]), FINISH, options))
    options = {"title": "总体情况", "figures": True, **shared}
    overview = notebook_path(OVERVIEW)
    tasks.append(Task("", "总体情况", str(overview), {"round_folder": UP}, OVERVIEW_FOLDER, FINISH, options))
    return tasks


def _link(code: str, names: Mapping[str, str]) -> tuple[str, str]:
    return f"../{folder_name(code, names[code])}/report.html", names[code]


def _parameters(source: Path) -> dict[str, str]:
    """What a county's notebook is given: name → value with a place for the code."""
    known = parameters_of(read_notebook(source))
    if "county_code" not in known:
        raise ValueError(
            f"笔记本 {source.name} 没有参数 county_code，各县的报告会一模一样；"
            '在标签为 parameters 的单元里写一行 county_code = ""'
        )
    return {name: value for name, value in (("round_folder", UP), ("county_code", "{}")) if name in known}


def _code(names: Mapping[str, str], county: str) -> str:
    if county in names:
        return county
    found = [code for code, name in names.items() if name == county]
    if not found:
        raise KeyError(f"名册里没有“{county}”")
    if len(found) > 1:
        raise ValueError(f"名册里有 {len(found)} 个“{county}”，请用代码")
    return found[0]


def _inputs(rnd: Round) -> str:
    """The fingerprint of what all reports of the round are made from: its data, and the versions of the programs."""
    folder = Path(rnd.folder)
    data = {name: _sha256(folder / name) for name in _data(folder)}
    return fingerprint({"data": data, "versions": versions() | {PROGRAM: program()}})


def _marked(tasks: Sequence[Task], inputs: str) -> list[tuple[Task, str]]:
    """Each task with the fingerprint of everything that its report is made from: what is common to all comes first, so
    that a report can be seen to be old without knowing by which notebook and with which options it was made."""
    notebooks = {task.notebook: _sha256(Path(task.notebook)) for task in tasks}
    return [
        (task, f"{inputs}.{fingerprint({'task': task.record(), 'notebook': notebooks[task.notebook]})}")
        for task in tasks
    ]


def _is_old(mark: str, inputs: str) -> bool:
    return mark.partition(".")[0] != inputs


def _data(folder: Path) -> list[str]:
    """The files of a round that reports read, relative to its folder."""
    edition = sorted((folder / "scheme").rglob("*.yaml"))
    files = (folder / "round.yaml", folder / "roster.csv", folder / "results" / "round.sqlite", *edition)
    return [path.relative_to(folder).as_posix() for path in files if path.is_file()]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hands(
    rnd: Round, reports: Path, jobs: int, limits: Limits, look: str, scheduler: str | None, tasks: Sequence[Task]
) -> Callable[[], Hands]:
    folder = Path(rnd.folder).resolve()
    if scheduler is None:
        warm: list[tuple[str, Sequence[Any]]] = [(WARM, [str(folder), look])]
        warm += [(LOAD, [path]) for path in sorted({task.notebook for task in tasks})]
        return lambda: Local(reports.resolve(), jobs, limits, warm)
    from evaltool.batch.cluster import BASE, Cluster, require_distributed

    require_distributed()
    notebooks = {task.notebook for task in tasks}
    return lambda: Cluster(reports.resolve(), scheduler, limits, [(WARM, [BASE, look])], _data(folder), notebooks)
