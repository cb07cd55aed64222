"""From returned workbooks to facts: every file judged for itself, every problem kept, nothing raised on bad data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from evaltool.facts import Facts, Submission
from evaltool.intake.assemble import assemble
from evaltool.intake.county_book import CountyRead
from evaltool.intake.official_reading import OfficialRead, read_official
from evaltool.intake.roster import FILE, read_roster, roster_of
from evaltool.intake.taking import ACCEPTED, PROVINCE, RETURNED, Came, Round, take_one
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme


def read(
    source: str | Path | Iterable[str | Path],
    scheme: Scheme,
    roster: pd.DataFrame | str | Path | None = None,
    on: dt.date | None = None,
) -> Facts:
    """The facts of a round.

    source   a folder with the returned workbooks (and roster.csv), or the workbooks themselves
    roster   a table with code and name (city, batch, type, funds), or a CSV file; default: roster.csv of the folder
    on       the day on which the round stands; what is asked in a later stage may be blank until then
    raises   FileNotFoundError where there is no roster or no such folder; nothing on bad data
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
    came = [take_one(Round(scheme, table, on), file) for file in files]
    _one_each(came)
    counties = {one.subject: one.county for one in came if one.county is not None and one.state == ACCEPTED}
    official = OfficialRead()
    for one in came:
        if one.book is not None and one.state == PROVINCE:
            official = read_official(one.book, scheme, table, counties)
            one.problems += official.problems
    problems = [*slips, *(problem for one in came for problem in one.problems)]
    problems += _not_returned(table, scheme.edition.subject, counties, came)
    submissions = [Submission(one.file, one.sha256, one.subject, one.name, one.state) for one in came]
    return assemble(scheme, table, counties, official, submissions, problems)


def _files(source: str | Path | Iterable[str | Path]) -> tuple[list[Path], Path | None]:
    """The files to read, in order of their names, without lock files and hidden files; and the folder, if it is one."""
    if not isinstance(source, str | Path):
        return sorted((Path(file) for file in source), key=lambda file: file.name), None
    folder = Path(source)
    if folder.is_file():
        return [folder], None
    if not folder.is_dir():
        raise FileNotFoundError(f"没有这个文件夹：{folder}")
    skipped = ("~$", ".~", ".")
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    files = [f for f in found if not any(part.startswith(skipped) for part in f.relative_to(folder).parts)]
    files = [file for file in files if file.suffix.lower() != ".md"]  # a note that explains the folder is no submission
    return [file for file in files if file.name != FILE], folder


def _one_each(came: list[Came]) -> None:
    """Identical copies count once; different workbooks of one county (or two 认定表) are all set aside (W106)."""
    groups: dict[tuple[str, str], list[Came]] = {}
    for one in came:
        if one.state != RETURNED:
            groups.setdefault((one.state, one.subject), []).append(one)
    for (state, _), group in groups.items():
        if len({one.sha256 for one in group}) == 1:
            for copy in group[1:]:
                copy.state = RETURNED
                what, place = f"{copy.file} 与 {group[0].file} 内容相同", Place(copy.file, subject=copy.subject)
                copy.problems.append(Problem("W114", what, "只读一份", "不用处理", place))
            continue
        names = "、".join(one.file for one in group)
        whose = "省级认定表" if state == PROVINCE else f"“{group[0].name}”"
        for one in group:
            one.state = RETURNED
            what = f"{whose}收到 {len(group)} 份内容不同的工作簿：{names}"
            place = Place(one.file, subject=one.subject)
            one.problems.append(Problem("W106", what, "不替人选，都没有采用", "只留一份再读", place))


def _not_returned(
    roster: pd.DataFrame, subject: str, counties: dict[str, CountyRead], came: list[Came]
) -> list[Problem]:
    """W110 for each county of which nothing came; one whose workbook was refused has that problem already."""
    known = set(counties) | {one.subject for one in came}
    return [
        Problem(
            "W110",
            f"“{name}”（{code}）没有报送",
            "没有得分，也不定等次",
            f"请该{subject}报送",
            Place(subject=str(code)),
        )
        for code, name in roster["name"].items()
        if code not in known
    ]
