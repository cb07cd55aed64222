"""VS Code completes keys: the committed settings name schemas that exist, for all files of all editions."""

from __future__ import annotations

import json
from pathlib import Path

from evaltool.scheme import entries

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = json.loads((ROOT / ".vscode" / "settings.json").read_text("utf-8"))["yaml.schemas"]


def test_every_mapped_schema_is_there_and_every_schema_is_mapped():
    named = {(ROOT / schema).resolve() for schema in SETTINGS}
    assert named == {path.resolve() for path in (ROOT / "indicators" / "schema").glob("*.json")}


def test_every_file_of_every_edition_has_its_schema():
    found = {file: Path(schema).name for schema, pattern in SETTINGS.items() for file in ROOT.glob(pattern)}
    for entry in entries():
        for name in ("scheme", "sources", "cases"):
            assert found.pop(entry.folder / f"{name}.yaml") == f"{name}.schema.json"
    assert not found


def test_the_extension_that_reads_them_is_recommended():
    extensions = json.loads((ROOT / ".vscode" / "extensions.json").read_text("utf-8"))
    assert extensions["recommendations"] == ["redhat.vscode-yaml"]
