"""The small edition in whole/, which has one of everything, and the same with something changed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evaltool.scheme import Scheme, load_folder

HERE = Path(__file__).parent / "whole"
SCHEME, SOURCES, CASES = ((HERE / f"{name}.yaml").read_text("utf-8") for name in ("scheme", "sources", "cases"))
Changes = tuple[str, str]


def write(
    folder: Path, *changes: Changes, sources: Changes = ("", ""), names: Mapping[str, str] = MappingProxyType({})
) -> Path:
    """The edition in `folder`: other `names` in all files, then each (old, new) put in the text of the rules."""
    folder.mkdir(parents=True)
    text, cases = SCHEME, CASES
    for old, new in names.items():
        text, cases = (re.sub(rf"\b{old}\b", new, one) for one in (text, cases))
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (folder / "scheme.yaml").write_text(text, "utf-8")
    (folder / "sources.yaml").write_text(SOURCES.replace(*sources, 1) if sources[0] else SOURCES, "utf-8")
    (folder / "cases.yaml").write_text(cases, "utf-8")
    return folder


def edition(folder: Path, *changes: Changes, **other: Any) -> Scheme:
    return load_folder(write(folder, *changes, **other))
