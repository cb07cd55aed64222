"""Clauses as they read in a narrow column: their numbers, marked where an edition rests on several documents."""

from __future__ import annotations

from collections.abc import Sequence

from evaltool.scheme import Scheme


def short_clauses(scheme: Scheme, cites: Sequence[str]) -> str:
    """`三、五（一）2`; with several documents `LA 到位率、JD 到位及时率`."""
    several = len(scheme.sources) > 1
    texts = []
    for cite in cites:
        key, _, clause = cite.partition("/")
        texts.append(f"{key} {clause}" if several else clause)
    return "、".join(texts)


def legend(scheme: Scheme) -> list[str]:
    """The documents that the clauses are of, one text each."""
    several = len(scheme.sources) > 1
    texts = []
    for key, source in scheme.sources.items():
        number = "" if source.number in (None, "unknown") else f"（{source.number}）"
        texts.append(f"{f'{key} 指' if several else ''}《{source.title}》{number}")
    return texts
