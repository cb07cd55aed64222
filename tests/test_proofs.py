"""The cases beside the built-in editions: they hold, show every boundary, and notice every slip of the pen."""

from __future__ import annotations

import pytest

from evaltool.cases import run_cases
from evaltool.coverage import coverage, uncovered
from evaltool.mutations import Mutation, mutations, noticed, survivors
from evaltool.scheme import entries, load_folder
from tests.scoring.editions import edition

FOLDERS = [entry.folder for entry in entries()]
IDS = ["-".join(folder.parts[-3:]) for folder in FOLDERS]
each_edition = pytest.mark.parametrize("folder", FOLDERS, ids=IDS)

FIELDS = """
fields:
  a: {name: 甲数, type: count, unit: 个, cite: [T/1]}
  b: {name: 乙数, type: count, unit: 个, cite: [T/1]}
indicators:
  X: {name: 项, points: 10, value: a / b, unit: 占比, cite: [T/1],
      rule: {kind: steps, steps: [{at_least: 50%, gives: 10}, {otherwise: true, gives: 0}]}}
"""
CASES = "format: 1\nbase: {{a: 5, b: 10}}\ncases:\n{}"
ON = "  - {name: 正好, expect: {X: 10}}\n"
BESIDE = "  - {name: 差一个, given: {a: 4}, expect: {X: 0}}\n"
FAR = "  - {name: 差得远, given: {a: 1, b: 9}, expect: {X: 0}}\n"


@each_edition
def test_every_case_comes_out_as_written(folder):
    slips = [str(problem) for result in run_cases(load_folder(folder)) for problem in result.problems]
    assert not slips


@each_edition
def test_every_boundary_has_a_case_on_it_and_one_beside_it(folder):
    assert not [str(problem) for problem in uncovered(load_folder(folder))]


@pytest.mark.slow
@each_edition
def test_every_slip_of_the_pen_makes_a_case_fail(folder):
    assert not [str(problem) for problem in survivors(load_folder(folder))]


def test_the_teaching_edition_notices_every_slip():
    folder = next(folder for folder in FOLDERS if "jiceng" in folder.parts)
    scheme = load_folder(folder)
    assert len(mutations(scheme)) >= 25
    assert not list(survivors(scheme))


@pytest.mark.parametrize(
    ("cases", "missing"),
    [
        (ON + BESIDE, []),
        (BESIDE, ["没有正好在线上的算例"]),
        (ON, ["没有紧挨着线的算例"]),
        (ON + FAR, ["没有紧挨着线的算例"]),
    ],
)
def test_a_boundary_without_its_cases_is_told(tmp_path, cases, missing):
    scheme = edition(tmp_path, FIELDS, cases=CASES.format(cases))
    found = uncovered(scheme)
    assert [word for problem in found for word in missing if word in problem.what] == missing
    assert len(found) == len(missing)
    assert {problem.code for problem in found} <= {"S218"}


def test_coverage_names_the_cases(tmp_path):
    shown = coverage(edition(tmp_path, FIELDS, cases=CASES.format(ON + BESIDE + FAR)))
    assert [(one.on, one.beside) for one in shown] == [(("正好",), ("差一个",))]


@pytest.mark.parametrize(
    ("written", "changed"),
    [("65%", ["66%"]), ("-0.5", ["-0.4"]), ("-1", ["0"]), ("9.9", ["10.0"]), ("a - 5", ["a - 6"]), ("b-3", ["b-4"]),
     ("min(villages, 200) * 1.05", ["min(villages, 201) * 1.05", "min(villages, 200) * 1.06"]), ("A1 + x2", [])],
)  # fmt: skip
def test_every_numeral_is_changed_in_its_last_place(tmp_path, written, changed):
    scheme = edition(tmp_path, FIELDS)
    scheme.document.tree["indicators"]["X"]["points"] = written
    found = [one.new for one in mutations(scheme) if one.path == ("indicators", "X", "points")]
    assert found == changed


def test_a_case_that_only_looks_from_afar_lets_slips_through(tmp_path):
    scheme = edition(tmp_path, FIELDS, cases=CASES.format(FAR))
    found = [str(mutation) for mutation in mutations(scheme) if not noticed(scheme, mutation)]
    assert found == [
        "indicators.X.rule.steps.0.at_least：at_least → more_than",
        "indicators.X.rule.steps.0.at_least：50% → 51%",
    ]
    assert {problem.code for problem in survivors(scheme)} == {"S219"}
    exact = edition(tmp_path / "exact", FIELDS, cases=CASES.format(ON + BESIDE))
    limit = Mutation(("indicators", "X", "rule", "steps", 0, "at_least"), "50%", "51%")
    assert noticed(exact, limit)
