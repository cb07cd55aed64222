"""Scalar types of the models: each turns the text that the paper shows into an exact value, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from evaltool.quantities import SHARE_UNIT, Exact, parse_number, parse_plain, parse_share, quantity_text
from evaltool.scheme.formula import Formula, Num, choose
from evaltool.scheme.formula import parse as parse_formula


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: `value` exact, `share` if it carried a % sign."""

    value: Exact
    share: bool = False

    def __str__(self) -> str:
        return quantity_text(self.value, SHARE_UNIT if self.share else "")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that the paper masks (`masked`) or leaves to an office (`unset`): unknown, never zero."""

    word: str

    def __str__(self) -> str:
        return {"masked": "文件未公布", "unset": "文件未规定"}[self.word]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("这里要一个值")
    return value.strip()


def read_number(value: Any) -> Any:
    """The exact number in a plain text (`12`, `0.5`); a number stays as it is."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return value
    text = _text(value)
    if text.endswith("%"):
        raise ValueError(f"这里要数字，不是比例：{text}")
    try:
        return parse_plain(text)
    except ValueError:
        raise ValueError(f"要一个数字，如 12 或 0.5，现在是“{text}”") from None


def read_quantity(value: Any) -> Quantity:
    """A number or a share as written."""
    text = _text(value)
    try:
        return Quantity(parse_share(text), True) if text.endswith("%") else Quantity(parse_plain(text))
    except ValueError:
        raise ValueError(f"要数字或比例，如 12 或 65%，现在是“{text}”") from None


def read_share(value: Any) -> Quantity:
    """A share with its sign."""
    quantity = read_quantity(value)
    if not quantity.share:
        raise ValueError(f"SHARE 比例要写成 65% 的形式，现在是“{value}”")
    return quantity


def _limit(value: Any) -> Quantity | Unknown:
    return Unknown(value) if value in ("masked", "unset") else read_share(value)


_NUMERAL = re.compile(r"[+-]?[\d.]+\s*%?")
_DIGITS = re.compile(r"[-+.,/%\s\d]*\d[-+.,/%\s\d]*")  # looks like a number to whoever reads it


def _choice(value: dict[str, Any]) -> Formula:
    """`{by: NAME, 东部: 40%, 西部: 15%}` as one formula."""
    by = value.get("by")
    if by is None:
        raise ValueError("这里要一个值，或 {by: 名称, 选项: 值, …}")
    branches = {label: _branch(part) for label, part in value.items() if label != "by"}
    if not branches:
        raise ValueError("by 后面要写各选项的值")
    return choose(_id(by), branches)


def _branch(value: Any) -> Formula:
    if isinstance(value, dict):
        raise ValueError("by 里面不能再套 by；先用一个指标得出类别")
    text = _text(value)
    if not _NUMERAL.fullmatch(text):
        return parse_formula(text)
    quantity = read_quantity(text)
    return Formula(text, Num(quantity.value, quantity.share))


def _formula(value: Any) -> Formula:
    if isinstance(value, Formula):
        return value
    return _choice(value) if isinstance(value, dict) else parse_formula(_text(value))


def _parameter(value: Any) -> Quantity | Formula:
    if isinstance(value, Quantity | Formula):
        return value
    if isinstance(value, dict):
        return _choice(value)
    text = _text(value)
    return read_quantity(text) if _NUMERAL.fullmatch(text) else parse_formula(text)


def read_term(value: Any) -> Any:
    """A plain number as it is written, a formula, or a choice."""
    if isinstance(value, int | Fraction | Formula) and not isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return _choice(value)
    text = _text(value)
    if _NUMERAL.fullmatch(text):
        return parse_share(text) if text.endswith("%") else read_number(text)
    return parse_formula(text)


def _given(value: Any) -> str | Formula:
    """What a step or an exception gives: words (a number, a label, full, out), a choice, or `= formula`."""
    if isinstance(value, Formula):
        return value
    if isinstance(value, dict):
        return _choice(value)
    text = _text(value)
    if text.startswith("="):
        return parse_formula(text[1:].strip())
    if _DIGITS.fullmatch(text) and not is_number(text):
        raise ValueError(f"“{text}”不是数：数写成 12、0.5、65% 或 1/3 的样子，等次的名称里要有文字")
    return text


def is_number(given: str) -> bool:
    """Whether what a step or an exception gives is a number; else it is a label, `full` or `out`."""
    try:
        parse_number(given)
    except ValueError:
        return False
    return True


def _day(value: Any) -> dt.date:
    text = _text(value)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"日期要写成 2020-06-30 的形式，现在是“{text}”")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"没有 {text} 这一天") from None


def _flag(value: Any) -> bool:
    if value not in ("true", "false"):
        raise ValueError(f"要 true 或 false，现在是“{value}”")
    return bool(value == "true")


def _id(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text):
        raise ValueError(f"名称要用英文字母、数字和下划线，以字母开头，现在是“{text}”")
    return text


def _schema(pattern: str, description: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "pattern": pattern, "description": description})


_PLAIN, _PERCENT = r"^[+-]?\d+(\.\d+)?$", r"^[+-]?\d+(\.\d+)?\s*%$"
Number = Annotated[Any, BeforeValidator(read_number), _schema(_PLAIN, "数字")]
Amount = Annotated[Quantity, BeforeValidator(read_quantity), _schema(r"^[+-]?\d+(\.\d+)?\s*%?$", "数字或比例")]
Share = Annotated[Quantity, BeforeValidator(read_share), _schema(_PERCENT, "比例，带 %")]
Limit = Annotated[Quantity | Unknown, BeforeValidator(_limit), _schema(r"%$|^masked$|^unset$", "比例、masked 或 unset")]
_BY = {
    "type": "object",
    "properties": {"by": {"type": "string", "description": "选项字段、是否字段或给出类别的指标"}},
    "required": ["by"],
    "additionalProperties": {"type": ["string", "number"]},
}


def _or_choice(schema: dict[str, Any], description: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, _BY], "description": description})


Expr = Annotated[Formula, BeforeValidator(_formula), _or_choice({"type": "string"}, "公式，或 {by: …}")]
Parameter = Annotated[
    Quantity | Formula,
    BeforeValidator(_parameter),
    _or_choice({"type": ["string", "number"]}, "数字、比例、公式，或 {by: …}"),
]
Term = Annotated[Any, BeforeValidator(read_term), _or_choice({"type": ["string", "number"]}, "数字、公式，或 {by: …}")]
Given = Annotated[
    str | Formula,
    BeforeValidator(_given),
    _or_choice({"type": ["string", "number"]}, "分数、数或等次；“= 公式”；或 {by: …}"),
]
Day = Annotated[dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"})]
Words = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number"]})]
