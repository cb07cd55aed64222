"""One SQLite file with everything about a finished round: written whole, renamed into place; read by SQL."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evaltool.decisions import Decisions
from evaltool.facts import LAYERS, OFFICIAL, SELF, STATE_NAMES, Facts, Origin, Rows, State
from evaltool.files import write_bytes
from evaltool.quantities import Exact, exact
from evaltool.results.ranking import places
from evaltool.results.schema import FORMAT, INDEXES, TABLES
from evaltool.scheme import Scheme
from evaltool.scheme.looks import looks_at
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.values import Unknown
from evaltool.scoring import Num, Scores
from evaltool.scoring.space import Space

INF = float("inf")


def exact_text(value: Exact | float | None) -> str | None:
    """An exact number as stored: `85`, `169/2`, `inf`, `-inf`; None stays None."""
    if value is None:
        return None
    if isinstance(value, float):
        if abs(value) != INF:
            raise TypeError(f"a float is no exact number: {value!r}")
        return "inf" if value > 0 else "-inf"
    return str(value)


def parse_exact(text: str | None) -> Exact | float | None:
    """The number that `exact_text` stored."""
    if text is None:
        return None
    if text.isdecimal() and text.isascii():  # most are, and a Fraction costs ten times as much
        return int(text)
    return float(text) if text in ("inf", "-inf") else exact(Fraction(text))


def _real(value: Exact | float | None) -> float | None:
    return None if value is None or abs(value) == INF else float(value)


def write(path: str | Path, decisions: Decisions) -> Path:
    """The database of a round. The same decisions give the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "round.sqlite"
        connection = sqlite3.connect(made)
        try:
            connection.execute("PRAGMA page_size = 4096")
            connection.execute("PRAGMA foreign_keys = ON")
            for name, columns in TABLES.items():
                connection.execute(f"CREATE TABLE {name} ({columns}) STRICT")
            for name, rows in contents(decisions):
                _insert(connection, name, rows)
            for name, column in INDEXES.items():
                connection.execute(f"CREATE INDEX {name}_of_a_county ON {name} ({column})")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.commit()
            connection.execute("VACUUM")
        finally:
            connection.close()
        return write_bytes(path, made.read_bytes())


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    width = len(connection.execute(f"SELECT * FROM {table}").description)  # noqa: S608 – names from TABLES only
    marks = ", ".join("?" * width)
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 – names from TABLES only


def _no_other_file(action: int, *_: str | None) -> int:
    """Denies what would open, and so might make, another file: ATTACH, which VACUUM INTO needs too."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


@contextmanager
def _reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    """The file, opened read-only and closed again."""
    connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def query(path: str | Path, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
    """The rows of a SELECT as a frame (object columns). The file is opened read-only; whatever writes, into it or into
    another file, raises sqlite3.OperationalError."""
    with _reading(path) as connection:
        connection.set_authorizer(_no_other_file)
        try:
            cursor = connection.execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            if "authoriz" not in str(error):
                raise
            raise sqlite3.OperationalError("这里只能查询（SELECT），不能另写文件") from None
        if cursor.description is None:
            raise sqlite3.OperationalError("这里只能查询（SELECT）")
        names = [column[0] for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)


def rows_of(path: str | Path, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[list[dict[str, Any]]]:
    """The rows of several SELECTs of our own (text, parameters), column → value, as they were at one moment: the file
    is opened once and read in one transaction."""
    found = []
    with _reading(path) as connection:
        connection.execute("BEGIN")
        for sql, parameters in asked:
            cursor = connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            found.append([dict(zip(names, row, strict=True)) for row in cursor])
    return found


def contents(decisions: Decisions) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    """(table, rows), in the order of writing; a table may come several times."""
    scores = decisions.scores
    facts, scheme = scores.facts, scores.scheme
    yield "meta", [
        ("format", str(FORMAT)), ("scheme", scheme.key), ("name", scheme.name), ("digest", scheme.digest),
        ("status", scheme.edition.status), ("stamp", scores.stamp), ("subject", scheme.edition.subject),
    ]  # fmt: skip
    yield "counties", _counties(scores)
    yield "indicators", _indicators(scores)
    for layer in LAYERS:
        yield "facts", _facts(facts, layer)
        for list_id, rows in facts.layers[layer].lists.items():
            yield "list_rows", _list_rows(facts, layer, list_id, rows)
        yield "points", _points(scores, layer)
        yield "row_points", _row_points(scores, layer)
        yield "traces", _traces(scores, layer)
    yield "recommendations", (
        (
            i, item.subject, item.name, item.action, item.action_name, item.verb, item.state, item.because, item.within,
            "\n".join(item.waits_for), "\n".join(item.clauses), item.note,
        )
        for i, item in enumerate(decisions.recommendations)
    )  # fmt: skip
    yield "funds", _funds(decisions)
    yield (
        "duties",
        (
            (item.subject, item.duty, item.name, item.who, item.kind, item.when, item.state, "\n".join(item.clauses))
            for item in decisions.duties
        ),
    )
    yield "problems", (
        (
            i, item.place.subject, item.code, item.level, item.title, item.what, item.why, item.do, item.place.workbook,
            item.place.sheet, item.place.cell, item.place.field, item.clause, str(item.rule),
        )
        for i, item in enumerate((*facts.problems, *scores.problems))
    )  # fmt: skip
    yield (
        "evidence",
        (
            (code, field, str(text))
            for code, row in facts.evidence.iterrows()
            for field, text in row.items()
            if isinstance(text, str) and text
        ),
    )
    yield "reasons", ((code, field, text) for (code, field), text in sorted(facts.reasons.items()))
    yield (
        "submissions",
        ((i, item.file, item.sha256, item.subject, item.name, item.state) for i, item in enumerate(facts.submissions)),
    )
    questions = scheme.edition.open_questions
    yield (
        "questions",
        (
            (key, item.question, item.reading, str(scheme.citation(item.clause)), facts.accepted.get(key, ""))
            for key, item in questions.items()
        ),
    )
    cites = [f"{key}/{clause}" for key, source in scheme.sources.items() for clause in source.clauses]
    yield "clauses", ((c, str(scheme.citation(c)), scheme.citation(c).gist, scheme.citation(c).text) for c in cites)


def _counties(scores: Scores) -> Iterator[Sequence[Any]]:
    ranked = places(scores)
    records = scores.facts.roster.to_dict("records")
    for i, (code, row) in enumerate(zip(scores.facts.codes, records, strict=True)):
        key = str(code)
        own, official = scores.total(SELF, key) or (None, None), scores.total(OFFICIAL, key) or (None, None)
        yield (
            i, key, *(str(row.get(name, "") or "") for name in ("name", "city", "batch", "type", "funds")),
            int(scores.facts.returned[i]), exact_text(scores.claimed_total(key)), *map(exact_text, own),
            *map(exact_text, official), *map(_real, official), scores.grade_text(OFFICIAL, key),
            scores.grade_text(SELF, key), getattr(ranked.get(key), "best", None),
            getattr(ranked.get(key), "worst", None),
        )  # fmt: skip


def _indicators(scores: Scores) -> Iterator[Sequence[Any]]:
    scheme = scores.scheme
    depths = {key: depth for depth, key in (*scheme.tree(), *scheme.findings())}
    for i, (key, item) in enumerate(scheme.indicators.items()):
        full = None if isinstance(item.points, str) else exact_text(item.points)
        parent = item.parent if isinstance(item.parent, str) else None
        evidence = "、".join(dict.fromkeys(kind for name in fields_of(scores, key) for kind in name.evidence))
        checks = "；".join(dict.fromkeys(f.site_check for f in fields_of(scores, key) if f.site_check))
        yield (
            i, key, parent, item.per, depths.get(key, 0), item.name, full, _unit(scheme, key),
            rule_sentence(scheme, key),
            "\n".join(str(scheme.citation(cite)) for cite in item.cite), evidence, item.site_check or checks,
        )  # fmt: skip


def _unit(scheme: Scheme, key: str) -> str:
    """The unit of a result; empty for what is no number, and where each row has its own."""
    unit = scheme.kinds[key].unit or ""
    return "" if unit.startswith("row:") else unit


def fields_of(scores: Scores, key: str) -> list[Any]:
    """The definitions of the fields and columns that an indicator looks at, in reading order."""
    edition = scores.scheme.edition
    found = []
    for name in looks_at(scores.scheme, key):
        if name in edition.fields:
            found.append(edition.fields[name])
        elif name in edition.lists:
            found += edition.lists[name].columns.values()
    return found


def _value_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | Fraction):
        return exact_text(exact(value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _facts(facts: Facts, layer: str) -> Iterator[Sequence[Any]]:
    table = facts.layers[layer].table
    fields = facts.scheme.edition.fields
    values, states, origins = (frame.to_numpy() for frame in (table.values, table.states, table.origins))
    for i, code in enumerate(facts.codes):
        for j, key in enumerate(table.values.columns):
            origin = origins[i, j] if isinstance(origins[i, j], Origin) else Origin("", "", "")
            state = STATE_NAMES[State(int(states[i, j]))]
            value = _value_text(values[i, j])
            yield (layer, str(code), key, fields[key].name, fields[key].unit, value, state, *origin)


def _list_rows(facts: Facts, layer: str, list_id: str, rows: Rows) -> Iterator[Sequence[Any]]:
    values, states, origins = (frame.to_numpy() for frame in (rows.table.values, rows.table.states, rows.table.origins))
    columns = {name: i for i, name in enumerate(rows.table.states.columns)}
    number = Counter[int]()
    codes = [str(code) for code in facts.codes]
    for line, owner in enumerate(map(int, rows.owner)):
        number[owner] += 1
        for j, key in enumerate(rows.table.values.columns):
            at = columns.get(key)
            state = STATE_NAMES[State(int(states[line, at]))] if at is not None else STATE_NAMES[State.FILLED]
            origin = (
                origins[line, at] if at is not None and isinstance(origins[line, at], Origin) else Origin("", "", "")
            )
            value = _value_text(values[line, j])
            yield (layer, codes[owner], list_id, number[owner], key, value, state, origin.sheet, origin.cell)


def _points(scores: Scores, layer: str) -> Iterator[Sequence[Any]]:
    facts, scheme = scores.facts, scores.scheme
    keys = [key for key in (*scheme.indicators, *scheme.edition.events) if not _list_of(scores, key)]
    looked = {key: looks_at(scheme, key) if layer == OFFICIAL else () for key in keys}
    claims = {key: facts.claimed[key].to_numpy() for key in keys if key in facts.claimed.columns}
    for i, code in enumerate(map(str, facts.codes)):
        if not facts.returned[i]:
            continue
        for key in keys:
            lo, hi = _ends(scores, layer, key, i)
            claimed = claims[key][i] if key in claims else None
            judged = dict.fromkeys(facts.reasons.get((code, name), "") for name in looked[key])
            yield (
                layer, code, key, exact_text(lo), exact_text(hi), _real(lo), _real(hi), scores.shown(layer, key, i),
                exact_text(claimed), "；".join(filter(None, judged)),
            )  # fmt: skip


def _ends(scores: Scores, layer: str, key: str, row: int) -> tuple[Any, Any]:
    """Lowest and highest of a number; nothing for what is no number and for what does not count."""
    column = scores.column(layer, key)
    if not isinstance(column, Num) or scores.is_out(layer, key, row):
        return None, None
    return column.lo[row], column.hi[row]


def _list_of(scores: Scores, key: str) -> str | None:
    """The list whose rows an indicator scores one by one."""
    return scores.scheme.indicators[key].per if key in scores.scheme.indicators else None


def _row_points(scores: Scores, layer: str) -> Iterator[Sequence[Any]]:
    facts, space = scores.facts, scores.outcomes[layer].space
    codes = [str(code) for code in facts.codes]
    for key, item in scores.scheme.indicators.items():
        list_id = item.per
        if list_id is None:
            continue
        titles, number = _row_titles(scores, layer, list_id), Counter[int]()
        for line, owner in enumerate(map(int, space.owners[list_id])):
            number[owner] += 1
            if facts.returned[owner]:
                lo, hi = _ends(scores, layer, key, line)
                yield (
                    layer, codes[owner], list_id, number[owner], key, titles[line], exact_text(lo), exact_text(hi),
                    _real(lo), _real(hi), _row_full(item.points, space, list_id, line), scores.shown(layer, key, line),
                )  # fmt: skip


def _row_titles(scores: Scores, layer: str, list_id: str) -> list[str]:
    """What a person knows each row by: its texts. A group goes by what its rows have in common."""
    item, space = scores.scheme.edition.lists[list_id], scores.outcomes[layer].space
    table = scores.facts.layers[layer].lists[item.of or list_id].table
    lines = np.arange(len(space.owners[list_id]))
    if item.of:
        lines = np.array([int(np.flatnonzero(space.grouped[list_id] == line)[0]) for line in lines], int)
    texts = [key for key, column in item.columns.items() if column.type == "text" and column.value is None]
    texts = (
        ["period"] if "period" in table.values.columns else [key for key in texts if key in table.values.columns][:2]
    )
    cells = table.values[texts].to_numpy(object)[lines]
    return [" ".join(str(cell) for cell in row if cell is not None) for row in cells]


def _row_full(points: Any, space: Space, list_id: str, line: int) -> str | None:
    """The full marks of one row, where they are known."""
    if not isinstance(points, str):
        return exact_text(points)
    column = space.rows[list_id][points]
    assert isinstance(column, Num)
    return exact_text(column.lo[line]) if column.lo[line] == column.hi[line] else None


def _traces(scores: Scores, layer: str) -> Iterator[Sequence[Any]]:
    keys = [*scores.scheme.indicators, *scores.scheme.edition.events]
    for i, code in enumerate(scores.facts.codes):
        if not scores.facts.returned[i]:
            continue
        for key in keys:
            trace = scores.explain(str(code), key, layer)
            yield layer, str(code), key, trace.result, trace.arithmetic, trace.next_step, str(trace)


def _funds(decisions: Decisions) -> Iterator[Sequence[Any]]:
    for item in decisions.funds:
        share = item.share or (None, None)
        limits = [_limit_text(limit) for limit in (item.at_least, item.at_most)]
        yield (
            item.subject, item.pot, item.use, item.name, item.inside, *map(exact_text, item.amount), item.unit,
            *map(exact_text, share), *limits, item.verdict, int(item.in_principle), item.note, "\n".join(item.clauses),
        )  # fmt: skip


def _limit_text(limit: Exact | Unknown | None) -> str | None:
    return limit.word if isinstance(limit, Unknown) else exact_text(limit)
