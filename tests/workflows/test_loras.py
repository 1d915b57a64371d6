import pytest

from comfy_gen.errors import RoleNotFoundError
from comfy_gen.workflows.checks import check
from comfy_gen.workflows.loras import insert_lora
from comfy_gen.workflows.roles import find_roles
from tests.workflows.samples import custom, enlarging, experts, node, plain, two_passes


def test_lora_goes_between_a_checkpoint_and_all_that_use_it():
    graph = insert_lora(plain(), "style.safetensors", 0.8)
    assert graph["47"]["class_type"] == "LoraLoader"
    assert graph["47"]["inputs"] == {
        "model": ["41", 0],
        "clip": ["41", 1],
        "lora_name": "style.safetensors",
        "strength_model": 0.8,
        "strength_clip": 0.8,
    }
    assert graph["40"]["inputs"]["model"] == ["47", 0]
    assert graph["42"]["inputs"]["clip"] == graph["43"]["inputs"]["clip"] == ["47", 1]
    assert graph["45"]["inputs"]["vae"] == ["41", 2]


def test_loras_stack_in_the_order_of_insertion():
    graph = insert_lora(insert_lora(plain(), "first"), "second")
    assert graph["48"]["inputs"]["model"] == ["47", 0]
    assert graph["48"]["inputs"]["clip"] == ["47", 1]
    assert graph["40"]["inputs"]["model"] == ["48", 0]
    assert [slot.value(graph) for slot in find_roles(graph).loras] == ["first", "second"]


def test_inserted_lora_passes_the_checks(object_info):
    graph = insert_lora(insert_lora(plain(), "tiny_lora.safetensors"), "tiny_lora.safetensors", clip_strength=0)
    assert check(graph, object_info).ok


def test_text_encoder_has_a_strength_of_its_own():
    inputs = insert_lora(plain(), "x", 0.8, clip_strength=0.3)["47"]["inputs"]
    assert (inputs["strength_model"], inputs["strength_clip"]) == (0.8, 0.3)


def test_text_encoder_is_left_alone_at_strength_zero():
    graph = insert_lora(plain(), "x", clip_strength=0)
    assert graph["47"]["class_type"] == "LoraLoaderModelOnly"
    assert graph["42"]["inputs"]["clip"] == ["41", 1]


def test_lora_goes_before_what_patches_model_and_encoder():
    graph = plain(model=["50", 0])
    graph["50"] = node("FreeU_V2", model=["41", 0])
    graph["51"] = node("CLIPSetLastLayer", clip=["41", 1], stop_at_clip_layer=-2)
    graph["42"]["inputs"]["clip"] = graph["43"]["inputs"]["clip"] = ["51", 0]
    insert_lora(graph, "x")
    assert graph["50"]["inputs"]["model"] == ["52", 0]
    assert graph["51"]["inputs"]["clip"] == ["52", 1]
    assert graph["40"]["inputs"]["model"] == ["50", 0]


def test_lora_changes_the_model_alone_where_loaders_are_apart():
    graph = insert_lora(custom(), "x")
    assert graph["1"]["class_type"] == "LoraLoaderModelOnly"
    assert graph["1"]["inputs"]["model"] == ["unet", 0]
    assert graph["shift"]["inputs"]["model"] == ["1", 0]
    assert graph["text"]["inputs"]["clip"] == ["clip", 0]


def test_lora_changes_an_encoder_with_a_loader_of_its_own_when_told_to():
    graph = insert_lora(custom(), "x", clip_strength=0.5)
    assert graph["1"]["inputs"]["clip"] == ["clip", 0]
    assert graph["text"]["inputs"]["clip"] == ["1", 1]


def test_both_experts_get_the_lora_and_the_encoder_gets_it_once():
    graph = insert_lora(experts(), "x", clip_strength=1.0)
    assert graph["7"]["inputs"]["model"] == ["13", 0]
    assert graph["8"]["inputs"]["model"] == ["14", 0]
    assert [graph[new]["class_type"] for new in ("13", "14")] == ["LoraLoader", "LoraLoaderModelOnly"]


def test_passes_of_one_model_share_the_lora():
    graph = insert_lora(two_passes(), "x")
    assert graph["40"]["inputs"]["model"] == graph["39"]["inputs"]["model"] == ["51", 0]
    assert "52" not in graph


def test_refiner_with_a_prompt_of_its_own_gets_no_lora():
    graph = two_passes()
    graph["90"] = node("CheckpointLoaderSimple", ckpt_name="refiner.safetensors")
    graph["91"] = node("CLIPTextEncode", text="a fox", clip=["90", 1])
    graph["39"]["inputs"] |= {"model": ["90", 0], "positive": ["91", 0]}
    insert_lora(graph, "x")
    assert graph["39"]["inputs"]["model"] == ["90", 0]
    assert graph["91"]["inputs"]["clip"] == ["90", 1]


def test_lora_goes_behind_a_merge_and_through_a_reroute():
    graph = plain(model=["r", 0])
    graph["r"] = {"class_type": "Reroute", "inputs": {"": ["m", 0]}}
    graph["m"] = node("ModelMergeSimple", model1=["41", 0], model2=["b", 0], ratio=0.5)
    insert_lora(graph, "x", clip_strength=0)
    assert graph["r"]["inputs"][""] == ["47", 0]
    assert graph["47"]["inputs"]["model"] == ["m", 0]


def test_lora_is_inserted_where_no_text_is_encoded():
    graph = plain(positive=["z", 0])
    graph["z"] = node("LotusConditioning")
    assert insert_lora(graph, "x", clip_strength=1.0)["47"]["class_type"] == "LoraLoaderModelOnly"


def test_circle_of_models_does_not_hang():
    graph = plain(model=["50", 0])
    graph["50"] = node("FreeU_V2", model=["50", 0])
    insert_lora(graph, "x", clip_strength=0)
    assert graph["51"]["inputs"]["model"] == ["50", 0]


@pytest.mark.parametrize("graph", [enlarging(), {"1": node("KSampler", steps=3)}])
def test_graph_without_a_model_has_no_place_for_a_lora(graph):
    with pytest.raises(RoleNotFoundError, match="no place for a LoRA: no sampler leads to a model"):
        insert_lora(graph, "x")
