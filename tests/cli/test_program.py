"""`evaltool` as a program of its own: exit codes, streams, terminals, and the demo."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--version"], 0), (["show"], 0), (["nix"], 2), (["score", "nowhere"], 2), (["show", "x/y"], 2)],
)
def test_exit_codes(program, words, code):
    done = program(*words)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == bool(code)


def test_a_terminal_without_chinese_is_no_failure(program):
    done = program("show", env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "hubei/ecommerce_rural" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a shell with pipes")
def test_a_reader_that_goes_away_is_no_failure():
    command = f"'{sys.executable}' -m evaltool.cli show hubei/ecommerce_rural | head -c 3"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr


def test_a_fault_of_the_program_stays_a_python_error(monkeypatch):
    from evaltool import cli, cli_editions

    def fault(*_: object, **__: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(cli_editions, "_folders", fault)
    with pytest.raises(TypeError, match="a bug"):
        cli.main(["check"])


@pytest.mark.notebook
def test_the_demo_twice_and_into_a_foreign_folder(program, tmp_path):
    out = tmp_path / "demo"
    for _ in range(2):
        done = program("demo", "--out", out)
        assert done.returncode == 0, done.stderr
        assert (out / "reports" / "index.html").is_file()
    assert program("verify", out).returncode == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x", "utf-8")
    done = program("demo", "--out", tmp_path / "mine")
    assert done.returncode == 2
    assert "不会覆盖" in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
