"""What one thing in an edition must be to another: clauses, points, steps, limits, questions, words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaltool.problems import Problem
from evaltool.quantities import Exact, decimal_text
from evaltool.scheme.case_checks import check_cases
from evaltool.scheme.confirmations import confirmation
from evaltool.scheme.dialect import Document
from evaltool.scheme.formula import Column, Formula, Name, walk
from evaltool.scheme.looks import Path_, names_of, rules_of
from evaltool.scheme.models import Edition
from evaltool.scheme.node_checks import check_fields, check_missing, check_node, check_results
from evaltool.scheme.papers import Cases, Source
from evaltool.scheme.point_checks import check_points
from evaltool.scheme.resolve import Work, build, nearest
from evaltool.scheme.rule_checks import check_rule
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.section_checks import check_sections
from evaltool.scheme.values import Quantity
from evaltool.scheme.vocabulary import words_of


def resolve(
    edition: Edition,
    sources: dict[str, Source],
    cases: Cases,
    documents: dict[str, Document],
    folders: tuple[Path, ...],
    digest: str,
) -> tuple[Scheme | None, list[Problem]]:
    """The resolved scheme, if its names and formulas hold, and every problem found."""
    scheme, work = build(edition, sources, cases, documents, folders, digest)
    written = list(_walk(work.document.tree))
    _cites(work, written, sources, documents["sources.yaml"])
    _questions(work, written)
    _words(work, written)
    _funds(work)
    check_fields(work)
    check_sections(work)
    if scheme is not None:
        whole = not any(problem.code == "S200" for problem in work.problems)
        for key, item in edition.indicators.items():
            if whole:  # a part whose parent is misspelt would be missing from the sum
                check_points(work, scheme, key, item)
            check_node(work, scheme, key, item)
            for path, rule in rules_of(item) if key not in work.failed else ():
                check_rule(work, scheme, key, ("indicators", key, *path), rule)
        check_missing(work, scheme)
        check_results(work)
        if not work.failed and not any(problem.code in ("S200", "S214") for problem in work.problems):
            _used(work)  # a name that is misspelt elsewhere would show up here a second time
        check_cases(work, scheme, documents["cases.yaml"])
    if edition.valid_to is not None and edition.valid_to < edition.valid_from:
        work.complain("S213", ("valid_to",), "valid_to 早于 valid_from", do="改正日期")
    wrong = any(problem.level == "stop" for problem in work.problems)
    return (None if wrong else scheme), work.problems


Written = list[tuple[Path_, str, Any]]


def _walk(node: Any, path: Path_ = ()) -> Iterator[tuple[Path_, str, Any]]:
    """Every (path, key, value) of the file's tree."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield path, key, value
            yield from _walk(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _walk(value, (*path, i))


def _cites(work: Work, written: Written, sources: dict[str, Source], sources_file: Document) -> None:
    known = {f"{key}/{clause}" for key, source in sources.items() for clause in source.clauses}
    used: dict[str, Path_] = {}
    for path, key, value in written:
        if (key == "cite" or path[-1:] == ("bans",)) and isinstance(value, list):
            for i, cite in enumerate(value):
                used.setdefault(cite, (*path, key, i))
        elif key == "clause" and path[:1] == ("open_questions",):
            used.setdefault(value, (*path, key))
    listed: dict[str, Path_] = {cite: ("not_scored", cite) for cite in work.edition.not_scored}
    for cite, path in {**listed, **used}.items():
        if cite not in known:
            what, do = f"sources.yaml 里没有条款“{cite}”", "改成已有的条款，或在 sources.yaml 里补上"
            work.complain("S202", path, what, do=nearest(cite, known, do), key=cite not in used)
    for key, source in sources.items():
        for clause in source.clauses:
            if f"{key}/{clause}" not in used and f"{key}/{clause}" not in listed:
                place = sources_file.place((key, "clauses", clause), key=True)
                what = f"条款 {key}/{clause} 没有被引用"
                work.problems.append(Problem("S203", what, do="引用它，或列入 not_scored 并写明理由", rule=place))


def _questions(work: Work, written: Written) -> None:
    known = work.edition.open_questions
    cited = {question.clause for question in known.values()}
    for path, key, value in written:
        if key == "question" and path[:1] != ("open_questions",) and value not in known:
            do = nearest(value, known, "在 open_questions 里写明")
            work.complain("S210", (*path, key), f"没有待定问题“{value}”", do=do)
        if (
            value in ("masked", "unset")
            and isinstance(value, str)
            and key in ("at_least", "at_most", "within", "of", "due")
        ):
            around: Any = work.document.tree
            for part in path:
                around = around[part]
            if "question" not in around and not cited & set(around.get("cite") or []):
                what = f"{key}: {value} 没有对应的待定问题"
                work.complain("S210", (*path, key), what, do="写 question，或给同一条款写一个待定问题")


def _words(work: Work, written: Written) -> None:
    words = words_of(work.edition)
    places: dict[str, tuple[str, dict[str, str]]] = {
        "do": ("处理方式", words.actions),
        "evidence": ("佐证种类", words.evidence),
        "unit": ("单位", words.units),
    }
    for path, key, value in written:
        if key not in places or path[-1:] == ("items",):
            continue
        name, allowed = places[key]
        many = isinstance(value, list)
        for i, word in enumerate(value if many else [value]):
            if isinstance(word, str) and word not in allowed and not (key == "unit" and word == "row"):
                do = nearest(word, allowed, f"可用：{'、'.join(allowed)}；确需新词先加进 indicators/vocab.yaml")
                work.complain("S200", (*path, key, i) if many else (*path, key), f"{name}“{word}”不在词表里", do=do)


def _funds(work: Work) -> None:
    edition = work.edition
    for pot_id, pot in edition.funds.items():
        at: Path_ = ("funds", pot_id)
        fields: dict[Path_, str] = {("total",): pot.total} | {
            ("uses", k, "amount"): use.amount for k, use in pot.uses.items()
        }
        fields |= {("bans", k): k for k in pot.bans}
        units = set()
        for path, name in fields.items():
            if name not in edition.fields or edition.fields[name].type != "money":
                money = [key for key, item in edition.fields.items() if item.type == "money"]
                do = nearest(name, money, "改成 type: money 的字段")
                work.complain("S200", (*at, *path), f"“{name}”不是金额字段", do=do)
            else:
                units.add(edition.fields[name].unit)
        if len(units) > 1:
            work.complain(
                "S205", at, f"“{pot.name}”各项金额单位不一：{'、'.join(sorted(units))}", do="改成同一单位", key=True
            )
        _floors(work, pot_id)
        when = pot.tolerance.when if pot.tolerance else None
        if when is not None and (when not in edition.fields or edition.fields[when].type != "yesno"):
            truths = [key for key, item in edition.fields.items() if item.type == "yesno"]
            do = nearest(when, truths, "改成 type: yesno 的字段")
            work.complain("S200", (*at, "tolerance", "when"), f"“{when}”不是是/否字段", do=do)


def _floors(work: Work, pot_id: str) -> None:
    pot = work.edition.funds[pot_id]
    for inside in {None, *(use.inside for use in pot.uses.values())}:
        if inside is not None and inside not in pot.uses:
            work.complain("S200", ("funds", pot_id, "uses"), f"没有用途“{inside}”", do="in 要写同一笔资金的用途")
        limits = [use.at_least for use in pot.uses.values() if use.inside == inside]
        floors: Exact = sum(limit.value for limit in limits if isinstance(limit, Quantity))
        if floors > 1:
            work.complain(
                "S211",
                ("funds", pot_id, "uses"),
                f"各下限合计 {decimal_text(floors * 100)}%",
                do="核对各下限",
                key=True,
            )
    for use_id, use in pot.uses.items():
        low, high = use.at_least, use.at_most
        if isinstance(low, Quantity) and isinstance(high, Quantity) and low.value > high.value:
            work.complain("S209", ("funds", pot_id, "uses", use_id), "下限高于上限", do="核对两个比例", key=True)


def _used(work: Work) -> None:
    """Every field is looked at by something."""
    edition = work.edition
    used: set[str] = set()

    def formula(part: Formula | None) -> None:
        if part is not None:
            used.update(node.id for node in walk(part.tree) if isinstance(node, Name))
            used.update(f"{node.list}.{node.id}" for node in walk(part.tree) if isinstance(node, Column))

    for item in edition.indicators.values():
        used.update(names_of(item))
    for duty in edition.duties.values():
        formula(duty.met)
    for rows in edition.lists.values():
        for column in rows.columns.values():
            formula(column.value)
    for event in edition.events.values():
        formula(event.when)
    for consequence in edition.consequences:
        formula(consequence.when)
    for pot in edition.funds.values():
        used.update([pot.total, *pot.bans, *(use.amount for use in pot.uses.values())])
        used.add((pot.tolerance.when if pot.tolerance else None) or "")
        for payment in pot.payments:
            formula(payment.breaches)
    for field in [*edition.fields.values(), *(c for rows in edition.lists.values() for c in rows.columns.values())]:
        formula(field.asked_when)
    used |= {confirmation(key, role) for key, field in edition.fields.items() for role in field.confirmed_by}
    for key, field in edition.fields.items():
        if key not in used and field.type != "text":
            work.complain(
                "S208", ("fields", key), f"字段“{key}”（{field.name}）没有用到", do="用上它，或删去", key=True
            )
