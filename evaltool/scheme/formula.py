"""Formulas: parsed with `ast` and an allow-list into a small tree of our own.

Allowed: names, `list.column`, numbers, shares (`65%`), quoted texts and dates, `+ - * /`, comparisons, `and or
not`, and the functions in `FUNCTIONS`. A choice `{by: NAME, …}` is written as a mapping and becomes a node too.
Numerals and quoted texts are lifted out of the text before Python sees it, so that no number passes through a float
and `65%` is no modulo.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from evaltool.quantities import Exact, divide, parse_plain

FUNCTIONS: dict[str, str] = {
    "min": "较小者；对清单的一列取最小值",
    "max": "较大者；对清单的一列取最大值",
    "sum": "清单一列之和",
    "count": "清单里条件成立的行数；只写清单名则为行数",
    "mean": "清单一列的平均数",
    "median": "清单一列的中位数",
    "top": "清单一列最大的几个之和，top(列, 3)",
    "bottom": "清单一列最小的几个之和，bottom(列, 3)",
    "std": "清单一列的样本标准差（除以个数减一）",
    "stdp": "清单一列的总体标准差（除以个数）",
    "percentile": "清单一列的百分位数，percentile(列, 75%)，可再写取法",
    "days": "两个日期相差的天数",
    "abs": "绝对值",
    "sqrt": "平方根",
    "ln": "自然对数",
    "exp": "自然指数",
    "power": "幂，power(x, 3)、power(x, 1/3)；第二个参数写数",
    "previous": "同一对象上一轮的这个字段或指标",
    "counted": "是否计入：不计（out）的为否，其余为是，值未知时也知道",
}
GATHERS = (
    "min",
    "max",
    "sum",
    "count",
    "mean",
    "median",
    "top",
    "bottom",
    "std",
    "stdp",
    "percentile",
)  # over rows; min and max also plain
PERCENTILES = ("inclusive", "exclusive", "nearest", "averaged")  # the third argument of percentile
ROOTS = ("sqrt", "ln", "exp")


@dataclass(frozen=True, slots=True)
class Num:
    value: Exact
    share: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    id: str


@dataclass(frozen=True, slots=True)
class Column:
    list: str
    id: str


@dataclass(frozen=True, slots=True)
class Operation:
    """op: `+ - * /`, `== != < <= > >=`, `and`, `or`, `not`, `neg`; parts: one or more operands."""

    op: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One node for each value of what `by` names: a choice, a label, or a yes/no (branches 是 and 否)."""

    by: Name
    branches: tuple[tuple[str, Node], ...]


Node = Num | Text | Name | Column | Operation | Call | Choice

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "neg")
LOGIC = ("and", "or", "not")
LONGEST, DEEPEST = 4000, 100


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as written and as understood."""

    text: str
    tree: Node

    def names(self) -> Iterator[str]:
        """Every plain name and every list name used, in reading order."""
        for node in walk(self.tree):
            if isinstance(node, Name):
                yield node.id
            elif isinstance(node, Column):
                yield node.list

    def __str__(self) -> str:
        return self.text


def gathers(node: Call) -> bool:
    """Whether a function runs over many rows."""
    return node.function in GATHERS and (node.function not in ("min", "max") or len(node.parts) == 1)


def walk(node: Node, *, gathered: bool = True) -> Iterator[Node]:
    """`node` and everything below it, in reading order; `gathered`: also what runs over many rows of its own."""
    yield node
    if isinstance(node, Operation | Call):
        for part in node.parts if gathered or not (isinstance(node, Call) and gathers(node)) else ():
            yield from walk(part, gathered=gathered)
    elif isinstance(node, Choice):
        yield node.by
        for _, part in node.branches:
            yield from walk(part, gathered=gathered)


_TOKEN = re.compile(
    r"""(?P<text>'[^']*'|"[^"]*")|(?P<name>[^\W\d]\w*)|(?P<number>\d+(?:\.\d+)?)(?P<share>\s*%)?"""
    r"""|(?P<op><=|>=|==|!=|[-+*/()<>,.])|(?P<space>\s+)|(?P<bad>.)""",
    re.VERBOSE | re.DOTALL,
)
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def parse(text: str) -> Formula:
    """The formula in `text`. Raises ValueError with a Chinese sentence for anything outside the allowed language."""
    if len(text) > LONGEST:
        raise ValueError(f"公式太长（{len(text)} 个字符，最多 {LONGEST} 个）；拆成几个指标")
    literals: list[Num | Text] = []
    pieces: list[str] = []
    for match in _TOKEN.finditer(text):
        if match["bad"]:
            more = "；百分号用半角 %" if match["bad"] == "％" else ""
            raise ValueError(f"公式里不能出现“{match['bad']}”{more}")
        if match["number"]:
            value = parse_plain(match["number"])
            share = match["share"] is not None
            literals.append(Num(divide(value, 100) if share else value, share))
        elif match["text"]:
            literals.append(Text(match["text"][1:-1]))
        else:
            if match["name"] and keyword.iskeyword(match["name"]) and match["name"] not in LOGIC:
                raise ValueError(f"公式里的“{match['name']}”是保留字，不能作名称")
            if match["name"] and unicodedata.normalize("NFKC", match["name"]).startswith("__"):
                raise ValueError(f"名称不能以两条下划线开头：{match['name']}")
            pieces.append(match[0])
            continue
        pieces.append(f" __{len(literals) - 1} ")
    try:
        body = ast.parse("".join(pieces).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        shown = text if len(text) <= 80 else text[:80] + "…"
        raise ValueError(f"公式写法有误：{shown}") from None
    return Formula(text, _convert(body, literals, 0))


def choose(by: str, branches: dict[str, Formula]) -> Formula:
    """The formula that is one of `branches`, as the value of `by` says."""
    text = "{by: " + ", ".join([by, *(f"{label}: {part}" for label, part in branches.items())]) + "}"
    return Formula(text, Choice(Name(by), tuple((label, part.tree) for label, part in branches.items())))


def _convert(node: ast.expr, literals: list[Num | Text], depth: int) -> Node:
    if depth > DEEPEST:
        raise ValueError("公式嵌套太深；拆成几个指标")

    def inner(part: ast.expr) -> Node:
        return _convert(part, literals, depth + 1)

    match node:
        case ast.Name(id=name) if name.startswith("__"):
            return literals[int(name[2:])]
        case ast.Name(id=name):
            return Name(name)
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if not owner.startswith("__"):
            return Column(owner, attribute)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            return Operation(_BINARY[type(operator)], (inner(left), inner(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("neg", (inner(operand),))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Operation("not", (inner(operand),))
        case ast.BoolOp(op=operator, values=values):
            word = "and" if isinstance(operator, ast.And) else "or"
            return Operation(word, tuple(inner(value) for value in values))
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARE:
            return Operation(_COMPARE[type(operator)], (inner(left), inner(right)))
        case ast.Compare():
            raise ValueError("一次只比较两个数；区间写成 a >= 1 and a <= 2")
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]) if function in FUNCTIONS:
            return Call(function, tuple(inner(argument) for argument in arguments))
        case ast.Call():
            raise ValueError(f"没有这个函数；可用的有 {'、'.join(FUNCTIONS)}")
        case _:
            raise ValueError("公式里有不允许的写法")
