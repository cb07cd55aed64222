"""Names of counties, several files of one county, self scores, evidence and personal data."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from tests.corpus import base
from tests.corpus.expecting import Must, noted, question, reads_or_refuses, refused_cell, refused_file, same, set_aside
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import Workshop

NAMES, TWICE, SCORES, PRIVATE = "names of counties", "several files", "self scores", "personal data"


def named(shop: Workshop, roster_name: str, code: str, stamp_name: str, stamp_code: str) -> None:
    """A roster with one county, and its workbook under another spelling of its name or an older code."""
    rows = {
        "code": [code],
        "name": [roster_name],
        "city": ["示例市"],
        "batch": ["2024"],
        "type": ["示范县"],
        "funds": ["1"],
    }
    shop.roster = pd.DataFrame(rows, dtype=object)
    shop.data = base.book_bytes(county={"code": stamp_code, "name": stamp_name, "city": "示例市"})
    shop.hand_in(shop.data)


for _label, _args, _must in [
    ("traditional", ("乐都区", "630202", "樂都區", "630202"), same()),
    ("traditional_without_code", ("乐都区", "630202", "樂都區", ""), same()),
    ("old_name", ("乐都区", "630202", "乐都县", "632123"), noted("W126")),
    ("old_name_new_code", ("乐都区", "630202", "乐都县", "630202"), noted("W126")),
    ("old_code", ("乐都区", "630202", "乐都区", "632123"), noted("W126")),
    ("old_name_without_code", ("乐都区", "630202", "乐都县", ""), noted("W126")),
    ("spaces", ("甲县", "429901", "甲 县", "429901"), Must()),
    ("wide_spaces", ("甲县", "429901", "　甲县　", "429901"), Must()),
    ("zero_width", ("甲县", "429901", "甲县\u200b", "429901"), Must()),
    ("without_suffix", ("甲县", "429901", "甲", "429901"), Must(file="any", codes=("W105",))),
    ("with_city", ("甲县", "429901", "示例市甲县", "429901"), Must(file="any", codes=("W105",))),
    ("with_bureau", ("甲县", "429901", "甲县商务局", "429901"), Must(file="any", codes=("W105",))),
    ("wrong_character", ("浠水县", "421125", "稀水县", "421125"), Must(file="any", codes=("W105",))),
    ("other_county", ("甲县", "429901", "丁县", "429901"), refused_file("W105")),
    ("other_county_traditional", ("乐都区", "630202", "樂業縣", "630202"), refused_file("W105")),
    ("code_as_number", ("甲县", "429901", "甲县", "429901.0"), Must(file="any", codes=("W105",))),
    ("code_spaced", ("甲县", "429901", "甲县", " 429901 "), Must(file="any", codes=("W105",))),
    ("code_of_twelve_digits", ("甲县", "429901", "甲县", "429901000000"), Must(file="any", codes=("W105",))),
]:  # fmt: skip
    register(NAMES, f"county_{_label}", lambda shop, a=_args: named(shop, *a), _must)


# --- several files ---


@kind(TWICE, set_aside("W114") & same())
def identical_twice(shop: Workshop) -> None:
    shop.hand_in(shop.packed(), "甲县.xlsx")
    shop.hand_in(shop.packed(), "甲县（副本）.xlsx")


@kind(TWICE, set_aside("W106"))
def different_twice(shop: Workshop) -> None:
    shop.hand_in(shop.packed(), "甲县.xlsx")
    shop.number("sales", "99999")
    shop.hand_in(shop.packed(), "甲县-改.xlsx")


@kind(TWICE, Must(file="aside", codes=("W106", "W114")))
def same_figures_saved_twice(shop: Workshop) -> None:
    """Re-saved: other bytes, the same figures."""
    shop.hand_in(shop.packed(), "甲县.xlsx")
    with shop.opened():
        pass
    shop.hand_in(shop.packed(), "甲县-2.xlsx")


@kind(TWICE, set_aside("W106"))
def three_different(shop: Workshop) -> None:
    for value in ("1", "2", "3"):
        shop.number("sales", value)
        shop.hand_in(shop.packed(), f"甲县{value}.xlsx")


@kind(TWICE, Must(told=(("W102", "W100"),)))
def good_beside_broken(shop: Workshop) -> None:
    """The broken one cannot be told to be of the same county: the good one counts."""
    shop.hand_in(shop.packed(), "甲县.xlsx")
    shop.hand_in(shop.packed()[:5000], "甲县-坏.xlsx")


@kind(TWICE, Must(told=(("W100", "W127", "W103"),)))
def good_beside_evidence(shop: Workshop) -> None:
    shop.hand_in(shop.packed(), "甲县.xlsx")
    shop.hand_in(b"%PDF-1.7\n%%EOF", "凭证.pdf")


@kind(TWICE, Must(told=(("W114", "W100", "W127", "W102"),)))
def good_beside_a_lock_file(shop: Workshop) -> None:
    shop.hand_in(shop.packed(), "甲县.xlsx")
    shop.hand_in(b"\x04user" + bytes(160), "~$甲县.xlsx")


@kind(TWICE, Must(), roster=("429902",))
def two_counties(shop: Workshop) -> None:
    shop.hand_in(shop.packed(), "甲县.xlsx")
    shop.hand_in(base.book_bytes(county={"code": "429902", "name": "乙县", "city": "示例市"}), "乙县.xlsx")


@kind(TWICE, Must(), roster=("429902",))
def files_exchanged(shop: Workshop) -> None:
    """Each county's workbook bears the other's name: the content decides."""
    other = base.answers()
    other["fields"]["sales"] = "777"
    shop.hand_in(shop.packed(), "乙县.xlsx")
    shop.hand_in(base.book_bytes(other, {"code": "429902", "name": "乙县", "city": "示例市"}), "甲县.xlsx")


# --- self scores ---

for _name, _text, _must in [
    ("text", "7.5", Must()),
    ("with_unit", "7.5分", reads_or_refuses("score:A1", Fraction("7.5"))),
    ("wide", "７．５", reads_or_refuses("score:A1", Fraction("7.5"))),
    ("chinese", "七点五", reads_or_refuses("score:A1", Fraction("7.5"))),
    ("chinese_half", "七分半", reads_or_refuses("score:A1", Fraction("7.5"))),
    ("of", "7.5/10", refused_cell("score:A1")),
    ("full", "满分", refused_cell("score:A1")),
    ("word", "优秀", refused_cell("score:A1")),
    ("range", "7-8", refused_cell("score:A1")),
    ("percent", "75%", refused_cell("score:A1")),
    ("minus", "-7.5", refused_cell("score:A1")),
    ("deduction", "扣2.5分", refused_cell("score:A1")),
    ("sum", "5+2.5", refused_cell("score:A1")),
    ("question", "7.5?", refused_cell("score:A1")),
]:
    register(SCORES, f"score_{_name}", lambda shop, t=_text: shop.text("score:A1", t), _must)


def scored(shop: Workshop, written: str) -> None:
    shop.number("score:A1", written)
    shop.truth.scores["A1"] = Fraction(written)


register(SCORES, "score_above_the_maximum", lambda shop: scored(shop, "11"), question("D116"))
register(SCORES, "score_of_a_hundred", lambda shop: scored(shop, "75"), question("D116"))
register(SCORES, "score_negative_number", lambda shop: shop.number("score:A1", "-1"), refused_cell("score:A1"))
register(SCORES, "score_blank", lambda shop: (shop.put("score:A1"), shop.truth.scores.pop("A1")), Must())


@kind(SCORES, question("D116"))
def row_score_above_its_points(shop: Workshop) -> None:
    shop.number("goals[1].self:goal", "3")
    shop.truth.scores["C3"] = Fraction("5.9")


# --- personal data in evidence ---


@kind(PRIVATE, same())
def trainees_in_the_evidence(shop: Workshop) -> None:
    shop.text("trained.evidence", "签到册：张某某 13812345678，李某某 身份证 42010119900307123X")


@kind(PRIVATE, same())
def trainees_in_a_list(shop: Workshop) -> None:
    shop.text("payments[2].evidence", "联系人王某某，电话 139 1234 5678")


@kind(PRIVATE, refused_cell("trained"))
def a_telephone_number_instead_of_a_figure(shop: Workshop) -> None:
    """The message quotes the cell, and the number must not stand in it."""
    shop.text("trained", "问张某某13812345678")


@kind(PRIVATE, refused_cell("level"))
def an_identity_number_instead_of_a_choice(shop: Workshop) -> None:
    shop.text("level", "42010119900307123X")
