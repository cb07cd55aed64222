"""What a batch is asked to do and how it went: records that pass between processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

OK = "ok"
FAILED = "failed"
EXITED = "exited"
KILLED = "killed"
TIMEOUT = "timeout"
MEMORY = "memory"
OUTPUT = "output"
INCOMPLETE = "incomplete"
DISK = "disk"
REFUSED = "refused"

# state → how a person calls it
STATES = {
    OK: "完成",
    FAILED: "单元出错",
    EXITED: "单元自行退出",
    KILLED: "进程中途终止",
    TIMEOUT: "超时",
    MEMORY: "内存超限",
    OUTPUT: "输出过多",
    INCOMPLETE: "没有做完",
    DISK: "写不了文件",
    REFUSED: "没有运行",
}

DIRECT, FORKED, PLAIN = "direct", "forked", "plain"
ENGINES = {DIRECT: "直接（分叉进程，不经内核通信）", FORKED: "分叉内核", PLAIN: "papermill 原样"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one notebook may take before it is stopped. Seconds are by the clock, memory is private to the process."""

    seconds: float = 1800
    cell_seconds: float = 600
    memory_mb: int = 2048
    output_mb: int = 64


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook to be run.

    key         unique in the batch
    name        what a person calls it
    notebook    absolute path
    parameters  all text: anything else papermill would paste into code
    folder      where the outputs belong, relative to the batch's root
    finish      "module:function", called with the executed notebook; without it only report.ipynb is written
    options     JSON for `finish`
    """

    key: str
    name: str
    notebook: str
    parameters: Mapping[str, str]
    folder: str
    finish: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one task went.

    cell       where it stopped, from 1; 0 where no cell is to blame
    reason     in Chinese; empty if it went well
    seconds    by the clock; `cpu` of the process and its children; `memory_mb` private memory of the process at its end
    engine     direct, forked or plain
    attempts   how often it was tried in this run
    """

    key: str
    name: str
    state: str
    cell: int = 0
    reason: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    memory_mb: float = 0.0
    engine: str = DIRECT
    attempts: int = 1
    folder: str = ""

    def record(self) -> dict[str, Any]:
        return asdict(self)


def outcome_of(record: Mapping[str, Any]) -> Outcome:
    """The outcome that `Outcome.record` wrote."""
    return Outcome(**{item.name: record[item.name] for item in fields(Outcome) if item.name in record})
