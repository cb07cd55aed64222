"""Running the cases that stand beside a scheme: what must come out, in sentences, for a province to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaltool.decisions import decide
from evaltool.facts import OFFICIAL
from evaltool.problems import Problem
from evaltool.quantities import Exact, decimal_text, parse_entered
from evaltool.scheme import Scheme
from evaltool.scoring import PENDING, Label, Num, Scores, Truth, score
from evaltool.scoring.scores import text_of


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case with what differed; `problems` is empty where everything came out as written."""

    name: str
    problems: tuple[Problem, ...]


def run_cases(scheme: Scheme) -> list[CaseResult]:
    """Every case of the edition, scored in one table."""
    from evaltool.intake import from_values

    cases = scheme.cases.cases
    sheets = {str(i): _sheet(scheme.cases.base, case.given) for i, case in enumerate(cases)}
    if not sheets:
        return []
    scores = score(from_values(scheme, sheets))
    decisions = decide(scores)
    results = []
    for i, case in enumerate(cases):
        slips: list[tuple[tuple[str, ...], str]] = []
        for key, expected in case.expect.items():
            found = _differs(scores, i, key, expected)
            if found:
                slips.append((("expect", key), f"{key} 应为 {_said(expected)}，算出 {found}"))
        recommended = decisions.of(str(i))
        for name, state in (("expect_do", "applies"), ("expect_maybe", "waits")):
            expected = getattr(case, name)
            done = [item.action for item in recommended if item.state == state and item.action]
            if expected is not None and sorted(set(expected)) != sorted(set(done)):
                slips.append(((name,), f"{name} 应为 {_said(expected)}，得出 {_said(sorted(set(done)))}"))
        verdicts = {check.use: check.verdict for check in decisions.funds_of(str(i))}
        for use, verdict in case.expect_funds.items():
            if verdicts.get(use) != verdict:
                slips.append((("expect_funds", use), f"{use} 应为 {verdict}，得出 {verdicts.get(use)}"))
        problems = tuple(
            Problem(
                "S215", f"算例“{case.name}”：{what}", do="改正算例，或改正规则",
                rule=scheme.cases_document.place(("cases", i, *path), key=True),
            )
            for path, what in slips
        )  # fmt: skip
        results.append(CaseResult(case.name, problems))
    return results


def _sheet(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The base with what the case changes; a list is replaced whole."""
    lists = {**(base.get("lists") or {}), **(given.get("lists") or {})}
    return {**base, **given, "lists": lists}


def _differs(scores: Scores, row: int, key: str, expected: Any) -> str:
    """What came out instead, or nothing."""
    column = scores.column(OFFICIAL, key)
    found = text_of(column, row)
    if isinstance(column, Label | Truth):
        same = expected == found or (expected == PENDING and found.startswith(PENDING))
        return "" if same else found
    assert isinstance(column, Num)
    low, high = column.lo[row], column.hi[row]
    if expected == PENDING:
        return "" if low != high else found
    ends = expected if isinstance(expected, list) else [expected, expected]
    wanted: list[Exact] = [parse_entered(end) for end in ends]
    return "" if [low, high] == wanted else f"{decimal_text(low)}～{decimal_text(high)}" if low != high else found


def _said(expected: Any) -> str:
    return "[" + "、".join(map(str, expected)) + "]" if isinstance(expected, list) else str(expected)
