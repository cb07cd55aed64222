"""The 省级认定表: who, when, why and from where; corrections; and what it may not do."""

from __future__ import annotations

from fractions import Fraction

import pytest

from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import fill, layout, read

SIGNED = {"who": "李四", "when": "2020-11-05"}
JUDGED = {"value": "成效明显", "reason": "现场看过", **SIGNED}


@pytest.fixture
def province(hubei, round_folder):
    """province(answers): the round read with these entries in the 省级认定表."""
    folder = round_folder(hubei)

    def made(**answers):
        fill(folder / "省级认定表.xlsx", answers)
        facts = read(folder, hubei)
        return facts, [p for p in facts.problems if p.place.workbook == "省级认定表.xlsx"]

    return made


def test_an_empty_one_leaves_everything_pending_without_a_word(hubei, province):
    facts, problems = province()
    assert problems == []
    theirs = [key for key in hubei.edition.fields if key not in layout.county_fields(hubei)]
    for layer in (SELF, OFFICIAL):
        assert (facts.layers[layer].table.states[theirs] == State.PENDING).all().all()


def test_signed_entries_count_in_the_official_layer_only(province):
    facts, problems = province(
        entries={
            "429901": {
                "fake": {"value": "经核查无", **SIGNED},
                "poverty_level": JUDGED,
                "outstanding": {"value": "是", **SIGNED},
            },
            "429903": {"far_behind": {"value": "有", **SIGNED}, "force_majeure": {"value": "经核查无", **SIGNED}},
        },
        round={"nat_retail": {"value": "19.1%", "source": "商务部公报", **SIGNED}},
    )
    assert problems == []
    assert facts.cell(OFFICIAL, "甲县", "fake")[:2] == (False, State.FILLED)
    assert facts.cell(OFFICIAL, "甲县", "poverty_level")[0] == "成效明显"
    assert facts.cell(OFFICIAL, "甲县", "outstanding")[0] is True
    assert facts.cell(OFFICIAL, "丙县", "far_behind")[0] is True  # also of a county that returned nothing
    assert [facts.cell(OFFICIAL, name, "nat_retail")[0] for name in ("甲县", "乙县", "丙县")] == [
        Fraction(191, 1000)
    ] * 3
    assert facts.cell(SELF, "甲县", "nat_retail")[:2] == (None, State.PENDING)
    assert facts.cell(SELF, "甲县", "fake")[:2] == (None, State.PENDING)
    assert facts.reasons["429901", "poverty_level"] == "现场看过（李四，2020-11-05）"
    assert facts.reasons["429902", "nat_retail"] == "商务部公报（李四，2020-11-05）"
    assert facts.cell(OFFICIAL, "甲县", "fake")[2].sheet == "否决核查"


@pytest.mark.parametrize(
    ("key", "entry", "code", "state"),
    [
        ("fake", {"value": "有"}, "D111", State.PENDING),
        ("fake", {"value": "经核查无", "who": "李四"}, "D111", State.PENDING),
        ("fake", {"value": "经核查无", "who": "李四", "when": "上月"}, "D111", State.PENDING),
        ("fake", {"value": "无", **SIGNED}, "D103", State.UNREADABLE),
        ("poverty_level", {"value": "成效明显", **SIGNED}, "D112", State.PENDING),
        ("poverty_share", {"value": "120%", "reason": "好", **SIGNED}, "D105", State.OUT_OF_RANGE),
        ("poverty_share", {"value": 0.9, "reason": "好", **SIGNED}, None, State.FILLED),
    ],
)
def test_an_entry_without_its_signature_or_reason_is_not_accepted(hubei, province, key, entry, code, state):
    facts, problems = province(entries={"429901": {key: entry}})
    assert [p.code for p in problems] == ([code] if code else [])
    value, now, _ = facts.cell(OFFICIAL, "甲县", key)
    assert (now, value is None) == (state, state != State.FILLED)
    for problem in problems:
        assert (problem.place.subject, problem.place.field) == ("429901", key)
        assert problem.place.cell
        assert problem.do
        assert problem.clause


def test_an_outside_value_needs_its_source(province):
    facts, (problem,) = province(round={"nat_retail": {"value": "19.1%", **SIGNED}})
    assert problem.code == "D113"
    assert facts.cell(OFFICIAL, "甲县", "nat_retail")[:2] == (None, State.PENDING)


CORRECTION = {"county": "甲县", "item": "乡镇数", "old": "10", "new": "12", "why": "多报了两个街道", **SIGNED}


def test_a_correction_changes_the_official_layer_and_says_so(province):
    facts, problems = province(corrections=[CORRECTION])
    assert problems == []
    assert facts.cell(SELF, "甲县", "towns")[0] == 10
    value, _, origin = facts.cell(OFFICIAL, "甲县", "towns")
    assert value == 12
    for word in ("10", "12", "李四", "2020-11-05", "多报了两个街道"):
        assert word in origin.note
    assert "多报了两个街道" in facts.reasons["429901", "towns"]


def test_a_cell_of_a_list_can_be_corrected(province):
    row = {**CORRECTION, "item": "项目支出·金额", "row": 2, "old": "4.99", "new": "5", "county": "429902"}
    facts, problems = province(corrections=[row])
    assert problems == []
    rows = {layer: facts.layers[layer].lists["payments"] for layer in (SELF, OFFICIAL)}
    theirs = rows[SELF].owner == 1
    assert rows[SELF].table.values["paid"][theirs].tolist() == [5, Fraction(499, 100)]
    assert rows[OFFICIAL].table.values["paid"][theirs].tolist() == [5, 5]
    assert ("429902", "payments.paid#2") in facts.reasons


@pytest.mark.parametrize(
    "change",
    [
        {"old": "11"}, {"old": None}, {"new": None}, {"why": None}, {"who": None}, {"when": None}, {"when": "近日"},
        {"county": "外县"}, {"county": "丙县"}, {"item": "不存在"}, {"item": "弄虚作假"},
        {"item": "项目支出·金额", "row": 9, "old": "5"}, {"item": "项目支出·金额", "old": "5"},
    ],
)  # fmt: skip
def test_a_correction_with_missing_parts_or_another_old_value_is_not_applied(province, change):
    facts, problems = province(corrections=[{**CORRECTION, **change}])
    assert [p.code for p in problems] == ["D114"]
    assert facts.cell(OFFICIAL, "甲县", "towns")[0] == 10
    assert facts.reasons == {}


def test_an_unreadable_new_value_is_that_problem(province):
    facts, problems = province(corrections=[{**CORRECTION, "new": "十来个"}])
    assert [p.code for p in problems] == ["D102"]
    assert facts.cell(OFFICIAL, "甲县", "towns")[0] == 10


def test_the_same_cell_is_not_corrected_twice(province):
    facts, problems = province(corrections=[CORRECTION, {**CORRECTION, "new": "13"}])
    assert [p.code for p in problems] == ["D114"]
    assert facts.cell(OFFICIAL, "甲县", "towns")[0] == 12


def test_what_could_not_be_read_is_corrected_by_its_text(hubei, tmp_path, round_folder, answers):
    folder = round_folder(hubei)
    fill(folder / "甲县.xlsx", {"fields": {"fund_spent": "690万", "towns": None}})
    rows = [
        {**CORRECTION, "item": "已拨付资金", "old": "690万", "new": "690"},
        {**CORRECTION, "item": "乡镇数", "old": "未填", "new": "10"},
    ]
    fill(folder / "省级认定表.xlsx", {"corrections": rows})
    facts = read(folder, hubei)
    assert [p.code for p in facts.problems if p.place.workbook.startswith("省级")] == []
    assert facts.cell(SELF, "甲县", "fund_spent")[1] == State.UNREADABLE
    assert facts.cell(OFFICIAL, "甲县", "fund_spent")[0] == 690
    assert facts.cell(OFFICIAL, "甲县", "towns")[0] == 10


def test_two_different_official_workbooks_are_both_set_aside(hubei, round_folder):
    folder = round_folder(hubei)
    fill(
        folder / "省级认定表.xlsx",
        {"entries": {"429901": {"fake": {"value": "经核查无", **SIGNED}}}},
        folder / "认定表2.xlsx",
    )
    facts = read(folder, hubei)
    assert sorted(p.code for p in facts.problems if p.level == "stop") == ["W106", "W106"]
    assert facts.cell(OFFICIAL, "甲县", "fake")[1] == State.PENDING


def test_every_edition_has_one(scheme, round_folder):
    facts = read(round_folder(scheme), scheme)
    assert [p.code for p in facts.problems if p.place.workbook == "省级认定表.xlsx"] == []
    assert facts.submissions[-1].state == "认定表"


def test_a_county_outside_the_roster_is_told(hubei, round_folder, roster):
    folder = round_folder(hubei)
    fill(folder / "省级认定表.xlsx", {"entries": {"429903": {"fake": {"value": "有", **SIGNED}}}})
    facts = read(folder, hubei, roster.iloc[:2])
    (problem,) = [p for p in facts.problems if p.place.workbook == "省级认定表.xlsx"]
    assert (problem.code, problem.place.sheet) == ("W115", "否决核查")
    assert "429903" in problem.what
