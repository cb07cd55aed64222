"""One file by itself: what it is, whose it is, and everything it says. Runs in a process of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evaltool.books.book import BookError
from evaltool.books.opening import look, read_book
from evaltool.intake import layout
from evaltool.intake.consistency import check
from evaltool.intake.county_book import CountyRead, read_county
from evaltool.intake.opened import Book, anchored
from evaltool.problems import Place, Problem
from evaltool.scheme import Scheme

ACCEPTED, RETURNED, PROVINCE = "已接收", "退回", "认定表"


@dataclass(frozen=True)
class Round:
    """What a file is judged by: the edition, the roster and the day on which the round stands."""

    scheme: Scheme
    roster: pd.DataFrame
    on: dt.date | None = None


@dataclass
class Came:
    """One file: what it is, what became of it and what it says.

    county  of a county's workbook: its cells as read
    book    of a 认定表: the workbook itself, which can be read only when the counties are known
    """

    file: str
    sha256: str
    subject: str = ""
    name: str = ""
    state: str = RETURNED
    problems: list[Problem] = field(default_factory=list)
    county: CountyRead | None = None
    book: Book | None = None

    def refuse(self, code: str, what: str, why: str, do: str) -> None:
        self.problems.append(Problem(code, what, why, do, Place(self.file, subject=self.subject)))


def take_one(round_: Round, path: Path) -> Came:
    """The file at `path`, judged and read as far as it can be without the other files. Never raises on a bad file."""
    sealed = look(path)
    one = Came(path.name, sealed.sha256)
    if sealed.problem is not None:
        one.problems.append(sealed.problem)
        return one
    try:
        book = anchored(read_book(sealed, path.name))
    except BookError as error:
        do = "用 Excel 或 WPS 打开修复，重新保存后再报"
        one.refuse("W102", f"{path.name} 打不开：{error}", "整个文件都没有读", do)
        return one
    _judge(one, book, round_)
    if one.state == ACCEPTED:
        one.county = read_county(book, round_.scheme, one.subject, round_.on)
        one.problems += one.county.problems + check(round_.scheme, one.subject, one.county)
    elif one.state == PROVINCE:
        one.book = book
    return one


def _judge(one: Came, book: Book, round_: Round) -> None:
    """Whether the workbook is ours, of this edition and of a county of the roster."""
    mark, scheme, roster = book.stamp, round_.scheme, round_.roster
    one.subject, one.name = mark.get("code", ""), mark.get("name", "")
    if mark.get("kind") not in (layout.COUNTY_BOOK, layout.OFFICIAL_BOOK):
        why = "没有模板的隐藏校验页，认不出各项在哪里"
        return one.refuse("W103", f"{one.file} 不是本工具的模板", why, "把内容填进下发的模板再报")
    edition = scheme.edition.valid_from.isoformat()
    if (mark.get("scheme"), mark.get("valid_from")) != (scheme.id, edition):
        what = f"{one.file} 是 {mark.get('scheme')}@{mark.get('valid_from')} 的模板，本轮用 {scheme.key}"
        return one.refuse("W104", what, "两个版本问的项目不同", "用本轮下发的模板重新填报")
    if (mark.get("format"), mark.get("digest")) != (layout.FORMAT, scheme.digest):
        what = f"{one.file} 的版本校验 {mark.get('digest', '')[:16]} 与本轮 {scheme.digest[:16]} 不同"
        return one.refuse("W104", what, "模板发出后指标定义改过，各项含义可能不同", "用本轮下发的模板重新填报")
    if mark["kind"] == layout.OFFICIAL_BOOK:
        one.state, one.subject, one.name = PROVINCE, "", "省级认定表"
        return None
    code, who = _county(mark, roster), scheme.edition.subject
    if not code:
        what = f"{one.file} 是“{one.name}”（{one.subject or '无代码'}）的，名册里没有"
        return one.refuse("W105", what, f"认不出是哪个{who}的", f"核对名册，或用该{who}的模板重新填报")
    named = str(roster["name"].to_numpy()[roster.index.get_loc(code)])
    if named != one.name:
        what = f"{one.file} 的代码 {code} 在名册里是“{named}”，模板上是“{one.name}”"
        return one.refuse("W105", what, "代码和名称对不上", f"核对名册，或用该{who}的模板重新填报")
    shown = _on_cover(book)
    if shown and shown != (one.name, mark.get("code", "")):
        what = f"{one.file} 是给“{one.name}”的模板，封面改成了“{shown[0]}”（{shown[1]}）"
        return one.refuse("W105", what, f"分不清填的是哪个{who}的数", f"用本{who}的模板填报")
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
