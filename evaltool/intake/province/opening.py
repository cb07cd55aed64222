"""The columns of one sheet of a province-wide table: what each head means, and what is wrong with the heads."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from evaltool.intake.entries.readings import line, turned_into
from evaltool.intake.opened import Sheet, address
from evaltool.intake.province.page import ASIDE, CODE, NAME, Page, Texts
from evaltool.intake.province.units import unit_row
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.tables.heads import Head, Heads, plain_head
from evaltool.quantities import MONEY

_NAMED = 30  # so many unknown heads are named one by one
_UNIT_ROW = frozenset({"", "单位", "计量单位"})


def open_page(
    reader: SheetReader, sheet: Sheet, head: int, heads: Heads, anchors: Mapping[str, str] | None = None
) -> Page:
    """The columns of a sheet: by its anchors (anchor → key) where it is our own, else by its heads.

    Heads that nobody knows, that stand twice or state a unit of another kind are told and left out.
    """
    texts, found, plainly = Texts(sheet), dict[str, list[tuple[int, Head]]](), list[str]()
    strange: list[tuple[int, str]] = []
    columns = sorted({column for row, column in (*sheet.cells, *sheet.merges) if row == head})
    named = {column: anchor for anchor, places in sheet.columns.items() for column in places} if anchors else {}
    # a head over several rows reaches down to where its range ends
    last = max([head, *(row for row, column in sheet.merges if _spans_head(sheet, row, column, head))])
    for column in columns:
        text = texts.at(head, column)
        said = (_leading(heads, text) if anchors is not None else heads.find(text)) if text else None
        if anchors is not None:
            key = anchors.get(named.get(column, ""), "")
            meant = _anchored(reader, sheet, (head, column), key, text, said) if key else None
            if meant is not None:
                found.setdefault(key, []).append((column, meant))
        elif said is not None:
            found.setdefault(said.key, []).append((column, said))
        elif text:
            strange.append((column, text))
    _unknown(reader, sheet, head, strange, heads)
    page = Page(sheet, head, last, {})
    for key, places in found.items():
        if key == ASIDE:
            continue
        if len(places) > 1:
            name = heads.names.get(key, texts.at(head, places[0][0]))
            cells = "、".join(address(head, column) for column, _ in places)
            what, why = f"“{name}”有 {len(places)} 列（{cells}）", "不知道以哪一列为准，都没有采用"
            reader.complain("W112", what, why, "只留一列", sheet=sheet, at=(head, places[1][0]), key=_field(heads, key))
            continue
        column, said = places[0]
        if said.wrong:
            item = heads.items[key]
            what = f"表头“{line(texts.at(head, column))}”写的单位是“{line(said.wrong)}”，“{item.name}”的单位是“{item.unit or '无'}”"
            reader.complain("D126", what, "单位换算不了，整列没有采用", "按规定的单位填，并改正表头", sheet=sheet,
                            at=(head, column), key=_field(heads, key))  # fmt: skip
            continue
        page.columns[key] = column
        if said.unit:
            page.units[key] = said.unit
        elif key in heads.items:
            plainly += [key] if heads.bare(texts.at(head, column)) else []
    if anchors is None:
        below = next((row for row in sheet.filled_rows if row > last), 0)
        names = "".join(texts.at(below, page.columns[key]) for key in (CODE, NAME) if key in page.columns)
        if below and plain_head(names) in _UNIT_ROW and unit_row(reader, page, below, heads, texts):
            page.head = below
            plainly = [key for key in plainly if key in page.columns and not texts.at(below, page.columns[key])]
        page.unitless = [key for key in plainly if heads.items[key].unit in MONEY]
    return page


def _leading(heads: Heads, text: str) -> Head | None:
    """What the head of our own sheet says: its first lines, below which stand clause and stage."""
    lines = text.split("\n")
    found = (heads.find("".join(lines[:count])) for count in range(len(lines), 0, -1))
    return next((head for head in found if head is not None), None)


def _spans_head(sheet: Sheet, row: int, column: int, head: int) -> bool:
    return row > head and sheet.merges.get((head, column)) == sheet.merges[row, column]


def _field(heads: Heads, key: str) -> str:
    return key if key in heads.items else ""


def _anchored(
    reader: SheetReader, sheet: Sheet, at: tuple[int, int], key: str, text: str, said: Head | None
) -> Head | None:
    """What a column of our own table means: its anchor says which it is, its head may say in which unit; nothing where
    the head says that it is another one."""
    if said is not None and said.key == key:
        return said
    if said is not None and said.key != ASIDE:
        what, why = f"表头“{line(text)}”换成了别的项目，这一列原来问的不是它", "分不清填的是哪一项，整列没有采用"
        reader.complain("D127", what, why, "恢复模板原文，把数填回各自的列", sheet=sheet, at=at, key=key)
        return None
    if key != ASIDE:
        what, why = f"表头{turned_into(text)}", "仍按模板原来的意思读"
        reader.complain("W109", what, why, "恢复模板原文；如果填的不是原来问的，请改填", sheet=sheet, at=at, key=key)
    return Head(key)


def _unknown(reader: SheetReader, sheet: Sheet, head: int, strange: list[tuple[int, str]], heads: Heads) -> None:
    """W117 of the heads that nobody knows; of very many the first few are named."""
    do = "改成字段的名称或编号；用不着的列不管它"
    for column, text in strange[:_NAMED]:
        near = get_close_matches(text[:60], [*heads.names.values(), *heads.names], 1, 0.6)
        remedy = f"是不是“{near[0]}”？" if near else do
        what, at = f"不认识列“{line(text)}”", (head, column)
        reader.complain("W117", what, "这一列没有采用", remedy, sheet=sheet, at=at)
    if len(strange) > _NAMED:
        what, at = f"另有 {len(strange) - _NAMED} 列不认识", (head, strange[_NAMED][0])
        reader.complain("W117", what, "这些列没有采用", do, sheet=sheet, at=at)
