"""Units that a province-wide table states outside its heads: in a row under them, or in a line above or below."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evaltool.intake.entries.readings import line
from evaltool.intake.province.page import Page, Texts
from evaltool.intake.sheet_reading import SheetReader
from evaltool.intake.tables.heads import Heads, factor, plain_head, stated
from evaltool.scheme.fields import FieldDef

MONEY_FIELD = FieldDef(name="金额", type="money", unit="元")
_TABLE_UNIT = re.compile(r"(?:金额|计量|数量)?单位(?::|为|是|均为)([^()。]{1,40})")


def unit_row(reader: SheetReader, page: Page, row: int, heads: Heads, texts: Texts) -> bool:
    """Whether the row under the heads says the units; if so, they hold as if they stood in the heads."""
    said = {key: plain_head(texts.at(row, column)).strip("()") for key, column in page.columns.items()}
    units = {key: stated(key, heads.items[key], text) for key, text in said.items() if text and key in heads.items}
    good = [head for head in units.values() if not head.wrong]
    if not good or 2 * len(good) < len(units):
        return False
    for key, head in units.items():
        if head.wrong:
            item = heads.items[key]
            what = f"“{item.name}”下面写的单位是“{line(head.wrong)}”，规定的单位是“{item.unit or '无'}”"
            reader.complain("D126", what, "单位换算不了，整列没有采用", "按规定的单位填，并改正单位", sheet=page.sheet,
                            at=(row, page.columns.pop(key)), key=key)  # fmt: skip
        elif head.unit:
            page.units[key] = head.unit
    return True


def unit_of_table(reader: SheetReader, page: Page, items: Mapping[str, FieldDef], remarks: Sequence[int]) -> None:
    """A line such as `单位：元` above the heads or below the table holds for the sums of money whose own heads say
    nothing."""
    sheet, texts, keys = page.sheet, Texts(page.sheet), page.unitless
    said: dict[str, tuple[int, int]] = {}
    lines = {*range(1, page.labels), *remarks}
    for row, column in sorted(at for at in sheet.cells if at[0] in lines):
        found = _TABLE_UNIT.search(plain_head(texts.at(row, column)))
        for unit in re.split("[、,/和;及]", found[1]) if found else ():
            if factor(MONEY_FIELD, unit) is not None:
                said.setdefault(unit, (row, column))
    if len(said) > 1 and keys:
        names = "、".join(f"“{items[key].name}”" for key in keys[:5])
        what = f"表外写了几种金额单位（{'、'.join(said)}），分不清{names}等用哪一种"
        reader.complain("D126", what, "这些列都没有采用", "把单位写进各列的表头，如“…（万元）”", sheet=sheet,
                        at=next(iter(said.values())))  # fmt: skip
        for key in keys:
            del page.columns[key]
    for unit, at in said.items() if len(said) == 1 else ():
        changed = [key for key in keys if items[key].unit != unit]
        page.units |= dict.fromkeys(changed, unit)
        names = "、".join(f"“{items[key].name}”" for key in changed[:5])
        if changed:
            what = f"表外写着单位是{unit}，{names}等 {len(changed)} 列按{unit}读，折算成规定的单位"
            reader.complain("D109", what, "差一个单位就差一万倍", "核对：确是这个单位就不用改", sheet=sheet, at=at)
