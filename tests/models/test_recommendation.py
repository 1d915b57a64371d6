import pytest

from comfy_gen.models.manifest import Manifest, load_manifest
from comfy_gen.models.recommendation import TASKS, recommend, task_of
from comfy_gen.workflows.catalogue import load_template, template_names

GB = 10**9
TEMPLATES = [load_template(name) for name in template_names()]


def told(**facts):
    return recommend(**{"have": {}, "manifest": load_manifest(), "templates": TEMPLATES} | facts)


@pytest.mark.parametrize(
    ("template", "task"),
    [
        ("sdxl", "text-to-image"),
        ("sd15-img2img", "image-to-image"),
        ("sd15-inpaint", "inpaint"),
        ("upscale", "upscale"),
        ("wan2.2-t2v", "text-to-video"),
        ("wan2.2-i2v", "image-to-video"),
    ],
)
def test_task_is_told_by_what_a_template_takes_and_gives(template, task):
    assert task_of(load_template(template)) == task


@pytest.mark.parametrize("task", TASKS)
def test_there_is_one_for_every_task(task):
    assert {one.task for one in told(task=task)} == {task}


def test_ablest_that_fits_comes_first():
    names = [one.name for one in told(task="text-to-image", vram=12 * GB)]
    assert names[0] == "sdxl"
    assert told(task="text-to-image", vram=4 * GB)[0].name == "sd15"


def test_what_is_here_comes_before_what_is_to_be_fetched():
    have = {"checkpoints": ["v1-5-pruned-emaonly-fp16.safetensors"]}
    best = told(task="text-to-image", vram=12 * GB, have=have)[0]
    assert (best.name, best.bytes_to_fetch, best.models) == ("sd15", 0, ())
    assert "all its models are here" in best.reason


def test_too_small_a_gpu_is_told_as_the_reason():
    large = next(one for one in told(vram=8 * GB) if one.name == "flux-dev")
    assert not large.fits
    assert "wants about 28.6 GB of GPU memory and there are 8.0 GB" in large.reason


def test_too_small_a_disk_is_told_as_the_reason():
    sdxl = next(one for one in told(disk=GB) if one.name == "sdxl")
    assert not sdxl.fits
    assert "6.9 GB are to be fetched and there is room for 1.0 GB" in sdxl.reason


def test_terms_that_forbid_commerce_are_told():
    flux = next(one for one in told() if one.name == "flux-dev")
    assert "non-commercial" in flux.reason


def test_model_from_nowhere_speaks_against_it():
    sdxl = next(one for one in told(manifest=Manifest()) if one.name == "sdxl")
    assert (sdxl.fits, sdxl.bytes_to_fetch) == (False, None)
    assert "does not know where 1 of its models" in sdxl.reason


def test_size_that_nobody_knows_is_not_guessed(tmp_path):
    path = tmp_path / "models.yaml"
    path.write_text("models: {sdxl-base: {file: sd_xl_base_1.0.safetensors, folder: checkpoints}}", encoding="utf-8")
    sdxl = next(one for one in told(manifest=load_manifest(path), vram=GB, disk=GB) if one.name == "sdxl")
    assert (sdxl.fits, sdxl.bytes_to_fetch, sdxl.reason) == (True, None, "1 of 1 models are to be fetched")


def test_program_is_told_all_of_it():
    (first, *_) = told(task="upscale")
    assert first.as_json()["models"][0]["name"] == "realesrgan-x4plus"
    assert first.as_json()["fits"] is True


def test_least_demanding_comes_first_where_none_fits():
    found = told(task="text-to-image", vram=GB)
    assert not any(one.fits for one in found)
    assert [one.name for one in found][:2] == ["sd15", "sdxl"]
