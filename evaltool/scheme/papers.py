"""The models of the files beside the rules: what the clauses say (sources.yaml), what must come out (cases.yaml)."""

from __future__ import annotations

from typing import Any

from evaltool.scheme.fields import Format, Model
from evaltool.scheme.values import Words


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


class Case(Model):
    """One example: what is given differs from the base, what must come out.

    previous  fields of the round before
    cohort    several submissions scored together; `expect` then names each of them first
    """

    name: Words
    given: dict[str, Any] = {}
    previous: dict[str, Any] = {}
    cohort: dict[str, dict[str, Any]] = {}
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
