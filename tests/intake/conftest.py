"""Editions, filled workbooks and small rounds that the intake's tests share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from evaltool.intake import fill, layout, official_template, read
from evaltool.scheme import load

EDITIONS = (
    "hubei/ecommerce_rural",
    "hubei/project_self_evaluation",
    "anhui/ecommerce_livelihood",
    "hubei/laohekou",
    "shili/jiceng",
)
COUNTIES = {"429901": "甲县", "429902": "乙县", "429903": "丙县"}


@pytest.fixture(params=EDITIONS)
def scheme(request):
    """Every edition in turn."""
    return load(request.param)


@pytest.fixture
def hubei():
    return load("hubei/ecommerce_rural")


@pytest.fixture
def project():
    return load("hubei/project_self_evaluation")


def complete(scheme: Any) -> dict[str, Any]:
    """What a county that fills in everything types: the base of the cases, with evidence and self scores."""
    base = dict(scheme.cases.base)
    lists = {key: [dict(row) for row in rows] for key, rows in base.pop("lists", {}).items()}
    mine = layout.county_fields(scheme)
    for key, rows in lists.items():
        for number, row in enumerate(rows, 1):
            if layout.wants_evidence(scheme.edition.lists[key]):
                row["evidence"] = f"附件{number}"
            row |= {f"self:{k}": 0 for k in layout.row_scores(scheme, key)}
    return {
        "fields": {key: value for key, value in base.items() if key in mine},
        "evidence": {key: f"鄂商〔2020〕{i}号" for i, key in enumerate(mine, 1) if mine[key].evidence},
        "lists": lists,
        "scores": dict.fromkeys(scheme.leaves(), 0),
    }


@pytest.fixture
def answers() -> Callable[..., dict[str, Any]]:
    """answers(scheme, fields={…}, lists={…}): a complete county with these differences."""

    def made(scheme: Any, **changes: Any) -> dict[str, Any]:
        one = complete(scheme)
        for part, new in changes.items():
            one[part] = {**one.get(part, {}), **new}
        return one

    return made


@pytest.fixture
def roster() -> pd.DataFrame:
    table = pd.DataFrame({"code": list(COUNTIES), "name": list(COUNTIES.values())}, dtype=object)
    return table.assign(city="示例市", batch="2019", type="贫困县", funds="2000")


@pytest.fixture
def county(tmp_path, roster) -> Callable[..., Any]:
    """county(scheme, answers): one county filled in and read back: path, facts, problems, codes."""

    def made(scheme: Any, filled: dict[str, Any], change: Callable[[Path], Any] | None = None) -> SimpleNamespace:
        path = fill(scheme, filled, tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县", "city": "示例市"})
        if change:
            change(path)
        return again(path, scheme, roster)

    return made


def again(path: Path, scheme: Any, roster: pd.DataFrame) -> SimpleNamespace:
    facts = read([path], scheme, roster.iloc[:1])
    return SimpleNamespace(path=path, facts=facts, problems=facts.problems, codes=[p.code for p in facts.problems])


@pytest.fixture
def reread(roster) -> Callable[..., Any]:
    return lambda path, scheme: again(path, scheme, roster)


@pytest.fixture(scope="session")
def made_rounds(tmp_path_factory) -> Callable[..., Path]:
    """Rounds made once a session; tests get copies."""
    known: dict[str, Path] = {}

    def made(scheme: Any, roster: pd.DataFrame) -> Path:
        if scheme.digest in known:
            return known[scheme.digest]
        folder = known[scheme.digest] = tmp_path_factory.mktemp("round")
        roster.to_csv(folder / "roster.csv", index=False)
        for code, name in list(COUNTIES.items())[:2]:
            fill(scheme, complete(scheme), folder / f"{name}.xlsx", {"code": code, "name": name, "city": "示例市"})
        official_template(scheme, roster, folder / "省级认定表.xlsx")
        return folder

    return made


@pytest.fixture
def round_folder(tmp_path, roster, made_rounds) -> Callable[..., Path]:
    """A folder with a roster, a complete workbook for 甲县 and 乙县, and an empty 省级认定表."""
    return lambda scheme: Path(shutil.copytree(made_rounds(scheme, roster), tmp_path / "round"))
