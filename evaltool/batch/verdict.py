"""Whether a notebook really ran to its end, seen from the notebook and not from what papermill says."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Any

from nbformat.v4 import new_markdown_cell

from evaltool.batch.task import DISK, EXITED, FAILED, INCOMPLETE, MEMORY, OK, TIMEOUT

ANCHOR = "evaltool-failed-cell"
_NO_ROOM = tuple(f"[Errno {number}]" for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) if number)


@dataclass(frozen=True, slots=True)
class Verdict:
    """state and reason as in `task.Outcome`; cell counts from 1, 0 where none is to blame."""

    state: str
    cell: int = 0
    reason: str = ""


GOOD = Verdict(OK)


def judged(notebook: Any, limit: str = "") -> Verdict:
    """Looks at every code cell: an error, or a cell that never ran, is a failure whatever papermill said.

    limit  what the runner was told when it was interrupted; an interrupted cell then is a time-out
    """
    code = [(number, cell) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    for number, cell in code:
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                return _error(output, number, limit)
        if cell.metadata.get("papermill", {}).get("exception"):  # the kernel could not send what went wrong
            return Verdict(FAILED, number, "单元出错，但没有留下错误信息（例如其中有不完整的字符）；看 .run/logs 里的日志")
    for number, cell in code:
        skipped = "skip-execution" in cell.metadata.get("tags", [])
        if cell.execution_count is None and cell.source.strip() and not skipped:
            return Verdict(INCOMPLETE, number, "单元没有运行")
    return GOOD


def _error(output: Any, number: int, limit: str) -> Verdict:
    said = first_line(output.evalue)
    if output.ename == "SystemExit":
        return Verdict(EXITED, number, f"单元自行退出（sys.exit({output.evalue})），后面的单元没有运行")
    if output.ename == "KeyboardInterrupt" and limit:
        return Verdict(TIMEOUT, number, limit)
    if output.ename.endswith("MemoryError"):
        return Verdict(MEMORY, number, f"内存超限{'：' + said if said else ''}")
    if output.ename == "OSError" and said.startswith(_NO_ROOM):
        return Verdict(DISK, number, f"写不了文件：{said}")
    return Verdict(FAILED, number, f"{output.ename}：{said}" if said else output.ename)


def first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def mark(notebook: Any, verdict: Verdict) -> Any:
    """Puts a note on top that says what went wrong, and an anchor before the cell where it did."""
    reason = verdict.reason.replace("`", "").replace("<", "＜")
    if not 1 <= verdict.cell <= len(notebook.cells):
        notebook.cells.insert(0, _note(f"**没有完成**：{reason}", "evaltool-failure"))
        return notebook
    number = verdict.cell
    notebook.cells.insert(number - 1, _note(f'<a id="{ANCHOR}"></a>**停在下面这个单元**：{reason}', ANCHOR))
    text = f"**没有完成**：[第 {number} 个单元](#{ANCHOR})，{reason}"
    notebook.cells.insert(0, _note(text, "evaltool-failure"))
    return notebook


def _note(text: str, name: str) -> Any:
    return new_markdown_cell(text, id=name, metadata={"tags": [name]})  # type: ignore[no-untyped-call]
