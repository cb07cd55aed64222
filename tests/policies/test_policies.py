"""Every rule of the five policy papers is found in its edition.

The lists beside this file, one a paper, were made by going through the paper from its first line to its last, starting
from the project's inventory of its quantifiable rules: thresholds, ratios, targets, dates, gates, bans, vetoes, duties,
reports, consequences, and what the text leaves unclear. A row marked `added` was missing in that inventory. A list is a
second reading of the paper beside the edition, so that a rule which falls out of the edition, or a number that changes
there, is noticed. Each row:

    id, clause, rule (short, in our own words), kind
    found     dotted paths into scheme.yaml; positions in lists are numbers: consequences.3.when
    numbers   every number that `rule` names; `masked` where the paper hides it
    cite      the clauses that the place must cite, if it is not enough that it cites `clause`
    added     true for a row that the inventory did not have
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaltool.scheme import dialect, load_folder
from evaltool.scheme.values import Unknown

HERE = Path(__file__).resolve().parent
INDICATORS = HERE.parent.parent / "indicators"
FILES = sorted(HERE.glob("*.yaml"))
PAPERS = {
    "000_31218f19b664a2f7.txt",
    "001_af9df588e7f859b4.txt",
    "002_f428c2010c1777a4.txt",
    "003_6f3b6a8f935c1566.txt",
    "004_9a1b4c6ab5e25727.txt",
}
NEEDED, OPTIONAL = {"id", "clause", "rule", "kind", "found"}, {"numbers", "cite", "added"}
SECTIONS = {
    "blank", "fields", "lists", "indicators", "events", "duties", "stages", "consequences", "funds", "open_questions",
    "not_scored",
}  # fmt: skip
WITH_NUMBERS = {"indicators", "funds"}  # their numbers stand in the rule itself; a name or a gist is no substitute
WORDS_ONLY = {"name", "note"}
REFERENCES = {"cite", "clause", "code", "bans"}
NUMBER = re.compile(r"(?<![A-Za-z\d.])\d+(?:\.\d+)?%?(?![A-Za-z\d])")
Tree = Any


def tree_of(path: Path) -> Tree:
    document, problems = dialect.read(path)
    assert not problems, [str(problem) for problem in problems]
    return document.tree


def folder_of(listing: Tree) -> Path:
    key, _, valid_from = listing["edition"].partition("@")
    return INDICATORS / key / valid_from


def trees(file: Path) -> tuple[Tree, Tree, Tree]:
    """The list, and scheme.yaml and sources.yaml of its edition."""
    listing = tree_of(file)
    folder = folder_of(listing)
    return listing, tree_of(folder / "scheme.yaml"), tree_of(folder / "sources.yaml")


# --- looking things up in an edition ---


def along(node: Tree, parts: list[str]) -> list[Tree] | None:
    """The nodes on the way down, the found one last; keys may hold dots themselves."""
    if not parts:
        return [node]
    if isinstance(node, list):
        known = parts[0].isdigit() and int(parts[0]) < len(node)
        rest = along(node[int(parts[0])], parts[1:]) if known else None
        return None if rest is None else [node, *rest]
    for n in range(1, len(parts) + 1) if isinstance(node, dict) else ():
        key = ".".join(parts[:n])
        rest = along(node[key], parts[n:]) if key in node else None
        if rest is not None:
            return [node, *rest]
    return None


def scalars(node: Tree, without: set[str]) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in without:
                yield from scalars(value, without)
    elif isinstance(node, list):
        for value in node:
            yield from scalars(value, without)
    elif node is not None:
        yield node


def numbers_in(text: str) -> set[str]:
    return {token.lstrip("0") or "0" for token in NUMBER.findall(text)}


def cites_of(path: str, way: list[Tree]) -> set[str]:
    """What the found place cites: in it, or where it cites nothing, in the nearest place around it."""
    section, _, rest = path.partition(".")
    if section == "not_scored":
        return {rest}

    def inside(node: Tree) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in REFERENCES - {"code"}:
                    yield from scalars(value, set())
                else:
                    yield from inside(value)
        elif isinstance(node, list):
            for value in node:
                yield from inside(value)

    if ".bans." in path:
        return set(scalars(way[-1], set()))
    for node in reversed(way):
        found = set(inside(node))
        if found:
            return found
    return set()


def related(one: str, other: str) -> bool:
    """The same clause, or one a part of the other."""
    return one.startswith(other) or other.startswith(one)


# --- what is wrong with a list or its edition ---


def faults(listing: Tree, scheme: Tree, sources: Tree) -> list[str]:
    gists = {
        f"{key}/{clause}": " ".join(scalars(body, {"page"}))
        for key, source in sources.items()
        if isinstance(source, dict)
        for clause, body in source["clauses"].items()
    }
    found: list[str] = []
    covered = set(scheme.get("not_scored") or {})
    masked_named = 0
    for name, times in Counter(rule.get("id") for rule in listing["rules"]).items():
        if times > 1:
            found.append(f"{name}: this id stands {times} times")
    for rule in listing["rules"]:
        key = rule.get("id", "a rule without an id")
        odd = (NEEDED - set(rule)) | (set(rule) - NEEDED - OPTIONAL)
        if odd:
            found.append(f"{key}: keys missing or unknown: {sorted(odd)}")
            continue
        clauses = {full for full in gists if rule["clause"] in (full, full.partition("/")[2])}
        cited = rule.get("cite") or []
        cited = {cited} if isinstance(cited, str) else set(cited)
        if not clauses:
            found.append(f"{key}: sources.yaml has no clause {rule['clause']}")
        if cited - set(gists):
            found.append(f"{key}: sources.yaml has no clause {sorted(cited - set(gists))}")
        covered |= clauses | cited
        masked_named += "masked" in (rule.get("numbers") or [])
        found += [f"{key}: {fault}" for fault in rule_faults(rule, clauses, cited, scheme, gists)]
    for clause in gists:
        if clause not in covered:
            found.append(f"clause {clause} is neither in the list nor under not_scored")
    masked = sum(text == "masked" for text in scalars(scheme.get("funds") or {}, set()))
    if masked != masked_named:
        found.append(f"{masked} masked numbers in funds, {masked_named} in the list")
    return found


def rule_faults(rule: Tree, clauses: set[str], cited: set[str], scheme: Tree, gists: dict[str, str]) -> Iterator[str]:
    """What is wrong with one row: its paths, its clauses, its numbers."""
    numbers: list[str] = rule.get("numbers") or []
    paths = rule["found"]
    ways: dict[str, list[Tree]] = {}
    for path in paths if isinstance(paths, list) else [paths]:
        way = along(scheme, path.split("."))
        if way is None or len(way) < 3 or path.partition(".")[0] not in SECTIONS:
            yield f"nothing stands at {path}"
        else:
            ways[path] = way
    if not ways:
        yield "found nowhere"
        return
    cites = set().union(*(cites_of(path, way) for path, way in ways.items()))
    if clauses and not any(related(cite, clause) for cite in cites for clause in clauses):
        yield f"none of {list(ways)} cites {sorted(clauses)}"
    if cited - cites:
        yield f"none of {list(ways)} cites {sorted(cited - cites)}"
    texts = []
    for path, way in ways.items():
        strict = path.partition(".")[0] in WITH_NUMBERS
        without = REFERENCES | WORDS_ONLY if strict else REFERENCES
        texts += [way[-1]] if isinstance(way[-1], str) else scalars(way[-1], without)
        one = way[-1] if isinstance(way[-1], str) and NUMBER.fullmatch(way[-1]) else None
        if one is not None and not any(numbers_in(one) <= numbers_in(number) for number in numbers):
            yield f"{path} is {one}, the list says {numbers or 'no number'}"
        if not strict:
            texts += [gists[cite] for cite in cites_of(path, way) if cite in gists]
    there = set().union(*(numbers_in(text) for text in texts))
    for number in numbers:
        if number in ("masked", "unset"):
            if number not in texts:
                yield f"{number} does not stand in {list(ways)}"
        elif not numbers_in(number) <= there:
            yield f"{number} does not stand in {list(ways)}"
    named = set().union(*(numbers_in(number) for number in numbers))
    if numbers_in(rule["rule"]) - named:
        yield f"numbers: lacks {sorted(numbers_in(rule['rule']) - named)}, which the rule names"


# --- the lists ---


def test_each_paper_has_its_list():
    assert {tree_of(file)["seed"] for file in FILES} == PAPERS


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_rule_of_the_paper_is_in_the_edition(file):
    found = faults(*trees(file))
    assert not found, "\n".join(found)


def test_ids_are_unique_over_all_lists():
    ids = Counter(rule["id"] for file in FILES for rule in tree_of(file)["rules"])
    assert [key for key, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_masked_number_is_unknown(file):
    listing, scheme, _ = trees(file)
    edition = load_folder(folder_of(listing)).edition
    for pot_id, pot in (scheme.get("funds") or {}).items():
        for use_id, use in pot["uses"].items():
            for limit in ("at_least", "at_most"):
                if use.get(limit) in ("masked", "unset"):
                    assert isinstance(getattr(edition.funds[pot_id].uses[use_id], limit), Unknown), (use_id, limit)


# --- that the test can fail ---

HUBEI = HERE / "hubei_2019.yaml"


def put(tree: Tree, path: str, value: Tree) -> None:
    *parts, last = path.split("/")
    for part in parts:
        tree = tree[int(part) if isinstance(tree, list) else part]
    tree[int(last) if isinstance(tree, list) else last] = value


FLOW = {
    "id": "T1",
    "clause": "五（二）1",
    "rule": "流通设施不低于 60%",
    "kind": "min",
    "numbers": ["60%"],
    "found": ["funds.central.uses.flow.at_least"],
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"found": ["funds.central.uses.flow.at_last"]}, "T1: nothing stands at funds.central.uses.flow.at_last"),
        ({"found": ["funds"]}, "T1: nothing stands at funds"),
        ({"found": ["consequences.99.when"]}, "T1: nothing stands at consequences.99.when"),
        ({"found": []}, "T1: found nowhere"),
        ({"found": ["funds.central.uses.stores"]}, "T1: 60% does not stand in ['funds.central.uses.stores']"),
        ({"found": ["funds.central.uses.public.at_most"]}, "T1: funds.central.uses.public.at_most is 25%, the list"),
        ({"numbers": ["6%"]}, "T1: 6% does not stand in ['funds.central.uses.flow.at_least']"),
        ({"numbers": []}, "T1: numbers: lacks ['60%'], which the rule names"),
        ({"numbers": ["60%", "masked"]}, "T1: masked does not stand in ['funds.central.uses.flow.at_least']"),
        ({"clause": "五（二）9"}, "T1: sources.yaml has no clause 五（二）9"),
        ({"clause": "六（一）"}, "T1: none of ['funds.central.uses.flow.at_least'] cites ['HB/六（一）']"),
        ({"cite": ["HB/五（二）2"]}, "T1: none of ['funds.central.uses.flow.at_least'] cites ['HB/五（二）2']"),
        ({"id": "HB-001"}, "HB-001: this id stands 2 times"),
        ({"numbrs": ["60%"]}, "T1: keys missing or unknown: ['numbrs']"),
    ],
)
def test_a_wrong_row_is_told(changes, said):
    listing, scheme, sources = trees(HUBEI)
    right, wrong = copy.deepcopy(listing), copy.deepcopy(listing)
    right["rules"].append(FLOW)
    wrong["rules"].append(FLOW | changes)
    before, after = faults(right, scheme, sources), faults(wrong, scheme, sources)
    assert [fault for fault in after if fault not in before and fault.startswith(said)]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("funds/central/uses/flow/at_least", "61%", "is 61%, the list says ['60%']"),
        ("funds/central/uses/train/at_most", "0%", "masked does not stand in ['funds.central.uses.train.at_most']"),
        ("indicators/Z8/value", "count(payments.paid >= 6)", "5 does not stand in"),
    ],
)
def test_an_edition_that_departs_from_its_list_is_told(path, value, said):
    listing, scheme, sources = trees(HUBEI)
    put(scheme, path, value)
    assert [fault for fault in faults(listing, scheme, sources) if said in fault]


def test_a_clause_that_is_nowhere_is_told():
    listing, scheme, sources = trees(HUBEI)
    listing["rules"] = [rule for rule in listing["rules"] if rule["clause"] not in ("六（二）7", "七（一）")]
    assert faults(listing, scheme, sources) == ["clause HB/六（二）7 is neither in the list nor under not_scored"]
    del scheme["not_scored"]["HB/七（一）"]
    assert "clause HB/七（一） is neither in the list nor under not_scored" in faults(listing, scheme, sources)
