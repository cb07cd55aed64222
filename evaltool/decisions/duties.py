"""Duties of a paper: what somebody must do or must not, judged beside the score. They never change points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evaltool.facts import OFFICIAL
from evaltool.scheme import Scheme
from evaltool.scheme.models import Duty
from evaltool.scheme.vocabulary import words_of
from evaltool.scoring import Scores

DONE, UNDONE, OPEN = "做到", "没有做到", "待定"
DUTY_STATES = (UNDONE, OPEN, DONE)  # in the order in which people want to see them
KINDS = {"duty": "职责", "gate": "前置条件", "report": "报送", "ban": "禁止"}
EVERY = {"week": "每周", "month": "每月", "quarter": "每季度", "half_year": "每半年", "year": "每年"}


@dataclass(frozen=True, slots=True)
class DutyFinding:
    """One duty of one subject, as far as its data say: state is 做到, 没有做到 or 待定."""

    subject: str
    duty: str
    name: str
    who: str
    kind: str
    when: str
    state: str
    clauses: tuple[str, ...]


def check_duties(scores: Scores) -> Iterator[DutyFinding]:
    """Every duty with a condition, for every subject that returned a workbook, on the 认定 layer."""
    scheme, facts = scores.scheme, scores.facts
    judged = scores.outcomes[OFFICIAL].duties
    for row in map(int, facts.returned.nonzero()[0]):
        for key, met in judged.items():
            duty = scheme.edition.duties[key]
            state = DONE if met.lo[row] else OPEN if met.hi[row] else UNDONE
            clauses = tuple(str(scheme.citation(cite)) for cite in duty.cite)
            yield DutyFinding(
                str(facts.codes[row]), key, duty.name, who_text(scheme, duty), KINDS[duty.kind],
                when_text(scheme, duty), state, clauses,
            )  # fmt: skip


def by_state(findings: Iterable[DutyFinding]) -> list[DutyFinding]:
    """What was not done first, then what is open, then what was done; else in the order given."""
    return sorted(findings, key=lambda item: DUTY_STATES.index(item.state))


def who_text(scheme: Scheme, duty: Duty) -> str:
    """Who has the duty, in words."""
    return words_of(scheme.edition).roles[duty.who]


def when_text(scheme: Scheme, duty: Duty) -> str:
    """How often, until when and in which stage: “每月，5 日前，实施阶段”."""
    stage = scheme.edition.stages[duty.stage].name if duty.stage else ""
    stage += "阶段" if stage and not stage.endswith(("阶段", "期")) else ""
    due = {"unset": "期限未规定", "masked": "期限未公布"}.get(duty.due or "", duty.due or "")
    return "，".join(part for part in (EVERY.get(duty.every or "", ""), due, stage) if part)
