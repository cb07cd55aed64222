"""From returned workbooks to facts: every file judged for itself, every problem kept, nothing raised on bad data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evaltool.facts import Facts, Submission
from evaltool.intake import layout
from evaltool.intake.assemble import assemble
from evaltool.intake.consistency import check
from evaltool.intake.county_book import CountyRead, read_county
from evaltool.intake.official_reading import OfficialRead, read_official
from evaltool.intake.opened import Book, open_book
from evaltool.intake.roster import FILE, read_roster, roster_of
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme

ACCEPTED, RETURNED, PROVINCE = "已接收", "退回", "认定表"


@dataclass
class Came:
    """One file: what it is and what became of it."""

    file: str
    sha256: str
    subject: str = ""
    name: str = ""
    state: str = RETURNED
    book: Book | None = None
    problems: list[Problem] = field(default_factory=list)


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
    came = [_open(file) for file in files]
    for one in came:
        if one.book is not None:
            _judge(one, scheme, table)
    _one_each(came)
    counties: dict[str, CountyRead] = {}
    for one in came:
        if one.book is not None and one.state == ACCEPTED:
            counties[one.subject] = made = read_county(one.book, scheme, one.subject, on)
            one.problems += made.problems + check(scheme, one.subject, made)
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


def _open(file: Path) -> Came:
    book, problem, digest = open_book(file)
    return Came(file.name, digest, book=book, problems=[problem] if problem else [])


def _judge(one: Came, scheme: Scheme, roster: pd.DataFrame) -> None:
    """Whether the workbook is ours, of this edition and of a county of the roster."""
    assert one.book is not None
    mark = one.book.stamp
    one.subject, one.name = mark.get("code", ""), mark.get("name", "")

    def refuse(code: str, what: str, why: str, do: str) -> None:
        one.problems.append(Problem(code, what, why, do, Place(one.file, subject=one.subject)))

    if mark.get("kind") not in (layout.COUNTY_BOOK, layout.OFFICIAL_BOOK):
        why = "没有模板的隐藏校验页，认不出各项在哪里"
        return refuse("W103", f"{one.file} 不是本工具的模板", why, "把内容填进下发的模板再报")
    edition = scheme.edition.valid_from.isoformat()
    if (mark.get("scheme"), mark.get("valid_from")) != (scheme.id, edition):
        what = f"{one.file} 是 {mark.get('scheme')}@{mark.get('valid_from')} 的模板，本轮用 {scheme.key}"
        return refuse("W104", what, "两个版本问的项目不同", "用本轮下发的模板重新填报")
    if (mark.get("format"), mark.get("digest")) != (layout.FORMAT, scheme.digest):
        what = f"{one.file} 的版本校验 {mark.get('digest', '')[:16]} 与本轮 {scheme.digest[:16]} 不同"
        return refuse("W104", what, "模板发出后指标定义改过，各项含义可能不同", "用本轮下发的模板重新填报")
    if mark["kind"] == layout.OFFICIAL_BOOK:
        one.state, one.subject, one.name = PROVINCE, "", "省级认定表"
        return None
    code, who = _county(mark, roster), scheme.edition.subject
    if not code:
        what = f"{one.file} 是“{one.name}”（{one.subject or '无代码'}）的，名册里没有"
        return refuse("W105", what, f"认不出是哪个{who}的", f"核对名册，或用该{who}的模板重新填报")
    named = str(roster["name"].to_numpy()[roster.index.get_loc(code)])
    if named != one.name:
        what = f"{one.file} 的代码 {code} 在名册里是“{named}”，模板上是“{one.name}”"
        return refuse("W105", what, "代码和名称对不上", f"核对名册，或用该{who}的模板重新填报")
    shown = _on_cover(one.book)
    if shown and shown != (one.name, mark.get("code", "")):
        what = f"{one.file} 是给“{one.name}”的模板，封面改成了“{shown[0]}”（{shown[1]}）"
        return refuse("W105", what, f"分不清填的是哪个{who}的数", f"用本{who}的模板填报")
    one.subject, one.state = code, ACCEPTED
    return None


def _county(mark: dict[str, str], roster: pd.DataFrame) -> str:
    """The roster code of the workbook's county; a template made without a code is found by its name."""
    if mark.get("code"):
        return mark["code"] if mark["code"] in roster.index else ""
    named = [str(code) for code, name in roster["name"].items() if name and name == mark.get("name")]
    return named[0] if len(named) == 1 else ""


def _on_cover(book: Book) -> tuple[str, str] | None:
    """Name and code as they stand on the cover, if it is there."""
    for sheet in book.named(layout.COVER):
        rows, columns = sheet.rows, sheet.columns.get("value", [])
        if columns and len(rows.get("name", [])) == 1 and len(rows.get("code", [])) == 1:
            return sheet.text(rows["name"][0], columns[0]), sheet.text(rows["code"][0], columns[0])
    return None


def _one_each(came: list[Came]) -> None:
    """Identical copies count once; different workbooks of one county (or two 认定表) are all set aside (W106)."""
    groups: dict[tuple[str, str], list[Came]] = {}
    for one in came:
        if one.state != RETURNED:
            groups.setdefault((one.state, one.subject), []).append(one)
    for (state, _), group in groups.items():
        if len({one.sha256 for one in group}) == 1:
            for copy in group[1:]:
                copy.state, copy.book = RETURNED, None
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
