"""The totals in a province-wide table against the counties' own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evaltool.facts import State
from evaltool.intake.entries.readings import line
from evaltool.intake.province.page import Page, Texts
from evaltool.intake.sheet_reading import Read, SheetReader
from evaltool.intake.tables.heads import Heads, plain_head
from evaltool.quantities import Exact, decimal_text

_NOT_ADDED = ("平均", "均值", "最大", "最小", "中位")


def check_totals(reader: SheetReader, page: Page, heads: Heads, parts: Mapping[str, Mapping[int, Read]]) -> None:
    """D133 where a total is not the sum of its rows. A row that was not read leaves the sum open, never smaller."""
    texts = Texts(page.sheet)
    columns = sorted({column for _, column in page.sheet.cells} - set(page.values))
    for row in page.totals:
        words = "".join(plain_head(texts.at(row, column)) for column in columns)
        if any(word in words for word in _NOT_ADDED):
            continue
        for key, cells in parts.items():
            total = cells.get(row)
            if total is None or total.state != State.FILLED:
                continue
            sums = [found for rows in _blocks(page, row) if (found := _sum(cells, rows)) is not None]
            if sums and total.value not in sums:
                item, label = heads.items[key], line(texts.at(row, columns[0])) or "合计"
                what = f"第 {row} 行（{label}）的“{item.name}”是 {decimal_text(total.value)}，"
                what += f"各行相加是 {decimal_text(sums[0])}"
                reader.complain("D133", what, "合计不采用，各县仍按各自的数", "核对各县的数和合计", sheet=page.sheet,
                                at=(row, page.columns[key]), key=key)  # fmt: skip


def _blocks(page: Page, row: int) -> Iterator[list[int]]:
    """The rows that a total may stand for: those down from the total above it, those up to the one below it, all."""
    above = max((other for other in page.totals if other < row), default=0)
    below = min((other for other in page.totals if other > row), default=1 << 30)
    yield from {
        tuple(rows): rows
        for rows in (
            [one for one in page.data if above < one < row],
            page.data,
            [one for one in page.data if row < one < below],
            [one for one in page.data if one < row],
        )
        if rows
    }.values()


def _sum(cells: Mapping[int, Read], rows: list[int]) -> Exact | None:
    found = [cells[row] for row in rows if row in cells]
    if len(found) < len(rows) or any(one.state != State.FILLED for one in found):
        return None
    total: Exact = sum(one.value for one in found)
    return total
