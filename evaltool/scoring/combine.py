"""Parts put together: sums, means, extremes and counts of plain parts and of rows, some of which may be out (不计).

What is out is never zero by accident: the parent says `missing:` and is out itself, skips the part, takes it as zero,
or lets the others carry its points (or its weight). A part that is only possibly out leaves every outcome open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from evaltool.quantities import Exact
from evaltool.scoring.columns import INF, Array, Num, Numbers, Truth, add, interval, multiply, number, over, take
from evaltool.scoring.gathering import gather, groups, reduced, total, weighted_end


@dataclass(frozen=True, slots=True)
class Part:
    """One part of all rows of the parent, or the rows of a list that belong to it.

    owner   row of the parent that each belongs to
    there   whether it belongs (rows of a list that go into several parents)
    out     whether it is out; None: never
    points  full marks, where it has any
    weight  in a mean; None: all alike
    open_   rows of the parent of which nobody has read the list
    reach   what the unread rows may add up to
    """

    owner: Array
    value: Num | Truth
    there: Truth
    out: Truth | None = None
    points: Num | None = None
    weight: Num | None = None
    open_: Array | None = None
    reach: tuple[Any, Any] = (-INF, INF)

    @property
    def outs(self) -> Truth:
        none = np.zeros(len(self.owner), bool)
        return Truth(none, none) if self.out is None else self.out

    def counts(self, missing: str | None) -> Truth:
        """Whether it takes part in what is put together."""
        if self.out is None or missing == "zero":
            return self.there
        # where one part makes the parent out, what stands there is asked for the case that none does
        hi = self.there.hi & ~self.out.lo
        return Truth(self.there.lo & (~self.out.lo if missing in (None, "out") else ~self.out.hi), hi)


def is_out(parts: Sequence[Part], n: int, how: str, missing: str | None, need: Exact | None) -> Truth | None:
    """Where the parent is out; None: nowhere."""
    if need is None and all(part.out is None for part in parts):
        return None
    tally, endless = _tally(parts, n)
    lo, hi = np.zeros(n, bool), np.zeros(n, bool)
    if missing in (None, "out"):
        lo, hi = lo | (tally["out"] > 0), hi | (tally["may_be_out"] > 0)
    elif missing in ("skip", "spread"):  # of parts that are all out nothing is left to put together
        # nor is it where only parts are left that carry no points, such as a bonus
        carry = [part for part in parts if part.points is not None] if (how, missing) == ("sum", "spread") else parts
        left, open_ = _tally(carry, n)
        lo |= (left["maybe"] == 0) & (left["least"] > 0) & ~open_
        hi |= (left["sure"] == 0) & (left["may_be_out"] > 0)
    if need is not None:
        lo |= (tally["maybe"] < need) & ~endless
        hi |= tally["sure"] < need
    return Truth(lo, hi) if hi.any() else None


def _tally(parts: Sequence[Part], n: int) -> tuple[dict[str, Array], Array]:
    """How many parts of each parent are surely or possibly in, there at all, surely or possibly out; and of which
    parents nobody knows how many there are."""
    tally = {name: np.zeros(n, int) for name in ("sure", "maybe", "least", "out", "may_be_out")}
    endless = np.zeros(n, bool)
    for part in parts:
        there, out = part.there, part.outs
        for name, mask in (
            ("sure", there.lo & ~out.hi), ("maybe", there.hi & ~out.lo), ("least", there.lo),
            ("out", there.lo & out.lo), ("may_be_out", there.hi & out.hi),
        ):  # fmt: skip
            tally[name] += np.bincount(part.owner[mask], minlength=n)
        if part.open_ is not None:
            endless |= part.open_
            tally["may_be_out"] += part.open_ & (part.out is not None)
    return tally, endless


def added(parts: Sequence[Part], n: int, missing: str | None, way: Numbers) -> Num:
    """The sum of the parts that count."""
    result: Num | None = None
    for part in parts:
        value, counts = _numbers(part, missing), part.counts(missing)
        plain = len(part.owner) == n and part.open_ is None and bool(counts.lo.all())
        sum_ = value if plain else _total(value, part.owner, n, counts)
        sum_ = sum_ if part.open_ is None else opened(sum_, *part.reach, part.open_)
        result = sum_ if result is None else add(result, sum_)
    return number(0, n, way) if result is None else result


def _total(value: Num, owner: Array, n: int, counts: Truth) -> Num:
    kept = counts.hi
    return total(take(value, kept), owner[kept], n, counts.lo[kept])


def _numbers(part: Part, missing: str | None) -> Num:
    """The values, with a zero for what is out where the parent says so."""
    assert isinstance(part.value, Num)
    if part.out is None or missing != "zero":
        return part.value
    lo, hi, out = part.value.lo, part.value.hi, part.out
    lo = np.where(out.lo, 0, np.where(out.hi, np.minimum(lo, 0), lo))
    return interval(lo, np.where(out.lo, 0, np.where(out.hi, np.maximum(hi, 0), hi)))


def counted(combine: str, parts: Sequence[Part], n: int, missing: str | None, way: Numbers) -> Num | Truth:
    """count, all or any of yes/no parts: what does not count is no part, what is out as zero is 否."""
    lo, hi, endless = np.zeros(n, int), np.zeros(n, int), np.zeros(n, bool)
    for part in parts:
        assert isinstance(part.value, Truth)
        holds, there, out = part.value, part.counts(missing), part.outs
        if missing == "zero":
            holds = Truth(holds.lo & ~out.hi, holds.hi & ~out.lo)
        fails = combine == "all"
        sure, maybe = (~holds.hi, ~holds.lo) if fails else (holds.lo, holds.hi)
        lo += np.bincount(part.owner[there.lo & sure], minlength=n)
        hi += np.bincount(part.owner[there.hi & maybe], minlength=n)
        if part.open_ is not None:
            hi, endless = hi + part.open_, endless | part.open_
    if combine == "count":
        ends = [end.astype(object if way else float) for end in (lo, hi)]
        return opened(interval(*ends), ends[0], INF, endless)
    return Truth(hi == 0, lo == 0) if combine == "all" else Truth(lo > 0, hi > 0)


@dataclass(frozen=True, slots=True)
class _Table:
    """All parts that count, one under another."""

    owner: Array
    value: Num
    sure: Array
    points: Num
    weight: Num | None


def _stacked(parts: Sequence[Part], missing: str | None, way: Numbers, shares: bool) -> _Table:
    """Parts with points as shares of them, where asked for."""
    tables: list[tuple[Array, Num, Array, Num, Num | None]] = []
    for part in parts:
        counts = part.counts(missing)
        kept, value = counts.hi, _numbers(part, missing)
        marks = part.points or number(1, len(part.owner), way)
        value, marks = take(value, kept), take(marks, kept)
        if shares and part.points is not None:
            value = over(value, marks)[0]
        weight = None if part.weight is None else take(part.weight, kept)
        tables.append((part.owner[kept], value, counts.lo[kept], marks, weight))
    weights = [weight for *_, weight in tables]
    return _Table(
        np.concatenate([owner for owner, *_ in tables]),
        _under([value for _, value, *_ in tables]),
        np.concatenate([sure for _, _, sure, *_ in tables]),
        _under([marks for *_, marks, _ in tables]),
        None if None in weights else _under(weights),  # type: ignore[arg-type]
    )


def _under(columns: Sequence[Num]) -> Num:
    lo = np.concatenate([column.lo for column in columns])
    same = all(column.hi is column.lo for column in columns)
    return Num(lo, lo) if same else interval(lo, np.concatenate([column.hi for column in columns]))


def extreme(function: str, parts: Sequence[Part], n: int, missing: str | None, way: Numbers) -> tuple[Num, Array]:
    """max or min of the parts that count, and where there surely is none."""
    table = _stacked(parts, missing, way, shares=False)
    return gather(function, table.value, table.owner, n, Truth(table.sure, np.ones(len(table.sure), bool)))


def picked(
    how: str, parts: Sequence[Part], n: int, missing: str | None, way: Numbers, best: Exact | None, worst: Exact | None
) -> tuple[Num, Array]:
    """The sum or mean of the best (or worst) parts that count, of fewer where there are fewer; and where there is none.

    In a mean parts with points are taken as shares of them; in a sum these are alike, so that values stand for shares.
    """
    table = _stacked(parts, missing, way, shares=how == "mean")
    function = ("top" if worst is None else "bottom") + (" mean" if how == "mean" else "")
    there, count = Truth(table.sure, np.ones(len(table.sure), bool)), best if worst is None else worst
    assert count is not None
    return gather(function, table.value, table.owner, n, there, count)


def mean(parts: Sequence[Part], n: int, missing: str | None, way: Numbers) -> tuple[Num, Array]:
    """The mean of the parts that count, by their weights; parts with points as shares of these.

    With `skip` and `spread` alike the others carry the weight of a part that is out.
    """
    table = _stacked(parts, missing, way, shares=True)
    if table.weight is None:
        return gather("mean", table.value, table.owner, n, Truth(table.sure, np.ones(len(table.sure), bool)))
    return weighted(table.value, table.weight, table.owner, table.sure, n)


def spread(parts: Sequence[Part], n: int, way: Numbers) -> tuple[Num, Array]:
    """The sum, in which the parts that are in carry the points of those that are out: sum × all points ÷ points in.

    A part without points (a bonus, a deduction) carries nothing and is added as it is.
    """
    marked = [part for part in parts if part.points is not None]
    rest = added([part for part in parts if part.points is None], n, "spread", way)
    table = _stacked(marked, "spread", way, shares=True)
    share, none = weighted(table.value, table.points, table.owner, table.sure, n)
    all_ = number(0, n, way)
    for part in marked:
        assert part.points is not None
        all_ = add(all_, _total(part.points, part.owner, n, part.there))
    return add(multiply(share, all_), rest), none


def weighted(value: Num, weight: Num, owner: Array, sure: Array, n: int) -> tuple[Num, Array]:
    """The weighted mean of the rows of each owner, and where there surely is no weight.

    Where weights are not known, the mean lies between the least and the greatest value.
    """
    some = np.asarray(weight.hi > 0, bool)
    value, weight, owner, sure = take(value, some), take(weight, some), owner[some], sure[some]
    none = np.bincount(owner, minlength=n) == 0
    if weight.hi is weight.lo and value.hi is value.lo and sure.all():
        mass, weights = reduced(np.add, value.lo * weight.lo, owner, n, 0), reduced(np.add, weight.lo, owner, n, 0)
        result, _ = over(Num(mass, mass), Num(weights, weights))
        return result, none
    reach, _ = gather("min", value, owner, n)
    top, _ = gather("max", value, owner, n)
    lo, hi = reach.lo.copy(), top.hi.copy()
    unsure = np.zeros(n, bool)
    unsure[owner[weight.apart]] = True
    for i, rows in groups(owner, n):
        if not unsure[i]:
            low, high, shares = [*value.lo[rows]], [*value.hi[rows]], [*weight.lo[rows]]
            lo[i], hi[i] = (
                weighted_end(*end) for end in ((low, shares, sure[rows], -1), (high, shares, sure[rows], 1))
            )
    return interval(lo, hi), none


def opened(result: Num, lowest: Any, highest: Any, where: Array) -> Num:
    """A number column opened to (lowest, highest) in some rows; each of the two one number, or one for each row."""
    if not where.any():
        return result
    lo, hi = result.lo.copy(), result.hi.copy()
    for end, bound in ((lo, lowest), (hi, highest)):
        end[where] = bound if isinstance(bound, int | float | Fraction) else bound[where]
    return interval(lo, hi)
