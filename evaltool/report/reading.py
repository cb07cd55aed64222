"""What the reports read from a round: frames of its database, turned into things with names. The only module that knows
the columns of those frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from evaltool import charts
from evaltool.charts import Span, Use
from evaltool.decisions import DutyFinding, FundCheck, Recommendation, by_state
from evaltool.facts import OFFICIAL, SELF
from evaltool.problems import Place, Problem
from evaltool.quantities import SHARE_UNIT, Exact, quantity_text
from evaltool.report.lines import Finding, Line, RowResult, Standing, several, span
from evaltool.results import parse_exact
from evaltool.scheme import Scheme
from evaltool.scheme.sentences import rule_sentence
from evaltool.scheme.values import Unknown
from evaltool.scheme.words import number_of

if TYPE_CHECKING:
    from evaltool.archive import Round

INF = float("inf")


class Reading:
    """A round as the reports need it."""

    def __init__(self, rnd: Round) -> None:
        self._round = rnd

    @property
    def scheme(self) -> Scheme:
        return self._round.scheme

    @property
    def stamp(self) -> str:
        return self._round.stamp

    @property
    def folder(self) -> Path:
        return Path(self._round.folder)

    @property
    def on(self) -> str:
        """The day on which the round stands, in words."""
        return f"评价基准日 {self._round.on}"

    @cached_property
    def accepted(self) -> Mapping[str, str]:
        """Open question → who accepted our reading, and when."""
        return dict(self._round.accepted)

    # --- all counties ---

    @cached_property
    def counties(self) -> pd.DataFrame:
        return self._round.counties()

    def standings(self) -> list[Standing]:
        """Every county of the roster, in its order."""
        return [_standing(row) for row in self.counties.to_dict("records")]

    def standing(self, code: str) -> Standing:
        return next(who for who in self.standings() if who.code == code)

    def totals(self) -> list[tuple[str, Span]]:
        """(code, official total) of every county that has one."""
        return [(who.code, who.official) for who in self.standings() if who.official is not None]

    # --- one county ---

    def lines(self, code: str) -> list[Line]:
        """The official result of every indicator outside lists, from the total down; none for who returned nothing."""
        if not self.standing(code).returned:
            return []
        points = {(row["layer"], row["indicator"]): row for row in self._round.points(code).to_dict("records")}
        traces = {
            row["indicator"]: row for row in self._round.traces(code).to_dict("records") if row["layer"] == OFFICIAL
        }
        found = []
        for depth, key in self.scheme.tree():
            row, own, trace = points[OFFICIAL, key], points.get((SELF, key), {}), traces.get(key, {})
            item = self.scheme.indicators[key]
            plain_sum = item.combine == "sum" and item.rule is None and item.picks is None
            found.append(
                Line(
                    key,
                    number_of(key, item),
                    item.name,
                    depth,
                    item.points,
                    span(row["lo"], row["hi"]),
                    row["result"],
                    span(own.get("lo"), own.get("hi")),
                    own.get("result", ""),
                    _claimed(row["claimed"]),
                    any(not self.scheme.indicators[child].per for child in self.scheme.children.get(key, ())),
                    "" if plain_sum else trace.get("arithmetic", ""),
                    trace.get("next_step", ""),
                    self._clauses(item.cite),
                    "；".join(dict.fromkeys(row["reason"].split("；"))),
                )
            )
        return found

    def _clauses(self, cites: Iterable[str]) -> tuple[str, ...]:
        return tuple(str(self.scheme.citation(cite)) for cite in cites)

    def findings(self, code: str) -> list[Finding]:
        """The official results besides points and the grade, from the top down; none for who returned nothing."""
        results = self._official(self._round.points(code), "indicator")
        traces = self._official(self._round.traces(code), "indicator")
        shown = [(depth, key) for depth, key in self.scheme.findings() if key in results]
        keys = {key for _, key in shown}
        found = []
        for depth, key in shown:
            lowest = not any(child in keys for child in self.scheme.children.get(key, ()))
            how = traces[key]["arithmetic"] or _rule_and_data(self.scheme, key, traces[key]["text"] if lowest else "")
            item = self.scheme.indicators[key]
            result = results[key]["result"]
            clauses = self._clauses(item.cite)
            found.append(Finding(key, number_of(key, item), item.name, depth, result, how, lowest, clauses))
        return found

    def rows(self, code: str) -> list[RowResult]:
        """The official points of each row that is scored by itself, in the order of the edition and of the rows."""
        scored = [key for key, item in self.scheme.indicators.items() if item.per and item.points is not None]
        found = [
            RowResult(
                row["indicator"],
                self.scheme.indicators[row["indicator"]].name,
                int(row["row"]),
                row["title"],
                _claimed(row["full"]),
                span(row["lo"], row["hi"]),
                row["result"],
                self.scheme.total is not None and self.scheme.indicators[row["indicator"]].parent == self.scheme.total,
            )
            for row in self._round.row_points(code).to_dict("records")
            if row["layer"] == OFFICIAL and row["indicator"] in scored
        ]
        return sorted(found, key=lambda item: (scored.index(item.key), item.row))

    def duties(self, code: str) -> list[DutyFinding]:
        """The judged duties: what was not done first, then what is open."""
        order = list(self.scheme.edition.duties)
        found = [
            DutyFinding(
                code, row["duty"], row["name"], row["who"], row["kind"], row["due"], row["state"],
                several(row["clauses"]),
            )
            for row in self._round.duties(code).to_dict("records")
        ]  # fmt: skip
        return by_state(sorted(found, key=lambda item: order.index(item.duty)))

    @staticmethod
    def _official(frame: pd.DataFrame, key: str) -> dict[str, Mapping[Any, Any]]:
        return {row[key]: row for row in frame.to_dict("records") if row["layer"] == OFFICIAL}

    def recommendations(self, code: str) -> list[Recommendation]:
        return [
            Recommendation(
                code,
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
            for row in self._round.recommendations(code).to_dict("records")
        ]

    def funds(self, code: str) -> list[FundCheck]:
        """Fund checks in the order of the edition."""
        pots = self.scheme.edition.funds
        order = [
            (pot, use)
            for pot, item in pots.items()
            for use in (*item.uses, *item.bans, *(p.name for p in item.payments))
        ]
        found = [_fund(code, row) for row in self._round.funds(code).to_dict("records")]
        return sorted(found, key=lambda item: order.index((item.pot, item.use)))

    def events(self, code: str) -> list[tuple[str, str]]:
        """(event, 是 or 待定) of every event that holds or may hold in 认定, in the order of the edition."""
        results = {
            row["indicator"]: row["result"]
            for row in self._round.points(code).to_dict("records")
            if row["layer"] == OFFICIAL
        }
        return [(key, results[key]) for key in self.scheme.edition.events if results.get(key, "否") != "否"]

    def problems(self, code: str) -> list[Problem]:
        return [
            Problem(
                row["code"],
                row["what"],
                row["why"],
                row["do"],
                Place(row["workbook"], row["sheet"], row["cell"], row["field"], code),
                clause=row["clause"],
            )
            for row in self._round.problems(code).to_dict("records")
        ]

    def evidence(self, code: str) -> dict[str, str]:
        """Field → what the county entered as its evidence."""
        frame = self._round.evidence(code)
        return {str(row["field"]): row["text"] for row in frame.to_dict("records") if row["text"]}

    def uses(self, code: str) -> list[Use]:
        """The fund checks that a chart can show: uses with a share of the pot."""
        uses = {(pot, use) for pot, item in self.scheme.edition.funds.items() for use in item.uses}
        return [
            Use(
                item.name,
                Span(*item.share),
                _limit(item.at_least),
                _limit(item.at_most),
                item.verdict,
                bool(item.inside),
            )
            for item in self.funds(code)
            if item.share is not None and (item.pot, item.use) in uses
        ]


def _rule_and_data(scheme: Scheme, key: str, text: str) -> str:
    """How a result that has no arithmetic comes about: its rule, and what was entered (from the text of its trace)."""
    told = [line.split("　")[1] for line in text.splitlines() if line.startswith("数据　")]
    rule = rule_sentence(scheme, key)
    return f"{rule}数据：{'；'.join(one.replace(' = ', '：') for one in told)}。" if told else rule


def _standing(row: Mapping[Any, Any]) -> Standing:
    returned = bool(row["returned"])
    return Standing(
        str(row["code"]),
        row["name"],
        row["city"],
        row["batch"],
        row["type"],
        returned,
        _claimed(row["claimed"]) if returned else None,
        span(row["self_lo"], row["self_hi"]) if returned else None,
        span(row["official_lo"], row["official_hi"]) if returned else None,
        row["grade"],
    )


def _claimed(text: str | None) -> Exact | None:
    found = parse_exact(text)
    return None if isinstance(found, float) else found


def _fund(code: str, row: Mapping[Any, Any]) -> FundCheck:
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


def amount_text(item: FundCheck) -> str:
    """The amount with its unit."""
    low, high = item.amount
    if low == high:
        return quantity_text(low, item.unit)
    return f"{charts.Span(low, high)} {item.unit}"


def share_text(item: FundCheck) -> str:
    """The share in per cent; nothing for a rule of payment."""
    if item.share is None:
        return ""
    low, high = item.share
    if low == high:
        return quantity_text(low, SHARE_UNIT)
    return (
        "待定" if high == INF or low <= 0 else f"{quantity_text(low, SHARE_UNIT)} ～ {quantity_text(high, SHARE_UNIT)}"
    )


def limit_text(item: FundCheck) -> str:
    """What the paper allows: “≥60%”, 文件未公布, or nothing."""
    said = []
    for limit, sign in ((item.at_least, "≥"), (item.at_most, "≤")):
        if isinstance(limit, Unknown):
            said.append(str(limit))
        elif limit is not None:
            said.append(f"{sign}{quantity_text(limit, SHARE_UNIT)}" if limit else "不得列支")
    return "、".join(dict.fromkeys(said)) + ("（原则上）" if said and item.in_principle else "")
