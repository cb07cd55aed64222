"""Small rounds, made of plain values, with hostile text in every slot of one county."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evaltool.archive import Round, create_round
from evaltool.decisions import decide
from evaltool.facts import Facts
from evaltool.intake import from_values
from evaltool.problems import Place, Problem
from evaltool.results import write_database
from evaltool.scheme import load
from evaltool.scoring import score

HOSTILE = (
    "<script>window.hit=1</script></script><img src=x onerror=window.hit=2>{{7*7}}$x^2$[点我](javascript:window.hit=3)"
)
CLEAN, PENDING, NASTY, SILENT = "420901", "420902", "010103", "420904"
NAMES = {CLEAN: "示例县", PENDING: "待定县", NASTY: f"../坏{HOSTILE}县", SILENT: "未报县"}


def hubei_facts() -> Facts:
    """Four counties: clean, with a pending range, with hostile text, and one that returned nothing."""
    scheme = load("hubei/ecommerce_rural")
    base: dict[str, Any] = dict(scheme.cases.base)
    roster = pd.DataFrame({"name": NAMES, "city": dict.fromkeys(NAMES, "某市")})
    roster.index.name = "code"
    open_ = {key: value for key, value in base.items() if key not in ("town_stations", "use_train")}
    sheets: dict[str, Any] = {
        CLEAN: base,
        PENDING: open_,
        NASTY: {**base, "town_stations": "3", "use_station": "500"},
        SILENT: None,
    }
    facts = from_values(scheme, sheets, roster)
    evidence = facts.evidence.astype(object)
    for field in ("centre_built", "towns", "leading_group"):
        evidence.loc[NASTY, field] = HOSTILE
    problem = Problem(
        "D102", HOSTILE, HOSTILE, HOSTILE, Place(f"{HOSTILE}.xlsx", "填报", "D7", "towns", NASTY), clause=HOSTILE
    )
    return dataclasses.replace(
        facts, evidence=evidence, reasons={(NASTY, "poverty_level"): HOSTILE}, problems=(*facts.problems, problem)
    )


def made_round(folder: Path, facts: Facts, on: str = "2020-06-30") -> Round:
    """A finished round without workbooks: its database is written from the facts."""
    rnd = create_round(folder, facts.scheme, on, facts.roster, clock=lambda: "2020-07-01T00:00:00+00:00")
    write_database(folder / "results" / "round.sqlite", decide(score(facts)))
    return rnd


@pytest.fixture(scope="session")
def hubei_round(tmp_path_factory: pytest.TempPathFactory) -> Round:
    return made_round(tmp_path_factory.mktemp("轮 {1}") / "round", hubei_facts())
