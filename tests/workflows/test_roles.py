import pytest

from comfy_gen.workflows.passes import sampling_passes
from comfy_gen.workflows.roles import Roles, find_roles, model_path, prompt_in, value_of
from comfy_gen.workflows.slots import Slot
from tests.workflows.samples import custom, enlarging, experts, inpainting, node, plain, sampler, two_passes


def values(graph, role):
    return [slot.value(graph) for slot in getattr(find_roles(graph), role)]


def test_every_role_of_a_plain_graph_is_found():
    graph = plain()
    assert find_roles(graph) == Roles(
        positive=(Slot("42", "text"),),
        negative=(Slot("43", "text"),),
        seed=(Slot("40", "seed"),),
        steps=(Slot("40", "steps"),),
        cfg=(Slot("40", "cfg"),),
        sampler=(Slot("40", "sampler_name"),),
        scheduler=(Slot("40", "scheduler"),),
        denoise=(Slot("40", "denoise"),),
        width=(Slot("44", "width"),),
        height=(Slot("44", "height"),),
        batch=(Slot("44", "batch_size"),),
        models=(Slot("41", "ckpt_name"),),
    )


def test_roles_are_found_through_guider_noise_sigmas_and_sampler_nodes():
    graph = custom()
    assert find_roles(graph) == Roles(
        positive=(Slot("text", "clip_l"), Slot("text", "t5xxl")),
        seed=(Slot("noise", "noise_seed"),),
        steps=(Slot("sigmas", "steps"),),
        guidance=(Slot("guide", "guidance"), Slot("text", "guidance")),
        sampler=(Slot("choice", "sampler_name"),),
        scheduler=(Slot("sigmas", "scheduler"),),
        denoise=(Slot("sigmas", "denoise"),),
        width=(Slot("canvas", "width"), Slot("shift", "width")),
        height=(Slot("canvas", "height"), Slot("shift", "height")),
        batch=(Slot("canvas", "batch_size"),),
        models=(Slot("unet", "unet_name"),),
    )


def test_roles_of_sampler_custom_are_found():
    graph = plain()
    graph["40"] = node(
        "SamplerCustom",
        model=["41", 0],
        add_noise=True,
        noise_seed=3,
        cfg=5.0,
        positive=["42", 0],
        negative=["43", 0],
        sampler=["k", 0],
        sigmas=["s", 0],
        latent_image=["44", 0],
    )
    graph["k"] = node("KSamplerSelect", sampler_name="lcm")
    graph["s"] = node("SDTurboScheduler", model=["41", 0], steps=4, denoise=1.0)
    found = {role: values(graph, role) for role in ("positive", "negative", "seed", "cfg", "steps", "sampler")}
    assert found == {
        "positive": ["a fox"],
        "negative": ["ugly"],
        "seed": [3],
        "cfg": [5.0],
        "steps": [4],
        "sampler": ["lcm"],
    }
    assert values(graph, "scheduler") == []


def test_roles_of_cfg_guider_are_found():
    graph = custom()
    graph["no"] = node("CLIPTextEncode", text="ugly", clip=["clip", 0])
    graph["guider"] = node("CFGGuider", model=["unet", 0], positive=["guide", 0], negative=["no", 0], cfg=4.0)
    assert values(graph, "cfg") == [4.0]
    assert values(graph, "negative") == ["ugly"]


def test_roles_of_dual_guider_are_found():
    graph = custom()
    guider = {"cond1": ["a", 0], "cond2": ["b", 0], "negative": ["c", 0], "cfg_conds": 4.0, "cfg_cond2_negative": 2.0}
    graph["guider"] = node("DualCFGGuider", model=["unet", 0], style="regular", **guider)
    graph |= {name: node("CLIPTextEncode", text=name, clip=["clip", 0]) for name in "abc"}
    assert (values(graph, "positive"), values(graph, "negative"), values(graph, "cfg")) == (["a", "b"], ["c"], [4.0])


def test_seed_is_only_where_noise_is_added():
    assert values(experts(), "seed") == [5]


def test_seed_is_still_found_where_no_pass_adds_noise():
    graph = experts()
    del graph["11"]
    assert values(graph, "seed") == [0]


def test_models_come_in_the_order_in_which_they_paint():
    assert values(experts(), "models") == ["high.safetensors", "low.safetensors"]


def test_video_has_a_length():
    assert values(experts(), "length") == [81]


def test_several_passes_have_several_steps_and_seeds():
    graph = two_passes()
    assert values(graph, "seed") == [7, 8]
    assert values(graph, "steps") == [20, 20]
    assert values(graph, "positive") == ["a fox"]


def test_denoise_belongs_to_the_pass_that_paints_over():
    assert find_roles(two_passes()).denoise == (Slot("39", "denoise"),)


def test_refiner_s_own_texts_belong_to_the_prompts():
    graph = two_passes()
    graph["39"]["inputs"] |= {"model": ["r", 0], "positive": ["rp", 0], "negative": ["rn", 0]}
    graph["r"] = node("CheckpointLoaderSimple", ckpt_name="refiner.safetensors")
    graph["rp"] = node("CLIPTextEncodeSDXLRefiner", text="a fox too", ascore=6.0, clip=["r", 1])
    graph["rn"] = node("CLIPTextEncodeSDXLRefiner", text="ugly too", ascore=2.5, clip=["r", 1])
    assert values(graph, "positive") == ["a fox", "a fox too"]
    assert values(graph, "negative") == ["ugly", "ugly too"]
    assert values(graph, "models") == ["tiny_sd15.safetensors", "refiner.safetensors"]


def test_encoder_that_serves_both_sides_is_the_positive_one():
    graph = plain(negative=["42", 0])
    assert values(graph, "positive") == ["a fox"]
    assert values(graph, "negative") == []


def test_encoders_fed_by_one_text_node_keep_their_own_places():
    graph = plain()
    graph["t"] = node("PrimitiveString", value="a fox")
    graph["42"]["inputs"]["text"] = graph["43"]["inputs"]["text"] = ["t", 0]
    roles = find_roles(graph)
    assert (roles.positive, roles.negative) == ((Slot("42", "text"),), (Slot("43", "text"),))


def test_two_encoders_of_one_side_fed_by_one_text_node_have_one_place():
    graph = custom()
    graph["t"] = node("PrimitiveString", value="a fox")
    graph["text"]["inputs"] |= {"clip_l": ["t", 0], "t5xxl": ["t", 0]}
    assert find_roles(graph).positive == (Slot("t", "value"),)


def test_batch_of_a_repeated_picture_is_its_amount():
    graph = inpainting()
    graph["40"]["inputs"]["latent_image"] = ["62", 0]
    graph["62"] = node("RepeatLatentBatch", samples=["61", 0], amount=3)
    assert values(graph, "batch") == [3]


def test_graph_without_sampler_has_its_pictures_and_no_prompt():
    assert find_roles(enlarging()) == Roles(images=(Slot("1", "image"),))


def test_graph_without_sampler_has_its_models_and_loras():
    graph = {
        "1": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
        "2": node("LoraLoader", model=["1", 0], clip=["1", 1], lora_name="l.safetensors"),
    }
    assert find_roles(graph) == Roles(models=(Slot("1", "ckpt_name"),), loras=(Slot("2", "lora_name"),))


def test_painted_picture_comes_before_one_that_guides():
    graph = {"guide": node("LoadImage", image="pose.png"), **inpainting()}
    graph["n"] = node("ControlNetApply", conditioning=["42", 0], control_net=["k", 0], image=["guide", 0], strength=1.0)
    graph["40"]["inputs"]["positive"] = ["n", 0]
    assert values(graph, "images") == ["photo.png", "pose.png"]


@pytest.mark.parametrize(
    "use",
    [
        {"m": node("LoadImageMask", image="mask.png", channel="red")},
        {"m": node("LoadImage", image="mask.png"), "u": node("SetLatentNoiseMask", samples=["61", 0], mask=["m", 1])},
        {"m": node("LoadImage", image="mask.png"), "u": node("ImageToMask", image=["m", 0], channel="red")},
    ],
)
def test_file_that_serves_as_mask_only_is_no_input_picture(use):
    roles = find_roles({**inpainting(), **use})
    assert roles.masks == (Slot("m", "image"),)
    assert roles.images == (Slot("60", "image"),)


def test_value_of_a_role_is_that_of_its_first_place():
    graph = two_passes()
    assert value_of(graph, find_roles(graph).seed) == 7


def test_value_of_a_missing_or_computed_role_is_none():
    graph = plain(seed=["r", 0])
    graph["r"] = node("RandomInteger", low=1, high=5)
    assert value_of(graph, find_roles(graph).seed) is None
    assert value_of(graph, ()) is None


def test_path_to_the_model_goes_through_merges_and_ends_on_circles():
    graph = plain(model=["m", 0])
    graph["m"] = node("ModelMergeSimple", model1=["41", 0], model2=["b", 0], ratio=0.5)
    graph["b"] = node("Loop", model=["m", 0])
    assert model_path(graph, sampling_passes(graph)[0]) == ["m", "41", "b"]


def test_sampler_with_nothing_linked_still_has_its_numbers():
    graph = {"1": sampler(model=None, positive=None, negative=None, latent_image=None)}
    roles = find_roles(graph)
    assert (roles.seed, roles.denoise, roles.positive) == ((Slot("1", "seed"),), (Slot("1", "denoise"),), ())


@pytest.mark.parametrize("make", [plain, two_passes, experts, inpainting, custom])
def test_prompt_is_the_text_of_its_role(make):
    graph = make()
    assert prompt_in(graph) == value_of(graph, find_roles(graph).positive) != ""


def test_graph_without_a_text_has_no_prompt():
    assert prompt_in({"1": node("EmptyImage", width=8)}) == ""
