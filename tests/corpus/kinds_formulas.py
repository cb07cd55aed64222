"""Formulas: without a stored value, with a stale, doubtful or impossible one, and those that can be worked out."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

from tests.corpus.expecting import Must, lost, reads_or_refuses, refused_cell, told_or_refused
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import BOOK, MAIN, RELATIONS, TYPES, Workshop

PLAIN, STALE, VOLATILE, SHAPES = "formulas", "stale formulas", "volatile and external formulas", "kinds of formulas"
SALES = Fraction("12345.67")
AT_REST, LEFT_TO_OTHERS = 'fullCalcOnLoad="0"', 'fullCalcOnLoad="1"'


def calculated(shop: Workshop) -> None:
    """As after a save by a spreadsheet program: nothing is to be worked out anew."""
    shop.parts[BOOK] = shop.text_of(BOOK).replace(AT_REST, "").replace(LEFT_TO_OTHERS, "").encode()


def placed(shop: Workshop, text: str) -> str:
    """`{sales}` becomes the address of that input."""
    return re.sub(r"\{([a-z][^{}]*)\}", lambda match: shop.spots[match[1]].address, text)


def formula(
    group: str, name: str, key: str, text: str, stored: str | None, must: Must, *, saved: bool = True, kind: str = ""
) -> None:
    def make(shop: Workshop) -> None:
        if saved:
            calculated(shop)
        else:
            shop.replace(BOOK, AT_REST, LEFT_TO_OTHERS)
        shop.formula(key, placed(shop, text), stored, kind)

    register(group, f"formula_{name}", make, must)


GOOD = reads_or_refuses("sales", SALES)
for _name, _text in {
    "number": "12345.67", "sum": "12000+345.67", "rounded": "ROUND(12345.6701,2)", "function": "SUM(12000,345.67)",
    "brackets": "(12000+345.67)*1", "reference": "{budget}*1+10345.67",
    "range": "SUM({budget}:{budget})+10345.67", "if": "IF(1=1,12345.67,0)",
    "sheet": "基础数据!{budget}+10345.67", "quoted_sheet": "'基础数据'!{budget}+10345.67",
    "iferror": "IFERROR(12345.67,0)", "percent": "1234567%",
    "power": "12345.67^1", "minus": "--12345.67", "wan": "123456700/10000",
    "average": "AVERAGE(12345.67,12345.67)", "max": "MAX(1,12345.67)",
    "spaces": " 12000 + 345.67 ", "lowercase": "sum(12000,345.67)", "text_to_number": 'VALUE("12345.67")',
    "unknown_function": "NEUEFUNKTION(1)",
    "lookup": 'VLOOKUP("x",A1:B9,2,FALSE)', "sumif": 'SUMIF(A1:A9,"x",B1:B9)',
    "sumproduct": "SUMPRODUCT(A1:A9,B1:B9)", "defined_name": "总额",
    "future": "_xlfn.XLOOKUP(1,A1:A9,B1:B9)", "let": "_xlfn.LET(_xlpm.x,12345.67,_xlpm.x)",
}.items():  # fmt: skip
    formula(PLAIN, _name, "sales", _text, "12345.67", GOOD)
formula(PLAIN, "without_value", "sales", "12000+345.67", None, GOOD)
formula(PLAIN, "with_empty_value", "sales", "12000+345.67", "", GOOD)
formula(PLAIN, "without_value_unsaved", "sales", "12000+345.67", None, GOOD, saved=False)
formula(PLAIN, "unsaved_right", "sales", "12000+345.67", "12345.67", GOOD, saved=False)
formula(PLAIN, "zero_of_xlsxwriter", "sales", "12000+345.67", "0", GOOD, saved=False)
formula(PLAIN, "zero_of_a_reference", "sales", "{budget}+10345.67", "0", GOOD, saved=False)
formula(PLAIN, "zero_of_a_lookup", "sales", "VLOOKUP(1,A1:B9,2,0)", "0", refused_cell("sales"), saved=False)
formula(PLAIN, "really_zero", "sales", "{budget}-2000", "0", reads_or_refuses("sales", 0))
formula(PLAIN, "number_as_text", "sales", 'TEXT(12345.67,"0.00")', "12345.67", GOOD, kind="str")
formula(PLAIN, "text_with_unit", "sales", '12345.67&"万元"', "12345.67万元", GOOD, kind="str")
formula(PLAIN, "empty_text", "sales", '""', "", refused_cell("sales"), kind="str")
formula(PLAIN, "truth", "plan", "{towns}=12", "1", reads_or_refuses("plan", True), kind="b")
formula(PLAIN, "choice", "level", '"二"&"级"', "二级", reads_or_refuses("level", "二级"), kind="str")
formula(PLAIN, "day", "opened", "DATE(2024,3,5)", "45356", reads_or_refuses("opened", dt.date(2024, 3, 5)))
formula(PLAIN, "share", "growth", "31/200", "0.155", reads_or_refuses("growth", Fraction("0.155")))
formula(PLAIN, "binary_tail", "growth", "0.1+0.2", "0.30000000000000004",
        told_or_refused("growth", Fraction("0.3"), Fraction("0.30000000000000004")))  # fmt: skip
formula(
    PLAIN,
    "endless_digits",
    "area",
    "1921/3",
    "640.33333333333337",
    told_or_refused("area", Fraction(1921, 3), Fraction("640.3333333333334"), Fraction("640.33333333333337")),
)
formula(
    PLAIN,
    "count_of_rows",
    "payments.count",
    "COUNTA({payments[1].title}:{payments[4].title})",
    "4",
    Must(lost={"payments": ()}),
)
formula(
    PLAIN,
    "in_a_list",
    "payments[2].amount",
    "400+55.5",
    "455.5",
    reads_or_refuses("payments[2].amount", Fraction("455.5")),
)
formula(PLAIN, "in_a_score", "score:A1", "10*0.75", "7.5", reads_or_refuses("score:A1", Fraction("7.5")))
formula(PLAIN, "in_a_name", "sales.name", '"网络"&"零售额"', "网络零售额", Must(lost={"sales": ()}), kind="str")

EITHER = told_or_refused("sales", SALES, 99999)
for _name, _text in {
    "sum": "12000+345.67", "reference": "{budget}+10345.67", "range": "SUM({budget}:{paid})+8511.17",
    "other_sheet": "资金拨付明细!{payments[1].amount}+12025.67", "if": "IF({budget}=2000,12345.67,0)",
    "unknown": "NEUEFUNKTION(1)", "lookup": 'VLOOKUP("x",A1:B9,2,FALSE)',
}.items():  # fmt: skip
    formula(STALE, f"stale_{_name}", "sales", _text, "99999", EITHER)
formula(STALE, "stale_zero", "sales", "12000+345.67", "0", told_or_refused("sales", SALES))
formula(
    STALE, "stale_by_a_cent", "sales", "12000+345.67", "12345.68", told_or_refused("sales", SALES, Fraction("12345.68"))
)
formula(STALE, "stale_sign", "index", "-1.08", "1.08", told_or_refused("index", Fraction("1.08"), Fraction("-1.08")))
formula(
    STALE, "stale_share", "growth", "31/200", "0.99", told_or_refused("growth", Fraction("0.155"), Fraction("0.99"))
)
formula(STALE, "error_would_come", "sales", "1/0", "12345.67", told_or_refused("sales", SALES))
formula(STALE, "reference_lost", "sales", "#REF!*2", "12345.67", told_or_refused("sales", SALES))
formula(STALE, "sheet_lost", "sales", "删掉的表!A1", "12345.67", told_or_refused("sales", SALES))
formula(STALE, "empty_cells", "sales", "J90+J91", "12345.67", told_or_refused("sales", SALES))
formula(STALE, "text_cells", "sales", "{sales.name}*1", "12345.67", told_or_refused("sales", SALES))


@kind(STALE, told_or_refused("sales", SALES, 99999))
def manual_calculation(shop: Workshop) -> None:
    shop.replace(BOOK, AT_REST, 'calcMode="manual" calcCompleted="0"')
    shop.formula("sales", placed(shop, "{budget}+10345.67"), "99999")


@kind(STALE, told_or_refused("paid", 2000, Fraction("1834.5")))
def source_changed_after_saving(shop: Workshop) -> None:
    """A program that cannot calculate changed the cell that the formula looks at."""
    calculated(shop)
    shop.formula("paid", placed(shop, "{budget}"), "1834.5")


for _name, _text in {
    "today": "TODAY()-33000", "now": "NOW()", "random": "RAND()*20000",
    "random_between": "RANDBETWEEN(1,20000)", "offset": "OFFSET(A1,8,4)",
    "indirect": 'INDIRECT("{budget}")', "cell": 'CELL("row",A1)', "info": 'INFO("numfile")',
}.items():  # fmt: skip
    formula(VOLATILE, _name, "sales", _text, "12345.67", told_or_refused("sales", SALES))
formula(VOLATILE, "hidden_today", "sales", "IF(1=1,12345.67,TODAY())", "12345.67", told_or_refused("sales", SALES))
formula(VOLATILE, "today_in_a_date", "opened", "TODAY()", "45356", told_or_refused("opened", dt.date(2024, 3, 5)))
formula(
    VOLATILE, "web", "sales", '_xlfn.WEBSERVICE("http://127.0.0.1:9/")', "12345.67", told_or_refused("sales", SALES)
)
formula(
    VOLATILE,
    "dde",
    "sales",
    "cmd|'/c calc'!A0",
    "12345.67",
    Must(file="any", codes=("W123",), either=told_or_refused("sales", SALES).either),
)
formula(
    VOLATILE,
    "hyperlink",
    "sales",
    'HYPERLINK("http://127.0.0.1:9/","12345.67")',
    "12345.67",
    told_or_refused("sales", SALES),
    kind="str",
)
formula(
    VOLATILE, "other_file_by_path", "sales", "'C:\\账\\[账.xlsx]表1'!A1", "12345.67", told_or_refused("sales", SALES)
)
formula(VOLATILE, "register", "sales", 'REGISTER.ID("kernel32","WinExec")', "12345.67", told_or_refused("sales", SALES))
formula(VOLATILE, "itself", "sales", "{sales}", "12345.67", told_or_refused("sales", SALES))
formula(VOLATILE, "itself_in_a_range", "sales", "SUM({towns}:{remark})", "12345.67", told_or_refused("sales", SALES))


@kind(VOLATILE, told_or_refused("sales", SALES) & told_or_refused("petty", 86400))
def two_that_circle(shop: Workshop) -> None:
    calculated(shop)
    shop.formula("sales", placed(shop, "{petty}"), "12345.67")
    shop.formula("petty", placed(shop, "{sales}"), "86400")


def linked(shop: Workshop) -> None:
    """An external workbook with a cached value."""
    calculated(shop)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    shop.parts["xl/externalLinks/externalLink1.xml"] = (
        f'{head}<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{relation[:-1]}"'
        ' r:id="rId1"><sheetNames><sheetName val="表1"/></sheetNames></externalBook></externalLink>'
    ).encode()
    shop.parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1"'
        f' Type="{relation}externalLinkPath" Target="file:///C:/%E8%B4%A6.xlsx" TargetMode="External"/></Relationships>'
    ).encode()
    shop.replace(
        TYPES,
        "</Types>",
        '<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.externalLink+xml"/></Types>',
    )
    shop.replace(RELATIONS, "</Relationships>", f'<Relationship Id="rIdX" Type="{relation}externalLink"'
                 ' Target="externalLinks/externalLink1.xml"/></Relationships>')  # fmt: skip
    shop.replace(
        BOOK, "</sheets>", '</sheets><externalReferences><externalReference r:id="rIdX"/></externalReferences>'
    )


@kind(VOLATILE, told_or_refused("sales", SALES) & Must(told=(("W124", "D123", "D122"),)))
def from_another_file(shop: Workshop) -> None:
    linked(shop)
    shop.formula("sales", "[1]表1!A1", "12345.67")


@kind(VOLATILE, Must(told=(("W124",),)))
def link_that_nothing_uses(shop: Workshop) -> None:
    linked(shop)


@kind(VOLATILE, lost("sales") & Must(told=(("W124", "D123", "D122", "D106"),)))
def from_another_file_without_value(shop: Workshop) -> None:
    linked(shop)
    shop.formula("sales", "[1]表1!A1", None)


# --- kinds of <f> ---


@kind(SHAPES, reads_or_refuses("payments[1].amount", 320) & reads_or_refuses("payments[2].amount", 320))
def shared_formula(shop: Workshop) -> None:
    calculated(shop)
    first, second = (shop.spots[f"payments[{i}].amount"] for i in (1, 2))
    shop.truth.lists["payments"][1]["amount"] = 320
    shop.formula(
        "payments[1].amount", "300+20", "320", attributes=f't="shared" ref="{first.address}:{second.address}" si="0"'
    )
    shop.put("payments[2].amount", '<f t="shared" si="0"/><v>320</v>')


@kind(SHAPES, lost("payments"))
def shared_formula_without_values(shop: Workshop) -> None:
    calculated(shop)
    first, second = (shop.spots[f"payments[{i}].amount"] for i in (1, 2))
    shop.formula(
        "payments[1].amount",
        "NEUEFUNKTION(1)",
        None,
        attributes=f't="shared" ref="{first.address}:{second.address}" si="0"',
    )
    shop.put("payments[2].amount", '<f t="shared" si="0"/>')


@kind(SHAPES, told_or_refused("sales", SALES))
def shared_formula_without_its_first(shop: Workshop) -> None:
    calculated(shop)
    shop.put("sales", '<f t="shared" si="7"/><v>12345.67</v>')


@kind(SHAPES, GOOD)
def array_formula(shop: Workshop) -> None:
    calculated(shop)
    shop.formula("sales", "SUM({12000,345.67})", "12345.67", attributes=placed(shop, 't="array" ref="{sales}"'))


@kind(SHAPES, told_or_refused("sales", SALES) & told_or_refused("petty", 86400))
def array_over_two_inputs(shop: Workshop) -> None:
    """The value of the second cell comes from the formula in the first."""
    calculated(shop)
    shop.formula("sales", "TRANSPOSE(A1:B1)", "12345.67", attributes=placed(shop, 't="array" ref="{sales}:{petty}"'))


@kind(SHAPES, told_or_refused("sales", SALES))
def data_table(shop: Workshop) -> None:
    calculated(shop)
    table = placed(shop, '<f t="dataTable" ref="{sales}" dt2D="1" dtr="1" r1="A1" r2="A2"/>')
    shop.put("sales", f"{table}<v>12345.67</v>")


@kind(SHAPES, told_or_refused("sales", SALES))
def empty_formula(shop: Workshop) -> None:
    shop.put("sales", "<f/><v>12345.67</v>")


@kind(SHAPES, GOOD)
def formula_as_text(shop: Workshop) -> None:
    """Typed with an apostrophe in front: it is a text."""
    shop.text("sales", "=12000+345.67")


@kind(SHAPES, GOOD)
def dynamic_array(shop: Workshop) -> None:
    calculated(shop)
    spot = shop.spots["sales"]
    shop.formula("sales", "12345.67", "12345.67", attributes=placed(shop, 't="array" ref="{sales}"'))
    text = re.sub(rf'<c r="{spot.address}"', f'<c cm="1" r="{spot.address}"', shop.text_of(spot.part))
    shop.parts[spot.part] = text.encode()
