"""What a formula comes to: its sort and unit, checked against everything it names.

Units of the same kind add; 人次 ÷ 人次 is 占比, 占比 − 占比 is 百分点, 元 and 万元 do not mix. A plain literal takes the unit
of what stands beside it, but a 占比 or 百分点 only meets literals written with a % sign.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from evaltool.quantities import DATE_UNIT, POINT_UNIT, SCORE_UNIT, SHARE_UNIT, Exact, divide
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import (
    ARITHMETIC,
    COMPARISONS,
    GATHERS,
    LOGIC,
    PERCENTILES,
    ROOTS,
    Call,
    Choice,
    Column,
    Name,
    Node,
    Num,
    Operation,
    Text,
    walk,
)  # fmt: skip
from evaltool.scheme.models import Edition
from evaltool.scheme.scheme import Kind

COUNTED = "计数"
TRUTH = Kind("truth")
DAYS = "天"
YES_NO = ("是", "否")
ALL = "all"


class Mismatch(ValueError):
    """A formula that cannot mean anything; carries the problem code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def field_kind(item: FieldDef, list_id: str = "") -> Kind:
    """What a filled cell of this field is."""
    match item.type:
        case "count" | "money" | "number":
            return Kind("number", f"row:{list_id}" if item.unit == "row" else item.unit)
        case "share":
            return Kind("number", SHARE_UNIT)
        case "points":
            return Kind("number", SCORE_UNIT)
        case "yesno":
            return TRUTH
        case "choice":
            return Kind("label", "", tuple(item.options))
        case "date":
            return Kind("date", DATE_UNIT)
        case _:
            return Kind("text")


@dataclass(frozen=True)
class Scope:
    """The names a formula may use: fields, lists, indicators, events, and in rows the columns of `row_of`.

    across  the formula runs over all subjects: what differs between them must be gathered
    """

    edition: Edition
    results: Mapping[str, Kind]
    row_of: str | None = None
    across: bool = False

    def name(self, name: str) -> Kind:
        edition = self.edition
        if self.across and self._differs(name):
            raise Mismatch("S214", f"“{name}”每个对象不同，across 的公式里要放进 sum、mean、max 等")
        if self.row_of and (column := self.columns(self.row_of).get(name)):
            return column
        if name in edition.fields:
            return field_kind(edition.fields[name])
        if name in edition.indicators:
            per = edition.indicators[name].per
            if per and per != self.row_of:
                raise Mismatch("S200", f"“{name}”是清单 {per} 的行指标，这里没有行")
        if name in self.results:
            return self.results[name]
        if name in edition.lists:
            raise Mismatch("S214", f"“{name}”是一张清单，只能写 {name}.列名 或 count({name})")
        raise Mismatch("S200", f"没有“{name}”")

    def _differs(self, name: str) -> bool:
        """Whether a name may be something else for every subject (in the same row, where there are rows)."""
        edition = self.edition
        if self.row_of and name in self.columns(self.row_of):
            return name not in (*edition.lists[self.row_of].given, "due", "period")
        if name in edition.fields:
            return edition.fields[name].scope != "round"
        return name in edition.events or (name in edition.indicators and edition.indicators[name].across != ALL)

    def columns(self, list_id: str) -> dict[str, Kind]:
        item = self.edition.lists[list_id]
        kinds = {key: field_kind(column, list_id) for key, column in item.columns.items()}
        if item.rows_from == "calendar":
            kinds |= {"due": Kind("date", DATE_UNIT), "period": Kind("text")}
        return kinds

    def known(self) -> list[str]:
        own = self.columns(self.row_of) if self.row_of else {}
        return [*own, *self.edition.fields, *self.results, *self.edition.lists]

    def selects(self, name: str) -> tuple[str, ...]:
        """The values that `{by: name, …}` must have a branch for. Raises Mismatch."""
        kind = self.name(name)
        if kind.sort not in ("label", "truth"):
            raise Mismatch("S214", f"by 要写选项、是否或类别，“{name}”不是")
        return kind.options if kind.sort == "label" else YES_NO


def kind_of(node: Node, scope: Scope) -> Kind:
    """What `node` comes to in `scope`. Raises Mismatch."""
    match node:
        case Num(share=share):
            return Kind("number", "%" if share else None)
        case Text():
            return Kind("text")
        case Name(id=name):
            return scope.name(name)
        case Column(list=owner, id=column):
            if owner not in scope.edition.lists:
                raise Mismatch("S200", f"没有清单“{owner}”")
            columns = scope.columns(owner)
            if column not in columns:
                raise Mismatch("S200", f"清单“{owner}”没有“{column}”这一列")
            if scope.row_of != owner:
                raise Mismatch("S214", f"“{owner}.{column}”是一整列，要放进 {'、'.join(GATHERS)} 之一")
            return columns[column]
        case Call():
            return _call(node, scope)
        case Choice():
            return _choice(node, scope)
        case Operation(op=op) if op in LOGIC:
            for part in node.parts:
                _want(kind_of(part, scope), "truth", part)
            return TRUTH
        case Operation(op=op) if op in COMPARISONS:
            return _compare(node, scope)
        case Operation(op=op) if op in ARITHMETIC:
            return _arithmetic(node, scope)
    raise Mismatch("S107", "公式里有不允许的写法")


def _choice(node: Choice, scope: Scope) -> Kind:
    wanted, given = scope.selects(node.by.id), [label for label, _ in node.branches]
    if set(wanted) != set(given):
        raise Mismatch("S207", f"各分支要与“{node.by.id}”的值一一对应：{'、'.join(wanted)}")
    first, *others = [kind_of(part, scope) for _, part in node.branches]
    for other in others:
        if other.sort != first.sort or first.sort not in ("number", "truth"):
            raise Mismatch("S214", "by 的各分支要么都是数，要么都是真假")
        if first.sort == "number":
            first = Kind("number", same(first, other))
    return first


def _want(kind: Kind, sort: str, node: Node) -> None:
    if kind.sort != sort:
        words = {"truth": "真假", "number": "数字", "label": "选项", "date": "日期", "text": "文字"}
        name = f"“{node.id}”" if isinstance(node, Name | Column) else "这一部分"
        raise Mismatch("S214", f"{name}是{words[kind.sort]}，这里要{words[sort]}")


def same(a: Kind, b: Kind) -> str | None:
    """The common unit of two numbers. Raises Mismatch where there is none."""
    if a.unit == b.unit:
        return a.unit
    for one, other in ((a, b), (b, a)):
        if one.unit == "%" and other.unit in (SHARE_UNIT, POINT_UNIT):
            return other.unit
        if one.unit is None and other.unit in (SHARE_UNIT, POINT_UNIT, "%"):
            raise Mismatch("S106", f"与{_shown(other.unit)}比较或相加的数要带 %")
        if one.unit is None and other.unit != "%":
            return other.unit
        if one.unit == COUNTED and other.unit not in (SHARE_UNIT, POINT_UNIT, "%"):
            return other.unit
    raise Mismatch("S205", f"单位不一致：{_shown(a.unit)} 与 {_shown(b.unit)}")


def _shown(unit: str | None) -> str:
    return {"%": "比例", None: "无单位", "": "无单位"}.get(unit, str(unit))


def _compare(node: Operation, scope: Scope) -> Kind:
    left, right = (kind_of(part, scope) for part in node.parts)
    for label, other, part in ((left, right, node.parts[1]), (right, left, node.parts[0])):
        if label.sort == "label":
            if node.op not in ("==", "!="):
                raise Mismatch("S214", "选项只能用 == 或 != 比较")
            if not isinstance(part, Text):
                raise Mismatch("S214", "选项要与引号里的文字比较")
            if part.value not in label.options:
                raise Mismatch("S200", f"没有“{part.value}”这个选项；可用：{'、'.join(label.options)}")
            return TRUTH
        if label.sort == "date":
            if isinstance(part, Text):
                _date(part)
            elif other.sort != "date":
                raise Mismatch("S214", "日期要与日期比较")
            return TRUTH
    for kind, part in ((left, node.parts[0]), (right, node.parts[1])):
        _want(kind, "number", part)
    same(left, right)
    return TRUTH


def _date(text: Text) -> dt.date:
    try:
        return dt.date.fromisoformat(text.value)
    except ValueError:
        raise Mismatch("S214", f"“{text.value}”不是 2020-06-30 这样的日期") from None


def _arithmetic(node: Operation, scope: Scope) -> Kind:
    kinds = [kind_of(part, scope) for part in node.parts]
    if node.op in "+-" and kinds[0].sort == "date" and kinds[1].unit in (DAYS, None):
        return kinds[0]
    for kind, part in zip(kinds, node.parts, strict=True):
        _want(kind, "number", part)
    if node.op == "neg":
        return kinds[0]
    a, b = kinds
    match node.op:
        case "+" | "-":
            if (a.unit, b.unit) in ((SHARE_UNIT, POINT_UNIT), (POINT_UNIT, SHARE_UNIT)):
                return Kind("number", SHARE_UNIT)
            unit = POINT_UNIT if node.op == "-" and a.unit == b.unit == SHARE_UNIT else same(a, b)
            return Kind("number", unit, factor=a.factor or b.factor)
        case "*":
            plain, factor = (None, "", "%", SHARE_UNIT), a.factor or b.factor or "" in (a.unit, b.unit)
            if a.unit in plain or b.unit in plain:
                unit = b.unit if a.unit in plain else a.unit
                return Kind("number", SHARE_UNIT if unit == "%" else unit, factor=factor)
            return Kind("number", f"{a.unit}·{b.unit}", factor=factor)
        case _:
            if a.unit == b.unit and a.factor != b.factor:  # points of different weight, averaged: (无·个) ÷ 个
                return Kind("number", "", factor=True)
            if b.unit in (None, "", "%", SHARE_UNIT):
                return Kind("number", SHARE_UNIT if a.unit == b.unit == SHARE_UNIT else a.unit)
            if a.unit == b.unit:
                return Kind("number", SHARE_UNIT)
            if COUNTED in (a.unit, b.unit):
                return Kind("number", SHARE_UNIT)
            factors = str(a.unit).split("·")
            if len(factors) > 1 and str(b.unit) in factors:  # (万元·个) ÷ 万元 is 个
                factors.remove(str(b.unit))
                return Kind("number", "·".join(factors))
            return Kind("number", f"{_shown(a.unit)}每{_shown(b.unit)}")


def _call(node: Call, scope: Scope) -> Kind:
    parts, function = node.parts, node.function
    if function == "days":
        _arguments(function, parts, 2)
        for part in parts:
            if not isinstance(part, Text) or not _date(part):
                _want(kind_of(part, scope), "date", part)
        return Kind("number", DAYS)
    if function == "previous":
        return _previous(node, scope)
    if function == "counted":
        _arguments(function, parts, 1)
        if not isinstance(parts[0], Name | Column) or kind_of(parts[0], scope).sort == "text":
            raise Mismatch("S107", "counted 里写一个字段、列或指标的名称，不能是文字")
        return TRUTH
    if function in ("abs", *ROOTS):
        _arguments(function, parts, 1)
        kind = kind_of(parts[0], scope)
        _want(kind, "number", parts[0])
        return kind if function == "abs" else Kind("number", "")
    if function == "power":
        _arguments(function, parts, 2)
        kind = kind_of(parts[0], scope)
        _want(kind, "number", parts[0])
        if constant(parts[1]) is None:
            raise Mismatch("S107", "power 的第二个参数要写数，如 power(x, 3) 或 power(x, 1/3)")
        return Kind("number", SHARE_UNIT if kind.unit == SHARE_UNIT else "")
    if function in ("min", "max") and len(parts) > 1:
        kinds = [kind_of(part, scope) for part in parts]
        for kind, part in zip(kinds, parts, strict=True):
            _want(kind, "number", part)
        unit = kinds[0]
        for kind in kinds[1:]:
            unit = Kind("number", same(unit, kind))
        return unit
    return _gathered(node, scope)


def _gathered(node: Call, scope: Scope) -> Kind:
    """sum, mean, count … over the rows of a list, or over all subjects."""
    parts, function = node.parts, node.function
    _options(function, parts)
    if scope.across:
        inside = Scope(scope.edition, scope.results, scope.row_of)
        for part in walk(parts[0], gathered=False):
            if isinstance(part, Column) and part.list == scope.row_of:
                raise Mismatch("S214", f"{function} 里的 {part.list}.{part.id} 要写成 {part.id}：算的是各对象的同一行")
        if not any(isinstance(part, Name) for part in walk(parts[0])):
            raise Mismatch("S214", f"across 的 {function} 里要有各对象的字段或指标")
    elif function == "count" and isinstance(parts[0], Name) and parts[0].id in scope.edition.lists:
        return Kind("number", COUNTED)
    else:
        inside = Scope(scope.edition, scope.results, list_of(parts[0], scope.edition))
        for part in walk(parts[0]):
            if isinstance(part, Name) and part.id in scope.edition.lists[inside.row_of or ""].columns:
                raise Mismatch("S214", f"{function} 里的“{part.id}”要写成 {inside.row_of}.{part.id}：算的是所有的行")
    inner = kind_of(parts[0], inside)
    _want(inner, "truth" if function == "count" else "number", parts[0])
    return Kind("number", COUNTED) if function == "count" else inner


def constant(node: Node) -> Exact | None:
    """The number that a node is whatever the data: `3`, `-0.5`, `1/3`."""
    match node:
        case Num(value=value):
            return value
        case Operation(op="neg", parts=(inner,)):
            found = constant(inner)
            return None if found is None else -found
        case Operation(op="/", parts=parts):
            top, below = (constant(part) for part in parts)
            return divide(top, below) if top is not None and below else None
    return None


def _options(function: str, parts: tuple[Node, ...]) -> None:
    """What follows the first argument of a function over many rows."""
    more = parts[1:]
    if function == "percentile":
        share = more[0] if more else None
        if not (isinstance(share, Num) and share.share and 0 <= share.value <= 1):
            raise Mismatch("S107", "percentile 的第二个参数要写成 75% 的样子")
        ways = [part.value for part in more[1:] if isinstance(part, Text)]
        if len(more) > 2 or (len(more) == 2 and (not ways or ways[0] not in PERCENTILES)):
            raise Mismatch("S107", f"percentile 的第三个参数要是 {'、'.join(PERCENTILES)} 之一，加引号")
    elif function in ("top", "bottom"):
        count = more[0] if more else None
        if len(more) != 1 or not (isinstance(count, Num) and isinstance(count.value, int) and count.value > 0):
            raise Mismatch("S107", f"{function} 的第二个参数要写个数，如 {function}(列, 3)")
    else:
        _arguments(function, parts, 1)


def _previous(node: Call, scope: Scope) -> Kind:
    """The same name in the last round; it may even be the indicator that asks."""
    _arguments("previous", node.parts, 1)
    name = node.parts[0]
    if not isinstance(name, Name) or scope.row_of:
        raise Mismatch("S107", "previous 里写一个字段或指标的名称，不能用在行里")
    if name.id in scope.edition.indicators and name.id not in scope.results:
        return Kind("number", SCORE_UNIT)
    kind = scope.name(name.id)
    _want(kind, "number", name)
    return kind


def _arguments(function: str, parts: tuple[Node, ...], wanted: int) -> None:
    if len(parts) != wanted:
        raise Mismatch("S107", f"{function} 要 {wanted} 个参数，现在是 {len(parts)} 个")


def list_of(node: Node, edition: Edition) -> str:
    """The one list whose rows `node` runs over. Raises Mismatch for none or several."""
    found = {part.list for part in walk(node) if isinstance(part, Column)}
    found |= {
        str(edition.indicators[part.id].per)
        for part in walk(node)
        if isinstance(part, Name) and part.id in edition.indicators and edition.indicators[part.id].per
    }
    if len(found) != 1:
        raise Mismatch("S214", f"{'、'.join(GATHERS)} 里要恰好用到一张清单的列")
    return found.pop()
