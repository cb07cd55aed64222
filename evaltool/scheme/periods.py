"""Editions of one scheme seen together: each day has at most one in force, and none is missing in between."""

from __future__ import annotations

import datetime as dt
import difflib
import itertools
from collections.abc import Iterable
from dataclasses import replace

from evaltool.problems import Problem, RulePlace
from evaltool.scheme.layering import day_before
from evaltool.scheme.scheme import Scheme


def compare_periods(schemes: Iterable[Scheme]) -> list[Problem]:
    """A problem for each overlap and each gap between two editions of one id, at the `valid_to` or `valid_from` that
    makes it. An amended edition ends the day before the notice."""
    by_id: dict[str, list[Scheme]] = {}
    for scheme in schemes:
        by_id.setdefault(scheme.id, []).append(scheme)
    problems: list[Problem] = []
    for mine in by_id.values():
        mine.sort(key=lambda scheme: scheme.edition.valid_from)
        amended = {s.edition.amends: day_before(s.edition.valid_from) for s in reversed(mine) if s.edition.amends}
        for one, other in itertools.pairwise(mine):
            end = min(filter(None, (one.edition.valid_to, amended.get(one.key))), default=None)
            problems += [*_between(one, other, end), *_renamed(one, other)]
    return problems


def _renamed(one: Scheme, other: Scheme) -> list[Problem]:
    """`was:` names something of the edition before."""
    problems = []
    for room in ("fields", "indicators"):
        before, now = getattr(one.edition, room), getattr(other.edition, room)
        for key, item in now.items():
            if item.was is not None and item.was not in before:
                near = difflib.get_close_matches(item.was, before, 1, 0.5)
                do = f"是不是“{near[0]}”？" if near else "写上一版里的名称，或删去 was"
                place = _place(other, room, key, "was")
                problems.append(Problem("S200", f"{one.key} 里没有“{item.was}”", do=do, rule=place))
    return problems


def check_folders(found: Iterable[tuple[str, dt.date, Scheme]]) -> list[Problem]:
    """A problem for each edition that lies in the folder of another one: (id, date) of the folder, what lies there."""
    problems = []
    for scheme_id, day, scheme in found:
        if (scheme.id, scheme.edition.valid_from) != (scheme_id, day):
            what = f"文件夹 {scheme_id}/{day} 里写的是 {scheme.key}"
            key = "id" if scheme.id != scheme_id else "valid_from"
            problems.append(Problem("S213", what, do="文件夹名要与 id、valid_from 一致", rule=_place(scheme, key)))
    return problems


def _between(one: Scheme, other: Scheme, end: dt.date | None) -> list[Problem]:
    start = other.edition.valid_from
    if start == one.edition.valid_from:
        what = f"{one.key} 有两份"
        where = "/".join(one.folders[0].parts[-4:])
        return [Problem("S213", what, do=f"只留一份；另一份在 {where}", rule=_place(other, "valid_from"))]
    if end is None or end >= start:
        until = f"到 {end}" if end else "没有写止期"
        what = f"{one.key}（{until}）与 {other.key} 同时有效"
        why = f"{start} 起有两个版本，不知道按哪一个"
        return [Problem("S213", what, why, f"前一版的 valid_to 写 {day_before(start)}", rule=_place(one, "valid_to"))]
    if end < day_before(start):
        what = f"{one.key} 到 {end} 止，{other.key} 从 {start} 起，中间没有版本"
        why = f"{end + dt.timedelta(days=1)} 至 {day_before(start)} 没有可用的版本"
        do = "核对两版的 valid_to 和 valid_from，使前后相接"
        return [Problem("S213", what, why, do, rule=_place(other, "valid_from"))]
    return []


def _place(scheme: Scheme, *path: str) -> RulePlace:
    """The line, under a name that tells the editions apart."""
    place = scheme.place(*path)
    shown = place.file if "/" in place.file else "/".join((*scheme.folders[0].parts[-3:], place.file))
    return replace(place, file=shown)
