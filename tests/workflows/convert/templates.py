"""The official template workflows, as their package on PyPI has them, and what of them cannot be converted here.

    python -m tests.workflows.convert.templates

writes ``shortfalls.json`` anew, for a new version of the package.
"""

from __future__ import annotations

import functools
import gzip
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.workflows.checks import check
from comfy_gen.workflows.convert import Conversion, Kind, convert

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = "comfyui_workflow_templates_json"
SHORTFALLS = Path(__file__).parent / "shortfalls.json"
EDITOR_ONLY = frozenset({"Note", "MarkdownNote", "Reroute", "PrimitiveNode"})
FILE_INPUTS = ("_name", "_name1", "_name2", "_name3", "_name4", "image", "audio", "file", "name")
"""How inputs end that take the name of a model or another file, which a test engine need not have."""


@functools.cache
def templates() -> dict[str, dict[str, Any]]:
    """Return all workflows by name. They are shared: copy before changing."""
    found = {
        path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
        for path in (files(PACKAGE) / "templates").iterdir()
        if path.name.endswith(".json") and not path.name.startswith("index")
    }
    return {name: data for name, data in sorted(found.items()) if isinstance(data, dict) and "nodes" in data}


def classes_of(ui: Mapping[str, Any]) -> set[str]:
    """Return the classes of all its nodes, those inside subgraphs too, but for what only the editor knows."""
    subgraphs = {graph["id"]: graph for graph in ui.get("definitions", {}).get("subgraphs", [])}
    nodes = (node for graph in (ui, *subgraphs.values()) for node in graph["nodes"])
    return {node["type"] for node in nodes} - EDITOR_ONLY - subgraphs.keys()


def shortfalls_of(conversion: Conversion, object_info: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return by reason what keeps a template from running as it does in the editor, names of files aside."""
    found: dict[str, set[str]] = {}
    for problem in conversion.problems:
        is_lack = problem.kind is Kind.MISSING_CLASS
        what = str(problem.class_type) if is_lack else f"{problem.node_id} ({problem.class_type})"
        found.setdefault(problem.kind.value, set()).add(what)
    if Kind.MISSING_CLASS.value not in found:
        for problem in check(conversion.workflow, object_info).problems:
            if not (problem.input_name or "").endswith(FILE_INPUTS):
                found.setdefault("refused", set()).add(str(problem))
    return {reason: sorted(whats) for reason, whats in sorted(found.items())}


def survey(object_info: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return the shortfalls of all templates that have any."""
    found = {
        name: shortfalls_of(convert(ui, object_info, source=name), object_info) for name, ui in templates().items()
    }
    return {name: shortfalls for name, shortfalls in found.items() if shortfalls}


def main() -> None:
    """Write the shortfalls of the package that is installed."""
    recorded = Path(__file__).parents[2] / "protocol" / "object_info.json.gz"
    object_info = json.loads(gzip.decompress(recorded.read_bytes()))
    lines = [f"{json.dumps(name)}: {json.dumps(shortfalls)}" for name, shortfalls in survey(object_info).items()]
    head = f'"version": "{version(PACKAGE)}",\n"workflows": {len(templates())},\n"shortfalls"'
    SHORTFALLS.write_text("{\n" + head + ": {\n" + ",\n".join(lines) + "\n}\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
