"""Every kind of bad, odd and hostile workbook: no figure wrong in silence, no crash, no good workbook refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaltool.facts import Facts
from evaltool.intake import read
from tests.corpus import base
from tests.corpus.kinds import kinds, run, workshop
from tests.corpus.second_reader import differences, stop

LARGE, EVERY = 24, 3  # of a group with more kinds than this, every third is among the quick tests


def divided() -> tuple[list[str], list[str]]:
    """The quick kinds and the others: costly ones, and two thirds of the large groups of variations."""
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


def accepted_files(groups: tuple[str, ...], folder: Path) -> Iterator[tuple[str, Path, Facts]]:
    """Every file of the corpus that was accepted, with what was read."""
    for number, one in enumerate(kinds().values()):
        if one.slow or one.apart or (groups and one.group not in groups):
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
    found, compared = differing(("saved in other ways", "hubei", "stored numbers"), tmp_path)
    assert not found
    assert compared > 40


@pytest.mark.slow
def test_another_reader_sees_the_same_figures_in_the_whole_corpus(tmp_path):
    found, compared = differing((), tmp_path)
    assert not found
    assert compared > 400
