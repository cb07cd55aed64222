"""From scores to recommendations with their clauses, and checks of the money. A person decides."""

from evaltool.decisions.decisions import STATES, UNSIGNED, VERBS, Decisions, Recommendation, decide
from evaltool.decisions.duties import DONE, DUTY_STATES, UNDONE, DutyFinding, by_state
from evaltool.decisions.final import obstacles
from evaltool.decisions.funds import VERDICTS, FundCheck

__all__ = [
    "DONE", "DUTY_STATES", "STATES", "UNDONE", "UNSIGNED", "VERBS", "VERDICTS", "Decisions", "DutyFinding",
    "FundCheck", "Recommendation",
    "by_state", "decide", "obstacles",
]  # fmt: skip
