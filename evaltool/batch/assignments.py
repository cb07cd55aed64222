"""The names that a piece of code assigns: what a cell of parameters holds."""

from __future__ import annotations

import ast


def assigned_names(source: str) -> list[str]:
    """The names assigned at the top level, in order."""
    names: list[str] = []
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names
