"""The reports of a round: what is made, what counts as done, and what a person is told."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from papermill import execute_notebook

import evaltool as ev
from evaltool.batch.task import Outcome
from evaltool.cli import main
from evaltool.report.batch import ledger_of
from evaltool.report.notebooks import notebook_path
from evaltool.report.printing import VARIABLE, NoBrowser
from tests.report.conftest import CLEAN, NASTY, PENDING, SILENT, hubei_facts, made_round

pytestmark = pytest.mark.notebook


def notebook(*codes: str, parameters: str = 'round_folder = ""\ncounty_code = ""'):
    cells = [
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(v4.new_code_cell(code) for code in codes),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def written(path: Path, *codes: str) -> Path:
    nbformat.write(notebook(*codes), path)
    return path


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


@pytest.fixture
def small_round(tmp_path):
    return made_round(tmp_path / "轮 {1}" / "round", hubei_facts())


# --- a round ---


def test_reports_of_a_round(small_round):
    seen: list[tuple[Outcome, int, int]] = []
    frame = ev.report(small_round, counties=[CLEAN, NASTY], progress=lambda *one: seen.append(one))
    assert list(frame["state"]) == ["ok"] * 3
    assert [(done, total) for _, done, total in seen] == [(1, 3), (2, 3), (3, 3)]
    reports = small_round.folder / "reports"
    assert sorted(path.name for path in reports.iterdir() if not path.name.startswith(CLEAN)) == sorted(
        [frame["folder"][1], ".run", "assets", "index.html", "overview"]
    )
    for folder in frame["folder"]:
        assert sorted(path.name for path in (reports / folder).iterdir()) == [
            "report.html",
            "report.ipynb",
            "report.json",
        ]
    figures = json.loads((reports / frame["folder"][0] / "report.json").read_text())
    assert figures["official"] == ["100", "100"]
    assert figures["grade"] == "优秀"
    page = (reports / "index.html").read_text()
    assert f'href="{frame["folder"][0]}/report.html"' in page
    assert "<script>" not in page
    assert list(ledger_of(small_round)["state"]) == ["ok"] * 3
    assert str(small_round.folder) not in (reports / frame["folder"][0] / "report.ipynb").read_text()


def test_the_same_round_gives_the_same_bytes(small_round):
    reports = small_round.folder / "reports"
    first = ev.report(small_round, counties=[PENDING], progress=False)
    before = {folder: digests(reports / folder) for folder in first["folder"]}
    again = ev.report(small_round, counties=["待定县"], progress=False)
    assert list(again["attempts"]) == [0, 0]  # nothing has changed, so nothing is made
    again = ev.report(small_round, counties=["待定县"], progress=False, again=True)
    assert list(again["attempts"]) == [1, 1]
    assert {folder: digests(reports / folder) for folder in first["folder"]} == before


def test_a_failed_county_stops_no_other(small_round, tmp_path, capsys):
    ev.report(small_round, counties=[PENDING], progress=False)
    how = {
        PENDING: "raise ValueError('坏 <b>')",
        NASTY: "import os; os.kill(os.getpid(), 9)",
        SILENT: "import sys; sys.exit(0)",
        CLEAN: "pass",
    }
    last = "from evaltool.report import county_page\ncounty_page(round_folder, county_code).finish()"
    mine = written(tmp_path / "mine.ipynb", f"exec({how!r}[county_code])", last)
    frame = ev.report(small_round, notebook=mine).set_index("code")
    assert dict(frame["state"]) == {CLEAN: "ok", PENDING: "failed", NASTY: "killed", SILENT: "exited", "": "ok"}
    assert frame["reason"][PENDING] == "ValueError：坏 <b>"
    assert "SIGKILL" in frame["reason"][NASTY]
    assert "sys.exit(0)" in frame["reason"][SILENT]
    assert set(frame["cell"][[PENDING, NASTY, SILENT]]) == {3}
    reports = small_round.folder / "reports"
    for code in (PENDING, NASTY, SILENT):  # nothing older is left that could be taken for this run's report
        assert [path.name for path in (reports / frame["folder"][code]).iterdir()] == ["failed.ipynb"]
    page = (reports / "index.html").read_text()
    assert "失败：ValueError：坏 &lt;b&gt;" in page
    assert "未报县" in page
    said = capsys.readouterr().err
    assert "共 5 份，其中 1 份这次不做，要做 4 份" in said
    assert "[4/4]" in said
    assert "单元出错：第 3 个单元，" in said


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (
            ["from pathlib import Path\nfrom evaltool.report.figures import write_figures",
             "done = write_figures(Path(), {})\nPath('report.json').write_text('{')\ndone"],
            "report.json 不完整",
        ),
        (["import os; os.kill(os.getppid(), 9); __import__('time').sleep(9)", "1"], "分叉服务进程意外终止"),
    ],
)  # fmt: skip
def test_a_notebook_is_done_only_with_a_whole_figures_file(small_round, tmp_path, codes, said):
    frame = ev.report(
        small_round, [CLEAN, PENDING], jobs=1, progress=False, notebook=written(tmp_path / "n.ipynb", *codes)
    )
    assert list(frame["state"].eq("ok")) == [False, False, True]
    assert said in frame["reason"][0]
    assert not list((small_round.folder / "reports").glob(".part-*"))


def test_an_unknown_county_is_refused_before_anything_runs(small_round):
    with pytest.raises(KeyError, match="名册里没有“无此县”"):
        ev.report(small_round, ["无此县"])
    assert not (small_round.folder / "reports").exists()


def test_paper_without_a_browser_is_refused_before_anything_runs(small_round, monkeypatch):
    monkeypatch.setenv(VARIABLE, "/nowhere/browser")
    with pytest.raises(NoBrowser):
        ev.report(small_round, pdf=True)
    assert not (small_round.folder / "reports").exists()


def test_a_name_that_two_counties_have_is_wrong_usage(tmp_path, capsys):
    facts = hubei_facts()
    facts.roster.loc[PENDING, "name"] = facts.roster.loc[CLEAN, "name"]
    rnd = made_round(tmp_path / "round", facts)
    with pytest.raises(SystemExit) as end:
        main(["report", str(rnd.folder), "--county", "示例县"])
    assert end.value.code == 2
    assert "名册里有 2 个“示例县”，请用代码" in capsys.readouterr().err


# --- plain papermill, and a person in JupyterLab ---


def papermill(folder: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", str(notebook_path("county_report.ipynb")), "out.ipynb", *parameters]
    environment = {**os.environ, "IPYTHONDIR": str(folder / "ipython")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


def test_plain_papermill_runs_the_notebook_and_its_number_becomes_the_code(small_round, tmp_path):
    done = papermill(
        tmp_path, "-p", "round_folder", os.path.relpath(small_round.folder, tmp_path), "-p", "county_code", "10103"
    )
    assert done.returncode == 0, done.stderr
    (made,) = (small_round.folder / "reports").glob("010103_*/report.json")
    assert json.loads(made.read_text())["code"] == NASTY


def test_plain_papermill_with_an_unknown_parameter_fails(small_round, tmp_path):
    done = papermill(tmp_path, "-p", "round_folder", str(small_round.folder), "-p", "county", CLEAN)
    assert done.returncode != 0
    assert "不认识的参数：county" in done.stderr


def test_the_first_notebook_runs_from_beginning_to_end(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    source = notebook_path("01_first_round.ipynb")
    done = execute_notebook(source, None, engine_name="evaltool", cwd=folder, progress_bar=False)
    assert (tmp_path / "out" / "first_round" / "round" / "reports" / "index.html").is_file()
    streams = [out for cell in done.cells for out in cell.get("outputs", ()) if out.output_type == "stream"]
    assert {out.name for out in streams} == {"stdout"}
    shown = [out.data.get("text/html", "") for cell in done.cells for out in cell.get("outputs", ()) if "data" in out]
    assert any("完成 3　失败 0　还剩 0" in html for html in shown)


def test_an_own_notebook_needs_no_figures_but_a_county(small_round, tmp_path):
    wide = "import pandas as pd\npd.DataFrame({f'column {n}': [n] for n in range(40)})"  # its text knows where it is
    mine = written(tmp_path / "mine.ipynb", "county_code + round_folder", wide)
    frame = ev.report(small_round, [CLEAN], progress=False, notebook=mine, verify=2)
    assert list(frame["state"]) == ["ok", "ok"]
    assert list(frame["verified"]) == ["相同", "相同"]
    assert sorted(path.name for path in (small_round.folder / "reports" / frame["folder"][0]).iterdir()) == [
        "report.html",
        "report.ipynb",
    ]
    nbformat.write(notebook("1", parameters="x = 1"), mine)
    with pytest.raises(ValueError, match="没有参数 county_code"):
        ev.report(small_round, [CLEAN], progress=False, notebook=mine)


def test_a_report_of_each_kind_is_what_plain_papermill_makes(small_round):
    frame = ev.report(small_round, progress=False, verify=99).set_index("code")
    assert dict(frame["verified"]) == dict.fromkeys(frame.index, "相同")


def test_a_run_leaves_nothing_in_the_home_folder_and_keeps_the_environment(small_round, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    mine = written(tmp_path / "mine.ipynb", "import os; assert os.environ['PLOTLY_RENDERER'] == 'plotly_mimetype'")
    before = dict(os.environ)
    assert list(ev.report(small_round, [CLEAN], progress=False, notebook=mine)["state"]) == ["ok", "ok"]
    assert dict(os.environ) == before
    assert not (tmp_path / "home").exists()


@pytest.mark.browser
def test_a_report_on_paper_is_linked_and_printed_only_once(small_round):
    frame = ev.report(small_round, [CLEAN], progress=False, pdf=True)
    assert list(frame["pdf"]) == ["", ""]
    reports = small_round.folder / "reports"
    paper = reports / frame["folder"][0] / "report.pdf"
    assert paper.read_bytes().startswith(b"%PDF")
    assert f'{frame["folder"][0]}/report.pdf' in (reports / "index.html").read_text()
    before = paper.stat().st_mtime_ns
    again = ev.report(small_round, [CLEAN], progress=False, pdf=True)
    assert list(again["attempts"]) == [0, 0]
    assert paper.stat().st_mtime_ns == before
    ev.report(small_round, [CLEAN], progress=False, again=True)
    assert not paper.exists()  # it was of the page before
