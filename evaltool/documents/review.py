"""The sheet for signing: every rule beside its clause, in words and with examples, and room to sign."""

from __future__ import annotations

from evaltool.decisions.duties import KINDS, when_text, who_text
from evaltool.documents.dictionary import clauses, met_text
from evaltool.documents.examples import Examples
from evaltool.documents.wording import (
    cites_text,
    do_text,
    gists,
    indicator_tree,
    joined,
    part_text,
    points_text,
    tolerance_text,
    use_text,
)  # fmt: skip
from evaltool.scheme import Scheme
from evaltool.scheme.models import Duty
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import formula_text
from evaltool.sheets.tables import Column, Row, Sheet

C = Column
TICK = "□ 一致\n□ 不一致"
_SIGN = [C("与文件", 10), C("意见", 18), C("核对人", 9), C("日期", 9)]
_EMPTY = (TICK, "", "", "")
_HOW = "拿文件逐条核对“规则”和“算例”。一致的打勾，不一致的写明差在哪里。"


def sheets(scheme: Scheme) -> list[Sheet]:
    """Every table of the review that has rows; the base sheet and the clauses come last."""
    examples = Examples(scheme)
    made = [
        _indicators(scheme, examples), _events(scheme, examples), _consequences(scheme, examples),
        _funds(scheme, examples), _duties(scheme, examples), _questions(scheme), _base(examples), clauses(scheme),
    ]  # fmt: skip
    return [sheet for sheet in made if sheet.rows]


def _columns(*mine: Column) -> list[Column]:
    return [C("编号", 9), C("名称", 17), C("条款", 11), C("条款概括", 22), *mine, *_SIGN]


def _indicators(scheme: Scheme, examples: Examples) -> Sheet:
    rows: list[Row] = []
    for depth, key in indicator_tree(scheme):
        item = scheme.indicators[key]
        rule = joined((part_text(scheme, key), rule_sentence(scheme, key)))
        rows.append((
            item.code or key, "　" * depth + item.name, cites_text(item.cite), gists(scheme, item.cite),
            points_text(scheme, key), rule, examples.of_indicator(key), *_EMPTY,
        ))  # fmt: skip
    columns = _columns(C("分值", 6, True), C("规则", 32), C("算例", 44))
    return Sheet("指标", f"{_HOW}算例没有写的格都照“底表”填。", columns, rows)


def _events(scheme: Scheme, examples: Examples) -> Sheet:
    rows = [
        (
            key, event.name, cites_text(event.cite), gists(scheme, event.cite), formula_text(scheme, event.when),
            examples.of_indicator(key), *_EMPTY,
        )
        for key, event in scheme.edition.events.items()
    ]  # fmt: skip
    return Sheet("情形", _HOW, _columns(C("规则", 34), C("算例", 40)), rows)


def _consequences(scheme: Scheme, examples: Examples) -> Sheet:
    rows = [
        (
            str(i + 1), joined((do_text(scheme, item), item.note)), cites_text(item.cite), gists(scheme, item.cite),
            f"{formula_text(scheme, item.when)}的", examples.of_consequence(i), *_EMPTY,
        )
        for i, item in enumerate(scheme.edition.consequences)
    ]  # fmt: skip
    columns = [C("编号", 9), C("处理", 24), C("条款", 11), C("条款概括", 22), C("规则", 32), C("算例", 40), *_SIGN]
    return Sheet("后果", f"{_HOW}算例写的是当时全部的建议。", columns, rows)


def _funds(scheme: Scheme, examples: Examples) -> Sheet:
    rows: list[Row] = []
    for key, pot in scheme.edition.funds.items():

        def add(name: str, cites: list[str], rule: str, said: str, pot_name: str = pot.name) -> None:
            rows.append((pot_name, name, cites_text(cites), gists(scheme, cites), rule, said, *_EMPTY))

        for use_id, use in pot.uses.items():
            said = examples.of_use(key, "uses", use_id)
            add(f"{'其中：' if use.inside else ''}{use.name}", use.cite, use_text(pot, use), said)
        if pot.tolerance is not None:
            said = examples.of_tolerance(key)
            add("允许偏离", pot.tolerance.cite, tolerance_text(scheme, pot.tolerance), said)
        for name, cites in pot.bans.items():
            add("不许列支", cites, f"{scheme.edition.fields[name].name}应为零", examples.of_use(key, "bans", name))
        for payment in pot.payments:
            counted = f"{formula_text(scheme, payment.breaches)}应为零"
            add(payment.name, payment.cite, counted, examples.of_use(key, "payments", payment.name))
    return Sheet("资金", _HOW, _columns(C("规则", 30), C("算例", 44)), rows)


def _duties(scheme: Scheme, examples: Examples) -> Sheet:
    rows = [
        (
            key, duty.name, cites_text(duty.cite), gists(scheme, duty.cite),
            joined((_whose(scheme, duty), when_text(scheme, duty), met_text(scheme, duty.met), duty.note)),
            examples.of_duty(key) if duty.met is not None else "", *_EMPTY,
        )
        for key, duty in scheme.edition.duties.items()
    ]  # fmt: skip
    return Sheet("职责", _HOW, _columns(C("规则", 36), C("算例", 36)), rows)


def _whose(scheme: Scheme, duty: Duty) -> str:
    return f"{who_text(scheme, duty)}，{KINDS[duty.kind]}"


def _questions(scheme: Scheme) -> Sheet:
    rows = [
        (key, item.question, cites_text([item.clause]), gists(scheme, [item.clause]), item.reading or "还没有读法",
         "□ 同意\n□ 不同意", "", "", "")
        for key, item in scheme.edition.open_questions.items()
    ]  # fmt: skip
    sign = [C("这样读", 10), *_SIGN[1:]]
    columns = [C("编号", 9), C("文件没有说清的", 40), C("条款", 11), C("条款概括", 24), C("我们的读法", 40), *sign]
    return Sheet("待定问题", "同意与否都写明谁在何时定的；同意的另记在一轮的 round.yaml 里。", columns, rows)


def _base(examples: Examples) -> Sheet:
    return Sheet("底表", "算例以这份填好的表为底，只写改动的格。", [C("填报项", 50), C("填的值", 90)], examples.base())
