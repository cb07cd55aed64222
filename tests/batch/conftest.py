"""Ledgers for the tests of this folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from evaltool.batch.ledger import Ledger
from tests.batch.ledgers import MEMORY


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reports" / ".run" / "ledger.sqlite"


@pytest.fixture
def quick_path():
    """In memory where there is such a folder: for what is tried very often and never waits for a disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder) / "ledger.sqlite"


@pytest.fixture
def ledger(path):
    with Ledger(path) as opened:
        opened.claim("王工")
        opened.begin_run([("1", "甲县", "f"), ("2", "乙县", "f"), ("3", "丙县", "f")])
        yield opened
