"""results.json: what a program needs of a round. Exact numbers are texts; `format` says which keys to expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evaltool.decisions import UNSIGNED, Decisions
from evaltool.facts import LAYERS
from evaltool.files import write_text
from evaltool.results.database import exact_text
from evaltool.results.ranking import places
from evaltool.scoring import Num

FORMAT = 1


def write(path: str | Path, decisions: Decisions) -> Path:
    """The document of a round, as UTF-8 JSON with sorted keys. The same decisions give the same bytes.

    Keys: format, scheme, digest, stamp, notice, counties (code → name, returned, claimed, place, layers → total,
    grades, points, findings), recommendations, funds, duties, problems (docs/results.md). A number is `[lowest,
    highest]`.
    """
    text = json.dumps(document(decisions), ensure_ascii=False, indent=1, sort_keys=True)
    return write_text(path, text + "\n")


def document(decisions: Decisions) -> dict[str, Any]:
    """What `write` writes."""
    scores = decisions.scores
    facts, scheme = scores.facts, scores.scheme
    ranked = places(scores)
    counties = {}
    for i, code in enumerate(map(str, facts.codes)):
        counties[code] = {
            "name": str(facts.roster["name"].iloc[i]),
            "returned": bool(facts.returned[i]),
            "claimed": exact_text(scores.claimed_total(code)) if facts.returned[i] else None,
            "place": [ranked[code].best, ranked[code].worst] if code in ranked else None,
            "layers": {layer: _layer(decisions, layer, i, code) for layer in LAYERS} if facts.returned[i] else {},
        }
    return {
        "format": FORMAT,
        "scheme": scheme.key,
        "digest": scheme.digest,
        "stamp": scores.stamp,
        "notice": UNSIGNED,
        "counties": counties,
        "recommendations": [
            {
                "code": item.subject, "action": item.action, "name": item.action_name, "verb": item.verb,
                "state": item.state, "because": item.because, "within": item.within,
                "waits_for": item.waits_for, "clauses": item.clauses,
                "note": item.note,
            }
            for item in decisions.recommendations
        ],
        "funds": [
            {
                "code": item.subject, "pot": item.pot, "use": item.use, "name": item.name, "verdict": item.verdict,
                "amount": [exact_text(end) for end in item.amount], "unit": item.unit,
                "share": [exact_text(end) for end in item.share] if item.share else None, "note": item.note,
                "clauses": item.clauses,
            }
            for item in decisions.funds
        ],
        "duties": [
            {
                "code": item.subject, "duty": item.duty, "name": item.name, "who": item.who, "kind": item.kind,
                "due": item.when, "state": item.state, "clauses": item.clauses,
            }
            for item in decisions.duties
        ],
        "problems": [
            {
                "code": item.code, "level": item.level, "subject": item.place.subject, "what": item.what,
                "why": item.why, "do": item.do, "workbook": item.place.workbook,
                "sheet": item.place.sheet, "cell": item.place.cell,
                "field": item.place.field, "clause": item.clause,
            }
            for item in (*facts.problems, *scores.problems)
        ],
    }  # fmt: skip


def _layer(decisions: Decisions, layer: str, row: int, code: str) -> dict[str, Any]:
    scores = decisions.scores

    def said(key: str) -> Any:
        column = scores.column(layer, key)
        if not isinstance(column, Num) or scores.is_out(layer, key, row):
            return scores.text(layer, key, row)
        return [exact_text(column.lo[row]), exact_text(column.hi[row])]

    total = scores.total(layer, code)
    return {
        "total": [exact_text(end) for end in total] if total else None,
        "grades": scores.possible_grades(layer, code),
        "points": {key: said(key) for key in scores.nodes},
        "findings": {key: said(key) for key in scores.findings},
    }
