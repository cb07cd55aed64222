"""Names in cases.yaml: everything given must be a field, everything expected a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaltool.problems import Problem
from evaltool.scheme.dialect import Document
from evaltool.scheme.looks import Path_
from evaltool.scheme.papers import Case
from evaltool.scheme.resolve import Work, nearest
from evaltool.scheme.scheme import Scheme


def check_cases(work: Work, scheme: Scheme, document: Document) -> None:
    """Complain about every name that the edition does not have."""
    names = _Names(work, document)
    names.given(("base",), scheme.cases.base)
    for i, case in enumerate(scheme.cases.cases):
        names.case(("cases", i), case)
    for i, table in enumerate(scheme.cases.tables):
        names.expected(("tables", i, "expect"), table.expect.values())


@dataclass(frozen=True)
class _Names:
    work: Work
    document: Document

    def _complain(self, path: Path_, what: str, options: Iterable[str]) -> None:
        do = nearest(str(path[-1]), options, "改成已有的名称")
        self.work.problems.append(Problem("S200", what, do=do, rule=self.document.place(path, key=True)))

    def given(self, path: Path_, names: Iterable[str]) -> None:
        known = {*self.work.edition.fields, *self.work.edition.lists}
        for name in names:
            if name not in known and name != "lists":
                self._complain((*path, name), f"没有字段或清单“{name}”", known)

    def expected(self, path: Path_, names: Iterable[str]) -> None:
        results = {*self.work.edition.indicators, *self.work.edition.events}
        for name in names:
            if name not in results:
                self._complain((*path, name), f"没有指标或事件“{name}”", results)

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
        uses = {use for pot in edition.funds.values() for use in (*pot.uses, *pot.bans)}
        uses |= {payment.name for pot in edition.funds.values() for payment in pot.payments}
        for name in case.expect_funds:
            if name not in uses:
                self._complain((*at, "expect_funds", name), f"没有资金用途“{name}”", uses)
        judged = [key for key, duty in edition.duties.items() if duty.met is not None]
        for name in case.expect_duties:
            if name not in judged:
                self._complain((*at, "expect_duties", name), f"没有可核对的职责“{name}”", judged)
