"""Tables instead of workbooks: the same facts as from plain values, every problem in its place."""

from __future__ import annotations

import gzip
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evaltool as ev
from evaltool.facts import OFFICIAL, SELF, Facts, State
from evaltool.intake import from_values
from evaltool.scheme import Scheme
from tests.scoring.editions import edition

BODY = """
fields:
  people: {name: 人数, type: count, unit: 人}
  rate: {name: 比例, type: share}
  ok: {name: 是否达标, type: yesno, filled_by: province}
  day: {name: 日期, type: date, blank: {means: never, question: Q1}}
lists:
  works:
    name: 项目
    rows_from: subject
    columns:
      title: {name: 项目名, type: text}
      money: {name: 金额, type: money, unit: 万元}
  kinds:
    name: 分类
    rows_from: groups
    of: works
    by: [title]
    columns:
      title: {name: 项目名, type: text}
      money: {name: 金额, type: money, unit: 万元, value: sum(works.money)}
  goals:
    name: 目标
    rows_from: edition
    given: [goal, wanted]
    columns:
      goal: {name: 目标名, type: text}
      wanted: {name: 目标值, type: number, unit: row}
      actual: {name: 实际值, type: number, unit: row, cite: [T/1]}
    rows:
      - {goal: 甲目标, wanted: 1.50}
      - {goal: 乙目标, wanted: 2}
      - {goal: 丙目标, wanted: 2}
  reports:
    name: 月报
    rows_from: calendar
    every: month
    from: 2024-01-01
    to: 2024-03-31
    due_day: 5
    columns:
      sent: {name: 报送日期, type: date, blank: {means: never, question: Q1}}
indicators:
  A: {name: 甲, value: people * rate, unit: 人}
  E: {name: 戊, value: sum(works.money), unit: 万元}
  B: {name: 乙, value: ok}
  C: {name: 丙, value: count(reports.sent <= reports.due), unit: 份}
  D: {name: 丁, value: "day <= '2024-01-01'"}
  F: {name: 己, value: people - previous(people), unit: 人}
  G: {name: 庚, value: sum(kinds.money), unit: 万元}
  row: {name: 行, per: goals, value: actual / wanted, unit: 占比}
"""


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return edition(tmp_path / "edition", BODY)


def csv(folder: Path, text: str, name: str = "表.csv", encoding: str = "utf-8-sig") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def same(a: Facts, b: Facts) -> None:
    """Equal in all that scoring looks at."""
    assert a.codes.tolist() == b.codes.tolist()
    assert a.returned.tolist() == b.returned.tolist()
    for layer in (SELF, OFFICIAL):
        one, other = a.layers[layer], b.layers[layer]
        pd.testing.assert_frame_equal(one.table.values, other.table.values)
        pd.testing.assert_frame_equal(one.table.states, other.table.states)
        for key, rows in one.lists.items():
            assert rows.owner.tolist() == other.lists[key].owner.tolist(), key
            assert rows.states.tolist() == other.lists[key].states.tolist(), key
            pd.testing.assert_frame_equal(rows.table.values, other.lists[key].table.values)
            pd.testing.assert_frame_equal(rows.table.states, other.lists[key].table.states)


VALUES: dict[str, Any] = {
    "001": {
        "people": "12", "rate": "65%", "ok": "是", "day": "2024-01-01",
        "lists": {
            "works": [{"title": "路", "money": "1.5"}, {"title": "桥", "money": "2"}],
            "goals": [{"actual": "0.75"}, {}, {"actual": "3"}],
            "reports": [{"sent": "2024-02-05"}, {}, {"sent": "2024-04-06"}],
        },
    },
    "002": {"people": "12", "lists": {"works": [], "goals": [], "reports": []}},
}  # fmt: skip
SUBJECTS = "code,name,people,比例,ok,day\n001,甲县,12,65%,是,2024-01-01\n002,,12,,,\n"
WORKS = "项目名,code,金额\n路,001,1.5\n,002,\n桥,001,2\n"
GOALS = "code,goal,actual\n001,丙目标,3\n001,甲目标,0.75\n"
REPORTS = "代码,月份,报送日期\n001,2024-03,2024-04-06\n001,2024-01,2024-02-05\n"


def tables(folder: Path, encoding: str = "utf-8-sig") -> dict[str, Any]:
    texts = {"works": WORKS, "goals": GOALS, "reports": REPORTS}
    return {key: csv(folder, text, f"{key}.csv", encoding) for key, text in texts.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_files_give_the_facts_that_values_give(scheme, tmp_path, encoding):
    facts = ev.read_table(scheme, csv(tmp_path, SUBJECTS, encoding=encoding), tables(tmp_path, encoding))
    same(facts, from_values(scheme, VALUES))
    assert facts.problems == ()
    assert facts.roster["name"].tolist() == ["甲县", "002"]


def test_a_zipped_file_and_a_head_of_ones_own(scheme, tmp_path):
    path = tmp_path / "表.csv.gz"
    path.write_bytes(gzip.compress(SUBJECTS.replace("code", "hospital").encode()))
    works = csv(tmp_path, WORKS.replace("code", "hospital"))
    facts = ev.read_table(scheme, path, {"works": works}, code="hospital")
    same(facts, from_values(scheme, {
        "001": {**VALUES["001"], "lists": {"works": VALUES["001"]["lists"]["works"]}},
        "002": {**VALUES["002"], "lists": {"works": []}},
    }))  # fmt: skip


def test_frames_give_the_facts_that_values_give(scheme):
    subjects = pd.DataFrame({
        "code": ["001", "002"], "人数": [12, None], "rate": [0.65, np.nan], "是否达标": [True, None],
        "day": pd.to_datetime(["2024-01-01", None]),
    })  # fmt: skip
    works = pd.DataFrame({"code": ["001", "001"], "title": ["路", "桥"], "money": [1.5, 2.0]})
    goals = pd.DataFrame(
        {"code": ["001", "001"], "wanted": [1.5, 2], "goal": ["甲目标", "丙目标"], "actual": [0.75, 3]}
    )
    facts = ev.read_table(scheme, subjects.set_index("code"), {"works": works, "goals": goals})
    lists = {key: VALUES["001"]["lists"][key] for key in ("works", "goals")}
    same(facts, from_values(scheme, {"001": {**VALUES["001"], "lists": lists}, "002": {"lists": {"works": []}}}))
    assert facts.problems == ()


def test_a_float_is_its_shortest_decimal_in_its_own_precision(scheme):
    for dtype in (np.float64, np.float32, "Float32", object):
        works = pd.DataFrame({"code": ["1"], "money": pd.Series([0.1], dtype=dtype)})
        facts = ev.read_table(scheme, pd.DataFrame({"code": ["1"]}), {"works": works})
        assert facts.layers[SELF].lists["works"].table.values["money"].tolist() == [Fraction(1, 10)]
    facts = ev.read_table(scheme, pd.DataFrame({"code": [10001], "people": [1e7]}))
    assert facts.cell(SELF, "10001", "people")[:2] == (10**7, State.FILLED)


def test_every_value_has_its_file_row_and_column(scheme, tmp_path):
    facts = ev.read_table(scheme, csv(tmp_path, SUBJECTS), tables(tmp_path))
    assert str(facts.cell(OFFICIAL, "001", "rate")[2]) == "表.csv · 第 2 行 · 比例"
    assert str(facts.cell(OFFICIAL, "002", "people")[2]) == "表.csv · 第 3 行 · people"
    origins = facts.layers[SELF].lists["goals"].table.origins["actual"].tolist()
    assert list(map(str, origins)) == [
        "goals.csv · 第 3 行 · actual",
        "None",
        "goals.csv · 第 2 行 · actual",
        *["None"] * 3,
    ]
    wide = ev.read_table(scheme, csv(tmp_path, SUBJECTS.replace(",12,,", ",1２,,")))
    assert [p.code for p in wide.problems] == ["D109"]
    assert wide.cell(SELF, "002", "people")[0] == 12
    assert "“1２”" in wide.cell(SELF, "002", "people")[2].note
    frame = ev.read_table(scheme, pd.DataFrame({"code": ["1"], "people": [3]}))
    assert str(frame.cell(SELF, "1", "people")[2]) == "对象表 · 第 1 行 · people"


def test_a_slip_in_a_cell_is_told_with_its_place_clause_and_remedy(scheme, tmp_path):
    goals = "code,goal,actual\n001,甲目标,约3\n"
    facts = ev.read_table(
        scheme, csv(tmp_path, SUBJECTS.replace("65%", "0.65")), {"goals": csv(tmp_path, goals, "g.csv")}
    )
    assert [(p.code, str(p.place), p.place.field, p.place.subject) for p in facts.problems] == [
        ("D118", "表.csv · 第 2 行 · 比例", "rate", "001"),
        ("D102", "g.csv · 第 2 行 · actual", "goals.actual", "001"),
    ]
    assert "试验办法" in facts.problems[1].clause
    assert all(p.do and p.rule.line for p in facts.problems)
    assert facts.cell(SELF, "001", "rate")[1] == State.UNREADABLE


SPOILED = {
    "no code column": ("编号,people\n001,3\n", None, ["W118 没有“code”列"], None),
    "empty file": ("", None, ["W118 没有“code”列"], None),
    "open quote": ('code,people\n001,"3\n002,4\n', None, ["W118 引号没有配对"], None),
    "unknown column": ("code,peple\n001,3\n", None, ["W117 不认识列“peple”"], (None, State.BLANK)),
    "column twice": ("code,people,人数\n001,3,4\n", None, ["W118 “人数”有 2 列"], (None, State.BLANK)),
    "no code in a row": ("code,people\n001,3\n,4\n,\n", None, ["W119 第 3 行没有代码"], (3, State.FILLED)),
    "subject twice": ("code,people\n001,3\n001,3\n", None, ["W119 001不止一行：第 2、3 行"], (None, State.UNREADABLE)),
    "a cell too many": ("code,people,rate\n001,1,200,5%\n", None, ["W119 第 2 行的格比列名多"], (None, State.UNREADABLE)),
    "cells too few": ("code,people,rate\n001,3\n", None, [], (3, State.FILLED)),
    "a word": ("code,people\n001,若干\n", None, ["D101 “人数”要填数字"], (None, State.UNREADABLE)),
    "unknown owner": (SUBJECTS, "code,goal,actual\n003,甲目标,3\n003,乙目标,3\n", ["W119 第 2、3 行的代码 003"], None),
    "unknown row": (SUBJECTS, "code,goal,actual\n001,甲目杯,3\n002,甲目杯,3\n", ["W119 第 2、3 行的“甲目杯”"], None),
    "row of another edition": (SUBJECTS, "code,goal,wanted,actual\n001,甲目标,1.6,3\n", ["W119 第 2 行的“甲目标、1.6”"], None),
    "no row named": (SUBJECTS, "code,goal,actual\n001,,3\n001,,\n", ["W119 第 2 行没有写是清单的哪一行"], None),
    "rows not told apart": (SUBJECTS, "code,wanted,actual\n001,2,3\n", ["W118 认不出各行是清单里的哪一行"], State.UNREADABLE),
    "row twice": (SUBJECTS, "code,goal,actual\n001,甲目标,3\n001,甲目标,3\n",
        ["W119 001 的“甲目标”不止一行：第 2、3 行"], State.UNREADABLE),
    "list without code": (SUBJECTS, "goal,actual\n甲目标,3\n", ["W118 没有“code”列"], State.UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_tables_are_told_and_never_raise(scheme, tmp_path, name):
    subjects, goals, expected, state = SPOILED[name]
    lists = {"goals": csv(tmp_path, goals, "g.csv")} if goals else {}
    facts = ev.read_table(scheme, csv(tmp_path, subjects), lists)
    told = [f"{p.code} {p.what}" for p in facts.problems]
    assert len(told) == len(expected), told
    for message, part in zip(told, expected, strict=True):
        assert message.startswith(part[:4])
        assert part[5:] in message
    assert all(p.place.workbook and p.do for p in facts.problems)
    if goals is None and state is not None:
        assert facts.cell(SELF, "001", "people")[:2] == state
    if goals is not None:
        cell = facts.layers[SELF].lists["goals"].table.states["actual"].iloc[0]
        assert cell == (State.BLANK if state is None else state)


def test_an_unreadable_table_of_own_rows_is_not_an_empty_one(scheme, tmp_path):
    facts = ev.read_table(scheme, csv(tmp_path, SUBJECTS), {"works": csv(tmp_path, "项目名,金额\n路,3\n", "w.csv")})
    assert facts.layers[SELF].lists["works"].states.tolist() == [State.UNREADABLE, State.UNREADABLE]


def test_without_subjects_no_row_of_a_list_is_told_again(scheme, tmp_path):
    facts = ev.read_table(scheme, csv(tmp_path, "编号\n001\n"), tables(tmp_path))
    assert [p.code for p in facts.problems] == ["W118"]
    assert len(facts.codes) == 0
    assert "名册 0" in repr(facts)


def test_a_roster_names_those_who_returned_nothing(scheme, tmp_path):
    roster = pd.DataFrame(
        {"name": ["甲县", "丙县"], "city": "", "batch": "", "type": "", "funds": None},
        index=pd.Index(["001", "003"], name="code"),
    )
    facts = ev.read_table(scheme, csv(tmp_path, SUBJECTS), tables(tmp_path), roster=roster)
    values = {"001": VALUES["001"], "003": None}
    same(facts, from_values(scheme, values, roster))
    assert [p.what for p in facts.problems] == [
        "第 3 行的代码 002 不在名册里",
        "第 3 行的代码 002 不在对象表里",
    ]


def test_what_was_read_is_scored_also_against_the_round_before(scheme, tmp_path):
    before = ev.read_table(scheme, pd.DataFrame({"code": ["002", "001"], "people": [2, 5]}))
    facts = ev.read_table(scheme, csv(tmp_path, SUBJECTS), tables(tmp_path), previous=before)
    scores = ev.score(facts)
    found = {key: [scores.result_text(OFFICIAL, code, key) for code in ("001", "002")] for key in "ABCDEFG"}
    assert found == {
        "A": ["7.8", "待定"], "B": ["是", "待定"], "C": ["1", "0"], "D": ["是", "否"], "E": ["3.5", "0"],
        "F": ["7", "10"], "G": ["3.5", "0"],
    }  # fmt: skip


def test_what_a_programmer_gets_wrong_raises(scheme, tmp_path):
    table = pd.DataFrame({"code": ["1"]})
    with pytest.raises(KeyError):
        ev.read_table(scheme, table, {"nonsense": table})
    with pytest.raises(ValueError, match="put together from another one"):
        ev.read_table(scheme, table, {"kinds": table})
    with pytest.raises(FileNotFoundError):
        ev.read_table(scheme, tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match="cannot name the subjects"):
        ev.read_table(scheme, table, code="people")


def test_shared_names_and_words_of_ours(tmp_path):
    body = """
    fields:
      name: {name: 名称, type: number, unit: 个}
      a: {name: 数, type: number, unit: 个}
      b: {name: 数, type: number, unit: 个}
    indicators:
      X: {name: 项, value: name + a + b, unit: 个}
    """
    scheme = edition(tmp_path, body)
    facts = ev.read_table(scheme, pd.DataFrame({"code": ["1"], "名称": [4], "数": [5], "b": [6], "city": ["甲市"]}))
    assert [facts.cell(SELF, "1", key)[0] for key in ("name", "a", "b")] == [4, None, 6]
    assert [p.what for p in facts.problems] == ["不认识列“数”"]
    assert facts.roster.loc["1", ["name", "city"]].tolist() == ["1", "甲市"]
