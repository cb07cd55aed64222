"""Cells that hold something else than asked: dates, truth values, errors, choices, strikes, merges, what is hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

from openpyxl.styles import Font

from tests.corpus.expecting import Must, lost, noted, reads, reads_or_refuses, refused_cell, same, told_or_refused
from tests.corpus.kinds import kind, register
from tests.corpus.kinds_numbers import texts
from tests.corpus.workshop import BOOK, STYLES, Workshop

DATES, TRUTHS, ERRORS, CHOICES, STRUCK, MERGED, HIDDEN, BLANK = (
    "dates",
    "truth values",
    "error values",
    "choices",
    "struck out",
    "merged",
    "hidden",
    "blank",
)
DAY = dt.date(2024, 3, 5)
SERIAL = 45356  # 2024-03-05


def is_day(day: dt.date = DAY) -> Must:
    return reads("opened", day)


def day_or_not(day: dt.date = DAY) -> Must:
    return reads_or_refuses("opened", day)


def as_typed(key: str, value: object, *parts: Callable[[Workshop], object]) -> Callable[[Workshop], None]:
    """A maker whose change is meant: `value` is the new truth."""

    def make(shop: Workshop) -> None:
        shop.truth.fields[key] = value
        for part in parts:
            part(shop)

    return make


# --- dates ---

NO_DAY = refused_cell("opened")
texts(DATES, "opened", "day", {
    "iso": ("2024-03-05", Must()),
    "short": ("2024-3-5", is_day()),
    "slashes": ("2024/3/5", is_day()),
    "points": ("2024.3.5", is_day()),
    "chinese": ("2024年3月5日", is_day()),
    "chinese_spaced": ("2024 年 3 月 5 日", is_day()),
    "wide": ("２０２４－０３－０５", is_day()),
    "chinese_digits": ("二〇二四年三月五日", day_or_not()),
    "chinese_circles": ("二○二四年三月五日", day_or_not()),
    "compact": ("20240305", day_or_not()),
    "hao": ("2024年3月5号", day_or_not()),
    "with_time": ("2024-03-05 10:30:00", day_or_not()),
    "iso_time": ("2024-03-05T00:00:00", day_or_not()),
    "weekday": ("2024年3月5日（星期二）", day_or_not()),
    "english": ("Mar 5, 2024", day_or_not()),
    "month_only": ("2024年3月", NO_DAY),
    "year_only": ("2024年", NO_DAY),
    "no_year": ("3月5日", NO_DAY),
    "two_digit_year": ("24-3-5", NO_DAY),
    "american": ("03/05/2024", NO_DAY),
    "european": ("05.03.2024", NO_DAY),
    "february_30": ("2024-02-30", NO_DAY),
    "month_13": ("2024-13-05", NO_DAY),
    "leap_day_that_was_none": ("2023-02-29", NO_DAY),
    "day_zero": ("2024-03-00", NO_DAY),
    "range": ("2024-03-05至2024-03-10", NO_DAY),
    "two_days": ("2024-03-05、2024-03-06", NO_DAY),
    "about": ("2024年3月5日左右", NO_DAY),
    "before": ("2024年3月底前", NO_DAY),
    "begin": ("2024年3月上旬", NO_DAY),
    "words": ("已投入运营", NO_DAY),
    "planned": ("计划2024-03-05", NO_DAY),
    "year_of_five_digits": ("20244-03-05", NO_DAY),
    "year_zero": ("0000-03-05", NO_DAY),
    "letter_o": ("2O24-03-05", NO_DAY),
    "serial_as_text": ("45356", day_or_not()),
    "mixed_separators": ("2024-3/5", day_or_not()),
    "lunar": ("甲辰年正月廿五", NO_DAY),
})  # fmt: skip
for _name, _written, _code, _must in [
    ("general", "45356", "General", told_or_refused("opened", DAY)),
    ("compact_number", "20240305", "General", told_or_refused("opened", DAY)),
    ("chinese_format", "45356", 'yyyy"年"m"月"d"日"', same()),
    ("chinese_locale", "45356", '[$-804]yyyy"年"m"月"d"日";@', same()),
    ("system_format", "45356", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", same()),
    ("english_format", "45356", "d-mmm-yy", same()),
    ("month_shown", "45356", 'yyyy"年"m"月"', told_or_refused("opened", DAY)),
    ("escaped", "45356", "yyyy\\-mm\\-dd", same()),
    ("capital", "45356", "YYYY/MM/DD", same()),
    ("with_clock", "45356.4375", "yyyy-mm-dd hh:mm", Must()),
    ("serial_zero", "0", "yyyy-mm-dd", refused_cell("opened")),
    ("serial_60", "60", "yyyy-mm-dd", refused_cell("opened")),
    ("serial_negative", "-5", "yyyy-mm-dd", refused_cell("opened")),
    ("serial_too_high", "2958466", "yyyy-mm-dd", refused_cell("opened")),
    ("serial_huge", "1e300", "yyyy-mm-dd", refused_cell("opened")),
    ("serial_nan", "NaN", "yyyy-mm-dd", refused_cell("opened")),
    ("clock_only", "0.4375", "hh:mm", refused_cell("opened")),
    ("percent_format", "45356", "0%", told_or_refused("opened", DAY)),
    ("text_format", "45356", "@", told_or_refused("opened", DAY)),
    ("year_1900", "366", "yyyy-mm-dd", told_or_refused("opened", dt.date(1900, 12, 31))),
]:  # fmt: skip
    register(DATES, f"date_{_name}", lambda shop, w=_written, c=_code: shop.number("opened", w, c), _must)


def builtin(shop: Workshop, key: str, written: str, number: int) -> None:
    """A number in one of the built-in formats that have no code in the file."""
    style = shop.format(key, "x")
    shop.parts[STYLES] = shop.text_of(STYLES).replace(f'numFmtId="{300 + style}"', f'numFmtId="{number}"', 2).encode()
    text = shop.text_of(STYLES)
    shop.parts[STYLES] = text.replace(f'<numFmt numFmtId="{number}" formatCode="x"/>', "").encode()
    shop.put(key, f"<v>{written}</v>", style=style)


for _number in (14, 15, 22, 27, 28, 30, 31, 36, 50, 51, 57, 58):
    register(DATES, f"date_built_in_{_number}", lambda shop, n=_number: builtin(shop, "opened", "45356", n), Must())
    register(DATES, f"number_in_built_in_date_{_number}", lambda shop, n=_number: builtin(shop, "towns", "45356", n),
             refused_cell("towns"))  # fmt: skip
for _number in (18, 20, 21, 32, 33, 45, 46, 47, 55):
    register(DATES, f"number_in_built_in_time_{_number}", lambda shop, n=_number: builtin(shop, "index", "0.5", n),
             refused_cell("index"))  # fmt: skip
for _number in (9, 10):
    register(DATES, f"percent_built_in_{_number}", lambda shop, n=_number: builtin(shop, "growth", "0.155", n), same())


@kind(DATES, Must())
def iso_date_cell(shop: Workshop) -> None:
    shop.put("opened", "<v>2024-03-05</v>", "d")


@kind(DATES, Must())
def iso_date_cell_with_time(shop: Workshop) -> None:
    shop.put("opened", "<v>2024-03-05T00:00:00Z</v>", "d")


@kind(DATES, refused_cell("opened"))
def iso_date_cell_of_rubbish(shop: Workshop) -> None:
    shop.put("opened", "<v>2024-99-99</v>", "d")


@kind(DATES, refused_cell("towns"))
def iso_date_cell_in_a_number(shop: Workshop) -> None:
    shop.put("towns", "<v>2024-03-05</v>", "d")


@kind(DATES, same())
def dates_from_1904(shop: Workshop) -> None:
    """A workbook from an old Mac: the same days have other serial numbers."""
    shop.replace(BOOK, "<workbookPr", '<workbookPr date1904="1"')
    keys = {"opened": DAY}
    keys |= {f"payments[{i}].day": row["day"] for i, row in enumerate(shop.truth.lists["payments"], 1)}
    keys |= {f"reports[{i}].sent": row["sent"] for i, row in enumerate(shop.truth.lists["reports"], 1)}
    for key, day in keys.items():
        shop.put(key, f"<v>{(day - dt.date(1904, 1, 1)).days}</v>")


@kind(DATES, refused_cell("index"))
def three_to_five_became_a_date(shop: Workshop) -> None:
    builtin(shop, "index", "45356", 58)


@kind(DATES, refused_cell("score:A1"))
def score_became_a_date(shop: Workshop) -> None:
    builtin(shop, "score:A1", "45356", 58)


@kind(DATES, refused_cell("payments[2].amount"))
def amount_became_a_date(shop: Workshop) -> None:
    builtin(shop, "payments[2].amount", "45356", 58)


# --- truth values ---

for _name, _text, _value in [
    ("tick", "√", True), ("heavy_tick", "✔", True), ("box_ticked", "☑", True), ("has", "有", True),
    ("right", "对", True), ("y", "Y", True), ("yes", "yes", True), ("true", "TRUE", True), ("one", "1", True),
    ("shi_de", "是的", True),
    ("yes_stop", "是。", True), ("yes_zero_width", "是\u200b", True), ("boxes", "☑是☐否", True),
    ("yes_bracket", "是（见附件）", True),
]:  # fmt: skip
    register(TRUTHS, f"truth_{_name}", lambda shop, t=_text: shop.text("plan", t), reads_or_refuses("plan", _value))
for _name, _text, _value in [
    ("cross", "×", False),
    ("heavy_cross", "✘", False),
    ("letter_x", "X", False),
    ("hasnt", "无", False),
    ("wrong", "错", False),
    ("n", "N", False),
    ("false", "FALSE", False),
    ("zero", "0", False),
    ("bu_shi", "不是", False),
    ("boxes_no", "☐是☑否", False),
    ("not_yet", "未印发", False),
    ("no_bracket", "否（正在制定）", False),
    ("mei_you", "没有", False),
]:
    register(TRUTHS, f"truth_{_name}", lambda shop, t=_text: shop.text("plan", t), reads_or_refuses("plan", _value))
for _name, _text in [
    ("both", "是否"), ("both_slash", "是/否"), ("both_boxes", "□是 □否"), ("both_ticked", "☑是☑否"), ("partly", "部分是"),
    ("dash", "-"),
    ("question", "是？"), ("word", "已印发"), ("to_come", "待定"), ("two", "2"), ("is_but", "是，但未公开"), ("hidden_no", "是\n否"),
]:  # fmt: skip
    register(TRUTHS, f"truth_{_name}", lambda shop, t=_text: shop.text("plan", t), refused_cell("plan"))
register(TRUTHS, "truth_yes_spaced", lambda shop: shop.text("plan", " 是 "), same())
register(TRUTHS, "truth_no", as_typed("plan", False, lambda shop: shop.text("plan", "否")), same())
register(TRUTHS, "truth_boolean", lambda shop: shop.put("plan", "<v>1</v>", "b"), reads("plan", True))
register(TRUTHS, "truth_boolean_false", lambda shop: shop.put("plan", "<v>0</v>", "b"), reads("plan", False))
register(
    TRUTHS, "truth_boolean_word", lambda shop: shop.put("plan", "<v>true</v>", "b"), reads_or_refuses("plan", True)
)
register(TRUTHS, "truth_boolean_two", lambda shop: shop.put("plan", "<v>2</v>", "b"), reads_or_refuses("plan", True))
register(TRUTHS, "truth_number_one", lambda shop: shop.put("plan", "<v>1</v>"), reads_or_refuses("plan", True))
register(TRUTHS, "boolean_in_count", lambda shop: shop.put("towns", "<v>1</v>", "b"), refused_cell("towns"))
register(TRUTHS, "boolean_in_money", lambda shop: shop.put("sales", "<v>0</v>", "b"), refused_cell("sales"))
register(TRUTHS, "boolean_in_share", lambda shop: shop.put("growth", "<v>1</v>", "b"), refused_cell("growth"))
register(TRUTHS, "boolean_in_date", lambda shop: shop.put("opened", "<v>1</v>", "b"), refused_cell("opened"))
register(TRUTHS, "boolean_in_score", lambda shop: shop.put("score:A1", "<v>1</v>", "b"), refused_cell("score:A1"))

# --- error values ---

for _error in (
    "#DIV/0!",
    "#N/A",
    "#REF!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#VALUE!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#BUSY!",
):
    _word = _error.strip("#!?").replace("/", "_").lower()
    register(
        ERRORS,
        f"error_{_word}",
        lambda shop, e=_error: shop.put("sales", f"<v>{e}</v>", "e"),
        refused_cell("sales", "D107"),
    )
    register(
        ERRORS,
        f"error_{_word}_of_a_formula",
        lambda shop, e=_error: shop.formula("trained", "A1/0", e, "e"),
        refused_cell("trained", "D107"),
    )
for _key in (
    "plan",
    "level",
    "opened",
    "growth",
    "payments[1].amount",
    "payments[2].day",
    "score:A2",
    "reports[3].sent",
):
    register(
        ERRORS, f"error_in_{_key}", lambda shop, k=_key: shop.put(k, "<v>#REF!</v>", "e"), refused_cell(_key, "D107")
    )
register(
    ERRORS,
    "error_in_count_of_rows",
    lambda shop: shop.put("payments.count", "<v>#REF!</v>", "e"),
    lost("payments", "D107"),
)
register(
    ERRORS, "error_in_remark", lambda shop: shop.put("remark", "<v>#REF!</v>", "e"), refused_cell("remark", "D107")
)

# --- choices ---

for _name, _text in {
    "traditional": "二級", "digit": "2级", "wide_digit": "２级", "roman": "Ⅱ级", "inner_space": "二 级",
    "zero_width": "二\u200b级", "bracket": "二级（省定）", "short": "二", "stop": "二级。",
}.items():  # fmt: skip
    register(CHOICES, f"choice_{_name}", lambda shop, t=_text: shop.text("level", t), reads_or_refuses("level", "二级"))
for _name, _text in {
    "other": "四级",
    "two": "二级、三级",
    "stroke": "一级/二级",
    "between": "一级到二级",
    "not": "非二级",
    "none": "无",
    "all": "一级、二级、三级",
    "above": "二级以上",
}.items():
    register(CHOICES, f"choice_{_name}", lambda shop, t=_text: shop.text("level", t), refused_cell("level"))
register(CHOICES, "choice_spaced", lambda shop: shop.text("level", " 二级 \n"), same())
register(CHOICES, "choice_number", lambda shop: shop.put("level", "<v>2</v>"), refused_cell("level"))

# --- blanks ---

for _name, _text in {
    "space": " ",
    "wide_space": "　",
    "zero_width": "\u200b",
    "nbsp": "\u00a0",
    "line_break": "\n",
    "bom": "\ufeff",
}.items():
    register(BLANK, f"blank_{_name}", lambda shop, t=_text: shop.text("sales", t), refused_cell("sales"))
register(BLANK, "blank_cell", lambda shop: shop.put("sales"), refused_cell("sales", "D100"))
register(BLANK, "blank_string", lambda shop: shop.put("sales", "<v></v>", "str"), refused_cell("sales", "D100"))
register(BLANK, "blank_inline", lambda shop: shop.put("sales", "<is/>", "inlineStr"), refused_cell("sales", "D100"))
register(BLANK, "blank_share", lambda shop: shop.put("growth"), refused_cell("growth", "D100"))
register(BLANK, "blank_amount", lambda shop: shop.put("payments[2].amount"), refused_cell("payments[2].amount", "D100"))
register(BLANK, "blank_evidence", lambda shop: shop.put("sales.evidence"), noted("D117"))
register(BLANK, "blank_list_evidence", lambda shop: shop.put("payments[2].evidence"), noted("D117"))


@kind(BLANK, lost("*", "D100"))
def template_sent_back_empty(shop: Workshop) -> None:
    for row in shop.truth.lists["reports"]:  # an empty date there means: never reported
        row["sent"] = None
    shop.truth.scores.clear()  # and nobody has to score itself
    for key in list(shop.spots):
        plain = key in shop.truth.figures() or key.endswith(".count")
        if plain and key != "score:C3":
            shop.put(key)


# --- struck out ---

STRIKE = '<strike/><sz val="10"/><name val="宋体"/>'


def struck_text(shop: Workshop, key: str, gone: str, kept: str) -> None:
    runs = f"<r><rPr>{STRIKE}</rPr><t>{gone}</t></r><r><t>{kept}</t></r>"
    shop.put(key, f"<v>{shop.string(runs)}</v>", "s")


register(
    STRUCK,
    "struck_number",
    lambda shop: shop.put("sales", "<v>12345.67</v>", style=shop.format("sales", "", STRIKE)),
    refused_cell("sales", "D124"),
)
register(STRUCK, "struck_run_before", lambda shop: struck_text(shop, "sales", "9999", "12345.67"),
         told_or_refused("sales", Fraction("12345.67")))  # fmt: skip
register(STRUCK, "struck_digit", lambda shop: struck_text(shop, "sales", "1", "2345.67"),
         told_or_refused("sales", Fraction("2345.67")))  # fmt: skip
register(
    STRUCK, "struck_choice", lambda shop: struck_text(shop, "level", "一级", "二级"), told_or_refused("level", "二级")
)
register(STRUCK, "struck_yes", lambda shop: struck_text(shop, "plan", "否", "是"), told_or_refused("plan", True))
register(
    STRUCK,
    "struck_day",
    lambda shop: struck_text(shop, "opened", "2023-01-01", "2024-03-05"),
    told_or_refused("opened", DAY),
)
register(STRUCK, "struck_all_text", lambda shop: struck_text(shop, "sales", "12345.67", ""), refused_cell("sales"))
register(
    STRUCK,
    "struck_score",
    lambda shop: shop.put("score:A1", "<v>7.5</v>", style=shop.format("score:A1", "", STRIKE)),
    refused_cell("score:A1"),
)
register(
    STRUCK,
    "strike_switched_off",
    lambda shop: shop.put(
        "sales", "<v>12345.67</v>", style=shop.format("sales", "", STRIKE.replace("/>", ' val="0"/>', 1))
    ),
    same(),
)


@kind(STRUCK, lost("payments", "D124"))
def struck_row(shop: Workshop) -> None:
    with shop.opened() as (_, places):
        sheet = places.sheets["list:payments"]
        spot = shop.spots["payments[2].title"]
        for column in range(1, 9):
            sheet.cell(spot.row, column).font = Font(strike=True)


@kind(STRUCK, same())
def struck_label(shop: Workshop) -> None:
    """Somebody struck out the explanation, not the figure."""
    with shop.opened() as (_, places):
        spot = shop.spots["sales.note"]
        places.sheets["fields"].cell(spot.row, spot.column).font = Font(strike=True)


# --- merged ---


def merging(first: str, last: str) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        a, b = shop.spots[first], shop.spots[last]
        with shop.opened() as (book, _):
            book[a.sheet].merge_cells(f"{a.address}:{b.address}")

    return make


register(MERGED, "merged_with_evidence", merging("sales", "sales.evidence"), Must(lost={"sales": ()}))
register(MERGED, "merged_with_the_next", merging("budget", "paid"), lost("budget", "D108") & lost("paid", "D108"))
register(
    MERGED, "merged_three", merging("towns", "trained"), lost("towns", "D108") & lost("stations") & lost("trained")
)
register(MERGED, "merged_in_list", merging("payments[1].amount", "payments[2].amount"), lost("payments"))
register(MERGED, "merged_across_a_row", merging("payments[3].title", "payments[3].amount"), lost("payments"))
register(MERGED, "merged_scores", merging("score:A1", "score:A2"), lost("score:A1") & lost("score:A2"))
register(MERGED, "merged_labels", merging("sales.name", "sales.unit"), Must(lost={"sales": ()}))
register(MERGED, "merged_evidence_only", merging("budget.evidence", "paid.evidence"), same())
register(MERGED, "merged_notes", merging("sales.note", "sales.clause"), same())
for _name, _ref in {
    "inverted": "F14:E14",
    "garbage": "hello",
    "empty": "",
    "single": "E14:E14",
    "beyond": "E14:XFZ14",
    "overlapping": "E14:F15",
}.items():

    def _merge(shop: Workshop, ref: str = _ref) -> None:
        part = shop.sheet("sales")
        extra = '<mergeCell ref="E13:E14"/>' if ref == "E14:F15" else ""
        shop.replace(part, "</mergeCells>", f'{extra}<mergeCell ref="{ref}"/></mergeCells>')

    register(MERGED, f"merge_reference_{_name}", _merge, Must(file="any", codes=("W102", "W123"), lost={"*": ()}))

# --- hidden: read, and said ---


def hiding(rows: tuple[str, ...] = (), columns: tuple[str, ...] = ()) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        with shop.opened() as (book, _):
            for key in rows:
                book[shop.spots[key].sheet].row_dimensions[shop.spots[key].row].hidden = True
            for key in columns:
                letter = shop.spots[key].address.rstrip("0123456789")
                book[shop.spots[key].sheet].column_dimensions[letter].hidden = True

    return make


register(HIDDEN, "hidden_input_row", hiding(("sales",)), same() & noted("D125", "W125"))
register(HIDDEN, "hidden_list_row", hiding(("payments[3].title",)), same() & noted("D125", "W125"))
register(HIDDEN, "hidden_value_column", hiding((), ("sales",)), same() & noted("D125", "W125"))
register(HIDDEN, "hidden_note_column", hiding((), ("sales.note",)), same())
register(HIDDEN, "hidden_empty_list_rows", hiding(("payments[9].title", "payments[10].title")), same())


@kind(HIDDEN, same() & noted("W125", "D125"))
def hidden_sheet(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        book["资金拨付明细"].sheet_state = "hidden"


@kind(HIDDEN, same() & noted("W125", "D125"))
def very_hidden_fields(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        book["基础数据"].sheet_state = "veryHidden"


@kind(HIDDEN, Must())
def row_of_no_height(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        book["基础数据"].row_dimensions[shop.spots["sales"].row].height = 0


@kind(HIDDEN, Must())
def filtered_rows(shop: Workshop) -> None:
    """An autofilter hides rows of the list; they still count."""
    with shop.opened() as (book, _):
        sheet = book["资金拨付明细"]
        sheet.auto_filter.ref = "B5:H9"
        sheet.auto_filter.add_filter_column(1, ["物流设备"])
        for number in (1, 3, 4):
            sheet.row_dimensions[shop.spots[f"payments[{number}].title"].row].hidden = True


@kind(HIDDEN, same())
def white_font(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        book["基础数据"][shop.spots["sales"].address].font = Font(color="FFFFFFFF")


@kind(HIDDEN, same())
def stamp_shown(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        book["_evaltool"].sheet_state = "visible"


@kind(HIDDEN, same())
def anchors_shown(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        for sheet in book.worksheets:
            sheet.row_dimensions[1].hidden = False
            sheet.column_dimensions["A"].hidden = False
