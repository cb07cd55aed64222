"""Where a kind is made: the base workbook taken apart into its XML parts, changed, put together and written."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from evaltool.facts import Facts
from evaltool.intake import layout
from evaltool.intake.templates.filling import Places
from tests.corpus import base

STRINGS, STYLES, BOOK, TYPES = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Spot(NamedTuple):
    """An input cell: the part its sheet is in, the sheet's title, row and column."""

    part: str
    sheet: str
    row: int
    column: int

    @property
    def address(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"


def plain(value: str) -> str:
    """The inside of a shared string or of an inline string."""
    return f'<t xml:space="preserve">{escape(value)}</t>'


def shared(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The same package with its texts in a table of shared strings, as Excel and WPS save it."""
    if STRINGS in parts:
        return parts
    strings: dict[str, int] = {}

    def moved(match: re.Match[str]) -> str:
        number = strings.setdefault(match[2], len(strings))
        return f'<c {match[1]} t="s"><v>{number}</v></c>'

    made = dict(parts)
    for name, data in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            text = re.sub(r'<c ([^>]*?) t="inlineStr"><is>(.*?)</is></c>', moved, data.decode(), flags=re.DOTALL)
            made[name] = text.replace(' t="n"', "").encode()
    items = "".join(f"<si>{inner}</si>" for inner in strings)
    made[STRINGS] = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="{MAIN}" count="{len(strings)}"'
        f' uniqueCount="{len(strings)}">{items}</sst>'
    ).encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    one = f'<Override PartName="/{STRINGS}" ContentType="{kind}" /></Types>'
    made[TYPES] = parts[TYPES].decode().replace("</Types>", one).encode()
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    one = f'<Relationship Id="rIdStrings" Type="{relation}" Target="sharedStrings.xml" /></Relationships>'
    made[RELATIONS] = parts[RELATIONS].decode().replace("</Relationships>", one).encode()
    return made


@lru_cache(8)
def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return shared({name: package.read(name) for name in package.namelist()})


@lru_cache(8)
def spots(data: bytes) -> dict[str, Spot]:
    """Every input of a workbook by its figure key; with `sales.unit`, `payments.count` and the like beside it."""
    book = load_workbook(io.BytesIO(data))
    places, found = Places(book), {}
    for name, sheet in places.sheets.items():
        part = f"xl/worksheets/sheet{book.worksheets.index(sheet) + 1}.xml"
        rows, columns = places.rows[name], places.columns[name]
        for anchor, row in rows.items():
            kind, _, key = anchor.partition(":")
            for label, column in columns.items():
                spot = Spot(part, sheet.title, row, column)
                if name == layout.FIELDS and kind == "field":
                    found[key if label == "value" else f"{key}.{label}"] = spot
                elif name == layout.SCORES and kind == "indicator":
                    found[f"score:{key}" if label == "self" else f"score:{key}.{label}"] = spot
                elif anchor in (layout.LABELS, layout.COUNT, "name", "code"):
                    found[f"{name.removeprefix('list:')}.{anchor}.{label}"] = spot
        if name.startswith("list:"):
            list_id, first = name.removeprefix("list:"), rows[layout.LABELS]
            columns_of = {label.removeprefix("column:"): at for label, at in columns.items()}
            for number in range(1, 11):
                for label, column in columns_of.items():
                    found[f"{list_id}[{number}].{label}"] = Spot(part, sheet.title, first + number, column)
            if layout.COUNT in rows:
                column = next(at for label, at in columns.items() if label.startswith("column:"))
                found[f"{list_id}.count"] = Spot(part, sheet.title, rows[layout.COUNT], column)
    return found


@dataclass
class Workshop:
    """One kind in the making.

    parts    the members of the package, in order
    paths    what is handed in; by default the package, as 甲县.xlsx
    truth    what the workbook says, changed by the maker where the change is meant
    roster   another roster than 甲县 alone
    previous the round before
    """

    folder: Path
    data: bytes = field(default_factory=base.base)
    name: str = "甲县.xlsx"
    parts: dict[str, bytes] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    truth: base.Truth = field(default_factory=base.truth)
    roster: pd.DataFrame | None = None
    previous: Facts | None = None

    def __post_init__(self) -> None:
        self.spots = spots(self.data)
        self._apart(self.data)

    def _apart(self, data: bytes) -> None:
        self.parts = dict(unpacked(data))

    # --- XML ---

    def text_of(self, part: str) -> str:
        return self.parts[part].decode("utf-8")

    def replace(self, part: str, old: str, new: str, times: int = 1) -> None:
        """Replaces what must be there. Raises ValueError where it is not."""
        text = self.text_of(part)
        if old not in text:
            raise ValueError(f"{part} has no {old!r}")
        self.parts[part] = text.replace(old, new, times).encode("utf-8")

    def put(self, key: str, inner: str = "", kind: str = "", style: int | None = None) -> None:
        """Writes one cell as XML: `inner` between its tags, `kind` its t attribute, `style` instead of its own."""
        spot = self.spots[key]
        self.put_at(spot.part, spot.address, inner, kind, style)

    def put_at(self, part: str, address: str, inner: str = "", kind: str = "", style: int | None = None) -> None:
        text = self.text_of(part)
        match = re.search(rf'<c r="{address}"([^>]*?)(?:/>|>.*?</c>)', text, re.DOTALL)
        if match is None:
            raise ValueError(f"{part} has no cell {address}")
        own = re.search(r's="(\d+)"', match[1])
        number = style if style is not None else int(own[1]) if own else 0
        made = f'<c r="{address}" s="{number}"{f" t={quoteattr(kind)}" if kind else ""}>{inner}</c>'
        self.parts[part] = (text[: match.start()] + made + text[match.end() :]).encode("utf-8")

    def style_of(self, key: str) -> int:
        spot = self.spots[key]
        match = re.search(rf'<c r="{spot.address}"[^>]*?s="(\d+)"', self.text_of(spot.part))
        return int(match[1]) if match else 0

    def number(self, key: str, written: str, code: str | None = None) -> None:
        """A number cell as the file writes it, shown in the format `code`."""
        self.put(key, f"<v>{written}</v>", style=None if code is None else self.format(key, code))

    def text(self, key: str, value: str, code: str | None = None) -> None:
        """A text cell, in the table of shared strings as spreadsheet programs write it."""
        style = None if code is None else self.format(key, code)
        self.put(key, f"<v>{self.string(plain(value))}</v>", "s", style)

    def string(self, inner: str) -> int:
        """Adds a shared string (the XML inside <si>) and gives its number."""
        text = self.text_of(STRINGS)
        number = len(re.findall(r"<si>|<si/>", text))
        text = text.replace("</sst>", f"<si>{inner}</si></sst>")
        self.parts[STRINGS] = re.sub(r'uniqueCount="\d+"', f'uniqueCount="{number + 1}"', text).encode("utf-8")
        return number

    def formula(self, key: str, formula: str, stored: str | None = None, kind: str = "", attributes: str = "") -> None:
        """A formula with the value stored beside it, or with none."""
        inner = f"<f{attributes and ' ' + attributes}>{escape(formula)}</f>"
        self.put(key, inner + ("" if stored is None else f"<v>{escape(stored)}</v>"), kind)

    def format(self, key: str, code: str, xml: str = "") -> int:
        """A copy of the cell's style with another number format (or with `xml` instead of its font)."""
        text = self.text_of(STYLES)
        before, cells, after = re.split(r"(<cellXfs[^>]*>.*?</cellXfs>)", text, maxsplit=1, flags=re.DOTALL)
        styles = re.findall(r"<xf (?:[^>]*?/>|[^>]*[^/]>.*?</xf>)", cells, re.DOTALL)
        own = styles[self.style_of(key)]
        if xml:
            fonts = len(re.findall(r"<font>|<font/>|<font ", before))
            before = before.replace("</fonts>", f"<font>{xml}</font></fonts>")
            made = re.sub(r'fontId="\d+"', f'fontId="{fonts}"', own)
        else:
            number = 300 + len(styles)
            entry = f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>'
            if "<numFmts" in before:
                before = before.replace("</numFmts>", f"{entry}</numFmts>")
            else:
                before = before.replace("<fonts", f'<numFmts count="1">{entry}</numFmts><fonts', 1)
            made = re.sub(r'numFmtId="\d+"', f'numFmtId="{number}"', own)
            made = made if "applyNumberFormat" in made else made.replace("<xf ", '<xf applyNumberFormat="1" ', 1)
        cells = cells.replace("</cellXfs>", f"{made}</cellXfs>")
        before = re.sub(r'(<(?:numFmts|fonts)) count="\d+"', r"\1", before)
        self.parts[STYLES] = (before + re.sub(r' count="\d+"', "", cells, count=1) + after).encode("utf-8")
        return len(styles)

    # --- the whole book ---

    @contextmanager
    def opened(self) -> Iterator[tuple[Workbook, Places]]:
        """The workbook in openpyxl, saved again afterwards."""
        book = load_workbook(io.BytesIO(self.packed()))
        yield book, Places(book)
        buffer = io.BytesIO()
        book.save(buffer)
        self._apart(buffer.getvalue())

    def packed(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name, data in self.parts.items():
                package.writestr(zipfile.ZipInfo(name, (2024, 7, 1, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    def sheet(self, key: str) -> str:
        """The part in which the sheet of a figure lies."""
        return self.spots[key].part

    def hand_in(self, data: bytes, name: str = "甲县.xlsx") -> Path:
        """Hands in these bytes instead of (or beside) the package."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.paths.append(path)
        return path

    def handed_in(self) -> list[Path]:
        """What was handed in, written to the folder."""
        if not self.paths:
            self.hand_in(self.packed(), self.name)
        return self.paths
