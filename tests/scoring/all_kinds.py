"""One edition that uses every rule kind and every step of an indicator, and random sheets for it."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

F = Fraction

BODY = (
    (
        """
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
  e: {name: 可缺, type: number, unit: 天, between: [-9, 9], blank: {means: out, question: Q1}}
  f: {name: 可不答, type: yesno, blank: {means: out, question: Q1}}
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
      z: {name: 额, type: count, unit: 个, between: [0, 8], blank: {means: out, question: Q1}}
  gr:
    name: 组
    rows_from: groups
    of: t
    by: [h]
    columns:
      h: {name: 块, type: choice, options: [上, 下]}
      gs: {name: 组合计, type: number, unit: 个, value: {by: h, 上: sum(t.v), 下: mean(t.v)}}
      gm: {name: 组中, type: number, unit: 个, value: "percentile(t.w, 75%)"}
      gz: {name: 组额, type: number, unit: 个, value: sum(t.z)}
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
  RANGE: {name: 区, in: TOTAL, points: 6, value: x, unit: 天, rule: {kind: range, low: -2, high: {by: g, 东: 1, 中: 3,
      西: y}, below: {loses: 1.5, per: 2, part: whole}, above: zero}}
  CURVE: {name: 折线, in: TOTAL, points: 6, value: x, unit: 天, rule: {kind: curve, through: [{at: -4, gives: 1}, {at: y,
      gives: 6}, {at: 9, gives: 2}]}}
  PRANGE: {name: 比区, in: TOTAL, points: 6, value: m / n, unit: 占比, rule: {kind: range, low: 80%, high: 120%,
      below: proportional, above: proportional}}
  BENT: {name: 折线, in: TOTAL, points: 8, value: a - b, unit: 个, rule: {kind: linear, zero_at: b - 9,
      full_at: {by: p, 是: a / 2, 否: 12}, line: [0.5, 7.5], outside: [0, u8], better: higher}}
  u8: {name: 八, value: {by: q, 是: 8, 否: 7 + a / 12}, unit: 个}
  FELL: {name: 降线, in: TOTAL, points: 6, value: x, unit: 天, rule: {kind: linear, zero_at: 5, full_at: y, line: [1,
      6], better: lower}}
  TERMS: {name: 项参, in: TOTAL, points: 8, value: s, unit: 占比, floor: {by: p, 是: 1, 否: 0}, cap: 7 + count(t.k) / 8,
      rule: {kind: per_unit, around: 50%, start: "s * 6", more: a / 12, fewer: -2, per: 7%, part: whole}}
  CHECKT: {name: 清参, in: TOTAL, rule: {kind: checklist, items: {p: {by: g, 东: 1, 中: 2, 西: 3}, q: a / 4, r: 1}}}
  LEVELT: {name: 级参, in: TOTAL, value: l, rule: {kind: levels, levels: {好: {by: p, 是: 5, 否: 4}, 中: b / 6, 差: 0}}}
  STEPT: {name: 档参, in: TOTAL, points: 6, value: x, unit: 天, rule: {kind: steps, steps: [{at_least: y, gives: 6},
      {more_than: {by: g, 东: -3, 中: y - 9, 西: -9}, gives: = b / 6}, {otherwise: true, gives: 0}]}}
  FUNC: {name: 函, value: "sqrt(a) + ln(b + 1) - exp(x / 9) + sqrt(abs(y))"}
  ORDER: {name: 序, value: "median(t.v) + std(t.w) + percentile(t.v - t.w, 90%)", unit: 个}
  OUT_V: {name: 缺, value: e * 2, unit: 天, overrides: [{when: p and r, gives: out}, {when: q, gives: = x},
      {when: l == '差', at_most: 3}]}
  OUT_P: {name: 缺分, points: 6, value: e, unit: 天, rule: {kind: linear, zero_at: -9, full_at: 9}}
  OUT_Y: {name: 缺答, value: f, overrides: [{when: p and q, gives: 是}, {when: r, gives: out}]}
  OUT_L: {name: 缺档, value: e, unit: 天, rule: {kind: steps, steps: [{at_least: 3, gives: 高}, {otherwise: true,
      gives: 低}]}, overrides: [{when: q, gives: out}, {when: p, gives: 特}]}
  STEPO: {name: 档缺, points: 6, value: x, unit: 天, rule: {kind: steps, steps: [{at_least: y, gives: full},
      {more_than: 0, gives: out}, {when: q, gives: 1/3}, {otherwise: true, gives: out}]}}
  STEPL: {name: 档名缺, value: e, unit: 天, rule: {kind: steps, steps: [{at_least: y, gives: 高}, {when: p, gives: out},
      {otherwise: true, gives: 低}]}, overrides: [{when: r, gives: 特}]}
  STEPB: {name: 分支缺, points: 6, rule: {by: g, 东: {kind: steps, value: x, steps: [{at_least: 2, gives: full},
      {otherwise: true, gives: out}]}, 中: {kind: steps, value: y, steps: [{at_least: 2, gives: out},
      {otherwise: true, gives: 6}]}, 西: {kind: proportional, value: a, target: 9}}}
  LABEL: {name: 改名, value: g, overrides: [{when: p, gives: 北}, {when: OUT_L == '特', gives: out}]}
  SPREAD: {name: 摊, combine: sum, missing: spread}
  SPREAD1: {name: 摊一, in: SPREAD, points: 6, value: STEPO}
  SPREAD2: {name: 加分, in: SPREAD, value: a * 1, unit: 分}
  BYWEIGHT: {name: 分类权重, combine: mean, missing: skip}
  BYWEIGHT1: {name: 权一, in: BYWEIGHT, points: 6, weight: {by: g, 东: 60%, 中: 30%, 西: 0%}, value: STEPO}
  BYWEIGHT2: {name: 权二, in: BYWEIGHT, points: 4, weight: {by: g, 东: 40%, 中: 70%, 西: 100%}, value: q}
  PICK: {name: 择, value: {by: OUT_Y, 是: e, 否: 1}, unit: 天}
  PICKR: {name: 择规, points: 4, rule: {by: g, 东: {kind: proportional, value: e, target: 9}, 中: {kind: proportional,
      value: a, target: 9}, 西: {kind: delegated, note: 未定}}}
  HOLDS: {name: 不成立, value: {by: q, 是: 1, 否: 2}, unit: 分, overrides: [{when: OUT_V >= 2 or f, gives: = 5 + a},
      {when: OUT_L == '高', gives: 7}]}
"""
        + "".join(
            f"""
  S_{how}_{missing}: {{name: 并, combine: {how}, missing: {missing}{", need: 2" if need else ""}}}
  s_{how}_{missing}_a: {{name: 一, in: S_{how}_{missing}, points: 6,
      {"weight: 50%, " if how == "mean" else ""}value: OUT_P}}
  s_{how}_{missing}_b: {{name: 二, in: S_{how}_{missing}, points: 4,
      {"weight: 30%, " if how == "mean" else ""}value: s * 4 - 0, unit: 分, overrides: [{{when: p, gives: out}}]}}
  s_{how}_{missing}_c: {{name: 三, in: S_{how}_{missing}, points: 9,
      {"weight: 20%, " if how == "mean" else ""}value: q}}
"""
            for how, missing, need in (
                ("sum", "out", False),
                ("sum", "skip", True),
                ("sum", "zero", False),
                ("sum", "spread", False),
                ("mean", "skip", False),
                ("mean", "zero", True),
                ("max", "skip", False),
                ("min", "spread", False),
                ("max", "zero", False),
            )
        )
        + """
  C_count: {name: 数是, combine: count, missing: skip}
  c1: {name: 数一, in: C_count, value: OUT_Y}
  c2: {name: 数二, in: C_count, value: p}
  C_all: {name: 全是, combine: all, missing: skip, need: 1}
  a1: {name: 全一, in: C_all, value: OUT_Y}
  a2: {name: 全二, in: C_all, value: f}
  C_any: {name: 有是, combine: any, missing: zero}
  o1: {name: 有一, in: C_any, value: OUT_Y}
  o2: {name: 有二, in: C_any, value: f}
  R_sum: {name: 行和, points: 80, combine: sum, missing: spread}
  r_sum: {name: 行, per: t, in: R_sum, points: u, value: k, overrides: [{when: z > 5, gives: out}]}
  R_up: {name: 上均, combine: mean, missing: skip}
  R_down: {name: 下均, combine: mean, missing: skip}
  r_mean: {name: 行比, per: t, in: {by: h, 上: R_up, 下: R_down}, points: 5, weight: v, value: z, unit: 个,
      rule: {kind: proportional, target: 8}}
  R_max: {name: 行大, combine: max, missing: skip}
  r_max: {name: 行数, per: t, in: R_max, value: z - w, unit: 个}
  R_any: {name: 有行, combine: any, missing: skip}
  r_any: {name: 行是, per: t, in: R_any, value: k, overrides: [{when: z > 5, gives: out}]}
  G_sum: {name: 组和, combine: sum, missing: zero}
  g_row: {name: 组行, per: gr, in: G_sum, points: 5, value: gs + gm, unit: 个, rule: {kind: proportional, target: 9},
      overrides: [{when: gz > 8, gives: out}]}
  G_n: {name: 组数, value: count(gr.gs > 3) + max(gr.gm), unit: 个}
  GRADE: {name: 等, value: TOTAL, overrides: [{when: V, gives: 差}], rule: {kind: steps, steps: [{at_least: 90,
      gives: 优}, {more_than: 60, gives: 中}, {otherwise: true, gives: 差}]}}
events:
  V: {name: 否决, when: q and (r or a < b)}
"""
    )
    .replace("target: 1}, overrides", "target: 100%}, overrides")
    .replace("unit: 个, rule: {kind: proportional, target: w}", "rule: {kind: proportional, target: w}")
)
FIELDS = "abmnxyspqrgldef"
COLUMNS = "uvwkhz"
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
        case "e":
            return "未填" if rng.random() < 0.3 else value(rng, "x")
        case "f":
            return rng.choice(("是", "否", "未填"))
        case "z":
            return rng.choice((0, 1, 5, 6, 8, "未填"))
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
