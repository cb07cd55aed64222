"""One slip in what the whole language can say gives one complaint: cohorts, choices, parts left out, duties."""

from __future__ import annotations

import pytest

from tests.scheme.spoiling import spoiled

SCHEME = """\
format: 1
id: shili/large
name: 大例
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {total: FINAL}
blank: {means: pending, cite: [T/1]}

stages:
  build: {name: 建设, from: 2024-01-01, to: 2024-06-30, cite: [T/1]}

fields:
  region: {name: 地区, type: choice, options: [东部, 西部], filled_by: province, cite: [T/1]}
  poor:   {name: 贫困县, type: yesno, filled_by: province, cite: [T/1]}
  rate:   {name: 覆盖率, type: share, confirmed_by: [city], stage: build, cite: [T/1]}
  firms:  {name: 企业, type: count, unit: 家, cite: [T/1]}
  base:   {name: 上年企业, type: count, unit: 家, blank: {means: out, cite: [T/1]}, cite: [T/1]}
  index:  {name: 指数, type: number, unit: 无, cite: [T/1]}
  done:   {name: 已报送, type: yesno, cite: [T/1]}

lists:
  rows:
    name: 明细
    rows_from: subject
    columns:
      title:  {name: 名称, type: text}
      nature: {name: 种类, type: choice, options: [绝对, 相对]}
      got:    {name: 完成, type: count, unit: 个}
      money:  {name: 资金, type: money, unit: 万元}
      marks:  {name: 分值, type: points}
  merged:
    name: 归并
    rows_from: groups
    of: rows
    by: [nature]
    columns:
      nature: {name: 种类, type: choice, options: [绝对, 相对]}
      got:    {name: 完成, type: count, unit: 个, value: sum(rows.got)}
  terms:
    name: 季报
    rows_from: calendar
    every: quarter
    from: 2024-01-01
    to: 2024-12-31
    due_day: 31
    shifted: {2024-10-31: 2024-11-04}
    columns: {sent: {name: 报送日, type: date}}

indicators:
  FINAL: {name: 总分, points: 100, combine: mean, missing: spread, need: 1, cite: [T/1]}
  A: {name: 覆盖率, in: FINAL, weight: 60%, points: 10, value: rate, unit: 占比, cite: [T/1],
      rule: {kind: steps, steps: [{at_least: {by: region, 东部: 60%, 西部: 40%}, gives: 10}, {otherwise: true, gives: 0}]}}
  B: {name: 增长, in: FINAL, weight: 40%, points: 10, value: firms, unit: 家, cite: [T/1],
      rule: {kind: linear, zero_at: base, full_at: base * 2, better: higher}}
  C: {name: 企业数, points: 6, value: firms, unit: 家, cite: [T/1],
      rule: {kind: range, low: 3, high: 5, below: proportional, above: {loses: 1}}}
  D: {name: 名次, value: firms, unit: 家, cite: [T/1],
      rule: {kind: rank, order: high_first, ties: min, gives: place, within: poor}}
  E: {name: 与最好相比, value: firms, unit: 家, rule: {kind: relative, to: best, times: 100}, cite: [T/1]}
  F: {name: 平均企业数, across: region, value: mean(firms), cite: [T/1]}
  G: {name: 高于平均, value: firms - F > previous(firms) and index > 1, cite: [T/1]}
  H: {name: 明细分, points: 5, combine: sum, cite: [T/1]}
  row: {name: 一条, per: merged, in: H, value: merged.got, rule: {kind: per_unit, start: 0, more: 1}, cap: 5, cite: [T/1]}
  I: {name: 季报, value: count(terms.sent <= terms.due), round: {to: 0.5, mode: half_up}, cite: [T/1]}

events:
  V: {name: 停报, when: not done, cite: [T/1]}
duties:
  report: {name: 按季报送, who: county, kind: report, met: done, every: quarter, stage: build, cite: [T/1]}
"""
SOURCES = "format: 1\nT:\n  title: 办法\n  clauses:\n    '1': {gist: 第一条}\n"
CASES = """\
format: 1
base: {firms: 3, rate: 40%}
cases:
  - {name: 一, given: {firms: 4}, expect: {C: 6}, expect_duties: {report: 待定}}
  - {name: 二, cohort: {甲: {firms: 4}, 乙: {firms: 3}}, previous: {firms: 1}, expect: {甲: {D: 1}}}
"""
NATURE = "nature: {name: 种类, type: choice, options: [绝对, 相对]}"
SLIPS = [
    ("S207", "东部: 60%, 西部: 40%", "东部: 60%", "一一对应"),
    ("S207", "东部: 60%, 西部: 40%", "东部: 60%, 北部: 40%", "一一对应"),
    ("S105", "{by: region, 东部: 60%, 西部: 40%}", "«{东部: 60%, 西部: 40%}", "by"),
    ("S106", "西部: 40%", "西部: 0.4", "%"),
    ("S214", "at_least: {by: region,", "at_least: {by: firms,", "不是"),
    ("S200", "at_least: {by: region,", "at_least: {by: regoin,", "region"),
    ("S105", "西部: 40%}", "西部: {by: poor, 是: 1%, 否: 2%}}", "不能再套"),
    ("S209", ", better: higher}}", "}}", "better"),
    ("S205", "zero_at: base,", "zero_at: rate,", "单位"),
    ("S209", "low: 3, high: 5", "low: 6, high: «5", "改正两端"),
    ("S104", "below: proportional, ", "", "below"),
    ("S207", "{kind: relative, to: best, times: 100}",
     "{kind: curve, through: [{at: 0, gives: 0}, {at: 5, gives: 5}, {at: «5, gives: 8}]}", "从小到大"),
    ("S105", "{kind: relative, to: best, times: 100}", "{kind: curve, through: «[{at: 0, gives: 0}]}", "个数"),
    ("S105", "below: proportional", "below: «half", "proportional"),
    ("S103", "{loses: 1}", "{loses: 1, «pre: 1}", "per"),
    ("S105", "ties: min", "ties: «first", "min"),
    ("S104", "order: high_first, ", "", "order"),
    ("S200", "within: poor", "within: «firms", "选项"),
    ("S209", "D: {name: 名次, ", "D: {name: 名次, points: 5, ", "去掉 points"),
    ("S105", "to: best", "to: «top", "best"),
    ("S214", "value: mean(firms)", "value: mean(firms) + firms", "要放进"),
    ("S200", "across: region", "across: «firms", "选项"),
    ("S105", "value: mean(firms), cite",
     "value: mean(firms), rule: {kind: per_unit, start: 0, more: 1}, cite", "across"),
    ("S107", "previous(firms)", "previous(firms + 1)", "previous"),
    ("S214", "previous(firms)", "previous(done)", "数字"),
    ("S209", "combine: mean, missing: spread, need: 1,", "combine: mean, need: 1,", "missing"),
    ("S204", "weight: 40%", "weight: 30%", "100%"),
    ("S209", ", weight: 40%", "", "weight"),
    ("S105", "missing: spread", "missing: «shared", "spread"),
    ("S105", "I: {name: 季报, value:", "I: {name: 季报, missing: out, value:", "combine"),
    ("S105", "to: 0.5, mode", "to: 0, mode", "大于零"),
    ("S105", "to: 0.5, mode", "to: 0.5, places: 1, mode", "恰好写一个"),
    ("S105", "every: quarter\n", "every: «fortnight\n", "quarter"),
    ("S105", "due_day: 31", "due_day: 32", "31"),
    ("S213", "to: 2024-12-31", "to: «2023-12-31", "改正日期"),
    ("S200", "of: rows", "of: «row_s", "rows"),
    ("S105", "    by: [nature]", "    by: [natur]", "by 里的列"),
    ("S205", f"      {NATURE}\n      got:    {{name: 完成, type: count, unit: 个, value",
     f"      «{NATURE.replace(', 相对', '')}\n      got:    {{name: 完成, type: count, unit: 个, value", "来源清单"),
    ("S205", "value: sum(rows.got)", "value: «sum(rows.money)", "单位"),
    ("S206", "value: sum(rows.got)", "value: «sum(rows.got) + got", "by"),
    ("S206", "value: sum(rows.got)", "value: «sum(got)", "来源清单"),
    ("S105", "got:    {name: 完成, type: count, unit: 个}",
     "got:    {name: 完成, type: count, unit: 个, value: 1}", "groups"),
    ("S200", "confirmed_by: [city]", "confirmed_by: [«citty]", "city"),
    ("S200", "confirmed_by: [city], stage: build", "confirmed_by: [city], stage: «bild", "build"),
    ("S213", "to: 2024-06-30", "to: «2023-06-30", "改正日期"),
    ("S200", "who: county", "who: «countty", "county"),
    ("S105", "kind: report, met", "kind: «reports, met", "report"),
    ("S214", "met: done", "met: «firms", "真假"),
    ("S200", "met: done", "met: «donne", "done"),
    ("S206", "value: firms, unit: 家, rule: {kind: relative", "value: firms + E, unit: 家, rule: {kind: relative", "成环"),
    ("S209", "blank: {means: out, cite: [T/1]}, cite", "blank: {means: no, cite: [T/1]}, cite", "pending"),
    ("S205", "value: firms - F >", "value: firms - index >", "单位"),
    ("S107", "not done", "not done.why()", "函数"),
    ("S107", "when: not done", "when: not class", "保留字"),
    ("S209", "name: 指数, type: number, unit: 无,", "name: 指数, type: number, unit: 无, between: «[9, 1],", "低"),
    ("S209", "C: {name: 企业数, points: 6,", "C: {name: 企业数, points: «0,", "大于零"),
    ("S204", "C: {name: 企业数, points: 6,", "C: {name: 企业数, points: 6, floor: «15,", "高于上限"),
    ("S204", "C: {name: 企业数, points: 6,", "C: {name: 企业数, points: 6, overrides: [{when: done, at_most: «50}],", "高于上限"),
    ("S204", "{kind: range, low: 3, high: 5, below: proportional, above: {loses: 1}}",
     "{kind: curve, through: [{at: 0, gives: 6}, {at: 5, gives: «25}]}", "超过满分"),
    ("S204", "{kind: range, low: 3, high: 5, below: proportional, above: {loses: 1}}",
     "{kind: per_unit, start: «12, more: -1}", "超过满分"),
    ("S209", "{kind: range, low: 3, high: 5, below: proportional, above: {loses: 1}}",
     "{kind: per_unit, more: «0.5}", "扣分写负数"),
    ("S209", "{kind: range, low: 3, high: 5, below: proportional, above: {loses: 1}}",
     "{kind: proportional, target: «{by: region, 东部: 0, 西部: 5}}", "大于零"),
    ("S103", "{kind: relative, to: best, times: 100}",
     "{kind: relative, to: best, times: 100, «zzz: 1}", "这里可用：kind、value、to"),
    ("S209", "to: 2024-12-31", "to: «2124-12-31", "五十年"),
    ("S107", "西部: 40%", "西部: 40％", "半角"),
    ("S201", "  done:   {name: 已报送", "  «count: {name: 没用, type: yesno}\n  done:   {name: 已报送", "函数名"),
    ("S105", "valid_from: 2024-01-01", "valid_from: «2024-02-30", "没有 2024-02-30"),
]  # fmt: skip


def spoil(folder, *changes):
    return spoiled(folder, *changes, scheme_yaml=SCHEME, sources_yaml=SOURCES, cases_yaml=CASES)


def test_the_edition_itself_is_right(tmp_path):
    assert spoil(tmp_path) == ([], [])


@pytest.mark.parametrize(("code", "old", "new", "advice"), SLIPS, ids=[f"{s[0]}-{i}" for i, s in enumerate(SLIPS)])
def test_one_slip_gives_one_complaint(tmp_path, code, old, new, advice):
    problems, places = spoil(tmp_path, (old, new))
    said = [(p.code, str(p.rule), p.what, p.do) for p in problems]
    assert [code_ for code_, *_ in said] == [code], said
    if places:
        assert said[0][1] in places, said
    assert advice in said[0][2] + said[0][3], said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("base: {firms: 3,", "base: {region: 东, firms: 3,", "没有“东”这个选项"),
        ("base: {firms: 3,", "base: {poor: 对, firms: 3,", "没有“对”这个选项"),
        ("base: {firms: 3,", "base: {index: 三百, firms: 3,", "要数，不是“三百”"),
        ("base: {firms: 3,", "base: {lists: {rows: [{nature: 相}]}, firms: 3,", "没有“相”这个选项"),
        ("expect: {C: 6}", "expect: {C: 6}, expect_do: [rewrd]", "“rewrd”不在词表里"),
    ],
)
def test_a_slip_in_the_cases_is_told(tmp_path, old, new, words):
    found, _ = spoiled(tmp_path, scheme_yaml=SCHEME, sources_yaml=SOURCES, cases_yaml=CASES.replace(old, new))
    assert [(problem.code, problem.rule.file) for problem in found] in (
        [("S200", "cases.yaml")],
        [("S105", "cases.yaml")],
    )
    assert words in found[0].what


def test_several_slips_are_told_in_one_run(tmp_path):
    problems, _ = spoil(
        tmp_path, ("to: best", "to: top"), ("ties: min", "ties: first"), ("who: county", "who: countty")
    )
    assert [problem.code for problem in problems] == ["S105", "S105"]  # what does not fit a model hides the rest


def test_a_column_that_no_workbook_asks_for_is_noted_and_loads(tmp_path):
    problems, _ = spoil(
        tmp_path, ("marks:  {name: 分值, type: points}", "marks:  {name: 分值, type: points, filled_by: reviewer}")
    )
    assert [(problem.code, problem.level) for problem in problems] == [("S220", "note")]
