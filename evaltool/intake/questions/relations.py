"""What an edition says about how its figures hang together, worked out once an edition: parts and wholes, done and
planned, shares of one whole, the same thing asked twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from evaltool.intake import layout
from evaltool.intake.questions.completions import Completion, RowCompletion, all_completions, all_row_completions
from evaltool.intake.questions.insides import Inside, RowInside, all_inside, all_rows_inside, conditions
from evaltool.intake.questions.measures import NUMBERS, Measure, comparable
from evaltool.quantities import Exact
from evaltool.question_lines import WHOLE
from evaltool.scheme import Scheme
from evaltool.scheme.formula import Call, Column, walk
from evaltool.scheme.models import Indicator


@dataclass(frozen=True, slots=True)
class Parts:
    """A column of a list that adds up to no more than `limit`, among the rows whose `by` column says `label`.

    once   columns that make a group: rows that agree in them are one part
    """

    list: str
    column: str
    limit: Exact
    why: str
    by: str = ""
    label: str = ""
    once: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relations:
    """All of an edition."""

    inside: tuple[Inside, ...]
    rows_inside: tuple[RowInside, ...]
    completions: tuple[Completion, ...]
    row_completions: tuple[RowCompletion, ...]
    parts: tuple[Parts, ...]
    same: tuple[tuple[Measure, Measure], ...]


_known: dict[str, Relations] = {}  # digest → relations: the digest stands for all that decides them


def relations(scheme: Scheme) -> Relations:
    if scheme.digest not in _known:
        _known[scheme.digest] = Relations(
            tuple(all_inside(scheme)),
            tuple(dict.fromkeys(all_rows_inside(scheme))),
            tuple(all_completions(scheme)),
            tuple(all_row_completions(scheme)),
            tuple(all_parts(scheme)),
            tuple(all_same(scheme)),
        )
    return _known[scheme.digest]


def all_parts(scheme: Scheme) -> Iterator[Parts]:
    for key, item in scheme.indicators.items():
        if item.per is None:
            continue
        listed = scheme.edition.lists[item.per]
        source, once = (listed.of, tuple(listed.by)) if listed.of else (item.per, ())
        columns = scheme.edition.lists[source].columns
        if isinstance(item.points, str) and item.points in columns:
            yield from _marks(scheme, item, source, once)
        if isinstance(item.weight, str) and item.weight in columns:
            limit = 1 if columns[item.weight].type == "share" else WHOLE
            yield Parts(source, item.weight, limit, f"{key} {item.name}按它加权", once=once, cites=tuple(item.cite))
    summed = {
        (node.parts[0].list, node.parts[0].id)
        for _, formula in conditions(scheme)
        for node in walk(formula.tree)
        if isinstance(node, Call) and node.function == "sum" and isinstance(node.parts[0], Column)
    }
    for list_id, rows in scheme.filled_lists.items():
        for column, definition_ in rows.columns.items():
            if definition_.type == "share" and (list_id, column) in summed:
                yield Parts(list_id, column, 1, "指标把各行相加", cites=tuple(rows.cite))


def _marks(scheme: Scheme, item: Indicator, source: str, once: tuple[str, ...]) -> Iterator[Parts]:
    """Full marks that rows bring: with what stands beside them no more than those of the indicator above. Where nothing
    stands beside them they must be exactly those (D120)."""
    columns, column = scheme.edition.lists[source].columns, str(item.points)
    above = item.parent if isinstance(item.parent, dict) else {"": item.parent}
    by = str(above.get("by", ""))
    for label, node in above.items():
        if label == "by" or not node or (by and by not in columns):
            continue
        beside = [scheme.indicators[k] for k in scheme.children.get(node, ()) if scheme.indicators[k] is not item]
        full = scheme.indicators[node].points
        if isinstance(full, str) or (full is not None and not beside and not once):
            continue
        sure = [one.points for one in beside if not any(part.gives == "out" for part in one.overrides)]
        rest = sum(points for points in sure if points is not None and not isinstance(points, str))
        name = scheme.indicators[node].name
        why = f"连同别的 {len(beside)} 项，“{name}”的满分是 {full} 分" if beside and full else f"合成“{name}”"
        limit = WHOLE - rest if full is None else full - rest
        yield Parts(source, column, limit, why, by, label if by else "", once, tuple(scheme.indicators[node].cite))


def plain_name(name: str) -> str:
    """A name without spaces, punctuation and the words for “number of”."""
    text = unicodedata.normalize("NFKC", name)
    text = "".join(ch for ch in text if unicodedata.category(ch)[0] in "LN")
    return re.sub(r"(总数|数量|个数|合计|总计|数)$", "", re.sub(r"^(全县|本县|全市|县域)", "", text))


def all_same(scheme: Scheme) -> Iterator[tuple[Measure, Measure]]:
    named: dict[tuple[str, str], Measure] = {}
    mine = layout.county_fields(scheme)
    for key, item in mine.items():
        if item.type not in NUMBERS:
            continue
        kind = (plain_name(item.name), item.type)
        if kind in named and comparable(scheme, named[kind], Measure(key)):
            yield named[kind], Measure(key)
        named.setdefault(kind, Measure(key))
    for list_id, rows in scheme.filled_lists.items():
        if rows.rows_from != "subject":
            continue
        counted = named.get((plain_name(rows.name), "count"))
        if counted is not None:
            yield counted, Measure("", list_id)
        for key, column in layout.county_columns(rows).items():
            for name in (column.name, rows.name + column.name):
                field = named.get((plain_name(name), column.type))
                if field and column.type in ("count", "money") and comparable(scheme, field, Measure(key, list_id)):
                    yield field, Measure(key, list_id)
