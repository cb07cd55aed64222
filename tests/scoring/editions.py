"""Small editions written as YAML text inside a test, loaded through the same door as the real ones."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from evaltool.facts import Facts
from evaltool.intake import from_values
from evaltool.problems import Problem
from evaltool.scheme import Scheme, examine, load_folder
from evaltool.scoring import Num, Scores, score

HEAD = """\
format: 1
id: shili/test
name: 试验
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {}
blank: {means: pending, question: Q1}
open_questions:
  Q1: {clause: T/1, question: 空白, reading: 待补}
"""
SOURCES = """\
format: 1
T:
  title: 试验办法
  clauses:
    "1": {gist: 第一条}
"""
CASES = "format: 1\nbase: {}\ncases: []\n"


def write(folder: Path, body: str, *, head: str = HEAD, sources: str = SOURCES, cases: str = CASES) -> Path:
    """An edition in `folder`: a head that every test shares, and the body that it is about."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scheme.yaml").write_text(head + textwrap.dedent(body), "utf-8")
    (folder / "sources.yaml").write_text(sources, "utf-8")
    (folder / "cases.yaml").write_text(cases, "utf-8")
    return folder


def edition(folder: Path, body: str, **parts: str) -> Scheme:
    return load_folder(write(folder, body, **parts))


def complaints(folder: Path, body: str, **parts: str) -> list[Problem]:
    return examine(write(folder, body, **parts))[1]


def facts(scheme: Scheme, *sheets: dict[str, Any]) -> Facts:
    return from_values(scheme, {str(i): sheet for i, sheet in enumerate(sheets)})


def scored(scheme: Scheme, *sheets: dict[str, Any]) -> Scores:
    return score(facts(scheme, *sheets))


def one(tmp_path: Path, rule: str, fields: str, *sheets: dict[str, Any]) -> list[Any]:
    """The results of a single indicator X (written as `rule`) for each sheet: a number, or (lowest, highest)."""
    body = f"fields:\n{textwrap.indent(textwrap.dedent(fields), '  ')}\nindicators:\n  X:\n    name: 项\n"
    scheme = edition(tmp_path, body + textwrap.indent(textwrap.dedent(rule), "    "))
    return results(scored(scheme, *sheets), "X")


def results(scores: Scores, key: str, layer: str = "认定") -> list[Any]:
    column = scores.column(layer, key)
    assert isinstance(column, Num)
    return [low if low == high else (low, high) for low, high in zip(column.lo, column.hi, strict=True)]
