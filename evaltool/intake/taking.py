"""One file by itself: what it is, whose it is, and everything it says. Runs in a process of its own."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evaltool.books.book import BookError
from evaltool.books.bounded import LIMITS, Limits, Overrun, each
from evaltool.books.collecting import uncollected
from evaltool.books.looking import fetch, look, shown_name
from evaltool.books.opening import read_book
from evaltool.facts import ACCEPTED, OFFICIAL_BOOK, SENT_BACK, SET_ASIDE, TABLE
from evaltool.intake import layout
from evaltool.intake.county_book import CountyRead, read_county
from evaltool.intake.hiding import hide
from evaltool.intake.names import county_in
from evaltool.intake.opened import Book, anchored
from evaltool.intake.province.reading import ProvinceRead, province_csv, read_province
from evaltool.intake.questions.consistency import check
from evaltool.problems import CODES, Place, Problem
from evaltool.scheme import Scheme


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
    table   of a 汇总表: the same for each county in it
    tried   of a 汇总表: the counties in it that cannot be taken
    book    of a 认定表: the workbook itself, which can be read only when the counties are known
    """

    file: str
    sha256: str
    subject: str = ""
    name: str = ""
    state: str = SENT_BACK
    problems: list[Problem] = field(default_factory=list)
    county: CountyRead | None = None
    table: dict[str, CountyRead] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    book: Book | None = None

    def tell(self, code: str, what: str, why: str, do: str, subject: str | None = None) -> None:
        """Adds a problem of the file as a whole, or of what it says of one subject."""
        whose = self.subject if subject is None else subject
        self.problems.append(Problem(code, what, why, do, Place(self.file, subject=whose)))


# what a county puts beside its workbook as evidence. An archive is not among them: there may be a workbook in it
DOCUMENTS = frozenset(
    f".{end}"
    for ends in ("pdf ofd doc docx wps rtf ppt pptx", "jpg jpeg png gif bmp tif tiff heic webp", "mp3 mp4 mov avi")
    for end in ends.split()
)
_OVER = {
    "time": ("W121", "读了 {} 秒还没有读完", "把内容填进下发的模板再报"),
    "memory": ("W121", "读的时候要用的内存超过 {} MB", "把内容填进下发的模板再报"),
    "died": ("W121", "读的时候读表的进程两次中断", "把内容填进下发的模板再报"),
    "fault": ("W129", "读的时候程序出错（{}）", "把内容填进下发的模板再报；把这个文件和这句话发给工具的维护人"),
}


@uncollected()
def take_all(
    round_: Round, files: Sequence[Path], limits: Limits = LIMITS, done: Callable[[int], None] | None = None
) -> list[Came]:
    """Every file by itself, in processes of their own: one that takes too much is refused and costs the others nothing.

    done  is told the number of each file that is finished
    """
    answers = each(take_one, round_, [(file,) for file in files], limits, done=done)
    return [_over(file, one) if isinstance(one, Overrun) else one for file, one in zip(files, answers, strict=True)]


def _over(file: Path, overrun: Overrun) -> Came:
    """A file that could not be read to its end. What it is called is all that is known of it."""
    one = Came(shown_name(file), hashlib.sha256(fetch(file)[0]).hexdigest())
    code, what, do = _OVER[overrun.why]
    one.tell(code, f"{shown_name(file)} {what.format(overrun.detail)}", "整个文件都没有采用，别的文件照常读", do)
    return one


def never_kept(name: str, refused: Sequence[str]) -> Came:
    """A thing of which nothing was kept (a pipe, a link): `refused` is the code, what, why and what to do."""
    one = Came(name, "")
    one.tell(refused[0], refused[1], refused[2], refused[3])
    return one


def take_one(round_: Round, path: Path) -> Came:
    """The file at `path`, judged and read as far as it can be without the other files. Never raises on a bad file."""
    sealed, name = look(path), shown_name(path)
    one = Came(name, sealed.sha256)
    if sealed.problem is not None and sealed.problem.code == "W100" and path.suffix.lower() in DOCUMENTS:
        return _beside(one)
    if sealed.problem is not None:
        one.problems.append(sealed.problem)
        return one
    if sealed.kind == "csv":
        if _table(one, province_csv(round_, sealed.data, name, sealed.sha256)):
            return one
        if path.suffix.lower() != ".csv":  # a note that somebody put beside the workbooks
            return _beside(one)
        why = "第一行要有代码或名称，和本轮的项目名称"
        one.tell("W103", f"{name} 不是本轮的汇总表", why, "把内容填进下发的模板再报")
        return one
    try:
        book = anchored(read_book(sealed, name))
    except BookError as error:
        do = "用 Excel 或 WPS 打开修复，重新保存后再报"
        one.tell("W102", f"{name} 打不开：{error}", "整个文件都没有读", do)
        return one
    if _table(one, read_province(round_, book)):
        return one
    _judge(one, book, round_)
    if one.state == ACCEPTED:
        one.county = read_county(book, round_.scheme, one.subject, round_.on)
        found = hide(round_.scheme, {one.subject: one.county}, one.county.problems, one.file)
        one.problems += found + check(round_.scheme, one.subject, one.county)
    elif one.state == OFFICIAL_BOOK:
        one.book = book
    return one


def _beside(one: Came) -> Came:
    """What was never meant to be read, and is only kept and counted."""
    one.state = SET_ASIDE
    one.tell("W127", f"{one.file} 不是工作簿", "当作佐证材料放在一边，没有读", CODES["W127"][2])
    return one


def _table(one: Came, found: ProvinceRead | None) -> bool:
    """Whether the file is a province-wide table; if so, what it says of each county is kept."""
    if found is None:
        return False
    one.problems += found.problems
    if not found.stopped:
        one.state, one.name, one.table, one.tried = TABLE, "汇总表", found.counties, found.refused
    return True


def _judge(one: Came, book: Book, round_: Round) -> None:
    """Whether the workbook is ours, of this edition and of a county of the roster."""
    mark, scheme, roster = book.stamp, round_.scheme, round_.roster
    one.subject, one.name = mark.get("code", ""), mark.get("name", "")
    if mark.get("kind") not in (layout.COUNTY_BOOK, layout.OFFICIAL_BOOK):
        why = "没有模板的隐藏校验页，认不出各项在哪里"
        return one.tell("W103", f"{one.file} 不是本工具的模板", why, "把内容填进下发的模板再报")
    edition = scheme.edition.valid_from.isoformat()
    if (mark.get("scheme"), mark.get("valid_from")) != (scheme.id, edition):
        what = f"{one.file} 是 {mark.get('scheme')}@{mark.get('valid_from')} 的模板，本轮用 {scheme.key}"
        return one.tell("W104", what, "两个版本问的项目不同", "用本轮下发的模板重新填报")
    if (mark.get("format"), mark.get("digest")) != (layout.FORMAT, scheme.digest):
        what = f"{one.file} 的版本校验 {mark.get('digest', '')[:16]} 与本轮 {scheme.digest[:16]} 不同"
        return one.tell("W104", what, "模板发出后指标定义改过，各项含义可能不同", "用本轮下发的模板重新填报")
    if mark["kind"] == layout.OFFICIAL_BOOK:
        one.state, one.subject, one.name = OFFICIAL_BOOK, "", "省级认定表"
        return None
    found = county_in(roster, one.subject, one.name)
    if not found.code:
        return _unknown(one, found.candidates, round_)
    came, known = (one.name, one.subject), (str(roster["name"][found.code]), found.code)
    one.name, one.subject = known
    if found.how:
        _spelled(one, "模板上", came, known, found.how)
    shown = _on_cover(book)
    if shown and shown != came:
        again = county_in(roster, shown[1] or found.code, shown[0] or one.name)
        if again.code != found.code:
            who, what = (
                scheme.edition.subject,
                f"{one.file} 是给“{came[0]}”的模板，封面改成了“{shown[0]}”（{shown[1]}）",
            )
            return one.tell("W105", what, f"分不清填的是哪个{who}的数", f"用本{who}的模板填报")
        if shown != known:
            _spelled(one, "封面上", shown, known, again.how)
    one.state = ACCEPTED
    return None


def _unknown(one: Came, candidates: Sequence[str], round_: Round) -> None:
    """Refuses a workbook of which nobody can say whose it is, naming whom it might be of."""
    roster, who = round_.roster, round_.scheme.edition.subject
    do = f"核对名册，或用该{who}的模板重新填报"
    said = f"“{one.name}”（{one.subject or '无代码'}）"
    if candidates:
        names = "、".join(f"“{roster['name'][code]}”（{code}）" for code in candidates)
        return one.tell("W105", f"{one.file} 是{said}的，名册里可能是{names}", "不替人选", do)
    if one.subject in roster.index:
        what = f"{one.file} 的代码 {one.subject} 在名册里是“{roster['name'][one.subject]}”，模板上是“{one.name}”"
        return one.tell("W105", what, "代码和名称对不上", do)
    return one.tell("W105", f"{one.file} 是{said}的，名册里没有", f"认不出是哪个{who}的", do)


def _spelled(one: Came, where: str, came: tuple[str, str], known: tuple[str, str], how: str) -> None:
    """Says that a county was recognised although it is written otherwise; name and code on both sides."""
    what = f"{one.file} {where}写的是“{came[0]}”（{came[1] or '无代码'}），名册里是“{known[0]}”（{known[1]}）"
    one.tell("W126", f"{what}{f'：{how}' if how else ''}", "按名册里的这一个收下", "核对是不是同一个；不是的话退回重报")


def _on_cover(book: Book) -> tuple[str, str] | None:
    """Name and code as they stand on the cover, if it is there."""
    for sheet in book.named(layout.COVER):
        rows, columns = sheet.rows, sheet.columns.get("value", [])
        if columns and len(rows.get("name", [])) == 1 and len(rows.get("code", [])) == 1:
            return sheet.text(rows["name"][0], columns[0]), sheet.text(rows["code"][0], columns[0])
    return None
