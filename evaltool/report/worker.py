"""A process that makes reports, one after another: tasks come as lines of JSON, outcomes go back as lines of JSON.

Started as `python -m evaltool.report.worker`. It is a program of its own and not a `multiprocessing` child: it starts
alike on every system, needs no `if __name__ == "__main__"` of its caller, and its death shows as the end of its output.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell

from evaltool.files import write_text
from evaltool.report.execution import execute
from evaltool.report.figures import MIME
from evaltool.report.notebooks import read_notebook
from evaltool.report.page import notebook_html


def make_report(notebook: str, parameters: dict[str, str], folder: str, title: str) -> dict[str, Any]:
    """report.ipynb, report.html and (by the notebook itself) report.json in `folder`; only failed.ipynb if it failed.

    Returns {"why": "", "cell": 0} if the last cell ran and report.json is whole, else why not and in which cell.
    """
    place = Path(folder)
    executed = execute(read_notebook(Path(notebook)), parameters, place)
    why, cell = executed.failure, executed.cell
    if not why:
        why, cell = figures_missing(executed.notebook, place), len(executed.notebook.cells)
    if why:
        note = new_markdown_cell(  # type: ignore[no-untyped-call]
            f"**没有完成**：第 {cell} 个单元，{why.replace('`', '')}", id="failure"
        )
        executed.notebook.cells.insert(cell, note)  # behind the cell it speaks of
        write_text(place / "failed.ipynb", _text(executed.notebook))
        return {"why": why, "cell": cell}
    page = notebook_html(executed.notebook, title)
    write_text(place / "report.ipynb", _text(executed.notebook))
    write_text(place / "report.html", page)
    return {"why": "", "cell": 0}


def figures_missing(notebook: Any, folder: Path) -> str:
    """Why report.json does not prove that the notebook came to its end; empty if it does.

    The last code cell shows the hash of the file it wrote, so that neither a left-over nor a truncated file passes.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [out["data"][MIME] for out in (code[-1].outputs if code else []) if MIME in out.get("data", {})]
    if not shown:
        return "最后一个单元没有写出 report.json"
    try:
        data = (folder / "report.json").read_bytes()
    except OSError:
        return "没有 report.json"
    if hashlib.sha256(data).hexdigest() != shown[-1].get("sha256"):
        return "report.json 不完整，或不是这一次写的"
    return ""


def _text(notebook: Any) -> str:
    return str(nbformat.writes(notebook, version=4)) + "\n"  # type: ignore[no-untyped-call]


def main() -> None:
    """Reads tasks until the input ends. What notebooks or libraries print cannot mix with the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        task = json.loads(line)
        try:
            answer = make_report(**task)
        except Exception as error:  # noqa: BLE001 – this county's failure; the next one is made
            traceback.print_exc()
            answer = {"why": f"{type(error).__name__}：{error}", "cell": 0}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
