"""Two editions in meaning: each kind of change is said once, in words; what is only written otherwise is none."""

from __future__ import annotations

import itertools

import pytest

from evaltool.documents.differences import compare
from evaltool.scheme import entries, load_folder

from .making import edition

COVER = "COVER: {name: 村级站点覆盖率, in: HARD, points: 20,"
LATE = "LATE: {name: 报送, in: SOFT, points: 10, value: late, unit: 次, rule: {kind: per_unit, more: -2}, cite: [T/2]}"
WORKS = "rule: {kind: linear, zero_at: 50%, full_at: 90%}"
NOTHING: list[str] = []
# what is changed → what is said
CHANGES = [
    ([("target: 70%", "target: 75%")], ["村级站点覆盖率：目标由 70% 改为 75%"]),
    ([("zero_at: 50%", "zero_at: 55%")], ["完工率：零分点由 50% 改为 55%"]),
    ([("more: -2", "more: -3")], ["报送：每多一个单位由 -2 分 改为 -3 分"]),
    ([("target: 70%", "target: {by: level, 好: 70%, 差: 60%}")], ["村级站点覆盖率：目标由 70% 改为“按成效（好 70%，差 60%）”"]),
    ([("at_least: 90%, g", "at_least: 95%, g")], ["满意：第 1 档（20 分）的条件由“不低于 90%”改为“不低于 95%”"]),
    ([("at_least: 90%, g", "more_than: 90%, g")], ["满意：第 1 档（20 分）的条件由“不低于 90%”改为“超过 90%”"]),
    ([("60%, gives: 10}", "60%, gives: 12}")], ["满意：第 2 档（不低于 60%）由 10 分 改为 12 分"]),
    ([("{at_least: 60%, gives: 10}, ", "")], ["满意：去掉一档：不低于 60% → 10 分"]),
    ([("{at_least: 60%, gives: 10}", "{at_least: 75%, gives: 15}, {at_least: 60%, gives: 10}")],
     ["满意：增加一档：不低于 75% → 15 分"]),
    ([("好: 10, 差: 2", "好: 10, 差: 3")], ["成效：“差”一级由 2 分 改为 3 分"]),
    ([("late > 6", "late > 5")],
     ["满意：第 1 条例外（得 0 分）的条件由“迟报次数超过 6 次的”改为“迟报次数超过 5 次的”"]),
    ([("overrides: [{when: late > 6, gives: 0}], ", "")], ["满意：去掉一条例外：迟报次数超过 6 次的 → 得 0 分"]),
    ([(WORKS, "rule: {kind: proportional, target: 90%}")],
     [("完工率：计分办法由“看‘完工’的行数 ÷ 项目行数；50% 得 0 分，90% 得满分，其间按直线比例计”"
      "改为“看‘完工’的行数 ÷ 项目行数；达到 90% 得满分，未达到的按 20 分 × 实际 ÷ 90% 计”")]),
    ([("value: late", "value: late + 1")], ["报送：看什么由“迟报次数”改为“迟报次数 ＋ 1”"]),
    ([("points: 20, value: built", "points: 15, value: built"),
      ("points: 20, value: count", "points: 25, value: count")],
     ["村级站点覆盖率：分值由 20 分 改为 15 分", "完工率：分值由 20 分 改为 25 分"]),
    ([("name: 村级站点覆盖率", "name: 村级覆盖率")], ["村级覆盖率：名称由“村级站点覆盖率”改为“村级覆盖率”"]),
    ([("LATE: {name: 报送, in: SOFT", "LATE: {name: 报送, in: HARD"),
      ("HARD: {name: 建设, in: TOTAL, points: 50", "HARD: {name: 建设, in: TOTAL, points: 60"),
      ("SOFT: {name: 管理, in: TOTAL, points: 50", "SOFT: {name: 管理, in: TOTAL, points: 40")],
     ["建设：分值由 50 分 改为 60 分", "管理：分值由 50 分 改为 40 分", "报送：所属由“管理”移到“建设”"]),
    ([("places: 2, mode: half_up", "places: 2, mode: truncate")],
     ["总分：舍入由“保留 2 位小数，四舍五入”改为“保留 2 位小数，舍去尾数”"]),
    ([("evidence: [台账], cite", "evidence: [台账], site_check: 抽查, cite")], ["完工率：增加现场核查：抽查"]),
    ([("between: [1, 900]", "between: [1, 800]")],
     ["行政村数：范围由“1 个 至 900 个，超出的不采信”改为“1 个 至 800 个，超出的不采信”"]),
    ([("type: share, filled_by: reviewer", "type: share, filled_by: province")], ["满意率：谁填由“评价人”改为“省级”"]),
    ([("stage: build, note: 以", "stage: build, asked_when: all > 1, note: 以")], ["方案已印发：增加何时填：行政村数超过 1 个"]),
    ([("confirmed_by: [city]", "confirmed_by: [city, province]")], ["资金总额：谁确认由“市级”改为“市级、省级”"]),
    ([("{name: 类别, type: choice, options: [甲类, 乙类]}", "{name: 类别, type: choice, options: [甲类]}")],
     ["项目·类别：选项由“甲类、乙类”改为“甲类”"]),
    ([("{goal: 修桥, aim: 3}", "{goal: 修桥, aim: 4}")], ["任务：定好的行“修桥”由“任务：修桥，目标：3”改为“任务：修桥，目标：4”"]),
    ([("due_day: 5", "due_day: 10")],
     [("月报：行从哪里来由“2024-01-01 至 2024-03-31，每月一行，期末次月 5 日前报”"
      "改为“2024-01-01 至 2024-03-31，每月一行，期末次月 10 日前报”")]),
    ([("to: 2024-06-30", "to: 2024-09-30")], ["建设：结束由 2024-06-30 改为 2024-09-30"]),
    ([("who: city, kind: duty", "who: county, kind: duty")], ["公开方案：由谁做由“市级”改为“县级”"]),
    ([("  open_up: {name: 公开方案, who: city, kind: duty, cite: [T/2]}\n", "")], ["去掉职责“公开方案”"]),
    ([("when: fake, cite", "when: fake or late > 9, cite")], ["弄虚作假：成立的情形由“造假”改为“造假或迟报次数超过 9 次”"]),
    ([("verb: may", "verb: shall")], ["等次为“合格”：处理由“可奖励”改为“应奖励”"]),
    ([("within: 三十日", "within: 二十日")],
     ["等次为“不合格”：处理由“应限期整改（期限：三十日）”改为“应限期整改（期限：二十日）”"]),
    ([("  - {when: GRADE == '合格', do: [reward], verb: may, cite: [T/3]}\n", "")], ["去掉后果“等次为“合格”：可奖励”"]),
    ([("at_least: 60%, at_most", "at_least: 65%, at_most")], ["修路：下限由 60% 改为 65%"]),
    ([("at_most: masked", "at_most: 80%")], ["修路：上限由“文件未公布”改为 80%"]),
    ([("{by: 5%", "{by: 3%")],
     ["专项资金：允许偏离由“允许偏离界限 5 个百分点（按总额）”改为“允许偏离界限 3 个百分点（按总额）”"]),
    ([("works.paid > works.sum", "works.paid >= works.sum")],
     ["超付：数哪些为违反由“‘已付超过合同金额’的行数”改为“‘已付不低于合同金额’的行数”"]),
    ([("reading: 两位", "reading: 三位")], ["Q1：我们的读法由“两位”改为“三位”"]),
    ([("  Q1: {clause: T/1, question: 保留几位小数, reading: 两位}\n", "")], ["去掉待定问题 Q1“保留几位小数”"]),
    ([("T/5: 附则", "T/5: 施行日期")], ["“T 5”由“附则”改为“施行日期”"]),
    ([("rule.target: higher", "rule.target: any")], ["“indicators.COVER.rule.target”由“可以提高”改为“可以改”"]),
    ([("blank: {means: pending", "blank: {means: zero")], ["空白算什么由“待定（T 1）”改为“零（T 1）”"]),
    ([("status: official", "status: draft")], ["状态由“正式”改为“草稿”"]),
    ([(LATE, LATE.replace("[T/2]", "[T/2, T/1]"))], ["报送：条款由“T 2”改为“T 2、T 1”"]),
    ([("  late:  {name", "  extra: {name: 加项, type: count, unit: 次, cite: [T/2]}\n  late:  {name"),
      ("value: late,", "value: late + extra,")],
     ["增加字段“加项”", "报送：看什么由“迟报次数”改为“迟报次数 ＋ 加项”"]),
    ([(LATE, LATE + "\n  MORE: {name: 附加, value: late, unit: 次, cite: [T/2]}")], ["增加指标“附加”"]),
    # only written otherwise
    ([("[台账, 现场照片]", "[现场照片, 台账]")], NOTHING),
    ([("options: [甲类, 乙类]", "options: [乙类, 甲类]")], NOTHING),
    ([("built / all", "built/all")], NOTHING),
    ([("value: late, unit", "value: ' late ', unit")], NOTHING),
    ([("{name: 建成站点, type", "{name: 建成站点, was: stations, type")], NOTHING),
    ([("points: 20, value: built", "points: 20.0, value: built")], NOTHING),
    ([("valid_to: null", "valid_to: 2030-01-01\nchecked_on: 2024-05-05")], NOTHING),
    ([("  " + LATE + "\n", ""), ("  GRADE: {name: 等次", "  " + LATE + "\n  GRADE: {name: 等次")], NOTHING),
    ([("Q2: {clause: T/4", "Q9: {clause: T/4"), ("question: Q2", "question: Q9")], NOTHING),
]  # fmt: skip


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return edition(tmp_path_factory.mktemp("plain") / "whole")


@pytest.mark.parametrize(("changes", "said"), CHANGES, ids=[" ".join(said)[:40] or "nothing" for _, said in CHANGES])
def test_a_change_is_said_once_and_in_words(plain, tmp_path, changes, said):
    doctored = edition(tmp_path / "doctored", *changes)
    assert [one.said for one in compare(plain, doctored)] == said


@pytest.mark.parametrize("changes", [changes for changes, said in CHANGES if said])
def test_backwards_as_much_is_said(plain, tmp_path, changes):
    doctored = edition(tmp_path / "doctored", *changes)
    forth, back = compare(plain, doctored), compare(doctored, plain)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted((turned[one.kind], one.old, one.new) for one in forth) == sorted(
        (one.kind, one.new, one.old) for one in back
    )


def test_what_was_called_otherwise_is_no_change_where_it_is_used(plain, tmp_path):
    names = {"built": "sites", "late": "tardy", "paid": "spent", "COVER": "REACH", "HARD": "BUILD"}
    doctored = edition(
        tmp_path / "doctored",
        ("{name: 建成站点,", "{name: 建成站点, was: built,"), ("{name: 迟报次数,", "{name: 迟报次数, was: late,"),
        ("{name: 已付,", "{name: 已付, was: paid,"), ("{name: 村级站点覆盖率,", "{name: 村级站点覆盖率, was: COVER,"),
        ("{name: 建设, in: TOTAL,", "{name: 建设, in: TOTAL, was: HARD,"), names=names,
    )  # fmt: skip
    labels = ("建成站点", "迟报次数", "项目·已付", "村级站点覆盖率", "建设")
    forth = [f"{label}：编号由 {old} 改为 {new}" for label, (old, new) in zip(labels, names.items(), strict=True)]
    back = [f"{label}：编号由 {new} 改为 {old}" for label, (old, new) in zip(labels, names.items(), strict=True)]
    assert sorted(one.said for one in compare(plain, doctored)) == sorted(forth)
    assert sorted(one.said for one in compare(doctored, plain)) == sorted(back)


def test_the_paper_under_another_short_name_is_the_same_paper(plain, tmp_path):
    folder = tmp_path / "doctored"
    edition(folder)
    for name in ("scheme.yaml", "sources.yaml"):
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text.replace("T/", "NEW/").replace("\nT:", "\nNEW:"), "utf-8")
    assert compare(plain, load_folder(folder)) == []


def test_another_gist_is_told_beside_its_clause(plain, tmp_path):
    doctored = edition(tmp_path / "doctored", sources=("资金比例", "资金比例和上限"))
    assert [one.said for one in compare(plain, doctored)] == ["“T 4”由“资金比例”改为“资金比例和上限”"]


@pytest.mark.parametrize(
    "folder", [entry.folder for entry in entries()], ids=lambda folder: "-".join(folder.parts[-3:])
)
def test_every_built_in_edition_equals_itself(folder):
    assert compare(load_folder(folder), load_folder(folder)) == []


def test_editions_with_nothing_in_common_are_compared_too():
    known = entries()
    for one, other in itertools.pairwise(known):
        found = compare(load_folder(one.folder), load_folder(other.folder))
        assert found
        assert all(said.said and "None" not in said.said and "Fraction" not in said.said for said in found)
