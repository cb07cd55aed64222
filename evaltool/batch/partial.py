"""The notebook as far as it came, written by those who outlived the process that ran it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat

from evaltool.batch.notebooks import notebook_text
from evaltool.batch.order import JOURNAL, finished_cell
from evaltool.batch.run import PARTIAL, take_out_times
from evaltool.batch.verdict import Verdict, mark
from evaltool.files import write_text

# A journal lies in the working folder of a notebook, which may have written anything over it.
_ODD = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, StopIteration)


def stopped_in(folder: Path) -> int:
    """The cell, from 1, that had begun but not ended by the journal; 0 if that cannot be told."""
    with suppress(*_ODD), (folder / JOURNAL).open(encoding="utf-8") as lines:
        cells = json.loads(next(lines))["notebook"]["cells"]
        done = -1
        for line in lines:
            if said := finished_cell(line):
                done = max(done, said[0])
        left = [number for number, cell in enumerate(cells) if number > done and cell["cell_type"] == "code"]
        return left[0] + 1 if left else 0
    return 0


def write_partial(folder: Path, end: Mapping[str, Any]) -> None:
    """Writes failed.ipynb into `folder` from the journal, unless the process has done so itself. A folder that cannot
    be written to has no partial notebook; the ledger has the reason all the same."""
    if (folder / PARTIAL).exists():
        return
    with suppress(*_ODD):
        with (folder / JOURNAL).open(encoding="utf-8") as lines:
            notebook = nbformat.from_dict(json.loads(next(lines))["notebook"])  # type: ignore[no-untyped-call]
            for line in lines:
                if (said := finished_cell(line)) and said[0] < len(notebook.cells):
                    notebook.cells[said[0]] = nbformat.from_dict(said[1])  # type: ignore[no-untyped-call]
        take_out_times(notebook)
        write_text(folder / PARTIAL, notebook_text(mark(notebook, Verdict(end["state"], end["cell"], end["reason"]))))

