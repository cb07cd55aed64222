"""The same dangers in a real edition: Hubei's, with its own fields, lists and scores."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from tests.corpus.expecting import (
    Must,
    lost,
    reads,
    reads_or_refuses,
    refused_cell,
    refused_file,
    same,
    told_or_refused,
)
from tests.corpus.kinds import register
from tests.corpus.saving import WAYS
from tests.corpus.workshop import Workshop

HUBEI = "hubei"


def hubei(name: str, make: Callable[[Workshop], object], must: Must) -> None:
    register(HUBEI, f"hubei_{name}", make, must, edition="hubei")


hubei("as_it_came", lambda shop: None, same())
hubei("villages_in_chinese", lambda shop: shop.text("villages", "一百"), reads_or_refuses("villages", 100))
hubei("villages_wide", lambda shop: shop.text("villages", "１００"), reads("villages", 100))
hubei("villages_about", lambda shop: shop.text("villages", "约100"), refused_cell("villages"))
hubei("funds_in_yi", lambda shop: shop.text("fund_total", "0.2亿元"), reads_or_refuses("fund_total", 2000))
hubei(
    "funds_with_other_unit_format",
    lambda shop: shop.number("fund_total", "20000000", '#,##0"元"'),
    told_or_refused("fund_total", 2000),
)
hubei("growth_955", lambda shop: shop.number("retail_growth", "955", "0.0%"), told_or_refused("retail_growth", 955))
hubei("growth_text", lambda shop: shop.text("retail_growth", "95.50%"), reads("retail_growth", Fraction("0.955")))
hubei("towns_date", lambda shop: shop.number("towns", "45356", 'm"月"d"日"'), refused_cell("towns"))
hubei("towns_error", lambda shop: shop.put("towns", "<v>#REF!</v>", "e"), refused_cell("towns", "D107"))
hubei("towns_formula_of_zero", lambda shop: shop.formula("towns", "4+6", "0"), reads_or_refuses("towns", 10))
hubei("payments_deleted", lambda shop: _deleted(shop, "payments"), lost("payments", "W107"))
hubei("stamp_gone", lambda shop: _stamp_gone(shop), refused_file("W103"))
for _way in ("openpyxl", "xlsxwriter", "strict", "prefixed", "xls", "no_addresses", "rebuilt"):

    def _saved(shop: Workshop, way: str = _way) -> None:
        shop.hand_in(WAYS[way](shop.data), "甲县.xls" if way == "xls" else "甲县.xlsx")

    hubei(f"saved_by_{_way}", _saved, same())


def _deleted(shop: Workshop, list_id: str) -> None:
    title = shop.spots[f"{list_id}.count"].sheet
    with shop.opened() as (book, _):
        book.remove(book[title])


def _stamp_gone(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        book.remove(book["_evaltool"])
