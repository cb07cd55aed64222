"""Why one result is what it is, made on demand from the scores and the scheme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import numpy as np

from evaltool.facts import OFFICIAL, STATE_NAMES, Origin, State
from evaltool.quantities import decimal_text, quantity_text
from evaltool.scheme.confirmations import confirmation
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.inference import field_kind
from evaltool.scheme.looks import columns_of, looks_at
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import formula_text
from evaltool.scoring.arithmetic import arithmetic, shown
from evaltool.scoring.asked import Asked
from evaltool.scoring.columns import Array
from evaltool.scoring.formulas import possible
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
    result = facts.absence(subject) if not returned else "" if per_row else scores.text(layer, indicator, row)
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
        arithmetic=arithmetic(asked, [*parts_of(asked)]) if item and returned and not per_row else "",
        next_step=next_step(asked) if item and returned else "请该县报送" if item else "",
        parts=tuple(parts_of(asked)) if item else (),
        stamp=scores.stamp,
    )


def _rows_text(asked: Asked) -> str:
    """Every row's result, in the order of the list."""
    lines = _lines(asked, str(asked.item.per))
    return "，".join(asked.scores.text(asked.layer, asked.key, int(line)) for line in lines) or "没有行"


def _lines(asked: Asked, list_id: str) -> Array:
    """Where the rows of this subject stand in the whole list."""
    return np.flatnonzero(asked.scores.outcomes[asked.layer].space.owners[list_id] == asked.row)


def _cells(asked: Asked) -> Iterator[tuple[str, str, str, str]]:
    facts, edition = asked.scores.facts, asked.scheme.edition
    for name in looks_at(asked.scheme, asked.key):
        if name in edition.fields:
            value, state, origin = facts.cell(asked.layer, str(facts.codes[asked.row]), name)
            text = value_text(edition.fields[name], value) if state == State.FILLED else "—"
            yield edition.fields[name].name, text, STATE_NAMES[state], "" if origin is None else str(origin)
            for role in edition.fields[name].confirmed_by if asked.layer == OFFICIAL else ():
                by = confirmation(name, role)
                value, state, origin = facts.cell(asked.layer, str(facts.codes[asked.row]), by)
                text = value_text(edition.fields[by], value) if state == State.FILLED else "—"
                yield edition.fields[by].name, text, STATE_NAMES[state], "" if origin is None else str(origin)
        elif name in edition.lists:
            state = State(int(asked.scores.outcomes[asked.layer].space.listed[name][asked.row]))
            count = len(_lines(asked, name))
            yield edition.lists[name].name, f"{count} 行" if state == State.FILLED else "—", STATE_NAMES[state], ""
            yield from _group_cells(asked, name) if edition.lists[name].of else _column_cells(asked, name)


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


def _group_cells(asked: Asked, list_id: str) -> Iterator[tuple[str, str, str, str]]:
    """The same of a list of groups, whose columns are computed."""
    item, mine = asked.scheme.edition.lists[list_id], asked.space.rows[list_id]
    for key in columns_of(asked.scheme, asked.key, list_id):
        if key in mine and len(_lines(asked, list_id)):
            unit = field_kind(item.columns[key]).unit or ""
            said = [shown(mine[key], i, unit) for i in range(len(_lines(asked, list_id)))]
            yield f"{item.name}·{item.columns[key].name}", "，".join(said), STATE_NAMES[State.FILLED], ""


def value_text(item: FieldDef, value: object) -> str:
    """One filled value for people."""
    if isinstance(value, bool):
        return "是" if value else "否"
    kind = field_kind(item)
    if kind.sort == "number":
        unit = kind.unit or ""
        return quantity_text(value, "" if unit.startswith("row:") else unit)  # type: ignore[arg-type]
    return str(value)


def _row_title(asked: Asked, list_id: str, line: int) -> str:
    """What a person knows a row by: its texts, then its other entries but the marks (“补贴渔船数 ≥ 6 艘 6”)."""
    item = asked.scheme.edition.lists[list_id]
    space = asked.scores.outcomes[asked.layer].space
    rows = asked.scores.facts.layers[asked.layer].lists[item.of or list_id].table
    if item.of:  # a group goes by what its rows have in common
        line = int(np.flatnonzero(space.grouped[list_id] == line)[0])
    said = []
    for key, column in item.columns.items():
        if item.of and key not in item.by:
            continue
        value, state = rows.values[key].iloc[line], rows.states[key].iloc[line]
        if state == State.FILLED and column.type != "points":
            said.append(value_text(column, value))
    return " ".join(said)


def parts_of(asked: Asked) -> Iterator[tuple[str, str, str, str]]:
    """(id, name, result, full marks) of every part, row by row where it runs over a list."""
    for child in asked.scheme.children.get(asked.key, ()):
        item = asked.scheme.indicators[child]
        if item.per is None:
            full = decimal_text(item.points) if item.points is not None else ""
            yield child, item.name, asked.scores.text(asked.layer, child, asked.row), full
        else:
            yield from _row_parts(asked, child)


def _row_parts(asked: Asked, child: str) -> Iterator[tuple[str, str, str, str]]:
    """The rows of this subject that count towards this indicator."""
    item = asked.scheme.indicators[child]
    per = str(item.per)
    for number, line in enumerate(map(int, _lines(asked, per))):
        if isinstance(item.parent, dict):
            block = possible(asked.space.rows[per][item.parent["by"]])
            if not any(block[label][number] for label, parent in item.parent.items() if parent == asked.key):
                continue
        full = asked.space.rows[per][item.points] if isinstance(item.points, str) else None
        yield (
            f"{child}[{number + 1}]",
            _row_title(asked, per, line) or item.name,
            asked.scores.text(asked.layer, child, line),
            text_of(full, number) if full is not None else decimal_text(item.points) if item.points is not None else "",
        )
