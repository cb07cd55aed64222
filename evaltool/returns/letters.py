"""The answer to each county as plain text, to be pasted into an e-mail: what came, what to mend, what to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evaltool.evidence import Catalogue, request_text
from evaltool.facts import ACCEPTED, NOT_RETURNED, SET_ASIDE, TABLE, Facts
from evaltool.files import write_text
from evaltool.problems import Problem
from evaltool.returns.counts import Counts, CountyCount
from evaltool.scoring import Scores

_NUMBERS = "一二三四五"


EVIDENCE = "_佐证.txt"  # how the letters about evidence end


def write_all(folder: Path, scores: Scores, counts: Counts, marked: Mapping[str, str]) -> list[Path]:
    """One letter for each county of the roster, `<code>_<name>.txt`; those of counties no longer there are removed."""
    mine: dict[str, list[Problem]] = {}
    for problem in (*scores.facts.problems, *scores.problems):
        mine.setdefault(problem.place.subject, []).append(problem)
    written = []
    for one in counts.counties:
        said = letter(scores.facts, one, mine.get(one.code, []), marked)
        written.append(_write(folder / file_name(one), said))
    for old in set(folder.glob("*.txt")) - set(written):
        if not old.name.endswith(EVIDENCE):
            old.unlink()
    return written


def write_requests(folder: Path, catalogue: Catalogue) -> list[Path]:
    """A letter to each county of which evidence is missing, `<code>_<name>_佐证.txt`; those of before are removed."""
    for old in folder.glob(f"*{EVIDENCE}"):
        old.unlink()
    said = {(code, name): request_text(catalogue, code) for code, name in catalogue.counties.items()}
    return [_write(folder / _file_name(code, name, EVIDENCE), text) for (code, name), text in said.items() if text]


def _write(path: Path, text: str) -> Path:
    """With a byte order mark, or Notepad of older machines takes it for GBK."""
    return write_text(path, "\ufeff" + text)


def file_name(one: CountyCount) -> str:
    """What the letter to a county is called."""
    return _file_name(one.code, one.name, ".txt")


def _file_name(code: str, name: str, end: str) -> str:
    return "_".join(re.sub(r"[^\w\-]", "", part) for part in (code, name)) + end


def letter(facts: Facts, one: CountyCount, problems: Sequence[Problem], marked: Mapping[str, str]) -> str:
    """The letter to one county.

    problems  all that is said of it, in reading order
    marked    name of a workbook → name of its marked copy
    """
    mine = _mine(facts, one, problems)
    return "\n".join([*_head(facts, one), *_points(one, mine), *_tail(one, mine, marked)]) + "\n"


# said at the head of the letter in words of their own, or nothing that a county has to do anything about
_ELSEWHERE = ("W106", "W110", "W114", "W116")


def _head(facts: Facts, one: CountyCount) -> Iterator[str]:
    who = facts.scheme.edition.subject
    yield f"{one.name}（{one.code}）：{facts.scheme.name}收表情况"
    yield ""
    whose = [item for item in facts.submissions if item.file in one.files]
    for item in whose:
        yield f"· {item.file}：{item.state}（SHA-256 {item.sha256[:16] or '没有保存'}）"
    if one.state == "已报送" and not any(item.state == ACCEPTED for item in whose):
        yield "· 数据来自全省汇总表。"
    if one.indicators:
        yield f"· 指标 {one.indicators} 项：按所填数据已得分 {one.scored} 项，待定 {one.open} 项，不计 {one.out} 项。"
        if one.open:
            yield "  待定的，有的要等补正，有的由评价人或省里认定。"
    elif one.state == NOT_RETURNED:
        yield f"· 还没有收到本{who}的表，不计分，不定等次。用下发的模板填好报来。"
    elif one.state == SET_ASIDE:
        yield f"· 收到本{who}内容不同的几份，不知道用哪一份，都没有采用。回信写明用哪一份，或者只报要用的那一份。"
    else:
        yield "· 没有采到数，不计分，不定等次。按下面说的改好再报。"


def _mine(facts: Facts, one: CountyCount, problems: Sequence[Problem]) -> list[Problem]:
    """What the county itself can do something about: of its own files and of its row in a province-wide table. What is
    wrong in the province's 认定表 is no matter for its letter."""
    books = {*one.files, *(item.file for item in facts.submissions if item.state == TABLE), ""}
    return [p for p in problems if p.place.workbook in books and p.code not in _ELSEWHERE]


def _points(one: CountyCount, problems: Sequence[Problem]) -> Iterator[str]:
    groups = [
        ("要先改好才能采用", [p for p in problems if p.level == "stop"]),
        ("要补正（补正以前，用到它的指标待定）", [p for p in problems if p.level == "count"]),
        ("请核对（确实如此的不用改）", [p for p in problems if p.level == "note"]),
    ]
    shown = [(title, found) for title, found in groups if found]
    if not shown and one.indicators:
        yield ""
        yield "没有发现问题，不用补正。"
    for number, (title, found) in zip(_NUMBERS, shown, strict=False):
        yield ""
        yield f"{number}、{title}：{len(found)} 处"
        for i, problem in enumerate(found, 1):
            at = problem.place
            book = at.workbook if len(one.files) > 1 or at.workbook not in one.files else ""
            place = " ".join(part for part in (book, at.sheet, at.cell) if part)
            yield f"{i}. {f'【{place}】' if place else ''}{problem.what}（{problem.code}）"
            for label, text in (("原因", problem.why), ("怎么办", problem.do), ("依据", problem.clause)):
                if text:
                    yield f"   {label}：{text}"


def _tail(one: CountyCount, problems: Sequence[Problem], marked: Mapping[str, str]) -> Iterator[str]:
    copies = [marked[file] for file in one.files if file in marked]
    if copies and problems:
        yield ""
        levels = {problem.level for problem in problems}
        red = "红色的格要补正，" if levels & {"stop", "count"} else ""
        yellow = "黄色的格请核对，" if "note" in levels else ""
        yield f"随信附标注件：{'、'.join(copies)}。{red}{yellow}改好后保存，原样报回即可。"
