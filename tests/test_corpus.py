"""Every kind of bad, odd and hostile workbook: no figure wrong in silence, no crash, no good workbook refused."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.corpus.kinds import kinds, run

QUICK = [one.name for one in kinds().values() if not one.slow]
SLOW = [one.name for one in kinds().values() if one.slow]


@pytest.mark.parametrize("name", QUICK)
def test_kind(name, tmp_path):
    assert not run(kinds()[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_costly_kind(name, tmp_path):
    assert not run(kinds()[name], tmp_path)


def test_there_are_enough_kinds_in_every_group():
    groups = Counter(one.group for one in kinds().values())
    assert sum(groups.values()) >= 500
    assert min(groups.values()) >= 3, groups
