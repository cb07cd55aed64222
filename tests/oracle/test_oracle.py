"""Two editions scored twice: by the engine and, exactly and independently, by hand. Not one point may differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from evaltool.facts import OFFICIAL
from evaltool.intake import from_values
from evaltool.scheme import load
from evaltool.scoring import Label, Num, Scores, Truth, score
from oracle import hubei, making, projects
from oracle.hubei import Verdict

HUBEI, PROJECTS = "hubei/ecommerce_rural", "hubei/project_self_evaluation"
BATCH, BATCHES = 500, 21
# formulas that name something twice: the engine's range may be wider than what can really happen, never narrower
REPEATED = {"Z6", "Z7", "Z10", "GOALS"}
# a failure shows the sheet itself; shrinking a batch of five hundred would take minutes and show nothing more
BY_HAND = settings(
    max_examples=BATCHES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
)  # fmt: skip


def hubei_sheet(rng: Random, kind: str) -> making.Sheet:
    if kind == "edge":
        return making.to_the_edge(rng, making.county(rng, 0))
    return making.county(rng, {"known": 0, "few": 0.02, "many": 0.3}[kind])


def project_sheet(rng: Random, kind: str) -> making.Sheet:
    if kind == "edge":
        return making.project_to_the_edge(rng, making.project(rng, 0))
    return making.project(rng, {"known": 0, "few": 0.05, "many": 0.3}[kind])


def differences(scores: Scores, row: int, hand: Verdict, seen: Counter) -> list[str]:
    """What the engine says otherwise than the oracle about one subject."""
    found, wide = [], set()
    for key, (low, high) in hand.points.items():
        column = scores.column(OFFICIAL, key)
        assert isinstance(column, Num)
        ours = column.lo[row], column.hi[row]
        if ours == (low, high):
            seen["points"] += 1
            continue
        children = scores.scheme.children.get(key, ())
        if ours[0] <= low and high <= ours[1] and (key in REPEATED or wide & set(children)):
            wide.add(key)
            seen["wider"] += 1
        else:
            found.append(f"{key}: engine {ours}, by hand {(low, high)}")
    for key, held in hand.events.items():
        column = scores.column(OFFICIAL, key)
        assert isinstance(column, Truth)
        if (column.lo[row], column.hi[row]) != (held is True, held is not False):
            found.append(f"{key}: engine {column.lo[row]}..{column.hi[row]}, by hand {held}")
    if hand.grades:
        column = scores.column(OFFICIAL, scores.scheme.grade or "")
        assert isinstance(column, Label)
        possible = scores.possible_grades(OFFICIAL, str(scores.facts.codes[row]))
        same = set(hand.grades) <= set(possible) if "TOTAL" in wide else hand.grades == possible
        if not same:
            found.append(f"grade: engine {possible}, by hand {hand.grades}")
    return found


def faults(scores: Scores) -> dict[str, set[tuple[str, str]]]:
    """Subject → (code, indicator or numbered row) of everything that could not be computed."""
    found: dict[str, set[tuple[str, str]]] = {str(code): set() for code in scores.facts.codes}
    for fault in scores.outcomes[OFFICIAL].faults:
        rows = scores.facts.layers[OFFICIAL].lists[fault.row_of] if fault.row_of else None
        for line in fault.mask.nonzero()[0]:
            if rows is None:
                found[str(scores.facts.codes[line])].add((fault.code, fault.indicator))
            else:
                first = int((rows.owner < rows.owner[line]).sum())
                found[str(scores.facts.codes[rows.owner[line]])].add((fault.code, f"{fault.indicator}[{line - first}]"))
    return found


def compare(
    scheme_id: str, sheets: list[making.Sheet], judge: Callable[[Any], Verdict], edges: tuple[int, ...], seen: Counter
) -> None:
    scores = score(from_values(load(scheme_id), {str(i): sheet for i, sheet in enumerate(sheets)}))
    trouble = faults(scores)
    for row, sheet in enumerate(sheets):
        hand = judge(sheet)
        found = differences(scores, row, hand, seen)
        if trouble[str(row)] != hand.faults:
            found.append(f"faults: engine {trouble[str(row)]}, by hand {hand.faults}")
        assert not found, f"{found}\n{sheet}"
        low, high = hand.points["TOTAL"]
        seen["sheets"] += 1
        seen["known"] += low == high
        seen["on an edge"] += low == high and low in edges
        seen["beside an edge"] += low == high and any(0 < abs(low - edge) < 0.2 for edge in edges)


CASES = [
    (HUBEI, hubei_sheet, hubei.judge, making.EDGES),
    (PROJECTS, project_sheet, projects.judge, making.PROJECT_EDGES),
]


@pytest.mark.parametrize(("scheme_id", "make", "judge", "edges"), CASES, ids=["hubei", "projects"])
def test_the_engine_scores_as_by_hand(scheme_id, make, judge, edges, capsys):
    seen: Counter = Counter()

    @BY_HAND
    @given(
        seed=st.integers(0, 2**64 - 1),
        kinds=st.lists(st.sampled_from(["edge", "known", "few", "many"]), min_size=3, max_size=3),
    )
    def batches(seed: int, kinds: list[str]) -> None:
        rng = Random(seed)
        compare(scheme_id, [make(rng, ["edge", *kinds][i % 4]) for i in range(BATCH)], judge, edges, seen)

    batches()
    assert seen["sheets"] >= 10_000
    assert seen["on an edge"] >= 900
    assert seen["beside an edge"] >= 900
    assert seen["wider"] < seen["points"] / 20
    with capsys.disabled():
        print(f"\n{scheme_id}: {dict(seen)}")
