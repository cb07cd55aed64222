"""The strict YAML dialect: every scalar stays text, and everything has a place.

PyYAML's ordinary loader turns `1.10` into 1.1, `no` into false and drops a repeated key silently. Here only its
parser is used: scalars stay text, repeated keys, anchors, aliases and tags are refused, and the
position of every key and value is kept beside the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    builder = _Builder(name, iter(yaml.parse(text, Loader=_Loader)))
    try:
        tree = builder.whole()
    except yaml.YAMLError as error:
        return Document(name, {}), [_broken(error, text, name)]
    if builder.forbidden:
        return Document(name, {}), builder.forbidden
    return Document(name, tree, builder.marks, builder.key_marks), builder.problems


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


class _Builder:
    """The tree of one file, built from the parser's events in one pass.

    `compose` would resolve anchors, aliases and tags without a trace; the events still show them. Nesting without end
    stops before it does harm.
    """

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name, self.events = name, events
        self.marks: dict[Path_, tuple[int, int]] = {}
        self.key_marks: dict[Path_, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.forbidden: list[Problem] = []

    def whole(self) -> Any:
        """The tree of the only document in the file; an empty file is an empty mapping."""
        tree: Any = {}
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    mark: Any = event.start_mark
                    raise yaml.MarkedYAMLError(problem="一个文件里有几份文档（---）", problem_mark=mark)
                tree = self.node(next(self.events), ())
        return tree

    def node(self, event: Any, path: Path_) -> Any:
        mark: Any = event.start_mark
        kind = event.__class__
        self.marks[path] = (mark.line + 1, mark.column + 1)
        self.refuse(event, kind)
        if kind is yaml.ScalarEvent:
            return None if event.style in (None, "") and event.value in ("", "null", "~") else event.value
        if kind is yaml.AliasEvent:
            return None
        if len(path) >= DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"嵌套超过 {DEEPEST} 层", problem_mark=mark)
        return self.mapping(event, path) if kind is yaml.MappingStartEvent else self.sequence(path)

    def sequence(self, path: Path_) -> list[Any]:
        items: list[Any] = []
        for event in self.events:
            if event.__class__ is yaml.SequenceEndEvent:
                break
            items.append(self.node(event, (*path, len(items))))
        return items

    def mapping(self, start: Any, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in self.events:
            if event.__class__ is yaml.MappingEndEvent:
                break
            mark = (event.start_mark.line + 1, event.start_mark.column + 1)
            place = RulePlace(self.name, *mark)
            if event.__class__ is not yaml.ScalarEvent:
                self.problems.append(Problem("S105", "键要是一个名称", do="改成普通的名称", rule=place))
                self.skip(event, path)
                self.skip(next(self.events), path)
                continue
            self.refuse(event, yaml.ScalarEvent)
            key, value = event.value, next(self.events)
            if key in result:
                first = self.key_marks[(*path, key)]
                what = f"“{key}”出现了两次，前一次在第 {first[0]} 行"
                self.problems.append(Problem("S101", what, do="只留一个", rule=place))
                self.skip(value, path)
                continue
            self.key_marks[(*path, key)] = mark
            if start.flow_style and value.start_mark.index == value.end_mark.index:
                what, why = f"“{key}”在 {{ }} 里没有值", "{ } 里的逗号会把一个值切成两个"
                do = "含逗号的公式或名称加引号，或单独占一行"
                self.problems.append(Problem("S105", what, why, do, rule=place))
            result[key] = self.node(value, (*path, key))
        return result

    def skip(self, event: Any, path: Path_) -> None:
        """Read past what is not kept, but not past what is forbidden in it."""
        other = _Builder(self.name, self.events)
        other.forbidden = self.forbidden
        other.node(event, (*path, "?"))

    def refuse(self, event: Any, kind: type) -> None:
        """Note an anchor, an alias or a tag."""
        if kind is yaml.AliasEvent:
            what = f"别名 *{event.anchor}"
        elif event.anchor is not None:
            what = f"锚点 &{event.anchor}"
        elif event.tag is not None:
            what = f"标签 {event.tag}"
        else:
            return
        place = RulePlace(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
        why = "同一处内容要在原处看得见"
        self.forbidden.append(Problem("S102", f"不允许{what}", why=why, do="把内容直接写出来", rule=place))
