"""report.json: the numbers of a report, exact as text; the notebook shows its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import Any

from evaltool.files import write_text

MIME = "application/vnd.evaltool.report+json"


def exact_text(value: object) -> object:
    """An exact number as text that loses nothing: `84.995` would be 84.995, one third is “1/3”."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Fraction):
        return str(value)
    if isinstance(value, float):
        return "inf" if value > 0 else "-inf"
    return str(value)


def exactly(value: Any) -> Any:
    """The same structure with every number as exact text."""
    if isinstance(value, dict):
        return {str(key): exactly(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exactly(item) for item in value]
    return exact_text(value)


@dataclass(frozen=True)
class Finished:
    """What the last cell of a report shows; the hash proves to the batch that this very file was written."""

    file: str
    sha256: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        said = f"本报告的数字已写入 {self.file}（sha256 {self.sha256[:12]}…）。"
        return {
            "text/plain": said,
            "text/html": f'<p class="note">{escape(said)}</p>',
            MIME: {"file": self.file, "sha256": self.sha256},
        }


def figures_text(figures: dict[str, Any]) -> str:
    """report.json as it is written."""
    return json.dumps({"format": "1", **exactly(figures)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write_figures(folder: Path, figures: dict[str, Any]) -> Finished:
    """Writes report.json into `folder`."""
    text = figures_text(figures)
    write_text(folder / "report.json", text)
    return Finished("report.json", hashlib.sha256(text.encode()).hexdigest())
