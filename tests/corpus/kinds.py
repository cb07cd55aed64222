"""The register of kinds, and how one is run."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from evaltool.intake import read
from evaltool.scoring import score
from tests.corpus import base
from tests.corpus.expecting import Must, complaints
from tests.corpus.workshop import Workshop

MODULES = (
    "files", "packages", "bombs", "numbers", "cells", "formulas", "texts", "sheets", "labels", "counties",
    "plausible", "old", "harmless", "hubei", "found",
)  # fmt: skip
HANGS_AFTER = 60  # seconds: generous, for a busy machine; what is asserted is that it ends at all
MOST_MEMORY = 3 * 2**30


@dataclass(frozen=True)
class Kind:
    """One kind of workbook.

    make     changes a workshop; raises nothing
    must     what must happen
    apart    run in a process of its own, which is stopped when it hangs
    slow     only run when the slow tests are
    roster   further counties of the roster
    scored   what scoring says counts too
    """

    group: str
    name: str
    make: Callable[[Workshop], object]
    must: Must
    apart: bool = False
    slow: bool = False
    roster: tuple[str, ...] = ()
    edition: str = "small"
    scored: bool = False


KINDS: dict[str, Kind] = {}


def register(
    group: str, name: str, make: Callable[[Workshop], object], must: Must, *, apart: bool = False, slow: bool = False,
    roster: tuple[str, ...] = (), edition: str = "small", scored: bool = False,
) -> None:  # fmt: skip
    if name in KINDS:
        raise ValueError(f"two kinds are called {name}")
    KINDS[name] = Kind(group, name, make, must, apart, slow, roster, edition, scored)


def kind(
    group: str, must: Must, *, apart: bool = False, slow: bool = False, roster: tuple[str, ...] = (),
    edition: str = "small",
) -> Callable[[Callable[[Workshop], object]], Callable[[Workshop], object]]:  # fmt: skip
    """Registers a maker under the name of its function."""

    def registered(make: Callable[[Workshop], object]) -> Callable[[Workshop], object]:
        register(group, make.__name__, make, must, apart=apart, slow=slow, roster=roster, edition=edition)
        return make

    return registered


def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    if not KINDS:
        for name in MODULES:
            import_module(f"tests.corpus.kinds_{name}")
    return KINDS


def run(one: Kind, folder: Path) -> list[str]:
    """Makes the kind in `folder`, reads it, and says what is wrong with what came out."""
    return run_apart(one) if one.apart else run_here(one, folder)


def run_here(one: Kind, folder: Path) -> list[str]:
    shop = workshop(one, folder)
    one.make(shop)
    paths = shop.handed_in()
    scheme = base.scheme() if one.edition == "small" else base.hubei()
    roster = base.roster(*one.roster) if shop.roster is None else shop.roster
    facts = read(paths, scheme, roster, previous=shop.previous)
    if one.scored:
        facts = replace(facts, problems=(*facts.problems, *score(facts).problems))
    return complaints(facts, one.must, shop.truth, shop.spots)


def workshop(one: Kind, folder: Path) -> Workshop:
    if one.edition == "small":
        return Workshop(folder)
    return Workshop(folder, base.hubei_base(), truth=base.hubei_truth())


def run_apart(one: Kind) -> list[str]:
    """The same in a process of its own, with a limit of memory and of time."""
    command = [sys.executable, "-m", "tests.corpus", "--one", one.name]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=HANGS_AFTER,
            cwd=root,
            preexec_fn=limit,
            env=os.environ | {"LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return [f"HANGS: not done after {HANGS_AFTER} s"]
    if done.returncode:
        return [f"CRASHES ({done.returncode}): {done.stderr.decode()[-300:]}"]
    return list(json.loads(done.stdout.decode().splitlines()[-1]))


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def run_one(name: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return run_here(kinds()[name], Path(folder))
