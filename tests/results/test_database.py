"""round.sqlite: exact, strict, the same bytes every time, and complete."""

from __future__ import annotations

import sqlite3
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaltool.decisions import decide
from evaltool.facts import LAYERS, OFFICIAL, STATE_NAMES, Origin, State
from evaltool.intake import from_values
from evaltool.quantities import exact
from evaltool.results import exact_text, parse_exact, query, write_database
from evaltool.results.ranking import standings
from evaltool.results.schema import TABLES
from evaltool.scheme import load
from evaltool.scoring import Num, score

from .conftest import CLEAN, HOSTILE, LINK, OPEN, SILENT, THIRD, made

NUMBERS = st.one_of(st.integers(), st.fractions(), st.sampled_from([float("inf"), float("-inf"), None]))


@given(NUMBERS)
def test_numbers_come_back_exactly(number):
    stored = exact_text(exact(number) if isinstance(number, Fraction) else number)
    back = parse_exact(stored)
    assert back == number
    assert type(back) is type(exact(number) if isinstance(number, Fraction) else number)


@pytest.mark.parametrize("number", [84.995, 85.0, float("nan")])
def test_a_float_is_never_stored_as_an_exact_number(number):
    with pytest.raises(TypeError):
        exact_text(number)


def test_every_table_is_strict_and_refuses_wrong_types(database, tmp_path):
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(database.read_bytes())
    connection = sqlite3.connect(copy)
    sql = "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    strict = dict(connection.execute(sql))
    assert {name for name, flag in strict.items() if flag} == set(TABLES)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        connection.execute("UPDATE counties SET place_best = '第一'")
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        connection.execute("UPDATE points SET lo_real = '≈84.99'")
    connection.rollback()
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        connection.execute("INSERT INTO evidence VALUES ('000000', 'towns', 'x')")
    connection.close()


@pytest.mark.parametrize("sql", ["DELETE FROM points", "DROP TABLE facts", "UPDATE meta SET value = ''", "VACUUM"])
def test_a_query_cannot_write(database, sql):
    before = database.read_bytes()
    with pytest.raises(sqlite3.OperationalError):
        query(database, sql)
    assert database.read_bytes() == before


def test_a_query_of_a_missing_file_makes_none(tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        query(tmp_path / "no.sqlite", "SELECT 1")
    assert not list(tmp_path.iterdir())


def test_two_runs_give_the_same_bytes(database, tmp_path):
    assert write_database(tmp_path / "again.sqlite", made()).read_bytes() == database.read_bytes()


def test_texts_come_back_as_they_were(database):
    assert query(database, "SELECT name FROM counties WHERE code = ?", (HOSTILE,))["name"].tolist() == [LINK]
    assert query(database, "SELECT text FROM evidence")["text"].tolist() == [LINK]
    assert query(database, "SELECT text FROM reasons")["text"].tolist() == [LINK]


# --- everything a person sees in the report stands in it ---


def test_every_result_of_every_layer_stands_in_it(database, decisions):
    scores, facts = decisions.scores, decisions.scores.facts
    rows = query(database, "SELECT * FROM points").to_dict("records")
    stored = {(row["layer"], row["code"], row["indicator"]): row for row in rows}
    keys = [key for key, item in scores.scheme.indicators.items() if not item.per] + list(scores.scheme.edition.events)
    came = [code for code, returned in zip(facts.codes, facts.returned, strict=True) if returned]
    assert set(stored) == {(layer, code, key) for layer in LAYERS for code in came for key in keys}
    for (layer, code, key), row in stored.items():
        column, at = scores.column(layer, key), facts.position(code)
        assert row["result"] == scores.result_text(layer, code, key)
        if isinstance(column, Num):
            assert (parse_exact(row["lo"]), parse_exact(row["hi"])) == (column.lo[at], column.hi[at])
            assert row["lo_real"] == (None if row["lo"] == "-inf" else float(column.lo[at]))
    assert stored[OFFICIAL, CLEAN, "N1"]["claimed"] == "5"
    third = stored[OFFICIAL, THIRD, "N2"]
    assert (third["lo"], parse_exact(third["lo"])) == ("36/7", Fraction(36, 7))


def test_every_trace_stands_in_it(database, decisions):
    scores = decisions.scores
    rows = query(database, "SELECT * FROM traces").to_dict("records")
    keys = {*scores.scheme.indicators, *scores.scheme.edition.events}
    assert {row["indicator"] for row in rows} == keys
    for row in rows[:: len(rows) // 40]:
        assert row["text"] == str(scores.explain(row["code"], row["indicator"], row["layer"]))


def test_row_points(tmp_path):
    scheme = load("hubei/project_self_evaluation")
    base = dict(scheme.cases.base)
    scores = score(from_values(scheme, {"a": base, "b": None, "c": base}))
    path = write_database(tmp_path / "x.sqlite", decide(scores))
    [(list_id, rows)] = scores.facts.layers[OFFICIAL].lists.items()
    per = [key for key, item in scheme.indicators.items() if item.per]
    stored = query(path, "SELECT * FROM row_points WHERE layer = ? ORDER BY code, row, indicator", (OFFICIAL,))
    assert len(stored) == len(rows.owner) * len(per)
    assert set(stored["code"]) == {"a", "c"}
    column = scores.column(OFFICIAL, per[0])
    mine = stored[(stored["code"] == "c") & (stored["indicator"] == per[0])]
    assert [parse_exact(lo) for lo in mine["lo"]] == list(column.lo[rows.owner == 2])
    assert list(mine["row"]) == list(range(1, len(mine) + 1))
    joined = query(path, "SELECT list FROM indicators WHERE indicator = ?", (per[0],))
    assert joined["list"].tolist() == [list_id]


def test_every_cell_stands_in_it_with_state_and_origin(database, decisions):
    facts = decisions.scores.facts
    rows = query(database, "SELECT * FROM facts").to_dict("records")
    assert len(rows) == len(LAYERS) * len(facts.codes) * len(facts.scheme.edition.fields)
    for row in rows[::7]:
        value, state, origin = facts.cell(row["layer"], row["code"], row["field"])
        assert row["state"] == STATE_NAMES[state]
        assert (row["value"] is None) == (state != State.FILLED)
        assert Origin(row["workbook"], row["sheet"], row["cell"], row["note"]) == (origin or Origin("", "", ""))
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            assert parse_exact(row["value"]) == value


def test_decisions_funds_problems_questions_and_clauses_stand_in_it(database, decisions):
    scores, scheme = decisions.scores, decisions.scores.scheme

    def count(table: str) -> int:
        return int(query(database, f"SELECT count(*) AS n FROM {table}")["n"].iloc[0])

    assert count("recommendations") == len(decisions.recommendations)
    assert count("funds") == len(decisions.funds)
    assert count("problems") == len(scores.facts.problems) + len(scores.problems)
    assert count("clauses") == sum(len(source.clauses) for source in scheme.sources.values())
    questions = query(database, "SELECT question, accepted FROM questions WHERE accepted <> ''").to_numpy().tolist()
    assert questions == [["Q1", "=张三，2020-07-01"]]
    meta = dict(query(database, "SELECT key, value FROM meta").to_numpy().tolist())
    assert (meta["stamp"], meta["digest"], meta["scheme"]) == (scores.stamp, scheme.digest, scheme.key)


def test_counties_and_places(database, decisions):
    rows = {row["code"]: row for row in query(database, "SELECT * FROM counties").to_dict("records")}
    scores = decisions.scores
    assert [row["grade"] for row in rows.values()] == [scores.grade_text(OFFICIAL, code) for code in rows]
    silent, open_ = rows[SILENT], rows[OPEN]
    assert (silent["returned"], silent["official_lo"], silent["place_best"]) == (0, None, None)
    assert silent["grade"] == "未报送"
    assert open_["official_lo"] != open_["official_hi"]
    assert (open_["place_best"], open_["place_worst"]) == (1, 4)
    came = {code: row for code, row in rows.items() if row["returned"]}
    totals = {code: (parse_exact(row["official_lo"]), parse_exact(row["official_hi"])) for code, row in came.items()}
    for code, (low, high) in totals.items():
        others = [pair for other, pair in totals.items() if other != code]
        assert rows[code]["place_best"] == 1 + sum(pair[0] > high for pair in others)
        assert rows[code]["place_worst"] == 1 + sum(pair[1] > low for pair in others)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=8))
def test_places_hold_every_way_the_open_totals_may_end(made):
    totals = {str(i): (low, low + more) for i, (low, more) in enumerate(made)}
    for code, found in standings(totals).items():
        low, high = totals[code]
        others = [pair for other, pair in totals.items() if other != code]
        best, worst = 1 + sum(pair[0] > high for pair in others), 1 + sum(pair[1] > low for pair in others)
        assert (found.best, found.worst) == (best, worst)
        if best == worst and low == high:
            assert found.tied == ((low, high) in others)
