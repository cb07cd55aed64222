"""Writers and readers of a round's outcome: one database for SQL, a workbook for people, JSON for programs."""

from evaltool.results.database import parse_exact, query
from evaltool.results.database import write as write_database
from evaltool.results.document import write as write_document
from evaltool.results.workbook import write as write_workbook

__all__ = ["parse_exact", "query", "write_database", "write_document", "write_workbook"]
