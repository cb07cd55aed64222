"""Everything that is written after files have come in: marked copies, letters, the intake report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaltool.facts import REPLACED
from evaltool.returns import letters, marking, page, workbook
from evaltool.returns.counts import Counts, count
from evaltool.scoring import Scores


@dataclass(frozen=True)
class Going:
    """What is known of a delivery besides the facts.

    files        name → where the file is kept; one of which nothing could be kept is not there
    passed_over  files deeper in the folders that came which are no workbooks and were not read
    on           the day on which the round stands
    """

    files: Mapping[str, Path]
    passed_over: Sequence[str] = ()
    on: str = ""


def give_back(folder: Path, scores: Scores, going: Going) -> Counts:
    """Writes intake/marked, intake/letters, intake/report.html and report.xlsx, and returns the counts.

    Raises CountsError, before anything is written, where the counts do not close.
    """
    facts = scores.facts
    counts = count(scores, going.files)
    problems = [*facts.problems, *scores.problems]
    wanted = {one.file: one.sha256 for one in facts.submissions if one.state != REPLACED}
    files = {name: (going.files[name], sha256) for name, sha256 in wanted.items() if sha256}
    marked = marking.mark_all(folder, facts.scheme, files, problems)
    letters.write_all(folder / "letters", scores, counts, marked)
    page.write(folder / "report.html", scores, counts, marked, going.passed_over, going.on)
    workbook.write(folder / "report.xlsx", scores, counts, marked, going.passed_over, going.on)
    return counts
