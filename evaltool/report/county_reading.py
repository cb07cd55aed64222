"""What the reports read of one county: rows of the round's database, turned into things with names. Together with
`reading` the only module that knows the columns of those rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from evaltool.charts import Span, Use
from evaltool.decisions import DutyFinding, FundCheck, Recommendation, by_state
from evaltool.facts import LAYERS, OFFICIAL, SELF
from evaltool.problems import Place, Problem
from evaltool.quantities import Exact
from evaltool.report.lines import Finding, Line, RowResult, known, several, span
from evaltool.report.wording import Wording
from evaltool.results import parse_exact, rows_of
from evaltool.scheme.values import Unknown

Row = dict[str, Any]
# Each by an index of the table, so that a county costs the same in a round of any size. ?1 is the county.
TABLES = {
    "points": "SELECT * FROM points WHERE layer IN (?2, ?3) AND code = ?1",
    "traces": "SELECT * FROM traces WHERE layer = ?2 AND code = ?1",
    "row_points": "SELECT * FROM row_points WHERE layer = ?2 AND code = ?1",
    "recommendations": "SELECT * FROM recommendations WHERE code = ?1 ORDER BY position",
    "funds": "SELECT * FROM funds WHERE code = ?1",
    "duties": "SELECT * FROM duties WHERE code = ?1",
    "problems": "SELECT * FROM problems WHERE subject = ?1 ORDER BY position",
    "evidence": "SELECT * FROM evidence WHERE code = ?1",
}
LAYERED = {"points": LAYERS, "traces": (OFFICIAL,), "row_points": (OFFICIAL,)}


class _Tables(dict[str, list[Row]]):
    """The rows of one county by table; each table is read when it is first asked for."""

    def __init__(self, path: Path, code: str) -> None:
        super().__init__()
        self._path, self._code = path, code

    def __missing__(self, name: str) -> list[Row]:
        self.read([name])
        return self[name]

    def read(self, names: Sequence[str]) -> None:
        """Reads these tables in one go: what they say was true at one moment."""
        asked = [(TABLES[name], (self._code, *LAYERED.get(name, ()))) for name in names]
        self.update(zip(names, rows_of(self._path, asked), strict=True))


class CountyReading:
    """One county of a round. Everything is made when it is first asked for, and then kept."""

    def __init__(self, words: Wording, database: Path, code: str, returned: bool) -> None:
        self.code, self.returned = code, returned
        self._words, self._tables = words, _Tables(database, code)

    def read(self) -> None:
        """Everything the database says of the county, at one moment."""
        self._tables.read(list(TABLES))

    @cached_property
    def _results(self) -> dict[tuple[str, str], Row]:
        return {(row["layer"], row["indicator"]): row for row in self._tables["points"]}

    @cached_property
    def _traces(self) -> dict[str, Row]:
        return {row["indicator"]: row for row in self._tables["traces"]}

    @cached_property
    def lines(self) -> list[Line]:
        """The official result of every indicator outside lists, from the total down; none for who returned nothing."""
        if not self.returned:
            return []
        nothing: Row = {}
        found = []
        for node in self._words.tree:
            row, own = self._results[OFFICIAL, node.key], self._results.get((SELF, node.key), nothing)
            trace = self._traces.get(node.key, nothing)
            found.append(
                Line(
                    node.key,
                    node.number,
                    node.name,
                    node.depth,
                    node.full,
                    span(row["lo"], row["hi"]),
                    row["result"],
                    span(own.get("lo"), own.get("hi")),
                    own.get("result", ""),
                    known(row["claimed"]),
                    node.is_sum,
                    "" if node.adds else trace.get("arithmetic", ""),
                    trace.get("next_step", ""),
                    node.clauses,
                    "；".join(dict.fromkeys(row["reason"].split("；"))),
                )
            )
        return found

    @cached_property
    def findings(self) -> list[Finding]:
        """The official results besides points and the grade, from the top down; none for who returned nothing."""
        shown = [node for node in self._words.findings if (OFFICIAL, node.key) in self._results]
        keys = {node.key for node in shown}
        found = []
        for node in shown:
            lowest = not any(child in keys for child in self._words.scheme.children.get(node.key, ()))
            trace = self._traces[node.key]
            how = trace["arithmetic"] or self._rule_and_data(node.key, trace["text"] if lowest else "")
            result = self._results[OFFICIAL, node.key]["result"]
            found.append(Finding(node.key, node.number, node.name, node.depth, result, how, lowest, node.clauses))
        return found

    def _rule_and_data(self, key: str, text: str) -> str:
        """How a result that has no arithmetic comes about: its rule, and what was entered (from the text of its
        trace)."""
        told = [line.split("　")[1] for line in text.splitlines() if line.startswith("数据　")]
        rule = self._words.rule(key)
        return f"{rule}数据：{'；'.join(one.replace(' = ', '：') for one in told)}。" if told else rule

    @cached_property
    def rows(self) -> list[RowResult]:
        """The official points of each row that is scored by itself, in the order of the edition and of the rows."""
        scheme, scored = self._words.scheme, self._words.rows
        found = [
            RowResult(
                row["indicator"],
                scheme.indicators[row["indicator"]].name,
                int(row["row"]),
                row["title"],
                known(row["full"]),
                span(row["lo"], row["hi"]),
                row["result"],
                scheme.total is not None and scheme.indicators[row["indicator"]].parent == scheme.total,
            )
            for row in self._tables["row_points"]
            if row["indicator"] in scored
        ]
        return sorted(found, key=lambda item: (scored.index(item.key), item.row))

    @cached_property
    def duties(self) -> list[DutyFinding]:
        """The judged duties: what was not done first, then what is open."""
        order = list(self._words.scheme.edition.duties)
        found = [
            DutyFinding(
                self.code, row["duty"], row["name"], row["who"], row["kind"], row["due"], row["state"],
                several(row["clauses"]),
            )
            for row in self._tables["duties"]
        ]  # fmt: skip
        return by_state(sorted(found, key=lambda item: order.index(item.duty)))

    @cached_property
    def recommendations(self) -> list[Recommendation]:
        return [
            Recommendation(
                self.code,
                row["name"],
                row["action"],
                row["action_name"],
                row["verb"],
                row["state"],
                row["because"],
                row["within"],
                several(row["waits_for"]),
                several(row["clauses"]),
                row["note"],
            )
            for row in self._tables["recommendations"]
        ]

    @cached_property
    def funds(self) -> list[FundCheck]:
        """Fund checks in the order of the edition."""
        pots = self._words.scheme.edition.funds
        order = [
            (pot, use)
            for pot, item in pots.items()
            for use in (*item.uses, *item.bans, *(p.name for p in item.payments))
        ]
        found = [_fund(self.code, row) for row in self._tables["funds"]]
        return sorted(found, key=lambda item: order.index((item.pot, item.use)))

    @cached_property
    def events(self) -> list[tuple[str, str]]:
        """(event, 是 or 待定) of every event that holds or may hold in 认定, in the order of the edition."""
        results = {key: row["result"] for (layer, key), row in self._results.items() if layer == OFFICIAL}
        events = self._words.scheme.edition.events
        return [(key, results[key]) for key in events if results.get(key, "否") != "否"]

    @cached_property
    def problems(self) -> list[Problem]:
        return [
            Problem(
                row["code"],
                row["what"],
                row["why"],
                row["do"],
                Place(row["workbook"], row["sheet"], row["cell"], row["field"], self.code),
                clause=row["clause"],
            )
            for row in self._tables["problems"]
        ]

    @cached_property
    def evidence(self) -> dict[str, str]:
        """Field → what the county entered as its evidence."""
        return {str(row["field"]): row["text"] for row in self._tables["evidence"] if row["text"]}

    @cached_property
    def uses(self) -> list[Use]:
        """The fund checks that a chart can show: uses with a share of the pot."""
        uses = {(pot, use) for pot, item in self._words.scheme.edition.funds.items() for use in item.uses}
        return [
            Use(
                item.name,
                Span(*item.share),
                _limit(item.at_least),
                _limit(item.at_most),
                item.verdict,
                bool(item.inside),
            )
            for item in self.funds
            if item.share is not None and (item.pot, item.use) in uses
        ]


def _fund(code: str, row: Mapping[str, Any]) -> FundCheck:
    amount: Any = tuple(parse_exact(row[f"amount_{end}"]) for end in ("lo", "hi"))
    share: Any = tuple(parse_exact(row[f"share_{end}"]) for end in ("lo", "hi"))
    return FundCheck(
        subject=code,
        pot=row["pot"],
        use=row["use"],
        name=row["name"],
        amount=amount,
        share=None if None in share else share,
        at_least=_stored_limit(row["at_least"]),
        at_most=_stored_limit(row["at_most"]),
        verdict=row["verdict"],
        in_principle=bool(row["in_principle"]),
        note=row["note"],
        clauses=several(row["clauses"]),
        unit=row["unit"],
        inside=row["inside"],
    )


def _stored_limit(text: str | None) -> Exact | Unknown | None:
    return Unknown(text) if text in ("masked", "unset") else parse_exact(text)  # type: ignore[return-value]


def _limit(limit: Exact | Unknown | None) -> Exact | str | None:
    return str(limit) if isinstance(limit, Unknown) else limit
