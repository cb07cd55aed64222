"""One slip in a definition gives one complaint, with its code, its place to the column, and what to write instead."""

from __future__ import annotations

import pytest

from evaltool.problems import SchemeError
from evaltool.scheme import load_folder
from scheme.spoiling import spoiled

SLIPS = [
    # the dialect
    ("S100", "subject: 县", "subject: [县\nresults_«: 1", ""),
    ("S101", "  B: {name: 管理", "  «A: {name: 管理", "只留一个"),
    ("S101", "gives: 30}", "gives: 30, «gives: 20}", "只留一个"),
    ("S102", "subject: 县", "subject: «&s 县", "直接写出来"),
    ("S102", "subject: 县", "subject: «!!str 县", "直接写出来"),
    ("S105", "value: spend / all_spend", "value: max(spend, «all_spend)", "加引号"),
    # keys
    ("S103", "checked_on:", "«chekced_on:", "是不是“checked_on”？"),
    ("S103", "  visits:     {name: 基层人次, type", "  visits:     {name: 基层人次, «tpye: count, type", "是不是“type”？"),
    ("S103", "points: 30, cite: [BF/A2]", "points: 30, «vaule: 1, cite: [BF/A2]", "是不是“value”？"),
    (
        "S103",
        "{kind: linear, zero_at: 60%, full_at: 75%}",
        "{kind: linear, zero_at: 60%, full_at: 75%, «zero_att: 1}",
        "是不是“zero_at”？",
    ),
    ("S103", "{at_least: 65%, gives: 30}", "{at_least: 65%, gives: 30, «give: 1}", "是不是“gives”？"),
    ("S103", "round: {places: 2,", "round: {places: 2, «mood: 1,", "是不是“mode”？"),
    (
        "S103",
        "blank: {means: pending, question: Q1}, cite: [BF/15]}\n  filed",
        "blank: {means: pending, question: Q1, «quest: 1}, cite: [BF/15]}\n  filed",
        "是不是“question”？",
    ),
    ("S103", "tolerance: {by: 5%,", "tolerance: {by: 5%, «whem: 1,", "是不是“when”？"),
    ("S103", "at_most: masked, question", "at_most: masked, «at_moost: 5%, question", "是不是“at_most”？"),
    ("S103", "verb: may,", "verb: may, «verbs: may,", "是不是“verb”？"),
    ("S103", "{name: 缺票,", "{name: 缺票, «nam: 1,", "是不是“name”？"),
    ("S103", "      bill:  {name: 发票,", "      bill:  {name: 发票, «uint: 个,", "是不是“unit”？"),
    ("S103", "好: {at_least: 80%, at_most: 100%}", "好: {at_least: 80%, at_most: 100%, «at_mots: 1%}", "是不是“at_most”？"),
    ("S103", "    rows_from: subject", "    rows_from: subject\n    «row: 1", "是不是“rows”？"),
    ("S104", "  V1: {name: 造假, when: fake,", "  «V1: {name: 造假,", "补上 when"),
    ("S104", "kind: linear, zero_at: 60%, full_at: 75%", "kind: linear, zero_at: 60%", "补上 full_at"),
    # values
    ("S105", "status: official", "status: «oficial", ""),
    ("S105", "valid_from: 2024-01-01", "valid_from: «2024-1-1", "2020-06-30"),
    ("S200", "points: 30, cite: [BF/A2]", "points: «thirty, cite: [BF/A2]", "写数字"),
    ("S107", "more: -0.5", "more: «1e3", ""),
    ("S105", "otherwise: true, gives: 0", "otherwise: «yes, gives: 0", "true"),
    ("S105", "kind: per_unit, more: -0.5", "kind: «per_units, more: -0.5", "是不是“per_unit”？"),
    ("S105", "gives: 20}", "gives: «良好}", "数字"),
    ("S106", "at_least: 65%", "at_least: «0.65", "%"),
    ("S106", "zero_at: 60%", "zero_at: «0.6", "%"),
    ("S106", "tolerance: {by: 5%", "tolerance: {by: «0.05", "%"),
    ("S106", "amount: spend, at_least: 60%", "amount: spend, at_least: «0.6", "%"),
    ("S107", "value: visits / all_visits", "value: «visits // all_visits", ""),
    ("S107", "when: fake", "when: «fake.real()", ""),
    ("S107", "value: spend / all_spend", "value: «days(sent)", ""),
    # names
    ("S200", "value: spend / all_spend", "value: «spend / all_spent", "是不是“all_spend”？"),
    ("S200", "  B1: {name: 质量, in: B,", "  B1: {name: 质量, in: «C,", "已有的指标"),
    ("S200", "items: {plan: 12, audit: 8}", "items: {plan: 12, «audits: 8}", "audit"),
    ("S200", "mandatory: [plan]", "mandatory: [«plans]", ""),
    ("S200", "grade: GRADE", "grade: «GRAD", "GRADE"),
    ("S200", "when: GRADE == '甲'", "when: «GRADE == '优'", "甲"),
    ("S200", "do: [reward]", "do: [«rewrd]", "reward"),
    ("S200", "evidence: [统计报表]", "evidence: [«统计表]", "统计报表"),
    ("S200", "total: all_spend", "total: «all_visits", "是不是“all_spend”？"),
    ("S200", "when: filed", "when: «filled", "filed"),
    ("S200", "chosen: chosen", "chosen: «choosen", "chosen"),
    ("S200", "unit: 份, filled_by", "unit: «分数, filled_by", "分"),
    ("S201", "  SIDE:", "  «plan:", "换一个名称"),
    ("S201", "  SIDE:", "  «lambda:", "换一个名称"),
    (
        "S201",
        "      bill:  {name: 发票, type: yesno}",
        "      bill:  {name: 发票, type: yesno}\n      «audit: {name: 查, type: yesno}",
        "换一个列名",
    ),
    ("S105", "  SIDE:", "  «附带:", "英文字母"),
    # clauses
    (
        "S202",
        "rule: {kind: per_unit, more: -0.5}, cite: [BF/B1]",
        "rule: {kind: per_unit, more: -0.5}, cite: [BF/B1, «BF/B9]",
        "是不是“BF/B",
    ),
    ("S202", "  BF/3: 组织方式", "  BF/3: 组织方式\n  «BF/4: 没有", "sources.yaml"),
    ("S202", "clause: BF/15", "clause: «BF/16", "是不是“BF/"),
    # sums, units, cycles, steps
    ("S204", "points: 60, combine", "points: «61, combine", ""),
    ("S204", "at_least: 65%, gives: 30", "at_least: 65%, gives: «31", "改正分数"),
    ("S205", "value: visits / all_visits", "value: «visits + spend", "公式"),
    ("S205", "value: bad, unit: 份", "value: bad, unit: «个", "同一单位"),
    (
        "S205",
        "value: bad, unit: 份, rule: {kind: per_unit, more: -0.5}",
        "value: bad, unit: 份, rule: {kind: linear, zero_at: «5%, full_at: 1}",
        "%",
    ),
    (
        "S206",
        "  B1: {name: 质量, in: B, points: 10, value: bad,",
        "  «B1: {name: 质量, in: B, points: 10, value: bad + B1,",
        "去掉",
    ),
    ("S206", "when: fake", "when: fake or GRADE == '甲'", "→"),
    ("S207", "- {at_least: 55%, gives: 20}", "- «{at_least: 75%, gives: 20}", "从最高档写到最低档"),
    ("S207", "- {at_least: 55%, gives: 20}", "- «{at_most: 55%, gives: 20}", "方向"),
    (
        "S207",
        "        - {at_least: 60, gives: 乙}\n        - {otherwise: true, gives: 丙}",
        "        - «{at_least: 60, gives: 乙}",
        "otherwise",
    ),
    ("S207", "        差: {at_least: 0%, less_than: 50%}\n", "", "options"),
    ("S207", "中: {at_least: 50%, less_than: 80%}", "«中: {at_least: 90%, less_than: 80%}", "区间"),
    ("S208", "  plan:  ", "  «idle: {name: 没用, type: yesno}\n  plan:  ", "删去"),
    # parameters, questions, funds, kinds
    ("S209", "full_at: 75%", "full_at: «60%", ""),
    (
        "S209",
        (
            "value: visits / all_visits\n    unit: 占比\n    rule:\n      kind: steps\n      steps:"
            "\n        - {at_least: 65%, gives: 30}\n        - {at_least: 55%, gives: 20}\n     "
            "   - {otherwise: true, gives: 0}"
        ),
        "value: visits / all_visits\n    unit: 占比\n    rule: {kind: proportional, target: «0%}",
        "改正目标",
    ),
    ("S210", "at_most: masked, question: Q1", "at_most: masked, question: «Q2", "是不是“Q1”？"),
    ("S210", "at_most: masked, question: Q1", "at_most: «masked", "question"),
    ("S211", "      road: {name: 路, amount: spend, at_least: 60%, at_most: masked, question: Q1, cite: [BF/18]}",
     "      road: {name: 路, amount: spend, at_least: 60%}\n      rail: {name: 轨, amount: spend, at_least: 41%}", ""),
    ("S213", "valid_to: null", "valid_to: «2023-12-31", "改正日期"),
    (
        "S209",
        "bad:        {name: 不合格, type: count, unit: 份,",
        "bad:        {name: 不合格, type: count, unit: 份, blank: {means: «never, cite: [BF/7]},",
        "pending",
    ),
    ("S209", "at_least: 60%, at_most: masked, question: Q1", "at_least: 60%, at_most: 50%, question: Q1", "核对两个比例"),
    (
        "S209",
        (
            "  SIDE: {name: 附, value: count(goods.paid >= 5 and not goods.bill), unit: 笔, ru"
            "le: {kind: per_unit, start: 0,"
        ),
        "  SIDE: {name: 附, value: count(goods.paid >= 5 and not goods.bill), unit: 笔, «rule: {kind: per_unit,",
        "补上 start",
    ),
    ("S209", "{kind: per_unit, start: 0, more: -1}", "{kind: linear, zero_at: 3, full_at: 0}", "补上 line"),
    (
        "S209",
        "unit: 笔, rule: {kind: per_unit, start: 0, more: -1}",
        "unit: 笔, overrides: [{when: plan, gives: «full}], rule: {kind: per_unit, start: 0, more: -1}",
        "写出分数",
    ),
    (
        "S209",
        "unit: 占比, rule: {kind: linear, zero_at: 60%, full_at: 75%}",
        "unit: 占比, «rule: {kind: per_unit, around: 75%, fewer: -1, part: share}",
        "补上 per",
    ),
    (
        "S209",
        "unit: 占比, rule: {kind: linear, zero_at: 60%, full_at: 75%}",
        "unit: 占比, «rule: {kind: per_unit, around: 75%, fewer: -1, per: 1%}",
        "补上 part",
    ),
    ("S105", "value: bad, unit: 份,", "value: bad, unit: 份, overrides: [{when: plan, gives: «优}],", "full"),
    ("S204", "value: bad, unit: 份,", "value: bad, unit: 份, overrides: [{when: plan, gives: «11}],", "改正分数"),
    ("S204", "items: {plan: 12, audit: 8}", "«items: {plan: 12, audit: 9}", "改到相等"),
    ("S204", "points: 30, cite: [BF/A2]", "points: 31, cite: [BF/A2]", "改到相等"),
    ("S204", "points: 20, rule: {kind: checklist", "points: 21, rule: {kind: checklist", "改到相等"),
    ("S214", "when: V1, gives: 丙", "when: V1, at_most: «50", "gives"),
    ("S214", "total: TOTAL", "total: «SIDE", "results"),
    ("S214", "grade: GRADE", "grade: «A1", "results"),
    ("S214", "value: visits / all_visits\n    unit: 占比", "value: «goods.paid / spend\n    unit: 占比", "sum"),
    ("S214", "value: visits / all_visits", "value: visits + all_visits >= 1", "写 value，或用 when"),
    ("S214", "rule: {kind: checklist, items: {plan: 12, audit: 8}, mandatory: [plan]}", "value: level", ""),
    (
        "S200",
        "    payments:\n",
        "    payments:\n      - {name: 又, breaches: «count(gods.paid > 1), cite: [BF/18]}\n",
        "是不是“goods”？",
    ),
    ("S214", "when: fake", "when: «bad", "条件"),
    ("S214", "value: bad, unit: 份", "value: «bad + plan, unit: 份", "数字"),
    ("S214", "value: bad, unit: 份", "value: «goods, unit: 份", "count"),
    ("S214", "\"days(sent, '2024-06-30')", "«\"days(sent, '2024-06-31')", "日期"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "advice"), SLIPS, ids=[f"{s[0]}-{i}" for i, s in enumerate(SLIPS)])
def test_one_slip_gives_one_complaint(tmp_path, code, old, new, advice):
    problems, places = spoiled(tmp_path, (old, new))
    said = [(p.code, str(p.rule), p.what, p.do) for p in problems]
    assert [code_ for code_, *_ in said] == [code], said
    if places:
        assert said[0][1] in places, said
    assert advice in said[0][2] + said[0][3], said
    with pytest.raises(SchemeError) as refused:
        load_folder(tmp_path)
    assert f"[{code}]" in str(refused.value)


def test_the_edition_itself_is_right(tmp_path):
    assert spoiled(tmp_path) == ([], [])
