"""Which county a spelling means: recognised with a note where it means one, refused where it may mean two."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from openpyxl import load_workbook

from evaltool.intake import fill, layout, names, read
from evaltool.intake.names import ENDING, OLD, PREFIXED, SHORT, SPACING, TRADITIONAL, county_in, same_county, simplified
from evaltool.intake.templates.filling import Places


def roster_of(*rows):
    return pd.DataFrame(rows, columns=["code", "name", "city"], dtype=object).set_index("code")


ROSTER = roster_of(
    ("630202", "乐都区", "海东市"), ("420528", "长阳土家族自治县", "宜昌市"), ("429901", "松影县", "示例市"),
    ("110105", "朝阳区", ""), ("220104", "朝阳区", "长春市"), ("622921", "临夏县", "临夏回族自治州"),
    ("622901", "临夏市", "临夏回族自治州"), ("430781", "津市市", "常德市"), ("371324", "兰陵县", "临沂市"),
    ("622926", "东乡族自治县", "临夏回族自治州"), ("450181", "横州市", "南宁市"),
)  # fmt: skip


def test_traditional_characters():
    assert simplified("樂都縣") == "乐都县"
    assert simplified("電子商務進農村綜合示範") == "电子商务进农村综合示范"
    assert simplified("ABC 123") == "ABC 123"


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("松影县", "松影县", ""),
        ("松 影　县", "松影县", SPACING),
        ("松影县（试点）", "松影县(试点)", SPACING),
        ("松影\u200b县", "松影县", SPACING),
        ("樂都縣", "乐都县", TRADITIONAL),
        ("湖北省松影县", "松影县", PREFIXED),
        ("示例市甲县", "甲县", PREFIXED),
        ("湖北松影县", "松影县", PREFIXED),
        ("湖北省恩施土家族苗族自治州建始县", "建始县", PREFIXED),
        ("湖南省常德市津市市", "津市市", PREFIXED),
        ("济宁市市中区", "市中区", PREFIXED),
        ("松影", "松影县", SHORT),
        ("长阳县", "长阳土家族自治县", SHORT),
        ("长阳", "长阳土家族自治县", SHORT),
        ("积石山县", "积石山保安族东乡族撒拉族自治县", SHORT),
        ("察布查尔县", "察布查尔锡伯自治县", SHORT),
        ("东乡县", "东乡族自治县", SHORT),
        ("松影区", "松影县", None),
        ("松林县", "松影县", None),
        ("", "松影县", None),
        ("县", "松影县", None),
        ("津市", "津市市", SHORT),
        ("津市", "津市区", None),
    ],
)
def test_two_spellings_of_one_name(one, other, how):
    assert same_county(one, other) == how


@pytest.mark.parametrize(
    ("code", "name", "found", "how"),
    [
        ("429901", "松影县", "429901", ""),
        ("４２９９０１", "松影县", "429901", ""),
        ("429901.0", "松影县", "429901", ""),
        ("", "松影县", "429901", ""),
        ("429901", "湖北省示例市松影县", "429901", PREFIXED),
        ("429901", "松影", "429901", SHORT),
        ("429901", "松影区", "429901", ENDING),
        ("632123", "乐都县", "630202", OLD),
        ("632123", "樂都縣", "630202", OLD),
        ("630202", "乐都县", "630202", OLD),
        ("", "乐都县", "630202", OLD),
        ("371324", "苍山县", "371324", OLD),
        ("452122", "横县", "450181", OLD),  # two changes: 452122 横县 → 450127 横县 → 450181 横州市
        ("", "北京市朝阳区", "110105", PREFIXED),
        ("", "吉林省长春市朝阳区", "220104", PREFIXED),
        ("110105", "朝阳区", "110105", ""),
        ("", "东乡县", "622926", SHORT),
        ("", "临夏县", "622921", ""),
    ],
)
def test_a_county_of_the_roster(code, name, found, how):
    assert county_in(ROSTER, code, name) == (found, how, ())


@pytest.mark.parametrize(
    ("code", "name", "candidates"),
    [
        ("", "朝阳区", ("110105", "220104")),
        ("", "临夏", ("622921", "622901")),
        ("622921", "临夏", ("622921", "622901")),
        ("429901", "甲县", ()),
        ("429901", "广东省松影县", ()),  # the code is of Hubei
        ("429901", "别处市松影县", ()),  # the roster says 示例市
        ("999999", "松影县", ()),  # a code that nobody knows
        ("632123", "松影县", ()),  # an old code with another county's name
        ("", "", ()),
        ("", "海东市", ()),
    ],
)
def test_what_may_mean_two_or_none_is_left_to_people(code, name, candidates):
    assert county_in(ROSTER, code, name) == ("", "", candidates)


def test_the_roster_may_be_the_older_one():
    old = roster_of(("632123", "乐都县", ""), ("429901", "松影縣", ""))
    assert county_in(old, "630202", "乐都区") == ("632123", OLD, ())
    assert county_in(old, "429901", "松影县") == ("429901", TRADITIONAL, ())


# by the State Council's and the ministry's announcements: old code, old name, year, new code, new name
KNOWN = """
632123 乐都县 2013 630202 乐都区
630221 平安县 2015 630203 平安区
510124 郫县 2016 510117 郫都区
511521 宜宾县 2018 511504 叙州区
511721 达县 2013 511703 达川区
520321 遵义县 2016 520304 播州区
520222 盘县 2017 520281 盘州市
420321 郧县 2014 420304 郧阳区
610125 户县 2016 610118 鄠邑区
450127 横县 2021 450181 横州市
350427 沙县 2021 350405 沙县区
371324 苍山县 2014 371324 兰陵县
500234 开县 2016 500154 开州区
522201 铜仁市 2011 520602 碧江区
522401 毕节市 2011 520502 七星关区
361128 波阳县 2003 361128 鄱阳县
310230 崇明县 2016 310151 崇明区
370282 即墨市 2017 370215 即墨区
130223 滦县 2018 130284 滦州市
610427 彬县 2018 610482 彬州市
632321 同仁县 2020 632301 同仁市
220381 公主岭市 2020 220184 公主岭市
500225 大足县 2011 500111 大足区
420521 宜昌县 2001 420506 夷陵区
"""


def listed():
    text = (names.files("evaltool.intake") / "renamed.csv").read_text("utf-8")
    return list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))[1:]


def test_well_known_changes_are_listed():
    known = [line.split() for line in KNOWN.split("\n") if line]
    assert len(known) == 24
    assert [row for row in known if row not in listed()] == []


def test_the_list_of_changes_is_whole():
    rows = listed()
    assert len({(code, name) for code, name, *_ in rows}) == len(rows) > 800
    assert len({(row[3], row[4]) for row in rows}) == len(rows)  # nothing merged: one county follows one
    for code, name, year, new_code, new_name in rows:
        assert len(code) == len(new_code) == 6
        assert (code, name) != (new_code, new_name)
        assert 1999 <= int(year) <= 2024
        assert code[:2] == new_code[:2] or {code[:2], new_code[:2]} == {"50", "51"}  # Chongqing left Sichuan
    assert ("654123", "霍城县") not in {(row[0], row[1]) for row in rows}  # a slip of the source


# --- in a round ---


def came(scheme, tmp_path, answers, county, roster, change=None):
    """One workbook filled in for `county` (code, name), read with a roster of (code, name) rows."""
    path = fill(scheme, answers(scheme), tmp_path / "报.xlsx", {"code": county[0], "name": county[1], "city": ""})
    if change:
        book = load_workbook(path)
        sheet, places = Places(book).sheets[layout.COVER], Places(book)
        for key, text in change.items():
            sheet.cell(places.rows[layout.COVER][key], places.columns[layout.COVER]["value"]).value = text
        book.save(path)
    table = pd.DataFrame(roster, columns=["code", "name"], dtype=object)
    facts = read([path], scheme, table)
    return facts, [p for p in facts.problems if p.code in ("W105", "W126")]


@pytest.mark.parametrize(
    ("county", "roster"),
    [
        (("632123", "乐都县"), ("630202", "乐都区")),
        (("630202", "樂都區"), ("630202", "乐都区")),
        (("630202", "海东市乐都区"), ("630202", "乐都区")),
        (("630202", "乐都区"), ("632123", "乐都县")),
        (("", "乐都县"), ("630202", "乐都区")),
    ],
)
def test_a_county_written_otherwise_is_taken_with_a_note(hubei, tmp_path, answers, county, roster):
    facts, (note,) = came(hubei, tmp_path, answers, county, [roster, ("429902", "乙县")])
    assert note.code == "W126"
    assert note.place.subject == roster[0]
    assert county[1] in note.what
    assert roster[1] in note.what
    assert roster[0] in note.what
    assert facts.returned.tolist() == [True, False]
    assert (facts.submissions[0].subject, facts.submissions[0].name) == roster


@pytest.mark.parametrize(
    ("county", "roster", "said"),
    [
        (("", "朝阳区"), [("110105", "朝阳区"), ("220104", "朝阳区")], ["110105", "220104"]),
        (("", "临夏"), [("622921", "临夏县"), ("622901", "临夏市")], ["622921", "622901"]),
        (("630202", "平安区"), [("630202", "乐都区")], ["乐都区", "平安区"]),
        (("632123", "乐都县"), [("630203", "平安区")], ["乐都县", "632123"]),
    ],
)
def test_what_may_be_two_counties_is_refused_with_both_named(hubei, tmp_path, answers, county, roster, said):
    facts, (problem,) = came(hubei, tmp_path, answers, county, roster)
    assert problem.code == "W105"
    assert all(part in problem.what for part in said)
    assert not facts.returned.any()


@pytest.mark.parametrize(
    ("cover", "codes"),
    [
        ({"name": "樂都區"}, ["W126"]),
        ({"name": "乐都县", "code": "632123"}, ["W126"]),
        ({"name": "青海省海东市乐都区"}, ["W126"]),
        ({"code": 630202}, []),
        ({"name": "平安区"}, ["W105"]),
        ({"code": "630203"}, ["W105"]),
        ({"name": "乙县", "code": "429902"}, ["W105"]),
    ],
)
def test_the_name_on_the_cover(hubei, tmp_path, answers, cover, codes):
    roster = [("630202", "乐都区"), ("429902", "乙县")]
    facts, problems = came(hubei, tmp_path, answers, ("630202", "乐都区"), roster, cover)
    assert [p.code for p in problems] == codes
    assert facts.returned[0] == ("W105" not in codes)
