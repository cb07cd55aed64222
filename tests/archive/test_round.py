"""The round folder: its record, its receipt, its log, and what a crash leaves behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evaltool import files
from evaltool.archive import RoundError, create_round, open_round, verify
from evaltool.archive.log import append, broken_lines

from .conftest import ON, clock, roster


@pytest.fixture
def scored(rnd: Any, book: Any) -> Any:
    rnd.take_in([book("990001", "甲.xlsx")])
    rnd.score()
    return rnd


# --- round.yaml ---


def rewrite(rnd: Any, old: str, new: str) -> Any:
    path: Path = rnd.folder / "round.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return open_round(rnd.folder, clock)


def test_an_accepted_question_takes_the_stamp_away(scored):
    assert "暂定：1 个待定问题" in scored.stamp
    again = rewrite(scored, "accepted:", "accepted:\n  Q1: 张三，2025-01-03")
    decisions = again.score()
    assert "暂定" not in decisions.scores.stamp
    assert "暂定" not in again.stamp
    said = again.query("SELECT question, accepted FROM questions").to_numpy().tolist()
    assert said == [["Q1", "张三，2025-01-03"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("accepted:\n", "acepted: {}", "round.yaml:7:1：不认识的键“acepted”；是不是 accepted？"),
        ("accepted:\n", "accepted:\nbudget: 5", "round.yaml:8:1：不认识的键“budget”"),
        ("accepted:\n", "accepted:\n  Q1: ''", "round.yaml:8:3：Q1 没有写谁在何时确认"),
        ("accepted:\n", "accepted:\n  Q1:\n    who: 张三", "Q1 没有写谁在何时确认"),
        ("accepted:\n", "accepted: [Q1]", "每行写一个待定问题的编号"),
        ("accepted:\n", "", "缺少 accepted"),
        ("accepted:\n", "accepted:\naccepted:\n", "出现了两次"),
        ("format: 1", "format: 2", "格式 2 不认识"),
        ("on: 2024-12-31", "on: 2024-13-01", "on 要写成 2020-06-30 的样子，现在是“2024-13-01”"),
        ("on: 2024-12-31", "on: [1]", "on 要写一个值"),
        ("on: 2024-12-31", 'on: "2024', "有误"),
    ],
)
def test_a_slip_in_the_record_is_told_with_its_place(rnd, old, new, said):
    with pytest.raises(RoundError, match="有误") as raised:
        rewrite(rnd, old, new)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("accepted:\n", "accepted: {Q11: 张三}", "“Q11”不是待定问题；是不是 Q1？"),
        ("shili/jiceng", "shili/other", "scheme/ 里的指标体系是 shili/jiceng@2024-01-01"),
    ],
)
def test_the_record_must_fit_the_copied_edition(rnd, old, new, said):
    again = rewrite(rnd, old, new)
    with pytest.raises(RoundError, match=said):
        again.facts()


def test_no_round_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="不是一轮评价"):
        open_round(tmp_path)


# --- a new round ---


def test_a_new_round_never_goes_where_something_lies(tmp_path, scheme):
    (tmp_path / "x").write_text("mine", "utf-8")
    with pytest.raises(FileExistsError, match="已经有文件"):
        create_round(tmp_path, scheme, ON, roster(), clock)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["code,name", "1,甲", "1,乙"], "代码 1 与“甲”重复"),
        (["编号,县名", "1,甲"], "缺少列 code、name"),
        (["code,name", ",甲"], "第 2 行没有代码"),
        (["code,name", "1,"], "代码 1 没有名称"),
        (["code,name"], "一个县也没有"),
        (["code,name,funds", "1,甲,约300"], "资金“约300”不是数字"),
    ],
)
def test_a_roster_with_a_slip_is_refused_whole(tmp_path, scheme, lines, said):
    path = tmp_path / "名册.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(RoundError, match="名册有误") as raised:
        create_round(tmp_path / "round", scheme, ON, path, clock)
    assert said in str(raised.value)
    assert not (tmp_path / "round").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_rosters_as_spreadsheets_save_them(tmp_path, scheme, encoding):
    path = tmp_path / "名册.csv"
    path.write_bytes("code,name\r\n010001,甲县\r\n".encode(encoding))
    rnd = create_round(tmp_path / "round", scheme, ON, path, clock)
    assert rnd.roster["name"].to_dict() == {"010001": "甲县"}
    assert b"\xef\xbb\xbf" not in (rnd.folder / "roster.csv").read_bytes()


def test_a_roster_in_another_encoding_leaves_no_garbled_name(tmp_path, scheme):
    path = tmp_path / "名册.csv"
    path.write_bytes(b"code,name\n1,\xff\xfe\xff\n")
    with pytest.raises(RoundError, match="另存为 CSV UTF-8"):
        create_round(tmp_path / "round", scheme, ON, path, clock)


def test_a_roster_spoiled_later_is_told_every_time(rnd):
    path = rnd.folder / "roster.csv"
    path.write_text(path.read_text("utf-8") + "990001,又一个甲县,,,,\n", "utf-8")
    assert [problem.code for problem in rnd.facts().problems if problem.code == "W113"] == ["W113"]


def test_a_wrong_day_is_refused(tmp_path, scheme):
    with pytest.raises(RoundError, match="基准日"):
        create_round(tmp_path / "round", scheme, "2024-6-1", roster(), clock)


def test_templates_stay_in_their_folder(tmp_path, scheme):
    table = pd.DataFrame({"name": {"../../x": "甲/乙县"}}, dtype=object)
    table.index.name = "code"
    rnd = create_round(tmp_path / "round", scheme, ON, table, clock)
    assert [path.name for path in rnd.write_templates()] == ["x_甲乙县_自评表.xlsx", "省级认定表.xlsx"]
    assert {path.parent for path in rnd.write_templates()} == {rnd.folder / "templates"}


# --- receipt and log ---


def test_the_receipt_holds_after_scoring(scored):
    assert scored.verify() == []
    receipt = json.loads((scored.folder / "receipt.json").read_text("utf-8"))
    assert receipt["when"] == clock()
    assert {"roster.csv", "round.yaml", "scheme/scheme.yaml", "results/round.sqlite"} <= set(receipt["files"])


@pytest.mark.parametrize("name", ["roster.csv", "results/results.xlsx", "results/round.sqlite", "scheme/scheme.yaml"])
def test_one_changed_byte_is_found(scored, name):
    path = scored.folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert scored.verify() == [f"{name}：内容变了"]


def test_missing_extra_and_received_files_are_found(scored):
    (scored.folder / "results" / "results.json").unlink()
    (scored.folder / "results" / "另一份.xlsx").write_bytes(b"")
    [book] = (scored.folder / "intake" / "received").rglob("甲.xlsx")
    book.write_bytes(book.read_bytes() + b"\0")
    assert scored.verify() == [
        f"{book.relative_to(scored.folder).as_posix()}：内容变了",
        "results/results.json：不见了",
        "results/另一份.xlsx：回执里没有",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3, "log": {}}'])
def test_a_spoiled_receipt_is_told(scored, text):
    (scored.folder / "receipt.json").write_text(text, "utf-8")
    assert scored.verify() == ["receipt.json：内容读不出，无从核对"]


def test_no_receipt_yet(rnd):
    assert verify(rnd.folder) == ["没有 receipt.json，无从核对"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_line_of_the_log_is_found(scored, number):
    path = scored.folder / "log.jsonl"
    lines = path.read_text("utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["new", "read", "score"]
    lines[number] = lines[number].replace('"when": "2025', '"when": "2024')
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = scored.verify()
    assert found[0] == "log.jsonl：出回执以前的 3 行变了"
    assert found[1:] == ([f"log.jsonl 第 {number + 2} 行：与前一行接不上"] if number < 2 else [])


def test_a_line_taken_out_of_the_log_is_found(scored):
    path = scored.folder / "log.jsonl"
    first, *_, last = path.read_text("utf-8").splitlines()
    path.write_text(f"{first}\n{last}\n", "utf-8")
    assert broken_lines(path) == [2]
    path.unlink()
    assert scored.verify() == ["log.jsonl：出回执以前的 3 行变了"]


def test_the_log_may_grow_after_the_receipt(scored):
    append(scored.folder / "log.jsonl", clock(), "note", text="两行\u2028一条\x85")
    append(scored.folder / "log.jsonl", clock(), "note")
    assert scored.verify() == []


def test_a_line_that_is_no_json_is_found(tmp_path):
    path = tmp_path / "log.jsonl"
    append(path, clock(), "new")
    with path.open("a", encoding="utf-8") as file:
        file.write("3\nnot json\n")
    assert broken_lines(path) == [2, 3]


def test_the_same_round_gives_the_same_bytes(tmp_path, scheme, book):
    made = []
    for name in ("one", "other"):
        rnd = create_round(tmp_path / name, scheme, ON, roster(), clock)
        rnd.take_in([book("990001", "甲.xlsx")])
        rnd.score()
        paths = sorted(path for path in rnd.folder.rglob("*") if path.is_file())
        made.append({path.relative_to(rnd.folder).as_posix(): path.read_bytes() for path in paths})
    assert made[0] == made[1]


# --- crashes ---


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = files.write_bytes(tmp_path / "x.json", b"old")

    def crash(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", crash)
    with pytest.raises(OSError, match="No space"):
        files.write_bytes(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["x.json"]


def test_a_crash_while_scoring_leaves_the_old_database(scored, monkeypatch):
    path = scored.folder / "results" / "round.sqlite"
    before = path.read_bytes()

    def crash(*_: Any) -> Any:
        raise RuntimeError("power cut")

    monkeypatch.setattr("evaltool.results.database._traces", crash)
    with pytest.raises(RuntimeError):
        scored.score()
    assert path.read_bytes() == before
    assert scored.verify() == []


# --- frames ---


def test_before_the_first_scoring_there_is_nothing_to_query(rnd):
    with pytest.raises(FileNotFoundError, match="evaltool score"):
        rnd.counties()


def test_a_round_prints_as_a_card(scored):
    assert "名册 3，收到文件 1，已评分" in repr(scored)
    assert scored._repr_html_().startswith("<div class='evaltool-card'>")
    with pytest.raises(AttributeError):
        scored.on = "2020-01-01"


def test_explain_from_the_database(scored):
    [text] = scored.explain("甲县", "A2")
    assert "690" in text
    assert "附1" in text
    assert len(scored.explain("990001")) == 9
    for county, indicator, layer, said in [
        ("甲", None, "认定", "是不是 甲县"), ("丙县", "A2", "认定", "未报送"), ("甲县", "A9", "认定", "没有指标“A9”"),
        ("甲县", "A2", "市级", "可用：自评、认定"),
    ]:  # fmt: skip
        with pytest.raises(KeyError, match=said):
            scored.explain(county, indicator, layer)
