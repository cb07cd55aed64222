"""An official foreign system, written in the definition language alone, against all that its agency published.

Two witnesses: the edition scored by evaltool, and `oracle.py`, which computes the same rules by itself.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

import evaltool as ev
from evaltool.facts import OFFICIAL, Facts
from evaltool.scoring import Num, Scores
from tests.hvbp.oracle import DOMAINS, Hospital, hospital

HERE = Path(__file__).parent
DATA = HERE / "data"
CLOSE = Fraction(1, 10**9)
NODES = dict(zip(DOMAINS, ("CLIN", "SAFE", "EFFI", "ENGA"), strict=True))
PUBLISHED = {
    "clinical_outcomes": "clinical_unweighted",
    "safety": "safety_unweighted",
    "efficiency_and_cost_reduction": "efficiency_unweighted",
    "person_and_community_engagement": "engagement_unweighted",
}
HOSPITALS, PAIRS = 2474, 51_954


def rows_of(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def measures() -> list[dict[str, str]]:
    return rows_of("measures_long.csv.gz")


@pytest.fixture(scope="module")
def totals() -> dict[str, dict[str, str]]:
    return {row["facility"]: row for row in rows_of("domain_and_total_scores.csv.gz")}


@pytest.fixture(scope="module")
def oracle(measures, totals) -> dict[str, Hospital]:
    lines = (DATA / "thresholds.csv").read_text("utf-8").splitlines()
    thresholds = {row["measure"]: row for row in csv.DictReader(lines)}
    mine = defaultdict(list)
    for row in measures:
        mine[row["facility"]].append(row)
    return {key: hospital(mine[key], thresholds, row["combined_SSI_score"]) for key, row in totals.items()}


@pytest.fixture(scope="module")
def facts() -> Facts:
    """The inputs alone, through the project's own table input: no published result goes in but the combined SSI score."""
    scheme = ev.load("cms/hospital_vbp", editions=[HERE / "editions"])
    inputs = ["facility", "combined_SSI_score"]
    subjects = pd.read_csv(DATA / "domain_and_total_scores.csv.gz", dtype=str, usecols=inputs, keep_default_na=False)
    subjects.columns = ["facility", "ssi"]
    columns = ["facility", "measure", "baseline", "performance"]
    rows = pd.read_csv(DATA / "measures_long.csv.gz", dtype=str, usecols=columns, keep_default_na=False)
    return ev.read_table(scheme, subjects, {"measures": rows}, code="facility")


@pytest.fixture(scope="module")
def scores(facts) -> Scores:
    return ev.score(facts)


def test_the_oracle_agrees_with_everything_published(measures, totals, oracle):
    wrong = []
    for row in measures:
        points = oracle[row["facility"]].points.get(row["measure"], (None, None, None))
        published = [row[name] for name in ("achievement_points", "improvement_points", "measure_score")]
        if ["" if one is None else str(one) for one in points] != published:
            wrong.append(row)
    for key, row in totals.items():
        mine = oracle[key]
        small = ["" if one is None else str(one) for one in (mine.base, mine.consistency)]
        same = small == [row["hcahps_base"], row["hcahps_consistency"]]
        pairs = [(mine.domains[name], row[column]) for name, column in PUBLISHED.items()]
        pairs.append((mine.total, row["total_performance_score"]))
        if not same or not all(near(*pair) for pair in pairs):
            wrong.append(row)
    assert not wrong
    assert (len(totals), len(measures)) == (HOSPITALS, PAIRS)


def near(found: Fraction | None, published: str) -> bool:
    return found is None if published == "" else found is not None and abs(found - Fraction(published)) <= CLOSE


def test_the_table_input_reads_every_cell(facts, measures):
    assert facts.problems == ()
    assert len(facts.codes) == HOSPITALS
    table = facts.layers[OFFICIAL].lists["measures"].table
    assert len(table.values) == PAIRS
    place = {row: i for i, row in enumerate(zip(facts.codes.repeat(21), table.values["measure"], strict=True))}
    for name in ("baseline", "performance"):
        values = table.values[name].tolist()
        found = [values[place[row["facility"], row["measure"]]] for row in measures]
        assert found == [Fraction(row[name]) if row[name] else None for row in measures]
