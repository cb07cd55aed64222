"""What an edition alone says of its reports: the same for every county of a round, so worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from evaltool import charts
from evaltool.quantities import Exact
from evaltool.report.tables import Piece, sentence, table
from evaltool.scheme import Scheme
from evaltool.scheme.models import Indicator
from evaltool.scheme.rules import Rank
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import number_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """An indicator as every report names it.

    number   the number by which people know it; empty where the id is only ours
    full     full marks; None for an addition, a deduction and whatever else has none
    is_sum   it has parts below it
    adds     and is nothing but their sum
    clauses  what it rests on
    """

    key: str
    number: str
    name: str
    depth: int
    full: Exact | None
    is_sum: bool
    adds: bool
    clauses: tuple[str, ...]


class Wording:
    """An edition in the words of a report. What is asked once is kept."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._brief: dict[tuple[str, ...], str] = {}
        self._rules: dict[str, str] = {}
        self._made: dict[type, Any] = {}

    def once(self, kind: type[T], make: Callable[[], list[T]]) -> list[T]:
        """A list of things of a kind that another module makes of the edition, made once."""
        if kind not in self._made:
            self._made[kind] = make()
        return self._made[kind]

    @cached_property
    def tree(self) -> list[Node]:
        """The indicators with points, from the total down."""
        return [self._node(depth, key) for depth, key in self.scheme.tree()]

    @cached_property
    def findings(self) -> list[Node]:
        """The results besides points and the grade, from the top down."""
        return [self._node(depth, key) for depth, key in self.scheme.findings()]

    def _node(self, depth: int, key: str) -> Node:
        item = self.scheme.indicators[key]
        below = any(not self.scheme.indicators[child].per for child in self.scheme.children.get(key, ()))
        clauses = tuple(str(self.scheme.citation(cite)) for cite in item.cite)
        full = None if isinstance(item.points, str) else item.points
        return Node(key, number_of(key, item), item.name, depth, full, below, _adds(item), clauses)

    @cached_property
    def bands(self) -> list[charts.Band]:
        return charts.bands_of(self.scheme)

    @cached_property
    def full(self) -> Exact | None:
        return charts.full_marks(self.scheme)

    @cached_property
    def dimensions(self) -> list[str]:
        return charts.dimensions_of(self.scheme)

    @cached_property
    def scored(self) -> list[str]:
        return charts.scored_of(self.scheme)

    @cached_property
    def rows(self) -> list[str]:
        """The indicators with points that score the rows of a list one by one."""
        return [key for key, item in self.scheme.indicators.items() if item.per and item.points is not None]

    @cached_property
    def adds_up(self) -> bool:
        return self.scheme.adds_up()

    @cached_property
    def ranks(self) -> bool:
        """Whether the papers themselves give places."""
        return any(isinstance(self.scheme.indicators[node.key].rule, Rank) for node in self.findings)

    @cached_property
    def judges_duties(self) -> bool:
        """Whether the data can judge any duty."""
        return any(duty.met for duty in self.scheme.edition.duties.values())

    def rule(self, key: str) -> str:
        """The rule of an indicator in words."""
        if key not in self._rules:
            self._rules[key] = rule_sentence(self.scheme, key)
        return self._rules[key]

    def brief(self, clauses: Iterable[str]) -> str:
        """Clauses with the short name of their document, which `legend` explains: “HB 七（四）”."""
        asked = tuple(clauses)
        if asked not in self._brief:
            said = "；".join(asked)
            for prefix, key in self._prefixes:
                said = said.replace(prefix, f"{key} ")
            self._brief[asked] = said
        return self._brief[asked]

    @cached_property
    def _prefixes(self) -> list[tuple[str, str]]:
        found = []
        for key, source in self.scheme.sources.items():
            clause = next(iter(source.clauses), "")
            whole = str(self.scheme.citation(f"{key}/{clause}")) if clause else f"《{source.title}》"
            found.append((whole.partition("》")[0] + "》", key))
            number = f"（{source.number}）" if whole.startswith(f"《{source.title}》（{source.number}）") else ""
            if number:
                found.insert(0, (f"《{source.title}》{number}", key))
        return sorted(found, key=lambda pair: -len(pair[0]))

    @cached_property
    def legend(self) -> Piece:
        """What the short names in “依据” mean."""
        return sentence(
            "依据栏：" + "；".join(f"{key} 指《{source.title}》" for key, source in self.scheme.sources.items()) + "。",
            "note",
        )

    @cached_property
    def sources(self) -> Piece:
        """The documents that the edition cites."""
        rows = [
            (key, source.title, _known(source.number), _known(source.issuer), source.note)
            for key, source in self.scheme.sources.items()
        ]
        return table(
            ["简称", "文件", "文号", "印发机关", "说明"], rows, "依据文件", ["short"], widths=[9, 40, 17, 16, 18]
        )


def _adds(item: Indicator) -> bool:
    return item.combine == "sum" and item.rule is None and item.picks is None


def _known(text: str | None) -> str:
    return "未注明" if text in (None, "", "unknown") else str(text)
