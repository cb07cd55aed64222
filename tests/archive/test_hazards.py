"""What happens in offices: a crash in the middle of a line, half a yuan in the roster, SQL that writes elsewhere."""

from __future__ import annotations

import json
import sqlite3
from fractions import Fraction

import pytest

from evaltool.archive import create_round, log, open_round
from evaltool.results import query
from evaltool.returns import marking

from .conftest import ON, clock, roster


def test_funds_of_the_roster_keep_their_decimals(tmp_path, scheme):
    table = roster().assign(funds=["1500.5", "1,200", ""])
    create_round(tmp_path / "round", scheme, ON, table, clock)
    rnd = open_round(tmp_path / "round")
    assert list(rnd.roster["funds"]) == [Fraction(3001, 2), 1200, None]
    assert not [problem for problem in rnd.facts().problems if problem.code == "W113"]


def test_a_line_torn_by_a_crash_swallows_no_later_one(tmp_path):
    path = tmp_path / "log.jsonl"
    log.append(path, clock(), "new")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"when": "2025-01-')
    log.append(path, clock(), "read")
    assert json.loads(log.lines(path)[2])["event"] == "read"
    assert log.broken_lines(path) == [2]


@pytest.mark.parametrize("sql", ["VACUUM INTO '{}'", "ATTACH '{}' AS other", "BEGIN", "CREATE TEMP TABLE t (x)", ""])
def test_a_query_writes_no_other_file(tmp_path, sql):
    database, other = tmp_path / "round.sqlite", tmp_path / "other.sqlite"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.close()
    with pytest.raises(sqlite3.OperationalError, match="只能查询"):
        query(database, sql.format(other))
    assert list(tmp_path.iterdir()) == [database]


def test_marked_copies_stay_until_new_ones_are_written(rnd, book, monkeypatch):
    """A crash while marking leaves the copies of before; one whose file no longer counts goes."""
    rnd.take_in([book("990001", "甲县.xlsx")])
    folder = rnd.folder / "intake" / "marked"
    assert [file.name for file in folder.iterdir()] == ["甲县.xlsx"]

    def crash(*_: object) -> None:
        raise RuntimeError("断电")

    with monkeypatch.context() as patch:
        patch.setattr(marking, "each", crash)
        with pytest.raises(RuntimeError, match="断电"):
            rnd.take_in([book("990002", "乙县.xlsx")])
    assert [file.name for file in folder.iterdir()] == ["甲县.xlsx"]
    rnd.take_in([book("990001", "甲县新.xlsx", jc_visits=5600)])
    assert sorted(file.name for file in folder.iterdir()) == ["乙县.xlsx", "甲县新.xlsx"]
