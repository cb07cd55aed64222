"""Frames as pandas makes them, workbooks given to `read_table`, and the checks that both go through."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

import evaltool as ev
from evaltool.facts import SELF, State
from evaltool.intake.templates.filling import typed
from evaltool.scheme import Scheme
from tests.scoring.editions import edition

BODY = """
fields:
  people: {name: 人数, type: count, unit: 人}
  trained: {name: 培训人数, type: count, unit: 人}
  money: {name: 支出, type: money, unit: 万元}
  rate: {name: 比例, type: share}
  ok: {name: 是否达标, type: yesno}
  day: {name: 日期, type: date, blank: {means: never, question: Q1}}
lists:
  goals:
    name: 目标
    rows_from: subject
    columns:
      title: {name: 目标名, type: text}
      wanted: {name: 目标值, type: number, unit: row}
      actual: {name: 实际值, type: number, unit: row}
indicators:
  A: {name: 培训率, value: trained / people, unit: 占比}
  B: {name: 乙, value: ok}
  C: {name: 丙, value: money * rate, unit: 万元}
  D: {name: 丁, value: "day <= '2024-01-01'"}
  row: {name: 行, per: goals, value: actual / wanted, unit: 占比}
"""


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return edition(tmp_path / "edition", BODY)


DAY = dt.date(2024, 1, 1)
CELLS: dict[str, tuple[str, Any, Any, list[str]]] = {
    "int": ("people", pd.Series([12]), 12, []),
    "unsigned": ("people", pd.Series([12], dtype="uint8"), 12, []),
    "float that is whole": ("people", pd.Series([12.0]), 12, []),
    "nullable": ("people", pd.Series([12], dtype="Int64"), 12, []),
    "nullable and blank": ("people", pd.Series([pd.NA], dtype="Int64"), State.BLANK, []),
    "category": ("people", pd.Series(["12"], dtype="category"), 12, []),
    "string": ("people", pd.Series(["12"], dtype="string"), 12, []),
    "object of numpy": ("people", pd.Series([np.int32(12)], dtype=object), 12, []),
    "NaN": ("people", pd.Series([np.nan]), State.BLANK, []),
    "None": ("people", pd.Series([None], dtype=object), State.BLANK, []),
    "NaT": ("day", pd.Series([pd.NaT]), State.BLANK, []),
    "a Decimal": ("money", pd.Series([Decimal("0.10")]), Fraction(1, 10), []),
    "a Decimal that is none": ("money", pd.Series([Decimal("NaN")]), State.BLANK, []),
    "a Fraction": ("money", pd.Series([Fraction(1, 3)]), Fraction(1, 3), []),
    "float16": ("money", pd.Series([0.1], dtype="float16"), Fraction(1, 10), []),
    "infinite": ("money", pd.Series([np.inf]), State.UNREADABLE, ["D101"]),
    "a Decimal too large to write": ("money", pd.Series([Decimal("1E+999999999")]), State.UNREADABLE, ["D102"]),
    "complex": ("money", pd.Series([1j]), State.UNREADABLE, ["D102"]),
    "a list": ("money", pd.Series([[1, 2]], dtype=object), State.UNREADABLE, ["D102"]),
    "bytes": ("money", pd.Series([b"12"], dtype=object), State.UNREADABLE, ["D102"]),
    "truth where a number belongs": ("people", pd.Series([True]), State.UNREADABLE, ["D101"]),
    "truth": ("ok", pd.Series([True]), True, []),
    "truth of numpy": ("ok", pd.Series([np.bool_(False)], dtype=object), False, []),
    "nullable truth": ("ok", pd.Series([True], dtype="boolean"), True, []),
    "a share": ("rate", pd.Series([0.65]), Fraction(13, 20), []),
    "timestamp": ("day", pd.Series([pd.Timestamp(DAY)]), DAY, []),
    "timestamp of a zone": ("day", pd.Series([pd.Timestamp(DAY, tz="Asia/Shanghai")]), DAY, []),
    "numpy's day": ("day", pd.Series([np.datetime64("2024-01-01")]), DAY, []),
    "a day where a number belongs": ("people", pd.Series([pd.Timestamp(DAY)]), State.UNREADABLE, ["D101"]),
    "a period": ("day", pd.Series([pd.Period("2024-01")]), State.UNREADABLE, ["D104"]),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_of_every_kind(scheme, name):
    key, column, expected, codes = CELLS[name]
    facts = ev.read_table(scheme, pd.DataFrame({"code": ["1"], key: column}))
    value, state, _ = facts.cell(SELF, "1", key)
    assert (value if state == State.FILLED else state) == expected
    assert [problem.code for problem in facts.problems if problem.code != "D109"] == codes


def test_the_index_may_hold_the_codes(scheme):
    frame = pd.DataFrame({"people": [12]}, index=pd.Index(["001"], name="code"))
    beside = frame.assign(code=["001"])
    levels = pd.DataFrame({"people": [12]}, index=pd.MultiIndex.from_tuples([("001", "甲县")], names=["code", "name"]))
    for one in (frame, beside, levels):
        facts = ev.read_table(scheme, one)
        assert (facts.cell(SELF, "001", "people")[0], facts.problems) == (12, ())
    assert facts.roster.loc["001", "name"] == "甲县"
    other = ev.read_table(scheme, frame.assign(code=["002"]))
    assert [problem.what for problem in other.problems] == ["“code”有 2 列"]
    bare = ev.read_table(scheme, frame.rename_axis(None))
    assert [problem.code for problem in bare.problems] == ["W118"]


def test_columns_of_several_levels_and_columns_twice(scheme):
    columns = pd.MultiIndex.from_tuples([("code", ""), ("people", ""), ("规模", "面积")])
    facts = ev.read_table(scheme, pd.DataFrame([["1", 12, 3]], columns=columns))
    assert facts.cell(SELF, "1", "people")[0] == 12
    assert [problem.what for problem in facts.problems] == ["不认识列“规模／面积”"]
    twice = ev.read_table(scheme, pd.DataFrame([["1", 12, 13]], columns=["code", "people", "people"]))
    assert twice.cell(SELF, "1", "people")[1] == State.BLANK
    assert [problem.code for problem in twice.problems] == ["W118"]


def test_of_very_many_unknown_columns_the_first_are_named(scheme):
    frame = pd.DataFrame([["1", *range(100)]], columns=["code", *(f"附表{number}" for number in range(100))])
    assert [problem.what for problem in ev.read_table(scheme, frame).problems][-1] == "另有 70 列不认识"


def test_a_head_may_state_another_unit(scheme):
    facts = ev.read_table(scheme, pd.DataFrame({"code": ["1"], "支出（元）": [35000], "人数（户）": [1]}))
    value, _, origin = facts.cell(SELF, "1", "money")
    assert (value, "折算为 3.5 万元" in origin.note) == (Fraction(7, 2), True)
    assert facts.cell(SELF, "1", "people")[1] == State.UNREADABLE
    assert [(problem.code, problem.place.cell) for problem in facts.problems] == [("D126", "人数（户）")]


def test_parts_larger_than_the_whole_are_asked_about(scheme):
    facts = ev.read_table(scheme, pd.DataFrame({"code": ["1", "2"], "people": [10, 10], "trained": [12, 9]}))
    assert [(p.code, p.place.subject, str(p.place)) for p in facts.problems] == [
        ("D119", "1", "对象表 · 第 1 行 · trained")
    ]


def test_one_way_of_writing_in_a_row(scheme, tmp_path):
    (tmp_path / "g.csv").write_text("code,title,wanted,actual\n1,甲,100,95%\n1,乙,100%,95%\n1,丙,0,5%\n", "utf-8")
    facts = ev.read_table(scheme, pd.DataFrame({"code": ["1"]}), {"goals": tmp_path / "g.csv"})
    rows = facts.layers[SELF].lists["goals"].table
    assert rows.states["wanted"].tolist() == [State.UNREADABLE, State.FILLED, State.FILLED]
    assert rows.values["actual"].tolist() == [Fraction(19, 20), Fraction(19, 20), Fraction(1, 20)]
    assert [(p.code, str(p.place)) for p in facts.problems] == [("D118", "g.csv · 第 2 行 · wanted")]


def test_blanks_are_told_where_the_table_stands_for_returned_workbooks(scheme):
    frame = pd.DataFrame({"code": ["1"], "people": [None], "trained": [3], "day": [None]})
    assert ev.read_table(scheme, frame).problems == ()
    found = ev.read_table(scheme, frame, returned=True).problems
    assert [(problem.code, problem.place.field) for problem in found] == [("D100", "people")]


Rows = list[list[Any]]


def book(path: Path, sheets: dict[str, Rows]) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, entered in enumerate(row, 1):
                typed(sheet.cell(number, column), entered)
    made.save(path)
    return path


def test_a_workbook_is_read_cell_by_cell_at_its_addresses(scheme, tmp_path):
    path = book(tmp_path / "表.xlsx", {
        "说明": [["各县数据"]],
        "数据": [["汇总"], [], ["代码", "人数", "比例", "支出（元）"], ["001", 12, "65%", 35000], ["002", "约三", 0.65, "#REF!"]],
        "目标": [["code", "title", "wanted", "actual"], ["001", "甲", 2, 1], ["001", "乙", 100, "95%"]],
    })  # fmt: skip
    facts = ev.read_table(scheme, path)
    assert [facts.cell(SELF, "001", key)[0] for key in ("people", "rate", "money")] == [
        12,
        Fraction(13, 20),
        Fraction(7, 2),
    ]
    assert str(facts.cell(SELF, "001", "people")[2]) == "表.xlsx · 数据 · B4"
    assert [(problem.code, str(problem.place)) for problem in facts.problems] == [
        ("D102", "表.xlsx · 数据 · B5"), ("D118", "表.xlsx · 数据 · C5"), ("D107", "表.xlsx · 数据 · D5"),
        ("D118", "表.xlsx · 目标 · C3"),
    ]  # fmt: skip
    assert facts.layers[SELF].lists["goals"].table.values["actual"].tolist() == [1, Fraction(19, 20)]


def test_workbooks_that_cannot_be_used_are_told(scheme, tmp_path):
    twins = book(tmp_path / "两张.xlsx", {"a": [["code", "people"], ["1", 2]], "b": [["code", "people"], ["1", 3]]})
    locked = tmp_path / "坏.xlsx"
    locked.write_bytes(b"PK\x03\x04 broken")
    for path, part in ((twins, "有 2 张表都像"), (locked, "坏.xlsx")):
        facts = ev.read_table(scheme, path)
        assert [problem.code for problem in facts.problems] == ["W118"]
        assert part in facts.problems[0].what
