"""The closed lists of words (indicators/vocab.yaml): units, evidence kinds, actions, roles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import indicators
from evaltool.problems import SchemeError
from evaltool.scheme import dialect
from evaltool.scheme.models import Edition


@dataclass(frozen=True)
class Vocabulary:
    """id or word → the Chinese name shown to people."""

    units: dict[str, str]
    evidence: dict[str, str]
    actions: dict[str, str]
    roles: dict[str, str]


@cache
def vocabulary() -> Vocabulary:
    """The words of this installation. Raises SchemeError if the file is broken."""
    document, problems = dialect.read(Path(str(indicators.root())) / "vocab.yaml")
    if problems:
        raise SchemeError(problems)
    tree = document.tree

    def words(name: str) -> dict[str, str]:
        part = tree.get(name, {})
        return {word: word for word in part} if isinstance(part, list) else dict(part)

    return Vocabulary(words("units"), words("evidence"), words("actions"), words("roles"))


def words_of(edition: Edition) -> Vocabulary:
    """The words of this installation with those that an edition brings itself."""
    known, own = vocabulary(), edition.words
    return Vocabulary(
        known.units | {word: word for word in own.units},
        known.evidence | {word: word for word in own.evidence},
        known.actions | own.actions,
        known.roles | own.roles,
    )
