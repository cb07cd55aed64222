"""Scoring one layer: every indicator and event in order of dependence, each over all subjects at once.

The five steps of an indicator: conditions of its overrides, value or combine, rule, floor and cap, rounding. The
same code serves exact numbers (everything official) and floats (simulation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from evaltool.facts import Layer
from evaltool.quantities import Exact, exact, parse_plain, round_exact
from evaltool.scheme import Scheme
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Formula, Name
from evaltool.scheme.models import FieldDef, Indicator, Override
from evaltool.scheme.values import Quantity
from evaltool.scoring import columns as c
from evaltool.scoring import formulas, inputs, kinds
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth
from evaltool.scoring.formulas import Space


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows on which an indicator could not be computed: problem code, their list (None: subjects), mask."""

    code: str
    indicator: str
    row_of: str | None
    mask: Array


@dataclass
class Outcome:
    """What scoring one layer gives: results of indicators and events, the values their rules looked at, and faults.

    space  everything that formulas outside the indicators (consequences, payment rules) may look at afterwards
    """

    space: Space
    results: dict[str, Col] = field(default_factory=dict)
    values: dict[str, Col] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def open_space(scheme: Scheme, layer: Layer, exact: bool = True) -> Space:
    """What formulas may look at before anything is scored: the fields and list rows of one layer."""
    space = Space(scheme, len(layer.table.values), exact)
    space.subjects.update(inputs.fields(scheme, layer, exact))
    for list_id, rows in layer.lists.items():
        space.rows[list_id] = inputs.rows(scheme, list_id, rows, exact)
    space.owners = {list_id: rows.owner for list_id, rows in layer.lists.items()}
    space.listed = {list_id: rows.states for list_id, rows in layer.lists.items()}
    return space


def score_layer(scheme: Scheme, layer: Layer, exact: bool = True) -> Outcome:
    """Every indicator and event of the scheme for every subject (or list row) of the layer."""
    space = open_space(scheme, layer, exact)
    outcome = Outcome(space)
    for key in scheme.order:
        if key in scheme.edition.events:
            space.pop_zero()
            outcome.results[key] = space.subjects[key] = formulas.truth(scheme.edition.events[key].when.tree, space)
            for list_id, mask in space.pop_zero().items():
                outcome.faults.append(Fault("P100", key, list_id, mask))
        else:
            result = _Node(key, space, outcome).result()
            outcome.results[key] = result
            per = scheme.indicators[key].per
            (space.rows[per] if per else space.subjects)[key] = result
    return outcome


class _Node:
    """One indicator being computed."""

    def __init__(self, key: str, space: Space, outcome: Outcome) -> None:
        self.key, self.space, self.outcome = key, space, outcome
        self.item: Indicator = space.scheme.indicators[key]
        self.row_of = self.item.per
        self.n = space.size(self.row_of)

    def number(self, value: Exact) -> Num:
        return c.number(value if self.space.exact else float(value), self.n, self.space.exact)

    def points(self) -> Num | None:
        """The full marks per row, or None."""
        if isinstance(self.item.points, str):
            return formulas.amount(Name(self.item.points), self.space, self.row_of)
        return None if self.item.points is None else self.number(self.item.points)

    def result(self) -> Col:
        conditions = self._conditions()
        points = self.points()
        value = self._value()
        if value is not None:
            self.outcome.values[self.key] = value
        result = self._ruled(value, points)
        self._zeros(self.active)
        if isinstance(result, Num):
            result = self._rounded(self._bounded(result, points))
        plain = result
        for condition, part in reversed(list(zip(conditions, self.item.overrides, strict=True))):
            result = self._overridden(result, plain, condition, part, points)
        return result

    def _conditions(self) -> list[Truth]:
        """The conditions of the overrides; `active` is left where the value may be asked for in spite of them."""
        self.space.pop_zero()
        found, undecided = [], np.ones(self.n, bool)
        self.active = undecided
        replaced, limited = np.zeros(self.n, bool), np.zeros(self.n, bool)
        for part in self.item.overrides:
            condition = formulas.truth(part.when.tree, self.space, self.row_of)
            self._zeros(undecided)
            if part.gives is None:
                limited = limited | condition.hi
            else:
                replaced = replaced | (condition.lo & ~limited)
            undecided = undecided & ~condition.lo
            found.append(condition)
        self.active = ~replaced
        return found

    def _zeros(self, wanted: Array) -> None:
        """P100 for what has just been divided by zero, where this indicator wanted the result."""
        for list_id, mask in self.space.pop_zero().items():
            if list_id == self.row_of:
                self._fault("P100", mask & wanted)
            elif list_id is None:
                self._fault("P100", mask[self.space.owners[self.row_of or ""]] & wanted)
            else:
                owner = np.zeros(self.space.n, bool)
                owner[self.space.owners[list_id][mask]] = True
                self._fault("P100", owner & wanted if self.row_of is None else owner, subjects=True)

    def _fault(self, code: str, mask: Array, subjects: bool = False) -> None:
        if mask.any():
            self.outcome.faults.append(Fault(code, self.key, None if subjects else self.row_of, mask))

    # value or combine

    def _value(self) -> Col | None:
        if self.item.value is not None:
            return formulas.evaluate(self.item.value.tree, self.space, self.row_of)
        if self.item.combine is None:
            return None
        parts = [self._part(child) for child in self.space.scheme.children[self.key]]
        combine = self.item.combine
        if combine in ("all", "any", "count"):
            truths = [part for part in parts if isinstance(part, Truth)]
            if combine == "count":
                return reduce(c.add, (kinds.weigh(part, 1, self.space.exact) for part in truths))
            return reduce(c.both if combine == "all" else c.either, truths)
        numbers = [part for part in parts if isinstance(part, Num)]
        join: dict[str, Callable[[Num, Num], Num]] = {"min": c.smaller, "max": c.larger}
        total = reduce(join.get(combine, c.add), numbers)
        return c.over(total, self.number(len(numbers)))[0] if combine == "mean" else total

    def _part(self, child: str) -> Col:
        """The result of a part; the rows of a list are added up by owner unless this indicator is of the same rows."""
        item = self.space.scheme.indicators[child]
        if item.per is None or item.per == self.row_of:
            return (self.space.rows[item.per] if item.per else self.space.subjects)[child]
        column = self.space.rows[item.per][child]
        assert isinstance(column, Num)
        if isinstance(item.parent, dict):
            mine = [label for label, parent in item.parent.items() if label != "by" and parent == self.key]
            block = formulas.evaluate(Name(item.parent["by"]), self.space, item.per)
            assert isinstance(block, Label)
            here = reduce(c.either, (c.is_label(block, label) for label in mine))
            column = c.interval(
                np.where(here.lo, column.lo, np.where(here.hi, np.minimum(column.lo, 0), 0)),
                np.where(here.lo, column.hi, np.where(here.hi, np.maximum(column.hi, 0), 0)),
            )
        total = formulas.gather("sum", column, self.space, item.per)
        # rows nobody has read add at most the marks of this block
        return formulas.unlisted(total, self.space, item.per, 0, INF if self.item.points is None else self.item.points)

    # rule

    def _ruled(self, value: Col | None, points: Num | None) -> Col:
        rule = self.item.rule
        if rule is None:
            assert value is not None
            if isinstance(value, Truth) and points is not None:
                nothing = self.number(0)
                unsure = c.choose(value.hi, c.hull([points, nothing]), nothing)
                return c.choose(value.lo, points, unsure)
            return value
        if isinstance(rule, r.ByRule):
            which = formulas.evaluate(Name(rule.by), self.space, self.row_of)
            assert isinstance(which, Label)
            branches = {}
            for i, option in enumerate(which.options):
                possible = (which.mask & (1 << i)) != 0
                branches[option] = self._one(rule.branches[option], value, points, possible)
            numbers = {option: part for option, part in branches.items() if isinstance(part, Num)}
            labels = {option: part for option, part in branches.items() if isinstance(part, Label)}
            return kinds.levels(which, numbers) if numbers else kinds.labelled(which, labels)
        return self._one(rule, value, points, np.ones(self.n, bool))

    def _one(self, rule: r.RuleModel, value: Col | None, points: Num | None, asked: Array) -> Col:
        own = getattr(rule, "value", None)
        if isinstance(own, Formula):
            value = formulas.evaluate(own.tree, self.space, self.row_of)
            self.outcome.values.setdefault(self.key, value)
        match rule:
            case r.Checklist():
                items = {name: self._truth(name) for name in rule.items}
                pairs = [(items[name], share) for name, share in rule.items.items()]
                return kinds.checklist(pairs, [items[name] for name in rule.mandatory], self.n, self.space.exact)
            case r.Levels():
                assert isinstance(value, Label)
                return self._levels(rule, value, points, asked)
            case r.Delegated():
                nothing = self.number(0)
                return (
                    c.hull([nothing, points])
                    if points is not None
                    else Num(nothing.lo, np.full(self.n, INF, nothing.lo.dtype))
                )
            case r.Steps():
                return self._steps(rule, value)
        assert isinstance(value, Num)
        match rule:
            case r.Proportional():
                assert points is not None
                result, wrong = kinds.proportional(value, self._parameter(rule.target), points, rule.inverse)
                wrong = wrong & asked & self.active
                self._fault("P102", wrong)
                return c.choose(wrong, c.hull([self.number(0), points]), result) if wrong.any() else result
            case r.Linear():
                assert points is not None
                return kinds.linear(value, rule.zero_at.value, rule.full_at.value, points)
            case r.PerUnit():
                start = points if rule.start is None else self.number(rule.start)
                assert start is not None
                around = self.number(0) if rule.around is None else self._parameter(rule.around)
                per = 1 if rule.per is None else rule.per.value
                return kinds.per_unit(value, around, start, rule.more, rule.fewer, per, rule.part == "whole")
        raise TypeError(f"rule kind without a computation: {rule!r}")

    def _truth(self, name: str) -> Truth:
        column = self.space.name(name, self.row_of)
        assert isinstance(column, Truth)
        return column

    def _parameter(self, part: Quantity | Formula) -> Num:
        return (
            self.number(part.value)
            if isinstance(part, Quantity)
            else formulas.amount(part.tree, self.space, self.row_of)
        )

    def _levels(self, rule: r.Levels, level: Label, points: Num | None, asked: Array) -> Num:
        if rule.chosen is None:
            given = {name: part for name, part in rule.levels.items() if not isinstance(part, r.Interval)}
            return kinds.levels(level, {name: self.number(part) for name, part in given.items()})
        assert points is not None
        chosen = formulas.amount(Name(rule.chosen), self.space, self.row_of)
        if _definition(self.space, self.row_of, rule.chosen).type == "points":
            chosen, _ = c.over(chosen, points)
        ends = {name: _ends(part) for name, part in rule.levels.items()}
        result, outside = kinds.chosen_in(level, ends, chosen, points)
        self._fault("P103", outside & asked & self.active)
        return result

    def _steps(self, rule: r.Steps, value: Col | None) -> Col:
        conditions = [self._holds(step, value) for step in rule.steps]
        kind = self.space.scheme.kinds[self.key]
        if kind.sort == "label":
            return kinds.labelled_steps(conditions, [step.gives for step in rule.steps], kind.options, self.n)
        return kinds.steps(conditions, [parse_plain(step.gives) for step in rule.steps], self.n, self.space.exact)

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
                return test(value, self.number(limit.value))
        raise TypeError(f"step without a condition: {step!r}")

    # floor, cap, round, overrides

    def _bounded(self, result: Num, points: Num | None) -> Num:
        floor, cap = self.item.floor, self.item.cap
        ruled = self.item.rule is not None and points is not None
        if floor != "none" and (floor is not None or ruled):
            result = c.larger(result, self.number(floor or 0))
        if cap != "none" and (cap is not None or ruled):
            top = self.number(cap) if cap is not None else points
            assert top is not None
            result = c.smaller(result, top)
        return result

    def _rounded(self, result: Num) -> Num:
        rounding = self.item.round
        if rounding is None:
            return result

        def one(x: Exact | float) -> Exact | float:
            if isinstance(x, float):
                return x if abs(x) == INF else float(round_exact(exact(repr(float(x))), rounding.places, rounding.mode))
            return round_exact(x, rounding.places, rounding.mode)

        def all_(column: Array) -> Array:
            return np.array([one(x) for x in column], column.dtype)

        lo = all_(result.lo)
        return Num(lo, lo) if result.hi is result.lo else c.interval(lo, all_(result.hi))

    def _overridden(self, result: Col, plain: Col, condition: Truth, part: Override, points: Num | None) -> Col:
        """`result` (what the later overrides left) with this one laid over it; a limit is one on the `plain` result."""
        gives = part.gives
        if isinstance(result, Label):
            assert gives is not None
            bit = 1 << result.options.index(gives)
            possible = np.where(condition.hi, result.mask | bit, result.mask)
            return Label(np.where(condition.lo, bit, possible), result.options)
        assert isinstance(result, Num)
        assert isinstance(plain, Num)
        if part.at_most is not None:
            new = c.smaller(plain, self.number(part.at_most))
        elif gives == "full":
            assert points is not None
            new = points
        else:
            assert gives is not None
            new = self.number(parse_plain(gives))
        if not condition.hi.any():
            return result
        unsure = c.choose(condition.hi, c.hull([result, new]), result)
        return c.choose(condition.lo, new, unsure)


def _definition(space: Space, row_of: str | None, name: str) -> FieldDef:
    """The column of the list, or the plain field, that `name` means in these rows."""
    edition = space.scheme.edition
    columns = edition.lists[row_of].columns if row_of else {}
    return columns[name] if name in columns else edition.fields[name]


def _ends(part: r.Interval) -> tuple[kinds.End, kinds.End]:
    low = (part.at_least.value, True) if part.at_least else (part.more_than.value, False)  # type: ignore[union-attr]
    high = (part.at_most.value, True) if part.at_most else (part.less_than.value, False)  # type: ignore[union-attr]
    return low, high
