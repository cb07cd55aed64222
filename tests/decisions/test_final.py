"""What stands in the way of final results."""

from __future__ import annotations

from dataclasses import replace

from evaltool.decisions import obstacles
from evaltool.scoring import score
from tests.scoring.editions import HEAD, edition, facts

BODY = """
fields:
  a: {name: 甲数, type: count, unit: 个, cite: [T/1]}
indicators:
  TOTAL: {name: 总分, points: 10, value: a, unit: 个, rule: {kind: proportional, target: 10}, cite: [T/1]}
"""
WHOLE = HEAD.replace("results: {}", "results: {total: TOTAL}")


def test_nothing_open_is_final(tmp_path):
    scheme = edition(tmp_path, BODY, head=WHOLE)
    known = replace(facts(scheme, {"a": 5}), accepted={"Q1": "张三 2024-07-01"})
    assert obstacles(score(known)) == []


def test_everything_open_is_said(tmp_path):
    body = BODY + "  SLOT: {name: 空位, points: 5, rule: {kind: delegated, note: 由省另定}, cite: [T/1]}\n"
    scheme = edition(tmp_path, body, head=WHOLE.replace("status: official", "status: draft"))
    said = obstacles(score(facts(scheme, {"a": 5}, {})))
    assert [line[:6] for line in said] == ["指标体系是草", "“空位”（S", "待定问题 Q", "1（1）总分"]
    assert said[3].endswith("等：甲数")
