"""Workflows as people have them, and how tests bring them to the page."""

from __future__ import annotations

import json
from typing import Any

from comfy_gen.workflows.catalogue import load_template


def graph_of(name: str = "sd15", **size: int) -> dict[str, Any]:
    graph: dict[str, Any] = json.loads(json.dumps(dict(load_template(name).workflow)))
    for node in graph.values():
        if node["class_type"] == "EmptyLatentImage":
            node["inputs"] |= {"width": 64, "height": 64, **size}
    return graph
