"""results.xlsx for people: ranking, points, recommendations with a place to sign, funds, problems, open questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaltool.decisions import STATES, UNSIGNED, Decisions, by_state
from evaltool.facts import OFFICIAL, SELF
from evaltool.problems import LEVELS
from evaltool.quantities import SCORE_UNIT, SHARE_UNIT, Exact, quantity_text
from evaltool.results.ranking import Standing, places
from evaltool.scheme.rules import Rank
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.values import Unknown
from evaltool.scoring import PENDING, Num, Scores, number_text
from evaltool.sheets.look import write_book
from evaltool.sheets.tables import Column, Row, Sheet, Undecided, number

RANGE = "“～”是区间：有的格没有填、读不出或未认定。"
MOST_ACROSS = 7  # counties on one sheet of paper


def write(path: str | Path, decisions: Decisions) -> Path:
    """The workbook of a round. The same decisions give the same bytes; text from counties never becomes a formula.

    A sheet that could only be empty is left out: an edition need not have points, other results, consequences, money
    or duties.
    """
    scores = decisions.scores
    sheets = [_standing(scores)]
    if scores.nodes:
        sheets.append(_points(scores))
    if scores.findings:
        sheets.append(_findings(scores))
    if scores.scheme.edition.consequences:
        sheets.append(_recommendations(decisions))
    if decisions.duties:
        sheets.append(_duties(decisions))
    if decisions.funds:
        sheets.append(_funds(decisions))
    sheets += [_problems(scores), _questions(scores), _indicators(scores)]
    return write_book(path, sheets, scores.scheme.name, scores.stamp, scores.scheme.key)


def _span(pair: tuple[Exact, Exact] | None, absent: str = "") -> int | float | str:
    if pair is None:
        return absent
    return number(pair[0]) if pair[0] == pair[1] else Undecided(number_text(*pair))


def _grade(scores: Scores, code: str) -> str:
    said = scores.grade_text(OFFICIAL, code)
    return Undecided(said) if said.startswith(PENDING) else said


def _standing(scores: Scores) -> Sheet:
    """Who stands where; columns that an edition or a roster has nothing for are left out."""
    facts, scheme = scores.facts, scores.scheme
    ranked, records = places(scores), scores.facts.roster.to_dict("records")
    known = {key: any(str(row.get(key, "") or "") for row in records) for key in ("city", "batch", "type")}
    has_total, claims = scheme.total is not None, len(facts.claimed.columns) > 0 and scheme.adds_up()
    columns = [
        (has_total, Column("名次", 6, True)), (True, Column("代码", 9)), (True, Column("名称", 12)),
        (known["city"], Column("市州", 12)), (known["batch"], Column("批次", 7, True)),
        (known["type"], Column("类型", 9, True)), (claims, Column("自评分", 9, True)),
        (has_total, Column("按自评数据计算", 17, True)), (has_total, Column("认定总分", 16, True)),
        (scheme.grade is not None, Column("等次", 17, True)), (True, Column("还在等什么", 32)),
    ]  # fmt: skip

    def last(code: str) -> tuple[int, int]:
        return (ranked[code].worst, ranked[code].best) if code in ranked else (len(ranked) + 1, 0)

    def rows() -> Iterator[Row]:
        order = sorted(range(len(facts.codes)), key=lambda i: (last(str(facts.codes[i])), not facts.returned[i], i))
        for i in order:
            code, row, came = str(facts.codes[i]), records[i], bool(facts.returned[i])
            claimed = scores.claimed_total(code) if came else None
            cells = (
                _place(ranked.get(code)), code, row["name"],
                *(str(row.get(key, "") or "") for key in known),
                facts.absence(code) if not came else Undecided(PENDING) if claimed is None else number(claimed),
                *(_total(scores, layer, code) for layer in (SELF, OFFICIAL)),
                _grade(scores, code),
                "、".join(scores.waits(code)) if came else "报送自评表",
            )  # fmt: skip
            yield tuple(cell for cell, (shown, _) in zip(cells, columns, strict=True) if shown)

    shown = [column for there, column in columns if there]
    if not has_total:
        return Sheet("总览", f"文件没有总分，不排名次。{RANGE}", shown, rows())
    ranks = any(isinstance(scheme.indicators[key].rule, Rank) for key in scores.findings)
    rule = "文件规定的名次见“其他结果”" if ranks else "名次供参考，文件没有按名次处理的规定"
    note = f"按认定总分排；总分未定时名次是一个范围，未报送的没有名次。{rule}。{RANGE}"
    return Sheet("排名", note, shown, rows(), fixed=3)


def _total(scores: Scores, layer: str, code: str) -> int | float | str:
    pair = scores.total(layer, code)
    return scores.total_text(layer, code) if pair is None else _span(pair)


def _place(found: Standing | None) -> int | str:
    if found is None:
        return ""
    return found.best if found.best == found.worst else f"{found.best}～{found.worst}"


def _points(scores: Scores) -> Sheet:
    note = (
        f"认定得分。超过 15 位有效数字的写成文字，带“≈”的是截断显示；评分用的是精确值。{RANGE}规则和条款见“指标说明”。"
    )
    return _results("指标得分", note, scores, list(scores.scheme.tree()), full=True)


def _findings(scores: Scores) -> Sheet:
    note = f"分值和等次以外的结论（认定）：是或否、级别、比率、名次等。{RANGE}规则和条款见“指标说明”。"
    return _results("其他结果", note, scores, list(scores.scheme.findings()), full=False)


def _results(title: str, note: str, scores: Scores, nodes: list[tuple[int, str]], *, full: bool) -> Sheet:
    """A row an indicator, a column a subject."""
    scheme, facts = scores.scheme, scores.facts
    columns = [Column("指标", 8), Column("名称", 30), *([Column("满分", 6, True)] if full else [])]
    fixed = len(columns)
    columns += [Column(str(name), 12, True) for name in facts.roster["name"]]
    rows = (
        (
            key, "　" * depth + scheme.indicators[key].name, *([_full(scheme.indicators[key].points)] if full else []),
            *(
                _result(scores, key, i) if came else facts.absence(str(facts.codes[i]))
                for i, came in enumerate(facts.returned)
            ),
        )
        for depth, key in nodes
    )  # fmt: skip
    papers = -(-len(facts.codes) // MOST_ACROSS)
    return Sheet(title, note, columns, rows, fixed=fixed, across=-(-len(facts.codes) // max(papers, 1)))


def _result(scores: Scores, key: str, row: int) -> int | float | str:
    """Points as a number; anything else, and what is open, as people read it."""
    column, unit = scores.column(OFFICIAL, key), scores.scheme.kinds[key].unit
    if not scores.settled(OFFICIAL, key, row):
        return Undecided(scores.shown(OFFICIAL, key, row))
    if isinstance(column, Num) and unit in ("", SCORE_UNIT, None) and not scores.is_out(OFFICIAL, key, row):
        return number(column.lo[row])
    return scores.shown(OFFICIAL, key, row)


def _full(points: Any) -> int | float | str:
    return "" if points is None or isinstance(points, str) else number(points)


def _recommendations(decisions: Decisions) -> Sheet:
    scores = decisions.scores
    columns = [
        Column("代码", 9), Column("名称", 11), Column("等次", 17, True), Column("应/可", 6, True), Column("建议", 16),
        Column("期限", 10), Column("状态", 7, True), Column("原因", 28), Column("还在等什么", 16), Column("依据", 26),
        Column("负责人意见和签字", 17),
    ]  # fmt: skip
    rows = (
        (
            item.subject, item.name, _grade(scores, item.subject), item.verb, item.action_name or item.note,
            item.within, Undecided(STATES[item.state]) if item.state == "waits" else STATES[item.state], item.because,
            "、".join(item.waits_for), "\n".join(item.clauses), "",
        )
        for item in decisions.recommendations
    )  # fmt: skip
    return Sheet("建议", UNSIGNED, columns, rows)


def _duties(decisions: Decisions) -> Sheet:
    """The judged duties: what was not done first, then what is open."""
    columns = [
        Column("代码", 9), Column("名称", 11), Column("结论", 10, True), Column("职责", 34), Column("性质", 9, True),
        Column("谁", 10, True), Column("何时", 18), Column("依据", 34),
    ]  # fmt: skip
    names = dict(decisions.scores.facts.roster["name"])
    rows = (
        (
            item.subject, names[item.subject], Undecided(item.state) if item.state == PENDING else item.state,
            item.name, item.kind, item.who, item.when, "\n".join(item.clauses),
        )
        for item in by_state(decisions.duties)
    )  # fmt: skip
    note = "按认定的数据核对，先列没有做到的，再列待定的；不影响得分。不能按数据核对的职责见指标体系的说明。"
    return Sheet("职责核对", note, columns, rows)


def _funds(decisions: Decisions) -> Sheet:
    columns = [
        Column("代码", 9), Column("名称", 11), Column("用途或规则", 28), Column("金额", 12, True), Column("单位", 6, True),
        Column("占总额", 11, True), Column("下限", 11, True), Column("上限", 11, True), Column("结论", 13, True),
        Column("说明", 24), Column("依据", 30),
    ]  # fmt: skip
    names = dict(decisions.scores.facts.roster["name"])
    rows = (
        (
            item.subject, names[item.subject], ("其中：" if item.inside else "") + item.name, _span(item.amount),
            item.unit, _share(item.share), _limit(item.at_least), _limit(item.at_most), item.verdict, item.note,
            "\n".join(item.clauses),
        )
        for item in decisions.funds
    )  # fmt: skip
    note = "占总额按该项资金的总额算；支付规则的“金额”是不符合的条数。“文件未公布”的界限不猜。"
    return Sheet("资金", note, columns, rows)


def _share(share: tuple[Exact, Exact] | None) -> str:
    if share is None:
        return ""
    low, high = share
    return quantity_text(low, SHARE_UNIT) if low == high else Undecided(PENDING)


def _limit(limit: Exact | Unknown | None) -> str:
    return "" if limit is None else str(limit) if isinstance(limit, Unknown) else quantity_text(limit, SHARE_UNIT)


def _problems(scores: Scores) -> Sheet:
    columns = [
        Column(f"{scores.scheme.edition.subject}代码", 9), Column("程度", 7, True), Column("代码", 7, True),
        Column("工作簿", 19), Column("工作表", 10),
        Column("单元格", 8, True), Column("问题", 32), Column("为什么要紧", 22), Column("怎么办", 22), Column("依据", 26),
    ]  # fmt: skip
    rows = (
        (
            item.place.subject, LEVELS[item.level], item.code, item.place.workbook, item.place.sheet, item.place.cell,
            item.what, item.why, item.do, item.clause,
        )
        for item in (*scores.facts.problems, *scores.problems)
    )  # fmt: skip
    note = "先是收表时发现的，按工作簿里的先后；后是评分时发现的（代码以 P 开头）。"
    return Sheet("问题清单", note, columns, rows, fixed=1)


def _questions(scores: Scores) -> Sheet:
    columns = [
        Column("编号", 8),
        Column("问题", 46),
        Column("我们的读法", 36),
        Column("条款", 32),
        Column("谁在何时确认", 20),
    ]
    edition, accepted = scores.scheme.edition, scores.facts.accepted
    rows = (
        (key, item.question, item.reading or "未定", str(scores.scheme.citation(item.clause)), accepted.get(key, ""))
        for key, item in edition.open_questions.items()
    )
    note = "文件没有说清的地方和我们的读法；有一条没有人确认，结果就是暂定。确认写在 round.yaml 的 accepted 里。"
    return Sheet("待定问题", note, columns, rows, fixed=1)


def _indicators(scores: Scores) -> Sheet:
    scheme = scores.scheme
    columns = [Column("指标", 8), Column("名称", 30), Column("满分", 9, True), Column("规则", 58), Column("依据", 40)]
    nodes = [*scheme.tree(), *scheme.findings()]
    told = {key for _, key in nodes}
    nodes += [(0, key) for key in scheme.indicators if key not in told]  # the rows of lists, and the grade
    rows = (
        (
            key, "　" * depth + item.name, _full(item.points) or ("每行不同" if item.points else ""),
            rule_sentence(scheme, key), "\n".join(str(scheme.citation(cite)) for cite in item.cite),
        )
        for depth, key in nodes
        for item in [scheme.indicators[key]]
    )  # fmt: skip
    return Sheet("指标说明", "规则由指标定义自动写成文字，与评分用的是同一份。", columns, rows)
