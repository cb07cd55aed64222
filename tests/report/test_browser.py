"""Reports in headless Chromium with the network off: charts drawn, hostile text inert, nothing cut off in print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import unquote

import pytest

import evaltool as ev
from evaltool.returns import Going, give_back
from evaltool.scoring import score
from tests.report.browsers import Watched, watched
from tests.report.conftest import CLEAN, NASTY, PENDING, SILENT, hubei_facts

pytestmark = [pytest.mark.browser, pytest.mark.notebook]

PRINTED_WIDTH = 680  # 180 mm, an A4 page without its margins


@pytest.fixture(scope="module")
def folders(hubei_round) -> dict[str, Path]:
    frame = ev.report(hubei_round, progress=False)
    assert set(frame["state"]) == {"ok"}
    return {
        code: hubei_round.folder / "reports" / folder
        for code, folder in zip(frame["code"], frame["folder"], strict=True)
    }


@pytest.fixture
def look(browser) -> Iterator[Callable[..., Watched]]:
    """A function that opens a file with the network off and tells what the page said and asked for."""
    with ExitStack() as stack:
        yield lambda path, width=900: stack.enter_context(watched(browser, path, width))


@pytest.mark.parametrize(("code", "charts"), [(CLEAN, 6), (PENDING, 6), (NASTY, 6), (SILENT, 6), ("", 4)])
def test_charts_are_drawn_with_the_network_off(folders, look, code, charts):
    seen = look(folders[code] / "report.html")
    assert seen.page.locator("figure.chart[data-drawn=yes] svg.main-svg").count() >= charts
    assert seen.said == seen.policy == []
    assert seen.network == []
    assert sorted(url.rpartition("/")[2] for url in seen.asked) == [
        "charts.js", "plotly.min.js", "report.css", "report.html",
    ]  # fmt: skip


def test_hostile_text_is_inert_and_stands_as_text(folders, look):
    seen = look(folders[NASTY] / "report.html")
    assert seen.page.evaluate("window.hit === undefined")
    assert seen.page.locator("img").count() == 0
    assert seen.page.locator("main script:not([type='application/json'])").count() == 0
    assert seen.page.locator("a[href^='javascript']").count() == 0
    title = seen.page.locator("h1").inner_text()
    assert "<script>window.hit=1</script>" in title
    assert "{{7*7}}$x^2$" in title
    assert seen.page.locator("a[href^='javascript'], svg a").count() == 0


def test_the_index_leads_to_every_report(folders, look):
    seen = look(folders[""].parent / "index.html")
    links = seen.page.locator("main a[href$='report.html']")
    assert links.count() == 5 + 4  # the name and 网页 of each county, and the overview
    for i in range(links.count()):
        seen.page.locator("main a[href$='report.html']").nth(i).click()
        assert seen.page.locator("h1").count() == 1
        seen.page.locator("nav.ways a.home").first.click()
    assert seen.page.evaluate("window.hit === undefined")


def test_labels_inside_a_chart_are_not_cut(folders, look):
    """Every text of a chart lies inside its picture, and none is too small to read."""
    for code in (CLEAN, PENDING, NASTY, ""):
        cut = look(folders[code] / "report.html").page.evaluate(
            """() => [...document.querySelectorAll('figure.chart')].flatMap(figure => {
                const frame = figure.querySelector('svg.main-svg').getBoundingClientRect();
                return [...figure.querySelectorAll('svg.main-svg text')].filter(text => {
                    const box = text.getBoundingClientRect();
                    if (!box.width) return false;
                    const size = parseFloat(getComputedStyle(text).fontSize);
                    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
                        || box.bottom > frame.bottom + 1 || size < 11;
                }).map(text => figure.id + ': ' + text.textContent);
            })"""
        )
        assert cut == [], code


@pytest.mark.parametrize("code", [CLEAN, NASTY, ""])
def test_nothing_is_wider_than_a_printed_page(folders, look, code, tmp_path):
    seen = look(folders[code] / "report.html", width=PRINTED_WIDTH)
    seen.page.emulate_media(media="print")
    wide = seen.page.evaluate(
        """() => [...document.querySelectorAll('table, figure, h1, h2, p, div')].filter(part =>
            !part.closest('figure.chart div.drawing') && part.getBoundingClientRect().right > innerWidth + 1)
            .map(part => part.tagName + ' ' + part.textContent.slice(0, 40))"""
    )
    assert wide == []
    seen.page.emulate_media(media=None)
    seen.page.pdf(path=str(tmp_path / "report.pdf"), prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").stat().st_size > 50_000


def test_without_the_shared_script_the_page_says_what_is_missing(folders, look, tmp_path):
    alone = tmp_path / "report.html"
    alone.write_bytes((folders[CLEAN] / "report.html").read_bytes())
    context = look(folders[CLEAN] / "report.html").page.context
    page = context.new_page()
    page.goto(alone.as_uri())
    assert "plotly.min.js" in page.locator("figure.chart").first.inner_text()


def test_the_intake_report_stands_by_itself(look, tmp_path):
    """First the counts; nothing fetched, nothing run, nothing wider than the paper; a letter behind every link."""
    give_back(tmp_path, score(hubei_facts()), Going({}, on="2020-06-30"))
    seen = look(tmp_path / "report.html", width=PRINTED_WIDTH)
    counts = seen.page.locator("ol.counts li")
    assert [counts.nth(i).inner_text()[:4] for i in range(3)] == ["收到文件", "名册 4", "已报送各"]
    assert "<script>window.hit=1</script>" in seen.page.locator("table").first.inner_text()
    assert seen.page.evaluate("window.hit === undefined")
    assert seen.page.locator("script, img, svg").count() == 0
    assert seen.said == seen.policy == []
    assert [url.rpartition("/")[2] for url in seen.asked] == ["report.html"]
    links = seen.page.locator("td a[href^=letters]")
    assert links.count() == 4
    for i in range(4):
        assert (tmp_path / unquote(links.nth(i).get_attribute("href"))).is_file()
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
