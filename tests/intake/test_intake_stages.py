"""What is asked in a later stage, calendars of other lengths, what columns of grouped lists and uncapped points say."""

from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import load_workbook

from evaltool.intake import fill, layout, read, template
from evaltool.intake.purposes import purposes
from evaltool.intake.templates.county_template import note_of
from evaltool.intake.templates.list_sheet import labels
from evaltool.scheme import load
from tests.every_edition import NAMES, roster_of, sheets_of, write_books

LATER = "accepted_on"  # asked when the works are accepted


@pytest.fixture(scope="module")
def guangdong():
    return load("guangdong/ecommerce_rural")


def test_a_field_of_a_later_stage_says_so(guangdong, tmp_path):
    item = guangdong.edition.fields[LATER]
    stage = guangdong.edition.stages[item.stage]
    assert note_of(guangdong, LATER, item).startswith(layout.stage_text(guangdong, item))
    assert layout.stage_text(guangdong, item).startswith(f"到{stage.name}")
    book = load_workbook(template(guangdong, tmp_path / "t.xlsx"))
    texts = [str(cell.value) for row in book["基础数据"].iter_rows() for cell in row]
    assert any(layout.stage_text(guangdong, item) in text for text in texts)


def test_a_blank_is_no_shortfall_before_its_stage(guangdong, tmp_path):
    sheets = {code: {key: value for key, value in sheet.items() if key != LATER}
              for code, sheet in sheets_of(guangdong).items()}  # fmt: skip
    books = write_books(guangdong, tmp_path, sheets)
    stage = guangdong.edition.stages[guangdong.edition.fields[LATER].stage]
    begun = stage.start or stage.end
    days = {None: False} | ({begun - dt.timedelta(1): False, begun: True} if begun else {dt.date(2030, 1, 1): False})
    for day, told in days.items():
        facts = read(books, guangdong, roster_of(guangdong), day)
        blank = {problem.place.field for problem in facts.problems if problem.code == "D100"}
        assert (LATER in blank) == told
        assert facts.cell("自评", next(iter(NAMES)), LATER)[0] is None


def test_a_confirmation_is_asked_of_the_province(guangdong):
    asked = [key for keys in layout.official_sheets(guangdong).values() for key in keys]
    confirmed = [key for key, item in guangdong.edition.fields.items() if item.confirmed_by]
    assert confirmed
    assert {f"{key}_by_{guangdong.edition.fields[key].confirmed_by[0]}" for key in confirmed} <= set(asked)


def test_calendars_name_their_periods():
    scheme = load("shanxi/qinxian_etown")
    named = {item.every: labels(scheme, key)["period"][0] for key, item in scheme.filled_lists.items() if item.every}
    assert named == {"month": "月份", "quarter": "季度", "half_year": "半年"}


def test_columns_that_are_put_together_serve_what_looks_at_the_groups(tmp_path):
    scheme = load("keji/project_self_evaluation")
    assert "goals" not in scheme.filled_lists
    assert purposes(scheme).indicators["parts.actual"] == ["goal"]
    assert purposes(scheme).indicators["parts.applies"] == ["goal"]
    book = load_workbook(template(scheme, tmp_path / "t.xlsx"))
    said = str(book["各课题完成情况"].cell(3, 2).value)
    assert "都相同的行先汇总再计分" in said
    total = next(row for row in book["自评打分"].iter_rows(values_only=True) if row[0] == "indicator:TOTAL")
    assert not any(str(cell).startswith("=") for cell in total)  # nobody scores all that it is made of


def test_points_without_a_cap_may_be_claimed(tmp_path):
    scheme = load("district/ecommerce")
    assert layout.most_points(scheme.indicators["B1"]) is None
    assert layout.most_points(scheme.indicators["B5"]) == 16
    county = {"code": "990201", "name": "松影镇街"}
    book = fill(scheme, {"scores": {"B1": 30, "B5": 17}}, tmp_path / "a.xlsx", county)
    problems = read([book], scheme, roster_of(scheme)).problems
    assert [problem.place.field for problem in problems if problem.code == "D116"] == ["B5"]


def test_fields_of_a_system_without_a_total_stand_under_its_first_level():
    scheme = load("hebei/acceptance")
    assert purposes(scheme).group("centre_area") == "硬件设备设施"
    assert purposes(scheme).sentence("centre_area") == "用于面积 600 平方米以上"
