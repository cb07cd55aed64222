"""What has come is kept as it came; which of several workbooks of one county counts; nothing is replaced in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evaltool.archive import RoundError
from evaltool.facts import SELF, Facts


def visits(facts: Facts, county: str = "甲县") -> Any:
    return facts.cell(SELF, county, "jc_visits")[0]


def codes(facts: Facts) -> list[str]:
    return [problem.code for problem in facts.problems if problem.code not in ("W110", "D117", "D100")]


def test_a_later_delivery_counts_and_the_older_one_is_told(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx")])
    facts = rnd.take_in([book("990001", "甲 改.xlsx", jc_visits=6500)])
    assert visits(facts) == 6500
    assert codes(facts) == ["W116"]
    note = next(problem for problem in facts.problems if problem.code == "W116")
    assert (note.level, note.place.workbook, note.place.subject) == ("note", "甲.xlsx", "990001")
    assert "甲 改.xlsx" in note.what
    assert [(one.file, one.state) for one in facts.submissions] == [("甲.xlsx", "已替代"), ("甲 改.xlsx", "已接收")]
    assert sorted(path.name for path in (rnd.folder / "intake" / "marked").iterdir()) == ["甲 改.xlsx"]
    kept = list((rnd.folder / "intake" / "received").rglob("*.xlsx"))
    assert sorted(path.name for path in kept) == ["甲 改.xlsx", "甲.xlsx"]


def test_the_same_name_with_other_content_is_never_overwritten(rnd, book):
    first, second = book("990001", "自评表.xlsx"), book("990001", "自评表.xlsx", jc_visits=6500)
    rnd.take_in([first])
    facts = rnd.take_in([second])
    assert visits(facts) == 6500
    kept = {path.name: path.read_bytes() for path in (rnd.folder / "intake" / "received").rglob("*.xlsx")}
    assert kept == {"自评表.xlsx": first.read_bytes(), "自评表（2）.xlsx": second.read_bytes()}
    assert "自评表（2）.xlsx" in next(p.what for p in facts.problems if p.code == "W116")


def test_two_counties_may_use_the_same_name(rnd, book):
    """A later 自评表.xlsx of another county once threw the first county's out."""
    rnd.take_in([book("990001", "自评表.xlsx")])
    facts = rnd.take_in([book("990002", "自评表.xlsx", jc_visits=6500)])
    assert (visits(facts), visits(facts, "乙县")) == (5500, 6500)
    assert codes(facts) == []
    assert sorted(p.name for p in (rnd.folder / "intake" / "marked").iterdir()) == ["自评表.xlsx", "自评表（2）.xlsx"]


def test_two_in_one_delivery_are_both_set_aside_until_one_comes_alone(rnd, book):
    one, other = book("990001", "一.xlsx"), book("990001", "二.xlsx", jc_visits=6500)
    facts = rnd.take_in([one, other])
    assert codes(facts) == ["W106", "W106"]
    assert not facts.returned[0]
    facts = rnd.take_in([other])  # the remedy that W106 names
    assert visits(facts) == 6500
    assert codes(facts) == ["W116"]
    facts = rnd.take_in([one])  # and back again
    assert visits(facts) == 5500


def test_a_folder_that_grows_may_be_given_again_and_again(rnd, book, tmp_path):
    folder = tmp_path / "收到的表"
    folder.mkdir()
    book("990001", "甲.xlsx").rename(folder / "甲.xlsx")
    rnd.take_in([folder])
    book("990001", "甲二.xlsx", jc_visits=6500).rename(folder / "甲二.xlsx")
    for _ in range(3):
        facts = rnd.take_in([folder])
        assert visits(facts) == 6500
        assert codes(facts) == ["W116"]


def test_a_refused_file_replaces_nothing(rnd, book, tmp_path):
    rnd.take_in([book("990001", "甲.xlsx")])
    broken = tmp_path / "甲.xlsx"
    broken.write_bytes(b"PK\x03\x04 broken")
    wrong = book("990009", "外县.xlsx")
    facts = rnd.take_in([broken, wrong])
    assert visits(facts) == 5500
    assert sorted(codes(facts)) == ["W102", "W105"]
    assert "甲（2）.xlsx" in {one.file for one in facts.submissions}


def test_identical_copies_are_no_conflict(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx")])
    facts = rnd.take_in([book("990001", "副本.xlsx")])
    assert visits(facts) == 5500
    assert codes(facts) == ["W114"]


def test_the_province_may_send_its_table_again(rnd, book):
    county = book("990001", "甲.xlsx")
    rnd.take_in([county, book("认定表", "认定表.xlsx", bad_records=3)])
    facts = rnd.take_in([book("认定表", "认定表.xlsx", bad_records=5, when="2025-01-02")])
    assert facts.cell("认定", "甲县", "bad_records")[0] == 5
    assert codes(facts) == ["W116", "W130"]
    facts = rnd.take_in([book("认定表", "三.xlsx", bad_records=7), book("认定表", "四.xlsx", bad_records=8)])
    assert codes(facts) == ["W106"] * 4
    assert facts.cell("认定", "甲县", "bad_records")[0] is None


def test_workbooks_in_a_folder_of_each_county_are_found(rnd, book, tmp_path):
    folder = tmp_path / "来件"
    (folder / "甲县" / "~$x").mkdir(parents=True)
    book("990001", "甲.xlsx").rename(folder / "甲县" / "自评表.xlsx")
    (folder / "甲县" / "佐证.pdf").write_bytes(b"%PDF")
    (folder / "甲县" / "~$自评表.xlsx").write_bytes(b"lock")
    (folder / "说明.md").write_text("x", "utf-8")
    facts = rnd.take_in([folder])
    assert [one.file for one in facts.submissions] == ["自评表.xlsx"]
    assert visits(facts) == 5500


def test_names_of_files_cannot_leave_the_folder(rnd, book, tmp_path):
    from evaltool.archive.received import _safe, received, take

    assert _safe("..\\..\\x.xlsx") == "_.._x.xlsx"
    assert _safe("a\x07b|c.xlsx") == "a_b_c.xlsx"
    assert _safe("...") == "_"
    assert take(tmp_path / "r", [book("990001", "甲.xlsx")]).new == 1
    assert [item.deliveries for item in received(tmp_path / "r")] == [(1,)]


def test_a_spoiled_list_is_told(rnd, book):
    rnd.take_in([book("990001", "甲.xlsx")])
    (rnd.folder / "intake" / "received" / "received.json").write_text("[{}]", "utf-8")
    with pytest.raises(RoundError, match="读不出"):
        rnd.facts()


def test_an_edited_edition_no_longer_fits_the_workbooks(rnd, book):
    from evaltool.archive import open_round

    rnd.take_in([book("990001", "甲.xlsx")])
    path: Path = rnd.folder / "scheme" / "scheme.yaml"
    path.write_text(path.read_text("utf-8").replace("points: 30\n", "points: 30 \n", 1), "utf-8")
    facts = open_round(rnd.folder).facts()
    assert codes(facts) == ["W104"]
    assert not facts.returned.any()


def test_a_round_does_not_take_in_what_it_wrote_itself(rnd, book, tmp_path):
    rnd.take_in([book("990001", "甲.xlsx", jc_visits="约5"), book("990002", "乙.xlsx")])
    for path in (rnd.folder, rnd.folder / "intake" / "marked", rnd.folder / "intake" / "marked" / "甲.xlsx"):
        with pytest.raises(RoundError, match="自己的文件夹"):
            rnd.take_in([path])
    book("990003", "丙.xlsx").rename(rnd.folder.parent / "丙.xlsx")
    facts = rnd.take_in([rnd.folder.parent])
    assert sorted(one.file for one in facts.submissions if "（" not in one.file) == ["丙.xlsx", "乙.xlsx", "甲.xlsx"]
    assert "round/（一轮评价的文件夹）" in (rnd.folder / "intake" / "report.html").read_text("utf-8")


def test_workbooks_with_the_same_figures_count_once(rnd, book, tmp_path):
    """Saved once more by another program: other bytes, the same figures."""
    from openpyxl import load_workbook

    again = load_workbook(book("990001", "甲.xlsx"))
    again.properties.title = "另存"
    again.save(tmp_path / "甲另存.xlsx")
    facts = rnd.take_in([book("990001", "甲.xlsx"), tmp_path / "甲另存.xlsx"])
    assert visits(facts) == 5500
    assert codes(facts) == ["W114"]
    assert sorted(one.state for one in facts.submissions) == ["已接收", "搁置"]
