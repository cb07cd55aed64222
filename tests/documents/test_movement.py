"""The same facts by two editions: who moves; what the round does not have stays open."""

from __future__ import annotations

import pytest

from evaltool.documents.movement import movement
from evaltool.documents.translation import translated
from evaltool.facts import OFFICIAL, State
from evaltool.intake import from_values
from evaltool.scheme import entries, load_folder
from evaltool.scoring import score

from .making import edition, write

# a blank of it means zero; one that nobody was asked for means nothing
EXTRA = "  extra: {name: 加项, type: count, unit: 次, blank: {means: zero, cite: [T/2]}, cite: [T/2]}\n"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return edition(tmp_path_factory.mktemp("plain") / "whole")


def facts(scheme, **changes):
    base = scheme.cases.base
    return from_values(scheme, {"1": dict(base), "2": {**base, **changes}, "3": None})


def moved(found):
    return [(move.subject, move.indicator, move.old, move.new) for move in found.moves]


def test_a_raised_target_moves_points_total_and_band(plain, tmp_path):
    after = edition(tmp_path / "w", ("target: 70%", "target: 80%"), ("at_least: 60, gives", "at_least: 100, gives"))
    found = movement(facts(plain, built=80), plain, after)
    assert moved(found) == [
        ("1", "TOTAL", "100", "97.5"), ("1", "GRADE", "合格", "不合格"), ("1", "HARD", "50", "47.5"),
        ("1", "COVER", "20", "17.5"),
    ]  # fmt: skip
    assert (found.counted, found.lacking, found.subjects("GRADE")) == (2, ((), ()), ["1"])


def test_equal_editions_move_nobody(plain, tmp_path):
    assert movement(facts(plain), plain, edition(tmp_path / "w", ("value: late", "value: ' late '"))).moves == ()


def test_a_field_under_its_old_name_is_found(plain, tmp_path):
    after = edition(
        tmp_path / "w", ("{name: 建成站点,", "{name: 建成站点, was: built,"), ("{name: 已付,", "{name: 已付, was: paid,"),
        ("{name: 村级站点覆盖率,", "{name: 村级站点覆盖率, was: COVER,"),
        names={"built": "sites", "paid": "spent", "COVER": "REACH"},
    )  # fmt: skip
    found = movement(facts(plain, built=35), plain, after)
    assert (moved(found), found.lacking) == ([], ((), ()))
    back = movement(facts(after, sites=35), after, plain)
    assert (moved(back), back.lacking) == ([], ((), ()))


@pytest.mark.parametrize(
    ("changes", "lacking", "move"),
    [
        ([("value: late,", "value: late + extra,"), ("  rate:", f"{EXTRA}  rate:")],
         "加项（这一轮没有）", ("LATE", "10", "0 ～ 10")),
        ([("{name: 修路支出, type: money, unit: 万元", "{name: 修路支出, type: money, unit: 元"),
          ("资金总额, type: money, unit: 万元", "资金总额, type: money, unit: 元"),
          ("招待支出, type: money, unit: 万元", "招待支出, type: money, unit: 元")],
         "修路支出（单位不同，由 万元 改为 元）", None),
        ([("options: [好, 差]", "options: [好, 中]"), ("levels: {好: 10, 差: 2}", "levels: {好: 10, 中: 2}")],
         "成效（选项不同）", ("LEVEL", "10", "2 ～ 10")),
        ([("{goal: 修桥, aim: 3}", "{goal: 修桥, aim: 4}")], "清单“任务”（定好的行不同）", ("GOALS", "10", "0 ～ 10")),
        ([("      done:   {name: 完工, type: yesno}", "      over:   {name: 完工, type: yesno}"),
          ("works.done", "works.over")],
         "项目·完工（这一轮没有）", ("WORKS", "20", "0 ～ 20")),
    ],
)  # fmt: skip
def test_what_the_round_does_not_have_is_open_and_told(plain, tmp_path, changes, lacking, move):
    folder = write(tmp_path / "w", *changes)
    cases = folder / "cases.yaml"
    text = (
        cases.read_text("utf-8").replace("done:", "over:") if "works.over" in str(changes) else cases.read_text("utf-8")
    )
    cases.write_text(text, "utf-8")
    found = movement(facts(plain), plain, load_folder(folder))
    assert lacking in found.lacking[1]
    if move is not None:
        assert [one[1:] for one in moved(found) if one[:2] == ("1", move[0])] == [move]


def test_what_lies_outside_the_new_limits_is_not_believed(plain, tmp_path):
    after = edition(tmp_path / "w", ("between: [1, 900]", "between: [1, 50]"))
    seen, _ = translated(facts(plain), after)
    assert seen.cell(OFFICIAL, "1", "all")[:2] == (None, State.OUT_OF_RANGE)


def test_the_facts_of_any_edition_can_be_asked_by_any_other():
    """No pair of editions breaks; the editions have nothing in common, so that everything is open."""
    known = entries()
    for one, other in zip(known, [*known[1:], known[0]], strict=True):
        before, after = load_folder(one.folder), load_folder(other.folder)
        seen, lacking = translated(from_values(before, {"1": dict(before.cases.base), "2": None}), after)
        assert lacking
        score(seen)
