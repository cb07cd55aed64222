"""Points that agree at every level, with every disagreement of the paper said, and the ids of the draft."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evaltool.importing.outline import Node, Outline
from evaltool.importing.points import plain
from evaltool.importing.proposals import points_in
from evaltool.problems import Place
from evaltool.quantities import Exact, decimal_text, parse_plain

_TOTAL = re.compile(r"(?:总分|满分|基础分|基本分|总计|共计|合计|分值|百分制)[:为共计]{0,2}(\d{2,4})分")
_BONUS = re.compile(r"(?:加分项?|附加分|奖励分)[:为共计最高不超过]{0,6}(\d{1,3})分")


def reconcile(outline: Outline) -> Exact | None:
    """Makes points agree from the total down to the last indicator. Returns the full marks, None without points."""
    base = [node for node in outline.top if node.block == "base"]
    _read_title(outline)
    for leaf in [leaf for node in base for leaf in node.walk() if not leaf.children and leaf.points is None]:
        _from_sentence(leaf, outline)
    _apply_claims(outline)
    leaves = [leaf for node in base for leaf in node.walk() if not leaf.children]
    if leaves and all(node.points is None for top in base for node in top.walk()):
        what = "没有读到任何分值"
        outline.note("I212", what, "没有分值就算不出总分", "在草稿里补上分值", leaves[0].where)
        _name(outline)
        return None
    whole = Node("总分", outline.total_where, points=outline.total, children=base)
    _add_up(whole, outline)
    _settle(whole, outline)
    outline.top = whole.children + [node for node in outline.top if node.block != "base"]
    if whole.points != 100 and whole.claimed is None and base:
        what = f"各项分值合计 {_said(whole.points)}，不是 100"
        outline.note("I223", what, "", "核对是不是读全了，或表里有几套指标", base[0].where)
    _name(outline)
    return whole.points


def _said(points: Exact | None) -> str:
    return "没有" if points is None else decimal_text(points)


def _read_title(outline: Outline) -> None:
    """What the lines above the table say about the total and the bonus: 基础分100分，加分项10分."""
    told = re.sub(r"\s+", "", plain(outline.title))
    if outline.total is None and (found := _TOTAL.search(told)):
        outline.total = parse_plain(found[1])
    bonus = [node for node in outline.top if node.block == "bonus"]
    if len(bonus) == 1 and bonus[0].points is None and (found := _BONUS.search(told)):
        bonus[0].points, bonus[0].points_from = parse_plain(found[1]), "写在表上方"


def _from_sentence(leaf: Node, outline: Outline) -> None:
    """Full marks that only the rule names: 按规定制定的，得6分."""
    points = points_in(leaf.text("standard") or leaf.text("content"))
    if points is None:
        return
    leaf.points, leaf.points_from, leaf.doubtful = points, "分值格里没有，取自评分标准", True
    what = f"“{leaf.name}”没有分值"
    outline.note("I212", what, f"草稿取评分标准里的最高分，先写 {_said(points)}", "补上分值", leaf.where)


def _apply_claims(outline: Outline) -> None:
    """Subtotal rows: they fill what has no points; those of the base are compared once everything is known."""
    for node, value, place in outline.claims:
        if node is None:
            if outline.total is None:
                outline.total, outline.total_where = value, place
            elif value != outline.total:
                _unlike(outline, "总分", outline.total, value, place)
        elif node.points is None:
            node.points, node.points_from = value, "小计行"
        elif node.points != value:
            _unlike(outline, node.name, node.points, value, place)


def _unlike(outline: Outline, name: str, one: Exact, other: Exact, place: Place) -> None:
    what = f"“{name}”前面写 {_said(one)} 分，合计行写 {_said(other)} 分"
    outline.note("I214", what, "草稿用前面的", "核对原件，改正草稿", place)


def _add_up(node: Node, outline: Outline) -> None:
    """From below: a parent without points gets what its parts have, one with fewer than its parts is overruled."""
    for child in node.children:
        _add_up(child, outline)
    below = sum(_known(child) for child in node.children)
    if node.points is None and node.children and all(child.points is not None for child in node.children):
        node.points, node.points_from = below, "由下级合计"
    elif node.points is not None and below > node.points:
        what = f"“{node.name}”写 {_said(node.points)} 分，下级合计 {_said(below)} 分"
        outline.note("I214", what, "草稿用下级合计", "核对原件，改正草稿", node.where)
        node.claimed, node.points = node.points, below


def _settle(node: Node, outline: Outline) -> None:
    """The parts of a node against its own points, then each part; what is left over becomes a slot of its own."""
    _settle_parts(node, outline)
    for child in node.children:
        for part in child.children if child.slot else [child]:
            if part.children:
                _settle(part, outline)


def _settle_parts(node: Node, outline: Outline) -> None:
    missing = [child for child in node.children if child.points is None]
    known = _sum(node.children)
    inside = sum(_known(child) for child in missing)  # what has points somewhere below them
    if node.points is None and (known + inside or not missing):
        node.points, node.points_from = known + inside, "由下级中有分值的合计"
    left = (node.points or 0) - known - inside
    for child in missing:
        why = "草稿里它没有满分，总分因此没有上限"
        if left > 0 and len(missing) == 1:
            child.points = left + inside
            child.doubtful = True
            child.points_from = f"由 {_said(node.points)} 减 {_said(known)} 推出，纸上没有"
            why = f"草稿按上级的 {_said(node.points)} 分减其余 {_said(known)} 分，先写 {_said(child.points)}"
        elif left > 0:
            why = f"这几项合占 {_said(left + inside)} 分，各占多少没有写"
        elif _known(child):
            child.points, child.points_from = _known(child), "由下级中有分值的合计"
        if not child.children:  # otherwise its own parts say it
            outline.note("I212", f"“{child.name}”没有分值", why, "补上分值", child.where)
    if left <= 0 or len(missing) == 1:
        return
    if missing:
        many = f"分值没有写的 {len(missing)} 项"
        slot = Node(many, missing[0].where, points=left + inside, slot=True, children=missing)
    else:
        what = f"“{node.name}”写 {_said(node.points)} 分，下级合计只有 {_said(known)} 分"
        outline.note("I214", what, f"差的 {_said(left)} 分在草稿里另列一项", "核对原件，补上漏读的行", node.where)
        slot = Node(f"没有读到的 {_said(left)} 分", node.where, points=left, slot=True)
    node.children = [child for child in node.children if all(child is not other for other in missing)] + [slot]


def _sum(nodes: Iterable[Node]) -> Exact:
    return sum(node.points for node in nodes if node.points is not None)


def _known(node: Node) -> Exact:
    """The points of a node, or of what has points below it."""
    return node.points if node.points is not None else sum(_known(child) for child in node.children)


def _name(outline: Outline) -> None:
    """Ids: A, A1, A1a, A1a1 … ; blocks outside the base are PLUS and MINUS."""
    counts = {"base": 0, "bonus": 0, "deduct": 0}
    for node in outline.top:
        counts[node.block] += 1
        count = counts[node.block]
        if node.block == "base":
            node.id = _letters(count).upper()
        else:
            node.id = {"bonus": "PLUS", "deduct": "MINUS"}[node.block] + (_letters(count).upper() if count > 1 else "")
        _name_parts(node, 1)


def _name_parts(node: Node, depth: int) -> None:
    for i, child in enumerate(node.children, 1):
        child.id = node.id + (str(i) if depth % 2 else _letters(i))
        _name_parts(child, depth + 1)


def _letters(number: int) -> str:
    """1 → a, 26 → z, 27 → aa."""
    made = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        made = chr(ord("a") + rest) + made
    return made
