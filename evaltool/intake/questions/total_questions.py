"""The totals that a county's score sheet shows, against the self scores that they are made of (D135)."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead
from evaltool.problems import Place, Problem
from evaltool.quantities import Exact, quantity_text, round_to
from evaltool.question_lines import ours
from evaltool.scheme import Scheme

Range = tuple[Exact, Exact] | None  # lowest and highest; None where it could be anything


class Totals:
    """The sums of an edition.

    A part whose self score is missing may be anything up to its full marks; a part that shows a total of its own is
    taken by that, so that only the wrong sum is asked about.
    """

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._leaves = set(scheme.leaves())
        self._gathered: dict[str, list[tuple[str, str, str]]] = {}
        for parent, indicator, list_id, label in layout.gathered(scheme):
            self._gathered.setdefault(parent, []).append((indicator, list_id, label))

    def questions(self, subject: str, read: CountyRead) -> Iterator[Problem]:
        scheme = self.scheme
        for key, (value, origin) in read.totals.items():
            parts = self._parts(read, key)
            if parts is None:
                continue
            low, high = self._ways(key, parts[0]), self._ways(key, parts[1])
            if min(low) <= value <= max(high):
                continue
            together = quantity_text(parts[0], "分")
            if parts[1] != parts[0]:
                together += f"，没有自评的各项都得满分也只有 {quantity_text(parts[1], '分')}"
            item = scheme.indicators[key]
            yield Problem(
                "D135",
                f"“{item.name}”的自评合计写 {quantity_text(value, '分')}，各项自评分相加是 {together}",
                f"合计由各项简单相加；{ours('不相等')}",
                "核对各项自评分；合计由表里的公式算出，不另外填",
                Place(origin.workbook, origin.sheet, origin.cell, key, subject),
                scheme.place("indicators", key),
                str(scheme.citation(item.cite[0])) if item.cite else "",
            )

    def _parts(self, read: CountyRead, key: str) -> Range:
        """Lowest and highest sum of what is added up in an indicator."""
        scheme = self.scheme
        children = [k for k in scheme.children.get(key, ()) if scheme.indicators[k].per is None]
        parts = [self._part(read, child) for child in children] + list(self._rows(read, key))
        known = [part for part in parts if part is not None]
        if not parts or len(known) != len(parts):
            return None
        return sum(part[0] for part in known), sum(part[1] for part in known)

    def _part(self, read: CountyRead, key: str) -> Range:
        entered = read.totals.get(key) or read.claimed.get(key)
        if entered is not None:
            return entered[0], entered[0]
        if key in self._leaves:
            return _upto(layout.most_points(self.scheme.indicators[key]))
        return self._parts(read, key) if self.scheme.adds_up(key) else None

    def _rows(self, read: CountyRead, key: str) -> Iterator[Range]:
        """The self scores of the rows that an indicator gathers."""
        for indicator, list_id, label in self._gathered.get(key, ()):
            item, rows = self.scheme.indicators[indicator], read.lists.get(list_id)
            by = item.parent.get("by", "") if isinstance(item.parent, dict) else ""
            for row in rows.rows if rows is not None else ():
                if label and (by not in row.cells or row.cells[by].value != label):
                    continue
                if indicator in row.claimed:
                    yield row.claimed[indicator][0], row.claimed[indicator][0]
                elif isinstance(item.points, str):
                    yield _upto(row.cells[item.points].value if item.points in row.cells else None)
                else:
                    yield _upto(item.points)

    def _ways(self, key: str, total: Exact) -> list[Exact]:
        """A sum as it may be written: as it is, within the indicator's own limits, rounded as the edition says."""
        item, ways = self.scheme.indicators[key], [total]
        if isinstance(item.cap, int):
            ways.append(min(total, item.cap))
        if isinstance(item.floor, int):
            ways.append(max(total, item.floor))
        if item.round is not None:
            ways.append(round_to(total, item.round.step, item.round.mode))
        return ways


def _upto(most: Exact | None) -> Range:
    return None if most is None else (0, most)
