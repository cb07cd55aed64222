"""What differs between two editions in meaning, each thing said once. The order of things in a file says nothing."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evaltool.documents import aspects as a
from evaltool.documents.aspects import Aspect, Aspects, Side, named
from evaltool.documents.scoring_aspects import of_indicator
from evaltool.documents.wording import cite_text, do_text
from evaltool.scheme import Scheme
from evaltool.scheme.confirmations import confirmation
from evaltool.scheme.fields import FieldDef
from evaltool.scheme.models import Consequence, Question, Use
from evaltool.scheme.words import formula_text

WAYS = {
    "higher": "可以提高", "lower": "可以降低", "any": "可以改", "add": "可以增加", "beside": "可以增加，列在旁边", "count": "可以增加并计入",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    section  heading under which it stands;  path  where it is written (in the later edition, where it still is)
    kind     changed, added or removed;      old, new  in words; empty where there was or is nothing
    """

    section: str
    path: str
    kind: str
    what: str
    old: str
    new: str
    said: str


def compare(before: Scheme, after: Scheme) -> list[Difference]:
    """Everything that differs in meaning, section by section. Dates of force are none: they name the two."""
    return list(_Comparison(before, after).all())


class _Comparison:
    def __init__(self, before: Scheme, after: Scheme) -> None:
        self.before, self.after = before, after
        self.fields = renames(_fields(before), _fields(after))
        self.indicators = renames(before.indicators, after.indicators)
        self.columns = {
            f"{key}.{old}": f"{key}.{new}"
            for key in before.edition.lists.keys() & after.edition.lists.keys()
            for old, new in renames(before.edition.lists[key].columns, after.edition.lists[key].columns).items()
        }
        names = {**self.fields, **self.indicators, **self.columns, **_sources(before, after)}
        self.a, self.b = Side(before, names), Side(after)

    def all(self) -> Iterator[Difference]:
        one, two = self.before.edition, self.after.edition
        yield from self._points("版本", "", "", a.of_edition(self.a), a.of_edition(self.b))
        yield from self._items(
            "字段",
            "fields",
            _fields(self.before),
            _fields(self.after),
            self.fields,
            _keyless(a.of_field),
        )
        yield from self._lists()
        yield from self._items(
            "指标", "indicators", self.before.indicators, self.after.indicators, self.indicators,
            lambda side, key, _: of_indicator(side, key),
        )  # fmt: skip
        for section, name, of in (
            ("情形", "events", a.of_event), ("阶段", "stages", a.of_stage), ("职责", "duties", a.of_duty),
        ):  # fmt: skip
            yield from self._items(section, name, getattr(one, name), getattr(two, name), {}, _keyless(of))
        yield from self._consequences()
        yield from self._funds()
        opened = [
            {side.path(path): WAYS[way] for path, way in side.scheme.edition.open.items()} for side in (self.a, self.b)
        ]
        yield from self._mapping("放开的内容", "open", opened[0], opened[1])
        yield from self._questions()
        cited = {self.a.cite(clause): reason for clause, reason in one.not_scored.items()}
        yield from self._mapping("不打分的条款", "not_scored", cited, two.not_scored, shown=cite_text)
        yield from self._papers()

    # --- things with an id ---

    def _items(
        self, section: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], renamed: Mapping[str, str],
        of: Callable[[Side, str, Any], Aspects], prefix: str = "",
    ) -> Iterator[Difference]:  # fmt: skip
        back = {new_key: old_key for old_key, new_key in renamed.items()}
        twice = _twice(item.name for item in new.values())
        for key, item in new.items():
            was = back.get(key, key)
            if was not in old or (was in renamed and renamed[was] != key):
                said = f"增加{section}{prefix}{named(item)}"
                yield Difference(section, f"{name}.{key}", "added", item.name, "", item.name, said)
                continue
            subject = prefix + item.name + (f"（{key}）" if item.name in twice else "")
            if was != key:
                told = f"{subject}：编号由 {was} 改为 {key}"
                yield Difference(section, f"{name}.{key}", "changed", f"{subject}的编号", was, key, told)
            yield from self._points(section, f"{name}.{key}", subject, of(self.a, was, old[was]), of(self.b, key, item))
        for key, item in old.items():
            if renamed.get(key, key) not in new or (key not in renamed and key in back):
                said = f"去掉{section}{prefix}{named(item)}"
                yield Difference(section, f"{name}.{key}", "removed", item.name, item.name, "", said)

    def _points(self, section: str, at: str, subject: str, old: Aspects, new: Aspects) -> Iterator[Difference]:
        """Every point in which one thing differs; of another way of scoring only that it is another."""
        kinds = [path for path in old.keys() & new.keys() if path.endswith("kind")]
        changed_kinds = [path for path in kinds if old[path].value != new[path].value]
        for path in dict.fromkeys([*new, *old]):
            before, after = old.get(path), new.get(path)
            below = any(path != kind and path.startswith(kind[: -len("kind")]) for kind in changed_kinds)
            if below or (before and after and before.value == after.value):
                continue
            if path == "rule.kind" and path not in changed_kinds:
                continue
            full = f"{at}.{path}" if at else path
            if before and after and (before.parts or after.parts):
                yield from _parts(section, full, subject, before, after)
            else:
                yield _point(section, full, subject, before, after)

    def _lists(self) -> Iterator[Difference]:
        one, two = self.before.edition.lists, self.after.edition.lists
        yield from self._items("清单", "lists", one, two, {}, _keyless(a.of_list))
        for key in (key for key in two if key in one):
            mine = {
                o.partition(".")[2]: n.partition(".")[2] for o, n in self.columns.items() if o.startswith(f"{key}.")
            }

            def of(side: Side, _: str, item: FieldDef, owner: str = key) -> Aspects:
                return a.of_field(side, item, owner)

            yield from self._items(
                "清单的列", f"lists.{key}.columns", one[key].columns, two[key].columns, mine, of, f"{two[key].name}·"
            )

    def _funds(self) -> Iterator[Difference]:
        one, two = self.before.edition.funds, self.after.edition.funds
        yield from self._items("资金", "funds", one, two, {}, _keyless(a.of_pot))
        for key in (key for key in two if key in one):

            def of(side: Side, _: str, item: Use, pot_id: str = key) -> Aspects:
                return a.of_use(side, side.scheme.edition.funds[pot_id], item)

            yield from self._items("资金用途", f"funds.{key}.uses", one[key].uses, two[key].uses, {}, of)
            old, new = ({payment.name: payment for payment in pot[key].payments} for pot in (one, two))
            yield from self._items("支付规则", f"funds.{key}.payments", old, new, {}, _keyless(a.of_payment))

    # --- things without one ---

    def _consequences(self) -> Iterator[Difference]:
        old, new = list(self.before.edition.consequences), list(enumerate(self.after.edition.consequences))
        pairs: list[tuple[Consequence, int, Consequence]] = []
        for same in (("when", "do", "note", "cite"), ("when", "do"), ("when",), ("do",)):
            for i, item in list(new):
                other = next((one for one in old if self._alike(one, item, same)), None)
                if other is not None:
                    pairs.append((other, i, item))
                    old.remove(other)
                    new.remove((i, item))
        for other, i, item in sorted(pairs, key=lambda pair: pair[1]):
            subject = formula_text(self.after, item.when)
            yield from self._points(
                "后果", f"consequences.{i}", subject, a.of_consequence(self.a, other), a.of_consequence(self.b, item)
            )
        for i, item in new:
            text = f"{formula_text(self.after, item.when)}：{do_text(self.after, item)}"
            yield Difference("后果", f"consequences.{i}", "added", text, "", text, f"增加后果“{text}”")
        for item in old:
            text = f"{formula_text(self.before, item.when)}：{do_text(self.before, item)}"
            yield Difference("后果", "consequences", "removed", text, text, "", f"去掉后果“{text}”")

    def _alike(self, old: Consequence, new: Consequence, points: tuple[str, ...]) -> bool:
        before, after = a.of_consequence(self.a, old), a.of_consequence(self.b, new)
        if points == ("do",) and not old.do:
            return False  # nothing follows: that alone does not make two the same
        return all(before[point].value == after[point].value for point in points)

    def _questions(self) -> Iterator[Difference]:
        """A question is the same where it asks the same, else where it has the same number and asks much the same."""
        old, new = dict(self.before.edition.open_questions), dict(self.after.edition.open_questions)
        pairs: list[tuple[Question, str, Question]] = []
        for key, item in list(new.items()):
            if was := next((one for one in old if old[one].question == item.question), None):
                pairs.append((old.pop(was), key, new.pop(key)))
        for key, item in list(new.items()):
            if key in old and _akin(old[key].question, item.question):
                pairs.append((old.pop(key), key, new.pop(key)))
        for before, key, after in pairs:
            told = _of_question(self.a, before), _of_question(self.b, after)
            yield from self._points("待定问题", f"open_questions.{key}", key, *told)
        for key, item in new.items():
            said = f"增加待定问题 {key}“{item.question}”"
            yield Difference("待定问题", f"open_questions.{key}", "added", key, "", item.question, said)
        for key, item in old.items():
            said = f"去掉待定问题 {key}“{item.question}”"
            yield Difference("待定问题", f"open_questions.{key}", "removed", key, item.question, "", said)

    def _papers(self) -> Iterator[Difference]:
        for key, source in self.after.sources.items():
            was = next((o for o in self.before.sources if self.a.names.get(f"@{o}", o) == key), None)
            if was is None:
                yield Difference("文件", key, "added", key, "", source.title, f"增加文件“{source.title}”")
                continue
            old = self.before.sources[was]
            labels = {
                "title": "标题",
                "number": "文号",
                "issuer": "机关",
                "issued": "印发日期",
                "effective": "施行日期",
            }
            before, after = ({n: side.words(label, _known(getattr(one, n))) for n, label in labels.items()}
                             for side, one in ((self.a, old), (self.b, source)))  # fmt: skip
            yield from self._points("文件", key, source.title, before, after)
            gists = [{clause: item.gist for clause, item in one.clauses.items()} for one in (old, source)]
            gists = [{f"{key} {clause}": gist for clause, gist in one.items()} for one in gists]
            yield from self._mapping("条款", key, gists[0], gists[1])
        gone = [key for key in self.before.sources if self.a.names.get(f"@{key}", key) not in self.after.sources]
        for key in gone:
            title = self.before.sources[key].title
            yield Difference("文件", key, "removed", key, title, "", f"去掉文件“{title}”")

    def _mapping(
        self, section: str, at: str, old: Mapping[str, str], new: Mapping[str, str], shown: Callable[[str], str] = str
    ) -> Iterator[Difference]:
        sides = [{key: Aspect(f"“{shown(key)}”", text, text) for key, text in one.items()} for one in (old, new)]
        yield from self._points(section, at, "", sides[0], sides[1])


def _known(text: str | None) -> str:
    return "" if text in (None, "unknown") else str(text)


def _akin(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other, False).ratio() > 0.5


def _keyless(of: Callable[[Side, Any], Aspects]) -> Callable[[Side, str, Any], Aspects]:
    return lambda side, _, item: of(side, item)


def _of_question(side: Side, item: Question) -> Aspects:
    return {
        "question": side.words("问题", item.question),
        "reading": side.words("我们的读法", item.reading or ""),
        "clause": side.cites([item.clause]),
    }


def _fields(scheme: Scheme) -> dict[str, FieldDef]:
    """The fields as written: not those that confirmations make."""
    made = {confirmation(key, role) for key, item in scheme.edition.fields.items() for role in item.confirmed_by}
    return {key: item for key, item in scheme.edition.fields.items() if key not in made}


def renames(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Old id → new id, where one of the two says what it was."""
    found = {item.was: key for key, item in new.items() if item.was in old and item.was != key}
    back = {key: item.was for key, item in old.items() if item.was in new and item.was != key and item.was not in old}
    return back | found


def _sources(before: Scheme, after: Scheme) -> dict[str, str]:
    """Short name of a paper → the short name that the other edition gives to the same paper."""
    titles = {source.title: key for key, source in after.sources.items()}
    return {
        f"@{key}": titles[source.title]
        for key, source in before.sources.items()
        if key not in after.sources and source.title in titles
    }


def _twice(names: Iterator[str]) -> set[str]:
    told = list(names)
    return {name for name in told if told.count(name) > 1}


def _point(section: str, path: str, subject: str, before: Aspect | None, after: Aspect | None) -> Difference:
    label = (after or before).label  # type: ignore[union-attr]
    old, new = before.text if before else "", after.text if after else ""
    if old == new and before is not None and after is not None:  # other things of the same name
        old, new = f"{old}（{before.value}）", f"{new}（{after.value}）"
    who = f"{subject}：" if subject else ""
    if old and new:
        verb = "移到" if label == "所属" else "改为"
        said = f"{who}{label}由{_quoted(old)}{verb}{_quoted(new)}".rstrip()
    elif new:
        said = f"{who}增加{label}：{new}"
    else:
        said = f"{who}去掉{label}（{old}）"
    kind = "changed" if old and new else "added" if new else "removed"
    return Difference(section, path, kind, f"{who}{label}", old, new, said)


def _quoted(text: str) -> str:
    """A number stands free, words in quotes."""
    if (text[0].isdigit() or text[0] in "-≈") and len(text) <= 12 and "，" not in text:
        return f" {text} "
    return "“" + text.removesuffix("。").replace("“", "‘").replace("”", "’") + "”"


def _parts(section: str, path: str, subject: str, before: Aspect, after: Aspect) -> Iterator[Difference]:
    """Steps or exceptions one by one: in their places where there are as many, else what came and what went."""
    label, old, new = after.label, before.parts, after.parts
    one = f"{label.removesuffix('分档')}第 {{}} 档" if label.endswith("分档") else "第 {} 条例外"

    def made(i: int, kind: str, what: str, was: str, now: str, said: str) -> Difference:
        return Difference(section, f"{path}.{i}", kind, f"{subject}：{what}", was, now, f"{subject}：{said}")

    if len(old) == len(new):
        for i, (x, y) in enumerate(zip(old, new, strict=True)):
            here = one.format(i + 1)
            if x[0] != y[0] and x[2] != y[2]:
                was, now = f"{x[1]} → {x[3]}", f"{y[1]} → {y[3]}"
                yield made(i, "changed", here, was, now, f"{here}由“{was}”改为“{now}”")
            elif x[0] != y[0]:
                said = f"{here}（{y[3]}）的条件由“{x[1]}”改为“{y[1]}”"
                yield made(i, "changed", f"{here}的条件", x[1], y[1], said)
            elif x[2] != y[2]:
                said = f"{here}（{y[1]}）由{_quoted(x[3])}改为{_quoted(y[3])}".rstrip()
                yield made(i, "changed", here, x[3], y[3], said)
        return
    word = "一档" if label.endswith("分档") else "一条例外"
    texts = [[f"{part[1]} → {part[3]}" for part in parts] for parts in (old, new)]
    keys = [[str((part[0], part[2])) for part in parts] for parts in (old, new)]
    for tag, i, j, k, m in difflib.SequenceMatcher(None, keys[0], keys[1], False).get_opcodes():
        if tag in ("delete", "replace"):
            for n in range(i, j):
                yield made(n, "removed", label, texts[0][n], "", f"去掉{word}：{texts[0][n]}")
        if tag in ("insert", "replace"):
            for n in range(k, m):
                yield made(n, "added", label, "", texts[1][n], f"增加{word}：{texts[1][n]}")
