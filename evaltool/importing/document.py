"""The tables of a Word file, read from its main part: text with automatic numbers, cells merged both ways."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from evaltool.importing.tables import Cell, Table, clean

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}tblPr", f"{_W}tcPr", f"{_W}trPr"}
_ABOVE = 4  # paragraphs before a table that may be its title
MOST_COLUMNS = 100


def read_document(data: bytes) -> list[Table]:
    """Every table of the body that holds something; a table inside a cell is text of that cell."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        root = ET.fromstring(package.read("word/document.xml"))  # noqa: S314 – see above
    body = root.find(f"{_W}body")
    tables: list[Table] = []
    above: list[str] = []
    for part in _parts(body) if body is not None else ():
        if part.tag == f"{_W}p":
            above = [*above, clean(_text(part))][-_ABOVE:]
        elif part.tag == f"{_W}tbl":
            table = _table(part, f"表{len(tables) + 1}")
            table.above = [text for text in above if text]
            above = []
            if table.cells:
                tables.append(table)
    return tables


def _parts(parent: ET.Element) -> Iterator[ET.Element]:
    """The children of `parent`, looking through what only wraps them: content controls, insertions, custom XML."""
    for child in parent:
        if child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag"):
            yield from _parts(child)
        elif child.tag not in _SKIPPED:
            yield child


def _table(element: ET.Element, name: str) -> Table:
    """Merged cells: `gridSpan` to the right; `vMerge` downwards, each cell below continuing the one above it."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}  # first place → [height, width]
    texts: dict[tuple[int, int], str] = {}
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    rows = [part for part in _parts(element) if part.tag == f"{_W}tr"]
    for r, row in enumerate(rows):
        column = _skipped_before(row)
        for part in _parts(row):
            if part.tag != f"{_W}tc":
                continue
            width = _value(part, "tcPr/gridSpan", 1)
            merge = part.find(f"{_W}tcPr/{_W}vMerge")
            down = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
            first = owner.get((r - 1, column)) if down else None
            if first is None:
                first = (r, column)
                spans[first], texts[first] = (1, width), clean("\n".join(_lines(part)))
            else:
                spans[first] = (r - first[0] + 1, spans[first][1])
            for c in range(column, min(column + width, MOST_COLUMNS)):
                owner[r, c] = first
            column += width
    made = {
        (r, c): Cell(text, f"第{r + 1}行第{c + 1}列", r, c, *spans[r, c])
        for (r, c), text in texts.items()
        if text or spans[r, c] != (1, 1)
    }
    cells = {at: made[first] for at, first in owner.items() if first in made}
    width = max((column for _, column in cells), default=-1) + 1
    return Table(name, cells, len(rows), width)


def _skipped_before(row: ET.Element) -> int:
    return _value(row, "trPr/gridBefore", 0)


def _value(element: ET.Element, path: str, otherwise: int) -> int:
    found = element.find("/".join(_W + part for part in path.split("/")))
    text = "" if found is None else found.get(f"{_W}val", "")
    return min(int(text), MOST_COLUMNS) if text.isascii() and text.isdigit() else otherwise


def _lines(cell: ET.Element) -> Iterator[str]:
    """The paragraphs of a cell. Numbers that Word makes are no text in the file: they are counted here again, because
    a list of items is told by them."""
    number = 0
    for part in _parts(cell):
        if part.tag == f"{_W}tbl":
            for row in (part for part in _parts(part) if part.tag == f"{_W}tr"):
                yield "　".join(clean("".join(_lines(tc))) for tc in _parts(row) if tc.tag == f"{_W}tc")
        elif part.tag == f"{_W}p":
            text = clean(_text(part))
            if text and part.find(f"{_W}pPr/{_W}numPr") is not None:
                number += 1
                text = text if re.match(r"[（(]?\d", text) else f"{number}.{text}"
            yield text


def _text(paragraph: ET.Element) -> str:
    """The text of a paragraph without what has been struck out."""
    said: list[str] = []
    for part in _parts(paragraph):
        if part.tag == f"{_W}t":
            said.append(part.text or "")
        elif part.tag in (f"{_W}br", f"{_W}cr"):
            said.append("\n")
        elif part.tag == f"{_W}tab":
            said.append(" ")
        elif part.tag == f"{_W}noBreakHyphen":
            said.append("-")
        else:
            said.append(_text(part))
    return "".join(said)
