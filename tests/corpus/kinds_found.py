"""Kinds found later: by the fuzzer, by thinking like an attacker, by asking what a clerk does next."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

from tests.corpus import base
from tests.corpus.expecting import Must, lost, noted, reads_or_refuses, refused_cell, same, told_or_refused
from tests.corpus.kinds import kind, register
from tests.corpus.kinds_formulas import calculated
from tests.corpus.kinds_numbers import texts
from tests.corpus.workshop import BOOK, STRINGS, STYLES, Workshop

FOUND, ROWS, LOOKS = "found later", "found later in lists", "found later in looks"
SALES = Fraction("12345.67")

texts(FOUND, "sales", "found_money", {
    "in_words_and_digits": ("1亿2千万", reads_or_refuses("sales", 12000)),
    "with_year": ("2024：12345.67", refused_cell("sales")),
    "two_columns": ("12345.67\t99", refused_cell("sales")),
    "minus_in_front_of_unit": ("-12345.67万元", refused_cell("sales")),
    "wan_of_wan": ("1.234567万万元", reads_or_refuses("sales", SALES)),
    "wan_in_latin": ("12345.67 wan", reads_or_refuses("sales", SALES)),
    "w": ("12345.67w", reads_or_refuses("sales", SALES)),
    "million": ("123.4567M", refused_cell("sales")),
    "thousand_million": ("0.1234567bn", refused_cell("sales")),
    "kilo": ("123456.7k", refused_cell("sales")),
    "yuan_unit_twice": ("12345.67万元万元", refused_cell("sales")),
    "both_units": ("12345.67万元（123456700元）", reads_or_refuses("sales", SALES)),
    "units_that_disagree": ("12345.67万元（12345.67元）", refused_cell("sales")),
    "rounded_to": ("≈12345.67", refused_cell("sales")),
    "equals_sign_first": ("=12345.67万元", reads_or_refuses("sales", SALES)),
    "colon": ("零售额：12345.67", reads_or_refuses("sales", SALES)),
    "comma_at_end": ("12345.67，", reads_or_refuses("sales", SALES)),
    "full_stop_at_end": ("12345.67。", reads_or_refuses("sales", SALES)),
    "semicolon_at_end": ("12345.67；", reads_or_refuses("sales", SALES)),
    "stop_for_a_group": ("12.345", reads_or_refuses("sales", Fraction("12.345"))),
    "stop_for_groups": ("1.234.567", refused_cell("sales")),
    "group_of_four": ("1,2345.67", refused_cell("sales")),
    "chinese_groups": ("1、2345", refused_cell("sales")),
    "space_before_point": ("12345 .67", reads_or_refuses("sales", SALES)),
    "space_after_point": ("12345. 67", reads_or_refuses("sales", SALES)),
    "space_in_the_middle": ("123 45.67", refused_cell("sales")),
    "one_space_of_two_numbers": ("320 455", reads_or_refuses("sales", 320455)),
    "two_years": ("2023 2024", refused_cell("sales")),
    "chinese_mixed": ("1万2千3百45.67", reads_or_refuses("sales", SALES)),
    "chinese_bare_million": ("百万", refused_cell("sales")),
    "chinese_hundred": ("百", refused_cell("sales")),
    "chinese_point": ("12345点67", reads_or_refuses("sales", SALES)),
    "financial_yuan": ("壹佰万元整", reads_or_refuses("sales", 100)),
    "zero_written_o": ("12345.O", refused_cell("sales")),
    "wide_percent_in_money": ("９５％", refused_cell("sales")),
    "underline": ("__12345.67__", refused_cell("sales")),
    "tilde": ("~12345.67", refused_cell("sales")),
    "wide_tilde": ("～12345.67", refused_cell("sales")),
    "dash_then_number": ("——12345.67", refused_cell("sales")),
    "hyphen_nonbreaking": ("12345\u201167", refused_cell("sales")),
    "minus_like_hyphen": ("\u201012345.67", refused_cell("sales")),
    "katakana_dash": ("ー12345.67", refused_cell("sales")),
    "yi_as_minus": ("一12345.67", refused_cell("sales")),
    "fraction_slash": ("12345⁄2", refused_cell("sales")),
    "ditto": ("〃", refused_cell("sales")),
    "emptiness": ("（空）", refused_cell("sales")),
    "exempt": ("免", refused_cell("sales")),
    "not_yet": ("尚未统计", refused_cell("sales")),
    "same_as_last_year": ("与上年持平", refused_cell("sales")),
    "growth_word": ("增加12345.67", refused_cell("sales")),
    "of_which": ("12345.67，其中农产品2000", refused_cell("sales")),
    "as_of": ("截至6月12345.67", refused_cell("sales")),
    "cumulative": ("累计12345.67", reads_or_refuses("sales", SALES)),
    "target": ("目标12345.67", refused_cell("sales")),
    "planned": ("拟12345.67", refused_cell("sales")),
    "up_to": ("不超过12345.67", refused_cell("sales")),
    "less": ("不足12345.67", refused_cell("sales")),
    "at_most_sign": ("≤12345.67", refused_cell("sales")),
    "plus_minus": ("12345.67±5", refused_cell("sales")),
    "caret": ("1.2×10^4", refused_cell("sales")),
    "times_ten": ("1.2E4万元", reads_or_refuses("sales", 12000)),
})  # fmt: skip
texts(FOUND, "trained", "found_count", {
    "dozens": ("三四十", refused_cell("trained")),
    "two_or_three_hundred": ("两三百", refused_cell("trained")),
    "seven_eight_thousand": ("七八千", refused_cell("trained")),
    "three_thousand_four": ("三千四", reads_or_refuses("trained", 3400)),
    "three_thousand_zero_four": ("三千零四", reads_or_refuses("trained", 3004)),
    "double_wan": ("三万万", reads_or_refuses("trained", 300_000_000)),
    "unordered": ("三百五千", refused_cell("trained")),
    "ten_ten": ("十十", refused_cell("trained")),
    "sa": ("卅", reads_or_refuses("trained", 30)),
    "mixed_digits": ("3千4百56", reads_or_refuses("trained", 3456)),
    "classes_and_people": ("35期3456人次", refused_cell("trained")),
    "people_each": ("35期×100人次", refused_cell("trained")),
    "ordinal": ("第三千", refused_cell("trained")),
    "with_comma_thousand": ("3，456人次", reads_or_refuses("trained", 3456)),
    "trailing_dot": ("3456.", reads_or_refuses("trained", 3456)),
    "people_times": ("3456（人次）", reads_or_refuses("trained", 3456)),
    "just_under": ("近3456", refused_cell("trained")),
    "zero_padded": ("0003456", reads_or_refuses("trained", 3456)),
    "letter_behind": ("3456a", refused_cell("trained")),
    "point_zeroes": ("3456.000", reads_or_refuses("trained", 3456)),
    "chinese_traditional": ("三千四百五十六萬", reads_or_refuses("trained", 34_560_000)),
    "fullwidth_comma_bad": ("34，56", refused_cell("trained")),
})  # fmt: skip
texts(FOUND, "growth", "found_share", {
    "percent_word": ("15.5百分点", refused_cell("growth")),
    "percent_english": ("15.5 percent", reads_or_refuses("growth", Fraction("0.155"))),
    "per_hundred_chinese_digits": ("百分之15.5", reads_or_refuses("growth", Fraction("0.155"))),
    "minus_word": ("负15.5%", reads_or_refuses("growth", Fraction("-0.155"))),
    "decrease": ("减少15.5%", reads_or_refuses("growth", Fraction("-0.155"))),
    "wide_minus": ("－15.5%", reads_or_refuses("growth", Fraction("-0.155"))),
    "brackets": ("(15.5%)", reads_or_refuses("growth", Fraction("-0.155"))),
    "double": ("翻一番", refused_cell("growth")),
    "times": ("1.5倍", refused_cell("growth")),
    "hundredfold_sign": ("15.5%‰", refused_cell("growth")),
    "in_front_of_text": ("同比15.5%", refused_cell("growth")),
    "two": ("15.5%（去年12%）", refused_cell("growth")),
    "half": ("五成", reads_or_refuses("growth", Fraction("0.5"))),
    "one_third": ("三分之一", reads_or_refuses("growth", Fraction(1, 3))),
    "space_inside": ("15. 5%", reads_or_refuses("growth", Fraction("0.155"))),
    "comma_decimal": ("15,5%", refused_cell("growth")),
    "bare_text_0155": ("0.155", refused_cell("growth")),
    "bare_text_hundred": ("100", refused_cell("growth")),
    "zero_bare": ("0", reads_or_refuses("growth", 0)),
    "basis_points": ("1550bp", refused_cell("growth")),
    "sign_spaces": ("15.5　％", reads_or_refuses("growth", Fraction("0.155"))),
})  # fmt: skip
texts(FOUND, "opened", "found_day", {
    "excel_slash_time": ("2024/3/5 0:00", reads_or_refuses("opened", dt.date(2024, 3, 5))),
    "dotted_end": ("2024.3.5.", reads_or_refuses("opened", dt.date(2024, 3, 5))),
    "spaces": ("2024 3 5", refused_cell("opened")),
    "chinese_month_end": ("2024年3月末", refused_cell("opened")),
    "comma": ("2024,3,5", refused_cell("opened")),
    "backslash": ("2024\\3\\5", reads_or_refuses("opened", dt.date(2024, 3, 5))),
    "two_digit_chinese": ("24年3月5日", refused_cell("opened")),
    "day_month_year": ("5/3/2024", refused_cell("opened")),
    "eight_digits_bad": ("20241305", refused_cell("opened")),
    "six_digits": ("240305", refused_cell("opened")),
    "from": ("2024年3月5日起", refused_cell("opened")),
    "not": ("未投入运营", refused_cell("opened")),
    "next_year": ("2124-03-05", told_or_refused("opened", dt.date(2124, 3, 5))),
    "long_ago": ("1024-03-05", told_or_refused("opened", dt.date(1024, 3, 5))),
    "chinese_thirty_first": ("二〇二四年三月三十二日", refused_cell("opened")),
    "iso_week": ("2024-W10-2", refused_cell("opened")),
    "iso_zone": ("2024-03-05T23:30:00-08:00", reads_or_refuses("opened", dt.date(2024, 3, 5))),
})  # fmt: skip

# --- looks that change what is seen ---


def shown(shop: Workshop, key: str, number: str, code: str) -> None:
    shop.number(key, number, code)


for _name, _key, _number, _code, _must in [
    ("literal_zero_after", "towns", "12", "0\\0", told_or_refused("towns", 12)),
    ("literal_unescaped_digits", "towns", "12", '0"0"', told_or_refused("towns", 12)),
    ("two_thousands", "petty", "86400", "0,,", told_or_refused("petty", 86400)),
    ("space_thousands", "petty", "86400", "# ##0", same()),
    ("text_section", "sales", "12345.67", '0.00;-0.00;0.00;"文字："@', same()),
    ("hidden_positive", "sales", "12345.67", ";-0.00;0", told_or_refused("sales", SALES)),
    ("positive_as_word", "towns", "12", '"达标";"未达标";"无"', told_or_refused("towns", 12)),
    ("condition_on_value", "towns", "12", '[=12]"9";0', told_or_refused("towns", 12)),
    ("unit_of_people", "trained", "3456", '0"人"', told_or_refused("trained", 3456)),
    ("unit_wan_people", "trained", "0.3456", '0.0000"万人次"', told_or_refused("trained", 3456)),
    ("own_unit_people", "trained", "3456", '0"人次"', same()),
    ("bare_wan", "petty", "8.64", '0.00"万"', told_or_refused("petty", 86400)),
    ("escaped_wan", "petty", "8.64", "0.00\\万", told_or_refused("petty", 86400)),
    ("unquoted_wan", "petty", "8.64", "0.00万", told_or_refused("petty", 86400)),
    ("unquoted_yuan", "petty", "86400", "0元", same()),
    ("k_in_format", "petty", "86.4", '0.0"k"', told_or_refused("petty", 86400)),
    ("percent_points", "growth", "0.155", '0.0%"点"', told_or_refused("growth", Fraction("0.155"))),
    ("permille", "growth", "155", '0"‰"', refused_cell("growth")),
    ("financial_capitals", "sales", "12345.67", "[DBNum2][$-804]General", same()),
    ("wide_digits", "sales", "12345.67", "[DBNum3][$-804]General", same()),
    ("thai_calendar", "opened", "45356", "[$-D07041E]yyyy-mm-dd", Must()),
    ("japanese_era", "opened", "45356", '[$-411]ggge"年"m"月"d"日"', Must()),
    ("minutes_only", "opened", "45356", "mm:ss", told_or_refused("opened", dt.date(2024, 3, 5))),
    ("weekday_only", "opened", "45356", "dddd", told_or_refused("opened", dt.date(2024, 3, 5))),
    ("text_today", "towns", "12", '"today"', told_or_refused("towns", 12)),
    ("general_with_unit", "sales", "12345.67", 'General"万元"', same()),
    ("general_percent", "growth", "15.5", "General%", told_or_refused("growth", Fraction("15.5"), Fraction("0.155"))),
]:  # fmt: skip

    def _shown(shop: Workshop, key: str = _key, number: str = _number, code: str = _code) -> None:
        shown(shop, key, number, code)

    register(LOOKS, f"look_{_name}", _shown, _must)


@kind(LOOKS, told_or_refused("paid", Fraction("1834.5")))
def precision_as_displayed(shop: Workshop) -> None:
    """The workbook calculates with what is shown, and shows no decimals."""
    shop.replace(BOOK, "<calcPr", '<calcPr fullPrecision="0"')
    shop.number("paid", "1834.5", "0")


@kind(LOOKS, Must(lost={"sales": ()}))
def struck_by_a_named_style(shop: Workshop) -> None:
    """The strike comes from the cell style that the format rests on; the format itself has it too, as Excel writes."""
    shop.put("sales", "<v>12345.67</v>", style=shop.format("sales", "", '<strike val="true"/><sz val="10"/>'))


@kind(LOOKS, same())
def conditional_strike_elsewhere(shop: Workshop) -> None:
    rule = '<cfRule type="expression" priority="1"><formula>FALSE</formula></cfRule>'
    rule = f'<conditionalFormatting sqref="E14">{rule}</conditionalFormatting>'
    text = shop.text_of(shop.sheet("sales"))
    at = text.index("<dataValidations")
    shop.parts[shop.sheet("sales")] = (text[:at] + rule + text[at:]).encode()


# --- lists ---


def payments(shop: Workshop, *rows: dict[str, str], count: str | None = None) -> None:
    """The workbook with these rows of payments."""
    mine = base.answers()
    mine["lists"]["payments"] = [dict(row) for row in rows]
    mine["counts"] = {"payments": count or str(len(rows))}
    shop.truth = base.truth_of(mine)
    shop.hand_in(base.book_bytes(mine))


FIRST = base.PAYMENTS[0]
register(ROWS, "list_of_none", lambda shop: payments(shop, count="0"), Must())
register(ROWS, "list_of_one", lambda shop: payments(shop, FIRST), same())
register(ROWS, "list_of_equal_rows", lambda shop: payments(shop, FIRST, FIRST, FIRST), Must())
register(
    ROWS,
    "list_of_sixty",
    lambda shop: payments(shop, *[FIRST | {"title": f"事项{i}", "amount": str(i)} for i in range(1, 61)]),
    same(),
)
register(
    ROWS,
    "list_of_two_hundred",
    lambda shop: payments(shop, *[FIRST | {"title": f"事项{i}", "amount": str(i)} for i in range(1, 201)]),
    same(),
)


@kind(ROWS, same())
def list_longer_than_the_template(shop: Workshop) -> None:
    """More rows than the template has: typed on below it."""
    rows = [FIRST | {"title": f"事项{i}", "amount": str(i)} for i in range(1, 251)]
    mine = base.answers()
    mine["lists"]["payments"], mine["counts"] = rows, {"payments": "250"}
    shop.truth = base.truth_of(mine)
    shop.hand_in(base.book_bytes(mine))


@kind(ROWS, lost("payments"))
def second_block_below_the_list(shop: Workshop) -> None:
    """A second, smaller table typed under the list."""
    with shop.opened() as (book, _):
        sheet = book["资金拨付明细"]
        for row, values in enumerate([["事项", "金额"], ["县配套", 100]], 20):
            for column, value in enumerate(values, 3):
                sheet.cell(row, column).value = value


for _word in ("小计", "总计", "累计", "合 计", "合计：", "Total"):

    def _sum_row(shop: Workshop, word: str = _word) -> None:
        with shop.opened() as (book, _):
            sheet = book["资金拨付明细"]
            spot = shop.spots["payments[4].title"]
            sheet.cell(spot.row + 1, spot.column).value = word
            sheet.cell(spot.row + 1, spot.column + 1).value = 1834.5
            sheet[shop.spots["payments.count"].address] = 5

    register(ROWS, f"sum_row_{_word}", _sum_row, lost("payments"))


@kind(ROWS, lost("payments"))
def sum_row_with_the_word_in_the_number_column(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        sheet, spot = book["资金拨付明细"], shop.spots["payments[4].title"]
        sheet.cell(spot.row + 1, 2).value = "合计"
        sheet.cell(spot.row + 1, spot.column + 1).value = "=SUM(D6:D9)"


@kind(ROWS, lost("payments"))
def sum_row_as_a_formula(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        sheet, spot = book["资金拨付明细"], shop.spots["payments[4].title"]
        sheet.cell(spot.row + 1, spot.column + 1).value = "=SUM(D6:D9)"


@kind(ROWS, Must(lost={"payments": ()}))
def header_repeated_for_printing(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        sheet = book["资金拨付明细"]
        for column in range(2, 9):
            sheet.cell(20, column).value = sheet.cell(5, column).value


@kind(ROWS, reads_or_refuses("payments[2].amount", Fraction("455.5")))
def amount_in_yuan_in_one_row(shop: Workshop) -> None:
    shop.text("payments[2].amount", "4555000元")


@kind(ROWS, told_or_refused("payments[2].amount", 4555000, Fraction("455.5")))
def amount_shown_in_yuan_in_one_row(shop: Workshop) -> None:
    shop.number("payments[2].amount", "4555000", '#,##0"元"')


@kind(ROWS, refused_cell("payments[3].day"))
def day_without_year_in_a_row(shop: Workshop) -> None:
    shop.text("payments[3].day", "5月8日")


@kind(ROWS, refused_cell("payments[1].rate"))
def bare_rate_in_a_row(shop: Workshop) -> None:
    shop.number("payments[1].rate", "60", "General")


# --- structure ---


@kind(FOUND, lost("sales") & lost("petty"))
def labels_and_units_sorted_with_values_but_not_anchors(shop: Workshop) -> None:
    """Two rows exchanged by dragging: label, unit and value together; the hidden anchors stayed."""
    with shop.opened() as (_, places):
        sheet = places.sheets["fields"]
        a, b = shop.spots["sales"].row, shop.spots["petty"].row
        for column in range(3, 9):
            x, y = sheet.cell(a, column), sheet.cell(b, column)
            x.value, y.value = y.value, x.value


@kind(FOUND, lost("*"))
def anchors_copied_over_by_a_fill(shop: Workshop) -> None:
    """The first anchor dragged down over the next ones."""
    with shop.opened() as (_, places):
        sheet = places.sheets["fields"]
        for row in range(7, 17):
            if sheet.cell(row, 1).value:
                sheet.cell(row, 1).value = "field:towns"


@kind(FOUND, Must(lost={"*": ()}))
def values_pasted_as_one_text(shop: Workshop) -> None:
    """All figures pasted into one cell."""
    shop.text("towns", "12\n9\n3456\n2000")
    for key in ("stations", "trained", "budget"):
        shop.put(key)


@kind(FOUND, noted("W109", "D127", "D126"))
def sheet_of_another_list_with_this_corner(shop: Workshop) -> None:
    """The goals sheet bears the corner of payments and the other way round."""
    with shop.opened() as (book, _):
        a, b = book["资金拨付明细"]["A1"], book["年度目标"]["A1"]
        a.value, b.value = b.value, a.value
    shop.truth = base.Truth(fields=shop.truth.fields)


@kind(FOUND, told_or_refused("payments[1].amount", 320) & told_or_refused("payments[2].amount", Fraction("455.5")))
def spilled_into_an_input(shop: Workshop) -> None:
    """An array formula in one row fills the next row's cell, which itself has no formula."""
    calculated(shop)
    first, second = (shop.spots[f"payments[{i}].amount"].address for i in (1, 2))
    shop.formula("payments[1].amount", "TRANSPOSE(A1:B1)", "320", attributes=f't="array" ref="{first}:{second}"')


@kind(LOOKS, same())
def zero_shown_as_a_dash(shop: Workshop) -> None:
    """The accounting format does so."""
    shop.number("petty", "0", '#,##0;-#,##0;"-"')
    shop.truth.fields["petty"] = 0


@kind(FOUND, Must(file="any", codes=("W102", "W123"), lost={"*": ()}))
def other_codepage_in_the_strings(shop: Workshop) -> None:
    """GBK bytes in a part that says UTF-8."""
    text = shop.text_of(STRINGS)
    head, _, rest = text.partition("?>")
    shop.parts[STRINGS] = (head + "?>").encode() + rest.encode("gb18030")


register(FOUND, "style_numbers_shifted", lambda shop: _shifted(shop), Must(file="any", codes=("W102",), lost={"*": ()}))


def _shifted(shop: Workshop) -> None:
    """The first cell format is gone, so that every cell wears its neighbour's."""
    text = shop.text_of(STYLES)
    before, cells, after = re.split(r"(<cellXfs[^>]*>.*?</cellXfs>)", text, maxsplit=1, flags=re.DOTALL)
    shop.parts[STYLES] = (before + re.sub(r"<xf (?:[^>]*?/>|[^>]*[^/]>.*?</xf>)", "", cells, count=1) + after).encode()
