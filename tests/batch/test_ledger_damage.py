"""The run ledger whose file was damaged, exchanged or removed."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3

import pytest

from evaltool.batch.ledger import (
    Ledger,
    LedgerError,
    Lost,
    Newer,
)
from evaltool.batch.ledger_file import FORMAT, KIND
from evaltool.batch.task import FAILED, OK
from tests.batch.ledgers import TASKS, counts, end, filled, states


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def overwrite(path):
    path.write_bytes(random.Random(1).randbytes(20_000))


def scribble(path):
    data = bytearray(path.read_bytes())
    data[4096:12_288] = random.Random(1).randbytes(8192)
    path.write_bytes(data)


def rows_of_text(path):
    path.write_text("key,state\n1,ok\n" * 100)


def another_database(path):
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE counties (code TEXT)")
    db.close()


def fewer_columns(path):
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE tasks DROP COLUMN reason")
    db.close()


def no_claims(path):
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE claim")
    db.close()


DAMAGES = [cut, overwrite, scribble, rows_of_text, another_database, fewer_columns, no_claims]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_set_beside_and_said(path, damage):
    filled(path)
    damage(path)
    bytes_then = path.read_bytes()
    with Ledger(path) as ledger:
        (beside,) = path.parent.glob("ledger.sqlite.damaged-*[0-9]")
        (note,) = ledger.notes
        assert beside.name in note
        assert beside.read_bytes() == bytes_then
        ledger.claim("王工")
        ledger.begin_run(TASKS[:3])
        assert ledger.todo("012", whole=lambda entry: True) == ["0", "1", "2"]
        end(ledger, "0")
    with Ledger(path) as ledger:
        assert ledger.notes == []
        assert ledger.state("0").state == OK


def test_an_empty_file_is_a_new_ledger_and_said(path):
    path.parent.mkdir(parents=True)
    path.touch()
    with Ledger(path) as ledger:
        assert "空文件" in ledger.notes[0]
        assert ledger.entries() == []


def test_a_file_of_a_later_version_is_left_alone(path):
    filled(path, TASKS[:4])
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
        db.execute("ALTER TABLE tasks ADD COLUMN hosts TEXT")
    db.close()
    before = path.read_bytes()
    with pytest.raises(Newer, match=r"更新的 evaltool.*怎么办"):
        Ledger(path)
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir() if "damaged" in item.name] == []


def test_whatever_bytes_change_nobody_sees_a_bare_error(quick_path):
    """One to four bytes changed at random, half of them in the header: a run goes through or ends with words."""
    path = quick_path
    filled(path, TASKS[:60])
    good, chance, refused, beside = path.read_bytes(), random.Random(7), [], 0
    for _ in range(100):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(100 if chance.random() < 0.5 else len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            with Ledger(path, patience=0.05) as ledger:
                ledger._file._db.execute("PRAGMA synchronous = OFF")
                ledger.claim("王工")
                ledger.begin_run(TASKS[:60])
                for key in ledger.todo(["1", "50"], whole=lambda entry: bool(entry.outputs)):
                    end(ledger, key)
                ledger.entries()
                assert ledger.state("50").state == OK
                beside += len(ledger.notes)
        except LedgerError as error:
            refused.append(str(error))
        for left in path.parent.iterdir():
            left.unlink()
    assert len(refused) < beside
    assert all("怎么办" in text for text in refused)


def test_a_file_that_is_changed_into_wal_by_some_tool_is_brought_back(path):
    filled(path, TASKS[:4])
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    db.close()
    with Ledger(path) as ledger:
        ledger.claim("王工")
        end(ledger, "3")
        assert ledger._file._db.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
    assert [item.name for item in path.parent.iterdir() if item.name.endswith(("-wal", "-shm"))] == []


def test_values_that_no_ledger_writes_do_harm_to_their_row_only(path):
    filled(path, TASKS[:4])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE tasks SET outputs = '{', failures = '[1', state = 'oké' WHERE key = '0'")
        db.execute("UPDATE tasks SET outputs = '[]', name = CAST(x'ff41' AS TEXT) WHERE key = '1'")
    db.close()
    with Ledger(path) as ledger:
        ledger.claim("王工")
        ledger.begin_run([(key, name, mark) for key, name, mark in TASKS[:4] if key != "1"])
        assert ledger.todo("0123", whole=lambda entry: bool(entry.outputs)) == ["0", "1", "2", "3"]
        assert ledger.state("1").name == "\ufffdA"
        end(ledger, "0", FAILED)
        assert ledger.state("0").state == FAILED


def test_a_ledger_removed_while_it_is_in_use(path):
    with Ledger(path) as ledger:
        ledger.claim("王工")
        ledger.begin_run(TASKS[:4])
        path.unlink()
        with pytest.raises(Lost, match=r"删掉.*怎么办"):
            ledger.started("1")
        assert not path.exists()
        shutil.copy(__file__, path)  # and something else put there
        with pytest.raises(Lost):
            ledger.started("1")
        assert len(ledger.notes) == 1
        ledger._token = ""


def test_a_ledger_that_only_got_another_number_goes_on(path):
    """Some network shares number a file anew; so does a copy renamed over it."""
    with Ledger(path) as ledger:
        ledger.claim("王工")
        ledger.begin_run(TASKS[:4])
        shutil.copy(path, path.with_name("copy"))
        path.with_name("copy").rename(path)
        end(ledger, "1")
        assert ledger.state("1").state == OK
    assert {state for state, *_ in states(path)} == {OK, "pending"}


def test_a_ledger_that_moved_with_its_folder_is_the_same(tmp_path):
    filled(tmp_path / "here" / "ledger.sqlite", TASKS[:4])
    (tmp_path / "here").rename(tmp_path / "there")
    path = tmp_path / "there" / "ledger.sqlite"
    assert str(tmp_path).encode() not in path.read_bytes()
    with Ledger(path) as ledger:
        assert ledger.todo("0123", whole=lambda entry: True) == ["2", "3"]
        assert json.dumps(counts(ledger)) == '{"ok": 2, "pending": 2}'
    assert KIND.to_bytes(4, "big") == path.read_bytes()[68:72]
