"""The intake report as one page: nothing is fetched, nothing runs, and all text of counties is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaltool.files import write_text
from evaltool.problems import LEVELS, Problem
from evaltool.returns.counts import Counts
from evaltool.returns.letters import file_name
from evaltool.returns.workbook import TITLE, why
from evaltool.scoring import Scores


def write(
    path: Path, scores: Scores, counts: Counts, marked: Mapping[str, str], passed_over: Sequence[str], on: str
) -> Path:
    """Writes report.html. The same facts give the same bytes."""
    facts, who = scores.facts, scores.scheme.edition.subject
    problems: dict[str, list[Problem]] = {}
    for problem in (*facts.problems, *scores.problems):
        problems.setdefault(problem.place.subject, []).append(problem)
    files = [(one, why(scores, one.file), marked.get(one.file, "")) for one in facts.submissions]
    named = {str(code) for code in facts.codes}
    others = [problem for key, found in problems.items() if key not in named for problem in found]
    text = _template().render(
        title=TITLE, scheme=scores.scheme, who=who, on=on, counts=counts, equations=counts.equations(who),
        problems=problems, others=others, files=files, levels=LEVELS, passed_over=passed_over, marked=marked,
        letter=lambda one: quote(f"letters/{file_name(one)}"),
        copy=lambda name: quote(f"marked/{name}"),
    )  # fmt: skip
    return write_text(path, text)


@cache
def _template() -> Any:
    loader = FileSystemLoader(Path(__file__).resolve().parent / "templates")
    options: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    environment = Environment(loader=loader, autoescape=True, **options)
    return environment.get_template("report.html.j2")
