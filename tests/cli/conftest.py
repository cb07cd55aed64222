"""A small round of an invented edition on the disk, and `evaltool` as a person types it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evaltool.cli import main
from evaltool.intake import fill

COUNTIES = {"990001": "甲县", "990002": "乙县", "990003": "丙县"}
ANSWERS = {"jc_visits": 5500, "all_visits": 10000, "local_spend": 690, "all_spend": 1000, "plan": "是", "audit": "否"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """run(*words): exit code, what stood on the screen (out) and what was complained of (err)."""

    def typed(*words: Any) -> SimpleNamespace:
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return SimpleNamespace(code=left.value.code, out=said.out, err=said.err)

    return typed


@pytest.fixture
def program() -> Callable[..., Any]:
    """The same in a process of its own."""

    def typed(*words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "evaltool.cli", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=240, **options)

    return typed


def write_roster(path: Path) -> Path:
    lines = [f"{code},{name},某市,2024,,100" for code, name in COUNTIES.items()]
    path.write_text("\n".join(["code,name,city,batch,type,funds", *lines]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="session")
def _finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """new → template → typing → read → score, once."""
    from evaltool.archive import create_round
    from evaltool.scheme import load

    folder = tmp_path_factory.mktemp("一轮")
    rnd = create_round(folder / "round", load("shili/jiceng"), "2024-12-31", write_roster(folder / "roster.csv"))
    back = folder / "back"
    back.mkdir()
    for path in rnd.write_templates():
        if path.name.startswith(("990001", "990002")):
            shutil.copy(path, back / path.name)
            fill(back / path.name, {"fields": ANSWERS})
    rnd.take_in([back])
    rnd.score()
    return folder


@pytest.fixture
def finished(tmp_path: Path, _finished: Path) -> Path:
    """A copy of a scored round (round/), with its roster.csv and the workbooks that came (back/)."""
    shutil.copytree(_finished, tmp_path / "一轮")
    return tmp_path / "一轮"
