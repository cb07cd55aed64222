"""What the server imports before it forks: what nearly every notebook of this toolkit imports anyway."""

from __future__ import annotations

import importlib
from contextlib import suppress

# Imported where they are installed. None of them may start a thread or open a connection (the server counts).
MODULES = (
    "numpy", "pandas", "plotly.graph_objects", "plotly.io", "nbconvert", "nbformat", "papermill", "papermill.execute",
    "nbclient", "IPython.core.completer", "IPython.core.history", "IPython.display", "ipykernel.kernelapp",
    "evaltool", "evaltool.batch.child", "evaltool.batch.run", "evaltool.batch.partial", "ctypes",
)  # fmt: skip


def warm_imports() -> None:
    """Imports all of `MODULES`; one that is missing here is left to the notebook."""
    for name in MODULES:
        with suppress(ImportError):
            importlib.import_module(name)
