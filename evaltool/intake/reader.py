"""From returned workbooks to facts: every file judged for itself, every problem kept, nothing raised on bad data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from evaltool.books.collecting import uncollected
from evaltool.facts import ACCEPTED, OFFICIAL_BOOK, REPLACED, SET_ASIDE, TABLE, Facts, Submission
from evaltool.intake.assemble import assemble
from evaltool.intake.county_book import CountyRead
from evaltool.intake.official_reading import OfficialRead, read_official
from evaltool.intake.questions.plausibility import questions
from evaltool.intake.roster import FILE, read_roster, roster_of
from evaltool.intake.signed import keep_to_signatures
from evaltool.intake.taking import Came, Round, take_all
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme

READ = (ACCEPTED, TABLE, OFFICIAL_BOOK)


def read(
    source: str | Path | Iterable[str | Path],
    scheme: Scheme,
    roster: pd.DataFrame | str | Path | None = None,
    on: dt.date | None = None,
    previous: Facts | None = None,
    done: Callable[[int], None] | None = None,
) -> Facts:
    """The facts of a round.

    source    a folder with the returned workbooks (and roster.csv), or the workbooks themselves
    roster    a table with code and name (city, batch, type, funds), or a CSV file; default: roster.csv of the folder
    on        the day on which the round stands; what is asked in a later stage may be blank until then
    previous  the round before, where formulas look back at it and figures are compared with it
    done      is told the number of each file that has been read
    raises    FileNotFoundError where there is no roster or no such folder; nothing on bad data
    """
    files, beside = _files(source)
    if isinstance(roster, pd.DataFrame):
        table, slips = roster_of(roster)
    else:
        path = Path(roster) if roster is not None else beside / FILE if beside else None
        if path is None or not path.is_file():
            raise FileNotFoundError(f"没有名册：{path or FILE}。怎么办：在文件夹里放 {FILE}，或写明 roster=")
        table, slips = read_roster(path)
        files = [file for file in files if file != path]
    round_ = Round(scheme, table, on)
    return settle(take_all(round_, files, done=done), round_, slips, previous)


@uncollected()
def settle(came: Sequence[Came], round_: Round, slips: Sequence[Problem] = (), previous: Facts | None = None) -> Facts:
    """The facts that all files together make: which of them count, who is missing, what the province says on top.

    came   as `take_all` made them; those that somebody has set aside already are only counted
    slips  what is wrong with the roster
    """
    came = [replace(one, table=dict(one.table), problems=list(one.problems)) for one in came]
    scheme, roster = round_.scheme, round_.roster
    _one_each(came)
    counties = {one.subject: one.county for one in came if one.state == ACCEPTED and one.county is not None}
    for one in came:
        if one.state == TABLE:
            counties |= one.table
    asked = questions(scheme, counties, roster, previous, round_.on)
    for one in came:
        for code in [one.subject] if one.state == ACCEPTED else one.table if one.state == TABLE else ():
            one.problems += asked[code]
    official = _official(came, scheme, roster, counties)
    problems = [*slips, *(problem for one in came for problem in one.problems)]
    tried = {one.subject for one in came} | {code for one in came for code in one.tried}
    problems += _not_returned(roster, scheme.edition.subject, {*counties, *tried})
    submissions = [Submission(one.file, one.sha256, one.subject, one.name, one.state) for one in came]
    return replace(assemble(scheme, roster, counties, official, submissions, problems), previous=previous)


def _official(
    came: Sequence[Came], scheme: Scheme, roster: pd.DataFrame, counties: Mapping[str, CountyRead]
) -> OfficialRead:
    """What the 认定表 that counts says, held against those that it replaces."""
    books = [one for one in came if one.book is not None and one.state in (OFFICIAL_BOOK, REPLACED)]
    counts = next((one for one in books if one.state == OFFICIAL_BOOK), None)
    if counts is None:
        return OfficialRead()
    if books[-1] is not counts:  # it came first and, after others, once more
        books.append(counts)
    read_ = [read_official(one.book, scheme, roster, counties) for one in books if one.book is not None]
    counts.problems += read_[-1].problems + keep_to_signatures(scheme, read_)
    return read_[-1]


def _files(source: str | Path | Iterable[str | Path]) -> tuple[list[Path], Path | None]:
    """The files to read, in order of their names, without lock files and hidden files; and the folder, if it is one."""
    if not isinstance(source, str | Path):
        return sorted((Path(file) for file in source), key=lambda file: file.name), None
    folder = Path(source)
    if not folder.is_dir():
        if not folder.exists() and not folder.is_symlink():
            raise FileNotFoundError(f"没有这个文件夹：{folder}")
        return [folder], None
    skipped = ("~$", ".~", ".")
    found = sorted(file for file in folder.rglob("*") if file.is_symlink() or not file.is_dir())
    files = [f for f in found if not any(part.startswith(skipped) for part in f.relative_to(folder).parts)]
    files = [file for file in files if file.suffix.lower() != ".md"]  # a note that explains the folder is no submission
    return [file for file in files if file.name != FILE], folder


def _one_each(came: Sequence[Came]) -> None:
    """Identical copies count once (W114), and so do workbooks with the same figures; where several say different things
    of one county, or several are 认定表, none counts (W106)."""
    first: dict[str, Came] = {}
    for one in came:
        if one.state not in READ:
            continue
        if (same := first.setdefault(one.sha256, one)) is not one:
            one.state = SET_ASIDE
            one.tell("W114", f"{one.file} 与 {same.file} 内容相同", "只读一份", "不用处理")
    groups: dict[str, list[Came]] = {}
    for one in came:
        for owner in {ACCEPTED: [one.subject], TABLE: [*one.table], OFFICIAL_BOOK: [""]}.get(one.state, []):
            groups.setdefault(owner, []).append(one)
    for owner, group in groups.items():
        if len(group) > 1 and not _all_alike(owner, group):
            _set_aside(owner, group)
    for one in came:
        if one.state == TABLE and not one.table:
            one.state = SET_ASIDE


def _all_alike(owner: str, group: Sequence[Came]) -> bool:
    """Whether all say the same figures of a county; then one stands, a workbook of its own before a table (W114)."""
    if not owner:
        return False
    first, *others = sorted(group, key=lambda one: one.state != ACCEPTED)
    told = [_figures(one.county if one.state == ACCEPTED else one.table[owner]) for one in (first, *others)]
    if any(one != told[0] for one in told):
        return False
    for one in others:
        one.tell("W114", f"{one.file} 里的数与 {first.file} 相同", "只读一份", "不用处理", owner)
        _drop(one, owner)
    return True


def _figures(read: CountyRead | None) -> Any:
    """What a county says in figures, wherever it stands."""
    if read is None:
        return None
    plain = {key: (cell.state, cell.value) for key, cell in read.fields.items()}
    rows = {
        key: (item.state, [{name: (cell.state, cell.value) for name, cell in row.cells.items()} for row in item.rows])
        for key, item in read.lists.items()
    }
    return plain, rows, {key: value for key, (value, _) in read.claimed.items()}


def _drop(one: Came, owner: str) -> None:
    if one.state == TABLE:
        del one.table[owner]
        one.tried = (*one.tried, owner)
    else:
        one.state = SET_ASIDE


def _set_aside(owner: str, group: Sequence[Came]) -> None:
    names = "、".join(one.file for one in group)
    named = next((one.name for one in group if one.state == ACCEPTED), owner)
    whose = f"“{named}”" if owner else "省级认定表"
    for one in group:
        what = f"{whose}收到 {len(group)} 份内容不同的工作簿：{names}"
        one.tell("W106", what, "不替人选，都没有采用", "只留一份再读", owner)
        _drop(one, owner)


def _not_returned(roster: pd.DataFrame, subject: str, known: set[str]) -> list[Problem]:
    """W110 for each county of which nothing came; one whose workbook was refused has that problem already."""
    why, do = "没有得分，也不定等次", f"请该{subject}报送"
    return [
        Problem("W110", f"“{name}”（{code}）没有报送", why, do, Place(subject=str(code)))
        for code, name in roster["name"].items()
        if code not in known
    ]
