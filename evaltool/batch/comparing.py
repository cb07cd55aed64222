"""Two executed notebooks compared leaf by leaf: what `--verify` says, and what the tests of the engine rest on.

Everything counts: cells and their order, ids, sources, tags, execution counts, outputs with every mime type, and every
key of every metadata. What differs between two runs of papermill itself is excused by one of the rules in `NORMALISED`,
each of which touches as little as it can.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from itertools import groupby, zip_longest
from typing import Any

NORMALISED: Mapping[str, str] = {
    "内存地址": "对象在内存里的位置（“at 0x7f…”）每次运行都不同；只看有没有，不看数",
    "临时文件": "ipykernel 给单元起的文件名里有进程号（ipykernel_123/）；只去掉进程号，后面的部分照比",
    "进程号": "写成 pid=123、PID: 123 的进程号每次运行都不同；别处的数照比",
    "样式编号": "df.style 每次给表格随机起名（T_1a2b3）；按出现的先后编号后再比",
    "图形编号": "HTML 里的随机编号（UUID）是画图程序给图框起的名字；按出现的先后编号后再比",
    "输出分段": "内核按时钟（约 0.2 秒）送出文字，断在哪里、标准输出和标准错误谁先谁后都看快慢；中间没有别的输出时，"
    "按流的名称分别接起来再比。文字和图表之间的先后照比",
    "递归层数": "递归过深时错误经过有多少层，要看单元之前已有多少层；连着的相同各层只比一层",
    "时刻": "papermill 和 nbclient 记下的时刻和用时；只比有没有、是什么类型、写法是否相同，不比数值",
    "随机单元编号": "papermill 自己插入的单元（注入的参数、出错提示）编号是随机的；只比有没有",
}

_ADDRESS = re.compile(r"(?<= at 0x)[0-9A-Fa-f]{6,16}\b")
_TEMPORARY = re.compile(r"(?<=ipykernel_)[0-9]+(?=[/\\])")
_PROCESS = re.compile(r"(?i)(\bpid(?:=|:? ))[0-9]+\b")
_STYLE = re.compile(r"(?<![0-9A-Za-z_])T_[0-9a-f]{5}(?![0-9A-Za-z])")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
_FRACTION = re.compile(r"(?<=:[0-9]{2})\.[0-9]{1,6}")
_OWN_TAGS = {"injected-parameters", "papermill-error-cell-tag"}  # cells that papermill makes
_CLOCK = {"start_time", "end_time", "duration"}
_SHOWN = 60  # characters of a value in a line
_SAID = {
    "cell_type": "单元类型", "id": "单元编号", "source": "源文", "execution_count": "执行序号", "metadata": "元数据",
    "attachments": "附件", "output_type": "输出类型", "name": "流的名称", "text": "文字", "data": "内容", "ename": "错误名称",
    "evalue": "错误说明", "traceback": "错误经过", "outputs": "输出",
}  # fmt: skip

_Path = tuple[str, ...]
_Ignored = Callable[[_Path], bool]


class _Absent:
    """What stands where one side has nothing."""


_ABSENT = _Absent()


def differences(ours: Any, reference: Any, *, ignore: Iterable[str] = ()) -> list[str]:
    """Every difference between two executed notebooks (as nbformat reads them), one Chinese line each; [] = equal.

    `ignore` names places to leave out by the end of their dotted name: "id" (of every cell), "papermill.output_path".
    Raises TypeError if either is not a notebook.
    """
    for notebook in (ours, reference):
        if not isinstance(notebook, Mapping) or not isinstance(notebook.get("cells"), Sequence):
            raise TypeError(f"不是笔记本：{type(notebook).__name__}")
        if not all(isinstance(cell, Mapping) for cell in notebook["cells"]):
            raise TypeError("不是笔记本：有的单元不是对象")
    if isinstance(ignore, str):
        raise TypeError("ignore 要是一组名字，不是一个文字")
    ends = tuple("." + name for name in ignore)

    def ignored(path: _Path) -> bool:
        return bool(ends) and ("." + ".".join(path)).endswith(ends)

    found: list[str] = []
    whole = [{key: value for key, value in side.items() if key != "cells"} for side in (ours, reference)]
    for path, one, other in _leaves(whole[0], whole[1], (), ignored):
        found.append(_line("笔记本", path, one, other))
    for number, (one, mine), (other, theirs) in _paired(ours["cells"], reference["cells"], _cell_key):
        if one is _ABSENT:
            found.append(f"{_cell(number)}之前少了一个单元：对照第 {theirs} 个单元是 {_shown(other)}")
        elif other is _ABSENT:
            found.append(f"{_cell(mine)}是多出来的：{_shown(one)}")
        else:
            found.extend(_in_cell(one, other, _cell(mine), ignored))
    return found


# --- cells and outputs ---


def _in_cell(ours: Any, reference: Any, where: str, ignored: _Ignored) -> Iterator[str]:
    sides = []
    for cell in (ours, reference):
        side = {key: value for key, value in cell.items() if key != "outputs"}
        if "id" in side and _OWN_TAGS & _tags(ours) & _tags(reference):
            side["id"] = type(side["id"]).__name__
        sides.append(side)
    for path, one, other in _leaves(sides[0], sides[1], (), ignored):
        yield _line(where, path, one, other)
    lists = [cell.get("outputs", _ABSENT) for cell in (ours, reference)]
    if ignored(("outputs",)):
        return
    if any(not isinstance(outputs, Sequence) for outputs in lists):
        for path, one, other in _leaves(lists[0], lists[1], ("outputs",), ignored):
            yield _line(where, path, one, other)
        return
    merged = [_merged(outputs) for outputs in lists]
    for number, (one, mine), (other, _) in _paired(merged[0], merged[1], _output_key):
        if one is _ABSENT:
            yield f"{where}第 {number} 个输出之前少了一个输出：对照有 {_output(other)}"
        elif other is _ABSENT:
            yield f"{where}第 {mine} 个输出是多出来的：{_output(one)}"
        else:
            for path, leaf, other_leaf in _leaves(one, other, ("outputs",), ignored):
                yield _line(f"{where}第 {mine} 个输出", path[1:], leaf, other_leaf)


def _merged(outputs: Sequence[Any]) -> list[Any]:
    """Normalised outputs; streams in a row become one per name, standard output first."""

    def run(item: Any) -> str:
        stream = isinstance(item, Mapping) and item.get("output_type") == "stream"
        return "stream" if stream and all(isinstance(item.get(key), str) for key in ("name", "text")) else str(id(item))

    merged: list[Any] = []
    for kind, items in groupby(outputs, run):
        if kind != "stream":
            merged.extend(_plain(item) for item in items)
            continue
        texts: dict[str, dict[str, Any]] = {}
        for item in items:
            kept = texts.setdefault(item["name"], {**item, "text": ""})
            kept["text"] += item["text"]
        merged.extend(_plain(texts[name]) for name in sorted(texts, reverse=True))
    return merged


def _plain(output: Any) -> Any:
    """An output after the rules for texts. Names, types and metadata stay as they are."""
    if not isinstance(output, Mapping):
        return output
    ruled = dict(output)
    for key in ("text", "evalue", "traceback"):
        if key in ruled:
            ruled[key] = _each(ruled[key], _ruled)
    if ruled.get("ename") == "RecursionError" and isinstance(ruled.get("traceback"), list):
        ruled["traceback"] = [line for line, _ in groupby(ruled["traceback"])]
    if isinstance(data := ruled.get("data"), Mapping):
        ruled["data"] = {
            mime: _each(value, _ruled_html if mime in ("text/html", "image/svg+xml") else _ruled)
            if not mime.startswith(("image/", "application/pdf")) or mime == "image/svg+xml"
            else value
            for mime, value in data.items()
        }
    return ruled


def _each(value: Any, rule: Callable[[str], str]) -> Any:
    """The rule on every text of a JSON value; keys are left alone."""
    if isinstance(value, str):
        return rule(value)
    if isinstance(value, Mapping):
        return {key: _each(inner, rule) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each(inner, rule) for inner in value]
    return value


def _ruled(text: str) -> str:
    text = _ADDRESS.sub("…", text)
    text = _TEMPORARY.sub("…", text)
    return _PROCESS.sub(r"\1…", text)


def _ruled_html(text: str) -> str:
    """Names drawn at random get the number of their first appearance, so that equal ones stay equal."""
    for pattern, start in ((_STYLE, "T_"), (_UUID, "编号")):
        seen: dict[str, str] = {}
        text = pattern.sub(partial(_numbered, seen=seen, start=start), text)
    return _ruled(text)


def _numbered(match: re.Match[str], seen: dict[str, str], start: str) -> str:
    return seen.setdefault(match[0], f"{start}{len(seen) + 1}")


def _tags(cell: Any) -> set[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else ()
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list | tuple) else set()


# --- pairs ---


def _paired(
    ours: Sequence[Any], reference: Sequence[Any], key: Callable[[Any], str]
) -> Iterator[tuple[int, tuple[Any, int], tuple[Any, int]]]:
    """Pairs (item, number from 1) of both sides; equal keys meet, what lies between meets in order, the rest meets
    nothing. The first number is where we are on our side.
    """
    keys = [list(map(key, side)) for side in (ours, reference)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for _, start, stop, other_start, other_stop in matcher.get_opcodes():
        for one, other in zip_longest(range(start, stop), range(other_start, other_stop)):
            yield (
                (stop if one is None else one) + 1,
                (_ABSENT, 0) if one is None else (ours[one], one + 1),
                (_ABSENT, 0) if other is None else (reference[other], other + 1),
            )


def _cell_key(cell: Any) -> str:
    return json.dumps([cell.get("cell_type"), cell.get("source")], default=str)


def _output_key(output: Any) -> str:
    return json.dumps(output, sort_keys=True, default=str)


# --- leaves ---


def _leaves(ours: Any, reference: Any, path: _Path, ignored: _Ignored) -> Iterator[tuple[_Path, Any, Any]]:
    """Places that differ, with both values; `_ABSENT` where a side has nothing. Types count: 1 is not True, nor 1.0."""
    if ignored(path):
        return
    if isinstance(ours, Mapping) and isinstance(reference, Mapping):
        for key in sorted({*ours, *reference}, key=str):
            sides = (ours.get(key, _ABSENT), reference.get(key, _ABSENT))
            yield from _leaves(*sides, (*path, str(key)), ignored)
    elif isinstance(ours, list | tuple) and isinstance(reference, list | tuple):
        for number, sides in enumerate(zip_longest(ours, reference, fillvalue=_ABSENT), 1):
            yield from _leaves(*sides, (*path, str(number)), ignored)
    elif not _same(*(_timeless(side, path) for side in (ours, reference))):
        yield path, ours, reference


def _same(ours: Any, reference: Any) -> bool:
    if isinstance(ours, float) and isinstance(reference, float) and math.isnan(ours) and math.isnan(reference):
        return True
    return _kind(ours) is _kind(reference) and bool(ours == reference)


def _kind(value: Any) -> type:
    """Subclasses of nbformat and of enumerations count as what they are in JSON."""
    for kind in (bool, str, int, float):
        if isinstance(value, kind):
            return kind
    return Mapping if isinstance(value, Mapping) else type(value)


def _timeless(value: Any, path: _Path) -> Any:
    """Clock times without their value: what is left is their type and the way they are written."""
    if len(path) < 3 or path[0] != "metadata":
        return value
    clock = (path[1] == "papermill" and len(path) == 3 and path[2] in _CLOCK) or path[1] == "execution"
    if not clock or value is None or isinstance(value, bool | _Absent):
        return value
    if isinstance(value, int | float):
        return "用时"
    return re.sub("[0-9]", "9", _FRACTION.sub("", value)) if isinstance(value, str) else value


# --- what is said ---


def _cell(number: int) -> str:
    return f"第 {number} 个单元"


def _output(output: Any) -> str:
    if not isinstance(output, Mapping):
        return _shown(output)
    kind = str(output.get("output_type"))
    if kind == "stream":
        return f"{output.get('name')} {_shown(output.get('text'))}"
    if kind == "error":
        return f"{output.get('ename')} {_shown(output.get('evalue'))}"
    data = output.get("data", "")
    first = next(iter(data.values()), "") if isinstance(data, Mapping) else data
    return f"{kind}（{'、'.join(data)}）{_shown(first)}"


def _line(where: str, path: _Path, ours: Any, reference: Any) -> str:
    said = [_SAID.get(path[0], path[0]), *path[1:]] if path else []
    start = _first_difference(ours, reference)
    return f"{where}的{' · '.join(said)}：本次是 {_shown(ours, start)}，对照是 {_shown(reference, start)}"


def _first_difference(ours: Any, reference: Any) -> int:
    if not isinstance(ours, str) or not isinstance(reference, str):
        return 0
    # comparing by halves: texts may have megabytes
    low, high = 0, min(len(ours), len(reference))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if ours[low:middle] == reference[low:middle] else (low, middle - 1)
    return low


def _shown(value: Any, start: int = 0) -> str:
    """A value in a line: texts quoted and cut around `start`, other values as JSON, cut."""
    if isinstance(value, _Absent):
        return "（没有）"
    if isinstance(value, Mapping) and "source" in value:
        return _shown(value["source"])
    if not isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return _printable(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
    begin = max(0, start - _SHOWN // 4) if len(value) > _SHOWN else 0
    cut = value[begin : begin + _SHOWN]
    quoted = json.dumps(cut, ensure_ascii=False)[1:-1]
    more = "…" if begin + _SHOWN < len(value) else ""
    size = f"（共 {len(value)} 字）" if len(value) > _SHOWN else ""
    return f"“{'…' if begin else ''}{_printable(quoted)}{more}”{size}"


def _printable(text: str) -> str:
    """Half characters cannot be written in UTF-8; they are shown by their code."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
