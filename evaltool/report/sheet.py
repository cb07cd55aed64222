"""The evaluator's sheet: what a person takes along to check a county on site, with blanks to fill in by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaltool import charts
from evaltool.quantities import decimal_text
from evaltool.report.tables import Piece, block, sentence, signature, table
from evaltool.report.wording import Wording
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef, ListDef
from evaltool.scheme.formula import Column, Name, walk
from evaltool.scheme.looks import formulas_of, rules_of
from evaltool.scheme.rules import Rank, Relative
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import number_of

HEADING = "八、评审用表"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the sheet says of an indicator in every county alike.

    asked  the evidence that is asked for
    looks  field or list → its name, of all that the indicator looks at
    """

    title: str
    full: str
    rules: str
    clauses: str
    asked: str
    checks: str
    looks: Mapping[str, str]


def evaluator_sheet(words: Wording, given: Mapping[str, str], name: str) -> Piece:
    """A landscape table, a row an indicator: rule, clause, evidence asked for and given, 现场检查, blank 得分 and 理由."""
    rows = []
    for item in words.once(Judged, lambda: list(_prepared(words))):
        entered: dict[str, list[str]] = {}  # the same text is said once, for all that it was entered for
        for field, what in item.looks.items():
            if given.get(field):
                entered.setdefault(given[field], []).append(what)
        evidence = f"应有：{item.asked}\n自报：" + (
            "；".join(f"{'、'.join(names)}：{text}" for text, names in entered.items()) or "未列"
        )
        rows.append((item.title, item.full, item.rules, item.clauses, evidence, item.checks, "", ""))
    result = "得分" if not words.findings else "得分或结论" if words.tree else "结论"
    shown = table(
        ["指标", "满分", "评分规则", "依据", "佐证材料", "现场检查", result, "理由"], rows, name, ["", "number"],
        widths=[11, 5, 22, 10, 23, 9, 8, 12], name="sheet",
    )  # fmt: skip
    note = sentence(f"逐项核对材料和现场，手写{result}与理由；改动数据的，另填省级认定表。", "note")
    # its heading stands inside, because the sheet begins a page of its own
    return block(
        "landscape", Piece(f"<h2>{HEADING}</h2>", HEADING), shown, words.legend, note,
        signature("评审人签字", "单位", "日期"),
    )  # fmt: skip


def _prepared(words: Wording) -> Iterator[Judged]:
    scheme = words.scheme
    for key in judged(scheme):
        item = scheme.indicators[key]
        seen = dict(looked_at(scheme, key))
        fields = [what for what in seen.values() if isinstance(what, FieldDef)]
        asked = dict.fromkeys([*item.evidence, *(word for field in fields for word in field.evidence)])
        checks = dict.fromkeys(text for text in [item.site_check, *(field.site_check for field in fields)] if text)
        full = "" if item.points is None else "每行不同" if isinstance(item.points, str) else decimal_text(item.points)
        yield Judged(
            f"{number_of(key, item)} {item.name}{'（逐行）' if item.per else ''}".strip(),
            full,
            "\n".join(_rules(scheme, key)),
            words.brief([str(scheme.citation(cite)) for cite in item.cite]),
            "、".join(asked) or "未列",
            "；".join(checks),
            {field: what.name for field, what in seen.items()},
        )


def _rules(scheme: Scheme, key: str) -> Iterator[str]:
    """The rule of an indicator, and those of the rows that it gathers."""
    yield rule_sentence(scheme, key)
    for child in scheme.children.get(key, ()):
        if scheme.indicators[child].per:
            yield f"每行“{scheme.indicators[child].name}”：{rule_sentence(scheme, child)}"


def judged(scheme: Scheme) -> list[str]:
    """What a person judges one by one: the lowest indicators with points, rows that go straight into the total, and the
    lowest of the other results."""
    scored = charts.scored_of(scheme)
    rows = [
        key
        for key, item in scheme.indicators.items()
        if item.per and item.points is not None and scheme.total is not None and item.parent == scheme.total
    ]
    others = [key for _, key in scheme.findings()]
    lowest = [
        key
        for key in others
        if not any(child in others for child in scheme.children.get(key, ()))
        and not isinstance(scheme.indicators[key].rule, Rank | Relative)  # these are computed over everybody
        and scheme.indicators[key].across is None
    ]
    return [*scored, *rows, *lowest]


def looked_at(scheme: Scheme, key: str) -> Iterator[tuple[str, FieldDef | ListDef]]:
    """Fields, lists and their columns that an indicator and the rows below it look at, in reading order."""
    edition = scheme.edition
    for node in (key, *scheme.children.get(key, ())):
        item = scheme.indicators[node]
        names: list[tuple[str, str]] = [(item.per, "")] if item.per else []
        for _, formula, _ in formulas_of(item):
            for part in walk(formula.tree):
                if isinstance(part, Column):
                    names.append((part.list, part.id))
                elif isinstance(part, Name):
                    names.append((item.per or "", part.id))
        for _, rule in rules_of(item):
            chosen = getattr(rule, "chosen", None)
            names += [(item.per or "", name) for name in [*getattr(rule, "items", {}), *([chosen] if chosen else [])]]
        for owner, name in names:
            if owner:
                yield owner, edition.lists[owner]
                if name in edition.lists[owner].columns:
                    yield f"{owner}.{name}", edition.lists[owner].columns[name]
            if name in edition.fields:
                yield name, edition.fields[name]
            elif name in edition.lists:
                yield name, edition.lists[name]
