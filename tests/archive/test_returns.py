"""What goes back after files have come in: counts that close, marked copies, letters, the report; and one bad file
among good ones."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from io import BytesIO

import pandas as pd
import pytest
from openpyxl import load_workbook

from evaltool.archive import create_round, open_round
from evaltool.intake import fill
from evaltool.returns import CountsError, count
from evaltool.scoring import score

from .conftest import COUNTIES, ON, clock, roster


def counts(rnd):
    return count(score(rnd.facts()), [item.name for item in rnd.came])


def test_every_file_county_and_indicator_is_counted_once(rnd, book, tmp_path):
    (tmp_path / "照片.jpg").write_bytes(b"\xff\xd8\xff\xe0 picture")
    (tmp_path / "坏.xlsx").write_bytes(b"not a workbook")
    same = book("990001", "甲 副本.xlsx")
    rnd.take_in(
        [book("990001", "甲.xlsx"), same, book("990002", "乙一.xlsx"), book("990002", "乙二.xlsx", jc_visits=1)]
    )
    rnd.take_in([tmp_path / "照片.jpg", tmp_path / "坏.xlsx", book("认定表", "认定表.xlsx")])
    made = counts(rnd)
    assert (made.files, made.read, made.refused, made.aside) == (7, 2, 1, 4)
    assert (made.roster, made.returned, made.missing) == (3, 1, 2)
    assert [one.state for one in made.counties] == ["已报送", "搁置", "未报送"]
    first = made.counties[0]
    leaves = rnd.scheme.leaves()
    assert first.indicators == len(leaves) == first.scored + first.open + first.out
    assert first.open > 0  # what the reviewers judge
    states = {one.file: one.state for one in rnd.facts().submissions}
    assert states["照片.jpg"] == states["甲 副本.xlsx"] == states["乙一.xlsx"] == "搁置"
    assert states["坏.xlsx"] == "退回"


def test_a_later_workbook_is_counted_and_the_older_one_set_aside(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx")])
    rnd.take_in([book("990001", "甲改.xlsx", jc_visits=6000)])
    made = counts(rnd)
    assert (made.files, made.read, made.refused, made.aside) == (2, 1, 0, 1)
    assert made.counties[0].files == ("甲.xlsx", "甲改.xlsx")


def test_counts_that_do_not_close_are_an_error(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx")])
    scores = score(rnd.facts())
    with pytest.raises(CountsError, match="丢了"):
        count(scores, ["甲.xlsx", "丢了.xlsx"])
    facts = scores.facts
    odd = replace(facts, submissions=(replace(facts.submissions[0], state="不明"),))
    with pytest.raises(CountsError, match="≠"):
        count(replace(scores, facts=odd))
    with pytest.raises(CountsError, match="乙县"):
        count(replace(scores, facts=replace(facts, problems=())))


def test_the_first_page_of_both_reports_says_the_counts(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx", jc_visits="约5000"), book("990002", "乙.xlsx")])
    equations = counts(rnd).equations("县")
    assert equations[0] == "收到文件 2 个 = 采用 2 + 退回 0 + 搁置 0"
    html = (rnd.folder / "intake" / "report.html").read_text("utf-8")
    first = load_workbook(rnd.folder / "intake" / "report.xlsx").worksheets[0]
    shown = [str(cell.value) for row in first.iter_rows() for cell in row if cell.value]
    for line in equations:
        assert line in html
        assert line in shown
    assert html.index(equations[0]) < html.index("<table>")


def test_text_from_outside_runs_nowhere(tmp_path, scheme, book):
    table = roster()
    table.loc["990001", "name"] = "甲县"
    rnd = create_round(tmp_path / "一轮", scheme, ON, table, clock)
    evil = book("990001", "<script>alert(1)<_script>.xlsx", plan='"><img src=x onerror=alert(1)>')
    rnd.take_in([evil])
    html = (rnd.folder / "intake" / "report.html").read_text("utf-8")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;img src=x" in html
    assert "default-src 'none'" in html


def test_a_letter_says_what_to_mend_and_what_went_well(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx", jc_visits="约5000"), book("990002", "乙.xlsx")])
    letters = {file.name: file.read_text("utf-8-sig") for file in (rnd.folder / "intake" / "letters").iterdir()}
    assert sorted(letters) == [f"{code}_{name}.txt" for code, name in COUNTIES.items()]
    mended = letters["990001_甲县.txt"]
    assert "甲.xlsx：已接收" in mended
    assert "约5000" in mended
    assert "怎么办：" in mended
    assert "标注件：甲.xlsx" in mended
    assert "要补正" not in letters["990002_乙县.txt"]
    silent = letters["990003_丙县.txt"]
    assert "还没有收到本县的表" in silent
    assert "请该县报送" not in silent


def test_a_letter_speaks_of_what_the_county_can_mend(rnd, book, tmp_path):
    """Two workbooks that differ: which one? The province's own slips are none of the county's business."""
    province = book("认定表", "认定表.xlsx")
    fill(province, {"corrections": [{"county": "990002", "item": "基层诊疗人次", "old": 1, "new": 2, "why": "x"}]})
    facts = rnd.take_in([book("990001", "一.xlsx"), book("990001", "二.xlsx", jc_visits="约1"), province])
    assert "D114" in {p.code for p in facts.problems}
    letters = {file.name: file.read_text("utf-8-sig") for file in (rnd.folder / "intake" / "letters").iterdir()}
    assert "写明用哪一份" in letters["990001_甲县.txt"]
    assert "【二.xlsx 基础数据 " in letters["990001_甲县.txt"]
    assert letters["990001_甲县.txt"].count("不知道用哪一份") == 1
    assert "更正" not in letters["990002_乙县.txt"]
    assert "还没有收到本县的表" in letters["990002_乙县.txt"]
    assert {p.place.subject for p in facts.problems if p.code == "W110"} == {"990002", "990003"}


def test_marked_copies_that_would_be_the_same_are_left_alone(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx", jc_visits="约5000")])
    copy = rnd.folder / "intake" / "marked" / "甲.xlsx"
    os.utime(copy, (1, 1))
    rnd.take_in([book("990002", "乙.xlsx")])
    assert copy.stat().st_mtime == 1
    copy.unlink()
    open_round(rnd.folder, clock).take_in([book("990003", "丙.xlsx")])
    assert copy.is_file()


def test_a_marked_copy_filled_in_is_taken_again(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx", jc_visits="约5000")])
    copy = rnd.folder / "intake" / "marked" / "甲.xlsx"
    better = fill(copy, {"fields": {"jc_visits": 5000}}, rnd.folder.parent / "甲补正.xlsx")
    facts = rnd.take_in([better])
    assert facts.cell("自评", "990001", "jc_visits")[0] == 5000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_and_a_link_are_refused_and_counted(rnd, book, tmp_path):
    inbox = tmp_path / "收件箱"
    inbox.mkdir()
    os.mkfifo(inbox / "管道.xlsx")
    (inbox / "链接.xlsx").symlink_to("/etc/hostname")
    book("990001", "甲.xlsx").rename(inbox / "甲.xlsx")
    facts = rnd.take_in([inbox])
    assert {one.file: one.state for one in facts.submissions} == {
        "管道.xlsx": "退回", "链接.xlsx": "退回", "甲.xlsx": "已接收",
    }  # fmt: skip
    assert sorted(p.code for p in facts.problems if p.level == "stop") == ["W122", "W122"]
    assert counts(rnd).refused == 2


def test_files_deeper_in_the_folder_are_named_if_not_read(rnd, book, tmp_path):
    inbox = tmp_path / "收件箱"
    (inbox / "甲县").mkdir(parents=True)
    book("990001", "甲.xlsx").rename(inbox / "甲县" / "甲.xlsx")
    (inbox / "甲县" / "合同.pdf").write_bytes(b"%PDF-1.4")
    rnd.take_in([inbox])
    assert "甲县/合同.pdf" in (rnd.folder / "intake" / "report.html").read_text("utf-8")
    assert [item.name for item in rnd.came] == ["甲.xlsx"]


def bomb() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 50_000_000)
    return target.getvalue()


@pytest.mark.slow
def test_good_counties_beside_a_bomb_are_read_as_without_it(scheme, tmp_path):
    """198 counties, a bomb: the same facts, marked copies and letters, byte by byte."""
    names = {f"{990000 + i}": f"第{i}县" for i in range(1, 199)}
    table = pd.DataFrame({"name": names, "city": "", "batch": "", "type": "", "funds": ""}, dtype=object)
    table.index.name = "code"
    good = []
    for i, (code, name) in enumerate(names.items()):
        spent = "约1" if i % 7 == 0 else 600
        fields = {"jc_visits": 5000 + i, "all_visits": 10000, "local_spend": spent, "all_spend": 900}
        good.append(fill(scheme, {"fields": fields}, tmp_path / "good" / f"{code}.xlsx", {"code": code, "name": name}))
    (tmp_path / "0bomb.xlsx").write_bytes(bomb())
    made = {}
    for which, files in (("without", good), ("with", [tmp_path / "0bomb.xlsx", *good])):
        rnd = create_round(tmp_path / which, scheme, ON, table, clock)
        facts = rnd.take_in(files)
        kept = {
            file.relative_to(rnd.folder): file.read_bytes()
            for part in ("marked", "letters")
            for file in (rnd.folder / "intake" / part).iterdir()
            if "bomb" not in file.name
        }
        layer = facts.layers["自评"].table
        made[which] = (kept, layer.values.to_csv(), layer.states.to_csv(), layer.origins.to_csv())
    assert made["with"] == made["without"]
    assert len(made["with"][0]) == 2 * 198
