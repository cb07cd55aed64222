"""Running the cases that stand beside a scheme: what must come out, in sentences, for a province to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evaltool import patterns
from evaltool.decisions import Decisions, decide
from evaltool.facts import OFFICIAL
from evaltool.intake.tables.tabular import Tabular, opened
from evaltool.problems import Problem
from evaltool.quantities import Exact, divide, parse_entered, round_exact
from evaltool.scheme import Scheme
from evaltool.scheme.looks import rules_of
from evaltool.scheme.papers import Case, OfficialTable
from evaltool.scheme.rules import Rank, Relative
from evaltool.scoring import PENDING, Label, Num, Scores, Truth, score
from evaltool.scoring.scores import OUT

ENDLESS = 6  # a number without end is compared with so many printed decimals, or more
SHOWN = 10  # differences of one table that are told one by one
Slip = tuple[tuple[str | int, ...], str]  # where it stands in the case, what is wrong


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case or official table with what differed; `problems` is empty where everything came out as written."""

    name: str
    problems: tuple[Problem, ...]


@dataclass
class CaseRound:
    """Submissions that are scored together, with those of the round before."""

    sheets: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: list[tuple[int, str, str]] = field(default_factory=list)  # case, member of its cohort, code

    def add(self, case: int, member: str, sheet: dict[str, Any], before: dict[str, Any] | None) -> None:
        code = str(len(self.sheets))
        self.sheets[code] = sheet
        self.members.append((case, member, code))
        if before is not None:
            self.before[code] = before


def run_cases(scheme: Scheme) -> list[CaseResult]:
    """Every case of the edition in order, then every table of official results.

    A case with `cohort:` and a table are rounds of their own; so is a plain case where a result depends on who else is
    in the round. All other cases are scored in one go.
    """
    cases = scheme.cases.cases
    slips: list[list[Slip]] = [[] for _ in cases]
    for one in rounds(scheme):
        decisions = decided(scheme, one)
        for i, member, code in one.members:
            case = cases[i]
            if case.each is not None:
                row, _, name = member.partition(" ")
                found = patterns.wrong(decisions.scores, code, case.each, int(row))
                slips[i] += [(("each", "expect", key), f"{name} 的 {what}") for key, what in found]
                continue
            expected = case.expect.get(member, {}) if case.cohort else case.expect
            path = ("expect", member) if case.cohort else ("expect",)
            who = f"{member} 的 " if case.cohort else ""
            slips[i] += [((*path, key), who + what) for key, what in _wrong(decisions.scores, code, expected)]
            if not case.cohort:
                slips[i] += _consequences(decisions, code, case)
    results = []
    for i, case in enumerate(cases):
        if case.cohort and (case.expect_do or case.expect_maybe or case.expect_funds or case.expect_duties):
            slips[i].append((("cohort",), "几个对象一起算的算例只写 expect；处理、资金、职责另写单个对象的算例"))
        problems = [_problem(scheme, f"算例“{case.name}”", ("cases", i, *path), what) for path, what in slips[i]]
        results.append(CaseResult(case.name, tuple(problems)))
    return [*results, *(_official(scheme, i, table) for i, table in enumerate(scheme.cases.tables))]


def depends_on_cohort(scheme: Scheme) -> bool:
    """Whether some result of a subject depends on who else is in the round."""
    items = scheme.indicators.values()
    rules = [rule for item in items for _, rule in rules_of(item)]
    ranked = any(isinstance(rule, Rank | Relative) and rule.among != "own" for rule in rules)
    return ranked or any(item.across is not None for item in items)


def rounds(scheme: Scheme) -> Iterator[CaseRound]:
    """The cases as rounds to be scored: all plain ones together where nobody's result depends on the others."""
    base, alone, together = scheme.cases.base, depends_on_cohort(scheme), CaseRound()
    for i, case in enumerate(scheme.cases.cases):
        before = _sheet(base, case.previous) if case.previous else None
        one = CaseRound() if case.cohort or alone else together
        members = case.cohort or {"": {}}
        if case.each is not None:
            made = patterns.sheets(scheme, case.each)
            members = {f"{row} {name}": sheet for row, (name, sheet) in enumerate(made)}
        for member, given in members.items():
            one.add(i, member, _sheet(_sheet(base, case.given), given), before)
        if one is not together:
            yield one
    if together.sheets:
        yield together


def _sheet(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The base with what the case changes; a list is replaced whole."""
    lists = {**(base.get("lists") or {}), **(given.get("lists") or {})}
    return {**base, **given, "lists": lists}


def decided(scheme: Scheme, one: CaseRound) -> Decisions:
    """What comes out of one round of cases."""
    from evaltool.intake import from_values

    before = from_values(scheme, one.before) if one.before else None
    return decide(score(from_values(scheme, one.sheets, previous=before)))


def _problem(scheme: Scheme, name: str, path: tuple[str | int, ...], what: str) -> Problem:
    place = scheme.cases_document.place(path, key=True)
    return Problem("S215", f"{name}：{what}", do="改正算例，或改正规则", rule=place)


def _wrong(scores: Scores, code: str, expected: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, wanted in expected.items():
        found = _differs(scores, scores.facts.position(code), key, wanted)
        if found:
            yield key, f"{key} 应为 {_said(wanted)}，算出 {found}"


def _consequences(decisions: Decisions, code: str, case: Case) -> Iterator[Slip]:
    """What should follow from the results: recommendations, fund checks, duties."""
    recommended = decisions.of(code)
    for name, state in (("expect_do", "applies"), ("expect_maybe", "waits")):
        expected = getattr(case, name)
        done = sorted({item.action for item in recommended if item.state == state and item.action})
        if expected is not None and sorted(set(expected)) != done:
            yield (name,), f"{name} 应为 {_said(expected)}，得出 {_said(done)}"
    verdicts = {check.use: check.verdict for check in decisions.funds_of(code)}
    duties = {finding.duty: finding.state for finding in decisions.duties_of(code)}
    for name, wanted, found in (
        ("expect_funds", case.expect_funds, verdicts),
        ("expect_duties", case.expect_duties, duties),
    ):
        for key, verdict in wanted.items():
            if found.get(key) != verdict:
                yield (name, key), f"{key} 应为 {verdict}，得出 {found.get(key)}"


def _differs(scores: Scores, row: int, key: str, expected: Any) -> str:
    """What came out instead, or nothing."""
    column, found = scores.column(OFFICIAL, key), scores.text(OFFICIAL, key, row)
    if expected == found:
        return ""
    if expected == PENDING:
        return found if scores.settled(OFFICIAL, key, row) else ""
    if isinstance(column, Label | Truth) or OUT in found:
        return found
    assert isinstance(column, Num)
    low, high = column.lo[row], column.hi[row]
    ends = expected if isinstance(expected, list) else [expected, expected]
    try:
        wanted: list[Exact] = [_number(end) for end in ends]
    except ValueError:  # a word that is not what came out
        return found
    return "" if [low, high] == wanted else found


def _number(text: str) -> Exact:
    """A number as typed, or an exact fraction (`100/11`) where no decimal ends."""
    over, _, under = text.partition("/")
    return divide(parse_entered(over), parse_entered(under)) if under else parse_entered(text)


def _said(expected: Any) -> str:
    return "[" + "、".join(map(str, expected)) + "]" if isinstance(expected, list) else str(expected)


# --- official results in a file ---


def _official(scheme: Scheme, number: int, table: OfficialTable) -> CaseResult:
    """A file of official results beside the edition: each row a subject, all of one round.

    What the `given` columns do not say, the base says. An empty cell of an expected column says nothing.
    """

    def result(slips: list[Slip]) -> CaseResult:
        name = f"官方结果“{table.name}”"
        problems = [_problem(scheme, name, ("tables", number, *path), what) for path, what in slips]
        return CaseResult(table.name, tuple(problems))

    path = next((folder / table.file for folder in scheme.folders if (folder / table.file).is_file()), None)
    if path is None:
        return result([(("file",), f"没有文件 {table.file}；放在 cases.yaml 旁边")])
    file = opened(path, table.file)
    heads = {head: i for i, head in enumerate(file.heads)}
    fields = {item.name: key for key, item in scheme.edition.fields.items()}
    fields |= {key: key for key in scheme.edition.fields}
    rows = [i for i in range(len(file)) if not file.is_blank(i)]
    faults = [f"{table.file} 没有“{head}”列" for head in (*table.given, *table.expect) if head not in heads]
    faults += [f"没有字段“{head}”" for head in table.given if head not in fields]
    faults += [f"{table.file} {file.row(i)}的格比列名多" for i in sorted(file.shifted)]
    if file.broken or faults or not rows:
        return result(
            [((), what) for what in ([file.broken] if file.broken else faults or [f"{table.file} 没有数据行"])]
        )
    columns = {fields[head]: file.texts(heads[head]) for head in table.given}
    one = CaseRound()
    for i in rows:
        given = {key: cells[i] or None for key, cells in columns.items()}
        one.add(number, "", _sheet(scheme.cases.base, given), None)
    return result(list(_compared(table, file, rows, heads, decided(scheme, one).scores)))


def _compared(
    table: OfficialTable, file: Tabular, rows: list[int], heads: Mapping[str, int], scores: Scores
) -> Iterator[Slip]:
    """What differs from the file; of many differences the first few, and how many more."""
    told = 0
    for head, key in table.expect.items():
        printed = file.texts(heads[head])
        for position, i in enumerate(rows):
            found = _unlike(scores, position, key, printed[i]) if printed[i] else ""
            told += bool(found)
            if found and told <= SHOWN:
                yield ("expect", head), f"{file.row(i)}“{head}”应为 {printed[i]}，算出 {found}"
    if told > SHOWN:
        yield ("expect",), f"另有 {told - SHOWN} 处不同"


def _unlike(scores: Scores, row: int, key: str, printed: str) -> str:
    """Like `_differs`; a number without end is compared as far as it is printed, to six places at least."""
    found = _differs(scores, row, key, printed)
    places = len(printed.partition(".")[2])
    if not found or places < ENDLESS:
        return found
    column = scores.column(OFFICIAL, key)
    if isinstance(column, Num) and column.lo[row] == column.hi[row] and not _ends(column.lo[row]):
        return "" if round_exact(column.lo[row], places, "half_up") == parse_entered(printed) else found
    return found


def _ends(number: Exact) -> bool:
    """Whether it can be written out in decimals."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
