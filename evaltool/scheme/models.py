"""The models of an edition's files: what may be written where. Frozen; an unknown key does not load.

These classes say only what one file can say about itself. What one thing must be to another (names, units, points,
clauses) is checked in `evaltool.scheme.checks`. sources.yaml and cases.yaml have theirs in `evaltool.scheme.papers`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from evaltool.quantities import Exact, exact
from evaltool.scheme.fields import Blank, FieldDef, Format, ListDef, Model, Unit
from evaltool.scheme.formula import Formula, Num
from evaltool.scheme.rules import Rule
from evaltool.scheme.values import (
    Day,
    Expr,
    Flag,
    Given,
    Id,
    Limit,
    Number,
    Quantity,
    Share,
    Term,
    Words,
    read_number,
    read_quantity,
    read_term,
)  # fmt: skip


class Rounding(Model):
    """To `places` decimals (negative: tens, hundreds …), or `to` a whole number of steps such as 0.5."""

    places: Number | None = None
    to: Number | None = None
    mode: Literal["half_up", "half_even", "truncate", "ceiling", "floor"]

    @model_validator(mode="after")
    def _one(self) -> Rounding:
        if (self.places is None) == (self.to is None):
            raise ValueError("places 和 to 恰好写一个")
        if self.places is not None and (not isinstance(self.places, int) or not -12 <= self.places <= 30):
            raise ValueError("places 要写整数，如 2、0 或 -2")
        if self.to is not None and self.to <= 0:
            raise ValueError("to 要大于零，如 0.5")
        return self

    @property
    def step(self) -> Exact:
        """The distance between two results."""
        if self.to is not None:
            return self.to
        assert self.places is not None
        return exact(Fraction(10) ** -self.places)


class Override(Model):
    """A condition tested before the value: `gives` replaces the result (`full`: all points, `out`: not counted),
    `at_most` limits it."""

    when: Expr
    gives: Given | None = None
    at_most: Term | None = None
    cite: list[Words] = []

    @model_validator(mode="after")
    def _one(self) -> Override:
        if (self.gives is None) == (self.at_most is None):
            raise ValueError("gives 和 at_most 恰好写一个")
        return self


def _points(value: Any) -> Any:
    """A plain number, or the id of a column that brings the points."""
    if isinstance(value, str) and value[:1].isalpha():
        return value
    try:
        return read_number(value)
    except ValueError:
        raise ValueError("points 要写一个数，或本清单里带分值的列的名称；各类不同的，每类设一个指标") from None


def _bound(value: Any) -> Any:
    return "none" if value == "none" else read_term(value)


def _weight(value: Any) -> Any:
    """A share of the whole, a plain number, a choice among these, or the id of a column that brings the weight."""
    if isinstance(value, dict):
        value = read_term(value)
        if not all(isinstance(part, Num) for _, part in value.tree.branches):
            raise ValueError("weight 按类别分开写的，各类写 25% 这样的比例，或都写数")
    if isinstance(value, Formula):
        return value
    text = str(value).strip()
    if isinstance(value, Quantity) or not text[:1].isdigit():
        return value if isinstance(value, Quantity) else text
    return read_quantity(text)


class Indicator(Model):
    """One node of the system, from a 三级指标 to the total and the grade.

    per      a list: computed once for each of its rows
    across   `all`, or the name of a choice or label: the sums, means … of its formula run over all subjects (or over
             those of the same group), and every subject sees the one number; with `per` over the same row of all
             subjects, and every row sees that of its number
    best     how many of the best parts (or rows) of a sum or mean count, `worst` of the worst: by share of their points
             where they have any, else by value
    missing  what a combination does with a part that is out; `need` parts must be in;  weight  of a part in a mean
    was      its id in the edition before, so that years compare
    """

    name: Words
    code: Words = ""
    parent: Id | dict[str, Words] | None = Field(default=None, alias="in")
    points: Annotated[Any, BeforeValidator(_points)] = None
    per: Id | None = None
    across: Id | None = None
    value: Expr | None = None
    combine: Literal["sum", "mean", "max", "min", "count", "all", "any"] | None = None
    missing: Literal["out", "skip", "zero", "spread"] | None = None
    need: Number | None = None
    best: Number | None = None
    worst: Number | None = None
    weight: Annotated[Any, BeforeValidator(_weight)] = None
    unit: Unit = ""
    rule: Rule | None = None
    overrides: list[Override] = []
    floor: Annotated[Any, BeforeValidator(_bound)] = None
    cap: Annotated[Any, BeforeValidator(_bound)] = None
    round: Rounding | None = None
    evidence: list[Words] = []
    site_check: Words = ""
    note: Words = ""
    was: Id | None = None
    cite: list[Words] = []

    @model_validator(mode="after")
    def _made_somehow(self) -> Indicator:
        if self.value is not None and self.combine is not None:
            raise ValueError("value 和 combine 只写一个")
        if self.value is None and self.combine is None and self.rule is None:
            raise ValueError("要写 value、combine 或 rule 之一")
        if (self.missing or self.need is not None) and self.combine is None:
            raise ValueError("missing 和 need 只用于 combine")
        if self.need is not None and not (isinstance(self.need, int) and self.need > 0):
            raise ValueError("need 要写项数，如 2")
        if self.across is not None and (self.value is None or self.rule is not None):
            raise ValueError("across 的指标只写 value，不写 rule")
        picked = [one for one in (self.best, self.worst) if one is not None]
        if picked and (self.combine not in ("sum", "mean") or len(picked) > 1):
            raise ValueError("best 和 worst 只写一个，只用于 combine: sum 或 mean")
        if picked and not (isinstance(picked[0], int) and picked[0] > 0):
            raise ValueError("best 和 worst 要写个数，如 3")
        return self

    @property
    def picks(self) -> int | None:
        """How many of its parts count, where not all do."""
        count: int | None = self.best if self.worst is None else self.worst
        return count


class Event(Model):
    """A named condition, such as a veto."""

    name: Words
    when: Expr
    note: Words = ""
    cite: list[Words] = []


class Stage(Model):
    """A span of the work as the paper lays it out."""

    name: Words
    start: Day | None = Field(default=None, alias="from")
    end: Day | None = Field(default=None, alias="to")
    note: Words = ""
    cite: list[Words] = []


class Duty(Model):
    """What somebody must do (or must not). With `met` it is judged beside the score; it never changes points."""

    name: Words
    who: Id
    kind: Literal["duty", "gate", "report", "ban"]
    met: Expr | None = None
    stage: Id | None = None
    every: Literal["week", "month", "quarter", "half_year", "year"] | None = None
    due: Words | None = None
    question: Words | None = None
    note: Words = ""
    cite: list[Words] = []


class Consequence(Model):
    """What the paper says happens when a condition holds: 应 (`shall`) or 可 (`may`)."""

    when: Expr
    do: list[Words]
    verb: Literal["shall", "may"] | None = None
    within: Words | None = None
    note: Words = ""
    cite: list[Words] = []

    @model_validator(mode="after")
    def _verb(self) -> Consequence:
        if self.do and self.verb is None:
            raise ValueError("有 do 就要写 verb：shall（应）或 may（可）")
        if not self.do and not self.note:
            raise ValueError("do: [] 时要写 note 说明文件怎么说")
        return self


class Tolerance(Model):
    """How far a share may leave its limit: `by` points of the total (`points`) or a part of the item (`item`)."""

    by: Share
    of: Literal["points", "item", "unset"]
    when: Id | None = None
    question: Words | None = None
    cite: list[Words] = []


class Use(Model):
    """One use of a pot of money, with the limits of its share in the whole pot."""

    name: Words
    amount: Id
    inside: Id | None = Field(default=None, alias="in")
    at_least: Limit | None = None
    at_most: Limit | None = None
    in_principle: Flag | None = None
    question: Words | None = None
    note: Words = ""
    cite: list[Words] = []


class Payment(Model):
    """A rule on payments: `breaches` counts the rows that break it."""

    name: Words
    breaches: Expr
    note: Words = ""
    cite: list[Words] = []


class Pot(Model):
    name: Words
    total: Id
    in_principle: Flag = False
    tolerance: Tolerance | None = None
    uses: dict[Id, Use]
    bans: dict[Id, list[Words]] = {}
    payments: list[Payment] = []
    note: Words = ""
    cite: list[Words] = []


class Question(Model):
    """What a text leaves unclear, with our reading; `reading` null means: not decided."""

    clause: Words
    question: Words
    reading: Words | None


class OwnWords(Model):
    """Words that an office's edition needs beside those of indicators/vocab.yaml."""

    units: list[Words] = []
    evidence: list[Words] = []
    actions: dict[Id, Words] = {}
    roles: dict[Id, Words] = {}


class Results(Model):
    total: Id | None = None
    grade: Id | None = None


class Edition(Model):
    """scheme.yaml: one indicator system as in force from one date.

    amends, extends  the edition that this one changes (the files are merged before this model sees them)
    open             what a lower level may change: path → direction; section → `add`; indicators → `beside` the total
                     or `count` in it
    """

    format: Format
    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+/[a-z0-9_]+$")]
    name: Words
    valid_from: Day
    valid_to: Day | None
    checked_on: Day | None = None
    amends: Words | None = None
    extends: Words | None = None
    status: Literal["official", "reference", "draft"]
    ours: list[Literal["points", "rule", "bands"]] = []
    subject: Words
    results: Results
    words: OwnWords = OwnWords()
    blank: Blank
    fields: dict[Id, FieldDef] = {}
    lists: dict[Id, ListDef] = {}
    indicators: dict[Id, Indicator] = {}
    events: dict[Id, Event] = {}
    stages: dict[Id, Stage] = {}
    duties: dict[Id, Duty] = {}
    consequences: list[Consequence] = []
    funds: dict[Id, Pot] = {}
    open: dict[Words, Literal["higher", "lower", "any", "add", "beside", "count"]] = {}
    open_questions: dict[Words, Question] = {}
    not_scored: dict[Words, Words] = {}
