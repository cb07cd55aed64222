"""A report and papermill's own run of it, compared file by file and both ways."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from evaltool.batch.task import Limits, Task
from evaltool.batch.verifying import REPORT, _compared, verify
from tests.batch import rig


def folder(path: Path, **files: str) -> Path:
    path.mkdir()
    nbformat.write(nbformat.v4.new_notebook(), path / REPORT)
    for name, text in files.items():
        (path / f"{name}.txt").write_text(text, encoding="utf-8")
    return path


def test_files_are_compared_both_ways(tmp_path):
    ours = folder(tmp_path / "ours", same="1", other="1", only_here="1", the_users_own="1")
    plain = folder(tmp_path / "plain", same="1", other="2", only_there="1")
    assert _compared(ours, plain, ["report.ipynb", "same.txt", "other.txt", "only_here.txt"]) == [
        "only_there.txt：papermill 写了，这里没有",
        "other.txt：内容不同",
        "only_here.txt：这里写了，papermill 没有写",
    ]
    assert _compared(ours, ours, ["same.txt"]) == []


@pytest.mark.notebook
def test_a_round_named_from_where_one_is_can_be_verified(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book = rig.book(tmp_path / "book.ipynb", "print(name)")
    task = Task("1", "县", str(book), {"name": "1"}, "f")
    limits = Limits(seconds=120, cell_seconds=60)
    (tmp_path / "out" / "f").mkdir(parents=True)
    found = verify([task], Path("out"), 1, limits)  # not “papermill 没有做完”
    assert found[0].differences[0].startswith(f"{REPORT}：读不出")
