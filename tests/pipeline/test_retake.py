"""What another take writes into the workflows that are shipped."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.pipeline.retake import origin_of, retaken
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.takes import Origin, changes
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.diff import diff_workflows
from comfy_gen.workflows.edits import set_seed
from tests.workflows.samples import node, plain

if TYPE_CHECKING:
    from comfy_gen.workflows.graph import Workflow

FOX = "a red fox in fresh snow, soft morning light, photograph"
STRATEGIES = ("progressive", "seed_search", "prompt_enhance")
EVERY = (
    "flux-dev",
    "flux-schnell",
    "qwen-image",
    "sd15",
    "sd15-img2img",
    "sd15-inpaint",
    "sd3.5",
    "sdxl",
    "upscale",
    "wan2.2-t2v",
)
MORE = ", highly detailed, sharp focus"
SEED = 2647012970
"""Of the second take where the first seed is 0, which the templates have."""


def template(name: str) -> Workflow:
    return load_template(name).workflow


def changes_of(workflow: Workflow, quality: Quality, number: int) -> dict[str, Any]:
    return changes(quality, origin_of(workflow), number)


def second(name: str, strategy: str) -> dict[str, Any]:
    """Return which inputs a second take sets otherwise, by node class and name, and to what."""
    before = template(name)
    after = retaken(before, changes_of(before, Quality(auto_retry=True, retry_strategy=strategy), 2))
    found = diff_workflows(before, after)
    assert not found.added
    assert not found.removed
    return {
        f"{after[node.after_id]['class_type']}.{one.name}": after[node.after_id]["inputs"][one.name]
        for node in found.changed
        for one in node.inputs
    }


@pytest.mark.parametrize(
    ("name", "strategy", "expected"),
    [
        ("sdxl", "progressive", {"KSampler.seed": SEED, "KSampler.steps": 47, "KSampler.cfg": 7.5}),
        ("sdxl", "seed_search", {"KSampler.seed": 1000}),
        ("sdxl", "prompt_enhance", {"KSampler.seed": SEED, "CLIPTextEncode.text": f"{FOX}{MORE}"}),
        ("sd15-img2img", "progressive", {"KSampler.seed": SEED, "KSampler.steps": 42, "KSampler.cfg": 7.5}),
        ("flux-dev", "progressive", {"KSampler.seed": SEED, "KSampler.steps": 33, "FluxGuidance.guidance": 4.0}),
        ("flux-dev", "prompt_enhance", {"KSampler.seed": SEED, "CLIPTextEncode.text": f"{FOX}{MORE}"}),
        ("flux-schnell", "progressive", {"KSampler.seed": SEED, "KSampler.steps": 7}),
        *(("upscale", strategy, {}) for strategy in STRATEGIES),
    ],
)
def test_second_take_sets_what_the_template_has(name: str, strategy: str, expected: dict[str, Any]):
    assert second(name, strategy) == expected


def test_two_passes_that_share_the_steps_keep_their_shares():
    before = template("wan2.2-t2v")
    after = retaken(before, {"seed": 5, "steps": 30})
    shares = [
        {name: node["inputs"][name] for name in ("steps", "start_at_step", "end_at_step")}
        for node in after.values()
        if node["class_type"] == "KSamplerAdvanced"
    ]
    assert [one["steps"] for one in shares] == [30, 30]
    assert sorted(one["start_at_step"] for one in shares) == [0, 15]
    assert min(one["end_at_step"] for one in shares) == 15


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_original_is_never_changed(name: str, strategy: str):
    before = template(name)
    kept = copy.deepcopy(before)
    for number in (1, 2, 3):
        retaken(before, changes_of(before, Quality(auto_retry=True, retry_strategy=strategy), number))
    assert before == kept


@pytest.mark.parametrize("name", EVERY)
def test_what_is_written_is_what_the_graph_then_has(name: str):
    before = template(name)
    changed = changes_of(before, Quality(auto_retry=True), 3)
    has = origin_of(retaken(before, changed))
    assert {key: getattr(has, key) for key in changed} == changed


def test_workflow_without_changes_is_the_very_same():
    before = plain()
    assert retaken(before, {}) is before
    assert changes_of(before, Quality(best_of=2), 1) == {}


def test_both_prompts_are_written_where_they_belong():
    after = retaken(plain(), {"positive_prompt": "a car", "negative_prompt": "a fox"})
    assert (after["42"]["inputs"]["text"], after["43"]["inputs"]["text"]) == ("a car", "a fox")


def test_origin_is_what_a_graph_has():
    assert origin_of(plain(seed=7)) == Origin(
        seed=7, steps=20, cfg=8.0, positive_prompt="a fox", negative_prompt="ugly"
    )
    assert origin_of(template("upscale")) == Origin()


def test_what_another_node_says_is_set_there():
    linked = plain(cfg=["99", 0])
    linked["99"] = node("PrimitiveFloat", value=5.0)
    assert origin_of(linked).cfg == 5.0
    after = retaken(linked, {"cfg": 5.5})
    assert after["99"]["inputs"] == {"value": 5.5}
    assert after["40"] == linked["40"]


def test_guidance_of_flux_goes_before_its_cfg():
    assert origin_of(template("flux-dev")).cfg == 3.5


def test_take_is_the_same_each_time_it_is_asked_for():
    quality = Quality(auto_retry=True)
    first, again = [retaken(template("sdxl"), changes_of(template("sdxl"), quality, 2)) for _ in range(2)]
    assert first == again
    other = set_seed(template("sdxl"), 7)
    assert changes_of(other, quality, 2)["seed"] != changes_of(template("sdxl"), quality, 2)["seed"]


def test_texts_and_cfg_that_differ_from_the_first_are_left():
    graph = plain(cfg=7.0)
    sampler = next(node_id for node_id, one in graph.items() if one["class_type"] == "KSampler")
    first = graph[sampler]["inputs"]["positive"]
    graph["50"] = node("CLIPTextEncode", text="a tree on the right", clip=graph[first[0]]["inputs"]["clip"])
    graph["51"] = node("ConditioningCombine", conditioning_1=first, conditioning_2=["50", 0])
    graph[sampler]["inputs"]["positive"] = ["51", 0]
    graph["52"] = copy.deepcopy(graph[sampler])
    graph["52"]["inputs"] |= {"cfg": 1.0, "latent_image": [sampler, 0]}
    decoder = next(one for one in graph.values() if one["class_type"] == "VAEDecode")
    decoder["inputs"]["samples"] = ["52", 0]
    taken = retaken(graph, {"cfg": 7.5, "positive_prompt": "a cat, sharp focus", "seed": 5})
    assert [taken[one]["inputs"]["cfg"] for one in (sampler, "52")] == [7.5, 1.0]
    assert [taken[one]["inputs"]["text"] for one in (first[0], "50")] == ["a cat, sharp focus", "a tree on the right"]
    assert [taken[one]["inputs"]["seed"] for one in (sampler, "52")] == [5, 5]
