"""Every kind of bad, odd and hostile workbook: no figure wrong in silence, no crash, no good workbook refused."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaltool.facts import Facts
from evaltool.intake import read
from tests.corpus import base
from tests.corpus.kinds import kinds, run, workshop
from tests.corpus.second_reader import differences, stop

LARGE, EVERY = 16, 5  # of a group with more kinds than this, every fifth is among the quick tests


def divided() -> tuple[list[str], list[str]]:
    """The quick kinds and the others: costly ones, and four fifths of the large groups of variations."""
    quick, slow = [], []
    sizes, seen = Counter(one.group for one in kinds().values()), Counter()
    for one in kinds().values():
        seen[one.group] += 1
        among = sizes[one.group] <= LARGE or seen[one.group] % EVERY == 1
        (quick if among and not one.slow else slow).append(one.name)
    return quick, slow


QUICK, SLOW = divided()


@pytest.mark.parametrize("name", QUICK)
def test_kind(name, tmp_path):
    assert not run(kinds()[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_kind_among_the_slow(name, tmp_path):
    assert not run(kinds()[name], tmp_path)


def test_there_are_enough_kinds_in_every_group():
    groups = Counter(one.group for one in kinds().values())
    assert sum(groups.values()) >= 500
    assert min(groups.values()) >= 3, groups


# Odd but right XML that calamine does not read as XML says: a comment or CDATA inside a number, spaces around it.
MISREAD_BY_CALAMINE = ("stored_comment_inside", "stored_cdata", "stored_spaces", "stored_entity")


def accepted_files(groups: tuple[str, ...], folder: Path) -> Iterator[tuple[str, Path, Facts]]:
    """Every file of the corpus that was accepted, with what was read."""
    for number, one in enumerate(kinds().values()):
        if one.slow or one.apart or one.name in MISREAD_BY_CALAMINE or (groups and one.group not in groups):
            continue
        place = folder / str(number)
        place.mkdir()
        shop = workshop(one, place)
        one.make(shop)
        scheme = base.scheme() if one.edition == "small" else base.hubei()
        facts = read(shop.handed_in(), scheme, base.roster(*one.roster) if shop.roster is None else shop.roster)
        taken = {item.file for item in facts.submissions if item.state == "已接收"}
        yield from ((one.name, path, facts) for path in shop.paths if path.name in taken and path.is_file())


def differing(groups: tuple[str, ...], folder: Path) -> tuple[dict[str, list[str]], int]:
    found, compared = {}, 0
    try:
        for name, path, facts in accepted_files(groups, folder):
            seen = differences(path, facts)
            compared += seen is not None
            if seen:
                found[name] = seen
    finally:
        stop()
    return found, compared


def test_another_reader_sees_the_same_figures(tmp_path):
    found, compared = differing(("saved in other ways", "hubei"), tmp_path)
    assert not found
    assert compared > 25


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_another_reader_sees_the_same_figures_in_the_whole_corpus(tmp_path):
    found, compared = differing((), tmp_path)
    assert not found
    assert compared > 400


BAD_COMPANY = (
    "rows_of_60_mb", "sixty_thousand_merges", "laughs_used", "file_password", "file_half", "named_pipe",
    "link_to_zeros", "sizes_that_lie", "members_that_overlap", "formulas_that_double", "duplicate_member",
    "xls_half", "dead_link",
)  # fmt: skip


def test_good_counties_beside_hostile_files_come_out_the_same(tmp_path):
    """Sixteen counties read alone and beside thirteen hostile files: every frame of them is the same."""
    codes = [f"42{number:04}" for number in range(1, 17)]
    roster = base.roster().iloc[:0].copy()
    for code in codes:
        roster.loc[len(roster)] = [code, f"县{code}", "示例市", "2024", "示范县", "1"]
    good, beside = tmp_path / "good", tmp_path / "beside"
    good.mkdir()
    for number, code in enumerate(codes):
        mine = base.answers()
        mine["fields"]["sales"] = str(9000 + number)
        county = {"code": code, "name": f"县{code}", "city": "示例市"}
        (good / f"{code}.xlsx").write_bytes(base.book_bytes(mine, county))
    alone = read(good, base.scheme(), roster)
    shutil.copytree(good, beside)
    for number, name in enumerate(BAD_COMPANY):
        place = tmp_path / f"made{number}"
        place.mkdir()
        shop = workshop(kinds()[name], place)
        kinds()[name].make(shop)
        (made,) = shop.handed_in()
        made.rename(beside / f"{number * 7 % 13}-{made.name}")
    among = read(beside, base.scheme(), roster)
    assert alone.returned.all()
    for layer, facts in alone.layers.items():
        other = among.layers[layer]
        assert facts.table.values.equals(other.table.values)
        assert facts.table.states.equals(other.table.states)
        for name, rows in facts.lists.items():
            assert rows.table.values.equals(other.lists[name].table.values)
    assert alone.claimed.equals(among.claimed)
    assert len(among.submissions) == len(codes) + len(BAD_COMPANY)
    refused = {p.place.workbook for p in among.problems if p.level == "stop"}
    assert len([one for one in among.submissions if one.state != "已接收"]) >= len(BAD_COMPANY) - 1
    assert len(refused) >= len(BAD_COMPANY) - 1  # formulas that double cost nothing: refused for its county at most
