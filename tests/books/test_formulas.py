"""Stored values of formulas: the same when worked out again, stale, volatile, from elsewhere, or not to be told."""

from __future__ import annotations

import datetime as dt
import math
import random
from fractions import Fraction

import pytest
from formula_making import NUMBERS, book, numbers, random_formula
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool.books.book import Cell
from evaltool.books.expressions import take_apart
from evaltool.books.formulas import MOST_STEPS, Kind, Recalculation, Verdict, examine


def day(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # noqa: DTZ001 – a cell has no time zone


MIXED = {
    (1, 1): Cell(3), (2, 1): Cell(0.1), (3, 1): Cell("文字"), (4, 1): Cell("5"),
    (7, 1): Cell("#N/A", error=True), (8, 1): Cell(day(2020, 6, 5)), (9, 1): Cell(day(2020, 6, 1)),
    (10, 1): Cell(-2.5), (11, 1): Cell(""), (12, 1): Cell("2020年"), (20, 1): Cell(True),
}  # fmt: skip


def verdict(text: str, stored: object, **cells: Cell) -> Verdict:
    """Of a formula in D1 over MIXED in column A; `cells` by their names, such as B1."""
    found = dict(MIXED)
    for name, cell in cells.items():
        found[int(name[1:]), ord(name[0]) - 64] = cell
    made = book(found | {(1, 4): Cell(stored, formula=text)})
    return examine(made, made.sheets[0], (1, 4))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("=1+2*3-4/2", 5), ("=-2^2", 4), ("=2^3^2", 64), ("=-(2^2)", -4), ("=2^-1", 0.5), ("=50%+5%", 0.55),
        ("=10%%", 0.001), ("=--3", 3), ("=+A1", 3), ("=(1+2)*3", 9), ("=1e3/4", 250), ("=.5*2", 1), ("=2^0.5", 2**0.5),
        ("=A1+A2", 3.1), ("=$A$1*A2", 0.30000000000000004), ("=表!A1+'表'!A2", 3.1), ("=a1", 3),
        ("=0.5-0.4-0.1", -2.7755575615628914e-17), ("=1000000.1-1000000", 0.09999999997671694),
        ("=A4*2", 10), ("=A20+1", 2), ("=A8-A9", 4), ("=A8-A9+1", day(1900, 1, 5)),
        ("=SUM(1,,2)", 3), ("=SUM(A1:A2 )", 3.1),
        ("=COUNTA(A1:A12)", 10),
        ("=COUNT(B:B)", 0), ("=A1>2", 1),
        ('=COUNT(A7,1,"x")', 1),
        ("=MIN(A1:A2,-1)", -1), ("=PRODUCT(A1:A2)", 0.3),
        ("=ROUND(2.675,2)", 2.68), ("=ROUND(-2.5,0)", -3), ("=ROUND(1250,-2)", 1300), ("=ROUND(84.995,2)", 85),
        ("=ROUNDUP(2.001,2)", 2.01), ("=ROUNDUP(-2.001,0)", -3), ("=ROUNDDOWN(-2.999,1)", -2.9), ("=TRUNC(8.9)", 8),
        ("=INT(-2.5)", -3), ("=INT(0.1*3*10)", 3), ("=ABS(A10)", 2.5),
        ('=IF(A1>=3,"达标","不达标")', "达标"), ("=IF(A1,1,2)", 1), ("=IF(A6,1)", False), ("=IF(A1=0,1/0,5)", 5),
        ("=IF(0.1+0.2=0.3,1,2)", 1), ("=AND(A1>0,A2<1)", True), ("=OR(A1<0,A2>1)", False), ("=NOT(A20)", False),
        ("=AND(A1:A5)", True), ("=TRUE", True), ("=FALSE()", False), ("=IFERROR(A7,0)", 0), ('=IFERROR(A1/0,"—")', "—"),
        ("=IFERROR(A3+1,7)", 7), ('=VALUE("12.50")', 12.5), ('="共"&A1&"个"', "共3个"), ('=A2&""', "0.1"),
        ('="a"="A"', True), ("=A3>1", True), ("=A6=0", True), ('=A6=""', True), ('="他说""好"""', '他说"好"'),
        ("=SUMPRODUCT(A1:A2,A1:A2)", 9.01), ("=SUMPRODUCT(A1:A5)", 3.1), ('=SUMIF(A1:A3,">1")', 3),
        ('=SUMIF(A1:A3,"文字",A8:A10)', -2.5), ("=COUNTIF(A1:A3,A1)", 1),
        ("=_xlfn.IFERROR(1/0,4)", 4), ("=1/3", 0.333333333333333), ("=10^20", 1e20), (" = 2 + 2 ", 4),
        ('=IF(A6="","",A6)', ""),
    ],
)  # fmt: skip
def test_worked_out_again_the_same(text, stored):
    found = verdict(text, stored)
    assert found.kind == Kind.SAME, found


@pytest.mark.parametrize(
    ("text", "stored", "why"),
    [
        ("=A6+1", 1, "A6 是空的"), ("=Z99", 0, "是空的"), ("=SUM(A1:A5)", 3.1, "A4 是文字“5”"),
        ('=SUM(A1,A4,"7",TRUE)', 11, "A4 是文字“5”"), ("=SUM(A1,A6)", 3, "A6 是空的"), ("=SUM(B:B)", 0, "一个数也没有"),
        ("=AVERAGE(A1:A5)", 1.55, "A4"), ("=MAX(B1:B9)", 0, "一个数也没有"), ("=PRODUCT(B1:B9)", 0, "一个数也没有"),
        ("=D2*2", 24, "D2 里有划掉"), ("=SUM(D2:D3)", 12, "D2 里有划掉"), ("=SUM(A1,D4)", 3, "九百"),
        ("=SUM(A1,D5)", 3, "约300"), ("=A1+D6", 4, "A6 是空的"), ("=COUNT(A1:A6)", 2, "A4"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_leaves_out_or_takes_as_zero_is_no_figure(text, stored, why):
    """A person reads 900 where a sum leaves the text out; what is blank is not zero."""
    odd = {"D2": Cell(12, struck="part"), "D4": Cell("九百"), "D5": Cell("约300"), "D6": Cell(1, formula="=A6+1")}
    found = verdict(text, stored, **odd)
    assert found.kind == Kind.PARTIAL, found
    assert why in found.why


def test_headings_and_words_may_stand_in_a_sum():
    words = {"D2": Cell("2020年"), "D3": Cell("自评分"), "D4": Cell(5)}
    assert verdict("=SUM(D2:D9)", 5, **words).kind == Kind.SAME


@pytest.mark.parametrize(
    ("text", "stored", "worked"),
    [
        ("=A1*2", 7, "6"), ("=SUM(A1:A2)", 3, "3.1"), ("=A1/0", 5, "#DIV/0!"), ("=A3+1", 1, "#VALUE!"),
        ("=A11+1", 1, "#VALUE!"),
        ("=SUM(A1:A7)", 3.1, "#N/A"), ("=A1", "3", "3"), ('=A1&"个"', 3, "3个"),
        ("=AVERAGE(B1:B3)", 0, "#DIV/0!"), ("=#REF!+1", 4, "#REF!"), ("=表!#REF!", 4, "#REF!"), ("=A1*1", 3.00001, "3"),
        ("=0^-1", 1, "#DIV/0!"), ("=(-8)^0.5", 2, "#NUM!"), ("=10^200*10^200", 1e300, "#NUM!"),
        ('=IF("x",1,2)', 1, "#VALUE!"),
        ('=IF(A1>5,"",A1)', "", "3"), ("=A1-A1", "", "0"),
    ],
)  # fmt: skip
def test_a_stored_value_that_is_stale_is_told_with_both(text, stored, worked):
    found = verdict(text, stored)
    assert (found.kind, found.worked) == (Kind.STALE, worked)
    assert found.stored == str(stored)


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("=NOW()", Kind.VOLATILE, "NOW"),
        ("=IF(TRUE,5,TODAY())", Kind.VOLATILE, "TODAY"),
        ('=SUM(INDIRECT("A1"),{1,2})', Kind.VOLATILE, "INDIRECT"),
        ("=SUM(OFFSET(A1,0,0,2))", Kind.VOLATILE, "OFFSET"),
        ("=B1+1", Kind.VOLATILE, "RAND"),
        ("=VLOOKUP(1,B1:B3,1)", Kind.VOLATILE, "RAND"),
        ("='[预算.xlsx]一'!A1", Kind.FOREIGN, "预算.xlsx"),
        ("=[1]一!A1+1", Kind.FOREIGN, "1"),
        ("=[2]!合计", Kind.FOREIGN, "2"),
        ("='C:\\数据\\[预算.xls]一'!$B$2*NOW()", Kind.FOREIGN, "预算.xls"),
        ("=SUM([1]一!A:A)", Kind.FOREIGN, "1"),
        ("=D1+1", Kind.CIRCULAR, "D1"),
        ("=B2", Kind.CIRCULAR, "B3"),
    ],
)
def test_what_is_never_believed(text, kind, why):
    cells = {"B1": Cell(0.5, formula="=RAND()"), "B2": Cell(1, formula="=B3"), "B3": Cell(1, formula="=B2")}
    found = verdict(text, 5, **cells)
    assert (found.kind, found.why) == (kind, why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=VLOOKUP(A1,A1:B9,2)", "VLOOKUP"), ("=合计*2", "合计"), ("=SUM(一:三!A1)", "几张表"), ("=没有!A1", "没有"),
        ("=SUM({1,2})", "{"), ("=A1:A3*2", "一片区域"), ("=A12*1", "2020年"), ('="a"<"b"', "先后"), ("=SUM((A1,A2))", "并列"),
        ("=A1:A2 A2:A3", "A2:A3"), ("=SUM(", "不完整"), ("=", "不完整"), ("=（.xls 的公式）", "（"), ("=Table1[列]", "Table1"),
        ("=COUNTIF(A1:A5,3)", "文字写的数"), ('=COUNTIF(A1:A5,"文*")', "条件"), ('=COUNTIF(A1:A3,"<>3")', "空格"),
        ("={1}", "{"), ("=ROUND(1,99)", "很多位"), ("=1e999", "太大"),
        ("=" + "(" * 200 + "1" + ")" * 200, "太深"), ("=" + "1+" * 5000 + "1", "太长"), ("=A1#", "#"), ("=ABS(1,2)", "个数"),
        ("=SUMPRODUCT((A1:A2>0)*1)", "逐格"), ('=1/3&""', "接成文字"), ("=A9999999", "表外"), ("=LOG10(10)", "LOG10"),
        ("=SUM(A19:A20)", "真假值"), ("=A20=1", "真假值"), ("=A20&1", "真假值"),
        ("=VALUE(A20)", "真假值"), ("=COUNTIF(A1:A20,3)", "文字写的数"), ("=0^0", "0 次方"), ("=IF(A12,1,2)", "当条件"),
        ("=SUM(IF(TRUE,Z9),1)", "空格"), ("=IF(TRUE,Z9)&1", "空格"), ("=MAX(A1&1,2)", "算出的文字"), ('="TRUE"+1', "当数"),
        ("=0.1^500", "存不下"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(text, why):
    found = verdict(text, 5)
    assert found.kind == Kind.UNKNOWN
    assert why in found.why
    assert found.worked == ""


def test_what_rests_on_something_untold_is_held_against_its_stored_value():
    looked_up = {"B1": Cell(40, formula="=VLOOKUP(A1,A1:A9,1)")}
    assert verdict("=B1*2", 80, **looked_up).kind == Kind.UNKNOWN
    assert verdict("=B1*2", 81, **looked_up).kind == Kind.STALE
    assert verdict("=A1+1", 4, **looked_up).kind == Kind.SAME


def test_a_chain_of_formulas_is_worked_out_from_its_beginning():
    """B1 was changed by hand in the file: what rests on it is told even where it fits the stored B1."""
    assert verdict("=B2*2", 12, B1=Cell(3, formula="=A1"), B2=Cell(6, formula="=B1*2")).kind == Kind.SAME
    stale = {"B1": Cell(9, formula="=A1"), "B2": Cell(18, formula="=B1*2")}
    assert verdict("=B2*2", 36, **stale) == Verdict(Kind.STALE, "36", "12")
    assert verdict("=B2*2", 12, **stale).kind == Kind.SAME


def test_a_formula_without_a_stored_value_was_never_worked_out():
    assert verdict("=A1*2", None) == Verdict(Kind.UNCALCULATED, "", "6")
    assert verdict("=B1*2", 5, B1=Cell(None, formula="=VLOOKUP(1,A:A,1)")) == Verdict(
        Kind.UNCALCULATED, "5", "", "B1 没有算过"
    )
    assert verdict("=B1*2", 6, B1=Cell(None, formula="=A1")).kind == Kind.SAME


def test_in_a_book_that_asks_to_be_worked_out_only_what_proves_right_is_believed():
    cells = {(1, 1): Cell(3), (1, 2): Cell(6, formula="=A1*2"), (2, 2): Cell(0, formula="=A1*2"),
             (3, 2): Cell(0, formula="=VLOOKUP(1,A:A,1)")}  # fmt: skip
    made = book(cells, uncalculated=True)
    again = Recalculation(made)
    kinds = [again.examine(made.sheets[0], (row, 2)).kind for row in (1, 2, 3)]
    assert kinds == [Kind.SAME, Kind.UNCALCULATED, Kind.UNCALCULATED]


def test_another_file_is_named_where_the_book_knows_it():
    made = book({(1, 1): Cell(5, formula="=[2]一!A1")}, links=("甲.xlsx", "预算.xlsx"))
    assert examine(made, made.sheets[0], (1, 1)) == Verdict(Kind.FOREIGN, "5", "", "预算.xlsx")


def test_other_sheets_are_found_by_name_in_any_case():
    made = book(
        {(1, 1): Cell(8, formula="='明 细''s'!B2+data!A1")}, **{"明 细's": {(2, 2): Cell(3)}, "Data": {(1, 1): Cell(5)}}
    )
    assert examine(made, made.sheets[0], (1, 1)).kind == Kind.SAME


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_random_formulas_come_to_what_floats_come_to(seed):
    chance = random.Random(seed)
    try:
        text, found = random_formula(chance)
    except (ZeroDivisionError, OverflowError):
        return
    if abs(found) > 1e300:
        return
    off = found + math.copysign(abs(found) * 1e-3 + 1e-3, found)
    cells = {(1, 4): Cell(found, formula="=" + text), (2, 4): Cell(off, formula="=" + text)}
    made = book(numbers() | cells)
    again = Recalculation(made)
    assert again.examine(made.sheets[0], (1, 4)).kind == Kind.SAME, (text, found)
    if again.known["表", (1, 4)].largest < 10**9:  # otherwise little may be left where large numbers cancel out
        assert again.examine(made.sheets[0], (2, 4)).kind == Kind.STALE


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="A1$:!'\"[](){}+-*/^&%=<>,.#eE 表SUMIF\n\\", max_size=60))
def test_no_text_breaks_the_reading_of_formulas(text):
    take_apart("=" + text)
    assert verdict("=" + text, 5).kind in Kind


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["'", "''a!", "'a", "[", "[a", "a:", "A:A", "$A", "1e", "(", "-", "=1", "%", "a.", "#"]
)
def test_eight_thousand_odd_characters_are_read_once(text):
    """Quotes that could be paired in many ways took nine seconds; here they would run into the time limit."""
    for _ in range(20):
        found = take_apart("=" + text * (8000 // len(text)))
        assert found.why


# --- hostile sizes: the work is bounded by the cells that exist, and once for a book ---


def test_large_areas_cost_only_the_cells_that_stand_in_them():
    cells = numbers() | {(row, 3): Cell(sum(NUMBERS), formula="=SUM(A1:B1048576)") for row in range(1, 300)}
    made = book(cells)
    again = Recalculation(made)
    assert {again.examine(made.sheets[0], (row, 3)).kind for row in range(1, 300)} == {Kind.SAME}
    assert again.steps <= 300 * 50


def test_a_chain_of_five_thousand_formulas_is_followed_and_one_without_end_given_up_on():
    cells = {(1, 1): Cell(1)} | {(row, 1): Cell(row, formula=f"=A{row - 1}+1") for row in range(2, 40_001)}
    made = book(cells)
    assert examine(made, made.sheets[0], (5000, 1)).kind == Kind.SAME
    assert examine(made, made.sheets[0], (40_000, 1)).kind == Kind.UNKNOWN


def test_a_book_with_too_much_to_work_out_is_given_up_on():
    cells = {(row, column): Cell(1) for row in range(1, 2001) for column in (1, 2)}
    cells |= {(row, 3): Cell(row, formula=f"=SUM(A:B)*0+{row}") for row in range(1, 2001)}
    made = book(cells)
    again = Recalculation(made)
    kinds = [again.examine(made.sheets[0], (row, 3)).kind for row in range(1, 2001)]
    assert kinds[0] == Kind.SAME
    assert kinds[-1] == Kind.UNKNOWN
    assert again.steps < MOST_STEPS + 5000


def test_numbers_that_grow_without_end_stay_small():
    cells = {(1, 1): Cell(1.0000001)} | {
        (row, 1): Cell(1, formula=f"=A{row - 1}*A{row - 1}/3.0000001+1/7") for row in range(2, 400)
    }
    made = book(cells)
    again = Recalculation(made)
    assert again.examine(made.sheets[0], (399, 1)).kind == Kind.STALE
    sizes = [
        found.value.denominator.bit_length() for found in again.known.values() if isinstance(found.value, Fraction)
    ]
    assert max(sizes) < 3000


def test_a_stored_date_is_told_as_a_date():
    """And one with a time of day as both."""
    cells = {(1, 1): Cell(day(2024, 3, 5), formula="=1+1"), (2, 1): Cell(day(2024, 3, 5, 8), formula="=1+1")}
    made = book(cells)
    stored = [examine(made, made.sheets[0], (row, 1)).stored for row in (1, 2)]
    assert stored == ["2024-03-05", "2024-03-05 08:00:00"]
