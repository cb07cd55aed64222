"""Random answer sheets for the oracles: plain ones, ones with cells that nobody could read, and ones on a band's edge."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction as F
from random import Random
from typing import Any

from evaltool.facts import State
from oracle import hubei, projects

UNREAD = (None, State.BLANK, State.UNREADABLE, State.OUT_OF_RANGE, State.PENDING)
# items that each add their own points, whatever else is answered
ADDITIVE = {
    "train_record": F(2), "train_jobs": F(2), "train_incub": F(2), "std_grade": F(2), "std_trace": F(2), "brand": F(1),
    "leading_group": F(2), "local_policy": F(1), "fund_rules": F(2), "project_rules": F(1), "rules_city": F(3, 2),
    "rules_filed": F(3, 2), "web_column": F(2), "mofcom_system": F(1), "progress_form": F(1), "special_acct": F(2),
    "ledger": F(1), "depot": F(3), **{f"ar_{name}": F(1, 2) for name in hubei.ARCHIVE},
}  # fmt: skip
OTHER_YES = ("centre_built", "centre_idle", "slow_or_left", "outstanding", "rectified", "shares_filed")
VETOES = ("changed_plan", "accident", "great_loss", "audit_major", "fraud_money", "far_behind", "force_majeure", "fake")
MONEY_USES = "flow system process depot public centre station train banned unrelated".split()
EDGES = (F(85), F(70), F(60))
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
        return State.UNREADABLE if self.unread and self.rng.random() < self.unread else rows


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
    sheet["poverty_share"] = draw.cell(rng.choice((F(rng.randrange(10001), 10000), F(4, 5), F(3, 5), F(0), F(1), F(7999, 10000))))
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
        "onsite": draw.yes(well), "verdict": draw.cell(draw.rng.choice(("验收合格", "验收合格", "验收不合格"))), "got_back": draw.money(200),
    }  # fmt: skip


def _payment(draw: Draw, well: float) -> Sheet:
    paid = draw.rng.choice((F(5), F(499, 100), F(501, 100), F(120)))
    return {"paid_for": "货", "paid": draw.cell(paid), "by_deed": draw.yes(well), "by_invoice": draw.yes(well)}


def to_the_edge(rng: Random, sheet: Sheet) -> Sheet:
    """The sheet (without unread cells) moved so that its total lies exactly on a band's edge, or just beside it.

    Answers that add points of their own bring the rest within reach; the money paid out then closes the gap exactly.
    """
    edge = rng.choice(EDGES)
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
        size = F(gap).denominator * rng.choice((10, 100, 1000))
        paid = gap * size / 10
        sheet["fund_total"], sheet["fund_spent"] = size, max(F(0), paid + rng.choice((F(0), F(0), F(1, 100), F(-1, 100), F(-1, 10**6))))
    return sheet


def project(rng: Random, unread: float) -> Sheet:
    """One project's answers for the self-evaluation form."""
    draw = Draw(rng, unread)
    budget = rng.choice((0, 1, 100, F(156, 100), 3000))
    sheet: Sheet = {"budget": draw.cell(budget), "spent": draw.cell(F(budget) * rng.choice((0, 1, F(9999, 10000), F(1, 2), F(11, 10))))}
    sheet["lists"] = {"goals": draw.rows([_goal(draw) for _ in range(rng.choice((0, 1, 2, 4, 6)))])}
    return sheet


def _goal(draw: Draw) -> Sheet:
    rng = draw.rng
    way = rng.choice(projects.WAYS)
    row: Sheet = {"block": "产出指标", "group": "数量", "title": "项", "marks": draw.cell(rng.choice((0, 5, 10, 20, F(25, 2), 80)))}
    row["way"] = draw.cell(way)
    target = rng.choice((1, 3, 7, 100, F(905, 10)) if rng.random() < 0.93 else (0, -2))
    actual = rng.choice((target, target - 1, target + 1, F(target) * F(2, 3), 0, target - F(1, 100), -1))
    if way != "定性" or rng.random() < 0.2:
        row |= {"target": draw.cell(target), "actual": draw.cell(actual)}
    if way == "定性" or rng.random() < 0.2:
        row["level"] = draw.cell(rng.choice(tuple(projects.LEVELS)))
        row["part"] = draw.cell(rng.choice((F(rng.randrange(10001), 10000), F(4, 5), F(1, 2), F(0), F(1), F(7999, 10000))))
    return row
