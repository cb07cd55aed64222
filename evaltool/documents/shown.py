"""An edition in words for a terminal: everything that is in force, and what an amending or lower edition changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from evaltool.documents import dictionary
from evaltool.documents.differences import Difference, compare
from evaltool.documents.wording import cites_text, indicator_tree, joined, part_text, points_text
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme, load_folder
from evaltool.scheme.dialect import read
from evaltool.scheme.layering import Changes
from evaltool.scheme.sentences import rule_sentence
from evaltool.sheets.tables import Sheet


def shown(scheme: Scheme, editions: Sequence[Path] = ()) -> str:
    """The whole resolved edition. `editions` are where else the edition lies that this one changes."""
    lines = [scheme.name, *dictionary.opening(scheme)]
    if scheme.total:
        bands = "，".join(_bands(scheme))
        lines.append(f"满分 {points_text(scheme, scheme.total) or '不定'}　{bands}".rstrip("　"))
    lines += _changed(scheme, editions)
    for sheet in dictionary.sheets(scheme):
        lines += ["", f"【{sheet.title}】"]
        lines += _tree(scheme) if sheet.title == "指标" else _rows(sheet)
    return "\n".join(lines)


def _bands(scheme: Scheme) -> Iterator[str]:
    for label, low in scheme.bands():
        yield f"{label} ≥{decimal_text(low)}" if low is not None else f"其余 {label}"


def _tree(scheme: Scheme) -> Iterator[str]:
    for depth, key in indicator_tree(scheme):
        item = scheme.indicators[key]
        points = points_text(scheme, key)
        worth = f"（{points} 分）" if points and points[0].isdigit() else f"（{points}）" if points else ""
        code = f" {item.code}" if item.code and item.code != key else ""
        rule = joined((part_text(scheme, key), rule_sentence(scheme, key)))
        cites = f"　〔{cites_text(item.cite, '、')}〕" if item.cite else ""
        yield f"{'　' * depth}{key}{code} {item.name}{worth}　{rule}{cites}"


def _rows(sheet: Sheet) -> Iterator[str]:
    """Each row on a line: its first two cells, then what the others say."""
    for row in sheet.rows:
        cells = [str(cell).replace("\n", "、") for cell in row]
        named = zip(sheet.columns[2:], cells[2:], strict=True)
        rest = "；".join(_cell(column.name, cell) for column, cell in named if cell)
        yield "　" + "　".join(part for part in (*cells[:2], rest) if part)


def _cell(name: str, text: str) -> str:
    return f"〔{text}〕" if name == "条款" else text if name == "概括" else f"{name}：{text}"


# --- what an edition that changes another one changed ---


def _changed(scheme: Scheme, editions: Sequence[Path]) -> list[str]:
    upper = scheme.edition.amends or scheme.edition.extends
    if upper is None or len(scheme.folders) < 2:
        return []
    told = list(_with_clauses(scheme, compare(load_folder(scheme.folders[1], editions), scheme)))
    return ["", f"【与 {upper} 相比】", *(f"　{line}" for line in told or ["没有改动"])]


def _with_clauses(scheme: Scheme, found: list[Difference]) -> Iterator[str]:
    """The differences with the clause that each change cites; that it is cited is not told."""
    tree = read(scheme.folders[0] / "scheme.yaml")[0].tree
    changes = Changes.model_validate(tree)
    own = {path: change.cite for path, change in (*changes.set.items(), *changes.drop.items())}
    for difference in found:
        if difference.section in ("文件", "条款") or difference.path.endswith(".cite"):
            continue
        cites = [c for path, told in own.items() if _same(path, difference.path) for c in told] or _added(
            changes, difference
        )
        yield difference.said + (f"　〔{cites_text(dict.fromkeys(cites), '、')}〕" if cites else "")


def _same(one: str, other: str) -> bool:
    """Whether one path is the other or lies below it."""
    a, b = one.split("."), other.split(".")
    size = min(len(a), len(b))
    return size > 1 and a[:size] == b[:size]


def _added(changes: Changes, difference: Difference) -> list[str]:
    section, _, key = difference.path.partition(".")
    items = changes.add.get(section)
    item = items.get(key) if isinstance(items, dict) else None
    return list(item.get("cite") or []) if isinstance(item, dict) else []
