"""JSON Schema for editors, generated from the models, and the keys a place in a file allows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from evaltool.scheme.layering import Changes
from evaltool.scheme.models import Edition
from evaltool.scheme.papers import Cases, Source


def documents() -> dict[str, dict[str, Any]]:
    """File name → JSON Schema of the three files of an edition."""
    sources = TypeAdapter(dict[str, Source]).json_schema()
    sources["properties"] = {"format": {"enum": [1, "1"]}}
    return {
        "scheme.schema.json": _scheme(),
        "sources.schema.json": sources,
        "cases.schema.json": Cases.model_json_schema(),
    }


def _scheme() -> dict[str, Any]:
    """An edition, or, where it says `amends` or `extends`, changes to one."""
    whole, changes = Edition.model_json_schema(), Changes.model_json_schema()
    defs = {**whole.pop("$defs"), **changes.pop("$defs"), "Edition": whole, "Changes": changes}
    changing = {"anyOf": [{"required": ["amends"]}, {"required": ["extends"]}]}
    return {"$defs": defs, "if": changing, "then": {"$ref": "#/$defs/Changes"}, "else": {"$ref": "#/$defs/Edition"}}


def write(folder: Path) -> None:
    """Write the schemas into `folder`; the committed copies in indicators/schema/ are compared by a test."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in documents().items():
        (folder / name).write_text(json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


@cache
def _all() -> dict[str, dict[str, Any]]:
    return documents()


def keys_at(file: str, loc: tuple[str | int, ...]) -> list[str]:
    """The keys allowed in `file` (scheme.yaml, …) at a pydantic location (field names, list positions, union tags)."""
    schema = _all()[file.replace(".yaml", ".schema.json")]
    nodes = [schema]
    for part in loc:
        if part in ("one", "branches"):
            continue
        if part == "by":  # the rule that looks at a column first
            nodes = [
                option for node in nodes for option in _options(node, schema) if "by" in option.get("properties", {})
            ]
            continue
        nodes = [found for node in nodes for found in _down(node, part, schema)] or nodes
    keys = [key for node in nodes for option in _options(node, schema) for key in option.get("properties", {})]
    return list(dict.fromkeys(keys))


def _options(node: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """The node itself with references followed and unions spread."""
    if "$ref" in node:
        return _options(root["$defs"][node["$ref"].rsplit("/", 1)[-1]], root)
    spread = node.get("anyOf") or node.get("oneOf") or ("else" in node and [node["else"], node["then"]])
    return [option for part in spread for option in _options(part, root)] if spread else [node]


def _down(node: dict[str, Any], part: str | int, root: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    options = _options(node, root)
    tagged = [option for option in options if option.get("properties", {}).get("kind", {}).get("const") == part]
    if tagged and len(options) > 1:  # a rule among the rules: the others have nothing to say
        return tagged
    for option in options:
        properties = option.get("properties", {})
        if part in properties:
            found.append(properties[part])
        elif isinstance(part, int) and "items" in option:
            found.append(option["items"])
        elif isinstance(option.get("additionalProperties"), dict):
            found.append(option["additionalProperties"])
        else:
            found += option.get("patternProperties", {}).values()
    return found
