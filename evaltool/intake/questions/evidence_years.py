"""The years that a county writes into its evidence, against the time that the edition and the round are about (D132).

Years are looked for in the text as a clerk writes it: 2019年, 〔2019〕, 2019-06, 20190605, 二〇一九年. Not looked at: what
stands in 《》 (laws and plans are older or reach further by nature), the second year of a span (2021—2025年), numbers
that only look like a year (2019号, 第2019页, 2019人, a telephone number). The year of a document number does count:
evidence is the county's own papers, and one issued long before the work began can hardly show it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from evaltool.facts import Origin
from evaltool.intake.county_book import CountyRead
from evaltool.intake.questions.asking import ask
from evaltool.intake.questions.measures import Found, Measure
from evaltool.problems import Problem
from evaltool.question_lines import YEARS_BEFORE
from evaltool.scheme import Scheme

_MAYBE = re.compile(r"\d{4}|[二一][〇○零九0]")
_TITLE = re.compile(r"《[^》]*》")
_SPAN = re.compile(r"((?:19|20)\d\d)\s*年?\s*[-—–~至到]+\s*(?:19|20)\d\d(?!\d)")
_DIGITS = re.compile(r"(?<![\d.])(?:(19[89]\d|20\d\d)(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])?)?)(?![\d%‰])")
_COUNTED = re.compile(
    r"\s*(?:号|页|份|个|人|户|家|次|件|项|张|本|条|元|万|亿|千|百|级|届|处|所|米|平方|公里|吨|斤|册|卷)"
)
_NUMBERED = re.compile(r"(?:第|No\.?|编号:?|字)\s*$", re.IGNORECASE)
_CHINESE = re.compile(r"(?:二[〇○零0][〇○零一二三四五六七八九0]{2}|一九[八九][〇○零一二三四五六七八九])(?=年)")
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


@lru_cache(maxsize=4096)  # counties repeat each other's and their own words
def years(text: str) -> tuple[int, ...]:
    """The years named in a text, in reading order.

    >>> years("鄂商〔2018〕12号；二〇二〇年照片")
    (2018, 2020)
    """
    if not _MAYBE.search(text):
        return ()
    plain = _TITLE.sub("；", unicodedata.normalize("NFKC", text))
    plain = _CHINESE.sub(lambda match: match[0].translate(_NUMERALS), plain)
    plain = _SPAN.sub(r"\1", plain)
    return tuple(
        int(match[1])
        for match in _DIGITS.finditer(plain)
        if not _COUNTED.match(plain, match.end()) and not _NUMBERED.search(plain, 0, match.start())
    )


def earliest(scheme: Scheme) -> int:
    """The year in which what an edition asks about begins: its first day in force, calendar or stage."""
    edition = scheme.edition
    days = [edition.valid_from, *(item.start for item in edition.lists.values())]
    days += [stage.start or stage.end for stage in edition.stages.values()]
    return min(day for day in days if day is not None).year


def wrong_years(scheme: Scheme, subject: str, read: CountyRead, on: dt.date | None) -> Iterator[Problem]:
    """D132 for each text of evidence whose years are all too early, or of which one is after the round's day."""
    first = earliest(scheme)
    for measure, text, origin in _texts(scheme, read):
        named = years(text)
        if not named:
            continue
        name = _name(scheme, measure)
        late = [year for year in named if on is not None and year > on.year]
        if late and on is not None:
            what = f"{name}的佐证写着 {late[0]} 年，本轮的基准日是 {on}"
            line = "年份晚于基准日"
        elif max(named) < first - YEARS_BEFORE:
            what = f"{name}的佐证写的是 {max(named)} 年，本轮评价的工作从 {first} 年开始"
            line = f"最晚的比 {first} 年早超过 {YEARS_BEFORE} 年"
        else:
            continue
        shown = text if len(text) <= 40 else text[:40] + "…"
        do = "核对是不是本轮的材料；确实用它的不用改"
        yield ask(scheme, subject, "D132", (what, f"写的是“{shown}”", line, do), Found(0, origin), measure)


def _texts(scheme: Scheme, read: CountyRead) -> Iterator[tuple[Measure, str, Origin | None]]:
    for key, text in read.evidence.items():
        if text and key in scheme.edition.fields:
            cell = read.fields.get(key)
            yield Measure(key), text, read.evidence_at.get(key) or (cell.origin if cell else None)
    for list_id, rows in read.lists.items():
        for row in rows.rows:
            if row.evidence is not None:
                yield Measure("", list_id), *row.evidence


def _name(scheme: Scheme, measure: Measure) -> str:
    if measure.list:
        return f"“{scheme.edition.lists[measure.list].name}”"
    return f"“{scheme.edition.fields[measure.id].name}”"
