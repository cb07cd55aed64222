"""Reading the sheet of one list: which rows there are, whether their number agrees, and every cell of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from evaltool.facts import Origin, State
from evaltool.intake import layout
from evaltool.intake.list_sheet import COUNT_FIELD, labels
from evaltool.intake.opened import Sheet
from evaltool.intake.sheet_reading import Asked, Read, SheetReader
from evaltool.quantities import Exact, decimal_text
from evaltool.scheme.models import FieldDef, ListDef


@dataclass
class RowRead:
    """One row: its cells, its reasons and its self scores (exact, with the cell)."""

    cells: dict[str, Read]
    number: int = 0  # of the row in the sheet
    claimed: dict[str, tuple[Exact, Origin]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass
class ListRead:
    """The rows of one list. Only FILLED says that these are all rows there are."""

    state: State
    rows: list[RowRead] = field(default_factory=list)
    evidence: str = ""


def read_list(reader: SheetReader, list_id: str) -> ListRead:
    """The list as filled in. Rows without a number of rows stand for themselves; neither is a blank list, never an empty one."""
    item = reader.scheme.edition.lists[list_id]
    title = layout.list_label(reader.scheme, list_id)
    sheet = reader.one_sheet(layout.list_sheet(list_id), title, f"“{item.name}”没有读")
    if sheet is None:
        return ListRead(State.UNREADABLE)
    heads = labels(reader.scheme, list_id)
    places: dict[str, int | None] = {}
    for key, (label, _) in heads.items():
        kind = key.partition(":")[0]
        wanted = kind in ("column", "reason")
        places[key] = reader.one_column(sheet, key, label, "这一列没有读") if wanted else reader.column(sheet, key)
    reader.check_labels(sheet, {key: label for key, (label, _) in heads.items()})
    asked = {key: _asked(reader, list_id, key, column) for key, column in item.columns.items()}
    if item.rows_from == "subject":
        made = _own_rows(reader, sheet, places, item, list_id, asked)
    else:
        made = _fixed_rows(reader, sheet, places, item, asked)
    _evidence(reader, sheet, places, item, list_id, made)
    return made


def _asked(reader: SheetReader, list_id: str, key: str, column: FieldDef) -> Asked:
    cites = column.cite or reader.scheme.edition.lists[list_id].cite
    return reader.asked(f"{list_id}.{key}", column, cites)


def _own_rows(
    reader: SheetReader, sheet: Sheet, places: dict[str, int | None], item: ListDef, list_id: str, asked: dict[str, Asked]
) -> ListRead:
    head = reader.one_row(sheet, layout.LABELS, "表头", list_id)
    if head is None:
        return ListRead(State.UNREADABLE)
    inputs = [
        column
        for key, column in places.items()
        if column and key.partition(":")[0] in ("column", "reason", "self", "evidence")
    ]
    rows = [n for n in sheet.filled_rows if n > head and any(_entered(sheet, n, column) for column in inputs)]
    made = [_row(reader, sheet, n, places, item, asked, where=f"第 {i} 行") for i, n in enumerate(rows, 1)]
    clause = str(reader.scheme.citation(item.cite[0])) if item.cite else ""
    return ListRead(_counted(reader, sheet, places, item, list_id, len(rows), clause), made)


def _entered(sheet: Sheet, row: int, column: int) -> bool:
    cell = sheet.cell(row, column)
    return bool(cell.formula) or (cell.raw is not None and str(cell.raw).strip() != "")


def _counted(
    reader: SheetReader, sheet: Sheet, places: dict[str, int | None], item: ListDef, list_id: str, rows: int, clause: str
) -> State:
    """Whether the rows found are all the rows there are."""
    row = reader.one_row(sheet, layout.COUNT, "填报行数", list_id, clause)
    first = next(column for key, column in places.items() if key.startswith("column:"))
    if row is None or first is None:
        return State.FILLED if rows else State.UNREADABLE
    why = "行数不明时，用这张清单的指标都待定"
    found = reader.read(sheet, row, first, Asked(list_id, COUNT_FIELD.model_copy(update={"name": f"{item.name}的填报行数"}), why, clause))
    if found.state == State.BLANK:
        if rows:
            return State.FILLED
        what = f"“{item.name}”一行也没有填，也没有填“填报行数”"
        reader.complain("D115", what, why, "逐行补填；确实没有的，填报行数写 0", sheet=sheet, at=(row, first), key=list_id, clause=clause)
        return State.BLANK
    if found.state != State.FILLED:
        return State.UNREADABLE
    if found.value != rows:
        what = f"“{item.name}”填报行数写 {decimal_text(found.value)}，表里有内容的是 {rows} 行"
        reader.complain("D115", what, why, "核对行数，补上缺的行或改正行数", sheet=sheet, at=(row, first), key=list_id, clause=clause)
        return State.UNREADABLE
    return State.FILLED


def _fixed_rows(
    reader: SheetReader, sheet: Sheet, places: dict[str, int | None], item: ListDef, asked: dict[str, Asked]
) -> ListRead:
    made = []
    for fixed in layout.fixed_rows(item):
        label = fixed.period or "、".join(fixed.given.values()) or fixed.key
        n = reader.one_row(sheet, fixed.key, label)
        if n is None:
            made.append(RowRead({key: Read(None, State.UNREADABLE, None) for key in layout.county_columns(item)}))
        else:
            made.append(_row(reader, sheet, n, places, item, asked, where=label))
        for key, value in layout.given_values(item, fixed).items():
            made[-1].cells[key] = Read(value, State.FILLED, None)
    return ListRead(State.FILLED, made)


def _row(
    reader: SheetReader, sheet: Sheet, n: int, places: dict[str, int | None], item: ListDef, asked: dict[str, Asked], where: str
) -> RowRead:
    made = RowRead({}, n)
    for key, column in layout.county_columns(item).items():
        place = places[f"column:{key}"]
        if place is None:
            made.cells[key] = Read(None, State.UNREADABLE, None)
            continue
        named = asked[key].item.model_copy(update={"name": f"{where}的{column.name}"})
        question = Asked(asked[key].key, named, asked[key].why, asked[key].clause)
        silent = column.asked_when is not None or column.type == "text"
        silent = silent or (column.blank is not None and column.blank.means == "never")
        made.cells[key] = reader.read(sheet, n, place, question, blank_matters=not silent)
        if column.reason:
            _reason(reader, sheet, n, places, key, question, made)
    _one_way_of_writing(reader, sheet, n, places, item, asked, made, where)
    for key, column_no in places.items():
        kind, _, indicator = key.partition(":")
        if kind == "self" and column_no:
            _self_score(reader, sheet, n, column_no, indicator, item, made, where)
    return made


def _reason(
    reader: SheetReader, sheet: Sheet, n: int, places: dict[str, int | None], key: str, question: Asked, made: RowRead
) -> None:
    place = places.get(f"reason:{key}")
    text = sheet.text(n, place) if place else ""
    if text:
        made.reasons[key] = text
    elif place and made.cells[key].state == State.FILLED:
        what = f"“{question.item.name}”没有写理由"
        reader.complain("D112", what, "没有理由的不采用", "补写理由", sheet=sheet, at=(n, place), key=question.key, clause=question.clause)
        made.cells[key].value, made.cells[key].state = None, State.PENDING


def _one_way_of_writing(
    reader: SheetReader, sheet: Sheet, n: int, places: dict[str, int | None], item: ListDef, asked: dict[str, Asked],
    made: RowRead, where: str,
) -> None:  # fmt: skip
    """Values in the row's own unit are compared with each other, so 100 beside 95% in one row is refused (D118)."""
    keys = [key for key, cell in made.cells.items() if item.columns[key].unit == "row" and cell.state == State.FILLED]
    bare = [key for key in keys if not made.cells[key].percent and made.cells[key].value != 0]
    if not bare or len(bare) == len(keys) or not any(made.cells[key].percent for key in keys):
        return
    for key in bare:
        cell = made.cells[key]
        others = "、".join(f"{item.columns[k].name}“{made.cells[k].shown}”" for k in keys if made.cells[k].percent)
        what = f"“{where}的{item.columns[key].name}”写的是“{cell.shown}”，同一行的{others}带百分号"
        reader.complain("D118", what, asked[key].why, "同一行要么都带百分号，要么都不带", sheet=sheet,
                        at=(n, places[f"column:{key}"] or 1), key=asked[key].key, clause=asked[key].clause)  # fmt: skip
        cell.value, cell.state = None, State.UNREADABLE


def _self_score(
    reader: SheetReader, sheet: Sheet, n: int, column: int, indicator: str, item: ListDef, made: RowRead, where: str
) -> None:
    node = reader.scheme.indicators[indicator]
    question = Asked(indicator, FieldDef(name=f"{where}的自评分", type="points"), "自评分用来与计算得分核对")
    found = reader.read(sheet, n, column, question)
    if found.state != State.FILLED or found.origin is None:
        return
    made.claimed[indicator] = (found.value, found.origin)
    brought = made.cells.get(node.points) if isinstance(node.points, str) else None
    most = brought.value if brought else node.points
    if most is not None and not isinstance(most, str) and found.value > most:
        what = f"{where}自评 {decimal_text(found.value)} 分，该行满分 {decimal_text(most)} 分"
        reader.complain("D116", what, question.why, "核对自评分", sheet=sheet, at=(n, column), key=indicator)


def _evidence(
    reader: SheetReader, sheet: Sheet, places: dict[str, int | None], item: ListDef, list_id: str, made: ListRead
) -> None:
    """Evidence of a list is entered row by row; rows that claim something without any are named in one note (D117)."""
    column = places.get("evidence")
    if not column:
        return
    texts, without = [], []
    for number, row in enumerate(made.rows, 1):
        text = sheet.text(row.number, column) if row.number else ""
        if text:
            texts.append(f"第 {number} 行：{text}")
        elif any(_claims(item.columns[key], cell) for key, cell in row.cells.items() if key in item.columns):
            without.append((number, row.number))
    made.evidence = "；".join(texts)
    if without:
        what = f"“{item.name}”第 {'、'.join(str(number) for number, _ in without)} 行没有列佐证材料"
        why = "没有佐证，核查时可能不予认定"
        reader.complain("D117", what, why, "写上文件名、文号或页码", sheet=sheet, at=(without[0][1], column), key=list_id)


def _claims(column: FieldDef, cell: Read) -> bool:
    return bool(column.evidence) and cell.state == State.FILLED and cell.value not in (False, 0)
