"""What was signed in the 省级认定表 is changed only by signing anew; after a final scoring nothing comes in any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaltool.archive import RoundError
from evaltool.archive import log as round_log
from evaltool.facts import OFFICIAL, State
from evaltool.intake import fill, official_template

from .conftest import roster

FIELD = "fake_data"


@pytest.fixture
def province(scheme, tmp_path):
    """province(name, value, who, when): a 认定表 with one signed conclusion, or with none."""

    def made(name: str, value: str | None, who: str = "王五", when: str = "2025-01-01") -> Path:
        path = official_template(scheme, roster(), tmp_path / name)
        if value is not None:
            fill(path, {"entries": {"990001": {FIELD: {"value": value, "who": who, "when": when}}}})
        return path

    return made


def codes(facts):
    return [problem.code for problem in facts.problems if problem.code in ("W116", "W130", "D128")]


def said(facts):
    return facts.cell(OFFICIAL, "990001", FIELD)[:2]


def test_a_conclusion_changed_under_the_same_signature_is_refused(rnd, book, province):
    rnd.take_in([book("990001", "甲.xlsx"), province("一.xlsx", "经核查无")])
    facts = rnd.take_in([province("二.xlsx", "有")])
    assert said(facts) == (None, State.PENDING)
    assert codes(facts) == ["W116", "D128"]
    (problem,) = [p for p in facts.problems if p.code == "D128"]
    assert (problem.place.workbook, problem.place.subject, problem.place.field) == ("二.xlsx", "990001", FIELD)
    assert problem.place.cell
    assert "王五" in problem.what
    assert problem.level == "count"


@pytest.mark.parametrize(("who", "when"), [("王五", "2025-01-02"), ("李四", "2025-01-02")])
def test_a_conclusion_signed_anew_on_a_later_day_stands_and_is_told(rnd, book, province, who, when):
    rnd.take_in([book("990001", "甲.xlsx"), province("一.xlsx", "经核查无")])
    facts = rnd.take_in([province("二.xlsx", "有", who, when)])
    assert said(facts) == (True, State.FILLED)
    assert codes(facts) == ["W116", "W130"]


@pytest.mark.parametrize(("who", "when"), [("王五", "2024-12-31"), ("李四", "2025-01-01")])
def test_a_conclusion_signed_earlier_or_by_another_on_the_same_day_is_refused(rnd, book, province, who, when):
    rnd.take_in([book("990001", "甲.xlsx"), province("一.xlsx", "经核查无")])
    facts = rnd.take_in([province("二.xlsx", "有", who, when)])
    assert said(facts) == (None, State.PENDING)
    assert codes(facts) == ["W116", "D128"]


def test_after_a_refused_change_the_original_may_be_restored(rnd, book, province):
    first = province("一.xlsx", "经核查无")
    rnd.take_in([book("990001", "甲.xlsx"), first])
    rnd.take_in([province("二.xlsx", "有")])
    facts = rnd.take_in([first])
    assert said(facts) == (False, State.FILLED)
    assert codes(facts) == ["W116"]
    facts = rnd.take_in([province("三.xlsx", "经核查无", "王五", "2025-01-04")])
    assert said(facts) == (False, State.FILLED)


def corrected(scheme, path, **row):
    official_template(scheme, roster(), path)
    whole = {
        "county": "990001", "item": "基层诊疗人次", "old": 5500, "new": 5400, "why": "统计年报", "who": "王五",
        "when": "2025-01-01",
    }  # fmt: skip
    return fill(path, {"corrections": [whole | row] if row.get("new") is not ... else []})


@pytest.mark.parametrize("change", [{"new": 5300}, {"why": "口径不同"}, {"new": ...}])
def test_a_signed_correction_is_held_to_as_well(scheme, rnd, book, tmp_path, change):
    rnd.take_in([book("990001", "甲.xlsx"), corrected(scheme, tmp_path / "一.xlsx")])
    assert rnd.facts().cell(OFFICIAL, "990001", "jc_visits")[0] == 5400
    facts = rnd.take_in([corrected(scheme, tmp_path / "二.xlsx", **change)])
    assert facts.cell(OFFICIAL, "990001", "jc_visits")[:2] == (None, State.PENDING)
    assert codes(facts) == ["W116", "D128"]
    facts = rnd.take_in([corrected(scheme, tmp_path / "三.xlsx", new=5300, when="2025-01-09")])
    assert facts.cell(OFFICIAL, "990001", "jc_visits")[:2] == (5300, State.FILLED)
    assert codes(facts) == ["W116", "W116", "W130"]


def test_a_signed_conclusion_that_is_gone_is_told(rnd, book, province):
    rnd.take_in([book("990001", "甲.xlsx"), province("一.xlsx", "经核查无")])
    facts = rnd.take_in([province("二.xlsx", None)])
    assert said(facts) == (None, State.PENDING)
    assert codes(facts) == ["W116", "D128"]
    assert "没有了" in next(p.what for p in facts.problems if p.code == "D128")


def test_the_same_conclusion_again_is_no_problem(rnd, book, province):
    rnd.take_in([book("990001", "甲.xlsx"), province("一.xlsx", "经核查无")])
    again = province("二.xlsx", "经核查无")
    fill(again, {"entries": {"990002": {FIELD: {"value": "有", "who": "王五", "when": "2025-01-03"}}}})
    facts = rnd.take_in([again])
    assert said(facts) == (False, State.FILLED)
    assert codes(facts) == ["W116"]


def test_a_final_round_takes_nothing_in(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx")])
    round_log.append(rnd.folder / "log.jsonl", "2025-01-05T00:00:00+00:00", "score", final=False)
    rnd.take_in([book("990002", "乙.xlsx")])
    round_log.append(rnd.folder / "log.jsonl", "2025-01-05T00:00:00+00:00", "score", final=True)
    with pytest.raises(RoundError, match=r"2025-01-05.*定稿.*另建一轮"):
        rnd.take_in([book("990003", "丙.xlsx")])
    assert len(rnd.came) == 2
