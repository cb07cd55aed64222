"""Official systems of other countries, written in the definition language alone.

Each has examples worked out by hand beside it, and a small oracle that computes the same rules by itself: both must
come out exactly the same for two hundred subjects with values on every edge.
"""

from __future__ import annotations

import random
from fractions import Fraction
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
EDGE = Fraction(1, 10**40)  # a root may be told a little wider or narrower
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


def test_what_nobody_can_read_spans_what_it_may_be(system):
    """Cells that nobody can read, against two ways of filling them: no result leaves the range that was told."""
    name, scheme = system
    rng = random.Random(f"{name} unread")
    pool = getattr(home(name), f"{name}_inputs")(rng)
    full = rng.sample(pool, 6)
    holes = [(i, key) for i, sheet in enumerate(full) for key in sheet if key != "lists" and rng.random() < 0.1]
    holes = [hole for hole in holes if scheme.edition.fields[hole[1]].scope == "subject"]
    open_ = scored(scheme, *filled(full, dict.fromkeys(holes, "读不出")))
    for _ in range(2):
        told = scored(scheme, *filled(full, {(i, key): rng.choice(pool).get(key) for i, key in holes}))
        wrong = [key for key in scheme.edition.indicators if not all(spans(open_, told, key))]
        assert not wrong


def filled(sheets: list[Any], cells: dict[tuple[int, str], Any]) -> list[Any]:
    changed = [dict(sheet) for sheet in sheets]
    for (i, key), value in cells.items():
        changed[i][key] = value
    return changed


def spans(open_: Scores, told: Scores, key: str) -> list[bool]:
    """Of every subject (or row): whether what is told lies in what was open."""
    a, b = open_.column(OFFICIAL, key), told.column(OFFICIAL, key)
    outs = [scores.out(OFFICIAL, key) for scores in (open_, told)]
    if isinstance(a, Label) and isinstance(b, Label):
        inside = (b.mask & ~a.mask) == 0
    elif isinstance(a, Num) and isinstance(b, Num):
        inside = (a.lo - EDGE <= b.lo) & (b.hi <= a.hi + EDGE)
    else:
        assert isinstance(a, Truth)
        assert isinstance(b, Truth)
        inside = (a.lo <= b.lo) & (b.hi <= a.hi)
    never = [False] * len(inside)
    may, must, gone = (
        never if outs[0] is None else outs[0].hi, never if outs[0] is None else outs[0].lo,
        never if outs[1] is None else outs[1].lo,
    )  # fmt: skip
    return [
        (maybe if out else fits and not surely)
        for fits, maybe, surely, out in zip(inside, may, must, gone, strict=True)
    ]
