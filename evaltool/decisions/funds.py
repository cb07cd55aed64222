"""Fund checks: the share of each use against its floor and ceiling, banned uses, and payment rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evaltool.quantities import Exact, magnitude, quantity_text
from evaltool.scheme.models import Pot, Use
from evaltool.scheme.values import Quantity, Unknown
from evaltool.scoring import Num, Scores, Truth, number_text
from evaltool.scoring.columns import INF, over
from evaltool.scoring.formulas import amount
from evaltool.scoring.space import Space

FINE, LOW, HIGH, MASKED, OPEN = "符合", "低于下限", "高于上限", "界限未公布", "待定"
WITHIN, UNFILED, DEPENDS = "在允许调整幅度内（已备案）", "超出界限，尚未备案", "取决于待定问题"
ALLOWED, BANNED, NO_LIMIT, BROKEN = "在允许调整幅度内", "列支了禁止用途", "未规定比例", "不符合"
VERDICTS = (FINE, LOW, HIGH, MASKED, OPEN, WITHIN, UNFILED, ALLOWED, DEPENDS, BANNED, NO_LIMIT, BROKEN)


@dataclass(frozen=True, slots=True)
class FundCheck:
    """One use of one pot (or a ban, or a payment rule) of one subject.

    amount, share      (lowest, highest), exact; the share is of the whole pot; a payment rule has the count of breaches
                       as its amount and no share
    at_least, at_most  limits as exact shares, an `Unknown` (masked, unset), or None where the paper sets none
    verdict            one of VERDICTS
    """

    subject: str
    pot: str
    use: str
    name: str
    amount: tuple[Exact, Exact]
    share: tuple[Exact, Exact] | None
    at_least: Exact | Unknown | None
    at_most: Exact | Unknown | None
    verdict: str
    in_principle: bool
    note: str
    clauses: tuple[str, ...]
    unit: str = "万元"
    inside: str = ""


def check_funds(scores: Scores, space: Space) -> Iterator[FundCheck]:
    """Every use, ban and payment rule of every pot, for every subject that returned a workbook, on the 认定 layer."""
    pots = scores.scheme.edition.funds
    breaches = {
        (pot_id, i): amount(payment.breaches.tree, space)
        for pot_id, pot in pots.items()
        for i, payment in enumerate(pot.payments)
    }
    for row in map(int, scores.facts.returned.nonzero()[0]):
        for pot_id, pot in pots.items():
            for use_id, use in pot.uses.items():
                yield _use(scores, space, row, pot_id, pot, use_id, use)
            yield from _bans(scores, space, row, pot_id, pot)
            for i, payment in enumerate(pot.payments):
                count = breaches[pot_id, i]
                low, high = count.lo[row], count.hi[row]
                verdict = BROKEN if low > 0 else FINE if high == 0 else OPEN
                said = "" if high == 0 else "条数未知" if high == INF else f"不符合 {number_text(low, high)} 条"
                note = "；".join(part for part in (said, payment.note) if part)
                yield FundCheck(
                    str(scores.facts.codes[row]), pot_id, payment.name, payment.name, (low, high), None, None, None,
                    verdict, pot.in_principle, note, _clauses(scores, payment.cite), "条",
                )  # fmt: skip


def _clauses(scores: Scores, cites: list[str]) -> tuple[str, ...]:
    return tuple(str(scores.scheme.citation(cite)) for cite in cites)


def _pair(space: Space, name: str, row: int) -> Num:
    column = space.subjects[name]
    assert isinstance(column, Num)
    lo, hi = column.lo[row : row + 1], column.hi[row : row + 1]
    return Num(lo, lo if lo[0] == hi[0] else hi)


def _use(scores: Scores, space: Space, row: int, pot_id: str, pot: Pot, use_id: str, use: Use) -> FundCheck:
    spent, total = _pair(space, use.amount, row), _pair(space, pot.total, row)
    ratio, zero = over(spent, total)
    share = (ratio.lo[0], ratio.hi[0])
    soft = pot.in_principle if use.in_principle is None else use.in_principle
    verdict, note = (OPEN, "总额为零") if zero[0] else _verdict(scores, space, row, pot, use, share)
    if soft and verdict in (LOW, HIGH, UNFILED):
        note = "；".join(part for part in (note, "文件用语为“原则上”，须说明理由") if part)
    unit = scores.scheme.edition.fields[use.amount].unit
    return FundCheck(
        str(scores.facts.codes[row]), pot_id, use_id, use.name, (spent.lo[0], spent.hi[0]), share,
        _limit(use.at_least), _limit(use.at_most), verdict, soft, "；".join(p for p in (note, use.note) if p),
        _clauses(scores, use.cite), unit, use.inside or "",
    )  # fmt: skip


def _limit(limit: Quantity | Unknown | None) -> Exact | Unknown | None:
    return limit.value if isinstance(limit, Quantity) else limit


def _verdict(scores: Scores, space: Space, row: int, pot: Pot, use: Use, share: tuple[Exact, Exact]) -> tuple[str, str]:
    """The verdict on one share and what has to be said with it."""
    limits = [limit for limit in (use.at_least, use.at_most) if limit is not None]
    if not limits:
        return NO_LIMIT, ""
    known = [limit for limit in limits if isinstance(limit, Quantity)]
    low = use.at_least.value if isinstance(use.at_least, Quantity) else None
    high = use.at_most.value if isinstance(use.at_most, Quantity) else None
    under, above = (low is not None and share[1] < low), (high is not None and share[0] > high)
    if under or above:
        limit = low if under else high
        assert limit is not None
        nearest = share[1] if under else share[0]
        return _tolerated(scores, space, row, pot, (LOW if under else HIGH), limit, nearest, share)
    if not known:
        return MASKED, "；".join(str(limit) for limit in limits)
    sure = (low is None or share[0] >= low) and (high is None or share[1] <= high)
    if not sure:
        return OPEN, "金额待定"
    return (FINE, "") if len(known) == len(limits) else (MASKED, "另一界限未公布")


def _tolerated(
    scores: Scores,
    space: Space,
    row: int,
    pot: Pot,
    breach: str,
    limit: Exact,
    nearest: Exact,
    share: tuple[Exact, Exact],
) -> tuple[str, str]:
    """A surely broken limit, seen in the light of how far the paper lets a share leave it.

    Where the paper does not say what the tolerance is measured in, both readings are tried; if they differ, the verdict
    waits for the open question.
    """
    distance = magnitude(nearest - limit)
    far = max(magnitude(share[0] - limit), magnitude(share[1] - limit))
    said = f"偏离 {quantity_text(distance * 100)} 个百分点" if share[0] == share[1] else ""
    tolerance = pot.tolerance
    if tolerance is None:
        return breach, said
    by = tolerance.by.value
    readings = {"points": [by], "item": [by * limit], "unset": [by, by * limit]}[tolerance.of]
    if all(distance > reading for reading in readings):
        return breach, said
    if not all(far <= reading for reading in readings):
        if share[0] != share[1]:
            return OPEN, "金额待定"
        return DEPENDS, f"{said}；{tolerance.question}：{_question(scores, tolerance.question)}"
    if tolerance.when is None:
        return ALLOWED, said
    filed = space.subjects[tolerance.when]
    assert isinstance(filed, Truth)
    if filed.lo[row]:
        return WITHIN, said
    return (OPEN, f"{said}；等是否已备案") if filed.hi[row] else (UNFILED, said)


def _question(scores: Scores, question: str | None) -> str:
    known = scores.scheme.edition.open_questions
    return known[question].question if question in known else "文件未写明"


def _bans(scores: Scores, space: Space, row: int, pot_id: str, pot: Pot) -> Iterator[FundCheck]:
    for name, cites in pot.bans.items():
        spent, total = _pair(space, name, row), _pair(space, pot.total, row)
        ratio, _ = over(spent, total)
        low, high = spent.lo[0], spent.hi[0]
        verdict = BANNED if low > 0 else FINE if high == 0 else OPEN
        item = scores.scheme.edition.fields[name]
        yield FundCheck(
            str(scores.facts.codes[row]), pot_id, name, item.name, (low, high), (ratio.lo[0], ratio.hi[0]), None, 0,
            verdict, False, "禁止列支", _clauses(scores, cites), item.unit,
        )  # fmt: skip
