"""The cases beside each edition, each one a pytest case of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from evaltool.cases import CaseResult, run_cases
from evaltool.scheme import entries, load_folder

FOLDERS = {f"{entry.id}@{entry.valid_from}": entry.folder for entry in entries()}


@cache
def results(folder: Path) -> list[CaseResult]:
    return run_cases(load_folder(folder))


ALL = [(key, i) for key, folder in FOLDERS.items() for i in range(len(load_folder(folder).cases.cases))]


@pytest.mark.parametrize(("key", "number"), ALL, ids=[f"{key}-{i}" for key, i in ALL])
def test_case(key: str, number: int) -> None:
    result = results(FOLDERS[key])[number]
    assert not result.problems, "\n".join(str(problem) for problem in result.problems)


def test_a_wrong_case_is_told_with_its_place(tmp_path: Path) -> None:
    folder = FOLDERS["shili/jiceng@2024-01-01"]
    for name in ("scheme.yaml", "sources.yaml"):
        (tmp_path / name).write_text((folder / name).read_text("utf-8"), "utf-8")
    text = (folder / "cases.yaml").read_text("utf-8")
    case = load_folder(folder).cases.cases[0]
    key, value = next(iter(case.expect.items()))
    spoiled = text.replace(f"{key}: {value}", f"{key}: 77.7", 1)
    assert spoiled != text
    (tmp_path / "cases.yaml").write_text(spoiled, "utf-8")
    wrong = [problem for result in run_cases(load_folder(tmp_path)) for problem in result.problems]
    assert [problem.code for problem in wrong] == ["S215"]
    assert wrong[0].rule.file == "cases.yaml"
    assert "77.7" in wrong[0].what
    assert spoiled.splitlines()[wrong[0].rule.line - 1][wrong[0].rule.column - 1 :].startswith(key)
