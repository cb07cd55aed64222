"""The catalogue of evidence: what an edition asks for, what the counties wrote, which files came, what is missing."""

from evaltool.evidence.asking import Item, items_of
from evaltool.evidence.catalogue import Catalogue, CatalogueError, Entry, catalogue, take_evidence
from evaltool.evidence.requests import request_text
from evaltool.evidence.workbook import write_catalogue, write_index

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Entry",
    "Item",
    "catalogue",
    "items_of",
    "request_text",
    "take_evidence",
    "write_catalogue",
    "write_index",
]
