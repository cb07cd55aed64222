"""What is printed around the inputs, changed: names, units, headers, full marks, rules; and whose template it is."""

from __future__ import annotations

from fractions import Fraction

from tests.corpus import base
from tests.corpus.expecting import Must, lost, noted, refused_cell, refused_file, same
from tests.corpus.kinds import kind, register
from tests.corpus.workshop import Workshop

LABELS, UNITS, TEMPLATES = "labels", "units changed", "other templates"


def texted(group: str, name: str, key: str, text: str, must: Must) -> None:
    register(group, name, lambda shop: shop.text(key, text), must)


SAID = noted("W109", "D127")
texted(LABELS, "label_typo", "sales.name", "网络零售额额", SAID)
texted(LABELS, "label_spaces", "sales.name", " 网络 零售额 ", Must())
texted(LABELS, "label_traditional", "sales.name", "網絡零售額", Must())
texted(LABELS, "label_emptied", "sales.name", "", Must(lost={"sales": ()}, told=(("W109", "D127"),)))
texted(
    LABELS,
    "label_longer",
    "sales.name",
    "网络零售额（含实物和服务）",
    Must(lost={"sales": ()}, told=(("W109", "D127"),)),
)
texted(LABELS, "label_of_another_item", "sales.name", "县级工作经费", refused_cell("sales", "D127"))
texted(
    LABELS,
    "label_of_another_county_matter",
    "sales.name",
    "全市网络零售额",
    Must(lost={"sales": ()}, told=(("W109", "D127"),)),
)
texted(LABELS, "label_other_year", "sales.name", "2023年网络零售额", Must(lost={"sales": ()}, told=(("W109", "D127"),)))
texted(LABELS, "label_negated", "plan.name", "实施方案未印发", Must(lost={"plan": ()}, told=(("W109", "D127"),)))
texted(LABELS, "note_changed", "sales.note", "随便填", Must())
texted(LABELS, "clause_changed", "sales.clause", "第九条", Must())
texted(LABELS, "header_changed", "fields.labels.value", "2024年填报值", noted("W109"))
texted(
    LABELS,
    "header_swapped",
    "fields.labels.value",
    "佐证材料（文件名、文号、页码）",
    Must(lost={"*": ()}, told=(("W109", "D127"),)),
)
texted(LABELS, "list_header_typo", "payments.labels.column:title", "支出事项名称", noted("W109"))
texted(
    LABELS,
    "list_header_of_another",
    "payments.labels.column:amount",
    "占合同价款的比例\n（%）",
    lost("payments", "W109", "D127", "D126"),
)
texted(LABELS, "period_changed", "reports[3].period", "2023-03", Must(lost={"reports": ()}, told=(("W109", "D127"),)))
texted(LABELS, "score_label_typo", "score:A1.name", "乡镇复盖", SAID)
texted(LABELS, "score_label_of_another", "score:A1.name", "培训", Must(lost={"score": ()}, told=(("W109", "D127"),)))
texted(
    LABELS, "full_mark_text", "score:A1.points", "20分", Must(told=(("W109", "D126", "D127"),), lost={"score:A1": ()})
)
texted(LABELS, "rule_changed", "score:A1.rule", "达到 50% 得满分", Must())
texted(LABELS, "list_number_changed", "payments[1].no", "一", Must())
register(LABELS, "full_mark_raised", lambda shop: shop.number("score:A1.points", "20"),
         Must(told=(("W109", "D126", "D127"),), lost={"score:A1": ()}))  # fmt: skip


@kind(LABELS, Must(told=(("W109", "D126", "D127"),), lost={"score:A1": ()}))
def full_mark_raised_and_used(shop: Workshop) -> None:
    shop.number("score:A1.points", "20")
    shop.number("score:A1", "15")
    shop.truth.scores["A1"] = 15


@kind(LABELS, Must(lost={"sales": (), "petty": ()}, told=(("W109", "D127"),)))
def two_names_exchanged(shop: Workshop) -> None:
    shop.text("sales.name", "县级工作经费")
    shop.text("petty.name", "网络零售额")
    shop.truth.fields |= {"sales": 86400, "petty": Fraction("12345.67")}


for _name, _unit in {
    "yuan": "元",
    "yi": "亿元",
    "people": "人",
    "emptied": "",
    "wan": "万",
    "wan_wide": "万　元",
}.items():
    texted(UNITS, f"unit_cell_{_name}", "sales.unit", _unit,
           refused_cell("sales", "D126") if _name in ("yuan", "yi", "people")
           else Must(either={"sales": (Fraction("12345.67"), ("D126",))}))  # fmt: skip
texted(UNITS, "unit_cell_yuan_to_wan", "petty.unit", "万元", refused_cell("petty", "D126"))
texted(UNITS, "unit_cell_percent", "growth.unit", "百分点", refused_cell("growth", "D126"))
texted(UNITS, "unit_cell_persons", "trained.unit", "人", refused_cell("trained", "D126"))
texted(UNITS, "unit_in_name", "sales.name", "网络零售额（元）", refused_cell("sales", "D126", "D127"))
texted(UNITS, "own_unit_in_name", "sales.name", "网络零售额（万元）", Must(told=(("W109",),), lost={"sales": ()}))
texted(UNITS, "unit_in_header", "fields.labels.value", "填报值（元）", Must(told=(("W109", "D126"),), lost={"*": ()}))
texted(UNITS, "unit_in_list_header", "payments.labels.column:amount", "拨付金额\n（元）", lost("payments", "D126"))
texted(UNITS, "unit_left_out_of_list_header", "payments.labels.column:amount", "拨付金额", noted("W109", "D126"))


@kind(UNITS, refused_cell("petty", "D126"))
def unit_changed_and_figure_with_it(shop: Workshop) -> None:
    """A thoughtful clerk changed 元 to 万元 and typed 8.64."""
    shop.text("petty.unit", "万元")
    shop.number("petty", "8.64")
    shop.truth.fields["petty"] = Fraction("8.64")


# --- whose, and which year's ---


def stamped(shop: Workshop, **values: str) -> None:
    with shop.opened() as (book, _):
        sheet = book["_evaltool"]
        for row in range(1, 12):
            if (key := sheet.cell(row, 1).value) in values:
                sheet.cell(row, 2).value = values[key]


@kind(TEMPLATES, refused_file("W104"))
def template_of_last_year(shop: Workshop) -> None:
    stamped(shop, valid_from="2023-01-01", digest="1" * 64)


@kind(TEMPLATES, refused_file("W104"))
def template_of_another_edition(shop: Workshop) -> None:
    shop.hand_in(base.hubei_base())


@kind(TEMPLATES, refused_file("W105"))
def county_outside_the_roster(shop: Workshop) -> None:
    shop.hand_in(base.book_bytes(county={"code": "429999", "name": "丁县", "city": "示例市"}))


@kind(TEMPLATES, refused_file("W105"))
def template_without_county(shop: Workshop) -> None:
    shop.hand_in(base.book_bytes(county={"code": "", "name": "", "city": ""}))


@kind(TEMPLATES, same())
def template_with_a_name_only(shop: Workshop) -> None:
    shop.hand_in(base.book_bytes(county={"code": "", "name": "甲县", "city": ""}))


@kind(TEMPLATES, refused_file("W105"), roster=("429902",))
def template_of_another_county_with_the_cover_changed(shop: Workshop) -> None:
    """乙县's template, and 甲县 written over the cover."""
    with shop.opened() as (book, _):
        sheet = book["填报说明"]
        for row in range(1, 12):
            if sheet.cell(row, 1).value == "name":
                sheet.cell(row, 3).value = "乙县"


@kind(TEMPLATES, refused_file("W105"), roster=("429902",))
def stamp_and_cover_disagree(shop: Workshop) -> None:
    stamped(shop, code="429902", name="乙县")


@kind(TEMPLATES, refused_file("W105"), roster=("429902",))
def code_of_one_and_name_of_another(shop: Workshop) -> None:
    stamped(shop, code="429902")


@kind(TEMPLATES, Must(file="any", codes=("W105",)))
def cover_emptied(shop: Workshop) -> None:
    with shop.opened() as (book, _):
        for row in range(4, 11):
            book["填报说明"].cell(row, 3).value = None
