"""Ranges are never too narrow: whatever an unknown cell turns out to be, the result lies inside."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from evaltool.facts import OFFICIAL
from evaltool.scheme.formula import parse
from evaltool.scheme.looks import needed_names
from evaltool.scoring import Label, Num, Truth, score
from evaltool.scoring.engine import open_space, score_layer
from evaltool.scoring.formulas import evaluate
from scoring import all_kinds
from scoring.editions import edition, facts

FAMILIES = 400


@pytest.fixture(scope="module")
def scheme(tmp_path_factory):
    return edition(tmp_path_factory.mktemp("all_kinds"), all_kinds.BODY)


def families(rng: Random, chance: float):
    """Sheets one after another: a bare one, then its completions; and where the completions of each bare one stand."""
    sheets, groups = [], []
    for _ in range(FAMILIES):
        bare, filled = all_kinds.opened(rng, all_kinds.sheet(rng), chance)
        groups.append((len(sheets), list(range(len(sheets) + 1, len(sheets) + 1 + len(filled)))))
        sheets += [bare, *filled]
    return sheets, groups


def inside(column, one: int, all_: list[int], out: Truth | None = None) -> bool:
    if out is not None:
        if not (out.lo[one] <= min(out.lo[all_]) and max(out.hi[all_]) <= out.hi[one]):
            return False
        all_ = [row for row in all_ if not out.lo[row]]
        if not all_:
            return True
    if isinstance(column, Label):
        return not np.bitwise_or.reduce(column.mask[all_]) & ~column.mask[one]
    assert isinstance(column, Num | Truth)
    return bool(column.lo[one] <= min(column.lo[all_]) and max(column.hi[all_]) <= column.hi[one])


def below(scheme, key: str) -> set[str]:
    """An indicator and everything it is made of."""
    found = {key}
    for child in scheme.children.get(key, ()):
        found |= below(scheme, child)
    if key in scheme.indicators:
        for name in needed_names(scheme.indicators[key]):
            found |= below(scheme, name) if name in scheme.indicators else set()
    return found


@pytest.mark.parametrize("chance", [0.03, 0.15, 0.5])
def test_every_rule_kind_holds_every_completion(scheme, chance):
    sheets, groups = families(Random(int(chance * 100)), chance)
    outcome = score_layer(scheme, facts(scheme, *sheets).layers[OFFICIAL])
    faulty: dict[str, set[int]] = {}
    owner = facts(scheme, *sheets).layers[OFFICIAL].lists["t"].owner
    for fault in outcome.faults:
        rows = fault.mask.nonzero()[0]
        faulty.setdefault(fault.indicator, set()).update((owner[rows] if fault.row_of else rows).tolist())
    compared = 0
    for key, column in outcome.results.items():
        if key in scheme.indicators and scheme.indicators[key].per:
            continue
        wrong = set().union(*(faulty.get(part, set()) for part in below(scheme, key)))
        for one, completions in groups:
            sound = [
                row for row in completions if row not in wrong
            ]  # a zero divisor or an impossible target is no answer
            if sound:
                out = outcome.outs.get(key)
                assert inside(column, one, sound, out), (key, sheets[one], [sheets[row] for row in sound])
                compared += len(sound)
    assert compared > 100_000


# --- formulas, without the checks of units that a scheme would make ---

BODY = """
fields:
  a: {name: 甲, type: number, unit: 个, between: [-3, 4]}
  b: {name: 乙, type: number, unit: 个, between: [-3, 4]}
  c: {name: 丙, type: count, unit: 个}
  e: {name: 丁, type: number, unit: 个}
  p: {name: 一, type: yesno}
  q: {name: 二, type: yesno}
  g: {name: 类, type: choice, options: [东, 西]}
  d: {name: 日, type: date}
lists:
  t:
    name: 表
    rows_from: subject
    columns:
      v: {name: 数, type: number, unit: 个, between: [-3, 4]}
      k: {name: 成, type: yesno}
indicators:
  X: {name: 项, value: a + b + c + e, unit: 个, rule: {kind: steps, steps: [
    {when: p or q or g == '东' or d <= '2020-06-30', gives: 1}, {otherwise: true, gives: 0}]}}
"""


def number_text(rng: Random, depth: int) -> str:
    if depth == 0:
        plain = [
            "a",
            "b",
            "c",
            "e",
            "2",
            "0",
            "0.5",
            "sum(t.v)",
            "count(t.k)",
            "count(t)",
            "mean(t.v)",
            "count(t.v >= a)",
        ]
        rare = ["min(t.v)", "max(t.v * 2 - t.v)", "days(d, '2020-06-30')"]
        return rng.choice(plain if rng.random() < 0.97 else rare)
    left, right = number_text(rng, depth - 1), number_text(rng, rng.randrange(depth))
    match rng.choice(("+", "-", "*", "/", "min", "max", "neg")):
        case "min" | "max" as name:
            return f"{name}({left}, {right})"
        case "neg":
            return f"(- {left})"
        case op:
            return f"({left} {op} {right})"


def truth_text(rng: Random, depth: int) -> str:
    if depth == 0:
        op = rng.choice(("<", "<=", ">", ">=", "==", "!="))
        return rng.choice(
            [
                "p",
                "q",
                "g == '东'",
                "g != '西'",
                "d <= '2020-06-30'",
                f"({number_text(rng, 1)} {op} {number_text(rng, 1)})",
            ]
        )
    match rng.choice(("and", "or", "not")):
        case "not":
            return f"(not {truth_text(rng, depth - 1)})"
        case op:
            return f"({truth_text(rng, depth - 1)} {op} {truth_text(rng, rng.randrange(depth))})"


def answer(rng: Random, key: str):
    match key:
        case "p" | "q" | "k":
            return rng.random() < 0.5
        case "g":
            return rng.choice("东西")
        case "d":
            return rng.choice(("2020-06-30", "2020-07-01"))
        case "c":
            return rng.choice((0, 1, 2, 50))
        case "e":
            return rng.choice((-40, -1, 0, 1, 7))
        case _:
            return rng.choice((-3, -1, 0, 1, 2, 4))


def test_every_formula_holds_every_completion(tmp_path):
    rng, scheme = Random(7), edition(tmp_path, BODY)
    sheets, groups = [], []
    for _ in range(60):
        full = {key: answer(rng, key) for key in "abcepqgd"}
        full["lists"] = {"t": [{key: answer(rng, key) for key in "vk"} for _ in range(rng.choice((0, 1, 3)))]}
        cells = [(key,) for key in "abcepqgd" if rng.random() < 0.3]
        cells += [("lists", "t", i, key) for i in range(len(full["lists"]["t"])) for key in "vk" if rng.random() < 0.3]
        family = [all_kinds.copied(full) for _ in range(6)]
        for cell in cells:
            all_kinds.put(family[0], cell, "读不出")
            for one in family[2:]:
                all_kinds.put(one, cell, answer(rng, cell[-1]))
        if rng.random() < 0.1:
            family[0]["lists"]["t"] = "读不出"
        groups.append((len(sheets), list(range(len(sheets) + 1, len(sheets) + 6))))
        sheets += family
    space = open_space(scheme, facts(scheme, *sheets).layers[OFFICIAL])
    compared = known = 0
    for i in range(700):
        text = number_text(rng, i % 4) if i % 2 else truth_text(rng, i % 4)
        space.pop()
        column = evaluate(parse(text).tree, space)
        zero = np.zeros(space.n, bool)
        for (_, list_id), mask in space.pop().items():
            zero[space.owners[list_id][mask] if list_id else mask] = True
        for one, completions in groups:
            sound = [row for row in completions if not zero[row]]
            if sound:
                assert inside(column, one, sound), (text, sheets[one], [sheets[row] for row in sound])
                compared += len(sound)
                known += bool(column.known[sound].all())
    assert compared > 100_000
    assert known > 20_000


# --- one county alone, among others, in another order, in floats ---


def results_of(scores, key: str) -> list:
    column = scores.column(OFFICIAL, key)
    if isinstance(column, Label):
        return column.mask.tolist()
    return list(zip(column.lo.tolist(), column.hi.tolist(), strict=True))


def subject_keys(scheme) -> list[str]:
    return [key for key in scheme.order if key not in scheme.indicators or not scheme.indicators[key].per]


def test_a_county_scores_alone_as_among_others_and_in_any_order(scheme):
    rng = Random(3)
    sheets = [all_kinds.opened(rng, all_kinds.sheet(rng), 0.1)[0] for _ in range(60)]
    together = score(facts(scheme, *sheets))
    order = list(range(len(sheets)))
    rng.shuffle(order)
    shuffled = score(facts(scheme, *(sheets[i] for i in order)))
    for key in subject_keys(scheme):
        among = results_of(together, key)
        assert results_of(shuffled, key) == [among[i] for i in order], key
    for i in range(0, len(sheets), 5):
        alone = score(facts(scheme, sheets[i]))
        for key in subject_keys(scheme):
            assert results_of(alone, key) == [results_of(together, key)[i]], (key, sheets[i])


def test_floats_agree_with_exact_numbers_away_from_edges(scheme):
    rng = Random(4)
    sheets = [
        all_kinds.sheet(rng) if i % 2 else all_kinds.opened(rng, all_kinds.sheet(rng), 0.2)[0] for i in range(400)
    ]
    layer = facts(scheme, *sheets).layers[OFFICIAL]
    exact, floats = score_layer(scheme, layer), score_layer(scheme, layer, exact=False)
    edges = {
        "TOTAL",
        "GRADE",
        "WHOLE",
        "EXCEPT",
        "STEPS",
        "CHOSEN",
        "TERMS",
        "STEPT",
        "RANGE",
    }  # steps, whole units and rounding may fall either way
    compared = 0
    for key, column in exact.results.items():
        other = floats.results[key]
        if not isinstance(column, Num) or key in edges:
            continue
        for ours, theirs in ((column.lo, other.lo), (column.hi, other.hi)):
            assert theirs.dtype == np.float64, key
            np.testing.assert_allclose(theirs, ours.astype(float), rtol=1e-9, atol=1e-9, err_msg=key)
            compared += len(ours)
    assert compared > 15_000
    same = exact.results["TOTAL"].lo.astype(float)
    assert np.mean(np.abs(floats.results["TOTAL"].lo - same) < 1e-9) > 0.75  # on an edge floats fall either way
