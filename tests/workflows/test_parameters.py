import pytest

from comfy_gen.workflows.loras import insert_lora
from comfy_gen.workflows.parameters import Parameters, parameters_of, parameters_text, parse_parameters
from tests.workflows.samples import custom, enlarging, experts, inpainting, plain


def test_text_is_a1111_s():
    graph = insert_lora(plain(sampler_name="euler_ancestral", scheduler="karras"), "styles/snow.safetensors", 0.8)
    assert parameters_text(graph) == (
        "a fox <lora:snow:0.8>\n"
        "Negative prompt: ugly\n"
        "Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 8, Seed: 7, Size: 512x768, Model: tiny_sd15"
    )


def test_text_of_flux_has_its_guidance():
    assert parameters_text(custom()) == (
        "a fox\nSteps: 20, Sampler: Euler, Schedule type: Simple, Distilled CFG Scale: 3.5, Seed: 11, "
        "Size: 1024x1024, Model: flux1-dev"
    )


def test_picture_s_own_size_serves_where_the_graph_says_none():
    assert "Size: 64x96" in parameters_text(inpainting(), size=(64, 96))
    assert "Size: 512x768" in parameters_text(plain(), size=(64, 96))
    assert "Size" not in parameters_text(inpainting())


def test_strength_of_repainting_is_told():
    assert parameters_text(inpainting()).endswith("Model: tiny_sd15, Denoising strength: 0.9")


def test_values_that_are_computed_are_left_out():
    graph = plain(seed=["x", 0], steps=["x", 1])
    assert (parameters_of(graph).seed, parameters_of(graph).steps) == (None, None)


def test_strength_of_a_lora_that_is_computed_counts_as_one():
    graph = insert_lora(plain(), "a")
    graph["47"]["inputs"]["strength_model"] = ["x", 0]
    assert parameters_of(graph).loras == (("a", 1.0),)


def test_graph_that_says_nothing_gives_an_empty_text():
    assert parameters_text(enlarging()) == ""


@pytest.mark.parametrize("graph", [plain(), custom(), experts(), inpainting(), insert_lora(plain(), "a", -0.25)])
def test_parameters_are_read_back_as_they_were_written(graph):
    assert parse_parameters(parameters_text(graph)) == parameters_of(graph)


@pytest.mark.parametrize(
    "parameters",
    [
        Parameters(),
        Parameters(prompt="two\nlines: with, colons", negative="more\nlines", steps=3),
        Parameters(prompt="a fox", steps=3, model='odd, "name": x'),
        Parameters(prompt="a fox", steps=3, sampler="res_multistep", scheduler="linear_quadratic", cfg=1.23456789),
        Parameters(prompt="a fox", steps=3, sampler="euler_ancestral"),
        Parameters(prompt="狐", steps=3, other={"Clip skip": "2", "Hashes": '{"model": "abc"}'}),
    ],
)
def test_all_kinds_of_values_survive_writing_and_reading(parameters):
    assert parse_parameters(parameters.text()) == parameters


def test_text_of_older_a1111_is_read():
    text = "a (red:1.2) fox <lora:snow>\nNegative prompt: bad\nSteps: 30, Sampler: DPM++ 2M Karras, CFG scale: 7.5, "
    text += "Seed: 1234567890123, Size: 768x512, Model hash: abc, Model: dream, ENSD: 31337"
    assert parse_parameters(text) == Parameters(
        prompt="a (red:1.2) fox",
        negative="bad",
        steps=30,
        sampler="dpmpp_2m",
        scheduler="karras",
        cfg=7.5,
        seed=1234567890123,
        width=768,
        height=512,
        model="dream",
        loras=(("snow", 1.0),),
        other={"Model hash": "abc", "ENSD": "31337"},
    )


@pytest.mark.parametrize("text", ["a fox", "Model: young, standing", "a fox: red\nsecond line"])
def test_text_without_settings_is_all_prompt(text):
    assert parse_parameters(text) == Parameters(prompt=text)


def test_settings_that_are_no_numbers_stay_as_they_are():
    assert parse_parameters("x\nSteps: many, Size: large, Seed: 3").other == {"Steps": "many", "Size": "large"}


def test_quotes_that_do_not_close_do_no_harm():
    assert parse_parameters('x\nSteps: 3, Note: "a\\q", Other: 1').other == {"Note": '"a\\q"', "Other": "1"}


@pytest.mark.parametrize(("name", "stem"), [("a\\b.ckpt", "b"), ("x/y_1.0.safetensors", "y_1.0"), ("z", "z")])
def test_model_is_told_without_folder_and_ending(name, stem):
    graph = plain()
    graph["41"]["inputs"]["ckpt_name"] = name
    assert parameters_of(graph).model == stem
