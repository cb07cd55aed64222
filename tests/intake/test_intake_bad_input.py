"""Each kind of bad input has its own problem with place and remedy; everything else in the round goes on."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import zipfile
from fractions import Fraction

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import Raw, fill, layout, read, template
from evaltool.intake.templates.filling import Places

COUNTY = {"code": "429901", "name": "甲县", "city": "示例市"}


def edited(change):
    """A change of the workbook, made the way a person makes it: open, change, save."""

    def done(path):
        book = load_workbook(path)
        change(book, Places(book))
        book.save(path)

    return done


def at(places, sheet, row, column):
    return places.sheets[sheet].cell(places.rows[sheet][row], places.columns[sheet][column])


# --- cells ---


@pytest.mark.parametrize(
    ("field", "value", "code", "state"),
    [
        ("fund_total", "690万", "D102", State.UNREADABLE),
        ("fund_total", "约300", "D102", State.UNREADABLE),
        ("fund_total", "不详", "D101", State.UNREADABLE),
        ("fund_total", -5, "D105", State.OUT_OF_RANGE),
        ("towns", 10.5, "D110", State.UNREADABLE),
        ("towns", "=1+1", "D106", State.UNREADABLE),
        ("towns", None, "D100", State.BLANK),
        ("retail_growth", 0.21, "D118", State.UNREADABLE),
        ("depot", "差不多", "D103", State.UNREADABLE),
    ],
)
def test_a_bad_cell_is_one_problem_with_place_clause_and_remedy(hubei, county, answers, field, value, code, state):
    def change(book, places):
        cell = at(places, layout.FIELDS, f"field:{field}", "value")
        cell.value = value
        cell.number_format = "General"

    done = county(hubei, answers(hubei), edited(change))
    (problem,) = done.problems
    assert problem.code == code
    assert (problem.place.workbook, problem.place.sheet, problem.place.field, problem.place.subject) == (
        "甲县.xlsx", "基础数据", field, "429901",
    )  # fmt: skip
    assert problem.place.cell.startswith("E")
    assert problem.do
    assert problem.why
    assert problem.clause == str(hubei.citation(hubei.edition.fields[field].cite[0]))
    assert problem.rule.line > 1
    for layer in (SELF, OFFICIAL):
        found, now, origin = done.facts.cell(layer, "甲县", field)
        assert (found, now) == (None, state)
        assert origin.cell == problem.place.cell
    assert done.facts.cell(SELF, "甲县", "villages")[0] == 100  # the others go on


@pytest.mark.parametrize(("shape", "raw", "value"), [("0%", 0.95, "19/20"), ('0"%"', 95, None), ("0\\%", 95, None)])
def test_a_drawn_percent_sign_is_no_percentage(hubei, county, answers, shape, raw, value):
    def change(book, places):
        cell = at(places, layout.FIELDS, "field:retail_growth", "value")
        cell.value, cell.number_format = raw, shape

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ([] if value else ["D118"])
    assert done.facts.cell(SELF, "甲县", "retail_growth")[0] == (Fraction(value) if value else None)


def test_error_values_are_refused(hubei, county, answers):
    def change(book, places):
        cell = at(places, layout.FIELDS, "field:towns", "value")
        cell.value, cell.data_type = "#DIV/0!", "e"

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["D107"]
    assert done.facts.cell(SELF, "甲县", "towns")[1] == State.UNREADABLE


def test_readable_oddities_are_read_and_told(hubei, county, answers):
    fields = {"fund_total": "2，000", "retail_growth": Raw("２１％"), "villages": "1,00", "towns": Raw("10")}
    done = county(hubei, answers(hubei, fields=fields))
    assert done.codes == ["D102", "D109", "D109"]
    assert done.facts.cell(SELF, "甲县", "fund_total")[0] == 2000
    assert "２１％" in done.facts.cell(SELF, "甲县", "retail_growth")[2].note
    assert done.facts.cell(SELF, "甲县", "towns")[0] == 10


def test_a_formula_with_a_stored_value_is_read_and_noted(hubei, county, answers):
    def change(path):
        book = load_workbook(path)
        cell = at(Places(book), layout.FIELDS, "field:towns", "value")
        cell.value = "=4+6"
        book.save(path)
        _store(path, cell.parent.title, cell.coordinate, "10")

    done = county(hubei, answers(hubei), change)
    value, state, origin = done.facts.cell(SELF, "甲县", "towns")
    assert (value, state, done.codes) == (10, State.FILLED, [])
    assert "=4+6" in origin.note


def _store(path, title, cell, value):
    """Puts a stored value beside a formula, as spreadsheet programs do and openpyxl does not."""
    number = load_workbook(path).sheetnames.index(title) + 1
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == f"xl/worksheets/sheet{number}.xml":
                before, after = data.split(f'r="{cell}"'.encode(), 1)
                for empty in (b"<v/>", b"<v></v>", b"<v />"):
                    if empty in after.split(b"</c>")[0]:
                        after = after.replace(empty, f"<v>{value}</v>".encode(), 1)
                        break
                else:
                    raise AssertionError(after[:80])
                data = before + f'r="{cell}"'.encode() + after
            target.writestr(name, data)


def test_merged_inputs_are_refused_once(hubei, county, answers):
    def change(book, places):
        rows = places.rows[layout.FIELDS]
        first = places.sheets[layout.FIELDS].cell(rows["field:ar_apply"], places.columns[layout.FIELDS]["value"])
        last = places.sheets[layout.FIELDS].cell(rows["field:ar_plan"], places.columns[layout.FIELDS]["value"])
        book["基础数据"].merge_cells(f"{first.coordinate}:{last.coordinate}")

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["D108"]
    assert [done.facts.cell(SELF, "甲县", key)[1] for key in ("ar_apply", "ar_plan")] == [State.UNREADABLE] * 2


def test_merged_evidence_counts_for_every_row(hubei, county, answers):
    def change(book, places):
        rows, column = places.rows[layout.FIELDS], places.columns[layout.FIELDS]["evidence"]
        first, last = (places.sheets[layout.FIELDS].cell(rows[f"field:{k}"], column) for k in ("ar_apply", "ar_plan"))
        book["基础数据"].merge_cells(f"{first.coordinate}:{last.coordinate}")

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == []
    assert done.facts.evidence.at["429901", "ar_apply"] == done.facts.evidence.at["429901", "ar_plan"] != ""


def test_claims_without_evidence_are_noted_but_not_zeros_and_noes(hubei, county, answers):
    filled = answers(hubei, fields={"brand": "否"})
    del filled["evidence"]["brand"], filled["evidence"]["depot"], filled["evidence"]["use_banned"]
    assert filled["fields"]["use_banned"] == "0"
    done = county(hubei, filled)
    assert [(p.code, p.place.field) for p in done.problems] == [("D117", "depot")]


def test_self_scores(hubei, county, answers):
    done = county(hubei, answers(hubei, scores={"N1": 5.5, "N2": "见附件", "N3": "", "N4": "五分"}))
    assert [(p.code, p.place.field) for p in done.problems] == [("D116", "N1"), ("D101", "N2"), ("D109", "N4")]
    claimed = done.facts.claimed.loc["429901"]
    assert (claimed["N1"] * 2, claimed["N2"], claimed["N3"], claimed["N4"]) == (11, None, None, 5)
    assert done.facts.claimed_origins.at["429901", "N1"].sheet == "自评打分"


def test_a_part_larger_than_its_whole_is_noted(hubei, county, answers):
    done = county(hubei, answers(hubei, fields={"town_stations": 11}))
    assert [(p.code, p.place.field) for p in done.problems] == [("D119", "town_stations")]
    done = county(hubei, answers(hubei, fields={"use_centre": 600}))
    assert [(p.code, p.place.field) for p in done.problems] == [("D119", "use_centre")]


# --- lists ---


def test_a_list_without_rows_and_number_is_blank_not_empty(hubei, county, answers):
    filled = answers(hubei)
    del filled["lists"]["sites"]
    done = county(hubei, filled)
    assert done.codes == ["D115"]
    assert done.facts.layers[SELF].lists["sites"].states.tolist() == [State.BLANK]


def test_no_rows_and_zero_is_known_to_be_empty(hubei, county, answers):
    done = county(hubei, answers(hubei, lists={"sites": []}, counts={"sites": 0}))
    assert done.codes == []
    sites = done.facts.layers[SELF].lists["sites"]
    assert (sites.states.tolist(), len(sites.table.values)) == ([State.FILLED], 0)


@pytest.mark.parametrize(("number", "codes"), [(5, ["D115"]), (0, ["D115"]), ("约4", ["D102"]), (None, []), (4, [])])
def test_the_number_of_rows_must_agree(hubei, county, answers, number, codes):
    done = county(hubei, answers(hubei, counts={"sites": number}))
    sites = done.facts.layers[SELF].lists["sites"]
    assert done.codes == codes
    assert sites.states.tolist() == [State.UNREADABLE if codes else State.FILLED]
    assert len(sites.table.values) == 4  # nothing is lost


def test_cells_of_rows(hubei, county, answers):
    rows = [
        {"paid_for": "货架", "paid": "5万", "by_deed": "是", "by_invoice": "是", "evidence": "票"},
        {"paid_for": "", "paid": 4, "by_deed": "有", "by_invoice": "", "evidence": "票"},
        {},
        {"paid_for": "只有名目"},
    ]
    done = county(hubei, answers(hubei, lists={"payments": rows}, counts={"payments": 3}))
    assert [(p.code, p.place.cell[0]) for p in done.problems] == [
        ("D102", "D"),
        ("D109", "E"),
        ("D100", "F"),
        ("D100", "D"),
        ("D100", "E"),
        ("D100", "F"),
    ]
    assert "“有”，读作 是" in done.problems[1].what
    assert "第 2 行的附有发票" in done.problems[2].what
    table = done.facts.layers[SELF].lists["payments"].table
    assert table.values["paid"].tolist() == [None, 4, None]
    assert table.states["paid"].tolist() == [State.UNREADABLE, State.FILLED, State.BLANK]


def test_a_calendar_keeps_its_due_dates_and_blanks_mean_what_the_scheme_says(hubei, county, answers):
    rows = [{"to_city": "2019/8/28", "to_prov": "没有", "evidence": "文"}, {"to_city": ""}]
    done = county(hubei, answers(hubei, lists={"reports": rows}))
    assert done.codes == ["D104"]  # an empty date means: not reported (Q7)
    table = done.facts.layers[SELF].lists["reports"].table
    assert len(table.values) == 12
    assert table.values["due"].tolist()[:2] == [dt.date(2019, 8, 28), dt.date(2019, 9, 28)]
    assert table.values["to_city"].tolist()[:2] == [dt.date(2019, 8, 28), None]
    assert table.states["to_city"].tolist()[1] == State.BLANK


def test_percentages_and_plain_numbers_do_not_mix_in_a_row(project, county, answers):
    filled = answers(project)
    filled["lists"]["goals"][1] |= {"target": "100%", "actual": "95"}
    done = county(project, filled)
    assert [(p.code, p.place.field) for p in done.problems] == [("D118", "goals.actual")]
    assert done.facts.layers[SELF].lists["goals"].table.values["actual"][1] is None
    filled["lists"]["goals"][1] |= {"target": "100%", "actual": "95%"}
    assert county(project, filled).codes == []


def test_a_judged_row_needs_its_reason(project, county, answers):
    filled = answers(project)
    row = {
        "block": "产出指标",
        "group": "质量",
        "title": "制度",
        "marks": 20,
        "op": "定性",
        "level": "达成预期",
        "part": "90%",
        "self:goal": 0,
    }
    filled["lists"]["goals"][0] = row
    done = county(project, filled)
    assert done.codes == ["D112"]
    goals = done.facts.layers[SELF].lists["goals"].table
    assert (goals.values["part"][0], goals.states["part"][0]) == (None, State.PENDING)
    row["reason:part"] = "制度齐全"
    assert county(project, filled).codes == []


def test_points_of_rows_that_do_not_add_up_are_noted(project, county, answers):
    filled = answers(project)
    filled["lists"]["goals"][0]["marks"] = 15
    done = county(project, filled)
    assert done.codes == ["D120"]
    assert "75 分" in done.problems[0].what


# --- sheets and anchors ---


def test_a_missing_sheet_loses_only_itself(hubei, county, answers):
    done = county(hubei, answers(hubei), edited(lambda book, places: book.remove(book["建设项目"])))
    assert [(p.code, p.what) for p in done.problems] == [("W107", done.problems[0].what)]
    assert "建设项目" in done.problems[0].what
    assert done.facts.layers[SELF].lists["projects"].states.tolist() == [State.UNREADABLE]
    assert done.facts.layers[SELF].lists["payments"].states.tolist() == [State.FILLED]


def test_without_basic_data_everything_in_it_is_unreadable(hubei, county, answers):
    done = county(hubei, answers(hubei), edited(lambda book, places: book.remove(book["基础数据"])))
    assert done.codes == ["W107"]
    mine = list(layout.county_fields(hubei))
    assert (done.facts.layers[SELF].table.states[mine] == State.UNREADABLE).all().all()


def test_a_missing_anchor_loses_only_its_row(hubei, county, answers):
    def change(book, places):
        book["基础数据"].cell(places.rows[layout.FIELDS]["field:towns"], 1).value = None

    done = county(hubei, answers(hubei), edited(change))
    assert [(p.code, p.place.field) for p in done.problems] == [("W108", "towns")]
    assert done.facts.cell(SELF, "甲县", "towns")[1] == State.UNREADABLE


def test_an_anchor_that_stands_twice_is_not_chosen_between(hubei, county, answers):
    def change(book, places):
        book["基础数据"].cell(places.rows[layout.FIELDS]["field:villages"], 1).value = "field:towns"

    done = county(hubei, answers(hubei), edited(change))
    assert sorted((p.code, p.place.field) for p in done.problems) == [("W108", "villages"), ("W112", "towns")]


def test_a_copied_sheet_is_not_chosen_between(hubei, county, answers):
    done = county(hubei, answers(hubei), edited(lambda book, places: book.copy_worksheet(book["项目支出"])))
    assert done.codes == ["W112"]
    assert done.facts.layers[SELF].lists["payments"].states.tolist() == [State.UNREADABLE]


def test_a_missing_column_of_a_list(hubei, county, answers):
    done = county(hubei, answers(hubei), edited(lambda book, places: book["项目支出"].delete_cols(5)))
    assert done.codes == ["W108"]
    table = done.facts.layers[SELF].lists["payments"].table
    assert set(table.states["by_deed"]) == {State.UNREADABLE}
    assert table.values["by_invoice"].tolist() == [True, False]


def test_changed_labels_are_noted_and_read_as_asked(hubei, county, answers):
    def change(book, places):
        at(places, layout.FIELDS, "labels", "value").value = "本县填报值"
        at(places, layout.FIELDS, "field:towns", "name").value = "街道数"
        at(places, "list:payments", "labels", "column:paid").value = "支付金额（万元）"

    done = county(hubei, answers(hubei), edited(change))
    assert done.codes == ["W109"] * 3
    assert done.facts.cell(SELF, "甲县", "towns")[0] == 10


# --- files ---


def sound(folder, scheme):
    facts = read(folder, scheme)
    return facts, {p.place.workbook: p.code for p in facts.problems if p.level == "stop"}


def test_files_that_cannot_be_taken_do_not_stop_the_others(hubei, project, round_folder, roster):
    folder = round_folder(hubei)
    good = (folder / "甲县.xlsx").read_bytes()
    (folder / "a加密.xlsx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
    )
    (folder / "b旧格式.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    (folder / "c半截.xlsx").write_bytes(good[: len(good) // 2])
    (folder / "d空.xlsx").write_bytes(b"")
    (folder / "e网页.xlsx").write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")
    (folder / "f说明.txt").write_text("说明", encoding="utf-8")
    Workbook().save(folder / "g别的.xlsx")
    template(project, folder / "h别的体系.xlsx", COUNTY)
    template(hubei, folder / "i外县.xlsx", {"code": "420000", "name": "外县"})
    template(hubei, folder / "j改名.xlsx", {"code": "429903", "name": "丙市"})
    with zipfile.ZipFile(folder / "k文档.ods", "w") as package:
        package.writestr("content.xml", "<x/>")
    with zipfile.ZipFile(folder / "l外部实体.xlsx", "w") as package:
        package.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><workbook/>')
    with zipfile.ZipFile(folder / "m炸弹.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 2**20))
    with zipfile.ZipFile(folder / "n残.xlsx", "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
    (folder / "~$甲县.xlsx").write_bytes(b"lock")
    (folder / ".hidden").write_bytes(b"x")
    facts, stops = sound(folder, hubei)
    assert stops == {
        "a加密.xlsx": "W101", "b旧格式.xls": "W102", "c半截.xlsx": "W102", "d空.xlsx": "W102", "e网页.xlsx": "W100",
        "g别的.xlsx": "W103", "h别的体系.xlsx": "W104", "i外县.xlsx": "W105", "j改名.xlsx": "W105",
        "k文档.ods": "W100", "l外部实体.xlsx": "W102", "m炸弹.xlsx": "W111", "n残.xlsx": "W102",
    }  # fmt: skip
    assert all(p.do and p.what for p in facts.problems)
    assert facts.returned.tolist() == [True, True, False]
    assert facts.cell(SELF, "甲县", "towns")[0] == 10
    # of 丙县 something came (refused, with its own problem), so it is not called silent as well
    assert [p.place.subject for p in facts.problems if p.code == "W110"] == []
    assert facts.cell(SELF, "丙县", "towns")[1] == State.ABSENT


def test_an_old_template_is_refused(hubei, round_folder):
    folder = round_folder(hubei)

    def change(book, places):
        sheet = book[layout.STAMP_SHEET]
        next(row[1] for row in sheet.iter_rows() if row[0].value == "digest").value = "0" * 64

    edited(change)(folder / "乙县.xlsx")
    facts, stops = sound(folder, hubei)
    assert stops == {"乙县.xlsx": "W104"}
    assert facts.returned.tolist() == [True, False, False]
    assert [s.state for s in facts.submissions] == ["退回", "已接收", "认定表"]


def test_two_different_workbooks_of_a_county_are_both_set_aside(hubei, round_folder, answers):
    folder = round_folder(hubei)
    fill(hubei, answers(hubei, fields={"towns": 11}), folder / "甲县-改.xlsx", COUNTY)
    facts, stops = sound(folder, hubei)
    assert stops == {"甲县.xlsx": "W106", "甲县-改.xlsx": "W106"}
    assert all("甲县-改.xlsx" in p.what and "甲县.xlsx" in p.what for p in facts.problems if p.code == "W106")
    assert facts.returned.tolist() == [False, True, False]
    assert facts.cell(SELF, "甲县", "towns")[1] == State.ABSENT


def test_an_identical_copy_counts_once(hubei, round_folder):
    folder = round_folder(hubei)
    shutil.copy(folder / "甲县.xlsx", folder / "甲县 (1).xlsx")
    facts, stops = sound(folder, hubei)
    assert stops == {}
    assert [p.code for p in facts.problems if p.level == "note"] == ["W114", "W110"]
    assert facts.returned.tolist() == [True, True, False]


def test_another_countys_template_with_a_new_name_on_it(hubei, round_folder):
    folder = round_folder(hubei)

    def change(book, places):
        at(places, layout.COVER, "name", "value").value = "丙县"
        at(places, layout.COVER, "code", "value").value = "429903"

    edited(change)(folder / "乙县.xlsx")
    facts, stops = sound(folder, hubei)
    assert stops == {"乙县.xlsx": "W105"}
    assert facts.returned.tolist() == [True, False, False]


def test_who_returned_nothing(hubei, round_folder):
    facts = read(round_folder(hubei), hubei)
    (problem,) = [p for p in facts.problems if p.code == "W110"]
    assert problem.place.subject == "429903"
    mine = list(layout.county_fields(hubei))
    for layer in (SELF, OFFICIAL):
        table = facts.layers[layer].table
        assert (table.states.loc["429903", mine] == State.ABSENT).all()
        assert table.states.at["429903", "fake"] == State.PENDING
        for rows in facts.layers[layer].lists.values():
            assert rows.states[2] == State.ABSENT


def test_a_template_made_for_a_name_only(hubei, tmp_path, roster, answers):
    path = fill(hubei, answers(hubei), tmp_path / "x.xlsx", "甲县")
    facts = read([path], hubei, roster)
    assert facts.returned.tolist() == [True, False, False]


# --- roster ---


def test_roster_slips_are_located(hubei, tmp_path):
    (tmp_path / "roster.csv").write_bytes(
        "code,name,funds\n0101,甲县,2000\n0101,乙县,1\n,丙县,1\n0104,丁县,两千\n".encode("gb18030")
    )
    facts = read(tmp_path, hubei)
    assert facts.roster.index.tolist() == ["0101", "0104"]
    assert facts.roster["funds"].tolist() == [2000, None]
    assert [p.code for p in facts.problems if p.code != "W110"] == ["W113"] * 3


def test_no_roster_is_wrong_usage(hubei, tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path, hubei)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere", hubei, pd.DataFrame({"code": ["1"], "name": ["甲"]}))
