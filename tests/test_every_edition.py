"""Every built-in edition the whole way: templates, filled as people would, read, scored, decided, written, reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import evaltool as ev
from evaltool.archive import Round, create_round
from evaltool.decisions import Decisions, decide
from evaltool.facts import LAYERS, OFFICIAL, SELF
from evaltool.intake import from_values, read
from evaltool.report import CountyPage, OverviewPage
from evaltool.report.reading import Reading
from evaltool.results import parse_exact, query, write_database, write_workbook
from evaltool.results.document import document
from evaltool.scheme import Scheme, load
from evaltool.scoring import Num, score
from tests.every_edition import EDITIONS, NAMES, SILENT, roster_of, sheets_of, write_books

ENGLISH = ("None", "nan", "Fraction", "True", "False", "out", "full")


@pytest.fixture(scope="module", params=EDITIONS)
def scheme(request: pytest.FixtureRequest) -> Scheme:
    edition, _, day = request.param.partition("@")
    return load(edition, day)


@pytest.fixture(scope="module")
def decisions(scheme: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Decisions:
    books = write_books(scheme, tmp_path_factory.mktemp("books"), sheets_of(scheme))
    return decide(score(read(books, scheme, roster_of(scheme))))


@pytest.fixture(scope="module")
def rnd(scheme: Scheme, decisions: Decisions, tmp_path_factory: pytest.TempPathFactory) -> Round:
    """A round whose database is written from the facts."""
    folder = tmp_path_factory.mktemp("round")
    made = create_round(folder, scheme, "2023-06-30", roster_of(scheme), clock=lambda: "2023-07-01T00:00:00+00:00")
    write_database(folder / "results" / "round.sqlite", decisions)
    return made


def test_workbooks_give_the_same_results_as_plain_values(scheme, decisions):
    """Only the official layer: in plain values, what the province says stands in both."""
    plain = decide(score(from_values(scheme, {**sheets_of(scheme), SILENT: None}, roster_of(scheme))))
    for row, code in enumerate(NAMES):
        for key, item in scheme.indicators.items():
            if item.per is None:
                assert decisions.scores.text(OFFICIAL, key, row) == plain.scores.text(OFFICIAL, key, row), key
        assert decisions.of(code) == plain.of(code)
        assert decisions.funds_of(code) == plain.funds_of(code)
        assert decisions.duties_of(code) == plain.duties_of(code)


def test_nothing_that_was_filled_in_is_refused(decisions):
    problems = decisions.scores.facts.problems
    assert {problem.code for problem in problems} <= {"D100", "D117", "D119", "D120", "D138", "W110"}


def test_every_result_stands_in_the_database(scheme, decisions, rnd):
    scores = decisions.scores
    rows = query(rnd.folder / "results" / "round.sqlite", "SELECT * FROM points").to_dict("records")
    stored = {(row["layer"], row["code"], row["indicator"]): row for row in rows}
    keys = [key for key, item in scheme.indicators.items() if not item.per] + list(scheme.edition.events)
    assert set(stored) == {(layer, code, key) for layer in LAYERS for code in NAMES if code != SILENT for key in keys}
    for (layer, code, key), row in stored.items():
        column, at = scores.column(layer, key), scores.facts.position(code)
        assert row["result"] == scores.shown(layer, key, at)
        if isinstance(column, Num) and not scores.is_out(layer, key, at):
            assert (parse_exact(row["lo"]), parse_exact(row["hi"])) == (column.lo[at], column.hi[at])
        else:
            assert (row["lo"], row["hi"]) == (None, None)
    assert len(query(rnd.folder / "results" / "round.sqlite", "SELECT * FROM duties")) == len(decisions.duties)


def test_every_result_stands_in_the_document(scheme, decisions):
    made = document(decisions)
    json.dumps(made, ensure_ascii=False)
    plain = {key for key, item in scheme.indicators.items() if item.per is None and key != scheme.grade}
    for code in NAMES:
        for layer in made["counties"][code]["layers"].values():
            assert {*layer["points"], *layer["findings"]} == plain
    assert len(made["duties"]) == len(decisions.duties)


def test_the_workbook_has_a_sheet_for_what_the_edition_has_and_none_for_what_it_has_not(scheme, decisions, tmp_path):
    from openpyxl import load_workbook

    book = load_workbook(write_workbook(tmp_path / "results.xlsx", decisions))
    scores, edition = decisions.scores, scheme.edition
    wanted = {
        "排名": scheme.total, "总览": not scheme.total, "指标得分": scores.nodes, "其他结果": scores.findings,
        "建议": edition.consequences, "职责核对": any(duty.met for duty in edition.duties.values()), "资金": edition.funds,
    }  # fmt: skip
    assert {title for title, there in wanted.items() if there} | {"问题清单", "待定问题", "指标说明"} == set(
        book.sheetnames
    )
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not set(texts) & set(ENGLISH)
    explained = {row[0].value for row in book["指标说明"].iter_rows(min_row=5)}
    assert explained == set(scheme.indicators)


def test_every_piece_of_both_pages_is_made(rnd):
    """As the notebooks ask for them, for who returned a workbook and for who did not."""
    for name, pages in (
        ("county_report", [CountyPage(Reading(rnd), code) for code in NAMES]),
        ("province_overview", [OverviewPage(Reading(rnd))]),
    ):
        for page in pages:
            for call in _pieces(name):
                piece = getattr(page, call)()
                shown = piece._repr_mimebundle_() if hasattr(piece, "_repr_mimebundle_") else piece._repr_html_()
                assert not set(_cells(shown)) & set(ENGLISH), call
                assert not (hasattr(piece, "figure") and _says_nothing(rnd.scheme, piece)), call


def _pieces(notebook: str) -> list[str]:
    cells = json.loads((Path(__file__).parent.parent / "notebooks" / f"{notebook}.ipynb").read_text("utf-8"))["cells"]
    lines = ["".join(cell["source"]).splitlines()[-1] for cell in cells if cell["cell_type"] == "code"]
    return [line[5:-2] for line in lines if line.startswith("page.") and line != "page.finish()"]


def _cells(shown: Any) -> list[str]:
    return [part.rpartition(">")[2] for part in shown.split("</td>")] if isinstance(shown, str) else []


def _says_nothing(scheme: Scheme, piece: Any) -> bool:
    """Whether a figure only says that the edition has nothing to draw: that is left to a sentence."""
    said = str(piece.figure.layout.title.subtitle.text or "")
    return "本方案" in said


def test_totals_of_results_that_add_up_can_be_compared_with_self_scores(scheme, decisions):
    table = decisions.scores.table()
    assert ("自评分" in table.columns) == (scheme.adds_up() and bool(len(decisions.scores.facts.claimed.columns)))
    assert ("认定" in table.columns) == (scheme.total is not None)
    assert {SELF, OFFICIAL} == set(decisions.scores.outcomes)


def test_who_only_waits_for_others_is_told_so():
    """The best of all is not known while one of all has not returned its workbook."""
    scheme = load("district/ecommerce")
    scores = score(from_values(scheme, {**sheets_of(scheme), SILENT: None}, roster_of(scheme)))
    assert scores.waits(next(iter(NAMES))) == ["其他镇街的数据"]


@pytest.mark.slow
@pytest.mark.notebook
def test_the_whole_way_with_reports(scheme, tmp_path):
    made = create_round(tmp_path / "round", scheme, "2023-06-30", roster_of(scheme))
    assert len(made.write_templates()) == len(NAMES) + 1
    made.take_in(write_books(scheme, tmp_path / "books", sheets_of(scheme)))
    made.score()
    frame = ev.report(made, counties=[next(iter(NAMES))], progress=False)
    assert set(frame["state"]) == {"ok"}
    assert made.verify() == []
