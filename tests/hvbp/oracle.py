"""The published rules computed once more, hospital by hospital, in plain Fractions, without evaltool."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

Row = dict[str, str]
SSI = ("HAI-3", "HAI-4")
DOMAINS = ("clinical_outcomes", "safety", "efficiency_and_cost_reduction", "person_and_community_engagement")


@dataclass
class Hospital:
    """What one hospital comes to; a measure or domain that is not scored is missing or None."""

    points: dict[str, tuple[int, int | None, int]] = field(default_factory=dict)  # achievement, improvement, score
    base: int | None = None
    consistency: int | None = None
    domains: dict[str, Fraction | None] = field(default_factory=dict)
    total: Fraction | None = None


def half_up(number: Fraction) -> int:
    return (number + Fraction(1, 2)).__floor__()


def achievement(p: Fraction, threshold: Fraction, benchmark: Fraction, sign: int) -> int:
    if sign * p >= sign * benchmark:
        return 10
    if sign * p < sign * threshold:
        return 0
    return half_up(9 * (p - threshold) / (benchmark - threshold) + Fraction(1, 2))


def improvement(p: Fraction, baseline: Fraction, benchmark: Fraction, sign: int) -> int:
    if sign * p <= sign * baseline:
        return 0
    if sign * p >= sign * benchmark:
        return 9
    return min(max(half_up(10 * (p - baseline) / (benchmark - baseline) - Fraction(1, 2)), 0), 9)


def hospital(rows: list[Row], thresholds: dict[str, Row], ssi: str) -> Hospital:
    """`rows`: the measures of one hospital, with baseline and performance as they stand in the file."""
    found, ratios = Hospital(), []
    by_domain: dict[str, list[int]] = {name: [] for name in DOMAINS}
    for row in rows:
        line = thresholds[row["measure"]]
        if not row["performance"]:
            continue
        p, sign = Fraction(row["performance"]), int(line["direction"])
        threshold, benchmark = Fraction(line["achievement_threshold"]), Fraction(line["benchmark"])
        a = achievement(p, threshold, benchmark, sign)
        i = improvement(p, Fraction(row["baseline"]), benchmark, sign) if row["baseline"] else None
        score = max(a, i or 0)
        found.points[row["measure"]] = (a, i, score)
        if row["measure"] not in SSI:
            by_domain[line["domain"]].append(score)
        if line["floor"]:
            ratios.append((p - Fraction(line["floor"])) / (threshold - Fraction(line["floor"])))
    if ssi:
        by_domain["safety"].append(int(ssi))
    for name in ("clinical_outcomes", "safety"):
        scores = by_domain[name]
        found.domains[name] = Fraction(10 * sum(scores), len(scores)) if len(scores) >= 2 else None
    (cost,) = by_domain["efficiency_and_cost_reduction"] or [None]
    found.domains["efficiency_and_cost_reduction"] = None if cost is None else Fraction(10 * cost)
    patients = by_domain["person_and_community_engagement"]
    if len(patients) == 8:
        low = min(ratios)
        found.base = sum(patients)
        found.consistency = 20 if low >= 1 else 0 if low <= 0 else max(half_up(20 * low - Fraction(1, 2)), 0)
        found.domains["person_and_community_engagement"] = Fraction(found.base + found.consistency)
    else:
        found.domains["person_and_community_engagement"] = None
    scored = [value for value in found.domains.values() if value is not None]
    found.total = sum(scored, Fraction()) / len(scored) if scored else None
    return found
