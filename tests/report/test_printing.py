"""PDF through the machine's browser: whole or not at all, nothing left behind, and told plainly what is wrong."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from evaltool.batch.running import held
from evaltool.batch.task import OK, Outcome
from evaltool.report import printing
from evaltool.report.afterwards import print_pages
from evaltool.report.drawn import PLOTLY
from evaltool.report.page import notebook_html, write_assets
from evaltool.report.printing import VARIABLE, BrowserGone, NoBrowser, Printer, PrintError, find_browser
from tests.batch.rig import Told
from tests.report.browsers import CHROMIUM

browser = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here")]


@pytest.fixture
def page(tmp_path) -> Path:
    """A page with a chart, and its assets."""
    write_assets(tmp_path / "assets")
    figure = {"data": [{"type": "bar", "x": ["甲"], "y": [1]}], "layout": {"title": {"text": "图一"}}}
    cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": 1, "outputs": [
        {"output_type": "display_data", "metadata": {}, "data": {PLOTLY: figure}}]}
    notebook = nbformat.from_dict({"cells": [cell], "metadata": {}})
    path = tmp_path / "示例县" / "report.html"
    path.parent.mkdir()
    path.write_text(notebook_html(notebook, "示例县　报告"), encoding="utf-8")
    return path


def program(folder: Path, script: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def profiles(folder: Path) -> list[Path]:
    return list(folder.glob("ev-print-*"))


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """Where browsers keep their profiles."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(printing.tempfile, "tempdir", str(folder))
    return folder


def test_a_machine_without_a_browser_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(printing, "PLACES", ())
    with pytest.raises(NoBrowser, match="Chromium、Chrome 或 Edge.*" + VARIABLE):
        find_browser()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(NoBrowser, match="不存在或不能运行"):
        find_browser()


def test_a_browser_that_is_none_is_an_error_not_a_wait(page, scratch):
    with Printer("/bin/false") as printer, pytest.raises(BrowserGone, match="一启动就终止"):
        printer.print(page, page.with_suffix(".pdf"))
    assert not page.with_suffix(".pdf").exists()
    assert profiles(scratch) == []


def test_a_browser_that_does_not_answer_is_no_fault_of_the_page(page, scratch, monkeypatch):
    monkeypatch.setattr(printing, "SECONDS_TO_START", 0.2)
    silent = program(scratch, "exec sleep 100")
    with Printer(silent) as printer, pytest.raises(BrowserGone, match="没有应答"):
        printer.print(page, page.with_suffix(".pdf"))
    with Printer(scratch / "none") as printer, pytest.raises(BrowserGone):
        printer.print(page, page.with_suffix(".pdf"))
    assert profiles(scratch) == []


class TestABatch:
    """`print_pages`, with a printer that does what it is told to."""

    @pytest.fixture
    def reports(self, tmp_path) -> Path:
        for key in "abcde":
            (tmp_path / key).mkdir()
        return tmp_path

    def printed(self, reports, monkeypatch, errors: dict[str, Exception]):
        """Why there is none, what was tried, and what was said."""
        tried: list[str] = []

        def answer(_: Printer, page: Path, pdf: Path) -> None:
            tried.append(page.parent.name)
            if error := errors.get(page.parent.name):
                raise error

        monkeypatch.setattr(Printer, "print", answer)
        monkeypatch.setenv(VARIABLE, sys.executable)
        told = Told()
        done = [Outcome(key, f"县{key}", OK, folder=key) for key in "abcde"]
        with held(reports, told) as ledger:
            found = print_pages(reports, done, told, ledger)
        return found, tried, told.notes

    def test_a_dead_browser_is_tried_twice_and_not_for_each_page(self, reports, monkeypatch):
        gone = BrowserGone("没有应答")
        found, tried, notes = self.printed(reports, monkeypatch, dict.fromkeys("bcde", gone))
        assert tried == ["a", "b", "c"]
        assert found == {"a": "", **dict.fromkeys("bcde", "没有应答")}
        assert [note for note in notes if "没有应答" in note][1:] == [
            "浏览器连续 2 次不能用，余下 3 份 PDF 不再印：没有应答"
        ]

    def test_a_browser_that_comes_back_goes_on(self, reports, monkeypatch):
        gone, bad = BrowserGone("没有应答"), PrintError("图画不出来")
        found, tried, _ = self.printed(reports, monkeypatch, {"a": gone, "c": gone, "d": bad, "e": gone})
        assert tried == list("abcde")
        assert found == {"a": "没有应答", "b": "", "c": "没有应答", "d": "图画不出来", "e": "没有应答"}


def test_a_page_that_is_not_there(tmp_path):
    with Printer("/bin/false") as printer, pytest.raises(PrintError, match="没有可以打印的网页"):
        printer.print(tmp_path / "x.html", tmp_path / "x.pdf")


def test_dates_and_counters_in_a_pdf_are_made_steady():
    one = b"/CreationDate (D:20251122131500+00'00') /ID (node00000701) /ID (node00000703) node00000701"
    two = b"/CreationDate (D:20240101000000+00'00') /ID (node00000001) /ID (node00000002) node00000001"
    assert printing._steady(one) == printing._steady(two)
    assert len(printing._steady(one)) == len(one)


class TestWithABrowser:
    pytestmark = browser

    def test_many_pages_one_browser_the_same_bytes(self, page, scratch):
        pdfs = [page.with_name(f"{i}.pdf") for i in range(3)]
        with Printer() as printer:
            printer.print(page, pdfs[0])
            first = printer._browser
            for pdf in pdfs[1:]:
                printer.print(page, pdf)
            assert printer._browser is first
            assert len(profiles(scratch)) == 1
        contents = {pdf.read_bytes() for pdf in pdfs}
        assert len(contents) == 1
        data = contents.pop()
        assert data.startswith(b"%PDF")
        assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]", data)
        assert b"/StructTreeRoot" in data
        assert profiles(scratch) == []
        assert sorted(path.name for path in page.parent.iterdir()) == ["0.pdf", "1.pdf", "2.pdf", "report.html"]

    def test_a_browser_that_dies_is_started_again(self, page, scratch):
        with Printer() as printer:
            printer.print(page, page.with_suffix(".pdf"))
            assert printer._browser
            os.killpg(printer._browser._process.pid, signal.SIGKILL)
            printer.print(page, page.with_name("again.pdf"))
        assert page.with_name("again.pdf").read_bytes() == page.with_suffix(".pdf").read_bytes()
        assert profiles(scratch) == []

    def test_missing_assets_are_said_at_once(self, page, scratch):
        (page.parent.parent / "assets" / "plotly.min.js").unlink()
        with Printer() as printer, pytest.raises(PrintError, match=r"plotly\.min\.js"):
            printer.print(page, page.with_suffix(".pdf"))
        assert not page.with_suffix(".pdf").exists()

    def test_a_page_that_never_ends_is_given_up(self, page, scratch):
        hangs = page.with_name("hangs.html")
        hangs.write_text("<!DOCTYPE html><p>x</p><script>while (true) {}</script>", encoding="utf-8")
        with Printer(seconds_a_page=3) as printer:
            with pytest.raises(PrintError, match="超过了 3 秒的时限"):
                printer.print(hangs, page.with_suffix(".pdf"))
            printer._seconds = 60
            printer.print(page, page.with_suffix(".pdf"))
        assert profiles(scratch) == []

    def test_the_browser_ends_with_the_process_that_started_it(self, page):
        source = (
            "import sys, time\nfrom evaltool.report.printing import Printer\np = Printer()\n"
            f"p.print({str(page)!r}, {str(page.with_suffix('.pdf'))!r})\n"
            "print(p._browser._process.pid, flush=True)\ntime.sleep(60)\n"
        )
        process = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        pid = int(process.stdout.readline())
        process.kill()
        process.wait()
        process.stdout.close()
        until = time.monotonic() + 30
        while time.monotonic() < until and Path(f"/proc/{pid}").exists():
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(") ")[-1].startswith("Z"):
                break
            time.sleep(0.1)
        else:
            assert not Path(f"/proc/{pid}").exists()
