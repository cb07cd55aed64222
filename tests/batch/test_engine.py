"""papermill's engine “evaltool”, and which way a notebook is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat import v4

from evaltool.batch.engine import server
from evaltool.batch.levels import can_fork, level_of
from evaltool.batch.task import DIRECT, FAILED, FORKED, OK, PLAIN
from tests.batch import rig

forks = pytest.mark.skipif(bool(can_fork()), reason="no fork here")
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(*codes: str, kernel: dict[str, str] | None = None):
    cells = [v4.new_code_cell('name = "甲"', metadata={"tags": ["parameters"]}), *map(v4.new_code_cell, codes)]
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel or PYTHON})


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "in.ipynb"
    nbformat.write(notebook("print(name)", "name * 2"), path)
    return path


@forks
def test_the_command_line_of_papermill_knows_the_engine(source, tmp_path):
    command = [sys.executable, "-m", "papermill", "--engine", "evaltool", str(source), "out.ipynb", "-p", "name", "乙"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "evaltool: 直接" in done.stderr
    made = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert made.cells[2].outputs[0].text == "乙\n"
    assert made.cells[3].outputs[0].data["text/plain"] == "'乙乙'"
    assert [cell.metadata.papermill.status for cell in made.cells] == ["completed"] * 4


@forks
def test_an_error_is_raised_as_by_papermill_and_the_server_serves_on(source, tmp_path):
    broken = tmp_path / "broken.ipynb"
    nbformat.write(notebook("1", "1 / 0", "2"), broken)
    out = tmp_path / "out.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="division by zero"):
        papermill.execute_notebook(broken, out, engine_name="evaltool", progress_bar=False)
    made = nbformat.read(out, as_version=4)
    assert "papermill-error-cell" in made.cells[0].source
    assert [cell.execution_count for cell in made.cells if cell.cell_type == "code"] == [1, 2, 3, None]
    pid = server().pid
    done = papermill.execute_notebook(source, None, {"name": "丙"}, engine_name="evaltool", progress_bar=False)
    assert done.cells[2].outputs[0].text == "丙\n"
    assert server().pid == pid


@forks
def test_a_time_limit_and_a_dead_kernel_are_what_papermill_makes_of_them(tmp_path):
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    slow, dead = tmp_path / "slow.ipynb", tmp_path / "dead.ipynb"
    nbformat.write(notebook("while True: pass"), slow)
    nbformat.write(notebook("import os; os._exit(3)"), dead)
    with pytest.raises(CellTimeoutError):
        papermill.execute_notebook(slow, None, engine_name="evaltool", execution_timeout=1, progress_bar=False)
    with pytest.raises(DeadKernelError, match="退出码 3"):
        papermill.execute_notebook(dead, None, engine_name="evaltool", progress_bar=False)


@forks
@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("1 + 1", DIRECT, ""),
        ("import ipywidgets", FORKED, "控件"),
        ("px.FigureWidget", FORKED, "控件"),
        ("%connect_info", FORKED, "端口"),
        ("from comm import create_comm", FORKED, "通信"),
        ("breakpoint()", PLAIN, "调试器"),
    ],
)
def test_the_fastest_way_that_is_sure(code, name, why):
    level = level_of(notebook(code))
    assert level.name == name
    assert why in level.why


@forks
def test_another_kernel_or_ipykernel_is_no_business_of_ours(monkeypatch):
    other = {"name": "ir", "display_name": "R", "language": "R"}
    assert level_of(notebook("1", kernel=other)).name == PLAIN
    assert level_of(notebook("1", kernel={**PYTHON, "name": "nowhere"})).name == PLAIN
    monkeypatch.setattr("evaltool.batch.levels.version", lambda _: "99.0")
    assert level_of(notebook("1")).name == FORKED
    assert "没有核对过" in level_of(notebook("1")).why


def test_where_nothing_can_be_forked_papermill_runs_as_it_is(source, monkeypatch, caplog):
    monkeypatch.setattr("evaltool.batch.levels.can_fork", lambda: "本系统不能安全地分叉进程")
    caplog.set_level("INFO", logger="papermill")
    environment = dict(os.environ)
    done = papermill.execute_notebook(source, None, {"name": "丁"}, engine_name="evaltool", progress_bar=False)
    assert done.cells[2].outputs[0].text == "丁\n"
    assert "papermill 原样（本系统不能安全地分叉进程）" in caplog.text
    assert dict(os.environ) == environment


@forks
def test_a_widget_that_only_shows_at_run_time_is_run_again_in_a_kernel(tmp_path, caplog):
    caplog.set_level("INFO", logger="papermill")
    hidden = "import importlib\nmake = getattr(importlib.import_module('co' + 'mm'), 'create_' + 'comm')"
    path = tmp_path / "in.ipynb"
    nbformat.write(notebook("print('先')", f"{hidden}\nmake(target_name='x')\nprint('后')"), path)
    made = papermill.execute_notebook(path, None, engine_name="evaltool", progress_bar=False)
    assert [cell.outputs[0].text for cell in made.cells[-2:]] == ["先\n", "后\n"]
    assert "控件" in caplog.text


@forks
def test_a_server_that_cannot_start_is_done_without(source, tmp_path, monkeypatch, caplog):
    """Then papermill runs as it is, in a batch by plain processes; no report fails and nothing is tried for ever."""
    deadly = """
import os, sys
if 'evaltool.batch.server' in sys.orig_argv:
    print('坏了', file=sys.stderr)
    os._exit(3)
"""
    (tmp_path / "sitecustomize.py").write_text(deadly, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("evaltool.batch.engine._server", None)
    caplog.set_level("INFO", logger="papermill")
    done = papermill.execute_notebook(source, None, {"name": "戊"}, engine_name="evaltool", progress_bar=False)
    assert done.cells[2].outputs[0].text == "戊\n"
    assert "papermill 原样（分叉服务进程意外终止（退出码 3）：坏了）" in caplog.text

    bench = rig.Bench(tmp_path / "batch", own=True)
    for key in "abcd":
        bench.add(key, "print(name)" if key != "c" else "1 / 0")
    assert {key: end.state for key, end in bench.run().items()} == {"a": OK, "b": OK, "c": FAILED, "d": OK}
    assert {end.engine for end in bench.told.outcomes} == {PLAIN}
    assert "papermill 原样，因为分叉服务进程意外终止" in bench.log("a")
