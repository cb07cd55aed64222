"""Figures that can be read and are hardly meant: asked about, never changed, never refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pandas as pd

from evaltool.intake import read
from tests.corpus import base
from tests.corpus.expecting import Must, question
from tests.corpus.kinds import register
from tests.corpus.workshop import Workshop

ASKED, COMPARED = "plausible", "compared with others"


def now(**fields: str) -> Callable[[Workshop], None]:
    """Other figures, meant by the county."""

    def make(shop: Workshop) -> None:
        for key, written in fields.items():
            shop.number(key, written)
            shop.truth.fields[key] = Fraction(written)

    return make


def claims(key: str, written: str, **fields: str) -> Callable[[Workshop], None]:
    def make(shop: Workshop) -> None:
        now(**fields)(shop)
        shop.number(f"score:{key}", written)
        shop.truth.scores[key] = Fraction(written)

    return make


for _name, _make, _codes in [
    ("part_above_whole", now(stations="13"), ("D119",)),
    ("paid_above_budget", now(paid="2000.01"), ("D119", "D138")),
    ("execution_half", now(paid="1000"), ("D138",)),
    ("execution_130", now(paid="2600"), ("D138", "D119")),
    ("growth_of_1550", now(growth="15.5"), ("D109", "D138", "D139")),
    ("growth_minus_100", now(growth="-1.2"), ("D109", "D138", "D139", "D105")),
    ("score_far_below_the_data", claims("A2", "0.1"), ("D135", "D136", "D137", "P101", "D139")),
]:
    _must = question(*_codes) if _name not in ("growth_minus_100", "score_far_below_the_data") else Must()
    register(ASKED, f"asked_{_name}", _make, _must)


def rows_of_marks(shop: Workshop) -> None:
    shop.number("goals[1].marks", "60")
    shop.truth.lists["goals"][0]["marks"] = 60
    shop.number("goals[2].marks", "60")
    shop.truth.lists["goals"][1]["marks"] = 60


def total_typed(shop: Workshop) -> None:
    shop.number("score:TOTAL", "99.9")


def old_evidence(shop: Workshop) -> None:
    shop.text("plan.evidence", "甲政办〔2018〕5号")


register(ASKED, "asked_full_marks_for_75", claims("A1", "10"), question("D137"), scored=True)
register(
    ASKED, "asked_ratio_to_100_instead_of_target", claims("A6", "1.2", growth="0.12"), question("D136"), scored=True
)
register(ASKED, "asked_weights_above_100", rows_of_marks, question("D120", "D134"))
register(ASKED, "asked_total_typed", total_typed, question("D135"))
register(ASKED, "asked_evidence_of_2018", old_evidence, question("D132"))


def last_round(shop: Workshop, **fields: str) -> None:
    """The round before: the base, read by itself."""
    path = shop.folder / "上年.xlsx"
    path.write_bytes(base.base())
    shop.previous = read([path], base.scheme(), base.roster())
    now(**fields)(shop)


for _name, _fields in {
    "sales_10000_more": {"sales": "123456700"}, "sales_10000_less": {"sales": "1.234567"},
    "sales_100_more": {"sales": "1234567"},
    "petty_10000_less": {"petty": "8.64"}, "trained_100_more": {"trained": "345600"},
    "area_10000_more": {"area": "6402500"},
}.items():  # fmt: skip
    register(
        COMPARED,
        f"jump_{_name}",
        lambda shop, f=_fields: last_round(shop, **f),
        question("D130", "D131", "D139", "D119"),
    )
register(COMPARED, "jump_of_a_third", lambda shop: last_round(shop, sales="16000"), Must())


def peers(shop: Workshop, written: str) -> None:
    """Eight other counties with figures of the usual size."""
    codes = [f"4299{number:02}" for number in range(1, 10)]
    names = ["甲县", *[f"{letter}县" for letter in "乙丙丁戊己庚辛壬"]]
    shop.roster = pd.DataFrame({"code": codes, "name": names}, dtype=object).assign(
        city="示例市", batch="2024", type="示范县", funds="1"
    )
    for number, (code, name) in enumerate(zip(codes[1:], names[1:], strict=True)):
        given = base.answers()
        given["fields"]["sales"] = str(9000 + 700 * number)
        shop.hand_in(base.book_bytes(given, {"code": code, "name": name, "city": "示例市"}), f"{name}.xlsx")
    shop.number("sales", written)
    shop.truth.fields["sales"] = Fraction(written)
    shop.hand_in(shop.packed())


register(COMPARED, "beside_others_10000_more", lambda shop: peers(shop, "123456700"), question("D131", "D139"))
register(COMPARED, "beside_others_10000_less", lambda shop: peers(shop, "1.23"), question("D131", "D139"))
register(COMPARED, "beside_others_alike", lambda shop: peers(shop, "12000"), Must())
