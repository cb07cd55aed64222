"""The names that a piece of code assigns: what a cell of parameters holds."""

from __future__ import annotations

import ast


def assigned_names(source: str) -> list[str]:
    """The names assigned at the top level of a cell of parameters, in order. Raises ValueError for what is no Python,
    also with IPython's own lines (`%matplotlib inline`)."""
    names: list[str] = []
    for node in _parsed(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):  # only what is no plain Python is worth the import
        from IPython.core.inputtransformer2 import TransformerManager
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError as error:
        dropped = next((i for i, line in enumerate(source.splitlines()) if line.strip()), 0)  # by the transformer
        place, why = f"第 {dropped + (error.lineno or 1)} 行", error.msg
    except ValueError as error:  # characters that no source may hold
        place, why = "", str(error)
    raise ValueError(
        f"参数单元（标签为 parameters 的单元）{place}不是正确的 Python 代码（{why}）；"
        "在 JupyterLab 里改正这个单元，能运行了再用这个笔记本"
    )
