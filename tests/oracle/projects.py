"""The project self-evaluation form (20 + 80 points) scored by hand, one project at a time, in plain Fractions.

Written from what indicators/hubei/project_self_evaluation/2020-01-01/scheme.yaml says to a reader; shares nothing with
the engine.
"""

from __future__ import annotations

from fractions import Fraction

from oracle.hubei import Bands, Verdict, grades_between
from oracle.ranges import INF, Range, amount, portion, rated, total, unknown

F = Fraction

LEVELS = {
    "达成预期": (F(4, 5), F(1), True),
    "部分达成预期": (F(1, 2), F(4, 5), False),
    "未达成预期": (F(0), F(1, 2), False),
}
OPS = ("≥", "≤", "=", "定性")
BANDS: Bands = (("优", 90), ("良", 80), ("中", 60), ("差", None))


def judge(sheet: dict) -> Verdict:
    """Execution, goals and total of one project; `faults` also names the rows as `goal[n]`."""
    out = Verdict()
    points, zero = portion(F(20), amount(sheet.get("spent")), amount(sheet.get("budget")))
    if zero:
        out.faults.add(("P100", "EXE"))
    rows = sheet.get("lists", {}).get("goals", [])
    if unknown(rows):
        goals = (F(0), F(80))
    else:
        found = [_row(row) for row in rows]
        low, high = total([pair for pair, _ in found])
        goals = (min(low, F(80)), min(high, F(80)))  # rows whose marks add up to more earn no more than the block
        out.faults |= {(code, f"goal[{i}]") for i, (_, codes) in enumerate(found) for code in codes}
    out.points = {"EXE": points, "GOALS": goals, "TOTAL": total([points, goals])}
    out.grades = grades_between(BANDS, *out.points["TOTAL"])
    return out


def _row(row: dict) -> tuple[Range, set[str]]:
    """One goal's points and what is wrong with it; a direction that nobody knows may be any of the four."""
    marks = amount(row.get("marks"))
    ops = OPS if unknown(row.get("op")) else (row["op"],)
    found = [_share(op, row) for op in ops]
    share = min(s[0] for s, _ in found), max(s[1] for s, _ in found)
    low = F(0) if share[0] == 0 else marks[0] * share[0]
    high = F(0) if share[1] == 0 else marks[1] * share[1] if marks[1] != INF else INF
    return (low, high), {code for _, code in found if code}


def _share(op: str, row: dict) -> tuple[Range, str]:
    """The part of the row's marks that is earned."""
    if op == "定性":
        share, misfit = rated(F(1), LEVELS, row.get("level"), row.get("part"))
        return share, "P103" if misfit else ""
    target, actual = row.get("target"), row.get("actual")
    if not unknown(target) and (target < 0 or (op != "≤" and target == 0)):
        return (F(0), F(1)), "P102"
    if op == "≤" and not unknown(actual) and actual <= 0:
        return (F(1), F(1)), ""
    if unknown(target) or unknown(actual):
        return _half_known(op, target, actual), ""
    ratio = F(actual) / F(target) if op != "≤" else F(target) / F(actual)
    share = min(max(ratio, F(0)), F(1))
    return (share, share), ""


def _half_known(op: str, target, actual) -> Range:
    """Numbers that nobody knows may be anything; only a zero settles the share."""
    if op != "≤" and not unknown(actual) and actual == 0:
        return F(0), F(0)
    return F(0), F(1)
