"""The animals of the zoo: awkward cells, each with the reason why it is here. `tests.batch.zoo` puts them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import v4


@dataclass(frozen=True, slots=True)
class Animal:
    """`house`: the notebook it shares with others, "" = its own. `stops`: the notebook ends before its last cell.

    `ignore` goes to `differences`; `needs` are modules without which it is left out; `format` is nbformat's minor;
    `direct`: our engine's fastest way is good enough for it.
    """

    name: str
    why: str
    cells: Sequence[Any]
    house: str = ""
    parameters: Mapping[str, Any] | None = None
    stops: bool = False
    ignore: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    format: int = 5
    direct: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)


def code(source: str, *tags: str, **more: Any) -> Any:
    return v4.new_code_cell(source, metadata={"tags": list(tags)} if tags else {}, **more)


def failing(source: str) -> Any:
    return code(source, "raises-exception")


def markdown(source: str, *tags: str, **more: Any) -> Any:
    return v4.new_markdown_cell(source, metadata={"tags": list(tags)} if tags else {}, **more)


def written(text: str) -> Iterator[Any]:
    """Code cells of a text: `# %%` parts them, what follows it are tags; “fails” is short for raises-exception."""
    tags: list[str] = []
    lines: list[str] = []
    for line in [*text.strip("\n").split("\n"), "# %%"]:
        if not line.startswith("# %%"):
            lines.append(line)
            continue
        if lines:
            yield code("\n".join(lines), *("raises-exception" if tag == "fails" else tag for tag in tags))
        tags, lines = line.removeprefix("# %%").split(), []


ANIMALS: list[Animal] = []


def animal(name: str, why: str, *cells: Any, **more: Any) -> None:
    parts = [list(written(part)) if isinstance(part, str) else [part] for part in cells]
    ANIMALS.append(Animal(name, why, [cell for part in parts for cell in part], **more))
