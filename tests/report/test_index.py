"""index.html of a round: what it lists, in which order, and how it answers to keyboard and search."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from evaltool.archive import open_round
from evaltool.charts import Span
from evaltool.report.index import _grade_key, _ranked, _signed, index_html, write_index
from evaltool.report.names import folder_name
from evaltool.report.page import write_assets
from tests.report.browsers import watched
from tests.report.conftest import CLEAN, NAMES, NASTY, PENDING, SILENT


def cells(page: str) -> dict[str, list[str]]:
    """Code → the texts of its cells."""
    rows = re.findall(r"<tr[^>]*>(<td.*?)</tr>", page)
    texts = [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]
    return {row[0]: row for row in texts}


@pytest.fixture
def two(hubei_round, tmp_path) -> Any:
    """The round with the same round before it, in which totals were others."""
    shutil.copytree(hubei_round.folder, tmp_path / "now", ignore=shutil.ignore_patterns("reports"))
    shutil.copytree(hubei_round.folder, tmp_path / "then", ignore=shutil.ignore_patterns("reports"))
    with sqlite3.connect(tmp_path / "then" / "results" / "round.sqlite") as kept:
        kept.execute("UPDATE counties SET official_lo = '281/3', official_hi = '281/3' WHERE code = ?", (CLEAN,))
        kept.execute("UPDATE counties SET official_lo = '90', official_hi = '97' WHERE code = ?", (PENDING,))
        kept.execute("DELETE FROM counties WHERE code = ?", (NASTY,))
    kept.close()
    record = tmp_path / "now" / "round.yaml"
    record.write_text(record.read_text(encoding="utf-8") + "previous: ../then\n", encoding="utf-8")
    return open_round(tmp_path / "now")


def test_every_county_stands_there_with_what_there_is(hubei_round, tmp_path):
    folder = tmp_path / folder_name(CLEAN, NAMES[CLEAN])
    folder.mkdir()
    for name in ("report.html", "report.ipynb", "report.pdf"):
        (folder / name).write_text("x", encoding="utf-8")
    write_index(hubei_round, tmp_path, {PENDING: "第 3 个单元 <b>", "": "内存不足"}, set())
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    rows = cells(page)
    assert list(rows) == list(NAMES)
    assert rows[CLEAN][-1] == "网页笔记本PDF"
    assert rows[PENDING][-1] == "失败：第 3 个单元 &lt;b&gt;"
    assert rows[SILENT][3] == ""
    assert rows[SILENT][-1] == "没有"
    assert "总体情况没有完成：内存不足" in page
    assert "有报告 1 个，失败 1 个，没有报告 2 个" in page
    assert "比上一轮" not in page
    assert page.count("<script") == 1
    assert 'src="assets/index.js"' in page
    assert "<img" not in page


def test_a_failure_is_said_though_an_older_page_lies_there(hubei_round, tmp_path):
    for name in (folder_name(CLEAN, NAMES[CLEAN]), "overview"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text("x", encoding="utf-8")
    page = index_html(hubei_round, tmp_path, {CLEAN: "磁盘满了", "": "磁盘也满了"}, set())
    assert cells(page)[CLEAN][-1] == "网页失败：磁盘满了（网页是以前的）"
    assert "（这次没有完成：磁盘也满了；打开的是以前的）" in page
    assert "有报告 0 个，失败 1 个" in page


def test_the_change_against_the_round_before_is_exact(two, tmp_path):
    page = index_html(two, tmp_path, {}, set())
    rows = cells(page)
    assert rows[CLEAN][4] == "≈+6.333333"
    assert rows[PENDING][4] == "−3 ～ +10"
    assert rows[NASTY][4] == ""
    assert "不是同一版" not in page


def test_a_round_before_that_is_gone_is_said(two, tmp_path):
    shutil.rmtree(two.folder.parent / "then")
    page = index_html(two, tmp_path, {}, set())
    assert "没有与上一轮相比：上一轮不在" in page
    assert '<th scope="col" class="number" aria-sort="none">比上一轮' not in page


def test_orders_are_exact():
    values = [Span(85, 85), None, Span(84, 99), Span(9, 9), Span(84, 85)]
    keys = [cell.key for cell in _ranked(values, map(str, values), lambda value: (value.lo, value.hi))]
    assert keys == [3, "", 2, 0, 1]
    order = {"优秀": 0, "良好": 1, "一般": 2}
    found = sorted(["未报送", "待定（良好或一般）", "一般", "优秀", "待定（优秀或良好）", "良好"],
                   key=lambda grade: _grade_key(grade, order))  # fmt: skip
    assert found == ["优秀", "待定（优秀或良好）", "良好", "待定（良好或一般）", "一般", "未报送"]
    assert [_signed(Span(a, b)) for a, b in ((1, 1), (-2, -2), (0, 0), (-1, 5))] == ["+1", "−2", "0", "−1 ～ +5"]


@pytest.mark.browser
def test_sorted_and_searched_by_keyboard(two, browser):
    reports = two.folder / "reports"
    write_assets(reports / "assets")
    write_index(two, reports, {}, set())

    def column(page: Any, number: int) -> list[str]:
        # not innerText: rows that the browser has not drawn yet (content-visibility) have none
        found = page.locator(f"tbody tr:not([hidden]) td:nth-child({number})").all_text_contents()
        return [text.strip() for text in found]

    with watched(browser, Path(reports / "index.html")) as seen:
        page = seen.page
        roster = column(page, 1)
        head = page.locator("thead th").nth(3)
        head.locator("button").focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        up = column(page, 4)
        page.keyboard.press("Space")
        assert head.get_attribute("aria-sort") == "descending"
        down = column(page, 4)
        assert up[-1] == down[-1] == ""  # blanks last, either way
        assert up[:-1] == down[:-1][::-1]
        assert "从大到小" in page.locator("#said").inner_text()
        page.get_by_label("查找").fill("待定 某市")
        assert column(page, 1) == [PENDING]
        assert "找到 1 个" in page.locator("#said").inner_text()
        page.get_by_label("查找").fill("４２０９")  # full-width digits are digits
        assert "找到 3 个" in page.locator("#said").inner_text()
        assert sorted(column(page, 1)) == sorted(code for code in roster if code.startswith("4209"))
        assert page.evaluate("window.hit === undefined")
        assert seen.said == seen.policy == seen.network == []


@pytest.mark.browser
def test_without_script_the_list_is_whole(two, browser):
    reports = two.folder / "reports"
    write_assets(reports / "assets")
    write_index(two, reports, {}, set())
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((reports / "index.html").as_uri())
    assert page.locator("tbody tr").count() == len(NAMES)
    assert not page.locator("form").is_visible()
    assert page.locator("button").count() == 0
    context.close()
