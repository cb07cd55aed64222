"""From a folder of YAML files to a checked `Scheme`, or to every complaint with file, line and column."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from evaltool.problems import Problem, RulePlace, SchemeError
from evaltool.scheme import dialect
from evaltool.scheme.checks import resolve
from evaltool.scheme.confirmations import with_confirmations
from evaltool.scheme.dialect import Document
from evaltool.scheme.layering import UPPER, Changes, Merge, find_upper, reference
from evaltool.scheme.models import Edition
from evaltool.scheme.papers import Cases, Source
from evaltool.scheme.schemas import keys_at
from evaltool.scheme.scheme import Scheme

FILES = ("scheme.yaml", "sources.yaml", "cases.yaml")
M = TypeVar("M", bound=BaseModel)


def load_folder(folder: Path, roots: Iterable[Path] = ()) -> Scheme:
    """The checked edition in `folder`. Raises SchemeError with everything that is wrong, in reading order.

    roots  where else an edition lies that this one amends or extends
    """
    scheme, problems = examine(folder, roots)
    stops = [problem for problem in problems if problem.level == "stop"]
    if stops or scheme is None:
        raise SchemeError(stops)
    return scheme


def examine(folder: Path, roots: Iterable[Path] = ()) -> tuple[Scheme | None, list[Problem]]:
    """The edition in `folder` as far as it could be understood, and every problem found in it."""
    read = _read(folder, tuple(roots), ())
    documents, problems = read.documents, read.problems
    if problems:
        return None, _in_order(problems)
    edition = _model(documents["scheme.yaml"], Edition, problems)
    sources = _sources(documents["sources.yaml"], problems)
    cases = _model(documents["cases.yaml"], Cases, problems)
    if edition is None or cases is None or problems:
        return None, _in_order(problems)
    edition = with_confirmations(edition)
    scheme, found = resolve(edition, sources, cases, documents, read.folders, read.digest)
    return scheme, _in_order(problems + found)


def reload(scheme: Scheme, tree: Any) -> Scheme | None:
    """The edition with another tree in scheme.yaml and the same other files, or None where it no longer holds."""
    problems: list[Problem] = []
    document = replace(scheme.document, tree=tree)
    edition = _model(document, Edition, problems)
    if edition is None:
        return None
    documents = {"scheme.yaml": document, "sources.yaml": scheme.sources_document, "cases.yaml": scheme.cases_document}
    edition = with_confirmations(edition)
    changed, problems = resolve(edition, scheme.sources, scheme.cases, documents, scheme.folders, scheme.digest)
    return None if any(problem.level == "stop" for problem in problems) else changed


@dataclass
class _Read:
    """The documents of an edition, with what it amends or extends already merged in."""

    documents: dict[str, Document]
    problems: list[Problem]
    folders: tuple[Path, ...]
    digest: str


def _read(folder: Path, roots: tuple[Path, ...], above: tuple[Path, ...]) -> _Read:
    """`above` are the editions that asked for this one."""
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    for name in FILES:
        shown = name if not above else f"{'/'.join(folder.parts[-3:])}/{name}"
        documents[name], found = dialect.read(folder / name, shown)
        problems += found
    read = _Read(documents, problems, (folder,), "" if problems else _digest(folder))
    named = reference(documents["scheme.yaml"])
    if problems or named is None:
        return read
    kind, upper_key = named
    at = documents["scheme.yaml"].place((kind,))
    upper = find_upper(folder, upper_key, roots)
    if upper is None:
        what, do = (
            f"找不到 {kind} 的版本“{upper_key}”",
            "写成 发文方/体系@生效日期；本单位的版本用 --editions 指出所在文件夹",
        )
        problems.append(Problem("S216", what, do=do, rule=at))
    elif upper.resolve() in {one.resolve() for one in (folder, *above)}:
        chain = " → ".join("/".join(one.parts[-3:]) for one in (*above, folder, upper))
        problems.append(Problem("S216", f"互相引用成环：{chain}", do="去掉其中一个引用", rule=at))
    else:
        return _merged(read, _read(upper, roots, (*above, folder)), kind, at)
    return read


def _merged(own: _Read, upper: _Read, kind: str, at: RulePlace) -> _Read:
    changes = _model(own.documents["scheme.yaml"], Changes, own.problems)
    if upper.problems:
        first = upper.problems[0]
        own.problems.append(Problem("S216", f"被引用的版本本身有误：{first}", do="先改正那个版本", rule=at))
    if changes is None or own.problems:
        return own
    merge = Merge(kind, own.documents, upper.documents, changes)
    documents = merge.documents()
    digest = hashlib.sha256(f"{own.digest} {upper.digest}".encode()).hexdigest()
    return _Read(documents, merge.problems, (*own.folders, *upper.folders), digest)


def _digest(folder: Path) -> str:
    """The fingerprint of what decides: scheme.yaml and sources.yaml (cases are examples, not rules)."""
    total = hashlib.sha256()
    for name in ("scheme.yaml", "sources.yaml"):
        total.update((folder / name).read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()


def copy_edition(scheme: Scheme, target: Path, write: Callable[[Path, bytes], object]) -> None:
    """The files of an edition into `target`, those of the editions that it changes below it in `upper`."""
    for folder in scheme.folders:
        for name in FILES:
            write(target / name, (folder / name).read_bytes())
        target /= UPPER


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.rule.file, p.rule.line, p.rule.column))


def _sources(document: Document, problems: list[Problem]) -> dict[str, Source]:
    tree = document.tree if isinstance(document.tree, dict) else {}
    if tree.get("format") != "1":
        problems.append(Problem("S104", "sources.yaml 要写 format: 1", do="补上 format: 1", rule=document.place(())))
    made = {}
    for key, part in tree.items():
        if key == "format":
            continue
        source = _model(document, Source, problems, part, (key,))
        if source is not None:
            made[key] = source
    return made


def _model(
    document: Document, model: type[M], problems: list[Problem], tree: Any = None, at: tuple[str | int, ...] = ()
) -> M | None:
    """`model` made from the document (or from the part of it at path `at`), or None with the complaints noted."""
    try:
        return model.model_validate(document.tree if tree is None else tree)
    except ValidationError as error:
        details = error.errors(include_url=False)
        meant = {
            (*detail["loc"][:-1], _near(document, at, detail))
            for detail in details
            if detail["type"] == "extra_forbidden"
        }
        # a key that is misspelt is not also missing
        details = [d for d in details if d["type"] != "missing" or tuple(d["loc"]) not in meant]
        problems += [_translate(document, at, detail) for detail in details]
        return None


def _near(document: Document, at: tuple[str | int, ...], detail: Any) -> str:
    """The allowed key nearest to one that is not known, or nothing."""
    loc = (*at, *detail["loc"])
    near = difflib.get_close_matches(str(loc[-1]), keys_at(document.file, loc[:-1]), 1, 0.5)
    return near[0] if near else ""


def _translate(document: Document, at: tuple[str | int, ...], detail: Any) -> Problem:
    """One pydantic complaint as a located problem in Chinese."""
    loc = (*at, *detail["loc"])
    path, rest = _locate(document.tree, loc)
    kind, message = detail["type"], detail["msg"].removeprefix("Value error, ")
    key = str(loc[-1]) if loc else ""
    shown = ".".join(str(part) for part in path) or document.file
    if kind == "extra_forbidden":
        near = _near(document, at, detail)
        advice = f"是不是“{near}”？" if near else "这里可用：" + "、".join(keys_at(document.file, loc[:-1]))
        return Problem("S103", f"不认识的键“{key}”（在 {shown}）", do=advice, rule=document.place(path, key=True))
    if kind == "missing":
        where = document.place(path, key=True)
        return Problem("S104", f"{shown} 缺少“{'.'.join(map(str, rest)) or key}”", do=f"补上 {key}", rule=where)
    if message.startswith("SHARE "):
        return Problem("S106", f"{shown}：{message[6:]}", do="写成带 % 的比例", rule=document.place(path))
    if "公式" in message or "函数" in message:
        return Problem(
            "S107", f"{shown}：{message}", do="按 indicators/README.md 的公式写法改正", rule=document.place(path)
        )
    if kind == "union_tag_invalid":
        path = (*path, "kind")
    return Problem(
        "S105",
        f"{shown}：{_chinese(kind, message, detail)}",
        do=_instead(detail),
        rule=document.place(path, key=key == "[key]"),
    )


def _instead(detail: Any) -> str:
    """The nearest of the words that may stand here, else a general remedy."""
    context = detail.get("ctx", {})
    words = re.findall(r"'([^']*)'", str(context.get("expected_tags") or context.get("expected") or ""))
    given = context.get("tag") or detail["input"]
    near = difflib.get_close_matches(given, words, 1, 0.5) if isinstance(given, str) else []
    return f"是不是“{near[0]}”？" if near else "按提示的写法改正"


def _locate(tree: Any, loc: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], list[str | int]]:
    """The part of a pydantic location that stands in the file (union tags and branch names do not), and the rest."""
    path: list[str | int] = []
    rest: list[str | int] = []
    tagged: Any = None  # the rule whose kind has just been named: it may have a key of the same name (steps, levels)
    for part in loc:
        here = (isinstance(tree, dict) and part in tree) or (
            isinstance(tree, list) and isinstance(part, int) and part < len(tree)
        )
        if isinstance(tree, dict) and tree.get("kind") == part and tagged is not tree:
            tagged = tree
        elif here and not rest:
            tree = tree[part]
            path.append(part)
        elif part not in ("one", "by", "branches", "[key]"):
            rest.append(part)
    return tuple(path), rest


def _chinese(kind: str, message: str, detail: Any) -> str:
    if kind == "literal_error":
        return (
            f"只能是 {detail['ctx']['expected'].replace(' or ', '、').replace(', ', '、')}，现在是“{detail['input']}”"
        )
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return "这里要一组“键: 值”"
    if kind == "list_type":
        return "这里要一个列表，写成 [a, b]"
    if kind == "string_type":
        return "这里要一个值"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        known = detail.get("ctx", {}).get("expected_tags", "").replace("'", "")
        return f"没有这种规则；kind 可用：{known}"
    if kind == "string_pattern_mismatch":
        return f"写法不对：{detail['input']}"
    if kind in ("too_short", "too_long"):
        return "个数不对"
    return message
