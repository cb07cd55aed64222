"""What a report shows of one county, as things with names."""

from __future__ import annotations

from dataclasses import dataclass

from evaltool.charts import Part, Span
from evaltool.quantities import Exact
from evaltool.results import parse_exact
from evaltool.scoring import OUT


@dataclass(frozen=True, slots=True)
class Standing:
    """A county and its totals; `grade` as people read it (优秀, 待定（优秀或良好）, 未报送)."""

    code: str
    name: str
    city: str
    batch: str
    kind: str
    returned: bool
    claimed: Exact | None
    computed: Span | None
    official: Span | None
    grade: str


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of the tree of points of one county, official unless said otherwise.

    number    the number by which people know it; empty where the id is only ours
    full      full marks; None for an addition, a deduction and whatever else has none
    official  points; None where it does not count (不计)
    result    the same for people, with a unit where it is no number of points; `own` by the county's own data
    is_sum    it has parts below it
    """

    key: str
    number: str
    name: str
    depth: int
    full: Exact | None
    official: Span | None
    result: str
    computed: Span | None
    own: str
    claimed: Exact | None
    is_sum: bool
    arithmetic: str
    next_step: str
    clauses: tuple[str, ...]
    reason: str

    @property
    def title(self) -> str:
        return f"{self.number} {self.name}".strip()

    @property
    def part(self) -> Part | None:
        """What a chart draws; None without full marks and where it does not count."""
        if self.full is None or self.official is None:
            return None
        return Part(self.key, self.name, self.full, self.official)

    @property
    def lost(self) -> Span:
        """Points lost; nothing where no points can be lost."""
        return self.part.lost if self.part else Span(0, 0)

    @property
    def open(self) -> bool:
        """Whether it is not yet known what it comes to, or whether it counts."""
        return self.official is not None and (not self.official.known or self.result.endswith(OUT))


@dataclass(frozen=True, slots=True)
class Finding:
    """A result besides points and the grade, as people read it: 是, 一级, 98%, 第 3 名, 待定.

    how     the arithmetic, or the rule with the data that it looks at
    lowest  it has no parts among the other results
    """

    key: str
    number: str
    name: str
    depth: int
    result: str
    how: str
    lowest: bool
    clauses: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.number} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class RowResult:
    """The points of one row of a list (a project, a goal); `direct` where the row goes straight into the total."""

    key: str
    name: str
    row: int
    title: str
    full: Exact | None
    points: Span | None
    result: str
    direct: bool

    @property
    def part(self) -> Part | None:
        """What a chart draws, as of an indicator."""
        if self.full is None or self.points is None or not self.direct:
            return None
        return Part(f"{self.key}[{self.row}]", self.title or self.name, self.full, self.points)


def span(low: str | None, high: str | None) -> Span | None:
    """A span from two cells; None where there is no result."""
    lo, hi = parse_exact(low), parse_exact(high)
    return None if lo is None or hi is None else Span(lo, hi)


def known(text: str | None) -> Exact | None:
    """An exact number from a cell; None where there is none, or no bound."""
    found = parse_exact(text)
    return None if isinstance(found, float) else found


def several(text: str) -> tuple[str, ...]:
    """A list kept in one cell, an item a line."""
    return tuple(part for part in text.split("\n") if part)
