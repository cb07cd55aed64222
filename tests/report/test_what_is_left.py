"""What a run was not asked for, or was stopped before: said as it is, in the summary, the exit code and the index."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

import evaltool as ev
from evaltool.batch.hands import RUN
from evaltool.batch.ledger import Lost
from evaltool.batch.running import LEDGER
from evaltool.cli import main
from tests.report.conftest import CLEAN, NASTY, PENDING, SILENT, hubei_facts, made_round
from tests.report.test_running import written

pytestmark = pytest.mark.notebook
CHANGED = "资料、笔记本、程序或选项变了，还没有重做"


@pytest.fixture
def failing(tmp_path):
    """A round with all reports but one, and the notebook by which that one fails as long as there is no file “free”."""
    rnd = made_round(tmp_path / "round", hubei_facts())
    free = tmp_path / "free"
    cell = f"import os\nif county_code == {PENDING!r} and not os.path.exists({str(free)!r}): 1 / 0"
    mine = written(tmp_path / "mine.ipynb", cell)
    states = ev.report(rnd, progress=False, notebook=mine).set_index("code")["state"]
    assert dict(states) == {CLEAN: "ok", PENDING: "failed", NASTY: "ok", SILENT: "ok", "": "ok"}
    return rnd, mine, free


def row(rnd, code):
    """The last cell of a county's row in the index."""
    page = (rnd.folder / "reports" / "index.html").read_text("utf-8")
    (line,) = re.findall(rf"<tr[^>]*><td[^>]*>{code}</td>.*</tr>", page)
    return re.sub("<[^>]*>", "", line.rpartition("<td")[2].partition(">")[2])


def test_only_the_failed_ones_though_everything_has_changed(failing, capsys):
    rnd, mine, free = failing
    free.touch()
    with pytest.raises(SystemExit) as left:
        main(["report", str(rnd.folder), "--notebook", str(mine), "--failed-only", "--look", "lab"])
    assert left.value.code == 0
    said = capsys.readouterr()
    assert "报告 5 份，失败 0 份" in said.out
    assert f"还没做 4 份，这次不在要做的之列，例如 示例县：{CHANGED}；要做，不加 --failed-only 再运行" in said.out
    assert "共 5 份，其中 4 份这次不做，要做 1 份" in said.err
    assert "失败 4" not in said.out + said.err
    assert row(rnd, CLEAN) == "网页笔记本旧的"
    assert row(rnd, PENDING) == "网页笔记本"
    page = (rnd.folder / "reports" / "index.html").read_text("utf-8")
    assert "有报告 4 个（其中旧的 3 个），失败 0 个，没有报告 0 个" in page
    assert "标“旧的”的和总体情况：资料、笔记本、程序或选项变了，或做到一半停下，还没有重做。" in page


def test_reports_of_other_counties_are_old_once_the_data_has_changed(failing, capsys):
    rnd, mine, _ = failing
    record = rnd.folder / "round.yaml"
    record.write_text(record.read_text("utf-8") + "# 改过\n", "utf-8")
    ev.report(rnd, [CLEAN], progress=False, notebook=mine)
    assert (row(rnd, CLEAN), row(rnd, NASTY)) == ("网页笔记本", "网页笔记本旧的")
    assert row(rnd, PENDING).startswith("看到哪里失败")
    with pytest.raises(SystemExit):
        main(["report", str(rnd.folder), "--status"])
    said = capsys.readouterr().out.splitlines()
    assert next(line for line in said if line.startswith(NASTY)).endswith(f"：{CHANGED}")
    assert said[-1] == "完成 2　还没做 2　单元出错 1"
    frame = ev.report(rnd, progress=False, notebook=mine, again=False).set_index("code")
    assert dict(frame["attempts"]) == {CLEAN: 0, PENDING: 1, NASTY: 1, SILENT: 1, "": 0}
    assert row(rnd, NASTY) == "网页笔记本"


def test_a_report_that_was_tampered_with_is_not_called_up_to_date(failing):
    rnd, mine, _ = failing
    page = next((rnd.folder / "reports").glob(f"{CLEAN}_*/report.html"))
    page.write_text("改过", "utf-8")
    frame = ev.report(rnd, progress=False, notebook=mine, failed_only=True).set_index("code")
    assert (frame["state"][CLEAN], frame["reason"][CLEAN]) == ("pending", "文件少了或被改过，还没有重做")
    assert frame["state"][NASTY] == "ok"


def test_another_county_s_run_forgets_no_reason(failing):
    rnd, mine, _ = failing
    ev.report(rnd, [CLEAN], progress=False, notebook=mine, again=True)
    assert row(rnd, PENDING) == "看到哪里失败：ZeroDivisionError：division by zero"


def test_a_run_that_is_stopped_leaves_an_index(tmp_path):
    rnd = made_round(tmp_path / "round", hubei_facts())

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ev.report(rnd, jobs=1, progress=stop)
    assert row(rnd, CLEAN) == "网页笔记本"
    assert row(rnd, SILENT) == "没有"
    assert "有报告 1 个，失败 0 个，没有报告 3 个" in (rnd.folder / "reports" / "index.html").read_text("utf-8")
    assert rnd.verify() == []


def test_what_was_taken_over_meanwhile_is_not_written_to(tmp_path, monkeypatch):
    rnd = made_round(tmp_path / "round", hubei_facts())
    ev.report(rnd, [CLEAN], progress=False)
    index = rnd.folder / "reports" / "index.html"

    def taken_over(reports, outcomes, watcher, ledger):
        with closing(sqlite3.connect(reports / RUN / LEDGER, isolation_level=None)) as db:
            db.execute("UPDATE claim SET token = 'another', operator = '李工'")
        index.write_text("李工的", "utf-8")
        return {}

    monkeypatch.setattr("evaltool.report.batch.print_pages", taken_over)
    monkeypatch.setattr("evaltool.report.batch.find_browser", lambda: None)
    with pytest.raises(Lost, match="李工"):
        ev.report(rnd, [CLEAN], progress=False, pdf=True)
    assert index.read_text("utf-8") == "李工的"
