"""Tables after S04, S06, S09 and S10, as workbook and as Word file: tree, points, kinds of rule, marks, evidence."""

from __future__ import annotations

import pytest

from evaltool.facts import OFFICIAL
from evaltool.intake import from_values
from evaltool.scoring import score

from . import making
from .conftest import kind, points

KINDS = ("xlsx", "docx")
both = pytest.mark.parametrize("file", KINDS)


@both
def test_s09_is_read_whole(imported, file):
    done = imported(making.S09, kind=file)
    assert points(done.items) == {
        "TOTAL": "100", "A": "7", "A1": "7", "B": "8", "B1": "6", "B2": "2", "C": "20", "C1": "20", "D": "30",
        "D1": "10", "D2": "10", "D2_1": "10", "D3": "10", "E": "35", "E1": "20", "E2": "15",
    }  # fmt: skip
    kinds = {key: kind(item) for key, item in done.items.items()}
    assert kinds == dict.fromkeys(("TOTAL", "A", "B", "C", "D", "D2", "E"), "combine") | {
        "A1": "value", "B1": "value", "B2": "value", "C1": "per_unit", "D1": "per_unit", "D2_1": "levels",
        "D2_2": "value", "D3": "levels", "E1": "delegated", "E2": "delegated",
    }  # fmt: skip
    assert done.items["A1"].name == "可行性研究报告（项目申报书）"  # brackets without points belong to the name
    assert str(done.items["A1"].value) == "7 - a1_cut"
    cut = done.fields["a1_cut"]
    assert (cut.type, cut.filled_by, cut.reason) == ("points", "reviewer", "required")
    assert done.fields["b2_ok"].type == "yesno"
    rule = done.items["C1"].rule
    assert (str(rule.around), rule.fewer, str(rule.per), rule.part) == ("100%", -1, "1%", "whole")
    assert done.questions[rule.question].reading == "草稿不算"
    assert done.items["D3"].rule.levels == {"健全": 10, "基本健全": 6, "不健全": 0}
    assert done.items["D2"].floor == 0
    assert done.clauses["D2"].text == making.S09[7][3]
    assert "由各省自行制定" in done.items["E1"].rule.note
    assert done.codes == {"I216": 9, "I215": 2}


@both
def test_every_proposal_is_marked_as_one(imported, file):
    done = imported(making.S09, kind=file)
    proposed = ["A1", "B1", "B2", "C1", "D1", "D2", "D2_1", "D2_2", "D3"]
    assert done.text.count("# 建议：") == len(proposed)
    assert done.made.proposed == len(proposed)
    (question,) = [item.question for item in done.questions.values() if "没有人核对过" in item.question]
    assert question.endswith("、".join(proposed))
    assert all(field.blank.means == "pending" for field in done.fields.values())
    open_ = {item.clause for item in done.questions.values() if "怎样计分" in item.question}
    assert {"表/E1", "表/E2"} <= open_


@both
def test_s10_adds_and_takes_around_its_targets(imported, file):
    done = imported(making.S10, kind=file)
    assert points(done.items) == {"TOTAL": "100", "A": "20", "B": "10", "C": "10", "D": "24", "E": "16", "F": "10",
                                  "G": "10"}  # fmt: skip
    rules = {
        key: {
            "around": str(r.around) if r.around else None,
            "fewer": r.fewer,
            "more": r.more,
            "cap": done.items[key].cap,
        }
        for key in "ABCDEFG"
        if (r := done.items[key].rule)
    }
    assert rules == {
        "A": {"around": "1", "fewer": -20, "more": 10, "cap": "none"},
        "B": {"around": "2", "fewer": -5, "more": 3, "cap": "none"},
        "C": {"around": "5", "fewer": -2, "more": 2, "cap": "none"},
        "D": {"around": "6", "fewer": -4, "more": 2, "cap": "none"},
        "E": {"around": None, "fewer": None, "more": -1, "cap": None},
        "F": {"around": "2", "fewer": -5, "more": 5, "cap": "none"},
        "G": {"around": "1", "fewer": -10, "more": 5, "cap": "none"},
    }
    assert [done.items[key].code for key in "ABCDEFG"] == list("1234567")
    assert done.fields["b_count"].unit == "家"
    assert done.fields["e_lack"].name == "站点覆盖所有行政村：缺少的个数"
    bonus = done.items["PLUS"]
    assert (bonus.points, bonus.combine, bonus.parent) == (None, "sum", "TOTAL")  # outside the hundred
    assert (done.items["PLUS1"].rule.start, done.items["PLUS1"].rule.more) == (0, 30)
    assert list(done.items["PLUS2"].rule.items.values()) == [30, 20, 10]


@both
def test_s04_has_points_in_brackets_at_every_level(imported, file):
    done = imported(making.S04, kind=file)
    assert points(done.items) == {
        "TOTAL": "100", "A": "17", "A1": "9", "A1a": "2", "A1a1": "1", "A1a2": "1", "A1b": "3", "A1c": "4",
        "A2": "8", "A2a": "8", "B": "83",
    }  # fmt: skip
    assert done.items["A1c"].rule.kind == done.items["B"].rule.kind == "delegated"  # what the copy does not show
    assert done.codes["I214"] == 2
    assert done.fields["a1a1_ok"].evidence == ["印发文件", "会议纪要"]
    assert done.items["A1a2"].site_check == "查看方案"
    assert done.items["A1b"].rule.kind == "delegated"  # its items add up to 1 of 3
    assert (done.items["PLUS"].points, done.items["PLUS"].cap) == (None, 10)
    assert done.clauses["A1a1"].text == "评价内容：主要负责同志牵头（1）\n佐证材料：领导小组文件、会议纪要"


@both
def test_s06_leaves_the_counties_out_and_infers_nothing_in_silence(imported, file):
    done = imported(making.S06, kind=file)
    assert points(done.items) == {
        "TOTAL": "100", "A": "18", "A1": "13", "A1a": "6", "A1b": "4", "A1c": "3", "A2": "5", "A2a": "2", "A2b": "3",
        "B": "82", "B1": "82", "B1a": "82",
    }  # fmt: skip
    left_out = [problem.what for problem in done.problems if problem.code == "I210"]
    assert left_out == [f"“{name}”一列没有用" for name in ("甲县", "乙县", "平均分")]
    assert str(done.items["A1a"].value) == "a1a_ok"
    assert done.items["A1b"].rule.items == {"a1b_1": 2, "a1b_2": 2}
    assert [str(value) for value in done.items["A1c"].rule.items.values()] == ["3/2", "3/2"]
    assert done.fields["a1c_2"].name == "市级检查并反馈省级"
    (missing,) = [problem for problem in done.problems if problem.code == "I212"]
    assert missing.place.cell == ("D7" if file == "xlsx" else "第7行第4列")
    assert "先写 3" in missing.why
    assert "points: 3  # 由 5 减 2 推出，纸上没有" in done.text
    assert any("奖补资金到位及时率”是多少分" in item.question for item in done.questions.values())
    assert done.items["A2a"].rule.kind == "delegated"  # the sentence is cut off
    assert "备注：以拨付日期为准" in done.items["A2b"].note


def test_a_draft_scores(imported):
    """What was proposed computes; the two slots that the paper leaves to the province keep the total a range."""
    done = imported(making.S09)
    answers = {
        "a1_cut": 1, "b1_cut": 0, "b2_ok": "是", "c1_rate": "95.5%", "d1_rate": "100%", "d2_1_level": "基本相符",
        "d2_2_cut": 7, "d3_level": "健全",
    }  # fmt: skip
    scores = score(from_values(done.scheme, {"甲": answers}))

    def result(key):
        column = scores.column(OFFICIAL, key)
        return column.lo[0], column.hi[0]

    assert [result(key) for key in ("A1", "B1", "B2", "C1", "D1", "D2", "D3")] == [
        (6, 6), (6, 6), (2, 2), (16, 16), (10, 10), (0, 0), (10, 10),
    ]  # fmt: skip
    assert result("TOTAL") == (50, 85)
