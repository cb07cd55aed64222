"""Exact numbers: reading, rounding, writing."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool import quantities as q

F = Fraction

QUICK = settings(max_examples=300, derandomize=True, database=None, deadline=None)
EXACT = st.fractions(max_denominator=10**6) | st.integers(-(10**9), 10**9).map(F)
PLAIN = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**8), max_value=10**8)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("-0.5", F(-1, 2)), ("1.10", F(11, 10)), ("+3", 3), ("007", 7), ("0.0", 0), ("84.995", F(16999, 200))],
)
def test_plain_numbers(text, value):
    assert q.parse_plain(text) == value
    assert isinstance(q.parse_plain(text), int) == (F(value).denominator == 1)


@pytest.mark.parametrize(
    "text", ["", "1e3", "1,200", "95%", " 1", "1.", ".5", "0x1", "1_0", "inf", "nan", "一", "3-5", "1/2", "--1", "1\n"]
)
def test_what_is_no_plain_number(text):
    with pytest.raises(ValueError, match="not a plain number"):
        q.parse_plain(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("690", 690), (" 690 ", 690), ("６９０", 690), ("1,200", 1200), ("1，200", 1200), ("12,345,678.5", F(24691357, 2)),
        ("1 200", 1200), ("95%", F(19, 20)), ("９５％", F(19, 20)), ("95 %", F(19, 20)),
        ("－3", -3), ("−3", -3), ("﹣3", -3),
        ("+5", 5), ("0.1", F(1, 10)), ("１２．５", F(25, 2)), ("1,200%", 12),
    ],
)  # fmt: skip
def test_what_a_person_types(text, value):
    assert q.parse_entered(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "690万",
        "约300",
        "300左右",
        "1e3",
        "3-5",
        "3～5",
        "",
        " ",
        "%",
        "1,20",
        "12,34",
        "1,2000",
        "一百",
        "¥5",
        "5元",
        "(5)",
        "1.2.3",
        "5%%",
        "9 5",
        "#DIV/0!",
        "①",
    ],
)
def test_what_would_have_to_be_guessed(text):
    if text == "①":  # NFKC makes a 1 of it, as a reader would
        assert q.parse_entered(text) == 1
        return
    with pytest.raises(ValueError):  # noqa: PT011
        q.parse_entered(text)


@pytest.mark.parametrize("text", ["65", "0.65", "%", "65%%", "sixty%"])
def test_a_share_carries_its_sign(text):
    with pytest.raises(ValueError):  # noqa: PT011
        q.parse_share(text)


def test_shares():
    assert q.parse_share("65%") == F(13, 20)
    assert q.parse_share("100 %") == 1
    assert q.parse_share("-0.5%") == F(-1, 200)


def test_truth_is_no_number():
    with pytest.raises(ValueError, match="truth"):
        q.exact(True)


@pytest.mark.parametrize(
    ("value", "places", "half_up", "half_even", "truncate"),
    [
        ("2.675", 2, "2.68", "2.68", "2.67"), ("2.665", 2, "2.67", "2.66", "2.66"),
        ("-2.665", 2, "-2.67", "-2.66", "-2.66"),
        ("84.995", 2, "85", "85", "84.99"), ("84.9949", 2, "84.99", "84.99", "84.99"), ("0.5", 0, "1", "0", "0"),
        ("1.5", 0, "2", "2", "1"), ("2.5", 0, "3", "2", "2"), ("-0.5", 0, "-1", "0", "0"), ("7", 3, "7", "7", "7"),
    ],
)  # fmt: skip
def test_rounding(value, places, half_up, half_even, truncate):
    found = [q.round_exact(q.parse_plain(value), places, mode) for mode in ("half_up", "half_even", "truncate")]
    assert found == [F(half_up), F(half_even), F(truncate)]


@QUICK
@given(PLAIN, st.integers(0, 6))
def test_rounding_is_decimals_rounding(number, places):
    unit = Decimal(1).scaleb(-places)
    for mode, theirs in (("half_up", ROUND_HALF_UP), ("half_even", ROUND_HALF_EVEN), ("truncate", ROUND_DOWN)):
        assert q.round_exact(q.exact(number), places, mode) == F(number.quantize(unit, theirs))


@QUICK
@given(EXACT, EXACT, st.integers(0, 4), st.sampled_from(["half_up", "half_even", "truncate"]))
def test_rounding_never_turns_the_order_round(a, b, places, mode):
    low, high = sorted((q.exact(a), q.exact(b)))
    assert q.round_exact(low, places, mode) <= q.round_exact(high, places, mode)


@QUICK
@given(EXACT, EXACT)
def test_division_is_exact_and_whole_numbers_are_int(a, b):
    if b:
        found = q.divide(q.exact(a), q.exact(b))
        assert found == a / b
        assert isinstance(found, int) == ((a / b).denominator == 1)


@QUICK
@given(PLAIN)
def test_decimals_are_written_in_full(number):
    assert F(q.decimal_text(q.exact(number))) == F(number)


@QUICK
@given(EXACT, st.sampled_from([85, 70, 60, 0]))
def test_a_number_never_reads_as_if_it_were_across_an_edge(value, edge):
    text = q.decimal_text(q.exact(value))
    shown = F(text.removeprefix("≈"))
    assert (shown >= edge) == (value >= edge) or value < 0 or text.startswith("≈-")
    if not text.startswith("≈"):
        assert shown == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (85, "85"), (F(169999999, 2000000), "84.9999995"), (F(1, 3), "≈0.333333"), (F(-1, 3), "≈-0.333333"),
        (85 - F(1, 3 * 10**9), "≈84.999999"), (F(1, 2), "0.5"), (float("inf"), "无上限"), (float("-inf"), "无下限"), (0, "0"),
        (F(1, 10**12), "0.000000000001"), (-F(5, 2), "-2.5"),
    ],
)  # fmt: skip
def test_numbers_for_people(value, text):
    assert q.decimal_text(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (F(13, 20), "占比", "65%"), (F(1, 3), "占比", "≈33.3333%"), (F(21, 1000), "百分点", "2.1 个百分点"), (690, "万元", "690 万元"),
        (3, "", "3"), (float("inf"), "万元", "无上限"), (0, "占比", "0%"),
    ],
)  # fmt: skip
def test_quantities_for_people(value, unit, text):
    assert q.quantity_text(value, unit) == text
