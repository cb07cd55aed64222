"""Whether the cases notice a slip of the pen: every number of an edition is changed in turn, and some case must fail.

An edition whose changed copy no longer loads (points that do not add up, steps out of order) has noticed too.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from evaltool.cases import run_cases
from evaltool.problems import Problem
from evaltool.scheme import Scheme, reload
from evaltool.scheme.looks import Path_, rules_of
from evaltool.scheme.rules import Levels

# what decides no result: names, texts, dates of papers, and whether a person is asked at all
_SILENT = {
    "format", "id", "name", "valid_from", "valid_to", "checked_on", "code", "note", "cite", "clause", "question",
    "reading", "source", "site_check", "evidence", "options", "open_questions", "not_scored", "stages", "open",
    "was", "amends", "extends", "due", "within", "gist", "title", "unit", "asked_when",
}  # fmt: skip
_ROOMS = (
    "fields", "lists", "indicators", "events", "duties", "funds", "uses", "columns", "levels", "items", "bans",
)  # fmt: skip
_NUMBER = re.compile(r"(?:^-)?(?<![\w.'\"])\d+(?:\.\d+)?(?![\w.])")
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_FLIPS = {"at_least": "more_than", "more_than": "at_least", "at_most": "less_than", "less_than": "at_most"}
_SIGNS = re.compile(r"(?<![<>=!])(>=|<=|>|<)(?!=)")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One slip: where, what stood there, what stands there now. `key` is the new key where a key was flipped."""

    path: Path_
    old: str
    new: str
    key: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}：{self.old} → {self.new}"


def mutations(scheme: Scheme) -> list[Mutation]:
    """Every number of scheme.yaml raised by one in its last place, every date put off, every edge turned over."""
    return [_period(scheme, one) for one in _walk(scheme.document.tree, ()) if not _idle(scheme, one.path)]


_PERIODS = {"month": 31, "quarter": 92, "half_year": 184, "year": 366}


def _period(scheme: Scheme, one: Mutation) -> Mutation:
    """The first and last day of a calendar move by a whole period, because it counts in periods."""
    if one.path[0] != "lists" or one.path[-1] not in ("from", "to"):
        return one
    every = scheme.edition.lists[str(one.path[1])].every or "month"
    day = dt.date.fromisoformat(one.old) + dt.timedelta(days=_PERIODS[every])
    return replace(one, new=day.isoformat())


def _idle(scheme: Scheme, path: Path_) -> bool:
    """Whether nothing is computed from what stands here: a text in a fixed row, an end of a range without a beyond."""
    if path[0] == "lists" and path[2] == "rows":
        return scheme.edition.lists[str(path[1])].columns[str(path[4])].type == "text"
    if path[-2:-1] == ("between",):
        return path[-3] in {rule.chosen for rule in _levels(scheme)}  # the levels' own intervals say the same
    if path[-1] in ("low", "high"):
        holder = scheme.document.tree
        for part in path[:-1]:
            holder = holder[part]
        return bool(holder.get("below" if path[-1] == "low" else "above") == "full")
    return False


def _levels(scheme: Scheme) -> Iterator[Levels]:
    for item in scheme.indicators.values():
        yield from (rule for _, rule in rules_of(item) if isinstance(rule, Levels))


def _walk(node: Any, path: Path_) -> Iterator[Mutation]:
    if isinstance(node, dict):
        for key, value in node.items():
            named = bool(path) and path[-1] in _ROOMS  # an id of the edition's own, whatever it is called
            if key in _SILENT and not named:
                continue
            if key in _FLIPS and isinstance(value, str) and "funds" not in path:
                yield Mutation((*path, key), key, _FLIPS[key], _FLIPS[key])
            yield from _walk(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _walk(value, (*path, i))
    elif isinstance(node, str):
        yield from _scalars(node, path)


def _scalars(text: str, path: Path_) -> Iterator[Mutation]:
    for match in _DATE.finditer(text):
        day = dt.date.fromisoformat(match[0]) + dt.timedelta(days=1)
        yield Mutation(path, text, text[: match.start()] + day.isoformat() + text[match.end() :])
    if _DATE.search(text):
        return
    for match in _NUMBER.finditer(text):
        yield Mutation(path, text, text[: match.start()] + _raised(match[0]) + text[match.end() :])
    if path[-1] in ("when", "value", "met", "breaches"):
        for match in _SIGNS.finditer(text):
            other = {">=": ">", ">": ">=", "<=": "<", "<": "<="}[match[1]]
            yield Mutation(path, text, text[: match.start()] + other + text[match.end() :])


def _raised(numeral: str) -> str:
    """One more in the last place: 10.5 → 10.6, 65 → 66, -0.5 → -0.4."""
    whole, dot, places = numeral.lstrip("-").partition(".")
    number = int(whole + places) * (-1 if numeral.startswith("-") else 1) + 1
    raised = str(abs(number)).zfill(len(places) + 1)
    sign = "-" if number < 0 else ""
    return sign + (raised[: -len(places)] + dot + raised[-len(places) :] if places else raised)


def mutated(scheme: Scheme, mutation: Mutation) -> Any:
    """scheme.yaml's tree with one slip in it."""
    tree = deepcopy(scheme.document.tree)
    holder = tree
    for part in mutation.path[:-1]:
        holder = holder[part]
    last = mutation.path[-1]
    if mutation.key:
        items = [(mutation.key if key == last else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(items)
    else:
        holder[last] = mutation.new
    return tree


def noticed(scheme: Scheme, mutation: Mutation) -> bool:
    """Whether the changed edition no longer loads, or some case fails."""
    changed = reload(scheme, mutated(scheme, mutation))
    if changed is None:
        return True
    try:
        return any(result.problems for result in run_cases(changed))
    except (KeyError, ValueError):  # a case no longer fits the edition: a calendar with fewer rows, say
        return True


def survivors(scheme: Scheme, watch: Callable[[list[Mutation]], Iterable[Mutation]] = iter) -> Iterator[Problem]:
    """A problem for each slip that no case notices. `watch` may show how far it is (tqdm)."""
    for mutation in watch(mutations(scheme)):
        if not noticed(scheme, mutation):
            what = f"把 {mutation} 后，没有一个算例失败"
            place = scheme.document.place(mutation.path, key=bool(mutation.key))
            yield Problem("S219", what, do="补一个会因这个数字而不同的算例", rule=place)
