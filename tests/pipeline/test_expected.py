"""Which sizes pictures must have. What canvases come to was measured on ComfyUI 0.3.75."""

import copy

import pytest

from comfy_gen.pipeline.expected import sizes_of
from comfy_gen.workflows.manager import WorkflowManager


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


@pytest.fixture
def graph():
    return {
        "canvas": node("EmptyLatentImage", width=832, height=1216, batch_size=1),
        "sampler": node("KSampler", seed=1, latent_image=["canvas", 0]),
        "decoder": node("VAEDecode", samples=["sampler", 0], vae=["checkpoint", 2]),
        "checkpoint": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
        "out": node("SaveImage", images=["decoder", 0], filename_prefix="a"),
    }


def between(graph, node_id, input_name, added):
    """Put a node in front of another's input; ``added`` gets what was linked there."""
    changed = copy.deepcopy(graph)
    before = changed[node_id]["inputs"][input_name]
    changed["added"] = added(before)
    changed[node_id]["inputs"][input_name] = ["added", 0]
    return changed


def test_size_of_the_canvas_is_expected(graph):
    assert sizes_of(graph) == {"out": (832, 1216)}


@pytest.mark.parametrize("decoder", ["VAEDecode", "VAEDecodeTiled"])
@pytest.mark.parametrize("sampler", ["KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced"])
@pytest.mark.parametrize("output", ["SaveImage", "PreviewImage", "SaveAnimatedWEBP"])
def test_nodes_that_keep_the_size_are_followed(graph, decoder, sampler, output):
    for name, class_type in (("decoder", decoder), ("sampler", sampler), ("out", output)):
        graph[name]["class_type"] = class_type
    assert sizes_of(graph) == {"out": (832, 1216)}


@pytest.mark.parametrize(
    ("canvas", "asked", "made"),
    [
        ("EmptyLatentImage", (100, 60), (96, 56)),
        ("EmptyLatentImage", (65, 127), (64, 120)),
        ("EmptySD3LatentImage", (72, 104), (72, 104)),
        ("EmptyFlux2LatentImage", (100, 60), (96, 48)),
        ("EmptyHunyuanImageLatent", (100, 60), (96, 32)),
    ],
)
def test_what_is_over_the_grid_is_dropped(graph, canvas, asked, made):
    graph["canvas"] = node(canvas, width=asked[0], height=asked[1])
    assert sizes_of(graph) == {"out": made}


def test_second_pass_over_the_same_latent_keeps_the_size(graph):
    changed = between(graph, "decoder", "samples", lambda before: node("KSampler", latent_image=before))
    assert sizes_of(changed) == {"out": (832, 1216)}


def test_numbers_of_primitive_nodes_are_read(graph):
    graph["number"] = node("PrimitiveInt", value=640)
    graph["canvas"]["inputs"]["width"] = ["number", 0]
    assert sizes_of(graph) == {"out": (640, 1216)}


@pytest.mark.parametrize(
    ("node_id", "input_name", "added"),
    [
        ("out", "images", lambda before: node("ImageScaleBy", image=before, scale_by=2)),
        ("out", "images", lambda before: node("ImageCrop", image=before, width=64, height=64)),
        ("out", "images", lambda before: node("SomebodysNode", images=before)),
        ("decoder", "samples", lambda before: node("LatentUpscale", samples=before, width=64, height=64)),
        ("sampler", "latent_image", lambda before: node("LatentComposite", samples_to=before, samples_from=before)),
    ],
)
def test_anything_else_between_leaves_it_open(graph, node_id, input_name, added):
    assert sizes_of(between(graph, node_id, input_name, added)) == {}


@pytest.mark.parametrize(
    "canvas",
    [
        node("VAEEncode", pixels=["picture", 0]),
        node("EmptyLatentImage", width=["computed", 0], height=64),
        node("EmptyLatentImage", width="512", height=64),
        node("EmptyLatentImage", width=True, height=64),
        node("EmptyLatentImage", height=64),
        node("EmptyLatentImage", width=4, height=64),
        {"class_type": "EmptyLatentImage"},
    ],
)
def test_other_starts_leave_it_open(graph, canvas):
    graph |= {"canvas": canvas, "computed": node("Sum", a=1, b=2), "picture": node("LoadImage", image="a.png")}
    assert sizes_of(graph) == {}


@pytest.mark.parametrize("link", [["nowhere", 0], ["out", 0], "picture", None])
def test_broken_links_and_circles_leave_it_open(graph, link):
    graph["out"]["inputs"]["images"] = link
    assert sizes_of(graph) == {}


def test_outputs_are_told_apart(graph):
    graph["large"] = node("ImageScaleBy", image=["decoder", 0], scale_by=2)
    graph["second"] = node("SaveImage", images=["large", 0])
    graph["third"] = node("PreviewImage", images=["decoder", 0])
    assert sizes_of(graph) == {"out": (832, 1216), "third": (832, 1216)}


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("sd15", True),
        ("sdxl", True),
        ("flux-dev", True),
        ("qwen-image", True),
        ("sd15-img2img", False),
        ("upscale", False),
    ],
)
def test_own_templates(name, is_known):
    assert bool(sizes_of(WorkflowManager().load_workflow(name))) is is_known
