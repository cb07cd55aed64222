"""One county's figures against each other: the same thing twice, parts of one whole, done and planned (D133, D134,
D138)."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.facts import State
from evaltool.intake.county_book import CountyRead
from evaltool.intake.list_reading import RowRead
from evaltool.intake.questions.asking import ask, percent
from evaltool.intake.questions.completions import Completion, explains
from evaltool.intake.questions.measures import Found, Measure, figure, filled, find, in_unit, known, name, said, unit
from evaltool.intake.questions.relations import Parts, relations
from evaltool.problems import Problem
from evaltool.quantities import SCORE_UNIT, SHARE_UNIT, Exact, divide, quantity_text
from evaltool.question_lines import COMPLETION, WHOLE
from evaltool.scheme import Scheme

GIVE_REASON = "核对两个数；确实如此的，写明原因"


def disagreements(scheme: Scheme, subject: str, read: CountyRead, funds: Exact | None) -> Iterator[Problem]:
    """Every question of one county about itself.

    funds  what the roster says the county was given, in 万元
    """
    yield from _twice(scheme, subject, read)
    yield from _against_roster(scheme, subject, read, funds)
    for parts in relations(scheme).parts:
        yield from _over_the_whole(scheme, subject, read, parts)
    yield from _completed(scheme, subject, read)
    yield from _completed_rows(scheme, subject, read)


# --- the same thing twice ---


def _twice(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    for one, other in relations(scheme).same:
        a, b = find(read, one), find(read, other)
        if a is None or b is None or in_unit(b.value, unit(scheme, other), unit(scheme, one)) == a.value:
            continue
        what = f"{filled(scheme, one, a.value)}{_at(a)}，{name(scheme, other)}是 {said(scheme, other, b.value)}"
        do = "核对两处，改正不对的一处；问的不是一件事的不用改"
        yield ask(scheme, subject, "D133", (what, "两处的名称相同", "两个数不相等", do), b, other)


def _at(found: Found) -> str:
    return f"（{found.origin.sheet} {found.origin.cell}）" if found.origin else ""


def _against_roster(scheme: Scheme, subject: str, read: CountyRead, funds: Exact | None) -> Iterator[Problem]:
    """The roster names one sum; it agrees where any pot has it as its total."""
    if funds is None:
        return
    totals = dict.fromkeys(Measure(pot.total) for pot in scheme.edition.funds.values())
    found = {total: at for total in totals if (at := find(read, total)) is not None}
    if not found or any(in_unit(at.value, unit(scheme, total), "万元") == funds for total, at in found.items()):
        return
    first, at = next(iter(found.items()))
    what = f"{filled(scheme, first, at.value)}，名册里的资金是 {quantity_text(funds, '万元')}"
    do = "核对下达文件和名册；说的不是同一笔资金的不用改"
    yield ask(scheme, subject, "D133", (what, "同一笔资金", "两个数不相等", do), at, first)


# --- parts of one whole ---


def _over_the_whole(scheme: Scheme, subject: str, read: CountyRead, parts: Parts) -> Iterator[Problem]:
    rows = read.lists.get(parts.list)
    if rows is None or rows.state != State.FILLED:
        return
    seen: set[tuple[object, ...]] = set()
    added: list[tuple[Exact, RowRead]] = []
    for row in rows.rows:
        value = known(row.cells.get(parts.column))
        if parts.by and (parts.by not in row.cells or row.cells[parts.by].value != parts.label):
            continue
        group = tuple(row.cells[key].value if key in row.cells else None for key in parts.once)
        if value is None or (parts.once and group in seen):
            continue
        seen.add(group)
        added.append((value, row))
    total = sum(value for value, _ in added)
    if not added or total <= parts.limit:
        return
    column = scheme.edition.lists[parts.list].columns[parts.column]
    counted = SHARE_UNIT if column.type == "share" else SCORE_UNIT if column.type == "points" else column.unit
    of = f"“{parts.label}”的" if parts.label else ""
    owner = scheme.edition.lists[parts.list].name
    what = (
        f"“{owner}”{of}各行{column.name}合计 {quantity_text(total, counted)}，"
        f"超过 {quantity_text(parts.limit, counted)}"
    )
    line = f"合计超过 {'100%' if column.type == 'share' else WHOLE}，规定了满分的，超过规定的满分"
    largest = max(added, key=lambda pair: pair[0])[1].cells[parts.column]
    at, measure = Found(total, largest.origin), Measure(parts.column, parts.list)
    do = f"核对各行{column.name}；确实如此的不用改"
    yield ask(scheme, subject, "D134", (what, parts.why, line, do), at, measure, parts.cites)


# --- done and planned ---


def _completed(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    told: set[Measure | None] = set()
    for one in relations(scheme).completions:
        found = [find(read, part) for part in one.done]
        parts = [part for part in found if part is not None]
        plan = find(read, one.plan) if one.plan else Found(1, None)
        if len(parts) != len(found) or plan is None or plan.value <= 0 or (one.plan and one.plan in told):
            continue
        counted = unit(scheme, one.plan) if one.plan else SHARE_UNIT
        done = sum(
            in_unit(part.value, unit(scheme, measure), counted) for part, measure in zip(parts, one.done, strict=True)
        )
        line = crossed(divide(done, plan.value))
        if not line:
            continue
        told.add(one.plan)
        what = _shown(scheme, one, done, plan, counted)
        largest = max(range(len(parts)), key=lambda i: parts[i].value)
        yield ask(
            scheme, subject, "D138", (what, one.why, line, GIVE_REASON), parts[largest], one.done[largest], one.cites
        )


def crossed(ratio: Exact) -> str:
    """The line that a completion crosses, in words; empty where it crosses none."""
    low, high = COMPLETION
    if ratio < low:
        return f"低于 {quantity_text(low, SHARE_UNIT)}"
    return f"高于 {quantity_text(high, SHARE_UNIT)}" if ratio > high else ""


def _shown(scheme: Scheme, one: Completion, done: Exact, plan: Found, counted: str) -> str:
    if one.plan is None:
        return filled(scheme, one.done[0], done)
    subject = name(scheme, one.done[0]) if len(one.done) == 1 else f"{one.called}合计 "
    of = figure(scheme, one.plan, plan.value)
    return f"{subject}{quantity_text(done, counted)}，是{of}的 {percent(done, plan.value)}"


def _completed_rows(scheme: Scheme, subject: str, read: CountyRead) -> Iterator[Problem]:
    for one in relations(scheme).row_completions:
        rows, item = read.lists.get(one.list), scheme.edition.lists[one.list]
        reasons = [key for key, column in item.columns.items() if explains(column)]
        for number, row in enumerate(rows.rows if rows is not None else (), 1):
            done, plan = known(row.cells.get(one.done)), known(row.cells.get(one.plan))
            by = row.cells.get(one.by)
            if done is None or plan is None or plan <= 0 or (one.labels and (not by or by.value not in one.labels)):
                continue
            if any(key in row.cells and row.cells[key].value for key in reasons):
                continue  # the deviation is explained already
            line = crossed(divide(done, plan))
            if not line:
                continue
            columns = item.columns
            what = (
                f"“{item.name}”第 {number} 行“{columns[one.done].name}”{quantity_text(done)}，"
                f"是“{columns[one.plan].name}”{quantity_text(plan)} 的 {percent(done, plan)}"
            )
            at, measure = Found(done, row.cells[one.done].origin), Measure(one.done, one.list)
            why = f"“{scheme.indicators[one.indicator].name}”按前者与后者之比计分"
            yield ask(scheme, subject, "D138", (what, why, line, GIVE_REASON), at, measure, one.cites)
