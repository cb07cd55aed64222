"""Which way a notebook is run: directly, by a forked kernel, or by papermill as it is. The fastest that is sure."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evaltool.batch.task import DIRECT, FORKED, PLAIN

# With these the direct way was compared with papermill, cell by cell (tests/batch/test_zoo.py). Another major version
# may speak otherwise to its shell.
IPYKERNEL = (7, 8)
OURS = "python3"

# What a cell says that wants a real channel between notebook and kernel → why
_CHANNEL = {
    r"ipywidgets|\bFigureWidget\b|anywidget|tqdm\.notebook": "用了控件（widget）",
    r"\bComm\(|create_comm|comm_manager": "自己与前端通信（comm）",
    r"%(connect_info|qtconsole|gui)\b|get_connection_(file|info)|iopub_socket|shell_stream": "要用内核的通信端口",
}
_DEBUGGER = r"\bbreakpoint\(\)|set_trace\(|%debug\b|%pdb\b"  # only a kernel that was started has one


@dataclass(frozen=True, slots=True)
class Level:
    """name: direct, forked or plain; why: what decided it, in Chinese, empty for the fastest way."""

    name: str
    why: str = ""


def can_fork() -> str:
    """Why notebooks cannot be run by forking here; empty if they can."""
    if not sys.platform.startswith("linux") or not hasattr(os, "fork"):
        return f"本系统（{sys.platform}）不能安全地分叉进程"
    return ""


def level_of(notebook: Any, kernel_name: str | None = None) -> Level:
    """The level for one notebook. `kernel_name` overrides what the notebook asks for."""
    if why := can_fork():
        return Level(PLAIN, why)
    # papermill imports the engines that are registered with it, so it cannot be imported above
    from papermill.utils import nb_kernel_name, nb_language

    try:
        name = nb_kernel_name(notebook, kernel_name)
        language = nb_language(notebook)
    except ValueError:
        name, language = kernel_name or OURS, "python"
    if language != "python" or not _is_ours(name):
        return Level(PLAIN, f"笔记本要用另外的内核“{name}”")
    major = int(version("ipykernel").split(".")[0])
    if not IPYKERNEL[0] <= major < IPYKERNEL[1]:
        return Level(FORKED, f"ipykernel {version('ipykernel')} 没有核对过")
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    if any(re.search(_DEBUGGER, source) for source in sources):
        return Level(PLAIN, "要用调试器")
    for pattern, why in _CHANNEL.items():
        if any(re.search(pattern, source) for source in sources):
            return Level(FORKED, why)
    return Level(DIRECT)


def _is_ours(name: str) -> bool:
    """Whether a kernel is this interpreter's ipykernel. `python3` always is: what a user has registered under that
    name on his own machine must not decide a report."""
    if name == OURS:
        return True
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        arguments = KernelSpecManager().get_kernel_spec(name).argv
    except NoSuchKernel:
        return False
    here = Path(arguments[0]).exists() and Path(arguments[0]).samefile(sys.executable)
    return here and any("ipykernel" in argument for argument in arguments)
