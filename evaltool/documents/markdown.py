"""Tables as Markdown that reads on paper, whatever text stands in their cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from evaltool.sheets.tables import Sheet

# what would begin markup, a row or a link; an underscore inside a word is only an underscore
_MARKS = re.compile(r"[\\`*\[\]|~#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def escaped(text: Any) -> str:
    """One cell: no markup, no second row, no HTML."""
    said = _CONTROLS.sub("", str(text).strip().replace("\r\n", "\n").replace("\r", "\n"))
    said = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\g<0>", said).replace("\n", "<br>")


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """The lines of one table. Spaces that indent a name are kept as full-width ones."""
    lines = [f"| {' | '.join(map(escaped, heads))} |", f"|{'---|' * len(heads)}"]
    lines += ["| " + " | ".join(_indented(cell) for cell in row) + " |" for row in rows]
    return lines


def _indented(cell: Any) -> str:
    text = str(cell)
    return "　" * (len(text) - len(text.lstrip("　"))) + escaped(text)


def page(title: str, opening: Sequence[str], sheets: Iterable[Sheet]) -> str:
    """A whole document: title, opening lines, then each table below its heading and note."""
    lines = [f"# {escaped(title)}", "", *(f"{escaped(line)}  " for line in opening)]
    for sheet in sheets:
        lines += ["", f"## {escaped(sheet.title)}", ""]
        if sheet.note:
            lines += [escaped(sheet.note), ""]
        lines += table([column.name for column in sheet.columns], sheet.rows)
    return "\n".join(lines) + "\n"
