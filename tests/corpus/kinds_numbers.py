"""Numbers as people write them: text in numeric cells, units, percentages, number formats, odd stored numbers."""

from __future__ import annotations

from fractions import Fraction

from tests.corpus.expecting import Must, reads, reads_or_refuses, refused_cell, same, told_or_refused
from tests.corpus.kinds import register
from tests.corpus.workshop import Workshop

TEXT, UNIT, SHARE, FORMAT, STORED = (
    "numbers as text", "units", "percent", "number formats", "stored numbers",
)  # fmt: skip


def texts(group: str, key: str, prefix: str, cases: dict[str, tuple[str, Must]]) -> None:
    for name, (text, must) in cases.items():
        register(group, f"{prefix}_{name}", lambda shop, text=text: shop.text(key, text), must)


def right(key: str, value: str | int) -> Must:
    return reads(key, Fraction(value))


def either(key: str, value: str | int) -> Must:
    return reads_or_refuses(key, Fraction(value))


def no(key: str) -> Must:
    return refused_cell(key)


# --- money in 万元: what is surely this number ---

texts(TEXT, "sales", "money", {
    "plain": ("12345.67", right("sales", "12345.67")),
    "spaces_round": ("  12345.67 ", right("sales", "12345.67")),
    "thousands": ("12,345.67", right("sales", "12345.67")),
    "wide_comma": ("12，345.67", right("sales", "12345.67")),
    "wide_digits": ("１２３４５．６７", right("sales", "12345.67")),
    "space_groups": ("12 345.67", right("sales", "12345.67")),
    "nbsp_groups": ("12\u00a0345.67", either("sales", "12345.67")),
    "narrow_groups": ("12\u202f345.67", either("sales", "12345.67")),
    "thin_groups": ("12\u2009345.67", either("sales", "12345.67")),
    "ideographic_space": ("　12345.67　", right("sales", "12345.67")),
    "plus": ("+12345.67", right("sales", "12345.67")),
    "leading_zeros": ("0012345.67", either("sales", "12345.67")),
    "trailing_zeros": ("12345.6700", right("sales", "12345.67")),
    "trailing_point": ("12345.", either("sales", 12345)),
    "leading_point": (".67", either("sales", "0.67")),
    "apostrophe": ("'12345.67", either("sales", "12345.67")),
    "swiss": ("12'345.67", either("sales", "12345.67")),
    "comma_and_space": ("12, 345.67", either("sales", "12345.67")),
    "many_digits": ("1.2345678901234567890123", either("sales", "1.2345678901234567890123")),
    "zero": ("0", right("sales", 0)),
    "wide_point": ("12345．67", right("sales", "12345.67")),
    "full_stop": ("12345。67", either("sales", "12345.67")),
    "middle_dot": ("12345·67", either("sales", "12345.67")),
    "equals": ("=12345.67", either("sales", "12345.67")),
    "exponent": ("1.234567e4", either("sales", "12345.67")),
    "big_exponent": ("1.234567E+04", either("sales", "12345.67")),
    "chinese": ("一万二千三百四十五点六七", either("sales", "12345.67")),
    "arabic_indic": ("١٢٣٤٥", either("sales", 12345)),
    "persian": ("۱۲۳۴۵", either("sales", 12345)),
    "devanagari": ("१२३४५", either("sales", 12345)),
    "mathematical": ("𝟏𝟐𝟑𝟒𝟓", either("sales", 12345)),
    "tab": ("12345.67\t", either("sales", "12345.67")),
    "line_break_after": ("12345.67\n", either("sales", "12345.67")),
    "arabic_separators": ("١٢٬٣٤٥٫٦٧", either("sales", "12345.67")),
})  # fmt: skip

# --- what may be anything ---

texts(TEXT, "sales", "vague", {
    name: (text, no("sales"))
    for name, text in {
        "about": "约12345.67", "about_after": "12345.67左右", "more": "12345多", "odd": "300余", "over": "超过12345",
        "at_least": "≥12345", "above": "12345以上", "plus": "12345+", "greater": ">12345", "not_less": "不少于12345",
        "near": "近12345", "tens": "几十", "hundreds": "上百", "dozen": "十几", "some": "若干", "range": "12000-13000",
        "range_tilde": "12000~13000", "range_wide": "12000～13000", "range_to": "12000至13000",
        "range_dash": "12000—13000",
        "or": "12000或13000", "sum": "12000+345.67", "product": "12345*2", "quotient": "12345/2", "ratio": "12345:2",
        "wide_ratio": "12345：2", "two_numbers": "12345.67 12345.68", "slash": "12345.67/12000",
        "european": "12.345,67", "european_short": "12345,67", "bad_groups": "1,2345.67", "two_points": "12.345.67",
        "short_group": "12,34", "underscore": "12_345", "hex": "0x3039", "letter_o": "1234O", "letter_l": "l2345",
        "cyrillic": "12З45", "circled": "①②③", "superscript": "12345²", "roman": "ⅩⅡ", "keycap": "1️⃣2️⃣",
        "footnote": "12345.67①", "star": "12345.67*", "bracket_note": "12345.67（预计）", "bracket_two": "12345.67(12300)",
        "year": "2024年12345.67", "arrow": "12000→12345", "question": "12345？", "crossed": "1̶2̶3̶4̶5̶",
        "nan": "NaN", "inf": "inf", "minus_inf": "-Infinity", "na": "N/A", "hash_na": "#N/A", "hash_ref": "#REF!",
        "div": "#DIV/0!", "null": "NULL", "none": "None", "true": "TRUE", "yes": "是", "nothing": "无", "hyphen": "-",
        "long_dash": "——", "stroke": "/", "dots": "……", "backslash": "\\", "same": "同上", "appendix": "见附件1",
        "later": "待补", "unknown": "不详", "secret": "涉密", "huge_exponent": "1e308", "tiny_exponent": "1e-400",
        "minus_minus": "--5", "negative": "-12345.67", "accounting": "(12,345.67)", "trailing_minus": "12345.67-",
        "wide_minus": "－12345.67", "hanging_number": "第12345", "dollars": "$12345.67", "half": "一半",
        "wan_alone": "万", "chinese_vague": "一万多", "chinese_near": "近两千", "semicolon": "12345;67",
        "enumeration": "12345、67", "phone": "13800138000转2", "digits_400": "9" * 400, "spaces_between": "1 2 3 4 5",
        "bad_space_groups": "12 34 5", "cheque": "壹万贰仟元整后补", "mixed_up": "1万2", "colon": "12:30",
    }.items()
})  # fmt: skip

# --- counts ---

texts(TEXT, "trained", "count", {
    "plain": ("3456", right("trained", 3456)),
    "thousands": ("3,456", right("trained", 3456)),
    "space": ("3 456", right("trained", 3456)),
    "wide": ("３４５６", right("trained", 3456)),
    "point_zero": ("3456.0", right("trained", 3456)),
    "half": ("3456.5", no("trained")),
    "point_group": ("3.456", no("trained")),
    "chinese": ("三千四百五十六", either("trained", 3456)),
    "chinese_financial": ("叁仟肆佰伍拾陆", either("trained", 3456)),
    "chinese_digits": ("三四五六", either("trained", 3456)),
    "chinese_320": ("三百二十", either("trained", 320)),
    "chinese_short": ("三百二", either("trained", 320)),
    "chinese_two": ("两千", either("trained", 2000)),
    "chinese_ten": ("十二", either("trained", 12)),
    "chinese_zero_inside": ("三千零六", either("trained", 3006)),
    "chinese_twenty": ("廿五", either("trained", 25)),
    "chinese_zero": ("零", either("trained", 0)),
    "chinese_circle": ("二〇二四", either("trained", 2024)),
    "wan": ("3万", either("trained", 30000)),
    "wan_decimal": ("1.2万", either("trained", 12000)),
    "wan_chinese": ("三万", either("trained", 30000)),
    "yi": ("1.2亿", either("trained", 120_000_000)),
    "thousand_word": ("3千", either("trained", 3000)),
    "traditional": ("三萬", either("trained", 30000)),
    "k": ("3k", no("trained")),
    "minus_zero": ("-0", either("trained", 0)),
    "minus": ("-3456", no("trained")),
    "percent": ("95%", no("trained")),
    "three_to_five": ("3-5", no("trained")),
    "fraction": ("1/2", no("trained")),
    "and_a_half": ("3456½", no("trained")),
    "date_text": ("2024-03-05", no("trained")),
    "month_day": ("3月5日", no("trained")),
})  # fmt: skip

texts(TEXT, "index", "number", {
    "negative": ("-1.08", either("index", "-1.08")),
    "wide_negative": ("－１．０８", either("index", "-1.08")),
    "true_minus": ("−1.08", either("index", "-1.08")),
    "in_brackets": ("(1.08)", either("index", "-1.08")),
    "fraction": ("1/4", either("index", "1/4")),
    "one_half": ("½", either("index", "1/2")),
    "en_dash_before": ("–1.08", either("index", "-1.08")),
    "17_digits": ("84.99499999999999", right("index", "84.99499999999999")),
})  # fmt: skip

# --- units ---

texts(UNIT, "sales", "unit", {
    "own": ("12345.67万元", either("sales", "12345.67")),
    "own_spaced": ("12345.67 万元", either("sales", "12345.67")),
    "own_bracketed": ("12345.67（万元）", either("sales", "12345.67")),
    "wan": ("12345.67万", either("sales", "12345.67")),
    "yuan": ("123456700元", either("sales", "12345.67")),
    "yuan_grouped": ("123,456,700元", either("sales", "12345.67")),
    "yi": ("1.234567亿元", either("sales", "12345.67")),
    "yi_short": ("1.234567亿", either("sales", "12345.67")),
    "qian": ("123456.7千元", either("sales", "12345.67")),
    "baiwan": ("123.4567百万元", either("sales", "12345.67")),
    "yuan_sign": ("¥123456700", either("sales", "12345.67")),
    "wide_yuan_sign": ("￥123456700", either("sales", "12345.67")),
    "rmb": ("人民币12345.67万元", either("sales", "12345.67")),
    "dollars": ("12345.67万美元", no("sales")),
    "people": ("12345人", no("sales")),
    "square": ("12345.67平方米", no("sales")),
    "percent": ("12345.67%", no("sales")),
    "points": ("12345.67分", no("sales")),
    "traditional": ("12345.67萬元", either("sales", "12345.67")),
    "two_units": ("1亿2345.67万元", either("sales", "12345.67")),
    "year": ("12345.67万元/年", no("sales")),
    "each": ("12345.67万元/个", no("sales")),
    "capitals": ("壹亿贰仟叁佰肆拾伍万陆仟柒佰元整", either("sales", "12345.67")),
})  # fmt: skip
texts(UNIT, "petty", "yuan", {
    "own": ("86400元", either("petty", 86400)),
    "wan": ("8.64万元", either("petty", 86400)),
    "wan_short": ("8.64万", either("petty", 86400)),
    "jiao": ("86400元5角", either("petty", "86400.5")),
    "sign": ("￥86,400.00", either("petty", 86400)),
    "whole": ("86400元整", either("petty", 86400)),
    "k_yuan": ("86.4千元", either("petty", 86400)),
})  # fmt: skip
texts(UNIT, "trained", "people", {
    "own": ("3456人次", either("trained", 3456)),
    "other": ("3456人", no("trained")),
    "households": ("3456户", no("trained")),
    "wan_own": ("0.3456万人次", either("trained", 3456)),
    "classes": ("3456人次/35期", no("trained")),
    "together": ("共3456人次", either("trained", 3456)),
})  # fmt: skip
texts(UNIT, "area", "area", {
    "own": ("640.25平方米", either("area", "640.25")),
    "square": ("640.25㎡", either("area", "640.25")),
    "m2": ("640.25m2", either("area", "640.25")),
    "m_squared": ("640.25m²", either("area", "640.25")),
    "mu": ("640.25亩", no("area")),
    "short": ("640.25平", no("area")),
})  # fmt: skip

# --- percentages ---

texts(SHARE, "growth", "share", {
    "typed": ("15.5%", right("growth", "0.155")),
    "wide": ("１５．５％", right("growth", "0.155")),
    "spaced": ("15.5 %", right("growth", "0.155")),
    "wide_sign": ("15.5％", right("growth", "0.155")),
    "small_sign": ("15.5﹪", either("growth", "0.155")),
    "arabic_sign": ("15.5٪", either("growth", "0.155")),
    "chinese": ("百分之十五点五", either("growth", "0.155")),
    "negative": ("-15.5%", right("growth", "-0.155")),
    "zero": ("0%", right("growth", 0)),
    "permille": ("155‰", either("growth", "0.155")),
    "tenths": ("一成五", either("growth", "0.15")),
    "points": ("15.5个百分点", no("growth")),
    "bare": ("15.5", no("growth")),
    "decimal": ("0.155", no("growth")),
    "at_least": ("≥15.5%", no("growth")),
    "hundred": ("≥100%", no("growth")),
    "about": ("约15.5%", no("growth")),
    "range": ("15%-16%", no("growth")),
    "above": ("15.5%以上", no("growth")),
    "two_signs": ("15.5%%", no("growth")),
    "sign_first": ("%15.5", no("growth")),
    "word": ("增长15.5%", no("growth")),
    "fall": ("下降15.5%", either("growth", "-0.155")),
    "arrow": ("↑15.5%", no("growth")),
    "basis": ("15.5%（可比口径）", no("growth")),
    "ratio": ("31/200", no("growth")),
    "grouped": ("1,550%", right("growth", "15.5")),
})  # fmt: skip


def formatted(group: str, name: str, key: str, written: str, code: str, must: Must) -> None:
    register(group, name, lambda shop: shop.number(key, written, code), must)


for _name, _key, _written, _code, _must in [
    ("share_true_percent", "growth", "0.155", "0.0%", same()),
    ("share_red_negative", "growth", "0.155", "0.00%;[Red]-0.00%", same()),
    ("share_coloured", "growth", "0.155", "[Color10]0.00%", same()),
    ("share_general_15", "growth", "15.5", "General", no("growth")),
    ("share_general_0155", "growth", "0.155", "General", no("growth")),
    ("share_drawn", "growth", "15.5", '0.0"%"', no("growth")),
    ("share_escaped", "growth", "15.5", "0.0\\%", no("growth")),
    ("share_bang", "growth", "15.5", "0.0!%", no("growth")),
    ("share_width_only", "growth", "0.155", "0.00_%", no("growth")),
    ("share_as_text_format", "growth", "0.155", "@", no("growth")),
    ("share_fraction_format", "growth", "0.155", "# ?/?", no("growth")),
    ("share_955", "growth", "955", "0.0%", told_or_refused("growth", 955)),
    ("share_95_5", "growth", "95.5", "0.0%", told_or_refused("growth", Fraction("95.5"))),
    ("share_9_55", "growth", "9.55", "0.0%", told_or_refused("growth", Fraction("9.55"))),
    ("share_955_of_100", "satisfied", "955", "0.0%", no("satisfied")),
    ("share_above_100", "satisfied", "1.001", "0.0%", no("satisfied")),
    ("share_negative_of_100", "satisfied", "-0.1", "0.0%", no("satisfied")),
    ("share_double_percent", "growth", "0.155", "0.0%%", told_or_refused("growth", Fraction("0.155"))),
    ("share_rounded_away", "satisfied", "0.9949", "0%", told_or_refused("satisfied", Fraction("0.9949"))),
    ("count_percent", "towns", "12", "0%", no("towns")),
    ("money_percent", "sales", "0.95", "0%", no("sales")),
]:  # fmt: skip
    formatted(SHARE, f"shown_{_name}", _key, _written, _code, _must)

for _name, _key, _written, _code, _must in [
    ("plain_decimals", "sales", "12345.67", "0.00", same()),
    ("grouped", "sales", "12345.67", "#,##0.00", same()),
    ("accounting", "sales", "12345.67", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', same()),
    ("red_negative", "sales", "12345.67", "#,##0.00_);[Red]\\(#,##0.00\\)", same()),
    ("red_is_no_date", "index", "1.08", "[Red]0.00", same()),
    ("localized_general", "sales", "12345.67", "G/通用格式", same()),
    ("chinese_digits_shown", "towns", "12", "[DBNum1][$-804]General", same()),
    ("text_format_number", "sales", "12345.67", "@", same()),
    ("unit_in_format", "sales", "12345.67", '0.00"万元"', same()),
    ("square_in_format", "area", "640.25", '0.00"㎡"', same()),
    ("rounded_by_format", "paid", "1834.5", "0", told_or_refused("paid", Fraction("1834.5"))),
    ("rounded_much", "index", "1.0849999", "0.00", told_or_refused("index", Fraction("1.0849999"), Fraction("1.08"))),
    ("thousands_hidden", "petty", "86400", "0,", told_or_refused("petty", 86400)),
    ("ten_thousands_shown", "petty", "86400", '0!.0,"万元"', told_or_refused("petty", 86400)),
    ("other_unit_in_format", "petty", "8.64", '0.00"万元"', told_or_refused("petty", 86400)),
    ("yuan_in_wan", "sales", "123456700", '0"元"', told_or_refused("sales", Fraction("12345.67"))),
    ("yi_in_wan", "sales", "1.234567", '0.000000"亿元"', told_or_refused("sales", Fraction("12345.67"))),
    ("people_in_money", "sales", "12345.67", '0.00"人"', no("sales")),
    ("mu_in_area", "area", "640.25", '0.00"亩"', no("area")),
    ("about_in_format", "towns", "12", '"约"0', told_or_refused("towns", 12)),
    ("odd_in_format", "towns", "12", '0"余"', told_or_refused("towns", 12)),
    ("at_least_in_format", "towns", "12", '"≥"0', told_or_refused("towns", 12)),
    ("words_only", "towns", "12", '"无"', told_or_refused("towns", 12)),
    ("nothing_shown", "towns", "12", ";;;", told_or_refused("towns", 12)),
    ("sign_hidden", "index", "-1.08", "0.00;0.00", told_or_refused("index", Fraction("-1.08"))),
    ("sign_drawn", "index", "1.08", "-0.00", told_or_refused("index", Fraction("1.08"))),
    ("digits_drawn", "towns", "12", '"3"0', told_or_refused("towns", 12)),
    ("zeros_drawn", "towns", "12", '0"000"', told_or_refused("towns", 12)),
    ("conditional_words", "towns", "12", '[>10]"全部";0', told_or_refused("towns", 12)),
    ("date_shown", "towns", "45356", "yyyy-mm-dd", no("towns")),
    ("month_day_shown", "towns", "45356", 'm"月"d"日"', no("towns")),
    ("hours_shown", "index", "0.5", "h:mm", no("index")),
    ("duration_shown", "index", "1.08", "[h]:mm", no("index")),
    ("currency_in_wan", "sales", "12345.67", '"¥"#,##0.00', told_or_refused("sales", Fraction("12345.67"))),
    ("locale_currency", "sales", "12345.67", "[$¥-804]#,##0.00", told_or_refused("sales", Fraction("12345.67"))),
    ("dollars_in_wan", "sales", "12345.67", "[$$-409]#,##0.00", told_or_refused("sales", Fraction("12345.67"))),
    ("scientific", "petty", "86400", "0.00E+00", same()),
    ("scientific_cut", "petty", "86412", "0.0E+00", told_or_refused("petty", 86412)),
    ("padded", "towns", "12", "0000", same()),
    ("garbage", "towns", "12", '"unclosed', told_or_refused("towns", 12)),
]:  # fmt: skip
    formatted(FORMAT, f"format_{_name}", _key, _written, _code, _must)


def stored(name: str, key: str, written: str, must: Must) -> None:
    register(STORED, f"stored_{name}", lambda shop: shop.put(key, f"<v>{written}</v>"), must)


for _name, _key, _written, _must in [
    ("seventeen_same", "index", "1.0800000000000001", same()),  # the same double, as Excel writes some
    ("seventeen_share", "satisfied", "0.95499999999999996", same()),
    ("exponent_same", "sales", "1.2345670000000000E4", same()),
    ("exponent_small", "growth", "1.55E-1", same()),
    ("84_99499999999999", "index", "84.99499999999999",
     told_or_refused("index", Fraction("84.99499999999999"), Fraction("84.995"))),
    ("tail", "sales", "12345.670000000002",
     told_or_refused("sales", Fraction("12345.67"), Fraction("12345.670000000002"))),
    ("count_tail", "towns", "12.000000000000002", told_or_refused("towns", 12)),
    ("count_below", "towns", "11.999999999999998", told_or_refused("towns", 12)),
    ("sum_tail", "growth", "0.30000000000000004",
     told_or_refused("growth", Fraction("0.3"), Fraction("0.30000000000000004"))),
    ("count_half", "towns", "12.5", no("towns")),
    ("nan", "sales", "NaN", no("sales")),
    ("inf", "sales", "INF", no("sales")),
    ("infinity", "sales", "Infinity", no("sales")),
    ("overflow", "sales", "1e400", no("sales")),
    ("1e308", "sales", "1e308", told_or_refused("sales", 10**308)),
    ("1e300_count", "towns", "1e300", told_or_refused("towns", 10**300)),
    ("nineteen_digits", "petty", "1234567890123456789",
     told_or_refused("petty", 1234567890123456768, 1234567890123456789)),
    ("denormal", "index", "4.9E-324", told_or_refused("index", Fraction("4.9E-324"), Fraction("5e-324"), 0)),
    ("letters", "sales", "abc", no("sales")),
    ("grouped", "sales", "12,345.67", told_or_refused("sales", Fraction("12345.67"))),
    ("underscore", "sales", "12_345", no("sales")),
    ("wide_digits", "sales", "１２３４５", told_or_refused("sales", 12345)),
    ("hex", "sales", "0x3039", no("sales")),
    ("blank", "sales", "", refused_cell("sales", "D100")),
    ("negative_money", "sales", "-12345.67", no("sales")),
    ("comment_inside", "sales", "123<!-- -->45.67", same()),
    ("cdata", "sales", "<![CDATA[12345.67]]>", same()),  # odd XML, the same number for every reader of XML
    ("entity", "sales", "&#49;2345.67", same()),
]:  # fmt: skip
    stored(_name, _key, _written, _must)


def _full(shop: Workshop) -> None:
    shop.number("satisfied", "1", "0%")
    shop.truth.fields["satisfied"] = 1


register(SHARE, "share_100", _full, same())


def _quarter(shop: Workshop) -> None:
    shop.number("index", "1.25", "# ?/?")
    shop.truth.fields["index"] = Fraction("1.25")


register(FORMAT, "format_fraction", _quarter, same())


def _zero(shop: Workshop, written: str) -> None:
    shop.put("trained", f"<v>{written}</v>")
    shop.truth.fields["trained"] = 0


register(STORED, "stored_minus_zero", lambda shop: _zero(shop, "-0"), same())
register(STORED, "stored_minus_zero_point", lambda shop: _zero(shop, "-0.0"), same())
register(STORED, "stored_zero_point", lambda shop: _zero(shop, "0.0"), same())
register(STORED, "stored_spaces", lambda shop: shop.put("sales", "<v> 12345.67 </v>"), same())
