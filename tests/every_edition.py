"""A round of invented subjects for any edition: its cases, typed into templates as people would type them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from evaltool.cases import rounds
from evaltool.intake import fill, layout, official_template
from evaltool.intake.tables.direct import WORDS
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.catalogue import entries
from evaltool.scheme.fields import FieldDef

EDITIONS = [f"{entry.id}@{entry.valid_from}" for entry in entries()]
NAMES = {"990201": "松影", "990202": "禾川", "990203": "澄湾", "990204": "未报"}
SILENT = "990204"
SIGNED = {"who": "虚拟评审员", "when": "2020-07-20"}
BLANK = "未填"
Sheet = dict[str, Any]


def roster_of(scheme: Scheme) -> pd.DataFrame:
    """Three subjects that return a workbook, and one that does not."""
    names = {code: f"{name}{scheme.edition.subject}" for code, name in NAMES.items()}
    roster = pd.DataFrame({"name": names, "city": "虚拟市", "batch": "2019", "type": "", "funds": None}, dtype=object)
    roster.index.name = "code"
    return roster


def sheets_of(scheme: Scheme) -> dict[str, Sheet]:
    """What the three subjects fill in: the base, and two cases of the edition that lie far apart."""
    given = [sheet for one in rounds(scheme) for sheet in one.sheets.values() if _typable(scheme, sheet)]
    base = {**scheme.cases.base, "lists": dict(scheme.cases.base.get("lists") or {})}
    chosen = [base, given[len(given) // 3], given[-1]]
    for one in chosen[1:]:  # a figure for the whole round is the same for all
        one |= {key: base.get(key) for key, item in scheme.edition.fields.items() if item.scope == "round"}
    return dict(zip([code for code in NAMES if code != SILENT], chosen, strict=True))


def _typable(scheme: Scheme, sheet: Sheet) -> bool:
    """Whether a person could have entered it: no state but 未填, and every list with its rows."""
    cells = [value for key, value in sheet.items() if key != "lists"]
    rows = list(sheet.get("lists", {}).values())
    cells += [value for part in rows if not isinstance(part, str) for row in part for value in row.values()]
    words = {value for value in cells if isinstance(value, str)} & (set(WORDS) - {BLANK})
    return not words and not any(isinstance(part, str) for part in rows)


def write_books(scheme: Scheme, folder: Path, sheets: Mapping[str, Sheet]) -> list[Path]:
    """The filled workbooks of the subjects, and the province's table."""
    roster = roster_of(scheme)
    books = []
    for code, sheet in sheets.items():
        county = {"code": code, "name": str(roster.loc[code, "name"]), "city": "虚拟市"}
        books.append(fill(scheme, _answers(scheme, sheet), folder / f"{code}.xlsx", county))
    table = official_template(scheme, roster, folder / "省级认定表.xlsx")
    fill(table, _official(scheme, sheets))
    return [*books, table]


def _answers(scheme: Scheme, sheet: Sheet) -> dict[str, Any]:
    mine = layout.county_fields(scheme)
    fields = {key: value for key, value in sheet.items() if key in mine and value not in (None, BLANK)}
    lists = {}
    for key, rows in sheet.get("lists", {}).items():
        columns = layout.county_columns(scheme.edition.lists[key])
        scored = {k: scheme.indicators[k].points for k in layout.row_scores(scheme, key)}
        lists[key] = [_typed(columns, row, scored) for row in rows]
    scores = {key: decimal_text(scheme.indicators[key].points) for key in scheme.leaves()}
    evidence = dict.fromkeys(fields, "虚构，材料略")
    return {"fields": fields, "lists": lists, "evidence": evidence, "scores": scores}


def _typed(columns: Mapping[str, FieldDef], row: Mapping[str, Any], scored: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of one row that a county fills in, the reasons that some of them need, and full self scores."""
    typed = {key: value for key, value in row.items() if key in columns and value not in (None, BLANK)}
    marks = {f"self:{key}": row.get(points) if isinstance(points, str) else points for key, points in scored.items()}
    return typed | {f"reason:{key}": "虚构" for key in typed if columns[key].reason} | marks


def _official(scheme: Scheme, sheets: Mapping[str, Sheet]) -> dict[str, Any]:
    pages = layout.official_sheets(scheme)
    entries_: dict[str, dict[str, Any]] = {code: {} for code in sheets}
    for page, keys in pages.items():
        if page == layout.ROUND:
            continue
        for code, key, value in _said(sheets, keys):
            word = {"是": layout.FOUND, "否": layout.CLEARED}[value] if page == layout.VETO else value
            reason = {"reason": "虚构"} if scheme.edition.fields[key].reason else {}
            entries_[code][key] = {"value": word, **reason, **SIGNED}
    figures = {
        key: {"value": value, "source": "虚构", **SIGNED} for _, key, value in _said(sheets, pages.get("round", []))
    }
    return {"entries": entries_, "round": figures}


def _said(sheets: Mapping[str, Sheet], keys: list[str]) -> Iterator[tuple[str, str, Any]]:
    for code, sheet in sheets.items():
        yield from ((code, key, sheet[key]) for key in keys if sheet.get(key) not in (None, BLANK))
