"""From a file that the gate let through to a `Book`."""

from __future__ import annotations

from evaltool.books.book import Book
from evaltool.books.looking import Sealed
from evaltool.books.xlsx import read_xlsx


def read_book(sealed: Sealed, name: str) -> Book:
    """The workbook that the gate let through. Raises BookError where it turns out to be broken."""
    if sealed.kind == "xls":
        from evaltool.books.biff import read_xls  # xlrd is loaded only where an old file came

        return read_xls(sealed.data, name, sealed.sha256)
    return read_xlsx(sealed.data, name, sealed.sha256)
