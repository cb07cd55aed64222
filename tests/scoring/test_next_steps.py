"""What would have earned more is true: the advised change, put into the sheet, earns the promised points."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from oracle import making

from evaltool.facts import OFFICIAL
from evaltool.intake import from_values
from evaltool.quantities import parse_entered
from evaltool.scheme import Scheme, load
from evaltool.scoring import Num, score
from scoring import all_kinds
from scoring.editions import edition, scored

F = Fraction

MOVED = re.compile(r"可得(满分| [\d.]+ 分)（现在.*）；其他不变时，(.+?)由 .+? 变为(超过|低于)? (-?[\d.]+%?)")
ITEM = re.compile(r"(再?)做到“(.+?)”可加 ([\d.]+) 分")
MUST = re.compile(r"^“(.+)”做到了整项才计分，可得 ([\d.]+) 分")
LEVEL = re.compile(r"评为“(.+?)”可得 ([\d.]+) 分")
TINY = F(1, 10**9)
RISES = "{kind: curve, through: [{at: 0, gives: 0}, {at: 4, gives: 6}, {at: 9, gives: 6}]}"
PEAK = "{kind: curve, through: [{at: 0, gives: 0}, {at: 4, gives: 6}, {at: 9, gives: 2}]}"
STEPS = "{kind: steps, steps: [{more_than: 9, gives: 6}, {at_least: 4, gives: 2}, {otherwise: true, gives: 0}]}"
Change = tuple[dict[str, Any], F]  # what to put into the sheet, and the points that it must bring at least


def changes(scheme: Scheme, key: str, text: str, low: F) -> list[Change]:
    """Every change that the advice names, with its promise."""
    item, fields = scheme.indicators[key], scheme.edition.fields
    ids = {field.name: name for name, field in fields.items()}
    found: list[Change] = []
    if moved := MOVED.search(text):
        promise = F(item.points) if moved[1] == "满分" else F(moved[1].strip(" 分"))
        value = parse_entered(moved[4]) + {"超过": TINY, "低于": -TINY, None: 0}[moved[3]]
        found.append(({ids[moved[2]]: value}, promise))
    base: dict[str, Any] = {}
    if must := MUST.search(text):
        base, low = {ids[name]: True for name in must[1].split("”和“")}, F(must[2])
        found.append((base, low))
    for again, name, worth in ITEM.findall(text):
        assert bool(again) == bool(must)
        found.append(({**base, ids[name]: True}, low + F(worth)))
    value = [*item.value.names()][:1] if item.value else []
    found += [({value[0]: label}, F(points)) for label, points in LEVEL.findall(text)]
    return found


def kept(scheme: Scheme, sheets: list[dict[str, Any]]) -> Counter:
    """How many promises were tried, by rule kind; all of them kept, or the test fails."""
    scores = score(from_values(scheme, {str(i): sheet for i, sheet in enumerate(sheets)}))
    tried: list[tuple[str, str, F]] = []
    after: dict[str, dict[str, Any]] = {}
    seen: Counter = Counter()
    for key in scheme.leaves():
        column = scores.column(OFFICIAL, key)
        assert isinstance(column, Num)
        for i, sheet in enumerate(sheets):
            text = scores.explain(str(i), key).next_step
            for change, promise in changes(scheme, key, text, F(column.lo[i])):
                assert promise > column.lo[i], (key, text)
                name = f"{len(after)}"
                after[name] = {**sheet, **change}
                tried.append((key, text, promise))
                seen[getattr(scheme.indicators[key].rule, "kind", "")] += 1
    again = score(from_values(scheme, after))
    for row, (key, text, promise) in enumerate(tried):
        column = again.column(OFFICIAL, key)
        assert isinstance(column, Num)
        assert column.lo[row] >= promise, (key, text, after[str(row)])
    return seen


def test_advice_in_the_hubei_edition_is_true():
    rng = Random(11)
    seen = kept(load("hubei/ecommerce_rural"), [making.county(rng, 0) for _ in range(80)])
    assert {kind for kind, count in seen.items() if count > 20} >= {"checklist", "proportional", "per_unit", "steps"}


def test_advice_in_the_invented_province_is_true():
    rng = Random(12)
    yes = lambda: rng.random() < 0.5  # noqa: E731
    sheets = [
        {"jc_visits": rng.randrange(6000), "all_visits": 7001,
         "local_spend": F(rng.randrange(80000), 100), "all_spend": 801,
         "bad_records": rng.randrange(25), "plan": yes(), "audit": yes(), "fake_data": False}
        for _ in range(80)
    ]  # fmt: skip
    seen = kept(load("shili/jiceng"), sheets)
    assert min(seen[kind] for kind in ("steps", "linear", "per_unit", "checklist")) > 20


@pytest.mark.slow  # 150 sheets of every kind; the editions below are tried in the quick run
def test_advice_for_every_rule_kind_is_true(tmp_path):
    rng = Random(13)
    seen = kept(edition(tmp_path, all_kinds.BODY), [all_kinds.sheet(rng) for _ in range(150)])
    assert min(seen[kind] for kind in ("steps", "linear", "per_unit", "checklist", "levels", "proportional")) > 20


def advice(tmp_path, rule: str, sheet: dict[str, Any], fields: str = "a: {name: 数, type: number, unit: 天}") -> str:
    body = f"fields:\n  {fields}\nindicators:\n  X: {{name: 项, {rule}}}\n"
    return scored(edition(tmp_path, body), sheet).explain("0", "X").next_step


@pytest.mark.parametrize(
    ("rule", "a", "expected"),
    [
        ("points: 6, value: a, unit: 天, rule: {kind: proportional, target: 30}", 29,
         "数达到 30 天，可得满分（现在 29 天，差 1 天）；其他不变时，数由 29 天 变为 30 天"),
        ("points: 6, value: a, unit: 天, rule: {kind: proportional, target: 30, inverse: true}", 31,
         "数降到 30 天，可得满分（现在 31 天，差 1 天）；其他不变时，数由 31 天 变为 30 天"),
        ("points: 6, value: a, unit: 天, rule: {kind: proportional, target: 30}", 30, "已得满分"),
        ("points: 6, value: a, unit: 天, rule: {kind: proportional, target: 30}", "未填", "先补齐：数"),
        ("points: 6, value: a, unit: 天, rule: {kind: linear, zero_at: 9, full_at: 2}", 3,
         "数降到 2 天，可得满分（现在 3 天，差 1 天）；其他不变时，数由 3 天 变为 2 天"),
        (f"points: 6, value: a, unit: 天, rule: {STEPS}", 3,
         "数达到 4 天，可得 2 分（现在 3 天，差 1 天）；其他不变时，数由 3 天 变为 4 天"),
        (f"points: 6, value: a, unit: 天, rule: {STEPS}", 9,
         "数超过 9 天，可得 6 分（现在正好 9 天）；其他不变时，数由 9 天 变为超过 9 天"),
        ("points: 6, value: a, unit: 天, rule: {kind: per_unit, more: -2}", 1,
         "数降到 0 天，可得 6 分（现在 1 天，差 1 天）；其他不变时，数由 1 天 变为 0 天"),
        ("points: 6, value: a, unit: 天, rule: {kind: delegated, note: 由省里定}", 1, "评分标准未定：由省里定"),
        (f"points: 6, value: a, unit: 天, rule: {RISES}", 1,
         "数达到 4 天，可得满分（现在 1 天，差 3 天）；其他不变时，数由 1 天 变为 4 天"),
        (f"points: 6, value: a, unit: 天, rule: {PEAK}", 1, "数正好 4 天时最多，可得满分（现在 1 天）"),
        (f"points: 6, value: a, unit: 天, rule: {PEAK}", 4, "已得满分"),
        (f"points: 6, value: a, unit: 天, rule: {PEAK.replace('at: 9', 'at: 5 - a')}", 2, ""),
        ("points: 6, value: a, unit: 天, overrides: [{when: a < 5, gives: 1}], rule: {kind: proportional, target: 30}",
         3, "现按例外处理：数低于 5 天的，得 1 分"),
    ],
)  # fmt: skip
def test_how_advice_reads(tmp_path, rule, a, expected):
    assert advice(tmp_path, rule, {"a": a}) == expected


def test_how_advice_on_a_checklist_reads(tmp_path):
    fields = "{p: {name: 甲, type: yesno}, q: {name: 乙, type: yesno}, r: {name: 丙, type: yesno}}"
    rule = "points: 5, rule: {kind: checklist, items: {p: 2, q: 2, r: 1}, mandatory: [p]}"
    body = f"fields: {fields}\nindicators:\n  X: {{name: 项, {rule}}}\n"
    scores = scored(
        edition(tmp_path, body),
        {"p": True, "q": False, "r": False},
        {"p": False, "q": True, "r": False},
        {"p": False, "q": "未填"},
    )
    assert [scores.explain(who, "X").next_step for who in "012"] == [
        "做到“乙”可加 2 分；做到“丙”可加 1 分", "“甲”做到了整项才计分，可得 4 分；再做到“丙”可加 1 分", "先补齐：乙、丙",
    ]  # fmt: skip


def test_totals_and_grades_say_where_points_were_lost_and_what_the_next_band_takes():
    scheme = load("hubei/ecommerce_rural")
    base = dict(scheme.cases.base)
    given = {"retail_growth": "19.1%", "farm_growth": "27%", "fund_spent": "1700"}
    scores = score(from_values(scheme, {"1": {**base, **given}, "2": base}))
    assert scores.explain("1", "TOTAL").next_step == "失分最多的是工作绩效（12.5 分）"
    assert (
        scores.explain("1", "J").next_step
        == "失分最多的是农村网络零售额增速高于全国（6 分）、农产品网络零售额增速高于全国（6 分）、资金拨付率（0.5 分）"
    )
    assert scores.explain("1", "GRADE").next_step == "已是最高等次"
    lower = score(from_values(scheme, {"1": {**base, **given, "ledger": "否", "special_acct": "否", "depot": "否"}}))
    assert lower.explain("1", "GRADE").next_step == "再得 3.5 分（到 85 分）为“优秀”"
