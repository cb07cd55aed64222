"""What stood beside the formulas of a county's workbook, written beside them again in its copy.

openpyxl keeps a formula or its stored value, never both. A copy without the values would be refused, cell by cell,
until somebody has opened and saved it in a spreadsheet program.
"""

from __future__ import annotations

import io
import re
import zipfile
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES

from evaltool.books.book import Book, Cell, address
from evaltool.files import steady_zip
from evaltool.intake.converted import written

_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^<>]*)>(<f\b[^<>]*?(?:/>|>[^<]*</f>))<v ?(?:/>|></v>)</c>')


def with_stored_values(data: bytes, copy: Workbook, known: Book) -> bytes:
    """The saved workbook `copy` with the stored values of `known`, and its word where nobody worked those out."""
    sheets = {sheet.title: sheet for sheet in known.sheets}
    values = {
        f"xl/worksheets/sheet{number}.xml": found
        for number, page in enumerate(copy.worksheets, 1)
        if page.title in sheets
        and (found := {address(*at): cell for at, cell in sheets[page.title].cells.items() if cell.formula})
    }
    if not values:
        return data
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/workbook.xml" and known.uncalculated:
                part = part.replace(b'fullCalcOnLoad="0"', b'fullCalcOnLoad="1"')
            target.writestr(name, _filled(part, values[name]) if name in values else part)
    return steady_zip(made.getvalue())


def _filled(part: bytes, cells: dict[str, Cell]) -> bytes:
    def value(found: re.Match[str]) -> str:
        place, attributes, formula = found.groups()
        kind, text = _stored(cells[place]) if place in cells else ("", "")
        return f'<c r="{place}"{attributes}{kind}>{formula}<v>{escape(text)}</v></c>' if kind or text else found[0]

    return _FORMULA.sub(value, part.decode("utf-8")).encode("utf-8")


def _stored(cell: Cell) -> tuple[str, str]:
    """Type and text of a stored value; both empty where there is none that a spreadsheet program would store."""
    if cell.error:
        return (' t="e"', str(cell.raw)) if cell.raw in ERROR_CODES else ("", "")
    if isinstance(cell.raw, bool):
        return ' t="b"', str(int(cell.raw))
    if isinstance(cell.raw, str):
        return ' t="str"', written(cell.raw)
    return "", cell.written
