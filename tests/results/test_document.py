"""results.json and the Parquet files."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evaltool.results import NoParquet, parse_exact, query, write_document, write_parquet
from evaltool.results.parquet import FILES
from evaltool.results.schema import TABLES

from .conftest import CLEAN, OPEN, SILENT, THIRD, made

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def document(decisions: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = write_document(tmp_path_factory.mktemp("json") / "results.json", decisions)
    return json.loads(path.read_text("utf-8"), parse_float=pytest.fail)  # no number in it is a float


def test_it_says_its_format_and_that_nothing_is_decided(document, decisions):
    assert document["format"] == 1
    assert document["stamp"] == decisions.scores.stamp
    assert "不是决定" in document["notice"]


def test_results_are_exact_texts(document):
    points = document["counties"][THIRD]["layers"]["认定"]["points"]
    assert points["N2"] == ["36/7", "36/7"]
    assert [parse_exact(end) for end in points["N2"]] == [Fraction(36, 7)] * 2
    clean, open_, silent = (document["counties"][code] for code in (CLEAN, OPEN, SILENT))
    assert clean["place"] == [1, 1]
    assert clean["layers"]["认定"]["total"][0] == clean["layers"]["认定"]["total"][1]
    assert open_["place"] == [1, 4]
    assert open_["layers"]["认定"]["total"][0] != open_["layers"]["认定"]["total"][1]
    assert silent == {"name": "@未报县", "returned": False, "claimed": None, "place": None, "layers": {}}


def test_two_runs_give_the_same_bytes(decisions, tmp_path):
    one, other = write_document(tmp_path / "1.json", decisions), write_document(tmp_path / "2.json", made())
    assert one.read_bytes() == other.read_bytes()


def paths(tree: Any, prefix: str = "") -> set[str]:
    """Dotted names of every key; counties, layers and indicators stand as ‹…›."""
    found = set()
    for key, value in tree.items():
        name = prefix + key
        found.add(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                found |= paths(one, name + ".")
    return found


def test_every_key_is_documented(document):
    text = (ROOT / "docs" / "results.md").read_text("utf-8").partition("## results.json")[2]
    county = document["counties"][CLEAN]
    layer = county["layers"]["认定"]
    plain = {key: value for key, value in document.items() if key != "counties"} | {"counties": {}}
    keys = paths(plain) | paths({"县": {**county, "layers": {}}}) | paths({"层": {**layer, "points": []}})
    for key in keys - {"县", "层"}:
        assert f"`{key.rpartition('.')[2]}`" in text, key


# --- parquet ---


def test_parquet_holds_the_same_as_the_database(decisions, database, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    written = write_parquet(tmp_path, decisions)
    assert [path.stem for path in written] == list(FILES)
    for path in written:
        table = parquet.read_table(path)
        frame = query(database, f"SELECT * FROM {FILES[path.stem]}")
        assert table.column_names == list(frame.columns)
        parts = ("layer", "code", "list", "row", "field", "column", "indicator")
        key = [name for name in parts if name in table.column_names]
        rows = sorted(table.to_pylist(), key=lambda row: [str(row[name]) for name in key])
        others = sorted(frame.to_dict("records"), key=lambda row: [str(row[name]) for name in key])
        assert rows == others
    assert str(parquet.read_table(tmp_path / "points.parquet").schema.field("lo_real").type) == "double"
    assert str(parquet.read_table(tmp_path / "points.parquet").schema.field("lo").type) == "string"


def test_parquet_says_how_to_get_it(decisions, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NoParquet, match=r"evaltool\[parquet\]"):
        write_parquet(tmp_path, decisions)
    assert not list(tmp_path.iterdir())


def test_every_file_is_a_table():
    assert set(FILES.values()) <= set(TABLES)
