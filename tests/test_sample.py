"""data/sample is what its generator gives, says that it is invented, and stands where it was meant to stand."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evaltool.facts import OFFICIAL, SELF
from evaltool.intake import read
from evaltool.scheme import load
from evaltool.scoring import score

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"
BOOKS = sorted(SAMPLE.glob("99*.xlsx"))
TABLE = SAMPLE / "省级认定表（虚构）.xlsx"


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate_sample", ROOT / "data" / "generate_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def content(path: Path) -> Any:
    """The members of a workbook in their order, with their times (zlib builds pack differently); else the bytes."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as package:
        return [(info.filename, info.date_time, package.read(info)) for info in package.infolist()]


def test_regenerating_changes_nothing(tmp_path):
    """After an edition changed: python data/generate_sample.py, and look at what became of the counties."""
    generator().main(tmp_path)
    names = sorted(path.name for path in SAMPLE.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name in names:
        assert content(tmp_path / name) == content(SAMPLE / name), name


def test_every_file_says_that_it_is_invented():
    for path in SAMPLE.iterdir():
        text = path.read_bytes().decode("utf-8") if path.suffix != ".xlsx" else ""
        if path.suffix == ".xlsx":
            assert "虚构" in path.name
            text = "".join(part.decode("utf-8", "replace") for _, _, part in content(path))
        assert "虚构" in text or "虚拟" in text, path.name
    roster = (SAMPLE / "roster.csv").read_text("utf-8").splitlines()[1:]
    assert all(line.startswith("99") and "虚拟" in line for line in roster)


@pytest.fixture(scope="module")
def scores() -> Any:
    return score(read(SAMPLE, load("hubei/ecommerce_rural", "2020-06-30")))


def test_thirteen_workbooks_one_table_one_silent_county(scores):
    assert len(BOOKS) == 13
    assert TABLE.is_file()
    facts = scores.facts
    states = [one.state for one in facts.submissions]
    assert (states.count("已接收"), states.count("认定表"), len(states)) == (13, 1, 14)
    assert [name for name, came in zip(facts.roster["name"], facts.returned, strict=True) if not came] == ["岭背县"]
    assert [p.place.subject for p in facts.problems if p.code == "W110"] == ["990111"]


MEANT: dict[str, tuple[Any, Any, str]] = {
    "松影县": ("99.05", "99.05", "优秀"),
    "禾川县": (85, 85, "优秀"),
    "澄湾县": ("84.995", "84.995", "良好"),
    "柳渡县": (70, 70, "良好"),
    "石盘县": (60, 60, "一般"),
    "云垛县": ("44.5", "44.5", "较差"),
    "荻港县": ("84.5", "99.5", "待定（优秀或良好）"),
    "桑坪县": (91, 91, "优秀"),
    "枫驿县": (86, 86, "优秀"),
    "苇泽县": (77, 86, "待定（优秀或良好）"),
    "清漾县": ("69.1", "69.1", "一般"),
    "乌桕县": ("44.5", "44.5", "较差"),
    "梅墩县": (57, 63, "待定（一般或较差）"),
}


@pytest.mark.parametrize("name", MEANT)
def test_each_county_stands_where_it_was_meant_to(scores, name):
    low, high, grade = MEANT[name]
    assert scores.total(OFFICIAL, name) == (Fraction(low), Fraction(high))
    assert scores.grade_text(OFFICIAL, name) == grade


def test_what_else_the_counties_are_there_for(scores):
    from evaltool.decisions import decide

    facts, decisions = scores.facts, decide(scores)
    assert scores.grade_text(OFFICIAL, "岭背县") == "未报送"
    assert decisions.of("岭背县") == []

    def applying(name: str) -> set[str]:
        return {item.action for item in decisions.of(name) if item.state == "applies" and item.action}

    assert applying("松影县") == {"reward"}
    assert applying("桑坪县") == {"notify", "cancel", "recover", "refer_discipline"}
    assert not applying("枫驿县") & {"cancel", "recover"}  # far behind, but by force majeure
    assert {"cancel", "recover"} <= applying("云垛县")
    assert not applying("乌桕县") & {"cancel", "recover"}
    assert facts.cell(SELF, "清漾县", "town_stations")[0] == 10
    assert facts.cell(OFFICIAL, "清漾县", "town_stations")[0] == 6
    messy = {p.code for p in facts.problems if p.place.subject == "990107"}
    assert {"D102", "D109", "D100", "D117"} <= messy
    assert {p.code for p in facts.problems if p.place.subject == "990110"} == {"D101"}


def test_no_problem_that_nobody_meant(scores):
    """Only the messy county and the unreadable cell have anything to put right."""
    stops = [p for p in scores.facts.problems if p.level == "stop"]
    counted = {p.place.subject for p in scores.facts.problems if p.level == "count"}
    assert stops == []
    assert counted == {"990107", "990110"}


def test_no_notebook_or_document_holds_a_county_that_is_not_there():
    codes = {line.split(",")[0] for line in (SAMPLE / "roster.csv").read_text("utf-8").splitlines()[1:]}
    assert len(codes) == 14
    assert {path.name[:6] for path in BOOKS} == codes - {"990111"}
    assert json.dumps(sorted(codes)) == json.dumps([f"9901{i:02d}" for i in range(1, 15)])
