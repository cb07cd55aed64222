"""A question as a problem: what stands there, what it is compared with, the line and whose it is, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from evaltool.intake.questions.measures import Found, Measure, place_of
from evaltool.problems import Problem
from evaltool.quantities import SHARE_UNIT, Exact, RoundMode, divide, quantity_text, round_exact
from evaltool.question_lines import ours
from evaltool.scheme import Scheme

CHECK_BOTH = "核对两个数；确实如此的不用改"


def ask(
    scheme: Scheme,
    subject: str,
    code: str,
    said: tuple[str, str, str, str],
    at: Found,
    measure: Measure,
    cites: Sequence[str] = (),
) -> Problem:
    """said  what, why (may be empty), the line, what to do"""
    what, why, line, do = said
    why = "；".join(part for part in (why, ours(line)) if part)
    clause = str(scheme.citation(cites[0])) if cites else ""
    place = place_of(at.origin, subject, measure.key or measure.list)
    return Problem(code, what, why, do, place, scheme.place(*path_of(measure)), clause)


def path_of(measure: Measure) -> tuple[str, ...]:
    """Where a measure is defined in scheme.yaml."""
    if not measure.list:
        return ("fields", measure.id)
    return ("lists", measure.list, "columns", measure.id) if measure.id else ("lists", measure.list)


def times(value: Exact, other: Exact) -> str:
    """“的约 10000 倍” or “的约 1/10000”, value ÷ other; both are above zero."""
    if value >= other:
        return f"的约 {round_exact(divide(value, other), 0, 'half_up')} 倍"
    return f"的约 1/{round_exact(divide(other, value), 0, 'half_up')}"


def percent(part: Exact, whole: Exact) -> str:
    """part ÷ whole in per cent with one decimal, rounded away from 100%: what crosses a line is never shown on it."""
    mode: RoundMode = "floor" if part < whole else "ceiling"
    return quantity_text(round_exact(divide(part, whole), 3, mode), SHARE_UNIT)
