"""What the columns of a table are, told by the words of its header."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from evaltool.importing.points import plain, read_points
from evaltool.importing.tables import Cell, Table

Role = Literal[
    "number", "level", "points", "explain", "content", "standard", "evidence", "site", "target", "remark", "note",
    "ignored", "unknown",
]  # fmt: skip

_HEADER_WITHIN = 25  # rows in which the header is looked for
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}


def _any(words: str, *, ending: bool = False, inside: bool = False) -> re.Pattern[str]:
    """One of these words alone; with `ending` also behind others (本项评分标准), with `inside` anywhere."""
    before, after = (".*" if ending or inside else ""), (".*" if inside else "")
    return re.compile(f"{before}(?:{'|'.join(words.split())}){after}")


# the first pattern that fits the whole header word decides
_WORDS: list[tuple[Role, re.Pattern[str]]] = [
    ("number", _any("序号 编号 号 代码 指标编号 指标代码 指标序号")),
    ("points", re.compile(
        "(指标|考核|评分|评价|项目|本项|单项|考评|计分|评分标准|标准)?"
        "(分值|满分|权重|标准分|标准分值|基准分|基本分|基础分|配分|赋分|分数|总分|总分值|最高分|分值权重|权重分值)"
    )),
    ("standard", _any(
        "评分标准 评分细则 评分办法 评分方法 评分规则 评分依据 评分说明 评分要点 评分要求 计分办法 计分方法 计分标准 计分规则 "
        "计分方式 评价标准 评价方法 考核标准 考核办法 考核方法 考评标准 赋分标准 打分标准 评定标准 扣分标准 扣分办法 加分标准",
        ending=True,
    )),
    ("ignored", _any("自评 得分 复核 评分结果 审核分 核定分 平均分 考核结果 评定 打分 评审分 初评 终评", inside=True)),
    ("ignored", _any(
        "扣分 扣分情况 扣分原因 扣分理由 扣分说明 加分 评分 考评分 检查情况 完成情况 实际完成 实际完成值 实际完成情况 存在问题 "
        "是否完成 签字 偏差原因.*"
    )),
    ("explain", _any("指标解释 指标说明 指标释义 指标内涵 指标含义 解释说明 指标定义 说明与解释 解释", ending=True)),
    ("evidence", _any(
        "佐证 证明材料 评价材料 评审材料 支撑材料 备查资料 提供材料 提供的材料 提供资料 考核资料 查阅资料 台账资料 所需材料 证据 "
        "材料清单 印证材料 佐证材料 佐证资料 证明资料 材料",
        ending=True,
    )),
    ("site", _any(
        "现场检查 现场核查 现场查看 实地核查 实地查看 现场评价 现场考核 核查方式 检查方式 检查方法 查验方式", inside=True
    )),
    ("target", _any(
        "目标值 年度目标值 指标值 年度指标值 考核目标 年度目标 目标任务 年初目标值 任务目标 标准值 目标 考核指标值"
    )),
    ("remark", _any("备注 说明 注")),
    ("note", _any(
        "数据来源 资料来源 数据口径 来源 指标来源 责任单位 责任部门 牵头单位 牵头部门 考核单位 考核部门 评价主体 评分单位 考核方式 "
        "评价方式 完成时限 时限 指标类型 指标性质 指标属性 计量单位 单位 配合单位 考核主体 责任科室"
    )),
    ("content", _any(
        "评价内容 考核内容 考评内容 评分内容 工作内容 内容 考核要点 评价要点 评审内容 检查内容 验收内容 考核要求 具体内容 具体指标 "
        "主要内容 建设内容 评价因素 评价要素 内容及要求 工作要求 考核细则 评审要点 指标内容 评分项目 考核事项"
    )),
    ("level", _any(
        "指标 指标名称 考核指标 评价指标 评分指标 评审指标 项目 考核项目 考评项目 评价项目 评审项目 类别 指标类别 考核类别 维度 类型 "
        "分类 事项 考核要素 评分项 评分要素 考核重点 重点任务 工作任务 任务 名称 目标层 准则层 指标层 模块 指标体系 内容分类"
    )),
]  # fmt: skip
_LEVEL = re.compile(r"([一二三四五1-5])级(?:评价|考核|评分)?(?:指标|目录|标题|项目)?(?:名称|内容)?(.*)")
_TOTAL = re.compile(r"[(](?:满分|共|总分)?(\d{2,4})分?[)]")
_SUBJECT = re.compile(r".{1,8}(县|区|市|州|镇|乡|街道|旗|村)$")


@dataclass(frozen=True)
class Column:
    """One column: its place, its role, its words; of a level column or one of points the depth, from 1."""

    at: int
    role: Role
    words: str
    level: int = 0


@dataclass
class Header:
    """The header of a table: its first row and the one after its last, its columns from left to right."""

    top: int
    bottom: int
    columns: list[Column]
    total: str = ""  # what `分值（100分）` says about the whole
    texts: list[list[str]] = field(default_factory=list)  # the rows of the header, to know them again further down

    def of(self, *roles: Role) -> list[Column]:
        return [column for column in self.columns if column.role in roles]


def find_header(table: Table) -> Header | None:
    """The header of the table, or None where no row of the first ones reads like one."""
    best: tuple[int, int] | None = None
    for row in range(min(table.height, _HEADER_WITHIN)):
        found = _told(table, row)
        if found >= 2 and (best is None or found > best[0]):
            best = (found, row)
    if best is None:
        return None
    top = best[1]
    above = {id(cell): cell for cell in table.row(top)}
    top = min([cell.row for cell in above.values()], default=top)
    if top > 0 and _is_upper(table, top - 1):
        top -= 1
    bottom = max([cell.row + cell.height for cell in table.row(top) if cell.height <= 3], default=top + 1)
    bottom = max(bottom, best[1] + 1)
    if bottom == best[1] + 1 and _is_lower(table, best[1] + 1):
        bottom += 1
    columns = _columns(table, top, bottom)
    useful = {column.role for column in columns}
    if not useful & {"level", "content"} or not useful & {"points", "standard", "content", "explain"}:
        return None
    texts = [[cell.flat for cell in table.row(row)] for row in range(top, bottom)]
    totals = (_TOTAL.search(plain(column.words)) for column in columns)
    total = next((said[1] for said in totals if said), "")
    return Header(top, bottom, columns, total, texts)


def _told(table: Table, row: int) -> int:
    """How many cells of a row are words of a header; a row with a number of points is none."""
    cells = table.row(row)
    if any(read_points(cell.text).value is not None for cell in cells):
        return 0
    return sum(_role(cell.flat)[0] != "unknown" for cell in cells if len(cell.flat) <= 20)


def _is_upper(table: Table, row: int) -> bool:
    """Whether the row above says what several columns are together (`指标` over 一级, 二级, 三级)."""
    cells = table.row(row)
    return len(cells) >= 2 and _told(table, row) >= 1


def _is_lower(table: Table, row: int) -> bool:
    """Whether the row below the best one is still header: short words only, under cells that are not merged down."""
    cells = table.row(row)
    return len(cells) >= 2 and _told(table, row) >= 2 and all(len(cell.flat) <= 12 for cell in cells)


def _role(words: str) -> tuple[Role, int]:
    """Role and depth of a header word."""
    told = re.sub(r"\s+", "", plain(words))
    told = re.sub(r"[(\[].*?[)\]]|[:*]|[(\[].*$", "", told)
    if named := _LEVEL.fullmatch(told):
        depth = _DIGITS.get(named[1]) or int(named[1])
        rest = named[2]
        if not rest:
            return "level", depth
        role = _role(rest)[0]
        return (role, depth) if role in ("points", "explain", "standard", "ignored") else ("level", depth)
    for role, pattern in _WORDS:
        if pattern.fullmatch(told):
            return role, 0
    return "unknown", 0


def _columns(table: Table, top: int, bottom: int) -> list[Column]:
    """The columns with their roles; where a lower word says nothing by itself, what stands above it decides."""
    made: list[Column] = []
    for at in range(table.width):
        cells = [table.cell(row, at) for row in range(top, bottom)]
        words = [cell.flat for cell in dict.fromkeys(cells) if cell is not None and cell.text]
        role, level = _role(words[-1]) if words else ("unknown", 0)
        upper, depth = _role(words[0]) if len(words) > 1 else ("unknown", 0)
        if upper == "ignored" or (role == "unknown" and upper != "unknown"):
            role, level = upper, depth
        elif role in ("level", "points") and not level and depth:
            level = depth
        made.append(Column(at, role, "".join(words), level))
    return _ordered(_joined(table, top, bottom, made))


def _joined(table: Table, top: int, bottom: int, columns: list[Column]) -> list[Column]:
    """A heading merged over several columns without words of their own: as many levels, side by side."""
    made: list[Column] = []
    for column in columns:
        cells: list[Cell | None] = [table.cell(row, column.at) for row in range(top, bottom)]
        wide = next((cell for cell in reversed(cells) if cell is not None and cell.text), None)
        if wide is not None and wide.width > 1 and wide.column < column.at and column.role in ("level", "content"):
            made.append(Column(column.at, "level", column.words, 0))
            if made[wide.column].role == "content":
                made[wide.column] = Column(wide.column, "level", made[wide.column].words, 0)
        else:
            made.append(column)
    return made


def _ordered(columns: list[Column]) -> list[Column]:
    """Depths for the level columns, and for each points column the level that it belongs to (0: to the row)."""
    named = [column for column in columns if column.role == "level" and column.level]
    standards = [column for column in columns if column.role == "standard"]
    levels = [column for column in columns if column.role == "level"]
    if not named:  # 评价内容 | 指标 | 分值 | 评分标准: contents are levels, unless they alone can hold the rule
        contents = [column for column in columns if column.role == "content"]
        if standards or not levels:
            inside = contents if standards else contents[:-1] or (contents if not levels else [])
            columns = [Column(c.at, "level", c.words) if c in inside else c for c in columns]
        levels = [column for column in columns if column.role == "level"]
    depth = 0
    made: list[Column] = []
    for column in columns:
        if column.role == "level":
            depth = max(depth + 1, column.level)
            column = Column(column.at, "level", column.words, depth)
        elif column.role == "points" and not column.level:
            before = made[-1] if made else None
            beside = before is not None and before.role in ("level", "number")
            several = sum(c.role == "points" for c in columns) > 1
            column = Column(column.at, "points", column.words, depth if beside and several else 0)
        made.append(column)
    return made


def ignored_because(table: Table, header: Header, column: Column) -> str:
    """Why an unknown column is no part of the indicator system, or nothing: one for each county, or empty."""
    cells = [table.cell(row, column.at) for row in range(header.bottom, table.height)]
    texts = [cell.text for cell in cells if cell is not None and cell.text]
    if not texts:
        return "空列"
    numbers = sum(read_points(text).value is not None for text in texts)
    if _SUBJECT.fullmatch(column.words) or (column.words and numbers == len(texts)):
        return "各地得分"
    return ""
