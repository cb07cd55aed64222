"""The table of problem codes: every code has a test that raises it, a remedy, and a line in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaltool.problems import CODES, LEVELS, Place, Problem, RulePlace, SchemeError, catalogue

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).name
# code → the issue that will raise it; empty when everything is raised
AWAITED: dict[str, str] = {}
TESTS = {path: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py") if path.name != HERE}


def test_every_code_says_what_it_is_and_what_to_do():
    for code, (level, title, remedy) in CODES.items():
        assert re.fullmatch(r"[SIWDP]\d{3}", code)
        assert level in LEVELS
        assert title
        assert remedy
        assert "请" not in title + remedy.replace("请该县报送", ""), f"{code}: facts only"
        assert f"| {code} |" in catalogue()


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_raised_by_a_test(code):
    named = [path.name for path, text in TESTS.items() if re.search(rf"\b{code}\b", text)]
    if code in AWAITED:
        assert not named, f"{code} is raised now: take it out of AWAITED"
    else:
        assert named, f"no test names {code}; if a later issue raises it, say so in AWAITED"


def test_every_code_of_the_program_is_in_the_table_and_used():
    used: set[str] = set()
    for path in (ROOT / "evaltool").rglob("*.py"):
        if path.name != "problems.py":
            used |= set(re.findall(r'"([SIWDP]\d{3})"', path.read_text("utf-8")))
    assert used <= set(CODES)
    assert set(CODES) - used - set(AWAITED) == set()


def test_an_unknown_code_is_a_programming_fault():
    with pytest.raises(KeyError, match="X999"):
        Problem("X999", "什么")


def test_a_problem_prints_with_its_place_its_reason_and_its_remedy():
    data = Problem("D102", "要填数字", "要用它除", "只填 690", Place("甲.xlsx", "自评", "D7", "spend", "420000"))
    assert str(data) == "甲.xlsx · 自评 · D7: [D102] 要填数字；要用它除。怎么办：只填 690"
    rule = Problem("S103", "不认识的键", do="改名", rule=RulePlace("scheme.yaml", 3, 5))
    assert str(rule) == "scheme.yaml:3:5: [S103] 不认识的键。怎么办：改名"
    assert str(Problem("P100", "分母为零", place=Place(subject="420000"))) == "420000: [P100] 分母为零"
    assert (data.level, data.title) == CODES["D102"][:2]


def test_a_scheme_error_lists_everything():
    error = SchemeError(Problem("S103", f"键{i}", rule=RulePlace("scheme.yaml", i, 1)) for i in (1, 2))
    assert str(error).splitlines() == ["scheme.yaml:1:1: [S103] 键1", "scheme.yaml:2:1: [S103] 键2"]
    assert len(error.problems) == 2
