"""What the reports of a round share: nothing of one county, nothing that is out of date, and nothing held open."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaltool import charts
from evaltool.archive import open_round
from evaltool.charts import Band, Span, Totals
from evaltool.charts.standing import EACH, MOST_BINS, STRIP
from evaltool.charts.standing import among_all as sketched
from evaltool.decisions import decide
from evaltool.intake import from_values
from evaltool.report import county_page, overview_page, shared_round
from evaltool.report.county import PIECES, CountyPage
from evaltool.report.county_reading import LAYERED, TABLES
from evaltool.report.drawn import Drawn
from evaltool.report.reading import Reading
from evaltool.report.shared_round import reading_of, warm
from evaltool.report.tables import clean
from evaltool.results import exact_text, parse_exact, rows_of, write_database
from evaltool.scheme import load
from evaltool.scoring import score
from tests.report.conftest import CLEAN, NAMES, NASTY, PENDING

BANDS = [Band("优秀", 85), Band("良好", 70), Band("一般", 60), Band("较差", None)]


@pytest.fixture
def round_folder(hubei_round, tmp_path):
    """A round of the test's own, which it may change."""
    shutil.copytree(hubei_round.folder, tmp_path / "round")
    return tmp_path / "round"


def shown(page) -> dict[str, object]:
    """Every piece of a report as a notebook keeps it."""
    made = {}
    for name in PIECES:
        piece = getattr(page, name)()
        made[name] = piece._repr_mimebundle_() if isinstance(piece, Drawn) else (piece._repr_html_(), repr(piece))
    return made | {"figures": page.figures()}


# --- the same pages, and never an old one ---


def test_pages_of_a_shared_round_are_those_of_a_round_read_for_one_county_alone(round_folder):
    shared = reading_of(round_folder)
    for code in [*NAMES, *reversed(NAMES)]:
        alone = CountyPage(Reading(open_round(round_folder)), code)
        assert shown(CountyPage(shared, code)) == shown(alone), code


def test_a_round_is_read_once_as_long_as_it_is_the_same(round_folder):
    first = county_page(str(round_folder), CLEAN).reading
    assert county_page(str(round_folder), NASTY).reading is first
    assert overview_page(str(round_folder / ".." / "round")).reading is first


def test_what_somebody_accepts_stands_in_the_next_page(round_folder):
    before = reading_of(round_folder)
    assert "张三，2020-07-20" not in county_page(str(round_folder), CLEAN).open_questions().html
    record = round_folder / "round.yaml"
    record.write_text(record.read_text("utf-8").rstrip("\n") + "\n  Q1: 张三，2020-07-20\n", "utf-8")
    assert reading_of(round_folder) is not before
    assert "张三，2020-07-20" in county_page(str(round_folder), CLEAN).open_questions().html


def test_a_round_that_was_scored_again_is_read_again_for_all_counties(round_folder):
    before = county_page(str(round_folder), CLEAN)
    assert before.standing.official == before.reading.standing(CLEAN).official
    scheme = load("hubei/ecommerce_rural")
    poor = {**scheme.cases.base, "retail_growth": "1%", "farm_growth": "1%"}
    facts = from_values(scheme, dict.fromkeys(NAMES, poor), open_round(round_folder).roster)
    write_database(round_folder / "results" / "round.sqlite", decide(score(facts)))
    after = county_page(str(round_folder), CLEAN)
    assert after.standing.official.hi < before.standing.official.hi
    assert len(after.reading.totals.order) == 4  # the one that had returned nothing has a total now
    assert shown(after) == shown(CountyPage(Reading(open_round(round_folder)), CLEAN))


def test_a_changed_edition_is_read_again(round_folder):
    before = reading_of(round_folder).scheme.digest
    sources = round_folder / "scheme" / "sources.yaml"
    sources.write_text(sources.read_text("utf-8") + "\n# 改过\n", "utf-8")
    assert reading_of(round_folder).scheme.digest != before


def test_two_rounds_are_kept_and_not_more(hubei_round, tmp_path):
    folders = [tmp_path / str(i) for i in range(4)]
    for folder in folders:
        shutil.copytree(hubei_round.folder, folder)
        reading_of(folder)
    assert len(shared_round._kept) == shared_round.MOST
    assert folders[-1].resolve() in shared_round._kept


def test_what_is_no_round_or_not_yet_scored_is_refused_in_words(round_folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="不是一轮评价"):
        county_page(str(tmp_path / "nothing"), CLEAN)
    (round_folder / "results" / "round.sqlite").unlink()
    with pytest.raises(FileNotFoundError, match="还没有评分"):
        county_page(str(round_folder), CLEAN)
    with pytest.raises(FileNotFoundError, match="还没有评分"):
        overview_page(str(round_folder)).title()


# --- before a fork ---

AFTER_WARM = """
import os, sys, threading
from evaltool.report.shared_round import warm
warm(sys.argv[1])
fds = [f"/proc/self/fd/{one}" for one in os.listdir("/proc/self/fd")]
opened = [os.readlink(fd) for fd in fds if os.path.exists(fd)]
print(threading.active_count(), [name for name in opened if sys.argv[1] in name])
print("plotly" in sys.modules, "sqlite3" in sys.modules)
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
def test_warming_leaves_no_thread_no_open_file_and_no_trace(round_folder):
    before = {file: file.stat().st_mtime_ns for file in round_folder.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", AFTER_WARM, str(round_folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0] == "1 []", done.stderr
    assert done.stdout.splitlines()[1] == "False True"  # plotly is not needed for showing, and costs half a second
    assert {file: file.stat().st_mtime_ns for file in round_folder.rglob("*")} == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_of_a_warm_process_makes_the_same_pages(round_folder):
    warm(round_folder)
    wanted = {code: shown(CountyPage(Reading(open_round(round_folder)), code)) for code in NAMES}
    for code in NAMES:
        child = os.fork()
        if child == 0:
            os._exit(0 if shown(county_page(str(round_folder), code)) == wanted[code] else 1)
        assert os.waitpid(child, 0)[1] == 0, code


# --- the cost of a county does not depend on how many there are ---


@pytest.mark.parametrize("name", TABLES)
def test_the_rows_of_a_county_are_found_by_an_index(hubei_round, name):
    connection = sqlite3.connect(hubei_round.database)
    try:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {TABLES[name]}", (CLEAN, *LAYERED.get(name, ()))).fetchall()
    finally:
        connection.close()
    steps = [str(step[-1]) for step in plan]
    assert any(step.startswith("SEARCH") for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN")], steps


def test_every_frame_of_a_county_is_found_by_an_index_and_keeps_its_order(hubei_round):
    for frame in (hubei_round.points, hubei_round.traces, hubei_round.facts_of, hubei_round.recommendations):
        assert len(frame(PENDING))
    assert len(hubei_round.problems(NASTY))
    points = hubei_round.points(PENDING)
    assert points["layer"].drop_duplicates().tolist() == ["自评", "认定"]
    keys = points[points["layer"] == "认定"]["indicator"].tolist()
    written = [*hubei_round.indicators()["indicator"], *hubei_round.scheme.edition.events]
    assert keys == [key for key in written if key in keys]
    connection = sqlite3.connect(hubei_round.database)
    try:
        for table in ("points", "traces", "facts", "list_rows", "row_points", "funds", "duties", "evidence", "reasons"):
            asked = f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE code = ?"
            assert all("SEARCH" in str(step[-1]) for step in connection.execute(asked, (CLEAN,))), table
    finally:
        connection.close()


def test_rows_are_those_of_one_moment_and_nothing_can_be_written(hubei_round):
    counted, codes = rows_of(
        hubei_round.database, [("SELECT count(*) AS n FROM counties", ()), ("SELECT code FROM counties", ())]
    )
    assert counted == [{"n": len(NAMES)}]
    assert {row["code"] for row in codes} == set(NAMES)
    with pytest.raises(sqlite3.OperationalError):
        rows_of(hubei_round.database, [("DELETE FROM counties", ())])


def spread(size: int) -> list[tuple[str, Span]]:
    return [(f"{i:04d}", Span(Fraction(i * 997 % 1000, 10), Fraction(i * 997 % 1000, 10))) for i in range(size)]


def marks(sketch) -> int:
    return sum(len(trace["x"]) for trace in sketch.data)


@pytest.mark.parametrize("size", [1, STRIP, STRIP + 1, EACH, EACH + 1, 2844, 20_000])
def test_the_county_among_all_is_drawn_with_few_marks_and_its_place_is_exact(size):
    totals = spread(size)
    sketch = sketched(totals, "0000", BANDS, 100, "示例县")
    assert marks(sketch) <= EACH
    assert f"共 {size} 个" in sketch.layout["title"]["subtitle"]["text"]
    own = next(note for note in sketch.layout["annotations"] if "示例县" in note["text"])
    better = sum(span.lo > 0 for _, span in totals)
    tied = sum(span.lo == 0 for _, span in totals) > 1
    assert own["x"] == 0
    assert f"0 分，{'并列' if tied else ''}第 {better + 1} 位" in own["text"]


@pytest.mark.parametrize("size", [EACH + 1, 2844])
def test_many_counties_are_counted_in_columns_as_plotly_would_count_them(size):
    (columns,) = sketched(spread(size), "0001", BANDS, 100).data
    assert columns["type"] == "bar"
    assert sum(columns["y"]) == size
    low, high = 40.0, 42.5
    inside = sum(low <= span.lo < high for _, span in spread(size))
    assert columns["y"][columns["x"].index((low + high) / 2)] == inside


def test_columns_stay_few_however_far_totals_lie_apart():
    far = [(str(i), Span(i * i, i * i)) for i in range(1000)]
    assert len(Totals(far).bins[1]) <= MOST_BINS + 1
    assert sum(Totals(far).bins[2]) == 1000
    endless = [(str(i), Span(-charts.INF, charts.INF)) for i in range(EACH + 1)]
    assert Totals(endless).bins[2] == []


# --- what was made quicker is still the same ---


@given(st.text(alphabet=st.characters(codec="utf-8")) | st.text("a中　\n\t\u200b\u202e\u00a0\u2028é", max_size=12))
def test_clean_takes_out_what_nobody_sees_and_nothing_else(text):
    assert clean(text) == "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C")


@given(st.integers() | st.fractions() | st.just(charts.INF) | st.just(-charts.INF))
def test_stored_numbers_come_back_with_their_kind(value):
    stored = parse_exact(exact_text(value))
    assert stored == value
    whole = not isinstance(value, float) and value.denominator == 1
    assert type(stored) is (int if whole else type(value))
