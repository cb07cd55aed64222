"""receipt.json: versions and the hash of every file of a round, and the check of them."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evaltool.archive.log import broken_lines, lines
from evaltool.files import write_text

NAME, LOG = "receipt.json", "log.jsonl"
PACKAGES = ("evaltool", "pandas", "numpy", "openpyxl", "pydantic", "plotly", "papermill")


def write_receipt(folder: Path, when: str) -> Path:
    """Hashes of everything in the round but the receipt; of the log, which grows afterwards, what it says until now."""
    said = lines(folder / LOG)
    receipt = {
        "format": 1,
        "when": when,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "log": {"lines": len(said), "sha256": _digest(b"\n".join(said))},
        "files": {name: _hash(folder / name) for name in _names(folder)},
    }
    return write_text(folder / NAME, json.dumps(receipt, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def verify(folder: str | Path) -> list[str]:
    """What differs from the receipt, as Chinese sentences; nothing if every byte is as it was."""
    root = Path(folder)
    if not (root / NAME).is_file():
        return [f"没有 {NAME}，无从核对"]
    try:
        receipt = json.loads((root / NAME).read_text("utf-8"))
        said, log = dict(receipt["files"]), (int(receipt["log"]["lines"]), str(receipt["log"]["sha256"]))
    except (ValueError, TypeError, KeyError):
        return [f"{NAME}：内容读不出，无从核对"]
    found = []
    for name in sorted({*said, *_names(root)}):
        if name not in said:
            found.append(f"{name}：回执里没有")
        elif not (root / name).is_file():
            found.append(f"{name}：不见了")
        elif _hash(root / name) != said[name]:
            found.append(f"{name}：内容变了")
    if _digest(b"\n".join(lines(root / LOG)[: log[0]])) != log[1]:
        found.append(f"{LOG}：出回执以前的 {log[0]} 行变了")
    if (root / LOG).is_file():
        found += [f"{LOG} 第 {number} 行：与前一行接不上" for number in broken_lines(root / LOG)]
    return found


def _names(folder: Path) -> list[str]:
    """All files but the receipt, the log that grows, and what reports/.run keeps of how the reports were made."""
    files = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return sorted(name for name in files if name not in (NAME, LOG) and not name.startswith("reports/."))


def _hash(file: Path) -> str:
    return _digest(file.read_bytes())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
