"""environment.yml and constraints.txt against pyproject.toml, offline."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parent.parent

# name in pyproject → name on conda-forge, where they differ
CONDA_NAMES = {
    "jupyter-client": "jupyter_client",
    "jupyterlab-language-pack-zh-CN": "jupyterlab-language-pack-zh-cn",
}
# what conda has to be told and pip brings along
CONDA_ONLY = {"python", "pip"}


def wanted_from(project: dict[str, Any]) -> dict[str, SpecifierSet]:
    wanted = {"python": SpecifierSet(project["requires-python"])}
    for line in project["dependencies"]:
        requirement = Requirement(line)
        wanted[CONDA_NAMES.get(requirement.name, requirement.name)] = requirement.specifier
    return wanted


def disagreements(project: dict[str, Any], environment: dict[str, Any]) -> list[str]:
    """Every way in which the conda environment is not what pyproject's [project] asks for."""
    found: list[str] = []
    wanted = wanted_from(project)
    offered: dict[str, SpecifierSet] = {}
    pip_lines: list[str] = []

    for entry in environment["dependencies"]:
        if isinstance(entry, dict):
            pip_lines += entry.get("pip", [])
            continue
        try:
            spec = MatchSpec(entry, strict=True)
        except Exception as error:  # noqa: BLE001 - py-rattler's own exceptions have no common public base
            found.append(f"{entry}: not a match spec: {error}")
            continue
        name = spec.name.normalized
        if name in offered:
            found.append(f"{name}: listed twice")
        if spec.build is not None or spec.channel is not None:
            found.append(f"{name}: names a build or a channel")
        offered[name] = SpecifierSet("" if spec.version is None else str(spec.version))

    found += [f"{name}: missing" for name in sorted(wanted.keys() | CONDA_ONLY - wanted.keys()) if name not in offered]
    found += [f"{name}: not in pyproject" for name in sorted(offered.keys() - wanted.keys() - CONDA_ONLY)]
    found += [
        f"{name}: {offered[name]} here, {specifier} in pyproject"
        for name, specifier in wanted.items()
        if name in offered and offered[name] != specifier
    ]
    if environment["channels"][0] != "conda-forge":
        found.append("channels: conda-forge must come first")
    # conda makes a requirements file of this, and pip refuses `--no-deps` in one
    if pip_lines != ["-e ."]:
        found.append(f"pip: {pip_lines}, where ['-e .'] is wanted")
    return found


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def environment() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins() -> dict[str, list[Requirement]]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, list[Requirement]] = {}
    for line in lines:
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def test_environment_agrees_with_pyproject(project, environment):
    assert disagreements(project, environment) == []


def test_name_table_is_in_use(project):
    names = {Requirement(line).name for line in project["dependencies"]}
    assert set(CONDA_NAMES) <= names


def replaced(environment: dict[str, Any], name: str, line: str) -> dict[str, Any]:
    spoiled = copy.deepcopy(environment)
    entries = spoiled["dependencies"]
    (at,) = (n for n, entry in enumerate(entries) if isinstance(entry, str) and entry.split()[0] == name)
    entries[at : at + 1] = [line] if line else []
    return spoiled


@pytest.mark.parametrize(
    ("name", "line", "complaint"),
    [
        ("pandas", "", "pandas: missing"),
        ("pip", "", "pip: missing"),
        ("pandas", "polars >=1", "polars: not in pyproject"),
        ("pandas", "pandas >=2.0", "pandas: >=2.0 here, >=3.0 in pyproject"),
        ("pandas", "pandas", "pandas:  here, >=3.0 in pyproject"),
        ("pandas", "pandas >=3.0,<4", "pandas: <4,>=3.0 here, >=3.0 in pyproject"),
        ("python", "python >=3.12", "python: >=3.12 here, >=3.11 in pyproject"),
        ("jupyter_client", "jupyter-client >=8.6", "jupyter_client: missing"),
        ("pandas", "pandas >>3", "not a match spec"),
        ("pandas", "pandas >=3.0 py311 extra", "not a match spec"),
        ("pandas", "conda-forge::pandas >=3.0", "names a build or a channel"),
        ("pandas", "numpy >=2.2", "numpy: listed twice"),
    ],
)
def test_a_spoiled_environment_is_found(project, environment, name, line, complaint):
    found = disagreements(project, replaced(environment, name, line))
    assert any(complaint in sentence for sentence in found), found


def test_spoiled_channels_and_pip_lines_are_found(project, environment):
    spoiled = copy.deepcopy(environment)
    spoiled["channels"] = ["defaults", "conda-forge"]
    spoiled["dependencies"][-1] = {"pip": ["-e . --no-deps"]}
    assert len(disagreements(project, spoiled)) == 2


def test_a_changed_pyproject_is_found(project, environment):
    spoiled = copy.deepcopy(project)
    spoiled["dependencies"].append("scipy>=1")
    assert disagreements(spoiled, environment) == ["scipy: missing"]


def test_constraints_are_plain_exact_pins(pins):
    for name, requirements in pins.items():
        for requirement in requirements:
            assert requirement.url is None, name
            assert not requirement.extras, name
            assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), str(requirement)
        assert len(requirements) == 1 or all(requirement.marker for requirement in requirements), name


@pytest.mark.parametrize("python", ["3.11.0", "3.11.9", "3.12.3", "3.13.1"])
def test_constraints_hold_what_pyproject_asks_for(project, pins, python):
    lines = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        lines += extra
    where = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    for line in lines:
        wanted = Requirement(line)
        if wanted.name == "evaltool":
            continue
        here = [pin for pin in pins[canonicalize_name(wanted.name)] if pin.marker is None or pin.marker.evaluate(where)]
        assert len(here) == 1, f"{wanted.name} on Python {python}: {here}"
        (pin,) = here[0].specifier
        assert pin.version in wanted.specifier, f"{line}, but constraints.txt says {pin}"
