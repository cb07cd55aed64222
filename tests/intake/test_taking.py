"""Files are read in bounded processes; one that takes too much, or that nobody foresaw, costs the others nothing."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from evaltool.books.bounded import Limits
from evaltool.facts import ACCEPTED, SENT_BACK, SET_ASIDE
from evaltool.intake import fill
from evaltool.intake.taking import Round, take_all

COUNTY = {"code": "429901", "name": "甲县", "city": "示例市"}


@pytest.fixture
def good(hubei, answers, tmp_path):
    return fill(hubei, answers(hubei), tmp_path / "甲县.xlsx", COUNTY)


@pytest.fixture
def round_(hubei, roster):
    return Round(hubei, roster.set_index("code"))


def test_a_file_that_takes_too_long_is_refused(good, round_):
    (one,) = take_all(round_, [good], Limits(seconds=0.001))
    assert one.state == SENT_BACK
    assert [p.code for p in one.problems] == ["W121"]
    assert "0.001 秒" in one.problems[0].what
    assert len(one.sha256) == 64
    assert take_all(round_, [good])[0].state == ACCEPTED


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux keeps to the limit")
def test_a_file_that_wants_too_much_memory_is_refused(good, round_):
    (one,) = take_all(round_, [good], Limits(megabytes=1))
    assert [p.code for p in one.problems] == ["W121"]
    assert "1 MB" in one.problems[0].what


def test_an_error_that_nobody_foresaw_costs_one_file(good, round_):
    broken = replace(round_, scheme=None)
    ones = take_all(broken, [good, good])
    assert [[p.code for p in one.problems] for one in ones] == [["W129"], ["W129"]]
    assert "AttributeError" in ones[0].problems[0].what
    assert ones[0].problems[0].place.workbook == "甲县.xlsx"


BESIDE = [("合同.pdf", b"%PDF-1.4"), ("照片.JPG", b"\xff\xd8\xff\xe0"), ("说明.txt", b"hello")]


@pytest.mark.parametrize(("name", "data"), BESIDE)
def test_what_was_never_meant_to_be_read_is_set_aside(tmp_path, round_, name, data):
    (tmp_path / name).write_bytes(data)
    (one,) = take_all(round_, [tmp_path / name])
    assert one.state == SET_ASIDE
    assert [(p.code, p.level) for p in one.problems] == [("W127", "note")]


@pytest.mark.parametrize(("name", "data", "code"), [("表.xlsx", b"%PDF-1.4", "W100"), ("表.csv", b"a,b\n1,2\n", "W103")])
def test_what_bears_the_name_of_a_table_is_sent_back(tmp_path, round_, name, data, code):
    (tmp_path / name).write_bytes(data)
    (one,) = take_all(round_, [tmp_path / name])
    assert (one.state, [p.code for p in one.problems]) == (SENT_BACK, [code])
