"""What single entered values mean."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaltool.facts import State
from evaltool.intake.entries.entry import understand
from evaltool.scheme.fields import FieldDef

COUNT = FieldDef(name="乡镇数", type="count", unit="个")
MONEY = FieldDef(name="支出", type="money", unit="万元")
NUMBER = FieldDef(name="目标值", type="number", unit="row")
SHARE = FieldDef(name="增速", type="share")
BOUND = FieldDef.model_validate({"name": "得分占比", "type": "share", "between": ["0%", "100%"]})
POINTS = FieldDef(name="分值", type="points")
YESNO = FieldDef(name="已建成", type="yesno")
CHOICE = FieldDef(name="结论", type="choice", options=["验收合格", "验收不合格"])
DAY = FieldDef(name="日期", type="date")


@pytest.mark.parametrize(
    ("item", "raw", "percent", "value", "code"),
    [
        (COUNT, 12, False, 12, None),
        (COUNT, 12.0, False, 12, None),
        (COUNT, "12", False, 12, None),
        (COUNT, "１，２００", False, 1200, "D109"),
        (COUNT, "1,200", False, 1200, "D109"),
        (MONEY, "４．９９", False, Fraction(499, 100), "D109"),
        (MONEY, 4.99, False, Fraction(499, 100), None),
        (MONEY, 0.1 + 0.2, False, Fraction(30000000000000004, 10**17), None),
        (MONEY, 0, False, 0, None),
        (SHARE, 0.985, True, Fraction(197, 200), None),
        (SHARE, "98.5%", False, Fraction(197, 200), "D109"),
        (SHARE, "９８.５％", False, Fraction(197, 200), "D109"),
        (SHARE, -0.05, True, Fraction(-1, 20), None),
        (SHARE, 0, False, 0, None),
        (SHARE, 95, True, 95, "D109"),
        (NUMBER, "100%", False, 1, "D109"),
        (NUMBER, -3, False, -3, None),
        (YESNO, "是", False, True, None),
        (YESNO, " 有 ", False, True, "D109"),
        (YESNO, "×", False, False, "D109"),
        (YESNO, True, False, True, "D109"),
        (CHOICE, " 验收合格 ", False, "验收合格", None),
        (DAY, dt.datetime(2020, 6, 5), False, dt.date(2020, 6, 5), None),  # noqa: DTZ001
        (DAY, "2020-06-05", False, dt.date(2020, 6, 5), None),
        (DAY, "2020/6/5", False, dt.date(2020, 6, 5), None),
        (DAY, "２０２０年６月５日", False, dt.date(2020, 6, 5), "D109"),
    ],
)
def test_what_is_read(item, raw, percent, value, code):
    found = understand(item, raw, percent)
    assert (found.value, found.state) == (value, State.FILLED)
    assert (found.slip.code if found.slip else None) == code
    assert not isinstance(found.value, float)


@pytest.mark.parametrize(
    ("item", "raw", "percent", "code", "state"),
    [
        (MONEY, "690万", False, "D102", State.UNREADABLE),
        (MONEY, "约300", False, "D102", State.UNREADABLE),
        (MONEY, "1e3", False, "D102", State.UNREADABLE),
        (MONEY, "3-5", False, "D102", State.UNREADABLE),
        (MONEY, "1,20", False, "D102", State.UNREADABLE),
        (MONEY, "10²", False, "D102", State.UNREADABLE),
        (MONEY, "①", False, "D102", State.UNREADABLE),
        (MONEY, "95%", False, "D102", State.UNREADABLE),
        (MONEY, 0.95, True, "D102", State.UNREADABLE),
        (MONEY, "无", False, "D101", State.UNREADABLE),
        (MONEY, "-", False, "D101", State.UNREADABLE),
        (MONEY, True, False, "D101", State.UNREADABLE),
        (MONEY, float("inf"), False, "D101", State.UNREADABLE),
        (MONEY, float("nan"), False, "D101", State.UNREADABLE),
        (MONEY, dt.datetime(2020, 3, 5), False, "D101", State.UNREADABLE),  # noqa: DTZ001
        (MONEY, -1, False, "D105", State.OUT_OF_RANGE),
        (COUNT, -1, False, "D105", State.OUT_OF_RANGE),
        (COUNT, 3.6, False, "D110", State.UNREADABLE),
        (POINTS, -1, False, "D105", State.OUT_OF_RANGE),
        (SHARE, 0.95, False, "D118", State.UNREADABLE),
        (SHARE, "95", False, "D118", State.UNREADABLE),
        (BOUND, 1.2, True, "D105", State.OUT_OF_RANGE),
        (YESNO, "基本完成", False, "D103", State.UNREADABLE),
        (YESNO, 1, False, "D103", State.UNREADABLE),
        (CHOICE, "合格", False, "D103", State.UNREADABLE),
        (DAY, 43987, False, "D104", State.UNREADABLE),
        (DAY, "2020-02-30", False, "D104", State.UNREADABLE),
        (DAY, "六月五日", False, "D104", State.UNREADABLE),
    ],
)
def test_what_is_refused_is_never_a_value(item, raw, percent, code, state):
    found = understand(item, raw, percent)
    assert (found.value, found.state) == (None, state)
    assert found.slip is not None
    assert found.slip.code == code
    assert found.slip.do
    assert item.name in found.slip.what


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_a_number_is_the_same_as_a_cell_and_as_text(number):
    text = format(number.normalize(), "f")
    assert understand(MONEY, text).value == Fraction(text)
    assert understand(MONEY, float(number)).value == Fraction(Decimal(repr(float(number))))


@given(st.decimals(min_value=-1000, max_value=1000, places=6))
def test_a_percentage_is_the_same_typed_and_formatted(number):
    typed = understand(SHARE, format(number, "f") + "%")
    cell = understand(SHARE, float(f"{float(number) / 100:.15g}"), percent=True)
    assert typed.value == cell.value == Fraction(number) / 100


@given(st.text(max_size=12))
def test_text_never_raises_and_is_a_number_only_if_plain(text):
    for item in (COUNT, MONEY, SHARE, NUMBER, POINTS, YESNO, CHOICE, DAY):
        found = understand(item, text)
        assert (found.value is not None) == (found.state == State.FILLED)
        assert not isinstance(found.value, float)
        if found.state not in (State.FILLED, State.BLANK):
            assert found.slip is not None


@given(st.floats())
def test_floats_never_raise(number):
    for item in (COUNT, MONEY, SHARE, NUMBER, YESNO, DAY):
        for percent in (False, True):
            assert not isinstance(understand(item, number, percent).value, float)
