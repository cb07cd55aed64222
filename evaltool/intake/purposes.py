"""What each field is asked for: the indicators, vetoes, payments, pots of money and duties that use it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Column, Formula, Name, walk
from evaltool.scheme.looks import formulas_of, rules_of
from evaltool.scheme.models import Indicator
from evaltool.scheme.rules import ByRule, Checklist
from evaltool.scheme.words import number_of


class Purposes:
    """Who uses what, by field or `list.column` (a whole list by its own id)."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.indicators: dict[str, list[str]] = defaultdict(list)
        self.events: dict[str, list[str]] = defaultdict(list)
        self.pots: dict[str, list[str]] = defaultdict(list)
        self.duties: dict[str, list[str]] = defaultdict(list)
        for key, item in scheme.indicators.items():
            for name in dict.fromkeys(_used(item, scheme)):
                self.indicators[name].append(key)
        self.consequences = {name for item in scheme.edition.consequences for name in _names(item.when, None)}
        self._through_groups()
        for key, duty in scheme.edition.duties.items():
            for name in dict.fromkeys(_names(duty.met, None) if duty.met else ()):
                self.duties[name].append(key)
        for key, event in scheme.edition.events.items():
            for name in _names(event.when, None):
                self.events[name].append(key)
        for key, pot in scheme.edition.funds.items():
            amounts = [pot.total, *(use.amount for use in pot.uses.values()), *pot.bans]
            names = amounts + [name for payment in pot.payments for name in _names(payment.breaches, None)]
            for name in dict.fromkeys(names):
                self.pots[name].append(key)

    def _through_groups(self) -> None:
        """A column whose rows are put together in groups serves what looks at the groups."""
        for list_id, item in self.scheme.edition.lists.items():
            for key, column in item.columns.items() if item.of else ():
                names = [f"{item.of}.{key}"] if column.value is None else list(_names(column.value, item.of))
                for name in dict.fromkeys(names):
                    known = self.indicators[name]
                    known += [user for user in self.indicators.get(f"{list_id}.{key}", []) if user not in known]

    def group(self, field: str) -> str:
        """The heading under which a field is asked: the dimension of the first indicator that uses it, or its pot."""
        for key in self.indicators.get(field, ()):
            if dimension := self._dimension(key):
                return self.scheme.indicators[dimension].name
        for key in self.pots.get(field, ()):
            return f"资金：{self.scheme.edition.funds[key].name}"
        return "职责核对" if self.duties.get(field) else "其他"

    def sentence(self, field: str) -> str:
        """What the value is for, in one sentence; empty if nothing uses it."""
        parts = []
        for key in self.indicators.get(field, ()):
            item = self.scheme.indicators[key]
            points = (
                f"（{decimal_text(item.points)} 分）" if isinstance(item.points, int) or _fraction(item.points) else ""
            )
            parts.append(f"{number_of(key, item)} {item.name}{points}".strip())
        parts += [f"核查“{self.scheme.edition.events[key].name}”" for key in self.events.get(field, ())]
        parts += [f"核对{self.scheme.edition.funds[key].name}" for key in self.pots.get(field, ())]
        parts += [f"核对职责“{self.scheme.edition.duties[key].name}”" for key in self.duties.get(field, ())]
        parts += ["处理建议"] if field in self.consequences else []
        said = "、".join(parts)
        return f"用于{' ' if said[0].isascii() else ''}{said}" if said else ""

    def _dimension(self, key: str) -> str:
        """The first level below the total, or below the top of a system without one."""
        above = self.scheme.indicators[key].parent
        while isinstance(above, str):
            if above == self.scheme.total or (self.scheme.total is None and not self.scheme.indicators[above].parent):
                return key
            key, above = above, self.scheme.indicators[above].parent
        return ""


def _fraction(points: object) -> bool:
    return points is not None and not isinstance(points, str)


def _names(formula: Formula, row_of: str | None) -> Iterator[str]:
    for node in walk(formula.tree):
        if isinstance(node, Column):
            yield f"{node.list}.{node.id}"
        elif isinstance(node, Name):
            yield f"{row_of}.{node.id}" if row_of else node.id


def _used(item: Indicator, scheme: Scheme) -> Iterator[str]:
    """Fields, lists and `list.column`s that an indicator looks at; a row indicator's plain names are columns first."""
    columns = scheme.edition.lists[item.per].columns if item.per else {}

    def resolved(name: str) -> str:
        return f"{item.per}.{name}" if name in columns else name

    for _, formula, _ in formulas_of(item):
        for name in _names(formula, None):
            yield resolved(name)
    for _, rule in rules_of(item):
        if isinstance(rule, Checklist):
            yield from (resolved(name) for name in rule.items)
        if chosen := getattr(rule, "chosen", None):
            yield resolved(chosen)
    if isinstance(item.rule, ByRule):
        yield resolved(item.rule.by)
    if isinstance(item.points, str):
        yield resolved(item.points)


_known: dict[str, Purposes] = {}  # digest → purposes: the digest stands for all that decides them


def purposes(scheme: Scheme) -> Purposes:
    """The purposes of a scheme's fields, worked out once an edition."""
    if scheme.digest not in _known:
        _known[scheme.digest] = Purposes(scheme)
    return _known[scheme.digest]
