"""One indicator of one subject, with everything its rule looked at, and what it still waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaltool.facts import OFFICIAL, State
from evaltool.quantities import Exact
from evaltool.scheme import Scheme
from evaltool.scheme import rules as r
from evaltool.scheme.confirmations import confirmation
from evaltool.scheme.formula import Choice, Formula, Node
from evaltool.scheme.looks import looks_at, rules_of
from evaltool.scheme.models import Indicator
from evaltool.scheme.sentences import override_text
from evaltool.scheme.values import Quantity
from evaltool.scoring.columns import Num
from evaltool.scoring.formulas import amount, possible, truth
from evaltool.scoring.scores import Scores
from evaltool.scoring.space import Space


@dataclass(frozen=True)
class Asked:
    """One indicator (or event) of one subject."""

    scores: Scores
    layer: str
    key: str
    row: int

    @property
    def scheme(self) -> Scheme:
        return self.scores.scheme

    @property
    def item(self) -> Indicator:
        return self.scheme.indicators[self.key]

    @property
    def space(self) -> Space:
        """What formulas see of this one subject: its columns have one row."""
        return self.scores.alone(self.layer, self.row)

    @property
    def unit(self) -> str:
        return (self.scheme.values[self.key].unit or "") if self.key in self.scheme.values else ""

    @property
    def rule(self) -> r.RuleModel | None:
        """The rule that applies; of a rule for each branch the one that is chosen, None while nobody knows which."""
        rule = self.item.rule
        if not isinstance(rule, r.ByRule):
            return rule
        label = self.chosen(rule.by)
        return None if label is None else rule.branches[label]

    @property
    def formula(self) -> Formula | None:
        """What the rule looks at."""
        own = getattr(self.rule, "value", None)
        return own if isinstance(own, Formula) else self.item.value

    def chosen(self, by: str) -> str | None:
        """The value of a choice, label or yes/no, if it is known."""
        labels = [label for label, mask in possible(self.space.name(by, None)).items() if mask[0]]
        return labels[0] if len(labels) == 1 else None

    def branch(self, node: Node) -> Node:
        """The chosen branch of a choice; any other node, and a choice that nobody can make, as it is."""
        if isinstance(node, Choice) and (label := self.chosen(node.by.id)) is not None:
            return dict(node.branches)[label]
        return node

    def known(self, node: Node) -> Exact | None:
        """The number that a formula comes to for this subject, or None while it is not known."""
        column = amount(node, self.space)
        return column.lo[0] if column.lo[0] == column.hi[0] else None

    def term(self, part: Any) -> Exact | None:
        """A parameter as a number, or None while it is not known."""
        if isinstance(part, Formula):
            return self.known(part.tree)
        number: Exact = part.value if isinstance(part, Quantity) else part
        return number

    def value(self) -> Exact | None:
        """The number that the rule looked at, or None while it is not known."""
        column = self.scores.outcomes[self.layer].values.get(self.key)
        if not isinstance(column, Num) or column.lo[self.row] != column.hi[self.row]:
            return None
        value: Exact = column.lo[self.row]
        return value

    def result(self) -> tuple[Exact, Exact]:
        column = self.scores.column(self.layer, self.key)
        assert isinstance(column, Num)
        return column.lo[self.row], column.hi[self.row]

    def is_out(self) -> bool:
        """Whether it surely does not count (不计)."""
        return self.item.per is None and self.scores.is_out(self.layer, self.key, self.row)

    def of_others(self) -> bool:
        """Whether it depends on the other subjects of the round."""
        return self.item.across is not None or any(
            isinstance(rule, r.Rank | r.Relative) and rule.among != "own" for _, rule in rules_of(self.item)
        )


def exception_of(asked: Asked) -> str:
    """The override that surely holds for this subject, in words."""
    for part in asked.item.overrides:
        condition = truth(part.when.tree, asked.space)
        if condition.hi[0]:
            return override_text(asked.scheme, asked.key, part) if condition.lo[0] else ""
    return ""


def waiting_for(asked: Asked) -> Iterator[str]:
    """Fields the indicator looks at that are not known for this subject, in reading order."""
    for name in looks_at(asked.scheme, asked.key):
        if name in asked.scheme.edition.lists:
            if rows_open(asked, name):
                yield name
        elif name in asked.scheme.edition.fields:
            yield from open_field(asked.scores, asked.layer, name, asked.row)


def open_field(scores: Scores, layer: str, name: str, row: int) -> Iterator[str]:
    """A field that is open for one subject; where only somebody's word is missing, the confirmation."""
    space, facts = scores.outcomes[layer].space, scores.facts
    if name not in space.subjects or space.settled(name)[row]:
        return
    item = scores.scheme.edition.fields[name]
    _, state, _ = facts.cell(layer, str(facts.codes[row]), name)
    words = [confirmation(name, role) for role in item.confirmed_by] if layer == OFFICIAL else []
    missing = [by for by in words if facts.cell(layer, str(facts.codes[row]), by)[0] is not True]
    yield from missing if missing and state == State.FILLED else [name]


def rows_open(asked: Asked, list_id: str) -> bool:
    """Whether the subject's rows were not read, or hold a cell that has no value and should have one."""
    rows = asked.scores.facts.layers[asked.layer].lists[asked.scheme.edition.lists[list_id].of or list_id]
    if int(rows.states[asked.row]) != State.FILLED:
        return True
    cells = rows.table.states.to_numpy()[rows.owner == asked.row]
    return bool(np.isin(cells, (State.BLANK, State.UNREADABLE, State.OUT_OF_RANGE, State.PENDING)).any())


def _open_list(asked: Asked) -> Iterator[str]:
    """The list of a row indicator that is open; of one that compares, it may be the rows of somebody else."""
    space, per = asked.scores.outcomes[asked.layer].space, str(asked.item.per)
    open_ = ~space.settled(asked.key, per)[space.owners[per] == asked.row]
    unread = int(space.listed[per][asked.row]) != State.FILLED
    if unread or (open_.any() and (asked.of_others() or rows_open(asked, per))):
        yield asked.scheme.edition.lists[per].of or per


def roots(scores: Scores, layer: str, key: str, row: int) -> Iterator[str]:
    """Fields and lists behind one unknown field, event or indicator; of one that compares, also those of the others."""
    scheme, space = scores.scheme, scores.outcomes[layer].space
    if key in scheme.edition.fields:
        yield from list(open_field(scores, layer, key, row)) or [key]
        return
    asked = Asked(scores, layer, key, row)
    yield from waiting_for(asked)
    if key in scheme.indicators and asked.item.per is not None:
        yield from _open_list(asked)
    for child in [*scheme.children.get(key, ()), *looks_at(scheme, key)]:
        if child == key or child not in scores.outcomes[layer].results:
            continue
        per = scheme.indicators[child].per if child in scheme.indicators else None
        if per or not space.settled(child)[row]:
            yield from roots(scores, layer, child, row)
    if key in scheme.indicators and asked.of_others():
        for name in looks_at(scheme, key):
            if name in space.subjects:
                others = np.flatnonzero(~space.settled(name))
                yield from roots(scores, layer, name, int(others[0])) if len(others) else ()
