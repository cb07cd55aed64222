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
from evaltool.intake.county_book import CountyRead, read_county
from evaltool.intake.hiding import hide
from evaltool.intake.opened import Book, anchored
from evaltool.intake.province.reading import ProvinceRead, province_csv, read_province
from evaltool.intake.questions.consistency import check
from evaltool.intake.whose import judge
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
    judge(one, book, round_)
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
