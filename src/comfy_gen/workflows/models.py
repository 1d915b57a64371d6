"""Names the model files that a graph loads, and the engine's folder that each must lie in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.workflows.graph import Workflow


class ModelUse(NamedTuple):
    """One input that names a model file."""

    folder: str
    """As ``GET /models`` of an engine spells it: checkpoints, loras, vae, text_encoders, diffusion_models …"""
    name: str
    node_id: str
    input_name: str


FOLDERS_BY_INPUT = {
    "ckpt_name": "checkpoints",
    "lora_name": "loras",
    "vae_name": "vae",
    "unet_name": "diffusion_models",
    "unet_name_gguf": "diffusion_models",
    "control_net_name": "controlnet",
    "style_model_name": "style_models",
    "gligen_name": "gligen",
    "hypernetwork_name": "hypernetworks",
    "photomaker_model_name": "photomaker",
    "audio_encoder_name": "audio_encoders",
    **{f"clip_name{number}": "text_encoders" for number in ("", 1, 2, 3, 4)},
}
"""Loaders, ComfyUI's own and others', agree on these names; those below do not keep to them."""

FOLDERS_BY_NODE = {
    ("CLIPVisionLoader", "clip_name"): "clip_vision",
    ("UpscaleModelLoader", "model_name"): "upscale_models",
    ("LatentUpscaleModelLoader", "model_name"): "latent_upscale_models",
    ("ModelPatchLoader", "name"): "model_patches",
}

BUILT_IN = {"vae": frozenset({"pixel_space", "taesd", "taesdxl", "taesd3", "taef1"})}
"""Names that a loader offers without a file of that name."""


def models_of(workflow: Workflow) -> list[ModelUse]:
    """Return every model file that the graph names, in the graph's own order; linked names are not known."""
    return [
        ModelUse(folder, name, node_id, input_name)
        for node_id, node in workflow.items()
        for input_name, name in node["inputs"].items()
        if isinstance(name, str) and (folder := folder_of(node["class_type"], input_name))
    ]


def folder_of(class_type: str, input_name: str) -> str:
    """Return the folder whose files an input names; empty for an input that names none."""
    return FOLDERS_BY_NODE.get((class_type, input_name)) or FOLDERS_BY_INPUT.get(input_name, "")


def missing_models(workflow: Workflow, available: Mapping[str, Sequence[str]]) -> list[ModelUse]:
    """Return the uses of files that an engine has not; folders of which nothing is known are trusted.

    ``available`` has the file names by folder. Either slash counts as the same: an engine on Windows has
    backslashes.
    """
    known = {folder: {name.replace("\\", "/") for name in names} for folder, names in available.items()}
    return [use for use in models_of(workflow) if use.folder in known and not _is_there(use, known[use.folder])]


def _is_there(use: ModelUse, names: set[str]) -> bool:
    return use.name.replace("\\", "/") in names or use.name in BUILT_IN.get(use.folder, ())
