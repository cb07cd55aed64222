"""What an item of an edition says, point by point: each point with a value that compares and words that people read.

Names that the other edition calls differently (`was:`) are put into its names first, so that a renamed field is not a
changed formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from evaltool.decisions.duties import KINDS, when_text, who_text
from evaltool.documents.wording import (
    MEANINGS,
    between_text,
    blank_said,
    cite_text,
    do_text,
    limit_text,
    rows_text,
    tolerance_text,
    type_text,
    unit_text,
)  # fmt: skip
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import Blank, FieldDef, ListDef
from evaltool.scheme.formula import Call, Choice, Column, Formula, Name, Node, Operation
from evaltool.scheme.models import (
    Consequence,
    Duty,
    Event,
    Indicator,
    Payment,
    Pot,
    Stage,
    Use,
)  # fmt: skip
from evaltool.scheme.values import Quantity, Unknown
from evaltool.scheme.vocabulary import words_of
from evaltool.scheme.words import formula_text, name_of

Part = tuple[Any, str, Any, str]  # condition and its words, result and its words


@dataclass(frozen=True)
class Aspect:
    """One point: what it is called, what compares, what is read. Steps and exceptions have `parts` in their order."""

    label: str
    value: Any
    text: str
    parts: tuple[Part, ...] = ()


Aspects = dict[str, Aspect]


@dataclass(frozen=True)
class Side:
    """One of the two editions: its names → the names that both are compared in."""

    scheme: Scheme
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, key: str | None, owner: str | None = None) -> str | None:
        """The common name of a field, column or indicator."""
        if key is None:
            return None
        if owner is not None and f"{owner}.{key}" in self.names:
            return self.names[f"{owner}.{key}"].partition(".")[2]
        return self.names.get(key, key)

    def cite(self, cite: str) -> str:
        source, _, clause = cite.partition("/")
        return f"{self.names.get(f'@{source}', source)}/{clause}"

    def path(self, path: str) -> str:
        """The common name of a place in the file: `indicators.A1.points`."""
        section, *rest = path.split(".")
        if rest and section in ("fields", "indicators"):
            rest[0] = self.names.get(rest[0], rest[0])
        return ".".join((section, *rest))

    def value(self, part: Any, row_of: str | None = None) -> Any:
        """What compares: formulas as trees in common names, everything else as it is."""
        match part:
            case Formula():
                return self._tree(part.tree, row_of)
            case Quantity(value=value, share=share):
                return value, share
            case Unknown(word=word):
                return word
            case BaseModel():
                return {name: self.value(getattr(part, name), row_of) for name in type(part).model_fields}
            case dict():
                return {key: self.value(one, row_of) for key, one in part.items()}
            case list() | tuple():
                return tuple(self.value(one, row_of) for one in part)
        return part

    def _tree(self, node: Node, row_of: str | None) -> Any:
        match node:
            case Name(id=key):
                columns = self.scheme.edition.lists[row_of].columns if row_of else {}
                return "name", self.name(key, row_of if key in columns else None)
            case Column(list=owner, id=key):
                return "column", owner, self.name(key, owner)
            case Operation(op=op, parts=parts):
                return op, *(self._tree(part, row_of) for part in parts)
            case Call(function=function, parts=parts):
                return function, *(self._tree(part, row_of) for part in parts)
            case Choice(by=by, branches=branches):
                return "by", self._tree(by, row_of), frozenset((k, self._tree(part, row_of)) for k, part in branches)
        return node

    # --- the usual kinds of a point ---

    def words(self, label: str, text: str) -> Aspect:
        return Aspect(label, text, text)

    def some(self, label: str, items: Iterable[str]) -> Aspect:
        """A set: the order says nothing."""
        told = list(items)
        return Aspect(label, frozenset(told), "、".join(told))

    def cites(self, cites: list[str]) -> Aspect:
        return Aspect("条款", frozenset(map(self.cite, cites)), "、".join(map(cite_text, cites)))

    def formula(self, label: str, formula: Formula | None, row_of: str | None = None) -> Aspect:
        if formula is None:
            return Aspect(label, None, "")
        return Aspect(label, self.value(formula, row_of), formula_text(self.scheme, formula, row_of))

    def thing(self, label: str, key: str | None, row_of: str | None = None) -> Aspect:
        """A field, column or indicator that is named."""
        return Aspect(label, self.name(key, row_of), "" if key is None else name_of(self.scheme, key, row_of))

    def question(self, key: str | None) -> Aspect:
        known = self.scheme.edition.open_questions
        said = known[key].question if key in known else key or ""
        return Aspect("待定问题", said, said)

    def blank(self, blank: Blank | None) -> Aspect:
        if blank is None:
            return Aspect("空白算什么", None, "")
        source = self.question(blank.question).value, frozenset(map(self.cite, blank.cite))
        said = f"{MEANINGS[blank.means]}（{blank_said(blank)}）"
        return Aspect("空白算什么", (blank.means, source), said)


def day_text(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def of_edition(side: Side) -> Aspects:
    edition = side.scheme.edition
    return {
        "name": side.words("名称", edition.name),
        "status": side.words("状态", side.scheme.status_text),
        "subject": side.words("评的是", edition.subject),
        "results.total": side.thing("总分", edition.results.total),
        "results.grade": side.thing("等次", edition.results.grade),
        "blank": side.blank(edition.blank),
        "words.units": side.some("自己的单位", edition.words.units),
        "words.evidence": side.some("自己的佐证", edition.words.evidence),
        "words.actions": side.some("自己的处理", edition.words.actions.values()),
        "words.roles": side.some("自己的角色", edition.words.roles.values()),
    }


def of_field(side: Side, item: FieldDef, row_of: str | None = None) -> Aspects:
    scheme, roles = side.scheme, words_of(side.scheme.edition).roles
    stage = scheme.edition.stages.get(item.stage or "")
    return {
        "name": side.words("名称", item.name),
        "type": side.words("类型", type_text(item)),
        "unit": side.words("单位", unit_text(item)),
        "options": side.some("选项", item.options),
        "between": Aspect("范围", side.value(item.between), between_text(item)),
        "evidence": side.some("佐证", item.evidence),
        "filled_by": Aspect("谁填", item.filled_by, roles[item.filled_by]),
        "confirmed_by": side.some("谁确认", [roles.get(role, role) for role in item.confirmed_by]),
        "scope": Aspect("共用", item.scope, "全部对象共用一个值" if item.scope == "round" else ""),
        "source": side.words("来源", item.source),
        "reason": Aspect("理由", item.reason, "要写理由" if item.reason else ""),
        "asked_when": side.formula("何时填", item.asked_when, row_of),
        "stage": Aspect("阶段", item.stage, stage.name if stage else item.stage or ""),
        "value": side.formula("由什么得出", item.value),
        "blank": side.blank(item.blank),
        "site_check": side.words("现场核查", item.site_check),
        "note": side.words("填写提示", item.note),
        "cite": side.cites(item.cite),
    }


def of_list(side: Side, item: ListDef) -> Aspects:
    found = {
        "name": side.words("名称", item.name),
        "rows_from": Aspect("行从哪里来", _rows_value(side, item), rows_text(side.scheme, item).split("（")[0]),
        "given": side.some("已给出的列", [item.columns[one].name for one in item.given]),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }
    for i, row in enumerate(item.rows):
        said = "，".join(f"{item.columns[one].name}：{value}" for one, value in row.items())
        label = f"定好的行“{next(iter(row.values()), '')}”"
        path = f"rows.{next(iter(row.values()), '')}"
        found[path if path not in found else f"{path}#{i}"] = side.words(label, said)
    return found


def _rows_value(side: Side, item: ListDef) -> Any:
    by = frozenset(side.name(one, item.of) for one in item.by)
    shifted = frozenset(item.shifted.items())
    return item.rows_from, item.every, item.start, item.end, item.due_day, shifted, item.of, by


def of_event(side: Side, item: Event) -> Aspects:
    return {
        "name": side.words("名称", item.name),
        "when": side.formula("成立的情形", item.when),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }


def of_stage(side: Side, item: Stage) -> Aspects:
    return {
        "name": side.words("名称", item.name),
        "from": side.words("开始", day_text(item.start)),
        "to": side.words("结束", day_text(item.end)),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }


def of_duty(side: Side, item: Duty) -> Aspects:
    when = when_text(side.scheme, item)
    return {
        "name": side.words("内容", item.name),
        "who": Aspect("由谁做", item.who, who_text(side.scheme, item)),
        "kind": Aspect("种类", item.kind, KINDS[item.kind]),
        "met": side.formula("怎样算做到", item.met),
        "when": Aspect("何时", (item.stage, item.every, item.due), when),
        "question": side.question(item.question),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }


def of_consequence(side: Side, item: Consequence) -> Aspects:
    return {
        "when": side.formula("情形", item.when),
        "do": Aspect("处理", (item.verb, frozenset(item.do), item.within), do_text(side.scheme, item)),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }


def of_pot(side: Side, item: Pot) -> Aspects:
    tolerance = item.tolerance
    value = None
    if tolerance is not None:
        when = side.name(tolerance.when)
        value = side.value(tolerance.by), tolerance.of, when, side.question(tolerance.question).value
    found = {
        "name": side.words("名称", item.name),
        "total": side.thing("总额", item.total),
        "in_principle": Aspect("比例", item.in_principle, "原则上的" if item.in_principle else "必须的"),
        "tolerance": Aspect("允许偏离", value, tolerance_text(side.scheme, tolerance) if tolerance else ""),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }
    for name, cites in item.bans.items():
        said = name_of(side.scheme, name)
        found[f"bans.{side.name(name)}"] = Aspect(
            f"不许列支的“{said}”", frozenset(map(side.cite, cites)), cites_said(cites)
        )
    return found


def cites_said(cites: Iterable[str]) -> str:
    return "、".join(map(cite_text, cites))


def of_use(side: Side, pot: Pot, item: Use) -> Aspects:
    inside = pot.uses[item.inside].name if item.inside else ""
    loose = {None: "", True: "原则上的", False: "必须的"}[item.in_principle]
    return {
        "name": side.words("名称", item.name),
        "amount": side.thing("按哪一项算", item.amount),
        "in": side.words("是哪一项的其中数", inside),
        "at_least": Aspect("下限", side.value(item.at_least), limit_text(item.at_least)),
        "at_most": Aspect("上限", side.value(item.at_most), limit_text(item.at_most)),
        "in_principle": Aspect("比例", item.in_principle, loose),
        "question": side.question(item.question),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }


def of_payment(side: Side, item: Payment) -> Aspects:
    return {
        "breaches": side.formula("数哪些为违反", item.breaches),
        "note": side.words("说明", item.note),
        "cite": side.cites(item.cite),
    }


def in_points(points: Any) -> str:
    """Plain points with their unit."""
    return f"{decimal_text(points)} 分" if isinstance(points, int | Fraction) else ""


def named(item: Any) -> str:
    """What a thing is called, with its points where it has some: “村级站点覆盖率（6 分）”."""
    points = in_points(item.points) if isinstance(item, Indicator) else ""
    return f"“{item.name}”" + (f"（{points}）" if points else "")
