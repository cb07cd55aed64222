"""An edition of sixty indicators of all kinds, answers for a nation of counties, and the same by hand in numpy."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

GROUPS = 6  # each with ten indicators; twelve would be 120 indicators
THREE_STEPS = (
    "{kind: steps, steps: [{at_least: 95%, gives: 2}, {at_least: 80%, gives: 1}, {otherwise: true, gives: 0}]}"
)
TWO_STEPS = "{kind: steps, steps: [{more_than: 0%, gives: 1}, {otherwise: true, gives: 0}]}"
LIMITED = "overrides: [{when: q{g} and r{g}, at_most: 0.5}], round: {places: 2, mode: half_up}"
KINDS = {
    # name: (points, value and the like, rule); {g} is the number of the group
    "ratio": (2, "value: done{g} / total{g}, unit: 占比", "{kind: proportional, target: 100%}"),
    "spent": (2, "value: paid{g} / money{g}, unit: 占比", "{kind: linear, zero_at: 60%, full_at: 90%}"),
    "steps": (2, "value: done{g} / total{g}, unit: 占比", THREE_STEPS),
    "check": (2, "", "{kind: checklist, items: {p{g}: 1, q{g}: 0.5, r{g}: 0.5}, mandatory: [p{g}]}"),
    "yes": (1, "value: p{g} and not r{g}", ""),
    "level": (2, "value: level{g}", "{kind: levels, levels: {好: 2, 中: 1.2, 差: 0}}"),
    "fewer": (2, "value: bad{g}, unit: 份", "{kind: per_unit, more: -0.5}"),
    "more": (1, "value: cases{g}, unit: 个", "{kind: per_unit, start: 0, more: 0.25}"),
    "growth": (1, "value: growth{g} - nation, unit: 百分点", TWO_STEPS),
    "inverse": (1, f"value: days{{g}}, unit: 天, {LIMITED}", "{kind: proportional, target: 30, inverse: true}"),
}  # fmt: skip
FIELDS = """\
  done{g}: {{name: 完成{g}, type: count, unit: 个}}
  total{g}: {{name: 全部{g}, type: count, unit: 个}}
  paid{g}: {{name: 支出{g}, type: money, unit: 万元}}
  money{g}: {{name: 资金{g}, type: money, unit: 万元}}
  p{g}: {{name: 甲{g}, type: yesno}}
  q{g}: {{name: 乙{g}, type: yesno}}
  r{g}: {{name: 丙{g}, type: yesno}}
  level{g}: {{name: 档{g}, type: choice, options: [好, 中, 差]}}
  bad{g}: {{name: 不合格{g}, type: count, unit: 份}}
  cases{g}: {{name: 案例{g}, type: count, unit: 个}}
  growth{g}: {{name: 增速{g}, type: share}}
  days{g}: {{name: 天数{g}, type: number, unit: 天}}
"""
POINTS = sum(points for points, *_ in KINDS.values())
SCHEME = """\
format: 1
id: shili/sixty
name: 六十项
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {{total: TOTAL, grade: GRADE}}
blank: {{means: pending, question: Q1}}
open_questions:
  Q1: {{clause: T/1, question: 空白, reading: 待补}}
fields:
  nation: {{name: 全国增速, type: share, scope: round, filled_by: province, source: 统计}}
{fields}indicators:
  TOTAL: {{name: 总分, points: {total}, combine: sum}}
{indicators}  GRADE:
    name: 等次
    value: TOTAL
    rule:
      kind: steps
      steps:
        - {{at_least: 81.6, gives: 优秀}}
        - {{at_least: 67.2, gives: 良好}}
        - {{at_least: 57.6, gives: 一般}}
        - {{otherwise: true, gives: 较差}}
"""


def write(folder: Path) -> Path:
    """The edition's three files."""
    indicators = ""
    for g in range(GROUPS):
        indicators += f"  G{g}: {{name: 组{g}, in: TOTAL, points: {POINTS}, combine: sum}}\n"
        for name, (points, value, rule) in KINDS.items():
            parts = [f"name: {name}{g}, in: G{g}, points: {points}", value, f"rule: {rule}" if rule else ""]
            indicators += f"  {name}{g}X: {{{', '.join(filter(None, parts))}}}\n".replace("{g}", str(g))
    fields = "".join(FIELDS.format(g=g) for g in range(GROUPS))
    scheme = SCHEME.format(fields=fields, indicators=indicators, total=POINTS * GROUPS)
    (folder / "scheme.yaml").write_text(scheme, "utf-8")
    (folder / "sources.yaml").write_text('format: 1\nT: {title: 试, clauses: {"1": {gist: 一}}}\n', "utf-8")
    (folder / "cases.yaml").write_text("format: 1\nbase: {}\ncases: []\n", "utf-8")
    return folder


def answers(counties: int, unknown: float, seed: int = 1) -> dict[str, dict[str, Any]]:
    """A sheet per county; each cell is unreadable with the given chance."""
    rng = Random(seed)
    sheets = {}
    for number in range(counties):
        sheet: dict[str, Any] = {"nation": Fraction(191, 1000)}
        for g in range(GROUPS):
            total, money = rng.randrange(8, 300), Fraction(rng.randrange(100_000, 300_000), 100)
            cells = {
                "done": rng.randrange(total + 1), "total": total, "money": money,
                "paid": Fraction(rng.randrange(int(money * 100)), 100),
                "p": rng.random() < 0.9, "q": rng.random() < 0.7, "r": rng.random() < 0.3, "level": rng.choice("好中差"),
                "bad": rng.randrange(6), "cases": rng.randrange(6), "growth": Fraction(rng.randrange(-100, 500), 1000),
                "days": Fraction(rng.randrange(10, 600), 10),
            }  # fmt: skip
            sheet |= {f"{key}{g}": "读不出" if rng.random() < unknown else value for key, value in cells.items()}
        sheets[f"{number:06d}"] = sheet
    return sheets


def as_floats(sheets: dict[str, dict[str, Any]]) -> dict[str, np.ndarray]:
    """The answers as float64 and bool columns."""
    rows = list(sheets.values())
    return {
        key: np.array([row[key] for row in rows])
        if isinstance(rows[0][key], bool | str)
        else np.array([float(row[key]) for row in rows])
        for key in rows[0]
    }


def by_hand(columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Totals and grade numbers of fully known answers in plain float64 numpy: the engine without its care."""
    total = np.zeros(len(columns["nation"]))
    for g in range(GROUPS):
        c = {key.removesuffix(str(g)): column for key, column in columns.items() if key.endswith(str(g))}
        share = c["done"] / c["total"]
        total += np.clip(2 * share, 0, 2)
        total += np.clip(2 * (c["paid"] / c["money"] - 0.6) / (0.9 - 0.6), 0, 2)
        total += np.where(share >= 0.95, 2.0, np.where(share >= 0.8, 1.0, 0.0))
        total += np.where(c["p"], 1.0 + 0.5 * c["q"] + 0.5 * c["r"], 0.0)
        total += np.where(c["p"] & ~c["r"], 1.0, 0.0)
        total += np.select([c["level"] == "好", c["level"] == "中"], [2.0, 1.2], 0.0)
        total += np.clip(2 - 0.5 * c["bad"], 0, 2)
        total += np.clip(0.25 * c["cases"], 0, 1)
        total += np.where(c["growth"] - columns["nation"] > 0, 1.0, 0.0)
        inverse = np.clip(np.where(c["days"] > 0, 30 / np.maximum(c["days"], 1e-300), 1.0), 0, 1)
        inverse = np.floor(inverse * 100 + 0.5) / 100
        total += np.where(c["q"] & c["r"], np.minimum(inverse, 0.5), inverse)
    return total, np.select([total >= 81.6, total >= 67.2, total >= 57.6], [0, 1, 2], 3)
