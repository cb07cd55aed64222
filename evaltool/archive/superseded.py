"""Which of several workbooks of one county counts: the one that came last; the older ones are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaltool.archive.received import Received
from evaltool.facts import ACCEPTED, OFFICIAL_BOOK, REPLACED, TABLE
from evaltool.intake.taking import Came

PROVINCE = "省级认定表"
Item = tuple[Received, Came]


def latest(items: Sequence[Item]) -> list[Came]:
    """What each file says, where a later delivery replaces an earlier one for the same county (or 认定表).

    Only what would be taken on its own replaces anything, and nothing is replaced in silence: each older file stands
    among the submissions as 已替代 and has its note (W116); of a 汇总表 only the counties that came again are replaced. Two
    in one delivery are left to `settle`, which sets both aside.
    """
    own = [(item, replace(one, table=dict(one.table), problems=list(one.problems))) for item, one in items]
    groups: dict[str, list[Item]] = {}
    for item, one in own:
        owners = {ACCEPTED: [one.subject], TABLE: [*one.table], OFFICIAL_BOOK: [PROVINCE]}.get(one.state, [])
        for owner in owners:
            groups.setdefault(owner, []).append((item, one))
    for owner, group in groups.items():
        newest = _newest([item for item, _ in group])
        if newest is not None:
            for item, one in group:
                if item.sha256 != newest.sha256:
                    _replace(one, newest, "" if owner == PROVINCE else owner)
    return [one for _, one in own]


def _replace(one: Came, newest: Received, owner: str) -> None:
    whose = f"里 {owner} 的一行" if one.state == TABLE else ""
    what = f"{one.file}{whose} 已由后收到的 {newest.name} 替代"
    why = "同一个县先后收到几份，用最后收到的；其余原样保存，不参加评分"
    do = f"核对 {newest.name} 是不是该用的一份；要改用 {one.file}，单独再收一次"
    one.tell("W116", what, why, do, owner)
    if one.state == TABLE:
        del one.table[owner]
    if one.state != TABLE or not one.table:
        one.state = REPLACED


def _newest(good: Sequence[Received]) -> Received | None:
    """The one that counts: alone in the latest delivery, or the only one that was new in it (a folder that grows is
    given again and again). None where a delivery brought two new ones, and nothing later says which."""
    if len({item.sha256 for item in good}) == 1:
        return None
    for number in sorted({number for item in good for number in item.deliveries}, reverse=True):
        here = [item for item in good if number in item.deliveries]
        new = [item for item in here if item.deliveries[0] == number]
        for some in (here, new):
            if len({item.sha256 for item in some}) == 1:
                return some[0]
        if new:
            return None
    return None
