"""Draws what ComfyUI's editor saves, in as few words as a test needs."""

from __future__ import annotations

from typing import Any

from comfy_gen.workflows.convert import Conversion, convert

OBJECT_INFO: dict[str, Any] = {
    "Loader": {"input": {"required": {"name": [["a.ckpt", "b.ckpt"]]}}, "display_name": "Load It"},
    "Text": {"input": {"required": {"text": ["STRING", {"dynamicPrompts": True}], "clip": ["CLIP"]}}},
    "Sampler": {
        "input": {
            "required": {
                "model": ["MODEL"],
                "seed": ["INT", {"default": 0}],
                "steps": ["INT", {"default": 20}],
                "denoise": ["FLOAT", {}],
            },
            "optional": {"latent": ["LATENT"]},
        }
    },
    "Scale": {"input": {"required": {"image": ["IMAGE"], "by": ["FLOAT", {"default": 2.0}]}}},
    "Blend": {"input": {"required": {"mask": ["MASK"], "image1": ["IMAGE"], "image2": ["IMAGE"]}}},
    "Picture": {"input": {"required": {"size": ["INT", {"default": 64}]}}},
    "Save": {"input": {"required": {"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "ComfyUI"}]}}},
}
MUTED, BYPASSED = 2, 4


def socket(name: str, kind: str = "IMAGE", link: Any = None, *, widget: bool = False) -> dict[str, Any]:
    return {"name": name, "type": kind, "link": link, **({"widget": {"name": name}} if widget else {})}


def node(node_id: Any, kind: str, *inputs: dict[str, Any], values: Any = (), **more: Any) -> dict[str, Any]:
    values = list(values) if isinstance(values, tuple) else values
    return {"id": node_id, "type": kind, "inputs": list(inputs), "widgets_values": values, **more}


def out(*kinds: str) -> list[dict[str, Any]]:
    return [{"name": kind, "type": kind} for kind in kinds]


def link(link_id: int, origin: Any, slot: int = 0, target: Any = 0, target_slot: int = 0) -> list[Any]:
    return [link_id, origin, slot, target, target_slot, "*"]


def drawing(*nodes: dict[str, Any], links: Any = (), subgraphs: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "nodes": list(nodes),
        "links": list(links),
        "definitions": {"subgraphs": list(subgraphs)},
        "version": 0.4,
        **more,
    }


def subgraph(
    name: str, *nodes: dict[str, Any], links: Any = (), inputs: dict[str, Any] | None = None, outputs: Any = ()
) -> dict[str, Any]:
    """A definition whose inputs and outputs are given with the ids of their links inside."""
    return {
        "id": name,
        "name": f"the {name}",
        "nodes": list(nodes),
        "links": [
            {"id": one[0], "origin_id": one[1], "origin_slot": one[2], "target_id": one[3], "target_slot": one[4]}
            for one in links
        ],
        "inputNode": {"id": -10},
        "outputNode": {"id": -20},
        "inputs": [{"name": name, "type": "*", "linkIds": list(ids)} for name, ids in (inputs or {}).items()],
        "outputs": [{"name": "out", "type": "*", "linkIds": list(ids)} for ids in outputs],
    }


def converted(ui: dict[str, Any], object_info: dict[str, Any] | None = None) -> Conversion:
    return convert(ui, OBJECT_INFO if object_info is None else object_info)


def inputs_of(ui: dict[str, Any], node_id: str, object_info: dict[str, Any] | None = None) -> dict[str, Any]:
    return converted(ui, object_info).workflow[node_id]["inputs"]


def told(conversion: Conversion) -> list[tuple[str, str | None]]:
    return [(finding.kind.value, finding.node_id) for finding in (*conversion.problems, *conversion.notes)]
