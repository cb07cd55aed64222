"""Counties without a usable workbook, and lists of every kind, from workbook to explanation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

import evaltool as ev
from evaltool.decisions import Decisions
from evaltool.facts import OFFICIAL, SELF
from evaltool.intake import fill
from evaltool.scheme import Scheme, load_folder

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
SILENT, TWICE = "990111", "990102"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a veto found in the county that returned nothing, and two different workbooks of another."""
    folder = tmp_path_factory.mktemp("sample") / "in"
    shutil.copytree(SAMPLE, folder)
    [table] = folder.glob("省级认定表*.xlsx")
    found = {"value": "有", "who": "虚拟评审员", "when": "2020-07-20"}
    fill(table, {"entries": {SILENT: {"fake": found}}})
    [book] = folder.glob(f"{TWICE}*.xlsx")
    fill(shutil.copy(book, folder / "又一份.xlsx"), {"fields": {"told_cases": 2}})
    return folder


@pytest.fixture(scope="module")
def decisions(folder: Path) -> Decisions:
    return ev.decide(ev.score(ev.read(folder, ev.load("hubei/ecommerce_rural"))))


def test_a_found_veto_stands_even_if_the_county_returned_nothing(decisions) -> None:
    found = decisions.of(SILENT)
    assert [item.action for item in found] == ["notify", "cancel", "recover", "refer_discipline"]
    assert {item.state for item in found} == {"applies"}
    assert decisions.scores.total(OFFICIAL, SILENT) is None
    assert decisions.scores.grade_text(OFFICIAL, SILENT) == "未报送"


def test_a_county_whose_workbooks_were_set_aside_has_not_been_silent(decisions) -> None:
    scores = decisions.scores
    assert scores.grade_text(OFFICIAL, TWICE) == scores.claimed_text(TWICE) == "搁置"
    assert scores.total(OFFICIAL, TWICE) is None
    assert decisions.of(TWICE) == []
    assert "搁置" in str(scores.explain(TWICE, "TOTAL"))


def test_workbooks_in_folders_of_their_own_are_read(tmp_path: Path) -> None:
    below = tmp_path / "虚拟东市"
    below.mkdir()
    shutil.copy(SAMPLE / "roster.csv", tmp_path)
    [book] = SAMPLE.glob("990101*.xlsx")
    shutil.copy(book, below)
    facts = ev.read(tmp_path, ev.load("hubei/ecommerce_rural"))
    assert list(facts.roster.index[facts.returned]) == ["990101"]


def test_a_result_over_rows_names_their_cells(decisions) -> None:
    text = str(decisions.scores.explain("桑坪县", "Z8"))
    [line] = [line for line in text.splitlines() if "项目支出·金额" in line]
    assert "38.6 万元，6.2 万元，1.8 万元，12.5 万元" in line
    assert "· 项目支出 ·" in line
    assert len(line.rsplit(" · ", 1)[1].split("、")) == 4


def test_a_name_in_the_roster_never_becomes_a_formula(tmp_path: Path) -> None:
    roster = pd.DataFrame({"name": ["=1+1县"]}, index=pd.Index(["990001"], name="code"))
    path = tmp_path / "认定表.xlsx"
    ev.official_template(ev.load("hubei/ecommerce_rural"), roster, path)
    cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f" and "1+1" in str(cell.value)] == []


FIXED = """
fields:
  towns: {name: 乡镇数, type: count, unit: 个, cite: [T/1]}
lists:
  tasks:
    name: 任务
    rows_from: edition
    given: [task, target]
    columns:
      task: {name: 任务, type: text}
      target: {name: 目标, type: count, unit: 个}
      done: {name: 完成, type: count, unit: 个}
    rows:
      - {task: 建站点, target: "10"}
      - {task: 办培训, target: "4"}
    cite: [T/1]
indicators:
  TOTAL: {name: 总分, points: 20, combine: sum, cite: [T/1]}
  share: {name: 完成比例, in: TOTAL, points: 10, value: sum(tasks.done) / sum(tasks.target), unit: 占比,
          rule: {kind: proportional, target: 100%}, cite: [T/1]}
  each: {name: 乡镇, in: TOTAL, points: 10, value: towns, unit: 个, rule: {kind: proportional, target: 5}, cite: [T/1]}
"""


@pytest.fixture
def fixed(tmp_path: Path) -> Scheme:
    head = (
        "format: 1\nid: shili/fixed\nname: 固定行试验\nvalid_from: 2024-01-01\nvalid_to: null\nstatus: official\n"
        "subject: 县\nresults: {total: TOTAL}\nblank: {means: pending, question: Q1}\n"
        "open_questions:\n  Q1: {clause: T/1, question: 空白, reading: 待补}\n"
    )
    folder = tmp_path / "edition"
    folder.mkdir()
    (folder / "scheme.yaml").write_text(head + FIXED, "utf-8")
    (folder / "sources.yaml").write_text('format: 1\nT:\n  title: 试验办法\n  clauses:\n    "1": {gist: 一}\n', "utf-8")
    (folder / "cases.yaml").write_text("format: 1\nbase: {}\ncases: []\n", "utf-8")
    return load_folder(folder)


def test_a_list_whose_rows_the_edition_fixes_goes_the_whole_way(fixed: Scheme, tmp_path: Path) -> None:
    roster = pd.DataFrame({"name": ["甲县", "乙县"]}, index=pd.Index(["990001", "990002"], name="code"))
    for code, name, done in (("990001", "甲县", [7, 3]), ("990002", "乙县", [7, None])):
        rows = [{} if number is None else {"done": number} for number in done]
        typed = {"fields": {"towns": 5}, "lists": {"tasks": rows}}
        fill(fixed, typed, tmp_path / f"{name}.xlsx", {"code": code, "name": name})
    scores = ev.score(ev.read([tmp_path / "甲县.xlsx", tmp_path / "乙县.xlsx"], fixed, roster))
    assert scores.result_text(SELF, "甲县", "share") == "≈7.142857"  # 10 of 14
    assert scores.total(SELF, "乙县") == (15, 20)  # the blank row is open, not zero
    assert "任务·完成" in str(scores.explain("甲县", "share"))
