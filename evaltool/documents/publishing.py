"""The documents of an edition as files: dictionary and review, to read and to print, and the schemas for editors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from evaltool.documents import dictionary, review
from evaltool.documents.markdown import page
from evaltool.files import write_text
from evaltool.scheme import Scheme, entries, load_folder, schemas
from evaltool.sheets.tables import Row, Sheet

DICTIONARY, REVIEW = "数据字典", "核对表"
MOST_LINES = 26  # of text in one row of a workbook; a spreadsheet shows no higher one
UNSIGNED = "核对表由定义自动写成；签了字才算核对过。"


def folder_name(scheme: Scheme) -> str:
    return f"{scheme.id.replace('/', '-')}-{scheme.edition.valid_from}"


@dataclass(frozen=True)
class Documents:
    """The tables of one edition's documents, made once for every way of writing them."""

    scheme: Scheme

    @cached_property
    def dictionary(self) -> list[Sheet]:
        return dictionary.sheets(self.scheme)

    @cached_property
    def review(self) -> list[Sheet]:
        return review.sheets(self.scheme)

    def pages(self) -> dict[str, str]:
        """File name → Markdown."""
        name, head = self.scheme.name, dictionary.opening(self.scheme)
        return {
            "dictionary.md": page(f"{name}　{DICTIONARY}", head, self.dictionary),
            "review.md": page(f"{name}　{REVIEW}", [*head, UNSIGNED], self.review),
        }

    def write(self, folder: Path) -> list[Path]:
        """Dictionary and review as Markdown and as workbooks for printing, and the JSON Schemas. The same edition gives
        the same bytes."""
        from evaltool.sheets.look import write_book

        written = [write_text(folder / name, text) for name, text in self.pages().items()]
        stamp = "；".join(dictionary.opening(self.scheme)[:2])
        for name, title, sheets in (
            ("dictionary.xlsx", DICTIONARY, self.dictionary),
            ("review.xlsx", REVIEW, self.review),
        ):
            fit = [_fitting(sheet) for sheet in sheets]
            written.append(write_book(folder / name, fit, f"{self.scheme.name}　{title}", stamp, self.scheme.key))
        schemas.write(folder / "schema")
        return [*written, *sorted((folder / "schema").glob("*.json"))]


def _fitting(sheet: Sheet) -> Sheet:
    """The table with every row that is higher than a spreadsheet allows told in several."""
    return replace(sheet, rows=[part for row in sheet.rows for part in _parts(sheet, row)])


def _parts(sheet: Sheet, row: Row) -> Iterator[Row]:
    from evaltool.sheets.look import line_count

    left = [list(_lines(str(cell), column.wide)) for cell, column in zip(row, sheet.columns, strict=True)]
    first, more = True, any(left)
    while first or more:
        part = []
        for lines, column in zip(left, sheet.columns, strict=True):
            taken: list[str] = []
            while lines and line_count("\n".join([*taken, lines[0]]), column.wide) <= MOST_LINES:
                taken.append(lines.pop(0))
            part.append("\n".join(taken))
        more = any(left)
        if first and not more:
            yield row  # nothing was split: numbers stay numbers
        else:
            yield part if first else [f"{row[0]}（续）", *part[1:]]
        first = False


def _lines(text: str, wide: float) -> Iterator[str]:
    """The lines of a cell; one that fills a row alone is cut."""
    size = int(wide * MOST_LINES / 2)
    for line in text.split("\n"):
        if len(line) <= size:
            yield line
        else:
            yield from (line[i : i + size] for i in range(0, len(line), size))


def write_pages(root: Path) -> list[Path]:
    """The Markdown of every built-in edition below `root` (docs/editions), and nothing of editions that are gone."""
    written = []
    for entry in entries():
        scheme = load_folder(entry.folder)
        pages = Documents(scheme).pages()
        written += [write_text(root / folder_name(scheme) / name, text) for name, text in pages.items()]
    for old in set(root.glob("*/*.md")) - set(written):
        old.unlink()
        if not any(old.parent.iterdir()):
            old.parent.rmdir()
    return written
