"""Tells what pictures must be like, where their graph leaves no doubt. Pure.

Their size is known where the way is straight from a canvas to a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.roles import find_roles
from comfy_gen.workflows.slots import Slot, is_literal, origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.graph import Workflow

_OUTPUTS: Mapping[str, str] = {
    "SaveImage": "images",
    "PreviewImage": "images",
    "SaveAnimatedPNG": "images",
    "SaveAnimatedWEBP": "images",
}
_KEEPERS: Mapping[str, str] = {
    **_OUTPUTS,
    "ImageFromBatch": "image",
    "RepeatImageBatch": "image",
    "VAEDecode": "samples",
    "VAEDecodeTiled": "samples",
    "KSampler": "latent_image",
    "KSamplerAdvanced": "latent_image",
    "SamplerCustom": "latent_image",
    "SamplerCustomAdvanced": "latent_image",
    "LatentFromBatch": "samples",
    "RepeatLatentBatch": "samples",
    "Reroute": "",
}
"""Nodes that leave the size as it is, and the input that the picture comes in by."""
_CANVASES: Mapping[str, int] = {
    "EmptyLatentImage": 8,
    "EmptySD3LatentImage": 8,
    "EmptyHunyuanLatentVideo": 8,
    "EmptyFlux2LatentImage": 16,
    "EmptyHunyuanImageLatent": 32,
}
"""Empty canvases, and how many pixels their models make of a number: what is over at the end is dropped.

See nodes.py and comfy_extras of ComfyUI 0.3.75: a canvas of 100x60 becomes a picture of 96x56.
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of the pictures of a workflow before there are any."""

    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """By output node, as `sizes_of` finds them."""
    are_frames: bool = False
    """Whether they are a video's."""

    def batch_of(self, node_id: str, picture: str) -> str:
        """Return the name of those that a picture must not be the double of; frames may be like each other."""
        return picture if self.are_frames else node_id


def expected_of(workflow: Workflow) -> Expected:
    """Return what is known of the pictures that a workflow will make."""
    return Expected(sizes_of(workflow), are_frames=bool(find_roles(workflow).length))


def sizes_of(workflow: Workflow) -> Mapping[str, tuple[int, int]]:
    """Return, for each output node whose pictures surely have the size that the graph asks for, that size."""
    outputs = [node_id for node_id, node in workflow.items() if node.get("class_type") in _OUTPUTS]
    sizes = {node_id: _size(workflow, node_id) for node_id in outputs}
    return {node_id: size for node_id, size in sizes.items() if size is not None}


def _size(workflow: Workflow, output: str) -> tuple[int, int] | None:
    """Follow a picture back to its canvas; None where something on the way may change the size."""
    seen = set[str]()
    node_id: str | None = output
    while node_id in workflow and node_id not in seen:
        seen.add(node_id)
        class_type = workflow[node_id].get("class_type", "")
        if class_type in _CANVASES:
            return _canvas_size(workflow, node_id, _CANVASES[class_type])
        node_id = _before(workflow, node_id)
    return None


def _before(workflow: Workflow, node_id: str) -> str | None:
    node = workflow[node_id]
    name = _KEEPERS.get(node.get("class_type", ""))
    value = None if name is None else node.get("inputs", {}).get(name)
    return value[0] if is_link(value) else None


def _canvas_size(workflow: Workflow, canvas: str, grid: int) -> tuple[int, int] | None:
    width, height = (origin(workflow, Slot(canvas, side), (int,)).value(workflow) for side in ("width", "height"))
    if not (is_literal(width, (int,)) and is_literal(height, (int,))):
        return None
    size = width // grid * grid, height // grid * grid
    return size if min(size) > 0 else None
