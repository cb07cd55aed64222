"""Scoring whole columns of ratios gives what scoring number by number gives: every result, range, fault and problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from oracle.test_oracle import HUBEI, PROJECTS, hubei_sheet, project_sheet

from evaltool.cases import rounds
from evaltool.facts import OFFICIAL, Facts
from evaltool.intake import from_values
from evaltool.scheme import load, load_folder
from evaltool.scheme.catalogue import entries
from evaltool.scoring import Label, Num, score
from evaltool.scoring.columns import INF
from evaltool.scoring.engine import Outcome, score_layer
from evaltool.scoring.ratios import Ratios
from scoring import all_kinds
from scoring.editions import edition


def parts(outcome: Outcome) -> Iterator[tuple[str, Any]]:
    """Everything that an outcome says, as plain lists."""
    columns = {"result": outcome.results, "value": outcome.values, "out": outcome.outs, "duty": outcome.duties}
    for what, found in columns.items():
        for key, column in found.items():
            if isinstance(column, Label):
                yield f"{what} {key}", (column.options, column.mask.tolist())
            else:
                yield f"{what} {key}", (column.lo.tolist(), column.hi.tolist())
    for i, fault in enumerate(outcome.faults):
        yield f"fault {i}", (fault.code, fault.indicator, fault.row_of, fault.mask.tolist())


def alike(facts: Facts) -> tuple[int, int]:
    """Both ways give the same; how many number columns were compared, and how many of them were kept as ratios."""
    fast, exact = score(facts), score(facts, fast=False)
    assert fast.problems == exact.problems
    compared = ratios = 0
    for layer, outcome in exact.outcomes.items():
        assert dict(parts(fast.outcomes[layer])) == dict(parts(outcome))
        for key, column in fast.outcomes[layer].results.items():
            if isinstance(column, Num):
                assert not isinstance(outcome.results[key].lo, Ratios), key
                assert all(type(x) in (int, Fraction) or abs(x) == INF for x in column.lo.tolist()), key
                compared, ratios = compared + 1, ratios + isinstance(column.lo, Ratios)
    return compared, ratios


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.id}/{entry.valid_from}")
def test_the_cases_of_every_edition(entry):
    scheme = load_folder(entry.folder)
    for one in rounds(scheme):
        facts = from_values(scheme, one.sheets)
        if one.before:
            facts = replace(facts, previous=from_values(scheme, one.before))
        compared, ratios = alike(facts)
        assert ratios == compared


@pytest.mark.parametrize(("scheme_id", "make"), [(HUBEI, hubei_sheet), (PROJECTS, project_sheet)])
@pytest.mark.parametrize("kind", ["edge", "known", "few", "many"])
def test_random_sheets(scheme_id, make, kind):
    rng = Random(kind)
    compared, ratios = alike(from_values(load(scheme_id), {str(i): make(rng, kind) for i in range(60)}))
    assert ratios == compared


@pytest.mark.parametrize("chance", [0, 0.03, 0.3])
def test_every_rule_kind(tmp_path, chance):
    rng = Random(11)
    scheme = edition(tmp_path, all_kinds.BODY)
    sheets = [all_kinds.opened(rng, all_kinds.sheet(rng), chance)[0] for _ in range(80)]
    facts = from_values(scheme, {str(i): sheet for i, sheet in enumerate(sheets)})
    compared, ratios = alike(facts)
    assert ratios > 0.9 * compared
    floats = score_layer(scheme, facts.layers[OFFICIAL], exact=False)
    assert not any(isinstance(x.lo, Ratios) for x in floats.results.values() if isinstance(x, Num))
