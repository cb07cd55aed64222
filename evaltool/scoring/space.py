"""Everything that a formula may look at while one layer is scored, and what went wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from evaltool.scheme import Scheme
from evaltool.scoring import columns as c
from evaltool.scoring.columns import Array, Col, Numbers, Truth

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows that could not be computed: problem code, indicator (event, duty, column of groups), list or None."""

    code: str
    indicator: str
    row_of: str | None
    mask: Array


@dataclass(frozen=True, slots=True)
class Last:
    """The last round: what formulas could look at then, and where each subject of this round stood in it (−1: not)."""

    space: Space
    place: Array


@dataclass
class Space:
    """What one layer offers to formulas.

    n         subjects
    way       how numbers are kept
    subjects  fields, and the indicators and events scored so far, by name
    rows      list → its columns and row indicators by name
    owners    list → position of the owner of each row
    listed    list → one `State` per subject: whether its rows are known
    grouped   list of groups → the group of each row of its source (−1: of a subject whose groups are not known)
    outs      list (None: subjects) → name → where it is out (不计); what is not named here is never out
    across    while the formula of an indicator `across` is asked: `all`, or the name that tells the groups
    last      the last round, where there is one
    faults    (problem code, list or None) → mask of the rows that could not be computed since the last `pop`
    """

    scheme: Scheme
    n: int
    way: Numbers
    subjects: dict[str, Col] = field(default_factory=dict)
    rows: dict[str, dict[str, Col]] = field(default_factory=dict)
    owners: dict[str, Array] = field(default_factory=dict)
    listed: Mapping[str, Array] = field(default_factory=dict)
    grouped: dict[str, Array] = field(default_factory=dict)
    outs: dict[str | None, dict[str, Truth]] = field(default_factory=dict)
    across: str | None = None
    last: Last | None = None
    faults: dict[tuple[str, str | None], Array] = field(default_factory=dict)

    def alone(self, row: int) -> Space:
        """The space of one subject, so that explaining one does not compute all."""
        mine = {list_id: np.flatnonzero(owner == row) for list_id, owner in self.owners.items()}
        at: dict[str | None, Array] = {None: np.array([row])}
        at.update(mine)
        space = Space(self.scheme, 1, min(self.way, Numbers.SINGLES))
        space.subjects = {key: c.as_singles(c.take(x, at[None])) for key, x in self.subjects.items()}
        space.rows = {
            list_id: {key: c.as_singles(c.take(x, mine[list_id])) for key, x in columns.items()}
            for list_id, columns in self.rows.items()
        }
        space.owners = {list_id: np.zeros(len(lines), int) for list_id, lines in mine.items()}
        space.listed = {list_id: states[row : row + 1] for list_id, states in self.listed.items()}
        for list_id, group in self.grouped.items():
            source = self.scheme.edition.lists[list_id].of or ""
            first = mine[list_id][0] if len(mine[list_id]) else 0
            here = group[mine[source]]
            space.grouped[list_id] = np.where(here < 0, here, here - first)
        space.outs = {
            frame: {key: c.take(x, at[frame]) for key, x in outs.items()} for frame, outs in self.outs.items()
        }
        space.last = None if self.last is None else Last(self.last.space, self.last.place[row : row + 1])
        return space

    def size(self, row_of: str | None) -> int:
        return self.n if row_of is None else len(self.owners[row_of])

    def number_of(self, list_id: str) -> Array:
        """The number of each row among those of its subject, from 0: in a list with fixed rows, which row it is."""
        owner = self.owners[list_id]  # ascending
        return np.arange(len(owner)) - np.searchsorted(owner, owner)

    def name(self, name: str, row_of: str | None) -> Col:
        """A name as the rows of a list (or the subjects) see it."""
        if row_of is not None:
            if name in self.rows[row_of]:
                return self.rows[row_of][name]
            column: Col = c.take(self.subjects[name], self.owners[row_of])
            return column
        return self.subjects[name]

    def out(self, name: str, row_of: str | None) -> Truth | None:
        """Where a name is out; None: nowhere."""
        if row_of is not None and name in self.rows[row_of]:
            return self.outs.get(row_of, {}).get(name)
        found = self.outs.get(None, {}).get(name)
        if found is None or row_of is None:
            return found
        taken: Truth = c.take(found, self.owners[row_of])
        return taken

    def settled(self, name: str, row_of: str | None = None) -> Array:
        """Whether nothing about a name is open: neither what it is nor whether it counts."""
        known, out = self.name(name, row_of).known, self.out(name, row_of)
        return known if out is None else known & out.known

    def keep(self, column: Col) -> Col:
        """A column in the way in which numbers are kept here."""
        return c.as_ratios(column) if self.way is Numbers.RATIOS else column

    def put(self, name: str, row_of: str | None, column: Col, out: Truth | None) -> None:
        """A result that later formulas may look at."""
        (self.subjects if row_of is None else self.rows[row_of])[name] = column
        if out is not None:
            self.outs.setdefault(row_of, {})[name] = out

    def note(self, code: str, mask: Array, row_of: str | None) -> None:
        """Rows that could not be computed."""
        if mask.any():
            self.faults[code, row_of] = self.faults.get((code, row_of), False) | mask

    def pop(self) -> dict[tuple[str, str | None], Array]:
        """What could not be computed since the last call."""
        faults, self.faults = self.faults, {}
        return faults

    def only(self, wanted: Array, row_of: str | None, ask: Callable[[], T]) -> T:
        """What `ask` gives; of what it could not compute, only what the wanted rows asked for counts."""
        if wanted.all():
            return ask()
        before = self.pop()
        found = ask()
        for (code, frame), mask in self.pop().items():
            self.note(code, mask & self.seen_from(wanted, row_of, frame), frame)
        for (code, frame), mask in before.items():
            self.note(code, mask, frame)
        return found

    def seen_from(self, mask: Array, row_of: str | None, frame: str | None) -> Array:
        """A mask of the rows of one list (or subjects) as one of another: a subject holds if any of its rows does."""
        if row_of == frame:
            return mask
        if row_of is not None:
            owners = np.zeros(self.n, bool)
            owners[self.owners[row_of][mask]] = True
            mask = owners
        return mask if frame is None else mask[self.owners[frame]]
