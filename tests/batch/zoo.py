"""A zoo of awkward notebooks: what kernels are known to do differently, each with the reason why it is here.

Every animal is deterministic under plain papermill: a pause stands where output comes through a pipe, paths of folders
are not shown, nothing is timed. Harmless animals share a house (one notebook, one kernel), the others live alone.

    python -m tests.batch.zoo ENGINE FOLDER [HOUSE …]    # runs houses through papermill with that engine
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from tests.batch.animals import ANIMALS, Animal

PLAIN = "nbclient"
# what both sides have in their environment
SAME = {"PLOTLY_RENDERER": "plotly_mimetype", "PYTHONUTF8": "1"}

# where the animals stand; each module adds its own to ANIMALS, in this order
KINDS = (
    "waiting",
    "programs",
    "texts",
    "displays",
    "names",
    "errors",
    "warnings_and_logs",
    "threads",
    "inputs",
    "objects",
    "surroundings",
    "pictures",
    "shapes",
)
for _kind in KINDS:
    import_module(f"tests.batch.animals.{_kind}")



@dataclass(frozen=True, slots=True)
class House:
    """One notebook with its animals."""

    name: str
    animals: tuple[Animal, ...]

    @property
    def notebook(self) -> Any:
        """A new notebook of format 4; cells carry the name of their animal, ids say where they stand."""
        made = v4.new_notebook(metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        })  # fmt: skip
        for one in self.animals:
            made.metadata.update(nbformat.from_dict(dict(one.metadata)))
            for cell in one.cells:
                cell = nbformat.from_dict(json.loads(json.dumps(cell)))
                cell.metadata["zoo"] = one.name
                cell.id = f"cell-{len(made.cells) + 1}"
                made.cells.append(cell)
        made.nbformat_minor = self.animals[0].format
        if made.nbformat_minor < 5:
            for cell in made.cells:
                del cell["id"]
        return made

    @property
    def parameters(self) -> Mapping[str, Any] | None:
        return self.animals[0].parameters

    @property
    def ignore(self) -> tuple[str, ...]:
        return self.animals[0].ignore

    @property
    def stops(self) -> bool:
        return any(one.stops for one in self.animals)

    @property
    def direct(self) -> bool:
        return all(one.direct for one in self.animals)

    @property
    def needs(self) -> list[str]:
        """Modules that are not installed here."""
        return [name for one in self.animals for name in one.needs if importlib.util.find_spec(name) is None]


def houses(names: Iterable[str] = ()) -> list[House]:
    """All houses, or those of the given names (of houses or animals)."""
    together: dict[str, list[Animal]] = {}
    for one in ANIMALS:
        together.setdefault(one.house or one.name, []).append(one)
    wanted = set(names)
    every = [House(name, tuple(animals)) for name, animals in together.items()]
    return [house for house in every if not wanted or wanted & {house.name, *(one.name for one in house.animals)}]


# --- running ---


@dataclass(frozen=True, slots=True)
class Ran:
    """`notebook`: as papermill left it, None if it left none. `raised`: the class of what papermill raised, "" =
    nothing. `said`: what papermill's log was told.
    """

    notebook: Any
    raised: str
    said: tuple[str, ...] = ()


class _Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def run(house: House, folder: Path, engine: str | None) -> Ran:
    """Runs a house through papermill. `folder` is made and is the working folder; its name can be seen in notebooks, so
    runs that are to be compared take turns in one place.
    """
    import papermill

    folder.mkdir(parents=True)
    before = Path.cwd()
    os.chdir(folder)
    os.environ["ZOO_HOUSE"] = house.name
    log, listening = logging.getLogger("papermill"), _Listening()
    log.addHandler(listening)
    level = log.level
    log.setLevel(logging.INFO)
    raised = ""
    try:
        Path("in.ipynb").write_text(json.dumps(house.notebook), encoding="utf-8")
        try:
            papermill.execute_notebook(
                "in.ipynb", "out.ipynb", dict(house.parameters) if house.parameters else None, engine_name=engine,
                progress_bar=False, execution_timeout=60,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 – whatever it is has to be the same by both ways
            raised = type(error).__name__
    finally:
        log.removeHandler(listening)
        log.setLevel(level)
        os.chdir(before)
    return Ran(left(folder), raised, tuple(listening.said))


def left(folder: Path) -> Any:
    """The notebook that a run left in its folder."""
    out = folder / "out.ipynb"
    return nbformat.read(out, 4) if out.exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs houses and leaves FOLDER/HOUSE/out.ipynb and FOLDER/runs.json."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("engine")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(**SAME, IPYTHONDIR=str(folder / ".ipython"))
    runs = {}
    for house in houses(given.names):
        if not house.needs:
            ran = run(house, folder / house.name, given.engine)
            runs[house.name] = {"raised": ran.raised, "said": ran.said}
    (folder / "runs.json").write_text(json.dumps(runs, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
