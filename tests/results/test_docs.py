"""docs/results.md says what is there: every table, every column, queries that run; docs/problems.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaltool.problems import catalogue
from evaltool.results import query
from evaltool.results.schema import TABLES

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "results.md").read_text("utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
COLUMN = re.compile(r"(?:^|, )(\w+) (?:TEXT|INTEGER|REAL)\b")


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_column_is_explained(table):
    _, _, rest = TEXT.partition(f"### `{table}`")
    assert rest, f"docs/results.md has no section for {table}"
    section = rest.partition("\n### ")[0].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == COLUMN.findall(TABLES[table])


def test_no_table_is_explained_that_is_not_there():
    assert re.findall(r"^### `(\w+)`", TEXT, re.MULTILINE) == list(TABLES)


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_every_query_runs(database, number):
    assert len(query(database, QUERIES[number]).columns) > 1


def test_there_are_queries():
    assert len(QUERIES) >= 4


def test_the_table_of_problem_codes_is_as_generated():
    """`python -m evaltool.problems > docs/problems.md`"""
    assert (DOCS / "problems.md").read_text("utf-8") == catalogue()
