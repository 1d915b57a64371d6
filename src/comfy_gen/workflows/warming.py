"""The smallest workflows that have an engine load a model: tiny, one step, and nothing is kept. Pure.

An engine loads weights when a node needs them, not when a loader names them: so each of these really paints.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import InvalidParameterError, ModelReferenceError
from comfy_gen.workflows import edits
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.families import family_in, family_of, family_of_checkpoint, painters_of, paints_pictures
from comfy_gen.workflows.graph import ancestors, free_node_id, nodes_of_type
from comfy_gen.workflows.matching import match_model
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.passes import sampling_passes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comfy_gen.workflows.graph import Workflow
    from comfy_gen.workflows.template import Template

SIDE = 64
"""Pixels of the picture: no model paints a smaller one."""
FOLDERS = ("checkpoints", "diffusion_models", "loras", "vae", "upscale_models")
"""Those whose models can be loaded by themselves, or with what an engine has for them."""
_COLOURS = 0x1000000


@dataclass(frozen=True, slots=True)
class Weights:
    """A model file of an engine."""

    folder: str
    file: str
    """As the engine spells it."""

    def __str__(self) -> str:
        return f"{self.folder}/{self.file}"


def find_weights(text: str, available: Mapping[str, Collection[str]], *, engine: str) -> Weights:
    """Return the file of an engine that is meant: ``FOLDER/FILE``, or a file, of which the ending may be left out.

    Raises:
        ModelReferenceError: the engine has none; with the nearest that it has.
    """
    said = text.strip().replace("\\", "/")
    for folder in FOLDERS:
        files = available.get(folder, ())
        name = match_model(said.removeprefix(f"{folder}/"), files)
        if name in files:
            return Weights(folder, name)
    everything = sorted(name for folder in FOLDERS for name in available.get(folder, ()))
    reason = f"{engine} has no such file that can be loaded by itself"
    raise ModelReferenceError(text, reason, nearest_names(said.rpartition("/")[2], everything, 3))


def warming(weights: Weights, available: Mapping[str, Collection[str]], *, seed: int) -> Workflow:
    """Return a workflow that has an engine load a model.

    Args:
        weights: the model.
        available: the files that the engine has, by folder.
        seed: another each time: what an engine has made before it does not make again, and so loads nothing.

    Raises:
        InvalidParameterError: it cannot be loaded by itself; or what it is used with is not known, or not there.
    """
    if weights.folder == "checkpoints":
        return _painting(weights.file, seed)
    if weights.folder == "diffusion_models":
        return _shrunk(_template_for(weights), weights, available, seed)
    if weights.folder == "loras":
        return _with_lora(weights, available, seed)
    if weights.folder == "vae":
        return _there_and_back(weights.file, seed)
    if weights.folder == "upscale_models":
        return _enlarging(weights.file, seed)
    raise InvalidParameterError("the model", str(weights), f"one in {', '.join(FOLDERS)}")


def _painting(checkpoint: str, seed: int) -> Workflow:
    """Return a picture by a checkpoint; its kind of canvas does not matter, ComfyUI gives it the channels it needs."""
    return {
        "1": _node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "2": _node("CLIPTextEncode", text="", clip=["1", 1]),
        "3": _node("EmptyLatentImage", width=SIDE, height=SIDE, batch_size=1),
        "4": _node(
            "KSampler",
            model=["1", 0],
            positive=["2", 0],
            negative=["2", 0],
            latent_image=["3", 0],
            seed=seed,
            steps=1,
            cfg=1.0,
            sampler_name="euler",
            scheduler="simple",
            denoise=1.0,
        ),
        "5": _node("VAEDecode", samples=["4", 0], vae=["1", 2]),
        "6": _node("PreviewImage", images=["5", 0]),
    }


def _with_lora(weights: Weights, available: Mapping[str, Collection[str]], seed: int) -> Workflow:
    """Return a picture by a checkpoint of the LoRA's family, with the LoRA."""
    family = family_of_checkpoint(weights.file)
    fitting = [name for name in sorted(available.get("checkpoints", ())) if _family_of(name) == family]
    if not fitting:
        raise InvalidParameterError("the model", str(weights), f"a LoRA beside a checkpoint that it fits, of {family}")
    workflow = _painting(fitting[0], seed)
    workflow["7"] = _node("LoraLoaderModelOnly", model=["1", 0], lora_name=weights.file, strength_model=1.0)
    workflow["4"]["inputs"]["model"] = ["7", 0]
    return workflow


def _there_and_back(vae: str, seed: int) -> Workflow:
    return {
        "1": _node("VAELoader", vae_name=vae),
        "2": _colour(seed),
        "3": _node("VAEEncode", pixels=["2", 0], vae=["1", 0]),
        "4": _node("VAEDecode", samples=["3", 0], vae=["1", 0]),
        "5": _node("PreviewImage", images=["4", 0]),
    }


def _enlarging(model: str, seed: int) -> Workflow:
    return {
        "1": _node("UpscaleModelLoader", model_name=model),
        "2": _colour(seed),
        "3": _node("ImageUpscaleWithModel", upscale_model=["1", 0], image=["2", 0]),
        "4": _node("PreviewImage", images=["3", 0]),
    }


def _colour(seed: int) -> dict[str, Any]:
    return _node("EmptyImage", width=SIDE, height=SIDE, batch_size=1, color=seed % _COLOURS)


def _shrunk(template: Template, weights: Weights, available: Mapping[str, Collection[str]], seed: int) -> Workflow:
    """Return a template's workflow as small as it can be, with a model in place of its own of the same kind."""
    workflow = copy.deepcopy(template.workflow)
    needs = {f"{need.folder}/{need.file}" for need in template.models}
    if str(weights) not in needs:
        needs -= {f"{need.folder}/{need.file}" for need in painters_of(template)}
        edits.set_model(workflow, weights.file)
    missing = sorted(needs - {f"{folder}/{_posix(file)}" for folder, files in available.items() for file in files})
    if missing:
        expected = f"one with what it is used with: {', '.join(missing)}"
        raise InvalidParameterError("the model", str(weights), expected, "comfygen models download fetches it.")
    edits.set_size(workflow, SIDE, SIDE)
    edits.set_steps(workflow, len(sampling_passes(workflow)))  # of several experts each has one
    edits.set_seed(workflow, seed)
    if template.output == "video":
        edits.set_length(workflow, 1)
    return _kept_by_nobody(_without_pictures(workflow))


def _template_for(weights: Weights) -> Template:
    """Return the template of a model that paints: its own, or one of its family.

    Raises:
        InvalidParameterError: there is none.
    """
    templates = [load_template(name) for name in template_names()]
    own = [one for one in templates if any(_is_same(weights, need.folder, need.file) for need in one.models)]
    family = family_in(weights.file)
    alike = [one for one in templates if _has_one_painter(one) and family and family_of(one) == family]
    if not (own or alike):
        known = sorted({family_of(one) for one in templates if _has_one_painter(one)})
        raise InvalidParameterError("the model", str(weights), f"of a family that is known: {', '.join(known)}")
    return (own or alike)[0]


def _has_one_painter(template: Template) -> bool:
    """Tell whether a template paints with one diffusion model, so that another can stand in for it."""
    return [need.folder for need in painters_of(template)] == ["diffusion_models"]


def _without_pictures(workflow: Workflow) -> Workflow:
    """Replace pictures that are loaded by an empty one: there may be none."""
    for node_id in nodes_of_type(workflow, "LoadImage"):
        workflow[node_id] = _colour(0)
    return workflow


def _kept_by_nobody(workflow: Workflow) -> Workflow:
    """Have a picture be looked at instead of saved."""
    decoded = nodes_of_type(workflow, "VAEDecode")[-1]
    needed = ancestors(workflow, decoded)
    small = {node_id: node for node_id, node in workflow.items() if node_id in needed}
    return {**small, free_node_id(workflow): _node("PreviewImage", images=[decoded, 0])}


def _family_of(checkpoint: str) -> str:
    return family_of_checkpoint(checkpoint) if paints_pictures(checkpoint) else ""


def _is_same(weights: Weights, folder: str, file: str) -> bool:
    return (weights.folder, _posix(weights.file)) == (folder, file)


def _posix(file: str) -> str:
    return file.replace("\\", "/")


def _node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}
