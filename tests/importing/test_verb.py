"""`evaltool import` as a person types it."""

from __future__ import annotations

import json

import pytest

from evaltool.cli import main

from . import making


@pytest.fixture
def run(capsys):
    def typed(*words):
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return left.value.code, said.out, said.err

    return typed


@pytest.fixture
def table(tmp_path):
    return making.document(tmp_path / "考核表.docx", making.S10)


def test_a_draft_is_written_checked_and_shown(run, table, tmp_path):
    code, out, _ = run("import", table, "--as", "district/ecommerce", "2016-01-01", "--editions", tmp_path / "e")
    folder = tmp_path / "e" / "district" / "ecommerce" / "2016-01-01"
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["cases.yaml", "scheme.yaml", "sources.yaml"]
    assert "考核表.docx · 表1 · 第3行第2列: [I216] “淘宝村或电商村”的规则是建议" in out
    assert f"草稿在 {folder}" in out
    assert run("check", folder)[:2] == (0, f"通过　{folder}\n")


def test_it_never_overwrites(run, table, tmp_path):
    words = ("import", table, "--as", "a/b", "2016-01-01", "--editions", tmp_path / "e")
    assert run(*words)[0] == 0
    before = (tmp_path / "e/a/b/2016-01-01/scheme.yaml").read_bytes()
    code, _, err = run(*words)
    assert code == 2
    assert "导入不覆盖" in err
    assert (tmp_path / "e/a/b/2016-01-01/scheme.yaml").read_bytes() == before


def test_the_default_place_is_here(run, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("import", table, "--as", "a/b", "2016-01-01", "--subject", "乡镇")[0] == 0
    assert "subject: 乡镇" in (tmp_path / "editions/a/b/2016-01-01/scheme.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as", "没有", "2016-01-01"], "编号要写成"),
        (["--as", "a/b", "2016"], "日期要写成"),
        (["--as", "a/b"], "--as"),
        ([], "缺少"),
        (["--as", "a/b", "2016-01-01", "--sheet", "别的"], "没有“别的”；可用：表1"),
    ],
)
def test_wrong_usage_is_said_in_chinese(run, table, tmp_path, words, said):
    code, _, err = run("import", table, "--editions", tmp_path / "e", *words)
    assert code == 2
    assert said in err
    assert not (tmp_path / "e").exists()


def test_a_refused_file_is_one_and_writes_nothing(run, tmp_path):
    (tmp_path / "x.docx").write_bytes(b"nothing")
    code, out, _ = run("import", tmp_path / "x.docx", "--as", "a/b", "2016-01-01", "--editions", tmp_path / "e")
    assert code == 1
    assert "[I200]" in out
    assert not (tmp_path / "e").exists()


def test_for_a_program(run, table, tmp_path):
    _, out, _ = run("import", table, "--as", "a/b", "2016-01-01", "--editions", tmp_path / "e", "--json")
    assert {problem["code"] for problem in json.loads(out)["problems"]} == {"I216"}
