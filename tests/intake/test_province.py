"""One workbook or CSV file for the whole province, and frames: the same facts as from the counties' own workbooks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evaltool as ev
from evaltool.books.looking import look
from evaltool.books.opening import read_book
from evaltool.facts import ACCEPTED, SELF, TABLE, Facts, State
from evaltool.intake import fill, layout
from evaltool.intake import read as read_round
from evaltool.intake.assemble import assemble
from evaltool.intake.official_reading import OfficialRead
from evaltool.intake.opened import anchored
from evaltool.intake.province.reading import ProvinceRead, province_csv, read_province
from evaltool.intake.reader import settle
from evaltool.intake.roster import roster_of as plain_roster
from evaltool.intake.taking import Round, take_one
from evaltool.scheme import Scheme, load
from tests.every_edition import roster_of, sheets_of, write_books
from tests.intake.tabled import Tabled, csv_text, frame, heads_of, tabled, workbook
from tests.intake.test_intake_tables import same

EDITIONS = ("hubei/ecommerce_rural", "hubei/project_self_evaluation", "guangdong/ecommerce_rural", "hubei/laohekou")
Known = tuple[Scheme, pd.DataFrame, Tabled, Facts]
SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module", params=["sample", *EDITIONS])
def round_(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """An edition, its roster, what its counties' workbooks say cell by cell, and their facts: Hubei's sample, and
    invented rounds."""
    if request.param == "sample":
        scheme, roster = load(EDITIONS[0], "2020-06-30"), pd.read_csv(SAMPLE / "roster.csv", dtype=str)
        books = sorted(SAMPLE.glob("99*"))
    else:
        scheme = load(request.param)
        roster = roster_of(scheme)
        books = write_books(scheme, tmp_path_factory.mktemp("books"), sheets_of(scheme))[:-1]
    roster = plain_roster(roster)[0]
    return scheme, roster, tabled(scheme, books), read(books, scheme, roster)


@pytest.fixture(scope="module")
def sample() -> tuple[Scheme, pd.DataFrame, Tabled]:
    scheme, roster = load(EDITIONS[0], "2020-06-30"), pd.read_csv(SAMPLE / "roster.csv", dtype=str)
    return scheme, plain_roster(roster)[0], tabled(scheme, sorted(SAMPLE.glob("99*"))[:3])


def read(files: list[Path], scheme: Scheme, roster: pd.DataFrame) -> Facts:
    """The facts of a round, file by file in this process."""
    round_ = Round(scheme, plain_roster(roster)[0])
    return settle([take_one(round_, file) for file in files], round_)


def of_table(path: Path, scheme: Scheme, roster: pd.DataFrame) -> ProvinceRead:
    found = read_province(Round(scheme, roster), anchored(read_book(look(path), path.name)))
    assert found is not None
    return found


def told(facts: Facts) -> list[tuple[str, str, str]]:
    """What is wrong with the data, without where it stands: the workbooks are others."""
    return sorted((p.code, p.place.subject, p.place.field) for p in facts.problems if p.code.startswith("D"))


def test_a_workbook_says_what_the_counties_own_workbooks_say(round_, tmp_path):
    scheme, roster, made, other = round_
    path = workbook(made, tmp_path / "汇总.xlsx", titles=("各县汇总表", "填报时间：6 月"))
    one = read([path], scheme, roster)
    same(one, other)
    assert told(one) == told(other)
    pd.testing.assert_frame_equal(one.claimed, other.claimed)
    pd.testing.assert_frame_equal(one.evidence, other.evidence)
    assert [s.state for s in one.submissions] == [TABLE]
    assert {s.state for s in other.submissions} == {ACCEPTED}
    left = {p.what for p in one.problems if p.code.startswith("W") and p.code not in ("W110", "W117")}
    assert not left


def test_every_value_stands_at_its_own_cell(sample, tmp_path):
    scheme, roster, made = sample
    found = of_table(workbook(made, tmp_path / "汇总.xlsx"), scheme, roster)
    origin = found.counties["990101"].fields["towns"].origin
    assert (origin.workbook, origin.sheet, origin.cell) == ("汇总.xlsx", "各县汇总", "G2")
    row = found.counties["990102"].lists["sites"].rows[0].cells["sign"].origin
    assert row.sheet == "中央资金支持的项目点"


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ","), ("gb18030", ";"), ("utf-16", "\t")])
def test_a_csv_file_says_the_same_of_the_fields(round_, encoding, separator):
    scheme, roster, made, other = round_
    data = csv_text(made.main, heads_of(scheme), separator).encode(encoding)
    found = province_csv(Round(scheme, roster), data, "汇总.csv")
    assert found is not None
    one = assemble(scheme, roster, found.counties, OfficialRead())
    assert one.returned.tolist() == other.returned.tolist()
    for kind in ("values", "states"):
        a, b = (getattr(facts.layers[SELF].table, kind) for facts in (one, other))
        pd.testing.assert_frame_equal(a, b)
    pd.testing.assert_frame_equal(one.claimed[scheme.leaves()], other.claimed[scheme.leaves()])


def plain(rows: list[Any], keys: list[str]) -> list[Any]:
    return [{key: row[key] for key in keys if key in row} for row in rows]


@pytest.mark.parametrize("way", ["csv", "frame", "workbook"])
def test_read_table_says_the_same(round_, tmp_path, way):
    scheme, roster, made, other = round_
    keys = ["code", *layout.county_fields(scheme)]
    columns = {
        key: ["code", *item.given, *layout.county_columns(item), *(["period"] if item.rows_from == "calendar" else [])]
        for key, item in scheme.filled_lists.items()
    }
    main, lists = plain(made.main, keys), {key: plain(made.lists[key], columns[key]) for key in columns}
    if way == "csv":

        def file(rows: list[Any], name: str) -> Path:
            heads = heads_of(scheme, name) | {"code": "code"}
            (tmp_path / f"{name or '表'}.csv").write_text(csv_text(rows, heads), "utf-8")
            return tmp_path / f"{name or '表'}.csv"

        subjects, tables = file(main, ""), {key: file(rows, key) for key, rows in lists.items() if rows}
    elif way == "frame":
        subjects = frame(main, keys)
        tables = {key: frame(rows, columns[key]) for key, rows in lists.items() if rows}
    else:
        subjects, tables = workbook(Tabled(scheme, main, lists), tmp_path / "表.xlsx"), {}
    one = ev.read_table(scheme, subjects, tables, roster=roster)
    assert one.returned.tolist() == other.returned.tolist()
    for kind in ("values", "states"):
        a, b = (getattr(facts.layers[SELF].table, kind) for facts in (one, other))
        pd.testing.assert_frame_equal(a, b)
        for key in lists:
            a, b = (getattr(facts.layers[SELF].lists[key].table, kind) for facts in (one, other))
            pd.testing.assert_frame_equal(a, b)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10**6),
    above=st.lists(st.sampled_from(["各县汇总表", "示例省商务厅", "附件 2", ""]), max_size=4),
)
def test_order_and_titles_change_nothing(sample, tmp_path, seed, above):
    """Rows of a county's own list keep their order among themselves; everything else may stand anywhere."""
    scheme, roster, made = sample
    chance = random.Random(seed)

    def order(keys: list[str], rows: list[Any]) -> tuple[list[str], list[Any]]:
        keys, counties = chance.sample(keys, len(keys)), list(dict.fromkeys(row["code"][0] for row in rows))
        chance.shuffle(counties)
        return keys, [row for code in counties for row in rows if row["code"][0] == code]

    def sheets(names: list[str]) -> list[str]:
        return chance.sample(names, len(names))

    base = workbook(made, tmp_path / "a.xlsx")
    path = workbook(made, tmp_path / "b.xlsx", titles=above, order=order, sheets=sheets)
    same(read([path], scheme, roster), read([base], scheme, roster))


def test_a_workbook_that_says_the_same_as_the_table_stands_before_it(sample, tmp_path):
    scheme, roster, made = sample
    facts = read([workbook(made, tmp_path / "汇总.xlsx"), next(SAMPLE.glob("990102*"))], scheme, roster)
    assert "W114" in {p.code for p in facts.problems if p.place.subject == "990102"}
    assert facts.returned[facts.position("990102")]
    assert facts.cell("自评", "990102", "towns")[2].workbook.startswith("990102")


def test_a_county_in_the_table_and_with_a_workbook_of_its_own_counts_in_neither(sample, tmp_path):
    scheme, roster, made = sample
    other = fill(next(SAMPLE.glob("990102*")), {"fields": {"towns": 1}}, tmp_path / "990102.xlsx")
    facts = read([workbook(made, tmp_path / "汇总.xlsx"), other], scheme, roster)
    assert "W106" in {p.code for p in facts.problems if p.place.subject == "990102"}
    states = dict(zip(facts.codes, facts.returned, strict=True))
    assert [states[code] for code in ("990101", "990102", "990103")] == [True, False, True]


def test_a_county_that_answers_nothing_has_returned_nothing(sample, tmp_path):
    scheme, roster, made = sample
    rows = [*made.main, {"code": ("990111", "@"), "name": ("岭背县", "@")}]
    facts = read_round([workbook(Tabled(scheme, rows, made.lists), tmp_path / "汇总.xlsx")], scheme, roster)
    assert facts.cell(SELF, "990111", "towns")[1] == State.ABSENT
    assert "W110" in {p.code for p in facts.problems if p.place.subject == "990111"}
