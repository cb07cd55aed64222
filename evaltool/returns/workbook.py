"""The intake report as a workbook: the counts on its first sheet, then counties, files and problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from evaltool.problems import LEVELS, Problem
from evaltool.returns.counts import Counts
from evaltool.scoring import Scores
from evaltool.sheets.look import write_book
from evaltool.sheets.tables import Column, Sheet, Undecided

TITLE = "收表报告"


def write(
    path: Path, scores: Scores, counts: Counts, marked: Mapping[str, str], passed_over: Sequence[str], on: str
) -> Path:
    """Writes report.xlsx. The same facts give the same bytes."""
    sheets = [
        _first(scores, counts, passed_over),
        _counties(scores, counts),
        _files(scores, marked),
        _problems(scores),
    ]
    return write_book(path, sheets, scores.scheme.name, f"{TITLE}　基准日 {on}", TITLE)


def _first(scores: Scores, counts: Counts, passed_over: Sequence[str]) -> Sheet:
    who = scores.scheme.edition.subject
    names = ("收到的文件", f"名册上的{who}", "指标")
    rows: list[tuple[str, str]] = list(zip(names, counts.equations(who), strict=True))
    levels = [sum(p.level == level for p in _all(scores)) for level in LEVELS]
    rows.append(("问题", "，".join(f"{word} {n} 处" for word, n in zip(LEVELS.values(), levels, strict=True))))
    missing = "、".join(f"{one.name}（{one.state}）" for one in counts.counties if not one.indicators)
    rows.append((f"未采到的{who}", missing or "无"))
    if passed_over:
        said = f"文件夹深处另有 {len(passed_over)} 个文件不是工作簿，没有读：{'、'.join(passed_over[:20])}"
        rows.append(("没有读的文件", said + ("等" if len(passed_over) > 20 else "")))
    note = "三个等式由程序核对过：有一个文件、一个县或一项指标对不上，就不会有这份报告。"
    return Sheet("收表情况", note, [Column("数什么", 18), Column("结果", 90)], rows, fixed=0)


def _counties(scores: Scores, counts: Counts) -> Sheet:
    columns = [
        Column("代码", 9), Column("名称", 14), Column("状态", 9, True), Column("文件", 34),
        *(Column(word, 8, True) for word in LEVELS.values()),
        Column("指标", 7, True), Column("已得分", 8, True), Column("待定", 7, True), Column("不计", 7, True),
    ]  # fmt: skip
    rows = (
        (
            one.code, one.name, one.state if one.indicators else Undecided(one.state), "\n".join(one.files),
            *one.problems, one.indicators, one.scored, one.open, one.out,
        )
        for one in counts.counties
    )  # fmt: skip
    note = "指标 = 已得分 + 待定 + 不计，按自评数据数末级指标；没有采到数的不数。"
    return Sheet(f"各{scores.scheme.edition.subject}", note, columns, rows)


def _files(scores: Scores, marked: Mapping[str, str]) -> Sheet:
    columns = [
        Column("文件", 34), Column("状态", 9, True), Column("代码", 9), Column("名称", 14), Column("为什么", 44),
        Column("标注件", 26), Column("SHA-256", 34),
    ]  # fmt: skip
    rows = (
        (one.file, one.state, one.subject, one.name, why(scores, one.file), marked.get(one.file, ""), one.sha256)
        for one in scores.facts.submissions
    )
    note = "采用：已接收、认定表、汇总表；退回：没有读；搁置：相同的、几份里没有定用哪份的、已由后来的替代的、不是报表的。原件都在 received/ 下。"
    return Sheet("文件", note, columns, rows, fixed=1)


def why(scores: Scores, file: str) -> str:
    """Why a file was not taken, or was set aside: its problems as a whole, without those of single cells."""
    found = [p for p in scores.facts.problems if p.place.workbook == file and not p.place.sheet and p.code[0] == "W"]
    return "；".join(dict.fromkeys(problem.what for problem in found))


def _problems(scores: Scores) -> Sheet:
    columns = [
        Column("代码", 9), Column("名称", 12), Column("程度", 7, True), Column("编号", 7, True), Column("工作簿", 20),
        Column("工作表", 12), Column("单元格", 8, True), Column("问题", 36), Column("为什么要紧", 26), Column("怎么办", 26),
        Column("依据", 26),
    ]  # fmt: skip
    names = {str(code): str(name) for code, name in scores.facts.roster["name"].items()}
    rows = (
        (
            p.place.subject, names.get(p.place.subject, ""), LEVELS[p.level], p.code, p.place.workbook, p.place.sheet,
            p.place.cell, p.what, p.why, p.do, p.clause,
        )
        for p in _all(scores)
    )  # fmt: skip
    return Sheet("问题", "同样的话在各县的标注件和回信里。", columns, rows, fixed=2)


def _all(scores: Scores) -> Iterable[Problem]:
    return (*scores.facts.problems, *scores.problems)
