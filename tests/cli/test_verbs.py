"""What each verb does and says, and its exit code: 0 done, 1 refused or failed, 2 wrong usage, 3 wrong definition."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from evaltool.scheme import entries

from .conftest import ANSWERS, write_roster

FOLDERS = {entry.id: entry.folder for entry in entries()}
VERBS = ("demo", "new", "template", "read", "score", "report", "explain", "import", "check", "test", "show", "verify")
SCHEME = ("--scheme", "shili/jiceng", "--on", "2024-12-31")


# --- the way through ---


def test_new_template_read_score_explain_verify(run, tmp_path):
    from evaltool.intake import fill

    rnd, back = tmp_path / "2024 轮", tmp_path / "back"
    done = run("new", rnd, *SCHEME, "--roster", write_roster(tmp_path / "r.csv"))
    assert (done.code, done.err) == (0, "")
    assert "evaltool template" in done.out
    done = run("template", rnd)
    assert done.code == 0
    assert "写了 4 份" in done.out
    back.mkdir()
    [blank] = (rnd / "templates").glob("990001*")
    shutil.copy(blank, back)
    fill(back / blank.name, {"fields": ANSWERS})
    done = run("read", rnd, back)
    assert done.code == 0
    assert "新收 1 个文件，共 1 个" in done.out
    assert "丙县" in done.out  # not returned, and told
    done = run("score", rnd)
    assert done.code == 0
    assert "甲县" in done.out
    assert "results.xlsx" in done.out
    done = run("explain", rnd, "甲县", "A2")
    assert done.code == 0
    assert "690" in done.out
    assert "附1" in done.out
    done = run("verify", rnd)
    assert (done.code, done.out) == (0, "与回执一致\n")


def test_no_verb_shows_what_there_is(run):
    done = run()
    assert done.code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in done.out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(run, verb):
    done = run(verb, "--help")
    assert done.code == 0
    assert "Usage" in done.out


# --- wrong usage ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scor"], "没有命令“scor”；是不是 score？"),
        (["zzz"], "没有命令“zzz”；可用：check、demo"),
        (["score"], "缺少 ROUND"),
        (["new", "x"], "缺少 --scheme"),
        (["read", "{round}"], "二者取一"),
        (["score", "{round}", "--jsno"], "没有选项 --jsno；是不是 --json？"),
        (["score", "{round}", "more"], "多了参数 more"),
        (["report", "{round}", "--jobs"], "选项 --jobs 后面要写一个值"),
        (["report", "{round}", "--jobs", "0"], "--jobs：要写 1 到 64 的整数，现在是“0”"),
        (["report", "{round}", "--county", "戊县"], "名册里没有“戊县”"),
        (["read", "{round}", "no.xlsx"], "FILE…：“no.xlsx”不存在"),
        (["score", "{here}"], "不是一轮评价；先用 evaltool new 新建"),
        (["verify", "{here}"], "不是一轮评价"),
        (["template", "{file}"], "是文件，这里要文件夹"),
        (["explain", "{round}", "戊县"], "名册里没有“戊县”；是不是 "),
        (["explain", "{round}", "甲县", "A22"], "没有指标“A22”；是不是 A2？"),
        (["explain", "{round}", "丙县", "A2"], "“丙县”未报送"),
        (["explain", "{round}", "甲县", "--layer", "市级"], "--layer：只能是 自评 或 认定，现在是“市级”"),
        (["show", "hubei/ecomerce_rural"], "没有指标体系 hubei/ecomerce_rural；是不是 hubei/ecommerce_rural？"),
        (["show", "shili/jiceng", "--on", "2024-1-1"], "--on：日期要写成 2020-06-30 的样子"),
        (["show", "shili/jiceng", "--on", "1999-01-01"], "1999-01-01 没有有效的 shili/jiceng"),
        (["show", "--editions", "nowhere"], "“nowhere”不存在"),
        (["check", "nowhere"], "没有指标体系“nowhere”"),
        (["test", "nowhere"], "没有指标体系“nowhere”"),
        (["new", "{round}", *SCHEME, "--roster", "{roster}"], "已经有文件；换一个文件夹，或先清空它"),
        (["new", "{here}/n", *SCHEME[:2], "--on", "12月", "--roster", "{roster}"], "现在是“12月”"),
        (
            ["new", "{here}/n", "--scheme", "jiceng", "--on", "2024-12-31", "--roster", "{roster}"],
            "没有指标体系 jiceng",
        ),
        (["new", "{here}/n", *SCHEME, "--roster", "{book}"], "不是 CSV；在表格软件里另存为 CSV UTF-8"),
        (["new", "{here}/n", *SCHEME, "--roster", "{here}"], "不是 CSV"),
        (["demo", "--out", "{round}"], "里有别的文件，不会覆盖"),
    ],
)
def test_wrong_usage_is_told_in_chinese(run, finished, words, said, monkeypatch):
    monkeypatch.chdir(finished)
    [book] = (finished / "back").glob("990001*")
    places = {
        "round": finished / "round", "here": finished, "file": book, "book": book, "roster": finished / "roster.csv",
    }  # fmt: skip
    done = run(*(word.format(**places) for word in words))
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_bad_roster_is_refused_and_leaves_nothing(run, tmp_path):
    roster = tmp_path / "r.csv"
    roster.write_bytes("code,name\n1,甲县\n1,乙县\n2,\n".encode("gbk"))
    done = run("new", tmp_path / "round", *SCHEME, "--roster", roster)
    assert done.code == 2
    assert "代码 1 与“甲县”重复" in done.err
    assert "代码 2 没有名称" in done.err
    assert not (tmp_path / "round").exists()


@pytest.mark.parametrize("words", [["explain", "甲县"], ["report"]])
def test_before_scoring(run, finished, words):
    shutil.rmtree(finished / "round" / "results")
    done = run(words[0], finished / "round", *words[1:])
    assert done.code == 2
    assert "还没有评分；先运行 evaltool score" in done.err


def test_a_slip_in_round_yaml(run, finished):
    path = finished / "round" / "round.yaml"
    path.write_text(path.read_text("utf-8") + "budget: 5\n", "utf-8")
    for verb in ("template", "score", "report"):
        done = run(verb, finished / "round")
        assert done.code == 2
        assert "round.yaml:8:1：不认识的键“budget”" in done.err


# --- files and data ---


def test_a_refused_file_is_exit_1_and_the_others_are_taken(run, finished, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "990002 坏.xlsx").write_bytes(b"%PDF-1.4")
    [good] = (finished / "back").glob("990001*")
    shutil.copy(good, more / "990001 又一份.xlsx")
    done = run("read", finished / "round", more)
    assert done.code == 1
    assert "[W100]" in done.out
    assert "怎么办" in done.out
    assert "已报送 2" in done.out
    done = run("read", finished / "round", more, "--json")
    document = json.loads(done.out)
    assert done.code == 1
    assert {"W100", "W110", "W114"} <= {problem["code"] for problem in document["problems"]}
    assert set(document["problems"][0]) == {
        "code", "level", "what", "why", "do", "workbook", "sheet", "cell", "field", "subject", "rule", "clause",
    }  # fmt: skip


def test_an_empty_folder_says_that_nothing_came(run, finished, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run("read", finished / "round", tmp_path / "empty")
    assert done.code == 0
    assert "新收 0 个文件，共 2 个" in done.out


def test_score_as_json(run, finished):
    done = run("score", finished / "round", "--json")
    document = json.loads(done.out)
    assert (done.code, document["format"]) == (0, 1)
    assert document["counties"]["990003"]["returned"] is False


def test_final_results_are_refused_while_something_is_open(run, finished):
    before = (finished / "round" / "results" / "results.json").read_bytes()
    done = run("score", finished / "round", "--final")
    assert done.code == 1
    assert "还不能定稿" in done.err
    assert "丙县（990003）未报送；收到表后再定稿" in done.err
    assert "甲县（990001）总分" in done.err
    assert "等：查实造假、抽查不合格档案" in done.err
    assert (finished / "round" / "results" / "results.json").read_bytes() == before


def test_parquet(run, finished, monkeypatch):
    pytest.importorskip("pyarrow")
    folder = finished / "round" / "results" / "parquet"
    assert run("score", finished / "round", "--parquet").code == 0
    assert max(path.name for path in folder.iterdir()) == "totals.parquet"
    assert run("score", finished / "round").code == 0
    assert not folder.exists()  # those of an earlier scoring would be stale
    before = (finished / "round" / "log.jsonl").read_bytes()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("score", finished / "round", "--parquet")
    assert done.code == 2
    assert "pip install 'evaltool[parquet]'" in done.err
    assert (finished / "round" / "log.jsonl").read_bytes() == before


def test_verify_lists_what_differs(run, finished):
    (finished / "round" / "results" / "results.xlsx").unlink()
    (finished / "round" / "roster.csv").write_text("x", "utf-8")
    done = run("verify", finished / "round")
    assert done.code == 1
    assert done.out.splitlines() == ["results/results.xlsx：不见了", "roster.csv：内容变了", "不同 2 处"]
    done = run("verify", finished / "round", "--json")
    assert done.code == 1
    assert len(json.loads(done.out)["differences"]) == 2


def test_a_spoiled_database(run, finished):
    (finished / "round" / "results" / "round.sqlite").write_bytes(b"no database" * 1000)
    done = run("explain", finished / "round", "甲县")
    assert done.code == 1
    assert "重新运行 evaltool score" in done.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(run, finished):
    (finished / "round" / "results").chmod(0o500)
    done = run("score", finished / "round")
    assert done.code == 1
    assert "读写不了" in done.err


def test_a_disk_that_is_full(run, finished, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device", "results.json")

    monkeypatch.setattr("evaltool.files.os.fsync", full)
    done = run("score", finished / "round")
    assert done.code == 1
    assert "读写不了 results.json" in done.err


# --- definitions ---


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    folder = tmp_path / "spoiled"
    shutil.copytree(FOLDERS["shili/jiceng"], folder)
    path = folder / "scheme.yaml"
    path.write_text(path.read_text("utf-8").replace("valid_to: null", "valid_too: null"), "utf-8")
    return folder


def test_check_all(run):
    done = run("check")
    assert done.code == 0
    assert done.out.count("通过") == len(FOLDERS)


def test_check_a_spoiled_folder(run, spoiled):
    done = run("check", spoiled)
    assert done.code == 3
    assert "有误" in done.out
    assert "scheme.yaml:6:1: [S103]" in done.out
    assert "valid_to" in done.out
    done = run("check", spoiled, "--json")
    assert done.code == 3
    assert json.loads(done.out)["problems"][0]["rule"] == "scheme.yaml:6:1"


def test_a_spoiled_definition_is_exit_3_everywhere(run, spoiled, finished):
    assert run("test", spoiled).code == 3
    shutil.copy(spoiled / "scheme.yaml", finished / "round" / "scheme" / "scheme.yaml")
    for verb in ("template", "score"):
        done = run(verb, finished / "round")
        assert done.code == 3
        assert "指标体系有误" in done.err
        assert "scheme.yaml:6:1" in done.err


def test_cases(run, tmp_path):
    done = run("test", "shili/jiceng")
    assert done.code == 0
    assert "不成立 0" in done.out
    folder = tmp_path / "wrong"
    shutil.copytree(FOLDERS["shili/jiceng"], folder)
    path = folder / "cases.yaml"
    path.write_text(path.read_text("utf-8").replace("TOTAL: 61.5", "TOTAL: 62"), "utf-8")
    done = run("test", folder)
    assert done.code == 3
    assert "[S215]" in done.out
    assert "62" in done.out


def test_show(run):
    done = run("show")
    assert done.code == 0
    assert all(scheme_id in done.out for scheme_id in FOLDERS)
    done = run("show", "hubei/ecommerce_rural", "--on", "2020-06-30")
    assert done.code == 0
    assert "资金拨付率" in done.out
    assert "参考权重" in done.out


def test_an_edited_copy_no_longer_fits_the_workbooks(run, finished):
    path = finished / "round" / "scheme" / "scheme.yaml"
    path.write_text(path.read_text("utf-8") + "# 改过\n", "utf-8")
    done = run("read", finished / "round", finished / "back")
    assert done.code == 1
    assert done.out.count("[W104]") == 2
