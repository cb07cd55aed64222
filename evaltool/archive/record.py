"""round.yaml: what a person decides about a round. Read strictly: an unknown key is refused, never ignored."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaltool.files import write_text
from evaltool.scheme import Scheme
from evaltool.scheme.dialect import Document, read

NAME, FORMAT = "round.yaml", "1"
TEMPLATE = """format: {format}
scheme: {scheme}
valid_from: {valid_from}
on: {on}
{previous}# 确认待定问题：在 accepted 下面缩进两格，每行写“编号: 谁，何时”，例如
#   Q1: 张三，2020-07-20
accepted:
"""
MOST_NAMED = 80  # names listed in a complaint
KEYS = ("format", "scheme", "valid_from", "on", "accepted")
PREVIOUS = "previous"


class RoundError(ValueError):
    """A round that cannot be worked on as it lies there: what is wrong with its record or its roster, in Chinese."""


class NotFinal(RoundError):
    """Results that were asked for as final while something is open: a sentence for each."""


@dataclass(frozen=True, slots=True)
class Record:
    """What round.yaml says.

    scheme, valid_from  the edition that was copied into the round
    on                  the day on which the round stands
    accepted            open question → who accepted our reading, and when
    previous            the folder of the round before, from this round's folder; None without
    """

    scheme: str
    valid_from: str
    on: str
    accepted: Mapping[str, str]
    previous: str | None = None


def write_record(folder: Path, scheme: Scheme, on: str, previous: Path | None = None) -> Path:
    """The record of a new round, in which nobody has accepted anything yet.

    The round before is written as it lies from here, so that both may be moved together.
    """
    line = ""
    if previous is not None:
        place = Path(os.path.relpath(previous.resolve(), folder.resolve())).as_posix()
        line = f"# 上一轮的文件夹，从本轮的文件夹算起；挪了位置就改这一行\n{PREVIOUS}: {json.dumps(place, ensure_ascii=False)}\n"
    text = TEMPLATE.format(format=FORMAT, scheme=scheme.id, valid_from=scheme.edition.valid_from, on=on, previous=line)
    return write_text(folder / NAME, text)


def read_record(folder: Path) -> Record:
    """The record of the round in `folder`. Raises RoundError with every slip and its place."""
    document, problems = read(folder / NAME)
    slips = [str(problem) for problem in problems] or list(_slips(document))
    if slips:
        raise RoundError(f"{folder / NAME} 有误：\n" + "\n".join(slips))
    tree = document.tree
    accepted = {key: " ".join(str(said).split()) for key, said in (tree["accepted"] or {}).items()}
    return Record(tree["scheme"], tree["valid_from"], tree["on"], accepted, tree.get(PREVIOUS))


def _slips(document: Document) -> Iterable[str]:
    tree = document.tree
    if not isinstance(tree, dict):
        yield f"{NAME}：要写成“键: 值”，每行一个"
        return

    def at(*path: str) -> str:
        return str(document.place(path, key=True))

    for key in tree:
        if key not in (*KEYS, PREVIOUS):
            yield f"{at(key)}：不认识的键“{key}”{nearest(key, (*KEYS, PREVIOUS))}"
    for key in KEYS:
        if key not in tree:
            yield f"{NAME}：缺少 {key}"
    for key in ("format", "scheme", "valid_from", "on", PREVIOUS):
        if key in tree and not isinstance(tree[key], str):
            yield f"{at(key)}：{key} 要写一个值"
    if isinstance(tree.get("format"), str) and tree["format"] != FORMAT:
        yield f"{at('format')}：格式 {tree['format']} 不认识，本程序用的是 {FORMAT}"
    for key in ("valid_from", "on"):
        if isinstance(tree.get(key), str) and not is_day(tree[key]):
            yield f"{at(key)}：{key} 要写成 2020-06-30 的样子，现在是“{tree[key]}”"
    yield from _accepted_slips(tree.get("accepted"), at)


def _accepted_slips(accepted: Any, at: Any) -> Iterable[str]:
    if not isinstance(accepted, dict | None):
        yield f"{at('accepted')}：accepted 下面每行写一个待定问题的编号，冒号后写谁在何时确认"
        return
    for key, said in (accepted or {}).items():
        if not isinstance(said, str) or not said.strip():
            yield f"{at('accepted', key)}：{key} 没有写谁在何时确认，例如 {key}: 张三，2020-07-20"


def check_record(record: Record, scheme: Scheme) -> None:
    """Raises RoundError where the record speaks of another edition, or of questions that this one does not have."""
    slips = []
    if (record.scheme, record.valid_from) != (scheme.id, scheme.edition.valid_from.isoformat()):
        slips.append(f"scheme/ 里的指标体系是 {scheme.key}，{NAME} 写的是 {record.scheme}@{record.valid_from}")
    known = scheme.edition.open_questions
    slips += [f"accepted 里的“{key}”不是待定问题{nearest(key, known)}" for key in record.accepted if key not in known]
    if slips:
        raise RoundError(f"{NAME} 有误：\n" + "\n".join(slips))


def is_day(text: str) -> bool:
    """Whether `text` is a day as 2020-06-30."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def nearest(name: str, known: Iterable[str]) -> str:
    """“；是不是 …？” with the nearest name, or all of them where they are few."""
    names = list(known)
    found = difflib.get_close_matches(name, names, 1, 0.5)
    if found:
        return f"；是不是 {found[0]}？"
    return f"；可用：{'、'.join(names) or '无'}" if len(names) <= MOST_NAMED else ""
