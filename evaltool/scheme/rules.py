"""The closed list of rule kinds, as written. What each computes stands in `evaltool.scoring.kinds`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Tag, WithJsonSchema, model_validator
from pydantic import Discriminator as Choose

from evaltool.scheme.values import Amount, Expr, Flag, Given, Id, Parameter, Term, Words, read_term


class RuleModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Checklist(RuleModel):
    """Adds the points of the items answered 是; without a mandatory item nothing counts."""

    kind: Literal["checklist"]
    items: dict[Id, Term]
    mandatory: list[Id] = []


class Interval(RuleModel):
    """A part of the points, from a lower to an upper end; `less_than` and `more_than` leave the end itself out."""

    at_least: Amount | None = None
    more_than: Amount | None = None
    at_most: Amount | None = None
    less_than: Amount | None = None

    @model_validator(mode="after")
    def _two_ends(self) -> Interval:
        if (self.at_least is None) == (self.more_than is None) or (self.at_most is None) == (self.less_than is None):
            raise ValueError("区间要有一个下端（at_least 或 more_than）和一个上端（at_most 或 less_than）")
        return self


def _level(value: Any) -> Any:
    """A group of ends is an interval, anything else a number: decided here, so that only one of the two complains."""
    return Interval.model_validate(value) if isinstance(value, dict) and "by" not in value else read_term(value)


LevelPart = Annotated[Interval | Term, BeforeValidator(_level)]


class Levels(RuleModel):
    """A named level gives a result, or an interval of the points in which the `chosen` field must lie."""

    kind: Literal["levels"]
    value: Expr | None = None
    levels: dict[str, LevelPart]
    chosen: Id | None = None

    @model_validator(mode="after")
    def _choice(self) -> Levels:
        intervals = [isinstance(part, Interval) for part in self.levels.values()]
        if any(intervals) != all(intervals) or any(intervals) != (self.chosen is not None):
            raise ValueError("各级要么都是分数，要么都是区间并写 chosen")
        return self


class Step(RuleModel):
    """One step: exactly one condition, and what it gives (points, a number or a label)."""

    at_least: Parameter | None = None
    more_than: Parameter | None = None
    at_most: Parameter | None = None
    less_than: Parameter | None = None
    when: Expr | None = None
    otherwise: Flag | None = None
    gives: Given

    @model_validator(mode="after")
    def _one_condition(self) -> Step:
        conditions = (self.at_least, self.more_than, self.at_most, self.less_than, self.when, self.otherwise)
        if sum(part is not None for part in conditions) != 1:
            raise ValueError("每一档恰好写一个条件")
        return self


class Steps(RuleModel):
    """The first step that holds gives the result."""

    kind: Literal["steps"]
    value: Expr | None = None
    steps: Annotated[list[Step], Field(min_length=1)]


class Proportional(RuleModel):
    """Points × actual ÷ target, at most the points; `inverse`: points × target ÷ actual, actual 0 is full."""

    kind: Literal["proportional"]
    value: Expr | None = None
    target: Parameter
    inverse: Flag = False


class Linear(RuleModel):
    """The straight line between `zero_at` and `full_at`; what its ends give, and what lies outside them.

    line     results at the two ends (default 0 and all points)
    outside  results beyond them (default: those of the ends). The zero end itself lies on the line, the full end beyond
    better   which way is better, where the two ends are not plain numbers
    """

    kind: Literal["linear"]
    value: Expr | None = None
    zero_at: Parameter
    full_at: Parameter
    line: Annotated[list[Term], Field(min_length=2, max_length=2)] | None = None
    outside: Annotated[list[Term], Field(min_length=2, max_length=2)] | None = None
    better: Literal["higher", "lower"] | None = None


class Point(RuleModel):
    """One corner of a curve: what a value gives."""

    at: Parameter
    gives: Term


class Curve(RuleModel):
    """Straight lines from corner to corner; before the first and after the last what they give (form 12)."""

    kind: Literal["curve"]
    value: Expr | None = None
    through: Annotated[list[Point], Field(min_length=2)]


class Loss(RuleModel):
    """Points lost for each unit outside a range."""

    loses: Term
    per: Amount | None = None
    part: Literal["whole", "share"] | None = None


SIDES = ("zero", "full", "proportional")


def _side(value: Any) -> Any:
    """Decided here, so that only one of the two ways complains."""
    if isinstance(value, dict):
        return Loss.model_validate(value)
    if value not in SIDES and not isinstance(value, Loss):
        raise ValueError(f"只能是 {'、'.join(SIDES)}，或 {{loses: 扣几分}}，现在是“{value}”")
    return value


Side = Annotated[
    Any,
    BeforeValidator(_side),
    WithJsonSchema({"anyOf": [{"enum": list(SIDES)}, Loss.model_json_schema()], "description": "范围以外怎么办"}),
]


class Range(RuleModel):
    """All points from `low` to `high`, both included; each side says what happens outside."""

    kind: Literal["range"]
    value: Expr | None = None
    low: Parameter
    high: Parameter
    below: Side
    above: Side


class PerUnit(RuleModel):
    """`start` (default: all points) at `around` (default 0), then `more` / `fewer` points for each unit beyond it."""

    kind: Literal["per_unit"]
    value: Expr | None = None
    start: Term | None = None
    around: Parameter | None = None
    more: Term | None = None
    fewer: Term | None = None
    per: Amount | None = None
    part: Literal["whole", "share"] | None = None
    question: Words | None = None

    @model_validator(mode="after")
    def _some_direction(self) -> PerUnit:
        if self.more is None and self.fewer is None:
            raise ValueError("more 和 fewer 至少写一个")
        return self


Among = Literal["same", "own"]


class Rank(RuleModel):
    """The place among all subjects (or those of the same `within`); `share` is (place − 1) ÷ (n − 1).

    among  of a row of a list: `same` the same row of every subject, `own` the rows of the same subject
    """

    kind: Literal["rank"]
    value: Expr | None = None
    order: Literal["high_first", "low_first"]
    ties: Literal["min", "max", "mean", "dense"]
    gives: Literal["place", "share"]
    among: Among | None = None
    within: Id | None = None


class Relative(RuleModel):
    """The value ÷ the cohort's best, mean or sum, times a factor; `better: lower` takes the smallest ÷ the value.

    among  as in a rank
    """

    kind: Literal["relative"]
    value: Expr | None = None
    to: Literal["best", "mean", "sum"]
    times: Term = 1
    better: Literal["higher", "lower"] = "higher"
    among: Among | None = None
    within: Id | None = None


class Delegated(RuleModel):
    """A slot that the paper leaves to somebody, or that nobody could read: pending between 0 and the points."""

    kind: Literal["delegated"]
    note: Words


OneRule = Annotated[
    Checklist | Levels | Steps | Proportional | Linear | Curve | Range | PerUnit | Rank | Relative | Delegated,
    Field(discriminator="kind"),
]


def _branches_beside(schema: dict[str, Any]) -> None:
    """In the file the branches stand beside `by`, not below a key of their own."""
    schema["additionalProperties"] = schema["properties"].pop("branches")["additionalProperties"]
    schema["required"] = ["by"]


class ByRule(RuleModel):
    """A rule for each value of a choice, a label, or a yes/no."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, json_schema_extra=_branches_beside
    )
    by: Id
    branches: dict[str, OneRule]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if isinstance(data, dict) and "branches" not in data:
            return {"by": data.get("by"), "branches": {k: v for k, v in data.items() if k != "by"}}
        return data


def _which(data: Any) -> str:
    by = "by" in data if isinstance(data, dict) else isinstance(data, ByRule)
    return "by" if by else "one"


Rule = Annotated[Annotated[OneRule, Tag("one")] | Annotated[ByRule, Tag("by")], Choose(_which)]
