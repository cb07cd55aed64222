"""From the models of an edition to a `Scheme`: names, formulas, order of dependence, kinds and units."""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaltool.problems import Problem
from evaltool.quantities import PLACE_UNIT, SCORE_UNIT, SHARE_UNIT
from evaltool.scheme.dialect import Document
from evaltool.scheme.fields import FieldDef, ListDef
from evaltool.scheme.formula import FUNCTIONS, Column, Formula, Name, Num, Operation, walk
from evaltool.scheme.inference import COUNTED, Mismatch, Scope, field_kind, kind_of
from evaltool.scheme.looks import Path_, formulas_of, needed_names, now, parents_of, rules_of
from evaltool.scheme.models import Edition, Indicator
from evaltool.scheme.papers import Cases, Source
from evaltool.scheme.rules import Rank, Relative, RuleModel, Steps
from evaltool.scheme.scheme import Kind, Scheme
from evaltool.scheme.values import is_number
from evaltool.scheme.vocabulary import words_of


@dataclass
class Work:
    """What is being resolved, with the complaints found so far."""

    edition: Edition
    document: Document
    problems: list[Problem] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    values: dict[str, Kind] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)  # indicators and events with a formula that is not understood

    def complain(self, code: str, path: Path_, what: str, why: str = "", do: str = "", *, key: bool = False) -> None:
        place = self.document.place(path, key=key, node=str(path[1]) if len(path) > 1 else "")
        self.problems.append(Problem(code, what, why, do, rule=place))

    def kind(
        self, formula: Formula, path: Path_, row_of: str | None = None, want: str = "", *, across: bool = False
    ) -> Kind | None:
        """What a formula comes to, or None with the complaint noted; what builds on a failed one stays silent."""
        if not self.failed.isdisjoint(formula.names()):
            return None
        scope = Scope(self.edition, self.kinds, row_of, across)
        try:
            kind = kind_of(formula.tree, scope)
        except Mismatch as slip:
            near = _near(formula, scope) if slip.code == "S200" else ""
            do = "数字后面加 %：1 写成 100%" if slip.code == "S106" else "按 indicators/README.md 改正公式"
            self.complain(slip.code, path, f"“{formula}”：{slip}", do=near or do)
            return None
        if want and kind.sort != want:
            words = {"truth": "一个真假（条件）", "number": "一个数"}
            self.complain("S214", path, f"“{formula}”要得出{words[want]}", do="改正公式")
            return None
        return kind


def nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    """“是不是“x”？” for the nearest known name, else what to do instead."""
    close = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"是不是“{close[0]}”？" if close else otherwise


def _near(formula: Formula, scope: Scope) -> str:
    known = scope.known()
    for name in formula.names():
        if name not in known and (close := difflib.get_close_matches(name, known, 1, 0.6)):
            return f"是不是“{close[0]}”？"
    return ""


def build(
    edition: Edition,
    sources: dict[str, Source],
    cases: Cases,
    documents: dict[str, Document],
    folders: tuple[Path, ...],
    digest: str,
) -> tuple[Scheme | None, Work]:
    """The scheme (None where names or the order cannot be made out) and the complaints so far."""
    work = Work(edition, documents["scheme.yaml"])
    _names(work)
    if work.problems:
        return None, work
    children: dict[str, list[str]] = {}
    for key, item in edition.indicators.items():
        for parent in parents_of(item):
            if parent not in edition.indicators:
                do = nearest(parent, edition.indicators, "改成已有的指标")
                work.complain("S200", ("indicators", key, "in"), f"“{key}”的上级“{parent}”没有定义", do=do)
            children.setdefault(parent, []).append(key)
    order = _order(work, children)
    if order is None:
        return None, work
    for key in order:
        if key in edition.events:
            work.kinds[key] = Kind("truth")
            if work.kind(edition.events[key].when, ("events", key, "when"), want="truth") is None:
                work.failed.add(key)
        else:
            _indicator(work, key, children.get(key, []))
    _conditions(work)
    scheme = Scheme(
        edition, sources, cases, documents["scheme.yaml"], documents["sources.yaml"], documents["cases.yaml"],
        folders, digest, order,
        work.kinds, work.values, {key: tuple(parts) for key, parts in children.items()},
    )  # fmt: skip
    return scheme, work


def _names(work: Work) -> None:
    seen: dict[str, str] = {}
    rooms: dict[str, Any] = {
        "fields": work.edition.fields,
        "lists": work.edition.lists,
        "indicators": work.edition.indicators,
        "events": work.edition.events,
    }
    for room, items in rooms.items():
        for key in items:
            if keyword.iskeyword(key) or key in ("true", "false") or key in FUNCTIONS:
                word = "函数名" if key in FUNCTIONS else "保留字"
                work.complain("S201", (room, key), f"“{key}”是{word}", do="换一个名称", key=True)
            if key in seen:
                work.complain("S201", (room, key), f"“{key}”在 {seen[key]} 里已经用过", do="换一个名称", key=True)
            seen[key] = room
    for list_id, item in work.edition.lists.items():
        for column in item.columns:
            if column in seen or keyword.iskeyword(column):
                path = ("lists", list_id, "columns", column)
                work.complain("S201", path, f"列名“{column}”与别的名称相同", do="换一个列名", key=True)


def _order(work: Work, children: dict[str, list[str]]) -> tuple[str, ...] | None:
    """Indicators and events, each after everything it needs; None for a cycle, which is complained about once."""
    edition = work.edition
    needs: dict[str, set[str]] = {}
    for key, item in edition.indicators.items():
        needs[key] = needed_names(item)
        if item.combine:
            needs[key] |= set(children.get(key, ()))
    for key, event in edition.events.items():
        needs[key] = set(now(event.when.tree))
    done: dict[str, None] = {}
    open_: list[str] = []

    def ring_from(key: str) -> list[str]:
        if key in done or key not in needs:
            return []
        if key in open_:
            return [*open_[open_.index(key) :], key]
        open_.append(key)
        for name in sorted(needs[key]):
            if ring := ring_from(name):
                return ring
        open_.pop()
        done[key] = None
        return []

    for key in needs:
        if ring := ring_from(key):
            room = "events" if ring[0] in edition.events else "indicators"
            work.complain("S206", (room, ring[0]), "互相引用成环：" + " → ".join(ring), do="去掉其中一个引用", key=True)
            return None
    return tuple(done)


def _indicator(work: Work, key: str, children: list[str]) -> None:
    item = work.edition.indicators[key]
    at: Path_ = ("indicators", key)
    if item.per is not None and item.per not in work.edition.lists:
        do = nearest(item.per, work.edition.lists, "改成已有的清单")
        work.complain("S200", (*at, "per"), f"没有清单“{item.per}”", do=do)
        work.kinds[key] = Kind("number", SCORE_UNIT)
        work.failed.add(key)
        return
    value = None
    for path, formula, want in formulas_of(item):
        across = item.across is not None and path == ("value",)
        kind = work.kind(formula, (*at, *path), item.per, want, across=across)
        if kind is None:
            work.failed.add(key)
        if path == ("value",):
            value = kind
    if item.combine:
        value = _combined(work, key, children)
        if value is None:
            work.failed.add(key)
    if value is not None:
        value = _declared(work, key, value)
        work.values[key] = value
    work.kinds[key] = _result(work, key, value)


def _combined(work: Work, key: str, children: list[str]) -> Kind | None:
    item = work.edition.indicators[key]
    at: Path_ = ("indicators", key, "combine")
    parts = [work.kinds[child] for child in children if child in work.kinds]
    if not parts:
        work.complain("S200", at, f"没有指标写 in: {key}", do="给下级指标写 in")
        return None
    wanted = "truth" if item.combine in ("all", "any", "count") else "number"
    if any(part.sort != wanted for part in parts):
        work.complain("S214", at, f"{item.combine} 不能用于这些下级指标", do="核对下级指标")
        return None
    if item.combine in ("all", "any"):
        return Kind("truth")
    if item.combine == "count":
        return Kind("number", COUNTED)
    units = {part.unit for part in parts if part.unit not in (None, "", COUNTED)}
    if len(units) > 1:
        work.complain("S205", at, f"下级指标的单位不一：{'、'.join(sorted(map(str, units)))}", do="改成同一单位")
        return None
    if item.combine == "mean":
        marked = {work.edition.indicators[child].points is not None for child in children}
        if len(marked) > 1:
            work.complain("S214", at, "求平均的下级指标，要么都有满分，要么都没有", do="核对下级指标")
            return None
        if True in marked:  # parts are taken as shares of their points
            return Kind("number", SHARE_UNIT if item.points is None else SCORE_UNIT)
    return parts[0]


def _declared(work: Work, key: str, value: Kind) -> Kind:
    """The value's kind with the unit that the indicator declares; the two must agree."""
    item = work.edition.indicators[key]
    if value.sort != "number":
        return value
    declared = "unit" in item.model_fields_set
    words = words_of(work.edition).units
    if any(unit not in words for unit in _units_behind(work, item)) or (item.unit and item.unit not in words):
        return Kind("number", item.unit or value.unit)  # a unit that is no word of ours is complained about once
    if declared and not item.unit:
        return Kind("number", "")  # 无: the paper treats it as a plain number, whatever it was made from
    if declared and not _may_be_declared(value, item):
        work.complain(
            "S205",
            ("indicators", key, "unit"),
            f"“{key}”写的单位是{item.unit}，公式得出的是{value.unit or '没有单位的数'}",
            do="改成同一单位；确实没有单位的写 无",
        )
    if item.rule is not None and not declared and value.unit not in (SCORE_UNIT, "") and item.per is None:
        work.complain(
            "S205",
            ("indicators", key),
            f"“{key}”要写 unit（公式得出的是{value.unit or '数'}）",
            do="补上 unit；没有单位的写 无",
        )
    return Kind("number", item.unit) if item.unit else value


def _may_be_declared(value: Kind, item: Indicator) -> bool:
    """Whether what a formula comes to may be in the unit that the indicator declares."""
    if value.unit in (item.unit, COUNTED, None) or "row:" in str(value.unit):
        return True
    if value.unit == "人次每人" and item.unit == SHARE_UNIT:
        return True  # papers call it a share of the people, though one person may count twice
    if value.factor and value.unit == "" and item.unit == SHARE_UNIT:  # a mean of factors such as 0.8
        return True
    return item.unit in (SCORE_UNIT, SHARE_UNIT) and item.value is not None and _weighed(item.value, item.unit)


def _weighed(formula: Formula, unit: str) -> bool:
    """Whether a formula gives so many points, or so many per cent, for each of something: 国家级 * 30 + 省级 * 20."""
    products = [node for node in walk(formula.tree) if isinstance(node, Operation) and node.op == "*"]
    factors = [part for node in products for part in node.parts if isinstance(part, Num)]
    return any(part.share == (unit == SHARE_UNIT) for part in factors)


def _units_behind(work: Work, item: Indicator) -> Iterator[str]:
    """The units written on the fields and columns that the value of an indicator names."""
    for node in walk(item.value.tree) if item.value is not None else ():
        named: FieldDef | None = None
        if isinstance(node, Column):
            named = work.edition.lists[node.list].columns.get(node.id)
        elif isinstance(node, Name):
            named = (work.edition.lists[item.per].columns if item.per else {}).get(node.id) or work.edition.fields.get(
                node.id
            )
        if named is not None and named.unit and named.unit != "row":
            yield named.unit


def _result(work: Work, key: str, value: Kind | None) -> Kind:
    """What an indicator comes to: points, a number, a yes/no or a label."""
    item = work.edition.indicators[key]
    if item.points is not None:
        return Kind("number", SCORE_UNIT)
    results = [_ruled(rule) for _, rule in rules_of(item)]
    if len({result.sort for result in results}) > 1:
        work.complain("S214", ("indicators", key, "rule"), "各分支要么都给等次，要么都给数", do="改成同一种")
        work.failed.add(key)
    plain = [value] if value is not None and not results else results
    if plain and plain[0].sort == "label":
        options = [label for result in plain for label in result.options]
        extra = [str(o.gives) for o in item.overrides if isinstance(o.gives, str) and o.gives != "out"]
        return Kind("label", "", tuple(dict.fromkeys([*options, *extra])))
    return plain[0] if plain else Kind("number", SCORE_UNIT)


def _ruled(rule: RuleModel) -> Kind:
    """What one rule gives where the indicator has no points."""
    match rule:
        case Steps():
            given = [step.gives for step in rule.steps if isinstance(step.gives, str)]
            said = [gives for gives in given if gives not in ("full", "out")]
            if labels := [gives for gives in said if not is_number(gives)]:
                return Kind("label", "", tuple(dict.fromkeys(labels)))
            shares = said and all(gives.endswith("%") for gives in said)
            return Kind("number", SHARE_UNIT if shares else "")
        case Rank():
            return Kind("number", PLACE_UNIT if rule.gives == "place" else SHARE_UNIT)
        case Relative() if rule.times == 1:
            return Kind("number", SHARE_UNIT)
    return Kind("number", SCORE_UNIT)


def _conditions(work: Work) -> None:
    """Formulas outside the indicators: columns of groups, when a field is asked, duties, consequences, payments."""
    edition = work.edition
    for key, item in edition.fields.items():
        if item.asked_when is not None:
            work.kind(item.asked_when, ("fields", key, "asked_when"), want="truth")
    for list_id, rows in edition.lists.items():
        for column, item in rows.columns.items():
            at: Path_ = ("lists", list_id, "columns", column)
            if item.asked_when is not None:
                work.kind(item.asked_when, (*at, "asked_when"), list_id, "truth")
            if item.value is not None:
                _grouped(work, list_id, rows, (*at, "value"), item)
    for key, duty in edition.duties.items():
        if duty.met is not None:
            work.kind(duty.met, ("duties", key, "met"), want="truth")
    for i, consequence in enumerate(edition.consequences):
        work.kind(consequence.when, ("consequences", i, "when"), want="truth")
    for pot_id, pot in edition.funds.items():
        for i, payment in enumerate(pot.payments):
            work.kind(payment.breaches, ("funds", pot_id, "payments", i, "breaches"), want="number")


def _grouped(work: Work, list_id: str, rows: ListDef, at: Path_, column: FieldDef) -> None:
    """A column of a list of groups: its formula may name what makes the group, and gathers the rows of the source."""
    assert column.value is not None
    own = [node.id for node in walk(column.value.tree) if isinstance(node, Name) and node.id in rows.columns]
    if any(name not in rows.by for name in own):
        work.complain("S206", at, "groups 的列只能用 by 里的列和来源清单的列", do="改用来源清单的列")
    elif rows.of in work.edition.lists:
        kind, wanted = work.kind(column.value, at, list_id), field_kind(column, list_id)
        if kind is not None and (kind.sort != wanted.sort or not _fits(kind.unit, wanted.unit)):
            work.complain("S205", at, f"公式得出的是{kind.unit or '数'}，这一列写的是{wanted.unit}", do="改成同一单位")


def _fits(unit: str | None, wanted: str | None) -> bool:
    """Whether a formula's unit may stand in a column; what rows bring in their own units is not compared."""
    rows = any(str(one).startswith("row:") or "row:" in str(one) for one in (unit, wanted))
    return rows or unit in (wanted, COUNTED, None)
