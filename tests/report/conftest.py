"""Small rounds, made of plain values, with hostile text in every slot of one county."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
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
from evaltool.scheme import Scheme, load, load_folder
from evaltool.scoring import score
from tests.report.browsers import chromium

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


MONEY = {
    "scheme.yaml": """\
format: 1
id: shili/money
name: 只核资金
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {}
blank: {means: pending, question: Q1}
fields:
  all_money: {name: 总额, type: money, unit: 万元, cite: [BF/5]}
  train:     {name: 培训, type: money, unit: 万元, cite: [BF/5]}
funds:
  pot: {name: 资金, total: all_money, uses: {training: {name: 培训, amount: train, at_most: 10%, cite: [BF/5]}}}
open_questions:
  Q1: {clause: BF/5, question: 没有填的怎样看, reading: 待补}
""",
    "sources.yaml": "format: 1\nBF:\n  title: 示例（虚构）\n  clauses:\n    '5': {gist: 培训至多一成}\n",
    "cases.yaml": "format: 1\nbase: {all_money: 100, train: 10}\ncases: []\n",
}


def money_only(folder: Path) -> Scheme:
    """An edition with funds and nothing to score: no total, no grade, no indicator."""
    here = folder / "shili" / "money" / "2024-01-01"
    here.mkdir(parents=True)
    for name, text in MONEY.items():
        (here / name).write_text(text, encoding="utf-8")
    return load_folder(here)


def made_round(folder: Path, facts: Facts, on: str = "2020-06-30") -> Round:
    """A finished round without workbooks: its database is written from the facts."""
    rnd = create_round(folder, facts.scheme, on, facts.roster, clock=lambda: "2020-07-01T00:00:00+00:00")
    write_database(folder / "results" / "round.sqlite", decide(score(facts)))
    return rnd


@pytest.fixture(scope="session")
def hubei_round(tmp_path_factory: pytest.TempPathFactory) -> Round:
    return made_round(tmp_path_factory.mktemp("轮 {1}") / "round", hubei_facts())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium for the pages of a module."""
    with chromium() as started:
        yield started
