import math

import pytest

from comfy_gen.errors import InvalidParameterError, InvalidRequestError, RoleNotFoundError
from comfy_gen.pipeline.request import (
    GenerationRequest,
    Lora,
    compose,
    fill,
    from_parameters,
    parse_lora,
    parse_size,
    preset_values,
    raise_all,
    seeds,
    with_seed,
)
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.parameters import Parameters, parameters_of


@pytest.fixture
def sd15():
    return load_template("sd15").workflow


def composed(workflow, **asked):
    workflow, errors = compose(GenerationRequest(**asked), workflow)
    assert errors == []
    return parameters_of(workflow)


def test_everything_asked_for_is_written(sd15):
    made = composed(
        sd15,
        prompt="a lighthouse",
        negative_prompt="fog",
        model="other.safetensors",
        steps=11,
        cfg=4.5,
        width=640,
        height=384,
        sampler="dpmpp_2m",
        scheduler="karras",
        loras=(Lora("ink.safetensors", 0.5), Lora("line.safetensors")),
    )
    assert made == Parameters(
        prompt="a lighthouse",
        negative="fog",
        model="other",
        steps=11,
        cfg=4.5,
        width=640,
        height=384,
        sampler="dpmpp_2m",
        scheduler="karras",
        seed=made.seed,
        loras=(("ink", 0.5), ("line", 1.0)),
    )


def test_nothing_asked_for_changes_nothing_and_the_original_stays(sd15):
    before = str(sd15)
    workflow, _ = compose(GenerationRequest(), sd15)
    assert workflow == sd15
    compose(GenerationRequest(prompt="x", steps=3), sd15)
    assert str(sd15) == before


def test_one_side_leaves_the_other(sd15):
    made = composed(sd15, width=768)
    assert (made.width, made.height) == (768, parameters_of(sd15).height)


def test_input_image_and_denoise_are_written():
    workflow, errors = compose(
        GenerationRequest(input_image="x.png", denoise=0.4), load_template("sd15-img2img").workflow, image="up.png"
    )
    assert errors == []
    assert parameters_of(workflow).denoise == 0.4
    assert "up.png" in str(workflow)


def test_every_impossibility_is_listed(sd15):
    request = GenerationRequest(width=100, count=0, seed=-5, resize=(1, 1), input_image=None)
    _, errors = compose(request, sd15, image="up.png")
    assert [getattr(error, "name", None) or error.role for error in errors] == [
        "count",
        "seed",
        "resize",
        "width",
        "input image",
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"cfg": math.nan},
        {"denoise": math.inf},
        {"crop": "cover"},
        {"from_picture": "a.png", "workflow": "sdxl"},
        {"width": 0},
        {"seed": 2**64},
        {"seed": 2**64 - 1, "count": 2},
    ],
)
def test_impossible_values_are_refused(sd15, asked):
    _, errors = compose(GenerationRequest(**asked), sd15)
    assert len(errors) == 1


@pytest.mark.parametrize("asked", [{"seed": 5}, {"count": 2}])
def test_seed_is_refused_where_nothing_is_random(asked):
    _, (error,) = compose(GenerationRequest(**asked), load_template("upscale").workflow)
    assert str(error).startswith("this workflow has no seed")


def test_size_of_a_picture_to_start_from_is_changed_by_resizing_it():
    _, (error,) = compose(GenerationRequest(input_image="a.png", height=512), load_template("sd15-img2img").workflow)
    assert "--resize" in error.hint


def test_one_error_is_raised_as_it_is_and_several_as_one():
    one, other = InvalidParameterError("steps", 0, "1 or more", "take 20."), RoleNotFoundError("seed")
    raise_all([])
    with pytest.raises(RoleNotFoundError):
        raise_all([other])
    with pytest.raises(InvalidRequestError) as caught:
        raise_all([one, other])
    assert str(caught.value).splitlines()[1:] == [
        "  - steps is 0, but must be 1 or more (take 20)",
        f"  - {other} ({other.hint.rstrip('.')})",
    ]


def test_seeds_count_up_from_the_first(sd15):
    assert seeds(GenerationRequest(seed=7, count=3), sd15) == [7, 8, 9]


@pytest.mark.parametrize("asked", [None, -1])
def test_seed_is_random_unless_it_is_given(sd15, asked):
    drawn = {tuple(seeds(GenerationRequest(seed=asked, count=2), sd15)) for _ in range(5)}
    assert len(drawn) == 5
    assert all(second == first + 1 for first, second in drawn)


def test_repeated_picture_keeps_its_seed(sd15):
    repeated = with_seed(sd15, 41)
    assert seeds(GenerationRequest(from_picture="a.png"), repeated) == [41]
    assert seeds(GenerationRequest(from_picture="a.png", seed=5), repeated) == [5]
    assert seeds(GenerationRequest(from_picture="a.png", seed=-1), repeated) != [41]


def test_workflow_without_a_sampler_takes_no_seed():
    workflow = load_template("upscale").workflow
    assert seeds(GenerationRequest(count=2), workflow) == [None, None]
    assert with_seed(workflow, None) == workflow


@pytest.mark.parametrize(
    ("text", "lora"),
    [
        ("ink.safetensors", Lora("ink.safetensors", 1.0)),
        ("styles/ink:0.8", Lora("styles/ink", 0.8)),
        ("ink:-1", Lora("ink", -1.0)),
    ],
)
def test_lora_is_read(text, lora):
    assert parse_lora(text) == lora


@pytest.mark.parametrize("text", ["ink:strong", ":0.5", "ink:nan", "ink:inf"])
def test_unreadable_lora_is_refused(text):
    with pytest.raises(InvalidParameterError, match="NAME:STRENGTH"):
        parse_lora(text)


def test_size_is_read():
    assert parse_size("768X512") == (768, 512)


@pytest.mark.parametrize("text", ["768", "axb", "0x5", "5x", "-5x5"])
def test_unreadable_size_is_refused(text):
    with pytest.raises(InvalidParameterError, match="WIDTHxHEIGHT"):
        parse_size(text)


def test_filling_in_leaves_what_is_asked_for():
    request = fill(GenerationRequest(steps=5), {"steps": 50, "cfg": 3.0, "loras": (Lora("a"),), "no_such": 1})
    assert (request.steps, request.cfg, request.loras) == (5, 3.0, (Lora("a"),))


def test_shipped_presets_are_those_of_the_card():
    template = load_template("sd15")
    assert preset_values("draft", template.workflow, template) == template.presets["draft"]


@pytest.mark.parametrize(("preset", "steps"), [("draft", 10), ("balanced", 20), ("high-quality", 30)])
def test_preset_of_any_other_workflow_scales_its_steps(sd15, preset, steps):
    workflow, _ = compose(GenerationRequest(steps=20), sd15)
    assert preset_values(preset, workflow, None) == {"steps": steps}


def test_preset_is_refused_where_nothing_has_steps():
    with pytest.raises(RoleNotFoundError, match="no preset"):
        preset_values("draft", load_template("upscale").workflow, None)


def test_unknown_preset_is_refused(sd15):
    with pytest.raises(InvalidParameterError, match="draft, balanced, high-quality"):
        preset_values("best", sd15, None)


def test_what_a1111_wrote_fills_the_request():
    told = Parameters(
        prompt="a fox", negative="", steps=9, guidance=3.5, cfg=1.0, seed=4, loras=(("ink", 0.5),), model="m"
    )
    request = from_parameters(GenerationRequest(steps=3), told)
    assert (request.prompt, request.negative_prompt, request.steps, request.cfg) == ("a fox", None, 3, 3.5)
    assert (request.seed, request.loras, request.model) == (4, (Lora("ink", 0.5),), "m")
