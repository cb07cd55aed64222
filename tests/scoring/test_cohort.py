"""Places and shares of a cohort against an oracle of plain loops: exact where all is known, never too narrow else."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from evaltool.scoring.cohort import across, cohorts, rank, relative
from evaltool.scoring.columns import INF, Label, Num, Truth, interval, number

F = Fraction
Person = tuple[Any, str, bool]  # value, group, whether he is out


def place(people: list[Person], me: int, ties: str, low_first: bool) -> Fraction:
    mine, group, _ = people[me]
    others = [x for i, (x, g, out) in enumerate(people) if g == group and not out and i != me]
    ahead = [x for x in others if (x < mine if low_first else x > mine)]
    equal = sum(x == mine for x in others)
    return {
        "min": F(1 + len(ahead)), "max": F(1 + len(ahead) + equal),
        "mean": 1 + len(ahead) + F(equal, 2), "dense": F(1 + len(set(ahead))),
    }[ties]  # fmt: skip


def share_of(people: list[Person], me: int, to: str, lower: bool) -> Fraction | None:
    mine, group, _ = people[me]
    all_ = [x for i, (x, g, out) in enumerate(people) if g == group and (not out or i == me)]
    if to == "best" and lower:
        return F(min(all_)) / mine if mine else None
    below = F(max(all_)) if to == "best" else F(sum(all_)) / (len(all_) if to == "mean" else 1)
    return F(mine) / below if below else None


def column(values: list[Any], exact: bool = True) -> np.ndarray:
    made = np.empty(len(values), object if exact else float)
    made[:] = values
    return made


def society(rng: Random, least: int) -> tuple[list[Person], Num, Label, Truth, list[list[Person]]]:
    """People some of whose values, groups or being out nobody knows, as columns, and ways in which it may turn out."""
    n = rng.randrange(1, 7)
    low = [rng.randrange(least, 6) for _ in range(n)]
    high = [x + (rng.choice((0, 1, 4)) if rng.random() < 0.5 else 0) for x in low]
    mask = [rng.choice((1, 1, 2, 2, 3)) if rng.random() < 0.4 else 1 for _ in range(n)]
    surely = np.array([rng.random() < 0.15 for _ in range(n)], bool)
    maybe = surely | np.array([rng.random() < 0.2 for _ in range(n)], bool)
    ways = [
        [
            (
                rng.choice((low[i], high[i], F(rng.randrange(low[i] * 2, high[i] * 2 + 1), 2))),
                {1: "甲", 2: "乙", 3: rng.choice("甲乙")}[mask[i]],
                bool(maybe[i] and (surely[i] or rng.random() < 0.5)),
            )
            for i in range(n)
        ]
        for _ in range(30)
    ]
    ranges = interval(column(low), column(high))
    return ways[0], ranges, Label(np.array(mask, np.int64), ("甲", "乙")), Truth(surely, maybe), ways


@pytest.mark.parametrize("ties", ["min", "max", "mean", "dense"])
@pytest.mark.parametrize("low_first", [False, True])
def test_places_of_known_values_are_exact(ties, low_first):
    rng = Random(1)
    for _ in range(150):
        n = rng.randrange(1, 9)
        people = [
            (F(rng.randrange(-4, 5), rng.choice((1, 2))), rng.choice("甲乙"), rng.random() < 0.2) for _ in range(n)
        ]
        out = np.array([p[2] for p in people], bool)
        groups = cohorts(
            Label(np.array(["甲乙".index(p[1]) + 1 for p in people], np.int64), ("甲", "乙")), Truth(out, out), n
        )
        wanted = [place(people, i, ties, low_first) for i in range(n)]
        for exact in (True, False):
            values = column([p[0] for p in people], exact)
            found, _ = rank(Num(values, values), groups, low_first, ties, False)
            assert found.hi is found.lo
            assert [x for x, o in zip(found.lo, out, strict=True) if not o] == [
                x for x, o in zip(wanted, out, strict=True) if not o
            ]
            shares, alone = rank(Num(values, values), groups, low_first, ties, True)
            for i, person in enumerate(people):
                others = sum(p[1] == person[1] and not p[2] for j, p in enumerate(people) if j != i)
                assert alone[i] == (others == 0)
                if others and not person[2]:
                    assert abs(shares.lo[i] - (wanted[i] - 1) / others) < 1e-12
                    assert shares.lo[i] == shares.hi[i]


@pytest.mark.parametrize("ties", ["min", "max", "mean", "dense"])
@pytest.mark.parametrize("low_first", [False, True])
def test_places_span_every_outcome(ties, low_first):
    rng, tight = Random(2), []
    for _ in range(80):
        _, ranges, groups, out, ways = society(rng, -3)
        found, _ = rank(ranges, cohorts(groups, out, len(out.lo)), low_first, ties, False)
        shares, _ = rank(ranges, cohorts(groups, out, len(out.lo)), low_first, ties, True)
        for i in np.flatnonzero(~out.lo):
            seen = []
            for way in ways:
                if way[i][2]:
                    continue
                here = place(way, i, ties, low_first)
                seen.append(here)
                assert found.lo[i] <= here <= found.hi[i]
                others = sum(p[1] == way[i][1] and not p[2] for j, p in enumerate(way) if j != i)
                if others:
                    assert shares.lo[i] <= (here - 1) / others <= shares.hi[i]
            tight.append(bool(seen) and min(seen) == found.lo[i] and max(seen) == found.hi[i])
    assert sum(tight) > 0.6 * len(tight)


@pytest.mark.parametrize(("to", "lower"), [("best", False), ("best", True), ("mean", False), ("sum", False)])
@pytest.mark.parametrize("least", [0, -3])
def test_shares_of_the_cohort_span_every_outcome(to, lower, least):
    rng, tight = Random(3), []
    for _ in range(100):
        people, ranges, groups, out, ways = society(rng, least)
        n = len(people)
        found, zero = relative(ranges, cohorts(groups, out, n), to, lower, number(100, n, True))
        for i in np.flatnonzero(~out.lo):
            seen = []
            for way in ways:
                ratio = None if way[i][2] else share_of(way, i, to, lower)
                if ratio is not None:
                    seen.append(100 * ratio)
                    assert not zero[i]
                    assert found.lo[i] <= 100 * ratio <= found.hi[i], (way, i)
            tight.append(bool(seen) and abs(min(seen) - found.lo[i]) < 1e-9 and abs(max(seen) - found.hi[i]) < 1e-9)
        values = column([p[0] for p in people])
        known = Truth(*[np.array([p[2] for p in people], bool)] * 2)
        labels = Label(np.array(["甲乙".index(p[1]) + 1 for p in people], np.int64), ("甲", "乙"))
        for exact in (True, False):
            plain = values if exact else values.astype(float)
            sure, zero = relative(
                Num(plain, plain), cohorts(labels, known, n), to, lower, number(100 if exact else 100.0, n, exact)
            )
            for i, person in enumerate(people):
                ratio = None if person[2] else share_of(people, i, to, lower)
                if ratio is not None:
                    assert abs(sure.lo[i] - 100 * ratio) < 1e-9
                    assert abs(sure.hi[i] - 100 * ratio) < 1e-9
                elif not person[2]:
                    assert zero[i]
    assert sum(tight) > (0.5 if least == 0 else 0.2) * len(tight)


def test_an_open_end_says_nothing_more_than_it_must():
    low, high = column([3, 0, 5]), column([3, INF, 5])
    everybody = cohorts(None, None, 3)
    ends = [
        relative(interval(low, high), everybody, to, False, number(1, 3, True))[0] for to in ("best", "mean", "sum")
    ]
    assert [list(zip(x.lo, x.hi, strict=True)) for x in ends] == [
        [(0, F(3, 5)), (0, 1), (0, 1)],
        [(0, F(9, 8)), (0, 3), (0, F(15, 8))],
        [(0, F(3, 8)), (0, 1), (0, F(5, 8))],
    ]


def test_what_everybody_of_a_group_sees():
    groups = Label(np.array([1, 1, 2, 3], np.int64), ("甲", "乙"))
    values = column([4, 8, 5, 6])
    seen, few = across("mean", Num(values, values), cohorts(groups, None, 4), F(1, 2))
    assert list(zip(seen.lo, seen.hi, strict=True)) == [(6, 6), (6, 6), (5, F(11, 2)), (5, 6)]
    assert not few.any()
