"""The verbs about editions, on an office's own ones, and rounds that look back, as a person types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evaltool.scheme import entries

from .conftest import ANSWERS

JICENG = next(entry.folder for entry in entries() if entry.id == "shili/jiceng")
FIRST, SECOND = "shili/jiceng@2024-01-01", "shili/jiceng@2025-01-01"


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the invented province's edition with (old, new) put in its rules."""
    shutil.copytree(JICENG, folder)
    path = folder / "scheme.yaml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return folder


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An office's folder with a later edition of the built-in one."""
    root = tmp_path / "editions"
    changed(
        root / "shili/jiceng/2025-01-01",
        ("valid_from: 2024-01-01", "valid_from: 2025-01-01"),
        ("at_least: 65%", "at_least: 70%"),
    )
    return root


# --- draft ---


def test_a_draft_passes_check_and_test_at_once(run, tmp_path):
    root = tmp_path / "own"
    done = run("draft", "my/own", "2026-01-01", "--editions", root)
    folder = root / "my/own/2026-01-01"
    assert done.code == 0
    assert f"evaltool check {folder}" in done.out
    assert {path.name for path in folder.iterdir()} == {"scheme.yaml", "sources.yaml", "cases.yaml"}
    for path in folder.iterdir():
        first = path.read_text("utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (folder / schema).resolve().is_file()
        assert (folder / schema).name == f"{path.stem}.schema.json"
        assert "TODO" not in path.read_text("utf-8")
    assert run("check", folder, "--editions", root).code == 0
    done = run("test", "--strict", "--editions", root)
    assert done.code == 0
    assert "没有算例的分数线 0，改了也没有算例失败的数字 0" in done.out
    again = run("draft", "my/own", "2026-01-01", "--editions", root)
    assert again.code == 2
    assert "不会覆盖" in again.err


@pytest.mark.parametrize("option", ["--extends", "--amends"])
def test_a_draft_of_a_change_passes_too(run, tmp_path, option):
    root = tmp_path / "own"
    scheme_id = {"--extends": "my/lower", "--amends": "shili/jiceng"}[option]
    assert run("draft", scheme_id, "2026-01-01", option, FIRST, "--editions", root).code == 0
    for verb in ("check", "test"):
        done = run(verb, "--editions", root)
        assert (done.code, done.err) == (0, ""), done.out
    done = run("show", f"{scheme_id}@2026-01-01", "--editions", root)
    assert f"【与 {FIRST} 相比】" in done.out
    assert run("draft", "my/lowest", "2027-01-01", "--extends", f"{scheme_id}@2026-01-01", "--editions", root).code == 0
    assert run("check", "my/lowest", "--editions", root).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["own", "2026-01-01"], "编号要写成"),
        (["my/own", "2026"], "日期要写成"),
        (["my/own", "2026-01-01", "--extends", "shili/jiceng"], f"写成 编号@施行日期，如 {FIRST}"),
        (["my/own", "2026-01-01", "--extends", "shili/jiceng@2020-01-01"], "没有 shili/jiceng@2020-01-01"),
        (["my/own", "2026-01-01", "--amends", FIRST], "修改通知的编号要与被修改的一致，写 shili/jiceng"),
        (["shili/jiceng", "2026-01-01", "--extends", FIRST], "下级的细则要有自己的编号"),
        (["shili/jiceng", "2023-01-01", "--amends", FIRST], "要晚于 2024-01-01"),
        (["shili/jiceng", "2026-01-01", "--amends", FIRST, "--extends", FIRST], "只写一个"),
    ],
)
def test_a_draft_that_cannot_be(run, tmp_path, words, said):
    done = run("draft", *words, "--editions", tmp_path)
    assert done.code == 2
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_outside_a_checkout_a_draft_lies_in_editions(run, tmp_path, monkeypatch):
    from evaltool.documents import skeleton

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(skeleton.indicators, "root", lambda: tmp_path / "site-packages/indicators")
    assert skeleton.default_root() == Path("editions")
    (tmp_path / "work/.git").mkdir(parents=True)
    (tmp_path / "work/indicators").mkdir()
    monkeypatch.setattr(skeleton.indicators, "root", lambda: tmp_path / "work/indicators")
    assert skeleton.default_root() == tmp_path / "work/indicators"


# --- check and test ---


def test_two_editions_in_force_at_once_are_told_with_file_and_line(run, office):
    done = run("check", "--editions", office)
    assert done.code == 3
    assert "shili/jiceng/2024-01-01/scheme.yaml:6:1: [S213]" in done.out
    assert f"{FIRST}（没有写止期）与 {SECOND} 同时有效" in done.out
    assert "前一版的 valid_to 写 2024-12-31" in done.out
    problems = json.loads(run("check", "--editions", office, "--json").out)["problems"]
    assert [problem["code"] for problem in problems] == ["S213"]
    assert run("check").code == 0  # the built-in ones alone


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("valid_to: 2025-05-31", None),
        ("valid_to: 2025-06-01", "同时有效"),
        ("valid_to: 2025-05-29", "2025-05-30 至 2025-05-31 没有可用的版本"),
    ],
)
def test_gaps_and_overlaps(run, tmp_path, to, said):
    root = tmp_path / "own"
    ids = ("id: shili/jiceng", "id: my/own")
    changed(root / "my/own/2024-01-01", ids, ("valid_to: null", to))
    changed(root / "my/own/2025-06-01", ids, ("valid_from: 2024-01-01", "valid_from: 2025-06-01"))
    done = run("check", "my/own", "--editions", root)
    assert done.code == (3 if said else 0)
    assert said is None or said in done.out
    assert done.out.count("[S213]") == (1 if said else 0)


def test_an_amended_edition_ends_the_day_before_the_notice(run, tmp_path):
    root = tmp_path / "own"
    for day in ("2025-01-01", "2026-01-01"):
        run("draft", "shili/jiceng", day, "--amends", FIRST, "--editions", root)
    done = run("check", "--editions", root)
    assert done.code == 3  # the second notice amends the edition, not the first notice: both would be in force
    assert f"{SECOND}（没有写止期）与 shili/jiceng@2026-01-01 同时有效" in done.out
    assert done.out.count("[S213]") == 1


def test_the_same_edition_twice_and_a_folder_of_another_name(run, tmp_path):
    changed(tmp_path / "a/shili/jiceng/2024-01-01")
    done = run("check", "--editions", tmp_path / "a")
    assert done.code == 3
    assert f"{FIRST} 有两份" in done.out
    changed(tmp_path / "b/my/own/2024-01-01")
    done = run("check", "--editions", tmp_path / "b")
    assert done.code == 3
    assert f"文件夹 my/own/2024-01-01 里写的是 {FIRST}" in done.out


def test_strict_tells_what_the_cases_do_not_see(run, tmp_path):
    folder = changed(tmp_path / "weak")
    cases = folder / "cases.yaml"
    text = cases.read_text("utf-8").replace(
        "  - {name: 占比正好 45%, given: {jc_visits: 4500}, expect: {A1: 10}}\n", ""
    )
    cases.write_text(text, "utf-8")
    assert run("test", folder).code == 0
    done = run("test", folder, "--strict")
    assert done.code == 3
    assert "没有算例的分数线 1" in done.out
    assert "[S218]" in done.out
    assert "[S219]" in done.out
    codes = {problem["code"] for problem in json.loads(run("test", folder, "--strict", "--json").out)["problems"]}
    assert codes == {"S218", "S219"}


# --- show and doc ---


def test_show_by_id_date_and_folder(run, office):
    for name in (SECOND, office / "shili/jiceng/2025-01-01"):
        done = run("show", name, "--editions", office)
        assert done.code == 0
        assert "不低于 70% 得 30 分" in done.out
    for word in ("【字段】", "【待定问题】", "【不打分的条款】", "A1 基层诊疗人次占比（30 分）"):
        assert word in done.out
    done = run("show", "shili/jiceng@2023-01-01")
    assert done.code == 2
    assert f"没有 shili/jiceng@2023-01-01；已有：{FIRST}" in done.err


def test_show_tells_what_a_notice_changed_and_by_which_clause(run, tmp_path):
    folder = tmp_path / "own/shili/jiceng/2025-01-01"
    folder.mkdir(parents=True)
    texts = {
        "scheme.yaml": f"format: 1\namends: {FIRST}\nvalid_from: 2025-01-01\nvalid_to: null\nset:\n"
        "  indicators.A1.rule.steps.0.at_least: {to: 70%, cite: [N/1]}\n"
        "add:\n  duties:\n    tell: {name: 公布结果, who: county, kind: duty, cite: [N/2]}\n",
        "sources.yaml": "format: 1\nN:\n  title: 通知\n  clauses:\n    '1': {gist: 提高到七成}\n    '2': {gist: 公布}\n",
        "cases.yaml": "format: 1\nbase: {}\ncases: []\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    done = run("show", SECOND, "--editions", tmp_path / "own")
    assert done.code == 0
    told = done.out.partition(f"【与 {FIRST} 相比】\n")[2].partition("\n\n")[0]
    assert told.splitlines() == [
        "　基层诊疗人次占比：第 1 档（30 分）的条件由“不低于 65%”改为“不低于 70%”　〔N 1〕", "　增加职责“公布结果”　〔N 2〕",
    ]  # fmt: skip


def test_doc_writes_everything(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("doc", "shili/jiceng", "--on", "2024-06-30")
    assert done.code == 0
    folder = Path("out/documents/shili-jiceng-2024-01-01")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    schemas = {f"schema/{name}.schema.json" for name in ("scheme", "sources", "cases")}
    assert found == {"dictionary.md", "dictionary.xlsx", "review.md", "review.xlsx"} | schemas
    assert set(done.out.split()) == {str(folder / name) for name in found}
    assert run("doc", FIRST, "--out", tmp_path / "here").code == 0
    assert (tmp_path / "here/review.md").read_bytes() == (folder / "review.md").read_bytes()
    assert run("doc", "nix").code == 2
    assert run("doc").code == 2


# --- diff ---


def test_diff_in_words_and_for_programs(run, office):
    done = run("diff", FIRST, SECOND, "--editions", office)
    assert done.code == 0
    assert "【指标】\n　基层诊疗人次占比：第 1 档（30 分）的条件由“不低于 65%”改为“不低于 70%”" in done.out
    assert done.out.count("由") == 1
    found = json.loads(run("diff", FIRST, SECOND, "--editions", office, "--json").out)
    assert (found["format"], found["a"], found["b"]) == (1, FIRST, SECOND)
    assert [one["path"] for one in found["differences"]] == ["indicators.A1.rule.steps.0"]
    done = run("diff", JICENG, FIRST)
    assert done.code == 0
    assert "两版的意思相同" in done.out


def test_diff_with_a_round_tells_who_moves(run, finished, office):
    new = office / "shili/jiceng/2025-01-01"
    path = new / "scheme.yaml"
    text = (
        path.read_text("utf-8")
        .replace("at_least: 55%", "at_least: 60%")
        .replace("at_least: 60, gives", "at_least: 50, gives")
    )
    path.write_text(
        text.replace("value: bad_records,", "value: bad_records + worse,").replace(
            "fields:\n",
            "fields:\n  worse: {name: 更差的, type: count, unit: 份, filled_by: reviewer, cite: [BF/附1/B1]}\n",
        ),
        "utf-8",
    )
    done = run("diff", FIRST, new, "--round", finished / "round")
    assert done.code == 0
    assert "后一版要而这一轮没有的，按待定算：更差的（这一轮没有）" in done.out
    assert "算了 2 个" in done.out
    assert "990001 甲县：" in done.out
    assert "基层诊疗人次占比 20 → 10" in done.out
    assert "丙县" not in done.out  # returned nothing
    found = json.loads(run("diff", FIRST, new, "--round", finished / "round", "--json").out)["round"]
    assert found["counted"] == 2
    assert found["lacking"] == [[], ["更差的（这一轮没有）"]]
    assert {
        "subject": "990001",
        "name": "甲县",
        "indicator": "A1",
        "indicator_name": "基层诊疗人次占比",
        "old": "20",
        "new": "10",
    } in found["moves"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([FIRST], "缺少 B"),
        ([FIRST, "jiceng"], "B：写成 编号@施行日期"),
        ([FIRST, "shili/jiceng@2023-01-01"], "没有 shili/jiceng@2023-01-01"),
        ([FIRST, FIRST, "--round", "nowhere"], "不是一轮评价"),
    ],
)
def test_diff_that_cannot_be(run, words, said):
    done = run("diff", *words)
    assert done.code == 2
    assert said in done.err


# --- a round that looks back ---

GROWTH = (
    ("value: local_spend / all_spend, unit: 占比, rule: {kind: linear, zero_at: 60%, full_at: 75%}",
     "value: local_spend / previous(local_spend), unit: 占比, rule: {kind: linear, zero_at: 100%, full_at: 110%}"),
    ("  all_spend:   {name: 基金总支出, type: money, unit: 万元, evidence: [决算表], cite: [BF/附1/A2]}\n", ""),
    ("id: shili/jiceng", "id: my/growth"),
)  # fmt: skip


@pytest.fixture
def two(run, finished):
    """A finished round and a second one of an edition that compares with it, filled in."""
    from evaltool.intake import fill

    root = finished / "own"
    folder = changed(root / "my/growth/2024-01-01", *GROWTH)
    (folder / "cases.yaml").write_text("format: 1\nbase: {}\ncases: []\n", "utf-8")
    words = ["new", finished / "round2", "--scheme", "my/growth", "--on", "2025-12-31", "--editions", root]
    done = run(*words, "--roster", finished / "roster.csv", "--previous", finished / "round")
    assert done.code == 0, done.err
    assert run("template", finished / "round2").code == 0
    [blank] = (finished / "round2/templates").glob("990001*")
    shutil.copy(blank, finished / blank.name)
    answers = {key: value for key, value in ANSWERS.items() if key != "all_spend"}
    fill(finished / blank.name, {"fields": {**answers, "local_spend": 724.5}})
    assert run("read", finished / "round2", finished / blank.name).code == 0
    return finished


def test_a_round_is_compared_with_the_one_before(run, two):
    assert "previous: ../round\n" in (two / "round2/round.yaml").read_text("utf-8").replace('"', "")
    done = run("score", two / "round2")
    assert done.code == 0, done.err
    assert "A2" in run("explain", two / "round2", "甲县", "A2").out
    results = json.loads((two / "round2/results/results.json").read_text("utf-8"))
    assert results["counties"]["990001"]["layers"]["认定"]["points"]["A2"] == ["15", "15"]  # 724.5 over 690


def test_both_rounds_may_move_together_and_a_lost_one_is_told(run, two):
    moved = two.parent / "elsewhere"
    shutil.move(two, moved)
    assert run("score", moved / "round2").code == 0
    shutil.move(moved / "round", moved / "round of last year")
    done = run("score", moved / "round2")
    assert done.code == 2
    assert "上一轮不在“../round”" in done.err
    assert "round.yaml 里的 previous" in done.err
    path = moved / "round2/round.yaml"
    path.write_text(path.read_text("utf-8").replace("../round", "../round of last year"), "utf-8")
    assert run("score", moved / "round2").code == 0


def test_a_round_before_that_is_none(run, finished):
    words = [
        "new",
        finished / "n",
        "--scheme",
        "shili/jiceng",
        "--on",
        "2024-12-31",
        "--roster",
        finished / "roster.csv",
    ]
    done = run(*words, "--previous", finished / "back")
    assert done.code == 2
    assert "不是一轮评价" in done.err
    assert not (finished / "n").exists()


def test_rounds_that_go_round_in_a_ring(run, two):
    path = two / "round2/round.yaml"
    path.write_text(path.read_text("utf-8").replace("../round", "../round2"), "utf-8")
    done = run("score", two / "round2")
    assert done.code == 2
    assert "绕回了本轮" in done.err
