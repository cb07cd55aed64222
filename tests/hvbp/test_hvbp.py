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
from evaltool.cases import run_cases
from evaltool.facts import OFFICIAL, Facts
from evaltool.scoring import Num, Scores
from evaltool.scoring.engine import score_layer
from evaltool.scoring.ratios import Ratios
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
COLUMNS = {
    **{NODES[name]: column for name, column in PUBLISHED.items()},
    "BASE": "hcahps_base",
    "CONS": "hcahps_consistency",
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
    """The inputs alone, through the project's own table input; the combined SSI score is one of them."""
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


def test_the_cases_of_the_edition(facts):
    found = run_cases(facts.scheme)
    assert len(found) > 30
    assert not [problem for result in found for problem in result.problems]


def test_every_published_point_comes_out(scores, measures):
    """Achievement, improvement and measure score of every hospital and measure, exactly, and nothing where none is."""
    table = scores.facts.layers[OFFICIAL].lists["measures"].table
    place = {row: i for i, row in enumerate(zip(scores.facts.codes.repeat(21), table.values["measure"], strict=True))}
    counts = dict.fromkeys(("achieved", "improved", "score"), 0)
    wrong = []
    names = zip(counts, ("achievement_points", "improvement_points", "measure_score"), strict=True)
    for key, name in names:
        found = results(scores, key)
        for row in measures:
            published = int(row[name]) if row[name] else None
            if found[place[row["facility"], row["measure"]]] != published:
                wrong.append((key, row, found[place[row["facility"], row["measure"]]]))
            counts[key] += published is not None
    print("点数：", counts, "不同：", len(wrong))
    assert not wrong
    assert counts == {"achieved": 43_688, "improved": 42_870, "score": 43_688}


def test_every_published_domain_and_total_comes_out(scores, totals):
    counts, wrong = dict.fromkeys([*COLUMNS, "TOTAL"], 0), []
    for key, name in {**COLUMNS, "TOTAL": "total_performance_score"}.items():
        for code, found in zip(scores.facts.codes, results(scores, key), strict=True):
            if not near(found, totals[code][name]):
                wrong.append((key, code, found, totals[code][name]))
            counts[key] += found is not None
    print("得分：", counts, "不同：", len(wrong))
    assert not wrong
    assert counts == {
        "CLIN": 2413,
        "SAFE": 2107,
        "EFFI": 2472,
        "ENGA": 2467,
        "BASE": 2467,
        "CONS": 2467,
        "TOTAL": HOSPITALS,
    }


def test_engine_and_oracle_agree_digit_by_digit(scores, oracle):
    """Closer than the published decimals can show: domain scores and totals are the same fractions."""
    for name, key in NODES.items():
        assert results(scores, key) == [oracle[code].domains[name] for code in scores.facts.codes]
    assert results(scores, "TOTAL") == [oracle[code].total for code in scores.facts.codes]


def test_whole_columns_and_single_numbers_agree(facts, scores):
    """Every result and value is the same when each number is computed by itself."""
    columns = scores.outcomes[OFFICIAL]
    singles = score_layer(facts.scheme, facts.layers[OFFICIAL], confirmed=True, fast=False)
    compared = 0
    for ours, theirs in ((columns.results, singles.results), (columns.values, singles.values)):
        assert ours.keys() == theirs.keys()
        for key, column in ours.items():
            assert isinstance(column, Num)
            assert isinstance(column.lo, Ratios)
            for end in ("lo", "hi"):
                assert getattr(column, end).tolist() == getattr(theirs[key], end).tolist(), key
            compared += len(column.lo)
    assert compared > 6 * PAIRS


def test_nothing_waits_and_nothing_is_wrong(scores):
    assert scores.problems == ()
    assert [
        code for code, total in zip(scores.facts.codes, results(scores, "TOTAL"), strict=True) if total is None
    ] == []


def results(scores: Scores, key: str) -> list[Fraction | None]:
    """The results of an indicator, None where it is not counted; every one is known."""
    column, out = scores.column(OFFICIAL, key), scores.out(OFFICIAL, key)
    assert isinstance(column, Num)
    assert (out.known & column.known).all() if out else column.known.all()
    values = column.lo.astype(object)
    if out:
        values[out.lo] = None
    return values.tolist()


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
