"""What is proposed for one indicator, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evaltool.quantities import Exact


@dataclass
class Field:
    """A field that the rule needs; its id is that of the indicator with `suffix` behind it."""

    suffix: str
    name: str
    type: str
    unit: str = ""
    options: list[str] = field(default_factory=list)
    between: str = ""
    judged: bool = False  # an evaluator fills it; points that one takes away or gives need a reason
    note: str = ""

    @property
    def measured_in(self) -> str:
        """The unit of an indicator that looks at this field alone."""
        return {"share": "占比", "points": "分"}.get(self.type, self.unit)


@dataclass
class Proposal:
    """How an indicator could be written. `{x}` in formulas and in the rule stands for the field with suffix x.

    unread      why the sentence was not understood; then the rule is an open slot
    delegated   the paper itself leaves the rule to somebody
    overrides   what is certain although the rule is open: where this holds, full points
    reading     the rule in words, for the comment beside it
    questions   what the sentence leaves unsaid although it was understood
    children    indicators of their own that the sentence falls into: name, points, proposal
    """

    reading: str = ""
    unread: str = ""
    delegated: bool = False
    fields: list[Field] = field(default_factory=list)
    value: str = ""
    unit: str = ""
    rule: dict[str, Any] | None = None
    overrides: str = ""
    floor: str = ""
    cap: str = ""
    questions: list[str] = field(default_factory=list)
    children: list[tuple[str, Exact | None, Proposal]] = field(default_factory=list)


def unread(why: str) -> Proposal:
    return Proposal(unread=why)
