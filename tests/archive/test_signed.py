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
    return [problem.code for problem in facts.problems if problem.code in ("W116", "D128")]


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


@pytest.mark.parametrize(("who", "when"), [("王五", "2025-01-02"), ("李四", "2025-01-01")])
def test_a_conclusion_signed_anew_stands(rnd, book, province, who, when):
    rnd.take_in([book("990001", "甲.xlsx"), province("一.xlsx", "经核查无")])
    facts = rnd.take_in([province("二.xlsx", "有", who, when)])
    assert said(facts) == (True, State.FILLED)
    assert codes(facts) == ["W116"]


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
