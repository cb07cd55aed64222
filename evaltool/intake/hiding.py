"""What is personal leaves a workbook no further than its reading: names get aliases, private numbers a word for them.

The cells of a column (or field) that the edition calls `private` become 第 1 人, 第 2 人 … within their county, list and
column, in the order in which they first stand there: the same text (spaces and full width apart) has the same alias, so
that duplicates can still be counted. In all other text that is kept – text fields, evidence, reasons, notes, problems –
telephone, ID and card numbers are masked, and a name of a private cell that turns up there is replaced by its alias.
The file as it came and the marked copy, which goes back to the county, keep everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from evaltool.facts import Layer, Origin, State
from evaltool.intake.names import plain
from evaltool.intake.privacy import masked
from evaltool.problems import CODES, Place, Problem
from evaltool.scheme import Scheme
from evaltool.scheme.fields import FieldDef

if TYPE_CHECKING:
    from evaltool.intake.corrections import Correction
    from evaltool.intake.county_book import CountyRead
    from evaltool.intake.official_reading import Entry, OfficialRead
    from evaltool.intake.sheet_reading import Read

HIDDEN = "〔已隐去〕"
WHY = "姓名、电话、证件号码不进入结果和报告，只留在收到的原件里"
_ALIAS = re.compile(rf"第 \d+ 人|{HIDDEN}")
_TELLING = re.compile(r"[^\W\d_].*[^\W\d_]|\d.{4,}\d", re.DOTALL)  # short texts such as 2 or 男 stand everywhere


@dataclass
class Secrets:
    """The private texts of one county, each with what stands for it, and how many numbers were masked beside them."""

    aliases: dict[str, str] = field(default_factory=dict)
    numbers: int = 0

    def clean(self, text: str) -> str:
        """`text` without private numbers, which are counted, and with aliases for the private texts in it."""
        new, count = masked(text)
        self.numbers += count
        return self._named(new)

    def quiet(self, text: str) -> str:
        """The same, nothing counted: for what is said about a text that is counted itself."""
        return self._named(masked(text)[0])

    def _named(self, text: str) -> str:
        made, at = [], 0
        while self.aliases and at < len(text):
            found = next((one for one in self._by_head.get(text[at : at + 2], ()) if text.startswith(one, at)), "")
            made.append(self.aliases[found] if found else text[at])
            at += len(found) or 1
        return "".join(made) if made else text

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        """First two letters → the private texts that begin so, the longest first. All are known when this is asked."""
        found: dict[str, list[str]] = {}
        for text in sorted(self.aliases, key=len, reverse=True):
            found.setdefault(text[:2], []).append(text)
        return found


class Column:
    """The aliases of one private column of one county."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def alias(self, text: str) -> str:
        found = plain(text).casefold()
        return self.known.setdefault(found, f"第 {len(self.known) + 1} 人")


def hide(scheme: Scheme, counties: Mapping[str, CountyRead], problems: Iterable[Problem], file: str) -> list[Problem]:
    """Takes what is personal out of what one workbook says, in place; returns its problems, cleaned, and notes (D129).

    counties  code → what it says; problems  of the whole workbook
    """
    secrets, notes = {}, []
    for code, read in counties.items():
        secrets[code] = own = Secrets()
        notes += [*_private(scheme, read, own, file, code), *_texts(scheme, read, own, file, code)]
        read.problems = [_problem(scheme, problem, own) for problem in read.problems]
    everyone = Secrets({text: alias for own in secrets.values() for text, alias in own.aliases.items()})
    told = [_problem(scheme, problem, secrets.get(problem.place.subject, everyone)) for problem in problems]
    return told + notes


def hide_official(scheme: Scheme, read: OfficialRead) -> None:
    """Masks private numbers in what the 省级认定表 says. Names in it are signatures and stay."""
    own = Secrets()
    entries: list[Entry | Correction] = [*read.entries.values(), *read.round_values.values(), *read.corrections]
    for entry in entries:
        if isinstance(entry.value, str):
            entry.value = own.clean(entry.value)
        entry.reason, entry.origin = own.clean(entry.reason), _origin(entry.origin, own.clean)
    read.problems = [_problem(scheme, problem, own) for problem in read.problems]


def hide_layers(scheme: Scheme, layers: Iterable[Layer], problems: Iterable[Problem]) -> list[Problem]:
    """The same for facts that came as tables or frames: the layers are changed in place, the problems returned."""
    own, notes = Secrets(), []
    for layer in {id(layer): layer for layer in layers}.values():
        parts = [("", layer.table, range(len(layer.table.values)), scheme.edition.fields)]
        for key, rows in layer.lists.items():
            parts.append((key, rows.table, rows.owner.tolist(), scheme.edition.lists[key].columns))
        for list_id, table, owners, columns in parts:
            for key in (key for key in table.values.columns if key in columns and columns[key].type == "text"):
                cells = table.values[key].tolist()
                if not columns[key].private:
                    shown = [masked(cell)[0] if isinstance(cell, str) else cell for cell in cells]
                    table.values[key] = pd.Series(shown, table.values.index, dtype=object)
                elif not all(_ALIAS.fullmatch(str(cell)) for cell in cells if cell is not None):
                    aliases: dict[int, Column] = {}
                    hidden = [
                        cell
                        if cell is None
                        else aliases.setdefault(owner, Column()).alias(str(cell))
                        if list_id
                        else HIDDEN
                        for owner, cell in zip(owners, cells, strict=True)
                    ]
                    own.aliases |= _telling(zip(cells, hidden, strict=True))
                    name = scheme.edition.lists[list_id].name if list_id else columns[key].name
                    count = sum(cell is not None for cell in cells)
                    notes.append(_note(name, {columns[key].name: count}, Place(field=list_id or key)))
                    table.values[key] = pd.Series(hidden, table.values.index, dtype=object)
    return [_problem(scheme, problem, own) for problem in problems] + list(dict.fromkeys(notes))


def _private(scheme: Scheme, read: CountyRead, own: Secrets, file: str, code: str) -> Iterator[Problem]:
    """Aliases in private cells, and the note of each list."""
    for key, item in scheme.edition.fields.items():
        if item.private and key in read.fields and read.fields[key].shown:
            cell = read.fields[key]
            own.aliases |= _telling([(cell.shown, HIDDEN)])
            yield _note(item.name, {item.name: 1}, _place(file, cell.origin, key, code))
            _cover(cell, HIDDEN)
    for list_id, rows in read.lists.items():
        hidden: dict[str, int] = {}
        first: Origin | None = None
        for key, item in scheme.edition.lists[list_id].columns.items():
            column = Column()
            for row in rows.rows if item.private else ():
                if key not in row.cells or not row.cells[key].shown:
                    continue
                cell = row.cells[key]
                alias = column.alias(cell.shown)
                own.aliases |= _telling([(cell.shown, alias)])
                first = first or cell.origin
                hidden[item.name] = hidden.get(item.name, 0) + 1
                _cover(cell, alias)
        if hidden:
            yield _note(scheme.edition.lists[list_id].name, hidden, _place(file, first, list_id, code))


def _telling(pairs: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Private text → alias, for those that cannot stand in any sentence by chance."""
    found = {text: alias for text, alias in pairs if isinstance(text, str) and _TELLING.search(text)}
    return found | {plain(text): alias for text, alias in found.items()}


def _cover(cell: Read, alias: str) -> None:
    """Nothing of a private cell stays but its alias and its place."""
    if cell.state == State.FILLED:
        cell.value = alias
    cell.shown = alias
    if cell.origin is not None:
        cell.origin = cell.origin._replace(note="")


def _place(file: str, origin: Origin | None, key: str, code: str) -> Place:
    return Place(file, origin.sheet if origin else "", "", key, code)


def _note(name: str, hidden: Mapping[str, int], place: Place) -> Problem:
    parts = "、".join(f"“{column}”{count} 格" for column, count in hidden.items())
    return Problem("D129", f"“{name}”里的个人信息已换成代号：{parts}", WHY, "不用处理", place)


def _texts(scheme: Scheme, read: CountyRead, own: Secrets, file: str, code: str) -> Iterator[Problem]:
    """Masks every other text that is kept; one note with the number of what was masked."""
    for key, cell in read.fields.items():
        _clean_cell(scheme.edition.fields[key], cell, own)
    read.evidence = {key: own.clean(text) for key, text in read.evidence.items()}
    for list_id, rows in read.lists.items():
        rows.evidence = read.evidence.get(list_id, own.clean(rows.evidence))
        for row in rows.rows:
            for key, cell in row.cells.items():
                if (item := scheme.edition.lists[list_id].columns.get(key)) is not None:
                    _clean_cell(item, cell, own)
            row.reasons = {key: own.clean(text) for key, text in row.reasons.items()}
            if row.evidence:
                row.evidence = (own.quiet(row.evidence[0]), row.evidence[1])
    if own.numbers:
        what = f"文字里有 {own.numbers} 处电话、证件或银行卡号码，已隐去"
        yield Problem("D129", what, WHY, "不用处理", Place(file, subject=code))


def _clean_cell(item: FieldDef, cell: Read, own: Secrets) -> None:
    noted = cell.origin is not None and cell.origin.note
    if item.private or (not noted and cell.state == State.FILLED and item.type != "text"):
        return
    if item.type == "text" and isinstance(cell.value, str):
        cell.value = masked(cell.value)[0]
        cell.shown, count = masked(cell.shown)
        own.numbers += count
    elif cell.state != State.FILLED and cell.shown:
        cell.shown = masked(cell.shown)[0]
    cell.origin = _origin(cell.origin, own.quiet)


def _origin(origin: Any, clean: Callable[[str], str]) -> Any:
    return origin._replace(note=clean(origin.note)) if isinstance(origin, Origin) and origin.note else origin


def _problem(scheme: Scheme, problem: Problem, own: Secrets) -> Problem:
    """A problem about a private cell says what is wrong and where, and nothing of what stands there."""
    item = _asked(scheme, problem.place.field)
    if item is not None and item.private:
        return replace(problem, what=f"“{item.name}”{problem.title}", do=CODES[problem.code][2])
    what, why, do = own.quiet(problem.what), own.quiet(problem.why), own.quiet(problem.do)
    return replace(problem, what=what, why=why, do=do)


def _asked(scheme: Scheme, key: str) -> FieldDef | None:
    list_id, _, column = key.rpartition(".")
    if list_id in scheme.edition.lists:
        return scheme.edition.lists[list_id].columns.get(column)
    return scheme.edition.fields.get(key)
