"""What stands beside the points of a county: other results, the points of single rows, duties, money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from evaltool.charts import INF, Span
from evaltool.decisions import DONE, DUTY_STATES, DutyFinding, FundCheck
from evaltool.facts import OFFICIAL
from evaltool.quantities import SHARE_UNIT, decimal_text, quantity_text
from evaltool.report.lines import Finding, RowResult
from evaltool.report.tables import Piece, heading, sentence, table
from evaltool.scheme.values import Unknown

Brief = Callable[[Iterable[str]], str]  # clauses with the short names of their documents


def findings_of(findings: Sequence[Finding], brief: Brief) -> Piece:
    """Labels, 是/否 and numbers besides points; nothing for an edition without such."""
    if not findings:
        return Piece("")
    rows = [
        (item.number, "　" * item.depth + item.name, item.result, item.how, brief(item.clauses))
        for item in findings
    ]  # fmt: skip
    return heading("其他结果") + table(
        ["编号", "结果", "结论", "怎样得出", "依据"], rows, f"{OFFICIAL}的其他结果", ["short", "", "number"],
        widths=[10, 26, 11, 40, 13],
    )  # fmt: skip


def rows_of(rows: Sequence[RowResult]) -> Piece:
    """The points of each row, where the rows of a list are scored one by one."""
    if not rows:
        return Piece("")
    shown = [
        (item.row, item.title or item.name, "" if item.full is None else decimal_text(item.full), item.result)
        for item in rows
    ]
    return table(
        ["行", "内容", "满分", "得分"], shown, f"{OFFICIAL}逐行得分", ["short", "", "number", "number"],
        widths=[8, 62, 12, 18],
    )  # fmt: skip


def duties_of(found: Sequence[DutyFinding], brief: Brief, none: str) -> Piece:
    """What was not done and what is open, with clauses; what was done in a sentence. `none` where nothing is judged."""
    if not found:
        return sentence(none)
    counts = "，".join(f"{state} {sum(item.state == state for item in found)} 项" for state in DUTY_STATES)
    rows = [(item.name, item.who, item.when, item.state, brief(item.clauses)) for item in found if item.state != DONE]
    done = [item.name for item in found if item.state == DONE]
    return (
        sentence(f"能按数据核对的职责 {len(found)} 项：{counts}。不影响得分。")
        + table(
            ["职责", "谁", "何时", "结论", "依据"],
            rows,
            "没有做到和待定的职责",
            ["", "short", "", "short"],
            widths=[38, 10, 18, 12, 22],
            empty="没有",
        )
        + (sentence(f"做到的：{'；'.join(done)}。", "note") if done else Piece(""))
    )


def amount_text(item: FundCheck) -> str:
    """The amount with its unit."""
    low, high = item.amount
    if low == high:
        return quantity_text(low, item.unit)
    return f"{Span(low, high)} {item.unit}"


def share_text(item: FundCheck) -> str:
    """The share in per cent; nothing for a rule of payment."""
    if item.share is None:
        return ""
    low, high = item.share
    if low == high:
        return quantity_text(low, SHARE_UNIT)
    return (
        "待定" if high == INF or low <= 0 else f"{quantity_text(low, SHARE_UNIT)} ～ {quantity_text(high, SHARE_UNIT)}"
    )


def limit_text(item: FundCheck) -> str:
    """What the paper allows: “≥60%”, 文件未公布, or nothing."""
    said = []
    for limit, sign in ((item.at_least, "≥"), (item.at_most, "≤")):
        if isinstance(limit, Unknown):
            said.append(str(limit))
        elif limit is not None:
            said.append(f"{sign}{quantity_text(limit, SHARE_UNIT)}" if limit else "不得列支")
    return "、".join(dict.fromkeys(said)) + ("（原则上）" if said and item.in_principle else "")
