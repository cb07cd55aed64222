"""YAML as the dialect of the definitions reads it, written with comments: values quoted wherever it is safer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from evaltool.quantities import decimal_text

_SAFE = re.compile(
    r"[A-Za-z0-9_\u4e00-\u9fff（）《》〔〕“”、，。；：％%+.·×÷≥≤/-][A-Za-z0-9_\u4e00-\u9fff（）《》〔〕“”、，。；：％%+.·×÷≥≤/ -]*"
)


def scalar(value: Any) -> str:
    """One value on one line: plain where nobody can mistake it, in double quotes otherwise."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return decimal_text(value)  # points and limits come from decimals, so they end
    risky = value in ("null", "~") or value[:1] in ("-", "%", "?", " ") or value != value.strip()
    if _SAFE.fullmatch(value) and not risky and ": " not in value and " #" not in value:
        return value
    return json.dumps(value, ensure_ascii=False)


def flow(value: Any) -> str:
    """A value, a list or a mapping on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(part) for part in value) + "]"
    return scalar(value)


def block(text: str, indent: int) -> str:
    """Several lines as a literal block, one line as a scalar; what follows `key: `."""
    lines = text.split("\n")
    if len(lines) == 1:
        return scalar(text)
    space = " " * indent
    return "|-\n" + "\n".join(space + line for line in lines)


def comment(text: str) -> str:
    """A remark behind a value or on a line of its own."""
    return "# " + re.sub(r"\s+", " ", text).strip()
