"""A small edition with everything in it, and ways of spoiling it: the mark « shows where the complaint must point."""

from __future__ import annotations

from pathlib import Path

from evaltool.problems import Problem
from evaltool.scheme import examine

MARK = "«"
SCHEME = """\
format: 1
id: shili/small
name: 小例
valid_from: 2024-01-01
valid_to: null
checked_on: 2024-11-20
status: official
subject: 县
results: {total: TOTAL, grade: GRADE}
blank: {means: zero, cite: [BF/7]}

fields:
  visits:     {name: 基层人次, type: count, unit: 人次, evidence: [统计报表], cite: [BF/A1]}
  all_visits: {name: 总人次, type: count, unit: 人次, cite: [BF/A1]}
  spend:      {name: 支出, type: money, unit: 万元, cite: [BF/A2]}
  all_spend:  {name: 总额, type: money, unit: 万元, cite: [BF/A2]}
  bad:        {name: 不合格, type: count, unit: 份, filled_by: reviewer, cite: [BF/B1]}
  plan:       {name: 计划, type: yesno, cite: [BF/B2]}
  audit:      {name: 督查, type: yesno, cite: [BF/B2]}
  level:      {name: 成效, type: choice, options: [好, 中, 差], filled_by: reviewer, cite: [BF/B3]}
  chosen:     {name: 得分占比, type: share, between: [0%, 100%], filled_by: reviewer, cite: [BF/B3]}
  fake:       {name: 造假, type: yesno, filled_by: province, blank: {means: pending, question: Q1}, cite: [BF/15]}
  filed:      {name: 已备案, type: yesno, filled_by: province, asked_when: plan, cite: [BF/15]}
  sent:       {name: 报送日, type: date, blank: {means: never, question: Q1}, cite: [BF/15]}

lists:
  goods:
    name: 支出
    rows_from: subject
    columns:
      paid:  {name: 金额, type: money, unit: 万元}
      bill:  {name: 发票, type: yesno}
      marks: {name: 分值, type: points}

indicators:
  TOTAL: {name: 总分, points: 100, combine: sum, round: {places: 2, mode: half_up}, cite: [BF/6]}
  A: {name: 服务, in: TOTAL, points: 60, combine: sum, cite: [BF/6]}
  A1:
    name: 占比
    in: A
    points: 30
    value: visits / all_visits
    unit: 占比
    rule:
      kind: steps
      steps:
        - {at_least: 65%, gives: 30}
        - {at_least: 55%, gives: 20}
        - {otherwise: true, gives: 0}
    cite: [BF/A1]
  A2: {name: 支出率, in: A, points: 30, cite: [BF/A2],
    value: spend / all_spend, unit: 占比, rule: {kind: linear, zero_at: 60%, full_at: 75%}}
  B: {name: 管理, in: TOTAL, points: 40, combine: sum, cite: [BF/6]}
  B1: {name: 质量, in: B, points: 10, value: bad, unit: 份, rule: {kind: per_unit, more: -0.5}, cite: [BF/B1]}
  B2: {name: 制度, in: B, points: 20, rule: {kind: checklist, items: {plan: 12, audit: 8}, mandatory: [plan]},
    cite: [BF/B2]}
  B3:
    name: 成效
    in: B
    points: 10
    value: level
    rule:
      kind: levels
      chosen: chosen
      levels:
        好: {at_least: 80%, at_most: 100%}
        中: {at_least: 50%, less_than: 80%}
        差: {at_least: 0%, less_than: 50%}
    cite: [BF/B3]
  SIDE: {name: 附, value: count(goods.paid >= 5 and not goods.bill), unit: 笔, rule: {kind: per_unit, start: 0, more: -1}}
  LATE: {name: 迟, value: "days(sent, '2024-06-30')", unit: 天}
  GRADE:
    name: 等次
    value: TOTAL
    overrides: [{when: V1, gives: 丙}]
    rule:
      kind: steps
      steps:
        - {at_least: 85, gives: 甲}
        - {at_least: 60, gives: 乙}
        - {otherwise: true, gives: 丙}
    cite: [BF/12]

events:
  V1: {name: 造假, when: fake, cite: [BF/15]}

consequences:
  - {when: GRADE == '甲', do: [reward], verb: may, cite: [BF/18]}
  - {when: GRADE == '丙', do: [rectify], verb: shall, within: 三个月, cite: [BF/18]}

funds:
  pot:
    name: 资金
    total: all_spend
    tolerance: {by: 5%, of: unset, when: filed, question: Q1, cite: [BF/18]}
    uses:
      road: {name: 路, amount: spend, at_least: 60%, at_most: masked, question: Q1, cite: [BF/18]}
    bans: {spend: [BF/18]}
    payments:
      - {name: 缺票, breaches: count(not goods.bill), cite: [BF/18]}

open_questions:
  Q1: {clause: BF/15, question: 没有填能不能当作没有, reading: 不能}

not_scored:
  BF/3: 组织方式
"""
SOURCES = """\
format: 1
BF:
  title: 小例办法
  number: 小例发〔2024〕7号
  clauses:
    "3":  {page: 1, gist: 组织}
    "6":  {page: 2, gist: 总分}
    "7":  {page: 2, gist: 空白}
    "12": {page: 4, gist: 等次}
    "15": {page: 5, gist: 造假}
    "18": {page: 6, gist: 奖惩}
    A1: {gist: 占比}
    A2: {gist: 支出率}
    B1: {gist: 质量}
    B2: {gist: 制度}
    B3: {gist: 成效}
"""
CASES = """\
format: 1
base: {visits: 55, all_visits: 100, plan: 是}
cases:
  - {name: 正好, given: {visits: 55}, expect: {A1: 20}, expect_funds: {road: 符合}}
"""
FILES = {"scheme.yaml": SCHEME, "sources.yaml": SOURCES, "cases.yaml": CASES}


def spoiled(
    folder: Path, *changes: tuple[str, str], file: str = "scheme.yaml", **whole: str
) -> tuple[list[Problem], list[str]]:
    """What is said of the edition with each (old, new) put in, and the marked places as `file:line:column`."""
    texts = dict(FILES) | {name.replace("_", "."): text for name, text in whole.items()}
    for old, new in changes:
        assert texts[file].count(old) == 1, f"{old!r} stands {texts[file].count(old)} times in {file}"
        texts[file] = texts[file].replace(old, new)
    places = []
    for name, text in texts.items():
        while MARK in text:
            at = text.index(MARK)
            places.append(f"{name}:{text.count(chr(10), 0, at) + 1}:{at - (text.rfind(chr(10), 0, at) + 1) + 1}")
            text = text.replace(MARK, "", 1)
        (folder / name).write_text(text, "utf-8")
    return examine(folder)[1], places
