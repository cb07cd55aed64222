"""Scalar types of the models: each turns the text that the paper shows into an exact value, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from evaltool.quantities import SHARE_UNIT, Exact, parse_plain, parse_share, quantity_text
from evaltool.scheme.formula import Formula
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


def _quantity(value: Any) -> Quantity:
    text = _text(value)
    try:
        return Quantity(parse_share(text), True) if text.endswith("%") else Quantity(parse_plain(text))
    except ValueError:
        raise ValueError(f"要数字或比例，如 12 或 65%，现在是“{text}”") from None


def _share(value: Any) -> Quantity:
    quantity = _quantity(value)
    if not quantity.share:
        raise ValueError(f"SHARE 比例要写成 65% 的形式，现在是“{value}”")
    return quantity


def _limit(value: Any) -> Quantity | Unknown:
    return Unknown(value) if value in ("masked", "unset") else _share(value)


def _formula(value: Any) -> Formula:
    return parse_formula(_text(value))


def _parameter(value: Any) -> Quantity | Formula:
    text = _text(value)
    return _quantity(text) if re.fullmatch(r"[+-]?[\d.]+\s*%?", text) else parse_formula(text)


def _day(value: Any) -> dt.date:
    text = _text(value)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(f"日期要写成 2020-06-30 的形式，现在是“{text}”")
    return dt.date.fromisoformat(text)


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
Amount = Annotated[Quantity, BeforeValidator(_quantity), _schema(r"^[+-]?\d+(\.\d+)?\s*%?$", "数字或比例")]
Share = Annotated[Quantity, BeforeValidator(_share), _schema(_PERCENT, "比例，带 %")]
Limit = Annotated[Quantity | Unknown, BeforeValidator(_limit), _schema(r"%$|^masked$|^unset$", "比例、masked 或 unset")]
Expr = Annotated[Formula, BeforeValidator(_formula), WithJsonSchema({"type": "string", "description": "公式"})]
Parameter = Annotated[
    Quantity | Formula,
    BeforeValidator(_parameter),
    WithJsonSchema({"type": ["string", "number"], "description": "数字、比例或公式"}),
]
Day = Annotated[dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"})]
Words = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number"]})]
