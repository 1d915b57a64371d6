import copy

import pytest

from comfy_gen.errors import InvalidParameterError, RoleNotFoundError
from comfy_gen.workflows import edits
from tests.workflows.samples import custom, enlarging, experts, inpainting, node, plain, two_passes


@pytest.mark.parametrize(
    ("edit", "value", "place"),
    [
        (edits.set_seed, 99, ("40", "seed")),
        (edits.set_steps, 33, ("40", "steps")),
        (edits.set_cfg, 4.5, ("40", "cfg")),
        (edits.set_sampler, "heun", ("40", "sampler_name")),
        (edits.set_scheduler, "karras", ("40", "scheduler")),
        (edits.set_denoise, 0.4, ("40", "denoise")),
        (edits.set_batch, 4, ("44", "batch_size")),
        (edits.set_model, "other.safetensors", ("41", "ckpt_name")),
        (edits.set_prompt, "an owl", ("42", "text")),
    ],
)
def test_edit_changes_one_place_and_returns_the_same_workflow(edit, value, place):
    graph, expected = plain(), plain()
    expected[place[0]]["inputs"][place[1]] = value
    assert edit(graph, value) is graph
    assert graph == expected


@pytest.mark.parametrize(
    ("edit", "value", "role"),
    [
        (edits.set_prompt, "x", "prompt"),
        (edits.set_seed, 1, "seed"),
        (edits.set_steps, 1, "steps"),
        (edits.set_cfg, 1, "cfg"),
        (edits.set_sampler, "x", "sampler"),
        (edits.set_scheduler, "x", "scheduler"),
        (edits.set_denoise, 1, "denoise"),
        (edits.set_batch, 1, "batch size"),
        (edits.set_length, 1, "length"),
        (edits.set_mask, "x", "mask"),
        (edits.set_model, "x", "model"),
        (lambda graph, side: edits.set_size(graph, side, side), 64, "size"),
    ],
)
def test_edit_of_a_missing_role_raises_and_changes_nothing(edit, value, role):
    graph = enlarging()
    with pytest.raises(RoleNotFoundError) as caught:
        edit(graph, value)
    assert caught.value.role == role
    assert str(caught.value).startswith(f"this workflow has no {role}: ")
    assert graph == enlarging()


def test_graph_that_loads_no_picture_takes_none():
    with pytest.raises(RoleNotFoundError, match="no input image: no node loads a picture"):
        edits.set_input_image(plain(), "x.png")


def test_both_prompts_are_written():
    graph = edits.set_prompt(plain(), "an owl", "rain")
    assert (graph["42"]["inputs"]["text"], graph["43"]["inputs"]["text"]) == ("an owl", "rain")


def test_prompt_that_is_not_given_stays():
    assert edits.set_prompt(plain(), "an owl")["43"]["inputs"]["text"] == "ugly"
    assert edits.set_prompt(plain(), None, "rain")["42"]["inputs"]["text"] == "a fox"


def test_empty_negative_prompt_is_written():
    assert edits.set_prompt(plain(), "an owl", "")["43"]["inputs"]["text"] == ""


def test_all_texts_of_an_encoder_are_written():
    graph = edits.set_prompt(custom(), "an owl")
    assert [graph["text"]["inputs"][name] for name in ("clip_l", "t5xxl")] == ["an owl", "an owl"]


def test_empty_negative_prompt_for_a_graph_without_one_is_no_error():
    assert edits.set_prompt(custom(), "an owl", "")["text"]["inputs"]["clip_l"] == "an owl"


def test_negative_prompt_for_a_graph_without_one_raises_before_anything_is_written():
    graph = custom()
    with pytest.raises(RoleNotFoundError, match="no negative prompt"):
        edits.set_prompt(graph, "an owl", "rain")
    assert graph == custom()


def test_prompt_replaces_a_computed_text():
    graph = plain()
    graph["42"]["inputs"]["text"] = ["c", 0]
    graph["c"] = node("StringConcatenate", string_a="a", string_b="b", delimiter=" ")
    assert edits.set_prompt(graph, "an owl")["42"]["inputs"]["text"] == "an owl"


def test_cfg_of_flux_is_its_guidance():
    graph = plain(positive=["g", 0], cfg=1.0)
    graph["g"] = node("FluxGuidance", conditioning=["42", 0], guidance=3.5)
    edits.set_cfg(graph, 5.0)
    assert graph["g"]["inputs"]["guidance"] == 5.0
    assert graph["40"]["inputs"]["cfg"] == 1.0


def test_experts_keep_their_shares_of_the_steps():
    graph = edits.set_steps(experts(), 8)
    high, low = graph["11"]["inputs"], graph["12"]["inputs"]
    assert (high["steps"], high["start_at_step"], high["end_at_step"]) == (8, 0, 4)
    assert (low["steps"], low["start_at_step"], low["end_at_step"]) == (8, 4, 10000)


@pytest.mark.parametrize(
    ("at", "steps", "moved"), [(10, 1, 1), (1, 4, 1), (19, 40, 38), (20, 40, 40), (25, 30, 30), (25, 22, 25), (0, 5, 0)]
)
def test_step_to_change_hands_moves_with_the_number_of_steps(at, steps, moved):
    graph = experts()
    graph["12"]["inputs"]["start_at_step"] = at
    assert edits.set_steps(graph, steps)["12"]["inputs"]["start_at_step"] == moved


def test_split_sigmas_keep_their_share():
    graph = custom()
    graph["split"] = node("SplitSigmas", sigmas=["sigmas", 0], step=5)
    graph["run"]["inputs"]["sigmas"] = ["split", 0]
    edits.set_steps(graph, 40)
    assert graph["split"]["inputs"]["step"] == 10


def test_steps_that_are_computed_are_replaced_and_splits_stay():
    graph = experts()
    graph["9"] = node("Arithmetic", a=["x", 0])
    graph["11"]["inputs"]["steps"] = ["9", 0]
    edits.set_steps(graph, 40)
    assert (graph["11"]["inputs"]["steps"], graph["11"]["inputs"]["end_at_step"]) == (40, 10)


def test_split_that_is_computed_stays():
    graph = experts()
    graph["11"]["inputs"]["end_at_step"] = ["9", 0]
    graph["9"] = node("Arithmetic", a=["x", 0])
    assert edits.set_steps(graph, 40)["11"]["inputs"]["end_at_step"] == ["9", 0]


def test_size_is_set_everywhere_it_is_said():
    graph = edits.set_size(custom(), 768, 1280)
    for place in ("canvas", "shift"):
        assert (graph[place]["inputs"]["width"], graph[place]["inputs"]["height"]) == (768, 1280)


def test_later_pass_enlarges_by_as_much_as_before():
    graph = edits.set_size(two_passes(), 768, 520)
    assert (graph["44"]["inputs"]["width"], graph["44"]["inputs"]["height"]) == (768, 520)
    assert (graph["50"]["inputs"]["width"], graph["50"]["inputs"]["height"]) == (1536, 1040)


def test_size_that_was_computed_is_replaced():
    graph = two_passes()
    graph["44"]["inputs"]["width"] = ["w", 0]
    graph["w"] = node("Arithmetic", a=["x", 0])
    edits.set_size(graph, 640, 640)
    assert graph["44"]["inputs"]["width"] == 640
    assert graph["50"]["inputs"]["width"] == 1024


@pytest.mark.parametrize(
    ("width", "height", "name", "near"), [(513, 512, "width", 512), (512, 700, "height", 704), (0, 512, "width", 8)]
)
def test_size_that_no_latent_has_is_refused_with_the_nearest(width, height, name, near):
    graph = plain()
    with pytest.raises(InvalidParameterError, match=f"{name} is .* must be a multiple of 8") as caught:
        edits.set_size(graph, width, height)
    assert caught.value.hint == f"the nearest that works is {near}."
    assert graph == plain()


def test_length_of_a_video_is_set():
    assert edits.set_length(experts(), 33)["10"]["inputs"]["length"] == 33


def test_model_of_the_second_expert_stays():
    graph = edits.set_model(experts(), "new.safetensors")
    assert (graph["5"]["inputs"]["unet_name"], graph["6"]["inputs"]["unet_name"]) == (
        "new.safetensors",
        "low.safetensors",
    )


def test_every_picture_is_set_and_masks_stay():
    graph = inpainting()
    graph |= {"a": node("LoadImage", image="b.png"), "m": node("LoadImageMask", image="m.png", channel="red")}
    edits.set_input_image(graph, "new.png")
    assert [graph[node_id]["inputs"]["image"] for node_id in ("60", "a", "m")] == ["new.png", "new.png", "m.png"]


def test_mask_file_is_set_where_the_graph_loads_one():
    graph = inpainting()
    graph["m"] = node("LoadImageMask", image="m.png", channel="alpha")
    expected = copy.deepcopy(graph)
    expected["m"]["inputs"]["image"] = "new.png"
    assert edits.set_mask(graph, "new.png") == expected


def test_mask_file_takes_the_place_of_the_picture_s_alpha_channel():
    graph = edits.set_mask(inpainting(), "mask.png")
    assert graph["62"] == {"class_type": "LoadImageMask", "inputs": {"image": "mask.png", "channel": "red"}}
    assert graph["61"]["inputs"]["mask"] == ["62", 0]
    assert graph["61"]["inputs"]["pixels"] == ["60", 0]
