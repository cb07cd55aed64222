"""From the paper to a draft: an office's indicator table (xlsx, docx) becomes an edition of status `draft`.

The draft loads. What the table does not say plainly stands in it as an open slot, and every doubt is a problem with its
place; nothing is guessed in silence.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaltool.files import write_text
from evaltool.importing.draft import Target, files
from evaltool.importing.header import Header, find_header
from evaltool.importing.opening import open_tables
from evaltool.importing.outline import Outline
from evaltool.importing.plan import Plan, plans
from evaltool.importing.rows import Reader
from evaltool.importing.tables import Table
from evaltool.importing.tree import reconcile
from evaltool.problems import Place, Problem
from evaltool.scheme import examine

__all__ = ["Imported", "import_table"]
_TRIES = 5


@dataclass(frozen=True)
class Imported:
    """What came of a table: the folder of the draft (None where the file was refused) and everything to look at."""

    folder: Path | None
    problems: tuple[Problem, ...]
    indicators: int = 0
    proposed: int = 0
    open: int = 0


def import_table(
    path: Path, scheme_id: str, day: dt.date, editions: Path, *, sheets: Sequence[str] = (), subject: str = "县"
) -> Imported:
    """Reads the indicator table in `path` and writes editions/ISSUER/SCHEME/DATE.

    Raises FileExistsError where that folder holds something, ValueError for a sheet that is not there.
    """
    folder = editions.joinpath(*scheme_id.split("/"), day.isoformat())
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} 已经有内容，导入不覆盖；换一个日期或文件夹，或先把它移走")
    tables, problems = open_tables(path)
    if any(problem.level == "stop" for problem in problems):
        return Imported(None, tuple(problems))
    unknown = [name for name in sheets if name not in {table.name for table in tables}]
    if unknown:
        raise ValueError(f"没有“{'、'.join(unknown)}”；可用：{'、'.join(table.name for table in tables)}")
    outline = Outline(path.name, problems=problems)
    _read([table for table in tables if not sheets or table.name in sheets], outline)
    if not outline.top:
        what = f"{path.name} 里没有找到指标表" if tables else f"{path.name} 里没有表格"
        do = "表头要有指标名称，以及分值、评分标准或评价内容"
        return Imported(None, (*outline.problems, Problem("I204", what, "", do, Place(path.name))))
    points = reconcile(outline)
    target = Target(scheme_id, day, subject)
    made, texts = _that_loads(outline, points, target)
    for name, text in texts.items():
        write_text(folder / name, text)
    rules = [plan for plan in made if plan.proposal is not None]
    proposed = sum(plan.proposed for plan in rules)
    return Imported(folder, tuple(outline.problems), len(made), proposed, len(rules) - proposed)


def _read(tables: list[Table], outline: Outline) -> None:
    """Every table with a header; one without, of the same width and right behind, goes on with the one before."""
    reader = Reader(outline)
    last: tuple[Header, int] | None = None
    for table in tables:
        header = find_header(table)
        place = Place(outline.file, table.name)
        if header is not None:
            same = last is not None and last[0].texts == header.texts
            if not same:
                reader.path, reader.section = [], None
            last = (header, table.width)
            _title(table, header, outline)
            reader.take(table, header, header.bottom)
        elif last is not None and last[1] == table.width:
            outline.note("I225", "这张表没有表头，接在前一张后面读", "列数相同", "核对接得对不对", place)
            reader.take(table, last[0], 0)
        else:
            outline.note("I220", "这张表没有读", "没有认出指标表的表头", "要读就补上表头再导入", place)


def _title(table: Table, header: Header, outline: Outline) -> None:
    """What stands above the header: the title, and lines about the points."""
    lines = list(table.above)
    for row in range(header.top):
        lines += [cell.text for cell in table.row(row) if cell.row == row]
    if lines and not outline.title:
        outline.title = "\n".join(lines)
        outline.total_where = Place(outline.file, table.name)
    if header.total and outline.total is None:
        outline.total = int(header.total)
        outline.total_where = Place(outline.file, table.name)


def _that_loads(outline: Outline, points: object, target: Target) -> tuple[list[Plan], dict[str, str]]:
    """The draft, with every proposal that the checks of a definition refuse turned into an open slot."""
    read, refused = list(outline.problems), set[str]()
    for _ in range(_TRIES):
        outline.problems = list(read)
        made = plans(outline, refused)
        texts = files(outline, made, points, target)  # type: ignore[arg-type]
        nodes = _complained(texts, target)
        if not nodes:
            break
        refused |= {plan.id for plan in made for node in nodes if _is_of(plan, node)}
    return made, texts


def _complained(texts: dict[str, str], target: Target) -> set[str]:
    """The indicators and fields that the checks complain of."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, *target.id.split("/"), target.day.isoformat())
        for name, text in texts.items():
            write_text(folder / name, text)
        _, problems = examine(folder)
    return {problem.rule.node for problem in problems if problem.level == "stop"}


def _is_of(plan: Plan, node: str) -> bool:
    return node in (plan.id, plan.parent) or node.startswith(f"{plan.id.lower()}_")
