"""What a report would cost without a notebook: a plain function in a fork, the floor that benchmarks/batch.py measures
against."""

from __future__ import annotations

import os
import re
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
