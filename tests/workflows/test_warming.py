import pytest

from comfy_gen.engines.need import need_of
from comfy_gen.errors import InvalidParameterError, ModelReferenceError
from comfy_gen.workflows.catalogue import load_template, template_names
from comfy_gen.workflows.graph import links, nodes_of_type
from comfy_gen.workflows.models import models_of
from comfy_gen.workflows.warming import SIDE, Weights, find_weights, warming

AVAILABLE = {
    "checkpoints": ["sd_xl_base_1.0.safetensors", "other/dream-sd15.safetensors", "sd_xl_refiner_1.0.safetensors"],
    "loras": ["ink-xl.safetensors"],
    "vae": ["ae.safetensors"],
    "text_encoders": ["t5xxl_fp8_e4m3fn.safetensors", "clip_l.safetensors"],
    "diffusion_models": ["flux1-dev.safetensors", "flux-own-mix.safetensors"],
}


def everything(name):
    """Return what an engine has that can run a template."""
    found = {}
    for need in load_template(name).models:
        found.setdefault(need.folder, []).append(need.file)
    return found


def is_whole(workflow):
    return all(link.source in workflow for link in links(workflow))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sd_xl_base_1.0.safetensors", "checkpoints/sd_xl_base_1.0.safetensors"),
        ("sd_xl_base_1.0", "checkpoints/sd_xl_base_1.0.safetensors"),
        ("checkpoints/sd_xl_base_1.0.safetensors", "checkpoints/sd_xl_base_1.0.safetensors"),
        ("dream-sd15", "checkpoints/other/dream-sd15.safetensors"),
        ("loras/ink-xl", "loras/ink-xl.safetensors"),
        (" ae ", "vae/ae.safetensors"),
    ],
)
def test_model_is_found_as_people_name_it(text, found):
    assert str(find_weights(text, AVAILABLE, engine="gpu-1")) == found


def test_model_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(ModelReferenceError, match="gpu-1 has no such file") as caught:
        find_weights("sd_xl_base_1.1.safetensors", AVAILABLE, engine="gpu-1")
    assert caught.value.nearest[0] == "sd_xl_base_1.0.safetensors"


def test_text_encoder_is_not_loaded_by_itself():
    with pytest.raises(ModelReferenceError, match="by itself"):
        find_weights("clip_l.safetensors", AVAILABLE, engine="gpu-1")


def test_checkpoint_paints_one_tiny_step_and_keeps_nothing():
    workflow = warming(Weights("checkpoints", "sd_xl_base_1.0.safetensors"), AVAILABLE, seed=5)
    assert [use.name for use in models_of(workflow)] == ["sd_xl_base_1.0.safetensors"]
    (sampler,) = nodes_of_type(workflow, "KSampler")
    assert (workflow[sampler]["inputs"]["steps"], workflow[sampler]["inputs"]["seed"]) == (1, 5)
    assert not nodes_of_type(workflow, "SaveImage")
    assert nodes_of_type(workflow, "PreviewImage")
    assert is_whole(workflow)


def test_every_seed_is_another_workflow():
    for weights in (
        Weights("checkpoints", "a"),
        Weights("vae", "ae.safetensors"),
        Weights("upscale_models", "x4"),
        Weights("diffusion_models", "flux1-dev.safetensors"),
    ):
        assert warming(weights, AVAILABLE, seed=1) != warming(weights, AVAILABLE, seed=2)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in template_names()
        if load_template(name).models[0].folder == "diffusion_models"
        or any(need.folder == "diffusion_models" for need in load_template(name).models)
    ],
)
def test_diffusion_model_is_loaded_with_what_its_template_needs(name):
    available = everything(name)
    for file in available["diffusion_models"]:
        workflow = warming(Weights("diffusion_models", file), available, seed=3)
        assert file in {use.name for use in models_of(workflow)}
        assert is_whole(workflow)
        assert not nodes_of_type(workflow, "SaveImage", "SaveVideo", "LoadImage")
        sides = {node["inputs"].get(side) for node in workflow.values() for side in ("width", "height")} - {None}
        assert sides == {SIDE}


def test_each_of_two_experts_has_its_step():
    workflow = warming(
        Weights("diffusion_models", "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors"),
        everything("wan2.2-t2v"),
        seed=3,
    )
    samplers = [workflow[node_id]["inputs"] for node_id in nodes_of_type(workflow, "KSamplerAdvanced")]
    assert {one["steps"] for one in samplers} == {2}
    assert sorted((one["start_at_step"], min(one["end_at_step"], 2)) for one in samplers) == [(0, 1), (1, 2)]


def test_model_of_a_known_family_stands_in_for_the_templates_own():
    workflow = warming(Weights("diffusion_models", "flux-own-mix.safetensors"), AVAILABLE, seed=3)
    weights = need_of(workflow).weights
    assert weights == ("diffusion_models/flux-own-mix.safetensors",)


def test_what_a_model_is_used_with_is_told_when_it_is_not_there():
    with pytest.raises(InvalidParameterError, match=r"text_encoders/clip_l\.safetensors"):
        warming(Weights("diffusion_models", "flux1-dev.safetensors"), {**AVAILABLE, "text_encoders": []}, seed=3)


def test_model_of_no_known_family_is_refused():
    with pytest.raises(InvalidParameterError, match="of a family that is known: flux, qwen-image"):
        warming(Weights("diffusion_models", "mystery.safetensors"), AVAILABLE, seed=3)


def test_lora_is_loaded_onto_a_checkpoint_that_it_fits():
    workflow = warming(Weights("loras", "ink-xl.safetensors"), AVAILABLE, seed=3)
    assert {use.name for use in models_of(workflow)} == {"ink-xl.safetensors", "sd_xl_base_1.0.safetensors"}
    assert is_whole(workflow)


def test_lora_without_a_checkpoint_that_it_fits_is_refused():
    with pytest.raises(InvalidParameterError, match="of sdxl"):
        warming(Weights("loras", "ink-xl.safetensors"), {"checkpoints": ["dream-sd15.safetensors"]}, seed=3)


def test_model_of_another_folder_is_refused():
    with pytest.raises(InvalidParameterError, match="one in checkpoints"):
        warming(Weights("clip_vision", "clip.safetensors"), AVAILABLE, seed=3)


@pytest.mark.parametrize(("folder", "loader"), [("vae", "VAELoader"), ("upscale_models", "UpscaleModelLoader")])
def test_other_models_are_used_once(folder, loader):
    workflow = warming(Weights(folder, "one.pth"), {}, seed=3)
    assert nodes_of_type(workflow, loader)
    assert [use.folder for use in models_of(workflow)] == [folder]
    assert is_whole(workflow)
