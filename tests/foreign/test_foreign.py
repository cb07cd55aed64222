"""Official systems of other countries, written in the definition language alone.

Each has examples worked out by hand beside it, and a small oracle that computes the same rules by itself: both must
come out exactly the same for two hundred subjects with values on every edge.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from evaltool.cases import run_cases
from evaltool.facts import OFFICIAL
from evaltool.scheme import Scheme, dialect
from evaltool.scoring import Num, Scores
from evaltool.scoring.columns import Label, Truth
from tests.foreign import more_oracles, oracles
from tests.scoring.editions import edition, scored

SYSTEMS = Path(__file__).parent / "systems"
NAMES = sorted(path.stem for path in SYSTEMS.glob("*.yaml"))


@pytest.fixture(scope="module", params=NAMES)
def system(request, tmp_path_factory) -> tuple[str, Scheme]:
    document, problems = dialect.read(SYSTEMS / f"{request.param}.yaml")
    assert not problems
    folder = tmp_path_factory.mktemp("foreign") / request.param
    return request.param, edition(folder, document.tree["scheme"], cases="format: 1\n" + document.tree["cases"])


def home(name: str) -> Any:
    return oracles if hasattr(oracles, name) else more_oracles


def results(scores: Scores, key: str) -> list[Any]:
    """Numbers and labels as the oracles give them, None where it is not counted, the ends of what is not decided."""
    column, out = scores.column(OFFICIAL, key), scores.out(OFFICIAL, key)
    if isinstance(column, Label | Truth):
        found: list[Any] = [scores.text(OFFICIAL, key, row) for row in range(len(scores.facts.codes))]
    else:
        assert isinstance(column, Num)
        found = [low if low == high else (low, high) for low, high in zip(column.lo, column.hi, strict=True)]
    assert out is None or out.known.all()
    return found if out is None else [None if gone else x for x, gone in zip(found, out.lo, strict=True)]


def test_the_examples_come_out_as_written(system):
    found = run_cases(system[1])
    assert found
    assert not [str(problem) for result in found for problem in result.problems]


def test_an_oracle_comes_to_the_same(system):
    name, scheme = system
    sheets = getattr(home(name), f"{name}_inputs")(random.Random(name))
    expected = getattr(home(name), name)(sheets)
    assert len(sheets) >= 50
    scores = scored(scheme, *sheets)
    for key in {key for one in expected for key in one}:
        found = results(scores, key)
        wrong = [(i, found[i], one[key]) for i, one in enumerate(expected) if key in one and found[i] != one[key]]
        assert not wrong, (key, len(wrong), wrong[:3])
