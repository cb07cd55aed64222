"""results.xlsx for people: ranking, points, recommendations with an empty place to sign, funds, problems, open questions."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.decisions import STATES, UNSIGNED, Decisions
from evaltool.facts import OFFICIAL, SELF
from evaltool.files import steady_zip, write_bytes
from evaltool.problems import LEVELS
from evaltool.quantities import SHARE_UNIT, Exact, decimal_text, quantity_text
from evaltool.results.ranking import places
from evaltool.scheme.values import Unknown
from evaltool.scheme.words import rule_sentence
from evaltool.scoring import NOT_RETURNED, Num, Scores, number_text

FACE = "微软雅黑"
HEAD = PatternFill("solid", start_color="FFDCE6F1")
OPEN = PatternFill("solid", start_color="FFFFF2CC")
LINE = Border(*(Side("thin", color="FFBFBFBF"),) * 4)
DIGITS = 15  # a spreadsheet keeps 15 significant digits; longer numbers are written as text
Row = Sequence[Any]


def write(path: str | Path, decisions: Decisions) -> Path:
    """The workbook of a round. The same decisions give the same bytes; text from counties never becomes a formula."""
    book = Workbook()
    first = book.active
    assert first is not None
    book.remove(first)
    scores = decisions.scores
    _sheet(book, scores, "排名", *_ranking(scores))
    _sheet(book, scores, "指标得分", *_points(scores), freeze="E5")
    _sheet(book, scores, "建议", *_recommendations(decisions))
    if decisions.funds:
        _sheet(book, scores, "资金", *_funds(decisions))
    _sheet(book, scores, "问题清单", *_problems(scores))
    _sheet(book, scores, "待定问题", *_questions(scores))
    target = io.BytesIO()
    book.save(target)
    return write_bytes(path, steady_zip(target.getvalue()))


def _sheet(
    book: Workbook,
    scores: Scores,
    title: str,
    head: Sequence[tuple[str, float]],
    rows: Iterable[Row],
    freeze: str = "C5",
) -> None:
    """One table: title, stamp, how to read, header, rows; frozen, filtered, ready for A4."""
    sheet = book.create_sheet(title)
    width = len(head)
    lines = [(f"{scores.scheme.name}　{title}", 14), (scores.stamp, 10), (_reading(title), 9)]
    for number, (text, size) in enumerate(lines, 1):
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=width)
        _put(sheet.cell(number, 1), text, Font(name=FACE, size=size, bold=number == 1), border=False)
        sheet.row_dimensions[number].height = size * 2 if number != 2 else 30
    for column, (name, wide) in enumerate(head, 1):
        _put(sheet.cell(4, column), name, Font(name=FACE, size=10, bold=True), fill=HEAD, align="center")
        sheet.column_dimensions[get_column_letter(column)].width = wide
    last = 4
    for last, row in enumerate(rows, 5):
        for column, value in enumerate(row, 1):
            _put(sheet.cell(last, column), value, Font(name=FACE, size=10))
    sheet.freeze_panes = freeze
    sheet.auto_filter.ref = f"A4:{get_column_letter(width)}{last}"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:4"
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = scores.scheme.key, "第 &P 页，共 &N 页"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    _tall(sheet, head)


def _reading(title: str) -> str:
    return {
        "排名": "按认定总分排；待定的没有名次。名次供参考，文件没有按名次处理的规定。“～”表示区间，因为有的格没有填、读不出或未认定。",
        "指标得分": "认定得分。数字超过 15 位有效数字的写成文字，前面带“≈”的是截断显示，评分用的是精确值。",
        "建议": UNSIGNED,
        "资金": "占比是占总额的比例。“文件未公布”的界限不猜。",
        "问题清单": "按工作簿里的先后排列。",
        "待定问题": "文件没有说清的地方和我们的读法；没有人确认之前，结果都是暂定。",
    }[title]


def _put(
    cell: Cell | Any, value: Any, font: Font, fill: PatternFill | None = None, align: str = "", border: bool = True
) -> None:
    """Text goes in as text, never as a formula; exact numbers as numbers where a spreadsheet can hold them."""
    if isinstance(value, str) or value is None:
        cell.value = value or None
        if value:
            cell.data_type = "s"
            cell.quotePrefix = value[0] in "=+-@'"
    else:
        cell.value = value
    cell.font = font
    cell.alignment = Alignment(horizontal=align or None, vertical="center", wrap_text=True)
    if fill is not None or (isinstance(value, str) and value.startswith("待定")):
        cell.fill = fill or OPEN
    if border:
        cell.border = LINE


def number(value: Exact) -> int | float | str:
    """A number that a spreadsheet holds without loss, else text."""
    text = decimal_text(value)
    digits = sum(char.isdigit() for char in text.lstrip("-0."))
    if text.startswith("≈") or digits > DIGITS:
        return text
    return int(text) if "." not in text else float(text)


def _span(pair: tuple[Exact, Exact] | None) -> int | float | str:
    if pair is None:
        return NOT_RETURNED
    return number(pair[0]) if pair[0] == pair[1] else number_text(*pair)


def _ranking(scores: Scores) -> tuple[list[tuple[str, float]], Iterator[Row]]:
    facts = scores.facts
    ranked = places(scores)
    head = [("名次", 7), ("代码", 10), ("名称", 16), ("市州", 14), ("批次", 8), ("类型", 10), ("自评分", 10),
            ("按自评数据计算", 18), ("认定总分", 16), ("等次", 22), ("等哪些", 50)]  # fmt: skip

    def rows() -> Iterator[Row]:
        order = sorted(
            range(len(facts.codes)), key=lambda i: (ranked.get(str(facts.codes[i]), 10**9), not facts.returned[i], i)
        )
        for i in order:
            code, row = str(facts.codes[i]), facts.roster.iloc[i]
            claimed = scores.claimed_total(code)
            yield (
                ranked.get(code, ""), code, row["name"], *(str(row.get(k, "") or "") for k in ("city", "batch", "type")),
                NOT_RETURNED if not facts.returned[i] else "待定" if claimed is None else number(claimed),
                _span(scores.total(SELF, code)), _span(scores.total(OFFICIAL, code)), scores.grade_text(OFFICIAL, code),
                "、".join(scores.waits(code)) if facts.returned[i] else "该县报送",
            )  # fmt: skip

    return head, rows()


def _points(scores: Scores) -> tuple[list[tuple[str, float]], Iterator[Row]]:
    scheme, facts = scores.scheme, scores.facts
    head: list[tuple[str, float]] = [("指标", 8), ("名称", 30), ("满分", 7), ("规则", 50)]
    head += [(str(name), 13) for name in facts.roster["name"]]

    def rows() -> Iterator[Row]:
        for depth, key in scheme.tree():
            item, column = scheme.indicators[key], scores.column(OFFICIAL, key)
            assert isinstance(column, Num)
            results = [
                _span((column.lo[i], column.hi[i])) if came else NOT_RETURNED for i, came in enumerate(facts.returned)
            ]
            yield (key, "　" * depth + item.name, number(item.points), rule_sentence(scheme, key), *results)

    return head, rows()


def _recommendations(decisions: Decisions) -> tuple[list[tuple[str, float]], Iterator[Row]]:
    scores = decisions.scores
    head = [("代码", 10), ("名称", 14), ("等次", 14), ("应/可", 6), ("建议", 22), ("期限", 12), ("状态", 8), ("原因", 40),
            ("等什么", 30), ("依据", 44), ("负责人意见和签字", 24)]  # fmt: skip
    rows = (
        (
            item.subject, item.name, scores.grade_text(OFFICIAL, item.subject), item.verb, item.action_name or item.note,
            item.within, STATES[item.state], item.because, "、".join(item.waits_for), "；".join(item.clauses), "",
        )
        for item in decisions.recommendations
    )  # fmt: skip
    return head, rows


def _funds(decisions: Decisions) -> tuple[list[tuple[str, float]], Iterator[Row]]:
    head = [("代码", 10), ("名称", 14), ("用途或规则", 34), ("金额", 14), ("单位", 7), ("占总额", 14), ("下限", 12),
            ("上限", 12), ("结论", 20), ("说明", 40), ("依据", 44)]  # fmt: skip
    names = decisions.scores.facts.roster["name"]
    rows = (
        (
            item.subject, names[item.subject], ("其中：" if item.inside else "") + item.name, _span(item.amount), item.unit,
            _share(item.share), _limit(item.at_least), _limit(item.at_most), item.verdict, item.note, "；".join(item.clauses),
        )
        for item in decisions.funds
    )  # fmt: skip
    return head, rows


def _share(share: tuple[Exact, Exact] | None) -> str:
    if share is None:
        return ""
    low, high = share
    return quantity_text(low, SHARE_UNIT) if low == high else "待定"


def _limit(limit: Exact | Unknown | None) -> str:
    return "" if limit is None else str(limit) if isinstance(limit, Unknown) else quantity_text(limit, SHARE_UNIT)


def _problems(scores: Scores) -> tuple[list[tuple[str, float]], Iterator[Row]]:
    head = [("县代码", 10), ("程度", 8), ("代码", 8), ("工作簿", 28), ("工作表", 14), ("单元格", 8), ("问题", 46), ("为什么要紧", 36),
            ("怎么办", 36), ("依据", 40)]  # fmt: skip
    rows = (
        (
            item.place.subject, LEVELS[item.level], item.code, item.place.workbook, item.place.sheet, item.place.cell,
            item.what, item.why, item.do, item.clause,
        )
        for item in (*scores.facts.problems, *scores.problems)
    )  # fmt: skip
    return head, rows


def _questions(scores: Scores) -> tuple[list[tuple[str, float]], Iterator[Row]]:
    head = [("编号", 8), ("问题", 50), ("我们的读法", 44), ("条款", 44), ("谁在何时确认", 24)]
    rows = (
        (
            key,
            item.question,
            item.reading or "未定",
            str(scores.scheme.citation(item.clause)),
            scores.facts.accepted.get(key, ""),
        )
        for key, item in scores.scheme.edition.open_questions.items()
    )
    return head, rows


def _tall(sheet: Worksheet, head: Sequence[tuple[str, float]]) -> None:
    """Row heights for wrapped text: spreadsheets other than Excel do not work them out when opening."""
    for row in sheet.iter_rows(min_row=5):
        lines = 1
        for cell, (_, wide) in zip(row, head, strict=True):
            text = str(cell.value or "")
            length = sum(2 if ord(char) > 255 else 1 for char in text) + 1
            lines = max(lines, -(-length // max(int(wide) - 1, 1)))
        sheet.row_dimensions[row[0].row].height = 15 * lines + 3
