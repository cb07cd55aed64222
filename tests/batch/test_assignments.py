"""The names of a cell of parameters, as a person may write it."""

from __future__ import annotations

import nbformat
import pytest

from evaltool.batch.assignments import assigned_names
from evaltool.batch.notebooks import check_parameters, parameters_of


@pytest.mark.parametrize(
    "source",
    [
        'round_folder = ""\ncounty_code: str = ""',
        '%matplotlib inline\nround_folder = ""\n!ls\ncounty_code = ""',
        '\n  round_folder = ""\n  county_code = ""\n',
        'round_folder = ""\nprint?\ncounty_code = ""',
    ],
)
def test_names_are_found_as_ipython_reads_a_cell(source):
    assert assigned_names(source) == ["round_folder", "county_code"]


@pytest.mark.parametrize(
    ("source", "line"), [("a = 1\nb = = 2", 2), ("%matplotlib inline\na = 1\nb = (", 3), ("\n\na b", 3)]
)
def test_what_is_no_python_is_told_with_its_line(source, line):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    with pytest.raises(ValueError, match=f"参数单元.*第 {line} 行不是正确的 Python 代码（.*JupyterLab"):
        parameters_of(notebook)
    with pytest.raises(ValueError, match="参数单元"):
        check_parameters(notebook, {})


@pytest.mark.parametrize("source", ["a = 1\0", 'a = "\ud800"'])
def test_characters_that_no_source_may_hold(source):
    with pytest.raises(ValueError, match=r"参数单元.*不是正确的 Python 代码"):
        assigned_names(source)
