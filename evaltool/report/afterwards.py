"""What may follow when the reports are made: PDF of their pages, and some of them made once more by papermill."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaltool.batch.ledger import Ledger
from evaltool.batch.running import Watcher
from evaltool.batch.task import OK, Limits, Outcome, Task
from evaltool.batch.verifying import verify
from evaltool.report.printing import BrowserGone, Printer, PrintError

SAME = "相同"
PDF = "report.pdf"
_TRIES = 2  # of a browser that does not start or answer


def print_pages(reports: Path, outcomes: Sequence[Outcome], watcher: Watcher, ledger: Ledger) -> dict[str, str]:
    """report.pdf beside every report.html that has none since it was made. Returns key → why there is none; empty text
    where there is one. The browser stays open for all of them; where it twice in a row does not start or answer, no
    more is tried, which could take a minute a page. Raises NoBrowser before anything is printed; Lost."""
    due = [item for item in outcomes if item.state == OK and not (reports / item.folder / PDF).is_file()]
    said = {item.key: "" for item in outcomes if item.state == OK}
    if not due:
        return said
    gone = 0  # times in a row
    with Printer() as printer:
        for number, item in enumerate(due, 1):
            ledger.still_ours()
            page = reports / item.folder / "report.html"
            try:
                printer.print(page, page.with_name(PDF))
                gone = 0
            except BrowserGone as error:
                gone += 1
                if gone == _TRIES:
                    left = due[number - 1 :]
                    said |= {one.key: str(error) for one in left}
                    watcher.note(f"浏览器连续 {_TRIES} 次不能用，余下 {len(left)} 份 PDF 不再印：{error}")
                    break
                said[item.key] = str(error)
                watcher.note(f"{item.name} 的 PDF 没有印成：{error}")
            except (PrintError, OSError) as error:
                gone = 0
                said[item.key] = str(error)
                watcher.note(f"{item.name} 的 PDF 没有印成：{error}")
            if number % 100 == 0 or number == len(due):
                watcher.note(f"PDF {number}/{len(due)}")
    return said


def check(
    tasks: Sequence[Task],
    outcomes: Sequence[Outcome],
    reports: Path,
    number: int,
    limits: Limits,
    watcher: Watcher,
    ledger: Ledger,
) -> dict[str, str]:
    """`number` finished reports, drawn at random, made once more by plain papermill and compared, cell by cell and
    file by file. Returns key → 相同, or what differs, a line a difference."""
    good = {item.key for item in outcomes if item.state == OK}
    made = {entry.key: entry.outputs for entry in ledger.standing()}  # which of the files in a folder the run has made
    found = {}
    for item in verify([task for task in tasks if task.key in good], reports, number, limits, outputs=made):
        found[item.task.key] = "\n".join(item.differences) or SAME
        differing = f"有 {len(item.differences)} 处不同" if item.differences else SAME
        watcher.note(f"核对 {item.task.name}：与 papermill 原样做的{differing}")
        for line in item.differences[:5]:
            watcher.note(f"  {line}")
    return found
