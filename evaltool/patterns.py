"""Cases that are run on every row of a list that the edition fixes (`each:`): the same edges, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from evaltool.facts import OFFICIAL
from evaltool.intake.layout import fixed_rows, given_values
from evaltool.quantities import Exact, decimal_text, divide, parse_number
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Name, Node, Num, Operation, parse
from evaltool.scheme.papers import Pattern
from evaltool.scoring import Num as Numbers
from evaltool.scoring import Scores

_SIGNS: dict[str, Callable[[Exact, Exact], Exact]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
}


def sheets(scheme: Scheme, pattern: Pattern) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name of the row, lists of a submission in which only this row is filled in) for every fixed row."""
    item = scheme.edition.lists[pattern.list]
    rows = fixed_rows(item)
    for i, row in enumerate(rows):
        given = given_values(item, row)
        cells = {key: _value(text, given) for key, text in pattern.cells.items()}
        name = "、".join(str(value) for value in given.values() if isinstance(value, str)) or f"第 {i + 1} 行"
        yield name, {"lists": {pattern.list: [cells if j == i else {} for j in range(len(rows))]}}


def wrong(scores: Scores, code: str, pattern: Pattern, place: int) -> Iterator[tuple[str, str]]:
    """(indicator, what differs) of the row at `place` among the rows of one submission."""
    scheme, per = scores.scheme, pattern.list
    owners = scores.outcomes[OFFICIAL].space.owners[per]
    line = int(np.flatnonzero(owners == scores.facts.position(code))[place])
    item = scheme.edition.lists[per]
    given = given_values(item, fixed_rows(item)[place])
    for key, text in pattern.expect.items():
        column, found = scores.outcomes[OFFICIAL].results[key], scores.text(OFFICIAL, key, line)
        wanted = _value(text, given)
        same = str(wanted) == found
        if isinstance(column, Numbers) and not isinstance(wanted, str):
            same = column.lo[line] == column.hi[line] == wanted
        if not same:
            yield key, f"{key} 应为 {wanted if isinstance(wanted, str) else decimal_text(wanted)}，算出 {found}"


def _value(text: str, given: dict[str, Any]) -> Exact | str:
    """A cell as typed, a number where it is one, or what a formula over the given columns comes to."""
    if text.startswith("="):
        return _computed(parse(text[1:].strip()).tree, given)
    try:
        return parse_number(text)
    except ValueError:
        return text


def _computed(node: Node, given: dict[str, Any]) -> Exact:
    """Raises ValueError for a name that is no given number, and for anything but plain arithmetic."""
    match node:
        case Num(value=value):
            return value
        case Name(id=name) if isinstance(given.get(name), int | Fraction):
            found: Exact = given[name]
            return found
        case Operation(op="neg", parts=(part,)):
            return -_computed(part, given)
        case Operation(op=op, parts=(left, right)) if op in _SIGNS:
            return _SIGNS[op](_computed(left, given), _computed(right, given))
    raise ValueError("each 里的公式只用给定列的数和加减乘除")
