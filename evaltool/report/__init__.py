"""Reports: one executed papermill notebook and one offline page a county, an overview, and an index.

`evaltool.report(rnd)` makes them. This package has the same name as that function, and Python puts an imported package
into its parent under its name; so the package itself can be called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaltool.report.batch import report
    from evaltool.report.county import CountyPage, county_page
    from evaltool.report.overview import OverviewPage, overview_page

__all__ = ["CountyPage", "OverviewPage", "county_page", "overview_page", "report"]
_PLACES = {
    "report": "batch",
    "CountyPage": "county",
    "county_page": "county",
    "OverviewPage": "overview",
    "overview_page": "overview",
}


class _Callable(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        from evaltool.report.batch import report

        return report(*args, **options)


sys.modules[__name__].__class__ = _Callable


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
