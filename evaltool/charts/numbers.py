"""What the charts draw: spans of points with their full marks, read from a round."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from evaltool.quantities import Exact, decimal_text
from evaltool.scheme import Scheme
from evaltool.scoring import number_text

INF = float("inf")


@dataclass(frozen=True, slots=True)
class Span:
    """Lowest and highest value that is still possible."""

    lo: Exact | float
    hi: Exact | float

    @property
    def known(self) -> bool:
        return self.lo == self.hi

    def __str__(self) -> str:
        return number_text(self.lo, self.hi)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator of one subject: id, name, full marks and the points as far as they are known."""

    key: str
    name: str
    full: Exact
    points: Span

    @property
    def lost(self) -> Span:
        """What is surely lost and what is lost at most, never below nothing."""
        top = min(self.points.hi, self.full)
        return Span(max(self.full - top, 0), max(self.full - self.points.lo, 0))


@dataclass(frozen=True, slots=True)
class Band:
    """A label with its lower limit on the total; None for the last one."""

    label: str
    limit: Exact | None

    def __str__(self) -> str:
        return self.label if self.limit is None else f"{self.label} ≥{decimal_text(self.limit)}"


def bands_of(scheme: Scheme) -> list[Band]:
    """The bands on the total, best first; none for an edition without a grade or with other conditions."""
    found = [Band(str(label), limit if isinstance(limit, int | Fraction) else None) for label, limit in scheme.bands()]
    return found if any(band.limit is not None for band in found) else []


def full_marks(scheme: Scheme) -> Exact | None:
    """The full marks of the total."""
    return scheme.indicators[scheme.total].points if scheme.total else None


def dimensions_of(scheme: Scheme) -> list[str]:
    """The first level below the total: what the paper calls 方面 or 一级指标."""
    level = [key for depth, key in scheme.tree() if depth == (1 if scheme.total else 0)]
    while level:  # a total may be made of what has no points itself, such as a sum that is scaled to 100
        found = [key for key in level if scheme.indicators[key].points is not None]
        if found:
            return found
        level = [c for key in level for c in scheme.children.get(key, ()) if not scheme.indicators[c].per]
    return []


def scored_of(scheme: Scheme) -> list[str]:
    """The lowest indicators with points outside lists: what a county can lose points on."""
    nodes = {key for _, key in scheme.tree()}
    return [
        key
        for _, key in scheme.tree()
        if key != scheme.total
        and scheme.indicators[key].points is not None
        and not any(c in nodes for c in scheme.children.get(key, ()))
    ]
