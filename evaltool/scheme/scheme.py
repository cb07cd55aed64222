"""The resolved edition: what every later room reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from evaltool.problems import RulePlace
from evaltool.quantities import Exact, decimal_text
from evaltool.scheme.dialect import Document
from evaltool.scheme.fields import FieldDef, ListDef, Role
from evaltool.scheme.models import Edition, Indicator
from evaltool.scheme.papers import Cases, Source

STATUS = {"official": "正式", "reference": "参考", "draft": "草稿"}
OURS = {
    "points": "参考权重：原文件未公布指标分值，分值由本工具拟定",
    "rule": "参考规则：计分规则由本工具按条款拟定",
    "bands": "参考等次：原表没有等次，分数线为借用",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What something is: a number in a unit, a truth, a label out of `options`, a date, or plain text.

    unit    None on a number: a plain literal, which takes whatever unit stands beside it
    factor  a number without a unit (无) was multiplied into it, and is left where the unit is divided away
    """

    sort: str
    unit: str | None = ""
    options: tuple[str, ...] = ()
    factor: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause as shown to people."""

    cite: str
    title: str
    number: str
    clause: str
    gist: str
    page: str
    text: str

    def __str__(self) -> str:
        number = f"（{self.number}）" if self.number else ""
        page = f"第 {self.page} 页" if self.page else ""
        return f"《{self.title}》{number}{self.clause}{page}"


@dataclass(frozen=True)
class Scheme:
    """A checked edition. Frozen; prints as a card.

    order     indicators and events, each after everything it needs
    kinds     what each indicator and event comes to
    values    what the value of each indicator is (unit of the number its rule looks at)
    children  indicator → the indicators that say `in:` it, in the order of the file
    folders   where its files lie, then those of the editions that it amends or extends
    digest    sha256 of scheme.yaml and sources.yaml (of all of them)
    """

    edition: Edition
    sources: dict[str, Source]
    cases: Cases
    document: Document
    sources_document: Document
    cases_document: Document
    folders: tuple[Path, ...]
    digest: str
    order: tuple[str, ...]
    kinds: dict[str, Kind]
    values: dict[str, Kind]
    children: dict[str, tuple[str, ...]]

    @property
    def id(self) -> str:
        return self.edition.id

    @property
    def name(self) -> str:
        return self.edition.name

    @property
    def key(self) -> str:
        """`id@valid_from`, which names one edition."""
        return f"{self.edition.id}@{self.edition.valid_from.isoformat()}"

    @property
    def total(self) -> str | None:
        return self.edition.results.total

    @property
    def grade(self) -> str | None:
        return self.edition.results.grade

    @property
    def indicators(self) -> dict[str, Indicator]:
        return self.edition.indicators

    @property
    def status_text(self) -> str:
        ours = "；".join(OURS[part] for part in self.edition.ours)
        return STATUS[self.edition.status] + (f"（{ours}）" if ours else "")

    def grades(self) -> tuple[str, ...]:
        """The labels of the grade, best first; empty without a grade."""
        return self.kinds[self.grade].options if self.grade else ()

    def bands(self) -> list[tuple[str, Exact | None]]:
        """(label, lower limit or None) of the grade, best first, where its steps are `at_least` steps on the total."""
        rule = self.indicators[self.grade].rule if self.grade else None
        steps = getattr(rule, "steps", None) or []
        return [(step.gives, step.at_least.value if step.at_least else None) for step in steps if step.gives != "out"]

    @property
    def filled_lists(self) -> dict[str, ListDef]:
        """The lists whose rows somebody fills in; lists of groups are made from them."""
        return {key: item for key, item in self.edition.lists.items() if item.rows_from != "groups"}

    def fields_by(self, *roles: Role) -> dict[str, FieldDef]:
        """The plain fields filled in by one of `roles`, in the order of the file."""
        return {key: item for key, item in self.edition.fields.items() if item.filled_by in roles}

    def leaves(self) -> list[str]:
        """Indicators with points and nothing below them, which a county scores itself on; not the rows of a list."""
        return [
            k for k, v in self.indicators.items() if v.points is not None and not self.children.get(k) and not v.per
        ]

    def tree(self) -> Iterator[tuple[int, str]]:
        """(depth, id) of every indicator with points outside lists, from the total down, in the order of the file."""

        def below(node: str, depth: int) -> Iterator[tuple[int, str]]:
            yield depth, node
            for child in self.children.get(node, ()):
                if not self.indicators[child].per:
                    yield from below(child, depth + 1)

        for key, item in self.indicators.items():
            if item.parent is None and item.points is not None and not item.per:
                yield from below(key, 0)

    def findings(self) -> Iterator[tuple[int, str]]:
        """(depth, id) of every result besides points and the grade: labels, 是/否 and numbers outside lists and outside
        the tree of points, from the top down, in the order of the file."""
        points = {key for _, key in self.tree()}
        mine = {k: v for k, v in self.indicators.items() if k not in points and k != self.grade and not v.per}
        told: set[str] = set()

        def below(node: str, depth: int) -> Iterator[tuple[int, str]]:
            if node in mine and node not in told:
                told.add(node)
                yield depth, node
                for child in self.children.get(node, ()):
                    yield from below(child, depth + 1)

        for key, item in mine.items():
            if not isinstance(item.parent, str) or item.parent not in mine:
                yield from below(key, 0)

    def adds_up(self, key: str | None = None) -> bool:
        """Whether a node (the total) is the sum of what is scored below it: only then self scores add up too."""
        key = key or self.total
        if key is None:
            return False
        item, parts = self.indicators[key], self.children.get(key, ())
        if item.per is not None:  # nobody scores itself on groups, which are made from the rows of another list
            return self.edition.lists[item.per].rows_from != "groups"
        if not parts:
            return True
        plain = item.combine == "sum" and item.rule is None and item.missing in (None, "zero", "skip")
        plain = plain and item.picks is None
        return plain and all(self.adds_up(part) for part in parts)

    def citation(self, cite: str) -> Citation:
        """The clause that `cite` (`HB/七.4`) names. Raises KeyError for a dangling one, which `load` has refused."""
        key, _, clause = cite.partition("/")
        source = self.sources[key]
        item = source.clauses[clause]
        known = [("" if text in (None, "unknown") else str(text)) for text in (source.number, item.page, item.text)]
        return Citation(cite, source.title, known[0], clause, item.gist, known[1], known[2])

    def place(self, *path: str | int) -> RulePlace:
        """Where something stands in scheme.yaml."""
        return self.document.place(tuple(path), key=True, node=str(path[-1]) if path else "")

    def __repr__(self) -> str:
        edition = self.edition
        lines = [f"{self.name}  {self.key}", f"状态 {self.status_text}"]
        if self.total:
            points = edition.indicators[self.total].points
            bands = "，".join(
                f"{n} ≥{decimal_text(low)}" if low is not None else f"其余 {n}" for n, low in self.bands()
            )
            lines.append(f"满分 {decimal_text(points)}　指标 {len(self.leaves())} 项　{bands}")
        lines.append(f"填报字段 {len(edition.fields)} 个　清单 {len(edition.lists)} 张　资金 {len(edition.funds)} 笔")
        lines += [
            f"待定 {key} {q.question}（我们的读法：{q.reading or '未定'}）" for key, q in edition.open_questions.items()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *rest = repr(self).splitlines()
        items = "".join(f"<li>{escape(line)}</li>" for line in rest)
        return f'<div class="evaltool-card"><b>{escape(head)}</b><ul>{items}</ul></div>'
