"""Writers and readers of a round's outcome: one database for SQL, a workbook for people, JSON for programs."""

from evaltool.results.database import exact_text, parse_exact, query, rows_of
from evaltool.results.database import write as write_database
from evaltool.results.document import write as write_document
from evaltool.results.parquet import NoParquet, require_parquet, write_parquet
from evaltool.results.workbook import write as write_workbook

__all__ = [
    "NoParquet", "exact_text", "parse_exact", "query", "require_parquet", "rows_of", "write_database",
    "write_document", "write_parquet", "write_workbook",
]  # fmt: skip
