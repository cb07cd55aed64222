"""A scored round of as many invented counties as wanted: `python benchmarks/nation.py FOLDER N`.

The fourteen workbooks of the sample are read once, by the real reader. Each invented county then says what one of
them says, with figures of its own drawn from a fixed seed; from there on everything is the real road: facts, scores,
recommendations, the round's database, log and receipt. What is left out: a workbook for every county, results.xlsx and
results.json, which no report reads. Codes begin with 99, which no province has, and every name begins with 虚拟.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from evaltool.archive import create_round, log, open_round
from evaltool.archive.receipt import LOG
from evaltool.decisions import Decisions, decide
from evaltool.demo import ON, SCHEME, sample_folder
from evaltool.facts import ACCEPTED, Facts, Origin, State, Submission
from evaltool.intake.assemble import assemble
from evaltool.intake.county_book import CountyRead
from evaltool.intake.list_reading import ListRead, RowRead
from evaltool.intake.official_reading import OfficialRead, read_official
from evaltool.intake.roster import read_roster
from evaltool.intake.sheet_reading import Read
from evaltool.intake.taking import Came, take_all
from evaltool.intake.taking import Round as Intake
from evaltool.problems import Problem
from evaltool.results import write_database
from evaltool.scheme import Scheme, load
from evaltool.scoring import score

MOST = 9999  # codes 990001 to 999999
FIRST = "松禾澄柳石云荻桑枫苇岭清乌梅竹芦槐榆桐枣菱莲蒲棠橘柚杉柏桦茶兰菊葵稻麦粟棉麻桃杏梨李樱榕椿漆栗榛柿枇"
SECOND = "影川湾渡盘垛港坪驿泽背漾桕墩溪塘滩洲岸坡岗岩峰谷坳坝堰沟渠泉井桥亭铺店集墟寨堡关塞原野田畈陂浦浜埠屿矶"
CITIES = "东西南北中上下前后左右内外远近"
# figures of a county's own: field → (lowest, highest) number that it may enter
DRAWN = {"fund_spent": (400, 1900), "delivered": (60, 180), "town_stations": (2, 10), "told_cases": (0, 4)}
GROWTH = ("retail_growth", "farm_growth")  # shares, from 8 % to 32 %
WHEN = "2020-08-01T00:00:00+00:00"


def roster_of(size: int) -> pd.DataFrame:
    """The invented counties: index code; columns name, city, batch, type, funds (as text)."""
    if not 1 <= size <= MOST:
        raise ValueError(f"1 to {MOST} counties, not {size}")
    codes = [f"99{number:04d}" for number in range(1, size + 1)]
    rows = [_county(number) for number in range(size)]
    columns = ["name", "city", "batch", "type", "funds"]
    return pd.DataFrame(rows, pd.Index(codes, dtype=object, name="code"), columns, dtype=object)


def _county(number: int) -> tuple[str, ...]:
    name = f"虚拟{FIRST[number % len(FIRST)]}{SECOND[number // len(FIRST) % len(SECOND)]}县"
    group = number // 12
    city = f"虚拟{CITIES[group % len(CITIES)]}{FIRST[group // len(CITIES) % len(FIRST)]}市"
    again = number // (len(FIRST) * len(SECOND))  # names are used up: the rest carries a number
    return f"{name}{again + 1}" if again else name, city, "2019", ("已摘帽", "未摘帽")[number % 2], "2000"


class Sample:
    """The sample as read: what each of its counties says, and what the province says of it."""

    def __init__(self, scheme: Scheme) -> None:
        folder = sample_folder()
        roster, _ = read_roster(folder / "roster.csv")
        came = take_all(Intake(scheme, roster), sorted(folder.glob("*.xlsx")))
        self.roster = roster
        self.came: dict[str, Came] = {one.subject: one for one in came if one.state == ACCEPTED}
        counties = {code: one.county for code, one in self.came.items() if one.county is not None}
        table = next(one for one in came if one.book is not None)
        assert table.book is not None
        self.official = read_official(table.book, scheme, roster, counties)
        self.codes = [str(code) for code in roster.index]  # one of them returned nothing


def facts_of(scheme: Scheme, roster: pd.DataFrame, sample: Sample, seed: int = 5) -> Facts:
    """What `len(roster)` counties say, each after the pattern of one county of the sample."""
    rng = Random(seed)
    counties: dict[str, CountyRead] = {}
    official = OfficialRead(round_values=sample.official.round_values)
    submissions, problems = [], []
    for code, name in roster["name"].items():
        pattern = rng.choice(sample.codes)
        drawn = _figures(rng)
        came = sample.came.get(pattern)
        if came is None or came.county is None:
            continue
        file = f"{code}_{name}_自评表（虚构）.xlsx"
        counties[str(code)] = _reworded(came.county, file, drawn)
        submissions.append(Submission(file, sha256(file.encode()).hexdigest(), str(code), str(name), ACCEPTED))
        problems += [_moved(problem, str(code), file, came) for problem in came.problems]
        for (owner, key), entry in sample.official.entries.items():
            if owner == pattern:
                official.entries[str(code), key] = entry
        official.corrections += [
            replace(one, code=str(code)) for one in sample.official.corrections if one.code == pattern
        ]
    return assemble(scheme, roster, counties, official, submissions, problems)


def _figures(rng: Random) -> dict[str, Any]:
    """The figures of one county's own; which of them it has is drawn too."""
    drawn: dict[str, Any] = {key: rng.randint(low, high) for key, (low, high) in DRAWN.items()}
    drawn |= {key: Fraction(rng.randint(80, 320), 1000) for key in GROWTH}
    return {key: value for key, value in drawn.items() if rng.random() < 0.6}


def _reworded(county: CountyRead, file: str, drawn: dict[str, Any]) -> CountyRead:
    """The same workbook under another name, with figures of its own in cells that are filled."""
    fields = {key: _read(read, file, drawn.get(key)) for key, read in county.fields.items()}
    lists = {
        key: ListRead(one.state, [_row(row, file) for row in one.rows], one.evidence)
        for key, one in county.lists.items()
    }
    claimed = {key: (value, _origin(origin, file)) for key, (value, origin) in county.claimed.items()}
    return CountyRead(fields, county.evidence, county.evidence_at, claimed, county.totals, lists)


def _row(row: RowRead, file: str) -> RowRead:
    return replace(row, cells={key: _read(read, file, None) for key, read in row.cells.items()})


def _read(read: Read, file: str, value: Any) -> Read:
    origin = None if read.origin is None else _origin(read.origin, file)
    if value is None or read.state != State.FILLED:
        return replace(read, origin=origin)
    return replace(read, value=value, origin=origin)


def _origin(origin: Origin, file: str) -> Origin:
    return origin._replace(workbook=file)


def _moved(problem: Problem, code: str, file: str, came: Came) -> Problem:
    place = replace(problem.place, subject=code, workbook=file if problem.place.workbook else "")
    texts = {key: getattr(problem, key).replace(came.file, file) for key in ("what", "why", "do")}
    return replace(problem, place=place, **texts)


def make(folder: Path, size: int, say: Callable[[str], None] = print) -> Decisions:
    """A scored round of `size` invented counties in `folder`, which must be new or empty."""
    scheme = load(SCHEME, ON)
    began = time.perf_counter()

    def told(what: str) -> None:
        say(f"{what}: {time.perf_counter() - began:.1f} s")

    rnd = create_round(folder, scheme, ON, roster_of(size), lambda: WHEN)
    sample = Sample(rnd.scheme)
    told("sample read")
    facts = facts_of(rnd.scheme, rnd.roster, sample)
    told("facts")
    decisions = decide(score(facts))
    told("scored")
    database = write_database(folder / "results" / "round.sqlite", decisions)
    told(f"database, {database.stat().st_size / 1e6:.0f} MB, {database.stat().st_size / 1e3 / size:.0f} KB a county")
    log.append(folder / LOG, WHEN, "score", digest=rnd.scheme.digest, recommendations=len(decisions.recommendations))
    open_round(folder, lambda: WHEN).sign_off()
    told("done")
    return decisions


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    make(Path(sys.argv[1]), int(sys.argv[2]))
