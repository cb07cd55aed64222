"""One indicator being computed: conditions of its overrides, value or combination, rule, floor and cap, rounding."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Any

import numpy as np

from evaltool.facts import State
from evaltool.quantities import Exact, parse_number, round_to
from evaltool.scheme import rules as r
from evaltool.scheme.formula import Formula, Name
from evaltool.scheme.inference import ALL
from evaltool.scheme.looks import bare_names, formulas_of, rules_of
from evaltool.scheme.models import Indicator, Override
from evaltool.scheme.values import Quantity
from evaltool.scoring import columns as c
from evaltool.scoring import combine, formulas, inputs
from evaltool.scoring.columns import INF, Array, Col, Label, Num, Truth
from evaltool.scoring.formulas import any_out, out_of
from evaltool.scoring.ratios import Ratios
from evaltool.scoring.ruling import Ruling
from evaltool.scoring.space import Fault, Space


class Node:
    """One indicator being computed.

    result  what it comes to;  out  where it is out (不计), None: nowhere
    value   what its rule looked at;  faults  what could not be computed
    gone    who leaves the cohort of a place or a share
    """

    def __init__(self, key: str, space: Space) -> None:
        self.key, self.space = key, space
        self.item: Indicator = space.scheme.indicators[key]
        self.row_of = self.item.per
        self.n = space.size(self.row_of)
        self.faults: list[Fault] = []
        self.value: Col | None = None
        self.out: Truth | None = None
        self.gone: Truth | None = None
        self.active = np.ones(self.n, bool)
        self.branch_outs: dict[str, Truth | None] = {}
        self.result = self._computed()

    def number(self, value: Exact) -> Num:
        return c.number(value, self.n, self.space.way)

    def term(self, part: Any) -> Num:
        """A parameter: a number as written, or what its formula comes to."""
        if isinstance(part, Formula):
            return formulas.amount(part.tree, self.space, self.row_of)
        return self.number(part.value if isinstance(part, Quantity) else part)

    def _points(self) -> Num | None:
        """The full marks per row, or None."""
        if isinstance(self.item.points, str):
            return formulas.amount(Name(self.item.points), self.space, self.row_of)
        return None if self.item.points is None else self.number(self.item.points)

    def _computed(self) -> Col:
        conditions = self._conditions()
        points = self._points()
        value, plain_out = self._value(points)
        ruling = Ruling(self, value, points)
        plain_out = any_out([plain_out, self._outs_of_rule(ruling)])
        if plain_out is not None:
            self.active = self.active & ~plain_out.lo
        self.out = self._layered_out(plain_out, conditions)
        self.gone = any_out([plain_out, self.out])
        result = ruling.result()
        if isinstance(result, Label):
            result = Label(result.mask, self.space.scheme.kinds[self.key].options)  # exceptions may give others
        self.value = value if value is not None else ruling.looked_at
        if isinstance(result, Num):
            result = self._rounded(self._bounded(result, points))
        self._faults(self.active)
        plain = result
        for condition, part in reversed(list(zip(conditions, self.item.overrides, strict=True))):
            result = self._overridden(result, plain, condition, part, points)
        self._faults(np.ones(self.n, bool))
        return self.space.keep(inputs.without(result, self.out))

    # overrides

    def _conditions(self) -> list[Truth]:
        """The conditions of the overrides; `active` is left where the value may be asked for in spite of them."""
        self.space.pop()
        found, undecided = [], np.ones(self.n, bool)
        replaced, limited = np.zeros(self.n, bool), np.zeros(self.n, bool)
        for part in self.item.overrides:
            condition = formulas.truth(part.when.tree, self.space, self.row_of)
            self._faults(undecided)
            if part.gives is None:
                limited = limited | condition.hi
            else:
                replaced = replaced | (condition.lo & ~limited)
            undecided = undecided & ~condition.lo
            found.append(condition)
        self.active = ~replaced
        return found

    def _layered_out(self, plain: Truth | None, conditions: list[Truth]) -> Truth | None:
        """Where the result is out: the first override that holds makes it so or not; a limit leaves it as it was."""
        none = np.zeros(self.n, bool)
        start = plain or Truth(none, none)
        result = start
        for condition, part in reversed(list(zip(conditions, self.item.overrides, strict=True))):
            if part.gives == "out":
                new = Truth(~none, ~none)
            elif part.gives is None:
                new = start
            else:
                given = out_of(part.gives.tree, self.space, self.row_of) if isinstance(part.gives, Formula) else None
                new = given or Truth(none, none)
            maybe = condition.hi & ~condition.lo
            result = Truth(
                np.where(condition.lo, new.lo, result.lo & (new.lo | ~maybe)),
                np.where(condition.lo, new.hi, result.hi | (new.hi & maybe)),
            )
        return result if result.hi.any() else None

    def _overridden(self, result: Col, plain: Col, condition: Truth, part: Override, points: Num | None) -> Col:
        """`result` (what the later overrides left) with this one laid over it; a limit is one on the `plain` result."""
        gives = part.gives
        if gives == "out" or not condition.hi.any():
            return result
        if isinstance(result, Label):
            bit = 1 << result.options.index(str(gives))
            possible = np.where(condition.hi, result.mask | bit, result.mask)
            return Label(np.where(condition.lo, bit, possible), result.options)
        if isinstance(result, Truth):
            yes = gives == "是"
            lo = np.where(condition.lo, yes, result.lo & (~condition.hi | yes))
            return Truth(lo, np.where(condition.lo, yes, result.hi | (condition.hi & yes)))
        assert isinstance(plain, Num)
        if part.at_most is not None:
            new = c.smaller(plain, self.space.only(condition.hi, self.row_of, lambda: self.term(part.at_most)))
        elif gives == "full":
            assert points is not None
            new = points
        else:
            given = gives if isinstance(gives, Formula) else parse_number(str(gives))
            new = self.space.only(condition.hi, self.row_of, lambda: self.term(given))
        unsure = c.choose(condition.hi, c.hull([result, new]), result)
        return c.choose(condition.lo, new, unsure)

    # what could not be computed

    def _faults(self, wanted: Array) -> None:
        """What could not be computed just now, where this indicator wanted the result."""
        for (code, frame), mask in self.space.pop().items():
            if frame == self.row_of:
                self._fault(code, mask & wanted, self.row_of)
            elif frame is None:
                self._fault(code, self.space.seen_from(mask, None, self.row_of) & wanted, self.row_of)
            else:
                owner = self.space.seen_from(mask, frame, None)
                self._fault(code, owner & wanted if self.row_of is None else owner, None)

    def _fault(self, code: str, mask: Array, row_of: str | None) -> None:
        if mask.any():
            self.faults.append(Fault(code, self.key, row_of, mask))

    # value or combine

    def _value(self, points: Num | None) -> tuple[Col | None, Truth | None]:
        """What the rule looks at, and where it is out."""
        item, space = self.item, self.space
        if item.value is not None:
            space.across = item.across
            try:
                value = formulas.evaluate(item.value.tree, space, self.row_of)
                out = out_of(item.value.tree, space, self.row_of)
            finally:
                space.across = None
            # what is gathered leaves out who is out; who belongs to no group sees no number
            return value, out if item.across in (None, ALL) else any_out(
                [out, space.out(str(item.across), self.row_of)]
            )
        if item.combine is None:
            return None, None
        parts = [self._part(child) for child in space.scheme.children[self.key]]
        out = combine.is_out(parts, self.n, item.combine, item.missing, item.need)
        if item.combine in ("all", "any", "count"):
            return combine.counted(item.combine, parts, self.n, item.missing, space.way), out
        return self._joined(parts, points), out

    def _joined(self, parts: list[combine.Part], points: Num | None) -> Num:
        """Sum, mean, max or min of the parts."""
        item, n, way = self.item, self.n, self.space.way
        how, missing = item.combine, item.missing
        if how == "sum" and missing != "spread" and item.picks is None:
            return combine.added(parts, n, missing, way)
        plain = all(len(part.owner) == n and part.out is None and part.open_ is None for part in parts)
        if plain and how in ("min", "max"):
            numbers = [part.value for part in parts if isinstance(part.value, Num)]
            return reduce(c.smaller if how == "min" else c.larger, numbers)
        if item.picks is not None:
            result, none = combine.picked(str(how), parts, n, missing, way, item.best, item.worst)
        elif how == "sum":
            result, none = combine.spread(parts, n, way)
        elif how == "mean":
            result, none = combine.mean(parts, n, missing, way)
        else:
            result, none = combine.extreme(str(how), parts, n, missing, way)
        unread = reduce(np.logical_or, (part.open_ for part in parts if part.open_ is not None), np.zeros(n, bool))
        self.space.note("P100", none & ~unread, self.row_of)
        marked = any(part.points is not None for part in parts)
        top: Any = 1 if how == "mean" and marked else INF if points is None or how != "sum" else points.hi
        if item.picks is not None and how == "sum":  # the points of the parts are alike
            each = [part.points.hi for part in parts if part.points is not None]
            top = each[0][0] * item.picks if each and len(each[0]) else INF
        result = combine.opened(result, 0 if marked else -INF, top, unread)
        return c.multiply(result, points) if how == "mean" and marked and points is not None else result

    def _part(self, child: str) -> combine.Part:
        """The results of a part, or the rows of a list that go into this indicator."""
        space, item = self.space, self.space.scheme.indicators[child]
        frame = item.per if item.per is not None and item.per != self.row_of else self.row_of
        column, size = space.name(child, frame), space.size(frame)
        assert isinstance(column, Num | Truth)
        every = np.ones(size, bool)
        part: dict[str, Any] = {"there": Truth(every, every), "owner": np.arange(size)}
        if frame != self.row_of:
            part["owner"] = space.owners[str(frame)]
            unread = space.listed[str(frame)] != int(State.FILLED)
            part["open_"] = unread if unread.any() else None
            # rows nobody has read add at most the marks of this block
            highest = INF if self.item.points is None else self.item.points
            part["reach"] = (0 if item.points is not None else -INF, highest)
            if isinstance(item.parent, dict):
                block = formulas.possible(space.name(item.parent["by"], frame))
                mine = [label for label, parent in item.parent.items() if label != "by" and parent == self.key]
                maybe = reduce(np.logical_or, (block[label] for label in mine))
                others = [mask for label, mask in block.items() if label not in mine]
                part["there"] = Truth(maybe & ~reduce(np.logical_or, others, np.zeros(size, bool)), maybe)
        if isinstance(item.points, str):
            part["points"] = formulas.amount(Name(item.points), space, frame)
        elif item.points is not None:
            part["points"] = c.number(item.points, size, space.way)
        if isinstance(item.weight, str):
            part["weight"] = formulas.amount(Name(item.weight), space, frame)
        elif isinstance(item.weight, Formula):
            part["weight"] = formulas.amount(item.weight.tree, space, frame)
        elif item.weight is not None:
            part["weight"] = c.number(item.weight.value, size, space.way)
        return combine.Part(value=column, out=space.out(child, frame), **part)

    def _outs_of_rule(self, ruling: Ruling) -> Truth | None:
        """Where something that the rule looks at, or what it gives, is out; of a rule for each branch only the chosen
        one counts."""
        rule = self.item.rule
        found: dict[str, list[Truth | None]] = {}
        for branch, out in self._looked_at() if self.space.outs or self.space.last is not None else ():
            found.setdefault(branch, []).append(out)
        for path, part in rules_of(self.item):
            found.setdefault(str(path[1]) if isinstance(rule, r.ByRule) else "", []).append(ruling.out_of_steps(part))
        always = found.pop("", [])
        if isinstance(rule, r.ByRule):
            masks = formulas.possible(self.space.name(rule.by, self.row_of))
            self.branch_outs = {label: any_out(found.get(label, [])) for label in rule.branches}
            always.append(formulas.chosen_out([(masks[label], out) for label, out in self.branch_outs.items()]))
        return any_out(always)

    def _looked_at(self) -> Iterator[tuple[str, Truth | None]]:
        """(branch, where it is out) of everything but conditions: one with something out just does not hold."""
        split = isinstance(self.item.rule, r.ByRule)
        for path, formula, want in formulas_of(self.item):
            if path[0] in ("floor", "cap") or (path[0] == "rule" and want != "truth"):
                branch = str(path[1]) if split and path[0] == "rule" else ""
                yield branch, out_of(formula.tree, self.space, self.row_of)
        for path, name in bare_names(self.item):
            if path[0] == "points" or path[0] == "rule":
                branch = str(path[1]) if split and path != ("rule", "by") and path[0] == "rule" else ""
                yield branch, self.space.out(name, self.row_of)

    # floor, cap, round

    def _bounded(self, result: Num, points: Num | None) -> Num:
        floor, cap = self.item.floor, self.item.cap
        ruled = self.item.rule is not None and points is not None
        if floor != "none" and (floor is not None or ruled):
            result = c.larger(result, self.term(0 if floor is None else floor))
        if cap != "none" and (cap is not None or ruled):
            top = self.term(cap) if cap is not None else points
            assert top is not None
            result = c.smaller(result, top)
        return result

    def _rounded(self, result: Num) -> Num:
        rounding = self.item.round
        if rounding is None:
            return result

        def all_(column: Any) -> Any:
            if isinstance(column, Ratios):
                return column.rounded(rounding.step, rounding.mode)
            if column.dtype != object:
                return c.rounded_floats(column, rounding.step, rounding.mode)
            found = [x if isinstance(x, float) else round_to(x, rounding.step, rounding.mode) for x in column]
            return np.array(found, object)

        lo = all_(result.lo)
        return Num(lo, lo) if result.hi is result.lo else c.interval(lo, all_(result.hi))
