"""From a path to bytes: nothing that blocks or points elsewhere is opened, and a file that changes is not half read."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest
from gate_making import hand, parts

from evaltool.books import looking
from evaltool.books.looking import fetch, look, shown_name

GOOD = hand.zipped(parts())


def test_a_good_workbook_is_sealed_with_its_bytes_and_hash(tmp_path):
    path = tmp_path / "甲县.xlsx"
    path.write_bytes(GOOD)
    assert look(path) == (GOOD, hashlib.sha256(GOOD).hexdigest(), "xlsx", None)


def test_a_refused_file_keeps_its_bytes_and_hash(tmp_path):
    path = tmp_path / "甲县.xlsx"
    path.write_bytes(b"%PDF")
    data, digest, kind, problem = look(path)
    assert (data, digest, kind, problem.code) == (b"%PDF", hashlib.sha256(b"%PDF").hexdigest(), "", "W100")


def unusual(folder: Path, kind: str) -> Path:
    path = folder / "甲县.xlsx"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        (folder / "good").write_bytes(GOOD)
        path.symlink_to(folder / "good")
    elif kind == "link to nothing":
        path.symlink_to(folder / "nothing")
    elif kind == "link to itself":
        path.symlink_to(path)
    else:
        return Path("/dev/zero")
    return path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "link", "link to nothing", "link to itself", "device"])
def test_what_is_no_regular_file_is_refused_without_being_opened(tmp_path, kind, monkeypatch):
    path = unusual(tmp_path, kind)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("opened"))
    data, digest, taken, problem = look(path)
    assert (data, digest, taken, problem.code, problem.level) == (b"", "", "", "W122", "stop")
    assert problem.place.workbook == path.name
    words = {"pipe": "管道", "socket": "套接字", "folder": "文件夹", "device": "设备"}
    assert words.get(kind, "链接") in problem.what
    assert problem.do


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["pipe", "link", "device"])
def test_what_is_put_in_the_place_of_a_file_while_it_is_looked_at_neither_blocks_nor_is_followed(
    tmp_path, kind, monkeypatch
):
    path = unusual(tmp_path, kind)
    innocent = tmp_path / "innocent"
    innocent.write_bytes(GOOD)
    seen = innocent.lstat()
    monkeypatch.setattr(Path, "lstat", lambda self: seen)
    data, problem = fetch(path)
    assert data == b""
    assert problem.code == ("W102" if kind == "link" else "W122")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "甲县.xlsx"
    with path.open("wb") as made:
        made.truncate(looking.MOST_FILE + 1)  # takes no room on the disk
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("opened"))
    problem = look(path).problem
    assert (problem.code, "64 MB" in problem.what) == ("W111", True)


def test_a_file_that_is_not_there_or_not_ours_is_named(tmp_path, monkeypatch):
    assert fetch(tmp_path / "不在.xlsx")[1].code == "W102"
    assert "不见了" in fetch(tmp_path / "不在.xlsx")[1].what
    path = tmp_path / "甲县.xlsx"
    path.write_bytes(GOOD)

    def locked(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", locked)
    assert "占用" in fetch(path)[1].what


def test_a_failing_disk_is_named(tmp_path, monkeypatch):
    path = tmp_path / "甲县.xlsx"
    path.write_bytes(GOOD)

    def failing(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", failing)
    problem = fetch(path)[1]
    assert (problem.code, "读不出" in problem.what) == ("W102", True)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is touched"])
def test_a_file_that_changes_while_it_is_read_is_not_half_taken(tmp_path, change, monkeypatch):
    path = tmp_path / "甲县.xlsx"
    path.write_bytes(GOOD)
    real, seen = os.fstat, []

    def at_the_end(handle: int) -> os.stat_result:
        seen.append(handle)
        if len(seen) == 2:
            if change == "is touched":
                os.utime(path, ns=(1, 1))
            else:
                path.write_bytes(GOOD + b"x" if change == "grows" else GOOD[:-9])
        return real(handle)

    monkeypatch.setattr(looking.os, "fstat", at_the_end)
    data, problem = fetch(path)
    assert (data, problem.code) == (b"", "W102")
    assert "还在变" in problem.what


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("甲县　自评 表.xlsx", "甲县　自评 表.xlsx"),
        (os.fsdecode("甲县.xlsx".encode("gb18030")), "甲县.xlsx"),
        ("甲\n县\u202e.xlsx", "甲\ufffd县\ufffd.xlsx"),
    ],
)
def test_every_name_can_be_written_into_a_report(name, shown):
    assert shown_name(Path(name)) == shown
    shown_name(Path(name)).encode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_file_named_in_the_code_page_of_windows_is_read(tmp_path):
    path = tmp_path / os.fsdecode("甲县.xlsx".encode("gb18030"))
    path.write_bytes(b"")
    assert look(path).problem.what == "甲县.xlsx 是空文件"
