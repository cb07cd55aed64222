"""Small oracles of foreign systems: inputs by chance, values on the edges, and the results as the rules have them.

Nothing here imports evaltool: fractions and decimals of sixty digits only. None stands for what is not counted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import Any

getcontext().prec = 60
F = Fraction
Sheet = dict[str, Any]
Random = random.Random
N = 200


def dec(x: Any) -> Decimal:
    x = F(x)
    return Decimal(x.numerator) / Decimal(x.denominator)


def rounded(x: Any, places: int, mode: str = "half_up") -> F:
    """A fraction or a decimal, rounded."""
    scaled = F(x) * F(10) ** places
    whole, rest = int(abs(scaled)), abs(scaled) - int(abs(scaled))
    up = mode != "truncate" and (rest > F(1, 2) or (rest == F(1, 2) and (mode == "half_up" or whole % 2)))
    return (whole + up) * (1 if scaled >= 0 else -1) / F(10) ** places


def mean(values: Sequence[Any]) -> Any:
    return sum(values) / F(len(values)) if not isinstance(values[0], Decimal) else sum(values) / len(values)


def percentile(values: Sequence[F], share: F) -> F:
    ordered, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    return ordered[low] if place == low else ordered[low] + (ordered[low + 1] - ordered[low]) * (place - low)


def first(value: Any, edges: Sequence[Any], gives: Sequence[Any], test: Callable[[Any, Any], bool]) -> Any:
    """What the first edge that the value passes gives; the last of `gives` where it passes none."""
    return next((given for edge, given in zip(edges, gives, strict=False) if test(value, edge)), gives[-1])


def at_least(a: Any, b: Any) -> bool:
    return bool(a >= b)


def at_most(a: Any, b: Any) -> bool:
    return bool(a <= b)


def more_than(a: Any, b: Any) -> bool:
    return bool(a > b)


def place(value: Any, others: Sequence[Any], low_first: bool = False) -> int:
    return 1 + sum(other < value if low_first else other > value for other in others)


# hospital-acquired conditions


HAC = ("psi", "clabsi", "cauti", "ssi", "mrsa", "cdi")


def hac_inputs(rng: Random) -> list[Sheet]:
    def sheet(i: int) -> Sheet:
        values = {key: F(rng.randint(0, 40), 10) if rng.random() < 0.8 else None for key in HAC}
        return dict.fromkeys(HAC) if i == 0 else values

    return [sheet(i) for i in range(N)]


def hac(sheets: list[Sheet], places: int = 4) -> list[Sheet]:
    parts: list[list[F]] = [[] for _ in sheets]
    for key in HAC:
        there = [sheet[key] for sheet in sheets if sheet[key] is not None]
        low, high = percentile(there, F(5, 100)), percentile(there, F(95, 100))
        kept = [None if s[key] is None else min(max(s[key], low), high) for s in sheets]
        known = [x for x in kept if x is not None]
        centre = mean(known)
        deviation = dec(sum((x - centre) ** 2 for x in known) / (len(known) - 1)).sqrt()
        for mine, x in zip(parts, kept, strict=True):
            mine += [] if x is None else [rounded(dec(x - centre) / deviation, places)]
    totals = [mean(mine) if mine else None for mine in parts]
    known = [x for x in totals if x is not None]
    cut = percentile(known, F(75, 100))
    return [
        {"TOTAL": x, "RANK": x if x is None else place(x, known, True),
         "CUTS": None if x is None else F(99, 100) if x > cut else 1}
        for x in totals
    ]  # fmt: skip


def hac_rows_inputs(rng: Random) -> list[Sheet]:
    return [{"lists": {"m": [{"rate": sheet[key]} for key in HAC]}} for sheet in hac_inputs(rng)]


def hac_rows(sheets: list[Sheet]) -> list[Sheet]:
    plain = [dict(zip(HAC, (row["rate"] for row in sheet["lists"]["m"]), strict=True)) for sheet in sheets]
    columns = {key: [sheet[key] for sheet in plain if sheet[key] is not None] for key in HAC}
    found = hac(plain, places=10)
    for mine, sheet in zip(found, plain, strict=True):
        there = [place(x, columns[key], True) for key, x in sheet.items() if x is not None]
        mine |= {"MEASURES": len(there), "WORST": max(there, default=None)}
    return found


# star ratings


STARS = (
    ("高", 1, 53, 64, 71, 79), ("高", 3, 53, 68, 75, 82), ("低", 3, 14, 12, 10, 8),
    ("低", 2, F("1.2"), F("0.7"), F("0.36"), F("0.15")), ("高", F("1.5"), 48, 63, 74, 85),
    ("高", 5, F("-0.4"), 0, F("0.2"), F("0.4")),
)  # fmt: skip


def stars_inputs(rng: Random) -> list[Sheet]:
    def row(measure: Any) -> Sheet:
        if rng.random() < 0.2:
            return {}
        edge = rng.choice(measure[2:])
        return {"value": edge + F(rng.choice([-300, -1, 0, 0, 1, 300]), 100)}

    return [{"adjust": rng.choice("一二三四"), "lists": {"m": [row(m) for m in STARS]}} for _ in range(N)]


def stars(sheets: list[Sheet]) -> list[Sheet]:
    plain = []
    for sheet in sheets:
        rated = []
        for i, ((way, weight, *cuts), row) in enumerate(zip(STARS, sheet["lists"]["m"], strict=True)):
            if row:
                test = at_least if way == "高" else at_most
                rated.append((weight, first(row["value"], cuts[::-1], (5, 4, 3, 2, 1), test), i == 5))
        base = [(w, s) for w, s, improvement in rated if not improvement]
        known = len(rated) >= 3
        all_ = sum(w * s for w, s, _ in rated) / F(sum(w for w, *_ in rated)) if known else None
        without = sum(w * s for w, s in base) / F(sum(w for w, _ in base)) if known else None
        spread = None
        if known:
            weight, n = sum(w for w, _ in base), len(base)
            spread = sum(w * (s - without) ** 2 for w, s in base) / F(weight) * F(n, n - 1)
        plain.append((len(rated), all_, without, spread))
    means = [without for *_, without, _ in plain if without is not None]
    spreads = [spread for *_, spread in plain if spread is not None]
    m65, m85, v30, v70 = (percentile(a, F(p, 100)) for a, p in ((means, 65), (means, 85), (spreads, 30), (spreads, 70)))
    results = []
    for sheet, (count, all_, without, spread) in zip(sheets, plain, strict=True):
        if all_ is None:
            results.append({"COUNT": count, "MEAN": None, "REWARD": None, "STARS": None})
            continue
        taken = without if without >= 4 and without > all_ else all_
        level = 2 if without >= m85 else 1 if without >= m65 else 0
        reward = F({2: (4, 3), 1: (2, 1), 0: (0, 0)}[level][0 if spread < v30 else 1], 10) if spread < v70 else F(0)
        adjust = F({"一": "-0.04", "二": "0.0125", "三": "0.07", "四": "0.1"}[sheet["adjust"]])
        total = rounded(min(max(taken + reward + adjust, F(1)), F(5)), 6)
        results.append(
            {"COUNT": count, "MEAN": taken, "VAR": spread, "REWARD": reward, "STARS": rounded(total * 2, 0) / 2}
        )
    return results


# quality and outcomes framework


def qof_inputs(rng: Random) -> list[Sheet]:
    def sheet() -> Sheet:
        chd, dm = rng.choice([0, 1, 20, 100, 300]), rng.choice([0, 40, 60])
        excepted = [rng.randint(0, n) if rng.random() < 0.5 else 0 for n in (chd, chd, dm)]
        reached = [rng.randint(0, n - out) for n, out in zip((chd, chd, dm), excepted, strict=True)]
        if chd == 100 and not excepted[0]:
            reached[0] = rng.choice([52, 53, 54, 92, 93, 94])
        return {
            "patients": rng.randint(500, 9000), "chd": chd, "dm": dm, "chd_bp": reached[0],
            "chd_bp_except": excepted[0], "chd_flu": reached[1], "chd_flu_except": excepted[1], "dm_sugar": reached[2],
            "dm_sugar_except": excepted[2],
            "value_of_point": F("201.16"),
        }  # fmt: skip

    return [sheet() for _ in range(N)]


def _earned(reached: int, of: int, low: int, high: int, points: int) -> F:
    if of <= 0:
        return F(0)
    return rounded(points * min(max((F(reached, of) * 100 - low) / (high - low), F(0)), F(1)), 2)


def qof(sheets: list[Sheet]) -> list[Sheet]:
    patients = sum(s["patients"] for s in sheets)
    chd_uk, dm_uk = F(sum(s["chd"] for s in sheets), patients), F(sum(s["dm"] for s in sheets), patients)
    results = []
    for s in sheets:
        chd = _earned(s["chd_bp"], s["chd"] - s["chd_bp_except"], 53, 93, 17)
        chd += _earned(s["chd_flu"], s["chd"] - s["chd_flu_except"], 56, 96, 7) + (3 if s["chd"] else 0)
        dm = _earned(s["dm_sugar"], s["dm"] - s["dm_sugar_except"], 35, 75, 17)
        size = F(s["patients"] * len(sheets), patients)
        pay = rounded(chd * s["value_of_point"] * size * F(s["chd"], s["patients"]) / chd_uk, 2)
        pay += rounded(dm * s["value_of_point"] * size * F(s["dm"], s["patients"]) / dm_uk, 2)
        results.append({"CHD": chd, "DM": dm, "SIZE": size, "PAY": pay})
    return results


# food hygiene, nutri-score


def fhrs_inputs(rng: Random) -> list[Sheet]:
    scale = ("0", "5", "10", "15", "20", "25")
    return [
        {
            "hygiene": rng.choice(scale),
            "structure": rng.choice(scale),
            "trust": rng.choice(("0", "5", "10", "20", "30")),
        }
        for _ in range(N)
    ]


def fhrs(sheets: list[Sheet]) -> list[Sheet]:
    results = []
    for sheet in sheets:
        parts = [int(x) for x in sheet.values()]
        # the highest rating whose line for the total and whose line for the worst part are both kept
        lines = ((5, 15, 5), (4, 20, 10), (3, 30, 10), (2, 40, 15), (1, 50, 20))
        rating = next((r for r, total, worst in lines if sum(parts) <= total and max(parts) <= worst), 0)
        results.append({"SUM": sum(parts), "RATING": rating})
    return results


def nutri_inputs(rng: Random) -> list[Sheet]:
    def near(*edges: Any) -> F:
        return max(F(rng.choice(edges)) + F(rng.choice([-1, 0, 1]), 10), F(0))

    def sheet() -> Sheet:
        kind = rng.choice(["一般", "奶酪", "饮料"])
        return {
            "kind": kind, "water": "是" if rng.random() < 0.2 else "否",
            "energy": near(*range(0, 3700, 335), *range(0, 300, 30)), "sugar": near(0, "4.5", 9, "13.5", 27, 31, 45, 6),
            "fat": near(*range(12)), "sodium": near(*range(0, 1000, 90)),
            "fruit": F(rng.choice([0, 40, 41, 60, 61, 80, 81]), 100),
            "fibre": near(0, "0.9", "1.9", "2.8", "3.7", "4.7"), "protein": near(0, "1.6", "3.2", "4.8", "6.4", 8),
        }  # fmt: skip

    return [sheet() for _ in range(N)]


def nutri(sheets: list[Sheet]) -> list[Sheet]:
    def count(value: F, edges: Sequence[Any]) -> int:
        return sum(value > F(edge) for edge in edges)

    results = []
    for s in sheets:
        drink = s["kind"] == "饮料"
        energy = range(0, 300, 30) if drink else range(335, 3351, 335)
        sugar = (
            [F(3 * i, 2) for i in range(10)]
            if drink
            else [F(x) for x in ["4.5", "9", "13.5", "18", "22.5", "27", "31", "36", "40", "45"]]
        )
        bad = count(s["energy"], energy) + count(s["sugar"], sugar) + count(s["fat"], range(1, 11))
        bad += count(s["sodium"], range(90, 901, 90))
        tiers = sum(s["fruit"] > F(x, 100) for x in (40, 60, 80))
        fruit = ((0, 2, 4, 10) if drink else (0, 1, 2, 5))[tiers]
        good = fruit + count(s["fibre"], ["0.9", "1.9", "2.8", "3.7", "4.7"])
        protein = count(s["protein"], ["1.6", "3.2", "4.8", "6.4", "8.0"])
        good += 0 if bad >= 11 and s["kind"] != "奶酪" and fruit < 5 else protein
        score = bad - good
        lines = (1, 5, 9) if drink else (-1, 2, 10, 18)
        letter = first(score, lines, "BCDE" if drink else "ABCDE", at_most)
        results.append({"FINAL": score, "LETTER": "A" if drink and s["water"] == "是" else letter})
    return results


# human development index


def hdi_inputs(rng: Random) -> list[Sheet]:
    return [
        {"life": F(rng.choice([200, 201, 850, 860, rng.randint(500, 850)]), 10), "expected": F(rng.randint(0, 200), 10),
         "mean_years": F(rng.randint(0, 160), 10),
         "income": rng.choice([100, 101, 75000, 80000, rng.randint(400, 75000)])}
        for _ in range(N)
    ]  # fmt: skip


def hdi(sheets: list[Sheet]) -> list[Sheet]:
    values = []
    for s in sheets:
        health = min(max((s["life"] - 20) / 65, F(0)), F(1))
        education = (min(s["expected"] / 18, F(1)) + min(s["mean_years"] / 15, F(1))) / 2
        wealth = (Decimal(s["income"]).ln() - Decimal(100).ln()) / (Decimal(75000).ln() - Decimal(100).ln())
        product = dec(health * education) * min(max(wealth, Decimal(0)), Decimal(1))
        values.append(rounded((product.ln() / 3).exp(), 3) if product > 0 else F(0))
    groups = [first(x, (F("0.8"), F("0.7"), F("0.55")), ("极高", "高", "中", "低"), at_least) for x in values]
    return [{"HDI": x, "GROUP": g, "PLACE": place(x, values)} for x, g in zip(values, groups, strict=True)]


# single constructs


def constructs_inputs(rng: Random) -> list[Sheet]:
    def sheet(i: int) -> Sheet:
        marks = [{"mark": F(rng.randint(0, 20), 2)} for _ in range(rng.randint(0, 5))]
        y = None if i % 5 == 4 else F(rng.randint(-60, 60), rng.choice([1, 3, 10]))
        rows = [{"got": F(rng.randint(0, 9))} if rng.random() < 0.8 else {} for _ in range(3)]
        lists = {"judges": marks, "measures": rows}
        return {"x": F(rng.randint(-40, 40), 1), "y": y, "z": F(rng.randint(-9, 9)), "lists": lists}

    return [sheet(i) for i in range(N + rng.randint(0, 9))]


def averaged(ordered: list[F], share: F) -> F:
    at = len(ordered) * share
    return (ordered[int(at) - 1] + ordered[int(at)]) / 2 if at == int(at) else ordered[int(at)]


def exclusive(ordered: list[F], share: F) -> F:
    at = (len(ordered) + 1) * share
    low = int(at)
    return ordered[low - 1] + (ordered[low] - ordered[low - 1]) * (at - low)


def weighted(pairs: list[tuple[F, F]]) -> F:
    return F(sum(w * x for w, x in pairs)) / F(sum(w for w, _ in pairs))


def constructs(sheets: list[Sheet]) -> list[Sheet]:
    known = sorted(s["y"] for s in sheets if s["y"] is not None)
    share, centre = F(3, 10), mean(known)
    shared = {
        "INCLUSIVE": percentile(known, share), "EXCLUSIVE": exclusive(known, share), "AVERAGED": averaged(known, share),
        "NEAREST": known[-int(-len(known) * share // 1) - 1],
        "VARIANCE": rounded(mean([(x - centre) ** 2 for x in known]), 20),
    }  # fmt: skip
    measures = [[s["lists"]["measures"][i].get("got") for s in sheets] for i in range(3)]
    there = [[x for x in column if x is not None] for column in measures]
    results = []
    for n, s in enumerate(sheets):
        marks, x = sorted(row["mark"] for row in s["lists"]["judges"]), s["x"]
        parts = [(F(w), s[key]) for w, key in ((3, "x"), (1, "y"), ("1.5", "z")) if s[key] is not None]
        best = sorted((x for _, x in parts), reverse=True)[:2]
        mine = [(column[n], others) for column, others in zip(measures, there, strict=True) if column[n] is not None]
        results.append({
            "ABOVE": sum(got - mean(others) for got, others in mine), "SAME": sum(place(*pair) for pair in mine),
            "REST": sum(mark for mark in marks if place(mark, marks) > 2),
            **shared, "THREE": sum(marks[-3:]), "TWO": sum(marks[:2]), "CUBE": x**3, "REACHED": "是",
            "CUBEROOT": x if x >= 0 else (0, float("inf")),
            "ROOT": abs(x), "HALVES": rounded(x / 4, 0) / 2, "UPWARDS": F(-((-x * 10) // 7), 10),
            "DOWN": F(x * 10 // 7, 10),
            "TENS": rounded(x * 7, -1, "half_even"), "MEAN": weighted(parts), "BEST": mean(best),
            "IN": "否" if s["y"] is None else "是",
        })  # fmt: skip
    return results
