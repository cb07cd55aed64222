"""The zoo by our engine and by plain papermill: every notebook has to come out the same."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from packaging.requirements import Requirement

from evaltool.batch.comparing import differences
from evaltool.batch.levels import level_of
from evaltool.batch.task import DIRECT, ENGINES
from tests.batch.zoo import ANIMALS, PLAIN, SAME, House, Ran, houses, left, run

ROOT = Path(__file__).resolve().parents[2]
FAST = "evaltool"
HOUSES = [pytest.param(house, id=house.name) for house in houses()]
# what speaks with kernels: the oldest releases that pyproject allows are tried together
OLDEST = ("ipykernel", "nbclient", "papermill")
WITH_THEM = ("ansicolors",)  # which newer ones do not need any more


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No profile of this machine's user, and what both sides need in their environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**SAME, "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))}.items():
            patch.setenv(name, value)
        yield


def disagreements(house: House, ours: Ran, reference: Ran) -> list[str]:
    """What differs between two runs of a house; says so too if our side did not take the way it should."""
    if reference.notebook is None or ours.notebook is None:
        return [f"{house.name}: no notebook: {ours.raised} {reference.raised}"]
    found = differences(ours.notebook, reference.notebook, ignore=house.ignore)
    if ours.raised != reference.raised:
        found.append(f"raised {ours.raised or 'nothing'}, papermill {reference.raised or 'nothing'}")
    ways = [line for line in ours.said if line.startswith("evaltool: ")]
    if [ENGINES[DIRECT] in line for line in ways] != [True] and house.direct:
        found.append(f"not run directly: {ways}")
    return found


def strays(house: House, notebook: Any) -> list[str]:
    """Cells that did not run, or failed, though they should not: an animal that never runs shows nothing."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    found = []
    for cell in code:
        tags = cell.metadata.tags
        if "skip-execution" in tags:
            continue
        if cell.execution_count is None and not house.stops:
            found.append(f"{cell.metadata.get('zoo')}: did not run: {cell.source[:60]}")
        if not house.stops and "raises-exception" not in tags:
            found += [f"{output.ename}: {cell.source[:60]}" for output in cell.outputs if output.output_type == "error"]
    if house.stops and code[-1].execution_count is not None and house.name not in ("syntax_error_stops", "old_format"):
        found.append(f"{house.name}: ran to its end")
    return found


# --- the animals themselves ---


def test_there_are_enough_animals_and_each_says_what_it_is_for():
    assert len(ANIMALS) >= 45
    assert len({animal.name for animal in ANIMALS}) == len(ANIMALS)
    assert all(len(animal.why) > 15 and len(animal.cells) for animal in ANIMALS)
    assert sum(len(house.animals) for house in houses()) == len(ANIMALS)


@pytest.mark.parametrize("house", HOUSES)
def test_a_house_is_a_notebook_that_is_run_the_way_it_says(house):
    notebook = house.notebook
    nbformat.validate(notebook)
    assert (level_of(notebook).name == DIRECT) is house.direct


def test_animals_that_share_a_house_do_not_ask_for_different_things():
    for house in houses():
        for animal in house.animals[1:]:
            assert (animal.parameters, animal.ignore, animal.format, animal.stops) == (None, (), 5, False), animal.name
        if len(house.animals) > 1:
            assert house.needs == [], f"{house.name} would be left out as a whole"


# --- side by side ---


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize("house", HOUSES)
def test_a_notebook_comes_out_as_by_papermill(house, tmp_path, surroundings, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # or ipykernel would leave the descriptors alone
    for module in house.needs:
        pytest.skip(f"{module} is not installed")
    here = tmp_path / "here"
    reference = run(house, here, PLAIN)
    here.rename(tmp_path / "papermill")
    assert strays(house, reference.notebook) == []
    ours = run(house, here, FAST)
    assert disagreements(house, ours, reference) == []


def oldest() -> list[str]:
    """The lowest releases that pyproject allows, as pip is asked for them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bounds = {(one := Requirement(line)).name: str(one.specifier) for line in project["dependencies"]}
    return [f"{name}{re.sub('^>=', '==', bounds[name])}" for name in OLDEST]


def installer() -> list[str]:
    """pip of this environment, or uv, which makes environments without pip."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    uv = shutil.which("uv")
    assert uv, "neither pip nor uv is here"
    return [uv, "pip", "install", "--python", sys.executable]


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.timeout(900)
def test_the_zoo_with_the_oldest_kernel_that_is_allowed(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # or ipykernel would leave the descriptors alone
    wanted = oldest()
    folder = tmp_path / "oldest"
    command = [*installer(), "--quiet", "--no-deps", "--target", str(folder), *wanted, *WITH_THEM]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    sides: dict[str, dict[str, Any]] = {}
    for engine in (PLAIN, FAST):
        here = tmp_path / "here"
        program = [sys.executable, "-m", "tests.batch.zoo", engine, str(here)]
        # what programs write goes on to here as well, and one of them writes half a character
        done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, errors="replace", check=False)
        assert done.returncode == 0, done.stderr
        here.rename(tmp_path / engine)
        sides[engine] = json.loads((tmp_path / engine / "runs.json").read_text("utf-8"))
    found = {}
    for house in houses():
        if house.name not in sides[PLAIN]:
            continue
        ours, reference = (
            Ran(left(tmp_path / engine / house.name), **sides[engine][house.name]) for engine in (FAST, PLAIN)
        )
        if lines := [*strays(house, reference.notebook), *disagreements(house, ours, reference)]:
            found[house.name] = lines
    assert found == {}
    answered = (tmp_path / FAST / "surroundings" / "out.ipynb").read_text("utf-8")
    assert wanted[0].removeprefix("ipykernel==") in answered
