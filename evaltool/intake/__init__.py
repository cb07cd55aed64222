"""Workbooks out and in: templates, the reader, marked copies, and facts made from plain values.

Names are imported when first used, so that facts can be made without openpyxl.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaltool.intake.county_template import template
    from evaltool.intake.direct import from_values
    from evaltool.intake.filling import Raw, fill
    from evaltool.intake.marked import mark
    from evaltool.intake.official import official_template
    from evaltool.intake.reader import read, settle
    from evaltool.intake.tables import read_table

_MODULES = {
    "Raw": "filling",
    "fill": "filling",
    "from_values": "direct",
    "mark": "marked",
    "official_template": "official",
    "read": "reader",
    "read_table": "tables",
    "settle": "reader",
    "template": "county_template",
}

__all__ = ["Raw", "fill", "from_values", "mark", "official_template", "read", "read_table", "settle", "template"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
