"""The cases beside each edition, each one a pytest case of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from evaltool.cases import CaseResult, run_cases
from evaltool.scheme import entries, load_folder
from tests.scoring.editions import complaints, edition

FOLDERS = {f"{entry.id}@{entry.valid_from}": entry.folder for entry in entries()}


@cache
def results(folder: Path) -> list[CaseResult]:
    return run_cases(load_folder(folder))


WRITTEN = {key: load_folder(folder).cases for key, folder in FOLDERS.items()}
ALL = [(key, i) for key, cases in WRITTEN.items() for i in range(len(cases.cases) + len(cases.tables))]


@pytest.mark.parametrize(("key", "number"), ALL, ids=[f"{key}-{i}" for key, i in ALL])
def test_case(key: str, number: int) -> None:
    result = results(FOLDERS[key])[number]
    assert not result.problems, "\n".join(str(problem) for problem in result.problems)


def test_a_wrong_case_is_told_with_its_place(tmp_path: Path) -> None:
    folder = FOLDERS["shili/jiceng@2024-01-01"]
    for name in ("scheme.yaml", "sources.yaml"):
        (tmp_path / name).write_text((folder / name).read_text("utf-8"), "utf-8")
    text = (folder / "cases.yaml").read_text("utf-8")
    case = load_folder(folder).cases.cases[0]
    key, value = next(iter(case.expect.items()))
    spoiled = text.replace(f"{key}: {value}", f"{key}: 77.7", 1)
    assert spoiled != text
    (tmp_path / "cases.yaml").write_text(spoiled, "utf-8")
    wrong = [problem for result in run_cases(load_folder(tmp_path)) for problem in result.problems]
    assert [problem.code for problem in wrong] == ["S215"]
    assert wrong[0].rule.file == "cases.yaml"
    assert "77.7" in wrong[0].what
    assert spoiled.splitlines()[wrong[0].rule.line - 1][wrong[0].rule.column - 1 :].startswith(key)


# --- cohorts, rounds before, duties, official tables ---

BODY = """
fields:
  people: {name: 人数, type: count, unit: 人}
  rows_sent: {name: 是否报送, type: yesno}
  region: {name: 片区, type: choice, options: [东, 西]}
indicators:
  PLACE: {name: 名次, value: people, unit: 人, rule: {kind: rank, order: high_first, ties: min, gives: place}}
  GROWTH: {name: 增长, value: people / previous(people) - 100%, unit: 占比}
  THIRD: {name: 三分之一, value: people / 3, unit: 人}
  MEAN: {name: 平均, value: mean(people), across: region, unit: 人}
duties:
  D: {name: 按时报送, who: county, kind: duty, met: rows_sent, cite: [T/1]}
"""
BASE = "format: 1\nbase: {people: 3, rows_sent: 是, region: 东}\n"


def told(folder: Path, cases: str) -> list[list[str]]:
    """What is wrong with each case."""
    scheme = edition(folder, BODY, cases=BASE + cases)
    return [[problem.what for problem in result.problems] for result in run_cases(scheme)]


def test_a_cohort_is_scored_together_and_a_plain_case_alone(tmp_path: Path) -> None:
    cases = """cases:
  - {name: 一个人, expect: {PLACE: 1, MEAN: 3}}
  - {name: 又一个, given: {people: 9}, expect: {PLACE: 1, MEAN: 9}}
  - name: 三个
    given: {region: 西}
    cohort: {甲: {people: 5}, 乙: {people: 9}, 丙: {people: 9, region: 东}}
    expect: {甲: {PLACE: 3, MEAN: 7}, 乙: {PLACE: 1}, 丙: {PLACE: 1, MEAN: 9}}
  - name: 错的
    cohort: {甲: {people: 5}, 乙: {people: 9}}
    expect: {乙: {PLACE: 2}}
"""
    assert told(tmp_path, cases) == [[], [], [], ["算例“错的”：乙 的 PLACE 应为 2，算出 1"]]


def test_a_case_brings_the_round_before(tmp_path: Path) -> None:
    cases = """cases:
  - {name: 有上一轮, previous: {people: 2}, expect: {GROWTH: 50%}}
  - {name: 没有上一轮, expect: {GROWTH: 待定}}
  - {name: 上一轮没填, previous: {people: 未填}, expect: {GROWTH: 待定}}
"""
    assert told(tmp_path, cases) == [[], [], []]


def test_duties_of_a_case(tmp_path: Path) -> None:
    cases = """cases:
  - {name: 做到, expect_duties: {D: 做到}}
  - {name: 没有, given: {rows_sent: 否}, expect_duties: {D: 没有做到}}
  - {name: 待定, given: {rows_sent: 未填}, expect_duties: {D: 待定}}
  - {name: 错的, expect_duties: {D: 待定}}
  - {name: 几个对象, cohort: {甲: {}, 乙: {}}, expect: {甲: {PLACE: 1}}, expect_duties: {D: 做到}}
"""
    found = told(tmp_path, cases)
    assert found[:3] == [[], [], []]
    assert found[3] == ["算例“错的”：D 应为 待定，得出 做到"]
    assert "几个对象一起算的算例只写 expect" in found[4][0]


def test_a_file_of_official_results(tmp_path: Path) -> None:
    table = "\n".join(["县,人数,名次,三分之一", "甲,5,3,1.666667", "乙,9,1,3", "丙,9,1,", ",,,"]) + "\n"
    (tmp_path / "official.csv").write_bytes(table.encode("gb18030"))
    tables = "cases: []\ntables:\n  - {name: 去年, file: FILE, given: [人数], expect: {名次: PLACE, 三分之一: THIRD}}\n"
    assert told(tmp_path, tables.replace("FILE", "official.csv")) == [[]]
    wrong = table.replace("甲,5,3,1.666667", "甲,5,2,1.66667").replace("乙,9,1,3", "乙,几个,1,3.000001")
    (tmp_path / "official.csv").write_text(wrong, "utf-8")
    assert told(tmp_path, tables.replace("FILE", "official.csv")) == [[
        "官方结果“去年”：第 2 行“名次”应为 2，算出 2 ～ 3",
        "官方结果“去年”：第 3 行“名次”应为 1，算出 1 ～ 3",
        "官方结果“去年”：第 4 行“名次”应为 1，算出 1 ～ 2",
        "官方结果“去年”：第 2 行“三分之一”应为 1.66667，算出 ≈1.666666",
        "官方结果“去年”：第 3 行“三分之一”应为 3.000001，算出 ≥ 0",
    ]]  # fmt: skip
    assert told(tmp_path, tables.replace("FILE", "nowhere.csv")) == [
        ["官方结果“去年”：没有文件 nowhere.csv；放在 cases.yaml 旁边"]
    ]


def test_a_file_of_official_results_that_cannot_be_used(tmp_path: Path) -> None:
    tables = "cases: []\ntables:\n  - {name: 去年, file: o.csv, given: [人], expect: {名次: PLACE}}\n"
    (tmp_path / "o.csv").write_text("人数,位次\n3,1,2\n", "utf-8")
    assert told(tmp_path, tables) == [[
        "官方结果“去年”：o.csv 没有“人”列", "官方结果“去年”：o.csv 没有“名次”列", "官方结果“去年”：没有字段“人”",
        "官方结果“去年”：o.csv 第 2 行的格比列名多",
    ]]  # fmt: skip


def test_many_differences_are_counted(tmp_path: Path) -> None:
    tables = "cases: []\ntables:\n  - {name: 去年, file: o.csv, given: [people], expect: {名次: PLACE}}\n"
    (tmp_path / "o.csv").write_text("people,名次\n" + "3,2\n" * 15, "utf-8")
    (found,) = told(tmp_path, tables)
    assert len(found) == 11
    assert found[-1] == "官方结果“去年”：另有 5 处不同"


FIXED = """
lists:
  m:
    name: 指标
    rows_from: edition
    given: [what, goal]
    rows: [{what: 甲, goal: 10}, {what: 乙, goal: 4}]
    columns:
      what: {name: 名称, type: text}
      goal: {name: 目标, type: count, unit: 个}
      got: {name: 完成, type: count, unit: 个}
indicators:
  TOTAL: {name: 合计, combine: sum}
  row: {name: 一行, per: m, in: TOTAL, points: 5, value: got, unit: 个, rule: {kind: proportional, target: goal}}
"""


def test_a_pattern_is_run_on_every_fixed_row(tmp_path):
    cases = """format: 1
base: {}
cases:
  - {name: 正好, each: {list: m, cells: {got: "= goal"}, expect: {row: 5}}}
  - {name: 差一个, each: {list: m, cells: {got: "= goal - 1"}, expect: {row: "= 5 * (goal - 1) / goal"}}}
  - {name: 写错了, each: {list: m, cells: {got: "= goal / 2"}, expect: {row: "= goal / 4"}}}
"""
    results = run_cases(edition(tmp_path, FIXED, cases=cases))
    assert [[problem.what for problem in result.problems] for result in results] == [
        [], [], ["算例“写错了”：乙 的 row 应为 1，算出 2.5"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("each", "words"),
    [
        ("{list: k, cells: {got: 1}, expect: {row: 5}}", "不是定好行的清单"),
        ("{list: m, cells: {goal: 1}, expect: {row: 5}}", "“goal”不是清单"),
        ("{list: m, cells: {got: 1}, expect: {TOTAL: 5}}", "“TOTAL”不是清单"),
    ],
)
def test_a_pattern_names_what_its_list_has(tmp_path, each, words):
    cases = f"format: 1\nbase: {{}}\ncases:\n  - {{name: 例, each: {each}}}\n"
    assert words in complaints(tmp_path, FIXED, cases=cases)[0].what
