"""The models of what is filled in: fields, and lists of many rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from evaltool.scheme.values import Amount, Day, Expr, Flag, Id, Number, Words

FieldType = Literal["count", "money", "number", "share", "yesno", "choice", "date", "text", "points"]
Role = Literal["county", "reviewer", "province"]


# an editor reads the 1 as a number, our own reader as text
Format = Annotated[Literal["1"], WithJsonSchema({"enum": [1, "1"], "description": "格式版本"})]


def _unit(value: Any) -> Any:
    return "" if value == "无" else value


Unit = Annotated[Words, BeforeValidator(_unit)]  # `无` says that a number has no unit


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Blank(Model):
    """What an empty cell means, and where that is written: a clause or an open question."""

    means: Literal["pending", "zero", "no", "never", "out"]
    cite: list[Words] = []
    question: Words | None = None

    @model_validator(mode="after")
    def _sourced(self) -> Blank:
        if not self.cite and not self.question:
            raise ValueError("空白的含义要有出处：写 cite 或 question")
        return self


class FieldDef(Model):
    """One thing that somebody fills in; also a column of a list.

    confirmed_by  roles that must confirm it before it counts in 认定
    stage         when it is asked: before that stage of the edition a blank is no shortfall
    value         of a column of a list of groups: what it comes to, from the rows of one group
    was           its id in the edition before, so that years compare
    private       names and numbers of persons: read, replaced by an alias, never in a result (evaltool.intake.hiding)
    """

    name: Words
    type: FieldType
    unit: Unit = ""
    options: list[Words] = []
    between: Annotated[list[Amount], Field(min_length=2, max_length=2)] | None = None
    evidence: list[Words] = []
    filled_by: Role = "county"
    scope: Literal["subject", "round"] = "subject"
    source: Words = ""
    reason: Literal["", "required"] = ""
    asked_when: Expr | None = None
    confirmed_by: list[Id] = []
    stage: Id | None = None
    value: Expr | None = None
    was: Id | None = None
    blank: Blank | None = None
    private: Flag = False
    site_check: Words = ""
    note: Words = ""
    cite: list[Words] = []

    @model_validator(mode="after")
    def _consistent(self) -> FieldDef:
        if (self.type == "choice") != bool(self.options):
            raise ValueError("options 只用于 choice，而且必须有")
        if self.type in ("count", "money", "number") and "unit" not in self.model_fields_set:
            raise ValueError(f"{self.type} 要写 unit")
        if self.scope == "round" and not self.source:
            raise ValueError("scope: round 的外部数据要写 source")
        if self.private and (self.type != "text" or self.filled_by != "county" or self.scope == "round"):
            raise ValueError("private 只用于县里填的文字（type: text）")
        return self


class ListDef(Model):
    """Many rows in one submission: own rows (`subject`), rows that the edition fixes, a calendar of due dates, or the
    rows of another list put together in groups before anything is scored.

    due_day  the day of the month after the period (cut to that month's length);  shifted  due date → later date
    of, by   the list that is put together, and its columns that make a group
    """

    name: Words
    rows_from: Literal["subject", "edition", "calendar", "groups"]
    columns: dict[Id, FieldDef]
    given: list[Id] = []
    rows: list[dict[str, Words]] = []
    every: Literal["month", "quarter", "half_year", "year"] | None = None
    start: Day | None = Field(default=None, alias="from")
    end: Day | None = Field(default=None, alias="to")
    due_day: Number | None = None
    shifted: dict[Day, Day] = {}
    of: Id | None = None
    by: list[Id] = []
    note: Words = ""
    cite: list[Words] = []

    @model_validator(mode="after")
    def _shape(self) -> ListDef:
        calendar = (self.every, self.start, self.end, self.due_day)
        if (self.rows_from == "calendar") != all(part is not None for part in calendar):
            raise ValueError("calendar 清单要有 every、from、to、due_day，别的清单不能有")
        if self.shifted and self.rows_from != "calendar":
            raise ValueError("只有 calendar 清单能写 shifted")
        if (self.rows_from == "edition") != bool(self.rows):
            raise ValueError("rows_from: edition 的清单要有 rows，别的清单不能有")
        if (self.rows_from == "groups") != bool(self.of and self.by):
            raise ValueError("rows_from: groups 的清单要有 of 和 by，别的清单不能有")
        if self.due_day is not None and (not isinstance(self.due_day, int) or not 1 <= self.due_day <= 31):
            raise ValueError("due_day 要在 1 到 31 之间")
        if any(
            self.rows_from == "groups" and (key in self.by) == (c.value is not None) for key, c in self.columns.items()
        ):
            raise ValueError("groups 清单的列，要么是 by 里的列，要么写 value")
        if self.rows_from != "groups" and any(column.value is not None for column in self.columns.values()):
            raise ValueError("只有 groups 清单的列能写 value；别的清单用 per 指标")
        return self

    @property
    def fixed(self) -> bool:
        """Whether every subject has the same rows, which the edition brings."""
        return self.rows_from in ("edition", "calendar")
