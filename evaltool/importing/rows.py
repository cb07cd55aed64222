"""From the rows of a table to nodes: which rows belong to which name, and what else a row may be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from evaltool.importing import contents
from evaltool.importing.contents import Body, Line, Open, percent_noted
from evaltool.importing.header import Column, Header, ignored_because
from evaltool.importing.outline import LONGEST_NAME, Block, Node, Outline, shortened
from evaltool.importing.points import Points, marked_points, plain, read_points, split_code, split_points
from evaltool.importing.tables import Cell, Table
from evaltool.problems import Place

_SUBTOTAL = re.compile(r"(小计|合计|总计|共计|总分|总得分|得分合计|分值合计|满分|总分值)([(:].*)?(分)?")
_SIGNED = re.compile(r".*(签字|签名|盖章|填表人|填报人|审核人|负责人|评价人|考核人|联系电话|年月日).*")
_REMARK = re.compile(r"(注|备注|说明|填表说明|评分说明|注释)\d*[:、.)]|(注|备注|说明)\d*$")
_BONUS = re.compile(r".{0,6}(加分|附加分|附加|奖励分|奖分)(项|项目|指标|内容|因素|事项|部分|类|条件)?\d?")
_DEDUCT = re.compile(r".{0,6}(扣分|减分|倒扣分?|负面清单|扣减分?)(项|项目|指标|内容|因素|事项|部分|类|条件)?\d?")
_BASE = re.compile(r"(基础|基本)(分|指标|项|部分|考核|内容|分值)*")


@dataclass
class Reader:
    """Reads one table after the other into an outline; a table without a header goes on with the one before."""

    outline: Outline
    path: list[Open] = field(default_factory=list)
    section: Node | None = None
    block: Block = "base"

    def take(self, table: Table, header: Header, first: int) -> None:
        """The rows of `table` from `first` on."""
        self.table, self.header = table, _promoted(table, header)
        self.lines: list[Line] = []
        self.rows_of: dict[int, set[int]] = {}
        self._columns()
        for row in range(first, table.height):
            self._row(row)
        contents.fill(Body(self.outline, table, self.header, self.lines, self.rows_of))

    def place(self, cell: Cell) -> Place:
        return Place(self.outline.file, self.table.name, cell.where)

    def _columns(self) -> None:
        """What is left out of the columns is said."""
        for column in self.header.of("ignored", "unknown"):
            top = self.table.cell(self.header.top, column.at)
            place = Place(self.outline.file, self.table.name, top.where if top else f"第{column.at + 1}列")
            why = ignored_because(self.table, self.header, column)
            if column.role == "ignored" or why:
                if why != "空列":
                    self.outline.note(
                        "I210", f"“{column.words}”一列没有用", "它记的是某次评分，不是指标", "不用处理", place
                    )
                self.header.columns = [c for c in self.header.columns if c != column]
            else:
                what = f"看不出“{column.words or '没有表头的一列'}”是什么列"
                self.outline.note("I211", what, "内容留在条款原文里，没有解读", "核对该列，把有用的写进草稿", place)

    # one row

    def _row(self, row: int) -> None:
        cells = self.table.row(row)
        if not cells or [cell.flat for cell in cells] in self.header.texts:
            return
        if all(cell.row < row for cell in cells):  # nothing but what is merged down from above
            return
        if self._is_subtotal(row) or self._is_apart(row, cells):
            return
        if not any(self.table.text(row, column.at) for column in self.header.columns if column.role != "number"):
            return
        changed = False
        named: Cell | None = None
        for column in self.header.of("level"):
            cell = self.table.cell(row, column.at)
            if cell is not None and cell.fault:
                what = f"指标名称读不出：{cell.fault}"
                self.outline.note("I222", what, "", "改正该格再导入，或在草稿里改名", self.place(cell))
            if cell is None or not (cell.text or cell.fault):
                if changed:
                    continue
                changed = not any(part.level == column.level for part in self.path)
                if changed:
                    self.path = [part for part in self.path if part.level < column.level]
                continue
            if cell is named:  # merged to the right: one name for two levels
                continue
            named = cell
            known = next((part for part in self.path if part.level == column.level), None)
            if not changed and known is not None and (known.cell is cell or known.cell.flat == cell.flat):
                continue
            changed = True
            self.path = [part for part in self.path if part.level < column.level]
            self._open(column, cell)
        if not self.path:
            texts = "；".join(cell.text for cell in cells)
            what = f"这一行没有指标名称：{texts[:40]}"
            self.outline.note("I221", what, "上面也没有可以归入的指标", "核对该行属于哪个指标", self.place(cells[0]))
            self.outline.remarks.append((texts, self.place(cells[0])))
            return
        self.lines.append(Line(row, list(self.path)))
        for part in self.path:
            self.rows_of.setdefault(id(part.node), set()).add(row)

    def _open(self, column: Column, cell: Cell) -> None:
        node, _ = self._named(cell)
        parent = self.path[-1].node if self.path else self.section
        if parent is None:
            node.block = _block(node.name)
            self.outline.top.append(node)
        else:
            node.block = parent.block
            parent.children.append(node)
        self.path.append(Open(column.level, cell, node))

    def _named(self, cell: Cell) -> tuple[Node, Points]:
        """A node called after a cell: number in front and points in brackets are taken off, a long text is cut."""
        text = cell.text.replace("\n", "") if len(cell.flat) <= LONGEST_NAME else cell.text
        name, points = split_points(text)
        code, name = split_code(name)
        node = Node(name or "（名称读不出）", self.place(cell), code, points.value)
        if points.value is not None:
            node.points_from = "写在名称后面"
        if len(re.sub(r"\s+", "", name)) > LONGEST_NAME or "\n" in name:
            node.say("explain", text)
            node.name = shortened(name)
            node.marked = points.value is not None
        if points.percent:
            percent_noted(self.outline, cell, self.place(cell))
        return node, points

    # rows that are no indicators

    def _is_subtotal(self, row: int) -> bool:
        """小计, 合计: what it says is kept, to be compared with what the indicators add up to."""
        columns = [c.at for c in self.header.columns if c.role in ("number", "level", "content", "explain")]
        told = [cell for column in columns if (cell := self.table.cell(row, column)) and cell.row == row]
        name = next((cell for cell in told if _SUBTOTAL.fullmatch(plain(cell.flat))), None)
        if name is None:
            return False
        points = [cell for column in self.header.of("points") if (cell := self.table.cell(row, column.at))]
        said = [read_points(cell.text).value for cell in points] + [split_points(name.text)[1].value]
        value = next((number for number in said if number is not None), None)
        inner = [part for part in self.path if part.cell.row + part.cell.height > row]
        if re.match(r"小计", name.flat):
            owner = inner[-1].node if inner else (self.path[0].node if self.path else None)
        else:
            owner = None
        if value is not None:
            self.outline.claims.append((owner, value, self.place(name)))
        return True

    def _is_apart(self, row: int, cells: list[Cell]) -> bool:
        """A heading over the rows below, a remark, or lines to be signed: one cell that stands alone in its row."""
        cell = cells[0]
        signed = bool(_SIGNED.fullmatch(plain(cell.flat))) and len(cell.flat) < 60
        if signed and len(cells) <= 4 and all(read_points(c.text).value is None for c in cells):
            self.outline.note("I218", f"“{cell.text[:30]}”一行没有用", "是签字栏", "不用处理", self.place(cell))
            return True
        if len(cells) > 1 or cell.row != row or cell.height > 1:
            return False
        if _REMARK.match(plain(cell.flat)) or (len(cell.flat) > 60 and cell.width > 1):
            self.outline.remarks.append((cell.text, self.place(cell)))
            return True
        levels = self.header.of("level")
        if cell.width < 2 and levels and cell.column > levels[0].at:
            return False
        node, points = self._named(cell)
        if _BASE.fullmatch(node.name):
            if points.value is not None:
                self.outline.claims.append((None, points.value, self.place(cell)))
            self.section, self.path = None, []
            return True
        node.block = _block(node.name)
        self.outline.top.append(node)
        self.section, self.path = node, []
        return True


def _block(name: str) -> Block:
    told = re.sub(r"[(].*", "", plain(name))
    if _BONUS.fullmatch(told):
        return "bonus"
    return "deduct" if _DEDUCT.fullmatch(told) else "base"


def _promoted(table: Table, header: Header) -> Header:
    """The header, with explanations as a level of their own where most of them carry points: `…工作方案（2）`."""
    texts = header.of("explain", "content")
    if any(column.level == 0 for column in header.of("points")):
        return header
    right = max((c.at for c in header.of("content", "standard")), default=-1)
    levels = header.of("level")
    for column in texts:
        cells = {id(c): c for r in range(header.bottom, table.height) if (c := table.cell(r, column.at)) and c.text}
        marked = [cell for cell in cells.values() if marked_points(cell.text)[1] is not None]
        if column.at < right and levels and column.at > levels[-1].at and len(marked) * 10 >= len(cells) * 6 > 0:
            deeper = Column(column.at, "level", column.words, levels[-1].level + 1)
            columns = [deeper if c == column else c for c in header.columns]
            return Header(header.top, header.bottom, columns, header.total, header.texts)
    return header
