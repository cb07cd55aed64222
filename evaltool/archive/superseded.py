"""Which of several workbooks of one county counts: the one that came last; the older ones are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from evaltool.archive.received import Received
from evaltool.facts import Facts, Submission
from evaltool.problems import Place, Problem

REPLACED = "已替代"
PROVINCE = "省级认定表"
REFUSED = "退回"
Reader = Callable[[Sequence[Received]], Facts]


def read_latest(came: Sequence[Received], read: Reader) -> Facts:
    """The facts of what came, where a later delivery replaces an earlier one of the same county (or 认定表).

    Only a workbook that would be taken on its own replaces another, and nothing is replaced in silence: each older one
    stands among the submissions as 已替代 and has its note (W116). Two in one delivery are left to the reader, which sets
    all aside.
    """
    facts = read(came)
    older: dict[Received, tuple[Received, Submission]] = {}
    for group in _several(came, facts):
        alone = {item: read([item]).submissions[0] for item in group}
        good = [item for item in group if alone[item].state != REFUSED]
        newest = _newest(good)
        if newest is not None:
            older |= {item: (newest, alone[item]) for item in good if item.sha256 != newest.sha256}
    if not older:
        return facts
    facts = read([item for item in came if item not in older])
    return replace(
        facts,
        submissions=(*facts.submissions, *(replace(one, state=REPLACED) for _, one in older.values())),
        problems=(*facts.problems, *(_note(item, newest, one) for item, (newest, one) in older.items())),
    )


def _newest(good: Sequence[Received]) -> Received | None:
    """The one that counts: alone in the latest delivery, or the only one that was new in it (a folder that grows is
    given again and again). None where a delivery brought two new ones, and nothing later says which."""
    for number in sorted({number for item in good for number in item.deliveries}, reverse=True):
        here = [item for item in good if number in item.deliveries]
        new = [item for item in here if item.deliveries[0] == number]
        for some in (here, new):
            if len({item.sha256 for item in some}) == 1:
                return some[0]
        if new:
            return None
    return None


def _several(came: Sequence[Received], facts: Facts) -> list[list[Received]]:
    """Files of one county (or 认定表), where there are several."""
    whose = {
        (one.file, one.sha256): one.subject or PROVINCE
        for one in facts.submissions
        if one.subject or one.name == PROVINCE
    }
    groups: dict[str, list[Received]] = {}
    for item in came:
        if owner := whose.get((item.name, item.sha256)):
            groups.setdefault(owner, []).append(item)
    return [group for group in groups.values() if len({item.sha256 for item in group}) > 1]


def _note(item: Received, newest: Received, one: Submission) -> Problem:
    what = f"{item.name} 已由后收到的 {newest.name} 替代"
    why = "同一个县先后收到几份，用最后收到的；其余原样保存，不参加评分"
    do = f"核对 {newest.name} 是不是该用的一份；要改用 {item.name}，单独再收一次"
    return Problem("W116", what, why, do, Place(item.name, subject=one.subject))
