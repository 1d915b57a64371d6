from __future__ import annotations

import json
from typing import TYPE_CHECKING

from comfy_gen.engines.need import Need, likeness_of, need_of

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow


def graph(*, seed=1, text="a fox", steps=20, width=512, checkpoint="sd15.safetensors", prefix="") -> Workflow:
    def node(class_type, **inputs):
        links = {name: [prefix + v[0], v[1]] if isinstance(v, list) else v for name, v in inputs.items()}
        return {"class_type": class_type, "inputs": links}

    nodes = {
        "1": node("CheckpointLoaderSimple", ckpt_name=checkpoint),
        "2": node("CLIPTextEncode", text=text, clip=["1", 1]),
        "3": node("EmptyLatentImage", width=width, height=512, batch_size=1),
        "4": node("KSampler", seed=seed, steps=steps, model=["1", 0], positive=["2", 0], latent_image=["3", 0]),
        "5": node("VAELoader", vae_name="sub\\fine.safetensors"),
        "6": node("VAEDecode", samples=["4", 0], vae=["5", 0]),
    }
    return {prefix + node_id: one for node_id, one in nodes.items()}


def linked(value):
    """A graph whose width another node gives."""
    workflow = graph(width=["7", 0])
    workflow["7"] = {"class_type": "PrimitiveInt", "inputs": {"value": value, "control": "fixed"}}
    return workflow


def test_need_names_classes_models_weights_and_tags():
    need = need_of(graph(), tags=["xl", "fast", "xl"])
    assert need.classes == (
        "CLIPTextEncode",
        "CheckpointLoaderSimple",
        "EmptyLatentImage",
        "KSampler",
        "VAEDecode",
        "VAELoader",
    )
    assert need.models == (("checkpoints", "sd15.safetensors"), ("vae", "sub/fine.safetensors"))
    assert need.weights == ("checkpoints/sd15.safetensors",)
    assert need.tags == ("fast", "xl")


def test_need_survives_json():
    need = need_of(graph(), tags={"xl"})
    assert Need.from_json(json.loads(json.dumps(need.as_json()))) == need


def test_need_of_which_nothing_was_kept_is_none():
    assert Need.from_json({}) == Need()


def test_jobs_of_one_template_are_alike():
    likeness = likeness_of(graph())
    assert likeness == likeness_of(graph(seed=2, text="an owl")) == likeness_of(graph(prefix="9:"))
    assert len(likeness) == 24


def test_what_takes_longer_is_not_alike():
    others = [graph(steps=40), graph(width=1024), graph(checkpoint="xl.safetensors"), linked(512), linked(1024)]
    assert len({likeness_of(other) for other in [graph(), *others]}) == 6


def test_nodes_joined_another_way_are_not_alike():
    other = graph()
    other["6"]["inputs"]["vae"] = ["1", 2]
    assert likeness_of(other) != likeness_of(graph())


def test_links_to_nowhere_say_nothing():
    lost = graph(width=["77", 0])
    lost["6"]["inputs"]["vae"] = ["78", 0]
    assert likeness_of(lost) != likeness_of(graph())


def test_models_of_what_is_not_to_run_are_not_needed():
    workflow = {**graph(), "7": {"class_type": "SaveLatent", "inputs": {"samples": ["4", 0]}}}
    need = need_of(workflow, targets=["7"])
    assert need.models == (("checkpoints", "sd15.safetensors"),)
    assert need.classes == need_of(workflow).classes
    assert need_of(workflow, targets=["6", "7"]) == need_of(workflow)
