"""The forty forms of scoring rule, each with an example that runs (indicators/forms.yaml)."""

from __future__ import annotations

from pathlib import Path

import pytest

import indicators
from evaltool.cases import run_cases
from evaltool.coverage import uncovered
from evaltool.mutations import survivors
from evaltool.scheme import dialect
from tests.scoring.editions import edition

DOCUMENT, PROBLEMS = dialect.read(Path(str(indicators.root())) / "forms.yaml")
FORMS = {number: form for number, form in DOCUMENT.tree.items() if number != "format"}
README = (Path(str(indicators.root())) / "README.md").read_text("utf-8")
each_form = pytest.mark.parametrize("number", list(FORMS))


def made(folder, number):
    form = FORMS[number]
    return edition(folder, form["scheme"], cases="format: 1\n" + form["cases"])


def test_there_are_forty_and_the_readme_lists_each_as_it_stands():
    assert not PROBLEMS
    assert list(FORMS) == [str(i) for i in range(1, 41)]
    rows = [f"| {number} | {form['name']} | {form['how']} |" for number, form in FORMS.items()]
    assert [row for row in rows if row not in README] == []


@each_form
def test_the_example_comes_out_as_written(tmp_path, number):
    results = run_cases(made(tmp_path, number))
    assert results
    assert not [str(problem) for result in results for problem in result.problems]


@each_form
def test_the_example_shows_every_boundary_and_notices_every_slip(tmp_path, number):
    scheme = made(tmp_path, number)
    assert not [str(problem) for problem in [*uncovered(scheme), *survivors(scheme)]]
