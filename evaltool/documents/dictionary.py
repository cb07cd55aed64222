"""The data dictionary of an edition: every field, list, indicator and rule beside the score, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.decisions.duties import KINDS, when_text, who_text
from evaltool.documents.wording import (
    asked_text,
    between_text,
    blank_text,
    cites_text,
    do_text,
    filled_text,
    hint_text,
    indicator_tree,
    joined,
    part_text,
    points_text,
    rows_text,
    stage_days,
    tolerance_text,
    type_text,
    unit_text,
    use_text,
    used_by,
)  # fmt: skip
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.formula import Formula
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.words import formula_text
from evaltool.sheets.tables import Column, Row, Sheet

C = Column
_FIELD = [
    C("编号", 13), C("名称", 19), C("类型", 6, True), C("单位", 7, True), C("选项、范围", 17), C("谁填", 9), C("何时填", 13),
    C("空白算什么", 15), C("佐证、现场核查", 17), C("用在哪里", 20), C("条款", 12), C("填写提示", 16),
]  # fmt: skip
SHORT = "条款写成“文件短名 条款号”，短名见“文件和条款”。"


def opening(scheme: Scheme) -> list[str]:
    """What stands at the head of every document of an edition."""
    edition = scheme.edition
    to = f"，{edition.valid_to} 止" if edition.valid_to else ""
    lines = [
        f"编号 {scheme.key}，评的是{edition.subject}，{edition.valid_from} 起施行{to}",
        f"状态：{scheme.status_text}",
    ]
    if edition.checked_on:
        lines.append(f"最后一次与纸面核对：{edition.checked_on}")
    upper = edition.amends or edition.extends
    if upper:
        lines.append(f"{'修改' if edition.amends else '扩展'}自 {upper}，以下是合并以后的全文")
    lines.append(f"空白（县里填的字段，另有写明的除外）：{blank_text(scheme, '', _BLANK)}")
    return lines


_BLANK = FieldDef(name="空白", type="points")


def sheets(scheme: Scheme) -> list[Sheet]:
    """Every table of the dictionary that has rows."""
    made = [
        _indicators(scheme), _fields(scheme), _lists(scheme), _columns(scheme), _fixed(scheme), _events(scheme),
        _stages(scheme), _duties(scheme), _consequences(scheme), _funds(scheme), _open(scheme), questions(scheme),
        _not_scored(scheme), clauses(scheme),
    ]  # fmt: skip
    return [sheet for sheet in made if sheet.rows]


def _indicators(scheme: Scheme) -> Sheet:
    columns = [
        C("编号", 11), C("名称", 26), C("分值", 8, True), C("怎样计分", 56), C("佐证", 16), C("现场核查", 18), C("条款", 14),
        C("说明", 20),
    ]  # fmt: skip
    rows: list[Row] = []
    for depth, key in indicator_tree(scheme):
        item = scheme.indicators[key]
        rows.append((
            _code(key, item.code), "　" * depth + item.name, points_text(scheme, key), rule_sentence(scheme, key),
            "、".join(item.evidence), item.site_check, cites_text(item.cite),
            joined((part_text(scheme, key), item.note, _was(item.was))),
        ))  # fmt: skip
    return Sheet("指标", f"规则由定义自动写成文字，与评分用的是同一份。{SHORT}", columns, rows)


def _code(key: str, code: str) -> str:
    return key if not code or code == key else f"{key}\n（{code}）"


def _was(old: str | None) -> str:
    return f"上一版编号 {old}" if old else ""


def _fields(scheme: Scheme) -> Sheet:
    used = used_by(scheme)
    rows = [(key, *_field(scheme, key, item, used.get(key, []), None)) for key, item in scheme.edition.fields.items()]
    return Sheet("字段", "凡是要人填的，一项一个字段，同一个数只填一次。", _FIELD, rows)


def _field(scheme: Scheme, key: str, item: FieldDef, used: list[str], row_of: str | None) -> Row:
    checks = joined(("、".join(item.evidence), f"现场：{item.site_check}" if item.site_check else ""), "\n")
    made = f"＝{formula_text(scheme, item.value)}" if item.value is not None else ""
    return (
        item.name, type_text(item), unit_text(item), made or "、".join(item.options) or between_text(item),
        "不填，由分组得出" if made else filled_text(scheme, item), asked_text(scheme, item, row_of),
        "" if made else blank_text(scheme, key if row_of is None else "", item),
        checks, "\n".join(used), cites_text(item.cite), joined((hint_text(item), _was(item.was))),
    )  # fmt: skip


def _lists(scheme: Scheme) -> Sheet:
    columns = [C("编号", 13), C("名称", 24), C("行从哪里来", 50), C("条款", 16), C("说明", 40)]
    rows = [
        (key, item.name, rows_text(scheme, item), cites_text(item.cite), item.note)
        for key, item in scheme.edition.lists.items()
    ]
    return Sheet("清单", "一次填报里有许多行的内容。", columns, rows)


def _columns(scheme: Scheme) -> Sheet:
    used, rows = used_by(scheme), list[Row]()
    for list_id, item in scheme.edition.lists.items():
        for key, column in item.columns.items():
            told = _field(scheme, key, column, used.get(f"{list_id}.{key}", []), list_id)
            if key in item.given:
                told = (*told[:4], "本版本已给出", *told[5:])
            rows.append((f"{list_id}.{key}", f"{item.name}：{told[0]}", *told[1:]))
    return Sheet("清单的列", "每个清单要填的列。", _FIELD, rows)


def _fixed(scheme: Scheme) -> Sheet:
    columns = [C("清单", 24), C("行", 6, True), C("已给出的内容", 110)]
    rows = [
        (item.name, i, "；".join(f"{item.columns[key].name}：{value}" for key, value in row.items()))
        for item in scheme.edition.lists.values()
        for i, row in enumerate(item.rows, 1)
    ]
    return Sheet("定好的行", "版本里已经写好的行，填报单位不改。", columns, rows)


def _events(scheme: Scheme) -> Sheet:
    columns = [C("编号", 10), C("名称", 26), C("什么情形成立", 60), C("条款", 16), C("说明", 30)]
    rows = [
        (key, event.name, formula_text(scheme, event.when), cites_text(event.cite), event.note)
        for key, event in scheme.edition.events.items()
    ]
    return Sheet("情形", "否决等有名称的情形；它们怎样改变结果，见指标和后果。", columns, rows)


def _stages(scheme: Scheme) -> Sheet:
    columns = [C("编号", 12), C("名称", 24), C("起止", 30), C("条款", 20), C("说明", 50)]
    rows = [
        (key, stage.name, stage_days(stage), cites_text(stage.cite), stage.note)
        for key, stage in scheme.edition.stages.items()
    ]
    return Sheet("阶段", "文件写的工作阶段。", columns, rows)


def _duties(scheme: Scheme) -> Sheet:
    columns = [
        C("编号", 16), C("内容", 38), C("谁", 9, True), C("种类", 9, True), C("何时", 18), C("怎样算做到", 36), C("条款", 16),
        C("说明", 26),
    ]  # fmt: skip
    rows = [
        (
            key, duty.name, who_text(scheme, duty), KINDS[duty.kind], when_text(scheme, duty),
            met_text(scheme, duty.met), cites_text(duty.cite),
            joined((duty.note, f"待定问题 {duty.question}" if duty.question else "")),
        )
        for key, duty in scheme.edition.duties.items()
    ]  # fmt: skip
    return Sheet("职责", "文件要求的事，不改变得分；写了“怎样算做到”的，与得分并列核对。", columns, rows)


def met_text(scheme: Scheme, met: Formula | None) -> str:
    return "不逐个判断" if met is None else formula_text(scheme, met)


def _consequences(scheme: Scheme) -> Sheet:
    columns = [C("什么情形", 50), C("处理", 40), C("条款", 20), C("说明", 44)]
    rows = [
        (formula_text(scheme, item.when), do_text(scheme, item), cites_text(item.cite), item.note)
        for item in scheme.edition.consequences
    ]
    return Sheet("后果", "“应”是必须，“可”是可以；工具只列建议，由负责人决定。", columns, rows)


def _funds(scheme: Scheme) -> Sheet:
    columns = [C("资金", 16), C("用途或规则", 30), C("按哪一项算", 28), C("要求", 36), C("条款", 16), C("说明", 30)]
    return Sheet("资金", "比例都占该项资金的总额。", columns, list(_pots(scheme)))


def _pots(scheme: Scheme) -> Iterator[Row]:
    fields = scheme.edition.fields
    for pot in scheme.edition.funds.values():
        yield (pot.name, "总额", fields[pot.total].name, "", cites_text(pot.cite), pot.note)
        for use in pot.uses.values():
            name = f"{'其中：' if use.inside else ''}{use.name}"
            note = joined((use.note, f"待定问题 {use.question}" if use.question else ""))
            yield (pot.name, name, fields[use.amount].name, use_text(pot, use), cites_text(use.cite), note)
        if pot.tolerance is not None:
            said = tolerance_text(scheme, pot.tolerance)
            asked = f"待定问题 {pot.tolerance.question}" if pot.tolerance.question else ""
            yield (pot.name, "允许偏离", "", said, cites_text(pot.tolerance.cite), asked)
        for name, cites in pot.bans.items():
            yield (pot.name, "不许列支", fields[name].name, "应为零", cites_text(cites), "")
        for payment in pot.payments:
            counted = f"{formula_text(scheme, payment.breaches)}，应为零"
            yield (pot.name, payment.name, "", counted, cites_text(payment.cite), payment.note)


def _open(scheme: Scheme) -> Sheet:
    words = {
        "higher": "可以提高", "lower": "可以降低", "any": "可以改", "add": "可以增加", "beside": "可以增加，列在总分旁边",
        "count": "可以增加，计入总分",
    }  # fmt: skip
    rows = [(path, words[way]) for path, way in scheme.edition.open.items()]
    return Sheet("放开的内容", "下级的细则可以动的地方。", [C("位置", 60), C("怎样动", 40)], rows)


def questions(scheme: Scheme) -> Sheet:
    columns = [C("编号", 8), C("条款", 18), C("文件没有说清的", 60), C("我们的读法", 60)]
    rows = [
        (key, cites_text([item.clause]), item.question, item.reading or "还没有读法")
        for key, item in scheme.edition.open_questions.items()
    ]
    return Sheet("待定问题", "有一条没有人确认，结果就是暂定。", columns, rows)


def _not_scored(scheme: Scheme) -> Sheet:
    rows = [(cites_text([clause]), reason) for clause, reason in scheme.edition.not_scored.items()]
    return Sheet("不打分的条款", "读到了而没有写成规则的，各有理由。", [C("条款", 26), C("理由", 110)], rows)


def clauses(scheme: Scheme) -> Sheet:
    columns = [C("条款", 22), C("页", 6, True), C("概括", 110)]
    rows: list[Row] = []
    for key, source in scheme.sources.items():
        known = [source.number, source.issuer, source.issued]
        about = "，".join(word for word in known if word and word != "unknown")
        rows.append((key, "", joined((f"《{source.title}》" + (f"（{about}）" if about else ""), source.note))))
        rows += [(f"{key} {name}", clause.page or "", clause.gist) for name, clause in source.clauses.items()]
    return Sheet("文件和条款", "概括是我们自己的话；原文以文件为准。", columns, rows)
