"""The indicators as the table has them, before anything is made of their sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from evaltool.problems import Place, Problem
from evaltool.quantities import Exact

LONGEST_NAME = 30
Block = Literal["base", "bonus", "deduct"]


@dataclass
class Node:
    """One indicator of the table. `texts` holds what its rows say, by the role of the column; `where` is its cell."""

    name: str
    where: Place
    code: str = ""
    points: Exact | None = None
    points_from: str = ""  # in words, for the comment beside the points; empty for its own cell
    claimed: Exact | None = None  # points on paper that do not agree with what the parts add up to
    block: Block = "base"
    texts: dict[str, list[str]] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    doubtful: bool = False  # its points are worked out from others, or taken from its sentence
    marked: bool = False  # its points stand in brackets behind its sentence
    slot: bool = False  # made here for points that no row explains
    id: str = ""

    def say(self, role: str, text: str) -> None:
        said = self.texts.setdefault(role, [])
        if text and text not in said:
            said.append(text)

    def text(self, *roles: str) -> str:
        return "\n".join(text for role in roles for text in self.texts.get(role, []))

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class Outline:
    """Everything that the tables say: first-level indicators, the total that they name, remarks outside the rows."""

    file: str
    title: str = ""
    top: list[Node] = field(default_factory=list)
    total: Exact | None = None
    total_where: Place = field(default_factory=Place)
    remarks: list[tuple[str, Place]] = field(default_factory=list)
    claims: list[tuple[Node | None, Exact, Place]] = field(default_factory=list)  # subtotal rows; None: of everything
    problems: list[Problem] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        for node in self.top:
            yield from node.walk()

    def note(self, code: str, what: str, why: str, do: str, place: Place) -> None:
        self.problems.append(Problem(code, what, why, do, place))


def shortened(text: str) -> str:
    """A name made of a sentence: its first part, cut where it is too long."""
    flat = re.sub(r"\s+", "", text)
    if len(flat) <= LONGEST_NAME:
        return flat.rstrip("。；;，,")
    first = re.split(r"[，。；;：\n,]", flat)[0]
    return (first if 4 <= len(first) <= LONGEST_NAME else flat[: LONGEST_NAME - 6]) + "……"
