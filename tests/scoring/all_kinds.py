"""One edition that uses every rule kind and every step of an indicator, and random sheets for it."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

F = Fraction

BODY = """
fields:
  a: {name: 甲数, type: count, unit: 个, between: [0, 12]}
  b: {name: 乙数, type: count, unit: 个, between: [0, 12]}
  m: {name: 甲款, type: money, unit: 万元}
  n: {name: 乙款, type: money, unit: 万元}
  x: {name: 某数, type: number, unit: 天, between: [-9, 9]}
  y: {name: 别数, type: number, unit: 天}
  s: {name: 率, type: share, between: [0%, 100%]}
  p: {name: 一, type: yesno}
  q: {name: 二, type: yesno}
  r: {name: 三, type: yesno}
  g: {name: 类, type: choice, options: [东, 中, 西]}
  l: {name: 档, type: choice, options: [好, 中, 差]}
  d: {name: 交件, type: date}
lists:
  t:
    name: 表
    rows_from: subject
    columns:
      u: {name: 分值, type: points, between: [0, 20]}
      v: {name: 数, type: count, unit: 个, between: [0, 8]}
      w: {name: 目标, type: count, unit: 个, between: [0, 8]}
      k: {name: 成, type: yesno}
      h: {name: 块, type: choice, options: [上, 下]}
indicators:
  TOTAL: {name: 总, combine: sum, round: {places: 1, mode: half_up}, cap: 150}
  LINE: {name: 直, in: TOTAL, points: 7, value: m / n, unit: 占比, rule: {kind: linear, zero_at: 20%, full_at: 90%}}
  DOWN: {name: 反直, in: TOTAL, points: 7, value: x, unit: 天, rule: {kind: linear, zero_at: 5, full_at: -2}}
  PROP: {name: 比, in: TOTAL, points: 5, value: a, unit: 个, rule: {kind: proportional, target: b}}
  INV: {name: 反比, in: TOTAL, points: 5, value: a, unit: 个, rule: {kind: proportional, target: b, inverse: true}}
  OVER: {name: 摊, in: TOTAL, points: 9, value: a / (a + b), unit: 占比, rule: {kind: proportional, target: 60%}}
  WHOLE: {name: 整, in: TOTAL, points: 8, value: s, unit: 占比, rule: {kind: per_unit, around: 50%, more: 1,
      fewer: -2, start: 3, per: 7%, part: whole}}
  SHARED: {name: 零, in: TOTAL, points: 8, value: s, unit: 占比, rule: {kind: per_unit, around: 50%, fewer: -2,
      per: 7%, part: share}}
  PEAK: {name: 峰, in: TOTAL, points: 8, value: a, unit: 个, rule: {kind: per_unit, around: b, more: -1, fewer: -3}}
  FREE: {name: 不限, in: TOTAL, value: x, unit: 天, floor: none, cap: none, rule: {kind: per_unit, start: 1,
      more: 1, fewer: 0.5}}
  STEPS: {name: 档, in: TOTAL, points: 6, value: x - y, unit: 天, rule: {kind: steps, steps: [{at_least: 3,
      gives: 6}, {more_than: 0, gives: 2.5}, {otherwise: true, gives: 0}]}}
  WHEN: {name: 条, in: TOTAL, points: 6, rule: {kind: steps, steps: [{when: p and not q, gives: 6},
      {when: a > b or r, gives: 1}, {otherwise: true, gives: 0}]}}
  CHECK: {name: 清, in: TOTAL, points: 6, rule: {kind: checklist, items: {p: 1, q: 2, r: 3}, mandatory: [q]}}
  LEVEL: {name: 级, in: TOTAL, points: 4, value: l, rule: {kind: levels, levels: {好: 4, 中: 1.5, 差: 0}}}
  CHOSEN: {name: 选, in: TOTAL, points: 4, value: l, rule: {kind: levels, chosen: s, levels: {好: {at_least: 70%,
      at_most: 100%}, 中: {more_than: 30%, less_than: 70%}, 差: {at_least: 0%, at_most: 30%}}}}
  OPEN: {name: 空, in: TOTAL, points: 2, rule: {kind: delegated, note: 未定}}
  PLAIN: {name: 直给, in: TOTAL, points: 3, value: p or d <= '2020-06-30'}
  LATE: {name: 迟, in: TOTAL, points: 5, value: "max(0, days(d, '2020-06-30'))", unit: 天, rule: {kind: per_unit,
      more: -0.5}}
  BY:
    name: 分
    in: TOTAL
    points: 5
    value: a
    unit: 个
    rule:
      by: g
      东: {kind: proportional, target: 8}
      中: {kind: per_unit, start: 0, more: 1}
      西: {kind: steps, steps: [{at_least: 4, gives: 5}, {otherwise: true, gives: 1}]}
  EXCEPT:
    name: 外
    in: TOTAL
    points: 10
    value: a / b
    unit: 占比
    rule: {kind: proportional, target: 100%}
    overrides:
      - {when: p and q, at_most: 4}
      - {when: b == 0, gives: full}
      - {when: r, gives: 1}
    round: {places: 2, mode: truncate}
  ROWS: {name: 表, in: TOTAL, combine: sum}
  HALF: {name: 上块, in: TOTAL, combine: sum}
  REST: {name: 下块, in: TOTAL, combine: sum}
  row: {name: 行, per: t, in: ROWS, points: u, value: v, unit: 个, overrides: [{when: not k, gives: 0}],
      rule: {kind: proportional, target: w}}
  half: {name: 半, per: t, in: {by: h, 上: HALF, 下: REST}, points: u, value: k}
  LIST: {name: 列, in: TOTAL, points: 5, value: count(t.k and t.v >= 3) / count(t), unit: 占比,
      rule: {kind: proportional, target: 1}, overrides: [{when: count(t) == 0, gives: 0}]}
  MEAN: {name: 均, in: TOTAL, points: 5, value: mean(t.v), unit: 个, rule: {kind: linear, zero_at: 0, full_at: 8}}
  LEAST: {name: 最少, in: TOTAL, points: 5, value: "min(min(t.v), a)", unit: 个, rule: {kind: linear, zero_at: 0,
      full_at: 8}}
  SUMS: {name: 合, in: TOTAL, points: 5, value: sum(t.v * 2) - max(t.w), unit: 个, rule: {kind: linear,
      zero_at: 0, full_at: 20}}
  GRADE: {name: 等, value: TOTAL, overrides: [{when: V, gives: 差}], rule: {kind: steps, steps: [{at_least: 90,
      gives: 优}, {more_than: 60, gives: 中}, {otherwise: true, gives: 差}]}}
events:
  V: {name: 否决, when: q and (r or a < b)}
""".replace("target: 1}, overrides", "target: 100%}, overrides").replace(
    "unit: 个, rule: {kind: proportional, target: w}", "rule: {kind: proportional, target: w}"
)
FIELDS = "abmnxyspqrgld"
COLUMNS = "uvwkh"
Sheet = dict[str, Any]


def value(rng: Random, key: str) -> Any:
    """A random answer for one field or column, often on an edge."""
    match key:
        case "a" | "b":
            return rng.choice((0, 1, 2, 3, 5, 8, 12))
        case "v" | "w":
            return rng.choice((0, 1, 2, 3, 5, 8))
        case "m" | "n":
            return rng.choice((F(0), F(2), F(9), F(10), F(rng.randrange(1000), 100)))
        case "x":
            return F(rng.choice((-900, -200, 0, 300, 500, 900, rng.randrange(-900, 900))), 100)
        case "y":
            return F(rng.choice((-200, 0, 1, 300, rng.randrange(-9000, 9000))), 100)
        case "s":
            return F(rng.choice((0, 30, 50, 57, 70, 100, rng.randrange(100))), 100)
        case "u":
            return rng.choice((0, 5, F(5, 2), 20))
        case "g":
            return rng.choice("东中西")
        case "l":
            return rng.choice("好中差")
        case "h":
            return rng.choice("上下")
        case "d":
            return rng.choice(("2020-06-30", "2020-07-01", "2020-08-15", "2019-12-31"))
        case _:
            return rng.random() < 0.6


def sheet(rng: Random) -> Sheet:
    rows = [{key: value(rng, key) for key in COLUMNS} for _ in range(rng.choice((0, 1, 2, 4)))]
    return {**{key: value(rng, key) for key in FIELDS}, "lists": {"t": rows}}


def opened(rng: Random, full: Sheet, chance: float) -> tuple[Sheet, list[Sheet]]:
    """The sheet with some cells made unknown, and several ways of filling those again (one is the sheet itself)."""
    whole_list = rng.random() < chance / 3
    cells = [(key,) for key in FIELDS if rng.random() < chance]
    cells += [
        ("lists", "t", i, key) for i in range(len(full["lists"]["t"])) for key in COLUMNS if rng.random() < chance
    ]
    bare, filled = copied(full), [full]
    for cell in cells:
        put(bare, cell, "读不出")
    if whole_list:
        bare["lists"]["t"] = "读不出"
    for _ in range(6):
        other = copied(full)
        if whole_list:
            other["lists"]["t"] = sheet(rng)["lists"]["t"]
        for cell in cells:
            if not (whole_list and cell[0] == "lists"):
                put(other, cell, value(rng, cell[-1]))
        filled.append(other)
    return bare, filled


def copied(full: Sheet) -> Sheet:
    return {**full, "lists": {"t": [dict(row) for row in full["lists"]["t"]]}}


def put(one: Any, cell: tuple, answer: Any) -> None:
    *way, last = cell
    for step in way:
        one = one[step]
    one[last] = answer
