"""What still stands in the way of final results: nothing that waits may be published as if it were decided."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.facts import OFFICIAL
from evaltool.scheme.looks import rules_of
from evaltool.scheme.rules import Delegated
from evaltool.scoring import Scores

SHOWN = 5  # open fields that are named for one subject


def obstacles(scores: Scores) -> list[str]:
    """One sentence for each thing that is open: the edition itself, then every subject in the order of the roster."""
    return [*_of_edition(scores), *_of_subjects(scores)]


def _of_edition(scores: Scores) -> Iterator[str]:
    scheme, edition = scores.scheme, scores.scheme.edition
    if edition.status == "draft":
        yield "指标体系是草稿；改完、核对过，把 status 改成 official 或 reference"
    for key, item in scheme.indicators.items():
        for _, rule in rules_of(item):
            if isinstance(rule, Delegated):
                yield f"“{item.name}”（{key}）还是空位：{rule.note}；在指标体系里写上规则"
    for key, question in edition.open_questions.items():
        if key not in scores.facts.accepted:
            reading = f"我们的读法是“{question.reading}”" if question.reading else "还没有读法"
            yield f"待定问题 {key} 没有人确认：{question.question}（{reading}）；确认后写进 round.yaml 的 accepted"


def _of_subjects(scores: Scores) -> Iterator[str]:
    facts, scheme = scores.facts, scores.scheme
    for row, code in enumerate(map(str, facts.codes)):
        name = facts.roster["name"].iloc[row]
        if not facts.returned[row]:
            yield f"{name}（{code}）{facts.absence(code)}；收到表后再定稿"
            continue
        keys = [key for key in (scheme.total, scheme.grade) if key and not scores.settled(OFFICIAL, key, row)]
        if keys:
            said = "、".join(f"{scheme.indicators[key].name}{scores.text(OFFICIAL, key, row)}" for key in keys)
            waits = scores.waits(code)
            more = f" 等 {len(waits)} 项" if len(waits) > SHOWN else ""
            yield f"{name}（{code}）{said}；等：{'、'.join(waits[:SHOWN])}{more}"
