"""Names, formulas and limits in plain Chinese, made from the definition that scores."""

from __future__ import annotations

import re
from collections.abc import Callable

from evaltool.quantities import SHARE_UNIT, Exact, quantity_text
from evaltool.scheme.formula import Call, Choice, Column, Formula, Name, Node, Num, Operation, Text
from evaltool.scheme.models import Indicator
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.values import Quantity

_NUMBERED = re.compile(r"[A-Z]{1,2}\d+[a-z]?")
_COMPARE = {">=": "不低于", ">": "超过", "<=": "不超过", "<": "低于", "==": "等于", "!=": "不等于"}
_SIGN = {"+": "＋", "-": "－", "*": "×", "/": "÷"}
_GATHERED = {
    "sum": "合计", "mean": "平均", "min": "最小", "max": "最大", "median": "中位数", "std": "标准差", "stdp": "总体标准差",
}  # fmt: skip
_PLAIN = {
    "abs": "{}的绝对值", "sqrt": "{}的平方根", "ln": "{}的自然对数", "exp": "e 的{}次方", "previous": "上一轮{}",
    "counted": "{}计入",
}  # fmt: skip


def name_of(scheme: Scheme, key: str, row_of: str | None = None) -> str:
    """The Chinese name of a field, column, list, indicator or event."""
    edition = scheme.edition
    if row_of and key in edition.lists[row_of].columns:
        return edition.lists[row_of].columns[key].name
    if row_of and key == "due":
        return "应报日期"
    for room in (edition.fields, edition.lists, edition.indicators, edition.events):
        if key in room:
            return str(room[key].name)
    return key


def number_of(key: str, item: Indicator) -> str:
    """The number by which people know an indicator: that of the paper, or an id that reads like one (N1, Z2a)."""
    return item.code or (key if _NUMBERED.fullmatch(key) else "")


def formula_text(scheme: Scheme, formula: Formula | Node, row_of: str | None = None) -> str:
    """The formula with names instead of ids: “已建站点的乡镇数 ÷ 乡镇数”."""
    node = formula.tree if isinstance(formula, Formula) else formula
    return _say(scheme, node, row_of, 0)


def _say(scheme: Scheme, node: Node, row_of: str | None, depth: int) -> str:
    def inner(part: Node) -> str:
        return _say(scheme, part, row_of, depth + 1)

    match node:
        case Num(value=value, share=share):
            return quantity_text(value, SHARE_UNIT if share else "")
        case Text(value=value):
            return f"“{value}”"
        case Name(id=name):
            return name_of(scheme, name, row_of)
        case Column(list=owner, id=column):
            return name_of(scheme, column, owner)
        case Operation(op="and" | "or" as op):
            word = "且" if op == "and" else "或"
            text = word.join(inner(part) for part in node.parts)
            return f"（{text}）" if depth else text
        case Operation(op="not"):
            return _denied(scheme, node.parts[0], inner)
        case Operation(op="neg"):
            return f"负{inner(node.parts[0])}"
        case Operation(op=op) if op in _COMPARE:
            left, right = node.parts
            if isinstance(right, Text) and op in ("==", "!="):
                return f"{inner(left)}{'为' if op == '==' else '不是'}{inner(right)}"
            if isinstance(right, Num) and not right.share:
                return f"{inner(left)}{_COMPARE[op]} {quantity_text(right.value, _unit_of(scheme, left, row_of))}"
            return f"{inner(left)}{_COMPARE[op]}{inner(right)}"
        case Operation(op=op):
            text = f"{inner(node.parts[0])} {_SIGN[op]} {inner(node.parts[1])}"
            return f"（{text}）" if depth else text
        case Call():
            return _call(scheme, node, row_of, inner)
    assert isinstance(node, Choice)
    return f"按{inner(node.by)}（{'，'.join(f'{label}：{inner(part)}' for label, part in node.branches)}）"


def _denied(scheme: Scheme, part: Node, inner: Callable[[Node], str]) -> str:
    """What does not hold."""
    if isinstance(part, Call) and part.function == "counted":
        return f"{inner(part.parts[0])}不计"
    if isinstance(part, Name) and part.id in scheme.edition.events:
        return f"没有“{inner(part)}”的情形"
    return f"“{inner(part)}”为否" if isinstance(part, Name | Column) else f"不满足{inner(part)}"


def _unit_of(scheme: Scheme, node: Node, row_of: str | None) -> str:
    """The unit of a field or column that a plain literal is compared with; empty for anything else."""
    edition = scheme.edition
    owner, key = (node.list, node.id) if isinstance(node, Column) else (row_of, getattr(node, "id", ""))
    items = edition.lists[owner].columns if owner and key in edition.lists[owner].columns else edition.fields
    unit = items[key].unit if key in items else ""
    return "" if unit == "row" else unit


def _call(scheme: Scheme, node: Call, row_of: str | None, inner: Callable[[Node], str]) -> str:
    first = node.parts[0]
    if node.function == "count":
        bare = isinstance(first, Name) and first.id in scheme.edition.lists
        said = _say(scheme, first, row_of, 0).replace("“", "‘").replace("”", "’")  # quotes inside quotes
        return f"{inner(first)}行数" if bare else f"“{said}”的行数"
    if node.function == "days":
        return f"{inner(first)}距{inner(node.parts[1])}的天数"
    if node.function in _PLAIN:
        return _PLAIN[node.function].format(inner(first))
    if node.function == "power":
        return f"{inner(first)}的 {inner(node.parts[1])} 次方"
    if node.function in ("top", "bottom"):
        return f"{inner(first)}{'最大' if node.function == 'top' else '最小'}的 {inner(node.parts[1])} 个之和"
    if node.function == "percentile":
        return f"{inner(first)}的 {inner(node.parts[1])} 分位数"
    if len(node.parts) > 1:
        word = "较小者" if node.function == "min" else "较大者"
        said = "、".join(inner(part) for part in node.parts)
        return f"（{said}{' ' if said[-1].isascii() else ''}中的{word}）"
    return f"{inner(first)}{_GATHERED[node.function]}"


def parameter_text(scheme: Scheme, part: Quantity | Formula, unit: str, row_of: str | None) -> str:
    """A target or limit with its unit."""
    if isinstance(part, Quantity):
        return quantity_text(part.value, unit)
    if isinstance(part.tree, Choice):
        said = [f"{label} {_branch(scheme, branch, unit, row_of)}" for label, branch in part.tree.branches]
        return f"按{name_of(scheme, part.tree.by.id, row_of)}（{'，'.join(said)}）"
    return formula_text(scheme, part, row_of)


def _branch(scheme: Scheme, node: Node, unit: str, row_of: str | None) -> str:
    return quantity_text(node.value, unit) if isinstance(node, Num) else formula_text(scheme, node, row_of)


def term_text(scheme: Scheme, part: Exact | Formula, row_of: str | None, unit: str = "分") -> str:
    """Points or another number of a rule with its unit: plain, a formula, or a choice."""
    return parameter_text(scheme, part if isinstance(part, Formula) else Quantity(part), unit, row_of)
