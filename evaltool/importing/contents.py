"""What stands beside the names: numbers, points, sentences; each goes to the indicator whose rows it covers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaltool.importing.header import Column, Header, Role
from evaltool.importing.outline import Node, Outline, shortened
from evaltool.importing.points import Points, marked_points, plain, read_points, split_code
from evaltool.importing.tables import Cell, Table
from evaltool.problems import Place

TEXTS: tuple[Role, ...] = ("explain", "content", "standard", "evidence", "site", "target", "remark", "note", "unknown")


@dataclass
class Open:
    """A name that the next rows may still belong to."""

    level: int
    cell: Cell
    node: Node


@dataclass
class Line:
    """One row of the body: the names it stands under, outermost first."""

    row: int
    path: list[Open]


def percent_noted(outline: Outline, cell: Cell, place: Place) -> None:
    what = f"“{cell.text}”是百分数，按满分 100 折成分值"
    outline.note("I224", what, "", "核对满分是不是 100", place)


def fill(body: Body) -> None:
    """Gives everything beside the names of one table to their nodes."""
    body.codes()
    body.contents(body.points())


@dataclass
class Body:
    """The rows of one table with the names already told apart."""

    outline: Outline
    table: Table
    header: Header
    lines: list[Line]
    rows_of: dict[int, set[int]]  # id of a node → its rows

    def place(self, cell: Cell) -> Place:
        return Place(self.outline.file, self.table.name, cell.where)

    def codes(self) -> None:
        for column in self.header.of("number"):
            for cell, lines in self._cells(column):
                node = self._owner(lines)
                text = re.sub(r"\.0$", "", cell.text)
                if node is not None and not node.code and 0 < len(text) <= 12 and not cell.fault:
                    node.code = text

    def _cells(self, column: Column) -> list[tuple[Cell, list[Line]]]:
        """The different cells of a column with the lines that each stands in."""
        found: dict[int, tuple[Cell, list[Line]]] = {}
        for line in self.lines:
            cell = self.table.cell(line.row, column.at)
            if cell is not None and (cell.text or cell.fault):
                found.setdefault(id(cell), (cell, []))[1].append(line)
        return list(found.values())

    def _owner(self, lines: list[Line], level: int = 0) -> Node | None:
        """The innermost node that all these lines and no others belong to; with a level, the node of that level."""
        rows = {line.row for line in lines}
        path = lines[0].path
        if level:
            path = [part for part in path if part.level <= level]
            return path[-1].node if path else None
        for part in reversed(path):
            mine = self.rows_of[id(part.node)]
            if mine == rows:
                return part.node
            if mine > rows:
                return None
        return None

    def points(self) -> dict[int, Points]:
        """Points cells to the nodes they stand beside; those of single rows inside a node are returned by row."""
        rows: dict[int, Points] = {}
        for column in self.header.of("points"):
            weights = self._are_weights(column)
            alone: dict[int, list[tuple[Cell, list[Line]]]] = {}
            for cell, lines in self._cells(column):
                node = self._owner(lines, column.level)
                if node is not None:
                    self._give(node, cell, weights)
                else:
                    alone.setdefault(id(lines[0].path[-1].node), []).append((cell, lines))
            for group in alone.values():
                node = group[0][1][0].path[-1].node
                inside = all(line.path[-1].node is node for _, lines in group for line in lines)
                if len(group) == 1 and inside and node.points is None:  # one cell, the rows below left empty
                    self._give(node, group[0][0], weights)
                elif inside:
                    rows |= {lines[0].row: self._read(cell, weights) for cell, lines in group}
                else:
                    for cell, _ in group:
                        what = f"“{cell.text}”盖住了几个指标，看不出各占多少"
                        self.outline.note("I219", what, "", "核对合并的单元格，在草稿里分开写", self.place(cell))
        return rows

    def _are_weights(self, column: Column) -> bool:
        """Whether the column holds shares written as decimals: 0.06 under 权重, none above 1."""
        values = [read_points(cell.text).value for cell, _ in self._cells(column)]
        numbers = [value for value in values if value is not None]
        return "权重" in column.words and bool(numbers) and max(numbers) <= 1 and any(v != int(v) for v in numbers)

    def _read(self, cell: Cell, weights: bool) -> Points:
        found = Points(fault=cell.fault) if cell.fault else read_points(cell.text)
        if found.fault:
            self.outline.note(
                "I213", f"分值看不懂：{found.fault}", "这一项的分值当作没有", "核对该格", self.place(cell)
            )
        elif found.percent or (weights and found.value is not None):
            percent_noted(self.outline, cell, self.place(cell))
            return Points(found.value if found.percent or found.value is None else found.value * 100)
        return found

    def _give(self, node: Node, cell: Cell, weights: bool) -> None:
        found = self._read(cell, weights)
        if found.value is None:
            return
        if node.points is not None and node.points != found.value:
            what = f"“{node.name}”的分值有两种写法：名称后面 {node.points}，分值列 {found.value}"
            self.outline.note("I214", what, "草稿用分值列的", "核对原件，改正草稿", self.place(cell))
        node.points, node.points_from = found.value, ""

    # what the rows say

    def contents(self, own: dict[int, Points]) -> None:
        """The other cells of each row, given to its innermost node, or to an item where items have own points."""
        groups: dict[int, list[Line]] = {}
        for line in self.lines:
            groups.setdefault(id(line.path[-1].node), []).append(line)
        for lines in groups.values():
            node = lines[0].path[-1].node
            said: set[int] = set()
            rows = [(line, self._said(line.row, said)) for line in lines]
            rows = [(line, texts) for line, texts in rows if texts or line.row in own]
            if len(rows) > 1 and (items := self._items(rows, own)):
                node.children += items
                for item in items:
                    item.block = node.block
                continue
            for line, texts in rows:
                for role, text in texts:
                    node.say(role, text)
                if line.row in own and node.points is None and len(rows) == 1:
                    node.points = own[line.row].value
            self._marked(node)

    def _marked(self, node: Node) -> None:
        """Points in brackets behind the only sentence of an indicator that has no cell of points."""
        for role in ("standard", "content", "explain"):
            texts = node.texts.get(role, [])
            text, points = marked_points(texts[0]) if len(texts) == 1 else ("", None)
            if points is None:
                continue
            alone = not re.search(r"[(（]\d+(\.\d+)?\s*分?[)）]", plain(text))
            if node.points is None and alone:
                node.points, node.points_from = points, "写在句子后面"
            node.marked = alone and node.points == points
            return

    def _said(self, row: int, said: set[int]) -> list[tuple[str, str]]:
        """(role, text) of the cells of a row that have not been said for this node; a merged one is said once."""
        found: list[tuple[str, str]] = []
        for column in self.header.of(*TEXTS):
            cell = self.table.cell(row, column.at)
            if cell is None or id(cell) in said:
                continue
            said.add(id(cell))
            if cell.fault:
                what = f"“{column.words}”读不出：{cell.fault}"
                self.outline.note("I222", what, "", "改正该格再导入", self.place(cell))
            elif cell.text:
                role, text = column.role, cell.text
                found.append((role, f"{column.words}：{text}" if role in ("note", "unknown") else text))
        return found

    def _items(self, rows: list[tuple[Line, list[tuple[str, str]]]], own: dict[int, Points]) -> list[Node]:
        """A node for each row, if every row brings points of its own; otherwise nothing."""
        items = []
        for line, texts in rows:
            told = next(((role, text) for role, text in texts if role in ("content", "standard", "explain")), None)
            if told is None:
                return []
            text, points = marked_points(told[1])
            cell = own.get(line.row)
            value = cell.value if cell is not None else points
            if value is None:
                return []
            code, name = split_code(text)
            where = next(c for c in self.table.row(line.row) if told[1] in c.text)
            item = Node(shortened(name), self.place(where), code, value, "" if cell else "写在句子后面")
            item.marked = points == value
            for role, part in texts:
                item.say(role, part)
            items.append(item)
        return items
