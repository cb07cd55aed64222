"""A small edition with one of everything, and the same with a slip in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evaltool.scheme import Scheme, load_folder

SCHEME = """\
format: 1
id: shili/whole
name: 全例
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {total: TOTAL, grade: GRADE}
blank: {means: pending, cite: [T/1]}
open: {indicators.COVER.rule.target: higher, indicators: beside}
stages:
  build: {name: 建设, from: 2024-01-01, to: 2024-06-30, cite: [T/1]}
fields:
  built: {name: 建成站点, type: count, unit: 个, evidence: [台账, 现场照片], cite: [T/2]}
  all:   {name: 行政村数, type: count, unit: 个, between: [1, 900], cite: [T/2]}
  late:  {name: 迟报次数, type: count, unit: 次, cite: [T/2]}
  rate:  {name: 满意率, type: share, filled_by: reviewer, cite: [T/2]}
  level: {name: 成效, type: choice, options: [好, 差], filled_by: reviewer, cite: [T/2]}
  plan:  {name: 方案已印发, type: yesno, stage: build, note: 以印发为准, cite: [T/2]}
  fake:  {name: 造假, type: yesno, filled_by: province, cite: [T/3]}
  total: {name: 资金总额, type: money, unit: 万元, confirmed_by: [city], cite: [T/4]}
  road:  {name: 修路支出, type: money, unit: 万元, cite: [T/4]}
  feast: {name: 招待支出, type: money, unit: 万元, cite: [T/4]}
lists:
  works:
    name: 项目
    rows_from: subject
    columns:
      kind:   {name: 类别, type: choice, options: [甲类, 乙类]}
      sum:    {name: 合同金额, type: money, unit: 万元}
      paid:   {name: 已付, type: money, unit: 万元}
      done:   {name: 完工, type: yesno}
    cite: [T/2]
  goals:
    name: 任务
    rows_from: edition
    given: [goal, aim]
    columns:
      goal: {name: 任务, type: text}
      aim:  {name: 目标, type: count, unit: 个}
      got:  {name: 完成, type: count, unit: 个}
    rows: [{goal: 修桥, aim: 3}, {goal: 挖渠, aim: 5}]
    cite: [T/2]
  reports:
    name: 月报
    rows_from: calendar
    every: month
    from: 2024-01-01
    to: 2024-03-31
    due_day: 5
    columns:
      sent: {name: 报送日期, type: date}
    cite: [T/2]
indicators:
  TOTAL: {name: 总分, points: 100, combine: sum, round: {places: 2, mode: half_up}, cite: [T/1]}
  HARD: {name: 建设, in: TOTAL, points: 50, combine: sum, cite: [T/2]}
  SOFT: {name: 管理, in: TOTAL, points: 50, combine: sum, cite: [T/2]}
  COVER: {name: 村级站点覆盖率, in: HARD, points: 20, value: built / all, unit: 占比, rule: {kind: proportional, target: 70%}, cite: [T/2]}
  WORKS: {name: 完工率, in: HARD, points: 20, value: count(works.done) / count(works), unit: 占比, rule: {kind: linear, zero_at: 50%, full_at: 90%}, evidence: [台账], cite: [T/2]}
  GOALS: {name: 任务完成, in: HARD, points: 10, value: sum(goals.got) / sum(goals.aim), unit: 占比, rule: {kind: proportional, target: 100%}, cite: [T/2]}
  LATE: {name: 报送, in: SOFT, points: 10, value: late, unit: 次, rule: {kind: per_unit, more: -2}, cite: [T/2]}
  CHECK: {name: 制度, in: SOFT, points: 10, rule: {kind: checklist, items: {plan: 10}}, cite: [T/2]}
  HAPPY: {name: 满意, in: SOFT, points: 20, value: rate, unit: 占比, overrides: [{when: late > 6, gives: 0}], rule: {kind: steps, steps: [{at_least: 90%, gives: 20}, {at_least: 60%, gives: 10}, {otherwise: true, gives: 0}]}, cite: [T/2]}
  LEVEL: {name: 成效, in: SOFT, points: 10, value: level, rule: {kind: levels, levels: {好: 10, 差: 2}}, cite: [T/2]}
  GRADE: {name: 等次, value: TOTAL, overrides: [{when: V1, gives: 不合格}], rule: {kind: steps, steps: [{at_least: 60, gives: 合格}, {otherwise: true, gives: 不合格}]}, cite: [T/3]}
events:
  V1: {name: 弄虚作假, when: fake, cite: [T/3]}
duties:
  monthly: {name: 按月报送, who: county, kind: report, stage: build, every: month, met: count(reports.sent <= reports.due) == count(reports), cite: [T/2]}
  open_up: {name: 公开方案, who: city, kind: duty, cite: [T/2]}
consequences:
  - {when: GRADE == '合格', do: [reward], verb: may, cite: [T/3]}
  - {when: GRADE == '不合格', do: [rectify], verb: shall, within: 三十日, cite: [T/3]}
funds:
  pot:
    name: 专项资金
    total: total
    tolerance: {by: 5%, of: points, cite: [T/4]}
    uses:
      road: {name: 修路, amount: road, at_least: 60%, at_most: masked, question: Q2, cite: [T/4]}
    bans: {feast: [T/4]}
    payments:
      - {name: 超付, breaches: count(works.paid > works.sum), cite: [T/4]}
open_questions:
  Q1: {clause: T/1, question: 保留几位小数, reading: 两位}
  Q2: {clause: T/4, question: 修路上限被遮盖, reading: null}
not_scored:
  T/5: 附则
"""
SOURCES = """\
format: 1
T:
  title: 全例办法
  number: 全例〔2024〕1号
  clauses:
    "1": {gist: 满分和空白}
    "2": {gist: 各项指标}
    "3": {gist: 等次和后果}
    "4": {gist: 资金比例}
    "5": {gist: 施行日期}
"""
CASES = """\
format: 1
base:
  built: 70
  all: 100
  late: 0
  rate: 90%
  level: 好
  plan: 是
  fake: 否
  total: 100
  total_by_city: 是
  road: 60
  feast: 0
  lists:
    works: [{kind: 甲类, sum: 10, paid: 10, done: 是}]
    goals: [{got: 3}, {got: 5}]
    reports: [{sent: 2024-02-05}, {sent: 2024-03-05}, {sent: 2024-04-05}]
cases:
  - {name: 全满, expect: {COVER: 20, TOTAL: 100, GRADE: 合格}, expect_do: [reward], expect_funds: {road: 界限未公布}, expect_duties: {monthly: 做到}}
  - {name: 差一个站点, given: {built: 69}, expect: {COVER: ≈19.714285}}
  - {name: 满意率差一点, given: {rate: 89.99%}, expect: {HAPPY: 10}}
  - {name: 晚一天, given: {lists: {reports: [{sent: 2024-02-06}, {sent: 2024-03-05}, {sent: 2024-04-05}]}}, expect_duties: {monthly: 没有做到}}
  - {name: 造假, given: {fake: 是}, expect: {V1: 是, GRADE: 不合格}, expect_do: [rectify]}
  - {name: 多付, given: {lists: {works: [{kind: 甲类, sum: 10, paid: 10.01, done: 是}]}}, expect_funds: {超付: 不符合}}
"""


Changes = tuple[str, str]


def write(folder: Path, *changes: Changes, sources: Changes = ("", ""), names: Mapping[str, str] = MappingProxyType({})) -> Path:
    """The edition in `folder`: other `names` in all files, then each (old, new) put in the text of the rules."""
    folder.mkdir(parents=True)
    text, cases = SCHEME, CASES
    for old, new in names.items():
        text, cases = (re.sub(rf"\b{old}\b", new, one) for one in (text, cases))
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (folder / "scheme.yaml").write_text(text, "utf-8")
    (folder / "sources.yaml").write_text(SOURCES.replace(*sources, 1) if sources[0] else SOURCES, "utf-8")
    (folder / "cases.yaml").write_text(cases, "utf-8")
    return folder


def edition(folder: Path, *changes: Changes, **other: Any) -> Scheme:
    return load_folder(write(folder, *changes, **other))
