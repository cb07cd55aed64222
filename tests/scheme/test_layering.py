"""Amending notices and lower levels: what they change, what they may change, and where a complaint points."""

from __future__ import annotations

import textwrap

import pytest

from evaltool.cases import run_cases
from evaltool.problems import SchemeError
from evaltool.scheme import examine, load, load_folder
from evaltool.scheme.sentences import rule_sentence
from evaltool.scoring import score
from tests.scoring.editions import facts

UPPER = """\
format: 1
id: shili/upper
name: 示例省办法
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {total: TOTAL}
blank: {means: pending, cite: [T/1]}
open:
  indicators.A.rule.target: higher
  indicators.B.rule.more: lower
  indicators: beside
  fields: add
fields:
  a: {name: 甲数, type: count, unit: 个, cite: [T/1]}
  b: {name: 乙数, type: count, unit: 个, cite: [T/1]}
indicators:
  TOTAL: {name: 总分, points: 20, combine: sum, cite: [T/1]}
  A: {name: 甲, in: TOTAL, points: 10, value: a, unit: 个, rule: {kind: proportional, target: 10}, cite: [T/1]}
  B: {name: 乙, in: TOTAL, points: 10, value: b, unit: 个, rule: {kind: per_unit, more: -1}, cite: [T/1]}
"""
SOURCES = "format: 1\nT:\n  title: 示例省办法\n  clauses:\n    '1': {gist: 第一条}\n"
CASES = """\
format: 1
base: {a: 10, b: 0}
cases:
  - {name: 正好, expect: {A: 10}}
  - {name: 少一个, given: {a: 9}, expect: {A: 9}}
"""
NOTICE = """\
format: 1
amends: shili/upper@2024-01-01
valid_from: 2025-01-01
valid_to: null
set:
  indicators.A.rule.target: {to: 20, cite: [N/1]}
"""
NOTICE_SOURCES = "format: 1\nN:\n  title: 修改通知\n  clauses:\n    '1': {gist: 目标改为 20 个}\n"
LOWER = """\
format: 1
extends: shili/upper@2024-01-01
id: shili/lower
name: 示例市细则
valid_from: 2024-06-01
valid_to: null
set:
  indicators.A.rule.target: {to: 12, cite: [M/1]}
add:
  fields:
    c: {name: 丙数, type: count, unit: 个, cite: [M/2]}
  indicators:
    C: {name: 丙, points: 5, value: c, unit: 个, rule: {kind: proportional, target: 5}, cite: [M/2]}
"""
LOWER_SOURCES = "format: 1\nM:\n  title: 示例市细则\n  clauses:\n    '1': {gist: 目标 12 个}\n    '2': {gist: 丙}\n"


def write(root, name, day, scheme, sources, cases="format: 1\nbase: {}\ncases: []\n"):
    folder = root / name / day
    folder.mkdir(parents=True)
    for file, text in (("scheme.yaml", scheme), ("sources.yaml", sources), ("cases.yaml", cases)):
        (folder / file).write_text(textwrap.dedent(text), "utf-8")
    return folder


@pytest.fixture
def root(tmp_path):
    write(tmp_path, "shili/upper", "2024-01-01", UPPER, SOURCES, CASES)
    return tmp_path


def said(folder):
    return [(p.code, str(p.rule), p.what) for p in examine(folder)[1]]


def test_a_notice_changes_what_it_names_and_cites_itself_beside(root):
    folder = write(root, "shili/upper", "2025-01-01", NOTICE, NOTICE_SOURCES)
    scheme = load_folder(folder)
    assert "20 个" in rule_sentence(scheme, "A")
    assert scheme.indicators["A"].cite == ["T/1", "N/1"]
    assert scheme.key == "shili/upper@2025-01-01"
    assert str(scheme.citation("N/1")) == "《修改通知》1"


def test_the_amended_edition_ends_the_day_before(root):
    write(root, "shili/upper", "2025-01-01", NOTICE, NOTICE_SOURCES)
    assert load("shili/upper", "2024-12-31", [root]).edition.amends is None
    assert load("shili/upper", "2025-01-01", [root]).edition.amends == "shili/upper@2024-01-01"


def test_the_cases_of_the_amended_edition_must_still_hold_or_be_replaced_by_name(root):
    folder = write(root, "shili/upper", "2025-01-01", NOTICE, NOTICE_SOURCES)
    failed = [result.name for result in run_cases(load_folder(folder)) if result.problems]
    assert failed == ["正好", "少一个"]
    cases = "format: 1\nbase: {}\ncases:\n  - {name: 正好, given: {a: 20}, expect: {A: 10}}\n"
    (folder / "cases.yaml").write_text(cases + "  - {name: 少一个, given: {a: 19}, expect: {A: 9.5}}\n", "utf-8")
    assert not [result.name for result in run_cases(load_folder(folder)) if result.problems]


def test_a_lower_level_adds_beside_the_total(root):
    folder = write(root, "shili/lower", "2024-06-01", LOWER, LOWER_SOURCES)
    scheme = load_folder(folder)
    scores = score(facts(scheme, {"a": 12, "b": 0, "c": 5}))
    assert scores.total("认定", "0") == (20, 20)
    assert scores.result_text("认定", "0", "C") == "5"


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "words"),
    [
        ("to: 12", "to: 9", "S217", "scheme.yaml:8:", "只能提高：上级是 10，这里是 9"),
        ("indicators.A.rule.target", "indicators.A.points", "S217", "scheme.yaml:8:", "没有放开"),
        ("indicators.A.rule.target", "indicators.A.rule.targt", "S200", "scheme.yaml:8:", "上级没有"),
        ("C: {name: 丙, ", "C: {name: 丙, in: TOTAL, ", "S217", "scheme.yaml:13:", "不能计入上级"),
        ("    C: {name: 丙", "    A: {name: 丙", "S201", "scheme.yaml:13:", "上级里已有"),
        ("add:", "add:\n  events: {V: {name: 否决, when: c > 1, cite: [M/2]}}", "S217", "scheme.yaml:10:", "没有放开增加"),
        ("id: shili/lower", "id: shili/upper", "S216", "scheme.yaml:2:", "自己的 id"),
        ("@2024-01-01", "@2023-01-01", "S216", "scheme.yaml:2:", "找不到"),
        ("to: 12,", "to: 12%,", "S106", "scheme.yaml:8:", "写法与上级不同"),
        ("to: 12, cite: [M/1]", "to: 12", "S104", "scheme.yaml:8:", "cite"),
    ],
)  # fmt: skip
def test_a_lower_level_that_overreaches_is_told_where(root, old, new, code, place, words):
    folder = write(root, "shili/lower", "2024-06-01", LOWER.replace(old, new, 1), LOWER_SOURCES)
    found = said(folder)
    assert found[0][0] == code, found
    assert found[0][1].startswith(place), found
    assert words in found[0][2], found


def test_a_notice_drops_and_the_clause_that_does_so_is_cited(root):
    notice = NOTICE.replace(
        "set:", "drop:\n  indicators.B: {cite: [N/2]}\nset:\n  indicators.TOTAL.points: {to: 10, cite: [N/2]}"
    )
    notice += "  results.total: {to: TOTAL, cite: [N/1]}\nadd: {not_scored: {}}\n"
    sources = NOTICE_SOURCES + "    '2': {gist: 取消乙项}\n    '3': {gist: 乙数不再报}\n"
    notice = notice.replace("  indicators.B: {cite: [N/2]}", "  indicators.B: {cite: [N/2]}\n  fields.b: {cite: [N/3]}")
    folder = write(root, "shili/upper", "2025-01-01", notice, sources, "format: 1\nbase: {}\ncases: []\n")
    (root / "shili/upper/2024-01-01/cases.yaml").write_text(CASES.replace(", b: 0", ""), "utf-8")
    scheme = load_folder(folder)
    assert "B" not in scheme.indicators
    assert scheme.indicators["TOTAL"].points == 10


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("cite: [N/1]", "cite: [T/1]", "S202", "没有引用自己的文件"),
        ("indicators.A.rule.target: {to: 20", "valid_from: {to: 2025-02-01", "S105", "不写在 set 里"),
    ],
)
def test_a_notice_that_changes_what_it_may_not(root, old, new, code, words):
    folder = write(root, "shili/upper", "2025-01-01", NOTICE.replace(old, new), NOTICE_SOURCES)
    found = said(folder)
    assert (found[0][0], words in found[0][2]) == (code, True), found


BY = ("rule: {kind: proportional, target: 10}", "rule: {kind: proportional, target: {by: b1, 是: 10, 否: 8}}")


@pytest.mark.parametrize(
    ("change", "slips"),
    [
        ("indicators.A.rule.target.是: {to: 12", []),
        ("indicators.A.rule.target.是: {to: 9", ["只能提高：上级是 10，这里是 9"]),
        ("indicators.A.rule.target: {to: {by: b1, 是: 12, 否: 9}", []),
        ("indicators.A.rule.target: {to: {by: b1, 是: 12, 否: 7}", ["只能提高：上级是 8，这里是 7"]),
    ],
)
def test_what_is_open_may_be_written_by_groups(root, change, slips):
    upper = root / "shili/upper/2024-01-01/scheme.yaml"
    text = (
        upper.read_text("utf-8")
        .replace(*BY)
        .replace("fields:\n  a:", "fields:\n  b1: {name: 山区, type: yesno, cite: [T/1]}\n  a:")
    )
    upper.write_text(text, "utf-8")
    folder = write(
        root, "shili/lower", "2024-06-01", LOWER.replace("indicators.A.rule.target: {to: 12", change), LOWER_SOURCES
    )
    assert [what.partition("”")[2] for _, _, what in said(folder)] == slips


def test_the_next_level_may_touch_only_what_this_one_opens(root):
    write(root, "shili/lower", "2024-06-01", LOWER + "open: {indicators.A.rule.target: higher}\n", LOWER_SOURCES)
    third = (
        LOWER[: LOWER.index("add:")]
        .replace("shili/upper@2024-01-01", "shili/lower@2024-06-01")
        .replace("id: shili/lower", "id: shili/third")
    )
    sources = LOWER_SOURCES.replace("M:", "K:").replace("    '2': {gist: 丙}\n", "")
    third = third.replace("M/1", "K/1").replace("to: 12", "to: 13")
    folder = write(root, "shili/third", "2024-07-01", third, sources)
    assert load_folder(folder).indicators["A"].rule.target.value == 13
    more = third.replace("indicators.A.rule.target: {to: 13", "indicators.B.rule.more: {to: -2")
    (folder / "scheme.yaml").write_text(more, "utf-8")
    assert "没有放开" in said(folder)[0][2]


def test_a_slip_in_the_upper_edition_is_shown_in_the_upper_file(root):
    upper = root / "shili/upper/2024-01-01/scheme.yaml"
    upper.write_text(upper.read_text("utf-8").replace("points: 20", "points: 21"), "utf-8")
    folder = write(root, "shili/lower", "2024-06-01", LOWER, LOWER_SOURCES)
    assert [(code, place.split(":")[0]) for code, place, _ in said(folder)] == [
        ("S204", "shili/upper/2024-01-01/scheme.yaml")
    ]


def test_editions_that_extend_each_other_are_a_ring(root):
    one = LOWER.replace("shili/upper@2024-01-01", "shili/other@2024-06-01")
    other = LOWER.replace("shili/upper@2024-01-01", "shili/lower@2024-06-01").replace(
        "id: shili/lower", "id: shili/other"
    )
    folder = write(root, "shili/lower", "2024-06-01", one, LOWER_SOURCES)
    write(root, "shili/other", "2024-06-01", other, LOWER_SOURCES)
    assert "成环" in said(folder)[0][2]


def test_a_round_keeps_the_upper_edition_too(root, tmp_path):
    import pandas as pd

    from evaltool.archive import create_round, open_round

    write(root, "shili/lower", "2024-06-01", LOWER, LOWER_SOURCES)
    scheme = load("shili/lower", "2024-06-01", [root])
    roster = pd.DataFrame(
        {"name": ["甲县"], "city": "", "batch": "", "type": "", "funds": None}, index=pd.Index(["1"], name="code")
    )
    create_round(tmp_path / "round", scheme, "2024-06-30", roster)
    (root / "shili/upper/2024-01-01/scheme.yaml").unlink()
    kept = open_round(tmp_path / "round").scheme
    assert kept.digest == scheme.digest
    with pytest.raises(SchemeError):
        load_folder(root / "shili/lower/2024-06-01")
