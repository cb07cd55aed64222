"""What papermill does to parameters, undone or refused: unknown names, and codes that became numbers."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

from evaltool.batch.assignments import assigned_names

INJECTED = "# Parameters"  # the first line of the cell that papermill puts in


def refuse_unknown(known: Sequence[str]) -> None:
    """Raises ValueError if papermill passed a parameter that the notebook lacks (papermill only warns)."""
    unknown = [
        name
        for source in _cells_so_far()
        if source.startswith(INJECTED)
        for name in assigned_names(source)
        if name not in known
    ]
    if unknown:
        raise ValueError(f"不认识的参数：{'、'.join(unknown)}；这个笔记本的参数是：{'、'.join(known)}")


def _cells_so_far() -> list[str]:
    """The sources of the cells that this kernel has run; none outside a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return [] if shell is None else [str(source) for source in shell.user_ns.get("In", [])]


def code_of(codes: Collection[str], given: str | int) -> str:
    """The code of the roster that is meant: papermill's `-p county_code 010101` arrives as the number 10101.

    Raises KeyError for a code that is not in the roster, TypeError for what is no code at all.
    """
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise TypeError('county_code 要是文字，如 "420901"')
    if isinstance(given, str):
        if given in codes:
            return given
    else:
        meant = [code for code in codes if code.isdigit() and int(code) == given]
        if len(meant) == 1:
            return meant[0]
    first = "、".join(list(codes)[:20])
    raise KeyError(f"名册里没有代码 {given}；名册里的代码：{first}{'……' if len(codes) > 20 else ''}")
