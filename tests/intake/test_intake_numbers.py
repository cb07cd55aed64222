"""Figures in every way of writing: what holds for all of them."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evaltool.facts import State
from evaltool.intake.entries.displays import fifteen_digits, shapes_of, shown_under
from evaltool.intake.entries.entry import understand
from evaltool.intake.entries.figures import NotAFigure, figure
from evaltool.intake.entries.numerals import Ambiguous, numeral
from evaltool.quantities import decimal_text, divide
from evaltool.scheme.fields import FieldDef

COUNT = FieldDef(name="人数", type="count", unit="人")
MONEY = FieldDef(name="支出", type="money", unit="万元")
YUAN = FieldDef(name="支出", type="money", unit="元")
SHARE = FieldDef(name="占比", type="share")
BARE = FieldDef(name="数", type="number", unit="")
YESNO = FieldDef(name="建成", type="yesno")
CHOICE = FieldDef(name="结论", type="choice", options=["优", "良"])
DAY = FieldDef(name="日期", type="date")
NUMBERS = (COUNT, MONEY, YUAN, SHARE, BARE)
PLAINLY = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")
# what people write, put together at random
PIECES = [
    "0", "1", "2", "5", "10", "95", "300", "690", "1,200", "1 200", "12.5", ".", "%", "％", "３", "٣", "一", "三百", "二十",
    "十", "两", "零", "〇", "百", "千", "万", "亿", "萬", "元", "人", "户", "个", "平方米", "百分之", "约", "余", "多", "左右", "≥", ">",
    "-", "—", "~", "至", "/",
    "e3", "+", "(", ")", "（", "）", " ", "\u3000", "\xa0", "\u200b", "\u200f", "\u202e", "\n", "\t", "'", "¥", "=",
    "。", "²", "①", "½", "无", "#REF!", "点", "负", "半", "成", "年", "月", "日", "2020", "06", "是", "否",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=14), st.lists(st.sampled_from(PIECES), max_size=6).map("".join))


@given(TEXTS)
@example("1\n2")
@example("\u202e21")
@example("9" * 5000)
@example("²")
def test_no_text_is_a_value_without_being_plainly_written_or_said_so(text):
    for item in (*NUMBERS, YESNO, CHOICE, DAY):
        found = understand(item, text)
        assert (found.value is not None) == (found.state == State.FILLED)
        assert not isinstance(found.value, float)
        if found.state not in (State.FILLED, State.BLANK):
            assert found.slip is not None
            assert found.slip.do
        if found.state == State.FILLED and item in NUMBERS and not PLAINLY.fullmatch(text):
            assert found.slip is not None
            said = found.value * 100 if found.percent else found.value
            assert decimal_text(said, 12) in found.slip.what
            assert decimal_text(said, 12) in found.note
        if found.state == State.FILLED and item in NUMBERS and PLAINLY.fullmatch(text):
            plain = Fraction(text.rstrip("%"))
            assert found.value == (plain / 100 if text.endswith("%") else plain)


# --- Chinese numerals, against a writer of our own that goes the other way ---

SMALL, LARGE = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"


def written(number: int, digits: str = SMALL, places: str = "千百十") -> str:
    """The numeral as it is taught: a 零 for places left out, 一十 only inside."""
    if number == 0:
        return digits[0]
    text, gap = "", False
    for power, size in enumerate((10**12, 10**8, 10**4, 1)):
        section = number // size % 10**4 if size < 10**12 else number // size
        if section == 0:
            gap = bool(text)
            continue
        part, zero = "", gap or (bool(text) and section < 1000)
        for place, name in zip((1000, 100, 10, 1), [*places, ""], strict=True):
            digit = section // place % 10
            if digit:
                part += (digits[0] if zero and (part or text) else "") + digits[digit] + name
                zero = False
            elif part:
                zero = True
        text += part + ("万亿", "亿", "万", "")[power]
        gap = False
    return text


@given(st.integers(0, 10**12 - 1))
@example(10**8 + 5)
@example(10_0000_0000)
@example(1001_0100)
def test_numerals_come_back(number):
    assert numeral(written(number)) == number
    assert numeral(written(number, LARGE, "仟佰拾")) == number
    assert numeral(written(number).replace("一", "", 1) if 10 <= number < 20 else written(number)) == number


@given(st.integers(0, 10**8 - 1), st.integers(1, 3))
def test_numerals_of_single_digits_come_back(number, zeros):
    text = "0" * zeros + str(number)
    assert numeral("".join("〇一二三四五六七八九"[int(ch)] for ch in text)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10), ("廿", 20), ("卅一", 31), ("一十二", 12), ("两百", 200), ("一千零二十", 1020), ("一万零五", 10005),
        ("三百五十六万", 3560000), ("一万二千亿", 12000 * 10**8), ("三点五", Fraction(7, 2)), ("三点五万", 35000),
        ("十二点〇五", Fraction(241, 20)), ("3.5千万", 35000000),
        ("2百", 200), ("3万5千", 35000), ("12万3456", 123456), ("负五", -5), ("貳佰", 200), ("五萬", 50000),
    ],
)  # fmt: skip
def test_numerals(text, number):
    assert numeral(text) == number


@pytest.mark.parametrize("text", ["一百二", "三万五", "3万5", "一亿五", "三五", "七八", "两三", "一千三"])
def test_numerals_with_two_meanings(text):
    with pytest.raises(Ambiguous):
        numeral(text)


@pytest.mark.parametrize(
    "text",
    ["", "百", "万", "十七八", "一百零二十", "五十百", "百八十", "三百三百", "四百零", "零十", "三点", "点五", "三点五点六", "两十",
     "十十", "5百3千", "1.5百3", "一万万万亿零", "几", "三十几", "半", "第三", "abc", "３"],
)  # fmt: skip
def test_no_numerals(text):
    with pytest.raises(ValueError, match=r"."):
        numeral(text)


# --- units ---


@given(st.integers(0, 10**14))
def test_money_is_the_same_in_every_unit(yuan):
    per = divide(yuan, 10**4)
    assert understand(MONEY, f"{yuan}元").value == per
    assert understand(YUAN, f"{yuan}元").value == understand(YUAN, yuan).value == yuan
    assert understand(YUAN, f"{decimal_text(per)}万元").value == yuan
    assert understand(YUAN, f"{decimal_text(per)}万").value == yuan
    assert figure(f"{decimal_text(divide(yuan, 10**8), 12)}亿元", "万元").number == per
    assert understand(MONEY, yuan, shape='0"元"').value == per


@given(st.integers(0, 10**9), st.sampled_from("十百千万亿"))
def test_a_magnitude_is_read_only_where_the_unit_leaves_no_choice(number, magnitude):
    size = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[magnitude]
    assert figure(f"{number}{magnitude}", "人").number == number * size
    assert figure(f"{number}{magnitude}元", "万元").number == Fraction(number * size, 10**4)
    for unit in ("万元", "亿元", "万人", "row"):
        with pytest.raises(NotAFigure):
            figure(f"{number}{magnitude}", unit)


# --- what is shown ---


@given(st.decimals(-(10**9), 10**9, places=6), st.integers(0, 4), st.booleans())
def test_what_a_format_shows_is_what_python_rounds_half_up(number, places, percent):
    value = Fraction(number)
    text = "0" + ("." + "0" * places if places else "") + ("%" if percent else "")
    shown = shown_under(value if value.denominator != 1 else int(value), text)
    scale = Fraction(10) ** (places + (2 if percent else 0))
    size = abs(value) * scale
    rounded = Fraction(int(size + Fraction(1, 2))) / scale
    assert shown is not None
    assert shown.number == (rounded if value >= 0 else -rounded)


@given(st.floats(-(10**14), 10**14, allow_nan=False))
def test_a_float_that_is_shown_as_it_is_gets_no_note(number):
    found = understand(BARE, number, shape="General")
    plain = Fraction(repr(number)) == Fraction(f"{number:.15g}")
    if found.state == State.FILLED:
        assert found.value == Fraction(repr(number))
        assert (found.slip is None) == plain
        assert float(fifteen_digits(Fraction(repr(number)))) == pytest.approx(number, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["yyyy-mm-dd", "[h]:mm", "# ?/?", "##0.0E+0", "[DBNum1]General", "[>=]0;0", "0;0;0;@;0"]
)
def test_nothing_is_claimed_of_other_formats(text):
    assert shapes_of(text) is None
    assert shown_under(Fraction(5, 2), text) is None


@given(st.text(alphabet='0#?.,%;"!\\ _*¥万元人[]$-@ehmsyGeneral', max_size=14), st.floats(-1e12, 1e12))
def test_no_format_raises(text, number):
    found = understand(MONEY, number, shape=text)
    if found.state == State.FILLED and found.value != Fraction(repr(number)):
        assert found.slip is not None
