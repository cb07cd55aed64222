"""The strict YAML dialect: every scalar stays text, and everything has a place.

PyYAML's ordinary loader turns `1.10` into 1.1, `no` into false and drops a repeated key silently. Here only its
parser and composer are used: scalars stay text, repeated keys, anchors, aliases and tags are refused, and the
position of every key and value is kept beside the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evaltool.problems import Problem, RulePlace

Path_ = tuple[str | int, ...]
DEEPEST = 50
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """One YAML file as plain dicts, lists and texts, with the position of every path in it.

    tree      dict | list | str | None (an empty value or `null`)
    marks     path → (line, column) of the value, both from 1
    key_marks path → (line, column) of the key
    grafts    paths that were put in from another document: (path here, that document, path there)
    """

    file: str
    tree: Any
    marks: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    key_marks: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    grafts: tuple[tuple[Path_, Document, Path_], ...] = ()

    def grafted(self, file: str, tree: Any, grafts: tuple[tuple[Path_, Document, Path_], ...]) -> Document:
        """This document with another tree, whose parts at `grafts` stand in other documents."""
        return Document(file, tree, {}, {}, (((), self, ()), *grafts))

    def place(self, path: Path_, *, key: bool = False, node: str = "") -> RulePlace:
        """The position of `path`, or of its nearest ancestor that stands in the file."""
        path = tuple(path)
        best = max(
            (graft for graft in self.grafts if path[: len(graft[0])] == graft[0]), key=lambda g: len(g[0]), default=None
        )
        if best is not None:
            return best[1].place((*best[2], *path[len(best[0]) :]), key=key, node=node)
        while path:
            mark = (self.key_marks.get(path) if key else None) or self.marks.get(path)
            if mark:
                return RulePlace(self.file, *mark, node=node)
            path = path[:-1]
        return RulePlace(self.file, 1, 1, node=node)


def read(path: Path, shown: str | None = None) -> tuple[Document, list[Problem]]:
    """The document in `path` and what is wrong with it; `shown` is the file name that complaints print."""
    name = shown or path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(
            "S108", f"读不出 {name}（{type(error).__name__}）", do="补上文件，用 UTF-8 保存", rule=RulePlace(name)
        )
        return Document(name, {}), [problem]
    return parse(text, name)


def parse(text: str, name: str) -> tuple[Document, list[Problem]]:
    """Like `read`, from text."""
    problems: list[Problem] = []
    try:
        problems += _forbidden(text, name)
        root = yaml.compose(text, Loader=_Loader) if not problems else None
    except yaml.YAMLError as error:
        problems.append(_broken(error, text, name))
        root = None
    document = Document(name, {})
    if root is not None:
        tree = _build(root, (), document, problems)
        document = Document(name, tree, document.marks, document.key_marks)
    return document, problems


def _broken(error: Any, text: str, name: str) -> Problem:
    """What the YAML parser stumbled over; a forbidden character has only a position in the text."""
    mark = getattr(error, "problem_mark", None)
    place = RulePlace(name, mark.line + 1, mark.column + 1) if mark else RulePlace(name)
    what = getattr(error, "problem", None) or str(error)
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        place = RulePlace(name, before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        what = "有看不见的控制字符"
    return Problem("S100", f"YAML 写法有误：{what}", do="检查该处的缩进、引号、冒号和括号", rule=place)


def _forbidden(text: str, name: str) -> list[Problem]:
    """Anchors, aliases and tags; `compose` would resolve them without a trace, so the event stream is asked.

    Nesting without end stops here too, before anything that calls itself sees it.
    """
    found = []
    depth = 0
    events: Any = yaml.parse(text, Loader=_Loader)
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            place = RulePlace(name, event.start_mark.line + 1, event.start_mark.column + 1)
            return [Problem("S100", f"嵌套超过 {DEEPEST} 层", do="检查该处的缩进和括号", rule=place)]
        what = None
        if isinstance(event, yaml.AliasEvent):
            what = f"别名 *{event.anchor}"
        elif getattr(event, "anchor", None):
            what = f"锚点 &{event.anchor}"
        elif getattr(event, "tag", None):
            what = f"标签 {event.tag}"
        if what:
            place = RulePlace(name, event.start_mark.line + 1, event.start_mark.column + 1)
            found.append(
                Problem("S102", f"不允许{what}", why="同一处内容要在原处看得见", do="把内容直接写出来", rule=place)
            )
    return found


def _build(node: Any, path: Path_, document: Document, problems: list[Problem]) -> Any:
    document.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), document, problems) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, path, document, problems)
    if node.style in (None, "") and node.value in ("", "null", "~"):
        return None
    return node.value


def _build_mapping(node: Any, path: Path_, document: Document, problems: list[Problem]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        place = RulePlace(document.file, *mark)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("S105", "键要是一个名称", do="改成普通的名称", rule=place))
            continue
        key = key_node.value
        if key in result:
            first = document.key_marks[(*path, key)]
            problems.append(Problem("S101", f"“{key}”出现了两次，前一次在第 {first[0]} 行", do="只留一个", rule=place))
            continue
        document.key_marks[(*path, key)] = mark
        if value_node.start_mark.index == value_node.end_mark.index and node.flow_style:
            problems.append(
                Problem(
                    "S105",
                    f"“{key}”在 {{ }} 里没有值",
                    why="{ } 里的逗号会把一个值切成两个",
                    do="含逗号的公式或名称加引号，或单独占一行",
                    rule=place,
                )
            )
        result[key] = _build(value_node, (*path, key), document, problems)
    return result
