"""The large tables of a round as Parquet files, for people who analyse many rounds at once. An extra: needs pyarrow."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from evaltool.decisions import Decisions
from evaltool.files import write_bytes
from evaltool.results.database import contents
from evaltool.results.schema import FORMAT, TABLES

# file → table of the database; the columns are the same, exact texts beside REAL ones
FILES = {"totals": "counties"} | {name: name for name in ("points", "facts", "list_rows", "row_points")}
_COLUMN = re.compile(r"(?:^|, )(\w+) (TEXT|INTEGER|REAL)\b")


class NoParquet(ImportError):
    """pyarrow is not installed; the message says how to get it."""


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        how = "pip install 'evaltool[parquet]'，或 conda install pyarrow"
        raise NoParquet(f"没有装 pyarrow，写不了 parquet。怎么办：{how}") from None
    return pa, parquet


def write_parquet(folder: str | Path, decisions: Decisions) -> list[Path]:
    """`totals`, `points`, `facts`, `list_rows` and `row_points` as `.parquet` files in `folder`.

    raises  NoParquet, before anything is written
    """
    pa, parquet = _pyarrow()
    types = {"TEXT": pa.string(), "INTEGER": pa.int64(), "REAL": pa.float64()}
    rows: dict[str, list[Any]] = {table: [] for table in FILES.values()}
    for table, some in contents(decisions):
        if table in rows:
            rows[table] += some
    written = []
    for name, table in FILES.items():
        columns = [(column, types[kind]) for column, kind in _COLUMN.findall(TABLES[table])]
        schema = pa.schema(columns, metadata={"evaltool": f"format {FORMAT}, {decisions.scores.scheme.key}"})
        cells = list(zip(*rows[table], strict=True)) or [()] * len(columns)
        arrays = [pa.array(cell, kind) for cell, (_, kind) in zip(cells, columns, strict=True)]
        target = io.BytesIO()
        parquet.write_table(pa.table(arrays, schema=schema), target)
        written.append(write_bytes(Path(folder) / f"{name}.parquet", target.getvalue()))
    return written


def require_parquet() -> None:
    """Raises NoParquet where `write_parquet` would."""
    _pyarrow()
