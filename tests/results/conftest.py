"""A small scored round without workbooks: clean, open, hostile, a third of a point, and one that returned nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from evaltool.decisions import Decisions, decide
from evaltool.intake import from_values
from evaltool.problems import Place, Problem
from evaltool.scheme import load
from evaltool.scoring import score

CLEAN, OPEN, HOSTILE, THIRD, SILENT = "420901", "420902", "=1+1", "420904", "420905"
NAMES = {CLEAN: "示例县", OPEN: "未定县", HOSTILE: '=HYPERLINK("http://x","点我")', THIRD: "+1", SILENT: "@未报县"}
LINK = NAMES[HOSTILE]


def made() -> Decisions:
    scheme = load("hubei/ecommerce_rural")
    base: dict[str, Any] = dict(scheme.cases.base)
    roster = pd.DataFrame({"name": NAMES, "city": dict.fromkeys(NAMES, "-1"), "batch": "'2019", "type": "\x0b贫困县"})
    roster = roster.assign(funds=None).astype(object)
    roster.index.name = "code"
    open_ = {key: value for key, value in base.items() if key != "town_stations"}
    sheets: dict[str, Any] = {
        CLEAN: {**base, "scores": {"N1": 5}}, OPEN: open_, HOSTILE: {**base, "use_station": "500"},
        THIRD: {**base, "towns": 7, "town_stations": 6}, SILENT: None,
    }  # fmt: skip
    facts = from_values(scheme, sheets, roster)
    evidence = facts.evidence.astype(object)
    evidence.loc[HOSTILE, "towns"] = LINK
    problem = Problem("D102", LINK, "+1", "-1", Place("@x.xlsx", "=填报", "D7", "towns", HOSTILE), clause="=1")
    facts = dataclasses.replace(
        facts, evidence=evidence, reasons={(HOSTILE, "poverty_level"): LINK}, problems=(*facts.problems, problem),
        accepted={"Q1": "=张三，2020-07-01"},
    )  # fmt: skip
    return decide(score(facts))


@pytest.fixture(scope="session")
def decisions() -> Decisions:
    return made()


@pytest.fixture(scope="session")
def database(decisions: Decisions, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from evaltool.results import write_database

    return write_database(tmp_path_factory.mktemp("results") / "round.sqlite", decisions)
