"""What the run ledger keeps of a task: any text, known ends, relative paths; and its table."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaltool.batch.ledger import (
    FRAME,
    PENDING,
    RUNNING,
    SET_ASIDE,
    TRIES,
    WORDS,
    Ledger,
)
from evaltool.batch.ledger_rows import LONGEST
from evaltool.batch.task import FAILED, OK, STATES, TIMEOUT, Outcome
from tests.batch.ledgers import counts, end, todo


@settings(max_examples=25, deadline=None)
@given(keys=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=4))
def test_keys_may_be_any_text(keys):
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.sqlite") as ledger:
        ledger.claim("王工")
        ledger.begin_run([(key, key, key) for key in keys])
        for key in keys:
            end(ledger, key, FAILED, mark=key, reason=key)
        assert [entry.key for entry in ledger.entries()] == keys
        assert todo(ledger, keys) == keys
        assert [ledger.state(key).reason for key in keys] == keys


def test_a_key_that_is_no_text_is_refused_and_other_texts_are_written_out(ledger):
    with pytest.raises(ValueError, match="UTF-8"):
        ledger.begin_run([("\ud800", "甲县", "f")])
    assert ledger.state("\ud800") is None
    ledger.begin_run([("4", "丁\udcff县", "f")])
    end(ledger, "4", FAILED, reason="找不到 \udcff.xlsx", seconds=float("nan"))
    assert (ledger.state("4").name, ledger.state("4").reason) == ("丁\\udcff县", "找不到 \\udcff.xlsx")
    assert ledger.state("4").seconds == 0


def test_a_key_may_not_come_twice(ledger):
    with pytest.raises(ValueError, match="twice"):
        ledger.begin_run([("7", "甲县", "f"), ("7", "乙县", "f")])
    assert ledger.state("7") is None


def test_a_long_reason_is_cut(ledger):
    for _ in range(TRIES):
        end(ledger, "1", FAILED, reason="长" * 1_000_000)
        assert len(ledger.state("1").reason) <= LONGEST


@pytest.mark.parametrize("name", ["/srv/report.html", "C:\\报告\\report.html", "\\\\host\\share\\x"])
def test_only_relative_paths_are_kept(ledger, name):
    ledger.started("1")
    with pytest.raises(ValueError, match="relative"):
        ledger.finished(Outcome("1", "甲县", OK, folder=name), "f", {})
    with pytest.raises(ValueError, match="relative"):
        ledger.finished(Outcome("1", "甲县", OK, folder="甲县"), "f", {"/srv/report.html": "a"})
    assert ledger.state("1").state == RUNNING


def test_a_file_whose_name_is_a_path_elsewhere_is_an_output_like_others(ledger):
    """df.to_csv(r"D:\\x.csv") makes a file of that name on Linux; the batch must not stop by it."""
    end(ledger, "1")
    ledger.finished(Outcome("1", "甲县", OK, folder="甲县"), "f", {r"D:\x.csv": "a"})
    assert dict(ledger.state("1").outputs) == {r"D:\x.csv": "a"}


@pytest.mark.parametrize("state", [PENDING, RUNNING, SET_ASIDE, "", "okay"])
def test_an_end_is_one_of_the_known_ends(ledger, state):
    with pytest.raises(ValueError, match="one of"):
        ledger.finished(Outcome("1", "甲县", state), "f", {})


def test_every_state_has_a_word():
    assert set(WORDS) == {PENDING, RUNNING, SET_ASIDE, *STATES}
    assert len(set(WORDS.values())) == len(WORDS)


def test_the_table(ledger):
    end(ledger, "1", seconds=1.5)
    end(ledger, "2", TIMEOUT, reason="超过 600 秒", cell=4)
    table = ledger.frame()
    assert list(table) == FRAME
    assert table["key"].tolist() == ["1", "2", "3"]
    assert table["state"].tolist() == [OK, TIMEOUT, PENDING]
    assert table["outputs"].tolist() == ["report.html、report.ipynb", "", ""]
    assert table["when"].isna().tolist() == [False, False, True]
    assert table["when"][0].timestamp() == pytest.approx(ledger.state("1").ended)
    assert counts(ledger) == {OK: 1, PENDING: 1, TIMEOUT: 1}


def test_the_table_of_an_empty_ledger(path):
    with Ledger(path) as ledger:
        assert ledger.frame().empty
        assert counts(ledger) == {}
        assert list(ledger.frame()) == FRAME


def test_who_only_reads_needs_no_claim_and_leaves_none(path, ledger):
    with Ledger(path) as reader:
        assert len(reader.entries()) == 3
        for write in (lambda: reader.begin_run([]), lambda: reader.started("1")):
            with pytest.raises(RuntimeError, match="claim"):
                write()
        reader.release()
        assert not reader.heartbeat()
    end(ledger, "1")
    assert ledger.state("1").state == OK
