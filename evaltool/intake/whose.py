"""Whose a workbook is: whether it is ours, of this edition, and of which county of the roster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaltool.facts import ACCEPTED, OFFICIAL_BOOK
from evaltool.intake import layout
from evaltool.intake.entries.readings import legible
from evaltool.intake.names import county_in
from evaltool.intake.opened import Book

if TYPE_CHECKING:
    from evaltool.intake.taking import Came, Round


def judge(one: Came, book: Book, round_: Round) -> None:
    """Whether the workbook is ours, of this edition and of a county of the roster."""
    mark, scheme, roster = book.stamp, round_.scheme, round_.roster
    one.subject, one.name = mark.get("code", ""), mark.get("name", "")
    if mark.get("kind") not in (layout.COUNTY_BOOK, layout.OFFICIAL_BOOK):
        why = "没有模板的隐藏校验页，认不出各项在哪里"
        return one.tell("W103", f"{one.file} 不是本工具的模板", why, "把内容填进下发的模板再报")
    edition = scheme.edition.valid_from.isoformat()
    if (mark.get("scheme"), mark.get("valid_from")) != (scheme.id, edition):
        theirs = "@".join(legible(mark.get(key) or "") or "（空）" for key in ("scheme", "valid_from"))
        what = f"{one.file} 不是本轮“{scheme.name}”（{scheme.key}）的模板，是 {theirs} 的"
        return one.tell("W104", what, "两个版本问的项目不同", "用本轮下发的模板重新填报")
    if (mark.get("format"), mark.get("digest")) != (layout.FORMAT, scheme.digest):
        what = f"{one.file} 的版本校验 {mark.get('digest', '')[:16]} 与本轮 {scheme.digest[:16]} 不同"
        return one.tell("W104", what, "模板发出后指标定义改过，各项含义可能不同", "用本轮下发的模板重新填报")
    if mark["kind"] == layout.OFFICIAL_BOOK:
        one.state, one.subject, one.name = OFFICIAL_BOOK, "", "省级认定表"
        return None
    found = county_in(roster, one.subject, one.name)
    if not found.code:
        return _unknown(one, found.candidates, round_)
    came, known = (one.name, one.subject), (str(roster["name"][found.code]), found.code)
    one.name, one.subject = known
    if found.how:
        _spelled(one, "模板上", came, known, found.how)
    shown = _on_cover(book)
    if shown and shown != came:
        again = county_in(roster, shown[1] or found.code, shown[0] or one.name)
        if again.code != found.code:
            who = scheme.edition.subject
            now = f"改成了“{shown[0]}”（{shown[1]}）" if any(shown) else "的名称和代码是空的"
            what = f"{one.file} 是给“{came[0]}”的模板，封面{now}"
            return one.tell("W105", what, f"分不清填的是哪个{who}的数", f"用本{who}的模板填报")
        if shown != known:
            _spelled(one, "封面上", shown, known, again.how)
    one.state = ACCEPTED
    return None


def _unknown(one: Came, candidates: Sequence[str], round_: Round) -> None:
    """Refuses a workbook of which nobody can say whose it is, naming whom it might be of."""
    roster, who = round_.roster, round_.scheme.edition.subject
    do = f"核对名册，或用该{who}的模板重新填报"
    said = f"“{legible(one.name)}”（{one.subject or '无代码'}）"
    if not one.name and not one.subject:
        return one.tell("W105", f"{one.file} 的模板上没有写名称和代码", f"认不出是哪个{who}的", do)
    if candidates:
        names = "、".join(f"“{roster['name'][code]}”（{code}）" for code in candidates)
        return one.tell("W105", f"{one.file} 是{said}的，名册里可能是{names}", "不替人选", do)
    if one.subject in roster.index:
        what = f"{one.file} 的代码 {one.subject} 在名册里是“{roster['name'][one.subject]}”，模板上是“{one.name}”"
        return one.tell("W105", what, "代码和名称对不上", do)
    return one.tell("W105", f"{one.file} 是{said}的，名册里没有", f"认不出是哪个{who}的", do)


def _spelled(one: Came, where: str, came: tuple[str, str], known: tuple[str, str], how: str) -> None:
    """Says that a county was recognised although it is written otherwise; name and code on both sides."""
    said = f"写的是“{legible(came[0])}”（{legible(came[1]) or '无代码'}）" if any(came) else "的名称和代码是空的"
    what = f"{one.file} {where}{said}，名册里是“{known[0]}”（{known[1]}）"
    one.tell("W126", f"{what}{f'：{how}' if how else ''}", "按名册里的这一个收下", "核对是不是同一个；不是的话退回重报")


def _on_cover(book: Book) -> tuple[str, str] | None:
    """Name and code as they stand on the cover, if it is there."""
    for sheet in book.named(layout.COVER):
        rows, columns = sheet.rows, sheet.columns.get("value", [])
        if columns and len(rows.get("name", [])) == 1 and len(rows.get("code", [])) == 1:
            return sheet.text(rows["name"][0], columns[0]), sheet.text(rows["code"][0], columns[0])
    return None
