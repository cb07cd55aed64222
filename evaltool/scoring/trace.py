"""Why one result is what it is, made on demand from the scores and the scheme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from evaltool.facts import STATE_NAMES, Origin, State
from evaltool.quantities import DATE_UNIT, SHARE_UNIT, decimal_text, quantity_text
from evaltool.scheme import rules as r
from evaltool.scheme.formula import ARITHMETIC, Call, Formula, Name, Node, Operation
from evaltool.scheme.inference import field_kind
from evaltool.scheme.looks import columns_of, looks_at
from evaltool.scheme.models import FieldDef
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.values import Quantity
from evaltool.scheme.words import formula_text, name_of, parameter_text
from evaltool.scoring.asked import Asked, exception_of
from evaltool.scoring.columns import INF, Col, Num, take
from evaltool.scoring.formulas import evaluate
from evaltool.scoring.inverse import next_step
from evaltool.scoring.scores import Scores, text_of


@dataclass(frozen=True)
class Trace:
    """The explanation of one result of one subject. Prints as text; a card in a notebook.

    result      points (or range), number, 是/否/待定 or label; `full` the full marks, empty where there are none
    sentence    the rule in words;  clauses  where it is written
    cells       (name, value, state, origin) of every field it looks at
    arithmetic  the formula with this subject's numbers, then the rule
    next_step   what would have earned more
    parts       (id, name, result, full) of the indicators below it
    """

    subject: str
    subject_name: str
    indicator: str
    name: str
    layer: str
    result: str
    full: str
    sentence: str
    clauses: tuple[str, ...]
    gists: tuple[str, ...]
    cells: tuple[tuple[str, str, str, str], ...]
    arithmetic: str
    next_step: str
    parts: tuple[tuple[str, str, str, str], ...]
    stamp: str

    def lines(self) -> Iterator[str]:
        full = f" / {self.full}" if self.full else ""
        yield f"{self.subject_name}（{self.subject}）{self.layer}　{self.indicator} {self.name}：{self.result}{full}"
        if self.stamp:
            yield f"说明　{self.stamp}"
        yield f"规则　{self.sentence}"
        for clause, gist in zip(self.clauses, self.gists, strict=True):
            yield f"依据　{clause}：{gist}"
        for name, value, state, origin in self.cells:
            yield (
                f"数据　{name} = {value}"
                + (f"［{state}］" if state != "已填" else "")
                + (f"　{origin}" if origin else "")
            )
        if self.arithmetic:
            yield f"算式　{self.arithmetic}"
        for key, name, result, part_full in self.parts:
            yield f"其中　{key} {name}：{result}" + (f" / {part_full}" if part_full else "")
        if self.next_step:
            yield f"提高　{self.next_step}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rest = self.lines()
        return (
            f"<div class='evaltool-card'><b>{escape(head)}</b>"
            + "".join(f"<p>{escape(x)}</p>" for x in rest)
            + "</div>"
        )


def trace(scores: Scores, subject: str, indicator: str, layer: str) -> Trace:
    """The trace of one indicator or event. Raises KeyError for an unknown subject, indicator or layer, in Chinese."""
    scheme, facts = scores.scheme, scores.facts
    if layer not in scores.outcomes:
        raise KeyError(f"没有“{layer}”这一层；可用：{'、'.join(scores.outcomes)}")
    if indicator not in scores.outcomes[layer].results:
        raise KeyError(f"没有指标“{indicator}”")
    row = facts.position(subject)
    asked = Asked(scores, layer, indicator, row)
    item = scheme.indicators.get(indicator)
    event = scheme.edition.events.get(indicator)
    cites = [scheme.citation(cite) for cite in (item or event).cite]  # type: ignore[union-attr]
    per_row = item is not None and item.per is not None
    returned = bool(facts.returned[row])
    result = (
        facts.absence(subject) if not returned else "" if per_row else text_of(scores.column(layer, indicator), row)
    )
    return Trace(
        subject=str(facts.codes[row]),
        subject_name=str(facts.roster["name"].iloc[row]),
        indicator=indicator,
        name=(item or event).name,  # type: ignore[union-attr]
        layer=layer,
        result=result if not per_row or not returned else _rows_text(asked),
        full=decimal_text(item.points) if item and item.points is not None and not isinstance(item.points, str) else "",
        sentence=f"{formula_text(scheme, event.when)}。" if event else rule_sentence(scheme, indicator),
        clauses=tuple(str(cite) for cite in cites),
        gists=tuple(cite.gist for cite in cites),
        cells=tuple(_cells(asked)),
        arithmetic=_arithmetic(asked) if item and returned and not per_row else "",
        next_step=next_step(asked) if item and returned else "请该县报送" if item else "",
        parts=tuple(_parts(asked)) if item else (),
        stamp=scores.stamp,
    )


def _rows_text(asked: Asked) -> str:
    """Every row's result, in the order of the list."""
    per = asked.item.per
    assert per is not None
    mine = asked.scores.facts.layers[asked.layer].lists[per].owner == asked.row
    column = take(asked.scores.outcomes[asked.layer].results[asked.key], mine)
    return "，".join(text_of(column, i) for i in range(int(mine.sum()))) or "没有行"


def _cells(asked: Asked) -> Iterator[tuple[str, str, str, str]]:
    facts, edition = asked.scores.facts, asked.scheme.edition
    for name in looks_at(asked.scheme, asked.key):
        if name in edition.fields:
            value, state, origin = facts.cell(asked.layer, str(facts.codes[asked.row]), name)
            text = value_text(edition.fields[name], value) if state == State.FILLED else "—"
            yield edition.fields[name].name, text, STATE_NAMES[state], "" if origin is None else str(origin)
        elif name in edition.lists:
            rows = facts.layers[asked.layer].lists[name]
            state = State(int(rows.states[asked.row]))
            count = int((rows.owner == asked.row).sum())
            yield edition.lists[name].name, f"{count} 行" if state == State.FILLED else "—", STATE_NAMES[state], ""
            yield from _column_cells(asked, name)


def _column_cells(asked: Asked, list_id: str) -> Iterator[tuple[str, str, str, str]]:
    """Each column of a list that the result looks at: the values in the order of the rows, and their cells."""
    item = asked.scheme.edition.lists[list_id]
    rows = asked.scores.facts.layers[asked.layer].lists[list_id]
    mine = rows.owner == asked.row
    for key in columns_of(asked.scheme, asked.key, list_id):
        if key not in item.columns or not mine.any():
            continue
        values, states = rows.table.values[key].to_numpy()[mine], rows.table.states[key].to_numpy()[mine]
        said = [
            value_text(item.columns[key], value) if state == State.FILLED else f"—［{STATE_NAMES[State(int(state))]}］"
            for value, state in zip(values, states, strict=True)
        ]
        origins = [one for one in rows.table.origins[key].to_numpy()[mine] if isinstance(one, Origin)]
        cells = "、".join(one.cell for one in origins)
        place = f"{origins[0].workbook} · {origins[0].sheet} · {cells}" if origins else ""
        yield f"{item.name}·{item.columns[key].name}", "，".join(said), STATE_NAMES[State.FILLED], place


def value_text(item: FieldDef, value: object) -> str:
    """One filled value for people."""
    if isinstance(value, bool):
        return "是" if value else "否"
    kind = field_kind(item)
    if kind.sort == "number":
        unit = kind.unit or ""
        return quantity_text(value, "" if unit.startswith("row:") else unit)  # type: ignore[arg-type]
    return str(value)


def _shown(column: Col, row: int, unit: str) -> str:
    """A value of this subject with its unit, or its range."""
    if not isinstance(column, Num) or unit == DATE_UNIT:
        return text_of(column, row)
    low, high = column.lo[row], column.hi[row]
    if low == high:
        return quantity_text(low, unit)
    if high == INF:
        return "未知" if low <= 0 else f"≥ {quantity_text(low, unit)}"
    return f"（{quantity_text(low, unit)} ～ {quantity_text(high, unit)}）"


def _arithmetic(asked: Asked) -> str:
    """The value with numbers put in, then the rule with numbers put in, then the result."""
    item, said = asked.item, []
    own = getattr(item.rule, "value", None)
    formula = own if isinstance(own, Formula) else item.value
    value = asked.scores.outcomes[asked.layer].values.get(asked.key)
    unit = asked.unit
    if exception := exception_of(asked):
        result = text_of(asked.scores.column(asked.layer, asked.key), asked.row)
        return (
            f"{exception}；{'得 ' if item.points is not None else ''}{result}{' 分' if item.points is not None else ''}"
        )
    if formula is not None and value is not None and isinstance(value, Num):
        put_in = _put_in(asked, formula.tree, 0)
        shown = _shown(value, asked.row, unit)
        said.append(_bare(shown) if put_in == shown else f"{put_in} = {_bare(shown)}")
    elif item.combine == "sum":
        parts = list(_parts(asked))
        if parts and all(asked.scheme.indicators[child].per for child in asked.scheme.children[asked.key]):
            shown = "；".join(f"{name} 得 {result}" for _, name, result, _ in parts) + "；合计"
        else:
            shown = (" + ".join(f"（{part[2]}）" if "～" in part[2] else part[2] for part in parts) or "0") + " ="
        said.append(f"{shown} {text_of(value, asked.row)}" if value is not None else shown)
    if item.points is not None and not isinstance(item.points, str):
        said.append(_rule_line(asked, value))
    return "；".join(part for part in said if part)


def _bare(shown: str) -> str:
    """A range that stands alone needs no brackets."""
    return shown.removeprefix("（").removesuffix("）")


def _rule_line(asked: Asked, value: Col | None) -> str:
    rule, points = asked.item.rule, decimal_text(asked.item.points)
    result = text_of(asked.scores.column(asked.layer, asked.key), asked.row)
    shown = _shown(value, asked.row, asked.unit) if value is not None else ""
    match rule:
        case r.Checklist():
            parts = []
            for name, share in rule.items.items():
                got = text_of(asked.space.subjects[name], 0)
                earned = {"是": decimal_text(share), "否": "0"}.get(got, "?")
                parts.append(f"{name_of(asked.scheme, name)} {got} {earned}")
            lacking = [
                name_of(asked.scheme, name) for name in rule.mandatory if text_of(asked.space.subjects[name], 0) == "否"
            ]
            why = f"，缺“{'”和“'.join(lacking)}”，整项不得分" if lacking else ""
            return f"{'，'.join(parts)}{why}，得 {result} 分"
        case r.Levels(chosen=str(chosen)):
            share = asked.space.subjects[chosen]
            if asked.scheme.edition.fields[chosen].type == "share" and share.known[0]:
                return f"{points} × {_shown(share, 0, SHARE_UNIT)}，得 {result} 分"
        case r.Proportional():
            target = parameter_text(asked.scheme, rule.target, asked.unit, None)
            if not isinstance(rule.target, Quantity):
                target = _put_in(asked, rule.target.tree, 0)
            ratio = f"{points} × {target} ÷ {shown}" if rule.inverse else f"{points} × {shown} ÷ {target}"
            return f"{ratio}，封顶 {points}，得 {result} 分"
        case r.Linear():
            low, high = (quantity_text(end.value, asked.unit) for end in (rule.zero_at, rule.full_at))
            return f"{points} ×（{shown} － {low}）÷（{high} － {low}），在 0 与 {points} 之间，得 {result} 分"
        case None:
            return "" if asked.item.combine else f"得 {result} 分"
    return f"得 {result} 分"


def _put_in(asked: Asked, node: Node, depth: int) -> str:
    """A formula with this subject's numbers instead of names."""
    if isinstance(node, Operation) and node.op in ARITHMETIC and node.op != "neg":
        sign = {"+": "＋", "-": "－", "*": "×", "/": "÷"}[node.op]
        text = f" {sign} ".join(_put_in(asked, part, depth + 1) for part in node.parts)
        return f"（{text}）" if depth else text
    if isinstance(node, Name):
        edition = asked.scheme.edition
        unit = (
            asked.scheme.kinds[node.id].unit
            if node.id in asked.scheme.kinds
            else field_kind(edition.fields[node.id]).unit
        )
        return _shown(asked.space.subjects[node.id], 0, unit or "")
    if isinstance(node, Call):
        inside = "、".join(formula_text(asked.scheme, part) for part in node.parts)
        return f"{text_of(evaluate(node, asked.space), 0)}（{inside}）"
    return formula_text(asked.scheme, node)


def _parts(asked: Asked) -> Iterator[tuple[str, str, str, str]]:
    for child in asked.scheme.children.get(asked.key, ()):
        item = asked.scheme.indicators[child]
        column = asked.scores.outcomes[asked.layer].results[child]
        if item.per is None:
            full = decimal_text(item.points) if item.points is not None else ""
            yield child, item.name, text_of(column, asked.row), full
        else:
            yield from _row_parts(asked, child)


def _row_title(asked: Asked, list_id: str, line: int) -> str:
    """What a person knows a row by: its texts, then its other entries but the marks (“补贴渔船数 ≥ 6 艘 6”)."""
    item = asked.scheme.edition.lists[list_id]
    rows = asked.scores.facts.layers[asked.layer].lists[list_id].table
    said = []
    for key, column in item.columns.items():
        value, state = rows.values[key].iloc[line], rows.states[key].iloc[line]
        if state == State.FILLED and column.type != "points":
            said.append(value_text(column, value))
    return " ".join(said)


def _row_parts(asked: Asked, child: str) -> Iterator[tuple[str, str, str, str]]:
    """The rows of this subject that count towards this indicator."""
    item = asked.scheme.indicators[child]
    per = item.per
    assert per is not None
    column = asked.scores.outcomes[asked.layer].results[child]
    rows = asked.scores.facts.layers[asked.layer].lists[per]
    for number, line in enumerate((rows.owner == asked.row).nonzero()[0], 1):
        if isinstance(item.parent, dict):
            block = rows.table.values.iloc[line][item.parent["by"]]
            if item.parent.get(str(block)) != asked.key:
                continue
        full = asked.space.rows[per][item.points] if isinstance(item.points, str) else None
        yield (
            f"{child}[{number}]",
            _row_title(asked, per, line) or item.name,
            text_of(column, line),
            text_of(full, number - 1) if full is not None else "",
        )
