"""Facts from plain values."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from fractions import Fraction

import pytest

from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import from_values


def test_values_are_understood_as_typed(hubei):
    values = {
        "towns": "10",
        "retail_growth": "21%",
        "nat_retail": Fraction(1, 5),
        "depot": "是",
        "brand": False,
        "fund_total": "690万",
    }
    facts = from_values(hubei, {"A": values, "B": None})
    cells = {key: facts.cell(SELF, "A", key)[:2] for key in values}
    assert cells == {
        "towns": (10, State.FILLED),
        "retail_growth": (Fraction(21, 100), State.FILLED),
        "nat_retail": (Fraction(1, 5), State.FILLED),
        "depot": (True, State.FILLED),
        "brand": (False, State.FILLED),
        "fund_total": (None, State.UNREADABLE),
    }
    assert [(p.code, p.place.subject, p.place.field) for p in facts.problems] == [("D102", "A", "fund_total")]
    assert facts.cell(SELF, "A", "villages")[1] == State.BLANK
    assert facts.cell(SELF, "A", "fake")[1] == State.PENDING
    assert facts.cell(SELF, "B", "towns")[1] == State.ABSENT
    assert facts.cell(SELF, "B", "fake")[1] == State.PENDING
    assert facts.returned.tolist() == [True, False]


def test_words_stand_for_states(hubei):
    facts = from_values(
        hubei, {"A": {"towns": "未填", "villages": "读不出", "fake": "待认定", "delivered": "超出范围"}}
    )
    states = [facts.cell(SELF, "A", key)[1] for key in ("towns", "villages", "fake", "delivered")]
    assert states == [State.BLANK, State.UNREADABLE, State.PENDING, State.OUT_OF_RANGE]
    assert facts.problems == ()


def test_lists(hubei):
    lists = {
        "sites": [],
        "payments": [{"paid": "4.99", "by_deed": "否"}, {"paid": 5}],
        "reports": [{"to_city": "2019-08-28"}],
    }
    facts = from_values(hubei, {"A": {"lists": lists}, "B": None, "C": {"lists": {"payments": "未填"}}})
    layer = facts.layers[SELF]
    assert layer.lists["sites"].states.tolist() == [State.FILLED, State.ABSENT, State.BLANK]
    assert layer.lists["payments"].states.tolist() == [State.FILLED, State.ABSENT, State.BLANK]
    assert layer.lists["payments"].table.values["paid"].tolist() == [Fraction(499, 100), 5]
    reports = layer.lists["reports"]
    assert reports.owner.tolist() == [0] * 12 + [1] * 12 + [2] * 12
    assert reports.table.values["due"][0] == dt.date(2019, 8, 28)
    assert reports.table.states["to_city"].tolist()[:2] == [State.FILLED, State.BLANK]
    assert set(reports.table.states["to_city"].tolist()[12:24]) == {State.ABSENT}


def test_an_official_layer_of_its_own(hubei):
    facts = from_values(hubei, {"A": {"towns": 10}}, official={"A": {"towns": 12, "fake": "否"}})
    assert (facts.cell(SELF, "A", "towns")[0], facts.cell(OFFICIAL, "A", "towns")[0]) == (10, 12)
    assert facts.cell(OFFICIAL, "A", "fake")[0] is False


@pytest.mark.parametrize(
    "values", [{"nonsense": 1}, {"lists": {"nonsense": []}}, {"lists": {"payments": [{"nonsense": 1}]}}]
)
def test_unknown_names_are_a_programming_error(hubei, values):
    with pytest.raises(KeyError):
        from_values(hubei, {"A": values})


def test_openpyxl_is_not_needed():
    code = "import sys; from evaltool.intake import from_values; assert 'openpyxl' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
