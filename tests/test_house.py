"""The rules of the house: rooms and what they may import, names, sizes, and what never goes into the repository."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

# room → the rooms of evaltool it may import. A room is a module or a folder directly under evaltool/.
# Imports flow downwards only; a new room gets a line here. Lines for rooms that do not exist yet do no harm.
GROUND = {"quantities", "problems", "files", "question_lines"}
FACTS = GROUND | {"scheme", "facts"}
ROOMS: dict[str, set[str]] = {
    "problems": set(),
    "files": set(),
    "quantities": set(),
    "question_lines": {"quantities"},
    "scheme": GROUND,
    "facts": GROUND | {"scheme"},
    "books": GROUND,
    "intake": FACTS | {"books"},
    "importing": FACTS | {"books", "intake"},
    "scoring": FACTS,
    "review": FACTS | {"intake", "scoring"},
    "decisions": FACTS | {"scoring"},
    "patterns": FACTS | {"intake", "scoring"},
    "cases": FACTS | {"intake", "scoring", "decisions", "patterns"},
    "coverage": FACTS | {"cases", "scoring"},
    "mutations": FACTS | {"cases"},
    "analysis": FACTS | {"scoring", "decisions"},
    "sheets": GROUND,
    "evidence": FACTS | {"books", "intake", "sheets"},
    "returns": FACTS | {"books", "intake", "scoring", "decisions", "sheets", "evidence"},
    "documents": FACTS | {"intake", "scoring", "decisions", "cases", "coverage", "sheets"},
    "results": FACTS | {"scoring", "decisions", "sheets"},
    "archive": FACTS | {"books", "intake", "scoring", "review", "decisions", "results", "evidence", "returns"},
    "tables": FACTS | {"scoring", "decisions", "analysis", "results"},
    "charts": FACTS | {"scoring", "decisions", "analysis", "results", "tables"},
    "batch": GROUND - {"scheme"},
    "report": FACTS | {"batch", "scoring", "review", "decisions", "analysis", "results", "archive", "tables", "charts"},
}
# The doors, which may import every room: the demo, the command line, and evaltool/__init__.py, which hands the public
# functions out lazily.
BELOW_DOORS = set(ROOMS)
ROOMS["demo"] = BELOW_DOORS
ROOMS["usage"] = BELOW_DOORS
ROOMS["cli_editions"] = BELOW_DOORS | {"usage"}
ROOMS["cli_report"] = BELOW_DOORS | {"usage"}
ROOMS["cli"] = BELOW_DOORS | {"demo", "usage", "cli_editions", "cli_report", "__init__"}
ROOMS["__init__"] = BELOW_DOORS
ROOMS["__main__"] = {"cli"}

# third-party package → the rooms that may import it
RESERVED = {
    "openpyxl": {"books", "intake", "sheets", "importing"},
    "xlrd": {"books"},
    "jinja2": {"report", "returns"},
    "papermill": {"batch"},
    "nbconvert": {"report"},
    "nbformat": {"batch", "report"},
    "nbclient": {"batch"},
    "ipykernel": {"batch"},
    "psutil": {"batch"},
    "distributed": {"batch"},
}
# import name → name in pyproject, where they differ
DISTRIBUTIONS = {"yaml": "pyyaml", "ipykernel_launcher": "ipykernel", "opencc": "opencc-python-reimplemented"}

MOST_LINES = 400
MOST_CHARACTERS = 120  # ruff's own check counts a Chinese character twice
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "handler"}


# --- what is looked at ---


def repository_files() -> list[Path]:
    """What is or would be committed; without git (an unpacked archive), everything but what make and tools leave."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if (ROOT / ".git").exists():
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)
        names = done.stdout.decode("utf-8").split("\0")
        return sorted(ROOT / name for name in set(names) if name and (ROOT / name).is_file())
    left = re.compile(r"(^|/)(\.venv|out|dist|build|__pycache__|\.[a-z]+_cache|\.hypothesis|\.ipynb_checkpoints)/")
    return sorted(p for p in ROOT.rglob("*") if p.is_file() and not left.search(p.relative_to(ROOT).as_posix()))


FILES = repository_files()
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in FILES
    if b"\0" not in (content := path.read_bytes())[:8192] and not content.startswith(b"%PDF")
}
MODULES = {
    name: ast.parse(text, name)
    for name, text in TEXTS.items()
    if name.endswith(".py") and name.startswith(("evaltool/", "indicators/"))
}
ROOM_MODULES = [name for name in MODULES if name.startswith("evaltool/")]


def room_of(module: str) -> str:
    return module.split("/")[1].removesuffix(".py")


def imported(tree: ast.AST, module: str) -> Iterator[str]:
    """Dotted names of all that a module imports, wherever in it; `from . import x` resolved to where x lies."""
    package = module.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            parts = base + (node.module.split(".") if node.module else [])
            if len(parts) == 1:
                # a room if there is one of that name; otherwise something of the package's __init__ itself
                yield from (f"{parts[0]}.{alias.name}" for alias in node.names)
            else:
                yield ".".join(parts)


def rooms_imported(tree: ast.AST, module: str) -> set[str]:
    rooms = set()
    known = {room_of(name) for name in ROOM_MODULES} | set(ROOMS)
    for name in imported(tree, module):
        first, _, rest = name.partition(".")
        if first == "evaltool":
            room = rest.split(".")[0]
            rooms.add(room if room in known else "__init__")
    return rooms - {room_of(module)}


# --- rooms ---


def test_the_table_of_rooms_has_no_way_up():
    """Whatever order the table is written in, no room may reach itself through what it imports."""
    for room, below in ROOMS.items():
        reached: set[str] = set()
        ahead = set(below)
        while ahead:
            reached |= ahead
            ahead = set().union(*(ROOMS[other] for other in ahead)) - reached
        assert room not in reached, f"{room} can reach itself"


@pytest.mark.parametrize("module", ROOM_MODULES)
def test_imports_flow_downwards(module):
    room = room_of(module)
    assert room in ROOMS, f"{module}: a new room needs a line in ROOMS"
    upwards = rooms_imported(MODULES[module], module) - ROOMS[room]
    assert not upwards, f"{module} must not import {sorted(upwards)}"


def test_indicators_know_nothing_of_the_engine():
    for module, tree in MODULES.items():
        if module.startswith("indicators/"):
            assert not [name for name in imported(tree, module) if name.split(".")[0] == "evaltool"], module


@pytest.mark.parametrize("module", MODULES)
def test_packages_are_imported_where_they_belong_and_declared(module):
    project = tomllib.loads(TEXTS["pyproject.toml"])["project"]
    extras = project["optional-dependencies"]
    lines = project["dependencies"] + extras["parquet"] + extras["dask"]
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    for name in imported(MODULES[module], module):
        package = name.split(".")[0]
        if package in sys.stdlib_module_names or package in {"evaltool", "indicators"}:
            continue
        distribution = canonicalize_name(DISTRIBUTIONS.get(package, package))
        assert distribution in declared, f"{module} imports {package}, which pyproject.toml does not declare"
        if package in RESERVED:
            assert room_of(module) in RESERVED[package], f"{module} must not import {package}"


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("evaltool/scheme/models.py", "from ..problems import Problem", {"problems"}),
        ("evaltool/scheme/models.py", "from .formula import parse", set()),
        ("evaltool/scheme/models.py", "from .. import scoring", {"scoring"}),
        ("evaltool/scheme/__init__.py", "from .models import Scheme\nfrom ..cli import main", {"cli"}),
        ("evaltool/charts.py", "def f():\n    from evaltool.report.batch import run", {"report"}),
        ("evaltool/charts.py", "from evaltool import report, load", {"report", "__init__"}),
        ("evaltool/charts.py", "import evaltool", {"__init__"}),
        ("evaltool/charts.py", "import evaltool.results.workbook", {"results"}),
    ],
)
def test_an_import_is_seen_however_it_is_written(module, source, expected):
    assert rooms_imported(ast.parse(source), module) == expected


# --- modules ---


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short(module):
    lines = len(TEXTS[module].splitlines())
    assert lines <= MOST_LINES, f"{module}: {lines} lines; split it by what it does"


def test_lines_are_short():
    found = [
        f"{name}:{number}"
        for name, text in TEXTS.items()
        if name.endswith(".py")
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > MOST_CHARACTERS
    ]
    assert not found


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}


@pytest.mark.parametrize("module", MODULES)
def test_names_say_the_thing(module):
    names = [part.removesuffix(".py") for part in module.split("/")]
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names += [node.name for node in ast.walk(MODULES[module]) if isinstance(node, kinds)]
    empty = [name for name in names if words(name) & EMPTY_NAMES]
    assert not empty, f"{module}: say what it is or does: {empty}"


# --- what is never committed ---


def test_notebooks_are_stored_without_outputs():
    for name, text in TEXTS.items():
        if not name.endswith(".ipynb"):
            continue
        for number, cell in enumerate(json.loads(text)["cells"], 1):
            where = f"{name}, cell {number}"
            assert not cell.get("outputs"), f"{where} holds outputs"
            assert cell.get("execution_count") is None, f"{where} holds an execution count"


# Written in parts, so that this file is not found itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.*$})])/(?:" + "|".join(["work", "root", "tmp"]) + r")/(?=[\w.])",
    "the address of a package registry": "|".join(
        [
            r"index[-_]url['\"]?\s*[=:\s]\s*['\"]?(?:https?:|\w+\.)",
            r"https?://\S+/simple\b",
            r"pypi\." + "org",
            r"files\." + "pythonhosted",
            r"registry\." + r"npmjs",
            r"conda\." + r"anaconda",
        ]
    ),
    "the address of a machine": r"https?://(?!127\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_of_this_machine_is_written_down(what):
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in TEXTS.items()
        for match in pattern.finditer(text)
    ]
    assert not found, f"{what}: {found}"


@pytest.mark.parametrize(
    ("what", "line", "is_found"),
    [
        ("a path of one machine", "open('/" + "tmp/x.xlsx')", True),
        ("a path of one machine", "cd /" + "work/main", True),
        ("a path of one machine", "[file](file:///" + "root/x)", True),
        ("a path of one machine", "see notebooks/work/x or https://example.com/work/x", False),
        ("the address of a package registry", "pip install --index" + "-url http://a/b evaltool", True),
        ("the address of a package registry", "https://mirror.example.cn/" + "simple", True),
        ("the address of a package registry", "pip install -c constraints.txt -e .", False),
        ("the address of a package registry", "uv pip compile --no-emit-index" + "-url --extra dev", False),
        ("the address of a machine", "http://10.1.2" + ".3:8080/", True),
        ("the address of a machine", "http://127.0.0.1:8888/lab", False),
    ],
)
def test_the_patterns_find_what_they_should(what, line, is_found):
    assert bool(re.search(FORBIDDEN[what], line)) is is_found


def test_no_lock_file_with_addresses():
    assert not [name for name in TEXTS if name.endswith(("uv.lock", "poetry.lock", "pip.conf", "uv.toml"))]


def test_lines_end_alike():
    """Definitions and sample data are hashed into receipts, so their bytes must not depend on the system."""
    assert not [path.name for path in FILES if path.suffix in {".yaml", ".py", ".ipynb"} and b"\r" in path.read_bytes()]


# --- the wheel ---


def test_the_wheel_carries_data_notebooks_and_sample(tmp_path):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = set()
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        for here, there in [
            ("evaltool/", "evaltool/"),
            ("indicators/", "indicators/"),
            ("notebooks/", "evaltool/notebooks/"),
            ("data/sample/", "evaltool/sample/"),
        ]:
            if name.startswith(here):
                expected.add(there + name.removeprefix(here))
    assert expected - inside == set()
    assert {name for name in inside if ".dist-info/" not in name} - expected == set()
