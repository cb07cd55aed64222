"""The Hubei edition of 2019 scored by hand, one county at a time, in plain Fractions.

Written from what indicators/hubei/ecommerce_rural/2019-01-01/scheme.yaml says to a reader. It shares nothing with the
engine: no formula, no rule kind, no column, no reader of numbers. `sheet` holds typed answers; a missing answer, or a
word such as 读不出 in its place, is unknown, except that a date left empty in the monthly reports means that nothing
was sent (Q7).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from oracle.ranges import (
    Range,
    all_true,
    amount,
    any_true,
    checked,
    opposite,
    portion,
    rated,
    tally,
    total,
    truth,
    unknown,
    yes,
)  # fmt: skip

F = Fraction

WHOLE = F(1)
Bands = tuple[tuple[str, int | None], ...]
BANDS: Bands = (("优秀", 85), ("良好", 70), ("一般", 60), ("较差", None))
ARCHIVE = ["apply", "plan", "contract", "summary", "finance", "progress", "targets", "media", "training", "poverty"]
LEVELS = {
    "成效明显": (F(4, 5), F(1), True),
    "有一定成效": (F(3, 5), F(4, 5), False),
    "成效不明显": (F(0), F(3, 5), False),
}
CALENDAR = [(2019, m) for m in range(8, 13)] + [
    (2020, m) for m in range(1, 8)
]  # each report is due on the 28th of these


@dataclass
class Verdict:
    """points: indicator → range; events: id → yes, no or None; grades: still possible; faults: (code, indicator)."""

    points: dict[str, Range] = field(default_factory=dict)
    events: dict[str, bool | None] = field(default_factory=dict)
    grades: tuple[str, ...] = ()
    faults: set[tuple[str, str]] = field(default_factory=set)


def judge(sheet: dict) -> Verdict:
    """Every indicator, the total, the grade and the events of one county."""
    out = Verdict()
    p, lists = out.points, sheet.get("lists", {})

    def ratio(key: str, points: int, top: Range, below: Range, target: F = WHOLE) -> None:
        """Full points where the share reaches the target."""
        p[key], zero = portion(F(points), (top[0] / target, top[1] / target), below)
        if zero:
            out.faults.add(("P100", key))

    p["N1"] = checked({"centre_built": F(4), "centre_idle": F(1)}, sheet, must="centre_built")
    ratio("N2", 6, amount(sheet.get("town_stations")), amount(sheet.get("towns")))
    p["N3"] = checked({"train_record": F(2), "train_jobs": F(2), "train_incub": F(2)}, sheet)
    p["N4"] = checked({"std_grade": F(2), "std_trace": F(2), "brand": F(1)}, sheet)
    p["N5a"] = yes(F(3), sheet, "depot")
    ratio("N5b", 5, amount(sheet.get("delivered")), amount(sheet.get("villages")))
    p["N5"] = total([p["N5a"], p["N5b"]])
    p["N"] = total([p[k] for k in ("N1", "N2", "N3", "N4", "N5")])

    p["Z1"] = checked({"leading_group": F(2), "local_policy": F(1)}, sheet)
    p["Z2"] = checked({"fund_rules": F(2), "project_rules": F(1), "rules_city": F(3, 2), "rules_filed": F(3, 2)}, sheet)
    p["Z3"] = checked({"web_column": F(2), "mofcom_system": F(1), "progress_form": F(1)}, sheet)
    _reports(lists.get("reports"), ratio)
    p["Z5"] = checked({f"ar_{name}": F(1, 2) for name in ARCHIVE}, sheet)
    _sites(lists.get("sites", []), ratio)
    _projects(lists.get("projects", []), ratio, p)
    _payments(lists.get("payments", []), p)
    p["Z9"] = checked({"special_acct": F(2), "ledger": F(1)}, sheet)
    p["Z"] = total([p[f"Z{i}"] for i in range(1, 11)])

    p["J1"] = _above(sheet.get("retail_growth"), sheet.get("nat_retail"))
    p["J2"] = _above(sheet.get("farm_growth"), sheet.get("nat_farm"))
    p["J3"], misfit = rated(F(6), LEVELS, sheet.get("poverty_level"), sheet.get("poverty_share"))
    if misfit:
        out.faults.add(("P103", "J3"))
    ratio("J4", 9, amount(sheet.get("fund_spent")), amount(sheet.get("fund_total")), F(9, 10))
    told = amount(sheet.get("told_cases"))
    p["J5"] = (min(told[0], F(3)), min(told[1], F(3)))
    p["J"] = total([p[k] for k in ("J1", "J2", "J3", "J4", "J5")])
    p["TOTAL"] = total([p["N"], p["Z"], p["J"]])
    out.grades = grades_between(BANDS, *p["TOTAL"])
    out.events = _vetoes(sheet)
    return out


def grades_between(bands: Bands, low: F | float, high: F | float) -> tuple[str, ...]:
    """The grades that some total from low to high would get, best first; a limit belongs to the better grade."""
    found, ceiling = [], None
    for name, limit in bands:
        if (limit is None or high >= limit) and (ceiling is None or low < ceiling):
            found.append(name)
        ceiling = limit
    return tuple(found)


def _above(own: object, nation: object) -> Range:
    """Six points for growth above the nation's, none for equal or less."""
    if unknown(own) or unknown(nation):
        return F(0), F(6)
    points = F(6) if own > nation else F(0)  # type: ignore[operator]
    return points, points


def _reports(rows: object, ratio) -> None:
    if unknown(rows):
        ratio("Z4", 3, (F(0), float("inf")), (F(0), float("inf")))
        return
    in_time = []
    for (year, month), row in zip(CALENDAR, rows, strict=True):  # type: ignore[arg-type]
        sent = [_by(row.get(key), year, month) for key in ("to_city", "to_prov")]
        in_time.append(all_true(*sent))
    ratio("Z4", 3, tally(in_time), (F(12), F(12)))


def _by(day, year: int, month: int) -> bool | None:
    """Whether a report came in by the 28th; nothing written means that it never came."""
    if day is None or day in ("未填", "待认定"):
        return False
    return None if unknown(day) else (day.year, day.month, day.day) <= (year, month, 28)


def _share_of_rows(key: str, points: int, rows: object, holds, ratio) -> None:
    if unknown(rows):
        ratio(key, points, (F(0), float("inf")), (F(0), float("inf")))
    else:
        size = F(len(rows))
        ratio(key, points, tally([holds(row) for row in rows]), (size, size))


def _sites(rows: object, ratio) -> None:
    _share_of_rows("Z6", 4, rows, lambda row: all_true(truth(row.get("sign")), truth(row.get("hotline"))), ratio)


def _projects(rows: object, ratio, p: dict[str, Range]) -> None:
    _share_of_rows("Z10", 4, rows, lambda row: all_true(truth(row.get("picked")), truth(row.get("shown"))), ratio)
    if unknown(rows):
        p["Z7"] = (F(0), F(5))
        return
    due = [truth(row.get("at_term")) for row in rows]  # type: ignore[union-attr]
    if not any(one is not False for one in due):  # no project is due: nothing to lose
        p["Z7"] = (F(5), F(5))
        return
    # every project that nobody knows to be due is tried both ways; what is due counts where visited and passed
    low, high = F(5), F(0)
    for chosen in range(2 ** due.count(None)):
        sure = possible = count = 0
        for row, one in zip(rows, due, strict=True):  # type: ignore[arg-type]
            if one is None:
                one, chosen = bool(chosen % 2), chosen // 2
            if one:
                count += 1
                verdict = row.get("verdict")
                passed = all_true(truth(row.get("onsite")), None if unknown(verdict) else verdict == "验收合格")
                sure, possible = sure + (passed is True), possible + (passed is not False)
        low = min(low, F(5 * sure, count) if count else F(5))
        high = max(high, F(5 * possible, count) if count else F(5))
    p["Z7"] = (low, high)


def _payments(rows: object, p: dict[str, Range]) -> None:
    if unknown(rows):
        p["Z8"] = (F(0), F(3))
        return
    lacking = []
    for row in rows:  # type: ignore[union-attr]
        large = None if unknown(row.get("paid")) else row["paid"] >= 5
        lacking.append(all_true(large, opposite(all_true(truth(row.get("by_deed")), truth(row.get("by_invoice"))))))
    few, many = tally(lacking)
    p["Z8"] = (max(F(3) - many, F(0)), max(F(3) - few, F(0)))


def _vetoes(sheet: dict) -> dict[str, bool | None]:
    said = {
        key: truth(sheet.get(key))
        for key in (
            "changed_plan",
            "accident",
            "great_loss",
            "audit_major",
            "fraud_money",
            "far_behind",
            "force_majeure",
            "fake",
        )
    }
    return {
        "V1": said["changed_plan"],
        "V2": any_true(said["accident"], said["great_loss"]),
        "V3": any_true(said["audit_major"], said["fraud_money"]),
        "V4": all_true(said["far_behind"], opposite(said["force_majeure"])),
        "V5": said["fake"],
    }
