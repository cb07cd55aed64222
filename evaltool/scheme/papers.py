"""The models of the files beside the rules: what the clauses say (sources.yaml), what must come out (cases.yaml)."""

from __future__ import annotations

from typing import Any

from evaltool.scheme.fields import Format, Model
from evaltool.scheme.values import Id, Words


class Clause(Model):
    gist: Words
    page: Words | None = None
    text: Words | None = None


class Source(Model):
    title: Words
    number: Words | None = None
    issuer: Words | None = None
    issued: Words | None = None
    effective: Words | None = None
    url: Words | None = None
    note: Words = ""
    clauses: dict[Words, Clause]


class Pattern(Model):
    """One example for every row of a list that the edition fixes: only that row is filled in, with `cells`.

    A cell or an expected result may be a formula over the row's given columns: `= threshold + 0.1`.
    """

    list: Id
    cells: dict[str, Words]
    expect: dict[str, Words]


class Case(Model):
    """One example: what is given differs from the base, what must come out.

    previous  fields of the round before
    cohort    several submissions scored together; `expect` then names each of them first
    each      a pattern that is run on every row of a list with fixed rows
    """

    name: Words
    given: dict[str, Any] = {}
    previous: dict[str, Any] = {}
    cohort: dict[str, dict[str, Any]] = {}
    each: Pattern | None = None
    expect: dict[str, Any] = {}
    expect_do: list[Words] | None = None
    expect_maybe: list[Words] | None = None
    expect_funds: dict[str, Words] = {}
    expect_duties: dict[str, Words] = {}


class OfficialTable(Model):
    """Official results in a CSV file beside the edition: columns that are fields, and column → indicator."""

    name: Words
    file: Words
    given: list[Words]
    expect: dict[Words, Words]


class Cases(Model):
    format: Format
    base: dict[str, Any]
    cases: list[Case]
    tables: list[OfficialTable] = []
