"""From the value of an indicator to its result: each kind of rule with its parameters as columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from evaltool.quantities import parse_number
from evaltool.scheme import rules as r
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Formula, Name
from evaltool.scheme.values import Quantity
from evaltool.scoring import cohort, formulas, kinds
from evaltool.scoring import columns as c
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth
from evaltool.scoring.space import Space

if TYPE_CHECKING:
    from evaltool.scoring.node import Node


class Ruling:
    """The rule of one indicator at work.

    looked_at  the value, where the rule brings its own
    """

    def __init__(self, node: Node, value: Col | None, points: Num | None) -> None:
        self.node, self.value, self.points = node, value, points
        self.space, self.row_of, self.n = node.space, node.row_of, node.n
        self.looked_at: Col | None = None

    def result(self) -> Col:
        rule, value, points = self.node.item.rule, self.value, self.points
        if rule is None:
            assert value is not None
            if isinstance(value, Truth) and points is not None:
                return kinds.weigh(value, points, self.space.way)
            return value
        if not isinstance(rule, r.ByRule):
            return self._one(rule)
        masks = formulas.possible(self.space.name(rule.by, self.row_of))
        outs = [self.node.branch_outs.get(label) for label in rule.branches]
        where = [
            masks[label] if out is None else masks[label] & ~out.lo
            for label, out in zip(rule.branches, outs, strict=True)
        ]
        parts = [
            self.space.only(mask, self.row_of, lambda part=part: self._one(part))  # type: ignore[misc]
            for mask, part in zip(where, rule.branches.values(), strict=True)
        ]
        if isinstance(parts[0], Label):
            return kinds.labelled(where, parts)  # type: ignore[arg-type]
        return kinds.branches(where, parts)  # type: ignore[arg-type]

    def out_of_steps(self, rule: r.RuleModel) -> Truth | None:
        """Where the step that applies gives `out`; None: nowhere."""
        if not isinstance(rule, r.Steps) or all(step.gives != "out" for step in rule.steps):
            return None
        # what could not be computed is told when the rule itself is asked
        found = self.space.only(np.zeros(self.n, bool), self.row_of, lambda: self._conditions(rule, self._asked(rule)))
        lo, hi = np.ones(self.n, bool), np.zeros(self.n, bool)
        for possible, given in kinds.first_of(found, [step.gives for step in rule.steps], self.n):
            lo, hi = (lo, hi | possible) if given == "out" else (lo & ~possible, hi)
        return Truth(lo, hi)

    def _asked(self, rule: r.RuleModel) -> Col | None:
        """What a rule looks at: its own value, else that of the indicator."""
        own = getattr(rule, "value", None)
        return formulas.evaluate(own.tree, self.space, self.row_of) if isinstance(own, Formula) else self.value

    def _one(self, rule: r.RuleModel) -> Col:
        value = self._asked(rule)
        if self.looked_at is None and value is not self.value:
            self.looked_at = value
        match rule:
            case r.Checklist():
                return self._checklist(rule)
            case r.Levels():
                assert isinstance(value, Label)
                return self._levels(rule, value)
            case r.Delegated():
                nothing = self.node.number(0)
                if self.points is not None:
                    return c.hull([nothing, self.points])
                return Num(nothing.lo, np.full(self.n, INF, nothing.lo.dtype))
            case r.Steps():
                return self._steps(rule, value)
        assert isinstance(value, Num)
        match rule:
            case r.Proportional():
                assert self.points is not None
                result, wrong = kinds.proportional(value, self.node.term(rule.target), self.points, rule.inverse)
                self.space.note("P102", wrong, self.row_of)
                return c.choose(wrong, c.hull([self.node.number(0), self.points]), result) if wrong.any() else result
            case r.Linear():
                return self._linear(rule, value)
            case r.Curve():
                corners = [(self.node.term(point.at), self.node.term(point.gives)) for point in rule.through]
                result, wrong = kinds.curve(value, corners)
                self.space.note("P102", wrong, self.row_of)
                return result
            case r.Range():
                return self._range(rule, value)
            case r.PerUnit():
                start = self.points if rule.start is None else self.node.term(rule.start)
                assert start is not None
                around = self.node.term(0 if rule.around is None else rule.around)
                more, fewer = (None if part is None else self.node.term(part) for part in (rule.more, rule.fewer))
                per = 1 if rule.per is None else rule.per.value
                return kinds.per_unit(value, around, start, more, fewer, per, rule.part == "whole")
            case r.Rank() | r.Relative():
                return self._among(rule, value)
        raise TypeError(f"rule kind without a computation: {rule!r}")

    def _truth(self, name: str) -> Truth:
        return formulas.truth(Name(name), self.space, self.row_of)

    def _checklist(self, rule: r.Checklist) -> Num:
        items = {name: self._truth(name) for name in rule.items}
        pairs = [(items[name], self.node.term(share)) for name, share in rule.items.items()]
        return kinds.checklist(pairs, [items[name] for name in rule.mandatory], self.n, self.space.way)

    def _levels(self, rule: r.Levels, level: Label) -> Num:
        if rule.chosen is None:
            given = {name: part for name, part in rule.levels.items() if not isinstance(part, r.Interval)}
            masks = formulas.possible(level)
            parts = [
                self.space.only(masks[name], self.row_of, lambda part=part: self.node.term(part))  # type: ignore[misc]
                for name, part in given.items()
            ]
            return kinds.branches([masks[name] for name in given], parts)
        assert self.points is not None
        chosen = formulas.amount(Name(rule.chosen), self.space, self.row_of)
        if self._definition(rule.chosen).type == "points":
            chosen, _ = c.over(chosen, self.points)
        ends = {name: _ends(part) for name, part in rule.levels.items() if isinstance(part, r.Interval)}
        result, outside = kinds.chosen_in(level, ends, chosen, self.points)
        self.space.note("P103", outside, self.row_of)
        return result

    def _definition(self, name: str) -> FieldDef:
        """The column of the list, or the plain field, that `name` means in these rows."""
        edition = self.space.scheme.edition
        columns = edition.lists[self.row_of].columns if self.row_of else {}
        return columns[name] if name in columns else edition.fields[name]

    def _steps(self, rule: r.Steps, value: Col | None) -> Col:
        conditions = self._conditions(rule, value)
        kind = self.space.scheme.kinds[self.node.key]
        if kind.sort == "label":
            return kinds.labelled_steps(conditions, [str(step.gives) for step in rule.steps], kind.options, self.n)
        return kinds.steps(conditions, [self._given(step.gives) for step in rule.steps], self.n)

    def _given(self, gives: str | Formula) -> Num | None:
        """The number that a step gives; None: it is out."""
        if gives == "full":
            return self.points
        if gives == "out":
            return None
        return self.node.term(gives if isinstance(gives, Formula) else parse_number(gives))

    def _conditions(self, rule: r.Steps, value: Col | None) -> list[Truth]:
        return [self._holds(step, value) for step in rule.steps]

    def _holds(self, step: r.Step, value: Col | None) -> Truth:
        if step.otherwise is not None:
            every = np.ones(self.n, bool)
            return Truth(every, every)
        if step.when is not None:
            return formulas.truth(step.when.tree, self.space, self.row_of)
        assert isinstance(value, Num)
        tests: dict[str, Callable[[Num, Num], Truth]] = {
            "at_least": c.at_least,
            "more_than": c.more_than,
            "at_most": lambda a, b: c.at_least(b, a),
            "less_than": lambda a, b: c.more_than(b, a),
        }
        for name, test in tests.items():
            limit = getattr(step, name)
            if limit is not None:
                return test(value, self.node.term(limit))
        raise TypeError(f"step without a condition: {step!r}")

    def _linear(self, rule: r.Linear, value: Num) -> Num:
        term = self.node.term
        ends: tuple[Num, Num] = (self.node.number(0), self.points or self.node.number(0))
        line = (term(rule.line[0]), term(rule.line[1])) if rule.line else ends
        outside = (term(rule.outside[0]), term(rule.outside[1])) if rule.outside else line
        lower = rule.better == "lower"
        if rule.better is None and isinstance(rule.zero_at, Quantity) and isinstance(rule.full_at, Quantity):
            lower = bool(rule.full_at.value < rule.zero_at.value)
        return kinds.linear(value, term(rule.zero_at), term(rule.full_at), line, outside, lower)

    def _range(self, rule: r.Range, value: Num) -> Num:
        assert self.points is not None
        below, above = self._side(rule.below), self._side(rule.above)
        low, high = self.node.term(rule.low), self.node.term(rule.high)
        result, wrong = kinds.in_range(value, low, high, self.points, below, above)
        self.space.note("P102", wrong, self.row_of)
        return result

    def _side(self, side: Any) -> kinds.Side:
        if not isinstance(side, r.Loss):
            return str(side)
        per = 1 if side.per is None else side.per.value
        return kinds.Lost(self.node.term(side.loses), per, side.part == "whole")

    def _among(self, rule: r.Rank | r.Relative, value: Num) -> Num:
        """A place or a share among all, or among those of one group; of a row, where its rule says."""
        group = None if rule.within is None else self.space.name(rule.within, self.row_of)
        all_ = cohort.cohorts(group, self.node.gone, self.n, cells_of(self.space, rule, self.row_of))
        if isinstance(rule, r.Rank):
            result, none = cohort.rank(value, all_, rule.order == "low_first", rule.ties, rule.gives == "share")
        else:
            times = self.node.term(rule.times)
            result, none = cohort.relative(value, all_, rule.to, rule.better == "lower", times)
        self.space.note("P100", none, self.row_of)
        return result


def cells_of(space: Space, rule: r.Rank | r.Relative, row_of: str | None) -> Array | None:
    """What keeps rows apart that are not compared with each other."""
    if row_of is None:
        return None
    return space.owners[row_of] if rule.among == "own" else space.number_of(row_of)


def _ends(part: r.Interval) -> tuple[kinds.End, kinds.End]:
    low = (part.at_least.value, True) if part.at_least else (part.more_than.value, False)  # type: ignore[union-attr]
    high = (part.at_most.value, True) if part.at_most else (part.less_than.value, False)  # type: ignore[union-attr]
    return low, high
