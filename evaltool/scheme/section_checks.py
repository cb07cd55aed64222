"""What stages, duties, confirmations and lists of groups must be."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.scheme.fields import FieldDef, ListDef
from evaltool.scheme.formula import Column, Name, walk
from evaltool.scheme.looks import Path_, formulas_within
from evaltool.scheme.resolve import Work, nearest
from evaltool.scheme.vocabulary import words_of

LONGEST = 50 * 366  # days of a calendar; a longer one is a slip of the pen


def check_sections(work: Work) -> None:
    """Names of stages and roles, dates in order, and the lists that are put together from others."""
    roles, stages = words_of(work.edition).roles, work.edition.stages
    for at, role in _roles(work):
        if role not in roles:
            do = nearest(role, roles, f"可用：{'、'.join(roles)}；确需新词先加进 indicators/vocab.yaml")
            work.complain("S200", at, f"角色“{role}”不在词表里", do=do)
    for at, stage in _stages(work):
        if stage is not None and stage not in stages:
            work.complain("S200", at, f"没有阶段“{stage}”", do=nearest(stage, stages, "先写在 stages 里"))
    for key, stage_ in stages.items():
        if stage_.start and stage_.end and stage_.end < stage_.start:
            work.complain("S213", ("stages", key, "to"), f"阶段“{stage_.name}”止日早于起日", do="改正日期")
    for list_id, rows in work.edition.lists.items():
        _list(work, ("lists", list_id), rows)
    _private(work)


def _list(work: Work, at: Path_, rows: ListDef) -> None:
    roles = words_of(work.edition).roles
    if rows.start and rows.end and (rows.end - rows.start).days > LONGEST:
        work.complain("S209", (*at, "to"), f"清单“{rows.name}”的日历超过五十年", do="改正起止日期")
    if rows.start and rows.end and rows.end < rows.start:
        work.complain("S213", (*at, "to"), f"清单“{rows.name}”止日早于起日", do="改正日期")
    for key, column in rows.columns.items():
        if column.confirmed_by:
            path = (*at, "columns", key, "confirmed_by")
            work.complain("S209", path, "清单的列不能写 confirmed_by", do="另设一个字段，由确认的一方填")
        if column.filled_by != "county":
            what = f"清单“{rows.name}”的“{column.name}”由{roles[column.filled_by]}填，工作簿里没有地方填"
            why = "省级认定表没有清单；这一列只能用表格或数据框导入"
            work.complain("S220", (*at, "columns", key, "filled_by"), what, why, "另设一个字段，或改由县里填")
    if rows.rows_from == "groups":
        _groups(work, at, rows)


def _private(work: Work) -> None:
    """What is personal is never computed with: its cells hold aliases. Persons are counted through a list of groups."""
    rooms: list[tuple[Path_, dict[str, FieldDef]]] = [(("fields",), work.edition.fields)]
    for list_id, rows in work.edition.lists.items():
        rooms.append((("lists", list_id, "columns"), rows.columns))
        for key in rows.given if rows.rows_from == "edition" else ():
            if key in rows.columns and rows.columns[key].private:
                what = f"“{rows.columns[key].name}”由版本给出，不是个人信息"
                work.complain("S209", ("lists", list_id, "columns", key, "private"), what, do="去掉 private 或 given")
    private = {key: item for _, items in rooms for key, item in items.items() if item.private}
    for path, formula, _ in formulas_within(work.edition) if private else ():
        for node in walk(formula.tree):
            if isinstance(node, Name | Column) and node.id in private:
                what = f"“{private[node.id].name}”是个人信息（private），不能写进公式"
                do = "数人数用归并：另设 rows_from: groups 的清单，by 写这一列"
                work.complain("S209", path, what, do=do)


def _roles(work: Work) -> Iterator[tuple[Path_, str]]:
    for key, duty in work.edition.duties.items():
        yield ("duties", key, "who"), duty.who
    for key, item in work.edition.fields.items():
        for i, role in enumerate(item.confirmed_by):
            yield ("fields", key, "confirmed_by", i), role


def _stages(work: Work) -> Iterator[tuple[Path_, str | None]]:
    for key, duty in work.edition.duties.items():
        yield ("duties", key, "stage"), duty.stage
    for key, item in work.edition.fields.items():
        yield ("fields", key, "stage"), item.stage


def _groups(work: Work, at: Path_, rows: ListDef) -> None:
    source = work.edition.lists.get(rows.of or "")
    if source is None or source.rows_from == "groups":
        lists = [key for key, item in work.edition.lists.items() if item.rows_from != "groups"]
        work.complain(
            "S200", (*at, "of"), f"没有可归并的清单“{rows.of}”", do=nearest(rows.of or "", lists, "写已有的清单")
        )
        return
    for i, name in enumerate(rows.by):
        if name not in source.columns:
            do = nearest(name, source.columns, "写来源清单的列")
            work.complain("S200", (*at, "by", i), f"清单“{rows.of}”没有“{name}”这一列", do=do)
        elif name not in rows.columns:
            work.complain(
                "S104", (*at, "columns"), f"columns 里缺少归并用的列“{name}”", do="照来源清单写上这一列", key=True
            )
        elif _shape(rows.columns[name]) != _shape(source.columns[name]):
            what = f"“{name}”的种类、单位或选项与来源清单不同"
            work.complain("S205", (*at, "columns", name), what, do="与来源清单写成一样", key=True)


def _shape(column: FieldDef) -> tuple[str, str, tuple[str, ...]]:
    return column.type, column.unit, tuple(column.options)
