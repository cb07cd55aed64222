"""Worked examples for a reader with the paper in hand: what to fill in, what comes out; taken from the cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evaltool.cases import decided, rounds
from evaltool.coverage import Shown, coverage
from evaltool.decisions import Decisions
from evaltool.decisions.funds import FINE, MASKED, NO_LIMIT
from evaltool.facts import OFFICIAL
from evaltool.scheme import Scheme
from evaltool.scheme.boundaries import Boundary
from evaltool.scheme.papers import Case
from evaltool.scheme.vocabulary import words_of
from evaltool.scheme.words import name_of
from evaltool.scoring import OUT, PENDING, Num, Truth

MOST = 4  # examples of a rule without a boundary
_QUIET = (FINE, MASKED, NO_LIMIT)
LONGEST = 10  # cells of one list, after which no further row is told


@dataclass(frozen=True)
class Ran:
    """A case as it was run: its decisions, and member of the cohort → code ("" for a case without)."""

    case: Case
    decisions: Decisions
    codes: Mapping[str, str]


class Examples:
    """The cases of one edition, run once, told in words."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.ran: dict[str, Ran] = {}
        for one in rounds(scheme):
            decisions = decided(scheme, one)
            codes: dict[int, dict[str, str]] = {}
            for i, member, code in one.members:
                codes.setdefault(i, {})[member] = code
            for i, mine in codes.items():
                case = scheme.cases.cases[i]
                self.ran.setdefault(case.name, Ran(case, decisions, mine))

    @cached_property
    def _shown(self) -> list[Shown]:
        return coverage(self.scheme)

    def of_indicator(self, key: str) -> str:
        """Each boundary of an indicator or event from both sides, else a few cases that name it."""
        lines = self._at_boundaries(
            [shown for shown in self._shown if shown.boundary.node == key], lambda ran, _: self._result(ran, key)
        )
        return "\n".join(lines or self._named(key))

    def of_use(self, pot: str, part: str, use: str) -> str:
        """A share at its limits: `part` is `uses`, `bans` or `payments`, `use` what the verdict is about."""
        shown = [one for one in self._shown if one.boundary.path[:3] == ("funds", pot, part)]
        mine = [one for one in shown if self._use_of(one.boundary) == use]
        return "\n".join(self._at_boundaries(mine, lambda ran, _: self._verdict(ran, use)))

    def of_tolerance(self, pot: str) -> str:
        """Cases at the edges of what is tolerated, with every verdict that is not plain 符合."""
        shown = [one for one in self._shown if one.boundary.path[:3] == ("funds", pot, "tolerance")]
        return "\n".join(self._at_boundaries(shown, lambda ran, _: self._verdicts(ran, pot)))

    def _use_of(self, boundary: Boundary) -> str:
        _, pot, part, key = boundary.path[:4]
        payments = self.scheme.edition.funds[str(pot)].payments
        return payments[int(key)].name if part == "payments" else str(key)

    def of_duty(self, key: str) -> str:
        """A duty at its boundaries, else done and not done."""
        shown = [one for one in self._shown if one.boundary.node == key and one.boundary.path[0] == "duties"]
        lines = self._at_boundaries(shown, lambda ran, _: self._duty(ran, key))
        return "\n".join(
            lines
            or self._few((ran, self._duty(ran, key)) for ran in self.ran.values() if key in ran.case.expect_duties)
        )

    def of_consequence(self, number: int) -> str:
        """Cases that say what follows: one in which all of `do` does, one in which it does not."""
        item = self.scheme.edition.consequences[number]
        told = [
            (ran, self._actions(ran), set(item.do) <= set(ran.case.expect_do or []))
            for ran in self.ran.values()
            if ran.case.expect_do is not None and not ran.case.cohort
        ]
        if not item.do:
            return ""
        picked = [next(((ran, said) for ran, said, holds in told if holds is wanted), None) for wanted in (True, False)]
        return "\n".join(self._line(ran, said) for one in picked if one for ran, said in [one])

    # --- what is told of which boundary ---

    def _at_boundaries(self, shown: Iterable[Shown], result: Any) -> list[str]:
        lines = []
        for one in shown:
            when = "".join(f"{self.name(name)}为“{label}”时，" for name, label in one.boundary.when)
            for word, names in (("正好在线上", one.on), ("紧挨着线", one.beside)):
                ran = self._simplest(names, one.boundary.node)
                if ran is None:
                    lines.append(f"{when}{word}：没有算例")
                else:
                    lines.append(self._line(ran, result(ran, one.boundary)))
        return list(dict.fromkeys(lines))

    def _simplest(self, names: Iterable[str], node: str) -> Ran | None:
        """The case that says most about the node with the fewest cells changed."""
        known = [self.ran[name] for name in names if name in self.ran]
        return min(known, key=lambda ran: (node not in ran.case.expect, len(str(ran.case.given))), default=None)

    def _named(self, key: str) -> list[str]:
        return self._few((ran, self._result(ran, key)) for ran in self.ran.values() if key in ran.case.expect)

    def _few(self, told: Iterable[tuple[Ran, str]]) -> list[str]:
        """The first few that come to different results."""
        found: dict[str, str] = {}
        for ran, said in told:
            found.setdefault(said, self._line(ran, said))
        return list(found.values())[:MOST]

    # --- what comes out ---

    def _result(self, ran: Ran, key: str) -> str:
        scores = ran.decisions.scores
        told = []
        for member, code in ran.codes.items():
            column, row = scores.column(OFFICIAL, key), scores.facts.position(code)
            item = self.scheme.indicators.get(key)
            if item is not None and item.per:
                owners = scores.outcomes[OFFICIAL].space.owners[item.per]
                rows = [scores.text(OFFICIAL, key, int(i)) for i in (owners == row).nonzero()[0]]
                said = self._of_rows(key, rows)
            else:
                text = scores.text(OFFICIAL, key, row)
                if isinstance(column, Truth) and key in self.scheme.edition.events:
                    said = {"是": "成立", "否": "不成立"}.get(text, text)
                else:
                    said = self._unit(key, text) if isinstance(column, Num) else text
            told.append(f"{member} {said}" if member else said)
        return "，".join(told)

    def _of_rows(self, key: str, rows: list[str]) -> str:
        counted = [text for text in rows if text != OUT]
        if not counted:
            return f"各行都{OUT}" if rows else "没有行"
        left = len(rows) - len(counted)
        return f"各行{self._unit(key, '、'.join(counted))}" + (f"（另 {left} 行{OUT}）" if left else "")

    def _unit(self, key: str, text: str) -> str:
        kind = self.scheme.kinds.get(key)
        points = key in self.scheme.indicators and self.scheme.indicators[key].points is not None
        unit = "分" if points or (kind is not None and kind.unit == "分") else ""
        return f"得 {text} {unit}".strip() if unit and not text.startswith((PENDING, OUT)) else text

    def _verdict(self, ran: Ran, use: str) -> str:
        checks = ran.decisions.funds_of(next(iter(ran.codes.values())))
        return next((check.verdict for check in checks if check.use == use), "不核对")

    def _verdicts(self, ran: Ran, pot: str) -> str:
        checks = ran.decisions.funds_of(next(iter(ran.codes.values())))
        told = [f"{one.name}{one.verdict}" for one in checks if one.pot == pot and one.verdict not in _QUIET]
        return "、".join(told) or FINE

    def _duty(self, ran: Ran, key: str) -> str:
        findings = ran.decisions.duties_of(next(iter(ran.codes.values())))
        return next((one.state for one in findings if one.duty == key), "不判断")

    def _actions(self, ran: Ran) -> str:
        names = words_of(self.scheme.edition).actions
        code = next(iter(ran.codes.values()))
        done = [
            f"{one.verb}{names[one.action]}" for one in ran.decisions.of(code) if one.state == "applies" and one.action
        ]
        return "、".join(dict.fromkeys(done)) or "没有建议"

    # --- what is filled in ---

    def _line(self, ran: Ran, result: str) -> str:
        parts = [self.given(ran.case.given)]
        if ran.case.previous:
            parts.append(f"上一轮 {self.given(ran.case.previous)}")
        parts += [f"{member}：{self.given(given) or '照底表'}" for member, given in ran.case.cohort.items()]
        said = "；".join(part for part in parts if part)
        return f"填 {said} → {result}" if said else f"照底表 → {result}"

    def given(self, given: Mapping[str, Any]) -> str:
        """What differs from the base: `字段=值、…`."""
        base = self.scheme.cases.base
        cells = [
            f"{self.name(key)}={_plain(value)}"
            for key, value in given.items()
            if key != "lists" and base.get(key) != value
        ]
        for list_id, rows in (given.get("lists") or {}).items():
            cells += self._rows(list_id, (base.get("lists") or {}).get(list_id), rows)
        return "、".join(cells)

    def _rows(self, list_id: str, before: Any, rows: Any) -> Iterator[str]:
        """A list row by row: the cells that are not as in the base."""
        item = self.scheme.edition.lists[list_id]
        if not isinstance(rows, list):
            yield f"{item.name}={rows}"
            return
        old = before if isinstance(before, list) else []
        told, left = [], LONGEST
        for i, row in enumerate(rows):
            known = old[i] if i < len(old) else {}
            cells = [
                f"{item.columns[key].name}={_plain(value)}" for key, value in row.items() if known.get(key) != value
            ]
            if cells and left > 0:
                told.append(f"第 {i + 1} 行 {'，'.join(cells)}")
            left -= len(cells)
        size = f"（共 {len(rows)} 行）" if len(rows) != len(old) else ""
        more = "；其余各行见算例文件" if left < 0 else ""
        if size or told:
            yield f"{item.name}{size}{'；'.join(told)}{more}"

    def base(self) -> list[tuple[str, str]]:
        """(name, value) of every cell that the cases take for granted."""
        base = self.scheme.cases.base
        told = [(self.name(key), str(value)) for key, value in base.items() if key != "lists"]
        for list_id, rows in (base.get("lists") or {}).items():
            item = self.scheme.edition.lists[list_id]
            if not isinstance(rows, list):
                told.append((item.name, str(rows)))
                continue
            for i, row in enumerate(rows, 1):
                cells = "、".join(f"{item.columns[key].name}={_plain(value)}" for key, value in row.items())
                told.append((f"{item.name}第 {i} 行", cells))
        return told

    def name(self, key: str) -> str:
        return name_of(self.scheme, key)


def _plain(value: Any) -> str:
    """A value as a person types it; in quotes where it is only a sign."""
    text = str(value)
    return text if any(char.isalnum() for char in text) else f"“{text}”"
