"""What a report of a county costs, and what it would cost without a notebook: the forked floor.

    python benchmarks/batch.py ROUND [N]

ROUND is a scored round (benchmarks/nation.py makes one of any size). Prints medians over N counties spread over the
roster, of CPU seconds as the system counts them for each forked child.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# one thread in this process, or it must not fork: BLAS, and the one that pyarrow starts when it is imported
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", JE_ARROW_MALLOC_CONF="background_thread:false")

import nbformat

from evaltool.files import write_text
from evaltool.report.county import CountyPage
from evaltool.report.figures import write_figures
from evaltool.report.notebooks import COUNTY, notebook_path
from evaltool.report.page import notebook_html
from evaltool.report.shared_round import reading_of, warm

_CALL = re.compile(r"page\.(\w+)\(\)\s*\Z")


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of one child (user and system), and the bytes of the page that it made."""

    code: str
    cpu: float
    size: int


def floor(round_folder: Path, codes: Sequence[str], out: Path) -> list[Spent]:
    """The report of each county, made by a plain function in a fork of this process: the same charts, tables, HTML and
    report.json as from the notebook, but no notebook is run. Raises RuntimeError where a child fails.

    out  gets a folder a county with report.html and report.json
    """
    warm(round_folder)
    plain_report(round_folder, codes[0], out / codes[0])  # what only the first costs: templates, encoders
    spent = []
    for code in codes:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                plain_report(round_folder, code, out / code)
                status = 0
            finally:
                os._exit(status)
        _, status, used = os.wait4(child, 0)
        if status:
            raise RuntimeError(f"{code}: the child ended with status {status}")
        spent.append(Spent(code, used.ru_utime + used.ru_stime, (out / code / "report.html").stat().st_size))
    return spent


def plain_report(round_folder: Path, code: str, folder: Path) -> None:
    """report.html and report.json of a county, without a kernel and without running any cell."""
    page = CountyPage(reading_of(round_folder), code)
    cells = []
    for kind, source in _cells():
        called = _CALL.search(source) if kind == "code" else None
        if called is None:
            cells.append(_cell(kind, source, []))
            continue
        name = called.group(1)
        piece = write_figures(folder, page.figures()) if name == "finish" else getattr(page, name)()
        cells.append(_cell(kind, source, [_shown(piece, len(cells))]))
    notebook = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    write_text(folder / "report.html", notebook_html(notebook, f"{code} {page.name}"))


@cache
def _cells() -> list[tuple[str, str]]:
    """Kind and source of the cells of the county's notebook."""
    notebook = nbformat.read(notebook_path(COUNTY), as_version=4)
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def _cell(kind: str, source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    whole = {"cell_type": kind, "metadata": {}, "source": source}
    return whole | ({"outputs": outputs, "execution_count": None} if kind == "code" else {})


def _shown(piece: Any, count: int) -> dict[str, Any]:
    """What a notebook keeps of the last value of a cell."""
    if hasattr(piece, "_repr_mimebundle_"):
        data = piece._repr_mimebundle_()
    else:
        data = {"text/html": piece._repr_html_(), "text/plain": repr(piece)}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}


def spread(codes: Sequence[str], size: int) -> list[str]:
    """So many codes, evenly over the roster."""
    return list(codes[:: max(1, len(codes) // size)][:size])


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder, size = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 30
    codes = list(reading_of(folder).codes)
    with tempfile.TemporaryDirectory() as out:
        spent = floor(folder, spread(codes, size), Path(out))
    cpu = [one.cpu for one in spent]
    print(f"{len(codes)} counties in the round, {len(spent)} reported; forked floor, CPU ms a county:")
    print(f"  median {statistics.median(cpu) * 1000:.1f}, {min(cpu) * 1000:.1f} to {max(cpu) * 1000:.1f}")
    print(f"  page: {max(one.size for one in spent) / 1024:.1f} KiB at most")


if __name__ == "__main__":
    main()
