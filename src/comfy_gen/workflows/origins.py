"""Tells of which pack each node class is, as ComfyUI's editor writes it into its files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN = "comfy-core"
"""What the editor calls ComfyUI itself."""
REGISTRY = "https://registry.comfy.org/nodes/"
REPOSITORIES = "https://github.com/"


def origins_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return where the pack of each node class can be had, by class; of ComfyUI's own classes nothing.

    The editor knows a pack by its name in ComfyUI's registry (``cnr_id``), or by its repository (``aux_id``).
    """
    found = {str(node.get("type")): _origin(node) for node in editor_nodes(document)}
    return {class_type: origin for class_type, origin in found.items() if origin}


def editor_nodes(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every node of what the editor saved, those within its subgraphs included."""
    yield from _mappings(document.get("nodes"))
    definitions = document.get("definitions")
    if isinstance(definitions, Mapping):
        for subgraph in _mappings(cast("Mapping[str, Any]", definitions).get("subgraphs")):
            yield from _mappings(subgraph.get("nodes"))


def _origin(node: Mapping[str, Any]) -> str:
    properties = node.get("properties")
    if not isinstance(properties, Mapping):
        return ""
    fields = cast("Mapping[str, Any]", properties)
    name, repository = fields.get("cnr_id"), fields.get("aux_id")
    if isinstance(name, str) and name:
        return "" if name == _OWN else REGISTRY + name
    return REPOSITORIES + repository if isinstance(repository, str) and repository else ""


def _mappings(items: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(items, list):
        yield from (one for one in cast("list[Any]", items) if isinstance(one, Mapping))
