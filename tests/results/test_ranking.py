"""Places of a round: nobody is surely behind a total that may turn out not to count."""

from __future__ import annotations

from evaltool.results.ranking import places, standings
from evaltool.scoring import score
from tests.scoring.editions import HEAD, edition, facts

BODY = """
fields:
  a: {name: 甲数, type: count, unit: 个, cite: [T/1]}
  applies: {name: 适用, type: yesno, cite: [T/1]}
indicators:
  TOTAL: {name: 总分, points: 10, value: a, unit: 个, overrides: [{when: not applies, gives: out}],
          rule: {kind: proportional, target: 10}, cite: [T/1]}
"""


def test_a_total_that_may_not_count_is_only_possibly_ahead():
    totals = {"a": (90, 90), "b": (80, 80), "c": (80, 80)}
    assert {code: str(place) for code, place in standings(totals).items()} == {
        "a": "第 1 位", "b": "并列第 2 位", "c": "并列第 2 位",
    }  # fmt: skip
    assert str(standings(totals, {"a"})["b"]) == "第 1 ～ 2 位"
    assert not standings(totals, {"b"})["c"].tied


def test_whoever_waits_for_whether_it_applies_holds_places_open(tmp_path):
    scheme = edition(tmp_path, BODY, head=HEAD.replace("results: {}", "results: {total: TOTAL}"))
    scores = score(facts(scheme, {"a": 9, "applies": "未填"}, {"a": 8, "applies": "是"}, {"a": 7, "applies": "否"}))
    assert {code: str(place) for code, place in places(scores).items()} == {"0": "第 1 位", "1": "第 1 ～ 2 位"}
