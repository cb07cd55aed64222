"""Editions written as changes to another one: an amending notice (`amends:`), a lower level's own rules (`extends:`).

Both name one edition (`id@date`), what they `set:`, and what they `add:`; a notice may also `drop:`. Every change cites
its source. The upper edition's text stays where it is: the merged documents keep the place of every line, so that a
complaint names the file that a person must open. What a lower level may touch stands in the upper edition's `open:`.
"""

from __future__ import annotations

import copy
import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

import indicators
from evaltool.problems import Problem
from evaltool.scheme.dialect import Document, Path_
from evaltool.scheme.fields import Format, Model
from evaltool.scheme.values import Day, Id, Words, read_quantity

UPPER = "upper"  # where a round keeps the edition that its own one changes
HEAD = ("id", "name", "valid_from", "valid_to", "checked_on", "status", "ours", "subject")
FREE = ("open_questions", "not_scored")  # what a lower level may always say of itself


class Cited(Model):
    cite: Annotated[list[Words], Field(min_length=1)]


class Change(Cited):
    to: Any


class Changes(Model):
    """scheme.yaml of an edition that changes another one."""

    format: Format
    amends: Words | None = None
    extends: Words | None = None
    id: Words | None = None
    name: Words | None = None
    valid_from: Day
    valid_to: Day | None
    checked_on: Day | None = None
    status: Words | None = None
    ours: list[Words] | None = None
    subject: Words | None = None
    set: dict[Words, Change] = {}
    add: dict[Id, Any] = {}
    drop: dict[Words, Cited] = {}
    open: dict[Words, Words] = {}


def reference(document: Document) -> tuple[str, str] | None:
    """(`amends` or `extends`, the edition named) of a file that changes another one."""
    tree = document.tree if isinstance(document.tree, dict) else {}
    for kind in ("amends", "extends"):
        if isinstance(tree.get(kind), str):
            return kind, tree[kind]
    return None


def find_upper(folder: Path, named: str, roots: Iterable[Path] = ()) -> Path | None:
    """The folder of the edition `id@date`: beside a round's copy, among an office's own editions, or in the package."""
    if (folder / UPPER).is_dir():
        return folder / UPPER
    scheme_id, _, day = named.partition("@")
    own = [folder.parents[2]] if len(folder.parents) > 2 else []
    for root in (*own, *roots, Path(str(indicators.root()))):
        found = root / scheme_id / day
        if (found / "scheme.yaml").is_file():
            return found
    return None


@dataclass
class Merge:
    """The upper edition's documents being changed by the own ones."""

    kind: str
    own: dict[str, Document]
    upper: dict[str, Document]
    changes: Changes
    problems: list[Problem] = field(default_factory=list)
    grafts: list[tuple[Path_, Document, Path_]] = field(default_factory=list)
    allowed: dict[str, str] = field(default_factory=dict)

    def complain(self, code: str, at: Path_, what: str, do: str, why: str = "") -> None:
        place = self.own["scheme.yaml"].place(at, key=True)
        self.problems.append(Problem(code, what, why, do, rule=place))

    def documents(self) -> dict[str, Document]:
        """The merged scheme.yaml, sources.yaml and cases.yaml."""
        return {"scheme.yaml": self._scheme(), "sources.yaml": self._sources(), "cases.yaml": self._cases()}

    # scheme.yaml

    def _scheme(self) -> Document:
        base, mine = self.upper["scheme.yaml"], self.own["scheme.yaml"]
        tree = copy.deepcopy(base.tree)
        self._identity(tree)
        for key in (*HEAD, self.kind):
            if key in mine.tree:
                tree[key] = mine.tree[key]
                self.grafts.append(((key,), mine, (key,)))
        if self.kind == "extends":
            self._opens(tree)
        for path, dropped in self.changes.drop.items():
            self._drop(tree, path, dropped.cite)
        for path, change in self.changes.set.items():
            self._set(tree, path, change)
        for section, items in self.changes.add.items():
            self._add(tree, section, items)
        return base.grafted(mine.file, tree, tuple(self.grafts))

    def _identity(self, tree: dict[str, Any]) -> None:
        changes = self.changes
        if self.kind == "amends":
            if changes.id not in (None, tree.get("id")):
                self.complain("S216", ("id",), "修改通知的 id 要与被修改的一致", "删去 id，或改成同一个")
            if str(changes.valid_from) <= str(tree.get("valid_from")):
                self.complain("S213", ("valid_from",), "修改通知的生效日不晚于被修改的版本", "改正 valid_from")
            return
        if changes.id in (None, tree.get("id")):
            self.complain("S216", ("extends",), "下级的指标体系要有自己的 id", "写 id: 发文方/体系")
        for path in changes.drop:
            self.complain("S217", ("drop", path), f"下级不能删去上级的“{path}”", "删去这一条；只有修改通知能写 drop")

    def _opens(self, tree: dict[str, Any]) -> None:
        """What this level opens to the next one: never more than was open to itself, and nothing unless it says so."""
        mine = self.own["scheme.yaml"].tree.get("open") or {}
        for path in mine:
            if path not in (tree.get("open") or {}):
                what = f"上级没有放开“{path}”，这里不能再往下放开"
                self.complain("S217", ("open", path), what, "删去这一条", "下级只能放开上级放开给它的内容")
        self.allowed = tree.get("open") or {}
        tree["open"] = mine
        self.grafts.append((("open",), self.own["scheme.yaml"], ("open",)))

    def _cites_own(self, at: Path_, cites: list[str]) -> None:
        """A change rests on the paper that makes it."""
        keys = {key for key in self.own["sources.yaml"].tree or {} if key != "format"}
        if not any(cite.partition("/")[0] in keys for cite in cites):
            what = f"改动没有引用自己的文件（{'、'.join(sorted(keys)) or '还没有写'}）"
            self.complain("S202", at, what, "cite 里写上本文件的条款")

    def _drop(self, tree: dict[str, Any], path: str, cites: list[str]) -> None:
        self._cites_own(("drop", path), cites)
        for cite in cites:  # the clause that takes something away counts nowhere else
            tree.setdefault("not_scored", {}).setdefault(cite, f"删去 {path}")
            self.grafts.append((("not_scored", cite), self.own["scheme.yaml"], ("drop", path, "cite")))
        parts = _parts(path)
        holder = _at(tree, parts[:-1])
        if holder is None or _at(tree, parts) is None:
            self._unknown(("drop", path), tree, path)
        else:
            holder.pop(parts[-1])

    def _set(self, tree: dict[str, Any], path: str, change: Change) -> None:
        parts = _parts(path)
        at: Path_ = ("set", path, "to")
        if parts[0] in (*HEAD, "format", "amends", "extends", "open"):
            self.complain("S105", ("set", path), f"“{path}”不写在 set 里", "直接写在文件开头")
            return
        self._cites_own(("set", path), change.cite)
        holder = _at(tree, parts[:-1])
        # a notice may give a key that was not written before; what is open to a lower level is always written
        written = isinstance(holder, dict | list) and _in(holder, parts[-1])
        if not written and (self.kind == "extends" or not isinstance(holder, dict)):
            self._unknown(("set", path), tree, path)
            return
        if self.kind == "extends":
            self._allow(path, _at(tree, parts), change.to, at)
        _put(holder, parts[-1], change.to)
        self.grafts.append((parts, self.own["scheme.yaml"], at))
        self._cite(tree, parts, change.cite, path)

    def _cite(self, tree: dict[str, Any], parts: Path_, cites: list[str], path: str) -> None:
        """What is changed cites the notice beside its own clause."""
        for size in range(len(parts) - 1, 0, -1):
            holder = _at(tree, parts[:size])
            if isinstance(holder, dict) and isinstance(holder.get("cite"), list):
                for cite in cites:
                    holder["cite"].append(cite)
                    place = (*parts[:size], "cite", len(holder["cite"]) - 1)
                    self.grafts.append((place, self.own["scheme.yaml"], ("set", path, "cite")))
                return

    def _add(self, tree: dict[str, Any], section: str, items: Any) -> None:
        at: Path_ = ("add", section)
        here = tree.setdefault(section, [] if isinstance(items, list) else {})
        if type(here) is not type(items) or section in HEAD:
            self.complain("S105", at, f"add 里不能写“{section}”", "写 fields、lists、indicators、events、duties 等一组")
            return
        if self.kind == "extends" and section not in FREE:
            self._may_add(section, items)
        for key, item in enumerate(items) if isinstance(items, list) else items.items():
            if isinstance(here, list):
                here.append(item)
                self.grafts.append(((section, len(here) - 1), self.own["scheme.yaml"], (*at, key)))
            elif key in here:
                self.complain("S201", (*at, key), f"“{key}”在上级里已有", "换一个名称；要改它，写在 set 里")
            else:
                here[key] = item
                self.grafts.append(((section, key), self.own["scheme.yaml"], (*at, key)))

    def _may_add(self, section: str, items: Any) -> None:
        allowed = self.allowed.get(section)
        if allowed is None:
            why = "下级只能动上级在 open 里放开的内容"
            self.complain(
                "S217", ("add", section), f"上级没有放开增加 {section}", f"删去，或请上级在 open 里写 {section}", why
            )
        elif section == "indicators" and allowed != "count":
            upper = self.upper["scheme.yaml"].tree.get("indicators", {})
            for key, item in items.items():
                if isinstance(item, dict) and item.get("in") in upper:
                    what = f"“{key}”不能计入上级的“{item['in']}”"
                    why = "上级只允许自设指标列在总分旁边（open 里写的是 beside）"
                    self.complain("S217", ("add", section, key, "in"), what, "去掉 in，单独列示", why)

    def _allow(self, path: str, old: Any, new: Any, at: Path_) -> None:
        """A lower level may change what is open (or a branch of it), and only in the direction that is open."""
        ways = {open_: way for open_, way in self.allowed.items() if way in ("higher", "lower", "any")}
        known = [open_ for open_ in ways if path == open_ or path.startswith(f"{open_}.")]
        if not known:
            why = "下级只能动上级在 open 里放开的内容"
            near = difflib.get_close_matches(path, list(ways), 1, 0.6)
            do = f"是不是“{near[0]}”？" if near else "删去这一条"
            self.complain("S217", ("set", path), f"上级没有放开“{path}”", do, why)
        elif isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
            for key in old:
                if key != "by":
                    self._directed(f"{path}.{key}", ways[known[0]], old[key], new[key], (*at, key))
        else:
            self._directed(path, ways[known[0]], old, new, at)

    def _directed(self, path: str, allowed: str, old: Any, new: Any, at: Path_) -> None:
        if allowed not in ("higher", "lower"):
            return
        try:
            before, after = read_quantity(old), read_quantity(new)
        except ValueError:
            self.complain("S105", at, f"“{path}”只能改成一个数", "写一个数或比例；按类别写的，各类别都要写上")
            return
        if before.share != after.share:
            self.complain("S106", at, f"“{path}”的写法与上级不同（上级写的是 {old}）", "与上级写成一样的数或比例")
        elif (after.value < before.value) if allowed == "higher" else (after.value > before.value):
            word, limit = ("提高", "低") if allowed == "higher" else ("降低", "高")
            what = f"“{path}”只能{word}：上级是 {old}，这里是 {new}"
            self.complain("S217", at, what, f"改成不{limit}于 {old}")

    def _unknown(self, at: Path_, tree: dict[str, Any], path: str) -> None:
        near = difflib.get_close_matches(path, list(_paths(tree)), 1, 0.6)
        self.complain(
            "S200",
            at,
            f"上级没有“{path}”",
            f"是不是“{near[0]}”？" if near else "写上级里已有的路径，如 indicators.A1.points",
        )

    # sources.yaml and cases.yaml

    def _sources(self) -> Document:
        base, mine = self.upper["sources.yaml"], self.own["sources.yaml"]
        tree, own = dict(base.tree), mine.tree if isinstance(mine.tree, dict) else {}
        grafts = []
        for key, source in own.items():
            if key in tree and key != "format":
                place = mine.place((key,), key=True)
                self.problems.append(Problem("S201", f"文件“{key}”在上级里已有", do="换一个短名", rule=place))
            tree[key] = source
            grafts.append(((key,), mine, (key,)))
        return base.grafted(mine.file, tree, tuple(grafts))

    def _cases(self) -> Document:
        """The upper edition's cases still hold, but for those that a case of the same name replaces."""
        base, mine = self.upper["cases.yaml"], self.own["cases.yaml"]
        own = mine.tree if isinstance(mine.tree, dict) else {}
        cases: list[Any] = []
        grafts: list[tuple[Path_, Document, Path_]] = [(("format",), mine, ("format",))]
        names = {case.get("name") for case in own.get("cases") or [] if isinstance(case, dict)}
        for document, tree in ((base, base.tree), (mine, own)):
            for i, case in enumerate(tree.get("cases") or []):
                if document is base and case.get("name") in names:
                    continue
                grafts.append((("cases", len(cases)), document, ("cases", i)))
                cases.append(case)
        facts = {**(base.tree.get("base") or {}), **(own.get("base") or {})}
        grafts += [(("base", key), mine, ("base", key)) for key in own.get("base") or {}]
        tree = {"format": own.get("format"), "base": facts, "cases": cases}
        return base.grafted(mine.file, tree, tuple(grafts))


def _parts(path: str) -> Path_:
    return tuple(int(part) if part.isdigit() else part for part in path.split("."))


def _in(holder: Any, key: str | int) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


def _at(tree: Any, parts: Path_) -> Any:
    """What stands at a path, or None."""
    for part in parts:
        if not isinstance(tree, dict | list) or not _in(tree, part):
            return None
        tree = tree[part]  # type: ignore[index]
    return tree


def _put(holder: Any, key: str | int, value: Any) -> None:
    holder[key] = value


def _paths(tree: Any, so_far: str = "") -> Iterator[str]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        path = f"{so_far}.{key}" if so_far else str(key)
        yield path
        yield from _paths(value, path)


def day_before(day: dt.date) -> dt.date:
    """The last day on which an amended edition is in force."""
    return day - dt.timedelta(days=1)
