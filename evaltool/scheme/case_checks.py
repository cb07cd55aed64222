"""Names in cases.yaml: everything given must be a field, everything expected a result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evaltool.problems import Problem
from evaltool.quantities import parse_entered
from evaltool.scheme.dialect import Document
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.inference import YES_NO
from evaltool.scheme.looks import Path_
from evaltool.scheme.papers import Case
from evaltool.scheme.resolve import Work, nearest
from evaltool.scheme.scheme import Scheme
from evaltool.scheme.vocabulary import words_of

STATES = ("未填", "读不出", "超出范围", "待认定", "不问", "未报送")  # words that stand for the state of a cell
OPEN = ("待定", "不计")


def check_cases(work: Work, scheme: Scheme, document: Document) -> None:
    """Complain about every name that the edition does not have."""
    names = _Names(work, document)
    names.given(("base",), scheme.cases.base)
    for i, case in enumerate(scheme.cases.cases):
        names.case(("cases", i), case)
    for i, table in enumerate(scheme.cases.tables):
        names.expected(("tables", i, "expect"), dict.fromkeys(table.expect.values()))


@dataclass(frozen=True)
class _Names:
    work: Work
    document: Document

    def _complain(self, path: Path_, what: str, options: Iterable[str]) -> None:
        do = nearest(str(path[-1]), options, "改成已有的名称")
        self.work.problems.append(Problem("S200", what, do=do, rule=self.document.place(path, key=True)))

    def given(self, path: Path_, values: Mapping[str, Any]) -> None:
        edition = self.work.edition
        known = {*edition.fields, *edition.lists}
        for name, value in values.items():
            if name not in known and name != "lists":
                self._complain((*path, name), f"没有字段或清单“{name}”", known)
            elif name in edition.fields:
                self._option((*path, name), edition.fields[name], value)
        for list_id, rows in (values.get("lists") or {}).items() if isinstance(values.get("lists"), dict) else ():
            columns = edition.lists[list_id].columns if list_id in edition.lists else {}
            for i, row in enumerate(rows if isinstance(rows, list) else []):
                for name, value in row.items() if isinstance(row, dict) else ():
                    if name in columns:
                        self._option((*path, "lists", list_id, i, name), columns[name], value)

    def _option(self, path: Path_, item: FieldDef, value: Any) -> None:
        """What stands in a cell with options (or 是 and 否) is one of them, or says what state the cell is in."""
        options = item.options if item.type == "choice" else list(YES_NO) if item.type == "yesno" else []
        if not options and item.type != "text" and isinstance(value, str) and value not in STATES:
            self._readable(path, item, value)
        if options and value is not None and value not in (*options, *STATES):
            near = nearest(str(value), options, f"可用：{'、'.join([*options, *STATES])}")
            place = self.document.place(path)
            self.work.problems.append(Problem("S200", f"“{item.name}”没有“{value}”这个选项", do=near, rule=place))

    def _readable(self, path: Path_, item: FieldDef, value: str) -> None:
        try:
            dt.date.fromisoformat(value) if item.type == "date" else parse_entered(value)
        except ValueError:
            what = f"“{item.name}”要{'日期' if item.type == 'date' else '数'}，不是“{value}”"
            do = f"改正；要试读不出的格，写 {STATES[1]}"
            self.work.problems.append(Problem("S105", what, do=do, rule=self.document.place(path)))

    def expected(self, path: Path_, values: Mapping[str, Any]) -> None:
        results = {*self.work.edition.indicators, *self.work.edition.events}
        for name, value in values.items():
            kind = self.work.kinds.get(name)
            if name not in results:
                self._complain((*path, name), f"没有指标或事件“{name}”", results)
            elif kind is not None and kind.sort == "label" and isinstance(value, str):
                known = [*kind.options, *OPEN]
                if value not in known and not value.startswith(OPEN[0]):
                    near = nearest(value, known, f"可用：{'、'.join(known)}")
                    place = self.document.place((*path, name))
                    self.work.problems.append(Problem("S200", f"“{name}”得不出“{value}”", do=near, rule=place))

    def _pattern(self, at: Path_, case: Case) -> None:
        """A list with fixed rows, its own columns, and indicators of its rows."""
        each, edition = case.each, self.work.edition
        assert each is not None
        fixed = [key for key, item in edition.lists.items() if item.rows_from in ("edition", "calendar")]
        if each.list not in fixed or case.cohort or case.expect:
            what = f"“{each.list}”不是定好行的清单" if each.list not in fixed else "有 each 的算例不写 cohort 和 expect"
            self._complain((*at, "list"), what, fixed)
            return
        columns = [key for key in edition.lists[each.list].columns if key not in edition.lists[each.list].given]
        rows = [key for key, item in edition.indicators.items() if item.per == each.list]
        for room, names, known in (("cells", each.cells, columns), ("expect", each.expect, rows)):
            for name in names:
                if name not in known:
                    self._complain((*at, room, name), f"“{name}”不是清单“{each.list}”的列或行指标", known)

    def case(self, at: Path_, case: Case) -> None:
        edition = self.work.edition
        self.given((*at, "given"), case.given)
        self.given((*at, "previous"), case.previous)
        for who, values in case.cohort.items():
            self.given((*at, "cohort", who), values)
        if case.each is not None:
            self._pattern((*at, "each"), case)
        if not case.cohort:
            self.expected((*at, "expect"), case.expect)
        for who, one in case.expect.items() if case.cohort else ():
            if who not in case.cohort or not isinstance(one, dict):
                self._complain((*at, "expect", who), f"cohort 里没有“{who}”，或它的 expect 不是一组", case.cohort)
            else:
                self.expected((*at, "expect", who), one)
        actions = words_of(edition).actions
        for key in ("expect_do", "expect_maybe"):
            for i, action in enumerate(getattr(case, key) or []):
                if action not in actions:
                    self._complain((*at, key, i), f"处理方式“{action}”不在词表里", actions)
        uses = {use for pot in edition.funds.values() for use in (*pot.uses, *pot.bans)}
        uses |= {payment.name for pot in edition.funds.values() for payment in pot.payments}
        for name in case.expect_funds:
            if name not in uses:
                self._complain((*at, "expect_funds", name), f"没有资金用途“{name}”", uses)
        judged = [key for key, duty in edition.duties.items() if duty.met is not None]
        for name in case.expect_duties:
            if name not in judged:
                self._complain((*at, "expect_duties", name), f"没有可核对的职责“{name}”", judged)
