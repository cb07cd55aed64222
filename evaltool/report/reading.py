"""What the reports read of a round as a whole: its edition, and where every county stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaltool.charts import Totals
from evaltool.report.county_reading import CountyReading
from evaltool.report.lines import Standing, known, span
from evaltool.report.tables import Piece
from evaltool.report.wording import Wording
from evaltool.results import rows_of
from evaltool.scheme import Scheme

if TYPE_CHECKING:
    from evaltool.archive import Round


class Reading:
    """A round as the reports need it. What is common to all counties is read once and kept; a county is read when it is
    asked for. No file stays open."""

    def __init__(self, rnd: Round) -> None:
        self._round = rnd
        self._pieces: dict[str, Piece] = {}

    @property
    def scheme(self) -> Scheme:
        return self._round.scheme

    @cached_property
    def words(self) -> Wording:
        return Wording(self.scheme)

    @cached_property
    def stamp(self) -> str:
        """What every page of this round must say."""
        return self._round.stamp

    @property
    def folder(self) -> Path:
        return Path(self._round.folder)

    @property
    def on(self) -> str:
        """The day on which the round stands, in words."""
        return f"评价基准日 {self._round.on}"

    @cached_property
    def accepted(self) -> Mapping[str, str]:
        """Open question → who accepted our reading, and when."""
        return dict(self._round.accepted)

    def once(self, name: str, make: Callable[[], Piece]) -> Piece:
        """A piece that is the same in the reports of all counties."""
        if name not in self._pieces:
            self._pieces[name] = make()
        return self._pieces[name]

    # --- all counties ---

    @cached_property
    def _standings(self) -> dict[str, Standing]:
        asked = [("SELECT * FROM counties ORDER BY position", ())]
        found = [_standing(row) for row in rows_of(self._round.database, asked)[0]]
        return {who.code: who for who in found}

    @property
    def codes(self) -> Collection[str]:
        """The codes of the roster, in its order. No list: looking one up must not cost the more the more there are."""
        return self._standings.keys()

    def standings(self) -> list[Standing]:
        """Every county of the roster, in its order."""
        return list(self._standings.values())

    def standing(self, code: str) -> Standing:
        """Raises KeyError for a code that is not in the roster."""
        return self._standings[code]

    @cached_property
    def totals(self) -> Totals:
        """The official totals of all counties that have one."""
        return Totals([(who.code, who.official) for who in self._standings.values() if who.official is not None])

    # --- one county ---

    def county(self, code: str) -> CountyReading:
        """Raises KeyError for a code that is not in the roster."""
        return CountyReading(self.words, self._round.database, code, self.standing(code).returned)


def _standing(row: Mapping[str, Any]) -> Standing:
    returned = bool(row["returned"])
    return Standing(
        str(row["code"]),
        row["name"],
        row["city"],
        row["batch"],
        row["type"],
        returned,
        known(row["claimed"]) if returned else None,
        span(row["self_lo"], row["self_hi"]) if returned else None,
        span(row["official_lo"], row["official_hi"]) if returned else None,
        row["grade"],
    )
