"""The province-wide table as an empty workbook: a row a county, a column a field; self scores; a sheet a list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from evaltool.files import write_bytes
from evaltool.intake import layout
from evaltool.intake.province.page import CODE, NAME
from evaltool.intake.purposes import purposes
from evaltool.intake.roster import roster_of
from evaltool.intake.templates import styling as look
from evaltool.intake.templates.clauses import short_clauses
from evaltool.intake.templates.county_template import note_of, unit_of
from evaltool.intake.templates.list_sheet import COUNT_FIELD, SELF_FIELD, labels
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.words import number_of

_CODE_WIDTH, _NAME_WIDTH, _PAGE = 9.0, 16.0, 124.0
LIST_ROWS = 500  # unlocked rows of a list; more may be inserted
_NOTE = (
    "一行一个，只填浅黄色的格子。数字只填数，单位看表头；填 0 和不填不是一回事：确实没有的填 0。整行空着当作没有报送。"
)
_LIST_NOTE = "一行一件，先写是谁的：代码和名称写一个就够。"


def province_template(scheme: Scheme, roster: pd.DataFrame, path: str | Path) -> Path:
    """Writes the empty table for the counties of `roster`; the same inputs give the same bytes."""
    table, _ = roster_of(roster)
    book = Workbook()
    main = book.active
    assert main is not None
    main.title = layout.TITLES[layout.PROVINCE]
    footer = f"{scheme.name} · 汇总表 · {scheme.key}"
    _main_page(main, scheme, table, footer)
    if layout.claimed_columns(scheme) and scheme.leaves():
        _score_page(book.create_sheet(layout.TITLES[layout.PROVINCE_SCORES]), scheme, table, footer)
    for list_id in scheme.filled_lists:
        _list_page(book.create_sheet(layout.list_label(scheme, list_id)), scheme, list_id, table, footer)
    look.stamp(book, scheme, layout.PROVINCE_BOOK, {})
    return write_bytes(path, look.workbook_bytes(book))


def value_label(item: FieldDef) -> str:
    """The head of a field's column: its name, with the unit of what is a number."""
    unit = unit_of(item)
    return f"{item.name}\n（{unit}）" if unit and item.type not in ("yesno", "choice", "text") else item.name


def _width(item: FieldDef) -> float:
    longest = max((look.text_width(option) for option in item.options), default=0)
    return float(max(11, min(16, look.text_width(item.name) * 0.5 + 2), longest + 3, 24 if item.type == "text" else 0))


def _main_page(sheet: Worksheet, scheme: Scheme, roster: pd.DataFrame, footer: str) -> None:
    """The county's fields in the order and under the headings of its own workbook, then the numbers of list rows."""
    uses, groups = purposes(scheme), dict[str, list[str]]()
    fields = layout.county_fields(scheme)
    for key in fields:
        groups.setdefault(uses.group(key), []).append(key)
    order = [key for keys in groups.values() for key in keys]
    own = [key for key, item in scheme.filled_lists.items() if item.rows_from == "subject"]
    columns = [(f"value:{key}", _width(fields[key])) for key in order] + [(f"count:{key}", 11.0) for key in own]
    places = _page(sheet, layout.PROVINCE, layout.TITLES[layout.PROVINCE], _NOTE, columns, roster, footer)
    checks = look.Choices(sheet)
    for title, keys in [*groups.items(), *([("清单行数", own)] if own else [])]:
        part = "count" if keys is own else "value"
        _group(sheet, title, places[f"{part}:{keys[0]}"], places[f"{part}:{keys[-1]}"])
    for key in order:
        item = fields[key]
        lines = (value_label(item), layout.stage_text(scheme, item), short_clauses(scheme, item.cite))
        _column(sheet, checks, places[f"value:{key}"], lines, item, note_of(scheme, key, item), len(roster))
    for key in own:
        name = scheme.edition.lists[key].name
        prompt = f"“{name}”表里填了几行就写几；一行都没有写 0"
        head = (f"{name}\n填报行数", "")
        _column(sheet, checks, places[f"count:{key}"], head, COUNT_FIELD, prompt, len(roster))


def _score_page(sheet: Worksheet, scheme: Scheme, roster: pd.DataFrame, footer: str) -> None:
    leaves = scheme.leaves()
    note = "自评分只填最末一级指标；不作为计分依据，用来与按数据计算的得分核对。"
    columns = [(f"self:{key}", 12.0) for key in leaves]
    title = layout.TITLES[layout.PROVINCE_SCORES]
    places = _page(sheet, layout.PROVINCE_SCORES, title, note, columns, roster, footer)
    checks, names = look.Choices(sheet), [scheme.indicators[key].name for key in leaves]
    _group(sheet, "自评分", places[f"self:{leaves[0]}"], places[f"self:{leaves[-1]}"])
    for key in leaves:
        item, most = scheme.indicators[key], layout.most_points(scheme.indicators[key])
        field, said = SELF_FIELD, ""
        if most is not None:
            said = f"满分 {decimal_text(most)}"
            limits = {"name": "自评分", "type": "points", "between": ["0", decimal_text(most)]}
            field = FieldDef.model_validate(limits)
        name = f"{item.name}自评分" if names.count(item.name) == 1 else f"自评分:{key}"
        lines = (
            name,
            "，".join(part for part in (number_of(key, item), said) if part),
            short_clauses(scheme, item.cite),
        )
        _column(sheet, checks, places[f"self:{key}"], lines, field, said, len(roster))


def _page(
    sheet: Worksheet, name: str, title: str, note: str, columns: list[tuple[str, float]], roster: pd.DataFrame,
    footer: str,
) -> dict[str, int]:  # fmt: skip
    """A sheet with a row a county: code and name in front on every printed page, pages broken between columns."""
    places = look.anchor_column(sheet, name, [(CODE, _CODE_WIDTH), (NAME, _NAME_WIDTH), *columns])
    breaks, used = [], _CODE_WIDTH + _NAME_WIDTH
    for key, width in columns:
        if used + width > _PAGE:
            breaks.append(places[key] - 1)
            used = _CODE_WIDTH + _NAME_WIDTH
        used += width
    look.heading(sheet, title, note, breaks[0] if breaks else len(places) + 1, first=4)
    sheet.row_dimensions[4].height = 20
    for column, label in ((places[CODE], "代码"), (places[NAME], "名称")):
        look.put(sheet, 4, column, None, fill=look.GROUP_FILL)
        look.put(sheet, 5, column, label, look.BOLD, look.CENTRE, fill=look.HEAD_FILL)
    sheet.cell(5, 1).value = layout.LABELS
    sheet.row_dimensions[5].height = 62
    for row, (code, county) in enumerate(roster["name"].items(), 6):
        look.put(sheet, row, places[CODE], str(code), align=look.CENTRE).number_format = look.TEXT
        look.put(sheet, row, places[NAME], str(county))
        sheet.row_dimensions[row].height = 20
    sheet.freeze_panes = sheet.cell(6, 4).coordinate
    for column in breaks:
        sheet.col_breaks.append(Break(id=column))
    look.finish(sheet, landscape=True, titles="4:5", footer=footer, pages_wide=len(breaks) + 1)
    sheet.print_title_cols = "B:C"
    return places


def _group(sheet: Worksheet, title: str, first: int, last: int) -> None:
    """The heading over the columns that serve one part of the system, once more on every printed page."""
    ends = [part.id for part in sheet.col_breaks.brk if first <= part.id < last]
    for start, end in zip([first, *(one + 1 for one in ends)], [*ends, last], strict=True):
        for column in range(start, end + 1):
            text = title if column == start else None
            look.put(sheet, 4, column, text, look.BOLD, look.CENTRE, fill=look.GROUP_FILL)
        if end > start:
            sheet.merge_cells(start_row=4, end_row=4, start_column=start, end_column=end)


def _column(
    sheet: Worksheet, checks: look.Choices, column: int, lines: tuple[str, ...], item: FieldDef, prompt: str, rows: int
) -> None:
    """One column of inputs under its head (row 5), and the check that fits."""
    text, width = "\n".join(line for line in lines if line), sheet.column_dimensions[get_column_letter(column)].width
    look.put(sheet, 5, column, text, look.BOLD, look.CENTRE, fill=look.HEAD_FILL)
    sheet.row_dimensions[5].height = max(sheet.row_dimensions[5].height or 0, 13.0 * look.lines(text, width) + 6)
    for row in range(6, 6 + rows):
        look.put_input(sheet, row, column, look.number_format(item), centred=look.answered(item))
    if rows:
        letter = get_column_letter(column)
        checks.field(f"{letter}6:{letter}{5 + rows}", item, prompt)


def _list_page(sheet: Worksheet, scheme: Scheme, list_id: str, roster: pd.DataFrame, footer: str) -> None:
    """The rows of one list for all counties: those that the edition brings stand there, others are written in."""
    item, heads = scheme.edition.lists[list_id], labels(scheme, list_id)
    heads = {key: label for key, label in heads.items() if key != "no"}
    columns = [(CODE, 11.0), (NAME, _NAME_WIDTH), *((key, width) for key, (_, width) in heads.items())]
    places = look.anchor_column(sheet, layout.list_sheet(list_id), columns)
    own = item.rows_from == "subject"
    note = (_LIST_NOTE if own else "") + f"清单“{item.name}”，{short_clauses(scheme, item.cite)}".rstrip("，")
    look.heading(sheet, item.name, note, len(places) + 1)
    sheet.cell(4, 1).value = layout.LABELS
    names = [
        (places[CODE], "代码"),
        (places[NAME], "名称"),
        *((places[key], label) for key, (label, _) in heads.items()),
    ]
    tallest = max(look.lines(label, width) for label, width in heads.values())
    look.head_row(sheet, 4, names, max(30.0, 14.0 * tallest + 6))
    sheet.freeze_panes = sheet.cell(5, places[NAME] + 1).coordinate
    fixed = [] if own else layout.fixed_rows(item)
    lines: list[tuple[str, str, layout.FixedRow | None]] = [
        (str(code), str(name), one) for code, name in roster["name"].items() for one in fixed
    ]
    lines += [("", "", None)] * (LIST_ROWS if own else 0)
    for row, (code, name, one) in enumerate(lines, 5):
        shown = one is not None or row < 5 + layout.SHOWN_ROWS
        _list_row(sheet, row, places, item.columns, (code, name), one, shown=shown)
    _list_checks(sheet, scheme, list_id, places, roster, 4 + len(lines), own=own)
    look.finish(sheet, landscape=True, titles="4:4", footer=footer)
    if own:
        sheet.print_area = f"B2:{get_column_letter(len(places) + 1)}{4 + layout.SHOWN_ROWS}"


def _list_row(
    sheet: Worksheet, row: int, places: Mapping[str, int], columns: Mapping[str, FieldDef], who: tuple[str, str],
    fixed: layout.FixedRow | None, *, shown: bool,
) -> None:  # fmt: skip
    for key, column in places.items():
        kind, _, name = key.partition(":")
        shape = look.number_format(columns[name]) if kind == "column" else look.TEXT
        shape = "General" if kind == "self" else shape
        if fixed is not None and kind in (CODE, NAME, "period", "due", "given"):
            brought = {CODE: who[0], NAME: who[1], "period": fixed.period, "due": fixed.due}
            cell = look.put(sheet, row, column, brought.get(kind, fixed.given.get(name, "")))
            cell.number_format = look.DAY if kind == "due" else look.TEXT if kind == CODE else cell.number_format
        elif shown:
            value = fixed.given.get(name) if fixed is not None and kind == "column" else None
            look.put_input(sheet, row, column, shape, value, centred=kind == "column" and look.answered(columns[name]))
        else:
            look.dress(sheet.cell(row, column), look.PLAIN, look.WRAP, shape=shape, border=False, locked=False)
    if shown:
        sheet.row_dimensions[row].height = 20


def _list_checks(
    sheet: Worksheet, scheme: Scheme, list_id: str, places: Mapping[str, int], roster: pd.DataFrame, last: int, *,
    own: bool,
) -> None:  # fmt: skip
    checks, item = look.Choices(sheet), scheme.edition.lists[list_id]
    for key, column in places.items():
        kind, _, name = key.partition(":")
        letter = get_column_letter(column)
        span = f"{letter}5:{letter}{last}"
        if kind == "column":
            field = item.columns[name]
            prompt = "；".join(part for part in (field.note, purposes(scheme).sentence(f"{list_id}.{name}")) if part)
            checks.field(span, field, prompt)
        elif kind == "self":
            checks.field(span, SELF_FIELD)
        elif own and kind == NAME and len(roster):
            checks.reference(span, f"'{layout.TITLES[layout.PROVINCE]}'!$C$6:$C${5 + len(roster)}")
