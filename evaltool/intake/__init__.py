"""Workbooks out and in: templates, the reader, marked copies, and facts made from plain values.

Names are imported when first used, so that facts can be made without openpyxl.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaltool.intake.marked import mark
    from evaltool.intake.reader import read, settle
    from evaltool.intake.tables.direct import from_values
    from evaltool.intake.tables.reading import read_table
    from evaltool.intake.templates.county_template import template
    from evaltool.intake.templates.filling import Raw, fill
    from evaltool.intake.templates.official import official_template

_MODULES = {
    "Raw": "templates.filling",
    "fill": "templates.filling",
    "from_values": "tables.direct",
    "mark": "marked",
    "official_template": "templates.official",
    "read": "reader",
    "read_table": "tables.reading",
    "settle": "reader",
    "template": "templates.county_template",
}

__all__ = ["Raw", "fill", "from_values", "mark", "official_template", "read", "read_table", "settle", "template"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
