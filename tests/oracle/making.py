"""Random answer sheets for the oracles: plain, with cells that nobody could read, and on a band's edge."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from random import Random
from typing import Any

from oracle import hubei, projects

F = Fraction

UNREAD = (None, "未填", "读不出", "超出范围", "待认定")
# items that each add their own points, whatever else is answered
ADDITIVE = {
    "train_record": F(2), "train_jobs": F(2), "train_incub": F(2), "std_grade": F(2), "std_trace": F(2), "brand": F(1),
    "leading_group": F(2), "local_policy": F(1), "fund_rules": F(2), "project_rules": F(1), "rules_city": F(3, 2),
    "rules_filed": F(3, 2), "web_column": F(2), "mofcom_system": F(1), "progress_form": F(1), "special_acct": F(2),
    "ledger": F(1), "depot": F(3), **{f"ar_{name}": F(1, 2) for name in hubei.ARCHIVE},
}  # fmt: skip
OTHER_YES = ("centre_built", "centre_idle", "slow_or_left", "outstanding", "rectified", "shares_filed")
VETOES = ("changed_plan", "accident", "great_loss", "audit_major", "fraud_money", "far_behind", "force_majeure", "fake")
MONEY_USES = ["flow", "system", "process", "depot", "public", "centre", "station", "train", "banned", "unrelated"]
EDGES = (85, 70, 60)
PROJECT_EDGES = (90, 80, 60)
Sheet = dict[str, Any]


class Draw:
    """A random source that leaves some cells unread."""

    def __init__(self, rng: Random, unread: float) -> None:
        self.rng, self.unread = rng, unread

    def cell(self, value: Any) -> Any:
        return self.rng.choice(UNREAD) if self.unread and self.rng.random() < self.unread else value

    def yes(self, chance: float) -> Any:
        return self.cell(self.rng.random() < chance)

    def money(self, most: int) -> Any:
        return self.cell(F(self.rng.randrange(most * 100), 100))

    def rows(self, rows: list[Sheet]) -> Any:
        return "读不出" if self.unread and self.rng.random() < self.unread else rows


def county(rng: Random, unread: float) -> Sheet:
    """One county's answers for the Hubei edition."""
    draw, well = Draw(rng, unread), rng.choice((0.3, 0.6, 0.8, 0.9, 0.97))
    sheet: Sheet = {key: draw.yes(well) for key in (*ADDITIVE, *OTHER_YES)}
    sheet |= {key: draw.yes(0.1) for key in VETOES}
    for few, many in (("town_stations", "towns"), ("delivered", "villages")):
        size = rng.choice((0, 1, 2, 3, 7, 12, 16, 100, 200, 331)) if rng.random() < 0.97 else 0
        sheet[many] = draw.cell(size)
        sheet[few] = draw.cell(max(0, round(size * min(rng.gauss(well, 0.2), 1.1))))
    for own, nation in (("retail_growth", "nat_retail"), ("farm_growth", "nat_farm")):
        base = F(rng.randrange(-500, 4000), 10000)
        sheet[nation] = draw.cell(base)
        sheet[own] = draw.cell(base + F(rng.choice((-1, 0, 1, 100, -100)), 10000))
    sheet["poverty_level"] = draw.cell(rng.choice(tuple(hubei.LEVELS)))
    sheet["poverty_share"] = draw.cell(
        rng.choice((F(rng.randrange(10001), 10000), F(4, 5), F(3, 5), F(0), F(1), F(7999, 10000)))
    )
    sheet["fund_total"] = draw.cell(rng.choice((0, 1500, 2000, F(200001, 100))) if rng.random() < 0.1 else 2000)
    sheet["fund_spent"] = draw.money(2200)
    sheet["told_cases"] = draw.cell(rng.randrange(5))
    sheet |= {f"use_{key}": draw.money(900) for key in MONEY_USES}
    sheet["lists"] = {
        "reports": draw.rows([_report(draw, year, month) for year, month in hubei.CALENDAR]),
        "sites": draw.rows([_site(draw, well) for _ in range(rng.choice((0, 1, 3, 4, 6)))]),
        "projects": draw.rows([_project(draw, well) for _ in range(rng.choice((0, 1, 2, 3)))]),
        "payments": draw.rows([_payment(draw, well) for _ in range(rng.choice((0, 1, 2, 5)))]),
    }
    return sheet


def _report(draw: Draw, year: int, month: int) -> Sheet:
    days = [None, dt.date(year, month, 28), dt.date(year, month, 29 if month != 2 else 28), dt.date(year, month, 5)]
    return {key: draw.cell(draw.rng.choice(days)) for key in ("to_city", "to_prov")}


def _site(draw: Draw, well: float) -> Sheet:
    return {"site_name": "站", "sign": draw.yes(well), "hotline": draw.yes(well), "fee_taken": draw.yes(0.1)}


def _project(draw: Draw, well: float) -> Sheet:
    return {
        "project": "项目", "picked": draw.yes(well), "shown": draw.yes(well), "contract_sum": draw.money(500),
        "started": draw.yes(well), "first_paid": draw.money(200), "all_paid": draw.money(500), "at_term": draw.yes(0.6),
        "onsite": draw.yes(well), "got_back": draw.money(200),
        "verdict": draw.cell(draw.rng.choice(("验收合格", "验收合格", "验收不合格"))),
    }  # fmt: skip


def _payment(draw: Draw, well: float) -> Sheet:
    paid = draw.rng.choice((F(5), F(499, 100), F(501, 100), F(120)))
    return {"paid_for": "货", "paid": draw.cell(paid), "by_deed": draw.yes(well), "by_invoice": draw.yes(well)}


def to_the_edge(rng: Random, sheet: Sheet) -> Sheet:
    """The sheet (without unread cells) moved so that its total lies exactly on a band's edge, or just beside it.

    Answers that add points of their own bring the rest within reach; the money paid out then closes the gap exactly.
    """
    edge = rng.choice(EDGES)
    sheet["towns"], sheet["villages"] = sheet["towns"] or 7, sheet["villages"] or 12
    low, high, included = hubei.LEVELS[sheet["poverty_level"]]
    sheet["poverty_share"] = low if rng.random() < 0.5 else high if included else high - F(1, 10**4)
    for rows in ("sites", "projects"):
        sheet["lists"][rows] = sheet["lists"][rows] or [(_site if rows == "sites" else _project)(Draw(rng, 0), 0.9)]
    rest = hubei.judge({**sheet, "fund_total": 2000, "fund_spent": 0}).points["TOTAL"][0]
    keys = list(ADDITIVE)
    rng.shuffle(keys)
    for key in keys:
        if rest > edge and sheet[key]:
            sheet[key], rest = False, rest - ADDITIVE[key]
        elif rest < edge - 9 and not sheet[key]:
            sheet[key], rest = True, rest + ADDITIVE[key]
    gap = edge - rest
    if 0 <= gap <= 9:  # nine points at nine tenths of the money: ten points times the part paid out
        sheet["fund_total"], sheet["fund_spent"] = _closing(rng, gap / 10)
    return sheet


def _closing(rng: Random, share: F) -> tuple[int, F]:
    """A whole and a part of it, the part exactly `share` of it or just beside that."""
    whole = share.denominator * rng.choice((10, 100, 1000))
    beside = rng.choice((F(0), F(0), F(1, 100), F(-1, 100), F(-1, 10**6)))
    return whole, max(F(0), share * whole + beside)


def project(rng: Random, unread: float) -> Sheet:
    """One project's answers for the self-evaluation form."""
    draw = Draw(rng, unread)
    budget = rng.choice((0, 1, 100, F(156, 100), 3000))
    sheet: Sheet = {
        "budget": draw.cell(budget),
        "spent": draw.cell(F(budget) * rng.choice((0, 1, F(9999, 10000), F(1, 2), F(11, 10)))),
    }
    sheet["lists"] = {"goals": draw.rows([_goal(draw) for _ in range(rng.choice((0, 1, 2, 4, 6)))])}
    return sheet


def project_to_the_edge(rng: Random, sheet: Sheet) -> Sheet:
    """The project with its goals scaled to marks that bring the total exactly to a band's edge, or just beside it."""
    edge = rng.choice(PROJECT_EDGES)
    goals = projects.judge(sheet).points["GOALS"]
    if goals[0] != goals[1] or goals[0] == 0:
        sheet["lists"]["goals"] = [{"title": "项", "op": "≥", "target": 3, "actual": 4, "marks": 80}]
        goals = (F(80), F(80))
    wanted = rng.randrange(edge - 20, min(edge, 80) + 1)
    for row in sheet["lists"]["goals"]:
        row["marks"] = F(row["marks"]) * wanted / goals[0]
    sheet["budget"], sheet["spent"] = _closing(rng, F(edge - wanted, 20))
    return sheet


def _goal(draw: Draw) -> Sheet:
    rng = draw.rng
    op = rng.choice(projects.OPS)
    row: Sheet = {
        "block": "产出指标",
        "group": "数量",
        "title": "项",
        "marks": draw.cell(rng.choice((0, 5, 10, 20, F(25, 2), 80))),
    }
    row["op"] = draw.cell(op)
    target = rng.choice((1, 3, 7, 100, F(905, 10)) if rng.random() < 0.93 else (0, -2))
    actual = rng.choice((target, target - 1, target + 1, F(target) * F(2, 3), 0, target - F(1, 100), -1))
    if op != "定性" or rng.random() < 0.2:
        row |= {"target": draw.cell(target), "actual": draw.cell(actual)}
    if op == "定性" or rng.random() < 0.2:
        row["level"] = draw.cell(rng.choice(tuple(projects.LEVELS)))
        row["part"] = draw.cell(
            rng.choice((F(rng.randrange(10001), 10000), F(4, 5), F(1, 2), F(0), F(1), F(7999, 10000)))
        )
    return row
