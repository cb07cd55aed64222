"""Importing a table made on the spot, with what a person would look at."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evaltool.importing import import_table
from evaltool.quantities import decimal_text
from evaltool.scheme import examine

from . import making

DAY = dt.date(2020, 1, 1)


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Any]:
    """imported(rows, kind="xlsx"): the draft as a loaded scheme (nothing in it may be refused) and the problems."""

    def done(*tables: Any, kind: str = "xlsx", path: Path | None = None, **options: Any) -> SimpleNamespace:
        above = {"above": options.pop("above")} if "above" in options else {}
        if path is None:
            make = making.workbook if kind == "xlsx" else making.document
            path = make(tmp_path / f"表.{kind}", *tables, **above)
        made = import_table(path, "x/y", DAY, tmp_path / f"editions{len(list(tmp_path.iterdir()))}", **options)
        codes = Counter(problem.code for problem in made.problems)
        if made.folder is None:
            return SimpleNamespace(scheme=None, made=made, codes=codes, problems=made.problems)
        scheme, found = examine(made.folder)
        assert [str(problem) for problem in found if problem.level == "stop"] == []
        assert scheme is not None
        assert scheme.edition.status == "draft"
        texts = {name: (made.folder / name).read_text("utf-8") for name in ("scheme.yaml", "sources.yaml")}
        return SimpleNamespace(
            scheme=scheme, made=made, codes=codes, problems=made.problems, text=texts["scheme.yaml"],
            items=scheme.edition.indicators, fields=scheme.edition.fields,
            clauses=scheme.sources["表"].clauses, questions=scheme.edition.open_questions,
        )  # fmt: skip

    return done


def points(items: Any) -> dict[str, str]:
    """id → points of every indicator that has some."""
    return {key: decimal_text(item.points) for key, item in items.items() if item.points is not None}


def kind(item: Any) -> str:
    """The rule of an indicator in one word; an indicator that is asked as yes or no has none."""
    return item.rule.kind if item.rule is not None else "combine" if item.combine else "value"
