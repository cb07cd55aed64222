"""evaltool: indicator systems as data, exact scores, recommendations with clauses, a notebook and a page per county.

>>> import evaltool as ev
>>> scheme = ev.load("hubei/ecommerce_rural", on="2020-06-30")
>>> facts = ev.read("data/sample", scheme)
>>> scores = ev.score(facts)
>>> decisions = ev.decide(scores)
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaltool import charts
    from evaltool.archive import create_round, open_round
    from evaltool.decisions import decide
    from evaltool.intake import official_template, read, read_table, template
    from evaltool.report import report
    from evaltool.scheme import load
    from evaltool.scoring import score

# with lxml in the environment openpyxl would write other bytes for the same workbook; receipts compare bytes
os.environ.setdefault("OPENPYXL_LXML", "False")

__version__ = "0.3.0"

# name → module; imported on first use, so that `import evaltool` costs little more than Python itself
_HOMES = {
    "load": "evaltool.scheme",
    "template": "evaltool.intake",
    "official_template": "evaltool.intake",
    "read": "evaltool.intake",
    "read_table": "evaltool.intake",
    "score": "evaltool.scoring",
    "decide": "evaltool.decisions",
    "create_round": "evaltool.archive",
    "open_round": "evaltool.archive",
    "report": "evaltool.report",
}
__all__ = [
    "charts", "create_round", "decide", "load", "official_template", "open_round", "read", "read_table", "report",
    "score", "template",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "charts":
        return import_module("evaltool.charts")
    if name not in _HOMES:
        raise AttributeError(f"module 'evaltool' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
