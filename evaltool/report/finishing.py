"""The last step of a report, in the process that ran its notebook: is the work whole, and its page.

`evaltool.batch` calls `finish` by name; it is the only thing that the batch and the reports have in common.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from evaltool.files import write_text
from evaltool.report.figures import MIME
from evaltool.report.page import notebook_html, warm
from evaltool.report.shared_round import warm as warm_round

FINISH = "evaltool.report.finishing:finish"
WARM = "evaltool.report.finishing:warm_up"


def finish(notebook: Any, folder: Path, options: dict[str, Any]) -> tuple[int, str]:
    """Writes report.html beside the figures and returns (0, ""); or (cell, why) if the figures are not whole.

    options  title, look, self_contained, before and after (address and title), figures: whether they must be there
    """
    why = figures_missing(notebook, folder, must=bool(options.get("figures", True)))
    if why:
        return len(notebook.cells), why
    before, after = (tuple(options[name]) if options.get(name) else None for name in ("before", "after"))
    page = notebook_html(
        notebook, options["title"], before=before, after=after, look=options.get("look", "light"),
        self_contained=bool(options.get("self_contained")),
    )  # fmt: skip
    write_text(folder / "report.html", page)
    return 0, ""


def figures_missing(notebook: Any, folder: Path, *, must: bool = True) -> str:
    """Why report.json does not prove that the notebook came to its end; empty if it does.

    The last cell of a report shows the hash of the file it wrote, so that neither a left-over nor a truncated file
    passes. A notebook of an analyst's own need not write one (`must`); if it does, it has to be whole all the same.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [out["data"][MIME] for cell in code for out in cell.outputs if MIME in out.get("data", {})]
    last = [out["data"][MIME] for out in (code[-1].outputs if code else []) if MIME in out.get("data", {})]
    if must and not last:
        return "最后一个单元没有写出 report.json"
    if not shown:
        return ""
    try:
        data = (folder / "report.json").read_bytes()
    except OSError:
        return "没有 report.json"
    if hashlib.sha256(data).hexdigest() != shown[-1].get("sha256"):
        return "report.json 不完整，或不是这一次写的"
    return ""


def warm_up(round_folder: str, look: str) -> None:
    """What a server does before it forks: all reports of a round begin with it."""
    warm(look)
    warm_round(round_folder)
