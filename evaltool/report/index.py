"""index.html of a round's reports: every county of the roster with its total, its grade, its problems and its links."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaltool.charts import Span
from evaltool.files import write_text
from evaltool.quantities import decimal_text
from evaltool.report.lines import Standing, span
from evaltool.report.names import OVERVIEW_FOLDER, folder_name
from evaltool.report.page import BESIDE, css_text, policy, template
from evaltool.report.reading import Reading
from evaltool.report.tables import clean

if TYPE_CHECKING:
    from evaltool.archive import Round

MINUS = "−"
LINKS = (("report.html", "网页"), ("report.ipynb", "笔记本"), ("report.pdf", "PDF"), ("failed.ipynb", "看到哪里"))
MADE, FAILED, MISSING, OLD = "有", "失败", "没有", "旧的"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list. `kind` is a class of the style sheet; `found`: the search looks here."""

    head: str
    width: int
    kind: str = ""
    found: bool = False
    sorts: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """Text and links (address, text, what a screen reader says). `key`: its place in the column's order; an empty one
    is a blank, None leaves the order to the text."""

    text: str = ""
    key: int | str | None = None
    links: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True, slots=True)
class Row:
    cells: Sequence[Cell]
    failed: bool


def write_index(rnd: Round, reports: Path, failures: Mapping[str, str], pending: Collection[str]) -> None:
    """Lists what lies in `reports` now, whichever run made it.

    failures  code (empty for the overview) → why the report failed
    pending   codes whose report still has to be made; one that lies there is an old one
    """
    write_text(reports / "index.html", index_html(rnd, reports, failures, pending))


def index_html(rnd: Round, reports: Path, failures: Mapping[str, str], pending: Collection[str]) -> str:
    """The page of `write_index`."""
    reading = Reading(rnd)
    standings = reading.standings()
    folders = {who.code: folder_name(who.code, who.name) for who in standings}
    there = {folder: _files(reports / folder) for folder in (*folders.values(), OVERVIEW_FOLDER)}
    states = [_state(who.code, there[folders[who.code]], failures, pending) for who in standings]
    told = {who.code: (clean(who.name), clean(who.city), clean(who.grade)) for who in standings}
    texts = list(told.values())

    columns = [Column("代码", 9, "short", found=True), Column("名称", 17, found=True)]
    cells: list[Sequence[Cell]] = [[Cell(clean(who.code)) for who in standings]]
    cells.append([
        Cell("", None, [(f"{folders[who.code]}/report.html", told[who.code][0], "")])
        if "report.html" in there[folders[who.code]] else Cell(told[who.code][0])
        for who in standings
    ])  # fmt: skip
    if any(city for _, city, _ in texts):
        columns.append(Column("市州", 10, found=True))
        cells.append([Cell(city) for _, city, _ in texts])
    notes: list[str] = []
    if reading.scheme.total:
        totals = [who.official for who in standings]
        columns.append(Column("认定总分", 10, "number"))
        cells.append(_ranked(totals, ["" if total is None else str(total) for total in totals], _ends))
        before, notes = _before(rnd)
        if before:
            changes = [_change(who, before) for who in standings]
            columns.append(Column("比上一轮", 10, "number"))
            cells.append(_ranked(changes, ["" if one is None else _signed(one) for one in changes], _ends))
    order = {str(label): i for i, (label, _) in enumerate(reading.scheme.bands())}
    columns.append(Column("等次", 14, found=True))
    cells.append([Cell(grade, _grade_key(grade, order)) for _, _, grade in texts])
    problems = _problems(rnd)
    counts = [problems.get(who.code, 0) for who in standings]
    columns.append(Column("待补正", 8, "number"))
    cells.append([Cell(str(count) if count else "", count or "") for count in counts])
    columns.append(Column("报告", 18))
    cells.append([
        _links(state, folders[who.code], there[folders[who.code]], told[who.code][0])
        for who, state in zip(standings, states, strict=True)
    ])  # fmt: skip
    made, old, failed = (sum(state.startswith(word) for state in states) for word in (MADE, OLD, FAILED))
    old_overview = "" in pending and "report.html" in there[OVERVIEW_FOLDER]
    if old or old_overview:
        which = "总体情况" if not old else f"标“{OLD}”的{'和总体情况' if old_overview else ''}"
        notes.append(f"{which}：资料、笔记本、程序或选项变了，或做到一半停下，还没有重做。")
    rows = [
        Row(row, state.startswith(FAILED)) for row, state in zip(zip(*cells, strict=True), states, strict=True)
    ] if standings else []  # fmt: skip
    name = reading.scheme.name
    return str(
        template("index.html.j2").render(
            policy=policy(BESIDE), name=name, footer=css_text(f"{name}　报告目录"), key=reading.scheme.key,
            stamp=reading.stamp, on=reading.on, subject=reading.scheme.edition.subject, columns=columns, rows=rows,
            notes=notes, overview_failure=failures.get("", ""),
            overview=f"{OVERVIEW_FOLDER}/report.html" if "report.html" in there[OVERVIEW_FOLDER] else "",
            counts=f"有报告 {made + old:,} 个{f'（其中{OLD} {old:,} 个）' if old else ''}，失败 {failed:,} 个，"
            f"没有报告 {len(rows) - made - old - failed:,} 个",
        )
    )  # fmt: skip


def _files(folder: Path) -> frozenset[str]:
    """Names of what lies in a report's folder."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries)
    except OSError:
        return frozenset()


def _state(code: str, files: frozenset[str], failures: Mapping[str, str], pending: Collection[str]) -> str:
    if code in failures:
        old = "（网页是以前的）" if "report.html" in files else ""  # nothing could be written, not even over it
        return f"{FAILED}：{clean(failures[code])}{old}"
    if "report.html" in files:
        return OLD if code in pending else MADE
    return FAILED if "failed.ipynb" in files else MISSING


def _links(state: str, folder: str, files: frozenset[str], name: str) -> Cell:
    """What there is of a report, each with a link; failures come first in the order."""
    links = [(f"{folder}/{file}", text, f"{name}的报告：{text}") for file, text in LINKS if file in files]
    return Cell("" if state == MADE else state, (FAILED, MISSING, OLD, MADE).index(state.partition("：")[0]), links)


def _problems(rnd: Round) -> dict[str, int]:
    """Code → how many problems it has to mend."""
    frame = rnd.query("SELECT subject, count(*) AS number FROM problems WHERE level <> 'note' GROUP BY subject")
    return {str(row["subject"]): int(row["number"]) for row in frame.to_dict("records")}


# --- the round before ---


def _before(rnd: Round) -> tuple[dict[str, Span], list[str]]:
    """Code → official total of the round before, and what has to be said of the comparison. Only its database is read:
    a round before that was moved or never scored leaves the column out."""
    from evaltool.archive import RoundError

    try:
        before = rnd.before()
        if before is None:
            return {}, []
        frame = before.query("SELECT code, returned, official_lo, official_hi FROM counties")
        meta = before.query("SELECT key, value FROM meta").set_index("key")["value"]
    except (RoundError, FileNotFoundError) as error:
        return {}, [f"没有与上一轮相比：{error}"]
    totals = {
        str(row["code"]): total
        for row in frame.to_dict("records")
        if row["returned"] and (total := span(row["official_lo"], row["official_hi"])) is not None
    }
    if not totals:
        return {}, ["没有与上一轮相比：上一轮没有总分。"]
    said = f"“比上一轮”：认定总分减去上一轮（评价基准日 {before.on}）的认定总分，按代码对应；空白是两轮中有一轮没有总分。"
    if meta.get("digest") != rnd.scheme.digest:
        said += "两轮用的指标体系不是同一版，总分的变化不全是工作的变化。"
    return totals, [said]


def _change(who: Standing, before: dict[str, Span]) -> Span | None:
    now, then = who.official, before.get(who.code)
    if now is None or then is None:
        return None
    return Span(now.lo - then.hi, now.hi - then.lo)


def _signed(change: Span) -> str:
    """`+3.5`, `−2`, `0`, `−1 ～ +5`."""
    low, high = (_with_sign(end) for end in (change.lo, change.hi))
    return low if change.known else f"{low} ～ {high}"


def _with_sign(value: Any) -> str:
    text = decimal_text(value)
    about, digits = ("≈", text[1:]) if text.startswith("≈") else ("", text)
    return f"{about}+{digits}" if value > 0 else text.replace("-", MINUS)


# --- orders, worked out exactly ---


def _ends(value: Span) -> Hashable:
    return value.lo, value.hi


def _ranked(values: Iterable[Any], texts: Iterable[str], key: Callable[[Any], Hashable]) -> list[Cell]:
    """Cells whose keys are places in the exact order of the values: by the lowest, then by the highest."""
    found = list(values)
    order: dict[Hashable, int] = {}
    for known in sorted({key(value) for value in found if value is not None}):  # type: ignore[type-var]
        order[known] = len(order)
    return [
        Cell(text, "" if value is None else order[key(value)]) for value, text in zip(found, texts, strict=True)
    ]


def _grade_key(grade: str, order: dict[str, int]) -> int:
    """Bands from the best down; a grade that is open stands behind the best that it may still become; others last."""
    if grade in order:
        return 2 * order[grade]
    possible = [place for label, place in order.items() if label in grade]
    return 2 * min(possible) + 1 if possible else 2 * len(order)
