"""Official templates, converted from what the editor saves, run on a real ComfyUI.

One tiny checkpoint stands in for all models, and pictures are small; the graphs are otherwise as converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.comfyui import Ending
from comfy_gen.workflows.checks import check
from comfy_gen.workflows.convert import convert
from comfy_gen.workflows.graph import is_link
from tests.contracts.graphs import CHECKPOINT, LORA
from tests.contracts.pictures import png
from tests.workflows.convert.templates import templates

if TYPE_CHECKING:
    from comfy_gen.comfyui import AsyncComfyUIClient
    from comfy_gen.workflows.graph import Node, Workflow

RUNNING = (
    "basic_mask_operations_and_compositing",
    "flux1_dev_uso_reference_image_gen",
    "flux1_krea_dev",
    "flux_dev_checkpoint_example",
    "flux_dev_full_text_to_image",
    "flux_fill_inpaint_example",
    "flux_fill_outpaint_example",
    "flux_kontext_dev_basic",
    "flux_schnell",
    "hidream_e1_1",
    "hidream_e1_full",
    "hidream_i1_dev",
    "hidream_i1_fast",
    "hidream_i1_full",
    "image_anima_preview",
    "image_chroma1_radiance_text_to_image",
    "image_chroma_text_to_image",
    "image_flux.1_fill_dev_OneReward",
    "image_flux2_klein_image_edit_4b_base",
    "image_flux2_klein_image_edit_4b_distilled",
    "image_flux2_klein_image_edit_9b_base",
    "image_flux2_klein_image_edit_9b_distilled",
    "image_flux2_klein_text_to_image",
    "image_flux2_text_to_image_9b",
    "image_kandinsky5_t2i",
    "image_netayume_lumina_t2i",
    "image_newbieimage_exp0_1-t2i",
    "image_omnigen2_image_edit",
    "image_omnigen2_t2i",
    "image_ovis_text_to_image",
    "image_qwen_image_2512_with_2steps_lora",
    "image_qwen_image_edit_2509_relight",
    "image_sdxl_simple",
    "image_z_image_turbo",
    "image_z_image_turbo_int8",
    "sd3.5_simple_example",
    "sdxl_refiner_prompt_example",
    "sdxl_simple_example",
    "sdxlturbo_example",
    "template_qwen_image_illustration_lora",
    "template_sugar_coated_gummy_style_qwen",
    "templates-1_click_multiple_scene_angles-v1.0",
    "templates-image_to_real",
)
"""Those that need no other kind of model: CLIP vision, ControlNet, video, a text encoder of another family."""

LOADERS = {
    "UNETLoader": (0,),
    "CheckpointLoaderSimple": (0, 1, 2),
    "CLIPLoader": (1,),
    "DualCLIPLoader": (1,),
    "QuadrupleCLIPLoader": (1,),
    "VAELoader": (2,),
}
"""For each loader's outputs those of a checkpoint's loader."""
SMALL = {"width": 64, "height": 64, "steps": 2, "megapixels": 0.01, "resolution": 64, "batch_size": 1}
PADDING = ("left", "top", "right", "bottom")


def stood_in(workflow: Workflow, picture: str) -> Workflow:
    """Return the graph with the tiny models for its own, and with small pictures."""
    graph = {node_id: node for node_id, node in workflow.items() if node["class_type"] not in LOADERS}
    for node in graph.values():
        node["inputs"] = {name: replaced(workflow, name, value, picture) for name, value in node["inputs"].items()}
        make_small(node)
    return {**graph, "ckpt": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}}}


def make_small(node: Node) -> None:
    """Keep nodes from pictures of a megapixel that they would make whatever their inputs say."""
    inputs: dict[str, Any] = node["inputs"]
    match node["class_type"]:
        case "FluxKontextImageScale":
            node["class_type"] = "ImageScale"
            inputs |= {"upscale_method": "area", "width": 64, "height": 64, "crop": "disabled"}
        case "TextEncodeQwenImageEditPlus":
            inputs.pop("vae")
        case "EmptyChromaRadianceLatentImage":  # its latents are as large as pictures
            inputs |= {"width": 16, "height": 16}
        case _:
            pass


def replaced(workflow: Workflow, name: str, value: Any, picture: str) -> Any:
    if is_link(value):
        outputs = LOADERS.get(workflow[value[0]]["class_type"])
        return ["ckpt", outputs[value[1]]] if outputs else value
    if name == "lora_name":
        return LORA
    if name == "image":
        return picture
    if name in PADDING:
        return 8
    if name == "value" and isinstance(value, int) and value > 64:  # a primitive that holds a size
        return 64
    return SMALL.get(name, value)


@pytest.mark.parametrize("name", RUNNING)
async def test_converted_template_runs(client: AsyncComfyUIClient, name: str) -> None:
    uploaded = await client.upload_unique(png())
    object_info = await client.get_object_info()
    conversion = convert(templates()[name], object_info, source=name)
    graph = stood_in(conversion.workflow, uploaded["name"])
    assert conversion.problems == ()
    assert [str(problem) for problem in check(graph, object_info).problems] == []
    outcome = await client.run_workflow(graph, timeout=60)
    assert outcome.ending is Ending.SUCCESS
    assert outcome.files
